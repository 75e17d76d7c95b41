"""The report as PDF: a few pages before the appendices, text that can be taken out, pages with numbers."""

import re
from pathlib import Path
from typing import Any

import kelvolt as kv
import openpyxl
import pypdf
import pytest
from kelvolt.base import pdf
from kelvolt.base.markup import blocks, plain_text
from kelvolt.cli.commands import main
from kelvolt.reports.answer import Answer, answer
from kelvolt.reports.brief import brief
from kelvolt.reports.document import for_paper, write_document
from kelvolt.reports.files import prepared, write_all
from kelvolt.reports.page import page
from kelvolt.reports.pieces import prose, readable


@pytest.fixture(scope="module", params=["single_loop", "gb200_nvl72_rack", "server_room"])
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, list[str]]:
    found = answer(kv.load(request.param), steady=True)
    file = tmp_path_factory.mktemp("pdf") / "report.pdf"
    write_document(found, file)
    return found, [p.extract_text() for p in pypdf.PdfReader(file).pages]


def test_the_answer_takes_four_pages_at_most_before_the_appendices(printed: tuple[Answer, list[str]]) -> None:
    found, pages = printed
    first = next(k for k, text in enumerate(pages) if re.search(r"^Appendices$", text, re.MULTILINE))
    assert 1 <= first <= 4
    words = " ".join(pages[0].split())
    assert found.told in words and "Nearest limits" in words and "Assumed values that matter" in words
    for k, text in enumerate(pages, start=1):
        assert f"page {k} of {len(pages)}" in text and f"Kelvolt {kv.__version__}" in text
        assert " ".join(found.case.title.split())[:30] in " ".join(text.split())


def test_drawings_on_paper_have_colours_that_need_no_style_sheet(printed: tuple[Answer, list[str]]) -> None:
    drawn = re.findall(r"<svg .*?</svg>", for_paper(page(printed[0], paper=True)), re.DOTALL)
    assert drawn
    for drawing in drawn:
        assert "var(" not in drawing and "<style" not in drawing
        assert re.search(r'<rect [^>]*fill="white"', drawing)


def test_no_table_is_wider_than_its_page(printed: tuple[Answer, list[str]]) -> None:
    import weasyprint

    found, _ = printed
    cells = 0
    for sheet in weasyprint.HTML(string=page(found, paper=True)).render().pages:
        box = sheet._page_box
        end = box.width + box.margin_left
        for cell in (x for x in box.descendants() if type(x).__name__ == "TableCellBox"):
            cells += 1
            assert cell.position_x + cell.width <= end + 1.0, "".join(
                x.text for x in cell.descendants() if hasattr(x, "text")
            )
    assert cells > 100


def test_a_long_table_repeats_its_head_on_every_page(printed: tuple[Answer, list[str]]) -> None:
    _, pages = printed
    listed = [text for text in pages if len(re.findall(r"\bassumed \S+", text)) > 6]
    assert listed and all(re.search(r"value\s+grade\s+is\s+may be\s+source", text) for text in listed)


def test_a_report_replaces_its_own_pdf_only(tmp_path: Path, capsys: Any) -> None:
    mine = tmp_path / "mine.pdf"
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(mine)
    kept = mine.read_bytes()
    assert main(["report", "single_loop", "--steady", "-o", str(mine)]) == 2
    assert "no result of Kelvolt" in capsys.readouterr().err and mine.read_bytes() == kept
    both = ["-o", str(tmp_path / "a.pdf"), "-o", str(tmp_path / "a.html")]
    for _ in range(2):
        assert main(["report", "single_loop", "--steady", *both]) == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF") and (tmp_path / "a.html").stat().st_size > 20_000


def test_nothing_outside_the_page_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">secret</text></svg>', encoding="utf-8")
    made = pdf.made(f'<p>here</p><img src="{secret.as_uri()}">', tmp_path / "x.pdf")
    (tmp_path / "x.pdf").write_bytes(made)
    assert "secret" not in pypdf.PdfReader(tmp_path / "x.pdf").pages[0].extract_text()


def test_the_question_is_rendered_and_its_html_is_shown_as_text() -> None:
    text = "Run `kelvolt check` on **it**:\n\n- one\n- two\n\n<script>alert(1)</script> [a](javascript:x) ![b](c.png)"
    shown = prose(text)
    assert "<code>kelvolt check</code>" in shown and "<strong>it</strong>" in shown and shown.count("<li>") == 2
    assert "<script" not in shown and "&lt;script&gt;" in shown and "<a " not in shown and "<img" not in shown


ABOUT = """Is it held? Run `kelvolt check`:

```
kelvolt run x

kelvolt check x
```

- one
- two *or* three
"""


def test_marks_of_the_text_of_a_case_are_stripped_where_they_are_not_rendered() -> None:
    plain = plain_text(ABOUT)
    assert plain.startswith("Is it held? Run kelvolt check:\n\n    kelvolt run x\n")
    assert plain.endswith("kelvolt check x\n\n- one\n- two or three")
    assert plain_text("a < b, 3 K\n\nsecond") == "a < b, 3 K\n\nsecond"
    assert blocks(ABOUT)[1] == "```\nkelvolt run x\n\nkelvolt check x\n```" and len(blocks(ABOUT)) == 3


@pytest.mark.parametrize("length", [0, 400, 4000])
def test_no_fence_of_code_stands_raw_in_a_report_a_workbook_or_the_explorer(length: int, tmp_path: Path) -> None:
    about = ABOUT.replace("kelvolt run x", "kelvolt run x\n" + "word " * (length // 5)) + "word " * (length // 5)
    case = kv.read({"kelvolt": 1, "about": about, "components": {"room": {"model": "ambient", "T": "20 degC"}}})
    made = answer(case)
    assert "```" not in re.sub(r"<pre.*?</pre>", "", page(made), flags=re.DOTALL)  # the case itself is text in a <pre>
    write_all(made, [prepared(tmp_path / "x.xlsx")])
    cells = [c.value for row in openpyxl.load_workbook(tmp_path / "x.xlsx")["Answer"].iter_rows() for c in row]
    assert any("Is it held" in str(c) for c in cells) and not any("`" in str(c) for c in cells)


def test_a_name_that_repeats_the_level_above_is_shown_once() -> None:
    assert readable("cdu[1].cdu.pump and cdu.cdu") == "cdu[1].pump and cdu"
    assert readable("rack[2].rack.tray[18].tray.gpu[1]") == "rack[2].tray[18].gpu[1]"
    assert readable("tray[1].tray_fan, hose.hose2, tray.tray[2]") == "tray[1].tray_fan, hose.hose2, tray.tray[2]"
    assert readable("35 degC, 95 degF <= 40 degC") == "35 °C, 95 °F ≤ 40 °C"


def test_a_title_of_a_stranger_is_text_on_the_page_and_at_its_head() -> None:
    text = 'kelvolt: 1\ntitle: "a\\"; } </style><script>x</script>"\ncomponents: {room: {model: ambient, T: 20 degC}}\n'
    case = kv.read(text)
    shown = page(answer(case))
    assert "<script>x" not in shown and "</style><" not in shown


def test_headings_go_down_by_one_level_and_every_picture_has_a_text(printed: tuple[Answer, list[str]]) -> None:
    shown = page(printed[0])
    levels = [int(x) for x in re.findall(r"<h(\d)", shown)]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    assert all(re.search(r'alt="[^"]+"', tag) for tag in re.findall(r"<img[^>]*>", shown))
    assert all("<caption>" in t for t in re.findall(r"<table.*?</table>", shown, re.DOTALL))


def test_report_and_terminal_rank_the_same_assumed_values() -> None:
    case = kv.load("single_loop")
    made = answer(case, steady=True)
    found = made.influences[0]
    assert found is not None and found.moving
    names = [r.value.name for r in found.moving[:3]]
    told = brief(case, made.solution)
    shown = page(made)
    assert all(f"{name} " in " ".join(told.split()) and name in shown for name in names)
