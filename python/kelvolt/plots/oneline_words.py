"""What stands beside the symbols and buses of a one-line diagram, and how each symbol looks in its state."""

from __future__ import annotations

import math
from typing import NamedTuple

from kelvolt.base.paths import chain_of, path_levels
from kelvolt.base.tables import plain
from kelvolt.plots.oneline_parts import Rail, Symbol
from kelvolt.plots.parts import DEAD, GREY, HOT, INK, PAPER, short, width_of
from kelvolt.plots.symbols import Look
from kelvolt.power.net import Bus, Element, Grid

_ALIKE = 0.01  # share by which elements in one symbol may differ and still be shown by one value instead of a range
_WIDE = 24  # characters of a line of words
# loading over rating and voltage lost since the head of the feeder; dark enough for print
LOADING = ((0.8, "#1b7837"), (1.0, "#b35806"), (math.inf, "#b2182b"))
DROP = ((0.01, "#2166ac"), (0.03, "#5e4fa2"), (0.05, "#b35806"), (math.inf, "#b2182b"))


class Said(NamedTuple):
    text: str
    colour: str = INK
    weight: str = "normal"

    @property
    def width(self) -> float:
        return width_of(self.text, 10.5, self.weight == "bold")


def scaled(value: float, scale: tuple[tuple[float, str], ...]) -> str:
    """The colour of a value on a scale of (highest value, colour)."""
    return next((colour for upto, colour in scale if value <= upto), scale[-1][1])


def pale(colour: str) -> str:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - 0.22 * (255 - c)):02x}" for c in rgb)


# ---- symbols ----


def is_dead(s: Symbol, grid: Grid) -> bool:
    return not any(grid.buses[end.bus].live for e in s.members for end in e.ends)


def is_open(s: Symbol) -> bool:
    """Whether a switch or protective device in service stands open, or a transfer switch is on no input."""
    return s.role == "switch" and not any(_shut(e) for e in s.members)


def beside(s: Symbol, grid: Grid) -> list[Said]:
    """The lines of words beside a symbol: name, model and rating, state, power, loading.

    A live element without load is said to take 0 W.
    """
    dead = is_dead(s, grid)
    idle = all(abs(e.taken) + abs(e.given) < 1e-3 for e in s.members)
    lines = [Said(t, INK, "bold") for t in wrapped(tag(s), ".")]
    lines += [Said(t, GREY) for t in wrapped(kind(s), ", ")]
    state = ["open"] * is_open(s) + ["out of service"] * s.out_of_service
    lines += [Said(", ".join(state), HOT, "bold")] if state else []
    lines += [Said("dead", GREY)] if dead else []
    if not dead and s.role != "bus":  # the power of a busbar is seen at the elements connected to it
        lines += [Said(t) for t in wrapped(_power(s, idle), ", ")]
        lines += [Said(t) for t in wrapped(_each(s), " to ")]
    if math.isfinite(s.loading) and not idle:
        lines.append(Said(f"{100.0 * max(s.loading, 0.0):.0f} %", scaled(s.loading, LOADING), "bold"))
    return lines


def tag(s: Symbol) -> str:
    """The short name with the count: `cdu[1].pump ×4`."""
    count = len(s.firsts)
    return short(s.key) if count == 1 else f"{short(s.key)} ×{count}"


def wrapped(text: str, at: str) -> list[str]:
    """The text in lines of at most about 24 characters, divided only at a separator, which stays at the line's end."""
    lines = [""]
    pieces = text.split(at)
    for k, piece in enumerate(pieces):
        whole = piece + (at if k < len(pieces) - 1 else "")
        if lines[-1] and len(lines[-1]) + len(whole.rstrip()) > _WIDE:
            lines.append("")
        lines[-1] += whole
    return [line.strip() for line in lines if line.strip()]


def _power(s: Symbol, idle: bool) -> str:
    watts = _watts(0.0 if idle else sum(s.watts))
    amperes = [max(x.current for x in e.ends) for e in s.firsts]
    if idle or s.role not in ("switch", "branch") or max(amperes) < 0.05:
        return watts
    low, high = ends_of(amperes)
    each = " each" if len(amperes) > 1 else ""
    return (
        f"{watts}, {plain(low, 3)} to {plain(high, 3)} A{each}" if high > low else f"{watts}, {plain(low, 3)} A{each}"
    )


def _watts(w: float) -> str:
    if abs(w) < 0.05:  # less than what leaks through open parts
        return "0 W"
    return f"{w / 1e6:.3g} MW" if w >= 1e6 else f"{w / 1e3:.3g} kW" if w >= 1e3 else f"{w:.3g} W"


def _each(s: Symbol) -> str:
    low, high = ends_of(s.watts)
    return f"{_watts(low)} to {_watts(high)} each" if high > low + 1e-3 else ""


def ends_of(values: list[float]) -> tuple[float, float]:
    """The range (low, high) of the values in one symbol; both are the lowest where they differ by less than 1 %."""
    low, high = min(values), max(values)
    return (low, high) if high > low + _ALIKE * abs(low) else (low, low)


def kind(s: Symbol) -> str:
    """The model, with rating and length where all members have the same."""
    told = [s.members[0].type]
    for of in (_rated, _length):
        found = {of(e) for e in s.members}
        told += found if len(found) == 1 and "" not in found else []
    return ", ".join(told)


def _length(e: Element) -> str:
    metres = e.values.get("length", math.nan)
    if math.isnan(metres):
        return ""
    return f"{metres / 1e3:.3g} km" if metres >= 1e3 else f"{metres:.3g} m"


def _rated(e: Element) -> str:
    """The rating as text, of a device with a trip unit also its setting; empty where none is stated."""
    value, unit = e.rating
    if math.isnan(value):
        return ""
    text = _scaled_text(value, unit)
    return text if e.setting == value or not _trips(e) else f"{text} set to {_scaled_text(e.setting, unit)}"


def _scaled_text(x: float, unit: str) -> str:
    kilo = 1e4 if unit == "A" else 1e3
    return f"{x / 1e6:.4g} M{unit}" if x >= 1e6 else f"{x / 1e3:.4g} k{unit}" if x >= kilo else f"{x:.4g} {unit}"


def _trips(e: Element) -> bool:
    return "open_by_trip" in e.values


def _shut(e: Element) -> bool:
    return e.values.get("closed", e.values.get("taken", 1.0)) > 0.5 and e.values.get("open_by_trip", 0.0) < 0.5


def look(s: Symbol, dead: bool, above: list[str]) -> tuple[str, Look]:
    """The role by which the symbol is drawn, and its looks; it is grey when all its buses are dead.

    above: its ports on the upper side from left to right.
    """
    first = s.members[0]
    colour = DEAD if dead else INK
    fill = pale(scaled(s.loading, LOADING)) if math.isfinite(s.loading) and not dead else PAPER
    fed = next((e for e in first.ends if e.feeders), first.ends[0])
    inputs = [e for e in first.ends if not e.feeders]
    role = s.declared
    taken = 0
    if role == "switch" and len(inputs) > 1 and fed.feeders:
        role = "transfer"
        number = round(first.values.get("taken", 0.0))
        port = inputs[number - 1].port if 0 < number <= len(inputs) else ""
        taken = above.index(port) + 1 if port in above else min(number, 1)  # inputs on one feed are one wire
    return role, Look(
        colour=colour,
        fill=fill,
        direct=fed.kind == "dc",
        direct_in=bool(inputs) and inputs[0].kind == "dc",
        shut=all(_shut(e) for e in s.members),
        machine=first.rating[1] == "VA",
        stores="P_battery" in first.values,
        melts=_trips(first) and len(first.ratings) == 1,  # a fuse has no trip unit that could be set
        inputs=taken,
    )


# ---- buses ----


def is_bar(r: Rail) -> bool:
    """Whether a bus is drawn as a bar: it has a name of its own, or more than two elements."""
    return bool(r.named) or len(r.joined) > 2


def at_bus(r: Rail, drop: dict[int, tuple[float, float, str]]) -> list[Said]:
    """The words at a bus: its name, where it is drawn as a bar, with voltage and voltage drop."""
    dead = not any(b.live for b in r.buses)
    lost, colour = lost_at(r, drop)
    of = max((drop[b.number] for b in r.buses), key=lambda x: -1.0 if math.isnan(x[0]) else x[0])[2]
    volts = [drop[b.number][1] if drop[b.number][2] == of else b.line for b in r.buses if b.live]
    said = voltage(r.buses, volts, of if of.endswith("n") else "")
    said += f", −{100 * lost:.1f} %" if not dead and lost > 5e-4 else ""
    words = [Said(said, GREY if dead else colour)]
    if not is_bar(r):
        return words
    many = f" ×{r.count}" if r.count > 1 else ""
    name = ", ".join(tag(s) for s in r.named) or short(_shared_name([_of_chain(b.name) for b in r.buses])) + many
    return [Said(name, INK, "bold" if r.named else "normal"), *words]


def lost_at(r: Rail, drop: dict[int, tuple[float, float, str]]) -> tuple[float, str]:
    """The largest share of the voltage that is lost on the way to a bus, and its colour."""
    lost = max((drop[b.number][0] for b in r.buses), key=lambda x: -1.0 if math.isnan(x) else x)
    return lost, DEAD if not any(b.live for b in r.buses) else scaled(lost, DROP)


def _of_chain(name: str) -> str:
    """The name of a bus `busway.cell[3].b` as that of its chain: `busway.b`."""
    owner, _, port = name.rpartition(".")
    return f"{chain_of(owner)}.{port}" if owner else name


def _shared_name(names: list[str]) -> str:
    """The first name with the indices that all names of that shape share."""
    first, *others = (path_levels(name) for name in names)
    alike = [first, *(levels for levels in others if [x for x, _ in levels] == [x for x, _ in first])]
    shared = [len({levels[k][1] for levels in alike}) == 1 for k in range(len(first))]
    return ".".join(f"{x}[{i}]" if i and same else x for (x, i), same in zip(first, shared, strict=True))


def voltage(buses: list[Bus], live: list[float], of: str) -> str:
    """The voltage of live buses as text, with the conductors it is between for a phase to neutral."""
    if not live:
        return "dead"
    low, high = ends_of(live)
    unit = "V DC" if buses[0].kind == "dc" else "V"
    per, unit = (1e3, f"k{unit}") if low >= 2e3 else (1.0, unit)
    unit = f"{unit} {of}".rstrip()
    return f"{low / per:.4g} to {high / per:.4g} {unit}" if high > low else f"{low / per:.4g} {unit}"
