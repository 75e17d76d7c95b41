"""Computing time to find circuits and branches and to print the summary, for halls of increasing size."""

from __future__ import annotations

from time import process_time
from typing import Any

from kelvolt.cases.case import read
from kelvolt.cases.solution import Solution

RACKS = (1, 10, 100, 400)


def hall(racks: int, trays: int = 18) -> str:
    """The case text of racks in parallel on one facility, each with its own CDU and so its own circuit."""
    return f"""kelvolt: 1
assemblies:
  rack:
    ports: {{supply: cdu.primary_in, back: cdu.primary_out}}
    components:
      cdu: {{model: vertiv_cdu121, flow: 120 L/min, coolant: dowfrost_lc25}}
      tray: {{model: tray, count: {trays}, heat: 5 kW, dp_nominal: 0.6 bar, V_flow_nominal: 6.6 L/min, volume: 0.5 L,
             C: 5 kJ/K, G: 0.5 kW/K}}
    connections:
      - tray[*].a -> cdu.secondary_out
      - tray[*].b -> cdu.secondary_in
components:
  facility: {{model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 0.75 bar, p_return: 3 bar(a)}}
  rack: {{model: rack, count: {racks}}}
connections:
  - rack[*].supply -> facility.supply
  - rack[*].back -> facility.return
"""


def plant_seconds(racks: int) -> tuple[float, float]:
    """Processor time [s] to evaluate a solved hall (circuits, branches, summary), and to solve it."""
    case = read(hall(racks))
    begin = process_time()
    solved = case.steady()
    middle = process_time()
    told = Solution(case.core, solved.raw)
    assert len(told.plant.circuits) == racks + 1 and len(told.branch_list()) >= racks
    told.summary()
    return process_time() - middle, middle - begin


def plant_numbers(racks: tuple[int, ...] = RACKS) -> dict[str, Any]:
    """Milliseconds by number of racks, and the time per rack in the largest hall over that in the second smallest.

    The ratio is about 1 where the work is proportional to the size of the network."""
    seconds = {n: plant_seconds(n)[0] for n in racks}
    small, large = sorted(racks)[min(1, len(racks) - 1)], max(racks)
    numbers = {f"plant_{n}_racks_ms": 1e3 * s for n, s in seconds.items()}
    return numbers | {"plant_growth": seconds[large] / large / (seconds[small] / small)}
