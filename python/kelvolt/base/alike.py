"""Which parts of a network are connected alike, so that a drawing may show them as one and keep separate ones apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from kelvolt.base.paths import path_levels


def classes(parts: Sequence[Hashable], joined: Iterable[tuple[int, Hashable, int]], nodes: int) -> list[int]:
    """A class for each part, by colour refinement (Weisfeiler and Leman, 1968).

    parts: a value for each part; parts with different values are never in one class. joined: (part, port, node).
    nodes: their count. Two parts are in one class when their values are equal and, port by port, their nodes join them
    to equal numbers of parts of the same classes.
    """
    ends = list(joined)
    rank = {name: k for k, name in enumerate(sorted({str(port) for _, port, _ in ends}))}
    by_part: list[list[tuple[int, int]]] = [[] for _ in parts]
    by_node: list[list[tuple[int, int]]] = [[] for _ in range(nodes)]
    for part, port, node in ends:
        by_part[part].append((rank[str(port)], node))
        by_node[node].append((part, rank[str(port)]))
    colours, count, width = _numbered(parts), 0, len(rank)
    while (known := len(set(colours))) > count:
        count = known
        of_node = _numbered([tuple(sorted([width * colours[p] + port for p, port in at])) for at in by_node])
        colours = _numbered(
            [
                (c, tuple(sorted([width * of_node[n] + port for port, n in at])))
                for c, at in zip(colours, by_part, strict=True)
            ]
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
