"""The one-line diagram of a power network as SVG, with loading and voltage as colour and as text."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.kinds import flow_of
from kelvolt.base.paths import path_levels
from kelvolt.plots.oneline_layout import MOST_DRAWN, Drawing, Rail, Symbol, lay_out
from kelvolt.plots.parts import part
from kelvolt.power.net import Bus, Element, Grid

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

_SYMBOL, _RAIL, _SUB, _MARGIN = 82, 40, 20, 26  # pixels
_HALF = 15  # half the size of a symbol [px]
_ALIKE = 0.01  # share by which elements in one symbol may differ and still be shown by one value instead of a range
_INK, _GREY, _DEAD = "#222222", "#666666", "#b5b5b5"
# loading over rating and voltage lost since the head of the feeder; dark enough for print
LOADING = ((0.8, "#1b7837"), (1.0, "#b35806"), (math.inf, "#b2182b"))
DROP = ((0.01, "#2166ac"), (0.03, "#5e4fa2"), (0.05, "#b35806"), (math.inf, "#b2182b"))


def one_line(of: Case | Solution | PowerFlow | Grid, title: str = "", *, most: int = MOST_DRAWN) -> str:
    """The one-line diagram as text of an SVG element; empty text for a case without an electric network.

    of: a power flow (`solution.power_flow()`) or its `grid`; a solution; a case, which is solved. most: arrays of more
    elements are drawn as one symbol. Raises TypeError for anything else, and for a case what `steady` raises.
    """
    grid = of if isinstance(of, Grid) else flow_of(of, "one_line").grid
    if not grid:
        return ""
    d = _in_pixels(lay_out(grid, most))
    _set_levels(d)
    rows, height = _rows(d)
    drop = {n: (grid.feeder(n)[1], *grid.lost_most(n)) for n in grid.buses}
    parts = [_rail(r, d, rows, drop) for r in d.rails]
    parts += [_wires(k, s, d, rows) for k, s in enumerate(d.symbols)]
    parts += [_symbol(s, rows, _lies(s, d), _dead(s, grid)) for s in d.symbols]
    width = max(d.columns + _MARGIN, 780)
    parts.append(_legend(height))
    head = _text(_MARGIN, 22, title, _INK, "start", "bold", 13) if title else ""
    style = "font-family:Helvetica,Arial,sans-serif;font-size:10.5px;background:white;max-width:100%;height:auto"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="oneline" role="img" aria-label="One-line {escape(title)}" '
        f'viewBox="0 0 {width:.0f} {height + 34:.0f}" width="{width:.0f}" height="{height + 34:.0f}" style="{style}">'
        f'<rect width="100%" height="100%" fill="white"/>{head}{"".join(parts)}</svg>'
    )


# ---- rows ----


def _in_pixels(d: Drawing) -> Drawing:
    """The drawing in pixels, with columns as wide as the longest name or range of values needs."""
    longest = (max(len(s.name), len(_each(s)), len(_kind(s)) - 2) for s in d.symbols)
    pitch = max([132.0, *(6.0 * n + 2 * _HALF + 22 for n in longest)])
    for s in d.symbols:
        s.x = _MARGIN + 24 + pitch * s.x
    bends = {end: [(layer, _MARGIN + 24 + pitch * x) for layer, x in way] for end, way in d.bends.items()}
    return Drawing(d.symbols, d.rails, bends, _MARGIN + pitch * d.columns)


def _span(r: Rail, d: Drawing) -> tuple[float, float]:
    """From the leftmost to the rightmost wire of a rail [px]."""
    xs = [_wire_x(d.symbols[k], k, port, d) for k, port in r.joined]
    return min(xs), max(xs)


def _wire_x(s: Symbol, k: int, port: str, d: Drawing) -> float:
    """The x position [px] at which the wire of a port meets its rail."""
    bends = d.bends.get((k, port))
    return (bends[-1][1] if bends else s.x + _offset(s, port, d)) + _shift(d.rails[s.ends[port]])


def _shift(r: Rail) -> float:
    """A sideways shift [px] by which wires to a lower rail of a layer do not overlap those to the rail above it."""
    return 7.0 * r.level


def _side(s: Symbol, upper: bool, d: Drawing) -> list[str]:
    """Ports on the upper or lower side of a symbol, from left to right in the order of the rails they lead to."""
    side = [p for p, r in s.ends.items() if (d.rails[r].layer < s.layer) == upper]
    return sorted(side, key=lambda p: (d.rails[s.ends[p]].x, p))


def _lies(s: Symbol, d: Drawing) -> bool:
    """Whether a symbol is drawn lying: the two rails that it joins are both above or both below it."""
    return len(s.ends) == 2 and len(_side(s, True, d)) != 1


def _offset(s: Symbol, port: str, d: Drawing) -> float:
    """Offset [px] of a port from the middle of its symbol, so that wires on one side are next to each other."""
    side = _side(s, d.rails[s.ends[port]].layer < s.layer, d)
    return (2 * _HALF if _lies(s, d) else 16.0) * (side.index(port) - (len(side) - 1) / 2.0)


def _set_levels(d: Drawing) -> None:
    for layer in {r.layer for r in d.rails}:
        ends: list[float] = []
        for span, r in sorted(((_span(r, d), r) for r in d.rails if r.layer == layer), key=lambda x: x[0]):
            r.level = next((i for i, end in enumerate(ends) if end + 30 < span[0]), len(ends))
            ends[r.level :] = [span[1], *ends[r.level + 1 :]]


def _rows(d: Drawing) -> tuple[dict[int, float], float]:
    """The middle of each symbol layer, the first line of each rail layer, and the total height [px]."""
    last = max([s.layer for s in d.symbols] + [r.layer for r in d.rails])
    y, rows = 44.0, {}
    for layer in range(last + 1):
        if layer % 2:
            rows[layer] = y + _RAIL / 2
            y += _RAIL + _SUB * max((r.level for r in d.rails if r.layer == layer), default=0)
        elif any(s.layer == layer for s in d.symbols) or layer < last:
            rows[layer] = y + _SYMBOL / 2
            y += _SYMBOL
    return rows, y + 12


# ---- rails and wires ----


def _rail_y(r: Rail, rows: dict[int, float]) -> float:
    return rows[r.layer] + _SUB * r.level


def _rail(r: Rail, d: Drawing, rows: dict[int, float], drop: dict[int, tuple[float, float, str]]) -> str:
    left, right = _span(r, d)
    y = _rail_y(r, rows)
    lost, _, of = max((drop[b.number] for b in r.buses), key=lambda x: -1.0 if math.isnan(x[0]) else x[0])
    dead = not any(b.live for b in r.buses)
    colour = _DEAD if dead else _scaled(lost, DROP)
    bar = len(r.joined) > 2
    if bar:
        left, right = left - 22, right + 22
    pen = f'stroke="{colour}" stroke-width="{5 if bar else 1.6}"'
    line = f'<line x1="{left:.0f}" y1="{y:.0f}" x2="{right:.0f}" y2="{y:.0f}" {pen}/>'
    if not bar:
        line += f'<circle cx="{right:.0f}" cy="{y:.0f}" r="2.6" fill="{colour}"/>'
    volts = [drop[b.number][1] if drop[b.number][2] == of else b.line for b in r.buses if b.live]
    of = of if of.endswith("n") else ""
    said = _voltage(r.buses, volts, of) + (f", −{100 * lost:.1f} %" if not dead and lost > 5e-4 else "")
    if bar:
        many = f" ×{len(r.buses)}" if len(r.buses) > 1 else ""
        said = f"{_shared_name([b.name for b in r.buses])}{many}  {said}"
    at = (left, y - 6) if bar else (right + 6, y + 3.5)
    return line + _text(*at, said, _GREY if dead else colour, "start")


def _shared_name(names: list[str]) -> str:
    """The first name with the indices that all names of that shape share."""
    first, *others = (path_levels(name) for name in names)
    alike = [first, *(levels for levels in others if [x for x, _ in levels] == [x for x, _ in first])]
    shared = [len({levels[k][1] for levels in alike}) == 1 for k in range(len(first))]
    return ".".join(f"{x}[{i}]" if i and same else x for (x, i), same in zip(first, shared, strict=True))


def _voltage(buses: list[Bus], live: list[float], of: str) -> str:
    """The voltage of live buses as text, with the conductors it is between for a phase to neutral."""
    if not live:
        return "dead"
    low, high = _ends(live)
    unit = "V DC" if buses[0].kind == "dc" else "V"
    per, unit = (1e3, f"k{unit}") if low >= 2e3 else (1.0, unit)
    unit = f"{unit} {of}".rstrip()
    return f"{low / per:.4g} to {high / per:.4g} {unit}" if high > low else f"{low / per:.4g} {unit}"


def _ends(values: list[float]) -> tuple[float, float]:
    """The range (low, high) of the values in one symbol; both are the lowest where they differ by less than 1 %."""
    low, high = min(values), max(values)
    return (low, high) if high > low + _ALIKE * abs(low) else (low, low)


def _wires(k: int, s: Symbol, d: Drawing, rows: dict[int, float]) -> str:
    """The wires from a symbol to its rails, which bend around symbols between them."""
    out = []
    for port, number in s.ends.items():
        r = d.rails[number]
        way = 1 if r.layer > s.layer else -1
        x, y = s.x + _offset(s, port, d), rows[s.layer] + way * _HALF
        points = [(x, rows[s.layer])] if _lies(s, d) else [(s.x, y), (x, y)]
        for layer, column in d.bends.get((k, port), []):
            points += [(points[-1][0], rows[layer] - way * 24), (column, rows[layer] - way * 24)]
        meets = _wire_x(s, k, port, d)
        if meets != points[-1][0]:
            points += [(points[-1][0], points[-1][1] + way * 5), (meets, points[-1][1] + way * 5)]
        points.append((meets, _rail_y(r, rows)))
        dead = not any(b.live for b in r.buses)
        dash = ' stroke-dasharray="3 3"' if dead else ""
        data = "M" + " L".join(f"{a:.0f} {b:.0f}" for a, b in points)
        out.append(f'<path d="{data}" fill="none" stroke="{_DEAD if dead else _INK}" stroke-width="1.4"{dash}/>')
        if len(r.joined) > 2:
            cx, cy = points[-1]
            out.append(f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="3" fill="{_DEAD if dead else _INK}"/>')
    return "".join(out)


# ---- symbols ----


def _dead(s: Symbol, grid: Grid) -> bool:
    return not any(grid.buses[end.bus].live for e in s.members for end in e.ends)


def _watts(w: float) -> str:
    return f"{w / 1e6:.3g} MW" if w >= 1e6 else f"{w / 1e3:.3g} kW" if w >= 1e3 else f"{w:.3g} W"


def _each(s: Symbol) -> str:
    low, high = _ends(s.watts)
    return f"{_watts(low)} to {_watts(high)} each" if high > low + 1e-3 else ""


def _symbol(s: Symbol, rows: dict[int, float], lies: bool, dead: bool) -> str:
    """A symbol with its text. It is grey when all its buses are dead; a live one without load is labelled 0 W."""
    x, y = s.x, rows[s.layer]
    idle = all(abs(e.taken) + abs(e.given) < 1e-3 for e in s.members)
    colour = _DEAD if dead else _INK
    lines = [(s.name, _INK, "bold"), (_kind(s), _GREY, "normal")]
    if dead or s.out_of_service:
        state = ["out of service"] * s.out_of_service + ["dead"] * dead
        lines.append((", ".join(state), _GREY, "normal"))
    if not dead and s.role != "bus":  # the power of a busbar is seen at the elements connected to it
        lines.append((_watts(0.0 if idle else sum(s.watts)), _INK, "normal"))
        lines += [(_each(s), _INK, "normal")] * bool(_each(s))
    if math.isfinite(s.loading) and not idle:
        lines.append((f"{100.0 * max(s.loading, 0.0):.0f} %", _scaled(s.loading, LOADING), "bold"))
    top = y - 6 - 6 * (len(lines) - 2) + (24 if lies else 0)
    words = "".join(_text(x + _HALF + 8, top + 12 * k, t, c, "start", w) for k, (t, c, w) in enumerate(lines))
    glyph = _glyph(s, x, y, colour)
    drawn = (f'<g transform="rotate(90 {x} {y})">{glyph}</g>' if lies else glyph) + words
    return part((e.path for e in s.members), f"{s.name} ({_kind(s)})", drawn)


def _kind(s: Symbol) -> str:
    """The model, with the rating where all members have the same."""
    rated = {_rated(e) for e in s.members}
    return ", ".join([s.members[0].type, *(rated if len(rated) == 1 and "" not in rated else ())])


def _rated(e: Element) -> str:
    """The rating as text, of a device with a trip unit also its setting; empty where none is stated."""
    value, unit = e.rating
    if math.isnan(value):
        return ""
    text = _scaled_text(value, unit)
    return text if e.setting == value or not _trips(e) else f"{text} set to {_scaled_text(e.setting, unit)}"


def _scaled_text(x: float, unit: str) -> str:
    kilo = 1e4 if unit == "A" else 1e3
    return f"{x / 1e6:.4g} M{unit}" if x >= 1e6 else f"{x / 1e3:.4g} k{unit}" if x >= kilo else f"{x:.4g} {unit}"


def _trips(e: Element) -> bool:
    return "open_by_trip" in e.values


def _melts(e: Element) -> bool:
    """Whether a protective device is a fuse: its current is rated, and it has no trip unit that could be set."""
    return _trips(e) and len(e.ratings) == 1


def _glyph(s: Symbol, x: float, y: float, colour: str) -> str:
    fill = "white"
    if math.isfinite(s.loading) and colour != _DEAD:
        fill = _pale(_scaled(s.loading, LOADING))
    pen = f'fill="{fill}" stroke="{colour}" stroke-width="1.6"'
    draw: dict[str, Callable[[], str]] = {
        "source": lambda: _source(s, x, y, pen, colour),
        "transformer": lambda: (
            f'<circle cx="{x}" cy="{y - 6}" r="9.5" {pen}/><circle cx="{x}" cy="{y + 6}" r="9.5" {pen}/>'
            f'<circle cx="{x}" cy="{y - 6}" r="9.5" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        ),
        "converter": lambda: _converter(s, x, y, pen, colour),
        "switch": lambda: _switch(s, x, y, colour),
        "branch": lambda: f'<rect x="{x - 5}" y="{y - 15}" width="10" height="30" {pen}/>',
        "bus": lambda: (
            f'<path d="M{x} {y - _HALF} V{y}" stroke="{colour}" stroke-width="1.4"/>'
            f'<path d="M{x - 12} {y} H{x + 12}" stroke="{colour}" stroke-width="3.5"/>'
        ),
        "load": lambda: (
            f'<path d="M{x} {y - _HALF} V{y - 6}" stroke="{colour}" stroke-width="1.4"/>'
            f'<path d="M{x - 10} {y - 6} L{x + 10} {y - 6} L{x} {y + 11} Z" {pen}/>'
        ),
    }
    return draw[s.role]()


def _source(s: Symbol, x: float, y: float, pen: str, colour: str) -> str:
    if s.members[0].ends[0].kind == "dc":
        bars = [(-8, 14), (-2, 7), (4, 14), (10, 7)]
        inner = "".join(f'<path d="M{x - h} {y + dy} H{x + h}" stroke="{colour}" stroke-width="2"/>' for dy, h in bars)
        return f'<rect x="{x - _HALF}" y="{y - _HALF}" width="{2 * _HALF}" height="{2 * _HALF}" fill="white"/>{inner}'
    wave = f'<path d="M{x - 8} {y} q4 -8 8 0 q4 8 8 0" fill="none" stroke="{colour}" stroke-width="1.6"/>'
    return f'<circle cx="{x}" cy="{y}" r="{_HALF}" {pen}/>{wave}'


def _converter(s: Symbol, x: float, y: float, pen: str, colour: str) -> str:
    """A square divided by a diagonal: kind of the input above it, kind of the output below."""
    ends = s.members[0].ends
    fed = next(e for e in ends if e.feeders)
    inlet = next((e for e in ends if not e.feeders), fed)
    box = f'<rect x="{x - _HALF}" y="{y - _HALF}" width="{2 * _HALF}" height="{2 * _HALF}" {pen}/>'
    cross = f'<path d="M{x - _HALF} {y + _HALF} L{x + _HALF} {y - _HALF}" stroke="{colour}" stroke-width="1.2"/>'
    marks = [
        _text(x + dx, y + dy, "=" if e.kind == "dc" else "~", colour, "middle", "bold", 13)
        for e, dx, dy in ((inlet, -6, -1), (fed, 6, 12))
    ]
    return box + cross + "".join(marks)


def _switch(s: Symbol, x: float, y: float, colour: str) -> str:
    """Symbols of IEC 60617: a blade, open or closed, with a cross at its fixed contact where it trips by itself (a
    breaker); a fuse is a box with the conductor through it, with a gap where it has melted or is taken out."""
    shut = [
        e.values.get("closed", e.values.get("taken", 1.0)) > 0.5 and e.values.get("open_by_trip", 0.0) < 0.5
        for e in s.members
    ]
    if _melts(s.members[0]):
        box = (
            f'<rect x="{x - 6}" y="{y - 14}" width="12" height="28" fill="white" stroke="{colour}" stroke-width="1.6"/>'
        )
        wire = f"M{x} {y - _HALF} V{y + _HALF}" if all(shut) else f"M{x} {y - _HALF} V{y - 5} M{x} {y + 5} V{y + _HALF}"
        return f'{box}<path d="{wire}" stroke="{colour}" stroke-width="1.6"/>'
    blade = f"M{x} {y + 12} L{x} {y - 12}" if all(shut) else f"M{x} {y + 12} L{x + 13} {y - 10}"
    gap = f'<rect x="{x - 2}" y="{y - 13}" width="4" height="26" fill="white"/>'
    if _trips(s.members[0]):
        fixed = f'<path d="M{x - 5} {y - 17} l10 10 m0 -10 l-10 10" stroke="{colour}" stroke-width="2.2"/>'
    else:
        fixed = f'<circle cx="{x}" cy="{y - 12}" r="2.4" fill="{colour}"/>'
    ends = f'{fixed}<circle cx="{x}" cy="{y + 12}" r="2.4" fill="{colour}"/>'
    return f'{gap}{ends}<path d="{blade}" stroke="{colour}" stroke-width="2" fill="none"/>'


# ---- small ----


def _scaled(value: float, scale: tuple[tuple[float, str], ...]) -> str:
    return next((colour for upto, colour in scale if value <= upto), scale[-1][1])


def _pale(colour: str) -> str:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return "#" + "".join(f"{int(round(255 - 0.22 * (255 - c))):02x}" for c in rgb)


def _legend(y: float) -> str:
    words = [("loading:", _INK)]
    words += [(t, c) for t, (_, c) in zip(("to 80 %", "80 to 100 %", "above 100 %"), LOADING, strict=True)]
    words += [("     voltage lost on the feeder:", _INK)]
    words += [(t, c) for t, (_, c) in zip(("to 1 %", "to 3 %", "to 5 %", "more"), DROP, strict=True)]
    words += [("     dead", _GREY)]
    spans = "  ".join(f'<tspan fill="{c}" font-weight="bold">{escape(t)}</tspan>' for t, c in words)
    return f'<text x="{_MARGIN}" y="{y + 14:.0f}" xml:space="preserve">{spans}</text>'


def _text(x: float, y: float, text: str, colour: str, anchor: str, weight: str = "normal", size: float = 10.5) -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{colour}" font-size="{size}"'
    halo = 'paint-order="stroke" stroke="white" stroke-width="3" stroke-linejoin="round"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style} {halo}>{escape(text)}</text>'
