"""The picture of load swings: power by level over one time axis, and the spectrum at the point of connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.plots.axes import BROKEN, WIDTH, colour, entitle, legend_below, plain_axes
from kelvolt.power.swings import CONNECTION, LOADS, Level, Swings, bands

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEW = 6  # levels drawn: loads, the largest ones between, point of connection
_SPAN = 10.0  # s of the run that are drawn apart, so that single iterations are seen
_TINTS = ("#d0d7e1", "#dcebdc", "#f6e6cc", "#efd9e4")


def load_swings(found: Swings, title: str = "") -> Figure:
    """Power of the levels over the first seconds and over the whole run, and the spectrum of loads and point of
    connection with the bands of the limits, and with the store's flat power drawn as a line. Raises nothing."""
    from matplotlib.figure import Figure

    seconds = min(_SPAN, found.time[-1])
    several = found.time[-1] > 1.5 * seconds  # else the first seconds are the whole run
    figure = Figure(figsize=(WIDTH, 8.4 if several else 6.0), layout="constrained")
    *near, whole, spectrum = [plain_axes(ax) for ax in figure.subplots(3 if several else 2, 1)]
    first = found.time <= seconds * (1.0 + 1e-9)
    for level in _chosen(found):
        look: dict[str, Any] = {"color": "black", "lw": 1.6} if level.name == CONNECTION else {"lw": 1.2}
        label = level.name + (f" (×{len(level.elements)})" if len(level.elements) > 1 else "")
        for ax in near:
            ax.step(found.time[first], 1e-3 * level.power[first], where="pre", **look)
        whole.plot(found.time, 1e-3 * level.power, label=label, **look)
    mean = 1e-3 * found.connection.power.mean()
    store = found.stores["flat power"]
    whole.axhline(mean, color="0.4", linewidth=0.9, linestyle="--")
    note = f"flat at {mean:.3g} kW with a store of {1e-3 * store.energy:.3g} kJ, {1e-3 * store.power:.3g} kW"
    whole.set_title(note, loc="right", fontsize=8, color="0.35")
    for ax in (*near, whole):
        ax.set_ylabel("power (kW)")
        ax.set_xlabel("time (s)")
        ax.set_ylim(bottom=0.0)
        ax.margins(x=0.01)
    legend_below(whole, under=0.45)
    entitle(
        figure, title or found.run.title, f"Power from the loads to the point of connection over {found.time[-1]:g} s"
    )
    _draw_spectrum(spectrum, found)
    return figure


def _chosen(found: Swings) -> list[Level]:
    between = sorted(found.levels[1:-1], key=lambda level: -level.power.mean())[: _FEW - 2]
    return [level for level in found.levels if level in between or level.name in (LOADS, CONNECTION)]


def _draw_spectrum(ax: Axes, found: Swings) -> None:
    """Amplitude by frequency: what a sine of that energy within one bin would have."""
    from matplotlib.ticker import FuncFormatter

    top = 0.0
    for name, shade in ((LOADS, colour(0)), (CONNECTION, "black")):
        one = found.spectra[name]
        inside = one.frequency >= one.lowest
        amplitude = 1e-3 * np.sqrt(2.0 * one.density[inside] * (one.frequency[1] - one.frequency[0]))
        top = max(top, float(amplitude.max()))
        ax.plot(one.frequency[inside], amplitude, color=shade, linewidth=1.0, label=name)
    one = found.spectra[CONNECTION]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    ax.set_xlim(one.lowest, one.highest)
    ax.set_ylim(max(1e-4 * top, 1e-6), 20.0 * max(top, 1e-5))
    for k, (key, (low, high)) in enumerate(bands().items()):
        share = one.share(low, high)
        left, right = max(low, one.lowest), min(high, one.highest)
        if right <= left:
            continue
        height = 0.97 - 0.075 * (k % 2 + 1) if k else 0.97
        ax.axvspan(left, right, ymin=height - 0.07, ymax=height, color=_TINTS[k % len(_TINTS)], linewidth=0.0)
        limit = found.limit(key)
        cap = f", cap {100.0 * limit:.3g} %" if np.isfinite(limit) else ""
        text = f"{key.removeprefix('band_')} {100.0 * share:.3g} %{cap}"
        ax.text(np.sqrt(left * right), height - 0.035, text, fontsize=7.5, ha="center", va="center",
                transform=ax.get_xaxis_transform(), color=BROKEN if share > limit else "0.2")  # fmt: skip
    ax.set_xlabel("frequency (Hz)")
    note = "bands of the limits: share of the variance at the point of connection"
    ax.set_title(note, loc="right", fontsize=8, color="0.35")
    ax.set_ylabel("amplitude (kW)")
    ax.legend(fontsize=8, loc="lower left", frameon=False)
