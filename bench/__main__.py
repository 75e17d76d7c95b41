"""`./kelvolt bench [--case CASE] [--json]`: times the solver."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from bench import run


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kelvolt bench", description="Times the solver.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--case", metavar="CASE", help="default: the GB200 NVL72 rack")
    options = parser.parse_args(words)
    numbers = run.measure(options.case)
    print(json.dumps(numbers, indent=1) if options.json else run.text(numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
