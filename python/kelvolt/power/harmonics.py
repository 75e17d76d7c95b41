"""Harmonics of a solved plan: currents that loads draw, voltages, distortion, K-factor, triplens in the neutral.

The network is linear and made by the solver from what the models state (`short_circuit` of each model, R + j h X at the
order h; HarmonicNetwork); loads are currents by their spectra. Not in it: distortion that the grid brings along, loads
as impedances (resonances come out less damped than they are), saturation, interharmonics.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import flow_of
from kelvolt.base.values import Floats
from kelvolt.power.flow import PowerFlow
from kelvolt.power.net import Bus, Complex, Element, End
from kelvolt.power.short_circuit import Faults, faults
from kelvolt.power.spectra import Spectrum, Stated

if TYPE_CHECKING:
    import pandas

BUS_COLUMNS = ["bus", "V", "THD", "largest", "order", "reason"]
BRANCH_COLUMNS = ["element", "port", "bus", "I_1", "I", "THD", "I_neutral", "neutral_over_phase"]
TRANSFORMER_COLUMNS = ["element", "port", "I", "F_HL", "K_factor", "I_max", "load", "loss"]
DELIVERY_COLUMNS = ["source", "bus", "V", "I_L", "I_sc", "ratio", "TDD", "reason"]
LOAD_COLUMNS = ["element", "port", "I_1", "spectrum", "THD", "grade"]
TABLES = ("buses", "branches", "transformers", "delivery", "loads")  # of a study, the most telling first
EDDY_LOSS = 0.10  # eddy-current loss of the windings over their I2R loss (assumed; 0.02 to 0.2)
HIGHEST = 50  # order up to which a spectrum counts (IEEE 519)
_AC = ("ac", "ac1", "ac4")
_TURN = np.exp(-2j * np.pi / 3.0 * np.arange(3))


@dataclass(frozen=True)
class Draw:
    """A port at which a load draws harmonics; I_1: phases of the fundamental, shape (3,) [A]."""

    element: Element
    port: int
    name: str
    I_1: Complex
    spectrum: Spectrum
    scale: float = 1.0  # on the currents of the spectrum

    def at(self, h: int) -> list[complex]:
        """Its phases at order h [A]: theta_h = angle + h theta_1."""
        turned = self.scale * self.spectrum.at(h) * np.abs(self.I_1) * np.exp(1j * h * np.angle(self.I_1))
        return [complex(x) for x in turned]


def exponent(h: int) -> float:
    """Exponent by which currents of the same order add (IEC 61000-3-6; clause not verified)."""
    return 1.0 if h < 5 else 1.4 if h <= 10 else 2.0


@cache
def _numbers(type: str) -> dict[str, int]:
    """Numbers of the ports of a model by their names."""
    return {p.name: k for k, p in enumerate(_core.model(type).ports)}


_ROUNDING = 1e-5  # of the voltage: less in the zero sequence is not a current without a way back


def _phases(end: End) -> Complex:
    if end.kind == "ac":
        found: Complex = end.i[0] * _TURN
        return found
    return np.concatenate([end.i[:3], np.zeros(3 - len(end.i[:3]))])


class Harmonics:
    """What `kv.harmonics` returns; RMS and SI.

    `orders`: the orders solved. `loads`: element, port, I_1, spectrum, THD (of its current), grade.
    `buses`: bus, V (fundamental: line to line, single-phase buses to the return), THD (of the phase where it is
    highest), largest (single order over the fundamental), order, reason (what is left out).
    `branches`: element, port, bus, I_1, I (RMS with harmonics), THD, I_neutral, neutral_over_phase; a row a port.
    `transformers`: I (RMS over rated), F_HL (IEEE C57.110), K_factor (UL 1561: of the current over rated), I_max (over
    rated, C57.110), load (I over I_max), loss (load loss over that at rated current).
    `delivery`: by grid connection I_L (`demand` of the case, else the fundamental in this state), I_sc, ratio, TDD,
    reason.
    `unstated`: loads whose spectrum nothing states; they count as linear. `blocked`: buses whose zero-sequence currents
    have no way back, which are left out.
    """

    def __init__(self, flow: PowerFlow, summation: str | None = None, *, upper: bool = False) -> None:
        """upper: assumed spectra at the upper end of their ranges."""
        said = flow.section.harmonics
        if said is None:
            raise InputError(
                "harmonics: the case states no spectra; give `power: harmonics: {default: psu_active_pfc}` or name the "
                "loads (kv.spectra() lists what is shipped)"
            )
        self.flow, self.stated, self.upper = flow, Stated.of(said), upper
        self.network = _core.HarmonicNetwork(flow.solution.raw)
        self.unstated: list[str] = []
        self.draws = list(self._draws())
        self.summation = summation or self.stated.summation or self._own_summation()
        if self.summation not in ("phasor", "iec"):
            raise InputError(f"summation = {self.summation!r}: give 'phasor' or 'iec'")
        self.orders = sorted({h for d in self.draws for h in d.spectrum.order if h <= HIGHEST})
        self._solve()

    def at_upper_end(self) -> Harmonics:
        """The same study with assumed spectra at the upper end of their ranges."""
        made = Harmonics(self.flow, self.summation, upper=True)
        made._faults = self._faults  # they do not depend on spectra
        return made

    def _own_summation(self) -> str:
        return "phasor" if all(d.spectrum.has_angles for d in self.draws) else "iec"

    # ---- loads ----

    def _draws(self) -> Iterator[Draw]:
        for e in self.flow.grid.of_role("load", "converter"):
            numbers = _numbers(e.type)
            for end in e.ends:
                if end.kind not in _AC or end.feeders or end.source or end.current < 1e-6:
                    continue
                if self.network.conducts(e.index, numbers[end.port]):
                    continue
                spectrum = self.stated.spectrum_of(e.path, end.s.real > 0.0)
                if spectrum is None:
                    self.unstated.append(e.path)
                else:
                    scale = spectrum.range[1] if self.upper and spectrum.range else 1.0
                    yield Draw(e, numbers[end.port], end.port, _phases(end), spectrum, scale)

    # ---- solution ----

    def _solve(self) -> None:
        self._row = {(c, p): k for k, (c, p, _) in enumerate(self.network.ports)}
        volts, zero, amperes, blocked = [], [], [], set()
        for h in self.orders:
            self.network.set_order(float(h))
            drawn = [(d.element.index, d.port, d.at(h)) for d in self.draws if h in d.spectrum.order]
            flow = self.network.flow(drawn, exponent(h) if self.summation == "iec" else 0.0)
            volts.append(np.array(flow.voltages))
            zero.append(np.array(flow.zero_voltages))
            amperes.append(np.array(flow.currents))
            blocked.update(flow.blocked)
        nodes, ports = 1 + max(self.flow.grid.buses, default=0), len(self._row)
        self._V: Floats = np.array(volts) if volts else np.zeros((0, nodes, 4))
        self._V_zero: Floats = np.array(zero) if zero else np.zeros((0, nodes))
        self._I: Floats = np.array(amperes) if amperes else np.zeros((0, ports, 4))
        self.blocked = sorted(self.flow.grid.buses[n].name for n in blocked)

    def voltages(self, bus: Bus) -> tuple[Floats, str]:
        """Shape (orders, phases) [V], and why the zero sequence is left out of them; empty where it is not."""
        n = 3 if bus.kind != "ac1" else 1
        V, V_zero = self._V[:, bus.number, :n], self._V_zero[:, bus.number]
        unknown = self.network.zero_unknown(bus.number)
        if not unknown or not (V_zero > _ROUNDING * V.max(initial=0.0)).any():
            return V, ""
        rest: Floats = np.sqrt(np.maximum(V**2 - V_zero[:, None] ** 2, 0.0))
        return rest, f"orders 3k left out: {unknown}"

    def currents(self, e: Element, end: End) -> Floats:
        """Harmonic currents at a port by order and conductor (a, b, c, neutral), shape (orders, 4) [A]."""
        found: Floats = self._I[:, self._row[e.index, _numbers(e.type)[end.port]], :]
        return found

    def bus_named(self, name: str) -> Bus:
        """A live AC bus by its name. Raises InputError with names that there are."""
        known = {b.name: b for b in self.flow.grid.buses.values() if b.kind in _AC and b.live}
        if name not in known:
            raise InputError(f"harmonics: there is no live AC bus '{name}'; there is {', '.join(sorted(known)[:12])}")
        return known[name]

    # ---- tables ----

    @cached_property
    def loads(self) -> pandas.DataFrame:
        rows = [
            [d.element.path, d.name, float(np.abs(d.I_1).max()), d.spectrum.name, d.spectrum.thd, d.spectrum.grade]
            for d in self.draws
        ]
        return _table(rows, LOAD_COLUMNS, "I_1")

    @cached_property
    def buses(self) -> pandas.DataFrame:
        rows = []
        for bus in self.flow.grid.buses.values():
            if bus.kind not in _AC or not bus.live:
                continue
            V, reason = self.voltages(bus)
            share = V / (bus.phases if bus.kind != "ac" else np.full(3, bus.phases[0]))
            thd = np.sqrt((share**2).sum(axis=0)).max()
            k, _ = np.unravel_index(share.argmax(), share.shape) if share.size else (0, 0)
            order = self.orders[k] if share.size else 0
            largest = share.max() if share.size else 0.0
            rows.append([bus.name, bus.line, thd, largest, order, reason])
        return _table(rows, BUS_COLUMNS, "THD")

    def _ends(self, *roles: str) -> Iterator[tuple[Element, End, Floats]]:
        """AC ports whose phases carry current, with it by order and conductor, the fundamental first."""
        for e in self.flow.grid.elements:
            for end in e.ends:
                if end.kind not in _AC or (roles and e.role not in roles):
                    continue
                first = np.abs(_phases(end))
                if first.max() < 1e-3:
                    continue  # dead, or an electrode at the neutral
                neutral = abs(end.i[3]) if end.kind == "ac4" else 0.0
                amps = np.vstack([np.append(first, neutral), self.currents(e, end)])
                yield e, end, np.where(amps < 1e-9 * first.max(), 0.0, amps)  # below it is rounding

    @cached_property
    def branches(self) -> pandas.DataFrame:
        rows = []
        for e, end, amps in self._ends():
            rms = np.sqrt((amps**2).sum(axis=0))
            k = int(rms[:3].argmax())
            carried = [p for p in range(3) if amps[0, p] > 0.1 * amps[0, :3].max()]
            thd = max(math.sqrt((amps[1:, p] ** 2).sum()) / amps[0, p] for p in carried)
            bus = self.flow.grid.buses[end.bus].name
            rows.append([e.path, end.port, bus, amps[0, k], rms[k], thd, rms[3], rms[3] / rms[k]])
        return _table(rows, BRANCH_COLUMNS, "THD")

    @cached_property
    def transformers(self) -> pandas.DataFrame:
        """F_HL = sum (h I_h)^2/sum I_h^2; K = F_HL (I/I_rated)^2; I_max^2 = (1 + e)/(1 + F_HL e) (IEEE C57.110)."""
        eddy = EDDY_LOSS if math.isnan(self.stated.eddy_loss) else self.stated.eddy_loss
        h = np.array([1, *self.orders])[:, None]
        rows = []
        for e, end, amps in self._ends("transformer"):
            square = amps[:, :3] ** 2
            phases = [p for p in range(3) if square[0, p] > 0.0]
            F_HL = max(float((h[:, 0] ** 2 * square[:, p]).sum() / square[:, p].sum()) for p in phases)
            worst = max(phases, key=lambda p: square[:, p].sum())
            load = e.loading * math.sqrt(square[:, worst].sum() / square[0].max())
            I_max = math.sqrt((1.0 + eddy) / (1.0 + F_HL * eddy))
            loss = load**2 * (1.0 + F_HL * eddy) / (1.0 + eddy)
            rows.append([e.path, end.port, load, F_HL, F_HL * load**2, I_max, load / I_max, loss])
        return _table(rows, TRANSFORMER_COLUMNS, "load")

    @cached_property
    def delivery(self) -> pandas.DataFrame:
        rows = []
        for e, end, amps in self._ends("source"):
            if "S_rated" in e.values:
                continue  # a generator is no connection to the grid
            bus, I_L = self.flow.grid.buses[end.bus], self.stated.demand_of(e.path)
            I_L = float(amps[0, :3].max()) if math.isnan(I_L) else I_L
            I_sc, reason = self._fault_current(end.bus)
            tdd = max(math.sqrt((amps[1:, p] ** 2).sum()) for p in range(3)) / I_L
            rows.append([e.path, bus.name, bus.line, I_L, I_sc, I_sc / I_L, tdd, reason])
        return _table(rows, DELIVERY_COLUMNS, "TDD")

    def currents_of_source(self, path: str) -> Floats:
        """Harmonic currents of a source over I_L by order, of the phase where each is largest."""
        amps = next(x for e, _, x in self._ends("source") if e.path == path)
        I_L = float(self.delivery.I_L[self.delivery.source == path].iloc[0])
        found: Floats = amps[1:, :3].max(axis=1) / I_L
        return found

    @cached_property
    def _faults(self) -> Faults:
        return faults(self.flow.solution, "harmonics")

    def _fault_current(self, bus: int) -> tuple[float, str]:
        known = [f for f in self._faults.at(bus) if f.kind in ("3ph", "1ph") and not math.isnan(f.Ik_max)]
        return (max(f.Ik_max for f in known), "") if known else (math.nan, "no fault current is known at this bus")


def _table(rows: list[list[Any]], columns: list[str], by: str) -> pandas.DataFrame:
    import pandas

    made = pandas.DataFrame(rows, columns=columns)
    return made.sort_values(by, ascending=False, kind="stable", na_position="last", ignore_index=True)


def harmonics(of: Any, *, summation: str | None = None) -> Harmonics:
    """Harmonics of a solution, or of the steady state of a case; see `Harmonics` for its tables.

    The case states spectra under `power: harmonics:`. summation: "phasor" adds currents with their angles (an angle
    that is not stated is 0); "iec" adds those of different loads by the exponents of IEC 61000-3-6 (1 below order 5,
    1.4 up to 10, 2 above), without their angles. The phases of one load keep their angles to each other, and so do
    loads of one phase at one bus or tapped from it. not given: as the case says, else "phasor" where all spectra state
    angles and "iec" where one does not. Raises InputError where the case states no spectra, or a component states no
    impedance; TypeError for what is no case or solution.
    """
    return Harmonics(flow_of(of, "harmonics"), summation)
