"""PUE includes power generated on the site, less the power exported."""


def check(bench):
    flow = bench.load().steady().power_flow()
    shares, why = flow.shares, bench.reference["why"]
    loss = 600.0 + 4500.0 * (297.0 / 400.0) ** 2  # no-load and load loss at about 297 kVA through 400 kVA
    bench.expect("PUE", shares.pue, 1.0 + loss / 200e3, "1", 0.001, why)
    bench.expect("generated", shares.generated, 500.0, "kW", 0.01, why)
    bench.expect("exported", shares.exported, 300.0 - loss / 1e3, "kW", 0.2, why)
