"""The command `kelvolt harmonics`. It returns the exit status."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.base.paths import without_indices
from kelvolt.base.tables import Table, plain
from kelvolt.base.verdicts import whole
from kelvolt.cli import outputs

if TYPE_CHECKING:
    from kelvolt.cli.facility import Command, Commands
    from kelvolt.power.harmonics import Harmonics
    from kelvolt.power.lines import Line

_TABLES = ("buses", "branches", "transformers", "delivery", "loads")
_ROWS = 12  # printed of each table


def add(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    text = (
        "harmonics of the loads' spectra: voltage and current distortion, K-factor, neutral currents, resonances; exit "
        "status 1 when a limit is broken"
    )
    made = command(commands, "harmonics", _harmonics, text)
    add_case(made)
    made.add_argument(
        "--bus", metavar="NAME", help="bus of the pictures and the resonances (the one with most distortion)"
    )
    made.add_argument(
        "--summation", choices=("phasor", "iec"), help="how currents add: with their angles, or by IEC 61000-3-6"
    )
    made.add_argument("--plot", metavar="DIR", help="write the spectra and the impedance over frequency (PNG)")


def _harmonics(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.power.frequency import frequency_scan, resonances
    from kelvolt.power.harmonic_lines import HarmonicJudge
    from kelvolt.power.harmonics import harmonics
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.tables_power import harmonic_sheets

    outputs.early(options)
    case = load(options)
    study = harmonics(case, summation=options.summation)
    if not len(study.buses):
        raise InputError(f"{options.case}: this case has no live AC network")
    judge = HarmonicJudge(study)
    lines = [*judge.lines(), *judge.neutral()]
    bus = study.bus_named(options.bus or str(study.buses.bus.iloc[0])).name
    scan = frequency_scan(study.flow, bus)
    written: list[Path] = []
    if options.plot:
        written += _pictures(study, bus, files.folder(options.plot))
    if options.json:
        rows = {name: json_rows(getattr(study, name)) for name in _TABLES} | {
            "resonances": json_rows(resonances(scan)),
            "orders": study.orders,
            "summation": study.summation,
            "verdicts": [_json_line(x) for x in lines],
        }
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(f"{case.title}\n\n{_text(study, lines)}")
        found = [f"order {plain(r.order, 3)}, {r.kind}, {plain(r.Z, 3)} ohm" for r in resonances(scan).itertuples()]
        print(f"\nResonances seen from {bus}: {'; '.join(found) or 'none up to order 50'}")
    every = whole(x.verdict for x in lines)
    sheets = list(harmonic_sheets(study, scan, lines))
    told = outputs.facts(case, sheets, options)
    outputs.say(options, [*written, *outputs.write(options, sheets, main="buses", facts=told, whole=every)])
    return every.exit_status


def _json_line(line: Line) -> dict[str, Any]:
    return {k: None if isinstance(x, float) and x != x else x for k, x in vars(line).items()}


def _pictures(study: Harmonics, bus: str, folder: Path) -> list[Path]:
    from kelvolt.plots.harmonics import harmonic_spectrum, impedance_scan

    made = {"harmonic_spectrum": harmonic_spectrum(study, bus), "impedance_scan": impedance_scan(study, bus)}
    for name, figure in made.items():
        files.write_picture(folder / f"{name}.png", figure, dpi=150)
    return [folder / f"{name}.png" for name in made]


def _text(study: Harmonics, lines: list[Line]) -> str:
    way = "with their angles" if study.summation == "phasor" else "by the exponents of IEC 61000-3-6"
    parts = [f"Orders {', '.join(map(str, study.orders)) or 'none'}; currents add {way}."]
    shares = {"THD", "largest", "TDD", "neutral_over_phase", "load", "I_max", "loss", "I"}
    for name in _TABLES:
        table = getattr(study, name)
        if not len(table):
            continue
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in table.to_dict("records"):  # sorted: the first of a group is the largest
            name_of, port = (str(x) for x in list(row.values())[:2])
            groups.setdefault((without_indices(name_of), "" if name == "buses" else port), []).append(row)
        rows = []
        for members in list(groups.values())[:_ROWS]:
            row, cells = members[0], []
            first = next(iter(row))
            row[first] += f" (largest of {len(members)})" if len(members) > 1 else ""
            for column, x in row.items():
                percent = column in shares and not (column == "I" and name == "branches")
                cells.append(
                    str(x) if isinstance(x, str | int) else f"{plain(100.0 * x, 3)} %" if percent else plain(float(x))
                )
            rows.append(cells)
        more = f", the first {_ROWS} of {len(groups)} kinds" if len(groups) > _ROWS else ""
        parts.append(f"\n{name}{more}\n{Table(list(table.columns), rows, {0, 1, 2}).text()}")
    verdicts = []
    for x in lines:
        said = "; ".join(p for p in (x.basis, x.reason) if p)
        value, limit = (
            "" if v != v else f"{plain(100.0 * v, 3)} %" if x.is_share else plain(v) for v in (x.value, x.limit)
        )
        word = x.verdict.upper() if x.verdict == "broken" else x.verdict
        verdicts.append([x.quantity, x.element, value, limit, f"{word}: {said}"])
    head = ["quantity", "element", "value", "limit", "verdict and basis"]
    return "\n".join(parts) + "\n\n" + Table(head, verdicts, {0, 1, 4}).text()


def _shown(line: Line, x: float) -> str:
    if math.isnan(x):
        return ""
    return f"{plain(100.0 * x, 3)} %" if line.is_share else plain(x)
