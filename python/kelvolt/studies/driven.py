"""Which parameters of a case the weather drives, and the solution of its hours one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.values import Floats
from kelvolt.cases.case import Case
from kelvolt.sweeps.solve import workers

if TYPE_CHECKING:
    from kelvolt.studies.weather import Weather

COLUMNS = ("T_dry", "T_dew", "T_wet", "RH", "p")  # of the weather, that may drive a parameter
# an ambient whose model declares these parameters is outdoor air; its humidity is driven as the case states it
_AIR = {"T", "T_dew", "T_wet_bulb", "RH", "p"}
_HUMIDITY = {"T_dew": "T_dew", "T_wet_bulb": "T_wet", "RH": "RH"}
_PARTS, _LEAD = 12, 24  # parts of a year solved side by side; hours solved before each, for what is switched by then
_ANCHORS = 32


def drivers(case: Case, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """By path of a parameter: the column of the weather that drives it.

    Without `given` every component of outdoor air is driven: dry bulb, pressure, and the humidity that the case states.
    Raises InputError where there is none, and for wrong paths and columns.
    """
    if given is not None:
        for path, column in given.items():
            if column not in COLUMNS:
                raise InputError(f"drive: {path}: the weather has no '{column}', but {', '.join(COLUMNS)}")
            case.core.find_parameters(path)
        return dict(given)
    models = {m.type: m for m in _core.models()}
    topology = _core.topology(case.core)
    found: dict[str, str] = {}
    for path, kind in zip(topology.paths, topology.types, strict=True):
        if models[kind].role != "ambient" or not {p.name for p in models[kind].params} >= _AIR:
            continue
        found[f"{path}.T"], found[f"{path}.p"] = "T_dry", "p"
        stated = next((n for n in _HUMIDITY if np.isfinite(float(case[f"{path}.{n}"]))), "T_dew")
        found[f"{path}.{stated}"] = _HUMIDITY[stated]
    if not found:
        raise InputError(
            f"{case.title}: no component of outdoor air takes the weather; add one (model outdoor_air), or name the "
            "parameters that it drives: drive={'room.T': 'T_dry'}"
        )
    return found


@dataclass
class Hours:
    """The hours of a year as they were solved; arrays over hours come first. Where an hour failed they are NaN."""

    status: list[str]
    reason: list[str]
    values: dict[str, Floats]  # recorded, by path
    power: Floats  # [hour, component], W from outside into each component
    stored: Floats  # J
    flagged: Floats  # values outside the range of their data
    unsettled: Floats  # 1 where firmware or a switch keeps changing
    margins: dict[tuple[str, str], tuple[str, Floats]] = field(default_factory=dict)  # by id and element: unit, margin


def solve_hours(case: Case, weather: Weather, driven: Mapping[str, str], record: Sequence[str]) -> Hours:
    """Solves every hour as a steady state that begins with what firmware and switches decided in the hour before.

    The result does not depend on the number of threads.
    """
    core = case.core.copy()
    table = np.stack([getattr(weather, column) for column in driven.values()], axis=1)
    _refuse_outside(core, driven, table)
    columns = [
        (core.find_parameters(path), False, float(v.min()), float(np.median(v)), float(v.max()))
        for path, v in zip(driven, table.T, strict=True)
    ]
    founds = [core.find(path) for path in record]
    sweep = _core.Sweep(core, columns, [(f, "each") for f in founds], min(_ANCHORS, len(table) // 20), workers(None))
    long = len(table) > _PARTS * _LEAD  # a shorter weather is solved from its first hour to its last
    parts, lead = (np.array_split(np.arange(len(table)), _PARTS), _LEAD) if long else ([np.arange(len(table))], 0)

    def solve(part: Any) -> dict[str, Any]:
        rows = table[np.arange(part[0] - lead, part[-1] + 1)]  # the hours before the first are the last ones
        raw = sweep.steady(np.ascontiguousarray(rows).reshape(-1), len(rows), rows.shape[1], "full", True)
        return _without_lead(raw, len(rows), lead)

    with ThreadPoolExecutor(workers(None)) as pool:
        chunks = list(pool.map(solve, parts))
    paths = [path for found in founds for path in found.paths]
    return _joined(chunks, paths, [len(part) for part in parts])


def _refuse_outside(core: _core.Case, driven: Mapping[str, str], table: Floats) -> None:
    """Raises InputError where the case does not take a value of the weather."""
    for path, values in zip(driven, table.T, strict=True):
        tried = core.copy()
        for value in (values.min(), values.max()):
            tried.set(path, float(value))


def _without_lead(raw: dict[str, Any], points: int, lead: int) -> dict[str, Any]:
    arrays = {k: np.array(raw[k], dtype=float) for k in ("values", "power", "stored", "flagged", "unsettled")}
    kept = {k: v.reshape(points, -1)[lead:] for k, v in arrays.items()}
    margins = {(name, where): (unit, np.array(m)[lead:]) for name, where, unit, m in raw["margins"]}
    return {**kept, "margins": margins, "status": raw["status"][lead:], "reason": raw["reason"][lead:]}


def _joined(chunks: list[dict[str, Any]], paths: list[str], sizes: list[int]) -> Hours:
    def together(key: str) -> Floats:
        return np.concatenate([c[key] for c in chunks])

    values = together("values")
    margins = {}
    for key in dict.fromkeys(k for c in chunks for k in c["margins"]):
        unit = next(c["margins"][key][0] for c in chunks if key in c["margins"])
        pieces = [
            c["margins"][key][1] if key in c["margins"] else np.full(n, np.nan)
            for c, n in zip(chunks, sizes, strict=True)
        ]
        margins[key] = (unit, np.concatenate(pieces))
    return Hours(
        [s for c in chunks for s in c["status"]],
        [s for c in chunks for s in c["reason"]],
        {path: values[:, k] for k, path in enumerate(paths)},
        together("power"),
        together("stored")[:, 0],
        together("flagged")[:, 0],
        together("unsettled")[:, 0],
        margins,
    )
