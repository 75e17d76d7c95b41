"""Temperatures after a step of power, compared with the closed form of linear networks."""

import numpy as np
from scipy.linalg import expm

AFTER = (1, 5, 20, 50, 100, 300)  # s after the step
P, T_room = 200.0, 300.0


def check(bench):
    run = bench.load().simulate(progress=False)
    why = bench.reference["why"]
    for t in AFTER:
        row = int(np.argmin(np.abs(run.time - (10 + t))))
        one = T_room + P / 10 * -np.expm1(-10 / 500 * t)
        bench.expect(f"one lump after {t} s", run["lump.T"][row], one, "K", 0.01, why)
        for name, T in zip(("die", "plate"), two_lumps(t), strict=True):
            bench.expect(f"{name} after {t} s", run[f"{name}.T"][row], T, "K", 0.01, why)


def two_lumps(t):
    """A die (50 J/K), joined by 20 W/K to a plate (400 J/K), which is joined by 10 W/K to the room."""
    A = np.array([[-20 / 50, 20 / 50], [20 / 400, -30 / 400]])
    end = np.linalg.solve(A, [-P / 50, 0.0])
    return T_room + end - expm(A * t) @ end
