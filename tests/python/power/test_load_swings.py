"""Parts that answer load swings and failures, in time: capacitor shelf, stores in supplies, smoothing, shedding."""

import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from scipy.optimize import brentq

DATA = Path(kv.__file__).parents[2] / "data"

SHELF = """
kelvolt: 1
components:
  source: {model: dc_source, V: 50 V, R: 1 mohm}
  capacitors: {model: capacitor_shelf, P_rated: 10 kW, V_bus: 50 V, C: 100 F, ESR: 4 mohm, V_max: 48 V, V_min: 36 V,
    charge_set: 0.9, tau_load: 1e12 s, recentring: 1e12 s}
  asked: {model: constant, value: 0}
connections: [source.bus -> capacitors.bus, asked.signal -> capacitors.load]
events: [{at: 1 s, set: asked.value, to: 6000}]
run: {duration: 6 s, start: steady}
"""


def _charge_of(v):
    return (v**2 - 36.0**2) / (48.0**2 - 36.0**2)


def test_a_capacitor_at_constant_power_falls_in_the_time_of_the_closed_form():
    run = kv.read(SHELF).simulate(every="10 ms", record=["capacitors.v_capacitor", "capacitors.P_out"], tolerance=1e-7)
    assert run["capacitors.P_out"][200] == pytest.approx(6000.0, rel=1e-6)
    squared = 4.0 * 0.004 * 6000.0  # C dv/dt = -I, v I - R I^2 = P

    def primitive(v):
        root = math.sqrt(v**2 - squared)
        return 100.0 / (2.0 * 6000.0) * (0.5 * v**2 + 0.5 * v * root - 0.5 * squared * math.log(v + root))

    start = math.sqrt(36.0**2 + 0.9 * (48.0**2 - 36.0**2))
    for at in (200, 350, 500):
        seconds = primitive(start) - primitive(run["capacitors.v_capacitor"][at])
        assert seconds == pytest.approx(run.time[at] - 1.0, rel=1e-4)


def test_a_capacitor_shelf_lasts_for_about_its_energy_over_the_power_then_gives_nothing_and_is_told():
    run = kv.read(SHELF).simulate("12 s", every="10 ms", record=["capacitors.charge", "capacitors.P_out"])
    energy = 0.5 * 100.0 * (48.0**2 - 36.0**2)
    given = 0.85 * energy / 6000.0  # from 0.9 to 0.05, where it begins to give less; without the loss in its resistance
    below = run.time[(run.time > 1.1) & (run["capacitors.P_out"] < 5990.0)][0]
    assert below - 1.0 == pytest.approx(given, rel=0.03)
    assert run["capacitors.charge"].min() > 0.0 and run["capacitors.P_out"][-1] < 100.0
    broken = run.check().query("verdict == 'broken'")
    assert "store_charge" in set(broken.id)
    assert abs(run.audit.energy_relative) < 1e-6


def test_a_capacitor_shelf_with_a_ramp_leaves_exactly_the_ramp_to_the_supply():
    text = SHELF.replace("tau_load: 1e12 s,", "tau_load: 1 ms, ramp_up: 2 kW/s, ramp_down: 4 kW/s,")
    text = text.replace("to: 6000}]", "to: 6000}, {at: 5 s, set: asked.value, to: 0}]")
    run = kv.read(text).simulate("8 s", every="10 ms", record=["capacitors.P_out"], tolerance=1e-7)
    power = run["capacitors.P_out"]
    rising = (run.time > 1.01) & (run.time < 3.9)
    assert power[rising] == pytest.approx(6000.0 - 2000.0 * (run.time[rising] - 1.0), abs=1.0)
    assert power[(run.time > 4.1) & (run.time < 4.9)] == pytest.approx(0.0, abs=1.0)
    falling = (run.time > 5.01) & (run.time < 6.4)
    assert power[falling] == pytest.approx(-6000.0 + 4000.0 * (run.time[falling] - 5.0), abs=1.0)
    assert power[run.time > 6.6] == pytest.approx(0.0, abs=1.0)


def test_a_capacitor_shelf_with_a_droop_shares_a_step_with_the_supply_and_hands_it_over():
    text = SHELF.replace("tau_load: 1e12 s,", "droop: 0.5 V, tau_bus: 0.5 s,").replace(
        "  asked: {model: constant, value: 0}\n", "  load: {model: dc_load, P: 1 kW, V: 50 V}\n"
    )
    text = text.replace("asked.signal -> capacitors.load", "source.bus -> load.bus")
    text = text.replace("{at: 1 s, set: asked.value, to: 6000}", "{at: 1 s, set: load.P, to: 6 kW}")
    run = kv.read(text).simulate("8 s", every="10 ms", record=["capacitors.P_out", "source.P"], tolerance=1e-7)
    before = 25.0 + math.sqrt(25.0**2 - 1e-3 * 1e3)  # v of 1 kW behind 1 mohm, the mean
    v = brentq(lambda v: (50.0 - v) / 1e-3 * v + 10e3 * (before - v) / 0.5 - 6e3, 49.5, 50.0)
    after = int(np.argmax(run.time > 1.0)) - 1
    given = run.get("capacitors.P_out", kind="maximum")[after : after + 3].max()
    assert given == pytest.approx(10e3 * (before - v) / 0.5, rel=1e-4)
    assert run["capacitors.P_out"][-1] == pytest.approx(0.0, abs=1.0)


def test_gradients_through_a_store_and_its_ramp_are_those_of_two_runs():
    def run(**values):
        text = SHELF.replace("tau_load: 1e12 s, recentring: 1e12 s", "tau_load: 2 s, recentring: 20 s, ramp_up: 2 kW/s")
        case = kv.read(text)
        for name, value in values.items():
            case[f"capacitors.{name}"] = value
        return case.simulate("4 s", every="1 s", tolerance=1e-9, record=["capacitors.charge"])

    base = run()
    for name, value in {"tau_load": 2.0, "ramp_up": 2e3, "C": 100.0}.items():
        low, high = (run(**{name: x * value})["capacitors.charge"][-1] for x in (0.999, 1.001))
        gradient = base.gradient("capacitors.charge", f"capacitors.{name}")
        assert float(gradient) == pytest.approx((high - low) / (0.002 * value), rel=1e-3)


SWINGS = """
kelvolt: 1
components:
  utility: {model: ac_utility, V: 415 V, S_sc: 50 MVA}
  shelf: {model: storage_shelf_33kw, store_energy: 1.2 kJ}
  meter: {model: dc_meter, P_rated: 30 kW}
  capacitors: {model: capacitor_shelf_30kw, tau_load: 1 s}
  work: {model: constant, value: 0.4}
  firmware: {model: power_smoothing, floor: 0.6, ramp_up: 0.5 1/s, ramp_down: 0.2 1/s, hysteresis: 1.5 s}
  gpus: {model: dc_managed_load, P: 20 kW, V: 50 V}
connections:
  - utility.bus -> shelf.in_a
  - utility.bus -> shelf.in_b
  - shelf.out -> capacitors.bus
  - capacitors.bus -> meter.a
  - meter.b -> gpus.bus
  - meter.power -> capacitors.load
  - work.signal -> firmware.wanted
  - firmware.drawn -> gpus.factor
profiles: {iterations: {piecewise: POINTS, between: step}}
apply: [{profile: iterations, to: work.value}]
run: {duration: 30 s, start: steady, steady_at: 0 s}
"""
POINTS = [[0, 0.4], *([t, level] for k in range(9) for t, level in ((2.0 + 2 * k, 0.95), (3.4 + 2 * k, 0.4)))]
SWINGS = SWINGS.replace("POINTS", str([[f"{t:g} s", level] for t, level in POINTS]))
OFF = {"firmware.in_service": 0, "capacitors.in_service": 0, "shelf.smooths": 0}


def _with(values):
    case = kv.read(SWINGS)
    for path, value in values.items():
        case[path] = value
    return case


def _swing(run):
    settled = (run.time > 12.0) & (run.time < 19.5)
    return np.ptp(run["utility.P"][settled])


@pytest.fixture(scope="module")
def runs():
    record = ["utility.P", "gpus.P", "firmware.drawn", "capacitors.P_out", "shelf.P_store", "meter.P"]
    kept = {"none": (), "shelf": ("shelf.smooths",), "capacitors": ("capacitors.in_service",)}
    kept |= {"firmware": ("firmware.in_service",), "all": tuple(OFF)}
    made = {}
    for name, keep in kept.items():
        case = _with({p: value for p, value in OFF.items() if p not in keep})
        made[name] = case.simulate(every="20 ms", record=record)
    return made


def _steepest(run):
    """Largest change of the utility's power within 20 ms, W."""
    settled = (run.time > 12.0) & (run.time < 19.5)
    return np.abs(np.diff(run["utility.P"][settled])).max()


def test_shelf_and_firmware_lower_the_swing_at_the_utility_and_all_together_most(runs):
    swing = {name: _swing(run) for name, run in runs.items()}
    assert swing["none"] == pytest.approx(0.55 * 20e3 / 0.97, rel=0.02)
    assert swing["capacitors"] < 0.5 * swing["none"] and swing["firmware"] < 0.5 * swing["none"]
    assert swing["all"] < 0.1 * swing["none"]


def test_the_store_of_the_power_supplies_makes_edges_less_steep_with_its_time_constant(runs):
    assert _steepest(runs["none"]) == pytest.approx(_swing(runs["none"]), rel=1e-3)
    expected = (1.0 - math.exp(-0.02 / 0.03)) * _steepest(runs["none"])  # of a first order of 30 ms within 20 ms
    assert _steepest(runs["shelf"]) == pytest.approx(expected, rel=0.02)


def test_the_energy_of_every_store_closes(runs):
    for run in runs.values():
        assert abs(run.audit.energy_relative) < 1e-6


def test_the_floor_is_held_through_the_iterations_and_released_at_the_end_of_the_job(runs):
    t, drawn = runs["firmware"].time, runs["firmware"]["firmware.drawn"]
    assert drawn[(t > 5.0) & (t < 21.0)].min() > 0.599
    released = next(e.time for e in runs["firmware"].events if e.component == "firmware" and "released" in e.text)
    assert released == pytest.approx(19.4 + 1.5, abs=1e-3)  # the last iteration pauses at 19.4 s
    assert drawn[-1] == pytest.approx(0.4, abs=1e-6)


def test_a_rise_of_the_work_is_drawn_along_the_ramp():
    text = SWINGS.replace(str([[f"{t:g} s", level] for t, level in POINTS]), "[[0 s, 0.4], [2 s, 0.95]]")
    run = kv.read(text).simulate("5 s", every="10 ms", record=["firmware.drawn"], tolerance=1e-6)
    for at in (250, 300):
        assert run["firmware.drawn"][at] == pytest.approx(0.4 + 0.5 * (run.time[at] - 2.0), abs=1e-6)
    assert run["firmware.drawn"][-1] == pytest.approx(0.95, abs=1e-6)


def test_in_a_steady_state_the_parts_pass_on_what_is_asked_for():
    asked = kv.read(SWINGS).steady()
    none = _with(OFF).steady()
    standby = asked["capacitors.loss"]
    assert asked["gpus.P"] == pytest.approx(0.4 * 20e3, rel=1e-9)
    assert asked["utility.P"] - none["utility.P"] == pytest.approx(standby, rel=0.05)
    assert asked["shelf.P_store"] == pytest.approx(0.0, abs=1e-6)


LADDER = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 10 MVA}
  ups: {model: ac_ups, P_rated: 20 kW, V_out: 400 V, V_in: 400 V, V_in_min: 340 V, V_in_max: 440 V,
    battery_energy: 1 MJ, walk_in: 1 s, loss: {parabola: [0, 0.05, 0]}}
  meter: {model: ac_meter, P_rated: 20 kW}
  ladder: {model: shed_ladder, groups: 2, delay_1: 2 s, delay_2: 10 s, share_2: 0.5, restore_delay: 15 s}
  office: {model: ac_managed_load, P: 4 kW, V: 400 V}
  batch: {model: ac_managed_load, P: 8 kW, V: 400 V}
  service: {model: ac_load, P: 4 kW, V: 400 V}
connections:
  - mains.bus -> ups.in
  - ups.out -> meter.a
  - meter.b -> office.bus
  - meter.b -> batch.bus
  - meter.b -> service.bus
  - ups.discharging -> ladder.call
  - ladder.group_1 -> office.factor
  - ladder.group_2 -> batch.factor
events: [{at: 5 s, set: mains.in_service, to: 0}, {at: 40 s, set: mains.in_service, to: 1}]
run: {duration: 2 min, start: steady}
"""


CHIP = """
kelvolt: 1
components:
  source: {model: dc_source, V: 0.8 V, R: 10 uohm}
  work: {model: constant, value: 0.9}
  firmware: {model: power_smoothing, floor: 0.6, ramp_down: 0.2 1/s, hysteresis: 4 s}
  chip: {model: powered_chip, power: 1 kW, memory_power: 20 W, R_jc: 0.01 K/W, C_die: 50 J/K, V_min: 0.6 V}
  sink: {model: conductance, G: 50 W/K}
  water: {model: ambient, T: 30 degC}
connections:
  - source.bus -> chip.supply
  - work.signal -> firmware.wanted
  - firmware.drawn -> chip.throttle
  - chip.case -> sink.a
  - sink.b -> water.port
events: [{at: 10 s, set: work.value, to: 0.2}]
run: {duration: 40 s, start: steady}
"""


def _times_shed(run):
    return [(round(e.time, 2), e.text) for e in run.events if e.component == "ladder" and "groups that are" in e.text]


def test_loads_are_shed_in_order_while_the_battery_carries_and_restored_in_reverse():
    run = kv.read(LADDER).simulate(every="0.5 s", record=["office.P", "batch.P", "service.P"])
    times = _times_shed(run)
    assert [text[-1] for _, text in times] == ["1", "2", "1", "0"]
    assert [t for t, _ in times[:2]] == [pytest.approx(7.0, abs=0.1), pytest.approx(17.0, abs=0.1)]
    back = times[2][0]
    assert 40.0 + 15.0 < back < 40.0 + 17.0 and times[3][0] == pytest.approx(back + 15.0, abs=0.01)
    at = int(np.argmax(run.time >= 30.0))
    assert run["office.P"][at] == pytest.approx(0.0, abs=1.0)
    assert run["batch.P"][at] == pytest.approx(4e3, rel=1e-3)
    assert run["service.P"].min() == pytest.approx(4e3, rel=1e-3)


def test_an_overload_sheds_only_what_is_needed_and_does_not_chatter():
    text = LADDER.replace("  - ups.discharging -> ladder.call\n", "  - meter.share -> ladder.measure\n")
    text = text.replace("share_2: 0.5,", "share_2: 0.5, level_1: 0.9, level_2: 0.9, restore_level: 0.6,")
    text = text.replace(
        "events: [{at: 5 s, set: mains.in_service, to: 0}, {at: 40 s, set: mains.in_service, to: 1}]",
        "events: [{at: 5 s, set: service.P, to: 7 kW}, {at: 60 s, set: service.P, to: 3 kW}]",
    )
    run = kv.read(text).simulate(every="0.5 s", record=["office.P"])
    times = _times_shed(run)
    # 19 kW of 20 kW: the first group goes; the 15 kW left are below the level, 11 kW below restore_level
    assert [(t, text[-1]) for t, text in times] == [(7.0, "1"), (75.0, "0")]


def test_groups_fall_at_their_levels_of_the_state_of_charge():
    text = LADDER.replace(
        "  - ups.discharging -> ladder.call\n",
        "  - ups.discharging -> ladder.call\n  - ups.state_of_charge -> ladder.measure\n",
    )
    text = text.replace(
        "delay_1: 2 s, delay_2: 10 s,", "sheds: below, level_1: 0.9, level_2: 0.8, delay_1: 0 s, delay_2: 0 s,"
    )
    run = kv.read(text).simulate("35 s", every="0.5 s", record=["ups.charge"], tolerance=1e-7)
    first, second = (t for t, _ in _times_shed(run))
    assert np.interp(first, run.time, run["ups.charge"]) == pytest.approx(0.9, abs=1e-3)
    assert np.interp(second, run.time, run["ups.charge"]) == pytest.approx(0.8, abs=1e-3)


def test_gradients_through_the_decisions_of_a_ladder_are_refused_by_name():
    run = kv.read(LADDER).simulate("30 s", every="1 s")
    with pytest.raises(kv.NoGradient, match="ladder"):
        run.gradient("ups.charge", "service.P")


def test_the_profile_of_the_case_is_what_the_generator_makes():
    path = DATA / "profiles" / "training_nvl72.csv"
    stored = np.loadtxt(path, delimiter=",", skiprows=2)
    made = kv.training_profile(72, tdp=1400.0, duration=30.0, step=0.01, seed=7, ramp=4.0, bursts=0.5)
    level = made.activity.mean("gpu").values
    level[made.time.values >= 24.0] = made.attrs["idle"]
    assert np.allclose(stored[:, 0], made.time.values) and np.allclose(stored[:, 1], level, atol=6e-5)
    assert stored[:, 1].max() == pytest.approx(1.4, abs=1e-3)  # the bursts are in it


def test_smoothing_through_the_throttle_of_a_chip_makes_the_burned_power_heat_of_the_chip():
    run = kv.read(CHIP).simulate("40 s", every="0.1 s", record=["chip.P", "firmware.drawn", "sink.Q_flow"])
    paused = (run.time > 12.0) & (run.time < 14.0)
    assert run["chip.P"][paused] == pytest.approx(0.6 * 1000.0 + 20.0, rel=1e-3)  # the floor, and the memory
    assert run["sink.Q_flow"][-1] == pytest.approx(0.2 * 1000.0 + 20.0, rel=0.02)
    assert abs(run.audit.energy_relative) < 1e-6


def test_the_case_shows_the_swings_that_it_states():
    def swing(**off):
        case = kv.load(DATA / "cases" / "load_swings.yaml")
        for k in range(1, 9 if off else 1):
            case[f"shelf[{k}].smooths"] = 0
        for path, value in off.items():
            case[f"{path}.in_service"] = value
        run = case.simulate(record=["utility.P"])
        assert abs(run.audit.energy_relative) < 1e-6
        settled = (run.time > 12.0) & (run.time < 23.0)
        return np.ptp(run["utility.P"][settled])

    assert swing(firmware=0, capacitors=0) == pytest.approx(107.0e3, rel=5e-3)
    assert swing() == pytest.approx(6.6e3, rel=2e-2)


def test_the_battery_of_the_shedding_case_lasts_with_its_ladder_and_not_without():
    def empties(groups):
        case = kv.load(DATA / "cases" / "shedding.yaml")
        case["ladder.groups"] = groups
        run = case.simulate()
        assert abs(run.audit.energy_relative) < 1e-6
        return not run.check().query("verdict == 'broken' and id == 'store_charge'").empty

    assert not empties(3) and empties(0)
