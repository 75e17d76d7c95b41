"""Protective devices of a solved network, and the ways on which a fault current comes to them.

Devices are told by the role that their model declares; a way is the shortest one along conductors from a source, or
from the output of a converter.
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
from kelvolt.power.net import Element, End, used

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
        low, high = 1e-3 * self.setting, 100.0 * self.setting
        if math.isinf(self.times([high])[0][0]):
            return math.inf
        while high > 1.001 * low:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if math.isinf(self.times([middle])[0][0]) else (low, middle)
        return high


@dataclass(frozen=True)
class Way:
    """A device and those between it and a source, nearest first, each with its current over that of the device."""

    source: str
    device: Device
    before: tuple[tuple[Device, float], ...]


def devices(flow: PowerFlow) -> dict[str, Device]:
    """Protective devices by path, in the order of the network."""
    plant = flow.solution.plant
    found = {}
    for e in flow.grid.elements:
        if plant.models[e.type].role == ROLE:
            ratings = [e.values[p.name] for p in used(e.type, "rating") if p.name in e.values]
            found[e.path] = Device(e, min(ratings), flow.solution)
    return found


def conducts(e: Element) -> bool:
    """Whether a fault current passes it: a conductor, transformer or switch in service and closed."""
    if e.role not in ("branch", "switch", "transformer") or not e.in_service:
        return False
    return e.values.get(e.closes, 1.0) > 0.5 and e.values.get("open_by_trip", 0.0) < 0.5


def ways(flow: PowerFlow, known: dict[str, Device]) -> Iterator[Way]:
    """The ways from every source, and from every converter's output, to the devices that its current reaches."""
    g = flow.grid
    for e in g.elements:
        for end in e.ends:
            if not (end.source or (e.role == "converter" and end.feeders)):
                continue
            steps = _spread(flow, end.bus)
            for path, device in known.items():
                before = _before(steps, known, path, flow)
                if before is not None:
                    yield Way(e.path, device, before)


def _spread(flow: PowerFlow, root: int) -> dict[int, tuple[int, Element] | None]:
    """By bus: the bus and the element by which a current from `root` comes there on the shortest way."""
    steps: dict[int, tuple[int, Element] | None] = {root: None}
    queue = deque([root])
    while queue:
        bus = queue.popleft()
        for e, end in flow.grid.at.get(bus, []):
            if not conducts(e):
                continue
            for other in e.ends:
                if other.bus not in steps and leads(e, end, other):
                    steps[other.bus] = bus, e
                    queue.append(other.bus)
    return steps


def leads(e: Element, end: End, other: End) -> bool:
    """Whether a current from `end` leaves at `other`: a transfer switch leads from its inputs to its output."""
    directed = any(x.feeders for x in e.ends)
    return other is not end and (not directed or (bool(other.feeders) and not end.feeders))


def _before(
    steps: dict[int, tuple[int, Element] | None], known: dict[str, Device], path: str, flow: PowerFlow
) -> tuple[tuple[Device, float], ...] | None:
    """Devices on the way to `path`, nearest first, with their current over its own; None where no way leads through."""
    end = next((x for x in known[path].element.ends if (s := steps.get(x.bus)) and s[1].path == path), None)
    if end is None:
        return None
    volts = flow.grid.buses[end.bus].line
    found, bus = [], end.bus
    while (step := steps[bus]) is not None:
        bus, element = step
        if element.path in known and element.path != path:
            there = flow.grid.buses[bus].line
            ratio = volts / there if min(volts, there) > 1.0 else 1.0
            found.append((known[element.path], ratio if abs(ratio - 1.0) > 0.1 else 1.0))
    return tuple(found)


def before_bus(flow: PowerFlow, known: dict[str, Device], bus: int) -> Iterator[tuple[Element, tuple[Device, ...]]]:
    """The sources and converters whose current reaches a bus, with the devices between them, nearest to the bus first.

    The current of a device over that at the bus is the voltage at the bus over that at the device.
    """
    for e in flow.grid.elements:
        for end in e.ends:
            if not (end.source or (e.role == "converter" and end.feeders)):
                continue
            steps = _spread(flow, end.bus)
            if bus not in steps:
                continue
            found, at = [], bus
            while (step := steps[at]) is not None:
                at, element = step
                if element.path in known:
                    found.append(known[element.path])
            yield e, tuple(found)
