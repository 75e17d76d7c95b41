"""What `kelvolt check` prints: limits of case and models, and of a power network the list of checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kelvolt.base import screen
from kelvolt.base.errors import printable
from kelvolt.base.tables import Table, Units
from kelvolt.base.verdicts import Whole
from kelvolt.reports import brief as answer
from kelvolt.reports.binding import binding, binding_lines, open_limits, open_names
from kelvolt.reports.summary import check_text
from kelvolt.reports.warned import replaced_lines

if TYPE_CHECKING:
    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution
    from kelvolt.power.check import PowerCheck

_ROWS = 8  # of each table, where there is room
_FULL = "every limit, every line of the list with its basis, and what was not assessed and why"


class Checked:
    """The limits of a solution, at their worst over a run where there is one, and the list of checks of its network."""

    def __init__(self, case: Case, solution: Solution, run: Run | None, listed: PowerCheck | None) -> None:
        self.case, self.solution, self.run, self.listed = case, solution, run, listed

    @property
    def whole(self) -> Whole:
        return self.solution.whole + (self.listed.whole if self.listed is not None else Whole())

    @property
    def _about(self) -> str:
        return "over the run, each limit at its worst" if self.run is not None else "of the steady state"

    def _head(self) -> list[str]:
        return answer.head(self.case, self.whole, "limit" if self.listed is None else "check")

    def full(self, units: str) -> str:
        """Every limit with its tightest element, every line of the list, and what was not assessed and why."""
        u = Units(units)
        nearest = self._broken_line(u) or binding_lines(self.solution, u, self.run is not None)
        top = [*self._head(), *nearest, *answer.ended_lines(self.run), *replaced_lines(self.solution, u)]
        parts = ["\n".join(top), f"{self._about}:\n{check_text(self.solution, u)}"]
        if self.listed is not None:
            word = self.whole.word.upper() if self.whole.broken else self.whole.word
            parts.append(self.listed.text(units))
            parts.append(f"List of checks: {self.listed.whole.text('line')}\nLimits and list together: {word}")
        return "\n\n".join(parts)

    def brief(self, units: str) -> str:
        """The verdict, the nearest limits and lines, and what is assumed and moves them, in about 40 lines."""
        u = Units(units)
        steady = answer.ranked_state(self.case, self.solution, self.run)
        in_time = self.run is not None
        wanted = binding(self.solution)
        top = self._head()
        binds = self._broken_line(u)
        top += answer.ended_lines(self.run)
        top += [*(binds or binding_lines(self.solution, u, in_time)), f"  limits are {self._about}"]
        top += replaced_lines(self.solution, u)[:2]
        assumed = answer.assumed_lines(self.case, steady, wanted, u, in_time=in_time)
        if binds and assumed:
            assumed = [
                screen.wrapped("the broken check has no gradient: assumed values are ranked for the tightest limit"),
                *assumed,
            ]
        last = [*self._accepting(), *self._not_assessed(), *assumed, answer.read_on(_FULL)]

        tables = [answer.limit_table(self.solution, u, _ROWS), *self._list(u)]

        def page(rows: int) -> str:
            return screen.page(["\n".join(top), *(t.first(rows).text(rule=False) for t in tables if t.rows)], last)

        return printable(screen.within(page, _ROWS))

    def _broken_line(self, u: Units) -> list[str]:
        """What binds where the list is broken and no limit is: the first broken line."""
        if self.listed is None or self.solution.whole.broken:
            return []
        from kelvolt.power.brief import worst_line

        return worst_line(self.listed.lines, u)

    def _list(self, u: Units) -> Iterator[Table]:
        if self.listed is not None:
            from kelvolt.power.brief import check_table

            yield check_table(self.listed.lines, u, _ROWS)

    def _accepting(self) -> list[str]:
        """How a case accepts a failure, where one breaks the plan."""
        found = self.listed.contingencies if self.listed is not None else None
        return [screen.wrapped(found.how_to_accept)] if found is not None and found.how_to_accept else []

    def _not_assessed(self) -> list[str]:
        lines = []
        count = self.solution.whole.not_assessed
        found = open_limits(self.solution)
        if found:
            kinds = len({id for id, _, _ in found})
            told = f"{count} limits of {kinds} kinds" if count > 1 else "one limit"
            lines.append(screen.wrapped(f"not assessed, {told}: {screen.shortened(open_names(found), 200)}"))
        if self.listed is not None:
            from kelvolt.power.brief import open_line

            lines += open_line(self.listed.lines)
        return lines
