"""A workbook (XLSX) of an answer: a summary with links, then a sheet for each table; margins and sums are formulas.

A reader who changes a limit in a sheet sees its margin, its verdict and the verdict of the whole change. Numbers are
in the units of the site, which stand in the headings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base import files, markup
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole
from kelvolt.reports.sheets import PER_CENT, Sheet, plain_frame

SUMMARY = "Answer"
_HEAD = 4  # the row of the headings; above them title, operating point and a link back
_WIDEST, _NARROWEST = 60, 7  # characters of a column
_MEASURED = 400  # rows that are read for the width of a column
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_TEXT = 32_000  # characters in a cell; 32767 is the limit of the format
_ROUNDING = "1E-9"  # share of a limit by which rounding may exceed it
# columns of a table whose sum has a meaning
_SUMS = {
    "branches": ("m_flow", "V_flow", "heat"),
    "chips": ("power",),
    "losses": ("*",),
    "pumps": ("P_el",),
}
_JUDGED = ("value", "limit", "margin", "verdict")
_WORDS = (HELD, BROKEN, "target met", "target missed")


@dataclass
class Facts:
    """What stands on the first sheet: lines of name and text; the tightest limits are found from the tables."""

    title: str
    question: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)


def write_workbook(
    path: str | PathLike[str], sheets: Sequence[Sheet], facts: Facts, whole: Whole | None = None, units: str = "si"
) -> None:
    """Writes the workbook. `whole`: the verdict of all, of which the first sheet says how it was computed.

    Raises FileError, also where openpyxl is missing or a file exists that is no workbook of Kelvolt.
    """
    book = files.workbook(path)
    first = book.active
    first.title = SUMMARY
    places = {s.name: _Page(book, s, units) for s in sheets}
    _summary(first, facts, list(places.values()), whole)
    with files.replacing(path, "workbook") as temporary:
        book.save(temporary)


class _Page:
    """One table on its own sheet."""

    def __init__(self, book: Any, sheet: Sheet, units: str) -> None:
        self.sheet = sheet
        self.page = book.create_sheet(_sheet_name(book, sheet.name))
        headed = sheet.headed(units)
        self.heads = _unique([str(c) for c in headed.columns])
        self.columns = [str(c) for c in sheet.frame.columns]
        self.frame = plain_frame(headed)
        self.first, self.last = _HEAD + 1, _HEAD + len(self.frame)
        self._fill()

    @property
    def name(self) -> str:
        return str(self.page.title)

    def letter(self, column: str) -> str:
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(self.columns.index(column) + 1))

    def cells(self, column: str) -> str:
        """The reference to all cells of a column from another sheet."""
        letter = self.letter(column)
        return f"'{self.name}'!${letter}${self.first}:${letter}${self.last}"

    @property
    def judged(self) -> bool:
        return all(c in self.columns for c in _JUDGED)

    def _fill(self) -> None:
        from openpyxl.styles import Font

        page = self.page
        _text(page.cell(1, 1), self.sheet.title).font = Font(bold=True, size=13)
        _text(page.cell(2, 1), f"Shows: {self.sheet.state}" if self.sheet.state else "")
        back = page.cell(3, 1, "back to the summary")
        back.hyperlink, back.style = f"#'{SUMMARY}'!A1", "Hyperlink"
        for k, head in enumerate(self.heads, start=1):
            _text(page.cell(_HEAD, k), head).font = Font(bold=True)
        formats = [self._format(k) for k in range(len(self.columns))]
        for row, values in enumerate(self.frame.itertuples(index=False, name=None), start=self.first):
            for k, value in enumerate(values):
                _put(page.cell(row, k + 1), value, formats[k])
        if self.judged:
            self._live_verdicts()
        self._sums()
        self._finish()

    def _format(self, k: int) -> str:
        """The number format of a column, by the size of its numbers."""
        column = self.columns[k]
        numbers = [abs(x) for x in self.frame.iloc[:, k] if isinstance(x, float) and math.isfinite(x) and x != 0.0]
        if column in PER_CENT and self.sheet.unit_of(column) in ("", "1"):
            return "0.0%"
        if not numbers or column in self.sheet.by_row or column in self.sheet.margins:
            return "General" if not numbers else "#,##0.0000;-#,##0.0000;0"
        numbers.sort()
        middle = numbers[len(numbers) // 2]
        if middle < 1e-4 or middle >= 1e9:
            return "0.000E+00"
        digits = max(0, min(6, 3 - math.floor(math.log10(middle))))
        return "#,##0" + ("." + "0" * digits if digits else "")

    def _live_verdicts(self) -> None:
        """Margin and verdict as formulas of value and limit, in rows that were assessed."""
        at = {c: self.letter(c) for c in self.columns}
        numbers = {c: self.columns.index(c) for c in self.columns}
        for row, values in enumerate(self.frame.itertuples(index=False, name=None), start=self.first):
            value, limit, margin, verdict = (values[numbers[c]] for c in _JUDGED)
            sense = _sense(value, limit, margin)
            if verdict not in _WORDS or sense == 0:
                continue
            value_at, limit_at, margin_at = (f"{at[c]}{row}" for c in ("value", "limit", "margin"))
            difference = f"{limit_at}-{value_at}" if sense > 0 else f"{value_at}-{limit_at}"
            self.page[margin_at].value = f"={difference}"
            good, bad = (HELD, BROKEN) if verdict in (HELD, BROKEN) else ("target met", "target missed")
            formula = f'=IF({margin_at}>=-{_ROUNDING}*MAX(ABS({limit_at}),1),"{good}","{bad}")'
            self.page[f"{at['verdict']}{row}"].value = formula

    def _sums(self) -> None:
        """A row of sums below the table, one row apart, so that filters leave it alone."""
        from openpyxl.styles import Font

        wanted = _SUMS.get(self.sheet.name, ())
        columns = [c for c in self.columns[1:] if self.sheet.unit_of(c)] if wanted == ("*",) else wanted
        kept = [c for c in columns if c in self.columns]
        if not kept or self.last < self.first:
            return
        row = self.last + 2
        _text(self.page.cell(row, 1), "sum").font = Font(bold=True)
        for column in kept:
            letter = self.letter(column)
            cell = self.page[f"{letter}{row}"]
            cell.value = f"=SUM({letter}{self.first}:{letter}{self.last})"
            cell.number_format = self._format(self.columns.index(column))
            cell.font = Font(bold=True)
        if self.sheet.name == "losses" and "sum" in self.columns:
            last, letter = self.letter(self.columns[-2]), self.letter("sum")
            for k in range(self.first, self.last + 1):
                self.page[f"{letter}{k}"].value = f"=SUM(B{k}:{last}{k})"

    def _finish(self) -> None:
        """Frozen headings, a table with filters, widths by content, colours of verdicts, print layout."""
        from openpyxl.formatting.rule import CellIsRule
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.table import Table, TableStyleInfo

        page, last = self.page, get_column_letter(len(self.columns))
        page.freeze_panes = f"B{self.first}"
        table = Table(displayName=f"t_{self.sheet.name}", ref=f"A{_HEAD}:{last}{self.last}")
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        page.add_table(table)
        for k, head in enumerate(self.heads):
            shown = [_width(x) for x in self.frame.iloc[:_MEASURED, k]]
            width = min(max([len(head) + 3, *shown, _NARROWEST]), _WIDEST)
            page.column_dimensions[get_column_letter(k + 1)].width = width + 1
        page.row_dimensions[_HEAD].alignment = Alignment(vertical="top")
        if "verdict" in self.columns:
            letter = self.letter("verdict")
            red = CellIsRule(operator="equal", formula=[f'"{BROKEN}"'], font=Font(color="B2182B", bold=True))
            page.conditional_formatting.add(f"{letter}{self.first}:{letter}{self.last}", red)
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_title_rows = f"{_HEAD}:{_HEAD}"


# ---- the first sheet ----


def _summary(page: Any, facts: Facts, pages: list[_Page], whole: Whole | None) -> None:
    from openpyxl.styles import Alignment, Font

    row = 1
    _text(page.cell(row, 1), facts.title).font = Font(bold=True, size=15)
    row += 1
    if facts.question:
        cell = _text(page.cell(row, 1), facts.question)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=6)
        page.row_dimensions[row].height = 15.0 * min(25, 1 + len(facts.question) // 115 + facts.question.count("\n"))
        row += 1
    row = _verdict_rows(page, row + 1, pages, whole)
    for name, text in facts.lines:
        _text(page.cell(row, 1), name)
        _text(page.cell(row, 2), text)
        row += 1
    row = _binding_rows(page, row + 1, pages)
    row = _link_rows(page, row + 1, pages)
    _text(page.cell(row + 1, 1), f"Kelvolt {_core.__version__}").font = Font(color="666666")
    for letter, width in zip("ABCDEFG", (34, 42, 18, 18, 18, 18, 14), strict=True):
        page.column_dimensions[letter].width = width
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _count(pages: Iterable[_Page], word: str) -> str:
    """A formula part: how many verdicts of the judged tables are `word`; balances count as broken only."""
    parts = []
    for p in pages:
        cells = p.cells("verdict")
        if "kind" in p.columns and word != BROKEN:
            parts.append(f'COUNTIFS({cells},"{word}",{p.cells("kind")},"<>balance")')
        else:
            parts.append(f'COUNTIF({cells},"{word}")')
    return "+".join(parts) or "0"


def _verdict_rows(page: Any, row: int, pages: list[_Page], whole: Whole | None) -> int:
    """The verdict, as a formula over the tables that are judged, beside the one that Kelvolt computed."""
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import Font

    counted = [p for p in pages if p.sheet.name in ("verdicts", "checks")] or [p for p in pages if p.judged]
    if whole is not None:
        _text(page.cell(row, 1), "verdict as computed")
        _text(page.cell(row, 2), whole.text())
        row += 1
    if not counted:
        return row + 1
    places = {}
    for name, word in (("broken", BROKEN), ("held", HELD), ("not assessed", NOT_ASSESSED)):
        _text(page.cell(row, 1), f"limits {name}")
        page.cell(row, 2).value = f"={_count(counted, word)}"
        places[word] = f"B{row}"
        row += 1
    _text(page.cell(row, 1), "verdict now").font = Font(bold=True)
    cell = page.cell(row, 2)
    cell.value = f'=IF({places[BROKEN]}>0,"{BROKEN}",IF({places[HELD]}>0,"{HELD}","{NOT_ASSESSED}"))'
    cell.font = Font(bold=True)
    red = CellIsRule(operator="equal", formula=[f'"{BROKEN}"'], font=Font(color="B2182B", bold=True))
    page.conditional_formatting.add(f"B{row}", red)
    _text(page.cell(row, 3), "follows the values and limits in the tables when they are changed")
    return row + 1


def _binding_rows(page: Any, row: int, pages: list[_Page]) -> int:
    """For each judged table its tightest row of every limit, five at most, with a formula for its margin."""
    from openpyxl.styles import Font

    for p in pages:
        found = _tightest(p) if p.judged else []
        if not found:
            continue
        title = f"What binds: {p.sheet.title}"
        _text(page.cell(row, 1), title).font = Font(bold=True)
        row += 1
        for k, head in enumerate(("limit", "element", "value", "allowed", "margin", "verdict", "unit"), start=1):
            _text(page.cell(row, k), head).font = Font(bold=True)
        for at in found:
            row += 1
            name = "id" if "id" in p.columns else "quantity" if "quantity" in p.columns else p.columns[1]
            element = "element" if "element" in p.columns else p.columns[0]
            for k, column in enumerate((name, element, *_JUDGED, p.sheet.row_unit), start=1):
                if column not in p.columns:
                    continue  # such as the unit of a table whose columns have one each
                cell = page.cell(row, k, f"='{p.name}'!{p.letter(column)}{at}")
                cell.number_format = "#,##0.000" if column in ("value", "limit", "margin") else "General"
        row += 2
    return row


def _tightest(p: _Page) -> list[int]:
    """Rows of the sheet with the five limits that are nearest, each limit once."""
    number = {c: k for k, c in enumerate(p.columns)}
    key = next((c for c in ("id", "quantity", "duty") if c in number), p.columns[0])
    found: dict[Any, tuple[float, int]] = {}
    unit_at = number.get(p.sheet.row_unit)
    for row, values in enumerate(plain_frame(p.sheet.frame).itertuples(index=False, name=None), start=p.first):
        limit, margin, verdict = (values[number[c]] for c in ("limit", "margin", "verdict"))
        balance = "kind" in number and values[number["kind"]] == "balance" and verdict != BROKEN
        if verdict not in _WORDS or balance or not _finite(limit, margin):
            continue
        unit = str(values[unit_at]) if unit_at is not None else p.sheet.unit_of("margin")
        near = _core.closeness(margin, limit, unit)
        if values[number[key]] not in found or near < found[values[number[key]]][0]:
            found[values[number[key]]] = (near, row)
    return [row for _, row in sorted(found.values())[:5]]


def _link_rows(page: Any, row: int, pages: list[_Page]) -> int:
    from openpyxl.styles import Font

    for k, head in enumerate(("table", "what", "rows", "shows"), start=1):
        _text(page.cell(row, k), head).font = Font(bold=True)
    for p in pages:
        row += 1
        cell = page.cell(row, 1, p.name)
        cell.hyperlink, cell.style = f"#'{p.name}'!A1", "Hyperlink"
        _text(page.cell(row, 2), p.sheet.title)
        page.cell(row, 3, len(p.frame))
        _text(page.cell(row, 4), p.sheet.state)
    return row


# ---- cells ----


def _put(cell: Any, value: Any, number_format: str) -> None:
    if value is None or value == "" or isinstance(value, float) and math.isnan(value):
        return
    if isinstance(value, bool):
        cell.value = value
    elif isinstance(value, int | float):
        if math.isinf(value):  # a workbook holds no infinite number
            _text(cell, "beyond any" if value > 0 else "below any")
            return
        cell.value = value
        cell.number_format = number_format if isinstance(value, float) else "General"
    else:
        _text(cell, str(value))


def _text(cell: Any, text: str) -> Any:
    """Puts text that stays text, also where it begins like a formula."""
    cell.value = _ILLEGAL.sub("�", text)[:_LONGEST_TEXT] or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
    return cell


def _sense(value: Any, limit: Any, margin: Any) -> int:
    """1 where the margin is limit - value, -1 where it is value - limit, 0 where it is neither."""
    if not _finite(value, limit, margin):
        return 0
    room = 1e-6 * max(abs(value), abs(limit), 1e-9)
    upper, lower = abs(margin - (limit - value)), abs(margin - (value - limit))
    if min(upper, lower) > room:
        return 0
    return 1 if upper <= lower else -1


def _finite(*values: Any) -> bool:
    return all(isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x) for x in values)


def _width(x: Any) -> int:
    if isinstance(x, float):
        return 0 if math.isnan(x) else 12
    return max(map(len, str(x).split("\n"))) if x is not None else 0


def _unique(heads: Sequence[str]) -> list[str]:
    """Headings of a table, of which no two may be equal in a workbook."""
    seen: dict[str, int] = {}
    made = []
    for head in heads:
        head = _ILLEGAL.sub("�", head) or "column"
        seen[head.lower()] = seen.get(head.lower(), 0) + 1
        made.append(head if seen[head.lower()] == 1 else f"{head} {seen[head.lower()]}")
    return made


def _sheet_name(book: Any, name: str) -> str:
    name = re.sub(r"[\[\]:*?/\\']", "_", name)[:31]
    return name if name not in book.sheetnames else f"{name[:28]}_{len(book.sheetnames)}"


def facts_of(case_file: str, title: str, question: str, state: str, changes: Sequence[str] = ()) -> Facts:
    lines = [("case", Path(case_file).name), ("operating point", state)]
    lines += [("changed", "; ".join(changes))] if changes else []
    return Facts(title or Path(case_file).name or "case", markup.plain_text(question), lines)
