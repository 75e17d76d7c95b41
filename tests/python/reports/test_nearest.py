"""Which limit is nearest: one scale in lists, sentences, workbooks and studies; and what was not assessed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import kelvolt as kv
import openpyxl
import pandas
import pytest
from kelvolt import _core
from kelvolt.base.tables import Units
from kelvolt.power import brief as power_brief
from kelvolt.power.lines import Line
from kelvolt.reports import binding, brief
from kelvolt.reports.sheets import Sheet
from kelvolt.reports.workbook import Facts, write_workbook

DIE = Line(1, "a", "hot spot", "tr", 1, 357.15, "K", 358.15, "", 1.0, "held")  # 1 K of 10 K to spare
CURRENT = Line(2, "b", "current", "cb", 1, 95.0, "A", 100.0, "", 5.0, "held")  # 5 % to spare
COUNT = Line(3, "c", "overloads", "", 1, 0.0, "1", 0.0, "", 0.0, "held")


def test_ten_kelvin_stand_for_the_whole_of_a_rating():
    assert _core.closeness(1.0, 358.15, "K") == _core.closeness(1.0, 4.0, "delta_K") == pytest.approx(0.1)
    assert _core.closeness(10.0, 100.0, "A") == pytest.approx(0.1)
    assert _core.closeness(-5.0, 100.0, "A") == pytest.approx(-0.05)
    assert _core.closeness(0.0, 0.0, "1") > 1e9 > 0.0 > _core.closeness(-1.0, 0.0, "1")
    assert _core.closeness(float("nan"), 1.0, "A") > 1e9


def test_a_line_of_a_temperature_and_one_of_a_current_compare_on_that_scale():
    listed = cast(Any, SimpleNamespace(lines=[COUNT, DIE, CURRENT]))
    assert binding.worst_lines(listed) == [CURRENT, DIE, COUNT]
    rows = power_brief.check_table([COUNT, DIE, CURRENT], Units("si"), 5).rows
    assert [row[0] for row in rows] == ["2", "1", "3"]


def test_the_first_sheet_of_a_workbook_lists_limits_on_that_scale(tmp_path: Path):
    frame = pandas.DataFrame([vars(x) for x in (COUNT, DIE, CURRENT)])
    sheet = Sheet("checks", "List of checks", frame, by_row=("value", "limit"), margins=("margin",))
    write_workbook(tmp_path / "x.xlsx", [sheet], Facts("t"))
    cells = [str(c.value) for (c,) in openpyxl.load_workbook(tmp_path / "x.xlsx")["Answer"].iter_rows(max_col=1)]
    at = {text: frame.index[frame["quantity"] == text][0] + 5 for text in ("current", "hot spot", "overloads")}
    shown = [int(c.rpartition("!")[2][1:]) for c in cells if c.startswith("='checks'!")]
    assert shown == [at["current"], at["hot spot"], at["overloads"]]


def test_scenarios_tell_margins_on_that_scale(starter_text: str):
    case = kv.read(starter_text + "scenarios: {warm: {set: {facility.T_supply: 35 degC}}}\n")
    table = kv.scenarios(case)
    die = [v for v in case.steady().raw.verdicts if v.id == "die_temperature"]
    assert table.loc[("margin", "die_temperature", "1"), "as given"] == pytest.approx(min(v.margin for v in die) / 10.0)


def test_the_report_and_the_terminal_name_the_same_kinds_of_limits(case: kv.Case):
    solution = case.steady()
    kinds = binding.limit_kinds(solution)
    assert [g.worst.closeness for g in kinds] == sorted(g.worst.closeness for g in kinds)
    ids = [g.worst.id for g in kinds]
    assert [row[0] for row in binding.limit_table(solution, Units("si"), None).rows] == ids
    assert [row[0] for row in brief.limit_table(solution, Units("si"), 99).rows] == ids
    assert brief.binding(solution) is not None and brief.binding(solution).id == ids[0]


def test_what_was_not_assessed_says_of_how_many_where_others_were(case: kv.Case):
    case["plate[1].V_flow_min"] = "0.1 L/min"
    found = {id: many for id, many, _ in binding.open_limits(case.steady())}
    assert found["required_flow"] == "2 of 3"
    assert "required_flow (2 of 3)" in case.steady().summary()
    lines = [Line(4, "x", "breaking", "cb[1]", 1, 1.0, "A", 2.0, "", 1.0, "held"), Line(4, "x", "breaking")]
    assert "4 breaking of others" in power_brief.open_line([*lines, Line(5, "y", "flicker")])[0]
    assert "5 flicker" in power_brief.open_line([Line(5, "y", "flicker")])[0]
