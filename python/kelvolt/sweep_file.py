"""`kelvolt sweep CASE SWEEP.yaml`: the question as a file, the answer as a few lines."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.errors import InputError
from kelvolt.values import MOST_POINTS

if TYPE_CHECKING:
    import xarray

    from kelvolt.case import Case

_KEYS = {"vary", "zipped", "samples", "record", "simulate", "limits", "chunk"}
_SAMPLE_KEYS = {"n", "method", "seed", "vary", "name"}
_TRUTH = {"yes": True, "on": True, "no": False, "off": False}


def read(file: Path) -> dict[str, Any]:
    """Keyword arguments of `kv.sweep` from a file.

    vary: {path: [values] or {from, to, steps} or {times: [factors]}}; zipped: {path: [values], ...};
    samples: {n, method, seed, name, vary: {path: [low, high] or {normal: [mean, standard deviation]} or {triangular:
    [lowest, likeliest, highest]} or {times: any of these, as factors}}}; record, simulate, limits, chunk.
    """
    from kelvolt.sweep_axes import samples, zipped

    given = _mapping(_core.yaml_file(file), f"{file}: a sweep", _KEYS)
    axes: list[Any] = []
    if "vary" in given:
        axes.append({path: _values(v, f"{file}: {path}") for path, v in _mapping(given["vary"], "vary").items()})
    if "zipped" in given:
        axes.append(zipped({p: _values(v, f"{file}: {p}") for p, v in _mapping(given["zipped"], "zipped").items()}))
    if "samples" in given:
        asked = _mapping(given["samples"], f"{file}: samples", _SAMPLE_KEYS)
        spread = {p: _spread(v, f"{file}: {p}") for p, v in _mapping(asked.pop("vary", None), "samples: vary").items()}
        if not isinstance(asked.get("n"), int):
            raise InputError(f"{file}: samples needs n, the number of points")
        axes.append(samples(asked.pop("n"), spread, **asked))
    if not axes:
        raise InputError(f"{file}: nothing is varied; give vary, zipped or samples")
    more = {k: given[k] for k in ("record", "simulate", "limits", "chunk") if k in given}
    return {"axes": axes} | {k: _TRUTH.get(v, v) if isinstance(v, str) else v for k, v in more.items()}


def _mapping(value: Any, about: str, keys: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{about}: a mapping is needed, not {value!r}")
    unknown = [k for k in value if not isinstance(k, str) or (keys is not None and k not in keys)]
    if unknown:
        raise InputError(f"{about} has no '{unknown[0]}'; it takes {', '.join(sorted(keys)) if keys else 'words'}")
    return dict(value)


def _values(value: Any, about: str) -> Any:
    from kelvolt.sweep_axes import times

    if isinstance(value, Mapping):
        if set(value) == {"times"}:
            return times(_values(value["times"], about))
        if set(value) == {"from", "to", "steps"}:
            return _steps(value, about)
        raise InputError(f"{about}: give a list, {{from, to, steps}} or {{times: [factors]}}")
    return value


def _spread(value: Any, about: str) -> Any:
    """What samples are drawn from: a range, a distribution, or factors of either."""
    from kelvolt.sweep_axes import SHAPES, Shape, times

    if not isinstance(value, Mapping):
        return value
    if set(value) == {"times"}:
        return times(_spread(value["times"], about))
    kind, numbers = next(iter(value.items())) if len(value) == 1 else ("", None)
    if kind not in SHAPES:
        raise InputError(f"{about}: give [low, high], {{normal: ...}}, {{triangular: ...}} or {{times: ...}}")
    if not isinstance(numbers, list) or len(numbers) != SHAPES[kind]:
        raise InputError(f"{about}: {kind} takes {SHAPES[kind]} numbers, not {numbers!r}")
    return Shape(kind, tuple(numbers))


def _steps(value: Mapping[str, Any], about: str) -> list[Any]:
    """Equal steps; text keeps its unit: from 20 degC to 40 degC."""
    ends, units = [], []
    for end in (value["from"], value["to"]):
        number, _, unit = str(end).strip().partition(" ")
        try:
            ends.append(float(number))
        except ValueError:
            raise InputError(f"{about}: {end!r} is no number with a unit") from None
        units.append(unit.strip())
    if units[0] != units[1] or not isinstance(value["steps"], int) or value["steps"] < 2:
        raise InputError(f"{about}: from and to need one unit, and steps a whole number from 2 on")
    if value["steps"] > MOST_POINTS:
        raise InputError(f"{about}: steps = {value['steps']}; a sweep has at most {MOST_POINTS:.0e} points")
    points = np.linspace(*ends, value["steps"]).tolist()
    return [f"{x!r} {units[0]}" if units[0] else x for x in points]


def command(options: argparse.Namespace, case: Case) -> int:
    """Solves, writes, prints; failed points are part of the answer and no error."""
    from kelvolt.sweep import sweep

    output = Path(options.output or Path(options.sweep).stem + ".h5")
    asked = read(Path(options.sweep))
    begin = monotonic()
    progress = False if options.json else None
    dataset = sweep(
        case, output=output, overwrite=options.overwrite, threads=options.threads, progress=progress, **asked
    )
    told = facts(dataset, monotonic() - begin, output)
    print(json.dumps(told, indent=1, ensure_ascii=False) if options.json else text(told))
    return 0


def facts(dataset: xarray.Dataset, seconds: float, output: Path) -> dict[str, Any]:
    status, reason = (dataset[k].values.reshape(-1).astype(str) for k in ("status", "reason"))
    first = {s: str(reason[np.argmax(status == s)]) for s in np.unique(status) if s != "ok"}
    return {
        "points": int(dataset.attrs["points"]),
        "dimensions": {str(k): int(v) for k, v in zip(dataset.status.dims, dataset.status.shape, strict=True)},
        "seconds": round(seconds, 3),
        "status": {k: int(v) for k, v in sorted(Counter(status.tolist()).items())},
        "first_reason": first,
        "output": str(output),
    }


def text(told: dict[str, Any]) -> str:
    sizes = " x ".join(f"{name} {n}" for name, n in told["dimensions"].items())
    lines = [f"{told['points']} points ({sizes}) in {told['seconds']:.1f} s"]
    lines += [f"  {n:>8}  {status}" for status, n in told["status"].items()]
    lines += [f"{status}, for example: {why}" for status, why in told["first_reason"].items()]
    return "\n".join([*lines, f"written: {told['output']}"])
