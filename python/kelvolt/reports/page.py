"""The report as one self-contained HTML file: the answer on a few pages, then appendices with every table.

The last section tells how to repeat the computation. The same page is laid out for paper (`paper=True`) and made into a
PDF by `kelvolt.reports.document`.
"""

from __future__ import annotations

import html
import os
import platform
import shlex
from datetime import UTC, date, datetime
from pathlib import Path
from string import Template

import numpy as np

from kelvolt import _core
from kelvolt.base import files, markup
from kelvolt.base.tables import Units
from kelvolt.reports import coolant, power, verdict
from kelvolt.reports.answer import Answer
from kelvolt.reports.pieces import folded, prose
from kelvolt.reports.summary import run_text

_FIRST_TEXT = 900  # characters of the case's question on the first page; the rest is in the appendix

Section = tuple[str, str, str]  # id, heading, body


def write_report(answer: Answer, file: Path, units: str = "si") -> None:
    """Writes the page completely or not at all. Raises FileError, also for an existing file that is not a report."""
    files.write_text(file, page(answer, units), "page")


def page(answer: Answer, units: str = "si", *, paper: bool = False) -> str:
    """The whole page as text; `paper`: laid out to be printed, without what needs a click."""
    u = Units(units)
    shown, rest = _question_parts(answer.case.about)
    main = _numbered(_main(answer, u, units, shown), "")
    more = _numbered(_appendices(answer, u, rest, paper), "A")
    template = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
    note = f'<p class="{"note" if answer.agrees else "warn"}" id="agreement">{html.escape(answer.agreement)}</p>'
    title = title_of(answer)
    made = f"Kelvolt {_core.__version__}, {today():%Y-%m-%d}"
    return template.substitute(
        generator=f"Kelvolt {_core.__version__}",
        title=html.escape(title),
        paper_title=_css_text(title),
        paper_made=_css_text(made),
        subtitle=html.escape(f"{_subtitle(answer)}; {made}"),
        state=answer.whole.word.replace(" ", "-"),
        verdict=html.escape(answer.told),
        agreement=note if answer.agreement else "",
        contents=_contents(main, more),
        sections="\n".join(_section(s) for s in main),
        appendices="\n".join(_section(s) for s in more),
    )


def title_of(answer: Answer) -> str:
    return answer.case.title or Path(answer.case.file).name or "case"


def today() -> date:
    """The date of the report; SOURCE_DATE_EPOCH (s) stands for it where it is set, for reports that can be compared."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed), UTC).date() if fixed.isdigit() else date.today()


def _main(answer: Answer, u: Units, units: str, question: str) -> list[Section]:
    return [
        ("question", "Question", _question(answer, question)),
        ("binding", "Nearest limits", verdict.binding_part(answer, u)),
        ("influences", "Assumed values that matter most", verdict.influence_part(answer, u)),
        ("loop", "Coolant", coolant.loop_part(answer, u, units)),
        ("power", "Power network", power.power_part(answer, u)),
        ("branch-kinds", "Branches and pumps", coolant.kinds_part(answer, u)),
        ("board-kinds", "Boards", power.board_kinds_part(answer, u)),
    ]


def _appendices(answer: Answer, u: Units, rest: str, paper: bool) -> list[Section]:
    return [
        ("about", "The question in full", prose(rest)),
        ("limits", "Limits", verdict.limits_part(answer, u)),
        ("checks", "List of checks", power.checks_part(answer, u)),
        ("contingencies", "Contingencies", power.contingency_part(answer, u)),
        ("flow", "Power flow", power.flow_part(answer, u)),
        ("protection", "Protection", power.protection_part(answer, u)),
        ("faults", "Short circuit", power.fault_part(answer, u)),
        ("ride", "Ride-through", power.ride_part(answer, u)),
        ("boards", "Boards and circuits", power.board_part(answer, u)),
        ("branches", "Branches, worst first", coolant.branches_part(answer, u)),
        ("flows", "Flow through every element", coolant.flows_part(answer, u)),
        ("pumps", "Pumps", coolant.pumps_part(answer, u)),
        ("time", "Over time", coolant.time_part(answer)),
        ("heat", "Heat and audit", coolant.heat_part(answer, u)),
        ("assumptions", "Assumed values", verdict.assumptions_part(answer, u)),
        ("warnings", "Warnings", verdict.warnings_part(answer, u)),
        ("repeat", "How to repeat it", _repeat(answer, paper)),
    ]


def _numbered(sections: list[Section], letter: str) -> list[Section]:
    """The sections that have a body, with their numbers: 1, 2 and so on, those of the appendices A1, A2."""
    kept = [s for s in sections if s[2]]
    return [(key, f"{letter}{k} {head}", body) for k, (key, head, body) in enumerate(kept, start=1)]


def _section(section: Section) -> str:
    key, head, body = section
    level = "h3" if head.startswith("A") else "h2"
    wide = ' class="wide"' if 'class="circuits wide"' in body else ""
    return f'<section id="{key}"{wide}><{level}>{html.escape(head)}</{level}>{body}</section>'


def _contents(main: list[Section], more: list[Section]) -> str:
    def links(sections: list[Section]) -> str:
        return "".join(f'<a href="#{key}">{html.escape(head.partition(" ")[2])}</a>' for key, head, _ in sections)

    return f'<p>{links(main)}</p><p class="appendix-links">Appendices: {links(more)}</p>'


def _css_text(text: str) -> str:
    """Text as a string of CSS, in which only letters, digits, spaces and a few signs stand for themselves."""
    return "".join(c if c.isalnum() or c in " .,-:()" else f"\\{ord(c):06x} " for c in " ".join(text.split()))


def _subtitle(answer: Answer) -> str:
    size = f"{answer.case.core.size} components, {answer.case.unknowns} unknowns"
    kind = "steady state"
    if answer.run is not None:
        kind = run_text(answer.run)
    return f"{kind}; {size}"


def _question_parts(about: str) -> tuple[str, str]:
    """The paragraphs of the case's question that fit on the first page, and the whole text where that is longer."""
    every = markup.blocks(about)
    shown = every[:1]
    for text in every[1:]:
        if sum(map(len, shown)) + len(text) > _FIRST_TEXT:
            break
        shown.append(text)
    if len(shown) == len(every) and len(about) <= 2 * _FIRST_TEXT:
        return about, ""
    first = "\n\n".join(shown)
    if len(first) > 2 * _FIRST_TEXT:
        first = markup.plain_text(first)[:_FIRST_TEXT].rsplit(" ", 1)[0] + " …"
    return first, about


def _question(answer: Answer, shown: str) -> str:
    parts = [prose(shown)]
    if shown.strip() != answer.case.about.strip():
        parts.append('<p class="note">The question in full is in the appendix.</p>')
    if answer.run is None:
        asked = "Asked: the steady state, and whether every limit is held there."
    else:
        asked = (
            f"Asked: {answer.run.time[-1]:g} s in time, and whether every limit is held throughout. Each table says "
            "which time it shows; a power network is judged at its plan, the steady state that the case describes."
        )
    if answer.listed is not None and answer.listed.contingencies is None:
        asked += " Failures of the power network were left out."
    parts.append(f"<p>{asked}</p>")
    changed = ([f"scenario {answer.scenario}"] if answer.scenario else []) + answer.changes
    if changed:
        parts.append(f"<p>Changed against the case: {html.escape('; '.join(changed))}</p>")
    return "".join(parts)


def _repeat(answer: Answer, paper: bool) -> str:
    name = Path(answer.case.file).name or "case.yaml"
    words = ["kelvolt", "report", name, *(["--scenario", answer.scenario] if answer.scenario else [])]
    words += ["--steady"] if answer.run is None and answer.case.duration else []
    electric = answer.listed is not None
    words += ["--no-contingencies"] if electric and not answer.failures else []
    words += ["--ride-through"] if electric and answer.ride else []
    for change in answer.changes:
        words += ["--set", change]
    versions = f"Kelvolt {_core.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
    versions += f"{platform.system()} on {platform.machine()}"
    text = f'<pre id="case-text">{html.escape(answer.text)}</pre>'
    body = f"<h4>Case text: {html.escape(name)}</h4>{text}" if paper else folded(f"case text: {name}", text)
    return (
        f'<pre id="command">{html.escape(shlex.join(words))}</pre><p class="note">{html.escape(versions)}. '
        "Numbers follow from the case text below, which holds the tables that the case names (under `files:`), and the "
        f"component library of this version. A log of more than 64 KiB is not in the text.</p>{body}"
    )
