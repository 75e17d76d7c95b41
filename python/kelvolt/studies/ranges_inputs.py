"""Which values of a case are uncertain, how each is distributed, and setting them to a draw.

A draw is a point in the unit cube with one coordinate per independent number; quantile functions turn it into values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.paths import last_level, matching, owner_of
from kelvolt.base.values import Floats, path_of, si, si_unit
from kelvolt.cases.solution import Solution
from kelvolt.studies.assumed import Assumed, curves_of
from kelvolt.sweeps.axes import Times

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case

_KINDS = ("triangular", "uniform", "normal")


def distributed(kind: str, value: float, low: float, high: float) -> Any:
    """The frozen distribution (scipy.stats) of a value with a range: see `kelvolt.uncertainty`."""
    from scipy import stats

    if kind not in _KINDS:
        raise InputError(f"distribution '{kind}' is none of {', '.join(_KINDS)}")
    width = high - low
    if kind == "uniform" or not low <= value <= high:
        return stats.uniform(low, width)
    if kind == "triangular":
        return stats.triang((value - low) / width, low, width)
    sd = width / 4.0
    return stats.truncnorm((low - value) / sd, (high - value) / sd, value, sd)


@dataclass(frozen=True)
class Input:
    """One uncertain value, or the spread of one array; with `curve`, factors on that curve of components."""

    name: str
    unit: str
    value: float
    distribution: Any
    text: str
    source: str
    paths: list[str]  # of parameters, or of components with a curve
    curve: str = ""  # the curve's name; what is drawn are factors on it
    each: bool = False  # every element draws its own factor
    factor: bool = False  # what is drawn are factors on the case's values

    @property
    def columns(self) -> int:
        return len(self.paths) if self.each else 1


class Inputs:
    """The uncertain values of a case as coordinates of the unit cube."""

    def __init__(
        self,
        case: Case,
        kind: str,
        distributions: Mapping[str, Any],
        spread: Mapping[str, Any],
        assumed: bool = True,
    ) -> None:
        self.case = case
        self._known = Assumed(case)
        self.items: list[Input] = []
        self.skipped: list[tuple[str, str]] = []
        distributed(kind, 0.5, 0.0, 1.0)  # raises InputError for an unknown kind before anything is solved
        taken: set[str] = set()
        for path, given in distributions.items():
            taken |= set(self._stated(path, given))
        if assumed:
            self._assumed(kind, taken)
        for path, relative in spread.items():
            self._spread(path, relative)
        starts = np.cumsum([0, *(i.columns for i in self.items)])
        self.columns = int(starts[-1])
        self._start = {i.name: int(s) for i, s in zip(self.items, starts, strict=False)}

    # ---- gathering ----

    def _stated(self, path: str, given: Any) -> list[str]:
        path, factor = path_of(path), isinstance(given, Times)
        given = given.values if isinstance(given, Times) else given
        if not hasattr(given, "ppf"):
            raise InputError(f"{path}: {given!r} is no frozen distribution of scipy.stats, such as uniform(1.0, 0.2)")
        kind = given.dist.name + (", factor" if factor else "")
        if components := self._with_curve(path):
            if not factor:
                raise InputError(f"{path} is a curve; give factors on it: kv.times({given.dist.name}(...))")
            curve = last_level(path)
            self.items.append(Input(path, "1", 1.0, given, kind, "given", components, curve, factor=True))
            return [f"{c}.{curve}" for c in components]
        found = self.case.core.find_parameters(path)
        if path in self.case.knobs and not factor:
            raise InputError(
                f"{path} is a knob; give a distribution of factors on it: kv.times({given.dist.name}(...))"
            )
        value = 1.0 if factor else float(np.mean(np.asarray(self.case.core.get(found))))
        unit = "1" if factor else found.unit(0)
        self.items.append(Input(path, unit, value, given, kind, "given", found.paths, factor=factor))
        return found.paths

    def _with_curve(self, path: str) -> list[str]:
        """The components whose curve a pattern names; empty where it names no curve."""
        owner, name = owner_of(path), last_level(path)
        named = matching(owner, list(self._known.models)) if owner else []
        found = [c for c in named if name in curves_of(self._known.models[c])]
        if found and self._known.curves is None:
            raise InputError(f"{path}: a curve of a case built in code; vary it where it is built")
        return found

    def _assumed(self, kind: str, taken: set[str]) -> None:
        values, skipped = self._known.values(taken, defaults=False)
        self.skipped += skipped
        for v in values:
            distribution = distributed(kind, v.value, v.low, v.high)
            self.items.append(Input(v.name, v.unit, v.value, distribution, kind, v.source, v.paths, v.curve))

    def _spread(self, path: str, relative: Any) -> None:
        from scipy import stats

        if hasattr(relative, "ppf"):
            factor, kind = relative, relative.dist.name
        else:
            sd = si(relative, "1", f"spread of {path}")
            if not 0.0 < sd < 0.33:
                raise InputError(f"spread of {path}: {sd:g} is no relative deviation between 0 and 0.33")
            factor, kind = stats.truncnorm(-3.0, 3.0, 1.0, sd), "normal"
        name, curve = f"spread of {path_of(path)}", last_level(path)
        if paths := self._with_curve(path):
            self.items.append(Input(name, "1", 1.0, factor, kind, "given", paths, curve, each=True, factor=True))
        else:
            paths = self.case.core.find_parameters(path).paths
            self.items.append(Input(name, "1", 1.0, factor, kind, "given", paths, each=True, factor=True))

    # ---- drawing ----

    def columns_of(self, name: str) -> range:
        item = next(i for i in self.items if i.name == name)
        return range(self._start[name], self._start[name] + item.columns)

    def refuse_none(self) -> None:
        """Raises InputError where no value is uncertain."""
        if not self.columns:
            raise InputError(
                "no value of this case is uncertain: none is assumed with a range; give distributions or spread"
            )

    def nominal(self) -> Floats:
        """The draw (in the unit cube) at which every value is the nominal one [columns]."""
        at = [np.full(i.columns, float(i.distribution.cdf(i.value))) for i in self.items]
        drawn: Floats = np.clip(np.concatenate(at), 1e-12, 1.0 - 1e-12)  # infinite at 0 and 1 if unbounded
        return drawn

    def setter(self) -> Setter:
        return Setter(self)

    def that_matter(self, base: Solution, recorded: _core.Found) -> list[str]:
        """Names of inputs whose range moves a key output at the nominal point; curves are always kept."""
        numbers = [i for i in self.items if not i.curve]
        found = _core.joined([self.case.core.find_parameters(p) for i in numbers for p in i.paths])
        outputs = _core.joined([self.case.core.find(p) for p in _main_paths(recorded)])
        table = np.abs(np.asarray(_core.gradients(base.raw, outputs, found)))
        effects, k = {}, 0
        for i in numbers:
            low, high = i.distribution.ppf([0.01, 0.99])
            width = (high - low) * (self._mean_of(i) if i.factor else 1.0)
            effects[i.name] = table[:, k : k + len(i.paths)].sum(axis=1) * width
            k += len(i.paths)
        total = np.maximum(sum(effects.values()), 1e-300)
        return [i.name for i in self.items if i.curve or (effects[i.name] > 1e-6 * total).any()]

    def _mean_of(self, item: Input) -> float:
        found = _core.joined([self.case.core.find_parameters(p) for p in item.paths])
        return float(np.abs(np.asarray(self.case.core.get(found))).mean())

    # ---- tables ----

    def table(self) -> pandas.DataFrame:
        import pandas

        rows = [
            (i.name, si_unit(i.unit), i.value, *i.distribution.support(), i.text, len(i.paths), i.source)
            for i in self.items
        ]
        columns = ["name", "unit", "value", "low", "high", "distribution", "count", "source"]
        frame = pandas.DataFrame(rows, columns=columns)
        frame.attrs["declared"] = [i.unit for i in self.items]
        return frame

    def quantiles(self, draws: Floats) -> Floats:
        """Values in SI of draws in the unit cube [n, columns]; factors for a spread or a curve."""
        out = np.empty_like(draws)
        for item in self.items:
            columns = slice(self._start[item.name], self._start[item.name] + item.columns)
            out[:, columns] = item.distribution.ppf(draws[:, columns])
        return out

    def skipped_table(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame(self.skipped, columns=["name", "reason"])

    def samples(self, draws: Floats) -> pandas.DataFrame:
        import pandas

        values = self.quantiles(draws)
        single = {i.name: values[:, self._start[i.name]] for i in self.items if not i.each}
        return pandas.DataFrame(single, index=range(len(draws)))


class Setter:
    """Sets the values of draws in a case that belongs to one thread."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        core = inputs.case.core
        self._curves = _core.CurveFactors(core) if any(i.curve for i in inputs.items) else None
        self.core = self._curves.case if self._curves else core.copy()
        self._numbers = [i for i in inputs.items if not i.curve]
        paths = [p for i in self._numbers for p in i.paths]
        unique = list(dict.fromkeys(paths))
        place = {p: k for k, p in enumerate(unique)}
        self._found = _core.joined([self.core.find_parameters(p) for p in unique])
        columns = [inputs.columns_of(i.name) for i in self._numbers]
        self._places = [
            (np.array([place[p] for p in i.paths]), slice(c.start, c.stop), i.factor)
            for i, c in sorted(zip(self._numbers, columns, strict=True), key=lambda pair: pair[0].each)
        ]
        self._factors: dict[tuple[str, str], list[int]] = {}  # (component, curve): columns whose product is its factor
        for i in inputs.items:
            for k, component in enumerate(i.paths if i.curve else []):
                column = inputs.columns_of(i.name).start + (k if i.each else 0)
                self._factors.setdefault((component, i.curve), []).append(column)
        self._given = np.asarray(core.get(_core.joined([core.find_parameters(p) for p in unique]))).copy()

    def at(self, drawn: Floats) -> _core.Case:
        """The case set to a row of `Inputs.quantiles`. Raises InputError when a value leaves its parameter's range."""
        values = self._given.copy()
        for places, columns, factor in self._places:  # shared values first, then the spread
            values[places] = values[places] * drawn[columns] if factor else drawn[columns]
        self.core.set_each(self._found, values)
        for (component, curve), factors in self._factors.items():
            assert self._curves is not None
            self._curves.set(component, curve, float(np.prod(drawn[factors])))
        return self.core


def _main_paths(recorded: _core.Found) -> list[str]:
    main = ("T_die", "T_case", "P_el", "T_return", "Q_flow", "V_flow", "dp")
    return [p for p in recorded.paths if last_level(p) in main]
