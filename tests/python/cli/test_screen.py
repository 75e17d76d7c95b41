"""The answer first: how long and wide what a command prints is, that equal elements are one row, and its colours."""

import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import kelvolt as kv
import pytest
from conftest import CASES
from kelvolt.base import screen
from kelvolt.base.groups import grouped
from kelvolt.base.tables import Table, Units
from kelvolt.base.verdicts import assessed
from kelvolt.cli.commands import _parser, main
from kelvolt.cli.completion import script
from kelvolt.cli.printable import Printable
from kelvolt.power.check import recorded
from kelvolt.reports.binding import binding
from kelvolt.reports.brief import question_of
from kelvolt.studies.influence import influences

NAMES = sorted(f.stem for f in CASES.glob("*.yaml"))
LARGE = {n for n in NAMES if n.startswith("hall_")}  # seconds to minutes each
LINES, WIDTH = 42, 120
ELECTRIC = ["power", "shortcircuit", "protection", "schedule", "harmonics"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(capsys, *words: str) -> str:
    """What a command prints, or nothing where it ends with an error."""
    status = main(list(words))
    text = capsys.readouterr().out
    assert status in (0, 1, 3) or not text
    return text


def fits(text: str) -> bool:
    lines = text.rstrip("\n").split("\n")
    return len(lines) <= LINES and max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_a_steady_run_of_every_shipped_case_fits_on_a_screen(name, here, capsys):
    text = printed(capsys, "run", name, "--steady")
    assert fits(text), text
    assert (
        kv.load(name).title in text
        and ("nearest limit: " in text or "broken most: " in text)
        and "--full prints" in text
    )


@pytest.mark.parametrize("command", ["check", *ELECTRIC])
@pytest.mark.parametrize("name", [n for n in NAMES if n not in LARGE])
def test_every_quick_command_fits_on_a_screen(command, name, here, capsys):
    more = ["--steady", "--no-contingencies"] if command == "check" else []
    text = printed(capsys, command, name, *more)
    assert not text or fits(text), text


LONG = {
    "contingencies": [],
    "ridethrough": ["--for", "2 s", "--lose", "pump*", "--lose", "utility"],
    "commission": ["--draws", "10"],
    "run": ["--steady", "--ranges", "20"],
    "tree": [],
    "size": ["--minimise", "sum(pump[*].P_el)", "--vary", "pump.speed=0.5..1"],
    "swings": [],
    "check": ["--steady"],
}
PLANT = {"year", "where"}  # of plants in outdoor air
QUIET = {"draw", "new", "table", "serve", "completion", "schema", "validate", "report", "profile", "sweep"}  # no tables


@pytest.mark.parametrize("command", LONG)
@pytest.mark.parametrize("name", ["single_loop", "server_room"])
def test_every_command_fits_on_a_screen_without_full(command, name, here, capsys):
    text = printed(capsys, command, name, *LONG[command])
    assert not text or fits(text), text


def test_every_command_that_prints_tables_is_held_to_a_screen():
    (commands,) = (a.choices for a in _parser()._actions if isinstance(a.choices, dict))
    assert set(commands) == {*LONG, *QUIET, *ELECTRIC, *PLANT, "components", "cases"}


@pytest.mark.parametrize("command", sorted(PLANT))
def test_a_year_and_a_map_of_cities_fit_on_a_screen_without_full(command, here, capsys):
    rest = "9999," * 10 + "999,999,99,99,9999,99999,9,999999999,999,.999,999,99,999,999,99"
    hours = [f"2001,1,1,{k + 1},60,?9,{k},{k - 3},50,98000,{rest}" for k in range(24)]
    Path("air.epw").write_text("LOCATION,A,-,B,made,0,50.0,8.0,1.0,500.0\n" + 7 * "HEAD\n" + "\n".join(hours) + "\n")
    more = ["air.epw"] if command == "year" else ["--city", "Dubai", "--city", "Denver"]
    text = printed(capsys, command, "economiser_plant", *more)
    assert fits(text), text


def test_a_run_with_ranges_shows_the_first_rows_of_each_table_and_full_all(here, capsys):
    text = printed(capsys, "run", "single_loop", "--steady", "--ranges", "20")
    assert "Ranges (20 draws" in text and "Probability that limits hold, the first" in text
    full = printed(capsys, "run", "single_loop", "--steady", "--ranges", "20", "--full")
    assert "Ranges (20 draws" in full and ", the first" not in full


@pytest.mark.parametrize(
    "words", [["components"], ["cases"], ["tree", "hall_2n_ac"], ["tree", "edge_campus"], ["--help"]]
)
def test_lists_fit_on_a_screen(words, here, capsys):
    if words == ["--help"]:
        with pytest.raises(SystemExit):
            main(words)
        text = capsys.readouterr().out
    else:
        text = printed(capsys, *words)
    assert fits(text), text


def test_the_answer_of_a_rack_says_what_binds_and_by_how_much(here, capsys):
    text = printed(capsys, "run", "gb200_nvl72_rack", "--steady")
    solution = kv.load("gb200_nvl72_rack").steady()
    v = binding(solution)
    assert "BROKEN: 18 limits BROKEN" in text
    told = re.sub(r"\s+", " ", text)
    assert f"broken most: {v.id} of {v.element}" in told and "short by 0.626 L/min (9.5 %)" in told
    assert re.search(r"^required_flow +tray\[18\]\.inlet_manifold +18 ", text, re.MULTILINE)  # one row for 18 trays
    assert len(re.findall(r"^tray\[", text, re.MULTILINE)) == 1


def test_what_is_broken_binds_also_where_it_is_a_balance_that_does_not_close():
    def verdict(word, is_balance):
        return SimpleNamespace(verdict=word, is_balance=is_balance)

    words = [("held", False), ("not assessed", False), ("broken", True), ("held", True)]
    raw = SimpleNamespace(verdicts=[verdict(*x) for x in words])
    assert binding(SimpleNamespace(raw=raw)) is raw.verdicts[2]
    raw.verdicts[2].verdict = "held"
    assert binding(SimpleNamespace(raw=raw)) is raw.verdicts[0]


@pytest.mark.parametrize("columns", [40, 60, 120])
def test_words_of_a_table_stay_whole_where_there_is_room_for_them(columns):
    rows = [["rack[1].shelf (of 3 alike)", "the plan breaks a limit of the circuit and more " * 3] for _ in range(2)]
    text = Table(["contingency", "why it is not held"], rows).text(width=columns)
    words = text.split()
    assert max(map(len, text.splitlines())) <= columns
    assert {"contingency", "rack[1].shelf", "circuit"} <= set(words)


def test_equal_elements_of_a_power_network_are_one_row_with_their_count(here, capsys):
    text = printed(capsys, "power", "hall_2n_ac")
    row = re.search(r"^rack\[\d+\]\.rack\.tray\[\d+\]\.tray\.grace_vrm\[\d+\] +(\d+) ", text, re.MULTILINE)
    assert row and int(row[1]) == 8 * 18 * 2
    assert re.search(r"^transformer\[\d\] +2 +transformer ", text, re.MULTILINE)


def test_full_has_every_limit_branch_and_assumed_value(here, capsys):
    case = kv.load("gb200_nvl72_rack")
    solution = case.steady()
    text = printed(capsys, "run", "gb200_nvl72_rack", "--steady", "--full")
    joined = re.sub(r"\s+", "", text)
    assert all(v.id in joined for v in solution.raw.verdicts if v.verdict != "not assessed")
    assert all(b.branch in joined for b in solution.branch_list())
    assert len(text.splitlines()) > 150 and "Assumed values" in text and "Heat" in text
    shown = text.split("Assumed values\n")[1]
    assert sum(bool(re.match(r"  \S", line)) for line in shown.splitlines()[2:]) >= len(case.core.assumptions)


def test_a_network_without_chips_shows_flow_and_pressures(here, capsys):
    Path("open.yaml").write_text("""
kelvolt: 1
title: Open line
components:
  src: {model: supply, medium: water, T: 18 degC, p: 3 bar(a)}
  sink: {model: return_line, p: 2 bar(a)}
  a: {model: pipe, length: 30 m, diameter: 20 mm}
connections: [src.port -> a -> sink.port]
""")
    text = printed(capsys, "run", "open.yaml")
    (row,) = re.findall(r"^a .*$", text, re.MULTILINE)
    cells = row.split()
    assert float(cells[-2]) == pytest.approx(300.0, abs=1.0) and float(cells[-1]) == pytest.approx(200.0, abs=1.0)
    assert float(cells[3]) == pytest.approx(100.0, abs=1.0)


def test_assumed_values_are_ranked_by_the_margins_at_both_ends_of_their_ranges():
    case = kv.load("gb200_nvl72_rack")
    solution = case.steady()
    found = influences(case, solution)
    assert found.limit == "required_flow" and found.margin == pytest.approx(binding(solution).margin)
    by = [r.moves for r in found.rows]
    assert by == sorted(by, reverse=True)
    for row in [r for r in found.rows if not r.value.curve][:4]:
        assert row.by == "solved"
        for end, change in ((row.value.low, row.at_low), (row.value.high, row.at_high)):
            other = case.copy()
            for path in row.value.paths:
                other[path] = end
            verdicts = other.steady().raw.verdicts
            margin = next(v.margin for v in verdicts if (v.id, v.element) == (found.limit, found.element))
            assert change == pytest.approx(margin - found.margin, rel=1e-4, abs=1e-10)


def test_leakage_moves_the_die_by_what_a_solve_at_its_ends_says_and_so_does_the_temperature_it_grows_with():
    case = kv.load("single_loop")
    solution = case.steady()
    key = next(k for k in assessed(solution.raw.verdicts) if k[0] == "die_temperature")
    moves = {r.value.name: r.moves for r in influences(case, solution, key).rows}

    def margin(end):
        other = case.copy()
        other["gpu.leakage_nominal"] = end
        return next(v.margin for v in other.steady().raw.verdicts if v.id == "die_temperature")

    assert moves["gpu.leakage_nominal"] == pytest.approx(margin(0.0) - margin(180.0), rel=1e-6)
    assert moves["gpu.T_leak_scale"] > 0.01


def test_where_no_assumed_value_moves_the_tightest_limit_the_next_one_is_ranked_and_that_is_said():
    case = kv.load("single_loop")
    key = next(k for k in assessed(case.steady().raw.verdicts) if k[:2] == ("freezing", "facility"))
    asked = influences(case, first=key)
    assert asked.moving and len(asked.unmoved) == 1 and asked.unmoved[0].startswith("freezing of ")
    assert "no assumed value moves" in asked.note()
    assert not influences(case, limit=key).moving


def test_a_curve_counts_by_solves_at_both_ends_of_its_factor():
    case = kv.load("gb200_nvl72_rack")
    found = influences(case)
    curves = [r for r in found.rows if r.value.curve]
    assert curves and all(r.by == "solved" for r in curves)
    assert influences(case, curves=False).left_out == len(curves)
    with pytest.raises(kv.InputError, match="was not assessed"):
        influences(case, limit=("no_limit", "nowhere", "", "", True, 0))


def test_the_question_of_a_case_is_what_its_text_asks():
    assert question_of(kv.load("shedding")).startswith("does the battery last")
    assert question_of(kv.load("edge_campus")).endswith("when a part is lost?")
    assert "`utility.P`" in question_of(kv.load("load_swings"))
    assert question_of(kv.load("single_loop")) == ""
    about = "The question: does it hold?\n\n```\nThe question: no?\n```\n\nRest."
    room = {"kelvolt": 1, "about": about, "components": {"room": {"model": "ambient", "T": "20 degC"}}}
    assert question_of(kv.read(room)) == "does it hold?"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_wraps_words_and_never_numbers(width):
    rows = [["rack[1].tray[2].gpu[3].T_die", "1234.5678", "a reason that goes on and on " * 4, "-0.000123 L/min"]] * 3
    text = Table(["element", "value (kPa)", "why", "margin"], rows, {2, 3}).text("  ", width)
    assert max(map(len, text.splitlines())) <= width
    assert text.count("1234.5678") == 3 and text.count("-0.000123 L/min") == 3


def test_a_table_is_longer_than_the_screen_rather_than_cut_a_number():
    rows = [[f"n{k}"] + ["123456789.123"] * 8 for k in range(2)]
    text = Table(["name", *"abcdefgh"], rows).text("", 60)
    assert text.count("123456789.123") == 16


class Terminal:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colours"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_verdicts_are_coloured_on_terminals_that_want_it(environment, colours, monkeypatch):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    Printable(terminal).write("2 limits BROKEN, 3 held, 1 not assessed\x1b[2J")
    assert ("\x1b[1;31mBROKEN\x1b[0m" in terminal.text) == colours
    assert ("\x1b[32mheld" in terminal.text and "\x1b[33mnot assessed" in terminal.text) == colours
    assert "\x1b[2J" not in terminal.text  # what a case contains is still shown as codes
    plain = Terminal()
    Printable(plain, plain=True).write("BROKEN")
    assert plain.text == "BROKEN"


def test_nothing_is_coloured_in_a_pipe(here, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in printed(capsys, "run", "gb200_nvl72_rack", "--steady")


def test_the_width_is_that_of_the_terminal_and_120_in_a_pipe(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert screen.width() == 120
    monkeypatch.setenv("COLUMNS", "80")
    assert screen.width() == 80
    monkeypatch.setenv("COLUMNS", "300")
    assert screen.width() == 120
    monkeypatch.setattr("sys.stdout", Terminal())
    assert screen.width() == 300


def test_rows_that_differ_in_indices_only_are_one_group_with_its_worst():
    rows = [("a[1].b[2]", 3.0), ("c", 1.0), ("a[2].b[1]", 2.0)]
    first, second = grouped(rows, lambda r: r[0], worst=lambda r: r[1])
    assert first.worst == ("a[2].b[1]", 2.0) and first.named("a[2].b[1]") == "a[2].b[1] (worst of 2)"
    assert second.named("c") == "c"
    assert len(grouped(rows, lambda r: r[0], every=True)) == 3


def test_rows_of_one_name_that_are_not_close_are_groups_apart():
    rows = [("a[1]", 1.0), ("a[2]", 5.0), ("a[3]", 1.01), ("b[1]", 1.0)]
    found = grouped(rows, lambda r: r[0], close=lambda first, r: abs(first[1] - r[1]) < 0.1)
    assert [[r[0] for r in g.members] for g in found] == [["a[1]", "a[3]"], ["a[2]"], ["b[1]"]]


def completed(script_file: Path, folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    asks = " ".join(f"'{w}'" for w in words)
    code = f"""
source {script_file}
COMP_WORDS=({asks}); COMP_CWORD={len(words) - 1}; COMPREPLY=()
$(complete -p kelvolt | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    return done.stdout.split()


def test_bash_completes_commands_options_shipped_cases_and_files(tmp_path, capsys):
    assert main(["completion", "bash"]) == 0
    file = tmp_path / "kelvolt.bash"
    file.write_text(capsys.readouterr().out)
    (tmp_path / "gb_mine.yaml").write_text("")
    assert completed(file, tmp_path, "kelvolt", "ru") == ["run"]
    found = completed(file, tmp_path, "kelvolt", "run", "gb")
    assert {"gb200_nvl72_rack", "gb300_nvl72_rack", "gb_mine.yaml"} <= set(found)
    assert completed(file, tmp_path, "kelvolt", "run", "x", "--unit") == ["--units"]
    assert completed(file, tmp_path, "kelvolt", "run", "x", "--units", "s") == ["si", "si-field"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_other_shells_name_commands_and_shipped_cases(shell):
    text = script(_parser(), shell)
    assert "gb200_nvl72_rack" in text and "ridethrough" in text and "_kelvolt_cases" in text


def test_influence_is_said_in_the_unit_of_the_margin():
    found = influences(kv.load("gb200_nvl72_rack"), curves=False)
    assert re.search(r"required_heat 5\.00 to 5\.80 kW moves it by 0\.\d+ L/min", found.lines(Units("si"))[0])
    assert "gpm" in found.lines(Units("us"))[0]
    assert {"name", "moves", "at_low", "at_high", "by"} <= set(found.table.columns) and "linear" in repr(found)


def test_a_rack_without_electric_parts_records_nothing_for_the_list_of_checks():
    assert recorded(kv.load("gb200_nvl72_rack")) == []
    assert "**.loading" in recorded(kv.load("edge_campus"))
