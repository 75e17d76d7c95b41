"""The run ends at the steady state for every tolerance."""


def with_room(text):
    """The case with a wall at the initial temperature, a sink for the pump's heat that the steady state needs."""
    text["components"]["room"] = {"model": "ambient", "T": "30 degC"}
    text["components"]["pipe"] |= {"heat": "overall", "U": "10 kW/(m2 K)"}
    text["components"]["pump"]["running"] = 1
    text["connections"].append("pipe.wall -> room.port")
    return text


def check(bench):
    expected = bench.read(with_room(bench.text())).steady()["pump.V_flow"] / 1e-3 * 60
    for tolerance in (1e-3, 5e-5, 1e-5, 1e-6):
        flow = bench.load().simulate(tolerance=tolerance, progress=False).end["pump.V_flow"]
        what = f"flow after 20 s, tolerance {tolerance:g}"
        bench.expect(what, flow, expected, "L/min", "0.1 %", bench.reference["why"])
