"""Ways of fault currents: sources that stand by, dead transformers, and conductors in parallel."""

import math

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.plots.protection import time_current
from kelvolt.power.fault_levels import computed_levels

STANDBY = """
kelvolt: 1
components:
  utility: {model: ac_utility, V: 20 kV, S_sc: 400 MVA}
  mv: {model: ac_breaker, I_rated: 70 A, short_at: 20}
  transformer: {model: transformer_dry_1600, V_hv: 20 kV, V_lv: 420 V, group: Dyn11}
  main: {model: acb_electronic, I_rated: 2500 A, I_r: 2250 A, short_at: 4, t_short_min: 0.35 s, t_short_max: 0.5 s}
  generator: {model: generator_2500, S_rated: 1000 kVA, P_max: 800 kW, Q_max: 600 kvar, Q_min: -160 kvar, V: 415 V}
  gen_breaker: {model: mccb_electronic, I_rated: 1600 A, I_r: 1400 A, short_at: 6, t_short_min: 0.35 s,
                t_short_max: 0.5 s}
  ats: {model: ats_4000}
  feeder: {model: acb_electronic, I_rated: 1000 A, I_r: 800 A, short_at: 4, t_short_min: 0.14 s, t_short_max: 0.2 s}
  load: {model: ac_load, P: 100 kW, V: 400 V}
  room: {model: ambient, T: 25 degC}
connections:
  - utility.bus -> mv -> transformer.hv
  - transformer.lv -> main -> ats.in_1
  - generator.bus -> gen_breaker -> ats.in_2
  - ats.call -> generator.call
  - ats.out -> feeder -> load.bus
  - transformer.heat -> room.port
  - ats.heat -> room.port
"""


def guarded(text, **changes):
    case = kv.read(text)
    for path, value in changes.items():
        case[path.replace("__", ".")] = value
    return kv.protection(case, computed_levels(case))


def pair(of, upstream, downstream):
    return of.pairs.set_index(["upstream", "downstream"]).loc[(upstream, downstream)]


def test_the_way_of_a_generator_that_waits_is_judged_at_the_generators_own_current():
    found = guarded(STANDBY)
    behind_generator, behind_mains = pair(found, "gen_breaker", "feeder"), pair(found, "main", "feeder")
    alone = guarded(STANDBY, utility__in_service=0)
    own = pair(alone, "gen_breaker", "feeder")
    assert behind_generator.Ik_max == pytest.approx(own.Ik_max, rel=1e-6)
    assert behind_generator.Ik_min == pytest.approx(own.Ik_min, rel=1e-6)
    assert behind_generator.Ik_max < 0.5 * behind_mains.Ik_max
    # gen_breaker trips at once from 8.8 times 1600 A = 14.08 kA: above the generator's current, below the mains'
    assert behind_generator.Ik_max < 8.8 * 1600 < behind_mains.Ik_max
    assert behind_generator.verdict == "held"


def test_the_picture_of_the_way_of_a_generator_marks_its_own_currents():
    found = guarded(STANDBY)
    own = pair(found, "gen_breaker", "feeder")
    axes = time_current(found, "feeder", source="generator").axes[0]
    marked = {float(np.asarray(line.get_xdata())[0]) for line in axes.lines if len(line.get_xdata()) == 2}
    assert {own.Ik_min, own.Ik_max} <= marked and pair(found, "main", "feeder").Ik_max not in marked


def test_levels_of_a_source_can_be_given_and_a_wrong_name_is_refused():
    case = kv.read(STANDBY)
    table = kv.selectivity(case, {"feeder": (1e3, 30e3), "generator": {"feeder": (2e3, 9e3)}})
    by_pair = table.set_index(["upstream", "downstream"])
    assert by_pair.Ik_max[("gen_breaker", "feeder")] == 9e3 and by_pair.Ik_max[("main", "feeder")] == 30e3
    with pytest.raises(kv.InputError, match="'nowhere' is not a source"):
        kv.selectivity(case, {"nowhere": {"feeder": (2e3, 9e3)}})


def test_currents_on_both_sides_of_a_dead_transformer_are_not_compared():
    live, dead = guarded(STANDBY), guarded(STANDBY, utility__in_service=0)
    assert pair(live, "mv", "feeder").ratio == pytest.approx(420 / 20e3, rel=1e-2)
    row = pair(dead, "mv", "feeder")
    assert row.verdict == "not assessed" and "dead in this state" in row.reason and math.isnan(row.ratio)
    assert pair(dead, "main", "feeder").ratio == 1.0  # nothing but conductors between them


def test_what_a_ups_states_of_its_current_into_a_fault_holds_for_the_last_device_behind_it():
    text = """
kelvolt: 1
components:
  grid: {model: ac_utility, V: 415 V, S_sc: 30 MVA}
  ups: {model: ups_500kw, P_rated: 50 kW, fault_current: 3, fault_time: 0.5 s}
  device: {model: ac_breaker, I_rated: 16 A, instant_min: 3, instant_max: 5}
  load: {model: ac_load, P: 5 kW, V: 415 V}
connections: [grid.bus -> ups.in, ups.out -> device -> load.bus]
"""
    row = kv.protection(kv.read(text)).limited_list[0]
    assert row.t_given == 0.5
    assert row.I_low == row.I_high == pytest.approx(3 * 50e3 / (math.sqrt(3) * 415), rel=5e-3)


def test_the_list_of_checks_says_why_pairs_are_not_assessed():
    case = kv.read(STANDBY)
    case["utility.in_service"] = 0
    lines = [x for x in kv.power_check(case, failures=False).lines if x.item == 6 and x.quantity.startswith("pairs")]
    assert len(lines) == 1 and "2 of 4 pairs, mv before" in lines[0].reason and "dead in this state" in lines[0].reason


BEFORE_B = """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 20 MVA, X_over_R: 5, Z0_over_Z: 1}
  FIRST
  SECOND
  top: {model: ac_breaker, I_rated: 400 A, short_at: 8, t_short_min: 0.3 s, t_short_max: 0.4 s}
  b0: {model: ac_bus, V: 400 V}
  B: {model: ac_breaker, I_rated: 32 A, instant_min: 5, instant_max: 10}
  load: {model: ac_load, P: 5 kW, V: 400 V}
  b1: {model: ac_bus, V: 400 V}
connections: [g.bus -> top -> b1.bus, b1.bus -> A1 -> b0.bus, b1.bus -> A2 -> b0.bus, b0.bus -> B -> load.bus]
"""
A1 = "A1: {model: ac_breaker, I_rated: 100 A, short_at: 8, t_short_min: 0.2 s, t_short_max: 0.3 s}"
A2 = "A2: {model: ac_breaker, I_rated: 10 A, instant_min: 3, instant_max: 5}"


@pytest.mark.parametrize(("first", "second"), [(A1, A2), (A2, A1)])
def test_every_device_in_parallel_before_another_is_listed_whatever_the_order(first, second):
    found = guarded(BEFORE_B.replace("FIRST", first).replace("SECOND", second))
    rows = found.pairs.set_index(["upstream", "downstream"])
    assert set(rows.index) >= {("A1", "B"), ("A2", "B"), ("top", "B")}
    assert rows.verdict[("top", "B")] == "held"  # all the current passes it
    assert rows.verdict[("A1", "B")] == "held"  # even with all the current
    assert rows.verdict[("A2", "B")] == "not assessed" and "parallel with A2" in rows.reason[("A2", "B")]
    assert rows.verdict[("top", "A1")] == "not assessed"  # a part of the current of `top` passes A1


BOARD = """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 20 MVA, X_over_R: 5}
  main: {model: ac_breaker, I_rated: 4000 A, short_at: MAIN, t_short_min: 0.1 s, t_short_max: 0.2 s}
  split: {model: ac_bus, V: 400 V}
  board: {model: ac_bus, V: 400 V, electrodes: VCB, gap: 25 mm, arc_distance: 610 mm, box_height: 508 mm,
          box_width: 508 mm, box_depth: 508 mm}
  load: {model: ac_load, V: 400 V, P: 10 kW}
  a: TWIN
  b: OTHER
connections:
  - g.bus -> main -> split.bus
  - split.bus -> a -> board.bus
  - split.bus -> b -> board.bus
  - board.bus -> load.bus
"""
TWIN = "{model: ac_breaker, I_rated: 1600 A, I_r: 1000 A, short_at: 12, t_short_min: 0.1 s, t_short_max: 0.2 s}"


def arc(main, other):
    return kv.arc_flash(kv.read(BOARD.replace("MAIN", main).replace("TWIN", TWIN).replace("OTHER", other))).iloc[0]


@pytest.mark.parametrize("other", [TWIN, "{model: ac_switch}"])
def test_devices_that_share_the_current_of_an_arc_do_not_count_as_clearing_it(other):
    row = arc("30", other)  # the main breaker does not see the arc either
    assert row.verdict == "not assessed" and "share the current" in row.reason
    assert row.t == 2.0
    cleared = arc("2", other)
    assert (cleared.device, cleared.verdict) == ("main", "held") and cleared.t < 0.5


def test_one_open_breaker_of_two_leaves_all_the_current_to_the_other():
    row = arc("30", TWIN.replace("{", "{closed: 0, "))
    assert (row.device, row.verdict) == ("a", "held")
