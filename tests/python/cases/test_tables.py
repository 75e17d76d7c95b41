"""Components, events and limits from tables: what a row means, and what is refused with its line."""

from __future__ import annotations

import csv
import io
import json
import pickle
from pathlib import Path

import kelvolt as kv
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "kelvolt: 1\ncomponents:\n  room: {model: ambient, T: 25 degC}\n"
RACKS = "name,power (kW),port\nR01,12,room.port\nR02,7.5,room.port\n"


@pytest.fixture
def read(tmp_path):
    """Reads a case whose racks stand in a table of heat sources."""

    def made(table: str | bytes, keys: str = "model: heat_source", file: str = "racks.csv", more: str = "") -> kv.Case:
        data = table.encode() if isinstance(table, str) else table
        (tmp_path / file).write_bytes(data)
        return kv.read(f"{HEAD}  racks: {{table: {file}, {keys}}}\n{more}", folder=tmp_path)

    return made


@pytest.fixture
def refusal(read):
    def refused(*args: str | bytes, **more: str) -> kv.InputError:
        with pytest.raises(kv.InputError) as error:
            read(*args, **more)
        return error.value

    return refused


def test_each_row_is_a_component_by_its_own_name(read):
    case = read(RACKS)
    assert case["racks.R01.power"] == 12e3 and case["racks.R02.power"] == 7.5e3
    assert case.steady()["room.Q_flow"] == pytest.approx(19.5e3)


SHARED = 'model: heat_source, power: {value: 5 kW, range: [4 kW, 6 kW], grade: assumed, source: "a guess"}'


def test_a_row_may_have_a_range_of_its_own_with_grade_and_source_of_the_entry(read):
    table = "name,power (kW),range power (kW),port\nR01,12,9..14,room.port\nR02,7,6 ..8,room.port\nR03,,,room.port\n"
    found = {a.path: a for a in read(table, SHARED).assumptions}
    ranges = {path: (a.value, a.minimum, a.maximum) for path, a in found.items()}
    assert ranges["racks.R01"] == (12e3, 9e3, 14e3) and ranges["racks.R02"] == (7e3, 6e3, 8e3)
    assert (4e3, 6e3) in {r[1:] for r in ranges.values()}
    assert {(a.grade, a.source) for a in found.values()} == {("assumed", "a guess")}


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("name,power (kW),range power (kW),port\nR01,12,9-14,room.port\n", "'9-14' is no range; write its two ends as"),
        ("name,power (kW),range power (kW),port\nR01,,9..14,room.port\n", "says 9..14, but the row has no power (kW)"),
        ("name,power (kW),range powr (kW),port\nR01,12,9..14,room.port\n", "is the range of powr, but no column"),
        ("name,power (kW),range power (kW),port\nR01,12,14..9,room.port\n", "runs backwards"),
        ("name,power (kW),range power (kW),port\nR01,2,9..14,room.port\n", "lies outside its own range"),
    ],
)
def test_a_range_of_a_row_that_says_nothing_is_refused(refusal, table, part):
    assert part in refusal(table, SHARED).message


def test_verdicts_name_the_row(read):
    more = "limits:\n  - {of: 'racks.*.P', max: 10 kW, id: rack_power}\n"
    worst = read(RACKS, more=more).steady().check().iloc[0]
    assert worst["element"].startswith("racks.R01") and worst["verdict"] == "broken"


def test_rows_without_names_are_the_elements_of_an_array(read):
    case = read("power (kW),port\n1,room.port\n2,room.port\n")
    assert list(case["racks[*].power"]) == [1e3, 2e3]


def test_an_empty_cell_leaves_what_the_entry_says(read):
    case = read("name,power (kW),port\nR01,,room.port\nR02,3,room.port\n", "model: heat_source, power: 5 kW")
    assert case["racks.R01.power"] == 5e3 and case["racks.R02.power"] == 3e3


def test_rows_may_be_of_several_models_and_counts(read):
    table = "name,model,power (kW),T (degC),port,count\nR,heat_source,2,,room.port,3\nyard,ambient,,18,,\n"
    case = read(table, "name: name")
    assert list(case["racks.R[*].power"]) == [2e3] * 3
    assert case["racks.yard.T"] == pytest.approx(291.15)


def test_headings_of_the_sheet_may_keep_their_words(read):
    table = "Rack,IT load,Owner,State,joined to\nA-07,12 kW,me,on,room.port\n2,3 kW,you,off,room.port\n"
    keys = "model: heat_source, name: Rack, columns: {IT load: power, joined to: port}, ignore: [Owner, State]"
    case = read(table, keys)
    assert case["racks.A_07.power"] == 12e3 and case["racks.Rack_2.power"] == 3e3
    assert any("'A-07' is A_07" in note and "'2' is Rack_2" in note for note in case.notes)
    only = "model: heat_source, name: Rack, columns: {IT load: power, joined to: port}, ignore: others"
    assert read(table, only)["racks.A_07.power"] == 12e3


def test_words_of_a_column_stand_for_values(read):
    table = "name,size,port\nR01,full,room.port\nR02,half,room.port\n"
    keys = "model: heat_source, columns: {size: power}, words: {size: {full: 12 kW, half: 6 kW}}"
    assert read(table, keys)["racks.R02.power"] == 6e3


@pytest.mark.parametrize(
    "table",
    [
        RACKS.replace(",", ";"),
        RACKS.replace(",", "\t"),
        "sep=;\n" + RACKS.replace(",", ";"),
        "\ufeff" + RACKS.replace("\n", "\r\n"),
        "# a comment\n\n" + RACKS + ",,\n\n",
        RACKS.replace("R01,12", '"R01","12"').replace("power (kW)", '"power (kW)"'),
        RACKS.replace("(kW)", "[kW]").replace("power", "power "),
        RACKS.replace("12,", "12 kW,"),
        RACKS.replace("name,power", " name , power"),
    ],
)
def test_what_spreadsheets_write_is_read(read, table):
    case = read(table)
    assert (case["racks.R01.power"], case["racks.R02.power"]) == (12e3, 7.5e3)


def test_decimal_commas_are_read_where_the_case_says_so(read, refusal):
    table = RACKS.replace(",", ";").replace("7.5", "7,5")
    assert read(table, "model: heat_source, decimal: comma")["racks.R02.power"] == 7.5e3
    error = refusal(table)
    assert error.line == 3 and "'7,5' holds a comma" in error.message and "decimal: comma" in error.message


def test_a_point_before_three_digits_beside_semicolons_is_refused_until_the_case_says_what_it_is(read, refusal):
    table = RACKS.replace(",", ";").replace("7.5", "1.320")
    error = refusal(table)
    assert error.line == 3 and "'1.320' is a decimal or holds a separator of thousands" in error.message
    assert "decimal: point" in error.message and "column 'power (kW)'" in error.message
    assert read(table, "model: heat_source, decimal: point")["racks.R02.power"] == pytest.approx(1320.0)
    assert read(RACKS.replace("7.5", "1.320"))["racks.R02.power"] == pytest.approx(1320.0)  # beside commas it is one


def test_a_row_of_totals_is_refused_and_what_looks_like_one_is_told(read, refusal):
    for row in ("Total,19.5,room.port", "Total,20 kW,room.port", "Subtotal A,5,room.port", "Average,9,room.port"):
        error = refusal(RACKS + row + "\n")
        assert error.line == 4 and "says that the row sums up others" in error.message
        assert "remove the row of totals" in error.message
    head, rest = RACKS.split("\n", 1)
    assert refusal(f"{head}\nTotal,19.5,room.port\n{rest}").line == 2
    told = read(RACKS + "R03,4,room.port\nR04,23.5,room.port\n").notes
    assert any("line 5: the row holds the sum of all others" in note for note in told)
    assert not any("total" in note for note in read(RACKS + "total_meter,4,room.port\nR04,2,room.port\n").notes)


def test_comments_that_look_like_rows_are_told_also_in_tables_of_events(read):
    made = read("# a remark, no row\n" + RACKS + "#R03,8,room.port\n# a remark\n")
    assert [n for n in made.notes if "look like rows (line 5)" in n]
    events = "at (s),set,to\n10,racks.R01.power,9 kW\n#20,racks.R01.power,12 kW\n"
    made = read(RACKS, more=f"events: {{table: {json.dumps(events)}}}\nrun: {{duration: 1 min}}\n")
    assert [n for n in made.notes if n.startswith("events: ") and "look like rows (line 3)" in n]


def test_titles_above_the_headings_are_left_out(read):
    assert read("Hall 3\n,,\n" + RACKS, "model: heat_source, header: 3")["racks.R01.power"] == 12e3


@pytest.mark.parametrize(
    ("table", "line", "parts"),
    [
        ("", 1, ["the table is empty"]),
        ("name,power (kW)\n", 1, ["headings but no rows"]),
        (RACKS.replace("power", "pwoer"), 1, ["column 'pwoer (kW)'", "did you mean 'power'", "columns:", "ignore:"]),
        (RACKS.replace("R02", "R01"), 3, ["'R01' is called R01 as the row on line 2"]),
        (RACKS.replace("R02", ""), 3, ["has no name in column 'name'"]),
        (RACKS.replace(" (kW)", ""), 2, ["racks.R01: power = 12 has no unit", "heading of the column"]),
        (RACKS.replace("7.5", "1,234"), 3, ["4 cells under 3 headings", "decimal commas"]),
        (RACKS.replace(",7.5", ",7.5,"), 3, ["4 cells under 3 headings"]),
        (RACKS.replace("R02,7.5", "R02"), 3, ["2 cells under 3 headings"]),
        (RACKS.replace("7.5", '"1,234"'), 3, ["'1,234' holds a comma", "thousands"]),
        (RACKS.replace("7.5", "1 234"), 3, ["'1 234' holds separators of thousands"]),
        (RACKS.replace("7.5", "1\u00a0234"), 3, ["separators of thousands"]),
        (RACKS.replace("7.5", "n/a"), 3, ["'n/a' is no number in kW", "column 'power (kW)'"]),
        (RACKS.replace("7.5", "7 m"), 3, ["'7 m' is no number in kW"]),
        (RACKS.replace("7.5", "nan"), 3, ["'nan' is no number"]),
        (RACKS.replace("(kW)", "(kg)"), 2, ["racks.R01: power", "kg"]),
        (RACKS.replace("R02,7.5,room.port", "R02,7.5,room.prot"), 3, ["did you mean 'port'"]),
        (RACKS.replace("R02,7.5,room.port", "R02,7.5,rom.port"), 3, ["did you mean 'room'"]),
        (RACKS.replace("port\n", "power (W)\n", 1), 1, ["both mean power"]),
        (RACKS.replace("port\n", "name\n", 1), 1, ["two columns are called 'name'"]),
        (RACKS.replace("port\n", "\n", 1), 1, ["column 3 holds cells but has no heading"]),
        (RACKS.replace("R02", "???"), 3, ["'???' is not a component name"]),
        (RACKS.replace("R01", '"R01'), 2, ["double quote that is not closed"]),
        (RACKS.replace("R01", '"R01" x'), 2, ["stands behind a cell in double quotes"]),
        (RACKS.encode("utf-16"), 1, ["UTF-16", "CSV UTF-8"]),
        (RACKS.replace("R02", "K\xfcche").encode("latin-1"), 3, ["0xfc", "CSV UTF-8"]),
        (RACKS.replace("R02", "R\0").encode(), 3, ["zero byte"]),
    ],
)
def test_what_cannot_be_read_right_is_refused_with_its_line(refusal, table, line, parts):
    error = refusal(table)
    assert error.line == line and "racks.csv" in (error.file or "")
    for part in parts:
        assert part in error.message


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ("name: Rack", "name: the table has no column 'Rack'"),
        ("model: heat_source, columns: {load: power}", "columns: the table has no column 'load'"),
        ("model: heat_source, ignore: [powr]", "did you mean 'power'?"),
        ("model: heat_source, decimal: dot", "decimal = 'dot' is not one of point, comma"),
        ("model: heat_source, sheet: Hall", "racks.csv is no workbook"),
        ("power: 1 kW", "the row says no model"),
        ("model: heat_sorce", "did you mean 'heat_source'"),
        ("model: heat_source, words: {port: {x: room.port}}", "'room.port' is none of the words x"),
    ],
)
def test_what_the_entry_says_wrong_is_refused(refusal, keys, part):
    assert part in refusal(RACKS, keys).message


@pytest.mark.parametrize("file", ["racks.xls", "racks.ods"])
def test_other_formats_are_refused_with_the_way_out(refusal, file):
    assert "save it as .xlsx, or its sheet as CSV" in refusal(RACKS, file=file).message


def test_a_table_may_stand_in_the_case_itself():
    text = (
        HEAD
        + "  racks:\n    model: heat_source\n    table: |\n      name, power (kW), port\n      R01, 12, room.port\n"
    )
    assert kv.read(text)["racks.R01.power"] == 12e3


def test_events_and_limits_may_stand_in_tables(tmp_path):
    (tmp_path / "events.csv").write_text("at (s),set,to\n10,heat.power,2 kW\n20,heat.power,3 kW\n")
    (tmp_path / "limits.csv").write_text("of,max (kW),id,basis\nheat.P,2.5,cap,1.2.3 of the contract\n")
    case = kv.read(
        HEAD + "  heat: {model: heat_source, power: 1 kW}\nconnections: [heat.port -> room.port]\n"
        "events: {table: events.csv}\nlimits: {table: limits.csv}\nrun: {duration: 30 s}\n",
        folder=tmp_path,
    )
    run = case.simulate()
    assert [e.time for e in run.events][:2] == [10.0, 20.0]
    verdict = run.check().iloc[0]
    assert verdict["verdict"] == "broken" and verdict["basis"] == "1.2.3 of the contract"


def test_the_text_of_a_case_keeps_its_tables(read, tmp_path):
    case = read(RACKS, more="# the end\n")
    (tmp_path / "racks.csv").unlink()
    text = case.to_yaml()
    assert "# the end" in text and "R02,7.5,room.port" in text
    for again in (kv.read(text), pickle.loads(pickle.dumps(case))):
        assert again["racks.R02.power"] == 7.5e3
    case["racks.R02.power"] = "8 kW"
    assert kv.read(case.to_yaml())["racks.R02.power"] == 8e3
    assert case.edited(limits=[{"of": "racks.*.P", "max": "1 MW"}])["racks.R01.power"] == 12e3


def test_a_result_can_be_repeated_without_its_tables(read, tmp_path):
    case = read(RACKS, more="run: {duration: 5 s}\n")
    (tmp_path / "racks.csv").unlink()
    case.simulate(output=tmp_path / "run.h5")
    again = kv.open(tmp_path / "run.h5").attrs["case_text"]
    assert kv.read(again)["racks.R01.power"] == 12e3


@given(
    rows=st.lists(
        st.tuples(
            st.floats(0, 1e6), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
        ),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from([",", ";", "\t"]),
)
@settings(max_examples=60, deadline=None)
def test_what_a_csv_writer_writes_is_read_back(rows, separator):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(["name", "power (W)", "port", "a remark"])
    for k, (power, remark) in enumerate(rows):
        writer.writerow([f"R{k}", repr(power), "room.port", remark])
    case = kv.read(
        {
            "kelvolt": 1,
            "components": {
                "room": {"model": "ambient", "T": 300},
                "racks": {"table": text.getvalue(), "model": "heat_source", "ignore": "a remark"},
            },
        }
    )
    assert [case[f"racks.R{k}.power"] for k in range(len(rows))] == [power for power, _ in rows]


@given(garbage=st.binary(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[])
def test_garbage_is_refused_and_nothing_else_happens(garbage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("garbage")
    (folder / "racks.csv").write_bytes(garbage)
    with pytest.raises(kv.Error):
        kv.read(HEAD + "  racks: {table: racks.csv, model: heat_source}\n", folder=folder)


def test_columns_from_and_to_connect_through_the_row(tmp_path):
    (tmp_path / "walls.csv").write_text("name,G (W/K),from,to\nw1,1,room,yard\nw2,3,room,yard\n")
    case = kv.read(
        "kelvolt: 1\ncomponents:\n  room: {model: ambient, T: 30 degC}\n  yard: {model: ambient, T: 20 degC}\n"
        "  walls: {table: walls.csv, model: conductance}\n",
        folder=tmp_path,
    )
    assert case.steady()["yard.Q_flow"] == pytest.approx(40.0)


def test_a_signal_is_connected_by_the_word_connect(tmp_path):
    (tmp_path / "pumps.csv").write_text("name,connect speed_signal\np1,speed.signal\n")
    case = kv.read(
        "kelvolt: 1\ncomponents:\n  speed: {model: constant, value: 0.7}\n"
        "  supply: {model: facility, medium: water, mode: dp, T_supply: 300, dp: 0 bar, p_return: 2 bar(a)}\n"
        "  pumps: {table: pumps.csv, model: edge_pump}\n  hose: {model: hose_rack_1in, length: 20 m}\n"
        "connections: [supply.supply -> pumps.p1 -> hose -> supply.return]\n",
        folder=tmp_path,
    )
    slow = case.steady()["hose.m_flow"]
    case["speed.value"] = 1.0
    assert case.steady()["hose.m_flow"] > 1.3 * slow


def test_a_table_in_an_assembly_is_read_in_each_of_its_copies(tmp_path):
    (tmp_path / "racks.csv").write_text(RACKS.replace("room.port", "air.port"))
    parts = "air: {model: heat_capacity, C: 1 kJ/K}, racks: {table: racks.csv, model: heat_source}"
    row = f"{{ports: {{out: air.port}}, components: {{{parts}}}}}"
    case = kv.read(
        f"{HEAD}  row: {{model: row, count: 2}}\n  wall: {{model: conductance, G: 1 kW/K, count: 2}}\n"
        f"assemblies: {{row: {row}}}\nconnections: ['row[1..2].out -> wall[1..2] -> room.port']\n",
        folder=tmp_path,
    )
    assert list(case["row[*].racks.R02.power"]) == [7.5e3] * 2
    assert case.steady()["room.Q_flow"] == pytest.approx(2 * 19.5e3)


def test_a_column_may_change_the_conductor_that_all_rows_share(tmp_path):
    text = (
        "kelvolt: 1\ncomponents:\n  utility: {model: ac_utility, V: 400 V, S_sc: 10 MVA}\n"
        "  load: {model: ac_load, V: 400 V, P: 1 kW, count: 2}\n"
        "  lines:\n    model: ac_cable\n    length: 10 m\n    V: 400 V\n    conductor: {insulation: PVC, method: C}\n"
        "    table: |\n      name,conductor.size,a,b\n"
        "      l1,16 mm2,utility.bus,load[1].bus\n      l2,35 mm2,utility.bus,load[2].bus\n"
    )
    case = kv.read(text)
    assert case["lines.l1.R"] > 2.0 * case["lines.l2.R"]
    with pytest.raises(kv.InputError, match="conductor"):
        kv.read(text.replace("16 mm2", "17 mm2"))


def test_a_stranger_reads_no_table_outside_of_his_folder(tmp_path):
    (tmp_path / "case").mkdir()
    (tmp_path / "secret.csv").write_text(RACKS)
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "../secret.xlsx"):
        with pytest.raises(kv.InputError, match="outside the folder of the case"):
            kv.read(f"{HEAD}  racks: {{table: {name}, model: heat_source}}\n", folder=tmp_path / "case")
    given = f"{HEAD}  racks: {{table: ../secret.csv, model: heat_source}}\nfiles:\n  ../secret.csv: |\n"
    given += "".join(f"    {line}\n" for line in RACKS.replace("12", "1").splitlines())
    assert kv.read(given, folder=tmp_path / "case")["racks.R01.power"] == 1e3


# ---- workbooks ----


def workbook(file: Path, rows: list[list[object]], **sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    book.save(file)
    return book


BOOK = [["name", "power (kW)", "port"], ["R01", 12, "room.port"], [None, None, None], ["R02", 7.5, "room.port"]]


def of_book(folder: Path, more: str = "") -> kv.Case:
    return kv.read(f"{HEAD}  racks: {{table: racks.xlsx, model: heat_source{more}}}\n", folder=folder)


def test_a_sheet_is_read_as_the_same_table_and_kept(tmp_path):
    workbook(tmp_path / "racks.xlsx", BOOK, Other=[["x"]])
    case = of_book(tmp_path, ", sheet: Sheet")
    (tmp_path / "racks.xlsx").unlink()
    assert kv.read(case.to_yaml())["racks.R02.power"] == pickle.loads(pickle.dumps(case))["racks.R02.power"] == 7.5e3


def test_a_fault_in_a_sheet_names_the_row(tmp_path):
    rows = [*BOOK, ["R03", "many", "room.port"]]
    workbook(tmp_path / "racks.xlsx", rows)
    with pytest.raises(kv.InputError, match="racks.xlsx:5: racks: column 'power .kW.': 'many'"):
        of_book(tmp_path)


def test_a_percentage_of_a_sheet_keeps_its_sign(tmp_path):
    book = workbook(tmp_path / "s.xlsx", [["name", "activity (%)"], ["R01", 0.4]])
    book.active["B2"].number_format = "0%"
    book.save(tmp_path / "s.xlsx")
    tray = "heat: 1 kW, dp_nominal: 1 kPa, V_flow_nominal: 1 L/min, volume: 1 L, C: 1 kJ/K, G: 1 kW/K"
    loop = "facility: {model: facility, medium: water, mode: flow, T_supply: 300, V_flow: 1 L/min, p_return: 2 bar(a)}"
    case = kv.read(
        f"kelvolt: 1\ncomponents:\n  {loop}\n  t: {{table: s.xlsx, model: tray, {tray}}}\n"
        "connections: [facility.supply -> t.R01 -> facility.return]\n",
        folder=tmp_path,
    )
    assert case["t.R01.activity"] == pytest.approx(0.4)


def test_what_a_sheet_hides_is_refused(tmp_path):
    file = tmp_path / "racks.xlsx"

    def refused(change, more: str = "") -> str:
        book = workbook(file, BOOK, Other=[["x"]] if "Other" in more else [])
        change(book)
        book.save(file)
        with pytest.raises(kv.InputError) as error:
            of_book(tmp_path, more.replace("Other", ""))
        return error.value.message

    assert "A2:A4 are merged" in refused(lambda b: b.active.merge_cells("A2:A4"))
    assert "the formula =1+1 but no value" in refused(lambda b: b.active.__setitem__("B2", "=1+1"))
    assert "B2 = #N/A: the cell shows an error" in refused(lambda b: b.active.__setitem__("B2", "#N/A"))
    assert "no sheet 'Hall'; the workbook has Sheet" in refused(lambda b: None, ", sheet: Hall")
    assert "Sheet, Other all hold cells" in refused(lambda b: None, "Other")


def test_a_damaged_workbook_is_told(tmp_path):
    (tmp_path / "racks.xlsx").write_bytes(b"PK\3\4 no workbook")
    with pytest.raises(kv.FileError, match="cannot be read as XLSX"):
        of_book(tmp_path)


# ---- the shipped examples ----


def test_the_last_rack_of_the_row_runs_short():
    case = kv.load("row_of_racks")
    table = case.steady().check()
    broken = table[table["verdict"] == "broken"]
    assert len(broken) and all("racks.A_12" in element for element in broken["element"])
    run = case.simulate()
    assert run.begins == "2026-07-01T10:00:00Z"
    table = run.check()
    broken = table[table["verdict"] == "broken"]
    assert list(broken["element"]) == ["cdu.exchanger", "racks.A_12.body.T"]
    assert broken.iloc[1]["value"] - 273.15 == pytest.approx(49.9, abs=0.1)


def test_the_panel_breaks_where_its_longest_cable_does():
    table = kv.load("panel_schedule").steady().check()
    broken = table[table["verdict"] == "broken"]
    assert any("circuits.Circuit_6" in element for element in broken["element"])
