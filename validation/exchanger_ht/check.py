"""Effectiveness of the plate exchanger compared with the library ht."""

from CoolProp.CoolProp import PropsSI
from ht.hx import effectiveness_from_NTU

# UA, primary flow, secondary flow
POINTS = [
    ("5 kW/K", "100 L/min", "100 L/min"),
    ("20 kW/K", "100 L/min", "100 L/min"),
    ("20 kW/K", "60 L/min", "100 L/min"),
    ("20 kW/K", "100 L/min", "40 L/min"),
    ("60 kW/K", "100 L/min", "90 L/min"),
    ("60 kW/K", "20 L/min", "100 L/min"),
]


def capacity(solution, side):
    """Heat capacity rate, inlet and outlet temperature of one side."""
    T_in, T_out = solution[f"exchanger.{side}_a.T"], solution[f"exchanger.{side}_b.T"]
    cp = PropsSI("C", "T", 0.5 * (T_in + T_out), "P", 2e5, "Water")
    return solution[f"exchanger.m_{side}"] * cp, T_in, T_out


def effectiveness(solution):
    """Kelvolt's from the outlet temperatures, and the peer's from UA and both heat capacity rates."""
    C_1, cold_in, cold_out = capacity(solution, "primary")
    C_2, hot_in, _ = capacity(solution, "secondary")
    smaller, larger = sorted((C_1, C_2))
    ours = C_1 * (cold_out - cold_in) / (smaller * (hot_in - cold_in))
    return ours, solution["exchanger.UA"] / smaller, smaller / larger


def check(bench):
    why = bench.reference["why"]
    for UA, one, two in POINTS:
        case = bench.load({"exchanger.UA": UA, "cold.V_flow": one, "hot.V_flow": two})
        ours, NTU, Cr = effectiveness(case.steady())
        peer = effectiveness_from_NTU(NTU, Cr, subtype="counterflow")
        bench.expect(f"NTU {NTU:.2f}, Cr {Cr:.3f}", ours, peer, "1", "0.05 %", why)
    published(bench)


def published(bench):
    """NTU 9 and Cr 1 give 0.9: flows are set for equal heat capacity rates, then UA for the NTU."""
    case = bench.load()
    for _ in range(4):
        _, NTU, _ = effectiveness(solution := case.steady())
        ratio = capacity(solution, "primary")[0] / capacity(solution, "secondary")[0]
        case["hot.V_flow"] = case["hot.V_flow"] * ratio
        case["exchanger.UA"] = case["exchanger.UA"] * 9 / NTU
    ours, _, _ = effectiveness(case.steady())
    bench.expect("published, NTU 9, Cr 1", ours, 0.9, "1", "0.05 %", bench.reference["why"])
