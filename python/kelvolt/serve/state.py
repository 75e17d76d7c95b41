"""The state behind one browser tab: a case with what was changed on it, its last solution, and the ways back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import any_element
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats, path_of
from kelvolt.cases.case import Case
from kelvolt.cases.solution import Solution

MOST_STEPS = 200  # that can be undone
MOST_SHOWN = 60  # changed values in the list of the page


@dataclass
class Step:
    """One change that can be undone: the values of its paths before and after it, SI. A drag of a slider is one."""

    mark: str
    before: dict[str, Floats] = field(default_factory=dict)
    after: dict[str, Floats] = field(default_factory=dict)


class State:
    """A case that is changed and solved step by step.

    `case` has the values that were asked for, `solution` is the last state that could be solved, with its own values.
    `failed` is the message of the last solve, empty where it succeeded. `kept` is the state A of a comparison.
    """

    def __init__(self, case: Case, units: str = "si") -> None:
        self.units = Units(units)
        self.begun = case.copy()
        self.case = case.copy()
        self.solution: Solution | None = None
        self.failed = ""
        self.kept: Solution | None = None
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self.solve()

    # ---- changing ----

    def set(self, values: Mapping[str, float | str], mark: str = "") -> None:
        """Sets paths or patterns to numbers in SI or text with a unit. Raises InputError; then nothing was changed.

        Calls with the same `mark` are one step of undoing.
        """
        tried = self.case.copy()
        same = self._done[-1] if mark and self._done and self._done[-1].mark == mark else None
        step = Step(mark, dict(same.before) if same else {}, dict(same.after) if same else {})
        for path, value in values.items():
            before = _values(tried, path)
            tried[path] = value
            step.before.setdefault(path, before)
            step.after[path] = _values(tried, path)
        self.case = tried
        self._undone.clear()
        if same:
            self._done[-1] = step
        else:
            self._done = [*self._done, step][-MOST_STEPS:]

    def to(self, other: Case, mark: str) -> None:
        """Takes over all values of a case of the same network as one step."""
        here, there = (np.array(c.core.get(self._every[0])) for c in (self.case, other))
        moved = self._moved(_differ(here, there))
        if not moved:
            return
        self.case = other.copy()
        before, after = ({name: values[which] for name, which in moved} for values in (here, there))
        self._done = [*self._done, Step(mark, before, after)][-MOST_STEPS:]
        self._undone.clear()

    def undo(self) -> None:
        """Takes the last step back, where there is one."""
        if self._done:
            step = self._done.pop()
            self._put(dict(reversed(step.before.items())))
            self._undone.append(step)

    def redo(self) -> None:
        """Repeats the last step that was undone, where there is one."""
        if self._undone:
            step = self._undone.pop()
            self._put(step.after)
            self._done.append(step)

    def _put(self, values: Mapping[str, Floats]) -> None:
        changed = self.case.copy()
        for path, array in values.items():
            found = changed.core.find_parameters(path)
            given = np.isfinite(array)  # what was never given has no value to put back
            if given.all():
                changed.core.set_each(found, array)
                continue
            for one, value in zip(found.paths, array.tolist(), strict=True):
                if np.isfinite(value):
                    changed.core.set(one, value)
        self.case = changed

    def reset(self) -> None:
        """Back to the values with which the page was opened, as one step."""
        self.to(self.begun, "reset")

    def back(self) -> None:
        """Back to the values of the last state that could be solved, as one step."""
        if self.solution is not None:
            self.to(Case(self.solution._core), "back")

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    # ---- solving ----

    def solve(self) -> None:
        """The steady state at the present values, starting from the last one. A failure is kept in `failed`."""
        try:
            self.solution, self.failed = self.case.steady(self.solution), ""
        except Error as error:
            self.failed = str(error)

    def seen(self) -> Solution:
        """The last solution. Raises InputError with the reason where there is none."""
        if self.solution is None:
            raise InputError(f"there is no solution yet: {self.failed}")
        return self.solution

    # ---- comparing ----

    def keep(self) -> None:
        """Keeps the present solution as A. Raises InputError where the present values have no solution."""
        if self.failed:
            raise InputError("these values have no solution that could be kept as A")
        self.kept = self.seen()

    @cached_property
    def _every(self) -> tuple[_core.Found, list[str], dict[str, list[int]]]:
        """All parameters of the network, their paths, and their numbers by pattern."""
        found = self.case.core.find_parameters("**.*")
        numbers: dict[str, list[int]] = defaultdict(list)
        for k, path in enumerate(found.paths):
            numbers[any_element(path)].append(k)
        return found, found.paths, numbers

    def changed(self) -> list[dict[str, str]]:
        """What differs from the values at the begin, or from those of A where one is kept; arrays as one pattern."""
        if not self._done and self.kept is None:
            return []
        found = self._every[0]
        now, begun = (np.asarray(core.get(found)) for core in (self.case.core, self.begun.core))
        kept = np.asarray(self.kept._core.get(found)) if self.kept is not None else begun
        columns = {"now": now, "begun": begun} | ({"a": kept} if self.kept is not None else {})
        return [
            {"path": name} | {key: self._text(values[which], found.unit(which[0])) for key, values in columns.items()}
            for name, which in self._moved(_differ(now, begun) | _differ(now, kept))[:MOST_SHOWN]
        ]

    def _moved(self, differs: NDArray[np.bool_]) -> list[tuple[str, list[int]]]:
        """Paths of values that differ with their numbers; a pattern where all elements of an array do."""
        _, paths, numbers = self._every
        rows: list[tuple[str, list[int]]] = []
        for pattern, members in numbers.items():
            moved = [k for k in members if differs[k]]
            alike = len(moved) == len(members) > 1
            rows += [(pattern, moved)] if alike else [(paths[k], [k]) for k in moved]
        return rows

    def _text(self, values: Floats, unit: str) -> str:
        low, high = float(values.min()), float(values.max())
        return self.units.text(low, unit) if low == high else self.units.span(low, high, unit, 4)


def _values(case: Case, path: str) -> Floats:
    return np.array(case.core.get(case.core.find_parameters(path_of(path))))


def _differ(a: Floats, b: Floats) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    return differs
