"""A power flow from a facility engineer's view: voltages, loading, losses by stage and space, PUE, pPUE, TUE.

PUE after ISO/IEC 30134-2 is energy into the data centre over energy into the IT equipment; here it is a ratio of powers
in a steady state, not of the energies of a year. Power into the data centre is what the grid, generation on the site
and batteries give, minus what is exported and minus what is stored in batteries for later. So every watt counts once,
where it is used. pPUE is the same for a part of the infrastructure.

TUE = ITUE PUE, where ITUE is energy into the IT equipment over energy into its compute components (Patterson et al.,
"TUE, a new energy-efficiency metric applied at ORNL's Jaguar", ISC 2013). Compute is what computes, stores or carries
data: chips, memory, drives, network cards. Converters, fans and pumps inside the IT equipment are its overhead.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base.kinds import SOLUTION, only
from kelvolt.base.paths import any_covers, any_element, chain_of, first_levels, without_indices
from kelvolt.base.tables import Units
from kelvolt.power.net import Bus, Element, End, Grid, grid
from kelvolt.power.section import Section, section

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.loadability import Loadability
    from kelvolt.cases.solution import Solution

COOLANT, NOWHERE = "coolant", "not placed"


@dataclass(frozen=True)
class Shares:
    """Electric power in W, in total and by use: total = it + cooling + distribution + other."""

    total: float  # into the site and used there: supplied - exported - stored
    it: float  # into IT equipment
    compute: float  # into chips, memory, drives and network of the IT equipment
    cooling: float
    distribution: float  # lost before the IT equipment
    other: float  # other draws, losses of batteries
    boundary: str  # what counts as IT equipment
    beside: float  # of pumps that this network does not feed; included in cooling and total
    supplied: float = 0.0  # from grid, generators and batteries (also those in UPS), including the sources' own losses
    generated: float = 0.0  # by negative loads (PV); included in supplied
    exported: float = 0.0  # into sources that do not store
    stored: float = 0.0  # into batteries, without their loss

    @property
    def pue(self) -> float:
        return self.total / self.it if self.it > 0.0 else math.nan

    @property
    def ppue_power(self) -> float:
        return (self.it + self.distribution) / self.it if self.it > 0.0 else math.nan

    @property
    def ppue_cooling(self) -> float:
        return (self.it + self.cooling) / self.it if self.it > 0.0 else math.nan

    @property
    def itue(self) -> float:
        return self.it / self.compute if self.compute > 0.0 else math.nan

    @property
    def tue(self) -> float:
        return self.total / self.compute if self.compute > 0.0 else math.nan


class PowerFlow:
    """Made by `Solution.power_flow()`. SI; AC voltages are line to line, DC voltages from pole to return."""

    def __init__(self, solution: Solution) -> None:
        from kelvolt.cases.solution import Solution

        only("PowerFlow", SOLUTION, solution, Solution)
        self.solution = solution
        self.grid: Grid = grid(solution)
        self.section: Section = section(solution.plant.case)

    # ---- tables ----

    @cached_property
    def buses(self) -> pandas.DataFrame:
        """Per bus: kind, voltage V, drop from the head of its feeder over the head's voltage, unbalance, angle deg.

        Voltage is the lowest line-to-line voltage. `v_drop` is the voltage with the largest drop, to which drop refers;
        on four-wire buses it is between the conductors that `drop_of` names ("a-n": phase a to neutral). Unbalance is
        given as deviation of line-to-line voltages from their mean, and as negative over positive sequence.
        """
        import pandas

        rows = []
        for n, bus in self.grid.buses.items():
            at, drop = self.grid.feeder(n)
            head = self.grid.buses[at]
            angle = math.degrees(np.angle(bus.v[0])) if bus.kind != "dc" and bus.live else math.nan
            of = self.grid.lost_most(n)
            row = [bus.name, bus.kind, bus.live, bus.line, drop, head.name, *voltage_unbalance(bus), angle, *of]
            rows.append(row)
        columns = ["bus", "kind", "live", "voltage", "drop", "head", "unbalance_lines", "V2_over_V1", "angle"]
        columns += ["v_drop", "drop_of"]
        return pandas.DataFrame(rows, columns=columns)

    @cached_property
    def elements(self) -> pandas.DataFrame:
        """Per element: role, power taken and given at its ports, lost W, loading, current A of conductor and neutral.

        Loss is the power an element takes by its ports and from its internal battery and does not pass on, or what its
        model states (drives, batteries). Power factor is that of its first AC port."""
        import pandas

        rows = [self._row(e) for e in self.grid.elements]
        columns = [
            "element",
            "model",
            "role",
            "P_in",
            "P_out",
            "loss",
            "loading",
            "I",
            "I_n",
            "unbalance_phases",
            "I2_over_I1",
            "pf",
        ]
        return pandas.DataFrame(rows, columns=columns)

    def _row(self, e: Element) -> list[object]:
        most = max(e.ends, key=lambda x: x.current)
        neutral = [abs(x.i[3]) for x in e.ends if x.kind == "ac4"]
        ac = [x for x in e.ends if x.kind != "dc"]
        return [
            e.path,
            e.type,
            e.role,
            e.taken,
            e.given,
            e.loss,
            e.loading,
            most.current,
            max(neutral, default=math.nan),
            *max((current_unbalance(x) for x in e.ends), default=(math.nan, math.nan)),
            power_factor(ac[0].s) if ac else math.nan,
        ]

    @cached_property
    def losses(self) -> pandas.DataFrame:
        """Heat W by stage (rows, from source to load) and by the space that receives it (columns)."""
        import pandas

        found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        depth = self._depths
        order: dict[str, float] = {}
        for e in self.grid.elements:
            heat = self.heat(e)
            if not heat:
                continue
            stage = self.stage(e)
            for space, watts in heat.items():
                found[stage][space] += watts
            order[stage] = min(order.get(stage, math.inf), depth[e.path])
        spaces = sorted({s for row in found.values() for s in row}, key=lambda s: (s != COOLANT, s == NOWHERE, s))
        stages = sorted(found, key=lambda s: order[s])
        table = pandas.DataFrame([[found[s].get(x, 0.0) for x in spaces] for s in stages], stages, spaces)
        table["sum"] = table.sum(axis=1)
        return table

    def stage(self, e: Element) -> str:
        """The name under which equal parts are counted: the path without its indices."""
        return without_indices(chain_of(e.path))

    def heat(self, e: Element) -> dict[str, float]:
        """Heat W of an element by space: its loss, or for a load all the power it draws and does not pass on as work;
        for sources only the heat at their heat ports, since the power that a battery takes is stored."""
        found: dict[str, float] = defaultdict(float)
        own = self._space_of(e.path)
        for receiver, watts in e.heat.items():
            found[COOLANT if receiver == COOLANT else own or self._space_of(receiver) or receiver] += watts
        left = e.used - sum(e.heat.values()) if e.role != "source" and not self.generates(e) else 0.0
        if e.role == "load" and self._moves_coolant(e):
            found[COOLANT] += left
            left = 0.0
        for machine in self._machines.get(e.index, []):
            electric = self.solution.plant.output(machine, "P_el")
            room = self._to_room(machine, electric)
            found[COOLANT] += electric - room
            found[self._place_of(machine) or own or NOWHERE] += room
            left -= electric
        if abs(left) > 1e-9 * max(abs(e.used), 1.0):
            found[own or NOWHERE] += left
        return {space: watts for space, watts in found.items() if watts}

    def _to_room(self, machine: int, electric: float) -> float:
        """Heat W of a machine to the room: of a pump that of its motor (the rest warms the coolant), of others all."""
        plant = self.solution.plant
        return electric - float(plant.power[machine]) if plant.is_pump(machine) else electric

    def _place_of(self, machine: int) -> str:
        """The space of a pump, fan or chiller: the one the case states, else the one that gets most of its heat."""
        named = self._space_of(self.solution.plant.topology.paths[machine])
        places = {k: abs(w) for k, w in self.solution.plant.heat_of(machine).items() if k != COOLANT}
        largest = max(places, key=lambda k: places[k], default="")
        return named or self._space_of(largest) or largest

    def _moves_coolant(self, e: Element) -> bool:
        return bool(self.solution.plant.ports_of[e.index])

    def _space_of(self, path: str) -> str:
        return next((name for name, patterns in self.section.spaces.items() if any_covers(patterns, path)), "")

    @cached_property
    def _depths(self) -> dict[str, float]:
        steps = self.grid.depth()
        return {e.path: min((steps.get(x.bus, 999) for x in e.ends), default=999) for e in self.grid.elements}

    # ---- sums ----

    @cached_property
    def shares(self) -> Shares:
        g, plant = self.grid, self.solution.plant
        generators = [e for e in g.elements if self.generates(e)]
        users = [e for e in g.elements if e.role != "source" and e not in generators]
        outside = [e for e in users if not self.is_it(e)]
        it = sum(e.used for e in users if self.is_it(e))
        compute = sum(e.power for e in users if self.is_compute(e))
        cooling = sum(e.power for e in outside if e.role == "load" and self.is_cooling(e))
        distribution = sum(e.used for e in outside if e.passes or e.role == "bus")
        other = sum(e.power for e in outside if e.role == "load" and not self.is_cooling(e))
        fed = {e.path for e in g.elements}
        driven = self._driven
        beside = sum(p.P_el for p in plant.pumps if p.path not in fed | driven and not math.isnan(p.P_el))
        # a converter with an internal battery is also supplied by it, and stores the power that charges it
        drawn = sum(max(e.from_store, 0.0) for e in users)
        stored = sum(max(-e.from_store, 0.0) for e in users)
        exported = 0.0
        for e in g.of_role("source"):
            taken = max(e.power, 0.0)
            loss = max(e.values.get("loss", 0.0), 0.0)
            if self.stores(e) and e.power < 0.0:  # discharging: output and loss both come from the stored energy
                drawn += loss
                other += loss
                continue
            lost = min(loss, taken)  # standby of a backup, losses of charging
            other += lost
            if self.stores(e):
                stored += taken - lost
            else:
                exported += taken - lost
        generated = sum(-e.power for e in generators)
        supplied = sum(max(-e.power, 0.0) for e in g.of_role("source")) + drawn + generated + beside
        total = supplied - exported - stored
        return Shares(
            total,
            it,
            compute,
            cooling + beside,
            distribution,
            other,
            self._boundary,
            beside,
            supplied,
            generated,
            exported,
            stored,
        )

    @cached_property
    def _machines(self) -> dict[int, list[int]]:
        """By drive, the pumps, fans and chillers whose power it draws: those that share a signal with the drive."""
        t = self.solution.plant.topology
        electric = {e.index for e in self.grid.elements}
        powered = set(self.solution.plant.having_output("P_el"))
        joined: dict[int, set[int]] = defaultdict(set)
        for c, n in zip(t.port_component, t.port_node, strict=True):
            if t.node_kinds[n] == "signal":
                joined[n].add(c)
        found: dict[int, set[int]] = defaultdict(set)
        for members in joined.values():
            for drive in electric & members:
                found[drive] |= (members & powered) - {drive}
        return {drive: sorted(machines) for drive, machines in found.items() if machines}

    @cached_property
    def _driven(self) -> set[str]:
        return {self.solution.plant.topology.paths[c] for pumps in self._machines.values() for c in pumps}

    def is_chip(self, e: Element) -> bool:
        return e.role == "load" and "T_die" in e.values

    def is_compute(self, e: Element) -> bool:
        """Whether an element is a load inside the IT equipment that does not cool it; only where chips are modelled."""
        return bool(self._assemblies) and e.role == "load" and self.is_it(e) and not self.is_cooling(e)

    def generates(self, e: Element) -> bool:
        """Whether an element is a load that gives power to its bus (PV as a negative load)."""
        return e.role == "load" and e.power < -1e-6

    def stores(self, e: Element) -> bool:
        """Whether an element is a source that stores energy: its model states a charge or an energy."""
        return bool({"soc", "energy"} & e.values.keys())

    def is_cooling(self, e: Element) -> bool:
        """Whether an element moves coolant, drives a pump, or is named as cooling by the case."""
        if self.section.cooling:
            return any_covers(self.section.cooling, e.path)
        return self.cools_here(e)

    def cools_here(self, e: Element) -> bool:
        """Whether an element moves coolant or drives a machine of this network, so temperatures show its failure."""
        return self._moves_coolant(e) or e.index in self._machines

    def is_it(self, e: Element) -> bool:
        """Whether an element is IT equipment: named by the case, else in an assembly that holds chips; without chips,
        every load that does not cool."""
        if self.section.it:
            return any_covers(self.section.it, e.path)
        if self._assemblies:
            return first_levels(e.path, 1) in self._assemblies
        return e.role == "load" and not self.is_cooling(e)

    @cached_property
    def _assemblies(self) -> set[str]:
        """The outermost assemblies that hold chips, e.g. rack[1] for rack[1].tray[2].gpu[3]."""
        return {first_levels(e.path, 1) for e in self.grid.elements if self.is_chip(e)}

    @cached_property
    def _boundary(self) -> str:
        if self.section.it:
            return "as the case says: " + ", ".join(self.section.it)
        names = sorted({any_element(a) for a in self._assemblies})
        return "what holds chips: " + ", ".join(names) if names else "every load that does not cool"

    @cached_property
    def nose(self) -> Loadability:
        """The margin to the nose of the curve of voltage against load, searched for up to ten times the load."""
        from kelvolt.cases.loadability import Loadability

        return Loadability(*self.solution.plant.case.loadability(10.0))

    @cached_property
    def imbalance(self) -> float:
        """The error of the power balance: power from sources and batteries minus all that components take, over the
        power passed on."""
        others = [e for e in self.grid.elements if e.role != "source"]
        given = sum(-e.power for e in self.grid.of_role("source")) + sum(e.from_store for e in others)
        taken = sum(e.used for e in others)
        size = max(sum(e.given for e in self.grid.elements), 1e-9)
        return abs(given - taken) / size

    # ---- text ----

    def summary(self, units: str = "si", longest: int = 30) -> str:
        """Tables as text: elements by loading, buses by drop, losses and uses of power; at most `longest` rows each.
        `units` is "si", "si-field" or "us"."""
        from kelvolt.power.text import summary

        return summary(self, Units(units), longest)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        from kelvolt.power.text import page

        return page(self, Units())


# ---- quantities ----


def power_factor(s: complex) -> float:
    """P/|S| with the sign of Q: above zero lagging (inductive), below leading."""
    size = abs(s)
    if size < 1e-9:
        return math.nan
    return math.copysign(abs(s.real) / size, s.imag * s.real if abs(s.imag) > 1e-9 * size else 1.0)


def voltage_unbalance(bus: Bus) -> tuple[float, float]:
    """(Deviation of the line-to-line voltages, V2/V1) by the models' definitions; NaN without three phases."""
    if bus.kind != "ac4" or not bus.live:
        return math.nan, math.nan
    return _core.voltage_unbalance(*map(complex, bus.v[:3]))


def current_unbalance(end: End) -> tuple[float, float]:
    """(Deviation of the phase currents, I2/I1) at a port; NaN without three phases."""
    if end.kind != "ac4" or np.abs(end.i[:3]).mean() < 1e-6:
        return math.nan, math.nan
    return _core.current_unbalance(*map(complex, end.i[:3]))
