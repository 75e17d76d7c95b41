"""Rows of a ride-through study: what broke after one loss and when, how long its stores last, what it loses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kelvolt.base.tables import Units
from kelvolt.base.verdicts import BROKEN, HELD
from kelvolt.power.autonomy import Autonomy
from kelvolt.power.contingency_rows import lost_text

FED = "fed"  # the limit of a load that has no supply
# the limits that tell when something gives way, by the column that shows the time of the first
STAGES: Mapping[str, tuple[str, ...]] = {
    "throttle": ("chip_throttle", "throttle"),
    "shutdown": ("shutdown_temperature", "switched_off"),
    "empty": ("store_charge",),
    "lost": (FED,),
}
COLUMNS = [
    *("loss", "family", "status", "reason", "verdict", "alike"),
    *(f"{stage}_{what}" for stage in STAGES for what in ("time", "element")),
    *("store", "available", "required"),
    *("lost_load", "lost_undeclared", "first_time", "first_limit", "first_element", "broken"),
]
WORDS = {"throttle": "throttles", "shutdown": "switches itself off", "empty": "is empty", "lost": "has no supply"}
# what a case has to have so that a stage can be told
NEEDED = {
    "throttle": "no chip with T_throttle, no throttle",
    "shutdown": "no chip with T_shutdown",
    "empty": "no store of energy",
    "lost": "no electric load",
}
NOT_MODELLED = "not modelled"
AT_ONCE = 1e-6  # s; what breaks this soon after the loss breaks at it


@dataclass(frozen=True)
class Break:
    """A limit that broke: seconds after the loss, its id and its element."""

    after: float
    id: str
    element: str
    unit: str
    value: float
    limit: float


@dataclass
class Row:
    """One loss: `first` of each stage of `STAGES`, and of any limit; times count from the loss."""

    name: str
    family: str
    alike: int = 1
    status: str = "ok"
    reason: str = ""
    verdict: str = HELD
    stages: dict[str, Break] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)  # in the order of time
    events: list[tuple[float, str, str]] = field(default_factory=list)  # seconds after the loss, component, text
    lost_load: float = 0.0
    lost_undeclared: float = 0.0
    lasts: Autonomy | None = None  # of the stores that carried load, that with the least to spare
    modelled: set[str] = field(default_factory=set)  # stages of which a limit was assessed
    judged: list[Break] = field(default_factory=list)  # limits of `in_time` of the list of checks, broken or held
    values: dict[str, float] = field(default_factory=dict)


def row_cells(r: Row) -> dict[str, Any]:
    """The row as one of a table, by `COLUMNS`."""
    first = r.breaks[0] if r.breaks else None
    cells: dict[str, Any] = {"loss": r.name, "family": r.family, "status": r.status, "reason": r.reason}
    cells |= {"verdict": r.verdict, "alike": r.alike}
    for stage in STAGES:
        cells[f"{stage}_time"] = stage_time(r, stage) if stage in r.stages else math.nan
        cells[f"{stage}_element"] = r.stages[stage].element if stage in r.stages else ""
    known = r.lasts or Autonomy("", math.nan, math.nan)
    cells |= {"store": known.element, "available": known.available, "required": known.required}
    cells |= {"lost_load": r.lost_load, "lost_undeclared": r.lost_undeclared}
    cells["first_time"] = first.after if first else math.nan
    cells["first_limit"] = first.id if first else ""
    cells["first_element"] = first.element if first else ""
    cells["broken"] = len(r.breaks)
    return cells


def stage_time(r: Row, stage: str) -> float:
    return r.stages[stage].after if stage in r.stages else math.inf


def first_time(r: Row) -> float:
    return r.breaks[0].after if r.breaks else math.inf


def seconds_text(x: float) -> str:
    return "-" if math.isnan(x) else "0" if x < AT_ONCE else f"{x:.3g}" if x < 1000.0 else f"{x:.0f}"


def verdict_text(verdict: str, duration: float) -> str:
    return "BROKEN" if verdict == BROKEN else f"held for {duration:.4g} s" if verdict == HELD else verdict


def shown_cells(r: Any, duration: float, u: Units, missing: Mapping[str, str]) -> list[str]:
    """A row of the table as text, under `shown_head`. missing: stages that the case does not model."""
    cells = [r.loss + (f" (of {r.alike} alike)" if r.alike > 1 else "")]
    cells += [NOT_MODELLED if stage in missing else seconds_text(getattr(r, f"{stage}_time")) for stage in STAGES]
    cells += [f"{seconds_text(r.available)} {r.store}".strip(), seconds_text(r.required)]
    cells += [lost_text(r.lost_load, r.lost_undeclared, u) if r.lost_load > 0.0 else "-"]
    first = f"{r.first_limit} of {r.first_element}" if r.first_limit else r.reason
    cells += [first if len(first) <= 70 else first[:69] + "…", seconds_text(r.first_time)]
    return [*cells, verdict_text(r.verdict, duration)]


def shown_head() -> list[str]:
    head = ["loss", *(f"{stage} (s)" for stage in STAGES), "store lasts (s)", "required (s)"]
    return [*head, "lost load", "breaks first", "after (s)", "verdict"]
