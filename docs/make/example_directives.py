"""Sphinx directives of the pages' examples, which are run when the site is built; see examples.py."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import examples
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.logging import getLogger

LOG = getLogger(__name__)
MADE = "made"  # folder of pictures beside the pages; never committed
LANGUAGES = {"console": "console", "python": "python", "change": "diff", "mistake": "diff"}
sessions: dict[str, examples.Session] = {}


def session_of(docname: str) -> examples.Session:
    if docname not in sessions:
        sessions[docname] = examples.Session(docname)
    return sessions[docname]


class Example(SphinxDirective):
    """A block that is shown, run, and followed by what it gave."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(("status", "show", "start", "stop", "picture", "alt", "run", "raises", "hide"), str)  # type: ignore[assignment]

    def run(self) -> list[nodes.Node]:
        block = examples.Block(
            self.name,
            (self.arguments or [""])[0].strip(),
            {key: value or "" for key, value in self.options.items()},
            "\n".join(self.content).strip("\n") + "\n",
            self.lineno,
        )
        made: list[tuple[str, examples.Shown]] = []
        if self.config.examples_run:
            try:
                made = session_of(self.env.docname).run(block)
            except examples.ExampleError as error:
                LOG.warning("%s", error, location=self.get_location())
        return self.shown(block, made)

    def shown(self, block: examples.Block, made: list[tuple[str, examples.Shown]]) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        if block.kind == "console" and made:
            for typed, shown in made:
                out += [self.typed(typed, shown), *self.result(block, shown)]
            return out
        suffix = Path(block.argument).suffix
        language = LANGUAGES.get(block.kind, {".py": "python", ".yaml": "yaml"}.get(suffix, "text"))
        literal = code(block.body.rstrip("\n"), language)
        if block.kind in ("file", "change", "mistake"):
            caption = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
            caption += nodes.caption("", "", nodes.literal("", block.argument))
            caption += literal
            out.append(caption)
        else:
            out.append(literal)
        for typed, shown in made:
            if block.kind == "mistake":
                out.append(self.typed(typed, shown))
            out += self.result(block, shown)
        return out

    def typed(self, command: str, shown: examples.Shown) -> nodes.Node:
        node = code(f"$ {command}", "console")
        node["classes"] += ["kv-typed"] if shown.text.strip() else []
        return node

    def result(self, block: examples.Block, shown: examples.Shown) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        if shown.html:
            out.append(nodes.raw("", f'<div class="kv-table">{shown.html}</div>', format="html"))
        elif shown.text.strip():
            printed = code(shown.text.strip("\n"), "text")
            printed["classes"] += ["kv-output", *(["kv-message"] if shown.message else [])]
            out.append(printed)
        for file in shown.pictures:
            folder = Path(self.env.srcdir) / MADE / self.env.docname
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / file.name)
            alt = block.options.get("alt", "") or f"picture made by the lines above: {file.stem}"
            uri = f"/{MADE}/{self.env.docname}/{file.name}"
            out.append(nodes.image(uri=uri, alt=alt, classes=["kv-picture", "kv-made"]))
        return out


def code(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


class Out(SphinxRole):
    """Text that was printed by the page's blocks so far."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if self.config.examples_run:
            try:
                session_of(self.env.docname).check(examples.Stated(self.text, self.lineno))
            except examples.ExampleError as error:
                LOG.warning("%s", error, location=self.get_location())
        return [nodes.literal(self.text, self.text)], []


def close(_app: Sphinx, _doctree: Any = None) -> None:
    while sessions:
        sessions.popitem()[1].close()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("examples_run", True, "env", bool)
    for kind in examples.KINDS:
        app.add_directive(kind, Example)
    app.add_role("out", Out())
    app.connect("doctree-read", close)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
