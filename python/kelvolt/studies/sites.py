"""Design conditions of sites, and where a plant can run: cities by parameters of the case, by the limit that binds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import cf
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import require_case
from kelvolt.cases.case import Case
from kelvolt.studies.driven import drivers
from kelvolt.studies.weather import ZERO, Weather, psychrometrics, standard_pressure
from kelvolt.sweeps.axes import to_number
from kelvolt.sweeps.solve import workers

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

FILE = Path("sites") / "cities.yaml"
_TEMPERATURES = ("T_dry", "T_wet_at_T_dry", "T_wet", "T_dry_at_T_wet", "T_dry_heating", "T_dry_20_years")
# hours of design: dry bulb and wet bulb by name of a column; the humidity of the 20-year extreme is that of T_dry
CONDITIONS = {
    "dry bulb 0.4 %": ("T_dry", "T_wet_at_T_dry"),
    "wet bulb 0.4 %": ("T_dry_at_T_wet", "T_wet"),
    "dry bulb 20 years": ("T_dry_20_years", ""),
}
RUNS, BREAKS, FAILS = "runs", "limit broken", "no solution"


def sites() -> pandas.DataFrame:
    """Design conditions of 25 cities, with source and grade; temperatures in K, altitude in m.

    T_dry and T_wet are exceeded for 0.4 % of the hours of a year, each with the mean of the other at that time;
    T_dry_20_years is the annual maximum with a return period of 20 years, NaN where its source does not hold it.

    >>> float(kv.sites().set_index("name").loc["Singapore", "T_wet"].round(2))
    300.85
    """
    import pandas

    made = pandas.DataFrame(_rows()).set_index("name", drop=False)
    made.index.name = None
    return made.reset_index(drop=True)


@cache
def _rows() -> list[dict[str, Any]]:
    found = _core.yaml_file(Path(_core.data_directory()) / FILE)["sites"]
    rows = []
    for row in found:
        kept: dict[str, Any] = {k: row[k] for k in ("name", "country", "wmo")}
        kept |= {k: float(row[k]) for k in ("latitude", "longitude")}
        kept["altitude"] = _core.to_si(row["altitude"], "m")
        kept |= {k: _core.to_si(row[k], "K") if k in row else math.nan for k in _TEMPERATURES}
        rows.append({**kept, "edition": int(row["edition"]), "source": row["source"], "grade": row["grade"]})
    return rows


def design_weather(condition: str, cities: Sequence[str] | None = None) -> tuple[list[str], Weather]:
    """The cities, and their air at a design condition; each city is one hour. A city without it is left out.

    Raises InputError for a condition or a city that is not known.
    """
    if condition not in CONDITIONS:
        raise InputError(f"condition: '{condition}' is none of {', '.join(CONDITIONS)}")
    known = {row["name"]: row for row in _rows()}
    asked = list(known) if cities is None else [cities] if isinstance(cities, str) else list(cities)
    for name in asked:
        if name not in known:
            raise InputError(f"no city '{name}' in kv.sites(); there are {', '.join(known)}")
    dry, wet = CONDITIONS[condition]
    names = [name for name in asked if math.isfinite(known[name][dry])]
    if not names:
        raise InputError(f"condition: '{condition}' is known of none of these cities; take another condition")
    psy = psychrometrics()
    p = [standard_pressure(known[name]["altitude"]) for name in names]
    dew = []
    for name, pressure in zip(names, p, strict=True):
        row = known[name]
        at, bulb = (row[dry], row[wet]) if wet else (row["T_dry"], row["T_wet_at_T_dry"])
        dew.append(psy.GetTDewPointFromTWetBulb(at - ZERO, bulb - ZERO, pressure) + ZERO)
    return names, Weather(np.array([known[n][dry] for n in names]), np.array(dew), np.array(p), condition)


def where(
    case: Case | Mapping[str, Case],
    axes: Mapping[str, Sequence[Any]] | None = None,
    *,
    cities: Sequence[str] | None = None,
    conditions: Sequence[str] = ("dry bulb 0.4 %", "wet bulb 0.4 %"),
    drive: Mapping[str, str] | None = None,
) -> Where:
    """Where a plant can run: at each city and point of `axes` the limit that binds at the worst design condition.

    case: one, or several plants by name. axes: parameters of the case, such as the facility temperature and the heat of
    a rack: {"chiller.T_set": ["20 degC", "30 degC"], "rack[*].heat": ["80 kW", "120 kW"]}. conditions: of `kv.sites`.
    drive: as of `kv.year`. Raises InputError for unknown cities and conditions, and for paths a plant lacks.

    >>> found = kv.where(kv.load("economiser_plant"), {"rack[*].heat": ["100 kW"]}, cities=["Frankfurt"])
    >>> found.dataset["runs"].dims
    ('plant', 'city', 'rack_heat')
    """
    plants = dict(case) if isinstance(case, Mapping) else {case.title if isinstance(case, Case) else "": case}
    for one in plants.values():
        require_case("where", one)
    asked = [conditions] if isinstance(conditions, str) else list(conditions)
    if not asked or not plants:
        raise InputError(f"where: give at least one plant, and one condition of {', '.join(CONDITIONS)}")
    known = {condition: design_weather(condition, cities) for condition in asked}
    rows = []
    values: dict[str, list[float]] = {}
    for name, plant in plants.items():
        values = _in_si(plant, axes or {})
        for condition, (named, air) in known.items():
            rows += [
                (name, city, *point, condition, *answer)
                for city, point, answer in _solved(plant, named, air, values, drivers(plant, drive))
            ]
    units = {path: str(next(iter(plants.values())).core.find_parameters(path).unit(0)) for path in values}
    return Where(list(plants), values, units, rows)


def _in_si(case: Case, axes: Mapping[str, Sequence[Any]]) -> dict[str, list[float]]:
    """The values of each axis in SI. Raises InputError for what is no parameter, and for an axis without values."""
    made = {}
    for path, given in axes.items():
        unit = case.core.find_parameters(path).unit(0)
        made[path] = [to_number(v, unit, path) for v in ([given] if isinstance(given, str) else given)]
        if not made[path]:
            raise InputError(f"where: {path} has no values")
    return made


def _solved(
    case: Case, cities: Sequence[str], air: Weather, axes: Mapping[str, Sequence[float]], driven: Mapping[str, str]
) -> list[tuple[str, tuple[float, ...], tuple[Any, ...]]]:
    """Every city and point, each solved by itself from what the case says of firmware and switches."""
    shared = set(driven) & set(axes)
    if shared:
        raise InputError(f"where: {sorted(shared)[0]} is driven by the weather, and cannot be an axis as well")
    points = [(k, point) for k in range(len(cities)) for point in product(*axes.values())]
    weather = np.stack([getattr(air, column) for column in driven.values()], axis=1)
    table = np.array([[*weather[k], *point] for k, point in points])
    columns = [
        (case.core.find_parameters(path), False, float(v.min()), float(np.median(v)), float(v.max()))
        for path, v in zip([*driven, *axes], table.T, strict=True)
    ]
    engine = _core.Sweep(case.core.copy(), columns, [], min(len(points) // 4, 32), workers(None))

    def solve(row: Any) -> tuple[Any, ...]:
        raw = engine.steady(np.ascontiguousarray(row), 1, len(row), "full", True)
        status, reason = raw["status"][0], raw["reason"][0]
        if status != "ok":
            return FAILS, status, reason, math.nan, ""
        margin, broken = float(np.array(raw["limit_margin"])[0]), float(np.array(raw["limits_broken"])[0])
        return BREAKS if broken else RUNS, raw["limit"][0], raw["limit_element"][0], margin, raw["limit_unit"][0]

    with ThreadPoolExecutor(workers(None)) as pool:
        answers = list(pool.map(solve, table))
    return [(cities[k], point, a) for (k, point), a in zip(points, answers, strict=True)]


@dataclass(eq=False)
class Where:
    """The answer of `kv.where`; `table` has a row for each plant, city and point, `dataset` the same as a map."""

    plants: list[str]
    values: dict[str, list[float]]  # of the parameters, by path [SI]
    units: dict[str, str]  # declared, by path
    rows: list[tuple[Any, ...]] = field(repr=False)

    @cached_property
    def axes(self) -> list[str]:
        """Names of the parameters in tables and dimensions."""
        taken = {"plant", "city"}
        return [cf.distinct(cf.identifier(path), taken) for path in self.values]

    @cached_property
    def every(self) -> pandas.DataFrame:
        """A row for each plant, city, point and design condition."""
        import pandas

        names = ["condition", "verdict", "limit", "element", "margin", "unit"]
        return pandas.DataFrame(self.rows, columns=["plant", "city", *self.axes, *names])

    @cached_property
    def table(self) -> pandas.DataFrame:
        """The design condition that decides at each plant, city and point.

        One without solution decides before one with a broken limit, and that before one where all limits are held;
        among equal ones the first in the question.
        """
        by = ["plant", "city", *self.axes]
        severity = self.every.verdict.map({RUNS: 0, BREAKS: 1, FAILS: 2})
        decides = self.every.assign(severity=severity).groupby(by, sort=False)["severity"].idxmax()
        return self.every.loc[decides].reset_index(drop=True)

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """The map: by plant, city and parameters whether it runs, the condition that decides, limit and margin."""
        by = ["plant", "city", *self.axes]
        table = self.table
        made: xarray.Dataset = (
            table.set_index(by).to_xarray().reindex(plant=self.plants, city=list(dict.fromkeys(table.city)))
        )
        made["runs"] = (made["verdict"] == RUNS).assign_attrs(long_name="every limit is held at all conditions")
        made["margin"].attrs["long_name"] = "margin of the limit that binds, in its own unit, negative when broken"
        for name, path in zip(self.axes, self.values, strict=True):
            made[name].attrs |= {"path": path, **cf.value_attributes(self.units[path], path)}
        made.attrs = cf.dataset_attributes("Where the plant can run", "where")
        return made

    @property
    def counts(self) -> pandas.DataFrame:
        """In how many cities each plant runs, by point, and what stops it elsewhere."""
        import pandas

        rows = []
        for key, group in self.table.groupby(["plant", *self.axes], sort=False):
            stopped = group[group.verdict != RUNS].limit.value_counts()
            told = ", ".join(f"{limit} {count}" for limit, count in stopped.items())
            rows.append([*key, len(group), int((group.verdict == RUNS).sum()), told])
        return pandas.DataFrame(rows, columns=["plant", *self.axes, "cities", "runs", "stopped_by"])

    def plot(self, title: str = "") -> Figure:
        """The map as a picture: a row for each city, a column for each point, coloured by what binds."""
        from kelvolt.plots.where import where_map

        return where_map(self, title)
