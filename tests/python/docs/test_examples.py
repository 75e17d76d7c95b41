"""Every command and line of code on the pages runs in order, and prints what the page says of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import kelvolt as kv
import pytest
from conftest import ROOT

DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "make"))

import examples  # noqa: E402

PAGES = [f for f in sorted(DOCS.rglob("*.md")) if f.parent.name in ("docs", "how") and examples.has_steps(f)]
PAGES.remove(DOCS / "troubleshooting.md")  # has a test of its own
TROUBLES = DOCS / "troubleshooting.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda f: f.stem)
def test_a_page_does_what_it_says(page: Path) -> None:
    examples.run(page)


def test_the_tutorial_has_twelve_tasks_with_a_goal_and_a_way_to_tell_that_they_are_right() -> None:
    tasks = re.split(r"^## \d+\. ", (DOCS / "tutorial.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(tasks) == 12
    for task in tasks:
        assert "**Goal.**" in task and "```{" in task, task[:40]
    assert all(re.search(r"\*\*(It is right|Read|How far|Where to go on)", task) for task in tasks)


def test_every_how_to_asks_one_question_and_shows_how_to_tell_that_its_answer_is_right() -> None:
    for index in ("thermal", "notebook", "facility"):
        named = re.findall(r"^(\w+)$", (DOCS / "how" / f"{index}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert len(named) >= 7
        for name in named:
            text = (DOCS / "how" / f"{name}.md").read_text(encoding="utf-8")
            assert re.match(r"# .+\?", text), name
            assert "**Right?**" in text or "**Read it in this order.**" in text, name


# ---- troubleshooting ----


def messages() -> list[tuple[str, examples.Block]]:
    """The message of each heading with the first block below it."""
    text = TROUBLES.read_text(encoding="utf-8")
    out = []
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        heading = part.split("\n", 1)[0]
        out.append((heading.strip(), part))
    return out


def test_every_message_on_the_page_is_provoked_there_and_tells_cause_and_remedy() -> None:
    for heading, part in messages():
        assert re.fullmatch(r"`.+`", heading), heading
        assert [s for s in examples.steps(part) if isinstance(s, examples.Block)], f"{heading}: nothing provokes it"
        assert "**Cause.**" in part and "**Remedy.**" in part, heading


def test_every_heading_is_the_text_of_the_message_that_is_printed() -> None:
    examples.run(TROUBLES, messages=True)


# What users met and did not find on the page. A message that someone asks about is added here, and then there.
MET = (
    "two numbers",
    "is not allowed in a name",
    "has no unit; write it in the header",
    "has no unit; write it in the heading",
    "holds a comma",
    "all hold cells",
    "a bare number is kelvin",
    "has no key",
)


@pytest.mark.parametrize("words", MET)
def test_a_message_that_users_met_is_a_heading_of_the_page(words: str) -> None:
    assert [h for h, _ in messages() if words in h]


def test_every_kind_of_error_is_on_the_page() -> None:
    text = TROUBLES.read_text(encoding="utf-8")
    kinds = [n for n in kv.__all__ if isinstance(getattr(kv, n), type) and issubclass(getattr(kv, n), Exception)]
    assert len(kinds) > 10
    assert [n for n in kinds if f"`{n}`" not in text] == []


def test_a_page_that_says_what_is_not_printed_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```{python}\n1 + 1\n```\n\nIt says {out}`2`, not {out}`three`.\n")
    with pytest.raises(examples.ExampleError, match="line 5: 'three' was not printed"):
        examples.run(page)


def test_a_command_that_ends_otherwise_than_its_page_says_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```{console}\n$ kelvolt run no_such_case\n```\n")
    with pytest.raises(examples.ExampleError, match="ended with 2, not 0"):
        examples.run(page)


CHANGES = """
```{console}
$ kelvolt new loop
```
```{change} loop.yaml
-run: {duration: 3 min}
+run: {duration: 4 min}
```
```{mistake} loop.yaml
-kelvolt: 1
+kelvolt: 2
```
```{python}
from pathlib import Path
text = Path("loop.yaml").read_text()
print(text.count("kelvolt: 1"), "4 min" in text)
```
{out}`it reads 1`, {out}`1 True`
"""


def test_a_change_keeps_and_a_mistake_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(CHANGES)
    examples.run(page)


def test_a_change_of_a_line_that_is_not_there_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```{file} a.yaml\nb: 1\n```\n```{change} a.yaml\n-c: 1\n```\n")
    with pytest.raises(examples.ExampleError, match="stands 0 times in a.yaml"):
        examples.run(page)
