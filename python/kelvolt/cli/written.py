"""What a command writes beside what it prints: tables (CSV) and pictures (PNG), and the lines that name the files."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import files

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


def refuse_table(file: str | None, columns: Sequence[str] | str) -> None:
    """Raises FileError before anything is solved where a table cannot be written, or is no table of these columns.

    columns: the names, or the first of them with the comma after it. Without a file nothing is looked at.
    """
    if file:
        head = columns if isinstance(columns, str) else files.csv_head(columns)
        files.replaceable(file, "table", re.escape(head))


class Written:
    """The files of one command, in the order in which they were written."""

    def __init__(self) -> None:
        self.files: list[Path] = []

    def table(self, file: str | None, table: pandas.DataFrame) -> None:
        """Writes one table, if a file was asked for."""
        if file:
            files.write_frame(file, table)
            self.files.append(Path(file))

    def tables(self, folder: str | None, tables: Mapping[str, pandas.DataFrame]) -> None:
        """Writes NAME.csv of each table, if a folder was asked for."""
        if folder:
            made = files.folder(folder)
            for name, table in tables.items():
                self.table(str(made / f"{name}.csv"), table)

    def pictures(self, folder: str | None, draw: Mapping[str, Callable[[], Figure]]) -> None:
        """Draws and writes NAME.png of each picture, if a folder was asked for."""
        if folder:
            made = files.folder(folder)
            for name, figure in draw.items():
                files.write_picture(made / f"{name}.png", figure(), dpi=150)
                self.files.append(made / f"{name}.png")

    def say(self, options: argparse.Namespace, text: Callable[[], str], told: Callable[[], Any]) -> None:
        """Prints `told` as one JSON value with `--json`, else the text and a line for each file."""
        if options.json:
            print(json.dumps(told(), indent=1, ensure_ascii=False))
            return
        print(text())
        for file in self.files:
            print(f"written: {file}")
