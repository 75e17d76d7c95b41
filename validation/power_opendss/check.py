"""Transformers by vector group and lines by matrix compared with OpenDSS."""

import kelvolt as kv
import numpy as np
import opendssdirect as dss

V_HV, V_LV = 20e3, 400.0
SOURCE = {"R1": 0.4, "X1": 4.0, "R0": 1.2, "X0": 9.0}
S_T, VK, PK = 630e3, 0.06, 6.3e3  # 1 % resistance
LOADS = ((60e3, 20e3), (30e3, 5e3), (90e3, 40e3))  # W, var of phases a, b, c
R3 = [[0.3465, 0.1560, 0.1580], [0.1560, 0.3375, 0.1535], [0.1580, 0.1535, 0.3414]]  # ohm/km: IEEE 4-node type of line
X3 = [[1.0179, 0.5017, 0.4236], [0.5017, 1.0478, 0.3849], [0.4236, 0.3849, 1.0348]]
R4 = [[0.32, 0.05, 0.05, 0.05], [0.05, 0.33, 0.05, 0.05], [0.05, 0.05, 0.34, 0.05], [0.05, 0.05, 0.05, 0.6]]
X4 = [[0.75, 0.40, 0.36, 0.38], [0.40, 0.74, 0.39, 0.35], [0.36, 0.39, 0.76, 0.37], [0.38, 0.35, 0.37, 0.80]]
NAMES = "abcn"


# ---- OpenDSS ----


def run(*commands):
    for text in commands:
        dss.Text.Command(text)
        if dss.Error.Number():
            raise ValueError(f"{text}: {dss.Error.Description()}")


def begin(V=V_HV):
    run(
        "clear",
        "set defaultbasefrequency=50",
        f"new circuit.plan bus1=s basekv={V / 1e3} pu=1 angle=0 phases=3 basefreq=50 "
        f"Z1=({SOURCE['R1']}, {SOURCE['X1']}) Z0=({SOURCE['R0']}, {SOURCE['X0']})",
    )


def finish(base):
    run(f"set voltagebases=[{base}]", "calcvoltagebases", "set tolerance=1e-10", "set maxiterations=500", "solve")
    if not dss.Solution.Converged():
        raise ValueError("the peer did not converge")


def volts(bus, n):
    dss.Circuit.SetActiveBus(bus)
    nodes, flat = dss.Bus.Nodes(), np.array(dss.Bus.Voltages())
    found = dict(zip(nodes, flat[0::2] + 1j * flat[1::2], strict=True))
    return np.array([found[k] for k in range(1, n + 1)])


def matrix(rows):
    return "(" + " | ".join(" ".join(str(x) for x in row) for row in rows) + ")"


def load(name, bus, one, two, kv_, P, Q):
    amount = f"kv={kv_} kw={P / 1e3} kvar={Q / 1e3}"
    run(f"new load.{name} bus1={bus}.{one}.{two} phases=1 {amount} model=1 vminpu=0.3 vmaxpu=2")


# ---- Kelvolt ----


def network(components, connections):
    V = components.pop("V", V_HV)
    Z = abs(complex(SOURCE["R1"], SOURCE["X1"]))
    utility = {
        "model": "ac4_utility",
        "V": V,
        "S_sc": V * V / Z,
        "X_over_R": SOURCE["X1"] / SOURCE["R1"],
        "R_0": SOURCE["R0"],
        "X_0": SOURCE["X0"],
        "R_ground": 1e-6,
    }
    return kv.read({"kelvolt": 1, "components": {"u": utility, **components}, "connections": connections}).steady()


def phasors(solution, port, n=3):
    return np.array([complex(solution[f"{port}.v{k}_re"], solution[f"{port}.v{k}_im"]) for k in NAMES[:n]])


def elements(letter, rows, unit=1e-3):
    n = len(rows)
    return {f"{letter}_{NAMES[i]}{NAMES[k]}": rows[i][k] * unit for i in range(n) for k in range(i, n)}


def star_load(V):
    P = {f"P_{k}": p for k, (p, _) in zip("abc", LOADS, strict=True)}
    return {
        "model": "ac4_load",
        "V": V,
        **P,
        **{f"Q_{k}": q for k, (_, q) in zip("abc", LOADS, strict=True)},
        "V_min": 0.3,
    }


def agree(bench, what, ours, theirs, nominal):
    difference = np.abs(np.asarray(ours) - np.asarray(theirs)).max() / nominal
    bench.expect(f"{what}: |v - v_peer| over nominal", difference, 0.0, "1", 1e-6, bench.reference["why"])


def between(v):
    return v[:3] - np.roll(v[:3], -1)


# ---- the networks ----


def lines(bench):
    length = 4.0  # km
    for name, R, X, n in (("3 x 3 matrix", R3, X3, 3), ("4 x 4 matrix", R4, X4, 4)):
        begin()
        nodes, zero = ".".join(map(str, range(1, n + 1))), [[0.0] * n] * n
        head = "s.1.2.3" if n == 3 else "s.1.2.3.0"
        run(
            f"new line.l bus1={head} bus2=b.{nodes} phases={n} length={length} units=km "
            f"rmatrix={matrix(R)} xmatrix={matrix(X)} cmatrix={matrix(zero)}"
        )
        for k, (P, Q) in enumerate(LOADS):
            load(f"l{k}", "b", k + 1, 0 if n == 3 else 4, V_HV / 1e3 / np.sqrt(3), 10 * P, 10 * Q)
        finish(V_HV / 1e3)
        line = {"model": "ac4_matrix_line", "length": length * 1e3, **elements("R", R), **elements("X", X)}
        line["return_path"] = "earth" if n == 3 else "neutral"
        ours = network({"l": line, "d": star_load(V_HV) | {"scale": 10.0}}, ["u.bus -> l -> d.bus"])
        agree(bench, name, phasors(ours, "d.bus", n), volts("b", n), V_HV / np.sqrt(3))


def transformer(group):
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


def loaded(kind, lv):
    """Loads at bus t: star to the neutral, or between phases where there is none."""
    for k, (P, Q) in enumerate(LOADS):
        two = 0 if kind == "star" else (k + 1) % 3 + 1
        load(f"l{k}", "t", k + 1, two, lv / (np.sqrt(3) if kind == "star" else 1.0) / 1e3, P, Q)


def groups(bench):
    x = 100.0 * np.sqrt(VK**2 - (PK / S_T) ** 2)
    for group, hv, lv, lead in (
        ("Dyn1", "delta", "wye", "lag"),
        ("Dyn11", "delta", "wye", "lead"),
        ("Yd1", "wye", "delta", "lag"),
        ("YNd11", "wye", "delta", "lead"),
        ("YNyn0", "wye", "wye", "lag"),
        ("Dd0", "delta", "delta", "lag"),
    ):
        begin()
        star = ".1.2.3.4" if group == "Yd1" else ".1.2.3"
        run(
            f"new transformer.t phases=3 windings=2 buses=[s{star if hv == 'wye' else ''} t] conns=[{hv} {lv}] "
            f"kvs=[{V_HV / 1e3} {V_LV / 1e3}] kvas=[{S_T / 1e3} {S_T / 1e3}] xhl={x} "
            f"%rs=[{50 * PK / S_T} {50 * PK / S_T}] "
            f"%noloadloss=0 %imag=0 leadlag={lead} ppm_antifloat={1 if lv == 'delta' else 0}"
        )
        connection = "star" if lv == "wye" else "delta"
        loaded(connection, V_LV)
        finish(f"{V_HV / 1e3} {V_LV / 1e3}")
        draw = star_load(V_LV) | {"connection": connection}
        ours = phasors(network({"t": transformer(group), "d": draw}, ["u.bus -> t.hv", "t.lv -> d.bus"]), "d.bus")
        theirs = volts("t", 3)
        if connection == "delta":
            ours, theirs = between(ours), between(theirs)
        agree(bench, group, ours, theirs, V_LV / np.sqrt(3))


def zigzag(bench):
    x = 100.0 * np.sqrt(VK**2 - (PK / S_T) ** 2) / 2.0  # of each half, on the rating of the leg
    half, r = V_LV / 3.0, 50.0 * PK / S_T
    # with the halves as windings of V_lv/3, the impedance base of a phase is three times that of a half
    x, r = 3.0 * x, 3.0 * r
    for group, other in (("Yzn11", 1), ("Yzn1", 2)):
        begin()
        for k in range(3):
            # zig: phase k, first half on leg k from the terminal to a joint; zag: the half of leg k + other, reversed
            before = (k - other) % 3  # the phase whose second half lies on leg k
            run(
                f"new transformer.leg{k} phases=1 windings=3 buses=[s.{k + 1}.0 t.{k + 1}.{k + 5} t.0.{before + 5}] "
                f"conns=[wye wye wye] kvs=[{V_HV / np.sqrt(3) / 1e3} {half / 1e3} {half / 1e3}] "
                f"kvas=[{S_T / 3e3} {S_T / 3e3} {S_T / 3e3}] xhl={x} xht={x} xlt={2 * x} %rs=[0 {r} {r}] "
                "%noloadloss=0 %imag=0 ppm_antifloat=0"
            )
        loaded("star", V_LV)
        finish(f"{V_HV / 1e3} {V_LV / 1e3}")
        ours = network({"t": transformer(group), "d": star_load(V_LV)}, ["u.bus -> t.hv", "t.lv -> d.bus"])
        agree(bench, group, phasors(ours, "d.bus"), volts("t", 3), V_LV / np.sqrt(3))


def centre_tap(bench):
    V, S, r, x = 7200.0, 50e3, 0.012, 0.02
    begin(V * np.sqrt(3))
    run(
        f"new transformer.t phases=1 windings=3 buses=[s.1.0 t.1.0 t.0.2] kvs=[{V / 1e3} 0.12 0.12] kvas=[50 50 50] "
        f"%rs=[{50 * r} {100 * r} {100 * r}] xhl={120 * x} xht={120 * x} xlt={80 * x} "
        "%noloadloss=0 %imag=0 ppm_antifloat=0"
    )
    load("one", "t", 1, 0, 0.12, 10e3, 3e3)
    load("two", "t", 0, 2, 0.12, 4e3, 1e3)
    load("both", "t", 1, 2, 0.24, 20e3, 6e3)
    finish(f"{V * np.sqrt(3) / 1e3} 0.208")
    parts = {
        "V": V * np.sqrt(3),
        "a": {"model": "phase_tap", "phase": "a"},
        "t": {
            "model": "ac1_centre_tap",
            "S_rated": S,
            "V_hv": V,
            "V_lv": 240.0,
            "vk_hl": float(np.hypot(r, x)),
            "Pk_hl": r * S,
        },
        "both": {"model": "split_phase_tap"},
        "one": {"model": "ac1_load", "V": 120.0, "P": 10e3, "Q": 3e3},
        "two": {"model": "ac1_load", "V": 120.0, "P": 4e3, "Q": 1e3},
        "line": {"model": "ac1_load", "V": 240.0, "P": 20e3, "Q": 6e3},
    }
    ours = network(
        parts,
        [
            "u.bus -> a.bus",
            "a.line -> t.hv",
            "t.lv_1 -> one.bus",
            "t.lv_2 -> two.bus",
            "t.lv_1 -> both.leg_1",
            "t.lv_2 -> both.leg_2",
            "both.line -> line.bus",
        ],
    )
    v = [complex(ours[f"t.lv_{k}.v_re"], ours[f"t.lv_{k}.v_im"]) for k in (1, 2)]
    theirs = volts("t", 2)
    agree(bench, "centre tap", v, [theirs[0], -theirs[1]], 120.0)


def three_windings(bench):
    S, V, vk, Pk = (40e6, 25e6, 15e6), (20e3, 10e3, 6e3), (0.10, 0.16, 0.07), (120e3, 90e3, 60e3)
    pairs = (min(S[0], S[1]), min(S[0], S[2]), min(S[1], S[2]))
    r = [p / s * S[0] / s for p, s in zip(Pk, pairs, strict=True)]  # of the pairs, on the rating of winding 1
    x = [np.sqrt(k**2 - (p / s) ** 2) * S[0] / s for k, p, s in zip(vk, Pk, pairs, strict=True)]
    R = [(r[0] + r[1] - r[2]) / 2, (r[0] + r[2] - r[1]) / 2, (r[1] + r[2] - r[0]) / 2]
    begin()
    run(
        f"new transformer.t phases=3 windings=3 buses=[s m l] conns=[wye wye wye] "
        f"kvs=[{V[0] / 1e3} {V[1] / 1e3} {V[2] / 1e3}] "
        f"kvas=[{S[0] / 1e3} {S[0] / 1e3} {S[0] / 1e3}] %rs=[{100 * R[0]} {100 * R[1]} {100 * R[2]}] "
        f"xhl={100 * x[0]} xht={100 * x[1]} xlt={100 * x[2]} %noloadloss=0 %imag=0 ppm_antifloat=0",
        "new load.m bus1=m phases=3 kv=10 kw=6000 kvar=2000 model=1 vminpu=0.3 vmaxpu=2",
        "new load.l bus1=l phases=3 kv=6 kw=4000 kvar=1500 model=1 vminpu=0.3 vmaxpu=2",
    )
    finish("20 10 6")
    Z = abs(complex(SOURCE["R1"], SOURCE["X1"]))
    parts = {
        "u": {"model": "ac_utility", "V": V[0], "S_sc": V[0] ** 2 / Z, "X_over_R": SOURCE["X1"] / SOURCE["R1"]},
        "t": dict(
            zip(
                ("S_hv", "S_mv", "S_lv", "V_hv", "V_mv", "V_lv", "vk_hm", "vk_hl", "vk_ml", "Pk_hm", "Pk_hl", "Pk_ml"),
                (*S, *V, *vk, *Pk),
                strict=True,
            ),
            model="ac_three_winding",
        ),
        "m": {"model": "ac_load", "V": V[1], "P": 6e6, "Q": 2e6},
        "l": {"model": "ac_load", "V": V[2], "P": 4e6, "Q": 1.5e6},
    }
    ours = kv.read(
        {"kelvolt": 1, "components": parts, "connections": ["u.bus -> t.hv", "t.mv -> m.bus", "t.lv -> l.bus"]}
    ).steady()
    for bus, volt in (("m", V[1]), ("l", V[2])):
        v = complex(ours[f"{bus}.bus.v_re"], ours[f"{bus}.bus.v_im"])
        agree(bench, f"three windings, {bus}", v, volts(bus, 3)[0], volt / np.sqrt(3))


def check(bench):
    lines(bench)
    groups(bench)
    zigzag(bench)
    centre_tap(bench)
    three_windings(bench)
