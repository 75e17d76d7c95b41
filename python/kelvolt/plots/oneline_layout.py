"""The layout of a one-line diagram: arrays as one symbol, layers from source to load, few crossings.

A layered drawing (Sugiyama): layers of elements and of buses alternate, edges over several layers get bends, each layer
is ordered by the barycentres of its neighbours, and positions follow by a linear program with a least distance.
"""

from __future__ import annotations

import bisect
from collections import defaultdict, deque
from dataclasses import dataclass, field

import numpy as np

from kelvolt.base.alike import classes, label
from kelvolt.base.paths import cell_number, chain_of, path_levels
from kelvolt.power.net import Bus, Element, Grid, rated_volts

MOST_DRAWN = 3  # elements of an array that are drawn one by one
_MOST_EXCHANGED = 400  # vertices up to which exchanges of neighbours are tried
_MODES = ("taken", "on_battery", "on_bypass")  # outputs and parameters that tell the operating mode of an element


@dataclass
class Symbol:
    """An element, or the elements of an array that share one symbol."""

    key: str
    members: list[Element]
    ends: dict[str, int]  # port -> rail
    x: float = 0.0
    layer: int = 0

    @property
    def firsts(self) -> list[Element]:
        """Its elements; only the first cell of each chain."""
        return [e for e in self.members if cell_number(e.path) <= 1]

    @property
    def name(self) -> str:
        count = len(self.firsts)
        return self.key if count == 1 else f"{self.key} ×{count}"

    @property
    def role(self) -> str:
        return self.members[0].role

    @property
    def out_of_service(self) -> bool:
        return not any(e.in_service for e in self.members)

    @property
    def watts(self) -> list[float]:
        """Power that each element passes on or takes [W]."""
        return [e.given if e.role == "source" or e.passes else e.taken for e in self.firsts]

    @property
    def loading(self) -> float:
        found = [e.loading for e in self.members if not np.isnan(e.loading)]
        return max(found, default=float("nan"))


@dataclass
class Rail:
    """A bus, or the buses of an array that are drawn as one."""

    number: int
    buses: list[Bus]
    joined: list[tuple[int, str]] = field(default_factory=list)  # symbol, port
    layer: int = 0
    x: float = 0.0
    level: int = 0  # line within the layer: rails that would overlap are drawn one below the other


@dataclass
class Drawing:
    symbols: list[Symbol]
    rails: list[Rail]
    bends: dict[
        tuple[int, str], list[tuple[int, float]]
    ]  # by (symbol, port): the layers and positions of the bends on the way to its rail
    columns: float


def lay_out(grid: Grid, most: int = MOST_DRAWN) -> Drawing:
    """Positions in columns (x) and layers; symbols are on even layers, rails on odd ones."""
    symbols, rails = _merged(grid, most)
    _set_layers(grid, symbols, rails)
    graph = _Graph(symbols, rails)
    graph.order()
    graph.place()
    for k, s in enumerate(symbols):
        s.x = graph.x[("s", k)]
    for r in rails:
        r.x = graph.x[("r", r.number)]
    bends = {end: [(graph.layer[v], graph.x[v]) for v in way] for end, way in graph.ways.items()}
    return Drawing(symbols, rails, bends, max(graph.x.values(), default=0.0) + 1.0)


# ---- arrays drawn once ----


def _merged(grid: Grid, most: int) -> tuple[list[Symbol], list[Rail]]:
    keys = _keys(grid, most)
    groups: dict[str, list[Element]] = defaultdict(list)
    for e in grid.elements:
        groups[keys[e.path]].append(e)
    rail_of = _joined_buses(grid, keys)
    numbers = {root: k for k, root in enumerate(dict.fromkeys(rail_of.values()))}
    rails = [Rail(k, []) for k in range(len(numbers))]
    for bus, root in rail_of.items():
        rails[numbers[root]].buses.append(grid.buses[bus])
    symbols: list[Symbol] = []
    for key, members in groups.items():
        ends: dict[str, int] = {}
        for end in members[0].ends:
            rail = numbers[rail_of[end.bus]]
            if rail not in ends.values():  # two inputs on the same feed are drawn as one wire
                ends[end.port] = rail
                rails[rail].joined.append((len(symbols), end.port))
        symbols.append(Symbol(key, members, ends))
    return symbols, rails


def keys_of(paths: list[str], most: int) -> dict[str, str]:
    """By path: the path without the indices of cells and of arrays with more than `most` elements."""
    levels = {path: path_levels(chain_of(path)) for path in paths}
    names = {path: [".".join(name for name, _ in of[: k + 1]) for k in range(len(of))] for path, of in levels.items()}
    extent: dict[str, set[int]] = defaultdict(set)
    for path, of in levels.items():
        for array, (_, index) in zip(names[path], of, strict=True):
            extent[array].add(index)
    return {
        path: ".".join(
            f"{name}[{index}]" if index and len(extent[array]) <= most else name
            for array, (name, index) in zip(names[path], of, strict=True)
        )
        for path, of in levels.items()
    }


def _keys(grid: Grid, most: int) -> dict[str, str]:
    """As `keys_of`, but elements share a symbol only with the same connections and the same state: racks on two busways
    are two symbols, and so are a rack that is out of service and the others."""
    shown = keys_of([e.path for e in grid.elements], most)
    chains = {e.path: chain_of(e.path) for e in grid.elements}
    first: dict[str, Element] = {}
    for e in grid.elements:
        first.setdefault(chains[e.path], e)
    number = {path: k for k, path in enumerate(first)}
    bus_of = _joined_buses(grid, chains)
    nodes = {root: k for k, root in enumerate(dict.fromkeys(bus_of.values()))}
    joined = dict.fromkeys(
        (number[chains[e.path]], x.port, nodes[bus_of[x.bus]]) for e in grid.elements for x in e.ends
    )
    found = classes([(shown[e.path], _state(e, grid)) for e in first.values()], joined, len(nodes))
    members: dict[int, list[str]] = defaultdict(list)
    family: dict[str, list[str]] = defaultdict(list)
    for path, e in first.items():
        members[found[number[path]]].append(path)
        family[shown[e.path]].append(path)
    names = {
        path: label(group, family[shown[first[path].path]], shown[first[path].path])
        for group in members.values()
        for path in group
    }
    return {e.path: names[chains[e.path]] for e in grid.elements}


def _state(e: Element, grid: Grid) -> tuple[object, ...]:
    """The state of an element: in service, closed, its operating mode, and which of its buses are live."""
    set_to = tuple(e.values[name] > 0.5 for name in (e.service, e.closes, *_MODES) if name in e.values)
    return set_to, tuple(grid.buses[x.bus].live for x in e.ends)


def _joined_buses(grid: Grid, keys: dict[str, str]) -> dict[int, int]:
    """By bus: its representative. Buses become one rail when the same port of one symbol is joined to them."""
    root = {n: n for n in grid.buses}

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    first: dict[tuple[str, str], int] = {}
    for e in grid.elements:
        for end in e.ends:
            # taps along a chain are drawn on the rail at its far end
            port = end.port if cell_number(e.path) <= 1 else e.ends[-1].port
            other = first.setdefault((keys[e.path], port), end.bus)
            a, b = find(other), find(end.bus)
            root[max(a, b)] = min(a, b)
    return {n: find(n) for n in grid.buses}


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

    def __init__(self, symbols: list[Symbol], rails: list[Rail]) -> None:
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
        """Positions with the least sideways length of edges that keep the order and a column between neighbours.

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
                bound.append(-0.45 if "b" in (a[0], b[0]) else -1.0)
        # edges between two bends have the largest weight, so that long wires are straight; the small cost of each
        # position moves the whole drawing to the left
        cost = [1e-4] * n + [{0: 1.0, 1: 3.0, 2: 8.0}[(a[0] == "b") + (b[0] == "b")] for a, b in edges]
        i, j, value = (np.array(x) for x in zip(*rows, strict=True))
        found = linprog(cost, csr_array((value, (i, j)), shape=(len(bound), n + m)), bound, bounds=(0, None))
        self.x = {v: float(found.x[k]) for v, k in number.items()}
