"""A model tells its role in its header, and everything else goes by that: shown with the pump by its duty point, which
no module of the package names."""

from __future__ import annotations

import subprocess

import kelvolt as kv
import pytest
from kelvolt import _core
from kelvolt.plots.schematic import loop_schematic

LOOP = """
kelvolt: 1
components:
  mains: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  feeder: {model: ac_cable, length: 30 m, R: 1 mohm/m, I_max: 60 A}
  drive: {model: ac_drive, P_rated: 3 kW, V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0.01, 0.01, 0.02]}}
  pump: {model: duty_pump, count: 2, V_duty: 60 L/min, dp_duty: 120 kPa, V_flow_max: 90 L/min}
  pipe: {model: pipe, length: 20 m, diameter: 25 mm}
  heater: {model: heat_source, power: 20 kW}
  cooler: {model: dry_cooler, Q_nominal: 40 kW, ITD_nominal: 15 K, V_flow_nominal: 2 L/s, dp_nominal: 0.3 bar,
    P_fan: 500 W}
  air: {model: ambient, T: 20 degC}
  vessel: {model: expansion_vessel, medium: melinder_pg25, p: 2 bar(a)}
connections:
  - mains.bus -> feeder -> drive.in
  - pump[1].power -> drive.power_1
  - pump[2].power -> drive.power_2
  - drive.powered -> pump[1..2].powered
  - pump[1..2].b -> pipe -> cooler -> pump[1..2].a
  - heater.port -> pipe.wall
  - cooler.air -> air.port
  - vessel.port -> pump[1].a
"""


@pytest.fixture(scope="module")
def solution() -> kv.Solution:
    return kv.read(LOOP).steady()


def test_every_model_has_a_role_and_every_electric_one_a_place_in_the_network():
    roles = {m.type: m.role for m in _core.models()}
    assert all(roles.values())
    assert roles["duty_pump"] == roles["pump"] == "pump"
    places = {"source", "converter", "transformer", "switch", "branch", "bus", "load"}
    assert {m.electric_role for m in _core.models() if any(p.electric for p in m.ports)} == places


def test_a_pump_by_its_duty_point_stands_in_the_table_of_pumps_and_in_the_heat_balance(solution):
    pumps = {p.path: p for p in solution.plant.pumps}
    assert set(pumps) == {"pump[1]", "pump[2]"}
    assert pumps["pump[1]"].P_el == pytest.approx(solution["pump[1].P_el"])
    assert pumps["pump[1]"].on
    assert solution.plant.balance.pumps == pytest.approx(sum(p.P_el for p in pumps.values()))
    assert "pump[2]" in str(solution.summary())


def test_a_pump_by_its_duty_point_is_drawn_as_a_pump(solution):
    assert "<circle" in loop_schematic(solution)


def test_limits_of_a_pump_by_its_duty_point_are_judged(solution):
    found = {(v.id, v.element) for v in solution.raw.verdicts if v.verdict == "held"}
    assert {("pump_runout", "pump[1]"), ("pump_npsh", "pump[2]"), ("pump_reverse_flow", "pump[1]")} <= found


def test_a_pump_by_its_duty_point_fails_among_the_contingencies_alone_and_with_its_supply():
    rows = kv.contingencies(kv.read(LOOP)).table.set_index("contingency")
    assert rows.loc["pump[1]", "family"] == "pump"
    assert {"mains", "feeder", "drive"} <= set(rows.index)


def test_no_module_of_the_package_names_it():
    named = subprocess.run(["grep", "-rl", "duty_pump", "python/kelvolt", "solver"], capture_output=True, text=True)
    assert [f for f in named.stdout.split() if not f.endswith(".so")] == []


OLD = """
kelvolt: 1
components:
  grid: {model: utility3, V: 400 V, S_sc: 20 MVA}
  load: {model: ac3_load, V: 400 V, P_a: 10 kW, P_b: 10 kW, P_c: 10 kW}
connections: [grid.bus -> load.bus]
"""


def test_former_names_of_models_are_read_with_a_warning_and_mean_the_same():
    with pytest.warns(FutureWarning, match="utility3 is now called ac4_utility"):
        old = kv.read(OLD).steady()
    new = kv.read(OLD.replace("utility3", "ac4_utility").replace("ac3_load", "ac4_load")).steady()
    assert old["load.P"] == new["load.P"]
    assert {w for w in old.raw.warnings if "is now called" in w} == {
        "the model utility3 is now called ac4_utility; the former name is still read",
        "the model ac3_load is now called ac4_load; the former name is still read",
    }
    assert not [w for w in new.raw.warnings if "is now called" in w]
    net = kv.Network()
    with pytest.warns(FutureWarning, match="utility3 is now called ac4_utility"):
        net.add("utility3", "grid", V=400.0, S_sc=20e6)


def test_the_command_line_says_that_a_name_is_a_former_one(tmp_path, capsys):
    from kelvolt.cli import main

    (tmp_path / "old.yaml").write_text(OLD)
    main(["power", str(tmp_path / "old.yaml")])
    assert "kelvolt: warning: the model utility3 is now called ac4_utility" in capsys.readouterr().err
    assert main(["components", "utility3"]) == 0
    assert "utility3 is now called ac4_utility" in capsys.readouterr().out


def test_a_pattern_of_any_levels_has_no_index():
    with pytest.raises(kv.InputError, match="has no index"):
        kv.read(LOOP).find("**[2].running")


def test_several_units_fail_together_by_a_pattern():
    two = "t: {model: ac_transformer, units: 2, S_rated: 100 kVA, V_hv: 400 V, V_lv: 400 V, vk: 4 %, Pk: 1 kW}"
    text = LOOP.replace("mains: {", f"{two}\n  mains: {{").replace(
        "mains.bus -> feeder", "mains.bus -> t.hv\n  - t.lv -> feeder"
    )
    found = kv.contingencies(kv.read(text), n=0, also=[["one of **.units"]])
    assert len(found.rows) == 2
