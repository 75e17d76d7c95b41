"""Power closes in every case that is shipped, as planned and with each of its sources lost."""

from pathlib import Path

import kelvolt as kv
import pytest
from kelvolt import _core

CASES = sorted((Path(_core.data_directory()) / "cases").glob("*.yaml"))
ELECTRIC = [f for f in CASES if kv.load(f).steady().power_flow().grid.elements]


def closes(case):
    solution = case.steady()
    assert solution.raw.audit.energy_relative < 1e-9
    flow = solution.power_flow()
    assert flow.imbalance < 1e-9
    return flow


def test_there_are_electric_cases():
    assert len(ELECTRIC) >= 5


@pytest.mark.parametrize("file", ELECTRIC, ids=lambda f: f.stem)
def test_power_closes_to_1e_9_of_what_passes(file):
    case = kv.load(file)
    flow = closes(case)
    assert sum(-e.power for e in flow.grid.of_role("source")) > 0.0
    for source in flow.grid.of_role("source"):
        path = f"{source.path}.in_service"
        if path not in case or case[path] < 0.5:
            continue
        without = case.copy().update({path: 0.0})
        try:
            without.steady()
        except (kv.NoPowerFlow, kv.NoSteadyState, kv.NoConvergence):
            continue  # a plan without that source; what it answers is tested elsewhere
        closes(without)
