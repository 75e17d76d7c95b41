"""Plots and diagrams; each function returns a figure or an SVG drawing."""

from kelvolt.plots.calibration import calibration_fit
from kelvolt.plots.contingencies import contingency_map
from kelvolt.plots.drawing import drawings, save_drawing
from kelvolt.plots.oneline import one_line
from kelvolt.plots.power import loss_sankey
from kelvolt.plots.pumps import pump_curve
from kelvolt.plots.ridethrough import ride_through
from kelvolt.plots.schematic import loop_schematic
from kelvolt.plots.solutions import branch_flows, plot_run, plot_solution, time_series
from kelvolt.plots.studies import binding, branch_bars, feasible_map, pareto, tornado
from kelvolt.plots.swings import load_swings

__all__ = [
    "binding",
    "branch_bars",
    "branch_flows",
    "calibration_fit",
    "contingency_map",
    "drawings",
    "feasible_map",
    "load_swings",
    "loop_schematic",
    "loss_sankey",
    "one_line",
    "pareto",
    "plot_run",
    "plot_solution",
    "pump_curve",
    "ride_through",
    "save_drawing",
    "time_series",
    "tornado",
]
