"""Schematics keep the topology: pumps in parallel with their standby, several CDUs, bypasses, open ends."""

from __future__ import annotations

import kelvolt as kv
import pytest
from conftest import CASES
from drawn import Picture, picture
from kelvolt.plots.schematic import loop_schematic
from kelvolt.plots.series import Leaf, Parallel, Series, Stub, leaves, series_parallel
from kelvolt.plots.sheet import sheet_of

PUMPS = """
kelvolt: 1
title: Three pumps, one in standby
components:
  pump: {model: duty_pump, count: 3, V_duty: 60 L/min, dp_duty: 120 kPa, V_flow_max: 90 L/min}
  stop: {model: check_valve, count: 3, Kv: 20 Kv, leak: 1e-4, p_crack: 2 kPa}
  pipe: {model: pipe, length: 20 m, diameter: 32 mm}
  bypass: {model: valve, Kv: 2 Kv, leak: 1e-3, characteristic: linear, opening: 0.4}
  heater: {model: heat_source, power: 20 kW}
  cooler: {model: dry_cooler, Q_nominal: 40 kW, ITD_nominal: 15 K, V_flow_nominal: 2 L/s, dp_nominal: 0.3 bar,
    P_fan: 500 W}
  air: {model: ambient, T: 20 degC}
  vessel: {model: expansion_vessel, medium: melinder_pg25, p: 2 bar(a)}
connections:
  - pump[1..3].b -> stop[1..3] -> pipe -> cooler -> pump[1..3].a
  - pipe.a -> bypass -> pipe.b
  - heater.port -> pipe.wall
  - cooler.air -> air.port
  - vessel.port -> pump[1].a
"""

TWO_CDUS = """
kelvolt: 1
title: Two CDUs on one facility loop
components:
  facility: {model: facility, medium: water, mode: dp, T_supply: 32 degC, dp: 0.84 bar, p_return: 3 bar(a)}
  cdu: {model: vertiv_xdu1350, count: 2, mode: constant_flow, flow: 900 L/min, T_supply: 35.5 degC}
  rack: {model: tray, count: 2, heat: 500 kW, dp_nominal: 50 kPa, V_flow_nominal: 850 L/min, volume: 150 L, C: 400 kJ/K,
    G: 60 kW/K}
connections:
  - facility.supply -> cdu[*].primary_in
  - cdu[*].primary_out -> facility.return
  - cdu[1..2].secondary_out -> rack[1..2] -> cdu[1..2].secondary_in
"""


def drawn(case: kv.Case) -> Picture:
    return picture(loop_schematic(case.steady()))


def test_pumps_in_parallel_are_drawn_apart_and_the_standby_is_off():
    case = kv.read(PUMPS)
    case["pump[3].running"] = 0
    shown = drawn(case)
    parts = shown.parts()
    assert {f"pump[{k}]" for k in (1, 2, 3)} | {f"stop[{k}]" for k in (1, 2, 3)} <= parts.keys()
    assert [parts[f"pump[{k}]"].values["state"] for k in (1, 2, 3)] == ["flow", "flow", "off"]
    assert "off" in parts["pump[3]"].texts and "off" not in parts["pump[1]"].texts
    rows = [parts[f"pump[{k}]"].symbol for k in (1, 2, 3)]
    assert len({box[1] for box in rows if box}) == 3 and max(b[0] for b in rows if b) < min(b[2] for b in rows if b)
    assert shown.faults() == []


def test_a_standby_pump_and_its_check_valve_point_like_those_that_run_while_coolant_leaks_back_through_them():
    case = kv.read(PUMPS)
    case["pump[3].running"] = 0
    solution = case.steady()
    assert solution["stop[3].m_flow"] < 0.0, "the leak runs backwards"
    parts = drawn(case).parts()
    for name in ("pump", "stop"):
        assert len({parts[f"{name}[{k}]"].turn for k in (1, 2, 3)}) == 1
    places = [(parts[f"pump[{k}]"].symbol, parts[f"stop[{k}]"].symbol) for k in (1, 2, 3)]
    assert len({pump[0] < stop[0] for pump, stop in places if pump and stop}) == 1, "the pump is before its valve"
    stop = parts["stop[3]"].texts
    assert any(t.startswith("−") and t.endswith("kPa") for t in stop), "the leak loses pressure on its way back"
    assert any(t.endswith("L/min back") for t in stop) and not any("back" in t for t in parts["stop[1]"].texts)


def test_a_valve_without_flow_keeps_its_place_and_its_direction():
    case = kv.read(PUMPS)
    case["bypass.leak"] = 1e-7
    case["bypass.opening"] = 0.0
    shut = drawn(case).parts()["bypass"]
    case["bypass.opening"] = 0.4
    assert shut.turn == drawn(case).parts()["bypass"].turn and "no flow" in shut.texts


def test_a_bypass_is_parallel_to_what_it_passes():
    parts = drawn(kv.read(PUMPS)).parts()
    pipe, bypass = parts["pipe"].symbol, parts["bypass"].symbol
    assert pipe and bypass and pipe[1] != bypass[1] and abs(sum(pipe[::2]) - sum(bypass[::2])) < 2.0
    assert parts["bypass"].values["role"] == "valve" and "40 % open" in parts["bypass"].texts


def test_two_cdus_stand_in_parallel_on_the_facility_loop_and_their_own_circuits_are_drawn_once():
    shown = drawn(kv.read(TWO_CDUS))
    parts = shown.parts()
    assert {"cdu[1].exchanger", "cdu[2].exchanger"} <= parts.keys(), "each side by side on the facility's loop"
    assert {"cdu[1..2].exchanger", "rack[1..2]"} <= parts.keys(), "one drawing for the two circuits that look alike"
    words = [t for t, _ in shown.words]
    assert any(w.startswith("2 circuits alike: ") for w in words)
    assert shown.faults() == []


@pytest.mark.parametrize(
    "name",
    ["single_loop", "gb200_nvl72_rack", "oam_rack", "dense_cpu_rack", "edge_cabinet", "asic_board", "hall_sidecar"],
)
def test_a_schematic_of_a_shipped_case_has_no_overlaps_and_fits_a_sheet(name):
    case = kv.load(CASES / f"{name}.yaml")
    shown = picture(loop_schematic(case.steady(), sheet=sheet_of(case, "coolant schematic")))
    assert shown.faults() == []
    assert shown.width < 1500
    assert {f"{name}.yaml", case.title} <= {t for t, _ in shown.words}


def test_every_part_that_carries_coolant_is_drawn_in_its_circuit():
    solution = kv.load(CASES / "gb200_nvl72_rack.yaml").steady()
    found = picture(loop_schematic(solution)).groups
    paths = [g.path for g in found]
    assert paths.count("cdu.exchanger") == 2, "an exchanger stands in both of its circuits"
    for path in ("cdu.primary_valve", "cdu.vessel", "cdu.flow_meter", "tray[1..18]", "switch_tray[1..9]", "filter"):
        assert paths.count(path) == 1, path


def test_numbers_are_in_the_units_of_the_reader():
    solution = kv.load(CASES / "single_loop.yaml").steady()
    us = " ".join(t for t, _ in picture(loop_schematic(solution, "us")).words)
    assert "psi" in us and "°F" in us and "kPa" not in us and "°C" not in us


# ---- series and parallel ----


def test_parts_in_series_and_in_parallel_are_found():
    tree = series_parallel([(0, 1, "a"), (1, 2, "b"), (1, 2, "c"), (2, 3, "d")], [(1, "t")], 0, 3)
    assert tree == Series([Leaf("a"), Stub(["t"]), Parallel([Leaf("b"), Leaf("c")]), Leaf("d")])


def test_a_part_from_the_end_back_to_the_begin_is_passed_against_its_direction():
    tree = series_parallel([(0, 1, "pump"), (1, 0, "recirculation")], [], 0, 1)
    assert tree == Series([Parallel([Leaf("pump"), Leaf("recirculation", against=True)])])


def test_a_bridge_is_cut_and_marked_at_both_ends():
    edges = [(0, 1, "a"), (0, 2, "b"), (1, 2, "bridge"), (1, 3, "c"), (2, 3, "d")]
    tree = series_parallel(edges, [], 0, 3)
    assert sorted(leaves(tree)) == ["a", "b", "bridge", "c", "d"]

    def marks(item):
        if isinstance(item, Stub):
            return [item.mark] * bool(item.mark)
        return [] if isinstance(item, Leaf) else [m for x in item.items for m in marks(x)]

    assert marks(tree) == ["A", "A"]


def test_what_leads_nowhere_hangs_where_it_begins():
    tree = series_parallel([(0, 1, "a"), (1, 5, "capped"), (1, 2, "b")], [(5, "gauge")], 0, 2)
    assert tree == Series([Leaf("a"), Stub(["capped", "gauge"]), Leaf("b")])


MANIFOLD = """
kelvolt: 1
title: Manifold in which the pressure rises
components:
  facility: {model: facility, medium: water, mode: flow, T_supply: 32 degC, V_flow: 60 L/min, p_return: 3 bar(a)}
  supply: {model: manifold, cells: 4, length: 0.4 m, diameter: 25 mm}
  return: {model: manifold, cells: 4, length: 0.4 m, diameter: 25 mm}
  cap: {model: volume, count: 2, volume: 50 mL}
  rack: {model: tray, count: 4, heat: 5 kW, dp_nominal: 50 kPa, V_flow_nominal: 15 L/min, volume: 1 L, C: 4 kJ/K,
    G: 1 kW/K}
connections:
  - facility.supply -> supply.a
  - supply.b -> cap[1].port
  - return.b -> cap[2].port
  - supply.way[1..4] -> rack[1..4] -> return.way[1..4]
  - return.a -> facility.return
"""


def test_a_manifold_in_which_the_pressure_rises_along_the_flow_has_a_plus():
    case = kv.read(MANIFOLD)
    solution = case.steady()
    inlet = solution["supply.cell[1].a.p"]
    assert all(solution[f"rack[{k}].a.p"] > inlet for k in (1, 2, 3, 4)), "momentum that is regained"
    parts = drawn(case).parts()
    assert any(t.startswith("+") and t.endswith("Pa") for t in parts["supply"].texts), parts["supply"].texts
    assert any(t.startswith("−") for t in parts["return"].texts)
