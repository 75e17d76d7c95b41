"""A run of the rack is written to a file; its energy balance is checked from the file with the peer's enthalpies."""

import tempfile
from pathlib import Path

import kelvolt as kv
from CoolProp.CoolProp import PropsSI

BOUNDARY = ["facility.m_supply", "facility.supply.*", "facility.return.*", "cdu.pump[*].T_motor"]
NEEDED = [
    "facility.m_supply",
    *(f"facility.{p}.{q}" for p in ("supply", "return") for q in ("T", "p")),
    "cdu.pump.T_motor",
    "cdu.pump.P_el",
]
CHIPS = ["tray.gpu.P", "tray.grace.P", "switch_tray.asic.P"]


def stored(case):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rack.h5"
        case.simulate(20.0, every=5.0, output=file, record=BOUNDARY, progress=False)
        with kv.open(file) as data:
            return data[NEEDED + CHIPS].isel(time=-1).load()


def check(bench):
    case = bench.load()
    data = stored(case)
    supply, back = (
        PropsSI("H", "T", float(data[f"facility.{p}.T"]), "P", float(data[f"facility.{p}.p"]), "Water")
        for p in ("supply", "return")
    )
    to_facility = float(data["facility.m_supply"]) * (back - supply)
    chips = sum(float(data[name].sum()) for name in CHIPS)
    to_room = case["cdu.pump[*].G_room"] * (data["cdu.pump.T_motor"].values - case["cdu.pump[*].T_room"])
    pumps = float(data["cdu.pump.P_el"].sum()) - to_room.sum()
    why = bench.reference["why"]
    bench.expect("heat to the facility", to_facility, (chips + pumps) / 1e3, "kW", "0.2 %", why)
    bench.expect(
        "power of all chips", chips, 115.56, "kW", "0.1 %", "72 x 1.2 + 36 x 0.5 + 9 x 1.24 kW, leakage included"
    )
