"""Calibration: parameters of a case from measurements, by weighted least squares (scipy.optimize.least_squares).

Residuals have exact derivatives, by one transposed solve per measured value. Intervals follow from the curvature at the
optimum and the scatter of the residuals (Student's t), as in linear regression. They are valid where the solution is
nearly linear in the parameters over the interval.
"""

from __future__ import annotations

import re
import warnings as python_warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError, NoConvergence
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import owner_of
from kelvolt.base.tables import Table, html_of_parts, plain
from kelvolt.base.values import LONGEST_HEADING, Floats, path_of
from kelvolt.cases.sensitivity import Points, Variables
from kelvolt.cases.solution import si_unit

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case

_HEAD = re.compile(r"^(?P<path>[^()]+?)\s*(?:\((?P<unit>[^()]*(?:\([^()]*\))?[^()]*)\))?$")
_COLDEST = 200.0  # K: a temperature without a unit below it cannot be meant in kelvin
_SAME, _ALIKE = 1e-7, 0.98  # smallest singular value over the largest; correlation above which two act alike


class NotIdentifiable(UserWarning):
    """The measurements do not determine every parameter that is varied."""


@dataclass(frozen=True)
class Calibration:
    """The fitted parameters and their uncertainty; SI."""

    parameters: pandas.DataFrame  # parameter, unit, value, low, high (95 %), sd, start
    correlation: pandas.DataFrame  # [parameters, parameters]
    residuals: pandas.DataFrame  # row, quantity, unit, measured, solved, weighted
    scatter: float  # standard deviation of the weighted residuals; 1 where weights are 1/(standard deviation)
    warnings: list[str]
    case: Case  # with the parameters set
    evaluations: int

    def __repr__(self) -> str:
        lines = [self.parameters.to_string(index=False), f"scatter of the weighted residuals: {self.scatter:.4g}"]
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])

    def _repr_html_(self) -> str:
        table = self.parameters
        rows = [[plain(x, 5) if isinstance(x, float) else str(x) for x in row] for row in table.itertuples(index=False)]
        lines = [f"scatter of the weighted residuals: {self.scatter:.4g}", *(f"warning: {w}" for w in self.warnings)]
        fitted = Table([*map(str, table.columns)], rows)
        return html_of_parts([("Fitted parameters (SI)", fitted), ("", "\n".join(lines))])


def calibrate(
    case: Case,
    telemetry: Any,
    vary: Mapping[str, tuple[str | float, str | float]] | Sequence[str],
    weights: Mapping[str, float] | None = None,
) -> Calibration:
    """Fits parameters to steady measurements.

    telemetry: a table with one row per operating point: a DataFrame, a Dataset or DataArray of xarray with one
        dimension (units in `attrs`; coordinates that are paths count as columns), a mapping of columns, or a CSV or
        Parquet file (Parquet needs pyarrow: `pip install kelvolt[telemetry]`). A column is a path, with its unit in
        brackets unless it is SI: "gpu.T_case (degC)"; temperatures in a file always have theirs, and bare ones below
        200 K are refused. Columns that name parameters are set, row by row; the others are compared with the solution.
        Empty cells are left out.
    vary: paths or patterns (elements alike) with their bounds, a tuple (lowest, highest), or paths alone; the search
        begins at the case's values.
    weights: by column without its unit, one over the standard deviation of the measurement in SI; left out: 1/K for
        temperatures, one over the column's mean size for others. Only their ratios matter.
    Raises InputError for columns, bounds or lengths that do not fit, FileError for files, NoConvergence when the fit
    ends without an optimum; what `steady` raises. Warns NotIdentifiable when the measurements leave parameters open.
    """
    require_case("calibrate", case)
    if not len(vary):
        raise InputError("nothing is varied; give vary={path: (lowest, highest)} or a list of paths")
    table = _table(telemetry)
    variables = Variables(case, list(vary))
    data = _Telemetry(case, table, variables, weights or {}, isinstance(telemetry, str | PathLike))
    if data.count <= len(variables):
        raise InputError(f"{data.count} measured values cannot determine {len(variables)} parameters; more are needed")
    low, high = _bounds(variables, vary)
    start = variables.now(case)
    if ((start < low) | (start > high)).any():
        raise InputError(f"{variables.paths}: the case's values {start} lie outside their bounds {low} to {high}")
    return _fit(case, data, variables, start, low, high)


def _fit(case: Case, data: _Telemetry, variables: Variables, start: Floats, low: Floats, high: Floats) -> Calibration:
    from scipy.optimize import least_squares

    size = np.where(start != 0.0, np.abs(start), np.where(np.isfinite(high - low), high - low, 1.0))
    done = least_squares(
        lambda u: data.residuals(u * size)[0],
        start / size,
        lambda u: data.residuals(u * size)[1] * size,
        bounds=(low / size, high / size),
        x_scale="jac",
        xtol=1e-12,
        ftol=1e-14,
        gtol=1e-12,
    )
    if done.status <= 0:
        raise NoConvergence(f"the fit of {', '.join(variables.paths)} ended without an optimum: {done.message}")
    x = done.x * size
    residuals, slopes = data.residuals(x)
    covariance, scatter = _covariance(residuals, slopes * size)
    notes = _open_ends(variables, slopes * size, covariance, x, low, high)
    for note in notes:
        python_warnings.warn(note, NotIdentifiable, stacklevel=3)
    made = case.copy()
    variables.set(made, x)
    sd = np.sqrt(np.diag(covariance)) * size
    return Calibration(
        _parameters(variables, x, sd, start, len(residuals)),
        _correlation(variables, covariance),
        data.compared(x),
        scatter,
        notes,
        made,
        int(done.nfev),
    )


# ---- telemetry ----


def _table(telemetry: Any) -> pandas.DataFrame:
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
    names = [*data.data_vars, *(c for c in data.coords if owner_of(str(c)))]
    heads = {n: f"{n} ({data[n].attrs['units']})" if data[n].attrs.get("units") else str(n) for n in names}
    rows = next(iter(data.sizes.values()), 1)
    return pandas.DataFrame({heads[n]: np.broadcast_to(data[n].values, rows) for n in names})


def _refuse_bare_temperatures(path: str, numbers: Floats, strict: bool) -> None:
    """A file never says by itself that it means kelvin; numbers from Python are SI, unless no coolant is as cold."""
    cold = numbers[np.isfinite(numbers) & (numbers < _COLDEST)]
    if strict or len(cold):
        seen = f", and {cold[0]:g} K would be {cold[0] - 273.15:.4g} degC" if len(cold) else ""
        raise InputError(
            f"{path}: the column of temperatures has no unit{seen}; write '{path} (degC)' or '{path} (K)', of a "
            "Dataset attrs['units']"
        )


class _Telemetry:
    """Measurements in SI: per row the values to set and the values to compare, and a solution to start from."""

    def __init__(
        self, case: Case, table: pandas.DataFrame, variables: Variables, weights: Mapping[str, float], strict: bool
    ) -> None:
        self.set: dict[str, Floats] = {}
        self.compared_with: dict[str, Floats] = {}
        self.units: dict[str, str] = {}
        for head in table.columns:
            self._column(case, str(head), table[head], variables, strict)
        if not self.compared_with:
            raise InputError("no column of the telemetry is a value that is solved for; there is nothing to compare")
        unknown = set(weights) - set(self.compared_with)
        if unknown:
            raise InputError(f"weights of {', '.join(sorted(unknown))}: there is no such measured column")
        self.weights = {p: float(weights.get(p, self._usual(p))) for p in self.compared_with}
        self.measured = np.array(list(self.compared_with.values())).T  # [rows, columns]
        self.there = np.isfinite(self.measured)
        self.count = int(self.there.sum())
        self._points = [Points(self._at_row(case, k), variables) for k in range(len(table))]
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
                    rows.append((k, path, si_unit(self.units[path]), measured, solved, float(next(weighted))))
        return pandas.DataFrame(rows, columns=["row", "quantity", "unit", "measured", "solved", "weighted"])


# ---- statistics ----


def _bounds(variables: Variables, vary: Any) -> tuple[Floats, Floats]:
    if not isinstance(vary, Mapping):
        return np.full(len(variables), -np.inf), np.full(len(variables), np.inf)
    spans = []
    for k, (path, span) in enumerate(vary.items()):
        if not isinstance(span, tuple) or len(span) != 2:
            raise InputError(
                f"{path}: bounds are a range, the tuple (lowest, highest), not {span!r}; a list would be points"
            )
        spans.append([variables.si(k, v) for v in span])
        if not spans[-1][0] < spans[-1][1]:
            raise InputError(f"{path}: the lowest value {spans[-1][0]:g} is not below the highest {spans[-1][1]:g}")
    return np.array(spans).T[0], np.array(spans).T[1]


def _covariance(residuals: Floats, slopes: Floats) -> tuple[Floats, float]:
    """The covariance of the parameters, each over its size, and the scatter of the residuals.

    It is infinite along directions that the measurements do not determine.
    """
    variance = float(residuals @ residuals) / (len(residuals) - slopes.shape[1])
    _, s, v = np.linalg.svd(slopes, full_matrices=False)
    inverse = np.where(s > _SAME * max(s[0], 1e-300), 1.0 / np.maximum(s, 1e-300), 1e12)
    return variance * (v.T * inverse**2) @ v, float(np.sqrt(variance))


def _open_ends(
    variables: Variables, slopes: Floats, covariance: Floats, x: Floats, low: Floats, high: Floats
) -> list[str]:
    """Notes on what is not determined: directions without effect, pairs that act alike, bounds that were reached."""
    notes = []
    _, s, v = np.linalg.svd(slopes, full_matrices=False)
    for k in np.flatnonzero(s <= _SAME * max(s[0], 1e-300)):
        names = [p for p, share in zip(variables.paths, np.abs(v[k]), strict=True) if share > 0.1]
        notes.append(f"the measurements do not determine {', '.join(names)}: fix it, or measure what it affects")
    together = _correlation(variables, covariance).to_numpy()
    for i in range(len(x)):
        for j in range(i):
            if abs(together[i, j]) > _ALIKE and not notes:
                pair = f"{variables.paths[j]} and {variables.paths[i]}"
                notes.append(f"{pair} act alike here (correlation {together[i, j]:.4f}): fix one, or vary the load")
        if min(x[i] - low[i], high[i] - x[i]) <= 1e-6 * max(abs(x[i]), 1e-300):
            notes.append(f"{variables.paths[i]} ended at its bound; its interval means nothing there")
    return notes


def _parameters(variables: Variables, x: Floats, sd: Floats, start: Floats, count: int) -> pandas.DataFrame:
    import pandas
    from scipy.stats import t

    half = float(t.ppf(0.975, count - len(x))) * sd
    units = [si_unit(u) for u in variables.units]
    columns = ["parameter", "unit", "value", "low", "high", "sd", "start"]
    rows = zip(variables.paths, units, x, x - half, x + half, sd, start, strict=True)
    return pandas.DataFrame(rows, columns=columns)


def _correlation(variables: Variables, covariance: Floats) -> pandas.DataFrame:
    import pandas

    sd = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return pandas.DataFrame(covariance / np.outer(sd, sd), index=variables.paths, columns=variables.paths)
