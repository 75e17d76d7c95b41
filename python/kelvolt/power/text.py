"""The printed power flow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kelvolt.base.errors import Error
from kelvolt.base.tables import Parts, Table, Units, html_of_parts, plain, text_of_parts
from kelvolt.power.flow import PowerFlow, power_factor

if TYPE_CHECKING:
    from kelvolt.power.flow import Shares


_QUICK = 3000  # unknowns up to which a summary includes the margin to the nose, which takes tens of solves


_NOISE = 1e-8  # share of the largest source below which power is rounding or leakage through an open device
NO_NETWORK = "this case has no electric network"


def summary(flow: PowerFlow, u: Units, longest: int) -> str:
    if not flow.grid:
        return NO_NETWORK
    elements, buses = (of(len(x), longest) for x in (flow.grid.elements, flow.grid.buses))
    text = text_of_parts(parts(flow, u, longest, elements, buses))
    return f"{text}\n  {nose_line(flow)}\n  power balance closes to {flow.imbalance:.1e} of what is passed on"


def parts(flow: PowerFlow, u: Units, longest: int, elements: str = "", buses: str = "") -> Parts:
    """Tables of at most `longest` rows; what is added to the titles of those of elements and buses."""
    return [
        ("Sources", source_table(flow, u)),
        (f"Loading, highest first{elements}", element_table(flow, u, longest)),
        (f"Voltages, largest drop first{buses}", bus_table(flow, longest)),
        ("Heat by stage and space (W)", loss_table(flow)),
        ("Where power goes", "\n".join(f"  {line}" for line in share_lines(flow.shares, u))),
    ]


def page(flow: PowerFlow, u: Units) -> str:
    """The same for a notebook, with all rows."""
    if not flow.grid:
        return html_of_parts([(NO_NETWORK, "")])
    every = max(len(flow.grid.elements), len(flow.grid.buses))
    closes = f"power balance closes to {flow.imbalance:.1e} of what is passed on"
    return html_of_parts([*parts(flow, u, every), ("", f"{nose_line(flow)}\n{closes}")])


def nose_line(flow: PowerFlow) -> str:
    if "nose" not in vars(flow) and flow.solution.raw.unknowns > _QUICK:
        return (
            "margin to the nose: `case.loadability()`, or `kelvolt check`; it takes a while in a network of this size"
        )
    try:
        nose = flow.nose
    except Error as error:
        return f"margin to the nose not assessed: {str(error).splitlines()[0]}"
    if not nose.lost:
        return f"a power flow exists up to {nose.factor:.3g} times all loads at least; weakest then: {nose.bus}"
    return f"a power flow exists up to {nose.factor:.3g} times all loads; it is lost at {nose.where}"


def of(count: int, longest: int) -> str:
    return f" ({longest} of {count})" if count > longest else ""


def source_table(flow: PowerFlow, u: Units) -> Table:
    rows = []
    sources = flow.grid.of_role("source")
    least = _NOISE * max((abs(e.ends[0].s) for e in sources), default=0.0)
    for e in sources:
        end = e.ends[0]
        bus = flow.grid.buses[end.bus]
        s, volts = (-end.s, plain(bus.line)) if bus.live else (0j, "dead")
        P, Q = (x if abs(x) > least else 0.0 for x in (s.real, s.imag))
        idle = P == 0.0 and Q == 0.0
        pf = "-" if end.kind == "dc" or idle else _pf(power_factor(s))
        loading = 0.0 if idle and math.isfinite(e.loading) else e.loading
        rows.append([e.path, volts, u.text(P, "W"), plain(Q / 1e3), pf, percent(loading)])
    stores = [e for e in flow.grid.elements if e.from_store > 0.0]
    rows += [[f"battery of {e.path}", "-", u.text(e.from_store, "W"), "-", "-", "-"] for e in stores]
    return Table(["source", "voltage (V)", "P", "Q (kvar)", "power factor", "loading (%)"], rows, {2, 4})


def _pf(x: float) -> str:
    if not math.isfinite(x):
        return "-"
    return f"{abs(x):.3f}" + ("" if abs(x) > 0.9995 else " lagging" if x > 0.0 else " leading")


def element_table(flow: PowerFlow, u: Units, longest: int) -> Table:
    table = flow.elements[flow.elements.role != "source"]
    table = table.sort_values(["loading", "P_in"], ascending=False, na_position="last")
    kept = ["I_n", "unbalance_phases"] if table.I_n.notna().any() else []
    rows = []
    for r in table.head(longest).itertuples():
        row = [
            r.element,
            r.model,
            u.text(max(r.P_in, r.P_out), "W"),
            u.text(r.loss if abs(r.loss) > 1e-6 else 0.0 * r.loss, "W", 3),
            plain(r.I, 3),
        ]
        row += [plain(r.I_n, 3), percent(r.unbalance_phases, 2)] if kept else []
        rows.append([*row, percent(r.loading)])
    head = ["element", "model", "power", "loss", "current (A)"]
    return Table([*head, *(["neutral (A)", "unbalance of phases (%)"] if kept else []), "loading (%)"], rows, {1, 2, 3})


def bus_table(flow: PowerFlow, longest: int) -> Table:
    table = flow.buses.sort_values(["live", "drop"], ascending=[True, False], na_position="last")
    rows = [
        [
            r.bus,
            r.kind,
            f"{plain(r.v_drop)} {r.drop_of}".rstrip() if r.live else "dead",
            percent(r.drop, 2),
            r.head,
            percent(r.unbalance_lines, 2),
            percent(r.V2_over_V1, 2),
        ]
        for r in table.head(longest).itertuples()
    ]
    head = ["bus", "kind", "voltage (V)", "drop (%)", "since", "unbalance of lines (%)", "V2/V1 (%)"]
    kept = [k for k in range(7) if k < 5 or any(r[k] != "-" for r in rows)]
    return Table([head[k] for k in kept], [[r[k] for k in kept] for r in rows], {1, 4})


def loss_table(flow: PowerFlow) -> Table:
    table = flow.losses
    rows = [
        [str(stage), *(plain(x, 4) for x in values)] for stage, values in zip(table.index, table.values, strict=True)
    ]
    rows.append(["all", *(plain(x, 5) for x in table.sum().values)])
    return Table(["stage", *map(str, table.columns)], rows, set())


def share_lines(s: Shares, u: Units) -> list[str]:
    small = 1e-6 * s.supplied  # below it, leakage through an ORing device, which is no export
    rows = [
        ("from utility, generators and batteries", u.text(s.supplied, "W", 5)),
        *([("  of that generated on the site", u.text(s.generated, "W", 5))] if s.generated > 0.0 else []),
        *([("exported", u.text(s.exported, "W", 5))] if s.exported > small else []),
        *([("stored in batteries", u.text(s.stored, "W", 5))] if s.stored > small else []),
        *([("used here", u.text(s.total, "W", 5))] if s.supplied - s.total > small else []),
        ("lost before the IT equipment", u.text(s.distribution, "W", 4)),
        ("cooling", u.text(s.cooling, "W", 4)),
        ("other", u.text(s.other, "W", 4)),
        ("into the IT equipment", f"{u.text(s.it, 'W', 5)} ({s.boundary})"),
        (
            "into chips, memory, drives, network",
            u.text(s.compute, "W", 5) if s.compute > 0.0 else "none in this network",
        ),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name.ljust(width)}  {value}" for name, value in rows]
    tue = (
        f"TUE {s.tue:.4f} (ITUE {s.itue:.4f})" if math.isfinite(s.tue) else "TUE not assessed: no chip in this network"
    )
    lines.append(f"PUE {s.pue:.4f}, pPUE of power {s.ppue_power:.4f}, of cooling {s.ppue_cooling:.4f}, {tue}")
    lines.append("of this steady state; ISO/IEC 30134-2 means the energy of a year")
    if s.beside > 0.0:
        lines.append(f"{u.text(s.beside, 'W', 3)} of pumps is counted that this network does not feed")
    return lines


def percent(x: float, digits: int = 3) -> str:
    return plain(100.0 * x, digits) if math.isfinite(x) else "-"
