"""Parallel branches (elements of an array with coolant in parallel flow) as a CSV file."""

from __future__ import annotations

from pathlib import Path

from kelvolt import _core
from kelvolt.base import files

Branch = _core.Branch


def csv_head() -> list[str]:
    """The columns of `Branch.row`, with units."""
    columns = zip(Branch.columns(), Branch.units(), strict=True)
    return [f"{column} ({unit})" if unit else column for column, unit in columns]


def write_csv(branches: list[Branch], file: Path) -> None:
    """Raises FileError."""
    files.write_csv(file, csv_head(), [list(branch.row().values()) for branch in branches])
