"""A case from a stranger reads no file but its own, is read by one parser, and asks for nothing without end."""

from __future__ import annotations

import contextlib
import os
import time

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES
from kelvolt import _core
from kelvolt.base.paths import covers
from kelvolt.cli.commands import main
from kelvolt.power.profiles import training_profile
from kelvolt.power.section import section_of
from kelvolt.power.traces import trace_statistics

ROOM = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\n"
SECRET = "root:x:0:0:secret"
TRACE = "t (s), v (degC)\n0, 20\n10, 30\n"


def profile(path: str) -> str:
    return (
        ROOM
        + f'profiles: {{p: {{csv: "{path}", time: t, value: v}}}}\napply: [{{profile: p, to: room.T}}]\n'
        + "run: {duration: 1 s}\n"
    )


def curve(path: str) -> str:
    return f'kelvolt: 1\ncomponents: {{pump: {{model: pump, dp: {{csv: "{path}", x: Q, y: dp}}}}}}\n'


@pytest.fixture
def home(tmp_path):
    """A folder of cases beside a folder of other people's files."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.csv").write_text(SECRET + "\n")
    (tmp_path / "other" / "trace.csv").write_text(TRACE)
    (tmp_path / "cases" / "own.csv").write_text(TRACE)
    return tmp_path


# ---- files ----


@pytest.mark.parametrize("text", [profile, curve])
@pytest.mark.parametrize("how", ["absolute", "upwards", "link", "linked folder", "own name upwards", "missing"])
def test_a_case_reads_no_file_outside_its_folder_and_quotes_nothing_of_it(home, text, how):
    cases, secret = home / "cases", home / "other" / "secret.csv"
    (cases / "link.csv").symlink_to(secret)
    (cases / "linked").symlink_to(home / "other")
    path = {
        "absolute": str(secret),
        "upwards": "../other/secret.csv",
        "link": "link.csv",
        "linked folder": "linked/secret.csv",
        "own name upwards": "../cases/../other/secret.csv",
        "missing": "../other/there_is_no_such_file.csv",
    }[how]
    with pytest.raises(kv.InputError, match="outside the folder of the case") as refused:
        kv.read(text(path), folder=cases)
    assert SECRET not in str(refused.value) and "x:0:0" not in str(refused.value)
    assert refused.value.line, "the line of the case is named"


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "/dev/stdin", "/etc/passwd"])
def test_a_case_reads_no_device_and_nothing_of_the_kernel(path):
    with pytest.raises(kv.InputError, match="outside the folder") as refused:
        kv.read(profile(path))
    assert "PATH=" not in str(refused.value)


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_regular_file_is_refused_without_waiting(home, kind):
    place = home / "cases" / "odd.csv"
    os.mkfifo(place) if kind == "pipe" else place.mkdir()
    with pytest.raises(kv.InputError, match="odd.csv is not a regular file"):
        kv.read(profile("odd.csv"), folder=home / "cases")


def test_an_allowed_folder_is_read_and_travels_with_the_case(home, monkeypatch):
    text, cases = profile("../other/trace.csv"), home / "cases"
    (cases / "case.yaml").write_text(text)
    with pytest.raises(kv.InputError, match="--allow-files"):
        kv.load(cases / "case.yaml")
    case = kv.load(cases / "case.yaml", allow=home / "other")
    assert kv.read(text, folder=cases, allow=[home / "other"])["room.T"] == 300.0
    # structures of a sweep are read anew
    swept = kv.sweep(case, {"components.room.T": [290, 310]}, record=["room.T"], progress=False)
    assert swept.status.values.tolist() == ["ok", "ok"]
    monkeypatch.chdir(home)
    assert main(["run", "cases/case.yaml", "--steady"]) == 2
    assert main(["run", "cases/case.yaml", "--steady", "--allow-files", "other"]) == 3  # no limit applies
    with pytest.raises(kv.InputError, match="nowhere is not a folder"):
        kv.load(cases / "case.yaml", allow=home / "nowhere")


def test_a_link_within_the_folder_and_files_of_the_library_are_read(home):
    (home / "cases" / "alias.csv").symlink_to(home / "cases" / "own.csv")
    kv.read(profile("alias.csv"), folder=home / "cases")
    library = sorted((CASES.parent / "profiles").glob("*.csv"))[0]
    with pytest.raises(kv.InputError, match="no column"):  # it is opened
        kv.read(profile(str(library)), folder=home / "cases")


def test_a_library_entry_beside_the_case_may_not_be_a_link_to_elsewhere(home):
    (home / "other" / "part.yaml").write_text(SECRET)
    (home / "cases" / "mypart.yaml").symlink_to(home / "other" / "part.yaml")
    with pytest.raises(kv.InputError, match="mypart.yaml lies outside") as refused:
        kv.read("kelvolt: 1\ncomponents: {room: {model: mypart}}\n", folder=home / "cases")
    assert SECRET not in str(refused.value)


def test_a_library_entry_beside_the_case_may_not_name_files_elsewhere(home):
    (home / "cases" / "mypump.yaml").write_text("model: pump\nparameters: {dp: {csv: ../other/secret.csv}}\n")
    with pytest.raises(kv.InputError, match="outside the folder of the case") as refused:
        kv.read("kelvolt: 1\ncomponents: {room: {model: mypump}}\n", folder=home / "cases")
    assert SECRET not in str(refused.value)


def test_a_result_file_repeats_no_case_that_reads_elsewhere(home, monkeypatch):
    head = (home / "other" / "trace.csv").read_text().splitlines()[0]
    rows = "".join(f"{t},{20 + t % 3}\n" for t in range(12000))  # more than a result file keeps
    (home / "other" / "trace.csv").write_text(f"{head}\n{rows}")
    case = kv.read(profile("../other/trace.csv"), folder=home / "cases", allow=home / "other")
    monkeypatch.chdir(home)
    case.simulate(output=home / "cases" / "r.h5", progress=False)
    assert main(["report", "cases/r.h5", "-o", "r.html"]) == 2
    assert main(["report", "cases/r.h5", "-o", "r.html", "--allow-files", "other"]) == 3  # no limit applies


def test_a_file_that_never_ends_is_read_up_to_its_bound(home):
    (home / "cases" / "big.csv").write_text("t (s), v (degC)\n")
    os.truncate(home / "cases" / "big.csv", 3 * 10**9)  # takes no room on the disk
    with pytest.raises(kv.Error, match="MB are read"):
        kv.read(profile("big.csv"), folder=home / "cases")


# ---- one parser ----


def test_a_title_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    (tmp_path / "l1.yaml").write_bytes(ROOM.encode() + b"title: caf\xe9\n")
    with pytest.raises(kv.InputError, match="UTF-8") as refused:
        kv.load(tmp_path / "l1.yaml")
    assert refused.value.line == 3
    assert kv.read(ROOM + "title: café\n").title == "café"


@pytest.mark.parametrize("letter", ["\x01", "\x1b", "\x7f", "\x9b", "￾"])
def test_control_characters_are_refused_with_their_line(letter):
    with pytest.raises(kv.InputError, match="control character") as refused:
        kv.read(ROOM + f"title: a{letter}b\n")
    assert refused.value.line == 3


def test_half_a_character_and_a_zero_byte_are_refused():
    with pytest.raises(kv.InputError, match="half a character"):
        kv.read(ROOM + "title: \ud800\n")
    with pytest.raises(kv.InputError, match="zero byte"):
        kv.read(profile("own.csv\\0"))


@pytest.mark.parametrize(
    "more",
    ["title: !!float abc\n", "---\n", "...\n---\n", "title: &a x\nabout: &a y\n", "title: &a x\nabout: *a\n"],
)
def test_what_the_core_reads_the_power_studies_read_too(more):
    case = kv.read(ROOM + "power: {it: room}\n" + more)
    assert section_of(case).it == ("room",)


@pytest.mark.parametrize("key", ["power :", '"power":', "power  :", "? power\n:"])
def test_the_power_section_is_found_however_its_key_is_written(key):
    assert section_of(kv.read(ROOM + key + " {it: room}\n")).it == ("room",)


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{schemes: 5}", "power: schemes must be a list"),
        ("{its: room}", "power has no key 'its'.*did you mean 'it'"),
        ("{contingencies: {alsoo: []}}", "no key 'alsoo'"),
        ("{schemes: [{kind: 2N, unit: room}]}", "no key 'unit'"),
        ("{schemes: [{kind: 3N, units: room}]}", "kind '3N' is none of"),
        ("{schemes: [{kind: block redundant, units: room}]}", "names its catcher"),
        ("{limits: {ampacitty: {max: 1}}}", "there is no limit 'ampacitty'.*did you mean 'ampacity'"),
        ("{limits: {ampacity: {maximum: 1}}}", "no key 'maximum'"),
        ("{limits: {ampacity: {max: wide}}}", "ampacity: max: 'wide': no number"),
        ("{limits: {ampacity: {max: 5 kW}}}", "'kW' is not a unit of plain number"),
        ("{limits: {power_factor: {max: 1}}}", "this is a least value; give `min`"),
        ("{limits: {ampacity: {min: 2, max: 1}}}", "min 2 lies above max 1"),
        ("{spaces: [room]}", "must be a block of keys"),
        ("{it: rom}", "'rom' names no component.*did you mean 'room'"),
        ("{it: {a: 1}}", "must be a list"),
        ("{contingencies: {also: {dark: {room.Q: 0}}}}", "'Q'"),
        ("{it: 'room[3..1]'}", "runs backwards"),
        ("{contingencies: {also: [[rom]]}}", "'rom' names no component"),
        ("{contingencies: {leave_out: one of rom}}", "names nothing that can fail"),
        ("{contingencies: {accept_lost: [rom]}}", "names no component"),
        ("5", "must be a block of keys"),
    ],
)
def test_a_mistake_in_the_power_section_is_refused_when_the_case_is_read(section, told):
    with pytest.raises(kv.InputError, match=told) as refused:
        kv.read(ROOM + "power: " + section + "\n")
    assert refused.value.line == 3


@pytest.mark.parametrize(
    "section",
    ["settings", "record", "run", "limits", "events", "apply", "profiles", "assemblies"],
)
def test_an_unknown_key_in_any_section_is_refused_with_its_line(section):
    inside = {
        "limits": "[{of: room.T, max: 310, maxx: 1}]",
        "events": "[{at: 1 s, set: room.T, to: 310, tto: 1}]",
        "apply": "[{profile: p, to: room.T, too: 1}]",
        "profiles": "{p: {constant: 1, constnt: 2}}",
        "assemblies": "{a: {components: {b: {model: ambient, T: 300}}, comonents: 1}}",
    }.get(section, "{no_such_key: 1}")
    with pytest.raises(kv.InputError, match="has no key") as refused:
        kv.read(ROOM + f"{section}: {inside}\n")
    assert refused.value.line == 3


def test_a_sweep_file_is_read_by_the_same_parser(tmp_path):
    from kelvolt.sweeps import file as sweep_file

    (tmp_path / "s.yaml").write_text('vary: {room.T: [290, 3e2, "310", 20 degC]}\nlimits: yes\nchunk: 7\n')
    asked = sweep_file.read(tmp_path / "s.yaml")
    assert asked == {"axes": [{"room.T": [290, 300.0, "310", "20 degC"]}], "limits": True, "chunk": 7}
    (tmp_path / "s.yaml").write_text("vary: {room.T: [290]}\nvary: {room.T: [291]}\n")
    with pytest.raises(kv.InputError, match="already given on line 1") as refused:
        sweep_file.read(tmp_path / "s.yaml")
    assert refused.value.line == 2
    (tmp_path / "s.yaml").write_bytes(b"vary: {caf\xe9: [1]}\n")
    with pytest.raises(kv.InputError, match="UTF-8"):
        sweep_file.read(tmp_path / "s.yaml")


def edited(case: kv.Case, edits: dict[str, str]) -> kv.Case:
    return kv.Case(_core.edited(case.core, list(edits.items()), keep=True))


def test_an_edited_text_keeps_every_word_as_it_was_written():
    case = kv.read(ROOM.replace("300", "3.00e2") + 'title: "012: #1"\nabout: ~\n')
    tree = _core.yaml_tree(_core.source(edited(case, {"components.room.T": "310"}).core)[0], "case")
    assert tree["title"] == "012: #1" and tree["about"] is None
    assert tree["components"]["room"] == {"model": "ambient", "T": "310"}
    assert edited(case, {"title": '"on"'})["room.T"] == 300.0
    for path, value, told in (
        ("components.rom.T", "1", "components has no 'rom'"),
        ("limits.1", "1", "the case has no 'limits'"),
        ("components.room.T.x", "1", "components.room.T has no 'x'"),
        ("title", "[1", "title:1: "),
    ):
        with pytest.raises(kv.InputError, match=told):
            edited(case, {path: value})


@pytest.mark.parametrize("file", sorted(CASES.glob("*.yaml")), ids=lambda f: f.stem)
def test_an_edited_case_says_the_same_on_the_same_lines(file, tmp_path):
    text = _core.source(edited(kv.load(file), {"title": r'"\u0085 \"other\": #\n"'}).core)[0]
    said = _core.yaml_tree(text, "case")
    tables = said.pop("files", {})  # of a case with tables, whose text keeps them
    assert all((CASES / name).read_text() == table for name, table in tables.items())
    assert said == _core.yaml_tree(file.read_text(), "case") | {"title": '\x85 "other": #\n'}
    (tmp_path / "written.yaml").write_text(text)
    assert _core.yaml_lines(tmp_path / "written.yaml").items() >= _core.yaml_lines(file).items() - {((), 0)}


def test_a_mistake_in_an_edited_case_names_the_line_of_the_file():
    case = kv.read("# a room\n\n" + ROOM + "\nlimits:\n  - {of: room.Q_flow, max: 1}\n", name="room.yaml")
    again = edited(edited(case, {"title": "one"}), {"components.room.T": "310"})
    for of, path, line in ((case, "components.room.T", 4), (again, "components.room.T", 4), (again, "limits.1.max", 7)):
        with pytest.raises(kv.InputError, match="wide") as refused:
            edited(of, {path: "wide"})
        assert (refused.value.file, refused.value.line) == ("room.yaml", line)


# ---- patterns ----


@pytest.mark.parametrize(
    ("pattern", "path", "is_named"),
    [
        ("rack[*]", "rack[3].tray[1].gpu", True),
        ("rack", "rack[3]", True),
        ("rack", "rack_2", False),
        ("rack.it", "rack[1].it", False),
        ("**.ups", "hall.row[2].ups", True),
        ("hall.**", "hall.row[2].ups", True),
        ("tray[2..3]", "tray[3].gpu", True),
        ("tray[2..3]", "tray[4]", False),
        ("tray[1..3000000000]", "tray[7]", True),
        ("one of ups[1..2]", "one of ups[2]", True),
        ("*_load", "ups_load", True),
        ("r*k[*]", "rack[12]", True),
        ("*", "a.b", True),
        ("a.*.c", "a.b.b.c", False),
    ],
)
def test_a_pattern_names_components_and_what_lies_inside(pattern, path, is_named):
    assert covers(pattern, path) is is_named


@pytest.mark.parametrize(
    "pattern", ["*a" * 400 + "!", "**a" * 300 + "!", "a[1..3000000000]" * 60, "[1..4000000000]" * 60]
)
def test_no_pattern_takes_long_or_much(pattern):
    begin = time.monotonic()
    with contextlib.suppress(kv.InputError):  # most of them are no patterns
        assert not covers(pattern, "a" * 300 + "[12].b" * 20)
    assert time.monotonic() - begin < 1.0


def test_headings_and_curves_are_taken_apart_in_bounded_time(tmp_path):
    from scipy.stats import uniform

    case = kv.load(CASES / "single_loop.yaml")
    begin = time.monotonic()
    (tmp_path / "x.csv").write_text("t (s), " + "a" + " " * 2000 + "(" * 500 + " " * 500 + "x\n0, 1\n1, 2\n")
    kv.read_traces(tmp_path / "x.csv")
    with pytest.raises(kv.Error):
        kv.calibrate(case, {"a" + " " * 3000 + "(" + "x" * 3000: np.ones(3)}, {"pump.speed": (0.5, 1.0)})
    with pytest.raises(kv.InputError):
        kv.uncertainty(case, 10, distributions={"*a" * 200 + "!.R": kv.times(uniform(0.9, 0.2))})
    assert time.monotonic() - begin < 5.0


@pytest.mark.parametrize("ask", ["find", "record", "limits", "set", "sweep"])
def test_many_levels_of_any_depth_are_found_or_refused_at_once(ask):
    deep = "{model: ambient, T: 300}"
    assemblies = "assemblies:\n"
    for level in range(60, 0, -1):
        assemblies += f"  l{level}: {{components: {{a: {deep}}}}}\n"
        deep = f"{{model: l{level}}}"
    text = f"kelvolt: 1\n{assemblies}components: {{a: {deep}}}\n"
    pattern = "**.a." * 30 + "nothing"
    begin = time.monotonic()
    case = kv.read(text)
    assert len(case.find("**.a.**.a.**.T")) > 0
    more = {
        "record": f'record: {{also: ["{pattern}"]}}\n',
        "limits": f'limits: [{{of: "{pattern}", max: 1}}]\n',
        "set": f'set: {{"{pattern}": 1}}\n',
    }
    with pytest.raises(kv.InputError):
        if ask == "find":
            case.find(pattern)
        elif ask == "sweep":
            kv.sweep(case, {pattern: [1, 2]}, progress=False)
        else:
            kv.read(text + more[ask])
    assert time.monotonic() - begin < 5.0


def test_a_range_of_ports_is_bounded():
    net = kv.Network()
    net.add("ambient", "a", T=300.0)
    with pytest.raises(kv.InputError, match="at most 1000000 ports"):
        net.connect("a[1..3000000000].port", "a.port")


# ---- how much is asked for ----


def test_a_wave_faster_than_the_least_period_is_refused_by_name():
    wave = "profiles: {p: {square_wave: {high: 310, low: 300, period: 1e-10 s, duty: 0.5}}}\n"
    with pytest.raises(kv.InputError, match=r"period = 1e-10 s must be at least 0.001 s"):
        kv.read(ROOM + wave + "apply: [{profile: p, to: room.T}]\n")


def test_a_sample_period_below_the_least_is_refused_by_name():
    text = (
        "kelvolt: 1\ncomponents: {t: {model: throttle, sample_period: 1e-10 s, T_limit: 90 degC, margin_wanted: 1 K}}\n"
    )
    with pytest.raises(kv.InputError, match="sample_period = 1e-10 s is outside its range .at least 0.001 s"):
        kv.read(text)


def test_a_time_beyond_all_counting_of_edges_is_refused():
    wave = "profiles: {p: {square_wave: {high: 310 K, low: 300 K, period: 1 ms, duty: 0.5}}}\n"
    case = kv.read(ROOM + wave + "apply: [{profile: p, to: room.T}]\nrun: {steady_at: 1e20 s}\n")
    with pytest.raises(kv.InputError, match="too many to tell one edge from the next"):
        case.steady()


def test_rows_of_a_run_are_bounded_before_it_begins():
    case = kv.read(ROOM)
    begin = time.monotonic()
    with pytest.raises(kv.InputError, match=r"would record 1e\+17 rows .*record: every.* or more"):
        case.simulate(duration="1e7 s", every="1e-10 s", progress=False)
    with pytest.raises(kv.InputError, match="numbers"):
        kv.sweep(case, {"room.T": [290, 300]}, simulate={"duration": 1e7, "every": 1e-3}, progress=False)
    assert time.monotonic() - begin < 1.0


def test_points_of_a_sweep_are_counted_before_they_are_made(tmp_path):
    from kelvolt.sweeps import file as sweep_file

    case = kv.read(ROOM)
    with pytest.raises(kv.InputError, match=r"1e\+08 points"):
        kv.sweep(case, {"room.T": np.linspace(290, 310, 10_000), "components.room.T": [300] * 10_000}, progress=False)
    with pytest.raises(kv.InputError, match="at most 10000000"):
        kv.samples(10**12, {"room.T": (290, 310)})
    (tmp_path / "s.yaml").write_text("vary: {room.T: {from: 290, to: 310, steps: 100000000000}}\n")
    with pytest.raises(kv.InputError, match="at most"):
        sweep_file.read(tmp_path / "s.yaml")


def test_a_skewed_profile_makes_no_more_points_than_fit(tmp_path):
    rows = 100_000
    body = "\n".join(f"{k}, 20" for k in range(rows))
    (tmp_path / "long.csv").write_text("t (s), v (degC)\n" + body)
    text = ROOM.replace("room:", "room: {model: ambient, T: 300}, rooms:").replace("T: 300}}", "T: 300, count: 1000}}")
    text += "profiles: {p: {csv: long.csv, time: t, value: v}}\napply: [{profile: p, to: 'rooms[*].T', skew: 1 s}]\n"
    with pytest.raises(kv.InputError, match="100000 points for each of 1000 values"):
        kv.read(text, folder=tmp_path)


def test_synthetic_profiles_and_their_statistics_are_bounded():
    for figures in ({"duration": np.inf}, {"duration": 1e8, "step": 1e3, "period": 1e-3, "edge": 1e-4}):
        with pytest.raises(kv.InputError):
            training_profile(1, bursts=0.0, **figures)
    assert np.isnan(trace_statistics(np.array([0.0, 1e-3, 2e-3, 1e15]), np.ones(4)).frequency)
