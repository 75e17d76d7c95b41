"""How long stores carry load after a loss: the time that is available, and the time that the case requires.

A store is told by what its model declares: a charge that it keeps, and the output that says how long it lasts. While it
carries load its model judges `store_charge`; the time required is its parameter `autonomy_min`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.values import Floats
from kelvolt.base.verdicts import NOT_ASSESSED

if TYPE_CHECKING:
    from kelvolt.cases.plant import Plant
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

NEEDED = "store_charge"  # the limit that is judged while a store carries load
_LASTS = ("time_left", "autonomy")  # outputs that say how long a store lasts: from its charge, else from a full one
_REQUIRED = "autonomy_min"


@dataclass(frozen=True)
class Autonomy:
    """For how long one store carries its load [s]."""

    element: str
    available: float
    required: float  # NaN: the case requires none

    @property
    def text(self) -> str:
        asked = "no time required" if math.isnan(self.required) else f"{self.required:.4g} s required"
        return f"{self.available:.4g} s, {asked}"

    @property
    def margin(self) -> tuple[float, float]:
        """Smaller means closer to failing: the share of the required time, then the time itself."""
        share = self.available / self.required if self.required > 0.0 else math.inf
        return share, self.available


def stores(plant: Plant) -> dict[str, tuple[int, str]]:
    """By path: the number of each store, and its output that says how long it lasts."""
    found = {}
    for c, (path, kind) in enumerate(zip(plant.topology.paths, plant.topology.types, strict=True)):
        model = plant.models[kind]
        outputs = {o.name for o in model.outputs}
        lasts = next((name for name in _LASTS if name in outputs), "")
        if lasts and any(u.store and u.name == "charge" for u in model.unknowns):
            found[path] = (c, lasts)
    return found


def required(plant: Plant, component: int) -> float:
    """The time that the case requires of a store [s]; NaN where it requires none."""
    names = {p.name for p in plant.models[plant.topology.types[component]].params}
    return float(plant.parameter(component, _REQUIRED)) if _REQUIRED in names else math.nan


def carrying(solution: Solution) -> list[Autonomy]:
    """The stores that carry load in a steady state, those with the least to spare first."""
    plant = solution.plant
    needed = {v.element for v in solution.raw.verdicts if v.id == NEEDED and v.verdict != NOT_ASSESSED}
    if not needed:
        return []
    found = [
        Autonomy(path, float(plant.output(c, lasts)), required(plant, c))
        for path, (c, lasts) in stores(plant).items()
        if path in needed
    ]
    return sorted(found, key=lambda a: a.margin)


def recorded(plant: Plant) -> list[str]:
    """What a run records for `carried`."""
    return [f"{path}.{name}" for path, (_, lasts) in stores(plant).items() for name in ("charge", lasts)]


def carried(run: Run, plant: Plant, at: float) -> list[Autonomy]:
    """The stores that carried load after the time `at` of a run, those with the least to spare first.

    One that did not run empty would have gone on for the time that was left when it last gave power.
    """
    needed = {v.element: v for v in run.raw.end.verdicts if v.id == NEEDED and v.verdict != NOT_ASSESSED}
    found = []
    for path, (c, lasts) in stores(plant).items():
        v = needed.get(path)
        if v is None:
            continue
        if v.since >= at:
            available = v.since - at
        else:
            available = _until_last(run.time - at, run[f"{path}.charge"], run[f"{path}.{lasts}"])
        if math.isfinite(available):
            found.append(Autonomy(path, available, required(plant, c)))
    return sorted(found, key=lambda a: a.margin)


def _until_last(after: Floats, charge: Floats, left: Floats) -> float:
    """Time after the loss at which a store was last discharged, and what was left then [s]; NaN: it never was."""
    gave = np.flatnonzero((np.diff(charge) < 0.0) & (after[1:] > 0.0)) + 1
    known = gave[left[gave] > 0.0]  # a model that cannot tell says 0
    return float(after[known[-1]] + left[known[-1]]) if len(known) else math.nan
