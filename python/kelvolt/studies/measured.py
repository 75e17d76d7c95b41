"""Measured values of a commissioning against its gates and against an earlier measurement."""

from __future__ import annotations

import csv
import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base import files
from kelvolt.base.errors import FileError, InputError
from kelvolt.base.formats import FINGERPRINT
from kelvolt.base.tables import Table, Units
from kelvolt.base.values import si
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole, whole
from kelvolt.studies.consistency import Consistency, Stream, consistency, error_of, filled

if TYPE_CHECKING:
    import pandas

    from kelvolt.studies.commissioning import Commissioning, Key

NOT_MEASURED = "not measured"
NO_BALANCE = "no heat balance could be formed here: the sensors were not checked by one"
MARK = "kelvolt_fingerprint"
_NEEDED = ("kind", "element", "quantity", "unit", "measured")
_COLDEST, _HOTTEST = 213.15, 473.15  # K: no coolant of the library is read outside of it
_MOST = 100.0  # times the prediction: beyond it a unit is wrong
_STREAM = {"V_flow", "T_supply", "T_return", "dp", "heat"}


@dataclass(frozen=True)
class Comparison:
    """Measured against predicted; SI. A gate is held or broken only by readings of sensors that agree."""

    table: pandas.DataFrame  # the points with measured, deviation, verdict, reason, and before, change, changed
    consistency: Consistency
    hints: list[str]  # what the broken gates together suggest
    record: dict[str, Any]  # what `write_fingerprint` keeps
    before: str  # date of the earlier measurement, empty without one

    @property
    def whole(self) -> Whole:
        """Sensors, gates and changes together; a reading that was not taken is not assessed."""
        words = [w if w in (HELD, BROKEN) else NOT_ASSESSED for w in (*self.table.verdict, *self.table.changed) if w]
        gates = whole(words)
        return gates + Whole(broken=self.consistency.whole.broken)

    def write_fingerprint(self, file: str | PathLike[str]) -> None:
        """Keeps the measured values (JSON, SI) with date, hash of the case, and what was refused. Raises FileError."""
        files.write_text(file, json.dumps(self.record, indent=1, ensure_ascii=False) + "\n", "fingerprint")

    def text(self, units: str = "si", every: bool = False) -> str:
        """Sensors, then gates that are broken or could not be judged, hints; `every`: all points."""
        u = Units(units)
        parts = [self.consistency.text(units, every)]
        gates = whole(self.table.verdict)
        missing = int((self.table.verdict == NOT_MEASURED).sum())
        counts = f"{gates.broken} BROKEN, {gates.held} held, {gates.not_assessed} not assessed, {missing} not measured"
        shown = self.table if every else self.table[self.table.verdict == BROKEN]
        rows = [_row(r, u) for r in shown.itertuples()]
        head = ["point", "quantity", "predicted", "gate", "measured", "deviation", "verdict"]
        parts.append(f"Gates: {counts}" + ("\n" + Table(head, rows, {1, 3, 6}).text("  ") if rows else ""))
        parts += self._not_judged()
        if self.hints:
            parts.append("What the broken gates suggest\n" + "\n".join(f"  {h}" for h in self.hints))
        if self.before:
            parts.append(self._changes(u))
        return "\n\n".join(parts)

    def _not_judged(self) -> list[str]:
        """Lines on readings of sensors that disagree, and of those that nothing could be compared with."""
        lines = []
        refused = self.table[self.table.verdict == NOT_ASSESSED]
        if len(refused):
            names = ", ".join(dict.fromkeys(refused.kind + " " + refused.element))
            lines.append(f"Not judged, held or broken, as their sensors disagree ({len(refused)} readings): {names}")
        alone = self.table[self.table.reason == NO_BALANCE]
        if len(alone):
            names = ", ".join(dict.fromkeys(alone.kind + " " + alone.element))
            lines.append(f"Judged, though no heat balance could be formed ({len(alone)} readings): {names}")
        return lines

    def _changes(self, u: Units) -> str:
        moved = self.table[self.table.changed == BROKEN]
        same, rest = int((self.table.changed == HELD).sum()), int((self.table.changed == NOT_ASSESSED).sum())
        rows = [
            [
                f"{r.kind} {r.element}",
                r.quantity,
                u.text(r.before, r.unit),
                u.text(r.measured, r.unit),
                _share(r, r.change),
            ]
            for r in moved.itertuples()
        ]
        head = f"Against {self.before}: {len(moved)} moved by more than both instruments' errors, {same} did not"
        head += f", {rest} not assessed" if rest else ""
        if self.record["case_sha256"] != self.record["before_sha256"]:
            head += "\n  the case has changed since: what was set differently moves the readings, too"
        return head + (
            "\n" + Table(["point", "quantity", "before", "now", "change"], rows, {1}).text("  ") if rows else ""
        )

    def __repr__(self) -> str:
        return self.text(every=True)


def _row(r: Any, u: Units) -> list[str]:
    word = "BROKEN" if r.verdict == BROKEN else r.verdict
    verdict = f"{word}: {r.reason}" if r.reason else word
    values = [u.text(r.predicted, r.unit), u.span(r.gate_low, r.gate_high, r.unit, 4), u.text(r.measured, r.unit)]
    return [f"{r.kind} {r.element}", r.quantity, *values, _share(r, r.deviation), verdict]


def _share(r: Any, difference: float) -> str:
    """A difference as text: of temperatures in K, of others as a share of the prediction."""
    if math.isnan(difference):
        return "-"
    return f"{difference:+.2f} K" if r.unit == "K" else f"{100.0 * difference / (abs(r.predicted) or math.nan):+.1f} %"


def compare(
    plan: Commissioning, measured: str | PathLike[str] | Mapping[Key, str | float], against: str | PathLike[str] | None
) -> Comparison:
    """See `Commissioning.compare`."""
    points = {(r.kind, r.element, r.quantity): r for r in plan.points.itertuples()}
    if isinstance(measured, Mapping):
        read = {}
        for key, value in measured.items():
            if key not in points:
                raise InputError(f"measured: {_unknown(key, points)}")
            read[key] = _possible(si(value, points[key].unit, " ".join(key)), points[key], " ".join(key))
    else:
        read = _Sheet(files.existing(measured), points).read()
    sensors = _sensors(plan, read)
    earlier = _earlier(against) if against is not None else None
    table = _judged(plan, read, sensors, earlier)
    record = _record(plan, read, sensors)
    if earlier is not None:
        record["before_sha256"] = earlier["case_sha256"]
    return Comparison(table, sensors, _hints(table), record, earlier["date"] if earlier else "")


# ---- reading ----


def _unknown(key: Key, points: Mapping[Key, Any]) -> str:
    near = difflib.get_close_matches(" ".join(key), [" ".join(k) for k in points], n=1)
    nearest = f"; did you mean '{near[0]}'?" if near else ""
    return f"'{' '.join(key)}' is no reading of this case{nearest}"


def _possible(value: float, point: Any, place: str) -> float:
    """A reading that can be meant. Raises InputError for one that a wrong unit or a typing error must have made."""
    if point.unit == "K":
        low, high = _COLDEST, _HOTTEST
    else:
        most = _MOST * max(abs(point.gate_low), abs(point.gate_high))
        low, high = -most, most
    if not math.isfinite(value) or not low <= value <= high:
        u = Units()
        raise InputError(
            f"{place}: {point.quantity} of {point.element} is {u.text(value, point.unit)}; allowed is "
            f"{u.span(low, high, point.unit)}; correct the value or its unit, or leave the cell empty"
        )
    return value


def _cells(file: Path) -> list[list[str]]:
    """The cells of a CSV or XLSX file, row by row. Raises FileError."""
    if file.suffix == ".xlsx":
        return files.read_workbook(file)
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.reader(stream, strict=True))
    except (OSError, UnicodeError, csv.Error) as error:
        raise FileError(f"{file}: cannot be read as CSV (UTF-8, commas): {error}") from error


def refuse_filled(file: Path) -> None:
    """Raises FileError where a sheet already has measured values, which a new one would erase."""
    if not files.is_there(file):
        return
    head, *rows = _cells(file) or [[]]
    if "measured" in head and any("".join(row[head.index("measured") :][:1]).strip() for row in rows):
        raise FileError(f"{file}: this sheet has been filled in; nothing was written: give another folder, or move it")


class _Sheet:
    """A filled test sheet."""

    def __init__(self, file: Path, points: Mapping[Key, Any]) -> None:
        self._file, self._points = file, points

    def read(self) -> dict[Key, float]:
        """Readings in SI. Raises InputError with file, line and column."""
        return self._rows(_cells(self._file))

    def _rows(self, rows: list[list[str]]) -> dict[Key, float]:
        head = [x.strip() for x in rows[0]] if rows else []
        missing = [c for c in _NEEDED if c not in head]
        if missing:
            hint = (
                "; its columns are divided by semicolons, save it with commas"
                if len(head) == 1 and ";" in head[0]
                else ""
            )
            raise InputError(
                f"the columns {', '.join(missing)} are missing; a sheet of `kelvolt commission` has them{hint}",
                str(self._file),
                1,
            )
        found: dict[Key, float] = {}
        seen: dict[Key, int] = {}
        for line, row in enumerate(rows[1:], 2):
            if any(x.strip() for x in row):
                self._row(dict(zip(head, (x.strip() for x in row), strict=False)), line, found, seen)
        return found

    def _row(self, row: dict[str, str], line: int, found: dict[Key, float], seen: dict[Key, int]) -> None:
        key = (row.get("kind", ""), row.get("element", ""), row.get("quantity", ""))
        if key not in self._points:
            raise InputError(_unknown(key, self._points), str(self._file), line)
        if key in seen:
            raise InputError(f"'{' '.join(key)}' stands in line {seen[key]} already", str(self._file), line)
        seen[key] = line
        point = self._points[key]
        gates = [self._number(row, c, point, line) for c in ("gate_low", "gate_high") if row.get(c)]
        agreed = [point.gate_low, point.gate_high]
        near = 0.01 * (point.gate_high - point.gate_low) + 1e-5 * abs(point.predicted)
        if len(gates) == 2 and any(abs(a - b) > near for a, b in zip(gates, agreed, strict=True)):
            u = Units()
            raise InputError(
                f"column gate_low: the gate in the sheet is {u.span(gates[0], gates[1], point.unit, 4)}, of the case "
                f"as given now {u.span(agreed[0], agreed[1], point.unit, 4)}: the case, its data, --set, --draws or "
                "the unit of this row has changed since the gates were agreed; give the case as agreed, or agree on "
                "a new sheet",
                str(self._file),
                line,
            )
        if row.get("measured"):
            value = self._number(row, "measured", point, line)
            try:
                found[key] = _possible(value, point, "column measured")
            except InputError as error:
                raise InputError(error.message, str(self._file), line) from None

    def _number(self, row: dict[str, str], column: str, point: Any, line: int) -> float:
        """A cell in SI: a number in the unit of its row, or with a unit of its own."""
        text = row[column]
        try:
            with_unit = f"{float(text)!r} {row.get('unit') or 'SI'}"
        except ValueError:
            with_unit = text
        try:
            return _core.to_si(with_unit, point.unit)
        except InputError as error:
            comma = "; write a decimal point, not a comma" if "," in text else ""
            raise InputError(
                f"column {column}: '{text}' with unit '{row.get('unit', '')}' is no {point.quantity} "
                f"({error.message}); give a number, such as {Units().text(point.predicted, point.unit)}{comma}",
                str(self._file),
                line,
            ) from None


# ---- judging ----


def _name(kind: str, element: str) -> str:
    return f"{kind} {element}"


def _sensors(plan: Commissioning, read: Mapping[Key, float]) -> Consistency:
    """The streams of what was measured, compared with each other."""
    readings: dict[tuple[str, str], dict[str, float]] = {}
    for (kind, element, quantity), value in read.items():
        readings.setdefault((kind, element), {})[quantity] = value
    streams = []
    for (kind, element), values in readings.items():
        got = {q: x for q, x in values.items() if q in _STREAM}
        medium = plan.media.get((kind, element))
        stream = Stream(_name(kind, element), **got)
        if got:
            streams.append(filled(stream, medium) if medium is not None else stream)
    known = {s.name for s in streams}
    pairs = [(_name("primary", e), _name("secondary", e)) for k, e in readings if k == "primary"]
    sums = [(_name("circuit", c), [_name("branch", b) for b in branches]) for c, branches in plan.shared.items()]
    sums = [(meter, parts) for meter, parts in sums if {meter, *parts} <= known]
    return consistency(streams, [p for p in pairs if set(p) <= known], sums)


def _judged(
    plan: Commissioning, read: Mapping[Key, float], sensors: Consistency, earlier: Mapping[str, Any] | None
) -> pandas.DataFrame:
    import pandas

    balanced = set(sensors.table.stream[(sensors.table.verdict == HELD) & (sensors.table.unit == "W")])
    rows = []
    for point in plan.points.itertuples(index=False):
        key, name = (point.kind, point.element, point.quantity), _name(point.kind, point.element)
        value = read.get(key, math.nan)
        refused = sensors.refused.get(name, "")
        if key not in read:
            verdict, reason = NOT_MEASURED, ""
        elif refused:
            verdict, reason = NOT_ASSESSED, f"the sensors disagree ({refused})"
        else:
            held = point.gate_low <= value <= point.gate_high
            side = "below" if value < point.gate_low else "above"
            verdict, reason = HELD if held else BROKEN, "" if held else f"{side} the band and the instrument's error"
            if held and (point.kind, point.element) in plan.media and name not in balanced:
                reason = NO_BALANCE
        before, change, changed = _change(key, value, refused, earlier)
        rows.append((*point, value, value - point.predicted, verdict, reason, before, change, changed))
    added = ["measured", "deviation", "verdict", "reason", "before", "change", "changed"]
    return pandas.DataFrame(rows, columns=[*plan.points.columns, *added])


def _change(key: Key, value: float, refused: str, earlier: Mapping[str, Any] | None) -> tuple[float, float, str]:
    """The earlier reading, the change since, and whether it is within both instruments' errors; "" without one."""
    before = earlier["by_key"].get(key) if earlier is not None else None
    if before is None or math.isnan(value):
        return math.nan, math.nan, ""
    then = float(before["value"])
    if refused or before["refused"]:
        return then, value - then, NOT_ASSESSED
    error = math.hypot(error_of(key[2], value), error_of(key[2], then))
    return then, value - then, HELD if abs(value - then) <= error else BROKEN


def _hints(table: pandas.DataFrame) -> list[str]:
    """Resistance of what has too little or too much flow: (dp/V2) against the prediction, from dp and flow together."""
    hints = []
    usable = table[table.verdict.isin([HELD, BROKEN])]
    for (kind, element), rows in usable.groupby(["kind", "element"], sort=False):
        by = {r.quantity: r for r in rows.itertuples()}
        if kind == "pump" or "V_flow" not in by or by["V_flow"].verdict != BROKEN:
            continue
        flow = by["V_flow"]
        share = flow.measured / flow.predicted
        said = f"{kind} {element}: flow {100.0 * (share - 1.0):+.0f} %"
        if "dp" in by and by["dp"].predicted > 0.0 and flow.measured > 0.0:
            times = by["dp"].measured / by["dp"].predicted / share**2
            said += f" with a resistance dp/V2 of {times:.2f} times the predicted"
            low = "a clogged plate or filter, a coupling not fully engaged, a kinked hose, or air"
            high = "a bypass, a restrictor or part of another size, or a valve left open"
            if not 0.75 < times < 1.33:
                said += f": look for {low if times > 1.0 else high}"
            else:
                said += ": the branch itself is as predicted; look at the pressure that drives it"
        hints.append(said)
    return hints


# ---- fingerprint ----


def _record(plan: Commissioning, read: Mapping[Key, float], sensors: Consistency) -> dict[str, Any]:
    units = {(r.kind, r.element, r.quantity): r.unit for r in plan.points.itertuples()}
    points = [
        {"kind": k, "element": e, "quantity": q, "unit": units[k, e, q], "value": value,
         "refused": sensors.refused.get(_name(k, e), "")}
        for (k, e, q), value in read.items()
    ]  # fmt: skip
    return {
        MARK: FINGERPRINT,
        "kelvolt": _core.__version__,
        "date": Date.today().isoformat(),
        "case": plan.case.title,
        "case_sha256": plan.fingerprint,
        "changes": plan.case.core.changes,
        "measured": points,
    }


def _earlier(file: str | PathLike[str]) -> dict[str, Any]:
    """An earlier fingerprint with its readings by key. Raises InputError for what is none."""
    text = files.read_text(file)
    try:
        found = json.loads(text)
        if found[MARK] != FINGERPRINT:
            raise ValueError(f"version {found[MARK]} is not known")
        points = {(p["kind"], p["element"], p["quantity"]): p for p in found["measured"]}
        if not all(isinstance(p["value"], float | int) and isinstance(p["refused"], str) for p in points.values()):
            raise ValueError("a value is no number")
        return {"date": str(found["date"]), "case_sha256": str(found["case_sha256"]), "by_key": points}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file}: this is no fingerprint of `kelvolt commission` ({type(error).__name__}: {error}); give a file "
            "written with --fingerprint"
        ) from None
