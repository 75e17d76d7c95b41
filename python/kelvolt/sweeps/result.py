"""From the chunks of a sweep to arrays over its named dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base import cf
from kelvolt.base.attributes import attribute, in_units
from kelvolt.base.values import Floats
from kelvolt.sweeps.layout import KINDS, LIMIT_DOCS, Piece, Variable, labels, part_name
from kelvolt.sweeps.parts import Chunk
from kelvolt.sweeps.plan import Plan

if TYPE_CHECKING:
    import xarray


_WORDS = {"": "", "_mean": "mean", "_min": "minimum", "_max": "maximum"}
_VERDICT = {
    "long_name": "verdict on the limits",
    "flag_values": np.array([-1, 0, 1, 2], dtype=np.int8),
    "flag_meanings": "no_solution not_assessed held broken",
}


def arrays(plan: Plan, chunks: dict[int, Chunk]) -> dict[str, Any]:
    names = tuple(d.name for d in plan.dims)
    out: dict[str, Any] = {}
    hidden: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for variable in plan.variables.values():
        doc = variable.doc
        if variable.hidden:
            hidden[variable.name] = (variable.dims, _filled(plan, chunks, variable, ""))
            continue
        for kind in plan.kinds(variable):
            attrs = cf.value_attributes(variable.unit, doc, _WORDS[kind], over_time=bool(plan.times))
            if _is_sum_of_temperatures(variable):
                del attrs["units_metadata"]
            dims = (*names, *(("time",) if plan.times else ()), *variable.dims)
            out[variable.name + kind] = (dims, _filled(plan, chunks, variable, kind), attrs)
    out |= {name: _expression(plan, name, hidden) for name in plan.expressions}
    for word, doc in (("status", "ok, or why there is no answer"), ("reason", "the cause in words")):
        out[word] = (names, _words(plan, chunks, word), {"long_name": doc})
    if plan.limits:
        for word, doc in LIMIT_DOCS.items():
            out[word] = (names, _words(plan, chunks, word), {"long_name": doc})
        out["verdict"] = (names, _verdicts(out), _VERDICT)
    return out


def _verdicts(out: dict[str, Any]) -> Any:
    """The verdict of each point as the number of a flag."""
    solved, broken = out["status"][1] == "ok", out["limits_broken"][1] > 0
    assessed = out["limit"][1] != ""
    return np.select([~solved, broken, assessed], [-1, 2, 1], 0).astype(np.int8)


def _expression(plan: Plan, name: str, hidden: Mapping[str, tuple[tuple[str, ...], Floats]]) -> Any:
    """The array of a recorded expression: over the points and times, and over the levels of what it gives."""
    expression = plan.expressions[name]
    names = [part_name(name, path) for path in expression.paths]
    outer = (*(d.name for d in plan.dims), *(("time",) if plan.times else ()))
    shape = (*plan.shape, *((len(plan.times),) if plan.times else ()))
    points = int(np.prod(shape))
    made = expression.of_arrays([hidden[n][1].reshape(points, -1).T for n in names])
    dims: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    if len(made) > 1:
        like = next(plan.variables[n] for n in names if np.prod(plan.variables[n].sizes) == len(made))
        dims, sizes = like.dims, like.sizes
    units = {path: plan.variables[n].unit for path, n in zip(expression.paths, names, strict=True)}
    attrs = {"long_name": expression.text}
    if unit := expression.unit(units.__getitem__):
        attrs = cf.value_attributes(unit, expression.text)
        if unit == "K" and not expression.on_a_scale:  # a sum of temperatures is no temperature
            del attrs["units_metadata"]
    if plan.times:
        attrs["cell_methods"] = "time: point"
    return ((*outer, *dims), made.T.reshape((*shape, *sizes)), attrs)


def _filled(plan: Plan, chunks: dict[int, Chunk], variable: Variable, kind: str) -> Floats:
    inner = int(np.prod(variable.sizes, dtype=int))
    times = (len(plan.times),) if plan.times else ()
    full = np.full((plan.total, *times, inner), np.nan)
    number_of_kind = KINDS.index(kind)
    for number, chunk in chunks.items():
        place = plan.chunks[number]
        piece = variable.pieces.get(place.structure)
        if piece is None or "values" not in chunk:
            continue
        values = chunk["values"][:, :, number_of_kind, :] if plan.times else chunk["values"]
        at = _positions(piece, variable)
        block = np.full((len(place.points), *times, inner), np.nan)
        block[..., at] = values[..., piece.columns]
        full[place.points] = block
    return full.reshape((*plan.shape, *times, *variable.sizes))


def _positions(piece: Piece, variable: Variable) -> Any:
    """Flat indices of the values of a piece in the array that is large enough for every structure."""
    if not piece.sizes or piece.sizes == variable.sizes:
        return piece.positions
    return np.ravel_multi_index(np.unravel_index(piece.positions, piece.sizes), variable.sizes)


def _words(plan: Plan, chunks: dict[int, Chunk], key: str) -> Any:
    numeric = key in ("limit_margin", "limits_broken")
    full: Any = np.full(plan.total, np.nan) if numeric else np.full(plan.total, "", dtype=object)
    for number, chunk in chunks.items():
        place = plan.chunks[number]
        structure = plan.structures[place.structure]
        values = chunk.get(key)
        if values is None:
            continue
        if key == "reason" and structure.absent and structure.case is not None:
            told = f"this structure has no {', no '.join(structure.absent)}"
            values = [v or told for v in values]
        if key == "limits_broken":
            values = np.where(np.array(chunk["status"]) == "ok", values, np.nan)
        full[place.points] = values
    return full.reshape(plan.shape)


def coordinates(plan: Plan) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for d in plan.dims:
        if not any(c.name == d.name for c in d.columns):
            out[d.name] = (d.name, np.arange(1, d.size + 1), {"long_name": "number of the point", "units": "1"})
        for c in d.columns:
            attrs = {} if c.whole_cases else {"path": c.path, "long_name": c.path}
            if c.numbers is None:
                out[c.name] = (d.name, np.array(labels(c)), attrs)
            else:
                attrs |= {"units": attribute(c.unit)}
                if c.relative:
                    attrs["long_name"] = f"factor on the values of {c.path} as they stand"
                out[c.name] = (d.name, c.numbers, attrs)
    for variable in plan.variables.values():
        out |= cf.level_coordinates(variable.path, variable.dims, variable.sizes)
    if plan.times:
        out |= cf.time_coordinates(np.array(plan.times))
    return out


def _is_sum_of_temperatures(variable: Variable) -> bool:
    """Whether the values have no meaning on a scale of temperature, so that they stay in K."""
    return variable.fold == "sum" and variable.unit == "K"


def converted(plan: Plan, dataset: xarray.Dataset, units: str) -> xarray.Dataset:
    """The result in the units of a site: recorded values, and the values varied that are not factors."""
    shown = (v for v in plan.variables.values() if not v.hidden and not _is_sum_of_temperatures(v))
    declared = {v.name + kind: v.unit for v in shown for kind in plan.kinds(v)}
    for name, expression in plan.expressions.items():
        parts = {path: plan.variables[part_name(name, path)].unit for path in expression.paths}
        unit = expression.unit(parts.__getitem__)
        if unit and (unit != "K" or expression.on_a_scale):  # a sum of temperatures stays in K
            declared[name] = unit
    columns = (c for d in plan.dims for c in d.columns)
    declared |= {c.name: c.unit for c in columns if c.numbers is not None and not c.relative}
    return in_units(dataset, declared, units)
