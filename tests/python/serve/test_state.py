"""The state behind a tab of `kelvolt serve`: what it changes, solves, keeps and tells, without a browser."""

from __future__ import annotations

import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.serve.knobs import Knobs, binding, span
from kelvolt.serve.state import State
from kelvolt.serve.view import Cancelled, View

FLOW = "cdu.control.V_flow_set"
POWER = "tray[*].gpu[*].power"


@pytest.fixture(scope="module")
def rack() -> kv.Case:
    return kv.load("gb200_nvl72_rack")


def test_a_change_gives_the_solution_that_the_case_itself_gives(rack: kv.Case) -> None:
    state = State(rack)
    state.set({POWER: "1.1 kW"})
    state.solve()
    case = rack.copy()
    case[POWER] = "1.1 kW"
    expected = case.steady()["tray[*].gpu[*].T_die"]
    assert np.allclose(state.seen()["tray[*].gpu[*].T_die"], expected, atol=1e-6)
    assert rack.at("tray[1].gpu[1].power") != 1100.0, "the case that was opened does not change"


def test_a_drag_of_a_slider_is_one_step_of_undoing(rack: kv.Case) -> None:
    state = State(rack)
    begun = np.array(rack[POWER])
    for watts in (900.0, 950.0, 1000.0):
        state.set({POWER: watts}, mark="drag 1")
    state.set({POWER: 1300.0}, mark="drag 2")
    assert state.case.at("tray[1].gpu[1].power") == 1300.0
    state.undo()
    assert state.case.at("tray[1].gpu[1].power") == 1000.0
    state.undo()
    assert np.array_equal(state.case[POWER], begun) and not state.can_undo
    state.redo()
    assert state.case.at("tray[1].gpu[1].power") == 1000.0
    state.reset()
    assert np.array_equal(state.case[POWER], begun) and state.changed() == []
    state.undo()
    assert state.case.at("tray[1].gpu[1].power") == 1000.0


def test_a_value_out_of_range_changes_nothing_and_says_what_the_case_says(rack: kv.Case) -> None:
    state = State(rack)
    with pytest.raises(kv.InputError) as expected:
        rack.copy()[POWER] = "-1 kW"
    with pytest.raises(kv.InputError) as told:
        state.set({FLOW: 0.0018, POWER: "-1 kW"})
    assert str(told.value) == str(expected.value)
    assert np.array_equal(state.case[POWER], rack[POWER]) and not state.can_undo


def test_a_failed_solve_keeps_the_last_solution_and_names_the_reason() -> None:
    state = State(kv.load("single_loop"))
    good = state.seen()
    state.set({"pump.running": 0})
    state.solve()
    assert state.failed and state.solution is good
    with pytest.raises(kv.InputError, match="no solution"):
        state.keep()
    state.back()
    state.solve()
    assert not state.failed and state.changed() == []


def test_the_sliders_offered_move_the_binding_limit_most(rack: kv.Case) -> None:
    state = State(rack)
    knobs = Knobs(rack, state.units)
    offered = knobs.most_effective(state.seen())
    assert len(offered) == 5
    number = binding(state.seen())
    assert number is not None
    before = state.seen().raw.verdicts[number]

    def moved(path: str) -> float:
        """How far the same margin moves over the range of a slider, by solving at a hundredth of it."""
        knob = knobs.knob(path, rack)
        low, high = ((x - knob["zero"]) / knob["slope"] for x in (knob["min"], knob["max"]))
        case = rack.copy()
        case[path] = float(np.mean(rack[path])) + 0.01 * (high - low)
        after = case.steady().raw.verdicts
        same = next(v for v in after if (v.id, v.element) == (before.id, before.element))
        return 100.0 * abs(same.margin - before.margin)

    effects = [moved(path) for path in offered]
    assert effects[0] >= 0.8 * max(effects) and min(effects) > 0.0


def test_ranges_of_sliders_are_the_stated_ones_and_never_leave_what_is_allowed(rack: kv.Case) -> None:
    state = State(rack)
    knobs = Knobs(rack, state.units)
    assumed = next(a for a in rack.assumptions if math.isfinite(a.minimum) and f"{a.path}.{a.parameter}" in rack)
    knob = knobs.knob(f"{assumed.path}.{assumed.parameter}", rack)
    si = sorted((x - knob["zero"]) / knob["slope"] for x in (knob["min"], knob["max"]))
    assert knob["grade"] == "assumed" and knob["source"] == assumed.source
    assert math.isclose(si[0], min(assumed.minimum, assumed.value), rel_tol=1e-9)
    assert math.isclose(si[1], max(assumed.maximum, assumed.value), rel_tol=1e-9)
    for entry in knobs.catalogue():
        path = entry["path"]
        made = knobs.knob(path, rack)
        for end in (made["min"], made["max"]):
            case = rack.copy()
            case[path] = (end - made["zero"]) / made["slope"]  # raises where it is not allowed


def test_a_range_without_statement_is_around_the_value() -> None:
    assert span(None, None, 2.0, "kg/s") == pytest.approx((1.4, 2.6))
    assert span(None, None, 300.0, "K") == pytest.approx((290.0, 310.0))


def test_an_answer_says_what_changed_against_a(rack: kv.Case) -> None:
    view = View(rack)
    view.state.keep()
    hottest = next(f for f in view.answer()["figures"] if f["name"] == "hottest die")
    assert hottest["change"] == "0"
    view.change({"do": "set", "values": {POWER: 1000.0}})
    told = view.answer()
    figure = next(f for f in told["figures"] if f["name"] == "hottest die")
    expected = float(np.max(view.state.seen()["tray[*].gpu[*].T_die"]))
    assert figure["si"] == pytest.approx(expected) and figure["change"].startswith("−")
    assert [row["path"] for row in told["changed"]] == [POWER]
    assert told["limits"] and all("change" in row for row in told["limits"])


def test_parts_of_the_drawing_carry_their_tightest_limit(rack: kv.Case) -> None:
    view = View(rack)
    parts = view.picture()["parts"]
    solution = view.state.seen()
    trays = [v for v in solution.raw.verdicts if v.element.startswith("tray[") and v.verdict != "not assessed"]
    tray = parts["tray[1..18]"]
    assert tray["element"] == trays[0].element and tray["verdict"] == trays[0].verdict
    assert "hose_supply" not in parts, "a part without limits has no margin"


def test_two_symbols_of_one_array_are_told_apart(rack: kv.Case) -> None:
    view = View(rack)
    solution = view.state.seen()
    parts = view.parts.margins(solution, ["tray[1..4]", "tray[5..17] tray[18]"])
    first, second = (
        next(v for v in solution.raw.verdicts if not v.is_balance and v.element in inside)
        for inside in (elements(solution, range(1, 5)), elements(solution, range(5, 19)))
    )
    assert {k: p["element"] for k, p in parts.items()} == {
        "tray[1..4]": first.element,
        "tray[5..17] tray[18]": second.element,
    }
    told = view.parts.detail("tray[1..4]", solution, view.knobs)
    chip = next(kind for kind in told["holds"] if kind["path"] == "tray[1..4].gpu[1..4]")
    assert chip["count"] == 16
    power = next(p for p in chip["parameters"] if p["name"] == "power")
    view.change({"do": "set", "values": {power["path"]: 1000.0}})
    assert view.state.case.at("tray[4].gpu[1].power") == 1000.0 != view.state.case.at("tray[5].gpu[1].power")


def elements(solution: kv.Solution, trays: range) -> set[str]:
    return {v.element for v in solution.raw.verdicts if any(v.element.startswith(f"tray[{k}]") for k in trays)}


def test_a_part_tells_limits_outputs_and_parameters_with_their_source(rack: kv.Case) -> None:
    view = View(rack)
    view.open_part = "tray[*]"
    told = view.picture()["part"]
    kinds = {kind["path"]: kind for kind in told["holds"]}
    chip = kinds["tray[*].gpu[*]"]
    assert chip["count"] == 72 and any(o["name"] == "T_die" for o in chip["outputs"])
    resistance = next(p for p in chip["parameters"] if p["name"] == "R_jc")
    assert resistance["grade"] == "assumed" and resistance["source"] and "under `set:`" in resistance["where"]
    with pytest.raises(kv.InputError, match="names no component"):
        view.parts.detail("nowhere[*]", view.state.seen(), view.knobs)


def test_the_states_of_a_run_are_those_of_the_run(rack: kv.Case) -> None:
    view = View(rack)
    told = view.long({"do": "run", "duration": "30 s", "every": "5 s"}, lambda told: None)
    assert told["status"] == "complete" and told["t"] == pytest.approx(np.arange(0.0, 31.0, 5.0))
    assert view.run is not None
    for row in (0, 3, 6):
        view.at(row)
        recorded = view.run["tray[*].gpu[*].T_die"][row]
        assert np.allclose(view.seen()["tray[*].gpu[*].T_die"], recorded, atol=1e-9)
        assert all(v.time == pytest.approx(view.run.time[row]) for v in view.seen().raw.verdicts)
    assert "t = 30 s" in view.answer()["place"]
    view.present()
    assert view.seen() is view.state.solution
    with pytest.raises(kv.InputError, match="has no state"):
        view.run.state(7)


def test_a_run_without_states_says_so(rack: kv.Case) -> None:
    run = rack.simulate("2 s", every="1 s")
    with pytest.raises(kv.InputError, match="states=True"):
        run.state(0)


def test_the_last_row_of_a_run_that_ends_within_an_interval_has_its_state(rack: kv.Case) -> None:
    run = rack.simulate("2.5 s", every="1 s", states=True)
    assert run.time[-1] == pytest.approx(2.5)
    last = run.state(len(run.time) - 1)
    assert np.array_equal(last.y, run.end.y)


def test_a_run_can_be_ended_from_the_page(rack: kv.Case) -> None:
    view = View(rack)
    with pytest.raises(Cancelled, match="ended by request"):
        view.long({"do": "run", "duration": "100 h", "every": "10 s"}, lambda told: view.cancel())
    assert view.run is None


def test_the_state_after_a_failure_is_that_of_the_contingency() -> None:
    view = View(kv.load("server_room"))
    told = view.long({"do": "failures"}, lambda told: None)
    table = kv.contingencies(kv.load("server_room")).table
    assert {row["contingency"] for row in told["rows"]} <= set(table.contingency)
    worst = next(r for r in told["rows"] if r["contingency"] != "as planned" and r.get("loading"))
    view.after(worst["contingency"])
    expected = table.set_index("contingency").loc[worst["contingency"]]
    loading = view.seen().power_flow().elements["loading"].max()
    assert loading == pytest.approx(expected.worst_loading, rel=1e-6)
    with pytest.raises(kv.InputError, match="none of the contingencies"):
        view.after("the moon")


def test_the_text_of_the_state_gives_the_state_again(rack: kv.Case, tmp_path: Path) -> None:
    view = View(rack)
    view.change({"do": "set", "values": {POWER: "1.05 kW"}})
    name, text = view.file("case")
    assert name.endswith(".yaml") and isinstance(text, str)
    again = kv.read(text, folder=Path(rack.file).parent if Path(rack.file).parent.is_dir() else tmp_path)
    assert np.array_equal(again[POWER], view.state.case[POWER])
    _, report = view.file("report")
    assert isinstance(report, str) and "tray[*].gpu[*].power=1050.0" in report
    _, result = view.file("result")
    assert isinstance(result, bytes) and result.startswith(b"\x89HDF")
