"""Sweeps from a file: what it may say, what the command prints, how it refuses."""

import json
from pathlib import Path

import kelvolt as kv
import pytest
from kelvolt.cli import main
from kelvolt.sweep_file import read

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
        assert ds["hot"].dims == ("facility.T_supply", "gpu[*].power", "sample")
        assert ds["facility.T_supply"].values == pytest.approx([293.15, 298.15, 303.15])
        one = kv.load(STARTER).update({"facility.T_supply": "25 degC", "pump.speed": float(ds["pump.speed"].values[2])})
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
    T, speed, factor = (ds[p].values for p in ("facility.T_supply", "pump.speed", "gpu[*].power"))
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
