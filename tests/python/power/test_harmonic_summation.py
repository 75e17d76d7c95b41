"""How harmonic currents of several loads add: by phase, by bus, and in whichever order they are listed."""

import itertools
import math

import kelvolt as kv
import pytest

GRID = {"model": "ac4_utility", "V": 400, "S_sc": 2e6, "X_over_R": 5.0, "Z0_over_Z": 0.1}
FIFTH = {"order": [5], "current": [0.2]}
SINGLES = {f"l{p}": {"model": "ac4_load", "V": 400, f"P_{p}": 60e3} for p in "abc"}
WHOLE = {"whole": {"model": "ac4_load", "V": 400, **{f"P_{p}": 60e3 for p in "abc"}}}


def study(loads, links=None, summation="iec", spectrum=FIFTH, grid=GRID):
    text = {
        "kelvolt": 1,
        "components": {"grid": grid, **loads},
        "connections": links or [f"grid.bus -> {name}.bus" for name in loads],
        "power": {"harmonics": {"default": "one", "summation": summation, "spectra": {"one": spectrum}}},
    }
    return kv.harmonics(kv.read(text, name="summation"))


def of_grid(found):
    return found.branches[found.branches.element == "grid"].iloc[0]


def distortion(found):
    return found.buses.set_index("bus").THD["grid"]


@pytest.mark.parametrize("Z0", [0.1, 3.0])
def test_three_loads_of_one_phase_each_distort_like_one_load_on_three_phases(Z0):
    grid = GRID | {"Z0_over_Z": Z0}
    whole, singles = study(WHOLE, grid=grid), study(SINGLES, grid=grid)
    assert distortion(singles) == pytest.approx(distortion(whole), rel=1e-9)
    # a fifth of balanced phases is of negative sequence: the grid's own impedance at it, and nothing in the neutral
    size = 400**2 / 2e6
    R = size / math.hypot(1, 5)
    draws, bus = whole.loads.iloc[0], whole.buses.iloc[0]
    expected = abs(complex(R, 5 * 5 * R)) * 0.2 * draws.I_1 / (bus.V / math.sqrt(3))
    assert distortion(singles) == pytest.approx(expected, rel=1e-5) and expected > 0.09
    assert of_grid(singles).I_neutral < 1e-6 * of_grid(singles).I


def test_triplens_of_three_such_loads_add_in_the_neutral():
    found = study(SINGLES, spectrum={"order": [3], "current": [0.3]})
    assert of_grid(found).I_neutral == pytest.approx(3 * 0.3 * found.loads.I_1.max(), rel=1e-4)


def test_single_phase_circuits_tapped_from_one_bus_keep_the_angles_between_its_phases():
    parts, links = {}, []
    for p in "abc":
        parts |= {f"t{p}": {"model": "phase_tap", "phase": p}, f"l{p}": {"model": "ac1_load", "V": 231, "P": 20e3}}
        links += [f"grid.bus -> t{p}.bus", f"t{p}.line -> l{p}.bus"]
    found, phasor = study(parts, links), study(parts, links, "phasor")
    assert of_grid(found).I_neutral < 1e-6 * of_grid(found).I
    assert distortion(found) == pytest.approx(distortion(phasor), rel=1e-9)


def test_loads_on_the_same_phase_add_by_the_exponent_and_not_with_their_angles():
    pair = {f"l{k}": {"model": "ac4_load", "V": 400, "P_a": 20e3, "Q_a": k * 20e3} for k in (0, 1)}
    found = study(pair)
    one, two = (0.2 * x for x in found.loads.I_1)
    row = of_grid(found)
    assert math.sqrt(row.I**2 - row.I_1**2) == pytest.approx((one**1.4 + two**1.4) ** (1 / 1.4), rel=1e-6)


def test_the_order_in_which_loads_are_listed_changes_nothing():
    loads = WHOLE | {
        "x": {"model": "ac4_load", "V": 400, "P_a": 10e3},
        "y": {"model": "ac4_load", "V": 400, "P_a": 5e3, "Q_a": 8e3},
        "z": {"model": "ac4_load", "V": 400, "P_b": 20e3, "P_c": 5e3},
    }
    rows = []
    for names in itertools.permutations(loads):
        found = study({name: loads[name] for name in names})
        rows.append((distortion(found), of_grid(found).I, of_grid(found).I_neutral))
    for row in rows[1:]:
        assert row == pytest.approx(rows[0], rel=1e-9)
    # a balanced load has nothing in the neutral: what is there is that of the load beside it
    stiff = GRID | {"S_sc": 1e9}
    pair = WHOLE | {"x": loads["x"]}
    found, linear = study(pair, grid=stiff), study(pair, grid=stiff, spectrum=FIFTH | {"current": [0.0]})
    harmonic = math.sqrt(of_grid(found).I_neutral ** 2 - of_grid(linear).I_neutral ** 2)
    assert harmonic == pytest.approx(0.2 * found.loads.I_1.min(), rel=1e-3)
