"""The parameters of a case as something to turn: a list to search, a range for a slider, and which matter most."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import any_element, covers
from kelvolt.base.tables import Units
from kelvolt.base.values import groups_of, path_of
from kelvolt.base.verdicts import NOT_ASSESSED
from kelvolt.cases.case import Case
from kelvolt.cases.solution import Solution

OFFERED = 5  # parameters that stand as sliders when the page opens
_SHARE, _KELVIN = 0.3, 10.0  # half the range of a slider where no range is stated: a share of the value, or K
_STEPS = 200  # positions of a slider
_WHOLE = {"service", "closed", "count", "pole", "neutral"}  # uses of parameters that are whole numbers


class Knobs:
    """The number parameters of one network; equal elements of arrays are one knob."""

    def __init__(self, case: Case, units: Units) -> None:
        self.case, self.units = case, units
        self._origins: dict[tuple[str, str], dict[str, Any]] = {}

    @cached_property
    def _types(self) -> list[str]:
        return _core.topology(self.case.core).types

    @cached_property
    def _params(self) -> dict[str, dict[str, _core.Parameter]]:
        return {m.type: {p.name: p for p in m.params} for m in _core.models()}

    @cached_property
    def _stated(self) -> list[_core.Assumption]:
        """Values with a stated source and range: those that are assumed come first."""
        return [*self.case.core.assumptions, *self.case.core.tolerances]

    @cached_property
    def _every(self) -> tuple[_core.Found, list[tuple[str, str, list[int]]]]:
        """All number parameters, and the knobs that they form: pattern, first path, numbers of the elements."""
        found = _core.number_parameters(self.case.core)
        paths = found.paths
        knobs = []
        for group in groups_of(found):
            several = len(group.numbers) > 1
            first = paths[group.numbers[0]]
            knobs.append((any_element(first) if several else first, first, group.numbers))
        return found, knobs

    @cached_property
    def _sample(self) -> _core.Found:
        """One unknown of each array of the network: what a parameter must move to be felt."""
        found = self.case.core.find("**.*")
        paths = found.paths
        unknowns = [g for g in groups_of(found) if found.kind(g.numbers[0]) == "unknown"]
        return _core.joined([self.case.core.find(paths[g.numbers[0]]) for g in unknowns])

    def catalogue(self) -> list[dict[str, Any]]:
        """Every knob for the search field: path or pattern, unit, what it is, number of elements."""
        found, knobs = self._every
        now = np.asarray(self.case.core.get(found))
        return [
            {
                "path": path,
                "unit": self.units.unit(found.unit(numbers[0])),
                "doc": _core.doc_of(self.case.core, found, numbers[0]),
                "count": len(numbers),
            }
            for path, first, numbers in knobs
            if np.isfinite(now[numbers]).any()
            and self._turns(self._param(found, numbers[0], first), first, now[numbers[0]])
        ]

    def _param(self, found: _core.Found, number: int, path: str) -> _core.Parameter | None:
        return self._params[self._types[found.component(number)]].get(path.rpartition(".")[2])

    def _turns(self, param: _core.Parameter | None, path: str, now: float) -> bool:
        """Whether a value can be set; that of what is fixed when the network is built cannot even be set to itself."""
        if param is None or param.unit != "1":
            return True
        try:
            self._tried.set(path, float(now))
        except Error:
            return False
        return True

    @cached_property
    def _tried(self) -> _core.Case:
        return self.case.core.copy()

    def knob(self, path: str, case: Case) -> dict[str, Any]:
        """What a slider needs: value and range in the units shown, the line to SI, source. Raises InputError."""
        found = case.core.find_parameters(path_of(path))
        groups = groups_of(found)
        if len(groups) != 1:
            raise InputError(f"'{path}' names {len(groups)} quantities; a slider turns one")
        values = np.asarray(case.core.get(found))
        given = values[np.isfinite(values)]
        if not len(given):
            raise InputError(f"{path} has no value that could be turned; set it as text, with its unit")
        first = found.paths[0]
        param = self._param(found, 0, first)
        stated = self.stated(first)
        unit, value = found.unit(0), float(given.mean())
        low, high = span(param, stated, value, unit)
        whole = _is_switch(param)
        shown = self._shown(low, high, unit)
        zero, one = (self.units.value(x, unit) for x in (0.0, 1.0))
        return {
            "path": path,
            "unit": self.units.unit(unit),
            "doc": _core.doc_of(case.core, found, 0),
            "count": len(found),
            "alike": bool(np.ptp(given) <= 1e-12 * abs(value)),
            "value": self.units.value(value, unit),
            "min": shown[0],
            "max": shown[1],
            "step": 1.0 if whole else _nice((shown[1] - shown[0]) / _STEPS),
            "zero": zero,
            "slope": one - zero,
        } | self.origin(path, first, param)

    def _shown(self, low: float, high: float, unit: str) -> tuple[float, float]:
        a, b = (self.units.value(x, unit) for x in (low, high))
        return (a, b) if a <= b else (b, a)

    def origin(self, path: str, first: str, param: _core.Parameter | None) -> dict[str, Any]:
        """Where the value comes from, whether it is assumed, and where it may be changed."""
        if (path, first) not in self._origins:
            self._origins[path, first] = self._origin(path, first, param)
        return self._origins[path, first]

    def _origin(self, path: str, first: str, param: _core.Parameter | None) -> dict[str, Any]:
        stated = self.stated(first)
        where = f'"{path}" under `set:` of the case'
        written = _core.text_path(self.case.core, first)
        if written:
            where = f"{written} in the text of the case, or {where}"
        row: dict[str, Any] = {"where": f"{where}; --set '{path}=…' on the command line", "grade": "", "source": ""}
        if stated is not None:
            row |= {"grade": stated.grade, "source": stated.source}
            if math.isfinite(stated.minimum) and math.isfinite(stated.maximum):
                row["range"] = self.units.span(stated.minimum, stated.maximum, stated.unit)
        if param is not None:
            row["allowed"] = allowed(param, self.units)
        return row

    def stated(self, path: str) -> _core.Assumption | None:
        """The assumed value, or the value with a tolerance, that a path is."""
        owner, _, name = path.rpartition(".")
        for a in self._stated:
            if a.parameter == name and (owner in a.elements or covers(a.path, owner)):
                return a
        return None

    def most_effective(self, solution: Solution, most: int = OFFERED) -> list[str]:
        """The knobs that move the margin of the binding limit most over the ranges of their sliders.

        The effect is the gradient of the margin times the range, the elements of an array turned together. Parameters
        that move only the limit and not the network, switches, and values at zero, which have no scale, are left out.
        Empty where no limit is assessed or has no gradient.
        """
        number = binding(solution)
        if number is None:
            return []
        found, knobs = self._every
        try:
            by = np.asarray(_core.margin_gradients(solution.raw, [number], found))[0]
            felt = np.abs(np.asarray(_core.gradients(solution.raw, self._sample, found))).max(axis=0, initial=0.0)
        except Error:
            return []
        now = np.asarray(solution.raw.read(found))
        effects = []
        for path, first, numbers in knobs:
            given = [k for k in numbers if np.isfinite(now[k])]
            slope = float(by[given].sum()) if given else 0.0
            if not np.isfinite(slope) or slope == 0.0 or not felt[given].any() or not now[given].any():
                continue
            param = self._param(found, given[0], path)
            if _is_switch(param) or (param is not None and param.use == "rating"):
                continue
            value, unit = float(now[given].mean()), found.unit(given[0])
            low, high = span(param, self.stated(first), value, unit)
            effects.append((abs(slope) * (high - low), path))
        return [path for _, path in sorted(effects, key=lambda x: -x[0])[:most]]


def binding(solution: Solution) -> int | None:
    """The number of the tightest assessed verdict in the list of a solution; None where none is assessed."""
    found = solution.raw.verdicts
    return next((k for k, v in enumerate(found) if v.verdict != NOT_ASSESSED and not v.is_balance), None)


def _is_switch(param: _core.Parameter | None) -> bool:
    """Whether a parameter is on or off, or a count: by its declared use, or as its description begins with "1:"."""
    return param is not None and (param.use in _WHOLE or param.doc.startswith("1:"))


def span(
    param: _core.Parameter | None, stated: _core.Assumption | None, value: float, unit: str
) -> tuple[float, float]:
    """The range of a slider in SI: that of an assumed value, that of a share, else around the value; as allowed."""
    least, most = (param.minimum, param.maximum) if param is not None else (-math.inf, math.inf)
    if stated is not None and math.isfinite(stated.minimum) and stated.unit == unit:
        low, high = min(stated.minimum, value), max(stated.maximum, value)
    elif unit == "1" and math.isfinite(least) and math.isfinite(most) and most - least <= 2.0:
        low, high = least, most
    elif unit == "K":
        low, high = value - _KELVIN, value + _KELVIN
    elif value:
        low, high = sorted((value * (1.0 - _SHARE), value * (1.0 + _SHARE)))
    else:
        low, high = 0.0, most if math.isfinite(most) else 1.0
    inside = 1e-6 * (high - low)  # an end that is itself not allowed is not reached
    if math.isfinite(least):
        low = max(low, least + (inside if param is not None and param.above_minimum else 0.0))
    if math.isfinite(most):
        high = min(high, most - (inside if param is not None and param.below_maximum else 0.0))
    if _is_switch(param):
        low, high = math.floor(max(least, 0.0)), math.ceil(max(value, 1.0))
    return low, high


def allowed(param: _core.Parameter, units: Units) -> str:
    """The range that the model declares, as text."""
    ends = []
    for end, beyond, word in (
        (param.minimum, param.above_minimum, ("above", "at least")),
        (param.maximum, param.below_maximum, ("below", "at most")),
    ):
        if math.isfinite(end):
            ends.append(f"{word[0] if beyond else word[1]} {units.text(end, param.unit)}")
    return ", ".join(ends)


def _nice(step: float) -> float:
    """The step rounded down to 1, 2 or 5 times a power of ten."""
    if not step > 0.0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(step))
    return size * max(x for x in (1.0, 2.0, 5.0) if x * size <= step * (1.0 + 1e-9))


def values_of(case: Case, paths: Iterable[str], units: Units) -> dict[str, dict[str, Any]]:
    """The present values of knobs in the units shown, and whether their elements are alike."""
    rows = {}
    for path in paths:
        found = case.core.find_parameters(path_of(path))
        values = np.asarray(case.core.get(found))
        given = values[np.isfinite(values)]
        if len(given):
            mean = float(given.mean())
            rows[path] = {
                "value": units.value(mean, found.unit(0)),
                "alike": bool(np.ptp(given) <= 1e-12 * abs(mean)),
            }
    return rows
