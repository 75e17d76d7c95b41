"""The solution of a case at one point in time or in steady state, and tables made from it."""

from __future__ import annotations

import math
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from kelvolt import _core
from kelvolt.base import cf, files, tables
from kelvolt.base.attributes import in_units
from kelvolt.base.errors import InputError, printable
from kelvolt.base.expressions import expression_in
from kelvolt.base.values import Floats, evaluated, named_units, path_of, pick, si_unit
from kelvolt.base.verdicts import HELD, Whole, of_solution
from kelvolt.cases.branches import Branch
from kelvolt.cases.knobs import knobs_of
from kelvolt.cases.listed import Valued
from kelvolt.cases.plant import Plant

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

    from kelvolt.base.tables import Table
    from kelvolt.plots.drawing import Drawing
    from kelvolt.power.flow import PowerFlow


STEADY = "steady state"


class Solution(Valued):
    """A solution: values by path and pattern, verdicts, branches, balances. It does not change with its case."""

    def __init__(self, core: _core.Case, raw: _core.Solution, state: str = STEADY, *, over_run: bool = False) -> None:
        """state: the operating point in words, which pictures show; over_run: verdicts are the worst of a whole run."""
        self._core = core
        self.raw = raw
        self.state = state
        self.over_run = over_run

    def __getitem__(self, path: str) -> float | Floats:
        """A float for a plain path, an array shaped by the indexed levels for a pattern; SI.

        `sol["tray[*].gpu[*].T_die"]` has the shape (tray, gpu). Expressions are read, too, in the grammar of limits and
        objectives: `sol["max(tray[*].gpu[*].T_die) - facility.T_supply"]`; and the knobs of the case. Raises InputError
        when the path names nothing.

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> isinstance(sol["gpu.T_die"], float)
        True
        >>> round(sol["gpu.T_die - facility.T_supply"])  # K
        42
        """
        return self.get(path)

    def get(self, path: str, unit: str | None = None) -> float | Floats:
        """Like `sol[path]`, in `unit` instead of SI where one is given: `sol.get("gpu[*].T_die", "degC")`.

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> round(sol.get("pump.V_flow", "L/min"), 1)
        1.5
        """
        path = path_of(path)
        if path in knobs_of(self._core):
            return self._derived(path, unit)
        try:
            found = self._core.find(path)
        except InputError:
            return self._derived(path, unit)
        return pick(found, path, np.asarray(self.raw.read(found)), unit)

    def _derived(self, text: str, unit: str | None) -> float | Floats:
        """The value of a knob or of an expression. Raises InputError as `find` where it is neither."""

        def read(found: _core.Found, path: str) -> Floats:
            return np.asarray(self.raw.read(found))[:, None]

        if text in knobs_of(self._core):
            parts = self._core.find_parameters(text)
            value = float(read(parts, text).sum())
            return value if unit is None else _core.from_si(value, parts.unit(0), unit)
        expression = expression_in(text, self._core)
        if expression is None:
            self._core.find(text)  # raises
            raise AssertionError(text)
        made = evaluated(expression, self._core.find, read, unit)[0]
        return made if np.ndim(made) else float(made)

    def __copy__(self) -> Solution:
        return self

    def __deepcopy__(self, memo: object) -> Solution:
        return self

    def __reduce__(self) -> NoReturn:
        raise InputError("a solution cannot be pickled; keep solution.to_xarray(), or the case, and solve it again")

    @property
    def y(self) -> Floats:
        """All unknowns [n], SI: a read-only view."""
        return np.asarray(self.raw.y)

    def gradient(self, of: str, wrt: str) -> float | Floats:
        """d(of)/d(wrt) in SI: a float for two plain paths, else shaped (*levels of `of`, *levels of `wrt`).

        `of` may be an expression, such as "max(gpu[*].T_die)", whose derivative is that of the hottest element, and
        `wrt` a knob of the case. Takes one factorisation and one transposed solve per value, for any number of
        parameters.
        Raises InputError when `of` is a parameter or a flow, NoConvergence where the Jacobian is singular.

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> 0.03 < sol.gradient("gpu.T_die", "gpu.power") < 0.04  # K/W
        True
        """
        from kelvolt.cases.sensitivity import gradient

        return gradient(self, of, wrt)

    def sensitivity_table(self, of: str, *, each: bool = False) -> pandas.DataFrame:
        """Every number parameter by its elasticity on one value, strongest first: see
        `kelvolt.cases.sensitivity.sensitivity_table`."""
        from kelvolt.cases.sensitivity import sensitivity_table

        return sensitivity_table(self, of, each=each)

    # ---- tables ----

    def check(self) -> pandas.DataFrame:
        """Verdicts, worst first: id, element, quantity, value, unit, limit, basis, margin, verdict, reason, time,
        since; SI.

        `verdict` is "held", "broken" or "not assessed", then with a reason: where the figure that sets a limit is not
        given, its name. Of a run `time` is that of the smallest margin, `since` when the limit was first broken (NaN:
        never).

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> "broken" in set(sol.check()["verdict"])
        False
        """
        import pandas

        return pandas.DataFrame(verdict_rows(self), columns=VERDICT_COLUMNS)

    @cached_property
    def reasons(self) -> list[str]:
        """Per verdict of `raw.verdicts` why it is not assessed; empty where it is."""
        return self.raw.reasons()

    def since(self, v: _core.Verdict) -> float:
        """When a limit was first broken in the run [s]; NaN where it never was, and of a single state."""
        return v.since if self.over_run else math.nan

    @cached_property
    def whole(self) -> Whole:
        """All verdicts combined: `word` is "broken", "held", or "not assessed" where no limit applies."""
        return of_solution(self.raw)

    @property
    def verdict(self) -> str:
        """ "broken", "held", or "not assessed" where no limit applies."""
        return self.whole.word

    @property
    def held(self) -> bool:
        """Whether limits were assessed and none is broken."""
        return self.verdict == HELD

    @cached_property
    def plant(self) -> Plant:
        """Circuits, heat balance and pumps, found from the network and the models' declarations."""
        return Plant(self._core, self.raw)

    def branch_list(self, level: str | None = None) -> list[Branch]:
        """Parallel branches, worst first; `level` names an array such as "rack.tray"."""
        return self._branches if level is None else self.plant.core.branches(level)

    @cached_property
    def _branches(self) -> list[Branch]:
        return self.plant.core.branches()

    def branches(self, level: str | None = None) -> pandas.DataFrame:
        """Parallel branches, worst first: flow kg/s, dp Pa, heat W, T_in, T_out, T_die, T_case K, smallest margin."""
        import pandas

        table = pandas.DataFrame([b.row() for b in self.branch_list(level)], columns=Branch.columns())
        table.attrs["title"] = self._core.title
        return table

    def power_flow(self) -> PowerFlow:
        """The electric network from a facility engineer's view: tables, losses by stage and space, PUE, `summary()`."""
        return self._power_flow

    @cached_property
    def _power_flow(self) -> PowerFlow:
        from kelvolt.power.flow import PowerFlow

        return PowerFlow(self)

    def to_xarray(self, pattern: str | None = None, units: str | None = None) -> xarray.Dataset:
        """Values of a pattern (default: the key outputs of every model) as a Dataset with dimensions tray, gpu …

        In SI, or in the units of a site: `units` is "si" (degC, kPa, L/min, kW), "si-field" (bar, m3/h) or "us". The
        attribute `units` of each array is text that UDUNITS and pint read. Raises InputError.

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> sol.to_xarray("gpu.T_die", units="si")["gpu.T_die"].attrs["units"]
        'degC'
        """
        import xarray

        found = self._core.find(path_of(pattern)) if pattern else _core.key_outputs(self._core)
        flat = np.asarray(self.raw.read(found))
        variables: dict[str, Any] = {}
        coords: dict[str, Any] = {}
        declared = {}
        for group, unit in named_units(found):
            attrs = cf.value_attributes(unit, _core.doc_of(self._core, found, group.numbers[0]))
            variables[group.name] = (group.dims, group.shape(flat), attrs)
            coords |= cf.level_coordinates(group.name, group.dims, group.sizes)
            declared[group.name] = unit
        dataset = xarray.Dataset(variables, coords=coords, attrs=cf.dataset_attributes(self._core.title, "solved"))
        return dataset if units is None else in_units(dataset, declared, units)

    def to_pandas(self, pattern: str | None = None, units: str | None = None) -> pandas.DataFrame:
        """The same values as a table with the columns path, value, unit; `units` as of `to_xarray`.

        >>> case = kv.load("single_loop")
        >>> sol = case.steady()
        >>> sol.to_pandas("gpu.T_die", units="si")["unit"].tolist()
        ['degC']
        """
        import pandas

        found = self._core.find(path_of(pattern)) if pattern else _core.key_outputs(self._core)
        declared = [found.unit(i) for i in range(len(found))]
        values = np.array(self.raw.read(found))
        if units is None:
            shown = [si_unit(unit) for unit in declared]
        else:
            site = tables.Units(units)
            values = np.array([site.value(x, unit) for x, unit in zip(values.tolist(), declared, strict=True)])
            shown = [site.unit(unit) or "1" for unit in declared]
        table = pandas.DataFrame({"path": found.paths, "value": values, "unit": shown})
        table.attrs["declared"] = declared
        return table

    def write(self, file: str | PathLike[str]) -> None:
        """Writes the key outputs as a result file of one row, which `kv.open` reads.

        Raises FileError, also where a file exists that is not a result of Kelvolt, which is not replaced.
        """
        _core.write(self._core, self.raw, files.replaceable(file, "result"))

    # ---- pictures ----

    def schematic(self, units: str = "si") -> Drawing:
        """A drawing of the coolant circuits with flows, pressures and temperatures, which a notebook shows.

        It is the text of SVG elements; where no coolant flows, of the one-line diagram. `units` is "si", "si-field" or
        "us". Raises InputError where there is nothing to draw.
        """
        from kelvolt.plots.drawing import schematic

        return schematic(self, units)

    def plot(self) -> Figure:
        """A figure of Matplotlib: the flows of parallel branches, else pump and system curve, else where power goes.

        Raises InputError where there is none of them.
        """
        from kelvolt.cases.case import Case
        from kelvolt.plots.drawing import figure_of

        return figure_of(Case(self._core), self)

    # ---- about ----

    @property
    def audit(self) -> _core.Audit:
        """Energy and mass across the boundary."""
        return self.raw.audit

    @property
    def warnings(self) -> list[str]:
        """Validity flags: values outside the range of their data."""
        return self.raw.warnings

    def summary(self, units: str = "si") -> str:
        """The printed summary; `units` is "si", "si-field" or "us"."""
        from kelvolt.reports.summary import summary

        return summary(self._core, self, units=units)

    def tables(self, units: str | None = None) -> dict[str, pandas.DataFrame]:
        """Every table of the solution by its name, with units in the headings: see `kelvolt.reports.tables.tables`."""
        from kelvolt.reports.tables import tables

        return tables(self, units)

    def to_excel(self, file: str | PathLike[str], units: str = "si") -> None:
        """Writes all tables as a workbook with margins, verdicts and sums as formulas (needs kelvolt[xlsx]).

        `units` is "si", "si-field" or "us". Raises FileError, also where a file exists that is no workbook of Kelvolt.
        """
        from kelvolt.reports.files import to_excel

        to_excel(self, file, units)

    def _rows(self) -> Table:
        from kelvolt.reports.summary import branch_table

        return branch_table(self, tables.Units("si"))

    def _head(self) -> str:
        return f"{self._core.title or 'solution'}: {self.raw.unknowns} unknowns, {self.whole.text()}"

    def __repr__(self) -> str:
        return printable(f"{self._head()}\n{self._rows().text()}")

    def _repr_html_(self) -> str:
        return self._rows().html(self._head())


VERDICT_COLUMNS = [
    "id",
    "element",
    "quantity",
    "value",
    "unit",
    "limit",
    "basis",
    "margin",
    "verdict",
    "reason",
    "time",
    "since",
]


def verdict_rows(solution: Solution) -> list[dict[str, Any]]:
    """The verdicts of a solution as rows of `VERDICT_COLUMNS`."""
    rows = []
    for v, reason in zip(solution.raw.verdicts, solution.reasons, strict=True):
        own = {"unit": si_unit(v.unit), "reason": reason, "since": solution.since(v)}
        rows.append({name: own[name] if name in own else getattr(v, name) for name in VERDICT_COLUMNS})
    return rows
