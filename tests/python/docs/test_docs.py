"""The documentation site: its generated pages are fresh, formulas are those of the headers, no link is broken."""

import os
import subprocess
import sys
from pathlib import Path

import kelvolt as kv
import pytest
from conftest import ROOT

DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "make"))

import architecture  # noqa: E402
import equations  # noqa: E402
import headers  # noqa: E402
import model_pages  # noqa: E402
import reference_pages  # noqa: E402


def test_the_committed_pages_of_the_models_are_fresh() -> None:
    made = model_pages.pages()
    kept = {f.name: f.read_text(encoding="utf-8") for f in (DOCS / "models").glob("*.md")}
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], "run: ./kelvolt python docs/make/model_pages.py"


def test_the_committed_pages_of_the_format_and_the_standards_are_fresh() -> None:
    stale = [f.name for f, text in reference_pages.pages().items() if f.read_text(encoding="utf-8") != text]
    assert stale == [], "run: ./kelvolt python docs/make/reference_pages.py"


def test_the_page_of_the_format_has_every_key_that_the_reader_knows() -> None:
    text = (DOCS / "format.md").read_text(encoding="utf-8")
    for name, section in kv._core.case_format().items():
        part = text.split(f"({reference_pages.place(name)})=")[1].split("\n(format-")[0]
        assert [k["name"] for k in section["keys"] if f"| `{k['name']}` |" not in part] == [], name


def test_the_committed_picture_is_fresh() -> None:
    kept = architecture.TARGET.read_text(encoding="utf-8")
    assert kept == architecture.picture(), "run: ./kelvolt python docs/make/architecture.py"


def test_the_picture_shows_the_folders_that_there_are() -> None:
    for name in ("case", "assembly", "steady", "assess", "results", "model", "transient", "sensitivity", "sweep"):
        assert (ROOT / "solver" / name).is_dir() and f">{name}<" in architecture.picture()
    fields = {Path(h).parts[0] for h in headers.registered().values()}
    assert all(f">{field}<" in architecture.picture() for field in fields) and fields == set(model_pages.FIELDS)


def test_every_model_has_a_page_with_a_law_and_its_parameters() -> None:
    for m in kv.models():
        text = (DOCS / "models" / f"{m.type}.md").read_text(encoding="utf-8")
        laws = text.split("## What it solves")[1].split("## Parameters")[0]
        assert laws.strip(), m.type
        assert all(f"| `{p.name}` |" in text for part in (m.params, m.ports, m.unknowns, m.outputs) for p in part), (
            m.type
        )


def test_limits_are_read_with_what_sets_them() -> None:
    found = {x.id: x for x in headers.limits(headers.definition("AcUps", "power/ups.hpp"), four_wires=False)}
    limits = {"ups_load", "ups_apparent_load", "ups_autonomy", "ups_input_min", "ups_input_max", "store_charge"}
    limits |= {"ups_reverse_power"}
    assert limits == set(found)
    assert "p.V_in_min" in found["ups_input_min"].by and found["ups_input_min"].kind == "at_least"
    lines = {x.id for x in headers.limits(headers.definition("DcBus", "power/bus.hpp"), four_wires=False)}
    wires = {x.id for x in headers.limits(headers.definition("Ac4Bus", "power/bus.hpp"), four_wires=True)}
    assert wires - lines == {"voltage_unbalance_lines", "voltage_V2_over_V1"}


def test_the_pages_tell_exactly_the_limits_that_answers_report() -> None:
    """Limits are read from the text of the headers; here they are compared with what the program reports."""
    told = {
        model_pages.type_of(found): {x.id for x in headers.limits(found, "Ac4" in struct) if x.id}
        for struct, header in headers.registered().items()
        if (found := headers.definition(struct, header))
    }
    of_circuits = {"boiling", "freezing", "condensation", "absolute_pressure"}
    reported: dict[str, set[str]] = {}
    for file in ("gb200_nvl72_rack.yaml", "oam_rack.yaml", "hall_2n_ac.yaml", "edge_site.yaml", "server_room.yaml"):
        case = kv.load(ROOT / "data" / "cases" / file)
        topology = kv._core.topology(case.core)
        kind = dict(zip(topology.paths, topology.types, strict=True))
        for v in case.steady().raw.verdicts:
            if v.element in kind and not v.from_case and not v.is_balance and v.id not in of_circuits:
                reported.setdefault(kind[v.element], set()).add(v.id)
    assert len(reported) > 15
    assert {name: told[name] for name in reported} == reported


# ---- formulas ----


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("Q = G (T_a - T_b)", r"Q &= G \, \left(T_a - T_b\right)"),
        ("x = a - b - c/d e", r"x &= a - b - \frac{c}{d} \, e"),
        ("x = f L/d rho v|v|/2", r"x &= \frac{f \, L}{d} \, \frac{\rho \, v \, \left|v\right|}{2}"),
        ("x = a/b/c", r"x &= \frac{\frac{a}{b}}{c}"),
        ("x = a/(b c)", r"x &= \frac{a}{b \, c}"),
        ("C dT/dt = -(T - T_m)/R", r"C \, \frac{\mathrm{d} T}{\mathrm{d} t} &= -\frac{T - T_m}{R}"),
        ("y = (1 + x^2)^(1/3)", r"y &= \left(1 + x^{2}\right)^{1/3}"),
        ("m_flow = Kv sqrt(rho dp)", r"\dot m &= K_v \, \sqrt{\rho \, \Delta p}"),
        ("P(r) = P (r + 1)", r"P\!\left(r\right) &= P \, \left(r + 1\right)"),
        ("r = voltage over nominal", r"r &= \text{voltage over nominal}"),
        ("C = m_flow cp [W/K]", r"C &= \dot m \, c_p\quad \text{[W/K]}"),
        ("5e3 < Re < 1e8", r"5 \cdot 10^{3} &< \mathrm{Re} < 10^{8}"),
    ],
)
def test_a_formula_is_set_in_the_order_of_its_text(text: str, latex: str) -> None:
    assert equations.relation(text) == latex


@pytest.mark.parametrize(
    "text",
    [
        "P falls approximately with the square of the voltage",  # prose
        "v = voltage x of the bus",  # words beside a symbol
        "x = heat of a - b",  # an explanation with a sign in it
        "dp = K v + 1 Pa s/m v",  # a unit would read as a factor
        "1/sqrt f = 2",  # a function without brackets
        "x = a +- b",
        "x = |a|b|",
        "x = (a + b",
        "x = a ~ b",
        "x = sum a_i x^i",
        "x",
    ],
)
def test_what_is_no_formula_is_left_as_it_stands(text: str) -> None:
    assert equations.relation(text) is None
    assert equations.line_in_latex(text) is None


def test_a_line_is_a_formula_with_label_and_explanation() -> None:
    rows = equations.line_in_latex("dead bus: P = 0, x = a/b; at any voltage")
    assert rows == [r"\text{dead bus}\text{:}\quad P &= 0,\quad x = \frac{a}{b},\quad \text{at any voltage}"]
    assert equations.line_in_latex("P = 0, and Q = what remains to be told of it") is None, "half of it would be lost"


# ---- the site ----


def test_every_public_name_stands_on_the_page_of_python() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert [n for n in kv.__all__ if f" kelvolt.{n}\n" not in text] == []


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """What leads nowhere is a warning; notebooks and examples have tests of their own and are not executed here."""
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-b", "dummy"]
    command += [
        "-D",
        "nb_execution_mode=off",
        "-D",
        "examples_run=0",
        "-d",
        str(tmp_path / "trees"),
        str(DOCS),
        str(tmp_path / "out"),
    ]
    paths = os.pathsep.join([str(ROOT / "python"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
