"""Follows heat from electric parts to the coolant or the surroundings that take it."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

from kelvolt.cases.plant import Plant

if TYPE_CHECKING:
    pass


def ports_of(plant: Plant) -> list[list[int]]:
    ports: list[list[int]] = [[] for _ in plant.topology.paths]
    for p, c in enumerate(plant.topology.port_component):
        ports[c].append(p)
    return ports


class Receivers:
    """Follows heat ports through plain thermal components to coolant or to fixed surroundings."""

    def __init__(self, plant: Plant) -> None:
        self._plant, self.ports = plant, ports_of(plant)
        t = plant.topology
        self._at: dict[int, list[int]] = defaultdict(list)
        electric = plant.electric_weights
        self._electric = {c for c, n in zip(t.port_component, t.port_node, strict=True) if t.node_kinds[n] in electric}
        for p, node in enumerate(t.port_node):
            if t.node_kinds[node] == "heat":
                self._at[node].append(p)
        self._known: dict[int, str] = {}
        self._movers = set(plant.having_output("P_el"))
        self._nodes: dict[int, set[int]] = defaultdict(set)
        for c, n in zip(t.port_component, t.port_node, strict=True):
            if n in self._at:
                self._nodes[c].add(n)

    def of(self, component: int) -> dict[str, float]:
        """W that leaves a component by its heat ports, by the name of the receiver: "coolant" or an `ambient`."""
        heat: dict[str, float] = defaultdict(float)
        for p in self.ports[component]:
            node = self._plant.topology.port_node[p]
            if node in self._at and len(self._at[node]) > 1:
                heat[self._receiver(node)] -= float(self._plant.first_flow[p])
        return dict(heat)

    def _receiver(self, node: int) -> str:
        if node not in self._known:
            self._known[node] = self._search(node)
        return self._known[node]

    def _room(self, node: int, components: list[int]) -> str:
        """A place from which a machine moves the heat on by power (a room and its coolers): where heat is received.

        Named by what stores heat there, a component with nothing but this port, else by the machine.
        """
        t = self._plant.topology
        machines = [c for c in components if c in self._movers and len(self._nodes[c] - {node})]
        if not machines:
            return ""
        stores = [t.paths[c] for c in components if len(self.ports[c]) == 1]
        return min(stores, default=t.paths[min(machines)])

    def _search(self, node: int) -> str:
        """The nearest coolant or ambient along heat ports; other electric components are no way out."""
        t, plant = self._plant.topology, self._plant
        queue, seen = deque([node]), {node}
        while queue:
            here = queue.popleft()
            components = [t.port_component[p] for p in self._at[here]]
            for c in components:
                if plant._is_ambient(c):
                    return t.paths[c]
            if any(plant.ports_of[c].size for c in components):
                return "coolant"
            if room := self._room(here, components):
                return room
            for c in components:
                if c not in self._electric:
                    queue.extend(self._nodes[c] - seen)
                    seen |= self._nodes[c]
        return "not known"
