"""Automatic disconnection of supply: protective devices against the smallest fault current of what they protect.

A device protects the conductors behind it up to the next device, transformer or converter. At the place with the
smallest line-to-earth fault current its latest time is compared with the time that IEC 60364-4-41 allows for the
circuit. The limits are data (data/checks/power.yaml); a TN system is assumed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.groups import Group, grouped
from kelvolt.base.kinds import flow_of
from kelvolt.base.tables import Table, plain
from kelvolt.power.lines import limits_of
from kelvolt.power.net import Element, rated_volts
from kelvolt.power.protective import Device, conducts, devices, leads
from kelvolt.power.short_circuit import Faults, faults

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

LOW_VOLTAGE = 1000.0  # V: IEC 60364 is for AC up to it
_ROUNDED = 1.005  # 400 V are 230.9 V to earth, the class of 230 V
# nominal voltages of a phase to earth (IEC 60038:2009, table 1; clause not verified), where no bus states one:
# a transformer of 420 V at no load feeds a network of 400 V
_STANDARD = (120.0, 230.0, 277.0, 347.0, 400.0)
_NEAR = 0.10  # by which the voltage without load may differ from one of them
# the limit of a final circuit, by the highest voltage to earth to which it applies [V]
_FINAL = ((120.0, "disconnection_final_120"), (230.0, "disconnection_final_230"), (400.0, "disconnection_final_400"))
_FINAL_ABOVE = "disconnection_final_above"
_OTHERS = "disconnection_distribution"
NAMES = {
    **{key: f"longest time to disconnect a final circuit of up to {volts:g} V to earth" for volts, key in _FINAL},
    _FINAL_ABOVE: "longest time to disconnect a final circuit of more than 400 V to earth",
    _OTHERS: "longest time to disconnect a distribution circuit",
}


@dataclass(frozen=True)
class Disconnection:
    """One device and the smallest fault in what it protects; SI. verdict: held, broken, not assessed."""

    device: str
    setting: float
    circuit: str = ""  # final or distribution
    bus: str = ""  # where the fault current is smallest
    kind: str = ""  # of the fault
    U_0: float = math.nan  # voltage to earth
    Ik_min: float = math.nan
    t_latest: float = math.nan  # infinite: never
    t_limit: float = math.nan
    limit: str = ""  # key of the limit
    verdict: str = "not assessed"
    reason: str = ""


class Disconnections:
    """All protective devices of one power flow against their limits."""

    def __init__(self, flow: PowerFlow, found: Faults) -> None:
        self.flow, self.found = flow, found
        self.known = devices(flow)
        self._limits = limits_of(flow)

    @cached_property
    def rows(self) -> list[Disconnection]:
        return [self._of(d) for d in self.known.values()]

    def assessed(self, key: str) -> list[tuple[str, float]]:
        """Devices whose circuits have a limit, and the time after which they disconnect [s]."""
        return [(r.device, r.t_latest) for r in self.rows if r.limit == key and r.verdict != "not assessed"]

    # ---- one device ----

    def _of(self, d: Device) -> Disconnection:
        none = Disconnection(d.path, d.setting)
        if not conducts(d.element):
            return _with(none, reason="it is open")
        zone = self._behind(d.element)
        if any(x.kind == "dc" for x in d.element.ends):
            return _with(none, reason="DC: faults to earth are not modelled" + self._between_poles(d, zone))
        rows = [f for bus in zone for f in self.found.at(bus) if not f.reason.startswith("dead")]
        if not rows:
            return _with(none, reason="nothing live behind it")
        circuit, limit = self._circuit(d, zone, rows)
        row = _with(none, circuit=circuit, limit=limit, t_limit=self._most(limit))
        if max(f.V_n for f in rows) > LOW_VOLTAGE:
            return _with(row, reason=f"above {LOW_VOLTAGE:g} V IEC 60364 does not apply")
        if others := self._other_feeders(d.element, zone):
            return _with(row, reason=f"{', '.join(others[:3])} feed the same part: shares of the current not assessed")
        return self._judged(d, row, rows)

    def _between_poles(self, d: Device, zone: set[int]) -> str:
        """What its time is with the smallest current of a DC fault behind it, as text."""
        currents = [f.Ik_min for bus in zone for f in self.found.at(bus) if f.kind == "dc" and not math.isnan(f.Ik_min)]
        if not currents:
            return ""
        latest = float(d.times([min(currents)])[1][0])
        return f"; with {plain(1e-3 * min(currents))} kA from pole to pole it takes {_time(latest)}"

    def _judged(self, d: Device, row: Disconnection, rows: list[_core.BusFault]) -> Disconnection:
        to_earth = [f for f in rows if f.kind == "1ph"]
        unknown = [f for f in to_earth if math.isnan(f.Ik_min)]
        known = [f for f in (rows if unknown else to_earth) if not math.isnan(f.Ik_min)]
        if not known:
            return _with(row, reason=next((f.reason for f in unknown), "no fault current to earth"))
        least = min(known, key=lambda f: f.Ik_min)
        latest = float(d.times([least.Ik_min])[1][0])
        if least.reason.startswith("Ik: near"):
            return _with(row, reason=f"the current decays there; {least.reason}")
        ends = least.limited_min and latest > least.lasts
        row = _with(
            row,
            bus=self.found.grid.buses[least.node].name,
            kind=least.kind,
            U_0=self._to_earth(least),
            Ik_min=least.Ik_min,
            t_latest=math.inf if ends else latest,
        )
        slow = row.t_latest > row.t_limit * (1.0 + 1e-9)
        if slow and (least.limited_min or not unknown):
            return _with(row, verdict="broken", reason=_why(least, latest, row.t_limit))
        if unknown:
            with_it = f"with {plain(1e-3 * least.Ik_min)} kA ({least.kind}) it takes {_time(row.t_latest)}"
            return _with(row, reason=f"fault current to earth not known: {unknown[0].reason}; {with_it}")
        return _with(row, verdict="held")

    def _circuit(self, d: Device, zone: set[int], rows: list[_core.BusFault]) -> tuple[str, str]:
        """Whether it protects a final circuit or a distribution circuit, and the key of the limit."""
        largest = self._most("disconnection_final_rating")
        further = any(
            e.path in self.known and e.index != d.element.index for bus in zone for e, _ in self.found.grid.at[bus]
        )
        if further or d.setting > largest:
            return "distribution", _OTHERS
        volts = max(self._to_earth(f) for f in rows)
        return "final", next((key for most, key in _FINAL if volts <= _ROUNDED * most), _FINAL_ABOVE)

    def _to_earth(self, f: _core.BusFault) -> float:
        """Nominal voltage of a phase or single-phase circuit to earth [V]: as stated, else the nearest standard."""
        volts = f.V_n / (1.0 if self.found.grid.buses[f.node].kind == "ac1" else math.sqrt(3.0))
        if f.stated:
            return volts
        nearest = min(_STANDARD, key=lambda standard: abs(volts / standard - 1.0))
        return nearest if abs(volts / nearest - 1.0) <= _NEAR else volts

    def _most(self, key: str) -> float:
        """A limit of the checks; SI."""
        limit = self._limits[key]
        if "max" not in limit:
            raise InputError(f"power: limits: {key}: give `max`; a smaller or larger value than that of IEC 60364-4-41")
        return float(limit["max"])

    # ---- what it protects ----

    def _load_side(self, e: Element) -> set[int]:
        """The buses of a device that lie farther from the sources than its other side."""
        depth = self._depth
        nearest = min((depth.get(x.bus, 0) for x in e.ends), default=0)
        return {x.bus for x in e.ends if depth.get(x.bus, 0) > nearest}

    @cached_property
    def _depth(self) -> dict[int, int]:
        """Steps from the sources, those of the highest voltage first; converters and transfer switches lead one way."""
        grid = self.found.grid
        volts = {e.path: rated_volts(e, grid.buses) for e in grid.of_role("source")}
        steps: dict[int, int] = {}
        for main in (True, False):
            begin = [
                x.bus
                for e in grid.of_role("source")
                if not main or volts[e.path] > 0.5 * max(volts.values())
                for x in e.ends
                if x.bus not in steps
            ]
            steps |= dict.fromkeys(begin, 0)
            queue = deque(begin)
            while queue:
                bus = queue.popleft()
                for e, end in grid.at[bus]:
                    for x in e.ends:
                        if e.passes and x.bus not in steps and leads(e, end, x):
                            steps[x.bus] = steps[bus] + 1
                            queue.append(x.bus)
        return steps

    def _behind(self, device: Element) -> set[int]:
        """The buses behind a device up to the next protective device, transformer or converter."""
        begin = self._load_side(device)
        source_side = {x.bus for x in device.ends} - begin
        seen, queue = set(begin), deque(begin)
        while queue:
            bus = queue.popleft()
            for e, end in self.found.grid.at[bus]:
                if e.path in self.known or e.role not in ("branch", "switch") or not conducts(e):
                    continue
                for x in e.ends:
                    if x.bus not in seen | source_side and _passes(e, end.port, x.port):
                        seen.add(x.bus)
                        queue.append(x.bus)
        return seen

    def _other_feeders(self, device: Element, zone: set[int]) -> list[str]:
        """What else feeds a fault in the part that a device protects."""
        found: dict[str, None] = {}
        for bus in zone:
            for e, end in self.found.grid.at[bus]:
                if e.index == device.index or not e.in_service:
                    continue
                is_source = end.source or (e.role == "converter" and bool(end.feeders))
                by_device = e.path in self.known and conducts(e) and bus in self._load_side(e)
                if is_source or by_device or (e.role == "transformer" and self._steps_down_to(e, bus)):
                    found[e.path] = None
        return list(found)

    def _steps_down_to(self, e: Element, bus: int) -> bool:
        return conducts(e) and bus in self._load_side(e)


def _passes(e: Element, entered: str, left: str) -> bool:
    """Whether a fault at `left` is fed from `entered`: a transfer switch joins one of its inputs to its output."""
    if not any(x.feeders for x in e.ends):
        return True
    inlet, outlet = e.end(entered), e.end(left)
    if inlet.feeders or not outlet.feeders:
        return False
    others = [x for x in e.ends if not x.feeders and x is not inlet]
    return all(abs(inlet.s) >= abs(x.s) for x in others)


def _time(seconds: float) -> str:
    return "for ever" if math.isinf(seconds) else f"{plain(seconds, 3)} s"


def _why(f: _core.BusFault, latest: float, limit: float) -> str:
    if f.limited_min and latest > min(f.lasts, limit):
        lasts = "" if math.isinf(f.lasts) else f" for {f.lasts:g} s"
        time = "does not trip" if math.isinf(latest) else f"takes {_time(latest)}"
        return f"{time} at the limited current that converters give{lasts}"
    return f"takes {_time(latest)}; allowed are {limit:g} s"


def _with(row: Disconnection, **changes: Any) -> Disconnection:
    return Disconnection(**(vars(row) | changes))


def disconnection(of: Case | Solution | PowerFlow, *, lv_tolerance: float = 0.10) -> pandas.DataFrame:
    """Protective devices against the smallest fault current to earth of what they protect, the worst first; SI.

    of: a case, whose steady state is solved, a solution or its power flow. lv_tolerance: as in `short_circuit`.

    One row per device. circuit: final (nothing behind it is protected further, and its rating is within
    `disconnection_final_rating`) or distribution. bus, kind, U_0, Ik_min: the place with the smallest current to earth,
    or, where that is not known, with the smallest of all kinds, which is then not assessed. t_latest: the latest time
    of the device there, infinite where it never trips or a converter's current ends before. t_limit: allowed
    (IEC 60364-4-41:2005 with amendment 1, 411.3.2; clauses not verified). Raises what `steady` raises, InputError for
    a network with a part that states nothing for a fault.
    """
    import pandas

    flow = flow_of(of, "disconnection")
    found = Disconnections(flow, faults(flow.solution, "disconnection", lv_tolerance))
    order = {"broken": 0, "held": 1, "not assessed": 2}
    rows = sorted(found.rows, key=lambda r: (order[r.verdict], -r.t_latest / r.t_limit if r.t_limit > 0.0 else 0.0))
    return pandas.DataFrame([vars(r) for r in rows], columns=[f.name for f in fields(Disconnection)])


def disconnection_text(table: pandas.DataFrame) -> str:
    """The printed table; devices that differ in indices only, with the same verdict and reason, are one row."""
    return disconnection_table(table).text()


def disconnection_table(table: pandas.DataFrame, longest: int | None = None) -> Table:
    """The same as a table of at most `longest` rows."""
    groups = grouped(table.itertuples(), lambda r: (r.device, r.verdict, r.reason))
    head = ["device", "circuit", "at", "U_0 (V)", "Ik_min (kA)", "disconnects after", "allowed (s)", "verdict"]
    return Table(head, list(_printed(groups[:longest])), {1, 2, 5, 7})


def _printed(groups: Iterable[Group[Any]]) -> Iterator[list[str]]:
    for group in groups:
        r = group.worst
        verdict = r.verdict.upper() if r.verdict == "broken" else r.verdict
        where = f"{r.bus} ({r.kind})" if r.bus else "-"
        time = "-" if math.isnan(r.t_latest) else "never" if math.isinf(r.t_latest) else f"{plain(r.t_latest, 3)} s"
        allowed = "-" if math.isnan(r.t_limit) else f"{r.t_limit:g}"
        current = "-" if math.isnan(r.Ik_min) else plain(1e-3 * r.Ik_min)
        volts = "-" if math.isnan(r.U_0) else plain(r.U_0)
        said = verdict + (f": {r.reason}" if r.reason else "")
        yield [group.named(r.device), r.circuit or "-", where, volts, current, time, allowed, said]
