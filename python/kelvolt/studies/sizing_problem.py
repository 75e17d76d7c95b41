"""One sizing problem: an objective and limits over continuous variables, solved by SLSQP of scipy.optimize.

Objective and margins have exact derivatives: dual numbers within a component, one transposed solve per value through
the network. Multipliers follow from the stationarity condition at the optimum.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.chained import Chained
from kelvolt.base.comparisons import Comparison, is_comparison
from kelvolt.base.errors import Error, InputError
from kelvolt.base.expressions import Expression
from kelvolt.base.tables import Parts, Table, Units, html_of_parts, plain, text_of_parts
from kelvolt.base.values import Floats, difference, si_unit
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Key, assessed
from kelvolt.cases.part_table import exact_text
from kelvolt.cases.sensitivity import Points, Variables
from kelvolt.cases.solution import Solution
from kelvolt.studies.main_values import main_values
from kelvolt.studies.multipliers import multipliers, saved

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case

_HELD = 1e-7  # tolerance of an expression's limit, as a share of its scale
_INSIDE = 1e-8  # the solver's limits have no tolerance, so the search keeps margins above this share of their scale


@dataclass(frozen=True)
class Sizing:
    """A design with its margins, binding limits and the candidates tried; SI."""

    design: dict[str, float | str]  # by path: a number, or the library entry chosen
    objective: float
    minimised: str
    feasible: bool  # every limit asked for is held, and the solver's own balances close
    case: Case  # set to the design
    solution: Solution
    binding: pandas.DataFrame  # limit, margin, multiplier (objective saved per unit of limit relaxed), unit
    margins: pandas.DataFrame  # every limit by its margin: limit, margin, unit, held
    candidates: pandas.DataFrame  # the catalogue choices that were tried, with objective and verdict
    solves: int
    message: str = ""
    units: dict[str, str] = field(default_factory=dict)
    objective_unit: str = ""  # in SI, of an objective that is a sum, extreme or multiple of values of one unit

    @property
    def verdict(self) -> str:
        """ "held" or "broken", or "not assessed" where there was no limit to hold."""
        return BROKEN if not self.feasible else HELD if len(self.margins) else NOT_ASSESSED

    def summary(self, units: str = "si", *, every: bool = False) -> str:
        """Text: design, objective, binding limits, tightest margins, or with `every` all of them; `units` is "si",
        "si-field" or "us"."""
        return text_of_parts(self._parts(Units(units), longest=None if every else 12))

    def _parts(self, u: Units, longest: int | None = None) -> Parts:
        def shown(path: str, value: float | str) -> str:
            return value if isinstance(value, str) else u.text(value, self.units[path], 5)

        state = {HELD: "all limits held", BROKEN: "NOT FEASIBLE"}.get(self.verdict, "no limit was assessed")
        least = u.text(self.objective, self.objective_unit, 6) if self.objective_unit else plain(self.objective, 6)
        parts: Parts = [(f"{self.minimised} = {least}, {state}, {self.solves} solves", "")]
        if self.message:
            parts.append((self.message, ""))
        if not self.margins["held"].all():
            worst = next(self.margins.itertuples())
            short = u.text(abs(worst.margin), difference(worst.unit), 4)
            parts.append((f"{worst.limit} is short by {short}", ""))
        rows = [[path, shown(path, value)] for path, value in self.design.items()]
        parts.append(("Design", Table(["what", "value"], rows, left={1})))
        if self.feasible:
            rows = [[r.limit, *saved(r.multiplier, self.objective_unit, r.unit, u)] for r in self.binding.itertuples()]
            title = "Binding limits (multiplier: objective saved per unit the limit gives way)"
            parts.append((title, Table(["limit", "multiplier", "unit"], rows, left={2})))
        rows = [[name, u.text(value, unit)] for name, value, unit in main_values(self.solution)]
        parts.append(("State at the design", Table(["quantity", "value"], rows, left={1})))
        margins = self.margins if longest is None else self.margins.head(longest)
        rows = [
            [r.limit, u.text(r.margin, difference(r.unit), 3), "held" if r.held else "BROKEN"]
            for r in margins.itertuples()
        ]
        parts.append(("Margins, tightest first", Table(["limit", "margin", "verdict"], rows, left={2})))
        if settings := self.settings():
            parts.append((f"To go on with this design: {settings}", ""))
        return parts

    def settings(self) -> str:
        """The numbers of the design as options of a command: --set 'pump.speed=0.71'."""
        given = [(path, x) for path, x in self.design.items() if not isinstance(x, str)]
        return " ".join(f"--set {shlex.quote(f'{path}={exact_text(x, self.units[path])}')}" for path, x in given)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return html_of_parts(self._parts(Units()))


class Limits:
    """Margins at a point with their scales, of the solution's limits and of comparisons of expressions."""

    def __init__(self, wanted: Sequence[str], points: Points, solution: Solution) -> None:
        self.points = points
        self._last: tuple[Floats, tuple[Chained, Floats, list[str], list[str]]] | None = None
        self.comparisons: list[Comparison] = []
        ids = {v.id for v in solution.raw.verdicts}
        kinds = set()
        for text in wanted:
            if is_comparison(text):
                self.comparisons.append(Comparison(_opened(text), points.unit_of, points.case.core))
            elif text == "checks":
                kinds |= ids
            elif text in ids:
                kinds.add(text)
            else:
                raise InputError(
                    f"'{text}' is no limit here; there is checks, {', '.join(sorted(ids))}, or an expression"
                )
        judged = {key: v for key, v in _limits_of(solution).items() if v.id in kinds}
        self.keys = list(judged)
        self.scales = {key: _core.margin_scale(v.limit, v.unit) for key, v in judged.items()}
        self.units = {key: si_unit(v.unit) for key, v in judged.items()}
        alike = Counter(key[:2] for key in judged)
        self.names = [
            f"{v.id} of {v.element}"
            + (f" ({'<=' if v.at_most else '>='} {v.limit:.6g} {si_unit(v.unit)})" if alike[key[:2]] > 1 else "")
            for key, v in judged.items()
        ]

    def __call__(self, x: Floats) -> tuple[Chained, Floats, list[str], list[str]]:
        """Margins [m] in SI with derivatives, their scales, names and units; the rows are the same at every x."""
        if self._last is None or not np.array_equal(self._last[0], x):
            self._last = (np.array(x), self._evaluate(x))
        return self._last[1]

    def _names(self, c: Comparison, count: int) -> list[str]:
        """A limit by the elements that it is of: "gpu[2].T_die <= 75 degC" of the pattern gpu[*].T_die."""
        for path in c.paths if count > 1 else ():
            elements = self.points.case.core.find(path).paths
            if len(elements) == count:
                return [c.text.replace(path, element) for element in elements]
        return [c.text] * count

    def held(self, relative: Floats) -> NDArray[np.bool_]:
        """Which margins, each over its scale, are held; for the solution's own limits without a tolerance."""
        return relative >= np.where(self._of_verdicts(relative), 0.0, -_HELD)

    def inside(self, relative: Floats) -> Floats:
        """The margins that a search keeps above zero."""
        return relative - np.where(self._of_verdicts(relative), _INSIDE, 0.0)

    def _of_verdicts(self, relative: Floats) -> NDArray[np.bool_]:
        return np.arange(len(relative)) < len(self.keys)

    def _evaluate(self, x: Floats) -> tuple[Chained, Floats, list[str], list[str]]:
        width = len(self.points.variables)
        number = assessed(self.points.solve(x).raw.verdicts)
        scales = np.array([self.scales[k] for k in self.keys])
        value, by = 1e3 * scales, np.zeros((len(self.keys), width))  # far from binding where it is not assessed
        there = [i for i, k in enumerate(self.keys) if k in number]
        if there:
            margins = self.points.margins(x, [number[self.keys[i]] for i in there])
            value[there], by[there] = margins.value, margins.by
        parts, names, units = [Chained(value, by)], list(self.names), list(self.units.values())
        for c in self.comparisons:
            margin = c(self.points.values(x, c.paths))
            parts.append(margin)
            size_of = abs(c.right) if isinstance(c.right, float) else 1.0
            unit = c.unit
            scales = np.append(scales, [_core.margin_scale(size_of, unit)] * len(margin.value))
            names += self._names(c, len(margin.value))
            units += [si_unit(unit)] * len(margin.value)
        whole = Chained(np.concatenate([p.value for p in parts]), np.concatenate([p.by for p in parts]))
        return whole, scales, names, units


def _opened(text: str) -> str:
    """Replaces `max(a) <= b` by `a <= b` for every element, which is smooth; likewise `min(a) >= b`."""
    for function, sign in (("max(", "<="), ("min(", ">=")):
        left, found, right = text.partition(sign)
        inside = left.strip()
        if found and inside.startswith(function) and inside.endswith(")"):
            body = inside[len(function) : -1]
            if "(" not in body and "," not in body:
                return f"{body} {sign} {right.strip()}"
    return text


def _broken(solution: Solution) -> dict[Key, _core.Verdict]:
    verdicts = solution.raw.verdicts
    return {key: verdicts[k] for key, k in assessed(verdicts).items() if verdicts[k].verdict == BROKEN}


def _limits_of(solution: Solution) -> dict[Key, _core.Verdict]:
    """The assessed verdicts that are limits, worst first."""
    verdicts = solution.raw.verdicts
    return {key: verdicts[k] for key, k in assessed(verdicts).items() if not verdicts[k].is_balance}


@dataclass
class Problem:
    case: Case
    minimise: str | None
    bounds: dict[str, tuple[float, float]]
    wanted: list[str]
    solved: Callable[[], None]  # is told each solve

    def __post_init__(self) -> None:
        if self.minimise is not None:
            # raises InputError for a wrong expression before anything is solved
            Expression(self.minimise, self.case.core).unit(lambda path: self.case.core.find(path).unit(0))

    def known_before(self, case: Case, cost: float) -> float:
        """The objective if it is known without solving the case, else minus infinity."""
        if self.minimise is None:
            return cost
        if self.bounds:
            return -np.inf
        expression = Expression(self.minimise, self.case.core)
        values = []
        for path in expression.paths:
            if path not in case:
                return -np.inf
            value = np.atleast_1d(np.asarray(case[path], dtype=float)).reshape(-1)
            values.append(Chained(value, np.zeros((len(value), 0))))
        return cost + float(expression(values).value[0])

    def best(self, case: Case, chosen: dict[str, float | str], cost: float) -> Sizing:
        """The best design of the continuous variables, with the choices already made in `case`."""
        variables = Variables(case, list(self.bounds))
        points = Points(case, variables, self.solved)
        if not self.bounds:
            return self._judged(points, np.zeros(0), chosen, cost, "")
        low, high = (np.array([b[k] for b in self.bounds.values()]) for k in (0, 1))
        now = np.clip(variables.now(case), low, high)
        found: list[tuple[bool, float, Floats, str]] = []
        failed: Error | None = None
        for start in (now, 0.5 * (low + high), high, low):
            try:
                x, message = self._search(points, start, low, high)
                holds, worst, value = self._standing(points, x)
            except Error as error:
                failed = error
                continue
            found.append((holds, value if holds else -worst, x, message))
            if found[-1][0] and not message:
                break
        if not found:
            assert failed is not None
            raise failed
        feasible, _, x, message = min(found, key=lambda f: (not f[0], f[1]))
        return self._judged(points, x, chosen, cost, "" if feasible else message)

    def _objective(self, points: Points, x: Floats) -> Chained:
        if self.minimise is None:
            return Chained(np.zeros(1), np.zeros((1, len(points.variables))))
        expression = Expression(self.minimise, self.case.core)
        value = expression(points.values(x, expression.paths))
        if len(value.value) != 1:
            raise InputError(f"'{self.minimise}' is an array; minimise one number, e.g. max({self.minimise})")
        return value

    def _objective_unit(self, points: Points) -> str:
        """The declared unit; of a multiple of temperatures that of a difference, since it is no temperature."""
        if self.minimise is None:
            return ""
        expression = Expression(self.minimise, self.case.core)
        unit = expression.unit(points.unit_of)
        return difference(unit) if unit == "K" and not expression.on_a_scale else unit

    def _standing(self, points: Points, x: Floats) -> tuple[bool, float, float]:
        """Whether all limits are held at x, the worst margin over its scale, the objective."""
        limits = Limits(self.wanted, points, points.solve(x))
        margins, scales, _, _ = limits(x)
        relative = margins.value / scales
        return (
            bool(limits.held(relative).all()),
            relative.min(initial=np.inf),
            float(self._objective(points, x).value[0]),
        )

    def _search(self, points: Points, start: Floats, low: Floats, high: Floats) -> tuple[Floats, str]:
        from scipy.optimize import minimize

        limits = Limits(self.wanted, points, points.solve(start))
        size_of = max(abs(float(self._objective(points, start).value[0])), 1e-12)
        width = high - low

        def place(z: Floats) -> Floats:
            return np.clip(low + z * width, low, high)

        def objective(z: Floats) -> tuple[float, Floats]:
            f = self._objective(points, place(z))
            return float(f.value[0]) / size_of, f.by[0] * width / size_of

        def margins(z: Floats) -> Floats:
            m, scales, _, _ = limits(place(z))
            return limits.inside(m.value / scales)

        def slopes(z: Floats) -> Floats:
            m, scales, _, _ = limits(place(z))
            return m.by * width / scales[:, None]

        rules = [{"type": "ineq", "fun": margins, "jac": slopes}] if limits.keys or limits.comparisons else []
        done = minimize(
            objective,
            (start - low) / width,
            jac=True,
            bounds=[(0.0, 1.0)] * len(low),
            constraints=rules,
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 200},
        )
        # status 8: no descent in the last line search, which is how a converged search ends with tight tolerances
        return place(done.x), "" if done.success or done.status == 8 else str(done.message)

    def _judged(self, points: Points, x: Floats, chosen: dict[str, float | str], cost: float, message: str) -> Sizing:
        import pandas

        case = points.case.copy()
        if len(x):
            points.variables.set(case, x)
        solution = Solution(case.core.copy(), points.solve(x).raw)
        limits = Limits(self.wanted, points, solution)
        margins, scales, names, units = limits(x)
        relative = margins.value / scales
        held = limits.held(relative)
        table = pandas.DataFrame({"limit": names, "margin": margins.value, "unit": units, "held": held}).iloc[
            np.argsort(relative, kind="stable")
        ]
        others = [v for key, v in _broken(solution).items() if key not in limits.keys]
        told = ", ".join(dict.fromkeys(f"{v.id} of {v.element}" for v in others))
        feasible = bool(held.all()) and not any(v.is_balance for v in others)
        if not held.all():
            message = message or "no design within the bounds holds every limit"
            message += f"; worst is {table.iloc[0]['limit']}"
        if others:
            message += ("; " if message else "") + f"broken, though no limit that was asked for: {told}"
        design = dict(chosen) | dict(zip(points.variables.paths, map(float, x), strict=True))
        return Sizing(
            design,
            float(self._objective(points, x).value[0]) + cost,
            self.minimise or "cost",
            feasible,
            case,
            solution,
            self._binding(points, x, margins, relative, names, units, feasible),
            table.reset_index(drop=True),
            pandas.DataFrame(),
            points.solves,
            message,
            dict(zip(points.variables.paths, points.variables.units, strict=True)),
            self._objective_unit(points),
        )

    def _binding(
        self,
        points: Points,
        x: Floats,
        margins: Chained,
        relative: Floats,
        names: list[str],
        units: list[str],
        feasible: bool,
    ) -> pandas.DataFrame:
        """The active limits with their multipliers.

        There are none where a limit is broken: the design is then not an optimum of the objective.
        """
        if not len(x) or not feasible:
            return multipliers([], np.zeros(len(x)))
        low, high = (np.array([b[k] for b in self.bounds.values()]) for k in (0, 1))
        width = high - low
        active = np.flatnonzero(relative < 1e-6)
        rows = [(names[i], float(margins.value[i]), margins.by[i] * width, units[i]) for i in active]
        for k, path in enumerate(self.bounds):
            unit = si_unit(points.variables.units[k])
            for name, room, sign in (("lowest", x[k] - low[k], 1.0), ("highest", high[k] - x[k], -1.0)):
                if room < 1e-6 * width[k]:
                    rows.append((f"{path}: {name} value", float(room), sign * width * np.eye(len(x))[k], unit))
        return multipliers(rows, self._objective(points, x).by[0] * width)
