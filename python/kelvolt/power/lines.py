"""Lines of the list of power checks: one limit at its worst element, and how they are judged.

Limits and their basis are data (data/checks/power.yaml); a case can replace them under `power: limits:`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.power.flow import PowerFlow

_ROUNDING = 1e-9  # share of the limit by which it may be exceeded through rounding


@dataclass(frozen=True)
class Line:
    """One line of the list; SI. `of`: elements compared; verdict: held, broken, stated (no limit), not assessed.

    The verdict is "target met" or "target missed" where neither a standard nor the case requires the limit; it does not
    count in the verdict of the whole list.
    """

    item: int
    check: str
    quantity: str = ""
    element: str = ""
    of: int = 0
    value: float = math.nan
    unit: str = "1"
    limit: float = math.nan
    basis: str = ""
    margin: float = math.nan
    verdict: str = "not assessed"
    reason: str = ""

    @property
    def is_share(self) -> bool:
        """Whether the value is shown as per cent."""
        words = ("PUE", "TUE", "factor up", "K-factor")
        return self.unit == "1" and not self.is_count and not any(word in self.quantity for word in words)

    @property
    def is_count(self) -> bool:
        """Whether the value is a number of things."""
        return self.unit == "1" and any(word in self.quantity for word in ("contingencies broken", "number of"))


@cache
def items() -> dict[int, dict[str, Any]]:
    """The items by number, with the limits that Kelvolt ships."""
    found = _core.yaml_file(Path(_core.data_directory()) / "checks" / "power.yaml")["items"]
    return {int(k): v for k, v in found.items()}


def in_time() -> frozenset[str]:
    """Limits of models that items judge in the ride-through of every loss."""
    return frozenset(id for item in items().values() for id in item.get("in_time", ()))


def limits_of(flow: PowerFlow) -> dict[str, dict[str, Any]]:
    """The shipped limits with those that the case replaces; the basis of these is the user where none is stated.

    Raises InputError for limits below 0.
    """
    found = {key: dict(limit) for item in items().values() for key, limit in item.get("limits", {}).items()}
    for key, limit in flow.section.limits.items():
        for bound in ("max", "min"):
            if float(limit.get(bound, 0.0)) < 0.0:  # every quantity of the list is a size or a share
                raise InputError(
                    f"power: limits: {key}: {bound} = {limit[bound]:g} (SI) is below 0, which the quantity never is; "
                    "give 0 or more"
                )
    return found | flow.section.limits


class Judge:
    """Makes the lines of one power flow; SI."""

    def __init__(self, flow: PowerFlow) -> None:
        self.flow = flow
        self._limits = limits_of(flow)

    def _open(self, n: int, quantity: str, reason: str) -> Line:
        return Line(n, items()[n]["title"], quantity, reason=reason)

    def _stated(self, n: int, quantity: str, element: str, of: int, value: float, unit: str, reason: str = "") -> Line:
        return Line(n, items()[n]["title"], quantity, element, of, value, unit, verdict="stated", reason=reason)

    def _judged(self, n: int, key: str, quantity: str, name: str, of: int, value: float, unit: str = "1") -> Line:
        limit, title = self._limits[key], items()[n]["title"]
        basis = str(limit.get("basis", "user"))
        if "max" not in limit and "min" not in limit:
            return Line(n, title, quantity, name, of, value, unit, basis=basis, verdict="stated")
        bound, margin = self._nearest(key, value)
        holds = margin >= -_ROUNDING * max(abs(bound), 1.0)
        if limit.get("target"):  # common practice only, required by no standard and not by this case: never broken
            verdict = "target met" if holds else "target missed"
        else:
            verdict = "held" if holds else "broken"
        return Line(n, title, quantity, name, of, value, unit, bound, basis, margin, verdict)

    def _nearest(self, key: str, value: float) -> tuple[float, float]:
        """Of the bounds of a limit that to which a value is nearest, or which it breaks most, with the margin to it."""
        limit = self._limits[key]
        found = [(float(limit["max"]), float(limit["max"]) - value)] if "max" in limit else []
        found += [(float(limit["min"]), value - float(limit["min"]))] if "min" in limit else []
        return min(found, key=lambda pair: pair[1])

    def _worst(
        self, n: int, key: str, quantity: str, values: Iterable[tuple[str, float]], unit: str = "1"
    ) -> list[Line]:
        """A line for the element nearest to the limit or furthest beyond it; empty where there are no elements."""
        known = [(name, x) for name, x in values if not math.isnan(x)]
        if not known:
            return []
        bounded = "max" in self._limits[key] or "min" in self._limits[key]
        name, x = min(known, key=lambda pair: self._nearest(key, pair[1])[1] if bounded else -pair[1])
        return [self._judged(n, key, quantity, name, len(known), x, unit)]

    def _of_models(self, n: int) -> list[Line]:
        """Lines of the model limits that belong to an item, each at its worst element."""
        electric = {e.path for e in self.flow.grid.elements}
        seen: dict[str, Line] = {}
        counts: dict[str, int] = {}
        for v in self.flow.solution.raw.verdicts:  # worst first
            if v.verdict == "not assessed" or v.element not in electric or _item_of(v.id) != n:
                continue
            counts[v.id] = counts.get(v.id, 0) + 1
            title = items()[n]["title"]
            row = (
                title,
                f"{v.quantity} ({v.id})",
                v.element,
                1,
                v.value,
                v.unit,
                v.limit,
                v.basis,
                v.margin,
                v.verdict,
            )
            seen.setdefault(v.id, Line(n, *row))
        return [Line(**(vars(line) | {"of": counts[k]})) for k, line in seen.items()]


@cache
def _item_of(id: str) -> int:
    """The item that lists a model's limit: the last that names it, else the last whose pattern fits, else 0 (none)."""
    named = [k for k, item in items().items() if id in item.get("verdicts", [])]
    fits = [k for k, item in items().items() if any(fnmatchcase(id, p) for p in item.get("verdicts", []))]
    return (named or fits or [0])[-1]
