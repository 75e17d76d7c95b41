"""Opens result files: a finished one, or the parts that an unfinished run has left."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import cf
from kelvolt.base.attributes import SiteUnits
from kelvolt.base.errors import FileError, MissingFile, printable
from kelvolt.base.files import existing, is_hdf5, path_of
from kelvolt.base.seal import check_seal, locking_of, own_member, reading
from kelvolt.base.values import text_of

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    import xarray

_PART = re.compile(r"part-(\d{6,9})\.h5")
_GROWING = ("time", "event", "warning")  # the dimensions along which parts are joined
_OF_ONE_PART = ("part", "first_row")  # attributes of a single part, which the joined dataset does not have
_RUN = "run"  # the attribute that identifies a run, independent of the clock


class IncompleteRun(UserWarning):
    """The result is incomplete: the run is still going on, was killed or interrupted, or failed."""


@dataclass
class _Part:
    """One part with a valid seal and readable attributes."""

    file: Path
    run: tuple[str, tuple[str, ...]]  # name of the run, names of the arrays
    first_row: int


@dataclass
class _Parts:
    """The data read from the parts of one run."""

    read: list[Path] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # name of a part that is not used: the reason
    missing_rows: int = 0
    rows: int = 0
    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)


def open(path: str | PathLike[str], *, units: str | None = None, start: str | datetime | None = None) -> xarray.Dataset:
    """Opens the result of a run or a sweep as an xarray Dataset, as `Run.to_xarray` and `sweep` give it.

    `units` and `start` are those of `Run.to_xarray`: the units of a site (values are converted as they are read), and
    date and time at which the run began. Files of earlier versions are read; one in a newer format is refused.

    `path` is the result file or its `.parts` folder. A finished file is checked against its seal, read lazily, and
    stays open until the dataset is closed. Where only `<path>.parts` exists, or belongs to a later run than the file,
    all undamaged parts are joined in memory, `attrs["status"]` is "incomplete" and `attrs["parts"]` their count. An
    `IncompleteRun` warning then states the time they reach, and which parts were left out and why. It is also given
    for a file whose run was interrupted or failed.

    Raises InputError for `units` and `start`, FileError when the data cannot be read, which is a FileNotFoundError when
    there is neither a file nor a finished part.

    >>> case = kv.load("single_loop")
    >>> run = case.simulate("4 s", every="1 s", output="run.h5", progress=False)
    >>> with kv.open("run.h5", units="si") as data:
    ...     data["gpu.T_die"].attrs["units"]
    'degC'
    """
    path = path_of(path)
    if _is_other_file(path):
        what = (
            "it has the ending of a case, which kv.load reads" if path.suffix in (".yaml", ".yml") else "check the path"
        )
        raise FileError(f"{path}: is no result of Kelvolt, which is a netCDF-4 (HDF5) file; {what}")
    cf.begin_of(start)  # raises before anything is read
    site = None if units is None else SiteUnits(text_of(units, "units is 'si', 'si-field' or 'us'"))
    for _ in range(3):
        try:
            source = _choose(path)
        except FileError:
            raise
        except (OSError, ValueError) as error:  # a name that no file system allows
            raise FileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
        try:
            dataset = _open_parts(source, path, site) if source.is_dir() else _open_file(source, site)
            begin = start if start is not None else dataset.attrs.get("begins")
            return _closing(cf.with_times(dataset, begin), dataset)
        except FileNotFoundError:
            continue  # the run has just joined its parts into the file, so choose again
    raise MissingFile(f"{path}: the result was removed while it was being opened")


def _is_other_file(path: Path) -> bool:
    try:
        return path.is_file() and not is_hdf5(path)
    except (OSError, ValueError):  # a name that no file system allows is told where the file is opened
        return False


def _part_files(folder: Path) -> list[Path]:
    """Finished parts in their order; temporary files of a killed run have other names."""
    found = [(int(m[1]), p) for p in folder.iterdir() if (m := _PART.fullmatch(p.name))] if folder.is_dir() else []
    return [p for _, p in sorted(found)]


def _choose(path: Path) -> Path:
    """The file or the folder of parts, whichever holds the newest result. Raises MissingFile."""
    if path.is_dir():
        if _part_files(path):
            return path
        raise MissingFile(f"{path}: this folder holds no finished part; give the result file of a run")
    folder = path.with_name(path.name + ".parts")
    files = _part_files(folder)
    if not path.exists():
        if files:
            return folder
        raise MissingFile(f"{path}: no such file, and no finished part in {folder.name}; check the path")
    if not files:
        return path
    try:
        of_parts = _common_run(_heads(files)[0])
        of_file = _run_of(path)
        newest = max(p.stat().st_mtime_ns for p in files)
    except FileNotFoundError:  # parts are removed only after the file has been written
        return path
    if of_parts is None or of_file is None:  # one of them cannot be read at all
        return path if of_parts is None else folder
    if of_parts[0] and of_file:
        # after a kill, the parts of a finished file may remain; a later run moves earlier parts away before it begins
        return path if of_parts[0] == of_file else folder
    return folder if newest > path.stat().st_mtime_ns else path


def _run_of(file: Path) -> str | None:
    """The name of the run that wrote a file, "" where it has none; None where the file cannot be read."""
    import h5py

    existing(file)
    try:
        with reading(file):
            check_seal(file)
            with h5py.File(file, "r", locking=locking_of(file)) as h5:
                return str(h5.attrs.get(_RUN, ""))
    except FileError:
        return None


def _heads(files: list[Path]) -> tuple[list[_Part], dict[str, str]]:
    """The undamaged parts, and by name the reason why each other one cannot be used."""
    import h5py

    parts, left_out = [], {}
    for file in files:
        try:
            with reading(file):
                check_seal(file)
                with h5py.File(file, "r", locking=locking_of(file)) as h5:
                    number = int(h5.attrs["part"][0])
                    if f"part-{number:06d}.h5" != file.name:
                        raise FileError(f"{file}: says that it is part {number}")
                    run = (str(h5.attrs.get(_RUN, "")), tuple(h5))
                    parts.append(_Part(file, run, int(h5.attrs["first_row"][0])))
        except FileError as error:
            left_out[file.name] = error.message.removeprefix(f"{file}: ")
    return parts, left_out


def _common_run(parts: list[_Part]) -> tuple[str, tuple[str, ...]] | None:
    """The run that most parts belong to; the later one of equal counts."""
    counted = Counter(p.run for p in reversed(parts))
    return counted.most_common(1)[0][0] if counted else None


def _open_dataset(file: Path, site: SiteUnits | None = None) -> xarray.Dataset:
    """Checks the file and opens it lazily; errors when values are read later are also turned into FileError.

    site: the units that values are converted to as they are read."""
    from kelvolt.cases.stored import dataset_of

    with reading(file):
        check_seal(file)
        dataset = dataset_of(file, site)
        dataset.attrs.pop(_RUN, None)
    return _closing(cf.with_identifiers(dataset), dataset)


def _closing(made: xarray.Dataset, source: xarray.Dataset) -> xarray.Dataset:
    """The dataset that was made from another one, whose file it closes; copies of xarray do not by themselves."""
    if made is not source:
        made.set_close(source.close)
    return made


def _open_file(file: Path, site: SiteUnits | None) -> xarray.Dataset:
    dataset = _open_dataset(file, site)
    status = dataset.attrs.get("status", "complete")
    if status != "complete":
        warnings.warn(printable(f"{file}: the run is not complete: {status}"), IncompleteRun, stacklevel=3)
    return dataset


def _grows(variable: Any) -> bool:
    return bool(variable.dims) and variable.dims[0] in _GROWING


def _read_part(file: Path, like: dict[str, xarray.Variable]) -> dict[str, np.ndarray]:
    """The arrays of a part. Raises FileError where one has another shape or kind than in the other parts.

    Uses h5py and not xarray, which would take seconds to open each part of a dataset with thousands of variables.
    """
    import h5py

    lengths: dict[str, int] = {}
    columns: dict[str, np.ndarray] = {}
    with reading(file), h5py.File(file, "r", locking=False) as h5:
        for name, variable in like.items():
            stored = own_member(file, h5, name)
            text = h5py.check_string_dtype(stored.dtype) is not None
            column = stored.asstr()[...] if text else stored[...]
            rows = lengths.setdefault(str(variable.dims[0]), len(column))
            if len(column) != rows or column.shape[1:] != variable.shape[1:] or text != (variable.dtype.kind in "OTU"):
                raise FileError(f"{file}: '{name}' has another shape or kind than in the other parts")
            columns[name] = column
    return columns


def _template(parts: list[_Part], left_out: dict[str, str]) -> xarray.Dataset | None:
    """The last readable part, which gives names, dimensions, static arrays and the newest attributes."""
    for part in reversed(parts):
        try:
            with _open_dataset(part.file) as dataset, reading(part.file):
                if groups := set(part.run[1]) - set(dataset.variables) - set(dataset.sizes):
                    raise FileError(f"{part.file}: '{min(groups)}' holds no data")
                return dataset.load()
        except FileError as error:
            left_out[part.file.name] = error.message.removeprefix(f"{part.file}: ")
    return None


def _read_parts(heads: list[_Part], left_out: dict[str, str], like: dict[str, xarray.Variable]) -> _Parts:
    parts = _Parts(left_out=left_out, columns={name: [] for name in like})
    for head in heads:
        if head.file.name in left_out:
            continue
        try:
            columns = _read_part(head.file, like)
        except FileError as error:
            left_out[head.file.name] = error.message.removeprefix(f"{head.file}: ")
            continue
        parts.missing_rows = head.first_row - parts.rows  # total so far: first_row counts the rows of all earlier parts
        parts.rows += len(columns["time"])
        parts.read.append(head.file)
        for name, column in columns.items():
            parts.columns[name].append(column)
    return parts


def _open_parts(folder: Path, asked: Path, site: SiteUnits | None) -> xarray.Dataset:
    import numpy as np
    import xarray

    files = _part_files(folder)
    if not files:
        raise MissingFile(f"{folder}: no finished part")
    heads, left_out = _heads(files)
    run = _common_run(heads)
    for part in heads:
        if part.run != run:
            left_out[part.file.name] = "belongs to another run or has other arrays"
    last = _template([p for p in heads if p.run == run], left_out)
    if last is None:
        why = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:3])
        raise FileError(f"{folder}: none of its {len(files)} parts can be read ({why})")
    parts = _read_parts(heads, left_out, {str(name): v for name, v in last.variables.items() if _grows(v)})

    def joined(name: str, variable: xarray.Variable) -> xarray.Variable:
        if not _grows(variable):
            return variable
        return xarray.Variable(variable.dims, np.concatenate(parts.columns[name]), variable.attrs)

    variables = {name: joined(str(name), v) for name, v in last.variables.items()}
    attrs = {k: v for k, v in last.attrs.items() if k not in _OF_ONE_PART}
    attrs |= {"status": "incomplete", "parts": len(parts.read)}
    dataset = xarray.Dataset({k: v for k, v in variables.items() if k not in last.coords}, attrs=attrs)
    dataset = dataset.assign_coords({k: v for k, v in variables.items() if k in last.coords})
    warnings.warn(printable(_describe(folder, asked, parts, dataset)), IncompleteRun, stacklevel=3)
    return dataset if site is None else site.of(dataset)


def _describe(folder: Path, asked: Path, parts: _Parts, dataset: xarray.Dataset) -> str:
    reach = f"up to {float(dataset['time'][-1]):g} s" if parts.rows else "before its first row was kept"
    text = f"{folder}: the run still goes on or ended early; {len(parts.read)} parts with {parts.rows} rows, {reach}"
    if parts.left_out:
        text += "; cannot be read: " + ", ".join(f"{name} ({why})" for name, why in sorted(parts.left_out.items()))
    if parts.missing_rows:
        text += f"; {parts.missing_rows} rows are missing"
    if asked.is_file():
        text += f"; {asked.name} is the result of an earlier run and was not opened"
    return text
