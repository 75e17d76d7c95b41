"""Arguments that nothing can be made of: an InputError that says what is accepted, wherever they are given."""

from __future__ import annotations

import copy
import pickle

import kelvolt as kv
import numpy as np
import pytest
from scipy import stats

ROOM = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\n"
HALF = "\ud800"  # half a character, which no file and no message can hold
HUGE = 10**400  # no floating-point number


@pytest.fixture(scope="module")
def room():
    return kv.read(ROOM)


@pytest.fixture(scope="module")
def run(room):
    return room.simulate("2 s", every="1 s", progress=False)


@pytest.mark.parametrize(
    "reader", [kv.open, kv.load, lambda path: kv.sweep(kv.read(ROOM), {"room.T": [300.0]}, output=path)]
)
def test_a_name_that_no_disk_can_hold_is_a_file_error_and_what_is_no_path_an_input_error(reader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("a" * 5000, "a\0b", HALF):
        with pytest.raises(kv.FileError):
            reader(path)
    for path in (5, b"x"):
        with pytest.raises(kv.InputError, match=r"pathlib\.Path, not"):
            reader(path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", [None, 5, 0, b"room.T", HALF, ("room.T",)], ids=lambda v: type(v).__name__)
def test_what_is_no_path_is_refused_wherever_one_is_asked_for(path, room, run):
    solution = run.end
    for ask in (
        lambda: room[path],
        lambda: room.get(path),
        lambda: room.update({path: 300.0}),
        lambda: room.find(path),
        lambda: solution[path],
        lambda: solution.gradient(path, "room.T"),
        lambda: solution.gradient("room.T", path),
        lambda: run[path],
        lambda: run.gradient(path, "room.T"),
        lambda: kv.size(room, "room.T", {path: (290.0, 310.0)}),
        lambda: kv.uncertainty(room, 10, distributions={path: stats.uniform(290.0, 5.0)}),
    ):
        with pytest.raises(kv.InputError, match=r"a path is text such as 'tray\[3\]"):
            ask()
    assert path not in room
    assert path not in solution and path not in run


@pytest.mark.parametrize(
    "value",
    [HUGE, 10**5000, None, object(), 1j, b"300 K", HALF, [[1.0, 2.0], [3.0]], ["a"], [HUGE]],
    ids=lambda v: type(v).__name__,
)
def test_a_value_that_is_no_number_names_the_path_and_what_is_accepted(value, room):
    for ask in (
        lambda: room.update({"room.T": value}),
        lambda: kv.Network().add("ambient", "room", T=value),
        lambda: kv.Network(T_start=value),
        lambda: kv.size(room, "room.T", {"room.T": (290.0, value)}),
        lambda: kv.sweep(room, {"room.T": [value]}),
        lambda: room.simulate(value),
    ):
        if value is None and "simulate" in ask.__code__.co_names:
            continue  # the duration of the case
        with pytest.raises(kv.InputError) as refused:
            ask()
        assert any(
            w in str(refused.value) for w in ("neither", "half a character", "array of shape", "number or", "nan")
        )
    assert room["room.T"] == 300.0


@pytest.mark.parametrize("count", [10**12, 10**30, 10**7, 0, -1, "3", 2.5, True, None])
@pytest.mark.parametrize("what", ["count", "cells"])
def test_a_count_that_no_network_has_is_refused_before_anything_is_made(what, count):
    net = kv.Network()
    if count is None:
        assert net.add("pipe", "p", **{what: count}).path == "p"
        return
    with pytest.raises(kv.InputError, match=rf"p: {what} = .*(whole number|at most 1000000)"):
        net.add("pipe", "p", **{what: count})


def test_words_and_ports_of_a_network_are_text():
    net = kv.Network()
    for ask in (
        lambda: net.connect(None, None),
        lambda: net.connect("a.b", 5),
        lambda: net.connect("a.b", ["a.c"]),
        lambda: net.connect(HALF, "a.b"),
    ):
        with pytest.raises(kv.InputError, match=r"ports are joined by part\[\"b\"\] or by text"):
            ask()
    for ask in (
        lambda: net.add("pipe", None),
        lambda: net.add("pipe", HALF),
        lambda: net.add("ambient", "a", **{HALF: 5}),
        lambda: net.add("facility", "f", medium=HALF),
        lambda: net.add("pump", "p", dp={"points": [["a", 1]]}),
        lambda: net.add("pump", "p", dp={"points": [[HUGE, 1], [1, 2]]}),
        lambda: net.set(None, T=5),
        lambda: net.build(HALF),
    ):
        with pytest.raises(kv.InputError):
            ask()


def test_a_case_is_pickled_and_copied_with_its_values(case, tmp_path):
    case["gpu[*].power"] = [500.0, 600.0, 700.0]
    before = case.steady()["gpu[*].T_die"]
    for again in (pickle.loads(pickle.dumps(case)), copy.deepcopy(case), copy.copy(case)):
        assert np.array_equal(again.steady()["gpu[*].T_die"], before)
        again["gpu[1].power"] = 100.0
    assert case["gpu[1].power"] == 500.0


def test_what_cannot_be_pickled_says_what_to_keep_instead(room, run):
    net = kv.Network()
    built = kv.Network()
    built.add("ambient", "room", T=300.0)
    for thing, says in ((run.end, "to_xarray"), (run, "result file"), (net, "anew"), (built.build(), "anew")):
        with pytest.raises(kv.InputError, match=says):
            pickle.dumps(thing)
    end = run.end
    assert copy.deepcopy(end) is end and copy.deepcopy(run) is run
    assert kv.read(ROOM).copy()["room.T"] == 300.0


def test_a_mapping_that_holds_itself_is_no_case():
    inside: list = []
    inside.append(inside)
    with pytest.raises(kv.InputError, match="holds itself"):
        kv.read({"components": inside})
    for wrong in ({"name": 5}, {"name": HALF}, {"folder": 5}, {"folder": HALF}, {"allow": 5}):
        with pytest.raises(kv.InputError, match="text"):
            kv.read(ROOM, **wrong)
