"""The plant's day against its records: CV-RMSE and NMBE of every signal after ASHRAE Guideline 14."""

import csv
import time

import numpy as np

GPM, PSI, PER_CENT = 3.785411784e-3 / 60.0, 6894.757, 0.01
TO_SI = {"F": lambda x: (x + 459.67) / 1.8, "gpm": lambda x: x * GPM, "psi": lambda x: x * PSI}
TO_SI["%"] = lambda x: x * PER_CENT

# name: path of the case, column of the record, its unit
SIGNALS = {
    "hot-water supply": ("exchangers.secondary_b.T", "HTWS_F", "F"),
    "hot-water return": ("other_heat.b.T", "HTWR_F", "F"),
    "hot-water flow": ("hot_pumps.V_flow", "HTW_gpm", "gpm"),
    "header dp": ("header_dp.signal.value", "DPT01A", "psi"),
    "hot-water pump speed": ("hot_pumps.n", "HTWP_speed_pct", "%"),
    "tower supply": ("tower.b.T", "CTWS_F", "F"),
    "tower return": ("tower.a.T", "CTWR_F", "F"),
    "tower flow": ("tower_pumps.V_flow", "CTW_gpm", "gpm"),
    "tower fan speed": ("tower.n", "CTfan_pct", "%"),
}


def records(folder):
    """Columns of the measured half day in SI units."""
    with (folder / "measured.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    read = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return read["time_s"], {what: TO_SI[unit](read[column]) for what, (_, column, unit) in SIGNALS.items()}


def scores(model, measured, temperature):
    """Root mean square and mean of model minus measured; as shares of the measured mean, of temperatures in degC."""
    away = model - measured
    mean = np.mean(measured) - (273.15 if temperature else 0.0)
    rms, bias = np.sqrt(np.sum(away**2) / (away.size - 1)), np.sum(away) / (away.size - 1)
    return rms, bias, rms / mean, bias / mean


def replay(case, hours=12.0):
    """The run and the computing time it took [s]."""
    begin = time.process_time()
    run = case.simulate(hours * 3600.0, progress=False)
    return run, time.process_time() - begin


def board(run, at, measured, begin, end):
    """Scores by signal between two times [s], both included."""
    chosen = (at >= begin) & (at <= end)
    table = {}
    for what, (path, _, unit) in SIGNALS.items():
        model = np.interp(at[chosen], run.time, run[path])
        table[what] = scores(model, measured[what][chosen], unit == "F")
    return table


def check(bench):
    """The hours after the calibration. A signal that misses a gate is named so and held to what was achieved."""
    reference = bench.reference
    gates, missed, reason = reference["gates"], reference["missed"], reference["why"]
    at, measured = records(bench.folder)
    run, spent = replay(bench.load(), 12.0)
    for what, (rms, _, cv, nmbe) in board(run, at, measured, 22200.0, 43200.0).items():
        rows = [("CV-RMSE", cv, "%"), ("NMBE", nmbe, "%")]
        if SIGNALS[what][2] == "F":
            rows.append(("RMSE", rms, "K"))
        for score, value, unit in rows:
            held = missed.get(what, {}).get(score)
            name = f"{score} of {what}" + (f" (misses the gate of {gates[score]} {unit})" if held else "")
            bench.expect(name, value, 0.0, unit, held or gates[score], reason)
    bench.expect("computing time of the half day", spent, 0.0, "s", reference["seconds"], reason)
