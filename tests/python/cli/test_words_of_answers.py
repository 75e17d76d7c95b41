"""What the answers of commands name, and in which units: nearest limits, sizing, tables, the solver's own checks."""

from __future__ import annotations

import re
from pathlib import Path

import kelvolt as kv
import pytest
from conftest import CASES
from kelvolt.cases.part_table import parts
from kelvolt.cli.commands import main
from kelvolt.reports.answer import answer
from kelvolt.reports.page import page

LOOP = str(CASES / "single_loop.yaml")
SLOWEST = ["size", LOOP, "--vary", "speed.value=0.3..1", "--limit", "gpu.T_die <= 75 degC"]


def test_an_objective_may_begin_with_a_minus_and_its_value_has_a_unit(capsys):
    assert (
        main(["size", LOOP, "--minimise", "-1*facility.T_supply", "--vary", "facility.T_supply=20 degC..45 degC"]) == 0
    )
    head = capsys.readouterr().out.split("\n")[0]
    assert re.match(r"-1\*facility\.T_supply = -3\d\d\.\d+ K, all limits held", head), head


def test_sizing_prints_the_state_and_how_to_go_on_with_the_design(capsys):
    assert main([*SLOWEST, "--minimise", "pump.P_el"]) == 0
    told = capsys.readouterr().out
    assert "hottest die" in told and "flow of pump" in told and "pressure rise of pump" in told
    value = re.search(r"--set speed\.value=(\S+)", told)
    assert value is not None
    assert main(["check", LOOP, "--set", f"speed.value={value[1]}"]) in (0, 1)
    again = kv.load(LOOP)
    again["speed.value"] = float(value[1])
    assert again.steady().get("gpu.T_die", "degC") == pytest.approx(75.0, abs=1e-5)


def test_multipliers_and_shortfalls_are_in_the_units_of_the_reader(capsys):
    limit = ["--no-checks", "--limit", "facility.V_flow >= 20 L/min"]
    command = ["size", LOOP, "--minimise", "facility.V_flow", "--vary", "facility.V_flow=1 L/min..30 L/min", *limit]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert re.search(r"facility\.V_flow >= 20 L/min\s+1\.000\s+L/min per L/min", told), told
    assert main([*command, "--units", "us"]) == 0
    assert re.search(r"1\.000\s+gpm per gpm", capsys.readouterr().out)
    command[command.index("facility.V_flow=1 L/min..30 L/min")] = "facility.V_flow=1 L/min..15 L/min"
    assert main(command) == 1
    assert "facility.V_flow >= 20 L/min is short by 5.000 L/min" in capsys.readouterr().out


def test_full_keeps_the_nearest_limit_and_parts_the_checks_of_the_solver_from_the_limits(capsys, tmp_path: Path):
    assert main(["run", LOOP, "--steady", "--full", "-o", str(tmp_path / "x.h5")]) in (0, 1)
    told = capsys.readouterr().out
    assert "nearest limit: " in told or "broken most: " in told
    limits, _, own = told.partition("Checks of the solver itself")
    assert "are no limits of the plant" in own and "second_law" in own.split("\n\n")[0]
    assert "\n  second_law" not in limits
    assert not re.search(r"\b1 Newton iterations", told)


def test_rows_of_a_table_that_end_alike_have_their_full_names():
    text = (
        "kelvolt: 1\ncomponents:\n  a: {model: unit}\n  b: {model: unit}\nassemblies:\n  unit:\n    ports: {}\n"
        "    components:\n      room: {model: ambient, T: 300}\n"
    )
    made = parts(kv.read(text), "*.room", ["T"])
    assert [row[0] for row in made.rows] == ["a.room", "b.room"]


def test_the_page_holds_the_rows_of_the_tables_that_its_case_names(tmp_path: Path):
    (tmp_path / "drop.csv").write_text("Q (L/min),dp (kPa)\n0,0\n10,20\n20,70\n")
    file = tmp_path / "case.yaml"
    file.write_text(
        "kelvolt: 1\ncomponents:\n  plate: {model: cold_plate, R: 0.01 K/W, dp: {csv: drop.csv, x: Q, y: dp}, "
        "convention: case_to_inlet, rho_cp_test: 4.0 MJ/(m3 K), volume: 100 mL, C: 1 kJ/K}\n"
        "  facility: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 10 L/min, "
        "p_return: 2 bar(a)}\n  heat: {model: heat_source, power: 1 kW}\n"
        "connections:\n  - facility.supply -> plate -> facility.return\n  - heat.port -> plate.base\n"
    )
    found = answer(kv.load(file))
    assert "files:" in page(found) and "20,70" in page(found)
    assert kv.read(found.text).steady()["plate.dp"] == found.solution["plate.dp"], "the text says all by itself"
