"""Datasets by the CF conventions: names of dimensions, times, attributes of values, versions of result files."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.attributes import attribute
from kelvolt.base.errors import InputError
from kelvolt.base.formats import ATTRIBUTE, RESULT
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    import pandas
    import xarray

CONVENTIONS = "CF-1.11"
BOUNDS = "time_bnds"
RESERVED = ("time", BOUNDS, "bnds", "seconds", "event", "warning")  # names that every result has for something else
KINDS = {"value": "", "mean": "_mean", "minimum": "_min", "maximum": "_max"}  # the arrays of a value, and their endings
_NANOSECONDS = 1e9


def identifier(path: str) -> str:
    """A path as a name that Python takes: "tray_gpu_power" of "tray[*].gpu[*].power", so that `ds.sel(**)` can use it.

    Equal names of different paths are possible; `distinct` tells them apart.
    """
    name = re.sub(r"\W+", "_", path.replace("[*]", "")).strip("_") or "_"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def distinct(name: str, taken: set[str]) -> str:
    """The name, with _ appended until it is none of `taken`, to which it is added."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def level_of(name: str, dim: str) -> str:
    """The path of the level that a dimension of the array `name` stands for: "rack.tray" of rack_tray."""
    levels = name.split(".")[:-1]
    paths = [".".join(levels[:k]) for k in range(len(levels), 0, -1)]
    return next((p for p in paths if dim in (p.replace(".", "_"), p.rpartition(".")[2])), dim)


def level_coordinates(name: str, dims: tuple[str, ...], sizes: tuple[int, ...]) -> dict[str, Any]:
    """Coordinates of the levels of an array: elements from 1, with the path of the level in `attrs["path"]`."""
    found = {}
    for dim, size in zip(dims, sizes, strict=True):
        level = level_of(name, dim)
        attrs = {"units": "1", "long_name": f"element of {level}, from 1", "path": level}
        found[dim] = (dim, np.arange(1, size + 1), attrs)
    return found


def value_attributes(unit: str, doc: str, kind: str = "", *, over_time: bool = False) -> dict[str, Any]:
    """Attributes of an array: its unit, what it means, and by CF the states it has and how it follows from the values.

    unit: the declared one. kind: "", "mean", "minimum" or "maximum" of the intervals of a run.
    """
    attrs: dict[str, Any] = {
        "units": attribute(unit),
        "long_name": doc + (f", {kind} of the interval" if kind else ""),
    }
    if unit in ("K", "delta_K"):
        attrs["units_metadata"] = "temperature: " + ("on_scale" if unit == "K" else "difference")
    if over_time:
        attrs["cell_methods"] = f"time: {kind or 'point'}"
    states = _core.states(doc) if unit == "1" and kind != "mean" else []
    if states:
        attrs["flag_values"] = np.array([value for value, _ in states])
        attrs["flag_meanings"] = " ".join(word for _, word in states)
    return attrs


def dataset_attributes(title: str, what: str) -> dict[str, Any]:
    """Global attributes of every dataset. The history has no clock time, so that equal results are equal datasets."""
    return {
        "title": title,
        "source": f"Kelvolt {_core.__version__}",
        "Conventions": CONVENTIONS,
        ATTRIBUTE: str(RESULT),
        "history": f"Kelvolt {_core.__version__}: {what}",
    }


# ---- times ----


def begin_of(start: Any) -> pandas.Timestamp | None:
    """The time at which a run begins, in UTC without a zone. Raises InputError for what is no date and time."""
    import pandas

    if start is None:
        return None
    try:
        begin = pandas.Timestamp(start)
    except (ValueError, TypeError, OverflowError):
        begin = pandas.NaT
    if begin is pandas.NaT or isinstance(start, int | float):
        raise InputError(f"start: {start!r} is no date and time; write e.g. '2026-11-30 08:00' (UTC) or '...+01:00'")
    return begin.tz_convert(None) if begin.tzinfo is not None else begin


def time_coordinates(seconds: Floats, start: Any = None, bounds: Floats | None = None) -> dict[str, Any]:
    """Coordinates of the rows of a run.

    `time` is the time since the begin of the run (timedelta64), or with `start` date and time (datetime64, UTC);
    `seconds` the same as a number. `time_bnds` [row, 2] has the begin and end of the interval of each row: that from
    the row before where `bounds` [s] is not given.
    """
    begin = begin_of(start)

    def moment(values: Floats) -> Any:
        since = np.round(values * _NANOSECONDS).astype("timedelta64[ns]")
        return since if begin is None else np.datetime64(begin, "ns") + since

    if bounds is None:
        ends = np.asarray(seconds)
        bounds = np.stack([np.concatenate([ends[:1], ends[:-1]]), ends], axis=1)
    attrs = {"axis": "T", "bounds": BOUNDS, "long_name": "time since the begin of the run"}
    if begin is not None:
        attrs |= {"standard_name": "time", "long_name": "time"}
    unit = "seconds" if begin is None else f"seconds since {begin.isoformat()}"
    kept = {"units": unit, "dtype": np.dtype("float64")}
    return {
        "time": ("time", moment(np.asarray(seconds)), attrs, kept),
        "seconds": ("time", np.asarray(seconds), {"units": "s", "long_name": "time since the begin of the run"}),
        BOUNDS: (("time", "bnds"), moment(bounds), {}, kept),
    }


def with_times(dataset: xarray.Dataset, start: Any = None) -> xarray.Dataset:
    """A dataset as files have it, with times as numbers in s, with the coordinates of `time_coordinates`."""
    if "time" not in dataset.variables or dataset["time"].dims != ("time",) or dataset["time"].dtype.kind not in "fiu":
        return dataset
    bounds = dataset[BOUNDS].values if BOUNDS in dataset.variables else None
    coordinates = time_coordinates(dataset["time"].values.astype(float), start, bounds)
    return dataset.drop_vars([BOUNDS], errors="ignore").assign_coords(coordinates)


def with_identifiers(dataset: xarray.Dataset) -> xarray.Dataset:
    """A dataset of a file in format 1, whose dimensions could have any name, with dimensions that Python takes."""
    taken = {str(name) for name in dataset.variables}
    names = [str(d) for d in dataset.dims if not str(d).isidentifier()]
    renamed = {name: distinct(identifier(name), taken) for name in names}
    for name in names:
        if name in dataset.variables:
            dataset[name].attrs["path"] = name
    return dataset.rename(renamed) if renamed else dataset


def in_file(dataset: xarray.Dataset) -> xarray.Dataset:
    """A dataset with times as numbers in s, as files have it; the reverse of `with_times`."""
    if "time" not in dataset.coords or "seconds" not in dataset.coords:
        return dataset
    seconds = dataset["seconds"].values
    attrs = dict(dataset["time"].attrs) | {"units": "s"}
    plain = dataset.drop_vars(["seconds", BOUNDS], errors="ignore").assign_coords(time=("time", seconds, attrs))
    ends = np.stack([np.concatenate([seconds[:1], seconds[:-1]]), seconds], axis=1)
    return plain.assign({BOUNDS: (("time", "bnds"), ends)})


# ---- files ----


def compression(dataset: xarray.Dataset, least: int = 1024) -> dict[str, dict[str, Any]]:
    """How to write the arrays of numbers that are worth compressing: byte shuffle and deflate, which all tools read."""
    how = {"zlib": True, "shuffle": True, "complevel": 1}
    return {
        str(name): how
        for name, variable in dataset.variables.items()
        if variable.dims and variable.dtype.kind in "fiu" and variable.nbytes > least
    }
