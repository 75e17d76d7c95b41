"""Tries an installed Kelvolt where there is no compiler, no source tree and no library that Kelvolt was built with.

`./kelvolt wheel --test` runs it in a bare Debian, with the Python that the wheel was installed for.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KELVOLT = str(Path(sys.executable).with_name("kelvolt"))
ALLOWED = 1e-9  # relative difference of any value between instruction sets

# every recorded value of a rack and of a hall, and how fast the rack is swept
VALUES = """
import json, sys, time
import numpy as np
import kelvolt as kv
from kelvolt import _core
found = {}
for name in ("gb200_nvl72_rack", "server_room"):
    for key, v in kv.load(name).steady().to_xarray().data_vars.items():
        found[f"{name}: {key}"] = np.ravel(v.values).tolist()
case = kv.load("gb200_nvl72_rack")
points = kv.samples(2000, {"facility.T_supply": ("28 degC", "44 degC"), "tray[*].gpu[*].power": kv.times(0.8, 1.2)})
rates = []
for _ in range(3):
    began = time.perf_counter()
    kv.sweep(case, points, record={"hottest": "max(tray[*].gpu[*].T_die)"}, threads=1, progress=False)
    rates.append(2000 / (time.perf_counter() - began))
json.dump({"set": _core.instruction_set, "values": found, "rate": max(rates)}, sys.stdout)
"""


def run(*command: str, isa: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KELVOLT_", "UDUNITS2_"))}
    if isa:
        environment["KELVOLT_ISA"] = isa
    return subprocess.run(command, capture_output=True, text=True, env=environment)


failures = 0


def check(what: str, good: bool, told: str = "") -> None:
    global failures
    failures += not good
    print(f"{'passed' if good else 'FAILED'}: {what}{f' ({told})' if told else ''}", flush=True)


def bare() -> None:
    found = [name for name in ("cc", "gcc", "g++", "clang", "cmake", "make") if shutil.which(name)]
    check("there is no compiler", not found, ", ".join(found))
    names = re.compile(r"lib(hdf5|udunits|yaml-cpp|fmt|sundials|klu|suitesparse)\b.*\.so")
    libraries = [str(f) for top in ("/usr/lib", "/lib") for f in Path(top).rglob("*.so*") if names.match(f.name)]
    check("none of the libraries is installed", not libraries, ", ".join(libraries[:3]))
    check("UDUNITS' database is not installed", not Path("/usr/share/xml/udunits").exists())


def commands(folder: Path) -> None:
    told = run(KELVOLT, "--version")
    check(
        "kelvolt --version",
        told.returncode == 0 and "formats: case 1" in told.stdout,
        told.stdout.strip() or told.stderr,
    )
    rack = run(KELVOLT, "run", "gb200_nvl72_rack", "-o", str(folder / "rack.h5"))
    check(
        "a rack runs; its limits are broken",
        rack.returncode == 1 and (folder / "rack.h5").is_file(),
        rack.stderr[-300:],
    )
    hall = run(KELVOLT, "check", "hall_2n_ac", "--steady", "--no-contingencies")
    check(
        "a hall is checked",
        hall.returncode in (0, 1, 3) and not hall.stderr,
        f"status {hall.returncode} {hall.stderr[-300:]}",
    )
    references = run(KELVOLT, "validate")
    clear = references.returncode == 2 and "source tree" in references.stderr
    check("kelvolt validate says that it needs the source tree", clear, references.stderr.strip())
    starter = run(KELVOLT, "new", str(folder / "mine"))
    mine = run(KELVOLT, "run", str(folder / "mine.yaml"), "--steady")
    check(
        "a starter case is written and runs", starter.returncode == mine.returncode == 0, starter.stderr + mine.stderr
    )
    listed = run(sys.executable, "-c", "import kelvolt as kv; print(len(kv.cases()), len(kv.components()))")
    check("cases and components are found", listed.returncode == 0, listed.stdout.strip() or listed.stderr[-300:])


def seconds_to_import() -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        run(sys.executable, "-c", "import kelvolt")
        times.append(time.perf_counter() - began)
    print(f"import kelvolt: {min(times):.2f} s, the least of 5, with the start of Python")


def instruction_sets() -> None:
    from kelvolt import processor

    package = Path(processor.__file__).parent
    present = list(processor.compiled_sets(package))
    able = [s for s in present if s in processor.runs(processor.processor_flags() or ())] or present[:1]
    lacking = [s for s in present if s not in able]
    found = {}
    for isa in able:
        told = run(sys.executable, "-c", VALUES, isa=isa)
        check(f"{isa} runs", told.returncode == 0 and f'"set": "{isa}"' in told.stdout, told.stderr[-300:])
        if told.returncode == 0:
            found[isa] = json.loads(told.stdout)
            print(f"  {found[isa]['rate']:.0f} variants of the rack in a second, one thread, the best of 3 times 2000")
    for isa in lacking:
        told = run(sys.executable, "-c", "import kelvolt", isa=isa)
        check(
            f"{isa}, which this processor lacks, is refused",
            "this processor runs" in told.stderr,
            told.stderr[-200:].strip(),
        )
    usual = run(sys.executable, "-c", "from kelvolt import _core; print(_core.instruction_set)").stdout.strip()
    check("the best set is taken", usual == able[-1], usual)
    for isa in able[1:]:
        worst = difference(found[able[0]]["values"], found[isa]["values"])
        check(f"{isa} agrees with {able[0]}", worst <= ALLOWED, f"largest relative difference {worst:.1e}")


def difference(one: dict[str, list[float]], other: dict[str, list[float]]) -> float:
    """The largest difference of any value, relative to the largest of its array; infinite where one is no number."""
    worst = 0.0
    for name, values in one.items():
        pairs = [(a, b) for a, b in zip(values, other[name], strict=True) if isinstance(a, float | int)]
        if any(math.isnan(a) != math.isnan(b) for a, b in pairs):
            return math.inf
        pairs = [(a, b) for a, b in pairs if not math.isnan(a)]
        size = max((abs(a) for a, _ in pairs), default=0.0)
        if size > 0.0:
            worst = max(worst, *(abs(a - b) / size for a, b in pairs))
    return worst


def main() -> int:
    bare()
    with tempfile.TemporaryDirectory() as folder:
        commands(Path(folder))
    seconds_to_import()
    instruction_sets()
    print(f"{failures} failed")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
