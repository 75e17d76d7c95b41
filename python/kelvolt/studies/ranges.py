"""Ranges: the spread of a case's results that follows from the ranges of its uncertain values.

Every value graded as assumed, and every value whose source states a range, gets a distribution. Values are drawn by
Latin hypercube (scipy.stats.qmc) or after Saltelli (SALib). Each draw is solved starting from the nominal solution, so
the results depend on n and seed alone. An assumed value is one unknown number wherever it is used; manufacturing spread
between the elements of an array is given separately.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base.errors import Error, InputError
from kelvolt.base.kinds import require_case
from kelvolt.base.paths import any_element
from kelvolt.base.progress import Progress, solve_bar
from kelvolt.base.tables import Table, Units, html_of_parts, text_of_parts
from kelvolt.base.values import Floats, bounded, converted, path_of, si_unit
from kelvolt.base.verdicts import HELD, Key, assessed
from kelvolt.cases.solution import Solution
from kelvolt.studies.main_values import MainLines
from kelvolt.studies.ranges_inputs import Inputs

if TYPE_CHECKING:
    import pandas

    from kelvolt.cases.case import Case


@dataclass(frozen=True)
class Ranges:
    """Results for uncertain values; SI. Rows of `samples` and `values` are draws; those that failed hold NaN."""

    inputs: pandas.DataFrame  # name, unit, value, low, high, distribution, count, source
    skipped: pandas.DataFrame  # name, reason: uncertain, but not varied
    main: pandas.DataFrame  # quantity, unit, nominal, p5, p50, p95
    percentiles: pandas.DataFrame  # path, unit, nominal, p5, p50, p95, mean, sd of every recorded value
    limits: pandas.DataFrame  # limit, count, probability that all its elements hold, its 95 % interval; "all"
    shares: pandas.DataFrame  # of, input, share of the variance of ranks (squared Spearman correlation)
    sobol: pandas.DataFrame  # of, input, S1, S1_conf, ST, ST_conf; empty unless asked for
    samples: pandas.DataFrame  # [n, inputs that are one number]
    values: Floats  # [n, recorded values]
    failed: list[tuple[int, str]]  # draw and reason
    recorded: _core.Found

    def __getitem__(self, path: str) -> Floats:
        """Recorded values (n, elements), SI. Raises InputError when nothing of that name was recorded."""
        return self.get(path)

    def get(self, path: str, unit: str | None = None) -> Floats:
        """Like `ranges[path]`, in `unit` if one is given instead of SI: `ranges.get("gpu[*].T_die", "degC")`.

        Raises InputError, also for a unit of another quantity.
        """
        paths = self.recorded.paths
        wanted = [k for k, p in enumerate(paths) if path in (p, any_element(p))]
        if not wanted:
            raise InputError(f"{path} was not recorded; give record=['{path}']")
        found = self.values[:, wanted[0]] if path in paths else self.values[:, wanted]
        return found if unit is None else converted(found, self.recorded.unit(wanted[0]), unit)

    def summary(self, units: str = "si") -> str:
        """Text: main quantities with 5, 50 and 95 %, probabilities that limits hold, the inputs that matter most."""
        return text_of_parts(list(self.tables(Units(units))))

    def tables(self, u: Units) -> list[tuple[str, Table]]:
        """What `summary` prints: tables, each with its title."""
        n = len(self.values)
        rows = [
            [r.quantity, *(u.text(x, r.unit) for x in (r.nominal, r.p5, r.p50, r.p95))] for r in self.main.itertuples()
        ]
        title = f"Ranges ({n} draws of {len(self.inputs)} uncertain values, {len(self.failed)} failed)"
        parts = [(title, Table(["quantity", "nominal", "5 %", "50 %", "95 %"], rows))]
        rows = [
            [r.limit, str(r.count), f"{100 * r.probability:.1f} %", f"{100 * r.low:.1f} to {100 * r.high:.1f} %"]
            for r in self.limits.sort_values("probability", kind="stable").itertuples()
        ]
        head = ["limit", "elements", "probability", "95 % interval"]
        parts.append(("Probability that limits hold", Table(head, rows)))
        top = self.shares.groupby("of", sort=False).head(5)
        least = max(0.03, _chance(n - len(self.failed), self.samples.shape[1]))
        rows = [[r.of, r.input, f"{100 * r.share:.0f} %"] for r in top.itertuples() if r.share > least]
        title = f"What the spread comes from (shares above {100 * least:.0f} %; below it may be chance)"
        if rows:
            parts.append((title, Table(["of", "input", "share"], rows, left={1})))
        if len(self.skipped):
            rows = [[_named(list(g["name"])), str(why)] for why, g in self.skipped.groupby("reason", sort=False)]
            parts.append(("Uncertain but not varied", Table(["value", "reason"], rows, left={1})))
        return parts

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return html_of_parts(list(self.tables(Units())))


def uncertainty(
    case: Case,
    n: int = 1000,
    seed: int = 1,
    *,
    distribution: str = "triangular",
    distributions: Mapping[str, Any] | None = None,
    spread: Mapping[str, Any] | None = None,
    assumed: bool = True,
    record: Sequence[str] = (),
    sobol: int = 0,
    threads: int | None = None,
    progress: Progress = None,
) -> Ranges:
    """Draws the uncertain values n times and solves the steady state of each draw.

    distribution: used for every range: "triangular" (mode at the value), "uniform", or "normal" (mean at the value,
        standard deviation a quarter of the range, cut off at its ends).
    distributions: by path or pattern, a frozen distribution of scipy.stats in SI to use instead, or `kv.times` of one
        for factors on the case's values, also on curves. Values that the case calls certain may be given, too. All
        elements of a pattern share one number.
    spread: by pattern, also of curves, factors that each element draws by itself, in addition to what they share: the
        relative standard deviation of a normal distribution cut off at three deviations (manufacturing,
        {"tray[*].gpu_plate[*].R": 0.05}), or a frozen distribution of factors (ageing of the thermal interface,
        {"tray[*].gpu[*].R_jc": lognorm(0.15, scale=1.2)}).
    assumed: False keeps the assumed values fixed: only what is given here varies, and a draw stands for one rack.
    record: patterns recorded in addition to the key outputs of every model. progress: as in `sweep`.
    sobol: base sample (a power of 2) of Sobol indices of the main quantities by SALib; takes sobol * (inputs + 2)
        solves. Inputs that move no main quantity at the nominal point (by the gradient, 1e-6 of all) are left out.
    Raises InputError when nothing is uncertain or an argument is not understood, and what `steady` raises at the
    nominal point. Draws that cannot be solved are listed in `failed` with their reason.

    >>> kv.uncertainty(kv.load("single_loop"), 20).get("gpu.T_die", "degC").shape
    (20,)
    """
    require_case("uncertainty", case)
    if not isinstance(n, Integral) or n < 10:
        raise InputError(f"n = {n!r}: percentiles need at least 10 draws")
    inputs = Inputs(case, distribution, distributions or {}, spread or {}, assumed)
    inputs.refuse_none()
    base = case.steady()
    recorded = _recorded(case, record)
    draws = _drawn(n, seed, inputs, recorded)
    work = _Draws(inputs, base, recorded, threads or os.cpu_count() or 1, progress)
    values, held, failed = work.solve(draws)
    lines = MainLines(recorded)
    main = lines.of(values)
    return Ranges(
        inputs.table(),
        inputs.skipped_table(),
        _percentiles(lines.names, lines.units, lines.of(work.nominal[None])[0], main, "quantity"),
        _percentiles(recorded.paths, _units(recorded), work.nominal, values, "path", moments=True),
        _probabilities(work.keys, held),
        _shares(inputs, draws, lines.names, main),
        _sobol(inputs, work, lines, base, sobol, seed),
        inputs.samples(draws),
        values,
        failed,
        recorded,
    )


def _named(names: list[str], most: int = 3) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _drawn(n: int, seed: int, inputs: Inputs, recorded: _core.Found) -> Floats:
    """The draws [n, columns of the inputs], from 0 to 1."""
    from scipy.stats import qmc

    bounded(n, inputs.columns, "ranges: draws of inputs", "give fewer draws")
    bounded(n, len(recorded), "ranges: draws", "give fewer draws")
    drawn: Floats = qmc.LatinHypercube(inputs.columns, rng=np.random.default_rng(seed)).random(n)
    return drawn


def _recorded(case: Case, record: Sequence[str]) -> _core.Found:
    """The key outputs and what is recorded in addition to them, without repetition."""
    parts = [_core.key_outputs(case.core)]
    seen = set(parts[0].paths)
    for pattern in [record] if isinstance(record, str) else record:
        found = case.core.find(path_of(pattern))
        known = seen.intersection(found.paths)
        parts += [case.core.find(p) for p in found.paths if p not in known] if known else [found]
        seen.update(found.paths)
    return _core.joined(parts)


def _units(found: _core.Found) -> list[str]:
    return [found.unit(k) for k in range(len(found))]


class _Draws:
    """Solves draws in threads, starting from the nominal solution; each thread has its own case and curves."""

    def __init__(self, inputs: Inputs, base: Solution, recorded: _core.Found, threads: int, progress: Progress) -> None:
        self.progress = progress
        self.inputs, self.base, self.recorded, self.threads = inputs, base, recorded, threads
        self.nominal = np.asarray(base.raw.read(recorded)).copy()
        self.keys = list(assessed(base.raw.verdicts))
        self._place = {key: k for k, key in enumerate(self.keys)}

    def solve(self, draws: Floats) -> tuple[Floats, Floats, list[tuple[int, str]]]:
        """Values [n, recorded], verdicts [n, limits] (1 held, 0 broken, NaN not known), failed draws."""
        from kelvolt.studies.sizing import in_threads

        n = len(draws)
        values, held = np.full((n, len(self.recorded)), np.nan), np.full((n, len(self.keys)), np.nan)
        failed: list[tuple[int, str]] = []
        drawn = self.inputs.quantiles(draws)

        def part(rows: Any) -> None:
            setter = self.inputs.setter()
            for k in rows:
                if stopped:
                    return
                solved()
                try:
                    raw = setter.at(drawn[k]).steady(self.base.raw)
                except Error as error:
                    failed.append((int(k), error.message))
                    continue
                values[k] = np.asarray(raw.read(self.recorded))
                verdicts = raw.verdicts
                for key, number in assessed(verdicts).items():
                    place = self._place.get(key)
                    if place is not None:
                        held[k, place] = verdicts[number].verdict == HELD

        stopped: list[bool] = []
        with solve_bar(self.progress, n, "draw") as solved:
            parts = np.array_split(np.arange(n), self.threads)
            in_threads(part, parts, self.threads, stop=lambda: stopped.append(True))
        return values, held, sorted(failed)


def _percentiles(
    names: list[str], units: list[str], nominal: Floats, values: Floats, head: str, moments: bool = False
) -> pandas.DataFrame:
    import pandas

    good = values[~np.isnan(values).all(axis=1)] if values.size else values
    if not len(good):
        raise InputError("none of the draws could be solved; the ranges go far beyond what this case can be solved for")
    p5, p50, p95 = np.percentile(good, [5, 50, 95], axis=0)
    columns = {head: names, "unit": [si_unit(u) for u in units], "nominal": nominal, "p5": p5, "p50": p50, "p95": p95}
    if moments:
        columns |= {"mean": good.mean(axis=0), "sd": good.std(axis=0, ddof=1)}
    frame = pandas.DataFrame(columns)
    frame.attrs["declared"] = list(units)
    return frame


def _probabilities(keys: list[Key], held: Floats) -> pandas.DataFrame:
    """Per kind of limit: the share of solved draws in which all its elements hold, with Wilson's interval."""
    import pandas

    solved = held[~np.isnan(held).all(axis=1)]
    kinds = list(dict.fromkeys(k[0] for k in keys))
    rows = []
    for kind in ["all", *kinds]:
        columns = [i for i, k in enumerate(keys) if kind in ("all", k[0])]
        good = int((~(solved[:, columns] == 0.0).any(axis=1)).sum())
        rows.append((kind, len(columns), *_wilson(good, len(solved))))
    return pandas.DataFrame(rows, columns=["limit", "count", "probability", "low", "high"])


def _wilson(good: int, n: int, z: float = 1.959964) -> tuple[float, float, float]:
    """A proportion with its 95 % interval (Wilson 1927)."""
    if n == 0:
        return np.nan, 0.0, 1.0
    p, a = good / n, z * z / n
    middle, half = (p + a / 2) / (1 + a), z / (1 + a) * np.sqrt(p * (1 - p) / n + a / (4 * n))
    return p, max(0.0, middle - half), min(1.0, middle + half)


def _shares(inputs: Inputs, draws: Floats, names: list[str], main: Floats) -> pandas.DataFrame:
    """Squared rank correlation (Spearman) of every main quantity with every value drawn; noise is about 1/n.

    Ranks are used because a few draws near thermal runaway would otherwise make up most of the variance. A quantity
    that a controller holds constant (within 1e-4 of its size) has no shares.
    """
    import pandas

    good = ~np.isnan(main).any(axis=1)
    x, rows = inputs.samples(draws)[good].rank(), []
    for k, name in enumerate(names):
        y = main[good, k]
        if good.sum() > 30 and np.ptp(y) > 1e-4 * max(abs(y).max(), 1e-300):
            shares = (x.corrwith(pandas.Series(y, index=x.index).rank()) ** 2).sort_values(ascending=False)
            rows += [(name, label, float(share)) for label, share in shares.items()]
    return pandas.DataFrame(rows, columns=["of", "input", "share"])


def _chance(n: int, inputs: int) -> float:
    """The share that at least one of so many inputs without effect exceeds by chance in 5 % of studies of n draws."""
    from scipy.stats import norm

    return float(norm.ppf(1.0 - 0.025 / max(inputs, 1)) ** 2 / max(n, 1))


def _sobol(inputs: Inputs, work: _Draws, lines: MainLines, base: Solution, n: int, seed: int) -> pandas.DataFrame:
    import pandas

    columns = ["of", "input", "S1", "S1_conf", "ST", "ST_conf"]
    if not n:
        return pandas.DataFrame(columns=columns)
    if n & (n - 1):
        raise InputError(f"sobol={n}: the base sample is a power of 2, such as {1 << (n.bit_length() - 1)}")
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    kept = inputs.that_matter(base, work.recorded)
    places = [c for name in kept for c in inputs.columns_of(name)]
    groups = [name for name in kept for _ in inputs.columns_of(name)]
    problem = {
        "num_vars": len(places),
        "names": [f"x{k}" for k in range(len(places))],
        "groups": groups,
        "bounds": [[0.0, 1.0]] * len(places),
    }
    unit = sample.sample(problem, n, calc_second_order=False, seed=seed)
    draws = np.tile(inputs.nominal(), (len(unit), 1))
    draws[:, places] = np.clip(unit, 1e-12, 1 - 1e-12)
    values, _, failed = work.solve(draws)
    if failed:
        raise InputError(f"Sobol indices need every draw; {len(failed)} failed, the first: {failed[0][1]}")
    rows = []
    for k, name in enumerate(lines.names):
        y = lines.of(values)[:, k]
        if np.ptp(y) <= 1e-12 * max(abs(y).max(), 1e-300):
            continue
        s = analyze.analyze(problem, y, calc_second_order=False, print_to_console=False, seed=seed)
        rows += list(zip([name] * len(kept), kept, s["S1"], s["S1_conf"], s["ST"], s["ST_conf"], strict=True))
    return pandas.DataFrame(rows, columns=columns).sort_values(["of", "ST"], ascending=[True, False], ignore_index=True)
