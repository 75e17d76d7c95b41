"""The run arrives at the steady state at every tolerance."""


def check(bench):
    case = bench.load()
    steady = bench.load({"pump.running": 1.0}).steady()["pump.V_flow"]
    for tolerance in (1e-3, 5e-5, 1e-5, 1e-6):
        run = case.simulate(tolerance=tolerance, progress=False)
        bench.expect(f"flow after 20 s, tolerance {tolerance:g}", run.end["pump.V_flow"], steady / 1e-3 * 60, "L/min", "0.1 %", bench.reference["why"])
