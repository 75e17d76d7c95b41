"""Limits as text: an expression, a sign of comparison, and a number or another expression."""

from __future__ import annotations

import re
from collections.abc import Callable

from kelvolt import _core
from kelvolt.base.chained import Chained
from kelvolt.base.errors import InputError
from kelvolt.base.expressions import Expression, joins_words, readable
from kelvolt.base.paths import lift_paths
from kelvolt.base.values import si_unit

_COMPARISON = re.compile(r"^(?P<left>.+?)\s*(?P<sign><=|>=)\s*(?P<right>.+)$")
_SIGN = re.compile(r"[<>=!≤≥≠](?:\s*[<>=!≤≥≠])*")
_MEANT = {"<=": "<=", ">=": ">=", "<": "<=", "=<": "<=", "≤": "<=", ">": ">=", "=>": ">=", "≥": ">="}


class Comparison:
    """A limit `left <= right` or `left >= right`, evaluated as a margin that is positive when the limit is held."""

    def __init__(self, text: str, unit_of: Callable[[str], str], case: _core.Case | None = None) -> None:
        text = readable(text)
        _refuse_signs(text)
        found = _COMPARISON.match(text)
        if not found:
            raise InputError(f"'{text}' is no limit; write e.g. 'max(gpu[*].T_die) <= 85 degC'")
        self.text = text
        if _names_path(found["right"]) and not _names_path(found["left"]):
            turned = {"<=": ">=", ">=": "<="}[found["sign"]]
            raise InputError(f"'{text}': write the value first: '{found['right']} {turned} {found['left']}'")
        self._case = case
        self.left = Expression(found["left"], case)
        self.at_most = found["sign"] == "<="
        self.unit = self.left.unit(unit_of)
        self._shifted = not self.unit  # a temperature less a number is one of another scale
        degree = self.left.degree(lambda path: float(unit_of(path) == "K")) if self.unit in ("K", "") else 0.0
        if degree == 1.0:
            self.unit = "K"  # also of a temperature less a number
        self.right: Expression | float = self._number_or_expression(found["right"], self.unit, degree)
        other = self.right.unit(unit_of) if isinstance(self.right, Expression) else ""
        if self.unit and other and si_unit(self.unit) != si_unit(other):
            raise InputError(
                f"'{self.text}' compares {self.left.text} in {si_unit(self.unit)} with {found['right']} in "
                f"{si_unit(other)}; a limit compares values of one unit"
            )
        self.paths = self.left.paths + (self.right.paths if isinstance(self.right, Expression) else [])

    def _number_or_expression(self, text: str, unit: str, degree: float) -> Expression | float:
        if _names_path(text) and not re.match(r"^[-+.\d]", text):
            return Expression(text, self._case)
        try:
            number = float(text)
        except ValueError:
            if self._case is not None and joins_words(f"+{text}"):
                return Expression(text, self._case)
            if not unit:
                raise InputError(
                    f"'{self.text}': {self.left.text} has no unit that is known; write a number in SI instead of {text}"
                ) from None
            si = _core.to_si(text, unit)
            clear = degree == 0.0 or (degree == 1.0 and not self._shifted)
            if not clear and si != _core.to_si(text, "delta_K"):
                raise InputError(
                    f"'{self.text}': the value is neither a temperature nor a difference of two, so {text} "
                    f"has two meanings; write '{si:g} K' or '{_core.to_si(text, 'delta_K'):g} K'"
                ) from None
            return si
        if degree == 1.0:
            raise InputError(
                f"'{self.text}': {text} is a bare number beside a temperature; write '{text} degC', or '{text} K'"
            )
        return number

    def __call__(self, values: list[Chained]) -> Chained:
        """The margin [m] with its derivatives, from the values of `paths`."""
        left = self.left(values[: len(self.left.paths)])
        right = self.right(values[len(self.left.paths) :]) if isinstance(self.right, Expression) else self.right
        return right - left if self.at_most else left - right


def is_comparison(text: str) -> bool:
    """Whether a text is meant as a limit, valid or not: it contains a sign of comparison."""
    return _SIGN.search(text) is not None


def _names_path(text: str) -> bool:
    return bool(lift_paths(text)[1])


def _refuse_signs(text: str) -> None:
    signs = _SIGN.findall(text)
    wrong = [s for s in signs if s not in ("<=", ">=")]
    meant = _MEANT.get("".join(wrong[0].split())) if wrong else None
    if meant:
        raise InputError(
            f"'{text}': '{wrong[0]}' is no sign of a limit; limits are written with <= or >=: "
            f"'{text.replace(wrong[0], meant, 1)}'"
        )
    if wrong:
        raise InputError(
            f"'{text}': '{wrong[0]}' is no sign of a limit; limits are written with <= or >=, an exact value as a "
            "narrow band of both"
        )
    if len(signs) > 1:
        raise InputError(f"'{text}' compares {len(signs)} times; write a limit for each")
