"""Time-current pictures: the bands of the protective devices in series, with short-circuit currents marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.kinds import only
from kelvolt.plots.axes import WIDTH, colour, entitle, number_text
from kelvolt.plots.parts import short
from kelvolt.power.protection import Protection
from kelvolt.power.protective import Device, Way

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHORTEST, LONGEST = 2e-3, 1e4  # s: what is drawn; a band that reaches to zero ends at the lower edge


def longest_ways(of: Protection) -> list[Way]:
    """One way for each kind of last device: that with most devices in series, in the order of the network."""
    from kelvolt.base.paths import without_indices

    inner = {u.path for way in of.ways for u, _ in way.before}
    best: dict[tuple[str, ...], Way] = {}
    for way in of.ways:
        if way.device.path in inner:
            continue
        kinds = tuple(without_indices(d.path) for d in (way.device, *(u for u, _ in way.before)))
        best.setdefault((without_indices(way.source), *kinds), way)
    return sorted(best.values(), key=lambda w: -len(w.before))


def time_current(of: Protection, device: str, *, source: str | None = None) -> Figure:
    """Log-log picture of a device and those before it, with all currents as they are at that device.

    device: path of the last device. source: path of the source whose way is drawn, by default the way with most
    devices. Raises InputError where there is no such way.
    """
    from matplotlib.figure import Figure

    only("time_current", "the answer of kv.protection", of, Protection)
    found = [w for w in of.ways if w.device.path == device and source in (None, w.source)]
    if not found:
        raise InputError(f"time_current: no way leads from {source or 'a source'} to a protective device '{device}'")
    way = max(found, key=lambda w: len(w.before))
    figure = Figure(figsize=(WIDTH, 7.6), layout="constrained")
    axes = figure.add_subplot()
    chain = [(way.device, 1.0), *((d, ratio) for d, ratio in way.before if not math.isnan(ratio))]
    level = of.level(way.device, way.source)
    high = max(
        [3.0 * max(d.setting / ratio for d, ratio in chain) * 10.0, *(2.0 * x for x in level if not math.isnan(x))]
    )
    currents = np.geomspace(0.6 * min(d.setting / ratio for d, ratio in chain), high, 1500)
    for k, (d, ratio) in enumerate(chain):
        _band(axes, d, ratio, currents, colour(k))
    for name, x in zip(("least", "largest"), level, strict=True):
        if not math.isnan(x):
            axes.axvline(x, color="#222222", lw=1.2, ls="--" if name == "least" else "-")
            axes.text(
                x,
                LONGEST,
                f" {name} Ik {number_text(x, 'A')} ",
                rotation=90,
                va="top",
                ha="right",
                fontsize=8,
                bbox={"color": "white", "alpha": 0.7, "pad": 0.5},
            )
    for pair in of.pair_list:
        if pair.downstream == device and math.isfinite(pair.I_selective):
            axes.axvline(pair.I_selective, color="#999999", lw=0.8, ls=":")
            axes.text(
                pair.I_selective,
                SHORTEST * 1.1,
                f" selective to {number_text(pair.I_selective, 'A')} with {pair.upstream}",
                rotation=90,
                va="bottom",
                ha="right",
                fontsize=8,
                color="#444444",
                bbox={"color": "white", "alpha": 0.7, "pad": 0.5},
            )
    _finish(axes, way, currents)
    said = f"Time-current bands from {way.source} to {way.device.path}"
    entitle(figure, of.flow.solution.plant.case.title, said)
    return figure


def _band(axes: Axes, d: Device, ratio: float, currents: np.ndarray, color: str) -> None:
    earliest, latest = d.times(currents * ratio)
    low = np.clip(np.where(np.isinf(earliest), np.nan, earliest), SHORTEST, LONGEST)
    high = np.clip(np.where(np.isinf(latest), LONGEST, latest), SHORTEST, LONGEST)
    far = "" if ratio == 1.0 else f" at its own voltage, × {1.0 / ratio:.3g}"
    axes.fill_between(
        currents,
        low,
        high,
        color=color,
        alpha=0.25,
        lw=0,
        label=f"{short(d.path)} ({number_text(d.setting, 'A')}{far})",
        where=~np.isnan(low),
    )
    axes.plot(currents, low, color=color, lw=1.2)
    axes.plot(currents, np.where(np.isinf(latest), np.nan, high), color=color, lw=1.2)


def _finish(axes: Axes, way: Way, currents: np.ndarray) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    axes.set(xscale="log", yscale="log", xlim=(currents[0], currents[-1]), ylim=(SHORTEST, LONGEST))
    axes.set_xlabel(f"current at {way.device.path} (A)")
    axes.set_ylabel("time (s): earliest device to latest cleared")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.12g}"))
    axes.xaxis.set_minor_locator(LogLocator(subs=range(2, 10)))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: f"{x:.12g}" if str(x)[0] in "25" else ""))
    axes.tick_params(which="both", labelsize=8)
    axes.grid(True, which="major", color="#cccccc", lw=0.6)
    axes.grid(True, which="minor", color="#eeeeee", lw=0.4)
    axes.legend(loc="best", fontsize=8, framealpha=0.95)
