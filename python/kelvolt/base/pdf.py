"""PDF from a page of HTML, laid out by WeasyPrint, which needs neither a browser nor a network."""

from __future__ import annotations

import importlib
import logging
from os import PathLike
from typing import Any

from kelvolt.base import files
from kelvolt.base.errors import FileError

_INSTALL = "install kelvolt[pdf] (and Pango, Debian's libpango-1.0-0 and libpangoft2-1.0-0), or give another ending"


def ready(path: str | PathLike[str]) -> None:
    """Raises FileError, before anything is solved, where no PDF can be made or the file may not be replaced."""
    files.replaceable(path, "document")
    _weasyprint(path)


def write(path: str | PathLike[str], page: str) -> None:
    """Writes a page as PDF, completely or not at all. Raises FileError, also without WeasyPrint or Pango."""
    content = made(page, path)
    with files.replacing(path, "document") as temporary:
        temporary.write_bytes(content + files.DOCUMENT_END)


def made(page: str, path: str | PathLike[str] = "PDF") -> bytes:
    """The PDF of a page; nothing outside the page is read. Raises FileError, which names `path`."""
    maker = _weasyprint(path)
    inside = importlib.import_module("weasyprint.urls").URLFetcher(allowed_protocols=["data"])
    for name in ("weasyprint", "fontTools"):  # they warn of properties of CSS that are for the screen
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return bytes(maker.HTML(string=page, url_fetcher=inside).write_pdf())


def _weasyprint(path: str | PathLike[str]) -> Any:
    try:
        import weasyprint
    except ImportError:
        raise FileError(f"{path}: a PDF needs WeasyPrint; {_INSTALL}") from None
    except OSError as error:
        raise FileError(f"{path}: WeasyPrint does not find a library ({error}); {_INSTALL}") from None
    return weasyprint
