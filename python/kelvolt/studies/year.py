"""A year of a plant in the weather of a site: hours, energy, water and the indicators that are reported of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import cf
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import matching, without_indices
from kelvolt.base.values import Floats
from kelvolt.base.verdicts import Whole
from kelvolt.cases.case import Case
from kelvolt.studies.driven import Hours, drivers, solve_hours
from kelvolt.studies.indicators import Totals, indicators
from kelvolt.studies.weather import HOUR, Weather, read_weather

if TYPE_CHECKING:
    import pandas
    import xarray

    from kelvolt.cases.run import Run

IT_ROLES = ("tray", "chip", "heater")
# what uses electricity to cool, by the role of its model
PARTS = {
    "pump": "pumps",
    "heat rejection": "heat_rejection",
    "chiller": "chillers",
    "cooler": "room_coolers",
    "fan": "fans",
}
OTHER = "other"
WATER = ("make_up", "evaporation", "drift", "blow_down")  # outputs in kg/s
_BEGIN = "2001-01-01"  # of typical years, which have no year of their own
_RUNS = 1e-3  # share of the IT power that a chiller takes as heat when it counts as running


def year(
    case: Case,
    weather: Weather | str | PathLike[str],
    *,
    drive: Mapping[str, str] | None = None,
    reuse: Sequence[str] = (),
    renewable: float = math.nan,
    grid_factor: float = math.nan,
) -> Year:
    """Every hour of the weather as a steady state of the case: limits, energy, water, PUE, WUE, ERF, REF, CUE.

    weather: an EPW file or a `Weather`. It drives dry bulb, humidity and pressure of every component of outdoor air,
    or what `drive` names: {"outdoors.T": "T_dry"} of T_dry, T_dew, T_wet, RH and p. What firmware and switches decide
    is carried from hour to hour; heat in stores is not, and the answer says how much that is. Events, profiles and
    schedules of the case do not act.

    reuse: components, or patterns, through which heat leaves that is used elsewhere, such as a heat network.
    renewable: share of the energy that is renewable. grid_factor: kg of CO2 per kWh of electricity.

    An hour without a solution stays as a row with its reason and does not count in sums. Raises InputError where no
    parameter can be driven, and for a case with an electric network, whose losses are not weighed over the hours.

    >>> case = kv.load("economiser_plant")
    >>> air = kv.Weather(T_dry=[283.15, 298.15], T_dew=[278.15, 288.15], p=[1e5, 1e5])
    >>> found = kv.year(case, air)
    >>> [float(x.round(3)) for x in found.dataset["PUE"]]
    [1.025, 1.043]
    """
    require_case("year", case)
    air = weather if isinstance(weather, Weather) else read_weather(weather)
    for name, share, most in (("renewable", renewable, 1.0), ("grid_factor", grid_factor, 5.0)):
        if not math.isnan(share) and not 0.0 <= share <= most:
            raise InputError(f"year: {name} is {share:g}, but lies from 0 to {most:g}")
    driven = drivers(case, drive)
    plant = _Parts(case, reuse)
    solved = solve_hours(case, air, driven, plant.recorded)
    return Year(case, air, driven, plant, solved, renewable, grid_factor)


class _Parts:
    """The components of a case by what they do in the balance of a year."""

    def __init__(self, case: Case, reuse: Sequence[str]) -> None:
        topology = _core.topology(case.core)
        models = {m.type: m for m in _core.models()}
        if any(p.electric > 0.0 for kind in set(topology.types) for p in models[kind].ports):
            raise InputError(
                f"{case.title}: has an electric network; a year does not weigh its losses yet. Take the cooling plant "
                "alone, with racks as trays"
            )
        self.paths = list(topology.paths)
        self.roles = [models[kind].role for kind in topology.types]
        self.it = np.array([role in IT_ROLES for role in self.roles])
        if not self.it.any():
            raise InputError(f"{case.title}: has no tray, chip or heater, so there is no IT energy to refer to")
        self.outputs = {
            name: [path for path, kind in zip(topology.paths, topology.types, strict=True) if _has(models[kind], name)]
            for name in ("P_el", *WATER)
        }
        self.chillers = [path for path in self.paths if self.part(path) == "chillers"]
        self.reuse = np.zeros(len(self.paths), dtype=bool)
        for pattern in [reuse] if isinstance(reuse, str) else reuse:
            named = set(matching(pattern, self.paths))
            if not named:
                raise InputError(f"reuse: no component is named '{pattern}'")
            self.reuse |= np.array([path in named for path in self.paths])

    @property
    def recorded(self) -> list[str]:
        heat = [f"{path}.Q" for path in self.chillers]
        return [f"{path}.{name}" for name, paths in self.outputs.items() for path in paths] + heat

    def part(self, path: str) -> str:
        return PARTS.get(self.roles[self.paths.index(path)], OTHER)

    def electric(self) -> list[str]:
        """Components that use electricity to cool; what IT equipment uses is in its power."""
        return [path for path in self.outputs["P_el"] if self.roles[self.paths.index(path)] not in IT_ROLES]


def _has(model: _core.Model, output: str) -> bool:
    return any(o.name == output for o in model.outputs)


@dataclass(eq=False)
class Year:
    """The answer of `kv.year`; `dataset` has every hour. Energies are in J, water in kg, times in s."""

    case: Case
    weather: Weather
    driven: dict[str, str]
    plant: _Parts = field(repr=False)
    solved: Hours = field(repr=False)
    renewable: float
    grid_factor: float

    # ---- hours ----

    @cached_property
    def ok(self) -> Any:
        """Of each hour: whether it was solved."""
        return np.array([s == "ok" for s in self.solved.status])

    @cached_property
    def electric(self) -> dict[str, Floats]:
        """Electric power [W] by part of the cooling plant, for each hour."""
        made: dict[str, Floats] = {}
        for path in self.plant.electric():
            part = self.plant.part(path)
            made[part] = made.get(part, np.zeros(len(self.ok))) + self.solved.values[f"{path}.P_el"]
        return made

    @cached_property
    def water(self) -> dict[str, Floats]:
        """Water [kg/s]: what is made up, and where it goes. What a model does not tell apart counts as blow-down."""
        made = {name: np.zeros(len(self.ok)) for name in WATER}
        for path in self.plant.outputs["make_up"]:
            own = {n: self.solved.values[f"{path}.{n}"] for n in WATER if path in self.plant.outputs[n]}
            own.setdefault("blow_down", own["make_up"] - sum(own.get(n, 0.0) for n in ("evaporation", "drift")))
            for name, flow in own.items():
                made[name] = made[name] + flow
        return made

    def _power(self, chosen: Any) -> Floats:
        """Power from outside into the chosen components [W], for each hour."""
        return np.asarray(self.solved.power[:, chosen].sum(axis=1))

    @cached_property
    def it(self) -> Floats:
        """Power of the IT equipment [W], for each hour."""
        return self._power(self.plant.it)

    @cached_property
    def compressor_free(self) -> Any:
        """Of each hour: whether no chiller takes heat, so that its compressors stand; all True without a chiller."""
        heat = sum((self.solved.values[f"{path}.Q"] for path in self.plant.chillers), np.zeros(len(self.ok)))
        return self.ok & ~(heat > _RUNS * self.it)

    @cached_property
    def totals(self) -> Totals:
        """Sums over the hours that were solved."""

        def energy(power: Floats) -> float:
            return float(np.nansum(power) * HOUR)

        into = self.solved.power[self.ok].sum(axis=0) * HOUR  # J of each component over the hours
        motors = {
            path: energy(self.solved.values[f"{path}.P_el"]) - float(into[self.plant.paths.index(path)])
            for path in self.plant.electric()
        }
        return Totals(
            hours=int(self.ok.sum()),
            asked=len(self.ok),
            it=energy(self.it),
            it_power=float(np.nanmax(self.it, initial=0.0)),
            electric={part: energy(power) for part, power in self.electric.items()},
            reused=energy(np.maximum(-self._power(self.plant.reuse), 0.0)),
            water={name: energy(flow) for name, flow in self.water.items()},
            into=dict(zip(self.plant.paths, into.tolist(), strict=True)),
            to_rooms=sum(motors.values()),
            compressor_free=int(self.compressor_free.sum()),
            renewable=self.renewable,
            grid_factor=self.grid_factor,
            cooling_degree_days=self.weather.cooling_degree_days,
        )

    # ---- answers ----

    @cached_property
    def whole(self) -> Whole:
        """Each kind of limit counts once: broken where it is in any hour."""
        table = self.limits
        return Whole(int((table.broken > 0).sum()), int((table.broken == 0).sum()))

    @cached_property
    def limits(self) -> pandas.DataFrame:
        """Each kind of limit: hours in which it is broken and held, its least margin and when; most broken first."""
        import pandas

        rows = []
        for (name, element), (unit, margin) in self._kinds.items():
            known = ~np.isnan(margin)
            if not known.any():
                continue
            k = int(np.nanargmin(margin))
            count = (int((margin < 0.0).sum()), int((margin >= 0.0).sum()))
            air = (float(self.weather.T_dry[k]), float(self.weather.T_dew[k]))
            rows.append([name, element, *count, float(margin[k]), unit, k + 1, self.time_of(k), *air])
        columns = ["limit", "element", "broken", "held", "margin", "unit", "hour", "time", "T_dry", "T_dew"]
        made = pandas.DataFrame(rows, columns=columns)
        return made.sort_values(["broken", "limit"], ascending=[False, True], ignore_index=True)

    @cached_property
    def _kinds(self) -> dict[tuple[str, str], tuple[str, Floats]]:
        """The least margin of like elements in each hour, by limit and path without indices."""
        made: dict[tuple[str, str], tuple[str, Floats]] = {}
        for (name, element), (unit, margin) in self.solved.margins.items():
            key = (name, without_indices(element))
            made[key] = (unit, np.fmin(made[key][1], margin) if key in made else margin)
        return made

    @cached_property
    def failed(self) -> pandas.DataFrame:
        """The hours without a solution, with the reason and their weather."""
        import pandas

        at = np.flatnonzero(~self.ok)
        rows = [
            [k + 1, self.time_of(int(k)), self.solved.status[k], self.solved.reason[k], self.weather.T_dry[k]]
            for k in at
        ]
        return pandas.DataFrame(rows, columns=["hour", "time", "status", "reason", "T_dry"])

    @cached_property
    def energy(self) -> pandas.DataFrame:
        """Energy by part, and where it goes: the two sums are equal."""
        return self.totals.energy_table(self.plant)

    @cached_property
    def indicators(self) -> pandas.DataFrame:
        """The rows of Regulation (EU) 2024/1364 and of ISO/IEC 30134; what the case does not hold is not assessed."""
        return indicators(self.totals)

    @cached_property
    def stores(self) -> tuple[float, float]:
        """Largest and mean change of the heat in stores between two hours, over the heat of IT in an hour.

        Each hour is a steady state, so this heat is what a run in time would shift from hour to hour.
        """
        change = np.abs(np.diff(self.solved.stored)) / (HOUR * np.nanmean(self.it))
        if not np.isfinite(change).any():
            return 0.0, 0.0
        return float(np.nanmax(change)), float(np.nanmean(change))

    def time_of(self, hour: int) -> str:
        """Month, day and time at the begin of an hour, counted from 0, in the local standard time of the site."""
        when = np.datetime64(_BEGIN, "h") + np.timedelta64(int(hour), "h")
        return f"{when.astype('datetime64[h]').item():%m-%d %H:%M}"

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """Every hour, with the attributes of the CF conventions."""
        import xarray

        n = len(self.ok)
        air, solved = self.weather, self.solved
        cooling = sum(self.electric.values(), np.zeros(n))
        with np.errstate(invalid="ignore", divide="ignore"):
            pue = (self.it + cooling) / self.it
        arrays: dict[str, tuple[Any, str, str]] = {
            "T_dry": (air.T_dry, "K", "dry bulb"),
            "T_dew": (air.T_dew, "K", "dew point"),
            "p": (air.p, "Pa_abs", "pressure of the air"),
            "P_IT": (self.it, "W", "power of the IT equipment"),
            **{f"P_{k}": (v, "W", f"electric power: {k.replace('_', ' ')}") for k, v in self.electric.items()},
            "PUE": (pue, "1", "power of IT and cooling over that of IT"),
            "heat_reused": (np.maximum(-self._power(self.plant.reuse), 0.0), "W", "heat that is used elsewhere"),
            **{k: (v, "kg/s", f"water: {k.replace('_', '-')}") for k, v in self.water.items()},
            "stored": (solved.stored, "J", "heat in the network, from 0 degC"),
            "outside_data": (solved.flagged, "1", "values outside the range of their data"),
            "unsettled": (solved.unsettled, "1", "1 where firmware or a switch keeps changing"),
            "compressor_free": (self.compressor_free.astype(float), "1", "1 where no compressor runs"),
            "limits_broken": (self._broken, "1", "kinds of limits that are broken"),
        }
        data = {k: ("time", v, cf.value_attributes(unit, doc)) for k, (v, unit, doc) in arrays.items()}
        for (name, element), (unit, margin) in self._kinds.items():
            attrs = cf.value_attributes(_of_margin(unit), f"margin of {name} of {element}, negative when broken")
            data[f"margin_{cf.identifier(f'{name}_{element}')}"] = ("time", margin, attrs)
        words = {"status": "ok, or why there is no solution", "reason": "of an hour without solution"}
        for name, doc in words.items():
            data[name] = ("time", np.array(getattr(solved, name), dtype=object), {"long_name": doc})
        times = cf.time_coordinates(np.arange(1, n + 1, dtype=float) * HOUR, _BEGIN)
        times["time"][2]["comment"] = "end of the hour, local standard time of the site, of a year without a number"
        attrs = cf.dataset_attributes(f"{self.case.title}: {air.site or 'weather'} by the hour", "year")
        return xarray.Dataset(data, times, {**attrs, "weather": air.source})

    @cached_property
    def _broken(self) -> Floats:
        made = np.zeros(len(self.ok))
        for _, margin in self._kinds.values():
            made += margin < 0.0
        return np.where(self.ok, made, np.nan)

    def rerun(self, hour: int, *, before: int = 6, after: int = 2, every: str = "5 min") -> Run:
        """A run in time through an hour (from 1), which begins `before` hours earlier; the air steps by the hour.

        Profiles and events of the case do not act. Raises InputError for an hour that the weather does not have.
        """
        if not 1 <= hour <= len(self.ok):
            raise InputError(f"rerun: hour {hour} is none of 1 to {len(self.ok)}")
        rows = (np.arange(hour - 1 - before, hour + after)) % len(self.ok)
        values = {path: getattr(self.weather, column) for path, column in self.driven.items()}
        case = _without_schedule(self.case)
        case.update({path: float(v[rows[0]]) for path, v in values.items()})
        events = [(k * HOUR, {p: float(v[row]) for p, v in values.items()}) for k, row in enumerate(rows) if k]
        return case.simulate(len(rows) * HOUR, every=every, events=events, progress=False)

    def text(self, units: str = "si") -> str:
        """The answer on a page."""
        from kelvolt.reports.year import year_text

        return year_text(self, units)

    __str__ = text


def _of_margin(unit: str) -> str:
    return {"K": "delta_K", "Pa_abs": "Pa"}.get(unit, unit)


def _without_schedule(case: Case) -> Case:
    """The case without profiles on its parameters and without events. A case built in code has neither as text."""
    text = str(_core.source(case.core)[0])
    keys = [key for key in ("apply", "events") if any(line.startswith(f"{key}:") for line in text.splitlines())]
    return Case(_core.edited(case.core, [(key, "[]") for key in keys], keep=True)) if keys else case.copy()
