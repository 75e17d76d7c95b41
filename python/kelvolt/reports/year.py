"""A year of a plant on one page, and its tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kelvolt.base import screen
from kelvolt.base.errors import printable
from kelvolt.base.tables import Table, Units, plain
from kelvolt.reports.brief import head
from kelvolt.reports.sheets import Sheet
from kelvolt.reports.tables_power import MARGIN
from kelvolt.studies.indicators import KWH

if TYPE_CHECKING:
    import pandas

    from kelvolt.studies.sites import Where
    from kelvolt.studies.year import Year

_STATE = "steady states, one for each hour of the weather"
_ROWS = 6  # of limits that are printed


def year_text(found: Year, units: str = "si", *, every: bool = False) -> str:
    """The verdict, the indicators, energy and water, the limits with their worst hours, and what is not counted."""
    u = Units(units)
    limits = _limits(found.limits, u)
    blocks = [
        "\n".join([*head(found.case, found.whole, "kind of limit"), *_weather_lines(found, u)]),
        _indicator_table(found).text(rule=False),
        _energy_table(found).text(rule=False),
        (limits if every else limits.first(_ROWS)).text(rule=False),
    ]
    if every:
        columns = ["document", "row", "symbol", "value", "unit", "note"]
        table = found.indicators.assign(value=[_number(x) for x in found.indicators.value])
        blocks.append(Table(columns, [[str(x) for x in row] for row in table[columns].to_numpy()]).text())
    return printable(screen.page(blocks, _notes(found)))


def _number(x: float) -> str:
    return "-" if not math.isfinite(x) else plain(x, 5)


def _weather_lines(found: Year, u: Units) -> list[str]:
    air, t = found.weather, found.totals
    low, high = (u.number(float(x), "K") for x in (air.T_dry.min(), air.T_dry.max()))
    range_of = f"dry bulb {low} to {high} {u.unit('K')}"
    place = f"{air.site or 'weather'}: {range_of}, {len(air)} hours ({air.source or 'given'})"
    failed = t.asked - t.hours
    solved = f"{failed} of {t.asked} hours have no solution and count nowhere" if failed else "every hour was solved"
    return [f"  {place}", f"  {solved}"]


def _indicator_table(found: Year) -> Table:
    t = found.totals
    parts = sorted(t.electric, key=t.ppue, reverse=True)
    named = "" if found.plant.reuse.any() else "; none named"
    rows = [
        ["PUE", plain(t.pue, 5), "energy of IT and cooling over IT"],
        *([f"pPUE {part.replace('_', ' ')}", plain(t.ppue(part), 5), ""] for part in parts),
        ["WUE", plain(t.wue, 4), "L of make-up per kWh of IT"],
        ["ERF", plain(t.erf, 4), f"heat reused over all energy{named}"],
    ]
    if math.isfinite(t.renewable):
        rows.append(["REF", plain(t.renewable, 4), "renewable share, as given"])
    if math.isfinite(t.grid_factor):
        rows.append(["CUE", plain(t.cue, 4), "kg of CO2 per kWh of IT"])
    if found.plant.chillers:
        rows.append(["compressor-free", f"{t.compressor_free} h", f"of {t.hours} h"])
    return Table(["Year", "", ""], rows)


def _energy_table(found: Year) -> Table:
    t, table = found.totals, found.energy
    sums = zip(table.way, table.part, table.energy, strict=True)
    rows = [[str(way), str(part), plain(float(energy) / KWH / 1e3, 5)] for way, part, energy in sums]
    if t.water["make_up"]:
        rows += [["water", name.replace("_", "-"), f"{plain(x / 1e3, 5)} m3"] for name, x in t.water.items()]
    return Table(["Energy", "part", "MWh"], rows)


def _limits(table: pandas.DataFrame, u: Units) -> Table:
    rows = []
    for r in table.to_dict("records"):
        unit = {"K": "delta_K", "Pa_abs": "Pa"}.get(r["unit"], r["unit"])
        least = [u.text(r["margin"], unit), r["time"], u.text(r["T_dry"], "K")]
        rows.append([r["limit"], r["element"], str(r["broken"]), str(r["held"]), *least])
    return Table(["Limit", "element", "h broken", "h held", "least margin", "worst hour", "dry bulb"], rows)


def _notes(found: Year) -> list[str]:
    t, (most, mean) = found.totals, found.stores
    word = "closed" if t.closed else "NOT CLOSED"
    lines = [
        f"Sums {word}: energy {t.energy_gap:.1e} of what comes in, water {t.water_gap:.1e} of the make-up.",
        f"Stores are not carried: their heat would shift {100 * mean:.2g} % of an hour's IT heat in the mean, "
        f"{100 * most:.2g} % at most.",
    ]
    flagged = int((found.solved.flagged > 0).sum())
    if flagged:
        lines.append(f"{flagged} hours hold values outside the range of their data (outside_data in the dataset).")
    unsettled = int((found.solved.unsettled > 0).sum())
    if unsettled:
        lines.append(f"In {unsettled} hours firmware or a switch keeps changing; its last position counts.")
    lines.append("Not counted: lighting, offices, and losses before the plant and the racks. Profiles and events rest.")
    return lines


def year_sheets(found: Year) -> Iterator[Sheet]:
    """Indicators, energy, limits, hours without solution, and every hour."""
    yield Sheet("indicators", "Rows of EU 2024/1364 and ISO/IEC 30134", found.indicators, _STATE)
    yield Sheet("energy", "Energy by part", found.energy, _STATE, {"energy": "J"})
    units = {"T_dry": "K", "T_dew": "K"}
    yield Sheet("limits", "Limits by hours broken", found.limits, _STATE, units, margins=MARGIN)
    yield Sheet("failed", "Hours without a solution", found.failed, _STATE, units)
    ds = found.dataset
    hours = ds.drop_dims("bnds").reset_coords(drop=True).to_dataframe().reset_index(drop=True)
    hours.insert(0, "hour", range(1, len(hours) + 1))
    declared = {"T_dry": "K", "T_dew": "K", "p": "Pa_abs", "stored": "J", "heat_reused": "W"}
    declared |= {c: "W" for c in hours if str(c).startswith("P_")} | {c: "kg/s" for c in found.water}
    yield Sheet("hours", "Every hour", hours, _STATE, declared, of_case=True)


def where_text(found: Where) -> str:
    """In how many cities each plant runs by point, and the cities where it does not."""
    counts = Table([*found.counts.columns], [[_cell(x) for x in row] for row in found.counts.to_numpy()])
    stops = found.table[found.table.verdict != "runs"]
    columns = ["city", *found.axes, "condition", "limit", "element"]
    listed = Table(columns, [[_cell(x)[:40] for x in row] for row in stops[columns].to_numpy()])
    return printable(screen.page([counts.text(), listed.first(24).text() if len(stops) else "It runs in every city."]))


def where_sheets(found: Where) -> Iterator[Sheet]:
    state = "steady state at the design condition that decides"
    yield Sheet("where", "Where the plant can run", found.table, state, margins=MARGIN, of_case=True)
    yield Sheet("counts", "Cities in which it runs", found.counts, state, of_case=True)


def _cell(x: object) -> str:
    return f"{x:.6g}" if isinstance(x, float) else str(x)
