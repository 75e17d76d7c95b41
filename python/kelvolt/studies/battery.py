"""Battery sizing by the method of IEEE 485: the capacity that a duty cycle needs, section by section.

The duty cycle is a row of periods with constant current. Section s ends with period s and needs

    F_s = sum over periods p = 1 .. s of (A_p - A_(p-1)) K(t from the start of period p to the end of section s)

K(t) is the capacity over the current that a cell gives for the time t down to its end voltage. The largest section,
with the random load beside it, times the factors for temperature, design margin and ageing, is the capacity to buy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.tables import Table, plain

if TYPE_CHECKING:
    import pandas

_HOUR = 3600.0
NO_TABLE = (
    "no Kt table was given: K(t) = t, the charge that is taken alone; a real cell gives less at high current, so "
    "that the capacity found is a lower bound"
)


@dataclass(frozen=True)
class BatterySize:
    """What `kv.battery_size` returns; capacities in Ah."""

    sections: pandas.DataFrame  # section, end s, needed Ah (uncorrected)
    controlling: int  # number of the section that needs most, from 1
    uncorrected: float  # Ah, the random load included
    random: float  # Ah
    temperature_factor: float
    design_margin: float
    ageing_factor: float
    capacity: float  # Ah: uncorrected times the three factors
    cell: float | None  # Ah: the next size of those offered, None where none was given
    energy: float  # J that the duty cycle takes at `voltage`; NaN where none was given
    statements: tuple[str, ...]

    def summary(self) -> str:
        rows = [[str(r.section), plain(r.end / 60.0, 4), plain(r.needed, 5)] for r in self.sections.itertuples()]
        parts = [Table(["section", "ends (min)", "needs (Ah)"], rows).text()]
        factors = [
            ["uncorrected", plain(self.uncorrected, 5)],
            ["temperature", plain(self.temperature_factor, 4)],
            ["design margin", plain(self.design_margin, 4)],
            ["ageing", plain(self.ageing_factor, 4)],
            ["capacity (Ah)", plain(self.capacity, 5)],
        ]
        if self.cell is not None:
            factors.append(["cell (Ah)", plain(self.cell, 5)])
        parts.append(f"Section {self.controlling} controls\n" + Table(["", ""], factors).text("  "))
        return "\n\n".join([*parts, *self.statements])

    def __repr__(self) -> str:
        return self.summary()


def battery_size(
    duty: Sequence[tuple[Any, Any]],
    kt: Mapping[float, float] | Sequence[tuple[Any, float]] | None = None,
    *,
    random: tuple[Any, Any] | None = None,
    temperature_factor: float = 1.0,
    design_margin: float = 1.1,
    ageing_factor: float = 1.25,
    cells: Sequence[float] = (),
    voltage: float | None = None,
) -> BatterySize:
    """The rated capacity [Ah] that a duty cycle needs, by the method of IEEE 485.

    duty: periods (current, duration) in order; A or text with a unit, or W or text in watts where `voltage` is given
    (the current at the end of discharge is then power over voltage), s or text such as "30 min". kt: capacity over
    current (hours, as K factors are printed) by discharge time (s or text), of the cell and its end voltage; straight
    on two logarithmic axes between entries, refused beyond them. Without it K(t) = t, which `statements` says. random:
    (current, duration) of the load that may come at any time, added to the section that needs most. temperature_factor:
    1 at the table's temperature, above 1 when colder, from the maker. design_margin (1.1) and ageing_factor (1.25,
    for a battery replaced at 80 %) as IEEE 485 suggests. cells: capacities offered [Ah]; the smallest that is large
    enough is `cell`. Raises InputError.
    """
    import pandas

    if not duty:
        raise InputError("battery_size: the duty cycle has no period; give (current, duration) pairs")
    periods = [(_current(a, voltage), _seconds(t)) for a, t in duty]
    _check_factors(temperature_factor, design_margin, ageing_factor)
    factor_of = _Factors(kt)
    currents, ends = [a for a, _ in periods], np.cumsum([t for _, t in periods])
    starts = np.concatenate([[0.0], ends[:-1]])
    steps = np.diff([0.0, *currents])
    needed = [
        float(sum(steps[p] * factor_of(ends[s] - starts[p]) for p in range(s + 1) if steps[p] != 0.0))
        for s in range(len(periods))
    ]
    by_random = 0.0 if random is None else _current(random[0], voltage) * factor_of(_seconds(random[1]))
    most = int(np.argmax(needed))
    uncorrected = needed[most] + by_random
    capacity = uncorrected * temperature_factor * design_margin * ageing_factor
    cell = _cell(capacity, cells)
    charge = sum(a * t for a, t in periods)
    return BatterySize(
        pandas.DataFrame({"section": range(1, len(periods) + 1), "end": ends, "needed": needed}),
        most + 1,
        uncorrected,
        by_random,
        temperature_factor,
        design_margin,
        ageing_factor,
        capacity,
        cell,
        charge * voltage if voltage is not None else math.nan,
        () if kt is not None else (NO_TABLE,),
    )


def _check_factors(temperature_factor: float, design_margin: float, ageing_factor: float) -> None:
    for name, factor in (
        ("temperature_factor", temperature_factor),
        ("design_margin", design_margin),
        ("ageing_factor", ageing_factor),
    ):
        if not 0.5 <= factor <= 3.0:
            raise InputError(f"battery_size: {name} = {factor:g} is a factor on the capacity, 0.5 to 3")


def _cell(capacity: float, cells: Sequence[float]) -> float | None:
    """The smallest cell offered that is large enough; None where none is offered."""
    enough = [c for c in sorted(cells) if c >= capacity * (1.0 - 1e-9)]
    if cells and not enough:
        raise InputError(
            f"battery_size: {capacity:.4g} Ah is needed and the largest cell offered has {max(cells):g} Ah; offer "
            "larger ones, or parallel strings"
        )
    return enough[0] if enough else None


class _Factors:
    """K(t) in hours by discharge time in seconds."""

    def __init__(self, kt: Mapping[float, float] | Sequence[tuple[Any, float]] | None) -> None:
        if kt is None:
            self._times = self._factors = None
            return
        pairs = sorted((_seconds(t), float(k)) for t, k in (kt.items() if isinstance(kt, Mapping) else kt))
        self._times, self._factors = np.array([t for t, _ in pairs]), np.array([k for _, k in pairs])
        if len(pairs) < 1 or (self._times <= 0.0).any() or (np.diff(self._times) <= 0.0).any():
            raise InputError("battery_size: kt needs times above 0, each once")
        if (self._factors <= 0.0).any() or (np.diff(self._factors) < 0.0).any():
            raise InputError("battery_size: the factors of kt are above 0 and rise with the time")
        short = self._factors < self._times / _HOUR * (1.0 - 1e-9)
        if short.any():
            raise InputError(
                f"battery_size: kt = {self._factors[short][0]:g} h at {self._times[short][0]:g} s is below the time "
                "itself: a cell would give more than its capacity. Factors are in hours, capacity over current"
            )

    def __call__(self, t: float) -> float:
        if self._times is None or self._factors is None:
            return t / _HOUR
        if not self._times[0] * (1.0 - 1e-9) <= t <= self._times[-1] * (1.0 + 1e-9):
            raise InputError(
                f"battery_size: a factor for {t:g} s is needed; the table of kt covers {self._times[0]:g} to "
                f"{self._times[-1]:g} s"
            )
        return float(np.exp(np.interp(np.log(t), np.log(self._times), np.log(self._factors))))


def _seconds(t: Any) -> float:
    found = _core.seconds(t) if isinstance(t, str) else float(t)
    if not found > 0.0:
        raise InputError(f"battery_size: a duration is above 0, not {t}")
    return float(found)


def _current(a: Any, voltage: float | None) -> float:
    if isinstance(a, str):
        try:
            found = _core.to_si(a, "A")
        except InputError:
            if voltage is None:
                raise InputError(
                    f"battery_size: '{a}' is no current; a power needs `voltage`, at the end of discharge"
                ) from None
            found = _core.to_si(a, "W") / voltage
    else:
        found = float(a)
    if found < 0.0 or not math.isfinite(found):
        raise InputError(f"battery_size: a load is a current from 0 A on, not {a}")
    return float(found)
