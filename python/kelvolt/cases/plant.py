"""A solved network as an engineer sees it: circuits, groups of components, heat balance, pumps.

Everything follows from the network and from what models declare; no name of a case is known here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.values import Floats
from kelvolt.cases.plant_facts import Balance, Circuit, Crossing, Pump, Topology

Ints = NDArray[np.int64]


class Plant:
    """The network of a case with the numbers of one solution."""

    def __init__(self, session: _core.Session, raw: _core.Solution) -> None:
        self.session = session
        self.raw = raw
        self.topology = t = Topology(_core.topology(session))
        self.models = {m.type: m for m in _core.models()}
        self.y: Floats = np.asarray(raw.y)
        first, second = raw.port_flows()
        self.first_flow, self.second_flow = np.asarray(first), np.asarray(second)
        power, _ = raw.books()
        self.power: Floats = np.asarray(power)
        self.port_component: Ints = np.array(t.port_component, dtype=np.int64)
        self.port_node: Ints = np.array(t.port_node, dtype=np.int64)
        self.node_first: Ints = np.array(t.node_first, dtype=np.int64)
        self.node_circuit: Ints = np.array(t.node_circuit, dtype=np.int64)
        fluid = np.array([k == "fluid" for k in t.node_kinds], dtype=bool)
        self.fluid_ports: Ints = np.flatnonzero(fluid[self.port_node])

    # ---- the network ----

    @cached_property
    def ports_of(self) -> list[Ints]:
        """Fluid ports of each component."""
        ports: list[list[int]] = [[] for _ in self.topology.paths]
        for p in self.fluid_ports.tolist():
            ports[self.port_component[p]].append(p)
        return [np.array(x, dtype=np.int64) for x in ports]

    @cached_property
    def references(self) -> set[int]:
        """Components that fix the pressure of a circuit: its boundary or vessel."""
        return {c for group in self.topology.references for c in group}

    @cached_property
    def electric_weights(self) -> dict[str, float]:
        """By electric kind of connection: power over the sum of voltage times current, as its ports declare it."""
        ports = (p for m in self.models.values() for p in m.ports)
        return {p.kind: p.electric for p in ports if p.electric > 0.0}

    @property
    def is_electric(self) -> bool:
        """Whether any connection carries electric power."""
        return not self.electric_weights.keys().isdisjoint(self.topology.node_kinds)

    def circuits_of(self, component: int) -> list[int]:
        return sorted(set(self.node_circuit[self.port_node[self.ports_of[component]]].tolist()))

    def is_pump(self, component: int) -> bool:
        return self.topology.types[component].startswith("pump")

    @cached_property
    def _output_number(self) -> dict[str, dict[str, int]]:
        return {t: {o.name: i for i, o in enumerate(m.outputs)} for t, m in self.models.items()}

    @cached_property
    def _outputs(self) -> dict[int, list[float]]:
        return {}

    def output(self, component: int, name: str) -> float:
        """An output of a component; not a number when its model has none of that name."""
        number = self._output_number[self.topology.types[component]].get(name)
        if number is None:
            return float("nan")
        if component not in self._outputs:
            self._outputs[component] = self.raw.outputs(component)
        return self._outputs[component][number]

    def parameter(self, component: int, name: str) -> float:
        """A number parameter of a component; not a number when its model has none of that name."""
        numbers = [p.name for p in self.models[self.topology.types[component]].params if p.type == "number"]
        return self.raw.parameters(component)[numbers.index(name)] if name in numbers else float("nan")

    def unknown(self, component: int, name: str) -> float:
        """An unknown of a component; not a number when its model has none of that name."""
        unknowns = [u.name for u in self.models[self.topology.types[component]].unknowns]
        if name not in unknowns:
            return float("nan")
        return float(self.y[self.topology.unknowns_of[component][unknowns.index(name)]])

    def signal(self, component: int, port: str, otherwise: float) -> float:
        """What is written to a signal port of a component; `otherwise` where its model has none of that name."""
        t = self.topology
        names = [p.name for p in self.models[t.types[component]].ports]
        if port not in names:
            return otherwise
        at = zip(t.port_component, t.port_number, t.port_node, strict=True)
        return next(float(self.y[self.node_first[n]]) for c, k, n in at if c == component and names[k] == port)

    @cached_property
    def dead(self) -> set[str]:
        """Paths of components that stand on an electric bus without a source."""
        t = self.topology
        nodes = {n for island, reference in self.raw.islands() if reference < 0 for n in island}
        ports = Counter(t.port_node)  # a port joined to nothing is no bus
        at = zip(t.port_component, t.port_node, strict=True)
        return {t.paths[c] for c, n in at if n in nodes and ports[n] > 1}

    def having_output(self, name: str) -> list[int]:
        """Components whose model has an output of that name."""
        types = {t for t, outputs in self._output_number.items() if name in outputs}
        return [c for c, t in enumerate(self.topology.types) if t in types]

    @cached_property
    def _warming(self) -> dict[int, dict[int, float]]:
        """By component and circuit: what the coolant held there gains by growing warmer [W]."""
        found: dict[int, dict[int, float]] = defaultdict(dict)
        for component, circuit, watts in self.raw.warming():
            found[component][circuit] = watts
        return found

    def _heat_to_coolant(self, component: int) -> float:
        """What a component gives to coolant [W]: carried on by the flow, or stored in what it holds."""
        carried = -float(self.second_flow[self.ports_of[component]].sum())
        return carried + sum(self._warming[component].values())

    @cached_property
    def _with_heat_port(self) -> set[int]:
        t = self.topology
        return {c for c, n in zip(t.port_component, t.port_node, strict=True) if t.node_kinds[n] == "heat"}

    def _heat_taken(self, component: int) -> tuple[float, float]:
        """What the coolant takes from a component and what it gives up there by a heat port [W]."""
        heat = self._heat_to_coolant(component)
        return (0.0, -heat) if heat < 0.0 and component in self._with_heat_port else (heat, 0.0)

    # ---- groups ----

    def crossings(self, components: list[int]) -> list[Crossing]:
        """What each circuit carries through a group, from the flows at nodes shared with others."""
        ports = np.concatenate([self.ports_of[c] for c in components])
        if not len(ports):
            return []
        mass: dict[int, float] = defaultdict(float)
        enthalpy: dict[int, float] = defaultdict(float)
        warming: dict[int, float] = defaultdict(float)
        for c in components:
            for circuit, watts in self._warming[c].items():
                warming[circuit] += watts
        for p in ports.tolist():
            node = int(self.port_node[p])
            mass[node] += float(self.first_flow[p])
            enthalpy[int(self.node_circuit[node])] -= float(self.second_flow[p])
        largest = max(abs(self.first_flow[ports]).max(), 1e-9)
        by_circuit: dict[int, list[int]] = defaultdict(list)
        for node, m in mass.items():
            if abs(m) > 1e-7 * largest:
                by_circuit[int(self.node_circuit[node])].append(node)
        return [self._crossing(c, nodes, mass, enthalpy[c], warming[c]) for c, nodes in sorted(by_circuit.items())]

    def _crossing(
        self, circuit: int, nodes: list[int], mass: dict[int, float], carried: float, warming: float
    ) -> Crossing:
        def mean(side: list[int], offset: int) -> float:
            weights = [abs(mass[n]) for n in side]
            values = [self.y[self.node_first[n] + offset] for n in side]
            return float(np.average(values, weights=weights)) if side else float("nan")

        into = [n for n in nodes if mass[n] > 0.0]
        out = [n for n in nodes if mass[n] < 0.0]
        m_flow = sum(mass[n] for n in into)
        T_in = mean(into, 1)
        # where others pour into the same node, its temperature is a mixture: the enthalpy tells
        shared = any(self._feeders(n) > 1 for n in out)
        cp = self.raw.coolant_properties(circuit, T_in)[1] if into else float("nan")
        T_out = T_in + carried / (m_flow * cp) if shared and m_flow > 0.0 else mean(out, 1)
        return Crossing(
            circuit,
            m_flow,
            mean(into, 0),
            mean(out, 0),
            T_in,
            T_out,
            carried + warming,
            frozenset(into),
            frozenset(out),
        )

    @cached_property
    def _feeder_count(self) -> dict[int, int]:
        count: dict[int, int] = defaultdict(int)
        for p in self.fluid_ports.tolist():
            if self.first_flow[p] < -1e-9:
                count[int(self.port_node[p])] += 1
        return count

    def _feeders(self, node: int) -> int:
        """Ports that pour into a node."""
        return self._feeder_count.get(node, 0)

    # ---- circuits ----

    @cached_property
    def circuits(self) -> list[Circuit]:
        return [self._circuit(c) for c in range(len(self.topology.media))]

    @cached_property
    def main_circuit(self) -> int:
        """The circuit that takes most heat from chips and trays; -1 without any."""
        gain = [0.0] * len(self.topology.media)
        for c in range(len(self.topology.paths)):
            circuits = self.circuits_of(c)
            if c not in self.references and not self.is_pump(c) and len(circuits) == 1:
                gain[circuits[0]] += self._heat_taken(c)[0]
        return int(np.argmax(gain)) if gain else -1

    def _circuit(self, c: int) -> Circuit:
        ports = self.fluid_ports[self.node_circuit[self.port_node[self.fluid_ports]] == c]
        first = self.node_first[np.unique(self.port_node[ports])]
        p, T = self.y[first], self.y[first + 1]
        m_flow = float(abs(self.first_flow[ports]).max())
        rho = self.raw.coolant_properties(c, float(T.min()))[0]
        references = self.topology.references[c]
        name = self.topology.paths[references[0]] if references else f"circuit {c + 1}"
        return Circuit(
            c,
            name,
            self.topology.media[c],
            self.topology.closed[c],
            self._volumes.get(c, 0.0),
            self._capacity(c),
            m_flow,
            m_flow / rho,
            float(p.max() - p.min()),
            float(T.min()),
            float(T.max()),
            self._approach(c),
        )

    @cached_property
    def _volumes(self) -> dict[int, float]:
        """Coolant volume by circuit, from outputs or parameters called volume."""
        volumes: dict[int, float] = defaultdict(float)
        for c in range(len(self.topology.paths)):
            circuits = self.circuits_of(c)
            if len(circuits) == 1:
                V = self.output(c, "volume")
                if np.isnan(V):
                    cells = self.parameter(c, "cells")
                    V = self.parameter(c, "volume") / (1.0 if np.isnan(cells) else cells)
                volumes[circuits[0]] += 0.0 if np.isnan(V) else V
            elif circuits:
                self._add_sides(c, volumes)
        return volumes

    def _add_sides(self, component: int, volumes: dict[int, float]) -> None:
        """`volume_primary` belongs to the circuit of the ports called primary…"""
        cells = self.parameter(component, "cells")
        for param in self.models[self.topology.types[component]].params:
            if not param.name.startswith("volume_"):
                continue
            circuit = self._side(component, param.name.removeprefix("volume_"))
            if circuit is not None:
                volumes[circuit] += self.parameter(component, param.name) / (1.0 if np.isnan(cells) else cells)

    def _side(self, component: int, word: str) -> int | None:
        """The circuit of the ports whose name begins with a word."""
        ports = self.models[self.topology.types[component]].ports
        for p in self.ports_of[component].tolist():
            if ports[self.topology.port_number[p]].name.startswith(word):
                return int(self.node_circuit[self.port_node[p]])
        return None

    @cached_property
    def _label(self) -> tuple[dict[int, int], dict[int, int]]:
        """Which circuit components and heat nodes are coupled to; surroundings couple nothing."""
        label = {c: self.circuits_of(c)[0] for c in range(len(self.topology.paths)) if len(self.circuits_of(c)) == 1}
        nodes: dict[int, int] = {}
        ports_at: dict[int, list[int]] = defaultdict(list)
        nodes_of: dict[int, list[int]] = defaultdict(list)
        for p, node in enumerate(self.topology.port_node):
            if self.topology.node_kinds[node] == "heat":
                ports_at[node].append(p)
                nodes_of[self.topology.port_component[p]].append(node)
        open_nodes = {n for n, ps in ports_at.items() if not any(self._is_ambient(self.port_component[p]) for p in ps)}
        reached = list(label)
        while reached:
            component = reached.pop()
            for node in nodes_of[component]:
                if node in nodes or node not in open_nodes:
                    continue
                nodes[node] = label[component]
                for p in ports_at[node]:
                    other = self.topology.port_component[p]
                    if other not in label and not self.ports_of[other].size:
                        label[other] = label[component]
                        reached.append(other)
        return label, nodes

    def _is_ambient(self, component: int) -> bool:
        return self.topology.types[component] == "ambient"

    def _capacity(self, circuit: int) -> float:
        """J/K of everything coupled to a circuit: how much more energy it holds when it is 1 K warmer."""
        component_label, node_label = self._label
        warmer = self.y.copy()
        for node, c in enumerate(self.topology.node_circuit):
            if c == circuit:
                warmer[self.node_first[node] + 1] += 1.0
            elif node_label.get(node) == circuit:
                warmer[self.node_first[node]] += 1.0
        for c, unknowns in enumerate(self.topology.unknowns_of):
            for info, position in zip(self.models[self.topology.types[c]].unknowns, unknowns, strict=True):
                if info.unit != "K":
                    continue
                label = component_label.get(c)
                if label is None and info.name.startswith("T_"):
                    label = self._side(c, info.name[2:])
                if label == circuit:
                    warmer[position] += 1.0
        return self.raw.stored_at(warmer) - self.raw.stored_at(self.y)

    @cached_property
    def exchangers(self) -> dict[str, list[int]]:
        """Components that touch two circuits, cells of one chain together."""
        groups: dict[str, list[int]] = defaultdict(list)
        for c, path in enumerate(self.topology.paths):
            if len(self.circuits_of(c)) == 2:
                groups[path.rsplit(".cell[", 1)[0]].append(c)
        return groups

    def _approach(self, circuit: int) -> float:
        found = [self.approach(g) for g in self.exchangers.values()]
        return max((a for hot, a in found if hot == circuit), default=float("nan"))

    def approach(self, group: list[int]) -> tuple[int, float]:
        """Of an exchanger: the circuit it cools, and that circuit's outlet over the other's inlet."""
        sides = self.crossings(group)
        if len(sides) != 2:
            return -1, float("nan")
        hot, cold = sorted(sides, key=lambda s: s.heat)
        return hot.circuit, hot.T_out - cold.T_in

    # ---- balances ----

    @cached_property
    def balance(self) -> Balance:
        types = self.topology.types
        liquid = air = pumps = sources = boundary = pumped = given = 0.0
        for c in range(len(types)):
            if c in self.references:
                boundary -= self.power[c]
            elif self._is_ambient(c):
                air -= self.power[c]
            elif self.is_pump(c):
                electric = self.output(c, "P_el")
                pumps += electric
                air += electric - self.power[c]
                pumped += self._heat_to_coolant(c)
            else:
                sources += self.power[c]
                if len(self.circuits_of(c)) < 2:
                    taken, up = self._heat_taken(c)
                    liquid, given = liquid + taken, given + up
        return Balance(liquid, float(air), float(pumps), float(sources), float(boundary), pumped, given)

    @cached_property
    def pumps(self) -> list[Pump]:
        return [
            Pump(
                path,
                self.parameter(c, "running"),
                self.unknown(c, "n"),
                self.output(c, "V_flow"),
                self.output(c, "dp"),
                self.output(c, "P_el"),
                self.output(c, "efficiency"),
                self.signal(c, "powered", 1.0),
            )
            for c, path in enumerate(self.topology.paths)
            if self.is_pump(c)
        ]
