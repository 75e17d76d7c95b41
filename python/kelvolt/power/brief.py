"""A power network on one screen: what supplies it, what is loaded most, where the voltage is lowest, where power goes,
and of the list of checks what is broken and what is tightest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base import screen
from kelvolt.base.groups import Group, grouped
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.verdicts import BROKEN, NOT_ASSESSED
from kelvolt.power.text import percent

if TYPE_CHECKING:
    from kelvolt.power.flow import PowerFlow
    from kelvolt.power.lines import Line
    from kelvolt.power.net import Element
    from kelvolt.power.schemes import Statement

_SUPPLY = ("source", "transformer")  # electric roles
_NOTHING = 1e-4  # loading, and share of the largest source, below which nothing is shown
_REASON = 70  # characters of a reason


def flow_tables(flow: PowerFlow, u: Units, rows: int) -> list[Table]:
    """Sources and transformers, the most loaded elements, the lowest voltages; equal elements are one row each."""
    return [_supply(flow, u, rows), _loaded(flow, u, rows), _lowest(flow, rows)]


def _supply(flow: PowerFlow, u: Units, rows: int) -> Table:
    """Sources and transformers in turns, the largest first; of each group the element with the highest loading."""
    by_role: list[list[list[str]]] = []
    least = _NOTHING * max(map(_power, flow.grid.of_role(_SUPPLY[0])), default=0.0)

    def watts(x: float) -> str:
        return u.text(x if x > least else 0.0, "W")

    for role in _SUPPLY:
        body: list[list[str]] = []
        by_role.append(body)
        groups = grouped(flow.grid.of_role(role), lambda e: e.path, worst=_by_loading)
        for g in sorted(groups, key=lambda g: -_power(g.worst))[:rows]:
            e = g.worst
            live = any(flow.grid.buses[x.bus].live for x in e.ends)
            shown = watts(_power(e)) if live else "dead"
            body.append([e.path, str(len(g.members)), role, shown, watts(sum(map(_power, g.members)))])
            body[-1].append(percent(0.0 if abs(e.loading) < _NOTHING else e.loading) if live else "-")
    turns = [row for pair in zip_longest(*by_role) for row in pair if row is not None]
    return Table(["source or transformer", "of", "is", "power", "all of them", "loading (%)"], turns, {2, 3, 4})


def _power(e: Element) -> float:
    return abs(e.power) if e.role == "source" else abs(e.given)


def _by_loading(e: Element) -> tuple[float, float]:
    return (-e.loading if math.isfinite(e.loading) else math.inf, -_power(e))


def _loaded(flow: PowerFlow, u: Units, rows: int) -> Table:
    table = flow.elements[flow.elements.role != "source"]
    table = table.sort_values(["loading", "P_in"], ascending=False, na_position="last")
    groups = grouped((r for r in table.itertuples() if math.isfinite(r.loading)), lambda r: r.element)
    body = [
        [
            r.element,
            str(len(g.members)),
            r.model,
            u.text(max(r.P_in, r.P_out), "W"),
            plain(r.I, 3),
            percent(r.loading),
        ]
        for g in groups[:rows]
        for r in [g.worst]
    ]
    head = ["most loaded", "of", "model", "power", "current (A)", "loading (%)"]
    return Table(head, body, {2, 3})


def _lowest(flow: PowerFlow, rows: int) -> Table:
    table = flow.buses[flow.buses.live].sort_values("drop", ascending=False, na_position="last")
    groups = grouped(
        table.itertuples(), lambda r: (r.kind, plain(r.v_drop), str(r.drop_of), percent(r.drop, 2), r.head)
    )
    body = [
        [
            r.bus,
            str(len(g.members)),
            r.kind,
            f"{plain(r.v_drop)} {r.drop_of}".rstrip(),
            percent(r.drop, 2),
            r.head,
        ]
        for g in groups[:rows]
        for r in [g.worst]
    ]
    head = ["lowest voltages", "of", "kind", "voltage (V)", "drop (%)", "since"]
    return Table(head, body, {2, 3, 5})


def share_lines(flow: PowerFlow, u: Units) -> list[str]:
    """Where power goes, in two lines."""
    s = flow.shares
    parts = [
        (s.total, "used here"),
        (s.distribution, "lost before the IT equipment"),
        (s.cooling, "cooling"),
        (s.other, "other"),
        (s.it, f"into the IT equipment ({s.boundary})"),
    ]
    tue = f", TUE {s.tue:.4f}" if math.isfinite(s.tue) else ""
    return [
        screen.wrapped("power: " + "; ".join(f"{u.text(x, 'W')} {name}" for x, name in parts if abs(x) > 0.0)),
        f"PUE {s.pue:.4f}{tue} of this steady state",
    ]


def statement_lines(found: Sequence[Statement], rows: int) -> list[str]:
    """A line for each transfer scheme, those that are broken first, with the survivor that is loaded most."""
    lines = []
    for s in sorted(found, key=lambda s: s.held)[:rows]:
        word = "held" if s.held else "BROKEN"
        known = [t for t in s.transfers if math.isfinite(t.loading)]
        worst = max(known, key=lambda t: t.loading, default=None)
        after = (
            f"; {worst.survivor} carries {percent(worst.loading)} % of its rating after {worst.failed}" if worst else ""
        )
        lines.append(screen.wrapped(f"transfer scheme {s.scheme.name}: {word}{after}"))
    return lines + ([f"and {len(found) - rows} more transfer schemes"] if len(found) > rows else [])


# ---- the list of checks ----

_ORDER = {BROKEN: 0, "target missed": 1, "held": 2, "target met": 3}


def check_table(lines: Sequence[Line], u: Units, rows: int) -> Table:
    """Broken lines of the list of checks first, then targets that are missed, then what is held with least to spare."""
    judged = sorted((x for x in lines if x.verdict in _ORDER), key=_tightness)
    groups = grouped(judged, lambda x: (x.item, x.quantity, x.element, x.verdict))
    body = [[str(g.worst.item), *_cells(g, u)] for g in groups[:rows]]
    bad = sum(x.verdict == BROKEN for x in judged)
    head = f"checks, {bad} broken of {len(judged)}"
    return Table(["item", head, "worst element", "of", "value", "limit", "verdict"], body, {1, 2, 4, 5, 6})


def target_line(lines: Sequence[Line]) -> list[str]:
    """One sentence on the targets of standards, which are no limits; empty where none applies."""
    met, missed = (sum(x.verdict == word for x in lines) for word in ("target met", "target missed"))
    return [f"  targets of standards, which are no limits: {met} met, {missed} missed"] if met + missed else []


def worst_line(lines: Sequence[Line], u: Units) -> list[str]:
    """The broken line of the list that is farthest beyond its limit, as one sentence."""
    from kelvolt.power.check import shown

    broken = [x for x in lines if x.verdict == BROKEN]
    if not broken:
        return []
    x = min(broken, key=_tightness)
    limit = "" if math.isnan(x.limit) else f", limit {shown(x, x.limit, u)}"
    at = f", at {x.element}" if x.element else ""
    return [screen.wrapped(f"broken most: item {x.item}, {x.quantity}{at}: {shown(x, x.value, u)}{limit}", "  ")]


def _tightness(x: Line) -> tuple[int, float]:
    return _ORDER[x.verdict], _core.closeness(x.margin, x.limit, x.unit)


def _cells(group: Group[Line], u: Units) -> list[str]:
    from kelvolt.power.check import shown

    x = group.worst
    word = x.verdict.upper() if x.verdict == BROKEN else x.verdict
    why = f": {screen.shortened(x.reason, _REASON)}" if x.verdict == BROKEN and x.reason else ""
    limit = "" if math.isnan(x.limit) else shown(x, x.limit, u)
    count = max(x.of, len(group.members))
    return [x.quantity, x.element, str(count), shown(x, x.value, u), limit, word + why]


def open_line(lines: Sequence[Line]) -> list[str]:
    """One sentence on what of the list could not be assessed; with the element where others of it were."""
    left = [x for x in lines if x.verdict == NOT_ASSESSED]
    if not left:
        return []
    judged = {(x.item, x.quantity) for x in lines if x.verdict != NOT_ASSESSED}

    def name(x: Line) -> str:
        of = f" of {x.element or 'others'}" if (x.item, x.quantity) in judged else ""
        return f"{x.item} {x.quantity or x.check}".strip() + of

    names = ", ".join(dict.fromkeys(map(name, left)))
    return [screen.wrapped(f"not assessed, {len(left)} of the list: {screen.shortened(names, 200)}")]
