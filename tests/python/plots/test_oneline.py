"""The one-line diagram of a hand-made 2N hall: layers, order, arrays drawn once, what is said and in which colour."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from drawn import picture
from kelvolt.base.alike import classes, label
from kelvolt.plots.contingencies import contingency_map
from kelvolt.plots.oneline import DROP, LOADING, one_line
from kelvolt.plots.oneline_layout import lay_out
from kelvolt.plots.power import links, loss_sankey
from kelvolt.plots.pumps import pump_curve
from kelvolt.plots.schematic import loop_schematic
from kelvolt.plots.solutions import branch_flows, plot_solution, time_series
from kelvolt.plots.studies import branch_bars, feasible_map, pareto, tornado
from kelvolt.power.net import Bus, Element, End, Grid


class Hand:
    """Buses and elements written down one by one."""

    def __init__(self):
        self.buses, self.elements = {}, []

    def bus(self, name, kind, volts):
        line_to_neutral = volts / np.sqrt(3.0) if kind == "ac" else volts
        n = len(self.buses)
        self.buses[n] = Bus(n, kind, name, np.array([line_to_neutral], dtype=complex))
        return n

    def add(self, path, role, *ends, loading=None, **values):
        made = tuple(
            End(p, b, self.buses[b].kind, np.array([1.0 + 0j]), complex(w), role == "source", tuple(fed))
            for p, b, w, *fed in ends
        )
        values |= {} if loading is None else {"loading": loading}
        self.elements.append(Element(len(self.elements), path, role, role, made, {}, values))

    def grid(self):
        return Grid(self.buses, self.elements)


def hall(racks=8, b_lives=True):
    h = Hand()
    bars = {r: h.bus(f"rack[{r}].bar", "dc", 50.0) for r in range(1, racks + 1)}
    for i, side in ((1, "a"), (2, "b")):
        on = 1.0 if side == "a" or b_lives else 0.0
        mv, lv, far = (h.bus(f"{n}_{side}", "ac", v * on) for n, v in (("mv", 13.8e3), ("lv", 415.0), ("way", 400.0)))
        stand = h.bus(f"gen_{side}.bus", "ac", 0.0)
        h.add(f"utility_{side}", "source", ("bus", mv, -1e6 * on), V_nominal=13.8e3)
        h.add(f"tx_{side}", "transformer", ("hv", mv, 1e6 * on), ("lv", lv, -0.99e6 * on), loading=0.4)
        h.add(f"gen_{side}", "source", ("bus", stand, 0.0), V_nominal=415.0)
        h.add(f"gen_switch_{side}", "switch", ("a", stand, 0.0), ("b", lv, 0.0), closed=0.0)
        h.add(f"way_{side}", "branch", ("a", lv, 0.99e6 * on), ("b", far, -0.98e6 * on), loading=1.1 if on else 0.0)
        for r, bar in bars.items():
            ends = ("in", far, 0.12e6 * on), ("out", bar, -0.11e6 * on, "in")
            h.add(f"rack[{r}].shelf[{i}]", "converter", *ends, loading=0.9 * on)
    for r, bar in bars.items():
        h.add(f"rack[{r}].it", "load", ("in", bar, 0.2e6))
    return h.grid()


def test_arrays_are_drawn_once_and_sides_apart():
    drawn = lay_out(hall(8))
    names = {s.name for s in drawn.symbols}
    assert {"rack.shelf[1] ×8", "rack.shelf[2] ×8", "rack.it ×8", "utility_a", "utility_b"} <= names
    assert len(drawn.symbols) == 2 * 6 + 1
    assert sorted(len(r.buses) for r in drawn.rails)[-1] == 8  # the racks' bars are one rail
    assert len(lay_out(hall(3)).symbols) == 2 * 5 + 6 + 3  # three racks are drawn one by one


def test_power_runs_down_and_standby_sources_stand_beside():
    drawn = lay_out(hall(8))
    layer = {s.key: s.layer for s in drawn.symbols}
    assert layer["utility_a"] < layer["tx_a"] < layer["way_a"] < layer["rack.shelf[1]"] < layer["rack.it"]
    assert layer["gen_a"] > layer["utility_a"]
    dead = lay_out(hall(8, b_lives=False))
    assert {s.key: s.layer for s in dead.symbols} == layer  # a lost side keeps its place


def test_symbols_of_a_layer_keep_apart_and_chains_are_straight():
    drawn = lay_out(hall(8))
    at = {s.key: s.x for s in drawn.symbols}
    for layer in {s.layer for s in drawn.symbols}:
        xs = sorted(s.x for s in drawn.symbols if s.layer == layer)
        assert all(b - a >= 1.0 - 1e-6 for a, b in zip(xs, xs[1:], strict=False))
    assert at["utility_a"] == pytest.approx(at["tx_a"]) and at["utility_b"] == pytest.approx(at["tx_b"])


def test_the_drawing_says_loading_and_voltage_in_words_and_colour():
    text = one_line(hall(8), "Hall <2N>")
    root = ET.fromstring(text)
    said = " ".join(root.itertext())
    assert "Hall <2N>" in said and "110 %" in said and "13.8 kV" in said and "400 V" in said and "dead" in said
    over = re.search(r'fill="(#\w+)"[^>]*>110 %', text)
    assert over[1] == LOADING[-1][1]
    # 15 V of 415 V lost on the way: 3.6 %, between 3 and 5 %
    drop = re.search(r'fill="(#\w+)"[^>]*>400 V, −3.6 %', text)
    assert drop[1] == DROP[2][1]


def test_nothing_is_drawn_outside_or_on_top_of_each_other():
    assert picture(one_line(hall(8))).faults() == []


def test_a_breaker_has_a_cross_a_fuse_a_box_and_both_their_ratings_in_words():
    plan = kv.load(CASES / "campus_feeder.yaml")
    grid = plan.steady().power_flow().grid

    def drawn(path, **values):
        element = next(e for e in grid.elements if e.path == path)
        buses = {x.bus: grid.buses[x.bus] for x in element.ends}
        return one_line(Grid(buses, [replace(element, values=element.values | values)]))

    cross, wire, box = "l10 10 m0 -10 l-10 10", r'<path d="M0 -15 V15" ', 'width="12" height="28"'
    breaker, fuse, switch = drawn("main"), drawn("office_fuse"), drawn("ring_switch")
    assert cross in breaker and box not in breaker and box in fuse and cross not in fuse
    assert cross not in switch and box not in switch
    assert re.search(wire, fuse) and not re.search(
        wire, drawn("office_fuse", open_by_trip=1.0)
    )  # a gap where it melted
    assert "ac4_breaker, 630 A<" in breaker and "ac4_fuse, 250 A<" in fuse and "ac4_switch, 630 A<" in switch
    assert "ac4_breaker, 630 A set to 500 A)<" in drawn("main", I_r=500.0)
    assert "ac4_transformer, 400 kVA<" in one_line(grid)


def test_a_network_without_power_draws_nothing():
    assert one_line(Grid({}, [])) == ""


def test_a_large_hall_is_laid_out_in_a_moment():
    drawn = lay_out(hall(60), most=100)  # every rack by itself: 280 symbols
    assert len(drawn.symbols) == 10 + 3 * 60


def test_racks_on_two_busways_are_drawn_apart_and_busways_are_not_joined() -> None:
    grid = kv.load(CASES / "hall_800vdc.yaml").steady().power_flow().grid
    drawing = lay_out(grid)
    names = {s.name for s in drawing.symbols}
    assert {"rack[1..4].bus ×4", "rack[5..8].bus ×4", "busway[1]", "busway[2]"} <= names
    busways = [next(s for s in drawing.symbols if s.name == f"busway[{k}]") for k in (1, 2)]
    assert not set(busways[0].ends.values()) & set(busways[1].ends.values())
    assert {"cdu.switch ×8"} <= names  # they stand alike: one drawing


def test_parts_are_alike_only_where_what_surrounds_them_is() -> None:
    # two feeders a, b; loads 1..3 on a, 4 on b
    parts = ["a", "b", "load", "load", "load", "load"]
    joined = [(0, "out", 0), (1, "out", 1), (2, "in", 0), (3, "in", 0), (4, "in", 0), (5, "in", 1)]
    found = classes(parts, joined, 2)
    assert found[2] == found[3] == found[4] != found[5]
    # alike through several steps: a ring of six equal parts is one class, a chain of six is three
    ring = [(k, port, (k + (port == "b")) % 6) for k in range(6) for port in ("a", "b")]
    assert len(set(classes(["x"] * 6, ring, 6))) == 1
    chain = [(k, "p", k) for k in range(6)] + [(k, "p", k + 1) for k in range(6)]
    assert len(set(classes(["x"] * 6, chain, 7))) == 3
    assert label(["r[1].x", "r[2].x", "r[4].x"], [f"r[{k}].x" for k in range(1, 6)], "r.x") == "r[1..2, 4].x"


def test_a_diagram_is_drawn_of_every_documented_kind():
    case = kv.load(Path(__file__).parents[1] / "power" / "hall.yaml")
    sol = case.steady()
    flow = sol.power_flow()
    drawn = {one_line(of, "t") for of in (flow.grid, flow, sol, case)}
    assert len(drawn) == 1 and drawn.pop().startswith("<svg")


TAKERS = {
    "one_line": (one_line, "PowerFlow"),
    "links": (links, "PowerFlow"),
    "loss_sankey": (loss_sankey, "PowerFlow"),
    "contingency_map": (contingency_map, "Contingencies"),
    "loop_schematic": (loop_schematic, "Solution"),
    "branch_flows": (branch_flows, "Solution"),
    "time_series": (time_series, "Run"),
    "branch_bars": (branch_bars, "DataFrame"),
    "tornado": (lambda x: tornado(x, label="x"), "DataFrame"),
    "pareto": (lambda x: pareto(x, "a", "b"), "DataFrame"),
    "feasible_map": (lambda x: feasible_map(x, "a", "b"), "Dataset"),
    "plot_solution": (lambda x: plot_solution(x, x, "p"), "Case"),
    "pump_curve": (lambda x: pump_curve(x, x), "Case"),
    "write_traces": (lambda x: kv.write_traces("p", x), "Dataset"),
}


@pytest.mark.parametrize("name", TAKERS)
@pytest.mark.parametrize("wrong", ["text", None, 3.0, {}, []])
def test_what_cannot_be_drawn_is_a_type_error_that_names_what_can(name, wrong):
    take, kind = TAKERS[name]
    with pytest.raises(TypeError, match=rf"{name} takes.*{kind}.*not {type(wrong).__name__}"):
        take(wrong)


def test_pictures_of_a_solution_are_drawn_of_a_case_too():
    case = kv.load(CASES / "server_room.yaml")
    assert loop_schematic(case) == loop_schematic(case.steady()) != ""
    assert branch_flows(case) is None or branch_flows(case).axes
    assert loss_sankey(kv.load(Path(__file__).parents[1] / "power" / "hall.yaml")).axes


@pytest.mark.parametrize("wrong", ["text", None, {}])
def test_a_list_of_checks_is_made_of_a_case_and_a_solution_alone(wrong):
    with pytest.raises(TypeError, match="power_check takes a Case"):
        kv.power_check(wrong)
    for study in (
        lambda: kv.contingencies(wrong),
        lambda: kv.sweep(wrong, {"a.b": [1]}),
        lambda: kv.size(wrong, "a.b", {"a.b": (1, 2)}),
        lambda: kv.pareto(wrong, ("a.b", "a.c"), {"a.b": (1, 2)}),
        lambda: kv.calibrate(wrong, {}, ["a.b"]),
        lambda: kv.uncertainty(wrong, 10),
        lambda: kv.balance(wrong, "a.b", "a.c", (1, 2)),
    ):
        with pytest.raises(TypeError, match=r"takes a Case \(kv\.load"):
            study()
    with pytest.raises(TypeError, match="PowerFlow takes a Solution"):
        kv.PowerFlow(wrong)


FIVE_WAYS = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  gen: {model: ac4_generator, V: 400 V, S_rated: 100 kVA}
  gate: {model: ac4_switch, I_rated: 100 A, closed: 0}
  bus: {model: ac4_bus, V: 400 V}
  way: {model: ac4_cable, count: 5, length: 20 m, R: 1 mohm/m, R_n: 1 mohm/m, I_max: 63 A}
  load: {model: ac4_load, count: 5, V: 400 V, P_a: 3 kW, P_b: 3 kW, P_c: 3 kW}
connections: [grid.bus -> bus.bus, gen.bus -> gate.a, gate.b -> bus.bus,
              "bus.bus -> way[*].a", "way[*].b -> load[*].bus"]
"""


def words_of(case: kv.Case) -> dict[str, list[str]]:
    """By the name of a symbol or bus what is written beside it."""
    groups = picture(one_line(case)).groups
    return {g.texts[0]: g.texts for g in groups if g.texts}


def test_only_elements_in_one_state_are_drawn_once() -> None:
    case = kv.read(FIVE_WAYS)
    assert {"load ×5", "way ×5"} <= words_of(case).keys()
    case["load[4].in_service"] = 0
    case["way[2].in_service"] = 0
    drawn = words_of(case)
    assert {"load[1]", "load[2]", "load[3]", "load[4]", "load[5]", "way[2]"} <= drawn.keys()
    assert "dead" in drawn["load[2]"]
    assert drawn["load[4]"][2:] == ["out of service", "0 W"]  # on a live bus
    folded = words_of_folded(case)
    assert "27 kW" in folded["load[1, 3, 5] ×3"]


def words_of_folded(case: kv.Case) -> dict[str, list[str]]:
    return {g.texts[0]: g.texts for g in picture(one_line(case, most=1)).groups if g.texts}


def test_elements_drawn_once_that_carry_different_power_show_the_range() -> None:
    case = kv.read(FIVE_WAYS)
    case["load[5].P_a"] = 6e3
    assert {"48 kW", "9 kW to 12 kW each"} <= set(words_of(case)["load ×5"])
    case["load[5].P_a"] = 3.01e3  # 9.01 kW: within 1 %
    assert not any("each" in text for text in words_of(case)["load ×5"])


def test_grey_is_what_is_dead_and_what_is_live_and_carries_nothing_says_0_w() -> None:
    case = kv.read(FIVE_WAYS)
    drawn = words_of(case)
    assert "0 W" in drawn["gen"] and "0 W" in drawn["gate"]  # the generator runs at 400 V behind an open switch
    assert 'stroke="#b5b5b5"' not in one_line(case) and "no power" not in one_line(case)
    case["grid.in_service"] = 0
    assert "dead" in words_of(case)["bus"] and one_line(case).count('stroke="#b5b5b5"') > 5
