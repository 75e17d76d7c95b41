"""Commands that find things: shipped cases, the parts of a case, models and library entries."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from kelvolt.cli.facility import Command, Commands


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the commands with the helper functions of the main parser."""
    command(commands, "cases", _cases, "list the shipped cases; other commands take their names")
    tree = command(commands, "tree", _tree, "print the assemblies and parts of a case with their counts")
    add_case(tree)
    tree.add_argument("--depth", type=int, metavar="N", help="levels of assemblies (default: all)")
    components = command(commands, "components", _components, "list models and library entries, or explain one")
    components.add_argument("name", metavar="NAME", nargs="?", help="a model or library entry")


def _cases(options: argparse.Namespace) -> int:
    from kelvolt.base.tables import Table
    from kelvolt.cases.shipped import cases

    print(Table(["case", "what"], [[name, title] for name, title in cases().items()]).text())
    print("\n`kelvolt run NAME` solves one of them, `kelvolt tree NAME` lists its parts")
    return 0


def _tree(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load

    tree = load(options).tree(options.depth)
    print(json.dumps(tree.rows(), indent=1, ensure_ascii=False) if options.json else tree.text())
    return 0


def _components(options: argparse.Namespace) -> int:
    from kelvolt.cases import catalogue

    print(catalogue.overview() if options.name is None else catalogue.page(options.name))
    return 0
