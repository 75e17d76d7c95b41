"""Which parts of a network are connected alike, so that a drawing may show them as one and keep separate ones apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from kelvolt.base.paths import path_levels


def classes(parts: Sequence[Hashable], joined: Iterable[tuple[int, Hashable, int]], nodes: int) -> list[int]:
    """A class for each part, by colour refinement (Weisfeiler and Leman, 1968).

    parts: a value for each part; parts with different values are never in one class. joined: (part, port, node).
    nodes: their count. Two parts are in one class when their values are equal and, port by port, their nodes join them
    to equal numbers of parts of the same classes.
    """
    by_part: dict[int, list[tuple[Hashable, int]]] = defaultdict(list)
    by_node: dict[int, list[tuple[int, Hashable]]] = defaultdict(list)
    for part, port, node in joined:
        by_part[part].append((port, node))
        by_node[node].append((part, port))
    colours, count = _numbered(parts), 0
    while (known := len(set(colours))) > count:
        count = known
        of_node = [hash(tuple(sorted((colours[p], str(port)) for p, port in by_node[n]))) for n in range(nodes)]
        colours = _numbered(
            [(c, tuple(sorted((str(port), of_node[n]) for port, n in by_part[k]))) for k, c in enumerate(colours)]
        )
    return colours


def _numbered(values: Sequence[Hashable]) -> list[int]:
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(v, len(seen)) for v in values]


def label(members: Sequence[str], family: Sequence[str], shown: str) -> str:
    """The name of a class: `shown`, with the indices by which its members differ from the rest of their family."""
    if len(members) == len(family):
        return shown
    own, all_of = (list(zip(*map(path_levels, paths), strict=True)) for paths in (members, family))
    levels = []
    for within, among in zip(own, all_of, strict=True):
        name, is_element = among[0][0], among[0][1] > 0
        here, there = (sorted({index for _, index in level}) for level in (within, among))
        levels.append(f"{name}[{_ranges(here)}]" if is_element and (here != there or len(there) == 1) else name)
    return ".".join(levels)


def _ranges(numbers: Sequence[int]) -> str:
    """1..4, 7"""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}..{r[-1]}" for r in runs)
