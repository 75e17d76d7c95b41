"""A workbook as its reader meets it: numbers, formulas that are computed, links, text that stays text."""

import re
import warnings
from pathlib import Path
from typing import Any

import kelvolt as kv
import openpyxl
import pandas
import pytest
from kelvolt.cli.commands import main
from kelvolt.reports.answer import answer
from kelvolt.reports.files import prepared, write_all
from kelvolt.reports.sheets import Sheet
from kelvolt.reports.tables import tables
from kelvolt.reports.tables_studies import size_sheets
from kelvolt.reports.workbook import Facts, write_workbook

HEAD = 4


def computed(file: Path) -> dict[tuple[str, str], Any]:
    """Every cell by (sheet, place) after a spreadsheet's computation of its formulas."""
    import formulas

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells = formulas.ExcelModel().loads(str(file)).finish().calculate()
    found = {}
    for key, cell in cells.items():
        if "'!" in str(key) and ":" not in str(key).rpartition("!")[2]:
            sheet, _, place = str(key).rpartition("'!")
            found[sheet.partition("]")[2], place] = cell.value[0, 0]
    return found


def column(sheet: Any, head: str) -> str:
    return next(c.column_letter for c in sheet[HEAD] if str(c.value).partition(" (")[0] == head)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    found = answer(kv.load("edge_site"), steady=True)
    file = prepared(tmp_path_factory.mktemp("book") / "site.xlsx")
    write_all(found, [file])
    return file, found


def test_formulas_give_the_margins_and_verdicts_that_were_computed(site: tuple[Path, Any]) -> None:
    file, found = site
    book, cells = openpyxl.load_workbook(file), computed(file)
    compared = 0
    for name, table in (("verdicts", "verdicts"), ("checks", "checks")):
        sheet = book[name]
        frame = tables(found, "si")[table]
        margin, verdict = column(sheet, "margin"), column(sheet, "verdict")
        for row, (m, v) in enumerate(zip(frame["margin"], frame["verdict"], strict=True), start=HEAD + 1):
            if not str(sheet[f"{verdict}{row}"].value).startswith("="):
                continue
            compared += 1
            assert cells[name.upper(), f"{verdict}{row}"] == v, (name, row)
            assert cells[name.upper(), f"{margin}{row}"] == pytest.approx(m, rel=1e-6, abs=1e-9)
    assert compared >= found.whole.held + found.whole.broken
    whole = found.whole
    told = {sheet_row[0].value: sheet_row[1] for sheet_row in book["Answer"].iter_rows(max_row=12)}
    assert cells["ANSWER", told["limits broken"].coordinate] == whole.broken
    assert cells["ANSWER", told["limits held"].coordinate] == whole.held
    assert cells["ANSWER", told["limits not assessed"].coordinate] == whole.not_assessed
    assert cells["ANSWER", told["verdict now"].coordinate] == whole.word


def test_a_limit_that_is_lowered_breaks_the_verdict(tmp_path: Path) -> None:
    file = tmp_path / "loop.xlsx"
    kv.load("single_loop").steady().to_excel(file)
    book = openpyxl.load_workbook(file)
    sheet = book["verdicts"]
    ids, limit = column(sheet, "id"), column(sheet, "limit")
    row = next(c.row for c in sheet[ids] if c.value == "die_temperature")
    now = next(c for c in book["Answer"]["A"] if c.value == "verdict now").row
    assert computed(file)["ANSWER", f"B{now}"] == "held"
    sheet[f"{limit}{row}"].value = 60.0  # degC, below the die's 71.7
    book.save(file)
    assert computed(file)["ANSWER", f"B{now}"] == "broken"


def test_sums_are_formulas_below_their_table(site: tuple[Path, Any]) -> None:
    file, found = site
    book, cells = openpyxl.load_workbook(file), computed(file)
    sheet = book["losses"]
    frame = tables(found, "si")["losses"]
    last, place = HEAD + len(frame), column(sheet, "sum")
    for row, value in enumerate(frame.iloc[:, -1], start=HEAD + 1):
        assert cells["LOSSES", f"{place}{row}"] == pytest.approx(value)
    assert cells["LOSSES", f"{place}{last + 2}"] == pytest.approx(frame.iloc[:, -1].sum())


def test_numbers_are_numbers_heads_are_frozen_and_links_lead_to_sheets(site: tuple[Path, Any]) -> None:
    book = openpyxl.load_workbook(site[0])
    assert book.sheetnames[0] == "Answer"
    linked = {c.hyperlink.location or c.hyperlink.target for c in book["Answer"]["A"] if c.hyperlink}
    assert len(linked) == len(book.sheetnames) - 1
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == f"B{HEAD + 1}" and len(sheet.tables) == 1
        (table,) = sheet.tables.values()
        heads = [str(c.value) for c in sheet[HEAD]]
        assert table.autoFilter is not None and [c.name for c in table.tableColumns] == heads
        assert all(sheet.column_dimensions[c.column_letter].width >= 7 for c in sheet[HEAD])
    elements = book["elements"]
    power = elements[f"{column(elements, 'P_in')}{HEAD + 1}"]
    assert isinstance(power.value, int | float) and power.number_format != "General"
    assert "P_in (kW)" in [c.value for c in elements[HEAD]]
    loadings = elements[column(elements, "loading")][HEAD:]
    assert {c.number_format for c in loadings if c.value is not None} == {"0.0%"}


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"=1+1": ["=HYPERLINK(1)", "+a", "x\x00y"], "v": [float("inf"), float("nan"), 1.0]})
    write_workbook(tmp_path / "t.xlsx", [Sheet("t", "=title", frame)], Facts("=SUM(A1)", "@question"))
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    ours = [c for c in cells if c.data_type == "f"]
    assert ours == [] and book["t"]["A5"].value == "=HYPERLINK(1)" and book["t"]["B5"].value == "beyond any"
    assert book["t"]["B6"].value is None and "\x00" not in book["t"]["A7"].value


def test_a_workbook_replaces_its_own_kind_only(tmp_path: Path, capsys: Any) -> None:
    mine = openpyxl.Workbook()
    mine.active["A1"] = "mine"
    mine.save(tmp_path / "mine.xlsx")
    kept = (tmp_path / "mine.xlsx").read_bytes()
    with pytest.raises(kv.FileError):
        kv.load("single_loop").steady().to_excel(tmp_path / "mine.xlsx")
    assert main(["run", "single_loop", "--steady", "--xlsx", str(tmp_path / "mine.xlsx")]) == 2
    assert (tmp_path / "mine.xlsx").read_bytes() == kept
    for _ in range(2):
        assert main(["report", "single_loop", "--steady", "-o", str(tmp_path / "ours.xlsx")]) == 0
    assert main(["run", "single_loop", "--steady", "--xlsx", str(tmp_path / "ours.csv")]) == 2
    assert "ending .xlsx" in capsys.readouterr().err


SI_ONLY = re.compile(r"\b(?:degC|K|Pa|kPa|m3/s|kg/s|m3|m|L/min|J/K|m/s|W)\b")


@pytest.mark.parametrize("name", ["edge_site", "single_loop"])
def test_every_sheet_is_in_the_units_of_the_reader(name: str, tmp_path: Path) -> None:
    file = tmp_path / "us.xlsx"
    case = kv.load(name)
    solution = case.steady()
    solution.to_excel(file, units="us")
    book = openpyxl.load_workbook(file)
    units = set()
    for sheet in book.worksheets[1:]:
        heads = [str(c.value) for c in sheet[HEAD]]
        units |= {h.rpartition("(")[2].rstrip(")") for h in heads if h.endswith(")") and "(" in h}
        place = next((k for k, h in enumerate(heads) if h in ("unit", "margin_unit")), None)
        if place is not None:
            units |= {str(row[place].value) for row in sheet.iter_rows(min_row=HEAD + 1) if row[place].value}
    assert "degF" in units and "gpm" in units
    assert [u for u in units if SI_ONLY.fullmatch(u)] == []
    values = {row[0].value: (row[1].value, row[2].value) for row in book["values"].iter_rows(min_row=HEAD + 1)}
    for path, unit in (("pump.V_flow", "gpm"), ("pump.dp", "psi")):
        path = next(p for p in values if str(p).endswith(path))
        assert values[path][1] == unit and values[path][0] == pytest.approx(solution.get(path, unit))
    (row,) = [r for r in book["assumptions"].iter_rows(min_row=HEAD + 1) if r[1].value == "T_leak_ref"][:1]
    heads = [c.value for c in book["assumptions"][HEAD]]
    told = {h: c.value for h, c in zip(heads, row, strict=True)}
    assert told["unit"] == "degF"
    assumed = next(a for a in case.core.assumptions if a.parameter == "T_leak_ref")
    for column, si in (("value", assumed.value), ("minimum", assumed.minimum), ("maximum", assumed.maximum)):
        assert told[column] == pytest.approx(1.8 * (si - 273.15) + 32.0)
    summary = next(s for s in book.worksheets[1:] if s.title.lower().startswith("summary"))
    facts = {row[0].value: (row[1].value, row[2].value) for row in summary.iter_rows(min_row=HEAD + 1)}
    hottest = max(v for v in solution.to_pandas().query("path.str.endswith('T_die')")["value"])
    assert facts["T_die_max"] == (pytest.approx(1.8 * (hottest - 273.15) + 32.0), "degF")
    first = [[c.value for c in row] for row in book["Answer"].iter_rows()]
    assert ["limit", "element", "value", "allowed", "margin", "verdict", "unit"] in [row[:7] for row in first]


def test_a_table_of_sizing_converts_multipliers_with_the_units_of_their_rows(starter_text: str) -> None:
    case = kv.read(starter_text)
    found = kv.size(case, "pump.P_el", {"pump.speed": (0.3, 1.0)}, ["max(gpu[*].T_die) <= 75 degC"])
    sheet = {s.name: s for s in size_sheets(found)}["binding"]
    us = sheet.headed("us")
    assert us["unit"][0] == "degF" or us["unit"][0] == "delta_degF"
    (column,) = [c for c in us.columns if str(c).startswith("multiplier")]
    assert column == "multiplier (kW per unit)"
    assert us[column][0] == pytest.approx(found.binding["multiplier"][0] / 1000.0 / 1.8)
    assert len(found.binding) == 1 and "and 2 equal to it" in found.binding["limit"][0]


@pytest.mark.parametrize("name", ["s.csv", "s.html", "s.h5"])
def test_a_workbook_is_not_written_under_the_ending_of_another_kind(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        kv.FileError, match=rf"{name}: a workbook is written here, whose ending is \.xlsx.*give s\.xlsx"
    ):
        kv.load("single_loop").steady().to_excel(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_result_is_not_written_under_the_ending_of_a_table(tmp_path: Path) -> None:
    case = kv.load("single_loop")
    asks = [
        lambda f: case.steady().write(f),
        lambda f: case.simulate("2 s", output=f, progress=False),
        lambda f: kv.sweep(case, {"speed.value": [1.0]}, output=f, progress=False),
    ]
    for ask in asks:
        with pytest.raises(kv.FileError, match=r"a result is written here, whose ending is \.h5"):
            ask(tmp_path / "s.csv")
        assert list(tmp_path.iterdir()) == []
