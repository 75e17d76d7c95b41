"""What Kelvolt raises. A message names component, quantity, value, unit, allowed range and remedy."""

from __future__ import annotations


class Error(Exception):
    """Everything Kelvolt raises on purpose.

    `message` is the text without its place; `file` and `line` say where in the user's text it was said, or are None.
    """

    def __init__(self, message: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(message, file, line)
        self.message = message
        self.file = file
        self.line = line

    def __str__(self) -> str:
        place = f"{self.file or 'case'}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return place + self.message


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


class FileError(Error):
    """A file that cannot be read or written."""


class Interrupted(Error):
    """A run was stopped from outside; what was recorded is kept in its file."""
