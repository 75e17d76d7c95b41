"""Short-circuit currents that devices on the ways from each source see: of the plan, and of what stands by.

A generator that waits gives no current to the plan's faults. Its own levels are those of the state in which the sources
that carry the plan are out of service.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import solution_of
from kelvolt.cases.case import Case
from kelvolt.cases.solution import Solution
from kelvolt.power.net import Element
from kelvolt.power.short_circuit import Faults, faults

if TYPE_CHECKING:
    import pandas

Levels = Mapping[str, tuple[float, float]]  # path of a device or name of a bus: least and largest current [A]
FaultLevels = Mapping[str, tuple[float, float] | Levels]  # or a path of a source: what it gives where it alone feeds
_CARRIES = 1e-3  # W: a source that gives less stands by
_GIVES = 1e-3  # share of the current of a fault below which a source gives none to it


def levels_of(given: FaultLevels | pandas.DataFrame | None) -> dict[str, Any]:
    """Least and largest short-circuit current by path or bus; a table has the columns Ik_min and Ik_max in A."""
    if given is None:
        return {}
    levels: dict[str, Any]
    if isinstance(given, Mapping):
        levels = {
            str(k): levels_of(v) if isinstance(v, Mapping) else (float(v[0]), float(v[1])) for k, v in given.items()
        }
    else:
        missing = {"Ik_min", "Ik_max"} - set(given.columns)
        if missing:
            raise InputError(f"fault levels: the table has no column {min(missing)}; Ik_min and Ik_max in A are needed")
        name = next((c for c in ("path", "bus", "element") if c in given.columns), None)
        names = given[name] if name else given.index
        levels = {str(k): (float(a), float(b)) for k, a, b in zip(names, given["Ik_min"], given["Ik_max"], strict=True)}
    for path, level in levels.items():
        if isinstance(level, tuple) and not any(map(math.isnan, level)) and not 0.0 < level[0] <= level[1] * (1 + 1e-9):
            raise InputError(
                f"fault levels: {path}: Ik_min = {level[0]:g} A and Ik_max = {level[1]:g} A; needed is "
                "0 < Ik_min <= Ik_max"
            )
    return levels


def computed_levels(of: Case | Solution, plan: Solution | None = None) -> dict[str, Any]:
    """The least Ik_min and the largest Ik_max of every AC bus by its name, for the selectivity of devices; SI.

    plan: the steady state of the case, where it is known. By the path of each AC source that carries nothing: the same
    for the buses to which it gives current, with the carrying sources out of service; of a solution, or where that
    state cannot be solved, only for buses that it feeds in this state; of a source out of service none. Empty where
    the network has a part that states nothing for a fault.
    """
    solution = plan or solution_of(of, "computed_levels")
    try:
        now = faults(solution, "computed_levels")
    except InputError:
        return {}
    every = [e for e in now.grid.of_role("source") if e.ends[0].kind != "dc"]
    sources = [e for e in every if e.in_service]
    waiting = [e for e in sources if e.given < _CARRIES]
    found: dict[str, Any] = dict(_levels(now)) | {e.path: {} for e in every if not e.in_service}
    if waiting:
        carrying = [e for e in sources if e.given >= _CARRIES]
        then = _without(of, carrying) if isinstance(of, Case) else None
        found |= {e.path: _levels(then or now, e) for e in waiting}
    return found


def _levels(found: Faults, source: Element | None = None) -> Levels:
    """By the name of a bus; of a source only where it gives current."""
    levels: dict[str, tuple[float, float]] = {}
    for f in found.found:
        gives = source is None or any(c == source.index and x > _GIVES * f.Ik_max for c, x in f.shares)
        if f.kind == "dc" or math.isnan(f.Ik_max) or not gives:
            continue
        name, least = found.grid.buses[f.node].name, f.Ik_max if math.isnan(f.Ik_min) else f.Ik_min
        before = levels.get(name, (math.inf, 0.0))
        levels[name] = (min(before[0], least), max(before[1], f.Ik_max))
    return levels


def _without(case: Case, out: list[Element]) -> Faults | None:
    """The faults of a case with sources out of service; None where one cannot be, or that state has no solution."""
    if not all(e.service for e in out):
        return None
    changed = case.copy()
    for e in out:
        changed[f"{e.path}.{e.service}"] = 0.0
    try:
        return faults(changed, "computed_levels")
    except Error:
        return None
