"""Expressions of paths: one grammar for solutions, runs, gradients, records of sweeps, objectives and limits of sizing.

    max(gpu[*].T_die) - facility.T_supply
    sum(pump[*].P_el) <= 2 kW

Paths contain a dot; patterns give arrays. Numbers are SI. A number alone on one side of a comparison may have a unit.
It must have one if it is compared with a temperature, because 75 could mean kelvin or degrees Celsius. Allowed are
+ - * / **, min max sum mean abs sqrt exp log. Exact derivatives are propagated forward from those of the values; that
of max and min is the derivative of the element that is largest or smallest (of the first of equal ones).
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.chained import ARRAY_FUNCTIONS, FUNCTIONS, OPERATORS, Chained
from kelvolt.base.errors import InputError
from kelvolt.base.paths import lift_paths
from kelvolt.base.values import Floats, difference

_COMPARISON = re.compile(r"^(?P<left>.+?)\s*(?P<sign><=|>=)\s*(?P<right>.+)$")
_SIGN = re.compile(r"[<>=!≤≥≠](?:\s*[<>=!≤≥≠])*")
_LONGEST = 20_000  # characters
_DEEPEST = 200  # nested operations; a sum of n terms has n
_MEANT = {"<=": "<=", ">=": ">=", "<": "<=", "=<": "<=", "≤": "<=", ">": ">=", "=>": ">=", "≥": ">="}


class Expression:
    """An expression parsed from text: its `paths`, and its value as a function of theirs.

    Raises InputError that names the part which is not understood."""

    def __init__(self, text: str) -> None:
        self.text = _readable(text)
        python, self.paths = lift_paths(self.text)
        try:
            self._tree = ast.parse(python, mode="eval").body
        except (RecursionError, MemoryError):
            raise _too_deep(self.text) from None
        except (SyntaxError, ValueError):  # ValueError: a null byte, half a character
            raise InputError(
                f"'{_quoted(text)}' is no expression of paths, numbers, + - * / ** and {_known()}"
            ) from None
        if not self.paths:
            raise InputError(f"'{text}' names no value; write component.value, for example max(gpu[*].T_die)")
        if _depth(self._tree) > _DEEPEST:
            raise _too_deep(self.text)
        self._check(self._tree)

    def __str__(self) -> str:
        return self.text

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=int() | float()) | ast.Name():
                if isinstance(node, ast.Name) and not node.id.startswith("path_"):
                    raise InputError(f"'{self.text}': '{node.id}' is no path; write component.value")
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                self._check(left)
                self._check(right)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                self._check(operand)
            case ast.Call(func=ast.Name(id=name), args=[_, *_] as args, keywords=[]) if name in FUNCTIONS:
                if len(args) > 1 and name not in ("min", "max"):
                    raise InputError(f"'{self.text}': {name} takes one value or array")
                for a in args:
                    self._check(a)
            case _:
                raise InputError(f"'{self.text}' holds more than paths, numbers, + - * / ** and {_known()}")

    def degree(self, path_degree: Callable[[str], float]) -> float:
        """The change of the value when every path changes by its degree.

        With degree 1 for temperatures, a temperature has 1 and a difference of temperatures 0, as has whatever is made
        of differences only. NaN where the expression has more than sums, fractions and extremes.
        """

        def of(node: ast.expr) -> float:
            match node:
                case ast.Constant():
                    return 0.0
                case ast.Name(id=name):
                    return path_degree(self.paths[int(name.removeprefix("path_"))])
                case ast.UnaryOp(op=op, operand=operand):
                    return -of(operand) if isinstance(op, ast.USub) else of(operand)
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                    return of(left) + (of(right) if isinstance(op, ast.Add) else -of(right))
                case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=factor)):
                    return of(left) * _float(factor)
                case ast.BinOp(left=ast.Constant(value=factor), op=ast.Mult(), right=right):
                    return of(right) * _float(factor)
                case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=factor)) if factor:
                    return of(left) / _float(factor)
                case ast.Call(func=ast.Name(id="max" | "min" | "mean"), args=args):
                    degrees = {of(a) for a in args}
                    return degrees.pop() if len(degrees) == 1 else np.nan
            inner = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
            parts = node.args if isinstance(node, ast.Call) else inner
            return 0.0 if all(of(part) == 0.0 for part in parts) else np.nan

        return of(self._tree)

    def unit(self, unit_of: Callable[[str], str]) -> str:
        """The declared unit of the value, of a sum, extreme or multiple of paths of one unit; "" of anything else."""

        def of(node: ast.expr) -> str:
            match node:
                case ast.Name(id=name):
                    return unit_of(self.paths[int(name.removeprefix("path_"))])
                case ast.UnaryOp(operand=operand):
                    return of(operand)
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                    return of(left) if of(left) == of(right) else ""
                case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=ast.Constant()):
                    return of(left)
                case ast.BinOp(left=ast.Constant(), op=ast.Mult(), right=right):
                    return of(right)
                case ast.Call(func=ast.Name(id="sum" | "max" | "min" | "mean" | "abs"), args=args):
                    units = {of(a) for a in args}
                    return units.pop() if len(units) == 1 else ""
            return ""

        unit = of(self._tree)
        degree = self.degree(lambda path: 1.0) if unit == "K" else 0.0
        return difference(unit) if unit == "K" and degree == 0.0 else unit

    @property
    def on_a_scale(self) -> bool:
        """Whether the value of temperatures is a temperature itself, as their mean is; their sum is none."""
        return self.degree(lambda path: 1.0) == 1.0

    def __call__(self, values: list[Chained]) -> Chained:
        """The value from those of `paths`, in their order. Raises InputError where it or a derivative is not finite."""
        width = values[0].by.shape[1]
        with np.errstate(all="ignore"):  # results that are not finite are refused below
            result: Chained = self._evaluated(
                values, FUNCTIONS, lambda number: Chained(np.array([number]), np.zeros((1, width)))
            )
        for what, numbers in (("", result.value), (" has a slope that", result.by)):
            wrong = numbers[~np.isfinite(numbers)]
            if len(wrong):
                raise InputError(
                    f"'{self.text}'{what} is {wrong[0]:g} here and no finite number; write it so that no logarithm, "
                    "root or divisor comes to zero or below within the bounds"
                )
        return result

    def of_arrays(self, values: list[Floats]) -> Floats:
        """The value [elements, times] from those of `paths` [elements, times], without derivatives.

        Functions go over the elements; NaN, which stands for an element that is not there, is left out by them."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of nothing but NaN
            return np.asarray(self._evaluated(values, ARRAY_FUNCTIONS, lambda number: np.array([[number]])))

    def _evaluated(
        self, values: list[Any], functions: Mapping[str, Callable[..., Any]], constant: Callable[[float], Any]
    ) -> Any:
        def of(node: ast.expr) -> Any:
            match node:
                case ast.Constant(value=number):
                    return constant(_float(number))
                case ast.Name(id=name):
                    return values[int(name.removeprefix("path_"))]
                case ast.BinOp(left=left, op=op, right=right):
                    return self._joined(op, of(left), of(right))
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    return -of(operand)
                case ast.UnaryOp(operand=operand):
                    return of(operand)
                case ast.Call(func=ast.Name(id=name), args=args):
                    return functions[name](*map(of, args))
            raise AssertionError(ast.dump(node))  # cannot happen: `_check` refuses all other nodes

        return of(self._tree)

    def _joined(self, op: ast.operator, left: Any, right: Any) -> Any:
        """The result of an operator. Raises InputError where two arrays have different numbers of elements."""
        sizes = [len(getattr(x, "value", x)) for x in (left, right)]
        if 1 not in sizes and sizes[0] != sizes[1]:
            raise InputError(
                f"'{self.text}' joins arrays of {sizes[0]} and {sizes[1]} elements; take max, min, sum or mean of one"
            )
        return OPERATORS[type(op)](left, right)


def expression_in(text: str) -> Expression | None:
    """The expression that a text is, None where it is a path or a pattern, or names no path at all.

    Raises InputError for what is meant as an expression and is none."""
    lifted, paths = lift_paths(text)
    return Expression(text) if paths and lifted.strip() != "path_0" else None


class Comparison:
    """A limit `left <= right` or `left >= right`, evaluated as a margin that is positive when the limit is held."""

    def __init__(self, text: str, unit_of: Callable[[str], str]) -> None:
        text = _readable(text)
        _refuse_signs(text)
        found = _COMPARISON.match(text)
        if not found:
            raise InputError(f"'{text}' is no limit; write e.g. 'max(gpu[*].T_die) <= 85 degC'")
        self.text = text
        if _names_path(found["right"]) and not _names_path(found["left"]):
            turned = {"<=": ">=", ">=": "<="}[found["sign"]]
            raise InputError(f"'{text}': write the value first: '{found['right']} {turned} {found['left']}'")
        self.left = Expression(found["left"])
        self.at_most = found["sign"] == "<="
        self.unit = unit_of(self.left.paths[0])
        degree = self.left.degree(lambda path: float(unit_of(path) == "K")) if self.unit == "K" else 0.0
        if degree == 0.0:
            self.unit = difference(self.unit) if self.unit == "K" else self.unit
        self.right: Expression | float = self._number_or_expression(found["right"], self.unit, degree)
        self.paths = self.left.paths + (self.right.paths if isinstance(self.right, Expression) else [])

    def _number_or_expression(self, text: str, unit: str, degree: float) -> Expression | float:
        if _names_path(text) and not re.match(r"^[-+.\d]", text):
            return Expression(text)
        try:
            number = float(text)
        except ValueError:
            si = _core.to_si(text, unit)
            if degree not in (0.0, 1.0) and si != _core.to_si(text, "delta_K"):
                raise InputError(
                    f"'{self.text}': the value is neither a temperature nor a difference of temperatures, so {text} "
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


def _readable(text: Any) -> str:
    """The text without surrounding space. Raises InputError for anything but text, and for too long text."""
    if not isinstance(text, str):
        raise InputError(
            f"an expression is text such as 'sum(pump[*].P_el)', not {text!r} of type {type(text).__name__}"
        )
    if len(text) > _LONGEST:
        raise InputError(
            f"'{_quoted(text)}' has {len(text)} characters; an expression has at most {_LONGEST}; use sum(pattern)"
        )
    return text.strip().encode(errors="replace").decode()  # replaces lone surrogates, which no expression contains


def _quoted(text: str) -> str:
    return text if len(text) <= 400 else f"{text[:300]} …"


def _depth(tree: ast.expr) -> int:
    """The depth of nested operations, found without recursion."""
    depth, level = 0, list(ast.iter_child_nodes(tree))
    while level:
        depth, level = depth + 1, [inner for node in level for inner in ast.iter_child_nodes(node)]
    return depth


def _too_deep(text: str) -> InputError:
    return InputError(
        f"'{_quoted(text)}' has more than {_DEEPEST} operations inside one another, which is the most (a sum of n "
        "terms has n); write sum(pattern), or put parts of it into max(…), min(…) or brackets"
    )


def _float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf


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


def _known() -> str:
    return ", ".join(FUNCTIONS)
