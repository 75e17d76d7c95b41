"""The tables of a command's answer as files: --csv, --xlsx and --json, in the same way for every command."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import files
from kelvolt.base.errors import FileError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kelvolt.base.verdicts import Whole
    from kelvolt.cases.case import Case
    from kelvolt.reports.sheets import Sheet
    from kelvolt.reports.workbook import Facts

_CSV = ".csv"


def add(parser: argparse.ArgumentParser, *, xlsx: bool = True, with_json: bool = False) -> None:
    """Adds --csv, --xlsx, and --json where the parser has none yet."""
    parser.add_argument(
        "--csv",
        metavar="PATH",
        help="write the tables (SI): into a folder, one file each; NAME.csv takes the main table only",
    )
    if xlsx:
        parser.add_argument(
            "--xlsx",
            metavar="FILE",
            help="write all tables as a workbook, in the units of --units (needs kelvolt[xlsx])",
        )
    if with_json:
        parser.add_argument("--json", action="store_true", help="print one JSON value instead (SI)")


def early(options: argparse.Namespace, head: Sequence[str] = ()) -> None:
    """Raises FileError, before anything is solved, where a file cannot be written.

    head: the headings of the main table, where they are known; a file with others is not replaced."""
    if options.csv and _is_one_file(options.csv) and head:
        files.replaceable(options.csv, "table", re.escape(files.csv_head(head)))
    if options.csv and not _is_one_file(options.csv) and Path(options.csv).is_file():
        raise FileError(
            f"--csv {options.csv}: is there already and is no result of Kelvolt of this kind (a folder of tables); "
            "nothing was written: give the name of a folder, or NAME.csv for one table"
        )
    if isinstance(options.xlsx, str) and options.xlsx:
        if Path(options.xlsx).suffix.lower() != ".xlsx":
            raise FileError(f"--xlsx {options.xlsx}: a workbook has the ending .xlsx; give such a name")
        files.workbook(options.xlsx)  # raises where openpyxl is missing
        files.replaceable(options.xlsx, "workbook")


def write(
    options: argparse.Namespace,
    sheets: Sequence[Sheet],
    *,
    main: str = "",
    facts: Facts | None = None,
    whole: Whole | None = None,
) -> list[Path]:
    """Writes what the options ask for, and returns the files. `main`: the table that NAME.csv takes (the first).

    Raises FileError.
    """
    kept = [s for s in sheets if len(s.frame)]
    written: list[Path] = []
    if options.csv:
        written += _write_csv(Path(options.csv), kept, sheets, main)
    if isinstance(options.xlsx, str) and options.xlsx:
        from kelvolt.reports.workbook import Facts, write_workbook

        told = facts or Facts(getattr(options, "case", "") or "Kelvolt")
        write_workbook(options.xlsx, kept, told, whole, getattr(options, "units", "si"))
        written.append(Path(options.xlsx))
    return written


def pictures(folder: str | None, draw: Mapping[str, Callable[[], Figure]]) -> list[Path]:
    """Draws and writes NAME.png of each picture, if a folder was asked for, and returns the files. Raises FileError."""
    if not folder:
        return []
    made = files.folder(folder)
    written = [made / f"{name}.png" for name in draw]
    for file, figure in zip(written, draw.values(), strict=True):
        files.write_picture(file, figure(), dpi=150)
    return written


def finish(
    options: argparse.Namespace,
    text: Callable[[], str],
    told: Callable[[], Any],
    sheets: Callable[[], Iterable[Sheet]],
    *,
    case: Case | None = None,
    facts: Facts | None = None,
    written: Sequence[Path] = (),
    main: str = "",
    whole: Whole | None = None,
) -> None:
    """Prints the text, or `told` as one JSON value with --json; then writes the tables and names all files.

    written: what was written before, such as pictures. facts: what a workbook says first, where there is no case.
    main, whole: as of `write`. Raises FileError.
    """
    print(json.dumps(told(), indent=1, ensure_ascii=False) if options.json else text())
    made: list[Sheet] = []
    if options.csv or getattr(options, "xlsx", None):
        made = list(sheets())
        facts = facts_of_case(case, made, options) if case is not None else facts
    say(options, [*written, *write(options, made, main=main, facts=facts, whole=whole)])


def facts_of_case(case: Case, sheets: Sequence[Sheet], options: argparse.Namespace) -> Facts:
    """What the first sheet of a workbook says of a case."""
    from kelvolt.reports.workbook import facts_of

    named = getattr(options, "scenario", None)
    changes = ([f"scenario {named}"] if named else []) + list(getattr(options, "values", []))
    return facts_of(case.file, case.title, case.about, shown(sheets), changes)


def shown(sheets: Sequence[Sheet]) -> str:
    """The operating points of the tables, each once."""
    return "; ".join(dict.fromkeys(s.state for s in sheets if s.state and len(s.frame)))


def say(options: argparse.Namespace, written: Sequence[Path | str]) -> None:
    """Prints which files were written, a folder of tables once; nothing beside JSON, which stands alone."""
    if getattr(options, "json", False):
        return
    folders: dict[Path, int] = {}
    for file in map(Path, written):
        if options.csv and not _is_one_file(options.csv) and file.parent == Path(options.csv) and file.suffix == _CSV:
            folders[file.parent] = folders.get(file.parent, 0) + 1
        else:
            print(f"written: {file}")
    for folder, count in folders.items():
        print(f"written: {folder} ({count} table{'s' if count > 1 else ''})")


def _write_csv(path: Path, kept: Sequence[Sheet], every: Sequence[Sheet], main: str) -> list[Path]:
    if _is_one_file(str(path)):
        named = [s for s in every if s.name == main] or list(every[:1])
        if not named:
            raise FileError(f"--csv {path}: this answer has no table")
        _write_one(path, named[0])
        return [path]
    folder = files.folder(path)
    made = []
    for sheet in kept:
        made.append(folder / f"{sheet.name}{_CSV}")
        _write_one(made[-1], sheet)
    return made


def _write_one(path: Path, sheet: Sheet) -> None:
    from kelvolt.reports.sheets import plain_frame

    frame = sheet.headed()
    # columns of some tables are the names of spaces or loads of a case, so that a table of another case has others
    first = files.csv_head([str(frame.columns[0])])
    files.write_frame(path, plain_frame(frame), like=f"{re.escape(first)},.*" if sheet.of_case else None)


def _is_one_file(path: str) -> bool:
    return Path(path).suffix.lower() == _CSV


def json_tables(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The tables by name for JSON, each with title, operating point, units and rows; SI."""
    return {s.name: s.as_json() for s in sheets if len(s.frame)}
