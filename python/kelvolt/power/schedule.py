"""Schedules of a plan: every board with its circuits, and every type of equipment with its count.

Both follow from declarations and from the solved plan: a board is a bus that a component of the role `bus` names, or to
which two circuits or more are joined; a circuit is what leaves it.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import InputError
from kelvolt.base.kinds import flow_of
from kelvolt.base.paths import chain_of, without_indices
from kelvolt.base.tables import Table, Units, plain
from kelvolt.power.net import Element, End, Grid, rating_of

if TYPE_CHECKING:
    import pandas

_PHASES = "abc"
_CARRIES = 0.02  # share of the largest phase current above which a phase counts as used
BOARD_HEAD = [
    "board",
    "voltage",
    "circuit",
    "model",
    "to",
    "phases",
    "connected",
    "demand",
    "demand_factor",
    "current",
    "rating",
    "rating_unit",
    "loading",
]
EQUIPMENT_HEAD = ["model", "what", "rating", "rating_unit", "count", "connected_at"]


@dataclass(frozen=True)
class Schedule:
    """What `kv.schedule` returns; SI.

    `boards`: one row per circuit of each board. `voltage` of the board as it is usually named, `phases` that carry
    current, `connected` W (sum of the rated powers of the loads behind it; NaN where a load states none), `demand` W
    (into the circuit in the solved plan), `demand_factor` (demand over connected), `current` of the conductor that
    carries most, `rating` of the first element of the circuit in `rating_unit`, `loading` over it (NaN: no rating).
    `equipment`: one row per model and rating with its count.
    """

    boards: pandas.DataFrame
    equipment: pandas.DataFrame

    def summary(self, units: str = "si") -> str:
        """Both tables as text; `units` is "si", "si-field" or "us"."""
        u = Units(units)
        parts = []
        for name, rows in self.boards.groupby("board", sort=False):
            volts = u.text(float(rows["voltage"].iloc[0]), "V", 4)
            total = u.text(float(rows["demand"].sum()), "W", 4)
            head = ["circuit", "to", "phases", "connected", "demand", "current", "rating", "loading (%)"]
            body = [
                [
                    r.circuit,
                    r.to,
                    r.phases,
                    _text(u, r.connected, "W"),
                    _text(u, r.demand, "W"),
                    _text(u, r.current, "A"),
                    _text(u, r.rating, r.rating_unit),
                    plain(round(100.0 * r.loading, 1), 4) if math.isfinite(r.loading) else "-",
                ]
                for r in rows.itertuples()
            ]
            parts.append(f"{name}, {volts}, demand {total}\n{Table(head, body, {1, 2}).text('  ')}")
        body = [[r.model, r.what, _text(u, r.rating, r.rating_unit), str(r.count)] for r in self.equipment.itertuples()]
        parts.append("Equipment\n" + Table(["model", "what", "rating", "count"], body, {1, 2}).text("  "))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self.summary()


def _text(u: Units, value: float, unit: str) -> str:
    return u.text(value, unit, 4) if math.isfinite(value) else "-"


def schedule(of: Any) -> Schedule:
    """Panel and equipment schedules of a case, a solution or a power flow.

    Raises InputError for one without an electric network, and what `Case.steady` raises.
    """
    import pandas

    flow = flow_of(of, "schedule")
    if not flow.grid:
        raise InputError("schedule: this case has no electric network")
    rated = {e.path: _rated_power(e, dict(_parameters(flow.solution.plant, e))) for e in flow.grid.of_role("load")}
    rows = [row for board in _boards(flow.grid) for row in _circuits(flow.grid, board, rated)]
    return Schedule(
        pandas.DataFrame(rows, columns=BOARD_HEAD), pandas.DataFrame(_equipment(flow), columns=EQUIPMENT_HEAD)
    )


def _parameters(plant: Any, e: Element) -> list[tuple[str, float]]:
    """Number parameters of a component as the case states them."""
    names = [p.name for p in plant.models[e.type].params if p.type == "number"]
    return list(zip(names, plant.raw.parameters(e.index), strict=True))


def _rated_power(e: Element, stated: dict[str, float]) -> float:
    """Rated power of a load [W]: P, the sum of its phases, or S times the power factor; else what it draws now."""
    share = 1.0 if math.isnan(stated.get("power_factor", math.nan)) else stated["power_factor"]
    found = 0.0
    for suffix in ("", "_a", "_b", "_c"):
        power, apparent = stated.get("P" + suffix, math.nan), stated.get("S" + suffix, math.nan)
        if not math.isnan(apparent) and (math.isnan(power) or power == 0.0):
            reactive = stated.get("Q" + suffix, math.nan)
            with_q = math.isnan(stated.get("power_factor", math.nan)) and not math.isnan(reactive)
            found += math.sqrt(max(apparent**2 - reactive**2, 0.0)) if with_q else apparent * share
        elif not math.isnan(power):
            found += power
    return found if found > 0.0 else max(e.power, 0.0)


def _boards(grid: Grid) -> list[int]:
    """Boards in the order of their distance from the sources."""
    depth = grid.depth()
    named = {end.bus for e in grid.of_role("bus") for end in e.ends}
    joined = {number: [e for e, _ in grid.at.get(number, []) if e.role != "bus"] for number in grid.buses}
    found = [n for n in grid.buses if n in named or len(joined[n]) > 2]
    return sorted(found, key=lambda n: (depth.get(n, len(grid.buses)), n))


def _name(grid: Grid, board: int) -> str:
    named = [e.path for e, _ in grid.at.get(board, []) if e.role == "bus" and len(e.ends) == 1]
    return named[0] if named else grid.buses[board].name


def _circuits(grid: Grid, board: int, rated: dict[str, float]) -> list[list[Any]]:
    feeder = grid.upstream.get(board)
    rows = []
    for e, end in grid.at.get(board, []):
        if e.role in ("bus", "source") or (feeder is not None and e is feeder[1]) or end.feeders:
            continue
        behind = [e.path] if e.role == "load" else _loads_behind(grid, board, e)
        connected = float(sum(rated[path] for path in behind))
        demand = end.s.real
        rating, unit = rating_of(e)
        rows.append(
            [
                _name(grid, board),
                grid.buses[board].line,
                e.path,
                e.type,
                _target(grid, e, end),
                _phases(end),
                connected if behind else math.nan,
                demand,
                demand / connected if connected > 0.0 else math.nan,
                end.current,
                rating,
                unit,
                e.loading,
            ]
        )
    return rows


def _loads_behind(grid: Grid, board: int, first: Element) -> list[str]:
    """Loads that the element feeds from this board, by the direction of power."""
    found = []
    for load in grid.of_role("load"):
        for end in load.ends:
            bus, seen = end.bus, {end.bus}
            while (step := grid.upstream.get(bus)) is not None and step[0] not in seen:
                bus, element = step
                seen.add(bus)
                if bus == board and element is first:
                    found.append(load.path)
                    break
                if bus == board:
                    break
    return list(dict.fromkeys(found))


def _target(grid: Grid, e: Element, end: End) -> str:
    """Where the circuit goes: the board or bus at its other end; a load is its own end."""
    others = [x.bus for x in e.ends if x.bus != end.bus]
    return _name(grid, others[0]) if others else e.path


def _phases(end: End) -> str:
    if end.kind == "ac":
        return _PHASES
    if end.kind != "ac4":
        return ""
    carried = [abs(x) for x in end.i[:3]]
    most = max(carried)
    return "".join(p for p, x in zip(_PHASES, carried, strict=True) if most > 1e-6 and x > _CARRIES * most)


def _equipment(flow: Any) -> list[list[Any]]:
    plant = flow.solution.plant
    counted: Counter[tuple[str, float, str]] = Counter()
    where: dict[tuple[str, float, str], list[str]] = {}
    for name, e in {chain_of(e.path): e for e in flow.grid.elements}.items():
        rating, unit = rating_of(e)
        key = (e.type, -1.0 if math.isnan(rating) else rating, unit)
        counted[key] += 1
        where.setdefault(key, []).append(without_indices(name))
    return [
        [
            model,
            plant.models[model].doc,
            math.nan if rating < 0.0 else rating,
            unit,
            n,
            ", ".join(dict.fromkeys(where[model, rating, unit])),
        ]
        for (model, rating, unit), n in counted.items()
    ]
