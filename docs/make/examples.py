"""Runs what the pages of the site show: commands, Python, files, and mistakes with their messages.

A page holds blocks that are run in order, in one folder and one Python session of the page:

    ```{console}           commands after `$ `, each followed on the site by what it prints
    ```{python}            code; the value of a last expression, printed text and open figures follow it
    ```{file} NAME         a file that the next blocks use
    ```{change} NAME       lines to remove (-) from that file and lines to add (+) in their place, or at its end
    ```{mistake} NAME      the same for one command, `:run:` (`kelvolt run NAME --steady` where not given), whose
                           message follows; the file itself stays as it is. A line `@@` begins another place

Options: `:status:` what the last command ends with (0 where not given); `:show:` "none" or a number of lines;
`:start:` and `:stop:` patterns in the first line that is shown and in the first that is not; `:picture:` files of the
folder to show, `:alt:` what they show, `:raises:` the error that code ends with. The role {out}`text` is text that must
stand in what the page has printed so far.

The site runs them when it is built (example_directives.py), the tests when they are run (tests/python/docs).
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("console", "python", "file", "change", "mistake")
WIDTH = 110  # characters of a line that a page has room for
FAILED = 2  # exit status of a command that has no answer
_BLOCK = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{(?P<kind>\w+)\}[ ]*(?P<argument>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ ]*$", re.M | re.S
)
_OUT = re.compile(r"\{out\}`([^`]+)`")


class ExampleError(Exception):
    """A page does not do what it says."""


@dataclass(frozen=True)
class Block:
    kind: str
    argument: str
    options: dict[str, str]
    body: str
    line: int


@dataclass(frozen=True)
class Stated:
    """Text that the page says was printed."""

    text: str
    line: int


@dataclass
class Shown:
    """What a block gave: printed text, a table as HTML, files of pictures; `message`: the text is that of an error."""

    text: str = ""
    html: str = ""
    pictures: list[Path] = field(default_factory=list)
    message: bool = False


def parse(kind: str, argument: str, lines: list[str], line: int) -> Block:
    """A block from its lines: options first, as MyST has them."""
    options = {}
    while lines and (found := re.match(r":([\w-]+):\s*(.*)$", lines[0])):
        options[found[1]] = found[2].strip()
        lines = lines[1:]
    while lines and not lines[0].strip():
        lines = lines[1:]
    return Block(kind, argument.strip(), options, "\n".join(lines).rstrip() + "\n", line)


def steps(page: str) -> list[Block | Stated]:
    """Blocks of a page and the text that it states, in their order."""
    found: list[tuple[int, Block | Stated]] = []
    for m in _BLOCK.finditer(page):
        line = page.count("\n", 0, m.start()) + 1
        if m["kind"] in KINDS:
            found.append((m.start(), parse(m["kind"], m["argument"], m["body"].split("\n"), line)))
    for m in _OUT.finditer(page):
        found.append((m.start(), Stated(m[1], page.count("\n", 0, m.start()) + 1)))
    return [step for _, step in sorted(found, key=lambda pair: pair[0])]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


class Session:
    """The folder and the Python names of one page."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="kelvolt-page-"))
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.printed = ""  # by all blocks
        self.last = ""  # by the last one
        self._pictures = 0

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, block: Block) -> list[tuple[str, Shown]]:
        """Runs a block: pairs of what was typed and what it gave, one for each command."""
        with _within(self.folder):
            made = getattr(self, f"_{block.kind}")(block)
        for _, shown in made:
            shown.text = shown.text.replace(f"{self.folder}/", "")
        self.last = "\n".join(shown.text for _, shown in made)
        self.printed += self.last + "\n"
        return [(typed, self._cut(block, shown)) for typed, shown in made]

    def check(self, stated: Stated) -> None:
        """Raises ExampleError where the text was not printed."""
        if plain(stated.text) not in plain(self.printed):
            raise ExampleError(f"{self.name}, line {stated.line}: '{stated.text}' was not printed by the blocks before")

    # ---- kinds of blocks ----

    def _file(self, block: Block) -> list[tuple[str, Shown]]:
        (self.folder / block.argument).write_text(block.body, encoding="utf-8")
        return [("", Shown())]

    def _console(self, block: Block) -> list[tuple[str, Shown]]:
        typed = [m for m in re.split(r"^\$ ", block.body, flags=re.M) if m.strip()]
        made = []
        for n, one in enumerate(typed):
            allowed = int(block.options.get("status", "0")) if n == len(typed) - 1 else None
            made.append((one.rstrip(), Shown(self._command(one, allowed, block), message=allowed == FAILED)))
        made[-1][1].pictures = [self.folder / f for f in block.options.get("picture", "").split()]
        self._require(made[-1][1].pictures, block)
        return made

    def _change(self, block: Block) -> list[tuple[str, Shown]]:
        file = self.folder / block.argument
        file.write_text(self._changed(file, block), encoding="utf-8")
        return [("", Shown())]

    def _mistake(self, block: Block) -> list[tuple[str, Shown]]:
        file = self.folder / block.argument
        good = file.read_text(encoding="utf-8")
        typed = block.options.get("run", f"kelvolt run {block.argument} --steady")
        try:
            file.write_text(self._changed(file, block), encoding="utf-8")
            status = int(block.options.get("status", FAILED))
            return [(typed, Shown(self._command(typed, status, block), message=status == FAILED))]
        finally:
            file.write_text(good, encoding="utf-8")

    def _changed(self, file: Path, block: Block) -> str:
        """The file's text with the lines of the block; a line `@@` begins another place."""
        text = file.read_text(encoding="utf-8")
        for hunk in re.split(r"^@@\n", block.body, flags=re.M):
            rows = hunk.rstrip("\n").split("\n")
            old = "".join(f"{row[1:]}\n" for row in rows if row[:1] in ("-", " "))
            new = "".join(f"{row[1:]}\n" for row in rows if row[:1] in ("+", " "))
            if old and text.count(old) != 1:
                where = f"{self.name}, line {block.line}"
                raise ExampleError(f"{where}: '{old}' stands {text.count(old)} times in {file.name}, not once")
            text = text.replace(old, new) if old else f"{text.rstrip()}\n{new}"
        return text

    def _python(self, block: Block) -> list[tuple[str, Shown]]:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        tree = ast.parse(block.body, f"{self.name}, line {block.line}")
        last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        if last is not None:
            tree.body.pop()
        out, value = io.StringIO(), None
        expected, message = block.options.get("raises", ""), False
        try:
            with contextlib.redirect_stdout(out), warnings.catch_warnings():
                warnings.simplefilter("default")
                exec(compile(tree, block.argument or self.name, "exec"), self.names)
                if last is not None:
                    value = eval(compile(ast.Expression(last.value), self.name, "eval"), self.names)
        except Exception as error:
            if type(error).__name__ != expected:
                raise ExampleError(f"{self.name}, line {block.line}: {type(error).__name__}: {error}") from error
            out.write(f"{expected}: {error}\n")
            message = True
        else:
            if expected:
                raise ExampleError(f"{self.name}, line {block.line}: {expected} was not raised")
        shown = Shown(out.getvalue(), message=message)
        if value is not None and type(value).__name__ not in ("Axes", "list_of_artists"):
            self._value(value, shown)
        for number in pyplot.get_fignums():
            shown.pictures.append(self._picture(pyplot.figure(number)))
        pyplot.close("all")
        shown.pictures += [self.folder / f for f in block.options.get("picture", "").split()]
        self._require(shown.pictures, block)
        return [("", shown)]

    # ---- what they share ----

    def _value(self, value: Any, shown: Shown) -> None:
        """What a notebook would show of a value: a picture, a drawing, a table, or its text."""
        if hasattr(value, "savefig"):
            shown.pictures.append(self._picture(value))
        elif svg := value if str(value).startswith("<svg") else getattr(value, "_repr_svg_", lambda: None)():
            file = self.folder / f"picture{self._next()}.svg"
            file.write_text(svg, encoding="utf-8")
            shown.pictures.append(file)
        else:
            shown.text += f"{value!r}\n"
            if type(value).__name__ == "DataFrame":
                shown.html = value.to_html(border=0, max_rows=20, float_format=lambda x: f"{x:.5g}")

    def _next(self) -> int:
        self._pictures += 1
        return self._pictures

    def _picture(self, figure: Any) -> Path:
        file = self.folder / f"picture{self._next()}.png"
        figure.savefig(file, dpi=144)
        return file

    def _require(self, files: list[Path], block: Block) -> None:
        for file in files:
            if not file.is_file():
                there = ", ".join(sorted(f.name for f in self.folder.iterdir()))
                raise ExampleError(f"{self.name}, line {block.line}: there is no {file.name}; there is {there}")

    def _command(self, typed: str, allowed: int | None, block: Block) -> str:
        words = shlex.split(typed.replace("\\\n", " "), comments=True)
        if not words or words[0] not in ("kelvolt", "cat", "ls"):
            raise ExampleError(f"{self.name}, line {block.line}: '{typed.strip()}' is no command that a page may run")
        if words[0] == "cat":
            return "".join(Path(w).read_text(encoding="utf-8") for w in words[1:])
        if words[0] == "ls":
            return "".join(f"{f.name}\n" for f in sorted(Path(words[1] if words[1:] else ".").iterdir()))
        from kelvolt.cli import main

        out = io.StringIO()
        shower = warnings.showwarning
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                status = main(words[1:])
        except SystemExit as end:  # of the parser
            status = int(end.code or 0)
        finally:
            warnings.showwarning = shower
        if allowed is not None and status != allowed:
            where = f"{self.name}, line {block.line}"
            raise ExampleError(f"{where}: '{typed.strip()}' ended with {status}, not {allowed}:\n{out.getvalue()}")
        return out.getvalue()

    def _cut(self, block: Block, shown: Shown) -> Shown:
        """The part of the text that the block asks for; what is left out is marked."""
        rows = shown.text.rstrip("\n").split("\n")
        start, stop, show = (block.options.get(key, "") for key in ("start", "stop", "show"))
        if show == "none":
            return Shown("", "", shown.pictures)
        first = next((k for k, row in enumerate(rows) if re.search(start, row, re.I)), None)
        if first is None:
            raise ExampleError(f"{self.name}, line {block.line}: no line holds '{start}':\n{shown.text}")
        last = next((k for k in range(first + 1, len(rows)) if stop and re.search(stop, rows[k], re.I)), len(rows))
        if show:
            last = min(last, first + int(show))
        kept = ["…"] * (first > 0) + rows[first:last] + ["…"] * (last < len(rows))
        return Shown("\n".join(kept), shown.html, shown.pictures, shown.message)


@contextlib.contextmanager
def _within(folder: Path) -> Iterator[None]:
    """The folder as the current one, and a terminal of fixed width."""
    before, kept = Path.cwd(), {key: os.environ.get(key) for key in ("COLUMNS", "NO_COLOR")}
    os.environ.update(COLUMNS=str(WIDTH), NO_COLOR="1")
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        for key, value in kept.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def has_steps(page: Path) -> bool:
    return bool(steps(page.read_text(encoding="utf-8")))


def run(page: Path, messages: bool = False) -> None:
    """Runs all of a page. Raises ExampleError where it does not do what it says.

    messages: below a heading `### `text`` the first block must print this text, in which an ellipsis stands for
    whatever is printed there.
    """
    text = page.read_text(encoding="utf-8")
    headings = [(text.count("\n", 0, m.start()) + 1, m[1]) for m in re.finditer(r"^### `(.+)`$", text, re.M)] * messages
    session = Session(page.name)
    try:
        for step in steps(text):
            if isinstance(step, Stated):
                session.check(step)
                continue
            session.run(step)
            if step.kind in ("file", "change"):
                continue
            while headings and headings[0][0] < step.line:
                line, said = headings.pop(0)
                wanted = ".*?".join(re.escape(part) for part in plain(said).split("…"))
                if not (headings and headings[0][0] < step.line) and not re.search(wanted, plain(session.last)):
                    raise ExampleError(f"{page.name}, line {line}: '{said}' is not what is printed:\n{session.last}")
    finally:
        session.close()


def main() -> int:
    """Runs the pages that are named and prints what their blocks print: python docs/make/examples.py PAGE..."""
    for name in sys.argv[1:]:
        session = Session(name)
        try:
            for step in steps(Path(name).read_text(encoding="utf-8")):
                if isinstance(step, Stated):
                    try:
                        session.check(step)
                    except ExampleError as error:
                        print(f"!! {error}")
                    continue
                for typed, shown in session.run(step):
                    print(f"---- {step.line}: {typed}\n{shown.text}\n{' '.join(map(str, shown.pictures))}")
        finally:
            session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
