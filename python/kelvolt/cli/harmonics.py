"""The command `kelvolt harmonics`. It returns the exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import InputError
from kelvolt.base.tables import plain
from kelvolt.base.verdicts import whole
from kelvolt.cli import outputs

if TYPE_CHECKING:
    from kelvolt.cli.facility import Command, Commands
    from kelvolt.power.lines import Line


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
    from kelvolt.plots.harmonics import harmonic_spectrum, impedance_scan
    from kelvolt.power.frequency import frequency_scan, resonances
    from kelvolt.power.harmonic_lines import HarmonicJudge
    from kelvolt.power.harmonics import TABLES, harmonics
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.studied import harmonics_text
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
    spectra = {"harmonic_spectrum": harmonic_spectrum, "impedance_scan": impedance_scan}
    written = outputs.pictures(options.plot, {name: partial(draw, study, bus) for name, draw in spectra.items()})

    def told() -> dict[str, Any]:
        return {name: json_rows(getattr(study, name)) for name in TABLES} | {
            "resonances": json_rows(resonances(scan)),
            "orders": study.orders,
            "summation": study.summation,
            "verdicts": [_json_line(x) for x in lines],
        }

    def text() -> str:
        found = [f"order {plain(r.order, 3)}, {r.kind}, {plain(r.Z, 3)} ohm" for r in resonances(scan).itertuples()]
        last = f"Resonances seen from {bus}: {'; '.join(found) or 'none up to order 50'}"
        return harmonics_text(case, study, lines, last, options.units, every=options.full)

    every = whole(x.verdict for x in lines)
    sheets = harmonic_sheets(study, scan, lines)
    outputs.finish(options, text, told, lambda: sheets, case=case, written=written, main="buses", whole=every)
    return every.exit_status


def _json_line(line: Line) -> dict[str, Any]:
    return {k: None if isinstance(x, float) and x != x else x for k, x in vars(line).items()}
