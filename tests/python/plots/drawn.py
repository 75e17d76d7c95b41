"""What a drawing shows, read back from its SVG: symbols, buses, wires, and the boxes that they and their words take."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import combinations

from kelvolt.plots.parts import width_of

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass
class Drawn:
    """A group with a path."""

    path: str
    classes: set[str]
    values: dict[str, str]
    texts: list[str] = field(default_factory=list)
    symbol: Box | None = None
    begin: float = 0.0  # x of the first point of its first line
    turn: int = 0  # of the symbol [degrees]


@dataclass
class Picture:
    width: float
    height: float
    groups: list[Drawn]
    words: list[tuple[str, Box]]

    def parts(self) -> dict[str, Drawn]:
        return {g.path: g for g in self.groups if "part" in g.classes}

    def buses(self) -> dict[str, set[str]]:
        """By number of the bus: the paths of what is wired to it."""
        found: dict[str, set[str]] = {g.values["bus"]: set() for g in self.groups if "bus" in g.classes}
        for g in self.groups:
            if "wire" in g.classes:
                found[g.values["bus"]].add(g.path)
        return found

    def joins(self, path: str) -> set[str]:
        """The buses that a symbol is wired to."""
        return {g.values["bus"] for g in self.groups if "wire" in g.classes and g.path == path}

    def faults(self) -> list[str]:
        """Symbols and words that overlap each other or lie outside."""
        boxes = [(f"symbol {g.path}", g.symbol) for g in self.groups if g.symbol] + [
            (f"'{t}'", b) for t, b in self.words
        ]
        outside = [
            f"{n} is outside" for n, b in boxes if b[0] < 0 or b[1] < 0 or b[2] > self.width or b[3] > self.height
        ]
        return outside + [f"{m} overlaps {n}" for (m, a), (n, b) in combinations(boxes, 2) if overlap(a, b)]


def overlap(a: Box, b: Box, by: float = 0.6) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > by and min(a[3], b[3]) - max(a[1], b[1]) > by


def picture(svg: str) -> Picture:
    root = ET.fromstring(svg)
    _, _, width, height = (float(x) for x in root.get("viewBox", "").split())
    found = Picture(width, height, [], [])
    _read(root, 0.0, 0.0, None, found)
    return found


def _read(at: ET.Element, dx: float, dy: float, inside: Drawn | None, found: Picture) -> None:
    moved = re.match(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", at.get("transform", ""))
    if moved:
        dx, dy = dx + float(moved[1]), dy + float(moved[2])
    if at.get("data-path") is not None:
        values = {k.removeprefix("data-"): v for k, v in at.attrib.items() if k.startswith("data-")}
        inside = Drawn(at.get("data-path", ""), set(at.get("class", "").split()), values)
        found.groups.append(inside)
    if at.get("class") == "symbol" and inside is not None:
        inside.symbol = (dx - 13, dy - 13, dx + 13, dy + 13)
        turned = re.search(r"rotate\((-?\d+)\)", at.get("transform", ""))
        inside.turn = int(turned[1]) if turned else 0
        return
    if at.tag == SVG + "path" and inside is not None and not inside.begin:
        inside.begin = dx + float(re.findall(r"-?[\d.]+", at.get("d", ""))[0])
    if at.tag == SVG + "text" and at.text:
        size, anchor = float(at.get("font-size", "10.5")), at.get("text-anchor", "start")
        width = 0.88 * width_of(at.text, size, at.get("font-weight") == "bold")  # width_of allows for wide fonts
        x, y = float(at.get("x", "0")) + dx, float(at.get("y", "0")) + dy
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
        found.words.append((at.text, (left, y - 0.78 * size, left + width, y + 0.2 * size)))
        if inside is not None:
            inside.texts.append(at.text)
    for child in at:
        _read(child, dx, dy, inside, found)
