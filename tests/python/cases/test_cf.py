"""Datasets by the CF conventions, in memory and in files: names, times, attributes, versions, compression."""

import h5py
import kelvolt as kv
import numpy as np
import pytest
import xarray as xr
from conftest import CASES
from kelvolt.base import cf
from kelvolt.base.errors import FileError

STATES = "0: open, 1: on input 1, 2: on input 2"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A run of the smallest shipped loop, and its file."""
    file = tmp_path_factory.mktemp("cf") / "run.h5"
    run = kv.load(CASES / "single_loop.yaml").simulate("30 s", every="1 s", output=file, progress=False)
    return run, file


# ---- names ----


def test_a_path_becomes_a_name_that_python_takes():
    names = {
        "cdu.coolant": "cdu_coolant",
        "tray[*].gpu[*].power": "tray_gpu_power",
        "gpu[2].power": "gpu_2_power",
        "max(gpu[*].T_die)": "max_gpu_T_die",
        "2nd": "_2nd",
        "in": "in_",
        "[*]": "_",
    }
    assert {path: cf.identifier(path) for path in names} == names
    assert all(name.isidentifier() for name in names.values())


def test_dimensions_of_a_sweep_are_names_that_sel_takes_and_keep_their_path(case):
    axes = {"facility.T_supply": ["25 degC", "30 degC"], "gpu[*].power": [500.0, 900.0, 1000.0]}
    swept = kv.sweep(case, axes, record={"hot": "max(gpu[*].T_die)"})
    assert swept.hot.dims == ("facility_T_supply", "gpu_power")
    assert float(swept.hot.sel(gpu_power=900.0, facility_T_supply=298.15)) == float(swept.hot[0, 1])
    assert swept["gpu_power"].attrs["path"] == "gpu[*].power" and swept["gpu_power"].attrs["units"] == "W"


def test_two_paths_with_one_name_get_two_names(case):
    drawn = kv.samples(4, {"gpu[1].power": (500.0, 600.0), "facility.T_supply": (290.0, 300.0)}, name="gpu_1_power")
    swept = kv.sweep(case, drawn, record={"hot": "max(gpu[*].T_die)"})
    assert swept["gpu_1_power_"].attrs["path"] == "gpu[1].power" and swept["gpu_1_power"].dtype.kind == "i"


def test_levels_of_the_same_name_and_another_size_have_their_prefix_without_dots():
    solution = kv.load(CASES / "hall_sidecar.yaml").steady()
    dataset = solution.to_xarray()
    assert all(str(d).isidentifier() for d in dataset.dims)
    for name, array in dataset.data_vars.items():
        for dim in array.dims:
            level = dataset[dim].attrs["path"]
            assert level.replace(".", "_") == dim or level.endswith(dim), (name, dim)


# ---- times ----


def test_times_are_resampled_and_selected_as_they_are(files):
    dataset = files[0].to_xarray()
    assert dataset["time"].dtype.kind == "m" and dataset["seconds"].values.tolist() == list(range(31))
    means = dataset["gpu.T_die"].resample(time="10s").mean()
    assert means.sizes["time"] == 4
    assert float(means[1]) == pytest.approx(float(dataset["gpu.T_die"][10:20].mean()))
    assert float(dataset["gpu.T_die"].sel(time="20s")) == float(dataset["gpu.T_die"][20])


def test_a_start_makes_date_and_time_of_times(files):
    run, file = files
    for start in ("2026-11-30 08:00", "2026-11-30T09:00+01:00"):
        for dataset in (run.to_xarray(start=start), kv.open(file, start=start)):
            assert dataset["time"].values[30] == np.datetime64("2026-11-30T08:00:30")
            assert dataset["time"].attrs["standard_name"] == "time"
    for wrong in ("soon", 5.0, object()):
        with pytest.raises(kv.InputError, match="start: .*2026"):
            run.to_xarray(start=wrong)


def test_intervals_have_bounds_and_their_mean_a_cell_method(files):
    run, file = files
    for dataset in (run.to_xarray(), kv.open(file)):
        ends = dataset["time_bnds"].values / np.timedelta64(1, "s")
        assert ends[0].tolist() == [0.0, 0.0] and ends[7].tolist() == [6.0, 7.0]
        assert dataset["time"].attrs["bounds"] == "time_bnds" and "time_bnds" in dataset.coords
        methods = {kind: dataset[f"gpu.T_die{kind}"].attrs["cell_methods"] for kind in ("", "_mean", "_min", "_max")}
        assert methods == {
            "": "time: point", "_mean": "time: mean", "_min": "time: minimum", "_max": "time: maximum"
        }  # fmt: skip


def test_a_dataset_is_stored_and_read_by_xarray_alone(files, tmp_path):
    dataset = files[0].to_xarray()
    dataset.to_netcdf(tmp_path / "plain.nc", engine="h5netcdf", invalid_netcdf=False)
    back = xr.open_dataset(tmp_path / "plain.nc", engine="h5netcdf", decode_timedelta=True)
    assert (back["time"].values == dataset["time"].values).all()
    np.testing.assert_array_equal(back["gpu.T_die"], dataset["gpu.T_die"])


# ---- attributes ----


def test_what_a_run_gives_is_what_its_file_gives(files):
    run, file = files
    there = run.to_xarray()
    with kv.open(file) as stored:
        for name in there.variables:
            assert stored[name].dims == there[name].dims, name
            kept = {k: str(v) for k, v in stored[name].attrs.items() if k != "_FillValue"}
            assert kept == {k: str(v) for k, v in there[name].attrs.items()}, name
        for key in ("Conventions", "kelvolt_format", "source", "title"):
            assert stored.attrs[key] == there.attrs[key]
        assert "Kelvolt" in stored.attrs["history"] and "Kelvolt" in there.attrs["history"]


def test_states_have_flags_and_other_values_have_none():
    flags = cf.value_attributes("1", STATES)
    assert flags["flag_values"].tolist() == [0.0, 1.0, 2.0]
    assert flags["flag_meanings"] == "open on_input_1 on_input_2"
    assert "flag_values" not in cf.value_attributes("1", STATES, "mean")
    for unit, text in (("1", "number of groups; 0: it sheds nothing"), ("s", STATES), ("1", "share of the load")):
        assert "flag_values" not in cf.value_attributes(unit, text)


def test_the_states_of_a_device_have_flags_in_memory_and_in_the_file(tmp_path):
    case = kv.load(CASES / "hall_2n_ac.yaml")
    state = next(p for p in case.find("**.*") if case.core.find(p).kind(0) == "discrete" and cf_states(case, p))
    run = case.simulate("1 s", every="1 s", record=[state], output=tmp_path / "r.h5", progress=False)
    name = kv.Case.find(case, state)[0]
    name = "".join(c for c in name if not c.isdigit()).replace("[]", "")
    there = run.to_xarray()[name].attrs
    with kv.open(tmp_path / "r.h5") as stored:
        assert stored[name].attrs["flag_meanings"] == there["flag_meanings"]
        assert np.asarray(stored[name].attrs["flag_values"]).tolist() == there["flag_values"].tolist()
        assert "flag_meanings" not in stored[f"{name}_mean"].attrs


def cf_states(case, path):
    from kelvolt import _core

    return _core.states(_core.doc_of(case.core, case.core.find(path), 0))


def test_temperatures_say_whether_they_are_a_difference(files):
    run = files[0]
    dataset = run.to_xarray()
    assert dataset["gpu.T_die"].attrs["units_metadata"] == "temperature: on_scale"
    assert cf.value_attributes("delta_K", "approach")["units_metadata"] == "temperature: difference"


def test_cf_xarray_finds_times_flags_and_bounds(files):
    pytest.importorskip("cf_xarray")
    dataset = files[0].to_xarray(start="2026-11-30")
    assert dataset.cf["T"].name == "time" == dataset.cf["time"].name
    assert dataset.cf.bounds["time"] == ["time_bnds"]
    position = xr.DataArray(np.array([1.0, 2.0, 0.0]), dims="time", attrs=cf.value_attributes("1", STATES))
    assert (position.cf == "on_input_1").values.tolist() == [True, False, False]


def test_cf_xarray_reads_the_verdicts_of_a_sweep(case):
    pytest.importorskip("cf_xarray")
    hot = case.edited(limits=[{"of": "gpu[*].T_die", "max": "60 degC"}])
    axes = {"facility.T_supply": ["10 degC", "58 degC"]}
    for subject, meaning in ((case, "not_assessed"), (hot, "broken")):
        swept = kv.sweep(subject, axes, record={"hot": "max(gpu[*].T_die)"}, limits=True)
        assert bool((swept.verdict.cf == meaning)[1]) or meaning == "not_assessed", swept.verdict
        assert set(np.unique(swept.verdict)) <= {-1, 0, 1, 2}
        assert ((swept.verdict == 2) == (swept.limits_broken > 0)).all()
    assert swept.attrs["Conventions"] == cf.CONVENTIONS and "facility.T_supply (2)" in swept.attrs["history"]


def test_pint_xarray_takes_runs_files_and_sweeps_as_they_are(files, case):
    pytest.importorskip("pint_xarray")
    run, file = files
    with kv.open(file) as stored:
        for dataset in (run.to_xarray(), stored, kv.open(file, units="us")):
            assert str(dataset.pint.quantify()["gpu.T_die"].pint.units) in ("kelvin", "degree_Fahrenheit")
    swept = kv.sweep(case, {"facility.T_supply": [290.0, 300.0]}, record={"hot": "max(gpu[*].T_die)"}, units="si")
    assert str(swept.pint.quantify()["hot"].pint.units) == "degree_Celsius"


# ---- files ----


def test_a_file_is_opened_in_the_units_of_a_site(files):
    run, file = files
    for units in ("si", "si-field", "us"):
        there = run.to_xarray(units=units)
        with kv.open(file, units=units) as stored:
            for name in there.data_vars:
                assert stored[name].attrs.get("units") == there[name].attrs.get("units"), name
                np.testing.assert_allclose(stored[name], there[name], rtol=1e-12)
    with pytest.raises(kv.InputError, match=r"metric.*si-field"):
        kv.open(file, units="metric")


def test_a_newer_format_is_refused_and_an_older_one_is_read(files, tmp_path):
    file = tmp_path / "other.h5"
    for told, fits in (("3", False), ("2", True), ("1", True), ("", False)):
        file.write_bytes(files[1].read_bytes()[:-16])  # without the seal, which a change would break
        with h5py.File(file, "a") as h5:
            h5.attrs["kelvolt_format"] = told
        if fits:
            kv.open(file).close()
        else:
            with pytest.raises(FileError, match=f"of result format {told}.*or a later one"):
                kv.open(file)


def test_dimensions_of_an_older_file_get_names_that_python_takes(tmp_path):
    old = xr.Dataset({"rack.tray.T": (("time", "rack.tray"), np.ones((2, 3)), {"units": "K"})})
    old = old.assign_coords({"time": ("time", [0.0, 1.0], {"units": "s"}), "rack.tray": [1, 2, 3]})
    old.to_netcdf(tmp_path / "old.h5", engine="h5netcdf")
    with kv.open(tmp_path / "old.h5") as read:
        assert read["rack.tray.T"].dims == ("time", "rack_tray") and read["rack_tray"].attrs["path"] == "rack.tray"
        assert read["seconds"].values.tolist() == [0.0, 1.0] and read["time"].dtype.kind == "m"


def test_files_of_runs_and_sweeps_are_compressed_as_all_tools_read_it(case, files, tmp_path):
    kv.sweep(
        case,
        {"facility.T_supply": np.linspace(290.0, 300.0, 300)},
        record=["gpu[*].T_die"],
        output=tmp_path / "sweep.h5",
        progress=False,
    )
    with h5py.File(tmp_path / "sweep.h5") as h5:
        stored = h5["gpu.T_die"]
        assert (stored.compression, stored.shuffle) == ("gzip", True)
    long = kv.load(CASES / "single_loop.yaml").simulate("200 s", every="1 s", output=tmp_path / "long.h5")
    assert len(long.time) == 201
    with h5py.File(tmp_path / "long.h5") as h5:
        assert (h5["gpu.T_die"].compression, h5["gpu.T_die"].shuffle) == ("gzip", True)


def test_a_sweep_in_time_has_the_same_times_in_memory_and_from_its_file(case, tmp_path):
    question = {
        "axes": {"facility.T_supply": [290.0, 300.0]},
        "record": {"hot": "max(gpu[*].T_die)"},
        "simulate": {"duration": 4.0, "every": 1.0},
        "output": tmp_path / "s.h5",
    }
    first, again = (kv.sweep(case, **question, progress=False) for _ in range(2))
    assert first["time"].dtype.kind == "m" == again["time"].dtype.kind
    xr.testing.assert_identical(first, again)
    with kv.open(tmp_path / "s.h5", units="si") as stored:
        np.testing.assert_allclose(stored["hot"], first["hot"] - 273.15)
