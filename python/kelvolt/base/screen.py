"""What is printed: its width, tables and sentences that fit it, and the colours of verdicts on a terminal.

Rich is imported when a table is printed or a terminal is coloured, not before.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

from kelvolt.base.errors import printable

LINES = 40  # that a command prints without `--full`
_PIPE = 120  # columns where no terminal is
_NARROWEST = 40  # columns below which nothing is fitted any more
_LEAST = 10  # columns that a column of words keeps
_NAME = 26  # columns up to which a column of single words is not folded
_GAP = 2  # columns between two columns of a table
# a number with its sign of comparison and its unit: it stays on one line
_QUANTITY = re.compile(
    r"(?:[<>]=? ?|±)?[-+]?\d[\d.]*(?:e[-+]?\d+)?(?: to [-+]?\d[\d.]*(?:e[-+]?\d+)?)?(?: ?[^\s;]{1,8})?"
)
_VERDICTS = {r"\b(?:BROKEN|NOT FEASIBLE)\b": "bold red", r"\bheld\b": "green", r"\bnot assessed\b": "yellow"}


def width() -> int:
    """Columns of the terminal; 120 where the output is no terminal, or fewer where COLUMNS says so."""
    if sys.stdout is not None and sys.stdout.isatty():
        return max(shutil.get_terminal_size((_PIPE, 24)).columns, _NARROWEST)
    said = os.environ.get("COLUMNS", "")
    return min(max(int(said), _NARROWEST), _PIPE) if said.isdigit() and int(said) else _PIPE


def fitted(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Collection[int],
    indent: str,
    most: int,
    rule: bool = True,
) -> str:
    """A table as text of at most `most` columns: cells of words are wrapped, numbers never.

    words: the columns aligned left. rule: a line below the head. Where the numbers alone need more columns than there
    are, the lines are longer.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[printable(" ".join(x.split("\n"))) for x in row] for row in (head, *rows)]
    kept = [all(not x or _QUANTITY.fullmatch(x) or x == "-" for x in column) for column in zip(*cells[1:], strict=True)]
    names = [all(" " not in x and len(x) <= _NAME for x in column) for column in zip(*cells[1:], strict=True)]
    kept = [a or b for a, b in zip(kept, names, strict=True)]
    natural = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    if sum(natural) + _GAP * (len(head) - 1) + len(indent) > most:  # units go below the names
        cells[0] = [x.replace(" (", "\n(") if k else x for x, k in zip(cells[0], kept, strict=True)]
    columns = list(zip(*cells, strict=True))
    room = most - len(indent) - _GAP * len(head)
    widths = _widths(columns, kept, room)
    table = Table(box=_ruled(rule), show_edge=False, pad_edge=False, padding=(0, _GAP - rule, 0, 0), expand=False)
    for c, text in enumerate(cells[0]):
        side: Any = "left" if c in words else "right"
        table.add_column(Text(text), justify=side, width=widths[c], no_wrap=kept[c], overflow="fold", vertical="top")
    for row in cells[1:]:
        table.add_row(*map(Text, row))
    room = max(most - len(indent), sum(widths) + _GAP * len(head))
    console = Console(width=room, color_system=None, highlight=False, markup=False, emoji=False, legacy_windows=False)
    with console.capture() as printed:
        console.print(table)
    return "\n".join((indent + line).rstrip() for line in printed.get().rstrip("\n").split("\n"))


def _widths(columns: Sequence[Sequence[str]], kept: Sequence[bool], room: int) -> list[int]:
    """Widths of columns of text that need `room` together, where that can be.

    The widest gives way first, those that are `kept` never. Words stay whole; where there is no room for all of them,
    the longest are folded, those of the headings last.
    """
    widths = [max(map(_columns, column)) for column in columns]
    heads, longest = [_longest(column[:1]) for column in columns], [_longest(column) for column in columns]
    least = [w if k else min(w, _LEAST) for w, k in zip(widths, kept, strict=True)]
    for most in range(_NAME, _LEAST - 1, -1):
        words = [max(_LEAST, h, min(n, most)) for h, n in zip(heads, longest, strict=True)]
        whole = [w if k else min(w, n) for w, k, n in zip(widths, kept, words, strict=True)]
        if sum(whole) <= room:
            least = whole
            break
    while sum(widths) > max(room, sum(least)):
        widest = max((c for c in range(len(widths)) if widths[c] > least[c]), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _longest(cells: Sequence[str]) -> int:
    """Columns of the longest word that is no longer than a name."""
    return max((n for text in cells for word in text.split() if (n := _columns(word)) <= _NAME), default=0)


def _columns(text: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, text.split("\n")))


@cache
def _ruled(rule: bool) -> Any:
    """Columns apart by blanks, with a rule of hyphens below the head or without one."""
    from rich.box import Box

    blank = "    \n"
    return Box(blank * 2 + " -  \n" + blank * 5, ascii=True) if rule else None


def wrapped(text: str, indent: str = "", hanging: str = "  ") -> str:
    """A sentence in lines as wide as the screen, those after the first further in by `hanging`; words stay whole."""
    lines = textwrap.wrap(
        printable(text),
        width(),
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning up to a word with "…" where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[most // 2 :] else cut).rstrip(" ,;:.") + "…"


def within(make: Callable[[int], str], most: int = 5, least: int = 2, lines: int = LINES) -> str:
    """What `make` gives for the largest number of rows a table, from `most` down to `least`, that fits on so many
    lines; where none fits, for the least."""
    text = ""
    for rows in range(most, least - 1, -1):
        text = make(rows)
        if text.count("\n") < lines:
            break
    return text


def page(blocks: Sequence[str], *more: Sequence[str]) -> str:
    """Blocks of text with an empty line between them; of each further list the lines are one block."""
    return "\n\n".join(x for x in [*blocks, *("\n".join(lines) for lines in more)] if x)


def coloured(text: str, stream: Any) -> str:
    """The text with verdicts in colour where the stream is a terminal that shows colours and the user wants them."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return text
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", highlight=False, markup=False, emoji=False)
    shown = Text(text, end="")
    for pattern, style in _VERDICTS.items():
        shown.highlight_regex(pattern, style)
    with console.capture() as painted:
        console.print(shown, end="", soft_wrap=True)
    return painted.get()
