"""A report in the form that the ending of its file names: page, PDF, workbook, tables as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base import files, pdf
from kelvolt.base.errors import FileError
from kelvolt.reports import document
from kelvolt.reports.answer import Answer
from kelvolt.reports.page import title_of, write_report
from kelvolt.reports.tables import end_of, sheets
from kelvolt.reports.workbook import facts_of, write_workbook

if TYPE_CHECKING:
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

_KINDS = {".html": "page", ".htm": "page", ".pdf": "document", ".xlsx": "workbook", ".json": "tables"}


def prepared(name: str | PathLike[str]) -> Path:
    """The file of a report. Raises FileError, before anything is solved, for an ending that no report has, for a file
    that is no report, and where what makes it is not installed."""
    file = Path(name)
    kind = _KINDS.get(file.suffix.lower(), "")
    if not kind and files.is_there(file):
        files.replaceable(file, "page")
    if not kind:
        raise FileError(f"{file}: a report is NAME.html, NAME.pdf, NAME.xlsx or NAME.json; give one of these endings")
    files.replaceable(file, kind)
    if kind == "document":
        pdf.ready(file)
    if kind == "workbook":
        files.workbook(file)
    return file


def write_all(answer: Answer, names: Sequence[Path], units: str = "si") -> None:
    """Writes the report in each form; `units` of page, PDF and workbook, JSON is SI. Raises FileError."""
    for file in names:
        kind = _KINDS[file.suffix.lower()]
        if kind == "page":
            write_report(answer, file, units)
        elif kind == "document":
            document.write_document(answer, file, units)
        elif kind == "workbook":
            case = answer.case
            facts = facts_of(case.file, title_of(answer), case.about, end_of(answer.run), answer.changes)
            kept = [s for s in sheets(answer) if len(s.frame)]
            write_workbook(file, kept, facts, answer.whole, units)
        else:
            files.write_text(file, json_text(answer), kind)


def to_excel(of: Solution | Run, file: str | PathLike[str], units: str) -> None:
    """The tables of a solution or a run as a workbook. Raises FileError."""
    from kelvolt.cases.run import Run

    solution, run = (of.end, of) if isinstance(of, Run) else (of, None)
    core = solution._core
    facts = facts_of(core.file, core.title, core.about, end_of(run))
    write_workbook(file, [s for s in sheets(of) if len(s.frame)], facts, solution.whole, units)


def json_text(answer: Answer) -> str:
    """All tables as one JSON value, SI."""
    told = {"kelvolt_tables": _core.__version__, "title": title_of(answer), "verdict": answer.whole.word}
    told |= {"limits": answer.told}
    tables = {s.name: s.as_json() for s in sheets(answer) if len(s.frame)}
    return json.dumps(told | {"tables": tables}, indent=1, ensure_ascii=False) + "\n"
