"""Pieces of the report page: tables with captions, pictures, folded parts, text of the case."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kelvolt.base import markup
from kelvolt.base.groups import grouped
from kelvolt.base.paths import without_indices
from kelvolt.base.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER = 60  # rows of a long table that are printed; the workbook has all
_LARGEST_SVG = 250_000  # bytes
_AMOUNT = re.compile(r"(?:[<>]= )?[-+]?[\d.,]+(?:e[-+]\d+)?(?: ?[^\s,;:]{1,9})?")  # stays on one line
# a level and the same name again below it, as in cdu[1].cdu.pump: shown once
_STUTTER = re.compile(r"\b([A-Za-z_]\w*)((?:\[[^\]\s]*\])?)\.\1(?![\w\[])")


def table_html(
    table: Table,
    name: str,
    caption: str = "",
    *,
    state: str = "",
    sortable: bool = False,
    broken: str = "",
    wrap: frozenset[int] | set[int] = frozenset(),
    right: frozenset[int] | set[int] = frozenset(),
    paper: int | None = None,
) -> str:
    """A table with text columns aligned left; rows that contain the word `broken` are marked.

    caption, state: what it is, and the operating point that it shows. paper: the number of rows that are printed.
    """
    left = table._text_columns() - set(right)
    printed = len(table.rows) if paper is None else paper

    def cell(tag: str, column: int, text: str) -> str:
        names = ["text"] if column in left else []
        if tag == "td":
            names += ["wrap"] if column in wrap else []
            names += ["one"] if _AMOUNT.fullmatch(text) else []
        style = f' class="{" ".join(names)}"' if names else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{scope}{style}>{coded(text)}</{tag}>"

    def row(number: int, cells: list[str]) -> str:
        names = ["broken"] if broken and any(broken in c for c in cells) else []
        names += ["screen"] if number >= printed else []
        mark = f' class="{" ".join(names)}"' if names else ""
        return f"<tr{mark}>{''.join(cell('td', k, c) for k, c in enumerate(cells))}</tr>"

    head = "".join(cell("th", k, c) for k, c in enumerate(table.head))
    body = "".join(row(number, cells) for number, cells in enumerate(table.rows))
    style = ' class="sortable"' if sortable else ""
    shows = f' <span class="state">{html.escape(state)}</span>' if state else ""
    title = f"<caption>{html.escape(readable(caption))}{shows}</caption>" if caption or state else ""
    made = f'<table id="{name}"{style}>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    more = ""
    if printed < len(table.rows):
        more = (
            f'<p class="paper note">The first {printed} of {len(table.rows)} rows; a report written as a workbook '
            "(-o NAME.xlsx) has all of them.</p>"
        )
    return f'<div class="scroll">{made}</div>{more}'


def readable(text: str) -> str:
    """Text with typographic units and signs; a name that repeats the level above it is shown once."""
    text = re.sub(r"\bdeg([CF])\b", r"°\1", text)
    text = _STUTTER.sub(r"\1\2", text)
    return text.replace("<= ", "≤ ").replace(">= ", "≥ ")


def coded(text: str) -> str:
    """Text for a cell: escaped, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(readable(text)))


def prose(text: str, style: str = "about") -> str:
    """Text of the case as paragraphs: its emphasis, code and lists are rendered, and its HTML is shown as text."""
    return f'<div class="{style}">{markup.html_of(text)}</div>' if text.strip() else ""


def folded(title: str, body: str) -> str:
    return f"<details><summary>{html.escape(title)}</summary>{body}</details>"


def kinds(names: Iterable[str]) -> dict[str, list[int]]:
    """Positions of names that differ in their indices only, by the name with `*` for each index, in their order."""
    every = list(names)
    groups = grouped(range(len(every)), every.__getitem__)
    return {without_indices(every[g.worst]): g.members for g in groups}


def counted(name: str, count: int) -> str:
    """A name with the number of equal elements that it stands for."""
    return name if count == 1 else f"{name} (worst of {count})"


def shortened(table: Table, rows: int, what: str) -> tuple[Table, str]:
    """The first rows of a table, and a line on how many are left out, with where they are."""
    if len(table.rows) <= rows:
        return table, ""
    left = len(table.rows) - rows
    note = f'<p class="note">{left} more {what} in the appendix.</p>'
    return Table(table.head, table.rows[:rows], table.left), note


def picture(figure: Figure | None, caption: str, name: str) -> str:
    """A figure as an image inside the page: SVG, or PNG where many points would make the SVG large."""
    if figure is None:
        return ""
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    kind = "svg+xml"
    if len(stream.getvalue()) > _LARGEST_SVG:
        stream, kind = io.BytesIO(), "png"
        figure.savefig(stream, format="png", dpi=200, metadata={"Software": None})
    data = base64.b64encode(stream.getvalue()).decode()
    image = f'<img alt="{html.escape(caption or name)}" src="data:image/{kind};base64,{data}">'
    return f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>"


def listed(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{coded(line)}</li>" for line in lines) + "</ul>"
