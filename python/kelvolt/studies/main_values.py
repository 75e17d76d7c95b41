"""The main quantities of a state in a few lines: hottest chips, flow and pressure of pumps, power, heat."""

from __future__ import annotations

from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.paths import any_element, last_level, owner_of
from kelvolt.base.values import Floats
from kelvolt.cases.solution import Solution


def main_values(solution: Solution) -> list[tuple[str, float, str]]:
    """Name, value (SI) and declared unit of each main quantity of a solution."""
    recorded = _core.key_outputs(solution._core)
    lines = MainLines(recorded)
    values = lines.of(np.asarray(solution.raw.read(recorded))[None])[0]
    return list(zip(lines.names, values.tolist(), lines.units, strict=True))


class MainLines:
    """The main quantities of a summary: hottest chip, flows, pump power, pressure rise."""

    _KINDS = (
        ("T_die", "hottest die", np.max),
        ("T_case", "hottest case", np.max),
        ("P_el", "pumps, electric", np.sum),
        ("T_return", "facility return", np.max),
        ("Q_flow", "heat to the facility", np.sum),
    )

    def __init__(self, recorded: _core.Found) -> None:
        self._parts: list[tuple[list[int], Any]] = []
        self.names: list[str] = []
        self.units: list[str] = []
        paths = recorded.paths
        pumps = [owner_of(p) for p in paths if last_level(p) == "P_el"]
        for ending, name, what in self._KINDS:
            found = [k for k, p in enumerate(paths) if last_level(p) == ending]
            if ending == "Q_flow":  # exchangers report heat too
                found = [k for k in found if f"{owner_of(paths[k])}.T_return" in paths]
            self._add(recorded, found, name, what)
        for pump in dict.fromkeys(any_element(p) for p in pumps):
            for output, name, what in (("V_flow", "flow of", np.sum), ("dp", "pressure rise of", np.max)):
                found = [k for k, p in enumerate(paths) if any_element(p) == f"{pump}.{output}"]
                self._add(recorded, found, f"{name} {pump}", what)

    def _add(self, recorded: _core.Found, found: list[int], name: str, what: Any) -> None:
        if found:
            self._parts.append((found, what))
            self.names.append(name)
            self.units.append(recorded.unit(found[0]))

    def of(self, values: Floats) -> Floats:
        """Recorded values [n, recorded] as main quantities [n, lines]."""
        return np.array([what(values[:, found], axis=1) for found, what in self._parts]).T.reshape(len(values), -1)
