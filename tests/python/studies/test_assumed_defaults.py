"""Defaults of models that no source gives are assumed values, like those that a case or a library entry states."""

from __future__ import annotations

from pathlib import Path

import kelvolt as kv
import pytest
from kelvolt.base.tables import Units
from kelvolt.cli.commands import main
from kelvolt.reports.answer import answer
from kelvolt.reports.page import page
from kelvolt.studies.assumed import STAND_IN
from kelvolt.studies.influence import influences

PLANT = """
kelvolt: 1
title: One exchanger
components:
  load: {model: tray, heat: 30 kW, dp_nominal: 50 kPa, V_flow_nominal: 60 L/min, volume: 2 L, C: 20 kJ/K, G: 6 kW/K}
  pump: {model: duty_pump, V_duty: 60 L/min, dp_duty: 120 kPa, V_flow_max: 90 L/min}
  exchanger: {model: plate_exchanger, Q_nominal: 45 kW, approach_nominal: 4 K, V_flow_primary: 60 L/min,
    V_flow_secondary: 60 L/min, dp_primary: 30 kPa, dp_secondary: 30 kPa, volume_primary: 2 L, volume_secondary: 2 L,
    C_wall: 8 kJ/K, approach_max: 4 K}
  vessel: {model: expansion_vessel, medium: melinder_pg25, p: 2 bar(a)}
  facility: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 60 L/min, p_return: 2 bar(a)}
connections:
  - exchanger.secondary_b -> pump -> load -> exchanger.secondary_a
  - vessel.port -> pump.a
  - facility.supply -> exchanger.primary_a
  - exchanger.primary_b -> facility.return
"""
NAME = "exchanger.T_nominal"
APPROACH = ("exchanger_approach", "exchanger")


def defaults(case: kv.Case) -> dict[str, tuple[float, float, float, int]]:
    return {
        f"{a.path}.{a.parameter}": (a.value, a.minimum, a.maximum, a.count)
        for a in case.assumptions
        if a.grade == "default"
    }


def test_a_default_is_assumed_until_the_case_gives_the_value():
    found = defaults(kv.read(PLANT))
    assert found[NAME] == pytest.approx((313.15, 303.15, 323.15, 1)), "a temperature by 10 K"
    assert found["exchanger.flow_exponent"] == pytest.approx((0.65, 0.65 * 0.75, 0.65 * 1.25, 1)), "a quarter"
    assert found["pump.efficiency"][2] <= 1.0, "within what the parameter may be"
    given = kv.read(PLANT.replace("approach_max: 4 K", "approach_max: 4 K, T_nominal: 40 degC"))
    assert defaults(given).keys() == found.keys() - {NAME}, "the same number, but the case says it"


def test_a_default_that_moves_the_nearest_limit_is_ranked_by_what_a_solve_at_its_ends_gives():
    case = kv.read(PLANT)
    found = influences(case)
    assert found is not None and (found.limit, found.element) == APPROACH and not found.unmoved
    row = next(r for r in found.rows if r.value.name == NAME)
    colder = case.copy()
    colder[NAME] = row.value.low
    steady, other = case.steady(), colder.steady()
    moved = steady["exchanger.approach"] - other["exchanger.approach"]
    assert row.at_low == pytest.approx(moved, rel=1e-6) and abs(moved) > 0.01
    assert row.value.is_default and f"{NAME} 30.0 to 50.0 degC (default of the model) moves it" in "\n".join(
        found.lines(Units("si"))
    )
    assert STAND_IN in repr(found)


def test_a_value_that_was_set_is_no_longer_among_those_that_move_a_margin():
    case = kv.read(PLANT)
    case[NAME] = "20 degC"
    found = influences(case)
    assert found is not None and NAME not in [r.value.name for r in found.rows]
    assert (NAME, "another value was set") in found.skipped


def test_equal_elements_and_rows_of_a_table_share_one_line_with_a_pattern_that_names_them():
    text = (
        "kelvolt: 1\ncomponents:\n"
        "  racks: {table: racks.csv, model: unit}\n"
        "  one: {model: chip, count: 2, power: 1 kW, R_jc: 0.01 K/W, C_die: 10 J/K}\n"
        "assemblies:\n  unit:\n    ports: {}\n    parameters: {power: chip.power}\n    components:\n"
        "      chip: {model: chip, power: 1 kW, R_jc: {value: 0.01 K/W, range: [0.005, 0.02], grade: assumed}, "
        "C_die: 10 J/K}\n"
        "files:\n  racks.csv: |\n    name,power (kW)\n    A,1\n    B,2\n"
    )
    case = kv.read(text)
    found = {f"{a.path}.{a.parameter}": a for a in case.assumptions}
    assert found["one[*].die_share"].count == 2 and found["racks.*.chip.die_share"].elements == [
        "racks.A.chip",
        "racks.B.chip",
    ]
    assert len(case.core.find_parameters("racks.*.chip.R_jc")) == found["racks.*.chip.R_jc"].count == 2


def test_a_study_of_ranges_leaves_defaults_out_and_says_so():
    case = kv.read(PLANT)
    with pytest.raises(kv.InputError, match="no value of this case is uncertain"):
        kv.uncertainty(case, 20)
    from scipy import stats

    ranges = kv.uncertainty(case, 20, distributions={NAME: stats.uniform(303.15, 20.0)})
    assert NAME not in ranges.skipped["name"].tolist() and "pump.efficiency" in ranges.skipped["name"].tolist()
    assert "default of the model; no source states a range" in ranges.summary()


def test_every_answer_lists_the_defaults_with_what_stands_in_for_their_range(tmp_path: Path, capsys):
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT)
    assert main(["check", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"{NAME} 30.0 to 50.0 degC (default of the model) moves it by" in told and STAND_IN in told
    assert "no assumed value moves" not in told
    assert main(["run", str(file), "--steady", "--full", "-o", str(tmp_path / "x.h5")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "30.0 to 50.0 degC default of the model" in told and STAND_IN in told
    html = page(answer(kv.load(file)))
    assert html.count(NAME) >= 2, "among those that matter and in the appendix"
    sheet = answer(kv.load(file)).solution.tables()["assumptions"]
    assert NAME in (sheet["path"] + "." + sheet["parameter"]).tolist()
