"""The text of a case: its sections as plain objects, a case with other sections, and the text with all changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.values import path_of, shown
from kelvolt.cases.texts import written

SECTIONS: dict[str, type] = {"apply": list, "events": list, "limits": list, "profiles": dict}
_WORDS = ("model", "count")  # keys of a component that need not stand in the text
_REMEDY = "set the value of the whole component in the text of the case, or keep the case by pickle"
_NO_TEXT = "a case built in code has no text; keep the code that builds it, or write the case as text"


def section(case: _core.Case, name: str) -> Any:
    """A copy of one section of the text, as lists, mappings and words. Raises InputError."""
    _refuse_unknown(name)
    return _core.yaml_tree(_text(case), case.file).get(name) or SECTIONS[name]()


def edited(case: _core.Case, sections: Mapping[str, Any]) -> _core.Case:
    """The case read anew with other sections; what was set on it is kept. Raises InputError, TopologyError."""
    _text(case)
    edits = []
    for name, value in sections.items():
        _refuse_unknown(name)
        if isinstance(value, tuple):
            value = list(value)
        if not isinstance(value, SECTIONS[name]):
            needed = "a mapping by name" if SECTIONS[name] is dict else "a list of mappings"
            raise InputError(f"{name}: {needed} is needed, not {shown(value)}")
        edits.append((name, written(value)))
    return _core.edited(case, edits, True)


def restructured(case: _core.Case, values: Mapping[str, Any]) -> tuple[_core.Case, dict[str, Any]]:
    """The case with those of the values that are no numbers of the network, such as `tray.count` or `cdu.coolant`.

    They are words of the text, of which the network is built anew; what was set is kept. The other values are returned
    as they are. Raises InputError, with what else in the text depends on such a word.
    """
    if not isinstance(values, Mapping):
        raise InputError(f"a case is updated by a mapping {{path: value}}, not {shown(values)}")
    places = {path: place for path in values if (place := _place(case, path)) is not None}
    if not places:
        return case, dict(values)
    try:
        made = _core.edited(case, [(place, written(values[path])) for path, place in places.items()], True)
    except Error as error:
        told = ", ".join(f"{path} = {values[path]}" for path in places)
        raise InputError(
            f"{told}: the network is built anew with it, and then: {error.message}; change that line of the text, too",
            error.file,
            error.line,
        ) from None
    return made, {path: value for path, value in values.items() if path not in places}


@contextmanager
def telling_words(case: _core.Case, path: str) -> Iterator[None]:
    """Adds to an error about a path how it is set where it is a word of the text."""
    try:
        yield
    except InputError as error:
        if _place(case, path) is None:
            raise
        raise InputError(
            f"{error.message}; {path} is a word of the text of the case: case.update({{'{path}': value}}) builds the "
            "network anew with it, and kv.sweep and kv.size vary it"
        ) from None


def _place(case: _core.Case, path: str) -> str | None:
    """Where a path is a word of the text and no parameter of the network; None elsewhere.

    Such a word stands in the text, or is the model or the count of a component that does.
    """
    path = path_of(path)
    try:
        case.find_parameters(path)
    except InputError:
        place = _core.text_path(case, path)
        at: Any = _core.yaml_tree(_core.source(case)[0], case.file) if place is not None else None
        levels = place.split(".") if place is not None else []
        for k, level in enumerate(levels):
            if not isinstance(at, Mapping) or level not in at:
                return place if k + 1 == len(levels) and isinstance(at, Mapping) and level in _WORDS else None
            at = at[level]
        return place
    return None


def _refuse_unknown(name: str) -> None:
    if name not in SECTIONS:
        raise InputError(f"'{name}' is none of the sections {', '.join(SECTIONS)}")


def _text(case: _core.Case) -> str:
    text = _core.source(case)[0]
    if not text:
        raise InputError(_NO_TEXT)
    return text


def to_yaml(case: _core.Case) -> str:
    """The text of the case with all that was set on it, under `set:`. Raises InputError for a case without text."""
    text = _text(case)
    if not case.changes:
        return text
    values = json.loads(case.changes)
    kept = _with_lines(text, values)
    if _reads_alike(kept, case):
        return kept  # with the comments of the text
    before = _core.yaml_tree(text, case.file).get("set") or {}
    merged = {path: value for path, value in before.items() if path not in values} | values
    try:
        made = _core.source(_core.edited(case, [("set", written(merged))], True))[0]
    except Error as error:
        raise InputError(f"to_yaml: {error.message}; what was set there cannot stand in a text: {_REMEDY}") from None
    if not _reads_alike(made, case):
        raise InputError(f"to_yaml: the text would not give all values that were set: {_REMEDY}")
    return made


def _with_lines(text: str, values: Mapping[str, float]) -> str:
    """The text with lines at the end of its block `set:`, or with such a block at its end."""
    lines = text.rstrip().split("\n")
    begins = next((k for k, line in enumerate(lines) if re.fullmatch(r"set:\s*(#.*)?", line)), None)
    if begins is None:
        lines.append("set:")
        begins = len(lines) - 1
    ends = next((k for k in range(begins + 1, len(lines)) if re.match(r"[^\s#]", lines[k])), len(lines))
    while ends > begins + 1 and re.match(r"\s*(#|$)", lines[ends - 1]):
        ends -= 1  # comments before the next block belong to that
    inside = lines[begins + 1 : ends]
    indent = next((re.match(r"\s*", x)[0] for x in inside if x.strip()), "  ")  # type: ignore[index]
    added = [f"{indent}{json.dumps(path)}: {value!r}" for path, value in values.items()]
    return "\n".join([*lines[:ends], *added, *lines[ends:]]) + "\n"


def _reads_alike(text: str, case: _core.Case) -> bool:
    """Whether a text gives the values that the case has; not, for example, where it was no block of lines."""
    _, file, folder, _, allow = _core.source(case)
    try:
        made = _core.read(text, file, folder, allow)
        found, wanted = made.find_parameters("**.*"), case.find_parameters("**.*")
        return found.paths == wanted.paths and _bits(made, found) == _bits(case, wanted)
    except Error:
        return False


def _bits(case: _core.Case, found: _core.Found) -> bytes:
    return np.asarray(case.get(found)).tobytes()
