"""Which assumed values move the margin of a limit most, each over its whole range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference, si_unit
from kelvolt.base.verdicts import Key, assessed, verdict_of
from kelvolt.cases.solution import Solution
from kelvolt.studies.assumed import STAND_IN, Assumed, Ranged

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


SOLVED, LINEAR = "solved", "linear"
# Solves of one ranking. Their cost is unknowns times solves: _WORK at most, _FREELY in any case. _FEWEST are always
# made (both ends of the value that moves the margin most), and otherwise those of _TOP values and of the curves. So a
# ranking takes a small part of the time of loading and solving; all other values are ranked by their gradients.
_WORK, _FREELY = 60_000, 10_000
_FEWEST, _TOP = 2, 6
_NAMED = 3  # limits that no value moves, by name in a sentence
_KINDS = 12  # limits that are looked at until one is found that an assumed value moves
Keys = dict[Key, int]


@dataclass(frozen=True)
class Influence:
    """One assumed value, and by how much its range changes the margin: at its low and at its high end; SI."""

    value: Ranged
    at_low: float
    at_high: float
    by: str  # "solved", or "linear": by the gradient at this state

    @property
    def moves(self) -> float:
        """The span of the margin over the range."""
        found = [x for x in (self.at_low, self.at_high, 0.0) if math.isfinite(x)]
        return max(found) - min(found)

    def text(self, u: Units, unit: str) -> str:
        """ "pump.head factor 0.9 to 1.1 moves it by 0.8 K"."""
        moves = u.text(self.moves, difference(unit), 2)
        linear = " (linear, not solved)" if self.by == LINEAR else ""
        default = " (default of the model)" if self.value.is_default else ""
        return f"{self.value.name} {self.span(u)}{default} moves it by {moves}{linear}"

    def span(self, u: Units) -> str:
        """The range as text: "25.0 to 80.0 kPa", of a curve "factor 0.9 to 1.1"."""
        v = self.value
        return f"factor {plain(v.low, 3)} to {plain(v.high, 3)}" if v.curve else u.span(v.low, v.high, v.unit)


@dataclass(frozen=True)
class Influences:
    """What `kv.influences` returns: the limit with its margin, and the assumed values, that which moves it most first.

    limit, element, margin, unit: of the limit in the steady state; SI. `rows`: one for each assumed value that could be
    varied. `skipped`: names of assumed values without a range, or that were set, with the reason. `failed`: names of
    values at an end of whose range the case has no steady state.
    """

    limit: str
    element: str
    margin: float
    unit: str
    rows: list[Influence]
    skipped: list[tuple[str, str]]
    failed: list[str]
    verdict: _core.Verdict  # the limit in the steady state
    left_out: int = 0  # curves that were not solved: as `curves=False` asked, or for want of time
    unmoved: tuple[str, ...] = ()  # tighter limits that no assumed value moves, "pump_speed of pump"

    @property
    def moving(self) -> list[Influence]:
        """The values that move the margin by more than a millionth of it."""
        return [r for r in self.rows if r.moves > _least(self.margin)]

    def note(self) -> str:
        """Which tighter limits no assumed value moves, and what is ranked instead; empty where there are none."""
        if not self.unmoved:
            return ""
        named, more = ", ".join(self.unmoved[:_NAMED]), len(self.unmoved) - _NAMED
        others = f" and {more} more tighter limits" if more > 0 else ""
        unknown = f" ({self.left_out} curves were not tried)" if self.left_out else ""
        return (
            f"no assumed value moves {named}{others}{unknown}; {self.limit} of {self.element} is the tightest limit "
            "that one moves"
        )

    def stand_in(self, most: int | None = None) -> str:
        """What stands in for ranges of defaults of models among the first `most` values; empty where there is none."""
        return STAND_IN if any(r.value.is_default for r in self.moving[:most]) else ""

    @property
    def table(self) -> pandas.DataFrame:
        """Columns: name, unit, value, low, high, count (parameters or components), at_low and at_high (change of the
        margin at either end), moves (their span), by ("solved" or "linear"), source; SI, the largest first."""
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
        return [r.text(u, self.unit) for r in self.moving[:most]]

    def text(self, units: str = "si") -> str:
        """The limit and all that moves its margin; `units` is "si", "si-field" or "us"."""
        u = Units(units)
        rows = [
            [
                r.value.name,
                r.span(u),
                *(u.text(x, difference(self.unit), 3) for x in (r.at_low, r.at_high)),
                r.by,
            ]
            for r in self.rows
        ]
        head = f"Margin to {self.limit} of {self.element}: {u.text(self.margin, difference(self.unit), 3)}"
        table = Table(["value", "may be", "at its low end", "at its high end", "by"], rows, {1, 4}).text("  ")
        note = f"\n({STAND_IN})" if any(r.value.is_default for r in self.rows) else ""
        return f"{head}\n{table}{note}"

    def __repr__(self) -> str:
        return self.text()


def influences(
    case: Case,
    solution: Solution | None = None,
    limit: Key | None = None,
    *,
    first: Key | None = None,
    curves: bool = True,
) -> Influences | None:
    """The assumed values of a case by how far each moves the margin of one limit over its whole range.

    solution: the steady state, solved without it. limit: a key of `kelvolt.base.verdicts.assessed`; without it the
    tightest limit that an assumed value moves, and `unmoved` names the tighter ones that none moves; `first` is a limit
    that is looked at before those. None where no limit was assessed.
    All elements of an assumed value change together. Defaults of models that no source gives are among the values; of
    these a quarter up and down, of a temperature 10 K, stands in for the range that nobody states.

    Values are first ordered by gradient times range (the adjoint equation, exact at this state). Then the case is
    solved anew at both ends of the range: of all curves, where they are few for the size of the case, and of the six
    values that move the margin most; of all values in a case of some hundred unknowns, of one value alone in one of ten
    thousand and more. So the ranking takes a small part of the time of loading and solving. `by` of a row is "solved",
    or "linear" where only the gradient is known; `left_out` counts the curves that were not solved. curves: False
    leaves all of them out. Raises NoGradient or NoConvergence where the margin has no derivative, InputError for a
    limit that was not assessed, what `steady` raises.
    """
    require_case("influences", case)
    solution = solution or case.steady()
    verdicts = solution.raw.verdicts
    keys = {key: k for key, k in assessed(verdicts).items() if not verdicts[k].is_balance}
    for asked in (limit, first):
        if asked is not None and asked not in keys:
            raise InputError(f"influences: {asked[0]} of {asked[1]} was not assessed in this state")
    if not keys:
        return None
    study = _Study(case, solution, keys, curves)
    wanted = [limit] if limit is not None else _kinds(keys, first)
    key, linear, unmoved = study.moved(wanted)
    return study.ranked(key, linear, unmoved)


def _kinds(keys: Keys, first: Key | None) -> list[Key]:
    """The tightest limit of each kind, tightest first, after the one that is asked for first."""
    kinds: dict[str, Key] = {} if first is None else {first[0]: first}
    for key in sorted(keys, key=keys.__getitem__):
        kinds.setdefault(key[0], key)
    return list(kinds.values())[:_KINDS]


def _least(margin: float) -> float:
    return max(1e-6 * abs(margin), 1e-300)


class _Study:
    """Gradients and solves at the ends of ranges, kept for every limit that is asked for."""

    def __init__(self, case: Case, solution: Solution, keys: Keys, curves: bool) -> None:
        self.case, self.solution, self.keys = case, solution, keys
        self._verdicts = solution.raw.verdicts  # a list that is made anew at each access
        values, self.skipped = Assumed(case).values()
        self.numbers = [x for x in values if not x.curve]
        self.curves = [x for x in values if x.curve]
        size = max(solution.raw.unknowns, 1)
        self.left = max(min(_WORK // size, max(_FREELY // size, 2 * (_TOP + len(self.curves) * curves))), _FEWEST)
        self.failed: list[str] = []
        self._ends: dict[str, list[list[_core.Verdict] | None]] = {}
        finds = [x.found for x in self.numbers if x.found is not None]
        self._parameters = _core.joined(finds)
        self._first = np.cumsum([0, *(len(f) for f in finds)])[:-1]  # the place of each value's first parameter
        if curves and 2 * len(self.curves) <= self.left - _FEWEST:
            factors = _core.CurveFactors(case.core) if self.curves else None
            for x in self.curves:
                assert factors is not None
                self._solve_curve(factors, x)

    def moved(self, wanted: list[Key]) -> tuple[Key, dict[str, Influence], tuple[str, ...]]:
        """The first limit that an assumed value moves with the linear effects on it, and those before it; the first of
        all where none is moved."""
        unmoved: list[str] = []
        first = None
        for key in wanted:
            linear = self._by_gradient(key)
            first = first or (key, linear)
            v = self._verdicts[self.keys[key]]
            rows = [*linear.values(), *(self._solved(x, key) for x in self.curves if x.name in self._ends)]
            if len(wanted) == 1 or any(r.moves > _least(v.margin) for r in rows):
                return key, linear, tuple(unmoved)
            unmoved.append(f"{v.id} of {v.element}")
        assert first is not None
        return *first, ()

    def ranked(self, key: Key, linear: dict[str, Influence], unmoved: tuple[str, ...]) -> Influences:
        """Solves the values with the largest linear effects, and ranks all of them."""
        for x in sorted(self.numbers, key=lambda x: -linear[x.name].moves):
            if self.left < _FEWEST:
                break
            self._solve_number(x)
        rows = [self._solved(x, key) if x.name in self._ends else linear[x.name] for x in self.numbers]
        curved = [x for x in self.curves if x.name in self._ends]
        rows += [self._solved(x, key) for x in curved]
        rows.sort(key=lambda r: -r.moves)
        v = self._verdicts[self.keys[key]]
        left_out = len(self.curves) - len(curved)
        failed = list(dict.fromkeys(self.failed))
        return Influences(v.id, v.element, v.margin, v.unit, rows, self.skipped, failed, v, left_out, unmoved)

    def _by_gradient(self, key: Key) -> dict[str, Influence]:
        if not self.numbers:
            return {}
        slopes = np.asarray(_core.margin_gradients(self.solution.raw, [self.keys[key]], self._parameters))[0]
        rows = {}
        for x, total in zip(self.numbers, np.add.reduceat(slopes, self._first).tolist(), strict=True):
            rows[x.name] = Influence(x, total * (x.low - x.value), total * (x.high - x.value), LINEAR)
        return rows

    def _solved(self, x: Ranged, key: Key) -> Influence:
        """The change of the margin at both ends of a range; at an end without a steady state it is not known."""
        now = self._verdicts[self.keys[key]].margin
        ends = []
        for verdicts in self._ends[x.name]:
            v = None if verdicts is None else verdict_of(verdicts, key)
            ends.append(math.nan if v is None else v.margin - now)
        return Influence(x, ends[0], ends[1], SOLVED)

    def _solve_number(self, x: Ranged) -> None:
        ends = []
        for end in (x.low, x.high):
            core = self.case.core.copy()
            ends.append(self._end(x, core, partial(_set, core, x, end)))
        if any(e is not None for e in ends):
            self._ends[x.name] = ends

    def _solve_curve(self, factors: _core.CurveFactors, x: Ranged) -> None:
        ends = []
        for factor in (x.low, x.high):
            ends.append(self._end(x, factors.case, partial(_turn, factors, x, factor)))
        _turn(factors, x, 1.0)
        self._ends[x.name] = ends

    def _end(self, x: Ranged, core: _core.Case, change: Callable[[], None]) -> list[_core.Verdict] | None:
        self.left -= 1
        try:
            change()
            return core.steady(self.solution.raw).verdicts
        except Error:
            self.failed.append(x.name)
            return None


def _set(core: _core.Case, x: Ranged, value: float) -> None:
    assert x.found is not None
    core.set_each(x.found, np.full(len(x.found), value))


def _turn(factors: _core.CurveFactors, x: Ranged, factor: float) -> None:
    for component in x.paths:
        factors.set(component, x.curve, factor)
