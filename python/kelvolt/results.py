"""Opens result files: a finished one, or the parts that an unfinished run has left."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt import files
from kelvolt.errors import FileError, MissingFile, printable

if TYPE_CHECKING:
    import h5py
    import numpy as np
    import xarray

_PART = re.compile(r"part-(\d+)\.h5")
_GROWING = ("time", "event", "warning")  # the dimensions along which parts are joined
_OF_ONE_PART = ("part", "first_row")  # attributes that mean nothing once parts are joined


class IncompleteRun(UserWarning):
    """The result holds less than the run was asked for: it still runs, was killed, interrupted, or failed."""


@dataclass
class _Parts:
    """What was read from the parts of one run."""

    read: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)
    missing_rows: int = 0
    rows: int = 0
    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)


def open(path: str | PathLike[str]) -> xarray.Dataset:
    """Opens the result of a run as an xarray Dataset; times are seconds, arrays keep their units in `attrs["units"]`.

    `path` is the result file or its `.parts` folder. A finished file is read lazily and stays open until the dataset is
    closed. Where only `<path>.parts` exists, or is newer than the file, all finished parts are joined in memory,
    `attrs["status"]` is "incomplete", `attrs["parts"]` counts them, and an `IncompleteRun` warning says up to which
    time they reach. A file whose run was interrupted or failed warns as well.

    Raises FileError: a FileNotFoundError too when there is neither file nor finished part, else what is there cannot be
    read.
    """
    path = Path(path)
    for _ in range(3):
        source = _choose(path)
        try:
            return _open_parts(source, path) if source.is_dir() else _open_file(source)
        except FileNotFoundError:
            continue  # the run has just assembled its parts into the file, so choose again
    raise MissingFile(f"{path}: the result was removed while it was being opened")


def _part_files(folder: Path) -> list[Path]:
    """Finished parts in their order; temporaries of a killed write have other names."""
    found = [(int(m[1]), p) for p in folder.iterdir() if (m := _PART.fullmatch(p.name))] if folder.is_dir() else []
    return [p for _, p in sorted(found)]


def _choose(path: Path) -> Path:
    """The file or the folder that holds the newest answer."""
    if path.is_dir():
        if _part_files(path):
            return path
        raise MissingFile(f"{path}: this folder holds no finished part; give the result file of a run")
    folder = path.with_name(path.name + ".parts")
    parts = _part_files(folder)
    if not path.exists():
        if parts:
            return folder
        raise MissingFile(f"{path}: no such file, and no finished part in {folder.name}; check the path")
    try:
        newest = max((p.stat().st_mtime_ns for p in parts), default=-1)
    except FileNotFoundError:  # parts go away only after the file is in place
        return path
    # a run killed while removing its parts leaves some that are older than the file it assembled from them
    return folder if newest > path.stat().st_mtime_ns else path


def _open_dataset(file: Path) -> xarray.Dataset:
    import xarray

    files.existing(file)
    try:
        return xarray.open_dataset(file, engine="h5netcdf", decode_times=False)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise FileError(
            f"{file}: cannot be read as HDF5 ({error}); is it a result of kelvolt, copied whole?"
        ) from error


def _open_file(file: Path) -> xarray.Dataset:
    dataset = _open_dataset(file)
    status = dataset.attrs.get("status", "complete")
    if status != "complete":
        warnings.warn(printable(f"{file}: the run is not complete: {status}"), IncompleteRun, stacklevel=3)
    return dataset


def _grows(variable: Any) -> bool:
    return bool(variable.dims) and variable.dims[0] in _GROWING


def _read_part(file: h5py.File, names: list[str]) -> dict[str, np.ndarray]:
    """h5py rather than xarray: opening a dataset of thousands of variables for each part would take seconds."""
    import h5py

    def values(dataset: h5py.Dataset) -> np.ndarray:
        text = h5py.check_string_dtype(dataset.dtype) is not None
        array: np.ndarray = dataset.asstr()[...] if text else dataset[...]
        return array

    return {name: values(file[name]) for name in names}


def _read_parts(files: list[Path], names: list[str]) -> _Parts:
    import h5py

    parts = _Parts(columns={name: [] for name in names})
    for file in files:
        try:
            with h5py.File(file, "r", locking=False) as h5:
                first_row = int(h5.attrs["first_row"][0])
                columns = _read_part(h5, names)
        except FileNotFoundError:
            raise
        except (OSError, KeyError):
            parts.unreadable.append(file)
            continue
        parts.missing_rows = first_row - parts.rows  # accumulates: first_row counts the rows of every part before
        parts.rows += len(columns["time"])
        parts.read.append(file)
        for name, column in columns.items():
            parts.columns[name].append(column)
    return parts


def _template(files: list[Path]) -> xarray.Dataset:
    """The last readable part: names, dimensions, static arrays and the newest attributes."""
    for file in reversed(files):
        try:
            with _open_dataset(file) as dataset:
                return dataset.load()
        except FileNotFoundError:
            raise
        except OSError:
            continue
    raise FileError(f"{files[0].parent}: none of its {len(files)} parts can be read; the disk may have lost them")


def _open_parts(folder: Path, asked: Path) -> xarray.Dataset:
    import numpy as np
    import xarray

    files = _part_files(folder)
    if not files:
        raise MissingFile(f"{folder}: no finished part")
    last = _template(files)
    parts = _read_parts(files, [str(name) for name, v in last.variables.items() if _grows(v)])

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
    return dataset


def _describe(folder: Path, asked: Path, parts: _Parts, dataset: xarray.Dataset) -> str:
    reach = f"up to {float(dataset['time'][-1]):g} s" if parts.rows else "before its first row was kept"
    text = f"{folder}: the run still goes on or ended early; {len(parts.read)} parts with {parts.rows} rows, {reach}"
    if parts.unreadable:
        text += f"; cannot be read: {', '.join(p.name for p in parts.unreadable)}"
    if parts.missing_rows:
        text += f"; {parts.missing_rows} rows are missing"
    if asked.is_file():
        text += f"; {asked.name} is the result of an earlier run and was not opened"
    return text
