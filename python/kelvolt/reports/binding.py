"""What is nearest to its limit or beyond it: of each kind of verdict the five worst, equal elements counted once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base import screen
from kelvolt.base.groups import Group, grouped
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference
from kelvolt.base.verdicts import BROKEN, NOT_ASSESSED
from kelvolt.power.check import line_table
from kelvolt.reports.pieces import counted

if TYPE_CHECKING:
    from kelvolt.cases.solution import Solution
    from kelvolt.power.check import PowerCheck
    from kelvolt.power.lines import Line

WORST = 5  # rows of each kind


def sentence(solution: Solution, listed: PowerCheck | None, u: Units) -> str:
    """The worst limit with value, allowed value and margin, as a sentence; empty where nothing was assessed."""
    limits = limit_kinds(solution)
    lines = worst_lines(listed) if listed is not None else []
    of_limit = limits[0].worst.closeness if limits else math.inf
    of_line = _of_line(lines[0]) if lines else math.inf
    if limits and (of_limit <= of_line or limits[0].worst.verdict == "broken"):
        v, count = limits[0].worst, len(limits[0].members)
        side = "at most" if v.at_most else "at least"
        value, allowed = u.text(v.value, v.unit), u.text(v.limit, v.unit)
        room = u.text(abs(v.margin), difference(v.unit), 3)
        told = f"{v.quantity} ({v.id}) of {counted(v.element, count)}: {value}, allowed {side} {allowed}"
        if v.verdict == "broken":
            return f"The worst limit is {told}: {room} beyond it."
        return f"Nearest to its limit is {told}: {room} of margin."
    if lines:
        row = line_table(lines[:1], u).rows[0]
        word = "The worst check is" if lines[0].verdict == "broken" else "Nearest to its limit is"
        place = f", at {row[3]}" if row[3] else ""
        return f"{word} \u201c{row[2]}\u201d{place}: {row[4]}, limit {row[5]}."
    return ""


def limits_that_count(solution: Solution) -> list[_core.Verdict]:
    """Limits that were assessed, broken ones first, then the tightest. A balance that does not close is one of them."""
    verdicts = (v for v in solution.raw.verdicts if v.verdict != NOT_ASSESSED)
    limits = [v for v in verdicts if v.verdict == BROKEN or not v.is_balance]
    return sorted(limits, key=lambda v: v.verdict != BROKEN)


def binding(solution: Solution) -> _core.Verdict | None:
    """The limit broken most, or the tightest that was assessed; None where none was."""
    return next(iter(limits_that_count(solution)), None)


def binding_lines(solution: Solution, u: Units, in_time: bool) -> list[str]:
    """The nearest limit with the room to it, or the one that is broken most."""
    v = binding(solution)
    if v is None:
        return []
    least = "at most" if v.at_most else "at least"
    share = f" ({plain(abs(v.margin / v.limit) * 100.0, 2)} %)" if _relative(v) else ""
    margin = u.text(abs(v.margin), difference(v.unit), 3)
    broken = v.verdict == BROKEN
    short = f"short by {margin}{share}" if broken else f"{margin}{share} to spare"
    when = f" at {plain(v.time, 4)} s" if in_time and math.isfinite(v.time) else ""
    head = "broken most" if broken else "nearest limit"
    text = f"{head}: {v.id} of {v.element}{when}: {u.text(v.value, v.unit)}, {least} {u.text(v.limit, v.unit)}"
    return [screen.wrapped(f"{text}: {short}", "  ")]


def _relative(v: _core.Verdict) -> bool:
    """Whether the margin as a share of the limit says something: not of a temperature, whose zero is a convention."""
    return v.limit != 0.0 and v.unit not in ("K", "degC", "1")


def limit_kinds(solution: Solution) -> list[Group[_core.Verdict]]:
    """The assessed limits, tightest first; those of a model are one kind whatever element they are of."""
    return grouped(limits_that_count(solution), lambda v: (v.id, v.element if v.from_case else ""))


def verdict_text(solution: Solution, v: _core.Verdict) -> str:
    """The verdict as a word; of a limit that a run breaks also when it was first broken and when it was worst."""
    if v.verdict != BROKEN:
        return v.verdict
    since = solution.since(v)
    if math.isnan(since):
        return BROKEN.upper()
    if since >= v.time:
        return f"{BROKEN.upper()} at {plain(v.time)} s"
    return f"{BROKEN.upper()} from {plain(since)} s, worst at {plain(v.time)} s"


_DEAD = "its bus is dead in this state"


def open_limits(solution: Solution) -> list[tuple[str, str, str]]:
    """The limits that were not assessed as (limit, elements, reason), one for each limit and reason.

    elements: how many, and of how many where the limit was assessed at others: "3 of 8".
    """
    count: Counter[tuple[str, str]] = Counter()
    every = Counter(v.id for v in solution.raw.verdicts)
    judged = {v.id for v in solution.raw.verdicts if v.verdict != "not assessed"}
    for v, reason in zip(solution.raw.verdicts, solution.reasons, strict=True):
        if v.verdict == NOT_ASSESSED:
            count[v.id, _DEAD if v.element in solution.plant.dead else reason] += 1
    found = sorted(count.items())
    return [(id, f"{n} of {every[id]}" if id in judged else str(n), reason) for (id, reason), n in found]


def open_names(found: Sequence[tuple[str, str, str]]) -> str:
    """The names of limits of `open_limits` with how many elements each: "pump_npsh, valve_dp (3 of 8)"."""
    return ", ".join(id if n == "1" else f"{id} ({n})" for id, n, _ in found)


def worst_lines(listed: PowerCheck) -> list[Line]:
    """Lines of the list of checks that are held or broken: broken ones first, then the tightest."""
    judged = [x for x in listed.lines if x.verdict in ("broken", "held")]
    return sorted(judged, key=lambda x: (x.verdict != "broken", _of_line(x)))


def _of_line(x: Line) -> float:
    return _core.closeness(x.margin, x.limit, x.unit)


def limit_table(solution: Solution, u: Units, longest: int | None = WORST) -> Table:
    rows = []
    for g in limit_kinds(solution)[:longest]:
        v, count = g.worst, len(g.members)
        sign = "<=" if v.at_most else ">="
        verdict = verdict_text(solution, v)
        value, limit = u.text(v.value, v.unit), f"{sign} {u.text(v.limit, v.unit)}"
        rows.append([v.id, counted(v.element, count), value, limit, u.text(v.margin, difference(v.unit), 3), verdict])
    return Table(["limit", "element", "value", "allowed", "margin", "verdict"], rows, {1, 2, 3, 4, 5})


def check_table(listed: PowerCheck, u: Units) -> Table:
    rows = []
    for x in worst_lines(listed)[:WORST]:
        _, check, quantity, element, value, limit, verdict = line_table([x], u).rows[0]
        rows.append([f"{x.item} {check}", quantity, element, value, limit, verdict.split(":")[0]])
    return Table(["check", "quantity", "element", "value", "limit", "verdict"], rows, {0, 1, 2, 3, 4, 5})


def contingency_table(listed: PowerCheck, u: Units) -> Table:
    """The worst failures; empty where none was studied or none is worse than the plan."""
    found = listed.contingencies
    if found is None:
        return Table(["contingency"], [])
    table = found.as_table(u, WORST, own_state=False)
    return Table(table.head, table.rows[: WORST + 1], table.left)


def ride_table(listed: PowerCheck, u: Units) -> Table:
    if listed.ride is None:
        return Table(["loss"], [])
    return listed.ride.as_table(u, WORST)
