"""Drawings that show themselves in notebooks, and are saved as SVG or PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt.base import files, pdf
from kelvolt.base.errors import InputError
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.plots.pumps import pump_curve
from kelvolt.plots.schematic import loop_schematic
from kelvolt.plots.sheet import sheet_of
from kelvolt.plots.solutions import branch_flows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution


class Drawing(str):
    """The text of SVG elements: a notebook draws it; `str(drawing)` and files get the text."""

    def _repr_html_(self) -> str:
        return str(self)

    def _repr_svg_(self) -> str | None:
        """The SVG element, for what takes one only; None where there are several."""
        return str(self) if self.count("<svg") == 1 else None

    def save(self, path: str | PathLike[str]) -> list[Path]:
        """Saves the drawing as .svg or .pdf; see `save_drawing`."""
        return save_drawing(self, path)

    def __repr__(self) -> str:
        count = self.count("<svg")
        return f"<{count} SVG drawing{'s' if count > 1 else ''}, {len(self)} characters; a notebook draws it>"


def schematic(solution: Solution, units: str) -> Drawing:
    """The coolant circuits, or the one-line diagram where no coolant flows. Raises InputError without either."""
    text = loop_schematic(solution, units) or one_line(solution)
    if not text:
        raise InputError("there is nothing to draw: no coolant flows in this solution, and it has no electric network")
    return Drawing(text)


def drawings(case: Case, units: str = "si", date: str = "") -> dict[str, Drawing]:
    """The drawings of the steady state of a case with their title blocks: "coolant" and "power", those that it has.

    units: "si", "si-field" or "us". date: text for the title block; the same case gives the same drawing without one.
    Raises what `steady` raises.
    """
    solution = case.steady()
    made = {
        "coolant": loop_schematic(solution, units, sheet=sheet_of(case, "coolant schematic", units, date=date)),
        "power": one_line(solution, case.title, sheet=sheet_of(case, "one-line diagram", units, date=date)),
    }
    return {name: Drawing(text) for name, text in made.items() if text}


def save_drawing(made: str | Mapping[str, str], path: str | PathLike[str]) -> list[Path]:
    """Saves a drawing (`solution.schematic()`, `kv.one_line(...)`) or several by name; returns the files made.

    A path that ends in .svg gets SVG; several drawings get a file each, with their names before the ending. One that
    ends in .pdf gets PDF with a page for each drawing, on A4 or A3 as its size asks for. Raises InputError for another
    ending, FileError where a file cannot be written or the packages for PDF are missing.
    """
    file = files.path_of(path)
    named = {"": made} if isinstance(made, str) else dict(made)
    if file.suffix == ".pdf":
        pdf.write(file, _pages(list(named.values())))
        return [file]
    if file.suffix != ".svg":
        raise InputError(f"{file}: a drawing is saved as .svg or .pdf, not as '{file.suffix}'")
    several = len(named) > 1
    targets = {file.with_name(f"{file.stem}_{name}.svg") if several else file: text for name, text in named.items()}
    for target in targets:
        files.replaceable(target, "drawing")
    for target, text in targets.items():
        files.write_text(target, text, "drawing")
    return list(targets)


_SHEETS = {"A4 landscape": (1054, 725), "A3 landscape": (1519, 1054), "A3 portrait": (1054, 1519)}  # px within margins


def _pages(drawn: list[str]) -> str:
    """A document of HTML with a page for each drawing: on A4 where it fits, else on the side of A3 that shows it
    larger."""
    styles, bodies = [], []
    for k, text in enumerate(drawn):
        size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
        wide, high = (float(size[1]), float(size[2])) if size else (1.0, 1.0)
        scale = {name: min(1.0, w / wide, h / high) for name, (w, h) in _SHEETS.items()}
        name = max(scale, key=lambda n: (round(scale[n], 2), n.startswith("A4")))
        w, h = scale[name] * wide, scale[name] * high
        styles.append(f"@page p{k} {{ size: {name}; margin: 9mm }} .p{k} {{ page: p{k} }}")
        plain = re.sub(r"<style>.*?</style>", "", text)  # the colours also stand as attributes
        plain = re.sub(
            r'(<svg[^>]*?) width="[^"]*" height="[^"]*" style="[^"]*"', rf'\1 width="{w:.0f}" height="{h:.0f}"', plain
        )
        plain = plain.replace("<text ", '<text font-family="Helvetica,Arial,sans-serif" ')
        bodies.append(f'<div class="p{k}">{plain}</div>')
    head = f'<meta name="generator" content="{files.MARK}"><style>{"".join(styles)}</style>'
    return f"<html><head>{head}</head><body style='margin:0'>{''.join(bodies)}</body></html>"


def figure_of(case: Case, solution: Solution) -> Figure:
    """The flows of parallel branches, else pump and system curve, else where power goes. Raises InputError."""
    figure = branch_flows(solution) or pump_curve(case, solution)
    if figure is None and solution.plant.is_electric:
        sankey: Figure = loss_sankey(solution)
        return sankey
    if figure is None:
        raise InputError("there is nothing to plot: no parallel branches, no pump that runs, no electric network")
    return figure
