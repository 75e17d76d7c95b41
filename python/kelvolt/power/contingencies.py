"""Contingencies: every component that can fail is lost in turn, then declared combinations; one row for each.

What can fail follows from what models declare: a parameter `in_service` (sources, lines, transformers, converters),
counted units such as the PSUs of a shelf, single conductors of lines and switches on four wires, `running` of a pump,
and the assemblies that hold pumps and an exchanger (CDUs). Each contingency is solved with its own electric islands,
starting from the solution of the plan. A row without a solution states the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.groups import grouped
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import any_element, covers, owner_of
from kelvolt.base.progress import Progress, count_bar
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import Floats, workers_of
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole, whole
from kelvolt.power.contingency_rows import (
    ACCEPTED,
    AS_PLANNED,
    COLUMNS,
    IN_TIME,
    Row,
    Watch,
    accepting,
    lost_text,
    or_else,
    solve,
)
from kelvolt.power.flow import PowerFlow
from kelvolt.power.outages import (
    FAMILIES,
    MOST,
    USUAL,
    Together,
    accepted,
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
    from kelvolt.power.ride_rows import Row as RideRow
    from kelvolt.power.ridethrough import RideThrough

_SOLVED_SINGLY, _SHARE_ALIKE = (
    300,
    0.02,
)  # up to this number every failure is solved; above it, failures whose power differs by less count as alike


# largest differences between rows that `brief` counts as alike: a share of the value, or K for T_die_max
_CLOSE = {"worst_loading": 0.01, "lost_load": 0.01, "v_worst": 0.01, "T_die_max": 1.0}

_SAME = ("contingency", "family", "state", "status", "verdict", "reason", "broken")  # columns, but for their numbers
_NUMBER = r"[\d.]+ ?%|\d[\d.]* s\b"  # shares and times in the text of alike rows may differ

_Answer = tuple[Row, dict[str, Floats]]
HEAD = ["contingency", "family", "state", "status", "reason", "verdict", "judged", "alike", *COLUMNS]
# what is told below a table of failures
STATE = (
    "the steady state after each failure: no generator starts and no UPS is on its battery by itself (in `also`, "
    "in_service and on_battery say that they do); lost load: what "
    "loads without supply draw in the plan, drives of pumps, fans and chillers too"
)


class Contingencies:
    """What `kv.contingencies` returns. `table`: one row per contingency, worst first; SI.

    Columns: contingency, family, state (stores that carry load in it and for how long, those that are empty or not
    used, standby sources that have not started), status, reason, verdict ("held", "broken", "not assessed"; "as
    planned": it breaks nothing but what the plan breaks, too; "accepted": broken, and the case accepts the failure),
    judged ("steady state", "in time"), alike (number of like failures that the row stands for), worst_loading over
    rating and worst_element, lost_load W (power that all loads without supply draw in the plan, drives of pumps and
    fans too), lost_undeclared W (the same without loads that may be lost) and lost (names of the loads), v_worst
    (voltage of the live bus that deviates most from its nominal voltage, over that; over its voltage in the plan where
    nothing at it states one) and v_worst_bus, T_die_max K and T_die_at, broken (limits broken that the plan holds),
    islands (live ones), dead_buses. The row "as planned" is the plan without a failure; `dataset` has it, too.
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
                (BROKEN, NOT_ASSESSED, AS_PLANNED, ACCEPTED, HELD).index(r.verdict),
                r.status == "ok",
                -n.get("lost_load", 0.0),
                -or_else(n.get("worst_loading"), 0.0),
            )

        rows = [self.rows[0], *sorted(self.rows[1:], key=rank)]
        data = [
            [r.name, r.family, r.state, r.status, r.reason, r.verdict, r.judged, r.alike]
            + [r.numbers.get(c, math.nan) for c in COLUMNS]
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
        words = self.table[list(_SAME)].map(lambda x: re.sub(_NUMBER, "", x) if isinstance(x, str) else "")
        names = list(words.itertuples(index=False, name=None))
        numbers = self.table[list(_CLOSE)].to_numpy(dtype=float)
        groups = grouped(range(len(names)), lambda k: names[k], close=lambda a, b: _close(numbers[a], numbers[b]))
        brief = self.table.iloc[[g.worst for g in groups]].copy()  # worst first: the first of a group is kept
        brief["alike"] = [int(self.table.alike.iloc[g.members].sum()) for g in groups]
        return brief

    def summary(self, units: str = "si", longest: int = 40) -> str:
        """The brief table as text, at most `longest` rows; `units` is "si", "si-field" or "us"."""
        brief = self.brief
        more = len(brief) - longest - 1
        text = self.as_table(Units(units), longest).text() + (f"\nand {more} more kinds" if more > 0 else "")
        return f"{text}\n{self.count}"

    def as_table(self, u: Units, longest: int | None = None, *, own_state: bool = True) -> Table:
        """The brief table, of at most `longest` kinds below the base case; the state of each in a column of its own,
        or before the reason."""
        table = self.brief if longest is None else self.brief.head(longest + 1)
        dies = table["T_die_max"].notna().any()
        electric = bool(self.base.grid)
        states = own_state and bool((table.state != "").any())
        head = ["contingency", *(["state"] if states else [])]
        head += ["loading (%)", "at", "lost load", "voltage (%)", "at"] if electric else []
        head += [u.head("hottest die", "K")] if dies else []
        rows = []
        for r in table.itertuples():
            row = [r.contingency + (f" (of {r.alike} alike)" if r.alike > 1 else ""), *([r.state] if states else [])]
            if electric:
                row += [
                    plain(round(100.0 * r.worst_loading, 2), 3),
                    _text(r.worst_element),
                    lost_text(r.lost_load, r.lost_undeclared, u),
                ]
                row += [plain(100.0 * r.v_worst, 4), _text(r.v_worst_bus)]
            row += [u.number(r.T_die_max, "K")] if dies else []
            word = "BROKEN" if r.verdict == BROKEN else r.verdict
            rows.append(
                [*row, word + (f" {IN_TIME}" if r.judged == IN_TIME else ""), _why(r, "" if states else r.state)]
            )
        left = {1 + k for k in range(len(head) + 2)} - {head.index("loading (%)") if electric else 0}
        return Table([*head, "verdict", "why"], rows, left)

    @property
    def count(self) -> str:
        """How many were solved, and how many of them are broken, not assessed or as planned."""
        bad, open_ones = self.whole.broken, self.whole.not_assessed
        count = sum(r.alike for r in self.rows[1:])
        of = f" for {count} failures" if count > len(self.rows) - 1 else ""
        same = sum(r.verdict == AS_PLANNED for r in self.rows[1:])
        taken = sum(r.verdict == ACCEPTED for r in self.rows[1:])
        return (
            f"{len(self.rows) - 1} contingencies{of}, {bad} broken"
            + (f", {open_ones} not assessed" if open_ones else "")
            + (f", {same} as planned: the plan breaks the same limits" if same else "")
            + (f", {taken} accepted by the case" if taken else "")
        )

    @property
    def how_to_accept(self) -> str:
        """How the case says that the plan need not survive a failure, with one that breaks it; "" where none does."""
        broken = [r for r in self.rows[1:] if r.verdict == BROKEN and r.family != "declared" and len(r.outages) == 1]
        if not broken:
            return ""
        broken.sort(key=lambda r: or_else(r.numbers.get("lost_load"), math.inf))
        own = [r for r in broken if r.lost and _loses_itself(r)]
        example = pattern_of([any_element(r.outages[0]) for r in own or broken])
        load = max((r.numbers.get("lost_load", 0.0) for r in own), default=0.0)
        loses = f", which loses no more than its own {Units().text(load, 'W', 3)}" if own else ""
        return (
            f"a failure that the plan need not survive{loses} is accepted in the case, and stays listed: "
            f'power: {{contingencies: {{accept_failures: ["{example}"]}}}}'
        )

    def in_time(self, ride: RideThrough) -> Contingencies:
        """The same with one verdict for each failure that `ride` has run in time, too.

        Where the steady state loses loads only because a battery is not used, the
        run in time decides, which has it. Any other failure is broken where it is broken in either.
        """
        by_name = {r.name: r for r in ride.rows}
        rows = [_in_time(r, by_name.get(r.name), ride.duration) for r in self.rows]
        return Contingencies(rows, self._arrays, self.base)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return self.as_table(Units()).html(self.count)


def _in_time(row: Row, run: RideRow | None, duration: float) -> Row:
    if run is None or run.verdict == NOT_ASSESSED:
        return row
    told = f"{IN_TIME}: {run.verdict}" + (f", {run.reason}" if run.reason else f" for {duration:.4g} s")
    if run.lasts is not None:
        told += f"; {run.lasts.element} lasts {run.lasts.text}"
    only_waits = row.waits and not row.numbers["broken"] and not row.over
    if only_waits or (run.verdict == BROKEN and row.verdict != BROKEN):
        return replace(row, verdict=run.verdict, reason=told, judged=IN_TIME)
    return replace(row, reason="; ".join(x for x in (row.reason, told) if x)) if row.waits else row


def _loses_itself(row: Row) -> bool:
    """Whether all that a failure loses is in the assembly that it is a part of."""
    owner = owner_of(row.outages[0].rpartition(" of ")[2])
    return bool(owner) and all(name.startswith(f"{owner}.") for name in row.lost)


def pattern_of(names: Sequence[str]) -> str:
    """A pattern of the first name and of those that differ from it in one level: `racks.*.shelf` for named racks."""
    first = names[0].split(".")
    for level in range(1, len(first)):
        pattern = ".".join([*first[:level], "*", *first[level + 1 :]])
        if any(name != names[0] and covers(pattern, name) for name in names):
            return pattern
    return names[0]


def _close(a: Floats, b: Floats) -> bool:
    """Whether two rows have the same numbers within `_CLOSE`."""
    within = [x if name == "T_die_max" else x * abs(v) + 1e-9 for (name, x), v in zip(_CLOSE.items(), a, strict=True)]
    return bool(np.all((np.abs(a - b) <= within) | (np.isnan(a) & np.isnan(b))))


def _text(x: Any) -> str:
    return x if isinstance(x, str) else "-"


def _why(r: Any, state: str) -> str:
    parts = [x for x in (state, r.reason) if x]
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
        row, arrays = solve(case, base, item, watch)
        return accepting(row, accepted(said, item[2])), arrays

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
