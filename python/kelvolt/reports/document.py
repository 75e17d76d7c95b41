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
    made = maker.HTML(string=_without_halos(text), url_fetcher=inside).write_pdf()
    return bytes(made)


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
