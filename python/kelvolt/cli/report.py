"""The command `kelvolt report`. It returns the exit status."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from kelvolt.base.errors import InputError
from kelvolt.cli import outputs
from kelvolt.cli.facility import Command, Commands


def add(commands: Commands, command: Command, add_allow: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the command with the helper functions of the main parser."""
    text = "write a report (HTML, PDF, workbook) of a case or of a result, whose run is repeated; exit status as check"
    made = command(commands, "report", _report, text)
    made.add_argument(
        "file", metavar="CASE|RESULT", help="a case file (YAML), the name of a shipped case, or a result file (HDF5)"
    )
    made.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        default=[],
        help="NAME.html, .pdf (needs kelvolt[pdf]), .xlsx (needs kelvolt[xlsx]) or .json with all tables; may be "
        "repeated (default: the name of the case or result, .html, here)",
    )
    made.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], dest="values", help="as for run")
    made.add_argument("--scenario", metavar="NAME", help="an operating case of the case; --set comes after it")
    add_allow(made)
    made.add_argument("--steady", action="store_true", help="only the steady state of a case")
    made.add_argument("--no-contingencies", action="store_true", help="leave out the failures of a power network")
    made.add_argument("--ride-through", action="store_true", help="every loss in time, too; minutes for a hall")
    made.add_argument("--units", choices=("si", "si-field", "us"), default="si", help="units of the tables")
    outputs.add(made, with_json=True)


def _report(options: argparse.Namespace) -> int:
    from kelvolt.reports import answer as answers
    from kelvolt.reports.files import prepared, write_all
    from kelvolt.reports.tables import sheets

    names = options.output or ([] if options.csv or options.xlsx or options.json else [_report_name(options.file)])
    wanted = [prepared(name) for name in names]  # raises before anything is solved
    outputs.early(options)
    if answers.is_result(options.file):
        if options.values or options.steady or options.scenario:
            raise InputError(f"{options.file} is a result; --set, --scenario and --steady go with a case file")
        answer = answers.of_result(options.file, options.allow_files)
    else:
        answer = answers.of_case(options.file, options.values, options.steady, options.allow_files, options.scenario)
    answer.failures, answer.ride = not options.no_contingencies, options.ride_through
    write_all(answer, wanted, options.units)
    if options.csv or options.xlsx or options.json:
        made, case = sheets(answer), answer.case
        facts = outputs.facts_of_case(case, made, options)
        wanted += outputs.write(options, made, main="verdicts", facts=facts, whole=answer.whole)
        if options.json:
            told = {
                "title": case.title,
                "verdict": answer.whole.word,
                "limits": answer.whole.text("limit" if answer.listed is None else "check"),
            }
            print(json.dumps(told | {"tables": outputs.json_tables(made)}, indent=1, ensure_ascii=False))
    outputs.say(options, wanted)
    return answer.whole.exit_status


def _report_name(file: str) -> str:
    return Path(file.rstrip("/").removesuffix(".parts")).stem + ".html"
