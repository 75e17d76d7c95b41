"""Short-circuit impedances of three-winding and split-phase transformers, taps and lines by their matrix."""

import math

import kelvolt as kv
import pytest
from faulted import BUS_4, E_MAX, LOAD_4, ROOT3, STIFF_4, at, solved, source

WINDINGS = {
    "model": "ac_three_winding", "S_hv": 63e6, "S_mv": 40e6, "S_lv": 25e6, "V_hv": 110e3, "V_mv": 20e3, "V_lv": 10e3,
    "vk_hm": 0.104, "vk_ml": 0.07, "vk_hl": 0.11, "Pk_hm": 0.0028 * 40e6, "Pk_ml": 0.0032 * 25e6,
    "Pk_hl": 0.0035 * 25e6,
}  # fmt: skip


def three_windings(grid=None, **more):
    parts = {
        "grid": {"model": "ac_utility", "V": 110e3, "S_sc": 2000e6, "S_sc_min": 1500e6, "X_over_R": 10} | (grid or {}),
        "trafo": WINDINGS | more,
        "hv": {"model": "ac_bus", "V": 110e3},
        "mv": {"model": "ac_bus", "V": 20e3},
        "lv": {"model": "ac_bus", "V": 10e3},
        "small": {"model": "ac_load", "V": 10e3, "P": 1e3},
    }
    links = [
        "grid.bus -> hv.bus",
        "hv.bus -> trafo.hv",
        "trafo.mv -> mv.bus",
        "trafo.lv -> lv.bus",
        "lv.bus -> small.bus",
    ]
    return solved(parts, *links)


def test_faults_behind_a_three_winding_transformer_are_those_of_pandapower():
    # pandapower 3.5.6, calc_sc with trafo3w, kappa_method C, on the same network; kA
    found = {
        "hv": (10.497277621629564, 25.920082653388253, 7.8729582162221705),
        "mv": (10.22262090648177, 27.318777750418754, 8.840792395424959),
        "lv": (13.061326876679333, 34.91953206672925, 11.39806781755825),
    }
    solution = three_windings()
    for bus, (largest, peak, smallest) in found.items():
        r = at(solution, bus, "3ph")
        assert r.Ik_max == pytest.approx(1e3 * largest, rel=1e-6), bus
        assert r.ip == pytest.approx(1e3 * peak, rel=1e-6), bus
        assert r.Ik_min == pytest.approx(1e3 * smallest, rel=1e-6), bus


def star(V=20e3):
    """Impedances of hv, mv, lv and of the grid for the smallest currents, on the side of V."""

    def pair(vk, r, S):
        return V * V / S * complex(r, math.sqrt(vk * vk - r * r))

    hm, hl, ml = pair(0.104, 0.0028, 40e6), pair(0.11, 0.0035, 25e6), pair(0.07, 0.0032, 25e6)
    grid = V * V / 1500e6 * complex(1, 10) / math.sqrt(101)
    return (hm + hl - ml) / 2, (hm + ml - hl) / 2, (hl + ml - hm) / 2, grid


def test_a_delta_winding_closes_the_zero_sequence_of_an_earthed_star_and_an_isolated_star_does_not():
    hv, mv, lv, grid = star()
    closed = three_windings(connection_hv="star", connection_mv="star_earthed", connection_lv="delta", Z0_over_Z=0.9)
    whole = (2 * (grid + hv + mv) + 0.9 * (mv + lv)) / 3
    r = at(closed, "mv", "1ph", corrections=False)
    assert r.Ik_min == pytest.approx(20e3 / ROOT3 / abs(whole), rel=1e-6)
    assert at(closed, "lv", "1ph").reason.startswith("the zero sequence has no path")
    open_ = three_windings(connection_hv="star", connection_mv="star_earthed", connection_lv="star")
    assert math.isnan(at(open_, "mv", "1ph").Ik_max)


def test_an_earthed_star_on_the_grid_side_takes_part_where_the_grid_states_its_zero_sequence():
    hv, mv, lv, grid = star()
    solution = three_windings(
        {"Z0_over_Z": 1.5}, connection_hv="star_earthed", connection_mv="star_earthed", connection_lv="delta"
    )
    zero = mv + 1 / (1 / lv + 1 / (hv + 1.5 * grid))
    whole = (2 * (grid + hv + mv) + zero) / 3
    r = at(solution, "mv", "1ph", corrections=False)
    assert r.Ik_min == pytest.approx(20e3 / ROOT3 / abs(whole), rel=1e-6)


def test_a_three_winding_transformer_without_stated_connections_leaves_faults_of_one_phase_unassessed_by_name():
    r = at(three_windings(), "mv", "1ph")
    assert math.isnan(r.Ik_max) and "trafo states no connection_hv" in r.reason


SPLIT = {"model": "ac1_centre_tap", "S_rated": 50e3, "V_hv": 230, "V_lv": 240, "vk_hl": 0.03, "Pk_hl": 600}


def split_phase():
    small = {"model": "ac1_load", "V": 120, "P": 10}
    parts = {
        "grid": STIFF_4, "board": BUS_4, "tap": {"model": "phase_tap", "phase": "a"}, "trafo": SPLIT, "one": small,
        "two": small, "both": {"model": "split_phase_tap"}, "dryer": small | {"V": 240}, "base": LOAD_4,
    }  # fmt: skip
    return solved(
        parts,
        *["grid.bus -> board.bus", "board.bus -> tap.bus", "board.bus -> base.bus", "tap.line -> trafo.hv"],
        *["trafo.lv_1 -> one.bus", "trafo.lv_2 -> two.bus", "trafo.lv_1 -> both.leg_1", "trafo.lv_2 -> both.leg_2"],
        "both.line -> dryer.bus",
    )


def test_a_centre_tap_gives_each_half_its_own_impedance_and_both_lines_that_of_the_whole_winding():
    solution = split_phase()
    r, x2 = 600 / 50e3, 0.03**2 - (600 / 50e3) ** 2
    whole = 240**2 / 50e3 * complex(r, math.sqrt(x2))  # at 240 V
    # interlaced halves: 1.5 of the resistance and 1.2 of the reactance, on half of the rating
    half = (120 / 240) ** 2 * 240**2 / 50e3 * complex(1.5 * r, 1.2 * math.sqrt(x2))
    one, both = at(solution, "one", "1ph", corrections=False), at(solution, "dryer", "1ph", corrections=False)
    ratio = 240 / 230
    grid = source()  # phase to neutral: (2 Z_1 + Z_0)/3 with Z_0 = Z_1
    V = 400 / ROOT3 * ratio
    assert one.V_n == pytest.approx(V / 2, rel=1e-6) and both.V_n == pytest.approx(V, rel=1e-6)
    assert one.Ik_min == pytest.approx(0.9 * V / 2 / abs(half + grid * (ratio / 2) ** 2), rel=1e-6)
    assert both.Ik_min == pytest.approx(0.9 * V / abs(whole + grid * ratio**2), rel=1e-6)


def test_a_single_phase_transformer_behind_a_tap_has_the_nominal_voltage_of_its_own_side():
    small = {"model": "ac1_load", "V": 115, "P": 10}
    trafo = {"model": "ac1_transformer", "S_rated": 5e3, "V_hv": 230, "V_lv": 115, "vk": 0.04, "Pk": 100}
    parts = {"grid": STIFF_4, "board": BUS_4, "tap": {"model": "phase_tap"}, "trafo": trafo, "small": small}
    links = ["grid.bus -> board.bus", "board.bus -> tap.bus", "tap.line -> trafo.hv", "trafo.lv -> small.bus"]
    r = at(solved(parts, *links), "small", "1ph")
    own = 115**2 / 5e3 * complex(0.02, math.sqrt(0.04**2 - 0.02**2))
    assert r.V_n == pytest.approx(400 / ROOT3 / 2, rel=1e-6)
    assert r.Ik_min == pytest.approx(0.9 * r.V_n / abs(own + source(0.9) / 4), rel=1e-6)


def matrix(R_s, X_s, R_m, X_m, **more):
    values = {f"R_{k}{k}": R_s for k in "abc"} | {f"X_{k}{k}": X_s for k in "abc"}
    values |= {f"R_{k}": R_m for k in ("ab", "ac", "bc")} | {f"X_{k}": X_m for k in ("ab", "ac", "bc")}
    return {"model": "ac4_matrix_line", "length": 100, "I_max": 100} | values | more


def behind(line):
    parts = {"grid": STIFF_4, "board": BUS_4, "line": line, "end": BUS_4, "load": LOAD_4}
    return solved(parts, "grid.bus -> board.bus", "board.bus -> line.a", "line.b -> end.bus", "end.bus -> load.bus")


def test_a_transposed_matrix_line_has_the_sequence_impedances_of_its_matrix():
    solution = behind(matrix(4e-4, 5e-4, 1e-4, 2e-4, return_path="earth"))
    Z_1, Z_0 = 100 * complex(3e-4, 3e-4), 100 * complex(6e-4, 9e-4)
    assert at(solution, "end", "3ph").Ik_max == pytest.approx(E_MAX / abs(source(1.1) + Z_1), rel=1e-6)
    whole = (2 * (source(1.1) + Z_1) + source(1.1) + Z_0) / 3
    assert at(solution, "end", "1ph").Ik_max == pytest.approx(E_MAX / abs(whole), rel=1e-5)
    assert solution["line.coupling"] == pytest.approx(0.0, abs=1e-9)


def test_the_neutral_of_a_four_wire_matrix_is_coupled_with_the_phases():
    line = matrix(4e-4, 5e-4, 1e-4, 2e-4, R_nn=5e-4, X_nn=6e-4)
    line |= {f"R_{k}n": 1e-4 for k in "abc"} | {f"X_{k}n": 1.5e-4 for k in "abc"}
    solution = behind(line)
    # a fault of one phase goes out by a phase and back by the neutral: Z_pp + Z_nn - 2 Z_pn
    loop = 100 * (complex(4e-4, 5e-4) + complex(5e-4, 6e-4) - 2 * complex(1e-4, 1.5e-4))
    assert at(solution, "end", "1ph").Ik_max == pytest.approx(E_MAX / abs(source(1.1) + loop), rel=1e-5)
    Z_1 = 100 * complex(3e-4, 3e-4)
    assert at(solution, "end", "3ph").Ik_max == pytest.approx(E_MAX / abs(source(1.1) + Z_1), rel=1e-6)


def test_a_matrix_line_that_is_not_transposed_says_how_much_its_faults_leave_out():
    flat = matrix(4e-4, 5e-4, 1e-4, 2e-4, return_path="earth", X_ac=1.5e-4)
    solution = behind(flat)
    # by hand: only the element ac differs from its mean; its sequences couple by up to 2/3 of the difference
    Z_1 = abs(complex(3e-4, 5e-4 - 5.5e-4 / 3))
    assert solution["line.coupling"] == pytest.approx(2 / 3 * 0.5e-4 / Z_1, rel=1e-6)


def test_load_losses_of_three_windings_that_would_let_the_transformer_give_power_are_refused():
    # seen from hv alone the losses of two pairs leave nothing for mv and lv, which would have to give it back
    with pytest.raises(kv.InputError, match="do not fit together"):
        three_windings(Pk_hm=1e3, Pk_hl=1e3, Pk_ml=80e3)
