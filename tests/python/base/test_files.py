"""Files: what is missing is one error, what is not ours is never replaced, a full disk leaves nothing half."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import kelvolt as kv
import numpy as np
import pandas
import pytest
from kelvolt.base import files
from kelvolt.cli.commands import main
from kelvolt.reports import answer as answers
from kelvolt.reports import page as pages

STARTER = Path(kv.__file__).parent / "starter.yaml"


@pytest.fixture
def here(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text(STARTER.read_text())
    return tmp_path


# ---- missing files ----


READERS = {
    "load": lambda path, case: kv.load(path),
    "open": lambda path, case: kv.open(path),
    "read_traces": lambda path, case: kv.read_traces(path),
    "calibrate": lambda path, case: kv.calibrate(case, path, ["pump.speed"]),
    "report": lambda path, case: answers.is_result(str(path)),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_missing_file_is_the_same_error_wherever_a_path_is_taken(reader, here, case):
    with pytest.raises(kv.FileError, match=r"nowhere\.x") as refused:
        READERS[reader](here / "nowhere.x", case)
    assert isinstance(refused.value, FileNotFoundError) and refused.value.errno == errno.ENOENT


@pytest.mark.parametrize("words", [["run"], ["check"], ["report"], ["power"], ["contingencies"]])
def test_a_missing_case_is_said_alike_by_every_command(words, here, capsys):
    assert main([*words, "nowhere.yaml"]) == 2
    assert capsys.readouterr().err.startswith("kelvolt: nowhere.yaml: there is no such file")


def test_a_missing_sweep_file_and_a_missing_trace_are_said_alike(here, capsys):
    assert main(["sweep", "case.yaml", "nowhere.yaml"]) == 2
    assert main(["profile", "nowhere.csv"]) == 2
    assert capsys.readouterr().err.count("there is no such file") == 2


def test_a_profile_whose_file_is_missing_is_a_file_error_with_its_line(here):
    lost = "  lost: {csv: none.csv, time: t, value: P}"
    text = STARTER.read_text().replace("\nprofiles:\n", f"\nprofiles:\n{lost}\n")
    with pytest.raises(kv.FileError, match=r"none\.csv") as refused:
        kv.read(text, folder=here)
    assert refused.value.line == text.splitlines().index(lost) + 1


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_refused_and_never_waited_for(reader, here, case):
    os.mkfifo(here / "pipe")
    with pytest.raises(kv.FileError, match="pipe"):
        READERS[reader](here / "pipe", case)


@pytest.mark.parametrize("reader", ["load", "open", "read_traces", "calibrate"])
def test_a_folder_in_place_of_a_file_is_a_file_error(reader, here, case):
    (here / "folder").mkdir()
    with pytest.raises(kv.FileError, match="folder"):
        READERS[reader](here / "folder", case)


# ---- outputs never destroy inputs ----


def _table(file: Path, case: kv.Case) -> None:
    files.write_csv(file, ["a", "b"], [[1.0, "x"]])


WRITERS = {
    "simulate": lambda file, case: case.simulate("2 s", every="1 s", output=file),
    "write": lambda file, case: case.steady().write(file),
    "sweep": lambda file, case: kv.sweep(case, {"pump.speed": [0.9]}, output=file, overwrite=True),
    "write_traces": lambda file, case: kv.write_traces(file, kv.training_profile(2, duration=5.0), ["rack_power"]),
    "report": lambda file, case: pages.write_report(answers.Answer(case, "text", case.steady()), Path(file)),
    "table": _table,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    "content", ["kelvolt: 1\n# a case\n", "t (s),P (W)\n0,1\n1,2\n", "", "# made by Kelvolt by hand\n"]
)
def test_a_file_that_is_no_result_is_never_replaced(writer, content, here, case):
    for name in ("input.yaml", "input.h5", "input.html", "input.csv"):
        target = here / name
        target.write_text(content)
        with pytest.raises(kv.FileError, match="no result of Kelvolt"):
            WRITERS[writer](target, case)
        assert target.read_text() == content
    assert sorted(p.name for p in here.iterdir()) == ["case.yaml", "input.csv", "input.h5", "input.html", "input.yaml"]


@pytest.mark.parametrize("writer", WRITERS)
def test_devices_pipes_and_folders_are_no_outputs(writer, here, case):
    os.mkfifo(here / "pipe")
    (here / "folder").mkdir()
    for target in ("/dev/null", here / "pipe", here / "folder"):
        with pytest.raises(kv.FileError):
            WRITERS[writer](target, case)
        with pytest.raises(kv.FileError):
            kv.sweep(case, {"pump.speed": [0.9]}, output=target)
    assert (here / "pipe").is_fifo() and not any((here / "folder").iterdir())


@pytest.mark.parametrize("writer", WRITERS)
def test_a_result_of_the_same_kind_is_replaced(writer, here, case):
    target = here / "mine"
    WRITERS[writer](target, case)
    before = target.stat().st_ino
    WRITERS[writer](target, case)
    assert target.stat().st_ino != before and [p.name for p in here.iterdir() if p.name.startswith(".")] == []


def test_hdf5_of_another_program_is_not_replaced(here, case):
    import h5py

    with h5py.File(here / "other.h5", "w") as other:
        other["numbers"] = np.arange(3)
    with pytest.raises(kv.FileError, match="no result of Kelvolt"):
        case.simulate("2 s", output=here / "other.h5")
    with h5py.File(here / "other.h5") as other:
        assert other["numbers"].shape == (3,)


@pytest.mark.parametrize(
    "words",
    [
        ["run", "case.yaml", "-o", "case.yaml"],
        ["run", "case.yaml", "--steady", "-o", "case.yaml"],
        ["run", "case.yaml", "--steady", "--csv", "case.yaml"],
        ["report", "case.yaml", "--steady", "-o", "case.yaml"],
        ["sweep", "case.yaml", "sweep.yaml", "-o", "case.yaml", "--overwrite"],
        ["sweep", "case.yaml", "sweep.yaml", "-o", "sweep.yaml", "--overwrite"],
        ["profile", "training", "-o", "case.yaml"],
    ],
)
def test_no_command_writes_over_a_case(words, here, capsys):
    (here / "sweep.yaml").write_text("vary: {pump.speed: [0.9]}\n")
    kept = {p: p.read_text() for p in here.iterdir()}
    assert main(words) == 2
    assert "no result of Kelvolt" in capsys.readouterr().err
    assert {p: p.read_text() for p in here.iterdir()} == kept


def test_a_result_of_another_kind_is_not_replaced(here, case, capsys):
    case.simulate("2 s", every="1 s", output="r.h5")
    whole = Path("r.h5").read_bytes()
    assert main(["report", "r.h5", "-o", "r.h5"]) == 2
    assert main(["run", "case.yaml", "--steady", "--csv", "r.h5"]) == 2
    assert main(["profile", "training", "-o", "r.h5"]) == 2
    assert capsys.readouterr().err.count("no result of Kelvolt of this kind") == 3
    assert Path("r.h5").read_bytes() == whole
    assert main(["report", "r.h5", "-o", "r.html"]) == 0
    for writer in ("simulate", "write", "sweep", "table"):
        with pytest.raises(kv.FileError, match="of this kind"):
            WRITERS[writer]("r.html", case)


def test_pictures_do_not_replace_pictures_of_others(here, case):
    (here / "p").mkdir()
    (here / "p" / "pump_curve.png").write_bytes(b"\x89PNG\r\n\x1a\n of a holiday")
    with pytest.raises(kv.FileError, match=r"pump_curve\.png"):
        case.simulate("2 s", every="1 s").plot(here / "p")
    assert (here / "p" / "pump_curve.png").read_bytes().endswith(b"holiday")
    case.simulate("2 s", every="1 s").plot(str(here / "q"))
    case.simulate("2 s", every="1 s").plot(here / "q")  # its own are replaced


def test_a_link_to_a_case_is_as_safe_as_the_case(here, case):
    (here / "link.h5").symlink_to("case.yaml")
    with pytest.raises(kv.FileError, match="no result"):
        case.simulate("2 s", output=here / "link.h5")
    assert "kelvolt: 1" in (here / "case.yaml").read_text()


@pytest.mark.parametrize("target", ["victim", "own"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_link_is_replaced_itself_and_what_it_points_to_stays(writer, target, here, case):
    (here / "out").mkdir()
    if target == "own":
        WRITERS[writer](here / "out" / "own", case)
        kept = (here / "out" / "own").read_bytes()
    (here / "answer").symlink_to(here / "out" / target)
    WRITERS[writer](here / "answer", case)
    assert not (here / "answer").is_symlink() and (here / "answer").stat().st_size > 0
    assert [p.name for p in (here / "out").iterdir()] == (["own"] if target == "own" else [])
    assert target == "victim" or (here / "out" / "own").read_bytes() == kept


# ---- a full disk ----


@pytest.fixture
def full_disk(monkeypatch):
    """From now on no file can be flushed to the disk."""

    def full() -> None:
        def fsync(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)

    return full


@pytest.mark.parametrize("writer", ["sweep", "write_traces", "report", "table"])
def test_a_full_disk_is_a_file_error_that_names_the_file_and_leaves_nothing_half(writer, here, case, full_disk):
    target = here / "answer"
    full_disk()
    with pytest.raises(kv.FileError, match=r"answer.*No space left.*(no file of this name|kept)"):
        WRITERS[writer](target, case)
    assert not target.exists() and not [p for p in here.rglob("*") if ".tmp" in p.name or p.name.startswith(".")]


@pytest.mark.parametrize("writer", ["write_traces", "report", "table"])
def test_a_full_disk_keeps_what_was_there_before(writer, here, case, full_disk):
    target = here / "answer"
    WRITERS[writer](target, case)
    whole = target.read_bytes()
    full_disk()
    with pytest.raises(kv.FileError, match="what was there before is kept"):
        WRITERS[writer](target, case)
    assert target.read_bytes() == whole


def test_a_sweep_on_a_full_disk_keeps_its_parts_and_goes_on_when_there_is_room(here, case, monkeypatch):
    honest, calls = os.fsync, []

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 4:  # the plan and a first part still fit
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        honest(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(sys.modules["kelvolt.sweeps.sweep"], "_FLUSH", 0.0)
    question = {"axes": {"pump.speed": np.linspace(0.8, 1.0, 40).tolist()}, "chunk": 4, "threads": 1}
    with pytest.raises(kv.FileError, match=r"out\.h5\.parts.*part-\d+\.npz.*parts before it are kept"):
        kv.sweep(case, output=here / "out.h5", **question)
    assert not (here / "out.h5").exists() and list((here / "out.h5.parts").glob("part-*.npz"))
    monkeypatch.setattr(os, "fsync", honest)
    made = kv.sweep(case, output=here / "out.h5", **question)
    assert int(made.attrs["failed"]) == 0 and made.identical(kv.open(here / "out.h5").load())


def test_a_folder_that_is_not_there_is_a_file_error(here, case):
    for writer in ("write_traces", "report", "table", "write", "simulate"):
        with pytest.raises(kv.FileError, match="no/such"):
            WRITERS[writer]("no/such/answer.csv", case)


def test_a_standard_output_that_is_full_is_named():
    for words in (["schema"], ["check", str(STARTER)]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [sys.executable, "-m", "kelvolt", *words], stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == 2
        assert done.stderr == "kelvolt: the standard output cannot be written: No space left on device\n"


# ---- tables and terminals ----


def test_text_that_a_spreadsheet_would_run_is_marked_as_text(here):
    rows = ["=HYPERLINK(1)", "+1", "-cmd|' /C calc'!A0", "@SUM(1)", "\tx", "plain", -3.5]
    files.write_frame("t.csv", pandas.DataFrame({"=head": rows, "n": [float("nan")] * len(rows)}))
    lines = Path("t.csv").read_text().splitlines()
    assert lines[0] == "'=head,n"
    assert [line[0] for line in lines[1:]] == ["'", "'", "'", "'", "'", "p", "-"]
    assert lines[-1] == "-3.5,"


def test_a_trace_whose_name_is_a_formula_is_refused(here):
    traces = kv.training_profile(2, duration=5.0)[["rack_power"]].rename({"rack_power": "=cmd"})
    with pytest.raises(kv.InputError, match="rename"):
        kv.write_traces("t.csv", traces)
    assert not Path("t.csv").exists()


@pytest.mark.parametrize("words", [["check"], ["run", "--steady"], ["run", "--steady", "--json"], ["check", "--json"]])
def test_a_title_cannot_command_the_terminal(words, here, capsys, case):
    text = STARTER.read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    Path("evil.yaml").write_text(text.replace(title, 'title: "a\\e]0;owned\\a\\e[2J\\x9b31m b\\u202e"'))
    assert main([words[0], "evil.yaml", *words[1:]]) in (0, 1)
    out = capsys.readouterr().out
    assert not any(c in out for c in "\x1b\x07\x9b\u202e")
    evil = kv.load("evil.yaml")
    for text in (repr(evil), repr(evil.steady()), evil.steady().summary()):
        assert "\x1b" not in text and "\\u001b" in text


def test_an_error_cannot_command_the_terminal(here, capsys):
    assert main(["run", "case.yaml", "--steady", "--set", "gpu\x1b[2J.power=1"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_an_error_is_bounded_and_says_how_much_it_leaves_out(case):
    with pytest.raises(kv.InputError) as refused:
        case["x" * 500_000 + ".power"]
    assert len(str(refused.value)) < 5000 and "more characters" in str(refused.value)
    net = kv.Network()
    net.add("pipe", "p", count=20_000)
    with pytest.raises(kv.Error) as refused:
        net.build()
    assert len(str(refused.value)) < 5000
