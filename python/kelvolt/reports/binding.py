"""What binds: of each kind of verdict the five worst, equal elements counted once."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from kelvolt.base.tables import Table, Units
from kelvolt.base.values import difference
from kelvolt.power.check import line_table
from kelvolt.reports.pieces import counted

if TYPE_CHECKING:
    from kelvolt import _core
    from kelvolt.cases.solution import Solution
    from kelvolt.power.check import PowerCheck
    from kelvolt.power.lines import Line

WORST = 5  # rows of each kind


def sentence(solution: Solution, listed: PowerCheck | None, u: Units) -> str:
    """The worst limit with value, allowed value and margin, as a sentence; empty where nothing was assessed."""
    limits = worst_limits(solution)
    lines = worst_lines(listed) if listed is not None else []
    of_limit = _share(limits[0][0].margin, limits[0][0].limit) if limits else math.inf
    of_line = _share(lines[0].margin, lines[0].limit) if lines else math.inf
    if limits and (of_limit <= of_line or limits[0][0].verdict == "broken"):
        v, count = limits[0]
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


def worst_limits(solution: Solution) -> list[tuple[_core.Verdict, int]]:
    """The tightest verdict of each limit with the number of elements it applies to, worst first.

    Balances of the solver are left out while they close.
    """
    count: Counter[str] = Counter()
    first: dict[str, _core.Verdict] = {}
    for v in solution.raw.verdicts:  # worst first
        if v.verdict == "not assessed" or (v.is_balance and v.verdict != "broken"):
            continue
        count[v.id] += 1
        first.setdefault(v.id, v)
    return [(v, count[id]) for id, v in first.items()]


def worst_lines(listed: PowerCheck) -> list[Line]:
    """Lines of the list of checks that are held or broken: broken ones first, then by margin over limit."""
    judged = [x for x in listed.lines if x.verdict in ("broken", "held")]
    return sorted(judged, key=lambda x: (x.verdict != "broken", _share(x.margin, x.limit)))


def _share(margin: float, limit: float) -> float:
    if math.isnan(margin) or math.isnan(limit) or (limit == 0.0 and margin >= 0.0):  # a count of what must not be
        return math.inf
    return margin / max(abs(limit), 1e-12) if math.isfinite(limit) else margin


def limit_table(solution: Solution, u: Units, longest: int | None = WORST) -> Table:
    rows = []
    for v, count in worst_limits(solution)[:longest]:
        sign = "<=" if v.at_most else ">="
        verdict = v.verdict.upper() if v.verdict == "broken" else v.verdict
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
