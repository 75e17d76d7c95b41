"""Sizing: the smallest equipment that holds the limits, what each limit costs, and trade-offs of two objectives.

Continuous variables by sequential quadratic programming on exact gradients (see sizing_problem.py); catalogue choices
by enumeration, cheapest first where the cost is known before solving. Every continuous optimum is a local one.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.expressions import Expression
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import owner_of
from kelvolt.base.progress import Progress, solve_bar
from kelvolt.base.tables import Units
from kelvolt.base.values import MOST_POINTS, path_of, si, si_unit, text_of
from kelvolt.cases.sensitivity import Points, Variables
from kelvolt.studies.sizing_problem import Problem, Sizing

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case

Vary = Mapping[str, "tuple[str | float, str | float] | Sequence[str | float] | Mapping[str | float, float]"]
Item = TypeVar("Item")
Result = TypeVar("Result")


def size(
    case: Case,
    minimise: str | None,
    vary: Vary,
    subject_to: str | Iterable[str] = "checks",
    *,
    threads: int | None = None,
    progress: Progress = None,
) -> Sizing:
    """The design of least `minimise` that holds the limits.

    case: is not changed; the search begins at its values.
    minimise: an expression of paths in SI, e.g. "sum(pump[*].P_el)"; None when the objective is the cost of choices.
    vary: by path or pattern (all its elements get the same value): a tuple (lowest, highest) in SI or text with units;
        a list of numbers to choose from; a list of library entries for the name of a component of the case; a list of
        words for a path into the case text ("cdu.coolant", "assemblies.my_tray.components.qd_in.model"); or a mapping
        of such choices to their cost, which is added to the objective.
    subject_to: "checks" (every limit of case and models that is assessed), the id of one kind of limit
        ("die_temperature"), expressions ("max(gpu[*].T_die) <= 85 degC"), or a list of these.
    progress: True shows how many solves are done, None shows it in a terminal and in a notebook once a second has
        passed, a callable gets the solves done and 0, because their number is not known before.
    Returns a Sizing; when no design holds every limit, the nearest one, with `feasible` False. Its verdict is that of
    its solution where "checks" are asked for, and "not assessed" where no limit applied.
    Raises InputError for arguments that are not understood, and what `steady` raises when no design can be solved.

    >>> case = kv.load("single_loop")
    >>> design = kv.size(case, "pump.P_el", {"speed.value": (0.3, 1.0)}, "gpu.T_die <= 75 degC")
    >>> design.feasible
    True
    """
    require_case("size", case)
    choices, bounds = _sorted_out(case, vary)
    wanted = [subject_to] if isinstance(subject_to, str) or not isinstance(subject_to, Iterable) else list(subject_to)
    for limit in wanted:
        text_of(limit, "a limit is text such as 'max(gpu[*].T_die) <= 85 degC'")
    with solve_bar(progress) as solved:
        return _best(Problem(case, minimise, bounds, wanted, solved), choices, threads)


def _best(problem: Problem, choices: list[_Choice], threads: int | None) -> Sizing:
    if not choices:
        return problem.best(problem.case, {}, 0.0)
    return _enumerate(problem, choices, threads or os.cpu_count() or 1)


def pareto(
    case: Case,
    minimise: tuple[str, str],
    vary: Vary,
    subject_to: str | Iterable[str] = "checks",
    *,
    n: int = 11,
    units: str | None = None,
    progress: Progress = None,
) -> pandas.DataFrame:
    """The Pareto front of two objectives: n designs from the least first to the least second objective.

    No design of the front is better than another in both. Columns: the two expressions, then every varied path; SI,
    or with `units` in those of a site ("si", "si-field", "us"), and `attrs["units"]` where a column has one unit.
    Method of the epsilon constraint: the first is minimised while the second is limited to evenly spaced values between
    those of the two ends. Continuous variables only. progress: as in `size`. Raises what `size` raises, and InputError
    when the design at an end of the front does not hold every limit.

    >>> case = kv.load("single_loop")
    >>> speeds = {"speed.value": (0.4, 1.0)}
    >>> front = kv.pareto(case, ("pump.P_el", "gpu.T_die"), speeds, "gpu.T_die <= 90 degC", n=3, units="si")
    >>> front.attrs["units"]["gpu.T_die"]
    'degC'
    """
    require_case("pareto", case)
    if not all(isinstance(span, tuple) for span in vary.values()):
        raise InputError("pareto: a front is over ranges, tuples (lowest, highest); choices are compared by kv.size")
    first, second = minimise
    limits = [subject_to] if isinstance(subject_to, str) else list(subject_to)
    if units is not None:
        Units(units).unit("K")  # raises before anything is solved
    with solve_bar(progress) as solved:
        front, declared = _front(case, (first, second), vary, limits, n, solved)
    site = None if units is None else Units(units)
    if site is not None:
        for name, unit in declared.items():
            front[name] = [site.value(x, unit) for x in front[name]]
    front.attrs["title"] = case.title
    front.attrs["units"] = {n: si_unit(u) if site is None else site.unit(u) or "1" for n, u in declared.items()}
    return front


def _front(
    case: Case, minimise: tuple[str, str], vary: Vary, limits: list[str], n: int, solved: Callable[[], None]
) -> tuple[pandas.DataFrame, dict[str, str]]:
    """The front in SI, and the declared unit of each column that has one."""
    import pandas

    first, second = minimise

    def tell(done: int, total: int) -> None:
        solved()

    ends = [size(case, m, vary, limits, progress=tell) for m in minimise]
    for end in ends:
        if not end.feasible:
            raise InputError(f"no design holds every limit, so there is no front: {end.message}")
    points = Points(case, Variables(case, list(vary)))
    other = Expression(second, case.core)
    kelvin = " K" if other.degree(lambda path: float(points.unit_of(path) == "K")) == 1.0 else ""

    def row(design: Sizing) -> dict[str, float]:
        x = np.array([float(design.design[p]) for p in vary])
        values = [
            float(Expression(m, case.core)(points.values(x, Expression(m, case.core).paths)).value[0]) for m in minimise
        ]
        return dict(zip((first, second, *vary), (*values, *x), strict=True))

    rows = [row(end) for end in ends]
    start = ends[0].case
    for level in np.linspace(rows[0][second], rows[1][second], n)[1:-1]:
        limit = f"{other.text} <= {float(level)!r}{kelvin}"
        found = size(start, first, vary, [*limits, limit], progress=tell)
        if found.feasible:
            rows.insert(-1, row(found))
            start = found.case
    units = {m: Expression(m, case.core).unit(points.unit_of) for m in minimise}
    units |= dict(zip(vary, points.variables.units, strict=True))
    return pandas.DataFrame(rows), {name: unit for name, unit in units.items() if unit}


def in_threads(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int, stop: Callable[[], None] = lambda: None
) -> list[Result]:
    """Results in the order of the items; threads run in parallel, as the solver releases Python's global lock.

    stop: is called at Ctrl-C and after an error, before the threads are waited for."""
    if threads < 2 or len(items) < 2:
        return [work(i) for i in items]
    with ThreadPoolExecutor(threads) as pool:
        try:
            return list(pool.map(work, items))
        except BaseException:
            stop()
            raise


# ---- what is varied ----


@dataclass(frozen=True)
class _Choice:
    path: str
    options: list[str | float]  # numbers in SI, or library entries
    costs: list[float]
    text_path: str = ""  # the place in the text of the case, of a choice that is not a number

    @property
    def is_entry(self) -> bool:
        return bool(self.text_path)


def _sorted_out(case: Case, vary: Vary) -> tuple[list[_Choice], dict[str, tuple[float, float]]]:
    if not isinstance(vary, Mapping) or not vary:
        raise InputError("nothing is varied; give vary={path: (lowest, highest)} or a list of choices")
    from kelvolt.sweeps.axes import refuse_shared

    choices, bounds = [], {}
    for path, span in vary.items():
        path = path_of(path)
        if isinstance(span, tuple):
            bounds[path] = _bounds(case, path, span)
        else:
            choices.append(_choice(case, path, span))
    texts = {c.path: c.text_path for c in choices if c.is_entry}
    refuse_shared(case, [p for p in vary if p not in texts], texts)
    number = math.prod(len(c.options) for c in choices)
    if number > MOST_POINTS:
        raise InputError(f"the choices make {number:.3g} designs; at most {MOST_POINTS:.0e} are compared; give fewer")
    return choices, bounds


def _bounds(case: Case, path: str, span: tuple[Any, ...]) -> tuple[float, float]:
    if len(span) != 2:
        raise InputError(f"{path}: a tuple is a range of two values (lowest, highest); write a list for choices")
    if path not in case and all(isinstance(v, str) for v in span):
        raise InputError(
            f"{path}: a tuple is a range of a number, which {path} is not; write a list {list(span)!r} for choices"
        )
    variables = Variables(case, [path])
    low, high = (variables.si(0, v) for v in span)
    if not low < high or not np.isfinite(high - low):
        raise InputError(f"{path}: the lowest value {low:g} is not below the highest {high:g}, or has no end")
    return low, high


def _choice(case: Case, path: str, span: Any) -> _Choice:
    from kelvolt.sweeps.axes import most

    if isinstance(span, str) or not isinstance(span, Mapping | Iterable):
        raise InputError(
            f"{path}: {span!r} leaves nothing to vary; give a tuple (lowest, highest) or a list of choices"
        )
    options = most(span, path)
    costs = (
        [si(span[o], "1", f"{path}: cost of {o}") for o in options]
        if isinstance(span, Mapping)
        else [0.0] * len(options)
    )
    if not options:
        raise InputError(f"{path}: there is nothing to choose from")
    if path in case:
        variables = Variables(case, [path])
        return _Choice(path, [variables.si(0, o) for o in options], costs)
    return _Choice(path, [str(o) for o in options], costs, _text_path(case, path))


def _text_path(case: Case, path: str) -> str:
    """The place in the text of the case for a path that is not a number. Raises InputError where there is none."""
    if not owner_of(path):
        return f"components.{path}.model"
    found = _core.text_path(case.core, path)
    if found is None:
        case.core.find_parameters(path)  # raises the error that says what is wrong with the path
        raise InputError(f"{path} is neither a number nor a path into the text of the case")
    return found


# ---- catalogue ----


@dataclass(frozen=True)
class _Candidate:
    chosen: dict[str, float | str]
    cost: float
    case: Case | None
    bound: float  # lower bound of the objective of all designs with this choice
    reason: str = ""


def _enumerate(problem: Problem, choices: list[_Choice], threads: int) -> Sizing:
    """Tries candidates from the lowest bound up; leaves out those that cannot be better than a design already found."""
    candidates = _candidates(problem, choices)
    waiting = [c for c in candidates if c.case is not None]
    rows: list[tuple[_Candidate, Sizing | None, str]] = [(c, None, c.reason) for c in candidates if c.case is None]
    best: Sizing | None = None
    solves = 0
    while waiting:
        if best is not None and best.feasible and waiting[0].bound >= best.objective:
            rows += [(c, None, "left out: cannot be better") for c in waiting]
            break
        batch, waiting = waiting[:threads], waiting[threads:]
        for candidate, (found, reason) in zip(
            batch, in_threads(lambda c: _tried(problem, c), batch, threads), strict=True
        ):
            rows.append((candidate, found, reason))
            solves += found.solves if found else 1
            if found is not None and (best is None or _better(found, best)):
                best = found
    if best is None:
        reasons = "; ".join(dict.fromkeys(reason for _, _, reason in rows))
        raise InputError(f"none of the {len(candidates)} choices could be solved: {reasons}")
    units = {c.path: Variables(problem.case, [c.path]).units[0] for c in choices if not c.is_entry}
    return dataclasses.replace(best, candidates=_table(rows), solves=solves, units=units | best.units)


def _candidates(problem: Problem, choices: list[_Choice]) -> list[_Candidate]:
    built: dict[tuple[str, ...], Case | str] = {}
    out = []
    entries = [c for c in choices if c.is_entry]
    for numbers in itertools.product(*(range(len(c.options)) for c in choices)):
        chosen = {c.path: c.options[k] for c, k in zip(choices, numbers, strict=True)}
        cost = sum(c.costs[k] for c, k in zip(choices, numbers, strict=True))
        names = tuple(str(chosen[c.path]) for c in entries)
        if names not in built:
            built[names] = _with_entries(problem.case, {c.text_path: str(chosen[c.path]) for c in entries})
        base = built[names]
        try:
            if isinstance(base, str):
                raise InputError(base)
            case = base.copy().update({c.path: chosen[c.path] for c in choices if not c.is_entry})
            out.append(_Candidate(chosen, cost, case, problem.known_before(case, cost)))
        except Error as error:
            out.append(_Candidate(chosen, cost, None, np.inf, error.message))
    return sorted(out, key=lambda c: c.bound)


def _with_entries(case: Case, entries: dict[str, str]) -> Case | str:
    """The case with other words at paths into its text, or the reason why it cannot be built."""
    from kelvolt.cases.case import Case
    from kelvolt.cases.texts import written

    if not entries:
        return case
    try:
        return Case(_core.edited(case.core, [(path, written(word)) for path, word in entries.items()], keep=False))
    except Error as error:
        return str(error)


def _tried(problem: Problem, candidate: _Candidate) -> tuple[Sizing | None, str]:
    assert candidate.case is not None
    try:
        return problem.best(candidate.case, candidate.chosen, candidate.cost), ""
    except Error as error:
        return None, error.message


def _better(a: Sizing, b: Sizing) -> bool:
    if a.feasible != b.feasible:
        return a.feasible
    if a.feasible:
        return a.objective < b.objective
    return bool(a.margins["margin"].head(1).sum() > b.margins["margin"].head(1).sum())


def _table(rows: list[tuple[_Candidate, Sizing | None, str]]) -> pandas.DataFrame:
    import pandas

    lines = []
    for candidate, found, reason in rows:
        verdict = ("held" if found.feasible else found.message) if found else reason
        objective = found.objective if found else np.nan
        lines.append(candidate.chosen | (found.design if found else {}) | {"objective": objective, "verdict": verdict})
    return pandas.DataFrame(lines)
