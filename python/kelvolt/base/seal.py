"""Finished files have a checksum after the part that HDF5 reads, so that damage is found before HDF5 opens the file.

The last 16 bytes are `KVSEAL01` and the CRC-32 of all bytes before them in 8 hexadecimal digits; the C++ side writes
the same. A file without a seal was written, or changed, by another programme.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kelvolt.base.errors import Error, FileError

if TYPE_CHECKING:
    import h5py

_MARK = b"KVSEAL01"
_LENGTH = 16
_MOST_EXPANSION = 2000  # largest accepted ratio of unpacked to compressed size; deflate reaches about 1030
_ALWAYS_READ = 1 << 28  # bytes that a dataset may have regardless of the size of its file


def _checksum(stream: IO[bytes], size: int) -> bytes:
    total = 0
    while size > 0:
        block = stream.read(min(size, 1 << 20))
        if not block:
            break
        total = zlib.crc32(block, total)
        size -= len(block)
    return f"{total:08x}".encode()


def sealed(data: bytes) -> bytes:
    """The bytes with the seal appended."""
    return data + _MARK + f"{zlib.crc32(data):08x}".encode()


def unsealed(data: bytes, file: Path) -> bytes:
    """The bytes without their seal. Raises FileError where the seal is missing or does not match."""
    inside = data[:-_LENGTH]
    if sealed(inside) != data:
        raise FileError(f"{file}: is damaged or no part of a sweep: its bytes are not those that were written")
    return inside


def put_seal(file: Path) -> None:
    """Appends the seal to a file and flushes it to the disk."""
    with file.open("r+b") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        told = _checksum(stream, size)
        stream.seek(size)
        stream.write(_MARK + told)
        stream.flush()
        os.fsync(stream.fileno())


def check_seal(file: Path) -> None:
    """Raises FileError for what is no regular file, and for a sealed file whose bytes have changed."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise FileError(f"{file}: is no regular file, so it is not read; give the result file of a run")
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(size - _LENGTH, 0))
        tail = stream.read()
        if tail[: len(_MARK)] != _MARK:
            return
        stream.seek(0)
        if _checksum(stream, size - _LENGTH) != tail[len(_MARK) :]:
            raise FileError(
                f"{file}: is damaged: its bytes are not those that were written; copy it anew, or run again"
            )


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turns all errors that libraries raise for a damaged file into FileError; a missing file keeps its own error."""
    try:
        yield
    except (FileNotFoundError, Error):
        raise
    except Exception as error:  # h5py, h5netcdf and xarray raise many kinds of errors for damaged files
        what = str(error) or type(error).__name__
        raise FileError(f"{file}: cannot be read ({what}); is it a result of kelvolt, copied whole?") from error


def locking_of(file: Path) -> bool | None:
    """How HDF5 can open a file: None: as usual, as other readers of this process do; False: without locks, which a
    network disk may not grant.

    The library refuses other flags than those with which this process has the file open already."""
    import h5py

    try:
        h5py.File(file, "r").close()
    except OSError:
        h5py.File(file, "r", locking=False).close()  # raises where locks are not the reason
        return False
    return None


def refuse_foreign(file: Path, root: h5py.File) -> None:
    """Raises FileError where a dataset would be read from another file, or has a size that this file cannot hold."""
    for name in root:
        own_member(file, root, name)


def own_member(file: Path, root: h5py.File, name: str) -> Any:
    """The dataset or group of that name. Raises FileError where its data are not in this file."""
    import h5py

    link: Any = root.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise FileError(f"{file}: '{name}' is a link to another place, which a result never holds; it is not read")
    found = root[name]
    if not isinstance(found, h5py.Dataset):
        return found
    if found.is_virtual or found.external:
        raise FileError(f"{file}: the data of '{name}' lie in another file, which a result never does; not read")
    claimed, size = found.size * found.dtype.itemsize if found.shape is not None else 0, file.stat().st_size
    if claimed > max(_ALWAYS_READ, _MOST_EXPANSION * size):
        raise FileError(f"{file}: '{name}' claims {claimed:.2g} bytes in a file of {size}; it is damaged")
    return found
