"""Selectivity of protective devices in series: the one nearest to a fault trips, those before it stay closed.

Times are those of the tolerance bands that the models state: upstream the earliest device, downstream the latest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.groups import Group, grouped
from kelvolt.base.kinds import flow_of
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import Floats
from kelvolt.base.verdicts import Whole, whole
from kelvolt.power.fault_levels import FaultLevels, levels_of
from kelvolt.power.net import Element
from kelvolt.power.protective import Device, Way, devices, ways
from kelvolt.power.schemes import capacity_of

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

TOP = 100e3  # A: selectivity without a stated fault level is looked for up to this current
MARGIN = 0.02  # s between the latest downstream and the earliest upstream device (assumed)
LIMITED = (2.0, 3.0)  # current of a converter into a short circuit over its rated current (assumed)
LIMITED_TIME = 0.2  # s for which it gives that current (assumed; the maker's data sheet decides)
_FINE = 400  # currents at which a pair is compared before the limit is narrowed down


@dataclass(frozen=True)
class Pair:
    """Two devices in series; currents at the downstream one [A]. verdict: held, broken, not assessed."""

    upstream: str
    downstream: str
    source: str
    ratio: float  # current of the upstream device over that of the downstream one
    I_selective: float  # up to which the pair is selective; infinite: at every current to 100 kA
    Ik_min: float
    Ik_max: float
    cascade_from: float  # from this current both trip; not a number: they do not
    verdict: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Limited:
    """The device nearest to the loads behind a converter, and the current that the converter gives into a fault."""

    converter: str
    device: str
    I_low: float
    I_high: float
    t_latest: float  # at I_low, s; infinite: never
    t_given: float
    verdict: str
    remedy: str


class Protection:
    """What `kv.protection` returns: `devices`, `pairs` and `limited` as tables (SI), `ways` from sources to devices."""

    def __init__(
        self,
        flow: PowerFlow,
        levels: dict[str, Any],
        margin: float = MARGIN,
        limited: tuple[float, float] = LIMITED,
        limited_time: float = LIMITED_TIME,
    ) -> None:
        if not margin >= 0.0 or not 0.0 < limited[0] <= limited[1] or not limited_time > 0.0:
            raise InputError(
                f"protection: margin = {margin:g} s, converter current {limited[0]:g} to {limited[1]:g} times rated "
                f"for {limited_time:g} s; needed are margin >= 0, 0 < low <= high and a time above 0"
            )
        self.flow, self.levels, self.margin = flow, levels, margin
        self._times_rated, self._time = limited, limited_time
        self.by_path = devices(flow)
        self.ways: list[Way] = list(ways(flow, self.by_path)) if self.by_path else []
        known = set(self.by_path) | {b.name for b in flow.grid.buses.values()}
        sources = {e.path for e in flow.grid.elements}
        for path, level in levels.items():
            if path not in (sources if isinstance(level, dict) else known):
                what = "a source" if isinstance(level, dict) else "a protective device nor a bus"
                raise InputError(
                    f"fault levels: '{path}' is {'not' if what == 'a source' else 'neither'} {what} of this network"
                )

    @cached_property
    def pair_list(self) -> list[Pair]:
        """Every pair once, with the source that gives the highest current there, or gives one that is not known."""
        found: dict[tuple[str, str], tuple[Way, Device, float]] = {}
        for way in self.ways:
            for upstream, ratio in way.before:
                key = upstream.path, way.device.path
                if key not in found or self._highest(way) > self._highest(found[key][0]):
                    found[key] = way, upstream, ratio
        return [self._pair(*pair) for pair in found.values()]

    def _highest(self, way: Way) -> float:
        high = self.level(way.device, way.source)[1]
        return math.inf if math.isnan(high) else high

    @cached_property
    def limited_list(self) -> list[Limited]:
        """The last devices behind each converter whose output is an island of its own."""
        inner = {u.path for way in self.ways for u, _ in way.before}
        rows: dict[tuple[str, str], Limited | None] = {}
        elements = {e.path: e for e in self.flow.grid.elements}
        for way in self.ways:
            converter = elements[way.source]
            if converter.role == "converter" and way.device.path not in inner:
                rows.setdefault((way.source, way.device.path), self._limited(converter, way.device))
        return [r for r in rows.values() if r is not None]

    def level(self, d: Device, source: str = "") -> tuple[float, float]:
        """Least and largest short-circuit current behind a device [A], of one source where its own are given; not a
        number where they are not."""
        levels = self.levels.get(source, self.levels)
        levels = levels if isinstance(levels, dict) else self.levels
        behind = [self.flow.grid.buses[x.bus].name for x in reversed(d.element.ends)]
        return next((levels[k] for k in (d.path, *behind) if isinstance(levels.get(k), tuple)), (math.nan, math.nan))

    def _selective(self, u: Device, d: Device, ratio: float, currents: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        before, after = u.times(currents * ratio)[0], d.times(currents)[1]
        apart: np.ndarray[Any, np.dtype[np.bool_]] = np.isinf(before) | (before >= after + self.margin)
        return apart

    def _up_to(self, u: Device, d: Device, ratio: float, top: float) -> float:
        """The current from which the pair is not selective [A]; infinite where there is none up to `top`."""
        currents = np.geomspace(0.5 * min(d.setting, u.setting / ratio), top, _FINE)
        apart = self._selective(u, d, ratio, currents)
        if apart.all():
            return math.inf
        k = int(np.argmin(apart))
        low, high = float(currents[max(k - 1, 0)]), float(currents[k])
        while high > 1.0001 * low:
            middle = math.sqrt(low * high)
            low, high = (middle, high) if self._selective(u, d, ratio, np.array([middle]))[0] else (low, middle)
        return low

    def _pair(self, way: Way, u: Device, ratio: float) -> Pair:
        d = way.device
        low, high = self.level(d, way.source)
        pair = Pair(u.path, d.path, way.source, ratio, math.nan, low, high, math.nan, "not assessed", "", "")
        if math.isnan(ratio):
            why = f"{d.path} is in parallel with others and carries a part of the current of {u.path} that is not known"
            dead = "a transformer between them is dead in this state, so the ratio of their currents is not known"
            return replace(pair, reason=why if d.path in way.shared else dead)
        limit = self._up_to(u, d, ratio, TOP if math.isnan(high) else max(high, 2.0 * d.setting))
        pair = replace(pair, I_selective=limit)
        if math.isinf(limit):
            far = f"to {TOP / 1e3:g} kA" if math.isnan(high) else "to the largest short-circuit current"
            return replace(pair, verdict="held", reason=f"at every current {far}")
        pair = replace(pair, cascade_from=limit)
        if high <= limit and limit > d.starts:
            return replace(pair, verdict="held")
        if u.path in way.shared:
            return replace(pair, reason=f"others are in parallel with {u.path}; judged as if all the current passed it")
        if limit <= d.starts:
            verdict, reason = "broken", f"{u.path} trips where {d.path} does not, or before it"
        elif math.isnan(high):
            verdict = "not assessed"
            reason = "selective up to that current; the short-circuit current there is not given"
        else:
            verdict, reason = "broken", "the short-circuit current is higher"
        return replace(pair, verdict=verdict, reason=reason, remedy=self._remedy(u, d, ratio, limit, high))

    def _remedy(self, u: Device, d: Device, ratio: float, limit: float, high: float) -> str:
        """What would make the pair selective; empty where that depends on a short-circuit current that is not given."""
        first = np.array([1.001 * limit])
        if math.isinf(d.times(first)[1][0]):
            return f"raise the setting of {u.path} ({u.setting:g} A) or lower that of {d.path} ({d.setting:g} A)"
        if u.times(first * ratio)[0][0] <= 0.0:
            return (
                f"raise the instantaneous part of {u.path} above {limit * ratio:.4g} A or replace it by a short delay; "
                f"or take the maker's table for these two, which knows their energy"
            )
        if math.isnan(high):
            return ""
        currents = np.geomspace(first[0], max(high, 1.01 * first[0]), _FINE)
        gap = d.times(currents)[1] + self.margin - u.times(currents * ratio)[0]
        worst = int(np.argmax(gap))
        more = f"{gap[worst]:.2g} s more at {currents[worst] * ratio:.4g} A"
        return f"delay {u.path} by {more}, or choose a faster {d.path}"

    def _limited(self, converter: Element, d: Device) -> Limited | None:
        rated = _rated_current(converter, self.flow)
        if math.isnan(rated):
            return None
        values, times, lasts = converter.values, self._times_rated, self._time
        if "fault_current" in values:
            times, lasts = (values["fault_current"],) * 2, values.get("fault_time", lasts)
        elif "current_limit" in values:
            times = (values["current_limit"],) * 2
        low, high = times
        latest = float(d.times([low * rated])[1][0])
        held = latest <= lasts
        remedy = "" if held else f"a device that trips below {low * rated:.4g} A within {lasts:g} s, or more current"
        return Limited(
            converter.path, d.path, low * rated, high * rated, latest, lasts, "held" if held else "broken", remedy
        )

    @property
    def whole(self) -> Whole:
        return whole([*(p.verdict for p in self.pair_list), *(x.verdict for x in self.limited_list)])

    @cached_property
    def pairs(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([vars(p) for p in self.pair_list], columns=[f.name for f in fields(Pair)])

    @cached_property
    def limited(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([vars(x) for x in self.limited_list], columns=[f.name for f in fields(Limited)])

    @cached_property
    def devices(self) -> pandas.DataFrame:
        """One row per device: setting, current, trip_share of its memory, and when it would trip at that current."""
        import pandas

        columns = ["device", "model", "setting", "I", "trip_share", "closed", "t_earliest", "t_latest"]
        rows = []
        for d in self.by_path.values():
            v = d.element.values
            times = d.times([v["I"]])
            closed = v.get(d.element.closes, 1.0) > 0.5 and v.get("open_by_trip", 0.0) < 0.5
            share = v.get("trip_share", math.nan)
            rows.append([d.path, d.element.type, d.setting, v["I"], share, closed, times[0][0], times[1][0]])
        return pandas.DataFrame(rows, columns=columns)

    def text(self, units: str = "si") -> str:
        """The printed tables; devices and pairs that differ in indices only are one row, the worst of them."""
        if not self.by_path:
            return "no protective device in this network"
        u = Units(units)
        parts = [f"Protective devices ({len(self.by_path)})\n{self.device_table(u).text('  ')}"]
        if self.pair_list:
            parts.append(f"Pairs in series ({len(self.pair_list)})\n{self.pair_table(u).text('  ')}")
        if self.limited_list:
            parts.append(
                f"Behind converters, whose current is limited ({len(self.limited_list)})\n"
                f"{self.limited_table(u).text('  ')}"
            )
        if self.remedies:
            parts.append("Remedies\n" + "\n".join(f"  {r}" for r in self.remedies))
        return "\n\n".join([*parts, self.whole.text("pair")])

    @property
    def remedies(self) -> list[str]:
        """What would mend the worst of each kind of pair, and of each kind of device behind a converter."""
        rows = [*_worst_of_each(self.pair_list), *_worst_of_each(self.limited_list)]
        return list(dict.fromkeys(x.remedy for x in rows if x.remedy))

    def device_table(self, u: Units) -> Table:
        rows = []
        for group in grouped(self.devices.itertuples(), lambda r: r.device, worst=lambda r: -r.I / r.setting):
            r = group.worst
            when = "no" if math.isinf(r.t_latest) and math.isinf(r.t_earliest) else _span(r.t_earliest, r.t_latest)
            state = "closed" if r.closed else "open"
            share = plain(100.0 * r.trip_share, 3)
            rows.append([group.named(r.device), u.number(r.setting, "A"), u.number(r.I, "A"), share, state, when])
        head = ["device", u.head("setting", "A"), u.head("current", "A"), "of trip (%)", "state", "trips at it after"]
        return Table(head, rows, {4, 5})

    def pair_table(self, u: Units, longest: int | None = None) -> Table:
        rows = []
        for group in _grouped(self.pair_list)[:longest]:
            p = group.worst
            up_to = "every current" if math.isinf(p.I_selective) else u.text(p.I_selective, "A")
            level = "-" if math.isnan(p.Ik_max) else u.span(p.Ik_min, p.Ik_max, "A")
            cascade = "-" if math.isnan(p.cascade_from) else u.text(p.cascade_from, "A")
            shown = p.verdict.upper() if p.verdict == "broken" else p.verdict
            rows.append(
                [p.upstream, group.named(p.downstream), up_to, level, cascade, f"{shown}: {p.reason}".rstrip(": ")]
            )
        head = ["upstream", "downstream", "selective up to", "Ik least to largest", "both trip from", "verdict"]
        return Table(head, rows, {1, 2, 3, 4, 5})

    def limited_table(self, u: Units, longest: int | None = None) -> Table:
        rows = []
        for group in _grouped(self.limited_list)[:longest]:
            x = group.worst
            time = "never" if math.isinf(x.t_latest) else f"{plain(x.t_latest, 3)} s"
            shown = x.verdict.upper() if x.verdict == "broken" else x.verdict
            rows.append(
                [x.converter, group.named(x.device), u.span(x.I_low, x.I_high, "A"), time, f"{x.t_given:g} s", shown]
            )
        head = ["converter", "device", "current it gives", "at the least, trips after at most", "given for", "verdict"]
        return Table(head, rows, {1, 2, 3, 4, 5})

    def __repr__(self) -> str:
        return self.text()


def _span(earliest: float, latest: float) -> str:
    last = "never" if math.isinf(latest) else f"{plain(latest, 3)} s"
    return f"{plain(earliest, 3)} s to {last}"


_BAD_FIRST = {"broken": 0, "not assessed": 1, "held": 2}


def _names(x: Pair | Limited) -> tuple[str, str]:
    return (x.upstream, x.downstream) if isinstance(x, Pair) else (x.converter, x.device)


def _grouped(rows: list[Any]) -> list[Group[Any]]:
    """Rows that differ in indices only, each group with its worst; the worst of all first."""
    return sorted(grouped(rows, _names, worst=_badness), key=lambda g: _badness(g.worst))


def _badness(x: Pair | Limited) -> tuple[int, float]:
    return _BAD_FIRST[x.verdict], x.I_selective if isinstance(x, Pair) else -x.t_latest


def _worst_of_each(rows: list[Any]) -> list[Any]:
    return [g.worst for g in _grouped(rows)]


def _rated_current(converter: Element, flow: PowerFlow) -> float:
    """Rated current of a converter's output [A]: its rated power at the voltage of that bus."""
    end = next((x for x in converter.ends if x.feeders), None)
    if end is None:
        return math.nan
    volts = flow.grid.buses[end.bus].line
    phases = math.sqrt(3.0) if end.kind in ("ac", "ac4") else 1.0
    return capacity_of(converter) / (phases * volts) if volts > 1.0 else math.nan


def protection(
    case: Case | Solution | PowerFlow,
    fault_levels: FaultLevels | pandas.DataFrame | None = None,
    *,
    margin: float = MARGIN,
    limited: tuple[float, float] = LIMITED,
    limited_time: float = LIMITED_TIME,
) -> Protection:
    """Protective devices of a case, selectivity of every pair in series, and devices behind converters.

    fault_levels: least and largest short-circuit current by path of a device or name of a bus, or a table with
    the columns Ik_min and Ik_max; a path of a source with such a mapping holds on the ways from it. margin: s between
    the latest downstream and the earliest upstream device. limited: current of a converter into a short circuit over
    its rated current, where its model states no limit; limited_time: s for which it gives that, where it states none.
    Raises what `steady` raises, InputError for wrong arguments.
    """
    return Protection(flow_of(case, "protection"), levels_of(fault_levels), margin, limited, limited_time)


def selectivity(
    case: Case | Solution | PowerFlow,
    fault_levels: FaultLevels | pandas.DataFrame | None = None,
    *,
    margin: float = MARGIN,
) -> pandas.DataFrame:
    """One row per pair of protective devices in series: up to which current it is selective, verdict and remedy; SI."""
    return protection(case, fault_levels, margin=margin).pairs
