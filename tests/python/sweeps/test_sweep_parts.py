"""The folder of a sweep's parts where others may write: no link is followed, nothing unpacks without end."""

from __future__ import annotations

import io
import os
import zipfile

import kelvolt as kv
import numpy as np
import pytest
from kelvolt.base.seal import sealed
from kelvolt.sweeps.parts import Parts

ROOM = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\n"
VICTIM = "what another programme keeps"


def sweep(output):
    return kv.sweep(kv.read(ROOM), {"room.T": [290.0, 300.0]}, record={"T": "room.T"}, output=output, progress=False)


@pytest.fixture
def place(tmp_path):
    """A folder of parts beside a file and a folder that are not the sweep's."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim").write_text(VICTIM)
    (tmp_path / "s.h5.parts").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["lock", "plan.json", "plan.json.tmp", "part-000001.npz", "part-000001.npz.tmp"])
@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
def test_what_is_no_regular_file_among_the_parts_is_refused_and_nothing_outside_changes(place, name, kind):
    entry = place / "s.h5.parts" / name
    if kind == "pipe":
        os.mkfifo(entry)
    elif kind == "folder":
        entry.mkdir()
    else:
        entry.symlink_to(place / "outside" / ("victim" if kind == "link" else "new"))
    with pytest.raises(kv.FileError, match=rf"{name}: is a link or no regular file.*remove it"):
        sweep(place / "s.h5")
    assert [p.name for p in (place / "outside").iterdir()] == ["victim"]
    assert (place / "outside" / "victim").read_text() == VICTIM
    assert [p.name for p in (place / "s.h5.parts").iterdir()] == [name] and not (place / "s.h5").exists()


@pytest.mark.parametrize("to", ["outside", "nowhere"])
def test_a_folder_of_parts_that_is_a_link_is_refused_before_it_is_touched(place, to):
    (place / "s.h5.parts").rmdir()
    (place / "s.h5.parts").symlink_to(place / to)
    with pytest.raises(kv.FileError, match=r"s\.h5\.parts: (is a link|cannot be made)"):
        sweep(place / "s.h5")
    assert [p.name for p in (place / "outside").iterdir()] == ["victim"] and not (place / "nowhere").exists()


def test_a_folder_that_holds_what_no_sweep_makes_is_refused_before_it_is_touched(place):
    (place / "s.h5.parts" / "thesis.tex").write_text(VICTIM)
    with pytest.raises(kv.FileError, match=r"holds 'thesis\.tex'.*give another output"):
        sweep(place / "s.h5")
    assert [p.name for p in (place / "s.h5.parts").iterdir()] == ["thesis.tex"]


def test_a_file_that_is_hard_linked_as_a_lock_keeps_its_content(place):
    os.link(place / "outside" / "victim", place / "s.h5.parts" / "lock")
    assert sweep(place / "s.h5")["T"].values.tolist() == [290.0, 300.0]
    assert (place / "outside" / "victim").read_text() == VICTIM


def part_of(fingerprint, compressed, **arrays):
    about = f'{{"fingerprint": "{fingerprint}", "version": "1", "texts": []}}'.encode()
    buffer = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(buffer, about=np.frombuffer(about, dtype=np.uint8), numbers=np.zeros(0, dtype=np.int64), **arrays)
    return buffer.getvalue()


def overlapping(data, copies):
    """A ZIP file whose directory names one stored member many times."""
    source = zipfile.ZipFile(io.BytesIO(data))
    out = io.BytesIO(data)
    target = zipfile.ZipFile(out, "a")
    big = max(source.infolist(), key=lambda m: m.file_size)
    target.filelist += [big] * copies
    target._didModify = True
    target.close()
    return out.getvalue()


@pytest.mark.parametrize("kind", ["compressed", "overlapping", "larger than the sweep"])
def test_a_part_that_would_unpack_to_more_than_the_sweep_wrote_is_left_out_unread(tmp_path, kind, monkeypatch):
    zeros = np.zeros(1 << 20)
    data = part_of("plan", kind == "compressed", **{"0/T": zeros})
    data = overlapping(data, 1000) if kind == "overlapping" else data
    parts = Parts(tmp_path / "s.h5", "plan", 1 << (23 if kind == "larger than the sweep" else 25))
    (parts.folder / "part-000001.npz").write_bytes(sealed(data))
    monkeypatch.setattr(np, "load", lambda *a, **k: pytest.fail("the part was unpacked"))
    with pytest.warns(UserWarning, match=r"part-000001\.npz \((unpacks to more|has \d+ bytes)"):
        assert list(parts.read(lambda number, chunk: True)) == []
    parts.close()


def test_of_a_part_of_another_sweep_the_arrays_are_not_read(tmp_path, monkeypatch):
    from kelvolt.sweeps import parts as sweep_parts

    parts = Parts(tmp_path / "s.h5", "plan")
    (parts.folder / "part-000001.npz").write_bytes(sealed(part_of("another", False)))
    monkeypatch.setattr(sweep_parts, "_unpack", lambda *a: pytest.fail("the arrays were read"))
    with pytest.warns(UserWarning, match="answers another question"):
        assert list(parts.read(lambda number, chunk: True)) == []
    parts.close()


def test_the_bound_of_a_part_holds_what_a_sweep_writes_with_the_longest_words(tmp_path):
    plan_of = __import__("kelvolt.sweeps.plan", fromlist=["Plan"]).Plan
    plan = plan_of(kv.read(ROOM), {"room.T": [290.0] * 50}, {"T": "room.T"}, False, True, 1)
    parts = Parts(tmp_path / "s.h5", "plan", plan.largest_part())
    words = {w: ["\u00e9" * 4000] for w in ("reason", "limit")} | {"values": np.zeros((1, 1)), "status": ["ok"]}
    parts.write([(k, words) for k in range(50)])
    assert len(list(parts.read(lambda number, chunk: True))) == 50
    parts.close()
