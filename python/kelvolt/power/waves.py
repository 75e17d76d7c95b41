"""What a utility asks of the course of a power: ramps, dynamic range, spectrum, and the store that would flatten it.

Functions of one trace at equal steps; SI. They know nothing of networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.values import Floats

LEAST_ROWS = 16  # of which a spectrum is made
_MOST_ROWS = 1500  # of the problem of the smallest store; longer traces are averaged to that many
_NEAR = 2.5  # bins on either side over which a Hann window spreads one oscillation


def ramps(p: Floats, step: float, window: float) -> tuple[float, float]:
    """The largest rise and the largest fall of a trace p [W] within any `window` seconds, over the window [W/s].

    Both are not below 0. NaN where the window is shorter than a step or as long as the trace. A change within one step
    counts as a change over that step: its own rate cannot be told from the rows.
    """
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    apart = round(window / step)
    if apart < 1 or apart >= len(p):
        return math.nan, math.nan
    ahead = {"size": apart + 1, "origin": -((apart + 1) // 2), "mode": "nearest"}  # of p[k] to p[k + apart]
    rise, fall = maximum_filter1d(p, **ahead) - p, p - minimum_filter1d(p, **ahead)
    return float(rise.max()) / (apart * step), float(fall.max()) / (apart * step)


@dataclass(frozen=True)
class Spectrum:
    """Spectrum of a trace without its mean: `frequency` [Hz], `density` [W2/Hz], one-sided, by one Hann window.

    `lowest` and `highest` [Hz] bound what the trace can tell: two periods in its length, half its rate of rows.
    """

    frequency: Floats
    density: Floats
    lowest: float
    highest: float

    @property
    def _width(self) -> float:
        return float(self.frequency[1] - self.frequency[0])

    def variance(self, low: float = 0.0, high: float = math.inf) -> float:
        """Mean square of the variation from `low` to `high` [W2]."""
        inside = (self.frequency >= low) & (self.frequency < high) & (self.frequency > 0.0)
        return float(self.density[inside].sum() * self._width)

    def share(self, low: float, high: float) -> float:
        """Share of the variance from `low` to `high` Hz; NaN where the band lies outside what the trace can tell, and
        0 for a constant power."""
        if low >= self.highest or high <= self.lowest:
            return math.nan
        whole = self.variance()
        return self.variance(low, high) / whole if whole > 0.0 else 0.0

    def amplitude(self, at: float) -> float:
        """Amplitude [W] of the oscillation at a frequency, from the energy within the width of the window around it."""
        around = _NEAR * self._width
        return math.sqrt(2.0 * self.variance(at - around, at + around))

    def strongest(self, low: float = 0.0, high: float = math.inf) -> tuple[float, float]:
        """Frequency [Hz] and amplitude [W] of the strongest oscillation in a band; NaN and 0 where there is none."""
        inside = (self.frequency >= max(low, self.lowest)) & (self.frequency <= min(high, self.highest))
        if not inside.any() or not self.density[inside].max() > 0.0:
            return math.nan, 0.0
        at = float(self.frequency[inside][int(np.argmax(self.density[inside]))])
        return at, self.amplitude(at)


def spectrum(p: Floats, step: float) -> Spectrum:
    """The spectrum of a trace [W] of equal steps [s]: scipy.signal.periodogram, Hann window, mean removed.

    Raises InputError for fewer than 16 rows.
    """
    from scipy.signal import periodogram

    if len(p) < LEAST_ROWS:
        raise InputError(
            f"a spectrum needs {LEAST_ROWS} rows or more, there are {len(p)}; record more often or for longer"
        )
    frequency, density = periodogram(p - p.mean(), 1.0 / step, window="hann", detrend=False, scaling="density")
    noise = (1e-9 * float(np.abs(p).max())) ** 2 * step  # of rounding
    return Spectrum(frequency, np.where(density > noise, density, 0.0), 2.0 / (len(p) * step), 0.5 / step)


@dataclass(frozen=True)
class Store:
    """The smallest lossless store that keeps a power within limits: energy J, power W, and the power left `grid` W."""

    energy: float
    power: float
    grid: Floats
    step: float


def smallest_store(
    p: Floats, step: float, *, ramp_up: float = math.inf, ramp_down: float = math.inf, band: float = math.inf
) -> Store:
    """The store of least energy, and among those of least power, behind which a trace p [W] keeps to the limits.

    ramp_up, ramp_down: W/s. band: highest less lowest power [W]; 0 leaves the mean alone. The store is lossless and as
    full at the end as at the beginning, and knows the whole trace: no control can do with less. Two linear programmes
    (scipy.optimize.linprog), for a band of 0 the sum. For a flat grid and a load that is high by D for the share d of a
    period T the energy is D d (1 - d) T. Raises InputError for negative limits.
    """
    for name, x in (("ramp_up", ramp_up), ("ramp_down", ramp_down), ("band", band)):
        if not x >= 0.0:
            raise InputError(f"smallest_store: {name} = {x:g} must not be negative")
    p = np.asarray(p, dtype=np.float64)
    if band == 0.0:  # the grid gives the mean; the store carries the sum of what is above and below it
        carried = np.concatenate([[0.0], np.cumsum(p - p.mean())])
        power = float(np.abs(p - p.mean()).max())
        return Store(float(np.ptp(carried)) * step, power, np.full_like(p, p.mean()), step)
    p, step = _thinned(p, step)
    scale = max(float(np.ptp(p)), 1e-12)
    if np.ptp(p) <= band and all(
        r <= limit for r, limit in zip(ramps(p, step, step), (ramp_up, ramp_down), strict=True)
    ):
        return Store(0.0, 0.0, p, step)
    found = _programme((p - p.mean()) / scale, step * np.array([ramp_up, ramp_down]) / scale, band / scale)
    energy, power, grid = found
    return Store(energy * step * scale, power * scale, grid * scale + p.mean(), step)


def without_drift(p: Floats, step: float, period: float) -> Floats:
    """A trace [W] without what changes more slowly than an oscillation: less its moving mean over one period [s], with
    the mean of the whole trace. Half a period at either end is left out, and the rest cut to whole periods, since the
    mean of a part of a period is no drift. Without a period (NaN), or with less than two in the trace, the trace.
    """
    many = period / step  # rows in a period
    if not 2.0 <= many <= 0.5 * len(p):
        return p
    edges = np.concatenate([[0.0], np.cumsum(p)])  # the energy up to each edge of rows, over the step
    kept = int((math.floor((len(p) - many) / many + 1e-6)) * many + 0.5)
    first = int(0.5 * many + 0.5)
    middles = np.arange(first, min(first + kept, len(p))) + 0.5
    ends = (np.interp(middles + side * many, np.arange(len(edges)), edges) for side in (0.5, -0.5))
    slow = np.subtract(*ends) / many
    trimmed: Floats = p[first : first + len(slow)] - slow + p.mean()
    return trimmed


def _thinned(p: Floats, step: float) -> tuple[Floats, float]:
    many = -(-len(p) // _MOST_ROWS)
    kept = len(p) // many * many
    mean: Floats = p[:kept].reshape(-1, many).mean(axis=1)
    return mean, step * many


def _programme(p: Floats, change: Floats, band: float) -> tuple[float, float, Floats]:
    """Least energy, least power and the grid's power g of the scaled problem with steps of length 1.

    Unknowns: g[n], the energy e[n + 1] drawn from the store, its lowest and highest, the lowest g, the highest |p - g|.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, vstack

    n = len(p)
    whole = eye_array(2 * n + 5).tocsr()
    g, e = whole[:n], whole[n : 2 * n + 1]

    def all_of(unknown: int, rows: int) -> csr_array:
        return whole[np.full(rows, 2 * n + 1 + unknown)]

    low, high, bottom, power = 0, 1, 2, 3
    equal = vstack([e[1:] - e[:-1] + g, e[[n]] - e[[0]], e[[0]]])
    sums = np.concatenate([p, [0.0, 0.0]])
    least = [e - all_of(high, n + 1), all_of(low, n + 1) - e, g - all_of(power, n), -g - all_of(power, n)]
    most = [np.zeros(n + 1), np.zeros(n + 1), p, -p]
    for sign, limit in ((1.0, change[0]), (-1.0, change[1])):
        if math.isfinite(limit):
            least.append(sign * (g[1:] - g[:-1]))
            most.append(np.full(n - 1, limit))
    if math.isfinite(band):
        least += [all_of(bottom, n) - g, g - all_of(bottom, n)]
        most += [np.zeros(n), np.full(n, band)]
    span, peak = whole[[2 * n + 1 + high]] - whole[[2 * n + 1 + low]], whole[[2 * n + 1 + power]]
    first = linprog(span.toarray()[0], vstack(least), np.concatenate(most), equal, sums, bounds=(None, None))
    if first.status != 0:
        raise InputError(f"smallest_store: no store keeps these limits: {first.message}")
    energy = max(float(first.fun), 0.0)
    most.append(np.array([energy * (1.0 + 1e-9) + 1e-12]))
    least.append(span)
    second = linprog(peak.toarray()[0], vstack(least), np.concatenate(most), equal, sums, bounds=(None, None))
    left: Floats = (second if second.status == 0 else first).x[:n]
    return energy, float(np.abs(p - left).max()), left
