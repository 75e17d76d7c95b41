"""Values by path and pattern as floats and NumPy arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.errors import InputError

if TYPE_CHECKING:
    from kelvolt.base.expressions import Expression

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Values of one name: `rack.tray.gpu.T_die` with the dimensions tray and gpu."""

    name: str
    dims: tuple[str, ...]
    sizes: tuple[int, ...]
    numbers: list[int]  # indices of its values among those found
    positions: list[int]  # index of each value in the flattened (row-major) array

    def shape(self, flat: Floats) -> Floats:
        """`flat[..., value]` as `[..., *sizes]`; a view if the values are in order, NaN where an element is missing."""
        n = len(self.numbers)
        first = self.numbers[0]
        whole = self.positions == list(range(int(np.prod(self.sizes, dtype=int))))
        in_row = self.numbers == list(range(first, first + n))
        column = flat[..., first : first + n] if in_row else flat[..., self.numbers]
        if not whole:
            full = np.full((*flat.shape[:-1], int(np.prod(self.sizes, dtype=int))), np.nan)
            full[..., self.positions] = column
            column = full
        return column.reshape((*flat.shape[:-1], *self.sizes))


def groups_of(found: _core.Found) -> list[Group]:
    return [Group(name, tuple(dims), tuple(sizes), numbers, at) for name, dims, sizes, numbers, at in found.groups]


def single(found: _core.Found, pattern: str) -> Group:
    """The one array that the pattern names. Raises InputError where it names several quantities."""
    groups = groups_of(found)
    if len(groups) != 1:
        names = ", ".join(g.name for g in groups[:8]) + (", …" if len(groups) > 8 else "")
        raise InputError(
            f"'{pattern}' names {len(groups)} quantities ({names}); ask for one, or use to_xarray(pattern)"
        )
    return groups[0]


def difference(declared: str) -> str:
    """The unit of the difference of two values of a unit."""
    return {"K": "delta_K", "Pa_abs": "Pa", "Pa_gauge": "Pa"}.get(declared, declared)


def si_unit(declared: str) -> str:
    """The unit as written in files and tables, without kinds such as absolute or gauge pressure."""
    return {"delta_K": "K", "Pa_abs": "Pa", "Pa_gauge": "Pa"}.get(declared, declared)


def shown(value: Any) -> str:
    """A value with its type, for a message."""
    try:
        return f"{value!r} of type {type(value).__name__}"
    except ValueError:  # an integer with more digits than Python prints
        return f"a value of type {type(value).__name__} that is too long to print"


def text_of(value: Any, about: str) -> str:
    """Valid Unicode text. Raises InputError for anything else; `about` says what is needed, with an example."""
    try:
        if isinstance(value, str) and value.encode() is not None:
            return value
    except UnicodeEncodeError:
        raise InputError(f"{about}; {value!r} holds half a character") from None
    raise InputError(f"{about}, not {shown(value)}")


def path_of(path: Any) -> str:
    """A path or pattern as text. Raises InputError."""
    return text_of(path, "a path is text such as 'tray[3].gpu[*].power'")


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity of pint, which has its unit with it."""
    return hasattr(value, "magnitude") and hasattr(value, "to_base_units")


_SCALES = {
    f"{mark}degree_{name}": f"{mark}deg{name[0]}" for mark in ("", "delta_") for name in ("Celsius", "Fahrenheit")
}


def quantity_text(value: Any) -> Any:
    """A quantity of pint as text with a unit, a number for one without dimension, an array as an array of such.

    Anything else is returned as it is. Temperatures keep their scale, other quantities are written in base units.
    """
    if not is_quantity(value):
        return value
    if str(value.units) not in _SCALES:
        value = value.to_base_units()
    unit = _SCALES.get(str(value.units), f"{value.units}".replace(" ", ""))
    if unit == "dimensionless":
        return value.magnitude
    texts = [f"{float(x)!r} {unit}" for x in np.ravel(value.magnitude)]
    return np.array(texts, dtype=object).reshape(np.shape(value.magnitude)) if np.ndim(value.magnitude) else texts[0]


def si(value: Any, unit: str, about: str) -> float:
    """A value in SI from a number (in SI), text with a unit or a quantity of pint.

    Raises InputError that begins with `about`."""
    value = quantity_text(value)
    if isinstance(value, str):
        return _core.to_si(text_of(value, f"{about}: a value is a number in SI or text such as '25 degC'"), unit)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{about}: {shown(value)} is neither a number in SI nor text with a unit") from None


def floats(values: Any, about: str, unit: str | None = None) -> Floats:
    """An array of numbers, a copy; with a `unit`, quantities of pint are converted to it.

    Raises InputError that begins with `about`."""
    if unit is not None:
        texts = quantity_text(values)
        if isinstance(texts, np.ndarray) and texts.dtype == object and is_quantity(values):
            return np.array([si(x, unit, about) for x in texts.ravel()]).reshape(texts.shape)
        if isinstance(values, list | tuple) and any(is_quantity(x) for x in values):
            return np.array([si(x, unit, about) for x in values])
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"{about}: {shown(values)} is neither a number, an array of numbers, nor text with a unit"
        ) from None


def whole(number: Any, about: str, least: int = 1, most: float = np.inf) -> int:
    """A whole number from `least` to `most`. Raises InputError that begins with `about`."""
    if not isinstance(number, Integral) or isinstance(number, bool) or int(number) < least:
        raise InputError(f"{about} = {shown(number)}; a whole number from {least} on is needed")
    if int(number) > most:
        raise InputError(f"{about} = {shown(number)}; at most {most:.0f} can be had")
    return int(number)


def workers_of(threads: int | None, about: str) -> int:
    """The number of threads asked for; None: one for each processor that this process may use. Raises InputError."""
    return len(os.sched_getaffinity(0)) if threads is None else whole(threads, f"{about}: threads", 1, MOST_THREADS)


MOST_THREADS = 1024
MOST_VALUES = 2e8  # numbers kept by one study: 1.6 GB
MOST_POINTS = 10_000_000  # points of a sweep
LONGEST_HEADING = 200  # characters of a column heading that is parsed; the work grows with their cube


def bounded(rows: float, columns: float, about: str, remedy: str) -> None:
    """Raises InputError where a table would not fit into memory; `about` names it, `remedy` says how to lower it."""
    if not rows * max(columns, 1) <= MOST_VALUES:
        raise InputError(
            f"{about}: {rows:.4g} rows of {columns:.4g} values are {rows * columns:.3g} numbers; at most "
            f"{MOST_VALUES:.0e} are kept; {remedy}"
        )


def is_path(pattern: str) -> bool:
    """Whether a pattern is a plain path, which names one value and gives a float; other patterns give arrays."""
    return not any(mark in pattern for mark in ("*", "..", "?", "{"))


def pick(found: _core.Found, pattern: str, flat: Floats, unit: str | None) -> float | Floats:
    """Values as a float (plain path) or an array shaped by levels, in SI or `unit`. Raises InputError for the unit."""
    if is_path(pattern) and len(found) == 1:
        value = float(flat[0])
        return value if unit is None else _core.from_si(value, found.unit(0), _unit(unit))
    shaped = single(found, pattern).shape(flat)
    return shaped if unit is None else converted(shaped, found.unit(0), unit)


def evaluated(
    expression: Expression,
    find: Callable[[str], _core.Found],
    read: Callable[[_core.Found, str], Floats],
    unit: str | None,
) -> Floats:
    """An expression of values as [times, *levels]; without levels where it is one number.

    find: what a path names; read: values [elements, times] of it. unit: of the result, SI where None. Raises
    InputError for a unit where the expression has none, such as a product.
    """
    finds = [found_in(expression, path, find) for path in expression.paths]
    declared = dict(zip(expression.paths, (f.unit(0) for f in finds), strict=True))
    of = expression.unit(declared.__getitem__)
    made = expression.of_arrays([read(found, path) for found, path in zip(finds, expression.paths, strict=True)])
    if unit is not None:
        if not of:
            raise InputError(f"'{expression.text}' has no unit that is known; leave the unit out: its value is in SI")
        if of == "K" and not expression.on_a_scale:
            raise InputError(
                f"'{expression.text}' sums or multiplies temperatures, which has no meaning on a scale: the value "
                "depends on its zero; take their mean, max or min, or a difference"
            )
        made = converted(made, of, unit)
    if len(made) == 1:
        return np.asarray(made[0])
    like = next(f for f in finds if len(f) == len(made))
    groups = groups_of(like)
    return groups[0].shape(made.T) if len(groups) == 1 else made.T


def found_in(expression: Expression, path: str, find: Callable[[str], _core.Found]) -> _core.Found:
    """What a path of an expression names. Raises InputError that names the expression, too."""
    try:
        return find(path)
    except InputError as error:
        raise InputError(f"'{expression.text}': {error.message}") from None


def _unit(unit: Any) -> str:
    return text_of(unit, "a unit is text such as 'degC'")


def converted(si: Floats, declared: str, unit: str) -> Floats:
    """An array in the declared SI unit converted to another unit; every unit is linear, so two points define it."""
    at_zero, at_thousand = (_core.from_si(x, declared, _unit(unit)) for x in (0.0, 1000.0))
    return si * ((at_thousand - at_zero) / 1000.0) + at_zero


def named_units(found: _core.Found) -> Iterator[tuple[Group, str]]:
    for group in groups_of(found):
        yield group, found.unit(group.numbers[0])
