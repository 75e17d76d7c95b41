"""The power network's part of the report page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from kelvolt.base.tables import Table, Units
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.power.check import PowerCheck
from kelvolt.power.schemes import statement_text
from kelvolt.power.text import bus_table, element_table, loss_table, share_lines, source_table
from kelvolt.reports.page import _folded, _html, _picture

if TYPE_CHECKING:
    from kelvolt.reports.answer import Answer

_LONGEST = 400  # rows of a folded table
_PAPER = 60  # rows that are printed; the style of the page hides the others on paper


def power_part(answer: Answer, u: Units) -> str:
    """One-line diagram, Sankey, loading, voltages, transfer schemes, list of checks; empty without a power network."""
    listed = answer.listed
    if listed is None:
        return ""
    flow, found = listed.flow, listed.statements
    point = "" if answer.run is None else ", not the end of the run"
    caption = (
        "Arrays of more than three are drawn once where they stand in one state, with the sum of their power, the "
        "highest loading, and the range of power and voltage where these differ by more than 1 %."
    )
    lines = "<br>".join(html.escape(" ".join(line.split())) for line in share_lines(flow.shares, u))
    parts = [
        f'<p class="note">This part shows the plan: the steady state that the case describes{point}.</p>',
        f"<figure>{one_line(flow.grid, answer.case.title)}<figcaption>{caption}</figcaption></figure>",
        f"<p>{lines}</p>",
        _html(source_table(flow, u), "source-table"),
        _picture(loss_sankey(flow), "Power from the sources to chips, heat to the spaces that receive it.", "sankey"),
        _html(loss_table(flow), "loss-table"),
        _folded("Loading, highest first", _long(element_table(flow, u, _LONGEST), "loading-table")),
        _folded("Voltages, largest drop first", _long(bus_table(flow, _LONGEST), "voltage-table")),
        f"<pre>{html.escape(statement_text(found, u.system))}</pre>" if found else "",
        "<h3>What a facility engineer checks</h3>"
        + _html(listed.as_table(u), "power-list", broken="BROKEN", wrap={1, 2, 3, 6}),
        _contingencies(listed, u),
    ]
    return "".join(parts)


def _contingencies(listed: PowerCheck, u: Units) -> str:
    if listed.contingencies is None:
        return "<p>Contingencies were left out; <code>kelvolt contingencies</code> studies them.</p>"
    head = "<h3>Contingencies, worst first</h3>"
    return head + f"<pre>{html.escape(listed.contingencies.summary(u.system))}</pre>"


def _long(table: Table, name: str) -> str:
    note = f'<p class="paper note">The first {_PAPER} of {len(table.rows)} rows.</p>'
    return _html(table, name, sortable=True) + (note if len(table.rows) > _PAPER else "")
