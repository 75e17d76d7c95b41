"""Load swings: the power at every level of the chain from the loads to the point of connection, on one time base.

A run in time gives the mean power of every row at every component. Components of one stage are added up: all loads,
each kind of converter, transformer, and the sources as the point of connection. Of each level the ramps, the range and
the spectrum are told, of the point of connection also the store that would flatten it, the change of its voltage and
Pst. Rows are means, so a change within a row is told as a change over that row, and nothing above half the rate of
rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import Floats, si
from kelvolt.cases.case import Case
from kelvolt.cases.run import Run
from kelvolt.cases.texts import written
from kelvolt.power import flicker
from kelvolt.power.flow import PowerFlow
from kelvolt.power.lines import items, limits_of
from kelvolt.power.net import Element
from kelvolt.power.section import section_of
from kelvolt.power.waves import LEAST_ROWS, Spectrum, Store, ramps, smallest_store, spectrum, without_drift

if TYPE_CHECKING:
    import pandas

ITEM = 16  # of the list of checks, whose limits hold windows and bands
LOADS, CONNECTION = "loads", "point of connection"
SLOWEST = 1.0  # s; longest step of rows from which swings are told
_EVERY = 0.02  # s, where neither the call nor the case says how often
_IDLE = 1.0  # W; a source that never gives more stands by
_DRAWN = ("P_in", "P")  # outputs by which models state the power that they take (sources: give), the first that exists


@dataclass(frozen=True)
class Level:
    """A stage of the chain: its elements and their power together [W] by row."""

    name: str
    elements: tuple[str, ...]
    power: Floats

    @property
    def range(self) -> float:
        """Highest less lowest power [W]."""
        return float(np.ptp(self.power))


@dataclass(frozen=True)
class Voltage:
    """The voltage at a source: largest change over mean, and Pst (NaN: not assessed)."""

    source: str
    change: float
    pst: float


class Swings:
    """What `kv.swings` returns; SI. `levels` from the loads to the point of connection, `run`: the run itself.

    `table`: one row per level: level, elements (their number), mean, lowest, highest and range W, for each window of
    data/checks/power.yaml ramp_up and ramp_down (W/s), for each of its bands the share of the variance, frequency Hz
    and amplitude W of the strongest oscillation from 0.1 to 20 Hz, passed (range over that of the loads), oscillation
    passed (amplitude at that frequency over that of the loads). NaN: not assessed; `gaps` says why.
    """

    def __init__(self, run: Run, lamp: int = 230) -> None:
        self.run, self.lamp = run, lamp
        self.step = _step(run)
        self.flow = PowerFlow(run.end)
        self.levels = _levels(run, self.flow)
        self._limits = limits_of(self.flow)

    @property
    def time(self) -> Floats:
        """End of each row [s]."""
        return self.run.time[1:]

    @property
    def connection(self) -> Level:
        """The last level: all sources together."""
        return self.levels[-1]

    @cached_property
    def spectra(self) -> Mapping[str, Spectrum]:
        """The spectrum of each level by its name."""
        return {level.name: spectrum(level.power, self.step) for level in self.levels}

    @cached_property
    def strongest(self) -> tuple[float, float]:
        """Frequency [Hz] and amplitude [W] of the strongest oscillation at the point of connection, 0.1 to 20 Hz."""
        return self.spectra[CONNECTION].strongest(*bands()["band_swing"])

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([self._row(level) for level in self.levels])

    @property
    def traces(self) -> pandas.DataFrame:
        """Mean power W of each level in each row; time s at its end."""
        import pandas

        return pandas.DataFrame({"time": self.time} | {level.name: level.power for level in self.levels})

    def _row(self, level: Level) -> dict[str, Any]:
        p, found = level.power, self.spectra[level.name]
        row: dict[str, Any] = {"level": level.name, "elements": len(level.elements), "mean": float(p.mean())}
        row |= {"lowest": float(p.min()), "highest": float(p.max()), "range": level.range}
        for window in windows():
            up, down = ramps(p, self.step, window)
            row |= {f"ramp_up_{window:g}s": up, f"ramp_down_{window:g}s": down}
        row |= {key: found.share(*band) for key, band in bands().items()}
        row["frequency"], row["amplitude"] = found.strongest(*bands()["band_swing"])
        first = self.levels[0]
        at = self.strongest[0]
        row["passed"] = level.range / first.range if first.range > 0.0 else math.nan
        whole = self.spectra[first.name].amplitude(at) if at == at else 0.0
        row["oscillation_passed"] = found.amplitude(at) / whole if whole > 0.0 else math.nan
        return row

    # ---- the point of connection ----

    @cached_property
    def stores(self) -> Mapping[str, Store]:
        """The smallest lossless store at the point of connection: for a flat power, but for what drifts more slowly
        than the strongest oscillation (losses that follow temperatures), and for the limits of the case."""
        p, period = self.connection.power, 1.0 / self.strongest[0]
        found = {"flat power": smallest_store(without_drift(p, self.step, period), self.step, band=0.0)}
        said = {name: self.limit(key) for name, key in _OF_STORE.items() if math.isfinite(self.limit(key))}
        if said:
            found["limits of the case"] = smallest_store(p, self.step, **said)
        return found

    def limit(self, key: str) -> float:
        """The highest value that a limit of item 16 allows; infinite where the case gives none."""
        return float(self._limits[key].get("max", math.inf))

    @cached_property
    def voltages(self) -> list[Voltage]:
        """The voltage at every live AC source, by the network's own impedance."""
        found = []
        for e in self._sources:
            v = _column(self.run, f"{e.path}.v")
            if v is not None and e.ends[0].kind != "dc" and e.path in self.connection.elements:
                found.append(Voltage(e.path, float(np.ptp(v) / v.mean()), flicker.pst(v, self.step, self.lamp)))
        return found

    def current(self, path: str) -> tuple[Floats, float, float] | None:
        """Of a protective device the highest current in each row [A], the RMS in the run, and the step of rows [s];
        None where it was not recorded. The RMS is bounded from mean, least and most of each row."""
        number = _numbers(self.run).get(f"{path}.I")
        if number is None:
            return None
        mean, low, top = (
            np.asarray(x)[1:, number] for x in (self.run.raw.mean, self.run.raw.minimum, self.run.raw.maximum)
        )
        return top, float(np.sqrt(np.mean(mean**2 + (top - mean) * (mean - low)))), self.step

    @property
    def _sources(self) -> list[Element]:
        return [e for e in self.flow.grid.of_role("source") if not self.flow.stores(e)]

    @cached_property
    def gaps(self) -> list[str]:
        """What the rows cannot tell, as sentences."""
        found, one = [], self.spectra[CONNECTION]
        for key, (low, high) in bands().items():
            if math.isnan(one.share(low, high)):
                found.append(
                    f"{key}: nothing of {low:g} to {high:g} Hz lies between {one.lowest:g} and {one.highest:g} Hz"
                )
            elif high > one.highest:
                found.append(
                    f"{key}: above {one.highest:g} Hz; rows every {plain(0.5 / high, 2)} s or closer would tell"
                )
            elif low < one.lowest:
                found.append(f"{key}: below {one.lowest:g} Hz; a run of {plain(2.0 / low, 2)} s or longer would tell")
        long = [f"{w:g} s" for w in windows() if w > self.time[-1] - self.step or w < self.step]
        found += [f"ramps over {', '.join(long)}: the run has {self.time[-1]:g} s"] if long else []
        found.append(f"edges: a change within {self.step:g} s counts as a change over {self.step:g} s")
        if self.step > flicker.SLOWEST * (1.0 + 1e-9):
            found.append(f"Pst: needs rows every {flicker.SLOWEST:g} s or closer")
        return found

    # ---- text ----

    def summary(self, units: str = "si") -> str:
        """Tables as text: levels, shares of bands, voltages, stores, and what is not assessed."""
        u = Units(units)
        parts = [self.level_table(u).text()]
        shares = [
            [key, f"{low:g} to {high:g} Hz", *(_per_cent(float(x)) for x in self.table[key])]
            for key, (low, high) in bands().items()
        ]
        parts.append(
            "Share of the variance\n" + Table(["band", "from, to", *(x.name for x in self.levels)], shares).text()
        )
        parts.append(self.strongest_text(u))
        if self.voltages:
            flickers = [[v.source, _per_cent(v.change), plain(v.pst, 3)] for v in self.voltages]
            parts.append(Table(["voltage at", "change", f"Pst ({self.lamp} V lamp, run repeated)"], flickers).text())
        needed = [[k, u.text(s.energy, "J"), u.text(s.power, "W")] for k, s in self.stores.items()]
        parts.append(
            "Smallest lossless store (for a flat power without what drifts over a period)\n"
            + Table(["for", "energy", "power"], needed, {1, 2}).text()
        )
        return "\n\n".join([*parts, "Not assessed\n" + "\n".join(f"  {x}" for x in self.gaps)])

    def strongest_text(self, u: Units) -> str:
        """The strongest oscillation at the point of connection as a sentence."""
        at, amplitude = self.strongest
        if not amplitude > 0.0:
            return "No oscillation at the point of connection"
        return f"Strongest oscillation at the point of connection: {u.text(amplitude, 'W')} at {plain(at, 3)} Hz"

    def level_table(self, u: Units, few: bool = False) -> Table:
        """Power at every level with its ramps over every window, or with `few` over the shortest and the longest."""
        rows = []
        told = [w for w in windows() if self.table[f"ramp_up_{w:g}s"].notna().any()]
        told = list(dict.fromkeys((told[0], told[-1]))) if few and told else told
        for r in self.table.to_dict("records"):
            cells = [f"{r['level']}" + (f" (×{r['elements']})" if r["elements"] > 1 else "")]
            cells += [u.text(r[k], "W") for k in ("mean", "lowest", "highest", "range")]
            cells += [_pair(r[f"ramp_up_{w:g}s"], r[f"ramp_down_{w:g}s"]) for w in told]
            rows.append([*cells, _per_cent(r["passed"]), _per_cent(r["oscillation_passed"])])
        head = ["level", "mean", "lowest", "highest", "range", *(f"up, down in {w:g} s (kW/s)" for w in told)]
        return Table([*head, "range passed", "oscillation passed"], rows)

    def __repr__(self) -> str:
        return self.summary()


_OF_STORE = {"ramp_up": "ramp_up_second", "ramp_down": "ramp_down_second", "band": "range"}


def _pair(up: float, down: float) -> str:
    return "-" if math.isnan(up) else f"{plain(up / 1e3, 3)}, {plain(down / 1e3, 3)}"


def _per_cent(x: float) -> str:
    return "-" if math.isnan(x) else f"{plain(100.0 * x, 3)} %"


def bands() -> dict[str, tuple[float, float]]:
    """The bands [Hz] of the shipped limits, by the key of the limit."""
    limits = items()[ITEM]["limits"]
    return {key: (float(x["from"]), float(x["to"])) for key, x in limits.items() if "from" in x}


def windows() -> list[float]:
    """The windows [s] over which ramps are told, shortest first."""
    limits = items()[ITEM]["limits"]
    return sorted({float(x["window"]) for x in limits.values() if "window" in x})


# ---- the run ----


def swings(
    of: Case | Run,
    *,
    duration: str | float | None = None,
    every: str | float | None = None,
    tolerance: float | None = None,
    lamp: int = 230,
) -> Swings:
    """The power at every level in a run in time: ramps, range, spectrum, store needed, voltage and flicker.

    of: a case, whose `power: swings:` is run, or without it its own run; or a run that recorded `recorded_power(case)`.
    duration and every (between rows): s or text, else those of `power: swings:`, else of the run and 20 ms. tolerance:
    of the integrator. lamp: 230 or 120 V, whose flicker Pst tells. Raises InputError for a case without an electric
    network, without a run, for rows more than 1 s apart or fewer than 16, and for a run without the paths; what
    `simulate` raises.
    """
    if lamp not in flicker.LAMPS:
        raise InputError(f"swings: lamp = {lamp}; flicker is told for {', '.join(map(str, flicker.LAMPS))} V")
    if isinstance(of, Run):
        return Swings(of, lamp)
    require_case("swings", of)
    case, said = declared(of), declares(of)
    if case is None and not of.duration > 0.0:
        raise InputError(
            "swings: the case has no run in time; give it `power: swings: {apply: [{profile: ..., to: ...}], duration: "
            "20 s}`, or `run: {duration: ...}`"
        )
    rows = si(every, "s", "swings: every") if every is not None else said[1] if said else _EVERY
    if not 0.0 < rows <= SLOWEST:
        raise InputError(f"swings: rows {rows:g} s apart; give more than 0 and at most {SLOWEST:g} s")
    chosen = case or of
    run = chosen.simulate(duration, every=rows, tolerance=tolerance, record=recorded_power(chosen), progress=False)
    return Swings(run, lamp)


def declares(case: Case) -> tuple[float, float] | None:
    """Duration and step of rows [s] of the run that `power: swings:` of the case declares; None without one."""
    return section_of(case).swings


def tells(run: Run) -> bool:
    """Whether the rows of a run are close enough to tell load swings."""
    try:
        return len(run.time) > LEAST_ROWS and _step(run) > 0.0 and bool(_levels(run, PowerFlow(run.end)))
    except InputError:
        return False


def declared(case: Case) -> Case | None:
    """The case with what `power: swings:` applies in place of its own profiles and events; None where it has none.

    Its run begins at the steady state of the mean load. Values set in the case since it was read are kept.
    """
    said = declares(case)
    if said is None:
        return None
    text, name, home, changes, allow = _core.source(case.core)
    made = _core.yaml_tree(text, name)
    made["apply"] = made["power"]["swings"]["apply"]
    made.pop("events", None)
    kept = {k: v for k, v in made.get("run", {}).items() if k == "tolerance"}
    made["run"] = {"duration": said[0], "start": "steady", "steady_at": "mean", **kept}
    return Case(_core.restored((written(made), name, home, changes, allow)))


def recorded_power(case: Case) -> list[str]:
    """What a run records for `swings`: the power of loads, converters, transformers and sources, their voltage and the
    current of protective devices. Raises InputError for a case without an electric network."""
    plant = case.steady().plant
    found = []
    for path, kind in zip(plant.topology.paths, plant.topology.types, strict=True):
        model = plant.models[kind]
        outputs = {o.name for o in model.outputs}
        if any(p.kind in plant.electric_weights for p in model.ports):
            names = [next((n for n in _DRAWN if n in outputs), "")] + (["v"] if model.electric_role == "source" else [])
            names += ["I"] if model.role == "protection" else []
            found += [f"{path}.{n}" for n in names if n in outputs]
    if not found:
        raise InputError("swings: the case has no electric network")
    return found


def _step(run: Run) -> float:
    time = run.time
    steps = np.diff(time)
    if len(steps) < 2 or not np.ptp(steps[:-1]) <= 1e-6 * steps[0] + 1e-9:
        raise InputError("swings: the rows of this run are not at equal steps")
    if steps[0] > SLOWEST * (1.0 + 1e-9):
        raise InputError(f"swings: rows {steps[0]:g} s apart; swings need rows every {SLOWEST:g} s or closer")
    return float(steps[0])


def _column(run: Run, path: str) -> Floats | None:
    """The means of a recorded path by row, without the row of time 0; None where it was not recorded."""
    number = _numbers(run).get(path)
    return None if number is None else np.asarray(run.raw.mean)[1:, number]


def _numbers(run: Run) -> dict[str, int]:
    return {path: k for k, path in enumerate(run.raw.recorded.paths)}


def _levels(run: Run, flow: PowerFlow) -> list[Level]:
    """Levels from the loads to the sources; within one stage in the order of the network."""
    mean, number, depth = np.asarray(run.raw.mean)[1:], _numbers(run), flow.grid.depth()
    stages: dict[str, list[tuple[str, int]]] = {}
    order: dict[str, float] = {}
    for e in flow.grid.elements:
        if e.role not in ("load", "converter", "transformer", "source") or flow.stores(e) or flow.generates(e):
            continue
        column = next((c for n in _DRAWN if (c := number.get(f"{e.path}.{n}")) is not None), None)
        if column is None:
            continue
        name = {"load": LOADS, "source": CONNECTION}.get(e.role) or flow.stage(e)
        stages.setdefault(name, []).append((e.path, column))
        away = max((depth.get(x.bus, 0) for x in e.ends), default=0)
        order[name] = min(order.get(name, math.inf), away)
    if CONNECTION not in stages or LOADS not in stages:
        raise InputError(
            "swings: this run did not record the power of loads and sources; use kv.swings(case), or "
            "simulate(record=kv.power.swings.recorded_power(case))"
        )
    order |= {LOADS: math.inf, CONNECTION: -1.0}
    giving = [(p, c) for p, c in stages[CONNECTION] if np.abs(mean[:, c]).max() > _IDLE]  # without standby generators
    stages[CONNECTION] = giving or stages[CONNECTION]
    return [
        Level(name, tuple(p for p, _ in stages[name]), mean[:, [c for _, c in stages[name]]].sum(axis=1))
        for name in sorted(stages, key=lambda name: -order[name])
    ]
