"""Which assumed values move the margin of a limit most, each over its whole range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference
from kelvolt.base.verdicts import Key, assessed, verdict_of
from kelvolt.cases.solution import Solution, si_unit
from kelvolt.studies.assumed import Assumed, Ranged

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Influence:
    """One assumed value, and by how much its range changes the margin: at its low and at its high end; SI."""

    value: Ranged
    at_low: float
    at_high: float
    by: str  # "gradient" or "solved"

    @property
    def moves(self) -> float:
        """The span of the margin over the range."""
        found = [x for x in (self.at_low, self.at_high, 0.0) if math.isfinite(x)]
        return max(found) - min(found)

    def text(self, u: Units, unit: str) -> str:
        """ "pump.head factor 0.9 to 1.1 moves it by 0.8 K"."""
        v = self.value
        span = f"factor {plain(v.low, 3)} to {plain(v.high, 3)}" if v.curve else u.span(v.low, v.high, v.unit)
        return f"{v.name} {span} moves it by {u.text(self.moves, difference(unit), 2)}"


@dataclass(frozen=True)
class Influences:
    """What `kv.influences` returns: the limit with its margin, and the assumed values, that which moves it most first.

    limit, element, margin, unit: of the limit in the steady state; SI. `rows`: one for each assumed value that could be
    varied. `skipped`: names of assumed values without a range, or that were set, with the reason. `failed`: names of
    curves at an end of whose range the case has no steady state.
    """

    limit: str
    element: str
    margin: float
    unit: str
    rows: list[Influence]
    skipped: list[tuple[str, str]]
    failed: list[str]
    left_out: int = 0  # curves that were not solved, as `curves=False` asked

    @property
    def table(self) -> pandas.DataFrame:
        """Columns: name, unit, value, low, high, count (parameters or components), at_low and at_high (change of the
        margin at either end), moves (their span), by ("gradient" or "solved"), source; SI, the largest first."""
        import pandas

        columns = ["name", "unit", "value", "low", "high", "count", "at_low", "at_high", "moves", "by", "source"]
        rows = [
            [r.value.name, si_unit(r.value.unit), r.value.value, r.value.low, r.value.high, len(r.value.paths)]
            + [r.at_low, r.at_high, r.moves, r.by, r.value.source]
            for r in self.rows
        ]
        return pandas.DataFrame(rows, columns=columns)

    def lines(self, u: Units, most: int | None = None) -> list[str]:
        """One sentence for each of the first `most` values that move the margin by more than a millionth of it."""
        least = 1e-6 * abs(self.margin)
        moving = [r for r in self.rows if r.moves > max(least, 1e-300)]
        return [r.text(u, self.unit) for r in moving[:most]]

    def text(self, units: str = "si") -> str:
        """The limit and all that moves its margin; `units` is "si", "si-field" or "us"."""
        u = Units(units)
        rows = [
            [
                r.value.name,
                f"{plain(r.value.low, 3)} to {plain(r.value.high, 3)} times"
                if r.value.curve
                else u.span(r.value.low, r.value.high, r.value.unit),
                *(u.text(x, difference(self.unit), 3) for x in (r.at_low, r.at_high)),
                r.by,
            ]
            for r in self.rows
        ]
        head = f"Margin to {self.limit} of {self.element}: {u.text(self.margin, difference(self.unit), 3)}"
        return f"{head}\n" + Table(["value", "may be", "at its low end", "at its high end", "by"], rows, {1, 4}).text(
            "  "
        )

    def __repr__(self) -> str:
        return self.text()


def influences(
    case: Case, solution: Solution | None = None, limit: Key | None = None, *, curves: bool = True
) -> Influences | None:
    """The assumed values of a case by how far each moves the margin of one limit over its whole range.

    solution: the steady state, solved without it. limit: a key of `kelvolt.base.verdicts.assessed`; without it the
    binding limit, the tightest that was assessed. None where no limit was. A number counts by its gradient (the adjoint
    equation, exact at this state, times the range); a curve by solving at both ends of the range of its factor. All
    elements that hold one assumed value change together. curves: False leaves curves out, each of which takes two
    solves. Raises NoGradient or NoConvergence where the margin has no
    derivative, InputError for a limit that was not assessed, what `steady` raises.
    """
    require_case("influences", case)
    solution = solution or case.steady()
    verdicts = solution.raw.verdicts
    keys = {key: k for key, k in assessed(verdicts).items() if not verdicts[k].is_balance}
    if limit is not None and limit not in keys:
        raise InputError(f"influences: {limit[0]} of {limit[1]} was not assessed in this state")
    if not keys:
        return None
    key = limit if limit is not None else min(keys, key=lambda one: keys[one])
    v = verdicts[keys[key]]
    values, skipped = Assumed(case).values()
    rows = _by_gradient(case, solution, keys[key], [x for x in values if not x.curve])
    curved = [x for x in values if x.curve]
    solved, failed = _by_solving(case, solution, key, v.margin, curved if curves else [])
    rows = sorted([*rows, *solved], key=lambda r: -r.moves)
    left_out = 0 if curves else len(curved)
    return Influences(v.id, v.element, v.margin, v.unit, rows, skipped, failed, left_out)


def _by_gradient(case: Case, solution: Solution, number: int, values: list[Ranged]) -> list[Influence]:
    if not values:
        return []
    found = _core.number_parameters(case.core)
    slopes = np.asarray(_core.margin_gradients(solution.raw, [number], found))[0]
    slope = dict(zip(found.paths, slopes.tolist(), strict=True))
    rows = []
    for x in values:
        total = sum(slope[p] for p in x.paths)
        rows.append(Influence(x, total * (x.low - x.value), total * (x.high - x.value), "gradient"))
    return rows


def _by_solving(
    case: Case, solution: Solution, key: Key, margin: float, values: list[Ranged]
) -> tuple[list[Influence], list[str]]:
    """The margin at both ends of the range of each factor; at an end without a steady state it is not known."""
    if not values:
        return [], []
    factors = _core.CurveFactors(case.core)
    rows, failed = [], []
    for x in values:
        ends = []
        for factor in (x.low, x.high):
            for component in x.paths:
                factors.set(component, x.curve, factor)
            try:
                raw = factors.case.steady(solution.raw)
                v = verdict_of(raw.verdicts, key)
                ends.append(math.nan if v is None else v.margin - margin)
            except Error:
                ends.append(math.nan)
                failed.append(x.name)
        for component in x.paths:
            factors.set(component, x.curve, 1.0)
        rows.append(Influence(x, ends[0], ends[1], "solved"))
    return rows, list(dict.fromkeys(failed))
