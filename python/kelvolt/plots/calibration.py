"""The picture of a calibration: measured against modelled values, and what is left between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.kinds import only
from kelvolt.plots.axes import WIDTH, colour, entitle, plain_axes, shown, unit_text
from kelvolt.plots.parts import short_value
from kelvolt.studies.calibration import Calibration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 6  # units that get a row


def calibration_fit(found: Calibration, title: str = "") -> Figure:
    """Modelled over measured values with the line on which they are equal, and modelled minus measured over the rows of
    the telemetry, with the standard deviation of these residuals; a row of pictures for each unit.

    found: the answer of `kv.calibrate`. title: by default that of its case. Raises TypeError for anything else.
    """
    from matplotlib.figure import Figure

    only("calibration_fit", "a Calibration (kv.calibrate(...))", found, Calibration)
    units = list(dict.fromkeys(found.residuals.unit))[:_MOST]
    figure = Figure(figsize=(WIDTH, 0.9 + 3.1 * len(units)), layout="constrained")
    rows = figure.subplots(len(units), 2, squeeze=False)
    for (left, right), unit in zip(rows, units, strict=True):
        table = found.residuals[found.residuals.unit == unit]
        for k, quantity in enumerate(dict.fromkeys(table.quantity)):
            one = table[table.quantity == quantity]
            measured, solved = (shown(one[c].to_numpy(dtype=float), unit) for c in ("measured", "solved"))
            look = {"marker": "osD^v"[k % 5], "ms": 4.5, "ls": "", "color": colour(k)}
            left.plot(measured, solved, label=short_value(str(quantity)), **look)
            right.plot(one["row"], solved - measured, **look)
        _finish(left, right, unit)
        deviation = float(np.std(_differences(table, unit)))
        right.set_title(f"standard deviation {deviation:.3g} {_of_difference(unit)}", fontsize=9, loc="left")
    entitle(figure, title or found.case.title, "Calibration: measured against modelled")
    return figure


def _differences(table: object, unit: str) -> np.ndarray:
    measured, solved = (shown(table[c].to_numpy(dtype=float), unit) for c in ("measured", "solved"))  # type: ignore[index]
    return np.asarray(solved - measured)


def _of_difference(unit: str) -> str:
    return "K" if unit == "K" else unit_text(unit)


def _finish(left: Axes, right: Axes, unit: str) -> None:
    for axes in (left, right):
        plain_axes(axes)
    low, high = min(*left.get_xlim(), *left.get_ylim()), max(*left.get_xlim(), *left.get_ylim())
    left.plot([low, high], [low, high], color="0.5", lw=1.0, zorder=0)
    left.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    left.set_xlabel(f"measured ({unit_text(unit)})")
    left.set_ylabel(f"modelled ({unit_text(unit)})")
    left.locator_params(nbins=4)
    left.legend(fontsize=8, frameon=False, loc="upper left", handletextpad=0.2)
    right.axhline(0.0, color="0.5", lw=1.0, zorder=0)
    right.set_xlabel("row of the telemetry")
    right.set_ylabel(f"modelled − measured ({_of_difference(unit)})")
