"""Pictures of harmonics: spectra of voltage and current, impedance over frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.kinds import only
from kelvolt.plots.axes import WIDTH, colour, entitle, plain_axes
from kelvolt.plots.parts import short
from kelvolt.power.frequency import frequency_scan, resonances
from kelvolt.power.harmonics import Harmonics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_VOLTAGE, _MARK = colour(0), "0.35"


def harmonic_spectrum(study: Harmonics, bus: str | None = None, title: str = "") -> Figure:
    """Bars of the voltage at a bus by order, of the phase where each is highest, and of the currents of the grid
    connections. Without a name: the bus with the highest THD.

    Raises TypeError for what is no study of harmonics, InputError for an unknown bus.
    """
    from matplotlib.figure import Figure

    only("harmonic_spectrum", "the result of kv.harmonics(case)", study, Harmonics)
    at = study.bus_named(bus or str(study.buses.bus.iloc[0]))
    V, reason = study.voltages(at)
    figure = Figure(figsize=(WIDTH, 5.0), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    orders = np.array(study.orders)
    top.bar(orders, 100.0 * V.max(axis=1, initial=0.0) / at.phases.max(), color=_VOLTAGE, width=0.7)
    top.set_ylabel("voltage (% of fundamental)")
    thd = float(study.buses.THD[study.buses.bus == at.name].iloc[0])
    said = f"Harmonics at {at.name}: THD {100.0 * thd:.3g} %" + (f"; {reason}" if reason else "")
    entitle(figure, title or study.flow.solution.plant.case.title, f"{said}, {study.flow.solution.state}")
    sources = list(study.delivery.source)
    width = 0.7 / max(len(sources), 1)
    for k, source in enumerate(sources):
        shift = (k - 0.5 * (len(sources) - 1)) * width
        share = 100.0 * study.currents_of_source(source)
        bottom.bar(orders + shift, share, width=width, label=short(source), color=colour(1 + k))
    bottom.set_ylabel("grid current (% of I_L)")
    bottom.set_xlabel("order")
    bottom.set_xlim(0.0, orders.max(initial=10) + 1.0)
    bottom.set_xticks([h for h in range(1, int(orders.max(initial=10)) + 1, 2) if h < 14 or h % 6 in (1, 5)])
    bottom.tick_params(axis="x", labelsize=8)
    if len(sources) > 1:
        bottom.legend(frameon=False, fontsize=8)
    for ax in (top, bottom):
        plain_axes(ax)
    return figure


def impedance_scan(study: Harmonics, bus: str | None = None, title: str = "") -> Figure:
    """The impedance seen from a bus over the order, with its resonances; without a name the bus with the highest THD.

    Raises TypeError for what is no study of harmonics, InputError for an unknown bus.
    """
    from matplotlib.figure import Figure

    only("impedance_scan", "the result of kv.harmonics(case)", study, Harmonics)
    name = bus or str(study.buses.bus.iloc[0])
    scan = frequency_scan(study.flow, name)
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    ax = figure.subplots()
    plain_axes(ax)
    ax.semilogy(scan.order, scan.Z, color=_VOLTAGE, linewidth=1.4)
    for row in resonances(scan).itertuples():
        ax.annotate(f"{row.kind} {row.order:.3g}", (row.order, row.Z), fontsize=8, color=_MARK)
        ax.plot(row.order, row.Z, "o", color=_MARK, markersize=3)
    for h in study.orders:
        ax.axvline(h, color="0.85", linewidth=0.6, zorder=0)
    ax.set_xlabel("order (grey lines: orders that loads draw)")
    ax.set_ylabel("impedance (Ω)")
    said = f"Impedance of the positive sequence seen from {name}, {study.flow.solution.state}"
    entitle(figure, title or study.flow.solution.plant.case.title, said)
    return figure
