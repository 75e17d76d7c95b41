"""Gradients of runs in time: shapes, kinds, events, refusals; exact against differences of tight runs."""

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES


@pytest.fixture(scope="module")
def loop_run():
    return kv.load(CASES / "single_loop.yaml").simulate("60 s")


@pytest.fixture(scope="module")
def rack():
    """The NVL72 rack with its pump trip and its warmer supply, without the second of minutes of 1 Hz load."""
    file = CASES / "gb200_nvl72_rack.yaml"
    text = file.read_text()
    return kv.read(text[: text.index("profiles:")] + text[text.index("events:") :], folder=CASES)


def test_gradients_have_the_shapes_of_both_paths(rack):
    run = rack.simulate("20 s", every="20 s")
    one = run.gradient("tray[2].gpu[1].T_die", "facility.T_supply", estimate=False)
    assert float(one) == one.gradient
    assert one.error is None
    assert one.value == pytest.approx(run.end["tray[2].gpu[1].T_die"], abs=1e-3)
    table = np.asarray(run.gradient("tray[1].gpu[1..2].T_die", "tray[1..3].gpu[*].power", estimate=False))
    assert table.shape == (1, 2, 3, 4)
    assert table[0, 1, 0, 1] > 20 * np.abs(table[0, 1, 2, 1])  # its own power, and that of another tray


def test_a_gradient_says_its_error_and_its_cost(loop_run):
    g = loop_run.gradient("gpu.T_die", "gpu.C_die", "soft_max", width="1 K")
    assert 0 < g.error < 0.02 * abs(g.gradient)
    assert g.cost > 0
    assert "soft_max of gpu.T_die" in repr(g)
    assert "error about" in repr(g)


def test_the_mean_is_the_integral_over_the_duration(loop_run):
    mean = loop_run.gradient("gpu.T_die", "facility.V_flow", "mean", estimate=False)
    integral = loop_run.gradient("gpu.T_die", "facility.V_flow", "integral", estimate=False)
    assert integral.value == pytest.approx(60 * mean.value)
    assert integral.gradient == pytest.approx(60 * mean.gradient)


def test_a_soft_maximum_comes_near_the_highest_value(loop_run):
    highest = loop_run.get("gpu.T_die", kind="maximum").max()
    soft = [loop_run.gradient("gpu.T_die", "gpu.power", "soft_max", width=w, estimate=False) for w in (2.0, 0.2)]
    assert highest - soft[0].value > highest - soft[1].value > 0
    assert highest - soft[1].value < 0.5


@pytest.mark.parametrize("path", ["facility.T_supply", "tray[*].gpu[*].power", "cdu.control.V_flow_set"])
def test_a_rack_with_a_pump_trip_and_a_ramp_agrees_with_differences_of_tight_runs(rack, path):
    of = "tray[1].gpu[1].T_die"
    base = np.asarray(rack[path], dtype=float)
    run = rack.simulate("390 s", every="390 s")
    exact = float(np.sum(np.asarray(run.gradient(of, path, estimate=False))))
    ends = []
    step = 1e-3 * float(base.flat[0])
    for sign in (1, -1):
        other = rack.copy()
        other[path] = float(base.flat[0]) + sign * step
        ends.append(other.simulate("390 s", every="390 s", tolerance=1e-7).end[of])
    assert exact == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-3)


def test_an_event_at_a_threshold_moves_with_it():
    case = kv.load(CASES / "edge_cabinet.yaml")
    run = case.simulate("15 min", every="15 min")
    assert any("on = 1" in e.text for e in run.events)
    exact = float(run.gradient("module[1].T_die", "speed.on_above", "integral", estimate=False))
    values = []
    for sign in (1, -1):
        other = case.copy()
        other["speed.on_above"] = 328.15 + 0.05 * sign
        tight = other.simulate("15 min", every="15 min", tolerance=1e-7)
        values.append(tight.gradient("module[1].T_die", "sun.power", "integral", estimate=False, tolerance=1e-7).value)
    assert exact == pytest.approx((values[0] - values[1]) / 0.1, rel=5e-3)


def test_what_has_no_gradient_is_refused_by_name(loop_run):
    with pytest.raises(kv.InputError, match="none of end, integral, mean, soft_max"):
        loop_run.gradient("gpu.T_die", "gpu.power", "highest")
    with pytest.raises(kv.InputError, match="needs a width"):
        loop_run.gradient("gpu.T_die", "gpu.power", "soft_max")
    with pytest.raises(kv.InputError, match="no result that has a gradient"):
        loop_run.gradient("gpu.power", "gpu.power")
    board = kv.load(CASES / "asic_board.yaml")
    board["firmware.T_limit"] = "60 degC"
    run = board.simulate("2 min", every="2 min")
    assert any("factor" in e.text for e in run.events)
    with pytest.raises(kv.NoGradient, match=r"firmware\.step_down determines the result of a decision at t = "):
        run.gradient("asic.T_die", "firmware.step_down")
