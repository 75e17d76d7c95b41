"""Pictures of weather: where a plant can run, and a year by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.kinds import only
from kelvolt.plots.axes import WIDTH, colour, entitle, number_text, plain_axes
from kelvolt.studies.sites import RUNS, Where
from kelvolt.studies.weather import ZERO
from kelvolt.studies.year import Year

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def where_map(found: Where, title: str = "") -> Figure:
    """A field for every city (row) and point of the parameters (column), one picture for each plant: green where the
    plant runs, else the colour of the limit that binds. found: the answer of `kv.where`. Raises TypeError for others.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    only("where_map", "a Where (kv.where(...))", found, Where)
    table = found.table
    words = np.where(table.verdict == RUNS, RUNS, table.limit)
    kinds = [RUNS, *sorted(set(words) - {RUNS})]
    colours = ["#7bbf7b", *(colour(k) for k in range(len(kinds) - 1))]
    cities = list(dict.fromkeys(table.city))
    figure = Figure(figsize=(WIDTH, 1.6 + 0.24 * len(cities)), layout="constrained")
    all_axes = figure.subplots(1, len(found.plants), squeeze=False, sharey=True)[0]
    for axes, plant in zip(all_axes, found.plants, strict=True):
        own = table.plant == plant
        points = table[own][found.axes].drop_duplicates()
        field = np.array([kinds.index(w) for w in words[own]]).reshape(len(cities), -1)
        axes.pcolormesh(field, cmap=ListedColormap(colours), vmin=-0.5, vmax=len(kinds) - 0.5, edgecolors="w", lw=0.5)
        units = found.units.values()
        names = [
            ", ".join(number_text(float(x), unit) for x, unit in zip(row, units, strict=True))
            for row in points.to_numpy()
        ]
        axes.set_xticks(np.arange(len(points)) + 0.5, names, rotation=90, fontsize=7)
        axes.set_yticks(np.arange(len(cities)) + 0.5, cities, fontsize=7)
        axes.invert_yaxis()
        axes.set_title(plant, fontsize=9, loc="left")
        axes.set_xlabel(", ".join(found.values) or "as the case stands", fontsize=8)
    patches = [Patch(color=c, label=k) for c, k in zip(colours, kinds, strict=True)]
    figure.legend(handles=patches, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    entitle(figure, title or "Where the plant can run", "The limit that binds at the worst design condition")
    return figure


def year_curve(found: Year, title: str = "") -> Figure:
    """Dry bulb, PUE and make-up by the hour, each as it comes and, as a line, sorted. found: the answer of `kv.year`.

    Raises TypeError for anything else.
    """
    from matplotlib.figure import Figure

    only("year_curve", "a Year (kv.year(...))", found, Year)
    ds = found.dataset
    series = {
        "dry bulb (degC)": ds["T_dry"].values - ZERO,
        "PUE": ds["PUE"].values,
        "make-up (L/min)": ds["make_up"].values * 60.0,
    }
    figure = Figure(figsize=(WIDTH, 6.4), layout="constrained")
    for k, (axes, (label, values)) in enumerate(zip(figure.subplots(3, 1, sharex=True), series.items(), strict=True)):
        hours = np.arange(1, len(values) + 1)
        plain_axes(axes)
        axes.plot(hours, values, lw=0.4, color=colour(k), alpha=0.6)
        axes.plot(hours, np.sort(values)[::-1], lw=1.4, color="0.2")
        axes.set_ylabel(label)
    axes.set_xlabel("hour of the year; the dark line is sorted, the highest first")
    entitle(figure, title or f"{found.case.title}, {found.weather.site}", "A year by the hour")
    return figure
