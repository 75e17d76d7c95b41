"""Help pages about models and library entries, made from their declarations."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from pathlib import Path

from kelvolt import _core
from kelvolt.base import screen
from kelvolt.base.errors import InputError
from kelvolt.base.tables import Table


def brief() -> str:
    """The models by role, and how many library entries are built on each, in as many lines as a screen has."""
    roles: dict[str, list[str]] = {}
    for m in _core.models():
        roles.setdefault(m.role, []).append(m.type)
    alone = [names[0] for names in roles.values() if len(names) == 1]
    lines = [screen.wrapped(f"{role}: {', '.join(names)}", "  ") for role, names in roles.items() if len(names) > 1]
    lines.append(screen.wrapped(f"others: {', '.join(alone)}", "  "))
    built = Counter(e.base or "assemblies" for e in _core.library())
    counts = ", ".join(f"{base} {n}" for base, n in built.most_common(10))
    entries = screen.wrapped(f"{built.total()} library entries, built on: {counts} …", "")
    more = "`kelvolt components NAME` explains one of them, `kelvolt components --full` lists all"
    return "\n".join(["models by role", *lines, entries, screen.wrapped(f"coolants: {', '.join(_core.media())}"), more])


def overview() -> str:
    models = Table(["model", "what"], [[m.type, m.doc] for m in _core.models()])
    entries = Table(
        ["library entry", "built on", "what"],
        [[e.name, e.base or "assembly", e.title] for e in _core.library()],
        left={1, 2},
    )
    media = ", ".join(_core.media())
    return f"{models.text()}\n\n{entries.text()}\n\ncoolants: {media}\n\n`kelvolt components NAME` explains one of them"


def page(name: str) -> str:
    """The page of a model, or of a library entry with its file and base model. Raises InputError for other names."""
    models = {m.type: m for m in _core.models()}
    if name in models:
        return model_page(models[name])
    for m in models.values():
        if m.former and m.former == name:
            return f"{name} is now called {m.type}; the former name is still read\n\n{model_page(m)}"
    entries = {e.name: e for e in _core.library()}
    if name in entries:
        return entry_page(entries[name], entries)
    near = difflib.get_close_matches(name, [*models, *entries], n=3)
    hint = f"; did you mean {', '.join(near)}?" if near else "; `kelvolt components` lists them"
    raise InputError(f"no model or library entry is called '{name}'{hint}")


def entry_page(entry: _core.LibraryEntry, entries: dict[str, _core.LibraryEntry]) -> str:
    base = entry
    while base.base in entries:
        base = entries[base.base]
    about = f"{entry.name}: {entry.title}\n" + (f"grade {entry.grade}; " if entry.grade else "") + (entry.source or "")
    text = Path(entry.file).read_text(encoding="utf-8").rstrip()
    below = (
        f"\n\nbuilt on the model {base.base}; `kelvolt components {base.base}` lists its parameters"
        if base.base
        else ""
    )
    return f"{about.rstrip()}\n\n{text}{below}"


def model_page(m: _core.Model) -> str:
    parts = [f"{m.type} ({m.role}): {m.doc}" + ("; `cells: n` divides it" if m.chainable else "")]
    params = [[p.name, unit_of(p), default_of(p), range_of(p), p.doc] for p in m.params]
    parts.append(Table(["parameter", "unit", "default", "range", "meaning"], params, left={1, 2, 3, 4}).text())
    ports = [[p.name, p.kind + (", written" if p.writes else ""), p.doc] for p in m.ports]
    parts.append(Table(["port", "kind", "meaning"], ports).text())
    if m.unknowns:
        parts.append(Table(["unknown", "unit", "meaning"], [[u.name, u.unit, u.doc] for u in m.unknowns]).text())
    if m.outputs:
        rows = [[o.name, o.unit, ("recorded; " if o.key else "") + o.doc] for o in m.outputs]
        parts.append(Table(["output", "unit", "meaning"], rows).text())
    return "\n\n".join(parts)


def unit_of(p: _core.Parameter) -> str:
    """The unit of a number, both units of a curve, or the kind of any other parameter."""
    if p.type == "curve":
        return f"{p.unit} against {p.x_unit}"
    return {"choice": "a word", "medium": "a coolant"}.get(p.type, p.unit)


def default_of(p: _core.Parameter) -> str:
    """The default as text: a value, "none", or "required"."""
    if p.type == "choice":
        return p.options[int(p.default)]
    if p.required or p.type == "medium":
        return "required"
    return f"{p.default:g}" if math.isfinite(p.default) else "none"


def range_of(p: _core.Parameter) -> str:
    """The accepted values as text: a range in the parameter's unit, or the words of a choice."""
    if p.type == "choice":
        return ", ".join(p.options)
    low = "" if math.isinf(p.minimum) else f"{'above' if p.above_minimum else 'from'} {p.minimum:g}"
    high = "" if math.isinf(p.maximum) else f"{'below' if p.below_maximum else 'to'} {p.maximum:g}"
    return " ".join(x for x in (low, high) if x)
