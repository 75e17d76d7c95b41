"""What a case, a solution and a run have in common: values that are found, listed, completed and read by path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from kelvolt._core import Case as CoreCase
from kelvolt._core import Found
from kelvolt.base.errors import InputError
from kelvolt.base.paths import any_element
from kelvolt.base.values import Floats, is_path, path_of


class Listed:
    """Values that are found and listed by path."""

    _core: CoreCase

    def _values(self) -> Found:
        """What is iterated over and offered by Tab."""
        return self._core.find("**.*")

    def find(self, pattern: str = "*") -> list[str]:
        """Paths of the parameters, unknowns, outputs and port values that the pattern names, or that lie in it.

        `find("**.T_die")` lists values, `find("tray[3]")` all values in a component or assembly, `find("*")` all values
        of the case, those of ports last. Raises InputError when the pattern names nothing.
        """
        pattern = path_of(pattern)
        inner = pattern.removesuffix("*").removesuffix("*").removesuffix(".")
        try:
            if inner:
                return self._core.find(pattern).paths
        except InputError as error:
            refused = error
        found: dict[str, None] = {}
        for values in ("**.*", "**.*.*"):  # the second names the values of ports too
            with suppress(InputError):
                found |= dict.fromkeys(self._core.find(f"{inner}.{values}" if inner else values).paths)
        if not found:
            raise refused
        return list(found)

    def __iter__(self) -> Iterator[str]:
        """The paths of parameters, of a solution also of unknowns and outputs, of a run of all that was recorded."""
        return iter(self._values().paths)

    def __contains__(self, path: object) -> bool:
        try:
            return bool(self._core.find(path_of(path)))
        except InputError:
            return False

    def _ipython_key_completions_(self) -> list[str]:
        """What Tab offers within the brackets: plain paths, and of each array the pattern [*] and the first element."""
        offered: dict[str, None] = {}
        for path in self:
            pattern = any_element(path)
            if pattern not in offered:
                offered[pattern] = None
                offered[path] = None
        return list(offered)


class Valued(Listed):
    """Values that are also read as one number or an array."""

    def get(self, path: str, unit: str | None = None) -> float | Floats:
        """A float for a plain path, an array for a pattern, in SI or `unit`."""
        raise NotImplementedError

    def at(self, path: str, unit: str | None = None) -> float:
        """The one value at a plain path as a float, in SI or `unit`: what type checkers know to be a number.

        Raises InputError for a pattern, and when the path names nothing.
        """
        value = self.get(path, unit) if is_path(path_of(path)) else None
        if not isinstance(value, float):
            raise InputError(f"'{path}' names an array; at() gives one number: name one element, or use array()")
        return value

    def array(self, pattern: str, unit: str | None = None) -> Floats:
        """The values of a pattern as an array shaped by the indexed levels, in SI or `unit`.

        Raises InputError for a plain path, and when the pattern names nothing or several quantities.
        """
        value = self.get(pattern, unit)
        if isinstance(value, float):
            raise InputError(f"'{pattern}' names one value; use at(), or write [*] for the elements")
        return value
