"""What a run in time says of its limits: when each broke, where it ended before its time, what its profiles hold."""

import json

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.tables import Units, plain
from kelvolt.cli import main
from kelvolt.reports.binding import limit_table, verdict_text
from kelvolt.reports.summary import branch_table

STOPPED = """
events:
  - {at: 10 s, set: pump.running, to: 0}
run: {duration: 2 min}
record: {every: 1 s}
limits:
  - {of: "gpu[*].T_case", max: 75 degC, basis: my own rule, id: gpu_case}
"""


@pytest.fixture
def stopped(starter_text):
    """The starter without a pump from 10 s on: its chips heat each other up until they run away."""
    return starter_text[: starter_text.index("profiles:")] + STOPPED


def _failed(case):
    run = case.simulate(partial=True, progress=False)
    assert run.failed and "thermal runaway" in run.status
    return run


def test_a_run_that_ends_in_runaway_keeps_its_rows_and_limits_with_the_time_each_first_broke(stopped):
    run = _failed(kv.read(stopped))
    reached = run.time[-1]
    assert 10.0 < reached < 120.0 and run.verdict == "broken"
    table = run.check()
    own = table[table.id == "gpu_case"].iloc[0]
    assert 10.0 < own.since < own.time == pytest.approx(reached)
    case_temperature = run[own.element]
    passed = run.time[np.argmax(case_temperature > 75.0 + 273.15)]
    assert passed - 1.0 <= own.since <= passed
    ended = table[table.id == "end_of_run"].iloc[0]
    assert (ended.value, ended.limit, ended.verdict) == (pytest.approx(reached), 120.0, "broken")
    assert run.end["gpu[1].T_case"] == pytest.approx(run["gpu[1].T_case"][-1])


def test_a_failed_run_answers_broken_in_check_run_and_its_file(stopped, tmp_path, capsys):
    file, result, sheet = tmp_path / "case.yaml", tmp_path / "run.h5", tmp_path / "out.xlsx"
    file.write_text(stopped)
    assert main(["check", str(file)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "BROKEN" in told and "thermal runaway" in told and "of 120 s" in told and "worst at" in told
    assert main(["check", str(file), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    own = next(row for row in rows if row["id"] == "gpu_case")
    assert 10.0 < own["since"] < own["time"]
    assert main(["run", str(file), "-o", str(result), "--full", "--xlsx", str(sheet)]) == 1
    full = capsys.readouterr().out
    assert "the run ended at" in full and "BROKEN from" in full and "audit: not made" in full
    with pytest.warns(kv.IncompleteRun, match="thermal runaway"), kv.open(result) as data:
        assert data.attrs["status"].startswith("failed") and data.sizes["time"] > 10
    assert main(["report", str(file), "-o", str(tmp_path / "r.html")]) == 1
    page = (tmp_path / "r.html").read_text()
    assert "thermal runaway" in page and "worst at" in page


def test_a_limit_that_a_run_breaks_and_holds_again_tells_both_times(starter_text):
    text = starter_text.replace("{at: 90 s, set: pump.speed, to: 0.8}", "{at: 90 s, set: pump.speed, to: 0.4}")
    text = text.replace("max: 75 degC", "max: 62 degC")
    run = kv.read(text).simulate(progress=False)
    own = next(v for v in run.end.raw.verdicts if v.id == "gpu_case" and v.verdict == "broken")
    hot = run[own.element] > 62.0 + 273.15
    assert own.since == pytest.approx(run.time[np.argmax(hot)], abs=1.0) and own.since < own.time
    said = f"BROKEN from {plain(own.since)} s, worst at {plain(own.time)} s"
    assert verdict_text(run.end, own) == said in " ".join(limit_table(run.end, Units(), None).text(width=400).split())
    assert np.isnan(run.start.check()["since"]).all()  # a single state has no time


def test_a_spread_that_is_too_wide_tells_when_it_first_was(starter_text):
    text = starter_text.replace("record:", '  - {of: "gpu[*].T_case", spread: 0.02, id: even, basis: mine}\nrecord:')
    text = text.replace("events:", 'events:\n  - {at: 100 s, set: "gpu[2].power", to: 0.5 kW}')
    run = kv.read(text).simulate(progress=False)
    even = next(v for v in run.end.raw.verdicts if v.id == "even_spread")
    T = run["gpu[*].T_case"]
    spread = (T.max(axis=1) - T.min(axis=1)) / T.mean(axis=1)
    assert even.verdict == "broken" and even.since == pytest.approx(run.time[np.argmax(spread > 0.02)], abs=1.0)


def test_a_run_fails_at_once_with_its_error(stopped):
    with pytest.raises(kv.ThermalRunaway):
        kv.read(stopped).simulate(progress=False)


def test_the_heat_of_a_run_in_time_closes(starter_text, capsys, tmp_path):
    file = tmp_path / "case.yaml"
    file.write_text(starter_text.replace("duration: 3 min", "duration: 31 s"))  # within a pulse
    assert main(["run", str(file), "-o", str(tmp_path / "r.h5")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    b = kv.load(file).simulate(progress=False).end.plant.balance
    stored = b.sources + b.pumps - b.into_coolant - b.direct_to_air
    assert abs(stored) > 10.0
    word = "being stored in" if stored > 0.0 else "given back by"
    assert f"{Units().text(abs(stored), 'W')} {word} chips and other parts" in told


def test_the_margin_of_a_branch_of_a_run_has_its_own_time(starter_text):
    run = kv.read(starter_text).simulate(progress=False)
    frame = run.tables()["branches"]
    first = run.end.branch_list()[0]
    verdict = next(v for v in run.end.raw.verdicts if v.id == first.limit and v.margin == first.margin)
    assert first.margin_time == verdict.time == frame["margin_time (s)"].iloc[0] > 0.0
    heads = [branch_table(s, Units()).head for s in (run.end, run.start)]
    assert heads[0][-3:] == ["smallest margin", "at (s)", "to limit"] and heads[1][-2:] == ["margin", "to limit"]
    assert branch_table(run.end, Units()).rows[0][-2] == plain(first.margin_time)


LOGGED = """
kelvolt: 1
components:
  outside: {model: ambient, T: 20 degC}
  wall: {model: conductance, G: 1 W/K}
  room: {model: heat_capacity, C: 1 kJ/K}
connections: [outside.port -> wall -> room.port]
profiles: {PROFILE}
apply: [{profile: log, to: outside.T}]
run: {duration: 100 s}
"""


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("0,290\n60,300", ["ends at 60 s, before the end of the run at 100 s: its last value is held"]),
        ("20,290\n100,300", ["begins at 20 s, after the begin of the run at 0 s: its first value is held"]),
        ("0,290\n100,300", []),
    ],
)
def test_what_a_run_holds_before_and_after_a_log_is_told(tmp_path, rows, told):
    (tmp_path / "log.csv").write_text(f"t (s),T (K)\n{rows}\n")
    text = LOGGED.replace("PROFILE", "log: {csv: log.csv, time: t, value: T}")
    run = kv.read(text, folder=tmp_path).simulate(record=["outside.T"], progress=False)
    found = [w for w in run.end.warnings if "log on outside.T" in w]
    assert len(found) == len(told) and all(t in w for t, w in zip(told, found, strict=True))
    first, last = (float(row.split(",")[1]) for row in rows.split("\n"))
    assert run["outside.T"][0] == pytest.approx(first) and run["outside.T"][-1] == pytest.approx(last)


def test_points_written_in_the_case_hold_their_last_value_without_a_warning():
    run = kv.read(LOGGED.replace("PROFILE", "log: {piecewise: [[0 s, 290 K], [9 s, 300 K]]}")).simulate(progress=False)
    assert not [w for w in run.end.warnings if "log on" in w]
