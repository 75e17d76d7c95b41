"""JSON Schema of the case format, made from the registry, the component library and the format itself.

`kelvolt schema` prints it; data/case.schema.json is the committed copy that editors use.
"""

from __future__ import annotations

import json
import math
from typing import Any

from kelvolt import _core

Schema = dict[str, Any]


def case_schema() -> Schema:
    """The whole schema (draft 2020-12)."""
    models = _core.models()
    entries = _core.library()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kelvolt case",
        "description": "One system of coolant, heat and power: its components, how they connect, what happens to them.",
        **_object(_top_level(), required=["kelvolt", "components"]),
        "$defs": {
            "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"},
            "quantity": _quantity(),
            "curve": _curve(),
            "components": _components(models, entries),
            "assembly": _assembly(),
            "profile": _profile(),
            "connections": _connections(),
            "paths": _one_or_more({"type": "string"}),
            **{f"model_{m.type}": _model(m) for m in models},
        },
    }


def schema_text() -> str:
    return json.dumps(case_schema(), indent=1, ensure_ascii=False) + "\n"


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _words(*words: str) -> Schema:
    return {"enum": list(words)}


# ---- the format ----


def _top_level() -> Schema:
    return {
        "kelvolt": {"const": 1, "description": "version of the case format"},
        "title": {"type": "string"},
        "about": {"type": ["string", "null"], "description": "prose for the reader"},
        "settings": _object(
            {
                "T_start": _described(_ref("quantity"), "cold-start temperature, e.g. 30 degC"),
                "junction_volume": _described(
                    _ref("quantity"), "coolant volume of a connection without one, e.g. 20 mL"
                ),
                "strict": {"type": "boolean", "description": "true: a value outside its data's range is an error"},
            }
        ),
        "fluids": {
            "type": "object",
            "description": "coolants of your own, by name",
            "additionalProperties": _fluid(),
        },
        "components": _ref("components"),
        "assemblies": {"type": "object", "additionalProperties": _ref("assembly")},
        "connections": _ref("connections"),
        "set": {"type": "object", "description": "values by path or pattern, after everything is built"},
        "profiles": {"type": "object", "additionalProperties": _ref("profile")},
        "apply": {"type": "array", "items": _apply()},
        "events": {"type": "array", "items": _event()},
        "limits": {"type": "array", "items": _limit()},
        "power": _power(),
        "record": _object(
            {
                "every": _described(_ref("quantity"), "between rows, e.g. 1 s"),
                "also": _described(_ref("paths"), "patterns to record beside the key outputs"),
                "all": {"type": "boolean", "description": "every output and unknown"},
            }
        ),
        "run": _object(
            {
                "duration": _described(_ref("quantity"), "e.g. 10 min; without it the case is a steady state"),
                "start": {"anyOf": [_words("steady"), _object({"T": _ref("quantity")}, ["T"])]},
                "tolerance": {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 0.1}, {"type": "string"}]},
                "steady_at": _described(
                    _ref("quantity"), "nominal, mean, or a time: which load the steady state is for"
                ),
            }
        ),
    }


def _fluid() -> Schema:
    columns = {"T": "degC", "rho": "kg/m3", "cp": "kJ/(kg K)", "k": "W/(m K)", "mu": "mPa.s"}
    row = {"type": "array", "items": {"type": "number"}, "minItems": len(columns), "maxItems": len(columns)}
    rows = {"type": "array", "items": row, "minItems": 3, "description": "[T, rho, cp, k, mu], T rising"}
    units: Schema = {c: {"type": "string", "description": f"unit, e.g. {u}"} for c, u in columns.items()}
    text: Schema = {k: {"type": "string"} for k in ("name", "title", "source", "date", "grade")}
    limits: Schema = {
        "T_freeze": _described(_ref("quantity"), "where it freezes"),
        "T_boil": _described(_ref("quantity"), "where it boils at 1 atm"),
    }
    notes: Schema = {"notes": {"type": "array", "items": {"type": "string"}}}
    table = {"table": _object(units | {"rows": rows}, [*columns, "rows"])}
    return _object(text | limits | table | notes, ["source", "table"])


def _described(schema: Schema, text: str) -> Schema:
    return schema | {"description": text}


def _quantity() -> Schema:
    provenance = {name: {"type": ["string", "number"]} for name in ("source", "date", "note")}
    block = {
        "value": {"type": ["number", "string"]},
        "range": {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2},
        "grade": {"type": "string", "description": "A (primary source) to D, or assumed"},
        **provenance,
    }
    return {
        "description": "a number in SI, text with a unit, or a block with provenance",
        "anyOf": [{"type": "number"}, {"type": "string"}, _object(block, ["value"])],
    }


def _curve() -> Schema:
    pair = {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2}
    said = {
        "grade": {"type": "string"},
        "source": {"type": "string"},
        "date": {"type": ["string", "number"]},
        "note": {"type": "string"},
        "covers": {},
        "range": pair,
    }
    unit = {"type": "string"}
    points = _object(
        {
            "points": {"type": "array", "items": pair, "minItems": 2},
            "x": _described(unit, "unit of x"),
            "y": _described(unit, "unit of y"),
            "kind": _words("table", "log_table"),
            **said,
        },
        ["points"],
    )
    csv = _object({"csv": unit, "x": unit, "y": unit, "kind": _words("table", "log_table"), **said}, ["csv"])
    law = _object(
        {"x": _ref("quantity"), "y": _ref("quantity"), "exponent": {"type": ["number", "string"]}},
        ["x", "y", "exponent"],
    )
    power = _object({"power_law": law, **said}, ["power_law"])
    number = {"type": ["number", "string"]}
    three = {"type": "array", "items": number, "minItems": 3, "maxItems": 3}
    parabola = _object({"parabola": _described(three, "[a, b, c] of a + b x + c x^2, SI"), **said}, ["parabola"])
    loads = _described({"type": "array", "items": pair, "minItems": 1}, "[load share, efficiency]: a loss curve")
    efficiency = _object({"efficiency": loads, **said}, ["efficiency"])
    return {
        "description": "a curve: constant, points, CSV file, power law, parabola or efficiencies",
        "anyOf": [_ref("quantity"), points, csv, power, parabola, efficiency],
    }


def _connections() -> Schema:
    line = {"type": "string", "pattern": "->", "description": "a -> b -> c; ranges [1..18], [*], [n]"}
    return {"anyOf": [{"type": "array", "items": line}, {"type": "null"}]}


def _assembly() -> Schema:
    return _object(
        {
            "title": {"type": "string"},
            "about": {"type": "string"},
            "ports": {"type": "object", "additionalProperties": {"type": "string"}},
            "parameters": {"type": "object", "additionalProperties": _ref("paths")},
            "components": _ref("components"),
            "connections": _ref("connections"),
            "set": {"type": "object"},
        },
        ["components"],
    )


def _profile() -> Schema:
    q = _ref("quantity")
    point = {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 2, "maxItems": 2}
    wave = _object(
        dict.fromkeys(("high", "low", "period", "duty", "from", "until", "phase"), q), ["high", "low", "period"]
    )
    between = _words("linear", "step")
    return {
        "anyOf": [
            _object({"constant": q}, ["constant"]),
            _object({"step": _object({"at": q, "before": q, "after": q}, ["at", "before", "after"])}, ["step"]),
            _object({"square_wave": wave, "otherwise": q}, ["square_wave"]),
            _object({"piecewise": {"type": "array", "items": point, "minItems": 1}, "between": between}, ["piecewise"]),
            _object(
                {
                    "csv": {"type": "string"},
                    "time": {"type": "string"},
                    "value": {"type": "string"},
                    "between": between,
                },
                ["csv"],
            ),
        ]
    }


def _apply() -> Schema:
    q = _ref("quantity")
    return _object(
        {"profile": {"type": "string"}, "to": _ref("paths"), "scale": q, "phase": q, "skew": q}, ["profile", "to"]
    )


def _event() -> Schema:
    q = _ref("quantity")
    event = _object({"at": q, "set": _ref("paths"), "to": q, "by": q, "over": q}, ["at", "set"])
    return event | {"oneOf": [{"required": ["to"]}, {"required": ["by"]}]}


def _power() -> Schema:
    """What the studies of a power network read."""
    name = {"type": "string"}
    scheme = _object(
        {
            "name": name,
            "kind": _words("2N", "N+1", "3-to-make-2", "4-to-make-3", "block redundant"),
            "units": _described(_ref("paths"), "one pattern or more; a + b is one unit"),
            "catcher": name,
        },
        ["kind", "units"],
    )
    values = {"type": "object", "additionalProperties": {"type": ["number", "string"]}}
    together = {"type": "array", "items": name, "minItems": 1}
    named = {"type": "object", "additionalProperties": {"anyOf": [name, together, values]}}
    number = {"type": ["number", "string"]}
    limit = _object({"max": number, "min": number, "basis": name})
    return _object(
        {
            "spaces": _described(
                {"type": "object", "additionalProperties": _ref("paths")}, "rooms: patterns of components and ambients"
            ),
            "it": _described(_ref("paths"), "what counts as IT equipment for PUE; otherwise the assemblies with chips"),
            "cooling": _described(_ref("paths"), "loads that cool; otherwise what moves coolant"),
            "schemes": {"type": "array", "items": scheme},
            "contingencies": _object(
                {
                    "also": {"anyOf": [{"type": "array", "items": {"anyOf": [name, together]}}, named]},
                    "leave_out": _ref("paths"),
                    "accept_lost": _ref("paths"),
                }
            ),
            "limits": _described(
                {"type": "object", "additionalProperties": limit}, "in place of those of data/checks/power.yaml"
            ),
        }
    )


def _limit() -> Schema:
    q = _ref("quantity")
    text = {"type": "string"}
    spread = _described(q, "largest (highest - lowest)/mean of the values, e.g. 5 %")
    limit = _object({"of": _ref("paths"), "min": q, "max": q, "spread": spread, "id": text, "basis": text}, ["of"])
    return limit | {"anyOf": [{"required": [key]} for key in ("min", "max", "spread")]}


# ---- models and library ----


def _components(models: list[_core.Model], entries: list[_core.LibraryEntry]) -> Schema:
    """A component of a built-in model is checked for its parameters; other names are library or local definitions."""
    types = [m.type for m in models]
    names = [{"const": m.type, "description": m.doc} for m in models]
    names += [{"const": e.name, "description": e.title} for e in entries]
    names.append({**_ref("name"), "description": "an assembly of this case or an entry beside it"})
    checks = [
        {"if": {"properties": {"model": {"const": t}}, "required": ["model"]}, "then": _ref(f"model_{t}")}
        for t in types
    ]
    component = {
        "type": "object",
        "properties": {"model": {"anyOf": names}, "count": _count(), "cells": _count()},
        "required": ["model"],
        "allOf": checks,
    }
    return {"type": "object", "propertyNames": _ref("name"), "additionalProperties": component, "minProperties": 1}


def _count() -> Schema:
    return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+$"}]}


def _model(m: _core.Model) -> Schema:
    properties: Schema = {"model": {"const": m.type}, "count": _count(), "cells": _count()}
    for p in m.params:
        if p.name != "cells":
            properties[p.name] = _parameter(p)
    for port in m.ports:
        if port.kind == "signal" and not port.writes:
            properties[port.name] = {"type": ["number", "string"], "description": f"constant signal: {port.doc}"}
    # a key with a dot or an index is a path into a chain
    made = _object(properties) | {"description": m.doc, "patternProperties": {r"[.\[]": {}}}
    return made


def _parameter(p: _core.Parameter) -> Schema:
    text = p.doc + ("" if p.type != "number" or p.unit == "1" else f" [{_unit(p.unit)}]")
    if p.type == "choice":
        return _described(_word({"enum": p.options}), p.doc) | {"default": p.options[int(p.default)]}
    if p.type == "curve":
        return _described(_ref("curve"), f"{p.doc} [{_unit(p.unit)} against {_unit(p.x_unit)}]")
    if p.type == "medium":
        return _described(_word({"type": "string", "examples": _core.media()}), p.doc)
    return _number(p, text)


def _word(word: Schema) -> Schema:
    """A word alone or with provenance."""
    text = {"type": ["string", "number"]}
    return {
        "anyOf": [word, _object({"value": word, "grade": text, "source": text, "date": text, "note": text}, ["value"])]
    }


def _unit(declared: str) -> str:
    return {"delta_K": "K, a difference", "Pa_abs": "Pa, absolute", "Pa_gauge": "Pa, gauge"}.get(declared, declared)


def _number(p: _core.Parameter, text: str) -> Schema:
    """A bare number is SI and is checked against the range; text with a unit is checked when the case is read."""
    number: Schema = {"type": "number"}
    if math.isfinite(p.minimum):
        number["exclusiveMinimum" if p.above_minimum else "minimum"] = p.minimum
    if math.isfinite(p.maximum):
        number["exclusiveMaximum" if p.below_maximum else "maximum"] = p.maximum
    made: Schema = {"description": text, "anyOf": [number, {"type": "string"}, _ref("quantity")]}
    if set(number) != {"type"}:
        made["anyOf"] = [number, {"type": "string"}, {"allOf": [{"type": "object"}, _ref("quantity")]}]
    if not p.required and math.isfinite(p.default):
        made["default"] = p.default
    return made
