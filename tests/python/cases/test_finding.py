"""Finding cases, parts and values: by name, as a tree, by pattern, by Tab."""

import json
import subprocess
import sys
from pathlib import Path

import kelvolt as kv
import pytest
from conftest import CASES


def kelvolt(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kelvolt", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_shipped_case_is_listed_with_its_title_and_loads_by_its_name():
    listed = kv.cases()
    assert list(listed) == sorted(f.stem for f in CASES.glob("*.yaml"))
    for name, title in listed.items():
        assert kv.load(name).title == title != ""


@pytest.mark.parametrize("name", ["single_loop", "single_loop.yaml", Path("single_loop")])
def test_a_shipped_case_is_the_file_in_the_library(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(kv.load(name).file).resolve() == (CASES / "single_loop.yaml").resolve()


@pytest.mark.parametrize("file", ["single_loop", "single_loop.yaml"])
def test_a_file_of_the_same_name_goes_before_the_shipped_case(file, tmp_path, monkeypatch, starter_text):
    (tmp_path / file).write_text(starter_text)
    monkeypatch.chdir(tmp_path)
    assert kv.load(file).title == kv.read(starter_text).title != kv.cases()["single_loop"]


def test_a_folder_of_the_same_name_does_not_hide_the_shipped_case(tmp_path, monkeypatch):
    (tmp_path / "single_loop").mkdir()
    monkeypatch.chdir(tmp_path)
    assert kv.load("single_loop").title == kv.cases()["single_loop"]


def test_a_path_into_this_folder_means_no_shipped_case(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        kv.load("./single_loop")


def test_a_name_without_a_case_is_answered_by_those_that_are_near():
    with pytest.raises(kv.FileError, match="gb200_rack: there is no such file.* gb200_nvl72_rack"):
        kv.load("gb200_rack")
    with pytest.raises(kv.FileError, match="kv.cases\\(\\) lists the shipped cases"):
        kv.load("qqqqqq")


def test_commands_take_the_name_of_a_shipped_case_and_write_here(tmp_path):
    assert kelvolt("run", "single_loop", folder=tmp_path).returncode == 0
    assert kelvolt("report", "single_loop", "--steady", folder=tmp_path).returncode == 0
    assert {f.name for f in tmp_path.iterdir()} >= {"single_loop.html"}
    missing = kelvolt("run", "singleloop", folder=tmp_path)
    assert missing.returncode == 2 and "similar names: single_loop" in missing.stderr


def test_the_command_cases_lists_names_and_titles(tmp_path):
    done = kelvolt("cases", folder=tmp_path)
    assert done.returncode == 0
    for name, title in kv.cases().items():
        assert name in done.stdout and title in done.stdout


# ---- the tree ----


def test_a_tree_counts_equal_elements_once_and_leaves_out_what_was_added_for_connections():
    case = kv.load("gb200_nvl72_rack")
    lines = repr(case.tree()).splitlines()
    assert "├─ tray[1..18]  324 components" in lines
    assert "│  ├─ gpu[1..4]  chip ×72" in lines
    assert "├─ supply_manifold  manifold, 27 cells" in lines
    assert not any("junction" in line or "constant" in line for line in lines)
    counted = int(lines[0].split(": ")[1].split()[0])
    added = int(lines[0].split("; ")[1].split()[0])
    chains = {"hose_supply": 3, "hose_return": 3, "supply_manifold": 27, "return_manifold": 27}
    assert counted + added + sum(chains.values()) - len(chains) == case.core.size


def test_a_tree_ends_at_the_depth_that_is_asked_for(tmp_path):
    case = kv.load("gb200_nvl72_rack")
    assert "gpu" not in case.tree(1).text() and "tray[1..18]" in case.tree(1).text()
    with pytest.raises(kv.InputError, match="tree: depth"):
        case.tree(0)
    done = kelvolt("tree", "gb200_nvl72_rack", "--depth", "1", "--json", folder=tmp_path)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["tray[1..18]"]["components"] == 324 and "holds" not in rows["tray[1..18]"]


def test_a_tree_unfolds_in_a_notebook_and_escapes_what_a_case_says(starter_text):
    case = kv.read(starter_text.replace("title: ", "title: <script>", 1))
    assert "<script>" in case.title
    page = case.tree()._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert kv.load("gb200_nvl72_rack").tree()._repr_html_().count("<details>") == 3  # cdu, tray, switch_tray


# ---- values ----


def test_find_lists_all_values_and_those_inside_of_what_is_named(case):
    every = case.find("*")
    assert every == case.find() and set(every) > set(case.find("**.*")) and len(every) == len(set(every))
    first = every[0].rpartition(".")[0]
    assert set(case.find(first)) == {path for path in every if path.startswith(f"{first}.")}
    rack = kv.load("gb200_nvl72_rack")
    assert "tray[3].gpu[2].T_die" in rack.find("tray[3]") and "cdu.pump[1].speed" in rack.find("cdu.*")
    assert not any(path.startswith("tray[4]") for path in rack.find("tray[3]"))
    with pytest.raises(kv.InputError, match=r"tray\[99\]"):
        rack.find("tray[99]")


def test_iteration_gives_the_paths_that_square_brackets_take(case):
    solution = case.steady()
    assert list(case) and all(isinstance(case[path], float) for path in case)
    assert set(case) < set(solution) and set(solution) == set(case.find("**.*"))
    assert all(path in case for path in case) and all(path in solution for path in solution)
    assert "nothing.here" not in solution and 3 not in solution


def test_iteration_over_a_run_gives_what_was_recorded(case):
    run = case.simulate("2 s", every="1 s")
    assert set(run) == set(case.steady().to_pandas()["path"])
    assert run.find("*") == list(run)
    assert all(run[path].shape == run.time.shape for path in run)
    unrecorded = next(path for path in case.steady() if path not in set(run))
    assert unrecorded not in run


@pytest.mark.parametrize("of", ["case", "solution", "run"])
def test_tab_offers_paths_that_can_be_read_and_few_of_them_for_many_elements(of):
    case = kv.load("gb200_nvl72_rack")
    subject = {"case": lambda: case, "solution": case.steady, "run": lambda: case.simulate("1 s", every="1 s")}[of]()
    offered = subject._ipython_key_completions_()
    assert len(offered) == len(set(offered)) < 1000 < len(case.find("*"))
    wanted = {"case": "power", "solution": "T_die", "run": "T_die"}[of]
    assert {f"tray[*].gpu[*].{wanted}", f"tray[1].gpu[1].{wanted}"} <= set(offered)
    for path in offered:
        subject[path]


# ---- typing ----


def test_at_gives_a_number_and_array_an_array_or_they_say_which_to_take(case):
    rack = kv.load("gb200_nvl72_rack")
    for subject, name in ((rack, "power"), (rack.steady(), "T_die")):
        one, all_of_them = f"tray[3].gpu[2].{name}", f"tray[*].gpu[*].{name}"
        assert type(subject.at(one)) is float and subject.at(one) == subject[one]
        assert subject.array(all_of_them).shape == (18, 4)
        with pytest.raises(kv.InputError, match=r"use array\(\)"):
            subject.at(all_of_them)
        with pytest.raises(kv.InputError, match=r"use at\(\)"):
            subject.array(one)
    assert rack.at("facility.T_supply", "degC") == pytest.approx(rack.at("facility.T_supply") - 273.15)


USER = """
import math

import kelvolt as kv
from kelvolt import *

with open("note.txt", "w") as stream:
    stream.write("open is that of Python")

case: kv.Case = kv.load("single_loop")
case["pump.speed"] = 0.5
solution = case.steady()
root: float = math.sqrt(solution.at("gpu.T_die"))
hottest: float = float(solution.array("gpu.T_die").max())
names: list[str] = case.find("*")
listed: dict[str, str] = cases()
for path in case:
    print(path.upper(), case.at(path) + 1.0)
print(case.tree().text(), root, hottest, names, listed)
"""


def test_strict_type_checkers_pass_user_code_and_importing_all_names_leaves_open_alone(tmp_path):
    api = pytest.importorskip("mypy.api")
    (tmp_path / "user.py").write_text(USER)
    strict = ["--strict", "--python-version", "3.12", "--follow-imports=silent", "--config-file="]
    out, errors, status = api.run([*strict, "--cache-dir", str(tmp_path), str(tmp_path / "user.py")])
    assert status == 0, out + errors


def test_importing_all_names_does_not_replace_what_python_has_built_in():
    import builtins

    assert [name for name in kv.__all__ if hasattr(builtins, name)] == []
    assert kv.open is not open
