"""Incident energy and boundary of an arc flash after IEEE 1584-2018, for three phases, 208 V to 15 kV.

Equation numbers are those that public programs state for the standard, which was not read; the coefficients are data
(data/checks/arc_flash.yaml). Inside, the units are those of the empirical equations: kV, kA, mm, ms, J/cm2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import InputError

ELECTRODES = ("VCB", "VCBB", "HCB", "VOA", "HOA")
CAL_PER_CM2 = 41840.0  # J/m2
BURN = 1.2 * CAL_PER_CM2  # J/m2 at the boundary: the onset of a second-degree burn
_INCH, _PER_MM = 25.4, 0.03937  # mm; inches per mm as the standard rounds it
_KNEE, _TOP, _FLOOR = 660.4, 1244.6, 508.0  # mm: ends of the ranges of equations 11 and 12 (table 6)
_SHALLOW = 203.2  # mm


@cache
def coefficients() -> dict[str, Any]:
    found: dict[str, Any] = _core.yaml_file(Path(_core.data_directory()) / "checks" / "arc_flash.yaml")
    return found


@dataclass(frozen=True)
class Equipment:
    """Where the arc burns; SI. The box counts for the electrodes in a box only."""

    electrodes: str
    V: float  # line to line
    gap: float
    distance: float  # from the arc to the person
    height: float = math.nan
    width: float = math.nan
    depth: float = math.nan

    @property
    def boxed(self) -> bool:
        return self.electrodes in ("VCB", "VCBB", "HCB")


@dataclass(frozen=True)
class Arc:
    """One arc; SI. reduced: with the arcing current less its variation."""

    reduced: bool
    I_arc: float
    t: float
    energy: float  # J/m2
    boundary: float  # m


def outside(e: Equipment, I_bf: float) -> str:
    """What lies outside the range of the model; empty where all is within (4.2)."""
    low = e.V <= 600.0
    gaps, currents = ((6.35, 76.2), (0.5, 106.0)) if low else ((19.05, 254.0), (0.2, 65.0))
    if e.electrodes not in ELECTRODES:
        return f"electrodes {e.electrodes or 'not stated'}; {', '.join(ELECTRODES)} are known"
    ranges = [("V", e.V, (208.0, 15e3), "V"), ("gap", 1e3 * e.gap, gaps, "mm")]
    ranges += [("fault current", 1e-3 * I_bf, currents, "kA"), ("distance", 1e3 * e.distance, (305.0, math.inf), "mm")]
    if e.boxed:
        sizes = (("height", e.height), ("width", e.width), ("depth", e.depth))
        ranges += [(name, 1e3 * x, (0.0, math.inf), "mm") for name, x in sizes]
        ranges.append(("width of the box", 1e3 * e.width, (4e3 * e.gap, math.inf), "mm"))
    for name, x, (least, most), unit in ranges:
        if math.isnan(x):
            return f"{name} is not stated"
        if not least <= x <= most:
            return f"{name} {x:g} {unit} is outside the range of IEEE 1584-2018, {least:g} to {most:g} {unit}"
    return ""


def arc(e: Equipment, I_bf: float, t: float, reduced: bool) -> Arc:
    """The arc of a bolted three-phase fault current I_bf [A] that is cleared after t [s].

    Raises InputError outside the range of the model.
    """
    if wrong := outside(e, I_bf):
        raise InputError(f"arc flash: {wrong}")
    currents = _arcing_currents(e, 1e-3 * I_bf, reduced)
    final = _final_current(e, currents, 1e-3 * I_bf, reduced)
    if e.V <= 600.0:
        full = _arcing_currents(e, 1e-3 * I_bf, False)[0]  # the exponent of equation 6 keeps the full one
        E = _energy(e, 0, final, full, 1e-3 * I_bf, t)
        boundary = _boundary(e, 0, E)
    else:
        each = [_energy(e, k, x, x, 1e-3 * I_bf, t) for k, x in enumerate(currents)]
        E = _between(1e-3 * e.V, each)
        boundary = _between(1e-3 * e.V, [_boundary(e, k, x) for k, x in enumerate(each)])
    return Arc(reduced, 1e3 * final, t, 1e4 * E, 1e-3 * boundary)


def arcing_current(e: Equipment, I_bf: float, reduced: bool) -> float:
    """Current of the arc [A] for a bolted three-phase fault current I_bf [A]."""
    return 1e3 * _final_current(e, _arcing_currents(e, 1e-3 * I_bf, reduced), 1e-3 * I_bf, reduced)


def variation(e: Equipment) -> float:
    """Factor by which the arcing current varies with the voltage (VarCf)."""
    return _polynomial(coefficients()["variation"][e.electrodes], 1e-3 * e.V)


def size_factor(e: Equipment) -> float:
    """Correction for the size of the enclosure (equations 11 to 15, tables 6 and 7); 1 in open air."""
    if not e.boxed:
        return 1.0
    data = coefficients()["enclosure"][e.electrodes]
    height, width, depth = 1e3 * e.height, 1e3 * e.width, 1e3 * e.depth
    shallow = e.V < 600.0 and height < _FLOOR and width < _FLOOR and depth <= _SHALLOW

    def inches(size: float, steep: bool) -> float:
        if size < _FLOOR:
            return _PER_MM * size if shallow else 20.0
        if size <= _KNEE or (not steep and size <= _TOP):
            return _PER_MM * size
        if not steep:
            return 49.0
        slope = (1e-3 * e.V + float(data["A"])) / float(data["B"])
        return (_KNEE + (min(size, _TOP) - _KNEE) * slope) / _INCH

    equivalent = 0.5 * (inches(height, steep=e.electrodes != "VCB") + inches(width, steep=True))
    b1, b2, b3 = data["shallow" if shallow else "typical"]
    factor = float(b1 * equivalent**2 + b2 * equivalent + b3)
    return 1.0 / factor if shallow else factor


# ---- equations, in kV, kA, mm, ms, J/cm2 ----


def _polynomial(c: Sequence[float], x: float) -> float:
    """The highest power first."""
    total = 0.0
    for k in c:
        total = total * x + float(k)
    return total


def _arcing_currents(e: Equipment, I_bf: float, reduced: bool) -> list[float]:
    """Intermediate arcing currents at the three voltages (equation 1), above 600 V less the variation (equation 2)."""
    less = 1.0 - 0.5 * variation(e) if reduced and e.V > 600.0 else 1.0
    found = []
    for k in coefficients()["arcing_current"][e.electrodes]:
        power = k[0] + k[1] * math.log10(I_bf) + k[2] * math.log10(1e3 * e.gap)
        found.append(less * 10.0**power * _polynomial(k[3:], I_bf))
    return found


def _final_current(e: Equipment, currents: list[float], I_bf: float, reduced: bool) -> float:
    if e.V > 600.0:
        return _between(1e-3 * e.V, currents)
    V = 1e-3 * e.V
    inner = 1.0 / currents[0] ** 2 - (0.6**2 - V**2) / (0.6**2 * I_bf**2)  # equation 25
    final = 1.0 / ((0.6 / V) * math.sqrt(inner))
    return final * (1.0 - 0.5 * variation(e)) if reduced else final


def _energy(e: Equipment, level: int, I: float, I_exponent: float, I_bf: float, t: float) -> float:  # noqa: E741
    """Incident energy at one of the three voltages (equations 3 to 6)."""
    data = coefficients()
    k1, k2, k3, k11, k12, k13 = data["energy"][e.electrodes][level]
    below = I_bf * _polynomial(data["arcing_current"][e.electrodes][level][3:], I_bf)
    power = k1 + k2 * math.log10(1e3 * e.gap) + k3 * I_exponent / below + k11 * math.log10(I_bf)
    power += k12 * math.log10(1e3 * e.distance) + k13 * math.log10(I) - math.log10(size_factor(e))
    return float(12.552 / 50.0 * 1e3 * t * 10.0**power)


def _boundary(e: Equipment, level: int, E: float) -> float:
    """Distance with the energy of the burn: E falls with the power k12 of the distance (equations 7 to 10)."""
    k12 = coefficients()["energy"][e.electrodes][level][4]
    return float(1e3 * e.distance * (1e-4 * BURN / E) ** (1.0 / k12)) if E > 0.0 else 0.0


def _between(V: float, x: list[float]) -> float:
    """A quantity between its values at the three voltages (equations 16 to 24)."""
    below = (x[1] - x[0]) / 2.1 * (V - 2.7) + x[1]
    above = (x[2] - x[1]) / 11.6 * (V - 14.3) + x[2]
    return above if V > 2.7 else below * (2.7 - V) / 2.1 + above * (V - 0.6) / 2.1
