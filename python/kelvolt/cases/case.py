"""A case: the network that a text file describes, with its current values."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from kelvolt import _core
from kelvolt.base import files, tables
from kelvolt.base.errors import InputError, printable
from kelvolt.base.progress import progress_bar
from kelvolt.base.values import Floats, floats, path_of, pick, quantity_text, shown, si, single, text_of, whole
from kelvolt.cases import edit, outside, shipped
from kelvolt.cases.knobs import knob_value, knobs_of, parameters_of, read_knob
from kelvolt.cases.listed import Valued
from kelvolt.cases.loadability import Loadability
from kelvolt.cases.run import Run
from kelvolt.cases.run_arguments import event_of, seconds_of, tolerance_of
from kelvolt.cases.solution import Solution
from kelvolt.cases.texts import case_text
from kelvolt.cases.tree import Tree, tree_of

if TYPE_CHECKING:
    import pandas

    from kelvolt.serve.explorer import Explorer

outside.register()

Folders = str | PathLike[str] | Sequence[str | PathLike[str]]


def load(path: str | PathLike[str], *, allow: Folders = ()) -> Case:
    """The case in a YAML file, or the shipped case of that name: `kv.load("gb200_nvl72_rack")`.

    A file of that name goes before a shipped case; `kv.cases()` lists those. A case may refer to files in its own
    folder and in the library only (links resolved); `allow` adds folders. Raises InputError or TopologyError (with file
    and line), FileError; for a name without a file MissingFile, which lists shipped cases of similar names.

    >>> kv.load("single_loop").title
    'One GPU, one pump, one exchanger'
    """
    return _told(Case(_core.load(shipped.found(path), _folders(allow))))


def read(
    text: str | Mapping[str, Any], *, name: str = "case", folder: str | PathLike[str] = ".", allow: Folders = ()
) -> Case:
    """The case in a text, or in a mapping of the same shape.

    `name` is used for the file in messages. CSV files and local library entries are searched in `folder`; others than
    there, in the library and in `allow` (links resolved) are refused. Raises InputError or TopologyError.

    >>> room = {"kelvolt": 1, "components": {"room": {"model": "ambient", "T": "25 degC"}}}
    >>> kv.read(room, name="room.yaml").get("room.T", "degC")
    25.0
    """
    text = case_text(text, name)
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


class Case(Valued):
    """A case that can be solved. Made by `kv.load`, `kv.read` or `kv.Network.build`.

    `case["rack.tray[3].gpu[1].power"]` is a float in SI; with a pattern (`*`, `[1..4]`) an array shaped by the indexed
    levels. Assigning takes text with a unit, a quantity of pint, a number in SI, or for a pattern an array of such a
    shape.
    """

    def __init__(self, core: _core.Case) -> None:
        self._core = core

    # ---- values ----

    def __getitem__(self, path: str) -> float | Floats:
        """Current values of parameters, SI. Raises InputError when the path names nothing, or not a parameter.

        >>> case = kv.load("single_loop")
        >>> case["gpu.power"]
        1140.0
        """
        return self.get(path)

    def get(self, path: str, unit: str | None = None) -> float | Floats:
        """Like `case[path]`, in `unit` if one is given instead of SI. Raises InputError."""
        if path_of(path) in knobs_of(self._core):
            return read_knob(self._core, path, unit)
        found = self._core.find_parameters(path)
        return pick(found, path, np.asarray(self._core.get(found)), unit)

    def __setitem__(self, path: str, value: str | float | ArrayLike) -> None:
        """Sets parameters, each checked against its range. Raises InputError; then nothing was changed.

        >>> case = kv.load("single_loop")
        >>> case["gpu.power"] = "1.1 kW"
        >>> case["gpu.power"]
        1100.0
        """
        with edit.telling_words(self._core, path := path_of(path)):
            if isinstance(value, list | tuple) or np.ndim(value):
                self._set_array(path, value)
            else:
                self._set_alike(path, quantity_text(value))

    def _set_alike(self, path: str, value: Any) -> None:
        if isinstance(value, str):
            text = text_of(value, f"{path}: a value is a number in SI or text such as '25 degC'")
            if path in knobs_of(self._core):
                return self._set_alike(path, knob_value(self._core, path, text))
            self._core.copy().set(path, text)  # raises where the value is out of range for one of the elements
            self._core.set(path, text)
            return
        number = si(value, "1", path)
        turned = parameters_of(self._core, path)
        self._core.set_each(turned.found, number * turned.share)

    def _set_array(self, path: str, value: ArrayLike) -> None:
        if path in knobs_of(self._core):
            raise InputError(f"{path} is a knob of the case, one number; set the parameters it sums up to give each")
        found = self._core.find_parameters(path)
        array = floats(value, path, found.unit(0))
        group = single(found, path)
        if array.shape != group.sizes:
            wanted = ", ".join(f"{d} {n}" for d, n in zip(group.dims, group.sizes, strict=True))
            given = f"an array of shape {array.shape} was given"
            raise InputError(f"{path}: {given} where {group.sizes} is needed ({wanted or 'one number'})")
        flat = np.empty(len(found))
        flat[group.numbers] = array.reshape(-1)[group.positions]
        self._core.set_each(found, flat)

    def update(self, values: Mapping[str, str | float | ArrayLike]) -> Case:
        """Sets several paths and returns the case; a word of its text, as `tray.count`, builds the network anew.

        Raises InputError; then nothing was changed.

        >>> case = kv.load("single_loop")
        >>> case.update({"gpu.power": "1.1 kW", "facility.T_supply": "25 degC"})["facility.T_supply"]
        298.15
        """
        core, numbers = edit.restructured(self._core, values)
        tried = Case(core.copy())
        for path, value in numbers.items():
            tried[path] = value
        self._core = tried._core
        return self

    def _values(self) -> _core.Found:
        return self._core.find_parameters("**.*")

    def __contains__(self, path: object) -> bool:
        """Whether parameters have this path or pattern."""
        try:
            return bool(self._core.find_parameters(path_of(path)))
        except InputError:
            return False

    @property
    def knobs(self) -> dict[str, str]:
        """The knobs that the case declares under `knobs:`, with what they turn.

        A knob is one number for the sum of many parameters: `case["rack_power"] = "150 kW"` gives each the same factor.
        It is also varied by sweeps, sizing, calibration and gradients.
        """
        return knobs_of(self._core)

    @property
    def scenarios(self) -> dict[str, dict[str, str]]:
        """The operating cases that the case declares under `scenarios:`: the values that each sets, as text."""
        return {name: dict(values) for name, _, values in _core.scenarios(self._core)}

    def scenario(self, name: str) -> Case:
        """A copy with the values of an operating case that the case declares. Raises InputError."""
        declared = self.scenarios
        if name not in declared:
            there = f"there is {', '.join(declared)}" if declared else "the case declares none under `scenarios:`"
            raise InputError(f"there is no scenario {shown(name)}; {there}")
        return self.copy().update(declared[name])

    def section(self, name: str) -> Any:
        """A copy of what the case says under `apply`, `events`, `limits` (lists) or `profiles` (a mapping by name).

        Raises InputError for another name, and for a case built in code, which has no text.
        """
        return edit.section(self._core, name)

    def edited(self, **sections: Any) -> Case:
        """The case with other `events`, `limits`, `apply` or `profiles`, in the format of case files.

        case.edited(events=[*case.section("events"), {"at": "10 s", "set": "speed.value", "to": 0.6}]) adds an event,
        case.edited(limits=[]) removes all limits of the case. The case itself does not change; what was set on it is
        kept. Raises InputError or TopologyError as `kv.read`, and InputError for a case built in code.

        >>> case = kv.load("single_loop")
        >>> case.edited(events=[{"at": "10 s", "set": "speed.value", "to": 0.6}]).section("events")[0]["to"]
        '0.6'
        """
        return Case(edit.edited(self._core, sections))

    def to_yaml(self) -> str:
        """The text of the case with everything that was set on it, in SI under `set:`.

        Tables that the case names stand in it under `files:`. Read in the same folder, where it finds the other files
        that it names, it gives the same values and the same solution.
        Raises InputError for a case built in code, and where a value was set of a single cell of a divided component,
        or of a part that was added for a connection, which a text cannot say; pickle keeps such a case.
        """
        return edit.to_yaml(self._core)

    def copy(self) -> Case:
        """A case with its own values; the network is shared, so copying is fast."""
        return Case(self._core.copy())

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Case:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle: text, folder and values. Raises InputError for a network built in code, which has no text."""
        source = _core.source(self._core)
        if not source[0]:
            raise InputError("a case built in code has no text that could be kept; build it anew where it is needed")
        return _restored, (source,)

    # ---- solving ----

    def steady(self, guess: Solution | None = None) -> Solution:
        """The steady state; `guess` is a solution of the same network to start from.

        Raises NoConvergence, NoSteadyState or ThermalRunaway, with an electric network also NoPowerFlow and OutOfStep;
        InputError when a strict case leaves the range of its data.

        >>> case = kv.load("single_loop")
        >>> round(case.steady().get("gpu.T_die", "degC"))
        72
        """
        if guess is not None and not isinstance(guess, Solution):
            raise InputError(f"a guess is a Solution of the same network, not {shown(guess)}")
        asked = self._core.copy()  # so that the solution keeps its values when the case is changed later
        return Solution(asked, asked.steady(None if guess is None else guess.raw))

    def loadability(self, most: float = 10.0) -> Loadability:
        """The factor by which all electric loads can grow until no power flow exists: the margin to the nose.

        The factor is raised up to `most`. Raises what `steady` raises, and InputError for a case without an electric
        network.
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
        events: Iterable[tuple[str | float, Mapping[str, str | float]]] = (),
        partial: bool = False,
        states: bool = False,
        progress: bool | Callable[[float], None] | None = None,
    ) -> Run:
        """A run in time from the initial state of the case; arguments not given are taken from the case.

        `duration` and `every` (between rows) are seconds or text such as "10 min". `output` names a result file,
        written in parts during the run; an existing file that is not a result of Kelvolt is never replaced.
        `tolerance`: relative, of the integrator. `record` adds patterns to the recorded ones, `record_all` all values.
        `events`: pairs of a time and the parameters (or knobs) set then, besides the events of the case:
        [("10 s", {"utility[1].in_service": 0})]; one after the end of the run is told in the warnings of `end`.
        `partial`: True returns a run that fails up to its failure instead of raising; `status` says why, and `end` is
        the last state, with the verdicts until then. One that fails at its begin raises.
        `states`: True keeps the whole state at every row, for `run.state(row)`.
        `progress`: True shows a bar, None shows one in terminals and notebooks, a callable gets the time reached [s].

        Ctrl-C ends the run: its file is closed with status "interrupted", then KeyboardInterrupt is raised.
        Raises what `steady` raises, and FileError.

        >>> case = kv.load("single_loop")
        >>> run = case.simulate("4 s", every="1 s", progress=False)
        >>> run["gpu.T_die"].shape
        (5,)
        """
        span = seconds_of(duration, "duration")
        recorded = [path_of(p) for p in ([record] if isinstance(record, str) else record or [])]
        asked = self._core.copy()
        target = None if output is None else files.replaceable(output, "result")
        with progress_bar(progress, span or self._core.duration) as show:
            raw = asked.simulate(
                duration=span,
                every=seconds_of(every, "every"),
                tolerance=tolerance_of(tolerance),
                output="" if target is None else target,
                record=recorded,
                record_all=record_all,
                events=[x for event in events for x in event_of(self._core, event)],
                partial=partial,
                progress=show,
                states=states,
            )
        return Run(asked, raw, target)

    def explore(self, *, units: str = "si", height: int = 760) -> Explorer:
        """The page of `kelvolt serve` for a copy of this case, in a frame of a notebook: sliders with live answers.

        The object returned has `url`, `state` (a copy of the case as it stands in the page) and `stop()`; it ends with
        the kernel. `height` is in pixels. Raises InputError where the libraries of `kelvolt[serve]` are missing.
        """
        from kelvolt.serve.explorer import Explorer

        return Explorer(self, units=units, height=height)

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
        """Duration of the run that the case describes [s]; 0 for a case with a steady state only."""
        return self._core.duration

    @property
    def core(self) -> _core.Case:
        """The C++ object behind the case."""
        return self._core

    @property
    def unknowns(self) -> int:
        """The number of unknowns that the solver solves for."""
        return self._core.unknowns

    def tree(self, depth: int | None = None) -> Tree:
        """The assemblies and parts as a tree, with their models and counts, down to `depth` levels (None: all).

        It prints in a terminal and unfolds in a notebook. Raises InputError for a depth that is no whole number from 1.
        """
        return tree_of(self._core, None if depth is None else whole(depth, "tree: depth"))

    @property
    def assumptions(self) -> list[_core.Assumption]:
        """Values whose source is graded as assumed, with their ranges, SI."""
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


def _restored(source: Any) -> Case:
    return Case(_core.restored(source))
