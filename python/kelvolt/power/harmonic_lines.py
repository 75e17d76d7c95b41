"""Lines of the list of power checks for harmonics (IEEE 519, IEEE C57.110), each at its worst element."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kelvolt.power.harmonics import Harmonics
from kelvolt.power.lines import Judge, Line, items

ITEM = 13
NEUTRAL_ITEM = 4
_LEVELS = (("lv", 1e3), ("mv", 69e3), ("hv", 161e3))  # ends of the voltage ranges of IEEE 519 [V]


class HarmonicJudge(Judge):
    """Compares a study of harmonics with the limits in force for its plan."""

    def __init__(self, study: Harmonics) -> None:
        super().__init__(study.flow)
        self.study = study

    def lines(self) -> list[Line]:
        """The lines of item 13, with their values where assumed spectra lie at the upper end of their ranges."""
        s = self.study
        found = list(self._lines())
        if not any(d.spectrum.range for d in s.draws):
            return found
        upper = HarmonicJudge(s.at_upper_end())
        return [_with_range(x, y) for x, y in zip(found, upper._lines(), strict=True)]

    def _lines(self) -> Iterator[Line]:
        s = self.study
        if not s.draws:
            yield self._open(ITEM, "harmonics", "no load in this state draws a current for which a spectrum is stated")
            return
        yield from self._buses("THD", "thd", "voltage distortion (THD)")
        yield from self._buses("largest", "single", "largest single harmonic of the voltage")
        yield from self._delivery()
        loads = zip(s.transformers.element, s.transformers.load, strict=True)
        text = "transformer current with harmonics over the largest"
        yield from self._worst(ITEM, "transformer_harmonics", text, loads)
        for row in s.transformers.sort_values("K_factor", ascending=False).head(1).itertuples():
            reason = "no rating by K is stated; C57.110 is judged"
            yield self._stated(ITEM, "K-factor (UL 1561)", row.element, len(s.transformers), row.K_factor, "1", reason)
        supplies = ((d.element.path, d.scale * d.spectrum.thd) for d in s.draws if d.element.role == "converter")
        yield from self._worst(ITEM, "thd_supply", "current distortion of a converter, by its spectrum", supplies)
        yield from self._left_out()

    def neutral(self) -> list[Line]:
        """The line of item 4: neutral currents with triplens."""
        # a single-phase tap has its phase current in the neutral by design
        passing = {e.path for e in self.flow.grid.elements if e.passes and all(x.kind != "ac1" for x in e.ends)}
        table = self.study.branches
        table = table[table.element.isin(passing)]
        carried = zip(table.element + "." + table.port, table.neutral_over_phase, strict=True)
        text = "neutral current over the largest phase current, RMS with harmonics"
        return self._worst(NEUTRAL_ITEM, "neutral_harmonics", text, carried)

    def _buses(self, column: str, key: str, text: str) -> Iterator[Line]:
        table = self.study.buses
        low = 0.0
        for level, high in _LEVELS:
            here = table[(table.V > low) & (table.V <= high)]
            yield from self._worst(ITEM, f"{key}_{level}", text, zip(here.bus, here[column], strict=True))
            low = high

    def _delivery(self) -> Iterator[Line]:
        for row in self.study.delivery.itertuples():
            why = row.reason if math.isnan(row.ratio) else "limits above 69 kV are not here" if row.V > 69e3 else ""
            if why:
                yield self._open(ITEM, "current distortion at the point of delivery", f"{row.source}: {why}")
                continue
            table = items()[ITEM]["current_orders"]
            column = bisect_right([float(x) for x in table["below_ratio"]], row.ratio)
            keys = ("tdd_below_20", "tdd_below_50", "tdd_below_100", "tdd_below_1000", "tdd_above_1000")
            text = f"demand distortion of the current (TDD), I_sc/I_L = {row.ratio:.3g}"
            yield self._judged(ITEM, keys[column], text, row.source, 1, row.TDD)
            yield self._orders(row.source, table, column)

    def _orders(self, source: str, table: dict[str, Any], column: int) -> Line:
        """The order that comes nearest to its limit."""
        share, worst = 0.0, 0
        limits = [float(x) for x in table["limits"][column]]
        for h, current in zip(self.study.orders, self.study.currents_of_source(source), strict=True):
            limit = next(x for x, end in zip(limits, table["below_order"], strict=True) if h < float(end))
            over = float(current) / (limit * (0.5 if h % 2 == 0 and h <= 6 else 1.0))
            if over > share:
                share, worst = over, h
        text = "single harmonic of the current over its limit" + (f" (order {worst})" if worst else "")
        return self._judged(ITEM, "harmonic_orders", text, source, len(self.study.orders), share)

    def _left_out(self) -> Iterator[Line]:
        s = self.study
        if s.unstated:
            count = len(s.unstated) + len(s.draws)
            reason = f"{len(s.unstated)} of {count} loads state no spectrum, such as {s.unstated[0]}"
            yield self._open(ITEM, "harmonics of the other loads", reason)
        if s.blocked:
            reason = f"at {len(s.blocked)} buses they have no way back, such as {s.blocked[0]}; a load there draws none"
            yield self._open(ITEM, "currents of order 3k", reason)
        partly = [x for x in s.buses.reason if x]
        if partly:
            yield self._open(ITEM, "voltages of order 3k", f"at {len(partly)} buses; {partly[0].partition(': ')[2]}")


def _with_range(line: Line, upper: Line) -> Line:
    if math.isnan(line.limit):
        return line
    more = f"at the upper end of the assumed spectra {100.0 * upper.value:.3g} %"
    if upper.verdict != line.verdict:
        more += f", which is {upper.verdict}"
    return replace(line, reason="; ".join(x for x in (line.reason, more) if x))
