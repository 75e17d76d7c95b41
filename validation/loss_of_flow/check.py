"""Warming rate of a rack without facility water, compared with a closed form and a published order of magnitude."""

import numpy as np

LITRES = (30.0, 38.0, 45.0)  # of coolant in the loop, published range
IN_PARTS = 14.0  # litres in rack and exchanger
RHO_CP = 4.08e6  # J/(m3 K): filling at 20 degC, heat capacity near 60 degC
METAL = {"lightest": 30e3, "taken": 60e3, "heaviest": 120e3}  # J/K


def rate(bench, litres, metal):
    case = bench.load({"loop.volume": f"{litres - IN_PARTS} L", "rack.C": metal})
    run = case.simulate(progress=False)
    late = (run.time > 80) & (run.time < 125)  # s; by then all parts warm at the same rate
    slope = np.polyfit(run.time[late], run["rack.T_body"][late], 1)[0]
    power = 115.56e3 + run.end["pump.P_el"] * 0.5
    return slope, power


def check(bench):
    for litres in LITRES:
        slope, power = rate(bench, litres, METAL["taken"])
        # the exchanger's plates warm too; the standing facility water in it does not, in this model
        capacity = litres * 1e-3 * RHO_CP + METAL["taken"] + 18e3
        bench.expect(
            f"{litres:g} L: rate by heat over {capacity / 1e3:.0f} kJ/K", slope, power / capacity, "K/s", "2 %", CLOSED
        )
    slope, _ = rate(bench, 38.0, METAL["taken"])
    bench.expect("38 L: rate of the published order", slope, 0.6, "K/s", 0.3, bench.reference["why"])
    fastest, _ = rate(bench, 30.0, METAL["lightest"])
    slowest, _ = rate(bench, 45.0, METAL["heaviest"])
    spread = "between the assumed masses the rate spans most of a factor of two: read it as a range"
    bench.expect("fastest over slowest, 30 L light to 45 L heavy", fastest / slowest, 1.8, "1", 0.4, spread)


CLOSED = "heat capacity is taken at one temperature, and the facility water that stands in the exchanger warms a little"
