"""One row of a contingency study: the changed network solved from the plan's solution, and what is read from it."""

from __future__ import annotations

import contextlib
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import any_covers, any_element
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED
from kelvolt.cases.solution import Solution
from kelvolt.power.autonomy import Autonomy, carrying
from kelvolt.power.flow import COOLANT, PowerFlow
from kelvolt.power.net import Element, Grid
from kelvolt.power.outages import Together

if TYPE_CHECKING:
    from kelvolt import _core
    from kelvolt.cases.case import Case

AS_PLANNED = "as planned"  # verdict of a failure that breaks nothing but what the plan breaks, too
ACCEPTED = "accepted"  # verdict of a failure that breaks the plan, which the case accepts
STEADY, IN_TIME = "steady state", "in time"  # by what a row is judged
_WORSE = 0.01  # share of a limit by which a failure must pass it further than the plan to have broken it
_ALIVE = 0.1  # share of the voltage in the plan below which a load counts as lost
_ON_BATTERY = "on_battery"  # parameter by which a UPS carries its load in a steady state without mains
_SAME = 1e-6  # tolerance of comparisons between values that are equal but for rounding
_SAME_KIND = 0.25  # share by which a stated voltage may differ from that of its bus in the plan
_STILL = 1e-3  # share of the flow in the plan below which coolant counts as standing still
_COAST = 60.0  # s; after this time coolant without a pump stands still by that measure (30 s on the shipped CDUs)


@dataclass
class Row:
    name: str
    family: str
    outages: tuple[str, ...]  # what fails, by the names that patterns know
    alike: int = 1
    status: str = "ok"
    reason: str = ""
    verdict: str = HELD
    numbers: dict[str, Any] = field(default_factory=dict)
    state: str = ""  # stores that carry load in this state, those that are not used, sources that have not started
    lost: tuple[str, ...] = ()  # loads without supply
    over: bool = False  # whether an element is beyond its rating that the plan holds
    waits: bool = False  # whether loads are lost that the battery of a UPS carries in time
    judged: str = STEADY


COLUMNS = (
    "worst_loading",
    "worst_element",
    "lost_load",
    "lost_undeclared",
    "lost",
    "v_worst",
    "v_worst_bus",
    "T_die_max",
    "T_die_at",
    "broken",
    "islands",
    "dead_buses",
)


def or_else(x: Any, otherwise: float) -> float:
    return otherwise if x is None or math.isnan(x) else float(x)


def solve(case: Case, base: Solution, item: Together, watch: Watch) -> tuple[Row, dict[str, Floats]]:
    name, family, several = item
    row = Row(name, family, tuple(o.known_as for o in several), several[0].alike if several else 1)
    changed = case.copy()
    for o in several:
        for path, value in o.values.items():
            changed[path] = value
    try:
        solution = Solution(changed.core, changed.core.steady(base.raw, fallback=False)) if several else base
    except Error:
        # standing coolant is found by one quick solve; finding that a network has no solution takes much longer
        if watch.explain(changed, row):
            return row, watch.nothing()
        try:
            solution = changed.steady(guess=base)
        except Error as error:
            row.status, row.reason = _status(error), str(error).splitlines()[0].rstrip(":")
            row.verdict = BROKEN
            watch.explain_in_time(case, row, {p: x for o in several for p, x in o.values.items()})
            return row, watch.nothing()
    return row, watch.read(solution, row)


def lost_text(lost: float, undeclared: float, u: Units) -> str:
    """Lost load, and how much of it the case accepts."""
    taken = lost - undeclared
    part = "" if undeclared <= _SAME * lost else f"{u.text(taken, 'W', 3)} of it "
    more = f" ({part}accepted)" if taken > _SAME * lost else ""
    return u.text(lost, "W", 3) + more


def accepting(row: Row, accepts: bool) -> Row:
    """The row, accepted where it is broken and the case accepts its failure."""
    if accepts and row.verdict == BROKEN:
        row.verdict = ACCEPTED
    return row


def _status(error: Error) -> str:
    """The status word of an error as in sweeps: no_power_flow for NoPowerFlow."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


class Watch:
    """Reads from a solution only the values that a row shows, which is faster than making full tables."""

    def __init__(self, flow: PowerFlow, accept: Sequence[str]) -> None:
        self.flow = flow
        self._accept = accept
        g, plant = flow.grid, flow.solution.plant
        self._rated = [e for e in g.elements if not math.isnan(e.loading)]
        self._loading_at = [[o.name for o in plant.models[e.type].outputs].index("loading") for e in self._rated]
        self._loads = [e for e in g.of_role("load") if e.power > 0.0]
        self._buses = [b for b in g.buses.values()]
        self._first = [plant.topology.node_first[b.number] for b in self._buses]
        self._base_v = np.array([b.lowest for b in self._buses])
        stated = _nominal_volts(g)
        self._nominal = np.array([stated.get(b.number, b.lowest) for b in self._buses])
        self._standby = [e.path for e in g.of_role("source") if not e.in_service]
        self._idle = [e for e in g.of_role("converter") if e.values.get(_ON_BATTERY, 1.0) < 0.5]
        self._carrying = {a.element for a in carrying(flow.solution)}
        self._at = {b.number: k for k, b in enumerate(self._buses)}
        self._dies = plant.having_output("T_die")
        self._die_at = [
            [o.name for o in plant.models[plant.topology.types[c]].outputs].index("T_die") for c in self._dies
        ]
        self._temperatures_judged = any(v.unit == "K" and v.verdict != NOT_ASSESSED for v in flow.solution.raw.verdicts)
        self._plan_in_time: list[_core.Circuit] | None = None
        self._broken_as_planned = {key_of(v): v for v in flow.solution.raw.verdicts if v.verdict == BROKEN}
        self.layout: dict[str, tuple[str, list[str], str]] = {
            "loading": ("element", [e.path for e in self._rated], "1"),
            "voltage": ("bus", [b.name for b in self._buses], "V"),
            "load_voltage": ("load", [e.path for e in self._loads], "1"),
            "T_die": ("die", [plant.topology.paths[c] for c in self._dies], "K"),
        }

    def nothing(self) -> dict[str, Floats]:
        return {name: np.full(len(labels), np.nan) for name, (_, labels, _) in self.layout.items()}

    def explain(self, changed: Case, row: Row) -> bool:
        """Whether there is no solution because coolant stands still, so that dies have no steady temperature.

        To find this, the network is solved without the heat into the coolant. The reason is written into `row`.
        """
        cold = changed.copy()
        values = {f"**.{name}": 0.0 for name in ("activity", "leakage_scale", "memory_power", "io_power")}
        values |= {f"{e.path}.{e.service}": 0.0 for e in self.flow.grid.of_role("converter") if COOLANT in e.heat}
        for path, value in values.items():
            with contextlib.suppress(InputError):  # a network may lack chips, a converter this parameter
                cold[path] = value
        try:
            circuits = cold.steady().plant.circuits
        except Error:
            return False
        return _told_still(row, _still(circuits, self.flow.solution.plant.circuits))

    def explain_in_time(self, case: Case, row: Row, lost: Mapping[str, float]) -> None:
        """The same for a row without a solution, by a run in time, which needs neither a steady temperature of the
        coolant nor a set point that controllers can reach. Circuits that stand still without the failure, too, are no
        reason."""
        if not self.flow.solution.plant.circuits or row.status == "no_power_flow":
            return
        with contextlib.suppress(Error):
            after = case.simulate(_COAST, every=_COAST, events=[(0.0, lost)], partial=True, progress=False)
            if after.status == "complete":
                _told_still(row, _still(after.end.plant.circuits, self._coasted(case)))

    def _coasted(self, case: Case) -> list[_core.Circuit]:
        """The circuits at the end of the run of the plan itself, without a failure."""
        if self._plan_in_time is None:
            self._plan_in_time = case.simulate(_COAST, every=_COAST, progress=False).end.plant.circuits
        return self._plan_in_time

    def read(self, solution: Solution, row: Row) -> dict[str, Floats]:
        volts = self._volts(solution)
        share = self._shares(volts)
        loads = self._of_loads(share)
        outputs = solution.raw.outputs
        loading = self._loadings(solution)
        dies = np.array([outputs(c)[k] for c, k in zip(self._dies, self._die_at, strict=True)])
        lost = [e for e, s in zip(self._loads, loads, strict=True) if s < _ALIVE]
        row.lost = tuple(e.path for e in lost)
        row.numbers = self._numbers(volts, loading, dies) | self._losses(lost)
        row.numbers["islands"] = _live_islands(solution)
        known = self._broken_as_planned if row.outages else {}
        found = [v for v in solution.raw.verdicts if v.verdict == BROKEN and self._counts(v, row)]
        row.numbers["broken"] = _told(v for v in found if not _as_bad(v, known.get(key_of(v))))
        before = _told(v for v in found if _as_bad(v, known.get(key_of(v))))
        self._tell_state(row, solution, share)
        over, before_over = self._overload(loading, bool(row.outages))
        before, row.over = before or before_over, bool(over)
        by_failure = over or row.numbers["lost_undeclared"] or row.numbers["broken"]
        row.verdict = BROKEN if by_failure else AS_PLANNED if before else HELD
        if over:
            row.reason = over
        elif row.numbers["lost_undeclared"]:
            said = [f"{path} does not start by itself: declare it with in_service 1" for path in self._not_started(row)]
            row.reason = "; ".join([*said, *(["before that: `kelvolt ridethrough`"] if row.waits else [])])
        elif not by_failure:
            said = [f"as planned, too: {before}"] if before else []
            if row.numbers["lost_cooling"] and not self._temperatures_judged:
                row.verdict = NOT_ASSESSED
                said += [f"{row.numbers['lost_cooling']} no longer cools, and no temperature limit shows the effect"]
            row.reason = "; ".join(said)
        return {"loading": loading, "voltage": volts, "load_voltage": loads, "T_die": dies}

    def _overload(self, loading: Floats, failed: bool) -> tuple[str, str]:
        """The worst overload of the failure and the worst that the plan has, too, as text; "": there is none."""
        then = self._loadings(self.flow.solution) * (1.0 + _WORSE) if failed else np.zeros(len(loading))
        said = []
        for of in (loading > then, loading <= then):
            over = np.where(of & (loading > 1.0 + _SAME), loading, 0.0)
            k = int(np.argmax(over)) if len(over) else 0
            said.append(f"overload: {self._rated[k].path} at {100.0 * over[k]:.0f} %" if over.any() else "")
        return said[0], said[1]

    def _loadings(self, solution: Solution) -> Floats:
        outputs = solution.raw.outputs
        return np.array([outputs(e.index)[k] for e, k in zip(self._rated, self._loading_at, strict=True)])

    def _tell_state(self, row: Row, solution: Solution, share: Floats) -> None:
        """Which stores carry load in this state and for how long, which are not used, and what has not started.

        Nothing starts or switches by itself in a steady state: a UPS is on its battery only by `on_battery`.
        """
        if not row.outages:
            return
        found = [a for a in carrying(solution) if a.element not in self._carrying]
        said = [f"{a.element} on its battery for {a.text}" for a in found[:1]]
        said += [f"and {len(found) - 1} more stores"] if len(found) > 1 else []
        unused = [e for e in self._idle if all(share[self._at[x.bus]] < _ALIVE for x in e.ends)]
        full = [e for e in unused if e.values.get("battery_energy", 0.0) > 0.0]
        for e in full[:1]:
            known = Autonomy(e.path, e.values.get("time_left", math.nan), e.values.get("autonomy_min", math.nan))
            said.append(f"once {e.path} is empty; it lasts {known.text}")
        said += [f"and {len(full) - 1} more UPSs"] if len(full) > 1 else []
        said += [f"{e.path} off, as no battery_energy is given" for e in unused[:1] if not full]
        said += [f"{path} not started" for path in self._not_started(row)]
        row.state = "; ".join(said)
        row.waits = bool(row.numbers["lost_undeclared"] and full)

    def _not_started(self, row: Row) -> list[str]:
        """A source out of service that could carry what the loss of another one takes."""
        return self._standby[:1] if row.numbers["lost_undeclared"] and row.family == "source" else []

    def _volts(self, solution: Solution) -> Floats:
        y = solution.y
        return np.array([self._line(b.kind, y, k) for b, k in zip(self._buses, self._first, strict=True)])

    def _shares(self, volts: Floats) -> Floats:
        """Voltages over those in the plan; 1 at buses that are dead in the plan, too."""
        share: Floats = np.divide(volts, self._base_v, out=np.ones_like(volts), where=self._base_v > 1e-3)
        return share

    def _of_loads(self, share: Floats) -> Floats:
        return np.array([share[self._at[e.ends[0].bus]] for e in self._loads])

    def _dead(self, volts: Floats) -> int:
        return int(((volts <= 1e-3) & (self._base_v > 1e-3)).sum())

    def _losses(self, lost: Sequence[Element]) -> dict[str, Any]:
        undeclared = [e for e in lost if not any_covers(self._accept, e.path)]
        return {
            "lost_load": float(sum(e.power for e in lost)),
            "lost_undeclared": float(sum(e.power for e in undeclared)),
            "lost": _grouped([e.path for e in lost]),
            "lost_cooling": _grouped([e.path for e in lost if self.flow.cools_here(e)]),
        }

    def _numbers(self, volts: Floats, loading: Floats, dies: Floats) -> dict[str, Any]:
        numbers: dict[str, Any] = dict.fromkeys(COLUMNS, math.nan) | {"dead_buses": self._dead(volts)}
        live = (volts > 1e-3) & (self._nominal > 1e-3)
        over = np.divide(volts, self._nominal, out=np.ones_like(volts), where=live)
        if len(loading) and not np.isnan(loading).all():
            worst = int(np.nanargmax(loading))
            numbers |= {"worst_loading": float(loading[worst]), "worst_element": self._rated[worst].path}
        if live.any():
            far = int(np.argmax(np.where(live, np.abs(over - 1.0), -1.0)))
            numbers |= {"v_worst": float(over[far]), "v_worst_bus": self._buses[far].name}
        if len(dies):
            hot = int(np.argmax(dies))
            numbers |= {"T_die_max": float(dies[hot]), "T_die_at": self.layout["T_die"][1][hot]}
        return numbers

    def _line(self, kind: str, y: Floats, k: int) -> float:
        """The lowest voltage of a bus [V] as `Bus.lowest`, read directly from the unknowns."""
        if kind == "dc":
            return abs(float(y[k]))
        if kind == "ac4":
            v = y[k : k + 8 : 2] + 1j * y[k + 1 : k + 8 : 2]
            lines, phases = np.abs(v[:3] - np.roll(v[:3], -1)), np.abs(v[:3] - v[3])
            return float(min(lines.min(), math.sqrt(3.0) * phases.min()))
        return float(np.hypot(y[k], y[k + 1])) * (math.sqrt(3.0) if kind == "ac" else 1.0)

    def _counts(self, v: _core.Verdict, row: Row) -> bool:
        """Whether a limit applies to a row. After a failure, the models' limits of lost loads (which have a column) and
        of redundancy (which the failure uses up) do not."""
        return v.from_case or not (row.outages and (v.id == "fed" or of_redundancy(v)))


def _nominal_volts(grid: Grid) -> dict[int, float]:
    """Nominal voltage [V] by bus, as what stands at it states it: a named bus, else a load, else a source.

    A statement that is more than a quarter off the voltage of its live bus is of another kind (between other
    conductors) and is left out, as are buses at which nothing states a voltage.
    """
    found: dict[int, float] = {}
    for role in ("bus", "load", "source"):
        for e in grid.of_role(role):
            stated = e.values.get("V", math.nan)
            for end in e.ends:
                bus = grid.buses[end.bus]
                if stated > 0.0 and (not bus.live or abs(bus.lowest / stated - 1.0) < _SAME_KIND):
                    found.setdefault(end.bus, stated)
    return found


def _still(circuits: Sequence[_core.Circuit], plan: Sequence[_core.Circuit]) -> list[str]:
    return [c.name for c, then in zip(circuits, plan, strict=True) if c.m_flow < _STILL * then.m_flow]


def _told_still(row: Row, still: Sequence[str]) -> bool:
    """Writes into a row that coolant stands still, and whether it does."""
    if still:
        row.status, row.verdict = "no_steady_state", BROKEN
        row.reason = f"no flow in the circuit of {', '.join(still)}: what it cools warms until it throttles or trips"
    return bool(still)


def of_redundancy(v: _core.Verdict) -> bool:
    """Whether a limit is one of redundancy, which a failure uses up."""
    return v.id.endswith("_redundancy")


def key_of(v: _core.Verdict) -> tuple[Any, ...]:
    """What identifies a limit. An element may have several limits of the case, told apart by their values; the values
    of model limits depend on the state and are left out."""
    return v.id, v.scope, v.at_most, v.limit if v.from_case else None


def _as_bad(v: _core.Verdict, planned: _core.Verdict | None) -> bool:
    """Whether the plan breaks the same limit, and by as much."""
    if planned is None:
        return False
    return abs(v.value - v.limit) <= abs(planned.value - planned.limit) + _WORSE * abs(v.limit)


def _told(verdicts: Iterable[_core.Verdict]) -> str:
    found = list(dict.fromkeys(f"{v.id} of {_grouped([v.element])}" for v in verdicts))
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def _live_islands(solution: Solution) -> int:
    return sum(reference >= 0 for _, reference in solution.raw.islands())


def _grouped(paths: list[str]) -> str:
    """Paths as text, those that differ in indices only combined with their count, and at most four of these."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for p in paths:
        kinds[any_element(p)].append(p)
    said = [g[0] if len(g) == 1 else f"{name} ({len(g)})" for name, g in kinds.items()]
    return ", ".join(said[:4]) + (f" and {len(said) - 4} more" if len(said) > 4 else "")
