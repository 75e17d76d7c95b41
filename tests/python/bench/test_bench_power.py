"""The power part of the bench: many scenarios, each from nothing."""

import numpy as np

from bench import power as bench_power


def test_scenarios_solved_in_a_row_are_those_solved_one_by_one():
    case, asked = bench_power.radial(), bench_power.Scenarios.drawn(3)
    seconds, v = bench_power.solve(case, asked)
    assert seconds > 0.0
    for P, Q, row in zip(asked.P, asked.Q, v, strict=True):
        alone = case.copy().update({"load[*].P": P, "load[*].Q": Q}).steady()
        magnitude = np.hypot(alone["load[*].bus.v_re"], alone["load[*].bus.v_im"]) / (10e3 / np.sqrt(3.0))
        np.testing.assert_allclose(row, magnitude, rtol=0, atol=1e-8)
    assert 0.9 < v.min() < 0.96


def test_the_numbers_name_the_peers_and_leave_out_those_that_are_missing(monkeypatch):
    monkeypatch.setattr(bench_power, "peer_grid_model", lambda asked: None)
    monkeypatch.setattr(bench_power, "peer_pandapower", lambda asked, ours: None)
    numbers = bench_power.power_numbers(count=5, repeats=1)
    assert 0.0 < numbers["power_us_per_node_scenario"] < 100.0
    assert numbers["pgm_ratio"] is None and numbers["pandapower_ratio"] is None


def test_a_peer_that_answers_other_voltages_has_no_ratio(monkeypatch):
    other = lambda: (1.0, np.zeros((5, 1000)))  # noqa: E731
    monkeypatch.setattr(bench_power, "peer_grid_model", lambda asked: other)
    monkeypatch.setattr(bench_power, "peer_pandapower", lambda asked, ours: None)
    assert bench_power.power_numbers(count=5, repeats=1)["pgm_ratio"] is None
