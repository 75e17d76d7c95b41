"""Phase voltages by Millman's theorem, and the verdicts on them."""

import cmath
import math


def check(bench):
    why = bench.reference["why"]
    S = [complex(2970.964, 3008.101), complex(5868.130, 6014.833), complex(11446.690, 12019.025)]
    V = 380.0 / math.sqrt(3.0)
    E = [V * cmath.exp(-2j * math.pi * k / 3) for k in range(3)]
    Z = [0.05 + V**2 / s.conjugate() for s in S]
    star = sum(e / z for e, z in zip(E, Z, strict=True)) / sum(1 / z for z in Z)
    expected = [abs((e - star) * (z - 0.05) / z) for e, z in zip(E, Z, strict=True)]
    solution = bench.load().steady()
    for phase, volts, z in zip("abc", expected, Z, strict=True):
        bench.expect(f"phase {phase}", solution[f"load.I_{phase}"] * abs(z - 0.05), volts, "V", 0.05, why)
    for limit in ("input_voltage_min", "input_voltage_max"):
        bench.expect_verdict("", solution, limit, "broken")
