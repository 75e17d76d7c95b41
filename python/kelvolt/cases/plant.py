"""A solved network as seen by an engineer: circuits, groups of components, heat balance, pumps.

The core finds these from the network and the models' declarations; here they are computed when first used, then kept.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import numpy as np

from kelvolt import _core
from kelvolt.base.values import Floats


class Topology:
    """The flat lists of a network, copied once, because each access to those of the core makes new lists."""

    def __init__(self, bound: _core.Topology) -> None:
        self.paths: list[str] = bound.paths
        self.types: list[str] = bound.types
        self.port_component: list[int] = bound.port_component
        self.port_number: list[int] = bound.port_number
        self.port_node: list[int] = bound.port_node
        self.node_kinds: list[str] = bound.node_kinds
        self.node_first: list[int] = bound.node_first
        self.node_circuit: list[int] = bound.node_circuit
        self.media: list[str] = bound.media
        self.closed: list[bool] = bound.closed
        self.references: list[list[int]] = bound.references


class Plant:
    """The network of a case with the values of one solution."""

    def __init__(self, case: _core.Case, raw: _core.Solution) -> None:
        self.case = case
        self.raw = raw
        self.core = _core.Plant(raw)
        self.output = self.core.output
        self.parameter = self.core.parameter
        self.having_output = self.core.having_output
        self.is_pump = self.core.is_pump
        self.circuits_of = self.core.circuits_of
        self.crossings = self.core.crossings
        self.heat_of = self.core.heat_of

    # ---- the network ----

    @cached_property
    def topology(self) -> Topology:
        return Topology(_core.topology(self.case))

    @cached_property
    def models(self) -> dict[str, _core.Model]:
        return {m.type: m for m in _core.models()}

    @cached_property
    def y(self) -> Floats:
        return np.asarray(self.raw.y)

    @cached_property
    def power(self) -> Floats:
        """Power from outside into each component [W]."""
        return np.asarray(self.core.power)

    @cached_property
    def ports_of(self) -> list[list[int]]:
        """For each component: its coolant ports."""
        return self.core.fluid_ports

    @cached_property
    def components_of(self) -> list[list[int]]:
        """For each circuit: the components with a port in it."""
        return self.core.components_of_circuits

    def role(self, component: int) -> str:
        return self.models[self.topology.types[component]].role

    @cached_property
    def electric_weights(self) -> dict[str, float]:
        """By electric kind of port: the factor between power and the sum of voltage times current."""
        ports = (p for m in self.models.values() for p in m.ports)
        return {p.kind: p.electric for p in ports if p.electric > 0.0}

    @cached_property
    def is_electric(self) -> bool:
        """Whether the network has electric connections."""
        return not self.electric_weights.keys().isdisjoint(self.topology.node_kinds)

    @cached_property
    def dead(self) -> set[str]:
        """Paths of components on an electric bus without a source."""
        t = self.topology
        nodes = {n for island, reference in self.raw.islands() if reference < 0 for n in island}
        ports = Counter(t.port_node)  # a port that is not connected is no bus
        at = zip(t.port_component, t.port_node, strict=True)
        return {t.paths[c] for c, n in at if n in nodes and ports[n] > 1}

    # ---- of the solution ----

    @cached_property
    def circuits(self) -> list[_core.Circuit]:
        return self.core.circuits()

    @cached_property
    def main_circuit(self) -> int:
        """The number of the circuit that takes most heat from chips and trays; -1 without circuits."""
        return self.core.main_circuit()

    @cached_property
    def exchangers(self) -> dict[str, list[int]]:
        """Components between two circuits by path; the cells of a chain are one exchanger."""
        return dict(self.core.exchangers())

    @cached_property
    def balance(self) -> _core.Balance:
        return self.core.balance()

    @cached_property
    def pumps(self) -> list[_core.Pump]:
        return self.core.pumps()

    @cached_property
    def passages(self) -> list[_core.Passage]:
        """Elements with through flow of one circuit, largest pressure drop first; pumps are left out."""
        return self.core.passages()
