"""What a sweep varies (grids, zipped lists, samples, structures), as columns of numbers over named dimensions."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.cf import RESERVED, distinct, identifier
from kelvolt.base.errors import InputError
from kelvolt.base.paths import inside, matching, without_indices
from kelvolt.base.values import MOST_POINTS, Floats, bounded, difference, quantity_text, shown, si, whole

if TYPE_CHECKING:
    from kelvolt.cases.case import Case

_METHODS = ("sobol", "halton", "lhs", "random")


@dataclass(frozen=True)
class Times:
    """Factors that multiply the values the case has."""

    values: Any


@dataclass(frozen=True)
class Zipped:
    axes: Mapping[str, Any]
    name: str


@dataclass(frozen=True)
class Samples:
    n: int
    axes: Mapping[str, Any]
    method: str
    seed: int
    name: str


@dataclass(frozen=True)
class Shape:
    """A distribution as a sweep file states it: the name of its kind and numbers, which may carry units."""

    kind: str
    numbers: tuple[Any, ...]

    def frozen(self, unit: str, path: str) -> Any:
        from scipy import stats

        if self.kind == "normal":
            mean, sd = (to_number(x, u, path) for x, u in zip(self.numbers, (unit, difference(unit)), strict=True))
            if not sd > 0.0:
                raise InputError(f"samples: {path}: the standard deviation {sd:g} is not above zero")
            return stats.norm(mean, sd)
        low, mode, high = (to_number(x, unit, path) for x in self.numbers)
        if not low <= mode <= high or not low < high:
            raise InputError(f"samples: {path}: triangular takes [lowest, likeliest, highest], not {self.numbers}")
        return stats.triang((mode - low) / (high - low), low, high - low)


SHAPES = {"normal": 2, "triangular": 3}  # how many numbers each takes


@dataclass(frozen=True)
class Variants:
    cases: Mapping[str, Case]
    name: str


def times(*values: Any) -> Times:
    """Factors that multiply every value a pattern names: `{"tray[*].qd_in.Cv": kv.times(0.8, 1.0, 1.2)}`.

    On a grid each factor is one point; they may also be given as one list. In `samples`, two factors are the range
    from which factors are drawn, and a scipy distribution is a distribution of factors.

    >>> case = kv.load("single_loop")
    >>> kv.sweep(case, {"gpu.power": kv.times(0.8, 1.0)}, record={"hot": "gpu.T_die"}).sizes["gpu_power"]
    2
    """
    return Times(values[0] if len(values) == 1 and not np.isscalar(values[0]) else list(values))


def zipped(axes: Mapping[str, Any], *, name: str = "point") -> Zipped:
    """Lists of equal length, varied together (first with first) along one dimension called `name`.

    Lists of different lengths raise InputError when the sweep is planned.

    >>> case = kv.load("single_loop")
    >>> both = kv.zipped({"gpu.power": ["900 W", "1100 W"], "facility.T_supply": ["25 degC", "30 degC"]})
    >>> kv.sweep(case, both, record={"hot": "gpu.T_die"})["hot"].dims
    ('point',)
    """
    return Zipped(dict(axes), name)


def samples(n: int, axes: Mapping[str, Any], *, method: str = "sobol", seed: int = 0, name: str = "sample") -> Samples:
    """`n` points from scipy.stats.qmc (sobol, halton, lhs) or at random, along one dimension called `name`.

    Each path has a range, which is a tuple (low, high) of numbers in SI or text with units; or a frozen scipy
    distribution (SI); or `times` of either. A list is refused: it means points of a grid, which are given beside the
    samples. The same seed gives the same points. Raises InputError for an unknown method and a wrong n or seed.

    >>> case = kv.load("single_loop")
    >>> drawn = kv.samples(4, {"gpu.power": ("900 W", "1200 W")})
    >>> kv.sweep(case, drawn, record={"hot": "gpu.T_die"})["hot"].dims
    ('sample',)
    """
    if method not in _METHODS:
        raise InputError(f"samples: method '{method}' is none of {', '.join(_METHODS)}")
    return Samples(
        whole(n, "samples: n", most=MOST_POINTS), dict(axes), method, whole(seed, "samples: seed", 0), str(name)
    )


def variants(cases: Mapping[str, Case], *, name: str = "variant") -> Variants:
    """Whole cases, each under a label, for structures that no single value of the case text describes.

    Can be given alone, in a list, or as the value under the name of its dimension, which is otherwise called `name`.
    A sweep takes at most one. Raises InputError for a value that is not a case.
    """
    from kelvolt.cases.case import Case

    if not isinstance(cases, Mapping):
        raise InputError(f"variants: a mapping {{label: case}} is needed, not {type(cases).__name__}")
    for label, case in cases.items():
        if not isinstance(case, Case):
            raise InputError(
                f"variants: '{label}' is of type {type(case).__name__} and no case; give kv.load(file), or "
                "case.copy().update({path: value})"
            )
    return Variants(dict(cases), name)


@dataclass
class Column:
    """One varied path: `numbers` in SI along its dimension, or `items` of a structural axis."""

    path: str
    relative: bool = False
    numbers: Floats | None = None
    unit: str = "1"
    items: list[Any] = field(default_factory=list)
    whole_cases: bool = False  # `items` are (label, case)
    name: str = ""  # of its coordinate in the result

    @property
    def structural(self) -> bool:
        return self.numbers is None


@dataclass
class Dimension:
    name: str
    size: int
    columns: list[Column]
    of_path: bool = False  # it was given by the path that it varies, and gets a name made from that


Axes = Mapping[str, Any] | Samples | Zipped | Variants | Sequence[Any]


def dimensions(axes: Axes, declared: Any) -> list[Dimension]:
    """The dimensions of a sweep. `declared(path)` returns the unit of a parameter, and None for a structural path."""
    out: list[Dimension] = []
    for part in axes if isinstance(axes, Sequence) else [axes]:
        if isinstance(part, Variants):
            column = _column(part.name, part, declared)
            out.append(Dimension(part.name, _length(column), [column]))
        elif isinstance(part, Zipped):
            out.append(_zip(part, part.name, declared))
        elif isinstance(part, Samples):
            out.append(_sample(part, part.name, declared))
        elif isinstance(part, Mapping):
            for key, values in part.items():
                if isinstance(values, Zipped):
                    out.append(_zip(values, key, declared))
                elif isinstance(values, Samples):
                    out.append(_sample(values, key, declared))
                else:
                    column = _column(key, values, declared)
                    out.append(Dimension(key, _length(column), [column], of_path=not column.whole_cases))
        else:
            raise InputError(
                f"a sweep varies a mapping of paths, kv.zipped, kv.samples or kv.variants, not {type(part).__name__}"
            )
    _refuse_repeats(out)
    _name(out)
    return out


def _name(dims: list[Dimension]) -> None:
    """Gives every varied path a name that Python takes ("cdu_coolant" of cdu.coolant), and the dimension it makes."""
    taken = {*RESERVED, *(d.name for d in dims if not d.of_path)}
    for dim in dims:
        for column in dim.columns:
            column.name = column.path if column.whole_cases else distinct(identifier(column.path), taken)
        if dim.of_path:
            dim.name = dim.columns[0].name


def _refuse_repeats(dims: list[Dimension]) -> None:
    for what, names in (("dimension", [d.name for d in dims]), ("path", [c.path for d in dims for c in d.columns])):
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise InputError(f"sweep: {what} '{sorted(twice)[0]}' is given twice")
    if not dims:
        raise InputError("sweep: nothing is varied; give at least one path with values")
    for d in dims:
        if d.size == 0:
            raise InputError(f"sweep: '{d.name}' has no values")
    whole_cases = [c.path for d in dims for c in d.columns if c.whole_cases]
    if len(whole_cases) > 1:
        raise InputError(
            f"sweep: '{whole_cases[0]}' and '{whole_cases[1]}' are both variants, and a point has one case; put every "
            "combination into one kv.variants"
        )


def refuse_shared(case: Case, numbers: Sequence[str], texts: Mapping[str, str]) -> None:
    """Raises InputError where two paths vary one parameter, since the value of one would overwrite that of the other.

    numbers: paths and patterns of parameters. texts: paths into the text of the case, with their places there.
    """
    owner: dict[str, str] = {}
    for path in numbers:
        for parameter in case.core.find_parameters(path).paths:
            if owner.setdefault(parameter, path) != path:
                raise _shared(owner[parameter], path, parameter)
    names = {without_indices(parameter): path for parameter, path in owner.items()}
    for path, place in texts.items():
        for other, there in texts.items():
            if path != other and inside(there, place):
                raise _shared(path, other, there)
        # a component of an assembly may occur at any level, one of the case itself only under its own name
        of_case, found, name = place.rpartition("components.")
        for parameter in matching(f"**.{name}" if of_case else name, list(names)) if found else ():
            raise _shared(path, names[parameter], parameter)


def _shared(one: str, other: str, what: str) -> InputError:
    return InputError(f"'{one}' and '{other}' both vary {what}; leave one of them out, or let it name fewer elements")


def most(values: Iterable[Any], path: str) -> list[Any]:
    """The values as a list. Raises InputError where they are more than a sweep can have, without listing them all."""
    listed = list(islice(values, int(MOST_POINTS) + 1)) if not isinstance(values, Sized) else values
    if len(listed) > MOST_POINTS:
        raise InputError(f"{path}: has more than {MOST_POINTS:.0e} values, which is the most; give fewer")
    return list(listed)


def _length(column: Column) -> int:
    return len(column.items) if column.numbers is None else len(column.numbers)


def _column(path: str, values: Any, declared: Any) -> Column:
    if isinstance(values, Variants):
        return Column(path, items=list(values.cases.items()), whole_cases=True)
    relative = isinstance(values, Times)
    if relative:
        values = values.values
    if hasattr(values, "ppf"):
        raise InputError(f"sweep: {path}: a distribution is drawn from by kv.samples(n, {{path: distribution}})")
    if isinstance(values, tuple):
        raise InputError(
            f"sweep: {path}: a tuple is a range everywhere in Kelvolt, and a grid has points; write a list "
            f"{list(values)!r} for points, or kv.samples(n, {{'{path}': {values!r}}}) for draws from the range"
        )
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        values = [values]
    unit = declared(path)
    values = most(values, path)
    if unit is None:
        if relative:
            raise InputError(f"sweep: {path} is no number; kv.times multiplies numbers only")
        return Column(path, items=[_plain_item(path, v) for v in values])
    unit = "1" if relative else unit
    return Column(path, relative, np.array([to_number(v, unit, path) for v in values], dtype=float), unit)


def _plain_item(path: str, value: Any) -> Any:
    """A value that can be written into the text of a case. Raises InputError for any other."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, Variants) or hasattr(value, "core"):
        raise InputError(f"sweep: {path}: whole cases are varied by kv.variants({{label: case}})")
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise InputError(
            f"sweep: {path}: {value!r} of type {type(value).__name__} cannot stand in a case; give numbers, words, "
            "lists or mappings"
        ) from None
    return value


def to_number(value: Any, unit: str, path: str) -> float:
    """The value in SI of a finite number, text with a unit or a quantity of pint. Raises InputError for others."""
    value = quantity_text(value)
    if isinstance(value, str):
        try:
            return si(value, unit, path)
        except InputError as error:
            raise InputError(f"sweep: {path}: {error.message}") from None
    try:
        number = float("nan" if isinstance(value, bool) else value)
    except (TypeError, ValueError, OverflowError):
        number = np.nan
    if not np.isfinite(number):
        raise InputError(f"sweep: {path}: {shown(value)} is neither a finite number nor text with a unit")
    return number


def _zip(part: Zipped, name: str, declared: Any) -> Dimension:
    columns = [_column(path, values, declared) for path, values in part.axes.items()]
    sizes = {c.path: _length(c) for c in columns}
    if len(set(sizes.values())) != 1:
        told = ", ".join(f"{p} has {n}" for p, n in sizes.items())
        raise InputError(f"zipped '{name}': the lists need one length; {told or 'there is none'}")
    return Dimension(name, next(iter(sizes.values())), columns)


def _sample(part: Samples, name: str, declared: Any) -> Dimension:
    bounded(part.n, len(part.axes), "samples", "draw fewer, or vary less")
    unit_cube = _unit_cube(part)
    columns = []
    for k, (path, spread) in enumerate(part.axes.items()):
        relative = isinstance(spread, Times)
        spread = spread.values if isinstance(spread, Times) else spread
        unit = declared(path)
        if unit is None:
            raise InputError(f"samples: {path} is no number; structural axes go on a grid beside the samples")
        unit = "1" if relative else unit
        u = unit_cube[:, k]
        spread = spread.frozen(unit, path) if isinstance(spread, Shape) else spread
        if hasattr(spread, "ppf"):
            # the outermost quantiles of an unbounded distribution are infinite
            numbers = np.asarray(spread.ppf(np.clip(u, 1e-12, 1.0 - 1e-12)), dtype=float)
        elif isinstance(spread, tuple if not relative else tuple | list) and len(spread) == 2:
            low, high = (to_number(v, unit, path) for v in spread)
            numbers = low + u * (high - low)
        else:
            hint = (
                f"; a list is points: kv.sweep(case, [{{'{path}': {spread!r}}}, kv.samples(...)]) puts them on a grid"
                if isinstance(spread, list | np.ndarray)
                else ""
            )
            raise InputError(
                f"samples: {path} needs a range, the tuple (low, high), or a frozen scipy distribution, not {spread!r}"
                + hint
            )
        columns.append(Column(path, relative, numbers, unit))
    return Dimension(name, part.n, columns)


def _unit_cube(part: Samples) -> Floats:
    from scipy.stats import qmc

    d = len(part.axes)
    if d == 0:
        raise InputError("samples: nothing is varied; give at least one path with a range")
    rng = np.random.default_rng(part.seed)
    if part.method == "random":
        return rng.random((part.n, d))
    kinds = {"sobol": qmc.Sobol, "halton": qmc.Halton, "lhs": qmc.LatinHypercube}
    with warnings.catch_warnings():  # a number of points that is no power of two is the user's choice
        warnings.simplefilter("ignore", UserWarning)
        cube: Floats = kinds[part.method](d, seed=rng).random(part.n)
    return cube
