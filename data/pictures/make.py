"""Makes the pictures of the README from the shipped cases: ./kelvolt python data/pictures/make.py"""

from pathlib import Path

import kelvolt as kv
import numpy as np
from kelvolt.cases.run import Run
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
CASE = HERE.parent / "cases" / "gb200_nvl72_rack.yaml"
BLUE, RED, GREEN, GREY = "#2166ac", "#b2182b", "#1b7837", "0.35"


def band(axes: Axes, run: Run, pattern: str, unit: str, colour: str, label: str) -> None:
    """The mean of all elements, and lowest to highest within each second."""
    minutes = run.time / 60.0
    mean, low, high = (run.get(pattern, unit, kind) for kind in ("mean", "minimum", "maximum"))
    flat = len(minutes), -1
    axes.fill_between(
        minutes, low.reshape(flat).min(axis=1), high.reshape(flat).max(axis=1), color=colour, alpha=0.2, lw=0
    )
    axes.plot(minutes, mean.reshape(flat).mean(axis=1), color=colour, lw=1.6, label=label)


def rack() -> Figure:
    """Temperatures and flows of the NVL72 rack over its ten minutes, with the limits they are judged by."""
    run = kv.load(CASE).simulate(progress=False)
    figure = Figure(figsize=(9.0, 5.6), layout="constrained")
    hot, flow = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))

    band(hot, run, "tray[*].gpu[*].T_die", "degC", RED, "72 GPU dies")
    band(hot, run, "tray[*].gpu[*].T_case", "degC", "#d6604d", "72 GPU cases")
    band(hot, run, "facility.T_return", "degC", GREEN, "facility return")
    band(hot, run, "tray[*].inlet_manifold.T_in", "degC", BLUE, "coolant to 18 trays")
    limits = {v.id: v.limit - 273.15 for v in run.end.raw.verdicts if v.id in ("die_temperature", "gpu_case")}
    for name, colour, part in (("die_temperature", RED, "die"), ("gpu_case", "#d6604d", "case")):
        hot.axhline(limits[name], color=colour, lw=1.0, ls="--")
        hot.text(
            3.08, limits[name] + 0.8, f"limit of the {part} {limits[name]:.0f} °C (assumed)", fontsize=8, color=GREY
        )
    hot.set(ylabel="temperature (°C)", ylim=(34, 101))

    required = run.get("tray[*].inlet_manifold.V_flow_required", "L/min").max(axis=1)
    lowest = run.get("tray[*].inlet_manifold.V_flow", "L/min", "minimum").min(axis=1)
    band(flow, run, "tray[*].inlet_manifold.V_flow", "L/min", BLUE, "flow of 18 trays")
    flow.plot(run.time / 60.0, required, "k--", lw=1.4, label="flow they need")
    flow.fill_between(
        run.time / 60.0, lowest, required, where=lowest < required, color=RED, alpha=0.25, lw=0, label="too little"
    )
    flow.set(ylabel="flow (L/min)", xlabel="time (min)", xlim=(0, run.time[-1] / 60.0), ylim=(4.8, 8.0))

    events = ((1.0, "1 Hz training load"), (3.0, "a CDU pump trips"), (6.0, "facility water +5 K"))
    for minute, text in events:
        for axes in (hot, flow):
            axes.axvline(minute, color="0.6", lw=0.8)
        hot.annotate(text, (minute, 1.0), (2, 3), ("data", "axes fraction"), "offset points", fontsize=9, color=GREY)
    for axes in (hot, flow):
        axes.grid(color="0.92")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=9, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    assert np.all(np.isfinite(lowest))
    return figure


if __name__ == "__main__":
    rack().savefig(HERE / "readme_rack.png", dpi=110)
    print(f"written: {HERE.name}/readme_rack.png")
