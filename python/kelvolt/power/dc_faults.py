"""Short-circuit currents on DC buses in time: a linear circuit of resistances, inductances and capacitors.

What feeds a fault follows from what the models state (`short_circuit` of each model): batteries and supplies as a
voltage behind R and L, lines by R and L, capacitors charged to the voltage of the bus behind their series resistance,
and converters with a current limit as current sources at their limit, at once. This is no calculation after
IEC 61660-1. Loads draw nothing, diodes and the arc are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.values import Floats

METHOD = "time domain, RL/RC, not IEC 61660-1"
WINDOW = 0.01  # s: I2t is that of the first 10 ms
_STRAY = 1e-12  # H: inductance that stands for none; with 1 mohm it delays by a nanosecond
# ohm: below it a capacitor at the fault is limited by the inductance of its leads alone, which nothing states (assumed)
_LEAST_ESR = 1e-5
_FIRST, _LAST, _PER_DECADE = 1e-9, 10.0, 60  # s: where the peak is looked for


@dataclass(frozen=True)
class Branch:
    """A series circuit of R, L and, if C is finite, a capacitor charged to V_C; E in its direction from a to b; SI."""

    a: int  # point; -1: the return conductor
    b: int
    R: float
    L: float
    E: float = 0.0
    C: float = math.inf
    V_C: float = 0.0
    component: int = -1


@dataclass(frozen=True)
class Injection:
    """A converter at its limit: a constant current I [A] into a point."""

    at: int
    I: float  # noqa: E741
    component: int


@dataclass(frozen=True)
class Transient:
    """The current of one fault; SI. t_peak is not a number where it only rises to its steady value."""

    peak: float
    t_peak: float
    steady: float
    I2t: float  # of the first 10 ms
    shares: list[tuple[int, float]] = field(default_factory=list)  # component and current at the time of the peak


class Circuit:
    """A bolted fault between one point and the return conductor, solved by its natural modes.

    The loop currents y follow i = N y + i_0, where N spans the currents that obey Kirchhoff's current law and i_0
    carries the current sources. With the capacitor voltages u, x = (y, u) obeys
        N'LN dy/dt = N'(E - R i - u), C du/dt = i
    and x(t) is a sum of exponentials.
    """

    def __init__(self, points: int, branches: list[Branch], injections: list[Injection], fault: int) -> None:
        from scipy.linalg import null_space

        self.branches, self.injections, self.fault = branches, injections, fault
        live = [p for p in range(points) if p != fault]  # the fault joins its point to the return conductor
        place = {p: k for k, p in enumerate(live)}
        law = np.zeros((len(live), len(branches)))
        for k, b in enumerate(branches):
            for point, sign in ((b.a, -1.0), (b.b, 1.0)):
                if point in place:
                    law[place[point], k] += sign
        into = np.zeros(len(live))
        for j in injections:
            if j.at in place:
                into[place[j.at]] += j.I
        self._N: Floats = null_space(law) if live else np.eye(len(branches))
        self._i_0: Floats = -np.linalg.pinv(law) @ into if live else np.zeros(len(branches))

    @cached_property
    def _modes(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Rates, branch currents of each mode with its amplitude, steady branch currents."""
        from scipy.linalg import eig

        N = self._N
        R, E = np.array([b.R for b in self.branches]), np.array([b.E for b in self.branches])
        L = np.array([max(b.L, _STRAY) for b in self.branches])
        stores = [k for k, b in enumerate(self.branches) if math.isfinite(b.C)]
        pick = np.zeros((len(self.branches), len(stores)))
        for column, k in enumerate(stores):
            pick[k, column] = 1.0
        C = np.array([self.branches[k].C for k in stores])
        M = N.T @ (L[:, None] * N)
        A = np.block(
            [
                [-np.linalg.solve(M, N.T @ (R[:, None] * N)), -np.linalg.solve(M, N.T @ pick)],
                [(pick.T @ N) / C[:, None], np.zeros((len(stores), len(stores)))],
            ]
        )
        drive = np.concatenate([np.linalg.solve(M, N.T @ (E - R * self._i_0)), (pick.T @ self._i_0) / C])
        # inductances keep their flux when the current sources begin
        start = np.concatenate([-np.linalg.solve(M, N.T @ (L * self._i_0)), [self.branches[k].V_C for k in stores]])
        rates, modes = eig(A)
        rest = np.linalg.lstsq(A, -drive, rcond=None)[0]
        amplitudes = np.linalg.lstsq(modes, (start - rest).astype(complex), rcond=None)[0]
        to_branches = np.hstack([N, np.zeros((len(self.branches), len(stores)))])
        return rates, to_branches @ (modes * amplitudes), to_branches @ rest + self._i_0

    def currents(self, t: Floats) -> Floats:
        """Current of every branch at the times t [s]; shape (branches, times), A."""
        rates, modes, rest = self._modes
        found: Floats = np.real(modes @ np.exp(np.outer(rates, t))) + rest[:, None]
        return found

    @cached_property
    def _into_fault(self) -> tuple[Floats, float]:
        """How each branch counts in the current of the fault, and the current that sources give there directly."""
        signs = np.array([float(b.b == self.fault) - float(b.a == self.fault) for b in self.branches])
        return signs, sum(j.I for j in self.injections if j.at == self.fault)

    def fault_current(self, t: Floats) -> Floats:
        """Current of the fault at the times t [s], in A."""
        rates, modes, rest = self._modes
        signs, direct = self._into_fault
        found: Floats = np.real((signs @ modes) @ np.exp(np.outer(rates, t))) + signs @ rest + direct
        return found

    def I2t(self, T: float) -> float:
        """Integral of the square of the current from 0 to T [s], in A2s, in closed form."""
        rates, modes, rest = self._modes
        signs, direct = self._into_fault
        a, r = np.append(signs @ modes, signs @ rest + direct), np.append(rates, 0.0)
        z = (r[:, None] + r[None, :]) * T
        small = np.abs(z) < 1e-9
        grown = np.where(small, 1.0 + 0.5 * z, np.expm1(z) / np.where(small, 1.0, z))
        return float(np.real(a @ (T * grown) @ a))

    def solve(self) -> Transient:
        from scipy.optimize import minimize_scalar

        if not self.branches:  # nothing but converters at their limit, where the fault is
            direct = self._into_fault[1]
            return Transient(direct, math.nan, direct, direct * direct * WINDOW, self._shares(_LAST))
        times = np.geomspace(_FIRST, _LAST, int(_PER_DECADE * math.log10(_LAST / _FIRST)))
        found = self.fault_current(times)
        signs, direct = self._into_fault
        steady = float(signs @ self._modes[2] + direct)
        k = int(np.argmax(found))
        peak, at = float(found[k]), float(times[k])
        if 0 < k < len(times) - 1:
            low, high = math.log(times[k - 1]), math.log(times[k + 1])
            best = minimize_scalar(
                lambda x: -self.fault_current(np.array([math.exp(x)]))[0], bounds=(low, high), method="bounded"
            )
            peak, at = max((peak, at), (-float(best.fun), math.exp(best.x)))
        if peak <= steady * (1.0 + 1e-6):
            return Transient(steady, math.nan, steady, self.I2t(WINDOW), self._shares(_LAST))
        return Transient(peak, at, steady, self.I2t(WINDOW), self._shares(at))

    def _shares(self, t: float) -> list[tuple[int, float]]:
        """What each component gives at a time [A], the largest first: its current out of the return conductor."""
        currents = self.currents(np.array([t]))[:, 0] if self.branches else np.empty(0)
        given: dict[int, float] = {}
        for b, i in zip(self.branches, currents, strict=True):
            if b.a == -1:
                given[b.component] = given.get(b.component, 0.0) + float(i)
        for j in self.injections:
            given[j.component] = given.get(j.component, 0.0) + j.I
        return sorted(given.items(), key=lambda pair: -pair[1])


def _branches(c: _core.DcCircuit, limited: bool) -> Iterator[Branch]:
    for line in c.lines:
        yield Branch(line.a, line.b, line.R, line.L, component=line.component)
    for s in c.sources:
        if not (s.converter and limited):
            yield Branch(-1, s.at, s.R, s.L, E=s.E, component=s.component)
    for k in c.capacitors:
        yield Branch(-1, k.at, k.R, 0.0, C=k.C, V_C=-c.V, component=k.component)


def missing(c: _core.DcCircuit, names: dict[int, str]) -> str:
    """What the current in time needs and is not stated; empty where all is."""
    found = dict.fromkeys((names.get(component, "?"), what) for component, what in c.missing)
    if not found:
        return ""
    (first, what), more = next(iter(found)), len(found) - 1
    return f"needs {what} of {first}" + (f" and of {more} more" if more else "")


def transient(c: _core.DcCircuit, point: int, limited: bool) -> Transient:
    """The current of a fault at a point of a circuit. limited: its converters are at their limit, else behind R."""
    branches = list(_branches(c, limited))
    injections = [Injection(s.at, s.I_limit, s.component) for s in c.sources if s.converter and limited]
    return Circuit(c.points, branches, injections, point).solve()


class Transients:
    """The currents in time at all DC buses of a solution, each solved when it is asked for."""

    def __init__(self, circuits: list[_core.DcCircuit], names: dict[int, str]) -> None:
        self._at = {n: (c, p) for c in circuits for n, p in zip(c.nodes, c.point, strict=True)}
        self._names = names
        self._solved: dict[tuple[int, int, bool], Transient] = {}

    def missing(self, node: int) -> str:
        """Why the current in time at a bus is not assessed; empty where it is."""
        if node not in self._at:
            return "no circuit"
        circuit, point = self._at[node]
        bare = [k for k in circuit.capacitors if k.at == point and k.R < _LEAST_ESR]
        if bare and not circuit.missing:
            name, R = self._names.get(bare[0].component, "?"), bare[0].R
            return (
                f"needs the series resistance of the capacitor of {name}: with {R:g} ohm, below {_LEAST_ESR:g} ohm, "
                "only the inductance of its leads limits the peak"
            )
        return missing(circuit, self._names)

    def of(self, fault: _core.BusFault) -> Transient | None:
        """The current in time of a DC fault; None where it is not assessed."""
        if fault.kind != "dc" or math.isnan(fault.Ik_max) or self.missing(fault.node):
            return None
        circuit, point = self._at[fault.node]
        limited = bool(fault.limited) or any(not s.converter for s in circuit.sources)
        key = id(circuit), point, limited
        if key not in self._solved:
            self._solved[key] = transient(circuit, point, limited)
        return self._solved[key]
