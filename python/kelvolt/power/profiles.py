"""Load profiles of accelerators with published statistics: synchronous training, and inference of a large model.

The default figures are from public sources and not of one machine: iterations at 0.2 to 3 Hz between compute near TDP
and communication near idle (arXiv 2508.14318; Uptime UII 382; arXiv 2606.22096), GB300 transients to 1.4 times steady
(Supermicro, Microsoft), and the 0.1 s traces of Llama-3.1 405B on eight GPUs in OpenG2G (ML.ENERGY v3). Figures that no
source gives (edges, shares of the rack, noise) are general engineering knowledge and can be changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.values import Floats

if TYPE_CHECKING:
    import xarray

_MOST_VALUES = 200_000_000  # doubles: 1.6 GB
_MOST_BURSTS = 100_000  # of one profile
_NOISE_MEMORY = 0.1  # s, over which the noise of one GPU is correlated


@dataclass(frozen=True)
class Training:
    """Figures of synchronous training; levels are shares of TDP, times are in seconds."""

    period: float = 2.0  # of an iteration: 0.3 to 5 s
    duty: float = 0.7  # share of the period at the high level: 0.6 to 0.85
    high: float = 0.95  # compute: 0.9 to 1.0
    low: float = 0.4  # communication: 0.3 to 0.5
    idle: float = 0.14  # before the start: 0.10 to 0.18
    jitter: float = 0.02  # standard deviation of the period over the period
    edge: float = 0.02  # electrical, 1 to 50 ms
    skew: float = 0.01  # within which all ranks begin an iteration: 1 to 20 ms
    noise: float = 0.04  # standard deviation over level: 3 to 5 %
    ramp: float = 10.0  # from idle to full swing at the start: 1 to 20 s
    checkpoint_every: float = 1800.0  # 10 to 60 min; 0: none
    checkpoint: float = 20.0  # length, 5 to 60 s, at idle + 0.1
    bursts: float = 0.2  # EDPp bursts of the whole rack per second of compute; 0: none
    burst: float = 1.4  # their level over TDP: 1.4 to 1.5
    burst_length: float = 0.02  # s: 1 to 20 ms


@dataclass(frozen=True)
class Inference:
    """Figures of decoding a large model on groups of GPUs that act as one; levels are shares of TDP, times in seconds.

    From a 405B model on eight GPUs, batch 128: floor 4.16 to 4.4 kW, bursts to 5.4 to 5.6 kW for 0.2 to 1.5 s, 1 to 5 s
    apart, slopes of 4 to 10 kW/s. Divided by the TDP of eight GPUs of 700 W these are the shares below.
    """

    floor: tuple[float, float] = (0.743, 0.786)
    burst: tuple[float, float] = (0.964, 1.0)
    burst_length: tuple[float, float] = (0.2, 1.5)
    interval: tuple[float, float] = (1.0, 5.0)  # from burst to burst
    slope: tuple[float, float] = (0.714, 1.786)  # TDP per second
    group: int = 8  # GPUs of one model instance
    noise: float = 0.01


def training_profile(
    gpus: int = 72,
    *,
    tdp: float = 1200.0,
    duration: float = 60.0,
    step: float = 0.01,
    seed: int = 0,
    gpu_share: float = 0.8,
    **figures: float,
) -> xarray.Dataset:
    """Power of `gpus` in synchronous training and of their rack: gpu_power [gpu, time], activity (over TDP),
    rack_power.

    tdp: W of one GPU. duration: s. step: s between samples. gpu_share: the share of the rack's power that all GPUs at
    TDP make up; the rest is a constant draw (CPUs 6 to 8 %, links 5 %, fans and conversion 7 %). figures: fields of
    `Training`. Equal seeds give equal profiles. Powers are in W. Raises InputError for figures out of range and for too
    many samples.
    """
    f = _figures(Training, figures)
    time, rng = _time(gpus, tdp, duration, step), np.random.default_rng(seed)
    _check_training(f, step)
    starts = _iterations(f, duration, rng)
    late = rng.uniform(0.0, f.skew, gpus)
    level = np.stack([_swing(time - x, starts, f) for x in late])
    level = f.idle + (level - f.idle) * np.clip(time / f.ramp, 0.0, 1.0) if f.ramp > 0.0 else level
    level = np.where(_in_checkpoint(time, f), f.idle + 0.1, level)
    level *= 1.0 + f.noise * _noise(rng, gpus, len(time), step)
    top = _bursts(time, starts, f, rng)
    level = np.clip(np.where(top & ~_in_checkpoint(time, f), f.burst, level), 0.0, f.burst)
    return _dataset("training", time, level, tdp, gpu_share, f, seed, step)


def inference_profile(
    gpus: int = 72,
    *,
    tdp: float = 1200.0,
    duration: float = 60.0,
    step: float = 0.1,
    seed: int = 0,
    gpu_share: float = 0.8,
    **figures: Any,
) -> xarray.Dataset:
    """Power of `gpus` that decode in groups, each with its own bursts of load.

    Arguments, result and errors are those of `training_profile`; figures: fields of `Inference`.
    """
    f = _figures(Inference, figures)
    time, rng = _time(gpus, tdp, duration, step), np.random.default_rng(seed)
    if f.group < 1:
        raise InputError(f"inference: group = {f.group}; a model runs on one GPU or more")
    for name in ("floor", "burst", "burst_length", "interval", "slope"):
        low, high = getattr(f, name)
        if not 0.0 < low <= high:
            raise InputError(f"inference: {name} = {low:g} to {high:g}; give lowest and highest, above zero")
    groups = -(-gpus // f.group)
    together = np.stack([_decode(time, f, rng) for _ in range(groups)])
    level = np.repeat(together, f.group, axis=0)[:gpus]
    level = level * (1.0 + f.noise * _noise(rng, gpus, len(time), step))
    return _dataset("inference", time, np.maximum(level, 0.0), tdp, gpu_share, f, seed, step)


# ---- the question ----


def _figures(kind: type, given: dict[str, Any]) -> Any:
    known = [x.name for x in fields(kind)]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(f"{kind.__name__.lower()} profile: there is no '{unknown[0]}'; there is {', '.join(known)}")
    return kind(**given)


def _time(gpus: int, tdp: float, duration: float, step: float) -> Floats:
    for name, x in (("gpus", gpus), ("tdp", tdp), ("duration", duration), ("step", step)):
        if not 0 < x < np.inf:
            raise InputError(f"profile: {name} = {x:g} must be above zero and finite")
    samples = int(np.floor(duration / step + 1e-9)) + 1
    if gpus * samples > _MOST_VALUES:
        raise InputError(
            f"profile: {gpus} GPUs over {samples} samples are {gpus * samples:.2g} values, at most {_MOST_VALUES:.0e}; "
            "give a longer step, a shorter duration or fewer GPUs"
        )
    times: Floats = np.arange(samples, dtype=np.float64) * step
    return times


def _check_training(f: Training, step: float) -> None:
    allowed = {
        "period": (1e-3, 1e4),
        "duty": (0.01, 0.99),
        "high": (0.0, 2.0),
        "low": (0.0, 2.0),
        "idle": (0.0, 1.0),
        "jitter": (0.0, 0.3),
        "edge": (1e-4, 1.0),
        "skew": (0.0, 1.0),
        "noise": (0.0, 0.3),
    }
    for name, (low, high) in allowed.items():
        if not low <= getattr(f, name) <= high:
            raise InputError(f"training: {name} = {getattr(f, name):g}; allowed is {low:g} to {high:g}")
    for name in ("ramp", "checkpoint_every", "checkpoint", "bursts", "burst", "burst_length"):
        if not getattr(f, name) >= 0.0:
            raise InputError(f"training: {name} = {getattr(f, name):g} must not be negative")
    if f.edge > min(f.duty, 1.0 - f.duty) * f.period:
        raise InputError(f"training: an edge of {f.edge:g} s does not fit into half-waves of a {f.period:g} s period")
    if f.bursts > 0.0 and step > f.burst_length:
        raise InputError(
            f"training: bursts of {1e3 * f.burst_length:g} ms are lost between samples {1e3 * step:g} ms apart; give "
            f"step = {f.burst_length:g} or less, or bursts = 0"
        )


# ---- training ----


def _iterations(f: Training, duration: float, rng: np.random.Generator) -> Floats:
    """Times at which iterations begin [s], from before zero to after the end."""
    if duration / f.period * 1.2 > _MOST_VALUES:
        raise InputError(
            f"training: {duration:g} s are {duration / f.period:.2g} iterations of {f.period:g} s, at most "
            f"{_MOST_VALUES:.0e}; give a longer period or a shorter duration"
        )
    count = int(np.ceil(duration / f.period * 1.2)) + 20
    lengths = f.period * np.clip(1.0 + f.jitter * rng.standard_normal(count), 0.5, 1.5)
    starts: Floats = np.concatenate([[0.0], np.cumsum(lengths)]) - f.period
    return starts


def _swing(t: Floats, starts: Floats, f: Training) -> Floats:
    """0 to 1: high for the share `duty` of each iteration, then low, with linear edges."""
    k = np.clip(np.searchsorted(starts, t, side="right") - 1, 0, len(starts) - 2)
    since, length = t - starts[k], starts[k + 1] - starts[k]
    up = np.clip(since / f.edge, 0.0, 1.0)
    down = np.clip((since - f.duty * length) / f.edge, 0.0, 1.0)
    swing: Floats = f.low + (f.high - f.low) * (up - down)
    return swing


def _in_checkpoint(t: Floats, f: Training) -> Any:
    if f.checkpoint_every <= 0.0 or f.checkpoint <= 0.0:
        return np.zeros(len(t), dtype=bool)
    return (t >= f.checkpoint_every) & (np.mod(t, f.checkpoint_every) < f.checkpoint)


def _bursts(t: Floats, starts: Floats, f: Training, rng: np.random.Generator) -> Any:
    """Samples in which the whole rack draws its electrical peak: at random, in compute phases, after the ramp-up."""
    hot = np.zeros(len(t), dtype=bool)
    if f.bursts <= 0.0:
        return hot
    k = np.clip(np.searchsorted(starts, t, side="right") - 1, 0, len(starts) - 2)
    length = starts[k + 1] - starts[k]
    # because of the skew a burst begins once all ranks compute, and ends before the first one communicates
    computing = (t - starts[k] > f.skew + f.edge) & (t - starts[k] < f.duty * length - f.burst_length) & (t >= f.ramp)
    span = t[-1] - t[0]
    if not f.bursts * span <= _MOST_BURSTS:
        raise InputError(
            f"training: {f.bursts:g} bursts a second over {span:g} s; at most {_MOST_BURSTS:.0e} are drawn"
        )
    for begin in np.sort(rng.uniform(0.0, span, rng.poisson(f.bursts * span))):
        first = int(np.searchsorted(t, begin))
        if first < len(t) and computing[first]:
            hot[(t >= t[first]) & (t < t[first] + f.burst_length * (1.0 - 1e-9))] = True
    return hot


# ---- inference ----


def _decode(t: Floats, f: Inference, rng: np.random.Generator) -> Floats:
    """The level of one group of GPUs: a floor with trapezoidal bursts at random times."""
    if not t[-1] / f.interval[0] <= _MOST_BURSTS:
        raise InputError(
            f"inference: {t[-1]:g} s at intervals of {f.interval[0]:g} s; at most {_MOST_BURSTS:.0e} bursts are drawn"
        )
    x, y = [-10.0], [rng.uniform(*f.floor)]
    at = rng.uniform(-f.interval[1], 0.0)
    while at < t[-1]:
        floor, top, slope = rng.uniform(*f.floor), rng.uniform(*f.burst), rng.uniform(*f.slope)
        rise = (top - floor) / slope
        # `length` is at half height; the next burst begins after this one has ended
        length = max(rng.uniform(*f.burst_length), 1.01 * rise)
        x += [at, at + rise, at + length, at + length + rise]
        y += [y[-1], top, top, floor]
        at += max(rng.uniform(*f.interval), length + 1.05 * rise)
    level: Floats = np.interp(t, x, y)
    return level


# ---- both ----


def _noise(rng: np.random.Generator, gpus: int, samples: int, step: float) -> Floats:
    """Independent noise of each GPU [gpu, time] with unit variance, correlated over a tenth of a second."""
    from scipy.signal import lfilter

    keep = float(np.exp(-step / _NOISE_MEMORY))
    white = rng.standard_normal((gpus, samples)) * np.sqrt(1.0 - keep**2)
    white[:, 0] /= np.sqrt(1.0 - keep**2)
    made: Floats = lfilter([1.0], [1.0, -keep], white, axis=1)
    return made


def _dataset(
    kind: str, time: Floats, level: Floats, tdp: float, gpu_share: float, f: Any, seed: int, step: float
) -> xarray.Dataset:
    import xarray

    if not 0.0 < gpu_share <= 1.0:
        raise InputError(f"profile: gpu_share = {gpu_share:g}; it lies above 0 and at most at 1")
    gpus = len(level)
    steady = (1.0 / gpu_share - 1.0) * gpus * tdp
    about = {"units": "W", "long_name": "electric power"}
    return xarray.Dataset(
        {
            "activity": (("gpu", "time"), level, {"units": "1", "long_name": "power over TDP"}),
            "gpu_power": (("gpu", "time"), level * tdp, about),
            "rack_power": (("time",), level.sum(axis=0) * tdp + steady, about),
        },
        coords={"time": ("time", time, {"units": "s"}), "gpu": np.arange(1, gpus + 1)},
        attrs={"kind": kind, "seed": seed, "tdp": tdp, "step": step, "gpu_share": gpu_share, **asdict(f)},
    )
