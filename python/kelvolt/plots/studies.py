"""Plots of studies, made from their tables: feasible map, branch bars, tornado, Pareto front.

Every function returns a figure; `engine` is "matplotlib" or "plotly". Time series are in `kelvolt.plots.solutions`.
Axes are named by the tables: a column "power (kW)", a table's `attrs["units"]` by column, or a coordinate or variable
with `attrs["units"]` and `attrs["long_name"]`. The title is by default `attrs["title"]` of
the table, which tables of Kelvolt have from their case. Anything but such a table raises TypeError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.attributes import SiteUnits
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import only, table_of
from kelvolt.plots.axes import COLOURS, colour, entitle, name_bars, new_figure, shown, unit_text, wants_plotly
from kelvolt.plots.parts import short

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes

FEASIBLE = "#e6f2e8"  # pale, so that it is told from the regions of all limits by colour-blind readers, too

_FLOWS = {"m_flow": "kg/s", "V_flow": "m3/s", "dp": "Pa", "heat": "W"}  # columns of branches that are numbers
_SI = _FLOWS | dict.fromkeys(("T_in", "T_out", "T_die", "T_case"), "K")


def axis_name(array: xarray.DataArray) -> str:
    """The axis label of a coordinate or variable, e.g. "supply temperature (°C)"."""
    name, unit = array.attrs.get("long_name", array.name), array.attrs.get("units", "")
    return f"{name} ({_printed(unit)})" if unit and unit != "1" else str(name)


def _printed(unit: str) -> str:
    """A unit with the signs of print: "m³ s⁻¹" of "m^3 s^-1"."""
    powers = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(powers), unit).replace("deg", "°")


def _title(table: Any, title: str) -> str:
    return title or str(table.attrs.get("title", ""))


# ---- feasible map ----


def binding(margins: xarray.Dataset) -> xarray.DataArray:
    """Which limit binds at each point: the number of the variable with the smallest margin, or -1 where all are held.

    Margins are comparable numbers, such as margin over limit. Points without a solution (NaN) are -2.
    """
    import xarray

    names = list(margins.data_vars)
    stack = np.stack([margins[n].transpose(*margins[names[0]].dims).values for n in names])
    unsolved = np.isnan(stack).all(axis=0)
    filled = np.where(np.isnan(stack), np.inf, stack)
    worst = np.where(filled.min(axis=0) >= 0.0, -1, filled.argmin(axis=0))
    return xarray.DataArray(np.where(unsolved, -2, worst), dims=margins[names[0]].dims, coords=margins.coords)


def feasible_map(
    margins: xarray.Dataset, x: str, y: str, *, title: str = "", axes: Axes | None = None, engine: str = "matplotlib"
) -> Any:
    """A map of the region where all margins are held and, outside of it, of the limit with the smallest margin.

    `margins` has two dimensions `x` and `y`; each variable is the margin to one limit in comparable numbers, positive
    when held; x and y are names of dimensions, or the paths they stand for. Lines show where a margin is zero; points
    without a solution are white; axes in SI are shown in °C, kPa, L/min and kW. With `axes` the map is drawn there
    without a legend, and handles for a legend are returned. Raises InputError for other dimensions.
    """
    import xarray

    only("feasible_map", "a Dataset of xarray with one margin a variable", margins, xarray.Dataset)
    dims = {str(margins[d].attrs.get("path", d)): str(d) for d in margins.dims}  # by path or by their own name
    x, y = dims.get(x, x), dims.get(y, y)
    if set(margins.dims) != {x, y}:
        raise InputError(
            f"feasible_map: the margins have the dimensions {', '.join(map(str, margins.dims))}, not {x}, {y}"
        )
    margins = SiteUnits("si").coordinates(margins)
    if wants_plotly(engine):
        return _feasible_plotly(margins.transpose(y, x), x, y, _title(margins, title))
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    margins = _finer(margins.transpose(y, x), x, y)
    code, names = binding(margins).values, list(margins.data_vars)
    figure, own = new_figure() if axes is None else (None, axes)
    shades = ListedColormap(["white", FEASIBLE, *(_pale(colour(k)) for k in range(len(names)))])
    X, Y = margins[x].values, margins[y].values
    own.pcolormesh(X, Y, code, cmap=shades, vmin=-2.5, vmax=len(names) - 0.5, shading="nearest", rasterized=True)
    present = [k for k in range(len(names)) if (code == k).any()]
    for k, name in enumerate(names):
        values = margins[name].values
        if np.nanmin(values) < 0.0 < np.nanmax(values):
            own.contour(X, Y, values, levels=[0.0], colors=[colour(k)], linewidths=1.6)
            present = sorted({*present, k})
    marks = [Patch(color=FEASIBLE, label="all margins given held")]
    marks += [Patch(facecolor=_pale(colour(k)), edgecolor=colour(k), label=f"limit: {names[k]}") for k in present]
    if (code == -2).any():
        marks.append(Patch(facecolor="white", edgecolor="0.6", label="no solution"))
    own.set(xlabel=axis_name(margins[x]), ylabel=axis_name(margins[y]))
    if axes is not None:
        own.set_title(title)
        return marks
    assert figure is not None
    entitle(
        figure,
        _title(margins, title),
        "Where all margins given are held, and which is closest or broken elsewhere",
    )
    own.legend(handles=marks, fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _finer(margins: xarray.Dataset, x: str, y: str) -> xarray.Dataset:
    """Margins interpolated linearly on a finer grid, so that shaded regions end at the lines of zero margin."""
    steps = {d: np.linspace(float(margins[d].min()), float(margins[d].max()), 241) for d in (x, y)}
    attrs = {d: margins[d].attrs for d in (x, y)}
    fine = margins.interp(steps)
    return fine.assign_coords({d: fine[d].assign_attrs(attrs[d]) for d in (x, y)})


def _pale(colour: str) -> str:
    """The colour at about one third strength on white."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - 0.34 * (255 - c)):02x}" for c in rgb)


def _feasible_plotly(margins: xarray.Dataset, x: str, y: str, title: str) -> Any:
    import plotly.graph_objects as go

    names = ["no solution", "all margins given held", *margins.data_vars]
    code = binding(margins).values + 2
    shades = ["#ffffff", FEASIBLE, *(_pale(colour(k)) for k in range(len(names) - 2))]
    n = len(names)
    scale = [(edge, shades[k]) for k in range(n) for edge in (k / n, (k + 1) / n)]
    heat = go.Heatmap(
        x=margins[x].values,
        y=margins[y].values,
        z=code,
        zmin=-0.5,
        zmax=n - 0.5,
        colorscale=scale,
        text=np.array(names)[code],
        hovertemplate="%{x:.4g}, %{y:.4g}: %{text}<extra></extra>",
        colorbar={"tickvals": list(range(n)), "ticktext": names},
    )
    lines = []
    for k, name in enumerate(margins.data_vars):
        values, shade = margins[name].values, colour(k)
        if np.nanmin(values) < 0.0 < np.nanmax(values):  # where the margin is zero
            lines.append(
                go.Contour(
                    x=margins[x].values,
                    y=margins[y].values,
                    z=values,
                    contours={"start": 0.0, "end": 0.0, "size": 1.0, "coloring": "lines"},
                    colorscale=[(0.0, shade), (1.0, shade)],
                    line={"width": 2},
                    name=f"limit: {name}",
                    showscale=False,
                    hoverinfo="skip",
                )
            )
    axes = {"xaxis_title": axis_name(margins[x]), "yaxis_title": axis_name(margins[y])}
    return go.Figure([heat, *lines]).update_layout(title=title, template="plotly_white", **axes)


# ---- bars ----


def branch_bars(
    branches: pandas.DataFrame,
    column: str = "V_flow",
    *,
    label: str = "",
    factor: float = 1.0,
    title: str = "",
    engine: str = "matplotlib",
) -> Any:
    """One column of `solution.branches()` as bars, worst first from the left; broken branches are hatched.

    By default the axis is named by the column and its unit, L/min, kPa, kW or °C. `label` names it otherwise, and
    `factor` gives SI values another unit: branch_bars(t, "V_flow", factor=3600, label="flow (m³/h)"). Raises InputError
    for a column without numbers and for a factor without a label.
    """
    table_of(branches, "branch_bars", "solution.branches()")
    if column not in _SI:
        raise InputError(f"branch_bars: '{column}' is no column of numbers; there are {', '.join(_SI)}")
    if factor != 1.0 and not label:
        raise InputError(f"branch_bars: with a factor the axis needs a label with its unit, e.g. '{column} (L/min)'")
    values = branches[column].to_numpy(dtype=float)
    values = shown(values, _SI[column]) if factor == 1.0 and not label else factor * values
    label = label or f"{column} ({unit_text(_SI[column])})"
    title = _title(branches, title)
    broken = [verdict == "broken" for verdict in branches["verdict"]]
    if wants_plotly(engine):
        import plotly.graph_objects as go

        marker = {
            "color": [COLOURS[1] if b else COLOURS[0] for b in broken],
            "pattern": {"shape": ["/" if b else "" for b in broken]},
        }
        text = ["breaks a limit" if b else "" for b in broken]
        bars = go.Bar(x=list(branches["branch"]), y=values, marker=marker, hovertext=text)
        return go.Figure(bars).update_layout(
            title=title, yaxis_title=label, xaxis_tickangle=-90, template="plotly_white"
        )
    figure, axes = new_figure(height=3.8)
    for bar, b in zip(axes.bar(range(len(values)), values, width=0.75), broken, strict=True):
        if b:
            bar.set(hatch="///", edgecolor="white", facecolor=COLOURS[1])
    if any(broken):
        axes.bar([0], [0], color=COLOURS[1], hatch="///", edgecolor="white", label="breaks a limit")
        axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    name_bars(axes, [short(str(b)) for b in branches["branch"]])
    axes.set_ylabel(label)
    axes.margins(x=0.01)
    entitle(figure, title, "Parallel branches, worst margin first")
    return figure


def tornado(
    table: pandas.DataFrame,
    *,
    label: str,
    base: float = 0.0,
    longest: int = 15,
    title: str = "",
    engine: str = "matplotlib",
) -> Any:
    """The effect of each parameter on a result: a bar from `low` to `high` for each row, the longest on top.

    `table` has an index or a column `parameter` with names and the columns `low` and `high`: the result at the low and
    at the high end of each parameter's range, or its change with `base` 0. `label` names the axis with its unit.
    At most `longest` bars are drawn. Raises InputError where a column is missing.
    """
    table_of(table, "tornado", "with the columns low and high")
    rows = table.set_index("parameter") if "parameter" in table else table
    missing = {"low", "high"} - set(rows.columns)
    if missing:
        raise InputError(f"tornado: the table has no column {' or '.join(sorted(missing))}")
    rows = rows.assign(size=(rows["high"] - rows["low"]).abs()).sort_values("size").tail(longest)
    names = [str(n) for n in rows.index]
    ends = [(e, rows[e].to_numpy(dtype=float) - base, c) for e, c in (("low", COLOURS[0]), ("high", COLOURS[1]))]
    if wants_plotly(engine):
        import plotly.graph_objects as go

        bars = [go.Bar(y=names, x=w, base=base, orientation="h", name=f"{e} end", marker_color=c) for e, w, c in ends]
        return go.Figure(bars).update_layout(
            title=_title(table, title), barmode="overlay", xaxis_title=label, template="plotly_white"
        )
    figure, axes = new_figure(height=1.4 + 0.28 * len(rows))
    for end, width, shade in ends:
        axes.barh(names, width, left=base, color=shade, alpha=0.8, height=0.7, label=f"parameter at its {end} end")
    axes.axvline(base, color="0.2", lw=1.0)
    axes.set_xlabel(label)
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(visible=False, axis="y")
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    entitle(figure, _title(table, title), "Effect of each parameter, the largest on top")
    return figure


# ---- Pareto ----


def pareto_front(table: pandas.DataFrame, x: str, y: str, better: Sequence[str] = ("min", "min")) -> pandas.DataFrame:
    """The rows for which no other row is better in both columns, ordered by `x`; `better`: "min" or "max" for each."""
    table_of(table, "pareto", "kv.pareto(...)")
    if any(b not in ("min", "max") for b in better):
        raise InputError(f"pareto: better is {tuple(better)}; say min or max for each of the two")
    signs = np.array([1.0 if b == "min" else -1.0 for b in better])
    rows = table.dropna(subset=[x, y])
    values = rows[[x, y]].to_numpy(dtype=float) * signs
    kept, best = [], np.inf
    for k in np.lexsort((values[:, 1], values[:, 0])):
        if values[k, 1] < best:
            kept.append(k)
            best = values[k, 1]
    return rows.iloc[kept].sort_values(x)


def pareto(
    table: pandas.DataFrame,
    x: str,
    y: str,
    *,
    better: Sequence[str] = ("min", "min"),
    title: str = "",
    engine: str = "matplotlib",
) -> Any:
    """Designs by two objectives with their Pareto front; columns name the axes, with units in tables of `kv.pareto`."""
    front = pareto_front(table, x, y, better)
    units = table.attrs.get("units", {})
    names = [f"{c} ({_printed(units[c])})" if units.get(c, "1") != "1" else c for c in (x, y)]
    if wants_plotly(engine):
        import plotly.graph_objects as go

        dots = go.Scatter(x=table[x], y=table[y], mode="markers", marker_color="#999999", name="designs")
        line = go.Scatter(x=front[x], y=front[y], mode="lines+markers", line_color=COLOURS[1], name="front")
        return go.Figure([dots, line]).update_layout(
            title=_title(table, title), xaxis_title=names[0], yaxis_title=names[1], template="plotly_white"
        )
    figure, axes = new_figure()
    axes.plot(table[x], table[y], "o", color="0.65", ms=4, label="designs")
    axes.plot(front[x], front[y], "o-", color=COLOURS[1], ms=5, lw=1.4, label="front")
    axes.set(xlabel=names[0], ylabel=names[1])
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    entitle(figure, _title(table, title), "Designs by two aims, and the front on which none is better in both")
    return figure
