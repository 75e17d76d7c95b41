"""A run in time and its recorded arrays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from kelvolt import _core
from kelvolt.base import tables
from kelvolt.base.attributes import attribute, in_units
from kelvolt.base.errors import InputError, printable
from kelvolt.base.values import Floats, Group, converted, groups_of, is_path, named_units, path_of
from kelvolt.cases.listed import Listed
from kelvolt.cases.solution import Solution

if TYPE_CHECKING:
    import pandas
    import xarray

    from kelvolt.cases.time_gradient import TimeGradient

_KINDS = {"value": "", "mean": "_mean", "minimum": "_min", "maximum": "_max"}


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
        """Recorded values at the rows; (time,) for a plain path, (time, *levels) for a pattern. Raises InputError."""
        return self.get(path)

    def get(self, path: str, unit: str | None = None, kind: str = "value") -> Floats:
        """Like `run[path]`, in `unit` if given; `kind` is value, mean, minimum or maximum of each interval.

        Raises InputError for an unknown unit or kind, and for what was not recorded."""
        if kind not in _KINDS:
            raise InputError(f"kind '{kind}' is none of {', '.join(_KINDS)}")
        table = np.asarray(getattr(self.raw, kind))
        numbers, group = self._recorded(path)
        shaped = table[:, numbers[0]] if is_path(path) and len(numbers) == 1 else group.shape(table)
        return shaped if unit is None else converted(shaped, self._found.unit(numbers[0]), unit)

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
        return Solution(self._core, self.raw.start)

    @property
    def end(self) -> Solution:
        """The state at the end; its verdicts and warnings are the worst of the whole run."""
        return Solution(self._core, self.raw.end)

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
    def audit(self) -> _core.Audit:
        """Energy and mass across the boundary over the whole run."""
        return self.raw.end.audit

    def check(self) -> pandas.DataFrame:
        """Verdicts over the whole run, worst first; `time` says when the margin was smallest."""
        return self.end.check()

    @property
    def verdict(self) -> str:
        """Over the whole run: "broken", "held", or "not assessed" where no limit applies."""
        return self.end.verdict

    @property
    def held(self) -> bool:
        """Whether limits were assessed and none was broken at any time."""
        return self.end.held

    def to_xarray(self, units: str | None = None) -> xarray.Dataset:
        """All recorded arrays with their _mean, _min and _max, dimension time first; as `kv.open` reads them.

        In SI, or in the units of a site: `units` is "si" (degC, kPa, L/min, kW), "si-field" (bar, m3/h) or "us"; times
        stay in s. The attribute `units` of each array is text that UDUNITS and pint read. Raises InputError.
        """
        import xarray

        variables: dict[str, Any] = {}
        coords: dict[str, Any] = {"time": ("time", self.time, {"units": "s"})}
        declared = {}
        for group, unit in named_units(self._found):
            doc = _core.doc_of(self._core, self._found, group.numbers[0])
            for kind, suffix in _KINDS.items():
                shaped = group.shape(np.asarray(getattr(self.raw, kind)))
                text = doc + (f", {kind} of the interval" if suffix else "")
                attrs = {"units": attribute(unit), "long_name": text}
                declared[group.name + suffix] = unit
                variables[group.name + suffix] = (("time", *group.dims), shaped, attrs)
            coords |= {d: np.arange(1, n + 1) for d, n in zip(group.dims, group.sizes, strict=True)}
        attrs = {"title": self._core.title, "status": self.status}
        dataset = xarray.Dataset(variables, coords=coords, attrs=attrs)
        return dataset if units is None else in_units(dataset, declared, units)

    def to_pandas(self, pattern: str | None = None, kind: str = "value") -> pandas.DataFrame:
        """One column per recorded path (or those of a pattern), one row per time in s."""
        import pandas

        if kind not in _KINDS:
            raise InputError(f"kind '{kind}' is none of {', '.join(_KINDS)}")
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

    def plot(self, folder: str | Path) -> list[Path]:
        """Saves plots in a folder and returns their files. Raises FileError."""
        from kelvolt.cases.case import Case
        from kelvolt.plots.solutions import plot_run

        return plot_run(Case(self._core), self, Path(folder))

    def _rows(self) -> tables.Table:
        rows = [[f"{e.time:g}", e.component, e.text] for e in self.events]
        return tables.Table(["t (s)", "element", "event"], rows)

    def _head(self) -> str:
        span = f"{self.time[-1]:g} s" if len(self.time) else "no time"
        count = f"{len(self.time)} rows of {len(self._found)} values"
        return f"{self._core.title or 'run'}: {span}, {count}, {self.steps} steps, {self.status}"

    def __repr__(self) -> str:
        return printable(f"{self._head()}\n{self._rows().text()}")

    def _repr_html_(self) -> str:
        return self._rows().html(self._head())
