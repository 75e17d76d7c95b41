"""The power network's part of the report page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from kelvolt.base.errors import InputError
from kelvolt.base.tables import Table, Units
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.plots.protection import longest_ways, time_current
from kelvolt.plots.ridethrough import ride_through
from kelvolt.power.check import PowerCheck
from kelvolt.power.schedule import schedule
from kelvolt.power.schemes import statement_text
from kelvolt.power.short_circuit import DC_TITLE, Faults, dc_fault_table, duty_table, fault_table, faults
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


def protection_part(answer: Answer, u: Units) -> str:
    """Selectivity, worst first, devices on limited current, remedies, settings, and a time-current picture."""
    if answer.listed is None or answer.listed.guarded is None or not answer.listed.guarded.by_path:
        return ""
    guarded = answer.listed.guarded
    parts = [f"<p>{html.escape(_capital(guarded.whole.text('pair')))}.</p>"]
    if guarded.pair_list:
        parts.append(
            f"<h3>{len(guarded.pair_list)} pairs in series, worst first</h3>"
            '<p class="note">Pairs that differ in indices only are one row, the worst of them. Currents are those at '
            "the downstream device; the band of the upstream device's earliest times lies above the latest ones of the "
            f"downstream device by {1e3 * guarded.margin:g} ms where a pair is selective.</p>"
            + _html(guarded.pair_table(u), "selectivity-table", broken="BROKEN", wrap={5})
        )
    if guarded.limited_list:
        parts.append(
            "<h3>Behind converters, whose current is limited</h3>"
            + _html(guarded.limited_table(u), "limited-table", broken="BROKEN")
        )
    if guarded.remedies:
        items = "".join(f"<li>{html.escape(r)}</li>" for r in guarded.remedies)
        parts.append(f"<h3>Remedies</h3><ul>{items}</ul>")
    parts.append(_folded("Devices and their settings", _html(guarded.device_table(u), "device-table")))
    for way in longest_ways(guarded)[:1]:
        names = " behind ".join(d.path for d in (way.device, *(d for d, _ in way.before)))
        picture = time_current(guarded, way.device.path, source=way.source)
        parts.append(_picture(picture, f"Time-current bands: {names}, fed by {way.source}.", "time-current"))
    return "".join(parts)


def fault_part(answer: Answer, u: Units) -> str:
    """Ratings of devices against the fault currents, tightest first, and the currents at every bus."""
    if answer.listed is None:
        return ""
    try:
        found: Faults = faults(answer.plan, "the report")
    except InputError as error:
        return f"<p>Not assessed: {html.escape(error.message)}</p>"
    duties = found.duty_frame
    ac, dc = fault_table(found.table), dc_fault_table(found.table)
    currents = _long(ac, "fault-table") if ac.rows else ""
    if dc.rows:
        currents += f"<h3>{html.escape(DC_TITLE)}</h3>" + _long(dc, "dc-fault-table")
    devices = "<p>No device states a rating for faults.</p>"
    if len(duties):
        devices = _html(duty_table(duties), "duty-table", broken="BROKEN", wrap={5})
    return (
        '<p class="note">IEC 60909-0:2016, voltage factors for networks that exceed their nominal voltage by at most '
        "10 %. Buses of an array are one row, the largest current.</p>"
        f"<h3>Duty of breakers, fuses and switches, tightest first</h3>{devices}"
        + _folded("Currents at every bus, largest first", currents)
    )


def ride_part(answer: Answer, u: Units) -> str:
    """Every loss in time, worst first, with a picture of the worst of those that the case declares, else of all."""
    if answer.listed is None or answer.listed.ride is None:
        return ""
    study = answer.listed.ride
    notes = "<br>".join(html.escape(line) for line in study.notes.splitlines())
    declared = study.table[study.table.family == "declared"]
    worst = str((declared if len(declared) else study.table).loss.iloc[0])
    picture = _picture(ride_through(study, worst), f"After {worst}: power, stores, hottest dies, flow.", "ride-through")
    table = _html(study.as_table(_PAPER), "ride-table", broken="BROKEN", wrap={6})
    return f"<p>Times count from the loss.</p>{table}<p>{notes}</p>{picture}"


def board_part(answer: Answer, u: Units) -> str:
    """Every board with its circuits, and every type of equipment with its count."""
    if answer.listed is None:
        return ""
    found = schedule(answer.listed.flow)
    boards = [
        f"<h3>{html.escape(head)}</h3>{_html(table, f'board-{k}', right={2, *range(5, len(table.head))})}"
        for k, (head, table) in enumerate(found.board_tables(u), start=1)
    ]
    note = (
        '<p class="note">Boards and circuits that differ in indices only are shown once. Connected load is listed at '
        "the circuit that feeds it now. A setting or rating that the case does not state is shown as a dash.</p>"
    )
    return note + "".join(boards) + _folded("Equipment", _html(found.equipment_table(u), "equipment-table"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _contingencies(listed: PowerCheck, u: Units) -> str:
    if listed.contingencies is None:
        return "<p>Contingencies were left out; <code>kelvolt contingencies</code> studies them.</p>"
    head = "<h3>Contingencies, worst first</h3>"
    return head + f"<pre>{html.escape(listed.contingencies.summary(u.system))}</pre>"


def _long(table: Table, name: str) -> str:
    note = f'<p class="paper note">The first {_PAPER} of {len(table.rows)} rows.</p>'
    return _html(table, name, sortable=True) + (note if len(table.rows) > _PAPER else "")
