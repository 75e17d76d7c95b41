"""The verdict's part of the report page: what binds, assumed values that matter, all limits, assumptions, warnings."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.values import difference
from kelvolt.reports import binding, summary
from kelvolt.reports.pieces import PAPER, folded, listed, readable, table_html
from kelvolt.reports.tables import worst_of
from kelvolt.reports.tables_power import STEADY
from kelvolt.reports.warned import warning_lines
from kelvolt.studies.assumed import DEFAULT, STAND_IN

if TYPE_CHECKING:
    from kelvolt.reports.answer import Answer
    from kelvolt.studies.influence import Influence, Influences

_FEW = 8  # warnings that are not folded
PLAN = f"plan: {STEADY}"


def binding_part(answer: Answer, u: Units) -> str:
    """One sentence, then of each kind of verdict the five worst, equal elements counted once."""
    told = binding.sentence(answer.solution, answer.listed, u)
    parts = [f'<p class="told">{html.escape(readable(told))}</p>' if told else ""]
    limits = binding.limit_table(answer.solution, u)
    if limits.rows:
        shown, every = len(limits.rows), len(binding.limit_kinds(answer.solution))
        caption = f"Limits of case and models: the {shown} tightest of {every}; each at its worst element"
        parts.append(table_html(limits, "worst-limits", caption, state=worst_of(answer.run), broken="BROKEN"))
    else:
        parts.append("<p>No limit of case or models was assessed.</p>")
    if answer.listed is not None:
        checks = binding.check_table(answer.listed, u)
        caption = f"List of checks of the power network: {answer.listed.whole.text('line')}"
        parts.append(table_html(checks, "worst-checks", caption, state=PLAN, broken="BROKEN", wrap={0, 1}))
        failures = binding.contingency_table(answer.listed, u)
        if failures.rows and answer.listed.contingencies is not None:
            caption = f"Failures, worst first: {answer.listed.contingencies.count}"
            state = "steady state after each failure"
            parts.append(_failures(failures, caption, state))
        losses = binding.ride_table(answer.listed, u)
        if losses.rows:
            caption = "Losses in time, worst first; times count from the loss"
            parts.append(table_html(losses, "worst-losses", caption, broken="BROKEN", wrap={0, 5, 7, 8}))
    return "".join(parts)


def _failures(table: Table, caption: str, state: str) -> str:
    kept = [k for k, head in enumerate(table.head) if head not in ("at",)]
    short = Table([table.head[k] for k in kept], [[r[k] for k in kept] for r in table.rows])
    words = {k for k, head in enumerate(short.head) if head in ("contingency", "lost load", "why")}
    return table_html(short, "worst-failures", caption, state=state, broken="BROKEN", wrap=words)


# ---- assumed values by their effect ----


def influence_part(answer: Answer, u: Units) -> str:
    """The assumed values that move the limit that binds most, as `kv.influences` ranks them."""
    found, why = answer.influences
    if found is None:
        return f"<p>{html.escape(why[:1].upper() + why[1:])}.</p>" if answer.case.assumptions else ""
    limit = f"{found.limit} of {found.element}"
    told = f'<p class="told">{html.escape(readable(_sentence(found.note())))}</p>' if found.unmoved else ""
    if not found.moving:
        return f"{told}<p>No assumed value with a range moves the margin to {html.escape(readable(limit))}.</p>"
    rows = [_influence_row(r, found, u) for r in found.moving[: binding.WORST]]
    head = ["assumed value", "is", "may be", "margin at its low end", "margin at its high end", "moves it by", "by"]
    margin = u.text(found.margin, difference(found.unit), 3)
    deciding = sum(_decides(r, found.margin) for r in found.moving)
    caption = f"Margin to {limit}, {margin}, over the range of each value; {len(found.moving)} values move it, "
    caption += f"{deciding or 'none'} of them so far that its verdict changes"
    curves = f" {found.left_out} curves were not solved and are not ranked." if found.left_out else ""
    curves += f" {_sentence(found.stand_in())}" if found.stand_in() else ""
    note = (
        '<p class="note">Each value alone. “solved”: the case was solved at both ends; “linear”: the gradient at this '
        f"state times the range.{curves} The appendix has all assumed values with their sources.</p>"
    )
    table = Table(head, rows, {0, 1, 2, 3, 4, 5, 6})
    return told + table_html(table, "influence-table", caption, state=STEADY, wrap={0}) + note


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _decides(r: Influence, margin: float) -> bool:
    """Whether the verdict of the limit changes at an end of the range."""
    return any((margin >= 0.0) != (margin + x >= 0.0) for x in (r.at_low, r.at_high) if math.isfinite(x))


def _influence_row(r: Influence, found: Influences, u: Units) -> list[str]:
    v, unit = r.value, difference(found.unit)
    ends = [u.text(found.margin + x, unit, 3) if math.isfinite(x) else "no steady state" for x in (r.at_low, r.at_high)]
    return [
        v.name,
        "curve" if v.curve else u.text(v.value, v.unit, 3),
        r.span(u),
        *ends,
        u.text(r.moves, unit, 2),
        r.by,
    ]


# ---- appendices ----


def limits_part(answer: Answer, u: Units) -> str:
    solution = answer.solution
    table = summary.verdict_table(solution, u, longest=None)
    rows = [list(row) for row in binding.open_limits(solution)]
    body = "<p>No limit was assessed.</p>"
    if table.rows:
        caption = "Every limit at its tightest element"
        body = table_html(table, "limits-table", caption, state=worst_of(answer.run), broken="BROKEN", wrap={6})
    if rows:
        head = ["limit", "elements", "why not assessed"]
        inner = table_html(
            Table(head, rows, {2}), "open-limits", "Limits that were not assessed at some element", wrap={2}
        )
        body += folded(f"{len({row[0] for row in rows})} limits were not assessed at some element or at all", inner)
    return body


def assumptions_part(answer: Answer, u: Units) -> str:
    """Every value that is assumed or has a range, with its grade and source, by effect on the limit that binds."""
    case = answer.case
    curves = {p.name for m in _core.models() for p in m.params if p.type == "curve"}
    found = answer.influences[0]
    order = {r.value.name: k for k, r in enumerate(found.rows)} if found is not None else {}
    every = sorted(
        [*case.assumptions, *case.core.tolerances], key=lambda a: order.get(f"{a.path}.{a.parameter}", len(order))
    )
    rows = []
    for a in every:
        curve = a.parameter in curves and a.unit == "1" and a.value == 1.0
        spread = "no range" if math.isnan(a.minimum) else u.span(a.minimum, a.maximum, a.unit)
        if curve and not math.isnan(a.minimum):
            spread = f"times {plain(a.minimum, 3)} to {plain(a.maximum, 3)}"
        value = "curve" if curve else u.text(a.value, a.unit, 3)
        rows.append([f"{a.path}.{a.parameter}", a.grade, value, spread, a.source])
    if not rows:
        return ""
    stand_in = f"<p>{_sentence(STAND_IN)}</p>" if any(a.grade == DEFAULT for a in every) else ""
    note = (
        "<p>Values without a public measurement, defaults of models that no source gives, and values whose source "
        "states a range, by their effect on the nearest limit. The answer holds for them as they stand; read it with "
        "their ranges in mind.</p>"
        f"{stand_in}"
    )
    table = Table(["value", "grade", "is", "may be", "source"], rows, {1, 2, 3, 4})
    caption = "Assumed values and ranges, those that move the nearest limit most first"
    return note + table_html(table, "assumption-table", caption, wrap={0, 4}, paper=2 * PAPER)


def warnings_part(answer: Answer, u: Units) -> str:
    """Warnings and notes; those of like elements are one line, with the largest excursion from the range."""
    lines = warning_lines(answer.case.core, answer.solution, u)
    if not lines:
        return ""
    body = f'<div class="note">{listed(lines)}</div>'
    return body if len(lines) <= _FEW else folded(f"{len(lines)} warnings and notes", body)
