"""The one-line diagram of a power network as SVG, with loading and voltage as colour and as text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from kelvolt.base.kinds import flow_of
from kelvolt.plots.oneline_layout import lay_out
from kelvolt.plots.oneline_parts import MOST_DRAWN, Rail, Symbol
from kelvolt.plots.oneline_words import (
    DROP,
    LOADING,
    Said,
    at_bus,
    beside,
    is_bar,
    is_dead,
    is_open,
    kind,
    look,
    lost_at,
    tag,
)
from kelvolt.plots.parts import DEAD, GREY, INK, PAPER, box, dot, line, part, style_sheet, width_of, words
from kelvolt.plots.sheet import Sheet, title_block
from kelvolt.plots.symbols import HALF, electric_symbol, place
from kelvolt.power.net import Grid

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

_RAIL, _SUB, _MARGIN, _LINE = 36, 26, 26, 12  # pixels; the last: from line to line of words
_WIDEST = 1500  # px; a wider drawing cannot be read on a screen or on A3


def one_line(
    of: Case | Solution | PowerFlow | Grid, title: str = "", *, most: int | None = None, sheet: Sheet | None = None
) -> str:
    """The one-line diagram as text of an SVG element; empty text for a case without an electric network.

    Every bus is drawn by itself, so rings, sections with their couplers and pairs of feeds are seen as they are. Equal
    elements are one symbol with their count where they hang on the same buses in the same way, in one state and with
    the same rating.

    of: a power flow (`solution.power_flow()`) or its `grid`; a solution; a case, which is solved. most: up to this
    number such elements are drawn one by one; by default 3, or 1 where the drawing would become too wide. sheet: the
    title block.

    Each symbol, bus and wire is a group whose attribute `data-path` is a pattern of the components it shows; `data-bus`
    numbers the buses, and `data-state` is "open" at open switches. Raises TypeError for anything else, and for a case
    what `steady` raises.
    """
    grid = of if isinstance(of, Grid) else flow_of(of, "one_line").grid
    if not grid:
        return ""
    drop = {n: (grid.feeder(n)[1], *grid.lost_most(n)) for n in grid.buses}
    page = _Page(grid, MOST_DRAWN if most is None else most, drop)
    if most is None and page.d.width > _WIDEST:
        page = _Page(grid, 1, drop)
    width = max(page.d.width + _MARGIN, 780)
    parts = [page.wires(k, s) for k, s in enumerate(page.d.symbols)]
    parts += [page.rail(r) for r in page.d.rails]
    parts += [page.symbol(s) for s in page.d.symbols]
    key, height = _legend(page.height, width)
    parts.append(key)
    if sheet:
        block, more = title_block(sheet, height, width)
        parts.append(block)
        height += more + 8
    head = words(_MARGIN, 22, title, INK, weight="bold", size=13) if title else ""
    style = "font-family:Helvetica,Arial,sans-serif;font-size:10.5px;max-width:100%;height:auto"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="oneline" role="img" aria-label="One-line {escape(title)}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" style="{style}">'
        f"{style_sheet('oneline')}{box(0, 0, width, height, 'none', PAPER)}"
        f"{head}{''.join(parts)}</svg>"
    )


@dataclass
class _Row:
    """A layer: its middle, and half its height (symbols) or its first line (buses) [px]."""

    middle: float
    half: float


class _Page:
    """The drawing with its places in pixels."""

    def __init__(self, grid: Grid, most: int, drop: dict[int, tuple[float, float, str]]) -> None:
        self.grid = grid
        self.drop = drop
        self.told: dict[str, list[Said]] = {}
        self.d = lay_out(grid, most, self._room)
        for s in self.d.symbols:
            s.x += _MARGIN
        for r in self.d.rails:
            r.x += _MARGIN
        self.d.bends = {end: [(layer, _MARGIN + x) for layer, x in way] for end, way in self.d.bends.items()}
        self.d.width += _MARGIN
        self._set_levels()
        self._set_sides()
        self.rows, self.height = self._rows()

    def _room(self, of: Symbol | Rail) -> tuple[float, float]:
        if isinstance(of, Symbol):
            return 26.0, HALF + 16 + max(said.width for said in self._beside(of))
        return 14.0, 14.0

    def _beside(self, s: Symbol) -> list[Said]:
        if s.key not in self.told:
            self.told[s.key] = beside(s, self.grid)
        return self.told[s.key]

    def _beside_bus(self, r: Rail) -> float:
        return max(said.width for said in at_bus(r, self.drop))

    # ---- rows ----

    def _span(self, r: Rail) -> tuple[float, float]:
        """From the leftmost to the rightmost wire of a rail [px], of a bar with its ends."""
        xs = [self._wire_x(self.d.symbols[k], k, port) for k, port in r.joined] or [r.x]
        over = 16 if is_bar(r) else 0
        return min(xs) - over, max(xs) + over

    def _wire_x(self, s: Symbol, k: int, port: str) -> float:
        """The x position [px] at which the wire of a port meets its rail."""
        bends = self.d.bends.get((k, port))
        return (bends[-1][1] if bends else s.x + self._offset(s, port)) + 7.0 * self.d.rails[s.ends[port]].level

    def _side(self, s: Symbol, upper: bool) -> list[str]:
        """Ports on the upper or lower side of a symbol, from left to right in the order of the rails they lead to."""
        side = [p for p, r in s.ends.items() if (self.d.rails[r].layer < s.layer) == upper]
        return sorted(side, key=lambda p: (self.d.rails[s.ends[p]].x, p))

    def _lies(self, s: Symbol) -> bool:
        """Whether a symbol is drawn lying: the two rails that it joins are both above or both below it."""
        return len(s.ends) == 2 and len(self._side(s, True)) != 1

    def _offset(self, s: Symbol, port: str) -> float:
        """Offset [px] of a port from the middle of its symbol, so that wires on one side are next to each other."""
        side = self._side(s, self.d.rails[s.ends[port]].layer < s.layer)
        return (2 * HALF if self._lies(s) else 16.0) * (side.index(port) - (len(side) - 1) / 2.0)

    def _set_levels(self) -> None:
        """Puts rails of one layer that would overlap, words included, on lines one below the other."""
        for layer in {r.layer for r in self.d.rails}:
            ends: list[float] = []
            for span, r in sorted(((self._span(r), r) for r in self.d.rails if r.layer == layer), key=lambda x: x[0]):
                r.level = next((i for i, end in enumerate(ends) if end + 20 < span[0]), len(ends))
                ends[r.level :] = [span[1] + 8 + self._beside_bus(r), *ends[r.level + 1 :]]

    def _set_sides(self) -> None:
        """Where the words of each bus begin [px]: at its right end; where a wire to another line of its layer runs
        there, at its left end, or else behind that wire."""
        self.words_x: dict[int, float] = {}
        for r in self.d.rails:
            beside = [x for x in self.d.rails if x.layer == r.layer and x.number != r.number]
            passing = [
                self._wire_x(self.d.symbols[k], k, port)
                for x in beside
                for k, port in x.joined
                if x.level != r.level and (x.level > r.level) == (self.d.symbols[k].layer < x.layer)
            ]
            spans = [end for x in beside if x.level == r.level for end in self._span(x)]
            (left, right), width = self._span(r), 0.9 * self._beside_bus(r)
            off = 6 if is_bar(r) else 7
            free = [
                x
                for x in (
                    right + off,
                    left - off - width,
                    *(wire + off for wire in sorted(passing) if 0 < wire - right < 40),
                )
                if x > 4 and not any(x - 4 < at < x + width for at in [*passing, *spans])
            ]
            self.words_x[r.number] = free[0] if free else right + off

    def _rows(self) -> tuple[dict[int, _Row], float]:
        last = max([s.layer for s in self.d.symbols] + [r.layer for r in self.d.rails])
        y, rows = 40.0, {}
        for layer in range(last + 1):
            if layer % 2:
                rows[layer] = _Row(y + _RAIL / 2, _RAIL / 2)
                y += _RAIL + _SUB * max((r.level for r in self.d.rails if r.layer == layer), default=0)
            elif any(s.layer == layer for s in self.d.symbols) or layer < last:
                half = max((self._half(s) for s in self.d.symbols if s.layer == layer), default=8.0)
                rows[layer] = _Row(y + half, half)
                y += 2 * half
        longest = max((self.words_x[r.number] + 8 + self._beside_bus(r) for r in self.d.rails), default=0.0)
        self.d.width = max(self.d.width, longest)
        return rows, y + 12

    def _half(self, s: Symbol) -> float:
        """Half the height that a symbol with its words needs [px]; the words of a lying one are below it."""
        lines = len(self._beside(s))
        return 22.0 + _LINE * lines if self._lies(s) else max(26.0, _LINE * lines / 2 + 8)

    # ---- drawing ----

    def _rail_y(self, r: Rail) -> float:
        return self.rows[r.layer].middle + _SUB * r.level

    def rail(self, r: Rail) -> str:
        """A bus, with its words on paper at one end."""
        left, right = self._span(r)
        y, colour = self._rail_y(r), lost_at(r, self.drop)[1]
        bar = is_bar(r)
        drawn = line([(left, y), (right, y)], colour, 5 if bar else 1.6)
        drawn += "" if bar else dot(right, y, 2.6, colour)
        lines = at_bus(r, self.drop)
        first = y + 3.5 - (_LINE / 2) * (len(lines) - 1)
        x = self.words_x[r.number]
        back = box(x - 2, first - 9, self._beside_bus(r) + 3, _LINE * len(lines), "none", PAPER)
        told = "".join(words(x, first + _LINE * k, t, c, weight=w) for k, (t, c, w) in enumerate(lines))
        paths = [e.path for s in r.named for e in s.members]
        title = ", ".join(said.text for said in lines)
        attributes = f' data-bus="{r.number}" data-count="{r.count}"'
        kind_of = "bus part" if paths else "bus"
        return part(paths or [b.name for b in r.buses], title, drawn + back + told, kind_of, attributes)

    def wires(self, k: int, s: Symbol) -> str:
        """The wires from a symbol to its rails, which bend around symbols between them."""
        out = []
        for port, number in s.ends.items():
            r = self.d.rails[number]
            way = 1 if r.layer > s.layer else -1
            row = self.rows[s.layer]
            x, y = s.x + self._offset(s, port), row.middle + way * HALF
            points = [(x, row.middle)] if self._lies(s) else [(s.x, y), (x, y)]
            for layer, column in self.d.bends.get((k, port), []):
                at = self.rows[layer].middle - way * (self.rows[layer].half - 3)
                points += [(points[-1][0], at), (column, at)]
            meets = self._wire_x(s, k, port)
            if abs(meets - points[-1][0]) > 0.05:
                points += [(points[-1][0], points[-1][1] + way * 5), (meets, points[-1][1] + way * 5)]
            points.append((meets, self._rail_y(r)))
            colour = INK if any(b.live for b in r.buses) else DEAD
            dash = "" if colour == INK else ' stroke-dasharray="3 3"'
            drawn = line(points, colour, more=dash)
            if len(r.joined) > 2:
                drawn += dot(*points[-1], 3, colour)
            more = f' data-bus="{number}" data-port="{escape(port)}"'
            out.append(part((e.path for e in s.members), f"{tag(s)}, port {port}", drawn, "wire", more))
        return "".join(out)

    def symbol(self, s: Symbol) -> str:
        """A symbol with its words at its right."""
        x, row = s.x, self.rows[s.layer]
        lies, dead = self._lies(s), is_dead(s, self.grid)
        lines: list[Said] = self._beside(s)
        top = row.middle + (24 if lies else 3.5 - (_LINE / 2) * (len(lines) - 1))
        told = "".join(
            words(x - HALF if lies else x + HALF + 8, top + _LINE * k, t, c, weight=w)
            for k, (t, c, w) in enumerate(lines)
        )
        role, looks = look(s, dead, self._side(s, True))
        drawn = place(electric_symbol(role, looks), x, row.middle, 90 if lies else 0)
        state = "open" if is_open(s) else "dead" if dead else "out of service" if s.out_of_service else "on"
        more = f' data-role="{escape(role)}" data-count="{len(s.firsts)}" data-state="{state}"'
        return part((e.path for e in s.members), f"{s.name} ({kind(s)})", drawn + told, "part", more)


def _legend(y: float, width: float) -> tuple[str, float]:
    """The key below y, in as many lines as the width asks for, and where it ends."""
    groups = [
        [("loading:", INK)]
        + [(t, c) for t, (_, c) in zip(("to 80 %", "80 to 100 %", "above 100 %"), LOADING, strict=True)],
        [("voltage lost on the feeder:", INK)]
        + [(t, c) for t, (_, c) in zip(("to 1 %", "to 3 %", "to 5 %", "more"), DROP, strict=True)],
        [("dead", GREY)],
        [("×n: n equal elements at the same buses", INK)],
    ]
    x, out = float(_MARGIN), []
    for group in groups:
        if x > _MARGIN and x + sum(width_of(t, 10.5, True) + 6 for t, _ in group) > width - 8:
            x, y = float(_MARGIN), y + 14
        for text, colour in group:
            out.append(words(x, y + 14, text, colour, weight="normal" if colour == INK else "bold"))
            x += width_of(text, 10.5, colour != INK) + 6
        x += 18
    return f'<g class="key">{"".join(out)}</g>', y + 28


__all__ = ["DROP", "LOADING", "one_line"]
