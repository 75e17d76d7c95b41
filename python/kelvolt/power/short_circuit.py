"""Short-circuit currents at every bus (IEC 60909-0:2016), and the duty of breakers, switches and fuses.

The currents are computed by the solver from what the models declare (`short_circuit` of each model); here they get the
names of buses and sources, and are compared with the ratings that devices state.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.groups import grouped
from kelvolt.base.kinds import solution_of
from kelvolt.base.tables import Table, plain
from kelvolt.power.dc_faults import METHOD, Transients
from kelvolt.power.net import Element, Grid, grid

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.solution import Solution

COLUMNS = (
    ["bus", "kind", "V_n", "c_max", "c_min", "Ik_max", "ip", "Ib", "Ik", "Ik_min", "R", "X", "R_over_X", "kappa"]
    + ["t_p", "I2t", "limited", "limited_min", "sources", "reason"]
)  # fmt: skip
DUTY_COLUMNS = ["element", "duty", "parameter", "bus", "kind", "value", "limit", "margin", "verdict", "reason"]
TOLERANCES = (0.06, 0.10)
DC_TITLE = f"Faults on DC buses ({METHOD})"

# rating of a device: the name of its parameter, its duty, the current that it is compared with
_RATINGS = (("Icu", "breaking", "Ik_max"), ("Icw", "withstand", "Ik_max"), ("Icm", "making", "ip"))


@dataclass(frozen=True)
class Faults:
    """All faults of one solved state."""

    grid: Grid
    found: list[_core.BusFault]
    transients: Transients  # of the DC buses

    @classmethod
    def of(cls, solution: Solution, lv_tolerance: float, corrections: bool, t_min: float) -> Faults:
        if lv_tolerance not in TOLERANCES:
            raise InputError(
                f"lv_tolerance = {lv_tolerance:g}: IEC 60909-0 has voltage factors for low voltage networks of 0.06 "
                "and 0.10 (6 % and 10 % above the nominal voltage); give one of these"
            )
        if not t_min >= 0.0:
            raise InputError(f"t_min = {t_min:g} s: give the shortest opening time of the contacts, 0 s or more")
        network = grid(solution)
        raw = _core.short_circuits(solution.raw, lv_tolerance, corrections, t_min)
        transients = Transients(_core.dc_circuits(solution.raw), {e.index: e.path for e in network.elements})
        return cls(network, [f for f in raw if f.node in network.buses], transients)

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        paths = {e.index: e.path for e in self.grid.elements}
        rows = [self._row(f, paths) for f in self.found]
        table = pandas.DataFrame(rows, columns=COLUMNS)
        return table.sort_values("Ik_max", ascending=False, kind="stable", na_position="last", ignore_index=True)

    def _row(self, f: _core.BusFault, paths: dict[int, str]) -> dict[str, Any]:
        stated = {k: getattr(f, k) for k in COLUMNS if hasattr(f, k)}
        shares, ratio = f.shares, f.R / f.X if f.X else math.nan
        more: dict[str, Any] = {"t_p": math.nan, "I2t": math.nan, "ip": self.peak(f)}
        if f.kind == "dc" and not math.isnan(f.Ik_max):
            if (x := self.transients.of(f)) is not None:
                more |= {"t_p": x.t_peak, "I2t": x.I2t, "reason": METHOD}
                shares = x.shares
            else:
                more["reason"] = f"steady current only: the current in time {self.transients.missing(f.node)}"
        given = [(paths.get(c, "?"), amperes) for c, amperes in shares if amperes > 1e-3 * f.Ik_max]
        sources = ", ".join(f"{path} {plain(1e-3 * amperes, 3)} kA" for path, amperes in given)
        return stated | more | {"bus": self.grid.buses[f.node].name, "R_over_X": ratio, "sources": sources}

    def peak(self, f: _core.BusFault) -> float:
        """Peak of the current [A]; on DC buses in time."""
        x = self.transients.of(f)
        return float(f.ip) if x is None else x.peak

    def at(self, bus: int) -> list[_core.BusFault]:
        return self._by_bus.get(bus, [])

    @cached_property
    def _by_bus(self) -> dict[int, list[_core.BusFault]]:
        found: dict[int, list[_core.BusFault]] = {}
        for f in self.found:
            found.setdefault(f.node, []).append(f)
        return found

    # ---- duty of devices ----

    def duties(self) -> Iterator[dict[str, Any]]:
        """A row for every device and each of its ratings; see `fault_duty`."""
        for e in self.grid.elements:
            declared = {p.name for p in _core.model(e.type).params}
            for parameter, duty, current in _RATINGS:
                if parameter in declared:
                    yield self._duty(e, parameter, duty, current)

    @cached_property
    def duty_frame(self) -> pandas.DataFrame:
        """The rows of `duties` as a table, the tightest first."""
        import pandas

        table = pandas.DataFrame(list(self.duties()), columns=DUTY_COLUMNS)
        near = [_core.closeness(m, x, "A") for m, x in zip(table.margin, table.limit, strict=True)]
        return table.iloc[sorted(range(len(near)), key=near.__getitem__)].reset_index(drop=True)

    def _duty(self, e: Element, parameter: str, duty: str, current: str) -> dict[str, Any]:
        limit = e.values.get(parameter, math.nan)
        row: dict[str, Any] = {"element": e.path, "duty": duty, "parameter": parameter, "bus": "", "kind": ""}
        row |= {"value": math.nan, "limit": limit, "margin": math.nan, "verdict": "not assessed", "reason": ""}
        at_it = [f for end in e.ends for f in self.at(end.bus)]
        every = [(self.peak(f) if current == "ip" else getattr(f, current), f) for f in at_it]
        known = [pair for pair in every if not math.isnan(pair[0])]
        if known:
            row["value"], worst = max(known, key=lambda pair: pair[0])
            row |= {"bus": self.grid.buses[worst.node].name, "kind": worst.kind}
        if math.isnan(limit):
            return row | {"reason": f"{parameter} is not stated"}
        if not known:
            return row | {"reason": next((self._why_not(f) for f in at_it), "no fault current")}
        margin = limit - row["value"]
        return row | {"margin": margin, "verdict": "held" if margin >= 0.0 else "broken"}

    def _why_not(self, f: _core.BusFault) -> str:
        return f.reason or (self.transients.missing(f.node) if f.kind == "dc" else "no fault current")

    # ---- smallest current of what a device protects ----

    def smallest_behind(self, device: Element) -> list[tuple[int, _core.BusFault]]:
        """The buses behind a device up to the next device, transformer or converter, with their faults."""
        depth = self.grid.depth()
        nearest = min((depth.get(x.bus, 0) for x in device.ends), default=0)
        begin = [x.bus for x in device.ends if x.feeders or depth.get(x.bus, 0) > nearest]
        seen, queue = set(begin), deque(begin)
        source_side = {x.bus for x in device.ends} - seen
        while queue:
            bus = queue.popleft()
            for e, _ in self.grid.at.get(bus, []):
                if e.index == device.index or e.role != "branch":
                    continue
                for x in e.ends:
                    if x.bus not in seen and x.bus not in source_side:
                        seen.add(x.bus)
                        queue.append(x.bus)
        return [(bus, f) for bus in sorted(seen) for f in self.at(bus)]


def faults(of: Any, function: str, lv_tolerance: float = 0.10, corrections: bool = True, t_min: float = 0.1) -> Faults:
    """The faults of a solution, or of the steady state of a case."""
    return Faults.of(solution_of(of, function), lv_tolerance, corrections, t_min)


def short_circuit(
    of: Any, *, lv_tolerance: float = 0.10, corrections: bool = True, t_min: float = 0.1
) -> pandas.DataFrame:
    """Short-circuit currents at every bus after IEC 60909-0:2016, the largest first; SI.

    of: a solution, or a case, whose steady state is solved. lv_tolerance: 0.06 or 0.10, by which low voltage may exceed
    its nominal value (voltage factors). corrections: False leaves out K_T, K_G and the factor c in the impedance of
    grids. t_min: shortest time to the opening of contacts, for the breaking current.

    One row per bus and kind of fault: 3ph, 2ph (two phases), 1ph (phase to neutral or to a protective conductor like
    it; on single-phase buses their two conductors), dc. Ik_max, Ik_min: largest and smallest initial current; ip: peak
    (kappa by method C); Ib: breaking current at t_min; Ik: steady current. limited: only converters feed the bus, and
    the current is their limit. NaN is not assessed; `reason` says why.

    On DC buses Ik_max and Ik are the steady current. Where the parts of the circuit state L, C_out, ESR_out, C_in and
    ESR_in, ip is the peak of the current in time, t_p its time, I2t the integral over the first 10 ms, and sources what
    each gives at the peak (linear circuit in time; not IEC 61660-1).
    """
    return faults(of, "short_circuit", lv_tolerance, corrections, t_min).table


def fault_duty(of: Any, *, lv_tolerance: float = 0.10, t_min: float = 0.1) -> pandas.DataFrame:
    """Ratings of breakers, switches and fuses against the fault currents at their place, the tightest first; SI.

    breaking: the largest Ik_max of the buses at the device against Icu; withstand: the same against Icw; making: ip
    against Icm. A rating that is not stated is not assessed.
    """
    return faults(of, "fault_duty", lv_tolerance, True, t_min).duty_frame


def smallest_fault(of: Any, device: str, *, lv_tolerance: float = 0.10) -> pandas.DataFrame:
    """The smallest fault currents in what a device protects, the smallest first; SI.

    device: the path of a component. What it protects goes from its load side along lines and taps to the next switch,
    transformer or converter; there its protection must still notice a fault.
    """
    import pandas

    found = faults(of, "smallest_fault", lv_tolerance)
    element = next((e for e in found.grid.elements if e.path == device), None)
    if element is None:
        raise InputError(f"smallest_fault: {device} is no component with electric ports in this case")
    rows = [
        {"device": device, "bus": found.grid.buses[bus].name, "kind": f.kind, "Ik_min": f.Ik_min, "reason": f.reason}
        for bus, f in found.smallest_behind(element)
    ]
    table = pandas.DataFrame(rows, columns=["device", "bus", "kind", "Ik_min", "reason"])
    return table.sort_values("Ik_min", kind="stable", na_position="last", ignore_index=True)


# ---- text ----


def _kiloamperes(x: float) -> str:
    return plain(1e-3 * x) if math.isfinite(x) else "-"


def fault_text(table: pandas.DataFrame, *, every: bool = False) -> str:
    """The currents as printed tables, AC and DC; without `every` one row for all buses of an array, the largest."""
    ac, dc = fault_table(table, every=every), dc_fault_table(table, every=every)
    parts = [ac.text()] if ac.rows else []
    parts += [f"{DC_TITLE}\n{dc.text()}"] if dc.rows else []
    return "\n\n".join(parts)


def _grouped(table: pandas.DataFrame, every: bool, dc: bool) -> list[list[Any]]:
    """The rows of AC or DC buses; without `every` those of an array together, the largest first."""
    wanted = (row for row in table.itertuples() if (row.kind == "dc") == dc)
    return [g.members for g in grouped(wanted, lambda row: (row.bus, row.kind), every=every)]


def fault_table(table: pandas.DataFrame, *, every: bool = False) -> Table:
    """The currents of AC buses."""
    head = ["bus", "fault", "V_n (V)", "Ik_max (kA)", "ip (kA)", "Ib (kA)", "Ik (kA)", "Ik_min (kA)", "R/X", "fed by"]
    return Table(head, [_ac_cells(members) for members in _grouped(table, every, dc=False)], {1, 9})


def dc_fault_table(table: pandas.DataFrame, *, every: bool = False) -> Table:
    """The currents of DC buses, in time where it is known."""
    head = ["DC bus", "V (V)", "peak (kA)", "at (ms)", "I_k (kA)", "Ik_min (kA)", "I2t, 10 ms (A2s)", "fed by"]
    return Table(head, [_dc_cells(members) for members in _grouped(table, every, dc=True)], {7})


def _name(r: Any, members: list[Any]) -> str:
    return str(r.bus) + (f" (largest of {len(members)})" if len(members) > 1 else "")


def _smaller(r: Any, members: list[Any]) -> str:
    """Where in an array the smallest current is less than that of the row, as text."""
    least = min((m for m in members if math.isfinite(m.Ik_min)), key=lambda m: m.Ik_min, default=r)
    return f"Ik_min {_kiloamperes(least.Ik_min)} kA at {least.bus}" if least.Ik_min < 0.999 * r.Ik_min else ""


def _ac_cells(members: list[Any]) -> list[str]:
    r = members[0]
    limit = "limit of the converters" if r.limited else ""
    said = "; ".join(x for x in (limit, r.reason, r.sources, _smaller(r, members)) if x)
    currents = [_kiloamperes(x) for x in (r.Ik_max, r.ip, r.Ib, r.Ik, r.Ik_min)]
    return [_name(r, members), r.kind, plain(r.V_n), *currents, plain(r.R_over_X, 3), said]


def _dc_cells(members: list[Any]) -> list[str]:
    r = max(members, key=lambda m: m.ip if math.isfinite(m.ip) else m.Ik_max)
    at = plain(1e3 * r.t_p, 3) if math.isfinite(r.t_p) else "-"
    energy = plain(r.I2t) if math.isfinite(r.I2t) else "-"
    limit = "limit of the converters" if r.limited else ""
    said = "; ".join(x for x in (limit, "" if r.reason == METHOD else r.reason, r.sources, _smaller(r, members)) if x)
    currents = [_kiloamperes(r.ip), at, _kiloamperes(r.Ik_max), _kiloamperes(r.Ik_min)]
    return [_name(r, members), plain(r.V_n), *currents, energy, said]


def duty_text(table: pandas.DataFrame) -> str:
    """The duties as a printed table; see `duty_table`."""
    return duty_table(table).text()


def duty_table(table: pandas.DataFrame, longest: int | None = None) -> Table:
    """The duties, of the devices of an array the tightest; of a device that states no rating its breaking only. At most
    `longest` rows."""
    wanted = (r for r in table.itertuples() if r.verdict != "not assessed" or r.duty == "breaking")
    rows = []
    for group in grouped(wanted, lambda r: (r.element, r.duty, r.verdict, r.reason))[:longest]:
        r = group.worst
        verdict = r.verdict.upper() if r.verdict == "broken" else r.verdict
        where = f"{r.bus} ({r.kind})" if r.bus else "-"
        said = verdict + (f": {r.reason}" if r.reason else "")
        rows.append(
            [group.named(r.element, "tightest"), r.duty, where, _kiloamperes(r.value), _kiloamperes(r.limit), said]
        )
    return Table(["device", "duty", "at", "current (kA)", "rating (kA)", "verdict"], rows, {1, 2, 5})
