"""Combines many verdicts into one word, in the same way for all commands, notebooks and studies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kelvolt import _core

HELD, BROKEN, NOT_ASSESSED = "held", "broken", "not assessed"
FAILED = 2  # exit status when there is no result
EXIT_STATUS = {HELD: 0, BROKEN: 1, NOT_ASSESSED: 3}
Key = tuple[str, str, str, str, bool, int]


@dataclass(frozen=True)
class Whole:
    """How many verdicts are broken, held and not assessed."""

    broken: int = 0
    held: int = 0
    not_assessed: int = 0

    @property
    def word(self) -> str:
        """ "broken" where one is, "held" where one was assessed and none is broken, else "not assessed"."""
        return BROKEN if self.broken else HELD if self.held else NOT_ASSESSED

    @property
    def exit_status(self) -> int:
        return EXIT_STATUS[self.word]

    def __add__(self, other: Whole) -> Whole:
        return Whole(self.broken + other.broken, self.held + other.held, self.not_assessed + other.not_assessed)

    def text(self, of: str = "limit") -> str:
        """The counts as a sentence; `of`: the word for what is counted, in the singular."""
        left = f", {self.not_assessed} not assessed" if self.not_assessed else ""
        if self.broken:
            return f"{self.broken} {of if self.broken == 1 else of + 's'} BROKEN, {self.held} held{left}"
        if self.held:
            return f"all {self.held} assessed {of}{'es' if of.endswith('s') else 's'} held{left}"
        return f"no limit is given that applies in this state{left}"


def whole(words: Iterable[str]) -> Whole:
    """Counts the words of single verdicts; words such as "stated" do not count."""
    count = Counter(words)
    return Whole(count[BROKEN], count[HELD], count[NOT_ASSESSED])


def of_solution(raw: _core.Solution) -> Whole:
    """Counts the verdicts of a solution. A balance counts only when it does not close, and then as broken."""
    return whole(v.verdict for v in raw.verdicts if v.verdict == BROKEN or not v.is_balance)


def verdict_of(verdicts: Sequence[_core.Verdict], key: Key) -> _core.Verdict | None:
    """The verdict with a key of `assessed`; None where it is not assessed."""
    alike = [v for v in verdicts if v.id == key[0] and v.scope == key[1] and v.verdict != NOT_ASSESSED]
    alike = [v for v in alike if (v.id, v.scope, v.quantity, v.basis, v.at_most) == key[:5]]
    return sorted(alike, key=lambda v: v.limit)[key[5]] if key[5] < len(alike) else None


def assessed(verdicts: Sequence[_core.Verdict]) -> dict[Key, int]:
    """Indices of the assessed verdicts in the list, by keys that identify them in every state of the case.

    Verdicts that differ in their limit only are numbered, the lowest limit first, so that each has its own key.
    """
    found: dict[Key, int] = {}
    alike: Counter[tuple[str, str, str, str, bool]] = Counter()
    for k in sorted((k for k, v in enumerate(verdicts) if v.verdict != NOT_ASSESSED), key=lambda k: verdicts[k].limit):
        v = verdicts[k]
        head = (v.id, v.scope, v.quantity, v.basis, v.at_most)
        found[(*head, alike[head])] = k
        alike[head] += 1
    return dict(sorted(found.items(), key=lambda item: item[1]))
