"""What several tests share: the folder of cases and a case small enough to solve in a millisecond."""

import os
from pathlib import Path

import kelvolt as kv
import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "data" / "cases"


@pytest.fixture(autouse=True)
def _lines_of_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed lines have 120 columns: readline writes another width into the environment of processes started here."""
    monkeypatch.delenv("COLUMNS", raising=False)
    os.unsetenv("COLUMNS")  # readline sets it where os.environ does not see it


@pytest.fixture
def starter_text() -> str:
    return (ROOT / "python" / "kelvolt" / "starter.yaml").read_text(encoding="utf-8")


@pytest.fixture
def case(starter_text: str) -> kv.Case:
    return kv.read(starter_text, name="starter.yaml")
