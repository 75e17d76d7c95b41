"""Reads the table of the racks of a hall, with the reader of the tables of cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.cases.case import read
from kelvolt.cases.outside import sheet_as_csv

# column: its unit in the template, what it says; without commas and semicolons, which a spreadsheet would cut
COLUMNS = {
    "name": ("", "of the rack"),
    "power": ("kW", "IT power"),
    "liquid": ("%", "share of the power that the coolant takes"),
    "flow": ("L/min", "design flow of the coolant"),
    "drop": ("kPa", "pressure drop of the rack at that flow"),
    "cdu": ("", "row CDU that the rack is on. Racks of one row share one where this is empty"),
    "row": ("", "row of the hall"),
    "feed a": ("", "busway of side a"),
    "feed b": ("", "busway of side b. Empty: one feed only"),
}
ALIASES = {"rack": "name", "rack name": "name"}
NUMBERS = ("power", "liquid", "flow", "drop")
# a part with those numbers: the case's own tables of components read the columns
_PARAMETERS = {
    "power": "body.heat",
    "liquid": "body.activity",
    "flow": "body.V_flow_nominal",
    "drop": "body.dp_nominal",
}
_PART = f"""kelvolt: 1
assemblies:
  rack:
    parameters: {json.dumps(_PARAMETERS)}
    components:
      body: {{model: tray, heat: 1 kW, dp_nominal: 60 kPa, V_flow_nominal: 100 L/min, volume: 25 L, C: 80 kJ/K,
             G: 12 kW/K}}
      water: {{model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 1 bar, p_return: 3 bar(a)}}
    connections: [water.supply -> body -> water.return]
components:
"""
RISE = 12.0  # K, of the coolant through a rack whose flow is not given
HEAT_CAPACITY = 3.95e6  # J/(m3 K), of PG25 near 40 degC
_INNER = {path.removeprefix("body."): name for name, path in _PARAMETERS.items()}


@dataclass
class Rack:
    """One row of the table; what it leaves empty is assumed and listed in `assumed`."""

    line: int
    name: str
    power: float  # W
    liquid: float = 0.85
    flow: float = 0.0  # L/min
    drop: float = 60.0  # kPa
    cdu: str = ""
    row: str = "A"
    feed_a: str = ""  # empty: the rack is on side b alone
    feed_b: str = ""
    assumed: set[str] = field(default_factory=set)


@dataclass
class RackTable:
    """The racks of a table, and notes for who wrote it."""

    file: Path
    racks: list[Rack]
    notes: list[str]


def template() -> str:
    """A table with every column and three racks, as CSV."""
    head = ",".join(f"{name} ({unit})" if unit else name for name, (unit, _) in COLUMNS.items())
    notes = "".join(f"# {name}: {text}\n" for name, (_, text) in COLUMNS.items())
    rows = "R01,132,85,,,CDU_1,A,A1,B1\nR02,132,85,,,CDU_1,A,A1,B1\nR03,80,80,90,55,CDU_1,A,A1,B1\n"
    about = "# Racks of a hall. Each row is one. Only name and power are needed. What is empty is assumed.\n"
    return f"{about}{notes}{head}\n{rows}"


def read_racks(table: str | PathLike[str], sheet: str = "", decimal: str = "", ignore: Sequence[str] = ()) -> RackTable:
    """The racks of a table (.csv, .xlsx, .xlsm). decimal: point or comma of its numbers; ignore: columns not read.

    Raises InputError with file and line, FileError.
    """
    file = files.existing(table)
    if file.suffix.lower() in (".xls", ".xlsm", ".xlsb", ".ods", ".numbers"):
        raise InputError(f"{file.name}: a file {file.suffix} is not read; save it as .xlsx, or its sheet as CSV UTF-8")
    text = sheet_as_csv(file, sheet) if file.suffix.lower() == ".xlsx" else files.read_text(file, "utf-8-sig")
    rows = _core.table_rows(text, str(file))
    if len(rows) < 2:
        raise InputError("the table has no racks; `kelvolt new racks --template` writes one to fill in", str(file))
    reader = _Reader(file)
    head_line, headings = rows[0]
    head = reader.headings(head_line, headings, ignore)
    numbers, notes = _numbers(file, sheet, decimal, rows[0][1], head)
    racks = [
        reader.rack(line, head, cells, {name: values[k] for name, values in numbers.items()})
        for k, (line, cells) in enumerate(rows[1:])
    ]
    if reader.cleaned:
        changed = [f"'{written}' is {name}" for written, name in reader.cleaned.items()]
        shown = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        reader.notes.append(f"paths hold letters, digits and _ only, so {shown}")
    return RackTable(file, racks, [*reader.notes, *notes])


def _numbers(
    file: Path, sheet: str, decimal: str, headings: list[str], head: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """SI values of the columns of numbers by name, with those of the part where a cell is empty, and notes of the
    reader. Raises InputError."""
    table: dict[str, Any] = {
        "table": file.name,
        "model": "rack",
        "columns": {cell: name for cell, name in zip(headings, head, strict=True) if name in NUMBERS},
        "ignore": [cell for cell, name in zip(headings, head, strict=True) if cell and name not in NUMBERS],
    }
    table |= {key: value for key, value in (("sheet", sheet), ("decimal", decimal)) if value}
    case = f"{_PART}  racks: {json.dumps(table, ensure_ascii=False)}\n"
    try:
        made = read(case, name=file.name, folder=file.parent)
        numbers = {name: np.ravel(made[f"racks[*].{name}"]) for name in NUMBERS if name in head}
        return numbers, [x.removeprefix("racks: ") for x in made.notes if x.startswith("racks: ")]
    except InputError as error:
        told = re.sub(r"^racks\[\d+\](\.\w+)?: (\w+)", lambda m: _INNER.get(m[2], m[2]), error.message)
        told = re.sub(r"write decimal: (\w+) beside the table", r"say --decimal \1", told.removeprefix("racks: "))
        told = told.replace("list the other under ignore:", "leave the other out by --ignore")
        raise InputError(told.replace("`decimal: comma`", "--decimal comma"), error.file, error.line) from None


class _Reader:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.notes: list[str] = []
        self.cleaned: dict[str, str] = {}
        self.meant: dict[tuple[str, str], tuple[str, int]] = {}  # kind and name: what the table writes, and the line

    def headings(self, line: int, cells: list[str], ignore: Sequence[str]) -> list[str]:
        """What each column means, empty for those not read. Raises InputError."""
        found: list[str] = []
        left = {name.strip().lower() for name in ignore}
        ignored: set[str] = set()
        for cell in cells:
            bare = _core.heading(cell)[0].lower()
            name = ALIASES.get(bare.replace("_", " "), bare.replace("_", " "))
            if asked := left & {cell.lower(), bare}:
                ignored |= asked
                name = ""
            elif cell and name not in COLUMNS:
                known = ", ".join(f"{n} ({u})" if u else n for n, (u, _) in COLUMNS.items())
                raise self._error(
                    f"the column '{cell}' is none of {known}; rename or remove it, or leave it out by --ignore "
                    f"'{cell}'",
                    line,
                )
            elif name and name in found:
                raise self._error(f"two columns mean {name}; keep one, or leave the other out by --ignore", line)
            found.append(name)
        if left - ignored:
            raise self._error(f"--ignore: the table has no column {', '.join(sorted(left - ignored))}", line)
        for needed in ("name", "power"):
            if needed not in found:
                raise self._error(f"there is no column '{needed}'; every rack needs one", line)
        return found

    def rack(self, line: int, head: list[str], cells: list[str], numbers: dict[str, float]) -> Rack:
        """The rack of a row. Raises InputError."""
        given = {name: cell for name, cell in zip(head, cells, strict=False) if name and cell}
        for needed in ("name", "power"):
            if needed not in given:
                raise self._error(f"the rack has no {needed}; fill it in, or remove the row", line)
        name = self._name("rack", given["name"], line)
        rack = Rack(line, name, 0.0)
        for column, factor in (("power", 1.0), ("liquid", 1.0), ("flow", 60e3), ("drop", 1e-3)):
            if column not in given:
                rack.assumed.add(column)
                continue
            setattr(rack, column, float(numbers[column]) * factor)
            if not numbers[column] > 0.0:
                raise self._error(f"{column} = {given[column]}: must be above 0", line)
        if not 0.01 < rack.liquid < 1.0:
            raise self._error(
                f"liquid = {rack.liquid:.4g} of the power: must be above 1 % and below 100 %, as some heat goes to the "
                "air; a number without a unit is a ratio, 0.85 or 85 %",
                line,
            )
        if "row" in given:
            rack.row = self._name("row", given["row"], line)
        cdu = given.get("cdu", "")
        begin = "" if cdu.lower().startswith("cdu") else "cdu_"
        rack.cdu = self._name("cdu", cdu or rack.row, line, begin, "" if cdu else f"row {rack.row}")
        for side in ("a", "b"):
            if f"feed {side}" in given:
                setattr(rack, f"feed_{side}", self._name("feed", given[f"feed {side}"], line))
        if not (rack.feed_a or rack.feed_b):
            rack.feed_a = self._name("feed", f"a_{rack.row}", line, whole=f"row {rack.row}")
        if "feed b" not in head:  # no such column: the usual hall has two sides
            rack.feed_b = self._name("feed", f"b_{rack.row}", line, whole=f"row {rack.row}")
        rack.assumed |= {column for column in ("row", "cdu", "feed a", "feed b") if column not in given}
        if rack.feed_a == rack.feed_b:
            raise self._error(f"feed a and feed b are both {rack.feed_a}; leave feed b empty for one feed", line)
        rack.flow = rack.flow or rack.power * rack.liquid / (HEAT_CAPACITY * RISE) * 60e3
        return rack

    def _name(self, kind: str, text: str, line: int, begin: str = "", whole: str = "") -> str:
        """A name as paths hold it; `whole`: what it is made of where the table does not write it. Raises InputError."""
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_")
        if not name:
            raise self._error(f"'{text}' is no name; use letters and digits", line)
        name = f"{begin}{name}" if begin or name[0].isalpha() else f"n{name}"
        if name != f"{begin}{text}":
            self.cleaned.setdefault(text, name)
        written, before = self.meant.setdefault((kind, name), (whole or text, line))
        if kind == "rack" and before != line:
            raise self._error(f"the rack {name} stands on line {before} too", line)
        if written != (whole or text):
            raise self._error(
                f"the {kind} '{whole or text}' would be called {name} as '{written}' on line {before} is; rename one",
                line,
            )
        return name

    def _error(self, message: str, line: int) -> InputError:
        return InputError(message, str(self.file), line)


def groups(racks: Iterable[Rack], key: str) -> dict[str, list[Rack]]:
    """The racks by one of their names, without those that have none."""
    found: dict[str, list[Rack]] = {}
    for rack in racks:
        if getattr(rack, key):
            found.setdefault(getattr(rack, key), []).append(rack)
    return found
