"""Calibration: parameters of a case from measurements, by weighted least squares (scipy.optimize.least_squares).

Residuals have exact derivatives, by one transposed solve per measured value. Intervals follow from the curvature at the
optimum and the scatter of the residuals (Student's t), as in linear regression. They are valid where the solution is
nearly linear in the parameters over the interval.
"""

from __future__ import annotations

import warnings as python_warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError, NoConvergence
from kelvolt.base.kinds import require_case
from kelvolt.base.progress import Progress, solve_bar
from kelvolt.base.tables import Table, html_of_parts, plain
from kelvolt.base.values import Floats, path_of, si_unit
from kelvolt.cases.sensitivity import Points, Variables
from kelvolt.studies.telemetry import Telemetry, table_of

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case

_SAME, _ALIKE = 1e-7, 0.98  # smallest singular value over the largest; correlation above which two act alike


class NotIdentifiable(UserWarning):
    """The measurements do not determine every parameter that is varied."""


@dataclass(frozen=True)
class Calibration:
    """The fitted parameters and their uncertainty; SI."""

    parameters: pandas.DataFrame  # parameter, unit, value, low, high (95 %), sd, start
    correlation: pandas.DataFrame  # [parameters, parameters]
    residuals: pandas.DataFrame  # row, quantity, unit, measured, solved, residual (solved - measured), weighted
    scatter: float  # standard deviation of the weighted residuals; 1 where weights are 1/(standard deviation)
    warnings: list[str]
    case: Case  # with the parameters set
    evaluations: int
    derived: pandas.DataFrame  # quantity, unit, value, low, high (95 %), sd: results that were asked for with `also`

    @property
    def identifiability(self) -> pandas.DataFrame:
        """How well the measurements determine each parameter, and from which other one it is hardest to tell apart.

        Columns: parameter; width: half of the 95 % interval over the value; alike, correlation: the parameter of the
        largest correlation, and that; inflation: by how much the variance is larger than with all others known.
        """
        import pandas

        matrix = self.correlation.to_numpy()
        names = list(self.correlation.columns)
        inflation = np.diag(np.linalg.pinv(matrix, hermitian=True))
        rows = []
        for k, r in enumerate(self.parameters.itertuples()):
            others = np.where(np.arange(len(names)) == k, 0.0, np.abs(matrix[k]))
            j = int(np.argmax(others))
            alike, share = (names[j], float(matrix[k, j])) if len(names) > 1 else ("", 0.0)
            width = 0.5 * (r.high - r.low) / abs(r.value) if r.value else np.nan
            rows.append((r.parameter, width, alike, share, float(inflation[k])))
        return pandas.DataFrame(rows, columns=["parameter", "width", "alike", "correlation", "inflation"])

    def plot(self, title: str = "") -> Figure:
        """Modelled over measured values and their differences, a row for each unit; the title is by default the case's.

        A figure of matplotlib, see `kelvolt.plots.calibration_fit`."""
        from kelvolt.plots.calibration import calibration_fit

        return calibration_fit(self, title)

    def __repr__(self) -> str:
        lines = [self.parameters.to_string(index=False), f"scatter of the weighted residuals: {self.scatter:.4g}"]
        if len(self.derived):
            lines.insert(1, self.derived.to_string(index=False))
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
    *,
    accuracy: Mapping[str, str | float] | None = None,
    also: str | Sequence[str] = (),
    progress: Progress = None,
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
    accuracy: in place of weights, the standard uncertainty of the instrument by column: {"gpu.T_die": "0.3 K",
        "pump.m_flow": "2 %"}, a percentage being of the column's mean size. Where every column has one, a scatter of 1
        is expected, and one that chance does not explain is told in `warnings`: the model then misses something.
    also: results of the calibrated case whose values and intervals follow from those of the parameters, such as
        "exchanger.UA_nominal" where the rating of the exchanger is fitted; see `derived`.
    progress: as in `size`.
    Raises InputError for columns, bounds or lengths that do not fit, FileError for files, NoConvergence when the fit
    ends without an optimum; what `steady` raises. Warns NotIdentifiable when the measurements leave parameters open.

    >>> case = kv.load("single_loop")
    >>> measured = {
    ...     "speed.value": [0.6, 0.8, 1.0],
    ...     "gpu.T_die (degC)": [74.8, 73.6, 73.5],
    ...     "gpu.T_case (degC)": [61.1, 59.9, 59.8],
    ... }
    >>> accuracy = {"gpu.T_die": "0.3 K", "gpu.T_case": "0.3 K"}
    >>> fit = kv.calibrate(case, measured, {"gpu.R_jc": (0.004, 0.03)}, accuracy=accuracy)
    >>> fit.parameters["unit"].tolist()
    ['K/W']
    """
    require_case("calibrate", case)
    if not len(vary):
        raise InputError("nothing is varied; give vary={path: (lowest, highest)} or a list of paths")
    table = table_of(telemetry)
    variables = Variables(case, list(vary))
    with solve_bar(progress) as solved:
        from_file = isinstance(telemetry, str | PathLike)
        data = Telemetry(case, table, variables, weights or {}, accuracy or {}, from_file, solved)
        if data.count <= len(variables):
            raise InputError(
                f"{data.count} measured values cannot determine {len(variables)} parameters; more are needed"
            )
        low, high = _bounds(variables, vary)
        start = _start(case, variables, low, high)
        return _fit(case, data, variables, start, low, high, [also] if isinstance(also, str) else list(also))


def _start(case: Case, variables: Variables, low: Floats, high: Floats) -> Floats:
    """The values of the case, where the search begins. Raises InputError where one is missing or out of its bounds."""
    start = variables.now(case)
    for path, value, unit, least, most in zip(variables.paths, start, variables.units, low, high, strict=True):
        if np.isnan(value):
            raise InputError(
                f"{path} has no value in this case, so nothing depends on it: state it in the case (for a plate "
                "exchanger `by: UA` and `UA: 500 W/K`), or vary the rating that is used instead"
            )
        if not least <= value <= most:
            u = si_unit(unit)
            raise InputError(
                f"{path}: the case's value {value:g} {u} lies outside its bounds {least:g} to {most:g} {u}"
            )
    return start


def _fit(
    case: Case,
    data: Telemetry,
    variables: Variables,
    start: Floats,
    low: Floats,
    high: Floats,
    also: list[str],
) -> Calibration:
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
    if data.all_known:
        notes += _misfit(scatter, len(residuals) - len(x))
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
        _derived(made, variables, x, covariance * np.outer(size, size), len(residuals), also),
    )


def _misfit(scatter: float, freedom: int) -> list[str]:
    """A note where residuals are larger than the instruments' accuracy explains in 95 of 100 fits."""
    from scipy.stats import chi2

    most = float(np.sqrt(chi2.ppf(0.95, freedom) / freedom))
    if scatter <= most:
        return []
    return [
        f"residuals are {scatter:.2g} times the accuracy of the instruments, and chance explains {most:.2g}: the model "
        "misses something, a sensor reads wrong, or the accuracy is stated too well"
    ]


def _derived(
    case: Case, variables: Variables, x: Floats, covariance: Floats, count: int, also: list[str]
) -> pandas.DataFrame:
    """Results of the calibrated case, with the intervals that the covariance of the parameters gives them."""
    import pandas
    from scipy.stats import t

    points = Points(case, variables)
    half = float(t.ppf(0.975, count - len(x)))
    rows = []
    for path in also:
        found = case.core.find(path_of(path))
        if found.kind(0) == "parameter":
            raise InputError(f"also: {path} is a parameter; give a result, or vary it")
        one = points.values(x, [path])[0]
        for k, name in enumerate(found.paths):
            value, sd = float(one.value[k]), float(np.sqrt(max(one.by[k] @ covariance @ one.by[k], 0.0)))
            rows.append((name, si_unit(found.unit(k)), value, value - half * sd, value + half * sd, sd))
    return pandas.DataFrame(rows, columns=["quantity", "unit", "value", "low", "high", "sd"])


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
