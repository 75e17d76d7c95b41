"""Symbols of both drawings, by the role that a model declares: coolant after ISO 14617 and ISA 5.1, electric after
IEC 60617.

Every symbol is drawn around (0, 0), 30 pixels wide and high. Coolant flows from left to right through it, power from
top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kelvolt.plots.parts import INK, PAPER, paint, words

HALF = 15  # half the size of a symbol [px]


@dataclass(frozen=True)
class Look:
    """What a symbol needs besides its role: its colours, and the state that is seen in it."""

    colour: str = INK
    fill: str = PAPER
    direct: bool = False  # an output of direct current
    direct_in: bool = False  # an input of direct current
    shut: bool = True  # a switch: closed; a valve: open
    driven: bool = False  # a valve: with an actuator
    runs: bool = True
    machine: bool = False  # a source: a rotating machine
    stores: bool = False  # a converter: with a battery
    melts: bool = False  # protection: a fuse
    inputs: int = 0  # a switch between several inputs: the number of that in use, 0 for none
    mark: str = ""  # letters of an instrument

    @property
    def pen(self) -> str:
        return paint(self.colour, self.fill, 1.6)

    @property
    def line(self) -> str:
        return paint(self.colour, "none", 1.6)

    def path(self, data: str, open: bool = False) -> str:
        return f'<path d="{data}" {self.line if open else self.pen}/>'

    def circle(self, x: float, y: float, r: float) -> str:
        return f'<circle cx="{x}" cy="{y}" r="{r}" {self.pen}/>'

    def box(self, x: float, y: float, w: float, h: float, round: float = 0) -> str:
        return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{round}" {self.pen}/>'

    def text(self, x: float, y: float, text: str, size: float = 12) -> str:
        return words(x, y, text, self.colour, "middle", "bold", size)


# ---- coolant ----


def _pump(k: Look) -> str:
    """A circle with a triangle that points in the direction of flow, filled while the pump runs."""
    inner = paint(k.colour, k.colour if k.runs else "none", 1.4)
    return k.circle(0, 0, 14) + f'<path d="M-7 -12 L14 0 L-7 12 Z" {inner}/>'


def _valve(k: Look) -> str:
    """Two triangles, with an actuator where the valve is driven; without one it is a check valve."""
    if not k.driven:
        return (
            k.path("M-13 -9 L-13 9 L13 -9 L13 9", True)
            + f'<circle cx="-13" cy="-9" r="2.6" {paint(k.colour, k.colour)}/>'
        )
    bow = (
        k.path("M-14 -9 L14 9 L14 -9 L-14 9 Z")
        if k.shut
        else f'<path d="M-14 -9 L14 9 L14 -9 L-14 9 Z" {paint(k.colour, k.colour)}/>'
    )
    return k.path("M0 0 V-9", True) + k.path("M-7 -9 A7 7 0 0 1 7 -9 Z") + bow


def _filter(k: Look) -> str:
    mesh = f'<path d="M0 -12 V12" {paint(k.colour, "none", 1.2)} stroke-dasharray="3 2"/>'
    return k.path("M-14 0 L0 -12 L14 0 L0 12 Z") + mesh


def _pipe(k: Look) -> str:
    return k.box(-17, -3, 34, 6, 3)


def _header(k: Look) -> str:
    return k.box(-17, -4, 34, 8) + "".join(k.path(f"M{x} 4 V11", True) for x in (-11, 0, 11))


def _junction(k: Look) -> str:
    return f'<circle cx="0" cy="0" r="4.5" {paint(k.colour, k.colour)}/>'


def _coupling(k: Look) -> str:
    """Two halves that meet: a quick disconnect."""
    return (
        k.path("M-13 -7 L-3 -7 L-3 7 L-13 7", True)
        + k.path("M13 -7 L3 -7 L3 7 L13 7", True)
        + k.path("M-13 0 H13", True)
    )


def _fitting(k: Look) -> str:
    return k.path("M-3 -11 V-3 M-3 11 V3 M3 -11 V-3 M3 11 V3", True) + k.path("M-15 0 H15", True)


def _exchanger(k: Look) -> str:
    """A circle with a zigzag: two media, parted by a wall."""
    return k.circle(0, 0, 15) + k.path("M-15 0 L-7 0 L-3 -8 L3 8 L7 0 L15 0", True)


def _cooler(k: Look) -> str:
    """An exchanger with a fan behind it: heat to air."""
    blades = "M0 8 q-9 -5 -9 0 q0 5 9 0 q9 5 9 0 q0 -5 -9 0"
    return k.box(-15, -15, 30, 30) + k.path("M-15 -6 L-7 -6 L-3 -12 L3 0 L7 -6 L15 -6", True) + k.path(blades)


def _chiller(k: Look) -> str:
    return k.box(-15, -15, 30, 30) + k.path("M0 -9 V9 M-8 -5 L8 5 M-8 5 L8 -5", True)


def _plate(k: Look) -> str:
    """A cold plate: heat enters from below."""
    wave = k.path("M-15 0 L-9 0 L-6 -5 L0 5 L6 -5 L9 0 L15 0", True)
    return k.box(-15, -9, 30, 18) + wave + k.path("M-6 16 V11 M0 16 V11 M6 16 V11", True)


def _tray(k: Look) -> str:
    return k.box(-17, -12, 34, 24, 3) + k.path("M-11 -4 H11 M-11 4 H11", True)


def _vessel(k: Look) -> str:
    """A vessel with a membrane, joined from above."""
    return k.box(-9, -14, 18, 28, 9) + k.path("M-9 0 q9 7 18 0", True)


def _boundary(k: Look) -> str:
    """The end of the drawing: the coolant comes from elsewhere and goes there."""
    return k.path("M-16 -10 H6 L16 0 L6 10 H-16 Z")


def _instrument(k: Look) -> str:
    return k.circle(0, 0, 13) + k.text(0, 4, k.mark, 9.5)


def _plain(k: Look) -> str:
    return k.box(-17, -10, 34, 20)


# ---- electric ----


def _source(k: Look) -> str:
    if k.direct:
        return k.circle(0, 0, HALF) + k.text(0, 5, "=", 15)
    wave = k.path("M-8 0 q4 -8 8 0 q4 8 8 0", True)
    return k.circle(0, 0, HALF) + (
        k.text(0, 0, "G", 12) + k.path("M-6 7 q3 -5 6 0 q3 5 6 0", True) if k.machine else wave
    )


def _battery(k: Look) -> str:
    bars = ((-8, 14), (-2, 7), (4, 14), (10, 7))
    back = f'<rect x="-15" y="-15" width="30" height="30" {paint("none", k.fill)}/>'
    return back + "".join(f'<path d="M{-h} {y} H{h}" {paint(k.colour, "none", 2)}/>' for y, h in bars)


def _transformer(k: Look) -> str:
    again = f'<circle cx="0" cy="-6" r="9.5" {k.line}/>'
    return k.circle(0, -6, 9.5) + k.circle(0, 6, 9.5) + again


def _converter(k: Look) -> str:
    """A square divided by a diagonal, the kind of the input above it and of the output below; with a battery inside
    (a UPS) two bars of one below."""
    marks = k.text(-6, -2, "=" if k.direct_in else "~", 13) + k.text(6, 12, "=" if k.direct else "~", 13)
    cells = k.path("M-12 9 H-2 M-10 12 H-4", True) if k.stores else ""
    return k.box(-HALF, -HALF, 30, 30) + k.path("M-15 15 L15 -15", True) + marks + cells


def _drive(k: Look) -> str:
    return (
        k.box(-HALF, -HALF, 30, 30)
        + k.path("M-15 0 L15 -15 M-15 0 H15", True)
        + k.circle(0, 7, 6.5)
        + k.text(0, 10.5, "M", 9)
    )


def _switch(k: Look) -> str:
    """A blade, open or closed. A fuse is a box with the conductor through it, with a gap where it has melted."""
    if k.melts:
        wire = "M0 -15 V15" if k.shut else "M0 -15 V-5 M0 5 V15"
        return k.box(-6, -14, 12, 28) + k.path(wire, True)
    blade = "M0 12 L0 -12" if k.shut else "M0 12 L13 -10"
    return _contacts(k) + f'<path d="{blade}" {paint(k.colour, "none", 2)}/>'


def _breaker(k: Look) -> str:
    """A blade with a cross at the fixed contact, or a fuse."""
    if k.melts:
        return _switch(k)
    cross = f'<path d="M-5 -17 l10 10 m0 -10 l-10 10" {paint(k.colour, "none", 2.2)}/>'
    blade = "M0 12 L0 -12" if k.shut else "M0 12 L13 -10"
    gap = f'<rect x="-2" y="-13" width="4" height="26" {paint("none", PAPER)}/>'
    end = f'<circle cx="0" cy="12" r="2.4" {paint(k.colour, k.colour)}/>'
    return gap + cross + end + f'<path d="{blade}" {paint(k.colour, "none", 2)}/>'


def _contacts(k: Look) -> str:
    gap = f'<rect x="-2" y="-13" width="4" height="26" {paint("none", PAPER)}/>'
    return gap + "".join(f'<circle cx="0" cy="{y}" r="2.4" {paint(k.colour, k.colour)}/>' for y in (-12, 12))


def _transfer(k: Look) -> str:
    """A switch between two inputs, its blade at the one in use."""
    back = f'<rect x="-15" y="-15" width="30" height="30" {paint("none", PAPER)}/>'
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="2.4" {paint(k.colour, k.colour)}/>' for x, y in ((-8, -12), (8, -12), (0, 12))
    )
    to = {1: "L-8 -12", 2: "L8 -12"}.get(k.inputs, "L0 -9")
    ends = k.path("M-8 -15 V-12 M8 -15 V-12 M0 12 V15", True)
    return back + ends + dots + f'<path d="M0 12 {to}" {paint(k.colour, "none", 2)}/>'


def _line(k: Look) -> str:
    return k.box(-5, -HALF, 10, 30)


def _tap(k: Look) -> str:
    return k.path("M0 -15 V15 M-6 4 L6 -4", True) + f'<circle cx="0" cy="-9" r="3" {paint(k.colour, k.colour)}/>'


def _bus(k: Look) -> str:
    return k.path("M0 -15 V0", True) + f'<path d="M-12 0 H12" {paint(k.colour, "none", 3.5)}/>'


def _earth(k: Look) -> str:
    return k.path("M0 -15 V0 M-11 0 H11 M-7 5 H7 M-3 10 H3", True)


def _load(k: Look) -> str:
    return k.path("M0 -15 V-6", True) + k.path("M-10 -6 L10 -6 L0 11 Z")


_COOLANT: dict[str, Callable[[Look], str]] = {
    "pipe": _pipe, "header": _header, "junction": _junction, "fitting": _fitting, "coupling": _coupling,
    "filter": _filter, "valve": _valve, "pump": _pump, "vessel": _vessel, "boundary": _boundary,
    "exchanger": _exchanger, "heat rejection": _cooler, "cooler": _cooler, "chiller": _chiller,
    "cold plate": _plate, "tray": _tray, "branch": _tray, "sensor": _instrument, "controller": _instrument,
}  # fmt: skip
_ELECTRIC: dict[str, Callable[[Look], str]] = {
    "source": _source, "store": _battery, "converter": _converter, "drive": _drive, "transformer": _transformer,
    "switch": _switch, "protection": _breaker, "line": _line, "tap": _tap, "bus": _bus, "earth": _earth,
    "transfer": _transfer,
}  # fmt: skip


def coolant_symbol(role: str, look: Look) -> str:
    """The symbol of a component in a coolant circuit by its declared role; a plain box for any other role."""
    return _COOLANT.get(role, _plain)(look)


def electric_symbol(role: str, look: Look) -> str:
    """The symbol of a component in an electric network by its declared role; the arrow of a load for any other role."""
    return _ELECTRIC.get(role, _load)(look)


def place(symbol: str, x: float, y: float, turn: int = 0) -> str:
    """A symbol at a place, turned by some degrees around it."""
    turned = f" rotate({turn})" if turn else ""
    return f'<g class="symbol" transform="translate({x:.1f} {y:.1f}){turned}">{symbol}</g>'
