"""Contingencies: every component that can fail is lost in turn, then declared combinations; one row for each.

What can fail follows from what models declare: a parameter `in_service` (sources, lines, transformers, converters),
counted units such as the PSUs of a shelf, single conductors of lines and switches on four wires, `running` of a pump,
and the assemblies that hold pumps and an exchanger (CDUs). Each contingency is solved with its own electric islands,
starting from the solution of the plan. A row without a solution states the reason.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import covers, without_indices
from kelvolt.base.progress import Progress, count_bar
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import Floats, workers_of
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole, whole
from kelvolt.power.contingency_rows import AS_PLANNED, COLUMNS, Row, Watch, or_else, solve
from kelvolt.power.flow import PowerFlow
from kelvolt.power.outages import (
    FAMILIES,
    MOST,
    USUAL,
    Together,
    alike_once,
    combinations,
    declared,
    named,
    outages,
)
from kelvolt.power.section import section_of

if TYPE_CHECKING:
    import pandas
    import xarray

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution

_SOLVED_SINGLY, _SHARE_ALIKE = (
    300,
    0.02,
)  # up to this number every failure is solved; above it, failures whose power differs by less count as alike


# largest differences between rows that `brief` counts as alike: a share of the value, or K for T_die_max
_CLOSE = {"worst_loading": 0.01, "lost_load": 0.01, "v_worst": 0.01, "T_die_max": 1.0}

_Answer = tuple[Row, dict[str, Floats]]
HEAD = ["contingency", "family", "status", "reason", "verdict", "alike", *COLUMNS]


class Contingencies:
    """What `kv.contingencies` returns. `table`: one row per contingency, worst first; SI.

    Columns: contingency, family, status, reason, verdict ("held", "broken", "not assessed"; "as planned": it breaks
    nothing but what the plan breaks, too), alike (number of like failures that the row stands for), worst_loading over
    rating and worst_element, lost_load W (power that the lost loads draw in the plan), lost_undeclared W (the same
    without loads that may be lost) and lost (names of the loads), v_worst (voltage of the live bus that deviates most
    from its nominal voltage, over that; over its voltage in the plan where nothing at it states one) and v_worst_bus,
    T_die_max K and T_die_at, broken (limits broken that the plan holds), islands (live
    ones), dead_buses. The row "as planned" is the plan without a failure; `dataset` has it, too.
    """

    def __init__(self, rows: list[Row], arrays: dict[str, Any], base: PowerFlow) -> None:
        self.rows, self.base, self._arrays = rows, base, arrays

    @property
    def whole(self) -> Whole:
        """The verdicts of all contingencies in one; the row "as planned" is left out. Failures whose verdict is "as
        planned" count neither as held nor as broken."""
        return whole(r.verdict for r in self.rows[1:])

    @property
    def held(self) -> bool:
        """Whether something could fail, nothing breaks the plan, and the plan itself breaks no limit."""
        return (self.whole + whole([self.rows[0].verdict])).word == HELD

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        def rank(r: Row) -> tuple[Any, ...]:
            n = r.numbers
            return (
                (BROKEN, NOT_ASSESSED, AS_PLANNED, HELD).index(r.verdict),
                r.status == "ok",
                -n.get("lost_load", 0.0),
                -or_else(n.get("worst_loading"), 0.0),
            )

        rows = [self.rows[0], *sorted(self.rows[1:], key=rank)]
        data = [
            [r.name, r.family, r.status, r.reason, r.verdict, r.alike, *(r.numbers.get(c, math.nan) for c in COLUMNS)]
            for r in rows
        ]
        return pandas.DataFrame(data, columns=HEAD)

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """Arrays by contingency: loading of elements (over rating), voltage of buses [V] and of loads (over that in the
        plan), T_die of dies [K]."""
        import xarray

        names = [r.name for r in self.rows]
        variables = {
            k: (("contingency", dim), np.array(v), {"units": unit}) for k, (dim, _, unit, v) in self._arrays.items()
        }
        coords = {dim: labels for dim, labels, _, _ in self._arrays.values()}
        made = xarray.Dataset(variables, coords={"contingency": names, **coords})
        made.attrs["kelvolt"] = _core.__version__
        made["status"] = (("contingency",), [r.status for r in self.rows])
        made["reason"] = (("contingency",), [r.reason for r in self.rows])
        return made

    @cached_property
    def brief(self) -> pandas.DataFrame:
        """`table` with those rows combined to the worst whose names differ in indices only and whose numbers agree."""
        table = self.table.copy()
        same = ["contingency", "family", "status", "verdict", "reason", "broken"]
        words = table[same].map(lambda x: re.sub(r"[\d.]+ ?%", "", without_indices(x)) if isinstance(x, str) else "")
        groups: dict[tuple[str, ...], list[list[int]]] = defaultdict(list)
        numbers = table[list(_CLOSE)].to_numpy(dtype=float)
        for k, key in enumerate(words.itertuples(index=False, name=None)):  # worst first: the first of a group is kept
            group = next((g for g in groups[key] if _close(numbers[g[0]], numbers[k])), None)
            if group is None:
                groups[key].append([k])
            else:
                group.append(k)
        first = {g[0]: int(table.alike.iloc[g].sum()) for of_key in groups.values() for g in of_key}
        brief = table.iloc[sorted(first)].copy()
        brief["alike"] = [first[k] for k in sorted(first)]
        return brief

    def summary(self, units: str = "si", longest: int = 40) -> str:
        """The brief table as text, at most `longest` rows; `units` is "si", "si-field" or "us"."""
        brief = self.brief
        more = len(brief) - longest - 1
        text = self.as_table(Units(units), longest).text() + (f"\nand {more} more kinds" if more > 0 else "")
        return f"{text}\n{self.count}"

    def as_table(self, u: Units, longest: int | None = None) -> Table:
        """The brief table, of at most `longest` kinds below the base case."""
        table = self.brief if longest is None else self.brief.head(longest + 1)
        dies = table["T_die_max"].notna().any()
        electric = bool(self.base.grid)
        head = ["contingency", *(["loading (%)", "at", "lost load", "voltage (%)", "at"] if electric else [])]
        head += [u.head("hottest die", "K")] if dies else []
        rows = []
        for r in table.itertuples():
            row = [r.contingency + (f" (of {r.alike} alike)" if r.alike > 1 else "")]
            if electric:
                row += [
                    plain(round(100.0 * r.worst_loading, 2), 3),
                    _text(r.worst_element),
                    u.text(r.lost_load, "W", 3),
                ]
                row += [plain(100.0 * r.v_worst, 4), _text(r.v_worst_bus)]
            row += [u.number(r.T_die_max, "K")] if dies else []
            rows.append([*row, "BROKEN" if r.verdict == BROKEN else r.verdict, _why(r)])
        left = {1 + k for k in range(len(head) + 2)} - {1, 4}
        return Table([*head, "verdict", "why"], rows, left)

    @property
    def count(self) -> str:
        """How many were solved, and how many of them are broken, not assessed or as planned."""
        bad, open_ones = self.whole.broken, self.whole.not_assessed
        count = sum(r.alike for r in self.rows[1:])
        of = f" for {count} failures" if count > len(self.rows) - 1 else ""
        same = sum(r.verdict == AS_PLANNED for r in self.rows[1:])
        return (
            f"{len(self.rows) - 1} contingencies{of}, {bad} broken"
            + (f", {open_ones} not assessed" if open_ones else "")
            + (f", {same} as planned: the plan breaks the same limits" if same else "")
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.as_table(Units()).html(self.count)


def _close(a: Floats, b: Floats) -> bool:
    """Whether two rows have the same numbers within `_CLOSE`."""
    within = [x if name == "T_die_max" else x * abs(v) + 1e-9 for (name, x), v in zip(_CLOSE.items(), a, strict=True)]
    return bool(np.all((np.abs(a - b) <= within) | (np.isnan(a) & np.isnan(b))))


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
    families: Sequence[str] = USUAL,
    accept_lost: Sequence[str] = (),
    alike: float | None = None,
    threads: int | None = None,
    plan: Solution | None = None,
    progress: Progress = None,
) -> Contingencies:
    """Loses every component in turn (n = 1), or every combination of up to `n`, and what `also` declares.

    also: lists of patterns lost together ([["ups_a", "cdu.pump[1]"]]), or names with such a list or with values to set
    ({"tie closed": {"tie.closed": 1, "utility_a.in_service": 0}}); added to what the case declares under
    `power: contingencies:`. n = 0 solves only these. families: the kinds of components to lose, out of `FAMILIES`.
    accept_lost: patterns of loads that may be lost. alike: of failures whose names differ in indices only and whose
    power differs by at most this share, the largest is solved, and its row says for how many it stands. 0 solves each;
    None: 0 up to 300 failures, 2 % above. plan: the steady state of the case, if known. progress: as in `sweep`. A row
    is broken without a solution, by an element beyond its rating, a lost load or a limit, unless the plan breaks the
    limit by as much (to 1 % of it), which is named. Limits of redundancy do not count. Raises InputError, as `steady`.
    """
    require_case("contingencies", case)
    said = section_of(case)
    base = plan or case.steady()
    flow = PowerFlow(base)
    single = outages(case, base, said)
    wrong = set(families) - set(FAMILIES)
    if wrong:
        raise InputError(f"contingencies: there is no family '{min(wrong)}'; there is {', '.join(FAMILIES)}")
    chosen = [o for o in single if o.family in families]
    within = alike if alike is not None else _SHARE_ALIKE if len(chosen) > _SOLVED_SINGLY else 0.0
    if n == 1 and within > 0.0:
        chosen = alike_once(chosen, within)
    sets = combinations(chosen, n)
    sets += declared(case, single, said.also) + declared(case, single, named(also))
    if len(sets) > MOST:
        raise InputError(
            f"contingencies: {len(sets)} are asked for, at most {MOST}; take a smaller n or fewer families"
        )
    _refuse_unknown(accept_lost, base)
    watch = Watch(flow, (*said.accept_lost, *accept_lost))
    work: list[Together] = [("as planned", "", ()), *sets]

    def one(item: Together) -> _Answer:
        return solve(case, base, item, watch)

    with (
        ThreadPoolExecutor(workers_of(threads, "contingencies")) as pool,
        count_bar(progress, len(sets), "contingency") as show,
    ):
        answers = _all_of(pool, one, work, show)
    arrays = {
        name: (dim, labels, unit, [a[name] for _, a in answers]) for name, (dim, labels, unit) in watch.layout.items()
    }
    return Contingencies([r for r, _ in answers], arrays, flow)


def _all_of(
    pool: ThreadPoolExecutor, one: Callable[[Together], _Answer], work: list[Together], show: Callable[[int, int], None]
) -> list[_Answer]:
    """The answers in the order of the work; an error or Ctrl-C, also within `show`, ends what has not begun yet."""
    answers = []
    try:
        for k, answer in enumerate(pool.map(one, work)):
            answers.append(answer)
            show(k, len(work) - 1)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return answers


def _refuse_unknown(accept_lost: Sequence[str], base: Solution) -> None:
    """Raises InputError for patterns that name no component; those of the case are checked when it is read."""
    for pattern in accept_lost:
        if not any(covers(pattern, path) for path in base.plant.topology.paths):
            raise InputError(f"contingencies: accept_lost: '{pattern}' names no component")
