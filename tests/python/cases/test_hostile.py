"""Hostile input and interruption: nothing but kelvolt.Error, no lost file."""

import signal
import subprocess
import sys
import time

import kelvolt as kv
import pytest
from conftest import CASES, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = (ROOT / "python/kelvolt/starter.yaml").read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if line.strip() and not line.strip().startswith("#")]
WORDS = [
    "",
    "nan",
    "inf",
    "-1",
    "0",
    "1e400",
    "[0]",
    "[1..99999999]",
    "*",
    "->",
    "{",
    "}",
    "[",
    ": ",
    "&a",
    "*a",
    "!!x",
]
WORDS += [
    "1 kW",
    "5 degC",
    "\t",
    "\0",
    "é",
    "null",
    "~",
    "true",
    "'",
    '"',
    "gpu",
    "pump.b",
    "9" * 400,
    "- - -",
    "|",
    "?",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good case with a few lines dropped, doubled, swapped, cut or overwritten."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(lines) - 1))
        line = lines[i]
        at = draw(st.integers(0, len(line)))
        to = min(len(line), at + draw(st.integers(0, 6)))
        action = draw(st.sampled_from(["drop", "double", "swap", "cut", "word", "text", "indent"]))
        if action == "drop":
            lines[i] = ""
        elif action == "double":
            lines.insert(i, line)
        elif action == "swap":
            j = draw(st.integers(0, len(lines) - 1))
            lines[i], lines[j] = lines[j], lines[i]
        elif action == "cut":
            lines[i] = line[:at]
        elif action == "word":
            lines[i] = line[:at] + draw(st.sampled_from(WORDS)) + line[to:]
        elif action == "text":
            lines[i] = line[:at] + draw(st.text(max_size=8)) + line[to:]
        else:
            lines[i] = " " * draw(st.integers(0, 8)) + line.lstrip()
    return "\n".join(lines)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_mutated_case_is_read_or_refused_by_name(text):
    try:
        case = kv.read(text)
        case.steady().summary()
    except kv.Error as error:
        assert error.message.strip()


def test_a_name_longer_than_any_file_has_is_refused_by_name():
    long = "x" * 5000
    with pytest.raises(kv.InputError, match="xxx"):
        kv.read(TEXT.replace("gb200_gpu", long))
    with pytest.raises(kv.InputError, match="there is no file"):
        room = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\n"
        kv.read(room + f"profiles: {{p: {{csv: {long}, time: t, value: v}}}}")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_path_or_refused_by_name(pattern):
    case = kv.read(TEXT)
    for ask in (lambda: case[pattern], lambda: case.find(pattern), lambda: case.__setitem__(pattern, "1 kW")):
        try:
            ask()
        except kv.Error as error:
            assert error.message.strip()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20), st.sampled_from(["W", "K", "delta_K", "Pa", "Pa_abs", "m3/s", "1"]))
def test_any_text_is_a_quantity_or_refused_by_name(text, unit):
    try:
        assert isinstance(kv.to_si(text, unit), float)
    except kv.Error as error:
        assert error.message.strip()


INTERRUPTED = """
import sys
import kelvolt as kv
case = kv.load(sys.argv[1])
try:
    case.simulate("100 h", every="1 s", output=sys.argv[2], progress=False)
except KeyboardInterrupt:
    sys.exit(42)
"""


def _interrupt(command: list[str], parts, after: float) -> int:
    def heard() -> None:
        """A shell's background job ignores Ctrl-C, and so would what it starts."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heard)
    deadline = time.monotonic() + 30.0
    while not parts.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("after", [0.0, 1.0])
def test_ctrl_c_keeps_a_readable_file(tmp_path, after):
    file = tmp_path / "r.h5"
    command = [sys.executable, "-c", INTERRUPTED, str(CASES / "single_loop.yaml"), str(file)]
    assert _interrupt(command, tmp_path / "r.h5.parts", after) == 42
    with pytest.warns(kv.IncompleteRun, match="interrupted"), kv.open(file) as kept:
        assert kept.attrs["status"] == "interrupted"
        assert after == 0.0 or kept.sizes["time"] > 10
    assert not (tmp_path / "r.h5.parts").exists()


def test_ctrl_c_on_the_command_line_is_one_line(tmp_path):
    file = tmp_path / "r.h5"
    text = (CASES / "single_loop.yaml").read_text().replace("duration: 2 min", "duration: 100 h")
    (tmp_path / "long.yaml").write_text(text)
    command = [sys.executable, "-m", "kelvolt", "run", str(tmp_path / "long.yaml"), "-o", str(file)]
    assert _interrupt(command, tmp_path / "r.h5.parts", 0.3) == 130
    with pytest.warns(kv.IncompleteRun):
        kv.open(file).close()
