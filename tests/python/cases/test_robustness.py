"""Cold starts and extreme states: a finite solution that balances, or a physical answer by name, always one."""

from __future__ import annotations

from pathlib import Path

import kelvolt as kv
import pytest

CASES = Path(__file__).parents[3] / "data" / "cases"
RACKS = ["gb200_nvl72_rack", "oam_rack", "dense_cpu_rack"]


def answer(case: kv.Case) -> str:
    """Solve from cold; check the books; say what came of it."""
    try:
        solution = case.steady()
    except (kv.NoSteadyState, kv.ThermalRunaway) as physical:
        return type(physical).__name__
    assert solution.audit.energy_relative < 1e-6
    assert solution.audit.mass_relative < 1e-9
    return "solved"


@pytest.mark.parametrize("name", RACKS)
def test_cold_starts_converge_from_5_to_60_degC_facility_water_and_10_to_150_percent_load(name: str) -> None:
    for facility in (5, 15, 25, 36, 45, 52, 60):
        for load in (0.1, 0.4, 0.7, 1.0, 1.25, 1.5):
            case = kv.load(CASES / f"{name}.yaml")
            case["facility.T_supply"] = f"{facility} degC"
            case["**.activity"] = load
            assert answer(case) == "solved", f"{facility} degC, load {load}"


def test_a_hot_rack_with_strong_leakage_runs_away_and_just_below_the_lost_share_it_does_not() -> None:
    case = kv.load(CASES / "gb200_nvl72_rack.yaml")
    case["tray[*].gpu[*].leakage_nominal"] = "1.5 kW"
    with pytest.raises(kv.ThermalRunaway, match=r"up to [0-9.]+ % of the temperature-dependent losses") as raised:
        case.steady()
    share = float(str(raised.value).split("up to ")[1].split(" %")[0]) / 100
    assert 0.05 < share < 0.95
    case["**.leakage_scale"] = 0.98 * share
    assert answer(case) == "solved"
    case["**.leakage_scale"] = 1.02 * share
    assert answer(case) == "ThermalRunaway"


OFF = {"cdu.pump[*].running": 0}
SHUT = {"cdu.primary_valve.opening": 0}
NO_HEAT = {"**.activity": 0, "**.leakage_scale": 0, "tray[*].heat_to_air.power": 0}


@pytest.mark.parametrize("name", RACKS[:2])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (OFF, {"NoSteadyState"}),
        (SHUT, {"NoSteadyState"}),
        ({"facility.dp": 0}, {"NoSteadyState"}),
        ({"facility.dp": "1e-6 Pa"}, {"NoSteadyState"}),
        ({"facility.dp": "-0.3 bar"}, {"solved"}),
        ({"cdu.pump[1].running": 0}, {"solved"}),
        (SHUT | {"**.activity": 0, "**.leakage_scale": 0}, {"solved"}),
        (OFF | SHUT | {"facility.dp": 0, "**.activity": 0, "**.leakage_scale": 0}, {"solved", "NoSteadyState"}),
    ],
    ids=["pumps off", "valve shut", "no facility", "hardly any", "reversed", "one pump", "shut, idle", "all off"],
)
def test_extreme_states_have_a_solution_or_a_physical_answer(name: str, changes: dict, expected: set) -> None:
    case = kv.load(CASES / f"{name}.yaml")
    for path, value in changes.items():
        case[path] = value
    assert answer(case) in expected


ONE_PIPE = """
kelvolt: 1
title: imposed flow
components:
  facility: {{model: facility, medium: water, mode: flow, T_supply: 30 degC, p_return: 3 bar(a), V_flow: {flow:g} m3/s}}
  valve: {{model: valve, Kv: 400 m3/h/bar^0.5, opening: {opening:g}, leak: 1e-4}}
  pipe: {{model: pipe, length: 2 m, diameter: 100 mm, cells: 3}}
  heat: {{model: heat_source, power: {heat:g} W}}
connections:
  - facility.supply -> valve -> pipe -> facility.return
  - heat.port -> pipe.wall
"""


@pytest.mark.parametrize("opening", [1.0, 0.1])
@pytest.mark.parametrize("m_flow", [0, 1e-9, 1e-6, 1e-3, 0.1, 10, -1e-9, -1e-3, -10])
def test_flows_from_a_nanogram_to_ten_kilograms_a_second_both_ways(m_flow: float, opening: float) -> None:
    cold = kv.read(ONE_PIPE.format(flow=m_flow / 1000, opening=opening, heat=0))
    assert answer(cold) == "solved"
    warm = kv.read(ONE_PIPE.format(flow=m_flow / 1000, opening=opening, heat=100))
    got = answer(warm)
    # 100 W into a milligram a second would be 24,000 K
    assert got == ("solved" if abs(m_flow) >= 1e-3 else "NoSteadyState")
    if abs(m_flow) >= 1e-3:
        solution = warm.steady()
        rise = solution["facility.T_return" if m_flow > 0 else "facility.supply.T"] - 303.15
        assert rise == pytest.approx(100 / (abs(m_flow) * 4180), rel=0.5, abs=0.05)
