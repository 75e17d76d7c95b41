"""Automatic disconnection: the latest time of a device at the smallest fault current to earth against its limit."""

import math

import kelvolt as kv
import pytest
from faulted import BUS_4, E_MIN, LOAD_4, ROOT3, STIFF_4, solved, source

MCB = {"model": "ac4_breaker", "I_rated": 16, "R": 1e-6, "no_trip": 1.13, "trip": 1.45, "t_conventional": 3600,
       "x_point": 2.55, "t_point_min": 1, "t_point_max": 60, "instant_min": 3, "instant_max": 5,
       "t_open": 0.01}  # fmt: skip
CABLE = {"model": "ac4_line", "R": 7.41e-3, "X": 0.1e-3, "alpha": 0.004, "T_end": "160 degC"}


def feeder(length, breaker=MCB, V=400.0, **more):
    scale = {"V": V}
    parts = {
        "grid": STIFF_4 | scale, "board": BUS_4 | scale, "breaker": breaker, "cable": CABLE | {"length": length},
        "end": BUS_4 | scale, "load": LOAD_4 | scale,
    } | more  # fmt: skip
    links = ["grid.bus -> board.bus", "board.bus -> breaker.a", "breaker.b -> cable.a", "cable.b -> end.bus"]
    return parts, [*links, "end.bus -> load.bus"]


def row(parts, links, device="breaker"):
    return kv.disconnection(solved(parts, *links)).set_index("device").loc[device]


def loop(length):
    hot = 1 + 0.004 * 140
    return source(0.9) + length * 2 * complex(7.41e-3 * hot, 0.1e-3)


def test_a_final_circuit_is_judged_at_its_far_end_with_hot_conductors_and_the_latest_time_of_its_breaker():
    r = row(*feeder(20))
    assert r.Ik_min == pytest.approx(E_MIN / abs(loop(20)), rel=1e-4)
    assert (r.circuit, r.kind, r.limit, r.t_limit) == ("final", "1ph", "disconnection_final_230", 0.4)
    assert r.t_latest == pytest.approx(0.01) and r.verdict == "held"
    assert r.U_0 == pytest.approx(400 / ROOT3)


def test_a_cable_that_is_too_long_for_the_instantaneous_part_breaks_the_limit_and_names_the_device():
    reach = next(x for x in range(20, 400) if E_MIN / abs(loop(x)) < 5 * 16)
    assert row(*feeder(reach - 1)).verdict == "held"
    r = row(*feeder(reach + 1))
    assert r.verdict == "broken" and r.t_latest > 0.4 and "allowed are 0.4 s" in r.reason
    case = {"kelvolt": 1, "components": feeder(reach + 1)[0], "connections": feeder(reach + 1)[1]}
    checked = kv.power_check(kv.read(case, name="far"), failures=False)
    line = next(x for x in checked.lines if x.item == 5 and "final circuit of up to 230 V" in x.quantity)
    assert line.verdict == "broken" and line.element == "breaker"


def test_the_allowed_time_falls_with_the_voltage_to_earth_and_is_5_s_for_what_is_no_final_circuit():
    assert row(*feeder(5, V=415.0)).t_limit == 0.2
    assert row(*feeder(5, V=200.0)).t_limit == 0.8
    assert row(*feeder(5, V=690.0)).t_limit == 0.2
    assert row(*feeder(5, breaker=MCB | {"I_rated": 80})).limit == "disconnection_distribution"
    parts, links = feeder(5, sub=MCB, last=BUS_4)
    r = row(parts, [*links, "end.bus -> sub.a", "sub.b -> last.bus"])
    assert (r.circuit, r.t_limit) == ("distribution", 5.0)


def test_a_case_can_say_up_to_which_rating_a_circuit_is_final():
    parts, links = feeder(5, breaker=MCB | {"I_rated": 40})
    case = {"kelvolt": 1, "components": parts, "connections": links}
    assert row(parts, links).circuit == "final"
    case["power"] = {"limits": {"disconnection_final_rating": {"max": 32, "basis": "edition of 2005"}}}
    r = kv.disconnection(kv.read(case, name="strict")).iloc[0]
    assert r.circuit == "distribution"


def test_a_converter_at_its_limit_that_does_not_trip_the_device_breaks_it_by_name():
    ups = {"model": "ac_ups", "P_rated": 100e3, "V_out": 400, "V_in": 400, "V_in_min": 340, "V_in_max": 460,
           "fault_current": 2.0, "fault_time": 0.2, "battery_energy": 1e8,
           "loss": {"efficiency": [[0.25, 0.94], [0.5, 0.955], [1.0, 0.955]]}}  # fmt: skip
    rated = 100e3 / (ROOT3 * 400)
    small, large = (MCB | {"model": "ac_breaker", "I_rated": x} for x in (16, 63))
    load = {"model": "ac_load", "V": 400, "P": 1e3}
    parts = {
        "grid": {"model": "ac_utility", "V": 400, "S_sc": 10e6, "Z0_over_Z": 1}, "ups": ups, "small": small,
        "large": large, "one": load, "two": load,
    }  # fmt: skip
    links = ["grid.bus -> ups.in", "ups.out -> small.a", "ups.out -> large.a", "small.b -> one.bus"]
    found = kv.disconnection(solved(parts, *links, "large.b -> two.bus")).set_index("device")
    assert found.Ik_min.to_numpy() == pytest.approx(2 * rated, rel=1e-6)
    assert found.loc["small", "verdict"] == "held"  # 289 A are 18 times 16 A
    r = found.loc["large"]  # 4.6 times 63 A: the thermal part only
    assert r.verdict == "broken" and math.isinf(r.t_latest)
    assert "limited current that converters give for 0.2 s" in r.reason


def test_a_circuit_whose_current_to_earth_is_not_known_is_not_held_and_says_what_is_missing():
    cable = {"model": "ac_line", "length": 20, "R": 7.41e-3, "X": 1e-4}
    breaker = MCB | {"model": "ac_breaker"}
    parts = {
        "grid": {"model": "ac_utility", "V": 400, "S_sc": 10e6, "Z0_over_Z": 1}, "breaker": breaker, "cable": cable,
        "load": {"model": "ac_load", "V": 400, "P": 1e3},
    }  # fmt: skip
    links = ["grid.bus -> breaker.a", "breaker.b -> cable.a", "cable.b -> load.bus"]
    r = row(parts, links)
    assert r.verdict == "not assessed"
    assert "cable states no R_0 and X_0" in r.reason and "(2ph)" in r.reason and "0.0100 s" in r.reason
    parts["cable"] = cable | {"R_0": 4 * 7.41e-3, "X_0": 4e-4}
    assert row(parts, links).verdict == "held"


def test_two_devices_that_feed_one_part_are_not_judged_by_the_whole_current():
    parts, links = feeder(20, twin=MCB)
    found = kv.disconnection(solved(parts, *links, "board.bus -> twin.a", "twin.b -> end.bus")).set_index("device")
    assert set(found.verdict) == {"not assessed"}
    assert "twin feed the same part" in found.loc["breaker", "reason"]


def test_an_open_device_and_one_above_low_voltage_are_not_judged():
    assert row(*feeder(5, breaker=MCB | {"closed": 0})).reason == "it is open"
    high = row(*feeder(5, V=10e3, breaker=MCB | {"I_rated": 16}))
    assert high.verdict == "not assessed" and "above 1000 V" in high.reason


def test_near_a_generator_the_decaying_current_is_not_taken_for_a_lasting_one():
    machine = {"model": "ac4_generator", "V": 400, "S_rated": 1e5, "X_d2": 0.12, "R_a": 0.01}
    parts, links = feeder(1, grid=machine)
    r = row(parts, links)
    assert r.verdict == "not assessed" and "decays" in r.reason
