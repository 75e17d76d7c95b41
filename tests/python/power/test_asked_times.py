"""Events, tolerances, times and threads that a study cannot have, and what a plan breaks at a later time."""

import math

import kelvolt as kv
import pytest

LOAD = """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  load: {model: ac_load, P: 10 kW, V: 400 V}
connections: [g.bus -> load.bus]
run: {duration: 5 s, start: steady}
"""


@pytest.mark.parametrize("at", [math.nan, -1.0, -math.inf, math.inf, "-1 s"])
def test_an_event_outside_of_time_is_refused(at):
    with pytest.raises(kv.InputError, match="it counts from the begin of the run"):
        kv.read(LOAD).simulate(events=[(at, {"load.P": 1e3})])


@pytest.mark.parametrize("event", [(1.0, "load.P"), (1.0,), "1 s", 1.0, (1.0, {"load.P": 1.0}, 2)])
def test_an_event_of_another_shape_is_refused_with_an_example(event):
    with pytest.raises(kv.InputError, match="pairs of a time and the values set then"):
        kv.read(LOAD).simulate(events=[event])
    with pytest.raises(kv.InputError, match="neither a number in SI"):
        kv.read(LOAD).simulate(events=[(1.0, {"load.P": None})])


def test_an_event_after_the_end_is_told_in_both_forms():
    late = kv.read(LOAD).simulate(events=[(6.0, {"load.P": 1e3})], progress=False)
    assert any("the event at 6 s (load.P to 1000) comes after the end" in w for w in late.end.warnings)
    text = LOAD + "events: [{at: 7 s, set: load.P, to: 1 kW}]\n"
    assert any("the event at 7 s" in w for w in kv.read(text).simulate(progress=False).end.warnings)
    assert not kv.read(text).simulate("8 s", progress=False).end.warnings


@pytest.mark.parametrize("tolerance", [10.0, 0.0, -1e-4, math.nan])
def test_a_tolerance_that_a_case_file_could_not_have_is_refused(tolerance):
    with pytest.raises(kv.InputError, match="above 0 and at most 0.1"):
        kv.read(LOAD).simulate(tolerance=tolerance)


@pytest.mark.parametrize("asked", [{"duration": math.inf}, {"at": math.inf}, {"duration": math.nan}])
def test_a_ride_through_without_an_end_is_refused(asked):
    with pytest.raises(kv.InputError, match="both finite"):
        kv.ridethrough(kv.read(LOAD), **asked)


@pytest.mark.parametrize("threads", [-1, 0, 1.5])
@pytest.mark.parametrize("study", [kv.ridethrough, kv.contingencies])
def test_a_number_of_threads_that_cannot_be_is_refused(study, threads):
    with pytest.raises(kv.InputError, match="threads = "):
        study(kv.read(LOAD), threads=threads)


@pytest.mark.parametrize("point", [(0.5,), (0.5, 1.0, 2.0), 0.5, "50 %"])
def test_a_dip_that_is_no_pair_is_refused(point):
    with pytest.raises(kv.InputError, match="pairs of the share of the voltage that stays and a time"):
        kv.dips(kv.read(LOAD), {"mine": [point]})


def test_a_limit_below_zero_is_refused_by_its_name():
    case = kv.read(LOAD + "power: {limits: {range: {max: -5 kW}}}\n")
    with pytest.raises(kv.InputError, match=r"power: limits: range: max = -5000 \(SI\) is below 0"):
        kv.power_check(case)


# ---- what the plan breaks, too ----

LATER = """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  ups: {model: ac_ups, P_rated: 20 kW, V_out: 400 V, V_in: 400 V, V_in_min: 340 V, V_in_max: 440 V, battery_energy: 1 MJ, loss: {parabola: [0, 0.05, 0]}}
  load: {model: ac_load, P: 10 kW, V: 400 V}
connections: [g.bus -> ups.in, ups.out -> load.bus]
events: [{at: 65 s, set: ups.in_service, to: 0}]
run: {duration: 80 s, start: steady}
"""  # noqa: E501


def test_a_loss_is_not_excused_by_an_outage_that_the_plan_has_later():
    study = kv.ridethrough(kv.read(LATER), "ups", duration="70 s")
    (row,) = study.rows
    assert row.verdict == "broken"
    assert (row.stages["lost"].element, row.stages["lost"].after) == ("load", pytest.approx(0.0, abs=1e-6))
    assert study.before == ["fed of load"]


def test_an_outage_of_the_plan_at_the_same_time_is_not_counted_to_a_loss():
    study = kv.ridethrough(kv.read(LATER), "g", duration="70 s")  # the battery carries the load for 95 s
    (row,) = study.rows
    assert row.verdict == "held", row.reason


# ---- dips ----


def test_a_load_without_a_store_does_not_hold_below_its_own_window():
    found = kv.dips(kv.read(LOAD), {"mine": [(0.3, "1 s"), (0.7, "0.5 s"), (0.95, "10 s")]}).rows
    assert [r.verdict for r in found] == ["broken", "broken", "held"]
    assert found[0].reason == "input_voltage_min of load after 0 s"
