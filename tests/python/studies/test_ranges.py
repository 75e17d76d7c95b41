"""Ranges: distributions, draws, percentiles, probabilities, Sobol indices, curves, the command line."""

import json

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from kelvolt import _core
from kelvolt.cli.commands import main
from kelvolt.studies.ranges_inputs import Inputs, distributed
from scipy import stats


@pytest.fixture(scope="module")
def loop():
    return kv.load(CASES / "single_loop.yaml")


@pytest.fixture(scope="module")
def answer(loop):
    return kv.uncertainty(loop, 400, seed=3)


def test_a_range_becomes_the_distribution_that_was_asked_for():
    triangle = distributed("triangular", 2.0, 1.0, 5.0)
    assert triangle.mean() == pytest.approx((1 + 2 + 5) / 3) and triangle.support() == (1.0, 5.0)
    assert distributed("uniform", 2.0, 1.0, 5.0).mean() == pytest.approx(3.0)
    normal = distributed("normal", 3.0, 1.0, 5.0)
    assert normal.std() == pytest.approx(0.88, abs=0.01) and normal.support() == pytest.approx((1.0, 5.0))
    assert distributed("triangular", 9.0, 1.0, 5.0).mean() == pytest.approx(3.0)  # the value lies outside its range
    with pytest.raises(kv.InputError, match="triangular"):
        distributed("gaussian", 3.0, 1.0, 5.0)


def test_draws_of_the_answer_are_what_the_case_says_at_those_values(loop, answer):
    row = answer.samples.iloc[7]
    other = loop.copy()
    factors = _core.CurveFactors(other.core)
    for name, value in row.items():
        component, _, parameter = name.rpartition(".")
        if name in other:
            factors.case.set(name, float(value))
        else:
            factors.set(component, parameter, float(value))
    found = factors.case.find("gpu.T_die")
    assert np.asarray(factors.case.steady().read(found))[0] == pytest.approx(answer["gpu.T_die"][7], rel=1e-9)
    assert {"plate.R", "pump.dp"} < set(row.index)  # curves are among them


def test_the_same_seed_gives_the_same_numbers_for_any_number_of_threads(loop, answer):
    again = kv.uncertainty(loop, 400, seed=3, threads=1)
    assert np.array_equal(again.values, answer.values)
    assert not np.array_equal(kv.uncertainty(loop, 400, seed=4).values, answer.values)


def test_percentiles_and_probabilities_are_those_of_the_draws(loop, answer):
    die = answer["gpu.T_die"]
    row = answer.percentiles.set_index("path").loc["gpu.T_die"]
    assert [row.p5, row.p50, row.p95] == pytest.approx(list(np.percentile(die, [5, 50, 95])))
    assert row.nominal == pytest.approx(loop.steady()["gpu.T_die"]) and row.p5 < row.nominal < row.p95
    table = answer.limits.set_index("limit")
    limit = answer.samples["gpu.T_die_max"]
    assert table.loc["die_temperature", "probability"] == pytest.approx(np.mean(die <= limit))
    assert table.loc["all", "probability"] <= table["probability"].min()
    assert ((table["low"] <= table["probability"]) & (table["probability"] <= table["high"])).all()


def test_one_resistance_spreads_a_die_as_its_power_says(loop):
    # only R_jc varies: T_die - T_case = P R_jc, so the spread of T_die is P times that of R_jc (no leakage)
    still = loop.copy().update({"gpu.leakage_nominal": 0.0})
    certain = {a.path + "." + a.parameter for a in loop.assumptions}
    given = {"gpu.R_jc": stats.uniform(0.008, 0.004)}
    inputs = Inputs(still, "triangular", given, {})
    assert {i.name for i in inputs.items} >= {"gpu.R_jc"} and "gpu.leakage_nominal" in dict(inputs.skipped)
    answer = kv.uncertainty(still, 300, distributions=given)
    drop = answer["gpu.T_die"] - answer["gpu.T_case"]
    P = answer["gpu.P"] if "gpu.P" in answer.recorded.paths else drop / answer.samples["gpu.R_jc"]
    assert drop == pytest.approx(P * answer.samples["gpu.R_jc"], rel=1e-9)
    assert answer.samples["gpu.R_jc"].min() >= 0.008 and answer.samples["gpu.R_jc"].max() <= 0.012
    assert "gpu.R_jc" in certain


def test_spread_between_elements_is_drawn_for_each_by_itself(case):
    answer = kv.uncertainty(case, 300, spread={"hose[*].diameter": "3 %"}, record=["hose[*].m_flow"])
    flows = answer["hose[*].m_flow"]
    assert flows.shape == (300, 3)
    apart = (flows.max(axis=1) - flows.min(axis=1)) / flows.mean(axis=1)
    alike = kv.uncertainty(case, 300, record=["hose[*].m_flow"])["hose[*].m_flow"]
    assert np.median(apart) > 5e-4 > 1e-6 > np.median(np.ptp(alike, axis=1) / alike.mean(axis=1))
    row = answer.inputs.set_index("name").loc["spread of hose[*].diameter"]
    assert row["count"] == 3 and row.distribution == "normal"


def test_racks_that_differ_by_manufacturing_and_ageing_alone(case):
    aged = {"gpu[*].R_jc": stats.lognorm(0.1, scale=1.3)}  # each interface by itself
    answer = kv.uncertainty(case, 400, assumed=False, spread=aged, record=["gpu[*].T_*", "gpu[*].P"])
    factors = (answer["gpu[*].T_die"] - answer["gpu[*].T_case"]) / answer["gpu[*].P"] / case["gpu[*].R_jc"]
    assert np.median(factors) == pytest.approx(1.3, rel=0.02) and np.log(factors).std() == pytest.approx(0.1, rel=0.05)
    assert abs(np.corrcoef(factors.T)[0, 1:]).max() < 0.15
    assert answer.inputs["name"].tolist() == ["spread of gpu[*].R_jc"] and answer.shares.empty
    assert "What the spread comes from" not in answer.summary()


def test_curves_take_factors_that_are_shared_or_drawn_for_each(loop):
    assert loop["gpu.leakage_nominal"] > 0.0 and "plate.R" not in loop  # a curve is no number
    shared = kv.uncertainty(loop, 50, assumed=False, distributions={"plate.R": kv.times(stats.uniform(1.0, 0.5))})
    factors = _core.CurveFactors(loop.copy().core)
    factors.set("plate", "R", float(shared.samples["plate.R"][7]))
    wanted = np.asarray(factors.case.steady().read(factors.case.find("gpu.T_case")))[0]
    assert shared["gpu.T_case"][7] == pytest.approx(wanted, rel=1e-9)
    still = loop.copy().update({"gpu.leakage_nominal": 0.0})
    own = kv.uncertainty(still, 300, assumed=False, spread={"plate.R": "5 %"}, record=["plate.a.T"])
    rise = own["gpu.T_case"] - own["plate.a.T"]
    assert rise.std() / rise.mean() == pytest.approx(stats.truncnorm.std(-3, 3) * 0.05, rel=0.03)
    both = {"distributions": {"plate.R": kv.times(stats.uniform(1.0, 0.5))}, "spread": {"plate.R": 0.05}}
    together = kv.uncertainty(still, 300, assumed=False, record=["plate.a.T"], **both)
    grown = together["gpu.T_case"] - together["plate.a.T"]
    assert grown.mean() / rise.mean() == pytest.approx(1.25, rel=0.01)


def test_what_a_controller_holds_has_no_shares_and_chance_is_not_shown():
    answer = kv.uncertainty(kv.load(CASES / "gb200_nvl72_rack.yaml"), 60)
    assert "flow of cdu.pump[*]" in answer.main["quantity"].tolist()
    assert "flow of cdu.pump[*]" not in answer.shares["of"].tolist()
    told = answer.summary().partition("What the spread comes from")[2]
    assert "tray[*].gpu[*].R_jc" in told and "C_die" not in told and "T_die_max" not in told


def test_sobol_indices_of_an_additive_answer_are_its_shares_of_the_variance():
    # two heaters into one stream between fixed conditions: what the facility takes is their sum
    text = """
kelvolt: 1
title: Two heaters
components:
  facility: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 5 L/min, p_return: 2 bar(a)}
  big: {model: heat_source, power: {value: 1000 W, range: [700 W, 1300 W], grade: assumed, source: none}}
  small: {model: heat_source, power: {value: 500 W, range: [350 W, 650 W], grade: assumed, source: none}}
  pipe: {model: pipe, length: 1 m, diameter: 20 mm}
connections:
  - facility.supply -> pipe -> facility.return
  - big.port -> pipe.wall
  - small.port -> pipe.wall
"""
    answer = kv.uncertainty(kv.read(text), 200, sobol=256, distribution="uniform")
    table = answer.sobol[answer.sobol["of"] == "heat to the facility"].set_index("input")
    assert table.loc["big.power", "S1"] == pytest.approx(0.8, abs=0.05)  # 600^2 to 300^2
    assert table.loc["small.power", "ST"] == pytest.approx(0.2, abs=0.03)
    shares = answer.shares[answer.shares["of"] == "heat to the facility"].set_index("input")["share"]
    assert shares["big.power"] == pytest.approx(0.8, abs=0.06)
    with pytest.raises(kv.InputError, match="256"):
        kv.uncertainty(kv.read(text), 10, sobol=300)


def test_draws_that_fail_are_kept_with_their_reason(case):
    wide = {"gpu[*].power": stats.uniform(1000.0, 60000.0)}
    answer = kv.uncertainty(case, 60, distributions=wide)
    assert 0 < len(answer.failed) < 60
    k, reason = answer.failed[0]
    assert np.isnan(answer.values[k]).all() and len(reason) > 20
    assert np.isfinite(answer.main[["p5", "p95"]].to_numpy()).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"distributions": {"gpu.R_jc": 3.0}}, "scipy.stats"),
        ({"distributions": {"gpu.R_jcc": stats.uniform(1, 2)}}, "R_jc"),
        ({"spread": {"gpu.R_jc": 2.0}}, "relative"),
        ({"spread": {"gpu.R_jx": 0.05}}, "R_jc"),
        ({"distributions": {"plate.R": stats.uniform(1, 2)}}, "curve; give factors"),
        ({"assumed": False}, "uncertain"),
        ({"distribution": "flat"}, "uniform"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(loop, options, says):
    with pytest.raises(kv.InputError, match=says):
        kv.uncertainty(loop, 10, **options)


def test_ranges_on_the_command_line(capsys, tmp_path):
    arguments = ["run", str(CASES / "single_loop.yaml"), "--steady", "--ranges", "80"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "Ranges (80 draws" in out and "95 %" in out and "hottest die" in out and "Probability" in out
    assert main([*arguments, "--json"]) == 0
    rows = {row["quantity"]: row for row in json.loads(capsys.readouterr().out)["ranges"]}
    assert main([*arguments[:-1], "3"]) == 2 and "10 draws" in capsys.readouterr().err
    assert rows["hottest die"]["p5"] < rows["hottest die"]["p50"] < rows["hottest die"]["p95"]
