"""Breakers and fuses in a case: they trip in a run, are judged at rest, and are selective or not in series."""

import json
import math

import kelvolt as kv
import numpy as np
import pandas
import pytest
from conftest import CASES
from kelvolt.cli.commands import main
from kelvolt.plots.protection import longest_ways, time_current

FEEDER = """
kelvolt: 1
title: two breakers in series
components:
  grid: {model: ac_utility, V: 415 V, S_sc: 30 MVA}
  upstream: {model: acb_electronic, I_rated: 800 A, I_r: 630 A, short_at: 4}
  downstream: {model: mccb_thermal, I_rated: 160 A}
  cable: {model: cable_240_cu, length: 20 m}
  machine: {model: ac_load, P: 60 kW, V: 415 V}
connections:
  - grid.bus -> upstream -> downstream -> cable
  - cable.b -> machine.bus
run: {duration: 30 s, start: steady}
"""


def feeder():
    return kv.read(FEEDER)


def with_line(line, instead):
    assert line in FEEDER
    return kv.read(FEEDER.replace(line, instead))


# ---- selectivity ----


def test_a_pair_in_series_is_found_and_held_where_the_upstream_one_is_always_later():
    table = kv.selectivity(feeder())
    assert table[["upstream", "downstream", "source"]].values.tolist() == [["upstream", "downstream", "grid"]]
    assert table.I_selective[0] == math.inf and table.verdict[0] == "held"


def test_an_instantaneous_part_ends_selectivity_at_its_lowest_current():
    # mccb_electronic: at once from 8.8 times 800 A = 7040 A
    case = with_line("acb_electronic, I_rated: 800 A, I_r: 630 A, short_at: 4", "mccb_electronic, I_rated: 800 A")
    row = kv.selectivity(case).iloc[0]
    assert row.I_selective == pytest.approx(8.8 * 800.0, rel=1e-3)
    assert row.verdict == "not assessed" and "not given" in row.reason
    assert row.cascade_from == row.I_selective and "short delay" in row.remedy
    by_level = {3e3: "held", 7e3: "held", 7.1e3: "broken", 20e3: "broken"}
    for level, verdict in by_level.items():
        assert kv.selectivity(case, {"downstream": (1e3, level)}).verdict[0] == verdict, level
    table = pandas.DataFrame({"path": ["downstream"], "Ik_min": [2e3], "Ik_max": [18e3]})
    assert kv.selectivity(case, table).Ik_max[0] == 18e3


def test_an_upstream_device_below_the_downstream_one_is_broken_with_its_setting_as_remedy():
    case = with_line("I_rated: 800 A, I_r: 630 A, short_at: 4", "I_rated: 800 A, I_r: 150 A, short_at: 4")
    row = kv.selectivity(case).iloc[0]
    assert row.verdict == "broken" and row.remedy.startswith("raise the setting of upstream (150 A)")


def test_an_open_breaker_and_a_transfer_switch_lead_no_fault_current_backwards():
    guarded = kv.protection(kv.load(CASES / "hall_2n_ac.yaml"))
    pairs = {(p.upstream, p.downstream) for p in guarded.pair_list}
    assert ("main[1]", "ups_in[1]") in pairs and ("generator_breaker[1]", "ups_in[1]") in pairs
    assert ("main[1]", "generator_breaker[1]") not in pairs and ("main[1]", "main[2]") not in pairs
    assert ("ups_in[1]", "ups_out[1]") not in pairs  # the UPS stands between: its current is limited
    assert ("ups_out[1]", "feeder_a[2]") in pairs and ("feeder_a[1]", "rack[1].tap_a[4]") in pairs
    assert ("feeder_a[1]", "rack[5].tap_a[1]") not in pairs
    currents = {p.upstream: p.ratio for p in guarded.pair_list if p.downstream == "ups_in[1]"}
    assert currents["main[1]"] == 1.0 and currents["mv_breaker[1]"] == pytest.approx(425.0 / 20e3, rel=0.03)


@pytest.mark.parametrize("name", ["hall_2n_ac", "hall_800vdc", "hall_sidecar"])
def test_the_shipped_halls_are_selective(name):
    guarded = kv.protection(kv.load(CASES / f"{name}.yaml"))
    assert len(guarded.pair_list) > 10
    assert guarded.pairs[guarded.pairs.verdict == "broken"].empty, guarded.text()


def test_wrong_fault_levels_are_refused_with_the_reason():
    case = feeder()
    with pytest.raises(kv.InputError, match="neither a protective device nor a bus"):
        kv.selectivity(case, {"nowhere": (1.0, 2.0)})
    with pytest.raises(kv.InputError, match="0 < Ik_min <= Ik_max"):
        kv.selectivity(case, {"downstream": (3.0, 2.0)})
    with pytest.raises(kv.InputError, match="no column Ik_min"):
        kv.selectivity(case, pandas.DataFrame({"path": ["downstream"], "Ik_max": [1.0]}))
    with pytest.raises(kv.InputError, match="margin"):
        kv.selectivity(case, margin=-1.0)
    with pytest.raises(TypeError, match="selectivity|protection"):
        kv.selectivity("hall.yaml")


# ---- behind converters ----


def test_a_limited_current_trips_a_small_device_in_time_and_not_a_large_one():
    def behind_ups(device):
        return kv.protection(
            kv.read(
                {
                    "kelvolt": 1,
                    "components": {
                        "grid": {"model": "ac_utility", "V": "415 V", "S_sc": "30 MVA"},
                        "ups": {"model": "ups_500kw", "P_rated": "50 kW"},
                        "device": device,
                        "machine": {"model": "ac_load", "P": "5 kW", "V": "415 V"},
                    },
                    "connections": ["grid.bus -> ups.in", "ups.out -> device.a", "device.b -> machine.bus"],
                }
            )
        ).limited_list[0]

    small = behind_ups({"model": "mcb_b_3p", "I_rated": "16 A"})
    assert small.I_low == pytest.approx(2.0 * 50e3 / (math.sqrt(3.0) * 415.0), rel=5e-3)
    assert small.verdict == "held" and small.t_latest == pytest.approx(0.01)
    large = behind_ups({"model": "mcb_c_3p", "I_rated": "63 A"})
    assert large.verdict == "broken" and large.t_latest > 1.0 and "trips below" in large.remedy


# ---- in time and at rest ----


def test_an_overload_trips_by_the_memory_is_named_and_the_load_is_dead_after_it():
    case = kv.read(
        FEEDER
        + """
events:
  - {at: 5 s, set: machine.P, to: 420 kW}
record: {every: 1 s, also: [machine.bus.v_re]}
"""
    )
    case["downstream.t_point_min"] = "2 s"
    case["downstream.t_point_max"] = "4 s"
    run = case.simulate()
    trips = [e for e in run.events if "trips" in e.text]
    assert [e.component for e in trips] == ["downstream"]
    assert "long-time part" in trips[0].text and "its setting of 160 A" in trips[0].text
    assert any("dead" in e.text for e in run.events)
    assert run["machine.bus.v_re"][-1] == pytest.approx(0.0, abs=1e-6)
    assert run["downstream.open_by_trip"][-1] == 1.0
    broken = {v.id for v in run.end.raw.verdicts if v.verdict == "broken"}
    assert {"breaker_thermal", "breaker_tripped", "fed"} <= broken


def test_at_rest_the_trip_share_and_the_limits_say_what_would_happen():
    case = feeder()
    sol = case.steady()
    current = sol["downstream.I"]
    assert sol["downstream.theta"] == pytest.approx((current / 160.0) ** 2, rel=1e-6)
    assert sol["downstream.I_rms"] == pytest.approx(current, rel=1e-4)
    assert {v.id: v.verdict for v in sol.raw.verdicts}["breaker_thermal"] == "held"
    case["machine.P"] = "130 kW"
    hot = case.steady()
    assert {v.id for v in hot.raw.verdicts if v.verdict == "broken"} >= {"breaker_load", "breaker_thermal"}
    row = kv.protection(hot).devices.set_index("device").loc["downstream"]
    assert 0.0 < row.t_earliest < row.t_latest


def test_a_fuse_melts_once_its_integral_of_dt_over_t_is_one():
    case = kv.read(
        {
            "kelvolt": 1,
            "components": {
                "grid": {"model": "ac_utility", "V": "415 V", "S_sc": "30 MVA"},
                "fuse": {"model": "fuse_gg_63"},
                "machine": {"model": "ac_load", "P": "20 kW", "V": "415 V", "z_share": 1},
            },
            "connections": ["grid.bus -> fuse -> machine.bus"],
            "events": [{"at": "2 s", "set": "machine.P", "to": "250 kW"}],
            "run": {"duration": "30 s", "start": "steady"},
        }
    )
    run = case.simulate()
    event = next(e for e in run.events if "melts" in e.text)
    current = float(event.text.split(" A")[0].split()[-1])
    low, high = kv.protection(case).by_path["fuse"].times([current])
    assert event.time == pytest.approx(2.0 + math.sqrt(low[0] * high[0]), rel=1e-3)


def test_a_contingency_opens_a_breaker_as_it_opens_a_switch():
    table = kv.contingencies(feeder(), families=["switch"]).table.set_index("contingency")
    assert {"upstream", "downstream"} <= set(table.index[table.family == "switch"])
    assert table.loc["downstream", "lost_load"] > 50e3


# ---- checks, command, picture ----


def test_the_list_of_checks_of_the_shipped_hall_holds_selectivity_caps_faults_and_harmonics():
    lines = kv.power_check(kv.load(CASES / "hall_2n_ac.yaml"), failures=False).lines  # half a minute: once for all
    six = [x for x in lines if x.item == 6 and "number of" in x.quantity]
    assert {x.verdict for x in six} == {"held"}
    caps = [x for x in lines if x.item == 15 and "caps" in x.quantity]
    assert len(caps) == 2 and {x.verdict for x in caps} <= {"held", "broken"}
    protects_its_cables(lines)
    waves = [x for x in lines if x.basis.startswith(("IEEE 519", "IEEE C57.110"))]
    assert len(waves) >= 8 and {x.verdict for x in waves} == {"held"}


def protects_its_cables(lines):
    judged = [x for x in lines if x.item in (2, 5) and x.verdict in ("held", "broken")]
    assert len(judged) >= 4 and all(x.verdict == "held" for x in judged), [x for x in judged if x.verdict != "held"]


def test_the_command_prints_writes_and_draws(tmp_path, capsys):
    file = tmp_path / "feeder.yaml"
    file.write_text(FEEDER)
    assert main(["protection", str(file), "--csv", str(tmp_path / "pairs.csv"), "--plot", str(tmp_path / "p")]) == 0
    said = capsys.readouterr().out
    assert "upstream" in said and "every current" in said
    assert list(pandas.read_csv(tmp_path / "pairs.csv").downstream) == ["downstream"]
    assert len(list((tmp_path / "p").glob("*.png"))) == 1
    main(["protection", str(file), "--json"])
    assert {"devices", "pairs", "limited"} == set(json.loads(capsys.readouterr().out))
    levels = tmp_path / "levels.csv"
    levels.write_text("path,Ik_min,Ik_max\ndownstream,2000,18000\n")
    main(["protection", str(file), "--levels", str(levels)])
    assert "18" in capsys.readouterr().out


def test_a_picture_shows_a_band_for_each_device_of_the_way_and_the_fault_levels():
    guarded = kv.protection(feeder(), {"downstream": (2e3, 18e3)})
    (way,) = longest_ways(guarded)
    figure = time_current(guarded, way.device.path)
    axes = figure.axes[0]
    labels = [t.get_text() for t in axes.get_legend().get_texts()]
    assert [x.split(" ")[0] for x in labels] == ["downstream", "upstream"]
    marked = {float(np.asarray(line.get_xdata())[0]) for line in axes.lines if len(line.get_xdata()) == 2}
    assert {2e3, 18e3} <= marked
    with pytest.raises(kv.InputError, match="no way leads"):
        time_current(guarded, "nowhere")


# ---- a device and its cable ----


def guarded_cable(conductor, setting="125 A"):
    text = FEEDER.replace("mccb_thermal, I_rated: 160 A", f"mccb_thermal, I_rated: {setting}")
    text = text.replace("cable: {model: cable_240_cu, length", f"cable: {{model: ac_cable, {conductor}, length")
    lines = kv.power_check(kv.read(text), failures=False).lines
    return {x.quantity: x for x in lines if x.item == 2}


def test_a_cable_is_protected_by_the_lowest_setting_in_series_with_it():
    found = guarded_cable("conductor: {size: 35 mm2, insulation: PVC, method: C, grouped: 2}")
    I_z = 119.0 * 0.80  # table B.52.4 and B.52.17, by hand
    line = found["setting of the protective device over derated ampacity"]
    assert (line.element, line.of, line.verdict) == ("cable", 1, "broken") and line.value == pytest.approx(125.0 / I_z)
    certain = found["current at which that device trips for certain over derated ampacity"]
    # 1.30 times the setting within two hours: the latest device of the band trips from there on
    assert certain.value == pytest.approx(1.30 * 125.0 / I_z, rel=3e-3) and certain.verdict == "broken"
    held = guarded_cable("conductor: {size: 50 mm2, insulation: XLPE, method: C}")
    assert {held[k].verdict for k in (line.quantity, certain.quantity)} == {"held"}


def test_a_cable_without_a_device_in_series_is_not_assessed_and_counted():
    case = kv.load(CASES / "server_room.yaml")
    lines = kv.power_check(case, failures=False).lines
    said = [x.reason for x in lines if x.item == 2 and x.verdict == "not assessed"]
    assert said == ["1 of 3 lines have no protective device in series with them"]  # row: a switch stands before it


@pytest.mark.parametrize("name", ["hall_800vdc", "hall_sidecar", "server_room", "edge_site", "campus_feeder"])
def test_devices_of_shipped_plans_protect_their_cables_and_break_their_faults(name):
    protects_its_cables(kv.power_check(kv.load(CASES / f"{name}.yaml"), failures=False).lines)


@pytest.mark.parametrize("name", ["server_room", "edge_site"])
def test_the_edge_site_and_the_server_room_are_selective(name):
    from kelvolt.power.fault_levels import computed_levels

    case = kv.load(CASES / f"{name}.yaml")
    guarded = kv.protection(case, computed_levels(case))
    assert len(guarded.pair_list) >= 9 and guarded.pairs[guarded.pairs.verdict == "broken"].empty, guarded.text()
    assert (guarded.limited.verdict == "held").all()
