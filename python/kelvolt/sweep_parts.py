"""The parts of a sweep on disk: each finished by an atomic rename, so that a kill loses only what was being solved."""

from __future__ import annotations

import fcntl
import json
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kelvolt import _core, files
from kelvolt.errors import FileError, InputError
from kelvolt.files import sync_folder
from kelvolt.seal import reading, sealed, unsealed

_PART = re.compile(r"part-(\d+)\.npz")
_LARGEST = 1 << 34  # bytes of a part
Chunk = dict[str, Any]


class Parts:
    """A folder `<output>.parts` beside the result, locked by the sweep that writes it."""

    def __init__(self, output: Path, fingerprint: str) -> None:
        self.folder = output.with_name(output.name + ".parts")
        files.folder(self.folder)
        try:
            self._lock = (self.folder / "lock").open("w")
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

    def _claim(self, output: Path, fingerprint: str) -> None:
        plan = self.folder / "plan.json"
        other = InputError(
            f"{self.folder}: holds the parts of another sweep (other case, values, record or version); "
            f"remove the folder, or give another output than {output.name}"
        )
        if plan.exists():
            known = _fingerprint_of(plan)
            if known is None:  # the disk has lost it: the parts say whose they are
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
        """Parts as they were written; why others are not is kept in `left_out`."""
        self.left_out = {}
        for _, file in self._files():
            try:
                yield _read(file)
            except FileError as error:
                self.left_out[file.name] = error.message.removeprefix(f"{file}: ")

    def read(self, fits: Callable[[int, Chunk], bool]) -> Iterator[tuple[int, Chunk]]:
        """Every chunk of this sweep that is whole; what the disk has lost is solved again, and a warning says so.

        `fits` tells whether a chunk of that number answers what the plan asks.
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
        import io

        buffer = io.BytesIO()
        np.savez(buffer, **_pack(chunks, self._fingerprint))
        self._write(self.folder / f"part-{self._next:06d}.npz", sealed(buffer.getvalue()))
        self._next += 1

    def _write(self, file: Path, data: bytes) -> None:
        temporary = file.with_name(file.name + ".tmp")
        try:
            with temporary.open("wb") as out:
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
        """When the result is in place. The plan goes last: parts without one would be nobody's."""
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


def _read(file: Path) -> _Part:
    """Raises FileError for a part that is not as it was written."""
    import io

    with reading(file):
        if not file.is_file() or file.stat().st_size > _LARGEST:
            raise FileError(f"{file}: is no file that a sweep writes")
        with np.load(io.BytesIO(unsealed(file.read_bytes(), file)), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        about = json.loads(found["about"].tobytes())
        return _Part(file, str(about["fingerprint"]), str(about["version"]), _unpack(found, about["texts"]))


def _fingerprint_of(plan: Path) -> str | None:
    """None where the file is damaged."""
    try:
        with reading(plan):
            return str(json.loads(plan.read_text(encoding="utf-8"))["fingerprint"])
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
