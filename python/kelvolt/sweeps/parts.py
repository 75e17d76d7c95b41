"""The parts of a sweep on disk. Each is finished by an atomic rename, so a killed sweep loses only unsaved points.

Other users may be able to write into the folder. Therefore only regular files with the names a sweep uses are opened,
links are never followed, and no more is read or unpacked than the sweep can have written.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError
from kelvolt.base.files import sync_folder
from kelvolt.base.seal import reading, sealed, unsealed

_PART = re.compile(r"part-(\d{6,9})\.npz")
_OURS = re.compile(r"lock|(plan\.json|part-\d{6,9}\.npz)(\.tmp)?")
_LARGEST = 1 << 34  # bytes of a part
_LARGEST_PLAN = 1 << 12  # bytes of plan.json
Chunk = dict[str, Any]


class Parts:
    """A folder `<output>.parts` beside the result, locked by the sweep that writes it."""

    def __init__(self, output: Path, fingerprint: str, largest: int = _LARGEST) -> None:
        """`largest`: bytes that a part of this sweep can have. Raises FileError and InputError; a folder that does not
        belong to this sweep is then left unchanged."""
        self.folder = output.with_name(output.name + ".parts")
        self._largest = min(largest, _LARGEST)
        files.folder(self.folder)
        self._refuse_foreign(output)
        try:
            self._lock = os.fdopen(files.open_own(self.folder / "lock", os.O_RDWR | os.O_CREAT), "rb")
        except FileError:
            raise
        except OSError as error:
            raise FileError(f"{self.folder}: cannot be written: {error.strerror}; give another output") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise FileError(
                f"{output}: another sweep is writing this result; wait for it or choose another name"
            ) from None
        self._fingerprint = fingerprint
        self.left_out: dict[str, str] = {}  # parts that were not read, with the reason
        self._claim(output, fingerprint)
        self._next = 1 + max((n for n, _ in self._files()), default=0)

    def _refuse_foreign(self, output: Path) -> None:
        remedy = f"remove it, or give another output than {output.name}"
        try:
            if not stat.S_ISDIR(self.folder.lstat().st_mode):
                raise FileError(
                    f"{self.folder}: is a link, and the parts of a sweep lie in a folder of its own; {remedy}"
                )
            for entry in self.folder.iterdir():
                if not _OURS.fullmatch(entry.name):
                    raise FileError(f"{self.folder}: holds '{entry.name}', which is no sweep's; {remedy}")
                if not stat.S_ISREG(entry.lstat().st_mode):
                    raise FileError(f"{entry}: is a link or no regular file, which no sweep makes there; {remedy}")
        except FileNotFoundError as error:  # another sweep has just finished and removes its parts
            raise FileError(f"{error.filename}: was removed by another sweep of this output; repeat") from error
        except OSError as error:
            if isinstance(error, FileError):
                raise
            raise FileError(f"{self.folder}: cannot be read: {error.strerror}; give another output") from error

    def _claim(self, output: Path, fingerprint: str) -> None:
        plan = self.folder / "plan.json"
        other = InputError(
            f"{self.folder}: holds the parts of another sweep (other case, values, record or version); "
            f"remove the folder, or give another output than {output.name}"
        )
        if plan.is_symlink() or plan.exists():
            known = _fingerprint_of(plan)
            if known is None:  # the file is damaged: the parts state which sweep they belong to
                found = {part.fingerprint for part in self._whole()}
                known = fingerprint if found == {fingerprint} else None
                if known is not None:
                    self._write(plan, json.dumps({"fingerprint": fingerprint}).encode())
            if known != fingerprint:
                self.close()
                raise other
        elif any(p.name != "lock" and p.suffix != ".tmp" for p in self.folder.iterdir()):
            self.close()
            raise InputError(f"{self.folder}: holds parts that are no sweep's; give another output than {output.name}")
        else:
            self._write(plan, json.dumps({"fingerprint": fingerprint}).encode())

    def _files(self) -> list[tuple[int, Path]]:
        return sorted((int(m[1]), p) for p in self.folder.iterdir() if (m := _PART.fullmatch(p.name)))

    def _whole(self) -> Iterator[_Part]:
        """The undamaged parts; `left_out` gets the reason why each other part is not used."""
        self.left_out = {}
        for _, file in self._files():
            try:
                yield _read(file, self._fingerprint, self._largest)
            except FileError as error:
                self.left_out[file.name] = error.message.removeprefix(f"{file}: ")

    def read(self, fits: Callable[[int, Chunk], bool]) -> Iterator[tuple[int, Chunk]]:
        """Every undamaged chunk of this sweep. Damaged ones are solved again, and a warning says so.

        `fits` tells whether a chunk holds the points that the plan has under its number.
        """
        for part in self._whole():
            if part.fingerprint != self._fingerprint:
                self.left_out[part.file.name] = f"answers another question, or was written by Kelvolt {part.version}"
            elif not all(fits(number, chunk) for number, chunk in part.chunks):
                self.left_out[part.file.name] = "has other points than this sweep"
            else:
                yield from part.chunks
        if self.left_out:
            told = ", ".join(f"{name} ({why})" for name, why in sorted(self.left_out.items()))
            warnings.warn(f"{self.folder}: left out, and solved again: {told}", UserWarning, stacklevel=2)

    def write(self, chunks: list[tuple[int, Chunk]]) -> None:
        buffer = io.BytesIO()
        np.savez(buffer, **_pack(chunks, self._fingerprint))  # type: ignore[arg-type]  # keys are names of arrays
        self._write(self.folder / f"part-{self._next:06d}.npz", sealed(buffer.getvalue()))
        self._next += 1

    def _write(self, file: Path, data: bytes) -> None:
        temporary = file.with_name(file.name + ".tmp")
        try:
            temporary.unlink(missing_ok=True)  # of a killed sweep
            with os.fdopen(files.open_own(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, file)
            sync_folder(file.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise FileError(
                f"{file}: cannot be written: {error.strerror}; the parts before it are kept ({len(self._files())}): "
                "make room and repeat the sweep, which goes on where they end"
            ) from error

    def remove(self) -> None:
        """Removes the folder once the result is written. The plan is removed after the parts, which it identifies."""
        for file in [p for _, p in self._files()] + [self.folder / "plan.json", self.folder / "lock"]:
            file.unlink(missing_ok=True)
        for left in self.folder.glob("*.tmp"):
            left.unlink(missing_ok=True)
        self.close()
        self.folder.rmdir()

    def close(self) -> None:
        self._lock.close()


@dataclass
class _Part:
    file: Path
    fingerprint: str
    version: str
    chunks: list[tuple[int, Chunk]]


def _read(file: Path, fingerprint: str, largest: int) -> _Part:
    """Raises FileError for a damaged part. The arrays are read only if the part belongs to this sweep."""
    with reading(file):
        data = unsealed(_bytes_of(file, largest), file)
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            listed = members.infolist()
        if any(m.compress_type != zipfile.ZIP_STORED for m in listed) or sum(m.file_size for m in listed) > len(data):
            raise FileError(f"{file}: unpacks to more than it holds, which a part of a sweep never does")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            part = _Part(file, str(about["fingerprint"]), str(about["version"]), [])
            if part.fingerprint == fingerprint:
                part.chunks = _unpack({name: arrays[name] for name in arrays.files}, about["texts"])
        return part


def _bytes_of(file: Path, largest: int) -> bytes:
    with os.fdopen(files.open_own(file, os.O_RDONLY), "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > largest:
            raise FileError(f"{file}: has {size} bytes, and this sweep writes at most {largest} into one file")
        return stream.read(largest)


def _fingerprint_of(plan: Path) -> str | None:
    """The fingerprint in plan.json, None where the file is damaged."""
    try:
        with reading(plan):
            return str(json.loads(_bytes_of(plan, _LARGEST_PLAN))["fingerprint"])
    except FileError:
        return None


def _pack(chunks: list[tuple[int, Chunk]], fingerprint: str) -> dict[str, np.ndarray]:
    texts = [{k: v for k, v in c.items() if not isinstance(v, np.ndarray)} for _, c in chunks]
    about = {"fingerprint": fingerprint, "version": _core.__version__, "texts": texts}
    arrays: dict[str, np.ndarray] = {
        "numbers": np.array([n for n, _ in chunks], dtype=np.int64),
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
    }
    for i, (_, chunk) in enumerate(chunks):
        arrays |= {f"{i}/{k}": v for k, v in chunk.items() if isinstance(v, np.ndarray)}
    return arrays


def _unpack(arrays: dict[str, np.ndarray], texts: list[dict[str, Any]]) -> list[tuple[int, Chunk]]:
    chunks: list[tuple[int, Chunk]] = []
    for i, number in enumerate(arrays["numbers"].tolist()):
        head = f"{i}/"
        chunks.append((number, texts[i] | {k[len(head) :]: v for k, v in arrays.items() if k.startswith(head)}))
    return chunks
