"""Reads and writes files of the user; never replaces a file that is not a result of Kelvolt.

A file is written under a temporary name in its folder and renamed when complete, so a full disk leaves the old file.
"""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import cf
from kelvolt.base.errors import FileError, InputError, MissingFile
from kelvolt.base.seal import put_seal

if TYPE_CHECKING:
    import pandas
    import xarray

MARK = "made by Kelvolt"  # written into files whose format allows it
DOCUMENT_END = f"\n% {MARK}\n".encode()  # a comment after the end of a PDF, where readers ignore it
_GENERATOR = '<meta name="generator" content="Kelvolt'
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HEAD = 4096  # bytes at the beginning of a file in which the mark is searched
_OURS = {
    "picture": rb"\x89PNG\r\n.*Software\0made by Kelvolt",
    "drawing": rb'<svg [^>]*class="(?:oneline|schematic)"',
    "page": rb'(?:<!DOCTYPE html>\s*)?<html.*<meta name="generator" content="Kelvolt',
    "sheet": rb"# Commissioning of [^\n]*\n\nCase SHA-256 [0-9a-f]{64}\n",
    "fingerprint": rb'\{\s*"kelvolt_fingerprint":',
    "case": rb"(?!)",  # never replaced
    "tables": rb'\{\s*"kelvolt_tables":',
    "traces": rb"# made by Kelvolt\b[^\n]*\nt \(s\), ",
}
# endings of the files of each kind, the usual one first; a name may also have none, or one that is not listed here
_ENDINGS = {
    "result": (".h5", ".nc", ".nc4", ".hdf5"),
    "workbook": (".xlsx",),
    "table": (".csv", ".txt"),
    "traces": (".csv", ".txt"),
    "page": (".html", ".htm"),
    "document": (".pdf",),
    "picture": (".png",),
    "drawing": (".svg",),
    "sheet": (".md", ".txt"),
    "fingerprint": (".json",),
    "tables": (".json",),
    "case": (".yaml", ".yml", ".csv"),
}


def path_of(path: str | PathLike[str]) -> Path:
    """The path as a pathlib.Path. Raises InputError for what is no path."""
    try:
        return Path(path)
    except TypeError:
        raise InputError(f"a path is text or a pathlib.Path, not {path!r} of type {type(path).__name__}") from None


def existing(path: str | PathLike[str]) -> Path:
    """The path of a file that can be read. Raises MissingFile; FileError for a folder, a pipe or a device."""
    file = path_of(path)
    mode = _mode(file)
    if mode is None:
        raise MissingFile(f"{file}: there is no such file; check the path")
    if not stat.S_ISREG(mode):
        raise FileError(f"{file}: this is {_kind(mode)}; give a file")
    return file


def read_text(path: str | PathLike[str], encoding: str = "utf-8") -> str:
    """The text of a file. Raises MissingFile, FileError."""
    file = existing(path)
    try:
        return file.read_text(encoding=encoding)
    except (OSError, UnicodeError) as error:
        raise FileError(f"{file}: cannot be read as text: {_why(error)}") from error


def is_there(file: Path) -> bool:
    """Whether something exists at a path. Raises FileError for a name that no file system allows."""
    return _mode(file) is not None


def _mode(file: Path) -> int | None:
    try:
        return file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise FileError(f"{file}: cannot be read: {_why(error)}") from error


def _kind(mode: int) -> str:
    names: list[tuple[Callable[[int], bool], str]] = [
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    ]
    return next((name for is_kind, name in names if is_kind(mode)), "a device")


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


# ---- what may be written ----


def replaceable(path: str | PathLike[str], kind: str, head: str = "") -> Path:
    """The path of a file to write, where nothing exists yet or a file of the same kind that Kelvolt wrote.

    Such a file is known by its content. kind: result (HDF5), page, drawing, picture, traces, sheet, fingerprint, case,
    workbook, document (PDF), tables (JSON) or table. head: a
    regular expression for the first line of a table, as tables contain no mark. Raises FileError for any other file,
    and for the name of a new file with the ending of another kind.
    """
    file = path_of(path)
    mode = _mode(file)
    if mode is None:
        _refuse_ending(file, kind)
        return file
    if not stat.S_ISREG(mode):
        raise FileError(f"{file}: this is {_kind(mode)}; give the name of a file")
    if not _is_ours(file, kind, head):
        raise FileError(
            f"{file}: is there already and is no result of Kelvolt of this kind ({kind}); nothing was written: give "
            "another name, or remove it"
        )
    return file


def _refuse_ending(file: Path, kind: str) -> None:
    """Raises FileError for a name with the ending of another kind of file."""
    ending, own = file.suffix.lower(), _ENDINGS[kind]
    of = next((k for k, endings in _ENDINGS.items() if ending in endings), None)
    if of is not None and ending not in own:
        raise FileError(
            f"{file}: a {kind} is written here, whose ending is {own[0]}, and {ending} is that of a {of}; nothing was "
            f"written: give {file.with_suffix(own[0]).name}"
        )


def is_hdf5(file: Path) -> bool:
    """Whether a file is HDF5. Raises FileError."""
    return _begin(file, len(_HDF5)) == _HDF5


def _begin(file: Path, length: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(length)
    except OSError as error:
        raise FileError(f"{file}: cannot be read: {_why(error)}") from error


def _is_ours(file: Path, kind: str, head: str) -> bool:
    begin = _begin(file, _HEAD + len(head.encode()))
    if kind == "result":
        return begin.startswith(_HDF5) and _is_our_hdf5(file)
    if kind == "workbook":
        return _is_our_workbook(file)
    if kind == "document":
        return begin.startswith(b"%PDF-") and _is_our_document(file)
    if kind == "table":
        first = begin.splitlines()[0].decode(errors="replace") if begin else ""
        return re.fullmatch(head, first) is not None
    return re.match(_OURS[kind], begin, re.DOTALL) is not None


def _is_our_hdf5(file: Path) -> bool:
    import h5py

    try:
        with h5py.File(file, "r", locking=False) as content:
            return "kelvolt" in content.attrs or str(_text(content.attrs.get("source", ""))).startswith("Kelvolt ")
    except (OSError, RuntimeError, KeyError):
        return False


def _is_our_workbook(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as content:
            return MARK.encode() in content.read("docProps/core.xml")
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


def _is_our_document(file: Path) -> bool:
    try:
        return file.read_bytes().endswith(DOCUMENT_END)
    except OSError:
        return False


def _text(value: Any) -> Any:
    value = value[0] if hasattr(value, "shape") and value.shape else value
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def folder(path: str | PathLike[str]) -> Path:
    """A folder, made where it is missing. Raises FileError."""
    made = path_of(path)
    try:
        made.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise FileError(f"{made}: cannot be made: {_why(error)}; give another folder") from error
    return made


def open_own(file: Path, flags: int) -> int:
    """A descriptor of a file that Kelvolt itself wrote; does not follow links, and does not wait at a pipe.

    Raises FileError for what is no regular file, and OSError for other failures.
    """
    try:
        handle = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise
    raise FileError(f"{file}: is a link or no regular file, which Kelvolt never makes there; remove it, and repeat")


@contextmanager
def replacing(path: str | PathLike[str], kind: str, head: str = "", kept: str = "") -> Iterator[Path]:
    """A temporary file beside `path` to write to; it replaces `path` at the end, or is removed after an error.

    A link at `path` is replaced itself; its target is not changed. The temporary name is new and unique.

    kind, head: as of `replaceable`. kept: for the error message, what is not lost when the file cannot be written.
    Raises FileError.
    """
    file = replaceable(path, kind, head)
    temporary = file.with_name(f".{secrets.token_hex(8)}{file.suffix}")
    try:
        os.close(open_own(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(temporary, file)
        sync_folder(file.absolute().parent)
    except FileError:
        raise
    except OSError as error:
        was = "what was there before is kept" if file.exists() else "no file of this name was left"
        raise FileError(
            f"{file}: cannot be written: {_why(error)}; {kept or was}; make room or give another place, and repeat"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Writes a folder to the disk, without which a rename in it may be lost in a power cut."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # a folder may be writable but not readable; the rename itself has been done
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks cannot sync a folder
            raise
    finally:
        os.close(handle)


def write_text(path: str | PathLike[str], text: str, kind: str) -> None:
    """Writes a text file. Raises FileError."""
    with replacing(path, kind) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_picture(path: Path, figure: Any, **options: Any) -> None:
    """Writes a figure of Matplotlib as PNG. Raises FileError."""
    with replacing(path, "picture") as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": MARK}, **options)


def write_page(path: Path, figure: Any) -> None:
    """Writes a figure of Plotly as HTML. Raises FileError."""
    write_text(path, str(figure.to_html()).replace("<head>", f'<head>{_GENERATOR}">', 1), "page")


def write_dataset(path: str | PathLike[str], dataset: xarray.Dataset, kept: str = "") -> None:
    """Writes a Dataset as netCDF, its larger arrays of numbers compressed. Raises FileError.

    The file is made in memory first, because the HDF5 library does not recover from a disk that becomes full.
    """
    buffer = io.BytesIO()
    stored = cf.in_file(dataset)
    stored.to_netcdf(buffer, engine="h5netcdf", invalid_netcdf=False, encoding=cf.compression(stored))
    with replacing(path, "result", kept=kept) as temporary:
        temporary.write_bytes(buffer.getbuffer())
        put_seal(temporary)


# ---- tables ----


def write_csv(
    path: str | PathLike[str], head: Sequence[str], rows: Iterable[Sequence[Any]], like: str | None = None
) -> None:
    """Writes a table. Text that a spreadsheet would take for a formula is marked as text. Raises FileError.

    like: a regular expression of the first lines of other tables of this kind, which are replaced as well.
    """
    first = csv_head(head)
    with (
        replacing(path, "table", re.escape(first) + (f"|{like}" if like else "")) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as stream,
    ):
        stream.write(first + "\n")
        csv.writer(stream, lineterminator="\n").writerows([_cell(x) for x in row] for row in rows)


def write_frame(path: str | PathLike[str], frame: pandas.DataFrame, like: str | None = None) -> None:
    """Writes the columns of a DataFrame as `write_csv` does; NaN becomes an empty cell. Raises FileError."""
    rows = frame.astype(object).where(frame.notna(), "").itertuples(index=False, name=None)
    write_csv(path, [str(c) for c in frame.columns], rows, like)


def write_workbook(path: str | PathLike[str], frame: pandas.DataFrame) -> None:
    """Writes the columns of a DataFrame as one sheet of an XLSX file. Raises FileError, also without openpyxl."""
    book = workbook(path)
    sheet = book.active
    for row in [tuple(frame.columns), *frame.itertuples(index=False, name=None)]:
        sheet.append([None if x == "" else _cell(x) for x in row])
    sheet.freeze_panes = "A2"
    with replacing(path, "workbook") as temporary:
        book.save(temporary)


def workbook(path: str | PathLike[str]) -> Any:
    """An empty workbook of openpyxl with the mark of Kelvolt. Raises FileError without openpyxl."""
    book = openpyxl_for(path).Workbook()
    book.properties.creator = MARK
    return book


def read_workbook(path: str | PathLike[str]) -> list[list[str]]:
    """The cells of the first sheet of an XLSX file as text, row by row; empty ones are "". Raises FileError."""
    file = existing(path)
    openpyxl = openpyxl_for(file)
    try:
        rows = openpyxl.load_workbook(file, data_only=True).worksheets[0].iter_rows(values_only=True)
        return [["" if x is None else str(x) for x in row] for row in rows]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise FileError(f"{file}: cannot be read as XLSX: {error}") from error


def openpyxl_for(path: str | PathLike[str]) -> Any:
    """The module openpyxl, for a workbook. Raises FileError where it is not installed."""
    try:
        import openpyxl
    except ImportError:
        raise FileError(f"{path}: XLSX needs openpyxl; install kelvolt[xlsx], or use CSV") from None
    return openpyxl


def csv_head(head: Sequence[str]) -> str:
    """The first line of a table."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([_cell(x) for x in head])
    return line.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
