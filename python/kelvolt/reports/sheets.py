"""Tables of an answer as DataFrames: each with a name, its units, and the operating point that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kelvolt.base.tables import Units
from kelvolt.base.values import difference, si_unit

if TYPE_CHECKING:
    import pandas

SHARE = "1"  # a ratio
# declared units of columns that mean the same in every table; a table adds its own
UNITS = {
    **dict.fromkeys(("m_flow", "m_flow_sum"), "kg/s"),
    **dict.fromkeys(("V_flow",), "m3/s"),
    **dict.fromkeys(("dp",), "Pa"),
    **dict.fromkeys(("p", "p_in", "p_out"), "Pa_abs"),
    **dict.fromkeys(("T", "T_in", "T_out", "T_die", "T_case", "T_low", "T_high", "T_die_max"), "K"),
    **dict.fromkeys(("approach",), "delta_K"),
    **dict.fromkeys(("velocity",), "m/s"),
    **dict.fromkeys(("volume",), "m3"),
    **dict.fromkeys(("capacity",), "J/K"),
    **dict.fromkeys(("heat", "power", "P_el", "P_in", "P_out", "loss", "lost_load", "lost_undeclared"), "W"),
    **dict.fromkeys(("connected", "demand", "demand_a", "demand_b", "demand_c", "before", "after", "not_back"), "W"),
    **dict.fromkeys(("I", "I_n", "setting", "ampacity", "current", "I_selective", "Ik_min", "Ik_max"), "A"),
    **dict.fromkeys(("cascade_from", "I_low", "I_high", "ip", "Ib", "Ik", "I_arc", "I_L", "I_sc", "I_1"), "A"),
    **dict.fromkeys(("voltage", "V_n", "v_drop", "V"), "V"),
    **dict.fromkeys(("R", "X", "Z"), "ohm"),
    **dict.fromkeys(("since", "margin_time"), "s"),
    **dict.fromkeys(("time", "t_latest", "t_earliest", "t_given", "t_p", "first_time", "duration"), "s"),
    **dict.fromkeys(("throttle_time", "shutdown_time", "empty_time", "lost_time"), "s"),
    **dict.fromkeys(("length",), "m"),
    **dict.fromkeys(("angle",), "deg"),
    **dict.fromkeys(("I2t",), "A2.s"),
    **dict.fromkeys(("frequency",), "Hz"),
}
# ratios that a reader expects in per cent
PER_CENT = frozenset(
    ("loading", "worst_loading", "drop", "efficiency", "speed", "v_worst", "demand_factor", "trip_share", "share")
    + ("unbalance_lines", "unbalance_phases", "V2_over_V1", "I2_over_I1", "THD", "TDD", "largest", "load")
)


@dataclass(frozen=True)
class Sheet:
    """One table in SI. `units`: declared units of its columns beside `UNITS`; `by_row`: columns whose unit stands in
    the column `row_unit` of their row, `margins`: those that are differences, `per_row`: those that are per such a
    unit, with the declared unit of what is divided. `state`: the operating point."""

    name: str
    title: str
    frame: pandas.DataFrame
    state: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    by_row: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()
    row_unit: str = "unit"
    per_row: Mapping[str, str] = field(default_factory=dict)
    of_case: bool = False  # whether its columns are names of the case

    def unit_of(self, column: str) -> str:
        """The declared unit of a column; empty where it has none, or one a row."""
        return (
            ""
            if column in (*self.by_row, *self.margins, *self.per_row)
            else self.units.get(column, UNITS.get(column, ""))
        )

    def headed(self, system: str | None = None) -> pandas.DataFrame:
        """A copy whose headings carry the units: SI, or those of a site ("si", "si-field", "us")."""
        made = self.frame.copy()
        u = None if system is None else Units(system)
        if u is not None:
            u.unit("Pa")  # raises for a system of units that is not known
        heads = {}
        if self.row_unit in made and (self.by_row or self.margins or self.per_row):
            heads = self._convert_rows(made, u)
        for column in made.columns:
            declared = self.unit_of(str(column))
            if not declared or declared == SHARE:
                continue
            shown = si_unit(declared)
            if u is not None and _known(u, declared):
                shown = u.unit(declared)
                made[column] = [_converted(u, x, declared) for x in made[column]]
            heads[column] = f"{column} ({shown})"
        made = made.rename(columns=heads)
        made.attrs = {"title": self.title, "state": self.state}
        return made

    def row_units(self) -> list[str]:
        """The declared unit of each row: of the attribute `declared` of the frame where its unit column is that of SI,
        which does not tell a temperature from a difference."""
        return [str(x) for x in self.frame.attrs.get("declared", self.frame[self.row_unit])]

    def _convert_rows(self, made: pandas.DataFrame, u: Units | None) -> dict[str, str]:
        """Converts columns whose unit stands in each row; returns new headings of those that are per such a unit."""
        units = self.row_units()
        heads = {c: f"{c} ({_shown(u, d)} per unit)" for c, d in self.per_row.items() if c in made and d}
        if u is None:
            made[self.row_unit] = [si_unit(x) for x in units]
            return heads
        for column in (c for c in (*self.by_row, *self.margins) if c in made):
            of = [difference(x) if column in self.margins else x for x in units]
            made[column] = [_converted(u, x, d) for x, d in zip(made[column], of, strict=True)]
        for column, declared in self.per_row.items():
            if column in made:
                shown = _size(u, difference(declared))
                made[column] = [x * shown / _size(u, difference(d)) for x, d in zip(made[column], units, strict=True)]
        made[self.row_unit] = [(u.unit(x) or x) if x and _known(u, x) else x for x in units]
        return heads

    def as_json(self) -> dict[str, Any]:
        """Title, operating point, units and rows for JSON; SI."""
        from kelvolt.reports.flat import json_rows

        columns = [str(c) for c in self.frame.columns]
        units = {c: si_unit(self.unit_of(c)) for c in columns if self.unit_of(c)}
        frame = self.frame
        if self.row_unit in frame and (self.by_row or self.margins or self.per_row):
            frame = frame.assign(**{self.row_unit: [si_unit(x) for x in self.row_units()]})
        return {"title": self.title, "shows": self.state, "units": units, "rows": json_rows(plain_frame(frame))}


def plain_frame(frame: pandas.DataFrame) -> pandas.DataFrame:
    """The same cells as numbers, text and truth values of Python, which every kind of file takes."""
    return frame.astype(object).map(_plain_cell) if len(frame) else frame


def _plain_cell(x: Any) -> Any:
    if isinstance(x, list | tuple | set | frozenset):
        return ", ".join(map(str, x))
    return x.item() if hasattr(x, "item") else x


def _known(u: Units, declared: str) -> bool:
    from kelvolt.base.errors import Error

    if declared in ("", SHARE):
        return False
    try:
        u.unit(declared)
    except Error:
        return False
    return True


def _shown(u: Units | None, declared: str) -> str:
    return u.unit(declared) if u is not None and _known(u, declared) else si_unit(declared)


def _size(u: Units, declared: str) -> float:
    """How many of the units that are shown one unit of SI is."""
    return u.value(1.0, declared) - u.value(0.0, declared) if _known(u, declared) else 1.0


def _converted(u: Units, x: Any, declared: str) -> Any:
    number = isinstance(x, int | float) and not isinstance(x, bool) or hasattr(x, "dtype")
    if not number or not math.isfinite(x) or not _known(u, declared):
        return x
    return u.value(float(x), declared)


def frames(sheets: Iterable[Sheet], system: str | None = None) -> dict[str, pandas.DataFrame]:
    """The tables by name, with units in their headings."""
    return {s.name: s.headed(system) for s in sheets}
