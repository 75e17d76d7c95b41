"""Tables of a power network: flow, list of checks, failures, faults, protection, boards, swings, harmonics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kelvolt.base.errors import InputError
from kelvolt.reports.sheets import SHARE, Sheet

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.solution import Solution
    from kelvolt.power.check import PowerCheck
    from kelvolt.power.contingencies import Contingencies
    from kelvolt.power.flow import PowerFlow
    from kelvolt.power.harmonics import Harmonics
    from kelvolt.power.lines import Line
    from kelvolt.power.protection import Protection
    from kelvolt.power.ridethrough import RideThrough
    from kelvolt.power.schedule import Schedule
    from kelvolt.power.schemes import Statement
    from kelvolt.power.swings import Swings

STEADY = "steady state of the case"
VALUE, MARGIN = ("value", "limit"), ("margin",)  # columns whose unit stands in their row
_HARMONIC = ("buses", "branches", "transformers", "delivery", "loads")


def power_sheets(solution: Solution, state: str = STEADY) -> Iterator[Sheet]:
    """Buses, elements, losses and sums of the power network; none where there is no network."""
    if solution.plant.is_electric:
        yield from flow_sheets(solution.power_flow(), state)


def flow_sheets(flow: PowerFlow, state: str = STEADY) -> Iterator[Sheet]:
    import pandas

    if not flow.grid:
        return
    yield Sheet("buses", "Buses", flow.buses, state)
    yield Sheet("elements", "Elements of the power network", flow.elements, state)
    losses = flow.losses.reset_index(names="stage")
    units = dict.fromkeys(map(str, losses.columns[1:]), "W")
    yield Sheet("losses", "Heat by stage and by the space that receives it", losses, state, units, of_case=True)
    s = flow.shares
    sums = ("supplied", "generated", "exported", "stored", "total", "distribution", "cooling", "other", "it", "compute")
    ratios = ("pue", "ppue_power", "ppue_cooling", "itue", "tue")
    rows = [[k, getattr(s, k), unit] for names, unit in ((sums, "W"), (ratios, SHARE)) for k in names]
    frame = pandas.DataFrame(rows, columns=["what", "value", "unit"])
    yield Sheet("shares", "Where power goes", frame, state, by_row=("value",))


def line_sheet(lines: Iterable[Line], name: str, title: str, state: str) -> Sheet:
    """Lines of the list of checks; `sense` says on which side of the limit the value is held."""
    import pandas

    rows = []
    for x in lines:
        row = dict(vars(x))
        least = math.isfinite(x.margin) and math.isclose(x.margin, x.value - x.limit, rel_tol=1e-9, abs_tol=1e-12)
        row["sense"] = "" if not math.isfinite(x.limit) else "at least" if least else "at most"
        rows.append(row)
    columns = ["item", "check", "quantity", "element", "of", "value", "sense", "limit", "unit", "margin", "verdict"]
    frame = pandas.DataFrame(rows, columns=[*columns, "basis", "reason"])
    return Sheet(name, title, frame, state, by_row=VALUE, margins=MARGIN)


def contingency_sheet(found: Contingencies) -> Sheet:
    return Sheet("contingencies", "Contingencies, worst first", found.table, "steady state after each failure")


def protection_sheets(guarded: Protection, state: str) -> Iterator[Sheet]:
    yield Sheet("devices", "Protective devices", guarded.devices, state)
    yield Sheet("selectivity", "Protective devices in series", guarded.pairs, state)
    yield Sheet("limited", "Devices behind converters", guarded.limited, state)


def schedule_sheets(found: Schedule, state: str) -> Iterator[Sheet]:
    yield Sheet("boards", "Boards and their circuits", found.boards, state, {"rating": ""})
    yield Sheet("equipment", "Equipment", found.equipment, state, {"rating": ""})


def fault_sheets(solution: Solution, state: str) -> Iterator[Sheet]:
    """Fault currents and what follows from them; none where the network gives no fault current."""
    from kelvolt.power.arc_flash import arc_flash
    from kelvolt.power.disconnection import disconnection
    from kelvolt.power.short_circuit import faults

    try:
        found = faults(solution, "tables")
    except InputError:
        return
    yield current_sheet(found.table, state)
    yield duty_sheet(found.duty_frame, state)
    yield disconnection_sheet(disconnection(solution), state)
    yield arc_sheet(arc_flash(solution), state)


def current_sheet(frame: pandas.DataFrame, state: str) -> Sheet:
    return Sheet("short_circuit", "Short-circuit currents (IEC 60909-0:2016)", frame, state)


def duty_sheet(frame: pandas.DataFrame, state: str) -> Sheet:
    amperes = dict.fromkeys((*VALUE, *MARGIN), "A")
    return Sheet("fault_duty", "Ratings of devices against fault currents", frame, state, amperes)


def disconnection_sheet(frame: pandas.DataFrame, state: str) -> Sheet:
    units = {"U_0": "V", "t_limit": "s", "limit": ""}
    return Sheet("disconnection", "Disconnection times (IEC 60364-4-41)", frame, state, units)


def arc_sheet(frame: pandas.DataFrame, state: str) -> Sheet:
    units = {"I_bf": "A", "t": "s", "energy": "J/m2", "limit": "J/m2", "boundary": "m"}
    return Sheet("arc_flash", "Arc flash at boards (IEEE 1584-2018)", frame, state, units)


def check_sheets(listed: PowerCheck) -> Iterator[Sheet]:
    """The plan, the list of checks and every study that it was made from."""
    from kelvolt.power.schedule import schedule

    plan = f"plan: {STEADY}"
    yield line_sheet(listed.lines, "checks", "List of checks", plan)
    yield from flow_sheets(listed.flow, plan)
    if listed.contingencies is not None:
        yield contingency_sheet(listed.contingencies)
    yield transfer_sheet(listed.statements)
    if listed.guarded is not None:
        yield from protection_sheets(listed.guarded, plan)
    yield from fault_sheets(listed.flow.solution, plan)
    if listed.ride is not None:
        yield ride_sheet(listed.ride)
    if listed.dips is not None:
        yield Sheet("dips", "Dips of the supply", listed.dips.table, "in time after each dip", {"voltage": SHARE})
    if listed.swings is not None:
        yield next(swing_sheets(listed.swings, ()))
    yield from schedule_sheets(schedule(listed.flow), plan)


def transfer_sheet(found: Sequence[Statement]) -> Sheet:
    from kelvolt.power.schemes import transfer_table

    table = transfer_table(found)
    return Sheet("transfers", "What survivors of transfer schemes take", table, "steady state after each loss")


def ride_sheet(found: RideThrough) -> Sheet:
    return Sheet("ride_through", "Ride-through of every loss", found.table, "in time, counted from each loss")


def swing_sheets(found: Swings, lines: Iterable[Line]) -> Iterator[Sheet]:
    """Levels from the loads to the point of connection, their power over time, stores, voltages, limits."""
    import pandas

    state = "run of load swings"
    units = {k: "W" for k in ("mean", "lowest", "highest", "range", "amplitude")}
    units |= {str(k): "W/s" for k in found.table.columns if str(k).startswith("ramp_")}
    yield Sheet("swings", "Load swings, from the loads to the point of connection", found.table, state, units)
    traces = found.traces
    watts = {str(k): "W" for k in traces.columns[1:]}
    yield Sheet("traces", "Mean power of each level in each row", traces, state, watts, of_case=True)
    stores = [[name, s.energy, s.power] for name, s in found.stores.items()]
    frame = pandas.DataFrame(stores, columns=["for", "energy", "power"])
    yield Sheet("stores", "Smallest lossless store at the point of connection", frame, state, {"energy": "J"})
    yield Sheet("voltages", "Voltage at the sources", pandas.DataFrame([vars(v) for v in found.voltages]), state)
    yield line_sheet(lines, "checks", "Limits of load swings", state)


def harmonic_sheets(found: Harmonics, scan: pandas.DataFrame, lines: Iterable[Line]) -> Iterator[Sheet]:
    """Distortion of every bus, branch, transformer, point of delivery and load, impedance, limits."""
    state = f"{STEADY}, harmonics of the loads' spectra"
    shares = dict.fromkeys(("load", "loss", "I_max", "ratio", "largest"), SHARE)
    own = {"branches": {"I_neutral": "A"}, "transformers": shares | {"I": SHARE}, "delivery": {"ratio": SHARE}}
    for name in _HARMONIC:
        yield Sheet(name, f"Harmonics: {name}", getattr(found, name), state, own.get(name, {}))
    yield Sheet("scan", "Impedance over the order", scan, state)
    yield line_sheet(lines, "checks", "Limits of harmonics", state)
