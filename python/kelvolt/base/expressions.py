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
import difflib
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.chained import ARRAY_FUNCTIONS, FUNCTIONS, OPERATORS, Chained
from kelvolt.base.errors import InputError
from kelvolt.base.paths import lift_paths
from kelvolt.base.values import Floats, difference, si_unit

_CALL = re.compile(r"\s*[A-Za-z_]\w*\s*\(")
_PLACE = re.compile(r"\bpath_(\d+)\b")
_LONGEST = 20_000  # characters
_DEEPEST = 200  # nested operations; a sum of n terms has n


class Expression:
    """An expression parsed from text: its `paths`, and its value as a function of theirs.

    case: whose knobs it may name, each of which stands for the sum of its parameters.
    Raises InputError that names the part which is not understood."""

    def __init__(self, text: str, case: _core.Case | None = None) -> None:
        self.text = readable(text)
        python, self.paths = lift_paths(self.text)
        try:
            self._tree = ast.parse(python, mode="eval").body
        except (RecursionError, MemoryError):
            raise _too_deep(self.text) from None
        except (SyntaxError, ValueError):  # ValueError: a null byte, half a character
            raise InputError(
                f"'{_quoted(text)}' is no expression of paths, numbers, + - * / ** and {_known()}"
            ) from None
        if _depth(self._tree) > _DEEPEST:
            raise _too_deep(self.text)
        if case is not None:
            self._tree = _Words(self, case).visit(self._tree)
        self._check(self._tree)
        self._tree = _Signed().visit(self._tree)
        if not self.paths:
            raise InputError(f"'{text}' names no value; write component.value, for example max(gpu[*].T_die)")

    def __str__(self) -> str:
        return self.text

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=int() | float()) | ast.Name():
                if isinstance(node, ast.Name) and not node.id.startswith("path_"):
                    raise InputError(
                        f"'{self.text}': '{node.id}' is neither a path nor a knob of the case; a path is written "
                        "component.value, such as gpu[*].T_die"
                    )
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
            case ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS:
                near = difflib.get_close_matches(name, FUNCTIONS, n=1, cutoff=0.4)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise InputError(f"'{self.text}': there is no function '{name}'{hint}; there is {_known()}")
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
        """The declared unit of the value, of a sum, extreme or multiple of paths of one unit; "" of anything else.

        Raises InputError where values of different units are added, subtracted or compared by max and min, unless one
        has a number as factor, which may be its price. A number alone has the unit of what it is added to.
        """

        def alike(joined: str, *nodes: ast.expr) -> str | None:
            known = [(node, unit) for node in nodes if (unit := of(node)) is not None]
            for node, unit in known[1:]:
                first = known[0][1]
                if first and unit and si_unit(unit) != si_unit(first):
                    if _weighted(node) or _weighted(known[0][0]):
                        return ""  # a weight may be a price, which turns one unit into another
                    raise InputError(
                        f"'{self.text}' {joined} {self._words(known[0][0])} in {si_unit(first)} and "
                        f"{self._words(node)} in {si_unit(unit)}; only values of one unit can be joined so: name "
                        "values of one quantity, or give each a weight as factor"
                    )
            if len(known) < len(nodes) and len(nodes) > 1 and known and known[0][1] == "K":
                return ""  # less 273.15 it is a number of degrees Celsius, which no unit here says
            return _common([unit for _, unit in known])

        def of(node: ast.expr) -> str | None:
            """None of a number alone."""
            match node:
                case ast.Constant():
                    return None
                case ast.Name(id=name):
                    return unit_of(self.paths[int(name.removeprefix("path_"))])
                case ast.UnaryOp(operand=operand):
                    return of(operand)
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                    return alike("adds" if isinstance(op, ast.Add) else "takes the difference of", left, right)
                case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=ast.Constant()):
                    return of(left)
                case ast.BinOp(left=ast.Constant(), op=ast.Mult(), right=right):
                    return of(right)
                case ast.Call(func=ast.Name(id="sum" | "max" | "min" | "mean" | "abs"), args=args):
                    return alike("compares", *args)
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.expr) and not (isinstance(inner, ast.Name) and inner.id in FUNCTIONS):
                    of(inner)  # raises
            return ""

        unit = of(self._tree) or ""
        degree = self.degree(lambda path: 1.0) if unit == "K" else 0.0
        return difference(unit) if unit == "K" and degree == 0.0 else unit

    def _words(self, node: ast.expr) -> str:
        """A part as it is written."""
        return _PLACE.sub(lambda found: self.paths[int(found[1])], ast.unparse(node))

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


def _weighted(node: ast.expr) -> bool:
    """Whether a term has a number as a factor or divisor."""
    match node:
        case ast.UnaryOp(operand=operand):
            return _weighted(operand)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right):
            return isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _weighted(left) or _weighted(right)
    return False


def _common(units: list[str]) -> str | None:
    """The unit of what values of these units, which are one in SI, make together."""
    distinct = set(units)
    if len(distinct) < 2:
        return units[0] if units else None
    return "" if "" in distinct else "K" if "K" in distinct else si_unit(units[0])


def expression_in(text: str, case: _core.Case | None = None) -> Expression | None:
    """The expression that a text is, None where it is a path or a pattern, or names no path at all.

    case: as of `Expression`. Raises InputError for what is meant as an expression and is none."""
    lifted, paths = lift_paths(text)
    meant = lifted.strip() != "path_0" if paths else case is not None and _CALL.match(text) is not None
    return Expression(text, case) if meant or (case is not None and joins_words(text)) else None


def joins_words(text: str) -> bool:
    """Whether a text without any path joins words and numbers by signs or functions, such as "2 * rack_power"."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return isinstance(tree, ast.BinOp | ast.UnaryOp | ast.Call) and any(isinstance(n, ast.Name) for n in ast.walk(tree))


class _Signed(ast.NodeTransformer):
    """Makes one number of a minus and the number after it, so that -1 is a factor like 2."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return ast.copy_location(ast.Constant(-number), node)
        return node


class _Words(ast.NodeTransformer):
    """Replaces each knob by the sum of its parameters. Raises InputError for a word that is nothing in the case."""

    def __init__(self, expression: Expression, case: _core.Case) -> None:
        self._of, self._case = expression, case
        self._knobs = {name for name, _ in _core.knobs(case)}

    def visit_Call(self, node: ast.Call) -> ast.AST:  # the function itself is no word of the case
        node.args = [self.visit(a) for a in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id.startswith("path_") and node.id.removeprefix("path_").isdigit():
            return node
        if node.id not in self._knobs:
            try:
                self._case.find(node.id)
            except InputError as error:
                knobs = f"; knobs of the case are {', '.join(sorted(self._knobs))}" if self._knobs else ""
                raise InputError(f"'{self._of.text}': {error.message}{knobs}") from None
            return node
        if node.id not in self._of.paths:
            self._of.paths.append(node.id)
        place = ast.Name(f"path_{self._of.paths.index(node.id)}", ast.Load())
        return ast.Call(ast.Name("sum", ast.Load()), [place], [])


def readable(text: Any) -> str:
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


def _known() -> str:
    return ", ".join(FUNCTIONS)
