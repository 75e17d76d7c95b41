"""Commands that find things: shipped cases, the parts of a case, models and library entries."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from kelvolt.base import screen
from kelvolt.cli import outputs
from kelvolt.cli.facility import Command, Commands
from kelvolt.reports.flat import json_rows

if TYPE_CHECKING:
    from kelvolt.cases.case import Case

_DEEPEST = 8  # levels of assemblies that are tried


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the commands with the helper functions of the main parser."""
    cases = command(commands, "cases", _cases, "list the shipped cases; other commands take their names")
    outputs.add(cases, with_json=True)
    tree = command(commands, "tree", _tree, "print the assemblies and parts of a case with their counts")
    add_case(tree)
    tree.add_argument("--depth", type=int, metavar="N", help="levels of assemblies (default: all)")
    components = command(commands, "components", _components, "list models and library entries, or explain one")
    components.add_argument("--full", action="store_true", help="every model and library entry with what it is")
    components.add_argument("name", metavar="NAME", nargs="?", help="a model or library entry")
    outputs.add(components, with_json=True)


def _cases(options: argparse.Namespace) -> int:
    from kelvolt.base.tables import Table
    from kelvolt.cases.shipped import cases
    from kelvolt.reports.tables_finding import case_sheet
    from kelvolt.reports.workbook import Facts

    outputs.early(options)
    sheet = case_sheet()

    def text() -> str:
        table = Table(["case", "what"], [[name, title] for name, title in cases().items()]).text()
        return f"{table}\n\n`kelvolt run NAME` solves one of them, `kelvolt tree NAME` lists its parts"

    outputs.finish(options, text, lambda: json_rows(sheet.frame), lambda: [sheet], facts=Facts("Shipped cases"))
    return 0


def _tree(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.reports.tables_finding import tree_sheet

    outputs.early(options)
    case = load(options)
    tree = case.tree(options.depth)

    def text() -> str:
        if options.full or options.depth is not None:
            return tree.text()
        head, _, rest = _shallow(case).partition("\n")
        return f"{screen.wrapped(head)}\n{rest}"

    outputs.finish(options, text, tree.rows, lambda: [tree_sheet(tree)], case=case)
    return 0


def _shallow(case: Case) -> str:
    """The tree down to the level that still fits on a screen."""
    whole = case.tree(None).text()
    if whole.count("\n") < screen.LINES:
        return whole
    texts = [case.tree(depth).text() for depth in range(1, _DEEPEST)]
    depth = max((k for k, text in enumerate(texts, 1) if text.count("\n") < screen.LINES - 1), default=0)
    if depth:
        return f"{texts[depth - 1]}\nlevels below {depth} left out: --full prints them, --depth N some"
    lines = texts[0].split("\n")
    return "\n".join([*lines[: screen.LINES - 2], f"and {len(lines) - screen.LINES + 2} more: --full prints them"])


def _components(options: argparse.Namespace) -> int:
    from kelvolt.cases import catalogue
    from kelvolt.reports.tables_finding import component_sheets
    from kelvolt.reports.workbook import Facts

    outputs.early(options)
    everything = catalogue.overview if options.full else catalogue.brief
    sheets = list(component_sheets(options.name))
    outputs.finish(
        options,
        lambda: everything() if options.name is None else catalogue.page(options.name),
        lambda: {s.name: json_rows(s.frame) for s in sheets},
        lambda: sheets,
        facts=Facts(options.name or "Models and library entries"),
    )
    return 0
