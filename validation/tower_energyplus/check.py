"""The tower at 150 states of a day: outlet at the fan speed of EnergyPlus, and fan energy at its set point."""

import csv

import numpy as np


def samples(folder):
    with (folder / "energyplus.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name.split(" ")[0]: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def day(text, bench, data):
    case = bench.read(text)
    case["hot[*].T"] = data["T_in"] + 273.15
    case["hot[*].m_flow"] = data["m_flow"]
    case["air[*].T"] = data["T_dry_bulb"] + 273.15
    case["air[*].T_wet_bulb"] = data["T_wet_bulb"] + 273.15
    return case


def check(bench):
    data, reason = samples(bench.folder), bench.reference["why"]
    curve = np.array(bench.text()["components"]["tower"]["fan_power"]["points"])
    rated = 213.27
    speed = np.interp(data["P_fan"] / rated, curve[:, 1], curve[:, 0])
    on = data["P_fan"] > 0.0
    plain = bench.text()
    for name in ("UA_air", "UA_water", "UA_wet_bulb"):
        del plain["components"]["tower"][name]
    for law, text in (("curves of UA", bench.text()), ("powers of the flows", plain)):
        held = day(text, bench, data)
        energy = np.sum(held.steady()["tower[*].P_el"])
        bench.expect(f"fan energy, {law}", energy / np.sum(data["P_fan"]), 1.0, "1", 0.08, reason)
        driven = day(text, bench, data)
        driven["control[*].automatic"] = 0.0
        driven["control[*].manual"] = speed
        away = (driven.steady()["tower[*].T_out"] - 273.15 - data["T_out"])[on]
        bench.expect(f"root mean square of the outlet, {law}", np.sqrt(np.mean(away**2)), 0.0, "K", 0.3, reason)
        bench.expect(f"largest difference of the outlet, {law}", np.max(np.abs(away)), 0.0, "K", 0.3, reason)
