"""The cases that are shipped with Kelvolt, found by name."""

from __future__ import annotations

import difflib
from os import PathLike
from pathlib import Path

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import MissingFile

_SUFFIXES = ("", ".yaml", ".yml")


def cases() -> dict[str, str]:
    """The shipped cases, {name: title} in the order of names. `kv.load(name)` and `kelvolt run NAME` take the names.

    >>> "single_loop" in str(kv.cases())
    True
    """
    return {name: _title(file) for name, file in _files().items()}


def _files() -> dict[str, Path]:
    return {f.stem: f for f in sorted((Path(_core.data_directory()) / "cases").glob("*.yaml"))}


def _title(file: Path) -> str:
    tree = _core.yaml_tree(files.read_text(file), str(file))
    return str(tree.get("title") or "")


def found(path: str | PathLike[str]) -> Path:
    """The file of a case: the path itself where a file is there, otherwise the shipped case of that name.

    Raises MissingFile, which lists shipped cases with similar names, and FileError for a folder, a pipe or a device.
    """
    file = files.path_of(path)
    shipped = _files()
    name = str(path)  # not of `file`, which has lost the "./" of a path that means this folder
    stem = next((name.removesuffix(s) for s in _SUFFIXES[::-1] if name.endswith(s)), name)
    if stem in shipped and not (files.is_there(file) and file.is_file()):
        return shipped[stem]
    try:
        return files.existing(file)
    except MissingFile as error:
        near = difflib.get_close_matches(file.stem, shipped, n=3)
        alike = [n for n in shipped if file.stem and file.stem in n and n not in near]
        listed = ", ".join([*near, *alike][:5])
        hint = f"shipped cases of similar names: {listed}" if listed else "kv.cases() lists the shipped cases"
        raise MissingFile(f"{error.message}; {hint}") from None
