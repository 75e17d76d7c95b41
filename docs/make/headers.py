"""What the headers in models/ say in text: comments, equation lines, limits and ranges of validity.

Declarations (parameters, ports, unknowns, outputs) come from the built registry. Limits are not among them, so their
names are read here from the calls of `out.at_most`, `out.at_least` and `out.within`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"


@dataclass(frozen=True)
class Definition:
    """A struct with the comment above it; `header` is relative to models/."""

    name: str
    header: str
    base: str
    comment: list[str]
    body: str


@dataclass(frozen=True)
class Limit:
    """A comparison of a value with a limit, or (`kind` within) with the range that data cover."""

    kind: str
    id: str
    quantity: str
    unit: str
    by: str  # the expression of the limit, or of both ends of the range
    basis: str


@cache
def text_of(header: str) -> str:
    return (MODELS / header).read_text(encoding="utf-8")


def registered() -> dict[str, str]:
    """Header by struct, in the order of registry.def."""
    pairs = re.findall(r"KELVOLT_MODEL\(([\w/]+\.hpp), (\w+)\)", text_of("registry.def"))
    return {struct: header for header, struct in pairs}


@cache
def included(header: str) -> tuple[str, ...]:
    """The header and all headers of models/ that it includes, each once, nearest first."""
    found = [header]
    for name in found:
        more = re.findall(r'#include "models/([\w/]+\.hpp)"', text_of(name))
        found += [m for m in dict.fromkeys(more) if m not in found]
    return tuple(found)


def definition(struct: str, header: str) -> Definition | None:
    """The struct as the header, or one that it includes, defines it."""
    for name in included(header):
        text = text_of(name)
        if match := re.search(rf"^struct {struct}\b(?: : (?:public )?(\w+))?[^;{{]*\{{", text, re.MULTILINE):
            above = text[: match.start()].rstrip("\n").split("\n")
            while above and above[-1].startswith("template"):
                above.pop()
            return Definition(struct, name, match[1] or "", _comment_at_end(above), _braced(text, match.end() - 1))
    return None


def _comment_at_end(lines: list[str]) -> list[str]:
    count = 0
    while count < len(lines) and lines[-1 - count].startswith("///"):
        count += 1
    return [line[3:].removeprefix(" ").rstrip() for line in lines[len(lines) - count :]]


def comment_at_top(header: str) -> list[str]:
    """The comment with which a header begins, about all that stands in it."""
    lines = text_of(header).split("\n")
    count = next(i for i, line in enumerate(lines) if not line.startswith("///"))
    return _comment_at_end(lines[:count])


def comments(header: str) -> Iterator[list[str]]:
    """Every comment of a header that stands above a declaration at its left margin and has equation lines."""
    lines = text_of(header).split("\n")
    for i, line in enumerate(lines):
        if not line.startswith("///") and i and lines[i - 1].startswith("///"):
            comment = _comment_at_end(lines[:i])
            if any(is_equation_line(c) for c in comment):
                yield comment


def is_equation_line(line: str) -> bool:
    """Indented by two spaces; a line further in goes on with the one before."""
    return line.startswith("  ")


def _braced(text: str, at: int, pair: str = "{}") -> str:
    """From the bracket at `at` to its partner, strings left out of account."""
    depth, i = 0, at
    while True:
        if text[i] == '"':
            i = re.compile(r'"(?:\\.|[^"\\])*"').match(text, i).end() - 1  # type: ignore[union-attr]
        elif text[i] in pair:
            depth += 1 if text[i] == pair[0] else -1
            if not depth:
                return text[at : i + 1]
        i += 1


def _arguments(call: str) -> list[str]:
    """The arguments of "(a, b, ...)", neighbouring strings joined."""
    parts, depth, last, text = [], 0, 0, call[1:-1]
    plain = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: "_" * len(m[0]), text)
    for i, c in enumerate(plain):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and not depth:
            parts.append(text[last:i])
            last = i + 1
    joined = (re.sub(r'"\s*"', "", p.strip()) for p in [*parts, text[last:]])
    return [re.sub(r"\s+", " ", p) for p in joined]


def _literal(argument: str) -> str:
    """The text of a literal; of a choice between two (`decided ? "a" : "b"`) that of the first."""
    argument = re.sub(r'^\w+ \? ("[^"]*") : "[^"]*"$', r"\1", argument)
    match = re.fullmatch(r'"((?:\\.|[^"\\])*)"', argument)
    return match[1].replace('\\"', '"') if match else ""


def _active(body: str, four_wires: bool) -> str:
    """The body without the branches that `if constexpr (four_wires)` leaves out."""
    while match := re.search(r"if constexpr \(four_wires\) \{", body):
        branch = _braced(body, match.end() - 1)
        kept = branch[1:-1] if four_wires else ""
        body = body[: match.start()] + kept + body[match.end() - 1 + len(branch) :]
    for match in re.finditer(r"if constexpr \(([^{;]*)\) \{", body):
        if "out.at_" in _braced(body, match.end() - 1):
            raise ValueError(
                f"a limit stands behind the condition '{match[1]}', which docs/make/headers.py cannot judge"
            )
    return body


def _from(body: str, names: dict[str, str]) -> Iterator[Limit]:
    """Limits that a body states; `names` replaces the parameters of a helper by what a call gives for them."""
    for match in re.finditer(r"\bout\.(at_most|at_least|within)\(", body):
        given = [_renamed(a, names) for a in _arguments(_braced(body, match.end() - 1, "()"))]
        if match[1] == "within":
            beyond = _literal(given[5]) if len(given) > 5 else ""
            yield Limit("within", "", _literal(given[0]), _literal(given[1]), f"{given[3]}, {given[4]}", beyond)
            continue
        identity, quantity, unit, _, by, basis = given
        if not _literal(identity):
            raise ValueError(f"docs/make/headers.py finds no name of the limit in {given}")
        yield Limit(match[1], _literal(identity), _literal(quantity), _literal(unit), by, _literal(basis))


def _renamed(argument: str, names: dict[str, str]) -> str:
    if argument.startswith('"') or not names:
        return argument
    return re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda m: names.get(m[0], m[0]), argument)


def limits(found: Definition, four_wires: bool) -> list[Limit]:
    """Limits and ranges of a struct, those of the struct it hands `out` to and of shared helpers included."""
    body = _active(found.body, four_wires)
    out = []
    if found.base and (base := definition(found.base, found.header)):
        out += limits(base, four_wires)
    for match in re.finditer(r"\b(\w+)::(?:report|outputs)\(x", body):
        if other := definition(match[1], found.header):
            out += limits(other, four_wires)
    out += _from(body, {})
    for match in re.finditer(r"\b(\w+)\(out\b", body):
        given = _arguments(_braced(body, match.end() - len("out") - 1, "()"))
        for name in included(found.header):
            if helper := re.search(rf"^void {match[1]}(?=\()", text_of(name), re.MULTILINE):
                declared = _braced(text_of(name), helper.end(), "()")
                inside = _braced(text_of(name), text_of(name).index("{", helper.end() + len(declared)))
                words = [re.split(r"\W+", p)[-1] for p in _arguments(declared)]
                out += _from(inside, dict(zip(words, given, strict=False)))
    return list(dict.fromkeys(out))
