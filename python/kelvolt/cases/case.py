"""A case: what a text file describes, with its current values."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kelvolt import _core
from kelvolt.base import files, tables
from kelvolt.base.errors import InputError, printable
from kelvolt.base.values import Floats, floats, path_of, pick, shown, si, single, text_of
from kelvolt.cases.run import Run
from kelvolt.cases.solution import Solution
from kelvolt.cases.texts import written

if TYPE_CHECKING:
    import pandas


Folders = str | PathLike[str] | Sequence[str | PathLike[str]]


def load(path: str | PathLike[str], *, allow: Folders = ()) -> Case:
    """The case in a YAML file. Raises InputError or TopologyError (with file and line), FileError.

    A case names files only in its own folder and in the library, links resolved; `allow` adds folders.
    """
    return _told(Case(_core.load(files.existing(path), _folders(allow))))


def read(
    text: str | Mapping[str, Any], *, name: str = "case", folder: str | PathLike[str] = ".", allow: Folders = ()
) -> Case:
    """The case in a text, or in a mapping of the same shape.

    `name` stands for the file in messages; CSV files and library entries beside the case are looked for in `folder`.
    What it names outside that folder and the library, links resolved, is refused unless it lies in a folder of `allow`.
    Raises InputError or TopologyError.
    """
    if not isinstance(text, str):
        try:
            text = written(text)
        except InputError as error:
            raise InputError(error.message, name) from None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"the text holds half a character: {error.reason}", name, text.count("\n", 0, error.start) + 1
        ) from None
    name = text_of(name, "the name of a case is text such as 'rack.yaml'")
    return _told(Case(_core.read(text, name, _folders([folder])[0], _folders(allow))))


def _told(case: Case) -> Case:
    """The case, after a Python warning for each that its text deserves, such as former names of models."""
    for text in case.core.warnings:
        warnings.warn(text, FutureWarning, stacklevel=3)
    return case


def _folders(allow: Folders) -> list[str]:
    listed = [allow] if isinstance(allow, str | PathLike) or not isinstance(allow, Iterable) else allow
    return [text_of(str(files.path_of(f)), "a folder is text such as 'data/cases'") for f in listed]


class Loadability(NamedTuple):
    """Where raising all electric loads together ends."""

    factor: float
    """on every load, at the last power flow that was found"""
    lost: bool
    """no power flow beyond; else the factor asked for was reached"""
    bus: str
    """a port of the bus whose voltage had fallen most"""
    voltage: float
    """there, over that without load"""
    converter: str = ""
    """at its current limit, where that ends the power flow and no bus does"""

    @property
    def where(self) -> str:
        """What ends it: the converter at its limit, else the bus."""
        return f"{self.converter}, at its current limit" if self.converter else self.bus


class Case:
    """A case ready to be asked. Made by `kv.load`, `kv.read` or `kv.Network.build`.

    `case["rack.tray[3].gpu[1].power"]` is a float in SI; with a pattern (`*`, `[1..4]`) an array shaped by the indexed
    levels. Assigning takes text with a unit, a number in SI, or for a pattern an array of that shape.
    """

    def __init__(self, core: _core.Case) -> None:
        self._core = core

    # ---- values ----

    def __getitem__(self, path: str) -> float | Floats:
        """Parameters as they stand, SI. Raises InputError when the path names nothing or no parameter."""
        return self.get(path)

    def get(self, path: str, unit: str | None = None) -> float | Floats:
        """Like `case[path]`, in `unit` instead of SI where one is given."""
        found = self._core.find_parameters(path_of(path))
        return pick(found, path, np.asarray(self._core.get(found)), unit)

    def __setitem__(self, path: str, value: str | float | ArrayLike) -> None:
        """Sets parameters, each checked against its range. Raises InputError; then nothing was changed."""
        path = path_of(path)
        if isinstance(value, list | tuple) or np.ndim(value):
            self._set_array(path, floats(value, path))
        else:
            self._set_alike(path, value)

    def _set_alike(self, path: str, value: Any) -> None:
        if isinstance(value, str):
            text = text_of(value, f"{path}: a value is a number in SI or text such as '25 degC'")
            self._core.copy().set(path, text)  # refuses what one of the elements may not be
            self._core.set(path, text)
            return
        number = si(value, "1", path)
        found = self._core.find_parameters(path)
        self._core.set_each(found, np.full(len(found), number))

    def _set_array(self, path: str, array: Floats) -> None:
        found = self._core.find_parameters(path)
        group = single(found, path)
        if array.shape != group.sizes:
            wanted = ", ".join(f"{d} {n}" for d, n in zip(group.dims, group.sizes, strict=True))
            raise InputError(
                f"{path}: an array of shape {array.shape} was given where {group.sizes} is needed ({wanted})"
            )
        flat = np.empty(len(found))
        flat[group.numbers] = array.reshape(-1)[group.positions]
        self._core.set_each(found, flat)

    def update(self, values: Mapping[str, str | float | ArrayLike]) -> Case:
        """Sets several paths, one after the other; returns the case. Raises InputError; then nothing was changed."""
        if not isinstance(values, Mapping):
            raise InputError(f"a case is updated by a mapping {{path: value}}, not {shown(values)}")
        if len(values) > 1:
            tried = self.copy()
            for path, value in values.items():
                tried[path] = value
        for path, value in values.items():
            self[path] = value
        return self

    def find(self, pattern: str) -> list[str]:
        """Paths of every parameter, unknown, output and port value that the pattern names."""
        return self._core.find(path_of(pattern)).paths

    def __contains__(self, path: object) -> bool:
        try:
            return bool(self._core.find_parameters(path_of(path)))
        except InputError:
            return False

    def copy(self) -> Case:
        """A case with values of its own; the network is shared, so this is cheap."""
        return Case(self._core.copy())

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Case:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """As text, folder and values; a network built in code has no text. Raises InputError."""
        source = _core.source(self._core)
        if not source[0]:
            raise InputError("a case built in code has no text that could be kept; build it anew where it is needed")
        return _restored, (source,)

    # ---- answers ----

    def steady(self, guess: Solution | None = None) -> Solution:
        """The steady state; `guess` may be a solution of the same network.

        Raises NoConvergence, NoSteadyState or ThermalRunaway; InputError when the case is strict and leaves a range.
        With an electric network also NoPowerFlow and OutOfStep.
        """
        if guess is not None and not isinstance(guess, Solution):
            raise InputError(f"a guess is a Solution of the same network, not {shown(guess)}")
        asked = self._core.copy()  # the solution keeps the values it was found at
        return Solution(asked, asked.steady(None if guess is None else guess.raw))

    def loadability(self, most: float = 10.0) -> Loadability:
        """How far all electric loads can grow together before no power flow exists: the margin to the nose.

        The factor on the loads is raised to `most` at the highest. Raises what `steady` raises; InputError without an
        electric network.
        """
        return Loadability(*self._core.loadability(si(most, "1", "loadability: most")))

    def simulate(
        self,
        duration: str | float | None = None,
        *,
        every: str | float | None = None,
        output: str | PathLike[str] | None = None,
        tolerance: float | None = None,
        record: list[str] | None = None,
        record_all: bool = False,
        progress: bool | Callable[[float], None] | None = None,
    ) -> Run:
        """A run in time from the case's start; what is left out is taken from the case.

        `duration` and `every` (between rows) are seconds or text such as "10 min". `output` names a result file,
        written in parts while the run goes on; a file that is there and is no result of Kelvolt is never replaced.
        `record` adds patterns to what is recorded. `progress`: True shows a bar, None shows one on a terminal, a
        callable gets the time reached.

        Ctrl-C ends the run: its file is closed with status "interrupted", then KeyboardInterrupt is raised.
        Raises what `steady` raises, and FileError.
        """
        seconds = _seconds(duration, "duration")
        recorded = [path_of(p) for p in ([record] if isinstance(record, str) else record or [])]
        asked = self._core.copy()
        target = None if output is None else files.replaceable(output, "result")
        with tables.progress_bar(progress, seconds or self._core.duration) as show:
            raw = asked.simulate(
                duration=seconds,
                every=_seconds(every, "every"),
                tolerance=None if tolerance is None else si(tolerance, "1", "tolerance"),
                output="" if target is None else target,
                record=recorded,
                record_all=record_all,
                progress=show,
            )
        return Run(asked, raw, target)

    def check(self) -> pandas.DataFrame:
        """Verdicts at the steady state, worst first: see `Solution.check`."""
        return self.steady().check()

    # ---- about ----

    @property
    def title(self) -> str:
        return self._core.title

    @property
    def about(self) -> str:
        return self._core.about

    @property
    def file(self) -> str:
        return self._core.file

    @property
    def duration(self) -> float:
        """Of the run the case describes [s]; 0 for a steady state only."""
        return self._core.duration

    @property
    def core(self) -> _core.Case:
        """The C++ object behind the case."""
        return self._core

    @property
    def unknowns(self) -> int:
        """Unknowns the solver works on."""
        return self._core.unknowns

    @property
    def assumptions(self) -> list[_core.Assumption]:
        """Values graded as assumed, with their ranges, SI."""
        return self._core.assumptions

    @property
    def notes(self) -> list[str]:
        """What was added or assumed when the network was built."""
        return self._core.notes

    def _rows(self) -> tuple[str, tables.Table]:
        kinds: dict[str, int] = {}
        for kind in _core.topology(self._core).types:
            kinds[kind] = kinds.get(kind, 0) + 1
        head = f"{self.title or 'untitled case'}: {self._core.size} components, {self.unknowns} unknowns"
        docs = {m.type: m.doc for m in _core.models()}
        return head, tables.Table(["model", "count", "what"], [[k, str(n), docs[k]] for k, n in sorted(kinds.items())])

    def __repr__(self) -> str:
        head, table = self._rows()
        return printable(f"{head}\n{table.text()}")

    def _repr_html_(self) -> str:
        head, table = self._rows()
        return table.html(head)


def _seconds(value: str | float | None, about: str) -> float | None:
    if isinstance(value, str):
        return _core.seconds(text_of(value, f"{about}: a time is seconds or text such as '10 min'"))
    return None if value is None else si(value, "s", about)


def _restored(source: Any) -> Case:
    return Case(_core.restored(source))
