"""Validation against independent references: every folder here is a case with its reference. Runs the cases and
writes the scoreboard.

    ./kelvolt validate            all cases, prints the scoreboard and writes validation/SCOREBOARD.md
    ./kelvolt validate pipe tee   some of them, by a part of their names; writes nothing
    ./kelvolt validate --json     the same as a list of objects

A case folder holds case.yaml, reference.yaml (expected values, their source, the allowed differences and the reasons
for these) and README.md. Expected values are a table of path -> value; check.py can add further comparisons.
Exit status 1 when a comparison fails.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import kelvolt as kv
import yaml

HERE = Path(__file__).resolve().parent
SCOREBOARD = HERE / "SCOREBOARD.md"

# units of references: factor to SI, and value in SI at zero
UNITS = {"degC": (1.0, 273.15)} | {
    unit: (factor, 0.0)
    for unit, factor in {
        "1": 1.0,
        "%": 0.01,
        "Pa": 1.0,
        "kPa": 1e3,
        "bar": 1e5,
        "m/s": 1.0,
        "kg/s": 1.0,
        "L/s": 1e-3,
        "L/min": 1e-3 / 60,
        "K": 1.0,
        "K/s": 1.0,
        "K/W": 1.0,
        "W": 1.0,
        "kW": 1e3,
        "kW/K": 1e3,
        "s": 1.0,
        "kg/m3": 1.0,
        "J/(kg.K)": 1.0,
        "W/(m.K)": 1.0,
        "mPa.s": 1e-3,
        "J/K": 1.0,
        "V": 1.0,
        "A": 1.0,
    }.items()
}


def of_si(value: float, unit: str) -> float:
    factor, zero = UNITS[unit]
    return (value - zero) / factor


@dataclass
class Comparison:
    """One number of Kelvolt and one of a reference, in the unit of the reference."""

    what: str
    value: float
    expected: float
    within: float
    unit: str
    why: str

    @property
    def share(self) -> float:
        """The difference over the allowed one; infinite for a value that is not finite, so that it fails."""
        difference = abs(self.value - self.expected)
        if not math.isfinite(difference) or (difference > 0.0 and self.within == 0.0):
            return math.inf
        return difference / self.within if self.within else 0.0

    @property
    def agrees(self) -> bool:
        return bool(self.share <= 1.0)

    @property
    def text(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.what}: {self.value:.7g}{unit}, expected {self.expected:.7g} within {self.within:.2g}"

    def row(self) -> dict[str, Any]:
        value = self.value if math.isfinite(self.value) else None  # JSON has no infinity and no NaN
        return {**self.__dict__, "value": value, "agrees": self.agrees}


@dataclass
class Bench:
    """The argument of a case's check.py: gives access to its case and collects comparisons."""

    folder: Path
    reference: dict[str, Any]
    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The case file: in the folder of the reference, or an example in the data folder that the reference names."""
        return HERE.parent / self.reference["case"] if "case" in self.reference else self.folder / "case.yaml"

    def load(self, changes: dict[str, Any] | None = None) -> kv.Case:
        return kv.load(self.file).update(changes or {})

    def text(self) -> dict[str, Any]:
        """The case as a mapping, which can be changed and passed to `read`."""
        return yaml.safe_load(self.file.read_text())

    def read(self, text: dict[str, Any]) -> kv.Case:
        return kv.read(text, name=self.file.name, folder=self.file.parent)

    def expect(self, what: str, value: float, expected: float, unit: str, within: float | str, why: str) -> None:
        """`value` in SI, `expected` in `unit`; `within` in `unit`, or a share such as "0.1 %" of `expected`."""
        expected = float(expected)
        self.comparisons.append(
            Comparison(what, of_si(float(value), unit), expected, width(within, expected), unit, why)
        )

    def expect_verdict(self, prefix: str, solution: kv.Solution, limit: str, word: str) -> None:
        """Compares the worst verdict of a limit with the expected word: held, broken, or not assessed."""
        table = solution.check()
        words = list(table[table["id"] == limit]["verdict"])
        said = next((w for w in ("broken", "held") if w in words), "not assessed")
        self.expect(f"{prefix}{limit} is {word}", float(said == word), 1.0, "1", 0.5, "a verdict is right or wrong")


def width(within: float | str, expected: float) -> float:
    number, _, sign = str(within).partition(" ")
    return float(number) * (abs(expected) / 100 if sign == "%" else 1.0)


@dataclass
class Outcome:
    name: str
    title: str
    against: str
    comparisons: list[Comparison]
    note: str = ""  # the reason why it was not run, or the error that stopped it
    stopped: bool = False

    @property
    def verdict(self) -> str:
        if self.stopped:
            return "failed"
        if not self.comparisons:
            return "not run"
        return "agrees" if all(c.agrees for c in self.comparisons) else "differs"

    @property
    def worst(self) -> Comparison | None:
        return max(self.comparisons, key=lambda c: c.share, default=None)

    def row(self) -> dict[str, Any]:
        rows = [c.row() for c in self.comparisons]
        return {
            "case": self.name,
            "title": self.title,
            "against": self.against,
            "verdict": self.verdict,
            "note": self.note,
            "comparisons": rows,
        }


def names() -> list[str]:
    return sorted(p.parent.name for p in HERE.glob("*/reference.yaml"))


def read_reference(name: str) -> dict[str, Any]:
    return yaml.safe_load((HERE / name / "reference.yaml").read_text())


def run_case(name: str) -> Outcome:
    """Runs one case. An error that stops it becomes its outcome, so that the other cases still run."""
    reference = read_reference(name)
    outcome = Outcome(name, reference["title"], reference["against"], [])
    missing = [p for p in reference.get("peers", []) if importlib.util.find_spec(p) is None]
    if missing:
        outcome.note = f"not installed: {', '.join(missing)}"
        return outcome
    bench = Bench(HERE / name, reference, outcome.comparisons)
    try:
        compare_table(bench)
        if (bench.folder / "check.py").exists():
            check_of(bench.folder)(bench)
    except Exception as error:  # peers may raise any error, and the scoreboard must name the case
        outcome.stopped = True
        outcome.note = f"{type(error).__name__}: {error}"
    return outcome


def compare_table(bench: Bench) -> None:
    for point in bench.reference.get("points", []):
        solution = bench.load(point.get("set")).steady()
        prefix = f"{point['point']}: " if "point" in point else ""
        for e in point["expect"]:
            value = value_of(solution, e["of"])
            bench.expect(prefix + e.get("what", e["of"]), value, e["value"], e["unit"], e["within"], why(bench, e))
        for limit, word in point.get("verdicts", {}).items():
            bench.expect_verdict(prefix, solution, limit, word)


def why(bench: Bench, expectation: dict[str, Any]) -> str:
    return expectation.get("why") or bench.reference["why"]


def value_of(solution: kv.Solution, of: str) -> float:
    """A value by path, or the difference of two: "tray.b.T - tray.a.T"."""
    first, *rest = (float(solution[path.strip()]) for path in of.split(" - "))
    return first - sum(rest)


def check_of(folder: Path) -> Callable[[Bench], None]:
    module = module_of(folder / "check.py")
    return module.check


def module_of(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"validation_{file.parent.name}", file)
    assert spec and spec.loader
    if str(HERE) not in sys.path:  # modules shared by several cases are in the folder of this file
        sys.path.append(str(HERE))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- scoreboard ----

HEAD = ("case", "against", "compared", "largest difference", "allowed", "at", "verdict")


def rounded(x: float) -> str:
    """The number with two significant digits, so that the scoreboard is the same on every machine."""
    return f"{x:.1e}" if x and not 1e-3 <= abs(x) < 1e4 else f"{float(f'{x:.2g}'):g}"


def score_row(outcome: Outcome) -> tuple[str, ...]:
    worst = outcome.worst
    if worst is None or outcome.stopped:
        return outcome.name, outcome.against, "0", "", "", "", f"{outcome.verdict} ({outcome.note})"
    unit = "" if worst.unit == "1" else f" {worst.unit}"
    # differences below a millionth of the allowed one are rounding noise
    difference = abs(worst.value - worst.expected) if worst.share > 1e-6 else 0.0
    return (
        outcome.name,
        outcome.against,
        str(len(outcome.comparisons)),
        rounded(difference) + unit,
        rounded(worst.within) + unit,
        worst.what,
        outcome.verdict,
    )


def scoreboard(outcomes: Iterable[Outcome]) -> str:
    rows = [score_row(o) for o in outcomes]
    counts = {v: sum(r[-1].startswith(v) for r in rows) for v in ("agrees", "differs", "failed", "not run")}
    table = [HEAD, tuple("---" for _ in HEAD), *rows]
    lines = [
        "# Scoreboard",
        "",
        "Written by `./kelvolt validate`. Every case stands in a folder of this name, with its source, its limits and",
        "the reason for what is allowed. The largest difference is the one that uses up most of what is allowed.",
        "",
        ", ".join(f"{n} {v}" for v, n in counts.items() if n or v == "agrees") + ".",
        "",
        *("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in table),
    ]
    return "\n".join(lines) + "\n"


def printed(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        _, against, count, difference, allowed, at, verdict = score_row(outcome)
        detail = f"{count} compared, worst {difference} of {allowed} ({at})" if difference else ""
        yield f"{verdict.split(' ')[0]:8} {outcome.name:24} {detail or outcome.note}"
        for c in outcome.comparisons:
            if not c.agrees:
                yield f"    {c.text} ({against})"


def chosen(words: list[str]) -> list[str]:
    found = [n for n in names() if not words or any(w in n for w in words)]
    for w in words:
        if not any(w in n for n in found):
            raise kv.InputError(f"no validation case has '{w}' in its name; there are {', '.join(names())}")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="kelvolt validate", description="Compares Kelvolt with numbers from elsewhere."
    )
    parser.add_argument("case", nargs="*", help="part of a case's name; all when none is given")
    parser.add_argument("--json", action="store_true", help="a list of objects, with every comparison")
    options = parser.parse_args(arguments)
    try:
        wanted = chosen(options.case)
    except kv.InputError as error:
        print(f"kelvolt: {error}", file=sys.stderr)
        return 2
    outcomes = []
    for name in wanted:
        outcomes.append(run_case(name))
        if not options.json:
            print("\n".join(printed(outcomes[-1:])), flush=True)
    if options.json:
        print(json.dumps([o.row() for o in outcomes], indent=1))
    # a scoreboard with missing cases would hide known results
    if not options.case and all(o.verdict in ("agrees", "differs") for o in outcomes):
        SCOREBOARD.write_text(scoreboard(outcomes))
    return 0 if all(o.verdict in ("agrees", "not run") for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
