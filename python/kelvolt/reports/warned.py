"""Warnings of a solution as lines: values outside the range of their data, those of like elements once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kelvolt.base import screen
from kelvolt.base.groups import grouped
from kelvolt.base.paths import any_element

if TYPE_CHECKING:
    from kelvolt import _core
    from kelvolt.base.tables import Units
    from kelvolt.cases.solution import Solution


def replaced_lines(solution: Solution, u: Units) -> list[str]:
    """Warnings of values that were asked for and are not what was solved: beyond the range another one holds."""
    told = _flags(solution, u, lambda f: f.beyond != "extrapolated" and f.lo <= f.hi)
    return [screen.wrapped(f"warning: {line}", "  ") for line in told]


def _flags(solution: Solution, u: Units, wanted: Callable[[_core.Flag], bool] = lambda f: True) -> list[str]:
    """Validity flags; those of like elements are one line, with the largest excursion from the range."""
    paths = solution.plant.topology.paths
    lines = []
    for group in grouped(
        [f for f in solution.raw.flags if wanted(f)],
        lambda f: (paths[f.component], f.what, f.source),
        worst=lambda f: -max(f.lo - f.value, f.value - f.hi),
    ):
        worst = group.worst
        element, what, source = any_element(paths[worst.component]), worst.what, worst.source
        value, lo, hi = (u.text(x, worst.unit) for x in (worst.value, worst.lo, worst.hi))
        many = f" ({len(group.members)} elements)" if len(group.members) > 1 else ""
        if worst.lo > worst.hi:  # no range: the flag applies to all values
            lines.append(f"{element}{many}: {what} ({source})")
            continue
        data = f"; data: {source}" if source else ""
        lines.append(f"{element}{many}: {what} {value} is outside {lo} to {hi}, {worst.beyond}{data}")
    return lines


def warning_lines(core: _core.Case, solution: Solution, u: Units) -> list[str]:
    """Warnings and notes; those of like elements are one line."""
    others = solution.warnings[len(solution.raw.flags) :]  # flags come first
    return [*_flags(solution, u), *others, *core.notes]
