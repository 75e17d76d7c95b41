"""Two-terminal networks as a tree of parts in series and in parallel, from which a schematic is laid out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Part = TypeVar("Part")


@dataclass
class Leaf(Generic[Part]):
    """One part, passed from its first to its second terminal, or the other way (`against`)."""

    part: Part
    against: bool = False


@dataclass
class Stub(Generic[Part]):
    """What hangs at a node: parts one behind the other, or a mark at which a line goes on elsewhere."""

    parts: list[Part]
    mark: str = ""


@dataclass
class Series(Generic[Part]):
    items: list[Tree[Part]] = field(default_factory=list)


@dataclass
class Parallel(Generic[Part]):
    items: list[Tree[Part]] = field(default_factory=list)


Tree = Leaf[Part] | Stub[Part] | Series[Part] | Parallel[Part]


@dataclass
class _Edge(Generic[Part]):
    start: int
    end: int
    tree: Tree[Part]


def leaves(tree: Tree[Part]) -> list[Part]:
    """The parts of a tree, in its order."""
    if isinstance(tree, Leaf):
        return [tree.part]
    if isinstance(tree, Stub):
        return list(tree.parts)
    return [p for item in tree.items for p in leaves(item)]


def flipped(tree: Tree[Part]) -> Tree[Part]:
    """The tree passed from its second to its first terminal."""
    if isinstance(tree, Leaf):
        return Leaf(tree.part, not tree.against)
    if isinstance(tree, Series):
        return Series([flipped(item) for item in reversed(tree.items)])
    if isinstance(tree, Parallel):
        return Parallel([flipped(item) for item in tree.items])
    return tree


def series_parallel(
    edges: Iterable[tuple[int, int, Part]], hung: Iterable[tuple[int, Part]], start: int, end: int
) -> Series[Part]:
    """The tree from `start` to `end` of parts with two nodes each, and of parts that hang at one node.

    Where the network is not made of series and parallels alone (a bridge), parts are taken out until it is: such a part
    hangs at its first node, and a mark A, B, ... there and at its second node says that the two are joined.
    """
    return _Reduction(edges, hung, start, end).run()


class _Reduction(Generic[Part]):
    def __init__(
        self, edges: Iterable[tuple[int, int, Part]], hung: Iterable[tuple[int, Part]], start: int, end: int
    ) -> None:
        self.edges: list[_Edge[Part]] = [_Edge(a, b, Leaf(p)) for a, b, p in edges]
        self.stubs: dict[int, list[Stub[Part]]] = defaultdict(list)
        for node, p in hung:
            self.stubs[node].append(Stub([p]))
        self.start, self.end = start, end
        self.marks = 0

    def run(self) -> Series[Part]:
        while self._parallel() or self._series() or self._dead_end() or self._cut():
            pass
        middle: list[Tree[Part]] = []
        for e in self.edges:
            middle = _items(e.tree if e.start == self.start else flipped(e.tree))
        last = self.stubs[self.end] if self.end != self.start else []
        return Series([*self.stubs[self.start], *middle, *last])

    def _parallel(self) -> bool:
        by_nodes: dict[tuple[int, int], list[_Edge[Part]]] = defaultdict(list)
        for e in self.edges:
            by_nodes[min(e.start, e.end), max(e.start, e.end)].append(e)
        several = [of for of in by_nodes.values() if len(of) > 1 and of[0].start != of[0].end]
        for of in several:
            first = of[0]
            trees = [e.tree if e.start == first.start else flipped(e.tree) for e in of]
            items = [x for t in trees for x in (t.items if isinstance(t, Parallel) else [t])]
            self.edges = [e for e in self.edges if e not in of] + [_Edge(first.start, first.end, Parallel(items))]
        return bool(several)

    def _at(self, node: int) -> list[_Edge[Part]]:
        return [e for e in self.edges if node in (e.start, e.end)]

    def _inner(self) -> list[int]:
        nodes = dict.fromkeys(n for e in self.edges for n in (e.start, e.end))
        return [n for n in nodes if n not in (self.start, self.end)]

    def _series(self) -> bool:
        for n in self._inner():
            around = self._at(n)
            if len(around) != 2 or any(e.start == e.end for e in around):
                continue
            one, two = around
            if one.end != n and two.end == n:
                one, two = two, one
            before = one.tree if one.end == n else flipped(one.tree)
            after = two.tree if two.start == n else flipped(two.tree)
            a = one.start if one.end == n else one.end
            b = two.end if two.start == n else two.start
            items = [*_items(before), *self.stubs.pop(n, []), *_items(after)]
            self.edges = [e for e in self.edges if e is not one and e is not two] + [_Edge(a, b, Series(items))]
            return True
        return False

    def _dead_end(self) -> bool:
        """Takes out a part that leads nowhere, with what hangs at its end."""
        for n in self._inner():
            around = self._at(n)
            if len(around) == 1 and around[0].start != around[0].end:
                (e,) = around
                other = e.start if e.end == n else e.end
                tree = e.tree if e.end == n else flipped(e.tree)
                behind = [p for stub in self.stubs.pop(n, []) for p in stub.parts]
                self.stubs[other].append(Stub([*leaves(tree), *behind]))
                self.edges.remove(e)
                return True
        return False

    def _cut(self) -> bool:
        """Takes out one part of what is left, the one with the fewest symbols."""
        whole = [e for e in self.edges if {e.start, e.end} == {self.start, self.end} and self.start != self.end]
        if not self.edges or (len(self.edges) == 1 and whole):
            return False
        e = min((e for e in self.edges if e not in whole), key=lambda e: len(leaves(e.tree)))
        self.edges.remove(e)
        mark = chr(ord("A") + self.marks % 26)
        self.marks += 1
        self.stubs[e.start].append(Stub(leaves(e.tree), mark))
        if e.end != e.start:
            self.stubs[e.end].append(Stub([], mark))
        return True


def _items(tree: Tree[Part]) -> list[Tree[Part]]:
    return tree.items if isinstance(tree, Series) else [tree]
