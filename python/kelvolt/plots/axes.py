"""Figures and axes that all pictures share: their look, units and titles."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import InputError
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_UNITS = Units("si")
# of lines, told apart by colour-blind readers, too (Okabe and Ito 2008, the yellow replaced by a brown)
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#e69f00", "#555555")
BROKEN = "#b2182b"
WIDTH = 7.0  # in: the text of an A4 page; letters of 8 points can still be read where it is shown 500 px wide


def wants_plotly(engine: str) -> bool:
    """Whether plotly draws. Raises InputError for an engine that is neither, and where plotly is not installed."""
    if engine not in ("matplotlib", "plotly"):
        raise InputError(f"engine '{engine}' is neither matplotlib nor plotly")
    if engine == "matplotlib":
        return False
    try:
        import plotly  # noqa: F401
    except ImportError:
        raise InputError("engine 'plotly': plotly is not installed; pip install 'kelvolt[plot]'") from None
    return True


def colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def new_figure(width: float = WIDTH, height: float = 4.2) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, plain_axes(figure.add_subplot())


def plain_axes(axes: Axes) -> Axes:
    axes.set_prop_cycle(color=COLOURS)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def unit_text(declared: str) -> str:
    """The unit as it is written on an axis."""
    return _UNITS.unit(declared).replace("deg", "°")


def shown(values: Floats, declared: str) -> Floats:
    return _UNITS.value(0.0, declared) + (_UNITS.value(1.0, declared) - _UNITS.value(0.0, declared)) * values


def number_text(si: float, declared: str, digits: int = 3) -> str:
    """A value with its unit as it is written in pictures."""
    return _UNITS.text(si, declared, digits).replace("deg", "°")


def entitle(figure: Figure, title: str, said: str = "") -> None:
    """Writes the title of the case over a whole figure, at its left, and below it what is shown in which state."""
    letters = int(13.0 * figure.get_figwidth())
    lines = [line for text in (title, said) for line in textwrap.wrap(text, letters)]
    if lines:
        figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=10)


def legend_below(axes: Axes, columns: int = 3, under: float = 0.28) -> None:
    """A legend below the axes, as far under them [in] as their numbers and, with 0.45, the name of their axis need."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure()
    assert figure is not None
    place = axes.transAxes + ScaledTranslation(0.0, -under, figure.dpi_scale_trans)
    look: dict[str, Any] = {"fontsize": 8, "frameon": False, "loc": "upper left", "borderaxespad": 0.0}
    axes.legend(**look, bbox_to_anchor=(0.0, 0.0), bbox_transform=place, ncols=columns)


def name_bars(axes: Axes, names: Sequence[str], most: int = 48) -> None:
    """Writes names below bars at 0, 1, 2, ...; of more than `most` every second, third, ... one."""
    step = -(-len(names) // most)
    axes.set_xticks(range(0, len(names), max(step, 1)), names[:: max(step, 1)], rotation=90, fontsize=7.5)
    axes.grid(visible=False, axis="x")
