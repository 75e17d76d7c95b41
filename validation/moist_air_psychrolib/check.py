"""Wet bulb, dew point and humidity ratio of outdoor air against psychrolib and CoolProp."""

import numpy as np
import psychrolib
from CoolProp.HumidAirProp import HAPropsSI


def check(bench):
    psychrolib.SetUnitSystem(psychrolib.SI)
    states, why, why_real = np.array(bench.reference["states"]), bench.reference["why"], bench.reference["why_real"]
    case = bench.load()
    case["air[*].T"], case["air[*].RH"], case["air[*].p"] = states[:, 0] + 273.15, states[:, 1], states[:, 2] * 1e3
    solution = case.steady()
    ours = {name: solution[f"air[*].{name}"] for name in ("T_wet_bulb", "T_dew", "w")}
    for k, (t, RH, kPa) in enumerate(states):
        at, p = f"at {t:g} degC, {RH:g}", 1e3 * kPa
        wet, dew, w = (ours[name][k] for name in ours)
        bench.expect(f"wet bulb {at}", wet, psychrolib.GetTWetBulbFromRelHum(t, RH, p), "degC", 1.5e-3, why)
        bench.expect(f"dew point {at}", dew, psychrolib.GetTDewPointFromRelHum(t, RH), "degC", 1.5e-3, why)
        bench.expect(f"humidity ratio {at}", w, psychrolib.GetHumRatioFromRelHum(t, RH, p), "1", "0.001 %", why)
        if t < 7.0:
            continue
        real = {"T": t + 273.15, "R": RH, "P": p}
        state = [x for pair in real.items() for x in pair]
        bench.expect(f"wet bulb {at}, real gas", wet, HAPropsSI("B", *state) - 273.15, "degC", 0.1, why_real)
        bench.expect(f"humidity ratio {at}, real gas", w, HAPropsSI("W", *state), "1", "0.7 %", why_real)
    high = bench.reference["altitude"]
    thin = bench.text()
    thin["components"]["air"] = {"model": "outdoor_air", "T": "20 degC", "RH": "50 %", "altitude": f"{high} m"}
    p_air = bench.read(thin).steady()["air.p_air"]
    bench.expect("pressure at altitude", p_air, psychrolib.GetStandardAtmPressure(high) / 1e3, "kPa", "0.001 %", why)
