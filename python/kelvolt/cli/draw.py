"""The command `kelvolt draw`: the schematic of the coolant circuits and the one-line diagram, as SVG or PDF."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kelvolt.base.errors import InputError


def add(
    commands: Any,
    command: Callable[..., argparse.ArgumentParser],
    add_case: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Adds the command with the helper functions of the main parser."""
    text = "draw a case: the coolant circuits, and the one-line diagram of its electric network, as SVG or PDF"
    made = command(commands, "draw", _draw, text)
    add_case(made)
    made.add_argument("-o", "--output", metavar="FILE", help="the drawing, .svg or .pdf (default: CASE.svg here)")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--coolant", action="store_true", help="only the coolant circuits")
    which.add_argument("--power", action="store_true", help="only the one-line diagram")
    made.add_argument("--date", default="", metavar="TEXT", help="a date for the title block (default: none)")


def _draw(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.plots.drawing import drawings, save_drawing

    case = load(options)
    file = Path(options.output) if options.output else Path(f"{Path(str(options.case)).stem}.svg")
    made = drawings(case, options.units, options.date)
    if options.coolant or options.power:
        wanted = "coolant" if options.coolant else "power"
        made = {name: text for name, text in made.items() if name == wanted}
    if not made:
        missing = (
            "coolant that flows" if options.coolant else "electric network" if options.power else "network to draw"
        )
        raise InputError(f"{options.case}: this case has no {missing}")
    if options.json:
        raise InputError("draw: a drawing has no JSON; give -o FILE.svg or FILE.pdf")
    for written in save_drawing(made, file):
        print(f"written: {written}")
    return 0
