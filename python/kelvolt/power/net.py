"""The electric side of a solved network from a facility engineer's view: buses and the elements joined to them.

Sources, branches, converters and loads are told by the kinds of their ports and by what models declare (which port is a
source, which is fed by which); no model is known here by name. Power, loss and heat are taken from the flows at the
ports; model outputs are used only for what no port carries, such as the power from the battery inside a UPS.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.values import Floats
from kelvolt.cases.plant import Plant

if TYPE_CHECKING:
    from kelvolt.cases.solution import Solution

Complex = NDArray[np.complex128]
_DEAD = 1e-3  # V: below it a bus is dead; leakage can leave such voltages on a bus without a source


@dataclass(frozen=True)
class Bus:
    """A node of an electric kind."""

    number: int
    kind: str
    name: str
    v: Complex  # V: the pole (dc), line to neutral (ac), line to return (ac1), phases a, b, c and neutral (ac4)

    @property
    def phases(self) -> Floats:
        """RMS voltage of each conductor against neutral or return [V]."""
        v = self.v[:3] - self.v[3] if self.kind == "ac4" else self.v
        magnitude: Floats = np.abs(v)
        return magnitude

    @property
    def lines(self) -> Floats:
        """RMS voltage between phases a-b, b-c, c-a of a four-wire bus [V]."""
        magnitude: Floats = np.abs(self.v[:3] - np.roll(self.v[:3], -1))
        return magnitude

    @property
    def line(self) -> float:
        """The voltage by which a bus is usually named [V]: pole to return, in three phases the least line to line."""
        if self.kind == "ac":
            return float(np.sqrt(3.0) * abs(self.v[0]))
        if self.kind == "ac4":
            return float(self.lines.min())
        return float(abs(self.v[0]))

    @property
    def lowest(self) -> float:
        """The lowest voltage [V] among line to line and phase to neutral, the latter as line to line (times sqrt 3)."""
        if self.kind != "ac4":
            return self.line
        return min(self.line, float(np.sqrt(3.0) * self.phases.min()))

    @property
    def live(self) -> bool:
        return bool(np.abs(self.v).max() > _DEAD)


@dataclass(frozen=True)
class End:
    """One electric port of a component, with the current and power into the component."""

    port: str
    bus: int
    kind: str
    i: Complex  # A
    s: complex  # VA: P + jQ into the component
    source: bool
    feeders: tuple[str, ...]
    draws: bool = False

    @property
    def current(self) -> float:
        """Largest conductor current, neutral included [A]."""
        return float(np.abs(self.i).max())


@dataclass(frozen=True)
class Element:
    """A component with electric ports."""

    index: int
    path: str
    type: str
    role: str  # source, converter, transformer, switch, branch, load; bus: a named place that draws nothing
    ends: tuple[End, ...]
    heat: dict[str, float] = field(default_factory=dict)  # W by the place that receives it
    values: dict[str, float] = field(default_factory=dict)  # outputs of the model and number parameters
    service: str = ""  # the parameter that takes it out of service at 0
    closes: str = ""  # the parameter that opens it at 0
    ratings: dict[str, str] = field(default_factory=dict)  # unit by parameter: what its model declares as ratings

    @property
    def in_service(self) -> bool:
        return self.values.get(self.service, 1.0) > 0.5

    @property
    def power(self) -> float:
        """Net electric power into the component by its ports [W]."""
        return float(sum(e.s.real for e in self.ends))

    @property
    def from_store(self) -> float:
        """Power from the battery inside a converter [W]; a battery that is a component gives its power at its ports."""
        return 0.0 if self.role == "source" else self.values.get("P_battery", 0.0)

    @property
    def used(self) -> float:
        """Power by ports and from an internal battery [W]: the loss of what passes power on, or the draw of a load."""
        return self.power + self.from_store

    @property
    def loss(self) -> float:
        """Loss [W]: for elements that pass power on from their ports and internal battery, else as the model states it
        (drives, batteries); NaN where it states none."""
        return self.used if self.passes else self.values.get("loss", float("nan"))

    @property
    def given(self) -> float:
        """Power that the element passes on or delivers [W]."""
        return float(sum(max(-e.s.real, 0.0) for e in self.ends))

    @property
    def taken(self) -> float:
        return float(sum(max(e.s.real, 0.0) for e in self.ends))

    @property
    def loading(self) -> float:
        """Load over rating as the model states it; NaN where it has no rating."""
        return self.values.get("loading", float("nan"))

    @property
    def rating(self) -> tuple[float, str]:
        """Rating with its unit: the first that the model declares and the case states; else not a number."""
        return next(((self.values[p], unit) for p, unit in self.ratings.items() if p in self.values), (math.nan, ""))

    @property
    def setting(self) -> float:
        """The lowest rating stated: the setting of a trip unit, or the rated current; not a number without one."""
        return min((self.values[p] for p in self.ratings if p in self.values), default=math.nan)

    @property
    def passes(self) -> bool:
        return self.role in ("branch", "switch", "transformer", "converter")

    def end(self, port: str) -> End:
        return next(e for e in self.ends if e.port == port)


@dataclass(frozen=True)
class Grid:
    """Buses by their node number and elements in the order of the network."""

    buses: dict[int, Bus]
    elements: list[Element]

    def __bool__(self) -> bool:
        return bool(self.elements)

    def of_role(self, *roles: str) -> list[Element]:
        return [e for e in self.elements if e.role in roles]

    @cached_property
    def at(self) -> dict[int, list[tuple[Element, End]]]:
        """The elements joined to each bus, with the port by which they are joined."""
        joined: dict[int, list[tuple[Element, End]]] = defaultdict(list)
        for e in self.elements:
            for end in e.ends:
                joined[end.bus].append((e, end))
        return joined

    @cached_property
    def upstream(self) -> dict[int, tuple[int, Element] | None]:
        """By bus: the bus and the element that feed it, in the direction of power; None at sources and on dead buses.

        Where several elements feed a bus, it is the one that brings the most power.
        """
        fed: dict[int, tuple[int, Element] | None] = {}
        for number in self.buses:
            best: tuple[float, int, Element] | None = None
            for e, end in self.at.get(number, []):
                if not e.passes or end.s.real >= 0.0:
                    continue
                inlet = max((x for x in e.ends if x is not end), key=lambda x: x.s.real, default=None)
                if inlet is not None and inlet.s.real > 0.0 and (best is None or -end.s.real > best[0]):
                    best = (-end.s.real, inlet.bus, e)
            fed[number] = None if best is None else best[1:]
        return fed

    def head(self, bus: int) -> tuple[int, int | None]:
        """The bus where the feeder of a bus begins, and the phase of it that a tap on the way takes (None: all).

        It begins at the nearest bus upstream that a source, transformer or converter feeds, or a tap between two legs.
        """
        phase: int | None = None
        seen = {bus}
        while (step := self.upstream.get(bus)) is not None:
            before, element = step
            if element.role not in ("branch", "switch") or before in seen or _adds_legs(element):
                break
            if self.buses[bus].kind == "ac1" and self.buses[before].kind == "ac4":
                taken = next(x for x in element.ends if x.bus == before)
                phase = int(np.argmax(np.abs(taken.i[:3])))
            bus = before
            seen.add(bus)
        return bus, phase

    def feeder(self, bus: int) -> tuple[int, float]:
        """The bus where the feeder of a bus begins, and the share of the voltage lost from there: see `drop`.

        The share is NaN on a dead bus.
        """
        head, phase = self.head(bus)
        return head, self.drop(head, bus, phase)

    def drop(self, head: int, bus: int, phase: int | None = None) -> float:
        """The largest share of a voltage at `head` that is lost at `bus`, among phases to neutral and line-to-line
        voltages. `phase`: the phase of the head that feeds a single-phase bus."""
        change = self._change(head, bus, phase)
        return float(1.0 - change.min()) if change.size else float("nan")

    def lost_most(self, bus: int) -> tuple[float, str]:
        """The voltage [V] with the largest drop from the head of the feeder, and on a four-wire bus the conductors
        between which it is; line to line unless a phase to neutral loses more."""
        here, (head, phase) = self.buses[bus], self.head(bus)
        change = self._change(head, bus, phase)
        if here.kind != "ac4" or len(change) < 6:
            return here.line, ""
        k = int(np.argmin(change[:3]))
        if change[k] > change[3:].min() - 1e-6:
            k = 3 + min(range(3), key=lambda i: (round(float(change[3 + i]), 6), here.lines[i]))
        return float(np.concatenate([here.phases, here.lines])[k]), ("a-n", "b-n", "c-n", "a-b", "b-c", "c-a")[k]

    def rise(self, head: int, bus: int, phase: int | None = None) -> float:
        """The largest share by which a voltage at `bus` is above the same voltage at `head`."""
        change = self._change(head, bus, phase)
        return float(change.max() - 1.0) if change.size else float("nan")

    def _change(self, head: int, bus: int, phase: int | None) -> Floats:
        """Voltages at `bus` over the same voltages at `head`; empty where either is dead."""
        here, there = self.buses[bus], self.buses[head]
        if not (here.live and there.live):
            return np.empty(0)
        if here.kind == "ac1" and there.kind == "ac4":
            return np.atleast_1d(here.phases[0] / there.phases[0 if phase is None else phase])
        if here.kind != "ac4" or there.kind != "ac4":
            of_phase = float(there.phases.mean())
            return np.atleast_1d(float(here.phases.mean()) / of_phase)
        change: Floats = np.concatenate([here.phases / there.phases, here.lines / there.lines])
        return change

    def depth(self) -> dict[int, int]:
        """Steps from the main sources along conductors, in either direction of power, dead buses included."""
        sources = self.of_role("source")
        volts = {e.path: rated_volts(e, self.buses) for e in sources}
        top = max(volts.values(), default=0.0)
        steps: dict[int, int] = {}
        for least in (0.5 * top, -1.0):  # then batteries and generators, for buses that no main source reaches
            queue = deque(x.bus for e in sources if volts[e.path] > least for x in e.ends if x.bus not in steps)
            steps |= dict.fromkeys(queue, 0)
            while queue:
                bus = queue.popleft()
                for e, end in self.at.get(bus, []):
                    for other in e.ends:
                        if e.passes and other.bus not in steps and not _enters_an_output(end, other):
                            steps[other.bus] = steps[bus] + 1
                            queue.append(other.bus)
        return steps


def _adds_legs(e: Element) -> bool:
    """Whether it makes one single-phase circuit of two (120/240 V), so that the voltage behind it is another one."""
    return len(e.ends) > 2 and all(x.kind == "ac1" and not x.feeders for x in e.ends)


def rated_volts(e: Element, buses: Mapping[int, Bus]) -> float:
    """Rated voltage [V] of a source, dead or not: its largest parameter in volts, or the voltage of its bus."""
    stated = [x for name, x in e.values.items() if name == "V" or name.startswith("V_")]
    return max([*stated, *(buses[x.bus].line for x in e.ends)])


def _enters_an_output(end: End, other: End) -> bool:
    """Whether a step from `end` to `other` goes from a converter's output to its input, where no power can flow."""
    return bool(end.feeders) and not other.feeders


# ---- from a solution ----


def grid(solution: Solution) -> Grid:
    """The electric network of a solution; empty where the case has none."""
    plant = solution.plant
    t = plant.topology
    kinds = t.node_kinds
    if not plant.is_electric:
        return Grid({}, [])
    size = {name: n for m in plant.models.values() for p in m.ports for name, n in [(p.kind, p.potentials)]}
    first = np.concatenate([[0], np.cumsum([size[kinds[n]] for n in t.port_node])])
    flows = np.asarray(solution.raw.flows())
    joined = Counter(t.port_node)
    electric: dict[int, list[int]] = defaultdict(list)
    for p, (c, node) in enumerate(zip(t.port_component, t.port_node, strict=True)):
        if kinds[node] in plant.electric_weights:
            electric[c].append(p)
    elements = []
    for c, ports in electric.items():
        # a pump without a drive has an electric port that is not connected
        if any(joined[t.port_node[p]] > 1 for p in ports):
            ends = tuple(_end(plant, p, flows[first[p] : first[p + 1]]) for p in ports)
            elements.append(_element(plant, c, ends, plant.heat_of(c)))
    named = _names(plant, elements)
    used = {end.bus for e in elements for end in e.ends}
    buses = {n: Bus(n, kinds[n], named[n], _phasors(_potentials(plant, n, size), kinds[n])) for n in sorted(used)}
    return Grid(buses, elements)


def _potentials(plant: Plant, node: int, size: dict[str, int]) -> Floats:
    begin = plant.topology.node_first[node]
    found: Floats = plant.y[begin : begin + size[plant.topology.node_kinds[node]]]
    return found


def _phasors(parts: Floats, kind: str) -> Complex:
    if kind == "dc":
        return parts.astype(np.complex128)
    made: Complex = parts[0::2] + 1j * parts[1::2]
    return made


def _end(plant: Plant, port: int, flow: Floats) -> End:
    t = plant.topology
    node = t.port_node[port]
    model = plant.models[t.types[t.port_component[port]]]
    info = model.ports[t.port_number[port]]
    kind = t.node_kinds[node]
    v = _phasors(plant.y[t.node_first[node] : t.node_first[node] + len(flow)], kind)
    i = _phasors(flow, kind)
    s = complex(plant.electric_weights[kind] * np.sum(v * np.conj(i)))
    feeders = tuple(model.ports[k].name for k in info.feeders)
    return End(info.name, node, kind, i, s, info.source, feeders, info.draws)


@cache
def used(type: str, use: str) -> list[_core.Parameter]:
    """Parameters of a model declared for one use in studies: service, closed, count, rating, pole or neutral."""
    return [p for p in _core.model(type).params if p.use == use]


def _element(plant: Plant, c: int, ends: tuple[End, ...], heat: dict[str, float]) -> Element:
    model = plant.models[plant.topology.types[c]]
    numbers = [p.name for p in model.params if p.type == "number"]
    stated = zip(numbers, plant.raw.parameters(c), strict=True)
    found = zip([o.name for o in model.outputs], plant.raw.outputs(c), strict=True)
    values = {name: x for pairs in (stated, found) for name, x in pairs if not np.isnan(x)}
    ratings = {p.name: p.unit for p in used(model.type, "rating")}
    if ratings and not ratings.keys() & values:
        values.pop("loading", None)  # models state 0 where no rating is given
    service, closes = (next((p.name for p in used(model.type, use)), "") for use in ("service", "closed"))
    return Element(
        c, plant.topology.paths[c], model.type, model.electric_role, ends, heat, values, service, closes, ratings
    )


def _names(plant: Plant, elements: list[Element]) -> dict[int, str]:
    """The name of each bus: the port that feeds it, else a port of what is connected to it."""
    order = {"source": 0, "transformer": 1, "converter": 1, "switch": 2, "branch": 2, "load": 3, "bus": 3}
    best: dict[int, tuple[int, int, str]] = {}
    for e in elements:
        for k, end in enumerate(e.ends):
            rank = order[e.role] if e.role in ("source", "load", "bus") or end.s.real < 0.0 or end.feeders else 4
            here = (rank, -k, f"{e.path}.{end.port}" if len(e.ends) > 1 else e.path)
            best[end.bus] = min(best.get(end.bus, here), here)
    return {bus: name for bus, (_, _, name) in best.items()}
