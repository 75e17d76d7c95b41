"""Units that a reader asks for, units that other packages read, and quantities of pint as values."""

import kelvolt as kv
import numpy as np
import pytest
import xarray as xr
from kelvolt import _core
from kelvolt.base.attributes import attribute

SYSTEMS = ("si", "si-field", "us")
NOT_OF_UDUNITS = {"V A", "kV A", "delta_degF"}  # Kelvolt reads VA as a power of its own kind


def declared_units() -> list[str]:
    """Every unit of a parameter, unknown or output of a model."""
    of = [x.unit for m in kv.models() for x in (*m.params, *m.unknowns, *m.outputs)]
    return sorted({*of, "Pa_gauge", "%"} - {"", "%"})


def test_an_attribute_has_factors_with_powers_and_neither_marks_nor_slashes():
    written = {
        "m3/s": "m^3 s^-1",
        "J/(kg K)": "J kg^-1 K^-1",
        "BTU/(h ft2 degF)": "BTU h^-1 ft^-2 degF^-1",
        "m3/s/Pa^0.5": "m^3 s^-1 Pa^-0.5",
        "Pa s/kg": "Pa s kg^-1",
        "mPa.s": "mPa s",
        "1/delta_K": "K^-1",
        "kPa(a)": "kPa",
        "Pa_gauge": "Pa",
        "gpm": "gallon min^-1",
        "var": "V A",
        "degC": "degC",
        "1": "1",
        "a)b": "a)b",
    }
    assert {unit: attribute(unit) for unit in written} == written
    assert {attribute(text) for text in written.values()} == set(written.values()), "a second time changes nothing"


@pytest.mark.parametrize("system", [None, *SYSTEMS])
def test_every_unit_of_a_model_is_read_back_from_its_attribute_as_the_same_unit(system):
    for declared in declared_units():
        unit = declared if system is None else _core.display_unit(declared, system)
        if unit in ("Kv", "Cv", "1", "m3/s/Pa^0.5", "%") or attribute(unit) in NOT_OF_UDUNITS:
            continue
        target = {"Pa_abs": "Pa", "Pa_gauge": "Pa"}.get(declared, declared)
        expected = (
            _core.to_si(f"3 {unit}", declared) if declared == target else _core.to_si(f"3 {attribute(unit)}", "Pa")
        )
        assert _core.to_si(f"3 {attribute(unit)}", target) == pytest.approx(expected, rel=1e-12), unit


@pytest.mark.parametrize("system", [None, *SYSTEMS])
def test_pint_reads_every_attribute_as_a_unit_of_the_same_size(system):
    pint = pytest.importorskip("pint")
    registry = pint.UnitRegistry()
    for declared in declared_units():
        unit = declared if system is None else _core.display_unit(declared, system)
        if unit in ("Kv", "Cv"):
            continue
        read = registry.Unit(attribute(unit))
        if attribute(unit) in ("degC", "degF", "1"):
            continue
        size = registry.Quantity(1.0, read).to_base_units().magnitude
        slope = 1.0 if unit == declared else _core.to_si(f"1 {unit}", declared) - _core.to_si(f"0 {unit}", declared)
        assert size == pytest.approx(slope, rel=1e-6), unit  # relative: the BTU of pint differs in the eighth digit


# ---- arrays ----


def test_a_solution_is_given_in_the_units_of_a_site():
    solution = kv.load("gb200_nvl72_rack").steady()
    si, field, us = solution.to_xarray(), solution.to_xarray(units="si-field"), solution.to_xarray(units="us")
    name = "tray.gpu.T_die"
    assert si[name].attrs["units"] == "K" and field[name].attrs["units"] == "degC" and us[name].attrs["units"] == "degF"
    np.testing.assert_allclose(field[name], si[name] - 273.15, rtol=1e-12)
    np.testing.assert_allclose(us[name], si[name] * 1.8 - 459.67, rtol=1e-12)
    flow = "tray.qd_in.V_flow"
    asked = {u: solution.to_xarray(flow.replace("tray", "tray[*]"), units=u)[flow] for u in (None, *SYSTEMS)}
    assert [a.attrs["units"] for a in asked.values()] == ["m^3 s^-1", "L min^-1", "m^3 h^-1", "gallon min^-1"]
    np.testing.assert_allclose(asked["si"], asked[None] * 60000.0, rtol=1e-12)
    assert asked["si"].dims == asked[None].dims and asked["si"].attrs["long_name"] == asked[None].attrs["long_name"]


def test_a_difference_of_temperatures_is_converted_without_an_offset(case):
    solution = case.steady()
    differences = [p for p in solution if solution.to_pandas(p)["unit"][0] == "K"]
    found = [p for p in differences if case.core.find(p).unit(0) == "delta_K"]
    assert found, "the starter has a value that is a difference"
    for path in found:
        one = solution.to_xarray(path, units="us")
        array = next(iter(one.values()))
        assert array.attrs["units"] == "delta_degF"
        np.testing.assert_allclose(
            np.ravel(array)[-1], np.ravel(next(iter(solution.to_xarray(path).values())))[-1] * 1.8
        )


def test_a_table_of_a_solution_is_given_in_the_units_of_a_site(case):
    solution = case.steady()
    si, shown = solution.to_pandas(), solution.to_pandas(units="si")
    for path in si["path"]:
        old, new = (t.loc[t["path"] == path].iloc[0] for t in (si, shown))
        if new["unit"] == "degC":
            assert new["value"] == pytest.approx(old["value"] - 273.15)
        elif new["unit"] == "kW":
            assert new["value"] == pytest.approx(old["value"] / 1000.0)
    assert {"degC", "kW"} <= set(shown["unit"])


def test_a_run_is_given_in_the_units_of_a_site_and_its_times_in_seconds(case):
    run = case.simulate("2 s", every="1 s")
    si, shown = run.to_xarray(), run.to_xarray(units="si")
    for suffix in ("", "_mean", "_min", "_max"):
        np.testing.assert_allclose(shown[f"gpu.T_die{suffix}"], si[f"gpu.T_die{suffix}"] - 273.15)
    assert shown["seconds"].attrs["units"] == "s" and shown["time"].equals(si["time"])


def test_a_sweep_has_values_and_coordinates_in_the_units_of_a_site_also_from_its_file(case, tmp_path):
    path = next(p for p in case if p.endswith("T_supply"))
    axes = {path: ["25 degC", "30 degC"]}
    si = kv.sweep(case, axes, record=["gpu[*].T_die", "max(gpu[*].T_die)"])
    file = tmp_path / "sweep.h5"
    for _ in range(2):  # the second time from the file
        shown = kv.sweep(case, axes, record=["gpu[*].T_die", "max(gpu[*].T_die)"], output=file, units="si")
        name = path.replace(".", "_")
        np.testing.assert_allclose(shown[name], [25.0, 30.0])
        assert shown[name].attrs["units"] == "degC" == shown["gpu.T_die"].attrs["units"]
        np.testing.assert_allclose(shown["gpu.T_die"], si["gpu.T_die"] - 273.15)
        np.testing.assert_allclose(shown["max(gpu[*].T_die)"], si["max(gpu[*].T_die)"] - 273.15)
        assert shown.sel({name: 25.0}, method="nearest").sizes == si.isel({name: 0}).sizes
    assert xr.load_dataset(file, engine="h5netcdf", decode_times=False)["gpu.T_die"].attrs["units"] == "K"


def test_factors_on_values_keep_no_unit_in_the_units_of_a_site(case):
    path = next(p for p in case if p.endswith("T_supply"))
    swept = kv.sweep(case, {path: kv.times(1.0, 1.01)}, record=["max(gpu[*].T_die)"], units="si")
    np.testing.assert_allclose(swept[path.replace(".", "_")], [1.0, 1.01])


def test_units_that_there_are_not_are_refused_before_anything_is_solved(case):
    for ask in (
        lambda: case.steady().to_xarray(units="metric"),
        lambda: case.steady().to_pandas(units="metric"),
        lambda: case.simulate("1 s").to_xarray(units="metric"),
        lambda: kv.sweep(case, {}, units="metric"),
    ):
        with pytest.raises(kv.InputError, match="metric.*si-field"):
            ask()


def test_a_result_file_is_opened_with_the_units_of_its_run(case, tmp_path):
    run = case.simulate("2 s", every="1 s", record_all=True, output=tmp_path / "run.h5")
    there = run.to_xarray()
    with kv.open(tmp_path / "run.h5") as stored:
        for name in there.data_vars:
            assert stored[name].attrs.get("units") == there[name].attrs.get("units"), name


def test_pint_xarray_takes_a_run_as_it_is(case):
    pytest.importorskip("pint_xarray")
    quantified = case.simulate("2 s", every="1 s").to_xarray(units="si").pint.quantify()
    assert str(quantified["gpu.T_die"].pint.units) == "degree_Celsius"


# ---- quantities in ----


@pytest.fixture
def unit():
    return pytest.importorskip("pint").UnitRegistry().Quantity


def test_a_quantity_is_taken_where_text_with_a_unit_is(case, unit):
    supply = next(p for p in case if p.endswith("T_supply"))
    case[supply] = unit(25.0, "degC")
    assert case[supply] == pytest.approx(298.15)
    case[supply] = unit(77.0, "degF")
    assert case[supply] == pytest.approx(298.15)
    case["gpu[*].power"] = unit(1.1, "kW")
    assert (case["gpu[*].power"] == 1100.0).all()
    case["gpu[*].power"] = unit([1.0, 1.1, 1.2], "kW")
    np.testing.assert_allclose(case["gpu[*].power"], [1000.0, 1100.0, 1200.0])
    case["gpu[*].power"] = [unit(1.0, "kW"), unit(1100.0, "W"), unit(1.2, "kW")]
    np.testing.assert_allclose(case["gpu[*].power"], [1000.0, 1100.0, 1200.0])
    case.update({"gpu[1].power": unit(900.0, "W")})
    assert case["gpu[1].power"] == 900.0
    run = case.simulate(
        unit(3.0, "s"), every=unit(1000.0, "ms"), events=[(unit(1.0, "s"), {"gpu[1].power": unit(1.0, "kW")})]
    )
    np.testing.assert_allclose(run.time[-1], 3.0)
    swept = kv.sweep(case, {"gpu[1].power": unit([0.9, 1.0], "kW")}, record=["gpu[1].T_die"])
    np.testing.assert_allclose(swept["gpu_1_power"], [900.0, 1000.0])


def test_a_quantity_of_another_kind_and_a_difference_for_a_temperature_are_refused(case, unit):
    supply = next(p for p in case if p.endswith("T_supply"))
    before = case[supply]
    with pytest.raises(kv.InputError, match="gpu.*power"):
        case["gpu[1].power"] = unit(3.0, "m")
    with pytest.raises(kv.InputError, match="a difference is not a temperature"):
        case[supply] = unit(5.0, "delta_degC")
    assert case[supply] == before


def test_a_network_built_in_code_takes_quantities(unit):
    network = kv.Network(T_start=unit(25.0, "degC"))
    network.add("ambient", "room", count=2, T=unit([20.0, 30.0], "degC"))
    np.testing.assert_allclose(network.build()["room[*].T"], [293.15, 303.15])
