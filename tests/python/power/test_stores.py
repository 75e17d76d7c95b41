"""Stores in time: batteries, UPS and capacitors empty when their energy is spent, and their energy closes."""

import math
import random
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.power.outages import outages

CASES = Path(__file__).parents[3] / "data" / "cases"

BATTERY = """
kelvolt: 1
components:
  battery: {model: battery, V_empty: 44 V, V_full: 54 V, R: 50 mohm, soc: 0.8, energy: 100 kJ}
  load: {model: dc_load, P: 1 kW, V: 50 V, z_share: 1}
connections: [battery.bus -> load.bus]
run: {duration: 200 s, start: steady}
"""


def test_a_battery_into_a_resistance_empties_when_the_closed_form_says():
    case = kv.read(BATTERY)
    run = case.simulate(every="1 s", record=["battery.charge"])
    resistance = 0.05 + 50.0**2 / 1000.0
    capacity = 100e3 / 49.0  # C: the energy over the mean voltage
    start = 44.0 + 0.8 * 10.0
    expected = resistance * capacity / 10.0 * math.log(start / 44.0)
    (event,) = [e for e in run.events if e.component == "battery" and "discharged" in e.text]
    assert event.time == pytest.approx(expected, rel=1e-4)
    voltage = 44.0 + 10.0 * run["battery.charge"]
    assert voltage[50] == pytest.approx(start * math.exp(-50.0 * 10.0 / (resistance * capacity)), rel=1e-4)


def test_what_is_empty_gives_nothing_and_is_told():
    run = kv.read(BATTERY).simulate(every="1 s", record=["load.P", "battery.charge"])
    assert run["load.P"][-1] == pytest.approx(0.0, abs=1e-6)
    broken = run.check().query("verdict == 'broken'")
    assert set(broken.id) >= {"store_charge", "fed"}


def test_the_energy_of_a_store_closes_with_what_passed_through_it():
    run = kv.read(BATTERY).simulate("60 s", every="1 s")
    assert abs(run.audit.energy_relative) < 1e-6


def test_a_battery_charges_from_its_bus_and_stops_when_full():
    text = BATTERY.replace("soc: 0.8", "soc: 0.2").replace(
        "  load:", "  source: {model: dc_source, V: 56 V, R: 20 mohm}\n  load:"
    )
    text = text.replace("[battery.bus -> load.bus]", "[battery.bus -> load.bus, source.bus -> load.bus]")
    run = kv.read(text).simulate("30 min", every="10 s", record=["battery.charge"])
    charge = run["battery.charge"]
    assert charge[0] == pytest.approx(0.2) and 0.99 < charge[-1] <= 1.0
    assert abs(run.audit.energy_relative) < 1e-6


PSU = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  psu: {model: ac_rectifier, P_rated: 1 kW, V_out: 50 V, droop: 0.5 V, V_in: 400 V, V_in_min: 340 V, V_in_max: 440 V,
    hold_up: 20 ms,
    loss: {parabola: [0, 0.04, 0]}}
  load: {model: dc_load, P: 500 W, V: 49.75 V}
connections: [mains.bus -> psu.in, psu.out -> load.bus]
events: [{at: 1 s, set: mains.in_service, to: 0}]
run: {duration: 2 s, start: steady}
"""


def test_hold_up_at_rating_lasts_twice_as_long_at_half_the_rating():
    run = kv.read(PSU).simulate(every="0.1 s")
    (event,) = [e for e in run.events if "hold-up is spent" in e.text]
    power = run.start["load.P"] + run.start["psu.loss"]
    assert event.time - 1.0 == pytest.approx(0.02 * 1000.0 / power, rel=1e-4)
    assert abs(run.audit.energy_relative) < 1e-6


def test_a_gap_shorter_than_the_hold_up_is_not_seen_by_the_load():
    text = PSU.replace("to: 0}]", "to: 0}, {at: 1.02 s, set: mains.in_service, to: 1}]")
    run = kv.read(text).simulate(every="0.01 s", record=["load.P"])
    assert run.get("load.P", kind="minimum").min() > 499.0
    assert not run.check().query("verdict == 'broken' and id == 'fed'").size


UPS = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  ups: {model: ac_ups, P_rated: 20 kW, V_out: 400 V, V_in: 400 V,
        V_in_min: 340 V, V_in_max: 440 V,
    battery_energy: 1 MJ,
    P_charge: 2 kW, walk_in: 10 s,
        loss: {parabola: [0, 0.05, 0]}}
  load: {model: ac_load, P: 10 kW, V: 400 V}
connections: [mains.bus -> ups.in, ups.out -> load.bus]
events: [{at: 10 s, set: mains.in_service, to: 0}, {at: 40 s, set: mains.in_service, to: 1}]
run: {duration: 10 min, start: steady}
"""


def test_a_ups_carries_its_load_walks_in_and_recharges():
    run = kv.read(UPS).simulate(every="1 s", record=["ups.charge", "ups.P_battery", "load.P", "mains.P"])
    assert run.get("load.P", kind="minimum").min() > 0.99 * run["load.P"][0]
    battery = run["ups.P_battery"]
    assert battery[0] == pytest.approx(0.0, abs=1e-6) and battery[30] == pytest.approx(battery[20], rel=1e-6)
    used = 1.0 - run["ups.charge"][39]
    assert used == pytest.approx(battery[20] * 29.0 / 1e6, rel=5e-3)
    assert run["mains.P"][45] == pytest.approx(0.5 * run["mains.P"][0] + 2000.0 / 0.95 * 0.5, rel=0.03)
    assert run["ups.charge"][-1] > 0.995
    assert abs(run.audit.energy_relative) < 1e-6


def test_a_ups_without_mains_for_too_long_leaves_its_load_dark():
    text = UPS.replace(", {at: 40 s, set: mains.in_service, to: 1}", "")
    run = kv.read(text).simulate(every="1 s", record=["ups.P_battery", "load.P"])
    (event,) = [e for e in run.events if e.component == "ups" and "empty" in e.text]
    assert event.time - 10.0 == pytest.approx(1e6 / run["ups.P_battery"][20], rel=1e-3)
    assert run["load.P"][-1] == pytest.approx(0.0, abs=1e-6)


GENERATOR = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  generator: {model: ac_generator, V: 400 V, S_rated: 50 kVA, start_delay: 8 s, cool_down: 30 s,
    voltage_dip: 0.2, recovery_time: 1 s}
  ats: {model: ac_transfer_switch, delay: 0.5 s, break_time: 0.1 s, return_delay: 20 s}
  load: {model: ac_load, P: 10 kW, V: 400 V, z_share: 1}
connections: [mains.bus -> ats.in_1, generator.bus -> ats.in_2, ats.call -> generator.call, ats.out -> load.bus]
events: [{at: 1 s, set: mains.in_service, to: 0}, {at: 60 s, set: mains.in_service, to: 1}]
run: {duration: 3 min, start: steady}
"""


def _times(run, component):
    return [(round(e.time, 6), e.text) for e in run.events if e.component == component]


def test_generator_and_transfer_switch_follow_their_times():
    run = kv.read(GENERATOR).simulate(every="0.1 s", record=["load.P", "generator.P"])
    told = _times(run, "generator")
    assert [t for t, text in told if "starting" in text] == [1.0]
    assert [t for t, text in told if "running" in text] == [9.0]
    assert [t for t, text in told if "cooling" in text] == [60.0]
    assert [t for t, text in told if "stopped" in text] == [90.0]
    switched = _times(run, "ats")
    assert [t for t, text in switched if text.startswith("open")] == [9.5, 80.0]
    assert [t for t, text in switched if "on input 2" in text] == [9.6]
    assert [t for t, text in switched if "on input 1" in text] == [80.1]
    power = run["load.P"]
    assert power[50] == 0.0 and power[99] > 8000.0


def test_the_voltage_of_a_generator_dips_with_the_step_and_recovers():
    run = kv.read(GENERATOR).simulate("20 s", every="0.1 s", record=["generator.v", "generator.step"])
    step = run.get("generator.step", kind="maximum").max()
    rest = run["generator.v"][95]
    assert step == pytest.approx(10e3 / 40e3, rel=0.12)
    low = run.get("generator.v", kind="minimum")[97:].min()
    assert low / rest == pytest.approx(1.0 - 0.2 * step, rel=2e-3)
    assert run["generator.v"][-1] / rest > 0.995


def test_a_generator_that_does_not_start_leaves_the_load_dark():
    case = kv.read(GENERATOR)
    case["generator.start_fails"] = 1
    run = case.simulate("50 s", every="1 s", record=["load.P"])
    assert run["load.P"][-1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "seeds"),
    [("edge_site", 100), ("server_room", 100), ("edge_campus", 100), ("load_swings", [1017, 1018, 3035])],
)
def test_random_losses_and_returns_end_with_an_answer_that_names_what_gave_way(name, seeds):
    case = kv.load(CASES / f"{name}.yaml")
    losses = outages(case)
    for seed in range(seeds) if isinstance(seeds, int) else seeds:
        draw = random.Random(seed)
        events = []
        for loss in draw.sample(losses, draw.randint(1, 3)):
            lost_at = draw.uniform(5.0, 200.0)
            events.append((lost_at, dict(loss.values)))
            if draw.random() < 0.7:
                back = {path: 1.0 if value == 0.0 else value + 1.0 for path, value in loss.values.items()}
                events.append((lost_at + draw.expovariate(1.0 / 60.0), back))
        run = case.simulate(300.0, events=sorted(e for e in events if e[0] < 300.0), progress=False)
        assert np.asarray(run.raw.time)[-1] == pytest.approx(300.0)
        dark = [e for e in run.raw.events if "collapses" in e.text]
        assert not dark or any(v.id == "fed" and v.verdict == "broken" for v in run.end.raw.verdicts), (
            seed,
            dark[0].text,
        )


def test_a_generator_that_does_not_start_gives_nothing_in_a_steady_state_either():
    text = """
kelvolt: 1
components:
  utility: {model: ac_utility, V: 400 V, S_sc: 20 MVA, in_service: 0}
  generator: {model: ac_generator, V: 400 V, S_rated: 500 kVA, P_max: 400 kW}
  ats: {model: ac_transfer_switch, I_max: 1000 A}
  load: {model: ac_load, V: 400 V, P: 100 kW}
connections: [utility.bus -> ats.in_1, generator.bus -> ats.in_2, ats.call -> generator.call, ats.out -> load.bus]
"""
    assert kv.read(text).steady()["load.P"] == pytest.approx(100e3, rel=1e-6)
    dark = kv.read(text).update({"generator.start_fails": 1.0}).steady()
    assert dark["load.P"] == 0.0
    assert any(v.id == "fed" and v.verdict == "broken" for v in dark.raw.verdicts)


OVERLOADED = """
kelvolt: 1
components:
  source: {model: dc_source, V: 50 V, R: 1 mohm}
  bbu: {model: bbu_shelf, P_rated: 10 kW, V_trigger: 48 V, droop: 0.5 V,
        energy: 100 kJ, P_charge: 1 kW, loss: {parabola: [0, 0.03, 0]}}
  load: {model: dc_load, P: 16 kW, V: 50 V}
connections: [source.bus -> bbu.bus, source.bus -> load.bus]
"""


@pytest.mark.parametrize("power", ["15.5 kW", "16 kW", "30 kW"])
def test_a_shelf_that_cannot_carry_the_load_loses_it_and_the_run_goes_on(power):
    case = kv.read(OVERLOADED.replace("16 kW", power))
    run = case.simulate("20 s", events=[("10 s", {"source.in_service": 0})], progress=False)
    assert run["load.P"][-1] == 0.0
    assert any("collapses" in e.text and e.time == pytest.approx(10.0) for e in run.raw.events)


def test_mains_that_return_to_an_empty_ups_carry_the_whole_load_at_once_and_go_on():
    text = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  ups: {model: ac_ups, P_rated: 20 kW, V_out: 400 V, V_in: 400 V,
        V_in_min: 340 V, V_in_max: 460 V, battery_energy: 150 kJ, P_charge: 1 kW, walk_in: 10 s,
        loss: {parabola: [0.01, 0.02, 0]}}
  load: {model: ac_load, V: 400 V, P: 10 kW}
connections: [mains.bus -> ups.in, ups.out -> load.bus]
"""
    events = [(5.0, {"mains.in_service": 0}), (40.0, {"mains.in_service": 1})]
    run = kv.read(text).simulate("60 s", every="0.5 s", events=events, record=["ups.P_battery"], progress=False)
    back = run.time > 40.5
    assert run["ups.P_battery"][back].max() < 1.0, "a battery that has just been empty is not drawn from again"
    assert run["load.P"][back].min() == pytest.approx(10e3, rel=1e-4)


def test_a_load_that_gives_power_back_into_a_ups_breaks_a_limit():
    text = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  ups: {model: ac_ups, P_rated: 20 kW, V_out: 400 V, V_in: 400 V,
        V_in_min: 340 V, V_in_max: 460 V, loss: {parabola: [0.01, 0.02, 0]}}
  load: {model: ac_load, V: 400 V, P: -5 kW}
connections: [mains.bus -> ups.in, ups.out -> load.bus]
"""
    found = {v.id: v.verdict for v in kv.read(text).steady().raw.verdicts}
    assert found["ups_reverse_power"] == "broken"
