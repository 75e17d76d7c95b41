"""The picture of one loss in time: power, energy of stores, hottest dies and flow of pumps over one axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.paths import any_element
from kelvolt.base.values import Floats
from kelvolt.plots.axes import BROKEN, WIDTH, entitle, plain_axes, unit_text
from kelvolt.plots.axes import shown as in_units
from kelvolt.plots.parts import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kelvolt.cases.run import Run
    from kelvolt.power.ride_rows import Row
    from kelvolt.power.ridethrough import RideThrough

_FEW_UNITS = 4  # up to this number, the units of the top level are drawn apart
_MOST_LINES = 8  # in one panel; further ones would not be told apart
_PANELS = (
    ("power", "W", "electric power (kW)", 1e-3),
    ("energy", "1", "charge of stores (%)", 100.0),
    ("die", "K", "hottest die", 1.0),
    ("flow", "m3/s", "flow of pumps", 1.0),
)


def ride_through(study: RideThrough, loss: str | None = None, title: str = "") -> Figure:
    """Runs one loss of the study again and draws it; without a name the first of its table.

    Equal elements are one line: powers and flows are added up, of charges the lowest and of dies the hottest are drawn.
    Times count from the loss. Raises InputError for an unknown loss, and what the run raises.
    """
    from matplotlib.figure import Figure

    name = loss or str(study.table.loss.iloc[0])
    row = next((r for r in study.rows if r.name == name), None)
    wanted = study.watched()
    run = study.run(name, every=study.duration / 400.0, record=[p for paths in wanted.values() for p in paths])
    panels = [(key, unit, label, scale) for key, unit, label, scale in _PANELS if wanted[key]]
    figure = Figure(figsize=(WIDTH, 1.2 + 2.1 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    time = run.time - study.at
    for ax, (key, unit, label, scale) in zip(axes, panels, strict=True):
        plain_axes(ax)
        _draw(ax, run, time, wanted[key], key, unit, scale)
        if key == "energy":
            ax.set_ylim(-5.0, 105.0)
        ax.set_ylabel(label if unit in ("W", "1") else f"{label} ({unit_text(unit)})")
        ax.axvline(0.0, color="0.5", linewidth=0.8)
        if row:
            _mark(ax, row, key)
    axes[-1].set_xlabel("time after the loss (s)")
    entitle(figure, title or run.title, f"After the loss of {name}")
    return figure


def _draw(ax: Axes, run: Run, time: Floats, paths: Sequence[str], key: str, unit: str, scale: float) -> None:
    groups: Mapping[str, list[Floats]] = defaultdict(list)
    few = len({path.split(".")[0] for path in paths}) <= _FEW_UNITS
    for path in paths:
        unit_of, dot, rest = path.partition(".")
        groups[unit_of + dot + any_element(rest) if few and dot else any_element(path)].append(run[path])
    lines = []
    for name, several in groups.items():
        table = np.stack(several)
        joined = (
            table.sum(axis=0)
            if key in ("power", "flow")
            else table.min(axis=0)
            if key == "energy"
            else table.max(axis=0)
        )
        label = short(name.rpartition(".")[0].replace("[*]", "")) + (f" (×{len(several)})" if len(several) > 1 else "")
        lines.append((float(np.ptp(joined)), label, scale * (joined if unit in ("W", "1") else in_units(joined, unit))))
    lines.sort(key=lambda line: -line[0])  # those that change most
    for _, label, y in lines[:_MOST_LINES]:
        ax.plot(time, y, label=label, linewidth=1.5)
    ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _mark(ax: Axes, row: Row, key: str) -> None:
    """The times at which something gives way, in the panel that they belong to."""
    panel = {"throttle": "die", "shutdown": "die", "empty": "energy", "lost": "power"}
    for stage, b in row.stages.items():
        if panel[stage] == key:
            ax.axvline(b.after, color=BROKEN, linewidth=1.0, linestyle="--")
            ax.annotate(
                f"{stage} {b.after:.3g} s",
                (b.after, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(3, -10),
                textcoords="offset points",
                fontsize=8,
                color=BROKEN,
            )
