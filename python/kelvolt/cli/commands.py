"""The command line: `kelvolt run CASE` and the other commands. Exit status 0: every assessed limit is held, 1: a limit
is broken, 2: an error, 3: no limit could be assessed."""

from __future__ import annotations

import argparse
import json
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt.base import errors
from kelvolt.base.verdicts import EXIT_STATUS, FAILED, Whole
from kelvolt.cli.help import CommandHelp
from kelvolt.cli.printable import Printable, show_warning

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status; errors become one message on stderr."""
    options = _parser().parse_args(arguments)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kelvolt",
        description="Coolant flow, heat and power of dense liquid-cooled AI racks.",
        formatter_class=CommandHelp,
    )
    from kelvolt.base.formats import version_text
    from kelvolt.cli import completion, draw, finding, tables
    from kelvolt.cli import power as cli_power
    from kelvolt.cli import serve as cli_serve

    parser.add_argument("--version", action="version", version=version_text())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_check(commands)
    _add_sweep(commands)
    _add_size(commands)
    _add_report(commands)
    _add_small(commands)
    draw.add(commands, _command, _add_case)
    finding.add(commands, _command, _add_case)
    tables.add(commands, _command, _add_case)
    cli_power.add(commands, _command, _add_case)
    cli_serve.add(commands, _command, lambda made: _add_case(made, with_json=False))
    completion.add(commands, _command, _parser)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: Callable[..., int], text: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(command=work)
    return made


def _add_case(parser: argparse.ArgumentParser, with_json: bool = True) -> None:
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
    if with_json:
        parser.add_argument("--json", action="store_true", help="print one JSON value instead (SI)")
        parser.add_argument("--full", action="store_true", help="print every row of every table, not the answer alone")


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
    run.add_argument("--csv", metavar="FILE", help="write the branch table (SI)")


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


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = (
        "write a report (HTML, everything inside) of a case or of a result, whose run is repeated; exit status as run"
    )
    made = _command(commands, "report", _report, text)
    made.add_argument(
        "file", metavar="CASE|RESULT", help="a case file (YAML), the name of a shipped case, or a result file (HDF5)"
    )
    made.add_argument("-o", "--output", metavar="FILE", help="default: the name of the case or result, .html, here")
    made.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], dest="values", help="as for run")
    _add_allow(made)
    made.add_argument("--steady", action="store_true", help="only the steady state of a case")
    made.add_argument("--no-contingencies", action="store_true", help="leave out the failures of a power network")
    made.add_argument("--ride-through", action="store_true", help="every loss in time, too; minutes for a hall")
    made.add_argument("--units", choices=("si", "si-field", "us"), default="si", help="units of the tables")


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


# ---- run ----


def load(options: argparse.Namespace) -> Case:
    from kelvolt.cases import case as cases

    case = cases.load(options.case, allow=options.allow_files)
    case = case if options.scenario is None else case.scenario(options.scenario)
    for text in options.values:
        path, equals, value = text.partition("=")
        if not equals or not path.strip() or not value.strip():
            raise errors.InputError(f"--set {text}: write PATH=VALUE, for example 'cdu.pump[1].speed=0.8'")
        case[path.strip()] = value.strip()
    return case


def _run(options: argparse.Namespace) -> int:
    from kelvolt.base import files
    from kelvolt.cases import branches
    from kelvolt.reports import summary as report
    from kelvolt.reports.brief import brief
    from kelvolt.reports.flat import flat
    from kelvolt.studies.ranges import uncertainty

    case = load(options)
    run: Run | None = None
    output = Path(options.output or Path(options.case).stem + ".h5")
    in_time = not options.steady and case.duration > 0.0
    if in_time or options.output:
        files.replaceable(output, "result")  # raises before anything is solved
    if options.csv:
        files.replaceable(options.csv, "table", re.escape(files.csv_head(branches.csv_head())))
    if not in_time:
        solution = case.steady()
        if options.output:
            solution.write(output)
    else:
        run = case.simulate(output=output, progress=False if options.json else None)
        solution = run.end
    if options.csv:
        branches.write_csv(solution.branch_list(), Path(options.csv))
    pictures = _plot(case, solution, run, Path(options.plot)) if options.plot else []
    ranges = uncertainty(case, options.ranges) if options.ranges is not None else None
    if options.json:
        numbers = flat(case.core, solution, run)
        if ranges is not None:
            numbers["ranges"] = ranges.main.to_dict("records")
        print(json.dumps(numbers, indent=1, ensure_ascii=False))
        return solution.whole.exit_status
    written = ([output] if run or options.output else []) + pictures
    if options.full:
        print(report.summary(case.core, solution, run, units=options.units, every=True))
    else:
        print(brief(case, solution, run, options.units))
    if ranges is not None:
        print("\n" + ranges.summary(options.units))
    for file in written:
        print(f"written: {file}")
    return solution.whole.exit_status


def _plot(case: Case, solution: Solution, run: Run | None, folder: Path) -> list[Path]:
    from kelvolt.plots.solutions import plot_run, plot_solution

    return plot_run(case, run, folder) if run is not None else plot_solution(case, solution, folder)


# ---- check ----


def _check(options: argparse.Namespace) -> int:
    from kelvolt.power.check import json_rows, power_check, recorded
    from kelvolt.reports.checked import Checked
    from kelvolt.reports.flat import jsonable

    case = load(options)
    timed = case.duration > 0.0 and not options.steady
    run = case.simulate(record=recorded(case), progress=False if options.json else None) if timed else None
    solution = run.end if run is not None else case.steady()
    listed = None
    if solution.plant.is_electric:
        plan = solution if run is None else case.steady()  # a power plan is judged in the steady state, as in reports
        ride = options.ride_through
        swings = not options.steady
        listed = power_check(case, plan, run=run, failures=not options.no_contingencies, ride=ride, swings=swings)
    together = solution.whole + (listed.whole if listed is not None else Whole())
    if options.json:
        rows = json_rows(solution, listed)
        print(json.dumps([{k: jsonable(x) for k, x in r.items()} for r in rows], indent=1, ensure_ascii=False))
    else:
        checked = Checked(case, solution, run, listed)
        print(checked.full(options.units) if options.full else checked.brief(options.units))
    return together.exit_status


# ---- report ----


def _report(options: argparse.Namespace) -> int:
    from kelvolt.base import files
    from kelvolt.reports import answer as answers
    from kelvolt.reports.page import write_report

    name = options.output or Path(options.file.rstrip("/").removesuffix(".parts")).stem + ".html"
    output = files.replaceable(name, "page")  # raises before anything is solved
    if answers.is_result(options.file):
        if options.values or options.steady:
            raise errors.InputError(f"{options.file} is a result; --set and --steady go with a case file")
        answer = answers.of_result(options.file, options.allow_files)
    else:
        answer = answers.of_case(options.file, options.values, options.steady, options.allow_files)
    answer.failures, answer.ride = not options.no_contingencies, options.ride_through
    write_report(answer, output, options.units)
    print(f"written: {output}")
    return answer.whole.exit_status


def _size(options: argparse.Namespace) -> int:
    from kelvolt.reports.flat import jsonable
    from kelvolt.studies.sizing import size

    case = load(options)
    limits = [*([] if options.no_checks else ["checks"]), *options.limit]
    found = size(case, options.minimise, dict(map(_varied, options.vary)), limits)
    if options.json:
        tables = {name: getattr(found, name).to_dict("records") for name in ("binding", "margins", "candidates")}
        plain = {n: [{k: jsonable(x) for k, x in row.items()} for row in rows] for n, rows in tables.items()}
        names = ("design", "objective", "minimised", "feasible", "verdict", "solves", "message")
        head = {n: getattr(found, n) for n in names}
        print(json.dumps(head | plain, indent=1, ensure_ascii=False))
    else:
        print(found.summary(options.units, every=options.full))
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
    from kelvolt.sweeps import file as sweep_file

    return sweep_file.command(options, load(options))


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
    sys.argv = [str(script), *options.name, *(["--json"] if options.json else [])]
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else FAILED
    return 0
