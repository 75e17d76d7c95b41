"""A run killed at any moment leaves a result that opens, with every finished part."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
import warnings
from pathlib import Path

import h5netcdf
import h5py
import numpy as np
import pytest
from kelvolt.base.errors import FileError
from kelvolt.cases import results

ROOT = Path(__file__).resolve().parents[3]
COLUMNS = 13  # 3 trays of 4 GPUs and one pump, as tests/tools/write_forever.cpp writes them
ROWS_PER_PART = 16


@pytest.fixture(scope="session")
def writer() -> Path:
    build = Path(os.environ.get("KELVOLT_BUILD_DIR", "build/release"))
    executable = (build if build.is_absolute() else ROOT / build) / "kelvolt_write_forever"
    assert executable.is_file(), f"{executable} is missing; build it, or set KELVOLT_BUILD_DIR"
    return executable


def start(writer: Path, target: Path, delay_us: int = 200, rows: int | None = None) -> subprocess.Popen:
    limit = [] if rows is None else [str(rows)]
    run = subprocess.Popen([writer, target, str(ROWS_PER_PART), str(delay_us), *limit])
    first = Path(f"{target}.parts") / "part-000000.h5"
    while not first.exists() and not target.exists() and run.poll() is None:
        time.sleep(0.0005)
    return run


def finished(writer: Path, target: Path, rows: int) -> Path:
    subprocess.run([writer, target, str(ROWS_PER_PART), "0", str(rows)], check=True)
    return target


def wait_for(run: subprocess.Popen, target: Path, parts: int) -> None:
    """Until so many parts are there, however slow the machine, or the run is over."""
    folder, before = Path(f"{target}.parts"), written(target)
    while len(part_names(folder)) < parts and written(target) == before and run.poll() is None:
        time.sleep(0.0005)


def written(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


def killed(writer: Path, target: Path, parts: int) -> Path:
    run = start(writer, target)
    wait_for(run, target, parts)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    return Path(f"{target}.parts")


def part_names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.glob("part-*.h5"))


def check_values(dataset, rows: int) -> None:
    expected_time = 0.5 * np.arange(rows)
    np.testing.assert_array_equal(dataset["seconds"].values, expected_time)
    die = dataset["rack.tray.gpu.T_die"]
    assert die.dims == ("time", "tray", "gpu") and die.attrs["units"] == "K"
    flow = dataset["rack.pump.m_flow"].values[:, None]
    values = np.concatenate([die.values.reshape(rows, COLUMNS - 1), flow], axis=1)
    np.testing.assert_array_equal(values, 2000.0 * expected_time[:, None] + np.arange(COLUMNS))
    events = dataset["event_text"].values.tolist()
    # the event of a row is recorded just before it, so it may be one part early but never lost
    assert events[: (rows + 9) // 10] == [f"row {10 * i}" for i in range((rows + 9) // 10)]
    np.testing.assert_array_equal(dataset["event_time"].values, 5.0 * np.arange(len(events)))


def test_a_run_killed_at_100_random_moments_opens_with_every_finished_part(writer, tmp_path):
    moments = random.Random(20)
    most_parts = assembled = 0
    for i in range(100):
        target = tmp_path / f"run{i}.h5"
        # every fourth run comes to its end about when it is killed, so that assembling is hit as well; half of these
        # have assembled
        rows = moments.randint(60, 160) if i % 4 == 3 else None
        run = start(writer, target, rows=rows)
        if rows is None:
            wait_for(run, target, moments.randint(1, 9))
            time.sleep(moments.uniform(0.0, 0.010))
        else:
            wait_for(run, target, 1000 if i % 8 == 7 else -(-rows // ROWS_PER_PART))
        run.kill()
        run.wait()
        folder = Path(f"{target}.parts")
        names = part_names(folder)
        if target.exists():
            assembled += 1
            with results.open(target) as dataset:
                assert dataset.attrs["status"] == "complete"
                check_values(dataset, dataset.sizes["time"])
        else:
            with pytest.warns(results.IncompleteRun, match=f"{len(names)} parts"), results.open(target) as dataset:
                assert dataset.attrs["status"] == "incomplete"
                assert dataset.attrs["parts"] == len(names)
                assert names == [f"part-{n:06}.h5" for n in range(len(names))]
                rows = dataset.sizes["time"]
                complete = ROWS_PER_PART * (len(names) - 1)
                # only a run that came to its end may hold a shorter last part
                assert rows == complete if i % 4 != 3 else complete - ROWS_PER_PART < rows <= complete
                check_values(dataset, rows)
        most_parts = max(most_parts, len(names))
        shutil.rmtree(folder, ignore_errors=True)
    assert most_parts > 5 and 0 < assembled < 50


def test_a_finished_run_is_one_file_with_its_labels_units_and_attributes(writer, tmp_path):
    target = finished(writer, tmp_path / "run.h5", rows=1000)
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]
    with warnings.catch_warnings(), results.open(target) as dataset:
        warnings.simplefilter("error")
        check_values(dataset, 1000)
        assert dataset["tray"].values.tolist() == ["tray01", "tray02", "tray03"]
        assert dataset["rack.tray.volume"].values.tolist() == [0.25, 0.5, 0.75]
        assert dataset.attrs == {"title": "rows until killed", "status": "complete"}


def test_a_running_run_can_be_opened_at_any_time_until_it_is_one_file(writer, tmp_path):
    run = start(writer, tmp_path / "run.h5", rows=600)
    seen = set()
    while run.poll() is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", results.IncompleteRun)
            with results.open(tmp_path / "run.h5") as dataset:
                check_values(dataset, dataset.sizes["time"])
                seen.add(dataset.attrs["status"])
    assert run.returncode == 0 and "incomplete" in seen
    with results.open(tmp_path / "run.h5") as dataset:
        check_values(dataset, 600)


def test_every_part_alone_is_netcdf4(writer, tmp_path):
    folder = killed(writer, tmp_path / "run.h5", 6)
    for name in part_names(folder):
        with h5netcdf.File(folder / name, "r") as file:
            assert file["rack.tray.gpu.T_die"].dimensions == ("time", "tray", "gpu")
            assert not file.dimensions["time"].isunlimited()  # else h5netcdf takes a minute to open a rack
            assert file.attrs["status"] == "incomplete"


@pytest.mark.skipif(shutil.which("ncdump") is None, reason="ncdump of netCDF is not installed")
def test_netcdfs_own_tool_reads_a_file_and_a_part(writer, tmp_path):
    target = finished(writer, tmp_path / "run.h5", rows=20)
    part = killed(writer, tmp_path / "dead.h5", 2) / "part-000000.h5"
    for file in (target, part):
        header = subprocess.run(["ncdump", "-h", file], check=True, capture_output=True, text=True).stdout
        assert "double rack.tray.gpu.T_die(time, tray, gpu) ;" in header
        assert "string tray(tray) ;" in header and "double time(time) ;" in header


def test_parts_of_a_later_dead_run_are_opened_before_the_older_file(writer, tmp_path):
    target = finished(writer, tmp_path / "run.h5", rows=5)
    folder = killed(writer, target, 3)
    with pytest.warns(results.IncompleteRun, match="run.h5 is the result of an earlier run"):
        assert results.open(target).sizes["time"] == ROWS_PER_PART * (len(part_names(folder)) - 1)
    with pytest.warns(results.IncompleteRun, match="rows, up to"):
        assert results.open(folder).attrs["status"] == "incomplete"
    shutil.rmtree(folder)
    with results.open(target) as dataset:
        assert dataset.sizes["time"] == 5 and dataset.attrs["status"] == "complete"


def test_a_spoilt_part_is_named_and_the_others_are_read(writer, tmp_path):
    folder = killed(writer, tmp_path / "run.h5", 6)
    count = len(part_names(folder))
    assert count > 4
    (folder / "part-000002.h5").write_bytes(b"spoilt")
    (folder / ".part-999999.h5.writing").write_bytes(b"half written")
    with pytest.warns(results.IncompleteRun, match=f"part-000002.h5 .*; {ROWS_PER_PART} rows are missing"):
        dataset = results.open(tmp_path / "run.h5")
    assert dataset.sizes["time"] == ROWS_PER_PART * (count - 2)
    for name in part_names(folder):
        (folder / name).write_bytes(b"spoilt")
    with pytest.raises(FileError, match="none of its"):
        results.open(tmp_path / "run.h5")


def test_an_interrupted_file_says_so(writer, tmp_path):
    target = finished(writer, tmp_path / "run.h5", rows=5)
    with h5py.File(target, "a") as file:
        file.attrs["status"] = "interrupted"
    with pytest.warns(results.IncompleteRun, match="interrupted"):
        results.open(target).close()


def test_what_is_not_there_or_no_result_is_an_error_that_names_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.h5"):
        results.open(tmp_path / "absent.h5")
    with pytest.raises(FileNotFoundError, match="no finished part"):
        results.open(tmp_path)
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(FileError, match="text.h5: is no result of Kelvolt"):
        results.open(tmp_path / "text.h5")


def test_xarray_opens_a_file_that_is_open_here_and_wrong_units_are_refused(tmp_path):
    import kelvolt as kv
    import xarray

    file = tmp_path / "one.h5"
    kv.load("single_loop").steady().write(file)
    with kv.open(file) as mine, xarray.open_dataset(file, engine="h5netcdf") as other:
        assert set(mine.data_vars) & set(other.data_vars)
    with pytest.raises(kv.InputError, match="units is 'si'"):
        kv.open(file, units={"T": "degC"})
