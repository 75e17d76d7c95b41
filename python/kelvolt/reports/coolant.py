"""The coolant's part of the report page: schematic, circuits, branches, flows, pumps, the run over time, heat."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference
from kelvolt.plots.schematic import loop_schematic
from kelvolt.reports import summary
from kelvolt.reports.pieces import PAPER, counted, folded, kinds, picture, shortened, table_html
from kelvolt.reports.tables import end_of

if TYPE_CHECKING:
    from kelvolt.cases.branches import Branch
    from kelvolt.cases.solution import Solution
    from kelvolt.reports.answer import Answer

_KINDS = 10  # rows of a table of the first pages
WIDE = 900  # px of a drawing whose words are too small to read across an upright page
_HOT = ("T_out", "T_die", "T_case")  # values of a branch of which the highest is told with its place
_LONGEST = 400  # rows of a table of the appendix


def loop_part(answer: Answer, u: Units, units: str) -> str:
    solution, at = answer.solution, end_of(answer.run)
    drawing = loop_schematic(solution, units)
    if not drawing:
        return ""
    caption = (
        "Drawn from the network: pressure drop under each part, heat in bold, temperatures at the ends. "
        f"Shows the {at}."
    )
    size = re.search(r'viewBox="0 0 ([\d.]+)', drawing)
    wide = " wide" if size and float(size[1]) > WIDE else ""
    figure = f'<figure class="circuits{wide}">{drawing}<figcaption>{caption}</figcaption></figure>'
    table = _alike(summary.loop_table(solution, u))
    table, more = shortened(table, _KINDS, "circuits")
    return figure + table_html(table, "loop-table", "Coolant circuits, equal ones once", state=at) + more


def _alike(table: Table) -> Table:
    """Rows whose names differ in indices only and whose other cells agree are one row with their number."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for name, numbers in kinds(row[0] for row in table.rows).items():
        for k in numbers:
            groups.setdefault((name, *table.rows[k][1:]), []).append(k)
    rows = []
    for found in groups.values():
        first = table.rows[found[0]]
        many = f" and {len(found) - 1} alike" if len(found) > 1 else ""
        rows.append([first[0] + many, *first[1:]])
    return Table(table.head, rows, table.left)


def kinds_part(answer: Answer, u: Units) -> str:
    """Branches and pumps that differ in indices only as one row each, with their number and the worst of them."""
    at = end_of(answer.run)
    branches = branch_kinds(answer.solution, u)
    parts = []
    if branches.rows:
        shown, more = shortened(branches, _KINDS, "kinds of branches")
        caption = (
            "Parallel branches: one row a kind, with the values of the worst, and in brackets those of its kind from "
            "the lowest to the highest"
        )
        parts.append(table_html(shown, "branch-kind-table", caption, state=at, broken="BROKEN") + more)
    pumps = summary.pump_table(answer.solution, u)
    if pumps.rows:
        shown, more = shortened(_alike(pumps), _KINDS, "pumps")
        parts.append(table_html(shown, "pump-kind-table", "Pumps, equal ones once", state=at) + more)
    return "".join(parts)


def branch_kinds(solution: Solution, u: Units) -> Table:
    branches = solution.branch_list()  # worst first
    found = kinds(b.branch for b in branches)
    spread = [
        ("flow", "V_flow", "m3/s"),
        ("dp", "dp", "Pa"),
        ("heat", "heat", "W"),
        ("T out", "T_out", "K"),
        ("die", "T_die", "K"),
        ("case", "T_case", "K"),
    ]
    kept = [c for c in spread if any(getattr(b, c[1]) == getattr(b, c[1]) for b in branches)]
    rows = []
    for numbers in found.values():
        members = [branches[k] for k in numbers]
        worst = members[0]
        cells = [counted(worst.branch, len(members))]
        for _, name, unit in kept:
            values = [x for m in members if (x := getattr(m, name)) == x]
            cells.append(u.number(getattr(worst, name), unit) if values else "-")
            low, high = (u.number(f(values), unit) if values else "-" for f in (min, max))
            if low != high:
                cells[-1] += f" ({low} to {high}{_whose(members, name, max(values)) if name in _HOT else ''})"
        verdict = "  BROKEN" if worst.verdict == "broken" else ""
        when = [plain(worst.margin_time, 4) if math.isfinite(worst.margin) else "-"] if solution.over_run else []
        margin = u.text(worst.margin, difference(worst.margin_unit), 3)
        rows.append([*cells, margin, *when, f"{worst.limit}{verdict}"])
    heads = summary.margin_heads(solution.over_run)
    head = ["branch", *(u.head(n, unit) for n, _, unit in kept), *heads, "to limit"]
    return _judged_first(Table(head, rows, set(range(1, len(head)))), len(heads) + 1)


def _whose(members: list[Branch], name: str, value: float) -> str:
    """At which branch a value is the highest, where that is not the worst one, whose row it is."""
    hottest = next(m for m in members if getattr(m, name) == value)
    return "" if getattr(members[0], name) == value else f" at {hottest.branch}"


def _judged_first(table: Table, count: int) -> Table:
    """The last columns, margin and limit, after the name, so that a narrow page shows them."""
    first = len(table.head) - count
    order = [0, *range(first, len(table.head)), *range(1, first)]
    rows = [[row[k] for k in order] for row in table.rows]
    return Table([table.head[k] for k in order], rows, {order.index(k) for k in table.left})


# ---- appendices ----


def branches_part(answer: Answer, u: Units) -> str:
    from kelvolt.plots.solutions import branch_flows

    table = _judged_first(summary.branch_table(answer.solution, u), 2)
    if not table.rows:
        return ""
    note = '<p class="note">A click on a heading sorts. Temperatures of chips are the hottest in the branch.</p>'
    bars = picture(branch_flows(answer.solution), "Flow of every branch", "flow of every branch")
    at = end_of(answer.run)
    caption = f"All {len(table.rows)} branches"
    shown = table_html(table, "branch-table", caption, state=at, sortable=True, broken="BROKEN", paper=2 * PAPER)
    return note + shown + bars


def flows_part(answer: Answer, u: Units) -> str:
    """Flow and pressure drop of every element that coolant flows through, largest pressure drop first."""
    count = len(answer.solution.plant.passages)
    if not count:
        return ""
    table = summary.flow_table(answer.solution, u, _LONGEST)
    many = f"the {_LONGEST} largest of {count}" if count > _LONGEST else f"all {count} elements"
    caption = f"Flow, largest pressure drop first: {many}"
    made = table_html(table, "flow-table", caption, state=end_of(answer.run), sortable=True, paper=PAPER)
    return made if count <= PAPER else folded(f"{len(table.rows)} elements", made)


def pumps_part(answer: Answer, u: Units) -> str:
    from kelvolt.plots.pumps import pump_curve

    if not answer.solution.plant.pumps:
        return ""
    start = answer.solution
    if answer.run is not None and answer.run.raw.start.verdicts:
        start = answer.run.start
    caption = "Pump and system: the system curve is solved at other speeds, everything else kept"
    caption += "." if answer.run is None else ", in the state the run began from."
    drawn = picture(pump_curve(answer.case, start), caption, "pump and system curve")
    table = summary.pump_table(answer.solution, u)
    return table_html(table, "pump-table", "Pumps", state=end_of(answer.run), paper=PAPER) + drawn


def time_part(answer: Answer) -> str:
    from kelvolt.plots.solutions import time_series

    run = answer.run
    if run is None:
        return ""
    names = {"temperatures": "Temperatures, with their limits", "flows": "Flows", "power": "Powers and heat flows"}
    pictures = [picture(f, names[n], n) for n, f in time_series(run).items()]
    rows = [[f"{e.time:.3f}".rstrip("0").rstrip("."), e.component, e.text] for e in run.events]
    if not rows:
        return "".join(pictures)
    table = Table(["t (s)", "element", "event"], rows, {1, 2})
    events = table_html(table, "events", "Events of the run", state=f"0 to {run.time[-1]:g} s", wrap={2}, paper=PAPER)
    return "".join(pictures) + (folded(f"{len(rows)} events", events) if len(rows) > 20 else events)


def heat_part(answer: Answer, u: Units) -> str:
    a = answer.solution.audit
    listed = summary.heat_rows(answer.solution, answer.run is not None)
    rows = [[name.replace("  ", "… "), u.text(watts, "W", 5)] for name, watts in listed]
    made = answer.run is None or not answer.run.failed
    for name, residual in (("energy", a.energy_relative), ("mass", a.mass_relative)):
        told = f"{residual:.1e}" if made else "not made, the run ended before its time"
        rows.append([f"{name} audit: residual over what crosses the boundary", told])
    rows.append(["second law", summary.second_law(answer.solution, u)])
    table = Table(["heat", "amount"], rows)
    return table_html(table, "heat-table", "Heat balance and audit", state=end_of(answer.run), right={1})
