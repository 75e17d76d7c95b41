"""Values with their derivatives, and the functions of expressions on them and on plain arrays."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kelvolt.base.values import Floats


@dataclass(frozen=True)
class Chained:
    """Values [m] with their derivatives [m, variables]."""

    value: Floats
    by: Floats

    def _with(self, other: Chained | float) -> Chained:
        if isinstance(other, Chained):
            return other
        return Chained(np.array([float(other)]), np.zeros((1, self.by.shape[1])))

    def __add__(self, other: Chained | float) -> Chained:
        o = self._with(other)
        return Chained(self.value + o.value, self.by + o.by)

    def __sub__(self, other: Chained | float) -> Chained:
        return self + -self._with(other)

    def __neg__(self) -> Chained:
        return Chained(-self.value, -self.by)

    def __mul__(self, other: Chained | float) -> Chained:
        o = self._with(other)
        return Chained(self.value * o.value, self.by * o.value[:, None] + o.by * self.value[:, None])

    def __truediv__(self, other: Chained | float) -> Chained:
        o = self._with(other)
        return self * Chained(1.0 / o.value, -o.by / o.value[:, None] ** 2)

    def __pow__(self, other: Chained | float) -> Chained:
        o = self._with(other)
        if not o.by.any():
            n = o.value
            return Chained(self.value**n, (n * self.value ** (n - 1.0))[:, None] * self.by)
        return _exp(o * _log(self))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Chained:
        return self._with(other) - self

    def __rtruediv__(self, other: float) -> Chained:
        return self._with(other) / self

    def __rpow__(self, other: float) -> Chained:
        return self._with(other) ** self


def _mapped(f: Callable[[Floats], Floats], slope: Callable[[Floats], Floats]) -> Callable[[Chained], Chained]:
    return lambda x: Chained(f(x.value), slope(x.value)[:, None] * x.by)


def _extreme(pick: Callable[[Floats], np.intp]) -> Callable[..., Chained]:
    def extreme(*parts: Chained) -> Chained:
        value, by = (np.concatenate([getattr(p, n) for p in parts]) for n in ("value", "by"))
        at = pick(value)
        return Chained(value[[at]], by[[at]])

    return extreme


_exp = _mapped(np.exp, np.exp)
_log = _mapped(np.log, lambda x: 1.0 / x)
FUNCTIONS: dict[str, Callable[..., Chained]] = {
    "max": _extreme(np.argmax),
    "min": _extreme(np.argmin),
    "sum": lambda x: Chained(x.value.sum(keepdims=True), x.by.sum(axis=0, keepdims=True)),
    "mean": lambda x: Chained(x.value.mean(keepdims=True), x.by.mean(axis=0, keepdims=True)),
    "abs": _mapped(np.abs, np.sign),
    "sqrt": _mapped(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "exp": _exp,
    "log": _log,
}


def _over_elements(function: Callable[..., Floats]) -> Callable[..., Floats]:
    def folded(*parts: Floats) -> Floats:
        widest = max(p.shape[1] for p in parts)
        every = np.concatenate([np.broadcast_to(p, (len(p), widest)) for p in parts])
        return np.where(np.isnan(every).all(axis=0), np.nan, function(every, axis=0))[None]

    return folded


ARRAY_FUNCTIONS: dict[str, Callable[..., Floats]] = {
    "max": _over_elements(np.nanmax),
    "min": _over_elements(np.nanmin),
    "sum": _over_elements(np.nansum),
    "mean": _over_elements(np.nanmean),
    "abs": np.abs,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
}
OPERATORS: dict[type[ast.operator], Callable[..., Chained]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
