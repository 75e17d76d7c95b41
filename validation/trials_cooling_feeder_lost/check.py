"""The contingency of the feeder has the verdict broken."""

import kelvolt as kv


def check(bench):
    table = kv.contingencies(bench.load(), progress=False).table.set_index("contingency")
    word = table.loc["cb", "verdict"]
    bench.expect("loss of the feeder broken", float(word == "broken"), 1.0, "1", 0.5, bench.reference["why"])
