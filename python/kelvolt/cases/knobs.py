"""Knobs of a case: one number for the sum of many parameters, whose shares stay the same when it is set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.values import Floats


def knobs_of(core: _core.Case) -> dict[str, str]:
    """The knobs that a case declares under `knobs:`, with what they turn."""
    return dict(_core.knobs(core))


@dataclass(frozen=True)
class Parameters:
    """The parameters that a path, a pattern or a knob stands for, and what each of them is per unit of its value."""

    found: _core.Found
    share: Floats
    is_knob: bool

    def value(self, core: _core.Case) -> float:
        """The value in a case, SI: of a knob the sum, otherwise the mean of the elements."""
        values = np.asarray(core.get(self.found))
        return float(values.sum() if self.is_knob else values.mean())


def parameters_of(core: _core.Case, path: str) -> Parameters:
    """What is set by a path, a pattern or a knob. Raises InputError, also for a knob whose parameters are all 0."""
    found = core.find_parameters(path)
    if path not in knobs_of(core):
        return Parameters(found, np.ones(len(found)), False)
    values = np.asarray(core.get(found))
    total = float(values.sum())
    text, file, folder, _, allowed = _core.source(core)
    if total == 0.0 and text:  # it was set to 0, so the shares are those of the case as it was read
        own = _core.restored((text, file, folder, [], allowed))
        values = np.asarray(own.get(own.find_parameters(path)))
        total = float(values.sum())
    if total == 0.0:
        raise InputError(
            f"{path}: the sum of its {len(found)} parameters is 0, so that there are no shares to keep; set some of "
            f"them first, for example {found.paths[0]}"
        )
    return Parameters(found, values / total, True)


def read_knob(core: _core.Case, path: str, unit: str | None) -> float:
    """The sum of the parameters of a knob, which may be 0; in SI or a unit. Raises InputError for the unit."""
    found = core.find_parameters(path)
    value = float(np.asarray(core.get(found)).sum())
    return value if unit is None else _core.from_si(value, found.unit(0), unit)


def knob_value(core: _core.Case, path: str, text: str) -> float:
    """The value that a text such as "120 kW" gives a knob, SI. Raises InputError, also for a number without a unit."""
    unit = core.find_parameters(path).unit(0)
    try:
        number = float(text)
    except ValueError:
        try:
            return _core.to_si(text, unit)
        except InputError as error:
            raise InputError(f"{path}: {error.message}") from None
    if unit in ("1", "") or number == 0.0:
        return number
    shown = _core.display_unit(unit, "si")
    raise InputError(f"{path}: {text} has no unit; write '{text} {shown}', or '{text} {unit}'")


def factor_of(core: _core.Case, path: str) -> float | None:
    """What makes a value of a knob the factor on its parameters; None for a path or a pattern."""
    return 1.0 / parameters_of(core, path).value(core) if path in knobs_of(core) else None
