"""Every notebook runs from its first cell to its last, as it is committed; pictures of studies keep their promises."""

import runpy
from pathlib import Path
from typing import Any

import kelvolt as kv
import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT
from kelvolt.base.errors import InputError
from kelvolt.plots.solutions import time_series
from kelvolt.plots.studies import binding, branch_bars, feasible_map, pareto, pareto_front, tornado

FOLDER = ROOT / "python" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SHOWN = {"rack_density": 1, "sizing_a_loop": 2, "nvl72_ranges": 3, "power_chains": 2}  # pictures that a reader must see


def test_every_notebook_is_known_here() -> None:
    assert {f.stem for f in NOTEBOOKS} == set(SHOWN)


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda f: f.stem)
def test_a_notebook_runs_and_shows_its_pictures(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    assert all(not c.outputs and c.execution_count is None for c in cells), "committed without outputs"
    assert "assumed" in "".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    outputs = [o for c in cells for o in c.outputs]
    assert sum("image/png" in o.get("data", {}) for o in outputs) == SHOWN[file.stem]
    assert [o for o in outputs if o.output_type == "stream" and o.name == "stderr" and "Warning" in o.text] == []


def test_the_picture_of_the_readme_is_made_from_the_shipped_rack() -> None:
    made = runpy.run_path(str(ROOT / "data" / "pictures" / "make.py"))["rack"]()
    hot, flow = made.axes
    assert hot.get_ylabel() == "temperature (°C)" and flow.get_ylabel() == "flow (L/min)"
    dies = next(line for line in hot.get_lines() if line.get_label() == "72 GPU dies")
    assert len(dies.get_xdata()) == 601 and 60.0 < min(dies.get_ydata()) < max(dies.get_ydata()) < 95.0
    assert (ROOT / "data" / "pictures" / "readme_rack.png").stat().st_size < 150_000


# ---- pictures of studies ----


@pytest.fixture
def margins() -> xr.Dataset:
    """Two limits over a plane: x at most 2, y at least 1; one corner has no solution."""
    x = xr.DataArray(np.linspace(0.0, 4.0, 9), dims="x", attrs={"units": "kW", "long_name": "power"})
    y = xr.DataArray(np.linspace(0.0, 2.0, 5), dims="y", attrs={"units": "degC", "long_name": "supply"})
    data = xr.Dataset({"hot": (2.0 - x) + 0.0 * y, "dry": (y - 1.0) + 0.0 * x}).assign_coords(x=x, y=y)
    return data.where((data.x < 4.0) | (data.y > 0.0))


def test_the_limit_that_binds_is_the_one_with_the_smallest_margin(margins: xr.Dataset) -> None:
    code = binding(margins)
    assert int(code.sel(x=1.0, y=1.5)) == -1, "all held"
    assert int(code.sel(x=3.5, y=0.5)) == 0 and int(code.sel(x=1.0, y=0.5)) == 1
    assert int(code.sel(x=4.0, y=0.0)) == -2, "no solution"


@pytest.mark.parametrize("engine", ["matplotlib", "plotly"])
def test_a_feasible_map_names_axes_with_units_and_the_limits_that_bind(margins: xr.Dataset, engine: str) -> None:
    figure = feasible_map(margins, "x", "y", engine=engine)
    if engine == "plotly":
        assert figure.layout.xaxis.title.text == "power (kW)" and "limit" not in figure.data[0].text[0]
        assert {str(t) for t in np.unique(figure.data[0].text)} == {
            "all margins given held",
            "dry",
            "hot",
            "no solution",
        }
        assert [line.name for line in figure.data[1:]] == ["limit: hot", "limit: dry"], "lines where a margin is zero"
    else:
        axes = figure.axes[0]
        assert axes.get_xlabel() == "power (kW)" and axes.get_ylabel() == "supply (°C)"
        words = [t.get_text() for t in axes.get_legend().get_texts()]
        assert words == ["all margins given held", "limit: hot", "limit: dry", "no solution"]


def test_a_feasible_map_refuses_margins_of_other_dimensions(margins: xr.Dataset) -> None:
    with pytest.raises(InputError, match="dimensions x, y, not x, z"):
        feasible_map(margins, "x", "z")


@pytest.mark.parametrize("engine", ["matplotlib", "plotly"])
def test_a_tornado_has_its_longest_bar_on_top(engine: str) -> None:
    table = pd.DataFrame({"parameter": ["a", "b", "c"], "low": [9.0, 5.0, 10.5], "high": [10.5, 14.0, 9.9]})
    figure = tornado(table, base=10.0, label="die (°C)", engine=engine)
    if engine == "plotly":
        assert list(figure.data[0].y)[-1] == "b" and list(figure.data[1].x)[-1] == 4.0
    else:
        axes = figure.axes[0]
        assert [t.get_text() for t in axes.get_yticklabels()] == ["c", "a", "b"]
        ends = sorted(x for p in axes.patches for x in (p.get_x(), p.get_x() + p.get_width()))
        assert ends[0] == 5.0 and ends[-1] == 14.0


def test_no_row_of_a_front_is_beaten_and_every_other_row_is() -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"cost": rng.random(200), "gain": rng.random(200)})
    front = pareto_front(table, "cost", "gain", ("min", "max"))
    others = table.drop(front.index)

    def beaten(row: Any) -> bool:
        better = (table["cost"] <= row["cost"]) & (table["gain"] >= row["gain"])
        return bool((better & ((table["cost"] < row["cost"]) | (table["gain"] > row["gain"]))).any())

    assert 2 < len(front) < 40 and not any(beaten(r) for _, r in front.iterrows())
    assert all(beaten(r) for _, r in others.iterrows())
    assert pareto(table, "cost", "gain").axes[0].get_xlabel() == "cost"
    assert len(pareto(table, "cost", "gain", engine="plotly").data) == 2


def test_bars_of_branches_stand_worst_first(case: Any) -> None:
    branches = case.steady().branches()
    figure = branch_bars(branches, "V_flow", factor=60e3, label="flow (L/min)")
    axes = figure.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == list(branches["branch"])
    assert np.allclose([p.get_height() for p in axes.patches], 60e3 * branches["V_flow"])
    assert axes.get_ylabel() == "flow (L/min)" and branch_bars(branches, "dp").axes[0].get_ylabel() == "dp (kPa)"
    bars = branch_bars(branches, "V_flow", factor=60e3, label="flow (L/min)", engine="plotly")
    assert list(bars.data[0].x) == list(branches["branch"]) and bars.layout.yaxis.title.text == "flow (L/min)"
    with pytest.raises(InputError, match="label with its unit"):
        branch_bars(branches, "V_flow", factor=60e3)
    with pytest.raises(InputError, match="no column of numbers"):
        branch_bars(branches, "verdict")


def test_time_series_show_limits_and_units_alike_in_both_engines(case: Any) -> None:
    run = case.simulate("20 s", every="1 s")
    drawn, woven = time_series(run), time_series(run, "plotly")
    assert set(drawn) == set(woven)
    axes, figure = drawn["temperatures"].axes[0], woven["temperatures"]
    assert axes.get_ylabel() == figure.layout.yaxis.title.text == "temperature (°C)"
    assert axes.get_xlabel() == figure.layout.xaxis.title.text == "time (s)"
    lines = {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}
    curves = {c.name: c for c in figure.data if c.name}
    assert set(lines) == set(curves) and any("T_die" in name for name in lines)
    for name, line in lines.items():
        assert np.allclose(line.get_ydata(), curves[name].y), name
    limits = {t.get_text() for t in axes.texts if t.get_text().startswith("limit")}
    assert limits and limits == {a.text for a in figure.layout.annotations if a.text.startswith("limit")}
    with pytest.raises(InputError, match="neither"):
        time_series(run, "bokeh")


def test_a_front_from_the_solver_names_its_axes_with_units() -> None:
    loop = kv.load(ROOT / "data/cases/single_loop.yaml")
    table = kv.pareto(loop, ("pump.P_el", "max(gpu.T_die)"), {"speed.value": (0.4, 1.0)}, n=4)
    assert table.attrs["units"] == {"pump.P_el": "W", "max(gpu.T_die)": "K", "speed.value": "1"}
    axes = pareto(table, "pump.P_el", "max(gpu.T_die)").axes[0]
    assert axes.get_xlabel() == "pump.P_el (W)" and axes.get_ylabel() == "max(gpu.T_die) (K)"
