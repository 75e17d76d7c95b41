"""Networks made by code."""

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES

from bench.run import listed_pipes, row_of_pipes


def test_a_row_of_pipes_made_by_code_drops_the_given_pressure():
    sol = row_of_pipes(20).build().steady()
    assert sol["p[*].dp"].sum() == pytest.approx(1e5, rel=1e-9)
    assert sol["p[*].m_flow"] == pytest.approx(np.full(20, sol["p[1].m_flow"]))


def test_code_and_text_give_the_same_answer():
    text = """
kelvolt: 1
components:
  supply: {model: supply, medium: water, T: 30 degC, p: 3 bar(a)}
  drain: {model: return_line, p: 2 bar(a)}
  p: {model: pipe, count: 5, length: 0.05 m, diameter: 50 mm}
connections: [supply -> "p[1]", "p[1..4].b -> p[2..5].a", "p[5].b -> drain"]
""".replace('[supply -> "p[1]", ', '["supply -> p[1].a", ')
    assert kv.read(text).steady()["p[5].m_flow"] == pytest.approx(
        row_of_pipes(5).build().steady()["p[5].m_flow"], rel=1e-12
    )


def test_ten_thousand_components_made_by_code_are_the_ten_thousand_listed_in_text():
    coded, listed = row_of_pipes(10_000).build(), kv.read(listed_pipes(10_000))
    assert coded.unknowns == listed.unknowns > 20_000


def test_curves_words_and_units_by_keyword():
    net = kv.Network(T_start="25 degC")
    curve = {"points": [[0, 60], [20, 40], [40, 10]], "x": "L/min", "y": "kPa", "source": "made up"}
    pump = net.add("pump", "pump", dp=curve, efficiency=0.5)
    pipe = net.add("pipe", "pipe", length=5.0, diameter=0.02, friction="colebrook")
    vessel = net.add("expansion_vessel", "vessel", medium="water", p="2 bar(a)")
    net.connect(pump["b"], pipe["a"])
    net.connect(pipe["b"], pump["a"], vessel["port"])
    net.connect(pipe["wall"], net.add("ambient", "room", T="20 degC")["port"])
    sol = net.build("one pump").steady()
    flow = sol.get("pump.V_flow", "L/min")
    assert 5.0 < flow < 40.0
    assert sol.get("pump.dp", "kPa") == pytest.approx(np.interp(flow, [0, 20, 40], [60, 40, 10]), rel=0.1)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda n: n.add("pip", "a"), "pipe"),
        (lambda n: n.add("pipe", "a[0]"), "starts at 1"),
        (lambda n: n.add("pipe", "a", lenght=1.0), "length"),
        (lambda n: n.add("pipe", "a", length=-1.0), "above 0"),
        (lambda n: n.add("pipe", "a", count=3, length=[1.0, 2.0]), "2 values for 3"),
        (lambda n: n.add("pipe", "a", count=0), "whole number from 1 on"),
        (lambda n: n.add("pipe", "a", friction="magic"), "churchill"),
        (lambda n: n.add("pipe", "a")["c"], "its ports are"),
        (lambda n: n.add("cold_plate", "a", R={"point": []}), "points"),
        (lambda n: n.connect("a.b", "c.d"), "no port"),
        (lambda n: (n.add("pipe", "a"), n.add("pipe", "a")), "already used"),
        (lambda n: n.connect(n.add("pipe", "a", count=3)["a"], n.add("pipe", "b", count=2)["a"]), "3 ports"),
        (lambda n: n.connect(n.add("pipe", "a")["wall"], n.add("pipe", "b")["a"]), "only like ports"),
        (lambda n: n.build(), "no components"),
    ],
)
def test_mistakes_are_named(act, says):
    with pytest.raises(kv.Error, match=says):
        act(kv.Network())


def test_a_built_network_takes_no_more_components():
    net = row_of_pipes(2)
    net.build()
    with pytest.raises(kv.InputError, match="is built"):
        net.add("pipe", "late")


def test_every_model_describes_itself():
    for model in kv.models():
        assert model.doc and model.ports
        for p in model.params:
            assert p.doc and p.type in ("number", "choice", "curve", "medium")
            assert p.type != "number" or p.minimum <= p.maximum


def test_every_library_entry_has_a_page():
    from kelvolt.cases import catalogue

    assert len(kv.components()) > 10
    for entry in kv.components():
        assert entry.name in catalogue.page(entry.name)
    assert CASES.is_dir()


def dead_end():
    net = kv.Network()
    net.add("supply", "supply", medium="water", T="30 degC", p="3 bar(a)")
    net.add("pipe", "pipe", length=1.0, diameter="20 mm")
    net.add("return_line", "drain", p="2 bar(a)")
    net.connect("supply.port", "pipe.a") if "port" in [p.name for p in kv.model("supply").ports] else net.connect(
        f"supply.{kv.model('supply').ports[0].name}", "pipe.a"
    )
    return net


def test_a_network_that_could_not_be_built_is_built_once_it_is_mended():
    net = dead_end()
    for _ in range(2):
        with pytest.raises(kv.TopologyError):
            net.build()
    net.connect("pipe.b", f"drain.{kv.model('return_line').ports[0].name}")
    assert net.build().steady()["pipe.m_flow"] > 0.0
    with pytest.raises(kv.InputError, match="is built"):
        net.add("pipe", "late", length=1.0, diameter="20 mm")


@pytest.mark.parametrize(
    "refused",
    [
        lambda net: net.add("pipe", "more", length=-1.0, diameter="20 mm"),
        lambda net: net.add("pipe", "more", count=3, length=[1.0, 2.0, -3.0], diameter="20 mm"),
        lambda net: net.add("pipe", "more", count=3, length=[1.0, 2.0], diameter="20 mm"),
        lambda net: net.add("pipe", "more", cells=4, length="x", diameter="20 mm"),
        lambda net: net.add("pipe", "more", nonsense=1.0),
        lambda net: net.add("pipe", "more", length=object()),
        lambda net: net.set("pipe", length=9.0, diameter=-1.0),
        lambda net: net.set("pipe", length=9.0, nonsense=1.0),
        lambda net: net.connect("pipe.b", f"drain.{kv.model('return_line').ports[0].name}", "nothing.a"),
    ],
)
def test_a_call_that_is_refused_leaves_the_network_as_it_was(refused):
    net = dead_end()
    with pytest.raises(kv.Error):
        refused(net)
    net.connect("pipe.b", f"drain.{kv.model('return_line').ports[0].name}")
    case, untouched = net.build(), dead_end()
    untouched.connect("pipe.b", f"drain.{kv.model('return_line').ports[0].name}")
    assert case.find("*.*") == untouched.build().find("*.*") and case["pipe.length"] == 1.0
    assert case.steady()["pipe.m_flow"] > 0.0


@pytest.mark.parametrize("name", [e.name for e in kv.components()])
def test_a_library_entry_is_told_from_a_model_with_the_way_to_use_it(name):
    models = [m.type for m in kv.models()]
    if name in models:
        pytest.skip("a model of this name is added")
    with pytest.raises(kv.InputError) as refused:
        kv.model(name)
    said = str(refused.value)
    assert "library" in said and f"model: {name}" in said and "kv.Network().add" in said
    assert "assembly" in said or any(f"'{m}'" in said for m in models)
    assert kv.Network().add(name, "x").path == "x"


def loop_of_entries():
    """The smallest shipped loop, built in code from entries of the library."""
    net = kv.Network(T_start="30 degC")
    net.add("gb200_gpu", "gpu", count=2, power=[1000.0, 1100.0])
    net.add("gpu_plate_1200w", "plate", count=2)
    net.add("edge_pump", "pump", speed=0.8)
    supply = net.add("ambient", "room", T="25 degC")
    hose = net.add("pipe", "hose", length="1 m", diameter="10 mm")
    net.add("expansion_vessel", "vessel", medium="water", p="2 bar(a)")
    net.connect("pump.b", "plate[1..2].a")
    net.connect("plate[1..2].b", hose["a"])
    net.connect("gpu[1..2].case", "plate[1..2].base")
    net.connect(hose["wall"], supply["port"])
    net.connect("vessel.port", "pump.a")
    return net, hose


def test_a_network_takes_library_entries_limits_and_events():
    net, hose = loop_of_entries()
    net.connect(hose["b"], "pump.a")
    net.limit("gpu[*].T_die", max="300 degC", basis="a test", id="die")
    net.event("1 s", "pump.speed", to=0.5)
    net.sections(run={"duration": "2 s"}, knobs={"chips": {"sum_of": "gpu[*].power"}})
    case = net.build("a loop of entries")
    assert case["gpu[*].power"].tolist() == [1000.0, 1100.0] and case["chips"] == 2100.0
    assert case.title == "a loop of entries" and kv.read(case.to_yaml())["chips"] == 2100.0
    assert "die" in [v.id for v in case.simulate("0.1 s", every="0.1 s").end.raw.verdicts]
    with pytest.raises(kv.InputError, match="is built"):
        net.limit("gpu[*].T_die", max="90 degC")


def test_a_network_of_entries_that_could_not_be_built_is_built_once_it_is_mended():
    net, hose = loop_of_entries()
    for _ in range(2):
        with pytest.raises(kv.TopologyError, match="hose"):
            net.build()
    net.connect(hose["b"], "pump.a")
    net.limit("gpu[*].T_dye", max="90 degC")
    with pytest.raises(kv.InputError, match="T_d"):
        net.build()


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda n: n.sections(components={}), "no section 'components'"),
        (lambda n: n.sections(limits="gpu"), "mapping"),
        (lambda n: (n.add("edge_pump", "p"), n.add("edge_pump", "p")), "already used"),
        (lambda n: (n.add("edge_pump", "a.b"), n.build()), "one level"),
    ],
)
def test_mistakes_with_entries_and_sections_are_named(act, says):
    with pytest.raises(kv.Error, match=says):
        act(kv.Network())


def test_a_misspelt_model_is_answered_with_the_near_ones():
    with pytest.raises(kv.InputError, match=r"did you mean.*pipe"):
        kv.Network().add("pippe", "x")
