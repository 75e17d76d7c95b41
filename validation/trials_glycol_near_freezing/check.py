"""A notice states that the coolant data are extrapolated."""


def check(bench):
    warnings = " ".join(bench.load().steady().warnings)
    said = "coolant temperature" in warnings and "extrapolated" in warnings
    bench.expect("extrapolation is said", float(said), 1.0, "1", 0.5, "a notice stands or does not")
