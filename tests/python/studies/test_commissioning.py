"""The commissioning pack: bands and gates, measured values against them, and whether sensors agree at all."""

import json
import math

import kelvolt as kv
import pandas as pd
import pytest
from conftest import CASES
from kelvolt.cli.commands import main
from kelvolt.studies.consistency import error_of

RACK = CASES / "gb200_nvl72_rack.yaml"
DRAWS = 24


@pytest.fixture(scope="module")
def rack():
    return kv.load(RACK)


@pytest.fixture(scope="module")
def plan(rack):
    return kv.commissioning(rack, DRAWS)


@pytest.fixture(scope="module")
def clogged(rack):
    """Readings without error of a rack whose fifth tray has a coupling with 0.3 times the flow coefficient."""
    case = rack.copy()
    case["tray[5].qd_in.Cv"] = 0.3 * case["tray[5].qd_in.Cv"]
    return {(r.kind, r.element, r.quantity): r.predicted for r in kv.commissioning(case, 0).points.itertuples()}


def verdicts(found, kind, element):
    rows = found.table[(found.table.kind == kind) & (found.table.element == element)]
    return dict(zip(rows.quantity, rows.verdict, strict=True))


def filled(plan, folder, edit):
    """The sheet with the predictions as measured values, changed by `edit(table)`."""
    plan.write(folder)
    table = pd.read_csv(folder / "commissioning.csv", dtype=str)
    table["measured"] = table.predicted
    edit(table)
    table.to_csv(folder / "filled.csv", index=False)
    return folder / "filled.csv"


def place(table, kind, element, quantity):
    found = (table.kind == kind) & (table.element == element) & (table.quantity == quantity)
    return table.index[found][0]


def connector(flow, supply, back, p_supply, p_return, heat):
    """A CoolantConnector in the form of Redfish."""
    readings = {
        "FlowLitersPerMinute": flow,
        "SupplyTemperatureCelsius": supply,
        "ReturnTemperatureCelsius": back,
        "DeltaTemperatureCelsius": back - supply,
        "SupplyPressurekPa": p_supply,
        "ReturnPressurekPa": p_return,
        "DeltaPressurekPa": abs(p_supply - p_return),
        "HeatRemovedkW": heat,
    }
    coolant = {"CoolantType": "Water", "SpecificHeatkJoulesPerKgK": 3.974, "DensityKgPerCubicMeter": 1030}
    return {"Name": "Side", "Coolant": coolant} | {k: {"Reading": x, "DataSourceUri": "/"} for k, x in readings.items()}


# ---- sensors without a case ----


def test_the_example_record_of_the_ocp_is_refused_with_its_reasons():
    # example record of the OCP liquid-cooling baseline profile for Redfish
    found = kv.sensor_consistency(
        {"primary": connector(41, 28, 42, 803, 936, 21.03), "secondary": connector(42, 29, 50, 108, 145, 26.36)}
    )
    assert set(found.refused) == {"primary", "secondary"} and found.whole.word == "broken"
    broken = found.table[found.table.verdict == "broken"].set_index(["stream", "check"]).value
    carried = "rho V cp dT against stated heat"
    assert broken["primary", carried] == pytest.approx(39.2e3, rel=2e-3)
    assert broken["secondary", carried] == pytest.approx(60.2e3, rel=2e-3)
    assert broken["primary and secondary", "heat of both sides, as stated"] == pytest.approx(21.03e3)
    assert ("primary and secondary", "heat of both sides, rho V cp dT") in broken.index
    for side, drop in (("primary", -133e3), ("secondary", -37e3)):
        assert broken[side, "supply pressure above return"] == pytest.approx(drop)
        assert "return pressure above supply" in found.refused[side]
        assert "sign is lost" in found.refused[side]
    for part in ("39.16 kW", "21.03 kW", "60.17 kW", "26.36 kW"):
        assert part in found.text()
    told = found.text().splitlines()
    causes = next(line.index("verdict and cause") for line in told if "verdict and cause" in line)
    assert "BROKEN: return pressure above supply" in " ".join(line[causes:] for line in told)


def test_a_record_that_agrees_is_held():
    heat = 1030 * 41e-3 / 60 * 3974 * 14
    side = {"V_flow": "41 L/min", "rho": 1030, "cp": 3974, "heat": heat, "p_supply": "9 bar", "p_return": "8 bar"}
    found = kv.sensor_consistency(
        {
            "primary": side | {"T_supply": "28 degC", "T_return": "42 degC"},
            "secondary": side | {"T_supply": "31 degC", "T_return": "45 degC"},
        }
    )
    assert not found.refused and found.whole.word == "held" and set(found.table.verdict) == {"held"}


def test_the_tolerance_of_a_heat_balance_is_the_root_of_the_sum_of_squares():
    found = kv.sensor_consistency({"a": {"V_flow": 1e-3, "rho": 1000, "cp": 4000, "dT": 10, "heat": 41e3}})
    row = found.table[found.table.check == "rho V cp dT against stated heat"].iloc[0]
    by_hand = math.hypot(40e3 * 0.05, 40e3 * 0.02, 4000 * math.sqrt(2) * 0.5, 41e3 * 0.05)
    assert row.value == pytest.approx(40e3) and row.tolerance == pytest.approx(by_hand) and row.verdict == "held"


def test_missing_readings_are_not_assessed_and_nothing_is_called_held():
    found = kv.sensor_consistency({"primary": {"p_supply": "2 bar"}})
    assert set(found.table.verdict) == {"not assessed"} and found.whole.word == "not assessed"
    assert "no two readings can be compared" in found.text()


def test_a_secondary_side_colder_than_the_primary_that_cools_it_is_refused():
    found = kv.sensor_consistency(
        {
            "primary": {"T_supply": "30 degC", "T_return": "44 degC"},
            "secondary": {"T_supply": "27 degC", "T_return": "46 degC"},
        }
    )
    assert "from cold to warm: the sensors T_supply" in found.refused["primary"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"a": {"flow": 1.0}}, "a: there is no reading 'flow'"),
        ({"a": {"V_flow": "41 kPa"}}, "kPa"),
        ({"a": {"FlowLitersPerMinute": {"Reading": "Out of range"}}}, "Out of range"),
        ({"a": 3.0}, "a mapping of streams"),
    ],
)
def test_a_record_that_is_not_understood_says_which_reading(record, said):
    with pytest.raises(kv.InputError, match=said):
        kv.sensor_consistency(record)


def test_a_pair_of_unknown_streams_is_refused():
    with pytest.raises(kv.InputError, match="there is no stream 'b'"):
        kv.sensor_consistency({"a": {"heat": 1.0}}, pairs=[("a", "b")])


# ---- prediction ----


def test_the_sheet_holds_what_the_solution_says(rack, plan):
    solution = rack.steady()
    points = plan.points.set_index(["kind", "element", "quantity"])
    for b in solution.branch_list():
        for quantity, value in {"V_flow": b.V_flow, "dp": b.dp, "T_return": b.T_out, "heat": b.heat}.items():
            assert points.predicted["branch", b.branch, quantity] == pytest.approx(value, rel=1e-9)
    assert points.predicted["pump", "cdu.pump[1]", "dp"] == pytest.approx(solution["cdu.pump[1].dp"])
    assert points.predicted["primary", "cdu.exchanger", "heat"] == pytest.approx(solution["cdu.exchanger.Q_flow"])
    assert points.predicted["primary", "cdu.exchanger", "dp"] == pytest.approx(solution["cdu.exchanger.dp_primary"])
    assert points.predicted["circuit", "facility", "V_flow"] == pytest.approx(solution["facility.V_flow"], rel=1e-3)


def test_predictions_agree_among_themselves(plan):
    readings = {(r.kind, r.element, r.quantity): r.predicted for r in plan.points.itertuples()}
    found = plan.compare(readings)
    assert set(found.table.verdict) == {"held"} and found.whole.word == "held" and not found.hints
    balances = found.consistency.table[found.consistency.table.unit == "W"].dropna(subset=["value"])
    assert len(balances) >= 27 + 2 + 2 and (abs(balances.value / balances.expected - 1.0) < 0.01).all()


def test_bands_are_those_of_the_ranges_and_gates_add_the_instrument(rack, plan):
    points = plan.points
    assert (points.low <= points.predicted).all() and (points.predicted <= points.high).all()
    for r in points.itertuples():
        assert r.low - r.gate_low == pytest.approx(error_of(r.quantity, r.predicted))
        assert r.gate_high - r.high == pytest.approx(error_of(r.quantity, r.predicted))
    ranges = kv.uncertainty(rack, DRAWS).percentiles.set_index("path").loc["cdu.pump[1].dp"]
    row = points[(points.element == "cdu.pump[1]") & (points.quantity == "dp")].iloc[0]
    assert (row.low, row.high) == pytest.approx((ranges.p5, ranges.p95), rel=0.02)
    assert row.high - row.low > 0.05 * row.predicted


def test_gates_do_not_depend_on_threads(case):
    one, four = (kv.commissioning(case, 10, threads=t).points for t in (1, 4))
    pd.testing.assert_frame_equal(one, four)


def test_without_coolant_there_is_nothing_to_read():
    with pytest.raises(kv.InputError, match="no coolant that flows"):
        kv.commissioning(kv.load(CASES / "campus_feeder.yaml"), 0)


# ---- measured ----


def test_a_clogged_branch_is_found_and_named(plan, clogged):
    found = plan.compare(clogged)
    assert not found.consistency.refused
    assert verdicts(found, "branch", "tray[5]") == {
        "V_flow": "broken", "dp": "held", "T_supply": "held", "T_return": "broken", "heat": "held",
    }  # fmt: skip
    assert set(verdicts(found, "branch", "tray[6]").values()) == {"held"}
    assert [h for h in found.hints if h.startswith("branch tray[5]: flow -") and "clogged" in h] == found.hints
    assert found.whole.exit_status == 1


def test_swapped_sensors_are_named_and_their_readings_not_judged(plan, clogged):
    def exchange(a, b):
        readings[a], readings[b] = readings[b], readings[a]

    readings = dict(clogged)
    exchange(("branch", "tray[9]", "T_supply"), ("branch", "tray[9]", "T_return"))
    exchange(("branch", "tray[10]", "V_flow"), ("branch", "switch_tray[3]", "V_flow"))
    readings["branch", "tray[12]", "dp"] *= -1.0
    found = plan.compare(readings)
    names = {f"branch {x}" for x in ("tray[9]", "tray[10]", "switch_tray[3]", "tray[12]")}
    assert set(found.consistency.refused) == names
    reasons = found.consistency.refused
    assert "exchanged, they give the stated heat" in reasons["branch tray[9]"]
    assert "swapped V_flow of branch switch_tray[3] with V_flow of branch tray[10]" in reasons["branch tray[10]"]
    assert "return pressure above supply" in reasons["branch tray[12]"]
    for name in names:
        assert set(verdicts(found, "branch", name.removeprefix("branch ")).values()) == {"not assessed"}
    assert verdicts(found, "branch", "tray[5]")["V_flow"] == "broken"
    assert "Not judged" in found.text() and "branch tray[12]" in found.text()


def test_a_flow_meter_that_reads_low_is_told_from_low_flow(plan, clogged):
    found = plan.compare(
        clogged | {("primary", "cdu.exchanger", "V_flow"): 0.7 * clogged["primary", "cdu.exchanger", "V_flow"]}
    )
    assert set(found.consistency.refused) == {"primary cdu.exchanger", "secondary cdu.exchanger"}
    assert "0.70 times the stated heat" in found.consistency.refused["primary cdu.exchanger"]
    assert "on primary cdu.exchanger" in found.consistency.refused["secondary cdu.exchanger"]


def test_a_circuit_whose_meter_disagrees_with_its_branches_is_refused(plan, clogged):
    key = ("circuit", "cdu.vessel", "V_flow")
    found = plan.compare(clogged | {key: 0.88 * clogged[key]})
    assert "the flow of 27 branches is not that of the circuit" in found.consistency.refused["circuit cdu.vessel"]
    assert verdicts(found, "branch", "tray[1]")["V_flow"] == "not assessed"


def test_what_is_not_measured_is_neither_held_nor_assessed(plan, clogged):
    nothing = plan.compare({})
    assert set(nothing.table.verdict) == {"not measured"} and nothing.whole.exit_status == 3
    key = ("branch", "tray[1]", "V_flow")
    one = plan.compare({key: clogged[key]})
    assert one.whole.word == "held" and "no heat balance could be formed" in one.text()


def test_a_fingerprint_tells_what_has_moved_since(plan, clogged, tmp_path):
    file = tmp_path / "day_one.json"
    plan.compare(clogged).write_fingerprint(file)
    kept = json.loads(file.read_text())
    assert kept["case_sha256"] == plan.fingerprint and len(kept["measured"]) == len(plan.points)
    key = ("branch", "tray[11]", "V_flow")
    later = plan.compare(clogged | {key: 0.92 * clogged[key]}, against=file)
    moved = later.table[later.table.changed == "broken"]
    assert list(zip(moved.kind, moved.element, moved.quantity, strict=True)) == [key]
    assert moved.change.iloc[0] == pytest.approx(-0.08 * clogged[key])
    assert f"Against {kept['date']}: 1 moved" in later.text() and "case has changed" not in later.text()


def test_a_fingerprint_of_another_case_says_so(plan, rack, clogged, tmp_path):
    other = kv.commissioning(rack.copy().update({"facility.T_supply": "30 degC"}), 0)
    assert other.fingerprint != plan.fingerprint
    readings = {(r.kind, r.element, r.quantity): r.predicted for r in other.points.itertuples()}
    other.compare(readings).write_fingerprint(tmp_path / "f.json")
    assert "the case has changed since" in plan.compare(clogged, against=tmp_path / "f.json").text()


def test_a_file_that_is_no_fingerprint_is_refused(plan, tmp_path):
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(kv.InputError, match="no fingerprint"):
        plan.compare({}, against=tmp_path / "x.json")


# ---- the sheet as a file ----


def test_a_filled_sheet_is_read_in_the_units_it_was_written_in(plan, tmp_path):
    def edit(table):
        table.loc[place(table, "branch", "tray[2]", "V_flow"), "measured"] = "0.1 L/s"

    found = plan.compare(filled(plan, tmp_path, edit))
    points = found.table.set_index(["kind", "element", "quantity"])
    assert points.measured["branch", "tray[2]", "V_flow"] == pytest.approx(1e-4)
    rest = points.drop(("branch", "tray[2]", "V_flow"))
    assert (abs(rest.deviation) <= 1e-5 * abs(rest.predicted)).all()


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("measured", "6,1", "decimal point"),
        ("measured", "abc", "column measured: 'abc' with unit 'L/min' is no V_flow"),
        ("measured", "61000", "allowed is"),
        ("measured", "nan", "allowed is|no V_flow"),
        ("measured", "40 degC", "column measured: '40 degC'"),
        ("unit", "furlong", "furlong"),
        ("element", "tray[99]", r"'branch tray\[99\] V_flow' is no reading of this case; did you mean"),
        ("element", "tray[1]", "stands in line"),
        ("gate_low", "1.0", "agree on a new sheet"),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(plan, tmp_path, column, text, said):
    lines = []

    def edit(table):
        lines.append(place(table, "branch", "tray[2]", "V_flow") + 2)
        table.loc[lines[0] - 2, column] = text

    file = filled(plan, tmp_path, edit)
    with pytest.raises(kv.InputError, match=said) as caught:
        plan.compare(file)
    assert (caught.value.file, caught.value.line) == (str(file), lines[0])


def test_a_sheet_that_was_filled_in_is_never_replaced(plan, tmp_path):
    file = tmp_path / "commissioning.csv"
    filled(plan, tmp_path, lambda table: None).rename(file)
    before = file.read_text()
    with pytest.raises(kv.FileError, match="has been filled in"):
        plan.write(tmp_path)
    assert file.read_text() == before


def test_a_filled_workbook_is_read_as_the_sheet_is(plan, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    file = plan.write(tmp_path, xlsx=True)[2]
    assert plan.write(tmp_path, xlsx=True)[2] == file, "a workbook of Kelvolt is replaced"
    book = openpyxl.load_workbook(file)
    sheet = book.active
    head = [c.value for c in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        row[head.index("measured")].value = row[head.index("predicted")].value
    book.save(file)
    found = plan.compare(file)
    assert set(found.table.verdict) == {"held"} and not found.consistency.refused
    sheet.cell(5, head.index("measured") + 1).value = "wet"
    book.save(file)
    with pytest.raises(kv.InputError, match="column measured: 'wet'") as caught:
        plan.compare(file)
    assert caught.value.line == 5
    with pytest.raises(kv.FileError, match="has been filled in"):
        plan.write(tmp_path, xlsx=True)
    other = openpyxl.Workbook()
    other.save(file)
    with pytest.raises(kv.FileError, match="no result of Kelvolt"):
        plan.write(tmp_path, xlsx=True)
    file.write_text("no workbook")
    with pytest.raises(kv.FileError, match="cannot be read as XLSX"):
        plan.compare(file)
    file.unlink()


def test_a_sheet_without_its_columns_says_which(plan, tmp_path):
    (tmp_path / "a.csv").write_text("kind;element;quantity;unit;measured\n")
    with pytest.raises(kv.InputError, match="semicolons"):
        plan.compare(tmp_path / "a.csv")
    with pytest.raises(kv.FileError, match="no such file"):
        plan.compare(tmp_path / "none.csv")


def test_the_command_writes_the_pack_and_judges_the_filled_sheet(tmp_path, capsys):
    base = ["commission", str(RACK), "--draws", "12"]
    assert main([*base, "-o", str(tmp_path)]) == 0
    assert "159 readings" in capsys.readouterr().out
    sheet = (tmp_path / "commissioning.md").read_text()
    for part in (
        "Case SHA-256",
        "Latin hypercube",
        "12 draws",
        "## 2. Flow of branches",
        "EN 1434-1",
        "| branch | tray[18] |",
    ):
        assert part in sheet
    assert main([*base, "-o", str(tmp_path)]) == 0, "a sheet of Kelvolt is replaced"
    table = pd.read_csv(tmp_path / "commissioning.csv", dtype=str)
    table["measured"] = table.predicted
    file, kept = str(tmp_path / "filled.csv"), str(tmp_path / "kept.json")
    table.to_csv(file, index=False)
    assert main([*base, "--measured", file, "--fingerprint", kept]) == 0
    table.loc[place(table, "branch", "tray[7]", "dp"), "measured"] = "-50"
    table.to_csv(file, index=False)
    capsys.readouterr()
    assert main([*base, "--measured", file, "--against", kept, "--json"]) == 1
    points = {(p["element"], p["quantity"]): p for p in json.loads(capsys.readouterr().out)["points"]}
    assert (
        points["tray[7]", "V_flow"]["verdict"] == "not assessed"
        and points["tray[7]", "V_flow"]["changed"] == "not assessed"
    )
    assert points["tray[8]", "V_flow"]["verdict"] == "held"
    assert main([*base, "--against", kept]) == 2
    assert "--measured" in capsys.readouterr().err
