"""Arrival and spread of a front, as first and second moment of the step response."""

import math

import numpy as np

VOLUME = math.pi / 4 * 0.02**2 * 40  # m3
FLOW = 6e-3 / 60
JUNCTION = 1e-6  # m3, held by each connection (settings of the case)


def moments(bench, cells):
    text = bench.text()
    text["components"]["pipe"]["cells"] = cells
    run = bench.read(text).simulate(progress=False)
    t = run.time - 10.0
    T = run["end.port.T"]
    left = 1.0 - (T - T[0]) / (T[-1] - T[0])
    t, left = t[t >= 0], left[t >= 0]
    arrival = np.trapezoid(left, t)
    return arrival, math.sqrt(2 * np.trapezoid(t * left, t) - arrival**2)


def check(bench):
    counts = bench.reference["cells"]
    spreads = []
    for cells in counts:
        arrival, spread = moments(bench, cells)
        spreads.append(spread)
        why = bench.reference["why"]
        tau = (VOLUME + (cells + 1) * JUNCTION) / FLOW
        bench.expect(f"arrival with {cells} cells", arrival, tau, "s", "0.5 %", why)
        bench.expect(f"spread with {cells} cells", spread, tau / math.sqrt(cells), "s", "1.5 %", why)
    # the variance of the front is proportional to the length of a cell
    order = math.log((spreads[0] / spreads[-1]) ** 2) / math.log(counts[-1] / counts[0])
    bench.expect(
        "order of the numerical diffusion", order, 1.0, "1", 0.03, "first order: halving the cells halves the variance"
    )
