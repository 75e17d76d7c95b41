"""The parts of the drawings: which limits belong to each, how close they are, and all that is known of one part."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.paths import any_covers, any_element, chain_of, covers, owner_of
from kelvolt.base.tables import Units
from kelvolt.base.values import difference, path_of
from kelvolt.base.verdicts import NOT_ASSESSED
from kelvolt.cases.solution import Solution
from kelvolt.serve.answers import settled
from kelvolt.serve.knobs import Knobs

_MOST_KINDS = 12  # kinds of components of one part that are listed
_MOST_ROWS = 40  # outputs or parameters of one kind


class Parts:
    """The components of one network behind the parts of a drawing, named by patterns such as `tray[1..18]`."""

    def __init__(self, core: _core.Case, units: Units) -> None:
        self._core, self._u = core, units
        self._inside: dict[str, list[int]] = {}
        self._owner: dict[str, str] = {}

    @cached_property
    def _paths(self) -> list[str]:
        return _core.topology(self._core).paths

    @cached_property
    def _types(self) -> list[str]:
        return _core.topology(self._core).types

    @cached_property
    def _number(self) -> dict[str, int]:
        return {path: k for k, path in enumerate(self._paths)}

    @cached_property
    def _heads(self) -> dict[str, list[int]]:
        """Components by the name of their first level."""
        found: dict[str, list[int]] = defaultdict(list)
        for k, path in enumerate(self._paths):
            found[_head(path)].append(k)
        return found

    def components(self, part: str) -> list[int]:
        """The components that a part is made of: those it names, and all within what it names."""
        if part not in self._inside:
            patterns = part.split()  # several where the numbers of the components are no full grid of ranges
            heads = {head for one in patterns for head in self._heads if "*" in one or head == _head(one)}
            near = sorted(k for head in heads for k in self._heads[head])
            self._inside[part] = [k for k in near if any_covers(patterns, self._paths[k])]
        return self._inside[part]

    def element(self, of: str) -> str:
        """The component to which the element of a verdict belongs: itself, or the one whose value it is."""
        if of not in self._owner:
            name = of
            while name and name not in self._number:
                name = owner_of(name)
            self._owner[of] = name
        return self._owner[of]

    def margins(self, solution: Solution, parts: list[str]) -> dict[str, dict[str, Any]]:
        """For each part its tightest limit: margin as text, closeness, verdict, limit and element."""
        of_component: dict[int, list[str]] = defaultdict(list)
        for part in parts:
            for k in self.components(part):
                of_component[k].append(part)
        found: dict[str, dict[str, Any]] = {}
        for v in solution.raw.verdicts:  # tightest first
            if v.verdict == NOT_ASSESSED or len(found) == len(parts):
                break
            if v.is_balance:
                continue
            number = self._number.get(self.element(v.element))
            for part in of_component.get(number, ()) if number is not None else ():
                if part not in found:
                    found[part] = {
                        "margin": self._u.text(v.margin, difference(v.unit), 2),
                        "close": v.closeness,
                        "verdict": v.verdict,
                        "limit": v.id,
                        "element": v.element,
                    }
        return found

    # ---- one part ----

    def detail(self, part: str, solution: Solution, knobs: Knobs) -> dict[str, Any]:
        """Limits, outputs and parameters of a part, like components together. Raises InputError for an unknown part."""
        members = self.components(path_of(part))
        if not members:
            raise InputError(f"'{part}' names no component")
        kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
        for k in members:
            kinds[any_element(chain_of(self._paths[k])), self._types[k]].append(k)
        own = {self._paths[k] for k in members}
        named = [
            (path, kind, some) for (name, kind), all_of in kinds.items() for path, some in self._named(name, all_of)
        ]
        named.sort(key=lambda item: item[0].replace("..", "").count("."))
        return {
            "path": part,
            "count": len(members),
            "kinds": len(named),
            "limits": self._limits(solution, own),
            "holds": [self._kind(*item, solution, knobs) for item in named[:_MOST_KINDS]],
        }

    @cached_property
    def _size(self) -> Counter[str]:
        """By pattern of all elements: their number."""
        return Counter(any_element(chain_of(path)) for path in self._paths)

    def _named(self, name: str, members: list[int]) -> list[tuple[str, list[int]]]:
        """Components of a pattern by the patterns that name these and no others, with the components of each."""
        if len(members) == self._size[name]:
            return [(name, members)]
        from kelvolt.plots.parts import pattern

        patterns = pattern(self._paths[k] for k in members).split()
        return [(one, [k for k in members if covers(one, self._paths[k])]) for one in patterns]

    def _limits(self, solution: Solution, own: set[str]) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for v, reason in zip(solution.raw.verdicts, solution.reasons, strict=True):
            if self.element(v.element) not in own or v.is_balance:
                continue
            if v.verdict == NOT_ASSESSED:
                rows.setdefault(v.id, {"id": v.id, "element": v.element, "verdict": v.verdict, "reason": reason})
            elif v.id not in rows:
                rows[v.id] = {
                    "id": v.id,
                    "element": v.element,
                    "value": self._u.text(settled(v.value, v.limit), v.unit),
                    "allowed": f"{'≤' if v.at_most else '≥'} {self._u.text(v.limit, v.unit)}",
                    "margin": self._u.text(v.margin, difference(v.unit), 3),
                    "close": v.closeness,
                    "verdict": v.verdict,
                    "basis": v.basis,
                }
        return list(rows.values())

    def _kind(self, name: str, kind: str, members: list[int], solution: Solution, knobs: Knobs) -> dict[str, Any]:
        model = _core.model(kind)
        table = np.array([solution.raw.outputs(k) for k in members]).reshape(len(members), -1)
        outputs = [
            {"name": o.name, "doc": o.doc, "text": self._range(table[:, i], o.unit), "key": o.key}
            for i, o in enumerate(model.outputs)
            if np.isfinite(table[:, i]).any()
        ]
        numbers = [p for p in model.params if p.type == "number"]
        now = np.array([solution.raw.parameters(k) for k in members]).reshape(len(members), -1)
        path = name if len(members) > 1 else self._paths[members[0]]
        first = self._paths[members[0]]
        parameters = [
            {"path": f"{path}.{p.name}", "name": p.name, "doc": p.doc, "text": self._range(now[:, i], p.unit)}
            | knobs.origin(f"{path}.{p.name}", f"{first}.{p.name}", p)
            for i, p in enumerate(numbers)
            if np.isfinite(now[:, i]).any()
        ]
        return {
            "path": path,
            "model": kind,
            "doc": model.doc,
            "count": len(members),
            "outputs": sorted(outputs, key=lambda o: not o["key"])[:_MOST_ROWS],
            "parameters": parameters[:_MOST_ROWS],
        }

    def _range(self, values: Any, unit: str) -> str:
        given = values[np.isfinite(values)]
        low, high = float(given.min()), float(given.max())
        if math.isclose(low, high, rel_tol=1e-6, abs_tol=1e-15):
            return self._u.text(low, unit)
        return self._u.span(low, high, unit, 4)


def _head(path: str) -> str:
    """The name of the first level of a path or pattern."""
    return path.partition(".")[0].partition("[")[0]
