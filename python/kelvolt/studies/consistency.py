"""Do the sensors agree with each other? Asked before a measurement is compared with anything.

A stream is coolant that flows from a supply to a return past what it cools: a branch, or one side of an exchanger or of
a cooling unit. Its return is warmer than its supply, its supply pressure is above its return pressure, and
rho V cp (T_return - T_supply) is the heat. Errors of instruments are data (data/checks/commissioning.yaml), and in a
balance add as the root of the sum of squares (ISO/IEC Guide 98-3, independent errors).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base.errors import InputError
from kelvolt.base.tables import Table, Units
from kelvolt.base.values import si
from kelvolt.base.verdicts import BROKEN, HELD, NOT_ASSESSED, Whole, whole

if TYPE_CHECKING:
    import pandas

COLUMNS = ["stream", "check", "value", "expected", "tolerance", "unit", "verdict", "reason"]
_MOST_PAIRS = 60  # streams out of balance up to which exchanged sensors are looked for; the work grows with its square
_EXCHANGED = (  # readings of two streams whose cables may be exchanged
    *((q, q) for q in ("V_flow", "T_supply", "T_return", "heat")),
    ("T_supply", "T_return"),
    ("T_return", "T_supply"),
)
# properties of a CoolantConnector of Redfish (DMTF DSP0268), as cooling units publish them
_REDFISH = {
    "FlowLitersPerMinute": ("V_flow", "L/min"),
    "SupplyTemperatureCelsius": ("T_supply", "degC"),
    "ReturnTemperatureCelsius": ("T_return", "degC"),
    "DeltaTemperatureCelsius": ("dT", "delta_K"),
    "SupplyPressurekPa": ("p_supply", "kPa"),
    "ReturnPressurekPa": ("p_return", "kPa"),
    "DeltaPressurekPa": ("dp", "kPa"),
    "HeatRemovedkW": ("heat", "kW"),
    "DensityKgPerCubicMeter": ("rho", "kg/m3"),
    "SpecificHeatkJoulesPerKgK": ("cp", "kJ/(kg K)"),
}
_UNITS = {
    "V_flow": "m3/s", "T_supply": "K", "T_return": "K", "dT": "delta_K", "p_supply": "Pa", "p_return": "Pa",
    "dp": "Pa", "heat": "W", "rho": "kg/m3", "cp": "J/(kg K)",
}  # fmt: skip


@cache
def rules() -> dict[str, Any]:
    """data/checks/commissioning.yaml."""
    found: dict[str, Any] = _core.yaml_file(Path(_core.data_directory()) / "checks" / "commissioning.yaml")
    return found


def instrument_of(quantity: str) -> str:
    """The instrument that reads a quantity: every temperature is read by "T"."""
    return "T" if quantity.startswith("T_") else quantity


def error_of(quantity: str, value: float) -> float:
    """The largest error of the instrument at a reading, in the unit of the quantity; SI."""
    name = instrument_of(quantity)
    rule = rules()["instruments"][name]
    unit = {"T": "delta_K"}.get(name) or _UNITS.get(name, "1")
    absolute = si(rule.get("absolute", 0.0), unit, f"commissioning.yaml: {name}")
    return max(float(rule.get("relative", 0.0)) * abs(value), absolute)


@dataclass(frozen=True)
class Stream:
    """Readings of one stream; SI, NaN where there is none. dp: supply minus return, as a meter of its own states it."""

    name: str
    V_flow: float = math.nan
    rho: float = math.nan
    cp: float = math.nan
    T_supply: float = math.nan
    T_return: float = math.nan
    dT: float = math.nan
    p_supply: float = math.nan
    p_return: float = math.nan
    dp: float = math.nan
    heat: float = math.nan

    @property
    def rise(self) -> float:
        """Return minus supply temperature, of the two sensors or else as stated."""
        rise = self.T_return - self.T_supply
        return self.dT if math.isnan(rise) else rise

    @property
    def carried(self) -> float:
        """Heat that the coolant takes up: rho V cp (T_return - T_supply) [W]."""
        return self.rho * self.V_flow * self.cp * self.rise

    @property
    def carried_error(self) -> float:
        """Error of `carried` [W] by the errors of flow, two temperatures, and coolant data."""
        flow, coolant = error_of("V_flow", 1.0), float(rules()["instruments"]["properties"]["relative"])
        steep = self.rho * self.V_flow * self.cp * math.sqrt(2.0) * error_of("T_supply", 0.0)
        return math.hypot(self.carried * flow, self.carried * coolant, steep)

    @property
    def balance(self) -> bool | None:
        """Whether coolant and stated heat agree; None where one is missing."""
        if math.isnan(self.carried) or math.isnan(self.heat):
            return None
        return abs(self.carried - self.heat) <= math.hypot(self.carried_error, error_of("heat", self.heat))


@dataclass(frozen=True)
class Consistency:
    """What the sensors say of each other: a row for each check. `refused` are the streams not to be judged by."""

    table: pandas.DataFrame  # stream, check, value, expected, tolerance, unit (SI), verdict, reason
    refused: dict[str, str]  # stream: reasons

    @property
    def whole(self) -> Whole:
        """ "broken" where sensors disagree, "held" where some were compared and none disagree."""
        return whole(self.table.verdict)

    def text(self, units: str = "si", every: bool = False) -> str:
        """What disagrees, with the suspected cause; `every`: also what agrees or could not be compared."""
        u = Units(units)
        rows = []
        for r in self.table.itertuples():
            if every or r.verdict == BROKEN:
                allowed = f"{u.text(r.expected, r.unit)} ± {u.text(r.tolerance, _width(r.unit))}"
                rows.append([r.stream, r.check, u.text(r.value, r.unit), allowed, f"{_word(r.verdict)}{r.reason}"])
        head = f"Sensor consistency: {self.whole.text('check')}"
        if not self.whole.broken and not self.whole.held:
            head = "Sensor consistency: not assessed: no two readings can be compared"
        table = Table(["stream", "check", "is", "should be", "verdict and cause"], rows, {1, 2, 3, 4}).text("  ")
        return f"{head}\n{table}" if rows else head

    def __repr__(self) -> str:
        return self.text(every=True)


def _width(unit: str) -> str:
    return "delta_K" if unit == "K" else unit


def _word(verdict: str) -> str:
    return {BROKEN: "BROKEN: ", HELD: "held"}.get(verdict, f"{verdict}: ")


def sensor_consistency(
    record: Mapping[str, Mapping[str, Any]], pairs: Sequence[tuple[str, str]] | None = None
) -> Consistency:
    """Whether the readings of a cooling unit, or of any streams, agree with each other; needs no case.

    record: by stream its readings, numbers in SI or text with a unit: V_flow, T_supply, T_return, dT, p_supply,
        p_return, dp (supply minus return), heat, and the coolant: rho with cp, or `medium`, a coolant of the library.
        A stream may also be a CoolantConnector of Redfish as published ({"FlowLitersPerMinute": {"Reading": 41}, ...}).
        Supply is what flows to the cooled parts (of the primary side: to the unit), so it is the colder one.
    pairs: streams that exchange their heat, (primary, secondary); by default the streams of these names.
    Raises InputError for a reading that is not understood.
    """
    if not isinstance(record, Mapping) or not all(isinstance(x, Mapping) for x in record.values()):
        raise InputError("record: give a mapping of streams, each a mapping of readings: {'primary': {'V_flow': …}}")
    streams = [_stream(str(name), readings) for name, readings in record.items()]
    if pairs is None:
        pairs = [("primary", "secondary")] if {"primary", "secondary"} <= record.keys() else []
    for name in (n for pair in pairs for n in pair if n not in record):
        raise InputError(f"pairs: there is no stream '{name}'; there is {', '.join(map(str, record))}")
    return consistency(streams, pairs)


def _stream(name: str, readings: Mapping[str, Any]) -> Stream:
    values: dict[str, float] = {}
    medium = None
    for key, value in _flat(readings):
        if key == "medium":
            medium = str(value)
        elif key in _REDFISH:
            quantity, unit = _REDFISH[key]
            values[quantity] = si(f"{si(value, '1', f'{name}: {key}')} {unit}", _UNITS[quantity], f"{name}: {key}")
        elif key in _UNITS:
            values[key] = si(value, _UNITS[key], f"{name}: {key}")
        elif not any(key in _REDFISH for key in readings):
            raise InputError(f"{name}: there is no reading '{key}'; there is medium, {', '.join(_UNITS)}")
    stream = Stream(name, **values)
    if medium is not None:
        stream = filled(stream, medium)
    return stream


def filled(stream: Stream, medium: str) -> Stream:
    """A stream with the data of its coolant: density at the supply, where flow is metered, mean heat capacity."""
    T = stream.T_supply + 0.5 * stream.rise
    if not math.isfinite(T):
        return stream
    rho, cp = _core.fluid_properties(medium, stream.T_supply)[0], _core.fluid_properties(medium, T)[1]
    return replace(stream, rho=rho, cp=cp)


def _flat(readings: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Readings with those inside `Coolant`; of a sensor excerpt of Redfish its `Reading`."""
    for key, value in readings.items():
        if key == "Coolant" and isinstance(value, Mapping):
            yield from value.items()
        elif isinstance(value, Mapping):
            if "Reading" in value:
                yield str(key), value["Reading"]
        else:
            yield str(key), value


# ---- checks ----


@dataclass(frozen=True)
class _Row:
    stream: str
    check: str
    value: float
    expected: float
    tolerance: float
    unit: str
    verdict: str
    reason: str = ""


def consistency(
    streams: Sequence[Stream],
    pairs: Sequence[tuple[str, str]] = (),
    sums: Sequence[tuple[str, Sequence[str]]] = (),
) -> Consistency:
    """All checks. sums: a stream and those whose flows add up to its flow."""
    import pandas

    by_name = {s.name: s for s in streams}
    rows = [row for s in streams for row in _of_stream(s)]
    rows += _balances(streams)
    joint: list[tuple[_Row, list[str]]] = []
    for first, second in pairs:
        joint += [(row, [first, second]) for row in _between(by_name[first], by_name[second])]
    for meter, parts in sums:
        joint.append((_sum_of_flows(by_name[meter], [by_name[p] for p in parts]), [meter, *parts]))
    refused: dict[str, list[str]] = {}
    for row, names in [*((r, [r.stream]) for r in rows), *joint]:
        for name in names if row.verdict == BROKEN else ():
            refused.setdefault(name, []).append(f"{row.check}: {row.reason}")
    every = [*rows, *(row for row, _ in joint)]
    table = pandas.DataFrame([[getattr(r, f.name) for f in fields(_Row)] for r in every], columns=COLUMNS)
    return Consistency(table, {name: "; ".join(reasons) for name, reasons in refused.items()})


def _judged(stream: str, check: str, value: float, expected: float, tolerance: float, unit: str, why: str) -> _Row:
    if math.isnan(value) or math.isnan(expected):
        return _Row(stream, check, value, expected, tolerance, unit, NOT_ASSESSED, "a reading is missing")
    held = abs(value - expected) <= tolerance
    return _Row(stream, check, value, expected, tolerance, unit, HELD if held else BROKEN, "" if held else why)


def _least(row: _Row) -> _Row:
    """Of a check that a value is not below what is expected: more is right as well."""
    return replace(row, verdict=HELD, reason="") if row.value > row.expected else row


def _of_stream(s: Stream) -> list[_Row]:
    twice = math.sqrt(2.0) * error_of("T_supply", 0.0)
    rise, drop = s.T_return - s.T_supply, s.p_supply - s.p_return
    swapped = "the sensors of supply and return are suspected to be swapped"
    if math.isfinite(s.heat) and replace(s, T_supply=s.T_return, T_return=s.T_supply).balance:
        swapped += "; exchanged, they give the stated heat"
    rows = [_least(_judged(s.name, "return warmer than supply", s.rise, 0.0, twice, "delta_K", f"colder: {swapped}"))]
    if math.isfinite(s.dT) and math.isfinite(rise):
        why = "the stated difference is not that of the two sensors"
        rows.append(_judged(s.name, "stated rise of temperature", s.dT, rise, twice, "delta_K", why))
    taps = "the pressure taps of supply and return are suspected to be swapped, else the flow is reversed"
    if math.isfinite(drop):
        error = error_of("dp", drop)
        why = f"return pressure above supply: {taps}"
        rows.append(_least(_judged(s.name, "supply pressure above return", drop, 0.0, error_of("dp", 0.0), "Pa", why)))
        if math.isfinite(s.dp):
            why = "the stated difference is not that of the two sensors" + (
                ", but its size is: its sign is lost" if abs(abs(drop) - s.dp) <= error else ""
            )
            rows.append(_judged(s.name, "stated pressure difference", s.dp, drop, error, "Pa", why))
    else:
        why = f"return pressure above supply: {taps}"
        rows.append(_least(_judged(s.name, "sign of dp", s.dp, 0.0, error_of("dp", 0.0), "Pa", why)))
    why = "negative: the meter is suspected to be mounted against the flow"
    rows.append(_least(_judged(s.name, "sign of flow", s.V_flow, 0.0, 0.0, "m3/s", why)))
    return rows


def _balances(streams: Sequence[Stream]) -> list[_Row]:
    """rho V cp dT against the stated heat of every stream, with exchanged sensors where two streams are out."""
    out = [s for s in streams if s.balance is False]
    partners = _partners(out) if len(out) <= _MOST_PAIRS else {}
    rows = []
    for s in streams:
        error = math.hypot(s.carried_error, error_of("heat", s.heat))
        row = _judged(s.name, "rho V cp dT against stated heat", s.carried, s.heat, error, "W", "")
        if row.verdict == BROKEN:
            found = partners.get(s.name, [])
            more = f", or of {len(found) - 3} other pairs" if len(found) > 3 else ""
            cause = f"suspected: swapped {' or '.join(found[:3])}{more}" if found else _cause(s)
            row = replace(row, reason=cause)
        rows.append(row)
    return rows


def _cause(s: Stream) -> str:
    if replace(s, T_supply=s.T_return, T_return=s.T_supply).balance:
        return "with supply and return temperature exchanged they agree: suspected swapped sensors"
    share = s.carried / s.heat if s.heat else math.inf
    return (
        f"the coolant carries {share:.2f} times the stated heat: flow meter, temperature pair, coolant data or stated "
        "heat is wrong; no exchange of two sensors explains it"
    )


def _with(s: Stream, quantity: str, value: float) -> Stream:
    """A stream with another reading; one of a temperature makes the stated difference meaningless."""
    changed: dict[str, Any] = {quantity: value}
    return replace(s, **changed, dT=math.nan) if quantity.startswith("T_") else replace(s, **changed)


def _partners(out: Sequence[Stream]) -> dict[str, list[str]]:
    """For streams out of balance: exchanges of two readings after which both streams are in balance."""
    found: dict[str, list[str]] = {}
    for i, a in enumerate(out):
        for b in out[i + 1 :]:
            for qa, qb in _EXCHANGED:
                new_a, new_b = _with(a, qa, getattr(b, qb)), _with(b, qb, getattr(a, qa))
                if new_a.balance and new_b.balance and new_a.rise > 0.0 and new_b.rise > 0.0:
                    for name in (a.name, b.name):
                        found.setdefault(name, []).append(f"{qa} of {a.name} with {qb} of {b.name}")
    return found


def _between(first: Stream, second: Stream) -> list[_Row]:
    """The primary side against the secondary side: the same heat, and nowhere warmer than what heats it."""
    name = f"{first.name} and {second.name}"
    share = float(rules()["consistency"]["between_sides"]["relative"])
    error = math.hypot(first.carried_error, second.carried_error, share * second.carried)
    out = [s.name for s in (first, second) if s.balance is False]
    side = f"on {out[0]}, whose stated heat disagrees, too" if len(out) == 1 else "on one side or both"
    why = f"the two sides carry different heat: flow meter, temperature pair or coolant data are wrong {side}"
    rows = [_judged(name, "heat of both sides, rho V cp dT", first.carried, second.carried, error, "W", why)]
    error = math.hypot(error_of("heat", first.heat), error_of("heat", second.heat), share * second.heat)
    why = "the two sides state different heat"
    rows.append(_judged(name, "heat of both sides, as stated", first.heat, second.heat, error, "W", why))
    twice = math.sqrt(2.0) * error_of("T_supply", 0.0)
    for end in ("T_supply", "T_return"):
        why = f"heat would flow from cold to warm: the sensors {end} of the two sides are suspected to be swapped"
        check = f"{end} of secondary above that of primary"
        rows.append(_least(_judged(name, check, getattr(second, end), getattr(first, end), twice, "K", why)))
    return rows


def _sum_of_flows(meter: Stream, parts: Sequence[Stream]) -> _Row:
    total = sum(p.V_flow for p in parts)
    error = math.hypot(error_of("V_flow", meter.V_flow), *(error_of("V_flow", p.V_flow) for p in parts))
    count = "1 branch" if len(parts) == 1 else f"{len(parts)} branches"
    why = f"the flow of {count} is not that of the circuit: a flow meter is wrong"
    check = f"flow against that of {count}"
    return _judged(meter.name, check, meter.V_flow, total, error, "m3/s", why)
