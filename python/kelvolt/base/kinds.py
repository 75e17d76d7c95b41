"""Checks the arguments of plots and reports: a TypeError names the kinds of objects that a function accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

SOLUTION = "a Solution (case.steady(), run.end)"


def refusal(function: str, takes: str, got: Any) -> TypeError:
    return TypeError(f"{function} takes {takes}, not {type(got).__name__}")


def only(function: str, takes: str, got: Any, kind: type) -> None:
    """Raises TypeError for an object that is not of the one kind."""
    if not isinstance(got, kind):
        raise refusal(function, takes, got)


def require_case(function: str, got: Any) -> None:
    """Raises TypeError for what is no case."""
    from kelvolt.cases.case import Case

    only(function, "a Case (kv.load(file)) first", got, Case)


def solution_of(of: Any, function: str) -> Solution:
    """A solution itself, or the steady state of a case. Raises TypeError, and what `steady` raises."""
    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution

    if isinstance(of, Case):
        return of.steady()
    only(function, f"{SOLUTION} or a Case, which is solved", of, Solution)
    return of  # type: ignore[no-any-return]


def flow_of(of: Any, function: str) -> PowerFlow:
    """A power flow itself, or that of a solution or case. Raises TypeError, and what `steady` raises."""
    from kelvolt.cases.case import Case
    from kelvolt.cases.solution import Solution
    from kelvolt.power.flow import PowerFlow

    if isinstance(of, PowerFlow):
        return of
    if isinstance(of, Case | Solution):
        flow: PowerFlow = solution_of(of, function).power_flow()
        return flow
    raise refusal(function, f"a PowerFlow (solution.power_flow()), {SOLUTION} or a Case", of)


def table_of(of: Any, function: str, remedy: str) -> None:
    """Raises TypeError for what is no DataFrame; `remedy` says where one comes from."""
    import pandas

    only(function, f"a DataFrame ({remedy})", of, pandas.DataFrame)
