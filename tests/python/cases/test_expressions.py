"""One grammar of expressions in solutions, runs, gradients and records of sweeps."""

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.comparisons import Comparison


def test_a_solution_reads_expressions(case):
    sol = case.steady()
    die = sol["gpu[*].T_die"]
    assert sol["max(gpu[*].T_die)"] == die.max() and isinstance(sol["max(gpu[*].T_die)"], float)
    assert sol["sum(gpu[*].P)"] == pytest.approx(sol["gpu[*].P"].sum(), rel=1e-15)
    assert sol["mean(gpu[*].T_die) - min(gpu[*].T_die)"] == pytest.approx(die.mean() - die.min())
    rise = sol["gpu[*].T_die - facility.T_supply"]
    assert rise.shape == die.shape and rise == pytest.approx(die - sol["facility.T_supply"])
    assert sol["2 * pump.P_el"] == 2.0 * sol["pump.P_el"]
    assert sol.at("max(gpu[1].T_die, gpu[2].T_die)") == die[:2].max()


def test_an_expression_is_read_in_a_unit_it_has(case):
    sol = case.steady()
    assert sol.get("max(gpu[*].T_die)", "degC") == pytest.approx(sol["gpu[*].T_die"].max() - 273.15)
    assert sol.get("max(gpu[*].T_die) - facility.T_supply", "K") == pytest.approx(
        sol["gpu[*].T_die"].max() - sol["facility.T_supply"]
    )
    with pytest.raises(kv.InputError, match="no unit that is known"):
        sol.get("pump.P_el * gpu[1].T_die", "W")


@pytest.mark.parametrize(
    ("text", "limit", "unit"),
    [
        ("max(gpu[*].T_die) <= 6 degC", 279.15, "K"),
        ("max(gpu[*].T_die) - facility.T_supply <= 6 degC", 6.0, "delta_K"),
        ("abs(gpu[1].T_die - facility.T_supply) <= 6 degC", 6.0, "delta_K"),
        ("max(abs(gpu[*].T_die - facility.T_supply)) <= 6 K", 6.0, "delta_K"),
        ("sum(gpu[*].T_die - facility.T_supply) <= 9 degF", 5.0, "delta_K"),
        ("mean(gpu[*].T_die) >= 6 degC", 279.15, "K"),
    ],
)
def test_degrees_in_a_limit_of_a_difference_are_kelvin_without_an_offset(case, text, limit, unit):
    made = Comparison(text, lambda path: "K")
    assert made.right == pytest.approx(limit) and made.unit == unit


def test_degrees_beside_what_is_neither_a_temperature_nor_a_difference_are_refused(case):
    with pytest.raises(kv.InputError, match=r"two meanings; write '279.15 K' or '6 K'"):
        Comparison("sum(gpu[*].T_die) <= 6 degC", lambda path: "K")


def test_a_temperature_less_a_number_is_compared_with_kelvin_as_degrees_have_two_meanings_there():
    with pytest.raises(kv.InputError, match="two meanings"):
        Comparison("gpu.T_die - 298.15 <= 30 degC", lambda path: "K")
    assert Comparison("gpu.T_die - 298.15 <= 30 K", lambda path: "K").right == 30.0
    assert Comparison("sum(gpu[*].T_die) <= 600 K", lambda path: "K").right == 600.0


def test_a_limit_of_a_case_on_a_difference_reads_degrees_as_kelvin(starter_text):
    text = starter_text.replace("limits:\n", "limits:\n  - {of: exchanger.approach, max: 6 degC, id: near}\n")
    verdict = next(v for v in kv.read(text).steady().raw.verdicts if v.id == "near")
    assert verdict.limit == 6.0 and verdict.unit == "delta_K"


def test_what_is_neither_path_nor_expression_says_what_it_is(case):
    sol = case.steady()
    with pytest.raises(kv.InputError, match="T_dye|T_die"):
        sol["gpu[*].T_dye"]
    with pytest.raises(kv.InputError, match="T_dye|T_die"):
        sol["max(gpu[*].T_dye)"]
    with pytest.raises(kv.InputError, match="joins arrays of 3 and"):
        sol["gpu[*].T_die - gpu[1..2].T_die"]
    with pytest.raises(kv.InputError):
        sol["largest(gpu[*].T_die)"]


def test_a_run_reads_expressions_at_every_row(case):
    run = case.simulate("5 s", every="1 s", progress=False)
    die = run["gpu[*].T_die"]
    np.testing.assert_array_equal(run["max(gpu[*].T_die)"], die.max(axis=1))
    np.testing.assert_allclose(run.get("max(gpu[*].T_die)", "degC"), die.max(axis=1) - 273.15)
    np.testing.assert_allclose(run["gpu[*].T_die - min(gpu[*].T_die)"], die - die.min(axis=1)[:, None])
    with pytest.raises(kv.InputError, match="ask for kind='value'"):
        run.get("max(gpu[*].T_die)", kind="mean")
    with pytest.raises(kv.InputError, match="not recorded"):
        run["max(hose[*].Re)"]


def test_the_gradient_of_a_maximum_is_that_of_the_hottest_element(case):
    case["gpu[2].power"] = 1.2 * case["gpu[2].power"]
    sol = case.steady()
    hottest = int(np.argmax(sol["gpu[*].T_die"]))
    each = sol.gradient("gpu[*].T_die", "gpu[*].power")
    np.testing.assert_array_equal(sol.gradient("max(gpu[*].T_die)", "gpu[*].power"), each[hottest])
    np.testing.assert_allclose(sol.gradient("sum(gpu[*].T_die)", "gpu[*].power"), each.sum(axis=0))
    by_supply = sol.gradient("max(gpu[*].T_die) - facility.T_supply", "facility.T_supply")
    assert by_supply == pytest.approx(sol.gradient(f"gpu[{hottest + 1}].T_die", "facility.T_supply") - 1.0)
    assert sol.gradient("gpu[*].T_die - facility.T_supply", "gpu[1].power").shape == (3,)


def test_a_gradient_of_an_expression_is_the_slope_of_its_values(case):
    text = "max(gpu[*].T_die) / facility.T_supply"
    case["gpu[1].power"] = 1.05 * case["gpu[1].power"]  # the hottest alone, since a maximum of equal ones has no slope
    step = 0.01
    ends = []
    for sign in (-1.0, 1.0):
        moved = case.copy()
        moved["gpu[1].power"] = case["gpu[1].power"] + sign * step
        ends.append(moved.steady()[text])
    slope = case.steady().gradient(text, "gpu[1].power")
    assert slope == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-4, abs=1e-12)


def test_a_sweep_records_expressions(case, tmp_path):
    record = {"rise": "max(gpu[*].T_die) - facility.T_supply", "each": "gpu[*].T_die - facility.T_supply"}
    question = {"axes": {"facility.T_supply": [290.0, 300.0]}, "record": record, "output": tmp_path / "s.h5"}
    swept = kv.sweep(case, **question, progress=False)
    assert swept["rise"].dims == ("facility_T_supply",) and swept["each"].dims == ("facility_T_supply", "gpu")
    assert swept["rise"].attrs["units"] == "K"
    assert swept["rise"].attrs["units_metadata"] == "temperature: difference"
    for k, supply in enumerate((290.0, 300.0)):
        sol = case.copy().update({"facility.T_supply": supply}).steady()
        assert float(swept["rise"][k]) == pytest.approx(sol[record["rise"]], abs=1e-7)
        np.testing.assert_allclose(swept["each"][k], sol[record["each"]], atol=1e-7)
    other = question | {"record": record | {"rise": "min(gpu[*].T_die) - facility.T_supply"}}
    with pytest.raises(kv.InputError, match="no result of this sweep"):
        kv.sweep(case, **other)


def test_a_sweep_in_time_records_expressions_and_a_failed_point_has_none(case):
    swept = kv.sweep(
        case,
        {"pump.speed": [-1.0, 1.0]},
        record=["max(gpu[*].T_die) - min(gpu[*].T_die)"],
        simulate={"duration": 2.0, "every": 1.0},
    )
    name = "max(gpu[*].T_die) - min(gpu[*].T_die)"
    assert swept[name].dims == ("pump_speed", "time") and np.isnan(swept[name][0]).all()
    assert (swept[name][1] >= 0.0).all()


@pytest.mark.parametrize(
    "text",
    [
        "gpu[1].T_die + pump.V_flow",
        "pump.P_el - max(gpu[*].T_die)",
        "max(gpu[1].T_die, pump.P_el)",
        "sqrt(gpu[1].T_die + pump.dp) * 3",
        "abs(pump.dp - pump.P_el)",
    ],
)
def test_values_of_different_units_are_not_joined_and_both_are_named(case, text):
    sol = case.steady()
    run = case.simulate("2 s", every="1 s", progress=False)
    asks = [
        lambda: sol[text],
        lambda: run[text],
        lambda: sol.gradient(text, "gpu[1].power"),
        lambda: kv.sweep(case, {"pump.speed": [1.0]}, record={"x": text}, progress=False),
        lambda: kv.size(case, text, {"pump.speed": (0.5, 1.0)}),
        lambda: kv.size(case, "pump.P_el", {"pump.speed": (0.5, 1.0)}, [f"{text} <= pump.P_el"]),
    ]
    for ask in asks:
        with pytest.raises(kv.InputError, match=r" in (K|W|m3/s|Pa) and .* in (K|W|m3/s|Pa);"):
            ask()


def test_values_of_one_unit_are_joined_whatever_their_kind(case):
    sol = case.steady()
    assert sol["pump.a.p - pump.dp"] == pytest.approx(sol["pump.a.p"] - sol["pump.dp"])
    rise = sol["gpu[1].T_die - facility.T_supply"]
    assert sol.get("abs(facility.T_supply - gpu[1].T_die)", "K") == pytest.approx(rise)
    assert sol["pump.P_el / gpu[1].T_die + 3"] > 3.0
    assert sol.get("pump.P_el + 100", "W") == pytest.approx(sol["pump.P_el"] + 100.0)


def test_a_weighted_sum_may_join_units_since_a_weight_may_be_a_price(case):
    sol = case.steady()
    assert sol["pump.P_el + 1e5 * pump.V_flow"] == pytest.approx(sol["pump.P_el"] + 1e5 * sol["pump.V_flow"])
    with pytest.raises(kv.InputError, match="no unit that is known"):
        sol.get("pump.P_el + 1e5 * pump.V_flow", "W")


def test_a_limit_compares_values_of_one_unit(case):
    with pytest.raises(kv.InputError, match="compares pump.P_el in W with pump.dp in Pa"):
        kv.size(case, "pump.P_el", {"pump.speed": (0.5, 1.0)}, ["pump.P_el <= pump.dp"])
    with pytest.raises(kv.InputError, match="has no unit that is known; write a number in SI"):
        kv.size(case, "pump.P_el", {"pump.speed": (0.5, 1.0)}, ["pump.P_el * pump.dp <= 3 kPa"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("max(nix)", r"'max\(nix\)': .*no 'nix'.*gpu"),
        ("max(gpu)", r"'max\(gpu\)': .*gpu.* 3 elements"),
        ("max(nix.T)", r"'max\(nix.T\)': .*no 'nix'"),
        ("2 * gpu[1].T_dye", r"'2 \* gpu\[1\].T_dye': .*did you mean 'T_die'"),
        ("maximum(gpu[*].T_die)", r"no function 'maximum' \(did you mean max\?\)"),
    ],
)
def test_an_unknown_name_in_an_expression_is_told_with_the_expression_and_what_is_near(case, text, says):
    with pytest.raises(kv.InputError, match=says):
        case.steady()[text]
    with pytest.raises(kv.InputError, match=says):
        kv.sweep(case, {"pump.speed": [1.0]}, record=[text], progress=False)
