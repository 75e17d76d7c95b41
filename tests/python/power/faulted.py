"""Small plans that the tests of short circuits share."""

import math

import kelvolt as kv

ROOT3 = math.sqrt(3.0)
E_MAX, E_MIN = 1.1 * 400 / ROOT3, 0.9 * 400 / ROOT3  # at 400 V with 10 % tolerance
STIFF_4 = {"model": "ac4_utility", "V": 400, "S_sc": 10e6, "X_over_R": 1.0, "Z0_over_Z": 1.0}
BUS_4 = {"model": "ac4_bus", "V": 400}
LOAD_4 = {"model": "ac4_load", "V": 400, "P_a": 1e3}


def source(c=1.0):
    """Impedance of STIFF_4; c: the voltage factor of the largest (1.1) or the smallest currents (0.9)."""
    return c * 400**2 / 10e6 * complex(math.sqrt(0.5), math.sqrt(0.5))


def solved(parts, *connections):
    return kv.read({"kelvolt": 1, "components": parts, "connections": list(connections)}, name="fault").steady()


def at(solution, path, kind, port=0, **options):
    """The row of a kind of fault at the bus to which a port of a component is connected."""
    grid = solution.power_flow().grid
    name = next(grid.buses[e.ends[port].bus].name for e in grid.elements if e.path == path)
    table = kv.short_circuit(solution, **options)
    return table[(table.bus == name) & (table.kind == kind)].iloc[0]
