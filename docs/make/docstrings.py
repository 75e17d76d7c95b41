"""Docstrings of the package are plain text with `code` in back-quotes; Sphinx wants reStructuredText."""

from __future__ import annotations

import inspect
import re
from typing import Any

_CODE = re.compile(r"(import |from \w+ import |[\w.]+ = |[\w.]+\(.*\)$|[\w.]+\[.*\]( =|$|  )|\s)")
_FULL = 100  # a row at least this long was broken because it was full, and goes on in the next


def in_rst(lines: list[str], parameters: frozenset[str] = frozenset()) -> list[str]:
    """Code becomes a literal block, "name: text" a field of that parameter, and other signs stay as they are."""
    out: list[str] = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        rows = paragraph.split("\n")
        if len(rows) > 1 and all(_CODE.match(row) for row in rows):
            out += ["::", "", *(f"    {row}" for row in rows)]
        else:
            out += [_plain(row) for row in _fields(rows, parameters)]
        out.append("")
    return out


def _fields(rows: list[str], parameters: frozenset[str]) -> list[str]:
    """Rows joined as they belong together; a blank row between a list of parameters and what follows it."""
    out: list[str] = []
    before = ""
    for row in rows:
        match = re.match(r"(\w+): ", row)
        in_list = bool(out) and out[-1].startswith(":param ")
        if match and match[1] in parameters:
            out += ([] if in_list or not out else [""]) + [f":param {match[1]}: {row[match.end() :]}"]
        elif in_list and (row.startswith(" ") or len(before) >= _FULL):
            out[-1] += " " + row.strip()
        elif in_list or not out:
            out += ([""] if in_list else []) + [row.strip()]
        else:
            out[-1] += " " + row.strip()
        before = row
    return out


def _plain(row: str) -> str:
    head = re.match(r":param \w+: |", row)[0]  # type: ignore[index]
    parts = re.split(r"(`[^`]+`)", row[len(head) :])
    return head + "".join(f"`{p}`" if p.startswith("`") else re.sub(r"([\\*|]|_\b)", r"\\\1", p) for p in parts)


def process(_app: Any, what: str, _name: str, obj: Any, _options: Any, lines: list[str]) -> None:
    try:
        parameters = frozenset(inspect.signature(obj).parameters) if what in ("function", "method") else frozenset()
    except (TypeError, ValueError):  # a function of the core has no signature
        parameters = frozenset()
    lines[:] = in_rst(lines, parameters)
