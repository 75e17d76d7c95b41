"""Plant in whole networks: answers that once broke the second law or a rating, with values worked out by hand."""

import re

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
    with pytest.raises(
        Exception, match=r"hx: the rating is impossible.* T1_out = 54\.1 degC, above the T2_in = 47\.2 degC"
    ):
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


LOOP = """
  vessel: {model: expansion_vessel, medium: water, p: 2 bar(a)}
  pump: {model: pump, efficiency: 0.6, dp: {points: [[0, 2], [100, 1.6], [200, 0.2]], x: L/min, y: bar}}
  load: {model: tray, heat: 20 kW, dp_nominal: 1 bar, V_flow_nominal: 100 L/min, volume: 10 L, C: 10 kJ/K, G: 10 kW/K}
"""


def test_heat_to_the_coolant_of_a_run_is_what_the_parts_give_not_what_flows_carry_away() -> None:
    # tray, body and coolant warm at one rate, the pump's motor stands at its own temperature: 10 kJ/K and 10 L and two
    # joints of water (42.2 kJ/K) take 20 kW, the pump's 554 W less 65 W to the room: 0.392 K/s, 3.92 kW for the body
    case = kv.read(
        f"kelvolt: 1\ncomponents:{LOOP}connections: [pump -> load -> pump, vessel.port -> pump.a]\n"
        "run: {duration: 10 min, start: {T: 25 degC}}\nrecord: {every: 10 s}\n"
    )
    balance = case.simulate().end.plant.balance
    assert balance.sources == pytest.approx(20e3)
    assert balance.to_liquid == pytest.approx(20e3 - 3.92e3, rel=2e-3)


def test_of_a_closed_loop_the_heat_table_tells_what_enters_the_coolant_and_what_leaves_it() -> None:
    # a radiator gives up to the air what 20 kW and the pump put in
    solution = solved(
        LOOP.lstrip("\n") + "  radiator: {model: pipe, length: 50 m, diameter: 40 mm, heat: overall, U: 300 W/(m2 K)}\n"
        "  air: {model: ambient, T: 20 degC}\n",
        "pump -> load -> radiator -> pump, vessel.port -> pump.a, radiator.wall -> air.port",
    )
    b = solution.plant.balance
    room = b.pumps - b.from_pumps  # of the motor
    assert b.to_liquid == pytest.approx(20e3) and 0.0 < room < 0.2 * b.pumps
    assert b.from_liquid == pytest.approx(20e3 + b.from_pumps, rel=1e-9) == pytest.approx(b.into_coolant)
    assert b.direct_to_air == pytest.approx(room, rel=1e-6) and b.boundary == pytest.approx(0.0, abs=1e-6)
    assert b.to_air == pytest.approx(20e3 + b.pumps, rel=1e-6)
    shown = dict(re.findall(r"^  +(\S.*?)  +(\S.*)$", solution.summary().split("\nHeat\n")[1], re.M))
    assert shown["to the coolant"] == shown["out of the coolant by radiators, coolers, walls"]
    assert shown["out with coolant over the boundary"] == "0 W"


def test_a_pump_whose_supply_is_dead_is_off_and_stands() -> None:
    case = kv.read("""
kelvolt: 1
components:
  grid: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  drive: {model: ac_drive, P_rated: 1 kW, V_in: 400 V, V_in_min: 340 V, loss: {parabola: [0.01, 0.01, 0.02]}}
  src: {model: supply, medium: water, T: 20 degC, p: 2 bar(a)}
  pump: {model: pump, efficiency: 0.6, dp: {points: [[0, 2], [100, 1.6], [200, 0.2]], x: L/min, y: bar}}
  hose: {model: pipe, length: 10 m, diameter: 25 mm}
  out: {model: return_line, p: 2 bar(a)}
connections: [grid.bus -> drive.in, src -> pump -> hose -> out, pump.power -> drive.power_1,
              drive.powered -> pump.powered]
""")

    def shown(**changes: float) -> list[str]:
        text = case.copy().update({k.replace("_", ".", 1): x for k, x in changes.items()}).steady().summary()
        return re.split(r"  +", re.search(r"^  pump  (.*)$", text.split("\nPumps\n")[1].split("----\n")[1], re.M)[1])

    assert shown()[:2] == ["on", "100.0"]
    assert shown(grid_in_service=0.0)[:5] == ["off, no supply", "0", "0", "0", "0"]
    assert shown(pump_running=0.0)[:5] == ["off", "0", "0", "0", "0"]


def test_a_network_without_branches_shows_flow_drop_and_velocity_of_each_element() -> None:
    # two pipes in a row of 16 and 22 mm, in two cells each: 6 L/min of water
    solution = solved(
        "  src: {model: supply, medium: water, mode: flow, T: 20 degC, V_flow: 6 L/min}\n"
        "  wide: {model: pipe, length: 10 m, diameter: 22 mm, cells: 2}\n"
        "  narrow: {model: pipe, length: 10 m, diameter: 16 mm, cells: 2}\n"
        "  out: {model: return_line, p: 2 bar(a)}\n",
        "src -> narrow -> wide -> out",
    )
    text = solution.summary().split("\n\n")
    rows = next(part for part in text if part.startswith("Flow, largest pressure drop first")).splitlines()[3:]
    assert [r.split()[0] for r in rows] == ["narrow", "wide"] and not any("Branches" in part for part in text)
    for row, d in zip(rows, (0.016, 0.022), strict=True):
        _, flow, dp, velocity, p_in, p_out = row.split()
        assert float(p_in) - float(p_out) == pytest.approx(float(dp), abs=0.02)
        assert float(flow) == pytest.approx(6.0, rel=1e-3)
        assert float(velocity) == pytest.approx(1e-4 / (np.pi / 4.0 * d * d), rel=5e-3)
        # Blasius: 0.316 Re^-0.25 L/d rho v^2/2, of smooth pipes within a few per cent
        v = 1e-4 / (np.pi / 4.0 * d * d)
        assert float(dp) == pytest.approx(
            0.316 * (998.0 * v * d / 1.002e-3) ** -0.25 * 10.0 / d * 998.0 * v * v / 2e3, rel=0.05
        )


def chilled(bypass: str, more: str = "") -> kv.Solution:
    return solved(
        f"""
  src: {{model: supply, medium: water, mode: flow, T: 20 degC, V_flow: 100 L/min}}
  chiller: {{model: chiller, Q_max: 60 kW, T_set: 10 degC, V_flow_nominal: 100 L/min, dp_nominal: 40 kPa}}
  dry: {{model: dry_cooler, Q_nominal: 40 kW, ITD_nominal: 9 K, V_flow_nominal: 100 L/min, dp_nominal: 40 kPa,
        P_fan: 100 W}}
  valve: {{model: valve, Kv: {bypass}, leak: 1e-4}}
  out: {{model: return_line, p: 2 bar(a)}}
  amb: {{model: ambient, T: 15 degC}}
{more}""",
        "src.port -> chiller.a, chiller.b -> out.port, src.port -> valve.a, valve.b -> out.port, "
        "src.port -> dry.a, dry.b -> out.port, chiller.outside -> amb.port, dry.air -> amb.port",
    )


def test_an_outlet_temperature_is_that_of_the_machine_not_of_the_node_it_pours_into() -> None:
    solution = chilled("5 Kv")
    assert solution["chiller.T_out"] == pytest.approx(283.15, abs=0.05)
    mixed = solution["out.T_return"]
    assert mixed > 284.5
    # each stream leaves with the enthalpy that its heat left it
    for part in ("chiller", "dry"):
        m, Q = solution[f"{part}.m_flow"], solution[f"{part}.Q"]
        assert solution[f"{part}.T_out"] == pytest.approx(293.15 - Q / (m * 4188.0), abs=0.03)
    streams = [(solution[f"{p}.m_flow"], solution[f"{p}.T_out"]) for p in ("chiller", "dry")]
    streams.append((solution["valve.m_flow"], 293.15))
    assert sum(m * T for m, T in streams) / sum(m for m, _ in streams) == pytest.approx(mixed, abs=0.03)


def test_a_notice_of_a_simple_model_is_no_range_for_a_strict_case() -> None:
    text = (
        f"kelvolt: 1\nsettings: {{strict: true}}\ncomponents:{LOOP}"
        + """
  chiller: {model: chiller, Q_max: 60 kW, T_set: 10 degC, V_flow_nominal: 100 L/min, dp_nominal: 40 kPa}
  outdoors: {model: ambient, T: 25 degC}
connections: [pump -> load -> chiller -> pump, vessel.port -> pump.a, chiller.outside -> outdoors.port]
"""
    )
    assert any("simple model" in w for w in kv.read(text).steady().warnings)
    with pytest.raises(kv.InputError, match="strict: .*coolant temperature"):
        kv.read(text.replace("T_set: 10 degC", "T_set: -5 degC")).steady()


def test_a_pump_takes_its_curve_as_a_parabola_that_ends_and_says_so_where_it_does_not() -> None:
    def loop(dp: str) -> kv.Solution:
        pump = f"  pump: {{model: pump, efficiency: 0.6, dp: {dp}}}\n"
        chiller = """
  chiller: {model: chiller, Q_max: 60 kW, T_set: 10 degC, V_flow_nominal: 100 L/min, dp_nominal: 40 kPa}
  outdoors: {model: ambient, T: 25 degC}
"""
        rest = LOOP.replace(LOOP.splitlines()[2] + "\n", "")
        return solved(
            rest + pump + chiller,
            "pump -> load -> chiller -> pump, vessel.port -> pump.a, chiller.outside -> outdoors.port",
        )

    # 2 - 4.5e-5 V^2 bar, V in L/min; in SI the coefficients are 2e5 and -4.5e-5 * 1e5 * 60000^2
    flows = [
        loop(dp)["pump.V_flow"]
        for dp in (
            "{parabola: [2, 0, -4.5e-5], x: L/min, y: bar, covers: [0 L/min, 200 L/min]}",
            "{parabola: [2e5, 0, -1.62e10], covers: [0 L/min, 200 L/min]}",
            "{points: " + str([[float(v), 2 - 4.5e-5 * v * v] for v in range(0, 201, 10)]) + ", x: L/min, y: bar}",
        )
    ]
    assert flows[0] == pytest.approx(flows[1], rel=1e-9)
    assert flows[0] == pytest.approx(flows[2], rel=1e-3)
    for dp, named in (
        ("[2, 0, -4.5e-5]", "pump: dp is a list; a curve is"),
        ("{parabola: [2e5, 0, -1.62e10]}", "covers"),
        ("{parabola: [[0, 2], [100, 1.6], [200, 0.2]], x: L/min, y: bar}", "parabola: a"),
        ("{parabola: [2, 0]}", "three numbers"),
        ("{points: [2, 0, -4.5e-5], x: L/min, y: bar}", "a point must be a list of two numbers"),
        ("2 bar", "dp must end at a flow"),
    ):
        with pytest.raises(kv.InputError) as error:
            loop(dp)
        assert "pump" in str(error.value) and named in str(error.value), dp
