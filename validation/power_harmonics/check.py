"""Harmonic voltages compared with OpenDSS in harmonics mode."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import kelvolt as kv
import numpy as np
import opendssdirect as dss

V_HV, V_LV = 20e3, 400.0
SOURCE = {"R1": 0.4, "X1": 4.0, "R0": 1.2, "X0": 9.0}
S_T, VK, PK = 630e3, 0.06, 6.3e3
LOADS = ((60e3, 20e3), (30e3, 5e3), (90e3, 40e3))  # W, var of phases a, b, c
R, X, LENGTH = 1.5e-4, 8e-5, 60.0  # ohm/m, m, of a conductor
BANK = 150e3  # var
TUNED, DETUNING = 60e3, 0.07  # var of a bank with a reactor, star with neutral
B = 1e-5  # S/m, charging of a phase to earth
SPECTRA = (  # order: share of the fundamental, degrees
    {3: (0.30, 20.0), 5: (0.20, -60.0), 7: (0.12, 150.0), 9: (0.05, 0.0), 11: (0.06, 80.0)},
    {2: (0.02, 10.0), 3: (0.50, 170.0), 5: (0.25, 30.0), 13: (0.05, -20.0)},
    {3: (0.10, -90.0), 4: (0.03, 45.0), 6: (0.02, 5.0), 7: (0.10, 0.0), 11: (0.04, 120.0)},
)
SIX_PULSE = {h: (1.0 / h, 180.0 if h % 6 == 5 else 0.0) for h in (5, 7, 11, 13)}
ORDERS = range(2, 14)


def run(*commands):
    for text in commands:
        dss.Text.Command(text)
        if dss.Error.Number():
            raise ValueError(f"{text}: {dss.Error.Description()}")


def begin():
    run(
        "clear",
        "set defaultbasefrequency=50",
        f"new circuit.plan bus1=s basekv={V_HV / 1e3} pu=1 angle=0 phases=3 basefreq=50 "
        f"Z1=({SOURCE['R1']}, {SOURCE['X1']}) Z0=({SOURCE['R0']}, {SOURCE['X0']})",
    )


def transformer(name, bus, lead):
    x = 100.0 * np.sqrt(VK**2 - (PK / S_T) ** 2)
    run(
        f"new transformer.{name} phases=3 windings=2 buses=[s {bus}] conns=[delta wye] "
        f"kvs=[{V_HV / 1e3} {V_LV / 1e3}] kvas=[{S_T / 1e3} {S_T / 1e3}] xhl={x} "
        f"%rs=[{50 * PK / S_T} {50 * PK / S_T}] %noloadloss=0 %imag=0 leadlag={lead} ppm_antifloat=0"
    )


def spectrum(name, values):
    orders = [1, *values]
    shares = [100.0, *(100.0 * share for share, _ in values.values())]
    angles = [0.0, *(angle for _, angle in values.values())]
    run(f"new spectrum.{name} numharm={len(orders)} harmonic={orders} %mag={shares} angle={angles}")


def volts(bus, n):
    dss.Circuit.SetActiveBus(bus)
    nodes, flat = dss.Bus.Nodes(), np.array(dss.Bus.Voltages())
    found = dict(zip(nodes, flat[0::2] + 1j * flat[1::2], strict=True))
    return np.array([found[k] for k in range(1, n + 1)])


def peer(buses):
    """Voltages of each order by bus: {bus: conductors}."""
    run(
        f"set voltagebases=[{V_HV / 1e3} {V_LV / 1e3}]",
        "calcvoltagebases",
        "set tolerance=1e-10",
        "set maxiterations=500",
        "set neglectloady=yes",
    )
    found = {}
    for h in ORDERS:
        run("set mode=snap", "solve")
        if not dss.Solution.Converged():
            raise ValueError("the peer did not converge")
        run("set mode=harmonics", f"set harmonics=({h})", "solve")
        found[h] = {bus: volts(bus, n) for bus, n in buses.items()}
    return found


def compare(bench, what, study, buses, theirs):
    """Phases against the neutral where there is one, else against earth."""
    grid = study.flow.grid
    for path, bus in buses.items():
        element = next(e for e in grid.elements if e.path == path.partition(".")[0])
        node = grid.buses[element.end(path.partition(".")[2]).bus]
        ours, _ = study.voltages(node)
        for h, row in zip(study.orders, ours, strict=True):
            v = theirs[h][bus]
            phases = np.abs(v[:3] - v[3]) if len(v) > 3 else np.abs(v)
            largest = phases.max()
            if largest < 1e-9:
                continue
            off = np.abs(row - phases).max() / largest
            bench.expect(
                f"{what}, {bus}, order {h}: |V - V_peer| over the largest", off, 0.0, "1", 1e-6, bench.reference["why"]
            )


def stated(values):
    return {
        "order": list(values),
        "current": [share for share, _ in values.values()],
        "angle": [f"{angle} deg" for _, angle in values.values()],
    }


def solved(components, connections, harmonics):
    Z = abs(complex(SOURCE["R1"], SOURCE["X1"]))
    utility = {"model": "ac4_utility", "V": V_HV, "S_sc": V_HV**2 / Z, "X_over_R": SOURCE["X1"] / SOURCE["R1"]}
    utility |= {"R_0": SOURCE["R0"], "X_0": SOURCE["X0"], "R_ground": 1e-6}
    text = {"kelvolt": 1, "components": {"u": utility, **components}, "connections": connections}
    return kv.harmonics(kv.read(text | {"power": {"harmonics": harmonics}}), summation="phasor")


def ours_of(group):
    return {
        "model": "ac4_transformer",
        "S_rated": S_T,
        "V_hv": V_HV,
        "V_lv": V_LV,
        "vk": VK,
        "Pk": PK,
        "group": group,
        "R_ground": 1e-9,
    }


def unequal(bench):
    begin()
    transformer("t", "t", "lead")
    run(f"new capacitor.bank bus1=t phases=3 conn=delta kv={V_LV / 1e3} kvar={BANK / 1e3}")
    n = range(4)
    r = "(" + " | ".join(" ".join(str(R if i == k else 0.0) for k in n) for i in n) + ")"
    x = "(" + " | ".join(" ".join(str(X if i == k else 0.0) for k in n) for i in n) + ")"
    nF = B / (2.0 * np.pi * 50.0) * 1e9
    C = "(" + " | ".join(" ".join(str(nF if i == k < 3 else 0.0) for k in n) for i in n) + ")"
    X_C = V_LV**2 / TUNED
    run(
        f"new capacitor.tuned bus1=t.1.2.3 bus2=t.0.0.0 phases=3 conn=wye kv={V_LV / 1e3} kvar={TUNED / 1e3} "
        f"xl={DETUNING * X_C}"
    )
    run(
        f"new line.l bus1=t.1.2.3.0 bus2=b.1.2.3.4 phases=4 length={LENGTH} units=m "
        f"rmatrix={r} xmatrix={x} cmatrix={C} Rg=0 Xg=0"
    )
    for k, ((P, Q), values) in enumerate(zip(LOADS, SPECTRA, strict=True)):
        spectrum(f"s{k}", values)
        run(
            f"new load.l{k} bus1=b.{k + 1}.4 phases=1 kv={V_LV / np.sqrt(3) / 1e3} kw={P / 1e3} kvar={Q / 1e3} model=1 "
            f"vminpu=0.3 vmaxpu=2 spectrum=s{k}"
        )
    theirs = peer({"s": 3, "t": 3, "b": 4})
    parts = {
        "t": ours_of("Dyn11"),
        "l": {"model": "ac4_line", "length": LENGTH, "R": R, "X": X, "B": B},
        "tuned": {"model": "ac4_capacitor", "V": V_LV, "Q_rated": TUNED, "detuning": DETUNING, "connection": "star"}
        | {"loss_factor": 1e-3 * DETUNING / (1.0 - DETUNING)},  # the peer gives a reactor R = X/1000
        "bank": {"model": "ac4_capacitor", "V": V_LV, "Q_rated": BANK, "connection": "delta"},
    }
    lines = ["u.bus -> t.hv", "t.lv -> l.a", "t.lv -> bank.bus", "t.lv -> tuned.bus"]
    for k, (P, Q) in enumerate(LOADS):
        parts[f"tap{k}"] = {"model": "phase_tap", "phase": "abc"[k]}
        parts[f"d{k}"] = {"model": "ac1_load", "V": V_LV / np.sqrt(3), "P": P, "Q": Q, "V_min": 0.3}
        lines += [f"l.b -> tap{k}.bus", f"tap{k}.line -> d{k}.bus"]
    harmonics = {
        "spectra": {f"s{k}": stated(v) for k, v in enumerate(SPECTRA)},
        "loads": [{"of": f"d{k}", "spectrum": f"s{k}"} for k in range(3)],
    }
    study = solved(parts, lines, harmonics)
    compare(bench, "unequal loads", study, {"u.bus": "s", "t.lv": "t", "l.b": "b"}, theirs)


def rectifiers(bench):
    begin()
    spectrum("six", SIX_PULSE)
    for name, lead in (("t1", "lag"), ("t2", "lead")):
        transformer(name, name, lead)
        run(
            f"new load.{name} bus1={name} phases=3 kv={V_LV / 1e3} kw=300 kvar=80 model=1 vminpu=0.3 vmaxpu=2 "
            "spectrum=six"
        )
    run("new load.more bus1=t1 phases=3 kv=0.4 kw=100 kvar=0 model=1 vminpu=0.3 vmaxpu=2 spectrum=six")
    theirs = peer({"s": 3, "t1": 3, "t2": 3})
    draw = {"model": "ac4_load", "V": V_LV, "V_min": 0.3}
    rated = {f"P_{k}": 1e5 for k in "abc"} | {f"Q_{k}": 80e3 / 3.0 for k in "abc"}
    parts = {
        "t1": ours_of("Dyn1"),
        "t2": ours_of("Dyn11"),
        "d1": draw | rated,
        "d2": draw | rated,
        "more": draw | {f"P_{k}": 1e5 / 3.0 for k in "abc"},
    }
    lines = ["u.bus -> t1.hv", "u.bus -> t2.hv", "t1.lv -> d1.bus", "t2.lv -> d2.bus", "t1.lv -> more.bus"]
    study = solved(parts, lines, {"spectra": {"six": stated(SIX_PULSE)}, "default": "six"})
    compare(bench, "rectifiers", study, {"u.bus": "s", "t1.lv": "t1", "t2.lv": "t2"}, theirs)


def check(bench):
    before = Path.cwd()
    with TemporaryDirectory() as folder:  # the peer leaves files in its folder
        run(f"set datapath={folder}")
        try:
            unequal(bench)
            rectifiers(bench)
        finally:
            run(f"set datapath={before}")
            os.chdir(before)
