"""The command `kelvolt serve`: the page of a case on this machine, with sliders and live answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from kelvolt.cli.facility import Command, Commands


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the command with the helper functions of the main parser."""
    text = "show a case in the browser: turn parameters and see limits, circuits and power answer at once"
    made = command(commands, "serve", _serve, text)
    add_case(made)
    made.add_argument("--port", type=int, default=0, metavar="N", help="of this machine (default: any that is free)")
    made.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    made.add_argument(
        "--write",
        metavar="DIR",
        help="let the page write case, report and result into this folder; without it your browser downloads them",
    )


def _serve(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.serve.explorer import serve

    folder = Path(options.write) if options.write else None
    serve(load(options), port=options.port, browser=not options.no_browser, folder=folder, units=options.units)
    return 0
