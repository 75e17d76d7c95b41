"""The numbers behind the charts of the page: branches, pump and system, a run in time; in the units shown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats, Group, difference
from kelvolt.cases.case import Case
from kelvolt.cases.run import Run
from kelvolt.cases.solution import Solution
from kelvolt.plots.pumps import own_curve, system_curve
from kelvolt.plots.solutions import FEW, event_texts, limit_lines, panels_of, required_flows

MOST_BRANCHES = 400  # bars
MOST_POINTS = 2000  # of a line over time
_PANELS = {"temperature": ("K", ("T",)), "flow": ("m3/s", ("V_flow",)), "power": ("W", ("P", "Q_flow"))}


def branches(solution: Solution, u: Units) -> list[dict[str, Any]]:
    """Parallel branches, worst first: flow and the flow that a limit requires, hottest die, smallest margin."""
    found = solution.branch_list()[:MOST_BRANCHES]
    required = required_flows(solution, found)
    rows = []
    for b in found if len(found) > 1 else []:
        rows.append(
            {
                "branch": b.branch,
                "flow": u.value(b.V_flow, "m3/s"),
                "text": u.text(b.V_flow, "m3/s"),
                "needs": u.value(required[b.branch], "m3/s") if b.branch in required else None,
                "die": u.text(b.T_die, "K"),
                "margin": u.text(b.margin, difference(b.margin_unit), 3),
                "limit": b.limit,
                "verdict": b.verdict,
            }
        )
    return rows


def pump(case: Case, solution: Solution, u: Units) -> dict[str, Any] | None:
    """The curve of the pump of the largest power, the system curve and the operating point; None without a pump."""
    machine = max((p for p in solution.plant.pumps if p.on), key=lambda p: p.P_el, default=None)
    if machine is None or not machine.speed > 0.0 or not machine.V_flow > 0.0:
        return None
    system = system_curve(case, solution, machine.path)
    own = own_curve(solution, machine.path, machine.speed, 1.25 * max(machine.V_flow, system[0].max(initial=0.0)))
    running = sum(p.on for p in solution.plant.pumps)
    lines = [("pump at its present speed", own), ("system, solved at other speeds", system)]
    return {
        "title": f"{machine.path}, {100.0 * machine.speed:.0f} % speed, {u.text(machine.P_el, 'W', 3)} electric",
        "x": u.head("flow of one pump" if running > 1 else "flow", "m3/s"),
        "y": u.head("pressure rise", "Pa"),
        "lines": [
            {"name": name, "x": _axis(line[0], "m3/s", u), "y": _axis(line[1], "Pa", u)}
            for name, line in lines
            if line is not None and len(line[0]) > 1
        ],
        "point": {
            "x": u.value(machine.V_flow, "m3/s"),
            "y": u.value(machine.dp, "Pa"),
            "text": f"{u.text(machine.V_flow, 'm3/s', 3)}, {u.text(machine.dp, 'Pa', 3)}",
        },
    }


def _axis(values: Floats, declared: str, u: Units) -> list[float]:
    zero, one = (u.value(x, declared) for x in (0.0, 1.0))
    return [float(x) for x in zero + (one - zero) * np.asarray(values)]


# ---- over time ----


def over_time(run: Run, u: Units) -> dict[str, Any]:
    """The lines of temperatures, flows and powers of a run, with limits and events; empty panels are left out."""
    every = max(1, math.ceil(len(run.time) / MOST_POINTS))
    panels = []
    for title, (unit, begins) in _PANELS.items():
        for members in panels_of(run, unit, begins):
            lines = [x for group, declared in members for x in _lines(run, group, declared, u, every)]
            bounds = _bounds(run, members, u) if unit == "K" else []
            panels.append({"title": u.head(title, unit), "lines": lines, "limits": bounds})
    return {
        "t": run.time[::every].tolist(),
        "rows": list(range(0, len(run.time), every)),
        "panels": panels,
        "events": [{"t": t, "text": text} for t, text in event_texts(run)],
        "listed": [{"t": e.time, "element": e.component, "text": e.text} for e in run.events[:500]],
        "status": run.status,
    }


def _bounds(run: Run, members: list[tuple[Group, str]], u: Units) -> list[dict[str, Any]]:
    """The constant limits of the temperatures of a panel: text and level in the unit shown."""
    bounds = []
    for text, celsius, _ in limit_lines(run, members):
        level = _core.to_si(f"{celsius!r} degC", "K")
        name = text.split(" ")[1]
        bounds.append({"text": f"{name} {u.text(level, 'K', 3)}", "y": u.value(level, "K")})
    return bounds


def _lines(run: Run, group: Group, declared: str, u: Units, every: int) -> list[dict[str, Any]]:
    """A line for each element of a small array; of a large one its mean with the band from lowest to highest."""
    mean, low, high = (
        np.asarray(t)[::every][:, group.numbers] for t in (run.raw.mean, run.raw.minimum, run.raw.maximum)
    )
    if len(group.numbers) <= FEW:
        names = [run.raw.recorded.paths[k] for k in group.numbers]
        return [{"name": name, "y": _axis(mean[:, k], declared, u)} for k, name in enumerate(names)]
    return [
        {
            "name": f"{group.name} ({len(group.numbers)})",
            "y": _axis(mean.mean(axis=1), declared, u),
            "low": _axis(low.min(axis=1), declared, u),
            "high": _axis(high.max(axis=1), declared, u),
        }
    ]
