"""Which parts of a network a drawing may show as one: equal parts that hang on the same nodes in the same way.

Parts that only look alike are kept apart, so that rings, sections of a busbar and pairings stay visible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from kelvolt.base.alike import classes

Joined = tuple[int, Hashable, int]  # part, port, node


def fold(parts: Sequence[Hashable], joined: Sequence[Joined], most: int) -> tuple[list[list[int]], list[list[int]]]:
    """Groups of parts and groups of nodes; each group is drawn once.

    parts: a value for each part; parts with different values are never in one group. joined: (part, port, node). most:
    up to this number, equal parts are drawn one by one.

    A network falls apart into pieces at the nodes that are drawn one by one. More than `most` equal pieces at the same
    nodes become one. A piece without equals is divided at the nodes that no other node of it is like, and so on inside
    the pieces; where every node is like others, at all nodes of the smallest class.
    """
    return _Folding(parts, joined, most).groups(list(range(len(parts))), frozenset())


Groups = tuple[list[list[int]], list[list[int]]]


class _Folding:
    def __init__(self, parts: Sequence[Hashable], joined: Sequence[Joined], most: int) -> None:
        self.parts = parts
        self.most = most
        self.at: dict[int, list[tuple[Hashable, int]]] = defaultdict(list)
        for part, port, node in joined:
            self.at[part].append((port, node))

    def groups(self, parts: list[int], fixed: frozenset[int]) -> Groups:
        """The groups of these parts, given the nodes that are drawn one by one."""
        found: Groups = ([], [])
        part_class, _ = self._classes(parts, fixed)
        kinds: dict[tuple[int, ...], list[list[int]]] = defaultdict(list)
        for piece in self._pieces(parts, fixed):
            kinds[tuple(sorted(part_class[p] for p in piece))].append(piece)
        for pieces in kinds.values():
            if len(pieces) > self.most:
                _extend(found, self._joined(pieces, fixed))
            else:
                for piece in pieces:
                    _extend(found, self._inside(piece, fixed))
        return found

    def _inside(self, piece: list[int], fixed: frozenset[int]) -> Groups:
        """The groups of a piece that is drawn by itself."""
        free = sorted(self._nodes(piece) - fixed)
        if not free or len(piece) == 1:
            return [[p] for p in piece], [[n] for n in free]
        _, node_class = self._classes(piece, fixed)
        alike: dict[int, list[int]] = defaultdict(list)
        for n in free:
            alike[node_class[n]].append(n)
        divided = [nodes[0] for nodes in alike.values() if len(nodes) == 1] or min(alike.values(), key=len)
        found: Groups = ([], [[n] for n in divided])
        _extend(found, self.groups(piece, fixed | set(divided)))
        return found

    def _joined(self, pieces: list[list[int]], fixed: frozenset[int]) -> Groups:
        """The groups of the first piece, each with what stands at its place in the other pieces."""
        parts, nodes = self._inside(pieces[0], fixed)
        part_class, node_class = self._classes([p for piece in pieces for p in piece], fixed)
        in_class, nodes_in = (
            self._by_class(pieces, part_class),
            self._by_class([sorted(self._nodes(piece) - fixed) for piece in pieces], node_class),
        )
        return (
            [[x for p in group for x in in_class[p]] for group in parts],
            [[x for n in group for x in nodes_in[n]] for group in nodes],
        )

    @staticmethod
    def _by_class(pieces: list[list[int]], of: dict[int, int]) -> dict[int, list[int]]:
        """By member of the first piece: the members of all pieces that have its class and its place among these."""
        sorted_in = []
        for piece in pieces:
            by_class: dict[int, list[int]] = defaultdict(list)
            for x in sorted(piece):
                by_class[of[x]].append(x)
            sorted_in.append(by_class)
        return {
            x: [others[c][k] for others in sorted_in]
            for c, members in sorted_in[0].items()
            for k, x in enumerate(members)
        }

    def _nodes(self, parts: list[int]) -> set[int]:
        return {n for p in parts for _, n in self.at[p]}

    def _pieces(self, parts: list[int], fixed: frozenset[int]) -> list[list[int]]:
        """Parts that hold together by nodes that are not fixed."""
        at_node: dict[int, list[int]] = defaultdict(list)
        for p in parts:
            for _, n in self.at[p]:
                if n not in fixed:
                    at_node[n].append(p)
        seen: set[int] = set()
        pieces = []
        for first in parts:
            if first in seen:
                continue
            seen.add(first)
            piece, reached = [], [first]
            while reached:
                p = reached.pop()
                piece.append(p)
                for _, n in self.at[p]:
                    fresh = [q for q in dict.fromkeys(at_node.get(n, ())) if q not in seen]
                    seen.update(fresh)
                    reached += fresh
            pieces.append(sorted(piece))
        return pieces

    def _classes(self, parts: list[int], fixed: frozenset[int]) -> tuple[dict[int, int], dict[int, int]]:
        """Classes of parts and of their nodes; each fixed node is a class by itself."""
        numbers = {n: k for k, n in enumerate(sorted(self._nodes(parts)))}
        marks = [n for n in numbers if n in fixed]
        values: list[Hashable] = [*((0, self.parts[p]) for p in parts), *((1, n) for n in marks)]
        joined = [(k, port, numbers[n]) for k, p in enumerate(parts) for port, n in self.at[p]]
        joined += [(len(parts) + k, "fixed", numbers[n]) for k, n in enumerate(marks)]
        found = classes(values, joined, len(numbers))
        around: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for k, port, n in joined:
            around[n].append((found[k], str(port)))
        seen: dict[tuple[tuple[int, str], ...], int] = {}
        of_node = {n: seen.setdefault(tuple(sorted(around[k])), len(seen)) for n, k in numbers.items()}
        return {p: found[k] for k, p in enumerate(parts)}, of_node


def _extend(found: Groups, more: Groups) -> None:
    found[0].extend(more[0])
    found[1].extend(more[1])
