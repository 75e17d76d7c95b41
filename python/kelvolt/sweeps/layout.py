"""What a sweep records: each pattern becomes named arrays large enough for every structure of the sweep."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kelvolt import _core
from kelvolt.base.errors import InputError, printable
from kelvolt.base.expressions import Expression, expression_in
from kelvolt.base.values import is_path, named_units
from kelvolt.cases.case import Case
from kelvolt.cases.knobs import knobs_of
from kelvolt.sweeps.axes import Column

_FOLDED = re.compile(r"(max|min|mean|sum)\((.*)\)")
KINDS = ("", "_mean", "_min", "_max")
# statistics over time that may be combined with each fold over elements: the largest of the elements' mean values,
# for example, is not the mean of the largest value, so "max" goes with the instantaneous value and "_max" only
KINDS_OF_FOLD = {"each": KINDS, "max": ("", "_max"), "min": ("", "_min"), "mean": ("", "_mean"), "sum": ("", "_mean")}
LIMIT_DOCS = {
    "limit": "the limit with the least margin; empty where none is assessed",
    "limit_element": "the element it applies to",
    "limit_unit": "unit of its margin",
    "limit_margin": "its margin, negative when broken",
    "limits_broken": "number of limits broken",
}
_UNHELD = ("", ".", "..")  # no names in HDF5, where "." and ".." mean groups
_OF_FORMAT = "_nc4_non_coord_"  # a prefix of netCDF-4's own, which its readers remove from names

Numbers = NDArray[np.int64]


@dataclass
class Record:
    name: str  # empty: the arrays keep their own names
    pattern: str  # empty: the key outputs
    fold: str  # "each", or "max", "min", "mean", "sum" over the elements
    part_of: str = ""  # the name of the expression that it is read for, and not kept by itself


@dataclass
class Piece:
    """Where the values of a variable are found among the numbers recorded of one structure."""

    columns: Numbers
    sizes: tuple[int, ...]
    positions: Numbers


@dataclass
class Variable:
    name: str
    dims: tuple[str, ...]
    sizes: tuple[int, ...]
    unit: str
    doc: str
    fold: str
    path: str = ""  # without indices; empty of a single number
    hidden: bool = False  # read for an expression only
    pieces: dict[int, Piece] = field(default_factory=dict)


def records_of(
    record: Sequence[str] | Mapping[str, str] | None, case: _core.Case
) -> tuple[list[Record], dict[str, Expression]]:
    """What is read, and by name the expressions that are evaluated from it; `case`: whose knobs may be recorded."""
    expressions: dict[str, Expression] = {}
    if record is None:
        return [Record("", "", "each")], expressions
    if isinstance(record, str):
        record = [record]
    if not isinstance(record, Mapping | Sequence) or not all(isinstance(text, str) for text in _texts(record)):
        raise InputError(f"sweep: record takes patterns, or a mapping of names to patterns, not {record!r}")
    pairs = list(record.items()) if isinstance(record, Mapping) else [("", text) for text in record]
    if not pairs:
        raise InputError("sweep: record is empty; give patterns, or leave it out for the models' key outputs")
    out = []
    knobs = knobs_of(case)
    for name, text in pairs:
        if text.strip() in knobs:
            out.append(Record(name or text.strip(), text.strip(), "sum"))
            continue
        folded = _FOLDED.fullmatch(text.strip())
        if folded and ("(" in folded[2] or "," in folded[2] or expression_in(folded[2], case)):
            folded = None  # an expression that begins with a function
        expression = None if folded else expression_in(text, case)
        if expression is not None:
            name = name or text.strip()
            if name in expressions:
                raise InputError(f"{name} is recorded twice; give one of them a name of its own: {{name: expression}}")
            expressions[name] = expression
            out += [Record(part_name(name, path), path, "each", name) for path in dict.fromkeys(expression.paths)]
            continue
        out.append(
            Record(
                name or (text.strip() if folded else ""), folded[2] if folded else text, folded[1] if folded else "each"
            )
        )
    return out, expressions


def part_name(name: str, path: str) -> str:
    """The name under which a plan keeps what is read for an expression."""
    return f"{name}: {path}"


def require_name(name: object) -> None:
    """Raises InputError for a path, or for the name of a dimension or record, that a result file cannot hold."""
    if not isinstance(name, str):
        raise InputError(f"sweep: {name!r} of type {type(name).__name__} is no word; paths and names are text")
    if name in _UNHELD or "/" in name or printable(name) != name or name.startswith(_OF_FORMAT):
        raise InputError(
            f"sweep: '{name}' cannot be a word of the result file: it is empty or a place (., .., a/b), holds what "
            "cannot be printed, or begins as netCDF marks its own; give another word"
        )


class Names:
    """The names used in a result, each of which may be used once."""

    def __init__(self, reserved: Sequence[str]) -> None:
        self._taken = dict.fromkeys(reserved, "an array that every result has")

    def take(self, name: str, role: str) -> None:
        """Raises InputError when the result cannot hold the name, or has it already."""
        require_name(name)
        if name in self._taken:
            raise InputError(
                f"sweep: '{name}' would be two things in the result, {role} and {self._taken[name]}; give one of them "
                "another word"
            )
        self._taken[name] = role


def _texts(record: Mapping[str, str] | Sequence[str]) -> list[str]:
    return [*record, *record.values()] if isinstance(record, Mapping) else list(record)


def found_by(case: Case, record: Record) -> _core.Found:
    """What a record names in a case. Raises InputError where the case has nothing of that name."""
    if not record.pattern:
        return _core.key_outputs(case.core)
    try:
        return case.core.find(record.pattern)
    except InputError as error:
        told = record.part_of or (f"{record.fold}({record.pattern})" if record.fold != "each" else "")
        raise InputError(f"record '{told}': {error.message}" if told else error.message) from None


def add_record(
    variables: dict[str, Variable], number: int, case: Case, record: Record, found: _core.Found, first: int
) -> int:
    """Adds what one record reads in one structure and returns the count of its numbers.

    Raises InputError where a fold mixes units or a name stands for several quantities.
    """
    core = case.core
    if record.fold != "each":
        units = {found.unit(i) for i in range(len(found))}
        if len(units) > 1:
            raise InputError(f"{record.fold}({record.pattern}) mixes units: {', '.join(sorted(units))}")
        doc = f"{record.fold} of {record.pattern}: {_core.doc_of(core, found, 0)}"
        one = np.zeros(1, dtype=np.int64)
        _extend(variables, number, record, (record.name, (), ()), (found.unit(0), doc), Piece(one + first, (), one))
        return 1
    if len(found) == 1 and record.pattern and is_path(record.pattern):  # a scalar, not an array filled at one index
        doc, one = _core.doc_of(core, found, 0), np.zeros(1, dtype=np.int64)
        about = (record.name or record.pattern.strip(), (), ())
        _extend(variables, number, record, about, (found.unit(0), doc), Piece(one + first, (), one))
        return 1
    groups = list(named_units(found))
    if record.name and len(groups) > 1:
        raise InputError(
            f"record {record.name}: '{record.pattern}' names {len(groups)} quantities; name each by itself"
        )
    for group, unit in groups:
        piece = Piece(np.array(group.numbers) + first, group.sizes, np.array(group.positions, dtype=np.int64))
        doc = _core.doc_of(core, found, group.numbers[0])
        _extend(variables, number, record, (record.name or group.name, group.dims, group.sizes), (unit, doc), piece)
        variables[record.name or group.name].path = group.name
    return len(found)


def _extend(
    variables: dict[str, Variable],
    number: int,
    record: Record,
    layout: tuple[str, tuple[str, ...], tuple[int, ...]],
    about: tuple[str, str],
    piece: Piece,
) -> None:
    name, dims, sizes = layout
    known = variables.setdefault(name, Variable(name, dims, sizes, *about, record.fold, hidden=bool(record.part_of)))
    if number in known.pieces:
        raise InputError(f"{name} is recorded twice; give one of them a name of its own: {{name: pattern}}")
    if known.dims != dims:
        raise InputError(f"{name} has the dimensions {known.dims} in one structure and {dims} in another")
    known.sizes = tuple(max(a, b) for a, b in zip(known.sizes, sizes, strict=True))
    known.pieces[number] = piece


def digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()[:32]


def labels(column: Column) -> list[Any]:
    """The values of a structural axis as coordinates: numbers and words unchanged, anything else as JSON text."""
    plain = [item[0] for item in column.items] if column.whole_cases else column.items
    if all(isinstance(i, int | float) and not isinstance(i, bool) for i in plain):
        return plain
    return [i if isinstance(i, str) else json.dumps(i) for i in plain]
