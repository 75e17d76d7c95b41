"""Starts a sweep ten times and kills it, then lets it finish: python sweep_killed.py OUTPUT THREADS SEED."""

import importlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import kelvolt as kv
import numpy as np

STARTER = Path(kv.__file__).parent / "starter.yaml"
KILLS = 10


def answer(output: str | None, threads: int, progress=False):
    """A structural axis, text with units, factors; 6,400 points of which some are refused."""
    case = kv.load(STARTER)
    axes = {
        "vessel.medium": ["dowfrost_lc25", "water"],
        "facility.T_supply": [f"{t:.2f} degC" for t in np.linspace(15, 45, 80)],
        "gpu[*].power": kv.times([-0.1, *np.linspace(0.5, 1.5, 39)]),
    }
    record = ["gpu[*].T_die", "max(gpu[*].T_case)"]
    return kv.sweep(case, axes, record=record, output=output, threads=threads, progress=progress)


def main() -> None:
    output, threads, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # more parts, so that kills fall into their writing too
    importlib.import_module("kelvolt.sweeps.sweep")._FLUSH = 0.01
    moments = random.Random(seed)
    for _ in range(KILLS):
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            answer(output, threads, progress=lambda done, total, tell=tell: os.write(tell, b"."))
            os._exit(0)
        os.close(tell)
        os.read(told, 1)  # solving has begun, or all is done
        time.sleep(moments.uniform(0.0, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)
    found: list[int] = []
    answer(output, threads, progress=lambda done, total: found.append(done))
    print(found[0] if found else -1)  # points that the killed ones had left; -1: all of them


if __name__ == "__main__":
    main()
