"""Kelvolt: coolant flow, heat and electric power of dense liquid-cooled AI racks, solved as one system.

    import kelvolt as kv
    case = kv.load("data/cases/gb200_nvl72_rack.yaml")
    case["tray[*].gpu[*].power"] = "1.1 kW"
    sol = case.steady()
    sol["tray[*].gpu[*].T_die"]          # NumPy array [tray, gpu], K
    run = case.simulate("10 min", every="1 s")
    run.to_xarray()

Numbers are in SI, and temperatures absolute in K, unless a unit is given. Indices in paths count from 1.
"""

from __future__ import annotations

import kelvolt.processor  # noqa: F401  # before anything else: chooses the compiled module
from kelvolt._core import __version__, accepted_units, from_si, to_si
from kelvolt.base.errors import (
    Error,
    FileError,
    InputError,
    Interrupted,
    NoConvergence,
    NoGradient,
    NoPowerFlow,
    NoSteadyState,
    OutOfStep,
    ThermalRunaway,
    TopologyError,
)
from kelvolt.cases.build import Network, Part, Ports
from kelvolt.cases.case import Case, load, read
from kelvolt.cases.registry import components, model, models
from kelvolt.cases.results import IncompleteRun
from kelvolt.cases.results import open as open
from kelvolt.cases.run import Run
from kelvolt.cases.shipped import cases
from kelvolt.cases.solution import Solution
from kelvolt.cases.time_gradient import TimeGradient
from kelvolt.plots.oneline import one_line
from kelvolt.power.arc_flash import arc_flash
from kelvolt.power.check import PowerCheck, power_check
from kelvolt.power.conductors import Conductor, conductor, conductors
from kelvolt.power.contingencies import Contingencies, contingencies
from kelvolt.power.dc_stability import DcStability, dc_stability
from kelvolt.power.dips import Dips, dips
from kelvolt.power.disconnection import disconnection
from kelvolt.power.flow import PowerFlow
from kelvolt.power.frequency import frequency_scan, resonances
from kelvolt.power.harmonics import Harmonics, harmonics
from kelvolt.power.profiles import inference_profile, training_profile
from kelvolt.power.protection import Protection, protection, selectivity
from kelvolt.power.ridethrough import RideThrough, ridethrough
from kelvolt.power.schedule import Schedule, schedule
from kelvolt.power.short_circuit import fault_duty, short_circuit, smallest_fault
from kelvolt.power.spectra import spectra
from kelvolt.power.swings import Swings, swings
from kelvolt.power.traces import read_traces, trace_statistics, with_traces, write_traces
from kelvolt.studies.balance import Balance, balance
from kelvolt.studies.battery import BatterySize, battery_size
from kelvolt.studies.calibration import Calibration, NotIdentifiable, calibrate
from kelvolt.studies.commissioning import Commissioning, commissioning
from kelvolt.studies.consistency import Consistency, sensor_consistency
from kelvolt.studies.influence import Influences, influences
from kelvolt.studies.measured import Comparison
from kelvolt.studies.ranges import Ranges, uncertainty
from kelvolt.studies.scenarios import scenarios
from kelvolt.studies.sizing import pareto, size
from kelvolt.studies.sizing_problem import Sizing
from kelvolt.sweeps.sweep import samples, sweep, times, variants, zipped

__all__ = [  # without `open`, so that `from kelvolt import *` leaves that of Python alone
    "Balance",
    "BatterySize",
    "Calibration",
    "Case",
    "Commissioning",
    "Comparison",
    "Conductor",
    "Consistency",
    "Contingencies",
    "DcStability",
    "Dips",
    "Error",
    "FileError",
    "Harmonics",
    "IncompleteRun",
    "Influences",
    "InputError",
    "Interrupted",
    "Network",
    "NoConvergence",
    "NoGradient",
    "NoPowerFlow",
    "NoSteadyState",
    "NotIdentifiable",
    "OutOfStep",
    "Part",
    "Ports",
    "PowerCheck",
    "PowerFlow",
    "Protection",
    "Ranges",
    "RideThrough",
    "Run",
    "Schedule",
    "Sizing",
    "Solution",
    "Swings",
    "ThermalRunaway",
    "TimeGradient",
    "TopologyError",
    "__version__",
    "accepted_units",
    "arc_flash",
    "balance",
    "battery_size",
    "calibrate",
    "cases",
    "commissioning",
    "components",
    "conductor",
    "conductors",
    "contingencies",
    "dc_stability",
    "dips",
    "disconnection",
    "fault_duty",
    "frequency_scan",
    "from_si",
    "harmonics",
    "inference_profile",
    "influences",
    "load",
    "model",
    "models",
    "one_line",
    "pareto",
    "power_check",
    "protection",
    "read",
    "read_traces",
    "resonances",
    "ridethrough",
    "samples",
    "short_circuit",
    "selectivity",
    "scenarios",
    "schedule",
    "sensor_consistency",
    "size",
    "smallest_fault",
    "spectra",
    "sweep",
    "swings",
    "times",
    "to_si",
    "trace_statistics",
    "training_profile",
    "uncertainty",
    "variants",
    "with_traces",
    "write_traces",
    "zipped",
]
