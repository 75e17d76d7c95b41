"""The `power:` section of a case: spaces, what counts as IT, schemes, contingencies, limits of the checks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kelvolt import _core

if TYPE_CHECKING:
    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Scheme:
    """A transfer scheme as the plan states it; `units` are patterns, one or more elements each."""

    name: str
    kind: str
    units: tuple[str, ...]
    catcher: str = ""
    caps: float = math.nan  # W: sum of the power caps of the loads behind it
    cap_reaction: float = math.nan  # s from a loss until the caps hold


@dataclass(frozen=True)
class Section:
    spaces: dict[str, tuple[str, ...]] = field(default_factory=dict)
    it: tuple[str, ...] = ()
    cooling: tuple[str, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    also: dict[str, Any] = field(default_factory=dict)  # declared contingencies: names to patterns, or to {path: value}
    leave_out: tuple[str, ...] = ()
    accept_lost: tuple[str, ...] = ()  # loads that may be lost
    accept_failures: tuple[str, ...] = ()  # failures that the plan need not survive
    limits: dict[str, dict[str, Any]] = field(default_factory=dict)
    harmonics: dict[str, Any] | None = None  # see power/spectra.py
    dips: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # by window: share of V that stays, s
    swings: tuple[float, float] | None = (
        None  # s: duration of the run in which load swings are assessed, step of its rows
    )


def section_of(case: Case) -> Section:
    """What the case says under `power:`, as it was read with the case; empty for a case built in code."""
    return section(case.core)


def section(core: _core.Case) -> Section:
    said = _core.power_section(core)
    return Section(**{**said, "schemes": tuple(Scheme(*s) for s in said["schemes"])})
