"""The title block of a drawing: what is drawn, from which case, in which state and units, and by which version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.plots.parts import GREY, INK, PAPER, box, width_of, words

if TYPE_CHECKING:
    from kelvolt.cases.case import Case

_HEIGHT, _PAD = 34, 7
_SYSTEMS = {"si": "SI: °C, kPa, L/min, kW", "si-field": "SI: °C, bar, m³/h, kW", "us": "US: °F, psi, gpm, kW"}


@dataclass(frozen=True)
class Sheet:
    """The cells of a title block; empty ones are left out."""

    title: str
    drawing: str = ""  # the kind of the drawing
    state: str = ""
    file: str = ""
    digest: str = ""  # SHA-256 of the text of the case with its changes, shortened
    units: str = ""
    date: str = ""
    version: str = _core.__version__

    @property
    def cells(self) -> list[tuple[str, str]]:
        named = (
            ("drawing", self.drawing),
            ("operating point", self.state),
            ("file", self.file),
            ("case SHA-256", self.digest),
            ("units", self.units),
            ("date", self.date),
            ("Kelvolt", self.version),
        )
        return [(name, text) for name, text in named if text]


def sheet_of(case: Case, drawing: str, units: str = "si", state: str = "steady state", date: str = "") -> Sheet:
    """The title block of a drawing of a case. The digest is that of the text of the case and its changes."""
    text = _core.source(case.core)[0]
    digest = hashlib.sha256(f"{text}\n{case.core.changes}".encode()).hexdigest()[:12]
    file = Path(case.file).name if case.file else ""
    return Sheet(case.title, drawing, state, file, digest, _SYSTEMS.get(units, units), date)


def title_block(sheet: Sheet, y: float, width: float, left: float = 8) -> tuple[str, float]:
    """The title block below y [px] in the width of the drawing, and its height; it has several rows where one is too
    narrow."""
    cells = [("title", sheet.title), *sheet.cells]
    rows: list[list[tuple[str, str, float]]] = [[]]
    at = 0.0
    for name, text in cells:
        need = max(width_of(text, 10.5, name == "title"), width_of(name, 8)) + 2 * _PAD
        if rows[-1] and at + need > width - 2 * left:
            rows.append([])
            at = 0.0
        rows[-1].append((name, text, need))
        at += need
    out = []
    for k, row in enumerate(rows):
        spare = (width - 2 * left - sum(need for _, _, need in row)) / len(row)
        x, top = left, y + k * _HEIGHT
        for name, text, need in row:
            out.append(box(x, top, need + spare, _HEIGHT, INK, PAPER))
            out.append(words(x + _PAD, top + 12, name, GREY, size=8))
            out.append(words(x + _PAD, top + 26, text, INK, weight="bold" if name == "title" else "normal"))
            x += need + spare
    return f'<g class="sheet">{"".join(out)}</g>', len(rows) * _HEIGHT
