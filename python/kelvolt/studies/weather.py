"""Weather of a site by the hour: read from EPW files, with humidity at the pressure of the site."""

from __future__ import annotations

import gzip
import io
import math
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    import pandas

HOUR = 3600.0  # s
ZERO = 273.15  # K at 0 degC
_MISSING = {"temp_air": 99.0, "temp_dew": 99.0, "atmospheric_pressure": 999000.0}  # from these on, EPW says: missing
_EXTRA = "install kelvolt[weather]"


@dataclass(frozen=True, eq=False)
class Weather:
    """Outdoor air by the hour, each value held for its hour; SI. `T_dew` above `T_dry` counts as `T_dry`."""

    T_dry: Floats  # K
    T_dew: Floats  # K
    p: Floats  # Pa
    site: str = ""
    altitude: float = math.nan  # m
    zone: float = 0.0  # hours ahead of UTC
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("T_dry", "T_dew", "p"):
            values = np.asarray(getattr(self, name), dtype=float)
            if values.ndim != 1 or not len(values) or not np.all(np.isfinite(values)):
                raise InputError(f"weather: {name} needs one finite number for every hour")
            if len(values) != len(np.asarray(self.T_dry)):
                raise InputError(f"weather: {name} has {len(values)} hours, T_dry has {len(np.asarray(self.T_dry))}")
            object.__setattr__(self, name, values)
        object.__setattr__(self, "T_dew", np.minimum(self.T_dew, self.T_dry))

    def __len__(self) -> int:
        return len(self.T_dry)

    @cached_property
    def T_wet(self) -> Floats:
        """Wet bulb [K], by psychrolib. Raises InputError where that library is missing."""
        psy = psychrometrics()
        rows = zip(self.T_dry - ZERO, self.T_dew - ZERO, self.p, strict=True)
        return np.array([psy.GetTWetBulbFromTDewPoint(*row) for row in rows]) + ZERO

    @cached_property
    def RH(self) -> Floats:
        """Relative humidity, by psychrolib."""
        psy = psychrometrics()
        rows = zip(self.T_dry - ZERO, self.T_dew - ZERO, strict=True)
        return np.array([psy.GetRelHumFromTDewPoint(*row) for row in rows])

    @cached_property
    def humidity_ratio(self) -> Floats:
        """Water over dry air by mass, by psychrolib."""
        psy = psychrometrics()
        return np.array([psy.GetHumRatioFromTDewPoint(*row) for row in zip(self.T_dew - ZERO, self.p, strict=True)])

    @property
    def cooling_degree_days(self) -> float:
        """Of days with a mean of 24 degC or more: mean minus 21 degC [K d], as Eurostat counts them."""
        days = len(self) // 24
        means = self.T_dry[: 24 * days].reshape(days, 24).mean(axis=1) - ZERO
        return float(np.sum(np.where(means >= 24.0, means - 21.0, 0.0)))


def psychrometrics() -> Any:
    """The library psychrolib, in SI. Raises InputError where it is missing."""
    try:
        import psychrolib
    except ImportError:
        raise InputError(f"humidity of air is computed by psychrolib, which is missing; {_EXTRA}") from None
    psychrolib.SetUnitSystem(psychrolib.SI)
    return psychrolib


def read_weather(path: str | PathLike[str]) -> Weather:
    """The weather of an EPW file (EnergyPlus), also compressed by gzip: 8,760 hours of a typical year, or fewer.

    The humidity is that of the dew point. A pressure that is missing is that of the standard atmosphere at the altitude
    of the site. Raises FileError where there is no such file, InputError for values that are missing or impossible,
    and where the library pvlib, which reads it, is missing.
    """
    file = files.path_of(path)
    files.existing(file)
    try:
        from pvlib.iotools import read_epw
    except ImportError:
        raise InputError(f"{file}: EPW files are read by pvlib, which is missing; {_EXTRA}") from None
    try:
        data, meta = read_epw(io.StringIO(_text(file)))
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise FileError(f"{file}: is no EPW file of the EnergyPlus format ({error})") from None
    if not len(data):
        raise InputError(f"{file}: has no hours")
    _refuse_gaps(file, data)
    altitude = float(meta["altitude"])
    p = data["atmospheric_pressure"].to_numpy(dtype=float)
    p = np.where(p >= _MISSING["atmospheric_pressure"], standard_pressure(altitude), p)
    site = ", ".join(str(meta[k]) for k in ("city", "country") if str(meta[k]).strip("- "))
    return Weather(
        data["temp_air"].to_numpy(dtype=float) + ZERO,
        data["temp_dew"].to_numpy(dtype=float) + ZERO,
        p,
        site,
        altitude,
        float(meta["TZ"]),
        f"{file.name} ({meta['data_type']})",
    )


def standard_pressure(altitude: float) -> float:
    """Of the standard atmosphere [Pa] (ASHRAE Handbook, Fundamentals 2017, chapter 1, equation 3)."""
    return float(101325.0 * (1.0 - 2.25577e-5 * altitude) ** 5.2559)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8", errors="replace")
    except (OSError, EOFError) as error:
        raise FileError(f"{file}: cannot be read ({error})") from None


def _refuse_gaps(file: Path, data: pandas.DataFrame) -> None:
    for name in ("temp_air", "temp_dew"):
        values = data[name].to_numpy(dtype=float)
        gaps = np.flatnonzero(~(values < _MISSING[name]) | ~(values > -90.0))
        if len(gaps):
            word = {"temp_air": "dry bulb", "temp_dew": "dew point"}[name]
            raise InputError(
                f"{file}: line {gaps[0] + 9}: the {word} is {values[gaps[0]]:g} degC, which is missing or impossible "
                f"(-90 to 99 degC), as in {len(gaps)} hours; fill the gaps, or take another file"
            )
