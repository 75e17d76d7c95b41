"""The layout of a one-line diagram: layers from source to load, few crossings.

A layered drawing (Sugiyama): layers of elements and of buses alternate, edges over several layers get bends, each layer
is ordered by the barycentres of its neighbours, and positions follow by a linear program with a least distance.
"""

from __future__ import annotations

import bisect
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kelvolt.plots.oneline_parts import MOST_DRAWN, Rail, Symbol, merged
from kelvolt.power.net import Grid, rated_volts

_MOST_EXCHANGED = 400  # vertices up to which exchanges of neighbours are tried


@dataclass
class Drawing:
    symbols: list[Symbol]
    rails: list[Rail]
    bends: dict[
        tuple[int, str], list[tuple[int, float]]
    ]  # by (symbol, port): the layers and positions of the bends on the way to its rail
    width: float


Room = Callable[[Symbol | Rail], tuple[float, float]]
_BEND = 8.0  # room of a bend on either side [px]


def _columns(_: Symbol | Rail) -> tuple[float, float]:
    return 66.0, 66.0


def lay_out(grid: Grid, most: int = MOST_DRAWN, room: Room = _columns) -> Drawing:
    """Positions x [px] and layers; symbols are on even layers, rails on odd ones.

    most: as in `one_line`. room: what a symbol or rail needs to the left and to the right of its middle [px].
    """
    symbols, rails = merged(grid, most)
    _set_layers(grid, symbols, rails)
    graph = _Graph(symbols, rails, room)
    graph.order()
    graph.place()
    for k, s in enumerate(symbols):
        s.x = graph.x[("s", k)]
    for r in rails:
        r.x = graph.x[("r", r.number)]
    bends = {end: [(graph.layer[v], graph.x[v]) for v in way] for end, way in graph.ways.items()}
    ends = (graph.x[v] + graph.room[v][1] for v in graph.layer)
    return Drawing(symbols, rails, bends, max(ends, default=0.0))


# ---- layers ----


def _set_layers(grid: Grid, symbols: list[Symbol], rails: list[Rail]) -> None:
    """Layers by steps from the main sources; sources at lower voltage (generators, batteries) stand beside them."""
    depth: dict[int, int] = {}
    sources = [s for s in symbols if s.role == "source"]
    volts = {s.key: rated_volts(s.members[0], grid.buses) for s in sources}
    top = max(volts.values(), default=0.0)
    main = [r for s in sources if volts[s.key] > 0.5 * top for r in s.ends.values()]
    _walk(symbols, rails, dict.fromkeys(main, 0), depth)
    while len(depth) < len(rails):
        # the other input of a transfer switch gets the layer of the known one; all other rails start a new walk
        beside = {r: depth[known] for s in symbols if _fed(s) for r, known in _other_inputs(s, depth)}
        standing = [r for s in sources for r in s.ends.values() if r not in depth]
        free = next(r.number for r in rails if r.number not in depth)
        _walk(symbols, rails, beside or {standing[0] if standing else free: 0}, depth)
    _deepen(symbols, rails, depth)
    for r in rails:
        r.layer = 2 * depth[r.number] + 1
    for s in symbols:
        heights = [rails[r].layer for p, r in s.ends.items() if p not in _fed(s)] or [
            rails[r].layer for r in s.ends.values()
        ]
        # an element is placed directly above the rail it feeds, so that its longer wires come from above
        s.layer = min(heights) - 1 if s.role == "source" else max(heights) + 1 if _fed(s) else min(heights) + 1


def _fed(s: Symbol) -> set[str]:
    return {e.port for e in s.members[0].ends if e.feeders}


def _other_inputs(s: Symbol, depth: dict[int, int]) -> list[tuple[int, int]]:
    inputs = [r for p, r in s.ends.items() if p not in _fed(s)]
    known = [r for r in inputs if r in depth]
    return [(r, known[0]) for r in inputs if r not in depth] if known else []


def _walk(symbols: list[Symbol], rails: list[Rail], roots: dict[int, int], depth: dict[int, int]) -> None:
    """Breadth first along conducting elements, from inputs to outputs where a model distinguishes them."""
    depth.update(roots)
    queue = deque(roots)
    while queue:
        here = queue.popleft()
        for k, port in rails[here].joined:
            s = symbols[k]
            fed = _fed(s)
            if s.role in ("source", "load", "bus") or port in fed:
                continue
            for other, rail in s.ends.items():
                if rail not in depth and (not fed or other in fed):
                    depth[rail] = depth[here] + 1
                    queue.append(rail)


def _deepen(symbols: list[Symbol], rails: list[Rail], depth: dict[int, int]) -> None:
    """Moves outputs below all inputs of their component, and what follows below these; rings are not changed."""
    edges = set()
    for s in symbols:
        fed = _fed(s)
        if s.role in ("source", "load", "bus"):
            continue
        for p, r in s.ends.items():
            for q, t in s.ends.items():
                if (q in fed and p not in fed) if fed else depth[r] < depth[t]:
                    edges.add((r, t))
    deeper = dict(depth)
    for _ in range(len(rails)):
        moved = False
        for r, t in edges:
            if deeper[t] <= deeper[r] and r != t:
                deeper[t], moved = deeper[r] + 1, True
        if not moved:
            depth.update(deeper)
            return


# ---- order and places ----

_Vertex = tuple[str, int]


class _Graph:
    """Symbols ("s"), rails ("r") and bends ("b") in layers; edges between neighbouring layers only."""

    def __init__(self, symbols: list[Symbol], rails: list[Rail], room: Room) -> None:
        self.room: dict[_Vertex, tuple[float, float]] = defaultdict(lambda: (_BEND, _BEND))
        self.room |= {("s", k): room(s) for k, s in enumerate(symbols)} | {("r", r.number): room(r) for r in rails}
        self.layer: dict[_Vertex, int] = {("s", k): s.layer for k, s in enumerate(symbols)}
        self.layer |= {("r", r.number): r.layer for r in rails}
        self.near: dict[_Vertex, list[_Vertex]] = defaultdict(list)
        self.ways: dict[tuple[int, str], list[_Vertex]] = {}
        bends = 0
        for k, s in enumerate(symbols):
            for port, rail in s.ends.items():
                way: list[_Vertex] = []
                step = 1 if rails[rail].layer > s.layer else -1
                for between in range(s.layer + step, rails[rail].layer, step):
                    way.append(("b", bends))
                    self.layer[way[-1]] = between
                    bends += 1
                self.ways[k, port] = way
                chain = [("s", k), *way, ("r", rail)]
                for a, b in zip(chain, chain[1:], strict=False):
                    self.near[a].append(b)
                    self.near[b].append(a)
        self.rows: list[list[_Vertex]] = []
        self.x: dict[_Vertex, float] = {}

    def order(self) -> None:
        """Orders each layer from left to right, first as a walk from the sources finds them, then by barycentres."""
        count = max(self.layer.values(), default=-1) + 1
        self.rows = [[] for _ in range(count)]
        seen: set[_Vertex] = set()
        for start in sorted(self.layer, key=lambda v: (self.layer[v], v)):
            stack = [start]
            while stack:
                v = stack.pop()
                if v not in seen:
                    seen.add(v)
                    self.rows[self.layer[v]].append(v)
                    stack += sorted((n for n in self.near[v] if n not in seen), reverse=True)
        best, least = [list(r) for r in self.rows], self._crossings()
        for turn in range(16):
            self._sweep(down=turn % 2 == 0)
            crossings = self._crossings()
            if crossings < least:
                best, least = [list(r) for r in self.rows], crossings
        self.rows = best
        if len(self.layer) < _MOST_EXCHANGED:
            self._exchange()

    def _sweep(self, down: bool) -> None:
        layers = range(1, len(self.rows)) if down else range(len(self.rows) - 2, -1, -1)
        for k in layers:
            at = {v: i for i, v in enumerate(self.rows[k - 1 if down else k + 1])}

            def centre(v: _Vertex, at: dict[_Vertex, int] = at, row: int = k) -> float:
                places = [at[n] for n in self.near[v] if n in at]
                return float(np.mean(places)) if places else float(self.rows[row].index(v))

            self.rows[k] = [v for _, _, v in sorted((centre(v), i, v) for i, v in enumerate(self.rows[k]))]

    def _exchange(self) -> None:
        """Exchanges neighbours while that saves crossings, or shortens edges with the same number of crossings."""
        for _ in range(6):
            moved = False
            for k, row in enumerate(self.rows):
                for i in range(len(row) - 1):
                    before = self._cost(k)
                    row[i], row[i + 1] = row[i + 1], row[i]
                    if self._cost(k) < before:
                        moved = True
                    else:
                        row[i], row[i + 1] = row[i + 1], row[i]
            if not moved:
                return

    def _cost(self, k: int) -> tuple[int, float]:
        """The crossings at a layer, and the distance of its vertices from those they are joined to."""
        rows = self.rows
        crossings = sum(self._between(rows[j], rows[j + 1]) for j in (k - 1, k) if 0 <= j < len(rows) - 1)
        at = {v: i for j in (k - 1, k, k + 1) if 0 <= j < len(rows) for i, v in enumerate(rows[j])}
        return crossings, sum(abs(at[n] - at[v]) for v in rows[k] for n in self.near[v])

    def _crossings(self) -> int:
        return sum(self._between(upper, lower) for upper, lower in zip(self.rows, self.rows[1:], strict=False))

    def _between(self, upper: list[_Vertex], lower: list[_Vertex]) -> int:
        at = {v: i for i, v in enumerate(lower)}
        ends = [at[n] for v in upper for n in sorted((n for n in self.near[v] if n in at), key=lambda n: at[n])]
        seen: list[int] = []
        total = 0
        for e in ends:
            total += len(seen) - bisect.bisect_right(seen, e)
            bisect.insort(seen, e)
        return total

    def place(self) -> None:
        """Positions with the least sideways length of edges that keep the order and the room between neighbours.

        A linear program: unknowns are the positions of the n vertices, then the sideways lengths of the m edges.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        number = {v: k for k, v in enumerate(self.layer)}
        edges = sorted({(min(a, b), max(a, b)) for a in self.layer for b in self.near[a]})
        n, m = len(number), len(edges)
        rows: list[tuple[int, int, float]] = []
        bound: list[float] = []
        for k, (a, b) in enumerate(edges):  # a length is at least the difference of positions, of either sign
            for sign in (1.0, -1.0):
                rows += [(len(bound), number[a], sign), (len(bound), number[b], -sign), (len(bound), n + k, -1.0)]
                bound.append(0.0)
        for row in self.rows:
            for a, b in zip(row, row[1:], strict=False):
                rows += [(len(bound), number[a], 1.0), (len(bound), number[b], -1.0)]
                bound.append(-self.room[a][1] - self.room[b][0])
        # edges between two bends have the largest weight, so that long wires are straight; the small cost of each
        # position moves the whole drawing to the left
        cost = [1e-4] * n + [{0: 1.0, 1: 3.0, 2: 8.0}[(a[0] == "b") + (b[0] == "b")] for a, b in edges]
        i, j, value = (np.array(x) for x in zip(*rows, strict=True))
        lowest = [(self.room[v][0], None) for v in self.layer] + [(0.0, None)] * m
        found = linprog(cost, csr_array((value, (i, j)), shape=(len(bound), n + m)), bound, bounds=lowest)
        self.x = {v: float(found.x[k]) for v, k in number.items()}
