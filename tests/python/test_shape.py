"""Which part of the package and of the solver may know which, and how long files and functions may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import kelvolt
from kelvolt import _core

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "kelvolt"
ORDER = ["base", "cases", "power", "sweeps", "studies", "plots", "reports", "serve", "cli"]
# methods of an answer that lead on to what is made of it import it when they are called
DOORS = {
    ("base", "cases"): "kinds.py: is this a case or a solution?",
    ("base", "power"): "kinds.py: is this a power flow?",
    ("cases", "power"): "Solution.power_flow()",
    ("cases", "plots"): "Run.plot()",
    ("cases", "reports"): "summary() and tables() of a solution and of a run",
    ("cases", "serve"): "Case.explore()",
    ("studies", "plots"): "Calibration.plot(), Where.plot()",
    ("studies", "reports"): "Year.text()",
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


# ---- C++ ----

# each folder of solver/ includes only itself and those before it; the files beside the folders come first
SOLVER = [
    "",
    *"scalar units linear curve model network electric assembly newton assess plant transient steady".split(),
    *"results case sensitivity sweep".split(),
]
LAST = {"solver/bench.hpp", "solver/bench.cpp", "solver/bench_power.hpp", "solver/bench_power.cpp"}  # time all of it
MODELS_KNOW = {"curve", "data_folder.hpp", "error.hpp", "model", "scalar"}  # of solver/


def includes(top: str) -> Iterator[tuple[str, str]]:
    """Files of a folder with the files of solver/, models/ and python/ that they include."""
    for file in sorted((ROOT / top).rglob("*.[ch]pp")):
        for found in re.finditer(
            r'^#include "((?:solver|models|python)/[^"]+)"', file.read_text("utf-8"), re.MULTILINE
        ):
            yield file.relative_to(ROOT).as_posix(), found[1]


def place(file: str) -> int:
    """In the order of solver/; what is elsewhere comes after all of it."""
    _, folder, *rest = file.split("/")
    return SOLVER.index(folder if rest else "") if file.startswith("solver/") and file not in LAST else len(SOLVER)


def test_the_solver_includes_one_way():
    assert not {(file, other) for file, other in includes("solver") if place(other) > place(file)}


def test_models_know_blocks_and_scalars_of_the_solver_and_nothing_else():
    known = {other.split("/")[1] for _, other in includes("models") if not other.startswith("models/")}
    assert known == MODELS_KNOW


WORD = re.compile(r"[A-Za-z_]\w*")
DECLARATION = re.compile(r"\b(?!return|throw|new|goto)[\w:<>]*[\w>&*] [&*]?([A-Za-z_]\w*)(?=\(|;| = [^;(]*;|{[^;(]*};)")
DEFINITION = re.compile(r"^[A-Za-z_][\w:<>,&* ]*\(", re.MULTILINE)
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def code_of(top: str) -> dict[Path, str]:
    """The text of sources without comments and texts."""
    return {f: NO_CODE.sub(" ", f.read_text("utf-8")) for f in (ROOT / top).rglob("*.[ch]pp")}


def unused(headers: dict[Path, str], among: list[dict[Path, str]]) -> set[str]:
    """What headers declare and no source names again but to define it, which is done at the beginning of a line.

    Names are all that is compared: of two functions that are called alike it cannot tell which one is unused.
    """
    named = Counter(
        w for text in (*headers.values(), *(t for m in among for t in m.values())) for w in WORD.findall(text)
    )
    for text in (t for m in among for f, t in m.items() if f.suffix == ".cpp"):
        named.subtract(w for line in DEFINITION.findall(text) for w in WORD.findall(line))
    return {w for text in headers.values() for w in DECLARATION.findall(text) if named[w] <= 1}


# doors by which tests look inside
FOR_TESTS = {"solve_steady", "unknown_of", "parts_folder", "coefficients", "read_curve_csv", "profile_from_csv"}
ONLY_TESTED = {"set_static"}  # variables of a result file without time: no run has one


def test_nothing_in_a_header_is_unused():
    every = [code_of("solver"), code_of("models"), code_of("python")]
    of_models = {f for f in every[1] if f.suffix == ".hpp"}
    headers = {f: t for m in every for f, t in m.items() if f.suffix == ".hpp"}
    rest = [{f: t for f, t in m.items() if f not in headers} for m in every]
    rest.append({ROOT / "registry.cpp": (ROOT / "CMakeLists.txt").read_text("utf-8")})  # holds the text of that file
    assert not unused(headers, [*rest, code_of("tests")])
    solver = {f: t for f, t in headers.items() if f not in of_models}
    assert unused(solver, [*rest, {f: headers[f] for f in of_models}]) == FOR_TESTS | ONLY_TESTED


# ---- size ----

LONGEST_FILE, LONGEST_FUNCTION = 400, 60  # lines
# longer than that today; may shrink, and no other may join them
LONG_FILES = {
    "solver/model/typed_block.hpp": 545,
    "solver/assembly/assembly.cpp": 480,
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
    ("solver/case/format.cpp", "constant"): "a profile that does not change",
    ("python/kelvolt/cases/hall.py", "white_space"): "a column of a table of racks",
    ("python/kelvolt/reports/summary.py", "volume"): "a column's head",
    ("python/kelvolt/reports/tables.py", "volume"): "a column of a table",
    ("python/kelvolt/reports/sheets.py", "volume"): "a column of a table",
    ("solver/case/profiles.cpp", "constant"): "a profile that does not change",
    ("python/kelvolt/power/ride_rows.py", "throttle"): "what chips do after a loss",
    ("python/kelvolt/power/items.py", "throttle"): "what chips do after a loss",
    ("python/kelvolt/plots/ridethrough.py", "throttle"): "what chips do after a loss",
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


def test_names_of_the_package_are_where_its_list_and_type_checkers_find_them():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (checked,) = (s for s in tree.body if isinstance(s, ast.If))
    seen = {a.name: s.module for s in checked.body if isinstance(s, ast.ImportFrom) for a in s.names}
    (table,) = (s.value for s in tree.body if isinstance(s, ast.Assign) and getattr(s.targets[0], "id", "") == "_LATER")
    later = {name: module for module, names in ast.literal_eval(table).items() for name in names.split()}
    assert later == seen
    for name in [*kelvolt.__all__, "open"]:
        assert getattr(kelvolt, name) is not None
        assert name in dir(kelvolt)


def test_the_package_loads_without_plots_studies_and_their_libraries():
    words = "import sys, kelvolt, kelvolt.cli.commands, kelvolt.serve.view; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.split()
    late = ("scipy", "pandas", "matplotlib", "xarray", "kelvolt.plots", "kelvolt.reports", "kelvolt.studies")
    assert [m for m in loaded if m in late] == []
