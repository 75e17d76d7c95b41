"""Symbols, arrows and words of the schematic."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from kelvolt.base.paths import last_level, owner_of
from kelvolt.plots.parts import part

INK = "#222"


@dataclass
class Unit:
    """What is drawn as one symbol in a circuit, with flow and heat on the side of that circuit."""

    name: str
    kind: str  # the role of its components, or "branch" for a family of branches
    count: int
    inlets: set[int]
    outlets: set[int]
    heat: float
    dp: float
    T_in: float
    T_out: float
    off: int = 0
    paths: tuple[str, ...] = ()  # of its components, or of its branches

    def part(self, body: str) -> str:
        """The drawing of this unit as a part that a page can find by its path."""
        many = f" ×{self.count}" if self.count > 1 else ""
        return part(self.paths, f"{self.name}{many} ({self.kind})", body)


def glyph(unit: Unit, x: float, y: float) -> str:
    pen = f'fill="white" stroke="{INK}" stroke-width="1.4"'

    def path(data: str, style: str = pen) -> str:
        return f'<path d="{data}" {style}/>'

    if unit.kind == "pump":
        wheel = path(f"M{x - 7} {y - 12} L{x + 14} {y} L{x - 7} {y + 12}", f'fill="none" stroke="{INK}"')
        return f'<circle cx="{x}" cy="{y}" r="14" {pen}/>{wheel}'
    if unit.kind == "valve":
        return path(f"M{x - 13} {y - 9} L{x + 13} {y + 9} L{x + 13} {y - 9} L{x - 13} {y + 9} Z")
    if unit.kind == "filter":
        mesh = path(f"M{x} {y - 12} V{y + 12}", f'stroke="{INK}" stroke-dasharray="3 2"')
        return path(f"M{x - 14} {y} L{x} {y - 12} L{x + 14} {y} L{x} {y + 12} Z") + mesh
    if unit.kind == "sensor":
        return f'<circle cx="{x}" cy="{y}" r="9" {pen}/>'
    if unit.kind == "pipe":
        return f'<rect x="{x - 22}" y="{y - 5}" width="44" height="10" rx="5" {pen}/>'
    return f'<rect x="{x - 18}" y="{y - 10}" width="36" height="20" {pen}/>'


def two_lines(unit: Unit) -> list[str]:
    """Two lines of text: the owner, then the name with its count."""
    owner, name = owner_of(unit.name), last_level(unit.name)
    many = f" ×{unit.count}" if unit.count > 1 else ""
    return [owner, name + many] if owner else [name + many]


def arrow(x: float, y: float, way: int, colour: str) -> str:
    return f'<path d="M{x} {y - 6} L{x + 11 * way} {y} L{x} {y + 6} Z" fill="{colour}"/>'


def text_at(x: float, y: float, text: str, colour: str, weight: str = "normal", anchor: str = "middle") -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(text)}</text>'
