"""Networks of air: fans against resistances, rear doors, CRAH and white space; immersion with and without a pump."""

from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES

DUCT = """
kelvolt: 1
components:
  room: {model: expansion_vessel, medium: air, p: 1.01325 bar(a)}
  fan:
    model: air_fan
    dp: {points: [[0, 600], [1, 500], [1.1, 450], [1.2, 400], [1.3, 350], [2, 0]], x: m3/s, y: Pa}
    efficiency: 0.5
  filter: {model: orifice, dp_nominal: 250 Pa, V_flow_nominal: 1 m3/s, T_nominal: 20 degC}
  duct: {model: pipe, length: 20 m, diameter: 400 mm, heat: overall, U: 1000 W/(m2 K)}
  outside: {model: ambient, T: 20 degC}
connections: [fan -> filter -> duct -> fan, room.port -> fan.a, duct.wall -> outside.port]
"""


def test_a_fan_settles_where_its_curve_meets_the_system_and_its_power_is_found_as_heat() -> None:
    solution = kv.read(DUCT).steady()
    V, rise = solution["fan.V_flow"], solution["fan.dp"]
    assert 1.0 < V < 1.3
    assert rise == pytest.approx(500 - 500 * (V - 1), rel=0.03)
    assert solution["filter.dp"] + solution["duct.dp"] == pytest.approx(rise, rel=1e-9)
    assert solution["fan.P_el"] == pytest.approx(rise * V / 0.5, rel=0.01)
    assert solution["outside.Q_flow"] == pytest.approx(solution["fan.P_el"], rel=1e-5)


def test_half_the_speed_gives_half_the_flow() -> None:
    full, half = (kv.read(DUCT).update({"fan.speed": n}).steady()["fan.V_flow"] for n in (1.0, 0.5))
    assert half == pytest.approx(0.5 * full, rel=0.02)


@pytest.fixture
def hall() -> kv.Case:
    return kv.load(Path(CASES) / "rear_door_rack.yaml")


def test_all_heat_of_the_hall_goes_into_facility_water(hall: kv.Case) -> None:
    s = hall.steady()
    doors = sum(s[f"door[{k}].Q"] for k in range(1, 5))
    electric = sum(s[f"rack[{k}].P_el"] for k in range(1, 5)) + s["crah.fans.P_el"] + 12e3
    vapour = (s["crah.coil.Q"] - s["crah.coil.Q_sensible"]) + sum(
        s[f"door[{k}].Q"] - s[f"door[{k}].Q_sensible"] for k in range(1, 5)
    )
    outdoor = -s["outdoor.Q_flow"]
    assert doors + s["crah.coil.Q"] == pytest.approx(electric + vapour + outdoor, rel=1e-5)
    assert doors > 0.6 * electric
    assert s["room.T_cold"] < 300.15


def test_racks_draw_warmer_air_where_the_crah_supplies_too_little(hall: kv.Case) -> None:
    enough = hall.update({"crah.speed": 1.0}).steady()
    little = hall.update({"crah.speed": 0.3}).steady()
    assert enough["room.recirculated"] == pytest.approx(0.17, abs=2e-3)
    assert little["room.recirculated"] > 0.5
    assert little["room.T_cold"] > enough["room.T_cold"] + 1.0


def test_humid_outdoor_air_condenses_on_the_crah_until_the_room_is_as_dry_as_its_coil_allows(hall: kv.Case) -> None:
    wet = hall.update({"room.T_dew_outside": 298.15, "crah_water.T_supply": 281.15}).steady()
    assert wet["crah.coil.condensate"] > 1e-5
    # what condenses is what infiltration brings, less what it takes away
    w_out = 0.0202  # saturated at 25 degC, 1 atm
    m_dry = 0.05 * 1.198
    assert wet["crah.coil.condensate"] == pytest.approx(m_dry * (w_out - wet["room.w_room"]), rel=0.02)
    assert wet["room.T_dew"] < 298.15 - 2.0
    dry = hall.update({"room.T_dew_outside": 275.15}).steady()
    assert dry["crah.coil.condensate"] == 0.0
    assert dry["room.T_dew"] == pytest.approx(275.15, abs=0.01)


def test_without_water_in_the_doors_the_racks_pass_their_limit_within_minutes(hall: kv.Case) -> None:
    run = hall.simulate(progress=False)
    T = np.asarray(run["room.T_cold"])  # every 5 s; the water stops at 300 s
    assert T[0] == pytest.approx(hall.steady()["room.T_cold"], abs=0.01)
    assert T[59] == pytest.approx(T[0], abs=0.01)
    passed = 5.0 * int(np.argmax(T > 300.15))
    assert 360 < passed < 480
    # in the end the CRAH takes all of it
    s = hall.update({"door_water.V_flow": 0.0}).steady()
    assert T[-1] == pytest.approx(s["room.T_cold"], abs=0.1)
    assert s["crah.coil.Q"] > 140e3


def test_the_racks_of_the_case_need_water_below_23_degc(hall: kv.Case) -> None:
    below = hall.update({"door_water.T_supply": 296.15, "crah_water.T_supply": 296.15}).steady()
    assert below["room.T_cold"] == pytest.approx(299.84, abs=0.1)
    above = hall.update({"door_water.T_supply": 297.15, "crah_water.T_supply": 297.15}).steady()
    assert above["room.T_cold"] > 300.15


def test_a_liquid_to_air_cdu_gives_the_heat_of_its_racks_to_the_hall() -> None:
    s = kv.read(LIQUID_TO_AIR).steady()
    assert s["cdu.coil.Q"] == pytest.approx(-(120e3 + s["cdu.pump.P_el"] * (1 - 0.25)), rel=0.02)
    assert s["room.air.T"] > s["room.T_cold"]
    assert s["crah.coil.Q"] == pytest.approx(120e3, rel=0.15)
    assert s["load.T"] > s["cdu.coil.T_air_in"]


LIQUID_TO_AIR = """
kelvolt: 1
components:
  load: {model: pipe, length: 20 m, diameter: 40 mm, minor_loss: 60}
  heat: {model: heat_to_air, power: 120 kW}
  cdu: {model: coolit_ahx180, speed: 0.9}
  room: {model: white_space, medium: air, volume: 400 m3, recirculation: 0.1}
  crah: {model: crah_warm_water_100kw}
  water: {model: facility, mode: flow, medium: water, T_supply: 16 degC, V_flow: 200 L/min, p_return: 2 bar(a)}
connections:
  - cdu.secondary_out -> load -> cdu.secondary_in
  - heat.air -> load.wall
  - room.cold -> cdu.air_in
  - cdu.air_out -> room.hot
  - room.ret -> crah.air_in
  - crah.air_out -> room.supply
  - water.supply -> crah.water_in
  - crah.water_out -> water.return
"""

TANK = """
kelvolt: 1
components:
  tank: {model: immersion_tank_100kw, power: 30 kW, cells: 4}
  riser: {model: pipe, length: 1 m, diameter: 150 mm, rise: 0.5 m}
  cooler:
    {model: pipe, length: 2 m, diameter: 12 mm, area: 0.03 m2, heat: overall, U: 400 W/(m2 K), cells: 6, rise: -1 m}
  downcomer: {model: pipe, length: 1.5 m, diameter: 150 mm, rise: -0.5 m}
  water: {model: ambient, T: 20 degC}
  vessel: {model: expansion_vessel, medium: pao2, p: 1.05 bar(a)}
connections: [tank -> riser -> cooler -> downcomer -> tank, cooler.wall -> water.port, vessel.port -> tank.a]
"""


@pytest.mark.parametrize("fluid", ["pao2", "hfe7200"])
def test_an_immersion_tank_below_its_cooler_circulates_by_itself(fluid: str) -> None:
    s = kv.read(TANK.replace("pao2", fluid)).steady()
    assert s["tank.cell[1].V_flow"] > 1e-5
    assert s["water.Q_flow"] == pytest.approx(30e3, rel=1e-4)
    assert s["tank.cell[4].T_case"] > s["tank.cell[4].T_surface"] > s["tank.cell[4].T"] > s["tank.cell[1].T"] > 293.15


def test_more_heat_drives_more_flow_without_a_pump() -> None:
    low, high = (kv.read(TANK.replace("30 kW", f"{P} kW")).steady()["tank.cell[1].V_flow"] for P in (10, 40))
    assert high > 1.3 * low


def test_an_immersion_tank_loses_its_pump_and_goes_on_circulating_at_a_twelfth_of_its_flow() -> None:
    case = kv.load(Path(CASES) / "immersion_tank.yaml")
    run = case.simulate(progress=False)  # every 10 s; the pump stops at 600 s
    T, V = (np.asarray(run[f"tank.cell[3].{name}"]) for name in ("T_case", "V_flow"))
    assert T[0] == pytest.approx(335.6, abs=0.2)
    assert V[-1] == pytest.approx(V[0] / 12.2, rel=0.05)
    passed = 10.0 * int(np.argmax(T > 358.15))
    assert 1140 < passed < 1300
    assert T[-1] == pytest.approx(case.update({"pump.running": 0.0}).steady()["tank.cell[3].T_case"], abs=0.5)
