"""Gradients of runs in time, by the discrete adjoint of the integrator's own steps.

The run is integrated again, with steps that also resolve the response to a small change, and then backwards with one
factorisation per step, for any number of parameters. Scheduled events keep their times; the time of a switch that acts
on a threshold depends on the parameters, and so does the steady initial state. Where a profile or event replaces a
parameter, the derivative includes only the effect that the parameter's own value still has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.expressions import expression_in
from kelvolt.base.values import Floats, path_of, pick
from kelvolt.cases.knobs import parameters_of
from kelvolt.cases.sensitivity import shaped

if TYPE_CHECKING:
    from kelvolt.cases.run import Run

KINDS = ("end", "integral", "mean", "soft_max")
RESOLUTION = 1e-3  # relative error allowed in the integration of a small change
_COARSE = 1e-2
_COARSER = 4.0  # tolerance of the second run, from which the error is estimated, over that of the first


@dataclass(frozen=True)
class TimeGradient:
    """A derivative of a result of a run, SI. NumPy takes it as its `gradient`, and so does `float()` for one number."""

    of: str
    wrt: str
    kind: str
    value: float | Floats
    """What is differentiated: at the end, integral (value times s), mean or soft maximum."""
    gradient: float | Floats
    error: float | Floats | None
    """Difference from the gradient of a coarser run, as an estimate of the error; None when not asked for."""
    steps: int
    """Steps of the run that was integrated again."""
    cost: float
    """Computing time over that of the original run, without the coarser run."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
        return np.array(self.gradient, dtype=dtype)

    def __float__(self) -> float:
        return float(self.gradient)

    def __repr__(self) -> str:
        head = f"d({self.kind} of {self.of})/d({self.wrt})"
        error = "" if self.error is None else f", error about {np.max(np.abs(self.error)):.1g}"
        return f"{head} = {self.gradient}{error} ({self.steps} steps, {self.cost:.1f} times the run)"


def time_gradient(
    run: Run,
    of: str,
    wrt: str,
    kind: str = "end",
    *,
    width: str | float | None = None,
    estimate: bool = True,
    tolerance: float | None = None,
) -> TimeGradient:
    """See `Run.gradient`. `tolerance`: of the repeated integration, where that of the run is not fine enough.

    Raises InputError for an unknown kind or path and for a soft maximum without width, and NoGradient.
    """
    if kind not in KINDS:
        raise InputError(f"kind '{kind}' is none of {', '.join(KINDS)}")
    core = run._core
    if expression_in(path_of(of), core) is not None:
        raise InputError(
            f"'{of}': a gradient of a run is that of one value or pattern, not of an expression; ask for each of its "
            "values, or for the gradient of a steady state, run.end.gradient"
        )
    values, turned = core.find(path_of(of)), parameters_of(core, path_of(wrt))
    if kind == "soft_max" and width is None:
        raise InputError(f"a soft maximum of {of} needs a width, in {values.unit(0)}: the larger, the softer")
    w = 0.0 if width is None else _size(width, values.unit(0))
    fine = _core.time_gradients(run.raw, values, turned.found, kind, w, tolerance, RESOLUTION)
    gradient = shaped(np.asarray(fine["gradient"]), of, wrt, values, turned)
    error = None
    if estimate:
        loose = _COARSER * (tolerance or run.raw.tolerance)
        coarse = _core.time_gradients(run.raw, values, turned.found, kind, w, loose, _COARSE)
        error = np.abs(shaped(np.asarray(coarse["gradient"]), of, wrt, values, turned) - gradient)
    return TimeGradient(
        of=of,
        wrt=wrt,
        kind=kind,
        value=pick(values, of, np.asarray(fine["value"]), None),
        gradient=gradient,
        error=error if error is None or np.ndim(error) else float(error),
        steps=fine["steps"],
        cost=fine["seconds"] / max(run.seconds, 1e-9),
    )


def _size(width: str | float, unit: str) -> float:
    """A width in SI; for a temperature it is a temperature difference."""
    if not isinstance(width, str):
        return float(width)
    return _core.to_si(width, "delta_K" if unit == "K" else unit)
