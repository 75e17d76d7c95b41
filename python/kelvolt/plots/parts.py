"""What drawings are made of: parts that tell which components they show, words, colours that a page may replace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import product

from kelvolt.base.paths import chain_of, path_levels

INK, GREY, DEAD, PAPER = "#222222", "#666666", "#b5b5b5", "white"
COLD, HOT = "#2166ac", "#b2182b"
# A colour is written as an attribute, for programs that know no style sheets, and as a class, so that a page may set
# --kv-ink etc. for a dark background.
_NAMES = {INK: "ink", GREY: "grey", DEAD: "dead", PAPER: "paper", COLD: "cold", HOT: "hot"}


def style_sheet(kind: str) -> str:
    """The style element of a drawing of the class `kind`."""
    rules = (
        f"svg.{kind} .{k}-{name}{{{what}:var(--kv-{name},{colour})}}"
        for colour, name in _NAMES.items()
        for k, what in (("s", "stroke"), ("f", "fill"))
    )
    return f"<style>{''.join(rules)}</style>"


def paint(stroke: str, fill: str = "none", width: float = 1.4) -> str:
    """The attributes of a shape with these colours; "none" for no line or no filling."""
    classes = [f"{k}-{_NAMES[c]}" for k, c in (("s", stroke), ("f", fill)) if c in _NAMES]
    named = f' class="{" ".join(classes)}"' if classes else ""
    pen = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke != "none" else ""
    return f'fill="{fill}"{pen}{named}'


def line(points: Sequence[tuple[float, float]], colour: str, width: float = 1.4, more: str = "") -> str:
    """A line through some points."""
    data = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="{data}" {paint(colour, width=width)}{more}/>'


def box(x: float, y: float, width: float, height: float, stroke: str, fill: str, pen: float = 0.8) -> str:
    """A rectangle from its upper left corner."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f"<rect {place} {paint(stroke, fill, pen)}/>"


def dot(x: float, y: float, r: float, colour: str) -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" {paint("none", colour)}/>'


def words(
    x: float, y: float, text: str, colour: str = INK, anchor: str = "start", weight: str = "normal", size: float = 10.5
) -> str:
    """A line of text."""
    style = f'text-anchor="{anchor}" font-weight="{weight}" font-size="{size:g}" {paint("none", colour)}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def width_of(text: str, size: float = 10.5, bold: bool = False) -> float:
    """The width of a line of text [px] in Helvetica, Arial or DejaVu Sans, rather too large than too small."""
    narrow = sum(c in "iljtfI.,:;|'()[] /" for c in text)
    wide = sum(c in "mwMW%@×" for c in text)
    return size * (0.38 * narrow + 0.96 * wide + 0.63 * (len(text) - narrow - wide)) * (1.12 if bold else 1.0)


def part(paths: Iterable[str], title: str, body: str, kind: str = "part", more: str = "") -> str:
    """A group with the class `kind` and the attribute `data-path`, and a title that a reader sees under the pointer."""
    at = f'class="{kind}" data-path="{escape(pattern(paths))}"{more}'
    return f"<g {at}><title>{escape(title)}</title>{body}</g>"


_DOT = re.compile(r"\.(?![^\[]*\])")  # a dot between levels, not one of a range in brackets


def short(path: str, count: int = 2) -> str:
    """The last two levels (or `count`) of a path without repetition, and before them the last numbered level:
    `cdu[1].pump` of `cdu[1].cdu.pump`, `rack[1..4] tray.gpu` of `rack[1..4].rack.tray.gpu`."""
    levels = _DOT.split(path)
    kept = [x for k, x in enumerate(levels) if k == 0 or x != levels[k - 1].split("[")[0]]
    numbered = [x for x in kept[:-count] if "[" in x]
    return " ".join([*numbered[-1:], ".".join(kept[-count:])])


def short_value(path: str) -> str:
    """The short name of a component with one of its values: `cdu.pump[1].V_flow`."""
    levels = _DOT.split(path)
    return f"{short('.'.join(levels[:-1]))}.{levels[-1]}" if len(levels) > 1 else path


def pattern(paths: Iterable[str]) -> str:
    """A pattern of paths that covers these components and no others, e.g. `rack[1..8].pump`.

    Components whose numbers are no full grid of ranges are listed one after the other, with a space between.
    """
    chains = list(dict.fromkeys(chain_of(p) for p in paths))
    shapes: dict[tuple[tuple[str, bool], ...], list[list[int]]] = {}
    for levels in map(path_levels, chains):
        shapes.setdefault(tuple((name, index > 0) for name, index in levels), []).append([i for _, i in levels])
    return " ".join(one for shape, numbers in shapes.items() for one in _of_shape(shape, numbers))


def _of_shape(shape: Sequence[tuple[str, bool]], numbers: list[list[int]]) -> list[str]:
    columns = [sorted(set(column)) for column in zip(*numbers, strict=True)]
    full = all(c[-1] - c[0] == len(c) - 1 for c in columns) and len(list(product(*columns))) == len(numbers)
    rows = [columns] if full else [[[i] for i in row] for row in numbers]
    return [".".join(_level(n, is_element, c) for (n, is_element), c in zip(shape, row, strict=True)) for row in rows]


def _level(name: str, is_element: bool, numbers: Sequence[int]) -> str:
    if not is_element:
        return name
    return f"{name}[{numbers[0]}]" if len(numbers) == 1 else f"{name}[{numbers[0]}..{numbers[-1]}]"
