"""What a sweep will solve: structures, numbered chunks of points, and how their values become a Dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt import _core
from kelvolt.base import cf
from kelvolt.base.errors import Error, InputError
from kelvolt.base.paths import any_element
from kelvolt.base.values import MOST_POINTS, Floats, bounded, whole
from kelvolt.cases.case import Case
from kelvolt.cases.knobs import factor_of
from kelvolt.cases.texts import written
from kelvolt.sweeps import axes as sweep_axes
from kelvolt.sweeps.axes import Axes, Column
from kelvolt.sweeps.layout import (
    KINDS,
    KINDS_OF_FOLD,
    LIMIT_DOCS,
    Names,
    Numbers,
    Record,
    Variable,
    add_record,
    digest,
    found_by,
    records_of,
    require_name,
)
from kelvolt.sweeps.solve import Chunk, Engine, Recipe

if TYPE_CHECKING:
    import xarray

_CHUNK_STEADY, _CHUNK_RUNS = 64, 4
_POINTS_PER_ANCHOR, _MOST_ANCHORS = 50, 64
_LONGEST_TEXT = 60_000  # bytes an HDF5 attribute can hold
_LONGEST_PATH = 1000  # characters
_MOST_WORDS = 1 << 16  # bytes of status, reason and limit of a point


@dataclass
class Structure:
    """One compiled network, or the reason why it cannot be compiled."""

    case: Case | None
    reason: str = ""
    status: str = "refused"
    absent: list[str] = field(default_factory=list)  # recorded patterns that this structure lacks
    records: list[Record] = field(default_factory=list)
    engine: Engine | None = None
    recipe: Recipe | None = None


@dataclass
class ChunkPlan:
    structure: int
    points: Numbers


class Plan:
    """Built from the arguments of the sweep before anything is solved; chunk numbers depend on them alone."""

    def __init__(
        self,
        case: Case,
        axes: Axes,
        record: Sequence[str] | Mapping[str, str] | None,
        simulate: bool | Mapping[str, Any],
        limits: bool,
        chunk: int | None,
    ) -> None:
        if not isinstance(limits, bool):
            raise InputError(f"sweep: limits is true or false, not {limits!r}")
        self._base, self._limits = case, limits
        self._paths: dict[str, str] = {}  # structural axes: as given -> in the case text
        self.dims = sweep_axes.dimensions(axes, self._declared)
        sweep_axes.refuse_shared(case, [], self._paths)
        self.shape = tuple(d.size for d in self.dims)
        self.total = math.prod(self.shape)
        if self.total > MOST_POINTS:
            told = " x ".join(f"{d.name} {d.size}" for d in self.dims)
            raise InputError(
                f"sweep: {told} are {self.total:.3g} points; at most {MOST_POINTS:.0e} are solved; "
                "give fewer values, or draw samples"
            )
        self._places = np.unravel_index(np.arange(self.total), self.shape)
        self._records, self.expressions = records_of(record, case.core)
        self._times, self._every, self._tolerance = self._run_settings(simulate)
        self._numeric = [(k, c) for k, d in enumerate(self.dims) for c in d.columns if not c.structural]
        self._structure_of = self._make_structures()
        self.variables = self._make_variables()
        usual = _CHUNK_RUNS if self._times else _CHUNK_STEADY
        self.chunks = self._make_chunks(usual if chunk is None else whole(chunk, "sweep: chunk"))
        self._fingerprint = ""
        self.threads = 1  # of engines made here

    # ---- the question ----

    def _declared(self, path: str) -> str | None:
        """The declared unit of a number; None for a path into the text of the case."""
        require_name(path)
        try:
            found = self._base.core.find_parameters(path)
            return str(found.unit(0))
        except InputError as error:
            inside = _core.text_path(self._base.core, path)
            if inside is not None:
                self._paths[path] = inside
                return None
            absent = self._unit_elsewhere(path)
            if absent is None:
                raise error
            return absent

    def _unit_elsewhere(self, path: str) -> str | None:
        """The unit of a parameter that the base case lacks, taken from another element of its array.

        So `tray[9].power` has a unit in a case of eight trays. None where there is no such element either.
        """
        if len(path) > _LONGEST_PATH:
            return None
        like = any_element(path)
        if like == path:
            return None
        try:
            return str(self._base.core.find_parameters(like).unit(0))
        except InputError:
            return None

    def _run_settings(self, simulate: bool | Mapping[str, Any]) -> tuple[tuple[float, ...], float, float | None]:
        if simulate is False:
            return (), 0.0, None
        if simulate is not True and not isinstance(simulate, Mapping):
            raise InputError(f"sweep: simulate is true, false or {{duration, every, tolerance}}, not {simulate!r}")
        given = {} if simulate is True else dict(simulate)
        unknown = set(given) - {"duration", "every", "tolerance"}
        if unknown:
            raise InputError(f"sweep: simulate takes duration, every and tolerance, not {sorted(map(str, unknown))[0]}")

        def seconds(key: str, otherwise: float) -> float:
            value = given.get(key)
            return otherwise if value is None else sweep_axes.to_number(value, "s", f"simulate: {key}")

        duration = seconds("duration", self._base.duration)
        every = seconds("every", self._base.core.every)
        if not duration > 0.0 or not every > 0.0:
            raise InputError(f"sweep: runs need a duration and an interval above 0 s ({duration:g} s, {every:g} s)")
        bounded(duration / every + 1.0, self.total, "sweep: rows of runs", "lengthen every, or vary less")
        tolerance = given.get("tolerance")
        if tolerance is not None:
            tolerance = sweep_axes.to_number(tolerance, "1", "simulate: tolerance")
        rows = math.floor(duration / every + 1e-9)
        times = [k * every for k in range(rows + 1)]
        if duration - times[-1] > 1e-9 * duration:
            times.append(duration)
        return tuple(times), every, tolerance

    # ---- structures ----

    def _make_structures(self) -> Numbers:
        """Compiles each structure that occurs and returns the number of the structure of every point."""
        columns = [(k, c) for k, d in enumerate(self.dims) for c in d.columns if c.structural]
        if not columns:
            self.structures = [Structure(self._base.copy())]
            return np.zeros(self.total, dtype=np.int64)
        keys = np.stack([self._places[k] for k, _ in columns], axis=1)
        distinct, which = np.unique(keys, axis=0, return_inverse=True)
        self.structures = [
            self._compile([(c, c.items[i]) for (_, c), i in zip(columns, key, strict=True)]) for key in distinct
        ]
        if all(s.case is None for s in self.structures):
            raise InputError(f"sweep: no structure can be built; the first says: {self.structures[0].reason}")
        return np.asarray(which, dtype=np.int64).reshape(-1)

    def _compile(self, choices: list[tuple[Column, Any]]) -> Structure:
        case = self._base
        edits: list[tuple[str, Any]] = []
        for column, item in choices:
            if column.whole_cases:
                case = item[1]
            else:
                edits.append((self._paths[column.path], item))
        if not edits:
            return Structure(case.copy())
        try:
            texts = [(path, written(item)) for path, item in edits]
            return Structure(Case(_core.edited(case.core, texts, keep=True)))
        except Error as error:
            return Structure(None, str(error))

    def _present(self, structure: Structure) -> bool:
        """Whether a structure has every varied path; if not, its `reason` names the one that is missing."""
        if structure.case is None:
            return False
        for _, column in self._numeric:
            if column.path not in structure.case:
                structure.case, structure.status = None, "absent"
                structure.reason = f"this structure has no {column.path}"
                return False
        sweep_axes.refuse_shared(structure.case, [c.path for _, c in self._numeric], self._paths)
        return True

    def _make_variables(self) -> dict[str, Variable]:
        variables: dict[str, Variable] = {}
        problem: Error | None = None
        for number, structure in enumerate(self.structures):
            if not self._present(structure):
                continue
            first = 0
            assert structure.case is not None
            for record in self._records:
                try:
                    found = found_by(structure.case, record)
                except InputError as error:
                    problem = problem or error
                    structure.absent.append(record.pattern)
                    continue
                first += add_record(variables, number, structure.case, record, found, first)
                structure.records.append(record)
            if not structure.records:
                structure.case, structure.status = None, "absent"
                structure.reason = f"this structure has no {', no '.join(structure.absent)}"
        seen = {r.pattern for s in self.structures for r in s.records}
        if problem is not None and any(r.pattern not in seen for r in self._records):
            raise problem
        self._refuse_clashes(variables)
        extent: dict[str, int] = {}  # a dimension has one size for all variables; values of missing elements are NaN
        for v in variables.values():
            for d, n in zip(v.dims, v.sizes, strict=True):
                extent[d] = max(n, extent.get(d, 0))
        for v in variables.values():
            v.sizes = tuple(extent[d] for d in v.dims)
        return variables

    def _refuse_clashes(self, variables: dict[str, Variable]) -> None:
        """Raises InputError where two things in the result would have the same name, or a name it cannot hold."""
        names = Names(("status", "reason", *cf.RESERVED, *(("verdict", *LIMIT_DOCS) if self._limits else ())))
        for d in self.dims:
            for name in dict.fromkeys([d.name, *(c.name for c in d.columns)]):
                names.take(name, "a dimension or a varied path")
        for level in dict.fromkeys(d for v in variables.values() for d in v.dims):
            names.take(level, "a level of what is recorded")
        for v in variables.values():
            for kind in () if v.hidden else self.kinds(v):
                names.take(v.name + kind, "a recorded array")
        for name in self.expressions:
            names.take(name, "a recorded expression")

    # ---- chunks ----

    def _make_chunks(self, size: int) -> list[ChunkPlan]:
        chunks = []
        for number in range(len(self.structures)):
            points = np.flatnonzero(self._structure_of == number)
            chunks += [ChunkPlan(number, points[k : k + size]) for k in range(0, len(points), size)]
        return chunks

    def table(self, chunk: ChunkPlan) -> Floats:
        """The varied numbers of a chunk [points, columns]."""
        out = np.empty((len(chunk.points), len(self._numeric)))
        for j, (k, column) in enumerate(self._numeric):
            assert column.numbers is not None
            scale = self._scale(chunk.structure, column)
            out[:, j] = column.numbers[self._places[k][chunk.points]] * (1.0 if scale is None else scale)
        return out

    def _scale(self, number: int, column: Column) -> float | None:
        """What makes a value of a knob the factor on its parameters in a structure; None for what is no knob."""
        case = self.structures[number].case
        return None if column.relative or case is None else factor_of(case.core, column.path)

    def fits(self, number: int, chunk: Chunk) -> bool:
        """Whether a saved chunk holds the points that the plan has under this number."""
        if not 0 <= number < len(self.chunks):
            return False
        points = len(self.chunks[number].points)
        values = chunk.get("values")
        shape = (points, len(self.times), len(KINDS)) if self.times else (points,)
        return len(chunk["status"]) == points and (values is None or values.shape[: len(shape)] == shape)

    def largest_part(self) -> int:
        """An upper estimate of the bytes that the results of all points take on disk, numbers and words together."""
        width = sum(len(p.columns) for v in self.variables.values() for p in v.pieces.values())
        rows = len(KINDS) * len(self.times) if self.times else 1
        return 4 * (1 << 20) + self.total * (16 * rows * width + _MOST_WORDS)

    def without_solving(self, chunk: ChunkPlan) -> Chunk | None:
        """The result of a chunk whose structure could not be compiled; None where it has to be solved."""
        structure = self.structures[chunk.structure]
        if structure.case is not None:
            return None
        n = len(chunk.points)
        return {"status": [structure.status] * n, "reason": [structure.reason] * n, "iterations": 0, "continued": 0}

    def recipe(self, number: int) -> Recipe:
        structure = self.structures[number]
        if structure.recipe is None:
            assert structure.case is not None
            structure.recipe = self._recipe(number)
            if not structure.recipe.text:
                raise InputError("a case built in code has no text that could travel to an executor; leave it out")
        return structure.recipe

    def _recipe(self, number: int) -> Recipe:
        structure = self.structures[number]
        assert structure.case is not None
        columns = []
        for _, c in self._numeric:
            assert c.numbers is not None
            scale = self._scale(number, c)
            known = np.unique(c.numbers) * (1.0 if scale is None else scale)
            low, middle, high = float(known[0]), float(known[len(known) // 2]), float(known[-1])
            columns.append((c.path, c.relative or scale is not None, low, middle, high))
        points = int(np.count_nonzero(self._structure_of == number))
        facts = (
            _core.source(structure.case.core),
            tuple(columns),
            tuple((r.pattern, r.fold) for r in structure.records),
            self._times,
            self._every,
            self._tolerance,
            self._limits,
            0 if self._times else min(points // _POINTS_PER_ANCHOR, _MOST_ANCHORS),
        )
        return Recipe(digest((_core.__version__, facts)), *facts)

    def engine(self, number: int) -> Engine:
        """The engine of a structure for threads of this process."""
        structure = self.structures[number]
        if structure.engine is None:
            assert structure.case is not None
            structure.engine = self._recipe(number).engine(structure.case.core)
            structure.engine.threads = self.threads
        return structure.engine

    def cancel(self) -> None:
        for structure in self.structures:
            if structure.engine is not None:
                structure.engine.cancel()

    def fingerprint(self) -> str:
        """A digest of everything that determines the result to the last bit.

        This is the arguments, and the case with its files, which enter by the solution at the centre of the ranges.
        """
        if not self._fingerprint:
            facts: list[Any] = [self.shape, [len(c.points) for c in self.chunks], [d.name for d in self.dims]]
            for c in (c for d in self.dims for c in d.columns):
                facts.append((c.path, c.relative, c.numbers.tobytes().hex() if c.numbers is not None else len(c.items)))
            for number, s in enumerate(self.structures):
                if s.case is None:
                    facts.append(s.reason)
                else:
                    engine = self.engine(number)
                    r = engine.recipe
                    facts.append((r.text, r.source[3], r.columns, r.records, r.times, r.every, r.tolerance, r.limits))
                    facts.append(np.asarray(engine.sweep.centre).tobytes().hex())
            self._fingerprint = digest((_core.__version__, list(self.variables), self.expressions, facts))
        return self._fingerprint

    # ---- the answer ----

    def dataset(self, chunks: dict[int, Chunk]) -> xarray.Dataset:
        import xarray

        from kelvolt.sweeps.result import arrays, coordinates

        data = arrays(self, chunks)
        varied = ", ".join(f"{d.columns[0].path if d.of_path else d.name} ({d.size})" for d in self.dims)
        attrs = cf.dataset_attributes(self._base.title, f"sweep of {varied}") | {
            "status": "complete",
            "points": self.total,
            "failed": int(np.count_nonzero(data["status"][1] != "ok")),
            "iterations": sum(c["iterations"] for c in chunks.values()),
            "continued": sum(c["continued"] for c in chunks.values()),
            "kelvolt": _core.__version__,
        }
        text, changes = _core.source(self._base.core)[0], self._base.core.changes
        if 0 < len(text.encode()) < _LONGEST_TEXT and len(changes) < _LONGEST_TEXT:
            attrs |= {"case": text} | ({"changes": changes} if changes else {})
        return xarray.Dataset(data, coords=coordinates(self), attrs=attrs)

    @property
    def times(self) -> tuple[float, ...]:
        return self._times

    @property
    def limits(self) -> bool:
        return self._limits

    def kinds(self, variable: Variable) -> tuple[str, ...]:
        return KINDS_OF_FOLD[variable.fold] if self._times and not variable.hidden else ("",)
