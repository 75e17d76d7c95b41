"""The plant part of the bench: what is told of a hall grows as the hall does."""

from bench import plant as bench_plant


def test_what_is_told_of_a_hall_grows_as_the_hall_does():
    numbers = bench_plant.plant_numbers((12, 72))
    assert numbers["plant_12_racks_ms"] > 0.0
    assert numbers["plant_growth"] < 3.0  # 6 were it quadratic
