"""Standard output without control characters and with verdicts in colour, and warnings on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from kelvolt.base import errors, screen


class Printable:
    """A stream that shows control characters as codes, since titles and names could contain commands to a terminal.

    Verdicts are coloured on a terminal, unless `plain` is true.
    """

    def __init__(self, stream: TextIO, plain: bool = False) -> None:
        self._stream = stream
        self._plain = plain

    def write(self, text: str) -> int:
        with self._named():
            shown = errors.printable(text)
            return self._stream.write(shown if self._plain else screen.coloured(shown, self._stream))

    def flush(self) -> None:
        with self._named():
            self._stream.flush()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            raise errors.FileError(f"the standard output cannot be written: {error.strerror}") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Stands for `warnings.showwarning` on the command line."""
    print(errors.printable(f"kelvolt: warning: {message}"), file=sys.stderr)
