"""The printed summary for a thermal engineer, in the units of the site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base import screen
from kelvolt.base.errors import printable
from kelvolt.base.groups import grouped
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference
from kelvolt.reports.assumed import assumptions
from kelvolt.reports.binding import binding_lines, open_limits, open_names, verdict_text
from kelvolt.reports.warned import replaced_lines, warning_lines

if TYPE_CHECKING:
    from kelvolt.cases.branches import Branch
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

MOST_FLOWS = 20  # rows of the table of flows
_MOST_BRANCHES = 40  # rows of the table of branches
_LONGEST = 12  # rows of events, assumptions and verdicts; JSON output has all


def summary(
    core: _core.Case, solution: Solution, run: Run | None = None, units: str = "si", *, every: bool = False
) -> str:
    """All parts that apply: verdict, loops, branches, pumps, limits, heat, then events, assumptions and warnings.

    every: all rows of every table; without it the longest tables are cut, and say so.
    """
    u = Units(units)
    most = None if every else _LONGEST
    parts = [
        _head(core, solution, run, u),
        _section("Loops", loop_table(solution, u).text("  ")),
        _branches(solution, u, every),
        _section("Pumps", pump_table(solution, u).text("  ")) if solution.plant.pumps else "",
        _section("Heat", _heat(solution, u, run)),
        _section("Limits, tightest first", verdict_table(solution, u, most).text("  ") + _not_assessed(solution)),
        _own_checks(solution, u, "  "),
        _section("Events", _events(run, every)) if run is not None else "",
        _section("Warnings", _warnings(core, solution, u, every)) if solution.warnings or core.notes else "",
        _section("Assumed values", assumptions(core, u)) if core.assumptions else "",
        _section("Values with a stated range", assumptions(core, u, stated=True)) if core.tolerances else "",
    ]
    return printable("\n\n".join(p for p in parts if p))


def _section(title: str, body: str) -> str:
    return f"{title}\n{body}"


def _head(core: _core.Case, solution: Solution, run: Run | None, u: Units) -> str:
    raw = solution.raw
    broken = [v for v in raw.verdicts if v.verdict == "broken"]
    lines = [core.title or core.file or "case", f"  limits: {solution.whole.text()}"]
    if solution.plant.is_electric:
        lines.append("  not judged here: the list of checks of a power network and its failures (kelvolt check)")
    if broken:
        named = "; ".join(f"{v.id} of {v.element}" for v in broken[:5])
        lines.append(screen.wrapped(f"broken: {named}{_more(len(broken), 5)}", "  "))
    lines += binding_lines(solution, u, run is not None)
    lines += replaced_lines(solution, u)
    if run is None:
        many = "" if raw.newton_iterations == 1 else "s"
        effort = f"{raw.newton_iterations} Newton iteration{many}, {1e3 * raw.seconds:.1f} ms"
        lines.append(f"  steady state at {load_text(core.steady_at)}; {raw.unknowns} unknowns, {effort}")
    else:
        effort = f", {run.steps} steps, {run.raw.seconds:.2f} s of computing" if run.steps else ""
        lines.append(screen.wrapped(f"{run_text(run)}; {raw.unknowns} unknowns{effort}", "  "))
        lines += start_lines(core)
        lines.append("  tables show the end of the run; limits and warnings are the worst of the whole run")
    return "\n".join(lines)


def run_text(run: Run) -> str:
    """How far a run came, and why it ended where that is before its time."""
    reach = f"{run.time[-1]:g} s" if len(run.time) else "0 s"
    if not run.failed:
        return f"run of {reach}, {run.status}"
    return f"the run ended at {reach} of {run.raw.duration:g} s: {run.status.removeprefix('failed: ')}"


def load_text(load: str) -> str:
    """At which load a steady state is: nominal, mean, or a time of the profiles."""
    return f"{load} load" if load in ("nominal", "mean") else f"the load of the profiles at {load}"


def start_lines(core: _core.Case) -> list[str]:
    """The load of the steady state from which a run began, where it began from one."""
    return [f"  the run began from the steady state at {load_text(core.start_at)}"] if core.start_at else []


def _more(count: int, shown: int) -> str:
    return f"; and {count - shown} more" if count > shown else ""


# ---- tables ----


def loop_table(solution: Solution, u: Units) -> Table:
    return circuit_table_of(solution.plant.circuits, u)


def circuit_table_of(circuits: Sequence[_core.Circuit], u: Units) -> Table:
    """Circuits with coolant, content, flow, pressure difference and temperatures."""
    head = [
        "circuit of",
        "coolant",
        u.head("volume", "m3") if u.unit("m3") != "m3" else "volume (L)",
        u.head("stores", "J/K"),
        u.head("flow", "m3/s"),
        u.head("dp", "Pa"),
        u.head("coldest", "K"),
        u.head("hottest", "K"),
        u.head("approach", "delta_K"),
    ]

    def volume(V: float) -> str:
        return u.number(V, "m3", 3) if u.unit("m3") != "m3" else plain(1e3 * V, 3)

    rows = [
        [
            c.name,
            c.medium,
            volume(c.volume),
            u.number(c.capacity, "J/K", 3),
            u.number(_settled(c.V_flow), "m3/s"),
            u.number(c.dp, "Pa"),
            u.number(c.T_low, "K"),
            u.number(c.T_high, "K"),
            u.number(c.approach, "delta_K", 3),
        ]
        for c in circuits
    ]
    return Table(head, rows, left={1})


def _branch_title(solution: Solution) -> str:
    count = len(solution.branch_list())
    return f"Branches, worst first ({count})" if count else "Branches"


def _branches(solution: Solution, u: Units, every: bool) -> str:
    """Branches, or for a network without any the flow through each element; `every`: both."""
    count = len(solution.plant.passages)
    parts = []
    if solution.branch_list() or not count:
        longest = None if every else _MOST_BRANCHES
        parts.append(_section(_branch_title(solution), branch_table(solution, u, longest).text("  ")))
    if count and (every or not solution.branch_list()):
        longest = count if every else MOST_FLOWS
        shown = f" ({longest} of {count})" if count > longest else ""
        parts.append(_section(f"Flow, largest pressure drop first{shown}", flow_table(solution, u, longest).text("  ")))
    return "\n\n".join(parts)


def flow_table(solution: Solution, u: Units, longest: int | None = MOST_FLOWS, *, alike: bool = False) -> Table:
    """Flow through each element, with the pressures at its two ends; `alike`: those of an array as one row, the one
    with the largest pressure drop, with their count."""
    groups = grouped(solution.plant.passages, lambda x: x.path, every=not alike)[:longest]
    rows = [
        [
            x.path,
            *([str(len(g.members))] if alike else []),
            u.number(_settled(x.V_flow), "m3/s"),
            u.number(x.dp, "Pa"),
            u.number(x.velocity, "m/s", 3),
            u.number(x.p_in, "Pa_abs", 5),
            u.number(x.p_out, "Pa_abs", 5),
        ]
        for g in groups
        for x in [g.worst]
    ]
    head = ["component", *(["of"] if alike else []), u.head("flow", "m3/s"), u.head("dp", "Pa")]
    return Table([*head, u.head("velocity", "m/s"), u.head("p in", "Pa_abs"), u.head("p out", "Pa_abs")], rows)


def branch_table(solution: Solution, u: Units, longest: int | None = None) -> Table:
    """Branches worst first; columns without any value are left out."""
    return branch_table_of(solution.branch_list()[:longest], u, in_time=solution.over_run)


def branch_table_of(branches: Sequence[Branch], u: Units, *, in_time: bool = False) -> Table:
    """These branches as a table; columns without any value are left out. in_time: the margins are the smallest of a
    run, each with its time, all other values are those of its end."""
    columns = [
        ("flow", "V_flow", "m3/s", 4),
        ("dp", "dp", "Pa", 4),
        ("heat", "heat", "W", 4),
        ("T in", "T_in", "K", 4),
        ("T out", "T_out", "K", 4),
        ("die", "T_die", "K", 4),
        ("case", "T_case", "K", 4),
    ]
    kept = [c for c in columns if any(math.isfinite(getattr(b, c[1])) for b in branches)]
    rows = [
        [
            b.branch,
            *(u.number(getattr(b, name), unit, digits) for _, name, unit, digits in kept),
            u.text(b.margin, difference(b.margin_unit), 3),
            *([plain(b.margin_time, 4) if math.isfinite(b.margin) else "-"] if in_time else []),
            b.limit + ("" if b.verdict != "broken" else "  BROKEN"),
        ]
        for b in branches
    ]
    head = ["branch", *(u.head(n, unit) for n, _, unit, _ in kept), *margin_heads(in_time), "to limit"]
    return Table(head, rows, left={len(head) - 1})


def margin_heads(in_time: bool) -> list[str]:
    """Headings of the margin of a branch: that of a run is the smallest at any time."""
    return ["smallest margin", "at (s)"] if in_time else ["margin"]


def pump_table(solution: Solution, u: Units) -> Table:
    return pump_table_of(solution.plant.pumps, u)


def pump_table_of(pumps: Sequence[_core.Pump], u: Units) -> Table:
    """Pumps with state, speed, operating point, power and efficiency."""
    head = ["pump", "state", "speed (%)", u.head("flow", "m3/s"), u.head("dp", "Pa"), "power (W)", "efficiency (%)"]
    rows = [
        [
            p.path,
            p.state,
            plain(100.0 * p.speed, 3) if turns else "0",
            u.number(_settled(p.V_flow), "m3/s"),
            u.number(p.dp, "Pa"),
            plain(p.P_el, 4) if turns else "0",
            plain(100.0 * p.efficiency, 3) if turns else "-",
        ]
        for p in pumps
        for turns in [p.on or p.speed > 0.01]  # flow and pressure of a stopped pump are rounding noise
    ]
    return Table(head, rows)


def _settled(V_flow: float) -> float:
    """The flow [m3/s], or zero where it is only rounding noise of a flow at rest."""
    return 0.0 if abs(V_flow) < 1e-12 else V_flow


def _own_checks(solution: Solution, u: Units, indent: str = "") -> str:
    """The balances by which the solver checks its own state, apart from the limits of the plant."""
    table = verdict_table(solution, u, None, own=True)
    if not table.rows:
        return ""
    told = "They tell whether the solution can be trusted, and are no limits of the plant."
    return _section("Checks of the solver itself", f"{screen.wrapped(told, indent)}\n{table.text(indent)}")


def verdict_table(solution: Solution, u: Units, longest: int | None = _LONGEST, *, own: bool = False) -> Table:
    """One row per limit with its tightest element and the number of elements it applies to.

    own: the balances by which the solver checks itself instead, broken ones of which are among the limits, too.
    """
    rows: list[list[str]] = []
    seen: dict[str, int] = {}
    for v in solution.raw.verdicts:
        if v.verdict == "not assessed" or (not v.is_balance if own else v.is_balance and v.verdict != "broken"):
            continue
        seen[v.id] = seen.get(v.id, 0) + 1
        if seen[v.id] > 1 or (longest and len(rows) >= longest):
            continue
        sign = "<=" if v.at_most else ">="
        rows.append(
            [
                v.id,
                v.element,
                u.text(v.value, v.unit),
                f"{sign} {u.text(v.limit, v.unit)}",
                u.text(v.margin, difference(v.unit), 3),
                verdict_text(solution, v),
                v.basis,
            ]
        )
    for row in rows:
        if seen[row[0]] > 1:
            row[1] += f" (tightest of {seen[row[0]]})"
    return Table(["limit", "element", "value", "allowed", "margin", "verdict", "basis"], rows)


def _not_assessed(solution: Solution) -> str:
    reasons: dict[str, list[tuple[str, str, str]]] = {}
    for row in open_limits(solution):
        reasons.setdefault(row[2], []).append(row)
    lines = (f"not assessed, {reason}: {open_names(rows)}" for reason, rows in sorted(reasons.items()))
    return "".join("\n" + screen.wrapped(line, "  ") for line in lines)


# ---- text ----


def _heat(solution: Solution, u: Units, run: Run | None) -> str:
    a = solution.audit
    rows = heat_rows(solution, run is not None)
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name.ljust(width)}  {u.text(watts, 'W', 5).rjust(12)}" for name, watts in rows]
    if run is not None and run.failed:
        lines.append("  audit: not made, the run ended before its time")
    else:
        lines.append(
            f"  audit: energy {a.energy_relative:.1e}, mass {a.mass_relative:.1e} of what crosses the boundary"
        )
    lines.append(f"  second law: {second_law(solution, u)}")
    return "\n".join(lines)


def heat_rows(solution: Solution, in_time: bool) -> list[tuple[str, float]]:
    """Heat [W] from its sources, into and out of the coolant, and directly to the air; rounding noise is zero."""
    b = solution.plant.balance
    rows = [
        ("from chips, trays, heaters, mains", b.sources),
        ("pumps, electric", b.pumps),
        ("to the coolant", b.into_coolant),
        ("  of that from pumps", b.from_pumps),
        ("to the air, past the coolant", b.direct_to_air),
        ("out of the coolant by radiators, coolers, walls", b.from_liquid),
        ("out with coolant over the boundary", b.boundary),
    ]
    if in_time:
        rows.append(("still warming coolant and metal", b.sources + b.pumps - b.to_air - b.boundary))
        rows.append(("  of that chips and other parts, not coolant", stored_outside(b)))
    least = 1e-9 * max(abs(watts) for _, watts in rows)
    return [(name, watts if abs(watts) > max(least, 1e-9) else 0.0) for name, watts in rows]


def stored_outside(b: _core.Balance) -> float:
    """Heat [W] that parts other than coolant store: what enters, without what reaches the coolant or the air."""
    return b.sources + b.pumps - b.into_coolant - b.direct_to_air


def second_law(solution: Solution, u: Units) -> str:
    """The result of the entropy balance as text; for steady states only, since stored entropy is not followed."""
    produced = solution.raw.entropy_production
    if math.isnan(produced):
        return "not assessed in time, or nothing flows"
    broken = [v.element for v in solution.raw.verdicts if v.id == "second_law" and v.verdict == "broken"]
    return f"{plain(produced, 4)} W/K produced, " + (f"BROKEN at {broken[0]}" if broken else "nowhere destroyed")


def _events(run: Run | None, every: bool) -> str:
    if run is None or not run.events:
        return "  (none)"
    rows = [[f"{e.time:.3f}".rstrip("0").rstrip("."), e.component, e.text] for e in run.events]
    shown = rows if every or len(rows) <= 3 * _LONGEST else rows[: 3 * _LONGEST]
    return Table(["t (s)", "element", "event"], shown, left={1, 2}).text("  ") + _more(len(rows), len(shown))


def _warnings(core: _core.Case, solution: Solution, u: Units, every: bool) -> str:
    lines = warning_lines(core, solution, u)
    shown = [screen.wrapped(line, "  ") for line in (lines if every else lines[: 2 * _LONGEST])]
    if len(lines) > len(shown):
        shown.append(f"  and {len(lines) - len(shown)} more")
    return "\n".join(shown)


# ---- numbers for programs ----


def check_text(solution: Solution, u: Units) -> str:
    """Every limit with its tightest element, then the limits that were not assessed and why."""
    rows = [list(row) for row in open_limits(solution)]
    parts = [verdict_table(solution, u, longest=None).text()]
    if rows:
        parts.append(Table(["not assessed", "elements", "reason"], rows, left={2}).text())
    parts += [own] if (own := _own_checks(solution, u)) else []
    parts.append(solution.whole.text())
    return printable("\n\n".join(parts))
