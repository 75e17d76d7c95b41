"""The `power:` section of a case: spaces, what counts as IT, schemes, contingencies, limits of the checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.errors import InputError

if TYPE_CHECKING:
    from kelvolt.case import Case

SCHEMES = ("2N", "N+1", "3-to-make-2", "4-to-make-3", "block redundant")


@dataclass(frozen=True)
class Scheme:
    """A transfer scheme as the plan states it; `units` are patterns, one or more elements each."""

    name: str
    kind: str
    units: tuple[str, ...]
    catcher: str = ""


@dataclass(frozen=True)
class Section:
    spaces: dict[str, tuple[str, ...]] = field(default_factory=dict)
    it: tuple[str, ...] = ()
    cooling: tuple[str, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    also: dict[str, Any] = field(default_factory=dict)  # declared contingencies: names to patterns, or to {path: value}
    leave_out: tuple[str, ...] = ()
    accept_lost: tuple[str, ...] = ()  # loads that may be lost
    limits: dict[str, dict[str, Any]] = field(default_factory=dict)


def section_of(case: Case) -> Section:
    """What the case says under `power:`; empty for a case built in code. Raises InputError with the key."""
    return section(case.session)


def section(session: _core.Session) -> Section:
    import yaml

    from kelvolt.sweep_axes import edited

    text, _, _, edits = _core.source(session)
    if not text or "power:" not in text and '"power"' not in text:
        return Section()
    for key, value in edits:
        if key.startswith("power."):
            text = edited(text, key, value)
    return _read((yaml.safe_load(text) or {}).get("power") or {})


def _read(given: dict[str, Any]) -> Section:
    _known("power", given, ("spaces", "it", "cooling", "schemes", "contingencies", "limits"))
    spaces = _mapping("power.spaces", given.get("spaces"))
    more = _mapping("power.contingencies", given.get("contingencies"))
    _known("power.contingencies", more, ("also", "leave_out", "accept_lost"))
    limits = _mapping("power.limits", given.get("limits"))
    for key, limit in limits.items():
        _known(f"power.limits.{key}", _mapping(f"power.limits.{key}", limit), ("max", "min", "basis"))
    return Section(
        {str(k): _patterns(f"power.spaces.{k}", v) for k, v in spaces.items()},
        _patterns("power.it", given.get("it")),
        _patterns("power.cooling", given.get("cooling")),
        tuple(_scheme(x) for x in given.get("schemes") or []),
        _also(more.get("also")),
        _patterns("power.contingencies.leave_out", more.get("leave_out")),
        _patterns("power.contingencies.accept_lost", more.get("accept_lost")),
        limits,
    )


def _scheme(given: Any) -> Scheme:
    found = _mapping("power.schemes", given)
    _known("power.schemes", found, ("name", "kind", "units", "catcher"))
    kind = str(found.get("kind", ""))
    if kind not in SCHEMES:
        raise InputError(f"power.schemes: kind '{kind}' is none of {', '.join(SCHEMES)}")
    units = _patterns("power.schemes: units", found.get("units"))
    if (kind == "block redundant") != bool(found.get("catcher")):
        raise InputError("power.schemes: a block redundant scheme names its catcher; no other kind has one")
    return Scheme(str(found.get("name") or kind), kind, units, str(found.get("catcher") or ""))


def _also(given: Any) -> dict[str, Any]:
    """A list of lists of patterns, or names with patterns or values."""
    if given is None:
        return {}
    if isinstance(given, dict):
        return {str(k): v if isinstance(v, dict) else _patterns(f"also.{k}", v) for k, v in given.items()}
    if not isinstance(given, list):
        raise InputError("power.contingencies.also: give a list of lists of components, or names with them")
    return {" + ".join(p): p for x in given for p in [_patterns("power.contingencies.also", x)]}


def _mapping(key: str, given: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise InputError(f"{key}: a mapping of names is needed, not {given!r}")
    return given


def _patterns(key: str, given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, Sequence) or not all(isinstance(x, str) for x in several):
        raise InputError(f"{key}: a pattern of components, or a list of such, is needed, not {given!r}")
    return tuple(several)


def _known(key: str, given: dict[str, Any], words: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(words))
    if unknown:
        raise InputError(f"{key}: there is no '{unknown[0]}'; there is {', '.join(words)}")


# ---- patterns of components ----


def matches(pattern: str, path: str) -> bool:
    """`*` stands for any name or index, `[1..3]` for indices; a pattern names what lies inside a component, too."""
    return _compiled(pattern).match(path) is not None


def any_matches(patterns: Sequence[str], path: str) -> bool:
    return any(matches(p, path) for p in patterns)


_cache: dict[str, re.Pattern[str]] = {}


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern not in _cache:
        parts = re.split(r"(\*\*|\*|\[\d+\.\.\d+\])", pattern)
        made = "".join(_expression(part) for part in parts)
        _cache[pattern] = re.compile(made + r"(?:$|(?=[.\[]))")
    return _cache[pattern]


def _expression(part: str) -> str:
    if part == "**":
        return ".*"
    if part == "*":
        return r"[^.\[\]]*"
    if span := re.fullmatch(r"\[(\d+)\.\.(\d+)\]", part):
        low, high = int(span[1]), int(span[2])
        return r"\[(?:" + "|".join(str(k) for k in range(low, high + 1)) + r")\]"
    return re.escape(part)
