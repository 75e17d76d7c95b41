"""The verdict on the same rack with couplings of the standard's minimum Cv, which is not an operating point."""

import yaml

LIMIT_KPA = 58.61  # published for 119 L/min


def check(bench):
    text = yaml.safe_load(bench.file.read_text())
    for name in ("tray", "switch_tray"):
        text["components"][name]["coupling"] = "minimum"
    text["limits"] = [{"of": "rack_dp.signal.value", "max": LIMIT_KPA * 1e3, "basis": "Lenovo LP2357", "id": "rack_dp"}]
    solution = bench.read(text).steady()
    couplings = solution["tray[1].qd_in.dp"] + solution["tray[1].qd_out.dp"]
    why = "2 (Q/Cv)^2 with the Cv of 0.80 gpm/psi^0.5 and 6.0 L/min a tray; flow follows the solved share of the tray"
    bench.expect("two couplings of minimum Cv, of 58.6 kPa", couplings, 53.0, "kPa", 2.5, why)
    row = solution.check().set_index("id").loc["rack_dp"]
    broken = float(row["verdict"] == "broken")
    why = (
        "with couplings at the floor of their standard the published drop cannot be met, so the verdict must be broken"
    )
    bench.expect("verdict on the rack drop with minimum Cv (1: broken)", broken, 1.0, "1", 0.0, why)
