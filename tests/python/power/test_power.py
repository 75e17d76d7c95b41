"""Power flow report, contingencies, schemes, checks and pictures, on a hall of two sides and three racks."""

import json
import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
import yaml
from conftest import CASES
from kelvolt.base.tables import Units
from kelvolt.cli.commands import main
from kelvolt.plots.contingencies import contingency_map
from kelvolt.plots.power import links, loss_sankey
from kelvolt.power.flow import COOLANT, power_factor
from kelvolt.power.lines import items
from kelvolt.power.outages import alike_once, outages
from kelvolt.power.schemes import statement_text, statements

HALL = Path(__file__).parents[1] / "power" / "hall.yaml"


@pytest.fixture(scope="module")
def hall():
    return kv.load(HALL)


@pytest.fixture(scope="module")
def flow(hall):
    return hall.steady().power_flow()


@pytest.fixture(scope="module")
def failures(hall):
    return kv.contingencies(hall)


def changed(**sections):
    """The hall with top-level sections of its text replaced or added."""
    return kv.read(yaml.safe_load(HALL.read_text()) | sections)


# ---- power flow ----


def test_every_watt_arrives_in_the_space_that_is_named(hall, flow):
    sol = flow.solution
    losses = flow.losses
    assert flow.imbalance < 1e-9
    taken = sum(e.power for e in flow.grid.elements if e.role != "source")
    assert losses["sum"].sum() == pytest.approx(taken, rel=1e-9)
    # by the models' own outputs
    assert losses.loc["tx", "electrical room"] == pytest.approx(sol["tx[*].loss"].sum(), rel=1e-9)
    assert losses.loc["ups", "electrical room"] == pytest.approx(sol["ups[*].loss"].sum(), rel=1e-9)
    assert losses.loc["rack.shelf", "white space"] == pytest.approx(sol["rack[*].shelf.loss"].sum(), rel=1e-9)
    assert losses.loc["rack.vrm", COOLANT] == pytest.approx(sol["rack[*].vrm.loss"].sum(), rel=1e-9)
    assert losses.loc["rack.gpu", COOLANT] == pytest.approx(sol["rack[*].gpu.P"].sum(), rel=1e-9)
    # coolant: what the exchanger takes out is what the chips, regulators and the pump put in
    assert losses[COOLANT].sum() == pytest.approx(sol.plant.balance.boundary, rel=1e-6)
    assert losses[COOLANT].sum() == pytest.approx(sol.plant.balance.into_coolant, rel=1e-6)
    assert list(losses.index)[:1] == ["tx"] and list(losses.index)[-1] == "rack.gpu"  # in the order power passes


def test_ratios_are_those_of_their_definitions(flow):
    sol, s = flow.solution, flow.shares
    total = sol["utility[*].P"].sum()
    it = sol["rack[*].shelf.P_in"].sum()
    chips = sol["rack[*].gpu.P"].sum()
    cooling = sol["pumps.P_in"]
    assert s.total == pytest.approx(total) and s.it == pytest.approx(it) and s.cooling == pytest.approx(cooling)
    assert s.pue == pytest.approx(total / it)
    assert s.ppue_cooling == pytest.approx((it + cooling) / it)
    assert s.ppue_power == pytest.approx((total - cooling) / it)
    assert s.tue == pytest.approx(total / chips) == pytest.approx(s.pue * s.itue)
    assert s.it + s.cooling + s.distribution + s.other == pytest.approx(s.total, rel=1e-9)


GENERATION = """
kelvolt: 1
components:
  u: {model: ac_utility, V: 10 kV, S_sc: 200 MVA}
  t: {model: ac_transformer, S_rated: 630 kVA, V_hv: 10 kV, V_lv: 400 V, vk: 4 %, Pk: 4.5 kW, P0: 0.6 kW}
  l: {model: ac_load, V: 400 V, P: 200 kW}
  pv: {model: ac_load, V: 400 V, P: -500 kW}
connections: ["u.bus -> t.hv", "t.lv -> l.bus", "t.lv -> pv.bus"]
power: {it: [l]}
"""


@pytest.mark.parametrize("kilowatts", [-500.0, -150.0])
def test_what_is_generated_counts_and_what_is_exported_does_not(kilowatts):
    case = kv.read(GENERATION)
    case["pv.P"] = kilowatts * 1e3
    flow = case.steady().power_flow()
    s, grid = flow.shares, float(flow.solution["u.P"])
    assert s.generated == pytest.approx(-kilowatts * 1e3) and s.exported == pytest.approx(max(-grid, 0.0))
    assert s.total == pytest.approx(grid + s.generated)  # imported, or less what is exported
    assert s.total == pytest.approx(200e3 + float(flow.solution["t.loss"]), rel=1e-9)
    assert s.pue == pytest.approx(s.total / 200e3) and s.pue > 1.0
    assert s.it + s.cooling + s.distribution + s.other == pytest.approx(s.total, rel=1e-9)
    assert flow.losses["sum"].sum() == pytest.approx(s.total, rel=1e-9)  # what is generated is no heat taken away
    assert ("exported" in flow.summary()) == (grid < 0.0)


def parallel(*lines, load):
    """Sources side by side on one DC bus."""
    loss = "loss: {efficiency: [[0.2, 0.9], [0.5, 0.96], [1.0, 0.95]]}"
    text = ["kelvolt: 1", "components:", "  grid: {model: ac_utility, V: 400 V, S_sc: 50 MVA}"]
    joined, rectifiers, n = [], [], 0
    for n, line in enumerate(lines):
        text.append(f"  s{n}: {{{line.replace('LOSS', 'V_in: 400 V, V_in_min: 300 V, ' + loss)}}}")
        if "rectifier" in line:
            rectifiers.append(f"grid.bus -> s{n}.in")
        joined.append(f"s{n}.{'out' if 'rectifier' in line else 'bus'}")
    text += [f"  load: {{model: dc_load, V: 50 V, P: {load}}}", "connections:"]
    ends = [*joined, "load.bus"]
    text += [f"  - {x}" for x in [*rectifiers, *(f"{a} -> {b}" for a, b in zip(ends, ends[1:], strict=False))]]
    return kv.read("\n".join(text))


ON_BATTERY = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  ups: {model: ac4_ups, P_rated: 27 kW, S_rated: 30 kVA, V_out: 400 V, V_in: 400 V, V_in_min: 340 V,
        battery_energy: 10 MJ, loss: {parabola: [0.01, 0.01, 0.02]}, on_battery: 1}
  load: {model: ac4_load, V: 400 V, P_a: 5 kW, P_b: 3 kW, P_c: 3 kW}
connections: [grid.bus -> ups.in, ups.out -> load.bus]
"""


@pytest.mark.parametrize(("changes", "part"), [({"grid.in_service": 0}, 1.0), ({"grid.V": 320.0}, 0.5), ({}, 0.0)])
def test_a_converter_on_its_own_battery_loses_what_it_loses_on_the_mains(changes, part):
    case = kv.read(ON_BATTERY).update(changes)
    solution = case.steady()
    flow = solution.power_flow()
    s, x = flow.shares, 11.0 / 27.0
    loss = 27e3 * (0.01 + 0.01 * x + 0.02 * x * x)  # its curve at 11 of 27 kW
    assert loss == pytest.approx(469.6, abs=0.1)
    given = float(solution["ups.P_battery"])
    assert (given > 0.0) == (part > 0.0) and (given < (11e3 + loss) * (1 - 1e-6)) == (part < 1.0)
    assert flow.elements.set_index("element").loc["ups", "loss"] == pytest.approx(loss, rel=1e-3)
    assert sum(flow.heat(flow.grid.elements[1]).values()) == pytest.approx(float(solution["ups.loss"]), rel=1e-9)
    assert flow.losses.loc["ups", "sum"] == pytest.approx(loss, rel=1e-3)
    assert s.supplied == pytest.approx(11e3 + loss, rel=1e-3) and s.supplied == pytest.approx(s.total)
    assert s.supplied == pytest.approx(s.it + s.distribution + s.other, rel=1e-9) and s.other == 0.0
    assert s.pue == pytest.approx(1.0 + loss / 11e3, rel=1e-4)
    assert flow.imbalance < 1e-9
    drawn = {(x.start, x.end): x.watts for x in links(flow, small=0.0)}
    assert drawn.get(("battery of ups", "ups"), 0.0) == pytest.approx(given, rel=1e-9)
    into, out = (sum(w for ends, w in drawn.items() if ends[k] == "ups") for k in (1, 0))
    assert into == pytest.approx(out, rel=1e-6)
    assert ("battery of ups" in flow.summary()) == (part > 0.0)
    listed = kv.power_check(case, failures=False).table
    assert listed[listed.quantity == "balance does not close by"].value.max() < 1e-6


@pytest.mark.parametrize("name", sorted(p.stem for p in CASES.glob("*.yaml")))
def test_the_loss_of_every_element_is_the_one_that_its_model_states(name):
    flow = kv.load(CASES / f"{name}.yaml", allow=[CASES.parent]).steady().power_flow()
    for e, loss in zip(flow.grid.elements, flow.elements.loss, strict=True):
        if "loss" in e.values:
            assert loss == pytest.approx(e.values["loss"], rel=1e-6, abs=1e-6), e.path
            assert loss > -1e-6, e.path


@pytest.mark.parametrize("name", ["server_room", "edge_site", "hall_2n_ac", "hall_800vdc", "hall_sidecar"])
def test_power_and_heat_close_while_every_ups_takes_part_of_its_load_from_its_battery(name):
    case = kv.load(CASES / f"{name}.yaml", allow=[CASES.parent])
    plan = case.steady().power_flow()
    supplies = [e for e in plan.grid.elements if "on_battery" in e.values]
    for e in supplies:  # the mains stand 5 % below what the UPS asks for
        case[f"{e.path}.on_battery"] = 1.0
        case[f"{e.path}.V_in_min"] = 1.05 * plan.grid.buses[e.end("in").bus].line
    flow = case.steady().power_flow()
    s = flow.shares
    part = [e for e in flow.grid.elements if e.from_store > 0.0]
    assert len(part) == len(supplies) > 0 and all(e.taken > 0.0 for e in part)
    for e in flow.grid.elements:
        if "loss" in e.values:
            assert e.loss == pytest.approx(e.values["loss"], rel=1e-6, abs=1e-6) and e.loss > -1e-6, e.path
    assert s.total == pytest.approx(s.it + s.cooling + s.distribution + s.other, rel=1e-9)
    assert flow.losses["sum"].sum() == pytest.approx(s.total, rel=1e-9)


FIRST = "model: ac_rectifier, P_rated: 16 kW, V_out: 50 V, droop: 0.15 V, LOSS"
SECOND = "model: ac_rectifier, P_rated: 40 kW, V_out: 50 V, droop: 0.15 V, setpoint_error: -0.02, LOSS"
BATTERY = "model: battery, V_empty: 40 V, V_full: 48 V, R: 2 mohm, soc: 0.9"


def test_a_rectifier_at_its_limit_leaves_the_rest_to_the_one_of_lower_set_point():
    solution = parallel(FIRST, SECOND, load="40 kW").steady()
    assert solution["s0.loading"] == pytest.approx(1.2, rel=0.02)
    # the second stands on its droop line, 2 % lower
    v, current = float(solution["load.v"]), float(solution["s1.I"])
    assert v == pytest.approx(49.0 - 0.15 * current / 800.0, rel=1e-9)
    assert solution["s0.P_out"] + solution["s1.P_out"] == pytest.approx(40e3, rel=1e-8)
    over = solution.check().set_index("element").loc["s0"]
    assert (over[over.id == "converter_load"].verdict == "broken").all()  # carried, and yet over its rating
    assert parallel(FIRST, SECOND, load="40 kW").loadability().factor * 40e3 == pytest.approx(1.2 * 56e3, rel=0.03)
    with pytest.raises(kv.NoPowerFlow):
        parallel(FIRST, SECOND, load="70 kW").steady()


def test_a_battery_below_the_rectifier_takes_what_is_beyond_its_limit():
    solution = parallel(FIRST, BATTERY, load="30 kW").steady()
    assert solution["s0.loading"] == pytest.approx(1.2, rel=0.02)
    assert solution["s0.P_out"] + solution["s1.P"] == pytest.approx(30e3, rel=1e-8)
    solution = parallel(FIRST, BATTERY, load="5 kW").steady()  # and is charged, within the limit, while there is room
    assert solution["s1.P"] < 0.0 and solution["s0.loading"] < 1.22
    flow = solution.power_flow()
    loss, s = float(solution["s1.loss"]), flow.shares
    assert s.stored == pytest.approx(-float(solution["s1.P"]) - loss) and s.exported == 0.0
    assert s.it + s.cooling + s.distribution + s.other == pytest.approx(s.total, rel=1e-9)


def test_a_battery_above_both_rectifiers_sends_no_current_back():
    case = parallel(FIRST, SECOND, "model: battery, V_empty: 50 V, V_full: 55 V, R: 0.5 ohm", load="0 W")
    for solution in (case.steady(), case.steady(parallel(FIRST, SECOND, BATTERY, load="1 kW").steady())):
        assert solution["load.v"] == pytest.approx(54.5, rel=1e-5)
        assert abs(solution["s0.I"]) < 1e-6 * 320.0 and abs(solution["s1.I"]) < 1e-6 * 800.0


def test_voltages_and_drops_are_those_of_the_components(flow):
    sol = flow.solution
    buses = flow.buses.set_index("bus")
    assert buses.loc["way[1].b", "head"] == "ups[1].out"
    drop = sol["way[1].drop"] * math.sqrt(3.0) / buses.loc["ups[1].out", "voltage"]
    assert buses.loc["way[1].b", "drop"] == pytest.approx(drop, rel=1e-6)
    assert buses.loc["rack[1].vrm.out", "kind"] == "dc" and buses.live.all()
    elements = flow.elements.set_index("element")
    assert elements.loc["rack[2].bar", "I"] == pytest.approx(sol["rack[2].bar.I"], rel=1e-9)
    assert elements.loc["ups[1]", "loading"] == pytest.approx(sol["ups[1].loading"], rel=1e-9)
    assert math.isnan(elements.loc["tie", "loading"])  # no rating was given
    roles = {"tx[1]": "transformer", "main[1]": "switch", "ups[1]": "converter", "way[1]": "branch", "pumps": "load"}
    assert {k: elements.loc[k, "role"] for k in roles} == roles


def test_the_printed_flow_says_what_is_asked(flow):
    text = flow.summary()
    for words in ("PUE 1.", "TUE 1.", "lagging", "electrical room", "a power flow exists up to", "what holds chips"):
        assert words in text


UNBALANCED = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 10 MVA, X_over_R: 3}
  whip: {model: ac4_cable, length: 20 m, R: 1 mohm/m, R_n: 1 mohm/m, I_max: 63 A}
  load: {model: ac4_load, connection: star, V: 400 V, P_a: 9 kW, P_b: 6 kW, P_c: 3 kW, z_share: 0}
connections:
  - grid.bus -> whip.a
  - whip.b -> load.bus
"""


def test_unbalance_and_neutral_current_are_the_closed_forms():
    flow = kv.read(UNBALANCED).steady().power_flow()
    whip = flow.elements.set_index("element").loc["whip"]
    i = next(e for e in flow.grid.elements if e.path == "whip").ends[0].i
    assert whip.I_n == pytest.approx(abs(i[0] + i[1] + i[2]), rel=1e-6)  # no earth fault: what goes out comes back
    size = np.abs(i[:3])
    assert whip.unbalance_phases == pytest.approx(np.abs(size - size.mean()).max() / size.mean())
    # 9, 6, 3 kW at nearly one voltage: 50 % off the mean, neutral near sqrt(a2+b2+c2-ab-bc-ca) = sqrt(27) kW
    assert whip.unbalance_phases == pytest.approx(0.5, rel=0.05)
    assert whip.I_n == pytest.approx(np.sqrt(27.0) * 1e3 / 230.0, rel=0.05)
    listed = kv.power_check(kv.read(UNBALANCED), failures=False).table
    four = listed[listed["item"] == 4].set_index("quantity")
    assert four.loc["current unbalance, deviation of a phase", "verdict"] == "target missed"  # no standard asks for it
    assert four.loc["voltage unbalance, deviation of a line voltage", "verdict"] == "held"


def test_power_factor_has_a_side():
    assert power_factor(3 + 4j) == pytest.approx(0.6)
    assert power_factor(3 - 4j) == pytest.approx(-0.6)
    assert power_factor(5 + 0j) == 1.0 and math.isnan(power_factor(0j))


# ---- contingencies ----


def test_what_can_fail_is_found_from_the_network(hall):
    found = {o.name: o for o in outages(hall)}
    families = {}
    for o in found.values():
        families.setdefault(o.family, []).append(o.name)
    assert sorted(families["source"]) == ["utility[1]", "utility[2]"]
    assert len(families["feeder"]) == 2 + 3 and len(families["transformer"]) == 2
    assert len(families["converter"]) == 2 + 1 + 3 + 3 and len(families["unit"]) == 6
    assert families["pump"] == ["pump"] and families["switch"] == ["main[1]", "main[2]"]  # the tie is open already
    assert found["one of rack[2].shelf.psus_b"].values == {"rack[2].shelf.psus_b": 5.0}
    assert len(alike_once(list(found.values()), 0.02)) < len(found)
    assert sum(o.alike for o in alike_once(list(found.values()), 0.02)) == len(found)


def test_a_row_is_what_a_cold_solve_of_the_failure_says(hall, failures):
    lost = hall.copy()
    lost["ups[1].in_service"] = 0.0
    cold = lost.steady()
    data = failures.dataset.sel(contingency="ups[1]")
    assert float(data.T_die.sel(die="rack[1].gpu")) == pytest.approx(cold["rack[1].gpu.T_die"], abs=1e-6)
    assert float(data.loading.sel(element="ups[2]")) == pytest.approx(cold["ups[2].loading"], rel=1e-8)
    row = failures.table.set_index("contingency").loc["ups[1]"]
    assert row.verdict == "held" and row.lost_load == 0.0 and row.dead_buses == 2  # the output, and way[1] behind it
    assert row.islands == failures.table.iloc[0].islands - 1


def test_a_lost_feeder_that_stops_the_pump_says_so(failures):
    table = failures.table.set_index("contingency")
    for name in ("utility[1]", "tx[1]", "pumps", "pump"):
        assert (
            table.loc[name, "status"] == "no_steady_state"
            and "no flow in the circuit of vessel" in table.loc[name, "reason"]
        )
        assert table.loc[name, "verdict"] == "broken"
    assert table.loc["utility[2]", "verdict"] == "held"  # the pump hangs on side 1


def test_lost_load_is_what_the_plan_draws_there(hall, failures):
    table = failures.table.set_index("contingency")
    plan = failures.base.solution
    assert table.loc["rack[3].shelf", "lost_load"] == pytest.approx(plan["rack[3].gpu.P"])
    assert table.loc["rack[3].shelf", "lost"] == "rack[3].gpu"
    accepted = kv.contingencies(hall, 0, [["rack[3].shelf"]], accept_lost=["rack[3]"])
    row = accepted.table.set_index("contingency").loc["rack[3].shelf"]
    assert row.verdict == "held" and row.lost_load > 0.0 and row.lost_undeclared == 0.0


def test_the_brief_table_tells_like_rows_once(failures):
    brief = failures.brief.set_index("contingency")
    assert brief.alike.sum() == len(failures.rows)
    assert brief.loc["rack[1].shelf", "alike"] == 3
    # the two utilities are alike in name only: the pump hangs on the first
    assert brief.loc["utility[1]", "alike"] == brief.loc["utility[2]", "alike"] == 1
    assert "rack[1].shelf (of 3 alike)" in [row[0] for row in failures.as_table(Units()).rows]


TWO_HALVES = """
kelvolt: 1
components:
  grid: {model: ac_utility, count: 2, V: 400 V, S_sc: 20 MVA}
  feed: {model: ac_cable, count: 2, length: 10 m, R: 1 mohm/m, I_max: 100 A}
  load: {model: ac_load, count: 2, V: 400 V, P: 20 kW}
connections: ["grid[*].bus -> feed[*].a", "feed[*].b -> load[*].bus"]
"""


def test_failures_of_one_name_that_end_in_other_numbers_are_rows_of_their_own():
    case = kv.read(TWO_HALVES)
    brief = kv.contingencies(case, families=["source"]).brief.set_index("contingency")
    assert list(brief.index) == ["as planned", "grid[1]"] and brief.loc["grid[1]", "alike"] == 2
    case["load[2].P"] = 30e3
    found = kv.contingencies(case, families=["source"])
    brief = found.brief.set_index("contingency")
    assert set(brief.index) == {"as planned", "grid[1]", "grid[2]"} and (brief.alike == 1).all()
    # the one that is left: 20 or 30 kW at 400 V, 28.9 or 43.3 A on a cable of 100 A
    assert brief.loc["grid[2]", "worst_loading"] == pytest.approx(0.289, rel=0.01)
    assert brief.loc["grid[1]", "worst_loading"] == pytest.approx(0.433, rel=0.01)
    case["load[2].P"] = 20.1e3  # within 1 %: one row, and it is the worse of the two
    row = kv.contingencies(case, families=["source"]).brief.set_index("contingency").iloc[1]
    assert row.alike == 2 and row.name == "grid[2]" and row.lost_load == pytest.approx(20.1e3)


def test_a_load_behind_a_ups_that_lost_its_mains_is_told_how_the_battery_is_declared():
    case = kv.read(ON_BATTERY).update({"ups.on_battery": 0})
    rows = kv.contingencies(case, 1, {"on battery": {"grid.in_service": 0, "ups.on_battery": 1}}).table
    rows = rows.set_index("contingency")
    assert rows.loc["grid", "lost_load"] == pytest.approx(11e3, rel=1e-3)
    lasts = 10e6 / (11e3 + 469.6)  # of the battery: load and loss of the UPS
    assert rows.loc["grid", "state"] == f"once ups is empty; it lasts {lasts:.4g} s, no time required"
    assert rows.loc["grid", "verdict"] == "broken" and "kelvolt ridethrough" in rows.loc["grid", "reason"]
    assert rows.loc["ups", "state"] == ""  # a UPS that fails itself has no battery to go to
    assert rows.loc["on battery", "verdict"] == "held" and rows.loc["on battery", "lost_load"] == 0.0
    assert rows.loc["on battery", "state"] == f"ups on its battery for {lasts:.4g} s, no time required"
    unknown = kv.contingencies(
        kv.read(ON_BATTERY.replace("battery_energy: 10 MJ,", "").replace("y: 1}", "y: 0}"))
    ).table
    assert unknown.set_index("contingency").loc["grid", "state"] == "ups off, as no battery_energy is given"


@pytest.mark.parametrize("pattern", ["drve[*]", "load[7]", "rack.*.x"])
def test_a_pattern_of_loads_that_may_be_lost_names_a_component_or_is_refused(pattern, tmp_path, capsys):
    with pytest.raises(kv.InputError, match=r"accept_lost: .* names no component"):
        kv.contingencies(kv.read(ON_BATTERY), accept_lost=[pattern])
    file = tmp_path / "case.yaml"
    file.write_text(ON_BATTERY)
    assert main(["contingencies", str(file), "--accept-lost", pattern]) == 2
    assert "names no component" in capsys.readouterr().err
    assert main(["contingencies", str(file), "--accept-lost", "loa*"]) == 0


def test_declared_failures_and_switching_are_rows(failures):
    table = failures.table.set_index("contingency")
    assert table.loc["A without B's UPS", "family"] == "declared"
    assert table.loc["A without B's UPS", "lost_load"] > 70e3
    assert table.loc["maintenance of A, tie closed", "verdict"] == "held"


def test_an_overload_after_a_transfer_is_found():
    # 545 A a rack on bars of 560 A; way[2] of 160 A carries 61 A, and 122 A when side 1 is lost
    text = yaml.safe_load(HALL.read_text())
    text["components"]["way"] |= {"I_max": "100 A"}
    found = kv.contingencies(kv.read(text), families=["converter"])
    row = found.table.set_index("contingency").loc["ups[1]"]
    assert row.worst_element == "way[2]" and row.worst_loading > 1.0 and row.verdict == "broken"
    assert "overload: way[2]" in row.reason and "ampacity of way[2]" in row.broken


def test_pairs_are_solved_and_counted(hall):
    found = kv.contingencies(hall, 2, families=["transformer", "pump"])
    assert len(found.rows) == 1 + 3 + 3 + 2  # three singles, three pairs, two that the case declares
    both = found.table.set_index("contingency").loc["tx[1] + tx[2]"]
    assert both.family == "N-2" and both.lost_load > 70e3


def test_results_do_not_depend_on_threads(hall):
    one, two = (kv.contingencies(hall, families=["feeder"], threads=k) for k in (1, 2))
    assert np.array_equal(one.dataset.loading, two.dataset.loading, equal_nan=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"also": [["upps[1]"]]}, "names nothing that can fail"),
        ({"n": -1}, "n = -1"),
        ({"n": 9}, "combinations, at most"),
        ({"families": ["valve"]}, "no family 'valve'"),
        ({"also": {"x": {"tie.shut": 1}}}, "shut"),
    ],
)
def test_a_study_that_cannot_be_is_refused(hall, arguments, words):
    with pytest.raises(kv.InputError, match=words):
        kv.contingencies(hall, **arguments)


def test_coolant_alone_is_studied_by_the_same_command(capsys):
    found = kv.contingencies(kv.load(CASES / "gb200_nvl72_rack.yaml"))
    table = found.table.set_index("contingency")
    assert set(table.family) == {"", "pump", "cdu"}
    assert table.loc["as planned", "verdict"] == "broken" and table.loc["cdu.pump[1]", "verdict"] == "as planned"
    assert not found.held  # by the plan's own row
    assert table.loc["cdu.pump[1]", "broken"] == "" and "as planned, too" in table.loc["cdu.pump[1]", "reason"]
    assert table.loc["cdu", "status"] == "no_steady_state"
    assert 0.0 < table.loc["cdu.pump[1]", "T_die_max"] - table.loc["as planned", "T_die_max"] < 1.0


# ---- transfer schemes ----

THREE = """
kelvolt: 1
components:
  grid: {model: ac_utility, count: 3, V: 415 V, S_sc: 20 MVA}
  block: {model: ups_500kw, count: 3}
  shelf: {model: ac_power_shelf, count: 3, P_psu: 50 kW, psus_a: 6, psus_b: 6, V_in: 415 V, V_in_min: 312 V,
    V_out: 50.5 V, droop: 0.5 V, loss: {parabola: [0.004, 0.003, 0.029]}}
  rack: {model: dc_load, count: 3, P: 300 kW, V: 50 V}
connections:
  - grid[1..3].bus -> block[1..3].in
  - block[1].out -> shelf[1].in_a
  - block[2].out -> shelf[1].in_b
  - block[2].out -> shelf[2].in_a
  - block[3].out -> shelf[2].in_b
  - block[3].out -> shelf[3].in_a
  - block[1].out -> shelf[3].in_b
  - shelf[1..3].out -> rack[1..3].bus
power:
  schemes: [{kind: 3-to-make-2, units: "block[1..3]"}]
"""


def test_three_to_make_two_transfers_half_to_each_survivor():
    (found,) = statements(kv.read(THREE))
    assert found.normal_limit == pytest.approx(2.0 / 3.0)
    # each block carries two half racks: 300 kW of 500, 60 % and a little for losses
    assert all(u.loading == pytest.approx(0.62, abs=0.02) for u in found.units)
    assert len(found.transfers) == 6
    assert all(t.share == pytest.approx(0.5, abs=0.02) for t in found.transfers)
    assert all(t.loading == pytest.approx(0.93, abs=0.03) for t in found.transfers)
    assert found.held and found.surviving_load == pytest.approx(0.93, abs=0.03)
    assert "two of three suffice" in statement_text([found])


def test_a_scheme_beyond_its_arithmetic_breaks():
    case = kv.read(THREE)
    case["rack[*].P"] = "350 kW"
    (found,) = statements(case)
    assert not found.held and found.normal_use > 1.0
    assert any("of its rating" in t.reason for t in found.transfers)
    listed = kv.power_check(case, failures=False)
    fifteen = listed.table[(listed.table["item"] == 15) & (listed.table.verdict == "broken")]
    assert len(fifteen) == 3 and not listed.held


CATCHER = """
kelvolt: 1
components:
  grid: {model: ac_utility, count: 3, V: 415 V, S_sc: 20 MVA}
  block: {model: ups_500kw, count: 3}
  sts: {model: ac_transfer_switch, count: 2}
  hall: {model: ac_load, count: 2, P: 450 kW, V: 415 V}
connections:
  - grid[1..3].bus -> block[1..3].in
  - block[1..2].out -> sts[1..2].in_1
  - block[3].out -> sts[1].in_2
  - block[3].out -> sts[2].in_2
  - sts[1..2].out -> hall[1..2].bus
power:
  schemes: [{name: reserve, kind: block redundant, units: ["block[1..2]"], catcher: "block[3]"}]
"""


def test_the_catcher_takes_the_whole_block():
    (found,) = statements(kv.read(CATCHER))
    caught = [t for t in found.transfers if t.survivor == "block[3]"]
    assert [t.failed for t in caught] == ["block[1]", "block[2]"]
    assert all(t.before == pytest.approx(0.0, abs=1.0) and t.share == pytest.approx(1.0, abs=0.01) for t in caught)
    assert all(t.loading == pytest.approx(0.9, abs=0.01) for t in caught) and found.held
    others = [t for t in found.transfers if t.survivor != "block[3]"]
    assert all(t.after == pytest.approx(t.before, rel=1e-3) for t in others)


@pytest.mark.parametrize(
    ("power", "words"),
    [
        ({"schemes": [{"kind": "2N", "units": ["way[*]", "ups[*]"]}]}, "2N, which has 2 units"),
        ({"schemes": [{"kind": "2N", "units": ["wey[*]"]}]}, "names no component"),
        ({"schemes": [{"kind": "N+2", "units": ["ups[*]"]}]}, "kind 'N\\+2' is none of"),
        ({"schemes": [{"kind": "block redundant", "units": ["ups[*]"]}]}, "names its catcher"),
        ({"shemes": []}, "has no key 'shemes'"),
        ({"limits": {"loadng": {"max": 1}}}, "no limit 'loadng'"),
        ({"limits": {"loading": {"max": "five"}}}, "no number at the start"),
        ({"spaces": ["hall"]}, "must be a block of keys"),
        ({"contingencies": {"also": [["nothing"]]}}, "names no component"),
    ],
)
def test_a_wrong_power_section_is_refused_with_its_key(power, words):
    with pytest.raises(kv.InputError, match=words):
        kv.power_check(changed(power=power))


# ---- the list ----


def test_every_item_of_the_list_has_a_line(hall):
    listed = kv.power_check(hall)
    table = listed.table
    assert sorted(set(table["item"])) == list(range(1, 18)) == sorted(items())
    assessed = set(table[table.verdict != "not assessed"]["item"])
    assert {1, 2, 3, 5, 9, 12, 13, 15} <= assessed
    assert not assessed & {6, 7, 10, 11, 16, 17}
    assert (table[table.verdict == "not assessed"].reason.str.len() > 10).all()
    judged = table[table.verdict.isin(["held", "broken"])]
    assert (judged.basis.str.len() > 5).all() and judged.margin.notna().all()
    # what its reader may check: a standard with a clause, or that it was not verified, or whose number it is
    shipped = [limit["basis"] for item in items().values() for limit in item.get("limits", {}).values()]
    marks = (
        "clause",
        "NEC",
        "ISO/IEC 30134",
        "user",
        "no standard",
        "Schneider",
        "ISC 2013",
        "section not verified",
        "maker",
    )
    assert all(any(m in b for m in marks) or "failure" in b or "capacity left" in b for b in shipped)


def test_a_case_replaces_limits_and_is_named_as_their_basis():
    power = yaml.safe_load(HALL.read_text())["power"]
    strict = changed(
        power=power | {"limits": {"pue": {"max": 1.05}, "loading": {"max": "60 %", "basis": "our rule 7"}}}
    )
    table = kv.power_check(strict, failures=False).table
    pue = table[table.quantity == "PUE"].iloc[0]
    assert pue.verdict == "broken" and pue.basis == "user" and pue.margin < 0.0
    loading = table[(table["item"] == 1) & (table.basis == "our rule 7")].iloc[0]
    assert loading.limit == 0.6 and loading.verdict == "broken" and loading.element == "rack[1].vrm"


def test_peaks_and_rms_of_a_run_are_told_apart(hall):
    wave = {"square_wave": {"high": 1.0, "low": 0.4, "period": "2 s", "duty": 0.7}}
    case = changed(
        profiles={"training": wave},
        apply=[{"profile": "training", "to": "rack[*].gpu.activity"}],
        run={"duration": "20 s", "steady_at": "nominal"},
        record={"every": "0.5 s"},
    )
    run = case.simulate(record=["**.loading"])
    table = kv.power_check(case, run.end, run=run, failures=False).table
    fourteen = table[table["item"] == 14].set_index("quantity")
    high = case.steady()["rack[1].vrm.loading"]
    case2 = changed()
    case2["rack[*].gpu.activity"] = 0.4
    low = case2.steady()["rack[1].vrm.loading"]
    assert fourteen.loc["peak load over rating in the run", "value"] == pytest.approx(high, rel=0.01)
    # dies follow the swing a little, and leakage with them
    rms = math.sqrt(0.7 * high**2 + 0.3 * low**2)
    assert fourteen.loc["RMS load over rating in the run", "value"] == pytest.approx(rms, rel=0.02)


def test_a_case_without_electric_network_has_no_list(case):
    assert kv.power_check(case) is None
    assert "no electric network" in case.steady().power_flow().summary()


# ---- pictures ----


def test_what_enters_a_stage_leaves_it_as_power_or_heat(flow):
    found = links(flow, small=0.0)
    into, out = {}, {}
    for x in found:
        into[x.end] = into.get(x.end, 0.0) + x.watts
        out[x.start] = out.get(x.start, 0.0) + x.watts
    for name in ("tx", "ups", "rack.shelf", "rack.vrm", "rack.gpu"):
        assert out[name] == pytest.approx(into[name], rel=1e-3)
    assert out["utility"] == pytest.approx(flow.shares.total, rel=1e-9)
    assert into[COOLANT] == pytest.approx(flow.losses[COOLANT].sum(), rel=1e-3)
    drawn = {x.start for x in links(flow)}
    assert "main" not in drawn and "way" not in drawn  # they lose next to nothing


def test_pictures_are_drawn(flow, failures, tmp_path):
    loss_sankey(flow, title="Hall").savefig(tmp_path / "sankey.png")
    figure = contingency_map(failures)
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels[0] == "as planned" and "ups[1] ×2" in labels and "utility[1]" in labels
    said = [t.get_text() for t in figure.axes[0].texts]
    assert said.count("no solution") == 4
    text = kv.one_line(flow.grid, "Hall")
    assert all(name in text for name in ("utility[1]", "rack[3].shelf", "50.29 V DC", "tie"))
    plotly = pytest.importorskip("plotly.graph_objects")
    assert isinstance(loss_sankey(flow, engine="plotly"), plotly.Figure)
    assert isinstance(contingency_map(failures, engine="plotly"), plotly.Figure)


# ---- command line ----


def joined(text, column):
    """The cells of the last column of a printed table, whose lines are joined."""
    at = next(line.index(column) for line in text.splitlines() if line.endswith(column))
    return " ".join(line[at:] for line in text.splitlines())


def test_the_commands_print_write_and_judge(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    hall = str(HALL)
    assert main(["power", hall, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pue"] == pytest.approx(1.14, abs=0.02)
    assert main(["power", hall, "--plot", "p", "--csv", "p"]) == 0
    assert "transfer scheme " in capsys.readouterr().out
    assert main(["power", hall, "--full"]) == 0
    assert "Transfer schemes" in capsys.readouterr().out
    assert {f.name for f in Path("p").iterdir()} >= {"one_line.svg", "loss_sankey.png", "losses.csv"}
    words = ["--families", "feeder", "--csv", "c.csv", "-o", "c.nc", "--plot", "p", "--accept-lost", "rack[*]"]
    assert main(["contingencies", hall, *words]) == 1  # the drive of the pumps is lost, too
    words += ["--accept-lost", "pumps"]
    assert main(["contingencies", hall, *words]) == 0
    assert "7 contingencies" in capsys.readouterr().out and Path("p/contingencies.png").is_file()
    assert kv.open("c.nc")["loading"].dims == ("contingency", "element")
    assert main(["contingencies", hall, "-n", "0", "--also", "pump"]) == 1
    assert "BROKEN: 2 states BROKEN, 2 held" in (said := capsys.readouterr().out) and "3 contingencies, 2" in said
    assert main(["contingencies", hall, "-n", "0", "--also", "pump", "--full"]) == 1
    assert "no flow in the circuit" in joined(capsys.readouterr().out, "why")
    assert main(["check", hall, "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {r["item"] for r in rows if "item" in r} == set(range(1, 18))
    assert main(["check", hall, "--no-contingencies", "--full"]) == 0
    assert "left out: --no-contingencies" in joined(capsys.readouterr().out, "verdict and basis")
    assert main(["power", str(CASES / "single_loop.yaml")]) == 2


def test_the_report_page_has_the_network_and_only_where_there_is_one(tmp_path):
    page = tmp_path / "hall.html"
    assert main(["report", str(HALL), "-o", str(page)]) == 1  # limits are broken
    text = page.read_text(encoding="utf-8")
    for words in (
        'id="power"',
        'class="oneline"',
        'id="power-list"',
        'alt="Power from the sources to chips, heat to the spaces that receive it."',
        "PUE 1.",
        "two sides carry one load",
    ):
        assert words in text
    assert main(["report", str(CASES / "single_loop.yaml"), "-o", str(page), "--steady"]) == 0
    assert 'id="power"' not in page.read_text(encoding="utf-8")


def test_a_generator_that_stands_by_is_named_and_can_be_declared():
    text = """
kelvolt: 1
components:
  grid: {model: ac_utility, V: 415 V, S_sc: 20 MVA}
  gen: {model: ac_generator, V: 415 V, S_rated: 1 MVA, in_service: 0}
  hall: {model: ac_load, P: 400 kW, Q: 200 kvar, V: 415 V}
connections: ["grid.bus -> hall.bus", "gen.bus -> hall.bus"]
"""
    started = {"generator takes over": {"grid.in_service": 0, "gen.in_service": 1}}
    table = kv.contingencies(kv.read(text), also=started).table.set_index("contingency")
    assert table.loc["grid", "verdict"] == "broken" and "gen does not start by itself" in table.loc["grid", "reason"]
    assert table.loc["grid", "state"] == "gen not started"
    row = table.loc["generator takes over"]
    assert row.verdict == "held" and row.worst_loading == pytest.approx(math.hypot(0.4, 0.2), rel=1e-3)
    case = kv.read(text)
    case["grid.in_service"], case["gen.in_service"] = 0.0, 1.0
    thirteen = kv.power_check(case, failures=False).table
    capability = thirteen[thirteen.quantity == "kVA over rating"].iloc[0]
    assert capability.value == pytest.approx(math.hypot(0.4, 0.2), rel=1e-3) and capability.verdict == "held"
    case["hall.Q"] = "-200 kvar"
    leading = (
        kv.power_check(case, failures=False).table.set_index("quantity").loc["leading power factor of a generator"]
    )
    assert leading.verdict == "broken" and leading.value == pytest.approx(0.8944, abs=1e-3)


def test_the_drop_of_a_feeder_goes_on_through_a_tap_of_one_phase():
    text = (
        UNBALANCED.replace(
            "connections:",
            """  tap: {model: phase_tap, phase: a}
  cord: {model: ac1_cable, length: 10 m, R: 40 mohm/m}
  lamp: {model: ac1_load, P: 1 kW, V: 230 V}
connections:""",
        )
        + "  - whip.b -> tap.bus\n  - tap.line -> cord.a\n  - cord.b -> lamp.bus\n"
    )
    case = kv.read(text)
    case["load.P_b"], case["load.P_c"] = 9e3, 9e3
    flow = case.steady().power_flow()
    buses = flow.buses.set_index("bus")
    whip, cord = buses.loc["whip.b", "drop"], 1.0 - buses.loc["cord.b", "voltage"] / buses.loc["tap.line", "voltage"]
    assert buses.loc["cord.b", "head"] == "grid" and cord > 0.001 and whip > 0.001
    assert buses.loc["cord.b", "drop"] == pytest.approx(1.0 - (1.0 - whip) * (1.0 - cord), rel=1e-6)
    four = kv.power_check(case, failures=False).table
    row = four[four.quantity == "current unbalance, deviation of a phase"].iloc[0]
    assert row.element == "whip" and row.value < 0.1  # the tap itself is no unbalance


def test_a_transfer_switch_conducts_and_fails_as_a_feeder():
    case = kv.read(CATCHER)
    flow = case.steady().power_flow()
    assert {e.path: e.role for e in flow.grid.elements}["sts[1]"] == "switch"
    assert {o.name: o.family for o in outages(case)}["sts[1]"] == "feeder"
    rows = kv.contingencies(case, families=["converter", "feeder"]).table.set_index("contingency")
    assert rows.loc["block[1]", "verdict"] == "held" and rows.loc["sts[1]", "lost_load"] == pytest.approx(450e3)


def test_the_schema_knows_the_power_section():
    import jsonschema
    from kelvolt.cases.schema import case_schema

    validator = jsonschema.Draft202012Validator(case_schema())
    good = yaml.safe_load(HALL.read_text())
    assert not list(validator.iter_errors(good))
    for wrong in ({"shemes": []}, {"schemes": [{"kind": "3N"}]}, {"limits": {"pue": {"most": 1.2}}}, {"it": 5}):
        assert list(validator.iter_errors(good | {"power": wrong})), wrong


def test_n_plus_one_in_parallel_shares_what_the_lost_unit_carried():
    text = """
kelvolt: 1
components:
  grid: {model: ac_utility, V: 415 V, S_sc: 50 MVA}
  block: {model: ups_500kw, count: 3}
  hall: {model: ac_load, P: 900 kW, V: 415 V}
connections: ["grid.bus -> block[1..3].in", "block[1..3].out -> hall.bus"]
power: {schemes: [{kind: N+1, units: "block[*]"}]}
"""
    (found,) = statements(kv.read(text))
    assert found.normal_limit == pytest.approx(2.0 / 3.0) and "2 of 3 suffice" in found.arithmetic
    assert [u.loading for u in found.units] == pytest.approx([0.6] * 3, rel=1e-3)
    assert all(
        t.share == pytest.approx(0.5, rel=1e-3) and t.loading == pytest.approx(0.9, rel=1e-3) for t in found.transfers
    )
    assert found.surviving_load == pytest.approx(0.9, rel=1e-3) and found.held


ON_A_CABLE = """
kelvolt: 1
components:
  source: {model: dc_source, V: 48 V, R: 1 mohm}
  cable: {model: dc_cable, length: 3 m, R: 1 mohm/m}
  load: {model: dc_load, V: 48 V, P: 100 kW, scale: 0.5}  # V^2/(4 R) = 144 kW is the most
connections:
  - source.bus -> cable.a
  - cable.b -> load.bus
"""


@pytest.mark.parametrize(("change", "when", "share"), [("to: 1.6, over: 80 s", 78.36, 100.0), ("to: 1.6", 10.0, 90.0)])
def test_a_load_that_outgrows_its_cable_in_time_goes_off_and_the_event_names_the_bus(change, when, share):
    case = kv.read(
        ON_A_CABLE
        + f"events:\n  - {{at: 10 s, set: load.scale, {change}}}\n  - {{at: 95 s, set: load.scale, to: 0.5}}\n"
        + "run: {duration: 100 s}\n"
    )
    run = case.simulate(every="1 s", progress=False)
    (lost,) = [e for e in run.raw.events if "collapses" in e.text]
    assert lost.time == pytest.approx(when, abs=0.01) and "cable.b" in lost.text
    assert float(lost.text.split("up to ")[1].split(" %")[0]) == pytest.approx(share, abs=0.2)
    power = dict(zip(run.time.tolist(), run["load.P"].tolist(), strict=True))
    assert power[94.0] == 0.0, "what draws at the bus is off until the next event"
    assert power[99.0] == pytest.approx(50e3, rel=1e-6), "the next event of the run puts it on again"
    (fed,) = [v for v in run.end.raw.verdicts if v.id == "fed" and v.element == "load"]
    assert fed.verdict == "broken" and fed.since == pytest.approx(when, abs=0.01)


def test_a_run_with_a_gradient_refuses_a_collapse():
    case = kv.read(ON_A_CABLE + "events:\n  - {at: 10 s, set: load.scale, to: 1.6}\nrun: {duration: 20 s}\n")
    with pytest.raises(kv.NoGradient, match="cable.b"):
        case.simulate(progress=False).gradient("load.P", "load.V", "mean", estimate=False)


def test_a_power_flow_within_two_per_cent_of_its_end_says_so():
    near = kv.read(ON_A_CABLE).update({"load.scale": 1.43}).steady()
    said = [text for text in near.warnings if "the power flow is near its limit" in text]
    assert len(said) == 1
    assert float(said[0].split("up to ")[1].split(" %")[0]) == pytest.approx(144.0 / 1.43, abs=0.1)
    far = kv.read(ON_A_CABLE).update({"load.scale": 1.40}).steady()
    assert not any("near its limit" in text for text in far.warnings)


def test_a_study_of_failures_takes_progress_as_a_run_does():
    case = kv.load(Path(__file__).parents[3] / "validation" / "trials_second_feed_carries_the_load" / "case.yaml")
    told: list[tuple[int, int]] = []
    kv.contingencies(case, progress=False)
    found = kv.contingencies(case, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(found.rows) - 1, len(found.rows) - 1)


LOST_NEUTRAL = """
kelvolt: 1
components:
  grid: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  way: {model: ac4_cable, length: 1 m, R: 1 mohm/m, R_n: 1 Mohm/m, I_max: 100 A}
  load: {model: ac4_load, V: 400 V, z_share: 1, P_a: 2 kW, P_b: 1 kW, P_c: 0 W}
connections: [grid.bus -> way.a, way.b -> load.bus]
"""


def test_the_voltage_shown_on_four_wires_is_the_one_that_the_drop_is_of():
    # without a neutral two loads of 2 and 1 kW lie in series between two phases: 400/3 V on the larger, 400*2/3 on the
    # other; phase to phase stands
    flow = kv.read(LOST_NEUTRAL).steady().power_flow()
    row = flow.buses.set_index("bus").loc["way.b"]
    assert row.voltage == pytest.approx(400.0, rel=1e-3) and row.drop_of == "a-n"
    assert row.v_drop == pytest.approx(400.0 / 3.0, rel=2e-3)
    assert row["drop"] == pytest.approx(1.0 - row.v_drop / (400.0 / math.sqrt(3.0)), abs=1e-3)
    assert "133.3 a-n" in flow.summary()
    head = flow.buses.set_index("bus").loc["grid"]
    assert head.v_drop == head.voltage and head.drop_of in ("a-b", "b-c", "c-a")  # nothing lost: line to line
