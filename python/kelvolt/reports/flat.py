"""The summary as one flat dictionary, for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution


def flat(core: _core.Case, solution: Solution, run: Run | None = None) -> dict[str, object]:
    """The summary as one flat dictionary; SI. Values that a case does not have are None."""
    plant, raw = solution.plant, solution.raw
    branches = solution.branch_list()
    steady = run.raw.start if run is not None else raw
    main = plant.circuits[plant.main_circuit] if plant.circuits else None
    failed = run is not None and run.failed  # without an audit
    result: dict[str, object] = {
        "title": core.title,
        "unknowns": raw.unknowns,
        "newton_iterations": steady.newton_iterations,
        "solve_seconds": run.raw.seconds if run is not None else raw.seconds,
        "heat_to_liquid_W": plant.balance.to_liquid,
        "heat_from_pumps_to_liquid_W": plant.balance.from_pumps,
        "heat_from_liquid_W": plant.balance.from_liquid,
        "heat_to_air_W": plant.balance.to_air,
        "pump_power_W": plant.balance.pumps,
        "total_flow_kg_s": main.m_flow if main else None,
        "total_volume_m3": main.volume if main else None,
        "approach_K": _number(main.approach) if main else None,
        "T_case_max_K": _peak(plant.having_output("T_case"), "T_case", solution, run),
        "T_die_max_K": _peak(plant.having_output("T_die"), "T_die", solution, run),
        "T_die_basis": die_basis(core, solution),
        "worst_branch": branches[0].branch if branches else None,
        "branches": len(branches),
        "audit.energy_relative": None if failed else raw.audit.energy_relative,
        "audit.mass_relative": None if failed else raw.audit.mass_relative,
        "audit.entropy_production_W_per_K": _number(raw.entropy_production),
        "limits_broken": solution.whole.broken,
        "limits_held": solution.whole.held,
        "limits_not_assessed": solution.whole.not_assessed,
        "assumed": [f"{a.path}.{a.parameter}" for a in core.assumptions],
        "warnings": [*solution.warnings, *core.notes],
    }
    if run is not None:
        result |= {
            "status": run.status,
            "duration_s": float(run.time[-1]) if len(run.time) else 0.0,
            "steps": run.steps,
            "jacobians": run.raw.jacobians,
            "restarts": run.raw.restarts,
            "events": [{"time_s": e.time, "element": e.component, "text": e.text} for e in run.events],
        }
    return result


# units at the end of a key, the longer ones first, with the declared unit of the value
_ENDINGS = (
    ("_W_per_K", "W/K"),
    ("_kg_s", "kg/s"),
    ("_seconds", "s"),
    ("_m3", "m3"),
    ("_W", "W"),
    ("_K", "K"),
    ("_s", "s"),
)


def name_and_unit(key: str) -> tuple[str, str]:
    """A key of the summary as a name and the declared unit of its value: "T_die_max_K" as T_die_max in K."""
    ending, unit = next(((e, u) for e, u in _ENDINGS if key.endswith(e)), ("", ""))
    return (key.removesuffix(ending) if ending != "_seconds" else key), "delta_K" if key == "approach_K" else unit


def json_rows(table: pandas.DataFrame) -> list[dict[str, object]]:
    """The rows of a table as JSON objects."""
    return [{str(k): jsonable(x) for k, x in row.items()} for row in table.to_dict("records")]


def json_tables(tables: Mapping[str, pandas.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """The rows of several tables by their names."""
    return {name: json_rows(table) for name, table in tables.items()}


def jsonable(x: object) -> object:
    """The value with None in place of infinities and NaN, which JSON does not have."""
    return None if isinstance(x, float) and not math.isfinite(x) else x


def _number(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _peak(components: list[int], output: str, solution: Solution, run: Run | None) -> float | None:
    """The highest value of an output; for a run over its whole time if it was recorded."""
    values = [solution.plant.output(c, output) for c in components]
    if run is not None:
        paths = {f"{solution.plant.topology.paths[c]}.{output}" for c in components}
        columns = [i for i, p in enumerate(run.raw.recorded.paths) if p in paths]
        if columns:
            values = [float(np.max(np.asarray(run.raw.maximum)[:, columns]))]
    return _number(max(values, default=math.nan))


def die_basis(core: _core.Case, solution: Solution) -> str | None:
    """The basis of die temperatures: whether the junction-to-case resistance is given or assumed, and its range."""
    plant = solution.plant
    chips = plant.having_output("T_die")
    if not chips:
        return None
    assumed = [a for a in core.assumptions if a.parameter == "R_jc"]
    values = {plant.parameter(c, "R_jc") for c in chips}
    span = " to ".join(f"{v:g}" for v in sorted({min(values), max(values)}))
    if not assumed:
        return f"junction-to-case resistance {span} K/W as given"
    ranges = "; ".join(f"{a.path} {a.minimum:g} to {a.maximum:g} K/W" for a in assumed if math.isfinite(a.minimum))
    return f"assumed junction-to-case resistance {span} K/W" + (f" ({ranges})" if ranges else "")
