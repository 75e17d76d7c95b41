"""Flow and pressure drop of every element that coolant passes through."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.paths import chain_of
from kelvolt.cases.plant_facts import Passage

if TYPE_CHECKING:
    from kelvolt.cases.plant import Plant


def passages(plant: Plant) -> list[Passage]:
    """Elements with two fluid ports in one circuit, cells of one chain together, pumps left out (`pumps` has them),
    largest pressure drop first."""
    chains: dict[str, list[int]] = defaultdict(list)
    for c, path in enumerate(plant.topology.paths):
        through = plant.ports_of[c].size == 2 and len(plant.circuits_of(c)) == 1
        if through and c not in plant.references and not plant.is_pump(c):
            chains[chain_of(path)].append(c)
    found = (_passage(plant, path, cells) for path, cells in chains.items())
    return sorted((x for x in found if x is not None), key=lambda x: -x.dp)


def _passage(plant: Plant, path: str, cells: list[int]) -> Passage | None:
    ports = np.concatenate([plant.ports_of[c] for c in cells]).tolist()
    shared = Counter(int(plant.port_node[p]) for p in ports)
    ends = [p for p in ports if shared[int(plant.port_node[p])] == 1]
    if len(ends) != 2:
        return None
    inlet, outlet = sorted(ends, key=lambda p: -plant.first_flow[p])
    at = int(plant.node_first[plant.port_node[inlet]])
    rho = plant.raw.coolant_properties(plant.circuits_of(cells[0])[0], float(plant.y[at + 1]))[0]
    dp = float(plant.y[at] - plant.y[plant.node_first[plant.port_node[outlet]]])
    speeds = [abs(v) for c in cells if not np.isnan(v := plant.output(c, "velocity"))]
    return Passage(path, float(plant.first_flow[inlet]) / rho, dp, max(speeds, default=float("nan")))
