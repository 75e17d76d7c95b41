"""Where coolant comes from and goes to: levels of pressure, flows by volume and by mass, messages that name them."""

import kelvolt as kv
import pytest

LOAD = (
    "load: {model: tray, heat: 2 kW, dp_nominal: 1 bar, V_flow_nominal: 10 L/min, volume: 1 L, C: 10 kJ/K, G: 1 kW/K}"
)


def read(components: list[str], *connections: str, start: str = "") -> kv.Case:
    parts, lines = "".join(f"  {x}\n" for x in components), "".join(f"  - {x}\n" for x in connections)
    return kv.read(f"kelvolt: 1\ncomponents:\n{parts}connections:\n{lines}{start}\n")


def supply(name: str, flow: str) -> str:
    return f"{name}: {{model: supply, medium: water, mode: flow, T: 30 degC, {flow}}}"


@pytest.mark.parametrize("back", ["V_flow: -10 L/min", "V_flow: -8 L/min", "m_flow: -0.1 kg/s"])
def test_a_circuit_of_given_flows_alone_is_refused_with_its_boundaries_and_a_remedy(back: str) -> None:
    with pytest.raises(kv.TopologyError) as error:
        read([supply("src", "V_flow: 10 L/min"), LOAD, supply("out", back)], "src.port -> load -> out.port")
    message = str(error.value)
    assert all(word in message for word in ("src.port", "out.port", "return_line", "level of pressure"))


def test_one_given_pressure_is_enough_and_flows_then_balance() -> None:
    solution = read(
        [supply("src", "V_flow: 10 L/min"), LOAD, "out: {model: return_line, p: 2 bar(a)}"],
        "src.port -> load -> out.port",
    ).steady()
    assert solution["out.m_flow"] == pytest.approx(solution["src.m_flow"], rel=1e-9)


@pytest.mark.parametrize(
    "two",
    [
        ["out: {model: return_line, p: 2 bar(a)}", "more: {model: return_line, p: 1 bar(a)}"],
        ["out: {model: return_line, p: 2 bar(a)}", "more: {model: return_line, p: 2 bar(a)}"],
        ["out: {model: return_line, p: 2 bar(a)}", "more: {model: supply, medium: water, T: 20 degC, p: 1 bar(a)}"],
    ],
)
def test_two_fixed_pressures_joined_are_refused_by_both_names(two: list[str]) -> None:
    with pytest.raises(kv.TopologyError) as error:
        read([supply("src", "V_flow: 10 L/min"), LOAD, *two], "src.port -> load -> out.port", "out.port -> more.port")
    message = str(error.value)
    assert "out.port and more.port" in message and "pressure drop" in message


def test_a_facility_joined_to_itself_is_refused_by_both_ports() -> None:
    fac = "fac: {model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 1 bar, p_return: 2 bar(a)}"
    with pytest.raises(kv.TopologyError, match=r"fac\.supply and fac\.return"):
        read([fac, LOAD], "fac.supply -> load.a", "load.b -> fac.return", "fac.supply -> fac.return")


def test_a_circuit_without_any_reference_says_what_to_connect() -> None:
    with pytest.raises(kv.TopologyError, match="no pressure reference; connect an expansion_vessel"):
        read([LOAD, LOAD.replace("load", "more")], "load -> more -> load")


@pytest.mark.parametrize("model", ["supply", "facility"])
def test_a_boundary_takes_mass_flow_as_well_as_volume_flow(model: str) -> None:
    def flow(text: str) -> float:
        if model == "supply":
            parts = [supply("src", text), LOAD, "out: {model: return_line, p: 2 bar(a)}"]
            return read(parts, "src.port -> load -> out.port").steady()["load.m_flow"]
        fac = f"fac: {{model: facility, medium: water, mode: flow, T_supply: 30 degC, p_return: 2 bar(a), {text}}}"
        return read([fac, LOAD], "fac.supply -> load -> fac.return").steady()["load.m_flow"]

    assert flow("m_flow: 0.2 kg/s") == pytest.approx(0.2, rel=1e-9)
    assert flow("m_flow: 12 kg/min") == pytest.approx(0.2, rel=1e-9)
    rho = 995.65  # water at 30 degC, IAPWS-95
    assert flow("V_flow: 12 L/min") == pytest.approx(0.2e-3 * rho, rel=1e-4)
    with pytest.raises(kv.InputError, match="V_flow and m_flow are both given"):
        flow("V_flow: 12 L/min, m_flow: 0.2 kg/s")
    with pytest.raises(kv.InputError, match="needs V_flow or m_flow"):
        flow("")


def test_the_words_of_a_lost_steady_state_follow_the_sign_of_the_heat() -> None:
    still = [supply("src", "V_flow: 0 L/min"), LOAD, "out: {model: return_line, p: 2 bar(a)}"]
    join = "src.port -> load -> out.port"
    with pytest.raises(kv.NoSteadyState, match="heat enters and has no way out at load"):
        read(still, join).steady()
    with pytest.raises(kv.NoSteadyState, match="heat leaves and nothing replaces it at node of s.port"):
        read(
            ["s: {model: heat_source, power: -2 kW}", "x: {model: heat_capacity, C: 10 kJ/K}"], "s.port -> x.port"
        ).steady()


def test_a_hot_tray_in_time_is_said_to_be_hot() -> None:
    still = [supply("src", "V_flow: 0 L/min"), LOAD, "out: {model: return_line, p: 2 bar(a)}"]
    with pytest.raises(kv.ThermalRunaway, match="heat has no way out"):
        read(still, "src.port -> load -> out.port", start="run: {duration: 10 h, start: {T: 25 degC}}").simulate()
