"""The commissioning pack: what to measure in a new plant, what to expect, and the gates agreed before it is measured.

Predicted values are those of the steady state. Bands are the 5 and 95 % percentiles over draws (Latin hypercube, 200 by
default) of the assumed values and of values with a stated range, triangular over their range, as in `kv.uncertainty`;
they take in the prediction itself. A gate is the band widened by the instrument's error on both sides. Steps and errors
are data (data/checks/commissioning.yaml).
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import Error, InputError
from kelvolt.base.groups import grouped
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import inside, path_levels
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import Floats, bounded, whole
from kelvolt.studies.consistency import error_of, instrument_of, rules
from kelvolt.studies.ranges_inputs import Inputs

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.studies.measured import Comparison

Key = tuple[str, str, str]  # kind, element, quantity
UNITS = {"V_flow": "m3/s", "dp": "Pa", "heat": "W", "P_el": "W"}  # the others are temperatures in K
SHEET = ["step", "kind", "element", "quantity", "unit", "predicted", "low", "high", "gate_low", "gate_high", "measured"]
_SAME = 1e-3  # flows that differ by less of their size are one flow
_DIGITS = 6  # of the sheet: the gates are read back from it


@dataclass(frozen=True)
class Commissioning:
    """What a plant should show, and the gates; SI. `points` has a row for each reading."""

    case: Case
    points: pandas.DataFrame  # step, kind, element, quantity, unit, predicted, low, high, gate_low, gate_high, basis
    draws: int
    failed: list[tuple[int, str]]  # draw and reason
    media: dict[tuple[str, str], str]  # coolant by (kind, element) of what has a heat balance
    shared: dict[str, list[str]]  # branches by the circuit whose whole flow they share

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the text of the case and of the values changed since, without the folder it lies in."""
        text = _core.source(self.case.core)[0]
        return hashlib.sha256(f"{text}\n{self.case.core.changes}".encode()).hexdigest()

    def sheet(self, units: str = "si") -> pandas.DataFrame:
        """The test sheet with an empty column `measured`, in the units of the site."""
        u = Units(units)
        table = self.points[[c for c in SHEET if c != "measured"]].copy()
        for column in ("predicted", "low", "high", "gate_low", "gate_high"):
            pairs = zip(self.points[column], self.points.unit, strict=True)
            table[column] = [plain(u.value(x, unit), _DIGITS) for x, unit in pairs]
        table["unit"] = [u.unit(x) for x in self.points.unit]
        table["measured"] = ""
        return table

    def markdown(self, units: str = "si") -> str:
        """The sheet to print and sign: steps with what is done and their gates, readings, and what the bands are."""
        sheet = self.sheet(units)
        parts = [f"# Commissioning of {self.case.title or 'the plant'}", self._about()]
        for number, step in enumerate(rules()["steps"], 1):
            rows = sheet[sheet.step == step["id"]]
            if len(rows):
                parts.append(f"## {number}. {step['title']}\n\n{step['do']} Gate: {step['gate']}.")
                parts.append(_markdown(rows.drop(columns="step")))
        return "\n\n".join(parts) + "\n"

    def text(self, units: str = "si", every: bool = False, longest: int | None = None) -> str:
        """The sheet as text: of the elements of an array the first, with their count; `every`: all of them. At most
        `longest` rows."""
        rows = []
        readings = grouped(self.sheet(units).itertuples(), lambda r: (r.kind, r.element, r.quantity), every=every)
        for group in readings[:longest]:
            r = group.worst
            more = f" and {len(group.members) - 1} more" if len(group.members) > 1 else ""
            spans = [f"{a} to {b}" for a, b in ((r.low, r.high), (r.gate_low, r.gate_high))]
            rows.append([r.step, f"{r.kind} {r.element}{more}", r.quantity, r.predicted, *spans, r.unit])
        head = ["step", "point", "quantity", "predicted", "band, 5 to 95 %", "gate", "unit"]
        lost = f", {len(self.failed)} of them not solved" if self.failed else ""
        title = f"{len(self.points)} readings; bands over {self.draws} draws of the assumed values{lost}"
        left = len(readings) - len(rows)
        more = f"\n  and {left} more kinds of readings" if left else ""
        return f"{self.case.title}\n\n{title}\n" + Table(head, rows, {1, 2, 4, 5, 6}).text("  ") + more

    def write(self, folder: str | PathLike[str], units: str = "si", *, xlsx: bool = False) -> list[Path]:
        """Writes commissioning.csv (to fill in), commissioning.md (to print), and with `xlsx` commissioning.xlsx, too.

        XLSX needs openpyxl (`pip install kelvolt[xlsx]`). Raises FileError, also where a sheet has been filled in.
        """
        from kelvolt.studies.measured import refuse_filled

        made = files.folder(folder)
        written = [made / f"commissioning.{ending}" for ending in ("csv", "md", "xlsx")[: 3 if xlsx else 2]]
        for file in (written[0], *written[2:]):
            refuse_filled(file)
        files.write_frame(written[0], self.sheet(units))
        files.write_text(written[1], self.markdown(units), "sheet")
        if xlsx:
            numbers = ["predicted", "low", "high", "gate_low", "gate_high"]
            files.write_workbook(written[2], self.sheet(units).astype(dict.fromkeys(numbers, float)))
        return written

    def compare(
        self,
        measured: str | PathLike[str] | Mapping[tuple[str, str, str], str | float],
        *,
        against: str | PathLike[str] | None = None,
    ) -> Comparison:
        """Measured against predicted values; first whether the sensors agree.

        measured: the filled sheet (CSV or XLSX), or readings by (kind, element, quantity) in SI or as text with a unit.
        against: a fingerprint written before, with which each reading is compared as well.
        Raises InputError for a reading that is not understood, with file, line and column; FileError.
        """
        from kelvolt.studies.measured import compare

        return compare(self, measured, against)

    def _about(self) -> str:
        bases = [f"- {name}: {_rule(rule)} ({rule['basis']})" for name, rule in rules()["instruments"].items()]
        lost = f", of which {len(self.failed)} could not be solved" if self.failed else ""
        bands = (
            f"Bands (low to high) are the 5 and 95 % percentiles over {self.draws} draws{lost} of the values that the "
            "case assumes or states with a range (Latin hypercube, triangular over each range); the same assumed value "
            "is the same number wherever it is used."
            if self.draws
            else "No value of the case is assumed or has a range, so that low and high are the predicted value."
        )
        return (
            f"Case SHA-256 {self.fingerprint}\n\n{bands} Gates are the bands widened on both sides by the largest "
            "error of the instrument:\n\n" + "\n".join(bases) + "\n\nBefore any gate is judged the sensors must agree "
            "with each other: flow, temperatures and coolant with the stated heat, one side of an exchanger with the "
            "other, branches with their circuit, and every sign.\n\nGates agreed by / date: ____________________"
        )

    def __repr__(self) -> str:
        return f"Commissioning of {self.case.title}: {len(self.points)} readings, {self.draws} draws"


def commissioning(
    case: Case, n: int = 200, seed: int = 1, *, level: str | None = None, threads: int | None = None
) -> Commissioning:
    """The readings to take at the steady state of a case, their predicted bands, and the gates.

    n, seed: draws of the uncertain values; 0 gives gates of the instruments' errors alone. The same n and seed give the
        same gates.
    level: the array whose elements are the branches ("rack.tray"), as of `solution.branches`.
    Raises InputError for a case without coolant or for wrong arguments, and what `steady` raises. Draws that cannot be
    solved are listed in `failed`; InputError where none can.
    """
    require_case("commissioning", case)
    whole(n, "n", least=0)
    base = case.steady()
    plan = _Plan(case.core, base.raw, level)
    if not plan.keys:
        raise InputError(
            f"{case.file or case.title}: there is no coolant that flows; commissioning has nothing to read"
        )
    nominal = plan.read(base.raw)
    values, failed = _drawn(case, plan, base.raw, n, seed, threads or os.cpu_count() or 1)
    low, high = (
        np.percentile(np.vstack([values, nominal[None]]), [5, 95], axis=0) if len(values) else (nominal, nominal)
    )
    low, high = np.minimum(low, nominal), np.maximum(high, nominal)
    return Commissioning(
        case.copy(), _points(plan.keys, nominal, low, high), n if len(values) else 0, failed, plan.media, plan.shared
    )


class _Plan:
    """Which readings a plant has, and their values at a solution: always in the order found at the first."""

    def __init__(self, case: _core.Case, raw: _core.Solution, level: str | None) -> None:
        self._level = level
        plant = _core.Plant(raw)
        circuits = {c.number: c for c in plant.circuits()}
        self._sides = {}  # of exchangers, by circuit
        for path, parts in plant.exchangers():
            crossings = plant.crossings(parts)
            if len(crossings) == 2 and all(x.m_flow > 0.0 and x.heat for x in crossings):
                for x in crossings:
                    self._sides[path, x.circuit] = "primary" if x.heat > 0.0 else "secondary"
        self._media = {c.number: c.medium for c in circuits.values()}
        found = self._found(plant)
        self.keys = [key for key, value in found.items() if math.isfinite(value)]
        self.media = {(side, path): circuits[c].medium for (path, c), side in self._sides.items()}
        self.shared = self._shared(_core.topology(case).paths, plant, circuits)

    def _shared(
        self, paths: list[str], plant: _core.Plant, circuits: Mapping[int, _core.Circuit]
    ) -> dict[str, list[str]]:
        """Branches by the circuit whose whole flow they share; the coolant of every branch goes to `media`."""
        of_circuit: dict[int, list[_core.Branch]] = {}
        for b in plant.branches(self._level):
            for x in plant.crossings([k for k, p in enumerate(paths) if inside(p, b.branch)]):
                if abs(x.m_flow - b.m_flow) < _SAME * b.m_flow:
                    self.media["branch", b.branch] = circuits[x.circuit].medium
                    of_circuit.setdefault(x.circuit, []).append(b)
                    break
        flows = {number: sum(b.m_flow for b in branches) for number, branches in of_circuit.items()}
        return {
            circuits[number].name: [b.branch for b in of_circuit[number]]
            for number, flow in flows.items()
            if abs(flow - circuits[number].m_flow) < _SAME * flow
        }

    def read(self, raw: _core.Solution) -> Floats:
        """Values [keys]; NaN for one that this solution does not have."""
        found = self._found(_core.Plant(raw))
        return np.array([found.get(key, math.nan) for key in self.keys])

    def _found(self, plant: _core.Plant) -> dict[Key, float]:
        found: dict[Key, float] = {}
        for c in plant.circuits():
            if c.m_flow > 0.0:
                for quantity in ("V_flow", "dp", "T_low", "T_high"):
                    found["circuit", c.name, quantity] = getattr(c, quantity)
        for p in plant.pumps():
            if p.on:
                for quantity in ("V_flow", "dp", "P_el"):
                    found["pump", p.path, quantity] = getattr(p, quantity)
        for path, parts in plant.exchangers():
            for x in plant.crossings(parts):
                if (path, x.circuit) in self._sides:
                    self._side(found, path, x)
        for b in sorted(plant.branches(self._level), key=lambda b: path_levels(b.branch)):
            values = {"V_flow": b.V_flow, "dp": b.dp, "T_supply": b.T_in, "T_return": b.T_out, "heat": b.heat}
            found |= {("branch", b.branch, quantity): x for quantity, x in values.items()}
        return found

    def _side(self, found: dict[Key, float], path: str, x: _core.Crossing) -> None:
        side = self._sides[path, x.circuit]
        supply, back = (x.T_in, x.T_out) if side == "primary" else (x.T_out, x.T_in)
        # of its volume where it is coldest, as for circuits and branches
        rho, *_ = _core.fluid_properties(self._media[x.circuit], supply)
        values = {"V_flow": x.m_flow / rho, "dp": x.p_in - x.p_out, "T_supply": supply, "T_return": back}
        found |= {(side, path, quantity): v for quantity, v in values.items()}
        found[side, path, "heat"] = abs(x.heat)


def _drawn(
    case: Case, plan: _Plan, base: _core.Solution, n: int, seed: int, threads: int
) -> tuple[Floats, list[tuple[int, str]]]:
    """Values [solved draws, keys] and the draws that failed."""
    from scipy.stats import qmc

    from kelvolt.studies.sizing import in_threads

    inputs = Inputs(case, "triangular", {}, {}, True)
    if not n or not inputs.columns:
        return np.empty((0, len(plan.keys))), []
    bounded(n, max(inputs.columns, len(plan.keys)), "commissioning: draws", "give fewer draws")
    drawn = inputs.quantiles(qmc.LatinHypercube(inputs.columns, rng=np.random.default_rng(seed)).random(n))
    values, failed = np.full((n, len(plan.keys)), np.nan), []

    def part(rows: Any) -> None:
        setter = inputs.setter()
        for k in rows:
            try:
                values[k] = plan.read(setter.at(drawn[k]).steady(base))
            except Error as error:
                failed.append((int(k), error.message))

    in_threads(part, np.array_split(np.arange(n), threads), threads)
    solved = values[~np.isnan(values).any(axis=1)]
    if not len(solved):
        why = f"; the first: {min(failed)[1]}" if failed else ""
        raise InputError(f"none of the {n} draws could be solved, so that there are no bands{why}")
    return solved, sorted(failed)


def _points(keys: list[Key], nominal: Floats, low: Floats, high: Floats) -> pandas.DataFrame:
    import pandas

    rows = []
    for k, (kind, element, quantity) in enumerate(keys):
        for step in rules()["steps"]:
            if kind in step["kinds"] and quantity in step["quantities"]:
                error = error_of(quantity, nominal[k])
                basis = rules()["instruments"][instrument_of(quantity)]["basis"]
                gates = (nominal[k], low[k], high[k], low[k] - error, high[k] + error)
                rows.append((step["id"], kind, element, quantity, UNITS.get(quantity, "K"), *gates, basis))
                break
    order = {step["id"]: number for number, step in enumerate(rules()["steps"])}
    rows.sort(key=lambda row: order[row[0]])  # stable: within a step in the order of the plant
    return pandas.DataFrame(rows, columns=[*SHEET[:-1], "basis"])


def _rule(rule: Mapping[str, Any]) -> str:
    relative = f"{100 * float(rule['relative']):g} %" if "relative" in rule else ""
    return ", at least ".join(x for x in (relative, str(rule.get("absolute", ""))) if x)


def _markdown(table: pandas.DataFrame) -> str:
    rows = [list(map(str, table.columns)), ["---"] * len(table.columns), *table.astype(str).values.tolist()]
    return "\n".join("| " + " | ".join(str(x).replace("|", "\\|") for x in row) + " |" for row in rows)
