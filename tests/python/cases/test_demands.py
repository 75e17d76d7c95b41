"""Demands of controllers and of constants: what a drive cannot follow is told, and no constant binds."""

from __future__ import annotations

import kelvolt as kv
import pytest


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
