"""Contingencies: every component that can fail, lost in turn; declared losses of several; one row each.

What can fail is found from what models declare: a parameter `in_service` (sources, lines, transformers, converters),
counted units such as the PSUs of a shelf, `running` of a pump, and the assemblies that hold pumps and an exchanger
(CDUs). The solver finds islands anew, takes the plan's own solution as start, and a row that has no solution says why.
"""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.errors import Error, InputError
from kelvolt.outages import FAMILIES, MOST, Outage, Together, combinations, declared, named, outages
from kelvolt.power_flow import PowerFlow
from kelvolt.power_section import any_matches, section_of
from kelvolt.tables import Table, Units, plain
from kelvolt.values import Floats

if TYPE_CHECKING:
    import pandas
    import xarray

    from kelvolt.case import Case
    from kelvolt.solution import Solution

_ALIVE = 0.1  # of the base voltage: below, a load is lost
_SAME = 1e-6


@dataclass
class Row:
    name: str
    family: str
    outages: tuple[str, ...]
    status: str = "ok"
    reason: str = ""
    verdict: str = "held"
    numbers: dict[str, Any] = field(default_factory=dict)


COLUMNS = (
    "worst_loading",
    "worst_element",
    "lost_load",
    "lost_undeclared",
    "lost",
    "v_low",
    "v_low_bus",
    "T_die_max",
    "T_die_at",
    "broken",
    "dead_buses",
)


class Contingencies:
    """What `kv.contingencies` returns. `table`: one row per contingency, worst first; SI.

    Columns: contingency, family, status, reason, verdict ("held", "broken"), worst_loading over rating and
    worst_element, lost_load W (what the plan draws where it is lost), lost_undeclared W (without what may be lost) and
    lost (its loads), v_low (least voltage over the plan's, of live buses) and v_low_bus, T_die_max K and T_die_at, broken (limits broken that the plan holds),
    dead_buses. The first row of `dataset` and the row "as planned" is the plan without a failure.
    """

    def __init__(self, rows: list[Row], arrays: dict[str, Any], base: PowerFlow, solved: dict[str, Any]) -> None:
        self.rows, self.base = rows, base
        self._arrays, self.solved = arrays, solved

    @property
    def held(self) -> bool:
        return all(r.verdict == "held" for r in self.rows[1:])

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        def rank(r: Row) -> tuple[Any, ...]:
            n = r.numbers
            return (r.verdict == "held", r.status == "ok", -n.get("lost_load", 0.0), -_or(n.get("worst_loading"), 0.0))

        rows = [self.rows[0], *sorted(self.rows[1:], key=rank)]
        data = [
            [r.name, r.family, r.status, r.reason, r.verdict, *(r.numbers.get(c, math.nan) for c in COLUMNS)]
            for r in rows
        ]
        return pandas.DataFrame(data, columns=["contingency", "family", "status", "reason", "verdict", *COLUMNS])

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """loading [contingency, element], voltage [contingency, bus] V, power [contingency, load] W, T_die K …"""
        import xarray

        names = [r.name for r in self.rows]
        variables = {
            k: (("contingency", dim), np.array(v), {"units": unit}) for k, (dim, _, unit, v) in self._arrays.items()
        }
        coords = {dim: labels for dim, labels, _, _ in self._arrays.values()}
        made = xarray.Dataset(variables, coords={"contingency": names, **coords})
        made["status"] = (("contingency",), [r.status for r in self.rows])
        made["reason"] = (("contingency",), [r.reason for r in self.rows])
        return made

    def summary(self, units: str = "si", longest: int = 40) -> str:
        u = Units(units)
        table = self.table.head(longest + 1)
        dies = table["T_die_max"].notna().any()
        electric = bool(self.base.grid)
        head = ["contingency", *(["loading (%)", "at", "lost load", "voltage (%)", "at"] if electric else [])]
        head += [u.head("hottest die", "K")] if dies else []
        rows = []
        for r in table.itertuples():
            row = [r.contingency]
            if electric:
                row += [plain(100.0 * r.worst_loading, 3), _text(r.worst_element), u.text(r.lost_load, "W", 3)]
                row += [plain(100.0 * r.v_low, 4), _text(r.v_low_bus)]
            row += [u.number(r.T_die_max, "K")] if dies else []
            rows.append([*row, r.verdict if r.verdict == "held" else "BROKEN", _why(r)])
        left = {1 + k for k in range(len(head) + 2)} - {1, 4}
        text = Table([*head, "verdict", "why"], rows, left).text()
        bad = sum(r.verdict != "held" for r in self.rows[1:])
        more = f"\nand {len(self.rows) - 1 - longest} more" if len(self.rows) - 1 > longest else ""
        return f"{text}{more}\n{len(self.rows) - 1} contingencies, {bad} broken"

    def __repr__(self) -> str:
        return self.summary()


def _or(x: Any, otherwise: float) -> float:
    return otherwise if x is None or math.isnan(x) else float(x)


def _text(x: Any) -> str:
    return x if isinstance(x, str) else "-"


def _why(r: Any) -> str:
    parts = [r.reason] if r.reason else []
    parts += [f"lost: {r.lost}"] if isinstance(r.lost, str) and r.lost else []
    parts += [f"broken: {r.broken}"] if isinstance(r.broken, str) and r.broken else []
    text = "; ".join(parts)
    return text if len(text) <= 90 else text[:89] + "…"


# ---- the study ----


def contingencies(
    case: Case,
    n: int = 1,
    also: Sequence[Sequence[str]] | Mapping[str, Any] = (),
    *,
    families: Sequence[str] = ("source", "feeder", "transformer", "converter", "unit", "pump", "cdu"),
    accept_lost: Sequence[str] = (),
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Contingencies:
    """Loses every component in turn (n = 1), or every combination of up to `n`, and what `also` declares.

    also: lists of patterns lost together ([["ups_a", "cdu.pump[1]"]]), or names with such a list or with values
    ({"tie closed": {"tie.closed": 1, "utility_a.in_service": 0}}); beside what the case declares under
    `power: contingencies:`. n = 0: only those. families: of what is lost in turn, out of `FAMILIES`. accept_lost:
    patterns of loads that may be lost. A row is broken when it has no solution, when an element is loaded beyond its
    rating, a load is lost, or a limit breaks that the plan without failure holds; limits of redundancy do not count, as
    it is used up. Raises InputError, and what `steady` raises for the plan itself.
    """
    said = section_of(case)
    base = case.steady()
    flow = PowerFlow(base)
    single = outages(case, base, said)
    wrong = set(families) - set(FAMILIES)
    if wrong:
        raise InputError(f"contingencies: there is no family '{min(wrong)}'; there is {', '.join(FAMILIES)}")
    chosen = [o for o in single if o.family in families]
    sets = combinations(chosen, n)
    sets += declared(case, single, said.also) + declared(case, single, named(also))
    if len(sets) > MOST:
        raise InputError(
            f"contingencies: {len(sets)} are asked for, at most {MOST}; take a smaller n or fewer families"
        )
    watch = _Watch(flow, (*said.accept_lost, *accept_lost))
    work = [("as planned", "", ()), *sets]
    solved: dict[str, Any] = {}

    def one(item: tuple[str, str, Sequence[Outage]]) -> tuple[Row, dict[str, Floats]]:
        return _solve(case, base, item, watch)

    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        answers = []
        for k, answer in enumerate(pool.map(one, work)):
            answers.append(answer)
            if progress is not None:
                progress(k, len(sets))
    arrays = {
        name: (dim, labels, unit, [a[name] for _, a in answers]) for name, (dim, labels, unit) in watch.layout.items()
    }
    return Contingencies([r for r, _ in answers], arrays, flow, solved)


def _solve(case: Case, base: Solution, item: Together, watch: _Watch) -> tuple[Row, dict[str, Floats]]:
    name, family, several = item
    row = Row(name, family, tuple(o.name for o in several))
    changed = case.copy()
    try:
        for o in several:
            for path, value in o.values.items():
                changed[path] = value
        solution = changed.steady(guess=base) if several else base
    except Error as error:
        row.status, row.reason = _status(error), str(error).splitlines()[0]
        row.verdict = "broken"
        return row, watch.nothing()
    return row, watch.read(solution, row)


def _status(error: Error) -> str:
    """no_power_flow of NoPowerFlow, as sweeps name it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


class _Watch:
    """Reads from a solution what a row shows, without making a table of everything."""

    def __init__(self, flow: PowerFlow, accept: Sequence[str]) -> None:
        self.flow = flow
        self._accept = accept
        g, plant = flow.grid, flow.solution.plant
        self._rated = [e for e in g.elements if not math.isnan(e.loading)]
        self._loading_at = [[o.name for o in plant.models[e.type].outputs].index("loading") for e in self._rated]
        self._loads = [e for e in g.of_role("load") if e.power > 0.0]
        self._buses = [b for b in g.buses.values()]
        self._first = [int(plant.node_first[b.number]) for b in self._buses]
        self._base_v = np.array([b.line for b in self._buses])
        self._dies = plant.having_output("T_die")
        self._die_at = [
            [o.name for o in plant.models[plant.topology.types[c]].outputs].index("T_die") for c in self._dies
        ]
        held = {(v.id, v.element) for v in flow.solution.raw.verdicts if v.verdict == "held"}
        self._held = {x for x in held if "redundancy" not in x[0]}
        self.layout: dict[str, tuple[str, list[str], str]] = {
            "loading": ("element", [e.path for e in self._rated], "1"),
            "voltage": ("bus", [b.name for b in self._buses], "V"),
            "load_voltage": ("load", [e.path for e in self._loads], "1"),
            "T_die": ("die", [plant.topology.paths[c] for c in self._dies], "K"),
        }

    def nothing(self) -> dict[str, Floats]:
        return {name: np.full(len(labels), np.nan) for name, (_, labels, _) in self.layout.items()}

    def read(self, solution: Solution, row: Row) -> dict[str, Floats]:
        y = solution.y
        volts = np.array([self._line(b.kind, y, k) for b, k in zip(self._buses, self._first, strict=True)])
        outputs = solution.raw.outputs
        loading = np.array([outputs(e.index)[k] for e, k in zip(self._rated, self._loading_at, strict=True)])
        dies = np.array([outputs(c)[k] for c, k in zip(self._dies, self._die_at, strict=True)])
        at = {b.number: k for k, b in enumerate(self._buses)}
        share = np.divide(volts, self._base_v, out=np.ones_like(volts), where=self._base_v > 1e-3)
        load_share = np.array([share[at[e.ends[0].bus]] for e in self._loads])
        row.numbers = self._numbers(row, volts, share, loading, load_share, dies)
        row.numbers["broken"] = ", ".join(self._broken(solution))
        over = _or(row.numbers["worst_loading"], 0.0) > 1.0 + _SAME
        row.verdict = "broken" if over or row.numbers["lost_undeclared"] or row.numbers["broken"] else "held"
        if over:
            at_most = f"{row.numbers['worst_element']} at {100.0 * row.numbers['worst_loading']:.0f} %"
            row.reason = f"overload: {at_most}"
        return {"loading": loading, "voltage": volts, "load_voltage": load_share, "T_die": dies}

    def _numbers(
        self, row: Row, volts: Floats, share: Floats, loading: Floats, load_share: Floats, dies: Floats
    ) -> dict[str, Any]:
        lost = [e for e, s in zip(self._loads, load_share, strict=True) if s < _ALIVE]
        live = np.where((volts > 1e-3) & (self._base_v > 1e-3), share, np.inf)
        dead = int(((volts <= 1e-3) & (self._base_v > 1e-3)).sum())
        numbers: dict[str, Any] = dict.fromkeys(COLUMNS, math.nan)
        undeclared = [e for e in lost if not any_matches(self._accept, e.path)]
        numbers |= {"lost_load": float(sum(e.power for e in lost)), "lost": _grouped([e.path for e in lost])}
        numbers["lost_undeclared"] = float(sum(e.power for e in undeclared))
        numbers["dead_buses"] = dead
        if len(loading) and not np.isnan(loading).all():
            worst = int(np.nanargmax(loading))
            numbers |= {"worst_loading": float(loading[worst]), "worst_element": self._rated[worst].path}
        if len(live) and np.isfinite(live).any():
            low = int(np.argmin(live))
            numbers |= {"v_low": float(live[low]), "v_low_bus": self._buses[low].name}
        if len(dies):
            hot = int(np.argmax(dies))
            numbers |= {"T_die_max": float(dies[hot]), "T_die_at": self.layout["T_die"][1][hot]}
        return numbers

    def _line(self, kind: str, y: Floats, k: int) -> float:
        """As Bus.line, straight from the unknowns."""
        if kind == "dc":
            return abs(float(y[k]))
        if kind == "ac3":
            v = y[k : k + 6 : 2] + 1j * y[k + 1 : k + 6 : 2]
            return float(np.abs(v - np.roll(v, -1)).min())
        return float(np.hypot(y[k], y[k + 1])) * (math.sqrt(3.0) if kind == "ac" else 1.0)

    def _broken(self, solution: Solution) -> list[str]:
        found = [v for v in solution.raw.verdicts if v.verdict == "broken" and (v.id, v.element) in self._held]
        return list(dict.fromkeys(f"{v.id} of {_grouped([v.element])}" for v in found))[:4]


def _grouped(paths: list[str]) -> str:
    """rack[3].tray[1..4] for what is alike, at most four."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for p in paths:
        kinds[re.sub(r"\[\d+\]", "[*]", p)].append(p)
    said = [g[0] if len(g) == 1 else f"{name} ({len(g)})" for name, g in kinds.items()]
    return ", ".join(said[:4]) + (f" and {len(said) - 4} more" if len(said) > 4 else "")
