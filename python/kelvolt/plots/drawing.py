"""Drawings that show themselves in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelvolt.base.errors import InputError
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.plots.schematic import loop_schematic
from kelvolt.plots.solutions import branch_flows, pump_curve

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

    def __repr__(self) -> str:
        count = self.count("<svg")
        return f"<{count} SVG drawing{'s' if count > 1 else ''}, {len(self)} characters; a notebook draws it>"


def schematic(solution: Solution, units: str) -> Drawing:
    """The coolant circuits, or the one-line diagram where no coolant flows. Raises InputError without either."""
    text = loop_schematic(solution, units) or one_line(solution)
    if not text:
        raise InputError("there is nothing to draw: no coolant flows in this solution, and it has no electric network")
    return Drawing(text)


def figure_of(case: Case, solution: Solution) -> Figure:
    """The flows of parallel branches, else pump and system curve, else where power goes. Raises InputError."""
    figure = branch_flows(solution) or pump_curve(case, solution)
    if figure is None and solution.plant.is_electric:
        sankey: Figure = loss_sankey(solution)
        return sankey
    if figure is None:
        raise InputError("there is nothing to plot: no parallel branches, no pump that runs, no electric network")
    return figure
