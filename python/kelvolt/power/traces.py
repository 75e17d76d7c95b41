"""Power traces: reads CSV files of loggers with a column per component, evaluates them, makes profiles of a case."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.base.values import LONGEST_HEADING, Floats

if TYPE_CHECKING:
    import xarray

    from kelvolt.cases.case import Case

_HEADING = re.compile(r"^\s*(?P<name>.*?)\s*(?:[\(\[]\s*(?P<unit>[^\)\]]*)\s*[\)\]])?\s*$")
_SUFFIX = re.compile(r"^(?P<name>.+)_(?P<unit>s|ms|us|min|h|W|kW|MW|mW|A|V)$")  # power_total_W
_NO_COLUMN = re.compile(r"[,;\t\r\n\"#]")
_TIMES = ("t", "time", "timestamp", "seconds", "relative_time", "elapsed")


@dataclass(frozen=True)
class Statistics:
    """Statistics of a trace that matter for its supply, in the trace's unit; times in s, rates over one sample step."""

    mean: float
    rms: float  # determines the heating of conductors, if the trace is a current or power at constant voltage
    peak: float
    lowest: float
    crest: float  # peak over RMS
    swing: float  # (peak - lowest) over mean
    demand: float  # highest mean over `window`
    window: float
    ramp_up: float  # steepest, per second
    ramp_down: float
    frequency: float  # Hz, of the strongest oscillation; NaN when there is none
    share: float  # share of the variance within half an octave around that frequency

    def row(self) -> dict[str, float]:
        return dict(vars(self))


def read_traces(
    file: str | PathLike[str], *, time: str | None = None, columns: Sequence[str] | None = None, unit: str | None = None
) -> xarray.Dataset:
    """A CSV of times and one or more columns, as a Dataset in SI over `time` (s, from the file's own zero).

    Units are read from headings such as `P (kW)`, `rack1 [W]` or `power_total_W`; `unit` is used for columns that state
    none. Separators are comma, semicolon or tab; `#` begins a comment. time: the column of times, by default one called
    time or t, else the first. columns: the columns to read, by default all others. Rows out of order, repeated times
    and missing values raise InputError with their line; FileError where the file cannot be read.
    """
    import xarray

    path = files.existing(file)
    lines = _lines(path)
    heads = [_heading(x) for x in lines[0][1]]
    at = _time_column(heads, time, path)
    wanted = list(range(len(heads))) if columns is None else [_column(heads, x, path) for x in columns]
    wanted = [k for k in wanted if k != at]
    if not wanted:
        raise InputError(f"{path}: there is no column beside the time")
    table = np.array([_numbers(cells, len(heads), [at, *wanted], number, path) for number, cells in lines[1:]])
    t = _in_si(table[:, 0], heads[at][1] or "s", "s")
    back = np.flatnonzero(np.diff(t) <= 0.0)
    if len(back):
        raise InputError(f"{path}:{lines[int(back[0]) + 2][0]}: times must increase; t = {t[int(back[0]) + 1]:g} s")
    variables: dict[str, Any] = {}
    for k, values in zip(wanted, table[:, 1:].T, strict=True):
        name, given = heads[k][0], heads[k][1] or unit or "1"
        si = _si_unit_of(given)
        variables[name] = (("time",), _in_si(values, given, si), {"units": si})
    return xarray.Dataset(variables, coords={"time": ("time", t, {"units": "s"})}, attrs={"file": str(path)})


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Line numbers and cells, beginning with the heading. Raises InputError for fewer than two rows."""
    text = files.read_text(path, "utf-8-sig")
    rows = [(k, x) for k, x in enumerate(text.splitlines(), 1) if x.strip() and not x.lstrip().startswith("#")]
    if len(rows) < 3:
        raise InputError(f"{path}: a trace has a heading and two rows or more")
    separator = max(";\t,", key=rows[0][1].count)
    cells = csv.reader([x for _, x in rows], delimiter=separator)
    return [(k, row) for (k, _), row in zip(rows, cells, strict=True)]


def _heading(cell: str) -> tuple[str, str]:
    found = _HEADING.match(cell) if len(cell) <= LONGEST_HEADING else None
    name, unit = (found["name"], found["unit"] or "") if found else (cell, "")
    if not unit and (suffix := _SUFFIX.match(name)):
        return suffix["name"], suffix["unit"]
    return name, unit


def _time_column(heads: list[tuple[str, str]], asked: str | None, path: Path) -> int:
    if asked is not None:
        return _column(heads, asked, path)
    return next((k for k, (name, _) in enumerate(heads) if name.lower() in _TIMES), 0)


def _column(heads: list[tuple[str, str]], name: str, path: Path) -> int:
    found = [k for k, (head, unit) in enumerate(heads) if name in (head, f"{head}_{unit}")]
    if len(found) != 1:
        there = ", ".join(head for head, _ in heads)
        raise InputError(f"{path}: '{name}' is {'no' if not found else 'more than one'} column; there is {there}")
    return found[0]


def _numbers(cells: list[str], count: int, wanted: list[int], line: int, path: Path) -> list[float]:
    if len(cells) < count:
        raise InputError(f"{path}:{line}: {len(cells)} values where the heading names {count}")
    try:
        numbers = [float(cells[k]) for k in wanted]
    except ValueError as error:
        raise InputError(f"{path}:{line}: {error}") from error
    if not all(map(math.isfinite, numbers)):
        raise InputError(
            f"{path}:{line}: a value is missing; fill gaps before reading, as only you know the right values"
        )
    return numbers


def _si_unit_of(unit: str) -> str:
    if unit == "1":
        return unit
    for si in ("1", "W", "A", "V", "K"):
        try:
            _core.to_si(f"1 {unit}", si)
        except InputError:
            continue
        return si
    raise InputError(f"a trace in '{unit}' is neither a share, power, current, voltage nor temperature")


def _in_si(values: Floats, unit: str, si: str) -> Floats:
    if unit == si:
        return values
    zero, one = (_core.to_si(f"{x} {unit}", si) for x in (0, 1))
    return zero + (one - zero) * values


# ---- statistics ----


def trace_statistics(time: Floats, values: Floats, window: float = 900.0) -> Statistics:
    """The `Statistics` of a trace, which is taken as linear between its samples.

    time [samples]: s, increasing; values [samples]. window: s over which demand is averaged, as the thermal mass of a
    bimetal or a transformer and a meter do; at most the length of the trace. Raises InputError for unusable arrays.
    """
    t, v = np.asarray(time, dtype=float), np.asarray(values, dtype=float)
    if t.ndim != 1 or t.shape != v.shape or len(t) < 2 or not (np.diff(t) > 0.0).all():
        raise InputError(f"a trace needs two or more samples at increasing times; {t.shape} times, {v.shape} values")
    span, dt, dv = t[-1] - t[0], np.diff(t), np.diff(v)
    mean = float(np.sum(0.5 * (v[1:] + v[:-1]) * dt) / span)
    square = float(np.sum((v[1:] ** 2 + v[1:] * v[:-1] + v[:-1] ** 2) / 3.0 * dt) / span)
    rms, width = math.sqrt(square), min(window, float(span))
    frequency, share = _oscillation(t, v)
    return Statistics(
        mean,
        rms,
        float(v.max()),
        float(v.min()),
        float(np.abs(v).max() / rms) if rms > 0.0 else math.nan,
        float((v.max() - v.min()) / mean) if mean else math.nan,
        _demand(t, v, width),
        width,
        float((dv / dt).max()),
        float((dv / dt).min()),
        frequency,
        share,
    )


def _demand(t: Floats, v: Floats, window: float) -> float:
    """The highest mean over all windows that begin or end at a sample."""
    energy = np.concatenate([[0.0], np.cumsum(0.5 * (v[1:] + v[:-1]) * np.diff(t))])

    def until(x: Floats) -> Floats:
        k = np.clip(np.searchsorted(t, x, side="right") - 1, 0, len(t) - 2)
        d = x - t[k]
        slope = (v[k + 1] - v[k]) / (t[k + 1] - t[k])
        total: Floats = energy[k] + d * (v[k] + 0.5 * slope * d)
        return total

    starts = np.unique(np.concatenate([t, t - window]))
    starts = starts[(starts >= t[0] - 1e-9) & (starts <= t[-1] - window + 1e-9)]
    return float(((until(np.minimum(starts + window, t[-1])) - until(starts)) / window).max())


def _oscillation(t: Floats, v: Floats) -> tuple[float, float]:
    """The strongest frequency [Hz] of the trace without its trend, and the share of the variance around it."""
    step = float(np.median(np.diff(t)))
    if not (t[-1] - t[0]) / step <= 100.0 * len(t):  # mostly gaps: resampling at its step would hold few data
        return math.nan, math.nan
    even = np.arange(t[0], t[-1], step)
    if len(even) < 16:
        return math.nan, math.nan
    x = np.interp(even, t, v)
    x = (x - np.polyval(np.polyfit(even - even[0], x, 1), even - even[0])) * np.hanning(len(x))
    power = np.abs(np.fft.rfft(x)) ** 2
    frequency = np.fft.rfftfreq(len(x), step)
    power[frequency < 2.0 / (t[-1] - t[0])] = 0.0  # a trace must hold at least two periods of an oscillation
    if not power.sum() > 1e-12 * len(x) * float(np.max(np.abs(v)) ** 2 + 1e-300):
        return math.nan, math.nan
    top = float(frequency[int(np.argmax(power))])
    near = (frequency > top / 2**0.25) & (frequency < top * 2**0.25)
    return top, float(power[near].sum() / power.sum())


# ---- into a case ----


def write_traces(
    file: str | PathLike[str], traces: xarray.Dataset, variables: Sequence[str] | None = None, decimals: int = 4
) -> list[str]:
    """Writes a CSV that `profiles: {csv: …}` of a case reads; returns its columns. Arrays become gpu1, gpu2 …

    variables: by default all those over time. decimals: of the values. An existing file is replaced only when Kelvolt
    made it, which its first line tells. Raises FileError, and InputError for a variable that does not exist or whose
    name cannot head a column; TypeError for what is no Dataset.
    """
    import xarray

    if not isinstance(traces, xarray.Dataset):
        raise TypeError(f"write_traces takes a Dataset of xarray (kv.training_profile()), not {type(traces).__name__}")
    names = list(variables or [str(n) for n, v in traces.data_vars.items() if "time" in v.dims])
    heads, columns = ["t (s)"], [traces["time"].values]
    for name in names:
        if name not in traces or "time" not in traces[name].dims:
            raise InputError(
                f"write_traces: '{name}' is no variable over time; there is {', '.join(map(str, traces.data_vars))}"
            )
        if _NO_COLUMN.search(name) or name.startswith(("=", "+", "-", "@")):
            raise InputError(
                f"write_traces: '{name}' cannot head a column of a CSV, whose readers would take it for something else;"
                " rename the variable"
            )
        array = traces[name].transpose(..., "time")
        unit = array.attrs.get("units", "1")
        if array.ndim == 1:
            heads.append(f"{name} ({unit})")
            columns.append(array.values)
        else:
            level = str(array.dims[0])
            stem = level if len(names) == 1 else f"{name}_{level}"
            rows = array.values.reshape(-1, array.sizes["time"])
            heads += [f"{stem}{k} ({unit})" for k in range(1, len(rows) + 1)]
            columns += list(rows)
    form = [f"%.{decimals + 2}f", *[f"%.{decimals}f"] * (len(columns) - 1)]
    about = [files.MARK, *(f"{k} {v}" for k, v in traces.attrs.items())]
    with files.replacing(file, "traces") as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("# " + " ".join(", ".join(about).split()) + "\n")
        stream.write(", ".join(heads) + "\n")
        np.savetxt(stream, np.stack(columns, axis=1), fmt=form, delimiter=", ")
    return [_heading(h)[0] for h in heads[1:]]


def profile_yaml(file: str | PathLike[str], columns: Sequence[str], to: Sequence[str]) -> str:
    """The lines of a case that apply columns of a CSV to parameters: a path per column, or one column to all paths."""
    if len(columns) != len(to) and len(columns) != 1:
        raise InputError(f"{len(columns)} columns for {len(to)} parameters; give one column, or one for each")
    pairs = list(zip(columns, to, strict=True)) if len(columns) == len(to) else [(columns[0], to)]
    lines = ["profiles:"]
    lines += [f'  {_profile_name(c)}: {{csv: "{file}", time: t, value: "{c}"}}' for c in dict(pairs)]
    lines += ["apply:"]
    for column, paths in pairs:
        quoted = f'"{paths}"' if isinstance(paths, str) else "[" + ", ".join(f'"{p}"' for p in paths) + "]"
        lines.append(f"  - {{profile: {_profile_name(column)}, to: {quoted}}}")
    return "\n".join(lines) + "\n"


def _profile_name(column: str) -> str:
    return re.sub(r"\W", "_", column)


def with_traces(case: Case, traces: xarray.Dataset, to: Mapping[str, str], folder: str | PathLike[str]) -> Case:
    """A new case with traces as profiles of its parameters: {"tray[1].gpu[1].power": "gpu_power"}.

    For an array variable the path is a pattern, whose elements get its columns in order. A CSV per variable is written
    into `folder`. Raises InputError when the numbers of paths and columns differ or values were set in the case.
    """
    from kelvolt.cases.case import read

    text, name, home, changes, allow = _core.source(case.core)
    if changes or not text:
        raise InputError("traces are put on a case as it was read; put them on before values are set")
    made = _core.yaml_tree(text, name)
    profiles, apply = made.setdefault("profiles", {}), made.setdefault("apply", [])
    for pattern, variable in to.items():
        file = Path(folder).absolute() / f"{variable}.csv"
        columns = write_traces(file, traces, [variable], decimals=6)
        paths = case.core.find_parameters(pattern).paths
        if len(columns) not in (1, len(paths)):
            raise InputError(f"{pattern} names {len(paths)} values and {variable} has {len(columns)} traces")
        for k, column in enumerate(columns):
            key = f"{_profile_name(variable)}_{_profile_name(column)}"
            profiles[key] = {"csv": str(file), "time": "t", "value": column}
            apply.append({"profile": key, "to": [paths[k]] if len(columns) > 1 else paths})
    return read(made, name=name, folder=home, allow=[*allow, folder])
