"""The format is declared once: the reader and the schema accept every key it declares, and no other."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kelvolt as kv
import openpyxl
import pytest
from conftest import ROOT
from kelvolt import _core
from kelvolt.cases.schema import case_schema

FORMAT = _core.case_format()
VALIDATOR = jsonschema.Draft202012Validator(case_schema())
CASE = {"kind": "section", "section": "case"}
BLOCKS = {"number": "number", "curve": "curve", "choice": "word", "medium": "word"}  # by type of parameter
HALL = ROOT / "tests" / "python" / "power" / "hall.yaml"
SAID = {"source": "a data sheet", "date": 2026, "grade": "B", "note": "for the test"}
PLATE = {"model": "cold_plate", "rho_cp_test": 4e6, "volume": "1 mL", "C": 1, "dp_nominal": "1 kPa"}
CONVERTER = {"model": "dc_converter", "P_rated": "1 kW", "V_in": "48 V", "V_in_min": "40 V", "V_out": "12 V"}


def curves() -> dict[str, Any]:
    units = {"x": "L/min", "y": "K/W"}
    forms = {
        "constant": {"value": "0.1 K/W", "range": ["0.05 K/W", "0.2 K/W"], **SAID},
        "points": {"points": [[1, 2], [2, 1]], "kind": "log_table", "range": [0.9, 1.1], **units},
        "csv": {"csv": "table.csv", "x": "Q", "y": "R"},
        "table": {"table": "kinds.csv", "x": "Q", "y": "R", "where": {"kind": "b"}, "decimal": "point"},
        "sheet": {"table": "book.xlsx", "sheet": "Sheet"},
        "law": {
            "power_law": {"x": "1 L/min", "y": "1 K/W", "exponent": -0.5},
            "covers": ["1 L/min", "2 L/min"],
        },
        "parabola": {"parabola": [1, 0, 0.1], **units},
    }
    plates = {name: {**PLATE, "V_flow_nominal": "1 L/min", "R": form} for name, form in forms.items()}
    loss = {"efficiency": [[0.5, 0.97], [1, 0.96]]}
    return {**plates, "converter": {**CONVERTER, "droop": "0.1 V", "loss": loss}}


def times() -> dict[str, Any]:
    wave = {"high": 300, "low": 290, "period": 1, "duty": 0.5, "from": 1, "until": 2, "phase": 0}
    return {
        "events": [
            {"at": 1, "set": "facility.T_supply", "to": "31 degC", "over": "2 s"},
            {"at": 9, "set": "facility.T_supply", "by": "1 K"},
        ],
        "profiles": {
            "constant": {"constant": 300},
            "step": {"step": {"at": "30 s", "before": 300, "after": 310}},
            "wave": {"square_wave": wave, "otherwise": 300},
            "points": {"piecewise": [[0, 300], [1, 310]], "between": "step"},
            "file": {"csv": "trace.csv", "time": "t", "value": "T", "between": "linear"},
            "sheet": {"table": "book.xlsx", "sheet": "Trace", "time": "t", "value": "T"},
            "stamps": {"table": "stamps.csv", "time": "t", "value": "T", "zone": "Europe/Berlin", "decimal": "comma"},
        },
        "apply": [{"profile": "constant", "to": ["hall.T"], "scale": 1, "phase": "1 s", "skew": "1 s"}],
        "run": {"duration": "1 min", "start": {"T": "25 degC"}, "tolerance": 1e-4, "steady_at": "mean"}
        | {"begins": "2026-07-01T12:00", "zone": "Europe/Berlin"},
        "record": {"every": "1 s", "also": "hall.Q_flow", "all": True},
    }


def tables() -> dict[str, Any]:
    """Components from tables, with every key of such an entry."""
    ends = {"name": "Part", "columns": {"Load": "power"}, "ignore": ["Owner"], "words": {"Load": {"full": "2 kW"}}}
    heaters = {"table": "parts.csv", "model": "heat_source", "header": 1, "decimal": "point", **ends}
    pipes = {"table": "book.xlsx", "sheet": "Pipes", "model": "pipe", "cells": 2, "length": "1 m"}
    cables = {"table": "part,size\nx,25 mm2\n", "name": "part", "model": "ac_cable", "length": "1 m"}
    cables |= {"columns": {"size": "conductor.size"}, "conductor": {"size": "16 mm2", "insulation": "PVC"}}
    return {"heaters": heaters, "pipes": pipes, "cables": cables}


def of_limits() -> dict[str, Any]:
    """Limits from a table, with every key of such a section."""
    words = {"highest": {"hot": "400 K"}}
    means = {"columns": {"highest": "max"}, "ignore": "by", "words": words, "decimal": "point", "header": 1}
    return {"table": "book.xlsx", "sheet": "Limits", **means}


@pytest.fixture
def full(tmp_path: Path) -> dict[str, Any]:
    """A case that holds every key of the format."""
    (tmp_path / "table.csv").write_text("Q (L/min), R (K/W)\n1, 2\n2, 1\n")
    (tmp_path / "trace.csv").write_text("t (s), T (K)\n0, 300\n1, 310\n")
    (tmp_path / "kinds.csv").write_text("kind, Q (L/min), R (K/W)\na, 1, 3\nb, 1, 2\nb, 2, 1\n")
    (tmp_path / "stamps.csv").write_text("t;T (degC)\n2026-07-01T12:00;27,5\n2026-07-01T13:00;28\n")
    book = openpyxl.Workbook()
    for row in (["Q (L/min)", "R (K/W)"], [1, 2], [2, 1]):
        book.active.append(row)
    sheets = {
        "Trace": (["t (s)", "T (K)"], [0, 300], [1, 310]),
        "Pipes": (["name", "diameter (mm)"], ["p1", 25]),
        "Limits": (["of", "highest", "by"], ["rack[*].gpu.T_die", "hot", "me"]),
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    (tmp_path / "parts.csv").write_text("Part,Load,Owner\nA,full,me\n")
    book.save(tmp_path / "book.xlsx")
    case = _core.yaml_tree(HALL.read_text(), "hall.yaml")
    case["components"]["facility"]["T_supply"] = {"value": "30 degC", "range": ["20 degC", "40 degC"], **SAID}
    case["components"]["vessel"]["medium"] = {"value": "water", **SAID}
    case["assemblies"]["rack"] |= {"title": "a rack", "about": "of the hall", "set": {"gpu.T_die_max": "105 degC"}}
    case["assemblies"]["rack"]["parameters"] = {"power": "gpu.power"}
    case["assemblies"]["rack"]["components"]["bar"]["cells"] = 2
    case["assemblies"]["curves"] = {"components": curves() | tables()}
    rows = [[t, 1000 - 0.3 * t, 4.18, 0.6 + 0.001 * t, 1 / (1 + 0.02 * t)] for t in range(0, 100, 10)]
    units = {"T": "degC", "rho": "kg/m3", "cp": "kJ/(kg K)", "k": "W/(m K)", "mu": "mPa.s"}
    fluid = {"name": "mine", "title": "mine", "T_freeze": "0 degC", "T_boil": "100 degC", "notes": ["made up"]}
    said = {k: v for k, v in SAID.items() if k != "note"}
    wire = {"size": "240 mm2", "material": "copper", "insulation": "PVC", "method": "B1", "ambient": "35 degC"}
    case["components"]["way"]["conductor"] = {**wire, "grouped": 2, "loaded": 3}
    power = case["power"]
    power["schemes"].append({"name": "b", "kind": "block redundant", "units": "ups[1]", "catcher": "ups[2]"})
    power["schemes"][0] |= {"caps": "100 kW", "cap_reaction": "1 s"}
    power["contingencies"] |= {"leave_out": "tie", "accept_lost": "pumps", "accept_failures": "tie"}
    spectrum = {"order": [5, 7], "current": [0.2, "10 %"], "angle": ["180 deg", 0], "source": "mine"}
    power["harmonics"] = {"default": "linear", "loads": [{"of": "ups[1]", "spectrum": "mine"}], "eddy_loss": "10 %"}
    power["harmonics"] |= {"spectra": {"mine": spectrum}, "summation": "iec"}
    power["harmonics"]["demand"] = [{"of": "ups[1]", "I": "100 A"}]
    power["dips"] = {"mine": [["70 %", "0.5 s"], [0, 0.02]]}
    power["swings"] = {"apply": times()["apply"][:1], "duration": "10 s", "every": "20 ms"}
    power |= {"it": "rack[*]", "cooling": "pumps", "limits": {"ampacity": {"max": 1, "min": 0, "basis": "mine"}}}
    return (
        case
        | times()
        | {
            "kelvolt": 1,
            "about": "every key",
            "settings": {"T_start": "30 degC", "junction_volume": "20 mL", "strict": False},
            "fluids": {"mine": {**fluid, **said, "table": {**units, "rows": rows}}},
            "set": {"hall.T": "27 degC"},
            "knobs": {"racks": {"sum_of": "rack[*].gpu.power", "about": "all racks"}},
            "files": {"kept.csv": "t (s), T (K)\n0, 300\n"},
            "scenarios": {"hot": {"about": "a hot day", "set": {"hall.T": "35 degC"}}},
            "limits": [{"of": "rack[*].gpu.T_die", "min": 280, "max": 400, "spread": 1, "id": "die", "basis": "mine"}],
        }
    )


def walk(value: Any, form: dict[str, Any], at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every block of keys in a case: where it stands, and its section."""
    kind, is_map = form["kind"], isinstance(value, dict)
    if kind == "either":
        shapes = ("section", "map") if is_map else ("list", "paths") if isinstance(value, list) else ("word", "text")
        fitting = [f for f in form["forms"] if f["kind"] in shapes] or [{"kind": "text"}]
        yield from walk(value, fitting[-1 if is_map and "table" in value else 0], at)
    elif kind == "list":
        for k, item in enumerate(value):
            yield from walk(item, form["item"], (*at, k))
    elif kind == "map":
        for name, item in value.items():
            yield from walk(item, form["item"], (*at, name))
    elif kind == "section":
        yield at, form["section"]
        forms = {key["name"]: key["form"] for key in FORMAT[form["section"]]["keys"]}
        for model in _core.models():
            if form["section"] == "component" and model.type == value.get("model"):
                forms |= {
                    p.name: {"kind": "section", "section": BLOCKS[p.type]} for p in model.params if p.name != "cells"
                }
        for name, item in value.items():
            if isinstance(item, dict | list) or forms.get(name, {}).get("kind") != "section":
                yield from walk(item, forms.get(name, {"kind": "text"}), (*at, name))


def inside(case: Any, at: tuple[Any, ...]) -> Any:
    for key in at:
        case = case[key]
    return case


def refusal(case: dict[str, Any], folder: Path) -> str:
    with pytest.raises(kv.InputError) as refused:
        kv.read(case, folder=folder)
    return refused.value.message


def test_a_case_with_every_key_is_accepted_by_the_reader_and_the_schema(full, tmp_path):
    cases = [full, full | {"limits": of_limits()}]
    told = {(section, key) for case in cases for at, section in walk(case, CASE) for key in inside(case, at)}
    declared = {(name, k["name"]) for name, s in FORMAT.items() if name != "library_entry" for k in s["keys"]}
    assert declared - told == set()
    for case in cases:
        kv.read(case, folder=tmp_path)
        problems = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in VALIDATOR.iter_errors(case)]
        assert problems == []


def test_a_key_that_is_not_declared_is_refused_in_every_section(full, tmp_path):
    for section, at in {section: at for at, section in walk(full, CASE)}.items():
        case = copy.deepcopy(full)
        inside(case, at)["undeclared"] = 1
        message = refusal(case, tmp_path)
        if FORMAT[section]["open"]:
            assert "has no parameter 'undeclared'" in message or "of its own" in message, section
        else:
            keys = ", ".join(k["name"] for k in FORMAT[section]["keys"])
            assert "has no key 'undeclared'" in message and message.endswith(f"its keys are {keys}"), section
        assert not VALIDATOR.is_valid(case), section


def test_a_key_that_is_required_is_missed_by_the_reader_and_the_schema(full, tmp_path):
    tried = set()
    for at, section in walk(full, CASE):
        for key in FORMAT[section]["keys"]:
            name = key["name"]
            if key["presence"] != "required" or (section, name) in tried or name not in inside(full, at):
                continue
            if (section, name) == ("component_table", "table"):
                continue  # without it the entry is a component of its own
            tried.add((section, name))
            case = copy.deepcopy(full)
            del inside(case, at)[name]
            assert f"'{name}" in refusal(case, tmp_path), (section, name)
            assert not VALIDATOR.is_valid(case), (section, name)
    assert len(tried) > 25


@pytest.mark.parametrize(
    ("at", "change"),
    [
        (("assemblies", "curves", "components", "law", "R"), {"kind": "table"}),
        (("assemblies", "curves", "components", "points", "R"), {"covers": [1, 2]}),
        (("assemblies", "curves", "components", "points", "R"), {"kind": "spline"}),
        (("assemblies", "curves", "components", "constant", "R"), {"x": "L/min"}),
        (("profiles", "step"), {"between": "step"}),
        (("profiles", "points"), {"between": "cubic"}),
        (("profiles", "file"), {"constant": 1}),
        (("settings",), {"T_start": 30}),
        (("settings",), {"junction_volume": 0}),
        (("record",), {"every": 0}),
        (("run",), {"duration": -1}),
        (("run",), {"tolerance": 0.5}),
        (("run",), {"start": "warm"}),
        (("events", 0), {"at": -1}),
        (("events", 0), {"over": -1}),
        (("power", "schemes", 0), {"kind": "3N"}),
        (("components", "facility", "T_supply"), {"grade": "great"}),
        (("components", "ups"), {"count": 0}),
        (("settings",), {"T_start": {"value": "30 degC"}}),
        (("limits", 0), {"of": []}),
    ],
)
def test_words_bounds_and_company_are_those_of_the_declaration(full, tmp_path, at, change):
    inside(full, at).update(change)
    refusal(full, tmp_path)
    assert not VALIDATOR.is_valid(full)


def test_a_library_entry_has_the_keys_that_are_declared(tmp_path):
    head = {"title": "a wall", "about": "of brick", "notes": ["plain"], **{k: SAID[k] for k in ("source", "date")}}
    wall = {**head, "grade": "B", "model": "conductance", "parameters": {"G": "2 W/K"}}
    pair = {**head, "assembly": {"components": {"wall": {"model": "conductance", "G": 1}}}}
    assert set(wall) | set(pair) == {k["name"] for k in FORMAT["library_entry"]["keys"]}

    def read(entry: dict[str, Any]) -> str:
        (tmp_path / "entry.yaml").write_text(json.dumps(entry))
        try:
            kv.read(
                "kelvolt: 1\nassemblies: {a: {components: {x: {model: entry}}}}\n"
                "components: {room: {model: ambient, T: 300}}\n",
                folder=tmp_path,
            )
        except kv.InputError as error:
            return error.message
        return ""

    assert read(wall) == read(pair) == ""
    assert "has no key 'undeclared'" in read({**wall, "undeclared": 1})
    assert "'parameters' does not go with 'assembly'; an assembly has its own" in read({**pair, "parameters": {}})
