"""Which compiled module of an installed package this processor runs; importing this makes it `kelvolt._core`.

A wheel holds the compiled module once for each instruction set, as `compiled/x86-64-v3/_core….so`. A source tree holds
one, made for the processor that built it, and none of these folders. `KELVOLT_ISA=x86-64-v2` asks for another set than
the best, to compare.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, MutableSequence
from pathlib import Path

VARIABLE = "KELVOLT_ISA"

# The levels of the x86-64 psABI as Linux names their instructions in /proc/cpuinfo, worst first; each needs those
# before it. abm holds lzcnt, and pni is SSE3.
LEVELS = {
    "x86-64-v2": "cx16 lahf_lm pni popcnt sse4_1 sse4_2 ssse3",
    "x86-64-v3": "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave",
    "x86-64-v4": "avx512bw avx512cd avx512dq avx512f avx512vl",
}


def runs(flags: Collection[str]) -> list[str]:
    """The levels that a processor with these flags of /proc/cpuinfo runs, worst first."""
    found = []
    for level, needed in LEVELS.items():
        if not set(needed.split()) <= set(flags):
            break
        found.append(level)
    return found


def processor_flags(file: Path = Path("/proc/cpuinfo")) -> set[str] | None:
    """The flags of the first processor; None where the file cannot be read or holds none."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, flags = line.partition(":")
                if name.strip() == "flags":
                    return set(flags.split())
    except OSError:
        pass
    return None


def chosen(present: Collection[str], flags: Collection[str] | None, asked: str = "") -> str:
    """The instruction set to use, of those that the package holds.

    Without flags it is the plainest one. Raises ImportError if the asked one is not in the package, or if the
    processor does not run it, or none of them.
    """
    listed = ", ".join(sorted(present))
    if asked and asked not in present:
        raise ImportError(f"{VARIABLE} is '{asked}'; this package holds {listed}")
    if asked in LEVELS and flags is not None and asked not in runs(flags):
        raise ImportError(f"{VARIABLE} is '{asked}'; this processor runs {', '.join(runs(flags)) or 'none of them'}")
    if asked:
        return asked
    levels = [level for level in LEVELS if level in present]
    if not levels:
        return sorted(present)[0]  # another architecture: one module for all of its processors
    if flags is None:
        return levels[0]
    able = [level for level in levels if level in runs(flags)]
    if not able:
        missing = " ".join(sorted(set(LEVELS[levels[0]].split()) - set(flags)))
        raise ImportError(
            f"this processor lacks instructions that Kelvolt's package needs ({missing}); the package holds {listed}. "
            "From the source archive it can be built for this machine: "
            "pip install kelvolt-….tar.gz -C cmake.define.KELVOLT_ISA=native"
        )
    return able[-1]


def compiled_sets(package: Path) -> dict[str, Path]:
    """The folders of compiled modules of an installed package, by instruction set; none in a source tree."""
    return {file.parent.name: file.parent for file in sorted(package.glob("compiled/*/_core.*"))}


def _prepare(package: Path, search: MutableSequence[str]) -> None:
    """Lets Python find `kelvolt._core` in the folder of the chosen instruction set."""
    asked = os.environ.get(VARIABLE, "")
    folders = compiled_sets(package)
    if folders:
        search.append(str(folders[chosen(folders, processor_flags(), asked)]))
    elif asked and any(package.glob("_core.*.so")):
        raise ImportError(f"{VARIABLE} is '{asked}'; a source tree holds one module, for the processor that built it")


_prepare(Path(__file__).parent, sys.modules["kelvolt"].__path__)
