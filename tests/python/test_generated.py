"""Generated files are not stale, and the schema accepts what the reader accepts."""

import json
import runpy
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import jsonschema
import kelvolt as kv
import pytest
import yaml
from conftest import CASES, ROOT
from kelvolt import _core
from kelvolt.cases.schema import case_schema, schema_text
from kelvolt.cli.commands import main

VALIDATOR = jsonschema.Draft202012Validator(case_schema())


def test_the_committed_schema_is_fresh():
    kept = (ROOT / "data" / "case.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text(), "run: ./kelvolt schema > data/case.schema.json"


def test_the_committed_stub_is_fresh():
    stubs = runpy.run_path(str(ROOT / "python" / "stubs.py"))
    kept = (ROOT / "python" / "kelvolt" / "_core.pyi").read_text(encoding="utf-8")
    assert kept == stubs["formatted"](stubs["stub_text"](_core)), "run: ./kelvolt python python/stubs.py"


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


@pytest.mark.parametrize(
    "file", [*sorted(CASES.glob("*.yaml")), ROOT / "python/kelvolt/starter.yaml"], ids=lambda p: p.name
)
def test_every_shipped_case_fits_the_schema(file):
    problems = [
        f"{list(e.absolute_path)}: {e.message[:200]}" for e in VALIDATOR.iter_errors(yaml.safe_load(file.read_text()))
    ]
    assert problems == []


@pytest.mark.parametrize(
    "change",
    [
        {"componets": {}},
        {"kelvolt": 2},
        {"components": {"p": {"model": "pipe", "lenght": 1.0}}},
        {"components": {"p": {"model": "pipe", "length": -1.0}}},
        {"components": {"p": {"model": "pipe", "friction": "magic"}}},
        {"components": {"p": {"length": 1.0}}},
        {"components": {"p": {"model": "gb200_gpu", "powr": "1 kW"}}},
        {"components": {"p": {"model": "gb200_gpu", "power": -1.0}}},
        {"components": {"p": {"model": "gb200_rack_48v", "gpu_powr": "1 kW"}}},
        {"components": {"p": {"model": "hose_tray_10mm", "lenght": 1.0}}},
        {"components": {"1p": {"model": "pipe"}}},
        {"connections": ["a, b"]},
        {"events": [{"at": 1, "set": "a.b"}]},
        {"events": [{"at": 1, "set": "a.b", "to": 1, "by": 1}]},
        {"limits": [{"of": "a.b"}]},
        {"profiles": {"a": {"sine": {}}}},
        {"run": {"durations": 5}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(starter_text, change):
    good = yaml.safe_load(starter_text)
    assert VALIDATOR.is_valid(good)
    assert not VALIDATOR.is_valid(good | change)


@pytest.mark.parametrize(
    "component",
    [
        {"model": "gb200_gpu", "power": "1 kW", "count": 2},
        {"model": "ocp_1kw_oam_pg25", "cells": 4},
        {"model": "gb200_compute_tray", "gpu_power": "1 kW", "gpu[*].power": "1 kW"},
        {"model": "my_own_entry", "anything": 1.0},
    ],
)
def test_the_schema_takes_what_library_entries_may_state(starter_text, component):
    assert VALIDATOR.is_valid(yaml.safe_load(starter_text) | {"components": {"p": component}})


def test_every_library_entry_is_checked_by_the_schema():
    bases = {e.name for e in _core.library()}
    checked = {
        name
        for rule in case_schema()["$defs"]["component"]["allOf"]
        for name in rule["if"]["properties"]["model"]["enum"]
    }
    assert bases <= checked and {m.type for m in _core.models()} <= checked


def test_a_new_case_names_the_installed_schema_and_writes_no_copy(tmp_path, starter_text):
    assert main(["new", str(tmp_path / "mine")]) == 0
    first, _, rest = (tmp_path / "mine.yaml").read_text(encoding="utf-8").partition("\n")
    assert rest == starter_text and [f.name for f in tmp_path.iterdir()] == ["mine.yaml"]
    address = first.removeprefix("# yaml-language-server: $schema=")
    # the YAML language server takes the address up to the first space, and reads file: without a network
    assert address.startswith("file:///") and " " not in address
    schema = url2pathname(urlsplit(address).path)
    assert json.loads(Path(schema).read_text(encoding="utf-8")) == case_schema()
    assert kv.load(tmp_path / "mine.yaml").steady().verdict == kv.read(starter_text).steady().verdict
