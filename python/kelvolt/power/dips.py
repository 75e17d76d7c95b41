"""Voltage ride-through: every dip of a window at the sources, in time, and what loses its supply or does not come back.

Windows are data (data/checks/power.yaml): points of the voltage that stays and the time for which it does. A plan rides
through a dip when no load loses its supply or, without a store, leaves its input window, no store is empty and no chip
throttles or switches itself off, unless it does so without the dip. What the grid sees beside that is the power that is
not drawn again when the voltage is back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.tables import Table, plain
from kelvolt.base.values import shown, si
from kelvolt.base.verdicts import BROKEN, HELD, Whole, whole
from kelvolt.power.flow import PowerFlow
from kelvolt.power.lines import items
from kelvolt.power.net import Element
from kelvolt.power.ride_before import Since, breaks_anyway, broken_since
from kelvolt.power.ride_rows import STAGES
from kelvolt.power.swings import ITEM

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run

_AT = 1.0  # s of the dip in its run
_BACK = 1.0  # s after the end of a dip at which power counts as lost
_OUT = 1e-3  # share of the voltage below which a source is out
_WINDOW = "input_voltage_min"  # the limit of the window of a load
_WATCHED = frozenset(id for ids in STAGES.values() for id in ids)


@dataclass(frozen=True)
class Dip:
    """One dip and its answer: `verdict` held or broken, `reason` what gave way first and after how many seconds,
    `not_back`: power W that is not drawn again 1 s after the end of the dip (NaN without an answer)."""

    window: str
    voltage: float  # share of the voltage that stays
    duration: float  # s
    verdict: str = HELD
    reason: str = ""
    not_back: float = math.nan


@dataclass(frozen=True)
class Dips:
    """What `kv.dips` returns. `table`: window, voltage (share that stays), duration s, verdict, reason, not_back W."""

    rows: list[Dip]

    @property
    def whole(self) -> Whole:
        return whole(r.verdict for r in self.rows)

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([vars(r) for r in self.rows])

    def __repr__(self) -> str:
        cells = [
            [
                r.window,
                f"{plain(100.0 * r.voltage, 3)} %",
                plain(r.duration, 3),
                plain(1e-3 * r.not_back),
                r.verdict,
                r.reason,
            ]
            for r in self.rows
        ]
        head = ["window", "voltage", "for (s)", "not back after 1 s (kW)", "verdict", "first to give way"]
        return Table(head, cells, {0, 4, 5}).text()


def windows() -> Mapping[str, Sequence[Sequence[float]]]:
    """The shipped windows: pairs of the share of the voltage that stays and the time [s]."""
    return {name: w["points"] for name, w in items()[ITEM]["windows"].items()}


def dipping(flow: PowerFlow) -> list[Element]:
    """The sources that give power in the plan and whose voltage can dip: they state V and are no store."""
    return [e for e in flow.grid.of_role("source") if not flow.stores(e) and e.given > 1.0 and "V" in e.values]


def dips(
    case: Case,
    points: Mapping[str, Sequence[Sequence[float | str]]] | None = None,
    *,
    tolerance: float | None = None,
) -> Dips:
    """Runs every dip of voltage at all sources that give power in the plan, 1 s after the start of its run.

    points: {"name": [(share of the voltage that stays, time), ...]}, by default those of `power: dips:` of the case,
    else of `windows()`; times in s or text. tolerance: of the integrator. A source keeps its impedance during a dip;
    below 0.1 % it is out. Raises InputError for shares outside 0 to 1, times not above 0, a case without such a source;
    what `steady` raises.
    """
    require_case("dips", case)
    flow = PowerFlow(case.steady())
    wanted = points or flow.section.dips or windows()
    asked = [(name, *_point(p)) for name, several in wanted.items() for p in several]
    sources = dipping(flow)
    if not sources:
        raise InputError("dips: no source with a voltage V gives power in this network")
    paths = [f"{e.path}.P" for e in sources]
    longest = max((duration for _, _, duration in asked), default=0.0)
    known = broken_since(_run(case, [], _AT + longest + 2.0 * _BACK, paths, tolerance))
    bare = _without_ride_through(flow)

    def answer(window: str, share: float, duration: float) -> Dip:
        low: dict[str, float] = {}
        usual: dict[str, float] = {}
        for e in sources:
            if share < _OUT and e.service:
                low[f"{e.path}.{e.service}"], usual[f"{e.path}.{e.service}"] = 0.0, 1.0
                continue
            for name, power in (("V", 1.0), ("S_sc", 2.0)):  # Z = V^2/S_sc stays
                if name in e.values:
                    low[f"{e.path}.{name}"] = e.values[name] * max(share, _OUT) ** power
                    usual[f"{e.path}.{name}"] = e.values[name]
        events = [(_AT, low), (_AT + duration, usual)]
        try:
            run = _run(case, events, _AT + duration + 2.0 * _BACK, paths, tolerance)
        except Error as error:
            return Dip(window, share, duration, BROKEN, str(error).splitlines()[0].rstrip(":"))
        return Dip(window, share, duration, *_read(run, paths, bare, known, _AT + duration + _BACK))

    return Dips([answer(*one) for one in asked])


def _point(pair: Sequence[float | str]) -> tuple[float, float]:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise InputError(f"dips: pairs of the share of the voltage that stays and a time are needed, not {shown(pair)}")
    share, duration = si(pair[0], "1", "dips: voltage"), si(pair[1], "s", "dips: time")
    if not (0.0 <= share < 1.0 and 0.0 < duration < math.inf):
        raise InputError(
            f"dips: {share:g} of the voltage for {duration:g} s; give a share from 0 to below 1 and a time"
        )
    return share, duration


def _run(case: Case, events: Any, until: float, record: list[str], tolerance: float | None) -> Run:
    return case.simulate(until, every=0.02, events=events, record=record, tolerance=tolerance, progress=False)


def _without_ride_through(flow: PowerFlow) -> set[str]:
    """Loads that state an input window and neither a store nor a time that they live through: below the window they do
    not work. What other elements lose below theirs, a limit of what they feed tells."""
    models = flow.solution.plant.models
    return {e.path for e in flow.grid.of_role("load") if models[e.type].role == "load"}


def _read(run: Run, paths: list[str], bare: set[str], known: Since, at: float) -> tuple[str, str, float]:
    """Verdict, reason, and the power that is not drawn at the time `at`."""
    first = min(
        (
            v
            for v in run.raw.end.verdicts
            if v.verdict == BROKEN
            and (v.id in _WATCHED or (v.id == _WINDOW and v.element in bare))
            and not math.isnan(v.since)
            and not breaks_anyway(v, known, _AT)
        ),
        key=lambda v: v.since,
        default=None,
    )
    power = np.sum([run[p] for p in paths], axis=0)
    before = float(power[np.searchsorted(run.time, _AT - 1e-9) - 1])
    lost = max(before - float(power[np.searchsorted(run.time, at - 1e-9)]), 0.0)
    if first is None:
        return HELD, "", lost
    return BROKEN, f"{first.id} of {first.element} after {plain(first.since - _AT, 3)} s", lost
