"""What a facility engineer checks of a power plan: seventeen items, each assessed or with the reason why not.

Limits and their basis are data (data/checks/power.yaml), a case replaces them under `power: limits:`. A row is one
limit at its worst element, with the number of elements it was compared for; limits that component models state join
the item they belong to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.contingencies import Contingencies, contingencies
from kelvolt.errors import Error, InputError
from kelvolt.power_flow import PowerFlow, current_unbalance, power_factor, voltage_unbalance
from kelvolt.power_net import Element
from kelvolt.schemes import Statement, statements
from kelvolt.tables import Table, Units, plain

if TYPE_CHECKING:
    import pandas

    from kelvolt.case import Case
    from kelvolt.run import Run
    from kelvolt.solution import Solution

COLUMNS = (
    "item",
    "check",
    "quantity",
    "element",
    "of",
    "value",
    "unit",
    "limit",
    "basis",
    "margin",
    "verdict",
    "reason",
)
_MARGINS = 1e-9  # of the limit: rounding is no breach


@dataclass(frozen=True)
class Line:
    """One line of the list; SI. `of`: elements compared; verdict: held, broken, stated (no limit), not assessed."""

    item: int
    check: str
    quantity: str = ""
    element: str = ""
    of: int = 0
    value: float = math.nan
    unit: str = "1"
    limit: float = math.nan
    basis: str = ""
    margin: float = math.nan
    verdict: str = "not assessed"
    reason: str = ""

    @property
    def is_share(self) -> bool:
        """Whether the value is shown as per cent."""
        return (
            self.unit == "1"
            and "PUE" not in self.quantity
            and "TUE" not in self.quantity
            and "contingencies" not in self.quantity
        )


@cache
def items() -> dict[int, dict[str, Any]]:
    """The list with its limits, as shipped."""
    import yaml

    file = Path(_core.data_directory()) / "checks" / "power.yaml"
    found = yaml.safe_load(file.read_text(encoding="utf-8"))["items"]
    return {int(k): v for k, v in found.items()}


class PowerCheck:
    """The list for one case; `lines` in the order of the items, `table` as a DataFrame."""

    def __init__(self, flow: PowerFlow, table: Contingencies | None, plans: list[Statement], run: Run | None) -> None:
        self.flow, self.contingencies, self.statements, self._run = flow, table, plans, run
        self._limits = _limits(flow)
        self.lines: list[Line] = [line for n in items() for line in self._item(n)]

    @property
    def held(self) -> bool:
        return all(x.verdict != "broken" for x in self.lines)

    @property
    def table(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([vars(x) for x in self.lines], columns=list(COLUMNS))

    # ---- items ----

    def _item(self, n: int) -> Iterator[Line]:
        found = list(
            {
                1: self._loads,
                2: self._ampacity,
                3: self._voltages,
                4: self._balance_of_phases,
                9: self._failures,
                12: self._heat,
                13: self._power_factor,
                14: self._peaks,
                15: self._capacity,
            }.get(n, lambda: [])()
        )
        found += self._stated(n)
        why = items()[n].get("not_assessed", "")
        if why or not found:
            found.append(Line(n, items()[n]["title"], reason=why or "nothing in this network has such a value"))
        yield from found

    def _compare(
        self, n: int, key: str, quantity: str, values: Iterable[tuple[str, float]], unit: str = "1"
    ) -> list[Line]:
        """The worst of several elements against a limit; no line without elements."""
        known = [(name, x) for name, x in values if not math.isnan(x)]
        if not known:
            return []
        limit = self._limits[key]
        at_most = "min" not in limit
        name, worst = (max if at_most else min)(known, key=lambda pair: pair[1])
        return [_judged(n, quantity, name, len(known), worst, unit, limit)]

    def _stated(self, n: int) -> list[Line]:
        """Limits of the models that belong to an item: of each its worst element."""
        patterns = items()[n].get("verdicts", [])
        electric = {e.path for e in self.flow.grid.elements}
        seen: dict[str, Line] = {}
        counts: dict[str, int] = {}
        for v in self.flow.solution.raw.verdicts:  # worst first
            if v.verdict == "not assessed" or v.element not in electric:
                continue
            if any(fnmatchcase(v.id, p) for p in patterns) and _first_item(v.id, n):
                counts[v.id] = counts.get(v.id, 0) + 1
                seen.setdefault(
                    v.id,
                    Line(
                        n,
                        items()[n]["title"],
                        v.quantity,
                        v.element,
                        1,
                        v.value,
                        v.unit,
                        v.limit,
                        v.basis,
                        v.margin,
                        v.verdict,
                    ),
                )
        return [Line(**(vars(line) | {"of": counts[k]})) for k, line in seen.items()]

    def _loads(self) -> list[Line]:
        g = self.flow.grid
        lines = self._compare(1, "loading", "load over rating", ((e.path, e.loading) for e in g.elements))
        breakers = [e for e in g.of_role("switch") if not math.isnan(e.loading)]
        lines += self._compare(
            1, "loading_continuous", "continuous load over protective device", ((e.path, e.loading) for e in breakers)
        )
        if not breakers:
            lines.append(
                Line(
                    1,
                    items()[1]["title"],
                    "continuous load over protective device",
                    reason="no breaker with a rated current in this network",
                )
            )
        return lines

    def _ampacity(self) -> list[Line]:
        lines = [e for e in self.flow.grid.of_role("branch") if not math.isnan(e.loading)]
        return self._compare(2, "ampacity", "current over derated ampacity", ((e.path, e.loading) for e in lines))

    def _voltages(self) -> list[Line]:
        table = self.flow.buses
        ends = [(e, self.flow.grid.buses[e.ends[0].bus]) for e in self.flow.grid.of_role("load")]
        inlets = {b.name for _, b in ends} | {
            self.flow.grid.buses[x.bus].name
            for e in self.flow.grid.of_role("converter")
            for x in e.ends
            if not x.feeders
        }
        at = table[table.bus.isin(inlets)]
        lines = self._compare(
            3, "drop_feeder", "voltage drop from the head of the feeder", zip(at.bus, at["drop"], strict=True)
        )
        branches = [(e.path, self._own_drop(e)) for e in self.flow.grid.of_role("branch") if self._is_last(e, inlets)]
        lines += self._compare(3, "drop_branch", "voltage drop over the last branch", branches)
        if self.contingencies is not None:
            low = self.contingencies.table.iloc[1:]
            low = low[low.status == "ok"]
            if len(low):
                worst = low.loc[low.v_low.idxmin()] if low.v_low.notna().any() else None
                if worst is not None:
                    text = f"voltage over that of the plan, worst contingency ({worst.contingency})"
                    lines.append(
                        Line(
                            3,
                            items()[3]["title"],
                            text,
                            str(worst.v_low_bus),
                            len(low),
                            float(worst.v_low),
                            verdict="stated",
                            reason="input windows are judged by the models",
                        )
                    )
        return lines

    def _own_drop(self, e: Element) -> float:
        volts = [self.flow.grid.buses[x.bus] for x in e.ends]
        high = max(b.line for b in volts)
        return (high - min(b.line for b in volts)) / high if high > 1e-3 else math.nan

    def _is_last(self, e: Element, inlets: set[str]) -> bool:
        return any(self.flow.grid.buses[x.bus].name in inlets for x in e.ends)

    def _balance_of_phases(self) -> list[Line]:
        g = self.flow.grid
        three = [(e, x) for e in g.elements for x in e.ends if x.kind == "ac3"]
        if not three:
            return [
                Line(4, items()[4]["title"], reason="no four-wire part in this network: phases are equal by assumption")
            ]
        currents = [(e.path, current_unbalance(x)) for e, x in three if e.passes]
        neutral = [(e.path, float(abs(x.i[3]) / max(np.abs(x.i[:3]).max(), 1e-6))) for e, x in three if e.passes]
        buses = [(b.name, voltage_unbalance(b)) for b in g.buses.values()]
        motors = [
            (e.path, voltage_unbalance(g.buses[x.bus]))
            for e, x in three
            if self.flow.is_cooling(e) and e.role == "load"
        ]
        return [
            *self._compare(4, "unbalance_current", "current unbalance", currents),
            *self._compare(4, "unbalance_voltage", "voltage unbalance", buses),
            *self._compare(4, "unbalance_voltage_motor", "voltage unbalance at motors", motors),
            *self._compare(4, "neutral_current", "neutral current over the largest phase current", neutral),
        ]

    def _failures(self) -> list[Line]:
        if self.contingencies is None:
            return [Line(9, items()[9]["title"], reason="left out: --no-contingencies")]
        rows = self.contingencies.table.iloc[1:]
        if not len(rows):
            return [Line(9, items()[9]["title"], reason="nothing in this network can fail by a parameter")]
        solved = rows[rows.status == "ok"]
        lines = []
        for key, column, unit, text in (
            ("contingency_loading", "worst_loading", "1", "load over rating after a failure"),
            ("contingency_lost_load", "lost_load", "W", "load lost after a failure"),
        ):
            pairs = [
                (f"{c} (at {e})" if column == "worst_loading" else c, x)
                for c, e, x in zip(solved.contingency, solved.worst_element, solved[column], strict=True)
            ]
            lines += self._compare(9, key, text, pairs, unit)
        bad = rows[rows.verdict == "broken"]
        worst = str(bad.contingency.iloc[0]) if len(bad) else ""
        lines.append(
            _judged(
                9, "contingencies broken", worst, len(rows), float(len(bad)), "1", self._limits["contingencies_broken"]
            )
        )
        if solved.T_die_max.notna().any():
            hot = solved.loc[solved.T_die_max.idxmax()]
            lines.append(
                Line(
                    9,
                    items()[9]["title"],
                    f"hottest die after a failure ({hot.contingency})",
                    str(hot.T_die_at),
                    len(solved),
                    float(hot.T_die_max),
                    "K",
                    verdict="stated",
                    reason="steady; limits of dies are judged by the models",
                )
            )
        return lines

    def _heat(self) -> list[Line]:
        s = self.flow.shares
        taken = sum(e.power for e in self.flow.grid.elements if e.role != "source")
        heat = float(self.flow.losses["sum"].sum()) if len(self.flow.losses) else 0.0
        off = abs(taken - heat) / abs(taken) if taken else math.nan
        network = [("power taken against given", self.flow.imbalance), ("heat of all spaces against power taken", off)]
        lines = self._compare(12, "balance", "balance does not close by", network)
        for key, value in (
            ("pue", s.pue),
            ("ppue_power", s.ppue_power),
            ("ppue_cooling", s.ppue_cooling),
            ("tue", s.tue),
        ):
            name = {"pue": "PUE", "ppue_power": "pPUE of power", "ppue_cooling": "pPUE of cooling", "tue": "TUE"}[key]
            if not math.isnan(value):
                lines.append(_judged(12, name, s.boundary, 1, value, "1", self._limits[key]))
        for space, watts in self.flow.losses.drop(columns="sum").sum().items() if len(self.flow.losses) else []:
            lines.append(
                Line(12, items()[12]["title"], "heat received", str(space), 1, float(watts), "W", verdict="stated")
            )
        return lines

    def _power_factor(self) -> list[Line]:
        sources = [e for e in self.flow.grid.of_role("source") if e.ends[0].kind != "dc" and e.given > 1e-3]
        machines = [e for e in sources if "S_rated" in e.values]
        grid = [e for e in sources if "S_rated" not in e.values]
        lines = self._compare(
            13,
            "power_factor",
            "power factor at the point of delivery",
            ((e.path, abs(power_factor(-e.ends[0].s))) for e in grid),
        )
        lines += self._compare(13, "generator_loading", "kVA over rating", ((e.path, e.loading) for e in machines))
        leading = [(e.path, abs(pf) if (pf := power_factor(-e.ends[0].s)) < 0.0 else 1.0) for e in machines]
        lines += self._compare(13, "generator_leading", "leading power factor of a generator", leading)
        if not machines:
            lines.append(
                Line(
                    13,
                    items()[13]["title"],
                    "generator capability",
                    reason="no generator runs in this state; declare the contingency that starts one",
                )
            )
        return lines

    def _peaks(self) -> list[Line]:
        if self._run is None:
            return [
                Line(14, items()[14]["title"], reason="peak against RMS needs a run: give profiles and --transient")
            ]
        peaks, rms = peak_and_rms(self._run)
        lines = self._compare(14, "peak_loading", "peak load over rating in the run", peaks.items())
        lines += self._compare(14, "rms_loading", "RMS load over rating in the run", rms.items())
        return lines

    def _capacity(self) -> list[Line]:
        if not self.statements:
            return [Line(15, items()[15]["title"], reason="no transfer scheme is declared; add power: schemes:")]
        lines = []
        normal = [
            (f"{s.scheme.name}: {s.worst_normal.name}", s.worst_normal.loading / s.normal_limit)
            for s in self.statements
        ]
        lines += self._compare(15, "scheme_normal", "load over what the scheme allows in normal service", normal)
        left = [(s.scheme.name, s.surviving_load) for s in self.statements]
        lines += self._compare(15, "scheme_surviving", "all load over what is left after the largest loss", left)
        after = [(f"{t.survivor} without {t.failed}", t.loading) for s in self.statements for t in s.transfers]
        lines += self._compare(15, "scheme_surviving", "load over rating of a survivor", after)
        return lines

    # ---- text ----

    def text(self, units: str = "si") -> str:
        u = Units(units)
        rows, before = [], 0
        for x in self.lines:
            head = [str(x.item), x.check] if x.item != before else ["", ""]
            before = x.item
            if x.verdict == "not assessed":
                rows.append([*head, x.quantity or "-", "", "", "", "not assessed: " + x.reason])
                continue
            many = f" (worst of {x.of})" if x.of > 1 else ""
            limit = "" if math.isnan(x.limit) else _shown(x, x.limit, u)
            verdict = x.verdict.upper() if x.verdict == "broken" else x.verdict
            said = "; ".join(p for p in (x.basis, x.reason) if p)
            verdict += f": {said}" if said else ""
            rows.append([*head, x.quantity, x.element + many, _shown(x, x.value, u), limit, verdict])
        columns = ["item", "check", "quantity", "element", "value", "limit", "verdict and basis"]
        return Table(columns, rows, {1, 2, 3, 4, 5, 6}).text()


def _shown(line: Line, x: float, u: Units) -> str:
    """Shares as per cent; PUE and counts as they are."""
    if line.unit != "1":
        return u.text(x, line.unit)
    return f"{plain(100.0 * x, 3)} %" if line.is_share else plain(x)


def _judged(n: int, quantity: str, name: str, of: int, value: float, unit: str, limit: dict[str, Any]) -> Line:
    title, basis = items()[n]["title"], str(limit.get("basis", "user"))
    if "max" not in limit and "min" not in limit:
        return Line(n, title, quantity, name, of, value, unit, basis=basis, verdict="stated")
    at_most = "max" in limit
    bound = float(limit["max"] if at_most else limit["min"])
    margin = bound - value if at_most else value - bound
    verdict = "held" if margin >= -_MARGINS * max(abs(bound), 1.0) else "broken"
    return Line(n, title, quantity, name, of, value, unit, bound, basis, margin, verdict)


def _first_item(id: str, n: int) -> bool:
    """A limit is listed once: under the first item that names it exactly, else the first whose pattern fits."""
    exact = [k for k, item in items().items() if id in item.get("verdicts", [])]
    fits = exact or [k for k, item in items().items() if any(fnmatchcase(id, p) for p in item.get("verdicts", []))]
    return bool(fits) and (exact[-1] if exact else fits[-1]) == n


def _limits(flow: PowerFlow) -> dict[str, dict[str, Any]]:
    """As shipped, with what the case replaces; a limit without a basis of its own is the user's."""
    found = {key: dict(limit) for item in items().values() for key, limit in item.get("limits", {}).items()}
    for key, given in flow.section.limits.items():
        if key not in found:
            raise InputError(f"power.limits: there is no limit '{key}'; there is {', '.join(found)}")
        found[key] = {
            **{k: _number(f"power.limits.{key}", v) for k, v in given.items() if k in ("max", "min")},
            "basis": given.get("basis", "user"),
        }
    return found


def _number(key: str, value: Any) -> float:
    """2 %, 0.02, 5 kW: in SI."""
    if isinstance(value, int | float):
        return float(value)
    for unit in ("1", "W"):
        try:
            return _core.to_si(str(value), unit)
        except InputError:
            continue
    raise InputError(f"{key}: '{value}' is neither a share nor a power")


def peak_and_rms(run: Run) -> tuple[dict[str, float], dict[str, float]]:
    """By element the highest and the RMS loading of a run; within a row the mean stands for the value."""
    columns = [(i, p) for i, p in enumerate(run.raw.recorded.paths) if p.endswith(".loading")]
    time, mean, top = np.asarray(run.raw.time), np.asarray(run.raw.mean), np.asarray(run.raw.maximum)
    if len(time) < 2:
        return {}, {}
    weight = np.diff(time)
    peaks = {p.removesuffix(".loading"): float(np.nanmax(top[:, i])) for i, p in columns}
    rms = {
        p.removesuffix(".loading"): float(np.sqrt(np.sum(mean[1:, i] ** 2 * weight) / weight.sum())) for i, p in columns
    }
    return peaks, rms


def recorded(case: Case) -> list[str]:
    """What a run records for peaks and RMS: every loading, where the case has any."""
    try:
        case.session.find("**.loading")
    except InputError:
        return []
    return ["**.loading"]


def json_rows(solution: Solution, listed: PowerCheck | None) -> list[dict[str, Any]]:
    """Limits of case and models, then the list; the list's rows have an item."""
    from kelvolt.solution import verdict_row

    keys = ("id", "element", "quantity", "value", "unit", "limit", "basis", "margin", "verdict", "reason", "time")
    rows = [{k: row[k] for k in keys} for row in map(verdict_row, solution.raw.verdicts)]
    return rows + [{"id": f"item {x.item}", "time": 0.0, **vars(x)} for x in (listed.lines if listed else [])]


def power_check(
    case: Case, solution: Solution | None = None, *, run: Run | None = None, failures: bool = True
) -> PowerCheck | None:
    """The list for a case, None for one without an electric network. `failures` solves every single failure too.

    solution: where the plan stands, its steady state by default. run: gives peaks and RMS. Raises what `steady` raises.
    """
    solution = solution or case.steady()
    flow = PowerFlow(solution)
    if not flow.grid:
        return None
    table = contingencies(case) if failures else None
    try:
        plans = statements(case)
    except InputError:
        raise
    except Error:
        plans = []
    return PowerCheck(flow, table, plans, run)
