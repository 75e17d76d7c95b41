"""Transfer schemes (2N, N+1, 3-to-make-2, 4-to-make-3, block redundant): the load that their arithmetic allows, and
the load that each failure transfers to every other unit in the solved network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import covers
from kelvolt.base.tables import Table, Units, plain
from kelvolt.power.flow import PowerFlow
from kelvolt.power.net import Element
from kelvolt.power.protective import devices
from kelvolt.power.section import Scheme, section_of

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Unit:
    """One unit of a scheme, which may consist of several elements; W."""

    name: str
    elements: tuple[str, ...]
    carries: float  # in the plan
    capacity: float  # NaN when its model states no rating
    loading: float  # over rating, of the element loaded most


@dataclass(frozen=True)
class Transfer:
    """One failure and the load that one surviving unit then carries."""

    scheme: str
    failed: str
    survivor: str
    before: float
    after: float
    share: float  # of what the failed unit carried
    loading: float
    status: str
    reason: str


@dataclass(frozen=True)
class Overload:
    """What trips first after one failure, if the loads stay as they are."""

    failed: str
    first: str  # empty: nothing trips
    seconds: float  # infinite: never

    def share(self, reaction: float) -> float:
        """A reaction time [s] over the time of the first trip; infinite where that trips at once."""
        return reaction / self.seconds if self.seconds > 0.0 else math.inf


@dataclass(frozen=True)
class Statement:
    """What a scheme requires of its units, and whether the solved network fulfils it."""

    scheme: Scheme
    units: tuple[Unit, ...]
    normal_limit: float  # of a unit's rating, so that one loss is survivable
    survivors: int
    surviving_load: float  # all load over the capacity that is left after the worst loss
    transfers: tuple[Transfer, ...]
    overloads: tuple[Overload, ...] = ()

    @property
    def surviving_capacity(self) -> float:
        """Capacity left when the largest unit is lost [W]; NaN when a capacity is not known."""
        capacity = [u.capacity for u in self.units]
        return sum(capacity) - max(capacity)

    @property
    def worst_normal(self) -> Unit:
        return max(self.units, key=lambda u: -1.0 if math.isnan(u.loading) else u.loading)

    @property
    def normal_use(self) -> float:
        """The worst unit's load over the load that the arithmetic allows."""
        return self.worst_normal.loading / self.normal_limit

    @property
    def held(self) -> bool:
        """Whether no unit is above what the arithmetic allows and no survivor above its rating after any failure."""
        over = [t for t in self.transfers if t.status != "ok" or t.loading > 1.0 + 1e-6]
        return (
            not over and not self.worst_normal.loading > self.normal_limit + 1e-6 and not self.surviving_load > 1 + 1e-6
        )

    @property
    def arithmetic(self) -> str:
        n = len(self.units) - (1 if self.scheme.catcher else 0)
        said = {
            "2N": f"two sides carry one load: each at most 1/2 = {self.normal_limit:.1%}",
            "N+1": f"{n - 1} of {n} suffice: each at most {n - 1}/{n} = {self.normal_limit:.1%}",
            "3-to-make-2": f"two of three suffice: each at most 2/3 = {self.normal_limit:.1%}",
            "4-to-make-3": f"three of four suffice: each at most 3/4 = {self.normal_limit:.1%}",
            "block redundant": f"{n} blocks at most at 100 %, one catcher idle that takes any one of them",
        }
        return said[self.scheme.kind]


def statements(case: Case, schemes: Sequence[Scheme] | None = None, flow: PowerFlow | None = None) -> list[Statement]:
    """A statement on each scheme of the case (`power: schemes:`), solved in the plan and with every unit lost in turn.

    flow: the power flow of the plan, where it is known already. Raises InputError when a scheme names no unit, or a
    number of units that its kind does not have.
    """
    wanted = section_of(case).schemes if schemes is None else schemes
    if not wanted:
        return []
    flow = flow or PowerFlow(case.steady())
    return [_statement(case, flow, scheme) for scheme in wanted]


_COUNTS = {"2N": 2, "3-to-make-2": 3, "4-to-make-3": 4}


def _statement(case: Case, flow: PowerFlow, scheme: Scheme) -> Statement:
    groups = _groups(flow, scheme)
    if len(groups) != _COUNTS.get(scheme.kind, len(groups)) or len(groups) < 2:
        needed = _COUNTS.get(scheme.kind, "two or more")
        raise InputError(
            f"power.schemes: {scheme.name} is {scheme.kind}, which has {needed} units; {', '.join(scheme.units)} name "
            f"{len(groups)}"
        )
    units = tuple(_unit(name, members) for name, members in groups.items())
    n = len(units) - (1 if scheme.catcher else 0)
    limit = 1.0 if scheme.kind == "block redundant" else (n - 1) / n
    transfers: list[Transfer] = []
    overloads: list[Overload] = []
    for unit in units:
        if unit.name != scheme.catcher:
            rows, first = _transfers(case, flow, scheme, units, unit)
            transfers += rows
            overloads += first
    return Statement(scheme, units, limit, len(units) - 1, _surviving(units), tuple(transfers), tuple(overloads))


def _groups(flow: PowerFlow, scheme: Scheme) -> dict[str, list[Element]]:
    """Elements by unit: each element that a pattern names is a unit, `+` joins elements that fail together."""
    groups: dict[str, list[Element]] = {}
    for text in (*scheme.units, *([scheme.catcher] if scheme.catcher else [])):
        parts = [p.strip() for p in text.split("+")]
        found = [[e for e in flow.grid.elements if covers(p, e.path) and e.passes] for p in parts]
        for p, several in zip(parts, found, strict=True):
            if not several:
                raise InputError(f"power.schemes: {scheme.name}: '{p}' names no element that passes power on")
        if len(parts) > 1:
            groups[text] = [e for several in found for e in several]
        else:
            groups |= {e.path: [e] for e in found[0]}
    return groups


def _unit(name: str, members: list[Element]) -> Unit:
    """A unit of elements in series: it carries what the last one gives, and its capacity is the least of theirs."""
    carries = min(e.given for e in members)
    rated = [e for e in members if not math.isnan(e.loading)]
    capacity = min((capacity_of(e) for e in rated), default=math.nan)
    loading = max((e.loading for e in rated), default=math.nan)
    return Unit(name, tuple(e.path for e in members), carries, capacity, loading)


def capacity_of(e: Element) -> float:
    """Power that an element gives at its rating [W]: as stated, else the power it gives divided by its loading."""
    rated, units = e.values.get("P_rated", math.nan), e.values.get("units", 1.0)
    if not math.isnan(rated):
        return rated * units
    return e.given / e.loading if e.loading > 1e-6 else math.nan


def _surviving(units: tuple[Unit, ...]) -> float:
    """All load over the capacity left when the largest unit is lost; NaN when a capacity is not known."""
    capacity = [u.capacity for u in units]
    left = sum(capacity) - max(capacity)
    return sum(u.carries for u in units) / left if left > 0.0 else math.nan


def _transfers(
    case: Case, flow: PowerFlow, scheme: Scheme, units: tuple[Unit, ...], failed: Unit
) -> tuple[list[Transfer], list[Overload]]:
    changed = case.copy()
    survivors = [u for u in units if u is not failed]
    services = {e.path: e.service for e in flow.grid.elements}
    try:
        for path in failed.elements:
            changed[f"{path}.{services[path]}"] = 0.0
        now_flow = PowerFlow(changed.steady(guess=flow.solution))
    except InputError:
        raise
    except Error as error:
        reason = str(error).splitlines()[0]
        lost = [
            Transfer(
                scheme.name, failed.name, u.name, u.carries, math.nan, math.nan, math.nan, type(error).__name__, reason
            )
            for u in survivors
        ]
        return lost, []
    after = {e.path: e for e in now_flow.grid.elements}
    rows = []
    for u in survivors:
        now = _unit(u.name, [after[p] for p in u.elements])
        share = (now.carries - u.carries) / failed.carries if failed.carries > 0.0 else math.nan
        reason = f"{now.loading:.0%} of its rating" if now.loading > 1.0 + 1e-6 else ""
        rows.append(
            Transfer(scheme.name, failed.name, u.name, u.carries, now.carries, share, now.loading, "ok", reason)
        )
    return rows, [_first_trip(flow, now_flow, failed)]


# converters: load over rating and the time for which it is carried, as AEG and Riello UPS data sheets have it
_OVERLOAD = ((1.0, math.inf), (1.25, 600.0), (1.5, 60.0))


def _first_trip(plan: PowerFlow, after: PowerFlow, failed: Unit) -> Overload:
    """The device or converter that trips first at the currents after a failure, warm from those of the plan."""
    first = Overload(failed.name, "", math.inf)
    warm = devices(plan)
    for path, d in devices(after).items():
        before = warm[path].element.values["I"]
        seconds = float(d.times([d.element.values["I"]], before)[0][0])
        if seconds < first.seconds:
            first = Overload(failed.name, path, seconds)
    for e in after.grid.of_role("converter"):
        if "P_battery" in e.values and not math.isnan(e.loading):
            seconds = next((t for share, t in _OVERLOAD if e.loading <= share + 1e-6), 0.0)
            if seconds < first.seconds:
                first = Overload(failed.name, e.path, seconds)
    return first


# ---- tables ----


def transfer_table(found: Sequence[Statement]) -> pandas.DataFrame:
    """One row per failure and survivor: before and after W, share of the lost load, loading after; SI."""
    import pandas

    columns = list(Transfer.__dataclass_fields__)
    return pandas.DataFrame([vars(t) for s in found for t in s.transfers], columns=columns)


def statement_text(found: Sequence[Statement], units: str = "si") -> str:
    u = Units(units)
    parts = []
    for s in found:
        head = f"{s.scheme.name}: {s.scheme.kind}; {s.arithmetic}"
        worst = s.worst_normal
        lines = [
            f"  normal: {worst.name} at {plain(100 * worst.loading, 3)} % of its rating, "
            f"{plain(100 * s.normal_limit, 3)} % allowed",
            f"  all load over what is left after the largest loss: {plain(100 * s.surviving_load, 3)} %",
        ]
        rows = [
            [
                t.failed,
                t.survivor,
                u.text(t.before, "W", 3),
                u.text(t.after, "W", 3),
                plain(100.0 * t.share, 3),
                plain(100.0 * t.loading, 3),
                t.status if t.status != "ok" else t.reason,
            ]
            for t in s.transfers
        ]
        columns = ["lost", "survivor", "before", "after", "takes (%)", "loading (%)", ""]
        table = Table(columns, rows, {1, 2, 3, 6}).text("  ")
        parts.append("\n".join([head, *lines, table, f"  {'held' if s.held else 'BROKEN'}"]))
    return "\n\n".join(parts)
