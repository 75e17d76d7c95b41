"""What Kelvolt raises. A message names component, quantity, value, unit, allowed range and remedy."""

from __future__ import annotations

import errno
import re

_LONGEST = 4000  # characters of a message: a list of a network's names may be a hundred times as long
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text for a terminal: control characters, which could move its cursor or hide words, by their numbers."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def bounded(text: str) -> str:
    """A message short enough to be read, which says how much it leaves out."""
    if len(text) <= _LONGEST:
        return text
    head, tail = text[: _LONGEST - 600], text[-500:]
    head, tail = head[: head.rfind(", ") if ", " in head[-200:] else None], tail[tail.find(", ") + 1 :]
    return f"{head} … and {len(text) - len(head) - len(tail)} more characters …{tail}"


class Error(Exception):
    """Everything Kelvolt raises on purpose.

    `message` is the text without its place; `file` and `line` say where in the user's text it was said, or are None.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        self.message = bounded(message)
        self.file = file
        self.line = line
        Exception.__init__(self, self.message, file, line)  # not that of OSError, which reads other arguments

    def __str__(self) -> str:
        file = bounded(self.file) if self.file else None
        place = f"{file or 'case'}:{self.line}: " if self.line else f"{file}: " if file else ""
        return printable(place + self.message)


class InputError(Error):
    """The user's text, values or paths."""


class TopologyError(Error):
    """What was connected cannot be solved; found before solving."""


class NoConvergence(Error):
    """The solver gave up; the worst residuals are named."""


class NoSteadyState(Error):
    """A physical answer: heat enters somewhere and has no way out."""


class ThermalRunaway(Error):
    """A physical answer: leakage grows faster with temperature than it can be cooled away."""


class NoStablePoint(NoSteadyState):
    """A physical answer: the balances close, but only where the least push leads away; the parts are named."""


class NoGradient(Error):
    """A derivative does not exist, because of an event; it and its components are named."""


class NoPowerFlow(Error):
    """A physical answer: the electric network cannot carry its load; up to what share it could, and the weak bus."""


class OutOfStep(Error):
    """Sources, or the ways between them, that do not agree in voltage or angle and yet are joined."""


class FileError(Error, OSError):
    """A file that cannot be read or written."""


class MissingFile(FileError, InputError, FileNotFoundError):
    """A path that names no file."""

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message, file, line)
        self.errno = errno.ENOENT


class Interrupted(Error):
    """A run was stopped from outside; what was recorded is kept in its file."""
