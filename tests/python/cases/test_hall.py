"""Halls made from a table of racks, and components written as a table that is read again."""

from __future__ import annotations

import re
from pathlib import Path

import kelvolt as kv
import openpyxl
import pytest
from kelvolt.cases.hall import hall
from kelvolt.cases.part_table import parts
from kelvolt.cli.commands import main

ROWS = "Name,Power (kW),row,feed A,feed B\nA-1,132,A,a1,b1\nA-2,80,A,a1,b1\nB-1,40,B,a2,b2\n"


@pytest.fixture
def made(tmp_path):
    def read(table: str = ROWS) -> kv.Case:
        (tmp_path / "racks.csv").write_text(table, encoding="utf-8")
        return kv.read(hall(tmp_path / "racks.csv").text)

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
    text = hall(tmp_path / "racks.csv").text
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
    one, other = (hall(tmp_path / f"racks.{kind}").text.replace(f"racks.{kind}", "") for kind in ("csv", "xlsx"))
    assert one == other


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("Power (kW)", "Leistung", 1, "the column 'Leistung' is none of name, power (kW)"),
        ("Power (kW)", "flow (L/min)", 1, "there is no column 'power'"),
        ("132", "", 2, "the rack has no power"),
        ("132", "-3", 2, "power = -3000 W is outside its range"),
        ("132", "lots", 2, "column 'Power (kW)': 'lots' is no number in kW"),
        ("A-2", "A-1", 3, "the rack A_1 stands on line 2 too"),
        ("A-2", "--", 3, "'--' is no name"),
        ("132,A", "5,85,A", 2, "6 cells under 5 headings"),
        ("132,A,a1,b1", "132,A,a1", 2, "4 cells under 5 headings"),
        ("row", "power (W)", 1, "two columns mean power"),
        ("Power (kW)", "Power", 2, "power = 132 has no unit"),
        ("Power (kW)", "Owner", 1, "--ignore 'Owner'"),
        ("A-2,80,A,a1,b1", "A-2,80,A,b1,a1", 3, "the busway a1 is feed a on line 2"),
        ("A-2,80,A,a1,b1", "A-2,80,A,a1,a1", 3, "leave feed b empty for one feed"),
        ("A-2,80,A,a1,b1", "A-2,80,A,a 1,b1\nA-3,80,A,a-1,b1", 4, "would be called a_1 as 'a 1' on line 3 is"),
        ("B-1,40", "Total,212", 4, "remove the row of totals"),
        ("132", "1700", 2, "spread them over more CDUs"),
        ("132", "1300", 2, "spread them over more feeds"),
    ],
)
def test_a_table_of_racks_that_makes_no_hall_is_refused(made, old, new, line, part):
    with pytest.raises(kv.InputError) as error:
        made(ROWS.replace(old, new, 1))
    assert part in error.value.message and error.value.line == line


CDUS = "rack;power (kW);liquid;cdu;owner\n"


def test_shares_are_read_alike_in_every_form_that_a_spreadsheet_writes(made):
    for heading, cell in (("liquid (%)", "85"), ("liquid (%)", "85%"), ("liquid (%)", "85 %"), ("liquid", "0.85")):
        case = made(f"name,power (kW),{heading}\nR1,100 kW,{cell}\n")
        assert case["racks.R1.parts_liquid.power"] == pytest.approx(85e3), (heading, cell)


def test_decimal_commas_are_read_where_the_command_says_so(tmp_path):
    file = tmp_path / "racks.csv"
    file.write_text(CDUS + "R1;105,5;0,8;1;me\n")
    case = kv.read(hall(file, decimal="comma", ignore=["Owner"]).text)
    assert case["racks.R1.parts_liquid.power"] == pytest.approx(0.8 * 105.5e3)
    with pytest.raises(kv.InputError, match="--decimal comma"):
        hall(file, ignore=["owner"])
    file.write_text(CDUS + "R1;1.320;0.8;1;me\n")
    with pytest.raises(kv.InputError, match="is a decimal or holds a separator of thousands"):
        hall(file, ignore=["owner"])


def test_racks_called_by_a_hash_are_kept_in_workbooks_and_told_of_in_text(tmp_path):
    book = openpyxl.Workbook()
    for row in (["# Racks of a hall"], ["name", "power (kW)"], ["#1", 50], ["#2", 60]):
        book.active.append(row)
    book.save(tmp_path / "racks.xlsx")
    case = kv.read(hall(tmp_path / "racks.xlsx").text)
    assert case["racks.n2.parts_liquid.power"] == pytest.approx(0.85 * 60e3)
    (tmp_path / "racks.csv").write_text("name,power (kW)\nR1,50\n#2,60\n")
    made = hall(tmp_path / "racks.csv")
    assert any("1 of them look like rows (line 3)" in note for note in made.notes)


def test_names_that_become_one_and_parts_of_one_name_are_refused_with_their_row(tmp_path):
    file = tmp_path / "racks.csv"
    for first, second, told in (("CDU Ä", "CDU Ö", "would be called"), ("CDU", "CDU_supply", "component CDU_supply")):
        file.write_text(f"name,power (kW),cdu\nR1,50,{first}\nR2,50,{second}\n", encoding="utf-8")
        with pytest.raises(kv.InputError, match=told) as error:
            hall(file)
        assert error.value.line == 3


@pytest.mark.parametrize("power", [5, 100, 206, 700])
def test_halls_of_every_size_hold_and_hold_without_either_side(made, power):
    case = made(f"name,power (kW),cdu,feed a,feed b\nR1,{power / 2},1,a,b\nR2,{power / 2},1,a,b\n")
    assert not case.steady().check().query("verdict == 'BROKEN'").shape[0]
    case["utility[2].in_service"] = 0
    case["ups[2].in_service"] = 0
    assert not case.steady().check().query("verdict == 'BROKEN'").shape[0]


def test_a_rack_with_feed_b_alone_is_on_one_feed(made):
    case = made("name,power (kW),cdu,feed a,feed b\nR1,100,1,,b\nR2,100,1,,b\n")
    assert case["busway_b.length"] > 0
    with pytest.raises(kv.InputError):
        case["busway_a_A.length"]


def test_every_number_that_a_hall_assumes_carries_a_range(made, tmp_path):
    made("name,power (kW)\nR1,100\nR2,100\n")
    text = hall(tmp_path / "racks.csv").text
    for name in ("to_liquid", "to_air", "supplies", "flow", "drop", "R"):
        assert re.search(rf"^    {name}: {{value: .*range: ", text, re.MULTILINE), name
    ranges = re.findall(r"value: ([\d.e+-]+) ?\S*, range: \[([\d.e+-]+)[^,]*, ([\d.e+-]+)", text)
    assert len(ranges) > 15
    assert all(float(low) < float(value) < float(high) for value, low, high in ranges)


def test_racks_that_differ_have_the_range_of_each_assumed_number_in_their_row(made):
    case = made()  # 132, 80 and 40 kW: 85 % of each to the coolant, from 82 % to 111 % of that
    ranges = {a.path: a for a in case.assumptions if a.parameter == "power" and "parts_liquid" in a.path}
    for name, power in (("A_1", 132e3), ("A_2", 80e3), ("B_1", 40e3)):
        a = ranges[f"racks.{name}.parts_liquid"]
        assert (a.value, a.minimum, a.maximum) == pytest.approx((0.85 * power, 0.697 * power, 0.9435 * power), rel=1e-3)
        assert a.grade == "assumed" and a.source.startswith("85 % of the power")


def test_a_hall_says_what_it_shall_survive_and_accepts_the_one_shelf_of_each_rack(made, tmp_path):
    found = kv.contingencies(made())
    rows = found.table.set_index("contingency")
    for lost in ("utility[1]", "transformer[2]", "ups[1]", "busway_a1", "busway_b2"):
        assert rows.loc[lost, "verdict"] == "held", lost
    for name, power in (("A_1", 132e3), ("A_2", 80e3), ("B_1", 40e3)):
        assert rows.loc[f"racks.{name}.shelf", "verdict"] == "accepted"
        assert rows.loc[f"racks.{name}.shelf", "lost_load"] == pytest.approx(power, rel=1e-3)
    text = hall(tmp_path / "racks.csv").text
    assert "its loss loses that rack alone, at most 132 kW;" in text
    without = kv.read(text.replace('  contingencies: {accept_failures: ["racks.*.shelf"]}\n', ""))
    bare = kv.contingencies(without)
    assert bare.whole.broken == found.whole.broken + 3
    assert 'accept_failures: ["racks.*.shelf"]' in bare.how_to_accept


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
    with pytest.raises(kv.InputError, match="'rocks.*' names nothing"):
        parts(case, "rocks.*")


def test_elements_without_numbers_of_their_own_make_no_empty_table():
    with pytest.raises(kv.InputError, match="name parameters, such as"):
        parts(kv.load("gb200_nvl72_rack"), "tray[*]")


def test_the_command_writes_the_table_and_replaces_only_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["table", "row_of_racks", "racks.*", "heat"]) == 0
    assert capsys.readouterr().out.startswith("name,heat (kW)\nA_01,102\n")
    for _ in range(2):
        assert main(["table", "row_of_racks", "racks.*", "heat", "-o", "racks.csv"]) == 0
    (tmp_path / "mine.csv").write_text("mine\n")
    assert main(["table", "row_of_racks", "racks.*", "heat", "-o", "mine.csv"]) == 2
    assert (tmp_path / "mine.csv").read_text() == "mine\n"
