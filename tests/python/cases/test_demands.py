"""Demands of controllers and of constants: what a drive cannot follow is told, and no constant binds."""

from __future__ import annotations

import kelvolt as kv
import pytest
from kelvolt.cli import main


def of_pump(solution: kv.Solution) -> list:
    return [v for v in solution.raw.verdicts if v.id == "pump_speed"]


def test_a_pump_at_a_constant_speed_has_no_limit_of_speed_that_could_bind(case: kv.Case):
    case["pump.speed"] = 0.98
    solution = case.steady()
    assert [v.verdict for v in of_pump(solution)] == ["not assessed"]
    assert not any("demanded speed" in w for w in solution.warnings)


@pytest.mark.parametrize(("speed", "n"), [(1.15, 1.0), (0.05, 0.2)])
def test_a_constant_beyond_the_range_of_its_drive_is_told_with_its_remedy(case: kv.Case, speed: float, n: float):
    case["pump.speed"] = speed
    solution = case.steady()
    assert solution["pump.n"] == pytest.approx(n, abs=1e-4)
    told = next(w for w in solution.warnings if "demanded speed" in w)
    assert told.startswith(f"pump: demanded speed = {speed:g}") and "correct speed, or the range" in told


def test_a_constant_component_is_a_constant_too():
    case = kv.load("single_loop")
    case["speed.value"] = 1.15
    solution = case.steady()
    assert [v.verdict for v in of_pump(solution)] == ["not assessed"]
    assert any("pump: demanded speed = 1.15" in w for w in solution.warnings)


def test_a_controller_that_asks_for_more_than_the_drive_gives_breaks_the_limit():
    case = kv.load("edge_cabinet")
    (held,) = of_pump(case.steady())
    assert held.verdict == "held" and held.margin == pytest.approx(held.limit - held.value)
    case["speed.value_on"] = case["speed.value_off"] = 1.15
    (broken,) = of_pump(case.steady())
    assert broken.verdict == "broken" and broken.value == pytest.approx(1.15) and broken.limit == 1.0


def test_the_reason_for_no_limit_of_speed_names_the_constant_and_the_warning_stands_above(capsys, tmp_path):
    case = kv.load("single_loop")
    case["speed.value"] = 1.15
    table = case.steady().check()
    (reason,) = table[table.id == "pump_speed"].reason
    assert reason == "the demand is a constant; see the warning, if it is outside"
    file = tmp_path / "case.yaml"
    file.write_text(case.to_yaml())
    for arguments in (["run", str(file), "--steady"], ["run", str(file), "--steady", "--full"], ["check", str(file)]):
        main([*arguments, *(["-o", str(tmp_path / "r.h5")] if arguments[0] == "run" else [])])
        lines = capsys.readouterr().out.splitlines()
        warned = next(k for k, line in enumerate(lines) if line.startswith("  warning: pump: demanded speed 1.15"))
        assert warned < next(k for k, line in enumerate(lines) if line.startswith(("limit", "  limit ", "Limits, ")))


@pytest.mark.parametrize(
    ("limit", "figure", "value"),
    [
        ("exchanger_capacity", "Q_max", "9 kW"),
        ("facility_return", "T_return_max", "60 degC"),
        ("pump_suction", "p_in_min", "50 kPa(a)"),
    ],
)
def test_a_limit_without_its_figure_names_the_figure_that_makes_it_assessed(limit: str, figure: str, value: str):
    case = kv.load("single_loop")
    table = case.steady().check()
    (row,) = table[table.id == limit].itertuples()
    assert row.reason == f"{figure} not given"
    case[f"{row.element}.{figure}"] = value
    table = case.steady().check()
    assert table[table.id == limit].reason.tolist() == [""]


def test_a_limit_that_does_not_apply_says_so_and_a_circuit_in_no_room_has_no_dew_point():
    table = kv.load("single_loop").steady().check()
    reasons = dict(zip(table.id, table.reason, strict=True))
    assert reasons["memory_temperature"] == "it does not apply in this state"
    assert reasons["condensation"] == "no part of the case states the dew point of its room"
