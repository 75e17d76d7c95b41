"""Sizing: optima with a closed form, the catalogue against brute force, multipliers, fronts, balance, command line."""

import itertools
import json

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from kelvolt.base.comparisons import Comparison
from kelvolt.base.expressions import Expression
from kelvolt.cli.commands import main
from kelvolt.reports.answer import of_result
from scipy import stats

V_N, TIMES = 1e-6, 10.0  # nominal flow of the restrictor [m3/s]; the flow asked for over it

# a restrictor between two pressures: dp = dp_nominal (V/V_nominal)^2 at its own temperature, off by
# (0.001 V_nominal/V)^2/2 = 5e-9 at ten times the nominal flow
RESTRICTOR = f"""
kelvolt: 1
title: One restrictor
components:
  facility: {{model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 80 kPa, p_return: 2 bar(a)}}
  hole: {{model: orifice, dp_nominal: 500 Pa, V_flow_nominal: {V_N}, T_nominal: 30 degC}}
connections:
  - facility.supply -> hole -> facility.return
"""

PARALLEL = """
kelvolt: 1
title: Three branches between two pressures
components:
  facility: {model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 50 kPa, p_return: 2 bar(a)}
  valve: {model: orifice, by: Kv, Kv: 1e-6, count: 3}
  branch: {model: orifice, by: Kv, Kv: 2e-6, count: 3}
connections:
  - facility.supply -> valve[1..3] -> branch[1..3] -> facility.return
"""


@pytest.fixture(scope="module")
def restrictor():
    return kv.read(RESTRICTOR)


@pytest.fixture(scope="module")
def loop():
    return kv.load(CASES / "single_loop.yaml")


A, B = 1e-5, 2.5  # price of a pascal of supply pressure, and of an opening (over dp_nominal)


def test_an_optimum_between_pressure_and_opening_is_the_closed_form(restrictor):
    # least A dp + B/r with V = V_n sqrt(dp/r) >= 10 V_n: dp = 100 r, so r = sqrt(B/(100 A)), f = 2 * 10 sqrt(A B);
    # as a function of the flow f = 2 (V/V_n) sqrt(A B), so the limit's multiplier is 2 sqrt(A B)/V_n
    found = kv.size(
        restrictor,
        f"{A} * facility.dp + {B} / hole.dp_nominal",
        {"facility.dp": (1e2, 1e5), "hole.dp_nominal": (1.0, 1e3)},
        f"facility.V_flow >= {TIMES * V_N}",
    )
    r = np.sqrt(B / A) / TIMES
    assert found.feasible
    assert found.objective == pytest.approx(2 * TIMES * np.sqrt(A * B), rel=1e-6)
    assert found.design["hole.dp_nominal"] == pytest.approx(r, rel=1e-6)
    assert found.design["facility.dp"] == pytest.approx(TIMES**2 * r, rel=1e-6)
    assert found.binding["limit"].tolist() == [f"facility.V_flow >= {TIMES * V_N}"]
    assert found.binding["multiplier"][0] == pytest.approx(2 * np.sqrt(A * B) / V_N, rel=1e-5)
    assert found.solves < 100


def test_a_bound_that_binds_is_named_with_its_multiplier(restrictor):
    found = kv.size(
        restrictor,
        "facility.dp",
        {"facility.dp": ("0.1 kPa", "100 kPa"), "hole.dp_nominal": (200.0, 1e3)},
        [f"facility.V_flow >= {TIMES * V_N}"],
    )
    assert found.design["facility.dp"] == pytest.approx(100 * 200.0, rel=1e-6)
    table = found.binding.set_index("limit")
    assert table.loc["hole.dp_nominal: lowest value", "multiplier"] == pytest.approx(100.0, rel=1e-5)
    assert "Binding limits" in found.summary() and "hole.dp_nominal" in repr(found)


def test_the_case_is_left_as_it_was_and_the_result_has_its_own(restrictor):
    before = restrictor["facility.dp"]
    found = kv.size(restrictor, "facility.dp", {"facility.dp": (1e2, 1e5)}, f"facility.V_flow >= {TIMES * V_N}")
    assert restrictor["facility.dp"] == before != found.case["facility.dp"]
    assert found.case.steady()["facility.V_flow"] == pytest.approx(TIMES * V_N, rel=1e-6)


def test_what_cannot_be_held_is_said_with_the_limit_that_is_missed(restrictor):
    found = kv.size(restrictor, "facility.dp", {"facility.dp": (1e2, 1e3)}, f"facility.V_flow >= {TIMES * V_N}")
    assert not found.feasible and "facility.V_flow" in found.message
    assert found.design["facility.dp"] == pytest.approx(1e3, rel=1e-6)  # as near as the bounds allow
    assert not found.margins["held"].all()
    assert found.binding.empty and "Binding" not in found.summary()  # what cannot be held has no price


def test_units_of_margins_are_those_of_tables(loop):
    found = kv.size(loop, "pump.P_el", {"speed.value": (0.3, 1.0)}, ["checks", "max(gpu.T_die) <=  75 degC"])
    assert "delta_K" not in found.summary()
    row = found.margins.set_index("limit").loc["gpu.T_die <= 75 degC"]
    assert row.unit == "K" and abs(row.margin) < 1e-4
    assert found.binding.set_index("limit").loc["gpu.T_die <= 75 degC", "multiplier"] > 0.0


def test_the_slowest_pump_that_holds_every_check_of_a_loop(loop):
    limits = ["checks", "max(gpu.T_die) <= 75 degC"]
    found = kv.size(loop, "pump.P_el", {"speed.value": (0.3, 1.0)}, limits)
    assert found.feasible and found.solution.get("gpu.T_die", "degC") == pytest.approx(75.0, abs=1e-5)
    slower = loop.copy()
    slower["speed.value"] = found.design["speed.value"] - 0.001
    assert slower.steady().get("gpu.T_die", "degC") > 75.0
    # the multiplier is what a kelvin more would save
    cooler, warmer = (
        kv.size(loop, "pump.P_el", {"speed.value": (0.3, 1.0)}, ["checks", f"gpu.T_die <= {T} degC"])
        for T in (74.99, 75.01)
    )
    saved = (cooler.objective - warmer.objective) / 0.02
    assert found.binding["multiplier"][0] == pytest.approx(saved, rel=1e-3)
    assert set(found.margins["limit"]) >= {"die_temperature of gpu"}


CATALOGUE = {
    "speed.value": [0.5, 0.6, 0.7, 0.8, 0.9],
    "facility.V_flow": ["1 L/min", "1.5 L/min", "2 L/min"],
    "hose.diameter": ["6 mm", "8 mm", "10 mm"],
    "exchanger.Q_nominal": ["0.8 kW", "1.2 kW", "1.6 kW"],
}


def brute_force(loop, objective, hottest):
    best = None
    for values in itertools.product(*CATALOGUE.values()):
        case = loop.copy().update(dict(zip(CATALOGUE, values, strict=True)))
        sol = case.steady()
        if sol.held and sol["gpu.T_die"] <= hottest:
            f = objective(case, sol)
            if best is None or f < best[0]:
                best = (f, {p: float(np.max(case[p])) for p in CATALOGUE})
    return best


def test_a_catalogue_of_four_parameters_is_searched_as_brute_force_would(loop):
    hottest = 273.15 + 73.0
    f, design = brute_force(loop, lambda case, sol: sol["pump.P_el"] + 1e5 * case["facility.V_flow"], hottest)
    found = kv.size(loop, "pump.P_el + 1e5 * facility.V_flow", CATALOGUE, ["checks", "gpu.T_die <= 73 degC"])
    assert found.feasible and found.objective == pytest.approx(f, rel=1e-12)
    assert found.design == pytest.approx(design)
    assert len(found.candidates) == 135 and found.solves == 135
    assert {"held"} < set(found.candidates["verdict"])


def test_costs_known_before_solving_spare_most_of_the_search(loop):
    costs = {"hose.diameter": {"6 mm": 3.0, "8 mm": 5.0, "10 mm": 8.0}, "speed.value": {0.5: 1.0, 0.7: 4.0, 0.9: 9.0}}
    every = [
        (a + b, case.steady()["gpu.T_die"])
        for (d, a), (n, b) in itertools.product(costs["hose.diameter"].items(), costs["speed.value"].items())
        for case in [loop.copy().update({"hose.diameter": d, "speed.value": n})]
    ]
    limit = 273.15 + 76.0
    cheapest = min(cost for cost, T in every if T <= limit)
    found = kv.size(loop, None, costs, "gpu.T_die <= 76 degC", threads=1)
    assert found.objective == pytest.approx(cheapest) and found.minimised == "cost"
    assert found.solves < len(every) == len(found.candidates)
    assert (found.candidates["verdict"] == "left out: cannot be better").any()


def test_library_entries_are_chosen_with_bounds_on_the_rest(loop):
    hoses = ["edge_hose", "hose_tray_10mm", "no_such_hose"]
    loop = loop.copy()
    loop["gpu.power"] = "1.1 kW"  # what was changed by hand is kept
    found = kv.size(loop, "pump.P_el", {"hose": hoses, "speed.value": (0.3, 1.0)}, "gpu.T_die <= 74 degC")
    assert found.feasible and found.design["hose"] in hoses[:2]
    assert found.case["gpu.power"] == pytest.approx(1100.0)
    rows = found.candidates.set_index("hose")
    assert found.objective == pytest.approx(rows["objective"].min())
    assert "no_such_hose" in rows.loc["no_such_hose", "verdict"]
    text = (CASES / "single_loop.yaml").read_text().replace("hose_tray_10mm", "edge_hose")
    alone = kv.read(text, folder=CASES).update({"gpu.power": 1100.0})
    alone = kv.size(alone, "pump.P_el", {"speed.value": (0.3, 1.0)}, "gpu.T_die <= 74 degC")
    assert rows.loc["edge_hose", "objective"] == pytest.approx(alone.objective, rel=1e-6)


COUPLED = """
kelvolt: 1
title: Two trays of a local assembly
assemblies:
  coupled_tray:
    ports: {inlet: qd_in.a, outlet: qd_out.b}
    components:
      qd_in: {model: uqd04}
      plate: {model: pipe, length: 1 m, diameter: 8 mm}
      qd_out: {model: uqd04}
    connections:
      - qd_in -> plate -> qd_out
components:
  facility: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 8 L/min, p_return: 2 bar(a)}
  tray: {model: coupled_tray, count: 2}
connections:
  - facility.supply -> tray[*] -> facility.return
"""


def test_couplings_inside_an_assembly_are_chosen_by_a_path_into_the_text():
    case = kv.read(COUPLED)
    sizes = {"uqd04": 1.0, "uqd06": 2.0, "uqd08": 4.0}
    vary = {f"assemblies.coupled_tray.components.{qd}.model": sizes for qd in ("qd_in", "qd_out")}
    found = kv.size(case, None, vary, "facility.dp <= 10 kPa")
    costs = {}
    for first, last in itertools.product(sizes, sizes):  # the text written by hand
        text = COUPLED.replace("qd_in: {model: uqd04", f"qd_in: {{model: {first}")
        text = text.replace("qd_out: {model: uqd04", f"qd_out: {{model: {last}")
        if kv.read(text).steady()["facility.dp"] <= 10e3:
            costs[first, last] = sizes[first] + sizes[last]
    assert 0 < len(costs) < 9 and found.feasible and found.objective == min(costs.values())
    assert tuple(found.design.values()) in costs


def test_a_front_of_two_objectives_falls_and_nothing_on_it_is_better_in_both(loop):
    front = kv.pareto(loop, ("pump.P_el", "gpu.T_die"), {"speed.value": (0.4, 0.95)}, "checks", n=5)
    assert list(front.columns) == ["pump.P_el", "gpu.T_die", "speed.value"] and len(front) == 5
    assert front["pump.P_el"].is_monotonic_increasing and front["gpu.T_die"].is_monotonic_decreasing
    assert np.diff(front["gpu.T_die"]) == pytest.approx([np.ptp(front["gpu.T_die"]) / -4] * 4, rel=1e-5)


def test_restrictors_are_balanced_by_heat_as_parallel_orifices_say():
    # valve and branch in series between two pressures: V ~ (1/Kv^2 + 1/Kb^2)^-1/2, so for V ~ q with the widest open
    case = kv.read(PARALLEL)
    heat = np.array([1.0, 2.0, 1.5])
    done = kv.balance(case, "valve[*].Kv", "valve[*].m_flow", ("1e-8", "2e-6"), heat)
    open_loss = 1 / 2e-6**2 + 1 / 2e-6**2
    loss = open_loss * (2.0 / heat) ** 2 - 1 / 2e-6**2
    assert done.table["setting"].to_numpy() == pytest.approx(loss**-0.5, rel=1e-4)
    assert done.spread < 1e-9 < done.spread_before == pytest.approx(np.ptp(1 / heat) / np.mean(1 / heat), rel=1e-6)
    assert done.case["valve[2].Kv"] == pytest.approx(2e-6)
    assert case["valve[1].Kv"] == pytest.approx(1e-6)
    equal = kv.balance(case, "valve[*].Kv", "valve[*].m_flow", (1e-8, 2e-6))
    assert equal.table["setting"].to_numpy() == pytest.approx([2e-6] * 3, rel=1e-6)


def test_a_balance_that_bounds_forbid_is_refused(case):
    parallel = kv.read(PARALLEL)
    with pytest.raises(kv.NoConvergence, match="widen"):
        kv.balance(parallel, "valve[*].Kv", "valve[*].m_flow", (1.9e-6, 2e-6), [1.0, 5.0, 1.0])
    with pytest.raises(kv.InputError, match="pairs"):
        kv.balance(parallel, "valve[*].Kv", "valve[1].m_flow", (1e-8, 2e-6))
    with pytest.raises(kv.InputError, match="above zero"):
        kv.balance(parallel, "valve[*].Kv", "valve[*].m_flow", (1e-8, 2e-6), [1.0, -1.0, 1.0])


@pytest.mark.parametrize(
    ("minimise", "vary", "limits", "says"),
    [
        ("pump.P_el", {}, "checks", "nothing is varied"),
        ("pump.P_el", {"speed.value": (1.0, 0.5)}, "checks", "not below"),
        ("pump.P_el", {"speed.value": (0.5, 0.7, 0.9)}, "checks", "two values"),
        ("pump.P_el", {"speed.value": []}, "checks", "nothing to choose"),
        ("pump.P_el", {"speed.value": (0.5, 1.0)}, "die_temprature", "die_temperature"),
        ("pump.P_el", {"speed.vaule": (0.5, 1.0)}, "checks", "value"),
        ("pump.P_ell", {"speed.value": (0.5, 1.0)}, "checks", "P_el"),
        ("hose.cell[*].Re", {"speed.value": (0.5, 1.0)}, "checks", "max"),
        ("pump.P_el", {"hose": ["nothing", "neither"]}, "checks", "nothing"),
        ("pump.P_el", {"speed.value": 0.5}, "checks", "nothing to vary"),
        ("pump.P_el", {"speed.value": "0.5"}, "checks", "nothing to vary"),
        ("pump.P_el", {"speed.walue.x": ["a", "b"]}, "checks", "speed"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(loop, minimise, vary, limits, says):
    with pytest.raises(kv.InputError, match=says):
        kv.size(loop, minimise, vary, limits)


def test_sizing_on_the_command_line(capsys):
    arguments = ["size", str(CASES / "single_loop.yaml"), "--minimise", "pump.P_el", "--vary", "speed.value=0.3..1"]
    assert main([*arguments, "--limit", "gpu.T_die <= 75 degC"]) == 0
    out = capsys.readouterr().out
    assert "Binding limits" in out and "speed.value" in out and "die_temperature of gpu" in out
    assert main([*arguments, "--limit", "gpu.T_die <= 75 degC", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["feasible"] and 0.3 < told["design"]["speed.value"] < 1.0
    assert main([*arguments, "--vary", "hose.diameter=8 mm|10 mm", "--limit", "gpu.T_die <= 40 degC"]) == 1
    assert "NOT FEASIBLE" in capsys.readouterr().out
    assert main([*arguments[:-1], "speed.value"]) == 2
    assert "PATH=LOW..HIGH" in capsys.readouterr().err


def repeated(file):
    """What a report of a result file finds when it repeats the case inside."""
    answer = of_result(str(file))
    assert answer.agrees, answer.agreement
    return answer


@pytest.mark.parametrize(
    "vary",
    [
        {"hose": ["edge_hose", "hose_tray_10mm"], "speed.value": (0.3, 1.0)},
        {"hose": ["edge_hose"], "hose.diameter": ["6 mm", "8 mm"]},
        {"vessel.medium": ["dowfrost_lc25"], "speed.value": [0.6, 0.9]},
        {"speed.value": (0.3, 1.0)},
    ],
)
def test_a_stored_design_is_the_design(loop, vary, tmp_path):
    start = loop.copy()
    start["gpu.power"] = "1.1 kW"
    found = kv.size(start, "pump.P_el", vary, "gpu.T_die <= 90 degC")
    found.solution.write(tmp_path / "solution.h5")
    found.case.simulate("20 s", every="10 s", output=tmp_path / "run.h5", progress=False)
    again = repeated(tmp_path / "solution.h5").solution
    assert again["pump.P_el"] == pytest.approx(found.objective, rel=1e-9)
    assert again["gpu.T_die"] == pytest.approx(found.solution["gpu.T_die"], abs=1e-7)
    with kv.open(tmp_path / "solution.h5") as stored:
        assert "hose" not in vary or found.design["hose"] in stored.attrs["case_text"]
    repeated(tmp_path / "run.h5")


def test_a_calibrated_case_is_stored_as_it_was_calibrated(loop, tmp_path):
    speeds = [0.6, 0.7, 0.8, 0.9]
    truth = loop.copy().update({"gpu.R_jc": 0.011})
    hot = [truth.copy().update({"speed.value": n}).steady()["gpu.T_die"] for n in speeds]
    made = kv.calibrate(loop, {"speed.value": speeds, "gpu.T_die (K)": hot}, {"gpu.R_jc": (0.004, 0.03)}).case
    made.steady().write(tmp_path / "made.h5")
    assert repeated(tmp_path / "made.h5").case["gpu.R_jc"] == pytest.approx(0.011, rel=1e-6)


@pytest.mark.parametrize(
    "bare",
    [
        "gpu.T_die <= 75",
        "max(gpu.T_die) <= 75",
        "gpu.T_die <= 348.15",
        "0.5 * gpu.T_die + 0.5 * gpu.T_case <= 75",
        "gpu.T_die - 5 <= 75",
        "-(-gpu.T_die) <= 7.5e1",
        "gpu.T_die >= 20",
    ],
)
def test_a_bare_number_beside_a_temperature_is_refused_with_the_remedy(loop, bare):
    number = bare.split("=")[-1].strip()
    with pytest.raises(kv.InputError, match=rf"write '{number} degC'"):
        kv.size(loop, "pump.P_el", {"speed.value": (0.3, 1.0)}, bare)


def test_a_difference_of_temperatures_is_compared_with_kelvins_of_difference():
    units = {"a.T": "K", "b.T": "K", "c.P": "W"}.__getitem__
    for text in ("a.T - b.T <= 10", "a.T - b.T <= 10 K", "a.T - b.T <= 10 degC", "max(a.T) - min(b.T) <= 18 degF"):
        assert Comparison(text, units).right == pytest.approx(10.0), text
    assert Comparison("a.T <= 10 degC", units).right == pytest.approx(283.15)
    assert Comparison("c.P <= 10", units).right == 10.0
    assert isinstance(Comparison("a.T <= b.T + 10", units).right, Expression)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gpu.T_die < 75 degC", "'gpu.T_die <= 75 degC'"),
        ("gpu.T_die > 75 degC", "'gpu.T_die >= 75 degC'"),
        ("gpu.T_die =< 75 degC", "'gpu.T_die <= 75 degC'"),
        ("gpu.T_die => 75 degC", "'gpu.T_die >= 75 degC'"),
        ("gpu.T_die \u2264 75 degC", "'gpu.T_die <= 75 degC'"),
        ("gpu.T_die < = 75 degC", "'gpu.T_die <= 75 degC'"),
        ("75 degC >= gpu.T_die", "'gpu.T_die <= 75 degC'"),
        ("gpu.T_die = 75 degC", "<= or >="),
        ("gpu.T_die == 75 degC", "<= or >="),
        ("gpu.T_die != 75 degC", "<= or >="),
        ("20 degC <= gpu.T_die <= 75 degC", "a limit for each"),
    ],
)
def test_a_sign_that_is_none_of_a_limit_is_answered_with_those_that_are(loop, text, says):
    for limits in (text, ["checks", text]):
        with pytest.raises(kv.InputError) as refused:
            kv.size(loop, "pump.P_el", {"speed.value": (0.3, 1.0)}, limits)
        assert says in str(refused.value)


def test_a_range_of_temperatures_on_the_command_line_needs_its_unit(capsys):
    file = str(CASES / "single_loop.yaml")
    words = ["size", file, "--minimise", "pump.P_el", "--vary"]
    assert main([*words, "facility.T_supply=20..40"]) == 2
    assert "20 degC" in capsys.readouterr().err
    assert main([*words, "facility.T_supply=20|40"]) == 2
    assert "20 degC" in capsys.readouterr().err


def test_a_tuple_of_words_is_no_range(loop):
    with pytest.raises(kv.InputError, match="write a list"):
        kv.size(loop, "pump.P_el", {"hose": ("edge_hose", "hose_tray_10mm")})
    with pytest.raises(kv.InputError, match="tuple"):
        kv.size(loop, "pump.P_el", {"speed.value": (0.3, 0.5, 1.0)})
    with pytest.raises(kv.InputError, match="the tuple"):
        kv.calibrate(loop, {"gpu.T_die": [340.0, 341.0]}, {"gpu.R_jc": [0.004, 0.03]})
    with pytest.raises(kv.InputError, match="over ranges"):
        kv.pareto(loop, ("pump.P_el", "gpu.T_die"), {"speed.value": [0.4, 1.0]})
    with pytest.raises(kv.InputError, match="the tuple"):
        kv.balance(kv.read(PARALLEL), "valve[*].Kv", "valve[*].m_flow", [1e-8, 2e-6])


ROOM = "kelvolt: 1\ncomponents: {m: {model: ambient, T: 300}}\n"
LOWER, UPPER = (f"  - {{of: facility.V_flow, max: {v} m3/s, basis: a, id: flow}}\n" for v in (8e-6, 1e-5))
TWO = RESTRICTOR + "limits:\n" + LOWER + UPPER


@pytest.mark.parametrize("text", [TWO, RESTRICTOR + "limits:\n" + UPPER + LOWER])
def test_of_two_limits_alike_but_for_their_value_the_lower_one_counts(text):
    # V = V_n sqrt(dp/500 Pa), so 8 V_n at 32 kPa
    case = kv.read(text)
    found = kv.size(case, "-facility.dp", {"facility.dp": (1e4, 6e4)})
    assert found.feasible and found.design["facility.dp"] == pytest.approx(32e3, rel=1e-6)
    named = [f"flow of facility.V_flow (<= {v} m3/s)" for v in ("8e-06", "1e-05")]
    assert found.margins["limit"][0] == named[0] and named[1] in found.margins["limit"].tolist()
    found = kv.size(case, "-facility.dp", {"facility.dp": (4e4, 6e4)})
    assert not found.feasible and found.solution.verdict == "broken" and named[0] in found.message
    ranges = kv.uncertainty(case, 20, distributions={"facility.dp": stats.uniform(4e4, 4e3)})
    assert ranges.limits.set_index("limit").loc["flow", ["count", "probability"]].tolist() == [2, 0.0]


@pytest.mark.parametrize("limit", ["8e-6 m3/s", "0.5 L/min", "7.7e-6 m3/s"])
def test_a_design_at_a_binding_limit_is_feasible_as_its_own_solution_says(limit):
    case = kv.read(RESTRICTOR + f"limits:\n  - {{of: facility.V_flow, max: {limit}, id: flow}}\n")
    found = kv.size(case, "-facility.dp", {"facility.dp": (1e4, 6e4)})
    assert found.feasible and found.verdict == found.solution.verdict == "held"
    assert found.margins["limit"][0] == "flow of facility.V_flow"


def test_a_design_at_a_binding_limit_of_a_network_is_held_by_its_own_solution(starter_text):
    case = kv.read(starter_text.replace("limits:\n", "limits:\n  - {of: 'gpu[*].T_die', max: 60 degC, id: die}\n"))
    found = kv.size(case, "-facility.T_supply", {"facility.T_supply": (280.0, 320.0)})
    assert found.feasible and found.verdict == found.solution.verdict == "held"
    assert found.margins["limit"][0].startswith("die of") and found.margins["margin"][0] < 1e-6


def test_a_limit_that_was_not_asked_for_is_named_where_the_design_breaks_it():
    found = kv.size(kv.read(TWO), "-facility.dp", {"facility.dp": (1e4, 6e4)}, "facility.V_flow <= 9e-6")
    assert found.feasible and found.verdict == "held" and found.solution.verdict == "broken"
    assert "no limit that was asked for: flow of facility.V_flow" in found.message and found.message in found.summary()


def test_a_limit_whose_basis_is_called_balance_is_a_limit_of_a_design():
    case = kv.read(RESTRICTOR + "limits:\n" + LOWER.replace("basis: a", "basis: balance"))
    found = kv.size(case, "-facility.dp", {"facility.dp": (1e4, 6e4)})
    assert found.feasible and found.design["facility.dp"] == pytest.approx(32e3, rel=1e-6)
    assert found.margins["limit"][0] == "flow of facility.V_flow"


def test_where_no_limit_is_assessed_no_limit_is_said_to_be_held(tmp_path, capsys):
    (tmp_path / "m.yaml").write_text(ROOM)
    words = ["size", str(tmp_path / "m.yaml"), "--minimise", "m.T", "--vary", "m.T=290..310"]
    assert main(words) == 3
    assert "no limit was assessed" in capsys.readouterr().out
    assert main([*words, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["verdict"] == "not assessed"
    assert main([*words, "--limit", "m.T >= 300 K"]) == 0
    assert main([*words, "--limit", "m.T >= 400 K"]) == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text", ["log(0*m.T)", "m.T/0", "m.T/(m.T-m.T)", "sqrt(m.T-m.T)", "m.T**99999", "m.T*1e400", "m.T*1" + "0" * 400]
)
def test_an_objective_or_a_limit_that_is_no_finite_number_is_named(text):
    case = kv.read(ROOM)
    for asked in ((text, {"m.T": (290.0, 310.0)}), ("m.T", {"m.T": (290.0, 310.0)}, f"{text} <= 3")):
        with pytest.raises(kv.InputError, match="no finite number") as refused:
            kv.size(case, *asked)
        assert f"'{text}'" in refused.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("+".join(["m.T"] * 5000), "200 operations"),
        ("+".join(["m.T"] * 1000), "200 operations"),
        ("-" * 3000 + "m.T", "200 operations"),
        ("m.T" + " " * 30_000, "30003 characters"),
        ("(" * 500 + "m.T" + ")" * 500, "no expression"),
        ("m.T+" + "9" * 5000, "no expression"),
        ("m.T\0", "no expression"),
        ("m.T+\ud800", "no expression"),
        (5, "is text"),
    ],
)
def test_an_expression_that_cannot_be_read_through_is_an_input_error(text, says):
    with pytest.raises(kv.InputError, match=says):
        Expression(text)
    if isinstance(text, str):
        with pytest.raises(kv.InputError):
            Comparison(f"{text} <= 3 K", lambda path: "K")
    assert Expression("+".join(["m.T"] * 150)).paths == ["m.T"]


def test_one_parameter_is_varied_by_one_path_of_a_sizing(loop):
    for vary in (
        {"pump.speed": [0.5, 1.0], "pum*.speed": (0.5, 1.0)},
        {"pump.speed": [0.5, 1.0], "pum*.speed": [0.5]},
        {"vessel.medium": ["water"], "components.vessel.medium": ["water"]},
    ):
        with pytest.raises(kv.InputError, match=r"both vary|one parameter is varied"):
            kv.size(loop, "pump.P_el", vary)
    with pytest.raises(kv.InputError, match="make 1e\\+08 designs"):
        kv.size(loop, None, {"pump.speed": range(10**4), "hose.cell[1].length": range(10**4)})


def test_a_limit_of_several_elements_names_each_of_them(case):
    found = kv.size(case, "pump.P_el", {"pump.speed": (0.3, 1.0)}, ["gpu[*].T_die <= 75 degC"])
    assert set(found.margins["limit"]) == {f"gpu[{k}].T_die <= 75 degC" for k in (1, 2, 3)}
