"""From the chunks of a sweep to arrays over its named dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.attributes import attribute, in_units
from kelvolt.base.values import Floats
from kelvolt.sweeps.layout import KINDS, LIMIT_DOCS, Piece, Variable, labels
from kelvolt.sweeps.parts import Chunk
from kelvolt.sweeps.plan import Plan

if TYPE_CHECKING:
    import xarray


def arrays(plan: Plan, chunks: dict[int, Chunk]) -> dict[str, Any]:
    names = tuple(d.name for d in plan.dims)
    out: dict[str, Any] = {}
    for variable in plan.variables.values():
        doc = variable.doc
        for kind in plan.kinds(variable):
            attrs = {
                "units": attribute(variable.unit),
                "long_name": doc + (f", {kind[1:]} of the interval" if kind else ""),
            }
            dims = (*names, *(("time",) if plan.times else ()), *variable.dims)
            out[variable.name + kind] = (dims, _filled(plan, chunks, variable, kind), attrs)
    for word, doc in (("status", "ok, or why there is no answer"), ("reason", "the cause in words")):
        out[word] = (names, _words(plan, chunks, word), {"long_name": doc})
    if plan.limits:
        for word, doc in LIMIT_DOCS.items():
            out[word] = (names, _words(plan, chunks, word), {"long_name": doc})
    return out


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
        if not any(c.path == d.name for c in d.columns):
            out[d.name] = (d.name, np.arange(1, d.size + 1))
        for c in d.columns:
            if c.numbers is None:
                out[c.path] = (d.name, np.array(labels(c)))
            else:
                attrs = {"units": attribute(c.unit)}
                if c.relative:
                    attrs["long_name"] = "factor on the values as they stand"
                out[c.path] = (d.name, c.numbers, attrs)
    for variable in plan.variables.values():
        out |= {name: (name, np.arange(1, size + 1)) for name, size in zip(variable.dims, variable.sizes, strict=True)}
    if plan.times:
        out["time"] = ("time", np.array(plan.times), {"units": "s"})
    return out


def converted(plan: Plan, dataset: xarray.Dataset, units: str) -> xarray.Dataset:
    """The result in the units of a site: recorded values, and the values varied that are not factors."""
    declared = {v.name + kind: v.unit for v in plan.variables.values() for kind in plan.kinds(v)}
    columns = (c for d in plan.dims for c in d.columns)
    declared |= {c.path: c.unit for c in columns if c.numbers is not None and not c.relative}
    return in_units(dataset, declared, units)
