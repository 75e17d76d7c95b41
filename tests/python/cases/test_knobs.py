"""Knobs: one number for the sum of many parameters, in cases, sweeps, sizing and gradients."""

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES


@pytest.fixture
def knobbed(starter_text):
    text = starter_text + '\nknobs:\n  chips: {sum_of: "gpu[*].power", about: all chips}\n'
    return kv.read(text, name="starter.yaml")


def test_a_knob_reads_the_sum_and_sets_all_with_their_shares(knobbed):
    knobbed["gpu[2].power"] = 2.0 * knobbed["gpu[2].power"]
    before = knobbed["gpu[*].power"]
    assert knobbed.knobs == {"chips": "all chips"} and "chips" in knobbed
    assert knobbed["chips"] == pytest.approx(before.sum()) == knobbed.steady()["chips"]
    for value in ("1.2 kW", 1200.0):
        knobbed["chips"] = value
        np.testing.assert_allclose(knobbed["gpu[*].power"], before * 1200.0 / before.sum(), rtol=1e-12)
    assert knobbed.get("chips", "kW") == pytest.approx(1.2)


def test_a_knob_set_to_0_reads_0_and_is_raised_again_with_the_shares_of_the_case(knobbed):
    before = knobbed["gpu[*].power"]
    knobbed["chips"] = "0 kW"
    assert knobbed["chips"] == 0.0
    knobbed["chips"] = "1.2 kW"
    np.testing.assert_allclose(knobbed["gpu[*].power"], before * 1200.0 / before.sum(), rtol=1e-12)


def test_a_knob_takes_no_text_without_a_unit(knobbed):
    with pytest.raises(kv.InputError, match="120 has no unit; write '120 kW'"):
        knobbed["chips"] = "120"


def test_a_sum_of_temperatures_is_no_temperature(knobbed):
    solution = knobbed.steady()
    for text in ("sum(gpu[*].T_die)", "2*max(gpu[*].T_die)"):
        with pytest.raises(kv.InputError, match="sums or multiplies temperatures"):
            solution.get(text, "degC")
    kelvin = solution["mean(gpu[*].T_die)"]
    assert solution.get("mean(gpu[*].T_die)", "degC") == pytest.approx(kelvin - 273.15)
    swept = kv.sweep(
        knobbed, {"chips": [knobbed["chips"]]}, record={"s": "sum(gpu[*].T_die)", "m": "mean(gpu[*].T_die)"}
    )
    assert "units_metadata" not in swept["s"].attrs and "on_scale" in swept["m"].attrs["units_metadata"]


def test_the_gradient_by_a_knob_is_the_slope_along_it(knobbed):
    slope = knobbed.steady().gradient("max(gpu[*].T_die)", "chips")
    ends = []
    for step in (-1.0, 1.0):
        moved = knobbed.copy()
        moved["chips"] = knobbed["chips"] + step
        ends.append(moved.steady()["max(gpu[*].T_die)"])
    assert slope == pytest.approx((ends[1] - ends[0]) / 2.0, rel=1e-4)


def test_a_sweep_over_a_knob_is_the_sweep_over_factors(knobbed):
    total = knobbed["chips"]
    record = {"hot": "max(gpu[*].T_die)"}
    by_value = kv.sweep(knobbed, {"chips": [0.8 * total, total]}, record=record)
    by_factor = kv.sweep(knobbed, {"gpu[*].power": kv.times(0.8, 1.0)}, record=record)
    np.testing.assert_allclose(by_value["hot"], by_factor["hot"], atol=1e-9)
    np.testing.assert_allclose(by_value["chips"], [0.8 * total, total])
    assert by_value["chips"].attrs["units"] == "W"


def test_sizing_turns_a_knob(knobbed):
    found = kv.size(knobbed, "-1 * max(gpu[*].T_die)", {"chips": ("500 W", "4 kW")}, ["max(gpu[*].T_die) <= 70 degC"])
    assert found.feasible and found.case["chips"] == pytest.approx(found.design["chips"])
    assert found.solution.get("max(gpu[*].T_die)", "degC") == pytest.approx(70.0, abs=1e-3)


def test_an_event_of_a_run_sets_a_knob(knobbed):
    before = knobbed["gpu[*].power"]
    run = knobbed.simulate("2 s", every="1 s", record=["gpu[*].P"], events=[("1 s", {"chips": "1 W"})], progress=False)
    assert run["sum(gpu[*].P)"][0] > 20.0 * run["sum(gpu[*].P)"][-1]
    np.testing.assert_array_equal(knobbed["gpu[*].power"], before)


def test_a_scenario_sets_a_knob(starter_text):
    text = starter_text + ('\nknobs:\n  chips: {sum_of: "gpu[*].power"}\nscenarios:\n  half: {set: {chips: 600 W}}\n')
    assert kv.read(text).scenario("half")["gpu[*].power"].sum() == pytest.approx(600.0)


@pytest.mark.parametrize(
    ("knobs", "says"),
    [
        ('gpu: {sum_of: "gpu[*].power"}', "a component is called gpu"),
        ('a.b: {sum_of: "gpu[*].power"}', "is no name"),
        ("all: {about: nothing}", "sum_of"),
        ('all: {sum_of: ["gpu[*].power", facility.T_supply]}', "one quantity"),
        ('all: {sum_of: ["gpu[*].power", "gpu[1].power"]}', "named twice"),
        ("all: {sum_of: facility.T_supply}", "temperatures have no sum"),
        ('all: {sum_of: "gpu[*].powr"}', "power"),
    ],
)
def test_what_is_wrong_with_a_knob_is_named_with_its_line(starter_text, knobs, says):
    with pytest.raises(kv.InputError, match=says) as refused:
        kv.read(f"{starter_text}\nknobs:\n  {knobs}\n", name="s.yaml")
    assert refused.value.line is not None


def test_values_that_a_knob_cannot_take_are_refused_and_nothing_is_set(knobbed):
    before = knobbed["gpu[*].power"]
    for wrong, says in (("-5 kW", "range"), ("5 m", "chips|power|W"), ([1.0, 2.0, 3.0], "one number")):
        with pytest.raises(kv.InputError, match=says):
            knobbed["chips"] = wrong
    np.testing.assert_array_equal(knobbed["gpu[*].power"], before)
    knobbed["gpu[*].power"] = 0.0
    knobbed["chips"] = 5.0
    np.testing.assert_allclose(knobbed["gpu[*].power"], before * 5.0 / before.sum(), rtol=1e-12)


def test_an_event_of_the_text_says_that_it_sets_parameters(knobbed):
    with pytest.raises(kv.InputError, match="chips is a knob"):
        knobbed.edited(events=[{"at": "1 s", "set": "chips", "to": "5 W"}])


@pytest.mark.parametrize("name", ["gb200_nvl72_rack", "gb300_nvl72_rack", "oam_rack", "dense_cpu_rack"])
def test_every_shipped_rack_has_a_knob_of_its_power(name):
    case = kv.load(CASES / f"{name}.yaml")
    before = case["rack_power"]
    case["rack_power"] = 1.1 * before
    assert 2e4 < before < 2e5 and case["rack_power"] == pytest.approx(1.1 * before)


def test_a_knob_works_in_expressions_records_limits_and_objectives(knobbed):
    solution = knobbed.steady()
    assert solution["2 * chips"] == pytest.approx(2.0 * knobbed["chips"])
    assert solution["max(gpu[*].T_die) / chips"] == pytest.approx(solution["max(gpu[*].T_die)"] / knobbed["chips"])
    assert solution.get("chips / 2", "kW") == pytest.approx(knobbed.get("chips", "kW") / 2.0)
    record = {"watts": "chips", "per_flow": "chips / pump.V_flow", "hot": "max(gpu[*].T_die)"}
    swept = kv.sweep(knobbed, {"gpu[*].power": ["500 W", "1 kW"]}, record=record, progress=False)
    np.testing.assert_allclose(swept["watts"], [1500.0, 3000.0])
    one = knobbed.copy().update({"gpu[*].power": "1 kW"}).steady()
    assert float(swept["per_flow"][1]) == pytest.approx(3000.0 / one["pump.V_flow"], rel=1e-6)
    found = kv.size(
        knobbed, "-1 * chips", {"chips": ("500 W", "4 kW")}, ["max(gpu[*].T_die) <= 70 degC", "chips <= 1 kW"]
    )
    assert found.feasible and found.case["chips"] == pytest.approx(1000.0)


def test_the_gradient_of_a_run_by_a_knob_is_the_sum_with_its_shares(knobbed):
    run = knobbed.simulate("20 s", every="5 s", progress=False)
    share = knobbed["gpu[*].power"] / knobbed["chips"]
    each = run.gradient("gpu[2].T_die", "gpu[*].power").gradient
    assert run.gradient("gpu[2].T_die", "chips").gradient == pytest.approx(float(each @ share), rel=1e-9)


def test_a_name_near_that_of_a_knob_is_told(knobbed):
    with pytest.raises(kv.InputError, match=r"'chip'.*its knobs are chips"):
        knobbed["chip"] = "1 kW"
    with pytest.raises(kv.InputError, match=r"'2 \* chip'.*no 'chip'.*knobs of the case are chips"):
        knobbed.steady()["2 * chip"]
    with pytest.raises(kv.InputError, match="chips: '5 L'"):
        knobbed["chips"] = "5 L"


def test_a_profile_drives_a_knob_with_the_shares_of_its_parameters(starter_text):
    text = starter_text + '\nknobs: {chips: {sum_of: "gpu[*].power"}}\n'
    text = text.replace('to: "gpu[*].activity"', "to: chips, scale: 2").replace(
        "high: 1.0, low: 0.35", "high: 3 kW, low: 1 kW"
    )
    text = (
        text.replace("otherwise: 1.0", "otherwise: 2 kW").replace("power: 1.1 kW", "power: 1 kW")
        + 'set: {"gpu[3].power": 2 kW}\n'
    )
    case = kv.read(text)
    run = case.simulate("31 s", every="0.25 s", record=["gpu[*].power"], progress=False)
    power = run["gpu[*].power"]
    np.testing.assert_allclose(power[0], [1000.0, 1000.0, 2000.0])  # of 2 kW, twice
    np.testing.assert_allclose(power[run.time == 30.25][0], [1500.0, 1500.0, 3000.0])
    assert run["chips"][0] == pytest.approx(4000.0)


def test_a_profile_with_a_skew_drives_no_knob(starter_text):
    text = starter_text + '\nknobs: {chips: {sum_of: "gpu[*].power"}}\n'
    text = text.replace('to: "gpu[*].activity"', "to: chips, skew: 1 s").replace("1.0, low: 0.35", "3 kW, low: 1 kW")
    with pytest.raises(kv.InputError, match="chips is a knob, whose parameters follow a profile together"):
        kv.read(text.replace("otherwise: 1.0", "otherwise: 2 kW"))
