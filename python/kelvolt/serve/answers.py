"""What the page shows of one solution: verdict, limits, key figures, as plain lists and mappings for JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.tables import Units
from kelvolt.base.values import difference
from kelvolt.base.verdicts import NOT_ASSESSED
from kelvolt.cases.solution import Solution

MOST_LIMITS = 80  # rows of the table
_NOISE = {"m3/s": 1e-12, "W": 1e-3, "Pa": 1e-3}  # values below are what a solve leaves of zero


def limits(solution: Solution, u: Units, kept: Solution | None = None) -> list[dict[str, Any]]:
    """One row for each limit with its tightest element, tightest first; with the margin in A where one is kept."""
    then = {r["id"]: r["si"] for r in limits(kept, u)} if kept is not None else {}
    rows: dict[str, dict[str, Any]] = {}
    for v in solution.raw.verdicts:
        if v.verdict == NOT_ASSESSED or (v.is_balance and v.verdict != "broken"):
            continue
        if v.id in rows:
            rows[v.id]["count"] += 1
            continue
        unit = difference(v.unit)
        row = {
            "id": v.id,
            "element": v.element,
            "count": 1,
            "value": u.text(settled(v.value, v.limit), v.unit),
            "allowed": f"{'≤' if v.at_most else '≥'} {u.text(v.limit, v.unit)}",
            "margin": u.text(settled(v.margin, v.limit), unit, 3),
            "si": v.margin,
            "close": v.closeness,
            "verdict": v.verdict,
            "basis": v.basis,
            "quantity": v.quantity,
        }
        if v.id in then:
            row["change"] = signed(u, v.margin - then[v.id], unit, v.limit)
        rows[v.id] = row
    return list(rows.values())[:MOST_LIMITS]


def settled(si: float, size: float) -> float:
    """A value, or 0 where it is so small beside the size of its quantity that a solve leaves as much of zero."""
    return 0.0 if abs(si) < 1e-7 * abs(size) else si


def signed(u: Units, si: float, declared: str, size: float) -> str:
    """A difference of values of this size as text with its sign; "0" where it is rounding noise of a solve."""
    if not math.isfinite(si):
        return "-"
    text = u.text(abs(si), declared, 3)
    noise = max(1e-9, 5e-6 * abs(size)) if math.isfinite(size) else 1e-9
    return "0" if abs(si) < noise else f"{'+' if si > 0.0 else '−'}{text}"


class Figures:
    """The key figures of the solutions of one network; what is read is found once."""

    def __init__(self, core: _core.Case, u: Units) -> None:
        self._core, self._u = core, u
        self._peaks: dict[str, _core.Found] | None = None
        self._then: tuple[Solution, dict[str, float]] | None = None

    def _found(self, solution: Solution) -> dict[str, _core.Found]:
        if self._peaks is None:
            named = {"T_die": "hottest die", "T_case": "hottest case"}
            plant = solution.plant
            self._peaks = {
                label: self._core.find(f"**.{output}") for output, label in named.items() if plant.having_output(output)
            }
        return self._peaks

    def values(self, solution: Solution, power: bool = True) -> list[tuple[str, float, str]]:
        """Name, value and unit in SI of every key figure that the case has.

        power: False leaves electric figures as NaN, which take long in a large hall.
        """
        plant = solution.plant
        rows: list[tuple[str, float, str]] = []
        if plant.is_electric:
            shares = solution.power_flow().shares if power else None
            told = (shares.total, shares.it, shares.pue) if shares is not None else (math.nan,) * 3
            rows += zip(("electric power", "of that IT equipment", "PUE"), told, ("W", "W", "1"), strict=True)
        balance = plant.balance
        if not plant.is_electric and balance.sources + balance.pumps:
            rows.append(("heat and pump power", balance.sources + balance.pumps, "W"))
        if plant.circuits and plant.main_circuit >= 0:
            c = plant.circuits[plant.main_circuit]
            rows += [("heat into the coolant", balance.into_coolant, "W"), ("pumps, electric", balance.pumps, "W")]
            rows += [("flow", c.V_flow, "m3/s"), ("pressure drop", c.dp, "Pa")]
            rows += [("coldest coolant", c.T_low, "K"), ("hottest coolant", c.T_high, "K")]
        for label, found in self._found(solution).items():
            rows.append((label, float(np.nanmax(np.asarray(solution.raw.read(found)))), "K"))
        return [(name, 0.0 if abs(value) < _NOISE.get(unit, 0.0) else value, unit) for name, value, unit in rows]

    def rows(self, solution: Solution, kept: Solution | None, power: bool = True) -> list[dict[str, Any]]:
        """The key figures as text, with the change against A where one is kept; "…" for those that follow later."""
        then = self._of_kept(kept) if kept is not None else {}
        rows: list[dict[str, Any]] = []
        for name, value, unit in self.values(solution, power):
            if not math.isfinite(value):
                rows += [{"name": name, "text": "…", "si": None}] if not power else []
                continue
            row: dict[str, Any] = {"name": name, "text": self._u.text(value, unit), "si": value}
            if name in then:
                row |= {
                    "a": self._u.text(then[name], unit),
                    "change": signed(self._u, value - then[name], difference(unit), value),
                }
            rows.append(row)
        return rows

    def _of_kept(self, kept: Solution) -> dict[str, float]:
        if self._then is None or self._then[0] is not kept:
            self._then = (kept, {name: value for name, value, _ in self.values(kept)})
        return self._then[1]


def verdict(solution: Solution) -> dict[str, Any]:
    """The verdict of all limits as word and text."""
    return {"word": solution.verdict, "text": solution.whole.text()}
