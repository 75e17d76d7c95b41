"""What a row of a contingency study says: coolant that stands still, and limits that the plan breaks, too."""

import kelvolt as kv
import pytest
from conftest import CASES

LOST_PUMPS = {
    "busway_mains": {"cdu[2].cdu.vessel"},
    "cdu[1].supply": {"cdu[1].cdu.vessel"},
    "cdu[2].cdu": {"cdu[2].cdu.vessel"},
    "ats": {"cdu[2].cdu.vessel", "loop.vessel"},  # the UPS goes on carrying cdu[1]
}


@pytest.fixture(scope="module")
def ride_through():
    return kv.contingencies(kv.load(CASES / "ride_through.yaml"), 0, [[name] for name in LOST_PUMPS])


@pytest.mark.parametrize("lost", LOST_PUMPS)
def test_a_lost_supply_of_pumps_is_told_as_coolant_at_rest(ride_through, lost):
    row = next(r for r in ride_through.rows if r.name == lost)
    assert (row.verdict, row.status) == ("broken", "no_steady_state")
    circuits = row.reason.removeprefix("no flow in the circuit of ").partition(":")[0]
    assert set(circuits.split(", ")) == LOST_PUMPS[lost]


TWO_FEEDERS = """
kelvolt: 1
components:
  grid: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  far: {model: ac_cable, length: 250 m, R: 1.83 mohm/m, X: 0.08 mohm/m, V: 400 V, drop_max: 5 %}
  load: {model: ac_load, V: 400 V, P: 20 kW}
  a: {model: ac_cable, length: 50 m, R: 0.727 mohm/m, X: 0.08 mohm/m, I_max: 60 A}
  b: {model: ac_cable, length: 50 m, R: 0.727 mohm/m, X: 0.08 mohm/m, I_max: 60 A}
  shared: {model: ac_load, V: 400 V, P: SHARED}
connections: [grid.bus -> far -> load.bus, grid.bus -> a -> shared.bus, grid.bus -> b -> shared.bus]
power: {contingencies: {leave_out: [grid, far], accept_lost: [load]}}
"""


def test_what_the_plan_breaks_is_no_failure_of_what_is_lost():
    found = kv.contingencies(kv.read(TWO_FEEDERS.replace("SHARED", "20 kW")))
    rows = {r.name: r for r in found.rows}
    assert rows["as planned"].verdict == "broken"  # 12 % are lost on the far cable
    assert rows["a"].verdict == rows["b"].verdict == "as planned"
    assert rows["a"].reason == "as planned, too: voltage_drop of far" and rows["a"].numbers["broken"] == ""
    assert found.whole.broken == 0 and not found.held
    assert "0 broken, 2 as planned" in found.summary()


def test_a_failure_that_breaks_something_else_is_broken_beside_what_the_plan_breaks():
    found = kv.contingencies(kv.read(TWO_FEEDERS.replace("SHARED", "50 kW")))  # 36 A on each of two, 72 A on one
    row = next(r for r in found.rows if r.name == "a")
    assert row.verdict == "broken" and row.reason.startswith("overload: b at 1")
    assert found.whole.broken == 2


def test_a_failure_that_makes_worse_what_the_plan_breaks_is_broken():
    found = kv.contingencies(kv.read(TWO_FEEDERS.replace("SHARED", "90 kW")))  # 67 A on each of two, 141 A on one
    rows = {r.name: r for r in found.rows}
    assert rows["as planned"].verdict == "broken" and rows["a"].verdict == "broken"
    assert "overload: b at 2" in rows["a"].reason
