"""The values of a case that are assumed, or whose source states a range, with the parameters that hold each of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property
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
    found: _core.Found | None = None  # the same parameters to set them at once; not of a curve


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
        stated = [*self.case.core.assumptions, *self.case.core.tolerances]
        for a, found in zip(stated, _core.assumed_parameters(self.case.core), strict=True):
            name = f"{a.path}.{a.parameter}"
            if not np.isfinite(a.minimum) or not np.isfinite(a.maximum) or not a.minimum < a.maximum:
                skipped.append((name, "no range is given"))
                continue
            curve = a.parameter if self._is_curve(a) else ""
            if curve and not self._has_text:
                skipped.append((name, "a curve of a case built in code; vary it where it is built"))
                continue
            if curve:
                paths = [e for e in a.elements if f"{e}.{a.parameter}" not in taken]
            else:
                paths = [p for p in found.paths if p not in taken]
            if not paths:
                skipped.append((name, "another value was set"))
                continue
            kept.append(Ranged(name, a.unit, a.value, a.minimum, a.maximum, a.source, paths, curve, found))
        return kept, skipped

    @cached_property
    def _has_text(self) -> bool:
        """Whether the case can be read anew, with factors on its curves; not one that was built in code."""
        return bool(_core.source(self.case.core)[0])

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


@cache
def curves_of(model: str) -> frozenset[str]:
    """The names of the curves of a model."""
    return frozenset(p.name for p in _core.model(model).params if p.type == "curve")
