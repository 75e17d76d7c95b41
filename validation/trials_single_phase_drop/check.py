"""The drop of the feeder is that of phase a, through the phase and the neutral conductor."""


def check(bench):
    solution = bench.load().steady()
    found = solution.check().set_index(["element", "id"])
    drop = found.loc[("feeder", "voltage_drop"), "value"]
    expected = 2 * 0.05 * 50.0 / (208.0 / 3**0.5)
    bench.expect("drop of the feeder", drop, expected, "1", 1e-3, bench.reference["why"])
    bench.expect_verdict("", solution, "voltage_drop", "broken")
