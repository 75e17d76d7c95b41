"""The text of a case (`about:`) is CommonMark: as HTML for pages, as text without marks elsewhere, and in blocks."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARK = re.compile(r"[`*_\\&]|^\s*(?:[-+>~]|\d+[.)])", re.MULTILINE)


@cache
def _reader() -> MarkdownIt:
    """Emphasis, code and lists are marks; HTML, headings, pictures and links are text like any other."""
    from markdown_it import MarkdownIt

    off = ["image", "link", "autolink", "reference", "heading", "lheading", "hr"]
    return MarkdownIt("commonmark", {"html": False}).disable(off)


def html_of(text: str) -> str:
    """The text as HTML."""
    return str(_reader().render(text))


def blocks(text: str) -> list[str]:
    """The paragraphs, lists and blocks of code of a text, each with its marks and in one piece."""
    lines = text.split("\n")
    places = [t.map for t in _reader().parse(text) if t.level == 0 and t.map]
    return ["\n".join(lines[first:end]).rstrip() for first, end in places]


def plain_text(text: str) -> str:
    """The text without its marks: code as it stands, a block of it indented, an item of a list after "- "."""
    if not _MARK.search(text):
        return text.strip()
    parts: list[str] = []
    item = ""
    for token in _reader().parse(text):
        if token.type == "list_item_open":
            item = "  " * (token.level // 2) + (f"{token.info}. " if token.info else "- ")
        elif token.type in ("fence", "code_block"):
            parts.append("\n".join(f"    {line}" for line in token.content.rstrip().split("\n")))
        elif token.type == "inline":
            parts.append(item + _inline(token))
            item = ""
    kept: list[str] = []
    for part in parts:
        listed = kept and _is_item(part) and _is_item(kept[-1])
        kept.append(("\n" if listed else "\n\n") + part if kept else part)
    return "".join(kept)


def _is_item(part: str) -> bool:
    head = part.lstrip().split(" ", 1)[0]
    return head == "-" or head.removesuffix(".").isdigit() and head.endswith(".")


def _inline(token: Token) -> str:
    breaks = {"softbreak": "\n", "hardbreak": "\n"}
    return "".join(breaks.get(child.type, child.content) for child in token.children or [])
