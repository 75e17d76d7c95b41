"""What a one-line diagram draws: symbols for elements, rails for buses, equal ones once."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from kelvolt import _core
from kelvolt.base.alike import label
from kelvolt.base.folding import fold
from kelvolt.base.paths import cell_number, chain_of, path_levels, without_indices
from kelvolt.power.net import Bus, Element, Grid

MOST_DRAWN = 3  # elements of an array that are drawn one by one
_MODES = ("taken", "on_battery", "on_bypass")  # outputs and parameters that tell the operating mode of an element


@cache
def _roles() -> dict[str, str]:
    return {m.type: m.role for m in _core.models()}


def declared_role(e: Element) -> str:
    """The role that the model of an element declares, or its electric role where the model is not known."""
    return _roles().get(e.type, e.role)


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
    def declared(self) -> str:
        """The role that its model declares; by it the symbol is chosen."""
        return declared_role(self.members[0])

    @property
    def is_bus(self) -> bool:
        """Whether it is the name of a bus, and so is drawn as the bus itself."""
        return self.declared == "bus" and len(self.members[0].ends) == 1

    @property
    def out_of_service(self) -> bool:
        return not any(e.in_service for e in self.members)

    @property
    def watts(self) -> list[float]:
        """Power that each element passes on or takes [W]."""
        return [e.given if e.role == "source" or e.passes else e.taken for e in self.firsts]

    @property
    def loading(self) -> float:
        found = [e.loading for e in self.members if not math.isnan(e.loading)]
        return max(found, default=float("nan"))


@dataclass
class Rail:
    """A bus, or the buses of an array that are drawn as one."""

    number: int
    buses: list[Bus]
    joined: list[tuple[int, str]] = field(default_factory=list)  # symbol, port
    named: list[Symbol] = field(default_factory=list)  # components that are this bus
    count: int = 1  # of buses that hang alike; buses along a chain of cells are one
    layer: int = 0
    x: float = 0.0
    level: int = 0  # line within the layer: rails that would overlap are drawn one below the other


# ---- what is drawn once ----


def merged(grid: Grid, most: int) -> tuple[list[Symbol], list[Rail]]:
    """Symbols and rails. Elements share a symbol when they are equal and hang on the same buses in the same way."""
    chains: dict[str, list[Element]] = defaultdict(list)
    for e in grid.elements:
        chains[chain_of(e.path)].append(e)
    bus_of = _bus_of_chain(chains, grid)
    numbers = {root: k for k, root in enumerate(dict.fromkeys(bus_of.values()))}
    parts = [
        (without_indices(path), cells[0].type, _state(cells[0], grid), _rated(cells[0]))
        for path, cells in chains.items()
    ]
    joined = [
        (k, port, numbers[bus])
        for k, cells in enumerate(chains.values())
        for port, bus in dict.fromkeys((x.port, bus_of[x.bus]) for e in cells for x in e.ends)
    ]
    part_groups, node_groups = fold(parts, joined, most)
    rails = [Rail(k, [], count=len(group)) for k, group in enumerate(node_groups)]
    rail_of = {n: k for k, group in enumerate(node_groups) for n in group}
    for bus, root in bus_of.items():
        rails[rail_of[numbers[root]]].buses.append(grid.buses[bus])
    names = list(chains)
    family: dict[str, list[str]] = defaultdict(list)
    for path in names:
        family[without_indices(path)].append(path)
    symbols: list[Symbol] = []
    for group in sorted(part_groups, key=min):
        paths = [names[k] for k in sorted(group)]
        shown = without_indices(paths[0])
        symbol = Symbol(label(paths, family[shown], shown), [e for path in paths for e in chains[path]], {})
        if symbol.is_bus:
            rails[rail_of[numbers[bus_of[symbol.members[0].ends[0].bus]]]].named.append(symbol)
            continue
        for end in symbol.members[0].ends:
            rail = rail_of[numbers[bus_of[end.bus]]]
            if rail not in symbol.ends.values():  # two inputs on the same feed are drawn as one wire
                symbol.ends[end.port] = rail
                rails[rail].joined.append((len(symbols), end.port))
        symbols.append(symbol)
    return symbols, rails


def _bus_of_chain(chains: dict[str, list[Element]], grid: Grid) -> dict[int, int]:
    """By bus: the bus that stands for it. Taps along a chain of cells are drawn at its far end."""
    root = {n: n for n in grid.buses}

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    for cells in chains.values():
        first: dict[str, int] = {}
        for e in cells:
            for end in e.ends:
                begins = len(cells) == 1 or (cell_number(e.path) <= 1 and end is e.ends[0])
                port = end.port if begins else e.ends[-1].port
                a, b = find(first.setdefault(port, end.bus)), find(end.bus)
                root[max(a, b)] = min(a, b)
    return {n: find(n) for n in grid.buses}


def _rated(e: Element) -> tuple[float, ...]:
    return tuple(e.values[p] for p in e.ratings if p in e.values)


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


def _state(e: Element, grid: Grid) -> tuple[object, ...]:
    """The state of an element: in service, closed, its operating mode, and which of its buses are live."""
    set_to = tuple(e.values[name] > 0.5 for name in (e.service, e.closes, *_MODES) if name in e.values)
    return set_to, tuple(grid.buses[x.bus].live for x in e.ends)
