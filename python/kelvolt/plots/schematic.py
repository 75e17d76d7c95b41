"""Schematic of the coolant circuits (SVG), made from the network and a solution.

Each circuit is a ring: at the left what feeds it, along the top and back along the bottom its parts in the order of
flow. Parts in parallel are drawn one below the other. Equal parts at the same nodes are one symbol.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from kelvolt.base.kinds import solution_of
from kelvolt.base.tables import Units
from kelvolt.cases.solution import Solution
from kelvolt.plots.circuits import Loop, Unit, loop_of
from kelvolt.plots.oneline_words import Said
from kelvolt.plots.parts import COLD, GREY, HOT, INK, PAPER, box, dot, line, part, style_sheet, width_of, words
from kelvolt.plots.schematic_words import Words
from kelvolt.plots.series import Leaf, Parallel, Series, Stub, Tree, series_parallel
from kelvolt.plots.sheet import Sheet, title_block
from kelvolt.plots.symbols import coolant_symbol, place

if TYPE_CHECKING:
    from kelvolt.cases.case import Case

_LINE, _HALF, _GAP, _MARGIN = 12, 17, 12, 24  # pixels: of words, half a symbol, between parts, around the drawing
_INSTRUMENTS = ("sensor", "controller")
_LEAST_WIDTH = 780


def loop_schematic(of: Solution | Case, system: str = "si", *, sheet: Sheet | None = None) -> str:
    """The schematic of all circuits as text of one SVG element; empty text when nothing flows.

    Circuits that are equal in all that is shown are drawn once, with all their names. Circuits without through flow are
    left out. Each symbol is a group whose attribute `data-path` is a pattern of the components it shows. system: "si",
    "si-field" or "us". sheet: the title block. A case is solved; raises TypeError for anything else.
    """
    solution = solution_of(of, "loop_schematic")
    units = Units(system)
    loops = [x for c in range(len(solution.plant.topology.media)) if (x := loop_of(solution, c)) is not None]
    drawn: dict[str, tuple[_Ring, list[_Ring]]] = {}
    for loop in loops:
        ring = _Ring(solution, loop, units)
        drawn.setdefault(ring.body, (ring, []))[1].append(ring)
    if not drawn:
        return ""
    parts, y, width = [], float(_MARGIN), float(_LEAST_WIDTH)
    for ring, alike in drawn.values():
        head, down = ring.heading(alike)
        parts.append(f'<g transform="translate(0 {y:.0f})">{head}</g>')
        parts.append(f'<g transform="translate(0 {y + down:.0f})">{ring.with_paths(alike)}</g>')
        y += down + ring.height + 16
        width = max(width, ring.width + _MARGIN, *(_MARGIN + width_of(t, 12, True) for t in ring.titles(alike)))
    parts.append(words(_MARGIN, y + 4, _KEY, GREY, size=9.5))
    y += 14
    if sheet:
        block, more = title_block(sheet, y, width)
        parts.append(block)
        y += more + 8
    label = "Schematic of " + ", ".join(ring.name for ring, _ in drawn.values())
    style = f"font-family:Helvetica,Arial,sans-serif;font-size:10.5px;max-width:{width:.0f}px"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="schematic" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {width:.0f} {y:.0f}" width="{width:.0f}" height="{y:.0f}" style="{style}">'
        f"{style_sheet('schematic')}{box(0, 0, width, y, 'none', PAPER)}{''.join(parts)}</svg>"
    )


_KEY = (
    "lines: blue in the colder half of the circuit's range, red in the hotter · "
    "− pressure drop, + rise along the flow · "
    "×n: n equal parts at the same nodes"
)


@dataclass
class _Size:
    """Room of a part: its width, and its height above and below the line [px]."""

    width: float
    up: float
    down: float


@dataclass
class _Ring:
    """The drawing of one circuit; the paths of its parts are filled in when equal circuits are known."""

    solution: Solution
    loop: Loop
    units: Units
    width: float = 0.0
    height: float = 0.0
    paths: list[tuple[str, ...]] = field(default_factory=list)
    body: str = ""
    columns: dict[int, list[float]] = field(default_factory=dict)  # widths by the id of a series beside equal ones

    def __post_init__(self) -> None:
        self.words = Words(self.solution, self.loop, self.units)
        self.circuit = self.solution.plant.circuits[self.loop.number]
        edges = [(u.inlet, u.outlet, u) for u in self.loop.units if u.inlet is not None and u.outlet is not None]
        hung = [(n, u) for u in self.loop.hung for n in [u.inlet if u.inlet is not None else u.outlet] if n is not None]
        tree = series_parallel(edges, hung, self.loop.start_node, self.loop.end_node)
        degrees = [T for u in [self.loop.sink, *self.loop.units] for T in self._ends(u)]
        self.middle = (min(degrees) + max(degrees)) / 2.0 if degrees else 0.0
        self.body = self._draw(tree)

    @property
    def name(self) -> str:
        return f"{self.circuit.name} ({self.circuit.medium})"

    def titles(self, alike: list[_Ring]) -> list[str]:
        names = [ring.circuit.name for ring in alike]
        told = f"{len(names)} circuits alike: " if len(names) > 1 else ""
        told += ", ".join(names[:3]) + (", …" if len(names) > 3 else "") + f" ({self.circuit.medium})"
        flow = f"{self.words.text(self.circuit.V_flow, 'm3/s')}, pressure drop {self.words.text(self.circuit.dp, 'Pa')}"
        return [told, flow + (" each" if len(names) > 1 else "")]

    def heading(self, alike: list[_Ring]) -> tuple[str, float]:
        title, flow = self.titles(alike)
        return words(_MARGIN, 6, title, INK, weight="bold", size=12) + words(_MARGIN, 21, flow, GREY), 30.0

    def with_paths(self, alike: list[_Ring]) -> str:
        """The drawing with the paths of this circuit and of those that look alike."""
        body = self.body
        for k in range(len(self.paths)):
            paths = [p for ring in alike for p in ring.paths[k]]
            made = part(paths, "", "").split('data-path="')[1].split('"')[0]
            body = body.replace(f'data-path="@{k}@"', f'data-path="{made}"')
        return body

    def _ends(self, u: Unit) -> tuple[float, ...]:
        return tuple(T for T in (u.crossing.T_in, u.crossing.T_out) if math.isfinite(T)) if u.crossing else ()

    def _colour(self, T: float) -> str:
        return HOT if T > self.middle else COLD

    # ---- the ring ----

    def _draw(self, tree: Series[Unit]) -> str:
        items = tree.items
        sizes = [self._size(x) for x in items]
        turn = self._turn(sizes)
        feed_words = [*self.words.above(self.loop.sink), *self._feed_words(self.loop.sink)]
        room = max(110.0, max(said.width for said in feed_words) + 2 * _HALF + 22)
        left = _MARGIN + _HALF + 4
        start = left + room
        wide = max(sum(s.width for s in sizes[:turn]), sum(s.width for s in sizes[turn:]), 120.0) + 2 * _GAP
        right = start + wide
        up = max([30.0, *(s.up for s in sizes[:turn])])
        down = max([20.0, *(s.down for s in sizes[:turn])])
        up_2 = max([20.0, *(s.up for s in sizes[turn:])])
        down_2 = max([30.0 if self.loop.end else 16.0, *(s.down for s in sizes[turn:])])
        y = up + 4
        y_2 = y + max(down + up_2 + 14, _LINE * len(feed_words) + 60)
        T_start, T_end = self._temperatures()
        there, colour = self._row(items[:turn], sizes[:turn], start, right, y, 1, self._colour(T_start))
        back, _ = self._row(items[turn:], sizes[turn:], start, right, y_2, -1, colour)
        out = [
            self._rise(left, y, y_2, start, (T_start, T_end)),
            line([(right, y), (right, y_2)], colour, 2.6),
            there,
            back,
        ]
        out.append(self._feed(left, y, y_2, feed_words))
        self.width, self.height = right + 10, y_2 + down_2
        return "".join(out)

    @staticmethod
    def _turn(sizes: list[_Size]) -> int:
        """After how many parts the drawing turns back, so that both rows are as short as they can be."""
        widths = [s.width for s in sizes]
        return min(range(len(widths) + 1), key=lambda k: (max(sum(widths[:k]), sum(widths[k:])), -k))

    def _temperatures(self) -> tuple[float, float]:
        sink, end = self.loop.sink, self.loop.end
        first = sink.crossing.T_out if sink.crossing else math.nan
        last = sink.crossing.T_in if sink.crossing else math.nan
        if end and end.crossing:
            carried = [u for u in self.loop.units if u.crossing and u.carries and not u.reversed]
            at_start = [u for u in carried if u.inlet == self.loop.start_node]
            at_end = [u for u in carried if u.outlet == self.loop.end_node]
            first = at_start[0].crossing.T_in if at_start and at_start[0].crossing else first
            last = at_end[0].crossing.T_out if at_end and at_end[0].crossing else end.crossing.T_in
        return first, last

    def _rise(self, left: float, y: float, y_2: float, start: float, degrees: tuple[float, float]) -> str:
        """The lines from the feed to the rows and back, with the temperatures at both ends."""
        cold, hot = self._colour(degrees[0]), self._colour(degrees[1])
        middle = (y + y_2) / 2
        back = [(start, y_2), (left, y_2)] + ([] if self.loop.end else [(left, middle + 16)])
        out = line([(left, middle - 16), (left, y), (start, y)], cold, 2.6) + line(back, hot, 2.6)
        out += _arrow(start - 8, y, 1, cold) + _arrow(start - 12, y_2, -1, hot)
        out += words(left + 8, y - 6, self.words.text(degrees[0], "K"), cold, weight="bold")
        return out + words(left + 20, y_2 - 6, self.words.text(degrees[1], "K"), hot, weight="bold")

    def _feed_words(self, u: Unit) -> list[Said]:
        lines = [said for said in self.words.below(u) if said.text]
        heat = u.heat
        if self.loop.end is None and u.role == "boundary" and math.isfinite(heat):
            lines.append(Said(f"{abs(heat) / 1000.0:.4g} kW", INK, "bold"))
        return [*lines, *self.words.other_side(u)]

    def _feed(self, left: float, y: float, y_2: float, lines: list[Said]) -> str:
        """The unit that feeds the circuit, upright at the left."""
        u, middle = self.loop.sink, (y + y_2) / 2
        looks = self.words.look(u)
        symbol = place(coolant_symbol(u.role, looks), left, middle, 0 if u.role in _INSTRUMENTS else -90)
        first = middle + 4 - _LINE * (len(lines) - 1) / 2
        told = "".join(
            words(left + _HALF + 8, first + _LINE * k, s.text, s.colour, weight=s.weight) for k, s in enumerate(lines)
        )
        body = box(left - 2, middle - 16, 4, 32, "none", PAPER) + symbol + told
        return self._part(u, body) + (self._end_mark(left, y_2) if self.loop.end else "")

    def _end_mark(self, left: float, y_2: float) -> str:
        """The boundary at which the coolant of an open circuit leaves."""
        assert self.loop.end is not None
        symbol = place(coolant_symbol(self.loop.end.role, self.words.look(self.loop.end)), left, y_2, 180)
        return self._part(self.loop.end, symbol + words(left - 16, y_2 + 24, self.loop.end.name, INK, weight="bold"))

    def _part(self, u: Unit, body: str) -> str:
        k = len(self.paths)
        self.paths.append(u.paths)
        many = f" ×{u.count}" if u.count > 1 else ""
        state = "off" if u.off else "flow" if u.carries else "still"
        data = f'data-path="@{k}@" data-role="{escape(u.role)}" data-count="{u.count}" data-state="{state}"'
        title = escape(f"{u.name}{many} ({u.role})")
        return f'<g class="part" {data}><title>{title}</title>{body}</g>'

    # ---- rows ----

    def _size(self, item: Tree[Unit]) -> _Size:
        if isinstance(item, Leaf):
            above, below = self._said(item.part)
            widest = max([said.width for said in [*above, *below]], default=0.0)
            return _Size(max(widest, 2 * _HALF) + _GAP, 20 + _LINE * len(above), 22 + _LINE * len(below))
        if isinstance(item, Stub):
            return self._stub_size(item)
        if isinstance(item, Parallel):
            self._align(item)
        sizes = self._sizes(item)
        if isinstance(item, Series):
            up, down = max([8.0, *(s.up for s in sizes)]), max([8.0, *(s.down for s in sizes)])
            return _Size(sum(s.width for s in sizes), up, down)
        down = sizes[0].down + sum(s.up + s.down + 4 for s in sizes[1:])
        return _Size(max(s.width for s in sizes) + 4 * _GAP, sizes[0].up, down)

    def _sizes(self, item: Series[Unit] | Parallel[Unit]) -> list[_Size]:
        sizes = [self._size(x) for x in item.items]
        widths = self.columns.get(id(item), [s.width for s in sizes])
        return [_Size(w, s.up, s.down) for w, s in zip(widths, sizes, strict=True)]

    def _align(self, item: Parallel[Unit]) -> None:
        """Gives the same columns to parallel branches of the same parts, so that equal parts are below each other."""
        rows = [branch for branch in item.items if isinstance(branch, Series)]
        roles = {tuple(x.part.role if isinstance(x, Leaf) else "" for x in row.items) for row in rows}
        if len(rows) == len(item.items) and len(roles) == 1:
            columns = zip(*(self._sizes(row) for row in rows), strict=True)
            widths = [max(s.width for s in column) for column in columns]
            self.columns |= {id(row): widths for row in rows}

    def _said(self, u: Unit) -> tuple[list[Said], list[Said]]:
        return self.words.above(u), [*self.words.below(u), *self.words.other_side(u)]

    def _stub_size(self, stub: Stub[Unit]) -> _Size:
        if not stub.parts:
            return _Size(30, 24, 8)
        u = stub.parts[0]
        lines = self._stub_words(stub)
        widest = max([30.0, *(said.width for said in lines)])
        if u.role in _INSTRUMENTS:
            return _Size(widest + _GAP, 46 + _LINE * len(lines), 8)
        return _Size(widest + _GAP, 8, 52 + _LINE * len(lines))

    def _stub_words(self, stub: Stub[Unit]) -> list[Said]:
        u = stub.parts[0]
        more = [Said(x.name, GREY) for x in stub.parts[1:]]
        mark = [Said(f"to {stub.mark}", INK, "bold")] if stub.mark else []
        return [*self.words.above(u), *self.words.below(u), *more, *mark]

    def _row(
        self, items: list[Tree[Unit]], sizes: list[_Size], start: float, right: float, y: float, way: int, colour: str
    ) -> tuple[str, str]:
        """Parts along a line from left to right (way 1) or back (-1), and the colour of the line at its end."""
        spare = (right - start - sum(s.width for s in sizes)) / (len(items) + 1)
        out, x, last = [], start if way > 0 else right, colour
        for item, size in zip(items, sizes, strict=True):
            out.append(line([(x, y), (x + way * spare, y)], last, 2.6))
            x += way * spare
            drawn, last = self._item(item, x, y, way, size, last)
            out.append(drawn)
            x += way * size.width
        out.append(line([(x, y), (right if way > 0 else start, y)], last, 2.6))
        return "".join(out), last

    def _item(self, item: Tree[Unit], x: float, y: float, way: int, size: _Size, colour: str) -> tuple[str, str]:
        """A part from x in the direction `way`, and the colour of the line behind it."""
        end = x + way * size.width
        if isinstance(item, Leaf):
            return self._leaf(item, (x + end) / 2, y, way, x, end, colour)
        if isinstance(item, Stub):
            return line([(x, y), (end, y)], colour, 2.6) + self._stub(item, (x + end) / 2, y), colour
        if isinstance(item, Series):
            out, at, last = [], x, colour
            sizes = self._sizes(item)
            spare = (size.width - sum(s.width for s in sizes)) / max(len(sizes), 1)
            for part_of, s in zip(item.items, sizes, strict=True):
                wider = _Size(s.width + spare, s.up, s.down)
                drawn, last = self._item(part_of, at, y, way, wider, last)
                out.append(drawn)
                at += way * wider.width
            return "".join(out), last
        return self._parallel(item, x, y, way, size, colour)

    def _parallel(
        self, item: Parallel[Unit], x: float, y: float, way: int, size: _Size, colour: str
    ) -> tuple[str, str]:
        end = x + way * size.width
        one, two = x + way * _GAP, end - way * _GAP
        sizes = self._sizes(item)
        at, rows = y, []
        for k, s in enumerate(sizes):
            at += sizes[k - 1].down + s.up + 4 if k else 0.0
            rows.append(at)
        out, lasts = [], []
        for branch, s, row in zip(item.items, sizes, rows, strict=True):
            room = abs(two - one)
            drawn, last = self._item(branch, one, row, way, _Size(room, s.up, s.down), colour)
            out.append(drawn)
            lasts.append(last)
        changed = [c for c in lasts if c != colour]  # what is mixed of as many is nearer to those that exchange heat
        after = changed[0] if 2 * len(changed) >= len(lasts) else colour
        out.append(
            line([(x, y), (one, y), (one, rows[-1])], colour, 2.6)
            + line([(two, rows[-1]), (two, y), (end, y)], after, 2.6)
        )
        for row in rows[:-1]:
            out.append(dot(one, row, 3.4, colour) + dot(two, row, 3.4, after))
        return "".join(out), after

    def _leaf(
        self, leaf: Leaf[Unit], x: float, y: float, way: int, start: float, end: float, colour: str
    ) -> tuple[str, str]:
        u = leaf.part
        before = after = colour
        if u.crossing and u.carries and math.isfinite(u.heat):
            ends = [self._colour(T) for T in (u.crossing.T_in, u.crossing.T_out)]
            before, after = reversed(ends) if leaf.against != u.reversed else ends
        looks = self.words.look(u)
        backwards = (way < 0) != leaf.against
        lines = line([(start, y), (x, y)], before, 2.6) + line([(x, y), (end, y)], after, 2.6)
        symbol = place(coolant_symbol(u.role, looks), x, y, 180 if backwards and u.role not in _INSTRUMENTS else 0)
        above, below = self._said(u)
        told = [
            words(x, y - 22 - _LINE * (len(above) - 1 - k), s.text, s.colour, "middle", s.weight)
            for k, s in enumerate(above)
        ]
        told += [words(x, y + 30 + _LINE * k, s.text, s.colour, "middle", s.weight) for k, s in enumerate(below)]
        return lines + self._part(u, symbol + "".join(told)), after

    def _stub(self, stub: Stub[Unit], x: float, y: float) -> str:
        if not stub.parts:
            circle = f'<circle cx="{x:.1f}" cy="{y - 14:.1f}" r="8" fill="{PAPER}" stroke="{INK}"/>'
            return line([(x, y), (x, y - 6)], INK) + circle + words(x, y - 10, stub.mark, INK, "middle", "bold")
        u = stub.parts[0]
        lines = self._stub_words(stub)
        looks = self.words.look(u)
        if u.role in _INSTRUMENTS:
            symbol = line([(x, y), (x, y - 16)], INK, 1) + place(coolant_symbol(u.role, looks), x, y - 29)
            first = y - 48 - _LINE * (len(lines) - 1)
        else:
            symbol = line([(x, y), (x, y + 31)], INK, 1.4) + place(coolant_symbol(u.role, looks), x, y + 31)
            first = y + 58
        told = "".join(words(x, first + _LINE * k, s.text, s.colour, "middle", s.weight) for k, s in enumerate(lines))
        return self._part(u, dot(x, y, 2.6, INK) + symbol + told)


def _arrow(x: float, y: float, way: int, colour: str) -> str:
    points = f"M{x:.1f} {y - 6:.1f} L{x + 11 * way:.1f} {y:.1f} L{x:.1f} {y + 6:.1f} Z"
    return f'<path d="{points}" fill="{colour}"/>'
