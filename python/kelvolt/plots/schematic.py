"""Schematic of the coolant circuits (SVG), made from the network and a solution: exchangers, pumps, branches.

Each circuit is a rectangle, with its cooler on the left and its heat sources on the right. The supply is along the top
and the return along the bottom, in the order of flow. Elements of an array and cells of a chain share one symbol.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kelvolt.base.alike import classes, label
from kelvolt.base.kinds import solution_of
from kelvolt.base.paths import array_of, chain_of, first_levels, inside, path_levels, without_indices
from kelvolt.base.tables import Units
from kelvolt.cases.solution import Solution
from kelvolt.plots.schematic_symbols import INK, Unit, arrow, glyph, text_at, two_lines

if TYPE_CHECKING:
    from kelvolt.cases.case import Case

_STEP, _TOP, _BOX = 86, 62, 56  # pixels: from symbol to symbol at least, of the supply line, of a column's box (half)
_COLD, _HOT, _GREY = "#2166ac", "#b2182b", "#666"


@dataclass
class _Loop:
    """One circuit, its symbols in the order in which they are drawn."""

    number: int
    sink: Unit
    supply: list[Unit]
    sources: list[Unit]
    back: list[Unit]
    end: Unit | None  # the outlet of an open circuit, if it is not also the inlet
    hung: list[str]  # components that are filled with coolant but have no through flow
    behind: dict[str, list[str]]  # by heat source: components that the coolant passes for this source only


def loop_schematic(of: Solution | Case, system: str = "si") -> str:
    """Text of SVG elements, one per circuit, or one for a chain of circuits that are joined by exchangers.

    Circuits that are equal in all that is shown are drawn once, with all their names. Circuits without through flow are
    left out; the text is empty when nothing flows. system: "si", "si-field" or "us". A case is solved; raises TypeError
    for anything else.
    """
    solution = solution_of(of, "loop_schematic")
    loops = [x for c in range(len(solution.plant.topology.media)) if (x := _loop(solution, c)) is not None]
    chain = _chain(loops) if loops else None
    rows = [chain] if chain else [[x] for x in loops]
    u = Units(system)
    alike: dict[tuple[str, int, int], list[str]] = {}
    for row in rows:
        names = ", ".join(_circuit_name(solution, x) for x in row)
        alike.setdefault(_draw_row(solution, row, u), []).append(names)
    width = max((w for _, w, _ in alike), default=0)
    return "".join(_svg(*drawn, names, width, named=len(rows) > 1) for drawn, names in alike.items())


def _svg(body: str, own_width: int, height: int, names: list[str], width: int, named: bool) -> str:
    title, down = "", 0
    if named:
        many = f"{len(names)} circuits alike: " if len(names) > 1 else ""
        told = many + ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        title, down = text_at(18, 14, told, INK, "bold", "start"), 18
        width = max(width, own_width, 40 + 7 * len(told))
    style = f"font-family:Helvetica,Arial,sans-serif;font-size:11px;max-width:{width}px"
    label = "Loop schematic: " + ", ".join(names)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="schematic" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {width} {height + down}" style="{style}">{title}'
        f'<g transform="translate(0 {down})">{body}</g></svg>'
    )


# ---- what flows where ----


def _loop(solution: Solution, circuit: int) -> _Loop | None:
    units, hung = _units(solution, circuit)
    if len(units) < 2:
        return None
    after = {n: [m for m in units if m != n and units[n].outlets & units[m].inlets] for n in units}
    sink = _sink(solution, circuit, units)
    passive = [n for n in units if n != sink and units[n].kind != "pump"]
    most = max((units[n].heat for n in passive if units[n].heat > 0.0), default=0.0)
    sources = [n for n in passive if most > 0.0 and units[n].heat >= 0.05 * most]
    order = _distances(after, sink)
    ends = {c for c in units if not after[c]} - {sink}
    end = next(iter(sorted(ends)), None) if not units[sink].inlets else None
    leads = {n for n in units if n not in sources and _reaches(after, n, set(sources), sink)}
    rest = sorted((n for n in units if n not in (sink, end, *sources)), key=lambda n: order.get(n, 0))
    passed = {
        s: {n for n in rest if _reaches(after, n, {s}, sink) or (n not in leads and _reaches(after, s, {n}, sink))}
        for s in sources
    }
    common = set.intersection(*passed.values()) if passed else set()
    own = set().union(*passed.values()) - common
    return _Loop(
        circuit,
        units[sink],
        [units[n] for n in rest if n in leads and n not in own],
        [units[n] for n in sorted(sources, key=lambda n: order.get(n, 0))],
        [units[n] for n in rest if n not in leads and n not in own],
        units[end] if end else None,
        hung,
        {s: [n for n in rest if n in passed[s] & own] for s in sources},
    )


def _units(solution: Solution, circuit: int) -> tuple[dict[str, Unit], list[str]]:
    """The units that the coolant of a circuit flows through, by name, and the names of those it only fills."""
    plant = solution.plant
    families = {array_of(b.branch) for b in solution.branch_list()} - {""}
    members: dict[str, list[int]] = defaultdict(list)
    instance = _instances(solution, circuit, families)
    for c, key in _keys(solution, circuit, instance).items():
        members[key].append(c)
    units, hung = {}, []
    trunk = plant.circuits[circuit].m_flow
    resting = {p.path for p in plant.pumps if not p.on}
    for name, components in members.items():
        crossing = next((x for x in plant.crossings(components) if x.circuit == circuit), None)
        inlets, outlets = _ends(solution, components, circuit)
        if not (inlets or outlets) or crossing is None or not _carries(solution, components, circuit, 1e-4 * trunk):
            hung.append(name)
            continue
        through = inlets and outlets
        kind = "pump" if any(plant.is_pump(c) for c in components) else plant.role(components[0])
        off = sum(plant.topology.paths[c] in resting for c in components)
        units[name] = Unit(
            name,
            "branch" if name in families else kind,
            len({instance[c] for c in components}),
            inlets,
            outlets,
            crossing.heat if through else math.nan,
            crossing.p_in - crossing.p_out,
            crossing.T_in,
            crossing.T_out,
            off,
            tuple(dict.fromkeys(instance[c] for c in components)),
        )
    return units, hung


def _instances(solution: Solution, circuit: int, families: set[str]) -> dict[int, str]:
    """By component of a circuit: the branch (element of a family of parallel branches) it belongs to, else itself; for
    cells their chain."""
    plant = solution.plant
    levels = {family: len(path_levels(family)) for family in families}
    found = {}
    for c in plant.components_of[circuit]:
        path = plant.topology.paths[c]
        if not path.endswith("_junction"):
            family = next((f for f in levels if inside(path, f)), None)
            found[c] = first_levels(path, levels[family]) if family else chain_of(path)
    return found


def _keys(solution: Solution, circuit: int, instance: dict[int, str]) -> dict[int, str]:
    """By component of a circuit: the symbol it is drawn in, one for all elements of an array connected alike."""
    plant, t = solution.plant, solution.plant.topology
    number = {name: k for k, name in enumerate(dict.fromkeys(instance.values()))}
    nodes: dict[int, int] = {}
    joined = []
    for c, name in instance.items():
        for p in plant.ports_of[c]:
            node = t.port_node[p]
            if t.node_circuit[node] == circuit:
                port = f"{chain_of(t.paths[c]).removeprefix(name)}.{t.port_number[p]}"
                joined.append((number[name], port, nodes.setdefault(node, len(nodes))))
    shown = {name: without_indices(name) for name in number}
    found = classes(list(shown.values()), dict.fromkeys(joined), len(nodes))
    members, family = defaultdict(list), defaultdict(list)
    for name, k in number.items():
        members[found[k]].append(name)
        family[shown[name]].append(name)
    return {c: label(members[found[number[n]]], family[shown[n]], shown[n]) for c, n in instance.items()}


def _net(solution: Solution, components: list[int], circuit: int) -> dict[int, float]:
    """Mass flow into a group at each node, kg/s."""
    return dict(solution.plant.core.net_flows(components, circuit))


def _carries(solution: Solution, components: list[int], circuit: int, least: float) -> bool:
    return max(map(abs, _net(solution, components, circuit).values()), default=0.0) > least


def _ends(solution: Solution, components: list[int], circuit: int) -> tuple[set[int], set[int]]:
    """The nodes by which most of the coolant enters and leaves."""
    net = _net(solution, components, circuit)
    small = 1e-3 * max(map(abs, net.values()), default=0.0) + 1e-9
    return {n for n, m in net.items() if m > small}, {n for n, m in net.items() if m < -small}


def _sink(solution: Solution, circuit: int, units: dict[str, Unit]) -> str:
    """The unit at which a circuit is fed: its open boundary, else the unit that takes most heat out of it."""
    references = {
        without_indices(solution.plant.topology.paths[c]) for c in solution.plant.topology.references[circuit]
    }
    fed = [n for n in units if n in references and units[n].outlets]
    return fed[0] if fed else min(units, key=lambda n: units[n].heat if math.isfinite(units[n].heat) else 0.0)


def _distances(after: dict[str, list[str]], start: str) -> dict[str, int]:
    """Steps from the start along the longest way; every ring ends at the start."""
    distance = {start: 0}
    for _ in range(len(after)):
        for n, followers in after.items():
            for m in followers:
                if n in distance and m != start and distance[n] < len(after):
                    distance[m] = max(distance.get(m, 0), distance[n] + 1)
    return distance


def _reaches(after: dict[str, list[str]], start: str, goals: set[str], wall: str) -> bool:
    seen, reached = {start, wall}, [start]
    while reached:
        for m in after[reached.pop()]:
            if m in goals:
                return start != wall
            if m not in seen:
                seen.add(m)
                reached.append(m)
    return False


def _chain(loops: list[_Loop]) -> list[_Loop] | None:
    """Loops from the coldest to the hottest if the heat source of each is the cooler of the next, else None."""
    first = [x for x in loops if not any(x.sink.name in (s.name for s in y.sources) for y in loops if y is not x)]
    if len(first) != 1:
        return None
    chain = first
    while len(chain) < len(loops):
        names = {s.name for s in chain[-1].sources}
        following = [x for x in loops if x not in chain and x.sink.name in names]
        if len(following) != 1 or len(names) != 1:
            return None
        chain = [*chain, following[0]]
    return chain


# ---- drawing ----


def _circuit_name(solution: Solution, loop: _Loop) -> str:
    circuit = solution.plant.circuits[loop.number]
    return f"{circuit.name} ({circuit.medium})"


def _draw_row(solution: Solution, row: list[_Loop], u: Units) -> tuple[str, int, int]:
    """Loops drawn side by side, with shared exchangers between them; returns the SVG text, width and height."""
    tallest = max(max(1, len(x.sources)) for x in row)
    lines = max((len(names) for x in row for names in x.behind.values()), default=0)
    bottom = _TOP + 146 + (50 + 14 * lines) * (tallest - 1)
    parts, x = [], 70
    boxes = {row[0].sink.name: _column(row[0].sink, x, _TOP - 16, bottom + 16)}
    for loop in row:
        steps = max(len(loop.supply), len(loop.back), 2)
        longest = max((len(t) for unit in [*loop.supply, *loop.back] for t in two_lines(unit)), default=0)
        right = x + 2 * _BOX + 92 + steps * max(_STEP, 10 + 6 * longest)
        parts.append(_lines(solution, loop, u, x, right, bottom))
        for line, members, backwards in ((_TOP, loop.supply, False), (bottom, loop.back, True)):
            left_end, room = x + _BOX + 46, right - x - 2 * _BOX - 92  # the ends are for arrow and temperature
            for k, unit in enumerate(members):
                part = (k + 0.5) / len(members)
                at = left_end + room * (1.0 - part if backwards else part)
                parts.append(_symbol(unit, at, line, u))
        span = (bottom - _TOP + 32) / max(1, len(loop.sources))
        for k, unit in enumerate(loop.sources):
            top = _TOP - 16 + k * span
            boxes[unit.name] = _column(unit, right, top, top + span, loop.behind.get(unit.name, []))
        if loop.end:
            parts.append(text_at(x, bottom + 30, f"to {loop.end.name}", _GREY))
        x = right
    return "".join([*parts, *boxes.values()]), x + 80, bottom + 46


def _lines(solution: Solution, loop: _Loop, u: Units, left: float, right: float, bottom: float) -> str:
    c = solution.plant.circuits[loop.number]
    T_supply, T_back = loop.sink.T_out, loop.sink.T_in
    if loop.end:
        T_supply, T_back = min(s.T_in for s in loop.sources or [loop.end]), loop.end.T_in
    elif solution.plant.topology.closed[loop.number] is False and loop.sources:
        T_supply, T_back = loop.sources[0].T_in, loop.sources[-1].T_out
    colours = (_COLD, _HOT) if T_back >= T_supply else (_HOT, _COLD)
    middle = (left + right) / 2
    flow = f"{u.text(c.V_flow, 'm3/s', 3)}, {u.text(c.dp, 'Pa', 3)}".replace("deg", "°")
    out = [
        f'<line x1="{left}" y1="{_TOP}" x2="{right}" y2="{_TOP}" stroke="{colours[0]}" stroke-width="3"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}" stroke="{colours[1]}" stroke-width="3"/>',
        arrow(left + _BOX + 10, _TOP, 1, colours[0]),
        arrow(right - _BOX - 10, bottom, -1, colours[1]),
        text_at(middle, (_TOP + bottom) / 2 - 4, c.medium, INK, "bold"),
        text_at(middle, (_TOP + bottom) / 2 + 11, flow, _GREY),
        text_at(left + _BOX + 4, _TOP - 9, _degrees(u, T_supply), colours[0], "bold", "start"),
        text_at(right - _BOX - 4, bottom - 9, _degrees(u, T_back), colours[1], "bold", "end"),
    ]
    if loop.hung:
        out.append(text_at(middle, (_TOP + bottom) / 2 + 26, "with " + ", ".join(loop.hung[:4]), _GREY))
    return "".join(out)


def _degrees(u: Units, T: float) -> str:
    return u.text(T, "K", 3).replace("deg", "°")


def _column(unit: Unit, x: float, top: float, bottom: float, behind: list[str] | None = None) -> str:
    """A tall box: an exchanger, a boundary or a family of branches; `behind`: components that lead to it only."""
    y, h = top + 2, bottom - top - 4
    fill = {"branch": "#fbe9d9", "boundary": "#e3eef8"}.get(unit.kind, "#eeeeee")
    box = f'<rect x="{x - _BOX}" y="{y}" width="{2 * _BOX}" height="{h}" rx="4" fill="{fill}" stroke="{INK}"/>'
    middle = y + h / 2
    if unit.kind == "exchanger":
        cross = f'<path d="M{x - _BOX} {y + h} L{x + _BOX} {y}" stroke="#d5d5d5"/>'
        box += cross
    lines = [(t, INK) for t in two_lines(unit)]
    if math.isfinite(unit.heat):
        lines.append((f"{abs(unit.heat) / 1000.0:.4g} kW", _GREY))
    lines += [((f"via {name}" if k == 0 else name), _GREY) for k, name in enumerate(behind or [])]
    words = (
        text_at(x, middle + 4 + 14 * (k - (len(lines) - 1) / 2), t, colour) for k, (t, colour) in enumerate(lines)
    )
    return unit.part(box + "".join(words))


def _symbol(unit: Unit, x: float, y: float, u: Units) -> str:
    """A symbol on the line with its name above and its pressure drop below."""
    names = two_lines(unit)
    above = "".join(text_at(x, y - 22 - 13 * (len(names) - 1 - k), t, INK) for k, t in enumerate(names))
    rise = unit.kind == "pump"
    dp = ("+" if rise else "") + u.text(abs(unit.dp), "Pa", 2)
    off = text_at(x, y + 46, f"{unit.off} off", _HOT, "bold") if unit.off else ""
    return unit.part(glyph(unit, x, y) + above + text_at(x, y + 32, dp, _GREY) + off)
