"""The commands `kelvolt year` and `kelvolt where`. Each returns the exit status."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.cli import outputs

if TYPE_CHECKING:
    from kelvolt.cli.facility import Command, Commands


def add(commands: Commands, command: Command, add_case: Callable[..., None]) -> None:
    text = (
        "a year in the weather of a site: hours by limit, energy, water, PUE, WUE, ERF and the rows of EU 2024/1364; "
        "exit status 1 when a limit is broken in any hour, 2 when an hour has no solution"
    )
    made = command(commands, "year", _year, text)
    add_case(made)
    made.add_argument("weather", metavar="WEATHER", help="an EPW file, also .gz (needs kelvolt[weather])")
    made.add_argument("--reuse", metavar="PATTERN", action="append", default=[], help="components whose heat is reused")
    made.add_argument("--renewable", metavar="SHARE", help="of the energy that is renewable, such as '40 %%'")
    made.add_argument("--grid-factor", metavar="X", type=float, default=math.nan, help="kg of CO2 per kWh, for CUE")
    _add_drive(made)
    made.add_argument("-o", "--output", metavar="FILE", help="write every hour (netCDF)")
    made.add_argument("--plot", metavar="DIR", help="write a picture of the year (PNG)")
    made = command(
        commands,
        "where",
        _where,
        "in which cities the plant runs at design conditions, and which limit stops it; exit status 1 where one does",
    )
    add_case(made)
    made.add_argument("--vary", metavar="PATH=V1,V2", action="append", default=[], help="a parameter and its values")
    made.add_argument("--city", metavar="NAME", action="append", help="only these cities")
    made.add_argument("--condition", metavar="NAME", action="append", help="'dry bulb 20 years'")
    _add_drive(made)
    made.add_argument("--plot", metavar="DIR", help="write the map (PNG)")


def _add_drive(made: argparse.ArgumentParser) -> None:
    text = "a parameter that the weather drives, by T_dry, T_dew, T_wet, RH or p; default: all outdoor air"
    made.add_argument("--drive", metavar="PATH=COLUMN", action="append", default=[], help=text)


def _pairs(given: list[str], option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for path, sign, value in pairs:
        if not path or not sign or not value:
            raise InputError(f"{option} {path}{sign}{value}: write PATH=VALUE")
    return {path.strip(): value.strip() for path, _, value in pairs}


def _year(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.plots.where import year_curve
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.year import year_sheets, year_text
    from kelvolt.studies.year import year

    outputs.early(options)
    if options.output:
        files.replaceable(options.output, "result")
    case = load(options)
    share = _core.to_si(options.renewable, "1") if options.renewable else math.nan
    found = year(
        case,
        options.weather,
        drive=_pairs(options.drive, "--drive") or None,
        reuse=options.reuse,
        renewable=share,
        grid_factor=options.grid_factor,
    )
    written = []
    if options.output:
        files.write_dataset(Path(options.output), found.dataset, "")
        written.append(Path(options.output))
    tables = {"indicators": found.indicators, "energy": found.energy, "limits": found.limits, "failed": found.failed}
    outputs.finish(
        options,
        lambda: year_text(found, options.units, every=options.full),
        lambda: json_tables(tables),
        lambda: year_sheets(found),
        case=case,
        written=[*written, *outputs.pictures(options.plot, {"year": lambda: year_curve(found)})],
        main="hours",
        whole=found.whole,
    )
    return 2 if len(found.failed) else found.whole.exit_status


def _where(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.reports.flat import json_tables
    from kelvolt.reports.year import where_sheets, where_text
    from kelvolt.studies.sites import RUNS, where

    outputs.early(options)
    case = load(options)
    axes = {path: text.split(",") for path, text in _pairs(options.vary, "--vary").items()}
    asked = {"conditions": options.condition} if options.condition else {}
    found = where(case, axes, cities=options.city, drive=_pairs(options.drive, "--drive") or None, **asked)
    outputs.finish(
        options,
        lambda: f"{case.title}\n\n{where_text(found)}",
        lambda: json_tables({"where": found.table, "counts": found.counts}),
        lambda: where_sheets(found),
        case=case,
        written=outputs.pictures(options.plot, {"where": found.plot}),
    )
    return int(bool((found.table.verdict != RUNS).any()))
