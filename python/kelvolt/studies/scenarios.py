"""Operating cases side by side: the case as given and each scenario that it declares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution

AS_GIVEN = "as given"


def scenarios(case: Case, values: Sequence[str] = ()) -> pandas.DataFrame:
    """The steady states of the case as given and of each of its scenarios, one column each.

    Rows: "verdict" ("held", "broken", "not assessed", or the kind of error where there is no solution) and "broken"
    (the limits that are); then the paths of `values`, each a parameter, unknown or output, SI; then for each limit the
    least margin over all its elements on the scale by which verdicts are sorted (over the limit, over 10 K for
    temperatures), NaN where it is not assessed. Index: kind ("verdict", "value", "margin"), name, unit. Raises
    InputError for a case without scenarios and for a path that names nothing.
    """
    import pandas

    require_case("scenarios", case)
    if not case.scenarios:
        raise InputError("scenarios: the case declares none; write scenarios: {winter: {set: {ambient.T: -5 degC}}}")
    if isinstance(values, str):
        values = [values]
    found = {AS_GIVEN: _column(case, values)}
    found |= {name: _column(case.scenario(name), values) for name in case.scenarios}
    rows = list(dict.fromkeys(key for column in found.values() for key in column))
    rows.sort(key=lambda key: ("verdict", "value", "margin").index(key[0]))
    data = {name: [column.get(key, math.nan) for key in rows] for name, column in found.items()}
    index = pandas.MultiIndex.from_tuples(rows, names=["kind", "name", "unit"])
    return pandas.DataFrame(data, index=index, dtype=object)


def _column(case: Case, values: Sequence[str]) -> dict[tuple[str, str, str], Any]:
    paths = [(p, u) for pattern in values for p, u in _named(case, pattern)]
    try:
        solution = case.steady()
    except Error as error:
        return {("verdict", "verdict", ""): type(error).__name__, ("verdict", "broken", ""): str(error).splitlines()[0]}
    column: dict[tuple[str, str, str], Any] = {("verdict", "verdict", ""): solution.whole.word}
    broken = [v for v in solution.raw.verdicts if v.verdict == "broken"]
    column["verdict", "broken", ""] = ", ".join(dict.fromkeys(f"{v.id} of {v.scope}" for v in broken))
    column |= {("value", path, unit): float(solution.get(path)) for path, unit in paths}
    return column | {("margin", id, "1"): share for id, share in _margins(solution).items()}


def _named(case: Case, pattern: str) -> list[tuple[str, str]]:
    found = case.core.find(pattern)
    return [(path, found.unit(k)) for k, path in enumerate(found.paths)]


def _margins(solution: Solution) -> dict[str, float]:
    """The least margin of each limit over all its elements, on the scale by which verdicts are sorted."""
    least: dict[str, float] = {}
    for v in solution.raw.verdicts:
        if v.verdict != "not assessed" and not v.is_balance:
            least[v.id] = min(least.get(v.id, math.inf), v.closeness)
        else:
            least.setdefault(v.id, math.nan)
    return {id: x for id, x in least.items() if not math.isnan(x)}
