"""The command line: `kelvolt run CASE` and the other commands. Exit status 0: every assessed limit is held, 1: a limit
is broken, 2: an error, 3: no limit could be assessed."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import errors
from kelvolt.base.verdicts import EXIT_STATUS, FAILED
from kelvolt.cli import outputs
from kelvolt.cli.help import CommandHelp
from kelvolt.cli.printable import Printable, show_warning

if TYPE_CHECKING:
    import xarray

    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution
    from kelvolt.reports.sheets import Sheet

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status; errors become one message on stderr."""
    options = _parser().parse_args(_with_values(sys.argv[1:] if arguments is None else arguments))
    warnings.showwarning = show_warning
    try:
        with redirect_stdout(Printable(sys.stdout, plain=getattr(options, "json", False))):
            status: int = options.command(options)
            sys.stdout.flush()
        return status
    except errors.Error as error:
        print(f"kelvolt: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("kelvolt: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the program that reads the output has ended, so nothing more can be printed
        return FAILED
    except (OSError, MemoryError, UnicodeError) as error:
        print(errors.printable(f"kelvolt: {error or type(error).__name__}"), file=sys.stderr)
        return FAILED


def _with_values(arguments: list[str]) -> list[str]:
    """Joins `--minimise -1*x` to `--minimise=-1*x`: what begins with a minus and is no option is a value."""
    joined: list[str] = []
    for text in arguments:
        before = joined[-1] if joined else ""
        if before.startswith("--") and "=" not in before and re.match(r"-[\d.(]|-[A-Za-z_]\w*[.(\[]", text):
            joined[-1] = f"{before}={text}"
        else:
            joined.append(text)
    return joined


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kelvolt",
        description="Coolant flow, heat and power of dense liquid-cooled AI racks.",
        formatter_class=CommandHelp,
    )
    from kelvolt.base.formats import version_text
    from kelvolt.cli import completion, draw, finding, tables
    from kelvolt.cli import power as cli_power
    from kelvolt.cli import report as cli_report
    from kelvolt.cli import serve as cli_serve

    parser.add_argument("--version", action="version", version=version_text())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_check(commands)
    _add_sweep(commands)
    _add_size(commands)
    cli_report.add(commands, _command, _add_allow)
    _add_small(commands)
    draw.add(commands, _command, _add_case)
    finding.add(commands, _command, _add_case)
    tables.add(commands, _command, _add_case)
    cli_power.add(commands, _command, _add_case)
    cli_serve.add(commands, _command, lambda made: _add_case(made, printed=False))
    completion.add(commands, _command, _parser)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: Callable[..., int], text: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(command=work)
    return made


def _add_case(parser: argparse.ArgumentParser, *, xlsx: bool = True, printed: bool = True) -> None:
    parser.add_argument("case", metavar="CASE", help="a case file (YAML), or the name of a shipped case")
    parser.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        dest="values",
        help="change a value, e.g. 'tray[*].gpu[*].power=1.1 kW'",
    )
    parser.add_argument("--scenario", metavar="NAME", help="an operating case of the case; --set comes after it")
    _add_allow(parser)
    parser.add_argument("--units", choices=("si", "si-field", "us"), default="si", help="units of the printed tables")
    if printed:
        parser.add_argument("--json", action="store_true", help="print one JSON value instead (SI)")
        parser.add_argument("--full", action="store_true", help="print every row of every table, not the answer alone")
        outputs.add(parser, xlsx=xlsx)


def _add_allow(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-files",
        metavar="DIR",
        action="append",
        default=[],
        help="a folder, besides that of the case and the library, whose files the case may name; may be repeated",
    )


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = _command(
        commands,
        "run",
        _run,
        "solve a case, print a summary, write a result file; exit status 1 when a limit is broken, 3 when none applies",
    )
    _add_case(run)
    run.add_argument("--steady", action="store_true", help="only the steady state")
    run.add_argument("-o", "--output", metavar="FILE", help="result file (default: CASE.h5 here)")
    run.add_argument("--plot", metavar="DIR", help="write pictures (PNG) into a folder")
    run.add_argument(
        "--ranges",
        metavar="N",
        nargs="?",
        type=int,
        const=500,
        help="what the steady state may be: 5, 50, 95 %% over N draws (500) of the assumed values",
    )


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = _command(
        commands,
        "check",
        _check,
        "compare a case, and its run where it has one, with every limit; a power network also with the list of checks "
        "and its contingencies; exit status 1: one is broken, 3: none applies",
    )
    _add_case(check)
    check.add_argument("--steady", action="store_true", help="only the steady state of a case that has a run")
    check.add_argument("--no-contingencies", action="store_true", help="of a power network: only the plan as it stands")
    check.add_argument("--ride-through", action="store_true", help="every loss in time, too; minutes for a hall")


def _add_size(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    size = _command(
        commands,
        "size",
        _size,
        "find the smallest design that holds the limits; exit status 1 without one, 3 when none applies",
    )
    _add_case(size)
    size.add_argument("--minimise", metavar="EXPR", required=True, help="e.g. 'sum(pump[*].P_el)', SI")
    size.add_argument(
        "--vary",
        metavar="PATH=RANGE",
        action="append",
        required=True,
        help="'pump.speed=0.3..1', or choices: 'hose.diameter=8 mm|10 mm', 'pump=edge_pump|cdu121_pump'",
    )
    size.add_argument(
        "--limit", metavar="EXPR", action="append", default=[], help="e.g. 'max(gpu[*].T_die) <= 85 degC'"
    )
    size.add_argument("--no-checks", action="store_true", help="only the given limits, not those of case and models")


def _add_sweep(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sweep = _command(
        commands,
        "sweep",
        _sweep,
        "solve many variants of a case; the same command goes on after a kill; with limits, exit status as run",
    )
    _add_case(sweep)
    sweep.add_argument("sweep", metavar="SWEEP", help="what is varied and recorded (YAML)")
    sweep.add_argument("-o", "--output", metavar="FILE", help="result file (default: SWEEP.h5 here)")
    sweep.add_argument("--overwrite", action="store_true", help="replace a result that is there")
    sweep.add_argument("--threads", type=int, metavar="N", help="default: all cores")


def _add_small(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    _command(commands, "schema", _schema, "print the JSON Schema of the case format")
    validate = _command(commands, "validate", _validate, "compare with independent references and write the scoreboard")
    validate.add_argument("name", nargs="*", metavar="NAME", help="part of a case's name; all when none is given")
    validate.add_argument("--json", action="store_true", help="print a list of objects, with every comparison")
    outputs.add(validate)


# ---- run ----


def load(options: argparse.Namespace) -> Case:
    from kelvolt.cases import case as cases
    from kelvolt.cases.texts import changed

    return changed(cases.load(options.case, allow=options.allow_files), options.scenario, options.values)


def _run(options: argparse.Namespace) -> int:
    from kelvolt.base import files
    from kelvolt.cases import branches
    from kelvolt.reports import summary as report
    from kelvolt.reports.answer import simulated
    from kelvolt.reports.brief import brief
    from kelvolt.reports.flat import flat
    from kelvolt.reports.tables import sheets
    from kelvolt.reports.tables_studies import range_sheets
    from kelvolt.studies.ranges import uncertainty

    case = load(options)
    run: Run | None = None
    output = Path(options.output or Path(options.case).stem + ".h5")
    in_time = not options.steady and case.duration > 0.0
    if in_time or options.output:
        files.replaceable(output, "result")  # raises before anything is solved
    outputs.early(options, branches.csv_head())
    if not in_time:
        solution = case.steady()
        if options.output:
            solution.write(output)
    else:
        run = simulated(case, output=output, progress=False if options.json else None)
        solution = run.end
    pictures = _plot(case, solution, run, Path(options.plot)) if options.plot else []
    ranges = uncertainty(case, options.ranges) if options.ranges is not None else None

    def text() -> str:
        if not options.full:
            return brief(case, solution, run, options.units, ranges)
        every = report.summary(case.core, solution, run, units=options.units, every=True)
        return every if ranges is None else f"{every}\n\n{ranges.summary(options.units)}"

    @cache
    def tables() -> list[Sheet]:
        return [*sheets(solution if run is None else run), *([] if ranges is None else range_sheets(ranges))]

    def numbers() -> dict[str, Any]:
        told = flat(case.core, solution, run)
        spread = {} if ranges is None else {"ranges": ranges.main.to_dict("records")}
        return told | spread | {"tables": outputs.json_tables(tables())}

    written = [*([output] if run or options.output else []), *pictures]
    outputs.finish(options, text, numbers, tables, case=case, written=written, main="branches", whole=solution.whole)
    return solution.whole.exit_status


def _plot(case: Case, solution: Solution, run: Run | None, folder: Path) -> list[Path]:
    from kelvolt.plots.solutions import plot_run, plot_solution

    return plot_run(case, run, folder) if run is not None else plot_solution(case, solution, folder)


# ---- check ----


def _check(options: argparse.Namespace) -> int:
    from kelvolt.power.check import json_rows
    from kelvolt.reports.answer import answer
    from kelvolt.reports.checked import Checked
    from kelvolt.reports.flat import jsonable
    from kelvolt.reports.tables import sheets

    outputs.early(options)
    case = load(options)
    ask = {"steady": options.steady, "failures": not options.no_contingencies, "ride": options.ride_through}
    found = answer(case, progress=False if options.json else None, **ask)
    listed, together = found.listed, found.whole
    checked = Checked(case, found.solution, found.run, listed)
    outputs.finish(
        options,
        lambda: checked.full(options.units) if options.full else checked.brief(options.units),
        lambda: [{k: jsonable(x) for k, x in row.items()} for row in json_rows(found.solution, listed)],
        lambda: sheets(found),
        case=case,
        main="verdicts",
        whole=together,
    )
    return together.exit_status


def _size(options: argparse.Namespace) -> int:
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.tables_studies import size_sheets
    from kelvolt.studies.sizing import size

    outputs.early(options)
    case = load(options)
    limits = [*([] if options.no_checks else ["checks"]), *options.limit]
    found = size(case, options.minimise, dict(map(_varied, options.vary)), limits)

    def told() -> dict[str, Any]:
        names = ("design", "objective", "minimised", "feasible", "verdict", "solves", "message")
        tables = ("binding", "margins", "candidates")
        return {n: getattr(found, n) for n in names} | {n: json_rows(getattr(found, n)) for n in tables}

    outputs.finish(
        options,
        lambda: found.summary(options.units, every=options.full),
        told,
        lambda: size_sheets(found),
        case=case,
        main="margins",
    )
    return EXIT_STATUS[found.verdict]


def _varied(text: str) -> tuple[str, tuple[str, str] | list[str]]:
    path, equals, span = (part.strip() for part in text.partition("="))
    low, dots, high = (part.strip() for part in span.partition(".."))
    if path and equals and dots and low and high:
        return path, (low, high)
    if path and equals and span and not dots:
        return path, [option.strip() for option in span.split("|")]
    raise errors.InputError(f"--vary {text}: write PATH=LOW..HIGH or PATH=CHOICE|CHOICE")


# ---- sweep ----


def _sweep(options: argparse.Namespace) -> int:
    from kelvolt.reports.tables_studies import sweep_sheets
    from kelvolt.sweeps import file as sweep_file

    outputs.early(options)
    case = load(options)

    def write(dataset: xarray.Dataset) -> None:
        if options.csv or options.xlsx:
            made = list(sweep_sheets(dataset))
            outputs.say(options, outputs.write(options, made, facts=outputs.facts_of_case(case, made, options)))

    return sweep_file.command(options, case, write)


# ---- other commands ----


def _schema(options: argparse.Namespace) -> int:
    from kelvolt.cases.schema import schema_text

    sys.stdout.write(schema_text())
    return 0


def _validate(options: argparse.Namespace) -> int:
    import runpy

    script = Path(__file__).resolve().parents[3] / "validation" / "run.py"
    if not script.is_file():
        raise errors.FileError("the validation cases are in the source tree, not in the installed package")
    outputs.early(options)
    tables = bool(options.csv or options.xlsx)
    sys.argv = [str(script), *options.name, *(["--json"] if options.json or tables else [])]
    printed, status = io.StringIO(), 0
    try:
        with redirect_stdout(printed) if tables else nullcontext():
            runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else FAILED
    if tables:
        from kelvolt.reports.tables_studies import validation_sheets
        from kelvolt.reports.workbook import Facts

        if options.json:
            print(printed.getvalue())
        made = list(validation_sheets(json.loads(printed.getvalue())))
        outputs.say(options, outputs.write(options, made, facts=Facts("Comparisons with independent references")))
    return status
