"""Density, viscosity, heat capacity and conductivity from solved networks, compared with CoolProp."""

import math

import numpy as np
from CoolProp.CoolProp import PropsSI

D, LAMINAR, WARMED, HEAT = 0.01, 100.0, 1.0, 10.0
WITHIN = {"rho": "0.05 %", "mu": "0.3 %", "cp": "0.1 %", "k": "0.3 %"}
UNIT = {"rho": "kg/m3", "mu": "mPa.s", "cp": "J/(kg.K)", "k": "W/(m.K)"}
SI = {"rho": 1.0, "mu": 1e-3, "cp": 1.0, "k": 1.0}
KEY = {"rho": "D", "mu": "V", "cp": "C", "k": "L"}


def measured(case, T):
    """Each property with the temperature to which it belongs."""
    case["source[*].T"] = T
    case["bath[*].T"] = T + 2
    s = case.steady()
    m, V = s["source[*].m_flow"], case["source[*].V_flow"]
    at = s["laminar[*].T"]
    mu = s["laminar[*].dp"] * (m / V) * math.pi * D**4 / (128 * LAMINAR * m)
    into, out = s["heater[*].a.T"], s["heater[*].T"]
    # the friction loss in the heater also becomes heat
    cp = (HEAT + m / (m / V) * s["heater[*].dp"]) / (m * (out - into))
    end, heat = s["warmed[*].T"], s["warmed[*].wall.Q_flow"]
    share = (end - out) / (case["bath[*].T"] - out)
    k = -heat / (end - out) * np.log1p(-share) / (math.pi * WARMED * 48 / 11)
    return {"rho": (m / V, T), "mu": (mu, at), "cp": (cp, 0.5 * (into + out)), "k": (k, end)}


def check(bench):
    T = np.array(bench.reference["temperatures"]) + 273.15
    for medium, peer in bench.reference["media"].items():
        text = bench.text()
        text["components"]["source"]["medium"] = medium
        for name, (ours, at) in measured(bench.read(text), T).items():
            for value, temperature in zip(ours, at, strict=True):
                theirs = PropsSI(KEY[name], "T", temperature, "P", 3e5, peer) / SI[name]
                what = f"{medium} {name} at {temperature - 273.15:.0f} degC"
                bench.expect(what, value, theirs, UNIT[name], WITHIN[name], bench.reference["why"])
