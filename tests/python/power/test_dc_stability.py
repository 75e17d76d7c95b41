"""Constant-power loads on DC buses: closed form, eigenvalues and an integration in time agree on growth and decay."""

import math

import numpy as np
import pytest
from kelvolt.power.stability import Circuit, growth
from scipy.integrate import solve_ivp

R, L, V = 2e-3, 2e-6, 54.0  # a shelf of 54 V


def one_bus(P, C, ESR=0.0):
    return Circuit(1, sources=[(0, R, L)], capacitors=[(0, C, ESR)], loads=[(0, P / V**2)])


@pytest.mark.parametrize("P", [20e3, 50e3, 130e3])
@pytest.mark.parametrize("share", [0.5, 0.9, 1.1, 2.0])
def test_a_bus_decays_when_its_capacitance_is_above_LP_over_RV2(P, share):
    C = share * L * P / (R * V**2)
    found = growth(one_bus(P, C))
    exact = np.linalg.eigvals([[-R / L, -1.0 / L], [1.0 / C, P / (C * V**2)]])
    assert found.rate == pytest.approx(exact.real.max(), rel=1e-9)
    assert found.frequency == pytest.approx(abs(exact.imag).max() / (2.0 * math.pi), rel=1e-9)
    assert found.decays == (share > 1.0)
    assert found.load == pytest.approx(share, rel=1e-5)  # P up to which C is enough, as long as P < V2/R


def test_no_capacitance_helps_a_load_above_V2_over_R():
    found = growth(one_bus(1.02 * V**2 / R, 10.0))
    assert not found.decays and found.frequency == 0.0  # the voltage runs away without oscillation


def _course(P, C, disturbed=0.01, until=0.05):
    """Deviation of the bus voltage from V after a step of 1 % of it: the nonlinear circuit, integrated."""
    source = V + R * P / V

    def change(_, x):
        i, v = x
        return [(source - R * i - v) / L, (i - P / max(v, 1.0)) / C]

    found = solve_ivp(change, (0.0, until), [P / V, V * (1.0 - disturbed)], rtol=1e-9, atol=1e-9, method="Radau")
    return found.t, found.y[1] - V


@pytest.mark.parametrize(("share", "grows"), [(1.3, False), (0.8, True)])
def test_the_circuit_integrated_in_time_grows_or_decays_at_the_rate_of_its_eigenvalue(share, grows):
    P = 50e3
    C = share * L * P / (R * V**2)
    rate = growth(one_bus(P, C)).rate
    until = 1.5 / abs(rate)
    t, off = _course(P, C, 1e-4, until)
    first, last = np.abs(off[t < 0.2 * until]).max(), np.abs(off[t > 0.8 * until]).max()
    assert (last > first) == grows == (rate > 0.0)
    assert math.log(last / first) / until == pytest.approx(0.8 * rate, rel=0.25)


def test_a_ratio_below_one_at_every_frequency_means_decay():
    rng = np.random.default_rng(1)
    below = 0
    for _ in range(40):
        P, C, ESR = 10 ** rng.uniform(3.0, 5.5), 10 ** rng.uniform(-4.0, -1.0), 10 ** rng.uniform(-5.0, -2.5)
        found = growth(one_bus(P, C, ESR))
        if found.ratio < 1.0:
            below += 1
            assert found.decays and found.load > 1.0
        if not found.decays:
            assert found.ratio >= 1.0
    assert 5 < below < 35


def test_the_ratio_of_one_bus_is_the_impedance_of_R_and_L_beside_C_times_P_over_V2():
    P, C, f = 50e3, 0.03, 700.0
    s = 2j * math.pi * f
    Z = 1.0 / (s * C + 1.0 / (R + s * L))
    assert one_bus(P, C).ratio(f) == pytest.approx(abs(Z) * P / V**2, rel=1e-12)


def test_a_long_cable_makes_a_second_bus_grow_and_a_capacitor_at_its_end_mends_it():
    cable = dict(lines=[(0, 1, 1e-3, 5e-6)], sources=[(0, R, L)], loads=[(1, 60e3 / V**2)])
    near = growth(Circuit(2, capacitors=[(0, 0.2, 1e-4), (1, 1e-4, 1e-3)], **cable))
    both = growth(Circuit(2, capacitors=[(0, 0.2, 1e-4), (1, 0.2, 1e-3)], **cable))
    assert not near.decays and both.decays and near.load < 1.0 < both.load


def test_series_resistance_of_the_capacitor_damps():
    C = 0.9 * L * 50e3 / (R * V**2)
    assert not growth(one_bus(50e3, C)).decays
    assert growth(one_bus(50e3, C, 1e-3)).decays
