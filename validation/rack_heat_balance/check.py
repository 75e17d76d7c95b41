"""The same rack with water."""


def check(bench):
    text = bench.text()
    text["components"]["supply"]["medium"] = "water"
    solution = bench.read(text).steady()
    rise = solution["return.port.T"] - solution["supply.port.T"]
    why = "992.2 kg/m3 and 4180 J/(kg K) at 46 degC give 12.86 K; the source rounds to 12.8 or 12.9 K"
    bench.expect("water: temperature rise", rise, 12.86, "K", 0.05, why)
    bench.expect("water: energy audit", solution.audit.energy_relative, 0.0, "1", 1e-6, "what the solver itself claims")
