"""`./kelvolt fuzz [minutes] [target…]`: every target under libFuzzer, one process a core, and what was found.

Inputs that reach new code are kept in build/fuzz/corpus, inputs that break something in build/fuzz/found; both go on
from where the last run ended. A crash is any signal, sanitizer report, foreign exception or broken law.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "fuzz"
PROGRAM = BUILD / "kelvolt_fuzz"
HANG = 20  # seconds, under the sanitizers
MEMORY = 2048  # MB, the sanitizers' own included
LONGEST = 6000  # bytes of an input


@dataclass
class Outcome:
    target: str
    inputs: int
    seconds: float
    status: int
    log: Path

    @property
    def found(self) -> dict[str, int]:
        """Broken inputs in the folder, by kind."""
        names = [path.name.split("-")[0] for path in (BUILD / "found" / self.target).glob("*-*")]
        return {kind: names.count(kind) for kind in ("crash", "timeout", "oom", "leak")}


def targets() -> list[str]:
    listed = subprocess.run([PROGRAM], capture_output=True, text=True, check=True).stdout
    return [line.split("\t")[0] for line in listed.splitlines()]


def fuzz(target: str, seconds: int) -> Outcome:
    folders = {name: BUILD / name / target for name in ("corpus", "seeds", "found")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{target}.log"
    environment = os.environ | {
        "KELVOLT_FUZZ_TARGET": target,
        "KELVOLT_FUZZ_SEEDS": str(folders["seeds"]),
        "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-16",
    }
    # -fork: a crash ends one child and is kept; the others go on
    command = [PROGRAM, "-fork=1", "-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1"]
    command += [f"-max_total_time={seconds}", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}", f"-max_len={LONGEST}"]
    command += [f"-artifact_prefix={folders['found']}/", f"-dict={BUILD / 'seeds' / 'dictionary'}"]
    command += [folders["corpus"], folders["seeds"]]
    with log.open("w") as out:
        status = subprocess.run(command, env=environment, stdout=out, stderr=out, cwd=BUILD).returncode
    text = log.read_text(errors="replace")
    done = re.findall(r"^#(\d+): cov.* time: (\d+)s", text, re.MULTILINE)
    inputs, took = done[-1] if done else (0, 0)
    return Outcome(target, int(inputs), float(took), status, log)


def main() -> int:
    parser = argparse.ArgumentParser(prog="kelvolt fuzz", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=10.0, help="for all targets together")
    parser.add_argument("target", nargs="*", help="all unless named")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    known = targets()
    chosen = asked.target or known
    if unknown := set(chosen) - set(known):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    seconds = max(5, int(60 * asked.minutes * asked.processes / len(chosen)))
    with ThreadPoolExecutor(asked.processes) as pool:
        outcomes = list(pool.map(lambda target: fuzz(target, seconds), chosen))
    print(f"{'target':12}{'inputs':>12}{'seconds':>9}{'crashes':>9}{'hangs':>7}{'memory':>8}")
    for o in outcomes:
        found = o.found
        crashes = found["crash"] + found["leak"]
        print(f"{o.target:12}{o.inputs:12}{o.seconds:9.0f}{crashes:9}{found['timeout']:7}{found['oom']:8}")
    broken = [o for o in outcomes if any(o.found.values()) or not o.inputs]
    for o in broken:
        print(f"see {o.log.relative_to(BUILD.parents[1])} and build/fuzz/found/{o.target}; one again:", file=sys.stderr)
        print(
            f"  KELVOLT_FUZZ_TARGET={o.target} build/fuzz/kelvolt_fuzz build/fuzz/found/{o.target}/…", file=sys.stderr
        )
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
