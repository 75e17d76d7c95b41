"""Which part of the package may know which, and how long files and functions may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from kelvolt import _core

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "kelvolt"
ORDER = ["base", "cases", "power", "sweeps", "studies", "plots", "reports", "cli"]
# methods of an answer that lead on to what is made of it import it when they are called
DOORS = {
    ("base", "cases"): "kinds.py: is this a case or a solution?",
    ("base", "power"): "kinds.py: is this a power flow?",
    ("cases", "power"): "Solution.power_flow()",
    ("cases", "plots"): "Run.plot()",
    ("cases", "reports"): "summary() of a solution and of a run",
}


def modules() -> dict[str, ast.Module]:
    files = [f for f in PACKAGE.rglob("*.py") if f.name != "__init__.py" and f.parent != PACKAGE]
    return {".".join(f.relative_to(PACKAGE).with_suffix("").parts): ast.parse(f.read_text()) for f in files}


def imported(statements: list[ast.stmt], known: set[str]) -> Iterator[str]:
    """Modules of the package that these statements import, those for type checkers left out."""
    for statement in statements:
        if isinstance(statement, ast.If):  # TYPE_CHECKING
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kelvolt."):
                name = str(node.module).removeprefix("kelvolt.")
                yield from (n for n in {name, *(f"{name}.{a.name}" for a in node.names)} if n in known)


def at_the_top(tree: ast.Module) -> list[ast.stmt]:
    return [s for s in tree.body if not isinstance(s, ast.FunctionDef | ast.ClassDef)]


def package(module: str) -> str:
    return module.split(".")[0]


def test_imports_go_one_way_but_for_the_doors_that_are_named():
    found = modules()
    used = set()
    for name, tree in found.items():
        for other in imported(tree.body, set(found)):
            step = (package(name), package(other))
            if ORDER.index(step[1]) <= ORDER.index(step[0]):
                continue
            used.add(step)
            assert step in DOORS, f"{name} imports {other}"
            assert other not in set(imported(at_the_top(tree), set(found))), f"{name} imports {other} when it is loaded"
    assert used == set(DOORS)


def test_no_two_modules_import_each_other_when_loaded():
    found = modules()
    TopologicalSorter({n: set(imported(at_the_top(t), set(found))) for n, t in found.items()}).prepare()


def test_no_module_is_hidden_by_a_name_of_its_package():
    import importlib

    for name in modules():
        module = importlib.import_module(f"kelvolt.{name}")
        parent, _, last = f"kelvolt.{name}".rpartition(".")
        assert getattr(importlib.import_module(parent), last) is module, f"kelvolt.{name}"


LONGEST_FILE, LONGEST_FUNCTION = 400, 60  # lines
# longer than that today; may shrink, and no other may join them
LONG_FILES = {
    "solver/model/typed_block.hpp": 500,
    "solver/case/session.cpp": 460,
    "solver/assembly/assembly.cpp": 460,
    "solver/electric/energised.cpp": 440,
    "solver/transient/simulation.cpp": 440,
}


def test_no_file_is_longer_than_one_can_read_at_a_sitting():
    sources = [
        f
        for ext in ("py", "cpp", "hpp")
        for top in ("solver", "models", "python", "bench")
        for f in (ROOT / top).rglob(f"*.{ext}")
    ]
    for file in sources:
        name = file.relative_to(ROOT).as_posix()
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert lines <= LONG_FILES.get(name, LONGEST_FILE), f"{name}: {lines} lines"
    assert all((ROOT / name).is_file() for name in LONG_FILES)


def test_no_function_is_longer_than_a_screen():
    for file in [*PACKAGE.rglob("*.py"), *(ROOT / "bench").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = int(node.end_lineno or 0) - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, f"{file.relative_to(ROOT)}: {node.name}: {lines} lines"


# words that are names of models and mean something else in that file
OTHER_MEANINGS = {
    ("python/kelvolt/cases/schema.py", "constant"): "a profile that does not change",
    ("python/kelvolt/reports/summary.py", "volume"): "a column's head",
    ("solver/case/profiles.cpp", "constant"): "a profile that does not change",
    ("solver/units/families.cpp", "volume"): "a kind of quantity",
}


def quoted() -> Iterator[tuple[str, str]]:
    """Every string of the package and every quoted word of the solver, with its file."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield file.relative_to(ROOT).as_posix(), node.value
    for file in (ROOT / "solver").rglob("*.?pp"):
        for word in re.findall(r'"(\w+)"', file.read_text(encoding="utf-8")):
            yield file.relative_to(ROOT).as_posix(), word


def test_no_model_is_known_by_its_name():
    """What a program must know of a model its role tells; some roles are called as a model of theirs is."""
    models = _core.models()
    names = {m.type for m in models} - {m.role for m in models} - {m.electric_role for m in models}
    found = {(file, word) for file, word in quoted() if word in names}
    assert found == set(OTHER_MEANINGS)
