"""`kelvolt draw`: which drawings a case has, what is written as SVG and PDF, and what is refused."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import kelvolt as kv
import pypdf
import pytest
from kelvolt.cli import main
from kelvolt.plots import drawings, save_drawing
from kelvolt.plots.parts import pattern, short


def test_a_case_with_coolant_and_power_gets_a_file_for_each(tmp_path, capsys):
    assert main(["draw", "server_room", "-o", str(tmp_path / "room.svg"), "--date", "2026-11-30"]) == 0
    made = sorted(f.name for f in tmp_path.iterdir())
    assert made == ["room_coolant.svg", "room_power.svg"]
    said = capsys.readouterr().out
    assert all(f"written: {tmp_path / name}" in said for name in made)
    for name, kind in (("coolant", "schematic"), ("power", "oneline")):
        root = ET.parse(tmp_path / f"room_{name}.svg").getroot()
        words = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
        assert root.get("class") == kind and "server_room.yaml" in words and "2026-11-30" in words


def test_a_drawing_is_the_same_each_time_and_replaces_only_its_own_kind(tmp_path):
    file = tmp_path / "feeder.svg"
    assert main(["draw", "campus_feeder", "-o", str(file)]) == 0
    first = file.read_bytes()
    assert main(["draw", "campus_feeder", "-o", str(file)]) == 0
    assert file.read_bytes() == first
    file.write_text("<svg>mine</svg>")
    assert main(["draw", "campus_feeder", "-o", str(file)]) == 2
    assert file.read_text() == "<svg>mine</svg>"


def test_a_pdf_has_a_page_for_each_drawing_with_text_that_can_be_found(tmp_path):
    file = tmp_path / "room.pdf"
    assert main(["draw", "server_room", "-o", str(file)]) == 0
    content = file.read_bytes()
    assert content.startswith(b"%PDF-") and content.endswith(b"% made by Kelvolt\n")
    pages = pypdf.PdfReader(file).pages
    assert len(pages) == 2 and all("server" in page.extract_text().lower() for page in pages)
    assert main(["draw", "server_room", "-o", str(file)]) == 0, "its own document is replaced"
    file.write_bytes(b"%PDF-1.7 of someone else")
    assert main(["draw", "server_room", "-o", str(file)]) == 2
    assert file.read_bytes() == b"%PDF-1.7 of someone else"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["campus_feeder", "--coolant"], "no coolant that flows"),
        (["single_loop", "--power"], "no electric network"),
        (["single_loop", "-o", "x.jpg"], "saved as .svg or .pdf"),
    ],
)
def test_what_cannot_be_drawn_says_why(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["draw", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_title_block_tells_a_changed_case_from_the_case_of_the_file():
    case = kv.load("single_loop")
    before = drawings(case)["coolant"]
    changed = case.copy()
    changed["pump.n_max"] = 0.99
    digests = [re.findall(r">([0-9a-f]{12})<", text) for text in (before, drawings(changed)["coolant"])]
    assert len(digests[0]) == len(digests[1]) == 1 and digests[0] != digests[1]


def test_a_drawing_saves_itself(tmp_path):
    drawing = kv.load("single_loop").steady().schematic()
    assert drawing.save(tmp_path / "loop.svg") == [tmp_path / "loop.svg"]
    assert save_drawing({"a": drawing, "b": drawing}, tmp_path / "x.svg") == [
        tmp_path / "x_a.svg",
        tmp_path / "x_b.svg",
    ]


def test_the_pattern_of_a_part_covers_its_components_and_no_others():
    assert pattern(["rack[1].pump", "rack[2].pump", "rack[3].pump"]) == "rack[1..3].pump"
    assert pattern(["a[1].b[1]", "a[1].b[2]", "a[2].b[1]"]) == "a[1].b[1] a[1].b[2] a[2].b[1]"
    assert pattern(["hose.cell[1]", "hose.cell[2]"]) == "hose"
    assert pattern(["load[1]", "load[3]"]) == "load[1] load[3]"


def test_short_names_do_not_stutter_and_keep_their_rack():
    assert short("cdu.cdu") == "cdu" and short("cdu[1].cdu.pump") == "cdu[1].pump"
    assert short("rack[1..4].rack.tray.gpu") == "rack[1..4] tray.gpu" and short("pump") == "pump"
