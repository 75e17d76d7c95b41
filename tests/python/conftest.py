"""What several tests share: the folder of cases and a case small enough to solve in a millisecond."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium at the size of a laptop; its console is read by `get_log("browser")`."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    profile = tmp_path_factory.mktemp("chromium")
    quiet = ("background-networking", "component-update", "sync", "quic")
    for flag in ("headless", "no-sandbox", "disable-gpu", "no-first-run", *(f"disable-{q}" for q in quiet)):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={profile}")
    options.add_argument("--window-size=1366,768")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()
