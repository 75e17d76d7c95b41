"""Writes python/kelvolt/_core.pyi from the docstrings of the built module: `./kelvolt python python/stubs.py`.

pybind11 puts a typed signature into each docstring. A test compares the committed file with what this makes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

_TARGET = Path(__file__).parent / "kelvolt" / "_core.pyi"
_HEAD = """# made by python/stubs.py from the built module; do not edit
from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, overload

from typing_extensions import Buffer

__version__: str
instruction_set: str
"""
# buffers and callables are untyped objects to pybind11
_WORDS = {
    r"kelvolt\._core\.": "",
    r"kelvolt::(?:\w+::)*(\w+)": r"\1",
    r"\bList\[": "list[",
    r"\bTuple\[": "tuple[",
    r"\bDict\[": "dict[",
    r"Union\[os\.PathLike, str, bytes\]": "str | PathLike[str]",
    r"os\.PathLike": "str | PathLike[str]",
    r"\bdict\b(?!\[)": "dict[Any, Any]",
    r"\btuple\b(?!\[)": "tuple[Any, ...]",
    r"\blist\b(?!\[)": "list[Any]",
    r": (\w+) = None": r": \1 | None = None",
    r"Optional\[(\w+)\]": r"\1 | None",
    r"\bbuffer\b": "Buffer",
    r"\bobject\b": "Any",
    r"numpy\.\w+": "Any",
    r"\bpathlib\.Path\b": "PathLike[str]",
}
_SIGNATURE = re.compile(r"^(?:\d+\. )?(\w+)\((.*)\) -> (.+)$", re.MULTILINE)


def _typed(text: str) -> str:
    for pattern, word in _WORDS.items():
        text = re.sub(pattern, word, text)
    return text


def _signatures(name: str, function: object) -> list[str]:
    found = [m for m in _SIGNATURE.finditer(function.__doc__ or "") if m[1] == name]
    return [f"({_arguments(m[2])}) -> {_typed(m[3])}" for m in found]


def _arguments(text: str) -> str:
    """A list that is taken may be any sequence."""
    return re.sub(r"\blist\[", "Sequence[", _typed(_with_self(text)))


def _with_self(arguments: str) -> str:
    return re.sub(r"^(?:self|arg0): [\w.]+", "self", arguments)


def _first_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[0].strip() if lines else ""


def _function(name: str, function: object, indent: str = "") -> list[str]:
    signatures = _signatures(name, function)
    lines: list[str] = []
    for signature in signatures:
        if len(signatures) > 1:
            lines.append(f"{indent}@overload")
        lines.append(f"{indent}def {name}{signature}: ...")
    return lines


def _class(kind: type) -> list[str]:
    body: list[str] = []
    for name, member in sorted(vars(kind).items()):
        if isinstance(member, property):
            result = re.search(r"-> (.+)$", (member.fget.__doc__ or "").strip().splitlines()[0])
            body += ["    @property", f"    def {name}(self) -> {_typed(result[1]) if result else 'Any'}: ..."]
        elif isinstance(member, staticmethod):
            body += ["    @staticmethod", *_function(name, member.__func__, "    ")]
        elif callable(member) and (not name.startswith("_") or name in ("__init__", "__len__")):
            body += _function(name, member, "    ")
    doc = _first_line(kind.__doc__)
    head = [f"class {kind.__name__}:"] + ([f'    """{doc}"""', ""] if doc else [])
    return head + (body or ["    ..."])


def stub_text(core: ModuleType) -> str:
    lines: list[str] = []
    for _, member in sorted(vars(core).items()):
        if isinstance(member, type):
            lines += ["", *_class(member)]
    lines.append("")
    for name, member in sorted(vars(core).items()):
        if callable(member) and not isinstance(member, type):
            lines += _function(name, member)
    return _HEAD + "\n".join(lines) + "\n"


def formatted(text: str) -> str:
    """As `ruff format` leaves it, so that lint and this file agree."""
    import subprocess

    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(_TARGET), "-"]
    done = subprocess.run(ruff, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"ruff did not format the stub; `./kelvolt lint` installs it. {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    from kelvolt import _core

    _TARGET.write_text(formatted(stub_text(_core)), encoding="utf-8")
