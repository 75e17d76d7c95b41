"""Networks built in code, from the same objects that a case file describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.paths import expanded
from kelvolt.base.values import Floats, floats, path_of, quantity_text, si, text_of, whole
from kelvolt.cases import registry
from kelvolt.cases.build_text import SECTIONS, Facts
from kelvolt.cases.case import Case, read

_ENDS = """ports are joined by part["b"] or by text such as 'pump.b' or 'tray[1..18].inlet'"""
_MOST_NAMES = 1_000_000  # the largest number of components in a network


@dataclass(frozen=True)
class Ports:
    """One port of many components, in their order; sliced like an array: `hose["b"][:-1]`."""

    components: NDArray[np.int64]
    number: int
    name: str

    def __getitem__(self, which: slice | int | NDArray[Any]) -> Ports:
        return Ports(np.atleast_1d(self.components[which]), self.number, self.name)

    def __len__(self) -> int:
        return len(self.components)


@dataclass(frozen=True)
class Part:
    """What `Network.add` made: one component, the elements path[1..count], or a chain. `part["b"]`: their ports b."""

    path: str
    model: _core.Model | None  # None for a library entry, whose ports are found when the network is built
    first: int  # -1 for a chain and for a library entry, whose ports are named by text
    count: int

    def __getitem__(self, port: str) -> Ports | str:
        """Raises InputError when the model has no such port."""
        if self.model is None:
            port = text_of(port, "a port is called by text such as 'inlet'")
            return f"{self.path}[1..{self.count}].{port}" if self.count else f"{self.path}.{port}"
        names = [p.name for p in self.model.ports]
        if port not in names:
            raise InputError(
                f"{self.path}: model {self.model.type} has no port '{port}'; its ports are {', '.join(names)}"
            )
        if self.first < 0:
            return f"{self.path}.{port}"
        components = np.arange(self.first, self.first + max(self.count, 1), dtype=np.int64)
        return Ports(components, names.index(port), port)


class Network:
    """Components and connections from which `build` makes a case. A call that raises an error changes nothing.

    net = kv.Network()
    cell = net.add("pipe", "cell", count=1000, length=np.full(1000, 0.2), diameter="25 mm")
    net.connect(cell["b"][:-1], cell["a"][1:])
    case = net.build()

    Numbers are SI or text with a unit; for several components also an array of `count` numbers in SI. Entries of the
    component library are added like models, and `limit`, `event` and `sections` say what case files say under these
    names; a network with any of them becomes a case with a text (`Case.to_yaml`).

    >>> net = kv.Network()
    >>> pipes = net.add("pipe", "pipe", count=3, length=1.0, diameter="10 mm")
    >>> len(pipes["b"])
    3
    """

    def __init__(self, *, T_start: str | float = 303.15, junction_volume: str | float = 2.0e-5) -> None:
        """`T_start` [K]: cold-start temperature. `junction_volume` [m3]: of connections to which no component gives a
        volume. Raises InputError."""
        self._draft = _core.Draft()
        self._accepted: list[tuple[str, tuple[Any, ...]]] = []  # calls to repeat on a new draft after one has failed
        self._built = False
        settings = (si(T_start, "K", "T_start"), si(junction_volume, "m3", "junction_volume"))
        self._call("settings", *settings)
        self._facts = Facts(dict(zip(("T_start", "junction_volume"), settings, strict=True)))

    def __reduce__(self) -> NoReturn:
        raise InputError(
            "a network is built in code and has no text to copy or pickle; build it anew where it is needed"
        )

    def _call(self, name: str, *arguments: Any) -> Any:
        self._accepted.append((name, arguments))
        return getattr(self._draft, name)(*arguments)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A context whose changes to the network are all undone when an error is raised in it."""
        before, known = len(self._accepted), self._facts.lengths()
        try:
            yield
        except BaseException:
            del self._accepted[before:]
            self._facts.cut(known)
            if not self._built:
                self._draft = _core.Draft()
                for name, arguments in self._accepted:
                    getattr(self._draft, name)(*arguments)
            raise

    def add(self, model: str, path: str, *, count: int | None = None, cells: int | None = None, **values: Any) -> Part:
        """Adds one component, elements path[1..count], or a chain of `cells` cells; of a model or a library entry.

        Keywords are the model's parameters (see `kv.model(name).params`) and signal ports. A curve is a number
        (constant) or {"points": [[x, y], …], "x": unit, "y": unit, "kind": "table" or "log_table", "source": text}.
        Raises InputError for an unknown model, parameter or word, and for a value out of range; of a library entry some
        of these are found by `build`.
        """
        self._refuse_built()
        if registry.is_entry(text_of(model, "a model is called by text such as 'pipe'")):
            return self._add_entry(model, path_of(path), count, cells, values)
        info = registry.model(model)
        path = path_of(path)
        if cells is not None and count is not None:
            raise InputError(f"{path}: give count (elements) or cells (a chain), not both")
        with self._whole():
            if cells is not None:
                self._call("add_chain", model, path, whole(cells, f"{path}: cells", most=_MOST_NAMES))
                part = Part(path, info, -1, 0)
            else:
                number = 0 if count is None else whole(count, f"{path}: count", most=_MOST_NAMES)
                part = Part(path, info, self._call("add", model, path, number), number)
            self._facts.added.append((model, path, count, cells))
            for name, value in values.items():
                self._set(part, name, value)
        return part

    def _add_entry(self, entry: str, path: str, count: int | None, cells: int | None, values: dict[str, Any]) -> Part:
        with self._whole():
            if path in [added for _, added, _, _ in self._facts.added]:
                raise InputError(f"{path}: this name is already used; choose another one")
            number = 0 if count is None else whole(count, f"{path}: count", most=_MOST_NAMES)
            self._facts.added.append((entry, path, count, cells))
            self._facts.entries.append(path)
            self._facts.values += [(path, number, name, value) for name, value in values.items()]
        return Part(path, None, -1, number)

    def _refuse_built(self) -> None:
        if self._built:
            raise InputError("this network is built; begin a new one to change its components")

    def limit(self, of: str | list[str], **keys: Any) -> None:
        """Adds a limit, as case files state it: `net.limit("gpu[*].T_die", max="85 degC", basis="data sheet")`.

        Keywords: min, max, spread, id, basis. What is wrong with it is found by `build`."""
        self.sections(limits={"of": of, **keys})

    def event(self, at: str | float, set: str, **keys: Any) -> None:  # the words of case files
        """Adds an event of runs in time, as case files state it: `net.event("10 s", "speed.value", to=0.6)`.

        Keywords: to or by, over. What is wrong with it is found by `build`."""
        self.sections(events={"at": at, "set": set, **keys})

    def sections(self, **sections: Any) -> None:
        """Adds what case files say under limits, events, apply (one item), profiles, record, run, scenarios, knobs,
        power or set (a mapping). Raises InputError for other names; what is wrong in it is found by `build`."""
        self._refuse_built()
        for name, section in sections.items():
            if name not in SECTIONS:
                raise InputError(f"a network takes no section '{name}'; it takes {', '.join(SECTIONS)}")
            if not isinstance(section, Mapping):
                raise InputError(f"{name}: one item is a mapping as in case files, not {section!r}")
            self._facts.sections.append((name, section))

    def set(self, part: Part | str, **values: Any) -> None:
        """Sets parameters of a part, or of the component of that path. Raises InputError; then nothing was changed."""
        self._refuse_built()
        with self._whole():
            for name, value in values.items():
                path = part.path if isinstance(part, Part) else path_of(part)
                if path in self._facts.entries:
                    count = next((n or 0 for _, p, n, _ in self._facts.added if p == path), 0)
                    self._facts.values.append((path, count, name, value))
                else:
                    self._set(part if isinstance(part, Part) else self._named(part), name, value)

    def _named(self, path: str) -> Part:
        return Part(path, self._draft.model_of(path_of(path)), -1, 0)

    def _set(self, part: Part, name: str, value: Any) -> None:
        name = text_of(name, "a parameter is called by text such as 'length'")
        about = f"{part.path}: {name}"
        assert part.model is not None  # a library entry is set by its text
        self._facts.values.append((part.path, part.count, name, value))
        info = next((p for p in part.model.params if p.name == name), None)
        at = (part.path, part.count, name)
        if info is None and any(p.name == name and p.kind == "signal" and not p.writes for p in part.model.ports):
            self._call("set_signal", *at, si(value, "1", about))
        elif info is None or info.type == "number":
            # an unknown name is refused by the builder, whose message suggests the nearest one
            self._call("set_numbers", *at, _numbers(value, info.unit if info else "1", about))
        elif info.type == "choice":
            self._call("set_choice", *at, _word(value, about))
        elif info.type == "medium":
            self._call("set_medium", *at, _word(value, about))
        else:
            self._set_curve(part, info, value)

    def _set_curve(self, part: Part, info: _core.Parameter, value: Any) -> None:
        at, about = (part.path, part.count, info.name), f"{part.path}: {info.name}"
        if not isinstance(value, Mapping):
            self._call("set_constant_curve", *at, si(value, info.unit, about))
            return
        unknown = set(value) - {"points", "x", "y", "kind", "source"}
        if unknown or "points" not in value:
            raise InputError(
                f"{part.path}: {info.name} takes points, x, y, kind, source (got {', '.join(map(str, value))})"
            )
        points = floats(value["points"], f"{about}: points")
        if points.ndim != 2 or points.shape[1] != 2:
            raise InputError(
                f"{part.path}: {info.name} needs points [[x, y], …]; their array has the shape {points.shape}"
            )
        x = [si(f"{v!r} {value.get('x', '')}", info.x_unit, about) for v in points[:, 0].tolist()]
        y = [si(f"{v!r} {value.get('y', '')}", info.unit, about) for v in points[:, 1].tolist()]
        self._call(
            "set_table", *at, x, y, value.get("kind", "table") == "log_table", _word(value.get("source", ""), about)
        )

    def connect(self, a: Ports | str, b: Ports | str, *more: Ports | str) -> None:
        """Joins ports pairwise: two lists of equal length, or one port to all of a list; `more` continues from `b`.

        Text names one port or several ("tray[1..18].inlet"). Raises InputError for ports of different kinds and lists
        of different lengths.
        """
        self._refuse_built()
        for end in (a, b, *more):
            if not isinstance(end, Ports):
                text_of(end, _ENDS)
        with self._whole():
            for one, other in pairwise((a, b, *more)):
                self._facts.joined.append((one, other))
                if self._facts.of_entry(one) or self._facts.of_entry(other):
                    continue  # checked when the network is built, which finds the ports of library entries
                if isinstance(one, Ports) and isinstance(other, Ports):
                    self._call("connect", one.components, one.number, other.components, other.number)
                else:
                    self._call("connect_names", self._names(one), self._names(other))

    def _names(self, ports: Ports | str) -> list[str]:
        if isinstance(ports, Ports):
            paths = self._draft.paths
            return [f"{paths[c]}.{ports.name}" for c in ports.components.tolist()]
        return expanded(text_of(ports, _ENDS), _MOST_NAMES)

    def build(self, title: str = "") -> Case:
        """Numbers the unknowns, checks that the system can be solved, and returns it as a case.

        Raises TopologyError (unconnected ports, none or two pressure references, higher index) or InputError, which
        name the components and what is to be mended. The network is then unchanged: correct it with `add`, `set` or
        `connect`, and build again. After a successful build it is fixed.
        """
        self._refuse_built()
        title = text_of(title, "a title is text")
        with self._whole():
            if self._facts.needs_text:
                case = read(self._facts.case(title, self._names), name="network")
            else:
                case = Case(self._draft.build(title))
        self._built = True
        self._accepted.clear()
        self._facts = Facts({})
        return case


def _numbers(value: str | float | ArrayLike, unit: str, about: str) -> Floats:
    single = isinstance(quantity_text(value), str)
    return np.atleast_1d(si(value, unit, about) if single else floats(value, about, unit))


def _word(value: Any, about: str) -> str:
    return text_of(str(value), f"{about}: a word is needed")
