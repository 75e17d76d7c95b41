"""Constant-power stability of DC buses: R-L-C of the supply against loads whose incremental resistance is negative.

A load that draws P whatever its voltage V has dI/dV = -P/V^2. Behind a source with resistance R and inductance L, and
with a capacitance C at the bus, a disturbance decays when

    P < V^2/R   and   C > L P/(R V^2)

(trace and determinant of the linearised circuit). Circuits of any shape are judged by the eigenvalues of the same
linearisation, and by Middlebrook's criterion in its form for several loads: the largest eigenvalue of
Z(jw) diag(P/V^2) below 1 at every frequency, Z the impedance that the loads see (R. D. Middlebrook, "Input filter
considerations in design and application of switching regulators", IEEE IAS 1976).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.values import Floats

_MOST_LOAD = 1e3  # times the load, up to which growth is looked for
_MOST_MODES = 60  # that oscillate, slowest first, around which the highest ratio is looked for
_FAST = 1e12  # 1/s; eigenvalues beyond stand for parts without a store of energy


@dataclass(frozen=True)
class Circuit:
    """A linearised DC circuit of buses 0 to buses - 1.

    lines: (bus, bus, R ohm, L H); sources: (bus, R ohm, L H), their voltage constant; capacitors: (bus, C F, series
    resistance ohm); loads: (bus, -dI/dV S): P/V^2 of a constant power, 0 of a constant current, -1/R of a resistance.
    """

    buses: int
    lines: list[tuple[int, int, float, float]] = field(default_factory=list)
    sources: list[tuple[int, float, float]] = field(default_factory=list)
    capacitors: list[tuple[int, float, float]] = field(default_factory=list)
    loads: list[tuple[int, float]] = field(default_factory=list)

    def scaled(self, factor: float) -> Circuit:
        """The same circuit with `factor` times the load."""
        return replace(self, loads=[(bus, factor * g) for bus, g in self.loads])

    def pencil(self) -> tuple[Floats, Floats]:
        """E and A of E dx/dt = A x; x: voltages of buses, currents of lines and sources, voltages and currents of
        capacitors, all as deviations from the steady state."""
        n, lines, sources, caps = self.buses, self.lines, self.sources, self.capacitors
        size = n + len(lines) + len(sources) + 2 * len(caps)
        E, A = np.zeros((size, size)), np.zeros((size, size))
        k = n
        for a, b, R, L in lines:  # L di/dt = v_a - v_b - R i, from a to b
            E[k, k], A[k, a], A[k, b], A[k, k] = L, 1.0, -1.0, -R
            A[a, k], A[b, k] = A[a, k] - 1.0, A[b, k] + 1.0
            k += 1
        for bus, R, L in sources:  # L di/dt = -v - R i, into the bus
            E[k, k], A[k, bus], A[k, k] = L, -1.0, -R
            A[bus, k] += 1.0
            k += 1
        for bus, C, R in caps:  # C dv/dt = i, v_bus - v = R i
            E[k, k], A[k, k + 1] = C, 1.0
            A[k + 1, bus], A[k + 1, k], A[k + 1, k + 1] = 1.0, -1.0, -R
            A[bus, k + 1] -= 1.0
            k += 2
        for bus, g in self.loads:
            A[bus, bus] += g
        return E, A

    def eigenvalues(self) -> np.ndarray:
        """The finite eigenvalues [1/s], the one that grows fastest or decays slowest first."""
        from scipy.linalg import eig

        E, A = self.pencil()
        alpha, beta = eig(A, E, right=False, homogeneous_eigvals=True)
        finite = np.abs(beta) * _FAST > np.abs(alpha)
        found: np.ndarray = alpha[finite] / beta[finite]
        return found[np.argsort(-found.real)]

    def impedance(self, frequency: float) -> np.ndarray:
        """The matrix of impedances [ohm] that currents into the buses see without the loads."""
        E, A = self.scaled(0.0).pencil()
        into = np.zeros((len(A), self.buses))
        into[: self.buses] = np.eye(self.buses)
        found: np.ndarray = np.linalg.solve(2j * math.pi * frequency * E - A, into)
        return found[: self.buses]

    def ratio(self, frequency: float) -> float:
        """Source impedance over that of the loads at a frequency; below 1 at every one no disturbance grows."""
        g = np.zeros(self.buses)
        for bus, x in self.loads:
            g[bus] += x
        used = np.flatnonzero(g)
        if not len(used):
            return 0.0
        loop = self.impedance(frequency)[np.ix_(used, used)] * g[used]
        return float(np.abs(np.linalg.eigvals(loop)).max())


@dataclass(frozen=True)
class Growth:
    """How a circuit answers a disturbance.

    rate: real part of the eigenvalue that decays slowest or grows fastest [1/s]; frequency: of that mode [Hz], 0: it
    does not oscillate; load: factor on all loads up to which disturbances decay (infinite: beyond 1000); ratio: peak
    over all frequencies of the source impedance over that of the loads, at `peak` Hz.
    """

    rate: float
    frequency: float
    load: float
    ratio: float
    peak: float

    @property
    def decays(self) -> bool:
        return self.rate < 0.0


def growth(circuit: Circuit) -> Growth:
    """The answer of a circuit to a small disturbance.

    Raises InputError for a circuit without a store of energy, in which nothing can oscillate.
    """
    found = circuit.eigenvalues()
    if not len(found):
        raise InputError("stability: this circuit has neither inductance nor capacitance")
    worst = found[0]
    peak, ratio = _peak(circuit, found)
    return Growth(float(worst.real), abs(float(worst.imag)) / (2.0 * math.pi), _critical(circuit), ratio, peak)


def _critical(circuit: Circuit) -> float:
    """The factor on the loads at which the first eigenvalue reaches the imaginary axis, by bisection."""

    def decays(factor: float) -> bool:
        return bool(circuit.scaled(factor).eigenvalues()[0].real < 0.0)

    low, high = 0.0, 1.0
    while decays(high):
        low, high = high, 2.0 * high
        if high > _MOST_LOAD:
            return math.inf
    while high - low > 1e-4 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if decays(middle) else (low, middle)
    return low


def _peak(circuit: Circuit, modes: np.ndarray) -> tuple[float, float]:
    """Frequency and height of the largest ratio: a grid over all modes, refined around its highest point."""
    sizes = np.abs(modes)[np.abs(modes) > 0.0] / (2.0 * math.pi)
    slow = np.sort(np.abs(modes[modes.imag > 0.0]))[:_MOST_MODES] / (2.0 * math.pi)
    grid = np.unique(np.concatenate([[0.0], np.geomspace(1e-2 * sizes.min(), 1e2 * sizes.max(), 80), slow]))
    ratios = np.array([circuit.ratio(f) for f in grid])
    top = int(np.argmax(ratios))
    fine = np.linspace(grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)], 41)
    close = np.array([circuit.ratio(f) for f in fine])
    best = int(np.argmax(close))
    return (
        (float(fine[best]), float(close[best])) if close[best] > ratios[top] else (float(grid[top]), float(ratios[top]))
    )
