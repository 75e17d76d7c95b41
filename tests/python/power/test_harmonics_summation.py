"""Currents of several loads at one bus, added by the exponents of IEC 61000-3-6: equal sets of loads are equal."""

import math

import kelvolt as kv
import pytest

GRID = {"model": "ac4_utility", "V": 400, "S_sc": 10e6, "X_over_R": 5.0, "Z0_over_Z": 3.0}


def solved(loads, *, current=0.2, order=5):
    parts = {"grid": GRID} | {name: {"model": "ac4_load", "V": 400} | one for name, one in loads.items()}
    spectra = {"one": {"order": [order], "current": [current]}}  # without angles, so that exponents are used
    made = {"kelvolt": 1, "components": parts, "connections": [f"grid.bus -> {k}.bus" for k in loads]}
    found = kv.harmonics(kv.read(made | {"power": {"harmonics": {"default": "one", "spectra": spectra}}}, name="h"))
    assert found.summation == "iec"
    return found


def at_grid(found):
    branches = found.branches.set_index("element")
    return branches.loc["grid"], found.buses.THD[0]


WHOLE = {"y": {"P_a": 60e3, "P_b": 60e3, "P_c": 60e3}}
BY_PHASE = {f"l{p}": {f"P_{p}": 60e3} for p in "abc"}


@pytest.mark.parametrize("order", [3, 5, 7])
def test_three_single_phase_loads_draw_what_one_three_phase_load_draws(order):
    (grid, thd), (grid_3, thd_3) = (at_grid(solved(x, order=order)) for x in (WHOLE, BY_PHASE))
    assert thd_3 == pytest.approx(thd, rel=1e-6)
    assert grid_3.I == pytest.approx(grid.I, rel=1e-6)
    if order == 3:  # triplens add up in the neutral
        assert grid_3.I_neutral == pytest.approx(3 * 0.2 * grid.I_1, rel=1e-3)
    else:
        assert grid_3.I_neutral == pytest.approx(0.0, abs=1e-3)


def test_the_order_of_loads_does_not_matter_and_the_neutral_has_the_current_of_the_single_phase_load():
    x = {"x": {"P_a": 10e3}}
    (one, thd), (other, thd_2) = at_grid(solved(x | WHOLE)), at_grid(solved(WHOLE | x))
    assert one.I_neutral == pytest.approx(other.I_neutral, rel=1e-9) and thd == pytest.approx(thd_2, rel=1e-9)
    own = solved(x | WHOLE).loads.set_index("element").I_1["x"]
    assert one.I_neutral == pytest.approx(own * math.hypot(1, 0.2), rel=1e-2)  # fundamental and fifth of x


def test_loads_on_one_phase_add_by_the_exponent():
    h = solved({"p": {"P_a": 30e3}, "q": {"P_a": 30e3}}, order=11)
    I_1 = h.loads.I_1.iloc[0]
    grid, _ = at_grid(h)
    assert grid.THD * grid.I_1 == pytest.approx(0.2 * I_1 * 2 ** (1 / 2.0), rel=1e-3)  # exponent 2 above order 10
