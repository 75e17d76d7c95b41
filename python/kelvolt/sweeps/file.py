"""`kelvolt sweep CASE SWEEP.yaml`: reads a sweep from a file, runs it and prints a short summary."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError, bounded
from kelvolt.base.values import MOST_POINTS, si_unit
from kelvolt.base.verdicts import BROKEN, EXIT_STATUS, HELD, NOT_ASSESSED

if TYPE_CHECKING:
    import xarray

    from kelvolt.cases.case import Case

_KEYS = {"vary", "zipped", "samples", "record", "simulate", "limits", "chunk"}
_SAMPLE_KEYS = {"n", "method", "seed", "vary", "name"}
_MOST_LINES = 12  # of broken limits that are printed
_COLDEST = 200.0  # K: a temperature without a unit below it cannot be meant in kelvin
Keys = tuple[str, ...]


class _Sheet:
    """The data of a sweep file, and the line on which each of its values begins."""

    def __init__(self, file: str | PathLike[str]) -> None:
        self.file = str(file)
        self.data = _core.yaml_file(files.existing(file))
        self._lines: dict[Keys, int] = _core.yaml_lines(file)

    def error(self, at: Keys, message: str) -> InputError:
        """An error about the value at these keys, with its line where that is known."""
        known = next((at[:k] for k in range(len(at), -1, -1) if at[:k] in self._lines), None)
        return InputError(message, self.file, None if known is None else self._lines[known])

    def located(self, error: InputError) -> InputError:
        """An error of the study, with the line of the file that holds the word it names, if it names one."""
        if isinstance(error, FileError) or error.file is not None:
            return error
        named: list[tuple[int, Keys]] = []
        self._named(self.data, (), error.message, named)
        if not named:
            return InputError(error.message, self.file)
        return self.error(max(named, key=lambda n: n[0])[1], error.message)

    def _named(self, data: Any, at: Keys, message: str, found: list[tuple[int, Keys]]) -> None:
        """Adds to `found` the keys of every word of the file that the message contains, with the length of the word."""
        if isinstance(data, Mapping):
            for key, value in data.items():
                self._named(str(key), (*at, key), message, found)
                self._named(value, (*at, key), message, found)
        elif isinstance(data, list):
            for item in data:
                self._named(item, at, message, found)
        elif isinstance(data, str) and re.search(rf"(?<![\w.]){re.escape(data)}(?![\w.])", message):
            found.append((len(data), at))

    def mapping(self, value: Any, at: Keys, about: str, keys: set[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise self.error(at, f"{about} takes a mapping, not {value!r}")
        for k in value:
            if not isinstance(k, str) or (keys is not None and k not in keys):
                takes = ", ".join(sorted(keys)) if keys else "words as keys"
                raise self.error((*at, str(k)), f"{about} has no '{k}'; it takes {takes}")
        return dict(value)


def read(file: str | PathLike[str], case: Case | None = None) -> dict[str, Any]:
    """Keyword arguments of `kv.sweep` from a file. Raises InputError with file and line, and FileError.

    vary: {path: [values] or {from, to, steps} or {times: [factors]}}; zipped: {path: [values], ...};
    samples: {n, method, seed, name, vary: {path: [low, high] or {normal: [mean, standard deviation]} or {triangular:
    [lowest, likeliest, highest]} or {times: any of these, as factors}}}; record, simulate, limits, chunk.
    Under `samples` a list is a range, because YAML has no tuples; elsewhere a list holds points.
    case: if given, a temperature without a unit that is too low to be in kelvin is refused.
    """
    return _read(_Sheet(file), case)


def _read(sheet: _Sheet, case: Case | None) -> dict[str, Any]:
    from kelvolt.sweeps.axes import samples, zipped

    given = sheet.mapping(sheet.data, (), "a sweep", _KEYS)
    axes: list[Any] = []
    if "vary" in given:
        axes.append(_axes(sheet, given["vary"], ("vary",), case))
    if "zipped" in given:
        axes.append(zipped(_axes(sheet, given["zipped"], ("zipped",), case)))
    if "samples" in given:
        asked = sheet.mapping(given["samples"], ("samples",), "samples", _SAMPLE_KEYS)
        at = ("samples", "vary")
        spread = sheet.mapping(asked.pop("vary", None), at, "samples: vary")
        drawn = {p: _spread(sheet, v, (*at, p), p) for p, v in spread.items()}
        for path, value in spread.items():
            _refuse_bare(sheet, case, path, value, (*at, path))
        if not isinstance(asked.get("n"), int):
            raise sheet.error(("samples",), "samples needs n, the number of points")
        try:
            axes.append(samples(asked.pop("n"), drawn, **asked))
        except InputError as error:
            raise sheet.located(error) from None
    if not axes:
        raise sheet.error((), "nothing is varied; give vary, zipped or samples")
    more = {k: given[k] for k in ("record", "simulate", "limits", "chunk") if k in given}
    for key, value in more.items():
        truth = _core.truth(value) if isinstance(value, str) else None
        more[key] = value if truth is None else truth
    return {"axes": axes} | more


def _axes(sheet: _Sheet, value: Any, at: Keys, case: Case | None) -> dict[str, Any]:
    paths = sheet.mapping(value, at, at[-1])
    for path, values in paths.items():
        _refuse_bare(sheet, case, path, values, (*at, path))
    return {path: _values(sheet, v, (*at, path), path) for path, v in paths.items()}


def _refuse_bare(sheet: _Sheet, case: Case | None, path: str, value: Any, at: Keys) -> None:
    """Raises InputError for temperatures without a unit that are too low to be meant in kelvin."""
    if case is None or path not in case or case.core.find_parameters(path).unit(0) != "K":
        return
    for number in _bare(value):
        if number < _COLDEST:
            raise sheet.error(
                at, f"{path}: {number:g} is a bare number for a temperature, which is kelvin; write {number:g} degC"
            )


def _bare(value: Any) -> list[float]:
    if isinstance(value, Mapping):
        value = [x for k, v in value.items() if k not in ("times", "steps") for x in (v[:1] if k == "normal" else [v])]
    if isinstance(value, list):
        return [x for v in value for x in _bare(v)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _values(sheet: _Sheet, value: Any, at: Keys, path: str) -> Any:
    from kelvolt.sweeps.axes import times

    if isinstance(value, Mapping):
        if set(value) == {"times"}:
            return times(_values(sheet, value["times"], (*at, "times"), path))
        if set(value) == {"from", "to", "steps"}:
            return _steps(sheet, value, at, path)
        raise sheet.error(at, f"{path}: give a list, {{from, to, steps}} or {{times: [factors]}}")
    if value is None:
        raise sheet.error(at, f"{path}: there are no values; give a list, {{from, to, steps}} or {{times: [factors]}}")
    return value


def _spread(sheet: _Sheet, value: Any, at: Keys, path: str) -> Any:
    """What samples are drawn from: a range, a distribution, or either of these for factors."""
    from kelvolt.sweeps.axes import SHAPES, Shape, times

    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, Mapping) and set(value) == {"times"}:
        return times(_spread(sheet, value["times"], (*at, "times"), path))
    kind, numbers = next(iter(value.items())) if isinstance(value, Mapping) and len(value) == 1 else ("", None)
    if kind not in SHAPES:
        raise sheet.error(at, f"{path}: give [low, high], {{normal: ...}}, {{triangular: ...}} or {{times: ...}}")
    if not isinstance(numbers, list) or len(numbers) != SHAPES[kind]:
        raise sheet.error(at, f"{path}: {kind} takes {SHAPES[kind]} numbers, not {numbers!r}")
    return Shape(kind, tuple(numbers))


def _steps(sheet: _Sheet, value: Mapping[str, Any], at: Keys, path: str) -> list[Any]:
    """Equally spaced values; those given as text keep their unit (from 20 degC to 40 degC)."""
    ends, units = [], []
    for end in (value["from"], value["to"]):
        number, _, unit = str(end).strip().partition(" ")
        try:
            ends.append(float(number))
        except ValueError:
            raise sheet.error(at, f"{path}: {end!r} is no number with a unit") from None
        units.append(unit.strip())
    steps = value["steps"]
    if units[0] != units[1] or not np.isfinite(ends).all():
        raise sheet.error(at, f"{path}: from and to need one unit and finite numbers")
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 2:
        raise sheet.error(at, f"{path}: steps = {steps!r}; a whole number from 2 on is needed")
    if steps > MOST_POINTS:
        raise sheet.error(at, f"{path}: steps = {steps}; a sweep has at most {MOST_POINTS:.0e} points")
    points = np.linspace(ends[0], ends[1], steps).tolist()
    return [f"{x!r} {units[0]}" if units[0] else x for x in points]


def command(
    options: argparse.Namespace, case: Case, then: Callable[[xarray.Dataset], None] = lambda dataset: None
) -> int:
    """Solves, writes and prints a sweep; returns the exit status. `then` is called with the result.

    Failed points are part of the result; the command fails only when no point was solved. Where limits were asked for,
    the exit status is that of `run`: 1 when a point breaks one, 3 when none was assessed.
    """
    from kelvolt.base.verdicts import FAILED
    from kelvolt.sweeps.sweep import sweep

    output = Path(options.output or Path(options.sweep).stem + ".h5")
    sheet = _Sheet(options.sweep)
    asked = _read(sheet, case)
    begin = monotonic()
    progress = False if options.json else None
    try:
        dataset = sweep(
            case, output=output, overwrite=options.overwrite, threads=options.threads, progress=progress, **asked
        )
    except InputError as error:
        raise error if error.message.startswith(str(output)) else sheet.located(error) from error
    told = facts(dataset, monotonic() - begin, output)
    print(json.dumps(told, indent=1, ensure_ascii=False) if options.json else text(told))
    then(dataset)
    if "ok" not in told["status"]:
        return FAILED
    return EXIT_STATUS[told["limits"]["verdict"]] if "limits" in told else 0


def facts(dataset: xarray.Dataset, seconds: float, output: Path) -> dict[str, Any]:
    status, reason = (dataset[k].values.reshape(-1).astype(str) for k in ("status", "reason"))
    first = {s: str(reason[np.argmax(status == s)]) for s in np.unique(status) if s != "ok"}
    return {
        "points": int(dataset.attrs["points"]),
        "dimensions": {
            str(dataset[k].attrs.get("path", k)): int(v)
            for k, v in zip(dataset.status.dims, dataset.status.shape, strict=True)
        },
        "seconds": round(seconds, 3),
        "status": {k: int(v) for k, v in sorted(Counter(status.tolist()).items())},
        "first_reason": first,
        "output": str(output),
    } | ({"limits": _limits(dataset)} if "limits_broken" in dataset else {})


def _limits(dataset: xarray.Dataset) -> dict[str, Any]:
    """How many points break a limit; and for each limit that is the tightest at some broken point, its worst point."""
    limit, element, unit, margin, broken = (
        dataset[k].values.reshape(-1) for k in ("limit", "limit_element", "limit_unit", "limit_margin", "limits_broken")
    )
    is_broken = broken > 0
    worst = []
    for name in dict.fromkeys(limit[is_broken].tolist()):
        here = np.flatnonzero(is_broken & (limit == name))
        k = here[np.argmin(margin[here])]
        at = dict(zip(dataset.status.dims, np.unravel_index(k, dataset.status.shape), strict=True))
        point = {
            str(v.attrs.get("path", c)): v.values[at[v.dims[0]]].item()
            for c, v in dataset.coords.items()
            if len(v.dims) == 1 and v.dims[0] in at
        }
        told = {"limit": str(name), "points": len(here), "element": str(element[k]), "margin": float(margin[k])}
        worst.append(told | {"unit": si_unit(str(unit[k])), "at": point})
    assessed = int(np.count_nonzero(limit != ""))
    verdict = BROKEN if is_broken.any() else HELD if assessed else NOT_ASSESSED
    return {"verdict": verdict, "assessed": assessed, "broken": int(is_broken.sum()), "worst": worst}


def text(told: dict[str, Any]) -> str:
    sizes = " x ".join(f"{name} {n}" for name, n in told["dimensions"].items())
    lines = [f"{told['points']} points ({sizes}) in {told['seconds']:.1f} s"]
    lines += [f"  {n:>8}  {status}" for status, n in told["status"].items()]
    lines += [f"{status}, for example: {bounded(why)}" for status, why in told["first_reason"].items()]
    if "limits" in told and "ok" in told["status"]:
        lines += _limits_text(told["limits"])
    return "\n".join([*lines, f"written: {told['output']}"])


def _limits_text(told: dict[str, Any]) -> list[str]:
    if told["verdict"] == NOT_ASSESSED:
        return ["limits: not assessed: no limit is given that applies at any point"]
    if told["verdict"] == HELD:
        return [f"limits: held at all {told['assessed']} points where one was assessed"]
    lines = [f"limits: BROKEN at {told['broken']} of {told['assessed']} points where one was assessed"]
    for row in told["worst"][:_MOST_LINES]:
        at = ", ".join(f"{k} = {v:.6g}" if isinstance(v, float) else f"{k} = {v}" for k, v in row["at"].items())
        lines.append(
            f"  {row['points']:>8}  {row['limit']}; the worst is {row['element']}, short of {-row['margin']:.4g} "
            f"{row['unit']} at {at} (SI)"
        )
    left = len(told["worst"]) - _MOST_LINES
    return lines + ([f"  and {left} more limits"] if left > 0 else [])
