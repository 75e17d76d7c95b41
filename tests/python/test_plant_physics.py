"""Plant in whole networks: answers that once broke the second law or a rating, with values worked out by hand."""

import kelvolt as kv
import numpy as np
import pytest


def solved(components: str, connections: str) -> kv.Solution:
    return kv.read(f"kelvolt: 1\ncomponents:\n{components}connections: [{connections}]\n").steady()


def verdict(solution: kv.Solution, check: str) -> str:
    table = solution.check()
    return str(table.loc[table["id"] == check, "verdict"].iloc[0])


def test_a_trickle_through_a_dry_cooler_leaves_at_the_temperature_of_the_air() -> None:
    solution = solved(
        """
  s: {model: supply, medium: water, mode: flow, T: 365 K, V_flow: 5e-7}
  dry: {model: dry_cooler, Q_nominal: 4 kW, ITD_nominal: 9 K, V_flow_nominal: 0.005, dp_nominal: 10 kPa, P_fan: 100}
  amb: {model: ambient, T: 300 K}
  r: {model: return_line, p: 2 bar(a)}
""",
        "s.port -> dry.a, dry.b -> r.port, dry.air -> amb.port",
    )
    # the term p/rho(T) of the enthalpy is worth 1 mK here
    assert solution["dry.T_out"] == pytest.approx(300.0, abs=2e-3)


def test_a_cdu_piped_backwards_is_in_parallel_flow_and_breaks_its_approach() -> None:
    # UA 28.6 kW/K: eps = (1 - exp(-N (1 + Cr)))/(1 + Cr) = 0.509, 50.7 degC of supply, 14.7 K above its inlet
    solution = solved(
        """
  facility: {model: facility, medium: water, mode: flow, T_supply: 36 degC, V_flow: 120 L/min, p_return: 3 bar(a)}
  cdu: {model: vertiv_cdu121, flow: 120 L/min, coolant: dowfrost_lc25, T_supply: 20 degC}
  load: {model: tray, heat: 121 kW, dp_nominal: 1 bar, V_flow_nominal: 120 L/min, volume: 10 L, C: 50 kJ/K, G: 5 kW/K}
""",
        "facility.supply -> cdu.primary_out, cdu.primary_in -> facility.return, "
        "cdu.secondary_out -> load -> cdu.secondary_in",
    )
    assert solution.get("cdu.exchanger.secondary_b.T", "degC") == pytest.approx(50.7, abs=0.05)
    assert solution["cdu.exchanger.approach"] == pytest.approx(14.7, abs=0.05)
    assert solution["cdu.exchanger.eps"] == pytest.approx(0.509, abs=0.002)
    assert "broken" in verdict(solution, "exchanger_approach").lower()


def test_an_exchanger_rated_for_more_than_its_flows_carry_is_refused_with_both_temperatures() -> None:
    with pytest.raises(Exception, match=r"hx: the rating is impossible.* to 54\.1 degC, above the 47\.2 degC"):
        solved(
            """
  fac: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 100 L/min, p_return: 2 bar(a)}
  hx: {model: plate_exchanger, by: rating, Q_nominal: 100 kW, approach_nominal: 4 K, V_flow_primary: 80 L/min,
       V_flow_secondary: 200 L/min, dp_primary: 10 kPa, dp_secondary: 10 kPa, volume_primary: 1 L,
       volume_secondary: 1 L, C_wall: 1 kJ/K}
  src: {model: supply, medium: water, mode: flow, T: 50 degC, V_flow: 100 L/min}
  ret: {model: return_line, p: 2 bar(a)}
""",
            "fac.supply -> hx.primary_a, hx.primary_b -> fac.return, "
            "src.port -> hx.secondary_a, hx.secondary_b -> ret.port",
        )


def test_flow_forced_back_through_a_check_valve_is_no_answer_that_holds_its_limits() -> None:
    solution = solved(
        """
  s: {model: supply, medium: water, mode: flow, T: 300 K, V_flow: 10 L/min}
  cv: {model: check_valve, Kv: 5 Kv, leak: 1e-4, p_crack: 2 kPa}
  r: {model: return_line, p: 2 bar(a)}
""",
        "s.port -> cv.b, cv.a -> r.port",
    )
    assert "broken" in verdict(solution, "check_valve_reverse").lower()


def test_the_dew_point_of_a_room_is_read_where_its_humidity_is_given() -> None:
    solution = solved(
        """
  src: {model: heat_source, power: 100}
  g: {model: conductance, G: 5}
  amb: {model: ambient, T: 25 degC, RH: 50 %}
""",
        "src.port -> g.a, g.b -> amb.port",
    )
    assert solution.get("amb.T_dew", "degC") == pytest.approx(13.87, abs=0.05)


def two_humped_pumps(second_speed, leak=1e-3):
    curve = {"points": [[0, 140], [5, 160], [10, 165], [15, 150], [20, 120], [30, 30]], "x": "L/min", "y": "kPa"}
    return {
        "kelvolt": 1,
        "components": {
            "in": {"model": "supply", "medium": "water", "mode": "pressure", "T": "20 degC", "p": "2 bar(a)"},
            "pump": {"model": "pump", "count": 2, "efficiency": 0.5, "dp": curve},
            "valve": {"model": "check_valve", "count": 2, "Kv": "5 Kv", "leak": leak, "p_crack": "1 kPa"},
            "line": {"model": "orifice", "dp_nominal": "150 kPa", "V_flow_nominal": "10 L/min"},
            "out": {"model": "return_line", "p": "2 bar(a)"},
        },
        "connections": [
            "in.port -> pump[*].a",
            "pump[1..2].b -> valve[1..2].a",
            "valve[*].b -> line.a",
            "line.b -> out.port",
        ],
        "set": {"pump[2].speed": second_speed},
    }


@pytest.mark.parametrize("speed", [1.0, 0.99, 0.95, 0.9])
def test_of_two_pumps_with_a_hump_on_a_short_line_one_carries_the_flow_and_holds_the_other_shut(speed):
    # side by side both would stand where their head rises with flow; alone one gives 10.4 L/min, above the 140 kPa
    # that the other reaches without flow
    solution = kv.read(two_humped_pumps(speed)).steady()
    flows = sorted(np.ravel(solution.get("pump[*].V_flow", "L/min")))
    assert flows[0] == pytest.approx(0.0, abs=0.1)
    assert flows[1] == pytest.approx(10.4, abs=0.1)  # 150 kPa (V/10)^2 and the valve meet the curve there


def test_a_pump_held_shut_without_a_leak_to_carry_its_heat_away_has_no_steady_state():
    with pytest.raises(kv.NoSteadyState, match="heat has no way out"):
        kv.read(two_humped_pumps(1.0, leak=1e-6)).steady()
