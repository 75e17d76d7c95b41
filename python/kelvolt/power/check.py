"""The list of power checks for one case: solved plan, every failure, transfer schemes and, if given, a run in time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.tables import Table, Units, plain
from kelvolt.base.verdicts import HELD, Whole, whole
from kelvolt.power.contingencies import Contingencies, contingencies
from kelvolt.power.dips import Dips, dipping, dips
from kelvolt.power.fault_levels import FaultLevels, computed_levels, levels_of
from kelvolt.power.flow import PowerFlow
from kelvolt.power.items import Items
from kelvolt.power.lines import Line
from kelvolt.power.protection import Protection
from kelvolt.power.ridethrough import RideThrough, ridethrough
from kelvolt.power.schemes import Statement, statements
from kelvolt.power.swings import Swings, declares, recorded_power, tells
from kelvolt.power.swings import swings as swings_of

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution


class PowerCheck:
    """What `kv.power_check` returns: seventeen items, each assessed or with the reason why it is not.

    `table`: item, check, quantity, element, of (elements compared), value, unit, limit, basis, margin, verdict (held,
    broken, stated, target met, target missed, not assessed), reason; SI. `contingencies`, `statements`, `guarded` and
    `ride` hold the contingency study, the transfer schemes, the protection and the ride-through from which it was made.
    """

    def __init__(
        self,
        flow: PowerFlow,
        table: Contingencies | None,
        plans: list[Statement],
        run: Run | None,
        guarded: Protection | None = None,
        ride: RideThrough | None = None,
        swings: Swings | None = None,
        dips: Dips | None = None,
    ) -> None:
        if table is not None and ride is not None:  # one verdict for each failure
            table = table.in_time(ride)
        self.flow, self.contingencies, self.statements, self.guarded = flow, table, plans, guarded
        self.ride, self.swings, self.dips = ride, swings, dips
        self.lines: list[Line] = list(Items(flow, table, plans, run, guarded, ride, swings, dips).lines())

    @property
    def whole(self) -> Whole:
        return whole(x.verdict for x in self.lines)

    @property
    def held(self) -> bool:
        """Whether something was assessed and nothing is broken."""
        return self.whole.word == HELD

    @cached_property
    def table(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame([vars(x) for x in self.lines], columns=[f.name for f in fields(Line)])

    def text(self, units: str = "si") -> str:
        """The printed list."""
        return self.as_table(Units(units)).text()

    def as_table(self, u: Units) -> Table:
        return line_table(self.lines, u)

    def __repr__(self) -> str:
        return self.text()


def line_table(lines: Iterable[Line], u: Units) -> Table:
    """Lines of the list as a table, in their order."""
    rows, before = [], 0
    for x in lines:
        head = [str(x.item), x.check] if x.item != before else ["", ""]
        before = x.item
        if x.verdict == "not assessed":
            rows.append([*head, x.quantity or "-", "", "", "", "not assessed: " + x.reason])
            continue
        many = f" (worst of {x.of})" if x.of > 1 else ""
        limit = "" if math.isnan(x.limit) else shown(x, x.limit, u)
        verdict = x.verdict.upper() if x.verdict == "broken" else x.verdict
        said = "; ".join(p for p in (x.basis, x.reason) if p)
        verdict += f": {said}" if said else ""
        rows.append([*head, x.quantity, x.element + many, shown(x, x.value, u), limit, verdict])
    columns = ["item", "check", "quantity", "element", "value", "limit", "verdict and basis"]
    return Table(columns, rows, {1, 2, 3, 4, 5, 6})


def shown(line: Line, x: float, u: Units) -> str:
    """A value as text: shares in per cent, PUE and counts as plain numbers."""
    if math.isinf(x):
        return "never" if line.unit == "s" else "beyond any"
    if line.unit != "1":
        return u.text(x, line.unit)
    return f"{plain(100.0 * x, 3)} %" if line.is_share else f"{x:.0f}" if line.is_count else plain(x)


def power_check(
    case: Case,
    solution: Solution | None = None,
    *,
    run: Run | None = None,
    failures: bool = True,
    fault_levels: FaultLevels | pandas.DataFrame | None = None,
    ride: bool | RideThrough = False,
    swings: bool | Swings = True,
) -> PowerCheck | None:
    """The list of checks for a case; None for a case without an electric network.

    solution: the state to check, by default the steady state of the case. run: gives peak and RMS loadings, if it
    recorded the paths of `recorded(case)`. failures: True also solves every single failure. fault_levels: short-circuit
    currents for the selectivity of protective devices, as in `kv.selectivity`; without them those of `short_circuit`.
    ride: True also runs every loss and every dip of voltage in time (`kv.ridethrough`, `kv.dips`, minutes for a hall),
    or a study of the losses made before.
    swings: True also makes the run that `power: swings:` declares (`kv.swings`), or takes `run` where its rows are
    close enough; or a study of it made before.
    Raises what `steady` raises, InputError for a wrong `power:` section, TypeError for what is no case or solution.
    """
    require_case("power_check", case)
    solution = solution or case.steady()
    flow = PowerFlow(solution)
    if not flow.grid:
        return None
    guarded = Protection(flow, computed_levels(case, solution) if fault_levels is None else levels_of(fault_levels))
    table = contingencies(case, plan=solution) if failures else None
    study = ridethrough(case) if ride is True else ride or None
    swung = _swings(case, run) if swings is True else swings or None
    dipped = dips(case) if ride is True and dipping(flow) else None
    return PowerCheck(flow, table, statements(case, flow=flow), run, guarded, study, swung, dipped)


def _swings(case: Case, run: Run | None) -> Swings | None:
    """The run of load swings that the case declares, else its own run where that tells them; None without either."""
    if declares(case):
        return swings_of(case)
    return Swings(run) if run is not None and tells(run) else None


def recorded(case: Case) -> list[str]:
    """What a run has to record for peak and RMS values and for load swings: loadings and powers of a power network.

    Nothing for a case without one, also where its filters or valves have a loading.
    """
    electric = {p.kind for m in _core.models() for p in m.ports if p.electric > 0.0}
    if electric.isdisjoint(_core.topology(case.core).node_kinds):
        return []
    try:
        case.core.find("**.loading")
    except InputError:
        return []
    try:
        return ["**.loading", *([] if declares(case) else recorded_power(case))]
    except InputError:  # only parts of the coolant loop have a loading
        return []


def json_rows(solution: Solution, listed: PowerCheck | None) -> list[dict[str, Any]]:
    """Rows for JSON: the limits of case and models, then the list of checks, whose rows have an item."""
    from kelvolt.cases.solution import verdict_rows

    rows = verdict_rows(solution)
    return rows + [{"id": f"item {x.item}", "time": 0.0, **vars(x)} for x in (listed.lines if listed else [])]
