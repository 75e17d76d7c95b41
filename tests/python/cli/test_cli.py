"""The command line: what it prints, writes and returns."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CASES
from kelvolt.cli.commands import main

import bench.__main__ as bench

ALWAYS = {
    "unknowns",
    "newton_iterations",
    "solve_seconds",
    "heat_to_liquid_W",
    "heat_to_air_W",
    "total_flow_kg_s",
    "T_case_max_K",
    "T_die_max_K",
    "T_die_basis",
    "worst_branch",
    "audit.energy_relative",
    "audit.mass_relative",
    "assumed",
    "warnings",
}


@pytest.fixture
def starter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "first"]) == 0
    return "first.yaml"


def test_the_starter_case_runs_as_it_is_and_leaves_a_file(starter, capsys):
    assert main(["run", starter, "--full"]) == 0
    out = capsys.readouterr().out
    for part in ("Loops", "Branches, worst first", "Pumps", "Heat", "Limits", "Events", "Assumed values", "Warnings"):
        assert part in out
    assert Path("first.h5").is_file() and "written: first.h5" in out


def test_a_starter_is_never_written_over_a_file(starter, capsys):
    before = Path(starter).read_text()
    Path(starter).write_text(before + "# mine\n")
    assert main(["new", "first"]) == 2
    assert "already there" in capsys.readouterr().err
    assert Path(starter).read_text().endswith("# mine\n")


def test_json_is_one_flat_object(starter, capsys):
    assert main(["run", starter, "--steady", "--json"]) == 0
    steady = json.loads(capsys.readouterr().out)
    assert ALWAYS <= steady.keys()
    tables = steady.pop("tables")  # every table of the answer; all else is flat
    assert not any(isinstance(v, dict) for v in steady.values())
    assert len(tables["branches"]["rows"]) == 3 and tables["branches"]["units"]["heat"] == "W"
    assert steady["heat_to_liquid_W"] == pytest.approx(3 * 1100.0, rel=0.08)
    assert main(["run", starter, "--json"]) == 0
    run = json.loads(capsys.readouterr().out)
    assert ALWAYS | {"steps", "events"} <= run.keys()
    assert run["steps"] > 10 and [e["time_s"] for e in run["events"]] == [90.0, 120.0]
    assert run["T_case_max_K"] >= steady["T_case_max_K"] - 1e-6


def test_values_are_set_on_the_command_line(starter, capsys):
    def hottest(*more: str) -> float:
        assert main(["run", starter, "--steady", "--json", *more]) == 0
        return json.loads(capsys.readouterr().out)["T_die_max_K"]

    assert hottest("--set", "gpu[2].power=1.3 kW") > hottest() + 2.0


LATE = """
kelvolt: 1
components:
  src: {model: supply, medium: water, T: 18 degC, p: 3 bar(a)}
  sink: {model: return_line, p: 2 bar(a), T_max: 20 degC}
  a: {model: pipe, length: 30 m, diameter: 20 mm}
  q: {model: heat_source, power: 2 kW}
connections: [src.port -> a -> sink.port, q.port -> a.wall]
events: [{at: 30 s, set: q.power, to: 40 kW}]
run: {duration: 2 min}
"""


def test_check_holds_then_breaks(starter, capsys):
    assert main(["check", starter]) == 0
    assert "assessed limits held" in capsys.readouterr().out
    assert main(["check", starter, "--json", "--set", "facility.T_supply=60 degC"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {"id", "element", "quantity", "value", "unit", "limit", "basis", "margin", "verdict"} <= rows[0].keys()
    assert rows[0]["verdict"] == "broken" and rows[0]["margin"] < 0.0
    assert main(["check", starter, "--steady"]) == 0


def test_check_judges_the_run_of_a_case_as_run_does(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "late.yaml"
    file.write_text(LATE)
    assert main(["run", str(file)]) == 1
    assert main(["check", str(file)]) == 1
    assert "over the run, each limit at its worst" in capsys.readouterr().out
    assert main(["check", str(file), "--steady"]) == 0


def test_units_of_the_site(starter, capsys):
    assert main(["run", starter, "--steady", "--units", "us"]) == 0
    out = capsys.readouterr().out
    assert "flow (gpm)" in out and "degF" in out and "psi" in out and "kPa" not in out


def test_branch_table_and_pictures(starter, capsys):
    assert main(["run", starter, "--csv", "b.csv", "--plot", "pictures"]) == 0
    lines = Path("b.csv").read_text().splitlines()
    assert lines[0].startswith("branch,m_flow (kg/s)") and len(lines) == 4
    made = {p.name for p in Path("pictures").iterdir()}
    assert made == {"temperatures.png", "flows.png", "power.png", "branch_flows.png", "pump_curve.png"}
    assert all(p.stat().st_size > 5000 for p in Path("pictures").iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml"),
        (["run", "first.yaml", "--steady", "--set", "gpu[9].power=1"], "3 elements"),
        (["run", "first.yaml", "--steady", "--set", "gpu[1].power"], "PATH=VALUE"),
        (["run", "first.yaml", "--steady", "--set", "gpu[1].power=3 bananas"], "bananas"),
        (["run", "first.yaml", "-o", "no/such/folder/r.h5"], "no/such/folder"),
        (["run", "first.yaml", "--steady", "--csv", "no/such/b.csv"], "no/such/b.csv"),
        (["components", "pumpp"], "pump"),
        (["check", "empty.yaml"], "empty"),
    ],
)
def test_an_error_is_one_message_and_status_2(starter, capsys, arguments, says):
    Path("empty.yaml").write_text("")
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert says in err and err.startswith("kelvolt: ") and "Traceback" not in err


def test_wrong_usage_ends_with_status_2(capsys):
    with pytest.raises(SystemExit) as end:
        main(["run"])
    assert end.value.code == 2
    assert "CASE" in capsys.readouterr().err


def test_components_are_listed_and_explained(capsys):
    assert main(["components"]) == 0
    assert "pump, " in (brief := capsys.readouterr().out) and "dowfrost_lc25" in brief
    assert main(["components", "--full"]) == 0
    overview = capsys.readouterr().out
    assert "cold_plate" in overview and "gb200_gpu" in overview and "dowfrost_lc25" in overview
    assert main(["components", "pump"]) == 0
    assert "pressure rise against flow" in capsys.readouterr().out
    assert main(["components", "gb200_gpu"]) == 0
    assert "built on the model chip" in capsys.readouterr().out


def test_a_closed_pipe_is_no_traceback(tmp_path):
    code = "import sys; from kelvolt.cli.commands import main; sys.exit(main(['components']))"
    done = subprocess.run(f'"{sys.executable}" -c "{code}" | head -1', shell=True, capture_output=True, text=True)
    assert "Traceback" not in done.stderr


def test_the_single_loop_is_solved_within_seconds_of_a_start():
    code = "import sys; from kelvolt.cli.commands import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["run", str(CASES / "single_loop.yaml"), "--steady"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "plate" in done.stdout


def test_bench_reports_every_number(capsys):
    assert bench.main(["--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    positive = ["unknowns", "residual_ns_per_unknown", "jacobian_over_residual", "refactor_us", "steady_cold_ms"]
    positive += ["steady_warm_ms", "transient_trip_ms", "transient_trip_error_mK", "time_gradient_over_run"]
    positive += ["power_us_per_node_scenario"]
    assert all(numbers[name] > 0.0 for name in positive)
    assert "build_seconds" in numbers and numbers["tripped"].startswith("cdu.pump")


def test_a_run_that_has_no_steady_state_is_checked_and_reported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("warms.yaml").write_text("""
kelvolt: 1
components:
  s: {model: heat_source, power: 10 W}
  m: {model: heat_capacity, C: 1 kJ/K}
connections: [s.port -> m.port]
limits: [{of: m.T, max: 330 K, basis: user}]
run: {duration: 1 min, start: {T: 300 K}}
""")
    for command in ("run", "check", "report"):
        assert main([command, "warms.yaml"]) == 0
    assert main(["check", "warms.yaml", "--steady"]) == 2  # heat that goes nowhere
