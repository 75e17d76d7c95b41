"""Constant-power loads on DC buses: closed form, eigenvalues and an integration in time agree on growth and decay."""

import math

import kelvolt as kv
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
    assert found.load == pytest.approx(share, rel=2e-4)  # P up to which C is enough, as long as P < V2/R


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


# ---- a case ----

BUS = """
kelvolt: 1
title: 800 V from a supply by a cable
components:
  supply: {model: dc_source, V: 800 V, R: 4 mohm, L: 2 uH}
  cable: {model: dc_cable, length: 50 m, R: 20 uohm/m, L: 0.3 uH/m}
  it: {model: dc_load, P: 500 kW, V: 800 V, C_in: 20 mF, ESR_in: 0.1 mohm}
connections:
  - supply.bus -> cable -> it.bus
"""


def test_the_circuit_of_a_case_has_the_values_that_it_states():
    (bus,) = kv.dc_stability(kv.read(BUS).steady()).buses
    c = bus.circuit
    assert c.sources == [(c.sources[0][0], 4e-3, 2e-6)]
    assert c.lines[0][2:] == (pytest.approx(1e-3), pytest.approx(15e-6))
    assert c.capacitors[0][1:] == (0.02, 1e-4)
    v = 0.5 * (800.0 + math.sqrt(800.0**2 - 4.0 * 5e-3 * 500e3))  # v^2 - V v + R P = 0
    assert bus.voltage == pytest.approx(v, rel=1e-6) and c.loads[0][1] == pytest.approx(500e3 / v**2, rel=1e-6)


@pytest.mark.parametrize(("C", "verdict"), [("20 mF", "held"), ("2 mF", "broken")])
def test_item_16_judges_the_bus_by_its_capacitance(C, verdict):
    case = kv.read(BUS.replace("20 mF", C))
    row = kv.dc_stability(case.steady()).table.iloc[0]
    assert row.verdict == verdict and (row["load"] > 1.0) == (verdict == "held")
    lines = kv.power_check(case, failures=False).table.set_index("quantity")
    assert lines.verdict["number of DC buses whose oscillation grows"] == verdict
    share = lines.loc["load of a DC bus over that from which oscillations grow"]
    assert share.value == pytest.approx(1.0 / row["load"], rel=1e-6) and share.verdict == verdict


@pytest.mark.parametrize(
    ("missing", "said"),
    [(", L: 0.3 uH/m", "cable states no L"), (", L: 2 uH", "supply states no L"), (", C_in: 20 mF", "no capacitor")],
)
def test_what_is_not_stated_is_not_assessed_and_named(missing, said):
    table = kv.dc_stability(kv.read(BUS.replace(missing, "")).steady()).table
    assert table.verdict[0] == "not assessed" and said in table.reason[0]


def test_a_converter_follows_its_droop_with_the_bandwidth_of_its_control():
    text = BUS.replace(
        "supply: {model: dc_source, V: 800 V, R: 4 mohm, L: 2 uH}",
        "supply: {model: dc_source, V: 1000 V, R: 1 mohm, L: 1 uH}\n"
        "  converter:\n    {model: dc_converter, P_rated: 600 kW, V_out: 800 V, droop: 8 V, loss: 0.01, V_in: 1000 V,\n"
        "     V_in_min: 800 V, bandwidth: 1 kHz, C_in: 50 mF, ESR_in: 0.1 mohm, C_out: 0, ESR_out: 1 mohm}",
    ).replace("supply.bus -> cable", "supply.bus -> converter.in\n  - converter.out -> cable")
    found = kv.dc_stability(kv.read(text).steady())
    bus = next(b for b in found.buses if b.voltage < 900.0)
    R = 8.0 / (600e3 / 800.0)
    assert bus.circuit.sources[0][1:] == (pytest.approx(R), pytest.approx(R / (2.0 * math.pi * 1e3)))
    assert bus.verdict == "held"
    without = kv.dc_stability(kv.read(text.replace("bandwidth: 1 kHz, ", "")).steady())
    assert "converter states no bandwidth" in next(b.reason for b in without.buses if b.voltage < 900.0)


ZIP = """
kelvolt: 1
components:
  g: {model: dc_source, V: 50 V, R: 10 mohm, L: 1 mH}
  l: {model: dc_load, P: 5 kW, V: 50 V, C_in: 1 mF, ESR_in: 0 ohm, z_share: Z, i_share: I}
connections: [g.bus -> l.bus]
"""


@pytest.mark.parametrize(("z", "i"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.5, 0.0), (0.5, 0.3)])
def test_only_the_share_of_constant_power_of_a_load_can_make_a_bus_grow(z, i):
    solution = kv.read(ZIP.replace("Z", str(z)).replace("I", str(i))).steady()
    bus = kv.dc_stability(solution).buses[0]
    v = bus.voltage

    def current(v):
        return 5e3 / 50.0 * (z * v / 50.0 + i + (1.0 - z - i) * 50.0 / v)

    slope = (current(v + 1e-3) - current(v - 1e-3)) / 2e-3  # A/V
    exact = np.linalg.eigvals([[-0.01 / 1e-3, -1.0 / 1e-3], [1.0 / 1e-3, -slope / 1e-3]])
    assert bus.answer.rate == pytest.approx(exact.real.max(), rel=1e-5)
    assert bus.verdict == ("broken" if slope < -1e-2 else "held")
