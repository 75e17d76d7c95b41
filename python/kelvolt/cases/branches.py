"""Parallel branches: the elements of an array that coolant passes side by side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.base.paths import chain_of, element_members, inside, owner_of
from kelvolt.cases.plant import Plant
from kelvolt.cases.plant_facts import Crossing


@dataclass(frozen=True)
class Branch:
    """One branch; SI. Temperatures of chips and margins are the worst inside it, not a number where there is none."""

    branch: str
    m_flow: float
    V_flow: float
    dp: float
    heat: float
    T_in: float
    T_out: float
    T_die: float
    T_case: float
    margin: float
    margin_unit: str
    limit: str  # which limit the margin belongs to
    verdict: str

    def row(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def columns(cls) -> list[str]:
        return [f.name for f in fields(cls)]


def find_branches(plant: Plant, level: str | None = None) -> list[Branch]:
    """Worst first: by the smallest margin, then the hottest chip, then the least flow.

    Without `level` the outermost arrays count whose elements lie side by side and contain what is cooled (pumps and
    valves side by side are none); a network without any gets one branch for each component that takes heat from a chip.
    Raises InputError when `level` is no array of parallel elements.
    """
    arrays = element_members(plant.topology.paths)
    parallel = {name: x for name, elements in arrays if (x := _parallel(plant, elements))}
    if level is not None:
        if level not in parallel:
            raise InputError(f"'{level}' is no array of parallel branches; there is {', '.join(parallel) or 'none'}")
        chosen = [level]
    else:
        wired = _wired(plant)
        cooled = [name for name, parts in parallel.items() if any(_is_cooled(plant, part, wired) for part in parts)]
        chosen = [name for name in cooled if not any(inside(name, outer) for outer in cooled if outer != name)]
    parts = [part for name in chosen for part in parallel[name]] or _heated_components(plant)
    worst = _worst_verdicts(plant)
    return [branch for _, branch in sorted((_branch(plant, x, worst) for x in parts), key=lambda pair: pair[0])]


@dataclass(frozen=True)
class _Part:
    path: str
    components: list[int]
    crossing: Crossing
    heat: float  # W, gained by the coolant of all circuits: what one circuit gives another inside is none


def _part(path: str, components: list[int], through: list[Crossing], crossings: list[Crossing]) -> _Part:
    return _Part(path, components, max(through, key=lambda x: x.m_flow), sum(x.heat for x in crossings))


def _parallel(plant: Plant, elements: list[tuple[str, list[int]]]) -> list[_Part] | None:
    """How the main coolant crosses each element; None when they do not lie side by side."""
    if len(elements) < 2:
        return None
    parts = []
    for path, components in elements:
        crossings = plant.crossings(components)
        through = [x for x in crossings if x.nodes_in and x.nodes_out]
        if not through:
            return None
        parts.append(_part(path, components, through, crossings))
    inlets = {n for x in parts for n in x.crossing.nodes_in}
    outlets = {n for x in parts for n in x.crossing.nodes_out}
    # a node that one element fills and the next one drains makes a row, unless all share the same ends
    same_ends = len({x.crossing.nodes_in | x.crossing.nodes_out for x in parts}) == 1
    return None if inlets & outlets and not same_ends else parts


def _is_cooled(plant: Plant, part: _Part, wired: set[int]) -> bool:
    """Whether power enters here that is no pump's, by itself or over wires, and warms the coolant.

    What rejects heat (a dry cooler) is none, although its fans take power, and neither is what passes heat from one
    circuit to another (a CDU), whichever of the two carries more.
    """
    inside = [c for c in part.components if not plant.is_pump(c) and c not in plant.references]
    if any(plant.power[c] > 0.0 for c in inside):
        return part.heat > -float(plant.power[inside].sum())
    pumps = float(sum(plant.power[c] for c in part.components if plant.is_pump(c)))
    return part.heat > 1.5 * pumps and not wired.isdisjoint(inside)


def _wired(plant: Plant) -> set[int]:
    """Components with an electric port."""
    electric = np.array([kind in plant.electric_weights for kind in plant.topology.node_kinds], dtype=bool)
    return set(plant.port_component[electric[plant.port_node]].tolist())


def _heated_components(plant: Plant) -> list[_Part]:
    """Components that share a heat node with a chip, cells of one chain together, with the chips on them."""
    topology = plant.topology
    chips_at: dict[int, list[int]] = defaultdict(list)
    chips = set(plant.having_output("T_case"))
    for c, node in zip(topology.port_component, topology.port_node, strict=True):
        if c in chips and topology.node_kinds[node] == "heat":
            chips_at[node].append(c)
    members: dict[str, set[int]] = defaultdict(set)
    for c, node in zip(topology.port_component, topology.port_node, strict=True):
        if node in chips_at and plant.ports_of[c].size:
            members[chain_of(topology.paths[c])] |= {c, *chips_at[node]}
    found = {path: (sorted(cs), plant.crossings(sorted(cs))) for path, cs in members.items()}
    return [_part(path, cs, x, x) for path, (cs, x) in found.items() if x]


def _worst_verdicts(plant: Plant) -> dict[str, tuple[int, _core.Verdict]]:
    """Of each element the verdict with the smallest margin, and its rank; a value's path stands for its component."""
    worst: dict[str, tuple[int, _core.Verdict]] = {}
    for rank, verdict in enumerate(plant.raw.verdicts):
        if verdict.verdict != "not assessed":
            worst.setdefault(verdict.element, (rank, verdict))
            worst.setdefault(owner_of(verdict.element), (rank, verdict))
    return worst


def _branch(
    plant: Plant, part: _Part, worst: dict[str, tuple[int, _core.Verdict]]
) -> tuple[tuple[float, float, float], Branch]:
    """The branch with its key for sorting."""
    x = part.crossing
    paths = [plant.topology.paths[c] for c in part.components]
    ranked = [worst[p] for p in paths if p in worst]
    rank, verdict = min(ranked, key=lambda r: r[0]) if ranked else (len(plant.raw.verdicts), None)
    T_die, T_case = (_hottest(plant, part.components, name) for name in ("T_die", "T_case"))
    rho = plant.raw.coolant_properties(x.circuit, x.T_in)[0]
    branch = Branch(
        part.path,
        x.m_flow,
        x.m_flow / rho,
        x.p_in - x.p_out,
        x.heat,
        x.T_in,
        x.T_out,
        T_die,
        T_case,
        verdict.margin if verdict else float("nan"),
        verdict.unit if verdict else "1",
        verdict.id if verdict else "",
        verdict.verdict if verdict else "not assessed",
    )
    return (float(rank), -float(np.nanmax([T_die, T_case, 0.0])), x.m_flow), branch


def _hottest(plant: Plant, components: list[int], output: str) -> float:
    values = [T for c in components if not np.isnan(T := plant.output(c, output))]
    return max(values, default=float("nan"))


def csv_head() -> list[str]:
    """The columns of `Branch.row`, with units."""
    units = {"m_flow": "kg/s", "V_flow": "m3/s", "dp": "Pa", "heat": "W"}
    units |= dict.fromkeys(("T_in", "T_out", "T_die", "T_case"), "K")
    return [f"{c} ({units[c]})" if c in units else c for c in Branch.columns()]


def write_csv(branches: list[Branch], file: Path) -> None:
    """Raises FileError."""
    files.write_csv(file, csv_head(), [list(branch.row().values()) for branch in branches])
