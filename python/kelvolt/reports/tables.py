"""All tables of an answer: verdicts, coolant, heat, chips, power network, checks, failures, assumptions, events."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kelvolt.base.paths import chain_of
from kelvolt.cases.branches import Branch
from kelvolt.reports import flat
from kelvolt.reports.sheets import Sheet, frames
from kelvolt.reports.tables_power import MARGIN, STEADY, VALUE, check_sheets, power_sheets

if TYPE_CHECKING:
    import pandas

    from kelvolt import _core
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution
    from kelvolt.reports.answer import Answer

_FLUID = "fluid"
_REST = 1e-12  # m3/s: below it a flow is rounding noise of a flow at rest


def tables(of: Solution | Run | Answer, units: str | None = None) -> dict[str, pandas.DataFrame]:
    """Every table of an answer by its name, with the unit in each heading.

    of: a solution, a run (its end; verdicts are the worst of the whole run), or the answer of a report, which has the
    list of checks and the contingencies of a power network, too. units: None is SI, else "si", "si-field" or "us", as
    printed. The attributes `title` and `state` of each DataFrame say what it is and which operating point it shows.
    Raises InputError for other units.
    """
    return frames([s for s in sheets(of) if len(s.frame)], units)


def sheets(of: Solution | Run | Answer) -> list[Sheet]:
    """The tables as `Sheet`s, also those without rows."""
    from kelvolt.cases.run import Run
    from kelvolt.reports.answer import Answer

    if isinstance(of, Answer):
        return [*solution_sheets(of.solution, of.run), *(check_sheets(of.listed) if of.listed else ())]
    if isinstance(of, Run):
        return [*solution_sheets(of.end, of), *power_sheets(of.end, end_of(of))]
    return [*solution_sheets(of), *power_sheets(of)]


def end_of(run: Run | None) -> str:
    """The operating point of tables that show a solution: the steady state, or the end of its run."""
    return STEADY if run is None else f"end of the run, {run.time[-1]:g} s" if len(run.time) else "start of the run"


def worst_of(run: Run | None) -> str:
    """The operating point of verdicts: the steady state, or for each limit the worst time of its run."""
    if run is None or not len(run.time):
        return STEADY
    return f"worst of the run for each limit, 0 to {run.time[-1]:g} s"


def solution_sheets(solution: Solution, run: Run | None = None) -> Iterator[Sheet]:
    """Verdicts, coolant, heat, chips, values, assumptions and events of a solution, or of the end of its run."""
    import pandas

    core, at = solution._core, end_of(run)
    yield Sheet("summary", "Summary", summary_frame(solution, run), at, by_row=("value",))
    yield verdict_sheet(solution, worst_of(run))
    yield branch_sheet(solution, at)
    yield Sheet("circuits", "Coolant circuits", circuit_frame(solution), at)
    yield Sheet("flows", "Flow and pressure of every element", flow_frame(solution), at)
    yield Sheet("nodes", "Pressure of every node of the coolant", node_frame(solution), at)
    yield Sheet("pumps", "Pumps", pump_frame(solution), at)
    yield Sheet("heat", "Heat balance", heat_frame(solution, run), at)
    yield Sheet("chips", "Chips, hottest first", chip_frame(solution), at)
    yield Sheet("values", "Main results of every component", solution.to_pandas(), at, by_row=("value",))
    if run is not None:
        events = [[e.time, e.component, e.text] for e in run.events]
        frame = pandas.DataFrame(events, columns=["time", "element", "event"])
        yield Sheet("events", "Events of the run", frame, f"run of {run.time[-1]:g} s" if len(run.time) else "")
    of_row = ("value", "minimum", "maximum")
    yield Sheet("assumptions", "Assumed values and ranges", assumption_frame(core), "input", by_row=of_row)
    warnings = pandas.DataFrame({"warning": [*solution.warnings, *core.notes]})
    yield Sheet("warnings", "Warnings and notes", warnings, worst_of(run))


def verdict_sheet(solution: Solution, state: str) -> Sheet:
    """Every limit of case and models at every element, worst first."""
    return Sheet("verdicts", "Limits, tightest first", verdict_frame(solution), state, by_row=VALUE, margins=MARGIN)


def branch_sheet(solution: Solution, state: str) -> Sheet:
    frame = branch_frame(solution)
    return Sheet("branches", "Parallel branches, worst first", frame, state, margins=MARGIN, row_unit="margin_unit")


# ---- frames of a solution ----


def summary_frame(solution: Solution, run: Run | None) -> pandas.DataFrame:
    import pandas

    facts = flat.flat(solution._core, solution, run)
    rows: list[list[object]] = [["verdict", solution.whole.text(), ""]]
    for key, x in facts.items():
        if not isinstance(x, list) and x is not None:
            name, unit = flat.name_and_unit(key)
            rows.append([name, x, unit])
    return pandas.DataFrame(rows, columns=["what", "value", "unit"])


def verdict_frame(solution: Solution) -> pandas.DataFrame:
    """One row per limit and element; `sense` says on which side of the limit the value is held. Of
    a run `time` is that of the smallest margin, `since` when the limit was first broken.

    `kind` is "balance" for the solver's own balances, which count only when they do not close."""
    import pandas

    rows = [
        [
            v.id,
            v.element,
            v.quantity,
            v.value,
            "at most" if v.at_most else "at least",
            v.limit,
            v.unit,
            v.margin,
            v.verdict,
            v.basis,
            reason,
            v.time,
            solution.since(v),
            "balance" if v.is_balance else "case" if v.from_case else "model",
        ]
        for v, reason in zip(solution.raw.verdicts, solution.reasons, strict=True)
    ]
    columns = ["id", "element", "quantity", "value", "sense", "limit", "unit", "margin", "verdict", "basis", "reason"]
    return pandas.DataFrame(rows, columns=[*columns, "time", "since", "kind"])


def branch_frame(solution: Solution) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame([b.row() for b in solution.branch_list()], columns=Branch.columns())


def circuit_frame(solution: Solution) -> pandas.DataFrame:
    import pandas

    columns = [
        "name",
        "medium",
        "closed",
        "m_flow",
        "V_flow",
        "dp",
        "T_low",
        "T_high",
        "approach",
        "volume",
        "capacity",
    ]
    rows = [[getattr(c, k) for k in columns] for c in solution.plant.circuits]
    return pandas.DataFrame(rows, columns=["circuit", *columns[1:]])


def flow_frame(solution: Solution) -> pandas.DataFrame:
    """What each circuit carries through each element: flow, pressure and temperature at both ends, heat taken up."""
    import pandas

    plant, names = solution.plant, {c.number: c.name for c in solution.plant.circuits}
    known = {p.path: p for p in plant.passages}  # the cells of a divided component are one
    pumped = {p.path: p for p in plant.pumps}
    rows = []
    for c, (path, model) in enumerate(zip(plant.topology.paths, plant.topology.types, strict=True)):
        if not plant.ports_of[c]:
            continue
        through, pump = known.get(path, known.get(chain_of(path))), pumped.get(path)
        for x in plant.crossings([c]):
            V_flow = pump.V_flow if pump else x.V_flow
            velocity = through.velocity if through else math.nan
            rest = abs(V_flow) < _REST
            rows.append(
                [
                    path,
                    model,
                    names.get(x.circuit, str(x.circuit)),
                    0.0 if rest else x.m_flow,
                    0.0 if rest else V_flow,
                    velocity,
                    *(x.p_in, x.p_out, x.p_in - x.p_out, x.T_in, x.T_out, x.heat),
                ]
            )
    columns = ["element", "model", "circuit", "m_flow", "V_flow", "velocity", "p_in", "p_out", "dp", "T_in", "T_out"]
    frame = pandas.DataFrame(rows, columns=[*columns, "heat"])
    for column in ("dp", "heat"):
        frame[column] = quiet(frame[column])
    return frame


def quiet(numbers: pandas.Series) -> pandas.Series:
    """The numbers of a column with zero in place of rounding noise, which is 1e-12 of the largest of them."""
    size = numbers.abs()
    return numbers.mask(size < 1e-12 * size.max(), 0.0)


def node_frame(solution: Solution) -> pandas.DataFrame:
    """Pressure of every node of the coolant, with the ports that it joins."""
    import pandas

    plant, t = solution.plant, solution.plant.topology
    ports: dict[int, list[str]] = defaultdict(list)
    for c, number, node in zip(t.port_component, t.port_number, t.port_node, strict=True):
        if 0 <= node and t.node_kinds[node] == _FLUID:
            ports[node].append(f"{t.paths[c]}.{plant.models[t.types[c]].ports[number].name}")
    names = {c.number: c.name for c in plant.circuits}
    rows = [
        [", ".join(of), names.get(t.node_circuit[n], str(t.node_circuit[n])), plant.y[t.node_first[n]]]
        for n, of in sorted(ports.items())
    ]
    return pandas.DataFrame(rows, columns=["joins", "circuit", "p"])


def pump_frame(solution: Solution) -> pandas.DataFrame:
    import pandas

    columns = ["path", "state", "service", "speed", "V_flow", "dp", "P_el", "efficiency"]
    rows = []
    for p in solution.plant.pumps:
        row = {k: getattr(p, k) for k in columns}
        if not (p.on or p.speed > 0.01):  # flow and pressure of a stopped pump are rounding noise
            row |= {"V_flow": 0.0, "P_el": 0.0, "efficiency": math.nan}
        rows.append(row)
    return pandas.DataFrame(rows, columns=columns).rename(columns={"path": "pump"})


def heat_frame(solution: Solution, run: Run | None) -> pandas.DataFrame:
    import pandas

    from kelvolt.reports.summary import heat_rows

    rows = [[name.replace("  ", ""), watts] for name, watts in heat_rows(solution, run is not None)]
    return pandas.DataFrame(rows, columns=["heat_flow", "heat"])


def chip_frame(solution: Solution) -> pandas.DataFrame:
    """Temperatures and power of every chip, the hottest first."""
    import pandas

    plant = solution.plant
    chips = sorted({*plant.having_output("T_die"), *plant.having_output("T_case")})
    columns = ["power", "T_case", "T_die"]
    rows = []
    for c in chips:
        outputs = {o.name for o in plant.models[plant.topology.types[c]].outputs}
        heat = plant.output(c, "P") if "P" in outputs else float(plant.power[c])
        values = [heat, *(plant.output(c, k) if k in outputs else math.nan for k in columns[1:])]
        rows.append([plant.topology.paths[c], plant.topology.types[c], *values])
    frame = pandas.DataFrame(rows, columns=["chip", "model", *columns])
    return frame.sort_values(["T_die", "T_case"], ascending=False, kind="stable", ignore_index=True)


def assumption_frame(core: _core.Case) -> pandas.DataFrame:
    """Every value that is assumed or has a range, with its grade and source."""
    import pandas

    columns = ["path", "parameter", "grade", "value", "minimum", "maximum", "unit", "count", "source"]
    rows = [[getattr(a, k) for k in columns] for a in (*core.assumptions, *core.tolerances)]
    return pandas.DataFrame(rows, columns=columns)
