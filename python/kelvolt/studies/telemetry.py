"""Measurements of operating points, to calibrate with: from tables, datasets and files, in SI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError
from kelvolt.base.paths import owner_of
from kelvolt.base.values import LONGEST_HEADING, Floats, difference, path_of, si, si_unit
from kelvolt.cases.sensitivity import Points, Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas

    from kelvolt.cases.case import Case

_HEAD = re.compile(r"^(?P<path>[^()]+?)\s*(?:\((?P<unit>[^()]*(?:\([^()]*\))?[^()]*)\))?$")
_COLDEST = 200.0  # K: a temperature without a unit below it cannot be meant in kelvin


def table_of(telemetry: Any) -> pandas.DataFrame:
    import pandas

    if isinstance(telemetry, pandas.DataFrame):
        return telemetry
    if hasattr(telemetry, "to_dataframe"):
        return _of_xarray(telemetry)
    if isinstance(telemetry, Mapping):
        return pandas.DataFrame(dict(telemetry))
    if not isinstance(telemetry, str | PathLike):
        raise InputError(
            f"telemetry of type {type(telemetry).__name__} is not read; give a table or a CSV or Parquet file"
        )
    file = Path(telemetry)
    parquet = file.suffix in (".parquet", ".pq")
    if not parquet or file.exists():  # without pyarrow a Parquet file is refused in any case, existing or not
        files.existing(file)
    try:
        return pandas.read_parquet(file) if parquet else pandas.read_csv(file)
    except ImportError as error:
        raise FileError(
            f"{file}: reading Parquet needs pyarrow; install kelvolt[telemetry], or give a CSV file"
        ) from error
    except (OSError, ValueError) as error:
        files.existing(file)
        raise FileError(f"{file}: {error}") from error


def _of_xarray(data: Any) -> pandas.DataFrame:
    """Variables along one dimension, with the coordinates that are paths: these often hold the values that were set."""
    import pandas

    if hasattr(data, "to_dataset"):
        if data.name is None:
            raise InputError("telemetry: a DataArray needs the path it was measured at as its name")
        data = data.to_dataset()
    if len(data.sizes) > 1:
        dims = ", ".join(map(str, data.sizes))
        raise InputError(f"telemetry has the dimensions {dims}; give one, along which the operating points lie")
    names = [*data.data_vars, *(c for c in data.coords if owner_of(_path(data[c])))]
    heads = {n: f"{_path(data[n])} ({u})" if (u := data[n].attrs.get("units")) else _path(data[n]) for n in names}
    rows = next(iter(data.sizes.values()), 1)
    return pandas.DataFrame({heads[n]: np.broadcast_to(data[n].values, rows) for n in names})


def _path(array: Any) -> str:
    """The path that an array of a Dataset is of: its attribute `path`, as sweeps give it, else its name."""
    return str(array.attrs.get("path", array.name))


def _refuse_bare_temperatures(path: str, numbers: Floats, strict: bool) -> None:
    """A file never says by itself that it means kelvin; numbers from Python are SI, unless no coolant is as cold."""
    cold = numbers[np.isfinite(numbers) & (numbers < _COLDEST)]
    if strict or len(cold):
        seen = f", and {cold[0]:g} K would be {cold[0] - 273.15:.4g} degC" if len(cold) else ""
        raise InputError(
            f"{path}: the column of temperatures has no unit{seen}; write '{path} (degC)' or '{path} (K)', of a "
            "Dataset attrs['units']"
        )


class Telemetry:
    """Measurements in SI: per row the values to set and the values to compare, and a solution to start from."""

    def __init__(
        self,
        case: Case,
        table: pandas.DataFrame,
        variables: Variables,
        weights: Mapping[str, float],
        accuracy: Mapping[str, str | float],
        strict: bool,
        solved: Callable[[], None],
    ) -> None:
        """weights, accuracy: by measured column, as of `calibrate`. strict: whether temperatures need a unit, as in
        files. solved: is told each solve."""
        self.set: dict[str, Floats] = {}
        self.compared_with: dict[str, Floats] = {}
        self.units: dict[str, str] = {}
        for head in table.columns:
            self._column(case, str(head), table[head], variables, strict)
        if not self.compared_with:
            raise InputError("no column of the telemetry is a value that is solved for; there is nothing to compare")
        for name, given in (("weights", weights), ("accuracy", accuracy)):
            if unknown := set(given) - set(self.compared_with):
                raise InputError(f"{name} of {', '.join(sorted(unknown))}: there is no such measured column")
        if both := set(weights) & set(accuracy):
            raise InputError(f"{', '.join(sorted(both))}: give its weight or its accuracy, not both")
        known = {p: 1.0 / self._deviation(p, accuracy[p]) for p in accuracy} | dict(weights)
        self.weights = {p: float(known.get(p, self._usual(p))) for p in self.compared_with}
        self.all_known = set(accuracy) == set(self.compared_with)
        self.measured = np.array(list(self.compared_with.values())).T  # [rows, columns]
        self.there = np.isfinite(self.measured)
        self.count = int(self.there.sum())
        self._points = [Points(self._at_row(case, k), variables, solved) for k in range(len(table))]
        self._last: tuple[Floats, tuple[Floats, Floats]] | None = None

    def _column(self, case: Case, head: str, column: pandas.Series, variables: Variables, strict: bool) -> None:
        found = _HEAD.match(head) if len(head) <= LONGEST_HEADING else None
        path = (found["path"] if found else head).strip()
        values = case.core.find(path_of(path))
        if values.kind(0) not in ("parameter", "flow") and len(values) != 1:
            raise InputError(f"{path} names {len(values)} values; a measured column is of one")
        if values.kind(0) == "flow":
            raise InputError(
                f"{path}: gradients are of unknowns, node values and outputs; use the component's own flow"
            )
        try:
            numbers = np.asarray(column, dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{path}: the column holds something that is no number") from None
        declared = values.unit(0)
        if not (found and found["unit"]) and declared == "K":
            _refuse_bare_temperatures(path, numbers, strict)
        if found and found["unit"]:
            zero, thousand = (_core.to_si(f"{x} {found['unit']}", declared) for x in (0, 1000))
            numbers = zero + numbers * ((thousand - zero) / 1000.0)  # every unit converts linearly, with an offset
        if values.kind(0) == "parameter":
            if set(values.paths) & set(variables.position):
                raise InputError(f"{path} is both measured and varied")
            if not np.isfinite(numbers).all():
                raise InputError(f"{path}: a parameter that is set has an empty cell")
            self.set[path] = numbers
        else:
            self.compared_with[path] = numbers
            self.units[path] = declared

    def _usual(self, path: str) -> float:
        if self.units[path] in ("K", "delta_K") or np.isnan(self.compared_with[path]).all():
            return 1.0
        return 1.0 / max(float(np.nanmean(np.abs(self.compared_with[path]))), 1e-300)

    def _deviation(self, path: str, accuracy: str | float) -> float:
        """The standard deviation of a column [SI] from its accuracy, in a unit or in % of the column's mean size."""
        about = f"accuracy of {path}"
        if isinstance(accuracy, str) and accuracy.strip().endswith("%"):
            mean = float(np.nanmean(np.abs(self.compared_with[path])))
            if self.units[path] == "K":
                raise InputError(f"{about}: a temperature has no percentage; write it in K, such as '0.3 K'")
            deviation = si(accuracy, "1", about) * mean
        else:
            deviation = si(accuracy, difference(self.units[path]), about)
        if not 0.0 < deviation < np.inf:
            raise InputError(f"{about}: {accuracy!r} is not above zero")
        return deviation

    def _at_row(self, case: Case, k: int) -> Case:
        return case.copy().update({p: float(column[k]) for p, column in self.set.items()})

    def residuals(self, x: Floats) -> tuple[Floats, Floats]:
        """Weighted differences (solved - measured) [values] with their derivatives [values, parameters]."""
        if self._last is not None and np.array_equal(self._last[0], x):
            return self._last[1]
        weights = np.array(list(self.weights.values()))
        rows, slopes = [], []
        for k, points in enumerate(self._points):
            got = points.values(x, list(self.compared_with))
            there = self.there[k]
            value, by = np.array([g.value[0] for g in got]), np.array([g.by[0] for g in got])
            rows.append((weights * (value - self.measured[k]))[there])
            slopes.append((weights[:, None] * by)[there])
        self._last = (np.array(x), (np.concatenate(rows), np.concatenate(slopes)))
        return self._last[1]

    def compared(self, x: Floats) -> pandas.DataFrame:
        import pandas

        rows, weighted = [], iter(self.residuals(x)[0])
        for k, points in enumerate(self._points):
            got = points.values(x, list(self.compared_with))
            for c, path in enumerate(self.compared_with):
                if self.there[k, c]:
                    measured, solved = float(self.measured[k, c]), float(got[c].value[0])
                    unit = si_unit(self.units[path])
                    rows.append((k, path, unit, measured, solved, solved - measured, float(next(weighted))))
        columns = ["row", "quantity", "unit", "measured", "solved", "residual", "weighted"]
        return pandas.DataFrame(rows, columns=columns)
