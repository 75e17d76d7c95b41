"""Conductors from tables: ampacity, derating, resistance and reactance of a size, as parameters of a cable.

The tables with their sources and grades are `data/conductors/iec.yaml` (mm2, methods of IEC 60364-5-52) and `nec.yaml`
(AWG and kcmil, temperature ratings of NEC 310.16).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError

if TYPE_CHECKING:
    import pandas

_ZERO = 273.15  # 0 degC in K
_ALPHA = {"copper": 0.00393, "aluminium": 0.00403}  # 1/K at 20 degC, textbook values
_DEFAULT_AMBIENT = {"air": 30.0, "soil": 20.0}  # degC, at which the factors are 1
_NEC_RATINGS = (60, 75, 90)  # degC


@dataclass(frozen=True)
class Conductor:
    """A conductor as installed; SI.

    `parameters` are those of a cable: R [ohm/m] at T_reference [K], alpha, X [ohm/m], I_max [A] before derating,
    derating. `temperature` [K] is that at which the derated ampacity stands; a cable takes it as `T` for the drop of
    a conductor that is fully loaded. `sources` by parameter, each with its grade.
    """

    size: str
    material: str
    insulation: str
    method: str
    parameters: dict[str, float]
    temperature: float
    sources: dict[str, str]

    @property
    def ampacity(self) -> float:
        """After derating [A]."""
        return self.parameters["I_max"] * self.parameters["derating"]


def conductor(
    size: str | float,
    material: str = "copper",
    insulation: str | int = "XLPE",
    method: str = "C",
    *,
    ambient: str | float | None = None,
    grouped: int = 1,
    loaded: int = 3,
) -> Conductor:
    """A conductor from the tables.

    size: "95 mm2" (or 95) by IEC 60364-5-52, or "4/0 AWG", "500 kcmil" by NEC 310.16. insulation: "PVC" or "XLPE"; in
    the NEC table its temperature rating 60, 75 or 90 (degC). method: of installation, A1 to D2 (IEC only). ambient: of
    air, or of the ground for D1 and D2 (K, or text such as "40 degC"); not given: that of the table. grouped: circuits
    bunched together (IEC, table B.52.17 item 1), or loaded conductors in one raceway (NEC; 3 or fewer count as 1).
    loaded: loaded conductors, 2 or 3 (IEC). Between tabulated temperatures and counts the factor of the worse side is
    taken. Raises InputError for what the tables do not hold.
    """
    text = f"{size:g} mm2" if isinstance(size, int | float) else str(size)
    celsius = None if ambient is None else _celsius(ambient)
    found = re.fullmatch(r"\s*([\d.]+)\s*mm2\s*", text)
    if found:
        return _iec(float(found[1]), material, str(insulation), method, celsius, grouped, loaded)
    found = re.fullmatch(r"\s*([\d/]+)\s*(AWG|kcmil)\s*", text)
    if found:
        return _nec(found[1], text.strip(), material, insulation, celsius, grouped)
    raise InputError(f"conductor: size '{text}' is neither such as '95 mm2' nor such as '4/0 AWG' or '500 kcmil'")


def conductors(
    material: str = "copper",
    insulation: str | int = "XLPE",
    method: str = "C",
    *,
    ambient: str | float | None = None,
    grouped: int = 1,
    loaded: int = 3,
) -> pandas.DataFrame:
    """All sizes of one kind, smallest first: size, area [m2], ampacity after derating [A], R, X [ohm/m].

    Arguments as of `conductor`; an insulation of 60, 75 or 90 takes the NEC table.
    """
    import pandas

    nec = _is_rating(insulation)
    table = _table("nec" if nec else "iec")
    areas = table["area_mm2"] if nec else table["sizes_mm2"]
    names = [_nec_name(x) for x in table["sizes"]] if nec else [f"{x:g} mm2" for x in areas]
    rows = []
    for name, area in zip(names, areas, strict=True):
        try:
            one = conductor(name, material, insulation, method, ambient=ambient, grouped=grouped, loaded=loaded)
        except InputError as error:
            if "no value" in str(error):
                continue
            raise
        rows.append([name, float(area) * 1e-6, one.ampacity, one.parameters["R"], one.parameters["X"]])
    return pandas.DataFrame(rows, columns=["size", "area", "ampacity", "R", "X"])


@cache
def _table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _numbers(_core.yaml_file(Path(_core.data_directory()) / "conductors" / f"{name}.yaml"))
    return found


def _numbers(node: Any) -> Any:
    """Text that reads as a number becomes one; "~" becomes None."""
    if isinstance(node, dict):
        return {str(key): _numbers(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_numbers(x) for x in node]
    if node is None or node in ("~", "null"):
        return None
    try:
        return float(node)
    except ValueError:
        return node


def _celsius(ambient: str | float) -> float:
    return (_core.to_si(ambient, "K") if isinstance(ambient, str) else float(ambient)) - _ZERO


def _is_rating(insulation: str | int) -> bool:
    return str(insulation) in map(str, _NEC_RATINGS)


def _one_of(what: str, word: str, words: Any) -> str:
    if word not in words:
        raise InputError(f"conductor: {what} '{word}' is none of {', '.join(map(str, words))}")
    return word


def _iec(
    size: float, material: str, insulation: str, method: str, ambient: float | None, grouped: int, loaded: int
) -> Conductor:
    table = _table("iec")
    by_material = table["ampacity"]
    _one_of("material", material, _ALPHA)
    _one_of("insulation", insulation, by_material[material])
    by_loaded = by_material[material][insulation]
    _one_of("loaded", str(loaded), by_loaded)
    methods = by_loaded[str(loaded)]
    _one_of(f"method for {material}", method, methods)
    sizes = table["sizes_mm2"]
    if size not in sizes:
        raise InputError(f"conductor: {size:g} mm2 is none of {', '.join(f'{x:g}' for x in sizes)} mm2")
    k = sizes.index(size)
    ampacity, r = methods[method][k], table["resistance"][material][k]
    if ampacity is None or r is None:
        raise InputError(f"conductor: the tables hold no value for {material} of {size:g} mm2")
    place = "soil" if method.startswith("D") else "air"
    factors = table["ambient"][place]
    limit = table["conductor_temperature"][insulation]
    of_ambient = _worse(
        factors["degC"], factors[insulation], _DEFAULT_AMBIENT[place] if ambient is None else ambient, "ambient", "degC"
    )
    groups = table["grouping"]
    of_group = _worse(groups["circuits"], groups["factor"], float(grouped), "grouped", "circuits")
    parameters = {
        "R": r / 1e3,
        "T_reference": _ZERO + 20.0,
        "alpha": _ALPHA[material],
        "X": table["reactance"]["value"] / 1e3,
        "I_max": ampacity,
        "derating": of_ambient * of_group,
    }
    sources = {
        "R": _source(table["resistance"]),
        "X": _source(table["reactance"]),
        "I_max": _source(table["ampacity"], material),
        "derating": f"{_source(table['ambient'])}; {_source(groups)}",
    }
    return Conductor(f"{size:g} mm2", material, insulation, method, parameters, _ZERO + limit, sources)


def _nec_name(size: Any) -> str:
    text = f"{size:g}" if isinstance(size, float) else str(size)
    return f"{text} {'kcmil' if '/' not in text and float(text) >= 250 else 'AWG'}"


def _nec(size: str, shown: str, material: str, insulation: str | int, ambient: float | None, grouped: int) -> Conductor:
    table = _table("nec")
    _one_of("material", material, _ALPHA)
    _one_of("insulation (temperature rating of the NEC table)", str(insulation), [str(x) for x in _NEC_RATINGS])
    names = [_nec_name(x) for x in table["sizes"]]
    wanted = " ".join(shown.split())
    if wanted not in names:
        raise InputError(f"conductor: {shown} is none of {', '.join(names)}")
    k = names.index(wanted)
    rating = str(insulation)
    ampacity, r = table["ampacity"][material][rating][k], table["resistance"][material][k]
    if ampacity is None or r is None:
        raise InputError(f"conductor: the tables hold no value for {material} of {size}")
    factors = table["ambient"]
    of_ambient = _worse(factors["degC"], factors[rating], 30.0 if ambient is None else ambient, "ambient", "degC")
    groups = table["grouping"]
    over = grouped > groups["conductors"][-1]
    of_group = (
        groups["beyond"] if over else _worse(groups["conductors"], groups["factor"], max(grouped, 3), "grouped", "")
    )
    parameters = {
        "R": r / 1e3,
        "T_reference": _ZERO + 75.0,
        "alpha": _ALPHA[material] / (1.0 + _ALPHA[material] * 55.0),  # of a resistance stated at 75 degC
        "X": table["reactance"]["value"][k] / 1e3,
        "I_max": ampacity,
        "derating": of_ambient * of_group,
    }
    sources = {
        "R": _source(table["resistance"]),
        "X": _source(table["reactance"]),
        "I_max": _source(table["ampacity"], material),
        "derating": f"{_source(factors)}; {_source(groups)}",
    }
    return Conductor(wanted, material, rating, "raceway", parameters, _ZERO + float(rating), sources)


def _worse(at: list[float], factors: list[float], x: float, what: str, unit: str) -> float:
    """The factor at x; between two entries that of the upper one, which is smaller."""
    if x > at[-1] or x < 1e-9 - abs(at[0]):
        raise InputError(f"conductor: {what} = {x:g} {unit} is beyond the table, which ends at {at[-1]:g}".rstrip())
    k = int(np.searchsorted(at, x - 1e-9))
    return float(factors[k])


def _source(block: dict[str, Any], material: str | None = None) -> str:
    grade = block["grade"]
    return f"{block['source']}, grade {grade[material] if material and isinstance(grade, dict) else grade}"
