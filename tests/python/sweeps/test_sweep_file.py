"""Sweeps from a file: what it may say, what the command prints, how it refuses."""

import json
from pathlib import Path

import kelvolt as kv
import pytest
from kelvolt.cli.commands import main
from kelvolt.sweeps.file import read

STARTER = Path(kv.__file__).parent / "starter.yaml"


def test_the_command_line_reads_a_file_and_writes_the_answer(tmp_path: Path, capsys) -> None:
    text = """
vary:
  facility.T_supply: {from: 20 degC, to: 30 degC, steps: 3}
  "gpu[*].power": {times: [0.5, 1.0]}
samples: {n: 4, method: lhs, seed: 2, vary: {pump.speed: [0.7, 1.0]}}
record: {hot: "max(gpu[*].T_die)"}
limits: true
"""
    question, out = tmp_path / "sweep.yaml", tmp_path / "out.h5"
    question.write_text(text)
    assert main(["sweep", str(STARTER), str(question), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == 24 and told["status"] == {"ok": 24}
    with kv.open(out) as ds:
        assert ds["hot"].dims == ("facility_T_supply", "gpu_power", "sample")
        assert ds["facility_T_supply"].values == pytest.approx([293.15, 298.15, 303.15])
        one = kv.load(STARTER).update({"facility.T_supply": "25 degC", "pump.speed": float(ds["pump_speed"].values[2])})
        assert float(ds["hot"].values[1, 1, 2]) == pytest.approx(one.steady()["gpu[*].T_die"].max(), abs=1e-7)
    question.write_text(text.replace("vary:", "varied:", 1))
    assert main(["sweep", str(STARTER), str(question), "-o", str(out)]) == 2
    assert "varied" in capsys.readouterr().err


def test_a_sweep_file_draws_from_distributions_with_units(tmp_path: Path, case: kv.Case) -> None:
    question = tmp_path / "sweep.yaml"
    text = """
samples:
  n: 256
  vary:
    facility.T_supply: {normal: [30 degC, 2 K]}
    pump.speed: {triangular: [0.7, 0.9, 1.0]}
    gpu[*].power: {times: {normal: [1.0, 3 %]}}
record: {hot: "max(gpu[*].T_die)"}
"""
    question.write_text(text)
    asked = read(question)
    ds = kv.sweep(case, asked.pop("axes"), **asked)
    T, speed, factor = (ds[p].values for p in ("facility_T_supply", "pump_speed", "gpu_power"))
    assert T.mean() == pytest.approx(303.15, abs=0.05) and T.std() == pytest.approx(2.0, rel=0.03)
    assert 0.7 < speed.min() and speed.max() < 1.0 and speed.mean() == pytest.approx(2.6 / 3.0, abs=1e-3)
    assert factor.std() == pytest.approx(0.03, rel=0.03)
    bad = {
        "[0.7, 0.9, 1.0]": ("[0.7, 1.0]", "triangular takes 3"),
        "[0.7, 0.9": ("[0.95, 0.9", "triangular takes"),
        "2 K": ("0 K", "standard deviation"),
        "normal: [30": ("gamma: [30", "facility.T_supply: give"),
    }
    for old, (new, says) in bad.items():
        question.write_text(text.replace(old, new, 1))
        with pytest.raises(kv.InputError, match=says):
            asked = read(question)
            kv.sweep(case, asked.pop("axes"), **asked)


@pytest.mark.parametrize("wrong", ["limits: maybe", "chunk: many", "record: 5", "threads: 3"])
def test_a_sweep_file_that_is_wrong_is_refused_in_one_line(wrong: str, tmp_path: Path, capsys) -> None:
    question = tmp_path / "sweep.yaml"
    question.write_text("vary: {facility.T_supply: [300]}\n" + wrong)
    assert main(["sweep", str(STARTER), str(question), "-o", str(tmp_path / "out.h5")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("kelvolt: ") and wrong.split(":")[0] in said


VARY = "vary: {pump.speed: [0.9]}\n"
WRONG = {
    "a list of nothing": ("- 1\n- 2\n", 1, "mapping"),
    "no file at all": ("", None, "mapping"),
    "a number": ("5\n", 1, "mapping"),
    "vary is a list": ("limits: true\nvary:\n  - pump.speed\n", 2, "vary takes a mapping"),
    "vary is a word": ("vary: pump.speed\n", 1, "vary takes a mapping"),
    "vary is nothing": ("vary:\n", 1, "vary takes a mapping"),
    "zipped is a list": ("\nzipped: [1, 2]\n", 2, "zipped takes a mapping"),
    "zipped lengths": ("zipped:\n  pump.speed: [1, 0.9]\n  facility.T_supply: [300]\n", None, "one length"),
    "samples is a list": ("samples: [4]\n", 1, "samples takes a mapping"),
    "samples without n": ("\n\nsamples: {vary: {pump.speed: [0.8, 1]}}\n", 3, "needs n"),
    "samples n is a word": ("samples: {n: many, vary: {pump.speed: [0.8, 1]}}\n", 1, "needs n"),
    "samples n is true": ("samples: {n: true, vary: {pump.speed: [0.8, 1]}}\n", 1, "samples"),
    "samples vary is a list": ("samples:\n  n: 4\n  vary: [1]\n", 3, "samples: vary takes a mapping"),
    "samples method": ("samples:\n  n: 4\n  method: [x]\n  vary: {pump.speed: [0.8, 1]}\n", None, "method"),
    "samples seed": ("samples:\n  n: 4\n  seed: x\n  vary: {pump.speed: [0.8, 1]}\n", None, "seed"),
    "samples of one number": ("samples:\n  n: 4\n  vary:\n    pump.speed: 0.9\n", 4, "pump.speed"),
    "samples of three": ("samples:\n  n: 4\n  vary:\n    pump.speed: [1, 2, 3]\n", 4, "pump.speed"),
    "samples of lists": ("samples:\n  n: 4\n  vary:\n    pump.speed: [[1], [2]]\n", 4, "pump.speed"),
    "an unknown key": (VARY + "threads: 3\n", 2, "threads"),
    "an unknown key of samples": ("samples:\n  n: 4\n  draws: 3\n", 3, "draws"),
    "a number as a key": ("vary:\n  1: [2]\n", 2, "'1'"),
    "a list as a key": ("vary:\n  ? [a, b]\n  : [2]\n", 2, "key"),
    "values are a mapping": ("vary:\n  pump.speed: {low: 1, high: 2}\n", 2, "pump.speed"),
    "values are nothing": ("vary:\n  pump.speed:\n", 2, "pump.speed"),
    "values hold a list": ("vary:\n  pump.speed: [[0.8, 0.9]]\n", 2, "pump.speed"),
    "values hold a date": ("vary:\n  pump.speed: [2026-01-01]\n", 2, "pump.speed"),
    "values hold nothing": ("vary:\n  pump.speed: [0.9, null]\n", 2, "pump.speed"),
    "values hold true": ("vary:\n  pump.speed: [true]\n", 2, "pump.speed"),
    "values are infinite": ("vary:\n  pump.speed: [.inf]\n", 2, "pump.speed"),
    "no such date": ("vary:\n  pump.speed: [2026-13-45]\n", 2, "2026-13-45"),
    "a path of nothing": ("vary:\n  pumpp.speed: [0.9]\n", 2, "pumpp"),
    "steps of a list": ("vary:\n  pump.speed: {from: [1], to: 2, steps: 3}\n", 2, "no number"),
    "steps of a fraction": ("vary:\n  pump.speed: {from: 0.8, to: 1, steps: 2.5}\n", 2, "steps"),
    "steps without end": ("vary:\n  pump.speed: {from: 0.8, to: 1, steps: 99999999999}\n", 2, "steps"),
    "steps to infinity": ("vary:\n  pump.speed: {from: 0.8, to: inf, steps: 3}\n", 2, "finite"),
    "times of times": ("vary:\n  pump.speed: {times: {times: [1]}}\n", 2, "pump.speed"),
    "times of words": ("vary:\n  pump.speed: {times: [fast]}\n", 2, "pump.speed"),
    "given twice": ("vary:\n  pump.speed: [0.9]\n  pump.speed: [0.8]\n", 3, "already given"),
    "two kinds of one path": (VARY + "zipped: {pump.speed: [0.8]}\n", None, "given twice"),
    "record is a number": (VARY + "record: 5\n", 2, "record"),
    "record holds a number": (VARY + "record: [5]\n", 2, "record"),
    "record names nothing": (VARY + "record: [nothing.T]\n", None, "nothing"),
    "simulate is a word": (VARY + "simulate: soon\n", 2, "simulate"),
    "simulate is a list": (VARY + "simulate: [10 s]\n", 2, "simulate"),
    "duration is a list": (VARY + "simulate: {duration: [1], every: 1}\n", 2, "duration"),
    "duration is a word": (VARY + "simulate: {duration: long, every: 1}\n", 2, "duration"),
    "tolerance is a word": (VARY + "simulate: {duration: 2, every: 1, tolerance: tight}\n", 2, "tolerance"),
    "limits is a word": (VARY + "limits: maybe\n", 2, "limits"),
    "chunk is negative": (VARY + "chunk: -1\n", 2, "chunk"),
    "no YAML": ("vary: {pump.speed: [0.9\n", None, ""),
    "a tab": ("vary:\n\tpump.speed: [0.9]\n", 2, ""),
    "a tag of Python": ("vary: !!python/object/apply:os.system [ls]\n", 1, ""),
    "references": ("a: &a [1]\nvary: {pump.speed: *a}\n", 1, "no 'a'"),
    "nested without end": ("vary: " + "[" * 5000 + "\n", None, ""),
    "a control character": ("vary: {pump.speed: [0.9]} # \x07\n", None, ""),
    "a bare temperature": ("vary:\n  facility.T_supply: [20, 30]\n", 2, "20 degC"),
    "a bare range": ("samples:\n  n: 4\n  vary:\n    facility.T_supply: [20, 30]\n", 4, "20 degC"),
    "bare steps": ("vary:\n  facility.T_supply: {from: 20, to: 30, steps: 3}\n", 2, "20 degC"),
    "one parameter twice": ("vary:\n  gpu[1].power: [500]\n  gpu[*].power: [600]\n", 2, "both vary gpu[1].power"),
    "one parameter by its text": (VARY + "zipped: {components.pump.speed: [0.8]}\n", 2, "both vary pump.speed"),
    "a name with a slash": (VARY + "record:\n  T: gpu[1].T_die\n  a/b: gpu[2].T_die\n", 4, "'a/b'"),
    "a name that is a place": (VARY + "record:\n  T: gpu[1].T_die\n  ..: gpu[2].T_die\n", 4, "'..'"),
    "a name of a verdict": (VARY + "limits: true\nrecord:\n  limit_margin: gpu[1].T_die\n", 4, "'limit_margin'"),
    "a sample called status": ("samples:\n  n: 4\n  name: status\n  vary: {pump.speed: [0.8, 1]}\n", 3, "'status'"),
    "a bare mean": ("samples:\n  n: 4\n  vary:\n    facility.T_supply: {normal: [20, 2]}\n", 4, "20 degC"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_sweep_file_is_an_input_error_with_file_and_line(name: str, tmp_path: Path, capsys) -> None:
    text, line, says = WRONG[name]
    question = tmp_path / "question.yaml"
    question.write_text(text)
    assert main(["sweep", str(STARTER), str(question), "-o", str(tmp_path / "out.h5")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("kelvolt: ") and says in said and "Traceback" not in said and len(said) < 6000
    assert "question.yaml" in said, said
    if line is not None:
        assert f"question.yaml:{line}: " in said, said
    assert not (tmp_path / "out.h5").exists()


def test_a_sweep_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    question = tmp_path / "question.yaml"
    question.write_bytes(b"vary: {a.b: [\xff\xfe]}")
    with pytest.raises(kv.InputError, match=r"question\.yaml:1: .*UTF-8"):
        read(question)


ROOM = "kelvolt: 1\ncomponents: {room: {model: ambient, T: 300}}\n"
LIMITED = ROOM + "limits:\n  - {of: room.T, max: 310 K, id: cold}\n"
BY_THE_WORD = ROOM + "limits:\n  - {of: room.T, max: 310 K, id: cold, basis: balance}\n"
RUNS = "simulate: {duration: 2, every: 1}\n"
VERDICTS = [
    (LIMITED, [200, 305], 0, "limits: held at all 2 points", ["cold", "cold"], [110.0, 5.0]),
    (LIMITED, [300, 510], 1, "limits: BROKEN at 1 of 2 points", ["cold", "cold"], [10.0, -200.0]),
    (BY_THE_WORD, [300, 510], 1, "limits: BROKEN at 1 of 2 points", ["cold", "cold"], [10.0, -200.0]),
    (LIMITED, [510, 20000], 1, "limits: BROKEN at 1 of 1 points", ["cold", ""], [-200.0, None]),
    (ROOM, [300, 510], 3, "limits: not assessed", ["", ""], [None, None]),
    (LIMITED, [10000, 20000], 2, "2  refused", ["", ""], [None, None]),
]


@pytest.mark.parametrize("runs", ["", RUNS])
@pytest.mark.parametrize(("text", "temperatures", "status", "says", "limits", "margins"), VERDICTS)
def test_a_sweep_with_limits_ends_as_its_worst_point(
    text, temperatures, status, says, limits, margins, runs, tmp_path: Path, capsys
) -> None:
    (tmp_path / "case.yaml").write_text(text)
    (tmp_path / "q.yaml").write_text(f"vary: {{room.T: {temperatures}}}\nrecord: {{T: room.T}}\nlimits: true\n{runs}")
    words = ["sweep", str(tmp_path / "case.yaml"), str(tmp_path / "q.yaml"), "-o", str(tmp_path / "q.h5")]
    assert main(words) == status
    printed = capsys.readouterr().out
    assert says in printed
    if status == 1:
        assert "cold; the worst is room.T, short of 200 K at room.T = 510 (SI)" in printed
    with kv.open(tmp_path / "q.h5") as ds:
        assert ds["limit"].values.tolist() == limits
        assert ds["limit_margin"].values.tolist() == [pytest.approx(m or float("nan"), nan_ok=True) for m in margins]
    assert main([*words, "--json"]) == status  # a result that is there already ends alike
    told = json.loads(capsys.readouterr().out)["limits"]
    assert told["verdict"] == {0: "held", 1: "broken"}.get(status, "not assessed")
    assert [w["at"] for w in told["worst"]] == ([{"room.T": 510.0}] if status == 1 else [])


def test_a_sweep_without_limits_fails_only_where_every_point_does(tmp_path: Path, capsys) -> None:
    (tmp_path / "case.yaml").write_text(LIMITED)
    for temperatures, status in (([510, 20000], 0), ([10000, 20000], 2)):
        (tmp_path / "q.yaml").write_text(f"vary: {{room.T: {temperatures}}}\n")
        out = str(tmp_path / f"{status}.h5")
        assert main(["sweep", str(tmp_path / "case.yaml"), str(tmp_path / "q.yaml"), "-o", out]) == status
        assert "limits:" not in capsys.readouterr().out
