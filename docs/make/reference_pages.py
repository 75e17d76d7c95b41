"""Writes docs/format.md (every key of a case), docs/standards.md (every limit of `kelvolt check`), docs/validation.md.

    ./kelvolt python docs/make/reference_pages.py

The keys come from the declaration that the reader of cases uses, the limits and their basis from data/checks, the
comparisons from validation/SCOREBOARD.md. A test compares the committed pages with what this makes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from kelvolt import _core

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent
DATA = DOCS.parent / "data"
HEAD = "<!-- made by docs/make/reference_pages.py; do not edit -->\n"
TITLES = {
    "case": "The whole case",
    "settings": "settings",
    "component": "A component",
    "conductor": "conductor: of a line",
    "assembly": "An assembly",
    "number": "A number with its origin",
    "word": "A word with its origin",
    "curve": "A curve",
    "power_law": "A power law",
    "fluid": "A fluid",
    "fluid_table": "table: of a fluid",
    "profile": "A profile",
    "step": "A step",
    "square_wave": "A square wave",
    "apply": "apply: what follows a profile",
    "event": "An event",
    "limit": "A limit",
    "scenario": "A scenario",
    "record": "record",
    "run": "run",
    "start": "start: of a run",
    "power": "power",
    "library_entry": "An entry of the library",
}
PRESENCE = {"required": "yes", "one_of": "one of these", "some_of": "at least one of these", "optional": ""}


def escaped(text: str) -> str:
    return re.sub(r"([|*_<>\[\]])", r"\\\1", text)


def form(value: dict[str, Any]) -> str:
    """What may stand there, in words."""
    kind = value["kind"]
    plain = {
        "anything": "anything",
        "nothing": "nothing",
        "version": "`1`",
        "text": "text",
        "truth": "`true` or `false`",
        "paths": "a path or pattern, or a list of them",
        "connection": "a connection",
    }
    if kind in plain:
        return plain[kind]
    if kind == "section":
        return f"block [{value['section'].replace('_', ' ')}](#{place(value['section'])})"
    if kind == "word":
        return ", ".join(f"`{w}`" for w in value["words"])
    if kind == "either":
        return ", or ".join(form(f) for f in value["forms"])
    if kind == "quantity":
        unit = value.get("unit") or ""
        text = {"": "number in the unit of what it is for", "1": "number"}.get(unit, f"number in {escaped(unit)}")
        return text + bounds(value)
    if kind == "whole":
        return "whole number" + bounds(value)
    if kind == "list":
        return f"list{size(value)}: {form(value['item'])}"
    return f"names with {form(value['item'])}"


def bounds(value: dict[str, Any]) -> str:
    low, above, high = value.get("minimum"), value.get("above"), value.get("maximum")
    words = [f"from {low:g}" if low is not None else "", f"above {above:g}" if above is not None else ""]
    words += [f"to {int(high) if high == int(high) else high}" if high is not None else ""]
    text = " ".join(w for w in words if w)
    return f", {text}" if text else ""


def size(value: dict[str, Any]) -> str:
    least, most = value.get("least", 0), value.get("most", 0)
    if least and least == most:
        return f" of {least}"
    return f" of {least} or more" if least > 1 else ""


def place(section: str) -> str:
    return "format-" + section.replace("_", "-")


def section(name: str, declared: dict[str, Any]) -> str:
    rows = []
    for key in declared["keys"]:
        meaning = escaped(key["doc"])
        if key["with"]:
            beside = "with " + ", ".join(f"`{w}`" for w in key["with"])
            meaning = f"{meaning}; {beside}" if meaning else beside
        rows.append(f"| `{key['name']}` | {form(key['form'])} | {PRESENCE[key['presence']]} | {meaning or ' '} |")
    parts = [f"({place(name)})=\n### {TITLES.get(name, 'power: ' + name.replace('_', ' '))}"]
    if declared["doc"]:
        parts.append(escaped(declared["doc"][0].upper() + declared["doc"][1:]) + ".")
    parts.append("| key | value | required | meaning |\n|---|---|---|---|\n" + "\n".join(rows))
    if declared["open"]:
        parts.append("Further keys are the parameters of its [model](models/index.md).")
    return "\n\n".join(parts)


def format_page() -> str:
    declared = _core.case_format()
    order = [*(n for n in TITLES if n in declared), *(n for n in declared if n not in TITLES)]
    order.sort(key=lambda n: n == "library_entry")
    return "\n\n".join(
        [
            f"{HEAD}\n# The format of cases",
            (HERE / "format_intro.md").read_text(encoding="utf-8").strip(),
            "## Every key",
            *(section(name, declared[name]) for name in order),
            (HERE / "format_end.md").read_text(encoding="utf-8").strip() + "\n",
        ]
    )


# ---- standards ----


def bound(limit: dict[str, Any]) -> str:
    unit = limit.get("unit", "")
    words = [
        f"at most {limit['max']:g}" if "max" in limit else "",
        f"at least {limit['min']:g}" if "min" in limit else "",
    ]
    text = ", ".join(w for w in words if w) or "the case's own"
    return f"{text} {unit}".strip() + (" (target)" if limit.get("target") else "")


def standards_page() -> str:
    checks = _core.yaml_tree((DATA / "checks" / "power.yaml").read_text(encoding="utf-8"), "power.yaml")
    parts = [f"{HEAD}\n# Standards and limits", (HERE / "standards_intro.md").read_text(encoding="utf-8").strip()]
    for number, item in checks["items"].items():
        rows = [
            f"| `{name}` | {escaped(bound(numbers(limit)))} | {escaped(str(limit.get('basis', '')))} |"
            for name, limit in (item.get("limits") or {}).items()
        ]
        parts.append(f"## Item {number}: {item['title']}")
        if rows:
            parts.append("| limit | holds | basis |\n|---|---|---|\n" + "\n".join(rows))
        else:
            parts.append("Judged by limits that the models state themselves.")
        if "not_assessed" in item:
            parts.append(f"Not assessed: {escaped(str(item['not_assessed']))}.")
    return "\n\n".join(parts) + "\n"


def numbers(limit: dict[str, Any]) -> dict[str, Any]:
    return {k: float(v) if k in ("max", "min") else v for k, v in limit.items()}


# ---- validation ----

GROUPS = {
    "Published numbers and other programs": "Measurements and data that vendors and papers publish, and programs that "
    "solve the same network by other means.",
    "Closed forms": "Cases small enough for a formula.",
    "Traps": "States in which a solver easily gives a wrong answer that looks right: two roots, a lost neutral, a pump "
    "curve with a hump, a second feed. What is compared is what the laws of physics leave as the only answer.",
}


def group_of(case: str, against: str) -> str:
    traps = case.startswith("trials_")
    return "Traps" if traps else "Closed forms" if "closed form" in against else "Published numbers and other programs"


def used(difference: str, allowed: str) -> str:
    """The share of what is allowed, in words that a column has room for."""
    share = float(difference.split()[0]) / float(allowed.split()[0])
    return f"{100 * share:.0f} %" if share >= 0.005 else "below 1 %"


def compared(row: list[str]) -> list[str]:
    """The cells of a comparison; a verdict is shown where it does not agree."""
    case, against, points, difference, allowed, at, verdict = row
    name = case.removeprefix("trials_").replace("_", " ")
    name += "" if verdict == "agrees" else f" (**{verdict}**)"
    return [name, escaped(against), points, f"{difference} of {allowed}", used(difference, allowed), escaped(at)]


def validation_page() -> str:
    text = (DOCS.parent / "validation" / "SCOREBOARD.md").read_text(encoding="utf-8")
    rows = [[c.strip() for c in row.strip("|").split("|")] for row in re.findall(r"^\| \w+ \|.*\|$", text, re.M)]
    rows = [row for row in rows if row[0] != "case"]
    agree = sum(row[-1] == "agrees" for row in rows)
    points = sum(int(row[2]) for row in rows)
    told = {"cases": len(rows), "points": points, "agree": agree}
    parts = [
        f"{HEAD}\n# Validation",
        (HERE / "validation_intro.md").read_text(encoding="utf-8").strip().format(**told),
    ]
    names = ["case", "against", "compared", "largest difference", "of what is allowed", "at"]
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n"
    for title, about in GROUPS.items():
        lines = [f"| {' | '.join(compared(row))} |" for row in rows if group_of(row[0], row[1]) == title]
        parts.append(f"## {title}\n\n{about}\n\n{head}" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def pages() -> dict[Path, str]:
    return {
        DOCS / "format.md": format_page(),
        DOCS / "standards.md": standards_page(),
        DOCS / "validation.md": validation_page(),
    }


def main() -> int:
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
    print(", ".join(f.name for f in pages()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
