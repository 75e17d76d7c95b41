"""Limits of the power checks that a case states: units, both bounds, targets that become limits, what is printed."""

import math

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.tables import Units
from kelvolt.power.section import section_of
from kelvolt.power.short_circuit import fault_table
from kelvolt.power.swing_items import pulse_share

LAGGING = """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 1 MVA, X_over_R: 5}
  load: {model: ac_load, V: 400 V, P: 50 kW, power_factor: 0.8}
connections: [g.bus -> load.bus]
power: {limits: {LIMIT}}
"""


def with_limit(limit):
    return kv.read(LAGGING.replace("LIMIT", limit))


@pytest.mark.parametrize(
    ("limit", "si"),
    [
        ("arc_energy: {max: 8 cal/cm2}", 8 * 41840.0),
        ("arc_energy: {max: 33.472 J/cm2}", 334720.0),
        ("arc_energy: {max: 8}", 8.0),
        ("disconnection_final_230: {max: 400 ms}", 0.4),
        ("disconnection_final_rating: {max: 20 A}", 20.0),
        ("ramp_up_minute: {max: 6 MW/min}", 1e5),
        ("load_loss: {max: 2 MW}", 2e6),
        ("loading: {max: 80 %}", 0.8),
    ],
)
def test_a_limit_takes_any_unit_of_what_is_compared_and_a_bare_number_is_si(limit, si):
    (stated,) = section_of(with_limit(limit)).limits.values()
    assert stated["max"] == pytest.approx(si, rel=1e-12)


@pytest.mark.parametrize("limit", ["arc_energy: {max: 8 kJ}", "arc_time: {max: 2 W}", "load_loss: {max: 5 %}"])
def test_a_limit_in_a_unit_of_something_else_is_refused(limit):
    with pytest.raises(kv.InputError, match="is not a unit of"):
        with_limit(limit)


def judged(case, start):
    return next(x for x in kv.power_check(case, failures=False).lines if x.quantity.startswith(start))


def test_both_bounds_of_a_limit_are_judged_and_the_one_that_is_broken_most_is_shown():
    below = judged(with_limit("power_factor: {min: 0.95, max: 1}"), "power factor at")
    assert (below.verdict, below.limit) == ("broken", 0.95)
    assert below.margin == pytest.approx(0.8 - 0.95)
    above = judged(with_limit("power_factor: {min: 0.5, max: 0.7}"), "power factor at")
    assert (above.verdict, above.limit) == ("broken", 0.7)
    assert judged(with_limit("power_factor: {min: 0.75, max: 0.9}"), "power factor at").verdict == "held"


def test_the_80_percent_of_a_continuous_load_is_a_target_unless_the_case_asks_for_it():
    text = (
        LAGGING.replace("1 MVA", "100 MVA")
        .replace("g.bus -> load.bus", "g.bus -> breaker -> load.bus")
        .replace("components:", "components:\n  breaker: {model: ac_breaker, I_rated: 100 A}")
    )
    plan = text.replace("LIMIT", "").replace("power: {limits: {}}", "")
    line = judged(kv.read(plan), "continuous load over")
    assert line.value == pytest.approx(50e3 / 0.8 / (math.sqrt(3) * 400) / 100, rel=1e-2)
    assert line.verdict == "target missed" and "where the case states it" in line.basis
    asked = judged(
        kv.read(text.replace("LIMIT", "loading_continuous: {max: 80 %, basis: NEC}")), "continuous load over"
    )
    assert (asked.verdict, asked.basis) == ("broken", "NEC")


def test_the_energy_of_an_arc_is_printed_in_calories_per_square_centimetre_in_the_list_of_checks():
    case = kv.read(
        """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 20 MVA, X_over_R: 5}
  main: {model: ac_breaker, I_rated: 1000 A, short_at: 4, t_short_min: 0.1 s, t_short_max: 0.2 s}
  board: {model: ac_bus, V: 400 V, electrodes: VCB, gap: 32 mm, arc_distance: 610 mm, box_height: 508 mm,
          box_width: 508 mm, box_depth: 508 mm}
  load: {model: ac_load, V: 400 V, P: 1 kW}
connections: [g.bus -> main -> board.bus, board.bus -> load.bus]
power: {limits: {arc_energy: {max: 8 cal/cm2}}}
"""
    )
    shown = next(
        x
        for x in kv.power_check(case, failures=False).as_table(Units()).text(width=500).splitlines()
        if "arc at a board" in x
    )
    energy = kv.arc_flash(case).energy[0] / 41840.0
    assert f"{energy:.3f} cal/cm2" in shown and "8.000 cal/cm2" in shown


def test_a_pulse_into_the_band_of_instantaneous_trips_is_infinitely_over_the_earliest_trip():
    case = kv.read(
        """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 20 MVA}
  breaker: {model: ac_breaker, I_rated: 100 A, instant_min: 3, instant_max: 5}
  load: {model: ac_load, V: 400 V, P: 10 kW}
connections: [g.bus -> breaker -> load.bus]
"""
    )
    device = kv.protection(case).by_path["breaker"]
    assert pulse_share(device, np.array([50.0, 400.0, 50.0]), 50.0, 0.02) == math.inf
    slow = pulse_share(device, np.array([50.0, 250.0, 50.0]), 50.0, 0.02)
    assert 0.0 < slow < 0.02  # 20 ms of 2.5 times the setting, far from the long-time part


def test_a_row_for_an_array_shows_the_currents_of_one_bus_and_names_where_the_smallest_is():
    case = kv.read(
        """
kelvolt: 1
components:
  g: {model: ac_utility, V: 400 V, S_sc: 5 MVA, X_over_R: 5, Z0_over_Z: 1}
  near: {model: ac_line, R: 1 mohm/m, X: 0.1 mohm/m, length: 10 m}
  far: {model: ac_line, R: 1 mohm/m, X: 0.1 mohm/m, length: 50 m}
  end: {model: ac_bus, count: 2, V: 400 V}
  load: {model: ac_load, count: 2, V: 400 V, P: 1 kW}
connections: ["g.bus -> near -> end[1].bus", "g.bus -> far -> end[2].bus", "end[*].bus -> load[*].bus"]
"""
    )
    table = kv.short_circuit(case)
    rows = table[(table.kind == "3ph") & (table.bus != "g")]
    assert len(rows) == 2
    near, far = rows.iloc[0], rows.iloc[1]
    renamed = table.assign(bus=table.bus.replace({near.bus: "end[1].bus", far.bus: "end[2].bus"}))
    line = next(x for x in fault_table(renamed).text(width=500).splitlines() if "largest of 2" in x and "3ph" in x)
    assert f"{near.Ik_min / 1e3:.3f}"[:5] in line.split("at end[2]")[0]
    assert f"Ik_min {far.Ik_min / 1e3:.3f}"[:10] in line and "at end[2].bus" in line
