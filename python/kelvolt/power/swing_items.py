"""Items 14 and 16 of the list of checks: peaks of pulsed load, and what a utility asks of the course of its power."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kelvolt.base.values import Floats
from kelvolt.base.verdicts import BROKEN
from kelvolt.power.dc_stability import DcStability
from kelvolt.power.dips import Dips
from kelvolt.power.lines import Judge, Line
from kelvolt.power.protective import Device
from kelvolt.power.swings import CONNECTION, Swings, bands
from kelvolt.power.waves import ramps

_LEVELS = 12  # currents between the lowest at which a device may trip and the highest in the run


def swing_lines(judge: Judge, n: int, found: Swings | None) -> list[Line]:
    """The lines of item 16 that a run gives; without a run what to give."""
    if found is None:
        reason = (
            "needs a run with rows 1 s or less apart: give the case power: swings: {apply: [{profile: ..., to: ...}], "
            "duration: 20 s}"
        )
        return [judge._open(n, "ramps, range and spectrum", reason)]
    p = found.connection.power
    lines = []
    for window, words in ((1.0, "second"), (10.0, "ten_seconds"), (60.0, "minute")):
        for way, rate in zip(("up", "down"), ramps(p, found.step, window), strict=True):
            text = f"steepest ramp {way} within {window:g} s"
            key = f"ramp_{way}_{words}"
            lines += judge._worst(n, key, text, [(CONNECTION, rate)], "W/s") or [
                judge._open(n, text, f"the run is no longer than {found.time[-1]:g} s")
            ]
    lines.append(judge._judged(n, "range", "highest less lowest power", CONNECTION, 1, found.connection.range, "W"))
    at, amplitude = found.strongest
    text = "strongest oscillation, amplitude" + (f" at {at:.3g} Hz" if amplitude > 0.0 else "")
    lines.append(judge._judged(n, "oscillation", text, CONNECTION, 1, amplitude, "W"))
    return [*lines, *_bands(judge, n, found), *_voltages(judge, n, found)]


def dip_lines(judge: Judge, n: int, found: Dips | None) -> list[Line]:
    """The lines of item 16 on voltage ride-through; without the study what to give."""
    text = "number of dips that are not ridden through"
    if found is None:
        reason = "every dip in time takes seconds to minutes: kelvolt check --ride-through, or kv.dips(case)"
        return [judge._open(n, text, reason)]
    bad = [r for r in found.rows if r.verdict == BROKEN]
    where = f"{bad[0].voltage:.3g} of the voltage for {bad[0].duration:.3g} s: {bad[0].reason}" if bad else ""
    lines = [judge._judged(n, "dips_not_ridden", text, where, len(found.rows), float(len(bad)))]
    lost = [(f"{r.voltage:.3g} of the voltage for {r.duration:.3g} s", r.not_back) for r in found.rows]
    return lines + judge._worst(n, "load_loss", "power not drawn again 1 s after a dip", lost, "W")


def _bands(judge: Judge, n: int, found: Swings) -> list[Line]:
    one, lines = found.spectra[CONNECTION], []
    for key, (low, high) in bands().items():
        share = one.share(low, high)
        told = f"{max(low, one.lowest):.3g} to {min(high, one.highest):.3g} Hz"
        text = f"share of the variance from {low:g} to {high:g} Hz"
        if math.isnan(share):
            lines.append(judge._open(n, text, f"the run tells {one.lowest:.3g} to {one.highest:.3g} Hz"))
            continue
        whole = f"{text} (told: {told})" if low < one.lowest or high > one.highest else text
        lines.append(judge._judged(n, key, whole, CONNECTION, 1, share))
    return lines


def _voltages(judge: Judge, n: int, found: Swings) -> list[Line]:
    if not found.voltages:
        return [judge._open(n, "voltage change and flicker", "no AC source with an impedance in this network")]
    change = [(v.source, v.change) for v in found.voltages]
    text = "short-term flicker Pst, factor up to 1"
    severity = judge._worst(
        n, "flicker_pst", "short-term flicker, number of Pst", [(v.source, v.pst) for v in found.voltages]
    )
    return [
        *judge._worst(n, "voltage_change", "largest change of the voltage", change),
        *(severity or [judge._open(n, text, f"rows {found.step:g} s apart; Pst needs 0.02 s or less")]),
    ]


def stability_lines(judge: Judge, n: int) -> list[Line]:
    """The lines of item 16 on constant-power loads of DC buses."""
    text = "number of DC buses whose oscillation grows"
    found = DcStability(judge.flow.solution)
    if not found.buses:
        return [judge._open(n, text, "no DC bus above 40 V with loads in this network")]
    told = [(b, b.answer) for b in found.buses if b.answer is not None]
    silent = [b for b in found.buses if b.answer is None]
    lines = []
    if told:
        worst = min(told, key=lambda pair: pair[1].load)[0].bus
        growing = sum(not a.decays for _, a in told)
        lines.append(judge._judged(n, "buses_growing", text, worst, len(told), float(growing)))
        shares = [(b.bus, 1.0 / a.load) for b, a in told]
        lines += judge._worst(n, "bus_load", "load of a DC bus over that from which oscillations grow", shares)
        ratios = [(b.bus, a.ratio) for b, a in told]
        lines += judge._worst(n, "bus_impedance", "source impedance over that of constant-power loads", ratios)
    if silent:
        reason = f"{len(silent)} of {len(found.buses)} buses, {silent[0].bus} the first: {silent[0].reason}"
        lines.append(judge._open(n, "constant-power stability", reason))
    return lines


# ---- pulses against trip curves ----


def pulse_lines(judge: Judge, n: int, found: Swings | None, devices: Iterable[Device]) -> list[Line]:
    """Pulses of current against the earliest trip of every protective device, warm from its RMS current."""
    text = "longest pulse over the earliest trip at its current"
    if found is None:
        return [judge._open(n, text, "needs a run with rows 1 s or less apart: give the case power: swings:")]
    all_of = list(devices)
    if not all_of:
        return [judge._open(n, text, "no protective device with a trip curve in this network")]
    shares = [(d.path, pulse_share(d, *currents)) for d in all_of if (currents := found.current(d.path)) is not None]
    found_lines = judge._worst(n, "pulse_trip", text, shares)
    at_once = "the pulse reaches the band in which the device may trip at once"
    found_lines = [replace(x, reason=at_once) if math.isinf(x.value) else x for x in found_lines]
    return found_lines or [judge._open(n, text, "the run did not record currents")]


def pulse_share(device: Device, top: Floats, rms: float, step: float) -> float:
    """The longest time for which a current is exceeded without a break over the earliest trip at that current; the
    largest over currents from the lowest trip to the peak, infinite where the device may trip at once. `top`: highest
    current of each row [A]."""
    peak = float(top.max())
    if not peak > device.starts:
        return 0.0
    levels = np.geomspace(device.starts, peak, _LEVELS)
    earliest, _ = device.times(levels, min(rms, 0.999 * device.starts))
    longest = np.array([_longest(top >= x * (1.0 - 1e-9)) for x in levels]) * step
    return math.inf if (earliest <= 0.0).any() else float(np.max(longest / earliest))


def _longest(inside: np.ndarray) -> int:
    """The most rows in a row that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
