"""The values of a case that are assumed, or whose source states a range, with the parameters that hold each of them.

Assumed are also the defaults of models that neither the case nor a library entry replaces and that no source gives.
Nobody states a range of such a default; a quarter up and down stands in for it, of a temperature 10 K, within what the
parameter may be (solver/case/emit.cpp).
"""

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


DEFAULT = "default"  # the grade of a default of a model
STAND_IN = (
    "for a default of a model, of which no source states a range, a quarter up and down is taken, of a temperature 10 K"
)


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
    is_default: bool = False  # of a model; the range stands in for one that nobody states


class Assumed:
    """What is uncertain in a case."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def values(
        self, taken: Collection[str] = (), *, defaults: bool = True
    ) -> tuple[list[Ranged], list[tuple[str, str]]]:
        """The uncertain values, and the names of those that are left out with the reason.

        taken: paths of parameters that count as known. defaults: those of models, too, with the range that stands in.
        """
        kept: list[Ranged] = []
        skipped: list[tuple[str, str]] = []
        stated = [*self.case.core.assumptions, *self.case.core.tolerances]
        for a, found in zip(stated, _core.assumed_parameters(self.case.core), strict=True):
            name = f"{a.path}.{a.parameter}"
            is_default = a.grade == DEFAULT
            if is_default and not defaults:
                if not set(found.paths) <= set(taken):
                    skipped.append((name, "default of the model; no source states a range"))
                continue
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
            kept.append(Ranged(name, a.unit, a.value, a.minimum, a.maximum, a.source, paths, curve, found, is_default))
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
