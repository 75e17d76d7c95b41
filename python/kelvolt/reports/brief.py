"""The answer on one screen: what was asked, the verdict, what binds and by how much, the worst of each kind, and which
assumed values move the verdict. `kelvolt run` prints it; with `--full` it prints `summary` instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base import markup, screen
from kelvolt.base.errors import Error, printable
from kelvolt.base.groups import Group, grouped
from kelvolt.base.tables import Table, Units
from kelvolt.base.values import difference
from kelvolt.base.verdicts import Whole, assessed
from kelvolt.reports import summary as full
from kelvolt.reports.binding import binding, binding_lines, limit_kinds, verdict_text
from kelvolt.reports.warned import replaced_lines, warning_lines
from kelvolt.studies.influence import Influences, influences

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution
    from kelvolt.studies.ranges import Ranges

_QUESTION = re.compile(r"The questions?: ((?:(?:[^?.]|\.(?=\S))*\?\s*)+)")
_ROWS = 5  # of each table, where there is room
_CROWDED, _TABLES = 3, 4  # with so few rows left, so many tables are kept
_LONGEST = 200  # characters of a sentence


def brief(
    case: Case, solution: Solution, run: Run | None = None, units: str = "si", ranges: Ranges | None = None
) -> str:
    """The answer of `kelvolt run` in about 40 lines of text; with `ranges` these in place of branches and pumps."""
    u = Units(units)
    top = [*head(case, solution.whole), *binding_lines(solution, u, run is not None), *_state(solution, run)]
    top += replaced_lines(solution, u)[:2]
    assumed = _assumed(case, solution, run, u)
    tables = [limit_table(solution, u, _ROWS), *(_plant_tables(solution, u, _ROWS) if ranges is None else [])]
    more = read_on(_everything(case, solution))

    def page(rows: int) -> str:
        shown = [t.first(rows) for t in tables if t.rows]
        if rows <= _CROWDED and len(shown) > _TABLES:
            del shown[_TABLES:]
        spread = [] if ranges is None else _spread(ranges, u, rows)
        said = _said(case, solution, run, u, warnings=min(rows - 1, 2))
        last = [*assumed[: rows + 1], more]
        return screen.page(["\n".join(top), *(t.text(rule=False) for t in shown), *spread], said, last)

    return printable(screen.within(page, _ROWS))


def _spread(ranges: Ranges, u: Units, rows: int) -> list[str]:
    """The first rows of each table of a study of ranges, below its title."""
    blocks = []
    for title, table in ranges.tables(u):
        left = f", the first {rows} of {len(table.rows)}" if len(table.rows) > rows else ""
        blocks.append(f"{screen.wrapped(title + left)}\n{table.first(rows).text('  ', rule=False)}")
    return blocks


def _everything(case: Case, solution: Solution) -> str:
    """What `--full` has, with counts."""
    counts = [
        (len(limit_kinds(solution)), "kinds of limits"),
        (len(solution.branch_list()), "branches"),
        (len(solution.plant.passages), "elements with flow"),
        (len(case.core.assumptions) + len(case.core.tolerances), "values assumed or with a range"),
    ]
    listed = ", ".join(f"{n} {what}" for n, what in counts if n > 1)
    return f"all {listed}" if listed else "every table"


# ---- the answer ----


def question_of(case: Case) -> str:
    """What the text of the case asks ("The question: ..."), as one line; empty where it asks nothing."""
    about = case.core.about
    if "```" in about:
        about = "\n".join(block for block in markup.blocks(about) if not block.startswith("```"))
    found = _QUESTION.search(" ".join(about.split()))
    return found[1].strip() if found else ""


def head(case: Case, whole: Whole, of: str = "limit") -> list[str]:
    """Title, question and the verdict of the whole as lines."""
    lines = [case.title or case.core.file or "case"]
    if asked := question_of(case):
        lines.append(screen.wrapped(f"asked: {asked}", "  "))
    word = whole.word.upper() if whole.broken else whole.word
    return [*lines, f"  {word}: {whole.text(of).removeprefix(f'{word}: ')}"]


def _state(solution: Solution, run: Run | None) -> list[str]:
    if run is None:
        lines = [f"  steady state at {full.load_text(solution.plant.case.steady_at)}"]
    else:
        told = f"{full.run_text(run)}; limits are the worst of the run, other values those of its end"
        lines = [screen.wrapped(told, "  ")]
        lines += full.start_lines(solution.plant.case)
    if solution.plant.is_electric:
        lines.append(not_judged())
    return lines


def ended_lines(run: Run | None) -> list[str]:
    """Where a run ended before its time, and why; nothing for one that is complete."""
    return [screen.wrapped(full.run_text(run), "  ")] if run is not None and run.failed else []


def not_judged() -> str:
    """What the state of a power network alone does not tell."""
    told = "not judged here: the seventeen checks of a power network and its failures; `kelvolt check` adds them"
    return screen.wrapped(told, "  ")


# ---- the worst of each kind ----


def limit_table(solution: Solution, u: Units, rows: int) -> Table:
    """The kinds of limits, tightest first, each at its tightest element with the number of elements."""
    body = []
    for g in limit_kinds(solution)[:rows]:
        v = g.worst
        sign = "<=" if v.at_most else ">="
        body.append(
            [
                v.id,
                v.element,
                str(len(g.members)),
                u.text(v.value, v.unit),
                f"{sign} {u.text(v.limit, v.unit)}",
                u.text(v.margin, difference(v.unit), 3),
                verdict_text(solution, v),
            ]
        )
    head = ["limit, tightest first", "tightest element", "of", "value", "allowed", "margin", "verdict"]
    return Table(head, body, left={1, 3, 4, 5})


def _plant_tables(solution: Solution, u: Units, rows: int) -> list[Table]:
    tables = []
    if solution.plant.is_electric:
        from kelvolt.power.brief import flow_tables

        tables += flow_tables(solution.power_flow(), u, rows)
        return [*tables, _circuits(solution, u, rows)]
    if solution.branch_list():
        return [_branches(solution, u, rows), _pumps(solution, u, rows)]
    if solution.plant.passages:
        return [full.flow_table(solution, u, rows, alike=True), _pumps(solution, u, rows)]
    return [_circuits(solution, u, rows)]


def _branches(solution: Solution, u: Units, rows: int) -> Table:
    """Branches, worst first; those of an array that are equal but for rounding as one."""
    groups = grouped(solution.branch_list(), lambda b: b.branch)
    worst = full.branch_table_of([g.worst for g in groups[:rows]], u, in_time=solution.over_run)
    return _with_counts(worst, "branch, worst first", groups)


def _pumps(solution: Solution, u: Units, rows: int) -> Table:
    groups = grouped(solution.plant.pumps, lambda p: (p.path, p.state), worst=lambda p: -p.V_flow)
    return _with_counts(full.pump_table_of([g.worst for g in groups[:rows]], u), "pump", groups)


def _circuits(solution: Solution, u: Units, rows: int) -> Table:
    groups = grouped(solution.plant.circuits, lambda c: c.name, worst=lambda c: -c.T_high)
    return _with_counts(full.circuit_table_of([g.worst for g in groups[:rows]], u), "circuit of", groups)


def _with_counts(table: Table, name: str, groups: Sequence[Group[Any]]) -> Table:
    """A table with how many elements each row stands for, after its name."""
    if all(len(g.members) == 1 for g in groups):
        return Table([name, *table.head[1:]], table.rows, table.left)
    rows = [[row[0], str(len(g.members)), *row[1:]] for row, g in zip(table.rows, groups, strict=False)]
    return Table([name, "of", *table.head[1:]], rows, {k + 1 for k in table.left})


# ---- sentences ----


def _said(case: Case, solution: Solution, run: Run | None, u: Units, warnings: int) -> list[str]:
    """Heat, events and warnings, a line each."""
    b = solution.plant.balance
    lines = []
    if b.sources or b.pumps:
        heat = f"heat: {u.text(b.sources, 'W')} from its sources and {u.text(b.pumps, 'W')} electric of pumps; "
        heat += f"{u.text(b.into_coolant, 'W')} into the coolant, {u.text(b.direct_to_air, 'W')} to the air past it"
        heat += _stored_text(full.stored_outside(b), u) if run is not None else ""
        lines.append(screen.wrapped(heat))
    if run is not None and run.events:
        first = "; ".join(f"{e.time:g} s {e.component}: {e.text}" for e in run.events[:warnings])
        more = f"; and {len(run.events) - warnings} more" if len(run.events) > warnings else ""
        lines.append(screen.wrapped(f"events: {screen.shortened(first, _LONGEST)}{more}"))
    every = warning_lines(case.core, solution, u)
    lines += [screen.wrapped(f"warning: {screen.shortened(x, _LONGEST)}") for x in every[:warnings]]
    if len(every) > warnings:
        lines.append(f"and {len(every) - warnings} more warning{'s' if len(every) > warnings + 1 else ''}")
    return lines


def _stored_text(watts: float, u: Units) -> str:
    """What the heat of a run in time leaves in parts other than coolant, or what they give back."""
    return f", {u.text(abs(watts), 'W')} {'being stored in' if watts >= 0.0 else 'given back by'} chips and other parts"


def _assumed(case: Case, solution: Solution, run: Run | None, u: Units) -> list[str]:
    """The assumed values that move the binding margin most, as lines."""
    steady = ranked_state(case, solution, run)
    return assumed_lines(case, steady, binding(solution), u, in_time=run is not None)


def ranked_state(case: Case, solution: Solution, run: Run | None) -> Solution:
    """The steady state for which assumed values are ranked, by further solves of the case: of a run that began at
    another load than that of the case's steady state the latter."""
    if run is None:
        return solution
    return run.start if case.core.start_at in ("", case.core.steady_at) else case.steady()


def assumed_lines(
    case: Case, steady: Solution, wanted: _core.Verdict | None, u: Units, *, in_time: bool, most: int = 5
) -> list[str]:
    """What is assumed and moves the margin of a limit most, from a steady state; empty where nothing is assumed."""
    count = len(case.core.assumptions)
    if count and wanted is not None and wanted.is_balance:
        return [f"{count} values are assumed; none is ranked: {wanted.id} is a balance that does not close"]
    found, why = ranked(case, steady, wanted)
    if found is None:
        return [screen.wrapped(f"{count} values are assumed; {why}")] if count else []
    where = f"{found.limit} of {found.element}" + (" in the steady state before the run" if in_time else "")
    lines = found.lines(u, most)
    if not lines:
        return [screen.wrapped(f"{count} values are assumed; none of those with a range moves the margin to {where}")]
    open_ones = f" (of {found.left_out} curves this is not told)" if found.left_out else ""
    title = f"assumed values that move the margin to {where} most{open_ones}:"
    told = [screen.wrapped(found.note())] if found.unmoved else []
    told += [screen.wrapped(title), *(screen.wrapped(x, "  ") for x in lines)]
    note = found.stand_in(most)
    return [*told, screen.wrapped(f"({note})", "  ")] if note else told


def ranked(case: Case, steady: Solution, wanted: _core.Verdict | None) -> tuple[Influences | None, str]:
    """The assumed values by what they do to a limit in the steady state, and why they are not ranked where that is so.

    wanted: the limit that binds, maybe in a run. Where no assumed value moves it, that of the tightest that one moves.
    """
    if wanted is None:
        return None, "no limit was assessed that they could move"
    if not case.core.assumptions and not case.core.tolerances:
        return None, "no value is assumed"
    verdicts = steady.raw.verdicts
    keys = {key: verdicts[k] for key, k in assessed(verdicts).items() if not verdicts[k].is_balance}
    alike = [key for key, v in keys.items() if v.id == wanted.id]
    same = [key for key in alike if keys[key].element == wanted.element]
    if not alike:
        return None, f"{wanted.id} is not assessed in the steady state, so none is ranked"
    try:
        found = influences(case, steady, first=(same or alike)[0])
    except Error as error:
        return None, f"not ranked: {str(error).splitlines()[0]}"
    assert found is not None
    return found, ""


def read_on(full_has: str, page: bool = True) -> str:
    """Where more stands: what `--full` prints, and the report."""
    also = "; `kelvolt report` writes it as a page" if page else ""
    return screen.wrapped(f"more: --full prints {full_has}{also}")
