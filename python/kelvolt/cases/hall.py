"""A case of a hall made from a table of its racks: every rack, CDU and feed of the table, and the rest assumed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import Error, InputError
from kelvolt.cases.outside import sheet_as_csv

# column: its unit in the template, what it says
COLUMNS = {
    "name": ("", "of the rack"),
    "power": ("kW", "IT power"),
    "liquid": ("%", "share of the power that the coolant takes"),
    "flow": ("L/min", "design flow of the coolant"),
    "drop": ("kPa", "pressure drop of the rack at that flow"),
    "cdu": ("", "row CDU that the rack is on; racks of one row share one where this is empty"),
    "row": ("", "row of the hall"),
    "feed a": ("", "busway of side a"),
    "feed b": ("", "busway of side b; empty: one feed only"),
}
RISE = 12.0  # K, of the coolant through a rack whose flow is not given
HEAT_CAPACITY = 3.95e6  # J/(m3 K), of PG25 near 40 degC
VOLTAGE = 415.0  # V, line to line
BUSWAYS = {400: "busway_400", 1000: "busway_1000", 1600: "busway_1600"}  # A: library entry
MAINS = {50: "pipe_dn50", 65: "pipe_dn65", 80: "pipe_dn80", 100: "pipe_dn100", 125: "pipe_dn125", 150: "pipe_dn150"}
CDU_POWER, CDU_FLOW = 1368e3, 1800.0  # W, L/min: vertiv_xdu1350
SPEED = 2.2  # m/s, in mains; pipes are chosen by it


@dataclass
class Rack:
    """One row of the table; what it leaves empty is assumed and listed in `assumed`."""

    line: int
    name: str
    power: float  # W
    liquid: float = 0.85
    flow: float = 0.0  # L/min
    drop: float = 60.0  # kPa
    cdu: str = ""
    row: str = "A"
    feed_a: str = ""
    feed_b: str = ""
    assumed: set[str] = field(default_factory=set)


def template() -> str:
    """A table with every column and three racks, as CSV."""
    head = ",".join(f"{name} ({unit})" if unit else name for name, (unit, _) in COLUMNS.items())
    notes = "".join(f"# {name}: {text}\n" for name, (_, text) in COLUMNS.items())
    rows = "R01,132,85,,,CDU_1,A,A1,B1\nR02,132,85,,,CDU_1,A,A1,B1\nR03,80,80,90,55,CDU_1,A,A1,B1\n"
    about = "# Racks of a hall, one each row. Only name and power are needed; what is empty is assumed.\n"
    return f"{about}{notes}{head}\n{rows}"


def hall(table: str | PathLike[str], sheet: str = "") -> str:
    """The text of a commented case of a hall with the racks of a table (.csv or .xlsx).

    Every rack has power supplies on two feeds, a liquid part on its row CDU and a part in air. What the table does not
    say is assumed, and marked so in the text. Raises InputError with file and line, FileError.
    """
    file = files.existing(table)
    racks = _racks(file, sheet)
    cdus = _groups(racks, "cdu")
    feeds = {side: _groups([r for r in racks if getattr(r, side)], side) for side in ("feed_a", "feed_b")}
    _check_cdus(file, cdus)
    parts = [
        _head(file, racks, cdus, feeds),
        "components:",
        *_power_parts(file, racks, feeds),
        *_cooling_parts(cdus),
        *_rack_parts(racks, cdus),
        "connections:",
        *_connections(cdus, feeds),
        (Path(__file__).parents[1] / "hall_rack.yaml").read_text(encoding="utf-8").partition("\n")[2],
    ]
    return "\n".join(parts)


# ---- the table ----


def _racks(file: Path, sheet: str) -> list[Rack]:
    text = sheet_as_csv(file, sheet) if file.suffix.lower() == ".xlsx" else files.read_text(file, "utf-8-sig")
    rows = _core.table_rows(text, str(file))
    if len(rows) < 2:
        raise InputError(
            "the table has no racks; `kelvolt new hall --template racks.csv` writes one to fill in", str(file)
        )
    head = _headings(file, *rows[0])
    racks = [_rack(file, line, dict(zip(head, cells, strict=False))) for line, cells in rows[1:]]
    seen: dict[str, int] = {}
    for rack in racks:
        if rack.name in seen:
            raise InputError(f"the rack {rack.name} stands on line {seen[rack.name]} too", str(file), rack.line)
        seen[rack.name] = rack.line
    return racks


def _headings(file: Path, line: int, cells: list[str]) -> list[tuple[str, str]]:
    """Name and unit of each column. Raises InputError for one that is not known."""
    found = []
    for cell in cells:
        name, unit = _core.heading(cell)
        name = name.lower().replace("_", " ")
        if name not in COLUMNS:
            known = ", ".join(f"{n} ({u})" if u else n for n, (u, _) in COLUMNS.items())
            raise InputError(f"the column '{cell}' is none of {known}; rename or remove it", str(file), line)
        found.append((name, unit))
    for needed in ("name", "power"):
        if needed not in [name for name, _ in found]:
            raise InputError(f"there is no column '{needed}'; every rack needs one", str(file), line)
    return found


def _rack(file: Path, line: int, cells: dict[tuple[str, str], str]) -> Rack:
    given = {name: (cell.strip(), unit) for (name, unit), cell in cells.items() if cell.strip()}

    def number(name: str, declared: str, factor: float) -> float:
        cell, unit = given[name]
        unit = unit or ("" if cell[-1:].isalpha() or cell.endswith("%") else COLUMNS[name][0])
        try:
            value = _core.to_si(f"{cell} {unit}".strip(), declared) * factor
        except Error as error:
            raise InputError(f"{name}: {error.message}", str(file), line) from None
        if not 0.0 < value < math.inf:
            raise InputError(f"{name} = {cell}: must be above 0", str(file), line)
        return float(value)

    for needed in ("name", "power"):
        if needed not in given:
            raise InputError(f"the rack has no {needed}; fill it in, or remove the row", str(file), line)
    rack = Rack(line, _name(given["name"][0], file, line), number("power", "W", 1.0))
    for name, declared, factor in (("liquid", "1", 1.0), ("flow", "m3/s", 60e3), ("drop", "Pa", 1e-3)):
        if name in given:
            setattr(rack, name, number(name, declared, factor))
        else:
            rack.assumed.add(name)
    if rack.liquid >= 1.0:
        raise InputError(
            f"liquid = {rack.liquid:.0%}: a share below 100 %, as some heat goes to the air", str(file), line
        )
    for name in ("row", "cdu", "feed a", "feed b"):
        if name in given:
            setattr(rack, name.replace(" ", "_"), _name(given[name][0], file, line))
        else:
            rack.assumed.add(name)
    rack.cdu = rack.cdu if rack.cdu.lower().startswith("cdu") else f"cdu_{rack.cdu or rack.row}"
    rack.feed_a = rack.feed_a or f"a_{rack.row}"
    if "feed b" not in {name for name, _ in cells}:  # no such column: the usual hall has two sides
        rack.feed_b = f"b_{rack.row}"
    rack.flow = rack.flow or rack.power * rack.liquid / (HEAT_CAPACITY * RISE) * 60e3
    return rack


def _name(text: str, file: Path, line: int) -> str:
    """A name as paths hold it. Raises InputError."""
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_")
    if not name:
        raise InputError(f"'{text}' is no name; use letters and digits", str(file), line)
    return name if name[0].isalpha() else f"n{name}"


def _groups(racks: Iterable[Rack], key: str) -> dict[str, list[Rack]]:
    groups: dict[str, list[Rack]] = {}
    for rack in racks:
        groups.setdefault(getattr(rack, key), []).append(rack)
    return groups


def _check_cdus(file: Path, cdus: dict[str, list[Rack]]) -> None:
    for name, racks in cdus.items():
        heat, flow = sum(r.power * r.liquid for r in racks), sum(r.flow for r in racks)
        if heat > CDU_POWER or flow > CDU_FLOW:
            raise InputError(
                f"{len(racks)} racks on {name} give {heat / 1e3:.0f} kW and ask for {flow:.0f} L/min; the row CDU "
                f"that is taken carries {CDU_POWER / 1e3:.0f} kW and {CDU_FLOW:.0f} L/min: spread them over more "
                "CDUs in the column cdu",
                str(file),
            )


# ---- the text ----


def _assumed(value: float, low: float, high: float, unit: str, why: str) -> str:
    def text(x: float) -> str:
        return f"{x:.4g} {unit}".strip()

    return (
        f"{{value: {text(value)}, range: [{text(low)}, {text(high)}], grade: assumed, "
        f'source: "{why} [kelvolt-estimate]"}}'
    )


def _head(file: Path, racks: list[Rack], cdus: dict[str, Any], feeds: dict[str, dict[str, Any]]) -> str:
    power = sum(r.power for r in racks) / 1e3
    missing = {
        name: [r.name for r in racks if name in r.assumed] for name in COLUMNS if any(name in r.assumed for r in racks)
    }
    lines = [f"  - {name}: not in the table for {len(names)} of {len(racks)} racks" for name, names in missing.items()]
    busways = sum(len(f) for f in feeds.values())
    return "\n".join(
        [
            "# Written by `kelvolt new --from`; solve it by `kelvolt run`, check its power plan by `kelvolt check`.",
            "# It no longer needs the table it was made from: edit it as your plan asks.",
            "kelvolt: 1",
            f"title: Hall of {len(racks)} racks, {power:.4g} kW",
            "about: |",
            f"  Made from {file.name}: {_several(len(racks), 'rack')}, {_several(len(cdus), 'row CDU')}, "
            f"{_several(busways, 'busway')}.",
            "  What the table does not say is assumed here; replace it by what you know:",
            *lines,
            "  - supply: utility, transformer and UPS of each side, sized for the whole hall on one side",
            "  - coolant: PG25 as shipped, row CDUs vertiv_xdu1350 at constant flow, facility water of 30 degC",
            "  - racks: power supplies of 97.5 % on both feeds, hoses of 1.5 inch, 20 K from coolant to case",
            "  Not in it: generators, protection, power of CDUs and plant, the facility's loop, the air of the room.",
        ]
    )


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _sides(feeds: dict[str, dict[str, list[Rack]]]) -> int:
    return 2 if feeds["feed_b"] else 1


def _power_parts(file: Path, racks: list[Rack], feeds: dict[str, dict[str, list[Rack]]]) -> list[str]:
    total = sum(r.power for r in racks) / 0.95
    sizes = [250e3, 400e3, 630e3, 1000e3, 1250e3, 1600e3, 2000e3, 2500e3, 3150e3]
    rated = next((s for s in sizes if s >= 1.15 * total), 1.15 * total)
    count = _sides(feeds)
    why = "one side carries the hall"
    lines = [
        "  # supply: each side carries the whole hall",
        f"  utility: {{model: ac_utility, count: {count}, V: 20 kV, S_sc: "
        f"{_assumed(300, 150, 500, 'MVA', 'of a usual medium-voltage connection')}}}",
        f"  transformer: {{model: transformer_dry_1600, count: {count}, V_hv: 20 kV, V_lv: 425 V, group: Dyn11, "
        f"S_rated: {_assumed(rated / 1e3, rated / 1e3, rated / 1e3, 'kVA', why)}}}",
        f"  ups: {{model: ups_1mw, count: {count}, P_rated: "
        f"{_assumed(rated / 1e3, rated / 1e3, rated / 1e3, 'kW', why)}, battery_energy: "
        f"{_assumed(rated * 180 / 1e6, rated * 60 / 1e6, rated * 600 / 1e6, 'MJ', 'three minutes at its rating')}}}",
    ]
    for side in feeds.values():
        for name, fed in side.items():
            current = sum(r.power for r in fed) / (0.95 * math.sqrt(3.0) * VOLTAGE)
            size = next((s for s in BUSWAYS if s >= current), None)
            if size is None:
                raise InputError(
                    f"{len(fed)} racks on the feed {name} draw {current:.0f} A where it carries them alone; the "
                    f"largest busway here is {max(BUSWAYS)} A: spread them over more "
                    "feeds in the columns feed a and feed b",
                    str(file),
                )
            length = _assumed(10 + 1.2 * len(fed), 5, 60, "m", "to the middle of the row")
            lines.append(f"  busway_{name}: {{model: {BUSWAYS[size]}, length: {length}}}   # {current:.0f} A alone")
    return [*lines, "  electrical_room: {model: ambient, T: 25 degC}", "  white_space: {model: ambient, T: 27 degC}"]


def _cooling_parts(cdus: dict[str, list[Rack]]) -> list[str]:
    lines = ["  # coolant: one row CDU with two mains for each group of racks"]
    for name, racks in cdus.items():
        flow = sum(r.flow for r in racks)
        bore = next((d for d in MAINS if flow / 60e3 <= SPEED * math.pi / 4 * (d / 1e3) ** 2), max(MAINS))
        main = f"{{model: {MAINS[bore]}, length: {_assumed(2 + 0.8 * len(racks), 2, 60, 'm', 'along the row')}"
        main += f", cells: {len(racks)}}}"
        volume = _assumed(50, 10, 200, "mL", "capped end of the main")
        lines += [
            f"  {name}: {{model: vertiv_xdu1350, mode: constant_flow, flow: {flow:.5g} L/min, T_supply: 36 degC}}",
            f"  {name}_facility: {{model: facility, medium: water, mode: dp, T_supply: "
            f"{_assumed(30, 20, 36, 'degC', 'water of the facility')}, dp: 0.84 bar, p_return: 3 bar(a)}}",
            f"  {name}_supply: {main}",
            f"  {name}_return: {main}",
            f"  {name}_end: {{model: volume, count: 2, volume: {volume}}}",
        ]
    return lines


def _rack_parts(racks: list[Rack], cdus: dict[str, list[Rack]]) -> list[str]:
    place = {r.name: (name, k + 1) for name, group in cdus.items() for k, r in enumerate(group)}
    rows = []
    for r in racks:
        cdu, way = place[r.name]
        liquid, air = r.liquid * r.power / 1e3, (1.0 - r.liquid) * r.power / 1e3
        feed_b = r.feed_b or r.feed_a
        supplies = 1.15 * r.power / 1e3
        rows.append(
            f"      {r.name}, {liquid:.5g}, {air:.5g}, {supplies:.5g}, {r.flow:.5g}, {r.drop:.5g}, "
            f"{20.0 / liquid:.4g}, {cdu}_supply.way[{way}], {cdu}_return.way[{way}], "
            f"busway_{r.feed_a}.b, busway_{feed_b}.b"
        )
    return [
        "  # one rack each row: heat to coolant and air, rating of its supplies on one feed, design point",
        "  racks:",
        "    model: rack",
        "    table: |",
        "      name, to_liquid (kW), to_air (kW), supplies (kW), flow (L/min), drop (kPa), R (K/kW), supply, return, "
        "feed_a, feed_b",
        *_assumed_of_rows(racks),
        *rows,
    ]


def _assumed_of_rows(racks: list[Rack]) -> list[str]:
    """Lines of comment above the rows: what was assumed of which racks."""
    alike = {"liquid": "85 % of the power", "flow": f"for {RISE:g} K from supply to return", "drop": "60 kPa"}
    groups: dict[tuple[str, ...], list[str]] = {}
    for rack in racks:
        groups.setdefault(tuple(name for name in alike if name in rack.assumed), []).append(rack.name)
    return [
        f"      # assumed of {'every rack' if len(names) == len(racks) else ' '.join(names)}: "
        + "; ".join(f"{name} {alike[name]}" for name in assumed)
        for assumed, names in groups.items()
        if assumed
    ]


def _connections(cdus: dict[str, list[Rack]], feeds: dict[str, dict[str, list[Rack]]]) -> list[str]:
    lines = []
    for k, side in enumerate(list(feeds.values())[: _sides(feeds)], 1):
        lines += [f"  - utility[{k}].bus -> transformer[{k}].hv", f"  - transformer[{k}].lv -> ups[{k}].in"]
        for name in side:
            lines += [f"  - ups[{k}].out -> busway_{name}.a", f"  - busway_{name}.heat -> white_space.port"]
    lines += ["  - transformer[*].heat -> electrical_room.port", "  - ups[*].heat -> electrical_room.port"]
    for name in cdus:
        lines += [
            f"  - {name}_facility.supply -> {name}.primary_in",
            f"  - {name}.primary_out -> {name}_facility.return",
            f"  - {name}.secondary_out -> {name}_supply.a",
            f"  - {name}_supply.b -> {name}_end[1].port",
            f"  - {name}_return.b -> {name}_end[2].port",
            f"  - {name}_return.a -> {name}.secondary_in",
        ]
    return [*lines, "  - racks.*.air -> white_space.port"]
