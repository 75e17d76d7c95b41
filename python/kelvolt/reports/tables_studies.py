"""Tables of studies: ranges of results, sizing, commissioning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kelvolt.reports.sheets import SHARE, Sheet
from kelvolt.reports.tables_power import MARGIN, STEADY

if TYPE_CHECKING:
    import pandas
    import xarray

    from kelvolt.studies.measured import Comparison
    from kelvolt.studies.ranges import Ranges
    from kelvolt.studies.sizing_problem import Sizing

_GATES = ("predicted", "low", "high", "gate_low", "gate_high", "measured", "before")


def range_sheets(found: Ranges) -> Iterator[Sheet]:
    """What a solution may be over the ranges of the assumed values."""
    state = "steady state at each draw of the assumed values"
    values, spread = ("nominal", "p5", "p50", "p95", "mean"), ("sd",)
    yield Sheet("ranges", "What the main results may be", found.main, state, by_row=values)
    yield Sheet("range_limits", "Probability that limits hold", found.limits, state)
    yield Sheet("range_inputs", "Values that were varied", found.inputs, "input", by_row=("value", "low", "high"))
    yield Sheet("range_shares", "Share of the variance by input", found.shares, state, {"share": SHARE})
    title = "Percentiles of every recorded value"
    yield Sheet("range_percentiles", title, found.percentiles, state, by_row=values, margins=spread)
    yield Sheet("range_sobol", "Sobol indices", found.sobol, state)


def size_sheets(found: Sizing) -> Iterator[Sheet]:
    """The design with its margins and the choices that were tried."""
    import pandas

    state = f"{STEADY} at the design"
    rows = [[k, x, found.units.get(k, "")] for k, x in found.design.items()]
    rows.append([f"minimised: {found.minimised}", found.objective, found.objective_unit])
    yield Sheet("margins", "Limits by their margin", found.margins, state, margins=MARGIN)
    design = pandas.DataFrame(rows, columns=["what", "value", "unit"])
    yield Sheet("design", "Design", design, state, by_row=("value",))
    saved = {"multiplier": found.objective_unit}
    yield Sheet("binding", "Binding limits", found.binding, state, margins=MARGIN, per_row=saved)
    units = {**found.units, "objective": found.objective_unit}
    yield Sheet("candidates", "Choices that were tried", found.candidates, state, units, of_case=True)


def points_sheet(points: pandas.DataFrame) -> Sheet:
    """Every reading of a commissioning plan with its band and its gates."""
    return Sheet("points", "Readings with bands and gates", points, STEADY, by_row=_GATES)


def measured_sheets(found: Comparison) -> Iterator[Sheet]:
    """Every reading against its gates, the sensors against each other, hints."""
    import pandas

    state = "measured, against the steady state of the case"
    off = ("deviation", "change")
    yield Sheet("points", "Readings against their gates", found.table, state, by_row=_GATES, margins=off)
    sensors = found.consistency.table
    yield Sheet("sensors", "Do sensors agree with each other?", sensors, state, by_row=("value", "expected"))
    yield Sheet("hints", "What broken gates suggest", pandas.DataFrame({"hint": found.hints}), state)


def sweep_sheets(dataset: xarray.Dataset) -> Iterator[Sheet]:
    """One row for each point of a sweep; values of arrays in a table of their own for each set of dimensions.

    Units are those that the arrays state.
    """
    dims = tuple(map(str, dataset["status"].dims))
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, variable in dataset.data_vars.items():
        groups.setdefault(tuple(map(str, variable.dims)), []).append(str(name))
    for of, names in groups.items():
        more = [d for d in of if d not in dims]
        frame = dataset[names].to_dataframe().reset_index() if of else dataset[names].to_pandas().to_frame().T
        units = {str(k): str(v.attrs.get("units", "")) for k, v in dataset.variables.items()}
        title = "Every point of the sweep" if not more else f"Every point of the sweep, by {', '.join(more)}"
        name = "points" if of == dims else "by_" + "_".join(more or ["sweep"])
        yield Sheet(name, title, frame, "steady state or end of the run of each point", units, of_case=True)


def validation_sheets(rows: list[dict[str, Any]]) -> Iterator[Sheet]:
    """Every comparison of the validation, and one row for each of its cases."""
    import pandas

    flat = [{k: x for k, x in row.items() if not isinstance(x, list | dict)} for row in rows]
    yield Sheet("cases", "Validation cases", pandas.DataFrame(flat))
    each = [
        {"case": row.get("name", ""), **comparison}
        for row in rows
        for values in row.values()
        if isinstance(values, list)
        for comparison in values
        if isinstance(comparison, dict)
    ]
    yield Sheet("comparisons", "Every comparison", pandas.DataFrame(each))
