"""Protective devices of a solved network, and the ways on which a fault current comes to them.

Devices are told by the role that their model declares; a way is the shortest one along conductors from a source, or
from the output of a converter. What lies on a loop of conductors with it shares the current; it is on the way, too.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.values import Floats
from kelvolt.power.net import Element, End

if TYPE_CHECKING:
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

ROLE = "protection"


@dataclass(frozen=True)
class Device:
    """A protective device in a solved network."""

    element: Element
    setting: float  # A
    solution: Solution

    @property
    def path(self) -> str:
        return self.element.path

    def times(self, currents: Iterable[float] | Floats, before: float = 0.0) -> tuple[Floats, Floats]:
        """Earliest and latest time at each current [A], after a steady one [A]; infinite: never; s."""
        earliest, latest = self.solution.raw.trip_times(self.element.index, [float(x) for x in currents], before)
        return np.asarray(earliest), np.asarray(latest)

    @cached_property
    def starts(self) -> float:
        """The lowest current at which it may trip [A], within 0.1 %."""
        return self._lowest(0)

    @cached_property
    def certain(self) -> float:
        """The lowest current at which it trips in the end, whichever device of the band it is [A], within 0.1 %."""
        return self._lowest(1)

    def _lowest(self, end: int) -> float:
        low, high = 1e-3 * self.setting, 100.0 * self.setting
        if math.isinf(self.times([high])[end][0]):
            return math.inf
        while high > 1.001 * low:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if math.isinf(self.times([middle])[end][0]) else (low, middle)
        return high


@dataclass(frozen=True)
class Way:
    """A device and those between it and a source, nearest first, each with its current over that of the device.

    The ratio of currents is that of the voltages before and behind transformers; not a number where these are dead.
    shared: paths of devices that carry an unknown part of the current, as there are conductors in parallel. Where the
    device itself is one, the ratio of what is before the parallel part is not a number.
    """

    source: str
    device: Device
    before: tuple[tuple[Device, float], ...]
    shared: frozenset[str] = frozenset()


def devices(flow: PowerFlow) -> dict[str, Device]:
    """Protective devices by path, in the order of the network."""
    plant = flow.solution.plant
    found = {}
    for e in flow.grid.elements:
        if plant.models[e.type].role == ROLE:
            found[e.path] = Device(e, e.setting, flow.solution)
    return found


def cables(flow: PowerFlow, known: dict[str, Device]) -> Iterator[tuple[Element, float, Device | None]]:
    """Every line and cable with its ampacity after derating [A] and the device that protects it from overload: that of
    the lowest setting in series with it, before or behind, with nothing branching off between; None without one."""
    models = flow.solution.plant.models
    for e in flow.grid.of_role("branch"):
        if models[e.type].role != "line" or math.isnan(e.rating[0]):
            continue
        ampacity = e.rating[0] * e.values.get("derating", 1.0) * e.values.get("parallel", 1.0)
        found = [d for end in e.ends for d in _in_series(flow, known, e, end)]
        yield e, ampacity, min(found, key=lambda d: d.setting, default=None)


def _in_series(flow: PowerFlow, known: dict[str, Device], first: Element, end: End) -> Iterator[Device]:
    """Protective devices in series with an element beyond one of its ends."""
    at, bus, seen = first, end.bus, {first.path}
    while True:
        others = [e for e, _ in flow.grid.at.get(bus, []) if e.role != "bus" and e.path != at.path]
        if len(others) != 1 or others[0].path in seen or others[0].role not in ("branch", "switch"):
            return
        at = others[0]
        seen.add(at.path)
        if at.path in known:
            yield known[at.path]
        beyond = [x.bus for x in at.ends if x.bus != bus]
        if len(beyond) != 1:
            return
        bus = beyond[0]


def conducts(e: Element) -> bool:
    """Whether a fault current passes it: a conductor, transformer or switch in service and closed."""
    if e.role not in ("branch", "switch", "transformer") or not e.in_service:
        return False
    return e.values.get(e.closes, 1.0) > 0.5 and e.values.get("open_by_trip", 0.0) < 0.5


def roots(flow: PowerFlow) -> Iterator[tuple[Element, Spread]]:
    """Every source, and every output of a converter, with the buses that its current reaches."""
    for e in flow.grid.elements:
        for end in e.ends:
            if end.source or (e.role == "converter" and end.feeders):
                yield e, Spread(flow, end.bus)


def ways(flow: PowerFlow, known: dict[str, Device]) -> Iterator[Way]:
    """The ways from every source, and from every converter's output, to the devices that its current reaches."""
    for source, spread in roots(flow):
        for device in known.values():
            if conducts(device.element) and (way := spread.to(device, known)) is not None:
                yield Way(source.path, device, *way)


class Spread:
    """How a current from one bus spreads along conductors: on the shortest way to every bus, and where loops are."""

    def __init__(self, flow: PowerFlow, root: int) -> None:
        self._grid = flow.grid
        self.steps: dict[int, tuple[int, Element] | None] = {root: None}  # by bus: whence, and through what
        self._depth = {root: 0}
        # by bus: voltage over that at its `section`, which begins at the root or behind a dead transformer
        self._scale: dict[int, tuple[float, int]] = {root: (1.0, root)}
        self._joined: list[tuple[int, int, Element]] = []  # what closes loops
        queue = deque([root])
        while queue:
            bus = queue.popleft()
            for e, end in self._grid.at.get(bus, []):
                if conducts(e):
                    queue.extend(x.bus for x in e.ends if leads(e, end, x) and self._reaches(bus, e, x.bus))

    def _reaches(self, bus: int, e: Element, other: int) -> bool:
        """Notes a step; whether it is the first to that bus."""
        if other not in self.steps:
            self.steps[other], self._depth[other] = (bus, e), self._depth[bus] + 1
            self._scale[other] = self._behind(bus, e, other)
            return True
        # a transfer switch joins one of its inputs only, so it closes no loop
        if other != bus and not any(x.feeders for x in e.ends) and not self._is_step(e, bus, other):
            self._joined.append((bus, other, e))
        return False

    def _is_step(self, e: Element, bus: int, other: int) -> bool:
        both = self.steps[bus], self.steps[other]
        return any(step is not None and step[1].index == e.index for step in both)

    def _behind(self, bus: int, e: Element, other: int) -> tuple[float, int]:
        scale, section = self._scale[bus]
        before, behind = self._grid.buses[bus].line, self._grid.buses[other].line
        if e.role != "transformer":
            return scale, section
        if min(before, behind) <= 1.0:
            return 1.0, other
        ratio = behind / before
        return (scale * ratio if abs(ratio - 1.0) > 0.1 else scale), section

    def on_way(self, bus: int) -> Iterator[tuple[Element, int]]:
        """The elements on the shortest way to a bus, nearest first, each with its bus on the side of the root."""
        while (step := self.steps[bus]) is not None:
            bus = step[0]
            yield step[1], bus

    @cached_property
    def loops(self) -> list[dict[str, int]]:
        """Elements that share current, and the bus of each on the side of the root; loops that touch are one."""
        merged: list[dict[str, int]] = []
        for one, other, e in self._joined:
            ways = [{x.path: at for x, at in self.on_way(bus)} for bus in (one, other)]
            loop = {path: at for path, at in (ways[0] | ways[1]).items() if (path in ways[0]) != (path in ways[1])}
            loop[e.path] = one
            for touching in [x for x in merged if x.keys() & loop.keys()]:
                merged.remove(touching)
                loop |= touching
            merged.append(loop)
        return merged

    def shared(self, paths: set[str]) -> dict[str, int]:
        """Elements that share current with any of these."""
        return {path: at for loop in self.loops if paths & loop.keys() for path, at in loop.items()}

    def to(
        self, device: Device, known: dict[str, Device]
    ) -> tuple[tuple[tuple[Device, float], ...], frozenset[str]] | None:
        """Devices before a device, nearest first, with their current over its own, and those that share it; None where
        no current reaches it."""
        entry = min(
            (x.bus for x in device.element.ends if x.bus in self.steps), key=self._depth.__getitem__, default=None
        )
        if entry is None:
            return None
        way = {e.path: at for e, at in self.on_way(entry)}
        loops = self.shared({device.path, *way})
        own = device.path in loops  # then its current is a part of that before the loop
        before = [
            (known[path], math.nan if own and path not in loops else self._ratio(entry, at))
            for path, at in (way if own else way | loops).items()
            if path in known and path != device.path
        ]
        return tuple(before), frozenset(loops.keys() & known.keys())

    def _ratio(self, bus: int, at: int) -> float:
        (here, section), (there, other) = self._scale[bus], self._scale[at]
        return here / there if section == other else math.nan


def leads(e: Element, end: End, other: End) -> bool:
    """Whether a current from `end` leaves at `other`: a transfer switch leads from its inputs to its output."""
    directed = any(x.feeders for x in e.ends)
    return other is not end and (not directed or (bool(other.feeders) and not end.feeders))


def before_bus(
    flow: PowerFlow, known: dict[str, Device], bus: int
) -> Iterator[tuple[Element, tuple[Device, ...], tuple[Device, ...]]]:
    """The sources and converters whose current reaches a bus, with the devices that carry all of it, nearest to the bus
    first, and the devices that carry a part of it only.

    The current of a device over that at the bus is the voltage at the bus over that at the device.
    """
    for source, spread in roots(flow):
        if bus not in spread.steps:
            continue
        way = [e.path for e, _ in spread.on_way(bus)]
        loops = spread.shared(set(way))
        whole = tuple(known[path] for path in way if path in known and path not in loops)
        yield source, whole, tuple(known[path] for path in loops if path in known)
