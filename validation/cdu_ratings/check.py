"""Each CDU of the library at its rating, its UA beside a hand calculation, and one CDU predicted from another."""

OWN = (
    "not independent: the model was given this point, so it shows the inversion of the rating, and that the heat of "
    "the pumps (up to 1 % of the load) is counted"
)
DERIVED = (
    "derived apart from the model with rounded properties; the XDU1350 by PG20 instead of PG25 (1.5 % in heat capacity)"
)
OTHER = (
    "independent but of another unit: ten CDU 121 side by side are no XDU1350, whose plates have 2 % more conductance "
    "and 12 % less flow for each kW; no vendor publishes a second thermal point of one unit"
)
LAW = "the stated law, apart from small changes of temperature"


def solved(bench, entry, heat, flow, scale=1.0):
    """The CDU alone between facility and load; `scale` is the number of CDUs in parallel that it represents."""
    text = bench.text()
    parts = text["components"]
    parts["cdu"] |= {"model": entry, "flow": f"{flow / scale} L/min"}
    parts["facility"]["V_flow"] = f"{flow / scale} L/min"
    parts["load"] |= {"heat": f"{heat / scale} kW", "V_flow_nominal": f"{flow / scale} L/min"}
    return bench.read(text).steady()


def approach(solution):
    return solution["cdu.exchanger.secondary_b.T"] - solution["facility.supply.T"]


def check(bench):
    cdus = bench.reference["cdus"]
    for entry, (heat, rated, flow, UA) in cdus.items():
        solution = solved(bench, entry, heat, flow)
        bench.expect(f"{entry}: approach at its rating", approach(solution), rated, "K", "2 %", OWN)
        bench.expect(f"{entry}: UA", solution["cdu.exchanger.UA"], UA, "kW/K", "4 %", DERIVED)
    heat, rated, flow, _ = cdus["vertiv_xdu1350"]
    predicted = approach(solved(bench, "vertiv_cdu121", heat, flow, scale=10.0))
    bench.expect("XDU1350 predicted from the CDU 121", predicted, rated, "K", "15 %", OTHER)
    half_flow(bench)


def half_flow(bench):
    """UA at half flow by hand: both film coefficients fall with flow^0.65, the plates' conductance is constant."""
    heat, _, flow, _ = bench.reference["cdus"]["vertiv_cdu121"]
    full, half = (solved(bench, "vertiv_cdu121", heat * f, flow * f) for f in (1.0, 0.5))
    ratio = half["cdu.exchanger.UA"] / full["cdu.exchanger.UA"]
    by_hand = 1 / (0.9 / 0.5**0.65 + 0.1)
    bench.expect(
        "CDU 121: UA at half flow over full",
        ratio,
        by_hand,
        "1",
        "0.5 %",
        LAW,
    )
