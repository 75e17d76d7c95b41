"""Contingencies of the present state: the list, and the state that one of them leaves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kelvolt.base.errors import InputError
from kelvolt.base.tables import Units, plain
from kelvolt.cases.case import Case
from kelvolt.cases.solution import Solution
from kelvolt.power.contingencies import Contingencies, contingencies
from kelvolt.power.outages import Outage, combinations, declared, outages
from kelvolt.power.section import section_of


class Failures:
    """Every single failure of a plan and the declared ones, each solved once; any of them can be looked at again."""

    def __init__(self, case: Case, plan: Solution, progress: Callable[[int, int], None]) -> None:
        self.case, self.plan = case, plan
        said = section_of(case)
        single = outages(case, plan, said)
        sets = combinations(single, 1) + declared(case, single, said.also)
        self._lost: dict[str, list[Outage]] = {name: list(several) for name, _, several in sets}
        self.found: Contingencies = contingencies(case, plan=plan, progress=progress)

    def rows(self, u: Units) -> list[dict[str, Any]]:
        """The brief table as text, worst first: like failures are one row."""
        return [_row(r, u) for r in self.found.brief.itertuples()]

    @property
    def text(self) -> str:
        """How many were solved, and how many break the plan."""
        return self.found.summary().rsplit("\n", 1)[-1]

    def state(self, name: str) -> Solution:
        """The steady state after a failure of the list. Raises InputError for another name, and what solving raises."""
        if name == "as planned":
            return self.plan
        if name not in self._lost:
            raise InputError(f"'{name}' is none of the contingencies that were solved")
        changed = self.case.copy()
        for outage in self._lost[name]:
            for path, value in outage.values.items():
                changed[path] = value
        return changed.steady(self.plan)


def _row(r: Any, u: Units) -> dict[str, Any]:
    lost = f"lost: {r.lost}" if isinstance(r.lost, str) and r.lost else ""
    broken = f"broken: {r.broken}" if isinstance(r.broken, str) and r.broken else ""
    return {
        "contingency": r.contingency,
        "alike": int(r.alike),
        "verdict": r.verdict,
        "loading": _share(r.worst_loading),
        "loading_at": r.worst_element if isinstance(r.worst_element, str) else "",
        "lost_load": u.text(r.lost_load, "W", 3),
        "voltage": _share(r.v_worst),
        "voltage_at": r.v_worst_bus if isinstance(r.v_worst_bus, str) else "",
        "die": u.text(r.T_die_max, "K"),
        "why": "; ".join(x for x in (r.state, r.reason, lost, broken) if x),
    }


def _share(x: float) -> str:
    return f"{plain(round(100.0 * x, 2), 3)} %" if math.isfinite(x) else "-"
