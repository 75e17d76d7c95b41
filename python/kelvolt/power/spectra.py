"""Spectra of the currents that loads draw: shipped ones (data/spectra/currents.yaml) and those of a case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.paths import any_covers
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    import pandas

FILE = Path("spectra") / "currents.yaml"


@dataclass(frozen=True)
class Spectrum:
    """Currents by order over that of the fundamental; shapes (orders,). `angle` [rad] is None where not stated.

    The angle is against h times the angle of the fundamental's current.
    """

    name: str
    order: tuple[int, ...]
    current: Floats
    angle: Floats | None
    source: str = ""
    grade: str = ""
    title: str = ""
    range: tuple[float, float] | None = None

    @property
    def thd(self) -> float:
        """RMS of the harmonics over the fundamental."""
        return float(np.sqrt(np.sum(self.current**2)))

    @property
    def has_angles(self) -> bool:
        return self.angle is not None or not self.order

    def at(self, h: int) -> complex:
        """Current of order h over that of the fundamental, with its angle (0 where none is stated)."""
        if h not in self.order:
            return 0.0
        k = self.order.index(h)
        turn = 0.0 if self.angle is None else float(self.angle[k])
        return complex(self.current[k] * np.exp(1j * turn))


@cache
def shipped() -> dict[str, Spectrum]:
    """The spectra that Kelvolt ships, by name."""
    found = _core.yaml_file(Path(_core.data_directory()) / FILE)["spectra"]
    return {name: _of_file(name, said) for name, said in found.items()}


def _of_file(name: str, said: dict[str, Any]) -> Spectrum:
    angle = np.deg2rad([float(x) for x in said["angle"]]) if "angle" in said else None
    bounds = tuple(float(x) for x in said["range"]) if "range" in said else None
    return Spectrum(
        name,
        tuple(int(x) for x in said["order"]),
        np.array([float(x) for x in said["current"]]),
        angle,
        str(said["source"]),
        str(said["grade"]),
        str(said["title"]),
        bounds,  # type: ignore[arg-type]
    )


def spectra() -> pandas.DataFrame:
    """The shipped spectra: name, title, THD, orders, angles (whether they are stated), grade, range, source.

    range: factors on all currents. A case names a spectrum under `power: harmonics:`.
    """
    import pandas

    rows = [
        {
            "name": s.name,
            "title": s.title,
            "THD": s.thd,
            "orders": ", ".join(map(str, s.order)),
            "angles": s.has_angles,
            "grade": s.grade,
            "range": s.range,
            "source": s.source,
        }
        for s in shipped().values()
    ]
    return pandas.DataFrame(rows)


@dataclass(frozen=True)
class Stated:
    """What a case says under `power: harmonics:`."""

    standard: str
    loads: tuple[tuple[tuple[str, ...], str], ...]
    own: dict[str, Spectrum]
    summation: str
    eddy_loss: float
    demand: tuple[tuple[tuple[str, ...], float], ...]

    @classmethod
    def of(cls, said: dict[str, Any]) -> Stated:
        own = {}
        for name, (order, current, angle, source) in said["spectra"].items():
            turns = np.array(angle) if len(angle) else None
            own[name] = Spectrum(name, tuple(int(h) for h in order), np.array(current), turns, source, "user")
        return cls(said["default"], said["loads"], own, said["summation"], said["eddy_loss"], said["demand"])

    def demand_of(self, path: str) -> float:
        """Largest demand current of a connection to the grid [A]; NaN where none is stated."""
        return next((amps for patterns, amps in self.demand if any_covers(patterns, path)), float("nan"))

    def spectrum_of(self, path: str, takes_default: bool) -> Spectrum | None:
        """That of a load; None where neither a pattern nor, if it takes it, the default names one."""
        named = next((name for patterns, name in self.loads if any_covers(patterns, path)), "")
        name = named or (self.standard if takes_default else "")
        return (self.own.get(name) or shipped()[name]) if name else None
