"""Plots of a solution or a run, suitable for print, with units on every axis."""

from __future__ import annotations

import math
from collections import defaultdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import SOLUTION, only, require_case, solution_of
from kelvolt.base.paths import inside, last_level, path_levels, without_indices
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats, Group, named_units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

_UNITS = Units("si")
_LINES = 8  # most quantities in one plot
_DASHES = ("-", "--", ":")  # line styles of the elements of a small array
FEW = len(_DASHES)
BAND_NOTE = "line: mean of the elements; band: their lowest to highest within each interval; (n): number of elements"
_GREY = "0.35"


def plot_solution(case: Case, solution: Solution, folder: str | PathLike[str]) -> list[Path]:
    """Saves plots of the branch flows and of the pump and system curves in `folder`; returns the files made.

    Raises TypeError for what is no case and solution, FileError where a file cannot be written.
    """
    _both("plot_solution", case, solution)
    pictures = {"branch_flows": branch_flows(solution), "pump_curve": pump_curve(case, solution)}
    return _save(pictures, folder)


def plot_run(case: Case, run: Run, folder: str | PathLike[str]) -> list[Path]:
    """Saves plots of temperatures, flows and power over time, and those of `plot_solution` of the run's initial state.

    Returns the files made. Raises TypeError for what is no case and run, FileError where a file cannot be written.
    """
    pictures = time_series(run)
    begin = run.start if run.raw.start.verdicts else run.end
    return _save(pictures, folder) + plot_solution(case, begin, folder)


def time_series(run: Run, engine: str = "matplotlib") -> dict[str, Any]:
    """Figures of temperatures with limits, flows and powers over time, by file name; None where none was recorded.

    `engine` is "matplotlib" or "plotly". Raises InputError for another one, TypeError for what is no run."""
    from kelvolt.cases.run import Run

    only("time_series", "a Run (case.simulate())", run, Run)
    draw = over_time
    if wants_plotly(engine):
        from kelvolt.plots import times as time_plots

        draw = time_plots.over_time
    return {
        "temperatures": draw(run, "K", "temperature", ("T",)),
        "flows": draw(run, "m3/s", "flow", ("V_flow",)),
        "power": draw(run, "W", "power, heat", ("P", "Q_flow")),
    }


def wants_plotly(engine: str) -> bool:
    if engine not in ("matplotlib", "plotly"):
        raise InputError(f"engine '{engine}' is neither matplotlib nor plotly")
    return engine == "plotly"


def _both(function: str, case: Any, solution: Any) -> None:
    from kelvolt.cases.solution import Solution

    require_case(function, case)
    only(function, f"{SOLUTION} second", solution, Solution)


def _save(pictures: dict[str, Figure | None], folder: str | PathLike[str]) -> list[Path]:
    made = files.folder(folder)
    written = []
    for name, figure in pictures.items():
        if figure is not None:
            files.write_picture(made / f"{name}.png", figure, dpi=150)
            written.append(made / f"{name}.png")
    return written


def _figure(width: float = 8.0, height: float = 4.5) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, _plain(figure.add_subplot())


def _plain(axes: Axes) -> Axes:
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def unit_text(declared: str) -> str:
    """The unit as it is written on an axis."""
    return _UNITS.unit(declared).replace("deg", "°")


def shown(values: Floats, declared: str) -> Floats:
    return _UNITS.value(0.0, declared) + (_UNITS.value(1.0, declared) - _UNITS.value(0.0, declared)) * values


# ---- over time ----


def over_time(run: Run, unit: str, title: str, begins: tuple[str, ...]) -> Figure | None:
    """Recorded quantities of one unit: a line for each element of small arrays, a band for large arrays.

    Quantities of very different size get separate panels. A limit has the colour of the quantity it limits; a required
    flow is drawn in the style of a limit.
    """
    panels = panels_of(run, unit, begins)
    if not panels:
        return None
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 2.2 + 2.6 * len(panels)), layout="constrained")
    scale, per = (60.0, "min") if run.time[-1] > 300.0 else (1.0, "s")
    colour = 0
    for number, members in enumerate(panels):
        axes = _plain(figure.add_subplot(len(panels), 1, number + 1))
        for group, declared in members:
            required = group.name.endswith("_required")
            _draw_group(axes, run, group, declared, run.time / scale, "k" if required else f"C{colour}")
            colour += not required
        if unit == "K":
            _draw_limits(axes, run, members)
        _mark_events(axes, run, scale, with_text=number == 0)
        axes.set_ylabel(f"{title} ({unit_text(unit)})")
        axes.set_xlim(run.time[0] / scale, run.time[-1] / scale)
        axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
    axes.set_xlabel(f"time ({per})")
    figure.supxlabel(BAND_NOTE, fontsize=7, color="0.4", x=0.01, ha="left")
    return figure


def _draw_group(axes: Axes, run: Run, group: Group, declared: str, time: Floats, colour: str) -> None:
    mean, low, high = (np.asarray(t)[:, group.numbers] for t in (run.raw.mean, run.raw.minimum, run.raw.maximum))
    count = len(group.numbers)
    if count <= FEW:
        for k in range(count):
            name = run.raw.recorded.paths[group.numbers[k]]
            axes.plot(time, shown(mean[:, k], declared), color=colour, lw=1.4, ls=_DASHES[k], label=name)
            axes.fill_between(
                time, shown(low[:, k], declared), shown(high[:, k], declared), color=colour, alpha=0.2, lw=0
            )
    else:
        dash = "--" if group.name.endswith("_required") else "-"
        line = shown(mean.mean(axis=1), declared)
        axes.plot(time, line, color=colour, lw=1.4, ls=dash, label=f"{group.name} ({count})")
        edges = shown(low.min(axis=1), declared), shown(high.max(axis=1), declared)
        axes.fill_between(time, *edges, color=colour, alpha=0.2, lw=0)


def panels_of(run: Run, unit: str, begins: tuple[str, ...]) -> list[list[tuple[Group, str]]]:
    """The quantities of one unit to draw, panel by panel; empty where nothing was recorded over time."""
    every = named_units(run.raw.recorded)
    groups = [(g, u) for g, u in every if u == unit and last_level(g.name).startswith(begins)]
    return _panels(run, _largest(run, groups)) if len(run.time) > 1 else []


def _panels(run: Run, groups: list[tuple[Group, str]]) -> list[list[tuple[Group, str]]]:
    """Puts small values into another panel than large ones, which would flatten them; temperatures share one panel."""
    panels: list[list[tuple[Group, str]]] = []
    begun = 0.0  # the largest value of the current panel
    for group, unit in groups:
        top = float(np.nanmax(np.abs(np.asarray(run.raw.maximum)[:, group.numbers])))
        if not panels or (unit != "K" and top < 0.15 * begun):
            panels.append([])
            begun = top
        panels[-1].append((group, unit))
    return panels[:2]


def _largest(run: Run, groups: list[tuple[Group, str]]) -> list[tuple[Group, str]]:
    """At most as many quantities as can be told apart in one plot, the largest first."""

    def size(item: tuple[Group, str]) -> float:
        return -float(np.nanmax(np.abs(np.asarray(run.raw.maximum)[:, item[0].numbers]), initial=0.0))

    return sorted(groups, key=size)[:_LINES]


def limit_lines(run: Run, groups: list[tuple[Group, str]]) -> list[tuple[str, float, list[int]]]:
    """The constant limits of the temperatures drawn: text, level in the plot's unit, numbers of the groups limited."""
    number = {path: k for k, (g, _) in enumerate(groups) for path in (run.raw.recorded.paths[i] for i in g.numbers)}
    levels: dict[tuple[str, float], list[int]] = defaultdict(list)
    for v in run.raw.end.verdicts:
        if v.unit == "K" and math.isfinite(v.limit):
            found = {number[path] for path in _limited(v) if path in number}
            levels[v.id, v.limit] += sorted(found - set(levels[v.id, v.limit]))
    lines = []
    for (name, level), limited in levels.items():
        y = float(shown(np.array(level), "K"))
        whose = ", ".join(groups[k][0].name for k in limited)
        if limited:
            lines.append((f"limit {name} {y:g} {unit_text('K')}: {whose}", y, limited))
    return lines


def _draw_limits(axes: Axes, run: Run, groups: list[tuple[Group, str]]) -> None:
    """Draws limits, each in the colour of its quantity, with their text at the right end."""
    for text, y, limited in limit_lines(run, groups):
        axes.axhline(y, color=f"C{limited[0]}" if len(limited) == 1 else _GREY, lw=1.0, ls="--")
        axes.annotate(
            text,
            (0.995, y),
            (0, 2),
            ("axes fraction", "data"),
            "offset points",
            ha="right",
            va="bottom",
            fontsize=7,
            color=_GREY,
            bbox={"color": "white", "alpha": 0.8, "pad": 0.4},
        )


def _limited(verdict: _core.Verdict) -> list[str]:
    """Paths under which the value that a verdict judges may be recorded: its own, or that of its component's output."""
    words = {"die_temperature": "T_die", "case_temperature": "T_case"}
    own = [verdict.element] if last_level(verdict.element).startswith("T_") else []
    return own + ([f"{verdict.element}.{words[verdict.id]}"] if verdict.id in words else [])


def event_texts(run: Run) -> list[tuple[float, str]]:
    """Scheduled events as (time in s, text); the texts are empty for many events, and the list for very many."""
    events = [e for e in run.events if e.time > 0.0]
    texts = [f"{e.component} {e.text}" if e.component not in e.text else e.text for e in events]
    short = [t if len(t) <= 60 else t[:59] + "…" for t in texts]
    if len(events) > 40:
        return []
    return [(e.time, text if len(events) <= 6 else "") for e, text in zip(events, short, strict=True)]


def _mark_events(axes: Axes, run: Run, scale: float, with_text: bool) -> None:
    """Draws scheduled events as thin lines with their text above the plot."""
    events = event_texts(run)
    for number, (time, text) in enumerate(events):
        axes.axvline(time / scale, color="0.6", lw=0.8)
        if with_text and text:
            late = time > 0.6 * run.time[-1]
            axes.annotate(
                text,
                (time / scale, 1.0),
                (-2 if late else 0, 3 + 9 * (len(events) - 1 - number)),
                ("data", "axes fraction"),
                "offset points",
                ha="right" if late else "left",
                fontsize=7,
                color=_GREY,
                annotation_clip=False,
            )


# ---- the steady point ----


def branch_flows(of: Solution | Case) -> Figure | None:
    """Flow of every branch in the order of the rack, with the flow that a limit requires; None for a single branch.

    A case is solved; raises TypeError for anything else.
    """
    solution = solution_of(of, "branch_flows")
    branches = solution.branch_list()
    if len(branches) < 2:
        return None
    families: dict[str, list[Any]] = defaultdict(list)
    for b in sorted(branches, key=lambda b: _numbers(b.branch)):
        families[without_indices(b.branch)].append(b)
    required: dict[str, float] = {}
    for v in solution.raw.verdicts:
        if not v.at_most and v.unit == "m3/s" and math.isfinite(v.limit):
            required.setdefault(v.element, v.limit)
    figure, axes = _figure(width=9.0)
    labels: list[str] = []
    drawn = False
    for number, (family, members) in enumerate(families.items()):
        flows = shown(np.array([b.V_flow for b in members]), "m3/s")
        places = np.arange(len(labels), len(labels) + len(members))
        bars = axes.bar(places, flows, color=f"C{number}", width=0.75, label=family, alpha=0.8)
        for bar, b in zip(bars, members, strict=True):
            if b.verdict == "broken":
                bar.set(hatch="///", edgecolor="white")
        for place, b in zip(places, members, strict=True):
            needs = [limit for element, limit in required.items() if inside(element, b.branch)]
            if needs:
                y = float(shown(np.array(max(needs)), "m3/s"))
                axes.plot(
                    [place - 0.42, place + 0.42], [y, y], color="k", lw=1.6, label=None if drawn else "required (limit)"
                )
                drawn = True
        labels += [b.branch for b in members]
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.grid(visible=False, axis="x")
    axes.set_ylabel(f"flow of the branch ({unit_text('m3/s')})")
    axes.margins(x=0.01)
    if any(b.verdict == "broken" for b in branches):
        axes.bar([0], [0], color="0.6", hatch="///", edgecolor="white", label="breaks a limit")
    axes.legend(fontsize=8, frameon=False, ncols=len(families) + 2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return figure


def _numbers(path: str) -> tuple[str, list[int]]:
    return without_indices(path), [index for _, index in path_levels(path)]


def pump_curve(case: Case, solution: Solution) -> Figure | None:
    """The curve of the pump at its present speed, the system curve and the operating point; None without a pump.

    The system curve is solved with all running pumps held at a series of other speeds and everything else unchanged.
    The pump curve is that of its data, converted to the present speed by the affinity laws and to the present density.
    Raises TypeError for what is no case and solution.
    """
    _both("pump_curve", case, solution)
    pump = max((p for p in solution.plant.pumps if p.on), key=lambda p: p.P_el, default=None)
    if pump is None or not pump.speed > 0.0 or not pump.V_flow > 0.0:
        return None
    system = _system_curve(case, solution, pump.path)
    own = _own_curve(solution, pump.path, pump.speed, 1.25 * max(pump.V_flow, system[0].max(initial=0.0)))
    figure, axes = _figure(width=6.5)
    if own is not None:
        label = f"{pump.path} at {100.0 * pump.speed:.0f} % speed"
        axes.plot(shown(own[0], "m3/s"), shown(own[1], "Pa"), "C0-", label=label)
    if len(system[0]) > 1:
        axes.plot(
            shown(system[0], "m3/s"), shown(system[1], "Pa"), "C1-o", ms=3, label="system, solved at other speeds"
        )
    at = (np.array(pump.V_flow), np.array(pump.dp))
    place = f"{_UNITS.text(pump.V_flow, 'm3/s', 3)}, {_UNITS.text(pump.dp, 'Pa', 3)}, {pump.P_el:.0f} W electric"
    axes.plot(shown(at[0], "m3/s"), shown(at[1], "Pa"), "ko", ms=6, label=f"operating point: {place}")
    running = sum(p.on for p in solution.plant.pumps)
    axes.set_xlabel(
        f"flow of {'one of ' + str(running) + ' running pumps' if running > 1 else 'the pump'} ({unit_text('m3/s')})"
    )
    axes.set_ylabel(f"pressure rise ({unit_text('Pa')})")
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    return figure


def _system_curve(case: Case, solution: Solution, path: str) -> tuple[Floats, Floats]:
    """Flow and pressure rise of a pump with all running pumps held at other speeds, where that can be solved."""
    running = [p for p in solution.plant.pumps if p.on]
    changed = case.copy()
    points = []
    guess = solution
    for factor in (1.15, 1.0, 0.85, 0.7, 0.55, 0.4, 0.25):
        try:
            for p in running:
                _pin(changed, p.path, factor * p.speed)
            guess = changed.steady(guess)
            points.append((guess.get(f"{path}.V_flow"), guess.get(f"{path}.dp")))
        except Error:
            continue
    return tuple(np.array(points).reshape(-1, 2).T)  # type: ignore[return-value]


def _pin(case: Case, path: str, speed: float) -> None:
    """Holds a drive at one speed, whatever its controller demands, by setting both ends of its range to it."""
    case[f"{path}.n_min"] = 0.0
    case[f"{path}.n_max"] = speed
    case[f"{path}.n_min"] = speed


def _own_curve(solution: Solution, path: str, speed: float, V_end: float) -> tuple[Floats, Floats] | None:
    plant = solution.plant
    component = plant.topology.paths.index(path)
    V = np.linspace(0.0, V_end, 60)
    at_nominal = np.asarray(solution.raw.curve(component, "dp", np.ascontiguousarray(V / speed)))
    if not len(at_nominal):
        return None
    circuit = plant.circuits_of(component)[0]
    T = solution.get(f"{path}.a.T")
    rho = solution.raw.coolant_properties(circuit, float(T))[0]
    dp = at_nominal * speed**2 * rho / plant.parameter(component, "rho_nominal")
    return V[dp >= 0.0], dp[dp >= 0.0]
