"""Units of datasets: as text that UDUNITS and pint read alike, and in the units that a reader asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base.tables import Units
from kelvolt.base.values import converted

if TYPE_CHECKING:
    import xarray

# marks and names that Kelvolt reads, and UDUNITS or pint do not
_NAMES = {
    "delta_K": "K",
    "Pa_abs": "Pa",
    "Pa_gauge": "Pa",
    "psia": "psi",
    "psig": "psi",
    "VA": "V A",
    "kVA": "kV A",
    "var": "V A",
    "kvar": "kV A",
    "gpm": "gallon/min",
}
_VALVES = ("Kv", "Cv")  # flow coefficients, which are no units elsewhere
_TOKEN = re.compile(r"[/()]|[^\s/().]+(?:\.\d+)?")
_FACTOR = re.compile(r"([^\W\d]+)\^?(\d+(?:\.\d+)?)?")


def attribute(unit: str) -> str:
    """A unit as an attribute of a dataset, "m^3 s^-1" of "m3/s": text that UDUNITS and pint read as the same unit.

    The reference of a pressure and the mark of a difference are left out, reactive power is in "V A". Text in another
    form is returned as it is.
    """
    text = re.sub(r"\([ag]\)$", "", unit)
    text = re.sub(r"[^\W\d]+", lambda word: _NAMES.get(word[0], word[0]), text)
    factors: list[str] = []
    sign, outer = 1, [1]  # of the next factor, and of the parentheses around it
    for token in _TOKEN.findall(text):
        if token == "/":
            sign = -1
        elif token == "(":
            outer.append(outer[-1] * sign)
            sign = 1
        elif token == ")":
            if len(outer) == 1:
                return unit
            outer.pop()
        elif token == "1":
            continue
        elif factor := _FACTOR.fullmatch(token):
            power = f"{'-' if sign * outer[-1] < 0 else ''}{factor[2] or '1'}"
            factors.append(factor[1] if power == "1" else f"{factor[1]}^{power}")
            sign = 1
        else:
            return unit
    return " ".join(factors) or "1"


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


def _of_difference(unit: str) -> str:
    """A difference of temperatures in degF keeps its mark, without which pint would take it for a temperature."""
    return unit if unit == "delta_degF" else ""
