"""Impedance of a plan over frequency, and its resonances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import flow_of

if TYPE_CHECKING:
    import pandas

COLUMNS = ["order", "R", "X", "Z"]


def frequency_scan(of: Any, bus: str, *, highest: float = 50.0, step: float = 0.1) -> pandas.DataFrame:
    """Impedance of the positive sequence seen from a bus against the order (frequency over that of the supply).

    of: a power flow, solution or case. bus: its name, as in the tables of the power flow; single-phase buses are seen
    between their conductors. Columns order, R, X, Z = |R + jX| [ohm], one row for each step up to `highest`. Raises
    InputError for a bus that is not there or dead, a step that is not above 0 and at most 1, `highest` above 200, or a
    component that states no impedance.
    """
    import pandas

    if not (0.0 < step <= 1.0 and step <= highest <= 200.0):
        raise InputError(
            f"frequency_scan: step = {step:g} up to order {highest:g}; give a step above 0 and at most 1, and an order "
            "of at most 200"
        )
    flow = flow_of(of, "frequency_scan")
    known = {b.name: b.number for b in flow.grid.buses.values() if b.kind != "dc" and b.live}
    if bus not in known:
        raise InputError(f"frequency_scan: there is no live AC bus '{bus}'; there is {', '.join(sorted(known)[:12])}")
    network = _core.HarmonicNetwork(flow.solution.raw)
    rows = []
    for h in np.arange(1, round(highest / step) + 1) * step:
        network.set_order(float(h))
        Z = network.impedance(known[bus])
        rows.append([float(h), Z.real, Z.imag, abs(Z)])
    return pandas.DataFrame(rows, columns=COLUMNS)


def resonances(scan: pandas.DataFrame) -> pandas.DataFrame:
    """The peaks (parallel resonances) and valleys (series resonances) of a frequency scan: order, Z [ohm], kind.

    Orders are those of the scan, so they are as exact as its step.
    """
    import pandas

    order, Z = scan.order.to_numpy(), scan.Z.to_numpy()
    inner = Z[1:-1]
    peak, valley = (inner > Z[:-2]) & (inner > Z[2:]), (inner < Z[:-2]) & (inner < Z[2:])
    rows = [
        [float(order[k + 1]), float(Z[k + 1]), "parallel" if peak[k] else "series"]
        for k in np.flatnonzero(peak | valley)
    ]
    return pandas.DataFrame(rows, columns=["order", "Z", "kind"])
