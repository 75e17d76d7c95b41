"""Arguments of a run in time: durations, tolerances, events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.values import path_of, shown, si, text_of
from kelvolt.cases.knobs import parameters_of


def seconds_of(value: str | float | None, about: str) -> float | None:
    """A duration [s] from a number or text such as '10 min'; None stays None. Raises InputError."""
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


def event_of(core: _core.Case, event: Any) -> list[tuple[float, str, float]]:
    """Time [s], path and value (SI) of all that one of the `events` of `simulate` sets. Raises InputError."""
    about = 'events: pairs of a time and the values set then, such as [("10 s", {"utility.in_service": 0})]'
    if isinstance(event, str) or not isinstance(event, Sequence) or len(event) != 2:
        raise InputError(f"{about}, not {shown(event)}")
    at, values = si(event[0], "s", "events: time"), event[1]
    if not isinstance(values, Mapping):
        raise InputError(f"{about}, not {shown(values)}")
    if not 0.0 <= at < math.inf:
        raise InputError(f"events: a time of {at:g} s; it counts from the begin of the run and must not be below 0")
    return [(at, *one) for path, value in values.items() for one in _set(core, path_of(path), value)]


def _set(core: _core.Case, path: str, value: str | float) -> list[tuple[str, float]]:
    """What an event sets: a path or pattern, or each of the parameters of a knob."""
    if isinstance(value, int | float):
        turned = parameters_of(core, path) if path in dict(_core.knobs(core)) else None
        number = si(value, "1", path)
    else:
        turned = parameters_of(core, path)
        number = si(value, turned.found.unit(0), path)
    if turned is None or not turned.is_knob:
        return [(path, number)]
    return list(zip(turned.found.paths, (number * turned.share).tolist(), strict=True))
