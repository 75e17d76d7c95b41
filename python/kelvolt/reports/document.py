"""The report as a PDF: the page of `kelvolt.reports.page` laid out for paper."""

from __future__ import annotations

import re
from pathlib import Path

from kelvolt.base import pdf
from kelvolt.reports.answer import Answer
from kelvolt.reports.coolant import WIDE
from kelvolt.reports.page import page

_ACROSS = (270.0, 145.0)  # mm: width and height of a drawing on a page on its side
_WIDTH = 184.0  # mm between the margins of a page
_HEIGHTS = {"oneline": 222.0, "schematic": 120.0}  # mm at most
_PIXEL = 25.4 / 96.0  # mm


def write_document(answer: Answer, file: Path, units: str = "si") -> None:
    """Writes the PDF completely or not at all. Raises FileError, also without WeasyPrint or Pango."""
    pdf.write(file, for_paper(page(answer, units, paper=True)))


def for_paper(text: str) -> str:
    """A page as WeasyPrint lays it out rightly: drawings in sizes that fit, in plain colours, words without edges."""
    return _sized(_without_halos(_in_own_colours(text)))


def _in_own_colours(text: str) -> str:
    """The page with drawings without style sheets and variables, which WeasyPrint does not resolve in SVG and shows as
    black; their colours also stand as attributes."""
    plain = re.sub(r"<style>\s*svg\.\w+ .*?</style>", "", text, flags=re.DOTALL)
    return re.sub(r"<svg .*?</svg>", _with_fallbacks, plain, flags=re.DOTALL)


def _with_fallbacks(drawing: re.Match[str]) -> str:
    return re.sub(r"var\(--[\w-]+,\s*([^()]*)\)", r"\1", drawing[0])


def _sized(text: str) -> str:
    """The page with drawings in the size that fits, since WeasyPrint keeps their height where it limits their width."""

    def fit(found: re.Match[str]) -> str:
        tag, kind, width, height = found[0], found[1], float(found[2]), float(found[3])
        across = kind == "schematic" and width > WIDE
        room = _ACROSS if across else (_WIDTH, _HEIGHTS[kind])
        most = min(room[0], _PIXEL * width, room[1] * width / height)
        size = f"width:{most:.1f}mm;height:{most * height / width:.1f}mm;max-width:none;max-height:none;"
        tag = re.sub(r' (?:width|height)="[^"]*"', "", tag)
        return re.sub(r"(?:max-width|height):[^;\"]*;?", "", tag).replace('style="', f'style="{size}', 1)

    drawing = r'<svg [^>]*class="(oneline|schematic)"[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>'
    return re.sub(drawing, fit, text)


def _without_halos(text: str) -> str:
    """The page without the white edges of words in drawings, which WeasyPrint would draw over the words."""

    def plain(tag: re.Match[str]) -> str:
        return re.sub(r' (?:paint-order|stroke[a-z-]*)="[^"]*"', "", tag[0]) if "paint-order" in tag[0] else tag[0]

    return re.sub(r"<text [^>]*>", plain, text)
