"""Units of datasets: as text that UDUNITS and pint read alike, and in the units that a reader asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.tables import Units
from kelvolt.base.values import converted

if TYPE_CHECKING:
    import xarray

_VALVES = ("Kv", "Cv")  # flow coefficients, which are no units elsewhere
_TIMES = ("time", "seconds", "event_time")  # which stay in s


def attribute(unit: str) -> str:
    """A unit as an attribute of a dataset, "m^3 s^-1" of "m3/s": text that UDUNITS and pint read as the same unit.

    The reference of a pressure and the mark of a difference are left out, reactive power is in "V A". Text in another
    form is returned as it is.
    """
    return _core.unit_attribute(unit)


def in_units(dataset: xarray.Dataset, declared: Mapping[str, str], system: str) -> xarray.Dataset:
    """A dataset in SI converted to the units of a site: "si" (degC, kPa, L/min, kW), "si-field" (bar, m3/h) or "us".

    `declared`: the unit in SI of each variable or coordinate to convert; others are kept, such as times in s. Flow
    coefficients of valves stay in SI. Raises InputError for another system.
    """
    units = Units(system)
    changed = {}
    for name, si in declared.items():
        unit = _core.display_unit(si, units.system)
        if name in dataset.variables and unit not in (*_VALVES, si):
            variable = dataset[name]
            attrs = variable.attrs | {"units": _of_difference(unit) or attribute(unit)}
            changed[name] = (variable.dims, converted(variable.values, si, unit), attrs)
    coords = {name: value for name, value in changed.items() if name in dataset.coords}
    data = {name: value for name, value in changed.items() if name not in dataset.coords}
    return dataset.assign_coords(coords).assign(data)


class SiteUnits:
    """The units of a site for arrays whose units are known from their attributes only, as in result files."""

    def __init__(self, system: str) -> None:
        """Raises InputError for a system other than "si", "si-field" and "us"."""
        self._system = Units(system).system
        _core.display_unit("K", self._system)  # raises for a wrong one
        self._known: dict[tuple[str, bool], tuple[str, str] | None] = {}

    def conversion(self, name: str, attrs: Mapping[str, Any]) -> tuple[str, str] | None:
        """The declared unit of an array and the unit of the site; None where it stays as it is, such as times."""
        if name in _TIMES or "units" not in attrs:
            return None
        is_difference = str(attrs.get("units_metadata", "")).endswith("difference")
        key = (str(attrs["units"]), is_difference)
        if key not in self._known:
            declared = "delta_K" if is_difference else _declared_units().get(key[0], "")
            unit = _core.display_unit(declared, self._system) if declared else ""
            self._known[key] = None if unit in ("", declared, *_VALVES) else (declared, unit)
        return self._known[key]

    def shown(self, unit: str) -> str:
        """The attribute of a unit of the site."""
        return _of_difference(unit) or attribute(unit)

    def of(self, dataset: xarray.Dataset) -> xarray.Dataset:
        """A dataset whose values are in memory, in SI, converted; its coordinates are kept."""
        return dataset.assign(self._changed(dataset.data_vars))

    def coordinates(self, dataset: xarray.Dataset) -> xarray.Dataset:
        """The dataset with its coordinates converted."""
        return dataset.assign_coords(self._changed(dataset.coords))

    def _changed(self, arrays: Mapping[Any, xarray.DataArray]) -> dict[Any, Any]:
        found = {name: (array, self.conversion(str(name), array.attrs)) for name, array in arrays.items()}
        return {
            name: (array.dims, converted(array.values, *to), array.attrs | {"units": self.shown(to[1])})
            for name, (array, to) in found.items()
            if to
        }


@lru_cache
def _declared_units() -> dict[str, str]:
    """Declared units by their attributes. Kinds of pressure have one attribute; they are shown in the same unit."""
    of = [x.unit for m in _core.models() for x in (*m.outputs, *m.unknowns, *m.params)]
    return {attribute(unit): unit for unit in reversed(of) if unit and unit != "delta_K"}


def _of_difference(unit: str) -> str:
    """A difference of temperatures in degF keeps its mark, without which pint would take it for a temperature."""
    return unit if unit == "delta_degF" else ""
