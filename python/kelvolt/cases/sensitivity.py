"""Gradients of solutions, and solutions of a case at values of variables, as used by sizing and calibration.

Derivatives come from the adjoint equation J^T lambda = dg/dy, dg/dp = -lambda^T dF/dp: one factorisation of the
Jacobian and one transposed solve per value, whatever the number of parameters (dual numbers, no differences).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base.chained import Chained
from kelvolt.base.errors import Error, InputError
from kelvolt.base.expressions import expression_in
from kelvolt.base.paths import any_element
from kelvolt.base.values import Floats, Group, found_in, groups_of, is_path, path_of, si, si_unit, single
from kelvolt.cases.knobs import Parameters, parameters_of
from kelvolt.cases.solution import Solution

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


def gradient(solution: Solution, of: str, wrt: str) -> float | Floats:
    """d(of)/d(wrt) in SI: a float for two plain paths, else an array shaped (*levels of `of`, *levels of `wrt`).

    `of` may be an expression; max and min have the derivative of the element that is largest or smallest. `wrt` may be
    a knob, whose parameters keep their shares. Raises InputError when `of` is a parameter or a flow, or when a pattern
    names several quantities; NoConvergence where the Jacobian is singular.
    """
    core = solution._core
    turned = parameters_of(core, path_of(wrt))
    params = turned.found
    of = path_of(of)
    try:
        values = core.find(of)
    except InputError:
        expression = expression_in(of, core)
        if expression is None:
            raise
        units = {p: found_in(expression, p, core.find).unit(0) for p in expression.paths}
        expression.unit(units.__getitem__)  # raises where values of different units are joined
        table = expression(with_slopes(solution, expression.paths, params)).by
        like = next((f for p in expression.paths if len(f := core.find(p)) == len(table)), None)
        rows = groups_of(like)[0] if like is not None and len(table) > 1 else None
    else:
        table = np.asarray(_core.gradients(solution.raw, values, params))
        rows = None if is_path(of) and len(values) == 1 else single(values, of)
    by = _columns(table, wrt, turned)
    result = by[0] if rows is None else _rows(rows, by)
    return result if np.ndim(result) else float(result)


def shaped(table: Floats, of: str, wrt: str, values: _core.Found, turned: Parameters) -> float | Floats:
    """[values, parameters] as a float for two plain paths, else as (*levels of `of`, *levels of `wrt`)."""
    by = _columns(table, wrt, turned)
    result = by[0] if is_path(of) and len(values) == 1 else _rows(single(values, of), by)
    return result if np.ndim(result) else float(result)


def _columns(table: Floats, wrt: str, turned: Parameters) -> Floats:
    if turned.is_knob:
        by: Floats = table @ turned.share
        return by
    return table[:, 0] if is_path(wrt) and len(turned.found) == 1 else single(turned.found, wrt).shape(table)


def with_slopes(solution: Solution, paths: Sequence[str], params: _core.Found) -> list[Chained]:
    """Values of paths (arrays flat) with their derivatives by each of `params`, SI. Raises as `gradient`."""
    core = solution._core
    finds = [core.find(p) for p in paths]
    solved = [f for f in finds if f.kind(0) != "parameter"]
    table = np.zeros((0, len(params)))
    if solved:
        table = np.asarray(_core.gradients(solution.raw, _core.joined(solved), params))
    position = {path: k for k, path in enumerate(params.paths)}
    made, row = [], 0
    for found in finds:
        value = np.asarray(solution.raw.read(found)).copy()
        if found.kind(0) == "parameter":
            slopes = np.zeros((len(found), len(params)))
            for i, p in enumerate(found.paths):
                if p in position:
                    slopes[i, position[p]] = 1.0
        else:
            slopes = table[row : row + len(found)]
            row += len(found)
        made.append(Chained(value, slopes))
    return made


def _rows(group: Group, table: Floats) -> Floats:
    """[values, ...] as [*levels, ...], NaN where an element is missing."""
    full = np.full((int(np.prod(group.sizes)), *table.shape[1:]), np.nan)
    full[group.positions] = table[group.numbers]
    return full.reshape((*group.sizes, *table.shape[1:]))


def sensitivity_table(solution: Solution, of: str, *, each: bool = False) -> pandas.DataFrame:
    """The sensitivity of one value to every number parameter of the network, largest elasticity first.

    Columns: parameter, count, value, unit, gradient (d of/d parameter, SI), elasticity (% of `of` per % of the
    parameter, both relative to absolute zero for temperatures), effect_1pct (change of `of` in SI when the parameter
    grows by 1 %). Elements of an array are one row, as if changed together (gradient and elasticity are sums, value is
    the mean), unless `each` is true. `of` is a plain path; raises InputError for a pattern, a parameter or a flow.
    """
    import pandas

    core = solution._core
    value = solution.get(of)
    if not isinstance(value, float):
        raise InputError(f"'{of}' is an array; the table is of one value, e.g. {core.find(of).paths[0]}")
    params = _core.number_parameters(core)
    slopes = np.asarray(_core.gradients(solution.raw, core.find(of), params))[0]
    now = np.asarray(solution.raw.read(params))
    groups = [[i] for i in range(len(params))] if each else [g.numbers for g in groups_of(params)]
    paths = params.paths
    names = paths if each else [any_element(paths[g[0]]) for g in groups]
    rows = []
    for name, group in zip(names, groups, strict=True):
        given = [i for i in group if np.isfinite(now[i])]
        if not given:
            continue
        effect = float(now[given] @ slopes[given])
        mean, slope = float(now[given].mean()), float(slopes[given].sum())
        unit = si_unit(params.unit(given[0]))
        rows.append([name, len(given), mean, unit, slope, effect / value if value else np.nan, 0.01 * effect])
    columns = ["parameter", "count", "value", "unit", "gradient", "elasticity", "effect_1pct"]
    table = pandas.DataFrame(rows, columns=columns)
    table = table.sort_values("effect_1pct", key=np.abs, ascending=False, kind="stable", ignore_index=True)
    table.attrs |= {"title": core.title, "of": of, "value": value, "unit": si_unit(core.find(of).unit(0))}
    return table


class Variables:
    """Variables of a study: each is a path, a pattern all of whose elements get the same value, or a knob."""

    def __init__(self, case: Case, paths: Sequence[str]) -> None:
        self.paths = list(paths)
        turned = [parameters_of(case.core, path_of(p)) for p in self.paths]
        finds = [t.found for t in turned]
        self.units = [f.unit(0) for f in finds]
        self.found = _core.joined(finds)
        self.owner = np.repeat(np.arange(len(finds)), [len(f) for f in finds])
        self._share = np.concatenate([t.share for t in turned]) if turned else np.zeros(0)
        self._knobs = np.array([t.is_knob for t in turned], dtype=bool)
        self.position = {path: i for i, path in enumerate(self.found.paths)}
        if len(self.position) < len(self.found):
            raise InputError(f"{', '.join(self.paths)}: one parameter is varied by two of these")

    def __len__(self) -> int:
        return len(self.paths)

    def now(self, case: Case) -> Floats:
        """The current values in a case [variables], SI; the mean where elements differ, of a knob the sum."""
        sums = np.bincount(self.owner, np.asarray(case.core.get(self.found)))
        return np.where(self._knobs, sums, sums / np.bincount(self.owner))

    def set(self, case: Case, x: Floats) -> None:
        """Sets the values x [variables], SI. Raises InputError when one is out of its range; then nothing was set."""
        case.core.set_each(self.found, np.ascontiguousarray(x[self.owner] * self._share, dtype=float))

    def gather(self, by_element: Floats) -> Floats:
        """Derivatives [values, elements] as [values, variables]: those of the elements of a variable are summed."""
        table = np.zeros((by_element.shape[0], len(self)))
        for k in range(by_element.shape[1]):
            table[:, self.owner[k]] += by_element[:, k] * self._share[k]
        return table

    def si(self, k: int, value: str | float) -> float:
        return si(value, self.units[k], self.paths[k])


class Points:
    """Solutions of a case at values of its variables, and results with derivatives; repeated points are solved once."""

    def __init__(self, case: Case, variables: Variables, solved: Callable[[], None] = lambda: None) -> None:
        """solved: is called after each solve."""
        self._solved = solved
        self.case = case.copy()
        self.variables = variables
        self.solves = 0
        self._at: Floats | None = None
        self._solution: Solution | None = None
        self._known: dict[str, Chained] = {}

    def solve(self, x: Floats) -> Solution:
        """The steady state at x (SI), starting from the one before. Raises what `steady` raises, naming the point."""
        if self._solution is not None and self._at is not None and np.array_equal(self._at, x):
            return self._solution
        try:
            solution = self._approach(np.asarray(x, dtype=float))
        except Error as error:
            place = ", ".join(f"{p} = {v:.6g}" for p, v in zip(self.variables.paths, x, strict=True))
            raise type(error)(f"at {place}: {error.message}") from error
        self._at, self._solution, self._known = np.array(x, dtype=float), solution, {}
        self._solved()
        return solution

    def _approach(self, x: Floats) -> Solution:
        self.variables.set(self.case, x)
        self.solves += 1
        try:
            return self.case.steady(self._solution)
        except Error:
            if self._solution is None or self._at is None:
                raise
        guess, start = self._solution, self._at
        for part in (0.25, 0.5, 0.75, 1.0):  # four shorter steps converge more often than a long one
            self.variables.set(self.case, start + part * (x - start))
            guess = self.case.steady(guess)
        return guess

    def values(self, x: Floats, paths: Sequence[str]) -> list[Chained]:
        """Values of paths (arrays flat) with derivatives by the variables, SI."""
        solution = self.solve(x)
        missing = [p for p in dict.fromkeys(paths) if p not in self._known]
        if missing:
            self._read(solution, missing)
        return [self._known[p] for p in paths]

    def _read(self, solution: Solution, paths: list[str]) -> None:
        for path, one in zip(paths, with_slopes(solution, paths, self.variables.found), strict=True):
            self._known[path] = Chained(one.value, self.variables.gather(one.by))

    def margins(self, x: Floats, numbers: Sequence[int]) -> Chained:
        """Margins of verdicts (given by their indices in the solution's list) with derivatives."""
        raw = self.solve(x).raw
        by = np.asarray(_core.margin_gradients(raw, list(numbers), self.variables.found))
        verdicts = raw.verdicts
        return Chained(np.array([verdicts[k].margin for k in numbers]), self.variables.gather(by))

    def unit_of(self, path: str) -> str:
        """The declared unit of a path's values."""
        return self.case.core.find(path).unit(0)
