"""Converts networks of pandapower to Kelvolt and power-grid-model, and gives the voltages of all three by bus.

Conventions: a line is a pi section (R, X per length, half of its capacitance at each end) at the temperature for which
its R is stated. The no-load admittance of a transformer is in the middle (t, pandapower) or half at each end (pi,
power-grid-model). Its tap changes the ratio and not the impedance on the low-voltage side. Loads have constant power.
Buses joined by closed switches are one bus. Short-circuit power is that at nominal voltage. Three-phase: the neutrals
of grid and transformers are earthed through 1 nohm, and the return of lines is the earth, with their zero-sequence
impedance. Data that cannot be converted raise ValueError.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import kelvolt as kv
import numpy as np

STIFF = 1e15  # VA, short-circuit power of a grid that represents a fixed voltage
EARTHED = 1e-9  # ohm
PHASES = "abc"
# vector groups of pandapower by the angle of the low-voltage side
GROUPS = {("dyn", 30): "Dyn1", ("dyn", 150): "Dyn5", ("dyn", 210): "Dyn7", ("dyn", 330): "Dyn11"}
GROUPS |= {("ynyn", 0): "YNyn0", ("", 0): "YNyn0"} | {("", k): GROUPS["dyn", k] for k in (30, 150, 210, 330)}


def quiet(work: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


@dataclass
class Grid:
    """One network as arrays in SI, buses numbered from 0."""

    V: np.ndarray  # line to line, nominal
    label: list[Any]  # the first of the peer's buses that became bus k
    bus_of: dict[Any, int]
    source: dict[str, float]
    line: dict[str, np.ndarray]
    trafo: dict[str, np.ndarray]
    group: list[str]
    load: dict[str, np.ndarray]  # bus and P, Q [load, phase]
    f: float


def column(table: Any, name: str, default: float = 0.0) -> np.ndarray:
    if name not in table:
        return np.full(len(table), default)
    numbers = table[name].astype(float).to_numpy()
    return np.where(np.isnan(numbers), default, numbers)


def refuse(found: bool, what: str) -> None:
    if found:
        raise ValueError(f"not carried over: {what}")


def fused(net: Any) -> dict[Any, int]:
    """The number of each bus; buses joined by closed switches have the same."""
    parent = {b: b for b in net.bus.index}

    def root(b: Any) -> Any:
        while parent[b] != b:
            b = parent[b]
        return b

    if len(net.switch):
        refuse(bool((net.switch.et != "b").any()), "switches at lines and transformers")
        for s in net.switch[net.switch.closed].itertuples():
            parent[root(s.element)] = root(s.bus)
    roots = {r: k for k, r in enumerate(dict.fromkeys(root(b) for b in net.bus.index))}
    return {b: roots[root(b)] for b in net.bus.index}


def grid_of(net: Any, *, stiff: bool) -> Grid:
    """The network as arrays. `stiff`: the grid has a fixed voltage, and its short-circuit power is ignored."""
    bus_of = fused(net)
    V = np.zeros(len(set(bus_of.values())))
    for bus, k in bus_of.items():
        V[k] = 1e3 * net.bus.vn_kv[bus]
    for name in ("gen", "shunt", "trafo3w", "impedance", "ward", "xward", "dcline", "storage", "motor", "sgen"):
        refuse(len(net[name]) > 0, name)
    ext = net.ext_grid[net.ext_grid.in_service].iloc[0]
    source = {"bus": bus_of[ext.bus], "V": ext.vm_pu * V[bus_of[ext.bus]], "angle": np.radians(ext.va_degree)}
    source |= {"S": STIFF, "X_over_R": 10.0, "Z0_over_Z": 1.0}
    if not stiff:
        source |= {"S": 1e6 * ext.s_sc_max_mva, "X_over_R": 1.0 / ext.rx_max, "Z0_over_Z": 1.0}
    labels = {k: b for b, k in reversed(bus_of.items())}
    where = (V, [labels[k] for k in range(len(V))], bus_of, source)
    return Grid(*where, lines_of(net, bus_of), *trafos_of(net, bus_of), loads_of(net, bus_of), float(net.f_hz))


def lines_of(net: Any, bus_of: dict[Any, int]) -> dict[str, np.ndarray]:
    t = net.line[net.line.in_service]
    refuse(bool(column(t, "g_us_per_km").any()), "conductance of lines")
    ends = {"a": np.array([bus_of[b] for b in t.from_bus], int), "b": np.array([bus_of[b] for b in t.to_bus], int)}
    per_metre = {"R": ("r_ohm", 1e-3), "X": ("x_ohm", 1e-3), "R_0": ("r0_ohm", 1e-3), "X_0": ("x0_ohm", 1e-3)}
    per_metre |= {"C": ("c_nf", 1e-12), "C_0": ("c0_nf", 1e-12)}
    numbers = {name: factor * column(t, f"{key}_per_km", np.nan) for name, (key, factor) in per_metre.items()}
    return ends | numbers | {"length": 1e3 * column(t, "length_km"), "parallel": column(t, "parallel", 1.0)}


def trafos_of(net: Any, bus_of: dict[Any, int]) -> tuple[dict[str, np.ndarray], list[str]]:
    t = net.trafo[net.trafo.in_service]
    side = t.tap_side if "tap_side" in t else []
    taps = column(t, "tap_pos") - column(t, "tap_neutral")
    refuse(any(s != "hv" and tap != 0.0 for s, tap in zip(side, taps, strict=True)), "taps on side lv")
    refuse(bool(column(t, "tap_step_degree").any()), "phase shifters")
    words = [str(w).lower() for w in t.vector_group] if "vector_group" in t else [""] * len(t)
    shift = np.round(column(t, "shift_degree")).astype(int) % 360
    S = 1e6 * column(t, "sn_mva")
    return {
        "hv": np.array([bus_of[b] for b in t.hv_bus], int),
        "lv": np.array([bus_of[b] for b in t.lv_bus], int),
        "V_hv": 1e3 * column(t, "vn_hv_kv"),
        "V_lv": 1e3 * column(t, "vn_lv_kv"),
        "S_rated": S,
        "vk": column(t, "vk_percent") / 100,
        "Pk": column(t, "vkr_percent") / 100 * S,
        "P0": 1e3 * column(t, "pfe_kw"),
        "i0": column(t, "i0_percent") / 100,
        "tap": taps,
        "tap_step": column(t, "tap_step_percent") / 100,
        "units": column(t, "parallel", 1.0),
    } | zero_sequence(t, words), [GROUPS[word, int(k)] for word, k in zip(words, shift, strict=True)]


def pandapower_version() -> tuple[int, int]:
    import pandapower

    major, minor = pandapower.__version__.split(".")[:2]
    return int(major), int(minor)


def zero_sequence(t: Any, words: list[str]) -> dict[str, np.ndarray]:
    """The zero-sequence impedance of pandapower's T circuit (two leakages, one magnetising impedance), seen from the
    star side of a transformer with a delta."""
    if "vk0_percent" not in t or not len(t):
        return {}
    r, z = column(t, "vkr0_percent") / 100, column(t, "vk0_percent") / 100
    leakage, share = r + 1j * np.sqrt(z**2 - r**2), column(t, "si0_hv_partial")
    ratio = column(t, "mag0_rx")
    magnetising = z * column(t, "mag0_percent") * (ratio + 1j) / np.sqrt(1 + ratio**2)
    refuse(any(w == "ynyn" and m < 1e6 for w, m in zip(words, np.abs(magnetising), strict=True)), "limbs of YNyn")
    seen = (1 - share) * leakage + 1 / (1 / (share * leakage) + 1 / magnetising)
    seen = np.where([w == "dyn" for w in words], seen, leakage)
    return {"vk_0": np.abs(seen), "Pk_0": seen.real * 1e6 * column(t, "sn_mva")}


def loads_of(net: Any, bus_of: dict[Any, int]) -> dict[str, np.ndarray]:
    bus, delta, P, Q = [], [], [np.zeros((0, 3))], [np.zeros((0, 3))]
    for table, names in ((net.load, ("p_mw", "q_mvar")), (net.asymmetric_load, ("p_{}_mw", "q_{}_mvar"))):
        t = table[table.in_service]
        refuse(any(column(t, f"const_{k}_percent").any() for k in ("z_p", "z_q", "i_p", "i_q")), "loads by voltage")
        scale = 1e6 * column(t, "scaling", 1.0) / (3.0 if table is net.load else 1.0)
        bus += [bus_of[b] for b in t.bus]
        delta += [kind == "delta" for kind in t.type]
        for name, to in zip(names, (P, Q), strict=True):
            to.append(np.array([scale * column(t, name.format(k)) for k in PHASES]).T)
    return {"bus": np.array(bus, int), "delta": np.array(delta, bool)} | {
        "P": np.concatenate(P),
        "Q": np.concatenate(Q),
    }


# ---- Kelvolt ----


@dataclass
class Ours:
    """The grid as a Kelvolt case; `port[k]` is a port at bus k."""

    case: kv.Case
    port: list[str]
    phases: int

    grid: Grid

    def compare(self, bench: Any, what: str, theirs: np.ndarray) -> None:
        """Compares the phasors of all buses, within 1e-6 of nominal voltage, and checks Kelvolt's balance of power."""
        if not np.isfinite(theirs).all():
            raise ValueError(f"{what}: the peer gives no voltage")
        solution, why = self.case.steady(), bench.reference["why"]
        difference = np.abs(read_voltages(solution, self.port, self.phases, self.grid) - theirs).max()
        bench.expect(f"{what}: |v - v_peer| over {theirs.size} phasors", difference, 0.0, "1", 1e-6, why)
        if self.grid.source["S"] == STIFF:
            return  # for a stiff grid, (E - v)/Z is a difference of nearly equal voltages and so inaccurate
        balance = solution.raw.audit.energy_relative
        bench.expect(f"{what}: power balance", balance, 0.0, "1", 1e-9, "over what passes; no peer")


def read_voltages(solution: kv.Solution, port: list[str], phases: int, grid: Grid) -> np.ndarray:
    names = [""] if phases == 1 else list(PHASES)
    v = np.array([[complex(solution[f"{p}.v{k}_re"], solution[f"{p}.v{k}_im"]) for k in names] for p in port]) / (
        grid.V[:, None] / np.sqrt(3.0)
    )
    return v[:, 0] if phases == 1 else v


def kelvolt_of(
    grid: Grid, phases: int, shunt: str = "pi", *, line: dict[str, float] | None = None, S_sc_min: float | None = None
) -> Ours:
    """The Kelvolt case of a grid. `shunt`: place of the transformers' no-load admittance, "pi" or "t"; for three phases
    "pi". `line`: further parameters of all lines, with which every bus is named, too; `S_sc_min`: of the grid."""
    more_of_line, least = line or {}, {} if S_sc_min is None else {"S_sc_min": S_sc_min}
    net, kind = kv.Network(), "ac" if phases == 1 else "ac4"
    places: dict[int, list[tuple[kv.Ports, str]]] = {}

    def place(ports: kv.Ports, path: str, bus: np.ndarray) -> None:
        for i, k in enumerate(np.atleast_1d(bus)):
            places.setdefault(int(k), []).append((ports[i], path.format(i + 1)))

    s = grid.source
    grid_values = {
        "V": s["V"],
        "angle": s["angle"],
        "S_sc": s["S"] * (s["V"] / grid.V[s["bus"]]) ** 2,
        "X_over_R": s["X_over_R"],
    }
    earth = {"Z0_over_Z": s["Z0_over_Z"], "R_ground": EARTHED} if phases == 3 else {}
    place(net.add(f"{kind}_utility", "grid", **grid_values, **earth, **least)["bus"], "grid.bus", np.array([s["bus"]]))
    if n := len(grid.line["a"]):
        lines = net.add(f"{kind}_line", "line", count=n, **line_values(grid, phases), **more_of_line)
        place(lines["a"], "line[{}].a", grid.line["a"])
        place(lines["b"], "line[{}].b", grid.line["b"])
    for i, group in enumerate(grid.group):
        of_leg = () if phases == 3 else ("vk_0", "Pk_0")
        own = {k: v[i] for k, v in grid.trafo.items() if k not in ("hv", "lv", *of_leg) and not np.isnan(v[i])}
        own |= {"group": group} | ({"shunt": shunt} if phases == 1 else {"R_ground": EARTHED})
        trafo = net.add(f"{kind}_transformer", f"trafo_{i + 1}", **own)
        for end in ("hv", "lv"):
            place(trafo[end], f"trafo_{i + 1}.{end}", grid.trafo[end][i])
    for name, which in (("load", ~grid.load["delta"]), ("delta", grid.load["delta"])):
        if phases == 1:
            which = np.full(len(which), name == "load")
        if n := int(which.sum()):
            form = {"connection": "delta"} if name == "delta" else {}
            bus = grid.load["bus"][which]
            load = net.add(f"{kind}_load", name, count=n, V=grid.V[bus], **powers(grid, phases, which), **form)
            place(load["bus"], name + "[{}].bus", bus)
    if line is not None:
        place(net.add(f"{kind}_bus", "bus", count=len(grid.V), V=grid.V)["bus"], "bus[{}].bus", np.arange(len(grid.V)))
    alone = [k for k, ports in places.items() if len(ports) == 1]
    if alone:  # every end of a line must be connected
        idle = {f"P{p}": 0.0 for p in ([""] if phases == 1 else ["_a"])}
        end = net.add(f"{kind}_load", "end", count=len(alone), V=grid.V[alone], **idle)
        place(end["bus"], "end[{}].bus", np.array(alone))
    for ports in places.values():
        for port, _ in ports[1:]:
            net.connect(ports[0][0], port)
    return Ours(net.build(), [places[k][0][1] for k in range(len(grid.V))], phases, grid)


def line_values(grid: Grid, phases: int) -> dict[str, Any]:
    line, w = grid.line, 2 * np.pi * grid.f
    values = {k: line[k] for k in ("length", "parallel", "R", "X")} | {"B": w * line["C"]}
    if phases == 1:
        return values
    return values | {"R_0": line["R_0"], "X_0": line["X_0"], "B_0": w * line["C_0"], "return_path": "earth"}


def powers(grid: Grid, phases: int, which: np.ndarray) -> dict[str, np.ndarray]:
    P, Q = grid.load["P"][which], grid.load["Q"][which]
    if phases == 1:
        return {"P": P.sum(axis=1), "Q": Q.sum(axis=1)}
    return {f"{name}_{k}": x[:, i] for name, x in (("P", P), ("Q", Q)) for i, k in enumerate(PHASES)}


# ---- the peers ----


def pandapower_voltages(net: Any, grid: Grid, phases: int, **options: Any) -> np.ndarray:
    import pandapower as pp

    solve = pp.runpp if phases == 1 else pp.runpp_3ph
    quiet(lambda: solve(net, calculate_voltage_angles=True, tolerance_mva=1e-10, **options))
    if (
        phases == 3
    ):  # each call stops at 3e-8 MVA per bus, whatever tolerance is asked, so it is called again from its result
        for _ in range(2):
            quiet(lambda: solve(net, calculate_voltage_angles=True, tolerance_mva=1e-10, init="results"))
    table = net.res_bus if phases == 1 else net.res_bus_3ph
    names = [""] if phases == 1 else [f"_{k}" for k in PHASES]
    columns = [table[f"vm{k}_pu"] * np.exp(1j * np.radians(table[f"va{k}_degree"])) for k in names]
    v = np.array([c.loc[grid.label].to_numpy() for c in columns]).T
    return v[:, 0] if phases == 1 else v


def pgm_input(grid: Grid, phases: int) -> dict[str, np.ndarray]:
    import power_grid_model as pgm

    def table(kind: str, first: int, columns: dict[str, Any]) -> np.ndarray:
        n = max(np.atleast_1d(v).shape[0] for v in columns.values())
        rows = pgm.initialize_array("input", kind, n)
        rows["id"] = first + np.arange(n)
        for name, v in columns.items():
            rows[name] = v
        return rows

    buses, lines, trafos, loads = len(grid.V), len(grid.line["a"]), len(grid.group), len(grid.load["bus"])
    s = grid.source
    data = {"node": table("node", 0, {"u_rated": grid.V})}
    data["source"] = table(
        "source",
        buses,
        {"node": s["bus"], "status": 1, "u_ref": s["V"] / grid.V[s["bus"]], "u_ref_angle": s["angle"], "sk": s["S"]}
        | {"rx_ratio": 1.0 / s["X_over_R"], "z01_ratio": s["Z0_over_Z"]},
    )
    if lines:
        data["line"] = table("line", buses + 1, pgm_lines(grid))
    if trafos:
        data["transformer"] = table("transformer", buses + 1 + lines, pgm_trafos(grid, pgm))
    refuse(bool(grid.load["delta"].any()) and phases == 3, "loads in delta")
    kind, P, Q = "asym_load", grid.load["P"], grid.load["Q"]
    if phases == 1:
        kind, P, Q = "sym_load", P.sum(axis=1), Q.sum(axis=1)
    columns = {"node": grid.load["bus"], "status": 1, "type": pgm.LoadGenType.const_power}
    if loads:
        first = buses + 1 + lines + trafos
        data[kind] = table(kind, first, columns | {"p_specified": P, "q_specified": Q})
    return data


def pgm_lines(grid: Grid) -> dict[str, Any]:
    line = grid.line
    refuse(bool((line["parallel"] != 1.0).any()), "parallel lines")
    ends = {"from_node": line["a"], "to_node": line["b"], "from_status": 1, "to_status": 1, "i_n": 1e3}
    names = {"r1": "R", "x1": "X", "c1": "C", "r0": "R_0", "x0": "X_0", "c0": "C_0"}
    return ends | {k: line[v] * line["length"] for k, v in names.items()} | {"tan1": 0.0, "tan0": 0.0}


def pgm_trafos(grid: Grid, pgm: Any) -> dict[str, Any]:
    t = grid.trafo
    refuse(bool((t["units"] != 1.0).any()), "parallel transformers")
    refuse("vk_0" in t and bool((np.abs(t["vk_0"] - t["vk"]) > 1e-9).any()), "own zero sequence of transformers")
    wye_n, delta = pgm.WindingType.wye_n, pgm.WindingType.delta
    values = {"from_node": t["hv"], "to_node": t["lv"], "from_status": 1, "to_status": 1}
    values |= {"u1": t["V_hv"], "u2": t["V_lv"], "sn": t["S_rated"], "uk": t["vk"], "pk": t["Pk"], "p0": t["P0"]}
    values |= {"i0": t["i0"], "clock": [int(g.lstrip("DyYNn")) for g in grid.group]}
    values |= {"winding_from": [delta if g[0] == "D" else wye_n for g in grid.group], "winding_to": wye_n}
    return values | {
        "tap_side": pgm.BranchSide.from_side,
        "tap_pos": t["tap"].astype(int),
        "tap_nom": 0,
        "tap_min": -40,
        "tap_max": 40,
        "tap_size": t["tap_step"] * t["V_hv"],
    }


def pgm_voltages(grid: Grid, phases: int) -> np.ndarray:
    import power_grid_model as pgm

    model = pgm.PowerGridModel(pgm_input(grid, phases), system_frequency=grid.f)
    node = model.calculate_power_flow(
        symmetric=phases == 1,
        error_tolerance=1e-10,
        calculation_method="newton_raphson",
        output_component_types=["node"],
    )["node"]
    return node["u_pu"] * np.exp(1j * node["u_angle"])
