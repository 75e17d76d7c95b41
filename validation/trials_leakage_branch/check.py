"""Steady state compared with a long run from a cold start, near a second solution of the equations."""

import numpy as np


def undisturbed(bench):
    text = bench.text()
    for key in ("events", "apply", "profiles", "limits", "record"):
        text.pop(key)
    text["run"] = {"duration": "6 h", "start": {"T": "25 degC"}}
    return bench.read(text)


def check(bench):
    for T, activity in ((280.15, 1.0), (298.15, 1.5)):
        asked = undisturbed(bench).update({"facility.T_supply": T, "tray[*].gpu[*].activity": activity})
        steady = np.max(asked.steady()["tray[*].gpu[*].T_die"])
        late = np.max(asked.simulate(every="1 h", progress=False).end["tray[*].gpu[*].T_die"])
        what = f"hottest die, {T - 273.15:.0f} degC water, activity {activity:g}"
        bench.expect(what, steady, late - 273.15, "degC", 0.05, bench.reference["why"])
