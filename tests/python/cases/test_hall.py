"""Halls made from a table of racks, and components written as a table that is read again."""

from __future__ import annotations

from pathlib import Path

import kelvolt as kv
import openpyxl
import pytest
from kelvolt.cases import hall
from kelvolt.cases.part_table import parts
from kelvolt.cli.commands import main

ROWS = "Name,Power (kW),row,feed A,feed B\nA-1,132,A,a1,b1\nA-2,80,A,a1,b1\nB-1,40,B,a2,b2\n"


@pytest.fixture
def made(tmp_path):
    def read(table: str = ROWS) -> kv.Case:
        (tmp_path / "racks.csv").write_text(table, encoding="utf-8")
        return kv.read(hall.hall(tmp_path / "racks.csv"))

    return read


def test_a_hall_has_the_racks_of_the_table_and_gives_a_verdict(made):
    case = made()
    assert case["racks.A_1.parts_liquid.power"] + case["racks.A_1.parts_air.power"] == pytest.approx(132e3)
    sol = case.steady()
    held = sol.check().set_index("element")["verdict"]
    assert set(held[held != "not assessed"]) == {"held"}
    liquid = sum(float(sol[f"racks.{name}.plate.Q_flow"]) for name in ("A_1", "A_2", "B_1"))
    assert abs(liquid) == pytest.approx(0.85 * 252e3, rel=1e-3)


def test_either_side_of_a_hall_carries_it_alone(made):
    case = made()
    case["utility[2].in_service"] = 0
    case["ups[2].in_service"] = 0
    sol = case.steady()
    assert sol["racks.A_1.parts_liquid.P"] == pytest.approx(0.85 * 132e3, rel=1e-6)


def test_what_was_assumed_stands_in_the_case(made, tmp_path):
    made()
    text = hall.hall(tmp_path / "racks.csv")
    assert "# assumed of every rack: liquid 85 % of the power; flow for 12 K from supply to return; drop 60 kPa" in text
    paths = {a.path for a in kv.read(text).assumptions}
    assert any("utility" in p for p in paths) and any("facility" in p for p in paths)


def test_the_template_makes_a_hall_that_holds(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "racks", "--template"]) == 0
    assert main(["new", "hall", "--from", "racks.csv"]) == 0
    assert main(["run", "hall.yaml", "--steady"]) == 0
    assert main(["new", "hall", "--from", "racks.csv"]) == 2
    assert "hall.yaml is already there" in capsys.readouterr().err


def test_a_workbook_of_racks_makes_the_same_hall(tmp_path):
    book = openpyxl.Workbook()
    for line in ROWS.splitlines():
        book.active.append([float(c) if c.isdigit() else c for c in line.split(",")])
    book.save(tmp_path / "racks.xlsx")
    (tmp_path / "racks.csv").write_text(ROWS)
    one, other = (hall.hall(tmp_path / f"racks.{kind}").replace(f"racks.{kind}", "") for kind in ("csv", "xlsx"))
    assert one == other


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("Power (kW)", "Leistung", 1, "the column 'Leistung' is none of name, power (kW)"),
        ("Power (kW)", "flow (L/min)", 1, "there is no column 'power'"),
        ("132", "", 2, "the rack has no power"),
        ("132", "-3", 2, "power = -3: must be above 0"),
        ("132", "lots", 2, "power:"),
        ("A-2", "A-1", 3, "the rack A_1 stands on line 2 too"),
        ("A-2", "--", 3, "'--' is no name"),
        ("132", "1700", None, "spread them over more CDUs"),
        ("132", "1300", None, "spread them over more feeds"),
    ],
)
def test_a_table_of_racks_that_makes_no_hall_is_refused(made, old, new, line, part):
    with pytest.raises(kv.InputError) as error:
        made(ROWS.replace(old, new, 1))
    assert part in error.value.message and error.value.line == line


# ---- the other way ----


def again(case: kv.Case, pattern: str, model: str, folder: Path, head: str) -> kv.Case:
    (folder / "parts.csv").write_text(parts(case, pattern).csv())
    return kv.read(f"{head}  parts: {{table: parts.csv, {model}}}\n", folder=folder)


def test_elements_written_as_a_table_are_read_as_the_same(tmp_path):
    head = "kelvolt: 1\ncomponents:\n"
    case = kv.read(head + "  parts: {model: ambient, T: 25 degC, count: 3}\n")
    case["parts[2].T"] = 300.1
    back = again(case, "parts[*]", "model: ambient", tmp_path, head)
    assert list(back["parts[*].T"]) == list(case["parts[*].T"])


def test_rows_written_as_a_table_keep_their_names(tmp_path):
    case = kv.load("row_of_racks")
    case["racks.A_03.heat"] = "99.123456789 kW"
    made = parts(case, "racks.*", ["heat", "hose_in.length"])
    assert made.head == ["name", "heat (kW)", "hose_in.length (m)"] and len(made.rows) == 12
    assert ["A_03", "99.123456789", "3"] in made.rows
    assert {"body.heat (kW)", "hose_in.length (m)", "hose_out.length (m)"} == set(parts(case, "racks.*").head[1:])


def test_a_parameter_of_several_values_is_refused_in_one_cell():
    case = kv.load("row_of_racks")
    case["racks.A_03.hose_in.length"] = "1 m"
    with pytest.raises(kv.InputError, match="hose is several values in racks.A_03"):
        parts(case, "racks.*", ["hose"])
    with pytest.raises(kv.InputError):
        parts(case, "rocks.*")


def test_the_command_writes_the_table_and_replaces_only_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["table", "row_of_racks", "racks.*", "heat"]) == 0
    assert capsys.readouterr().out.startswith("name,heat (kW)\nA_01,102\n")
    for _ in range(2):
        assert main(["table", "row_of_racks", "racks.*", "heat", "-o", "racks.csv"]) == 0
    (tmp_path / "mine.csv").write_text("mine\n")
    assert main(["table", "row_of_racks", "racks.*", "heat", "-o", "mine.csv"]) == 2
    assert (tmp_path / "mine.csv").read_text() == "mine\n"
