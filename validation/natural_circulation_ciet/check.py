"""Flows of natural circulation in both loops of CIET, found from rest, against measured and published runs."""

FLOW = {"primary": "pipe_3.cell[1].m_flow", "DRACS": "pipe_33.cell[1].m_flow"}
TEMPERATURE = {"T_in": "heater[1].a.T", "T_out": "heater[5].b.T"}


def check(bench):
    for run in bench.reference["runs"]:
        fifths = {f"heater_load[{k}].power": f"{run['power'] / 5} W" for k in range(1, 6)}
        result = bench.load(fifths | {"cooler.T": run["cooler"]}).steady()
        for kind, within in bench.reference["within"].items():
            for loop, path in FLOW.items():
                expected, why = run[kind][loop], bench.reference["why"]
                bench.expect(f"{run['run']} {kind}, {loop}", result[path], expected, "kg/s", within, why)
        for of, path in TEMPERATURE.items():
            bench.expect(f"{run['run']}, heater {of}", result[path], run[of], "degC", 3.0, bench.reference["why_T"])
