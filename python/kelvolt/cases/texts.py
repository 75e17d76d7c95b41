"""Python values as the text of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.values import quantity_text

if TYPE_CHECKING:
    from kelvolt.cases.case import Case


def plain(value: Any) -> Any:
    """A NumPy number or array, or a quantity of pint, as a plain value for JSON. Raises InputError for other types."""
    value = quantity_text(value)
    if isinstance(value, str | float):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise InputError(
        f"a case cannot hold {value!r} of type {type(value).__name__}; give numbers, text, lists, mappings"
    )


def written(value: Any) -> str:
    """A value as text for a case: JSON, which is valid YAML. Raises InputError."""
    try:
        return json.dumps(value, ensure_ascii=False, default=plain)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the mapping holds itself, or is nested too deep: {error}") from None


def case_text(text: str | Mapping[str, Any], name: str) -> str:
    """The text of a case that was given as text or as a mapping. Raises InputError, with `name` as the file."""
    if not isinstance(text, str):
        try:
            text = written(text)
        except InputError as error:
            raise InputError(error.message, name) from None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise InputError(f"the text holds half a character: {error.reason}", name, line) from None
    return text


def changed(case: Case, scenario: str | None, changes: Sequence[str]) -> Case:
    """A scenario of the case, if one is named, with the values of `changes` (PATH=VALUE). Raises InputError."""
    case = case if scenario is None else case.scenario(scenario)
    for text in changes:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and path and value):
            raise InputError(f"--set {text}: write PATH=VALUE, for example 'cdu.pump[1].speed=0.8'")
        case.update({path: value})
    return case
