"""Versions of the files that Kelvolt writes and reads, and what `kelvolt --version` tells.

A version goes up when a file of an older Kelvolt would be read wrongly, or not at all; docs/release.md tells how.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import FileError

CASE = 1  # the key `kelvolt` of a case
RESULT = 2  # of runs, steady solutions and sweeps, as solver/case/run_file.hpp; 1 had dots in names of dimensions
FINGERPRINT = 1  # of `kelvolt commission`
ATTRIBUTE = "kelvolt_format"  # of result files; those of format 1 have none

FORMATS = {"case": CASE, "result": RESULT, "fingerprint": FINGERPRINT}


def version_text() -> str:
    """Version, instruction set of the compiled module, and versions of the file formats; one line."""
    formats = ", ".join(f"{name} {version}" for name, version in FORMATS.items())
    return f"kelvolt {_core.__version__} ({_core.instruction_set}; formats: {formats})"


def refuse_newer(file: Path, attributes: Mapping[str, Any]) -> None:
    """Raises FileError where the attributes of a result file name a later format than this Kelvolt reads."""
    told = attributes.get(ATTRIBUTE, "1")
    told = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    if not told.isdecimal() or int(told) > RESULT:
        raise FileError(
            f"{file}: is of result format {told}, and Kelvolt {_core.__version__} reads up to {RESULT}; "
            "read it with the Kelvolt that wrote it, or a later one"
        )
