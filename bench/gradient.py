"""Computing time of the gradient of a run in time: a part of `kelvolt bench`."""

from __future__ import annotations

from typing import Any

from kelvolt import _core
from kelvolt.base.errors import InputError, NoGradient
from kelvolt.cases.case import Case
from kelvolt.cases.time_gradient import RESOLUTION

_LONGEST = 90.0  # s, longest duration of the run


def time_gradient_numbers(case: Case) -> dict[str, Any]:
    """Time for the gradient of one value at the end of a run by every number parameter, over the time of the run with
    its rows. Profiles and events are included if the case has them. None where there is no such value or derivative."""
    name = "time_gradient_over_run"
    try:
        values = case.core.find("**.T_die")
        run = case.simulate(min(_LONGEST, case.core.duration)).raw
        one = case.core.find(values.paths[0])
        params = _core.number_parameters(case.core)
        found = _core.time_gradients(run, one, params, "end", 0.0, None, RESOLUTION)
    except (InputError, NoGradient):
        return {name: None, "time_gradient_steps": None}
    return {name: found["seconds"] / run.seconds, "time_gradient_steps": found["steps"]}
