"""Commands about tables: a new case, also of a hall from a table of its racks, and components as a table."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.cli.facility import Command, Commands


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the commands with the helper functions of the main parser."""
    new = command(
        commands, "new", _new, "write a commented case that runs: a starter, or a hall from a table of its racks"
    )
    new.add_argument("name", metavar="NAME", help="file to write, .yaml is added")
    new.add_argument("--from", dest="table", metavar="TABLE", help="a hall from a table of its racks (.csv or .xlsx)")
    new.add_argument("--sheet", metavar="SHEET", default="", help="of a workbook with several")
    new.add_argument("--decimal", choices=("point", "comma"), default="", help="of the numbers of the table")
    new.add_argument("--ignore", metavar="HEADING", action="append", default=[], help="a column that is not read")
    new.add_argument("--template", action="store_true", help="write a table of racks to fill in instead, NAME.csv")
    table = command(commands, "table", _table, "write components of a case as a table that `table:` reads")
    add_case(table)
    table.add_argument("pattern", metavar="PATTERN", help="components or assemblies: 'rack[*]', 'racks.*'")
    table.add_argument("parameters", metavar="PARAMETER", nargs="*", help="columns (default: in which the rows differ)")
    table.add_argument("-o", "--output", metavar="FILE", help="CSV file to write (default: print)")


def _new(options: argparse.Namespace) -> int:
    from kelvolt.cases.hall import hall
    from kelvolt.cases.hall_table import template
    from kelvolt.cases.schema import schema_file

    suffixes = (".csv",) if options.template else (".yaml", ".yml")
    file = Path(options.name)
    if file.suffix not in suffixes:
        file = file.with_name(file.name + suffixes[0])
    if options.template:
        text = template()
    elif options.table is not None:
        made = hall(options.table, options.sheet, options.decimal, options.ignore)
        text = made.text
        for note in made.notes:
            print(f"note: {note}", file=sys.stderr)
    else:
        text = (Path(__file__).parents[1] / "starter.yaml").read_text(encoding="utf-8")
    if file.exists() or file.is_symlink():
        raise InputError(f"{file} is already there; choose another name")
    folder = file.absolute().parent
    if not os.access(folder, os.W_OK):
        raise InputError(f"{file}: nothing can be written in the folder {folder}; give the name with another one")
    if options.template:
        files.write_text(file, text, "case")
        print(f"written: {file}; try: kelvolt new hall --from {file}")
        return 0
    schema = schema_file()
    # language servers of editors read this comment; it needs no network, and no copy beside each case
    head = f"# yaml-language-server: $schema={schema.as_uri()}\n" if schema.is_file() else ""
    files.write_text(file, head + text, "case")
    print(f"written: {file}; editors complete and check it by its first line; try: kelvolt run {file}")
    return 0


def _table(options: argparse.Namespace) -> int:
    from kelvolt.cases.part_table import parts
    from kelvolt.cli.commands import load

    made = parts(load(options), options.pattern, options.parameters)
    if options.output is None:
        sys.stdout.write(made.csv())
        return 0
    with files.replacing(options.output, "table", re.escape(files.csv_head(made.head))) as temporary:
        temporary.write_text(made.csv(), encoding="utf-8")
    print(f"written: {options.output}, {len(made.rows)} rows")
    return 0
