"""Looks up models and entries of the component library."""

from __future__ import annotations

import difflib
import warnings

from kelvolt import _core
from kelvolt._core import models as models
from kelvolt.base.errors import InputError


def components() -> list[_core.LibraryEntry]:
    """Every entry of the component library, sorted by name."""
    return _core.library()


def is_entry(name: str) -> bool:
    """Whether a name is that of an entry of the component library, and of no model."""
    return name not in [m.type for m in models()] and any(e.name == name for e in components())


def model(name: str) -> _core.Model:
    """A model by its name. Raises InputError; for a library entry the message tells how it can be used.

    >>> kv.model("pipe").params[0].name
    'length'
    """
    known = [m.type for m in models()]
    if name in known:
        return _core.model(name)
    for m in models():
        if m.former and m.former == name:
            warnings.warn(f"the model {name} is now called {m.type}", FutureWarning, stacklevel=3)
            return _core.model(m.type)
    entries = {e.name: e for e in components()}
    if name in entries:
        raise InputError(f"'{name}' is no model: {_described(name, entries)}")
    near = difflib.get_close_matches(str(name), [*known, *entries], n=3)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise InputError(f"no model is called '{name}'{hint}; `kelvolt components` lists them")


def _described(name: str, entries: dict[str, _core.LibraryEntry]) -> str:
    base = entries[name].base
    while base in entries:
        base = entries[base].base
    use = f"in the text of a case it is used as `model: {name}` (kv.load, kv.read)"
    here = f"kv.Network().add takes it; kelvolt components {name} lists what it holds"
    kind = f"it builds on the model '{base}'" if base else "it is an assembly of several models"
    return f"it is an entry of the component library ({entries[name].title}); {kind}; {use}; {here}"
