"""Short circuits on DC buses in time against closed forms, a finer method, and the steady currents."""

import math

import kelvolt as kv
import numpy as np
import pytest
from faulted import at, solved
from kelvolt.power.dc_faults import METHOD, Branch, Circuit, Injection
from scipy.integrate import solve_ivp

BATTERY = {"model": "battery", "V_empty": 40, "V_full": 50, "R": 5e-3, "L": 10e-6, "soc": 1.0}
LOAD = {"model": "dc_load", "V": 50, "P": 100, "C_in": 0}
BUS = {"model": "dc_bus", "V": 50}
CONVERTER = {
    "model": "ac_rectifier", "P_rated": 10e3, "V_out": 50, "droop": 0.5, "V_in": 400, "V_in_min": 340,
    "current_limit": 1.2, "limit_hold": 0.8, "loss": {"parabola": [0.004, 0.003, 0.0293]},
}  # fmt: skip
LIMIT = 1.05 * 1.2 / 0.8 * 10e3 / 50
SUPPLY = {"model": "ac_utility", "V": 400, "S_sc": 10e6}


def board(**more):
    parts = {"battery": BATTERY, "board": BUS, "load": LOAD} | more
    return parts, ["battery.bus -> board.bus", "board.bus -> load.bus"]


def shelf(**more):
    """A converter, a busbar of 2 mohm and 2 uH, and the end of it."""
    parts = {
        "grid": SUPPLY, "converter": CONVERTER | more, "head": BUS, "end": BUS, "load": LOAD,
        "bar": {"model": "dc_cable", "length": 10, "R": 2e-4, "L": 2e-7},
    }  # fmt: skip
    links = ["grid.bus -> converter.in", "converter.out -> head.bus", "head.bus -> bar.a", "bar.b -> end.bus"]
    return solved(parts, *links, "end.bus -> load.bus")


def test_a_battery_behind_an_inductance_rises_to_its_steady_current_with_L_over_R():
    parts, links = board()
    r = at(solved(parts, *links), "board", "dc")
    steady, tau, T = 50 / 5e-3, 10e-6 / 5e-3, 0.01
    assert r.Ik_max == pytest.approx(steady, rel=1e-9)
    assert r.ip == pytest.approx(steady, rel=1e-6) and math.isnan(r.t_p)
    rise = T - 2 * tau * (1 - math.exp(-T / tau)) + tau / 2 * (1 - math.exp(-2 * T / tau))
    assert r.I2t == pytest.approx(steady**2 * rise, rel=1e-6)
    assert r.reason == METHOD and "not IEC 61660-1" in METHOD


def test_a_capacitor_at_the_head_of_a_line_discharges_as_the_closed_form_says_beside_the_limited_converter():
    r = at(shelf(C_out=20e-3, ESR_out=1e-3), "end", "dc")
    R, L, C, V = 3e-3, 2e-6, 20e-3, 50.0
    a, w = R / 2 / L, math.sqrt(1 / (L * C) - (R / 2 / L) ** 2)

    def current(t):
        """Into L: the discharge of the capacitor, and the response of the current divider to the converter's step."""
        decay = np.exp(-a * t)
        discharge = V / (w * L) * decay * np.sin(w * t)
        # i'' + R/L i' + i/(L C) = (ESR i_s' + i_s/C)/L with i_s a step at 0: i(0) = 0, i'(0) = ESR i_s/L
        slope = 1e-3 * LIMIT / L
        step = LIMIT * (1 - decay * (np.cos(w * t) + a / w * np.sin(w * t))) + slope / w * decay * np.sin(w * t)
        return discharge + step

    t = np.linspace(0, 2e-3, 200001)
    k = int(np.argmax(current(t)))
    assert r.ip == pytest.approx(current(t)[k], rel=2e-6)
    assert r.t_p == pytest.approx(t[k], rel=1e-3)
    assert r.Ik == pytest.approx(LIMIT, rel=1e-9)
    assert r.sources.startswith("converter ")
    given = float(r.sources.split()[1])
    assert 1e3 * given == pytest.approx(r.ip, rel=1e-3)


def test_the_current_in_time_ends_at_the_steady_current_of_the_network_also_where_a_battery_helps():
    parts = {
        "grid": SUPPLY, "converter": CONVERTER | {"C_out": 5e-3, "ESR_out": 2e-3}, "battery": BATTERY, "end": BUS,
        "load": LOAD, "bar": {"model": "dc_cable", "length": 10, "R": 1e-4, "L": 5e-7},
    }  # fmt: skip
    links = ["grid.bus -> converter.in", "converter.out -> bar.a", "battery.bus -> bar.a", "bar.b -> end.bus"]
    solution = solved(parts, *links, "end.bus -> load.bus")
    from kelvolt.power.short_circuit import faults

    found = faults(solution, "test")
    for fault in (f for f in found.found if f.kind == "dc"):
        assert found.transients.of(fault).steady == pytest.approx(fault.Ik_max, rel=1e-6)


def test_what_is_not_stated_is_named_and_the_steady_current_is_still_given():
    r = at(shelf(), "end", "dc")
    assert math.isnan(r.ip) and math.isnan(r.I2t)
    assert r.reason == "steady current only: the current in time needs C_out and ESR_out of converter"
    assert r.Ik_max == pytest.approx(LIMIT, rel=1e-9)
    parts, links = board(load=LOAD | {"C_in": 1e-3})
    assert "needs C_in and ESR_in of load" in at(solved(parts, *links), "board", "dc").reason


def test_the_input_capacitor_of_a_load_feeds_the_fault_and_one_behind_a_blocking_device_does_not():
    parts, links = board()
    without = at(solved(parts, *links), "board", "dc")
    parts, links = board(load=LOAD | {"C_in": 10e-3, "ESR_in": 2e-3})
    with_it = at(solved(parts, *links), "board", "dc")
    assert with_it.ip > 2 * without.ip and with_it.I2t > without.I2t
    # at the bus itself the capacitor gives V/ESR at once and decays with ESR C beside the rise of the battery
    tau_C, tau_L, V = 2e-5, 2e-3, 50.0
    t = np.geomspace(1e-8, 1e-2, 20001)
    i = V / 2e-3 * np.exp(-t / tau_C) + V / 5e-3 * (1 - np.exp(-t / tau_L))
    assert with_it.ip == pytest.approx(i.max(), rel=1e-3)


def test_a_mesh_of_sources_lines_and_capacitors_agrees_with_an_integrator():
    V = 800.0
    branches = [
        Branch(-1, 0, 20e-3, 30e-6, E=V, component=0),
        Branch(-1, 1, 5e-3, 1e-9, C=4e-3, V_C=-V, component=1),
        Branch(-1, 2, 8e-3, 1e-9, C=1e-3, V_C=-V, component=2),
        Branch(0, 1, 2e-3, 3e-6),
        Branch(1, 2, 1e-3, 2e-6),
        Branch(0, 2, 4e-3, 6e-6),
        Branch(2, 3, 3e-3, 4e-6),
    ]
    found = Circuit(4, branches, [Injection(1, 300.0, 3)], 3)
    N, i_0 = found._N, found._i_0
    L, R = np.diag([b.L for b in branches]), np.diag([b.R for b in branches])
    E = np.array([b.E for b in branches])
    M = N.T @ L @ N

    def rate(_, x):
        i = N @ x[:4] + i_0
        u = np.zeros(7)
        u[1], u[2] = x[4:]
        return np.concatenate([np.linalg.solve(M, N.T @ (E - R @ i - u)), [i[1] / 4e-3, i[2] / 1e-3]])

    start = np.concatenate([-np.linalg.solve(M, N.T @ L @ i_0), [-V, -V]])
    times = np.linspace(1e-6, 30e-3, 6000)
    own = solve_ivp(rate, (0, 30e-3), start, method="Radau", t_eval=times, rtol=1e-9, atol=1e-6)
    assert own.success
    through = (N @ own.y[:4] + i_0[:, None])[6]
    assert N.shape[1] == 4
    assert found.fault_current(times) == pytest.approx(through, rel=1e-5, abs=0.1)
    assert found.solve().peak == pytest.approx(through.max(), rel=1e-3)


def test_the_making_capacity_of_a_dc_breaker_is_compared_with_the_peak_in_time():
    breaker = {"model": "dc_breaker", "I_rated": 200, "Icu": 12e3, "Icm": 9e3}
    parts, links = board(main=breaker, end=BUS)
    duty = kv.fault_duty(solved(parts, *links, "board.bus -> main.a", "main.b -> end.bus")).set_index("duty")
    assert duty.loc["making", "value"] == pytest.approx(1e4, rel=1e-6) and duty.loc["making", "verdict"] == "broken"
    assert duty.loc["breaking", "verdict"] == "held"
    parts["battery"] = {k: v for k, v in BATTERY.items() if k != "L"}
    duty = kv.fault_duty(solved(parts, *links, "board.bus -> main.a", "main.b -> end.bus")).set_index("duty")
    assert duty.loc["making", "verdict"] == "not assessed" and "needs L of battery" in duty.loc["making", "reason"]


def two_sources(first, second):
    """Sources of 48 V behind 50 mohm and 54 V behind 5 mohm on one board, and a line behind it."""
    sources = {
        "supply": {"model": "dc_source", "V": 48, "R": 50e-3, "L": 20e-6},
        "battery": BATTERY | {"V_empty": 44, "V_full": 54},
    }
    parts = {first: sources[first], second: sources[second], "board": BUS, "end": BUS, "load": LOAD}
    parts["line"] = {"model": "dc_cable", "length": 10, "R": 1e-4, "L": 1e-7}
    links = [f"{first}.bus -> board.bus", f"{second}.bus -> board.bus", "board.bus -> line.a", "line.b -> end.bus"]
    return solved(parts, *links, "end.bus -> load.bus")


@pytest.mark.parametrize("order", [("supply", "battery"), ("battery", "supply")])
def test_sources_of_different_voltages_give_the_superposition_of_their_currents_in_any_order(order):
    from kelvolt.power.short_circuit import faults

    solution = two_sources(*order)
    r = at(solution, "board", "dc")
    assert r.Ik_max == pytest.approx(48 / 50e-3 + 54 / 5e-3, rel=1e-9)
    assert r.Ik_min == pytest.approx(r.Ik_max) and r.ip == pytest.approx(r.Ik_max, rel=1e-6)
    assert r.sources == "battery 10.8 kA, supply 0.960 kA"
    # behind the line: both sources as one, of the voltage and the resistance of their parallel connection
    R = 1 / (1 / 50e-3 + 1 / 5e-3)
    far = at(solution, "end", "dc")
    assert far.Ik_max == pytest.approx((48 / 50e-3 + 54 / 5e-3) * R / (R + 1e-3), rel=1e-9)
    found = faults(solution, "test")
    for fault in found.found:
        assert found.transients.of(fault).steady == pytest.approx(fault.Ik_max, rel=1e-6)
    # in time at the board: each rises with its own L over R
    fault = next(f for f in found.found if found.grid.buses[f.node].name == r.bus)
    T, parts = 0.01, [(48 / 50e-3, 20e-6 / 50e-3), (54 / 5e-3, 10e-6 / 5e-3)]
    t = np.linspace(0, T, 200001)
    i = sum(rest * (1 - np.exp(-t / tau)) for rest, tau in parts)
    assert found.transients.of(fault).I2t == pytest.approx(np.trapezoid(i**2, t), rel=1e-6)


@pytest.mark.parametrize("ESR", [0.0, 1e-12])
def test_a_capacitor_at_the_fault_without_a_series_resistance_is_not_assessed_and_behind_a_line_it_is(ESR):
    parts = {"battery": BATTERY, "board": BUS, "end": BUS, "load": LOAD | {"C_in": 0.1, "ESR_in": ESR}}
    parts["line"] = {"model": "dc_cable", "length": 10, "R": 1e-4, "L": 1e-7}
    links = ["battery.bus -> board.bus", "board.bus -> line.a", "line.b -> end.bus", "end.bus -> load.bus"]
    solution = solved(parts, *links)
    r = at(solution, "end", "dc")
    assert math.isnan(r.ip) and math.isnan(r.I2t)
    assert "needs the series resistance of the capacitor of load" in r.reason
    assert r.Ik_max == pytest.approx(50 / 6e-3, rel=1e-9)
    # at the board: the discharge through the line beside the rise of the battery
    R, L, C, V = 1e-3 + ESR, 1e-6, 0.1, 50.0
    a, w = R / 2 / L, math.sqrt(1 / (L * C) - (R / 2 / L) ** 2)
    t = np.linspace(1e-7, 5e-3, 200001)
    i = V / (w * L) * np.exp(-a * t) * np.sin(w * t) + V / 5e-3 * (1 - np.exp(-t * 5e-3 / 10e-6))
    assert i.max() > 1.1 * 50 / 5e-3
    assert at(solution, "board", "dc").ip == pytest.approx(i.max(), rel=1e-5)
