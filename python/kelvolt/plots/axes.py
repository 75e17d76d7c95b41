"""Figures and axes that all pictures share: their look, units and titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelvolt.base.errors import InputError
from kelvolt.base.tables import Units
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_UNITS = Units("si")


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


def new_figure(width: float = 8.0, height: float = 4.5) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, plain_axes(figure.add_subplot())


def plain_axes(axes: Axes) -> Axes:
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


def entitle(figure: Figure, title: str) -> None:
    """Writes a title over a whole figure, at its left."""
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
