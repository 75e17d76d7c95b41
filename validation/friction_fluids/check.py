"""Friction factors from the pressure drop of pipes, compared with those of the library fluids."""

import math

import fluids
import numpy as np

SOURCES = {"colebrook": "source_c", "haaland": "source_h", "swamee_jain": "source_s", "churchill": "source_k"}
METHODS = {
    "colebrook": "Clamond",
    "haaland": "Haaland",
    "swamee_jain": "Swamee_Jain_1976",
    "churchill": "Churchill_1977",
}
LENGTH = 10.0
TURBULENT = [(Re, eps) for eps in (0.0, 1e-4, 1e-3, 1e-2) for Re in (5e3, 1e4, 1e5, 1e6)]


def factors(bench, law, points):
    """Darcy friction factors at (Re, eps) from solved pressure drops; the array has room for 20."""
    case = bench.load()
    pipes = points + [points[-1]] * (20 - len(points))
    Re, eps = np.array(pipes).T
    d = 0.1
    case[f"{law}[*].roughness"] = eps * d
    # Re is proportional to flow, except for slight warming by friction
    for _ in range(3):
        flow = case[f"{SOURCES[law]}[*].V_flow"]
        case[f"{SOURCES[law]}[*].V_flow"] = flow * Re / case.steady()[f"{law}[*].Re"]
    solution = case.steady()
    v = solution[f"{law}[*].velocity"]
    rho = solution[f"{law}[*].m_flow"] / (v * math.pi / 4 * d * d)
    return (solution[f"{law}[*].dp"] * d / LENGTH / (0.5 * rho * v * v))[: len(points)]


def peer(law, Re, eps):
    if Re < 2000:
        return 64 / Re
    return fluids.friction_factor(Re=Re, eD=eps, Method=METHODS[law])


def check(bench):
    why = bench.reference["why"]
    for law, Re, eps, f in bench.reference["published"]:
        ours = factors(bench, law, [(Re, eps)])[0]
        bench.expect(f"{law} published, Re {Re:g}, eps/d {eps:g}", ours, f, "1", "0.001 %", why)
    for law in SOURCES:
        points = TURBULENT + ([] if law == "churchill" else [(500.0, 1e-3), (1900.0, 1e-3)])
        for (Re, eps), ours in zip(points, factors(bench, law, points), strict=True):
            bench.expect(f"{law}, Re {Re:g}, eps/d {eps:g}", ours, peer(law, Re, eps), "1", "0.001 %", why)
