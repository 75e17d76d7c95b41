"""Battery sizing: worksheets worked by hand, factors between their points, and what is refused."""

import math

import kelvolt as kv
import pytest
from kelvolt.studies.battery import NO_TABLE

# Kt in hours by time: a cell that gives its 8 h capacity at the 8 h rate and less at higher currents
KT = {60.0: 0.75, 1800.0: 1.3, 3600.0: 2.0, 7200.0: 3.2, 28800.0: 8.0}


def test_one_period_needs_its_current_times_the_factor_of_its_time():
    found = kv.battery_size([(100.0, "1 h")], KT, design_margin=1.0, ageing_factor=1.0)
    assert found.capacity == pytest.approx(200.0)


def test_a_duty_cycle_is_worked_section_by_section_and_the_worst_controls():
    # 200 A for 1 min, 50 A for 59 min, 120 A for 60 min
    found = kv.battery_size(
        [(200.0, "1 min"), (50.0, "59 min"), (120.0, "60 min")], KT, design_margin=1.0, ageing_factor=1.0
    )
    k59 = _between(3540.0, 1800.0, 1.3, 3600.0, 2.0)
    k119 = _between(7140.0, 3600.0, 2.0, 7200.0, 3.2)
    by_hand = [200 * 0.75, 200 * 2.0 - 150 * k59, 200 * 3.2 - 150 * k119 + 70 * 2.0]
    assert list(found.sections["needed"]) == pytest.approx(by_hand)
    assert found.controlling == 1 + max(range(3), key=by_hand.__getitem__)
    assert found.capacity == pytest.approx(max(by_hand))


def test_a_high_load_at_the_start_controls_where_it_needs_more_than_all_that_follows():
    found = kv.battery_size([(400.0, "1 min"), (5.0, "59 min")], KT, design_margin=1.0, ageing_factor=1.0)
    assert found.controlling == 1 and found.capacity == pytest.approx(300.0)


def test_factors_multiply_and_a_random_load_comes_on_top_of_the_worst_section():
    found = kv.battery_size(
        [(100.0, "1 h")], KT, random=(40.0, "1 min"), temperature_factor=1.11, cells=(200.0, 400.0, 600.0)
    )
    assert found.uncorrected == pytest.approx(200.0 + 30.0)
    assert found.capacity == pytest.approx(230.0 * 1.11 * 1.1 * 1.25)
    assert found.cell == 400.0
    assert "section" in found.summary().lower()


def test_without_a_table_it_is_the_charge_and_says_so():
    found = kv.battery_size([("24 kW", "30 min"), (10.0, 1800.0)], voltage=480.0, design_margin=1.0, ageing_factor=1.0)
    assert found.capacity == pytest.approx(50.0 * 0.5 + 10.0 * 0.5)
    assert found.statements == (NO_TABLE,)
    assert found.energy == pytest.approx(30.0 * 3600.0 * 480.0)


@pytest.mark.parametrize(
    "arguments, says",
    [
        (([],), "no period"),
        (([(10.0, "10 h")], KT), "covers 60 to"),
        (([(10.0, "1 s")], KT), "covers 60 to"),
        (([(-1.0, "1 h")], KT), "from 0 A on"),
        (([("3 kW", "1 h")], KT), "needs `voltage`"),
        (([(10.0, "1 h")], {3600.0: 0.9}), "more than its capacity"),
        (([(10.0, "1 h")], {1800.0: 2.0, 3600.0: 1.5}), "rise with the time"),
    ],
)
def test_what_cannot_be_is_refused(arguments, says):
    with pytest.raises(kv.InputError, match=says):
        kv.battery_size(*arguments)


def test_a_need_beyond_every_cell_is_refused():
    with pytest.raises(kv.InputError, match="largest cell offered has 100 Ah"):
        kv.battery_size([(100.0, "1 h")], KT, cells=(50.0, 100.0))


def _between(t, t1, k1, t2, k2):
    """On two logarithmic axes."""
    return k1 * (k2 / k1) ** (math.log(t / t1) / math.log(t2 / t1))
