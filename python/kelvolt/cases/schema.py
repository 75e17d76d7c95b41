"""JSON Schema of the case format, made from the core's declaration of it, the registry and the component library.

`kelvolt schema` prints it; data/case.schema.json is the committed copy, installed with Kelvolt, that editors use.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base.formats import CASE

Schema = dict[str, Any]


def case_schema() -> Schema:
    """The whole schema (draft 2020-12)."""
    models = _core.models()
    entries = _core.library()
    sections = {name: _section(section) for name, section in _core.case_format().items() if name != "library_entry"}
    keys = sections["component"]["properties"]
    built_on = _by_root(entries)
    assemblies = {e.name: e for e in entries if not e.base}
    of_models = {f"model_{m.type}": _model(m, [m.type, *built_on.get(m.type, [])], keys) for m in models}
    of_assemblies = {f"assembly_{n}": _assembly(e, [n, *built_on.get(n, [])], keys) for n, e in assemblies.items()}
    sections["component"] = _component(sections["component"], models, entries, of_models | of_assemblies)
    sections["component_table"] = _component_table(sections["component_table"], models)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kelvolt case",
        "description": "One system of coolant, heat and power: its components, how they connect, what happens to them.",
        **sections.pop("case"),
        "$defs": {
            "name_of_component": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"},
            "quantity": {"type": ["number", "string"], "description": "a number in SI, or text with a unit"},
            "paths": _one_or_more({"type": "string"}),
            "connection": {"type": "string", "pattern": "->", "description": "a -> b -> c; ranges [1..18], [*], [n]"},
            **sections,
            **of_models,
            **of_assemblies,
        },
    }


def schema_file() -> Path:
    """The copy that is installed with Kelvolt."""
    return Path(_core.data_directory()).resolve() / "case.schema.json"


def schema_text() -> str:
    return json.dumps(case_schema(), indent=1, ensure_ascii=False) + "\n"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _described(schema: Schema, text: str) -> Schema:
    return schema | ({"description": text} if text else {})


# ---- the format ----

_PLAIN: dict[str, Schema] = {
    "anything": {},
    "nothing": {"type": "null"},
    "version": {"const": CASE},
    "text": {"type": ["string", "number"]},  # YAML reads some texts, such as part numbers, as numbers
    "truth": {"type": "boolean"},
    "paths": _ref("paths"),
    "connection": _ref("connection"),
}


def _section(section: dict[str, Any]) -> Schema:
    """A block of keys; where keys depend on a choice among several, each choice becomes its own block."""
    keys = section["keys"]
    choices = [k["name"] for k in keys if k["presence"] == "one_of"]
    if any(k["with"] for k in keys):
        made: Schema = {"anyOf": [_block(section, keys, choice) for choice in choices]}
    else:
        made = _block(section, keys, None)
        if choices:
            made["oneOf"] = [{"required": [name]} for name in choices]
    some = [k["name"] for k in keys if k["presence"] == "some_of"]
    if some:
        made["anyOf"] = [{"required": [name]} for name in some]
    return _described(made, section["doc"])


def _block(section: dict[str, Any], keys: list[dict[str, Any]], choice: str | None) -> Schema:
    if choice is not None:
        keys = [
            k for k in keys if k["name"] == choice or (k["presence"] != "one_of" and choice in (k["with"] or [choice]))
        ]
    made: Schema = {"type": "object", "properties": {k["name"]: _described(_form(k["form"]), k["doc"]) for k in keys}}
    if not section["open"]:
        made["additionalProperties"] = False
    required = [k["name"] for k in keys if k["presence"] == "required" or k["name"] == choice]
    return made | ({"required": required} if required else {})


def _form(form: dict[str, Any]) -> Schema:
    kind = form["kind"]
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if kind == "section":
        return _ref(form["section"])
    if kind == "word":
        return {"enum": form["words"]}
    if kind == "either":
        return {"anyOf": [_form(f) for f in form["forms"]]}
    if kind == "quantity":
        bounds = _bounds(form)
        return {"anyOf": [{"type": "number", **bounds}, {"type": "string"}]} if bounds else _ref("quantity")
    if kind == "whole":
        bounds = {key: int(value) for key, value in _bounds(form).items()}
        return {"anyOf": [{"type": "integer", **bounds}, {"type": "string", "pattern": "^[0-9]+$"}]}
    if kind == "list":
        return {"type": "array", "items": _form(form["item"]), **_sizes(form, "Items")}
    made: Schema = {"type": "object", **_sizes(form, "Properties")}  # a map
    if "names" in form:
        made["propertyNames"] = _ref("name_of_component")
    item = _form(form["item"])
    return made | ({"additionalProperties": item} if item else {})


def _bounds(form: dict[str, Any]) -> Schema:
    words = {"minimum": "minimum", "above": "exclusiveMinimum", "maximum": "maximum"}
    return {schema: form[key] for key, schema in words.items() if key in form}


def _sizes(form: dict[str, Any], of: str) -> Schema:
    return {f"{end}{of}": form[key] for key, end in (("least", "min"), ("most", "max")) if key in form}


# ---- models and library ----


def _by_root(entries: list[_core.LibraryEntry]) -> dict[str, list[str]]:
    """Names of library entries by the model or assembly that they are built on, also through other entries."""
    base = {e.name: e.base for e in entries if e.base}
    found: dict[str, list[str]] = {}
    for name in base:
        root = base[name]
        while root in base:
            root = base[root]
        found.setdefault(root, []).append(name)
    return found


def _component(
    section: Schema, models: list[_core.Model], entries: list[_core.LibraryEntry], kinds: Mapping[str, Schema]
) -> Schema:
    """The schema of a component. What it may state follows from the model or assembly of the library behind its name.

    Names that the library does not have are assemblies of the case, or entries beside it, and are checked when the
    case is read. An entry beside a case that has the name of one in the library is taken for that one here.
    """
    names = [{"const": m.type, "description": m.doc} for m in models]
    names += [{"const": e.name, "description": e.title} for e in entries]
    names.append({**_ref("name_of_component"), "description": "an assembly of this case or an entry beside it"})
    checks = [
        {"if": {"properties": {"model": kind["properties"]["model"]}, "required": ["model"]}, "then": _ref(name)}
        for name, kind in kinds.items()
    ]
    properties = section["properties"] | {
        "model": _described({"anyOf": names}, section["properties"]["model"]["description"])
    }
    return section | {"properties": properties, "allOf": checks}


def _closed(doc: str, names: list[str], properties: Schema) -> Schema:
    """A component of one of these names with these keys and no others but paths, to a cell or into an assembly."""
    return _described(
        {
            "type": "object",
            "properties": properties | {"model": {"enum": names}},
            "additionalProperties": False,
            "patternProperties": {r"[.\[]": {}},
        },
        doc,
    )


def _assembly(entry: _core.LibraryEntry, names: list[str], keys: Schema) -> Schema:
    """An assembly of the library with the values that it has names for."""
    short = _core.yaml_file(entry.file)["assembly"].get("parameters", {})
    targets = {n: t if isinstance(t, str) else ", ".join(t) for n, t in short.items()}
    values = {n: {"description": f"sets {t} of this assembly"} for n, t in targets.items()}
    return _closed(entry.title, names, {k: keys[k] for k in ("model", "count")} | values)


def _component_table(section: Schema, models: list[_core.Model]) -> Schema:
    """The schema of components from a table: beside the keys of the table those of a built-in model that is named."""

    def keys(m: _core.Model) -> list[str]:
        signals = [p.name for p in m.ports if p.kind == "signal" and not p.writes]
        return sorted({*section["properties"], *(p.name for p in m.params), *signals})

    checks = [
        {
            "if": {"properties": {"model": {"const": m.type}}, "required": ["model"]},
            "then": {"propertyNames": {"anyOf": [{"enum": keys(m)}, {"pattern": r"[.\[]"}]}},
        }
        for m in models
    ]
    return section | {"allOf": checks}


def _model(m: _core.Model, names: list[str], keys: Schema) -> Schema:
    properties: Schema = dict(keys)
    for p in m.params:
        if p.name not in keys:
            properties[p.name] = _parameter(p)
    for port in m.ports:
        if port.kind == "signal" and not port.writes:
            properties[port.name] = _described(_ref("quantity"), f"constant signal: {port.doc}")
    return _closed(m.doc, names, properties)


def _parameter(p: _core.Parameter) -> Schema:
    text = p.doc + ("" if p.type != "number" or p.unit == "1" else f" [{_unit(p.unit)}]")
    if p.type == "choice":
        word = {"enum": p.options}
        block = {"allOf": [_ref("word"), {"properties": {"value": word}}]}
        return {"anyOf": [word, block], "description": p.doc, "default": p.options[int(p.default)]}
    if p.type == "curve":
        text = f"{p.doc} [{_unit(p.unit)} against {_unit(p.x_unit)}]"
        return _described({"anyOf": [_ref("quantity"), _ref("curve")]}, text)
    if p.type == "medium":
        return _described({"anyOf": [{"type": "string", "examples": _core.media()}, _ref("word")]}, p.doc)
    return _number(p, text)


def _unit(declared: str) -> str:
    return {"delta_K": "K, a difference", "Pa_abs": "Pa, absolute", "Pa_gauge": "Pa, gauge"}.get(declared, declared)


def _number(p: _core.Parameter, text: str) -> Schema:
    """A number is SI and checked against the range here; text with a unit is checked when the case is read."""
    number: Schema = {"type": "number"}
    if math.isfinite(p.minimum):
        number["exclusiveMinimum" if p.above_minimum else "minimum"] = p.minimum
    if math.isfinite(p.maximum):
        number["exclusiveMaximum" if p.below_maximum else "maximum"] = p.maximum
    made: Schema = {"description": text, "anyOf": [number, {"type": "string"}, _ref("number")]}
    if not p.required and math.isfinite(p.default):
        made["default"] = p.default
    return made
