"""The report as one self-contained HTML file; its last section tells how to repeat the computation."""

from __future__ import annotations

import base64
import html
import io
import math
import platform
import re
import shlex
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.tables import Table, Units, plain
from kelvolt.plots.schematic import loop_schematic
from kelvolt.reports import summary as report
from kelvolt.reports.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution


_LONGEST_FLOWS = 200  # rows
_LARGEST_SVG = 250_000  # bytes


def write_report(answer: Answer, file: Path, units: str = "si") -> None:
    """Writes the page completely or not at all. Raises FileError, also for an existing file that is not a report."""
    files.write_text(file, page(answer, units), "page")


# ---- where an answer comes from ----


# ---- the page ----


def page(answer: Answer, units: str = "si") -> str:
    """The whole page as text."""
    from kelvolt.reports import power

    u = Units(units)
    sections = [
        ("question", "Question", _question(answer)),
        ("limits", "Limits", _limits(answer.solution, u)),
        ("loop", "Loop", _at(answer, _loop(answer.solution, u, units))),
        ("power", "Power network", power.power_part(answer, u)),
        ("protection", "Protection", power.protection_part(answer, u)),
        ("faults", "Short circuit", power.fault_part(answer, u)),
        ("ride", "Ride-through", power.ride_part(answer, u)),
        ("boards", "Boards", power.board_part(answer, u)),
        ("branches", "Branches, worst first", _at(answer, _branches(answer, u))),
        ("flows", "Flow, largest pressure drop first", _at(answer, _flows(answer, u))),
        ("pumps", "Pumps", _at(answer, _pumps(answer, u))),
        ("time", "Over time", _over_time(answer)),
        ("heat", "Heat and audit", _at(answer, _heat(answer, u))),
        ("assumptions", "Assumed values", _assumptions(answer.case, u)),
        ("warnings", "Warnings", _warnings(answer, u)),
        ("repeat", "How to repeat it", _repeat(answer)),
    ]
    kept = [s for s in sections if s[2]]
    template = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
    note = f'<p class="{"note" if answer.agrees else "warn"}" id="agreement">{html.escape(answer.agreement)}</p>'
    return template.substitute(
        generator=f"Kelvolt {_core.__version__}",
        title=html.escape(answer.case.title or Path(answer.case.file).name or "case"),
        subtitle=html.escape(_subtitle(answer)),
        state=answer.whole.word.replace(" ", "-"),
        verdict=html.escape(answer.whole.text()),
        agreement=note if answer.agreement else "",
        contents="".join(f'<a href="#{key}">{head}</a>' for key, head, _ in kept),
        sections="\n".join(f'<section id="{key}"><h2>{head}</h2>{body}</section>' for key, head, body in kept),
    )


def _at(answer: Answer, body: str) -> str:
    """A part of the page, headed for a run by the time that it shows."""
    if answer.run is None or not body:
        return body
    return f'<p class="note">At the end of the run, {answer.run.time[-1]:g} s.</p>' + body


def _subtitle(answer: Answer) -> str:
    size = f"{answer.case.core.size} components, {answer.case.unknowns} unknowns"
    kind = "steady state"
    if answer.run is not None:
        kind = f"run of {answer.run.time[-1]:g} s, {answer.run.status}"
    return f"{kind}; {size}; Kelvolt {_core.__version__}"


def _question(answer: Answer) -> str:
    paragraphs = re.split(r"\n\s*\n", answer.case.about.strip())
    parts = [f'<p class="about">{html.escape(text)}</p>' for text in paragraphs if text]
    if answer.run is None:
        asked = "Asked: the steady state, and whether every limit is held there."
    else:
        asked = (
            f"Asked: {answer.run.time[-1]:g} s in time, and whether every limit is held throughout. Tables show the "
            "end of the run; limits and warnings are the worst of the whole run. A power network is judged at its "
            "plan, the steady state that the case describes."
        )
    parts.append(f"<p>{asked}</p>")
    if answer.changes:
        parts.append(f"<p>Changed against the case: {html.escape('; '.join(answer.changes))}</p>")
    return "".join(parts)


def _limits(solution: Solution, u: Units) -> str:
    table = report.verdict_table(solution, u, longest=None)
    rows = [[id, str(n), reason] for id, n, reason in report.open_limits(solution)]
    body = _html(table, "limits-table", broken="BROKEN", wrap={6}) if table.rows else "<p>No limit was assessed.</p>"
    if rows:
        inner = _html(Table(["limit", "elements", "why not assessed"], rows, left={2}), "open-limits")
        body += _folded(f"{len({row[0] for row in rows})} limits were not assessed", inner)
    return body


def _loop(solution: Solution, u: Units, units: str) -> str:
    caption = "Drawn from the network: pressure drop under each part, heat in the boxes, temperatures at the ends."
    drawing = f'<figure class="circuits">{loop_schematic(solution, units)}<figcaption>{caption}</figcaption></figure>'
    return drawing + _html(report.loop_table(solution, u), "loop-table")


def _branches(answer: Answer, u: Units) -> str:
    from kelvolt.plots.solutions import branch_flows

    table = report.branch_table(answer.solution, u)
    if not table.rows:
        return ""
    note = '<p class="note">A click on a heading sorts. Temperatures of chips are the hottest in the branch.</p>'
    bars = _picture(branch_flows(answer.solution), "Flow of every branch", "flow of every branch")
    return note + _html(table, "branch-table", sortable=True, broken="BROKEN") + bars


def _flows(answer: Answer, u: Units) -> str:
    """The flow through each element, for a network without branches."""
    if answer.solution.branch_list() or not answer.solution.plant.passages:
        return ""
    return _html(report.flow_table(answer.solution, u, _LONGEST_FLOWS), "flow-table", sortable=True)


def _pumps(answer: Answer, u: Units) -> str:
    from kelvolt.plots.pumps import pump_curve

    if not answer.solution.plant.pumps:
        return ""
    start = answer.solution
    if answer.run is not None and answer.run.raw.start.verdicts:
        start = answer.run.start
    caption = "Pump and system: the system curve is solved at other speeds, everything else kept"
    caption += "." if answer.run is None else ", in the state the run began from."
    picture = _picture(pump_curve(answer.case, start), caption, "pump and system curve")
    return _html(report.pump_table(answer.solution, u), "pump-table") + picture


def _over_time(answer: Answer) -> str:
    from kelvolt.plots.solutions import time_series

    if answer.run is None:
        return ""
    names = {"temperatures": "Temperatures, with their limits", "flows": "Flows", "power": "Powers and heat flows"}
    pictures = [_picture(f, names[n], n) for n, f in time_series(answer.run).items()]
    rows = [[f"{e.time:.3f}".rstrip("0").rstrip("."), e.component, e.text] for e in answer.run.events]
    events = _html(Table(["t (s)", "element", "event"], rows, left={1, 2}), "events") if rows else ""
    return "".join(pictures) + (_folded(f"{len(rows)} events", events) if len(rows) > 20 else events)


def _heat(answer: Answer, u: Units) -> str:
    a = answer.solution.audit
    listed = report.heat_rows(answer.solution, answer.run is not None)
    rows = [[name.replace("  ", "… "), u.text(watts, "W", 5)] for name, watts in listed]
    rows.append(["energy audit: residual over what crosses the boundary", f"{a.energy_relative:.1e}"])
    rows.append(["mass audit: residual over what crosses the boundary", f"{a.mass_relative:.1e}"])
    rows.append(["second law", report.second_law(answer.solution, u)])
    return _html(Table(["heat", "amount"], rows), "heat-table", right={1})


def _assumptions(case: Case, u: Units) -> str:
    """Every value that is assumed or has a range, with its grade and source."""
    curves = {p.name for m in _core.models() for p in m.params if p.type == "curve"}
    rows = []
    for a in [*case.assumptions, *case.core.tolerances]:
        curve = a.parameter in curves and a.unit == "1" and a.value == 1.0
        spread = "no range" if math.isnan(a.minimum) else u.span(a.minimum, a.maximum, a.unit)
        if curve and not math.isnan(a.minimum):
            spread = f"times {plain(a.minimum, 3)} to {plain(a.maximum, 3)}"
        value = "curve" if curve else u.text(a.value, a.unit, 3)
        rows.append([f"{a.path}.{a.parameter}", a.grade, value, spread, a.source])
    if not rows:
        return ""
    note = (
        "<p>Values without a public measurement, then values whose source states a range. The answer holds for them as "
        "they stand; read it with their ranges in mind.</p>"
    )
    table = Table(["value", "grade", "is", "may be", "source"], rows, left={1, 2, 3, 4})
    return note + _html(table, "assumption-table", wrap={4})


def _warnings(answer: Answer, u: Units) -> str:
    """Warnings and notes; those of like elements are one line, with the largest excursion from the range."""
    lines = report.warning_lines(answer.case.core, answer.solution, u)
    items = "".join(f"<li>{html.escape(_readable(line))}</li>" for line in lines)
    body = f'<ul class="note">{items}</ul>'
    return "" if not lines else body if len(lines) <= 8 else _folded(f"{len(lines)} warnings and notes", body)


def _repeat(answer: Answer) -> str:
    name = Path(answer.case.file).name or "case.yaml"
    words = ["kelvolt", "run", name, *(["--steady"] if answer.run is None and answer.case.duration else [])]
    for change in answer.changes:
        words += ["--set", change]
    versions = f"Kelvolt {_core.__version__}, Python {platform.python_version()}, NumPy {np.__version__}, "
    versions += f"{platform.system()} on {platform.machine()}"
    return (
        f'<pre id="command">{html.escape(shlex.join(words))}</pre><p class="note">{html.escape(versions)}. '
        "Numbers follow from the case text below and the component library of this version.</p>"
        + _folded(f"case text: {name}", f'<pre id="case-text">{html.escape(answer.text)}</pre>')
    )


# ---- pieces ----


def _html(
    table: Table,
    name: str,
    *,
    sortable: bool = False,
    broken: str = "",
    wrap: frozenset[int] | set[int] = frozenset(),
    right: frozenset[int] | set[int] = frozenset(),
) -> str:
    """A table with text columns aligned left; rows that contain the word `broken` are marked."""
    left = table._text_columns() - set(right)

    def cell(tag: str, column: int, text: str) -> str:
        kinds = (["text"] if column in left else []) + (["wrap"] if column in wrap and tag == "td" else [])
        style = f' class="{" ".join(kinds)}"' if kinds else ""
        return f"<{tag}{style}>{html.escape(_readable(text))}</{tag}>"

    def row(cells: list[str]) -> str:
        mark = ' class="broken"' if broken and any(broken in c for c in cells) else ""
        return f"<tr{mark}>{''.join(cell('td', k, c) for k, c in enumerate(cells))}</tr>"

    head = "".join(cell("th", k, c) for k, c in enumerate(table.head))
    body = "".join(map(row, table.rows))
    style = ' class="sortable"' if sortable else ""
    table_text = f'<table id="{name}"{style}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll">{table_text}</div>'


def _readable(text: str) -> str:
    """Text with typographic units and signs."""
    text = re.sub(r"\bdeg([CF])\b", r"°\1", text)
    return text.replace("<= ", "≤ ").replace(">= ", "≥ ")


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{html.escape(title)}</summary>{body}</details>"


def _picture(figure: Figure | None, caption: str, name: str) -> str:
    """A figure as an image inside the page: SVG, or PNG where many points would make the SVG large."""
    if figure is None:
        return ""
    import matplotlib

    stream = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    kind = "svg+xml"
    if len(stream.getvalue()) > _LARGEST_SVG:
        stream, kind = io.BytesIO(), "png"
        figure.savefig(stream, format="png", dpi=200, metadata={"Software": None})
    data = base64.b64encode(stream.getvalue()).decode()
    image = f'<img alt="{html.escape(name)}" src="data:image/{kind};base64,{data}">'
    return f"<figure>{image}<figcaption>{html.escape(caption)}</figcaption></figure>"
