"""The parts of a sweep on disk: each finished by an atomic rename, so that a kill loses only what was being solved."""

from __future__ import annotations

import fcntl
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kelvolt import files
from kelvolt.errors import FileError, InputError
from kelvolt.files import sync_folder

_PART = re.compile(r"part-(\d+)\.npz")
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
        self._claim(output, fingerprint)
        self._next = 1 + max((n for n, _ in self._files()), default=0)

    def _claim(self, output: Path, fingerprint: str) -> None:
        plan = self.folder / "plan.json"
        if plan.exists():
            if _fingerprint_in(plan) != fingerprint:
                self.close()
                raise InputError(
                    f"{self.folder}: holds the parts of another sweep (other case, values, record or version); "
                    f"remove the folder, or give another output than {output.name}"
                )
        elif any(p.name != "lock" and p.suffix != ".tmp" for p in self.folder.iterdir()):
            self.close()
            raise InputError(f"{self.folder}: holds parts that are no sweep's; give another output than {output.name}")
        else:
            self._write(plan, json.dumps({"fingerprint": fingerprint}).encode())

    def _files(self) -> list[tuple[int, Path]]:
        return sorted((int(m[1]), p) for p in self.folder.iterdir() if (m := _PART.fullmatch(p.name)))

    def read(self) -> Iterator[tuple[int, Chunk]]:
        """Every chunk that is whole; a part the disk has lost is solved again."""
        for _, file in self._files():
            try:
                with np.load(file) as arrays:
                    found = _unpack({name: arrays[name] for name in arrays.files})
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                continue
            yield from found

    def write(self, chunks: list[tuple[int, Chunk]]) -> None:
        import io

        buffer = io.BytesIO()
        np.savez(buffer, **_pack(chunks))
        self._write(self.folder / f"part-{self._next:06d}.npz", buffer.getvalue())
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


def _fingerprint_in(plan: Path) -> Any:
    """Of the sweep that the parts belong to; None where the file tells none."""
    try:
        told = json.loads(plan.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told.get("fingerprint") if isinstance(told, dict) else None


def _pack(chunks: list[tuple[int, Chunk]]) -> dict[str, np.ndarray]:
    texts = [{k: v for k, v in c.items() if not isinstance(v, np.ndarray)} for _, c in chunks]
    arrays: dict[str, np.ndarray] = {
        "numbers": np.array([n for n, _ in chunks], dtype=np.int64),
        "texts": np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8),
    }
    for i, (_, chunk) in enumerate(chunks):
        arrays |= {f"{i}/{k}": v for k, v in chunk.items() if isinstance(v, np.ndarray)}
    return arrays


def _unpack(arrays: dict[str, np.ndarray]) -> list[tuple[int, Chunk]]:
    texts = json.loads(arrays["texts"].tobytes())
    chunks: list[tuple[int, Chunk]] = []
    for i, number in enumerate(arrays["numbers"].tolist()):
        head = f"{i}/"
        chunks.append((number, texts[i] | {k[len(head) :]: v for k, v in arrays.items() if k.startswith(head)}))
    return chunks
