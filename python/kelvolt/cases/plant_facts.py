"""What is read from a solved plant, as plain records."""

from __future__ import annotations

from dataclasses import dataclass

from kelvolt import _core


@dataclass(frozen=True)
class Crossing:
    """What one circuit carries through a group of components."""

    circuit: int
    m_flow: float  # kg/s in
    p_in: float
    p_out: float
    T_in: float
    T_out: float
    heat: float  # W that its coolant takes up: carried on by the flow, or stored there
    nodes_in: frozenset[int]
    nodes_out: frozenset[int]


@dataclass(frozen=True)
class Circuit:
    """One coolant circuit; SI."""

    number: int
    name: str
    medium: str
    closed: bool
    volume: float  # m3
    capacity: float  # J/K of coolant and what is coupled to it
    m_flow: float  # kg/s, largest anywhere: the trunk carries all
    V_flow: float  # m3/s at the coldest temperature
    dp: float  # Pa, highest minus lowest pressure
    T_low: float
    T_high: float
    approach: float  # K of the exchanger that cools it; not a number without one


@dataclass(frozen=True)
class Pump:
    """Where a pump runs; SI, not a number where its model does not say."""

    path: str
    running: float
    speed: float
    V_flow: float
    dp: float
    P_el: float
    efficiency: float
    powered: float = 1.0  # as its supply says; 1 where none is joined

    @property
    def on(self) -> bool:
        return self.running > 0.0 and self.powered > 0.5

    @property
    def state(self) -> str:
        """Whether it is driven: "on", "off", or switched on without a supply."""
        return "on" if self.on else "off" if self.running == 0.0 else "off, no supply"


@dataclass(frozen=True)
class Balance:
    """Where heat goes; W."""

    to_liquid: float  # heat that parts other than pumps give to the coolant, stored there or carried on
    to_air: float  # into fixed surroundings and, from motors, into the room
    pumps: float  # electric
    sources: float  # from outside into chips, trays, heaters, and from the electric supply
    boundary: float  # net enthalpy that leaves with coolant over the boundary
    from_pumps: float  # into the coolant: their power without what their motors give to the room
    from_liquid: float  # what the coolant gives up by heat ports: radiators, coolers, walls

    @property
    def into_coolant(self) -> float:
        """All that enters it; what leaves it is `from_liquid` and `boundary`, the rest is stored."""
        return self.to_liquid + self.from_pumps

    @property
    def direct_to_air(self) -> float:
        """To the air without passing the coolant."""
        return self.to_air - self.from_liquid


@dataclass(frozen=True)
class Passage:
    """Flow through an element between two ports of one circuit, from where it enters; SI."""

    path: str
    V_flow: float
    dp: float
    velocity: float  # the highest inside; not a number where no model says


class Topology:
    """The flat lists of a network, copied once: every look at the bound ones makes them anew."""

    def __init__(self, bound: _core.Topology) -> None:
        self.paths: list[str] = bound.paths
        self.types: list[str] = bound.types
        self.port_component: list[int] = bound.port_component
        self.port_number: list[int] = bound.port_number
        self.port_node: list[int] = bound.port_node
        self.node_kinds: list[str] = bound.node_kinds
        self.node_first: list[int] = bound.node_first
        self.node_circuit: list[int] = bound.node_circuit
        self.unknowns_of: list[list[int]] = bound.unknowns_of
        self.media: list[str] = bound.media
        self.closed: list[bool] = bound.closed
        self.references: list[list[int]] = bound.references
