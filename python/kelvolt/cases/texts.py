"""The one editor of case texts: a value at a dotted path of the mapping is replaced."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError


def plain(value: Any) -> Any:
    """NumPy numbers and arrays as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise InputError(
        f"a case cannot hold {value!r} of type {type(value).__name__}; give numbers, text, lists, mappings"
    )


def edited(text: str, path: str, value: Any) -> str:
    """The case text with the value at a dotted path of its mapping replaced: `components.tray.count`."""
    root = _core.yaml_tree(text, "case")
    node, keys = root, path.split(".")
    for depth, key in enumerate(keys):
        place = place_of(node, key)
        last = depth + 1 == len(keys)
        if place is None and not (last and isinstance(node, dict)):
            where = ".".join(keys[:depth]) or "the case"
            raise InputError(f"{path}: {where} has no '{key}'")
        if last:
            node[key if place is None else place] = value
        else:
            node = node[place]
    return json.dumps(root, ensure_ascii=False, indent=1, default=plain)  # JSON is YAML


def as_edited(session: _core.Session) -> str:
    """The text of a case with the edits that were made on it; empty for a case built in code."""
    text, _, _, edits, _ = _core.source(session)
    for key, value in edits:
        text = edited(text, key, value)
    return str(text)


def place_of(node: Any, key: str) -> str | int | None:
    """Where a key (of a list: its number from 1) stands among a node's values."""
    if isinstance(node, dict):
        return key if key in node else None
    if isinstance(node, list) and key.isdecimal() and len(key) < 10 and 1 <= int(key) <= len(node):
        return int(key) - 1
    return None
