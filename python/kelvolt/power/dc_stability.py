"""Constant-power stability of the DC buses of a solved network, from inductances and capacitors that the case states.

The circuits are those that feed short circuits (resistances, inductances, capacitors as models state them); every
converter that draws from a bus counts as constant power, every load by the shares of constant impedance, current and
power that it states. A converter gives its current along its droop line with a delay of first order
up to the bandwidth of its control: L = R/(2 pi bandwidth), R the slope of the droop.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.kinds import SOLUTION, only
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED
from kelvolt.power.flow import PowerFlow
from kelvolt.power.net import Element
from kelvolt.power.stability import Circuit, Growth, growth

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.solution import Solution

_LEAST = 40.0  # V; below are the outputs of converters on a board, which its maker closes with their load
_IDLE = 1e-3  # W
COLUMNS = ["bus", "voltage", "power", "verdict", "rate", "frequency", "load", "ratio", "peak", "reason"]


@dataclass(frozen=True)
class DcBus:
    """A DC circuit with loads: the bus that feeds it, its voltage V, the power W drawn, and its answer, or why none."""

    bus: str
    voltage: float
    power: float
    circuit: Circuit
    answer: Growth | None = None
    reason: str = ""

    @property
    def verdict(self) -> str:
        if self.answer is None:
            return NOT_ASSESSED
        return HELD if self.answer.decays else BROKEN


class DcStability:
    """What `kv.dc_stability` returns. `table`: one row per circuit of DC buses, the one nearest to growth first: bus,
    voltage V, power W, verdict (held: every disturbance decays), rate 1/s and frequency Hz of the slowest mode, load
    (factor on the loads up to which it decays), ratio (source impedance over that of the loads, the largest) and peak
    (Hz, where it is), reason where it is not assessed."""

    def __init__(self, solution: Solution) -> None:
        self.buses = list(_buses(PowerFlow(solution)))

    @property
    def assessed(self) -> list[DcBus]:
        return [b for b in self.buses if b.answer is not None]

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        rows = sorted(self.buses, key=lambda b: b.answer.load if b.answer else math.inf)
        return pandas.DataFrame([_cells(b) for b in rows], columns=COLUMNS)


def dc_stability(solution: Solution) -> DcStability:
    """Whether small disturbances of every DC bus above 40 V decay: linearised R-L-C with constant-power loads.

    Needs L of lines (H/m) and of DC supplies (H), `bandwidth` (Hz) of converters, and capacitors with their series
    resistance (`C_out` and `ESR_out` of converters, `C_in` and `ESR_in` of loads). What is not stated of capacitors
    counts as none: a circuit that decays without them is held, one that grows without them is not assessed, nor is one
    whose inductances are not stated, or that has no capacitor at all. Raises TypeError for what is no solution.
    """
    from kelvolt.cases.solution import Solution

    only("dc_stability", SOLUTION, solution, Solution)
    return DcStability(solution)


def _cells(b: DcBus) -> list[Any]:
    a = b.answer
    told = [a.rate, a.frequency, a.load, a.ratio, a.peak] if a else [math.nan] * 5
    return [b.bus, b.voltage, b.power, b.verdict, *told, b.reason]


def _buses(flow: PowerFlow) -> Iterator[DcBus]:
    known: dict[Any, Growth] = {}  # by circuit, to four digits: racks of a hall are alike
    for raw in _core.dc_circuits(flow.solution.raw):
        found = _circuit(flow, raw)
        if found is None:
            continue
        bus, missing = found
        if missing:
            yield replace(bus, reason=missing)
            continue
        key = repr(_rounded(bus.circuit))
        if key not in known:
            known[key] = growth(bus.circuit)
        silent = sum(math.isnan(c.C) for c in raw.capacitors)
        if silent and not known[key].decays:
            reason = f"grows without the capacitors of {silent} components that state none (C_in, C_out)"
            yield replace(bus, reason=reason)
        else:
            yield replace(bus, answer=known[key])


def _rounded(c: Circuit) -> list[list[tuple[float, ...]]]:
    parts: list[list[Any]] = [c.lines, c.sources, c.capacitors, c.loads]
    return [[tuple(float(f"{x:.4g}") for x in one) for one in part] for part in parts]


def _constant_power(e: Element, v: float) -> float:
    """By how much of P/V^2 the current of an element falls for each volt that its voltage rises: 1 at constant power.

        i(r) = P/V (z r + (1 - z - i) / r + i),   -di/dr over i(r)/r = (1 - z - i - z r^2) / (z r^2 + i r + 1 - z - i)

    with z and i the shares of constant impedance and current of a load (models/power/load.hpp, above its V_min) and r
    its voltage over nominal; below 0 for an impedance, which damps.
    """
    z, i = e.values.get("z_share", 0.0), e.values.get("i_share", 0.0)
    r = v / e.values.get("V", v)
    power = 1.0 - z - i
    return (power - z * r**2) / (z * r**2 + i * r + power)


def _circuit(flow: PowerFlow, raw: Any) -> tuple[DcBus, str] | None:
    """The circuit with its loads, and what is not stated ("": all is); None for one without voltage or loads."""
    g = flow.grid
    point = dict(zip(raw.nodes, raw.point, strict=True))
    elements = {e.index: e for e in g.elements}
    loads, power, volts = [], 0.0, 0.0
    for node, at in point.items():
        v = float(abs(g.buses[node].v[0])) if node in g.buses else 0.0
        if v < _LEAST:
            continue
        for e, end in g.at.get(node, []):
            if end.s.real > 0.0 and e.role in ("load", "converter"):
                loads.append((at, _constant_power(e, v) * end.s.real / v**2))
                power, volts = power + end.s.real, max(volts, v)
    if not loads or not raw.sources:
        return None
    missing: list[str] = []

    def stated(component: int, L: float, what: str) -> float:
        if math.isnan(L):
            missing.append(f"{elements[component].path} states no {what}")
        return L

    lines = [(x.a, x.b, x.R, stated(x.component, x.L, "L")) for x in raw.lines]
    sources = []
    for s in raw.sources:
        if not any((x.source or x.feeders) and x.s.real < -_IDLE for x in elements[s.component].ends):
            continue  # a backup that gives nothing in this state has no part in small changes
        bandwidth = elements[s.component].values.get("bandwidth", math.nan)
        if s.converter:
            L = stated(s.component, s.R / (2.0 * math.pi * bandwidth), "bandwidth")
        else:
            L = stated(s.component, s.L, "L")
        sources.append((s.at, s.R, L))
    capacitors = [(c.at, c.C, 0.0 if math.isnan(c.R) else c.R) for c in raw.capacitors if c.C > 0.0]
    if not capacitors:
        missing.append("no capacitor is stated (C_out of converters, C_in of loads)")
    name = next(g.buses[n].name for n in point if n in g.buses)
    if not sources:
        return None
    circuit = Circuit(raw.points, lines, sources, capacitors, loads)
    return DcBus(name, volts, power, circuit), "; ".join(dict.fromkeys(missing[:3]))
