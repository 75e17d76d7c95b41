"""Curves from tables and workbooks, and profiles whose times are time stamps."""

from __future__ import annotations

from pathlib import Path

import h5py
import kelvolt as kv
import numpy as np
import openpyxl
import pytest

PUMPS = [
    ["impeller (mm)", "flow (L/min)", "head (kPa)"],
    [200, 0, 120],
    [200, 50, 90],
    [220, 0, 180],
    [220, 50, 150],
    [220, 90, 100],
]


def pump(folder: Path, curve: str) -> kv.Case:
    return kv.read(
        "kelvolt: 1\ncomponents:\n  supply: {model: facility, medium: water, mode: dp, T_supply: 300, dp: 0 bar, "
        "p_return: 2 bar(a)}\n"
        f"  pump: {{model: edge_pump, dp: {curve}}}\n"
        "  hose: {model: hose_rack_1in, length: 20 m}\nconnections: [supply.supply -> pump -> hose -> supply.return]\n",
        folder=folder,
    )


def test_one_of_several_curves_of_a_sheet_is_picked_by_its_cells(tmp_path):
    book = openpyxl.Workbook()
    for row in PUMPS:
        book.active.append(row)
    book.create_sheet("notes").append(["by hand"])
    book.save(tmp_path / "pump.xlsx")
    (tmp_path / "pump.csv").write_text("\n".join(",".join(str(c) for c in row) for row in PUMPS))
    columns = "x: flow, y: head, where: {impeller: 220 mm}"
    sheet = pump(tmp_path, f"{{table: pump.xlsx, sheet: Sheet, {columns}}}")
    file = pump(tmp_path, f"{{csv: pump.csv, {columns}}}")
    other = pump(tmp_path, f"{{table: pump.csv, {columns.replace('220 mm', '200')}}}")
    flows = [c.steady()["hose.m_flow"] for c in (sheet, file, other)]
    assert flows[0] == flows[1] > 1.05 * flows[2]
    (tmp_path / "pump.xlsx").unlink()
    assert kv.read(sheet.to_yaml()).steady()["hose.m_flow"] == flows[0]


@pytest.mark.parametrize(
    ("curve", "part"),
    [
        ("{table: pump.csv, x: flow, y: head}", "'flow' is 0 after 50; rows must be sorted by it"),
        ("{table: pump.csv, x: flow, y: head}", "told apart by where:"),
        ("{table: pump.csv, x: flow, y: head, where: {impeller: 230 mm}}", "no row has 'impeller' = 230 mm"),
        ("{table: pump.csv, x: flow, y: head, where: {impeler: 220}}", "did you mean 'impeller'"),
        ("{table: pump.csv, x: flow, y: haed}", "did you mean 'head'"),
        ("{table: none.csv, x: flow, y: head}", "there is no file"),
        ("{points: [[0, 1], [1, 0]], sheet: a}", "'sheet' does not go with 'points'"),
    ],
)
def test_what_a_curve_says_wrong_is_refused(tmp_path, curve, part):
    (tmp_path / "pump.csv").write_text("\n".join(",".join(str(c) for c in row) for row in PUMPS))
    with pytest.raises(kv.Error) as error:
        pump(tmp_path, curve)
    assert part in error.value.message


def logged(folder: Path, table: str, profile: str = "", run: str = "") -> kv.Case:
    (folder / "log.csv").write_text(table)
    return kv.read(
        "kelvolt: 1\ncomponents:\n  outside: {model: ambient, T: 20 degC}\n  wall: {model: conductance, G: 1 W/K}\n"
        "  room: {model: heat_capacity, C: 1 kJ/K}\nconnections: [outside.port -> wall -> room.port]\n"
        f"profiles: {{log: {{table: log.csv, time: time, value: T{profile}}}}}\n"
        f"apply: [{{profile: log, to: outside.T}}]\nrun: {{duration: 2 h{run}}}\nrecord: {{every: 10 min}}\n",
        folder=folder,
    )


BEGIN = ", begins: '2026-07-01T12:00+02:00'"


def at(case: kv.Case, minute: int) -> float:
    run = case.simulate(record=["outside.T"])
    return float(run["outside.T"][minute // 10])


@pytest.mark.parametrize(
    ("times", "profile"),
    [
        (["2026-07-01T12:00+02:00", "2026-07-01T14:00+02:00"], ""),
        (["2026-07-01 10:00Z", "2026-07-01 12:00:00.000Z"], ""),
        (["2026-07-01T12:00", "2026-07-01T14:00"], ", zone: Europe/Berlin"),
        (["2026-07-01T10:00", "2026-07-01T12:00"], ", zone: UTC"),
        (["2026-07-01T12:00+0200", "2026-07-01T06:00-0600"], ", zone: Asia/Tokyo"),
    ],
)
def test_time_stamps_count_from_the_begin_of_the_run(tmp_path, times, profile):
    case = logged(tmp_path, f"time,T (degC)\n{times[0]},20\n{times[1]},40\n", profile, BEGIN)
    assert at(case, 60) == pytest.approx(303.15)
    assert case.simulate().begins == "2026-07-01T10:00:00Z"


def test_seconds_since_1970_are_known_beside_the_begin(tmp_path):
    for factor, unit in ((1, "s"), (1000, "ms")):
        rows = "\n".join(f"{t * factor},{T}" for t, T in ((1782900000, 20), (1782907200, 40)))
        case = logged(tmp_path, f"time ({unit}),T (degC)\n{rows}\n", "", BEGIN)
        assert at(case, 60) == pytest.approx(303.15)
    case = logged(tmp_path, f"time (ms),T (degC)\n{rows}\n")
    with pytest.raises(kv.InputError, match="time stamps, counted since 1970; `begins` of run says"):
        case.simulate()


def berlin(folder: Path, *clock: str, run: str) -> kv.Case:
    rows = "".join(f"{c},{20 + k}\n" for k, c in enumerate(clock))
    return logged(folder, "time,T (degC)\n" + rows, ", zone: Europe/Berlin", run)


def test_the_hour_that_comes_twice_is_told_apart_by_the_order_of_rows(tmp_path):
    clock = ["2026-10-25 01:30", "2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 02:00", "2026-10-25 02:30"]
    case = berlin(tmp_path, *clock, "2026-10-25 03:00", run=", begins: '2026-10-24T23:30Z'")
    assert [at(case, m) for m in (30, 60, 90, 120)] == pytest.approx([294.15, 295.15, 296.15, 297.15])


@pytest.mark.parametrize(
    ("clock", "line", "part"),
    [
        (["2026-03-29 01:30", "2026-03-29 02:30"], 3, "never shows '2026-03-29 02:30': it is set forward"),
        (["2026-10-25 01:00", "2026-10-25 02:30", "2026-10-25 04:00"], 3, "shows '2026-10-25 02:30' twice"),
        (["2026-07-01 02:00", "2026-07-01 01:00"], 3, "rows must be sorted by it"),
        (["2026-07-01 02:00", "2026-07-01 02:00"], 3, "without repeats"),
        (["2026-07-01 02:00", "2026-13-01 02:00"], 3, "'2026-13-01 02:00' is no date and time"),
        (["2026-07-01 02:00", "2026-06-31"], 3, "'2026-06-31' is no date and time"),
        (["2026-07-01 02:00", "01/07/2026"], 3, "'01/07/2026' is no date and time"),
        (["2026-07-01 02:00", ""], 3, "no value in column 'time'"),
    ],
)
def test_stamps_that_cannot_be_placed_are_refused_with_their_line(tmp_path, clock, line, part):
    with pytest.raises(kv.InputError) as error:
        berlin(tmp_path, *clock, run=", begins: '2026-10-24T23:30Z'")
    assert part in error.value.message and error.value.line == line


@pytest.mark.parametrize(
    ("profile", "run", "part"),
    [
        ("", BEGIN, "does not say its offset from UTC"),
        (", zone: Europe/Berlin", "", "add run: {begins: 2026-07-01T10:00:00Z}"),
        (", zone: Europe/Bielefeld", BEGIN, "there is no time zone 'Europe/Bielefeld'"),
        (", zone: ../../etc/passwd", BEGIN, "there is no time zone"),
        (", zone: UTC", ", begins: '2026-07-01T12:00'", "run: begins: '2026-07-01T12:00' does not say its offset"),
        (", zone: UTC", ", begins: noon", "'noon' is no date and time"),
        (", zone: UTC", ", zone: UTC", "run: zone is that of `begins`"),
        (", zone: UTC", ", begins: '2026-10-25T02:30', zone: Europe/Berlin", "twice"),
    ],
)
def test_what_a_case_says_wrong_of_time_is_refused(tmp_path, profile, run, part):
    table = "time,T (degC)\n2026-07-01T12:00,20\n2026-07-01T14:00,40\n"
    with pytest.raises(kv.InputError) as error:
        logged(tmp_path, table, profile, run)
    assert part in error.value.message


def test_results_say_when_the_run_began(tmp_path):
    table = "time,T (degC)\n2026-07-01T12:00,20\n2026-07-01T14:00,40\n"
    run = logged(tmp_path, table, ", zone: Europe/Berlin", BEGIN).simulate(output=tmp_path / "run.h5")
    with kv.open(tmp_path / "run.h5") as stored:
        for dataset in (run.to_xarray(), stored):
            assert dataset.attrs["begins"] == "2026-07-01T10:00:00Z"
            assert dataset["time"].values[0] == np.datetime64("2026-07-01T10:00:00")
    with h5py.File(tmp_path / "run.h5") as file:
        begins = file.attrs["begins"]
    assert (begins.decode() if isinstance(begins, bytes) else str(begins)) == "2026-07-01T10:00:00Z"
