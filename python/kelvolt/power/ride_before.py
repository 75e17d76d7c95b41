"""What a case breaks without a loss, too: limits that a ride-through study does not count from then on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.verdicts import BROKEN, NOT_ASSESSED
from kelvolt.power.contingency_rows import key_of
from kelvolt.power.ride_rows import AT_ONCE, STAGES

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run

_SOONER = 0.01  # share of the time since a loss by which a limit must break sooner to be broken by it


@dataclass(frozen=True)
class Before:
    """What a run without a loss says: the limits it breaks, those of them that it breaks only after an event of the
    case, and the stages of `STAGES` of which a limit was assessed."""

    names: list[str]
    by_events: list[str]
    modelled: set[str]


def first_event(case: Case, end: float) -> float:
    """The time of the first event of the case [s]; infinite without one up to `end`."""
    try:
        events = case.section("events") or []
    except InputError:  # a case built in code has none
        return math.inf
    times = [_core.seconds(str(event["at"])) for event in events]
    return min((t for t in times if t <= end), default=math.inf)


def stages_of(run: Run) -> set[str]:
    """The stages of which a limit was assessed in a run."""
    ids = {v.id for v in run.raw.end.verdicts if v.verdict != NOT_ASSESSED}
    return {stage for stage, of in STAGES.items() if ids.intersection(of)}


Since = dict[tuple[Any, ...], float]


def broken_since(run: Run) -> Since:
    """By limit that a run breaks: the time at which it first does [s]; 0 where the time is not known."""
    broken = [v for v in run.raw.end.verdicts if v.verdict == BROKEN]
    return {key_of(v): 0.0 if math.isnan(v.since) else v.since for v in broken}


def breaks_anyway(v: _core.Verdict, known: Since, at: float) -> bool:
    """Whether a limit breaks without the loss at the time `at`, too, and not sooner after it than without it (to 1 % of
    the time since the loss, by which the steps of two runs may differ)."""
    then = known.get(key_of(v))
    return then is not None and v.since >= then - max(AT_ONCE, _SOONER * (then - at))
