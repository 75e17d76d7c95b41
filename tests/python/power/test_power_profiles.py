"""Load profiles have the statistics they were asked for; traces are read, measured and put on a case."""

import json

import kelvolt as kv
import numpy as np
import pytest
import yaml
from kelvolt.cli.commands import main
from kelvolt.power.profiles import inference_profile, training_profile
from kelvolt.power.traces import profile_yaml, read_traces, trace_statistics, with_traces, write_traces

QUIET = {"noise": 0.0, "bursts": 0.0, "ramp": 0.0, "jitter": 0.0}


@pytest.mark.parametrize(("period", "duty"), [(0.5, 0.6), (1.0, 0.85), (4.0, 0.7)])
def test_training_has_the_period_duty_and_levels_asked_for(period, duty):
    made = training_profile(8, period=period, duty=duty, duration=60.0, step=0.005, bursts=0.0, ramp=0.0, jitter=0.0)
    share = made.activity.mean("gpu").values
    found = trace_statistics(made.time.values, share)
    assert found.frequency == pytest.approx(1.0 / period, abs=1.0 / 60.0)
    assert (share > 0.675).mean() == pytest.approx(duty, abs=0.01)
    # noise of 8 GPUs, each 4 % and correlated over 0.1 s, leaves 1.4 % on a sample of the mean
    assert np.median(share[share > 0.675]) == pytest.approx(0.95, rel=0.01)
    assert np.median(share[share < 0.675]) == pytest.approx(0.4, rel=0.01)


def test_mean_and_rms_of_a_square_wave_are_the_closed_form():
    made = training_profile(1, duration=40.0, step=0.002, edge=1e-3, skew=0.0, **QUIET)
    found = trace_statistics(made.time.values, made.activity.values[0])
    # duty 0.7 at 0.95, the rest at 0.4; edges of 1 ms in 2 s and the step of 2 ms are what is left
    assert found.mean == pytest.approx(0.7 * 0.95 + 0.3 * 0.4, rel=2e-3)
    assert found.rms == pytest.approx(np.sqrt(0.7 * 0.95**2 + 0.3 * 0.4**2), rel=2e-3)
    assert found.peak == pytest.approx(0.95) and found.lowest == pytest.approx(0.4)
    assert found.crest == pytest.approx(found.peak / found.rms)


def test_ranks_begin_within_the_skew_and_not_together():
    made = training_profile(72, duration=10.0, step=0.001, skew=0.02, **QUIET)
    level = made.activity.values
    middle = 0.5 * (0.95 + 0.4)
    rises = [np.flatnonzero((x[1:] > middle) & (x[:-1] <= middle))[0] * 0.001 for x in level]
    spread = max(rises) - min(rises)
    assert 0.015 < spread <= 0.021
    assert len(set(rises)) > 10


def test_the_seed_alone_decides():
    one, same, other = (training_profile(4, duration=5.0, seed=s) for s in (3, 3, 4))
    assert np.array_equal(one.activity, same.activity)
    assert not np.array_equal(one.activity, other.activity)
    assert np.array_equal(*(inference_profile(4, seed=5).activity for _ in range(2)))
    assert not np.array_equal(*(inference_profile(4, seed=s).activity for s in (5, 6)))


def test_noise_has_its_deviation_and_gpus_their_own():
    made = training_profile(16, duration=60.0, step=0.01, **QUIET | {"noise": 0.04}, low=0.9, high=0.9)
    level = made.activity.values
    assert level.std() / 0.9 == pytest.approx(0.04, rel=0.05)
    assert abs(np.corrcoef(level)[0, 1:]).max() < 0.25  # 600 independent tenths of a second: 0.04 each


def test_checkpoints_ramp_and_bursts_are_where_they_belong():
    made = training_profile(
        4, duration=100.0, step=0.01, checkpoint_every=40.0, checkpoint=5.0, bursts=2.0, burst_length=0.02, ramp=10.0
    )
    share, t = made.activity.mean("gpu").values, made.time.values
    for at in (40.0, 80.0):  # idle + 0.1, all ranks at once
        assert share[(t > at + 0.05) & (t < at + 4.95)].max() < 0.24 * 1.2
    assert share[t < 1.0].max() < 0.14 + 0.1 * (0.95 - 0.14) * 1.2  # a tenth of the ramp
    hot = share > 1.39
    assert 20 < np.flatnonzero(np.diff(hot.astype(int)) == 1).size < 130  # some 2/s times the 56 s of computing
    assert not hot[t < 10.0].any()
    assert share.max() == pytest.approx(1.4)
    # every burst lasts its 20 ms: two samples, or more where two fall together
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], hot.astype(int), [0]]))))[::2]
    assert runs.min() == 2 and np.median(runs) == 2


def test_the_rack_draws_the_share_beside_its_gpus():
    made = training_profile(72, tdp=1200.0, duration=4.0, gpu_share=0.8)
    beside = made.rack_power - made.gpu_power.sum("gpu")
    assert float(beside.min()) == pytest.approx(72 * 1200.0 * 0.25) == float(beside.max())


def test_inference_has_the_statistics_of_the_405b_trace():
    made = inference_profile(8, tdp=700.0, duration=600.0, step=0.02, seed=1)
    group = made.gpu_power.sum("gpu").values / 1e3
    floor, top = np.percentile(group, [5, 99.5])
    assert 4.1 < floor < 4.45 and 5.35 < top < 5.7
    middle = 0.5 * (floor + top)
    up = np.flatnonzero((group[1:] > middle) & (group[:-1] <= middle))
    gaps = np.diff(up) * 0.02
    assert 0.9 < np.percentile(gaps, 5) and np.percentile(gaps, 95) < 5.2 and 2.0 < gaps.mean() < 4.5
    down = np.flatnonzero((group[1:] <= middle) & (group[:-1] > middle))
    lengths = [(down[down > u][0] - u) * 0.02 for u in up[:-2]]
    assert 0.15 < np.percentile(lengths, 5) and np.percentile(lengths, 95) < 1.6
    assert trace_statistics(made.time.values, group).share < 0.5  # no clock in it


def test_instances_of_a_model_burst_on_their_own():
    made = inference_profile(16, duration=300.0, noise=0.0)
    level = made.activity.values
    assert np.corrcoef(level[0], level[7])[0, 1] == pytest.approx(1.0)
    assert abs(np.corrcoef(level[0], level[8])[0, 1]) < 0.3


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"dutty": 0.5}, "there is no 'dutty'"),
        ({"duty": 1.5}, "duty = 1.5; allowed"),
        ({"step": 0.05}, "bursts of 20 ms are lost"),
        ({"gpus": 0}, "gpus = 0 must be above zero"),
        ({"duration": 1e9}, "fewer GPUs"),
        ({"edge": 0.9}, "does not fit"),
        ({"gpu_share": 0.0}, "gpu_share"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(figures, words):
    with pytest.raises(kv.InputError, match=words):
        training_profile(**figures)


def test_demand_and_ramps_of_a_trace():
    t = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
    v = np.array([0.0, 0.0, 100.0, 100.0, 0.0])
    found = trace_statistics(t, v, window=10.0)
    assert found.demand == pytest.approx(100.0) and found.mean == pytest.approx(50.0)
    assert found.ramp_up == pytest.approx(10.0) and found.ramp_down == pytest.approx(-10.0)
    assert trace_statistics(t, v, window=1e9).demand == pytest.approx(50.0)
    # squares: two slopes of 10 s at a third each, 10 s whole, over 40 s
    assert found.rms == pytest.approx(100.0 * np.sqrt((2 * 10.0 / 3.0 + 10.0) / 40.0))
    assert np.isnan(found.frequency)


def test_traces_of_loggers_are_read_with_their_units(tmp_path):
    file = tmp_path / "rack.csv"
    file.write_text("# a meter\nrelative_time_s,power_total_W,Feed A (kW)\n0.0,4200,1\n0.1,5500,2\n0.2,4300,1.5\n")
    found = read_traces(file)
    assert list(found.data_vars) == ["power_total", "Feed A"]
    assert found["Feed A"].values.tolist() == [1e3, 2e3, 1.5e3] and found["Feed A"].attrs["units"] == "W"
    assert found.time.values.tolist() == [0.0, 0.1, 0.2]
    assert list(read_traces(file, columns=["power_total_W"]).data_vars) == ["power_total"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t (s);P (W)\n0;1\n0;2\n", ":3: times must increase"),
        ("t,P (W)\n0,1\n1,\n2,3\n", ":3: could not convert"),
        ("t,P (W)\n0,1\n1,nan\n", ":3: a value is missing"),
        ("t,P (bananas)\n0,1\n1,2\n", "neither a share, power"),
        ("t,P (W)\n0,1\n", "two rows"),
        ("t,P (W)\n0,1\n1\n", ":3: 1 values"),
    ],
)
def test_a_broken_trace_is_refused_with_its_line(tmp_path, text, words):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(kv.InputError, match=words):
        read_traces(tmp_path / "x.csv")


def test_what_is_written_is_read_back(tmp_path):
    made = training_profile(3, duration=2.0)
    columns = write_traces(tmp_path / "p.csv", made, ["gpu_power"])
    assert columns == ["gpu1", "gpu2", "gpu3"]
    back = read_traces(tmp_path / "p.csv")
    assert np.allclose(back["gpu2"], made.gpu_power.values[1], atol=1e-4)
    assert 'value: "gpu2"' in profile_yaml("p.csv", columns, ["a", "b", "c"])
    with pytest.raises(kv.InputError, match="3 columns for 2"):
        profile_yaml("p.csv", columns, ["a", "b"])


def test_a_case_follows_traces_of_its_components(tmp_path, starter_text):
    plain = yaml.safe_load(starter_text)
    del plain["apply"], plain["profiles"]
    case = kv.read(plain)
    paths = case.core.find_parameters("**.activity").paths
    made = training_profile(len(paths), duration=4.0, step=0.02, period=1.0, ramp=0.0)
    followed = with_traces(case, made, {"**.activity": "activity"}, tmp_path)
    run = followed.simulate("4 s", every="0.02 s", record=[paths[0]])
    shown = run[paths[0]]
    assert np.corrcoef(shown, made.activity.values[0][: len(shown)])[0, 1] > 0.99


def test_the_command_writes_a_profile_and_measures_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["--gpus", "2", "--duration", "20 s", "--set", "period=1", "--to", "tray[*].gpu.activity"]
    assert main(["profile", "training", "-o", "t.csv", *words]) == 0
    assert 'to: "tray[2].gpu.activity"' in capsys.readouterr().out
    assert main(["profile", "t.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["gpu1"]
    assert found["peak"] == pytest.approx(1.4) and found["frequency"] == pytest.approx(1.0, abs=0.06)
    assert main(["profile", "training", "--set", "dutty=1"]) == 2
    assert "there is no 'dutty'" in capsys.readouterr().err


LOGGER = """kelvolt: 1
title: a facility temperature from a logger
components:
  fac: {model: facility, medium: water, mode: flow, T_supply: 30 degC, V_flow: 100 L/min, p_return: 2 bar(a)}
  load: {model: tray, heat: 20 kW, dp_nominal: 1 bar, V_flow_nominal: 100 L/min, volume: 10 L, C: 10 kJ/K, G: 10 kW/K}
connections: [fac.supply -> load -> fac.return]
profiles:
  fws: {csv: logger.csv, time: time, value: T, between: linear}
apply: [{profile: fws, to: fac.T_supply}]
run: {duration: 3 h, start: steady}
record: {every: 10 min}
"""


def logged(tmp_path, times, unit="s", apply=""):
    rows = "".join(f"{t},{T}\n" for t, T in zip(times, (30, 32, 31), strict=True))
    (tmp_path / "logger.csv").write_text(f"time ({unit}),T (degC)\n{rows}")
    return kv.read(LOGGER.replace("fac.T_supply}]", f"fac.T_supply{apply}}}]"), folder=tmp_path)


@pytest.mark.parametrize(
    ("times", "unit", "stamps"),
    [
        ((1782864000, 1782867600, 1782871200), "s", True),
        ((1782864000000, 1782867600000, 1782871200000), "ms", True),
        ((10800, 14400, 18000), "s", False),
        ((-7200, -3600, 0), "s", False),
    ],
)
def test_a_profile_outside_the_run_is_refused_with_both_spans(tmp_path, times, unit, stamps):
    case = logged(tmp_path, times, unit)
    with pytest.raises(kv.InputError) as refused:
        case.simulate(progress=False)
    said = str(refused.value)
    assert "fws on fac.T_supply" in said and "0 s to 10800 s" in said and ("time stamps" in said) == stamps
    assert refused.value.line == LOGGER.splitlines().index("apply: [{profile: fws, to: fac.T_supply}]") + 1
    scale = 1e-3 if unit == "ms" else 1.0
    assert f"{times[0] * scale:.0f} s to {times[-1] * scale:.0f} s" in said
    remedy = said.split("add `")[1].split("`")[0]
    run = logged(tmp_path, times, unit, f", {remedy}").simulate(progress=False)
    assert run.end["fac.T_supply"] == pytest.approx(273.15 + 31.0, abs=0.01)
    assert run.status == "complete"


def test_a_profile_that_meets_the_run_is_followed(tmp_path):
    run = logged(tmp_path, (-3600, 3600, 10800)).simulate(progress=False)
    assert run.start["fac.T_supply"] == pytest.approx(304.15, abs=1e-9)
    assert run.end["fac.T_supply"] == pytest.approx(304.15, abs=0.01)


def test_a_run_begins_from_the_steady_state_of_its_log_and_says_so(tmp_path):
    (tmp_path / "logger.csv").write_text("time (s),T (degC)\n0,38\n10800,38\n")
    run = kv.read(LOGGER, folder=tmp_path).simulate("10 min", every=1, record=["load.T_body"], progress=False)
    body = run["load.T_body"]
    assert run.start["fac.T_supply"] == pytest.approx(311.15, abs=1e-9)
    assert np.ptp(body) < 1e-3  # no transient of its own: the component states 30 degC, the log 38
    assert "began from the steady state at the load of the profiles at 0 s" in run.summary()
    assert run.start["load.T_body"] > kv.read(LOGGER, folder=tmp_path).steady()["load.T_body"] + 7.9


def test_a_run_begins_from_another_load_where_the_case_asks_for_it_and_says_so(tmp_path):
    (tmp_path / "logger.csv").write_text("time (s),T (degC)\n0,38\n10800,32\n")
    for at, T, said in (("nominal", 30, "nominal load"), ("mean", 35, "mean load"), ("3 h", 32, "profiles at 3 h")):
        text = LOGGER.replace("start: steady", f"start: steady, steady_at: {at}")
        run = kv.read(text, folder=tmp_path).simulate("10 min", progress=False)
        assert run.start["fac.T_supply"] == pytest.approx(273.15 + T, abs=1e-9)
        assert said in run.summary()


def test_stamped_logs_begin_the_run_at_their_value_of_its_moment(tmp_path):
    rows = "2026-07-01T00:00Z,30\n2026-07-01T02:00Z,34\n2026-07-01T06:00Z,34\n"
    (tmp_path / "logger.csv").write_text(f"time,T (degC)\n{rows}")
    text = LOGGER.replace("start: steady", "start: steady, begins: 2026-07-01T01:00Z")
    run = kv.read(text, folder=tmp_path).simulate("1 h", progress=False)
    assert run.start["fac.T_supply"] == pytest.approx(305.15)


def test_a_longer_run_reaches_a_later_profile(tmp_path):
    case = logged(tmp_path, (10800, 14400, 18000))
    assert case.simulate("5 h", progress=False).end["fac.T_supply"] == pytest.approx(304.15, abs=0.01)


def test_a_temperature_column_without_unit_is_refused(tmp_path):
    (tmp_path / "logger.csv").write_text("time (s),T\n0,30\n3600,32\n")
    with pytest.raises(kv.InputError, match=r"T \(degC\)"):
        kv.read(LOGGER, folder=tmp_path)


def test_a_steady_state_at_a_time_takes_no_time_stamps(tmp_path):
    text = LOGGER.replace("start: steady", "start: steady, steady_at: 1 h")
    (tmp_path / "logger.csv").write_text("time (s),T (degC)\n1782864000,30\n1782867600,32\n")
    with pytest.raises(kv.InputError, match=r"time stamps.*phase: -1782864000 s"):
        kv.read(text, folder=tmp_path).steady()
    (tmp_path / "logger.csv").write_text("time (s),T (degC)\n0,30\n7200,32\n")
    assert kv.read(text, folder=tmp_path).steady()["fac.T_supply"] == pytest.approx(304.15)
