"""A network built in code as the text of a case, where it has library entries, limits, events or other sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.paths import path_levels
from kelvolt.base.values import is_quantity, quantity_text

SECTIONS = ("limits", "events", "profiles", "apply", "record", "run", "scenarios", "knobs", "power", "set")


@dataclass
class Facts:
    """What was asked of a network, in order; written down as a case when it is built."""

    settings: dict[str, float]
    added: list[tuple[str, str, int | None, int | None]] = field(default_factory=list)  # model, path, count, cells
    values: list[tuple[str, int, str, Any]] = field(default_factory=list)  # path, count, parameter, value
    joined: list[tuple[Any, Any]] = field(default_factory=list)  # ends of connections
    sections: list[tuple[str, Any]] = field(default_factory=list)  # name, an item of its list or a whole section
    entries: list[str] = field(default_factory=list)  # paths of what was added from the library

    @property
    def needs_text(self) -> bool:
        return bool(self.entries or self.sections)

    def _lists(self) -> list[list[Any]]:
        return [self.added, self.values, self.joined, self.sections, self.entries]

    def lengths(self) -> tuple[int, ...]:
        return tuple(len(x) for x in self._lists())

    def cut(self, lengths: tuple[int, ...]) -> None:
        """Forgets what was added since `lengths`."""
        for part, length in zip(self._lists(), lengths, strict=True):
            del part[length:]

    def of_entry(self, ends: Any) -> bool:
        """Whether an end of a connection, as text, is a port of a library entry."""
        return isinstance(ends, str) and path_levels(ends)[0][0] in self.entries

    def case(self, title: str, names: Callable[[Any], list[str]]) -> dict[str, Any]:
        """The case as a mapping, for `kv.read`. names: the ports that an end of a connection stands for."""
        components: dict[str, Any] = {}
        for model, path, count, cells in self.added:
            if "." in path or "[" in path:
                raise InputError(
                    f"{path}: in a network with library entries, limits or events a component has a name of one level"
                )
            given = {"model": model, "count": count, "cells": cells}
            components[path] = {k: v for k, v in given.items() if v is not None}
        made: dict[str, Any] = {"kelvolt": 1, "title": title, "settings": self.settings, "components": components}
        made["connections"] = [line for a, b in self.joined for line in _lines(names(a), names(b))]
        each: dict[str, Any] = {}
        for path, count, name, value in self.values:
            _write(components, each, path, count, name, value)
        for name, section in self.sections:
            if isinstance(section, Mapping) and name not in ("limits", "events", "apply"):
                made[name] = {**made.get(name, {}), **section}
            else:
                made.setdefault(name, []).append(section)
        if each:
            made["set"] = {**each, **made.get("set", {})}
        return made


def _lines(a: list[str], b: list[str]) -> list[str]:
    if len(a) != len(b) and 1 not in (len(a), len(b)):
        raise InputError(f"{len(a)} ports cannot be paired with {len(b)}; lists of one length, or one to all")
    n = max(len(a), len(b))
    return [f"{a[k if len(a) > 1 else 0]} -> {b[k if len(b) > 1 else 0]}" for k in range(n)]


def _write(components: dict[str, Any], each: dict[str, Any], path: str, count: int, name: str, value: Any) -> None:
    """Writes a value: with its component where it is one for all elements, else by element under `set`."""
    value = quantity_text(value) if is_quantity(value) else value
    if isinstance(value, str | Mapping) or np.ndim(value) == 0:
        value = value.item() if isinstance(value, np.generic) else value
        if path in components:
            components[path][name] = dict(value) if isinstance(value, Mapping) else value
        else:
            each[f"{path}.{name}"] = value
        return
    items = [quantity_text(x) for x in value]
    if len(items) not in (1, max(count, 1)):
        raise InputError(f"{path}: {name} has {len(items)} values for {max(count, 1)} components; give one, or each")
    for k in range(max(count, 1)):
        item = items[k if len(items) > 1 else 0]
        owner = f"{path}[{k + 1}]" if count else path
        each[f"{owner}.{name}"] = item if isinstance(item, str) else float(item)
