"""Coolants that a case brings itself, under `fluids:` or in a file beside it."""

from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from kelvolt import _core

UNITS = "T: degC, rho: kg/m3, cp: kJ/(kg K), k: W/(m K), mu: mPa.s"


def rows_of_water() -> list[list[float]]:
    rows = []
    for t in np.arange(1.0, 99.1, 7.0):
        rho, cp, k, mu = _core.fluid_properties("water", 273.15 + t)
        rows.append([round(float(x), 8) for x in (t, rho, cp / 1e3, k, mu * 1e3)])
    return rows


def fluid(rows: list[list[float]], units: str = UNITS) -> str:
    return f"source: a copy of water\ntable: {{{units}, rows: {rows}}}\nT_freeze: 0 degC\nT_boil: 99.97 degC\n"


def case(medium: str, fluids: str = "") -> str:
    return f"""kelvolt: 1
{fluids}
components:
  vessel: {{model: expansion_vessel, medium: {medium}, p: 2 bar(a)}}
  pump: {{model: pump, efficiency: 0.6, dp: {{points: [[0, 2], [100, 1.6], [200, 0.2]], x: L/min, y: bar}}}}
  load: {{model: tray, heat: 20 kW, dp_nominal: 1 bar, V_flow_nominal: 100 L/min, volume: 10 L, C: 10 kJ/K, G: 10 kW/K}}
  pipe: {{model: pipe, length: 10 m, diameter: 30 mm}}
  chiller: {{model: chiller, Q_max: 60 kW, T_set: 20 degC, V_flow_nominal: 100 L/min, dp_nominal: 40 kPa}}
  outdoors: {{model: ambient, T: 25 degC}}
connections: [pump -> load -> pipe -> chiller -> pump, vessel.port -> pump.a, chiller.outside -> outdoors.port]
"""


def block(name: str, text: str) -> str:
    return f"fluids:\n  {name}:\n" + "".join(f"    {line}\n" for line in text.splitlines())


def compare(one: kv.Solution, other: kv.Solution) -> None:
    for path in ("load.V_flow", "load.T", "pump.P_el", "chiller.Q", "pipe.dp", "pipe.Re"):
        assert one[path] == pytest.approx(other[path], rel=2e-3), path
    ids = [set(s.check()["id"]) for s in (one, other)]
    assert ids[0] == ids[1]


def test_a_fluid_of_the_case_that_repeats_water_gives_the_answer_of_water() -> None:
    mine = kv.read(case("mine", block("mine", fluid(rows_of_water())))).steady()
    compare(mine, kv.read(case("water")).steady())
    assert mine.plant.circuits[0].medium == "mine"


def test_a_fluid_in_other_units_is_the_same_fluid() -> None:
    rows = [[t * 1.8 + 32.0, rho / 1000.0, cp / 4.1868, k, mu] for t, rho, cp, k, mu in rows_of_water()]
    units = "T: degF, rho: g/cm3, cp: BTU/(lb degF), k: W/(m K), mu: cP"
    compare(kv.read(case("mine", block("mine", fluid(rows, units)))).steady(), kv.read(case("water")).steady())


def test_a_fluid_in_a_file_beside_the_case_needs_no_copy_of_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(case("mine"))
    (tmp_path / "mine.yaml").write_text(fluid(rows_of_water()))
    compare(kv.load(tmp_path / "case.yaml").steady(), kv.read(case("water")).steady())
    # the form of the shipped files
    shipped = (Path(_core.data_directory()) / "fluids" / "water.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(shipped.replace("name: water", "name: mine"))
    compare(kv.load(tmp_path / "case.yaml").steady(), kv.read(case("water")).steady())


def test_a_fluid_that_leaves_its_table_is_flagged_as_a_shipped_one_is() -> None:
    rows = [r for r in rows_of_water() if 30.0 <= r[0] <= 80.0]
    text = fluid(rows)
    warned = kv.read(case("mine", block("mine", text))).steady().warnings
    assert any("load: coolant temperature" in w and "a copy of water" in w for w in warned)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda rows: rows[:2], "at least 3"),
        (lambda rows: rows[::-1], "does not lie above"),
        (lambda rows: [[r[0], r[1], 1e3 * r[2], *r[3:]] for r in rows], "check the unit"),
        (lambda rows: [[r[0], r[1] + (60.0 if k == 5 else 0.0), *r[2:]] for k, r in enumerate(rows)], "row 6"),
        (lambda rows: [[*r[:4], -1.0] if k == 2 else r for k, r in enumerate(rows)], "row 3: mu"),
        (lambda rows: [r[:4] for r in rows], "five numbers"),
        (lambda rows: [["cold", *r[1:]] for r in rows], "T"),
    ],
)
def test_a_table_that_is_no_liquid_is_refused_by_name_and_row(change, named: str) -> None:
    with pytest.raises(kv.InputError, match="fluid mine") as error:
        kv.read(case("mine", block("mine", fluid(change(rows_of_water())))))
    assert named in str(error.value)


def test_a_fluid_may_not_take_the_name_of_a_shipped_one_and_must_say_its_source() -> None:
    with pytest.raises(kv.InputError, match="'water' is a fluid shipped with Kelvolt"):
        kv.read(case("water", block("water", fluid(rows_of_water()))))
    with pytest.raises(kv.InputError, match="source"):
        kv.read(case("mine", block("mine", fluid(rows_of_water()).split("\n", 1)[1])))
    with pytest.raises(kv.InputError, match="unknown fluid 'yours'.*mine"):
        kv.read(case("yours", block("mine", fluid(rows_of_water()))))
