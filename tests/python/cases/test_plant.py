"""Towers, coolers, chillers, tanks and staging in whole networks, and the plant case."""

from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES

TOWER = """
kelvolt: 1
components:
  hot: {model: supply, medium: water, mode: flow, T: 32 degC, V_flow: 6000 L/min}
  tower: {model: cooling_tower_1250kw, units: 2}
  basin: {model: return_line, p: 1.2 bar(a)}
  outdoors: {model: outdoor_air, T: 30 degC, T_wet_bulb: 20 degC}
connections:
  - hot.port -> tower -> basin.port
  - tower.wet_bulb -> outdoors.wet_bulb
  - outdoors.T_dry_bulb -> tower.T_dry_bulb
"""


def test_a_tower_closes_energy_and_its_make_up_follows_from_the_heat() -> None:
    solution = kv.read(TOWER).steady()
    Q, P = solution["tower.Q"], solution["tower.P_el"]
    assert solution["outdoors.Q_wet"] == pytest.approx(Q + P, rel=1e-6)
    assert P == pytest.approx(21e3, rel=1e-4)
    assert 293.15 < solution["tower.T_out"] < 305.15
    assert solution["tower.evaporation"] == pytest.approx(Q / 2.43e6, rel=0.15)  # air of 30 degC warms by 0 to 3 K


def test_two_cells_at_a_lower_speed_take_less_power_than_one_at_full_speed() -> None:
    one, two = (
        kv.read(TOWER.replace("6000", "3000").replace("units: 2", f"units: {n}, speed: {speed}")).steady()
        for n, speed in ((1, 1.0), (2, 0.5))
    )
    assert two["tower.T_out"] == pytest.approx(one["tower.T_out"], abs=0.3)
    assert two["tower.P_el"] < 0.4 * one["tower.P_el"]


def test_pads_bring_a_dry_cooler_below_the_dry_bulb_but_not_below_the_wet_bulb() -> None:
    text = """
kelvolt: 1
components:
  hot: {model: supply, medium: water, mode: flow, T: 36 degC, V_flow: 800 L/min}
  cooler: {model: adiabatic_cooler_1200kw}
  back: {model: return_line, p: 2 bar(a)}
  outdoors: {model: outdoor_air, T: 35 degC, T_wet_bulb: 21 degC}
connections: [hot.port -> cooler -> back.port, cooler.air -> outdoors.dry_bulb, cooler.wet_bulb -> outdoors.wet_bulb]
"""
    wet = kv.read(text).steady()
    assert 294.15 < wet["cooler.T_out"] < 308.15
    dry = kv.read(text).update({"cooler.pad_effectiveness": 0.0}).steady()
    assert 308.15 < dry["cooler.T_out"] < wet["hot.T"] if "hot.T" in wet else dry["cooler.T_out"] > 308.15
    assert dry["cooler.make_up"] == pytest.approx(0.0, abs=1e-9) and wet["cooler.make_up"] > 0.1
    alone = kv.read(text.replace(", cooler.wet_bulb -> outdoors.wet_bulb", "")).steady()
    assert alone["cooler.T_out"] == pytest.approx(dry["cooler.T_out"], abs=1e-6)


def test_a_tank_that_is_charged_passes_its_front_downwards_and_keeps_it_at_rest() -> None:
    text = """
kelvolt: 1
components:
  hot: {model: supply, medium: water, mode: flow, T: 40 degC, m_flow: 20 kg/s}
  tank: {model: buffer_tank_20m3, cells: 40}
  back: {model: return_line, p: 2 bar(a)}
  room: {model: ambient, T: 20 degC}
connections: [hot.port -> tank -> back.port, tank.room -> room.port]
run: {duration: 4000 s, start: {T: 20 degC}}
record: {every: 10 s}
events: [{at: 500 s, set: hot.m_flow, to: 0 kg/s}]
"""
    run = kv.read(text).simulate(progress=False)
    layers = np.array([run[f"tank.cell[{k}].T"] for k in range(1, 41)]) - 293.15
    time = np.asarray(run.time)
    charged, late = layers[:, np.searchsorted(time, 500.0)], layers[:, -1]
    assert np.all(np.diff(charged) <= 1e-6)  # warm above cold
    assert charged.mean() * 19964 == pytest.approx(20 * 20 * 500, rel=0.01)  # what came in is there
    assert charged[8] > 19.0 and charged[30] < 1.0
    assert late.mean() == pytest.approx(charged.mean(), rel=0.005)
    assert np.max(np.abs(late - charged)) < 1.0  # an hour of conduction over layers of 12 cm


def test_a_stager_comes_to_rest_in_a_steady_state_and_says_how_many_cells_run() -> None:
    staged = TOWER.replace("units: 2}", "units: 4}") + (
        "  - fans.sensor -> tower.b\n  - fans.output -> tower.speed_signal\n"
        "  - fans.output -> cells.measure\n  - cells.running -> tower.running\n"
    )
    staged = staged.replace(
        "connections:",
        "  fans: {model: temperature_control, T_set: 26 degC, u_min: 0.2, action: direct}\n"
        "  cells: {model: stager, units: 4, add_at: 0.9, drop_at: 0.3, add_delay: 60 s, drop_delay: 60 s}\n"
        "connections:",
    )
    solution = kv.read(staged).steady()
    running, speed = solution["cells.running"], solution["tower.n"]
    assert running in (2.0, 3.0, 4.0)
    assert 0.3 <= speed <= 0.9
    assert solution["tower.T_out"] == pytest.approx(299.15, abs=0.02)


@pytest.fixture(scope="module")
def plant() -> kv.Case:
    return kv.load(Path(CASES) / "economiser_plant.yaml")


def test_the_plant_is_free_of_the_compressor_on_a_mild_day_and_trims_on_a_warm_one(plant: kv.Case) -> None:
    mild, warm = (
        plant.update({"outdoors.T": T, "outdoors.T_dew": dew}).steady() for T, dew in ((290, 281), (307, 295))
    )
    assert mild["chiller.Q"] < 5e3 < 100e3 < warm["chiller.Q"]
    for solution in (mild, warm):
        supplied = solution["rack[1].a.T"]
        assert supplied < 298.65
        heat = solution["recovery.exchanger.Q_flow"] + solution["economiser.exchanger.Q_flow"] + solution["chiller.Q"]
        pumped = solution["facility_pump.P_el"]
        assert heat == pytest.approx(960e3 + pumped, rel=0.01)
