"""What the core leaves to Python: sheets of workbooks as CSV, and the clocks of time zones."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from os import PathLike
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError

_LARGEST = 200_000_000  # bytes of the unpacked parts of a workbook
_ERRORS = "the cell shows an error; mend the formula, or clear the cell"


def sheet_as_csv(path: str | PathLike[str], sheet: str = "") -> str:
    """A sheet of a workbook as CSV, row by row; without a name the only sheet that holds something.

    Percentages keep their sign, dates are ISO 8601. Raises InputError for merged cells, cells with errors, formulas
    whose values were never calculated, a sheet that is not there and a workbook with several; FileError.
    """
    file = files.existing(path)
    values, formulas = _books(file)
    name = _sheet_name(file, values, sheet)
    merged = sorted(str(r) for r in formulas[name].merged_cells.ranges)
    if merged:
        raise InputError(
            f"{file.name}: sheet {name}: the cells {', '.join(merged[:5])} are merged; split them, so that every row "
            "has cells of its own"
        )
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    above = True  # a remark above the headings stays one, as in a CSV file that a spreadsheet program opened
    for row in _rows(file, values[name], formulas[name]):
        above = above and (not any(row) or (row[0].startswith("#") and not any(row[1:])))
        # a sheet has no comments and no other separators: #1 is a name
        special = (row[0].startswith(("#", "sep=")) and not above) or any(";" in cell for cell in row)
        (quoted if special else plain).writerow(row)
    return text.getvalue()


def _books(file: Path) -> tuple[Any, Any]:
    """The workbook with the values that were calculated, and with its formulas."""
    openpyxl = files.openpyxl_for(file)
    try:
        with zipfile.ZipFile(file) as content:
            size = sum(part.file_size for part in content.infolist())
        if size > _LARGEST:
            raise InputError(f"{file.name}: the workbook unpacks to {size / 1e6:.0f} MB; save its sheet as CSV")
        return tuple(openpyxl.load_workbook(file, data_only=v) for v in (True, False))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise FileError(
            f"{file.name}: cannot be read as XLSX: {error}; save it anew, or save its sheet as CSV"
        ) from error


def _sheet_name(file: Path, book: Any, wanted: str) -> str:
    names = [s.title for s in book.worksheets]
    if wanted:
        if wanted not in names:
            raise InputError(f"{file.name}: there is no sheet '{wanted}'; the workbook has {', '.join(names)}")
        return wanted
    filled = [
        s.title for s in book.worksheets if any(c is not None for row in s.iter_rows(values_only=True) for c in row)
    ]
    if len(filled) > 1:
        raise InputError(
            f"{file.name}: the sheets {', '.join(filled)} all hold cells; say which one is meant by sheet:"
        )
    return str((filled or names)[0])


def _rows(file: Path, values: Any, formulas: Any) -> Iterator[list[str]]:
    """Cells as text, every row as wide as the widest, without columns and rows at the end that are empty."""
    rows = [
        [_text(file, values.title, value, formula) for value, formula in zip(*pair, strict=True)]
        for pair in zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    ]
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=1)
    last = max((k + 1 for k, row in enumerate(rows) if any(row)), default=0)
    for row in rows[:last]:
        yield row[:width]


def _text(file: Path, sheet: str, value: Any, formula: Any) -> str:
    where = f"{file.name}: sheet {sheet}: cell {value.coordinate}"
    content = value.value
    if content is None:
        if formula.data_type == "f":
            raise InputError(
                f"{where}: holds the formula {formula.value} but no value: the program that wrote the file did not "
                "calculate it; open the workbook in a spreadsheet program and save it, or put the value there"
            )
        return ""
    if value.data_type == "e":
        raise InputError(f"{where} = {content}: {_ERRORS}")
    return _plain(content, value.number_format, where)


def _plain(content: Any, number_format: str, where: str) -> str:
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, int | float):
        return _number(content, number_format)
    if isinstance(content, datetime | date | time):
        return content.isoformat()
    if isinstance(content, timedelta):
        raise InputError(f"{where}: holds a duration in the format of the spreadsheet; write it as a number of seconds")
    return " ".join(str(content).split())  # lines within a cell would shift the rows


def _number(content: float, number_format: str) -> str:
    if number_format.rstrip().endswith("%"):
        return f"{float(f'{100.0 * content:.15g}'):.15g} %"
    return str(int(content)) if float(content).is_integer() and abs(content) < 1e15 else repr(float(content))


def zone_offsets(zone: str, clock: Sequence[float]) -> list[list[float]]:
    """By moments of a zone's clock every offset from UTC that they may have [s], the earlier moment first.

    `clock`: seconds since 1970 if the clock were that of UTC. An empty list for a moment that the clock skips, two
    offsets for one that it shows twice. Raises InputError for a zone that is not known.
    """
    try:
        known = ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as error:
        names = available_timezones()
        there = "write it as Europe/Berlin" if names else "no time zones are installed here; install the package tzdata"
        raise InputError(f"there is no time zone '{zone}'; {there}, or write the offsets ({error})") from None
    epoch = datetime(1970, 1, 1)
    return [_offsets(known, epoch + timedelta(seconds=s)) for s in clock]


def _offsets(zone: ZoneInfo, clock: datetime) -> list[float]:
    found: list[float] = []
    for fold in (0, 1):
        moment = clock.replace(tzinfo=zone, fold=fold)
        offset = moment.utcoffset()
        back = moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if offset is not None and back == clock and offset.total_seconds() not in found:
            found.append(offset.total_seconds())
    return found


def register() -> None:
    """Gives both to the core, which asks for them when a case needs them."""
    _core.set_outside(sheet_as_csv, zone_offsets)
