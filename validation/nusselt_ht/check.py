"""Nusselt numbers from the heat into pipes, compared with those of the library ht."""

import math

import numpy as np
from CoolProp.CoolProp import PropsSI
from ht.conv_internal import laminar_Q_const, turbulent_Gnielinski

RE = np.array([300, 1000, 2000, 4000, 5000, 7000, 1e4, 2e4, 3e4, 5e4, 1e5, 3e5])
D, LENGTH = 0.1, 2.0


def check(bench):
    case = bench.load()
    case["source[*].V_flow"] = RE / case.steady()["pipe[*].Re"] * case["source[*].V_flow"]
    solution = case.steady()
    T_in, T_wall = solution["source[1].port.T"], solution["wall.port.T"]
    flows, heats, ends, Res = (solution[f"pipe[*].{q}"] for q in ("m_flow", "wall.Q_flow", "T", "Re"))
    for m, Q, T, Re in zip(flows, heats, ends, Res, strict=True):
        cp, k, mu = (PropsSI(q, "T", T, "P", 2e5, "Water") for q in ("C", "L", "V"))
        # the wall temperature is uniform, so UA follows from the effectiveness of the pipe
        UA = -m * cp * math.log(1 - Q / (m * cp * (T_wall - T_in)))
        Nu = UA / (math.pi * LENGTH * k)
        bench.expect(f"Nu at Re {Re:.4g}", Nu, peer(Re, cp * mu / k), "1", "0.4 %", bench.reference["why"])


def peer(Re, Pr):
    return laminar_Q_const() if Re < 2300 else turbulent_Gnielinski(Re, Pr, (0.79 * math.log(Re) - 1.64) ** -2)
