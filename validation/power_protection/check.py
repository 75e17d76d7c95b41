"""Fuses and relays compared with pandapower's protection module; the thermal memory with its closed form."""

import math

import electric_nets as nets
import kelvolt as kv
import numpy as np
import pandas

CURVES = {
    "standard_inverse": (0.14, 0.02),
    "very_inverse": (13.5, 1.0),
    "extremely_inverse": (80.0, 2.0),
    "long_inverse": (120.0, 1.0),
}


def times(device, currents):
    """Earliest and latest times of one device between a source and a small load."""
    case = {
        "kelvolt": 1,
        "components": {
            "source": {"model": "ac_utility", "V": "400 V", "S_sc": "10 MVA"},
            "device": device,
            "load": {"model": "ac_load", "P": "100 W", "V": "400 V"},
        },
        "connections": ["source.bus -> device.a", "device.b -> load.bus"],
    }
    guarded = kv.protection(kv.read(case))
    return guarded.by_path["device"].times(currents)


def net_of_one_line(pp):
    net = pp.create_empty_network()
    a, b, c = (pp.create_bus(net, 20.0, geodata=(float(k), 0.0)) for k in range(3))
    pp.create_ext_grid(net, a, s_sc_max_mva=100.0, s_sc_min_mva=50.0, rx_min=0.1, rx_max=0.1)
    kind = "243-AL1/39-ST1A 20.0"
    lines = [pp.create_line(net, x, y, 1.0, kind, endtemp_degree=80.0) for x, y in ((a, b), (b, c))]
    switches = [pp.create_switch(net, x, line, et="l") for x, line in zip((a, b), lines, strict=True)]
    pp.create_load(net, c, 1.0)
    return net, switches[0]


def check(bench):
    pp = nets.quiet(lambda: __import__("pandapower"))
    fuses(bench, pp)
    relays(bench, pp)
    memory(bench)


def fuses(bench, pp):
    from pandapower.protection.protection_devices.fuse import Fuse

    net, switch = net_of_one_line(pp)
    known = pp.available_std_types(net, "fuse")
    worst, worst_at, count = 0.0, "", 0
    for name, data in known.iterrows():
        if not isinstance(data.t_avg, list) or len(data.t_avg) < 2:
            continue
        points = sorted(zip(data.x_avg, data.t_avg, strict=True))
        curve = {"points": [list(map(float, p)) for p in points], "kind": "log_table", "x": "A", "y": "s"}
        device = {"model": "ac_fuse", "I_rated": f"{data.i_rated_a} A", "earliest": curve, "latest": curve}
        currents = np.geomspace(1.001 * points[0][0], 0.999 * points[-1][0], 20)
        peer = nets.quiet(lambda n=name: Fuse(net, switch, fuse_type=n, overwrite=True))
        for current, ours in zip(currents, times(device, currents)[1], strict=True):
            net["res_switch"] = pandas.DataFrame({"i_ka": [current / 1e3]}, index=[switch])
            theirs = float(peer.protection_function(net, scenario="pp")["trip_melt_time_s"])
            count += 1
            if abs(ours / theirs - 1.0) > worst:
                worst, worst_at = abs(ours / theirs - 1.0), f"{name} at {current:.4g} A"
        if "NH-2-315" in name:
            at = 4500.0
            net["res_switch"] = pandas.DataFrame({"i_ka": [at / 1e3]}, index=[switch])
            theirs = float(peer.protection_function(net, scenario="pp")["trip_melt_time_s"])
            found = float(times(device, [at])[1][0])
            bench.expect(f"{name} at {at:g} A", found, theirs, "s", 1e-6 * theirs, bench.reference["why"])
    what = f"{count} times of fuses, worst share off ({worst_at or 'none'})"
    bench.expect(what, worst, 0.0, "1", 1e-6, bench.reference["why"])


def relays(bench, pp):
    from pandapower.protection.protection_devices.ocrelay import OCRelay

    for curve, (k, alpha) in CURVES.items():
        net, switch = net_of_one_line(pp)
        pickup = pandas.DataFrame({"switch_id": [0, 1], "I_s": [0.1, 0.1]})
        settings = pandas.DataFrame({"switch_id": [0, 1], "tms": [0.4, 0.4], "t_grade": [0.0, 0.0]})
        peer = nets.quiet(
            lambda n=net, s=switch, c=curve, p=pickup, t=settings: OCRelay(
                n, s, "IDMT", t, pickup_current_manual=p, curve_type=c
            )
        )
        device = {
            "model": "ac_breaker",
            "law": "inverse",
            "I_rated": "630 A",
            "I_r": "100 A",
            "k": f"{k} s",
            "alpha": alpha,
            "TMS": 0.4,
            "tolerance": 0,
            "t_open": "0 s",
        }
        for m in (1.2, 2.0, 5.0, 15.0):
            net["res_switch"] = pandas.DataFrame({"i_ka": [0.1 * m]}, index=[switch])
            answer = peer.protection_function(net, scenario="pp")
            theirs = float(next(v for key, v in answer.items() if "time" in key))
            found = float(times(device, [100.0 * m])[1][0])
            bench.expect(f"{curve} at {m:g} times", found, theirs, "s", 1e-9 * theirs, bench.reference["why_relay"])


def memory(bench):
    """Typical device: k^2 = 1.05 x 1.30, 10 s at six times (geometric mean of 5 s and 20 s)."""
    k2 = 1.05 * 1.30
    tau = 10.0 / math.log(36.0 / (36.0 - k2))
    for m in (1.3, 2.0, 4.0):
        t = tripped([[0.0, 0.5], [10.0, m], [3000.0, m]])
        expected = 10.0 + tau * math.log((m * m - 0.25) / (m * m - k2))
        bench.expect(f"trip at {m:g} times", t, expected, "s", 1e-3 * expected, bench.reference["why_memory"])
    rows, theta, t, m2 = [], 0.01, 5.0, 1.8**2
    for k in range(120):
        rows.append([5.0 * k, 0.1 if k % 2 == 0 else 1.8])
    while m2 + (theta - m2) * math.exp(-5.0 / tau) < k2:
        theta = m2 + (theta - m2) * math.exp(-5.0 / tau)
        theta = 0.01 + (theta - 0.01) * math.exp(-5.0 / tau)
        t += 10.0
    expected = t + tau * math.log((m2 - theta) / (m2 - k2))
    bench.expect("trip under pulses", tripped(rows), expected, "s", 1e-3 * expected, bench.reference["why_memory"])


def tripped(rows):
    """Time at which a breaker of 100 A opens [s]; rows: time [s] and current over 100 A."""
    case = {
        "kelvolt": 1,
        "components": {
            "source": {"model": "dc_source", "V": "100 V", "R": "1 uohm"},
            "breaker": {"model": "dc_breaker", "I_rated": "100 A", "R": "1 uohm"},
            "load": {"model": "dc_load", "P": "10 kW", "V": "100 V", "z_share": 1, "scale": rows[0][1]},
        },
        "connections": ["source.bus -> breaker.a", "breaker.b -> load.bus"],
        "profiles": {"pulses": {"piecewise": [[f"{t} s", s] for t, s in rows], "between": "step"}},
        "apply": [{"profile": "pulses", "to": "load.scale"}],
        "run": {"duration": f"{rows[-1][0]} s", "start": "steady"},
    }
    run = kv.read(case).simulate()
    return next(e.time for e in run.events if "trips" in e.text)
