"""The plate's resistance in a loop whose flow is solved, at flows between and beyond the points of its curve."""

from scipy.optimize import brentq

L_MIN = 1e-3 / 60
CELLS = (1, 4, 16)


def resistance(case, first_cell, V_flow, rho):
    """Resistance from case to inlet [K/W] at an inlet flow V_flow (density rho), for which the pump speed is found."""
    solved = {}

    def excess(speed):
        case["pump.speed"] = speed
        solved["at"] = case.steady(solved.get("at"))
        return solved["at"][f"{first_cell}.m_flow"] / (rho * V_flow) - 1

    brentq(excess, 0.06, 1.0, xtol=1e-6)
    solution = solved["at"]
    return (solution["chip.port.T"] - solution["hose_out.b.T"]) / solution["chip.P"]


def variant(bench, cells, water=False):
    text = bench.text()
    parts = text["components"]
    if cells > 1:
        parts["plate"]["cells"] = cells
    if water:
        parts["vessel"]["medium"] = "water"
        parts["plate"] |= {"scale": "conductivity", "R_solid": "0.0045 K/W", "k_test": "0.476 W/(m K)"}
    return bench.read(text), "plate.cell[1]" if cells > 1 else "plate"


def check(bench):
    reference, why = bench.reference, bench.reference["why"]
    for cells in CELLS:
        case, first = variant(bench, cells)
        for Q, R, within in reference["predicted"]:
            R_ours = resistance(case, first, Q * L_MIN, reference["rho_PG25"])
            reason = why if within == "1 %" else reference["why_steep"]
            bench.expect(f"PG25 {Q} L/min, {cells} cells", R_ours, R, "K/W", within, reason)
        Q, R = reference["beyond"]
        R_ours = resistance(case, first, Q * L_MIN, reference["rho_PG25"])
        bench.expect(f"PG25 {Q} L/min, beyond the curve, {cells} cells", R_ours, R, "K/W", "1 %", why)
    case, first = variant(bench, 4, water=True)
    Q, R = reference["water"]
    why_water = "the solid's share comes from the same two curves: this shows the conversion, no independent prediction"
    R_ours = resistance(case, first, Q * L_MIN, reference["rho_water"])
    bench.expect(f"water {Q} L/min from the PG25 curve", R_ours, R, "K/W", "2 %", why_water)
