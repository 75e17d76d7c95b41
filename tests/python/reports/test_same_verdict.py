"""`kelvolt check` and `kelvolt report` give one verdict, since one function makes it for both."""

import re
from pathlib import Path
from typing import Any

import kelvolt as kv
import pytest
from kelvolt.base.verdicts import EXIT_STATUS
from kelvolt.cli.commands import main
from kelvolt.reports.answer import answer
from kelvolt.reports.page import page

# cases with and without a run, with and without a power network; some held, some broken
ASKED = [
    ["single_loop"],
    ["gb200_nvl72_rack", "--steady"],
    ["edge_site"],
    ["edge_site", "--no-contingencies"],
    ["load_swings"],
    ["server_room", "--no-contingencies", "--set", "row.length=12 m"],
    ["asic_board", "--steady"],
]


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_check_and_report_agree(words: list[str], tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    checked = main(["check", *words])
    said = capsys.readouterr().out
    reported = main(["report", *words, "-o", "r.html", "-o", "r.json"])
    assert checked == reported, said[-300:]
    shown = re.search(r'id="verdict" class="verdict ([\w-]+)">([^<]*)<', Path("r.html").read_text(encoding="utf-8"))
    assert shown and EXIT_STATUS[shown[1].replace("-", " ")] == checked
    last = said.strip().splitlines()[-1]
    word = last.rpartition(": ")[2].lower() if "together" in last else ""
    assert not word or word == shown[1].replace("-", " ")


def test_load_swings_that_a_case_declares_are_judged_in_its_report() -> None:
    found = answer(kv.load("load_swings"), failures=False)
    assert found.listed is not None and found.listed.swings is not None
    assert any(x.item == 16 and x.verdict != "not assessed" for x in found.listed.lines)


def test_the_run_of_a_rack_without_a_power_network_is_checked() -> None:
    case = kv.load("gb200_nvl72_rack")  # its filters have a loading, too
    found = answer(case.update({}), progress=False)
    assert found.run is not None and found.listed is None and found.whole.word == "broken"


def test_every_table_says_which_operating_point_it_shows(case: kv.Case) -> None:
    text = page(answer(case, progress=False))
    assert case.duration > 0.0
    for name in ("worst-limits", "branch-table", "pump-table", "heat-table", "loop-table", "limits-table"):
        found = re.search(rf'<table id="{name}".*?</caption>', text)
        assert found and re.search(r"run for each limit|end of the run, [\d.]+ s", found[0]), name
