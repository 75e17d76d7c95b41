"""Ride-through: every loss in time, each at its own run, and the time from the loss until something gives way.

A run follows stores, transfer switches, generators, drives, coolant and chips together. From every limit it takes the
time at which it first broke; the limits that say that a chip throttles, switches itself off, that a store is empty or
that a load has no supply have a column each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import any_covers, any_element, covers
from kelvolt.base.progress import Progress, count_bar
from kelvolt.base.tables import Table, Units
from kelvolt.base.values import si, workers_of
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole, whole
from kelvolt.power.autonomy import carried, recorded
from kelvolt.power.contingency_rows import ACCEPTED, of_redundancy
from kelvolt.power.flow import PowerFlow
from kelvolt.power.lines import in_time
from kelvolt.power.outages import (
    FAMILIES,
    MOST,
    Together,
    accepted,
    alike_once,
    combinations,
    declared,
    named,
    outages,
    uncalled,
)
from kelvolt.power.ride_before import Before, Since, breaks_anyway, broken_since, first_event, stages_of
from kelvolt.power.ride_rows import (
    COLUMNS,
    FED,
    NEEDED,
    NOT_MODELLED,
    STAGES,
    WORDS,
    Break,
    Row,
    first_time,
    row_cells,
    seconds_text,
    shown_cells,
    shown_head,
    stage_time,
)
from kelvolt.power.section import section_of

if TYPE_CHECKING:
    import pandas

    from kelvolt import _core
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

_MEANING = (
    "store lasts: the time for which the store with the least to spare carries its load, required: its autonomy_min; "
    "lost load: what loads draw in the plan that have no supply at some time, drives of pumps and fans too"
)


class RideThrough:
    """What `kv.ridethrough` returns. `table`: one row per loss, worst first; SI, times in s after the loss.

    Columns: loss, family, status, reason, verdict ("held", "broken", "not assessed"; "accepted": broken, and the case
    accepts the failure), alike (number of like losses that the row stands for), for each of throttle, shutdown, empty
    and lost the time and the element (NaN and "": it did not happen within `duration`), store, available and required
    (of the stores that carried load that with the least to spare, the time s for which it carries it, and the time
    that its `autonomy_min` asks for), lost_load W (power that all loads draw in the plan which have no supply at some
    time of the run, drives of pumps and fans too), lost_undeclared W (the same without loads that may be lost),
    first_time, first_limit and first_element of the limit that broke first, broken (number of limits). Limits that the
    plan breaks without a loss, too, do not count from the time on at which it does; `before` names them, `by_events`
    those of them that it breaks only after an event of its own. `missing`: for each of throttle, shutdown, empty and
    lost that no limit of the case tells, why.
    """

    def __init__(self, base: Solution, case: Case, rows: list[Row], duration: float, at: float, before: Before) -> None:
        self.rows, self.duration, self.at = rows, duration, at
        self.before, self.by_events = before.names, before.by_events
        self._base, self._case = base, case
        known = before.modelled.union(*(r.modelled for r in rows))
        self.missing = {stage: _why_missing(base, stage, ids) for stage, ids in STAGES.items() if stage not in known}

    @property
    def whole(self) -> Whole:
        """The verdicts of all losses in one."""
        return whole(r.verdict for r in self.rows)

    @property
    def held(self) -> bool:
        return self.whole.word == HELD

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        last = (HELD, ACCEPTED)

        def rank(r: Row) -> tuple[bool, bool, float, float]:
            return r.verdict in last, r.status == "ok", stage_time(r, "lost"), first_time(r)

        rows = sorted(self.rows, key=rank)
        return pandas.DataFrame([row_cells(r) for r in rows], columns=COLUMNS)

    def run(self, loss: str, **options: Any) -> Run:
        """The run of one loss again, recorded: its name in `table`, options as of `Case.simulate`.."""
        found = next((r for r in self.rows if r.name == loss), None)
        if found is None:
            raise InputError(
                f"ridethrough: there is no loss '{loss}'; there is {', '.join(r.name for r in self.rows[:8])}"
            )
        events = [(self.at, dict(found.values)), *options.pop("events", [])]
        return self._case.simulate(self.at + self.duration, events=events, **options)

    def watched(self) -> dict[str, list[str]]:
        """Paths of what a picture of a loss shows: power, energy (charges), die (temperatures) and flow."""
        plant = self._base.plant
        found: dict[str, list[str]] = {"power": [], "energy": [], "die": [], "flow": []}
        for path, kind in zip(plant.topology.paths, plant.topology.types, strict=True):
            model = plant.models[kind]
            outputs = {o.name for o in model.outputs}
            if model.electric_role == "source" and "P" in outputs:
                found["power"].append(f"{path}.P")
            elif "P_battery" in outputs or model.role == "store":
                found["power"].append(
                    f"{path}.{'P_battery' if 'P_battery' in outputs else 'P_out' if 'P_out' in outputs else 'P'}"
                )
            found["energy"] += [f"{path}.{u.name}" for u in model.unknowns if u.store and u.name == "charge"]
            found["die"] += [f"{path}.T_die"] if "T_die" in outputs else []
        found["flow"] = [f"{p.path}.V_flow" for p in plant.pumps]
        return found

    def summary(self, units: str = "si", longest: int = 40) -> str:
        """The table as text, at most `longest` rows; `units` is "si", "si-field" or "us"."""
        more = f"\nand {len(self.rows) - longest} more" if len(self.rows) > longest else ""
        return f"{self.as_table(Units(units), longest).text()}{more}\n{self.notes}"

    @property
    def notes(self) -> str:
        """What was broken before the loss, and the count of verdicts."""
        own = [name for name in self.before if name not in self.by_events]
        known = f"broken without a loss, too, not counted from then on: {_few(own)}\n" if own else ""
        if self.by_events:
            known += "broken by the events of the case itself, not by a loss; not counted from then on: "
            known += f"{_few(self.by_events)}\n"
        for path in uncalled(self._base):
            known += f"{path} runs at all times: nothing is connected to its `call`, so start_delay has no effect\n"
        count = self.whole
        taken = sum(r.verdict == ACCEPTED for r in self.rows)
        return (
            f"{known}{len(self.rows)} loss{'es' if len(self.rows) > 1 else ''}, followed for {self.duration:.4g} s: "
            f"{count.broken} broken"
            + (f", {count.not_assessed} not assessed" if count.not_assessed else "")
            + (f", {taken} accepted by the case" if taken else "")
            + f"; -: not within this time{self._not_modelled}\n{_MEANING}"
        )

    @property
    def _not_modelled(self) -> str:
        told = ", ".join(f"{stage} ({why})" for stage, why in self.missing.items())
        return f"; {NOT_MODELLED}: {told}" if told else ""

    def as_table(self, u: Units, longest: int = 40) -> Table:
        """The losses as a printed table, worst first, at most `longest`."""
        rows = [shown_cells(r, self.duration, u, self.missing) for r in self.table.head(longest).itertuples()]
        return Table(shown_head(), rows, {0, 5, 7, 8, 10})

    def __repr__(self) -> str:
        return self.summary()


def _why_missing(base: Solution, stage: str, ids: Sequence[str]) -> str:
    """Why no limit of a stage was assessed: the figures that models were not given, or what the case has none of."""
    of = zip(base.raw.verdicts, base.reasons, strict=True)
    reasons = dict.fromkeys(reason for v, reason in of if v.id in ids and v.verdict == NOT_ASSESSED)
    return _few(list(reasons)) or NEEDED[stage]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


# ---- the study ----


def ridethrough(
    case: Case,
    lose: str | Iterable[str] | None = None,
    *,
    duration: str | float = "10 min",
    at: str | float = "10 s",
    pairs: bool = False,
    also: Sequence[Sequence[str]] | Mapping[str, Any] = (),
    families: Sequence[str] = ("source", "feeder", "transformer", "converter", "unit", "pump", "cdu"),
    alike: float = 0.02,
    tolerance: float | None = None,
    threads: int | None = None,
    progress: Progress = None,
) -> RideThrough:
    """Loses every component in turn, and what the case declares under `power: contingencies: also`, each in a run.

    lose: names or patterns of losses; without it all of them. duration: of each run after the loss [s or text]; at:
    time of the loss, before which the case runs as it is. pairs: every two of the losses together. also: further
    losses, as in `contingencies`; values such as {"no start": {"utility.in_service": 0, "generator.start_fails": 1}},
    too. families and alike: as in `contingencies`; alike = 0 runs each of equal ones. tolerance: of the integrator.
    A row is broken when a limit breaks after the loss that held before, or when the run has no answer; limits of
    redundancy, which the loss uses up, do not count. progress: as in `sweep`. Raises InputError, and what `simulate`
    raises for the case without a loss.
    """
    require_case("ridethrough", case)
    span, begin = si(duration, "s", "ridethrough: duration"), si(at, "s", "ridethrough: at")
    if not (0.0 < span < math.inf and 0.0 <= begin < math.inf):
        raise InputError(f"ridethrough: duration {span:g} s must lie above 0, at {begin:g} s not below 0, both finite")
    workers = workers_of(threads, "ridethrough")
    wrong = set(families) - set(FAMILIES)
    if wrong:
        raise InputError(f"ridethrough: there is no family '{min(wrong)}'; there is {', '.join(FAMILIES)}")
    base = case.steady()
    sets = _losses(case, base, lose, pairs, also, families, alike)
    flow = PowerFlow(base)
    study = _Study(case, flow, span, begin, tolerance)
    before = study.before()
    with (
        ThreadPoolExecutor(workers) as pool,
        count_bar(progress, len(sets), "loss") as show,
    ):
        rows = []
        for k, row in enumerate(pool.map(study.row, sets)):
            rows.append(row)
            show(k + 1, len(sets))
    return RideThrough(base, case, rows, span, begin, before)


def _losses(
    case: Case,
    base: Solution,
    lose: str | Iterable[str] | None,
    pairs: bool,
    also: Sequence[Sequence[str]] | Mapping[str, Any],
    families: Sequence[str],
    alike: float,
) -> list[Together]:
    said = section_of(case)
    single = outages(case, base, said)
    extra = declared(case, single, said.also) + declared(case, single, named(also))
    chosen = [o for o in single if o.family in families]
    if lose is None:
        sets = combinations(alike_once(chosen, alike) if alike > 0.0 else chosen, 2 if pairs else 1) + extra
    else:
        wanted = [lose] if isinstance(lose, str) else list(lose)
        as_named = [s for s in extra if s[0] in wanted]
        units = [o for o in single if o.name in wanted]
        patterns = [p for p in wanted if p not in {s[0] for s in as_named} | {o.name for o in units}]
        picked = [o for o in single if o in units or any(covers(p, o.name) for p in patterns)]
        sets = (combinations(picked, 2 if pairs else 1) if picked else []) + as_named
        if not sets:
            names = list(dict.fromkeys([s[0] for s in extra] + [any_element(o.name) for o in single]))
            raise InputError(f"ridethrough: {', '.join(wanted)} names nothing that can be lost; there is {_few(names)}")
    if len(sets) > MOST:
        raise InputError(f"ridethrough: {len(sets)} losses are asked for, at most {MOST}")
    return sets


class _Study:
    """The runs of one study, all of the same case."""

    def __init__(
        self,
        case: Case,
        flow: PowerFlow,
        span: float,
        at: float,
        tolerance: float | None,
    ) -> None:
        self._case, self._span, self._at, self._tolerance = case, span, at, tolerance
        self._said, self._plant = flow.section, flow.solution.plant
        self._recorded = recorded(self._plant)
        self._power = {e.path: e.power for e in flow.grid.of_role("load") if e.power > 0.0}
        self._known: Since = {}

    def before(self) -> Before:
        """Limits that break without a loss, at any time of the run: they do not count from then on after one."""
        run = self._simulate({}, self._at + self._span)
        broken = [v for v in run.raw.end.verdicts if v.verdict == BROKEN and not v.is_balance]
        self._known = broken_since(run)
        first = first_event(self._case, self._at + self._span)

        def names(of: Iterable[_core.Verdict]) -> list[str]:
            return list(dict.fromkeys(f"{v.id} of {any_element(v.element)}" for v in of))

        every, sooner = names(broken), names(v for v in broken if not v.since >= first)
        return Before(every, [name for name in every if name not in sooner], stages_of(run))

    def row(self, item: Together) -> Row:
        name, family, several = item
        row = Row(name, family, several[0].alike if several else 1)
        row.values = {path: value for o in several for path, value in o.values.items()}
        try:
            run = self._simulate(row.values, self._at + self._span)
        except Error as error:
            row.status, row.verdict = type(error).__name__, BROKEN
            row.reason = str(error).splitlines()[0].rstrip(":")
        else:
            self._read(run, row)
        if row.verdict == BROKEN and accepted(self._said, several):
            row.verdict = ACCEPTED
        return row

    def _read(self, run: Run, row: Row) -> None:
        self._read_limits(run, row)
        row.lasts = next(iter(carried(run, self._plant, self._at)), None)
        if run.status != "complete":  # what broke until then is told, too
            row.status, row.verdict = "failed", BROKEN
            row.reason = "; ".join(x for x in (row.reason, run.status.removeprefix("failed: ").splitlines()[0]) if x)

    def _simulate(self, values: Mapping[str, float], until: float) -> Run:
        events = [(self._at, values)] if values else []
        every = max(self._span / 200.0, 1e-3)
        return self._case.simulate(
            until,
            every=every,
            events=events,
            tolerance=self._tolerance,
            record=self._recorded,
            partial=True,
            progress=False,
        )

    def _read_lost(self, run: Run, row: Row) -> None:
        """Loads that lose their supply after the loss; a limit of those that may be lost is told, but not judged."""
        lost = [v.element for v in run.raw.end.verdicts if v.id == FED and v.since >= self._at]
        undeclared = [path for path in lost if not any_covers(self._said.accept_lost, path)]
        row.lost_load, row.lost_undeclared = (sum(self._power.get(p, 0.0) for p in of) for of in (lost, undeclared))

    def _read_limits(self, run: Run, row: Row) -> None:
        self._read_lost(run, row)
        assessed, watched = 0, in_time()
        row.modelled = stages_of(run)
        for v in run.raw.end.verdicts:
            if v.verdict == NOT_ASSESSED or v.is_balance:
                continue
            assessed += 1
            if v.id in watched:
                row.judged.append(Break(v.since - self._at, v.id, v.element, v.unit, v.value, v.limit))
            if (
                v.verdict != BROKEN
                or math.isnan(v.since)
                or breaks_anyway(v, self._known, self._at)
                or (of_redundancy(v) and not v.from_case)
            ):
                continue
            row.breaks.append(Break(v.since - self._at, v.id, v.element, v.unit, v.value, v.limit))
        row.breaks.sort(key=lambda b: b.after)
        for b in row.breaks:
            for stage, ids in STAGES.items():
                if b.id in ids:
                    row.stages.setdefault(stage, b)
        row.events = [(e.time - self._at, e.component, e.text) for e in run.raw.events if e.time >= self._at]
        row.verdict = BROKEN if row.breaks else HELD if assessed else NOT_ASSESSED
        if row.breaks:
            first = row.breaks[0]
            row.reason = f"{first.id} of {first.element} after {seconds_text(first.after)} s"
            said = next((stage for stage, b in row.stages.items() if b is first), None)
            if said:
                row.reason = f"{first.element} {WORDS[said]} after {seconds_text(first.after)} s"
