"""What goes into a package, and what pip is told; `./kelvolt wheel --test` tries a package itself."""

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch

import h5py
import kelvolt as kv
import pandas
import pytest
from conftest import CASES, ROOT
from kelvolt import _core
from kelvolt.base.files import read_workbook
from kelvolt.base.formats import ATTRIBUTE, CASE, FORMATS, RESULT, version_text
from kelvolt.base.seal import put_seal, unsealed
from kelvolt.plots import pareto

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOCS = ROOT / "docs"
# what CMakeLists.txt reads, and what the package itself holds
OF_A_BUILD = ["CMakeLists.txt", "solver", "models", "data", "python/kelvolt", "pyproject.toml", "README.md", "LICENSE"]
IN_THE_TREE_ONLY = ["tests", "validation", "bench", "docs", ".ci"]


def left_out(path):
    patterns = [p.lstrip("/") for p in PROJECT["tool"]["scikit-build"]["sdist"]["exclude"]]
    return any(fnmatch(path, p) or path.startswith(p + "/") for p in patterns)


def tracked():
    git = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if git.returncode != 0:
        pytest.skip("this is no checkout of git")
    return git.stdout.splitlines()


def test_a_source_archive_holds_all_that_a_build_reads():
    files = [f for f in tracked() if any(f == top or f.startswith(top + "/") for top in OF_A_BUILD)]
    assert len(files) > 500
    assert [f for f in files if left_out(f)] == []


def test_cmake_reads_nothing_that_a_source_archive_leaves_out():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    of_tests = text[text.index("if(KELVOLT_TESTS)") :]
    for folder in IN_THE_TREE_ONLY:
        assert not re.search(rf"\b{re.escape(folder)}/", text.replace(of_tests, "")), folder


def test_what_needs_the_source_tree_is_left_out_of_a_source_archive():
    files = [f for f in tracked() if any(f.startswith(top + "/") for top in IN_THE_TREE_ONLY)]
    assert len(files) > 300
    assert [f for f in files if not left_out(f)] == []


def test_the_package_installs_the_library_with_its_cases():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert "install(DIRECTORY data/ DESTINATION kelvolt/data" in text
    assert len(list(CASES.glob("*.yaml"))) == len([f for f in tracked() if fnmatch(f, "data/cases/*.yaml")])


def test_the_module_of_a_tree_does_not_go_into_a_wheel():
    assert "kelvolt/_core*.so" in PROJECT["tool"]["scikit-build"]["wheel"]["exclude"]


def test_the_version_is_the_same_wherever_it_stands():
    cmake = re.search(r"project\(kelvolt VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cmake and citation
    assert {cmake[1], citation[1], PROJECT["project"]["version"], _core.__version__} == {_core.__version__}


def test_the_page_on_installing_names_every_extra():
    table = (DOCS / "install.md").read_text(encoding="utf-8").split("## Extras")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")][1:]
    named = [name for row in rows for name in re.findall(r"`([a-z]+)`", row)]
    assert sorted(named) == sorted(PROJECT["project"]["optional-dependencies"])


def test_a_picture_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)  # as if it were not installed
    front = pandas.DataFrame({"P": [1.0, 2.0], "T": [340.0, 330.0]})
    with pytest.raises(kv.InputError, match=r"pip install 'kelvolt\[plot\]'"):
        pareto(front, "P", "T", engine="plotly")


def test_a_workbook_without_its_package_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "sheet.xlsx").touch()
    with pytest.raises(kv.FileError, match=r"kelvolt\[xlsx\]"):
        read_workbook(tmp_path / "sheet.xlsx")


def test_every_extra_that_a_message_names_exists():
    extras = PROJECT["project"]["optional-dependencies"]
    sources = [*(ROOT / "python" / "kelvolt").rglob("*.py"), *DOCS.glob("*.md"), ROOT / "README.md"]
    named = {n for f in sources for n in re.findall(r"kelvolt\[([a-z,]+)\]", f.read_text(encoding="utf-8"))}
    assert named and {x for n in named for x in n.split(",")} <= set(extras)


# ---- versions of file formats ----


def test_the_table_of_releases_tells_the_versions_of_the_code():
    rows = re.findall(r"^\| (\w+) \| .* \| (\d+) \|$", (DOCS / "release.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(version) for name, version in rows} == FORMATS


def test_version_tells_instruction_set_and_formats():
    told = version_text()
    assert told.startswith(f"kelvolt {_core.__version__} ({_core.instruction_set}; ")
    assert all(f"{name} {version}" in told for name, version in FORMATS.items())


def test_a_case_of_another_format_is_refused(starter_text):
    with pytest.raises(kv.InputError, match=f"kelvolt: {CASE + 1} is not a format this version reads; it reads {CASE}"):
        kv.read(starter_text.replace(f"kelvolt: {CASE}", f"kelvolt: {CASE + 1}"))


def test_result_files_tell_their_format(case, tmp_path):
    case.steady().write(tmp_path / "steady.h5")
    case.simulate("1 s", output=tmp_path / "run.h5")
    for name in ("steady.h5", "run.h5"):
        with kv.open(tmp_path / name) as result:
            assert int(result.attrs[ATTRIBUTE]) == RESULT


def test_sweep_files_tell_their_format(case, tmp_path):
    kv.sweep(case, {"gpu[1].power": [900.0, 1000.0]}, output=tmp_path / "sweep.h5", progress=False)
    with h5py.File(tmp_path / "sweep.h5", locking=False) as file:
        assert int(file.attrs[ATTRIBUTE]) == RESULT


def test_a_sweep_does_not_go_on_from_a_file_of_a_later_format(case, tmp_path):
    file = tmp_path / "sweep.h5"
    kv.sweep(case, {"gpu[1].power": [900.0]}, output=file, progress=False)
    content = unsealed(file.read_bytes(), file)
    file.write_bytes(content)
    with h5py.File(file, "r+") as made:
        made.attrs[ATTRIBUTE] = str(RESULT + 1)
    put_seal(file)
    with pytest.raises(kv.FileError, match="result format"):
        kv.sweep(case, {"gpu[1].power": [900.0]}, output=file, progress=False)
