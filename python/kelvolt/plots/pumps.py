"""The curve of a pump with the system curve and the operating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.errors import Error
from kelvolt.base.kinds import SOLUTION, only, require_case
from kelvolt.base.values import Floats
from kelvolt.cases.solution import Solution
from kelvolt.plots.axes import colour, entitle, new_figure, number_text, shown, unit_text
from kelvolt.plots.parts import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kelvolt.cases.case import Case


def pump_curve(case: Case, solution: Solution) -> Figure | None:
    """The curve of the pump at its present speed, the system curve and the operating point; None without a pump.

    The system curve is solved with all running pumps held at a series of other speeds and everything else unchanged.
    The pump curve is that of its data, converted to the present speed by the affinity laws and to the present density.
    Raises TypeError for what is no case and solution.
    """
    require_case("pump_curve", case)
    only("pump_curve", f"{SOLUTION} second", solution, Solution)
    pump = max((p for p in solution.plant.pumps if p.on), key=lambda p: p.P_el, default=None)
    if pump is None or not pump.speed > 0.0 or not pump.V_flow > 0.0:
        return None
    system = system_curve(case, solution, pump.path)
    own = own_curve(solution, pump.path, pump.speed, 1.25 * max(pump.V_flow, system[0].max(initial=0.0)))
    figure, axes = new_figure()
    if own is not None:
        label = f"{short(pump.path)} at {100.0 * pump.speed:.0f} % speed"
        axes.plot(shown(own[0], "m3/s"), shown(own[1], "Pa"), color=colour(0), label=label)
    if len(system[0]) > 1:
        axes.plot(
            shown(system[0], "m3/s"),
            shown(system[1], "Pa"),
            "-o",
            color=colour(1),
            ms=3,
            label="system, solved at other speeds",
        )
    at = (np.array(pump.V_flow), np.array(pump.dp))
    place = ", ".join(number_text(x, u) for x, u in ((pump.V_flow, "m3/s"), (pump.dp, "Pa"), (pump.P_el, "W")))
    axes.plot(shown(at[0], "m3/s"), shown(at[1], "Pa"), "ko", ms=6, label=f"operating point: {place} electric")
    running = sum(p.on for p in solution.plant.pumps)
    axes.set_xlabel(
        f"flow of {'one of ' + str(running) + ' running pumps' if running > 1 else 'the pump'} ({unit_text('m3/s')})"
    )
    axes.set_ylabel(f"pressure rise ({unit_text('Pa')})")
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)
    axes.legend(fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    entitle(figure, case.title, f"Pump curve and network, {solution.state}")
    return figure


def system_curve(case: Case, solution: Solution, path: str) -> tuple[Floats, Floats]:
    """Flow and pressure rise of a pump with all running pumps held at other speeds, where that can be solved."""
    running = [p for p in solution.plant.pumps if p.on]
    changed = case.copy()
    points = []
    guess = solution
    for factor in (1.15, 1.0, 0.85, 0.7, 0.55, 0.4, 0.25):
        try:
            for p in running:
                _pin(changed, p.path, factor * p.speed)
            guess = changed.steady(guess)
            points.append((guess.get(f"{path}.V_flow"), guess.get(f"{path}.dp")))
        except Error:
            continue
    return tuple(np.array(points).reshape(-1, 2).T)  # type: ignore[return-value]


def _pin(case: Case, path: str, speed: float) -> None:
    """Holds a drive at one speed, whatever its controller demands, by setting both ends of its range to it."""
    case[f"{path}.n_min"] = 0.0
    case[f"{path}.n_max"] = speed
    case[f"{path}.n_min"] = speed


def own_curve(solution: Solution, path: str, speed: float, V_end: float) -> tuple[Floats, Floats] | None:
    plant = solution.plant
    component = plant.topology.paths.index(path)
    V = np.linspace(0.0, V_end, 60)
    at_nominal = np.asarray(solution.raw.curve(component, "dp", np.ascontiguousarray(V / speed)))
    if not len(at_nominal):
        return None
    circuit = plant.circuits_of(component)[0]
    T = solution.get(f"{path}.a.T")
    rho = solution.raw.coolant_properties(circuit, float(T))[0]
    dp = at_nominal * speed**2 * rho / plant.parameter(component, "rho_nominal")
    return V[dp >= 0.0], dp[dp >= 0.0]
