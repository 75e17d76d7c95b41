"""Conductors from tables: ampacity, derating, resistance and reactance of a size, as parameters of a cable.

A line of a case names its conductor under `conductor:` and gets the same values. The tables with their sources and
grades are `data/conductors/iec.yaml` (mm2, methods of IEC 60364-5-52) and `nec.yaml` (AWG and kcmil, temperature
ratings of NEC 310.16); the core reads them (solver/case/conductors.cpp).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base.errors import InputError

if TYPE_CHECKING:
    import pandas

_NEC_RATINGS = ("60", "75", "90")  # degC


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
    kelvin = _core.to_si(ambient, "K") if isinstance(ambient, str) else ambient
    name, values, temperature = _core.conductor(text, material, str(insulation), method, kelvin, grouped, loaded)
    return Conductor(
        name,
        material,
        str(insulation),
        "raceway" if str(insulation) in _NEC_RATINGS else method,
        {parameter: value for parameter, (value, _, _) in values.items()},
        temperature,
        {parameter: f"{source}, grade {grade}" for parameter, (_, source, grade) in values.items()},
    )


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

    rows = []
    for name, area in _core.conductor_sizes("nec" if str(insulation) in _NEC_RATINGS else "iec"):
        try:
            one = conductor(name, material, insulation, method, ambient=ambient, grouped=grouped, loaded=loaded)
        except InputError as error:
            if "no value" in str(error):
                continue
            raise
        rows.append([name, area, one.ampacity, one.parameters["R"], one.parameters["X"]])
    return pandas.DataFrame(rows, columns=["size", "area", "ampacity", "R", "X"])
