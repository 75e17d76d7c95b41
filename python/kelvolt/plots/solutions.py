"""Plots of a solution or a run, suitable for print, with units on every axis."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.kinds import SOLUTION, only, require_case, solution_of
from kelvolt.base.paths import inside, last_level, path_levels, without_indices
from kelvolt.base.values import Floats, Group, named_units
from kelvolt.plots.axes import (
    WIDTH,
    colour,
    entitle,
    legend_below,
    name_bars,
    new_figure,
    plain_axes,
    shown,
    unit_text,
    wants_plotly,
)
from kelvolt.plots.parts import short, short_value
from kelvolt.plots.pumps import pump_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kelvolt.cases.branches import Branch
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

_LINES = 8  # most quantities in one plot
_DASHES = ("-", "--", ":")  # line styles of the elements of a small array
FEW = len(_DASHES)
BAND_NOTE = "line: of many elements the hottest (temperatures) or their mean; band: lowest to highest; (n): their count"
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

    figure = Figure(figsize=(WIDTH, 2.2 + 2.6 * len(panels)), layout="constrained")
    scale, per = (60.0, "min") if run.time[-1] > 300.0 else (1.0, "s")
    drawn = 0
    for number, members in enumerate(panels):
        first = drawn
        axes = plain_axes(figure.add_subplot(len(panels), 1, number + 1))
        for group, declared in members:
            required = group.name.endswith("_required")
            _draw_group(axes, run, group, declared, run.time / scale, "k" if required else colour(drawn))
            drawn += not required
        _part_equal_lines(axes)
        if unit == "K":
            _draw_limits(axes, run, members, first)
            axes.margins(y=0.12)  # room for the text of the highest limit
        _mark_events(axes, run, scale, with_text=number == 0)
        axes.set_ylabel(f"{title} ({unit_text(unit)})")
        axes.set_xlim(run.time[0] / scale, run.time[-1] / scale)
        longest = max((len(str(text)) for text in axes.get_legend_handles_labels()[1]), default=0)
        columns = 3 if longest < 22 else 2
        last = number == len(panels) - 1
        legend_below(axes, columns, 0.45 if last else 0.28)
    entitle(figure, run.title)
    axes.set_xlabel(f"time ({per})")
    if any(len(group.numbers) > FEW for members in panels for group, _ in members):
        figure.supxlabel(BAND_NOTE, fontsize=7.5, color="0.4", x=0.01, ha="left")
    return figure


def _draw_group(axes: Axes, run: Run, group: Group, declared: str, time: Floats, shade: str) -> None:
    mean, low, high = (np.asarray(t)[:, group.numbers] for t in (run.raw.mean, run.raw.minimum, run.raw.maximum))
    count = len(group.numbers)
    if count <= FEW:
        for k in range(count):
            name = short_value(run.raw.recorded.paths[group.numbers[k]])
            axes.plot(time, shown(mean[:, k], declared), color=shade, lw=1.5, ls=_DASHES[k], label=name)
            axes.fill_between(
                time, shown(low[:, k], declared), shown(high[:, k], declared), color=shade, alpha=0.2, lw=0
            )
    else:
        dash = "--" if group.name.endswith("_required") else "-"
        y = shown(of_many(mean, high, declared), declared)
        axes.plot(time, y, color=shade, lw=1.5, ls=dash, label=many(group))
        edges = shown(low.min(axis=1), declared), shown(high.max(axis=1), declared)
        axes.fill_between(time, *edges, color=shade, alpha=0.2, lw=0)


def _part_equal_lines(axes: Axes) -> None:
    """Dashes lines that lie on one drawn before, so that both are seen."""
    drawn: list[Floats] = []
    for line in axes.get_lines():
        y = np.asarray(line.get_ydata(), dtype=float)
        if any(np.allclose(y, other, atol=0.004 * np.ptp(axes.get_ylim())) for other in drawn):
            line.set_linestyle((0, (4, 4)))
        else:
            drawn.append(y)


def of_many(mean: Floats, high: Floats, declared: str) -> Floats:
    """The line of a large array: of temperatures the hottest element, of other quantities the mean."""
    line: Floats = high.max(axis=1) if declared == "K" else mean.mean(axis=1)
    return line


def many(group: Group) -> str:
    return f"{short_value(group.name)} ({len(group.numbers)})"


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
        whose = ", ".join(short_value(groups[k][0].name) for k in limited)
        if limited:
            lines.append((f"limit {name.replace('_', ' ')} {y:.4g} {unit_text('K')}: {whose}", y, limited))
    return lines


def _draw_limits(axes: Axes, run: Run, groups: list[tuple[Group, str]], first: int) -> None:
    """Draws limits, each in the colour of its quantity, with their text at the right end."""
    for text, y, limited in limit_lines(run, groups):
        axes.axhline(y, color=colour(first + limited[0]) if len(limited) == 1 else _GREY, lw=1.0, ls="--")
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
    texts = [_in_words(run, e) for e in events]
    cut = [t if len(t) <= 60 else t[:59] + "…" for t in texts]
    if len(events) > 40:
        return []
    return [(e.time, text if len(events) <= 6 else "") for e, text in zip(events, cut, strict=True)]


_SET = re.compile(r"(?P<path>.+)\.(?P<name>\w+) to (?P<value>\S+)")


def _in_words(run: Run, event: _core.Event) -> str:
    """An event as text. A parameter whose meaning lists its values ("1: driven, 0: tripped or off") is told by its
    word."""
    found = _SET.fullmatch(event.text)
    if found is None:
        return f"{short(event.component)} {event.text}" if event.component not in event.text else event.text
    meaning = run.meaning(found["path"], found["name"])
    for listed in re.finditer(r"(\S+): ([^,;]+)", meaning):
        if listed[1] == found["value"]:
            return f"{short(found['path'])}: {listed[2]}"
    return f"{short(found['path'])}.{found['name']} to {found['value']}"


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
                (-2 if late else 0, 3 + 11 * (len(events) - 1 - number)),
                ("data", "axes fraction"),
                "offset points",
                ha="right" if late else "left",
                fontsize=9,
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
    required = required_flows(solution, branches)
    figure, axes = new_figure()
    labels: list[str] = []
    drawn = False
    for number, (family, members) in enumerate(families.items()):
        flows = shown(np.array([b.V_flow for b in members]), "m3/s")
        places = np.arange(len(labels), len(labels) + len(members))
        bars = axes.bar(places, flows, color=colour(number), width=0.75, label=family, alpha=0.8)
        for bar, b in zip(bars, members, strict=True):
            if b.verdict == "broken":
                bar.set(hatch="///", edgecolor="white")
        for place, b in zip(places, members, strict=True):
            if b.branch in required:
                y = float(shown(np.array(required[b.branch]), "m3/s"))
                ends, label = [place - 0.42, place + 0.42], None if drawn else "required (limit)"
                axes.plot(ends, [y, y], color="k", lw=1.6, label=label)
                drawn = True
        labels += [short(b.branch) for b in members]
    name_bars(axes, labels)
    axes.set_ylabel(f"flow of the branch ({unit_text('m3/s')})")
    axes.margins(x=0.01)
    if any(b.verdict == "broken" for b in branches):
        axes.bar([0], [0], color="0.6", hatch="///", edgecolor="white", label="breaks a limit")
    handles, texts = axes.get_legend_handles_labels()
    marks = [t for t in texts if t not in families]
    named = dict(zip(texts, handles, strict=True))
    order = [*families, *marks]
    axes.legend(
        [named[t] for t in order], order, fontsize=8, frameon=False, ncols=4, loc="lower left", bbox_to_anchor=(0, 1)
    )
    entitle(figure, solution.plant.case.title, f"Flow of every branch, {solution.state}")
    return figure


def required_flows(solution: Solution, branches: Sequence[Branch]) -> dict[str, float]:
    """By branch: the largest flow [m³/s] that a limit requires of a part through which all of its coolant passes."""
    asked = [v for v in solution.raw.verdicts if not v.at_most and v.unit == "m3/s" and math.isfinite(v.limit)]
    found: dict[str, float] = {}
    for b in branches:
        own = [v.limit for v in asked if inside(v.element, b.branch) and abs(v.value - b.V_flow) < 0.05 * abs(b.V_flow)]
        if own:
            found[b.branch] = max(own)
    return found


def _numbers(path: str) -> tuple[str, list[int]]:
    return without_indices(path), [index for _, index in path_levels(path)]
