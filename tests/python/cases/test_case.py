"""The package: values by path, solutions, runs, tables, errors."""

import gc
import subprocess
import sys
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest


def test_a_plain_path_is_a_float_and_a_pattern_an_array(case):
    assert case["gpu[2].power"] == pytest.approx(1100.0)
    assert case["gpu[*].power"].shape == (3,)
    assert case.get("facility.T_supply", "degC") == pytest.approx(30.0)


def test_values_are_set_as_text_number_and_array(case):
    case["gpu[2].power"] = "1.3 kW"
    case["gpu[1].power"] = 900.0
    assert case["gpu[*].power"] == pytest.approx([900.0, 1300.0, 1100.0])
    case["gpu[*].power"] = [1.0, 2.0, 3.0]
    assert case["gpu[*].power"] == pytest.approx([1.0, 2.0, 3.0])
    assert case.update({"gpu[1].power": 5.0})["gpu[1].power"] == 5.0


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("gpu[9].power", 1.0, "3 elements"),
        ("gpu[0].power", 1.0, "at 1"),
        ("gpu[1].pover", 1.0, "power"),
        ("gpu[1].power", "-3 W", "at least 0"),
        ("gpu[1].power", "3 K", "power"),
        ("gpu[1].power", float("nan"), "outside"),
        ("gpu[*].power", [1.0, 2.0], "shape"),
        ("gpu[1].T_die", 300.0, "T_die"),
    ],
)
def test_a_wrong_value_is_refused_by_name(case, path, value, says):
    before = case["gpu[*].power"].copy()
    with pytest.raises(kv.InputError, match=says):
        case[path] = value
    assert np.array_equal(case["gpu[*].power"], before)


def test_an_array_with_one_bad_value_changes_nothing(case):
    with pytest.raises(kv.InputError):
        case["gpu[*].power"] = [500.0, -1.0, 500.0]
    assert case["gpu[*].power"] == pytest.approx([1100.0] * 3)


def test_a_copy_has_values_of_its_own(case):
    other = case.copy()
    other["gpu[1].power"] = 1.0
    assert case["gpu[1].power"] == pytest.approx(1100.0)


def test_errors_carry_file_line_and_message():
    with pytest.raises(kv.InputError) as caught:
        kv.read("kelvolt: 1\ncomponents:\n  a: {model: nonsense}\n", name="mine.yaml")
    error = caught.value
    assert (error.file, error.line) == ("mine.yaml", 3)
    assert "nonsense" in error.message and str(error).startswith("mine.yaml:3: ")


def test_a_case_may_be_a_mapping():
    components = {
        "supply": {"model": "supply", "medium": "water", "T": "30 degC", "p": "2 bar(a)"},
        "hose": {"model": "pipe", "length": np.float64(2.0), "diameter": "25 mm"},
        "return": {"model": "return_line", "p": "1.8 bar(a)"},
    }
    made = kv.read({"kelvolt": 1, "components": components, "connections": ["supply -> hose -> return"]})
    assert made.steady()["hose.m_flow"] > 0.0


def test_a_solution_balances_and_reads_by_pattern(case):
    sol = case.steady()
    assert sol["gpu[*].T_die"].shape == (3,)
    assert 320.0 < sol["gpu[1].T_die"] < 380.0
    assert sol.get("gpu[1].T_die", "degC") == pytest.approx(sol["gpu[1].T_die"] - 273.15)
    assert sol.audit.energy_relative < 1e-9
    balance = sol.plant.balance
    assert balance.to_liquid == pytest.approx(balance.sources, rel=1e-9)
    assert balance.boundary + balance.to_air == pytest.approx(balance.sources + balance.pumps, rel=1e-9)
    assert sol.y.flags.writeable is False


def test_more_power_makes_a_hotter_chip_as_the_gradient_says(case):
    sol = case.steady()
    slope = sol.gradient("gpu[1].T_die", "gpu[1].power")
    case["gpu[1].power"] = 1101.0
    rise = case.steady()["gpu[1].T_die"] - sol["gpu[1].T_die"]
    assert rise > 0.01
    assert slope == pytest.approx(rise, rel=1e-3)
    assert sol.gradient("gpu[1].T_die", "gpu[*].power").shape == (3,)


def test_branches_come_worst_first(case):
    case["gpu[2].power"] = "1.4 kW"
    table = case.steady().branches()
    assert list(table["branch"])[0] == "plate[2]"
    assert table["margin"].is_monotonic_increasing
    assert (table["m_flow"] > 0.0).all() and (table["T_out"] > table["T_in"]).all()
    assert table["heat"].sum() == pytest.approx(case.steady().plant.balance.to_liquid, rel=1e-6)


def test_a_loop_without_arrays_has_its_plate_as_branch():
    sol = kv.load(Path(__file__).parents[3] / "data/cases/single_loop.yaml").steady()
    assert [b.branch for b in sol.branch_list()] == ["plate"]
    assert sol.branch_list()[0].T_case == pytest.approx(sol["gpu.T_case"])


def test_an_unknown_level_of_branches_is_refused(case):
    with pytest.raises(kv.InputError, match="plate"):
        case.steady().branches(level="nothing")


def test_loops_know_volume_capacity_and_approach(case):
    hot, cold = sorted(case.steady().plant.circuits, key=lambda c: np.isnan(c.approach))
    assert hot.closed and not cold.closed
    # plates 25 mL each, hoses 1.5 m of 10 mm bore, exchanger 200 mL, junctions 20 mL
    hose = 3 * np.pi / 4 * 0.01**2 * 1.5
    assert hot.volume == pytest.approx(3 * 25e-6 + hose + 200e-6 + 6 * 20e-6, rel=0.02)
    water = 1022.0 * 3900.0 * hot.volume
    metal = 3 * (250.0 + 30.0) + 1000.0 + 300.0
    assert water < hot.capacity < water + 1.2 * metal
    assert hot.approach > 0.0 and np.isnan(cold.approach)


def test_a_run_gives_views_shaped_by_time_and_array(case):
    run = case.simulate("40 s", every="2 s", progress=False)
    die = run["gpu[*].T_die"]
    assert die.shape == (21, 3) and die.base is not None and not die.flags.writeable
    assert run["gpu[1].T_die"].shape == (21,)
    assert np.array_equal(run.time, np.arange(0.0, 41.0, 2.0))
    assert (run.get("gpu[*].T_die", kind="minimum") <= run.get("gpu[*].T_die", kind="maximum")).all()
    dataset = run.to_xarray()
    assert dataset["gpu.T_die"].dims == ("time", "gpu") and dataset["gpu.T_die"].attrs["units"] == "K"
    # the square wave begins at 30 s
    assert float(dataset["gpu.P_min"][-1, 0]) < 0.5 * float(dataset["gpu.P_max"][-1, 0])
    assert list(run.to_pandas("gpu[*].T_die").columns) == ["gpu[1].T_die", "gpu[2].T_die", "gpu[3].T_die"]


def test_a_value_that_was_not_recorded_says_how_to_record_it(case):
    run = case.simulate("2 s", progress=False)
    with pytest.raises(kv.InputError, match="record"):
        run["hose[1].Re"]
    assert case.simulate("2 s", progress=False, record=["hose[*].Re"])["hose[*].Re"].shape == (3, 3)


def test_a_result_file_reads_back_as_the_run(case, tmp_path):
    run = case.simulate("5 s", output=tmp_path / "r.h5", progress=False)
    with kv.open(tmp_path / "r.h5") as kept:
        assert kept.attrs["status"] == "complete"
        assert np.array_equal(kept["gpu.T_die"], run["gpu[*].T_die"])
        assert kept["gpu.T_die"].dims == ("time", "gpu")


def test_a_steady_state_is_written_as_one_row(case, tmp_path):
    sol = case.steady()
    sol.write(tmp_path / "s.h5")
    with kv.open(tmp_path / "s.h5") as kept:
        assert kept.sizes["time"] == 1
        assert np.array_equal(kept["gpu.T_die"][0], sol["gpu[*].T_die"])


def test_progress_is_told_and_may_stop_the_run(case, tmp_path):
    seen = []

    def stop(t: float) -> None:
        seen.append(t)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        case.simulate("1000 min", output=tmp_path / "p.h5", progress=stop)
    assert len(seen) == 1
    with pytest.warns(kv.IncompleteRun):
        assert kv.open(tmp_path / "p.h5").attrs["status"] == "interrupted"


def test_what_is_shown_is_a_table(case):
    sol = case.steady()
    run = case.simulate("2 s", progress=False)
    for shown in (case, sol, run):
        assert "Three GPUs" in repr(shown)
        page = shown._repr_html_()
        assert page.startswith("<table>") and page.count("<tr>") == page.count("</tr>") >= 1
    assert "plate[3]" in repr(sol)


def test_exported_tables(case):
    sol = case.steady()
    assert sol.to_xarray("gpu[*].T_die")["gpu.T_die"].shape == (3,)
    assert set(sol.to_pandas("gpu[*].T_die")["unit"]) == {"K"}
    check = sol.check()
    assert {"id", "element", "value", "limit", "margin", "verdict"} <= set(check.columns)
    assert set(check["verdict"]) <= {"held", "broken", "not assessed"}


def test_verdicts_keep_their_texts_when_case_and_solution_are_gone(starter_text):
    def texts(v):
        return v.id, v.element, v.quantity, v.unit, v.basis

    text = starter_text.replace("basis: my own rule", "spread: 50 %, basis: my own rule")
    rows = kv.read(text).steady().raw.verdicts  # nothing else holds the case
    before = [texts(v) for v in kv.read(text).steady().raw.verdicts]
    gc.collect()
    others = [kv.read(starter_text) for _ in range(3)]  # these take memory that is free
    assert [texts(v) for v in rows] == before and len(others) == 3
    assert ("gpu_case", "gpu[1].T_case", "my own rule") in [(v.id, v.element, v.basis) for v in rows]
    assert ("gpu_case_spread", "gpu[1].T_case and 2 more") in [(v.id, v.element) for v in rows]


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("xarray", "pandas", "matplotlib", "h5py", "tqdm")
    code = f"import kelvolt, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_was_set_after_reading_goes_into_the_result_file(tmp_path: Path) -> None:
    case = kv.load(Path(__file__).parents[3] / "data/cases/single_loop.yaml")
    case["gpu.activity"] = 0.5
    case.copy().simulate(2, every=1, output=tmp_path / "half.h5", progress=False)
    assert '{"gpu.activity": 0.5}' == kv.open(tmp_path / "half.h5").attrs["changes"]


ALL_CASES = sorted((Path(__file__).parents[3] / "data/cases").glob("*.yaml"))


@pytest.mark.parametrize("file", ALL_CASES, ids=lambda f: f.stem)
def test_every_case_gives_its_key_outputs_as_a_dataset(file: Path) -> None:
    sol = kv.load(file).steady()
    for pattern in (None, "*.*"):
        table, made = sol.to_pandas(pattern), sol.to_xarray(pattern)
        told = np.concatenate([made[v].values.reshape(-1) for v in made.data_vars])
        assert np.isfinite(table["value"]).sum() == np.isfinite(told).sum()
        scalars = [p for p in table["path"] if "[" not in p]
        values = table.set_index("path")["value"]
        assert scalars and all(made[p].values == pytest.approx(values[p], nan_ok=True) for p in scalars)


def test_a_pattern_that_names_one_scalar_gives_an_array_without_dimensions() -> None:
    sol = kv.load(ALL_CASES[-1].parent / "single_loop.yaml").steady()
    assert sol["gp*.T_die"].shape == () and float(sol["gp*.T_die"]) == sol["gpu.T_die"]
    assert sol.gradient("gp*.T_die", "gpu.powe*") == pytest.approx(sol.gradient("gpu.T_die", "gpu.power"))


def test_a_refused_value_leaves_every_value_as_it_was(case: kv.Case) -> None:
    before = case.get("gpu[*].power"), case["pump.speed"]
    wrong = [
        lambda: case.update({"gpu[*].power": "900 W", "pump.speed": -1.0}),
        lambda: case.update({"gpu[*].power": "900 W", "nothing.speed": 1.0}),
        lambda: case.__setitem__("gpu[*].power", "-5 W"),
        lambda: case.__setitem__("gpu[*].power", [900.0, 900.0, -1.0]),
        lambda: case.__setitem__("pump.speed", object()),
    ]
    for attempt in wrong:
        with pytest.raises(kv.InputError):
            attempt()
        assert np.array_equal(case.get("gpu[*].power"), before[0]) and case["pump.speed"] == before[1]


def test_a_solution_keeps_the_values_it_was_found_at(case: kv.Case, tmp_path: Path) -> None:
    case["gpu[*].power"] = "500 W"
    case["gpu[2].power"] = "600 W"
    sol = case.steady()
    case["gpu[*].power"] = "700 W"
    sol.write(tmp_path / "sol.h5")
    told = kv.open(tmp_path / "sol.h5").attrs["changes"]
    assert "500.0" in told and "600.0" in told and "700" not in told


SHUT = """
kelvolt: 1
components:
  facility: {model: facility, medium: water, mode: dp, T_supply: 30 degC, dp: 50 kPa, p_return: 2 bar(a)}
  shut_a: {model: valve, Kv: 1e-6, leak: 1e-6, stroke_time: 0.1 s}
  shut_b: {model: valve, Kv: 1e-6, leak: 1e-6, stroke_time: 0.1 s}
  pipe: {model: pipe, length: 1 m, diameter: 10 mm}
connections: ["facility.supply -> shut_a -> pipe -> shut_b -> facility.return"]
run: {duration: 5 s}
record: {every: 1 s}
events: [{at: 2 s, set: "shut_*.opening", to: 0}]
"""
HALL = Path(__file__).parents[1] / "power" / "hall.yaml"


def test_an_event_of_a_run_says_which_component(case: kv.Case) -> None:
    assert [(e.time, e.component) for e in case.simulate(progress=False).events] == [
        (90.0, "pump"),
        (120.0, "facility"),
    ]
    said = kv.read(SHUT).simulate(progress=False).events
    assert said[0].component == "shut_*" and len(said) > 1
    assert {e.component for e in said[1:]} <= {"pipe", "shut_a", "shut_b"} and "cut off" in said[-1].text


def test_an_event_of_a_power_network_says_which_component() -> None:
    text = HALL.read_text() + "run: {duration: 3 s}\nevents: [{at: 1 s, set: 'main[1].closed', to: 0}]\n"
    said = kv.read(text, folder=HALL.parent).simulate(every=1.0, progress=False).events
    dead = [e for e in said if "dead" in e.text]
    assert said[0].component == "main[1]" and [e.component for e in dead] == [
        "main[1]"
    ]  # the battery of ups[1] carries on
    assert all(e.text.startswith(e.component) for e in dead)


@pytest.mark.parametrize("file", [f for f in ALL_CASES if "events" in f.read_text()], ids=lambda f: f.stem)
def test_events_of_the_cases_name_their_component(file: Path) -> None:
    case = kv.load(file)
    said = case.simulate(min(case.duration, 20.0), progress=False).events
    assert all(e.component for e in said)


def test_an_update_with_words_of_the_text_builds_the_network_anew_and_keeps_what_was_set(starter_text):
    case = kv.read(starter_text.replace("[1..3]", "[*]"))
    case["facility.T_supply"] = "25 degC"
    same = case.update({"gpu.count": 2, "plate.count": 2, "hose.count": 2, "gpu[1].power": "900 W"})
    assert same is case and case["gpu[*].power"].tolist() == [900.0, 1100.0]
    assert case.get("facility.T_supply", "degC") == pytest.approx(25.0)
    assert case.steady()["plate[*].V_flow"].shape == (2,)
    before = case["pump.dp_shut_off"] if "pump.dp_shut_off" in case else case.steady()["pump.dp"]
    case.update({"pump.model": "cdu121_pump"})
    assert case.steady()["pump.dp"] != pytest.approx(before)


def test_a_word_of_the_text_on_which_other_lines_depend_says_so_and_changes_nothing():
    case = kv.load("gb200_nvl72_rack")
    with pytest.raises(kv.InputError, match=r"tray.count = 16: the network is built anew.*tray has 16 elements"):
        case.update({"rack_power": "100 kW", "tray.count": 16})
    assert case["tray[*].gpu[*].power"].shape[0] == 18
    assert case["rack_power"] != pytest.approx(1e5)
    with pytest.raises(kv.InputError, match=r"tray.count is a word of the text of the case: case.update\("):
        case["tray.count"] = 16


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: kv.load("single_loop").update({"x": "5 bananas"}), "the network has no 'x'; it has exchanger"),
        (lambda: kv.load("single_loop").update({"gpu.T_die": "80 degC"}), "T_die is a result, not a parameter"),
        (lambda: kv.load("single_loop").update({"gpu.powr": "1 kW"}), "gpu has no 'powr' .did you mean 'power'"),
        (
            lambda: kv.load("single_loop").steady()["gpu"],
            "gpu is a component and no value; write gpu.NAME",
        ),
        (lambda: kv.load("single_loop").steady().get("gpu.T_die", "bananas"), "^'bananas': the unit 'bananas' is not"),
        (lambda: kv.load("gb200_nvl72_rack").update({"rack_powr": "1 kW"}), "knobs are rack_power .*did you mean"),
        (
            lambda: kv.load("gb200_nvl72_rack").update({"rack_power": "100 L"}),
            "^rack_power: '100 L': 'L' is not",
        ),
        (lambda: kv.load("single_loop").steady().gradient("gpu.power", "gpu.power"), "no result that has a gradient"),
    ],
)
def test_a_mistake_at_the_keyboard_is_answered_with_what_is_there(ask, says):
    with pytest.raises(kv.InputError, match=says):
        ask()


def test_a_file_that_is_no_result_is_told_as_such_and_a_case_with_what_reads_it(tmp_path):
    for name, says in (("notes.txt", "is no result of Kelvolt.*check the path"), ("a.yaml", "kv.load reads")):
        (tmp_path / name).write_text("kelvolt: 1\n")
        with pytest.raises(kv.FileError, match=says):
            kv.open(tmp_path / name)


def test_a_gradient_of_a_run_says_that_it_takes_no_expression():
    run = kv.load("single_loop").simulate("2 s", every="1 s", progress=False)
    with pytest.raises(kv.InputError, match="not of an expression"):
        run.gradient("max(gpu.T_die)", "gpu.power")
