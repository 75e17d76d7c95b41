"""Load swings: ramps, spectrum, store and flicker against closed forms, and the list of checks."""

import json
import math
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.cli import main
from kelvolt.plots import load_swings
from kelvolt.power import flicker
from kelvolt.power.dips import dips
from kelvolt.power.swings import CONNECTION, LOADS
from kelvolt.power.waves import ramps, smallest_store, spectrum, without_drift

HIGH, LOW, DUTY = 132e3, 60e3, 0.7  # a rack in training, W
RACK = """
kelvolt: 1
title: one rack behind its shelf
components:
  grid: {model: ac_utility, V: 400 V, S_sc: 5 MVA, X_over_R: 3}
  breaker: {model: mccb_thermal, I_rated: 250 A}
  shelf:
    {model: ac_power_shelf, P_psu: 33 kW, psus_a: 6, V_in: 400 V, V_in_min: 300 V, V_out: 54 V,
     droop: 0.5 V, loss: 0.02, power_factor: 1}
  it: {model: dc_load, P: 100 kW, V: 54 V}
connections:
  - grid.bus -> breaker.a
  - breaker.b -> shelf.in_a
  - breaker.b -> shelf.in_b
  - shelf.out -> it.bus
profiles:
  training: {square_wave: {high: 132 kW, low: 60 kW, period: 2 s, duty: 0.7}}
power:
  swings: {apply: [{profile: training, to: it.P}], duration: 20 s}
"""


def square(period, step, periods=10, duty=DUTY):
    """Exact means of a square wave over rows."""
    rows = round(periods * period / step)
    edges = np.arange(rows + 1) * step
    high = np.floor(edges / period) * duty * period + np.minimum(np.mod(edges, period), duty * period)
    return LOW + (HIGH - LOW) * np.diff(high) / step


@pytest.fixture(scope="module")
def rack():
    return kv.swings(kv.read(RACK))


# ---- waves ----


def test_a_sine_has_the_ramp_of_its_steepest_rise_within_the_window_and_one_line_in_the_spectrum():
    step, f, A = 0.01, 1.3, 3e3
    t = np.arange(0.0, 40.0, step)
    p = 1e5 + A * np.sin(2.0 * math.pi * f * t)
    up, down = ramps(p, step, 0.1)
    expected = 2.0 * A * math.sin(math.pi * f * 0.1) / 0.1  # of a sine the largest change within w is 2A sin(pi f w)
    assert up == pytest.approx(expected, rel=1e-3) and down == pytest.approx(expected, rel=1e-3)
    assert ramps(p, step, 1.0) == pytest.approx((2.0 * A, 2.0 * A), rel=1e-3)  # longer than half a period: all of it
    found = spectrum(p, step)
    at, amplitude = found.strongest()
    assert at == pytest.approx(f, abs=1.0 / 40.0) and amplitude == pytest.approx(A, rel=1e-3)
    assert found.variance() == pytest.approx(A**2 / 2.0, rel=1e-3)
    assert found.share(1.0, 2.5) == pytest.approx(1.0, abs=1e-4) and found.share(7.0, 20.0) < 1e-4


def test_a_square_wave_has_its_fourier_series():
    period, step = 2.0, 0.005
    found = spectrum(square(period, step, periods=20), step)
    for n in range(1, 8):
        exact = 2.0 * (HIGH - LOW) / (n * math.pi) * abs(math.sin(n * math.pi * DUTY))
        assert found.amplitude(n / period) == pytest.approx(exact, rel=2e-3), n
    assert found.variance() == pytest.approx((HIGH - LOW) ** 2 * DUTY * (1.0 - DUTY), rel=5e-3)


def test_bands_outside_what_the_rows_tell_have_no_share():
    found = spectrum(square(2.0, 0.1), 0.1)
    assert (found.lowest, found.highest) == (0.1, 5.0)
    assert math.isnan(found.share(7.0, 100.0)) and found.share(0.1, 20.0) > 0.9


@pytest.mark.parametrize(("period", "energy"), [(0.5, 7.56e3), (1.0, 15.12e3), (2.0, 30.24e3), (5.0, 75.6e3)])
def test_the_store_that_flattens_a_square_wave_is_that_of_the_closed_form(period, energy):
    found = smallest_store(square(period, period / 100.0), period / 100.0, band=0.0)
    assert found.energy == pytest.approx((HIGH - LOW) * DUTY * (1.0 - DUTY) * period, rel=1e-6)
    assert found.energy == pytest.approx(energy, rel=1e-6)
    assert found.power == pytest.approx((HIGH - LOW) * DUTY, rel=1e-6)  # in the low phase
    assert np.ptp(found.grid) < 1e-3


def test_the_store_for_a_ramp_limit_of_a_single_step_is_half_of_the_triangle_about_it():
    # a step D at ramp r takes D/r: before and after the step the grid is off by up to D/2, each with D^2/(8 r)
    step, D, r = 0.01, 72e3, 24e3
    p = np.where(np.arange(0.0, 20.0, step) < 10.0, LOW, LOW + D)
    found = smallest_store(p, step, ramp_up=r)
    assert found.energy == pytest.approx(D**2 / (8.0 * r), rel=5e-3)
    assert found.power == pytest.approx(D / 2.0, rel=1e-2)
    assert np.diff(found.grid).max() <= r * found.step * (1.0 + 1e-6)
    assert found.grid.mean() == pytest.approx(p.mean(), rel=1e-9)  # as full as at the beginning


def test_a_power_within_the_limits_needs_no_store():
    found = smallest_store(np.full(100, 5e4), 0.1, ramp_up=1.0, band=1.0)
    assert (found.energy, found.power) == (0.0, 0.0)
    with pytest.raises(kv.InputError, match="must not be negative"):
        smallest_store(np.ones(100), 0.1, band=-1.0)


# ---- flicker ----

# changes over voltage [%] for Pst = 1 by changes a minute: rectangular changes, curves of IEEE 1453 and IEC 61000-3-3
CHANGES = (1, 2, 7, 22, 39, 110, 273, 585, 1055, 1620)
CURVES = {
    230: dict(zip(CHANGES, (2.724, 2.211, 1.459, 1.02, 0.906, 0.725, 0.56, 0.42, 0.28, 0.402), strict=True)),
    120: dict(zip(CHANGES, (3.166, 2.568, 1.695, 1.186, 1.044, 0.841, 0.65, 0.501, 0.351, 0.547), strict=True)),
}


@pytest.mark.parametrize(("lamp", "changes"), [(lamp, n) for lamp, curve in CURVES.items() for n in curve])
def test_rectangular_changes_of_the_published_curve_have_a_pst_of_one(lamp, changes):
    change, step = CURVES[lamp][changes] / 100.0, 0.002
    fine = np.arange(round(600.0 / 0.0005)) * 0.0005 + 0.00025
    v = 1.0 + 0.5 * change * np.where(np.mod(fine * changes / 120.0, 1.0) < 0.5, 1.0, -1.0)
    rows = v.reshape(-1, 4).mean(axis=1)
    assert flicker.pst(rows, step, lamp) == pytest.approx(1.0, abs=0.03)  # flickermeters are allowed 5 %
    assert flicker.pst(1.0 + 2.0 * (rows - 1.0), step, lamp) == pytest.approx(
        2.0, abs=0.08
    )  # and grows with the change


def test_pst_is_not_told_by_slow_rows_nor_of_a_voltage_that_is_out():
    assert math.isnan(flicker.pst(np.ones(100), 0.1))
    assert math.isnan(flicker.pst(np.zeros(100), 0.01))
    assert flicker.pst(np.ones(100), 0.01) < 1e-9


# ---- a case ----


def test_every_level_has_the_swing_of_the_loads_with_the_losses_between(rack):
    assert [level.name for level in rack.levels] == [LOADS, "shelf", CONNECTION]
    table = rack.table.set_index("level")
    assert table["range"][LOADS] == pytest.approx(HIGH - LOW, rel=1e-6)
    assert table["mean"][LOADS] == pytest.approx(LOW + DUTY * (HIGH - LOW), rel=1e-6)
    assert table["mean"]["shelf"] == pytest.approx(table["mean"][LOADS] + 0.02 * 198e3, rel=1e-6)  # constant loss
    assert table["range"][CONNECTION] > table["range"]["shelf"]  # and of the breaker and cables, which grow
    assert table["ramp_up_1s"][LOADS] == pytest.approx(72e3, rel=1e-6)
    assert table["ramp_up_10s"][LOADS] == pytest.approx(7.2e3, rel=1e-6) and math.isnan(table["ramp_up_60s"][LOADS])
    exact = 2.0 * 72e3 / math.pi * math.sin(math.pi * DUTY)
    assert rack.strongest[0] == pytest.approx(0.5) and rack.strongest[1] == pytest.approx(exact, rel=2e-3)


def test_the_store_at_the_point_of_connection_is_that_of_the_swing_there(rack):
    store = rack.stores["flat power"]
    swing = rack.connection.range
    assert store.energy == pytest.approx(swing * DUTY * (1.0 - DUTY) * 2.0, rel=1e-3)
    assert list(rack.stores) == ["flat power"]  # the case gives no limit


def test_the_voltage_falls_by_what_the_impedance_of_the_source_says(rack):
    (voltage,) = rack.voltages
    Z = 400.0**2 / 5e6
    R = Z / math.hypot(1.0, 3.0)
    P = rack.connection.power.max(), rack.connection.power.min()
    half = [0.5 * (400.0**2 - 2.0 * R * p) for p in P]  # V^4 + V^2 (2 R P - E^2) + (Z P)^2 = 0 at power factor 1
    low, high = (math.sqrt(h + math.sqrt(h**2 - (Z * p) ** 2)) for h, p in zip(half, P, strict=True))
    mean = DUTY * low + (1.0 - DUTY) * high
    assert voltage.change == pytest.approx((high - low) / mean, rel=1e-4)
    # 60 changes a minute of the curve: between 0.906 % at 39 and 0.725 % at 110, less for a duty off one half
    assert 0.9 < rack.voltages[0].pst / (100.0 * voltage.change / 0.83) < 1.1


def test_what_the_rows_cannot_tell_is_said(rack):
    assert any(gap.startswith("band_shaft: above 25 Hz") for gap in rack.gaps)
    assert any("60 s" in gap for gap in rack.gaps) and any(gap.startswith("edges") for gap in rack.gaps)
    slow = kv.swings(kv.read(RACK), every="0.5 s")
    assert math.isnan(slow.table["band_shaft"].iloc[0]) and math.isnan(slow.voltages[0].pst)
    assert any(gap.startswith("Pst") for gap in slow.gaps)


def test_values_set_in_the_case_are_kept_in_the_run_of_its_swings():
    case = kv.read(RACK)
    case["grid.S_sc"] = "50 MVA"
    assert kv.swings(case).voltages[0].change < 0.2 * kv.swings(kv.read(RACK)).voltages[0].change


def test_a_run_of_the_case_itself_tells_its_swings():
    case = kv.read(RACK.partition("power:\n")[0] + "apply: [{profile: training, to: it.P}]\nrun: {duration: 4 s}\n")
    found = kv.swings(case)
    assert found.time[-1] == pytest.approx(4.0) and found.step == pytest.approx(0.02)
    again = kv.swings(found.run)
    assert again.connection.range == found.connection.range


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (("  swings: {apply: [{profile: training, to: it.P}], duration: 20 s}", "  it: it"), {}, "has no run in time"),
        (("", ""), {"every": "2 s"}, "at most 1 s"),
        (("", ""), {"lamp": 100}, "230, 120 V"),
        (("duration: 20 s", "duration: 0.1 s"), {}, "a spectrum needs 16 rows"),
        (("profile: training, to: it.P}]", "profile: traning, to: it.P}]"), {}, "no profile 'traning'.*training"),
        (("to: it.P}]", "to: it.Q}]"), {}, "it.Q"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_give(change, options, said):
    with pytest.raises(kv.InputError, match=said):
        kv.swings(kv.read(RACK.replace(*change) if change[0] else RACK), **options)


# ---- the list of checks ----


def _lines(text, **options):
    table = kv.power_check(kv.read(text), failures=False, **options).table
    return table[table.item.isin([14, 16])].set_index("quantity")


def test_without_limits_of_the_utility_ramps_and_bands_are_stated_and_not_held():
    lines = _lines(RACK)
    stated = lines[lines.verdict == "stated"]
    assert {"steepest ramp up within 1 s", "highest less lowest power"} <= set(stated.index)
    assert not (lines[lines.item == 16].verdict == "held").any()
    assert lines.verdict["steepest ramp up within 60 s"] == "not assessed"


def test_limits_of_the_utility_are_judged_in_their_units():
    limits = "power:\n  limits: {ramp_up_second: {max: 3 MW/min}, range: {max: 80 kW}, band_swing: {max: 20 %}}\n"
    lines = _lines(RACK.replace("power:\n", limits))
    ramp = lines.loc["steepest ramp up within 1 s"]
    assert ramp.verdict == "broken" and ramp.limit == pytest.approx(50e3) and ramp.unit == "W/s"
    assert lines.verdict["highest less lowest power"] == "held"
    assert lines.verdict["share of the variance from 0.1 to 20 Hz"] == "broken"
    both = kv.swings(kv.read(RACK.replace("power:\n", limits))).stores
    assert both["limits of the case"].energy < both["flat power"].energy
    assert np.ptp(both["limits of the case"].grid) <= 80e3 * (1.0 + 1e-6)


def test_peaks_are_told_against_the_rating_and_the_trip_curve():
    lines = _lines(RACK)
    assert lines.value["peak load over rating in the run"] == pytest.approx(132.0 / 198.0, rel=1e-3)
    assert lines.value["longest pulse over the earliest trip at its current"] == 0.0
    # a breaker whose RMS is below its setting while each pulse of 0.6 s is above it
    bursts = RACK.replace(
        "high: 132 kW, low: 60 kW, period: 2 s, duty: 0.7", "high: 190 kW, low: 20 kW, period: 2 s, duty: 0.3"
    )
    lines = _lines(bursts.replace("I_rated: 250 A", "I_rated: 160 A"))
    share = lines.loc["longest pulse over the earliest trip at its current"]
    assert 0.0 < share.value < 1.0 and share.verdict == "held"


def test_without_a_run_items_14_and_16_say_what_to_give():
    text = RACK.replace("  swings: {apply: [{profile: training, to: it.P}], duration: 20 s}", "  it: it")
    reasons = _lines(text).reason
    assert all("power: swings:" in r or "--ride-through" in r or "states no" in r for r in reasons)
    assert sum("power: swings:" in r for r in reasons) == 2


# ---- dips ----


def test_a_dip_below_the_input_window_loses_the_load_and_one_above_it_does_not():
    found = dips(kv.read(RACK), {"mine": [(0.0, "20 ms"), (0.9, "1 s")]})
    lost, ridden = found.rows
    assert lost.verdict == "broken" and "fed of it" in lost.reason
    assert ridden.verdict == "held" and ridden.not_back == pytest.approx(0.0, abs=10.0)
    assert found.whole.word == "broken"


def test_a_shelf_with_hold_up_rides_through_a_dip_that_is_shorter():
    text = RACK.replace("droop: 0.5 V,", "droop: 0.5 V, hold_up: 30 ms,")
    first = dips(kv.read(text), {"mine": [(0.0, "20 ms")]}).rows[0]
    assert first.verdict == "held", first.reason
    assert dips(kv.read(text), {"mine": [(0.0, "200 ms")]}).rows[0].verdict == "broken"


def test_windows_that_the_case_declares_replace_the_shipped_ones():
    assert {r.window for r in dips(kv.read(RACK)).rows} == {"ITIC"}
    found = dips(kv.read(RACK + "  dips: {utility: [[90 %, 0.3 s]], mine: [[0.95, 1 s], [0.9, 0.1 s]]}\n")).rows
    assert [(r.window, r.voltage, r.duration) for r in found] == [
        ("utility", 0.9, 0.3),
        ("mine", 0.95, 1.0),
        ("mine", 0.9, 0.1),
    ]
    with pytest.raises(kv.InputError, match=r"share from 0 to below 1 and a time"):
        kv.read(RACK + "  dips: {mine: [[110 %, 0.3 s]]}\n")


def test_a_dip_that_is_none_is_refused():
    for points in ([(1.0, "1 s")], [(0.5, 0.0)], [(-0.1, 1.0)]):
        with pytest.raises(kv.InputError, match="give a share from 0 to below 1"):
            dips(kv.read(RACK), {"mine": points})


# ---- drift ----


@pytest.mark.parametrize("periods", [5, 10, 41, 80])
@pytest.mark.parametrize("drift", [0.0, 20e3])
def test_the_store_for_a_flat_power_does_not_grow_with_the_run_where_the_mean_drifts(periods, drift):
    step, T = 0.02, 2.0
    p = square(T, step, periods)
    t = (np.arange(len(p)) + 0.5) * step
    p = p + drift * (1.0 - np.exp(-t / 30.0))  # losses that follow a temperature
    found = smallest_store(without_drift(p, step, T), step, band=0.0)
    assert found.energy == pytest.approx((HIGH - LOW) * DUTY * (1.0 - DUTY) * T, rel=0.02)


def test_an_oscillation_keeps_its_size_where_its_period_is_no_whole_number_of_rows():
    step, f, A = 0.02, 0.83, 3e3
    t = (np.arange(3000) + 0.5) * step
    rest = without_drift(1e5 + 50.0 * t + A * np.sin(2.0 * math.pi * f * t), step, 1.0 / f)
    assert np.ptp(rest) == pytest.approx(2.0 * A, rel=1e-2)
    assert smallest_store(rest, step, band=0.0).energy == pytest.approx(A / (math.pi * f), rel=0.02)


def test_without_an_oscillation_a_trace_is_left_as_it_is():
    p = np.linspace(1e3, 2e3, 100)
    assert without_drift(p, 0.1, math.nan) is p and without_drift(p, 0.1, 8.0) is p


# ---- the command ----


def test_the_command_prints_writes_and_judges(tmp_path, capsys):
    file = tmp_path / "rack.yaml"
    file.write_text(RACK.replace("power:\n", "power:\n  limits: {range: {max: 50 kW}}\n"))
    status = main(["swings", str(file), "--csv", str(tmp_path / "levels.csv"), "--plot", str(tmp_path / "plots")])
    printed = capsys.readouterr().out
    assert status == 1 and "BROKEN" in printed and "Strongest oscillation" in printed
    main(["swings", str(file), "--full"])
    assert "Smallest lossless store" in capsys.readouterr().out
    assert (tmp_path / "levels.csv").read_text().startswith("time (s),loads (W),shelf (W),point of connection (W)\n")
    assert (tmp_path / "plots" / "swings.png").stat().st_size > 10_000
    assert main(["swings", str(file), "--json", "--for", "4 s", "--every", "10 ms"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [row["level"] for row in told["levels"]] == [LOADS, "shelf", CONNECTION]
    assert told["stores"]["flat power"]["energy"] == pytest.approx(30.2e3, rel=0.01)


def test_the_picture_has_power_by_level_and_the_spectrum_with_its_bands(rack):
    near, whole, spectral = load_swings(rack).axes
    labels = [str(line.get_label()) for line in whole.lines]
    assert [label for label in labels if not label.startswith("_")] == [LOADS, "shelf", CONNECTION]
    assert len(near.lines) == 3
    assert near.get_ylabel() == whole.get_ylabel() == "power (kW)" and spectral.get_xscale() == "log"
    assert {t.get_text().split()[0] for t in spectral.texts} == {"swing", "transmission", "coupled", "shaft"}


def test_the_hall_has_items_14_and_16_assessed():
    case = kv.load(Path(__file__).resolve().parents[3] / "data" / "cases" / "hall_2n_ac.yaml")
    found = kv.swings(case, duration="6 s")
    assert found.levels[0].name == LOADS and found.levels[-1].elements == ("utility[1]", "utility[2]")
    assert found.connection.range > found.levels[0].range  # losses swing with the load
    ups = next(level for level in found.levels if level.name == "ups")
    assert found.levels[0].power.mean() < ups.power.mean() < found.connection.power.mean()
