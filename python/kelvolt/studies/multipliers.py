"""What each binding limit costs: the multipliers of an optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelvolt.base.tables import Units, plain
from kelvolt.base.values import Floats, difference

if TYPE_CHECKING:
    import pandas

Row = tuple[str, float, Floats, str]  # a limit: name, margin, derivative of the margin by the variables, unit


def multipliers(rows: list[Row], objective: Floats) -> pandas.DataFrame:
    """The active limits with their multipliers, by non-negative least squares on the stationarity condition.

    objective: its derivative by the variables. Limits that give way alike, such as those of equal plates side by side,
    are one row.
    """
    import pandas
    from scipy.optimize import nnls

    columns = ["limit", "margin", "multiplier", "unit"]
    if not rows:
        return pandas.DataFrame(columns=columns)
    rows = _folded(rows)
    sizes = np.array([max(np.abs(r[2]).max(), 1e-300) for r in rows])
    slopes = np.array([r[2] / s for r, s in zip(rows, sizes, strict=True)]).T
    weights = nnls(slopes, objective)[0] / sizes
    table = pandas.DataFrame([(r[0], r[1], w, r[3]) for r, w in zip(rows, weights, strict=True)], columns=columns)
    return table.sort_values("multiplier", ascending=False, kind="stable", ignore_index=True)


def saved(multiplier: float, objective: str, limit: str, u: Units) -> list[str]:
    """A multiplier in the units of the reader, and these; objective, limit: the declared units, "" where unknown."""

    def size(declared: str) -> float:
        return u.value(1.0, declared) - u.value(0.0, declared)

    of, per = difference(objective), difference(limit)
    factor = (size(of) if of else 1.0) / size(per)
    return [plain(factor * multiplier, 4), f"{u.unit(of) if of else ''} per {u.unit(per) or '1'}".strip()]


def _folded(rows: list[Row]) -> list[Row]:
    """The limits, with those of the same derivative and unit as one, since only their sum has a multiplier."""
    kept: list[tuple[Row, int]] = []
    for row in rows:
        least = 1e-6 * max(float(np.abs(row[2]).max(initial=0.0)), 1e-300)
        place = next(
            (k for k, (r, _) in enumerate(kept) if r[3] == row[3] and np.allclose(r[2], row[2], rtol=0.0, atol=least)),
            None,
        )
        if place is None:
            kept.append((row, 0))
        else:
            kept[place] = (kept[place][0], kept[place][1] + 1)
    return [(f"{r[0]} and {n} equal to it" if n else r[0], *r[1:]) for r, n in kept]
