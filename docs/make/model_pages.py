"""Writes docs/models/: a page for every model, one for the laws that models share, and the index.

    ./kelvolt python docs/make/model_pages.py

The declarations come from the built registry (`kelvolt.models()`), the laws from the comments in the headers, sources
from there and from the table in models/README.md. A test compares the committed pages with what this makes.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from itertools import groupby
from pathlib import Path

import equations
import headers
import kelvolt as kv
from kelvolt.cases import catalogue

FOLDER = headers.ROOT / "docs" / "models"
HEAD = "<!-- made by docs/make/model_pages.py; do not edit -->\n"
FIELDS = {
    "fluid": "Coolant", "heat": "Heat", "air": "Air", "silicon": "Silicon", "plant": "Plant",
    "power": "Electric power", "control": "Control",
}  # fmt: skip


# ---- Markdown ----


def prose(text: str) -> str:
    """Plain text of a comment as Markdown; code spans stay, shared headers become links."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else _linked(re.sub(r"([\\*_<>|$\[\]#~])", r"\\\1", p)) for p in parts)


def _linked(text: str) -> str:
    def link(match: re.Match[str]) -> str:
        stem = match[1].replace("\\", "")
        place = places().get(stem)
        return f"[`{stem}.hpp`](#{place})" if place else f"`{stem}.hpp`"

    return re.sub(r"\b((?:\w|\\_)+)\.hpp\b", link, text)


@cache
def places() -> dict[str, str]:
    """Where a header is told, by its name without folder and ending."""
    models = {Path(h).stem for h in headers.registered().values()} & set(readme_rows())
    of_models = {stem: f"model-{stem.replace('_', '-')}" for stem in models}
    return of_models | {Path(h).stem: label(h) for h in reversed(shared_headers())}


def cell(text: str) -> str:
    return prose(text).replace("\n", " ") or " "


def table(columns: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


def code(text: str) -> str:
    return f"`{text}`"


# ---- comments ----


def blocks(comment: list[str]) -> list[list[str]]:
    """Neighbouring lines of one sort: prose, or equation lines."""
    out: list[list[str]] = []
    for line in comment:
        if not line:
            out.append([])
        elif not out or not out[-1] or headers.is_equation_line(out[-1][-1]) != headers.is_equation_line(line):
            out.append([line])
        else:
            out[-1].append(line)
    return [b for b in out if b]


def laws(lines: list[str], known: frozenset[str]) -> str:
    """Equation lines, typeset where they can be read. Cases ("label: law") stand together: all typeset, or all text."""
    parts: list[str] = []
    for cases, run in runs(lines):
        read = [equations.line_in_latex(line, known) for line in run]
        if cases and not all(read):
            read = [None] * len(run)
        for typeset, group in groupby(zip(run, read, strict=True), key=lambda pair: bool(pair[1])):
            pairs = list(group)
            rows = [row for _, read_rows in pairs for row in read_rows or []]
            parts.append(math(rows) if typeset else literal([line for line, _ in pairs]))
    return "\n\n".join(parts)


def runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Neighbouring lines that have a label (with the lines that go on with them), or have none."""
    out: list[tuple[bool, list[str]]] = []
    for line in lines:
        goes_on = line.startswith("   ") and bool(out)
        labelled = out[-1][0] if goes_on else bool(re.match(r"\s*[^=(]*?(:\s| {2,}(?=\S))", line.lstrip()))
        if out and (goes_on or out[-1][0] == labelled):
            out[-1][1].append(line)
        else:
            out.append((labelled, [line]))
    return out


def math(rows: list[str]) -> str:
    body = " \\\\\n".join(rows)
    return f"```{{math}}\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n```"


def literal(lines: list[str]) -> str:
    return "```text\n" + "\n".join(line[2:] for line in lines) + "\n```"


def told(comment: list[str], known: frozenset[str]) -> tuple[str, list[str]]:
    """A comment as Markdown, and the sources that it names."""
    parts, sources = [], []
    for block in blocks(comment):
        if headers.is_equation_line(block[0]):
            parts.append(laws(block, known))
            continue
        text = " ".join(block)
        if match := re.search(r"(?:^|(?<=\. ))Sources?: (.*)", text):
            sources.append(prose(match[1].rstrip(".")))
            text = text[: match.start()].rstrip()
        if text:
            parts.append(prose(text))
    return "\n\n".join(parts), sources


# ---- the table of models/README.md ----


@cache
def readme_rows() -> dict[str, list[str]]:
    """Ports, equation and source by model."""
    text = (headers.MODELS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    return {name: [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", rest)] for name, rest in rows}


def table_source(name: str, rows: dict[str, list[str]]) -> list[str]:
    """The source of models/README.md; "as NAME" is that of the other model."""
    source = rows[name][2]
    if match := re.fullmatch(r"as (\w+)", source):
        return [f"{s} (as [`{match[1]}`](#model-{match[1].replace('_', '-')}))" for s in table_source(match[1], rows)]
    return [prose(source)] if source else []


def in_short(equation: str, known: frozenset[str]) -> str:
    rows = equations.line_in_latex(equation, known)
    return "In short:\n\n" + math(rows) if rows else f"In short: {prose(equation)}."


# ---- a page ----


def names_of(m: kv._core.Model) -> frozenset[str]:
    parts = (m.params, m.unknowns, m.outputs, m.ports, m.discretes)
    return frozenset(p.name for part in parts for p in part)


def what_it_solves(m: kv._core.Model, found: headers.Definition, row: list[str]) -> tuple[str, list[str]]:
    base = headers.definition(found.base, found.header) if found.base else None
    parts, sources, known = [], [], names_of(m)
    for one in (found, base):
        if one and one.comment:
            text, named = told(one.comment, known)
            parts.append(text)
            sources += named
    if not any("```" in p for p in parts) and row[1]:
        parts.append(in_short(row[1], known))
    return "\n\n".join(parts), sources


def parameters(m: kv._core.Model) -> str:
    rows = [
        [
            code(p.name),
            cell(catalogue.unit_of(p)),
            cell(catalogue.range_of(p)),
            cell(catalogue.default_of(p)),
            cell(p.doc),
        ]
        for p in m.params
    ]
    return table(["name", "unit", "range", "default", "meaning"], rows) if rows else "None."


def ports(m: kv._core.Model) -> str:
    def about(p: kv._core.Port) -> str:
        if p.kind != "signal":
            return p.doc
        return p.doc + ("; written here" if p.writes else f"; {p.otherwise:g} where nothing is connected")

    return table(["name", "kind", "meaning"], [[code(p.name), cell(p.kind), cell(about(p))] for p in m.ports])


def unknowns(m: kv._core.Model) -> str:
    if not m.unknowns:
        return "None of its own: what flows through its ports follows from their potentials."
    rows = [[code(u.name), cell(u.unit), cell(u.doc), cell(u.balance)] for u in m.unknowns]
    return table(["name", "unit", "meaning", "determined by"], rows)


def outputs(m: kv._core.Model) -> str:
    rows = [[code(o.name), cell(o.unit), cell(o.doc), "yes" if o.key else " "] for o in m.outputs]
    return table(["name", "unit", "meaning", "recorded by default"], rows) if rows else "None."


def limit_rows(found: list[headers.Limit]) -> str:
    def set_by(limit: headers.Limit) -> str:
        used = dict.fromkeys(re.findall(r"\bp\.(\w+)", limit.by))
        return ", ".join(code(n) for n in used) or "computed"

    words = {"at_most": "at most", "at_least": "at least"}
    rows = [
        [code(x.id), cell(x.quantity), cell(x.unit), words[x.kind], set_by(x), cell(x.basis)]
        for x in found
        if x.kind != "within"
    ]
    return table(["limit", "quantity", "unit", "holds", "set by", "basis"], rows)


def valid_range(limit: headers.Limit) -> str:
    what = f"{prose(limit.quantity)}" + (f" \\[{limit.unit}\\]" if limit.unit != "1" else "")
    low, high = limit.by.split(", ")
    curve = re.fullmatch(r"p\.(\w+)->hi\(\)", high)
    if low == "1.0" and high == "0.0":
        return f"{prose(limit.basis)}: flagged in every answer ({what})"
    if re.fullmatch(r"\w+\.T_min", low):
        return f"{what}: the range of the coolant's data"
    if curve:
        return f"{what}: the range of the curve `{curve[1]}`"
    if match := re.fullmatch(r"value\(p\.(\w+)\)", low):
        return f"{what}: from `{match[1]}`"
    if re.fullmatch(r"[\d.]+, [\d.]+", limit.by):
        return f"{what}: from {float(low):g} to {float(high):g}"
    return f"{what}: `{limit.by}` in the source"


@cache
def library() -> dict[str, list[str]]:
    """Entries of the component library by the model that they build on."""
    base = {e.name: e.base for e in kv.components()}
    out: dict[str, list[str]] = {}
    for name in base:
        model = name
        while model in base and base[model]:
            model = base[model]
        out.setdefault(model, []).append(name)
    return out


def type_of(found: headers.Definition) -> str:
    return str(re.findall(r'std::string_view type = "(\w+)"', found.body)[0])


def page(struct: str, header: str, rows: dict[str, list[str]]) -> tuple[str, str]:
    """The model's name and its page."""
    found = headers.definition(struct, header)
    assert found, f"{header} does not define {struct}"
    m = kv.model(type_of(found))
    four_wires = any(p.kind == "ac4" for p in m.ports)
    limits = headers.limits(found, four_wires)
    text, sources = what_it_solves(m, found, rows[m.type])
    sources = [*(s for s in table_source(m.type, rows) if not any(s in other for other in sources)), *sources]
    home = headers.definition(found.base, header) if found.base else None
    places = dict.fromkeys(f"`models/{h}`" for h in (found.header, home.header if home else found.header))
    ranges = [f"- {valid_range(x)}" for x in limits if x.kind == "within"]
    entries = library().get(m.type, [])
    parts = [
        f"{HEAD}\n(model-{m.type.replace('_', '-')})=\n# {m.type}",
        f"*{prose(m.doc)}.*",
        "## What it solves\n\n" + text,
        "`cells: n` divides it into a chain of n cells." if m.chainable else "",
        "## Parameters\n\n" + parameters(m),
        "## Ports\n\n" + ports(m),
        "## Unknowns\n\n" + unknowns(m),
        "## Discrete variables\n\n" + table(["name", "meaning"], [[code(d.name), cell(d.doc)] for d in m.discretes])
        if m.discretes
        else "",
        "## Outputs\n\n" + outputs(m),
        "## Limits\n\n" + limit_rows(limits) if any(x.kind != "within" for x in limits) else "",
        "## Valid range\n\n" + "\n".join(ranges) if ranges else "",
        "## Source\n\n" + "\n".join(f"- {s}" for s in sources) if sources else "",
        "## Where it stands\n\n" + f"Equations: {', '.join(places)}.",
        "Library entries that build on it: " + ", ".join(map(code, entries)) + "." if entries else "",
    ]
    return m.type, "\n\n".join(p for p in parts if p) + "\n"


# ---- shared laws ----


@cache
def shared_headers() -> list[str]:
    """Headers of laws that models use and that are no models themselves."""
    models = set(headers.registered().values())
    shown = [f.relative_to(headers.MODELS).as_posix() for f in sorted(headers.MODELS.rglob("*.hpp"))]
    return [h for h in shown if h not in models and (_has_law(h) or headers.comment_at_top(h))]


def label(header: str) -> str:
    return "law-" + re.sub(r"\W|_", "-", header.removesuffix(".hpp"))


def _has_law(header: str) -> bool:
    return next(headers.comments(header), None) is not None


def shared_page() -> str:
    parts = [
        f"{HEAD}\n# Laws that models share",
        "Correlations, characteristics and conversions that more than one model uses, as their headers state them.",
    ]
    for header in shared_headers():
        parts.append(f"({label(header)})=\n## `{header}`")
        top = headers.comment_at_top(header)
        for comment in [*([top] if top else []), *(c for c in headers.comments(header) if c != top)]:
            text, sources = told(comment, frozenset())
            parts += [text, *(f"Source: {s}." for s in sources)]
    return "\n\n".join(parts) + "\n"


# ---- the index ----


def index(names: dict[str, list[str]]) -> dict[str, str]:
    """The page over all, and one for each field."""
    parts = [f"{HEAD}\n# Models", (Path(__file__).parent / "models_index.md").read_text(encoding="utf-8").strip()]
    out = {}
    for field, title in FIELDS.items():
        docs = [[f"[`{n}`](#model-{n.replace('_', '-')})", cell(kv.model(n).doc)] for n in names[field]]
        listed = table(["model", "what"], docs)
        parts.append(f"## {title}\n\n{listed}")
        out[f"field_{field}.md"] = f"{HEAD}\n# {title}\n\n{listed}\n\n" + toctree(names[field])
    parts.append(toctree([*(f"field_{field}" for field in FIELDS), "shared_laws"]))
    return {"index.md": "\n\n".join(parts), **out}


def toctree(names: list[str]) -> str:
    return "```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n"


def pages() -> dict[str, str]:
    """Every page by its file name in docs/models."""
    rows, out = readme_rows(), {}
    names: dict[str, list[str]] = {field: [] for field in FIELDS}
    for struct, header in headers.registered().items():
        name, text = page(struct, header, rows)
        out[f"{name}.md"] = text
        names[header.split("/")[0]].append(name)
    return {**out, "shared_laws.md": shared_page(), **index(names)}


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(made)} pages in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
