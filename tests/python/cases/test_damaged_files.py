"""Damaged, cut, foreign and hostile result files: FileError that names the file, or everything that is whole."""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import h5py
import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.seal import check_seal, put_seal, sealed

ROOM = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\nrun: {duration: 20 s}\nrecord: {also: [room.T]}\n"


@pytest.fixture(scope="session")
def result(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("result") / "r.h5"
    kv.read(ROOM).simulate(output=file, progress=False)
    return file


def damages(data: bytes, seed: int, count: int):
    """The bytes with one to three of them changed, or cut, or doubled, at positions all over."""
    draw = random.Random(seed)
    for k in range(count):
        at = k * len(data) // count
        kind = k % 4
        if kind < 2:
            spoilt = bytearray(data)
            for place in (at, draw.randrange(len(data)), draw.randrange(len(data)))[: 1 + kind * 2]:
                spoilt[place] ^= 1 << draw.randrange(8)
            yield bytes(spoilt)
        elif kind == 2:
            yield data[:at]
        else:
            yield data[:at] + data[max(at - 64, 0) :]


def equal(a, b) -> bool:
    return set(a.variables) == set(b.variables) and all(
        np.array_equal(a[name].values, b[name].values, equal_nan=a[name].dtype.kind == "f") for name in b.variables
    )


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_damaged_result_is_whole_or_refused_by_name(result, tmp_path, is_sealed):
    data, file = result.read_bytes(), tmp_path / "d.h5"
    with kv.open(result) as dataset:
        good = dataset.load()
    refused = 0
    for spoilt in damages(data if is_sealed else data[:-16], 1, 300):
        file.write_bytes(spoilt)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a changed status is told as one
                with kv.open(file) as dataset:
                    dataset.load()
                    assert not is_sealed or equal(dataset, good)
        except kv.FileError as error:
            refused += 1
            assert "d.h5" in str(error)
    assert refused > (250 if is_sealed else 80)


def test_a_damaged_result_makes_no_report_but_an_error(result, tmp_path):
    from kelvolt.reports.answer import of_result

    for key, value in (("changes", "{"), ("changes", "[1]"), ("changes", '{"room.T": {}}'), ("tolerance", "wide")):
        file = tmp_path / "r.h5"
        shutil.copy(result, file)
        with h5py.File(file, "a") as h5:
            h5.attrs[key] = value
        with pytest.raises(kv.FileError, match="r.h5"):
            of_result(str(file))


def test_the_seal_is_that_of_the_core_and_its_lack_is_no_fault(result, tmp_path):
    data, file = result.read_bytes(), tmp_path / "r.h5"
    assert sealed(data[:-16]) == data
    file.write_bytes(data[:-16])
    put_seal(file)
    assert file.read_bytes() == data
    check_seal(file)
    with h5py.File(file, "a") as h5:
        h5.attrs["note"] = "changed by another programme"
    with kv.open(file) as dataset:
        assert dataset.attrs["note"].startswith("changed")


# ---- what reads another file ----


def secret_file(folder: Path) -> Path:
    secret = folder / "secret.h5"
    with h5py.File(secret, "w") as h5:
        h5["x"] = np.arange(4.0)
    (folder / "secret.bin").write_bytes(np.arange(4.0).tobytes())
    return secret


def hostile(file: Path, kind: str, secret: Path) -> None:
    with h5py.File(file, "a") as h5:
        if kind == "external link":
            h5["x"] = h5py.ExternalLink(str(secret), "/x")
        elif kind == "soft link":
            h5["x"] = h5py.SoftLink("/time")
        elif kind == "external storage":
            h5.create_dataset("x", (4,), "f8", external=[(str(secret.with_suffix(".bin")), 0, 32)])
        elif kind == "virtual dataset":
            layout = h5py.VirtualLayout((4,), "f8")
            layout[:] = h5py.VirtualSource(str(secret), "x", (4,))
            h5.create_virtual_dataset("x", layout)
        else:
            h5.create_dataset("x", (1 << 40,), "f8", chunks=(1 << 20,))


HOSTILE = ["external link", "soft link", "external storage", "virtual dataset", "endless data"]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_result_that_reads_another_file_is_refused(result, tmp_path, kind):
    file = tmp_path / "r.h5"
    shutil.copy(result, file)
    hostile(file, kind, secret_file(tmp_path))
    with pytest.raises(kv.FileError, match="'x'"):
        kv.open(file)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_sweep_result_that_reads_another_file_is_refused(tmp_path, kind):
    file = tmp_path / "s.h5"
    kv.sweep(kv.read(ROOM), {"room.T": [290, 300]}, output=file, progress=False)
    hostile(file, kind, secret_file(tmp_path))
    with pytest.raises(kv.FileError, match="'x'"):
        kv.sweep(kv.read(ROOM), {"room.T": [290, 300]}, output=file, progress=False)


def test_what_is_no_regular_file_is_no_result(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    with pytest.raises(kv.FileError, match="no regular file"):
        kv.open(tmp_path / "pipe.h5")


# ---- parts of a killed run ----


@pytest.fixture(scope="session")
def killed(tmp_path_factory) -> Path:
    """The parts of a run that was killed: made by the writer of result files, left without its end."""
    folder = tmp_path_factory.mktemp("killed")
    parts = folder / "r.h5.parts"
    code = (
        "import sys, kelvolt as kv\n"
        "kv.read(sys.argv[1]).simulate('1000 h', every='1 s', output=sys.argv[2], progress=False)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code, ROOM, str(folder / "r.h5")])
    while not (parts / "part-000005.h5").exists() and run.poll() is None:
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert len(list(parts.glob("part-*.h5"))) >= 4
    for late in sorted(parts.glob("part-*.h5"))[6:]:
        late.unlink()
    return parts


def joined(folder: Path, told: str):
    with pytest.warns(kv.IncompleteRun, match=told):
        return kv.open(folder)


def test_one_damaged_part_at_any_place_costs_only_itself(killed, tmp_path):
    names = sorted(p.name for p in killed.glob("part-*.h5"))
    good = joined(killed, "parts with")
    rows = good.sizes["time"]
    folder = tmp_path / "r.h5.parts"
    shutil.copytree(killed, folder)
    for number, name in enumerate(names):
        data = (folder / name).read_bytes()
        for spoilt in damages(data, number, 12):
            if spoilt[:-16] == data[:-16]:
                continue  # only the seal is gone
            (folder / name).write_bytes(spoilt)
            if spoilt[-16:-8] == b"KVSEAL01" or len(spoilt) < len(data):
                found = joined(folder, name)
                assert found.attrs["parts"] == len(names) - 1
                assert found.sizes["time"] < rows or number == 0
                assert np.isin(found["seconds"].values, good["seconds"].values).all()
        (folder / name).write_bytes(data)
    assert joined(folder, "parts with").sizes["time"] == rows


@pytest.mark.parametrize("spoil", ["a part swapped", "a part doubled", "of another run", "another shape", "no dataset"])
def test_a_part_that_is_not_what_it_says_is_left_out_and_told(killed, tmp_path, spoil):
    folder = tmp_path / "r.h5.parts"
    shutil.copytree(killed, folder)
    names = sorted(p.name for p in folder.glob("part-*.h5"))
    last = folder / names[-1]
    if spoil == "a part swapped":
        (folder / names[1]).rename(folder / "x")
        (folder / names[2]).rename(folder / names[1])
        (folder / "x").rename(folder / names[2])
    elif spoil == "a part doubled":
        shutil.copy(folder / names[1], folder / f"part-{len(names):06d}.h5")
    else:
        with h5py.File(last, "a") as h5:
            if spoil == "of another run":
                h5.attrs["run"] = "another"
            elif spoil == "another shape":
                del h5["event_time"]
                h5["event_time"] = np.zeros((3, 2))
            else:
                del h5["room.T"]
                h5.create_group("room.T")
    left = 2 if spoil == "a part swapped" else 0 if spoil == "a part doubled" else 1
    found = joined(folder, "cannot be read: part-")
    assert found.attrs["parts"] == len(names) - left
    assert (np.diff(found["seconds"].values) >= 0).all()


def test_a_clock_set_back_does_not_hide_a_later_run(killed, result, tmp_path):
    shutil.copytree(killed, tmp_path / "r.h5.parts")
    shutil.copy(result, tmp_path / "r.h5")
    for moment in (1.0, 4e9):
        for part in (tmp_path / "r.h5.parts").iterdir():
            os.utime(part, (moment, moment))
        assert joined(tmp_path / "r.h5", "earlier run").sizes["time"] > 100


def test_parts_that_a_file_was_made_of_do_not_hide_it(result, tmp_path):
    shutil.copy(result, tmp_path / "r.h5")
    (tmp_path / "r.h5.parts").mkdir()
    part = tmp_path / "r.h5.parts" / "part-000000.h5"
    shutil.copy(result, part)  # the same run by name
    with h5py.File(part, "a") as h5:
        h5.attrs["part"], h5.attrs["first_row"] = [0], [0]
    os.utime(part, (4e9, 4e9))
    with kv.open(tmp_path / "r.h5") as dataset:
        assert dataset.attrs["status"] == "complete"


def test_a_damaged_file_beside_whole_parts_gives_the_parts(killed, tmp_path):
    shutil.copytree(killed, tmp_path / "r.h5.parts")
    (tmp_path / "r.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert joined(tmp_path / "r.h5", "parts with").sizes["time"] > 100


# ---- parts of a sweep ----

AXES = {"room.T": list(range(280, 320))}


def sweep(output: Path, axes=AXES):
    return kv.sweep(kv.read(ROOM), axes, record={"T": "room.T"}, output=output, chunk=4, threads=1, progress=False)


@pytest.fixture
def stopped(tmp_path, monkeypatch) -> Path:
    """A sweep that lost its process before the result was written: ten parts of four points."""
    module = importlib.import_module("kelvolt.sweeps.sweep")  # the package has a function of that name
    monkeypatch.setattr(module, "_FLUSH", -1.0)

    def lost(*_):
        raise OSError("the power went")

    with monkeypatch.context() as at:
        at.setattr(module, "_write_result", lost)
        with pytest.raises(OSError, match="power went"):
            sweep(tmp_path / "s.h5")
    assert len(list((tmp_path / "s.h5.parts").glob("part-*.npz"))) == 10
    return tmp_path / "s.h5"


def again(output: Path, told: str | None):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = sweep(output)
    words = "; ".join(str(w.message) for w in heard)
    assert (told in words) if told else not heard, words
    np.testing.assert_array_equal(found["T"].values, AXES["room.T"])
    assert not output.with_name(output.name + ".parts").exists()


def test_a_stopped_sweep_goes_on_where_it_ended(stopped, monkeypatch):
    solved = []
    from kelvolt.sweeps.solve import Engine

    solve = Engine.solve
    monkeypatch.setattr(Engine, "solve", lambda self, table: solved.append(len(table)) or solve(self, table))
    os.unlink(sorted(stopped.with_name("s.h5.parts").glob("*.npz"))[3])
    again(stopped, None)
    assert solved == [4]


def test_no_damage_to_a_part_of_a_sweep_changes_the_answer(stopped):
    parts = stopped.with_name("s.h5.parts")
    kept = parts.with_name("kept")
    shutil.copytree(parts, kept)
    part = sorted(parts.glob("*.npz"))[4]
    data = part.read_bytes()
    for spoilt in damages(data, 3, 48):
        if spoilt == data:
            continue
        stopped.unlink(missing_ok=True)
        shutil.copytree(kept, parts, dirs_exist_ok=True)
        part.write_bytes(spoilt)
        again(stopped, part.name)


def test_values_changed_and_saved_anew_are_not_accepted(stopped):
    part = sorted(stopped.with_name("s.h5.parts").glob("*.npz"))[2]
    with np.load(part) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    for name in found:
        if name.endswith("/values"):
            found[name] = 2.0 * found[name]
    with part.open("wb") as out:
        np.savez(out, **found)
    again(stopped, part.name)


@pytest.mark.parametrize("changed", ["version", "fingerprint", "numbers"])
def test_a_part_of_another_version_or_question_is_noticed(stopped, changed):
    import io

    part = sorted(stopped.with_name("s.h5.parts").glob("*.npz"))[2]
    with np.load(io.BytesIO(part.read_bytes()[:-16])) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    if changed == "numbers":
        found["numbers"] = found["numbers"] + 1000
    else:
        about = json.loads(found["about"].tobytes())
        about |= {"fingerprint": "another"} | ({"version": "99.0"} if changed == "version" else {})
        found["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **found)
    part.write_bytes(sealed(buffer.getvalue()))
    again(stopped, "Kelvolt 99.0" if changed == "version" else part.name)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"other": 1}'])
def test_a_damaged_plan_is_found_again_in_the_parts(stopped, text):
    (stopped.with_name("s.h5.parts") / "plan.json").write_bytes(text)
    again(stopped, None)


def test_parts_of_another_sweep_are_refused_even_without_their_plan(stopped):
    plan = stopped.with_name("s.h5.parts") / "plan.json"
    plan.write_bytes(b"{")
    with pytest.raises(kv.InputError, match="another sweep"):
        sweep(stopped, {"room.T": [1.0e2, 2.0e2]})


def test_a_damaged_result_of_a_sweep_is_refused_by_name(tmp_path):
    file = tmp_path / "s.h5"
    sweep(file)
    data = file.read_bytes()
    for spoilt in damages(data, 5, 100):
        if spoilt[-16:-8] != b"KVSEAL01" and spoilt[:-16] == data[:-16]:
            continue
        file.write_bytes(spoilt)
        with pytest.raises((kv.FileError, kv.InputError), match="s.h5"):
            sweep(file)
    file.write_bytes(data)
    np.testing.assert_array_equal(sweep(file)["T"].values, AXES["room.T"])


def test_a_sweep_part_with_any_one_byte_turned_is_left_out(tmp_path):
    from kelvolt.sweeps.parts import Parts

    parts = Parts(tmp_path / "sweep.h5", "plan")
    parts.write([(0, {"T": np.arange(4.0), "status": ["solved"]})])
    file = next(parts.folder.glob("part-*.npz"))
    data = file.read_bytes()
    accepted = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each is told as left out
        assert len(list(parts.read(lambda number, chunk: True))) == 1
        for at in range(len(data)):
            file.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
            accepted += len(list(parts.read(lambda number, chunk: True)))
    assert accepted == 0
