"""Equal components of a case as a table that `table:` reads again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.paths import last_level, owner_of
from kelvolt.base.tables import Units
from kelvolt.base.values import path_of
from kelvolt.cases.case import Case


@dataclass
class PartTable:
    """What `parts` returns: headings with units, and one row for each component."""

    head: list[str]
    rows: list[list[str]]

    def csv(self) -> str:
        """The table as CSV text."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.head, *self.rows])
        return text.getvalue()


def parts(case: Case, pattern: str, parameters: Iterable[str] = ()) -> PartTable:
    """The numbers of the components or assemblies that a pattern names, "rack[*]" or "racks.*", one row each.

    parameters: names, short names of the assembly, or paths inside it; without any, those in which the rows differ,
    and where all are alike every number of a single component. Choices, curves and connections stay in the case.
    Raises InputError where the pattern names nothing, and for a parameter that is several values of one row.
    """
    pattern, asked = path_of(pattern), [path_of(p) for p in parameters]
    columns: dict[str, dict[str, tuple[float, str]]] = {}
    owners: dict[str, None] = {}
    depth = len(pattern.split("."))  # a pattern has no dot but between its levels
    for parameter in asked or ["**.*"]:
        found = _found(case, pattern, parameter, bool(asked))
        values = np.asarray(case.core.get(found))
        for k, path in enumerate(found.paths):
            owner = _owner(path, depth)
            owners.setdefault(owner, None)
            key = parameter if asked else path[len(owner) + 1 :]
            column = columns.setdefault(key, {})
            if not np.isfinite(values[k]):
                continue  # not given
            value = (float(values[k]), found.unit(k))
            if column.setdefault(owner, value) != value:
                raise InputError(f"{pattern}: {parameter} is several values in {owner}; name one of them by its path")
    if not asked:
        columns = _telling(columns, list(owners))
        if not columns:
            raise InputError(
                f"{pattern}: all {len(owners)} are alike, and the numbers are those of their parts; name parameters, "
                f"such as {next(iter(_paths(case, pattern)))}"
            )
    named = not next(iter(owners)).endswith("]")
    last = [last_level(owner) for owner in owners]
    names = dict(zip(owners, last if len(set(last)) == len(last) else owners, strict=True))
    rows = [
        ([names[owner]] if named else []) + [_cell(column.get(owner)) for column in columns.values()]
        for owner in owners
    ]
    return PartTable((["name"] if named else []) + [_heading(k, c) for k, c in columns.items()], rows)


def _found(case: Case, pattern: str, parameter: str, asked: bool) -> _core.Found:
    try:
        return case.core.find_parameters(f"{pattern}.{parameter}")
    except InputError as error:
        if asked:
            raise
        raise InputError(error.message.replace(f"{pattern}.{parameter}", pattern)) from None


def _paths(case: Case, pattern: str) -> list[str]:
    """Paths of parameters within the first that a pattern names."""
    paths = case.core.find_parameters(f"{pattern}.**.*").paths
    owner = _owner(paths[0], len(pattern.split(".")))
    return [path[len(owner) + 1 :] for path in paths]


def _owner(path: str, depth: int) -> str:
    owner = owner_of(path)
    while owner.count(".") >= depth:
        owner = owner_of(owner)
    return owner


Columns = dict[str, dict[str, tuple[float, str]]]


def _telling(columns: Columns, owners: list[str]) -> Columns:
    """The columns in which rows differ; where none does, those of single components."""
    differ = {key: c for key, c in columns.items() if len({c.get(owner) for owner in owners}) > 1}
    return differ or {key: c for key, c in columns.items() if "." not in key}


def _unit(declared: str) -> str:
    return Units().unit(declared)


def _heading(key: str, column: dict[str, tuple[float, str]]) -> str:
    unit = _unit(next(iter(column.values()))[1]) if column else ""
    return f"{key} ({unit})" if unit else key


def _cell(value: tuple[float, str] | None) -> str:
    if value is None:
        return ""
    return exact_text(*value).partition(" ")[0]


def exact_text(si: float, declared: str) -> str:
    """A value with the unit of a site, in the shortest text that reads as the same number."""
    unit = _unit(declared)
    shown = _core.from_si(si, declared, unit) if unit else si
    for digits in (12, 15, 17):  # the shortest text that reads as the same number
        text = f"{shown:.{digits}g}"
        if (_core.to_si(f"{text} {unit}", declared) if unit else float(text)) == si:
            break
    return f"{text} {unit}".rstrip()
