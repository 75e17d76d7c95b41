"""Commands that find things: shipped cases, the parts of a case, models and library entries."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from kelvolt.cli import outputs
from kelvolt.cli.facility import Command, Commands
from kelvolt.reports.flat import json_rows
from kelvolt.reports.workbook import Facts


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the commands with the helper functions of the main parser."""
    cases = command(commands, "cases", _cases, "list the shipped cases; other commands take their names")
    outputs.add(cases, json=True)
    tree = command(commands, "tree", _tree, "print the assemblies and parts of a case with their counts")
    add_case(tree)
    tree.add_argument("--depth", type=int, metavar="N", help="levels of assemblies (default: all)")
    components = command(commands, "components", _components, "list models and library entries, or explain one")
    components.add_argument("name", metavar="NAME", nargs="?", help="a model or library entry")
    outputs.add(components, json=True)


def _cases(options: argparse.Namespace) -> int:
    from kelvolt.base.tables import Table
    from kelvolt.cases.shipped import cases
    from kelvolt.reports.tables_finding import case_sheet

    outputs.early(options)
    sheet = case_sheet()
    if options.json:
        print(json.dumps(json_rows(sheet.frame), indent=1, ensure_ascii=False))
    else:
        print(Table(["case", "what"], [[name, title] for name, title in cases().items()]).text())
        print("\n`kelvolt run NAME` solves one of them, `kelvolt tree NAME` lists its parts")
    outputs.say(options, outputs.write(options, [sheet], facts=Facts("Shipped cases")))
    return 0


def _tree(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.reports.tables_finding import tree_sheet

    outputs.early(options)
    case = load(options)
    tree = case.tree(options.depth)
    print(json.dumps(tree.rows(), indent=1, ensure_ascii=False) if options.json else tree.text())
    sheets = [tree_sheet(tree)]
    outputs.say(options, outputs.write(options, sheets, facts=outputs.facts(case, sheets, options)))
    return 0


def _components(options: argparse.Namespace) -> int:
    from kelvolt.cases import catalogue
    from kelvolt.reports.tables_finding import component_sheets

    outputs.early(options)
    text = catalogue.overview() if options.name is None else catalogue.page(options.name)
    sheets = list(component_sheets(options.name))
    if options.json:
        print(json.dumps({s.name: json_rows(s.frame) for s in sheets}, indent=1, ensure_ascii=False))
    else:
        print(text)
    outputs.say(options, outputs.write(options, sheets, facts=Facts(options.name or "Models and library entries")))
    return 0
