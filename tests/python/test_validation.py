"""The validation cases of validation/ hold, and its scoreboard lists them."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def runner():
    spec = importlib.util.spec_from_file_location("validation_run", ROOT / "validation" / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


run = runner()


@pytest.mark.parametrize("name", run.names())
def test_a_case_agrees_with_its_reference(name):
    outcome = run.run_case(name)
    if outcome.verdict == "not run":
        pytest.skip(outcome.note)
    wrong = [c.text for c in outcome.comparisons if not c.agrees]
    assert outcome.verdict == "agrees", outcome.note or "\n".join(wrong)


@pytest.mark.parametrize("name", run.names())
def test_a_case_says_where_its_numbers_come_from_and_how_closely_they_must_agree(name):
    reference = run.read_reference(name)
    assert {"title", "against", "source", "law", "why"} <= set(reference)
    assert (ROOT / "validation" / name / "README.md").read_text().startswith("# ")
    for point in reference.get("points", []):
        for e in point["expect"]:
            assert e["unit"] in run.UNITS
            assert run.width(e["within"], e["value"]) > 0.0


def test_the_scoreboard_lists_every_case_and_no_other():
    rows = [line.split("|")[1].strip() for line in run.SCOREBOARD.read_text().splitlines() if line.startswith("| ")]
    assert rows[2:] == run.names(), "run ./kelvolt validate and commit validation/SCOREBOARD.md"


def test_a_difference_beyond_what_is_allowed_differs_and_a_value_that_is_no_number_too():
    allowed = {"expected": 10.0, "within": 0.1, "unit": "K", "why": ""}
    assert run.Comparison("a", 10.09, **allowed).agrees
    assert not run.Comparison("a", 10.11, **allowed).agrees
    assert not run.Comparison("a", float("nan"), **allowed).agrees
    exact = {"expected": 1.0, "within": 0.0, "unit": "1", "why": ""}
    assert run.Comparison("a", 1.0, **exact).agrees
    assert not run.Comparison("a", 0.0, **exact).agrees


def test_a_case_whose_peer_is_not_installed_is_not_run_and_says_why(monkeypatch):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    outcome = run.run_case("friction_fluids")
    assert outcome.verdict == "not run"
    assert outcome.note == "not installed: fluids"


def test_a_case_that_stops_fails_with_what_stopped_it(monkeypatch):
    def stopped(bench):
        raise RuntimeError("no water")

    monkeypatch.setattr(run, "compare_table", stopped)
    outcome = run.run_case("heater")
    assert outcome.verdict == "failed"
    assert "no water" in outcome.note
    assert outcome.comparisons == []


def test_the_runner_ends_with_1_when_a_case_differs_and_2_for_an_unknown_one(monkeypatch, capsys):
    assert run.main(["heater"]) == 0
    assert run.main(["no_such_case"]) == 2
    assert "no validation case has 'no_such_case'" in capsys.readouterr().err
    monkeypatch.setitem(run.UNITS, "K", (1.0, 1.0))
    assert run.main(["heater"]) == 1
    assert "differs" in capsys.readouterr().out
