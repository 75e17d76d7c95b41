"""Sums of a year, and the indicators that Regulation (EU) 2024/1364 and ISO/IEC 30134 ask for.

The rows of both and their symbols are as commonly quoted; neither the annexes of the regulation nor the parts of the
standard were read at the source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas

KWH = 3.6e6  # J
EU, ISO = "EU 2024/1364", "ISO/IEC 30134"
_BALANCE = 1e-6  # allowed difference of a sum to what crosses the boundary


class Places(Protocol):
    """What the energy table asks of the components of a case."""

    paths: list[str]
    roles: list[str]
    reuse: Any

    def part(self, path: str) -> str: ...


@dataclass(frozen=True)
class Totals:
    """Sums over the hours that were solved: energy [J], water [kg]."""

    hours: int
    asked: int
    it: float
    it_power: float  # W, the largest
    electric: dict[str, float]  # by part of the cooling plant
    reused: float
    water: dict[str, float]
    into: dict[str, float]  # by path: from outside into each component
    to_rooms: float  # heat that motors give to their rooms
    compressor_free: int  # hours
    renewable: float
    grid_factor: float  # kg of CO2 per kWh
    cooling_degree_days: float

    @property
    def cooling(self) -> float:
        return sum(self.electric.values())

    @property
    def total(self) -> float:
        return self.it + self.cooling

    @property
    def pue(self) -> float:
        return self.total / self.it

    @property
    def wue(self) -> float:
        """Litres per kWh of IT."""
        return self.water["make_up"] / (self.it / KWH)

    @property
    def erf(self) -> float:
        return self.reused / self.total

    @property
    def cue(self) -> float:
        """kg of CO2 per kWh of IT."""
        return self.grid_factor * self.pue

    def ppue(self, part: str) -> float:
        return (self.it + self.electric[part]) / self.it

    @property
    def energy_gap(self) -> float:
        """What enters over the boundary of all components, summed over the hours, over the sum of what comes in."""
        came = sum(max(x, 0.0) for x in self.into.values())
        return abs(sum(self.into.values())) / came if came else math.nan

    @property
    def water_gap(self) -> float:
        """Make-up minus evaporation, drift and blow-down, over make-up; 0 without water."""
        made = self.water["make_up"]
        return abs(made - sum(self.water[k] for k in ("evaporation", "drift", "blow_down"))) / made if made else 0.0

    @property
    def closed(self) -> bool:
        return self.energy_gap <= _BALANCE and self.water_gap <= _BALANCE

    def energy_table(self, places: Places) -> pandas.DataFrame:
        """Rows of what comes in (IT, electricity by part, boundaries) and of where it leaves [J]."""
        import pandas

        rows = [["in", "IT equipment", self.it]]
        rows += [["in", part.replace("_", " "), x] for part, x in sorted(self.electric.items(), key=lambda i: -i[1])]
        for path, role, reused in zip(places.paths, places.roles, places.reuse, strict=True):
            x = self.into[path]
            if role not in ("ambient", "boundary") or x == 0.0:
                continue
            word = ", reused" if reused else ""
            rows.append(["in" if x > 0.0 else "out", f"{path} ({role}{word})", abs(x)])
        rows.append(["out", "motors to their rooms", self.to_rooms])
        return pandas.DataFrame([r for r in rows if r[2] != 0.0], columns=["way", "part", "energy"])


def indicators(t: Totals) -> pandas.DataFrame:
    """The rows of both documents: value, unit and what forms it; NaN with the reason where it is not assessed."""
    import pandas

    columns = ["document", "row", "symbol", "value", "unit", "note"]
    return pandas.DataFrame([*_european(t), *_international(t)], columns=columns)


_ABSENT = "not assessed: not in the case"
_ASKED = "not assessed: give renewable"
_PARTLY = "counts what the case holds: no lighting, offices or losses of an electric network"


def _european(t: Totals) -> list[list[Any]]:
    """Annex II (information) and annex III (indicators) of the regulation."""
    renewable = t.renewable * t.total / KWH
    told = "share given, of all energy" if math.isfinite(t.renewable) else _ASKED
    rows: list[tuple[str, str, float, str, str]] = [
        ("installed IT power demand", "PD_IT", t.it_power / 1e3, "kW", "largest power of IT in the hours"),
        ("total floor area", "S_DC", math.nan, "m2", _ABSENT),
        ("computer room floor area", "S_CR", math.nan, "m2", _ABSENT),
        ("total energy consumption", "E_DC", t.total / KWH, "kWh", _PARTLY),
        ("energy consumption of IT equipment", "E_IT", t.it / KWH, "kWh", "heat of trays, chips and heaters"),
        ("electrical grid functions", "", math.nan, "", _ABSENT),
        ("average battery capacity", "C_BtG", math.nan, "kW", _ABSENT),
        ("total water input", "W_IN", t.water["make_up"] / 1e3, "m3", "make-up of towers and pads, 1000 kg/m3"),
        ("potable water input", "W_IN-POT", math.nan, "m3", _ABSENT),
        ("waste heat reused", "E_REUSE", t.reused / KWH, "kWh", "heat through the components named as reuse"),
        ("average waste heat temperature", "T_WH", math.nan, "degC", "not assessed: read it of the reuse in the case"),
        ("average setpoint of IT intake air", "T_IN", math.nan, "degC", _ABSENT),
        ("types of refrigerants", "", math.nan, "", _ABSENT),
        ("cooling degree days", "CDD", t.cooling_degree_days, "K d", "Eurostat: daily mean from 24, over 21 degC"),
        ("renewable energy consumption", "E_RES-TOT", renewable, "kWh", told),
        ("of it by guarantees of origin", "E_RES-GOO", math.nan, "kWh", _ABSENT),
        ("of it by power purchase agreements", "E_RES-PPA", math.nan, "kWh", _ABSENT),
        ("of it on site", "E_RES-OT", math.nan, "kWh", _ABSENT),
        ("power usage effectiveness", "PUE", t.pue, "1", "E_DC / E_IT"),
        ("water usage effectiveness", "WUE", t.wue, "L/kWh", "W_IN / E_IT"),
        ("energy reuse factor", "ERF", t.erf, "1", "E_REUSE / E_DC"),
        ("renewable energy factor", "REF", t.renewable, "1", "E_RES-TOT / E_DC" if told != _ASKED else _ASKED),
    ]
    return [[EU, *row] for row in rows]


def _international(t: Totals) -> list[list[Any]]:
    carbon = "grid factor x E_DC / E_IT" if math.isfinite(t.grid_factor) else "not assessed: give grid_factor"
    benchmark = "not assessed: servers are not measured here"
    rows: list[tuple[str, str, str, float, str, str]] = [
        ("-2", "power usage effectiveness", "PUE", t.pue, "1", _PARTLY),
        *(
            ("-2", f"partial PUE: {part.replace('_', ' ')}", "pPUE", t.ppue(part), "1", "(E_IT + its energy) / E_IT")
            for part in t.electric
        ),
        ("-3", "renewable energy factor", "REF", t.renewable, "1", "share given" if t.renewable >= 0.0 else _ASKED),
        ("-4", "IT equipment energy efficiency for servers", "ITEEsv", math.nan, "1", benchmark),
        ("-5", "IT equipment utilisation for servers", "ITEUsv", math.nan, "1", benchmark),
        ("-6", "energy reuse factor", "ERF", t.erf, "1", "E_REUSE / E_DC"),
        ("-7", "cooling efficiency ratio", "CER", math.nan, "1", "not assessed: its boundary was not read"),
        ("-8", "carbon usage effectiveness", "CUE", t.cue, "kg/kWh", carbon),
        ("-9", "water usage effectiveness", "WUE", t.wue, "L/kWh", "make-up / E_IT"),
    ]
    return [[ISO + row[0], *row[1:]] for row in rows]
