"""What is said about electric answers: each phase, each feed, kVA as well as kW, and loads without supply."""

from __future__ import annotations

import kelvolt as kv
import pytest
from conftest import CASES
from kelvolt.base.verdicts import whole


def solved(text: str) -> kv.Solution:
    return kv.read("kelvolt: 1\n" + text).steady()


def verdict(solution: kv.Solution, id: str, element: str):
    rows = [v for v in solution.raw.verdicts if v.id == id and v.element == element]
    assert len(rows) == 1, [(v.id, v.element) for v in solution.raw.verdicts]
    return rows[0]


ONE_PHASE = """
components:
  u: {model: ac4_utility, V: 208 V, S_sc: 1e4 MVA}
  feeder: {model: ac4_cable, length: 50 m, R: 1 mohm/m, alpha: 0, I_max: 100 A, V: 208 V, drop_max: 0.03}
  tap: {model: phase_tap, phase: %s}
  load: {model: ac1_load, V: 120 V, P: 6 kW, i_share: 1}
connections:
  - u.bus -> feeder -> tap.bus
  - tap.line -> load.bus
"""


@pytest.mark.parametrize("phase", ["a", "b", "c"])
def test_the_drop_of_one_loaded_phase_counts_the_phase_and_its_neutral(phase):
    solution = solved(ONE_PHASE % phase)
    drop = 2 * 0.05 * 50.0 / (208.0 / 3**0.5)  # 50 A out and back
    assert verdict(solution, "voltage_drop", "feeder").value == pytest.approx(drop, rel=2e-3)
    assert verdict(solution, "voltage_drop", "feeder").verdict == "broken"
    listed = kv.power_check(kv.read("kelvolt: 1\n" + ONE_PHASE % phase), failures=False)
    rows = listed.table[
        listed.table.quantity.isin(["voltage drop from the head of the feeder", "voltage drop over the last branch"])
    ]
    assert rows.value.tolist() == pytest.approx([drop, drop], rel=3e-3)
    assert rows.verdict.tolist() == ["held", "broken"]  # of 5 % and of 3 %


def test_a_switch_is_judged_by_its_most_loaded_conductor():
    solution = solved("""
components:
  u: {model: ac4_utility, count: 2, V: 400 V, S_sc: 1e3 MVA}
  sts: {model: ac4_transfer_switch, I_max: 100 A}
  load: {model: ac4_load, V: 400 V, P_a: 10 kW, P_b: 46 kW, P_c: 10 kW}
connections:
  - u[1].bus -> sts.in_1
  - u[2].bus -> sts.in_2
  - sts.out -> load.bus
""")
    row = verdict(solution, "transfer_switch_current", "sts")
    assert (row.value, row.verdict) == (pytest.approx(46e3 / (400 / 3**0.5), rel=1e-3), "broken")


UPS = """
components:
  u: {model: %s, V: 400 V, S_sc: 100 MVA}
  ups: {model: %s, P_rated: 900 kW, %s V_out: 400 V, V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0.01, 0.01, 0.02]}}
  load: {model: %s}
connections:
  - u.bus -> ups.in
  - ups.out -> load.bus
"""


@pytest.mark.parametrize(("rating", "share"), [("S_rated: 1000 kVA,", 1.1), ("", 1100 / 900)])
def test_a_ups_is_judged_by_its_kva_as_well_as_its_kw(rating, share):
    solution = solved(UPS % ("ac_utility", "ac_ups", rating, "ac_load, V: 400 V, P: 880 kW, power_factor: 0.8"))
    row = verdict(solution, "ups_apparent_load", "ups")
    assert (row.value, row.verdict) == (pytest.approx(share, rel=1e-6), "broken")
    assert verdict(solution, "ups_load", "ups").verdict == "held"  # 97.8 % of its kW
    assert solution["ups.loading"] == pytest.approx(share, rel=1e-6)


def test_a_ups_and_a_generator_are_judged_by_the_phase_that_carries_most():
    load = "ac4_load, V: 400 V, P_a: 100 kW, P_b: 330 kW, P_c: 100 kW"  # 530 kW together
    solution = solved(UPS % ("ac4_utility", "ac4_ups", "S_rated: 1000 kVA,", load))
    row = verdict(solution, "ups_load", "ups")
    assert (row.value, row.verdict) == (pytest.approx(3 * 330 / 900, rel=5e-3), "broken")
    solution = solved(f"""
components:
  g: {{model: ac4_generator, V: 400 V, S_rated: 900 kVA}}
  load: {{model: {load}}}
connections:
  - g.bus -> load.bus
""")
    row = verdict(solution, "generator_load", "g")
    assert (row.value, row.verdict) == (pytest.approx(3 * 330e3, rel=0.02), "broken")


SHELF = """
components:
  u: {model: ac_utility, count: 2, V: 400 V, S_sc: 50 MVA}
  shelf: {model: ac_power_shelf, P_psu: 5.5 kW, psus_a: 3, psus_b: 3, V_out: 50 V, droop: 0.5 V,
          V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0.005, 0.01, 0.02]}}
  load: {model: dc_load, V: 50 V, P: 15.84 kW}
connections:
  - u[1].bus -> shelf.in_a
  - u[2].bus -> shelf.in_b
  - shelf.out -> load.bus
"""


def test_a_shelf_with_one_feed_lost_is_judged_by_the_psus_that_run():
    plan = solved(SHELF)
    assert verdict(plan, "shelf_load", "shelf").value == pytest.approx(0.48, rel=1e-3)
    for lost in ("u[1]", "u[2]"):
        solution = kv.read("kelvolt: 1\n" + SHELF).update({f"{lost}.in_service": 0}).steady()
        assert verdict(solution, "shelf_load", "shelf").value == pytest.approx(0.96, rel=1e-3)


def test_the_input_window_of_a_shelf_holds_on_both_feeds():
    low = kv.read("kelvolt: 1\n" + SHELF).update({"u[2].V": "345 V", "shelf.V_in_min": "350 V"})
    solution = low.steady()
    assert verdict(solution, "shelf_input_min", "shelf").verdict == "held"
    assert verdict(solution, "shelf_input_min_b", "shelf").verdict == "broken"


def test_a_lost_neutral_breaks_the_window_of_a_load_between_phase_and_neutral():
    text = """
components:
  u: {model: ac4_utility, V: 380 V, S_sc: 1e6 MVA}
  line: {model: ac4_cable, length: 100 m, R: 0.0005 ohm/m, alpha: 0, R_n: 1e6 ohm/m}
  load: {model: ac4_load, V: 380 V, z_share: 1, P_a: 3 kW, P_b: 6 kW, P_c: 12 kW}
connections:
  - u.bus -> line -> load.bus
"""
    solution = solved(text)
    # Millman: resistive loads of 1 : 2 : 4 move the star point
    a = complex(-0.5, 3**0.5 / 2)
    e = [1.0, a * a, a]
    star = (e[0] + 2 * e[1] + 4 * e[2]) / 7
    volts = sorted(abs(x - star) for x in e)
    assert verdict(solution, "input_voltage_min", "load").value == pytest.approx(volts[0], abs=0.01)
    assert verdict(solution, "input_voltage_max", "load").value == pytest.approx(volts[-1], abs=0.01)
    assert {verdict(solution, f"input_voltage_{k}", "load").verdict for k in ("min", "max")} == {"broken"}
    table = kv.power_check(kv.read("kelvolt: 1\n" + text), failures=False).table.set_index("quantity")
    assert table.verdict["voltage drop from the head of the feeder"] == "broken"
    assert table.verdict["voltage rise above the head of the feeder, highest phase"] == "broken"


def test_losing_a_feed_or_a_line_that_a_second_feed_replaces_is_held():
    case = kv.read("""
kelvolt: 1
components:
  u: {model: ac_utility, count: 2, V: 400 V, S_sc: 50 MVA}
  board: {model: ac_bus, V: 400 V}
  c: {model: ac_cable, count: 2, length: 9 m, R: 0.1 mohm/m, V: 400 V, drop_max: 2 %}
  sts: {model: ac_transfer_switch}
  l: {model: ac_load, V: 400 V, P: 50 kW}
connections:
  - u[1].bus -> board.bus
  - u[1].bus -> c[1] -> sts.in_1
  - u[2].bus -> c[2] -> sts.in_2
  - sts.out -> l.bus
""")
    rows = {r.name: r for r in kv.contingencies(case, alike=0.0).rows}
    assert {name for name, r in rows.items() if r.verdict == "broken"} == {"sts"}  # the only single part
    assert rows["u[1]"].numbers["lost_load"] == 0.0


def test_cooling_that_nothing_measures_is_a_load_that_must_not_be_lost():
    case = kv.read("""
kelvolt: 1
components:
  u: {model: ac_utility, V: 400 V, S_sc: 50 MVA}
  cb: {model: ac_cable, length: 9 m, R: 0.1 mohm/m}
  cdu: {model: ac_load, V: 400 V, P: 20 kW}
  it: {model: ac_load, V: 400 V, P: 500 kW}
connections:
  - u.bus -> cb -> cdu.bus
  - u.bus -> it.bus
power: {it: [it], cooling: [cdu]}
""")
    row = next(r for r in kv.contingencies(case).rows if r.name == "cb")
    assert (row.verdict, row.numbers["lost_undeclared"]) == ("broken", pytest.approx(20e3))


@pytest.mark.parametrize(
    ("accept", "word"), [("", "broken"), ("power: {contingencies: {accept_lost: [board]}}", "not assessed")]
)
def test_a_load_without_a_source_in_service_is_broken_unless_that_is_accepted(accept, word):
    solution = solved(f"""
components:
  u: {{model: ac_utility, V: 400 V, S_sc: 50 MVA, in_service: 0}}
  board: {{model: ac_load, V: 400 V, P: 10 kW}}
connections:
  - u.bus -> board.bus
{accept}
""")
    assert verdict(solution, "fed", "board").verdict == word
    assert solution.verdict == word
    idle = solved("""
components:
  u: {model: ac_utility, V: 400 V, S_sc: 50 MVA, in_service: 0}
  board: {model: ac_load, V: 400 V, P: 10 kW, in_service: 0}
connections:
  - u.bus -> board.bus
""")
    assert idle.verdict == "not assessed" and not idle.held  # what is out of service wants nothing


def test_a_server_room_without_its_mains_is_broken():
    case = kv.load(CASES / "server_room.yaml")
    sources = [
        p for p in case.core.find_parameters("**.in_service").paths if "grid" in p or "mains" in p or "utility" in p
    ]
    assert sources
    solution = case.update(dict.fromkeys(sources, 0.0)).steady()
    assert solution.verdict == "broken"
    assert any(v.id == "fed" and v.verdict == "broken" for v in solution.raw.verdicts)


def test_one_word_for_many_verdicts():
    assert whole(["held", "not assessed"]).word == "held"
    assert whole(["held", "broken"]).word == "broken"
    assert whole(["not assessed", "stated"]).word == "not assessed"
    assert [whole(w).exit_status for w in (["held"], ["broken"], [])] == [0, 1, 3]


# ---- failures are judged as the state itself is ----

PLAN_BROKEN = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  cab1: {model: ac4_cable, length: 250 m, R: 1.83 mohm/m, V: 400 V, drop_max: 5 %}
  cab2: {model: ac4_cable, length: 50 m, R: 0.727 mohm/m, I_max: 90 A}
  board: {model: ac4_bus, V: 400 V, V_low: 0.95}
  l1: {model: ac4_load, V: 400 V, P_a: 6 kW, P_b: 6 kW, P_c: 6 kW}
  l2: {model: ac4_load, V: 400 V, P_a: 1 kW, P_b: 1 kW, P_c: 1 kW}
connections: [grid.bus -> cab1 -> board.bus, board.bus -> l1.bus, grid.bus -> cab2 -> l2.bus]
power: {contingencies: {accept_lost: [l1, l2], leave_out: [grid]}}
"""


def test_a_plan_that_is_broken_is_called_so_among_its_failures():
    case = kv.read(PLAN_BROKEN)
    assert case.steady().verdict == "broken"
    rows = {r.name: r for r in kv.contingencies(case).rows}
    assert rows["as planned"].verdict == "broken"
    assert (
        rows["cab2"].verdict == "as planned" and "as planned, too" in rows["cab2"].reason
    )  # cab1 goes on dropping 5.4 %
    assert rows["cab1"].verdict == "held"  # what drops too much is dead, and that is accepted


BACKUP = """
kelvolt: 1
components:
  u: {model: ac_utility, V: 400 V, S_sc: 50 MVA}
  psu: {model: ac_rectifier, P_rated: 20 kW, V_out: 54 V, droop: 0.5 V, V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0.005, 0.01, 0.02]}}
  bbu: {model: bbu_shelf, P_rated: 20 kW, V_trigger: 50 V, droop: 0.5 V, energy: 1 MJ, autonomy_min: 10 min, loss: {parabola: [0.005, 0.01, 0.02]}}
  load: {model: dc_load, V: 50 V, P: 10 kW}
connections: [u.bus -> psu.in, psu.out -> bbu.bus, psu.out -> load.bus]
"""  # noqa: E501


def test_a_limit_that_only_applies_after_the_failure_breaks_it():
    case = kv.read(BACKUP)
    assert case.steady().verdict == "held"
    row = next(r for r in kv.contingencies(case).rows if r.name == "u")
    assert row.verdict == "broken" and "bbu_autonomy of bbu" in row.numbers["broken"]  # 97 s of 600 s
    assert case.update({"u.in_service": 0}).steady().verdict == "broken"


@pytest.mark.parametrize("id", ["fed", "own_redundancy", "vmin"])
def test_a_limit_of_the_case_counts_in_a_failure_whatever_its_id(id):
    case = kv.read(f"""
kelvolt: 1
components:
  u: {{model: ac_utility, count: 2, V: 400 V, S_sc: 50 MVA}}
  far: {{model: ac_cable, length: 100 m, R: 1 mohm/m}}
  sts: {{model: ac_transfer_switch}}
  l: {{model: ac_load, V: 400 V, P: 20 kW}}
connections: ["u[1].bus -> sts.in_1", "u[2].bus -> far -> sts.in_2", sts.out -> l.bus]
limits: [{{of: l.v, min: 229 V, id: {id}, basis: user}}]
""")
    row = next(r for r in kv.contingencies(case).rows if r.name == "u[1]")
    assert row.verdict == "broken" and f"{id} of l.v" in row.numbers["broken"]


def test_a_drive_without_supply_is_a_lost_load_unless_it_is_accepted():
    text = (CASES / "server_room.yaml").read_text()
    feeder = next(r for r in kv.contingencies(kv.read(text, folder=CASES)).rows if r.name == "feeder")
    assert feeder.numbers["lost_undeclared"] > 0.0 and "supply" in feeder.numbers["lost"]


def test_a_dead_bus_is_not_judged_on_its_unbalance():
    case = kv.read("""
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  cab: {model: ac4_cable, count: 2, length: 20 m, R: 0.7 mohm/m}
  board: {model: ac4_bus, V: 400 V, V_low: 0.9, V2_max: 2 %, unbalance_max: 2 %}
  l: {model: ac4_load, count: 2, V: 400 V, P_a: 3 kW, P_b: 3 kW, P_c: 3 kW}
connections: ["grid.bus -> cab[1] -> board.bus", "board.bus -> l[1].bus", "grid.bus -> cab[2] -> l[2].bus"]
power: {contingencies: {accept_lost: ["l[1]"]}}
""")
    row = next(r for r in kv.contingencies(case).rows if r.name == "cab[1]")
    assert row.verdict == "held"
    dead = case.update({"cab[1].in_service": 0}).steady().check().set_index(["element", "id"])["verdict"]
    assert dead[("board", "voltage_V2_over_V1")] == dead[("board", "voltage_unbalance_lines")] == "not assessed"


def test_where_a_converter_ends_the_power_flow_it_is_named_and_no_cable():
    text = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 50 MVA}
  cab: {model: ac4_cable, length: 20 m, R: 0.524 mohm/m}
  shelf: {model: ac4_power_shelf, P_psu: 3 kW, psus_a: 3, V_out: 50.5 V, droop: 0.5 V, V_in: 400 V, V_in_min: 312 V, loss: {parabola: [0.004, 0.003, 0.0293]}}
  server: {model: powered_parts, power: 14 kW, V_min: 44 V}
connections: [grid.bus -> cab -> shelf.in_a, cab.b -> shelf.in_b, shelf.out -> server.supply]
"""  # noqa: E501
    with pytest.raises(kv.NoPowerFlow, match="shelf gives no more, at its current limit") as told:
        kv.read(text).steady()
    assert "cable" not in str(told.value)
    nose = kv.read(text).update({"server.power": 8e3}).loadability()
    assert nose.converter == "shelf" and nose.factor == pytest.approx(13.58 / 8.0, rel=0.02)  # 3 x 3 kW x 1.5
    feeder = kv.read(text).update({"server.power": 8e3, "shelf.current_limit": 9.0, "cab.length": 500.0}).loadability()
    assert feeder.lost and feeder.converter == ""  # a long cable ends it now


def test_an_autonomy_without_a_battery_and_kva_below_kw_are_refused():
    ups = "{model: ac_ups, P_rated: 27 kW, V_out: 400 V, V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0, 0, 0.02]}, %s}"  # noqa: E501
    frame = """
kelvolt: 1
components:
  u: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  ups: UPS
  l: {model: ac_load, V: 400 V, P: 5 kW}
connections: [u.bus -> ups.in, ups.out -> l.bus]
"""
    for extra, said in (("autonomy_min: 5 min", "autonomy_min needs battery_energy"), ("S_rated: 10.5 kVA", "S_rated")):
        with pytest.raises(kv.InputError, match=said):
            kv.read(frame.replace("UPS", ups % extra))


def test_a_dead_load_of_reactive_power_alone_is_broken_and_a_dc_load_has_a_window():
    dead = kv.read("""
kelvolt: 1
components:
  u: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  s: {model: ac_switch, closed: 0}
  l: {model: ac_load, V: 400 V, P: 0 kW, Q: 500 kvar}
connections: [u.bus -> s -> l.bus]
""").steady()
    assert dead.check().set_index(["element", "id"])["verdict"][("l", "fed")] == "broken"
    low = kv.read("""
kelvolt: 1
components:
  u: {model: dc_source, V: 50 V, R: 0.1 mohm}
  c: {model: dc_cable, length: 10 m, R: 5 mohm/m}
  l: {model: dc_load, V: 50 V, P: 25 kW, z_share: 1}
connections: [u.bus -> c -> l.bus]
""").steady()
    assert low.check().set_index(["element", "id"])["verdict"][("l", "input_voltage_min")] == "broken"


def test_a_limit_that_does_not_apply_on_a_dead_bus_is_told_apart_from_one_that_is_not_given():
    text = """
components:
  u: {model: ac_utility, V: 400 V, S_sc: 50 MVA}
  gate: {model: ac_switch, I_rated: 100 A, closed: 0}
  far: {model: ac_bus, V: 400 V, V_low: 90 %, V_high: 110 %}
  near: {model: ac_bus, V: 400 V, V_low: 90 %}
connections: [u.bus -> gate.a, gate.b -> far.bus, near.bus -> u.bus]
"""
    summary = solved(text).summary()
    dead = next(line for line in summary.splitlines() if "its bus is dead" in line)
    assert dead.strip() == "not assessed, its bus is dead in this state: bus_voltage_max, bus_voltage_min (1 of 2)"
    assert "not assessed, P_max not given: utility_power" in summary
    assert "not assessed, V_high not given: bus_voltage_max" in summary


def test_what_the_plan_breaks_is_named_where_accepted_cooling_is_lost():
    text = """
kelvolt: 1
components:
  u: {model: ac_utility, V: 400 V, S_sc: 50 MVA}
  far: {model: ac_cable, length: 400 m, R: 1 mohm/m, V: 400 V, drop_max: 1 %}
  it: {model: ac_load, V: 400 V, P: 10 kW}
  cb: {model: ac_cable, length: 9 m, R: 0.1 mohm/m}
  supply: {model: ac_drive, P_rated: 2 kW, P_base: 50 W, V_in: 400 V, V_in_min: 340 V, V_in_max: 460 V, loss: {parabola: [0.01, 0.01, 0.02]}}
  pump: {model: edge_pump}
  vessel: {model: expansion_vessel, medium: water, p: 2 bar(a)}
  pipe: {model: pipe, length: 2 m, diameter: 10 mm, heat: overall, U: 500 W/(m2 K)}
  air: {model: ambient, T: 20 degC}
connections: [u.bus -> far -> it.bus, u.bus -> cb -> supply.in, pump.power -> supply.power_1, pump -> pipe -> pump, pipe.wall -> air.port, vessel.port -> pump.a]
power: {it: [it], contingencies: {accept_lost: [supply]}}
"""  # noqa: E501
    row = next(r for r in kv.contingencies(kv.read(text), progress=False).rows if r.name == "cb")
    assert row.verdict == "as planned" and "voltage_drop of far" in row.reason
