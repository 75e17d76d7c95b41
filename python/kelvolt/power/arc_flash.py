"""Arc flash at the boards of a plan: arcing current, clearing time, incident energy and boundary (IEEE 1584-2018).

A board is a bus component that states its electrodes, gap, distance and box. The bolted current is that of IEC 60909-0,
the largest and the smallest; the arc burns until the fastest device between the source and the board has cleared it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.groups import grouped
from kelvolt.base.kinds import flow_of
from kelvolt.base.tables import Table, plain
from kelvolt.power.arc_energy import CAL_PER_CM2, Arc, Equipment, arc, arcing_current, outside
from kelvolt.power.lines import limits_of
from kelvolt.power.net import Element
from kelvolt.power.protective import Device, before_bus, devices
from kelvolt.power.short_circuit import Faults, faults

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow


@dataclass(frozen=True)
class ArcFlash:
    """The worst arc at one board; SI. verdict: held, broken, not assessed."""

    board: str
    electrodes: str
    V: float
    I_bf: float = math.nan  # bolted three-phase current
    I_arc: float = math.nan
    device: str = ""  # that clears it
    t: float = math.nan  # for which it burns
    energy: float = math.nan  # J/m2 at the distance of the person
    boundary: float = math.nan  # m
    limit: float = math.nan  # J/m2
    verdict: str = "not assessed"
    reason: str = ""


class ArcFlashes:
    """All boards of one power flow whose electrodes are stated."""

    def __init__(self, flow: PowerFlow, found: Faults) -> None:
        self.flow, self.found = flow, found
        limits = limits_of(flow)
        self.most = float(limits["arc_energy"].get("max", math.nan))
        self.longest = float(limits["arc_time"].get("max", math.inf))
        self._known = devices(flow)

    @cached_property
    def rows(self) -> list[ArcFlash]:
        boards = [e for e in self.found.grid.elements if _is_board(e.type)]
        return [self._of(e) for e in boards if self._electrodes(e) != "not_stated"]

    def _electrodes(self, e: Element) -> str:
        return str(self.flow.solution.plant.raw.choice(e.index, "electrodes"))

    def _of(self, e: Element) -> ArcFlash:
        none = ArcFlash(e.path, self._electrodes(e), e.values["V"], limit=self.most)
        equipment = Equipment(
            none.electrodes,
            none.V,
            *(e.values.get(k, math.nan) for k in ("gap", "arc_distance", "box_height", "box_width", "box_depth")),
        )
        fault = next((f for f in self.found.at(e.ends[0].bus) if f.kind == "3ph"), None)
        if fault is None or math.isnan(fault.Ik_max):
            return _with(none, reason=fault.reason if fault else "no three-phase bus")
        if fault.limited:
            return _with(none, reason="only converters feed it: their limited current is outside the model")
        feeding = self._feeding(e, fault)
        if len(feeding) != 1:
            names = ", ".join(source.path for source, _, _ in feeding) or "nothing"
            return _with(none, reason=f"fed by {names}: the current of one source is assessed only")
        return self._worst(none, equipment, fault, *feeding[0])

    def _feeding(self, e: Element, f: _core.BusFault) -> list[tuple[Element, tuple[Device, ...], tuple[Device, ...]]]:
        """Sources that give current to the fault at a board, and converters on the way, with the devices between that
        carry all of it, and those that carry a part."""
        give = {c for c, amperes in f.shares if amperes > 1e-3 * f.Ik_max}
        ways = before_bus(self.flow, self._known, e.ends[0].bus)
        return [x for x in ways if (s := x[0]).index in give or (s.role == "converter" and s.in_service)]

    def _worst(
        self,
        row: ArcFlash,
        e: Equipment,
        f: _core.BusFault,
        source: Element,
        between: tuple[Device, ...],
        parts: tuple[Device, ...],
    ) -> ArcFlash:
        """The arc with the most energy, of the largest and smallest bolted current, full and reduced."""
        currents = [f.Ik_max] if f.limited_min or math.isnan(f.Ik_min) else [f.Ik_max, f.Ik_min]
        for I_bf in currents:
            if wrong := outside(e, I_bf):
                return _with(row, I_bf=I_bf, reason=wrong)
        found: list[tuple[Arc, float, str]] = []
        for I_bf in currents:
            for reduced in (False, True):
                device, t = self._cleared(arcing_current(e, I_bf, reduced), e.V, between)
                found.append((arc(e, I_bf, min(t, self.longest), reduced), I_bf, device))
        worst, I_bf, device = max(found, key=lambda x: x[0].energy)
        late = worst.t >= self.longest
        row = _with(
            row, I_bf=I_bf, I_arc=worst.I_arc, device=device, t=worst.t, energy=worst.energy, boundary=worst.boundary
        )
        reasons = ["no device between it and " + source.path] if not between and not parts else []
        reasons += [f"{_names(parts)} share the current with what is in parallel and are not counted"] if parts else []
        reasons += [f"not cleared before; counted for {self.longest:g} s"] if late else []
        held = worst.energy <= self.most or math.isnan(self.most)
        verdict = "held" if held else "not assessed" if parts else "broken"
        return _with(row, verdict=verdict, reason="; ".join(reasons))

    def _cleared(self, I_arc: float, V: float, between: tuple[Device, ...]) -> tuple[str, float]:
        """The device that clears an arc first, and its latest time [s]; infinite where there is none."""
        grid = self.found.grid
        times = []
        for d in between:
            there = max(grid.buses[x.bus].line for x in d.element.ends)
            ratio = V / there if there > 1.0 and abs(V / there - 1.0) > 0.1 else 1.0
            times.append((float(d.times(np.array([I_arc * ratio]))[1][0]), d.path))
        t, device = min(times, default=(math.inf, ""))
        return (device if math.isfinite(t) else ""), t


def _is_board(type: str) -> bool:
    return any(p.name == "electrodes" for p in _core.model(type).params)


def _names(several: tuple[Device, ...]) -> str:
    return ", ".join(d.path for d in several[:3])


def _with(row: ArcFlash, **changes: Any) -> ArcFlash:
    return ArcFlash(**(vars(row) | changes))


def arc_flash(of: Case | Solution | PowerFlow, *, lv_tolerance: float = 0.10) -> pandas.DataFrame:
    """Arc flash at every board, the most energy first; SI (energy in J/m2; 1 cal/cm2 is 41840 J/m2).

    of: a case, whose steady state is solved, a solution or its power flow. lv_tolerance: as in `short_circuit`.

    A board is a three-phase bus component that states `electrodes`, `gap`, `arc_distance` and, in a box, its size;
    buses without `electrodes` are left out. Of the largest and the smallest bolted current (IEC 60909-0), each with the
    full and the reduced arcing current, the row is the arc with the most energy. It burns until the latest time of the
    fastest device between source and board, at most for the limit `arc_time`. boundary: the distance with 1.2 cal/cm2.
    Not assessed: boards fed by several sources or by converters at their limit, what lies outside the range of IEEE
    1584-2018, and what only devices that share the current with parallel ones would clear in time. Raises what
    `steady` raises, InputError for a network with a part that states nothing for a fault.
    """
    import pandas

    flow = flow_of(of, "arc_flash")
    found = ArcFlashes(flow, faults(flow.solution, "arc_flash", lv_tolerance))
    rows = sorted(found.rows, key=lambda r: -r.energy if math.isfinite(r.energy) else math.inf)
    return pandas.DataFrame([vars(r) for r in rows], columns=[f.name for f in fields(ArcFlash)])


def arc_flash_text(table: pandas.DataFrame) -> str:
    """The printed table; boards that differ in indices only, with the same verdict and reason, are one row."""
    return arc_flash_table(table).text()


def arc_flash_table(table: pandas.DataFrame, longest: int | None = None) -> Table:
    """The same as a table of at most `longest` rows."""
    rows = []
    for group in grouped(table.itertuples(), lambda r: (r.board, r.verdict, r.reason))[:longest]:
        r = group.worst
        said = (r.verdict.upper() if r.verdict == "broken" else r.verdict) + (f": {r.reason}" if r.reason else "")
        numbers = (1e-3 * r.I_bf, 1e-3 * r.I_arc, r.t, r.energy / CAL_PER_CM2, 1e3 * r.boundary)
        shown = [plain(x) if math.isfinite(x) else "-" for x in numbers]
        rows.append([group.named(r.board), r.electrodes or "-", plain(r.V), *shown, r.device or "-", said])
    head = ["board", "electrodes", "V (V)", "bolted (kA)", "arc (kA)", "burns (s)", "energy (cal/cm2)"]
    return Table([*head, "boundary (mm)", "cleared by", "verdict"], rows, {1, 8, 9})
