"""One-line diagrams keep the topology: rings with their open points, sections with couplers, pairs of feeds, groups."""

from __future__ import annotations

import kelvolt as kv
import pytest
from conftest import CASES
from drawn import picture
from kelvolt.base.folding import fold
from kelvolt.plots.oneline import one_line
from kelvolt.plots.sheet import sheet_of

RING = """
kelvolt: 1
title: Ring of four substations
components:
  grid: {model: ac_utility, V: 10 kV, S_sc: 200 MVA}
  intake: {model: ac_bus, V: 10 kV}
  cable: {model: ac_line, count: 5, length: 500 m, R: 0.2 mohm/m, X: 0.1 mohm/m, I_max: 300 A}
  switch: {model: ac_switch, count: 5, I_rated: 630 A}
  station: {model: ac_bus, count: 4, V: 10 kV}
  feeder: {model: ac_load, count: 24, P: 50 kW, V: 10 kV}
connections:
  - grid.bus -> intake.bus
  - intake.bus -> switch[1] -> cable[1].a
  - cable[1].b -> station[1].bus
  - station[1].bus -> switch[2] -> cable[2].a
  - cable[2].b -> station[2].bus
  - station[2].bus -> switch[3] -> cable[3].a
  - cable[3].b -> station[3].bus
  - station[3].bus -> switch[4] -> cable[4].a
  - cable[4].b -> station[4].bus
  - station[4].bus -> switch[5] -> cable[5].a
  - cable[5].b -> intake.bus
  - station[1].bus -> feeder[1..6].bus
  - station[2].bus -> feeder[7..12].bus
  - station[3].bus -> feeder[13..18].bus
  - station[4].bus -> feeder[19..24].bus
"""

THREE_MAKE_TWO = """
kelvolt: 1
title: Three to make two
components:
  grid: {model: ac_utility, count: 3, V: 400 V, S_sc: 20 MVA}
  ups: {model: ac_ups, count: 3, P_rated: 200 kW, V_out: 400 V, V_in: 400 V, V_in_min: 340 V, V_in_max: 460 V,
    battery_energy: 60 MJ, loss: {efficiency: [[0.25, 0.94], [1.0, 0.955]]}}
  board: {model: ac_bus, count: 3, V: 400 V}
  pair_ab: {model: ac_transfer_switch, count: 5, I_max: 200 A}
  pair_bc: {model: ac_transfer_switch, count: 5, I_max: 200 A}
  pair_ca: {model: ac_transfer_switch, count: 5, I_max: 200 A}
  row_ab: {model: ac_load, count: 5, P: 20 kW, V: 400 V}
  row_bc: {model: ac_load, count: 5, P: 20 kW, V: 400 V}
  row_ca: {model: ac_load, count: 5, P: 20 kW, V: 400 V}
connections:
  - grid[1..3].bus -> ups[1..3].in
  - ups[1..3].out -> board[1..3].bus
  - board[1].bus -> pair_ab[1..5].in_1
  - board[2].bus -> pair_ab[1..5].in_2
  - board[2].bus -> pair_bc[1..5].in_1
  - board[3].bus -> pair_bc[1..5].in_2
  - board[3].bus -> pair_ca[1..5].in_1
  - board[1].bus -> pair_ca[1..5].in_2
  - pair_ab[1..5].out -> row_ab[1..5].bus
  - pair_bc[1..5].out -> row_bc[1..5].bus
  - pair_ca[1..5].out -> row_ca[1..5].bus
"""

SECTIONS = """
kelvolt: 1
title: Two sections with a coupler
components:
  grid: {model: ac_utility, count: 2, V: 400 V, S_sc: 20 MVA}
  section: {model: ac_bus, count: 2, V: 400 V}
  coupler: {model: ac_switch, I_rated: 800 A, closed: 0}
  unit: {model: ac_line, count: 8, length: 20 m, R: 1 mohm/m, I_max: 100 A}
  load: {model: ac_load, count: 8, P: 10 kW, V: 400 V}
connections:
  - grid[1..2].bus -> section[1..2].bus
  - section[1].bus -> coupler -> section[2].bus
  - section[1].bus -> unit[1..4].a
  - section[2].bus -> unit[5..8].a
  - unit[1..8].b -> load[1..8].bus
"""


def test_a_ring_shows_every_station_and_its_open_point():
    case = kv.read(RING)
    case["switch[3].closed"] = 0
    shown = picture(one_line(case, case.title))
    stations = [f"station[{k}]" for k in (1, 2, 3, 4)]
    buses = shown.buses()
    at = {g.path: g.values["bus"] for g in shown.groups if "bus" in g.classes}
    assert {at[s] for s in stations} | {at["intake"]} <= set(buses) and len({at[s] for s in stations}) == 4
    for k, path in enumerate(stations):
        assert f"feeder[{6 * k + 1}..{6 * k + 6}]" in buses[at[path]]
    assert [p for p, g in shown.parts().items() if g.values.get("state") == "open"] == ["switch[3]"]
    assert "open" in shown.parts()["switch[3]"].texts
    ring = [shown.joins(f"cable[{k}]") for k in range(1, 6)]
    assert all(len(ends) == 2 for ends in ring), "every cable of the ring joins two buses"
    assert shown.faults() == []


def test_three_to_make_two_shows_three_boards_and_which_two_feed_each_row():
    case = kv.read(THREE_MAKE_TWO)
    shown = picture(one_line(case, case.title))
    at = {g.path: g.values["bus"] for g in shown.groups if "bus" in g.classes}
    boards = [at[f"board[{k}]"] for k in (1, 2, 3)]
    assert len(set(boards)) == 3
    for pair, (one, two) in {"ab": (0, 1), "bc": (1, 2), "ca": (2, 0)}.items():
        switch = shown.parts()[f"pair_{pair}[1..5]"]
        assert switch.values["count"] == "5" and switch.values["role"] == "transfer"
        assert {boards[one], boards[two]} < shown.joins(switch.path)
        assert f"row_{pair} ×5" in shown.parts()[f"row_{pair}[1..5]"].texts
    assert shown.faults() == []


@pytest.mark.parametrize("power", [20e3, 0.0])
@pytest.mark.parametrize("lost", [0, 1])
def test_the_blade_of_a_transfer_switch_stands_at_the_input_in_use_at_any_load(power, lost):
    case = kv.read(THREE_MAKE_TWO)
    case["row_ab[*].P"] = power
    if lost:
        case["ups[1].in_service"] = 0
    svg = one_line(case, case.title)
    assert case.steady()["pair_ab[1].taken"] == 1 + lost
    shown = picture(svg)
    at = {g.path: g.values["bus"] for g in shown.groups if "bus" in g.classes}
    blade = svg.split('data-path="pair_ab[1..5]" data-role="transfer"')[1].split("</g>")[0]
    wires = [g for g in shown.groups if "wire" in g.classes and g.path == "pair_ab[1..5]"]
    ends = {g.values["bus"]: g.values["port"] for g in wires}
    assert ends[at["board[1]"]] == "in_1" and ends[at["board[2]"]] == "in_2"
    inputs = sorted((g for g in wires if g.values["port"] != "out"), key=lambda g: g.begin)
    used = [g.values["port"] for g in inputs].index(f"in_{1 + lost}")
    assert ("L-8 -12", "L8 -12")[used] in blade


def test_sections_of_a_busbar_stay_apart_with_the_coupler_between_them():
    case = kv.read(SECTIONS)
    shown = picture(one_line(case, case.title))
    at = {g.path: g.values["bus"] for g in shown.groups if "bus" in g.classes}
    assert shown.joins("coupler") == {at["section[1]"], at["section[2]"]}
    assert shown.parts()["coupler"].values["state"] == "open"
    assert {"unit[1..4]", "unit[5..8]"} <= shown.parts().keys()
    assert shown.faults() == []


@pytest.mark.parametrize(
    "name", ["campus_feeder", "edge_campus", "server_room", "shedding", "ride_through", "hall_2n_ac", "hall_sidecar"]
)
def test_a_one_line_of_a_shipped_case_has_no_overlaps_and_fits_a_sheet(name):
    case = kv.load(CASES / f"{name}.yaml")
    shown = picture(one_line(case, case.title, sheet=sheet_of(case, "one-line diagram")))
    assert shown.faults() == []
    assert shown.width < 1700
    texts = [t for t, _ in shown.words]
    assert f"{name}.yaml" in texts and "case SHA-256" in texts and kv.__version__ in texts


def test_feeds_a_and_b_of_a_hall_are_two_sides_down_to_the_racks():
    shown = picture(one_line(kv.load(CASES / "hall_2n_ac.yaml"), most=1))
    a, b = shown.joins("busway_a[1..2]"), shown.joins("busway_b[1..2]")
    assert a and b and not a & b
    assert shown.joins("cdu[1..8].switch") & shown.joins("cdu_tap_a[1..8]")
    assert shown.joins("cdu[1..8].switch") & shown.joins("cdu_tap_b[1..8]")


def test_equal_parts_are_folded_only_at_the_same_nodes():
    # node 0 feeds parts 0 to 3, node 1 parts 4 to 7, and part 8 joins the nodes
    parts = ["load"] * 8 + ["tie"]
    joined = [(k, "in", int(k > 3)) for k in range(8)] + [(8, "a", 0), (8, "b", 1)]
    groups, nodes = fold(parts, joined, most=3)
    assert sorted(map(sorted, groups)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8]] and sorted(nodes) == [[0], [1]]
    assert sorted(map(sorted, fold(parts, joined, most=4)[0])) == [[k] for k in range(9)]


def test_a_ring_of_equal_stations_is_never_folded():
    ring = [(k, port, (k + (port == "b")) % 8) for k in range(8) for port in ("a", "b")]
    groups, nodes = fold(["line"] * 8, ring, most=3)
    assert len(groups) == 8 and len(nodes) == 8


def test_pieces_of_several_parts_are_folded_with_what_is_inside_them():
    # five chains 'fuse, cable' from node 0, each with two loads at its end
    parts, joined = [], []
    for k in range(5):
        fuse = len(parts)
        parts += ["fuse", "cable", "load", "load"]
        near, far = 1 + 2 * k, 2 + 2 * k
        joined += [(fuse, "a", 0), (fuse, "b", near), (fuse + 1, "a", near), (fuse + 1, "b", far)]
        joined += [(fuse + 2, "in", far), (fuse + 3, "in", far)]
    groups, nodes = fold(parts, joined, most=3)
    assert sorted(len(g) for g in groups) == [5, 5, 5, 5]
    assert sorted(len(n) for n in nodes) == [1, 5, 5]
