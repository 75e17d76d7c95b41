"""What stands beside the symbols of a schematic, and how each symbol looks in its state."""

from __future__ import annotations

import math
import re

from kelvolt.base.paths import without_indices
from kelvolt.base.tables import Units, plain
from kelvolt.cases.solution import Solution
from kelvolt.plots.circuits import Loop, Unit, is_driven
from kelvolt.plots.oneline_words import Said, wrapped
from kelvolt.plots.parts import DEAD, GREY, HOT, INK, short
from kelvolt.plots.symbols import Look
from kelvolt.power.net import used

# the first letters of an instrument (ISA 5.1) by the unit of what it measures or controls
_LETTERS = {"K": "T", "Pa": "PD", "Pa_abs": "P", "m3/s": "F", "kg/s": "F"}
_LEAST_HEAT = 0.01  # share of the heat of the circuit from which a part's heat and temperatures are shown


class Words:
    """The words of one circuit in the units of the reader."""

    def __init__(self, solution: Solution, loop: Loop, units: Units) -> None:
        self.solution = solution
        self.plant = solution.plant
        self.loop = loop
        self.units = units
        self.circuit = solution.plant.circuits[loop.number]
        self.most = max((abs(u.heat) for u in [loop.sink, *loop.units] if math.isfinite(u.heat)), default=0.0)

    def text(self, si: float, unit: str, digits: int = 3) -> str:
        return self.units.text(si, unit, digits).replace("deg", "°")

    def flow(self, u: Unit) -> str:
        """Volume flow of one of the members, where the coolant enters."""
        if u.crossing is None or not self.circuit.m_flow:
            return ""
        return self.text(u.crossing.V_flow / u.count, "m3/s")

    def above(self, u: Unit) -> list[Said]:
        """The name, in at most two lines, with the count."""
        many = f" ×{u.count}" if u.count > 1 else ""
        return [Said(t, INK, "bold") for t in wrapped(short(u.name) + many, ".")]

    def below(self, u: Unit) -> list[Said]:
        """Rating or size, state, pressure, heat and temperatures."""
        lines = [Said(t, GREY) for t in self._stated(u)]
        if u.role == "pump":
            lines += self._pump(u)
        elif u.outlet is not None and u.role != "boundary":
            lines += self._passed(u)
        return lines

    def _stated(self, u: Unit) -> list[str]:
        """Ratings that the model declares, bore and length, set points."""
        if u.role == "branch":
            return []
        c = u.components[0]
        model = self.plant.models[self.plant.topology.types[c]]
        rated = [p.name for p in used(model.type, "rating")][:1]
        told = [self.text(x, unit) for p in rated for x, unit in [self._number(c, p)] if math.isfinite(x)]
        bore, length = (self.plant.parameter(c, p) if self._has(c, p) else math.nan for p in ("diameter", "length"))
        if math.isfinite(bore):
            told.append(f"⌀ {plain(1e3 * bore, 3)} mm" + (f", {plain(length, 3)} m" if math.isfinite(length) else ""))
        told += [self._set_point(c, p.name, p.unit) for p in model.params if self._is_set_point(p.name, p.unit)]
        return [t for t in told if t]

    def _has(self, c: int, name: str) -> bool:
        model = self.plant.models[self.plant.topology.types[c]]
        return any(p.name == name and p.type == "number" for p in model.params)

    def _number(self, c: int, name: str) -> tuple[float, str]:
        model = self.plant.models[self.plant.topology.types[c]]
        unit = next(p.unit for p in model.params if p.name == name)
        return self.plant.parameter(c, name), unit

    @staticmethod
    def _is_set_point(name: str, unit: str) -> bool:
        return name.endswith("_set") and unit in _LETTERS

    def _set_point(self, c: int, name: str, unit: str) -> str:
        x = self.plant.parameter(c, name)
        return f"{name} = {self.text(x, unit)}" if math.isfinite(x) else ""

    def _pump(self, u: Unit) -> list[Said]:
        if u.off:
            return [Said("off", HOT, "bold")]
        pump = next(p for p in self.plant.pumps if p.path in {self.plant.topology.paths[c] for c in u.components})
        return [
            Said(f"+{self.text(pump.dp, 'Pa')}"),
            Said(self.text(pump.V_flow, "m3/s") + (" each" if u.count > 1 else "")),
            Said(f"{100.0 * pump.speed:.0f} % speed, {self.text(pump.P_el, 'W')}"),
        ]

    def _passed(self, u: Unit) -> list[Said]:
        x = u.crossing
        if x is None or not u.carries:
            return [Said("no flow", GREY)]
        drop = x.p_in - x.p_out  # in the direction of flow
        lines = [Said(f"{'−' if drop >= 0.0 else '+'}{self.text(abs(drop), 'Pa', 2)}")]
        opening = self._opening(u)
        lines += [Said(opening)] if opening else []
        if math.isfinite(u.heat) and abs(u.heat) > _LEAST_HEAT * self.most:
            lines.append(Said(f"{plain(abs(u.heat) / 1000.0, 4)} kW", INK, "bold"))
            degrees = self.text(x.T_in, "K"), self.text(x.T_out, "K")
            lines.append(Said(f"{degrees[0].split()[0]} → {degrees[1]}"))
        if u.count > 1 or u.role == "branch" or self._parallel(u):
            back = " back" if u.reversed else ""
            lines.append(Said(self.flow(u) + (" each" if u.count > 1 else "") + back))
        return lines

    def _parallel(self, u: Unit) -> bool:
        """Whether only a part of the flow of the circuit passes."""
        return u.crossing is not None and u.crossing.m_flow < 0.99 * self.circuit.m_flow

    def _opening(self, u: Unit) -> str:
        c = u.components[0]
        if u.role != "valve" or not is_driven(self.plant, c):
            return ""
        opened = next((x for x in self.plant.models[self.plant.topology.types[c]].unknowns if x.unit == "1"), None)
        if opened is None:
            return ""
        value = self.solution[f"{self.plant.topology.paths[c]}.{opened.name}"]
        return f"{100.0 * float(value):.0f} % open"

    # ---- looks ----

    def look(self, u: Unit) -> Look:
        c = u.components[0]
        return Look(
            colour=INK if u.carries or u.outlet is None or u.role == "pump" else DEAD,
            runs=not u.off,
            driven=u.role == "valve" and is_driven(self.plant, c),
            mark=self._letters(u),
        )

    def _letters(self, u: Unit) -> str:
        if u.role not in ("sensor", "controller"):
            return ""
        model = self.plant.models[self.plant.topology.types[u.components[0]]]
        if u.role == "controller":
            units = [p.unit for p in model.params if self._is_set_point(p.name, p.unit)]
            letters = list(dict.fromkeys(_LETTERS[x] for x in units))
            return f"{letters[0] if len(letters) == 1 else ''}IC"
        shown = next((m[1] for p in model.ports if (m := re.search(r"\[(.+)\]$", p.doc))), "")
        taps = sum(self.plant.models[model.type].ports[k].kind == "fluid" for k in range(len(model.ports)))
        return f"{'P' if shown == 'Pa' and taps == 1 else _LETTERS.get(shown, '')}T"

    def other_side(self, u: Unit) -> list[Said]:
        """The other circuit of an exchanger, with its temperatures."""
        others = [x for x in self.plant.crossings(u.components) if x.circuit != self.loop.number]
        if u.role == "branch" or not others:
            return []
        x = others[0]
        name = (
            f"{short(without_indices(self.plant.circuits[x.circuit].name))} ({self.plant.circuits[x.circuit].medium})"
        )
        degrees = self.text(x.T_in, "K"), self.text(x.T_out, "K")
        return [Said(f"to {name}:", GREY), Said(f"{degrees[0].split()[0]} → {degrees[1]}", GREY)]
