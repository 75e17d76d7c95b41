"""Arc flash: the worked examples of IEEE 1584-2018, its range, and the clearing time from a plan's own devices."""

import math

import kelvolt as kv
import pytest
from kelvolt.power.arc_energy import (
    BURN,
    CAL_PER_CM2,
    ELECTRODES,
    Equipment,
    arc,
    arcing_current,
    outside,
    size_factor,
    variation,
)

# annexes D.1 and D.2, as quoted in public tests of other programs (see data/checks/arc_flash.yaml)
MEDIUM = Equipment("VCB", 4160, 0.104, 0.9144, 1.143, 0.762, 0.508)
LOW = Equipment("VCB", 480, 0.032, 0.6096, 0.610, 0.610, 0.254)


def test_the_worked_example_at_medium_voltage_comes_out_in_every_digit():
    assert round(arcing_current(MEDIUM, 15e3, False) / 1e3, 3) == 12.979
    assert round(arcing_current(MEDIUM, 15e3, True) / 1e3, 3) == 12.675
    assert round(variation(MEDIUM), 3) == 0.047
    assert round(size_factor(MEDIUM), 3) == 1.284
    full, reduced = arc(MEDIUM, 15e3, 0.197, False), arc(MEDIUM, 15e3, 0.223, True)
    assert (round(full.energy / 1e4, 3), round(1e3 * full.boundary)) == (12.152, 1606)
    assert (round(reduced.energy / 1e4, 3), round(1e3 * reduced.boundary)) == (13.343, 1704)


def test_the_worked_example_at_low_voltage_comes_out_in_every_digit():
    assert round(variation(LOW), 3) == 0.247
    assert round(size_factor(LOW), 3) == 1.085
    full, reduced = arc(LOW, 45e3, 0.0613, False), arc(LOW, 45e3, 0.319, True)
    assert (round(full.I_arc / 1e3, 3), round(full.energy / 1e4, 3)) == (28.793, 11.585)
    assert round(1e3 * full.boundary) == 1029
    assert (round(reduced.I_arc / 1e3, 3), round(reduced.energy / 1e4, 3)) == (25.244, 53.156)
    assert round(1e3 * reduced.boundary) == 2669


def test_just_above_600_V_the_reduced_case_lowers_every_intermediate_current():
    # reported in 2022 to the authors of the standard's spreadsheet, which gives 7.0153 there
    e = Equipment("VCB", 601, 0.01905, 0.305, 0.2, 0.2, 0.1)
    assert arc(e, 65e3, 0.01, True).energy / 1e4 == pytest.approx(4.7638, abs=5e-5)


@pytest.mark.parametrize("electrodes", ELECTRODES)
@pytest.mark.parametrize("V", [400.0, 2000.0, 10e3])
def test_energy_grows_with_time_and_is_that_of_the_burn_at_the_boundary(electrodes, V):
    e = Equipment(electrodes, V, 0.032, 0.6096, 0.6, 0.6, 0.3)
    short, long = arc(e, 20e3, 0.1, False), arc(e, 20e3, 0.2, False)
    assert long.energy == pytest.approx(2 * short.energy, rel=1e-12)
    assert short.I_arc < 20e3
    if V <= 600.0:
        there = Equipment(electrodes, V, 0.032, long.boundary, 0.6, 0.6, 0.3)
        assert arc(there, 20e3, 0.2, False).energy == pytest.approx(BURN, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "I_bf", "said"),
    [
        ({"V": 200.0}, 20e3, "V 200 V"),
        ({"V": 16e3}, 20e3, "V 16000 V"),
        ({}, 110e3, "fault current 110 kA"),
        ({"gap": 0.1}, 20e3, "gap 100 mm"),
        ({"distance": 0.3}, 20e3, "distance 300 mm"),
        ({"width": 0.1}, 20e3, "width of the box 100 mm"),
        ({"depth": math.nan}, 20e3, "depth is not stated"),
        ({"electrodes": "VX"}, 20e3, "electrodes VX"),
    ],
)
def test_what_lies_outside_the_range_of_the_model_is_refused_with_the_range(changes, I_bf, said):
    e = Equipment(**(vars(LOW) | changes))
    assert said in outside(e, I_bf)
    with pytest.raises(kv.InputError, match=r"arc flash: "):
        arc(e, I_bf, 0.1, False)


BOARD = {"model": "ac_bus", "V": 400, "electrodes": "VCB", "gap": "32 mm", "arc_distance": "609.6 mm",
         "box_height": "508 mm", "box_width": "508 mm", "box_depth": "508 mm"}  # fmt: skip
BREAKER = {"model": "ac_breaker", "I_rated": 1000, "short_at": 4, "t_short_min": 0.1, "t_short_max": 0.2,
           "t_open": 0.05}  # fmt: skip


def plan(breaker=BREAKER, **more):
    parts = {
        "grid": {"model": "ac_utility", "V": 400, "S_sc": 20e6}, "main": breaker, "board": BOARD | more,
        "load": {"model": "ac_load", "V": 400, "P": 1e3},
    }  # fmt: skip
    links = ["grid.bus -> main.a", "main.b -> board.bus", "board.bus -> load.bus"]
    return kv.read({"kelvolt": 1, "components": parts, "connections": links}, name="board")


def test_a_board_burns_until_the_device_before_it_has_cleared_the_reduced_arcing_current():
    r = kv.arc_flash(plan()).iloc[0]
    e = Equipment("VCB", 400, 0.032, 0.6096, 0.508, 0.508, 0.508)
    I_bf = 20e6 / (math.sqrt(3) * 400)
    assert (r.device, r.verdict) == ("main", "held")
    assert r.t == pytest.approx(0.25)
    assert r.I_bf == pytest.approx(I_bf, rel=1e-6)
    both = [arc(e, I_bf, 0.25, reduced).energy for reduced in (False, True)]
    assert r.energy == pytest.approx(max(both), rel=1e-6)


def test_an_arc_below_the_pick_up_burns_for_the_longest_time_and_breaks_the_limit():
    checked = kv.power_check(plan(BREAKER | {"short_at": 30}), failures=False)
    r = kv.arc_flash(plan(BREAKER | {"short_at": 30})).iloc[0]
    assert r.t == 2.0 and "counted for 2 s" in r.reason
    assert r.energy > 40 * CAL_PER_CM2 and r.verdict == "broken"
    line = next(x for x in checked.lines if x.item == 7)
    assert (line.element, line.verdict) == ("board", "broken")
    assert line.value == pytest.approx(r.energy)


def test_a_bus_without_electrodes_is_no_board_and_one_outside_the_range_is_not_assessed():
    bare = plan(electrodes="not_stated")
    assert not len(kv.arc_flash(bare))
    line = next(x for x in kv.power_check(bare, failures=False).lines if x.item == 7)
    assert line.verdict == "not assessed" and "no board is described" in line.reason
    r = kv.arc_flash(plan(gap="100 mm")).iloc[0]
    assert r.verdict == "not assessed" and "gap 100 mm" in r.reason
