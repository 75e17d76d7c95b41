"""Pictures: hottest elements, titles, events in words, flows that pass no foreign stage, measured against modelled."""

from __future__ import annotations

import kelvolt as kv
import numpy as np
import pandas
import pytest
from kelvolt.plots import branch_flows, calibration_fit, loss_sankey, pump_curve, time_series
from kelvolt.plots.power import _columns, _in_lanes, _watts, links
from kelvolt.plots.solutions import event_texts, required_flows


@pytest.fixture(scope="module")
def rack() -> kv.Case:
    return kv.load("oam_rack")


@pytest.fixture(scope="module")
def run(rack):
    return rack.simulate("65 s")


def test_temperatures_of_an_array_show_the_hottest_element(run):
    figure = time_series(run)["temperatures"]
    drawn = {line.get_label(): line.get_ydata() for axes in figure.axes for line in axes.get_lines()}
    (label,) = (name for name in drawn if name.startswith("tray.") and "(48)" in name and "T_die" in name)
    hottest = np.asarray(run.get("tray[*].*[*].T_die", "degC", "maximum")).reshape(len(run.time), -1).max(axis=1)
    np.testing.assert_allclose(drawn[label], hottest, atol=1e-9)


def test_every_picture_in_time_has_the_title_of_its_case(rack, run):
    for figure in time_series(run).values():
        assert figure is None or figure.get_suptitle() == rack.title


def test_a_picture_of_one_state_says_of_which_case_and_which_state_it_is(rack, run):
    assert pump_curve(rack, run.end).get_suptitle() == f"{rack.title}\nPump curve and network, end of the run, 65 s"
    assert branch_flows(run.start).get_suptitle().endswith("start of the run")
    assert loss_sankey(kv.load("server_room")).get_suptitle().endswith("Electric power and heat, steady state")


def test_a_required_flow_is_marked_at_the_branch_whose_flow_it_is_and_not_at_what_it_lies_in():
    rack = kv.load("gb200_nvl72_rack").steady()
    trays = required_flows(rack, rack.branch_list())
    assert len(trays) == 18 and all(name.startswith("tray[") for name in trays)
    hall = kv.load("hall_2n_ac").steady()
    assert required_flows(hall, hall.branch_list()) == {}, "the flow that a tray needs is not that of its rack"


def test_lines_that_lie_on_each_other_are_both_seen():
    figure = time_series(kv.load("shedding").simulate())["power"]
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    np.testing.assert_allclose(lines["ups.P_in"].get_ydata(), lines["mains.P"].get_ydata(), atol=1.0)
    styles = {lines[name].get_linestyle() for name in ("ups.P_in", "mains.P")}
    assert styles == {"-", "--"}


def test_an_event_is_told_in_words(run):
    assert [text for _, text in event_texts(run)] == ["cdu.pump[3]: tripped or off"]


def test_no_flow_of_the_sankey_passes_behind_a_foreign_stage():
    found = links(kv.load("server_room"))
    stages = _columns(found)
    assert any(stages[x.end] - stages[x.start] > 1 for x in found), "some flows go over several columns"
    in_lanes, column, leads = _in_lanes(found, stages)
    assert all(column[x.end] - column[x.start] == 1 for x in in_lanes)
    for space in {x.end for x in found if x.heat}:
        reached = sum(x.watts for x in in_lanes if x.end == space)
        assert reached == pytest.approx(sum(x.watts for x in found if x.end == space))
    assert set(leads.values()) <= set(stages)


def test_the_sankey_says_what_its_colours_mean_and_names_nothing_twice():
    figure = loss_sankey(kv.load("hall_2n_ac"), title="Hall")
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "electric power",
        "heat to coolant",
        "heat to rooms and outdoors",
    ]
    names = ["".join(t.get_text().splitlines()[:-1]) for t in axes.texts]
    assert len(set(names)) == len(names) and not any("rack.rack" in n or ".tray.tray." in n for n in names)


def test_numeric_noise_is_zero():
    assert _watts(3.6e-10) == "0 W" and _watts(-1e-3) == "0 W" and _watts(1234.0) == "1.23 kW"


def test_a_calibration_is_drawn_as_measured_against_modelled_with_its_residuals():
    case = kv.load("single_loop")
    rows = []
    for k, power in enumerate((600.0, 800.0, 1000.0, 1200.0)):
        case["gpu.power"] = power
        solved = case.steady()
        rows.append(
            {
                "gpu.power": power,
                "gpu.T_die": solved["gpu.T_die"] + (-1) ** k * 0.2,
                "pump.m_flow": solved["pump.m_flow"],
            }
        )
    telemetry = pandas.DataFrame(rows)
    found = kv.calibrate(case, telemetry, {"gpu.R_jc": (0.004, 0.03)})
    figure = found.plot()
    left, right = figure.axes[:2]
    dots = left.get_lines()[0]
    np.testing.assert_allclose(dots.get_xdata(), telemetry["gpu.T_die"] - 273.15, atol=1e-9)
    np.testing.assert_allclose(right.get_lines()[0].get_ydata(), dots.get_ydata() - dots.get_xdata(), atol=1e-9)
    assert "standard deviation 0.198 K" in right.get_title(loc="left") and "measured (°C)" in left.get_xlabel()
    assert figure.get_suptitle().startswith(f"{case.title}\n")
    with pytest.raises(TypeError, match=r"calibration_fit takes a Calibration \(kv\.calibrate"):
        calibration_fit(telemetry)
