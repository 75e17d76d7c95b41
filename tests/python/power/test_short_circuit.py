"""Short-circuit currents against closed forms, the duty of devices, and what is not assessed."""

import cmath
import json
import math

import kelvolt as kv
import pytest
from conftest import CASES
from kelvolt.cli.commands import main
from kelvolt.power.short_circuit import fault_text

ROOT3 = math.sqrt(3.0)
STIFF = {"model": "ac_utility", "V": 20e3, "S_sc": 1e15, "X_over_R": 10}
TRAFO = {
    "model": "ac_transformer",
    "S_rated": 2.5e6,
    "V_hv": 20e3,
    "V_lv": 400,
    "vk": 0.06,
    "Pk": 19e3,
    "group": "Dyn5",
}
STIFF_4 = STIFF | {"model": "ac4_utility"}
TRAFO_4 = TRAFO | {"model": "ac4_transformer"}
LOAD = {"model": "ac_load", "V": 400, "P": 1e3}
LOAD_4 = {"model": "ac4_load", "V": 400, "P_a": 1e3}
BUS, BUS_4 = {"model": "ac_bus", "V": 400}, {"model": "ac4_bus", "V": 400}


def solved(parts, *connections):
    return kv.read({"kelvolt": 1, "components": parts, "connections": list(connections)}, name="fault").steady()


def at(solution, path, kind, **options):
    """The row of a kind of fault at the bus to which the first port of a component is connected."""
    grid = solution.power_flow().grid
    name = next(grid.buses[e.ends[0].bus].name for e in grid.elements if e.path == path)
    table = kv.short_circuit(solution, **options)
    return table[(table.bus == name) & (table.kind == kind)].iloc[0]


def leakage(corrected=True):
    """Impedance of TRAFO on its low-voltage side."""
    r = 19e3 / 2.5e6
    x = math.sqrt(0.06**2 - r**2)
    K = 0.95 * 1.1 / (1 + 0.6 * x) if corrected else 1.0
    return K * 400**2 / 2.5e6 * complex(r, x)


def board(**more):
    parts = {"grid": STIFF, "trafo": TRAFO, "board": BUS, "load": LOAD} | more
    return parts, ["grid.bus -> trafo.hv", "trafo.lv -> board.bus", "board.bus -> load.bus"]


def four_wires(**more):
    parts = {"grid": STIFF_4, "trafo": TRAFO_4, "board": BUS_4, "load": LOAD_4} | more
    return parts, ["grid.bus -> trafo.hv", "trafo.lv -> board.bus", "board.bus -> load.bus"]


def test_a_transformer_of_2500_kva_and_6_percent_gives_60_kA_at_400_V_and_its_factor_K_T_changes_that():
    parts, links = board()
    solution = solved(parts, *links)
    plain = at(solution, "board", "3ph", corrections=False)
    assert plain.Ik_max / plain.c_max == pytest.approx(2.5e6 / (ROOT3 * 400) / 0.06, rel=1e-6)
    assert plain.Ik_max / plain.c_max == pytest.approx(60.1e3, rel=1e-3)
    r = at(solution, "board", "3ph")
    assert r.Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(leakage()), rel=1e-6)
    assert r.Ik_min == pytest.approx(0.9 * 400 / ROOT3 / abs(leakage(False)), rel=1e-6)
    kappa = 1.02 + 0.98 * math.exp(-3 * leakage().real / leakage().imag)
    assert r.ip == pytest.approx(kappa * math.sqrt(2) * r.Ik_max, rel=1e-6)
    assert at(solution, "board", "2ph").Ik_max == pytest.approx(ROOT3 / 2 * r.Ik_max, rel=1e-9)
    tight = at(solution, "board", "3ph", lv_tolerance=0.06)
    assert (tight.c_max, tight.c_min) == (1.05, 0.95)


def test_the_grid_gives_c_times_its_short_circuit_power_for_the_largest_and_its_least_power_for_the_smallest():
    parts, links = board(grid=STIFF | {"S_sc": 300e6, "S_sc_min": 200e6})
    r = at(solved(parts, *links), "grid", "3ph")
    assert r.Ik_max == pytest.approx(300e6 / (ROOT3 * 20e3), rel=1e-6)
    assert r.Ik_min == pytest.approx(200e6 / (ROOT3 * 20e3), rel=1e-6)


def test_lines_are_at_20_degrees_for_the_largest_currents_and_at_T_end_for_the_smallest():
    cable = {"model": "ac_line", "length": 40, "R": 2e-4, "X": 8e-5, "alpha": 0.004, "T_reference": "70 degC",
             "T_end": "160 degC"}  # fmt: skip
    parts, links = board(cable=cable, end=BUS)
    r = at(solved(parts, *links, "board.bus -> cable.a", "cable.b -> end.bus"), "end", "3ph")
    cold, hot = 2e-4 * (1 - 0.004 * 50), 2e-4 * (1 + 0.004 * 90)
    assert r.Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(leakage() + 40 * complex(cold, 8e-5)), rel=1e-6)
    assert r.Ik_min == pytest.approx(0.9 * 400 / ROOT3 / abs(leakage(False) + 40 * complex(hot, 8e-5)), rel=1e-6)


def test_a_ring_carries_a_fault_on_both_sides_and_two_transformers_give_twice_the_current_of_one():
    line = {"model": "ac_line", "R": 1e-4, "X": 1e-4}
    parts, links = board(second=TRAFO, a=line | {"length": 30}, b=line | {"length": 60}, end=BUS)
    links += [
        "grid.bus -> second.hv",
        "second.lv -> board.bus",
        "board.bus -> a.a",
        "a.b -> end.bus",
        "board.bus -> b.a",
    ]
    solution = solved(parts, *links, "b.b -> end.bus")
    assert at(solution, "board", "3ph").Ik_max == pytest.approx(2 * 1.1 * 400 / ROOT3 / abs(leakage()), rel=1e-6)
    both = complex(1e-4, 1e-4) * 30 * 60 / 90
    assert at(solution, "end", "3ph").Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(leakage() / 2 + both), rel=1e-6)


def test_a_fault_between_phase_and_neutral_goes_through_both_conductors_and_on_a_single_phase_cord_through_its_two():
    cable = {"model": "ac4_line", "length": 50, "R": 3e-4, "X": 8e-5, "R_n": 6e-4, "X_n": 9e-5}
    cord = {"model": "ac1_cable", "length": 5, "R": 15e-3, "X": 2e-4}
    small = {"model": "ac1_load", "V": 230, "P": 100}
    parts, links = four_wires(cable=cable, end=BUS_4, tap={"model": "phase_tap", "phase": "b"}, cord=cord, small=small)
    links += [
        "board.bus -> cable.a",
        "cable.b -> end.bus",
        "end.bus -> tap.bus",
        "tap.line -> cord.a",
        "cord.b -> small.bus",
    ]
    solution = solved(parts, *links)
    E = 1.1 * 400 / ROOT3
    assert at(solution, "board", "1ph").Ik_max == pytest.approx(E / abs(leakage()), rel=1e-6)
    loop = leakage() + 50 * complex(9e-4, 17e-5)
    assert at(solution, "end", "1ph").Ik_max == pytest.approx(E / abs(loop), rel=1e-6)
    assert at(solution, "end", "3ph").Ik_max == pytest.approx(E / abs(leakage() + 50 * complex(3e-4, 8e-5)), rel=1e-6)
    assert at(solution, "small", "1ph").Ik_max == pytest.approx(E / abs(loop + 5 * complex(15e-3, 2e-4)), rel=1e-6)
    hot = 1 + 0.00393 * 140
    loop_min = leakage(False) + 50 * complex(9e-4 * hot, 17e-5) + 5 * complex(15e-3 * hot, 2e-4)
    assert at(solution, "small", "1ph").Ik_min == pytest.approx(0.9 * 400 / ROOT3 / abs(loop_min), rel=1e-6)


def test_a_tap_between_phases_closes_the_fault_through_two_phases():
    cord = {"model": "ac1_cable", "length": 5, "R": 15e-3, "X": 2e-4}
    small = {"model": "ac1_load", "V": 400, "P": 100}
    parts, links = four_wires(tap={"model": "phase_tap", "phase": "bc"}, cord=cord, small=small)
    r = at(solved(parts, *links, "board.bus -> tap.bus", "tap.line -> cord.a", "cord.b -> small.bus"), "small", "1ph")
    assert r.Ik_max == pytest.approx(1.1 * 400 / abs(2 * leakage() + 5 * complex(15e-3, 2e-4)), rel=1e-6)


@pytest.mark.parametrize(("group", "flows"), [("Dyn5", True), ("YNyn0", True), ("Yyn0", False), ("Dd0", False)])
def test_the_vector_group_decides_whether_a_fault_of_one_phase_has_a_path(group, flows):
    parts, links = four_wires(trafo=TRAFO_4 | {"group": group}, load=LOAD_4 | {"P_a": 0})
    r = at(solved(parts, *links), "board", "1ph")
    assert math.isfinite(r.Ik_max) == flows
    assert ("no path" in r.reason) != flows


def test_a_balanced_line_without_a_zero_sequence_leaves_only_the_bus_behind_it_unassessed_and_names_what_is_missing():
    cable = {"model": "ac_line", "length": 40, "R": 2e-4, "X": 8e-5}
    parts, links = board(cable=cable, end=BUS)
    links += ["board.bus -> cable.a", "cable.b -> end.bus"]
    solution = solved(parts, *links)
    assert at(solution, "board", "1ph").Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(leakage()), rel=1e-6)
    end = at(solution, "end", "1ph")
    assert math.isnan(end.Ik_max) and math.isnan(end.Ik_min)
    assert end.reason == "cable states no R_0 and X_0"
    parts["cable"] = cable | {"R_0": 8e-4, "X_0": 3e-4}
    whole = leakage() + 40 * (2 * complex(2e-4, 8e-5) + complex(8e-4, 3e-4)) / 3
    assert at(solved(parts, *links), "end", "1ph").Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(whole), rel=1e-6)


def test_behind_an_open_switch_no_current_is_assessed_and_a_closed_one_does_not_lower_the_largest():
    parts, links = board(breaker={"model": "ac_switch", "R": 1e-3}, end=BUS)
    links += ["board.bus -> breaker.a", "breaker.b -> end.bus"]
    solution = solved(parts, *links)
    assert at(solution, "end", "3ph").Ik_max == pytest.approx(at(solution, "board", "3ph").Ik_max, rel=1e-12)
    least = 0.9 * 400 / ROOT3 / abs(leakage(False) + 1e-3)
    assert at(solution, "end", "3ph").Ik_min == pytest.approx(least, rel=1e-6)
    parts["breaker"] = parts["breaker"] | {"closed": 0}
    r = at(solved(parts, *links), "end", "3ph")
    assert math.isnan(r.Ik_max) and r.reason == "dead: nothing feeds this bus"


def test_a_ups_passes_the_mains_for_the_largest_current_and_its_limit_is_the_smallest_and_on_battery_both():
    ups = {"model": "ac_ups", "P_rated": 100e3, "V_out": 400, "V_in": 400, "V_in_min": 340, "V_in_max": 460,
           "fault_current": 2.5, "fault_time": 0.2, "battery_energy": 1e8,
           "loss": {"efficiency": [[0.25, 0.94], [0.5, 0.955], [1.0, 0.955]]}}  # fmt: skip
    parts, links = board(ups=ups, load={"model": "ac_load", "V": 400, "P": 1e3}, own=BUS)
    links = [*links[:2], "board.bus -> ups.in", "ups.out -> own.bus", "own.bus -> load.bus"]
    rated = 100e3 / (ROOT3 * 400)
    solution = solved(parts, *links)
    r = at(solution, "own", "3ph")
    assert r.Ik_max == pytest.approx(at(solution, "board", "3ph").Ik_max, rel=1e-12)
    assert r.Ik_min == pytest.approx(2.5 * rated, rel=1e-9) and bool(r.limited_min) and not r.limited
    parts["ups"] = ups | {"fault_bypass": 0}
    assert at(solved(parts, *links), "own", "3ph").Ik_max == pytest.approx(2.5 * rated, rel=1e-9)
    parts["ups"], parts["grid"] = ups | {"on_battery": 1}, STIFF | {"in_service": 0}
    r = at(solved(parts, *links), "own", "3ph")
    assert r.Ik_max == pytest.approx(2.5 * rated, rel=1e-9) and bool(r.limited)
    assert r.Ib == pytest.approx(r.Ik_max) and math.isnan(r.Ik) and "0.2 s" in r.reason
    parts["ups"] = ups | {"mode": "bypass"}
    parts["grid"] = STIFF
    regulation = 0.005 * 400**2 / 100e3
    least = 0.9 * 400 / ROOT3 / abs(leakage(False) + regulation)
    assert at(solved(parts, *links), "own", "3ph").Ik_min == pytest.approx(least, rel=1e-6)


def generator(**more):
    machine = {"model": "ac_generator", "V": 400, "S_rated": 1e6, "X_d2": 0.12, "R_a": 0.01, "power_factor": 0.8}
    return solved({"set": machine | more, "board": BUS, "load": LOAD}, "set.bus -> board.bus", "board.bus -> load.bus")


def test_near_a_generator_the_breaking_current_decays_by_mu_and_the_steady_current_needs_its_excitation():
    rated = 1e6 / (ROOT3 * 400)
    K = 1.1 / (1 + 0.12 * 0.6)
    Z = K * 0.16 * complex(0.01, 0.12)
    r = at(generator(), "board", "3ph")
    assert r.Ik_max == pytest.approx(1.1 * 400 / ROOT3 / abs(Z), rel=1e-6)
    peak = 1.02 + 0.98 * math.exp(-3 * 0.15)  # the fictitious resistance of low voltage generators
    assert r.ip == pytest.approx(peak * math.sqrt(2) * r.Ik_max, rel=1e-6)
    mu = 0.62 + 0.72 * math.exp(-0.32 * r.Ik_max / rated)
    lost = Z.imag * r.Ik_max / (1.1 * 400 / ROOT3)
    assert r.Ib == pytest.approx(r.Ik_max * (1 - lost * (1 - mu)), rel=1e-6)
    assert math.isnan(r.Ik) and "set states no I_sustained" in r.reason
    assert at(generator(I_sustained=3), "board", "3ph").Ik == pytest.approx(3 * rated, rel=1e-6)
    late = at(generator(), "board", "3ph", t_min=0.3)
    mu = 0.56 + 0.94 * math.exp(-0.38 * r.Ik_max / rated)
    assert late.Ib == pytest.approx(r.Ik_max * (1 - lost * (1 - mu)), rel=1e-6)


def test_motors_feed_the_largest_current_only_and_are_gone_in_the_steady_current():
    motor = {"model": "ac_load", "V": 400, "P": 300e3, "power_factor": 0.85, "motor_share": 0.5, "I_start": 6}
    parts, links = board(load=motor)
    solution = solved(parts, *links)
    r = at(solution, "board", "3ph")
    size = 400**2 / (6 * 0.5 * 300e3 / 0.85)
    own = cmath.rect(size, math.atan(1 / 0.42))
    E = 1.1 * 400 / ROOT3
    assert r.Ik_max == pytest.approx(E * abs(1 / leakage() + 1 / own), rel=1e-6)
    assert r.Ik == pytest.approx(r.Ik_max - E / size, rel=1e-6)
    assert r.Ik < r.Ib < r.Ik_max
    assert r.Ik_min == pytest.approx(0.9 * 400 / ROOT3 / abs(leakage(False)), rel=1e-6)
    assert "load " in r.sources and "grid " in r.sources


def test_a_battery_feeds_a_dc_fault_through_its_resistance_and_a_rectifier_with_its_limit():
    rectifier = {"model": "ac_rectifier", "P_rated": 10e3, "V_out": 50, "droop": 0.5, "V_in": 400, "V_in_min": 340,
                 "current_limit": 1.2, "limit_hold": 0.8, "loss": {"parabola": [0.004, 0.003, 0.0293]}}  # fmt: skip
    bar = {"model": "dc_cable", "length": 10, "R": 1e-4}
    draw = {"model": "dc_load", "V": 50, "P": 100}
    end = {"model": "dc_bus", "V": 50}
    parts, links = board(rectifier=rectifier, bar=bar, draw=draw, end=end)
    links += ["board.bus -> rectifier.in", "rectifier.out -> bar.a", "bar.b -> end.bus", "end.bus -> draw.bus"]
    limit = 1.05 * 1.2 / 0.8 * 10e3 / 50
    r = at(solved(parts, *links), "end", "dc")
    assert r.Ik_max == pytest.approx(limit, rel=1e-9) and bool(r.limited)
    assert math.isnan(r.ip) and "needs C_out and ESR_out of rectifier" in r.reason
    parts["battery"] = {"model": "battery", "V_empty": 40, "V_full": 50, "R": 5e-3, "soc": 1.0}
    r = at(solved(parts, *links, "battery.bus -> bar.a"), "end", "dc")
    assert r.Ik_max == pytest.approx(50 / (5e-3 + 1e-3) + limit * 5e-3 / (5e-3 + 1e-3), rel=1e-6)


def test_what_the_sources_give_adds_up_to_the_current():
    parts, links = board(grid=STIFF | {"S_sc": 200e6}, load=LOAD | {"P": 200e3, "motor_share": 1})
    solution = solved(parts, *links)
    table = kv.short_circuit(solution)
    row = table[table.kind == "3ph"].iloc[0]
    given = [float(part.rsplit(" ", 2)[1]) for part in row.sources.split(", ")]
    assert len(given) == 2
    assert sum(given) >= 1e-3 * row.Ik_max * 0.995  # amounts of phasors that differ in angle


def test_ratings_are_compared_with_the_larger_side_and_what_is_not_stated_is_not_assessed():
    device = {"model": "ac_switch", "Icu": 70e3, "Icm": 100e3}
    cable = {"model": "ac_line", "length": 20, "R": 2e-4, "X": 8e-5}
    parts, links = board(main=device, cable=cable, sub={"model": "ac_switch", "Icu": 10e3}, end=BUS)
    links += ["board.bus -> main.a", "main.b -> cable.a", "cable.b -> sub.a", "sub.b -> end.bus"]
    solution = solved(parts, *links)
    duty = kv.fault_duty(solution).set_index(["element", "duty"])
    r = at(solution, "board", "3ph")
    assert duty.loc[("main", "breaking"), "value"] == pytest.approx(r.Ik_max)
    assert duty.loc[("main", "making"), "value"] == pytest.approx(r.ip)
    assert duty.loc[("main", "breaking"), "verdict"] == "held"
    assert duty.loc[("main", "making"), "verdict"] == "broken"
    assert duty.loc[("sub", "breaking"), "verdict"] == "broken"
    assert duty.loc[("sub", "making"), "verdict"] == "not assessed"
    assert duty.loc[("sub", "making"), "reason"] == "Icm is not stated"
    checked = kv.power_check(
        kv.read({"kelvolt": 1, "components": parts, "connections": links}, name="f"), failures=False
    )
    lines = {x.quantity: x for x in checked.lines if x.item == 5}
    assert lines["fault current over breaking capacity"].element == "sub"
    assert lines["fault current over breaking capacity"].verdict == "broken"
    assert lines["largest fault current (3ph)"].element == "grid"  # stiff


def test_the_smallest_current_of_a_feeder_is_that_at_its_far_end_up_to_the_next_switch():
    cable = {"model": "ac4_line", "length": 50, "R": 3e-4, "X": 8e-5}
    device = {"model": "ac4_switch"}
    parts, links = four_wires(main=device, near=cable, end=BUS_4, sub=device, far=cable, last=BUS_4)
    links += ["board.bus -> main.a", "main.b -> near.a", "near.b -> end.bus", "end.bus -> sub.a", "sub.b -> far.a"]
    solution = solved(parts, *links, "far.b -> last.bus")
    found = kv.smallest_fault(solution, "main")
    assert found.Ik_min.iloc[0] == pytest.approx(at(solution, "end", "1ph").Ik_min, rel=1e-12)
    behind = kv.smallest_fault(solution, "sub")
    assert behind.Ik_min.iloc[0] == pytest.approx(at(solution, "last", "1ph").Ik_min, rel=1e-12)
    with pytest.raises(kv.InputError, match="nothing is no component"):
        kv.smallest_fault(solution, "nothing")


def test_a_tolerance_that_the_standard_does_not_have_is_refused_and_so_is_a_negative_time():
    parts, links = board()
    solution = solved(parts, *links)
    with pytest.raises(kv.InputError, match=r"lv_tolerance = 0\.08"):
        kv.short_circuit(solution, lv_tolerance=0.08)
    with pytest.raises(kv.InputError, match="t_min = -1 s"):
        kv.short_circuit(solution, t_min=-1.0)


def test_the_command_prints_currents_and_ratings_and_its_status_is_that_of_the_ratings(tmp_path, capsys):
    parts, links = board(main={"model": "ac_switch", "Icu": 10e3}, end=BUS)
    links += ["board.bus -> main.a", "main.b -> end.bus"]
    file = tmp_path / "board.yaml"
    file.write_text(json.dumps({"kelvolt": 1, "components": parts, "connections": links}))
    assert main(["shortcircuit", str(file), "--csv", str(tmp_path / "faults.csv")]) == 1
    text = capsys.readouterr().out
    assert "BROKEN" in text and "Ik_max (kA)" in text
    assert (tmp_path / "faults.csv").read_text().startswith("bus,kind,V_n")
    assert main(["shortcircuit", str(file), "--json", "--tolerance", "6 %"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {row["kind"] for row in found["faults"]} == {"3ph", "2ph", "1ph"}
    assert found["duty"][0]["verdict"] == "broken"


def test_the_buses_of_an_array_are_one_row_of_the_printed_table_unless_each_is_asked_for():
    parts = {"grid": STIFF | {"count": 3}, "load": LOAD | {"count": 3, "V": 20e3}}
    table = kv.short_circuit(solved(parts, "grid[1..3].bus -> load[1..3].bus"))
    assert "largest of 3" in fault_text(table)
    assert "largest of" not in fault_text(table, every=True)


def test_the_least_current_behind_a_single_phase_ups_is_that_of_its_inverter():
    # its static bypass passes the mains on for the largest current only
    table = kv.short_circuit(kv.load(CASES / "edge_site.yaml")).set_index("bus")
    row = table.loc["ups.out"]
    assert row.Ik_max == pytest.approx(table.loc["switch.out"].Ik_max, rel=0.05) and row.limited_min
    assert row.Ik_min == pytest.approx(2.0 * 3000.0 / 230.0)  # fault_current of 2 times the rated current
    with_both = table[table.Ik_min.notna() & table.Ik_max.notna()]
    assert (with_both.Ik_min <= with_both.Ik_max * (1.0 + 1e-9)).all()
