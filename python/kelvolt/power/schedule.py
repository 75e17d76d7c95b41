"""Schedules of a plan: every board with its circuits, and every type of equipment with its count.

Both follow from declarations and from the solved plan: a board is a bus that a component of the role `bus` names, or to
which two circuits or more are joined, or a busway with its taps; a circuit is what leaves it, with its first protective
device and its first cable on the way to the next board, converter, transformer or load.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import InputError
from kelvolt.base.groups import Group, grouped
from kelvolt.base.kinds import flow_of
from kelvolt.base.paths import cell_number, chain_of, without_indices
from kelvolt.base.tables import Table, Units, plain
from kelvolt.power.net import Element, End, Grid

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.plant import Plant

_PHASES = "abc"
_CARRIES = 0.02  # share of the largest phase current above which a phase counts as used
_NOTHING = 1e-2  # W: what insulation takes of a bus is no load
_ALIKE = 0.01  # share by which the power of circuits in one row may differ
_IDLE = 1e-6  # share of the board's demand below which a circuit is shown as carrying nothing
BOARD_HEAD = [
    *("board", "voltage", "circuit", "model", "to", "phases", "device", "setting", "cable", "length", "ampacity"),
    *("connected", "demand", "demand_factor", "demand_a", "demand_b", "demand_c", "current"),
    *("rating", "rating_unit", "loading"),
]
EQUIPMENT_HEAD = ["model", "what", "rating", "rating_unit", "count", "connected_at"]


@dataclass(frozen=True)
class Schedule:
    """What `kv.schedule` returns; SI.

    `boards`: one row per circuit of each board. `voltage` of the board as it is usually named, `to` the board,
    converter, transformer or load at its end, `phases` that carry current; `device` and `setting` [A] of its first
    breaker, fuse or switch, `cable`, `length` [m] and `ampacity` after derating [A] of its first line ("", NaN: none);
    `connected` W (sum of the rated powers of the loads behind it; NaN where a load states none), `demand` W (into the
    circuit in the solved plan), `demand_a` to `demand_c` its share on each phase (NaN on DC), `demand_factor` (demand
    over connected), `current` of the conductor that carries most, `rating` of the first element of the circuit in
    `rating_unit`, `loading` over it (NaN: no rating). `equipment`: one row per model and rating with its count.
    """

    boards: pandas.DataFrame
    equipment: pandas.DataFrame

    def summary(self, units: str = "si", *, each: bool = False) -> str:
        """Both tables as text; `units` is "si", "si-field" or "us". Without `each`, boards that differ in indices only
        are printed once, the one with the largest demand."""
        u = Units(units)
        parts = [f"{head}\n{table.text('  ')}" for head, table in self.board_tables(u, each=each)]
        parts.append("Equipment\n" + self.equipment_table(u).text("  "))
        return "\n\n".join(parts)

    def board_tables(self, u: Units, *, each: bool = False) -> Iterator[tuple[str, Table]]:
        """A headline and a table for every board."""
        for group in self._alike(each):
            name, rows = group.worst
            yield _headline(name, rows, len(group.members), u), _board_table(rows, u, each)

    def _alike(self, each: bool) -> list[Group[tuple[str, Any]]]:
        """Boards whose names and circuits differ in indices only, with that of the largest demand."""
        boards = [(str(name), rows) for name, rows in self.boards.groupby("board", sort=False)]
        return grouped(
            boards,
            lambda b: (b[0], *([] if each else map(str, (*b[1]["circuit"], *b[1]["to"], *b[1]["device"])))),
            worst=lambda b: -float(b[1]["demand"].sum()),
            every=each,
        )

    def equipment_table(self, u: Units) -> Table:
        body = [[r.model, r.what, _text(u, r.rating, r.rating_unit), str(r.count)] for r in self.equipment.itertuples()]
        return Table(["model", "what", "rating", "count"], body, {1, 2})

    def __repr__(self) -> str:
        return self.summary()


def _headline(name: str, rows: pandas.DataFrame, alike: int, u: Units) -> str:
    total = float(rows["demand"].sum())
    text = f"{name}, {u.text(float(rows['voltage'].iloc[0]), 'V', 4)}, demand {u.text(total, 'W', 4)}"
    phases = rows[["demand_a", "demand_b", "demand_c"]].sum(min_count=1).to_numpy()
    if np.isfinite(phases).all() and np.count_nonzero(phases > _IDLE) > 1:
        apart = float(np.abs(phases / phases.mean() - 1.0).max())
        each = ", ".join(f"{p} {u.text(x, 'W', 4)}" for p, x in zip(_PHASES, phases, strict=True))
        text += f" ({each}; {100.0 * apart:.1f} % from the mean)" if apart > 1e-3 else ""
    return text + (f"; most of {alike} alike" if alike > 1 else "")


def _board_table(rows: pandas.DataFrame, u: Units, each: bool) -> Table:
    least = _IDLE * abs(float(rows["demand"].sum()))
    by_phase = rows[["demand_a", "demand_b", "demand_c"]]
    several = np.count_nonzero(by_phase.abs().sum() > least) > 1
    unequal = several and bool((by_phase.std(axis=1) > 1e-3 * rows["demand"].abs() + least).any())
    head = ["circuit", "device", "set to", "cable", "to", "connected", "demand"]
    head += [f"on {p}" for p in _PHASES] if unequal else []
    head += ["current", "rating", "loading (%)"]
    body = []
    for group in _circuits_alike(rows, each):
        r, alike = group.worst, len(group.members)
        idle = abs(r.demand) <= least
        cable = f"{r.cable}, {u.text(r.length, 'm', 3)}, {u.text(r.ampacity, 'A', 3)}" if r.cable else ""
        cells = [r.circuit + (f" ({r.phases})" if r.phases not in ("", _PHASES) and not idle else "")]
        cells[0] += f" and {alike - 1} alike" if alike > 1 else ""
        cells += ["itself" if r.device == r.circuit else r.device or "-", _text(u, r.setting, "A")]
        cells += [cable.replace(f"{r.circuit}, ", "") or "-", r.to, _text(u, r.connected, "W")]
        phases = [r.demand_a, r.demand_b, r.demand_c] if unequal else []
        cells += ["0" if idle else _text(u, x, "W") for x in (r.demand, *phases)]
        cells += ["0" if idle else _text(u, r.current, "A"), _text(u, r.rating, r.rating_unit)]
        cells += [plain(round(100.0 * r.loading, 1), 4) if math.isfinite(r.loading) else "-"]
        body.append(cells)
    return Table(head, body, {1, 3, 4})


def _circuits_alike(rows: pandas.DataFrame, each: bool) -> list[Group[Any]]:
    """Circuits whose names differ in indices only and whose power does by less than 1 %; the one of the most power."""
    return grouped(
        rows.itertuples(),
        lambda r: (r.circuit, str(r.setting)),
        worst=lambda r: -r.demand,
        every=each,
        close=_same_power,
    )


def _same_power(a: Any, b: Any) -> bool:
    numbers = np.array([[x.demand, x.connected, x.loading] for x in (a, b)], dtype=float)
    return np.allclose(numbers[0], numbers[1], rtol=_ALIKE, atol=_IDLE, equal_nan=True)


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
    boards = _boards(flow)
    names = {bus: board.name for board in boards for bus in board.buses}
    depth = flow.grid.depth()
    rows = [row for board in boards for row in _circuits(flow, board, rated, names, depth)]
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
    return found if found > 0.0 else e.power if e.power > _NOTHING else 0.0


@dataclass(frozen=True)
class Board:
    """A bus, or the buses of a busway, with the elements joined to it and the ports by which they are."""

    name: str
    buses: tuple[int, ...]
    joined: dict[str, tuple[Element, list[End]]]  # by path; the busway's own cells are not among them


def _boards(flow: Any) -> list[Board]:
    """Boards in the order of their distance from the sources."""
    grid, models = flow.grid, flow.solution.plant.models
    depth = grid.depth()
    named = {x.bus: e.path for e in grid.of_role("bus") if models[e.type].role == "bus" for x in e.ends}
    buses: dict[str, list[int]] = {}
    chains: dict[str, list[int]] = {}  # the far ends of the cells of each busway, at which taps may stand
    for e in grid.of_role("branch"):
        if cell_number(e.path) > 0:
            chains.setdefault(chain_of(e.path), []).append(e.ends[-1].bus)
    for number in grid.buses:
        there = [e for e, _ in grid.at.get(number, []) if e.role != "bus"]
        if number in named or len({e.path for e in there}) > 2:
            chain = next((chain_of(e.path) for e in there if cell_number(e.path) > 0), None)
            if chain is None:
                buses[named.get(number, grid.buses[number].name)] = [number]
            else:
                buses[chain] = chains[chain]
    found = []
    for name, numbers in buses.items():
        joined: dict[str, tuple[Element, list[End]]] = {}
        for number in numbers:
            for e, end in grid.at.get(number, []):
                if chain_of(e.path) != name or not cell_number(e.path):
                    joined.setdefault(e.path, (e, []))[1].append(end)
        found.append(Board(name, tuple(numbers), joined))
    return sorted(found, key=lambda b: min(depth.get(n, len(grid.buses)) for n in b.buses))


def _circuits(
    flow: Any, board: Board, rated: dict[str, float], names: dict[int, str], depth: dict[int, int]
) -> Iterator[list[Any]]:
    grid: Grid = flow.grid
    fed = [grid.upstream.get(n) for n in board.buses]
    feeders = {step[1].path for step in fed if step is not None and step[0] not in board.buses}
    if not feeders:  # a dead board: what leads towards the sources would feed it
        near = min((depth.get(n, 0) for n in board.buses), default=0)
        joined = [e for e, _ in board.joined.values()]
        feeders = {e.path for e in joined if e.passes and any(depth.get(x.bus, near) < near for x in e.ends)}
    for e, ends in board.joined.values():
        if e.role in ("bus", "source") or e.path in feeders or any(x.feeders for x in ends):
            continue
        behind = [e.path] if e.role == "load" else _loads_behind(grid, board, e)
        connected = float(sum(rated[path] for path in behind))
        demand = sum(x.s.real for x in ends)
        rating, unit = e.rating
        way, to = _way(grid, board, e, names)
        device, setting = _device(flow.solution.plant, way)
        cable, length, ampacity = _cable(flow.solution.plant, way)
        yield [
            *(board.name, grid.buses[board.buses[0]].line, chain_of(e.path), e.type, to, _phases(ends[0])),
            *(device, setting, cable, length, ampacity),
            *(connected if behind else math.nan, demand, demand / connected if connected > 0.0 else math.nan),
            *np.sum([_by_phase(grid, x) for x in ends], axis=0),
            *(max(x.current for x in ends), rating, unit, e.loading),
        ]


def _way(grid: Grid, board: Board, first: Element, names: dict[int, str]) -> tuple[list[Element], str]:
    """The elements of a circuit in series, and the name of what is at its end."""
    way, seen, at, leaves = [first], {first.path}, first, {*board.buses}
    while at.role in ("switch", "branch"):
        beyond = [x.bus for x in at.ends if x.bus not in leaves]
        fed = [x.bus for x in at.ends if x.feeders]
        if not beyond:
            return way, at.path
        bus = fed[0] if fed else beyond[0]
        after = [e for e, _ in grid.at.get(bus, []) if e.role != "bus" and e.path not in seen]
        others = {e.path: e for e in after}
        if len(others) != 1 or bus in names:
            return way, names.get(bus, grid.buses[bus].name) if others or bus in names else at.path
        leaves = {bus}
        at = next(iter(others.values()))
        way.append(at)
        seen.add(at.path)
    return way, way[-1].path


def _device(plant: Plant, way: list[Element]) -> tuple[str, float]:
    """The first protective device of a circuit, else its first switch, with its setting [A]."""
    for role in ("protection", "switch"):
        for e in way:
            if plant.models[e.type].role == role and e.closes:
                return e.path, e.setting
    return "", math.nan


def _cable(plant: Plant, way: list[Element]) -> tuple[str, float, float]:
    """The first line or cable of a circuit, its length [m] and its ampacity after derating [A]."""
    for e in way:
        if plant.models[e.type].role == "line" and "length" in e.values:
            ampacity = e.rating[0] * e.values.get("derating", 1.0) * e.values.get("parallel", 1.0)
            return chain_of(e.path), e.values["length"], ampacity
    return "", math.nan, math.nan


def _by_phase(grid: Grid, end: End) -> tuple[float, float, float]:
    """Power into an end on each phase [W]; not a number on DC."""
    if end.kind == "ac4":
        v = grid.buses[end.bus].v
        a, b, c = np.real((v[:3] - v[3]) * np.conj(end.i[:3]))
        return float(a), float(b), float(c)
    if end.kind == "ac":
        third = end.s.real / 3.0
        return third, third, third
    phase = grid.head(end.bus)[1] if end.kind == "ac1" else None
    if phase is None:
        return math.nan, math.nan, math.nan
    a, b, c = (end.s.real if k == phase else 0.0 for k in range(3))
    return a, b, c


def _loads_behind(grid: Grid, board: Board, first: Element) -> list[str]:
    """Loads that the element feeds from this board, by the direction of power."""
    found = []
    for load in grid.of_role("load"):
        for end in load.ends:
            bus, seen = end.bus, {end.bus}
            while (step := grid.upstream.get(bus)) is not None and step[0] not in seen:
                bus, element = step
                seen.add(bus)
                if bus in board.buses and chain_of(element.path) != board.name:
                    found += [load.path] if element is first else []
                    break
    return list(dict.fromkeys(found))


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
        rating, unit = e.rating
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
