"""Rows whose names differ in indices only, as one: `gpu_vrm[1]` to `gpu_vrm[576]` are one row, the worst of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kelvolt.base.paths import without_indices

Row = TypeVar("Row")


@dataclass(frozen=True)
class Group(Generic[Row]):
    """Rows that are printed as one: `worst` is the one whose numbers are shown."""

    worst: Row
    members: list[Row]

    def named(self, name: str, word: str = "worst") -> str:
        """The name of the row that is shown, with the count where there are more: "ups[2] (worst of 4)"."""
        return name if len(self.members) == 1 else f"{name} ({word} of {len(self.members)})"


def grouped(
    rows: Iterable[Row],
    names: Callable[[Row], Hashable],
    *,
    worst: Callable[[Row], Any] | None = None,
    every: bool = False,
    close: Callable[[Row, Row], bool] | None = None,
) -> list[Group[Row]]:
    """Rows with equal names but for indices, in the order in which the first of each group comes.

    names: of a row, a text or a tuple of texts and other values; texts are compared without the numbers in brackets.
    worst: the row with the smallest value is shown; without it the first of its group. every: with their indices, so
    that rows of different elements stay apart. close: whether a row belongs to the first row of a group of its name;
    without it all rows of a name are one group.
    """
    by_name: dict[Hashable, list[list[Row]]] = {}
    found: list[list[Row]] = []
    for row in rows:
        key = names(row)
        alike = by_name.setdefault(key if every else _bare(key), [])
        members = next((g for g in alike if close is None or close(g[0], row)), None)
        if members is None:
            alike.append(members := [])
            found.append(members)
        members.append(row)
    return [Group(_worst_of(g, worst) if worst else g[0], g) for g in found]


def _worst_of(rows: list[Row], worst: Callable[[Row], Any]) -> Row:
    """The row with the smallest value; of rows that differ by rounding only, the first."""
    least = min(rows, key=worst)
    value = worst(least)
    if not isinstance(value, float):
        return least
    return next((row for row in rows if worst(row) <= value + 1e-9 * abs(value)), least)


def _bare(key: Hashable) -> Hashable:
    if isinstance(key, tuple):
        return tuple(map(_bare, key))
    return without_indices(key) if isinstance(key, str) else key
