"""A case of a hall made from a table of its racks: every rack, CDU and feed of the table, and the rest assumed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from kelvolt.base.errors import Error, InputError
from kelvolt.cases.case import read
from kelvolt.cases.hall_table import COLUMNS, RISE, Rack, RackTable, groups, read_racks

VOLTAGE = 415.0  # V, line to line
BUSWAYS = {400: "busway_400", 1000: "busway_1000", 1600: "busway_1600"}  # A: library entry
MAINS = {50: "pipe_dn50", 65: "pipe_dn65", 80: "pipe_dn80", 100: "pipe_dn100", 125: "pipe_dn125", 150: "pipe_dn150"}
CDU_POWER, CDU_FLOW = 1368e3, 1800.0  # W, L/min: vertiv_xdu1350
SPEED = 2.2  # m/s, in mains; pipes are chosen by it


@dataclass
class Hall:
    """The text of a case of a hall, and notes for who wrote its table."""

    text: str
    notes: list[str]


def hall(table: str | PathLike[str], sheet: str = "", decimal: str = "", ignore: Sequence[str] = ()) -> Hall:
    """A commented case of a hall with the racks of a table (.csv, .xlsx or .xlsm).

    Every rack has power supplies on one or two feeds, a liquid part on its row CDU and a part in air. What the table
    does not say is assumed, and marked so in the text. decimal: point or comma of the table's numbers; ignore: columns
    that are not read. The case is built before it is returned. Raises InputError with file and line, FileError.
    """
    read_table = read_racks(table, sheet, decimal, ignore)
    file, racks = read_table.file, read_table.racks
    cdus = groups(racks, "cdu")
    feeds = _feeds(file, racks)
    _check_cdus(file, cdus)
    _check_names(file, cdus, feeds)
    text = "\n".join(
        [
            _head(read_table, cdus, feeds),
            "components:",
            *_power_parts(file, racks, feeds),
            *_cooling_parts(cdus),
            *_rack_parts(racks, cdus),
            "connections:",
            *_connections(cdus, feeds),
            *_power_section(racks, feeds),
            (Path(__file__).parents[1] / "hall_rack.yaml").read_text(encoding="utf-8").partition("\n")[2],
        ]
    )
    _check_built(text, file, racks)
    return Hall(text, read_table.notes)


# ---- what the rows give together ----


def _feeds(file: Path, racks: list[Rack]) -> list[dict[str, list[Rack]]]:
    """The racks by busway, of each side that has any. Raises InputError for a busway on both sides."""
    sides = [groups(racks, "feed_a"), groups(racks, "feed_b")]
    for name in sides[0]:
        if name in sides[1]:
            raise InputError(
                f"the busway {name} is feed a on line {sides[0][name][0].line} and feed b here; a busway belongs to "
                "one side: write it in one of the two columns",
                str(file),
                sides[1][name][0].line,
            )
    return [side for side in sides if side]


def _check_names(file: Path, cdus: dict[str, list[Rack]], feeds: list[dict[str, list[Rack]]]) -> None:
    """Raises InputError where two components of the case would have one name."""
    fixed = ("utility", "transformer", "ups", "electrical_room", "white_space", "racks")
    owners: dict[str, str] = dict.fromkeys(fixed, "a part of every hall")
    made = [(f"busway_{name}", f"the feed {name}", fed) for side in feeds for name, fed in side.items()]
    for cdu, fed in cdus.items():
        made += [(f"{cdu}{part}", f"the CDU {cdu}", fed) for part in ("", "_facility", "_supply", "_return", "_end")]
    for name, owner, fed in made:
        if name in owners:
            raise InputError(
                f"{owner} makes a component {name}, as {owners[name]} does; rename it", str(file), fed[0].line
            )
        owners[name] = owner


def _check_built(text: str, file: Path, racks: list[Rack]) -> None:
    """Raises InputError, with the row where a rack is named, if the case could not be solved for what it says."""
    try:
        read(text).steady()
    except Error as error:
        about = f"{error.message}"
        line = next((r.line for r in racks if f"racks.{r.name}." in f"{about}." or f"racks.{r.name}:" in about), 0)
        raise InputError(f"the table makes no case that runs: {about}", str(file), line or None) from error


def _check_cdus(file: Path, cdus: dict[str, list[Rack]]) -> None:
    for name, racks in cdus.items():
        heat, flow = sum(r.power * r.liquid for r in racks), sum(r.flow for r in racks)
        if heat > CDU_POWER or flow > CDU_FLOW:
            raise InputError(
                f"{len(racks)} racks on {name} give {heat / 1e3:.0f} kW and ask for {flow:.0f} L/min; the row CDU "
                f"that is taken carries {CDU_POWER / 1e3:.0f} kW and {CDU_FLOW:.0f} L/min: spread them over more "
                "CDUs in the column cdu",
                str(file),
                racks[0].line,
            )


# ---- the text ----


def _assumed(value: float, low: float, high: float, unit: str, why: str) -> str:
    def text(x: float) -> str:
        return f"{x:.4g} {unit}".strip()

    return (
        f"{{value: {text(value)}, range: [{text(low)}, {text(high)}], grade: assumed, "
        f'source: "{why} [kelvolt-estimate]"}}'
    )


def _head(table: RackTable, cdus: dict[str, list[Rack]], feeds: list[dict[str, list[Rack]]]) -> str:
    racks = table.racks
    kilowatts = sum(r.power for r in racks) / 1e3
    power = f"{kilowatts:.4g} kW" if kilowatts < 9999.5 else f"{kilowatts / 1e3:.4g} MW"
    missing = {
        name: [r.name for r in racks if name in r.assumed] for name in COLUMNS if any(name in r.assumed for r in racks)
    }
    lines = [f"  - {name}: not in the table for {len(names)} of {len(racks)} racks" for name, names in missing.items()]
    return "\n".join(
        [
            "# Written by `kelvolt new --from`; solve it by `kelvolt run`, check its power plan by `kelvolt check`.",
            "# It no longer needs the table it was made from: edit it as your plan asks.",
            "kelvolt: 1",
            f"title: Hall of {_several(len(racks), 'rack')}, {power}",
            "about: |",
            f"  Made from {table.file.name}: {_several(len(racks), 'rack')}, {_several(len(cdus), 'row CDU')}, "
            f"{_several(sum(len(f) for f in feeds), 'busway')}.",
            "  What the table does not say is assumed here; replace it by what you know:",
            *lines,
            "  - supply: utility, transformer and UPS of each side, sized for the whole hall on one side",
            "  - coolant: PG25 as shipped, row CDUs vertiv_xdu1350 at constant flow, facility water of 30 degC",
            "  - racks: power supplies of 97.5 % on each feed, of which one feed carries the rack; hoses of 1.5 inch,",
            "    20 K from coolant to case",
            "  Not in it: generators, protection, power of CDUs and plant, the facility's loop, the air of the room.",
        ]
    )


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _power_parts(file: Path, racks: list[Rack], feeds: list[dict[str, list[Rack]]]) -> list[str]:
    total = sum(r.power for r in racks) / 0.95
    sizes = [250e3, 400e3, 630e3, 1000e3, 1250e3, 1600e3, 2000e3, 2500e3, 3150e3]
    rated = next((s for s in sizes if s >= 1.15 * total), 1.15 * total)
    above = next((s for s in sizes if s > rated), 1.25 * rated)
    count = len(feeds)
    kva, low, high = rated / 1e3, min(total, rated / 1.2) / 1e3, above / 1e3
    losses = (rated / 1600e3) ** 0.75  # of transformer_dry_1600; losses grow about as the power 3/4 of the size
    why, scaled = "one side carries the hall", "of 1600 kVA, scaled by the size"
    short = max(300.0, 15.0 * rated / 1e6)
    lines = [
        "  # supply: each side carries the whole hall",
        f"  utility: {{model: ac_utility, count: {count}, V: "
        f"{_assumed(20, 6, 36, 'kV', 'a usual medium voltage')}, S_sc: "
        f"{_assumed(short, short / 2, short * 5 / 3, 'MVA', 'of a usual medium-voltage connection')}}}",
        f"  transformer: {{model: transformer_dry_1600, count: {count}, V_hv: "
        f"{_assumed(20, 6, 36, 'kV', 'as the connection')}, V_lv: 425 V, group: Dyn11, S_rated: "
        f"{_assumed(kva, low, high, 'kVA', why)},",
        f"    P0: {_assumed(1980 * losses, 1600 * losses, 2400 * losses, 'W', scaled)}, Pk: "
        f"{_assumed(13e3 * losses, 10.5e3 * losses, 16e3 * losses, 'W', scaled)}}}",
        f"  ups: {{model: ups_1mw, count: {count}, P_rated: {_assumed(kva, low, high, 'kW', why)},",
        f"    battery_energy: "
        f"{_assumed(rated * 180 / 1e6, rated * 60 / 1e6, rated * 600 / 1e6, 'MJ', 'three minutes at its rating')}, "
        f"P_charge: {_assumed(kva / 10, kva / 20, kva * 3 / 20, 'kW', 'a tenth of its rating')}}}",
    ]
    for side in feeds:
        for name, fed in side.items():
            current = sum(r.power for r in fed) / (0.95 * math.sqrt(3.0) * VOLTAGE)
            size = next((s for s in BUSWAYS if s >= current), None)
            if size is None:
                raise InputError(
                    f"{len(fed)} racks on the feed {name} draw {current:.0f} A where it carries them alone; the "
                    f"largest busway here is {max(BUSWAYS)} A: spread them over more "
                    "feeds in the columns feed a and feed b",
                    str(file),
                    fed[0].line,
                )
            length = _assumed(10 + 1.2 * len(fed), 5, 60 + 2 * len(fed), "m", "to the middle of the row")
            lines.append(f"  busway_{name}: {{model: {BUSWAYS[size]}, length: {length}}}   # {current:.0f} A alone")
    return [*lines, "  electrical_room: {model: ambient, T: 25 degC}", "  white_space: {model: ambient, T: 27 degC}"]


def _cooling_parts(cdus: dict[str, list[Rack]]) -> list[str]:
    lines = ["  # coolant: one row CDU with two mains for each group of racks"]
    for name, racks in cdus.items():
        flow = sum(r.flow for r in racks)
        bore = next((d for d in MAINS if flow / 60e3 <= SPEED * math.pi / 4 * (d / 1e3) ** 2), max(MAINS))
        length = _assumed(2 + 0.8 * len(racks), 2, 60 + len(racks), "m", "along the row")
        main = f"{{model: {MAINS[bore]}, length: {length}, cells: {len(racks)}}}"
        volume = _assumed(50, 10, 200, "mL", "capped end of the main")
        lines += [
            f"  {name}: {{model: vertiv_xdu1350, mode: constant_flow, flow: {flow:.5g} L/min, T_supply: "
            f"{_assumed(36, 25, 45, 'degC', 'of the coolant')}}}",
            f"  {name}_facility: {{model: facility, medium: water, mode: dp, T_supply: "
            f"{_assumed(30, 20, 36, 'degC', 'water of the facility')}, dp: 0.84 bar, p_return: 3 bar(a)}}",
            f"  {name}_supply: {main}",
            f"  {name}_return: {main}",
            f"  {name}_end: {{model: volume, count: 2, volume: {volume}}}",
        ]
    return lines


# parameter of a rack in the case: unit, its value, the columns without which it is assumed (none: always), range as
# shares of the value, and why
_NUMBERS: dict[str, tuple[str, Callable[[Rack], float], tuple[str, ...], tuple[float, float], str]] = {
    "to_liquid": ("kW", lambda r: r.liquid * r.power / 1e3, ("liquid",), (0.82, 1.11), "85 % of the power"),
    "to_air": ("kW", lambda r: (1.0 - r.liquid) * r.power / 1e3, ("liquid",), (0.33, 2.0), "15 % of the power"),
    "supplies": ("kW", lambda r: 1.4 * r.power / 1e3, (), (0.97, 1.8), "one feed carries the rack with a reserve"),
    "flow": ("L/min", lambda r: r.flow, ("flow",), (0.7, 1.5), f"for {RISE:g} K from supply to return"),
    "drop": ("kPa", lambda r: r.drop, ("drop",), (0.5, 2.0), "drop of a rack"),
    "R": ("K/kW", lambda r: 20.0 / (r.liquid * r.power / 1e3), (), (0.5, 1.5), "20 K from coolant to case"),
}


def _is_assumed(rack: Rack, columns: tuple[str, ...]) -> bool:
    return not columns or any(c in rack.assumed for c in columns)


def _rack_parts(racks: list[Rack], cdus: dict[str, list[Rack]]) -> list[str]:
    """The table of racks; what is assumed alike of most racks stands once above it, and its cells are empty. An assumed
    number that differs has its range in its row."""
    place = {r.name: (name, k + 1) for name, group in cdus.items() for k, r in enumerate(group)}
    shared: dict[str, str] = {}
    lines, ranged = [], set()
    for name, (unit, value, columns, (low, high), why) in _NUMBERS.items():
        guessed = [r for r in racks if _is_assumed(r, columns)]
        if not guessed:
            continue
        text, count = Counter(f"{value(r):.5g}" for r in guessed).most_common(1)[0]
        shared[name] = text
        x = float(text)
        lines.append(f"    {name}: {_assumed(x, low * x, high * x, unit, why)}")
        ranged |= {name} if count < len(guessed) else set()
    rows = []
    for r in racks:
        cdu, way = place[r.name]
        cells = [r.name]
        for name, (_, value, columns, (low, high), _) in _NUMBERS.items():
            text = f"{value(r):.5g}"
            guess = _is_assumed(r, columns)
            alike = guess and shared.get(name) == text
            cells.append("" if alike else text)
            if name in ranged:
                cells.append(f"{low * float(text):.5g}..{high * float(text):.5g}" if guess and not alike else "")
        side_a, side_b = r.feed_a or r.feed_b, r.feed_b or r.feed_a
        cells += [f"{cdu}_supply.way[{way}]", f"{cdu}_return.way[{way}]", f"busway_{side_a}.b", f"busway_{side_b}.b"]
        rows.append("      " + ", ".join(cells))
    head = ", ".join(
        f"{name} ({unit})" + (f", range {name} ({unit})" if name in ranged else "")
        for name, (unit, *_) in _NUMBERS.items()
    )
    return [
        "  # one rack each row: heat to coolant and air, rating of its supplies on one feed, design point;",
        "  # an empty cell takes what stands above the table; beside an assumed number that differs stands its range",
        "  racks:",
        "    model: rack",
        *lines,
        "    table: |",
        f"      name, {head}, supply, return, feed_a, feed_b",
        *_assumed_of_rows(racks),
        *rows,
    ]


def _assumed_of_rows(racks: list[Rack]) -> Iterator[str]:
    """Lines of comment above the rows: what was assumed of which racks."""
    alike = {"liquid": "85 % of the power", "flow": f"for {RISE:g} K from supply to return", "drop": "60 kPa"}
    found: dict[tuple[str, ...], list[str]] = {}
    for rack in racks:
        found.setdefault(tuple(name for name in alike if name in rack.assumed), []).append(rack.name)
    for assumed, names in found.items():
        if assumed:
            yield (
                f"      # assumed of {'every rack' if len(names) == len(racks) else ' '.join(names)}: "
                + "; ".join(f"{name} {alike[name]}" for name in assumed)
            )


def _connections(cdus: dict[str, list[Rack]], feeds: list[dict[str, list[Rack]]]) -> list[str]:
    lines = []
    for k, side in enumerate(feeds, 1):
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


def _power_section(racks: list[Rack], feeds: list[dict[str, list[Rack]]]) -> list[str]:
    """What the plan shall survive, and what it need not: the parts that a rack has once."""
    largest = max(r.power for r in racks) / 1e3
    lines = ["power:", '  it: ["racks.*"]']
    if len(feeds) > 1:
        lines += [
            "  # the plan shall survive the loss of any one utility connection, transformer, UPS or busway",
            '  schemes: [{name: sides, kind: 2N, units: ["ups[1]", "ups[2]"]}]',
        ]
    return [
        *lines,
        f"  # every rack has one power shelf on both feeds: its loss loses that rack alone, at most {largest:.4g} kW;",
        "  # `kelvolt contingencies` lists it with the load it loses, and without the next line it breaks the plan.",
        "  # A row CDU has no second either, and its loss stops all its racks: the plan is broken by it until it",
        "  # has one, or until the CDU stands in the next line, too",
        '  contingencies: {accept_failures: ["racks.*.shelf"]}',
    ]
