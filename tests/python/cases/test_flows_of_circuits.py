"""The flow of a circuit is that of all its parallel branches, and its range of temperature that of every outlet."""

import re

import kelvolt as kv
import pytest
from kelvolt.base.tables import Units

LOOP = """
kelvolt: 1
components:
  tray: {model: tray, count: 2, heat: 2 kW, dp_nominal: 20 kPa, V_flow_nominal: 5 L/min, volume: 1 L, C: 5 kJ/K,
    G: 500 W/K}
  pump: {model: duty_pump, count: 2, V_duty: 10 L/min, dp_duty: 60 kPa, V_flow_max: 20 L/min}
  cooler: {model: plate_exchanger, count: COUNT, by: UA, UA: 600 W/K, V_flow_primary: 5 L/min,
    V_flow_secondary: 5 L/min, dp_primary: 5 kPa, dp_secondary: 5 kPa, volume_primary: 100 mL,
    volume_secondary: 100 mL, C_wall: 500 J/K}
  hot: {model: volume, volume: 50 mL}
  cold: {model: volume, volume: 50 mL}
  back: {model: volume, volume: 50 mL}
  vessel: {model: expansion_vessel, medium: water, p: 2 bar(a)}
  facility: {model: facility, medium: water, mode: flow, T_supply: 20 degC, V_flow: 10 L/min, p_return: 2 bar(a)}
connections:
  - PUMPS
  - cold.port -> tray[1..2] -> hot.port
  - hot.port -> cooler[*].secondary_a
  - cooler[*].secondary_b -> back.port
  - facility.supply -> cooler[*].primary_a
  - cooler[*].primary_b -> facility.return
  - vessel.port -> pump[1].a
limits:
  - {of: "cooler[1].approach", max: 90 K, id: close}
"""
SIDE_BY_SIDE = "back.port -> pump[1..2] -> cold.port"
IN_SERIES = "back.port -> pump[1] -> pump[2] -> cold.port"


def solved(count: int, pumps: str) -> kv.Solution:
    return kv.read(LOOP.replace("COUNT", str(count)).replace("PUMPS", pumps)).steady()


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("pumps", [SIDE_BY_SIDE, IN_SERIES])
def test_the_flow_of_a_circuit_is_what_both_trays_take_together(count: int, pumps: str):
    found = solved(count, pumps)
    flows = {c.name: c.m_flow for c in found.plant.circuits}
    rho = found.plant.circuits[0].m_flow / found.plant.circuits[0].V_flow
    trays = sum(float(found[f"tray[{k}].V_flow"]) for k in (1, 2))
    assert flows["vessel"] == pytest.approx(rho * trays, rel=0.02)
    assert flows["facility"] == pytest.approx(998.2 * 10 / 6e4, rel=0.005)


def test_a_limit_on_a_difference_of_temperature_has_a_unit_of_differences():
    verdict = next(v for v in solved(2, IN_SERIES).raw.verdicts if v.id == "close")
    assert verdict.unit == "delta_K" and verdict.limit == 90.0


@pytest.mark.parametrize("name", ["gb200_nvl72_rack", "oam_rack", "edge_site", "single_loop"])
def test_a_volume_flow_has_one_density_wherever_it_is_stated(name):
    case = kv.load(name)
    solution = case.steady()
    plant = solution.plant
    own = {p: solution[f"{p}.V_flow"] for p in (x.path for x in plant.passages) if f"{p}.V_flow" in solution}
    assert own or name == "edge_site"
    frame = solution.tables()["flows"].set_index("element")
    column = next(c for c in frame.columns if c.startswith("V_flow"))
    for passage in plant.passages:
        if passage.path in own:
            assert abs(own[passage.path]) == pytest.approx(passage.V_flow, rel=1e-9)
        if passage.path in frame.index:
            assert frame.loc[passage.path, column] == pytest.approx(passage.V_flow, rel=1e-9, abs=1e-12)
    for branch in solution.branch_list():
        if branch.branch in own:
            assert branch.V_flow == pytest.approx(own[branch.branch], rel=1e-9)


def test_the_drawing_states_the_flow_of_a_plate_as_its_table_does(starter_text):
    case = kv.read(starter_text.replace("power: 1.1 kW", "power: 2.5 kW"))  # a wide range of densities
    solution = case.steady()
    u = Units("si")
    said = {u.text(p.V_flow, "m3/s", 3) for p in solution.plant.passages if p.path.startswith(("plate", "hose"))}
    drawn = set(re.findall(r">([\d.]+ L/min)<", str(solution.schematic())))
    assert said <= drawn, "a drawing that took the density at the coldest place would show less"


@pytest.mark.parametrize(("pumps", "in_series"), [(SIDE_BY_SIDE, False), (IN_SERIES, True)])
def test_the_pressure_difference_of_a_circuit_is_what_its_pumps_make(pumps: str, in_series: bool):
    found = solved(2, pumps)
    dp = {c.name: c.dp for c in found.plant.circuits}
    rises = [p.dp for p in found.plant.pumps]
    assert dp["vessel"] == pytest.approx(sum(rises) if in_series else rises[0], rel=1e-3)
    assert found.tables("si")["circuits"]["dp (kPa)"].iloc[0] == pytest.approx(1e-3 * dp["vessel"])
    p = {port: float(found[f"facility.{port}.p"]) for port in ("supply", "return")}
    assert dp["facility"] == pytest.approx(p["supply"] - p["return"], rel=1e-6)


def test_a_pump_at_rest_is_a_loss_and_a_circuit_without_flow_has_no_pressure_difference():
    case = kv.read(LOOP.replace("COUNT", "2").replace("PUMPS", SIDE_BY_SIDE))
    case["pump[2].running"] = 0.0
    one = case.steady()
    of = {c.name: c for c in one.plant.circuits}
    running, still = one.plant.pumps
    assert of["vessel"].dp == pytest.approx(running.dp * running.V_flow / of["vessel"].V_flow, rel=0.01)
    assert still.V_flow < 0.0 or of["vessel"].dp == pytest.approx(running.dp, rel=0.01)
