"""Versions of the files that Kelvolt writes and reads, and what `kelvolt --version` tells.

A version goes up when a file of an older Kelvolt would be read wrongly, or not at all; docs/release.md tells how.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kelvolt import _core
from kelvolt.base.errors import FileError

CASE = 1  # the key `kelvolt` of a case
RESULT = 1  # of runs and steady solutions; the core writes it
SWEEP = 1
FINGERPRINT = 1  # of `kelvolt commission`
ATTRIBUTE = {"result": "result_format", "sweep": "sweep_format"}  # of HDF5 files; files of before have none, and are 1

FORMATS = {"case": CASE, "result": RESULT, "sweep": SWEEP, "fingerprint": FINGERPRINT}


def version_text() -> str:
    """Version, instruction set of the compiled module, and versions of the file formats; one line."""
    formats = ", ".join(f"{name} {version}" for name, version in FORMATS.items())
    return f"kelvolt {_core.__version__} ({_core.instruction_set}; formats: {formats})"


def refuse_newer(file: Path, attributes: Any) -> None:
    """Raises FileError where the attributes of an HDF5 file name a later format than this Kelvolt reads."""
    for kind, name in ATTRIBUTE.items():
        version = int(attributes.get(name, 1))
        if version > FORMATS[kind]:
            raise FileError(
                f"{file}: is of {kind} format {version}, and Kelvolt {_core.__version__} reads up to {FORMATS[kind]}; "
                "read it with the Kelvolt that wrote it, or a later one"
            )
