"""What the commands of facility teams print: the verdict, what is worst of each kind, and with `every` all tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kelvolt.base import screen
from kelvolt.base.errors import printable
from kelvolt.base.groups import grouped
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.verdicts import Whole, whole
from kelvolt.power.brief import check_table, open_line, target_line
from kelvolt.power.contingencies import STATE
from kelvolt.power.harmonics import TABLES
from kelvolt.reports.brief import head, not_judged, read_on

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.power.contingencies import Contingencies
    from kelvolt.power.flow import PowerFlow
    from kelvolt.power.harmonics import Harmonics
    from kelvolt.power.lines import Line
    from kelvolt.power.protection import Protection
    from kelvolt.power.ridethrough import RideThrough
    from kelvolt.power.schedule import Schedule
    from kelvolt.power.schemes import Statement
    from kelvolt.power.swings import Swings

_TABLE_ROWS = 12  # of each table of harmonics with all rows of its kinds
_SHARES = {"THD", "largest", "TDD", "neutral_over_phase", "load", "I_max", "loss", "I"}  # columns of harmonics in %


def full_text(case: Case, verdict: Whole, text: str, of: str = "limit") -> str:
    """All that a study found, after title, question and verdict."""
    return screen.page(["\n".join(head(case, verdict, of)), text])


def power_text(case: Case, flow: PowerFlow, found: Sequence[Statement], verdict: Whole, units: str) -> str:
    """The power flow on one screen: supply, most loaded, lowest voltages, where power goes, transfer schemes."""
    from kelvolt.power.brief import flow_tables, share_lines, statement_lines

    u = Units(units)

    found_tables = flow_tables(flow, u, 5)

    def page(rows: int) -> str:
        tables = [t.first(rows).text(rule=False) for t in found_tables if t.rows]
        more = f"all {len(flow.grid.elements)} elements, {len(flow.grid.buses)} buses and heat by stage and space"
        last = [*share_lines(flow, u), *statement_lines(found, rows)]
        return screen.page(["\n".join([*head(case, verdict), not_judged()]), *tables], last, [read_on(more)])

    return printable(screen.within(page))


def contingency_text(case: Case, found: Contingencies, verdict: Whole, units: str) -> str:
    """The failures that break the plan, worst first, like ones once, and how many there are."""

    def page(rows: int) -> str:
        table = found.as_table(Units(units), rows)
        kinds = len(found.brief) - 1
        more = read_on(f"all {kinds} kinds of failures", page=False)
        said = [f"{found.count}; the plan itself is a state, too", screen.wrapped(f"judged: {STATE}")]
        said += [screen.wrapped(found.how_to_accept)] if found.how_to_accept else []
        said.append(more)
        return screen.page(["\n".join(head(case, verdict, "state")), _brief(table)], said)

    return printable(screen.within(page, 12))


def ride_text(case: Case, found: RideThrough, units: str = "si", *, every: bool) -> str:
    """The losses in time, worst first; `every`: all of them."""
    if every:
        return full_text(case, found.whole, found.summary(units, len(found.rows)), "loss")

    def page(rows: int) -> str:
        table = found.as_table(Units(units), rows).text(rule=False)
        more = read_on("every loss", page=False)
        said = [*map(screen.wrapped, found.notes.splitlines()), more]
        return screen.page(["\n".join(head(case, found.whole, "loss")), table], said)

    return printable(screen.within(page, 10))


def swings_text(case: Case, found: Swings, lines: Sequence[Line], units: str) -> str:
    """The swings at every level and the limits of the point of connection."""
    u = Units(units)

    def page(rows: int) -> str:
        tables = [found.level_table(u, few=True), check_table(lines, u, rows)]
        last = [found.strongest_text(u), *open_line(lines)]
        last += [screen.wrapped(f"not told by this run: {screen.shortened('; '.join(found.gaps), 200)}")]
        more = "ramps over every window, bands, flicker and the stores that would flatten it"
        top = [*head(case, whole(x.verdict for x in lines)), *target_line(lines)]
        return screen.page(["\n".join(top), *(t.text(rule=False) for t in tables if t.rows)], last, [read_on(more)])

    return printable(screen.within(page))


def harmonics_text(
    case: Case, study: Harmonics, lines: Sequence[Line], last: str, units: str, *, every: bool = False
) -> str:
    """The limits of harmonics, then the worst buses, branches and transformers; `every`: all kinds of all tables."""
    way = "with their angles" if study.summation == "phasor" else "by the exponents of IEC 61000-3-6"
    orders = screen.wrapped(f"Orders {', '.join(map(str, study.orders)) or 'none'}; currents add {way}.")
    if every:
        from kelvolt.power.check import line_table

        tables = [f"{name}{more}\n{table.text()}" for name, more, table in _harmonic_tables(study, _TABLE_ROWS)]
        listed = line_table(lines, Units(units)).text()
        return full_text(case, whole(x.verdict for x in lines), screen.page([orders, *tables, listed, last]))

    def page(rows: int) -> str:
        tables = [f"{name}\n{table.text(rule=False)}" for name, _, table in _harmonic_tables(study, min(rows, 3))]
        limits = check_table(lines, Units(units), rows + 2)
        top = [*head(case, whole(x.verdict for x in lines)), *target_line(lines)]
        blocks = ["\n".join(top), limits.text(rule=False), *tables[:2]]
        said = [orders, *open_line(lines), screen.wrapped(last)]
        return screen.page(blocks, said, [read_on("loads, transformers, delivery and every kind of bus and branch")])

    return printable(screen.within(page))


def _harmonic_tables(study: Harmonics, most: int) -> Iterable[tuple[str, str, Table]]:
    """Name, what is left out, and rows of each table: of elements that differ in indices only the largest."""
    for name in TABLES:
        table = getattr(study, name)
        if not len(table):
            continue
        columns = list(table.columns)
        first, second = columns[0], "" if name == "buses" else columns[1]
        names = partial(_named, first, second)
        groups = grouped(table.to_dict("records"), names)
        rows = [_harmonic_cells(name, g.worst | {first: g.named(g.worst[first], "largest")}) for g in groups]
        more = f", the first {most} of {len(rows)} kinds" if len(rows) > most else ""
        yield name, more, Table(columns, rows[:most], {0, 1, 2})


def _named(first: str, second: str, row: dict[str, Any]) -> tuple[str, str]:
    return str(row[first]), str(row[second]) if second else ""


def _harmonic_cells(name: str, row: dict[str, Any]) -> list[str]:
    cells = []
    for column, x in row.items():
        percent = column in _SHARES and not (column == "I" and name == "branches")
        cells.append(str(x) if isinstance(x, str | int) else f"{plain(100.0 * x, 3)} %" if percent else plain(float(x)))
    return cells


def fault_pages(case: Case, tables: dict[str, pandas.DataFrame], *, each: bool) -> str:
    """All rows of currents, ratings, disconnection and arcs; `each`: every bus of an array."""
    from kelvolt.power import arc_flash, disconnection, short_circuit

    currents = short_circuit.fault_text(tables["faults"], every=each)
    parts = [
        f"Short-circuit currents, the largest first (IEC 60909-0:2016)\n{currents}",
        f"Ratings of devices, the tightest first\n{short_circuit.duty_text(tables['duty'])}",
    ]
    if len(tables["disconnection"]):
        told = "Disconnection by the smallest fault current to earth, the worst first (IEC 60364-4-41, TN)"
        parts.append(f"{told}\n{disconnection.disconnection_text(tables['disconnection'])}")
    if len(tables["arc_flash"]):
        told = "Arc flash at boards, the most energy first (IEEE 1584-2018)"
        parts.append(f"{told}\n{arc_flash.arc_flash_text(tables['arc_flash'])}")
    return full_text(case, _fault_verdict(tables), screen.page(parts))


def _fault_verdict(tables: dict[str, pandas.DataFrame]) -> Whole:
    """Of ratings, disconnection times and arcs together."""
    return whole(word for name in ("duty", "disconnection", "arc_flash") for word in tables[name].verdict)


def fault_text(case: Case, tables: dict[str, pandas.DataFrame]) -> str:
    """Ratings, disconnection, arcs and currents, each the worst first, in about 40 lines.

    tables: faults, duty, disconnection and arc_flash.
    """
    from kelvolt.power import arc_flash, disconnection, short_circuit

    def page(rows: int) -> str:
        some = [
            ("Ratings of devices, the tightest first", short_circuit.duty_table(tables["duty"], rows)),
            ("Disconnection, the worst first (IEC 60364-4-41)",
             disconnection.disconnection_table(tables["disconnection"], rows)),
            ("Arc flash, the most energy first (IEEE 1584-2018)", arc_flash.arc_flash_table(tables["arc_flash"], rows)),
            ("Currents, the largest first (IEC 60909-0)", short_circuit.fault_table(tables["faults"]).first(rows)),
            (short_circuit.DC_TITLE, short_circuit.dc_fault_table(tables["faults"]).first(rows)),
        ]  # fmt: skip
        blocks = [f"{title}\n{_brief(table)}" for title, table in some if table.rows]
        more = read_on("every kind of bus, device and board; --each every bus", page=False)
        return screen.page(["\n".join(head(case, _fault_verdict(tables))), *blocks], [more])

    return printable(screen.within(page))


def _brief(table: Table, most: int = 60) -> str:
    """A table whose last column, the prose, is cut to so many characters."""
    return Table(table.head, [[*r[:-1], screen.shortened(r[-1], most)] for r in table.rows], table.left).text(
        rule=False
    )


def protection_text(case: Case, found: Protection, units: str) -> str:
    """Pairs of devices that are not selective first, and what would mend them."""
    u = Units(units)

    def page(rows: int) -> str:
        some = [
            (f"Pairs in series ({len(found.pair_list)}), the worst first", found.pair_table(u, rows)),
            (f"Behind converters ({len(found.limited_list)})", found.limited_table(u, rows)),
        ]
        blocks = [f"{title}\n{_brief(table)}" for title, table in some if table.rows]
        mend = [screen.wrapped(f"remedy: {screen.shortened(x, 200)}") for x in found.remedies[: rows - 1]]
        more = read_on(f"all {len(found.by_path)} devices and every pair", page=False)
        return screen.page(["\n".join(head(case, found.whole, "pair")), *blocks], mend, [more])

    return printable(screen.within(page, 6))


def schedule_text(case: Case, found: Schedule, units: str) -> str:
    """Boards, like ones once, each in one line, then the equipment with the largest counts."""
    u = Units(units)

    def page(rows: int) -> str:
        boards = [screen.wrapped(f"{title}; {len(table.rows)} circuits") for title, table in found.board_tables(u)]
        left = [f"and {len(boards) - 2 * rows} more boards"] if len(boards) > 2 * rows else []
        table = found.equipment_table(u)
        most = sorted(table.rows, key=lambda r: -int(r[3]))[: 2 * rows]
        shown = [[r[0], screen.shortened(r[1], 60), *r[2:]] for r in most]
        listed = Table(table.head, shown, table.left).text(rule=False)
        more = read_on(f"every circuit, and all {len(table.rows)} types of equipment", page=False)
        return screen.page([case.title], ["Boards", *boards[: 2 * rows], *left], [f"Equipment\n{listed}"], [more])

    return printable(screen.within(page, 8))
