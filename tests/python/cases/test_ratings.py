"""What cannot be is refused when the case is read, by component and parameter: ratings, percentages, voltages."""

import kelvolt as kv
import pytest

OPEN = """
  src: {{model: supply, medium: water, mode: flow, T: 30 degC, V_flow: 60 L/min}}
  x: {{{0}}}
  out: {{model: return_line, p: 2 bar(a)}}
  air: {{model: ambient, T: 25 degC}}
"""
FEED = """
  grid: {model: ac_utility, V: 10 kV, S_sc: 100 MVA}
  t: {model: ac_transformer, S_rated: 1 MVA, V_hv: 10 kV, V_lv: 400 V, vk: 6 %, Pk: 10 kW}
"""
FEED_3 = FEED.replace("ac_utility", "ac4_utility").replace("ac_transformer", "ac4_transformer")


def read(components: str, *connections: str) -> kv.Case:
    lines = "".join(f"  - {x}\n" for x in connections)
    return kv.read(f"kelvolt: 1\ncomponents:{components}\nconnections:\n{lines}")


def refused(*what: str) -> str:
    with pytest.raises(kv.InputError) as error:
        read(*what)
    return str(error.value)


def cooler(text: str) -> tuple[str, ...]:
    side = "outside" if "chiller" in text else "air"
    return OPEN.format(text), "src.port -> x.a", "x.b -> out.port", f"x.{side} -> air.port"


CHILLER = "model: chiller, T_set: 10 degC, dp_nominal: 40 kPa"


def test_a_chiller_rated_beyond_what_its_flow_carries_as_liquid_is_refused() -> None:
    # 60 kW from 6 L/min of water is a rise of 143 K
    message = refused(*cooler(CHILLER + ", Q_max: 60 kW, V_flow_nominal: 6 L/min"))
    assert "x: the rating is impossible" in message
    assert all(word in message for word in ("Q_max", "V_flow_nominal", "T_set"))
    read(*cooler(CHILLER + ", Q_max: 60 kW, V_flow_nominal: 60 L/min"))


def test_a_cop_above_carnot_is_refused_when_it_is_read() -> None:
    rating = CHILLER + ", Q_max: 60 kW, V_flow_nominal: 100 L/min"
    points = "{{points: [[20, {}], [35, {}]], x: degC, y: '1'}}"
    # Carnot between 10 and 35 degC: 283.15/25 = 11.3
    message = refused(*cooler(f"{rating}, cop: {points.format(12, 12)}"))
    assert "x: the rating is impossible: cop" in message and "Carnot" in message and "T_set" in message
    read(*cooler(f"{rating}, cop: {points.format(20, 11)}"))


def test_a_dry_cooler_rated_in_air_colder_than_any_is_refused() -> None:
    rating = "model: dry_cooler, Q_nominal: 4 kW, V_flow_nominal: 60 L/min, dp_nominal: 10 kPa, P_fan: 100 W"
    message = refused(*cooler(rating + ", ITD_nominal: 150 K"))
    assert "x: the rating is impossible" in message and "ITD_nominal" in message


def test_an_exchanger_is_refused_for_no_heat_and_for_ice() -> None:
    def exchanger(Q: str, approach: str) -> str:
        return refused(
            f"""
  fac: {{model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 100 L/min, p_return: 2 bar(a)}}
  hx: {{model: plate_exchanger, by: rating, Q_nominal: {Q}, approach_nominal: {approach}, V_flow_primary: 200 L/min,
       V_flow_secondary: 200 L/min, dp_primary: 10 kPa, dp_secondary: 10 kPa, volume_primary: 1 L,
       volume_secondary: 1 L, C_wall: 1 kJ/K}}
  src: {{model: supply, medium: water, mode: flow, T: 50 degC, V_flow: 100 L/min}}
  ret: {{model: return_line, p: 2 bar(a)}}""",
            "fac.supply -> hx.primary_a",
            "hx.primary_b -> fac.return",
            "src.port -> hx.secondary_a",
            "hx.secondary_b -> ret.port",
        )

    assert "hx: Q_nominal = 0 W" in exchanger("0 kW", "4 K")
    message = exchanger("50 kW", "60 K")  # 40 - 60 degC of water
    assert "hx: the rating is impossible" in message and "approach_nominal" in message


PUMP = "model: pump, dp: {points: [[0, 2], [100, 1.6], [200, 0.2]], x: L/min, y: bar}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("power: {points: [[0, 100], [200, 200]], x: L/min, y: W}", "more than the electric power"),
        ("efficiency_curve: {points: [[0, 10], [100, 60], [200, 40]], x: L/min, y: '1'}", "efficiency_curve is"),
    ],
)
def test_a_pump_that_gives_more_than_it_takes_is_refused(text: str, named: str) -> None:
    message = refused(OPEN.format(f"{PUMP}, {text}"), "src.port -> x.a", "x.b -> out.port")
    assert message.find("x: ") >= 0 and named in message


# ---- electric ----


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ("vk: 6", "vk: 6 %", "t: vk = 6 is outside its range"),
        ("vk: 6 %, i0: 1", "vk: 6 %", "t: i0 = 1 is outside its range"),
        ("vk: 6 %, load_max: 80", "vk: 6 %", "a percentage is written 80 %"),
        ("vk: 6 %, alpha: 0.4", "vk: 6 %", "t: alpha = 0.4"),
    ],
)
def test_a_percentage_written_as_a_number_is_refused(wrong: str, right: str, named: str) -> None:
    load = "  load: {model: ac_load, P: 100 kW, V: 400 V}"
    assert named in refused(FEED.replace(right, wrong) + load, "grid.bus -> t.hv", "t.lv -> load.bus")


def test_a_percentage_of_a_line_or_a_generator_or_a_load_is_refused() -> None:
    for part, ports in (
        ("g: {model: ac_generator, V: 400 V, S_rated: 1 MVA, z: 15}", "g.bus -> load.bus"),
        ("g: {model: ac_utility, V: 400 V, S_sc: 1 MVA}\n  w: {model: ac_line, length: 1 m, R: 1 mohm/m, V: 400 V, "
         "drop_max: 3}", "g.bus -> w.a, w.b -> load.bus"),
    ):  # fmt: skip
        message = refused(f"\n  {part}\n  load: {{model: ac_load, P: 1 kW, V: 400 V}}", *ports.split(", "))
        assert "a percentage is written" in message
    message = refused(
        "\n  g: {model: ac_utility, V: 400 V, S_sc: 1 MVA}\n  load: {model: ac_load, P: 1 kW, V: 400 V, V_low: 90}",
        "g.bus -> load.bus",
    )
    assert "load: V_low = 90" in message and "90 %" in message


def test_reactive_power_beside_a_power_factor_is_refused_whatever_it_says() -> None:
    for Q in ("3 kvar", "0 kvar"):
        load = f"  load: {{model: ac_load, P: 10 kW, Q: {Q}, power_factor: 0.9, V: 400 V}}"
        message = refused(FEED + load, "grid.bus -> t.hv", "t.lv -> load.bus")
        assert "load:" in message and "Q = " in message and "power_factor" in message


def test_a_load_without_reactive_power_draws_none() -> None:
    case = read(FEED + "  load: {model: ac_load, P: 10 kW, V: 400 V}", "grid.bus -> t.hv", "t.lv -> load.bus")
    assert case.steady()["load.Q"] == pytest.approx(0.0, abs=1e-6)


RECTIFIER = "P_rated: 10 kW, V_out: 54 V, droop: 1 V, V_in: 400 V, V_in_min: 300 V"


@pytest.mark.parametrize(
    ("loss", "named"),
    [
        ("[0.01, 0.02, 0.01]", "loss is a list"),
        ("{parabola: [a, b, c]}", "loss: parabola: a"),
        ("{parabola: [1, 2]}", "takes three numbers"),
        ("{parabola: [1, 2, 1]}", "more than the rating"),
        ("{efficiency: [a, b]}", "[load share, efficiency]"),
    ],
)
def test_a_loss_that_is_no_curve_is_refused_with_the_forms_there_are(loss: str, named: str) -> None:
    message = refused(
        "\n  grid: {model: ac_utility, V: 400 V, S_sc: 1 MVA}\n"
        f"  r: {{model: ac_rectifier, {RECTIFIER}, loss: {loss}}}\n"
        "  load: {model: dc_load, P: 1 kW, V: 54 V}",
        "grid.bus -> r.in",
        "r.out -> load.bus",
    )
    assert "r: " in message and named in message


def test_equipment_for_another_voltage_than_its_bus_is_refused_with_both_names() -> None:
    message = refused(FEED + "  load: {model: ac_load, P: 100 kW, V: 10 kV}", "grid.bus -> t.hv", "t.lv -> load.bus")
    assert "load: V = 1e+04 V" in message and "t.lv is at 400 V" in message
    message = refused(
        "\n  grid: {model: ac_utility, V: 10 kV, S_sc: 100 MVA}\n  load: {model: ac_load, P: 1 kW, V: 400 V}",
        "grid.bus -> load.bus",
    )
    assert "load: V = 400 V" in message and "grid.bus" in message


def test_a_transformer_the_wrong_way_round_is_refused_before_what_it_feeds() -> None:
    for feed, kind in ((FEED, "ac_load, P: 1 kW"), (FEED_3, "ac4_load, P_a: 1 kW")):
        message = refused(
            feed.replace("\n  grid", f"\n  load: {{model: {kind}, V: 400 V}}\n  grid"),
            "grid.bus -> t.lv",
            "t.hv -> load.bus",
        )
        assert "t: V_hv" in message and "V_lv" in message and "swapped" in message


@pytest.mark.parametrize(
    ("part", "port"),
    [
        (f"x: {{model: ac_rectifier, {RECTIFIER}, loss: 0.02}}\n  l: {{model: dc_load, P: 1 kW, V: 54 V}}", "x.in"),
        ("x: {model: ac_bus, V: 400 V}", "x.bus"),
        ("x: {model: ac_generator, V: 400 V, S_rated: 1 MVA, in_service: 0}", "x.bus"),
        ("x: {model: ac_drive, P_rated: 10 kW, V_in: 400 V, V_in_min: 300 V, loss: 0.02}", "x.in"),
    ],
)
def test_every_part_with_a_nominal_voltage_is_held_against_its_bus(part: str, port: str) -> None:
    more = ("x.out -> l.bus",) if "dc_load" in part else ()
    text = f"\n  grid: {{model: ac_utility, V: 10 kV, S_sc: 100 MVA}}\n  {part}"
    assert "x: V" in refused(text, f"grid.bus -> {port}", *more)
    read(text.replace("10 kV", "400 V"), f"grid.bus -> {port}", *more)


def test_a_load_between_phase_and_neutral_behind_an_isolated_star_point_names_the_transformer() -> None:
    def solve(group: str) -> kv.Solution:
        return read(
            FEED_3.replace("vk: 6 %", f"vk: 6 %, group: {group}")
            + "  tap: {model: phase_tap}\n  load: {model: ac1_load, P: 30 kW, V: 230 V}",
            "grid.bus -> t.hv",
            "t.lv -> tap.bus",
            "tap.line -> load.bus",
        ).steady()

    for group in ("Yyn0", "Dd0", "Yd11"):
        with pytest.raises(kv.NoPowerFlow, match="t carries none of the neutral"):
            solve(group)
    assert solve("Dyn11")["load.P"] == pytest.approx(30e3, rel=1e-6)


def cable(T: str, joined: bool) -> float:
    parts = f"""
  s: {{model: dc_source, V: 400 V, R: 1 mohm}}
  c: {{model: dc_cable, length: 100 m, R: 1 mohm/m{T}}}
  load: {{model: dc_load, P: 4 kW, V: 400 V, z_share: 1}}
  room: {{model: ambient, T: 25 degC}}"""
    lines = ["s.bus -> c.a", "c.b -> load.bus"] + (["c.heat -> room.port"] if joined else [])
    if not joined:
        parts = parts.rsplit("\n", 1)[0]
    found = read(parts, *lines).steady()
    return found["c.drop"] / found["c.I"]


def test_a_conductor_temperature_that_is_given_stands_with_and_without_a_heat_port() -> None:
    warm, room, cold = (0.1 * (1.0 + 0.00393 * (T - 20.0)) for T in (70.0, 25.0, 20.0))
    assert cable(", T: 70 degC", joined=True) == pytest.approx(warm, rel=1e-6)
    assert cable(", T: 70 degC", joined=False) == pytest.approx(warm, rel=1e-6)
    assert cable("", joined=True) == pytest.approx(room, rel=1e-6)
    assert cable("", joined=False) == pytest.approx(cold, rel=1e-6)


def test_a_divided_exchanger_is_not_judged_by_its_cells_and_heat_backwards_counts_by_its_size():
    def capacity(cells: int, warm: str, Q_max: str) -> str:
        case = kv.read(f"""
kelvolt: 1
components:
  cold: {{model: supply, medium: water, T: {"300 K" if warm == "b" else "345 K"}, mode: flow, V_flow: 10 L/min}}
  hot: {{model: supply, medium: water, T: {"345 K" if warm == "b" else "300 K"}, mode: flow, V_flow: 3 L/min}}
  hx: {{model: plate_exchanger, cells: {cells}, Q_nominal: 20 kW, approach_nominal: 4 K, V_flow_primary: 10 L/min,
    V_flow_secondary: 10 L/min, dp_primary: 5 kPa, dp_secondary: 5 kPa, volume_primary: 1 L, volume_secondary: 1 L,
    C_wall: 1 kJ/K, Q_max: {Q_max}}}
  out: {{model: return_line, count: 2, p: 2 bar(a)}}
connections:
  - cold.port -> hx.primary_a
  - hx.primary_b -> out[1].port
  - hot.port -> hx.secondary_a
  - hx.secondary_b -> out[2].port
""")
        table = case.steady().check()
        return str(table[table["id"] == "exchanger_capacity"]["verdict"].iloc[0])

    assert capacity(1, "b", "12 kW") == "held"  # 9.2 kW
    assert capacity(4, "b", "12 kW") == "not assessed"
    assert capacity(1, "a", "7 kW") == "broken"  # as much heat the other way


def test_limits_of_size_hold_for_flow_in_either_direction_and_a_required_flow_only_forwards():
    def words(body: str) -> dict[str, str]:
        table = kv.read("kelvolt: 1\n" + body).steady().check()
        return dict(zip(table["id"], table["verdict"], strict=True))

    filter_backwards = words("""
components:
  s: {model: supply, medium: water, T: 300 K, p: 3 bar(a)}
  f: {model: filter, dp_nominal: 50 kPa, V_flow_nominal: 10 L/min, dp_max: 60 kPa}
  r: {model: return_line, p: 1 bar(a)}
connections: [s.port -> f.b, f.a -> r.port]
""")
    assert filter_backwards["filter_dp"] == "broken"
    plate = "{model: gpu_plate_1200w, V_flow_min: 0.1 L/min}"
    for ends, word in (("s.port -> p -> r.port", "held"), ("s.port -> p.b, p.a -> r.port", "broken")):
        found = words(f"""
components:
  s: {{model: supply, medium: water, T: 300 K, p: 1.1 bar(a)}}
  p: {plate}
  r: {{model: return_line, p: 1 bar(a)}}
connections: [{ends}]
""")
        assert found["required_flow"] == word


def test_the_spread_of_a_run_is_judged_at_every_point_and_not_only_where_rows_are_recorded():
    text = """
kelvolt: 1
components:
  s: {model: heat_source, count: 2, power: 100 W}
  m: {model: heat_capacity, count: 2, C: 10 J/K}
  g: {model: conductance, count: 2, G: 10 W/K}
  room: {model: ambient, T: 300 K}
connections: ["s[1..2].port -> m[1..2].port", "m[1..2].port -> g[1..2] -> room.port"]
limits: [{of: "m[*].T", spread: 0.01, basis: user}]
profiles: {p: {piecewise: [[0 s, 100 W], [31 s, 900 W], [35 s, 100 W]], between: step}}
apply: [{profile: p, to: "s[1].power"}]
record: {every: 30 s}
run: {duration: 2 min}
"""
    coarse, fine = (kv.read(text).simulate(every=every, progress=False).end.check() for every in ("30 s", "1 s"))
    for table in (coarse, fine):
        row = table[table["limit"] == 0.01].iloc[0]
        assert row["verdict"] == "broken"
        # 800 W more through 10 W/K for 4 s with a time constant of 1 s: 80 K (1 - exp(-4)) about a mean of 349 K
        assert row["value"] == pytest.approx(78.53 / (310.0 + 78.53 / 2), rel=0.01)
        assert row["time"] == pytest.approx(35.0, abs=0.1)
