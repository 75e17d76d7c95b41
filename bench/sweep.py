"""Points of a sweep per second and core, and the same loop solved by pandapipes: parts of `kelvolt bench`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np
from kelvolt.base.errors import InputError
from kelvolt.cases.case import Case, read
from kelvolt.sweeps.sweep import samples, sweep, times

_CONSUMERS = (10, 100, 300)
_T_ROOM = 293.15
_BORE = 0.02  # m, diameter to which the peer's loss coefficients refer


def sweep_numbers(case: Case, points: int = 2000) -> dict[str, Any]:
    """Rates that include all overhead (anchors, chunks, Dataset). Efficiency compares all cores with one core."""
    spread: dict[str, Any] = {}
    for path, values in {
        "facility.T_supply": ("28 degC", "44 degC"),
        "cdu.flow": times(0.8, 1.2),
        "tray[*].gpu[*].power": times(0.8, 1.2),
        "tray[*].qd_*.Cv": times(0.8, 1.2),
    }.items():
        if path in case:
            spread[path] = values
    if not spread and "**.power" in case:
        spread["**.power"] = times(0.8, 1.2)
    if not spread:
        return {"sweep_per_s_core": None, "sweep_parallel_efficiency": None}
    cores = len(os.sched_getaffinity(0))
    question = samples(points, spread, seed=1)
    try:
        record = ["max(**.T_die)"] if case.find("**.T_die") else None
    except InputError:
        record = None
    sweep(case, samples(4, spread, seed=1), record=record, threads=1, progress=False)  # imports what it needs
    seconds = {1: float("inf"), cores: float("inf")}
    for _ in range(3):  # alternating, so that other work on the machine affects both alike
        for threads in seconds:
            begin = perf_counter()
            sweep(case, question, record=record, threads=threads, progress=False)
            seconds[threads] = min(seconds[threads], perf_counter() - begin)
    rate = {threads: points / s for threads, s in seconds.items()}
    return {"sweep_per_s_core": rate[1], "sweep_parallel_efficiency": rate[cores] / (cores * rate[1])}


def peer_numbers(points: int = 1000) -> dict[str, Any]:
    """Kelvolt's time over that of pandapipes for the same loop with N consumers, hydraulics and heat. Processor time is
    used, so that other work on the machine does not count.

    `pandapipes_ratio`: one variant of a sweep (supply temperature, pressure difference and heat) with all overhead,
    over one `pipeflow`. `pandapipes_ratio_cold`: one solution without a start value, with limits and audit, over one
    `pipeflow`. Both are the worst over N; None where pandapipes is not installed or does not converge.
    """
    names = ("pandapipes_ratio", "pandapipes_ratio_cold")
    ratios: dict[str, dict[str, float | None]] = {name: {} for name in names}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pandapipes  # noqa: F401
    except ImportError:
        return {name: None for name in names}
    for n in _CONSUMERS:
        case = read(loop(n), name=f"loop of {n}")
        cold = _fastest(case.steady, 20)
        theirs = peer_seconds(n, case)
        for name, ours in zip(names, (_variant_seconds(case, points), cold), strict=True):
            ratios[name][str(n)] = None if theirs is None else ours / theirs
    worst = {name: max((r for r in by.values() if r is not None), default=None) for name, by in ratios.items()}
    return worst | {f"{name}_by_consumers": by for name, by in ratios.items()}


def _variant_seconds(case: Case, points: int) -> float:
    varied: dict[str, Any] = {
        "facility.T_supply": (300.15, 316.15),
        "facility.dp": times(0.8, 1.2),
        "tray[*].heat": times(0.8, 1.2),
    }
    question = samples(points, varied, seed=1)

    def work() -> None:
        sweep(case, question, record=["max(tray[*].T)", "supply[1].m_flow"], threads=1, progress=False)

    work()  # imports what it needs
    return _fastest(work, 2) / points


def _fastest(work: Callable[[], Any], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        begin = process_time()
        work()
        seconds.append(process_time() - begin)
    return min(seconds)


def loop(n: int) -> dict[str, Any]:
    """Two headers of n segments, n consumers between them; every pipe loses heat to a room."""
    header = {"length": 0.5, "diameter": 0.05 * float(np.sqrt(n / 10))}
    pipe = {"model": "pipe", "roughness": 5e-5, "friction": "swamee_jain", "heat": "overall", "U": 10.0}
    return {
        "kelvolt": 1,
        "title": f"A loop with {n} consumers",
        "components": {
            "facility": {"model": "facility", "medium": "water", "mode": "dp", "T_supply": 309.15}
            | {"p_return": "2 bar(a)", "dp": 8e4},
            "supply": pipe | header | {"count": n},
            "back": pipe | header | {"count": n},
            "branch": pipe | {"length": 4.0, "diameter": _BORE, "count": n},
            "tray": {"model": "tray", "heat": 5e3, "dp_nominal": 3e4, "V_flow_nominal": 3e-4, "exponent": 2, "count": n}
            | {"volume": "0.5 L", "C": 3e3, "G": 1e3},
            "room": {"model": "ambient", "T": _T_ROOM},
        },
        "connections": [
            "facility.supply -> supply[1].a",
            f"supply[1..{n - 1}].b -> supply[2..{n}].a",
            f"supply[1..{n}].b -> branch[1..{n}] -> tray[1..{n}] -> back[1..{n}].a",
            f"back[2..{n}].b -> back[1..{n - 1}].a",
            "back[1].b -> facility.return",
            *(f"{name}[*].wall -> room.port" for name in ("supply", "back", "branch")),
        ],
    }


def peer_seconds(n: int, case: Case) -> float | None:
    """The time of pandapipes for the loop [s]; None where it does not converge or finds another flow."""
    import pandapipes as pp
    from pandapipes.pf.pipeflow_setup import PipeflowNotConverged

    net = peer(n, case)

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pp.pipeflow(net, mode="bidirectional", friction_model="swamee-jain", max_iter_bidirect=100)

    try:
        work()  # the first call also compiles and imports
        seconds = _fastest(work, 3)
    except PipeflowNotConverged:
        return None
    total = float(net.res_circ_pump_pressure.mdot_from_kg_per_s.abs().iloc[0])
    ours = float(case.steady()["supply[1].m_flow"])
    return seconds if abs(total / ours - 1.0) < 0.02 else None


def peer(n: int, case: Case) -> Any:
    """The same loop in pandapipes, made from the values of Kelvolt's case."""
    import pandapipes as pp

    net = pp.create_empty_network(fluid="water")
    p, T = 2.8, float(case["facility.T_supply"])
    hot, cold, inlet = (pp.create_junctions(net, n + (1 if k < 2 else 0), pn_bar=p, tfluid_k=T) for k in range(3))
    pp.create_circ_pump_const_pressure(net, hot[0], cold[0], p_flow_bar=p, plift_bar=0.8, t_flow_k=T)
    law = {"k_mm": 0.05, "u_w_per_m2k": 10.0, "text_k": _T_ROOM, "sections": 1}
    header = {"length_km": 5e-4, "inner_diameter_mm": 1e3 * float(case["supply[1].diameter"])}
    for k in range(n):
        pp.create_pipe_from_parameters(net, cold[k], cold[k + 1], **header, **law)
        pp.create_pipe_from_parameters(net, hot[k + 1], hot[k], **header, **law)
        pp.create_pipe_from_parameters(net, cold[k + 1], inlet[k], 4e-3, inner_diameter_mm=1e3 * _BORE, **law)
        velocity = 3e-4 / (np.pi / 4 * _BORE**2)
        loss = 3e4 / (0.5 * 993.0 * velocity**2)
        pp.create_heat_exchanger(net, inlet[k], hot[k + 1], -5e3, _BORE * 1e3, loss_coefficient=loss)
    return net
