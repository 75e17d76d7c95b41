"""Items 5 to 7 of the list of checks: fault currents, disconnection, selectivity of devices, energy of an arc."""

from __future__ import annotations

import math

from kelvolt.base.errors import InputError
from kelvolt.power.arc_flash import ArcFlashes
from kelvolt.power.dc_faults import METHOD
from kelvolt.power.disconnection import NAMES, Disconnections
from kelvolt.power.lines import Judge, Line
from kelvolt.power.protection import Protection
from kelvolt.power.short_circuit import Faults, faults


def fault_lines(judge: Judge, n: int) -> list[Line]:
    """Item 5: fault currents, duty of devices, disconnection."""
    try:
        found = faults(judge.flow.solution, "power_check")
    except InputError as error:  # a part that states nothing for a fault
        return [judge._open(n, "", str(error).removeprefix("short circuit: "))]
    largest = [(f.Ik_max, f) for f in found.found if f.kind != "dc" and not math.isnan(f.Ik_max)]
    if not largest:
        return [judge._open(n, "", "no live AC bus in this network")]
    top, worst = max(largest, key=lambda pair: pair[0])
    name = judge.flow.grid.buses[worst.node].name
    stated = judge._stated(n, f"largest fault current ({worst.kind})", name, len(largest), top, "A")
    return [stated, *_dc_peak(judge, n, found), *_duties(judge, n, found), *_disconnection(judge, n, found)]


def _dc_peak(judge: Judge, n: int, found: Faults) -> list[Line]:
    """The largest peak of the current on a DC bus, where it is known in time."""
    dc = [f for f in found.found if f.kind == "dc" and not math.isnan(f.Ik_max)]
    peaks = [(found.peak(f), f) for f in dc if not math.isnan(found.peak(f))]
    if not dc:
        return []
    text = "largest peak of a fault current on a DC bus"
    if not peaks:
        return [judge._open(n, text, found.transients.missing(dc[0].node))]
    top, worst = max(peaks, key=lambda pair: pair[0])
    return [judge._stated(n, text, judge.flow.grid.buses[worst.node].name, len(peaks), top, "A", METHOD)]


def _duties(judge: Judge, n: int, found: Faults) -> list[Line]:
    lines: list[Line] = []
    rows = list(found.duties())
    for duty in dict.fromkeys(row["duty"] for row in rows):
        of_duty = [row for row in rows if row["duty"] == duty]
        rated = [(str(r["element"]), r["value"] / r["limit"]) for r in of_duty if r["verdict"] != "not assessed"]
        text = f"fault current over {duty} capacity" if duty != "withstand" else "fault current over withstand current"
        lines += judge._worst(n, f"fault_{duty}", text, rated)
        silent = len(of_duty) - len(rated)
        if silent and duty == "breaking":
            lines.append(judge._open(n, text, f"{silent} of {len(of_duty)} devices state no {of_duty[0]['parameter']}"))
    return lines


def _disconnection(judge: Judge, n: int, found: Faults) -> list[Line]:
    """The longest time of each class of circuits, and the devices whose current is not known."""
    cut = Disconnections(judge.flow, found)
    lines = [x for key, text in NAMES.items() for x in judge._worst(n, key, text, cut.assessed(key), "s")]
    silent = [r for r in cut.rows if r.verdict == "not assessed"]
    if silent:
        text = f"{len(silent)} of {len(cut.rows)} devices, {silent[0].device} the first: {silent[0].reason}"
        return [*lines, judge._open(n, "disconnection by the smallest fault current", text)]
    return lines or [judge._open(n, "disconnection by the smallest fault current", "no protective device")]


def arc_lines(judge: Judge, n: int) -> list[Line]:
    """Item 7: incident energy at boards."""
    try:
        rows = ArcFlashes(judge.flow, faults(judge.flow.solution, "power_check")).rows
    except InputError as error:  # a part that states nothing for a fault
        return [judge._open(n, "", str(error).removeprefix("short circuit: "))]
    if not rows:
        return [judge._open(n, "", "no board is described: a bus with electrodes, gap, arc_distance and its box")]
    text, judged = "incident energy of an arc at a board", [r for r in rows if r.verdict != "not assessed"]
    lines = judge._worst(n, "arc_energy", text, [(r.board, r.energy) for r in judged], "J/m2")
    silent = [r for r in rows if r.verdict == "not assessed"]
    if silent:
        why = f"{len(silent)} of {len(rows)} boards, {silent[0].board} the first: {silent[0].reason}"
        lines.append(judge._open(n, text, why))
    return lines


def selectivity_lines(judge: Judge, n: int, guarded: Protection) -> list[Line]:
    """Item 6: pairs of devices in series, and last devices on a converter's limited current."""
    if not guarded.by_path:
        return [judge._open(n, "", "no protective device with a trip curve in this network")]
    lines, pairs, last = [], guarded.pair_list, guarded.limited_list
    judged = [p for p in pairs if p.verdict != "not assessed"]
    bad = [p for p in judged if p.verdict == "broken"]
    worst = f"{bad[0].upstream} before {bad[0].downstream}" if bad else ""
    if judged:
        text = "number of pairs of devices in series that are not selective"
        lines.append(judge._judged(n, "pairs_not_selective", text, worst, len(judged), float(len(bad))))
    if silent := [p for p in pairs if p.verdict == "not assessed"]:
        # the least current up to which one is selective first, then those of which none is known
        least = min(silent, key=lambda p: math.inf if math.isnan(p.I_selective) else p.I_selective)
        up_to = "" if math.isnan(least.I_selective) else f" to {least.I_selective:.4g} A"
        reason = f"{len(silent)} of {len(pairs)} pairs, {least.upstream} before {least.downstream}{up_to} the first: "
        reason += least.reason
        lines.append(judge._open(n, "pairs selective in part", reason))
    if last:
        slow = [x for x in last if x.verdict == "broken"]
        where = f"{slow[0].device} behind {slow[0].converter}" if slow else ""
        text = "number of last devices that a converter's limited current does not trip in time"
        lines.append(judge._judged(n, "devices_on_limited_current", text, where, len(last), float(len(slow))))
    return lines or [judge._open(n, "", "no two protective devices are in series")]
