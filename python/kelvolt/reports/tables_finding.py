"""Tables of what there is: shipped cases, the parts of a case, models and library entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.reports.sheets import Sheet

if TYPE_CHECKING:
    from kelvolt.cases.tree import Tree


def case_sheet() -> Sheet:
    import pandas

    from kelvolt.cases.shipped import cases

    frame = pandas.DataFrame([[name, title] for name, title in cases().items()], columns=["case", "title"])
    return Sheet("cases", "Shipped cases", frame)


def tree_sheet(tree: Tree) -> Sheet:
    """One row for each name at each level: its path, level, models with counts, components in it."""
    import pandas

    def lines(rows: list[dict[str, Any]], above: str, level: int) -> Iterator[list[Any]]:
        for row in rows:
            path = f"{above}.{row['name']}" if above else str(row["name"])
            models = ", ".join(f"{n} {model}" if n > 1 else model for model, n in row["models"].items())
            yield [path, level, models, row["components"]]
            yield from lines(row.get("holds", []), path, level + 1)

    frame = pandas.DataFrame(lines(tree.rows(), "", 1), columns=["path", "level", "models", "components"])
    return Sheet("tree", "Assemblies and parts", frame, "input")


def component_sheets(name: str | None) -> Iterator[Sheet]:
    """All models and library entries, or the parameters, ports, unknowns and outputs of one."""
    import pandas

    from kelvolt.cases.catalogue import default_of, range_of, unit_of

    entries = {e.name: e for e in _core.library()}
    models = {m.type: m for m in _core.models()}
    if name is None:
        frame = pandas.DataFrame([[m.type, m.role, m.doc] for m in models.values()], columns=["model", "role", "what"])
        yield Sheet("models", "Models", frame)
        columns = ["name", "base", "title", "grade", "source"]
        frame = pandas.DataFrame([[getattr(e, k) for k in columns] for e in entries.values()], columns=columns)
        yield Sheet("library", "Library entries", frame)
        yield Sheet("coolants", "Coolants", pandas.DataFrame({"coolant": _core.media()}))
        return
    if name in entries:
        e = entries[name]
        rows = [["name", e.name], ["title", e.title], ["base", e.base], ["grade", e.grade], ["source", e.source]]
        yield Sheet("entry", f"Library entry {name}", pandas.DataFrame(rows, columns=["what", "is"]))
        while name in entries:
            name = entries[name].base
    m = models.get(name) or next((x for x in models.values() if x.former == name), None)
    if m is None:
        return
    rows = [[p.name, unit_of(p), default_of(p), range_of(p), p.doc] for p in m.params]
    columns = ["parameter", "unit", "default", "range", "meaning"]
    yield Sheet("parameters", f"Parameters of {m.type}", pandas.DataFrame(rows, columns=columns))
    rows = [[p.name, p.kind, p.doc] for p in m.ports]
    yield Sheet("ports", f"Ports of {m.type}", pandas.DataFrame(rows, columns=["port", "kind", "meaning"]))
    rows = [[x.name, x.unit, x.doc] for x in (*m.unknowns, *m.outputs)]
    yield Sheet("results", f"Results of {m.type}", pandas.DataFrame(rows, columns=["name", "unit", "meaning"]))
