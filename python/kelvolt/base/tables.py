"""Aligned text tables, HTML tables, display units."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field

from kelvolt import _core
from kelvolt.base import screen

MOST_ROWS = 20  # of an HTML table before the rest is folded away


@dataclass
class Table:
    """Rows of text under headings; `left` columns are aligned left (the first always)."""

    head: list[str]
    rows: list[list[str]]
    left: set[int] = field(default_factory=set)

    def text(self, indent: str = "", width: int | None = None, rule: bool = True) -> str:
        """The table in lines of at most `width` characters, those of the screen without it; see `screen.fitted`."""
        if not self.rows:
            return indent + "(none)"
        return screen.fitted(self.head, self.rows, self._text_columns(), indent, width or screen.width(), rule)

    def first(self, rows: int) -> Table:
        """The same table with its first rows only."""
        return Table(self.head, self.rows[:rows], self.left)

    def html(self, title: str = "") -> str:
        """An HTML table; rows beyond the first `MOST_ROWS` are folded away."""
        shown, folded = self.rows[:MOST_ROWS], self.rows[MOST_ROWS:]
        caption = f"<caption>{html.escape(title)}</caption>" if title else ""
        table = f"<table>{caption}{self._html_rows(shown)}</table>"
        if not folded:
            return table
        more = f"{len(folded)} more row{'s' if len(folded) > 1 else ''}"
        rest = f"<details><summary>{more}</summary><table>{self._html_rows(folded)}</table></details>"
        return f"<div>{table}{rest}</div>"

    def _html_rows(self, rows: list[list[str]]) -> str:
        def cells(tag: str, row: list[str]) -> str:
            return "".join(f"<{tag}>{html.escape(x)}</{tag}>" for x in row)

        body = "".join(f"<tr>{cells('td', r)}</tr>" for r in rows)
        return f"<thead><tr>{cells('th', self.head)}</tr></thead><tbody>{body}</tbody>"

    def _text_columns(self) -> set[int]:
        def is_number(x: str) -> bool:
            try:
                float(x)
            except ValueError:
                return x in ("", "-")
            return True

        columns = range(1, len(self.head))
        return {0} | self.left | {c for c in columns if not all(is_number(r[c]) for r in self.rows)}


Parts = list[tuple[str, Table | str]]  # titles, each with a table or with lines of text


def text_of_parts(parts: Parts) -> str:
    """Titles and what stands under them, as text."""
    bodies = [(title, part.text("  ") if isinstance(part, Table) else part) for title, part in parts]
    return "\n\n".join("\n".join(x for x in (title, body) if x) for title, body in bodies)


def html_of_parts(parts: Parts) -> str:
    """Titles and what stands under them, for a notebook."""
    return "".join(
        part.html(title)
        if isinstance(part, Table)
        else "".join(f"<p>{html.escape(line)}</p>" for line in (title, *part.split("\n")) if line.strip())
        for title, part in parts
    )


class Units:
    """The units of a site: "si" (degC, kPa, L/min, kW), "si-field" (bar, m3/h) or "us" (degF, psi, gpm)."""

    def __init__(self, system: str = "si") -> None:
        self.system = system
        self._known: dict[str, tuple[str, float, float]] = {}

    def _line(self, declared: str) -> tuple[str, float, float]:
        """Unit, its value at 0 in SI, and its change per SI unit; every unit converts linearly with an offset."""
        if declared not in self._known:
            unit = _core.display_unit(declared, self.system)
            at_zero, at_thousand = (_core.from_si(x, declared, unit) for x in (0.0, 1000.0))
            self._known[declared] = (unit, at_zero, (at_thousand - at_zero) / 1000.0)
        return self._known[declared]

    def unit(self, declared: str) -> str:
        unit = self._line(declared)[0]
        return "" if unit == "1" else unit.removeprefix("delta_")

    def value(self, si: float, declared: str) -> float:
        _, zero, slope = self._line(declared)
        return zero + slope * si

    def number(self, si: float, declared: str, digits: int = 4) -> str:
        """The number without unit; "-" for NaN."""
        return plain(self.value(si, declared), digits) if math.isfinite(si) else "-"

    def text(self, si: float, declared: str, digits: int = 4) -> str:
        """Number and unit; where the display unit is the SI unit with kilo, values below 1000 are in the SI unit."""
        if not math.isfinite(si):
            return "-"
        if self.unit(declared) == f"k{declared}" and abs(si) < 1000.0:
            return f"{plain(si, digits)} {declared}"
        return f"{self.number(si, declared, digits)} {self.unit(declared)}".rstrip()

    def span(self, low: float, high: float, declared: str, digits: int = 3) -> str:
        """A range as text, both ends in the same unit."""
        if self.unit(declared) == f"k{declared}" and abs(high) < 1000.0:
            return f"{plain(low, digits)} to {plain(high, digits)} {declared}"
        lowest, highest = (self.number(x, declared, digits) for x in (low, high))
        return f"{lowest} to {highest} {self.unit(declared)}".rstrip()

    def head(self, name: str, declared: str) -> str:
        """A column's heading: "flow (L/min)"."""
        unit = self.unit(declared)
        return f"{name} ({unit})" if unit else name


def plain(x: float, digits: int = 4) -> str:
    """A number with `digits` significant digits, and an exponent only where it is very small or large."""
    if x == 0.0:
        return "0"
    if not math.isfinite(x):
        return "-"
    size = math.floor(math.log10(abs(x)))
    if size < -4 or size > 7:
        return f"{x:.{digits - 1}e}"
    return f"{x:.{max(digits - 1 - size, 0)}f}"
