"""Commands of facility teams: ride-through, short circuit, protection, schedules. Each returns the exit status."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.verdicts import whole
from kelvolt.cli import commission, harmonics, outputs, year
from kelvolt.cli.swings import add_swings

if TYPE_CHECKING:
    from kelvolt.reports.sheets import Sheet

Commands = Any  # argparse does not export the type of its sub-parsers
Command = Callable[..., argparse.ArgumentParser]


def add(
    commands: Commands,
    command: Command,
    add_case: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Adds the commands of facility teams with the helper functions of the main parser."""
    _add_ridethrough(commands, command, add_case)
    _add_short_circuit(commands, command, add_case)
    harmonics.add(commands, command, add_case)
    _add_protection(commands, command, add_case)
    _add_schedule(commands, command, add_case)
    add_swings(commands, command, add_case)
    commission.add(commands, command, add_case)
    year.add(commands, command, add_case)


def _add_ridethrough(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    text = (
        "lose every component in turn, in time: when chips throttle, stores are empty, loads are lost; "
        "exit status 1 when one breaks the plan"
    )
    made = command(commands, "ridethrough", _ridethrough, text)
    add_case(made)
    made.add_argument("--lose", metavar="PATTERN", action="append", help="only these losses: names or patterns")
    made.add_argument("--for", dest="duration", default="10 min", metavar="TIME", help="after the loss (10 min)")
    made.add_argument("--at", default="10 s", metavar="TIME", help="of the loss in the run (10 s)")
    made.add_argument("--pairs", action="store_true", help="every two of the losses together, too")
    made.add_argument(
        "--alike",
        default="2 %",
        metavar="SHARE",
        help="run like losses once if their power differs by less (2 %%); 0: each",
    )
    made.add_argument("--plot", metavar="DIR", help="write a picture of the worst loss (PNG)")


def _add_short_circuit(
    commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]
) -> None:
    text = (
        "short-circuit currents at every bus (IEC 60909-0) and the ratings of breakers against them; exit status 1 "
        "when one is too small"
    )
    made = command(commands, "shortcircuit", _short_circuit, text)
    add_case(made)
    made.add_argument(
        "--tolerance", default="10 %", help="by which low voltage may exceed its nominal value: 6 or 10 %% (10 %%)"
    )
    made.add_argument("--t-min", default="0.1 s", help="shortest time to the opening of contacts, for Ib (0.1 s)")
    made.add_argument("--each", action="store_true", help="list every bus of an array, not the largest of all")


def _add_protection(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    text = "selectivity of every pair of protective devices in series; exit status 1 when one is not selective"
    made = command(commands, "protection", _protection, text)
    add_case(made)
    made.add_argument("--levels", metavar="FILE", help="short-circuit currents (CSV: path or bus, Ik_min, Ik_max in A)")
    made.add_argument("--margin", default="20 ms", metavar="TIME", help="between the devices of a pair (20 ms)")
    made.add_argument("--plot", metavar="DIR", help="write time-current pictures (PNG), one a kind of last device")


def _add_schedule(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    text = "list every board with its circuits, and every type of equipment with its count"
    made = command(commands, "schedule", _schedule, text)
    add_case(made)
    made.add_argument("--each", action="store_true", help="print boards and circuits of an array one by one")


def _ridethrough(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.plots import ridethrough as drawing
    from kelvolt.power.ridethrough import ridethrough
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.studied import ride_text
    from kelvolt.reports.tables_power import ride_sheet

    outputs.early(options)
    case = load(options)
    found = ridethrough(
        case,
        options.lose,
        duration=options.duration,
        at=options.at,
        pairs=options.pairs,
        alike=_core.to_si(options.alike, "1"),
    )
    outputs.finish(
        options,
        lambda: ride_text(case, found, options.units, every=options.full),
        lambda: json_rows(found.table),
        lambda: [ride_sheet(found)],
        case=case,
        written=outputs.pictures(options.plot, {"ridethrough": lambda: drawing.ride_through(found)}),
        whole=found.whole,
    )
    return found.whole.exit_status


def _short_circuit(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.power import arc_flash
    from kelvolt.power import disconnection as cut
    from kelvolt.power import short_circuit as faults
    from kelvolt.reports import tables_power as tables
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.studied import fault_pages, fault_text

    outputs.early(options)
    case = load(options)
    solution = case.steady()
    tolerance, t_min = _core.to_si(options.tolerance, "1"), _core.seconds(options.t_min)
    currents = faults.short_circuit(solution, lv_tolerance=tolerance, t_min=t_min)
    if not len(currents):
        raise InputError(f"{options.case}: this case has no electric network")
    duty = faults.fault_duty(solution, lv_tolerance=tolerance, t_min=t_min)
    times = cut.disconnection(solution, lv_tolerance=tolerance)
    arcs = arc_flash.arc_flash(solution, lv_tolerance=tolerance)
    every = options.full or options.each
    answers = {"faults": currents, "duty": duty, "disconnection": times, "arc_flash": arcs}

    def sheets() -> list[Sheet]:
        state = tables.STEADY
        made = [tables.current_sheet(currents, state), tables.duty_sheet(duty, state)]
        return [*made, tables.disconnection_sheet(times, state), tables.arc_sheet(arcs, state)]

    outputs.finish(
        options,
        lambda: fault_pages(case, answers, each=options.each) if every else fault_text(case, answers),
        partial(json_tables, answers),
        sheets,
        case=case,
    )
    return whole([*duty.verdict, *times.verdict, *arcs.verdict]).exit_status


def _protection(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.power.fault_levels import computed_levels
    from kelvolt.power.protection import protection
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.studied import full_text, protection_text
    from kelvolt.reports.tables_power import STEADY, protection_sheets

    outputs.early(options)
    levels: Any = None
    if options.levels:
        import pandas

        try:
            levels = pandas.read_csv(options.levels)
        except (OSError, ValueError) as error:
            raise InputError(f"--levels {options.levels}: {error}") from None
    case = load(options)
    if levels is None:
        levels = computed_levels(case)
    found = protection(case, levels, margin=_core.seconds(options.margin))
    if not found.by_path:
        raise InputError(f"{options.case}: this case has no protective device; a breaker or fuse of the library is one")
    tables = {"devices": found.devices, "pairs": found.pairs, "limited": found.limited}

    def text() -> str:
        if options.full:
            return full_text(case, found.whole, found.text(options.units), "pair")
        return protection_text(case, found, options.units)

    outputs.finish(
        options,
        text,
        partial(json_tables, tables),
        lambda: protection_sheets(found, STEADY),
        case=case,
        written=outputs.pictures(options.plot, _time_current(found) if options.plot else {}),
        main="selectivity",
        whole=found.whole,
    )
    return found.whole.exit_status


def _time_current(found: Any) -> dict[str, Callable[[], Any]]:
    """The time-current pictures of a study of protection by their names: of the longest ways from each source."""
    from kelvolt.plots.protection import longest_ways, time_current

    def named(way: Any) -> str:
        return "time_current_" + re.sub(r"[^A-Za-z0-9]+", "_", f"{way.source}_{way.device.path}").strip("_")

    ways = longest_ways(found)
    return {named(way): partial(time_current, found, way.device.path, source=way.source) for way in ways}


def _schedule(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.power.schedule import schedule
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.studied import schedule_text
    from kelvolt.reports.tables_power import STEADY, schedule_sheets

    outputs.early(options)
    case = load(options)
    found = schedule(case)
    tables = {"boards": found.boards, "equipment": found.equipment}
    every = options.full or options.each

    def text() -> str:
        if every:
            return f"{case.title}\n\n{found.summary(options.units, each=options.each)}"
        return schedule_text(case, found, options.units)

    outputs.finish(
        options,
        text,
        partial(json_tables, tables),
        lambda: schedule_sheets(found, STEADY),
        case=case,
    )
    return 0
