"""Harmonics against closed forms: one source, resonance, vector groups, triplens, K-factor, summation."""

import json
import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.cli.commands import main
from kelvolt.power.spectra import shipped

CASES = Path(__file__).parents[3] / "data" / "cases"
ROOT3 = math.sqrt(3.0)
V = 400.0
GRID = {"model": "ac_utility", "V": V, "S_sc": 10e6, "X_over_R": 5.0}
LOAD = {"model": "ac_load", "V": V, "P": 200e3, "Q": 60e3}
GRID_4 = {"model": "ac4_utility", "V": 20e3, "S_sc": 200e6, "X_over_R": 8.0}
TRAFO_4 = {
    "model": "ac4_transformer",
    "S_rated": 630e3,
    "V_hv": 20e3,
    "V_lv": V,
    "vk": 0.06,
    "Pk": 6.5e3,
    "group": "Dyn11",
    "R_ground": 1e-6,
}
CABLE_4 = {"model": "ac4_line", "length": 40.0, "R": 1.5e-4, "X": 8e-5}
LOAD_4 = {"model": "ac4_load", "V": V, "P_a": 60e3, "P_b": 60e3, "P_c": 60e3}
SINGLE = {"order": [5], "current": [0.2], "angle": [0.0]}
TRIPLEN = {"order": [3, 9], "current": [0.3, 0.1], "angle": [0.0, 0.0]}


def case(parts, *connections, **said):
    said.setdefault("spectra", {"one": SINGLE})
    said.setdefault("default", "one")
    text = {"kelvolt": 1, "components": parts, "connections": list(connections), "power": {"harmonics": said}}
    return kv.read(text, name="harmonics")


def simple(grid=GRID, load=LOAD, **said):
    return case({"grid": grid, "load": load}, "grid.bus -> load.bus", **said)


def four_wires(**said):
    parts = {"grid": GRID_4, "trafo": TRAFO_4, "cable": CABLE_4, "load": LOAD_4}
    said = {"spectra": {"one": TRIPLEN}} | said
    return case(parts, "grid.bus -> trafo.hv", "trafo.lv -> cable.a", "cable.b -> load.bus", **said)


def row(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def grid_impedance(h, grid=GRID):
    size, ratio = grid["V"] ** 2 / grid["S_sc"], grid["X_over_R"]
    R = size / math.hypot(1.0, ratio)
    return complex(R, h * ratio * R)


# ---- one source, one load ----


def test_the_voltage_of_an_order_is_the_grids_impedance_at_it_times_the_current_that_the_load_draws():
    found = kv.harmonics(simple())
    I_1 = found.loads.I_1[0]
    assert math.isclose(I_1, found.branches.I_1[0], rel_tol=1e-6)
    V_1 = found.buses.V[0] / ROOT3
    expected = abs(grid_impedance(5)) * 0.2 * I_1 / V_1
    assert expected > 0.01
    assert math.isclose(found.buses.THD[0], expected, rel_tol=1e-6)
    assert math.isclose(found.buses.largest[0], expected, rel_tol=1e-6)
    assert found.buses.order[0] == 5


def test_distortion_of_several_orders_is_the_root_of_the_sum_of_squares():
    said = {"one": {"order": [5, 7, 11], "current": ["20 %", "10 %", "5 %"], "angle": ["10 deg", 0, 1]}}
    found = kv.harmonics(simple(spectra=said))
    I_1, V_1 = found.loads.I_1[0], found.buses.V[0] / ROOT3
    volts = [abs(grid_impedance(h)) * x * I_1 for h, x in ((5, 0.2), (7, 0.1), (11, 0.05))]
    assert math.isclose(found.buses.THD[0], math.hypot(*volts) / V_1, rel_tol=1e-6)
    load = row(found.branches, element="load")
    assert math.isclose(load.THD, math.hypot(0.2, 0.1, 0.05), rel_tol=1e-9)
    assert math.isclose(load.I, I_1 * math.sqrt(1.0 + 0.2**2 + 0.1**2 + 0.05**2), rel_tol=1e-9)
    assert math.isclose(row(found.delivery, source="grid").TDD, math.hypot(0.2, 0.1, 0.05), rel_tol=1e-6)


def test_short_circuit_ratio_is_the_largest_fault_current_over_the_current_of_this_state():
    found = kv.harmonics(simple())
    delivery = row(found.delivery, source="grid")
    I_sc = 10e6 / (ROOT3 * V)  # S_sc is that of the standard, with c in both voltage and impedance
    assert math.isclose(delivery.I_sc, I_sc, rel_tol=1e-6)
    assert math.isclose(delivery.ratio, I_sc / found.loads.I_1[0], rel_tol=1e-6)


def test_demand_distortion_refers_to_the_demand_that_is_stated():
    found = kv.harmonics(simple(demand=[{"of": "grid", "I": "600 A"}]))
    delivery = row(found.delivery, source="grid")
    assert delivery.I_L == 600.0
    assert math.isclose(delivery.TDD, 0.2 * found.loads.I_1[0] / 600.0, rel_tol=1e-6)
    assert math.isclose(found.currents_of_source("grid")[0], delivery.TDD, rel_tol=1e-9)


def test_linear_loads_distort_nothing_and_their_limits_are_held():
    made = simple(default="linear")
    found = kv.harmonics(made)
    assert not found.orders
    assert found.buses.THD.max() == 0.0
    assert found.branches.THD.max() == 0.0
    assert {x.verdict for x in lines_of(made) if "IEEE 519" in x.basis} == {"held"}


# ---- resonance ----


def test_transformer_and_capacitor_resonate_at_the_root_of_short_circuit_power_over_reactive_power():
    grid = GRID | {"X_over_R": 200.0}
    bank = {"model": "ac_capacitor", "V": V, "Q_rated": 200e3}
    parts = {"grid": grid, "load": LOAD, "bank": bank}
    made = case(parts, "grid.bus -> load.bus", "load.bus -> bank.bus")
    scan = kv.frequency_scan(made, "grid", step=0.01, highest=12.0)
    peaks = kv.resonances(scan)
    assert list(peaks.kind) == ["parallel"]
    assert abs(peaks.order[0] - math.sqrt(10e6 / 200e3)) < 0.01
    h = 5.0
    Z = 1.0 / (1.0 / grid_impedance(h, grid) + 1j * h * 200e3 / V**2)
    at = row(scan[np.isclose(scan.order, h)])
    assert abs(complex(at.R, at.X) - Z) < 1e-7 * abs(Z)


def test_near_its_resonance_a_capacitor_raises_the_distortion_and_its_own_current():
    bank = {"model": "ac_capacitor", "V": V, "Q_rated": 380e3}  # resonance at order 5.1
    parts = {"grid": GRID, "load": LOAD, "bank": bank}
    with_bank = kv.harmonics(case(parts, "grid.bus -> load.bus", "load.bus -> bank.bus"))
    without = kv.harmonics(simple())
    assert with_bank.buses.THD[0] > 3.0 * without.buses.THD[0]
    assert "bank" not in set(with_bank.loads.element)
    assert row(with_bank.branches, element="bank").THD > 0.5


def test_a_detuned_bank_has_its_series_resonance_at_the_root_of_one_over_the_detuning():
    bank = {"model": "ac_capacitor", "V": V, "Q_rated": 380e3, "detuning": 0.07}
    parts = {"grid": GRID, "load": LOAD, "bank": bank}
    made = case(parts, "grid.bus -> load.bus", "load.bus -> bank.bus")
    found = kv.resonances(kv.frequency_scan(made, "grid", step=0.01, highest=12.0))
    series = found[found.kind == "series"]
    assert abs(series.order.iloc[0] - 1.0 / math.sqrt(0.07)) < 0.02


# ---- vector groups ----


def twelve_pulse(second="Dyn11", **said):
    grid = {"model": "ac_utility", "V": 20e3, "S_sc": 300e6}
    trafo = {"model": "ac_transformer", "S_rated": 1e6, "V_hv": 20e3, "V_lv": V, "vk": 0.06, "Pk": 9e3}
    parts = {"grid": grid, "t1": trafo | {"group": "Dd0"}, "t2": trafo | {"group": second}}
    parts |= {"r1": LOAD, "r2": LOAD}
    lines = ["grid.bus -> t1.hv", "grid.bus -> t2.hv", "t1.lv -> r1.bus", "t2.lv -> r2.bus"]
    return kv.harmonics(case(parts, *lines, **({"default": "six_pulse_ideal"} | said)))


@pytest.mark.parametrize("group", ["Dyn11", "Dyn1", "Dyn5", "Dyn7"])
def test_rectifiers_behind_dd_and_dy_make_twelve_pulses_fifth_and_seventh_cancel_upstream(group):
    found = twelve_pulse(group)
    shares = dict(zip(found.orders, found.currents_of_source("grid"), strict=True))
    for h in (5, 7, 17, 19, 29, 31):
        assert shares[h] < 1e-6
    for h in (11, 13, 23, 25):
        assert math.isclose(shares[h], 1.0 / h, rel_tol=1e-5)  # the insulation takes 2e-5 A at the fundamental
    assert math.isclose(
        row(found.branches, element="t2", port="lv").THD, row(found.loads, element="r2").THD, rel_tol=1e-6
    )


def test_with_equal_vector_groups_nothing_cancels_and_exponents_know_no_angles():
    found = twelve_pulse("Dd0")
    shares = dict(zip(found.orders, found.currents_of_source("grid"), strict=True))
    assert math.isclose(shares[5], 0.2, rel_tol=1e-5)
    found = twelve_pulse(summation="iec")
    shares = dict(zip(found.orders, found.currents_of_source("grid"), strict=True))
    assert math.isclose(shares[5], 0.2 * 2 ** (1 / 1.4) / 2, rel_tol=1e-5)
    assert math.isclose(shares[11], 2**0.5 / 2 / 11, rel_tol=1e-5)


# ---- triplens ----


def test_triplens_of_equal_phases_add_to_three_times_in_the_neutral_and_end_at_the_delta():
    found = kv.harmonics(four_wires())
    load = row(found.loads)
    cable = row(found.branches, element="cable", port="a")
    assert math.isclose(cable.I_neutral, 3.0 * load.I_1 * math.hypot(0.3, 0.1), rel_tol=1e-6)
    assert cable.neutral_over_phase > 0.9
    assert row(found.branches, element="trafo", port="lv").I_neutral > 0.99 * cable.I_neutral
    assert row(found.branches, element="trafo", port="hv").THD < 1e-6
    assert row(found.delivery, source="grid").TDD < 1e-6
    assert row(found.branches, element="load").I_neutral > 0.0


def test_the_voltage_of_a_triplen_is_its_current_times_transformer_and_three_neutrals():
    found = kv.harmonics(four_wires(spectra={"one": {"order": [3], "current": [0.3], "angle": [0.0]}}))
    I_1, bus = row(found.loads).I_1, found.buses.iloc[0]
    r, base = 6.5e3 / 630e3, V**2 / 630e3
    x = math.sqrt(0.06**2 - r**2)
    trafo = base * complex(r, 3 * x)
    line = 40.0 * complex(1.5e-4, 3 * 8e-5)
    expected = abs(trafo + 4.0 * line) * 0.3 * I_1  # phase and three times the neutral
    assert math.isclose(bus.largest * bus.V / ROOT3, expected, rel_tol=1e-4)
    assert bus.order == 3


def test_triplens_without_a_way_back_are_left_out_and_said_so():
    trafo = TRAFO_4 | {"group": "Yyn0"}
    parts = {"grid": GRID_4, "trafo": trafo, "cable": CABLE_4, "load": LOAD_4}
    lines = ["grid.bus -> trafo.hv", "trafo.lv -> cable.a", "cable.b -> load.bus"]
    found = kv.harmonics(case(parts, *lines, spectra={"one": TRIPLEN}))
    assert found.blocked
    assert found.buses.THD.max() < 1e-7


def test_voltages_of_triplens_are_left_out_where_a_balanced_line_states_no_zero_sequence_and_currents_are_not():
    line = {"model": "ac_line", "length": 50.0, "R": 1e-4, "X": 8e-5}
    parts = {"grid": GRID | {"Z0_over_Z": 1.0}, "line": line, "load": LOAD}
    said = {"one": {"order": [3, 5], "current": [0.3, 0.2], "angle": [0.0, 0.0]}}
    found = kv.harmonics(case(parts, "grid.bus -> line -> load.bus", spectra=said))
    assert "line states no R_0 and X_0" in row(found.buses, bus="line.b").reason
    Z = grid_impedance(5) + 50.0 * complex(1e-4, 5 * 8e-5)
    bus = row(found.buses, bus="line.b")
    assert math.isclose(bus.THD, abs(Z) * 0.2 * found.loads.I_1[0] * ROOT3 / bus.V, rel_tol=1e-5)
    carried = row(found.branches, element="line", port="a")
    assert math.isclose(carried.I_neutral, 3.0 * 0.3 * found.loads.I_1[0], rel_tol=1e-6)


def test_a_load_between_phases_draws_no_triplens():
    parts = {"grid": GRID_4, "trafo": TRAFO_4, "load": LOAD_4 | {"connection": "delta"}}
    said = {"one": {"order": [3, 5], "current": [0.3, 0.2], "angle": [0.0, 0.0]}}
    found = kv.harmonics(case(parts, "grid.bus -> trafo.hv", "trafo.lv -> load.bus", spectra=said))
    assert math.isclose(row(found.branches, element="load").THD, 0.2, rel_tol=1e-6)
    assert row(found.branches, element="trafo", port="lv").I_neutral < 1e-6
    assert not found.blocked


@pytest.mark.parametrize("group", ["YNyn0", "YNyn6"])
def test_two_earthed_stars_pass_triplens_on_whichever_way_they_are_wound(group):
    parts = {"grid": GRID_4, "trafo": TRAFO_4 | {"group": group}, "load": LOAD_4}
    found = kv.harmonics(case(parts, "grid.bus -> trafo.hv", "trafo.lv -> load.bus", spectra={"one": TRIPLEN}))
    hv = row(found.branches, element="trafo", port="hv")
    assert math.isclose(hv.I_neutral, 3.0 * math.hypot(0.3, 0.1) * hv.I_1, rel_tol=1e-4)


def test_a_single_phase_load_at_a_tap_draws_between_its_conductors_alone():
    parts = {"grid": GRID_4, "trafo": TRAFO_4, "tap": {"model": "phase_tap", "phase": "b"}}
    parts |= {"lamp": {"model": "ac1_load", "V": 230.0, "P": 20e3}, "load": LOAD_4}
    lines = ["grid.bus -> trafo.hv", "trafo.lv -> load.bus", "load.bus -> tap.bus", "tap.line -> lamp.bus"]
    said = {"spectra": {"one": {"order": [5], "current": [0.5], "angle": [0.0]}}}
    said |= {"default": "linear", "loads": [{"of": "lamp", "spectrum": "one"}]}
    found = kv.harmonics(case(parts, *lines, **said))
    I_5 = 0.5 * row(found.loads, element="lamp").I_1
    assert math.isclose(row(found.branches, element="trafo", port="lv").I_neutral ** 2 - I_5**2, 87.0**2, rel_tol=0.05)
    grid = found.flow.grid
    tap = next(e for e in grid.elements if e.path == "tap")
    currents = found.currents(tap, tap.ends[0])[0]
    assert np.allclose(currents, [0.0, I_5, 0.0, I_5], atol=1e-5 * I_5)
    # each sequence takes a third of the current: the loop of transformer and grid, phase to neutral
    r, base = 6.5e3 / 630e3, V**2 / 630e3
    t = base * complex(r, 5 * math.sqrt(0.06**2 - r**2))
    g = grid_impedance(5, GRID_4) * (V / 20e3) ** 2
    expected = abs(t + 2.0 / 3.0 * g) * I_5
    lamp = row(found.buses[found.buses.V < 300.0])
    assert math.isclose(lamp.THD * lamp.V, expected, rel_tol=1e-4)


# ---- UPS ----


def behind_ups(**more):
    ups = {"model": "ac_ups", "P_rated": 300e3, "V_in": V, "V_out": V, "V_in_min": 340.0, "V_in_max": 460.0}
    ups |= {"loss": {"value": 0.04}} | more
    said = {"loads": [{"of": "ups", "spectrum": "linear"}]}
    return kv.harmonics(
        case({"grid": GRID, "ups": ups, "load": LOAD}, "grid.bus -> ups.in", "ups.out -> load.bus", **said)
    )


def test_in_double_conversion_a_ups_keeps_harmonics_of_its_load_from_the_grid_and_feeds_them_itself():
    found = behind_ups(X_out=0.05)
    assert row(found.delivery, source="grid").TDD < 1e-9
    load = row(found.buses, bus="ups.out")
    Z = complex(0.005, 5 * 0.05) * V**2 / 300e3
    assert math.isclose(load.THD * load.V / ROOT3, abs(Z) * 0.2 * row(found.loads, element="load").I_1, rel_tol=1e-6)


def test_on_bypass_it_passes_them_on_and_draws_none_of_its_own():
    found = behind_ups(on_bypass=1.0)
    assert list(found.loads.element) == ["load"]
    assert row(found.delivery, source="grid").TDD > 0.15


# ---- transformers ----


def test_f_hl_and_k_of_a_published_spectrum():
    """I_1 100 A, I_3 30 A, I_5 20 A, I_7 10 A: THD 37.4 %, RMS 106.77 A, F_HL 2.89 (reuven.tools, worked example)."""
    said = {"one": {"order": [3, 5, 7], "current": [0.3, 0.2, 0.1], "angle": [0.0, 0.0, 0.0]}}
    found = kv.harmonics(four_wires(spectra=said, eddy_loss="15 %"))
    lv = row(found.transformers, element="trafo", port="lv")
    assert abs(lv.F_HL - 2.89) < 0.01
    assert math.isclose(lv.F_HL, 3.30 / 1.14, rel_tol=1e-6)
    branch = row(found.branches, element="trafo", port="lv")
    assert math.isclose(branch.THD, math.sqrt(0.14), rel_tol=1e-6)
    assert math.isclose(branch.I / branch.I_1, 1.0677, rel_tol=1e-4)
    loading = found.flow.grid.elements[1].loading
    assert math.isclose(lv.K_factor, 3.30 * loading**2, rel_tol=1e-6)
    assert math.isclose(lv.I_max, math.sqrt(1.15 / (1.0 + 0.15 * lv.F_HL)), rel_tol=1e-9)
    assert math.isclose(lv.load, loading * math.sqrt(1.14) / lv.I_max, rel_tol=1e-6)


def test_eddy_current_loss_grows_with_the_square_of_the_order():
    found = kv.harmonics(four_wires(spectra={"one": {"order": [5], "current": [0.0], "angle": [0.0]}}))
    lv = row(found.transformers, element="trafo", port="lv")
    assert math.isclose(lv.F_HL, 1.0, rel_tol=1e-12)
    assert math.isclose(lv.I_max, 1.0, rel_tol=1e-12)


# ---- the list of checks ----


def lines_of(made, item=13):
    return [x for x in kv.power_check(made, failures=False).lines if x.item == item]


def test_without_spectra_harmonics_are_not_assessed_and_with_them_each_limit_is():
    text = {"kelvolt": 1, "components": {"grid": GRID, "load": LOAD}, "connections": ["grid.bus -> load.bus"]}
    silent = [x for x in lines_of(kv.read(text)) if x.quantity.startswith("harmonics")]
    assert [x.verdict for x in silent] == ["not assessed"]
    assert "states no spectra" in silent[0].reason
    found = {x.quantity.partition(",")[0]: x for x in lines_of(simple())}
    tdd = found["demand distortion of the current (TDD)"]
    assert (tdd.verdict, tdd.limit) == ("broken", 0.08)  # I_sc/I_L = 48
    assert found["voltage distortion (THD)"].verdict == "held"
    assert math.isclose(
        found["single harmonic of the current over its limit (order 5)"].value, 0.2 / 0.07, rel_tol=1e-6
    )


def test_verdicts_tell_what_the_range_of_an_assumed_spectrum_would_make_of_them():
    line = next(x for x in lines_of(simple(default="active_front_end")) if "TDD" in x.quantity)
    assert line.verdict == "held"
    thd = kv.harmonics(simple(default="active_front_end")).delivery.TDD[0]
    assert line.reason == f"at the upper end of the assumed spectra {170.0 * thd:.3g} %"
    line = next(x for x in lines_of(simple(default="psu_active_pfc")) if "TDD" in x.quantity)
    assert line.verdict == "held"
    assert line.reason.endswith("which is broken")


def test_loads_that_state_no_spectrum_are_counted_and_named():
    parts = {"grid": GRID, "load": LOAD, "other": LOAD}
    made = case(parts, "grid.bus -> load.bus", "load.bus -> other.bus", default="linear")
    assert not [x for x in lines_of(made) if "other loads" in x.quantity]
    said = {"spectra": {"one": SINGLE}, "loads": [{"of": "load", "spectrum": "one"}]}
    text = {"kelvolt": 1, "components": parts, "connections": ["grid.bus -> load.bus", "load.bus -> other.bus"]}
    open_lines = [x for x in lines_of(kv.read(text | {"power": {"harmonics": said}})) if "other loads" in x.quantity]
    assert [x.reason for x in open_lines] == ["1 of 2 loads state no spectrum, such as other"]


def test_item_4_judges_the_neutral_with_its_triplens():
    line = next(x for x in lines_of(four_wires(), 4) if "RMS with harmonics" in x.quantity)
    assert line.verdict == "held"
    heavy = {"one": {"order": [3], "current": [0.8], "angle": [0.0]}}
    line = next(x for x in lines_of(four_wires(spectra=heavy), 4) if "RMS with harmonics" in x.quantity)
    assert line.verdict == "broken"
    assert math.isclose(line.value, 2.4 / math.hypot(1.0, 0.8), rel_tol=1e-4)


# ---- spectra and errors ----


def test_the_ideal_spectra_are_fourier_series_of_their_waves():
    turn = np.linspace(0.0, 2.0 * np.pi, 36000, endpoint=False)
    block = np.where(np.abs(np.cos(turn)) > 0.5, np.sign(np.cos(turn)), 0.0)
    wave = np.fft.rfft(block)
    known = shipped()
    ideal = known["six_pulse_ideal"]
    for h in range(2, 51):
        assert abs(ideal.at(h) - wave[h] / wave[1]) < 2e-3
    twelve = known["twelve_pulse_ideal"]
    assert all(abs(twelve.at(h) - (ideal.at(h) if h % 12 in (1, 11) else 0.0)) < 1e-9 for h in range(2, 51))
    assert set(kv.spectra().name) == set(known)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"default": "six_pulse"}, ["there is no spectrum 'six_pulse'", "six_pulse_ideal"]),
        ({"loads": [{"of": "nobody", "spectrum": "one"}]}, ["'nobody' names no component"]),
        ({"spectra": {"one": {"order": [1, 5], "current": [1, 0.2]}}}, ["order 1", "2 to 100"]),
        ({"spectra": {"one": {"order": [5.5], "current": [0.2]}}}, ["order 5.5"]),
        ({"spectra": {"one": {"order": [5, 5], "current": [0.2, 0.1]}}}, ["order 5 stands there twice"]),
        ({"spectra": {"one": {"order": [5, 7], "current": [0.2]}}}, ["2 orders, 1 currents"]),
        ({"spectra": {"one": {"order": [5], "current": [0.2], "angle": [0, 1]}}}, ["and 2 angles"]),
        ({"spectra": {"one": {"order": [5], "current": [20]}}}, ["current = 20", "0 to 10"]),
        ({"summation": "sum"}, ["'sum' is none of phasor, iec"]),
        ({"demand": [{"of": "grid", "I": 0}]}, ["demand", "I = 0 A", "must be above 0"]),
        ({"eddy_loss": -0.1}, ["eddy_loss", "must not be negative"]),
    ],
)
def test_a_wrong_statement_is_refused_with_its_place_and_a_remedy(said, words):
    with pytest.raises(kv.InputError) as error:
        simple(**said)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_study_without_spectra_an_unknown_bus_and_a_wrong_step_are_refused():
    text = {"kelvolt": 1, "components": {"grid": GRID, "load": LOAD}, "connections": ["grid.bus -> load.bus"]}
    with pytest.raises(kv.InputError, match="states no spectra"):
        kv.harmonics(kv.read(text))
    assert len(kv.frequency_scan(kv.read(text), "grid")) == 500  # needs none
    with pytest.raises(kv.InputError, match="no live AC bus 'gird'"):
        kv.frequency_scan(simple(), "gird")
    with pytest.raises(kv.InputError, match="step = 0"):
        kv.frequency_scan(simple(), "grid", step=0.0)
    with pytest.raises(kv.InputError, match="'phasor' or 'iec'"):
        kv.harmonics(simple(), summation="arithmetic")


STAR = {"model": "ac_three_winding", "S_hv": 1e6, "S_mv": 1e6, "S_lv": 1e6, "V_hv": 20e3, "V_mv": V, "V_lv": V}
STAR |= {"vk_hm": 0.06, "vk_hl": 0.06, "vk_ml": 0.1, "Pk_hm": 9e3, "Pk_hl": 9e3, "Pk_ml": 9e3}
GRID_20 = GRID | {"V": 20e3, "S_sc": 1e9}


def three_windings(**said):
    parts = {"grid": GRID_20, "t": STAR | said.pop("windings", {}), "load": LOAD, "other": LOAD}
    return case(parts, "grid.bus -> t.hv", "t.lv -> load.bus", "t.mv -> other.bus", **said)


def test_a_harmonic_current_of_one_winding_raises_the_voltage_of_the_other_by_the_common_part_of_the_star():
    found = kv.harmonics(three_windings(default="linear", loads=[{"of": "load", "spectrum": "one"}]))
    base = V**2 / 1e6

    def pair(vk):
        return base * complex(0.009, 5.0 * math.sqrt(vk**2 - 0.009**2))

    Z_h = (pair(0.06) + pair(0.06) - pair(0.1)) / 2.0
    I_5 = 0.2 * row(found.loads, element="load").I_1
    common = grid_impedance(5, GRID_20) * (V / 20e3) ** 2 + Z_h
    other, own = row(found.buses, bus="t.mv"), row(found.buses, bus="t.lv")
    assert math.isclose(other.THD * other.V / ROOT3, I_5 * abs(common), rel_tol=5e-6)
    assert math.isclose(own.THD * own.V / ROOT3, I_5 * abs(common + pair(0.06) - Z_h), rel_tol=5e-6)


def test_two_windings_half_an_hour_of_the_fifth_apart_cancel_orders_5_and_7_for_the_grid():
    spectra = {"one": {"order": [5, 7, 11], "current": [0.2, 0.14, 0.09], "angle": ["180 deg", 0, "180 deg"]}}
    turned = kv.harmonics(three_windings(spectra=spectra, windings={"clock_mv": 0, "clock_lv": 11}))
    straight = kv.harmonics(three_windings(spectra=spectra))
    assert row(straight.delivery, source="grid").TDD == pytest.approx(math.hypot(0.2, 0.14, 0.09), rel=1e-2)
    assert row(turned.delivery, source="grid").TDD == pytest.approx(0.09, rel=1e-2)


# ---- the command ----


def test_the_command_prints_writes_and_returns_the_status(tmp_path, capsys):
    file = tmp_path / "plan.yaml"
    file.write_text(
        "kelvolt: 1\ncomponents:\n  grid: {model: ac_utility, V: 400 V, S_sc: 10 MVA}\n"
        "  load: {model: ac_load, V: 400 V, P: 200 kW}\nconnections: [grid.bus -> load.bus]\n"
        "power: {harmonics: {default: six_pulse_ideal}}\n"
    )
    assert (
        main(["harmonics", str(file), "--csv", str(tmp_path / "csv"), "--plot", str(tmp_path / "plot"), "--full"]) == 1
    )
    said = " ".join(capsys.readouterr().out.split())
    assert "BROKEN: IEEE 519-2022" in said
    assert "Resonances seen from" in said
    assert {f.name for f in (tmp_path / "csv").iterdir()} >= {"buses.csv", "branches.csv", "scan.csv"}
    assert {f.name for f in (tmp_path / "plot").iterdir()} == {"harmonic_spectrum.png", "impedance_scan.png"}
    assert main(["harmonics", str(file), "--json"]) == 1
    read = json.loads(capsys.readouterr().out)
    assert read["summation"] == "phasor"
    assert read["buses"][0]["THD"] > 0.0
