"""Balancing parallel branches: restrictors are set so that each branch gets flow in proportion to its heat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.chained import Chained
from kelvolt.base.errors import InputError, NoConvergence
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import owner_of
from kelvolt.base.values import Floats, path_of
from kelvolt.cases.sensitivity import Points, Variables
from kelvolt.cases.solution import Solution

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Balance:
    """The settings of restrictors that share the flow as asked; SI."""

    table: pandas.DataFrame  # branch, setting, flow, flow before, share asked, share got
    spread: float  # (highest - lowest)/mean of flow over share asked
    spread_before: float
    case: Case  # with the restrictors set
    solution: Solution

    def __repr__(self) -> str:
        return f"spread {self.spread_before:.1%} before, {self.spread:.1%} now\n{self.table.to_string(index=False)}"


def balance(
    case: Case,
    adjust: str,
    flow: str,
    bounds: tuple[str | float, str | float],
    heat: str | Sequence[float] | None = None,
) -> Balance:
    """Sets restrictors so that flows are in proportion to heats, with the least resistance that the bounds allow.

    adjust: pattern of the restrictors' settings, one per branch, which grow with the opening, e.g. "valve[*].Kv".
    flow: pattern of the branches' flows in the same order, e.g. "valve[*].m_flow" [kg/s].
    bounds: range (lowest, highest) of the settings, SI or text with units. The branch with the least flow for its
        share ends at the highest.
    heat: the shares: a pattern ("gpu[*].power"), numbers, or None for equal flows.
    Solved with exact derivatives in the logarithm of the settings (scipy.optimize.least_squares).
    Raises InputError when lengths differ or a bound is wrong, NoConvergence when the bounds do not allow a balance
    within 0.1 %, and what `steady` raises.
    """
    import pandas

    require_case("balance", case)
    paths = case.core.find_parameters(path_of(adjust)).paths
    variables = Variables(case, paths)
    if not isinstance(bounds, tuple) or len(bounds) != 2:
        raise InputError(f"{adjust}: bounds are a range, the tuple (lowest, highest), not {bounds!r}")
    low, high = (variables.si(0, b) for b in bounds)
    if not 0.0 < low < high:
        raise InputError(f"{adjust}: bounds {low:g} to {high:g}; a setting lies between two values above zero")
    points = Points(case, variables)
    before = np.atleast_1d(np.asarray(case.steady()[flow])).reshape(-1)
    if before.size != len(paths) or len(paths) < 2:
        raise InputError(
            f"{adjust} names {len(paths)} settings and {flow} {before.size} flows; two or more pairs are needed"
        )
    share = _shares(points, np.full(len(paths), high), heat, len(paths))
    x = _balanced(points, flow, share, low, high)
    got = points.values(x, [flow])[0].value
    spread = _spread(got / share)
    if spread > 1e-3:
        tight = paths[int(np.argmin(got / share))]
        raise NoConvergence(
            f"{adjust}: between {low:g} and {high:g} the flows cannot follow the heat; a spread of {spread:.2%} "
            f"is left (worst: {tight}); widen the bounds"
        )
    made = case.copy()
    variables.set(made, x)
    table = pandas.DataFrame(
        {
            "branch": [owner_of(p) for p in paths],
            "setting": x,
            "flow": got,
            "flow_before": before,
            "share_asked": share,
            "share_got": got / got.sum(),
        }
    )
    return Balance(table, spread, _spread(before / share), made, points.solve(x))


def _shares(points: Points, x: Floats, heat: str | Sequence[float] | None, n: int) -> Floats:
    if heat is None:
        return np.full(n, 1.0 / n)
    values = points.values(x, [heat])[0].value if isinstance(heat, str) else np.asarray(heat, dtype=float)
    if values.shape != (n,) or not (values > 0.0).all():
        raise InputError(f"heat: {n} values above zero are needed, one per branch; there are {values.tolist()[:8]}")
    shares: Floats = values / values.sum()
    return shares


def _spread(x: Floats) -> float:
    return float((x.max() - x.min()) / x.mean())


def _balanced(points: Points, flow: str, share: Floats, low: float, high: float) -> Floats:
    """The balanced settings: the branch with least flow for its share stays wide open, the others are throttled."""
    x = np.full(len(share), high)
    widest = int(np.argmin(points.values(x, [flow])[0].value / share))
    for _ in range(len(share)):
        x = _throttled(points, flow, share, widest, low, high)
        if x.max() <= high * (1.0 + 1e-9):
            break
        widest = int(np.argmax(x))  # another branch needs more than the highest setting: leave that one open instead
    opened: Floats = np.clip(x, low, high)
    return opened


def _throttled(points: Points, flow: str, share: Floats, widest: int, low: float, high: float) -> Floats:
    from scipy.optimize import least_squares

    free = np.arange(len(share)) != widest

    def setting(u: Floats) -> Floats:
        x = np.full(len(share), high)
        x[free] = np.exp(u)
        return x

    def misses(u: Floats) -> Chained:
        f = points.values(setting(u), [flow])[0]
        rate = Chained(f.value / share, f.by / share[:, None])
        own = Chained(rate.value[[widest]], rate.by[[widest]])
        return Chained(rate.value[free], rate.by[free]) / own - 1.0

    start = np.full(free.sum(), np.log(0.8 * high + 0.2 * low))
    done = least_squares(
        lambda u: misses(u).value,
        start,
        lambda u: misses(u).by[:, free] * setting(u)[free],
        bounds=(np.log(low), np.log(high) + 1.0),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    return setting(done.x)
