"""The items that a facility engineer checks of a power plan, each compared on one power flow.

Limits and their basis are data (data/checks/power.yaml); a case can replace them under `power: limits:`. A line is one
limit at its worst element, with the number of elements compared. Limits that component models state are listed under
the item they belong to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import last_level, owner_of
from kelvolt.base.tables import plain
from kelvolt.base.verdicts import BROKEN, HELD
from kelvolt.power.contingency_rows import ACCEPTED, IN_TIME
from kelvolt.power.fault_items import arc_lines, fault_lines, selectivity_lines
from kelvolt.power.flow import PowerFlow, current_unbalance, power_factor, voltage_unbalance
from kelvolt.power.harmonic_lines import HarmonicJudge
from kelvolt.power.harmonics import Harmonics
from kelvolt.power.lines import Judge, Line, items
from kelvolt.power.net import Element
from kelvolt.power.protection import Protection
from kelvolt.power.protective import cables
from kelvolt.power.swing_items import dip_lines, pulse_lines, stability_lines, swing_lines

if TYPE_CHECKING:
    from kelvolt.cases.run import Run
    from kelvolt.power.contingencies import Contingencies
    from kelvolt.power.dips import Dips
    from kelvolt.power.ridethrough import RideThrough
    from kelvolt.power.schemes import Statement
    from kelvolt.power.swings import Swings


def peak_and_rms(run: Run) -> tuple[dict[str, float], dict[str, float]]:
    """The highest and the RMS loading in a run, by element.

    Within a row the mean square is at most mean^2 + (maximum - mean)(mean - minimum) (Bhatia and Davis, 2000). This
    bound is used; it is exact for a load that switches between two levels.
    """
    columns = [(i, owner_of(p)) for i, p in enumerate(run.raw.recorded.paths) if last_level(p) == "loading"]
    time, mean, low, top = (np.asarray(x) for x in (run.raw.time, run.raw.mean, run.raw.minimum, run.raw.maximum))
    if len(time) < 2:
        return {}, {}
    weight, square = np.diff(time), mean**2 + (top - mean) * (mean - low)
    peaks = {p: float(np.nanmax(top[:, i])) for i, p in columns}
    return peaks, {p: float(np.sqrt(np.sum(square[1:, i] * weight) / weight.sum())) for i, p in columns}


class Items(Judge):
    """All lines of the list for one power flow and what was studied around it."""

    def __init__(
        self,
        flow: PowerFlow,
        failures: Contingencies | None,
        plans: list[Statement],
        run: Run | None,
        guarded: Protection | None = None,
        ride: RideThrough | None = None,
        swings: Swings | None = None,
        dips: Dips | None = None,
    ) -> None:
        super().__init__(flow)
        self.failures, self.plans, self.run, self.ride = failures, plans, run, ride
        self.swings, self.dips = swings, dips
        self.guarded = guarded or Protection(flow, {})

    def lines(self) -> Iterator[Line]:
        assessed: dict[int, Callable[[int], list[Line]]] = {
            1: self._loads,
            2: self._ampacity,
            3: self._voltages,
            4: self._phases,
            5: lambda n: fault_lines(self, n),
            6: lambda n: selectivity_lines(self, n, self.guarded),
            7: lambda n: arc_lines(self, n),
            8: self._steps,
            9: self._failures,
            10: self._ride_through,
            11: self._thermal_clock,
            12: self._heat,
            13: lambda n: self._power_factor(n) + self._harmonics(n),
            14: self._peaks,
            15: self._capacity,
            16: self._connection,
        }
        for n, item in items().items():
            found = (assessed[n](n) if n in assessed else []) + self._of_models(n)
            why = item.get("not_assessed", "")
            if why or not found:
                found.append(self._open(n, "", why or "nothing in this network has such a value"))
            yield from found

    # ---- items ----

    def _loads(self, n: int) -> list[Line]:
        g = self.flow.grid
        lines = self._worst(n, "loading", "load over rating", ((e.path, e.loading) for e in g.elements))
        breakers = [(e.path, e.loading) for e in g.of_role("switch")]
        text = "continuous load over protective device"
        return lines + (
            self._worst(n, "loading_continuous", text, breakers)
            or [self._open(n, text, "no breaker with a rated current in this network")]
        )

    def _ampacity(self, n: int) -> list[Line]:
        carried = ((e.path, e.loading) for e in self.flow.grid.of_role("branch"))
        lines = self._worst(n, "ampacity", "current over derated ampacity", carried)
        guarded = list(cables(self.flow, self.guarded.by_path))
        protected = [(e.path, I_z, d) for e, I_z, d in guarded if d is not None]
        text = "setting of the protective device over derated ampacity"
        lines += self._worst(n, "cable_overload", text, ((path, d.setting / I_z) for path, I_z, d in protected))
        certain = ((path, d.certain / I_z) for path, I_z, d in protected)
        text_2 = "current at which that device trips for certain over derated ampacity"
        lines += self._worst(n, "cable_tripping", text_2, certain)
        if len(protected) < len(guarded):
            bare = (
                f"{len(guarded) - len(protected)} of {len(guarded)} lines have no protective device in series with them"
            )
            lines.append(self._open(n, text, bare))
        return lines

    def _voltages(self, n: int) -> list[Line]:
        g, table = self.flow.grid, self.flow.buses
        fed = [x.bus for e in g.of_role("load") for x in e.ends]
        fed += [x.bus for e in g.of_role("converter") for x in e.ends if not x.feeders]
        inlets = {g.buses[bus].name for bus in fed}
        at = table[table.bus.isin(inlets)]
        drops = zip(at.bus, at["drop"], strict=True)
        lines = self._worst(n, "drop_feeder", "voltage drop from the head of the feeder", drops)
        taps = {o.bus for n in fed for e, x in g.at[n] if x.kind == "ac1" for o in e.ends if o.kind == "ac4"}
        last = [e for e in g.of_role("branch") if any(x.bus in fed or x.bus in taps for x in e.ends)]
        rises = [(g.buses[b].name, g.rise(*self._head_and(b))) for b in dict.fromkeys(fed)]
        lines += self._worst(n, "rise_feeder", "voltage rise above the head of the feeder, highest phase", rises)
        over = [(e.path, self._own_drop(e)) for e in last]
        lines += self._worst(n, "drop_branch", "voltage drop over the last branch", over)
        if self.failures is not None:  # takes as long as many contingencies, so it is left out together with them
            lines += self._nose(n)
        solved = self._solved()
        if solved is not None and solved.v_worst.notna().any():
            worst = solved.loc[(solved.v_worst - 1.0).abs().idxmax()]
            text = f"voltage over nominal, farthest from it, worst contingency ({worst.contingency})"
            reason = "input windows are judged by the models"
            lines.append(self._stated(n, text, str(worst.v_worst_bus), len(solved), float(worst.v_worst), "1", reason))
        return lines

    def _nose(self, n: int) -> list[Line]:
        text = "load factor up to which a power flow exists"
        try:
            nose = self.flow.nose
        except Error as error:
            return [self._open(n, text, str(error).splitlines()[0])]
        return [self._judged(n, "nose", text, nose.bus, 1, nose.factor)]

    def _head_and(self, bus: int) -> tuple[int, int, int | None]:
        head, phase = self.flow.grid.head(bus)
        return head, bus, phase

    def _own_drop(self, e: Element) -> float:
        if len({x.kind for x in e.ends}) > 1:
            return math.nan  # a single-phase tap
        ends = [x for x in e.ends if abs(x.i).max() > 1e-3]
        if len(ends) < 2:
            return math.nan
        ends.sort(key=lambda x: -x.s.real)  # power enters at the first and leaves at the last
        return self.flow.grid.drop(ends[0].bus, ends[-1].bus)

    def _phases(self, n: int) -> list[Line]:
        g = self.flow.grid
        three = [(e, x) for e in g.elements for x in e.ends if x.kind == "ac4"]
        triplens = self._distortion.neutral() if isinstance(self._distortion, HarmonicJudge) else []
        if not three:
            return [*triplens, self._open(n, "", "no four-wire part in this network: phases are equal by assumption")]
        # a single-phase tap carries current in one phase by design, so it has no unbalance
        passed = [(e.path, x) for e, x in three if e.passes and not any(o.kind == "ac1" for o in e.ends)]
        neutral = [(path, float(abs(x.i[3]) / max(np.abs(x.i[:3]).max(), 1e-6))) for path, x in passed]
        motors = [(e.path, voltage_unbalance(g.buses[x.bus])[0]) for e, x in three if self._is_motor(e)]
        buses = [(b.name, *voltage_unbalance(b)) for b in g.buses.values()]
        lines, sequence = [(b[0], b[1]) for b in buses], [(b[0], b[2]) for b in buses]
        phases = [(p, current_unbalance(x)[0]) for p, x in passed]
        return [
            *self._worst(n, "unbalance_current", "current unbalance, deviation of a phase", phases),
            *self._worst(n, "unbalance_voltage", "voltage unbalance, deviation of a line voltage", lines),
            *self._worst(n, "unbalance_voltage_motor", "voltage unbalance at motors, deviation", motors),
            *self._worst(n, "unbalance_voltage_V2", "voltage unbalance, negative over positive sequence", sequence),
            *self._worst(n, "neutral_current", "neutral current over the largest phase current", neutral),
            *triplens,
        ]

    def _steps(self, n: int) -> list[Line]:
        """Steps of load on generators in the ride-through of every loss, and the walk-in of UPSs."""
        slow = [(e.path, e.values["walk_in"]) for e in self.flow.grid.elements if "walk_in" in e.values]
        lines = self._worst(n, "walk_in", "time within which a UPS takes up its load again", slow, "s")
        if self.ride is None:
            text = "steps of load on generators"
            return [*lines, self._open(n, text, "judged in time: kelvolt check --ride-through")]
        title = items()[n]["title"]
        for id in items()[n]["in_time"]:
            found = [(b, r.name) for r in self.ride.rows for b in r.judged if b.id == id]
            if not found:
                continue
            worst, name = max(found, key=lambda pair: pair[0].value / pair[0].limit)
            verdict = "held" if worst.value <= worst.limit * (1.0 + 1e-9) else "broken"
            row = (title, f"{id.replace('_', ' ')}, largest of all losses", f"{worst.element} ({name})", len(found))
            basis = "limit that the generator states"
            lines.append(Line(n, *row, worst.value, worst.unit, worst.limit, basis, worst.limit - worst.value, verdict))
        if not any(line.quantity.startswith("generator") for line in lines):
            lines.append(self._open(n, "steps of load on generators", "no generator with such limits took up load"))
        return lines

    def _is_motor(self, e: Element) -> bool:
        return e.role == "load" and self.flow.is_cooling(e)

    def _solved(self) -> Any:
        """The contingencies that have a solution, as a table; None when there are none or they were left out."""
        if self.failures is None:
            return None
        rows = self.failures.table.iloc[1:]
        return rows[rows.status == "ok"] if (rows.status == "ok").any() else None

    def _failures(self, n: int) -> list[Line]:
        if self.failures is None:
            return [self._open(n, "", "left out: --no-contingencies")]
        rows, solved = self.failures.table.iloc[1:], self._solved()
        if not len(rows):
            return [self._open(n, "", "nothing in this network can fail by a parameter")]
        lines = []
        if solved is not None:
            where = zip(solved.contingency, solved.worst_element, solved.worst_loading, strict=True)
            loads = [(f"{e} without {c}", x) for c, e, x in where]
            lines += self._worst(n, "contingency_loading", "load over rating after a failure", loads)
            lines += self._lost(n, solved[solved.judged != IN_TIME])
        bad = rows[rows.verdict == BROKEN]
        worst = str(bad.contingency.iloc[0]) if len(bad) else ""
        line = self._judged(n, "contingencies_broken", "contingencies broken", worst, len(rows), float(len(bad)))
        lines.append(replace(line, reason="what accept_failures names does not count" if len(bad) else ""))
        if solved is not None and solved.T_die_max.notna().any():
            hot = solved.loc[solved.T_die_max.idxmax()]
            text, reason = (
                f"hottest die after a failure ({hot.contingency})",
                "steady; its limit is judged by the model",
            )
            lines.append(self._stated(n, text, str(hot.T_die_at), len(solved), float(hot.T_die_max), "K", reason))
        return lines

    def _lost(self, n: int, solved: Any) -> list[Line]:
        """The largest load lost beyond what the case accepts, with all that is lost then."""
        solved = solved[solved.verdict != ACCEPTED]
        lost = zip(solved.contingency, solved.lost_undeclared, strict=True)
        text = "load lost after a failure beyond accept_lost"
        lines = self._worst(n, "contingency_lost_load", text, lost, "W")
        of = solved.set_index("contingency")
        return [replace(x, reason=_of_all(x.value, float(of.lost_load[x.element]))) for x in lines]

    def _ride_through(self, n: int) -> list[Line]:
        lines = self._rides(n, {"lost": "leave loads without supply", "empty": "empty a store"})
        known = [(r.lasts, r.name) for r in self.ride.rows if r.lasts] if self.ride is not None else []
        if known:
            least, loss = min(known, key=lambda pair: pair[0].margin)
            text, where = "time for which a store carries its load after a loss", f"{least.element} ({loss})"
            line = self._stated(n, text, where, len(known), least.available, "s")
            if math.isfinite(least.required):
                margin, basis = least.available - least.required, "autonomy_min of the store"
                verdict = HELD if margin >= 0.0 else BROKEN
                line = replace(line, limit=least.required, basis=basis, margin=margin, verdict=verdict)
            lines.append(line)
        return lines

    def _thermal_clock(self, n: int) -> list[Line]:
        return self._rides(n, {"throttle": "make chips throttle", "shutdown": "make chips switch themselves off"})

    def _rides(self, n: int, stages: dict[str, str]) -> list[Line]:
        """For each stage the number of losses that reach it, at the one that reaches it first."""
        if self.ride is None:
            return [self._open(n, "", "every loss in time takes minutes: kelvolt check --ride-through, or ridethrough")]
        lines = []
        for stage, text in stages.items():
            reached = sorted((r for r in self.ride.rows if stage in r.stages), key=lambda r: r.stages[stage].after)
            name = f"{reached[0].name} after {reached[0].stages[stage].after:.3g} s" if reached else ""
            count, all_of = sum(r.alike for r in reached), sum(r.alike for r in self.ride.rows)
            lines.append(self._judged(n, f"ride_{stage}", f"number of losses that {text}", name, all_of, float(count)))
        return lines

    def _heat(self, n: int) -> list[Line]:
        s, losses = self.flow.shares, self.flow.losses
        others = [e for e in self.flow.grid.elements if e.role != "source" and not self.flow.generates(e)]
        taken, heat = sum(e.used for e in others), sum(sum(self.flow.heat(e).values()) for e in others)
        off = abs(taken - heat) / abs(taken) if taken else math.nan
        sums = [("power taken against given", self.flow.imbalance), ("heat of all spaces against power taken", off)]
        lines = self._worst(n, "balance", "balance does not close by", sums)
        ratios = {
            "pue": ("PUE", s.pue),
            "ppue_power": ("pPUE of power", s.ppue_power),
            "ppue_cooling": ("pPUE of cooling", s.ppue_cooling),
            "tue": ("TUE", s.tue),
        }
        for key, (name, x) in ratios.items():
            lines += self._worst(n, key, name, [(s.boundary, x)])
        for space, watts in losses.drop(columns="sum").sum().items() if len(losses) else []:
            lines.append(self._stated(n, "heat received", str(space), 1, float(watts), "W"))
        return lines

    def _power_factor(self, n: int) -> list[Line]:
        sources = [e for e in self.flow.grid.of_role("source") if e.ends[0].kind != "dc" and e.given > 1e-3]
        machines = [e for e in sources if "S_rated" in e.values]
        factor = {e.path: power_factor(-e.ends[0].s) for e in sources}
        grid = [(e.path, abs(factor[e.path])) for e in sources if e not in machines]
        lines = self._worst(n, "power_factor", "power factor at the point of delivery", grid)
        if not machines:
            reason = "no generator runs in this state; declare the contingency that starts one"
            return [*lines, self._open(n, "generator capability", reason)]
        leading = [(e.path, -pf if (pf := factor[e.path]) < 0.0 else 1.0) for e in machines]
        lines += self._worst(n, "generator_loading", "kVA over rating", ((e.path, e.loading) for e in machines))
        return lines + self._worst(n, "generator_leading", "leading power factor of a generator", leading)

    @cached_property
    def _distortion(self) -> HarmonicJudge | str:
        """The study of harmonics, or why there is none."""
        try:
            return HarmonicJudge(Harmonics(self.flow))
        except InputError as error:  # no spectra, or a part that states no impedance
            return str(error).removeprefix("harmonics: ")

    def _harmonics(self, n: int) -> list[Line]:
        found = self._distortion
        return [self._open(n, "harmonics, K-factor", found)] if isinstance(found, str) else found.lines()

    def _peaks(self, n: int) -> list[Line]:
        """Of every element the higher of the case's own run and that of its load swings."""
        runs = [run for run in (self.run, self.swings and self.swings.run) if run]
        if not runs:
            return [
                self._open(n, "", "peak against RMS needs a run: give the case power: swings:, or profiles and a run")
            ]
        both = [peak_and_rms(run) for run in runs]
        electric = {e.path for e in self.flow.grid.elements}  # a filter of a coolant has a loading, too
        peaks, rms = ([(p, x) for of_run in both for p, x in of_run[k].items() if p in electric] for k in (0, 1))
        return [
            *self._worst(n, "peak_loading", "peak load over rating in the run", dict(sorted(peaks)).items()),
            *self._worst(n, "rms_loading", "RMS load over rating in the run", dict(sorted(rms)).items()),
            *pulse_lines(self, n, self.swings, self.guarded.by_path.values()),
        ]

    def _connection(self, n: int) -> list[Line]:
        return [*swing_lines(self, n, self.swings), *stability_lines(self, n), *dip_lines(self, n, self.dips)]

    def _capacity(self, n: int) -> list[Line]:
        if not self.plans:
            return [self._open(n, "", "no transfer scheme is declared; add power: schemes:")]
        normal = [(f"{s.scheme.name}: {s.worst_normal.name}", s.normal_use) for s in self.plans]
        left = [(s.scheme.name, s.surviving_load) for s in self.plans]
        after = [(f"{t.survivor} without {t.failed}", t.loading) for s in self.plans for t in s.transfers]
        return [
            *self._worst(n, "scheme_normal", "load over what the scheme allows in normal service", normal),
            *self._worst(n, "scheme_surviving", "all load over what is left after the largest loss", left),
            *self._worst(n, "scheme_surviving", "load over rating of a survivor", after),
            *self._caps(n),
        ]

    def _caps(self, n: int) -> list[Line]:
        """Sum of the caps against what is left, and their time against that of what trips first."""
        capped = [s for s in self.plans if not math.isnan(s.scheme.caps)]
        if not capped:
            return [self._open(n, "power caps", "no scheme states caps and cap_reaction under power: schemes:")]
        sums = [(s.scheme.name, s.scheme.caps / s.surviving_capacity) for s in capped]
        lines = self._worst(n, "caps_surviving", "sum of caps over what is left after the largest loss", sums)
        text = "reaction of the caps over the time of what trips first"
        timed = [s for s in capped if not math.isnan(s.scheme.cap_reaction)]
        shares = [(t.first or s.scheme.name, t.share(s.scheme.cap_reaction)) for s in timed for t in s.overloads]
        if not timed:
            return [*lines, self._open(n, text, "no cap_reaction is stated")]
        return lines + self._worst(n, "cap_reaction", text, shares)


def _of_all(undeclared: float, lost: float) -> str:
    """What is lost altogether, where the case accepts a part of it."""
    if undeclared <= 0.0 or lost <= undeclared * (1.0 + 1e-6):
        return ""
    return f"{plain(lost, 4)} W are lost then; accept_lost accepts {plain(lost - undeclared, 4)} W of them"
