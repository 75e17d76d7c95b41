"""The power network's part of the report page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from kelvolt.base.errors import InputError
from kelvolt.base.tables import Table, Units, plain
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.plots.protection import longest_ways, time_current
from kelvolt.plots.ridethrough import ride_through
from kelvolt.power.contingencies import STATE
from kelvolt.power.schedule import schedule
from kelvolt.power.schemes import transfer_table
from kelvolt.power.short_circuit import DC_TITLE, Faults, dc_fault_table, duty_table, fault_table, faults
from kelvolt.power.text import bus_table, element_table, loss_table, share_lines, source_table
from kelvolt.reports.pieces import PAPER, folded, listed, picture, shortened, table_html
from kelvolt.reports.verdict import PLAN

if TYPE_CHECKING:
    from kelvolt.reports.answer import Answer

_LONGEST = 400  # rows of a folded table
_KINDS = 14  # rows of a table of the first pages


def power_part(answer: Answer, u: Units) -> str:
    """One-line diagram, sources and sums of the plan; empty without a power network."""
    if answer.listed is None:
        return ""
    flow = answer.listed.flow
    point = "" if answer.run is None else ", not the end of the run"
    caption = (
        f"Shows the plan: the steady state that the case describes{point}. Of more than three equal parts at the same "
        "buses and in one state one is drawn, with their number, the sum of their power, the highest loading, and the "
        "range of power and voltage where these differ by more than 1 %."
    )
    sources, more = shortened(source_table(flow, u), _KINDS, "sources")
    sums = [line for line in share_lines(flow.shares, u) if not line.startswith("of this steady state")]
    rows = [[x.strip() for x in line.split("  ", 1)] for line in sums if "  " in line.strip()]
    rest = [" ".join(line.split()) for line in sums if "  " not in line.strip()]
    return (
        f"<figure>{one_line(flow.grid, answer.case.title)}<figcaption>{caption}</figcaption></figure>"
        + '<div class="beside">'
        + table_html(sources, "source-table", "Sources", state=PLAN)
        + table_html(Table(["power", "amount"], rows, {1}), "share-table", "Where power goes", state=PLAN, right={1})
        + "</div>"
        + more
        + "".join(f'<p class="note">{html.escape(line)}</p>' for line in rest)
    )


def board_kinds_part(answer: Answer, u: Units) -> str:
    """Boards that differ in indices only as one row each: the one with the largest demand."""
    if answer.listed is None:
        return ""
    rows = []
    found = schedule(answer.listed.flow)
    for head, table in found.board_tables(u):
        name, volts, rest = (*head.split(", ", 2), "", "")[:3]
        demand = rest.removeprefix("demand ").split("; most of ")
        load = max(table.rows, key=lambda r: _number(r[-1]), default=["-", "-"])
        worst = f"{load[0]}, {load[-1]} %" if load[-1] != "-" else "-"
        count = demand[1].split()[0] if len(demand) > 1 else "1"
        rows.append([name, count, volts, demand[0].split(" (")[0], str(len(table.rows)), worst])
    head_line = ["board", "alike", "voltage", "largest demand", "kinds of circuits", "circuit loaded most"]
    if not rows:
        return ""
    shown, more = shortened(Table(head_line, rows, {2, 3, 5}), _KINDS, "kinds of boards")
    return table_html(shown, "board-kind-table", "Boards, equal ones once", state=PLAN) + more


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


# ---- appendices ----


def flow_part(answer: Answer, u: Units) -> str:
    """Sankey, losses, loading, voltages, transfer schemes."""
    if answer.listed is None:
        return ""
    flow = answer.listed.flow
    caption = "Power from the sources to chips, heat to the spaces that receive it."
    loading = element_table(flow, u, _LONGEST)
    voltages = bus_table(flow, _LONGEST)
    return "".join(
        [
            picture(loss_sankey(flow), caption, "sankey"),
            table_html(
                loss_table(flow), "loss-table", "Heat by stage and by the space that receives it (W)", state=PLAN
            ),
            folded("Loading, highest first", _long(loading, "loading-table", "Loading, highest first", PLAN)),
            folded(
                "Voltages, largest drop first", _long(voltages, "voltage-table", "Voltages, largest drop first", PLAN)
            ),
            _transfers(answer, u),
        ]
    )


def _transfers(answer: Answer, u: Units) -> str:
    found = answer.listed.statements if answer.listed is not None else []
    if not found:
        return ""
    lines = [
        f"{s.scheme.name}: {s.scheme.kind}; {s.arithmetic}; normal: {s.worst_normal.name} at "
        f"{plain(100.0 * s.worst_normal.loading, 3)} % of its rating, {plain(100.0 * s.normal_limit, 3)} % allowed; "
        f"{'held' if s.held else 'BROKEN'}"
        for s in found
    ]
    rows = [
        [t.scheme, t.failed, t.survivor, u.text(t.before, "W", 3), u.text(t.after, "W", 3)]
        + [plain(100.0 * t.share, 3), plain(100.0 * t.loading, 3), t.reason if t.status == "ok" else t.status]
        for t in transfer_table(found).itertuples()
    ]
    head = ["scheme", "lost", "survivor", "before", "after", "takes (%)", "loading (%)", "remark"]
    table = Table(head, rows, {1, 2, 3, 4, 7})
    state = "steady state after each loss"
    return (
        "<h4>Transfer schemes</h4>"
        + listed(lines)
        + table_html(table, "transfer-table", "What survivors take", state=state)
    )


def checks_part(answer: Answer, u: Units) -> str:
    """The list of checks, with what was not assessed and why."""
    if answer.listed is None:
        return ""
    caption = "What a facility engineer checks"
    table = answer.listed.as_table(u)
    return table_html(table, "power-list", caption, state=PLAN, broken="BROKEN", wrap={1, 2, 3, 6})


def contingency_part(answer: Answer, u: Units) -> str:
    if answer.listed is None:
        return ""
    found = answer.listed.contingencies
    if found is None:
        return "<p>Failures were left out; <code>kelvolt contingencies</code> studies them.</p>"
    table = found.as_table(u, own_state=False)
    state = "steady state after each failure"
    caption = f"Contingencies, worst first: {found.count}"
    words = {k for k, head in enumerate(table.head) if head in ("contingency", "at", "lost load", "why")}
    shown = table_html(table, "contingency-table", caption, state=state, broken="BROKEN", wrap=words, paper=PAPER)
    notes = [f"Judged: {STATE}.", *([f"{_capital(found.how_to_accept)}."] if found.how_to_accept else [])]
    body = shown if len(table.rows) <= PAPER else folded(f"{len(table.rows)} kinds of failures", shown)
    return f'{body}<div class="note">{listed(notes)}</div>'


def protection_part(answer: Answer, u: Units) -> str:
    """Selectivity, worst first, devices on limited current, remedies, settings, and a time-current picture."""
    if answer.listed is None or answer.listed.guarded is None or not answer.listed.guarded.by_path:
        return ""
    guarded = answer.listed.guarded
    parts = [f"<p>{html.escape(_capital(guarded.whole.text('pair')))}.</p>"]
    if guarded.pair_list:
        parts.append(
            f"<h4>{len(guarded.pair_list)} pairs in series, worst first</h4>"
            '<p class="note">Pairs that differ in indices only are one row, the worst of them. Currents are those at '
            "the downstream device; the band of the upstream device's earliest times lies above the latest ones of the "
            f"downstream device by {1e3 * guarded.margin:g} ms where a pair is selective.</p>"
            + table_html(
                guarded.pair_table(u),
                "selectivity-table",
                "Pairs in series",
                state=PLAN,
                broken="BROKEN",
                wrap={5},
                paper=PAPER,
            )
        )
    if guarded.limited_list:
        parts.append(
            table_html(
                guarded.limited_table(u),
                "limited-table",
                "Behind converters, whose current is limited",
                state=PLAN,
                broken="BROKEN",
            )
        )
    if guarded.remedies:
        parts.append(f"<h4>Remedies</h4>{listed(guarded.remedies)}")
    parts.append(
        folded(
            "Devices and their settings",
            table_html(guarded.device_table(u), "device-table", "Devices", state=PLAN, paper=PAPER),
        )
    )
    for way in longest_ways(guarded)[:1]:
        names = " behind ".join(d.path for d in (way.device, *(d for d, _ in way.before)))
        drawn = time_current(guarded, way.device.path, source=way.source)
        parts.append(picture(drawn, f"Time-current bands: {names}, fed by {way.source}.", "time-current"))
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
    currents = _long(ac, "fault-table", "Fault currents at every bus, largest first", PLAN) if ac.rows else ""
    if dc.rows:
        currents += _long(dc, "dc-fault-table", DC_TITLE, PLAN)
    devices = "<p>No device states a rating for faults.</p>"
    if len(duties):
        devices = table_html(
            duty_table(duties),
            "duty-table",
            "Duty of breakers, fuses and switches, tightest first",
            state=PLAN,
            broken="BROKEN",
            wrap={5},
            paper=PAPER,
        )
    return (
        '<p class="note">IEC 60909-0:2016, voltage factors for networks that exceed their nominal voltage by at most '
        "10 %. Buses of an array are one row, the largest current.</p>"
        + devices
        + folded("Currents at every bus, largest first", currents)
    )


def ride_part(answer: Answer, u: Units) -> str:
    """Every loss in time, worst first, with a picture of the worst of those that the case declares, else of all."""
    if answer.listed is None or answer.listed.ride is None:
        return ""
    study = answer.listed.ride
    notes = "<br>".join(html.escape(line) for line in study.notes.splitlines())
    declared = study.table[study.table.family == "declared"]
    worst = str((declared if len(declared) else study.table).loss.iloc[0])
    drawn = picture(ride_through(study, worst), f"After {worst}: power, stores, hottest dies, flow.", "ride-through")
    table = table_html(
        study.as_table(u, PAPER),
        "ride-table",
        "Every loss in time",
        state="times count from the loss",
        broken="BROKEN",
        wrap={0, 5, 7, 8},
    )
    return f"{table}<p>{notes}</p>{drawn}"


def board_part(answer: Answer, u: Units) -> str:
    """Every board with its circuits, and every type of equipment with its count."""
    if answer.listed is None:
        return ""
    found = schedule(answer.listed.flow)
    boards = [
        f"{table_html(table, f'board-{k}', head, right={2, *range(5, len(table.head))})}"
        for k, (head, table) in enumerate(found.board_tables(u), start=1)
    ]
    note = (
        '<p class="note">Boards and circuits that differ in indices only are shown once. Connected load is listed at '
        "the circuit that feeds it now. A setting or rating that the case does not state is shown as a dash.</p>"
    )
    return (
        note
        + "".join(boards)
        + folded("Equipment", table_html(found.equipment_table(u), "equipment-table", "Equipment", paper=PAPER))
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _long(table: Table, name: str, caption: str, state: str) -> str:
    return table_html(table, name, caption, state=state, sortable=True, paper=PAPER)
