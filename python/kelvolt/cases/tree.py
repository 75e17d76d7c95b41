"""The assemblies and parts of a case as a tree, equal elements counted once."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import printable
from kelvolt.base.paths import cell_number, chain_of, owner_of, path_levels


@dataclass
class Branch:
    """One name within an assembly: a part, the elements of an array, or an assembly with its own branches."""

    name: str
    elements: set[int] = field(default_factory=set)  # of the array; empty for what is no array
    models: dict[str, int] = field(default_factory=dict)  # components at this place itself, by model
    inner: dict[str, Branch] = field(default_factory=dict)
    cells: set[int] = field(default_factory=set)  # of a component that is divided

    @property
    def label(self) -> str:
        """`tray[1..18]` of an array, otherwise the name."""
        if not self.elements:
            return self.name
        low, high = min(self.elements), max(self.elements)
        if len(self.elements) == 1:
            return f"{self.name}[{low}]"
        if len(self.elements) == high - low + 1:
            return f"{self.name}[{low}..{high}]"
        return f"{self.name} ({len(self.elements)} elements)"

    @property
    def parts(self) -> int:
        """How many components it is made of; the cells of a divided component count as one."""
        own = sum(self.models.values())
        return own + sum(b.parts for b in self.inner.values())

    @property
    def what(self) -> str:
        """Model and total count of a part; how many components are in an assembly."""
        texts = []
        for model, count in self.models.items():
            cells = f", {len(self.cells)} cells" if self.cells else ""
            texts.append(f"{model}{cells}" + (f" ×{count}" if count > 1 else ""))
        if self.inner:
            count = sum(b.parts for b in self.inner.values())
            texts.append(f"{count} component{'s' if count > 1 else ''}")
        return "; ".join(texts)


class Tree:
    """What `case.tree()` returns: it prints as a tree in a terminal and unfolds in a notebook."""

    def __init__(self, head: str, branches: dict[str, Branch], depth: int | None) -> None:
        self._head, self._branches, self._depth = head, branches, depth

    def text(self) -> str:
        """The tree with one line for each name."""
        lines = [self._head]
        self._lines(self._branches, "", 1, lines)
        return printable("\n".join(lines))

    def _lines(self, branches: dict[str, Branch], indent: str, level: int, lines: list[str]) -> None:
        for k, branch in enumerate(branches.values()):
            last = k == len(branches) - 1
            lines.append(f"{indent}{'└─ ' if last else '├─ '}{branch.label}  {branch.what}".rstrip())
            if self._depth is None or level < self._depth:
                self._lines(branch.inner, indent + ("   " if last else "│  "), level + 1, lines)

    def rows(self) -> list[dict[str, Any]]:
        """The same as plain lists and mappings: name, models with counts, components in it, what it holds."""
        return self._rows(self._branches, 1)

    def _rows(self, branches: dict[str, Branch], level: int) -> list[dict[str, Any]]:
        deeper = self._depth is None or level < self._depth
        return [
            {"name": b.label, "models": b.models, "components": b.parts}
            | ({"holds": self._rows(b.inner, level + 1)} if b.inner and deeper else {})
            for b in branches.values()
        ]

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._head)}</b>{self._items(self._branches, 1)}"

    def _items(self, branches: dict[str, Branch], level: int) -> str:
        items = ""
        for branch in branches.values():
            line = f"<code>{html.escape(branch.label)}</code> {html.escape(branch.what)}"
            if branch.inner and (self._depth is None or level < self._depth):
                line = f"<details><summary>{line}</summary>{self._items(branch.inner, level + 1)}</details>"
            items += f"<li>{line}</li>"
        return f'<ul style="list-style: none">{items}</ul>'


def tree_of(case: _core.Case, depth: int | None) -> Tree:
    """The tree of a case down to `depth` levels, None: all."""
    topology = _core.topology(case)
    every = {chain_of(path) for path in topology.paths}
    root, added = Branch(""), 0
    for path, model in zip(topology.paths, topology.types, strict=True):
        if _added(path, every):
            added += 1
            continue
        at, cell = root, cell_number(path)
        for name, element in path_levels(chain_of(path)):
            at = at.inner.setdefault(name, Branch(name))
            if element:
                at.elements.add(element)
        if cell:
            at.cells.add(cell)
        if cell <= 1:
            at.models[model] = at.models.get(model, 0) + 1
    head = f"{case.title or 'untitled case'}: {root.parts} components"
    if added:
        head += f"; {added} more were added for connections and open inputs (Warnings of `kelvolt run --full`)"
    return Tree(head, root.inner, depth)


def _added(path: str, every: set[str]) -> bool:
    """Whether a component lies in another component: those of a case lie in assemblies only, the rest was added."""
    owner = owner_of(path)
    while owner:
        if owner != chain_of(path) and chain_of(owner) in every:
            return True
        owner = owner_of(owner)
    return False
