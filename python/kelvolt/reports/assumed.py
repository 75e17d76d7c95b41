"""The assumed values of a case as text, with what they may be and their source."""

from __future__ import annotations

import math

from kelvolt import _core
from kelvolt.base import screen
from kelvolt.base.tables import Table, Units, plain
from kelvolt.studies.assumed import DEFAULT, STAND_IN


def assumptions(core: _core.Case, u: Units, *, stated: bool = False) -> str:
    """The assumed values; `stated`: those that are not assumed, but whose source states a range."""
    curves = {p.name for m in _core.models() for p in m.params if p.type == "curve"}

    def is_curve(a: _core.Assumption) -> bool:
        return a.parameter in curves and a.unit == "1" and a.value == 1.0

    def limits(a: _core.Assumption) -> str:
        if math.isnan(a.minimum):
            return "no range"
        if is_curve(a):
            return f"times {plain(a.minimum, 3)} to {plain(a.maximum, 3)}"
        return u.span(a.minimum, a.maximum, a.unit)

    def value(a: _core.Assumption) -> str:
        return "curve" if is_curve(a) else u.text(a.value, a.unit, 3)

    rows = [
        [f"{a.path}.{a.parameter}", value(a), limits(a), a.source if len(a.source) <= 70 else a.source[:69] + "…"]
        for a in (core.tolerances if stated else core.assumptions)
    ]
    text = Table(["value", "is", "may be", "source"], rows, left={1, 2, 3}).text("  ")
    if not stated and any(a.grade == DEFAULT for a in core.assumptions):
        text += f"\n{screen.wrapped(f'({STAND_IN})', '  ')}"
    return text
