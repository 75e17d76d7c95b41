"""The loss of either source or either cable breaks no limit."""

import kelvolt as kv


def check(bench):
    table = kv.contingencies(bench.load(), progress=False).table.set_index("contingency")
    for lost in ("u[1]", "u[2]", "c[1]", "c[2]"):
        word = table.loc[lost, "verdict"]
        bench.expect(f"loss of {lost} held", float(word == "held"), 1.0, "1", 0.5, bench.reference["why"])
