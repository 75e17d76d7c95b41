"""What describes an electric plan: conductors, cable sizing, scenarios, schedules, open conductors, voltage levels."""

import json

import kelvolt as kv
import pytest
from conftest import CASES
from kelvolt.base.tables import Units
from kelvolt.cli.commands import main
from kelvolt.power.outages import FAMILIES

DATA = CASES.parent

FEEDER = """
kelvolt: 1
title: A feeder and a board
components:
  utility: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  feeder: {model: cable_cu_xlpe_c_95, length: 120 m, V: 400 V, drop_max: 3 %}
  board: {model: ac4_bus, V: 400 V, V_low: 0.9, V_high: 1.1}
  breaker: {model: ac4_switch, I_rated: 63 A, load_max: 0.8}
  tap_b: {model: phase_tap, phase: b}
  cord: {model: ac1_cable, length: 20 m, R: 14.8 mohm/m, I_max: 20 A}
  heater: {model: ac1_load, V: 230 V, P: 2 kW}
  servers: {model: ac4_load, V: 400 V, S_a: 10 kVA, S_b: 8 kVA, S_c: 6 kVA, power_factor: 0.95}
connections:
  - utility.bus -> feeder -> board.bus
  - board.bus -> breaker -> servers.bus
  - board.bus -> tap_b.bus
  - tap_b.line -> cord -> heater.bus
scenarios:
  winter: {about: the heater runs at full power, set: {heater.scale: 1, utility.V: 390 V}}
  summer: {set: {heater.scale: 0, servers.scale: 1.2}}
"""

UNEQUAL = """
kelvolt: 1
title: unequal loads behind a switch
components:
  u: {model: ac4_utility, V: 380 V, S_sc: 1e6 MVA}
  line: {model: ac4_cable, length: 100 m, R: 0.0005 ohm/m, alpha: 0}
  load:
    {model: ac4_load, V: 380 V, z_share: 1, P_a: 2970.964 W, P_b: 5868.130 W, P_c: 11446.690 W,
     Q_a: 3008.101 var, Q_b: 6014.833 var, Q_c: 12019.025 var}
connections:
  - u.bus -> line -> load.bus
"""


@pytest.fixture(scope="module")
def feeder():
    return kv.read(FEEDER)


# ---- conductors ----


def test_ampacity_derated_for_ambient_and_grouping_is_the_product_of_the_tables():
    one = kv.conductor("95 mm2", "copper", "XLPE", "C", ambient="40 degC", grouped=3)
    assert one.parameters["I_max"] == 278.0
    assert one.parameters["derating"] == pytest.approx(0.91 * 0.70)
    assert one.ampacity == pytest.approx(278.0 * 0.91 * 0.70)
    assert one.parameters["R"] == pytest.approx(0.193e-3)
    assert one.temperature == pytest.approx(363.15)
    assert "grade B" in one.sources["I_max"] and "60364-5-52" in one.sources["I_max"]


def test_between_two_tabulated_temperatures_the_worse_factor_is_taken():
    assert kv.conductor("16 mm2", ambient="37 degC").parameters["derating"] == pytest.approx(0.91)


def test_nec_sizes_have_their_rating_and_a_resistance_at_75_degC():
    one = kv.conductor("4/0 AWG", "copper", 75, ambient="38 degC", grouped=6)
    assert one.parameters["I_max"] == 230.0
    assert one.parameters["derating"] == pytest.approx(0.88 * 0.8)
    assert one.parameters["T_reference"] == pytest.approx(348.15)
    # the coefficient at 75 degC continues the line of 0.00393/K at 20 degC
    assert one.parameters["alpha"] == pytest.approx(1.0 / (1.0 / 0.00393 + 55.0))


@pytest.mark.parametrize("insulation, first, last", [("XLPE", "1.5 mm2", "300 mm2"), (75, "14 AWG", "1000 kcmil")])
def test_larger_conductors_carry_more_and_resist_less(insulation, first, last):
    table = kv.conductors("copper", insulation)
    assert (table["size"].iloc[0], table["size"].iloc[-1]) == (first, last)
    for column, sign in (("area", 1), ("ampacity", 1), ("R", -1)):
        assert (sign * table[column].diff().dropna() > 0.0).all(), column


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("96 mm2",), "96 mm2 is none of"),
        (("4/0",), "neither such as"),
        (("95 mm2", "silver"), "material 'silver'"),
        (("2.5 mm2", "aluminium"), "no value"),
        (("95 mm2", "aluminium", "XLPE", "D2"), "method for aluminium 'D2'"),
        (("14 AWG", "aluminium", 75), "no value"),
    ],
)
def test_what_the_tables_do_not_hold_is_refused(arguments, says):
    with pytest.raises(kv.InputError, match=says):
        kv.conductor(*arguments)


def test_an_ambient_beyond_the_table_is_refused():
    with pytest.raises(kv.InputError, match="ends at 60"):
        kv.conductor("95 mm2", ambient="75 degC")


def test_library_cables_hold_the_numbers_of_the_tables():
    for file in sorted((DATA / "components" / "cables").glob("cable_cu_xlpe_c_*.yaml")):
        size = file.stem.rpartition("_")[2]
        one = kv.conductor(f"{size} mm2", "copper", "XLPE", "C")
        case = kv.read(FEEDER.replace("cable_cu_xlpe_c_95", file.stem))
        assert case["feeder.I_max"] == one.parameters["I_max"]
        assert case["feeder.R"] == pytest.approx(one.parameters["R"])
        assert case["feeder.T"] == pytest.approx(one.temperature)


def test_the_smallest_cable_that_holds_ampacity_and_drop_is_found(feeder):
    sizes = ("4", "6", "10", "16", "25", "35", "50")
    entries = [f"cable_cu_xlpe_c_{s}" for s in sizes]
    areas = dict(zip(entries, map(float, sizes), strict=True))

    def held(entry):
        s = kv.read(FEEDER.replace("cable_cu_xlpe_c_95", entry)).steady()
        words = {v.id: v.verdict for v in s.raw.verdicts if v.element == "feeder"}
        return words["ampacity"] == words["voltage_drop"] == "held"

    by_hand = min((e for e in entries if held(e)), key=areas.__getitem__)
    assert not held(entries[entries.index(by_hand) - 1])
    # more copper resists less: the largest resistance that holds both limits is the smallest cable
    found = kv.size(feeder, "-1 * feeder.R", {"feeder": entries}, ["ampacity", "voltage_drop"])
    assert found.feasible and found.design["feeder"] == by_hand


LINES = """
kelvolt: 1
title: one line of each kind
components:
  mains: {model: ac4_utility, V: 400 V, S_sc: 20 MVA}
  four:
    model: ac4_cable
    length: 50 m
    conductor: {size: 50 mm2, insulation: PVC, method: B1, ambient: 38 degC, grouped: 2}
  tap: {model: phase_tap, phase: a}
  cord:
    model: ac1_cable
    length: 10 m
    conductor: {size: 2.5 mm2, insulation: PVC, method: B1}
  board: {model: ac4_load, V: 400 V, P_a: 8 kW, P_b: 8 kW, P_c: 8 kW}
  lamp: {model: ac1_load, V: 230 V, P: 1 kW}
  three: {model: ac_cable, length: 50 m, conductor: {size: 4/0 AWG, insulation: 75}, I_max: 200 A}
  grid: {model: ac_utility, V: 480 V, S_sc: 20 MVA}
  machine: {model: ac_load, V: 480 V, P: 60 kW}
  battery: {model: dc_source, V: 54 V, R: 2 mohm}
  bar: {model: dc_cable, length: 5 m, conductor: {size: 35 mm2, material: aluminium}}
  radio: {model: dc_load, V: 54 V, P: 500 W}
connections:
  - mains.bus -> four -> board.bus
  - board.bus -> tap.bus
  - tap.line -> cord -> lamp.bus
  - grid.bus -> three -> machine.bus
  - battery.bus -> bar -> radio.bus
"""


def test_a_line_of_a_case_names_its_conductor_and_gets_what_the_tables_say():
    case = kv.read(LINES)
    four = kv.conductor("50 mm2", "copper", "PVC", "B1", ambient="38 degC", grouped=2)
    cord = kv.conductor("2.5 mm2", "copper", "PVC", "B1", loaded=2)
    bar = kv.conductor("35 mm2", "aluminium", loaded=2)
    for name, one, ways in (("four", four, 1), ("cord", cord, 2), ("bar", bar, 2)):
        for parameter, value in one.parameters.items():
            if f"{name}.{parameter}" in case:  # DC has no reactance
                both = ways if parameter in ("R", "X") else 1  # out and back
                assert case[f"{name}.{parameter}"] == pytest.approx(both * value, rel=1e-12), (name, parameter)
        assert case[f"{name}.T"] == pytest.approx(one.temperature)
    # by hand: 134 A of table B.52.4, 0.87 for 40 degC, 0.80 for two circuits
    assert case["four.I_max"] * case["four.derating"] == pytest.approx(134.0 * 0.87 * 0.80)
    assert case["four.I_n_max"] == case["four.I_max"]
    assert case["cord.R"] == pytest.approx(2 * 7.41e-3) and case["three.R"] == pytest.approx(0.203e-3)
    assert case["three.I_max"] == 200.0  # what the case says itself comes after the tables
    assumed = {(a.path, a.parameter): a for a in case.assumptions}
    assert assumed["four", "X"].minimum == pytest.approx(0.07e-3) and ("four", "R") not in assumed


@pytest.mark.parametrize(
    "before, after, says",
    [
        ("{size: 2.5 mm2,", "{size: 2.6 mm2,", "case:14: cord: conductor: 2.6 mm2 is none of 1.5, 2.5"),
        ("{size: 2.5 mm2,", "{size: 2.5,", "case:14: cord: conductor: size '2.5' is neither such as '95 mm2'"),
        (
            "method: B1}\n  board",
            "method: Z}\n  board",
            "case:14: cord: conductor: method for copper 'Z' is none of A1",
        ),
        (
            "{size: 2.5 mm2,",
            "{size: 2.5 mm2, ambient: 70 degC,",
            "case:14: cord: .* beyond the table, which ends at 60",
        ),
        ("{size: 2.5 mm2,", "{colour: red, size: 2.5 mm2,", "has no key 'colour'; its keys are size"),
        (
            "{model: ac1_load, V",
            "{model: ac1_load, conductor: {size: 4 mm2}, V",
            "lamp: conductor: model ac1_load is no",
        ),
    ],
)
def test_a_conductor_that_the_tables_do_not_hold_is_refused_with_its_line(before, after, says):
    assert before in LINES
    with pytest.raises(kv.InputError, match=says) as refused:
        kv.read(LINES.replace(before, after))
    assert str(refused.value).startswith("case:")


def test_the_command_finds_the_smallest_conductor_that_its_breaker_protects(capsys):
    sizes = [f"{s} mm2" for s in (4, 6, 10, 16, 25, 35)]
    ask = ["size", str(CASES / "server_room.yaml"), "--vary", f"row.conductor.size={'|'.join(sizes)}", "--no-checks"]
    ask += ["--minimise", "1/row.R", "--limit", "ampacity", "--limit", "voltage_drop", "--json"]
    assert main(ask) == 0
    assert json.loads(capsys.readouterr().out)["design"] == {"row.conductor.size": "4 mm2"}  # 29 A flow
    assert main([*ask, "--limit", "bypass_breaker.I_r <= row.I_max"]) == 0  # set to 91 A
    by_hand = next(s for s in sizes if kv.conductor(s, "copper", "PVC", "C").ampacity >= 91.0)
    assert json.loads(capsys.readouterr().out)["design"] == {"row.conductor.size": by_hand}


BEHIND_A_SWITCH = """
kelvolt: 1
components:
  tap: {model: phase_tap, phase: b}
  lamp: {model: ac1_load, V: 230 V, P: 1 kW}
  switch: {model: ac4_transfer_switch, I_max: 100 A}
  one: {model: ac4_utility, V: 400 V, S_sc: 10 MVA}
  two: {model: ac4_utility, V: 400 V, S_sc: 10 MVA}
connections:
  - one.bus -> switch.in_1
  - two.bus -> switch.in_2
  - switch.out -> tap.bus
  - tap.line -> lamp.bus
"""


def test_a_phase_arrives_behind_a_transfer_switch_in_whichever_order_the_case_names_its_parts():
    # the set of buses that the switch joins has its root behind the switch where these parts come first
    parts = BEHIND_A_SWITCH.split("components:\n")[1].split("connections:")[0]
    turned = "".join(reversed(parts.splitlines(keepends=True)))
    for text in (BEHIND_A_SWITCH, BEHIND_A_SWITCH.replace(parts, turned)):
        assert kv.read(text).steady()["lamp.P"] == pytest.approx(1e3, rel=1e-6)


# ---- scenarios ----


def test_scenarios_set_their_values_on_a_copy(feeder):
    assert feeder.scenario("winter")["utility.V"] == 390.0
    assert feeder["utility.V"] == 400.0
    with pytest.raises(kv.InputError, match="winter, summer"):
        feeder.scenario("autumn")


def test_scenarios_stand_side_by_side(feeder):
    table = kv.scenarios(feeder, ["utility.P"])
    assert list(table.columns) == ["as given", "winter", "summer"]
    power = table.loc[("value", "utility.P", "W")]
    assert power["summer"] > power["as given"]
    assert power["winter"] == pytest.approx(feeder.scenario("winter").steady()["utility.P"])
    assert ("margin", "voltage_drop", "1") in table.index


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("heater.scale: 0", "heater.scales: 0", "scales"),
        ("utility.V: 390 V", "utility.V: 390 A", "winter"),
        ("utility.V: 390 V", "utility.V: -390 V", "winter"),
        ("summer: {set:", "summer: {sets:", "sets"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_when_the_case_is_read(old, new, says):
    with pytest.raises(kv.InputError, match=says):
        kv.read(FEEDER.replace(old, new))


def test_the_command_line_runs_a_scenario(tmp_path, capsys):
    file = tmp_path / "feeder.yaml"
    file.write_text(FEEDER)
    assert main(["power", str(file), "--scenario", "winter", "--json"]) in (0, 1, 3)
    drawn = json.loads(capsys.readouterr().out)["power_W"]["total"]
    assert drawn == pytest.approx(kv.load(file).scenario("winter").steady()["utility.P"], rel=1e-6)
    assert main(["run", str(file), "--scenario", "spring"]) == 2


# ---- schedules ----


def test_the_board_lists_its_circuits_with_connected_load_and_demand(feeder):
    found = kv.schedule(feeder)
    board = found.boards[found.boards["board"] == "board"].set_index("circuit")
    assert set(board.index) == {"breaker", "tap_b"}
    assert board.loc["breaker", "connected"] == pytest.approx(24e3 * 0.95)
    assert board.loc["breaker", "phases"] == "abc" and board.loc["tap_b", "phases"] == "b"
    assert board.loc["breaker", "rating"] == 63.0 and board.loc["breaker", "rating_unit"] == "A"
    assert board.loc["tap_b", "connected"] == pytest.approx(2e3)
    assert board["demand"].sum() == pytest.approx(
        -feeder.steady().power_flow().grid.elements[1].end("b").s.real, rel=1e-6
    )


def test_a_circuit_names_its_breaker_its_cable_and_its_load_on_each_phase(feeder):
    board = kv.schedule(feeder).boards.query("board == 'board'").set_index("circuit")
    assert board.loc["breaker", "device"] == "breaker" and board.loc["breaker", "setting"] == 63.0
    assert board.loc["breaker", "to"] == "servers" and board.loc["tap_b", "to"] == "heater"
    cord = board.loc["tap_b", ["cable", "length", "ampacity"]].tolist()
    assert cord == ["cord", 20.0, 20.0] and board.loc["breaker", "cable"] == ""
    phases = board[["demand_a", "demand_b", "demand_c"]]
    assert phases.loc["breaker"].to_numpy() == pytest.approx([9.5e3, 7.6e3, 5.7e3], rel=1e-2)
    assert phases.loc["tap_b"].to_numpy() == pytest.approx([0.0, board.loc["tap_b", "demand"], 0.0])
    assert phases.sum(axis=1).to_numpy() == pytest.approx(board["demand"].to_numpy(), rel=1e-9)


def test_a_busway_is_one_board_with_all_its_taps_and_like_boards_are_printed_once():
    found = kv.schedule(kv.load(CASES / "hall_800vdc.yaml"))
    busway = found.boards[found.boards["board"] == "busway[1]"]
    assert list(busway["circuit"]) == [f"whip_breaker[{k}]" for k in range(1, 5)]
    assert set(busway["device"]) == set(busway["circuit"]) and set(busway["cable"]) == {
        f"whip[{k}]" for k in range(1, 5)
    }
    lines = found.summary().splitlines()
    assert sum(line.startswith("busway[") for line in lines) == 1
    assert sum(line.startswith("busway[") for line in found.summary(each=True).splitlines()) == 2
    whips = [row[0] for _, table in found.board_tables(Units()) for row in table.rows if row[0].startswith("whip_")]
    assert whips == ["whip_breaker[4] and 3 alike"]
    assert sum(line.strip().startswith("whip_breaker[") for line in lines) == 1


def test_equipment_is_counted_by_model_and_rating(feeder):
    table = kv.schedule(feeder).equipment.set_index("model")
    assert table.loc["ac4_switch", "count"] == 1 and table.loc["ac4_switch", "rating"] == 63.0


def test_schedules_are_printed_and_written(tmp_path, capsys):
    assert main(["schedule", str(CASES / "server_room.yaml"), "--csv", str(tmp_path / "out")]) == 0
    assert "Equipment" in capsys.readouterr().out
    assert (tmp_path / "out" / "boards.csv").exists()


# ---- open conductors ----


def test_open_phases_and_lost_neutrals_are_families_of_a_four_wire_plan():
    assert {"open phase", "lost neutral"} <= set(FAMILIES)
    found = kv.contingencies(kv.load(CASES / "server_room.yaml"), families=["open phase", "lost neutral"])
    names = set(found.table["contingency"])
    assert {"open phase a of feeder", "lost neutral of feeder", "lost neutral of row"} <= names


def test_a_lost_neutral_shifts_the_voltages_of_unequal_loads():
    case = kv.read(UNEQUAL)
    case["line.pole_n"] = 0.0
    bus = next(b for b in case.steady().power_flow().grid.buses.values() if b.name.startswith("line"))
    assert sorted(bus.phases) == pytest.approx([144.0, 246.0, 285.0], abs=1.0)  # Millman's theorem, by hand
    found = kv.contingencies(kv.read(UNEQUAL), families=["lost neutral"])
    row = found.table.set_index("contingency").loc["lost neutral of line"]
    assert row["verdict"] == "broken" and "input_voltage" in row["broken"]


# ---- voltage levels ----


def test_two_levels_joined_without_a_transformer_are_named():
    with pytest.raises(
        kv.InputError, match=r"two voltage levels, 1e\+04 V and 400 V, are joined without a transformer"
    ):
        kv.read("""
kelvolt: 1
title: no transformer
components:
  u: {model: ac_utility, V: 10 kV, S_sc: 200 MVA}
  line: {model: ac_line, length: 100 m, R: 0.1 mohm/m}
  board: {model: ac_bus, V: 400 V}
  load: {model: ac_load, V: 400 V, S: 50 kVA, power_factor: 0.9}
connections:
  - u.bus -> line -> board.bus
  - board.bus -> load.bus
""")


STIFF = """
kelvolt: 1
title: one phase to neutral
components:
  u: {model: ac4_utility, V: 400 V, S_sc: 1e6 MVA, R_0: 0.3 ohm, X_0: 0 ohm, R_ground: 1e-6 ohm}
  l: {model: ac4_load, V: 400 V, P_a: 5 kW, z_share: 1}
connections:
  - u.bus -> l.bus
"""


def test_a_stiff_utility_beside_a_stated_zero_sequence():
    case = kv.read(STIFF)
    E, R = 400.0 / 3**0.5, 400.0**2 / 3 / 5e3  # i = E/(R + Z_0/3), the other sequences are stiff
    assert case.steady()["l.I_a"] == pytest.approx(E / (R + 0.1), rel=1e-6)
    with pytest.raises(kv.InputError, match="without X_0"):
        kv.read(STIFF.replace("X_0: 0 ohm, ", ""))
    with pytest.raises(kv.InputError, match="all given"):
        kv.read(STIFF.replace("X_0: 0 ohm", "X_0: 0 ohm, Z0_over_Z: 2"))
