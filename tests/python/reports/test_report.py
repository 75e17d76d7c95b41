"""The report as a reader meets it: made by the command, opened in a browser, clicked and read."""

import re
import shutil
from pathlib import Path
from typing import Any

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from kelvolt import _core
from kelvolt.cli.commands import main
from kelvolt.plots.schematic import loop_schematic
from kelvolt.reports.answer import Answer, of_case, of_result
from kelvolt.reports.page import page

RACK = CASES / "gb200_nvl72_rack.yaml"
needs_browser = pytest.mark.skipif(shutil.which("chromedriver") is None, reason="no Chromium with its driver here")


@pytest.fixture(scope="module")
def rack() -> Answer:
    return of_case(str(RACK), [], steady=True)


def test_a_report_needs_nothing_from_outside(rack: Answer) -> None:
    text = page(rack)
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", text), "everything a browser loads is inside"
    assert "url(" not in text and "@import" not in text
    for key in ("question", "limits", "loop", "branches", "pumps", "heat", "assumptions", "repeat"):
        assert f'<section id="{key}"' in text


def test_a_report_carries_the_whole_case_and_every_assumption(rack: Answer) -> None:
    import html

    text = page(rack)
    inside = re.search(r'<pre id="case-text">(.*?)</pre>', text, re.DOTALL)
    assert inside and html.unescape(inside[1]) == RACK.read_text(encoding="utf-8")
    for a in rack.case.assumptions:
        assert f"{a.path}.{a.parameter}<" in text
    row = re.search(r"<tr><td class=\"text wrap\">tray\[\*\]\.gpu\[\*\]\.R_jc</td>(.*?)</tr>", text)
    assert row and "assumed" in row[1] and "0.00500 to 0.0200 K/W" in row[1]


def test_the_schematic_shows_each_circuit_with_its_exchanger_pumps_and_branches(rack: Answer) -> None:
    drawing = loop_schematic(rack.solution)
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    for word in ("facility", "cdu.pump[1]", "cdu.pump[2]", "tray ×18", "switch_tray ×9", "facility (water)"):
        assert words.count(word) == 1, word
    assert words.count("cdu.exchanger") == 2, "it stands in both of its circuits"
    heat = rack.solution.plant.balance.boundary
    assert f"{heat / 1000.0:.4g} kW" in words, "the facility's box carries what leaves over the boundary"


@pytest.fixture(scope="module")
def hall() -> kv.Solution:
    return kv.load(CASES / "hall_sidecar.yaml").steady()


def test_branches_of_a_powered_hall_are_its_racks_and_not_what_rejects_their_heat(hall: kv.Solution) -> None:
    branches = hall.branches()
    assert sorted(branches["branch"]) == [f"rack[{k}]" for k in range(1, 9)]
    assert (branches["heat"] > 100e3).all() and branches["margin"].iloc[0] == branches["margin"].min()


def test_a_cdu_that_takes_more_facility_water_than_it_gives_coolant_is_no_branch() -> None:
    case = kv.load(CASES / "hall_sidecar.yaml")
    case["loop.T_supply"] = "34 degC"  # the valves stand wide open: 137 L/min of water for 120 L/min of coolant
    solution = case.steady()
    assert float(solution["cdu[1].cdu.primary_valve.m_flow"]) > float(solution["cdu[1].cdu.flow_meter.m_flow"])
    assert sorted(solution.branches()["branch"]) == [f"rack[{k}]" for k in range(1, 9)]


def test_circuits_that_look_alike_are_drawn_once_with_their_names(hall: kv.Solution) -> None:
    drawing = loop_schematic(hall)
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    assert drawing.count("<svg") == 1 and sum("dowfrost_lc25" in w and ":" not in w for w in words) == 0
    assert sum(w.startswith("8 circuits alike: cdu[1]") for w in words) == 1


def test_warnings_of_like_elements_are_one_line(case: kv.Case) -> None:
    hot = case.copy().update({"facility.T_supply": "70 degC"})
    answer = Answer(hot, "", hot.steady())
    assert len(answer.solution.warnings) >= 6
    lines = re.findall(r"<li>(.*?)</li>", page(answer))
    assert len(lines) == len(set(lines)) < 0.7 * (len(answer.solution.warnings) + len(hot.notes))
    assert any("[*] (3 elements)" in line for line in lines)


@pytest.mark.parametrize("name", ["edge_cabinet", "asic_board", "dense_cpu_rack", "oam_rack"])
def test_every_kind_of_loop_is_drawn_in_the_order_of_flow(name: str) -> None:
    solution = kv.load(CASES / f"{name}.yaml").steady()
    words = re.findall(r"<text[^>]*>([^<]*)</text>", loop_schematic(solution))
    drawn = {
        "edge_cabinet": ["pump", "hose_cold", "plate ×8", "hose_hot", "radiator"],
        "asic_board": ["needle_valve", "plate", "chiller", "back"],
        "dense_cpu_rack": ["strainer", "valve", "supply_manifold", "tray ×24", "return_manifold", "facility"],
        "oam_rack": ["cdu.pump[1]", "cdu.pump[3]", "main_supply", "branch", "other_racks", "hose_supply", "tray ×6"]
        + ["hose_return", "main_return", "cdu.filter"],
    }[name]
    places = [words.index(w) for w in drawn]
    assert places == sorted(places)


def test_a_report_of_a_result_repeats_its_run_and_agrees_with_it(case: kv.Case, tmp_path: Path) -> None:
    case.simulate("60 s", output=tmp_path / "short.h5")
    answer = of_result(str(tmp_path / "short.h5"))
    assert answer.agrees and answer.run is not None and answer.run.time[-1] == 60.0
    assert "repeats the run of short.h5" in page(answer)


def test_values_set_by_hand_are_set_again_in_the_repeat(case: kv.Case, tmp_path: Path) -> None:
    case["facility.T_supply"] = float(case["facility.T_supply"]) + 3.0
    case.simulate("20 s", output=tmp_path / "changed.h5")
    answer = of_result(str(tmp_path / "changed.h5"))
    assert answer.agrees and answer.case["facility.T_supply"] == case["facility.T_supply"]


def test_a_result_of_an_edited_case_holds_the_text_as_solved(tmp_path: Path) -> None:
    case = kv.load(CASES / "single_loop.yaml").update({"gpu.power": "1.1 kW"})
    asked = {"hose": ["edge_hose"], "speed.value": (0.3, 1.0)}
    design = kv.size(case, "pump.P_el", asked, "gpu.T_die <= 74 degC").case
    assert design["gpu.power"] == 1100.0
    solved = design.steady()
    solved.write(tmp_path / "design.h5")
    design.simulate("5 s", output=tmp_path / "run.h5", tolerance=1e-6, progress=False)
    steady, run = (of_result(str(tmp_path / name), allow=[CASES]) for name in ("design.h5", "run.h5"))
    for answer in (steady, run):
        assert answer.agrees and _core.source(answer.case.core)[0] == _core.source(design.core)[0]
        assert answer.case.core.changes == design.core.changes
        assert answer.case["gpu.power"] == 1100.0 and answer.case["speed.value"] == design["speed.value"]
    assert "edge_hose" in steady.text and np.array_equal(steady.solution.raw.y, solved.raw.y)
    assert run.run is not None and run.run.raw.tolerance == 1e-6


def test_a_result_that_its_case_does_not_give_is_said_not_to_agree(case: kv.Case, tmp_path: Path) -> None:
    import h5py

    case["facility.T_supply"] = float(case["facility.T_supply"]) + 3.0
    case.simulate("20 s", output=tmp_path / "changed.h5")
    assert of_result(str(tmp_path / "changed.h5")).agrees
    with h5py.File(tmp_path / "changed.h5", "r+") as stored:
        stored.attrs["changes"] = "{}"  # the file tells of another case than that of its values
    answer = of_result(str(tmp_path / "changed.h5"))
    assert not answer.agrees and "do not agree" in page(answer)


def test_the_command_writes_a_report_and_refuses_what_it_cannot_do(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "loop.html"
    assert main(["report", str(CASES / "single_loop.yaml"), "--steady", "-o", str(file)]) == 0
    assert f"written: {file}" in capsys.readouterr().out and file.stat().st_size > 20_000
    kv.load(CASES / "single_loop.yaml").steady().write(tmp_path / "steady.h5")
    assert main(["report", str(tmp_path / "steady.h5"), "--set", "pump.speed=1", "-o", str(file)]) == 2
    assert "go with a case file" in capsys.readouterr().err
    assert main(["report", str(CASES / "single_loop.yaml"), "-o", str(tmp_path / "none" / "x.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@needs_browser
def test_a_reader_sorts_branches_unfolds_the_case_and_follows_the_contents(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    file = tmp_path / "rack.html"
    assert main(["report", str(RACK), "-o", str(file)]) == 1  # limits are broken
    browser.get(file.as_uri())

    def column(k: int) -> list[str]:
        return [c.text for c in browser.find_elements(By.CSS_SELECTOR, f"#branch-table tbody td:nth-child({k})")]

    assert "GB200 NVL72" in browser.find_element(By.TAG_NAME, "h1").text
    assert "18 limits BROKEN" in browser.find_element(By.ID, "verdict").text
    worst_first = column(1)
    assert len(worst_first) == 27 and worst_first[0] == "tray[18]"
    head = browser.find_elements(By.CSS_SELECTOR, "#branch-table th")[3]
    for order in (sorted, lambda x: sorted(x, reverse=True)):
        head.click()
        flows = [float(x) for x in column(4)]
        assert flows == order(flows) and len(set(flows)) > 9

    text = browser.find_element(By.ID, "case-text")
    assert not text.is_displayed()
    browser.find_element(By.CSS_SELECTOR, "#repeat summary").click()
    assert text.is_displayed() and "vertiv_cdu121" in text.text
    browser.find_element(By.LINK_TEXT, "Over time").click()
    assert browser.current_url.endswith("#time")

    # every picture is loaded and nothing but wide tables reaches beyond a laptop's width
    natural = "return [...document.images].map(i => i.complete && i.naturalWidth)"
    assert len(browser.execute_script(natural)) == 5 and all(w > 300 for w in browser.execute_script(natural))
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    severe = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []


@needs_browser
def test_a_printed_report_has_every_section_unfolded_on_pages_of_paper(browser: Any, tmp_path: Path) -> None:
    import base64

    file = tmp_path / "loop.html"
    main(["report", str(CASES / "single_loop.yaml"), "-o", str(file)])
    browser.get(file.as_uri())
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script("return [...document.querySelectorAll('details')].every(d => d.open)")
    assert not browser.execute_script("return document.querySelector('nav').checkVisibility()")
    paper = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert paper.startswith(b"%PDF") and paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") >= 3


@pytest.fixture(scope="module")
def room() -> tuple[Answer, str]:
    answer = Answer(case := kv.load(CASES / "server_room.yaml"), "", case.steady(), failures=False)
    answer.ride = kv.ridethrough(case, ["utility", "no utility", "ups"], duration="2 min")
    return answer, page(answer)


def section(text: str, key: str) -> str:
    found = re.search(rf'<section id="{key}">(.*?)</section>', text, re.DOTALL)
    return found[1] if found else ""


def test_a_plan_is_reported_with_protection_short_circuit_ride_through_and_boards(room: tuple[Answer, str]) -> None:
    answer, text = room
    guarded = kv.protection(answer.case)
    protection = section(text, "protection")
    assert f"{len(guarded.pair_list)} pairs in series" in protection and "bypass_breaker" in protection
    assert protection.count("<figure>") == 1
    duty = section(text, "faults")
    worst = kv.fault_duty(answer.solution).iloc[0]
    first = re.search(r'<table id="duty-table".*?<tbody><tr><td class="text">(.*?)</td>', duty, re.DOTALL)
    assert first and first[1] == worst.element and 'id="fault-table"' in duty
    ride = section(text, "ride")
    row = re.search(r"<tr[^>]*><td class=\"text wrap\">no utility</td>.*?</tr>", ride)
    assert row and "room_air of air.T" in row[0] and "BROKEN" in row[0] and "After no utility" in ride
    boards = section(text, "boards")
    row_b = kv.schedule(answer.solution).boards.query("board == 'row.b'").set_index("to")
    assert f"row.b, {row_b.voltage.iloc[0]:.1f} V" in boards
    for text in ("cord_breaker", "16.00 A", f"{row_b.loc['psu', 'demand'] / 1e3:.3f} kW", "cord, 4.00 m, 24.0 A"):
        assert text in boards, text


def test_pairs_are_listed_worst_first_and_equal_ones_once() -> None:
    from kelvolt.base.tables import Units
    from kelvolt.power.fault_levels import computed_levels

    case = kv.load(CASES / "hall_2n_ac.yaml")
    case["feeder_a[1].t_short_min"] = "20 ms"  # one busway's breaker no longer waits for those behind it
    guarded = kv.protection(case, computed_levels(case))
    rows = guarded.pair_table(Units("si")).rows
    broken = guarded.pairs[guarded.pairs.verdict == "broken"]
    assert set(broken.upstream) == {"feeder_a[1]"} and len(broken) == 4 * (1 + 4)  # of four racks: CDU, four shelves
    assert rows[0][-1].startswith("BROKEN") and not rows[-1][-1].startswith("BROKEN")
    assert len(rows) < len(guarded.pair_list) / 5


def test_names_and_settings_of_a_stranger_are_escaped_in_every_part_of_a_plan() -> None:
    text = (CASES / "server_room.yaml").read_text(encoding="utf-8")
    case = kv.read(text.replace("no utility: {", '"<script>alert(1)</script> & more": {'), folder=str(CASES))
    answer = Answer(case, "", case.steady(), failures=False)
    answer.ride = kv.ridethrough(case, "<script>alert(1)</script> & more", duration="5 s")
    shown = page(answer)
    assert "<script>alert" not in shown and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in section(shown, "ride")


def test_a_case_without_a_power_network_has_no_part_of_a_plan(rack: Answer) -> None:
    text = page(rack)
    assert not any(section(text, key) for key in ("power", "protection", "faults", "ride", "boards"))
