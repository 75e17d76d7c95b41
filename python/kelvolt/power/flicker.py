"""Short-term flicker severity Pst of a voltage by the chain of the flickermeter of IEC 61000-4-15.

The input is the course of the RMS voltage and not its waveform, so the square of it stands for the output of the
squaring demodulator. Weighting filter, constants and percentiles are those that flickermeters of that standard have in
common (clauses not verified); they reproduce the curve of rectangular changes for Pst = 1 of IEEE 1453 and
IEC 61000-3-3, which the tests compare.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kelvolt.base.values import Floats

SLOWEST = 0.02  # s; longest step of a voltage that can be assessed: half its rate is 25 Hz
_RATE = 500.0  # Hz at which the filters run
_MEMORY = 0.3  # s, of the first-order filter behind the squaring
_MODULATION = 8.8  # Hz, of the sine that is perceived best


@dataclass(frozen=True)
class Lamp:
    """Lamp, eye and brain as one filter k w1 s/(s2 + 2 damping s + w1^2) (1 + s/w2)/((1 + s/w3)(1 + s/w4)); rad/s."""

    k: float
    damping: float
    w1: float
    w2: float
    w3: float
    w4: float
    cut: float  # Hz, of the low pass behind the demodulator
    depth: float  # change over voltage of the sine at 8.8 Hz that half of the observers just perceive: output 1

    def filter(self) -> tuple[Floats, Floats]:
        """Numerator and denominator of the weighting filter in s."""
        top: Floats = np.polymul([self.k * self.w1, 0.0], [1.0 / self.w2, 1.0]).astype(np.float64)
        bottom = np.polymul(
            np.polymul([1.0, 2.0 * self.damping, self.w1**2], [1.0 / self.w3, 1.0]), [1.0 / self.w4, 1.0]
        )
        return top, bottom


_TURN = 2.0 * math.pi
LAMPS = {
    230: Lamp(1.74802, _TURN * 4.05981, _TURN * 9.15494, _TURN * 2.27979, _TURN * 1.22535, _TURN * 21.9, 35.0, 0.0025),
    120: Lamp(
        1.6357, _TURN * 4.167375, _TURN * 9.077169, _TURN * 2.939902, _TURN * 1.394468, _TURN * 17.31512, 42.0, 0.00321
    ),
}


def pst(v: Floats, step: float, lamp: int = 230) -> float:
    """Pst of an RMS voltage in steps of `step` seconds, as of a voltage that repeats this course for ever.

    lamp: 230 (50 Hz) or 120 (60 Hz) V. The standard observes ten minutes; a shorter course is repeated. NaN for steps
    above 20 ms and for a voltage that is out at any time: a lamp that goes dark does not flicker.
    """
    if step > SLOWEST * (1.0 + 1e-9) or len(v) < 2 or not v.min() > 0.0:
        return math.nan
    sensed = _sensation(_repeated(v, step), LAMPS[lamp])
    above = {share: float(np.percentile(sensed, 100.0 - share)) for group in _SMOOTHED.values() for share in group}
    return math.sqrt(sum(w * float(np.mean([above[x] for x in group])) for w, group in _SMOOTHED.items()))


# weight by the shares [%] of time for which the sensation is exceeded; their mean is the smoothed percentile
_SMOOTHED = {
    0.0314: (0.1,),
    0.0525: (0.7, 1.0, 1.5),
    0.0657: (2.2, 3.0, 4.0),
    0.28: (6.0, 8.0, 10.0, 13.0, 17.0),
    0.08: (30.0, 50.0, 80.0),
}


def _repeated(v: Floats, step: float) -> Floats:
    """The voltage over its mean at the rate of the filters, after 40 s or more of the same course."""
    count = round(len(v) * step * _RATE)
    held = v[np.minimum((np.arange(count) / (step * _RATE) + 1e-9).astype(int), len(v) - 1)]
    before = math.ceil(40.0 * _RATE / count)
    made: Floats = np.tile(held / held.mean(), before + 1)
    return made


def _sensation(v: Floats, lamp: Lamp) -> Floats:
    """Instantaneous sensation in the last repetition that ten minutes or the whole course hold."""
    from scipy.signal import bilinear, butter, freqs, lfilter, sosfilt

    at = np.array([_TURN * _MODULATION])
    gain = float(abs(freqs(*lamp.filter(), worN=at)[1][0]))
    demodulated = v**2
    sections = butter(6, lamp.cut, fs=_RATE, output="sos")
    seen = lfilter(*butter(1, 0.05, "high", fs=_RATE), demodulated - demodulated.mean())
    seen = lfilter(*bilinear(*lamp.filter(), fs=_RATE), sosfilt(sections, seen))
    keep = math.exp(-1.0 / (_RATE * _MEMORY))
    smooth = lfilter([1.0 - keep], [1.0, -keep], seen**2)
    # a sine of half the change: V^2 varies by the whole; its square has a mean and a ripple of twice the frequency
    ripple = 1.0 / math.hypot(1.0, 2.0 * float(at[0]) * _MEMORY)
    unit = 0.5 * (lamp.depth * gain) ** 2 * (1.0 + ripple)
    settled: Floats = smooth[int(40.0 * _RATE) :] / unit
    return settled
