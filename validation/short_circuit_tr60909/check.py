"""The network of IEC TR 60909-4, carried over to Kelvolt's components."""

import math

import kelvolt as kv

C_MAX = 1.1


def factor(x):
    """K_T of a transformer with the reactance x per unit."""
    return 0.95 * C_MAX / (1.0 + 0.6 * x)


def star(V, pairs):
    """Star impedances [ohm] of a transformer of three windings at the voltage V: pairs AB, BC, CA with vk, vkr in per
    cent and the power of the pair in MVA."""
    Z = []
    for vk, vkr, S in pairs:
        x = math.sqrt(vk**2 - vkr**2) / 100.0
        Z.append(factor(x) * complex(vkr / 100.0, x) * V**2 / (1e6 * S))
    AB, BC, CA = Z
    return (AB + CA - BC) / 2.0, (AB + BC - CA) / 2.0, (BC + CA - AB) / 2.0


def arm(V_hv, V_lv, Z):
    """A transformer of two windings whose corrected impedance on side hv is Z [ohm]."""
    S = 0.1 * V_hv**2 / abs(Z)
    z = Z * S / V_hv**2
    x = max(z.imag, 1e-5) / (0.95 * C_MAX - 0.6 * z.imag)
    r = z.real / factor(x)
    return {"model": "ac_transformer", "S_rated": S, "V_hv": V_hv, "V_lv": V_lv, "vk": math.hypot(r, x), "Pk": r * S,
            "group": "YNyn0", "load_max": 10}  # fmt: skip


def line(Z):
    return {"model": "ac_line", "length": 1.0, "R": Z.real, "X": Z.imag}


def overhead(km, R, X, parallel=1):
    return {"model": "ac_line", "length": 1e3 * km, "R": 1e-3 * R, "X": 1e-3 * X, "parallel": parallel}


def behind(V, Z):
    """A grid of impedance Z, with the factor c of the grid taken out."""
    return {"model": "ac_utility", "V": V, "S_sc": C_MAX * V**2 / abs(Z), "X_over_R": Z.imag / Z.real}


def unit(V, U_G, V_lv, V_hv, S_G, x_d, R_G, power_factor, vk, vkr, S_T, *, p_G=0.0, oltc=True):
    """Impedance of a power station unit on its high-voltage side (IEC 60909-0, 6.7)."""
    t, x_T = V_hv / V_lv, math.sqrt(vk**2 - vkr**2) / 100.0
    Z_G = complex(R_G, x_d * U_G**2 / S_G)
    Z_T = complex(vkr / 100.0, x_T) * V_hv**2 / S_T
    sin = math.sqrt(1.0 - power_factor**2)
    K = (V / U_G) ** 2 / t**2 * C_MAX / (1.0 + abs(x_d - x_T) * sin)
    if not oltc:
        K = V / (U_G * (1.0 + p_G)) / t * C_MAX / (1.0 + x_d * sin)
    return K * (t**2 * Z_G + Z_T)


def motor(count, P, power_factor, efficiency, I_start):
    drawn = {"V": 10e3, "P": count * P / efficiency, "power_factor": power_factor}
    return {"model": "ac_load", "motor_share": 1.0, "I_start": I_start, "motor_R_over_X": 0.1} | drawn


def network(full):
    """The whole network, or only its grids, the transformers at bus 1 and the lines between buses 2, 3 and 5."""
    A, B, C = star(400e3, [(21.0, 0.26, 350.0), (7.0, 0.16, 50.0), (10.0, 0.16, 50.0)])
    A, C = A + 1j * min(B.imag, 0.0), C + 1j * min(B.imag, 0.0)
    parts = {"b1": 380e3, "b2": 110e3, "b3": 110e3, "b5": 110e3, "b8": 30e3}
    parts |= {"b4": 110e3, "b6": 10e3, "b7": 10e3} if full else {}
    made = {k: {"model": "ac_bus", "V": V} for k, V in parts.items()}
    grids = {"q1": (38e3, 380e3), "q2": (16e3, 110e3)}
    made |= {
        k: {"model": "ac_utility", "V": V, "S_sc": math.sqrt(3) * V * A, "X_over_R": 10} for k, (A, V) in grids.items()
    }
    ends = ["q1.bus -> b1.bus", "q2.bus -> b5.bus"]

    def between(name, value, a, b, ports=("a", "b")):
        made[name] = value
        ends.extend([f"{a} -> {name}.{ports[0]}", f"{name}.{ports[1]} -> {b}"])

    for k in ("t3", "t4"):
        between(f"{k}_a", line(A), "b1.bus", f"{k}_b.hv")
        between(f"{k}_b", arm(400e3, 120e3, B), f"{k}_a.b", "b2.bus", ("hv", "lv"))
    between("t4_c", arm(400e3, 30e3, C), "t4_a.b", "b8.bus", ("hv", "lv"))
    between("l1", overhead(20, 0.12, 0.39), "b2.bus", "b3.bus")
    between("l3", overhead(5, 0.12, 0.39, 2), "b2.bus", "b5.bus")
    between("l4", overhead(10, 0.096, 0.388), "b5.bus", "b3.bus")
    if full:
        between("l2", overhead(10, 0.12, 0.39), "b3.bus", "b4.bus")
        between("l5", overhead(15, 0.12, 0.386), "b5.bus", "b4.bus")
        between("l6", overhead(1, 0.082, 0.086), "b6.bus", "b7.bus")
        A, B, _ = star(115e3, 3 * [(12.0, 0.5, 31.5)])
        for k in ("t5", "t6"):
            between(k, arm(115e3, 10.5e3, A + B), "b5.bus", "b6.bus", ("hv", "lv"))
        made["g1"] = behind(110e3, unit(110e3, 21e3, 21e3, 115e3, 150e6, 0.14, 0.002, 0.85, 16.0, 0.5, 150e6))
        made["g2"] = behind(
            110e3,
            unit(110e3, 10.5e3, 10.5e3, 120e3, 100e6, 0.16, 0.005, 0.9, 12.0, 0.5, 100e6, p_G=0.075, oltc=False),
        )
        made["g3"] = {"model": "ac_generator", "V": 10.5e3, "S_rated": 10e6, "X_d2": 0.1, "power_factor": 0.8,
                      "R_a": 0.018 * 10e6 / 10.5e3**2}  # fmt: skip
        made["m1"], made["m2"] = motor(1, 5e6, 0.88, 0.975, 5.0), motor(2, 2e6, 0.89, 0.968, 5.2)
        ends += ["g1.bus -> b4.bus", "g2.bus -> b3.bus", "g3.bus -> b6.bus", "m1.bus -> b7.bus", "m2.bus -> b7.bus"]
    return kv.read({"kelvolt": 1, "components": made, "connections": ends}, name="tr60909")


def check(bench):
    for what in bench.reference["networks"]:
        solution = network(what["full"]).steady()
        grid = solution.power_flow().grid
        names = {e.path: grid.buses[e.ends[0].bus].name for e in grid.of_role("bus")}
        table = kv.short_circuit(solution)
        for kind, columns in what["faults"].items():
            rows = table[table.kind == kind].set_index("bus")
            for column, values in columns.items():
                for bus, value in values.items():
                    title = f"{what['network']}, {kind}, {column} at bus {bus[1:]}"
                    loose = bus == bench.reference["loose"]["bus"]
                    within, why = (bench.reference["loose"] if loose else what)["within"], what["why"]
                    why = bench.reference["loose"]["why"] if loose else why
                    bench.expect(title, rows.loc[names[bus], column], 1e3 * value, "A", within, why)
