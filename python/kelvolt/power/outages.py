"""What can fail in a network, and which failures are combined."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.groups import grouped
from kelvolt.base.paths import any_covers, any_element, chain_of, covers, owner_of
from kelvolt.cases.plant import Plant
from kelvolt.power.flow import PowerFlow
from kelvolt.power.net import Element, used
from kelvolt.power.section import Section

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution

FAMILIES = (
    "source",
    "feeder",
    "transformer",
    "converter",
    "unit",
    "pump",
    "cdu",
    "switch",
    "open phase",
    "lost neutral",
)
USUAL = tuple(f for f in FAMILIES if f != "switch")  # a switch opens by intention: lost where it is asked for
_POLES = {"pole": "open phase", "neutral": "lost neutral"}  # use of a parameter to family
MOST = 20_000  # contingencies in one study


@dataclass(frozen=True)
class Outage:
    """One failure, with the values that it changes in the case."""

    name: str
    family: str
    values: Mapping[str, float]
    size: float = 0.0  # W carried in the plan, by which like failures are compared
    alike: int = 1  # number of like failures that it stands for

    @property
    def known_as(self) -> str:
        """The name by which patterns know a failure: an open conductor is known as its line or switch."""
        return self.name.partition(" of ")[2] if self.family in _POLES.values() else self.name


def outages(case: Case, solution: Solution | None = None, section: Section | None = None) -> list[Outage]:
    """Every single failure, in the order of the network; components that are already out of service are left out."""
    solution = solution or case.steady()
    flow = PowerFlow(solution)
    section = section or flow.section
    plant = solution.plant
    found = [o for e in flow.grid.elements for o in _of_element(e, plant.models[e.type].role)]
    pumps = [p for p in plant.pumps if p.on]
    found += [Outage(p.path, "pump", {f"{p.path}.{p.service}": 0.0}, p.P_el) for p in pumps]
    found += _cdus(plant, pumps)
    merged: dict[str, Outage] = {}
    for o in found:  # cells of one busway fail together: its breaker opens
        values = {**(merged[o.name].values if o.name in merged else {}), **o.values}
        merged[o.name] = replace(o, values=values)
    return [o for o in merged.values() if not any_covers(section.leave_out, o.known_as)]


def uncalled(solution: Solution) -> list[str]:
    """Generators to whose `call` nothing is connected, so that they run at all times, whatever start_delay says."""
    plant = solution.plant
    paths, types = plant.topology.paths, plant.topology.types
    unconnected = set(paths)  # the network gives an unconnected signal a constant of its own
    return [
        path
        for path, kind in zip(paths, types, strict=True)
        if any(p.name == "start_delay" for p in plant.models[kind].params) and f"{path}.call_constant" in unconnected
    ]


def _of_element(e: Element, role: str) -> Iterable[Outage]:
    v, size, name = e.values, max(e.given, e.taken), chain_of(e.path)
    family = {"branch": "feeder", "switch": "feeder"}.get(e.role, e.role)
    if role == "drive":  # for its bus a drive is a load, for its machines a converter
        family = "converter"
    if e.service in v and e.in_service:
        if family != "load":
            yield Outage(name, family, {f"{e.path}.{e.service}": 0.0}, size)
    else:
        for p in used(e.type, "closed"):
            if v.get(p.name, 0.0) > 0.5:
                yield Outage(name, "switch", {f"{e.path}.{p.name}": 0.0}, size)
    for p in used(e.type, "count"):
        if p.name in v and _allows(p, v[p.name] - 1.0):
            yield Outage(f"one of {name}.{p.name}", "unit", {f"{e.path}.{p.name}": v[p.name] - 1.0}, size)
    yield from _of_poles(e, name, size)


def _of_poles(e: Element, name: str, size: float) -> Iterable[Outage]:
    """One conductor of four wires open, of a line or switch that is closed."""
    if not e.in_service or e.values.get(e.closes, 1.0) < 0.5:
        return
    for use, family in _POLES.items():
        for p in used(e.type, use):
            if e.values.get(p.name, 0.0) > 0.5:
                which = f" {p.name.rpartition('_')[2]}" if use == "pole" else ""
                yield Outage(f"{family}{which} of {name}", family, {f"{e.path}.{p.name}": 0.0}, size)


def _allows(p: _core.Parameter, value: float) -> bool:
    return value > p.minimum if p.above_minimum else value >= p.minimum


def _cdus(plant: Plant, pumps: Sequence[_core.Pump]) -> list[Outage]:
    """Assemblies that hold pumps and an exchanger between two circuits: all pumps stop."""
    around = set()  # all assemblies that hold an exchanger
    for path in plant.exchangers:
        while path := owner_of(path):
            around.add(path)
    groups: dict[str, list[_core.Pump]] = defaultdict(list)
    for pump in pumps:
        owner = owner_of(pump.path)
        while owner and owner not in around:
            owner = owner_of(owner)
        if owner:
            groups[owner].append(pump)
    return [
        Outage(name, "cdu", {f"{p.path}.{p.service}": 0.0 for p in inside}, sum(p.P_el for p in inside))
        for name, inside in groups.items()
    ]


def alike_once(found: list[Outage], tolerance: float) -> list[Outage]:
    """The largest failure of each group whose names differ in indices only and whose power agrees in the tolerance."""
    groups = grouped(
        sorted(found, key=lambda o: -o.size),
        lambda o: (o.name, o.family),
        close=lambda largest, o: o.size >= largest.size * (1.0 - tolerance) - 1e-9,
    )
    first = {g.worst.name: replace(g.worst, alike=len(g.members)) for g in groups}
    return [first[o.name] for o in found if o.name in first]


# ---- together ----

Together = tuple[str, str, Sequence[Outage]]  # name, family, what fails


def accepted(section: Section, several: Sequence[Outage]) -> bool:
    """Whether the plan need not survive these failures together: the case accepts each of them."""
    return bool(several) and all(any_covers(section.accept_failures, o.known_as) for o in several)


def combinations(chosen: list[Outage], n: int) -> list[Together]:
    if n < 0:
        raise InputError(f"contingencies: n = {n}; 1 loses each component in turn, 2 each pair as well, 0 none")
    count = sum(math.comb(len(chosen), k) for k in range(1, n + 1))
    if count > MOST:
        raise InputError(f"contingencies: n = {n} makes {count} combinations, at most {MOST}; declare pairs in `also`")
    made: list[Together] = []
    for k in range(1, n + 1):
        for several in itertools.combinations(chosen, k):
            made.append((" + ".join(o.name for o in several), several[0].family if k == 1 else f"N-{k}", several))
    return made


def named(also: Sequence[Sequence[str]] | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(also, Mapping):
        return also
    return {" + ".join([x] if isinstance(x, str) else x): [x] if isinstance(x, str) else x for x in also}


def declared(case: Case, single: list[Outage], wanted: Mapping[str, Any]) -> list[Together]:
    made: list[Together] = []
    for name, what in wanted.items():
        if isinstance(what, Mapping):
            values = {str(path): _si(case, str(path), value) for path, value in what.items()}
            made.append((name, "declared", [Outage(name, "declared", values)]))
            continue
        several = []
        for pattern in [what] if isinstance(what, str) else what:
            found = [o for o in single if o.name == pattern] or [o for o in single if covers(pattern, o.name)]
            if not found:
                raise InputError(f"contingencies: '{pattern}' names nothing that can fail; there is {_named(single)}")
            several += found
        made.append((name, "declared", several))
    return made


def _si(case: Case, path: str, value: Any) -> float:
    found = case.core.find_parameters(path)
    return _core.to_si(value, found.unit(0)) if isinstance(value, str) else float(value)


def _named(single: list[Outage]) -> str:
    names = list(dict.fromkeys(any_element(o.name) for o in single))
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "") if names else "nothing"
