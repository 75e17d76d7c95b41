"""Sweeps: grids, zips, samples, structures, failures, parts on disk, executors; the same bits however they are made."""

import concurrent.futures
import json
import subprocess
import sys
import time
from pathlib import Path

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES, ROOT
from kelvolt.base.cf import identifier
from scipy import stats
from sweep_killed import answer

HERE = Path(__file__).parent
RACK = CASES / "gb200_nvl72_rack.yaml"


def same_bits(a, b) -> bool:
    """NaN equals NaN here only with the same bits; words are compared as words."""
    assert list(a.variables) == list(b.variables)
    return all(
        a[n].dims == b[n].dims
        and (
            a[n].values.tobytes() == b[n].values.tobytes()
            if a[n].dtype.kind == "f"
            else a[n].values.tolist() == b[n].values.tolist()
        )
        for n in a.variables
    )


def test_a_grid_holds_what_single_solutions_say(case: kv.Case) -> None:
    axes = {"facility.T_supply": ["20 degC", 310.0], "gpu[2].power": kv.times(0.5, 1.25), "pump.speed": [0.8, 1.0]}
    ds = kv.sweep(case, axes, record={"T": "gpu[*].T_die", "hot": "max(gpu[*].T_die)", "all": "sum(gpu[*].T_die)"})
    assert dict(ds.sizes) == {"facility_T_supply": 2, "gpu_2_power": 2, "pump_speed": 2, "gpu": 3}
    assert ds["facility_T_supply"].values.tolist() == [293.15, 310.0]
    assert ds["facility_T_supply"].attrs["units"] == "K" and ds["T"].attrs["units"] == "K"
    for i, T in enumerate((293.15, 310.0)):
        for j, power in enumerate((550.0, 1375.0)):
            for k, speed in enumerate((0.8, 1.0)):
                one = case.copy().update({"facility.T_supply": T, "gpu[2].power": power, "pump.speed": speed})
                T_die = one.steady()["gpu[*].T_die"]
                assert np.abs(ds["T"].values[i, j, k] - T_die).max() < 1e-7
                assert ds["hot"].values[i, j, k] == ds["T"].values[i, j, k].max()
                assert ds["all"].values[i, j, k] == pytest.approx(T_die.sum(), rel=1e-12)
    assert (ds.status == "ok").all() and ds.attrs["failed"] == 0
    assert case["facility.T_supply"] == 303.15  # the case itself stays as it was


def test_zips_and_samples_make_one_dimension(case: kv.Case) -> None:
    from scipy import stats

    pairs = kv.zipped({"facility.T_supply": ["20 degC", "30 degC"], "pump.speed": [0.7, 0.9]})
    draws = {
        "gpu[*].power": ("600 W", "1.1 kW"),
        "facility.V_flow": stats.norm(8e-5, 5e-6),
        "hose[*].length": kv.times(0.5, 2),
    }
    for method in ("sobol", "lhs", "halton", "random"):
        ds = kv.sweep(case, [pairs, kv.samples(16, draws, method=method, seed=3)], record="gpu[*].T_die")
        assert ds["gpu.T_die"].dims == ("point", "sample", "gpu") and ds["gpu.T_die"].shape == (2, 16, 3)
        power = ds["gpu_power"].values
        assert 600.0 <= power.min() < 750.0 and 950.0 < power.max() <= 1100.0
        assert (ds["hose_length"].values >= 0.5).all() and ds["hose_length"].attrs["units"] == "1"
        again = kv.sweep(case, [pairs, kv.samples(16, draws, method=method, seed=3)], record="gpu[*].T_die")
        assert same_bits(ds, again)
        i, k = 1, 5
        one = case.copy().update({p: float(ds[identifier(p)].values[i]) for p in ("facility.T_supply", "pump.speed")})
        one.update({p: float(ds[identifier(p)].values[k]) for p in ("gpu[*].power", "facility.V_flow")})
        one["hose[*].length"] = 1.5 * float(ds["hose_length"].values[k])
        assert np.abs(one.steady()["gpu[*].T_die"] - ds["gpu.T_die"].values[i, k]).max() < 1e-7
    assert not same_bits(
        ds, kv.sweep(case, [pairs, kv.samples(16, draws, method=method, seed=4)], record="gpu[*].T_die")
    )


def test_structures_are_compiled_and_what_they_lack_is_absent(case: kv.Case, starter_text: str) -> None:
    wider = starter_text.replace("count: 3", "count: 4").replace("[1..3]", "[1..4]")
    cases = kv.variants({"three": case, "four": kv.read(wider)})
    ds = kv.sweep(case, {"rack": cases, "gpu[4].power": [500.0, 900.0]}, record=["gpu[*].T_die"])
    assert ds["rack"].values.tolist() == ["three", "four"]
    assert ds.status.values.tolist() == [["absent", "absent"], ["ok", "ok"]]
    assert "gpu[4].power" in str(ds.reason.values[0, 0])
    four = kv.read(wider)
    four["gpu[4].power"] = 900.0
    assert np.abs(ds["gpu.T_die"].values[1, 1] - four.steady()["gpu[*].T_die"]).max() < 1e-7
    ds = kv.sweep(case, {"rack": cases}, record=["gpu[*].T_die", "gpu[4].T_case"])
    assert np.isnan(ds["gpu.T_die"].values[0]).tolist() == [False, False, False, True]
    assert ds.status.values.tolist() == ["ok", "ok"] and "gpu[4].T_case" in str(ds.reason.values[0])


def test_a_path_into_the_text_is_a_structural_axis(case: kv.Case, starter_text: str) -> None:
    case["gpu[*].power"] = 700.0  # what was set is kept in every structure
    ds = kv.sweep(case, {"vessel.medium": ["water", "melinder_eg25", "no such coolant"]}, record="gpu[*].T_die")
    assert ds.status.values.tolist() == ["ok", "ok", "refused"]
    assert "no such coolant" in str(ds.reason.values[2]) and np.isnan(ds["gpu.T_die"].values[2]).all()
    for k, medium in enumerate(("water", "melinder_eg25")):
        one = kv.read(starter_text.replace("medium: dowfrost_lc25", f"medium: {medium}"))
        one["gpu[*].power"] = 700.0
        assert np.abs(one.steady()["gpu[*].T_die"] - ds["gpu.T_die"].values[k]).max() < 1e-7


def test_a_plain_path_is_recorded_as_one_number_under_its_own_name(case: kv.Case) -> None:
    record = {"all": "gpu[*].T_die", "second": "gpu[2].T_die"}
    ds = kv.sweep(case, {"pump.speed": [0.8, 1.0]}, record=record)
    assert ds["second"].dims == ("pump_speed",) and np.array_equal(ds["second"], ds["all"].sel(gpu=2))
    ds = kv.sweep(case, {"pump.speed": [0.8]}, record=["gpu[*].T_die", "gpu[2].T_die"])
    assert ds["gpu[2].T_die"].shape == (1,) and float(ds["gpu[2].T_die"][0]) == float(ds["gpu.T_die"][0, 1])
    run = kv.sweep(case, {"pump.speed": [0.8]}, record=["gpu[2].T_die"], simulate={"duration": 2.0, "every": 1.0})
    assert run["gpu[2].T_die_max"].dims == ("pump_speed", "time")


def test_a_failed_point_is_a_row_with_its_cause(case: kv.Case) -> None:
    ds = kv.sweep(case, {"pump.speed": [-1.0, 1.0]}, record="gpu[*].T_die")
    assert ds.status.values.tolist() == ["refused", "ok"] and ds.attrs["failed"] == 1
    assert "pump.speed = -1" in str(ds.reason.values[0]) and np.isnan(ds["gpu.T_die"].values[0]).all()
    ds = kv.sweep(case, {"facility.V_flow": ["0 L/min", "5 L/min"]}, record="gpu[*].T_die")
    assert ds.status.values.tolist() == ["no_steady_state", "ok"] and "gpu[1]: T_die" in str(ds.reason.values[0])
    ds = kv.sweep(case, {"gpu[2].leakage_nominal": ["10 W", "5 kW"]}, record="gpu[*].T_die")
    assert ds.status.values.tolist() == ["ok", "thermal_runaway"] and "gpu[2]" in str(ds.reason.values[1])


def test_runs_in_time_fill_a_dimension(case: kv.Case) -> None:
    axes = {"gpu[*].power": [600.0, 1000.0]}
    record = ["gpu[*].T_die", "max(gpu[*].T_die)"]
    ds = kv.sweep(case, axes, record=record, simulate={"duration": "40 s", "every": "2 s"}, limits=True)
    assert ds["gpu.T_die"].dims == ("gpu_power", "time", "gpu") and ds["seconds"].values[-1] == 40.0
    one = case.copy()
    one["gpu[*].power"] = 1000.0
    run = one.simulate("40 s", every="2 s", progress=False)
    for kind in ("", "_mean", "_min", "_max"):
        assert np.array_equal(ds["gpu.T_die" + kind].values[1], run.to_xarray()["gpu.T_die" + kind].values)
    assert np.array_equal(ds["max(gpu[*].T_die)_max"].values, ds["gpu.T_die_max"].values.max(axis=2))
    worst = run.check().iloc[0]
    assert str(ds.limit.values[1]) == worst["id"] and float(ds.limit_margin.values[1]) == worst["margin"]


def test_wrong_questions_are_refused_before_anything_is_solved(case: kv.Case, tmp_path: Path) -> None:
    with pytest.raises(kv.InputError, match="spead"):
        kv.sweep(case, {"pump.spead": [1.0]})
    with pytest.raises(kv.InputError, match="gpu.*T_dye"):
        kv.sweep(case, {"pump.speed": [1.0]}, record=["gpu[*].T_dye"])
    with pytest.raises(kv.InputError, match="one length"):
        kv.sweep(case, kv.zipped({"pump.speed": [1.0], "facility.T_supply": [300.0, 310.0]}))
    with pytest.raises(kv.InputError, match="given twice"):
        kv.sweep(case, [{"pump.speed": [1.0]}, {"pump.speed": [0.9]}])
    with pytest.raises(kv.InputError, match="K"):
        kv.sweep(case, {"facility.T_supply": ["3 bar"]})
    with pytest.raises(kv.InputError, match="recorded twice"):
        kv.sweep(case, {"pump.speed": [1.0]}, record=["gpu[*].T_die", "gpu[*].T_die"])
    for wrong in (
        {"chunk": 0},
        {"chunk": "many"},
        {"threads": -1},
        {"executor": "dask"},
        {"limits": "no"},
        {"record": 5},
    ):
        with pytest.raises(kv.InputError, match=next(iter(wrong))):
            kv.sweep(case, {"pump.speed": [1.0]}, **wrong)
    for wrong in ({"n": 0}, {"n": 1.5}, {"seed": "a"}, {"method": "grid"}):
        with pytest.raises(kv.InputError, match=next(iter(wrong))):
            kv.samples(**{"n": 4, "axes": {"pump.speed": (0.9, 1.0)}} | wrong)
    with pytest.raises(kv.InputError, match="kv.samples"):
        kv.sweep(case, {"pump.speed": stats.norm(0.9, 0.01)})
    out = tmp_path / "a.h5"
    first = kv.sweep(case, {"pump.speed": [0.9, 1.0]}, record="gpu[*].T_die", output=out)
    calls: list[int] = []
    again = kv.sweep(
        case,
        {"pump.speed": [0.9, 1.0]},
        record="gpu[*].T_die",
        output=out,
        progress=lambda done, total: calls.append(done),
    )
    assert same_bits(first, again) and not calls  # what is there is read, not solved
    with pytest.raises(kv.InputError, match="overwrite"):
        kv.sweep(case, {"pump.speed": [0.8, 1.0]}, record="gpu[*].T_die", output=out)
    with kv.open(out) as opened:
        assert opened.attrs["status"] == "complete" and opened.attrs["points"] == 2


@pytest.fixture(scope="module")
def uninterrupted():
    return answer(None, 1)


@pytest.mark.parametrize("threads", [1, 2])
def test_killed_ten_times_and_resumed_the_bits_are_the_same(uninterrupted, tmp_path: Path, threads: int) -> None:
    out = tmp_path / "out.h5"
    command = [sys.executable, str(HERE / "sweep_killed.py"), str(out), str(threads), str(20 + threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    left = int(done.stdout.split()[-1])
    assert left == -1 or left > 0, "every kill came before the first part: nothing was tested"
    assert not (tmp_path / "out.h5.parts").exists()
    with kv.open(out) as resumed:
        assert same_bits(uninterrupted, resumed.load())
    assert set(np.unique(uninterrupted.status.values)) == {"ok", "refused"}


def test_resuming_solves_no_point_twice(case: kv.Case, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["kelvolt.sweeps.sweep"], "_FLUSH", 0.0)
    out = tmp_path / "out.h5"
    solved: list[int] = []
    engine = sys.modules["kelvolt.sweeps.solve"].Engine
    honest = engine.solve

    def counting(self, table):
        if sum(solved) >= 100:
            raise KeyboardInterrupt
        chunk = honest(self, table)
        solved.append(len(table))
        return chunk

    question = {
        "axes": {"gpu[*].power": np.linspace(500, 1100, 300)},
        "record": "gpu[*].T_die",
        "chunk": 10,
        "threads": 1,
    }
    monkeypatch.setattr(engine, "solve", counting)
    with pytest.raises(KeyboardInterrupt):
        kv.sweep(case, output=out, **question)
    kept = sum(solved)
    assert kept == 100 and not out.exists()
    monkeypatch.setattr(engine, "solve", lambda self, table: solved.append(len(table)) or honest(self, table))
    ds = kv.sweep(case, output=out, **question)
    assert sum(solved) == 300
    monkeypatch.setattr(engine, "solve", honest)
    assert same_bits(ds, kv.sweep(case, **question))
    (tmp_path / "out.h5").unlink()


def test_another_sweeps_parts_are_never_mixed_in(case: kv.Case, tmp_path: Path) -> None:
    parts = tmp_path / "out.h5.parts"
    parts.mkdir()
    (parts / "plan.json").write_text(json.dumps({"fingerprint": "another"}))
    with pytest.raises(kv.InputError, match="another sweep"):
        kv.sweep(case, {"pump.speed": [1.0]}, output=tmp_path / "out.h5")


def test_any_executor_gives_the_same_bits(case: kv.Case) -> None:
    case["hose[*].length"] = 2.0
    question = {"axes": {"gpu[*].power": np.linspace(500, 1100, 200), "vessel.medium": ["water", "dowfrost_lc25"]}}
    here = kv.sweep(case, record=["gpu[*].T_die"], **question)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert same_bits(here, kv.sweep(case, record=["gpu[*].T_die"], executor=pool, **question))
        assert pool.submit(int, 1).result() == 1  # the caller's pool is still his


@pytest.fixture
def dask_cluster(tmp_path: Path):
    """A scheduler and two workers, processes of their own on the loopback."""
    distributed = pytest.importorskip("distributed")
    address = tmp_path / "scheduler.json"
    flags = ["--scheduler-file", str(address)]
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler", *flags, "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", *flags, "--host", "127.0.0.1", "--nthreads", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    processes = [subprocess.Popen([*run, "--no-dashboard"], **quiet)]
    processes += [subprocess.Popen([*worker, "--no-nanny", "--no-dashboard"], **quiet) for _ in range(2)]
    try:
        for _ in range(300):
            if address.exists():
                break
            time.sleep(0.1)
        with distributed.Client(scheduler_file=str(address), timeout="60s") as client:
            client.wait_for_workers(2, timeout=60)
            yield client, processes[1:]
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def test_on_dask_a_killed_worker_loses_nothing(dask_cluster) -> None:
    client, workers = dask_cluster
    case = kv.load(RACK)
    spread = {"facility.T_supply": ("30 degC", "40 degC"), "tray[*].gpu[*].power": kv.times(0.8, 1.2)}
    question = {
        "axes": kv.samples(512, spread),
        "record": ["max(tray[*].gpu[*].T_die)", "cdu.pump[*].V_flow"],
        "chunk": 16,
    }
    here = kv.sweep(case, threads=2, progress=False, **question)
    seen: list[int] = []

    def kill_one(done: int, total: int) -> None:
        seen.append(done)
        if done >= 64 and workers[0].poll() is None:
            workers[0].kill()

    there = kv.sweep(case, executor=client.get_executor(pure=False), progress=kill_one, **question)
    assert workers[0].poll() is not None and seen[-1] == 512
    assert len(client.scheduler_info()["workers"]) == 1
    assert same_bits(here, there)


def test_a_thousand_racks(tmp_path: Path) -> None:
    case = kv.load(RACK)
    spread = {
        "facility.T_supply": ("28 degC", "44 degC"),
        "cdu.exchanger.Q_nominal": kv.times(0.8, 1.2),
        "cdu.flow": kv.times(0.8, 1.2),
        "tray[*].gpu[*].power": kv.times(0.8, 1.2),
        "tray[*].qd_*.Cv": kv.times(0.8, 1.2),
    }
    ds = kv.sweep(case, kv.samples(1000, spread, seed=1), record=["tray[*].gpu[*].T_die"], output=tmp_path / "racks.h5")
    assert ds["tray.gpu.T_die"].shape == (1000, 18, 4)
    failed = ds.status.values != "ok"
    assert all(str(r) for r in ds.reason.values[failed])
    for k in (0, 421, 999):  # against solutions from cold
        one = case.copy()
        one["facility.T_supply"] = float(ds["facility_T_supply"].values[k])
        for path in list(spread)[1:4]:
            one[path] = np.asarray(case[path]) * float(ds[identifier(path)].values[k])
        for path in ("tray[*].qd_in.Cv", "tray[*].qd_out.Cv"):
            one[path] = np.asarray(case[path]) * float(ds["tray_qd__Cv"].values[k])
        assert np.abs(one.steady()["tray[*].gpu[*].T_die"] - ds["tray.gpu.T_die"].values[k]).max() < 1e-6


def test_the_sweep_of_the_readme_runs_as_printed(tmp_path: Path, monkeypatch) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Thousands of variants")[1]
    code = section.split("```python")[1].split("```")[0].replace('"data/cases', f'"{CASES.as_posix()}')
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    exec(compile(code, "README.md", "exec"), scope)
    assert scope["ds"].attrs["failed"] == 0 and scope["ds"]["hottest"].shape == (256,)
    assert (tmp_path / "variants.h5").exists()


def test_bench_times_sweeps_and_the_loop_of_the_peer() -> None:
    from bench import sweep as bench_sweep

    numbers = bench_sweep.sweep_numbers(kv.load(CASES / "single_loop.yaml"), points=200)
    assert numbers["sweep_per_s_core"] > 0.0 and numbers["sweep_parallel_efficiency"] > 0.0
    case = kv.read(bench_sweep.loop(10))
    flows = np.asarray(case.steady()["tray[*].V_flow"])
    assert flows.shape == (10,) and (np.diff(flows) < 0.0).all()  # the further from the source, the less


@pytest.mark.parametrize(
    "axes",
    [
        {"pump.speed": (0.8, 1.0)},
        {"pump.speed": (0.8, 0.9, 1.0)},
        {"gpu[*].power": kv.times((0.8, 1.0))},
        kv.zipped({"pump.speed": (0.8, 1.0), "facility.T_supply": ["20 degC", "30 degC"]}),
        {"vessel.medium": ("water", "dowfrost_lc25")},
    ],
)
def test_a_tuple_is_no_list_of_points(axes, case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match=r"a tuple is a range.*list \[.*kv\.samples\(n, "):
        kv.sweep(case, axes)


def test_a_list_is_no_range(case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match=r"the tuple \(low, high\).*a list is points"):
        kv.sweep(case, kv.samples(4, {"pump.speed": [0.8, 1.0]}))


def test_variants_stand_alone_in_a_list_and_under_a_name(case: kv.Case) -> None:
    other = case.copy().update({"pump.speed": 0.8})
    hot = {k: float(c.steady()["gpu[*].T_die"].max()) for k, c in (("a", case), ("b", other))}
    cases = kv.variants({"a": case, "b": other})
    question = {"record": {"hot": "max(gpu[*].T_die)"}}
    asked = [(cases, "variant"), ([cases], "variant"), ({"built": cases}, "built"), ([{"built": cases}], "built")]
    for axes, dim in asked:
        ds = kv.sweep(case, axes, **question)
        assert ds["hot"].dims == (dim,) and ds[dim].values.tolist() == ["a", "b"]
        assert ds["hot"].values == pytest.approx(list(hot.values()), abs=1e-6)
    grid = kv.sweep(case, {"built": cases, "facility.T_supply": ["20 degC", "25 degC"]}, **question)
    assert grid["hot"].shape == (2, 2) and (grid["status"] == "ok").all()


@pytest.mark.parametrize("wrong", ["a.yaml", {"pump.speed": 0.5}, None, 3.0])
def test_what_is_no_case_is_no_variant(wrong, case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match="'b' is of type.*no case"):
        kv.variants({"a": case, "b": wrong})
    with pytest.raises(kv.InputError, match="mapping"):
        kv.variants([case])
    with pytest.raises(kv.InputError, match="both variants"):
        kv.sweep(case, {"x": kv.variants({"a": case}), "y": kv.variants({"b": case})})
    for item in (case, kv.variants({"a": case}), object(), float("nan")):
        with pytest.raises(kv.InputError, match="vessel.medium"):
            kv.sweep(case, {"vessel.medium": ["water", item]})


@pytest.mark.parametrize("wrong", [True, float("nan"), float("inf"), [1.0], None, {}])
def test_a_value_that_is_no_number_is_refused(wrong, case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match=r"pump\.speed"):
        kv.sweep(case, {"pump.speed": [0.9, wrong]})


HELD_BY_NO_RESULT = ["a/b", ".", "..", "", "a\0b", "\ud800", "_nc4_non_coord_x", 5]


@pytest.mark.parametrize("name", HELD_BY_NO_RESULT)
def test_a_name_that_the_result_cannot_hold_is_refused_before_solving(name, case: kv.Case, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["kelvolt.sweeps.solve"].Engine, "solve", lambda *a: pytest.fail("it was solved"))
    pairs = {"pump.speed": [0.9, 1.0]}
    asked = [
        kv.zipped(pairs, name=name),
        {name: kv.zipped(pairs)},
        {name: kv.variants({"a": case})},
        {name: [1.0]},
    ]
    asked += [] if name == 5 else [kv.samples(2, {"pump.speed": (0.9, 1.0)}, name=name)]  # which takes it as a word
    for axes in asked:
        with pytest.raises(kv.InputError, match="word|cannot be read"):
            kv.sweep(case, axes, record="gpu[*].T_die")
    if name:  # an empty name is none: the array is called as its pattern is
        with pytest.raises(kv.InputError, match="cannot be a word of the result|names to patterns"):
            kv.sweep(case, pairs, record={name: "gpu[*].T_die"})


@pytest.mark.parametrize(
    ("axes", "record", "simulate"),
    [
        ({"pump.speed": [1.0]}, {"status": "gpu[1].T_die"}, False),
        ({"pump.speed": [1.0]}, {"limit_margin": "gpu[1].T_die"}, False),
        ({"pump.speed": [1.0]}, {"limits_broken": "gpu[1].T_die"}, False),
        (kv.zipped({"pump.speed": [1.0]}, name="limit"), {"T": "gpu[1].T_die"}, False),
        (kv.samples(2, {"pump.speed": (0.9, 1.0)}, name="status"), {"T": "gpu[1].T_die"}, False),
        (kv.zipped({"pump.speed": [1.0]}, name="gpu"), {"T": "gpu[*].T_die"}, False),
        ({"pump.speed": [1.0]}, {"gpu": "gpu[*].T_die"}, False),
        ({"pump.speed": [1.0]}, {"pump_speed": "gpu[1].T_die"}, False),
        ({"pump.speed": [1.0]}, {"T": "gpu[1].T_die", "T_mean": "gpu[1].T_case"}, {"duration": 2.0, "every": 1.0}),
    ],
)
def test_two_things_of_a_result_have_two_names(axes, record, simulate, case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match="would be two things in the result"):
        kv.sweep(case, axes, record=record, simulate=simulate, limits=True)


@pytest.mark.parametrize("values", [range(10**8), kv.times(range(10**8)), iter(range(10**8))])
def test_values_without_end_are_counted_before_they_are_listed(values, case: kv.Case) -> None:
    with pytest.raises(kv.InputError, match=r"pump\.speed: has more than 1e\+07 values"):
        kv.sweep(case, {"pump.speed": values})
    if isinstance(values, range):
        with pytest.raises(kv.InputError, match="more than"):
            kv.sweep(case, {"vessel.medium": values})
        with pytest.raises(kv.InputError, match="more than"):
            kv.size(case, None, {"pump.speed": values})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpu[1].power", "gpu[*].power"),
        ("pump.speed", "pum*.speed"),
        ("pump.speed", "components.pump.speed"),
        ("gpu[2].power", "components.gpu.power"),
        ("vessel.medium", "components.vessel.medium"),
        ("gpu.count", "components.gpu.count"),
    ],
)
def test_one_parameter_is_varied_by_one_path_of_a_sweep(one, other, case: kv.Case) -> None:
    words = "medium" in one
    a, b = (["water"], ["dowfrost_lc25"]) if words else ([2], [3])
    asked = [{one: a, other: b}, {other: b, one: a}, [kv.zipped({one: a}), {other: b}], kv.zipped({one: a, other: b})]
    if not words and "components" not in other:
        asked += [{one: kv.times(0.9, 1.0), other: b}, [{one: a}, kv.samples(2, {other: (1.0, 2.0)})]]
    for axes in asked:
        with pytest.raises(kv.InputError, match="both vary") as refused:
            kv.sweep(case, axes, record="pump.speed")
        assert f"'{one}'" in refused.value.message and f"'{other}'" in refused.value.message


def test_a_case_built_in_code_is_swept_over_its_numbers():
    net = kv.Network()
    wall, room = net.add("conductance", "wall", G=2.0), net.add("ambient", "room", T=300.0)
    hot = net.add("ambient", "hot", T=320.0)
    net.connect(hot["port"], wall["a"])
    net.connect(wall["b"], room["port"])
    done = kv.sweep(net.build(), {"wall.G": [1.0, 2.0]}, record=["room.Q_flow"])
    assert np.abs(done["room.Q_flow"].values) == pytest.approx([20.0, 40.0])
