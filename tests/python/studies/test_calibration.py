"""Calibration: planted parameters found again, intervals that hold, what cannot be told apart, forms of telemetry."""

import warnings

import kelvolt as kv
import numpy as np
import pandas
import pytest
from conftest import CASES
from kelvolt.studies.calibration import NotIdentifiable

PLANTED = {"gpu.R_jc": 0.0125, "plate.dp_nominal": 23e3, "exchanger.approach_nominal": 4.6}
VARY = {"gpu.R_jc": (0.004, 0.03), "plate.dp_nominal": ("5 kPa", "60 kPa"), "exchanger.approach_nominal": (1.0, 12.0)}
SD = {"gpu.T_die": 0.3, "gpu.T_case": 0.2, "pump.m_flow": 3e-4, "facility.T_return": 0.1}
WEIGHTS = {p: 1.0 / s for p, s in SD.items()}


@pytest.fixture(scope="module")
def loop():
    return kv.load(CASES / "single_loop.yaml")


@pytest.fixture(scope="module")
def truth(loop):
    """What instruments without error would read at eight operating points."""
    case = loop.copy().update(PLANTED)
    rows = []
    for speed in (0.6, 0.75, 0.9, 1.0):
        for power in (700.0, 1200.0):
            sol = case.update({"speed.value": speed, "gpu.power": power}).steady()
            rows.append({"speed.value": speed, "gpu.power": power} | {p: sol[p] for p in SD})
    return pandas.DataFrame(rows)


def noisy(truth, seed):
    rng = np.random.default_rng(seed)
    return truth.assign(**{p: truth[p] + rng.normal(0.0, s, len(truth)) for p, s in SD.items()})


def test_without_noise_the_planted_parameters_come_back(loop, truth):
    found = kv.calibrate(loop, truth, VARY, WEIGHTS)
    values = found.parameters.set_index("parameter")["value"]
    assert dict(values) == pytest.approx(PLANTED, rel=1e-6)
    assert found.scatter < 1e-4 and not found.warnings
    assert {p: found.case[p] for p in PLANTED} == pytest.approx(PLANTED, rel=1e-6)
    assert loop["gpu.R_jc"] != found.case["gpu.R_jc"]
    assert found.residuals["weighted"].abs().max() < 1e-3 and len(found.residuals) == 32


def test_intervals_hold_the_planted_values_in_95_of_100_trials(loop, truth, record_property):
    inside = dict.fromkeys(PLANTED, 0)
    widths = {p: [] for p in PLANTED}
    for seed in range(100):
        table = kv.calibrate(loop, noisy(truth, 1000 + seed), VARY, WEIGHTS).parameters.set_index("parameter")
        for p, value in PLANTED.items():
            row = table.loc[p]
            inside[p] += bool(row.low <= value <= row.high)
            widths[p].append((row.high - row.low) / value)
    for p in PLANTED:
        record_property(f"{p}: inside of 100", inside[p])
        record_property(f"{p}: median width over value", float(np.median(widths[p])))
        print(f"{p}: inside {inside[p]} of 100, median width {100 * np.median(widths[p]):.2f} % of the value")
        assert 88 <= inside[p] <= 99, p
        assert 1e-3 < np.median(widths[p]) < 0.5  # an interval that says something


def test_scatter_is_one_where_weights_are_one_over_the_deviation(loop, truth):
    assert kv.calibrate(loop, noisy(truth, 5), VARY, WEIGHTS).scatter == pytest.approx(1.0, abs=0.35)


def test_parameters_that_act_alike_are_named(loop, truth):
    # the drop of the plate is dp_nominal (V/V_nominal)^n: flows alone cannot tell the two apart
    with pytest.warns(NotIdentifiable, match=r"plate\.dp_nominal.*plate\.V_flow_nominal"):
        found = kv.calibrate(loop, noisy(truth, 1), ["plate.dp_nominal", "plate.V_flow_nominal"], WEIGHTS)
    assert found.warnings and abs(found.correlation.iloc[0, 1]) > 0.9


def test_a_parameter_without_effect_is_named(loop, truth):
    with pytest.warns(NotIdentifiable, match=r"gpu\.C_die"):
        kv.calibrate(loop, truth, ["gpu.R_jc", "gpu.C_die"], WEIGHTS)


def test_telemetry_comes_as_file_mapping_or_dataset_in_its_own_units(loop, truth, tmp_path):
    noise = noisy(truth, 2)
    wanted = kv.calibrate(loop, noise, VARY, WEIGHTS).parameters["value"].to_numpy()
    site = pandas.DataFrame(
        {
            "speed.value": noise["speed.value"],
            "gpu.power (kW)": noise["gpu.power"] / 1e3,
            "gpu.T_die (degC)": noise["gpu.T_die"] - 273.15,
            "gpu.T_case (degC)": noise["gpu.T_case"] - 273.15,
            "pump.m_flow (g/s)": noise["pump.m_flow"] * 1e3,
            "facility.T_return (degC)": noise["facility.T_return"] - 273.15,
        }
    )
    site.to_csv(tmp_path / "site.csv", index=False)
    dataset = noise.to_xarray()
    dataset["gpu.T_die"] = (dataset["gpu.T_die"] - 273.15).assign_attrs(units="degC")
    forms = [site, tmp_path / "site.csv", str(tmp_path / "site.csv"), {c: noise[c] for c in noise}, dataset]
    site.to_parquet(tmp_path / "site.parquet")
    forms.append(tmp_path / "site.parquet")
    for form in forms:
        got = kv.calibrate(loop, form, VARY, WEIGHTS).parameters["value"].to_numpy()
        assert got == pytest.approx(wanted, rel=1e-6)


def test_what_was_set_may_stand_in_the_coordinates_of_a_dataset(loop, truth):
    noise = noisy(truth, 2)
    wanted = kv.calibrate(loop, noise, VARY, WEIGHTS).parameters["value"].to_numpy()
    dataset = noise.to_xarray().rename(index="run").assign_coords(time=("run", np.arange(len(noise)) * 60.0))
    dataset["gpu.power"] = (dataset["gpu.power"] / 1e3).assign_attrs(units="kW")
    dataset = dataset.set_coords(["speed.value", "gpu.power"])
    got = kv.calibrate(loop, dataset, VARY, WEIGHTS).parameters["value"].to_numpy()
    assert got == pytest.approx(wanted, rel=1e-6)
    one = kv.calibrate(loop, dataset["gpu.T_die"], list(VARY)[:1])
    assert one.residuals["quantity"].unique().tolist() == ["gpu.T_die"]
    with pytest.raises(kv.InputError, match="dimensions run, rack; give one"):
        kv.calibrate(loop, dataset.expand_dims(rack=2, axis=1), VARY)
    with pytest.raises(kv.InputError, match="a DataArray needs the path"):
        kv.calibrate(loop, dataset["gpu.T_die"].rename(None), VARY)


def test_empty_cells_are_left_out(loop, truth):
    holes = truth.copy()
    holes.loc[[1, 4], "gpu.T_die"] = np.nan
    found = kv.calibrate(loop, holes, VARY)
    assert len(found.residuals) == 30
    assert dict(found.parameters.set_index("parameter")["value"]) == pytest.approx(PLANTED, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "vary", "weights", "says"),
    [
        ({"gpu.T_dye": 300.0}, ["gpu.R_jc"], {}, "T_d"),
        ({"plate.a.m_flow": 0.02}, ["gpu.R_jc"], {}, "m_flow"),
        ({"gpu.R_jc": 0.01}, ["gpu.R_jc"], {}, "both"),
        ({"gpu.T_die": "hot"}, ["gpu.R_jc"], {}, "no number"),
        ({"gpu.power": np.nan}, ["gpu.R_jc"], {}, "empty"),
        ({}, {"gpu.R_jc": (0.02, 0.03)}, {}, "outside"),
        ({}, {"gpu.R_jc": (0.03, 0.02)}, {}, "not below"),
        ({}, ["gpu.R_jc"], {"gpu.power": 1.0}, "no such measured"),
        ({}, ["gpu.R_jc", "gpu.R_j*", "plate.C"], {}, "two"),
        ({}, [], {}, "nothing is varied"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(loop, truth, change, vary, weights, says):
    with pytest.raises(kv.InputError, match=says):
        kv.calibrate(loop, truth.assign(**change), vary, weights)


def test_too_few_measurements_are_refused(loop, truth):
    few = truth.loc[:0, ["speed.value", "gpu.T_die"]]
    with pytest.raises(kv.InputError, match="more are needed"):
        kv.calibrate(loop, few, ["gpu.R_jc"])


def test_parquet_without_its_reader_says_what_to_install(loop, tmp_path, monkeypatch):
    def missing(file):
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pandas, "read_parquet", missing)
    with pytest.raises(kv.FileError, match="pyarrow"):
        kv.calibrate(loop, tmp_path / "site.parquet", VARY)


def test_a_missing_file_is_named(loop):
    with pytest.raises(kv.FileError, match="nowhere.csv"), warnings.catch_warnings():
        kv.calibrate(loop, "nowhere.csv", VARY)


def test_a_column_of_bare_temperatures_is_refused_where_it_can_be_no_kelvin(loop, tmp_path):
    rows = {"speed.value": [0.6, 0.7, 0.8], "gpu.T_die": [75.0, 74.0, 73.0]}
    pandas.DataFrame(rows).to_csv(tmp_path / "cold.csv", index=False)
    dataset = pandas.DataFrame(rows).to_xarray()
    for telemetry in (rows, pandas.DataFrame(rows), tmp_path / "cold.csv", dataset):
        with pytest.raises(kv.InputError, match=r"gpu\.T_die \(degC\)"):
            kv.calibrate(loop, telemetry, {"gpu.R_jc": (0.004, 0.03)})


def test_a_file_says_the_unit_of_its_temperatures(loop, tmp_path):
    rows = {"speed.value": [0.6, 0.7, 0.8], "gpu.T_die": [348.0, 347.0, 346.0]}
    pandas.DataFrame(rows).to_csv(tmp_path / "bare.csv", index=False)
    with pytest.raises(kv.InputError, match=r"gpu\.T_die \(K\)"):
        kv.calibrate(loop, tmp_path / "bare.csv", {"gpu.R_jc": (0.004, 0.03)})
    set_bare = {"facility.T_supply": [30.0, 31.0], "gpu.T_die (degC)": [75.0, 74.0]}
    with pytest.raises(kv.InputError, match=r"facility\.T_supply \(degC\)"):
        kv.calibrate(loop, set_bare, {"gpu.R_jc": (0.004, 0.03)})


# ---- exchangers, instruments, what follows ----

UA = """
kelvolt: 1
components:
  facility: {model: supply, medium: water, mode: flow, T: 30 degC, V_flow: 60 L/min}
  back: {model: return_line, p: 2 bar(a)}
  hot: {model: supply, medium: water, mode: flow, T: 45 degC, V_flow: 60 L/min}
  cold: {model: return_line, p: 1.5 bar(a)}
  exchanger:
    {model: plate_exchanger, by: UA, UA: 5 kW/K, V_flow_primary: 60 L/min, V_flow_secondary: 60 L/min,
     dp_primary: 30 kPa, dp_secondary: 30 kPa, volume_primary: 2 L, volume_secondary: 2 L, C_wall: 10 kJ/K}
connections:
  - facility.port -> exchanger.primary_a
  - exchanger.primary_b -> back.port
  - hot.port -> exchanger.secondary_a
  - exchanger.secondary_b -> cold.port
"""
READ = {"exchanger.secondary_b.T": 0.1, "exchanger.primary_b.T": 0.1}


@pytest.fixture(scope="module")
def exchanger():
    return kv.read(UA, name="exchanger.yaml")


def readings(exchanger, seed=0):
    case = exchanger.copy().update({"exchanger.UA": 3.5e3})
    rng, sol = np.random.default_rng(seed), case.steady()
    rows = [{p: sol.at(p) + rng.normal(0.0, s) for p, s in READ.items()} for _ in range(4)]
    return pandas.DataFrame(rows)


def test_the_conductance_of_an_exchanger_is_found_with_its_interval(exchanger):
    accuracy = {"exchanger.secondary_b.T": "0.1 K", "exchanger.primary_b.T": 0.1}
    vary = {"exchanger.UA": ("1 kW/K", "20 kW/K")}
    found = kv.calibrate(exchanger, readings(exchanger), vary, accuracy=accuracy)
    row = found.parameters.iloc[0]
    assert row.low < 3.5e3 < row.high and (row.high - row.low) / row.value < 0.6
    assert found.scatter < 2.0 and list(found.identifiability.parameter) == ["exchanger.UA"]
    assert (found.residuals.residual == found.residuals.solved - found.residuals.measured).all()


def test_results_of_the_calibrated_case_have_intervals_that_follow(exchanger):
    vary = {"exchanger.UA": ("1 kW/K", "20 kW/K")}
    also = ["exchanger.UA_nominal", "exchanger.secondary_b.T"]
    found = kv.calibrate(exchanger, readings(exchanger), vary, also=also)
    derived = found.derived.set_index("quantity")
    fitted = found.parameters.iloc[0]
    assert derived.loc["exchanger.UA_nominal", ["value", "low", "high"]].tolist() == pytest.approx(
        [fitted.value, fitted.low, fitted.high], rel=1e-6
    )
    assert derived.loc["exchanger.secondary_b.T", "sd"] > 0.0 and "UA_nominal" in repr(found)
    with pytest.raises(kv.InputError, match="is a parameter"):
        kv.calibrate(exchanger, readings(exchanger), vary, also="hot.T")


def test_a_parameter_without_a_value_says_what_to_state(loop, truth):
    with pytest.raises(kv.InputError, match=r"exchanger.UA has no value.*by: UA"):
        kv.calibrate(loop, truth, {"exchanger.UA": ("50 W/K", "500 W/K")})


def test_parameters_that_act_alike_are_told_by_their_correlation(loop, truth):
    with pytest.warns(NotIdentifiable):
        found = kv.calibrate(loop, noisy(truth, 1), ["plate.dp_nominal", "plate.V_flow_nominal"], WEIGHTS)
    told = found.identifiability
    assert list(told.alike) == ["plate.V_flow_nominal", "plate.dp_nominal"] and (told.correlation.abs() > 0.9).all()
    assert (told.inflation > 5.0).all()


def test_the_accuracy_of_instruments_weighs_as_its_inverse(loop, truth):
    data = noisy(truth, 3)
    by_weight = kv.calibrate(loop, data, VARY, WEIGHTS).parameters["value"]
    by_accuracy = kv.calibrate(loop, data, VARY, accuracy={p: s for p, s in SD.items()}).parameters["value"]
    assert by_accuracy.to_numpy() == pytest.approx(by_weight.to_numpy(), rel=1e-9)


def test_residuals_beyond_the_accuracy_of_the_instruments_are_told(loop, truth):
    exact = {p: 0.02 * s for p, s in SD.items()}
    assert any(
        "the model misses something" in w for w in kv.calibrate(loop, noisy(truth, 3), VARY, accuracy=exact).warnings
    )
    assert not kv.calibrate(loop, noisy(truth, 5), VARY, accuracy={p: 2.0 * s for p, s in SD.items()}).warnings


@pytest.mark.parametrize(
    ("accuracy", "weights", "says"),
    [
        ({"gpu.T_die": "2 %"}, {}, "temperature has no percentage"),
        ({"gpu.T_die": "0 K"}, {}, "not above zero"),
        ({"gpu.T_dye": "1 K"}, {}, "no such measured"),
        ({"gpu.T_die": "1 K"}, {"gpu.T_die": 1.0}, "not both"),
        ({"pump.m_flow": "1 K"}, {}, "pump.m_flow|kg/s"),
    ],
)
def test_an_accuracy_that_does_not_fit_is_refused(loop, truth, accuracy, weights, says):
    with pytest.raises(kv.InputError, match=says):
        kv.calibrate(loop, truth, VARY, weights, accuracy=accuracy)
