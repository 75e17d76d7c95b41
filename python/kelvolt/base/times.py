"""Arguments of runs in time: durations and tolerances."""

from __future__ import annotations

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.values import si, text_of


def seconds_of(value: str | float | None, about: str) -> float | None:
    """A time in s from a number or text such as "10 min"; None stays None. Raises InputError."""
    if isinstance(value, str):
        return _core.seconds(text_of(value, f"{about}: a time is seconds or text such as '10 min'"))
    return None if value is None else si(value, "s", about)


def tolerance_of(value: str | float | None) -> float | None:
    """The relative tolerance of the integrator, in the range that case files allow, too. Raises InputError."""
    if value is None:
        return None
    asked = si(value, "1", "tolerance")
    if not 0.0 < asked <= 0.1:
        raise InputError(f"tolerance: {asked:g} is outside its range (above 0 and at most 0.1)")
    return asked
