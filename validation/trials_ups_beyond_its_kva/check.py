"""A UPS is judged by its rated kVA, or by its rated kW where no kVA is given."""


def check(bench):
    solution = bench.load().steady()
    share = solution.check().set_index(["element", "id"]).loc[("ups", "ups_apparent_load"), "value"]
    bench.expect("kVA over 900", share, 1100.0 / 900.0, "1", 1e-6, bench.reference["why"])
    bench.expect_verdict("", solution, "ups_apparent_load", "broken")
    text = bench.text()
    for rating, word in ((1000e3, "broken"), (1200e3, "held")):
        text["components"]["ups"]["S_rated"] = rating
        bench.expect_verdict(f"{rating / 1e3:g} kVA: ", bench.read(text).steady(), "ups_apparent_load", word)
