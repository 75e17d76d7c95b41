"""A year in the weather of a site: sums that close, numbers that a hand computes, hours that fail."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import kelvolt as kv
import numpy as np
import psychrolib
import pytest
from kelvolt.cli.commands import main
from kelvolt.studies.driven import drivers
from kelvolt.studies.indicators import KWH
from kelvolt.studies.sites import CONDITIONS, design_weather

psychrolib.SetUnitSystem(psychrolib.SI)

# A rack of 100 kW cooled by a dry cooler whose fan runs at full speed, and a pump of constant speed: what they draw is
# known beforehand, whatever the air does.
PLANT = """
kelvolt: 1
title: one rack on a dry cooler
components:
  rack:
    {model: tray, heat: 100 kW, dp_nominal: 80 kPa, V_flow_nominal: 150 L/min, volume: 60 L, C: 200 kJ/K, G: 15 kW/K,
     T_out_max: 50 degC}
  pump: {model: duty_pump, V_duty: 150 L/min, dp_duty: 200 kPa, efficiency: 0.65}
  vessel: {model: expansion_vessel, medium: water, p: 2.5 bar(a)}
  cooler:
    {model: dry_cooler, Q_nominal: 120 kW, ITD_nominal: 15 K, V_flow_nominal: 150 L/min, dp_nominal: 60 kPa,
     P_fan: 3 kW}
  outdoors: {model: outdoor_air, T: 20 degC, T_dew: 10 degC}
connections:
  - pump -> rack -> cooler -> pump
  - vessel.port -> pump.a
  - cooler.air -> outdoors.dry_bulb
"""

HEAD = """LOCATION,Nowhere,-,XXX,made,000000,50.0,8.0,1.0,500.0
DESIGN CONDITIONS,0
TYPICAL/EXTREME PERIODS,0
GROUND TEMPERATURES,0
HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0
COMMENTS 1,
COMMENTS 2,
DATA PERIODS,1,1,Data,Sunday, 1/ 1, 1/ 1
"""


def epw(rows: list[tuple[float, float, float]]) -> str:
    """An EPW file of hours with dry bulb, dew point [degC] and pressure [Pa]; the other columns are missing."""
    rest = "9999," * 10 + "999,999,99,99,9999,99999,9,999999999,999,.999,999,99,999,999,99"
    lines = [f"2001,1,{1 + k // 24},{1 + k % 24},60,?9,{T},{dew},50,{p},{rest}" for k, (T, dew, p) in enumerate(rows)]
    return HEAD + "\n".join(lines) + "\n"


def air(T: list[float], dew: float = 5.0) -> kv.Weather:
    n = len(T)
    return kv.Weather(np.array(T) + 273.15, np.full(n, dew + 273.15), np.full(n, 95_000.0))


@pytest.fixture(scope="module")
def economiser() -> kv.Year:
    """Two days from frost to heat, in the plant with tower, economiser, chiller and heat network."""
    T = 285.15 + 22.0 * np.sin(np.arange(48) * 2 * np.pi / 48.0)
    humid = kv.Weather(T, np.minimum(T - 3.0, 299.15), np.full(48, 95_000.0))
    return kv.year(kv.load("economiser_plant"), humid, reuse=["network"], grid_factor=0.4, renewable=0.3)


def test_an_epw_file_gives_dry_bulb_dew_point_and_pressure(tmp_path: Path) -> None:
    file = tmp_path / "small.epw"
    file.write_text(epw([(10.5, 4.0, 98_000), (-3.0, -5.5, 999_999)]))
    found = kv.read_weather(file)
    assert found.T_dry - 273.15 == pytest.approx([10.5, -3.0])
    assert found.T_dew - 273.15 == pytest.approx([4.0, -5.5])
    assert found.p == pytest.approx([98_000.0, 95_461.0], rel=1e-4)  # missing: the standard atmosphere at 500 m
    assert (found.site, found.altitude, found.zone) == ("Nowhere, XXX", 500.0, 1.0)
    packed = tmp_path / "small.epw.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert kv.read_weather(packed).T_dry == pytest.approx(found.T_dry)


def test_a_missing_value_of_an_epw_file_is_named_by_line(tmp_path: Path) -> None:
    file = tmp_path / "gap.epw"
    file.write_text(epw([(10.0, 4.0, 98_000), (99.9, 4.0, 98_000)]))
    with pytest.raises(kv.InputError, match=r"gap\.epw: line 10: the dry bulb is 99\.9 degC.*1 hours"):
        kv.read_weather(file)
    file.write_text("no weather\n")
    with pytest.raises(kv.FileError, match="no EPW file"):
        kv.read_weather(file)


def test_humidity_is_that_of_psychrolib_and_of_published_values() -> None:
    dew = psychrolib.GetTDewPointFromRelHum(7.0, 0.61)
    found = kv.Weather(np.array([280.15]), np.array([dew + 273.15]), np.array([1e5]))
    assert found.T_wet[0] - 273.15 == pytest.approx(3.926674, abs=2e-3)
    assert found.RH[0] == pytest.approx(0.61, rel=1e-6)
    wet = psychrolib.GetTDewPointFromTWetBulb(30.0, 25.0, 95_461.0)
    other = kv.Weather(np.array([303.15]), np.array([wet + 273.15]), np.array([95_461.0]))
    assert other.humidity_ratio[0] == pytest.approx(0.0192281, rel=3e-4)  # its dew point is exact to 1 mK


def test_outdoor_air_is_driven_by_what_its_model_declares_and_what_the_case_states() -> None:
    case = kv.load("economiser_plant")
    assert drivers(case) == {"outdoors.T": "T_dry", "outdoors.p": "p", "outdoors.T_dew": "T_dew"}
    stated = kv.read(PLANT.replace("T_dew: 10 degC", "RH: 0.5"))
    assert drivers(stated)["outdoors.RH"] == "RH"
    with pytest.raises(kv.InputError, match="no component of outdoor air"):
        drivers(kv.load("single_loop"))
    with pytest.raises(kv.InputError, match="no 'T_sky'"):
        drivers(case, {"outdoors.T": "T_sky"})


def test_every_sum_of_a_small_year_is_what_a_hand_computes() -> None:
    case = kv.read(PLANT)
    T = [-5.0, 0.0, 10.0, 20.0, 30.0]
    found = kv.year(case, air(T), grid_factor=0.5, renewable=0.25)
    t = found.totals
    pump = [case.copy().update({"outdoors.T": x + 273.15, "outdoors.p": 95_000.0}).steady()["pump.P_el"] for x in T]
    assert t.it == pytest.approx(5 * 3600 * 100e3)
    assert t.electric["heat_rejection"] == pytest.approx(5 * 3600 * 3e3, rel=1e-4)  # its bound on speed is smooth
    assert t.electric["pumps"] == pytest.approx(3600 * sum(pump), rel=1e-6)
    assert t.pue == pytest.approx((5 * 103e3 + sum(pump)) / 500e3, rel=1e-5)
    assert t.wue == 0.0 and t.erf == 0.0
    assert t.cue == pytest.approx(0.5 * t.pue)
    assert t.compressor_free == 5  # there is none
    assert t.closed and t.energy_gap < 1e-6
    # with a fan and pump of constant speed the coolant follows the air, kelvin by kelvin but for properties of air
    margin = found.dataset["margin_outlet_rack"].values
    assert np.diff(margin) == pytest.approx(-np.diff(T), rel=0.1)
    assert list(found.limits[found.limits.limit == "outlet"].time) == ["01-01 04:00"]


def test_each_hour_is_the_steady_state_of_the_case_in_that_air(economiser: kv.Year) -> None:
    k = 20
    case = kv.load("economiser_plant")
    w = economiser.weather
    case.update({"outdoors.T": w.T_dry[k], "outdoors.T_dew": w.T_dew[k], "outdoors.p": w.p[k]})
    alone = case.steady()
    assert economiser.dataset["make_up"].values[k] == pytest.approx(alone["tower.make_up"], rel=1e-4)
    assert economiser.it[k] == pytest.approx(960e3)


def test_energy_and_water_close_over_the_hours(economiser: kv.Year) -> None:
    t = economiser.totals
    assert t.hours == t.asked == 48
    assert t.energy_gap < 1e-6 and t.water_gap < 1e-6
    table = economiser.energy
    came, went = (float(table[table.way == way].energy.sum()) for way in ("in", "out"))
    assert came == pytest.approx(went, rel=1e-6)
    assert t.water["make_up"] > t.water["evaporation"] > 0.0
    assert 0.0 < t.erf < 1.0


def test_hours_of_compressors_and_of_limits_add_up(economiser: kv.Year) -> None:
    ds = economiser.dataset
    assert 0 < economiser.totals.compressor_free < 48  # frost and heat: both occur
    runs = economiser.solved.values["chiller.Q"] > 1e3
    assert np.array_equal(ds["compressor_free"].values == 0.0, runs)
    assert set(economiser.limits.broken + economiser.limits.held) == {48}
    assert float(ds["PUE"].mean()) == pytest.approx(economiser.totals.pue, rel=1e-9)  # IT power is constant


def test_the_dataset_has_units_and_a_time_axis(economiser: kv.Year) -> None:
    ds = economiser.dataset
    assert ds.attrs["Conventions"].startswith("CF-") and ds.sizes["time"] == 48
    assert ds["make_up"].attrs["units"] == "kg s^-1" and ds["T_dry"].attrs["units"] == "K"
    assert str(ds["time"].values[0])[:16] == "2001-01-01T01:00"
    assert str(ds["time_bnds"].values[1][0])[:16] == "2001-01-01T01:00"


def test_the_rows_of_regulation_and_standard_follow_from_the_sums(economiser: kv.Year) -> None:
    table = economiser.indicators.drop_duplicates("symbol").set_index("symbol").value
    t = economiser.totals
    assert table["E_DC"] == pytest.approx(t.total / KWH)
    assert table["PUE"] == pytest.approx(table["E_DC"] / table["E_IT"])
    assert table["WUE"] == pytest.approx(1e3 * table["W_IN"] / table["E_IT"])
    assert table["ERF"] == pytest.approx(table["E_REUSE"] / table["E_DC"])
    assert table["REF"] == pytest.approx(table["E_RES-TOT"] / table["E_DC"]) == pytest.approx(0.3)
    assert table["CUE"] == pytest.approx(0.4 * table["PUE"])
    notes = economiser.indicators.set_index("symbol").note
    assert notes["S_DC"].startswith("not assessed") and np.isnan(table["S_DC"])


def test_an_hour_without_solution_is_a_row_with_its_reason() -> None:
    case = kv.read(
        PLANT.replace("components:", "settings: {strict: true}\ncomponents:").replace("heat: 100", "heat: 300")
    )
    found = kv.year(
        case, air([10.0, 66.0, 12.0])
    )  # water of 85 degC lies outside the data of the coolant or its models
    if not len(found.failed):
        pytest.skip("the case has data up to there")
    assert list(found.failed.hour) == [2] and found.failed.reason[0]
    assert found.totals.hours == 2 and np.isnan(found.dataset["PUE"].values[1])


def saturated(wet_bulbs: list[float]) -> kv.Weather:
    T = np.array(wet_bulbs) + 273.15
    return kv.Weather(T, T, np.full(len(T), 1e5))


def test_what_a_switch_has_decided_is_carried_to_the_next_hour() -> None:
    case = kv.load("economiser_plant")  # its lockout comes above 26 and goes below 24.5 degC of wet bulb
    from_cold = kv.year(case, saturated([20.0, 25.2, 25.2])).electric["chillers"]
    from_hot = kv.year(case, saturated([27.0, 25.2, 25.2])).electric["chillers"]
    released = kv.year(case, saturated([27.0, 24.0, 25.2])).electric["chillers"]
    assert from_hot[2] > from_cold[2] + 1e3  # still locked out: the chiller cools alone
    assert from_hot[1] == pytest.approx(from_hot[2], rel=1e-6)
    assert released[2] == pytest.approx(from_cold[2], rel=1e-6)


def test_the_result_does_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    case = kv.load("economiser_plant")
    hours = air(list(10.0 + 20.0 * np.sin(np.arange(300))), dew=-15.0)
    many = kv.year(case, hours)
    monkeypatch.setattr("kelvolt.studies.driven.workers", lambda _: 1)
    one = kv.year(case, hours)
    assert np.array_equal(one.solved.power, many.solved.power)


def test_an_hour_can_be_run_in_time(economiser: kv.Year) -> None:
    run = economiser.rerun(14, before=1, after=0, every="15 min")
    assert run.time[-1] == 7200.0
    assert run["tower.make_up"][-1] == pytest.approx(economiser.dataset["make_up"].values[13], rel=0.2)
    with pytest.raises(kv.InputError, match="hour 49 is none of 1 to 48"):
        economiser.rerun(49)


def test_what_cannot_be_answered_is_refused() -> None:
    case, hours = kv.load("economiser_plant"), air([10.0])
    with pytest.raises(kv.InputError, match="electric network"):
        kv.year(kv.load("hall_2n_ac"), hours, drive={"outdoors.T": "T_dry"})
    with pytest.raises(kv.InputError, match="no component is named 'sauna'"):
        kv.year(case, hours, reuse=["sauna"])
    with pytest.raises(kv.InputError, match="renewable is 2"):
        kv.year(case, hours, renewable=2.0)
    with pytest.raises(kv.InputError, match="one finite number"):
        air([float("nan")])
    with pytest.raises(kv.InputError, match=r"outdoors\.p|outdoors"):
        kv.year(case, kv.Weather(np.array([283.15]), np.array([273.15]), np.array([1.0])))


def test_sites_have_plausible_conditions_with_source_and_grade() -> None:
    table = kv.sites()
    assert len(table) == 25 and table.name.is_unique and table.wmo.is_unique
    assert (table.T_wet <= table.T_dry_at_T_wet).all() and (table.T_wet_at_T_dry < table.T_dry).all()
    assert (table.T_wet_at_T_dry <= table.T_wet).all()  # the wet bulb at the hottest hours is not the highest
    known = table.T_dry_20_years.notna()
    assert (table.T_dry_20_years[known] > table.T_dry[known]).all() and known.sum() >= 20
    assert (table.T_dry_heating < table.T_dry).all()
    assert table.source.str.startswith("[").all() and set(table.grade) == {"B"}


def test_a_design_condition_has_the_wet_bulb_of_its_site() -> None:
    names, found = design_weather("wet bulb 0.4 %", ["Singapore", "Denver"])
    table = kv.sites().set_index("name")
    assert found.T_wet == pytest.approx(table.loc[names, "T_wet"].to_numpy(), abs=2e-3)
    assert found.p[1] < 84_000.0  # Denver lies 1650 m high
    assert set(CONDITIONS) > {"dry bulb 20 years"}
    with pytest.raises(kv.InputError, match="no city 'Atlantis'"):
        design_weather("wet bulb 0.4 %", ["Atlantis"])


def test_a_dry_plant_runs_where_its_outlet_limit_allows_it() -> None:
    case = kv.read(PLANT)
    axes = {"rack.heat": ["60 kW", "160 kW"]}
    found = kv.where(case, axes, cities=["Helsinki", "Dubai"], conditions=("dry bulb 0.4 %", "dry bulb 20 years"))
    ds = found.dataset
    assert ds["runs"].dims == ("plant", "city", "rack_heat")
    runs = ds["runs"].isel(plant=0)
    assert bool(runs.sel(city="Helsinki", rack_heat=60e3)) and not bool(runs.sel(city="Dubai", rack_heat=160e3))
    stopped = found.table[(found.table.city == "Dubai") & (found.table.rack_heat == 160e3)].iloc[0]
    assert (stopped.limit, stopped.element) == ("outlet", "rack") and stopped.margin < 0.0
    hot = case.copy().update({"rack.heat": "160 kW", "outdoors.T": "43.1 degC"})
    assert stopped.margin == pytest.approx(323.15 - hot.steady()["rack.b.T"], abs=0.3)
    assert found.counts.runs.tolist()[0] >= found.counts.runs.tolist()[1]
    assert found.plot().axes


def test_a_whole_year_closes_and_takes_seconds() -> None:
    hour = np.arange(8760)
    T = 285.0 + 12.0 * np.sin(2 * np.pi * hour / 8760) + 6.0 * np.sin(2 * np.pi * hour / 24)
    begin = time.process_time()
    found = kv.year(kv.load("economiser_plant"), kv.Weather(T, T - 6.0, np.full(8760, 98e3)), reuse=["network"])
    t = found.totals
    assert time.process_time() - begin < 10.0
    assert t.hours == 8760 and t.closed
    assert t.it == pytest.approx(8760 * 3600 * 960e3)
    assert found.limits.hour.max() <= 8760


def test_the_command_prints_a_page_and_writes_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, folder = tmp_path / "small.epw", tmp_path / "tables"
    file.write_text(epw([(5.0 + k, 2.0, 98_000) for k in range(24)]))
    given = ["year", "economiser_plant", str(file), "--reuse", "network", "--grid-factor", "0.4"]
    assert main([*given, "--csv", str(folder), "-o", str(tmp_path / "year.nc")]) == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 50
    for word in ("PUE", "WUE", "ERF", "CUE", "compressor-free", "24 h", "Sums closed", "every hour was solved"):
        assert word in text
    names = {f.stem for f in folder.iterdir()}
    assert {"indicators", "energy", "limits", "hours"} <= names
    assert len((folder / "hours.csv").read_text().splitlines()) == 25
    import xarray

    with xarray.open_dataset(tmp_path / "year.nc", engine="h5netcdf") as ds:
        assert ds.sizes["time"] == 24 and set(ds["status"].values) == {"ok"}
    assert main([*given, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["indicators"]) > 20


def test_the_command_names_the_cities_where_a_plant_does_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    given = [
        "where",
        "economiser_plant",
        "--vary",
        "chiller.T_set=18 degC,28 degC",
        "--city",
        "Dubai",
        "--city",
        "Frankfurt",
    ]
    assert main(given) == 1
    text = capsys.readouterr().out
    assert "Dubai" in text and "condensation" in text and "Frankfurt" not in text
    assert main(["where", "economiser_plant", "--city", "Frankfurt"]) == 0
    assert main(["where", "economiser_plant", "--vary", "chiller.T_set"]) == 2


def test_several_plants_are_compared_on_one_map() -> None:
    small, large = (kv.read(PLANT.replace("ITD_nominal: 15 K", f"ITD_nominal: {x} K")) for x in (25, 13))
    found = kv.where({"small": small, "large": large}, {"rack.heat": ["60 kW"]}, cities=["Tucson", "Helsinki"])
    runs = found.dataset["runs"].isel(rack_heat=0)
    assert runs.sel(plant="small").values.tolist() == [False, True]
    assert runs.sel(plant="large").values.tolist() == [True, True]
    assert list(found.counts.runs) == [1, 2]
    with pytest.raises(kv.InputError, match="driven by the weather"):
        kv.where(small, {"outdoors.T": ["20 degC"]}, cities=["Dubai"])
