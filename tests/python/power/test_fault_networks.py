"""Networks for short circuits: nominal voltages that boards state, parts behind taps, inputs that cannot be."""

import math

import kelvolt as kv
import pytest
from conftest import CASES
from faulted import BUS_4, LOAD_4, ROOT3, STIFF_4, at, solved, source

LOAD = {"model": "ac_load", "V": 400, "P": 1e3}
ISOLATION = {
    "model": "ac1_transformer", "S_rated": 25e3, "V_hv": 230, "V_lv": 234, "vk": 0.04, "Pk": 729, "P0": 89, "i0": 0.01,
}  # fmt: skip
SPLIT = {
    "model": "ac1_centre_tap", "S_rated": 25e3, "V_hv": 230, "V_lv": 240, "vk_hl": 0.03, "Pk_hl": 400, "P0": 80,
    "i0": 0.01,
}  # fmt: skip
OVEN = {"model": "ac1_load", "V": 240, "P": 2e3}


def hut(**more):
    """Four wires, a phase of them, two transformers and a circuit between both lines of the split phase."""
    parts = {
        "grid": STIFF_4, "load": LOAD_4, "phase": {"model": "phase_tap", "phase": "b"},
        "feeder": {"model": "ac1_switch", "R": 1e-6}, "isolation": ISOLATION, "split": SPLIT,
        "lines": {"model": "split_phase_tap"}, "oven": OVEN,
    }  # fmt: skip
    links = ["grid.bus -> load.bus", "phase.bus -> grid.bus", "phase.line -> feeder.a", "feeder.b -> isolation.hv"]
    links += ["isolation.lv -> split.hv", "lines.leg_1 -> split.lv_1", "lines.leg_2 -> split.lv_2"]
    return solved(parts | more, *links, "lines.line -> oven.bus")


def leakage(V, vk, Pk):
    """Impedance of a transformer of 25 kVA at the voltage V, with K_T."""
    r = Pk / 25e3
    x = math.sqrt(vk**2 - r**2)
    return 0.95 * 1.1 / (1 + 0.6 * x) * V**2 / 25e3 * complex(r, x)


def test_a_split_phase_circuit_behind_a_tap_has_the_impedances_of_the_loop_and_both_transformers_in_series():
    solution = hut()
    Z = source(1.1) * (234 / 230) ** 2 + leakage(234, 0.04, 729)
    V = 400 / ROOT3 * 234 / 230
    assert at(solution, "split", "1ph").Ik_max == pytest.approx(1.1 * V / abs(Z), rel=1e-5)
    Z = (Z + leakage(230, 0.03, 400)) * (240 / 230) ** 2
    assert at(solution, "oven", "1ph").Ik_max == pytest.approx(1.1 * V * 240 / 230 / abs(Z), rel=1e-5)


def test_a_split_phase_circuit_that_is_switched_off_is_dead_and_the_rest_is_still_assessed():
    solution = hut(feeder={"model": "ac1_switch", "R": 1e-6, "closed": 0})
    assert at(solution, "oven", "1ph").reason.startswith("dead")
    assert at(solution, "grid", "3ph").Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(source(1.1)), rel=1e-6)


# ---- nominal voltages ----


def hall(**more):
    """A transformer of 420 V without load, a breaker, a board that states 400 V, a cable, a breaker and a far end."""
    parts = {
        "grid": {"model": "ac_utility", "V": 20e3, "S_sc": 400e6},
        "trafo": {
            "model": "ac_transformer", "S_rated": 1.6e6, "V_hv": 20e3, "V_lv": 420, "vk": 0.06, "Pk": 13e3,
            "group": "Dyn11",
        },
        "main": {"model": "ac_switch", "R": 15e-6}, "board": {"model": "ac_bus", "V": 400},
        "cable": {"model": "ac_line", "length": 10, "R": 1e-4, "X": 1e-4, "R_0": 4e-4, "X_0": 3e-4},
        "load": LOAD,
    }  # fmt: skip
    links = ["grid.bus -> trafo.hv", "trafo.lv -> main.a", "main.b -> board.bus", "board.bus -> cable.a"]
    return parts | more, [*links, "cable.b -> load.bus"]


def test_what_a_board_states_is_the_nominal_voltage_up_to_the_transformer_and_to_the_ends_of_its_cables():
    parts, links = hall()
    solution = solved(parts, *links)
    for path, port in (("trafo", 1), ("board", 0), ("load", 0)):
        assert at(solution, path, "3ph", port=port).V_n == 400
    assert at(solution, "grid", "3ph").V_n == pytest.approx(20e3)
    # contacts have no impedance for the largest current: both sides of the breaker see the same
    currents = [at(solution, "main", "3ph", port=port).Ik_max for port in (0, 1)]
    assert currents[0] == currents[1]
    open_main = solved(parts | {"main": parts["main"] | {"closed": 0}}, *links)
    assert at(open_main, "trafo", "3ph", port=1).V_n == pytest.approx(420)
    del parts["board"]
    bare = solved(parts, *links[:2], "main.b -> cable.a", links[4])
    assert at(bare, "load", "3ph").V_n == pytest.approx(420)


def test_the_voltage_to_earth_is_that_of_the_board_and_else_the_nearest_standard_one():
    breaker = {
        "model": "ac_breaker", "I_rated": 16, "R": 1e-6, "no_trip": 1.13, "trip": 1.45, "t_conventional": 3600,
        "x_point": 2.55, "t_point_min": 1, "t_point_max": 60, "instant_min": 3, "instant_max": 5, "t_open": 0.01,
    }  # fmt: skip
    parts, links = hall(feeder=breaker)
    links = [*links[:3], "board.bus -> feeder.a", "feeder.b -> cable.a", links[4]]
    r = kv.disconnection(solved(parts, *links)).set_index("device").loc["feeder"]
    assert r.U_0 == pytest.approx(400 / ROOT3) and r.t_limit == 0.4
    del parts["board"]
    links = [*links[:2], "main.b -> feeder.a", *links[4:]]
    r = kv.disconnection(solved(parts, *links)).set_index("device").loc["feeder"]
    assert r.U_0 == 230 and r.t_limit == 0.4
    parts["trafo"] = parts["trafo"] | {"V_lv": 480}
    parts["load"] = LOAD | {"V": 480}
    r = kv.disconnection(solved(parts, *links)).set_index("device").loc["feeder"]
    assert r.U_0 == 277 and r.t_limit == 0.2


@pytest.mark.parametrize("order", [("low", "high"), ("high", "low")])
def test_two_boards_of_one_network_with_different_nominal_voltages_are_refused_by_name(order):
    boards = {"low": {"model": "ac_bus", "V": 400}, "high": {"model": "ac_bus", "V": 480}}
    parts = {"grid": {"model": "ac_utility", "V": 400, "S_sc": 10e6}, "load": LOAD}
    parts |= {name: boards[name] for name in order}
    solution = solved(parts, "grid.bus -> load.bus", "grid.bus -> low.bus", "grid.bus -> high.bus")
    with pytest.raises(kv.InputError, match="one nominal voltage") as raised:
        kv.short_circuit(solution)
    assert "low states V = 400 V" in str(raised.value) and "high states V = 480 V" in str(raised.value)


# ---- inputs that cannot be ----


@pytest.mark.parametrize("model", ["ac_utility", "ac4_utility"])
def test_a_grid_whose_smallest_short_circuit_power_is_above_its_largest_is_refused(model):
    grid = {"model": model, "V": 400, "S_sc": 10e6, "S_sc_min": 20e6}
    load = LOAD if model == "ac_utility" else LOAD_4
    with pytest.raises(kv.InputError, match=r"S_sc_min = 2e\+07 VA is above S_sc = 1e\+07 VA"):
        solved({"grid": grid, "load": load}, "grid.bus -> load.bus")


def test_a_matrix_line_whose_mutual_reactance_is_above_its_own_is_refused_and_one_just_below_is_not():
    line = {"model": "ac4_matrix_line", "length": 50}
    line |= {f"R_{w}": 4e-4 for w in ("aa", "bb", "cc", "nn")} | {f"X_{w}": 6e-4 for w in ("aa", "bb", "cc", "nn")}
    parts = {"grid": STIFF_4, "line": line | {"X_ab": 5.9e-4}, "end": BUS_4, "load": LOAD_4}
    links = ["grid.bus -> line.a", "line.b -> end.bus", "end.bus -> load.bus"]
    # equal coupling of a and b alone: Z_1 = Z_s - Z_m of the means
    Z = source(1.1) + 50 * complex(4e-4, 6e-4 - 5.9e-4 / 3)
    assert at(solved(parts, *links), "end", "3ph").Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(Z), rel=1e-5)
    with pytest.raises(kv.InputError, match="reactances do not fit together: .* conductor b"):
        solved(parts | {"line": line | {"X_ab": 7e-4}}, *links)


def test_the_shipped_campus_with_its_split_phase_hut_is_assessed_up_to_the_last_circuit():
    table = kv.short_circuit(kv.load(CASES / "edge_campus.yaml"))
    rows = table[table.kind == "1ph"].set_index("bus")
    halves, both = rows.loc["split.lv_1"], rows.loc["lines.line"]
    assert halves.Ik_max == pytest.approx(rows.loc["split.lv_2"].Ik_max, rel=1e-6)
    # both halves in series: twice the voltage, more than twice the impedance of one
    assert both.V_n == pytest.approx(2 * halves.V_n) and 0 < both.Ik_max < halves.Ik_max
