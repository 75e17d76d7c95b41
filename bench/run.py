"""Times the solver on one rack; the numbers of `kelvolt bench`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from kelvolt import _core
from kelvolt.cases.build import Network
from kelvolt.cases.case import load, read

from bench import gradient as bench_gradient
from bench import plant as bench_plant
from bench import power as bench_power
from bench import serve as bench_serve
from bench import sweep as bench_sweep

_CASE = "cases/gb200_nvl72_rack.yaml"


def measure(case: str | None = None) -> dict[str, Any]:
    """Medians of repeats. The trip case is a run of ten minutes with one pump trip and one power step, without a
    periodic load. `build_seconds`: time of the first build on this machine, None where it was not built here.
    """
    file = Path(case) if case else Path(_core.data_directory()) / _CASE
    r = _core.bench(str(file))
    numbers = {"case": file.name, **{n: getattr(r, n) for n in _ORDER}}
    numbers |= bench_sweep.sweep_numbers(load(file)) | bench_sweep.peer_numbers() | bench_power.power_numbers()
    numbers |= bench_gradient.time_gradient_numbers(load(file)) | bench_plant.plant_numbers()
    numbers |= bench_serve.serve_numbers()
    return numbers | build_numbers() | {"build_seconds": _build_seconds()}


_ORDER = [
    "unknowns",
    "jacobian_entries",
    "residual_ns_per_unknown",
    "jacobian_over_residual",
    "refactor_us",
    "solve_us",
    "steady_cold_ms",
    "steady_cold_iterations",
    "steady_warm_ms",
    "steady_warm_iterations",
    "steady_variant_ms",
    "stability_us",
    "stability_over_variant",
    "stability_factorised",
    "gradient_us",
    "gradient_first_us",
    "gradient_over_solve",
    "transient_trip_ms",
    "transient_trip_steps",
    "transient_trip_error_mK",
    "transient_trip_worst",
    "tripped",
]


def row_of_pipes(count: int) -> Network:
    """Pipes in series between a supply and a drain, added and connected in bulk."""
    net = Network()
    supply = net.add("supply", "supply", medium="water", T="30 degC", p="3 bar(a)")
    drain = net.add("return_line", "drain", p="2 bar(a)")
    pipe = net.add("pipe", "p", count=count, length=np.full(count, 0.05), diameter="50 mm")
    net.connect(supply[supply.model.ports[0].name], pipe["a"][0])
    net.connect(pipe["b"][:-1], pipe["a"][1:])
    net.connect(pipe["b"][-1], drain[drain.model.ports[0].name])
    return net


def listed_pipes(count: int) -> str:
    """The same pipes as a case text with one line for every pipe."""
    pipes = "\n".join(f"  p{i}: {{model: pipe, length: 0.05 m, diameter: 50 mm}}" for i in range(1, count + 1))
    row = " -> ".join(f"p{i}" for i in range(1, count + 1))
    return f"""kelvolt: 1
components:
  supply: {{model: supply, medium: water, T: 30 degC, p: 3 bar(a)}}
  drain: {{model: return_line, p: 2 bar(a)}}
{pipes}
connections: ["supply -> {row} -> drain"]
"""


def build_numbers(count: int = 10_000) -> dict[str, float]:
    """Milliseconds to make a network of 10,000 components in code, and to read and build it from YAML."""
    text = listed_pipes(count)
    return {
        "build_10000_python_ms": _milliseconds(lambda: row_of_pipes(count).build()),
        "build_10000_yaml_ms": _milliseconds(lambda: read(text)),
    }


def _milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def _build_seconds() -> float | None:
    file = Path(__file__).resolve().parents[1] / "build" / "first_build_seconds"
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        return None


def text(numbers: dict[str, Any]) -> str:
    """The numbers as aligned lines of text."""
    width = max(map(len, numbers))
    shown = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in numbers.items()}
    return "\n".join(f"{k.ljust(width)}  {v}" for k, v in shown.items())
