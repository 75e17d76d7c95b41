"""What the README shows is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import kelvolt as kv
import pytest
from kelvolt.cli.commands import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def block(language: str, holds: str = "") -> str:
    found = [b for b in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if holds in b]
    assert found, f"the README has no {language} block"
    return found[0]


def test_the_python_example_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    code = block("python").replace('"data/cases', f'"{ROOT.as_posix()}/data/cases')
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), scope)
    assert scope["run"].status == "complete"  # type: ignore[attr-defined]
    assert (tmp_path / "run.h5").exists()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL)[1:])
def test_the_other_python_examples_run_as_printed(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import kelvolt as kv\n" + code.replace('"data/cases', f'"{ROOT.as_posix()}/data/cases')
    exec(compile(code, "README.md", "exec"), {})


def test_the_case_in_the_readme_holds_its_limits_until_the_pump_stops() -> None:
    case = kv.read(block("yaml", holds="kelvolt: 1"))
    assert case.steady().held
    assert case.simulate().status == "complete"


def test_the_sweep_file_in_the_readme_runs(tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text(block("yaml", holds="samples:"))
    rack = str(ROOT / "data/cases/gb200_nvl72_rack.yaml")
    status = main(["sweep", rack, str(tmp_path / "sweep.yaml"), "-o", str(tmp_path / "out.h5")])
    with kv.open(tmp_path / "out.h5") as ds:
        assert status == 1 and (ds["limits_broken"] > 0).any()  # the rack breaks a limit as it stands
        assert ds["hottest"].shape == (5, 2, 64) and (ds["status"] == "ok").all()


def test_every_file_the_readme_points_to_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_printed_answer_is_what_the_command_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(ROOT / "data/cases/gb200_nvl72_rack.yaml"), "--steady"]) == 1
    assert capsys.readouterr().out == block("text")
