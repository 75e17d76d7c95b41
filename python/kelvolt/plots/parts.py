"""Parts of a drawing: SVG groups that tell which components they show, so that a page can find, colour and click them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from kelvolt.base.paths import chain_of, path_levels


def part(paths: Iterable[str], title: str, body: str, kind: str = "part") -> str:
    """A group with the class `kind` and the attribute `data-path`, and a title that a reader sees under the pointer."""
    return f'<g class="{kind}" data-path="{escape(pattern(paths))}"><title>{escape(title)}</title>{body}</g>'


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
    full = 1
    for column in columns:
        full *= len(column)
    if full == len(numbers) and all(c[-1] - c[0] == len(c) - 1 for c in columns):
        return [".".join(_level(n, is_element, c) for (n, is_element), c in zip(shape, columns, strict=True))]
    return [
        ".".join(_level(n, is_element, [i]) for (n, is_element), i in zip(shape, row, strict=True)) for row in numbers
    ]


def _level(name: str, is_element: bool, numbers: Sequence[int]) -> str:
    if not is_element:
        return name
    return f"{name}[{numbers[0]}]" if len(numbers) == 1 else f"{name}[{numbers[0]}..{numbers[-1]}]"
