"""Which assumed values could change the verdict: the gradient of each tight margin by them, times their range.

Gradients are those of the adjoint equation at the steady state (`kelvolt.cases.sensitivity`), so an effect is of first
order: exact for small ranges, an estimate for wide ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error
from kelvolt.base.values import Floats, difference
from kelvolt.cases.solution import Solution

_LIMITS = 12  # the tightest limits that are looked at, each at its tightest element


@dataclass(frozen=True)
class Effect:
    """What one assumed value does over its range to the limit that it moves most, relative to that margin; SI."""

    assumption: _core.Assumption
    verdict: _core.Verdict  # of that limit
    change: float  # of its margin at the end of the range that lowers it, not above 0
    unit: str  # declared, of the change
    gain: float = 0.0  # change of its margin at the end that raises it, not below 0

    @property
    def margin(self) -> float:
        """The margin at the unfavourable end of the range."""
        return float(self.verdict.margin + self.change)

    @property
    def decides(self) -> bool:
        """Whether the verdict of this limit changes within the range."""
        return (self.verdict.margin >= 0.0) != (self.margin >= 0.0) or self.mends

    @property
    def mends(self) -> bool:
        """Whether a broken limit is held at the favourable end of the range."""
        return self.verdict.margin < 0.0 <= self.verdict.margin + self.gain


def effects(solution: Solution) -> tuple[list[Effect], str]:
    """Every assumed value with a range by its effect, the largest first, and why there are none where there are none.

    Of a curve the range is a factor on it, which has no gradient; it is left out, as are values without a range.
    """
    verdicts = solution.raw.verdicts
    numbers = tightest(verdicts)
    if not numbers:
        return [], "no limit was assessed"
    params = _core.number_parameters(solution._core)
    at = {path: k for k, path in enumerate(params.paths)}
    found = {a: x for a in solution._core.assumptions if (x := _positions(a, at))}
    if not found:
        return [], "no assumed value has a range"
    try:
        slopes = np.asarray(_core.margin_gradients(solution.raw, numbers, params))
    except Error as error:
        return [], str(error).splitlines()[0]
    judged = [verdicts[k] for k in numbers]
    made = [e for a, x in found.items() if (e := _largest(a, slopes[:, x].sum(axis=1), judged)) is not None]
    return sorted(made, key=_rank), "" if made else "no assumed value moves a limit"


def tightest(verdicts: list[_core.Verdict]) -> list[int]:
    """Numbers of the tightest verdict of each limit, at most `_LIMITS`, by margin over limit; balances left out."""
    found: dict[str, tuple[float, int]] = {}
    for k, v in enumerate(verdicts):
        if v.verdict == "not assessed" or v.is_balance or not math.isfinite(v.margin):
            continue
        share = v.margin / max(abs(v.limit), 1e-12)
        if v.id not in found or share < found[v.id][0]:
            found[v.id] = (share, k)
    return [k for _, k in sorted(found.values())[:_LIMITS]]


def _positions(a: _core.Assumption, at: Mapping[str, int]) -> list[int]:
    """Where the numbers that an assumption sets stand; empty for a curve and for a value without a range."""
    if math.isnan(a.minimum) or math.isnan(a.maximum):
        return []
    return [at[path] for element in a.elements if (path := f"{element}.{a.parameter}") in at]


def _largest(a: _core.Assumption, by: Floats, verdicts: list[_core.Verdict]) -> Effect | None:
    """The effect on the limit whose margin it takes the largest share of; None where it moves none."""
    made = []
    for slope, v in zip(by, verdicts, strict=True):
        ends = [float(slope) * (end - a.value) for end in (a.minimum, a.maximum)]
        low, high = min(*ends, 0.0), max(*ends, 0.0)
        if not math.isfinite(slope) or high - low <= 1e-9 * max(abs(v.limit), 1e-12):
            continue
        made.append(Effect(a, v, low, difference(v.unit), high))
    return min(made, key=_rank) if made else None


def _rank(e: Effect) -> tuple[bool, float]:
    """What decides a verdict comes first, then the largest share of the margin, with a floor for tight margins."""
    room = max(abs(e.verdict.margin), 1e-3 * abs(e.verdict.limit), 1e-12)
    return not e.decides, -max(-e.change, e.gain) / room
