"""The command of load swings. Returns the exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from kelvolt.cli import outputs


def add_swings(
    commands: Any,
    command: Callable[..., argparse.ArgumentParser],
    add_case: Callable[[argparse.ArgumentParser], None],
) -> None:
    text = (
        "load swings from the loads to the point of connection: ramps, range, spectrum, flicker, the store that would "
        "flatten them; exit status 1 when a limit of item 16 is broken, 3 when none is given"
    )
    made = command(commands, "swings", _swings, text)
    add_case(made)
    made.add_argument("--for", dest="duration", metavar="TIME", help="of the run, in place of that of the case")
    made.add_argument("--every", metavar="TIME", help="between rows (20 ms, or what the case says), 1 s at most")
    made.add_argument(
        "--lamp", type=int, default=230, metavar="V", help="whose flicker Pst tells: 230 (50 Hz) or 120 (60 Hz)"
    )
    made.add_argument("--plot", metavar="DIR", help="write a picture (PNG)")


def _swings(options: argparse.Namespace) -> int:
    from kelvolt.base.tables import Units
    from kelvolt.base.verdicts import whole
    from kelvolt.cli.commands import load
    from kelvolt.plots.swings import load_swings
    from kelvolt.power.check import line_table
    from kelvolt.power.lines import Judge
    from kelvolt.power.swing_items import swing_lines
    from kelvolt.power.swings import ITEM, swings
    from kelvolt.reports.flat import json_rows, jsonable
    from kelvolt.reports.studied import full_text, swings_text
    from kelvolt.reports.tables_power import swing_sheets

    outputs.early(options)
    case = load(options)
    found = swings(case, duration=options.duration, every=options.every, lamp=options.lamp)
    lines = swing_lines(Judge(found.flow), ITEM, found)
    every = whole(line.verdict for line in lines)
    written = outputs.pictures(options.plot, {"swings": lambda: load_swings(found, case.title)})

    def told() -> dict[str, Any]:
        limits = [{k: jsonable(x) for k, x in vars(line).items()} for line in lines]
        stores = {name: {"energy": s.energy, "power": s.power} for name, s in found.stores.items()}
        voltages = [{k: jsonable(x) for k, x in vars(v).items()} for v in found.voltages]
        levels = json_rows(found.table)
        return {"levels": levels, "stores": stores, "voltages": voltages, "limits": limits, "not_assessed": found.gaps}

    def text() -> str:
        if not options.full:
            return swings_text(case, found, lines, options.units)
        limits = line_table(lines, Units(options.units)).text()
        rest = f"{found.summary(options.units)}\n\nLimits (item {ITEM} of `kelvolt check`)\n{limits}"
        return full_text(case, every, rest)

    sheets = swing_sheets(found, lines)
    outputs.finish(options, text, told, lambda: sheets, case=case, written=written, main="traces", whole=every)
    return every.exit_status
