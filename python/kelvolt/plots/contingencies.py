"""Loading of a power network after each contingency, as a heat map."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.kinds import only
from kelvolt.plots.axes import WIDTH, entitle, new_figure, wants_plotly
from kelvolt.plots.oneline_parts import MOST_DRAWN, keys_of
from kelvolt.plots.parts import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kelvolt.power.contingencies import Contingencies

_MOST_ELEMENTS = 14  # columns whose numbers can be read on an A4 page


def contingency_map(found: Contingencies, *, most: int = 40, title: str = "", engine: str = "matplotlib") -> Any:
    """A heat map of load over rating. Rows: contingencies, worst first; columns: the elements with the highest loading.

    A further column shows lost load over the load of the plan. Rows without a solution are hatched. most: the largest
    number of contingencies; there are at most 14 columns of elements. Raises InputError where no element has a rating,
    TypeError for what is no Contingencies.
    """
    from kelvolt.power.contingencies import Contingencies

    only("contingency_map", "a Contingencies (kv.contingencies(case))", found, Contingencies)
    data = found.dataset["loading"].values
    if not data.size or np.isnan(data).all():
        raise InputError("contingency_map: no element of this network has a rating")
    rows = [_row_of(found, name) for name in found.brief.contingency.iloc[: most + 1]]
    values, elements = _worst_of_arrays(100.0 * data[rows], [str(e) for e in found.dataset["element"].values])
    peak = np.nan_to_num(np.nanmax(np.where(np.isnan(values), -1.0, values), axis=0), nan=-1.0)
    columns = np.argsort(-peak, kind="stable")[: min(most, _MOST_ELEMENTS)]
    values, elements = values[:, columns], [short(elements[k]) for k in columns]
    shown = found.brief.iloc[: most + 1]
    names = [f"{c} ×{n}" if n > 1 else c for c, n in zip(shown.contingency, shown.alike, strict=True)]
    drawn = sum(e.power for e in found.base.grid.of_role("load") if e.power > 0.0)
    lost = np.array([100.0 * found.rows[k].numbers.get("lost_load", math.nan) / max(drawn, 1e-9) for k in rows])
    title = title or found.base.solution.plant.case.title
    if wants_plotly(engine):
        return _map_plotly(values, names, elements, title)
    return _map(values, lost, names, elements, [found.rows[k].status for k in rows], title)


def _worst_of_arrays(values: Any, elements: list[str]) -> tuple[Any, list[str]]:
    """Combines the columns of each large array into one that shows the highest loading of its elements."""
    keys = keys_of(elements, MOST_DRAWN)
    members: dict[str, list[int]] = defaultdict(list)
    for k, e in enumerate(elements):
        members[keys[e]].append(k)
    filled = np.where(np.isnan(values), -np.inf, values)
    worst = np.stack([filled[:, at].max(axis=1) for at in members.values()], axis=1)
    names = [f"{key} ×{len(at)}" if len(at) > 1 else key for key, at in members.items()]
    return np.where(np.isinf(worst), np.nan, worst), names


def _row_of(found: Contingencies, name: str) -> int:
    return next(k for k, r in enumerate(found.rows) if r.name == name)


def _map(values: Any, lost: Any, names: list[str], elements: list[str], status: list[str], title: str) -> Figure:
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Rectangle

    bounds = [0, 25, 50, 67, 80, 90, 100, 120, 1000]
    shades = ["#f7f7f7", "#e0ecf4", "#bfd3e6", "#9ebcda", "#fee391", "#fe9929", "#ef6548", "#99000d"]
    figure, axes = new_figure(WIDTH, 1.9 + 0.24 * len(names))
    table = np.ma.masked_invalid(np.column_stack([values, np.where(lost > 0.05, 100.0 + lost, np.nan)]))
    image = axes.imshow(
        table[:, :-1], cmap=ListedColormap(shades), norm=BoundaryNorm(bounds, len(shades)), aspect="auto"
    )
    axes.grid(False)
    n = len(elements)
    for i in range(len(names)):
        for j in range(n):
            if np.isfinite(values[i, j]):
                dark = values[i, j] > 100.0
                axes.text(
                    j,
                    i,
                    f"{abs(values[i, j]):.0f}",
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color="white" if dark else "0.15",
                )
        unsolved = status[i] != "ok"
        said = "no solution" if unsolved else f"{lost[i]:.0f}" if lost[i] > 0.05 else ""
        back = {"color": "white", "pad": 1.0} if unsolved else None
        axes.text(
            (n - 1) / 2 if unsolved else n + 0.1,
            i,
            said,
            bbox=back,
            ha="center",
            va="center",
            fontsize=7.5,
            color="#99000d",
            weight="bold",
        )
        if unsolved:
            axes.add_patch(Rectangle((-0.5, i - 0.5), n, 1, fill=False, hatch="////", edgecolor="0.6", linewidth=0))
    axes.set_xlim(-0.5, n + 0.8)
    axes.set_xticks(
        [*range(n), n + 0.1], [*elements, "lost load (%)"], rotation=60, ha="right", rotation_mode="anchor", fontsize=8
    )
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    bar = figure.colorbar(image, ax=axes, ticks=bounds[:-1], shrink=0.7, pad=0.01)
    bar.set_label("load over rating (%)", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    entitle(figure, title, "Every loss in turn, worst first: load over rating (%) of the elements most loaded")
    return figure


def _map_plotly(values: Any, names: list[str], elements: list[str], title: str) -> Any:
    import plotly.graph_objects as go

    scale = [(0.0, "#f7f7f7"), (0.4, "#9ebcda"), (0.66, "#fee391"), (0.67, "#ef6548"), (1.0, "#99000d")]
    heat = go.Heatmap(
        x=elements, y=names, z=values, zmin=0.0, zmax=150.0, colorscale=scale, colorbar={"title": "load (%)"},
        hovertemplate="%{y}<br>%{x}: %{z:.1f} %<extra></extra>",
    )  # fmt: skip
    return go.Figure(heat).update_layout(title=title, template="plotly_white", yaxis={"autorange": "reversed"})
