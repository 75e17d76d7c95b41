"""Ride-through: what gives way after a loss, and when."""

import json
import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.tables import Units
from kelvolt.cli import main
from kelvolt.plots import ride_through

CASES = Path(__file__).resolve().parents[3] / "data" / "cases"


@pytest.fixture(scope="module")
def two_racks():
    case = kv.load(CASES / "ride_through.yaml")
    return kv.ridethrough(case, ["mains lost", "no start"], duration="60 s")


def _row(study, loss):
    return next(r for r in study.rows if r.name == loss)


def test_a_rack_whose_pumps_stop_throttles_within_its_thermal_clock(two_racks):
    row = _row(two_racks, "mains lost")
    assert row.stages["throttle"].element.startswith("rack[2].")
    assert 8.0 < row.stages["throttle"].after < 16.0
    start = _hottest(two_racks.run("mains lost", record=["rack[2].rack.tray[*].tray.gpu[*].T_die"]), two_racks.at)
    assert 1.0 < (95.0 + 273.15 - start) / row.stages["throttle"].after < 3.0  # K/s; 2 K/s by hand


def _hottest(run, at):
    return np.nanmax(run["rack[2].rack.tray[*].tray.gpu[*].T_die"][run.time <= at][-1])


def test_a_rack_whose_pumps_are_on_the_ups_does_not_throttle_when_the_generator_starts(two_racks):
    throttled = {b.element.split(".")[0] for b in _row(two_racks, "mains lost").breaks if b.id == "chip_throttle"}
    assert throttled == {"rack[2]"}


def test_without_the_generator_chips_switch_themselves_off_after_they_throttle(two_racks):
    row = _row(two_racks, "no start")
    assert row.stages["throttle"].after < row.stages["shutdown"].after < 40.0
    assert not any(text == "running" for _, component, text in row.events if component == "generator")


def test_the_table_is_sorted_and_names_what_came_first(two_racks):
    table = two_racks.table
    assert list(table.verdict) == ["broken", "broken"] and not two_racks.held
    first = table.set_index("loss").loc["mains lost"]
    assert 0.0 < first.first_time < 0.1 and first.first_limit == "required_flow"  # pumps coast at once
    # the supply of the pumps lives through a gap of 0.2 s; then its load is lost
    assert first.lost_time == pytest.approx(0.2, abs=1e-3) and first.lost_element == "cdu[2].supply"


def test_the_picture_has_power_energy_dies_and_flow_on_one_axis_of_time(two_racks):
    figure = ride_through(two_racks, "no start")
    labels = [a.get_ylabel() for a in figure.axes]
    assert [label.split()[0] for label in labels] == ["electric", "charge", "hottest", "flow"]
    assert figure.axes[0].get_shared_x_axes().joined(figure.axes[0], figure.axes[3])


def test_every_loss_of_a_server_room_gives_way_to_its_own_time():
    study = kv.ridethrough(kv.load(CASES / "server_room.yaml"), duration="30 min")
    rows = {r.name: r for r in study.rows}
    utility = rows["utility"]
    energy, power = 25e6, 20.67e3  # of the battery; of the UPS output and its loss
    assert utility.stages["empty"].after == pytest.approx(energy / power, rel=0.01)
    assert utility.stages["lost"].after == pytest.approx(utility.stages["empty"].after, abs=1.0)  # the servers
    # the cooling stands on the board: the air is too warm long before; 19.6 kW into 200 kJ/K alone would take 47 s
    assert utility.breaks[0].id == "room_air" and 47.0 < utility.breaks[0].after < 75.0
    on_ups = rows["no utility, plant on the UPS"]
    assert on_ups.breaks[0].id == "store_charge"
    assert on_ups.stages["empty"].after == pytest.approx(25e6 / 27.1e3, rel=0.01)
    assert rows["ups"].verdict == "held"  # the static switch takes the board
    assert rows["cord"].stages["lost"].after == pytest.approx(0.02 * 3000.0 / 2058.0, rel=0.02)  # hold-up of the PSU


def test_what_the_plan_breaks_before_the_loss_does_not_count(two_racks):
    case = kv.load(CASES / "server_room.yaml")
    case["outdoors.T"] = "45 degC"
    study = kv.ridethrough(case, "ups", duration="5 min")
    ids = {b.id for b in study.rows[0].breaks}
    assert not ids & {name.split(" of ")[0] for name in study.before}


def test_a_loss_that_does_not_exist_is_refused_with_those_that_do():
    case = kv.load(CASES / "server_room.yaml")
    with pytest.raises(kv.InputError, match="names nothing that can be lost; there is"):
        kv.ridethrough(case, "nothing")
    with pytest.raises(kv.InputError, match="duration"):
        kv.ridethrough(case, duration=0.0)
    study = kv.ridethrough(case, "psu", duration="1 s")
    with pytest.raises(kv.InputError, match="there is no loss"):
        study.run("pump")


def test_the_command_prints_the_table_and_ends_with_the_verdict(capsys, tmp_path):
    assert main(["ridethrough", str(CASES / "server_room.yaml"), "--lose", "ups", "--for", "10 s", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["loss"] == "ups" and row["verdict"] == "held" and row["lost_time"] is None
    table = tmp_path / "losses.csv"
    assert main(["ridethrough", str(CASES / "server_room.yaml"), "--for", "10 s", "--csv", str(table)]) == 1
    assert "cord" in capsys.readouterr().out and "cord" in table.read_text()


def test_events_given_to_a_run_are_checked_as_those_of_the_case():
    case = kv.load(CASES / "server_room.yaml")
    with pytest.raises(kv.InputError, match="in_service"):
        case.simulate("1 s", events=[(0.5, {"utility.in_service": 2.0})])
    run = case.simulate("2 s", events=[("1 s", {"utility.in_service": 0})])
    assert any(e.time == pytest.approx(1.0) and e.text == "utility.in_service to 0" for e in run.events)
    assert math.isclose(run.time[-1], 2.0)


def test_a_generator_that_nothing_calls_is_told_since_it_runs_at_all_times():
    text = """
kelvolt: 1
components:
  utility: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  generator: {model: ac_generator, V: 400 V, S_rated: 500 kVA, P_max: 400 kW}
  ats: {model: ac_transfer_switch, I_max: 1000 A}
  load: {model: ac_load, V: 400 V, P: 100 kW}
connections: [utility.bus -> ats.in_1, generator.bus -> ats.in_2, CALL ats.out -> load.bus]
"""
    silent = kv.ridethrough(kv.read(text.replace("CALL", "")), ["utility"], duration="10 s")
    assert "generator runs at all times" in silent.summary()
    called = kv.ridethrough(kv.read(text.replace("CALL", "ats.call -> generator.call,")), ["utility"], duration="10 s")
    assert "runs at all times" not in called.summary()


def test_a_stage_that_the_case_does_not_model_is_told_and_not_shown_as_held(starter_text):
    study = kv.ridethrough(kv.read(starter_text), "pump", duration="5 s")
    assert study.missing == {
        "throttle": "no chip with T_throttle, no throttle",
        "shutdown": "no chip with T_shutdown",
        "empty": "no store of energy",
        "lost": "no electric load",
    }
    told = " ".join(study.summary().split())
    assert "not modelled: throttle (no chip with T_throttle" in told
    assert study.as_table(Units("si")).rows[0][1:5] == ["not modelled"] * 4


CHIP = """
kelvolt: 1
components:
  source: {model: dc_source, V: 54 V, R: 2 mohm}
  chip: {model: powered_chip, power: 300 W, R_jc: 0.02 K/W, C_die: 50 J/K, T_die_max: 105 degC, V_min: 40 V}
  wall: {model: conductance, G: 10 W/K}
  room: {model: ambient, T: 20 degC}
connections: [source.bus -> chip.supply, chip.case -> wall -> room.port]
"""


def test_a_stage_without_its_figure_names_it(two_racks):
    assert two_racks.missing == {}
    study = kv.ridethrough(kv.read(CHIP), "source", duration="5 s")
    assert study.missing["throttle"] == "T_throttle not given" and study.missing["empty"] == "no store of energy"
    assert set(study.missing) == {"throttle", "shutdown", "empty"}
    given = kv.read(CHIP.replace("V_min: 40 V", "V_min: 40 V, T_throttle: 95 degC"))
    assert "throttle" not in kv.ridethrough(given, "source", duration="5 s").missing


def test_what_the_events_of_the_case_break_is_told_apart_from_what_is_broken_anyway(starter_text):
    text = starter_text.replace("{at: 90 s, set: pump.speed, to: 0.8}", "{at: 12 s, set: pump.running, to: 0}")
    text = text.replace("max: 75 degC", "max: 70 degC")
    text = text.replace("record:", '  - {of: "pump.V_flow", max: 1 L/min, id: slow, basis: mine}\nrecord:')
    study = kv.ridethrough(kv.read(text), "pump", duration="25 s", at="5 s")
    assert "slow of pump.V_flow" in study.before and "slow of pump.V_flow" not in study.by_events
    told = " ".join(study.summary().split())
    assert (
        f"broken by the events of the case itself, not by a loss; not counted from then on: {study.by_events[0]}"
        in told
    )
