"""Times the solver on one rack; the numbers of `kelvolt bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kelvolt import _core, bench_sweep
from kelvolt.case import load

_CASE = "cases/gb200_nvl72_rack.yaml"


def measure(case: str | None = None) -> dict[str, Any]:
    """Medians of repeats; the trip is ten minutes with one pump trip and one power step, no periodic load.

    `build_seconds` is what the first build took on this machine, None where it was not built here.
    """
    file = Path(case) if case else Path(_core.data_directory()) / _CASE
    r = _core.bench(str(file))
    numbers = {"case": file.name, **{n: getattr(r, n) for n in _ORDER}}
    numbers |= bench_sweep.sweep_numbers(load(file)) | bench_sweep.peer_numbers()
    return numbers | {"build_seconds": _build_seconds()}


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
    "gradient_us",
    "gradient_over_solve",
    "transient_trip_ms",
    "transient_trip_steps",
    "transient_trip_error_mK",
    "transient_trip_worst",
    "tripped",
]


def _build_seconds() -> float | None:
    file = Path(__file__).resolve().parents[2] / "build" / "first_build_seconds"
    try:
        return float(file.read_text())
    except (OSError, ValueError):
        return None


def text(numbers: dict[str, Any]) -> str:
    """The numbers for a reader."""
    width = max(map(len, numbers))
    shown = {k: f"{v:.4g}" if isinstance(v, float) else str(v) for k, v in numbers.items()}
    return "\n".join(f"{k.ljust(width)}  {v}" for k, v in shown.items())
