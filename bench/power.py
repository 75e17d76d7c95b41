"""Time of a power flow per node and scenario beside power-grid-model and pandapower: a part of `kelvolt bench`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time
from typing import Any

import numpy as np
from kelvolt import _core
from kelvolt.base.values import Floats
from kelvolt.cases.build import Network
from kelvolt.cases.case import Case

_FEEDERS, _LENGTH = 10, 100  # a substation and ten feeders of a hundred nodes
_NODES = _FEEDERS * _LENGTH + 1
_TOLERANCE = 1e-8  # largest last step over nominal voltage; the same in power-grid-model
_EQUAL = 1e-6  # largest difference of voltages, per unit, at which the answers count as the same
_V, _S_SC, _X_OVER_R, _F = 10e3, 1e9, 10.0, 50.0
_R, _X, _C, _METRES = 0.206e-3, 0.122e-3, 0.25e-9, 100.0  # 150 mm2 aluminium cable, per metre
_P, _Q = 30e3, 10e3  # of a node, on average


@dataclass
class Scenarios:
    """Loads of every node but the first, uniformly distributed between 0.5 and 1.5 of their average."""

    P: Floats  # [scenario, node]
    Q: Floats

    @classmethod
    def drawn(cls, count: int, seed: int = 1) -> Scenarios:
        rng = np.random.default_rng(seed)
        return cls(*(size * rng.uniform(0.5, 1.5, (count, _NODES - 1)) for size in (_P, _Q)))


def parents() -> np.ndarray:
    """The node that feeds each node but the first."""
    number = np.arange(_NODES - 1)
    return np.where(number % _LENGTH == 0, 0, number)


def power_numbers(count: int = 1000, repeats: int = 3) -> dict[str, Any]:
    """Thread time of `count` power flows, each started from no load; the time to build networks is left out for all.

    The ratios are Kelvolt's time over the peer's, None where the peer is not installed or finds other voltages.
    """
    asked = Scenarios.drawn(count)
    case = radial()
    tries: dict[str, list[float]] = {"ours": [], "pgm": []}
    pgm = peer_grid_model(asked)
    for _ in range(repeats):
        seconds, ours = solve(case, asked)
        tries["ours"].append(seconds)
        if pgm is not None:
            seconds, theirs = pgm()
            same = np.abs(ours - theirs).max() < _EQUAL
            tries["pgm"].append(seconds if same else np.nan)
    per_scenario = min(tries["ours"]) / count
    pandapower = peer_pandapower(asked, ours)
    return {
        "power_us_per_node_scenario": 1e6 * per_scenario / _NODES,
        "pgm_ratio": _ratio(min(tries["ours"]), min(tries["pgm"], default=None)),
        "pandapower_ratio": _ratio(per_scenario, pandapower),
    }


def _ratio(ours: float, theirs: float | None) -> float | None:
    return None if theirs is None or not np.isfinite(theirs) else ours / theirs


def radial() -> Case:
    net, count, above = Network(), _NODES - 1, parents()
    grid = net.add("ac_utility", "grid", V=_V, S_sc=_S_SC, X_over_R=_X_OVER_R)
    values = {"length": _METRES, "R": _R, "X": _X, "B": 2 * np.pi * _F * _C}
    line = net.add("ac_line", "line", count=count, **values)
    load = net.add("ac_load", "load", count=count, V=_V, P=_P, Q=_Q)
    first, others = np.flatnonzero(above == 0), np.flatnonzero(above)
    net.connect(line["a"][first], grid["bus"])  # type: ignore[index,arg-type]
    net.connect(line["a"][others], line["b"][above[others] - 1])  # type: ignore[index,arg-type]
    net.connect(load["bus"], line["b"])
    return net.build()


def solve(case: Case, asked: Scenarios) -> tuple[float, Floats]:
    """Seconds, and voltage magnitudes per unit [scenario, node]."""
    core = case._core
    targets = [core.find_parameters(f"load[*].{name}") for name in "PQ"]
    reads = [core.find(f"load[*].bus.v_{part}") for part in ("re", "im")]
    table = np.ascontiguousarray(np.concatenate([asked.P, asked.Q], axis=1).ravel())
    values, seconds, _ = _core.bench_rows(core, targets, table, reads, _TOLERANCE)
    v = np.asarray(values).reshape(len(asked.P), 2, -1)
    return seconds, np.hypot(v[:, 0], v[:, 1]) / (_V / np.sqrt(3.0))


def peer_grid_model(asked: Scenarios) -> Callable[[], tuple[float, Floats]] | None:
    """The same batch by power-grid-model, Newton-Raphson on one thread."""
    try:
        import power_grid_model as pgm
    except ImportError:
        return None
    count = _NODES - 1
    rows = {name: pgm.initialize_array("input", name, n) for name, n in (("node", _NODES), ("source", 1))}
    rows |= {name: pgm.initialize_array("input", name, count) for name in ("line", "sym_load")}
    values: dict[str, dict[str, Any]] = {
        "node": {"id": np.arange(_NODES), "u_rated": _V},
        "source": {"id": _NODES, "node": 0, "status": 1, "u_ref": 1.0, "sk": _S_SC, "rx_ratio": 1.0 / _X_OVER_R},
        "line": {"id": _NODES + 1 + np.arange(count), "from_node": parents(), "to_node": np.arange(1, _NODES)}
        | {"from_status": 1, "to_status": 1, "r1": _R * _METRES, "x1": _X * _METRES, "c1": _C * _METRES, "tan1": 0.0}
        | {"i_n": 1e3},
        "sym_load": {"id": 2 * _NODES + np.arange(count), "node": np.arange(1, _NODES), "status": 1}
        | {"type": pgm.LoadGenType.const_power, "p_specified": _P, "q_specified": _Q},
    }
    for name, columns in values.items():
        for column, value in columns.items():
            rows[name][column] = value
    model = pgm.PowerGridModel(rows, system_frequency=_F)
    update = pgm.initialize_array("update", "sym_load", asked.P.shape)
    update["id"], update["p_specified"], update["q_specified"] = rows["sym_load"]["id"], asked.P, asked.Q

    def work() -> tuple[float, Floats]:
        begin = thread_time()
        found = model.calculate_power_flow(
            update_data={"sym_load": update},
            error_tolerance=_TOLERANCE,
            calculation_method="newton_raphson",
            threading=-1,
            output_component_types=["node"],
        )
        return thread_time() - begin, found["node"]["u_pu"][:, 1:]

    return work


def peer_pandapower(asked: Scenarios, ours: Floats, count: int = 20) -> float | None:
    """Seconds of one power flow of pandapower, with all data reused that it can keep from one to the next."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pandapower as pp
        except ImportError:
            return None
        net = pandapower_net(pp)
        keep = {"bus_pq": True, "trafo": False, "gen": False}
        options = {"init": "flat", "calculate_voltage_angles": False, "tolerance_mva": 1e-8}
        pp.runpp(net, **options)
        seconds = []
        for P, Q, v in zip(asked.P[:count] / 1e6, asked.Q[:count] / 1e6, ours, strict=False):
            net.load["p_mw"], net.load["q_mvar"] = P, Q
            begin = thread_time()
            pp.runpp(net, recycle=keep, **options)
            seconds.append(thread_time() - begin)
            if not np.abs(net.res_bus.vm_pu.to_numpy()[2:] - v).max() < _EQUAL:
                return None
    return min(seconds)


def pandapower_net(pp: Any) -> Any:
    """The same network: the grid's impedance as a branch behind a bus of fixed voltage."""
    net, count = pp.create_empty_network(f_hz=_F), _NODES - 1
    source = pp.create_bus(net, _V / 1e3)
    nodes = pp.create_buses(net, _NODES, _V / 1e3)
    pp.create_ext_grid(net, source)
    r = 1.0 / np.hypot(1.0, _X_OVER_R)
    pp.create_impedance(net, source, nodes[0], r, r * _X_OVER_R, _S_SC / 1e6)
    line = {"r_ohm_per_km": 1e3 * _R, "x_ohm_per_km": 1e3 * _X, "c_nf_per_km": 1e12 * _C, "max_i_ka": 1.0}
    pp.create_lines_from_parameters(net, nodes[parents()], nodes[1:], np.full(count, _METRES / 1e3), **line)
    pp.create_loads(net, nodes[1:], _P / 1e6, _Q / 1e6)
    return net
