"""Commands of the power network: flow, contingencies, profiles. Each returns the exit status of `kelvolt`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import InputError
from kelvolt.base.verdicts import whole
from kelvolt.cli import facility, outputs
from kelvolt.cli.facility import Command, Commands
from kelvolt.power.outages import FAMILIES

if TYPE_CHECKING:
    import xarray

    from kelvolt.cases.case import Case
    from kelvolt.power.flow import PowerFlow
    from kelvolt.power.schemes import Statement
    from kelvolt.reports.sheets import Sheet


def add(
    commands: Commands,
    command: Command,
    add_case: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Adds the commands of the power network with the helper functions of the main parser."""
    _add_power(commands, command, add_case)
    _add_contingencies(commands, command, add_case)
    _add_profile(commands, command)
    facility.add(commands, command, add_case)


def _add_power(commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]) -> None:
    text = "solve the power network: voltages, loading, losses by stage and space, PUE, transfer schemes"
    made = command(commands, "power", _power, text)
    add_case(made)
    made.add_argument("--plot", metavar="DIR", help="write the one-line diagram (SVG) and the loss Sankey (PNG, HTML)")


def _add_contingencies(
    commands: Commands, command: Command, add_case: Callable[[argparse.ArgumentParser], None]
) -> None:
    text = (
        "lose every component in turn: loading, lost load, voltage, hottest die; exit status 1 when one breaks the plan"
    )
    made = command(commands, "contingencies", _contingencies, text)
    add_case(made)
    made.add_argument("-n", type=int, default=1, metavar="N", help="lose up to N together (1; 0: only declared ones)")
    made.add_argument(
        "--also", metavar="A+B", action="append", default=[], help="lose these together, e.g. 'ups_a + cdu'"
    )
    made.add_argument("--families", metavar="LIST", help="of " + ",".join(FAMILIES))
    made.add_argument(
        "--alike",
        metavar="SHARE",
        help="solve like failures once if their power differs by less, e.g. '2 %%'; 0: solve each",
    )
    made.add_argument("--accept-lost", metavar="PATTERN", action="append", default=[], help="loads that may be lost")
    made.add_argument("-o", "--output", metavar="FILE", help="write loading, voltages and dies of each (netCDF)")
    made.add_argument("--plot", metavar="DIR", help="write the heat map (PNG)")


def _add_profile(commands: Commands, command: Command) -> None:
    text = "make a load profile of training or inference, or measure a power trace (CSV)"
    made = command(commands, "profile", _profile, text)
    made.add_argument(
        "what", metavar="training|inference|TRACE", help="a kind of load to make, or a CSV file to measure"
    )
    made.add_argument(
        "-o", "--output", metavar="FILE", help="CSV for a case's `profiles: {csv: ...}` (default: KIND.csv)"
    )
    made.add_argument("--gpus", type=int, default=72, metavar="N", help="72")
    made.add_argument("--tdp", default="1.2 kW", help="of one GPU (1.2 kW)")
    made.add_argument("--duration", default="60 s", help="60 s")
    made.add_argument("--step", metavar="TIME", help="between samples (10 ms for training, 100 ms for inference)")
    made.add_argument("--seed", type=int, default=0, help="equal seeds give equal profiles (0)")
    made.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="figures",
        help="a statistic, e.g. period=1, duty=0.8, low=0.35, bursts=0 (SI)",
    )
    made.add_argument(
        "--column",
        choices=("activity", "gpu_power", "rack_power"),
        default="activity",
        help="what is written (activity)",
    )
    made.add_argument(
        "--to", metavar="PATH", help="parameter of a case that it drives: the lines for the case are printed"
    )
    made.add_argument(
        "--rating", metavar="VALUE", help="rating of the supply, e.g. '150 kW': peak and RMS are shown over it"
    )
    made.add_argument("--window", default="15 min", help="over which demand is averaged (15 min)")
    made.add_argument("--json", action="store_true", help="print one JSON value instead (SI)")
    outputs.add(made)


def _profile(options: argparse.Namespace) -> int:
    from kelvolt.power import traces as power_traces

    outputs.early(options)
    if options.what not in ("training", "inference"):
        if options.figures or options.output or options.to:
            raise InputError(f"{options.what} is measured; -o, --set and --to go with training and inference")
        _print_statistics(power_traces.read_traces(options.what), options)
        return 0
    made = _generated(options)
    file = Path(options.output or f"{options.what}.csv")
    columns = power_traces.write_traces(file, made, [options.column], decimals=6 if options.column == "activity" else 1)
    _print_statistics(made[["rack_power"]], options)
    if not options.json:
        print(f"written: {file} ({len(columns)} columns)")
        if options.to:
            paths = [options.to.replace("*", str(k)) for k in range(1, len(columns) + 1)]
            each = options.to.count("*") == 1 and len(columns) > 1
            print(power_traces.profile_yaml(file, columns if each else columns[:1], paths if each else [options.to]))
    return 0


def _generated(options: argparse.Namespace) -> xarray.Dataset:
    from kelvolt.power import profiles as power_profiles

    make = power_profiles.training_profile if options.what == "training" else power_profiles.inference_profile
    figures: dict[str, Any] = {"step": _core.seconds(options.step)} if options.step else {}
    for text in options.figures:
        name, equals, value = text.partition("=")
        try:
            numbers = [float(x) for x in value.split("..")]
        except ValueError:
            equals = ""
        if not equals:
            raise InputError(f"--set {text}: write NAME=VALUE, or NAME=LOW..HIGH, in SI")
        figures[name.strip()] = numbers[0] if len(numbers) == 1 else tuple(numbers)
    tdp, duration = _core.to_si(options.tdp, "W"), _core.seconds(options.duration)
    return make(options.gpus, tdp=tdp, duration=duration, seed=options.seed, **figures)


def _print_statistics(traces: xarray.Dataset, options: argparse.Namespace) -> None:
    from kelvolt.base.tables import Table, plain
    from kelvolt.power.traces import trace_statistics
    from kelvolt.reports.flat import jsonable

    window, rows, numbers = _core.seconds(options.window), [], {}
    for name, array in traces.data_vars.items():
        unit = array.attrs.get("units", "1")
        rating = _core.to_si(options.rating, unit) if options.rating else None
        s = trace_statistics(traces["time"].values, array.values, window)
        numbers[str(name)] = s.row() | {"unit": unit}
        if rating is not None:
            numbers[str(name)] |= {"peak_loading": s.peak / rating, "rms_loading": s.rms / rating}
        per = rating or 1.0
        rows.append(
            [
                str(name),
                "of rating" if rating else unit,
                *(plain(x / per) for x in (s.mean, s.rms, s.peak, s.lowest, s.demand)),
                plain(s.crest, 3),
                plain(s.ramp_up / per, 3),
                plain(s.ramp_down / per, 3),
                plain(s.frequency, 3),
                plain(100.0 * s.share, 3),
            ]
        )
    demand = f"demand ({plain(min(window, float(traces['time'][-1] - traces['time'][0])), 3)} s)"
    head = [
        "trace",
        "in",
        "mean",
        "RMS",
        "peak",
        "lowest",
        demand,
        "crest",
        "up (/s)",
        "down (/s)",
        "f (Hz)",
        "share (%)",
    ]
    outputs.finish(
        options,
        lambda: Table(head, rows, left={1}).text(),
        lambda: {n: {k: jsonable(x) for k, x in v.items()} for n, v in numbers.items()},
        lambda: [_statistics_sheet(numbers)],
    )


def _statistics_sheet(numbers: dict[str, dict[str, Any]]) -> Sheet:
    import pandas

    from kelvolt.reports.sheets import Sheet

    rows = [{"trace": name} | row for name, row in numbers.items()]
    by_row = ("mean", "rms", "peak", "lowest", "demand", "ramp_up", "ramp_down")
    return Sheet("statistics", "Statistics of each trace", pandas.DataFrame(rows), "the whole trace", by_row=by_row)


# ---- flow ----


def _power(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.power import schemes
    from kelvolt.reports.studied import full_text, power_text
    from kelvolt.reports.tables_power import STEADY, flow_sheets, transfer_sheet

    outputs.early(options)
    case = load(options)
    solution = case.steady()
    flow = solution.power_flow()
    if not flow.grid:
        raise InputError(f"{options.case}: this case has no electric network")
    found = schemes.statements(case)
    together = solution.whole + whole("held" if s.held else "broken" for s in found)
    drawn = _draw(flow, case, Path(options.plot), options.units) if options.plot else []

    def text() -> str:
        if not options.full:
            return power_text(case, flow, found, together, options.units)
        every = max(len(flow.grid.elements), len(flow.grid.buses))
        schemed = f"\n\nTransfer schemes\n{schemes.statement_text(found, options.units)}" if found else ""
        return full_text(case, together, f"{flow.summary(options.units, every)}{schemed}")

    def sheets() -> list[Sheet]:
        return [*flow_sheets(flow, STEADY), transfer_sheet(found)]

    outputs.finish(options, text, lambda: _flow_json(flow, found), sheets, case=case, written=drawn, main="buses")
    return together.exit_status


def _flow_json(flow: PowerFlow, found: list[Statement]) -> dict[str, Any]:
    from kelvolt.power.schemes import transfer_table
    from kelvolt.reports.flat import json_rows, jsonable

    s = flow.shares
    parts = (
        "total",
        "it",
        "compute",
        "cooling",
        "distribution",
        "other",
        "supplied",
        "generated",
        "exported",
        "stored",
    )
    sums = {k: jsonable(getattr(s, k)) for k in parts}
    ratios = {k: jsonable(getattr(s, k)) for k in ("pue", "ppue_power", "ppue_cooling", "itue", "tue")}
    return {
        "power_W": sums,
        **ratios,
        "it_boundary": s.boundary,
        "imbalance": flow.imbalance,
        "buses": json_rows(flow.buses),
        "elements": json_rows(flow.elements),
        "losses_W": json_rows(flow.losses.reset_index(names="stage")),
        "transfers": json_rows(transfer_table(found)),
    }


def _draw(flow: PowerFlow, case: Case, folder: Path, units: str) -> list[Path]:
    from kelvolt.plots.oneline import one_line
    from kelvolt.plots.power import loss_sankey
    from kelvolt.plots.sheet import sheet_of

    files.folder(folder)
    title = case.title
    line, still, live = (folder / name for name in ("one_line.svg", "loss_sankey.png", "loss_sankey.html"))
    files.write_text(line, one_line(flow, title, sheet=sheet_of(case, "one-line diagram", units)), "drawing")
    files.write_picture(still, loss_sankey(flow, title=title), dpi=150)
    try:
        files.write_page(live, loss_sankey(flow, title=title, engine="plotly"))
    except ImportError:  # plotly is an optional dependency
        return [line, still]
    return [line, still, live]


# ---- contingencies ----


def _contingencies(options: argparse.Namespace) -> int:
    from kelvolt.cli.commands import load
    from kelvolt.plots.contingencies import contingency_map
    from kelvolt.power.contingencies import contingencies
    from kelvolt.reports.flat import json_rows
    from kelvolt.reports.studied import contingency_text, full_text
    from kelvolt.reports.tables_power import contingency_sheet

    case = load(options)
    if options.output:
        files.replaceable(options.output, "result")  # raises before anything is solved
    outputs.early(options)
    also = [[part.strip() for part in text.split("+")] for text in options.also]
    more: dict[str, Any] = {"families": [x.strip() for x in options.families.split(",")]} if options.families else {}
    if options.alike:
        more["alike"] = _core.to_si(options.alike, "1")
    found = contingencies(case, options.n, also, accept_lost=options.accept_lost, **more)
    written: list[Path] = []
    if options.output:
        files.write_dataset(options.output, found.dataset)
        written.append(Path(options.output))
    written += outputs.pictures(options.plot, {"contingencies": lambda: contingency_map(found, title=case.title)})
    together = whole([found.rows[0].verdict]) + found.whole

    def text() -> str:
        if options.full:
            return full_text(case, together, found.summary(options.units, len(found.brief)), "state")
        return contingency_text(case, found, together, options.units)

    outputs.finish(
        options,
        text,
        lambda: json_rows(found.table),
        lambda: [contingency_sheet(found)],
        case=case,
        written=written,
        whole=together,
    )
    return together.exit_status
