"""The values of a case that are assumed, or whose source states a range, with the parameters that hold each of them."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error

if TYPE_CHECKING:
    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Ranged:
    """One unknown number with its range, SI; with `curve` it is a factor on that curve of the components `paths`."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    source: str
    paths: list[str]  # of parameters, or of components with the curve
    curve: str = ""


class Assumed:
    """What is uncertain in a case."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def values(self, taken: Collection[str] = ()) -> tuple[list[Ranged], list[tuple[str, str]]]:
        """The uncertain values, and the names of those that are left out with the reason.

        taken: paths of parameters that count as known.
        """
        kept: list[Ranged] = []
        skipped: list[tuple[str, str]] = []
        for a in [*self.case.core.assumptions, *self.case.core.tolerances]:
            name = f"{a.path}.{a.parameter}"
            if not np.isfinite(a.minimum) or not np.isfinite(a.maximum) or not a.minimum < a.maximum:
                skipped.append((name, "no range is given"))
                continue
            curve = a.parameter if self._is_curve(a) else ""
            if curve and self.curves is None:
                skipped.append((name, "a curve of a case built in code; vary it where it is built"))
                continue
            if curve:
                paths = [e for e in a.elements if f"{e}.{a.parameter}" not in taken]
            else:
                paths = self._unchanged(a, taken)
            if not paths:
                skipped.append((name, "another value was set"))
                continue
            kept.append(Ranged(name, a.unit, a.value, a.minimum, a.maximum, a.source, paths, curve))
        return kept, skipped

    @cached_property
    def curves(self) -> _core.CurveFactors | None:
        """The case read anew with factors on its curves; None for a case built in code."""
        try:
            return _core.CurveFactors(self.case.core)
        except Error:
            return None

    @cached_property
    def models(self) -> dict[str, str]:
        """The model of each component."""
        topology = _core.topology(self.case.core)
        return dict(zip(topology.paths, topology.types, strict=True))

    def _is_curve(self, a: _core.Assumption) -> bool:
        model = self.models.get(a.elements[0])
        return model is not None and a.parameter in curves_of(model)

    def _unchanged(self, a: _core.Assumption, taken: Collection[str]) -> list[str]:
        """Parameters that still have the assumed value; a value set since counts as known."""
        paths: list[str] = []
        for element in a.elements:
            name = f"{element}.{a.parameter}"
            if name in self._now:
                paths.append(name)
            else:  # of a divided component, whose cells hold it
                paths += self.case.core.find_parameters(name).paths
        return [p for p in paths if self._is(p, a.value) and p not in taken]

    @cached_property
    def _now(self) -> dict[str, float]:
        """The current value of every number parameter."""
        found = _core.number_parameters(self.case.core)
        return dict(zip(found.paths, np.asarray(self.case.core.get(found)).tolist(), strict=True))

    def _is(self, path: str, value: float) -> bool:
        return path in self._now and math.isclose(self._now[path], value, rel_tol=1e-9)


def curves_of(model: str) -> set[str]:
    """The names of the curves of a model."""
    return {p.name for p in _core.model(model).params if p.type == "curve"}
