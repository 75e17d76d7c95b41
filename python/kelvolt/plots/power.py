"""Flows of power and heat through a power network (Sankey)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.kinds import flow_of
from kelvolt.plots.axes import WIDTH, entitle, new_figure, wants_plotly
from kelvolt.plots.parts import short
from kelvolt.power.flow import COOLANT, NOWHERE, PowerFlow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution

_POWER, _HEAT, _LIQUID = "#4575b4", "#d95f0e", "#2b8cbe"
_LETTERS = 14  # in a line of a name
_SMALL = 2e-3  # share of all power: components that pass power on and lose less are merged into their neighbours


@dataclass(frozen=True)
class Link:
    """Power [W] from one stage to another, or with `heat` the heat to the space that receives it."""

    start: str
    end: str
    watts: float
    heat: bool = False


# ---- flows ----


def links(of: PowerFlow | Solution | Case, small: float = _SMALL) -> list[Link]:
    """Power between stages, and heat from stages to spaces; power into a stage equals power and heat out of it.

    At a bus, the power of those that give is divided among those that take in proportion. Stages that pass power on and
    lose less than the share `small` of all power are left out.
    """
    flow = flow_of(of, "links")
    g = flow.grid
    names = {e.path: flow.stage(e) for e in g.elements}
    between: dict[tuple[str, str], float] = defaultdict(float)
    for bus in g.buses:
        ends = g.at.get(bus, [])
        given = [(names[e.path], -x.s.real) for e, x in ends if x.s.real < 0.0]
        taken = [(names[e.path], x.s.real) for e, x in ends if x.s.real > 0.0]
        total = sum(w for _, w in taken)
        for a, p in given:
            for b, q in taken:
                if a != b and total > 0.0:
                    between[a, b] += p * q / total
    heat: dict[tuple[str, str], float] = defaultdict(float)
    for e in g.elements:
        for space, watts in flow.heat(e).items():
            heat[names[e.path], space] += watts
    for e in g.elements:
        if e.from_store > 0.0:
            between[f"battery of {names[e.path]}", names[e.path]] += e.from_store
    _net(between)
    passive = {names[e.path] for e in g.elements if e.role in ("branch", "switch", "converter")}
    total = sum(e.given for e in g.of_role("source")) + sum(max(e.from_store, 0.0) for e in g.elements)
    for name in passive:
        if sum(w for (a, _), w in heat.items() if a == name) < small * total:
            _pass_over(name, between, heat)
    found = [Link(a, b, w) for (a, b), w in between.items()] + [Link(a, b, w, True) for (a, b), w in heat.items()]
    return [x for x in found if x.watts > 2e-4 * max(total, 1e-9)]


def _net(between: dict[tuple[str, str], float]) -> None:
    """Replaces opposite flows between two stages (through a tie) by their difference."""
    for a, b in list(between):
        if (b, a) in between and a < b:
            both = between.pop((a, b)) - between.pop((b, a))
            between[(a, b) if both > 0.0 else (b, a)] = abs(both)


def _pass_over(name: str, between: dict[tuple[str, str], float], heat: dict[tuple[str, str], float]) -> None:
    into = {a: w for (a, b), w in between.items() if b == name}
    out = {b: w for (a, b), w in between.items() if a == name}
    lost = {s: w for (a, s), w in heat.items() if a == name}
    total = sum(into.values())
    if not total > 0.0:
        return
    for a, w in into.items():
        del between[a, name]
        for b, x in out.items():
            between[a, b] += w * x / total
        for s, x in lost.items():
            heat[a, s] += w * x / total
    for b in out:
        del between[name, b]
    for s in lost:
        del heat[name, s]


def _columns(found: list[Link]) -> dict[str, int]:
    """The column of each stage, one to the right of the last that feeds it; all spaces are in the last column."""
    column: dict[str, int] = {x.start: 0 for x in found}
    column |= {x.end: 0 for x in found}
    for _ in range(len(column)):
        moved = False
        for x in found:
            if not x.heat and column[x.end] <= column[x.start] < len(column):
                column[x.end] = column[x.start] + 1
                moved = True
        if not moved:
            break
    last = max(column.values(), default=0) + 1
    return column | {x.end: last for x in found if x.heat}


# ---- Sankey ----


def loss_sankey(
    of: PowerFlow | Solution | Case, *, title: str = "", small: float = _SMALL, engine: str = "matplotlib"
) -> Any:
    """A Sankey diagram from the sources through every stage to loads and the spaces that take the heat; widths in W.

    of: a power flow, a solution, or a case, which is solved. small: as in `links`. engine: "matplotlib" or "plotly".
    Raises TypeError for any other `of`, InputError when the network carries no power.
    """
    flow = flow_of(of, "loss_sankey")
    found = links(flow, small)
    if not found:
        raise InputError("there is no power in this network to draw")
    title = title or flow.solution.plant.case.title
    said = f"Electric power and heat, {flow.solution.state}"
    return _sankey_plotly(found, title, said) if wants_plotly(engine) else _sankey(found, title, said)


def _watts(w: float) -> str:
    if abs(w) < 0.05:  # numeric noise
        return "0 W"
    return f"{w / 1e6:.3g} MW" if w >= 1e6 else f"{w / 1e3:.3g} kW" if w >= 1e3 else f"{w:.3g} W"


def _size(name: str, found: list[Link]) -> float:
    return max(sum(x.watts for x in found if x.start == name), sum(x.watts for x in found if x.end == name))


def _short(name: str, names: Iterable[str]) -> str:
    """The shortest name of a stage that no other stage has, without repetitions."""
    known = list(names)
    for levels in (2, 3, 4):
        if sum(short(other, levels) == short(name, levels) for other in known) <= 1:
            return short(name, levels)
    return name


def _in_lines(name: str) -> str:
    """A name in lines that are short enough to stand between two columns, divided behind dots and underscores."""
    lines = [""]
    for piece in re.findall(r"[^._]*[._]?", name):
        if lines[-1] and len(lines[-1]) + len(piece) > _LETTERS:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


_LANE = "\0"  # begins the name of a lane


def _in_lanes(found: list[Link], column: dict[str, int]) -> tuple[list[Link], dict[str, int], dict[str, str]]:
    """Links from column to column only; what goes farther runs in lanes between the stages, so that it does not pass
    behind them. Heat to one space shares a lane. Returns links, columns with those of lanes, and where lanes lead."""
    watts: dict[tuple[str, str, bool], float] = defaultdict(float)
    columns, leads = dict(column), {}
    for x in found:
        at = x.start
        for k in range(column[x.start] + 1, column[x.end]):
            lane = f"{_LANE}{k}{_LANE}{x.end}{_LANE}{'' if x.heat else x.start}"
            columns[lane], leads[lane] = k, x.end
            watts[at, lane, x.heat] += x.watts
            at = lane
        watts[at, x.end, x.heat] += x.watts
    return [Link(a, b, w, heat) for (a, b, heat), w in watts.items()], columns, leads


def _sankey(links_found: list[Link], title: str, said: str) -> Figure:
    stages = _columns(links_found)
    found, column, leads = _in_lanes(links_found, stages)
    size = {n: _size(n, found) for n in column}
    total = max(sum(size[n] for n in stages if stages[n] == k) for k in set(stages.values()))
    named = {n: _in_lines(_short(n, stages)) for n in stages}
    y = _stacked(found, column, size, 0.05 * (1 + max(1 + text.count("\n") for text in named.values())) * total)
    last, low = max(column.values()), min(y.values())
    figure, axes = new_figure(max(WIDTH, 0.95 * (last + 1.3)), 1.5 + 3.0 * -low / total)
    axes.set_axis_off()
    entitle(figure, title, said)
    _ribbons(axes, found, column, size, y, leads)
    paper = dict(facecolor="white", alpha=0.7, edgecolor="none", pad=0.4)
    for n, c in stages.items():
        axes.bar(c, size[n], width=0.05, bottom=y[n], color="0.25", zorder=3)
        # names of the last column are written to the right of it, others above
        words: dict[str, Any] = dict(fontsize=8, ha="left", zorder=4, linespacing=1.05, bbox=paper)
        at = (c + 0.06, y[n] + size[n] / 2) if c == last else (c - 0.025, y[n] + size[n] + 0.008 * total)
        side = "center" if c == last else "bottom"
        axes.text(*at, f"{named[n]}\n{_watts(size[n])}", va=side, **words)
    axes.set_xlim(-0.1, last + 0.95)
    axes.set_ylim(low - 0.02 * total, 0.1 * total)
    _colour_key(axes, links_found)
    return figure


def _colour_key(axes: Axes, found: list[Link]) -> None:
    from matplotlib.patches import Patch

    named = {"electric power": _POWER, "heat to coolant": _LIQUID, "heat to rooms and outdoors": _HEAT}
    used = {_colour(x, {}) for x in found}
    marks = [Patch(color=colour, alpha=0.5, label=name) for name, colour in named.items() if colour in used]
    axes.legend(handles=marks, fontsize=8.5, frameon=False, ncols=3, loc="upper left", bbox_to_anchor=(0.0, 0.0))


def _colour(x: Link, leads: dict[str, str]) -> str:
    return _POWER if not x.heat else _LIQUID if leads.get(x.end, x.end) == COOLANT else _HEAT


def _stacked(found: list[Link], column: dict[str, int], size: dict[str, float], gap: float) -> dict[str, float]:
    """Lower ends of the stages. All columns are aligned at the top, so heat leaves below without crossing the power."""
    y: dict[str, float] = {}
    for k in range(max(column.values()) + 1):
        members = [n for n, c in column.items() if c == k]

        def fed_at(n: str) -> tuple[bool, float]:
            into = [x for x in found if x.end == n and x.start in y]
            weight = sum(x.watts for x in into)
            at = sum(x.watts * (-y[x.start] - size[x.start] / 2) for x in into) / weight if weight > 0.0 else 0.0
            if n.startswith(_LANE) and all(x.heat for x in into):  # below the stages, in the same order everywhere
                return True, -size[n.split(_LANE)[2]]
            return False, at

        at, before = 0.0, ""
        for n in sorted(members, key=fed_at):
            lanes = n.startswith(_LANE) and before.startswith(_LANE)
            at -= (0.02 if lanes else 1.0 if before else 0.0) * gap + size[n]
            y[n] = at
            before = n
    return y


def _ribbons(
    axes: Axes,
    found: list[Link],
    column: dict[str, int],
    size: dict[str, float],
    y: dict[str, float],
    leads: dict[str, str],
) -> None:
    out = {n: y[n] + size[n] for n in y}
    into = dict(out)
    start: dict[Link, float] = {}
    end: dict[Link, float] = {}
    for x in sorted(found, key=lambda x: (x.heat, -y[x.end])):  # at its start, power leaves above heat
        out[x.start] -= x.watts
        start[x] = out[x.start]
    for x in sorted(found, key=lambda x: -y[x.start]):
        into[x.end] -= x.watts
        end[x] = into[x.end]
    for x in found:
        x0 = column[x.start] + (0.0 if x.start in leads else 0.025)
        x1 = column[x.end] - (0.0 if x.end in leads else 0.025)
        at = np.linspace(x0, x1, 60)
        t = (at - x0) / (x1 - x0)
        low = start[x] + (end[x] - start[x]) * t * t * (3.0 - 2.0 * t)
        axes.fill_between(at, low, low + x.watts, color=_colour(x, leads), alpha=0.5, linewidth=0, zorder=1)


def _sankey_plotly(found: list[Link], title: str, said: str) -> Any:
    import plotly.graph_objects as go

    names = list(dict.fromkeys([n for x in found for n in (x.start, x.end)]))
    at = {n: k for k, n in enumerate(names)}
    shade = {_POWER: "rgba(69,117,180,0.45)", _HEAT: "rgba(217,95,14,0.45)", _LIQUID: "rgba(43,140,190,0.45)"}
    colours = [shade[_colour(x, {})] for x in found]
    sankey = go.Sankey(
        arrangement="snap",
        valuesuffix=" W",
        valueformat=".4s",
        node={"label": [_short(n, names) for n in names], "pad": 14, "thickness": 12, "color": "#444444"},
        link={
            "source": [at[x.start] for x in found],
            "target": [at[x.end] for x in found],
            "value": [x.watts for x in found],
            "color": colours,
        },
    )
    return go.Figure(sankey).update_layout(title=f"{title}<br><sub>{said}</sub>", template="plotly_white")


__all__ = ["NOWHERE", "Link", "links", "loss_sankey"]
