"""Electric networks as text and as code: units, answers, what is refused."""

import math

import kelvolt as kv
import pytest

FEEDER = """
kelvolt: 1
components:
  grid: {model: ac_utility, V: 20 kV, S_sc: 300 MVA, X_over_R: 10, angle: 10 deg}
  trafo: {model: ac_transformer, S_rated: 2500 kVA, V_hv: 20 kV, V_lv: 400 V, vk: 6 %, Pk: 19 kW, P0: 2790 W, i0: 0.8 %}
  main: {model: ac_switch, I_rated: 4 kA, load_max: 80 %}
  busway: {model: ac_cable, length: 60 m, R: 20 uohm/m, X: 15 uohm/m, I_max: 4 kA, V: 400 V, drop_max: 3 %}
  racks: {model: ac_load, P: 1.2 MW, Q: 200 kvar, V: 400 V, V_low: 90 %, V_high: 110 %}
  room: {model: ambient, T: 35 degC}
connections:
  - grid.bus -> trafo.hv
  - trafo.lv -> main.a
  - main.b -> busway.a
  - busway.b -> racks.bus
  - trafo.heat -> room.port
  - main.heat -> room.port
  - busway.heat -> room.port
"""


def test_a_feeder_in_the_units_of_the_field_balances_and_is_judged():
    sol = kv.read(FEEDER).steady()
    assert sol.get("racks.P", "MW") == pytest.approx(1.2, rel=1e-9)
    assert sol.get("grid.P", "kW") == pytest.approx(
        1200 + sum(sol[f"{c}.loss"] for c in ("trafo", "main", "busway")) / 1e3
    )
    current = 1.2e6 * math.hypot(1, 1 / 6) / (3 * sol["racks.v"])
    assert sol["busway.I"] == pytest.approx(current, rel=1e-6)
    assert sol["busway.loading"] == pytest.approx(current / 4000, rel=1e-6)
    verdicts = {(row.element, row.id): row.verdict for row in sol.check().itertuples()}
    assert verdicts["main", "breaker_load"] == "held"
    assert verdicts["busway", "voltage_drop"] == "held"
    assert verdicts["trafo", "transformer_load"] == "held"
    assert verdicts["racks", "input_voltage_min"] == "held"


def test_a_breaker_smaller_than_its_load_is_a_broken_verdict():
    case = kv.read(FEEDER)
    case["main.I_rated"] = "1600 A"
    check = case.steady().check()
    assert list(check[check.verdict == "broken"][["element", "id"]].itertuples(index=False, name=None)) == [
        ("main", "breaker_load")
    ]


def test_an_open_breaker_leaves_what_lies_behind_at_zero_volts():
    case = kv.read(FEEDER)
    warm = case.steady()
    case["main.closed"] = 0
    for guess in (None, warm):
        sol = case.steady(guess)
        assert sol["racks.v"] == pytest.approx(0.0, abs=1e-5)  # the magnitude of zero, as an output rounds it
        assert sol["racks.P"] == 0.0
        assert sol["main.I"] == pytest.approx(0.0, abs=1e-5)
        assert any(w.startswith("main, busway, racks: dead") for w in sol.warnings)
    case["main.closed"] = 1
    assert case.steady(sol)["racks.P"] == pytest.approx(1.2e6, rel=1e-9)


def test_the_margin_to_the_nose_and_the_answer_beyond_it():
    case = kv.read(FEEDER)
    margin = case.loadability(30.0)
    assert margin.lost
    assert margin.bus == "busway.b"
    assert 0.4 < margin.voltage < 0.8
    case["racks.P"] = 1.2e6 * margin.factor * 0.999
    case["racks.Q"] = 0.2e6 * margin.factor * 0.999
    assert case.steady()["racks.P"] == pytest.approx(1.2e6 * margin.factor * 0.999, rel=1e-6)
    case["racks.P"] = 1.2e6 * margin.factor * 1.25
    case["racks.Q"] = 0.2e6 * margin.factor * 1.25
    with pytest.raises(kv.NoPowerFlow, match=r"up to 80\.\d % of the electric load.*busway\.b"):
        case.steady()


def test_made_by_code_the_feeder_is_the_same():
    net = kv.Network()
    grid = net.add("ac_utility", "grid", V="20 kV", S_sc="300 MVA", angle="10 deg")
    trafo = net.add(
        "ac_transformer",
        "trafo",
        S_rated="2500 kVA",
        V_hv="20 kV",
        V_lv="400 V",
        vk=0.06,
        Pk="19 kW",
        P0=2790.0,
        i0=0.008,
    )
    main = net.add("ac_switch", "main")
    busway = net.add("ac_cable", "busway", length=60.0, R=20e-6, X=15e-6)
    racks = net.add("ac_load", "racks", P="1.2 MW", Q="200 kvar", V=400.0)
    room = net.add("ambient", "room", T="35 degC")
    net.connect(grid["bus"], trafo["hv"])
    net.connect(trafo["lv"], main["a"])
    net.connect(main["b"], busway["a"])
    net.connect(busway["b"], racks["bus"])
    net.connect(trafo["heat"], main["heat"], busway["heat"], room["port"])
    assert net.build("feeder").steady()["grid.P"] == pytest.approx(kv.read(FEEDER).steady()["grid.P"], rel=1e-12)


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("busway.b -> racks.bus", "grid.bus -> racks.bus", kv.TopologyError, "busway.b is connected to nothing"),
        ("R: 20 uohm/m, X: 15 uohm/m", "R: 0 ohm/m", kv.InputError, "without impedance"),
        ("vk: 6 %", "vk: 0.5 %", kv.InputError, "more than vk allows"),
        ("model: ac_load, P", "model: dc_load, P", kv.InputError, "no parameter 'Q'"),
        ("Q: 200 kvar", "Q: 200 kW", kv.InputError, "reactive"),
        ("S_sc: 300 MVA", "S_sc: 0 VA", kv.InputError, "above 0"),
    ],
)
def test_what_cannot_be_is_refused(old, new, error, says):
    assert old in FEEDER
    with pytest.raises(error, match=says):
        kv.read(FEEDER.replace(old, new))


def test_two_sources_out_of_step_are_named():
    second = """
  other: {model: ac_generator, V: 400 V, S_rated: 2 MVA, angle: 180 deg}
connections:
  - other.bus -> racks.bus
"""
    with pytest.raises(kv.OutOfStep, match="other and grid|grid and other"):
        kv.read(FEEDER.replace("connections:", second.strip("\n"), 1))


def test_a_sweep_over_switches_and_load_keeps_failures_as_rows():
    found = kv.sweep(
        kv.read(FEEDER), {"main.closed": [0, 1], "racks.scale": [0.5, 1.0, 30.0]}, record=["racks.P", "racks.v"]
    )
    assert found.status.values.tolist() == [["ok", "ok", "ok"], ["ok", "ok", "no_power_flow"]]
    assert found["racks.P"].values[0].tolist() == [0.0, 0.0, 0.0]
    assert found["racks.P"].values[1, :2] == pytest.approx([0.6e6, 1.2e6], rel=1e-9)
    assert found["racks.v"].values[0] == pytest.approx(0.0, abs=1e-5)


def test_derivatives_pass_through_the_electric_network():
    sol = kv.read(FEEDER).steady()
    for wrt, base, step in (("busway.R", 20e-6, 1e-9), ("racks.P", 1.2e6, 100.0), ("trafo.vk", 0.06, 1e-5)):
        found = []
        for sign in (1, -1):
            case = kv.read(FEEDER)
            case[wrt] = base + sign * step
            found.append(case.steady()["grid.P"])
        assert sol.gradient("grid.P", wrt) == pytest.approx((found[0] - found[1]) / (2 * step), rel=1e-5)
