"""The errors of Kelvolt. A message names component, quantity, value, unit, allowed range and remedy.

One kind of fault raises one kind of error, wherever it is met:

| fault | error |
|---|---|
| a value, unit, path or argument that is not understood, out of range or of a wrong type | InputError |
| something else than a case (or a solution) where a study takes one | TypeError |
| the network as connected cannot be solved | TopologyError |
| no file at a path | MissingFile (is FileError, InputError and FileNotFoundError) |
| a read-only folder, a full disk, a damaged file, a file of others that would be replaced | FileError |
| no solution | NoConvergence, NoSteadyState, ThermalRunaway, NoPowerFlow |
| electric sources joined out of step | OutOfStep |
| a derivative that does not exist | NoGradient |
| Ctrl-C | KeyboardInterrupt, once files are closed |
"""

from __future__ import annotations

import errno
import re

_LONGEST = 4000  # characters of a message; a list of all names in a network may be a hundred times as long
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Text that is safe on a terminal: control characters, which could move the cursor or hide text, become codes."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def bounded(text: str) -> str:
    """A message shortened to a readable length, which states how much was left out."""
    if len(text) <= _LONGEST:
        return text
    head, tail = text[: _LONGEST - 600], text[-500:]
    head, tail = head[: head.rfind(", ") if ", " in head[-200:] else None], tail[tail.find(", ") + 1 :]
    return f"{head} … and {len(text) - len(head) - len(tail)} more characters …{tail}"


class Error(Exception):
    """The base class of all errors that Kelvolt raises on purpose.

    `message` is the text without the place; `file` and `line` are the place in the user's text, or None.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        self.message = bounded(message)
        self.file = file
        self.line = line
        Exception.__init__(self, self.message, file, line)  # not OSError's, which takes other arguments

    def __str__(self) -> str:
        file = bounded(self.file) if self.file else None
        place = f"{file or 'case'}:{self.line}: " if self.line else f"{file}: " if file else ""
        return printable(place + self.message)


class InputError(Error):
    """An error in the user's text, values or paths."""


class TopologyError(Error):
    """The network as connected cannot be solved, which is found before solving."""


class NoConvergence(Error):
    """The solver did not converge; the message names the largest residuals."""


class NoSteadyState(Error):
    """A physical result: there is no steady state, because heat enters somewhere and cannot leave."""


class ThermalRunaway(Error):
    """A physical result: the chips' leakage power grows faster with temperature than the cooling."""


class NoStablePoint(NoSteadyState):
    """A physical result: the only solution found is unstable, so that any disturbance grows; the parts are named."""


class NoGradient(Error):
    """A derivative does not exist because of an event; the message names the event and its components."""


class NoPowerFlow(Error):
    """A physical result: the electric network cannot carry its load.

    The message names the share of the load that it can carry, and the weakest bus.
    """


class OutOfStep(Error):
    """Electric sources are joined, directly or by a path, although their voltages or angles do not agree."""


class FileError(Error, OSError):
    """A file that cannot be read or written."""


class MissingFile(FileError, InputError, FileNotFoundError):
    """A path at which there is no file."""

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message, file, line)
        self.errno = errno.ENOENT


class Interrupted(Error):
    """A run was stopped from outside; the rows recorded so far are kept in its file."""
