"""The report as a PDF: the page of `kelvolt.reports.page` laid out by WeasyPrint, which needs no browser and no net."""

from __future__ import annotations

import importlib
import logging
import re
from pathlib import Path
from typing import Any

from kelvolt.base import files
from kelvolt.base.errors import FileError
from kelvolt.reports.answer import Answer
from kelvolt.reports.page import page

INSTALL = "install kelvolt[pdf] (and Pango, Debian's libpango-1.0-0 and libpangoft2-1.0-0), or write .html and print it"

_WIDTH = 184.0  # mm between the margins of a page
_HEIGHTS = {"oneline": 150.0, "schematic": 85.0}  # mm at most
_PIXEL = 25.4 / 96.0  # mm


def write_document(answer: Answer, file: Path, units: str = "si") -> None:
    """Writes the PDF completely or not at all. Raises FileError, also without WeasyPrint or Pango."""
    made = pdf(page(answer, units, paper=True), file)
    with files.replacing(file, "document") as temporary:
        temporary.write_bytes(made + files.DOCUMENT_END)


def ready(file: Path) -> None:
    """Raises FileError, before anything is solved, where no PDF can be made."""
    weasyprint(file)


def pdf(text: str, file: Path) -> bytes:
    """The PDF of a page as bytes; nothing outside the page is read."""
    maker = weasyprint(file)
    inside = importlib.import_module("weasyprint.urls").URLFetcher(allowed_protocols=["data"])
    for name in ("weasyprint", "fontTools"):  # they warn of properties of CSS that are for the screen
        logging.getLogger(name).setLevel(logging.CRITICAL)
    made = maker.HTML(string=_sized(_without_halos(text)), url_fetcher=inside).write_pdf()
    return bytes(made)


def _sized(text: str) -> str:
    """The page with drawings in the size that fits, since WeasyPrint keeps their height where it limits their width."""

    def fit(found: re.Match[str]) -> str:
        tag, kind, width, height = found[0], found[1], float(found[2]), float(found[3])
        most = min(_WIDTH, _PIXEL * width, _HEIGHTS[kind] * width / height)
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


def weasyprint(file: Path) -> Any:
    try:
        import weasyprint as maker
    except ImportError:
        raise FileError(f"{file}: a PDF needs WeasyPrint; {INSTALL}") from None
    except OSError as error:
        raise FileError(f"{file}: WeasyPrint does not find a library ({error}); {INSTALL}") from None
    return maker
