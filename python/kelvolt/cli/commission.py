"""The command `kelvolt commission`. It returns the exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.cli import outputs

if TYPE_CHECKING:
    from kelvolt.cli.facility import Command, Commands
    from kelvolt.studies.commissioning import Commissioning


_ROWS = 30  # of the sheet that are printed without --full


def add(commands: Commands, command: Command, add_case: Callable[..., None]) -> None:
    text = (
        "the test sheet of a new plant: predicted flow, dp and temperature with bands and gates; with --measured the "
        "filled sheet against them, sensors first; exit status 1 when sensors disagree or a gate is broken, 3 when "
        "nothing could be judged"
    )
    made = command(commands, "commission", _commission, text)
    add_case(made, xlsx=False)
    made.add_argument("-o", "--output", metavar="DIR", help="write commissioning.csv (to fill in) and commissioning.md")
    made.add_argument(
        "--xlsx",
        metavar="FILE",
        nargs="?",
        const="",
        help="write all tables as a workbook; without FILE and with -o: commissioning.xlsx to fill in, too",
    )
    made.add_argument("--draws", metavar="N", type=int, default=200, help="of the assumed values, for the bands (200)")
    made.add_argument("--level", metavar="ARRAY", help="the array whose elements are the branches, such as rack.tray")
    made.add_argument("--measured", metavar="FILE", help="the filled sheet (CSV or XLSX)")
    made.add_argument("--fingerprint", metavar="FILE", help="keep what was measured (JSON) for a later comparison")
    made.add_argument("--against", metavar="FILE", help="an earlier fingerprint, to compare with it")


def _commission(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.tables_studies import measured_sheets
    from kelvolt.studies.commissioning import commissioning

    if options.measured is None and (options.fingerprint or options.against):
        raise InputError("--fingerprint and --against are of a measurement; give --measured FILE.csv as well")
    if options.xlsx == "" and not options.output:
        raise InputError("--xlsx without FILE adds a workbook to the files of -o; give -o DIR as well")
    outputs.early(options)
    if options.fingerprint:
        files.replaceable(options.fingerprint, "fingerprint")  # raises before anything is solved
    plan = commissioning(load(options), options.draws, level=options.level)
    if options.measured is None:
        return _sheet(options, plan)
    found = plan.compare(options.measured, against=options.against)
    if options.fingerprint:
        found.write_fingerprint(options.fingerprint)
    outputs.finish(
        options,
        lambda: f"{plan.case.title}\n\n{found.text(options.units, every=options.full)}",
        lambda: {**json_tables({"sensors": found.consistency.table, "points": found.table}), "hints": found.hints},
        lambda: measured_sheets(found),
        case=plan.case,
        written=[Path(options.fingerprint)] if options.fingerprint else [],
        main="points",
        whole=found.whole,
    )
    return found.whole.exit_status


def _sheet(options: argparse.Namespace, plan: Commissioning) -> int:
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.tables_studies import points_sheet

    written = plan.write(options.output, options.units, xlsx=options.xlsx == "") if options.output else []
    outputs.finish(
        options,
        lambda: plan.text(options.units, every=options.full, longest=None if options.full else _ROWS),
        lambda: json_rows(plan.points),
        lambda: [points_sheet(plan.points)],
        case=plan.case,
        written=written,
    )
    return 0
