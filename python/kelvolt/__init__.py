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

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from kelvolt.cases.case import Case, load, read
from kelvolt.cases.shipped import cases

if TYPE_CHECKING:
    from kelvolt.cases.build import Network, Part, Ports
    from kelvolt.cases.registry import components, model, models
    from kelvolt.cases.results import IncompleteRun
    from kelvolt.cases.results import open as open
    from kelvolt.cases.run import Run
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
    from kelvolt.studies.sites import Where, sites, where
    from kelvolt.studies.sizing import pareto, size
    from kelvolt.studies.sizing_problem import Sizing
    from kelvolt.studies.weather import Weather, read_weather
    from kelvolt.studies.year import Year, year
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
    "Weather",
    "Where",
    "Year",
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
    "read_weather",
    "resonances",
    "ridethrough",
    "samples",
    "short_circuit",
    "selectivity",
    "scenarios",
    "schedule",
    "sensor_consistency",
    "sites",
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
    "where",
    "with_traces",
    "write_traces",
    "year",
    "zipped",
]

# What is loaded when it is first asked for, by module; `import kelvolt` and the command line stay quick.
_LATER = {
    "kelvolt.cases.build": "Network Part Ports",
    "kelvolt.cases.registry": "components model models",
    "kelvolt.cases.results": "IncompleteRun open",
    "kelvolt.cases.run": "Run",
    "kelvolt.cases.solution": "Solution",
    "kelvolt.cases.time_gradient": "TimeGradient",
    "kelvolt.plots.oneline": "one_line",
    "kelvolt.power.arc_flash": "arc_flash",
    "kelvolt.power.check": "PowerCheck power_check",
    "kelvolt.power.conductors": "Conductor conductor conductors",
    "kelvolt.power.contingencies": "Contingencies contingencies",
    "kelvolt.power.dc_stability": "DcStability dc_stability",
    "kelvolt.power.dips": "Dips dips",
    "kelvolt.power.disconnection": "disconnection",
    "kelvolt.power.flow": "PowerFlow",
    "kelvolt.power.frequency": "frequency_scan resonances",
    "kelvolt.power.harmonics": "Harmonics harmonics",
    "kelvolt.power.profiles": "inference_profile training_profile",
    "kelvolt.power.protection": "Protection protection selectivity",
    "kelvolt.power.ridethrough": "RideThrough ridethrough",
    "kelvolt.power.schedule": "Schedule schedule",
    "kelvolt.power.short_circuit": "fault_duty short_circuit smallest_fault",
    "kelvolt.power.spectra": "spectra",
    "kelvolt.power.swings": "Swings swings",
    "kelvolt.power.traces": "read_traces trace_statistics with_traces write_traces",
    "kelvolt.studies.balance": "Balance balance",
    "kelvolt.studies.battery": "BatterySize battery_size",
    "kelvolt.studies.calibration": "Calibration NotIdentifiable calibrate",
    "kelvolt.studies.commissioning": "Commissioning commissioning",
    "kelvolt.studies.consistency": "Consistency sensor_consistency",
    "kelvolt.studies.influence": "Influences influences",
    "kelvolt.studies.measured": "Comparison",
    "kelvolt.studies.ranges": "Ranges uncertainty",
    "kelvolt.studies.scenarios": "scenarios",
    "kelvolt.studies.sites": "Where sites where",
    "kelvolt.studies.sizing": "pareto size",
    "kelvolt.studies.sizing_problem": "Sizing",
    "kelvolt.studies.weather": "Weather read_weather",
    "kelvolt.studies.year": "Year year",
    "kelvolt.sweeps.sweep": "samples sweep times variants zipped",
}
_PACKAGES = ("plots", "power", "reports", "studies", "sweeps")
_MODULE = {name: module for module, names in _LATER.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"kelvolt.{name}")
    if name not in _MODULE:
        raise AttributeError(f"module 'kelvolt' has no attribute '{name}'")
    found = getattr(import_module(_MODULE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE, *_PACKAGES})
