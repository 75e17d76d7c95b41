"""Heights, buoyancy and natural circulation; vessels, leaks and valves in circuits; sizes of pipes."""

import math

import kelvolt as kv
import numpy as np
import pytest

G = 9.80665
# properties linear in temperature, so that closed forms hold: rho 1000 - 0.5 (T - 20 degC), cp 4000, mu 1 mPa.s
OIL = {
    "source": "made for this test",
    "table": {"T": "degC", "rho": "kg/m3", "cp": "J/(kg K)", "k": "W/(m K)", "mu": "mPa.s"}
    | {"rows": [[T, 1000 - 0.5 * (T - 20), 4000, 0.6, 1.0] for T in (0, 20, 40, 60, 80, 100)]},
}


def text_of(components, connections, **more):
    return {
        "kelvolt": 1,
        "title": "a loop",
        "fluids": {"oil": OIL},
        "components": components,
        "connections": connections,
    } | more


def thermosyphon(power="50 W", down="-2.5 m", **more):
    """Heated in the first half metre of a hot leg of 2.5 m, cooled at its top, in laminar flow."""
    pipe = {"model": "pipe", "diameter": "20 mm"}
    return text_of(
        {
            "vessel": {"model": "expansion_vessel", "medium": "oil", "p": "2 bar(a)"},
            "heater": pipe | {"length": "0.5 m", "rise": "0.5 m"},
            "load": {"model": "heat_source", "power": power},
            "riser": pipe | {"length": "2 m", "rise": "2 m", "cells": 4},
            "cooler": pipe | {"length": "0.5 m", "heat": "overall", "U": "20 kW/(m2 K)", "cells": 4},
            "air": {"model": "ambient", "T": "20 degC"},
            "downcomer": pipe | {"length": "2.5 m", "rise": down, "cells": 4},
        },
        [
            "heater.b -> riser -> cooler -> downcomer -> heater.a",
            "vessel.port -> heater.a",
            "load.port -> heater.wall",
            "cooler.wall -> air.port",
        ],
        **more,
    )


def laminar_flow(power, height, length, diameter=0.02, rho=1000.0, beta_rho=0.5, cp=4000.0, mu=1e-3):
    """g H d(rho)/dT P/(m cp) = 128 mu L m/(pi rho d^4)"""
    return math.sqrt(G * height * beta_rho * power / cp * math.pi * rho * diameter**4 / (128 * mu * length))


def test_a_loop_without_a_pump_flows_as_its_buoyancy_and_friction_say():
    solution = kv.read(thermosyphon()).steady()
    expected = laminar_flow(50.0, 2.5, 5.5)
    assert solution["heater.m_flow"] == pytest.approx(expected, rel=2e-3)
    assert solution["heater.b.T"] - solution["heater.a.T"] == pytest.approx(50 / (expected * 4000), rel=3e-3)


@pytest.mark.parametrize("power", [0.5, 5.0, 20.0])
def test_the_flow_of_natural_circulation_grows_with_the_root_of_the_heat_in_laminar_flow(power):
    solution = kv.read(thermosyphon(f"{power} W")).steady()
    assert solution["heater.m_flow"] == pytest.approx(laminar_flow(power, 2.5, 5.5), rel=2e-3)


def test_natural_circulation_starts_by_itself_and_settles_at_its_steady_state():
    case = kv.read(thermosyphon(run={"duration": "1 h", "start": {"T": "20 degC"}}))
    run = case.simulate(record=["heater.m_flow"])
    flow = np.asarray(run["heater.m_flow"])
    assert abs(flow[0]) < 0.5 * flow[-1]
    assert flow[-1] == pytest.approx(case.steady()["heater.m_flow"], rel=1e-3)


def test_a_circuit_whose_heights_do_not_add_up_is_named_with_its_rises():
    with pytest.raises(kv.Error) as caught:
        kv.read(thermosyphon(down="-2.2 m")).steady()
    said = str(caught.value)
    for part in ("the circuit of vessel", "heater", "riser", "downcomer", "0.3 m"):
        assert part in said


def test_a_variant_of_a_sweep_whose_heights_do_not_add_up_is_a_row_with_its_reason():
    table = kv.sweep(kv.read(thermosyphon()), {"downcomer.rise": ["-2.5 m", "-2.4 m"]}, record=["heater.m_flow"])
    words = [str(word) for word in np.asarray(table["status"])]
    assert words == ["ok", "refused"]


def test_the_top_of_a_standing_circuit_has_the_pressure_of_the_bottom_less_its_column():
    solution = kv.read(thermosyphon("0 W")).steady()
    assert solution["cooler.cell[1].a.p"] == pytest.approx(2e5 - 1000 * G * 2.5, abs=1.0)
    assert abs(solution["heater.m_flow"]) < 1e-7


def test_heights_neither_warm_nor_cool_the_coolant_and_the_balance_closes():
    solution = kv.read(thermosyphon()).steady()
    assert solution["riser.cell[1].b.T"] == pytest.approx(solution["riser.cell[4].b.T"], abs=2e-6)
    assert solution.audit.energy_relative < 1e-9
    assert solution.plant.balance.direct_to_air == pytest.approx(0.0, abs=1e-6)


def standing_loop(events=(), p_fill="2.2 bar(a)", T_mean=293.15, leak=None):
    """A loop that a pump turns, with a gas vessel and a hole."""
    pipe = {"model": "pipe", "diameter": "20 mm", "length": "2 m"}
    return text_of(
        {
            "vessel": {"model": "diaphragm_vessel", "medium": "oil", "V_vessel": "8 L", "V_system": "100 L"}
            | {"p_precharge": "2 bar(a)", "p_fill": p_fill, "T_mean": T_mean},
            "pump": {"model": "duty_pump", "V_duty": "10 L/min", "dp_duty": "50 kPa"},
            "there": pipe,
            "back": pipe,
            "hole": {"model": "leak", "diameter": "1 mm", "opening": 0 if leak is None else leak},
            "room": {"model": "ambient", "T": "20 degC"},
        },
        [
            "pump.b -> there -> back -> pump.a",
            "vessel.port -> pump.a",
            "hole.port -> pump.a",
            "back.wall -> room.port",
        ],
        **({"events": list(events), "run": {"duration": "2 min", "start": "steady"}} if events else {}),
    )


def test_the_pressure_of_a_warm_circuit_with_a_gas_vessel_follows_from_its_expansion():
    cold, hot = (kv.read(standing_loop(T_mean=T)).steady() for T in (293.15, 323.15))
    assert cold["vessel.p"] == pytest.approx(2.2e5, rel=1e-6)
    expansion = 0.1 * (1000 / 985 - 1)  # of 100 L
    gas = 0.008 * 2 / 2.2 - expansion
    assert hot["vessel.p"] == pytest.approx(2e5 * 0.008 / gas, rel=1e-4)


def test_a_leak_lowers_the_content_of_the_vessel_and_with_it_the_pressure():
    run = kv.read(standing_loop([{"at": "10 s", "set": "hole.opening", "to": 1}])).simulate(record=["vessel.content"])
    p, content = np.asarray(run["vessel.p"]), np.asarray(run["vessel.content"])
    assert p[0] == pytest.approx(2.2e5, rel=1e-6)
    assert p[-1] < 2.1e5
    assert p * (0.008 - content) == pytest.approx(2e5 * 0.008, rel=1e-4)  # Boyle, at every time
    mean = 0.5 * (p[0] + p[-1]) - 101325
    lost = 0.61 * math.pi / 4 * 1e-6 * math.sqrt(2 * mean / 1000) * 110
    assert content[0] - content[-1] == pytest.approx(lost, rel=0.01)


def test_a_diameter_may_be_the_size_of_a_pipe():
    def bore(size):
        return kv.read(
            text_of(
                {"vessel": {"model": "expansion_vessel", "medium": "oil", "p": "2 bar(a)"}}
                | {
                    "pipe": {"model": "pipe", "length": "1 m", "diameter": size},
                    "end": {"model": "volume", "volume": "1 L"},
                },
                ["vessel.port -> pipe -> end.port"],
            )
        )["pipe.diameter"]

    # Crane TP-410: 2 in schedule 40 has 2.067 in
    assert bore("2 in sch 40") == pytest.approx(2.067 * 0.0254)
    assert bore("DN50 sch 40") == bore("2 in schedule 40")
    assert bore("1-1/2 in sch 80") == pytest.approx(1.5 * 0.0254)
    assert bore("DN200 sch 10S") == pytest.approx((8.625 - 2 * 0.148) * 0.0254)
    assert bore("52.5 mm") == pytest.approx(0.0525)
    for wrong, says in (("DN50", "schedule"), ("DN51 sch 40", "DN51"), ("2 in sch 41", "41"), ("DN8 sch 160", "160")):
        with pytest.raises(kv.Error, match=says):
            bore(wrong)


def test_a_mixing_valve_gives_the_mean_of_its_inlets_weighted_with_their_flows():
    solution = kv.read(
        text_of(
            {
                "hot": {"model": "supply", "medium": "oil", "T": "60 degC", "p": "2.5 bar(a)"},
                "cold": {"model": "supply", "medium": "oil", "T": "20 degC", "p": "2.5 bar(a)"},
                "valve": {"model": "three_way_valve", "Kv": "4 Kv", "Kv_bypass": "4 Kv", "leak": 1e-5, "opening": 0.25},
                "out": {"model": "return_line", "p": "2 bar(a)"},
            },
            ["hot.port -> valve.a", "cold.port -> valve.b", "valve.ab -> out.port"],
        )
    ).steady()
    a, b = solution["valve.m_flow_a"], solution["valve.m_flow_b"]
    throttled = 0.5e5 / 1000 / 4000  # K, by half a bar
    assert solution["out.port.T"] == pytest.approx((a * 333.15 + b * 293.15) / (a + b) + throttled, abs=1e-3)
    assert a / (a + b) == pytest.approx(0.25, rel=0.02)


def test_an_inertance_delays_the_flow_by_its_time_constant():
    case = kv.read(
        text_of(
            {
                "in": {"model": "supply", "medium": "oil", "T": "20 degC", "p": "2 bar(a)"},
                "line": {"model": "inertance", "length": "100 m", "diameter": "50 mm"},
                "drag": {"model": "pipe", "length": "100 m", "diameter": "50 mm", "friction": "fixed", "f": 0.02},
                "out": {"model": "return_line", "p": "2 bar(a)"},
            },
            ["in.port -> line -> drag -> out.port"],
            events=[{"at": "1 s", "set": "in.p", "to": "2.2 bar(a)"}],
            run={"duration": "60 s", "start": "steady"},
            record={"every": "0.5 s"},
        )
    )
    run = case.simulate(record=["drag.m_flow"])
    t, m = run.time, run["drag.m_flow"]
    area, final = math.pi / 4 * 0.05**2, m[-1]
    k = 2e4 / final**2  # dp = k m^2
    # L/A dm/dt = dp - k m^2 has m = final tanh(t/tau), tau = L/A final/dp
    tau = 100 / area * final / 2e4
    assert m == pytest.approx(final * np.tanh(np.maximum(t - 1, 0) / tau), abs=0.02 * final)
    assert k == pytest.approx(0.02 * 100 / 0.05 / (2 * 1000 * area**2), rel=0.01)
