"""A run in time and its recorded arrays."""

from __future__ import annotations

import math
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from kelvolt import _core
from kelvolt.base import cf, tables
from kelvolt.base.attributes import in_units
from kelvolt.base.errors import InputError, printable
from kelvolt.base.expressions import Expression, expression_in
from kelvolt.base.values import Floats, Group, converted, evaluated, groups_of, is_path, named_units, path_of
from kelvolt.cases.knobs import knobs_of
from kelvolt.cases.listed import Listed
from kelvolt.cases.solution import Solution

if TYPE_CHECKING:
    from datetime import datetime

    import pandas
    import xarray

    from kelvolt.base.tables import Table
    from kelvolt.cases.time_gradient import TimeGradient


class Run(Listed):
    """A run in time. Rows are the first dimension: `run["tray[*].gpu[*].T_die"]` has the shape (time, tray, gpu), SI.

    Each row has the value at the end of its interval, and the mean, minimum and maximum within the interval.
    """

    def __init__(self, core: _core.Case, raw: _core.Run, file: Path | None = None) -> None:
        self._core = core
        self.raw = raw
        self.file = file
        self._found = raw.recorded
        self._number = {path: i for i, path in enumerate(self._found.paths)}

    def __copy__(self) -> Run:
        return self

    def __deepcopy__(self, memo: object) -> Run:
        return self

    def __reduce__(self) -> NoReturn:
        raise InputError("a run cannot be pickled; keep run.to_xarray() or its result file")

    @property
    def title(self) -> str:
        """The title of its case."""
        return self._core.title

    def meaning(self, path: str, parameter: str) -> str:
        """What the model of a component says of one of its parameters; empty for what is no such parameter."""
        topology = _core.topology(self._core)
        of = dict(zip(topology.paths, topology.types, strict=True))
        params = _core.model(of[path]).params if path in of else []
        return next((p.doc for p in params if p.name == parameter), "")

    @property
    def time(self) -> Floats:
        """Times of the rows [s], a view of the recorded array."""
        return np.asarray(self.raw.time)

    def __getitem__(self, path: str) -> Floats:
        """Recorded values at the rows; (time,) for a plain path, (time, *levels) for a pattern.

        Expressions of what was recorded are read, too, as of `Solution`: `run["max(gpu[*].T_die)"]` has the shape
        (time,). Raises InputError.

        >>> case = kv.load("single_loop")
        >>> run = case.simulate("4 s", every="1 s", progress=False)
        >>> run["gpu.T_die"].shape
        (5,)
        """
        return self.get(path)

    def get(self, path: str, unit: str | None = None, kind: str = "value") -> Floats:
        """Like `run[path]`, in `unit` if given; `kind` is value, mean, minimum or maximum of each interval.

        Raises InputError for an unknown unit or kind, and for what was not recorded."""
        if kind not in cf.KINDS:
            raise InputError(f"kind '{kind}' is none of {', '.join(cf.KINDS)}")
        table = np.asarray(getattr(self.raw, kind))
        expression = self._expression(path_of(path))
        if expression is not None:
            return self._evaluated(expression, unit, kind)
        numbers, group = self._recorded(path)
        shaped = table[:, numbers[0]] if is_path(path) and len(numbers) == 1 else group.shape(table)
        return shaped if unit is None else converted(shaped, self._found.unit(numbers[0]), unit)

    def _expression(self, text: str) -> Expression | None:
        """The expression that is asked for; None for a path or a pattern, which `find` reads."""
        if text in knobs_of(self._core):
            return Expression(f"sum({text})", self._core)
        try:
            self._core.find(text)
        except InputError:
            return expression_in(text, self._core)
        return None

    def _evaluated(self, expression: Expression, unit: str | None, kind: str) -> Floats:
        if kind != "value":
            raise InputError(
                f"'{expression.text}' of the {kind} of each interval would not be its {kind}; ask for kind='value'"
            )
        table = np.asarray(self.raw.value)
        return evaluated(expression, self._core.find, lambda found, path: table[:, self._recorded(path)[0]].T, unit)

    def _values(self) -> _core.Found:
        return self._found

    def find(self, pattern: str = "*") -> list[str]:
        """Recorded paths that the pattern names, or that lie in what it names; `find("*")` lists all of them.

        Raises InputError when the pattern names nothing in the case."""
        named = set(super().find(pattern))
        return [path for path in self if path in named]

    def __contains__(self, path: object) -> bool:
        """Whether everything that a path or pattern of one quantity names was recorded."""
        try:
            return bool(self._recorded(path_of(path))[0])
        except InputError:
            return False

    def _recorded(self, path: str) -> tuple[list[int], Group]:
        asked = self._core.find(path_of(path))
        paths = asked.paths
        groups = groups_of(asked)
        if len(groups) != 1:
            raise InputError(f"'{path}' names {len(groups)} quantities; ask for one, or use to_xarray()")
        missing = [p for p in paths if p not in self._number]
        if missing:
            raise InputError(f'{missing[0]} was not recorded; simulate(record=["{path}"]) or `record: also` adds it')
        g = groups[0]
        numbers = [self._number[paths[i]] for i in g.numbers]
        return numbers, Group(g.name, g.dims, g.sizes, numbers, g.positions)

    def gradient(
        self,
        of: str,
        wrt: str,
        kind: str = "end",
        *,
        width: str | float | None = None,
        estimate: bool = True,
        tolerance: float | None = None,
    ) -> TimeGradient:
        """d/d(wrt) of the value of `of` at the end, or of its integral, mean or soft maximum over the run (`kind`).

        The soft maximum is w ln(1/T int exp(of/w) dt) with the width w; it is a few w below the highest value.
        Shapes are those of `Solution.gradient`. Scheduled events, switches with their times and the steady initial
        state are included. Raises NoGradient, which names the event and the components, where there is no derivative,
        and InputError for wrong arguments. See `kelvolt.cases.time_gradient`.
        """
        from kelvolt.cases.time_gradient import time_gradient

        return time_gradient(self, of, wrt, kind, width=width, estimate=estimate, tolerance=tolerance)

    @property
    def start(self) -> Solution:
        """The steady state from which the run began (without values when it began from a given temperature)."""
        return Solution(self._core, self.raw.start, "start of the run")

    @property
    def end(self) -> Solution:
        """The state at the end; its verdicts and warnings are the worst of the whole run."""
        return Solution(self._core, self.raw.end, f"end of the run, {self._span()}", over_run=True)

    def state(self, row: int) -> Solution:
        """The whole state at a row, counted from 0, with the verdicts of that time; of `simulate(states=True)`.

        Raises InputError for a row without a state: another number, or of a run that kept none.
        """
        if row < 0:
            raise InputError(f"row {row} has no state; rows count from 0")
        return Solution(self._core, self._core.state_of(self.raw, row), f"at {self.time[row]:g} s of the run")

    @property
    def events(self) -> list[_core.Event]:
        return self.raw.events

    @property
    def steps(self) -> int:
        """Steps of the integrator."""
        return self.raw.steps

    @property
    def seconds(self) -> float:
        """Computing time of the integration [s]."""
        return self.raw.seconds

    @property
    def status(self) -> str:
        return self.raw.status

    @property
    def failed(self) -> bool:
        """Whether it ended before its time since there was no further state; `status` says why."""
        return self.status.startswith("failed")

    @property
    def audit(self) -> _core.Audit:
        """Energy and mass across the boundary over the whole run."""
        return self.raw.end.audit

    def check(self) -> pandas.DataFrame:
        """Verdicts over the whole run, worst first; `time`: when the margin was smallest, `since`: first broken."""
        return self.end.check()

    @property
    def verdict(self) -> str:
        """Over the whole run: "broken", "held", or "not assessed" where no limit applies."""
        return self.end.verdict

    @property
    def held(self) -> bool:
        """Whether limits were assessed and none was broken at any time."""
        return self.end.held

    @property
    def begins(self) -> str | None:
        """The moment of t = 0, as "2026-07-01T00:00:00Z"; None where the case does not say it (`run: begins:`)."""
        moment = _core.begins(self._core)
        return None if math.isnan(moment) else _core.stamp(moment)

    def to_xarray(self, units: str | None = None, start: str | datetime | None = None) -> xarray.Dataset:
        """All recorded arrays with their _mean, _min and _max, dimension time first; as `kv.open` reads them.

        `time` is the time since the begin of the run (timedelta64), so that `.resample(time="1min").mean()` and
        `.sel(time="90s")` work; with `start`, the date and time at which the run begins ("2026-11-30 08:00", UTC unless
        it has a zone), or where the case states it (`run: begins:`), it is date and time (datetime64, UTC). `seconds`
        is the time as a number, and `time_bnds` has begin and end of the interval of each row. In SI, or in the units
        of a site: `units` is "si" (degC, kPa, L/min, kW), "si-field" (bar, m3/h) or "us". Attributes are those of the
        CF conventions; `units` is text that UDUNITS and pint read, and states have `flag_values` and `flag_meanings`.
        Raises InputError.

        >>> case = kv.load("single_loop")
        >>> run = case.simulate("4 s", every="1 s", progress=False)
        >>> data = run.to_xarray(units="si")
        >>> data["gpu.T_die"].resample(time="2s").mean().sizes["time"]
        3
        """
        import xarray

        variables: dict[str, Any] = {}
        start = start if start is not None else self.begins
        coords: dict[str, Any] = cf.time_coordinates(self.time, start)
        declared = {}
        for group, unit in named_units(self._found):
            doc = _core.doc_of(self._core, self._found, group.numbers[0])
            for kind, suffix in cf.KINDS.items():
                shaped = group.shape(np.asarray(getattr(self.raw, kind)))
                attrs = cf.value_attributes(unit, doc, kind if suffix else "", over_time=True)
                declared[group.name + suffix] = unit
                variables[group.name + suffix] = (("time", *group.dims), shaped, attrs)
            coords |= cf.level_coordinates(group.name, group.dims, group.sizes)
        attrs = cf.dataset_attributes(self._core.title, f"simulated {self._span()}") | {"status": self.status}
        attrs |= {"begins": self.begins} if self.begins else {}
        dataset = xarray.Dataset(variables, coords=coords, attrs=attrs)
        return dataset if units is None else in_units(dataset, declared, units)

    def to_pandas(self, pattern: str | None = None, kind: str = "value") -> pandas.DataFrame:
        """One column per recorded path (or those of a pattern), one row per time in s.

        >>> case = kv.load("single_loop")
        >>> run = case.simulate("4 s", every="1 s", progress=False)
        >>> list(run.to_pandas("gpu.T_die").columns)
        ['gpu.T_die']
        """
        import pandas

        if kind not in cf.KINDS:
            raise InputError(f"kind '{kind}' is none of {', '.join(cf.KINDS)}")
        table = np.asarray(getattr(self.raw, kind))
        paths = self._found.paths
        if pattern is not None:
            numbers, _ = self._recorded(pattern)
            table, paths = table[:, numbers], [paths[i] for i in numbers]
        return pandas.DataFrame(table, index=pandas.Index(self.time, name="time"), columns=paths)

    def summary(self, units: str = "si") -> str:
        """The printed summary of start, end and everything between."""
        from kelvolt.reports.summary import summary

        return summary(self._core, self.end, run=self, units=units)

    def tables(self, units: str | None = None) -> dict[str, pandas.DataFrame]:
        """Every table of the run by its name, with units in the headings: its end, verdicts at their worst, events."""
        from kelvolt.reports.tables import tables

        return tables(self, units)

    def to_excel(self, file: str | PathLike[str], units: str = "si") -> None:
        """Writes the tables as a workbook, as `Solution.to_excel`. Raises FileError."""
        from kelvolt.reports.files import to_excel

        to_excel(self, file, units)

    def plot(self, folder: str | Path) -> list[Path]:
        """Saves plots in a folder and returns their files. Raises FileError."""
        from kelvolt.cases.case import Case
        from kelvolt.plots.solutions import plot_run

        return plot_run(Case(self._core), self, Path(folder))

    def _rows(self) -> Table:
        rows = [[f"{e.time:g}", e.component, e.text] for e in self.events]
        return tables.Table(["t (s)", "element", "event"], rows)

    def _span(self) -> str:
        return f"{self.time[-1]:g} s" if len(self.time) else "no time"

    def _head(self) -> str:
        count = f"{len(self.time)} rows of {len(self._found)} values"
        return f"{self._core.title or 'run'}: {self._span()}, {count}, {self.steps} steps, {self.status}"

    def __repr__(self) -> str:
        return printable(f"{self._head()}\n{self._rows().text()}")

    def _repr_html_(self) -> str:
        return self._rows().html(self._head())
