"""All tables of an answer, in Python and as files of every command."""

import csv
import json
from pathlib import Path
from typing import Any

import kelvolt as kv
import pytest
from kelvolt.cli.commands import main
from kelvolt.reports.sheets import Sheet

POWER = ["buses", "elements", "losses", "shares"]


def test_a_solution_gives_every_table_with_units_in_its_headings(case: kv.Case) -> None:
    solution = case.steady()
    tables = solution.tables()
    assert {"verdicts", "branches", "circuits", "flows", "nodes", "pumps", "heat", "chips", "values"} <= tables.keys()
    assert not set(POWER) & tables.keys()
    gpus = [c for c in solution.raw.verdicts if c.id == "die_temperature"]
    verdicts = tables["verdicts"]
    assert len(verdicts) == len(solution.raw.verdicts) and (verdicts.id == "die_temperature").sum() == len(gpus)
    assert tables["chips"]["T_die (K)"].max() == pytest.approx(max(solution["gpu[*].T_die"]))
    flows = tables["flows"].set_index("element")
    assert flows.loc["pump", "dp (Pa)"] == pytest.approx(-float(solution["pump.dp"]), rel=1e-6)
    assert tables["branches"].attrs["state"] == "steady state of the case"


def test_tables_come_in_the_units_of_a_site(case: kv.Case) -> None:
    solution = case.steady()
    si, site, us = (solution.tables(units) for units in (None, "si", "us"))
    kelvin = si["chips"]["T_die (K)"]
    assert site["chips"]["T_die (degC)"].to_numpy() == pytest.approx(kelvin - 273.15)
    assert us["chips"]["T_die (degF)"].to_numpy() == pytest.approx(1.8 * (kelvin - 273.15) + 32.0)
    die = {k: t.verdicts[t.verdicts.id == "die_temperature"].iloc[0] for k, t in _named(si=si, site=site).items()}
    assert (die["si"].unit, die["site"].unit) == ("K", "degC")
    assert die["site"].value == pytest.approx(die["si"].value - 273.15)
    assert die["site"].margin == pytest.approx(die["si"].margin), "a difference of temperatures has no offset"
    with pytest.raises(kv.InputError):
        solution.tables("imperial")


def _named(**tables: Any) -> dict[str, Any]:
    from types import SimpleNamespace

    return {k: SimpleNamespace(**t) for k, t in tables.items()}


def test_a_network_without_coolant_gives_its_electric_tables() -> None:
    tables = kv.load("campus_feeder").steady().tables()
    assert set(POWER) <= tables.keys() and "branches" not in tables
    elements = tables["elements"]
    assert elements["P_in (W)"].max() > 1e3 and {"loss (W)", "I (A)", "loading"} <= set(elements.columns)


def test_a_run_gives_its_events_and_the_worst_of_each_limit(case: kv.Case) -> None:
    tables = case.simulate("100 s", progress=False).tables()
    assert tables["events"]["time (s)"].tolist() == [90.0]
    assert tables["verdicts"].attrs["state"] == "worst of the run for each limit, 0 to 100 s"
    assert tables["flows"].attrs["state"] == "end of the run, 100 s"


def test_noise_of_a_flow_at_rest_is_zero() -> None:
    case = kv.load("gb200_nvl72_rack")
    case["cdu.pump[2].speed"] = 0.0
    flows = case.steady().tables()["flows"]
    numbers = flows["heat (W)"].abs()
    assert not ((numbers > 0.0) & (numbers < 1e-12 * numbers.max())).any()


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


COMMANDS = [
    (["run", "single_loop", "--steady"], {"verdicts", "branches", "flows"}, "branches"),
    (["run", "single_loop", "--steady", "--ranges", "16"], {"ranges", "range_inputs"}, "branches"),
    (["check", "edge_site", "--steady"], {"verdicts", "checks", "contingencies", *POWER}, "verdicts"),
    (["report", "single_loop", "--steady"], {"verdicts", "assumptions"}, "verdicts"),
    (["power", "edge_site"], set(POWER), "buses"),
    (["contingencies", "edge_site"], {"contingencies"}, "contingencies"),
    (["shortcircuit", "server_room"], {"short_circuit", "fault_duty", "disconnection"}, "short_circuit"),
    (["protection", "server_room"], {"devices", "selectivity"}, "selectivity"),
    (["schedule", "server_room"], {"boards", "equipment"}, "boards"),
    (["ridethrough", "edge_site", "--lose", "grid", "--for", "5 s"], {"ride_through"}, "ride_through"),
    (["commission", "single_loop", "--draws", "12"], {"points"}, "points"),
    (["tree", "single_loop"], {"tree"}, "tree"),
    (["cases"], {"cases"}, "cases"),
    (["components", "pump"], {"parameters", "ports", "results"}, "parameters"),
    (["profile", "training", "--duration", "5 s"], {"statistics"}, "statistics"),
    (
        ["size", "single_loop", "--minimise", "pump.P_el", "--vary", "speed.value=0.3..1", "--limit"]
        + ["gpu.T_die <= 75 degC"],
        {"margins", "design", "binding"},
        "margins",
    ),
]


@pytest.mark.parametrize(("words", "names", "first"), COMMANDS, ids=[" ".join(w[:2]) for w, _, _ in COMMANDS])
def test_every_command_writes_its_tables(
    words: list[str], names: set[str], first: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    import openpyxl

    monkeypatch.chdir(tmp_path)
    status = main([*words, "--csv", "tables", "--xlsx", "t.xlsx"])
    assert status in (0, 1, 3), capsys.readouterr().err
    written = {f.stem for f in Path("tables").iterdir()}
    assert names <= written and all(read(f) for f in Path("tables").iterdir())
    book = openpyxl.load_workbook("t.xlsx")
    assert {"Answer", *names} <= set(book.sheetnames)
    assert len(read(Path("tables") / f"{first}.csv")) <= book[first].max_row - 4
    # one file takes the main table, and a second time replaces it
    for _ in range(2):
        assert main([*words, "--csv", "main.csv"]) == status
    assert (
        Path("main.csv").read_text(encoding="utf-8").splitlines()[0]
        == ((Path("tables") / f"{first}.csv").read_text(encoding="utf-8").splitlines()[0])
    )
    # and a file of a stranger is left alone
    Path("main.csv").write_text("mine\n1\n", encoding="utf-8")
    assert main([*words, "--csv", "main.csv"]) == 2
    assert Path("main.csv").read_text(encoding="utf-8") == "mine\n1\n"


def test_swings_and_harmonics_write_their_tables(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["swings", "load_swings", "--for", "20 s", "--csv", "s"]) in (0, 1, 3)
    assert {"swings", "traces", "stores", "checks"} <= {f.stem for f in Path("s").iterdir()}
    assert len(read(Path("s/traces.csv"))) > 100
    found = kv.load("server_room")
    assert len(found.steady().tables()["buses"]) == 19


def test_json_of_a_report_holds_every_table(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "single_loop", "--steady", "-o", "r.json"]) == 0
    told = json.loads(Path("r.json").read_text(encoding="utf-8"))
    tables = kv.load("single_loop").steady().tables()
    assert told["verdict"] == "held" and set(told["tables"]) == set(tables)
    flows = told["tables"]["flows"]
    assert flows["units"]["dp"] == "Pa" and len(flows["rows"]) == len(tables["flows"])
    assert flows["rows"][0]["dp"] == pytest.approx(tables["flows"]["dp (Pa)"].iloc[0])
    assert main(["report", "single_loop", "--steady", "-o", "r.txt"]) == 2


def test_a_sweep_writes_a_row_for_each_point(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sweep.yaml").write_text("vary: {speed.value: [0.6, 0.75, 0.9]}\nrecord: [gpu.T_die]\n", encoding="utf-8")
    assert main(["sweep", "single_loop", "sweep.yaml", "--csv", "points"]) == 0
    rows = read(Path("points/points.csv"))
    hottest = [float(r["gpu.T_die (K)"]) for r in rows]
    assert len(rows) == 3 and hottest == sorted(hottest, reverse=True)


def test_headings_say_the_unit_and_rows_keep_their_own() -> None:
    import pandas

    frame = pandas.DataFrame({"what": ["a", "b"], "T": [300.0, float("nan")], "value": [350.0, 2.0]})
    frame["unit"], frame["margin"] = ["K", "W"], [10.0, 1.0]
    sheet = Sheet("t", "T", frame, by_row=("value",), margins=("margin",))
    made = sheet.headed("us")
    assert list(made.columns) == ["what", "T (degF)", "value", "unit", "margin"]
    assert made["value"].tolist() == pytest.approx([170.33, 0.002]) and made["margin"].tolist()[0] == 18.0
    assert made["unit"].tolist()[0] == "degF"
