"""The units of a coolant circuit and how they are joined, as a schematic shows them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from kelvolt import _core
from kelvolt.base.folding import fold
from kelvolt.base.paths import array_of, chain_of, first_levels, inside, path_levels, without_indices
from kelvolt.cases.plant import Plant
from kelvolt.cases.solution import Solution

MOST_DRAWN = 3  # equal units at the same nodes that are drawn one by one
_LEAK = 1e-3  # share of the flow of a circuit up to which flow does not decide the direction in which a part is drawn


@dataclass
class Unit:
    """What is drawn as one symbol: a component, a branch, or equal ones at the same nodes."""

    name: str
    role: str  # the declared role, or "branch" for an element of a family of parallel branches
    paths: tuple[str, ...]  # of its components or branches
    components: list[int]  # of its first member
    inlet: int | None  # node
    outlet: int | None  # node; None for what hangs at one node
    crossing: _core.Crossing | None  # of all its members together, on the side of this circuit
    carries: bool
    off: bool = False  # a pump that does not run
    reversed: bool = False  # coolant runs from the outlet to the inlet, as a leak through a closed check valve may

    @property
    def count(self) -> int:
        return len(self.paths)

    @property
    def heat(self) -> float:
        return self.crossing.heat if self.crossing and self.outlet is not None else math.nan


@dataclass
class Loop:
    """One circuit: the unit at which it is fed, the others, and what hangs at its nodes."""

    number: int
    sink: Unit
    units: list[Unit]
    hung: list[Unit]
    end: Unit | None = None  # the outlet of an open circuit, where it is another unit than the inlet
    start_node: int = 0
    end_node: int = 0


def loop_of(solution: Solution, circuit: int) -> Loop | None:
    """The units of a circuit; None without through flow."""
    units = _units(solution, circuit)
    through = [u for u in units if u.outlet is not None]
    if not any(u.carries for u in units) or len([u for u in units if u.carries]) < 2:
        return None
    sink = _sink(solution, circuit, units)
    if sink is None:
        return None
    others = [u for u in through if u is not sink]
    hung = [u for u in units if u.outlet is None and u is not sink]
    loop = Loop(circuit, sink, others, hung)
    if sink.outlet is not None and sink.inlet is not None:
        loop.start_node, loop.end_node = sink.outlet, sink.inlet
        return loop
    loop.start_node = _only_node(sink)
    ends = [u for u in hung if u.role == "boundary" and u.carries]
    loop.end = max(ends, key=lambda u: u.crossing.m_flow if u.crossing else 0.0, default=None)
    if loop.end is None:
        return None
    loop.hung = [u for u in hung if u is not loop.end]
    loop.end_node = _only_node(loop.end)
    return loop


def _only_node(u: Unit) -> int:
    node = u.inlet if u.inlet is not None else u.outlet
    assert node is not None
    return node


def _sink(solution: Solution, circuit: int, units: list[Unit]) -> Unit | None:
    """The unit at which a circuit is fed: its open boundary, else the unit that takes most heat out of it."""
    topology = solution.plant.topology
    fed = {topology.paths[c] for c in topology.references[circuit]}
    open_ends = [
        u for u in units if u.role == "boundary" and u.carries and fed & {topology.paths[c] for c in u.components}
    ]
    if open_ends:
        return max(open_ends, key=lambda u: (u.outlet is not None, _gives(solution, circuit, u)))
    passing = [u for u in units if u.outlet is not None and u.carries]
    coolest = min(passing, key=lambda u: u.heat if math.isfinite(u.heat) else 0.0, default=None)
    whole = 0.99 * solution.plant.circuits[circuit].m_flow
    if coolest is None or _passes(coolest) >= whole:
        return coolest
    # several coolers in parallel: the ring is drawn from a part behind them that passes the whole flow
    full = [u for u in passing if _passes(u) >= whole]
    return max(full, key=lambda u: (u.inlet == coolest.outlet, u.role != "pump"), default=coolest)


def _passes(u: Unit) -> float:
    return u.crossing.m_flow if u.crossing else 0.0


def _gives(solution: Solution, circuit: int, u: Unit) -> float:
    return -sum(m for _, m in solution.plant.core.net_flows(u.components, circuit))


# ---- units ----


def _units(solution: Solution, circuit: int) -> list[Unit]:
    instances = _instances(solution, circuit)
    flows = {name: dict(solution.plant.core.net_flows(cs, circuit)) for name, cs in instances.items()}
    at = _nodes_of(solution, circuit, instances)
    root = _collapsed(instances, at, flows)
    number = {n: k for k, n in enumerate(sorted(set(root.values())))}
    names = list(instances)
    resting = {p.path for p in solution.plant.pumps if not p.on}
    paths = solution.plant.topology.paths
    values = [
        (
            without_indices(n),
            solution.plant.topology.types[instances[n][0]],
            any(paths[c] in resting for c in instances[n]),
        )
        for n in names
    ]
    joined = list(dict.fromkeys((k, port, number[root[node]]) for k, n in enumerate(names) for port, node in at[n]))
    part_groups, node_groups = fold(values, joined, MOST_DRAWN)
    group_of = {n: k for k, group in enumerate(node_groups) for n in group}
    place = {node: group_of[number[r]] for node, r in root.items() if number[r] in group_of}
    families = _families(solution)
    made = []
    for group in sorted(part_groups, key=min):
        members = [names[k] for k in sorted(group)]
        family = [n for n in names if without_indices(n) == without_indices(members[0])]
        shown = _named(members, family)
        made.append(_unit(solution, circuit, shown, members, instances, flows, place, families))
    return made


def _named(members: list[str], family: list[str]) -> str:
    """The name of units with the numbers by which they differ from others of the circuit, and without the numbers that
    are the same in the whole circuit, so that equal circuits have equal names."""
    levels = list(zip(*map(path_levels, family), strict=True))
    own = list(zip(*map(path_levels, members), strict=True))
    named = []
    for among, within in zip(levels, own, strict=True):
        numbers = sorted({index for _, index in within})
        differs = len({index for _, index in among}) > 1 and len(numbers) < len({index for _, index in among})
        text = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}..{numbers[-1]}"
        text = text if numbers[-1] - numbers[0] == len(numbers) - 1 else ", ".join(map(str, numbers))
        named.append(f"{among[0][0]}[{text}]" if differs else among[0][0])
    return ".".join(named)


def _unit(
    solution: Solution,
    circuit: int,
    name: str,
    members: list[str],
    instances: dict[str, list[int]],
    flows: dict[str, dict[int, float]],
    place: dict[int, int],
    families: set[str],
) -> Unit:
    plant = solution.plant
    first = instances[members[0]]
    every = [c for m in members for c in instances[m]]
    crossing = next((x for x in plant.crossings(every) if x.circuit == circuit), None)
    trunk = plant.circuits[circuit].m_flow
    carries = max((abs(m) for m in flows[members[0]].values()), default=0.0) > 1e-5 * trunk
    inlet, outlet = _terminals(solution, circuit, first, flows[members[0]], place, crossing)
    role = next((plant.role(c) for c in first if plant.is_pump(c)), plant.role(first[0]))
    resting = {p.path for p in plant.pumps if not p.on}
    return Unit(
        name,
        "branch" if without_indices(members[0]) in families else role,
        tuple(members),
        first,
        inlet,
        outlet,
        crossing,
        carries,
        any(plant.topology.paths[c] in resting for c in first),
        sum(m for n, m in flows[members[0]].items() if place.get(n) == inlet) < 0.0,
    )


def is_driven(plant: Plant, c: int) -> bool:
    """Whether a valve takes a signal; one without is a check valve, moved by the flow alone."""
    return any(p.kind == "signal" for p in plant.models[plant.topology.types[c]].ports)


def _has_own_direction(plant: Plant, components: list[int]) -> bool:
    """Whether a part is made for one direction of flow, which its symbol shows: a pump or a check valve."""
    role = plant.role(components[0])
    return len(components) == 1 and (role == "pump" or (role == "valve" and not is_driven(plant, components[0])))


def _terminals(
    solution: Solution,
    circuit: int,
    components: list[int],
    flows: dict[int, float],
    place: dict[int, int],
    crossing: _core.Crossing | None,
) -> tuple[int | None, int | None]:
    """The nodes at which coolant enters and leaves; of pumps and check valves, and of what carries no more than a leak,
    in the order of the ports."""
    small = 1e-3 * max(map(abs, flows.values()), default=0.0) + 1e-9
    ins = [place[n] for n, m in flows.items() if m > small and n in place]
    outs = [place[n] for n, m in flows.items() if m < -small and n in place]
    flowing = crossing is not None and crossing.m_flow > _LEAK * solution.plant.circuits[circuit].m_flow
    other = next((n for n in outs if n != ins[0]), None) if ins else None
    if ins and outs and (other is None or (flowing and not _has_own_direction(solution.plant, components))):
        return ins[0], other
    t = solution.plant.topology
    ports = [
        t.port_node[p]
        for c in components
        for p in solution.plant.ports_of[c]
        if t.node_circuit[t.port_node[p]] == circuit
    ]
    nodes = list(dict.fromkeys(place[n] for n in ports if n in place))
    if not nodes:
        return None, None
    if len(nodes) == 1 or solution.plant.role(components[0]) in ("sensor", "controller"):
        return nodes[0], None
    return nodes[0], nodes[1]


def _families(solution: Solution) -> set[str]:
    return {array_of(b.branch) for b in solution.branch_list()} - {""}


def _instances(solution: Solution, circuit: int) -> dict[str, list[int]]:
    """The components of a circuit by the branch (element of a family of parallel branches) they belong to, else by
    themselves; cells by their chain."""
    plant = solution.plant
    levels = {family: len(path_levels(family)) for family in _families(solution)}
    found: dict[str, list[int]] = defaultdict(list)
    for c in plant.components_of[circuit]:
        path = plant.topology.paths[c]
        if not path.endswith("_junction"):
            family = next((f for f in levels if inside(path, f)), None)
            found[first_levels(path, levels[family]) if family else chain_of(path)].append(c)
    return dict(found)


def _nodes_of(solution: Solution, circuit: int, instances: dict[str, list[int]]) -> dict[str, list[tuple[str, int]]]:
    """By instance: its ports (as text) with their nodes; nodes inside one instance are left out."""
    t = solution.plant.topology
    ports: dict[str, list[tuple[str, int]]] = {}
    users: dict[int, set[str]] = defaultdict(set)
    for name, components in instances.items():
        ports[name] = []
        for c in components:
            for p in solution.plant.ports_of[c]:
                node = t.port_node[p]
                if t.node_circuit[node] == circuit:
                    ports[name].append((f"{chain_of(t.paths[c]).removeprefix(name)}.{t.port_number[p]}", node))
                    users[node].add(name)
    return {
        name: [(port, n) for port, n in of if len(users[n]) > 1 or len(instances[name]) == 1]
        for name, of in ports.items()
    }


def _collapsed(
    instances: dict[str, list[int]], at: dict[str, list[tuple[str, int]]], flows: dict[str, dict[int, float]]
) -> dict[int, int]:
    """By node the node that stands for it: a unit with more than two nodes, such as a manifold with its ways, has one
    inlet and one outlet in the drawing. Nodes without flow count to the side that has more of them."""
    root = {n: n for of in at.values() for _, n in of}

    def find(n: int) -> int:
        while root[n] != n:
            root[n] = root[root[n]]
            n = root[n]
        return n

    for name in instances:
        nodes = list(dict.fromkeys(n for _, n in at[name]))
        if len(nodes) < 3:
            continue
        flow = flows[name]
        small = 1e-3 * max(map(abs, flow.values()), default=0.0) + 1e-9
        ins = [n for n in nodes if flow.get(n, 0.0) > small]
        outs = [n for n in nodes if flow.get(n, 0.0) < -small]
        (ins if len(ins) > len(outs) else outs).extend(n for n in nodes if n not in ins and n not in outs)
        for side in (ins, outs):
            for n in side[1:]:
                a, b = find(side[0]), find(n)
                root[max(a, b)] = min(a, b)
    return {n: find(n) for n in root}
