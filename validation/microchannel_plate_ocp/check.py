"""Resistance from case to inlet of a plate given by its geometry, at the published flows of two coolants."""

import numpy as np

L_MIN = 1e-3 / 60


def check(bench):
    reference, case = bench.reference, bench.load()
    points = {coolant: np.array(reference[coolant]) for coolant in ("pg25", "water")}
    for coolant, rows in points.items():
        case[f"{coolant}[*].V_flow"] = rows[:, 0] * L_MIN
    solution = case.steady()
    ours = (solution["module[*].port.T"] - 313.15) / solution["module[*].P"]
    published = [(f"{coolant} {Q:g} L/min", R) for coolant, rows in points.items() for Q, R in rows]
    for (name, R), value in zip(published, ours, strict=True):
        bench.expect(name, value, R, "K/W", "6 %", reference["why"])
    dp = float(np.interp(1.25, points["pg25"][:, 0], solution["plate[*].dp"][:8]))
    bench.expect("the plate's share of 50 kPa at 1.25 L/min", dp, 25.0, "kPa", 25.0, reference["why_dp"])
