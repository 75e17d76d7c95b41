"""Cases as objects: kept as text, copied, sent elsewhere, with other events, limits and profiles."""

import copy
import pickle
import re
from concurrent.futures import ProcessPoolExecutor

import kelvolt as kv
import numpy as np
import pytest
from conftest import CASES


def same(one: kv.Case, other: kv.Case) -> bool:
    """Whether two cases have the same parameters and the same solution, to the last bit."""
    both = [(c.core.find_parameters("**.*"), c.core) for c in (one, other)]
    alike = both[0][0].paths == both[1][0].paths and len({bytes(core.get(found)) for found, core in both}) == 1
    return alike and one.steady().y.tobytes() == other.steady().y.tobytes()


@pytest.mark.parametrize("name", kv.cases())
def test_the_text_of_every_shipped_case_with_changes_reads_back_to_the_same_case(name):
    case = kv.load(name)
    assert case.to_yaml().startswith((CASES / f"{name}.yaml").read_text())
    names = r"[^*]*\.(power|heat|T|T_supply|P|P_dc|v)"
    own = (p for p in case if re.fullmatch(names, p) and case.at(p) > 0.0)  # NaN: not given
    paths = [p for p in own if not re.search(r"\.cell\[|_junction\.|_constant\.", p)]
    for k, path in enumerate(paths[:40]):
        case[path] = case.at(path) * (1.0 + 1e-4 / (1 + k % 7))  # numbers that end in no short decimal
    assert case.core.changes, "the case has something to change"
    assert same(kv.read(case.to_yaml(), folder=CASES), case)


def test_a_value_of_a_single_cell_is_refused_by_name_and_kept_by_pickle():
    case = kv.load("single_loop")
    case["hose.cell[2].length"] = "0.6 m"
    with pytest.raises(kv.InputError, match="to_yaml: hose has no component 'cell'.*pickle"):
        case.to_yaml()
    assert same(pickle.loads(pickle.dumps(case)), case)


def test_the_text_keeps_comments_and_what_was_set_later_stands_last(case, starter_text):
    path = next(p for p in case if p.endswith("T_supply"))
    case[path] = "25 degC"
    text = case.to_yaml()
    assert text.startswith(starter_text.rstrip()) and text.endswith(f'set:\n  "{path}": 298.15\n')
    again = kv.read(text)
    again[path] = "27 degC"
    assert kv.read(again.to_yaml())[path] == again[path]


@pytest.mark.parametrize(
    "block",
    [
        "set:\n    {path}: 24 degC  # by hand\n\n# about the end\n",
        "set: {{{path}: 24 degC}}\n",
        "set:\n  ? {path}\n  : 24 degC\n",
    ],
    ids=["block", "braces", "question mark"],
)
def test_a_text_that_sets_values_itself_goes_before_what_is_set_later(block, case, starter_text):
    path = next(p for p in case if p.endswith("T_supply"))
    head, title, rest = starter_text.partition("title:")
    case = kv.read(head + block.format(path=path) + title + rest)
    assert case[path] == pytest.approx(297.15)
    case.update({path: "25 degC", "gpu[*].power": [1000.0, 1100.0, 1200.0]})
    assert same(kv.read(case.to_yaml()), case)


def test_a_case_of_a_mapping_has_a_text_that_reads_back():
    case = kv.read({"kelvolt": 1, "components": {"room": {"model": "ambient", "T": "20 degC"}}})
    case["room.T"] = 300.0 + 1 / 3
    assert kv.read(case.to_yaml())["room.T"] == case["room.T"]


def test_a_case_built_in_code_says_that_it_has_no_text():
    network = kv.Network()
    network.add("ambient", "room", T="20 degC")
    case = network.build()
    for ask in (case.to_yaml, lambda: case.section("events"), lambda: case.edited(events=[])):
        with pytest.raises(kv.InputError, match="built in code has no text"):
            ask()


# ---- other sections ----


def limit_ids(case: kv.Case) -> list[str]:
    return [v.id for v in case.steady().raw.verdicts if v.from_case]


def test_a_limit_is_added_and_removed_without_touching_the_case(case):
    before = len(case.section("limits"))
    limit = {"of": "gpu[*].T_die", "max": "20 degC", "id": "cold"}
    more = case.edited(limits=[*case.section("limits"), limit])
    assert "cold" in limit_ids(more) and "cold" not in limit_ids(case)
    assert not more.steady().held
    assert len(case.section("limits")) == before and more.section("limits")[-1] == limit
    assert limit_ids(more.edited(limits=[])) == []


def test_an_event_is_added_and_removed_and_values_that_were_set_are_kept(case):
    case["gpu[1].power"] = "1 kW"
    quiet = case.edited(events=[], apply=[])
    hot = quiet.edited(events=[{"at": "1 s", "set": "gpu[1].power", "to": "1.2 kW"}])
    assert hot["gpu[1].power"] == quiet["gpu[1].power"] == 1000.0
    dies = [c.simulate("4 s", every="1 s", record=["gpu[1].T_die"])["gpu[1].T_die"] for c in (quiet, hot)]
    assert dies[1][-1] > dies[0][-1] + 1.0 and np.ptp(dies[0]) < 1e-3
    assert hot.section("events") == [{"at": "1 s", "set": "gpu[1].power", "to": "1.2 kW"}]
    assert hot.edited(events=[]).section("events") == []


def test_a_profile_is_added_and_applied(case):
    profile = {"step": {"at": "2 s", "before": 0.5, "after": 1.0}}
    with_profile = case.edited(
        events=[],
        profiles=case.section("profiles") | {"jump": profile},
        apply=[{"profile": "jump", "to": "gpu[*].activity"}],
    )
    die = with_profile.simulate("6 s", every="1 s", record=["gpu[1].T_die"])["gpu[1].T_die"]
    assert die[-1] > die[1] + 1.0
    assert same(kv.read(with_profile.to_yaml()), with_profile)


def test_what_is_no_section_and_what_is_wrong_in_one_is_refused(case):
    with pytest.raises(kv.InputError, match="'components' is none of the sections apply, events, limits, profiles"):
        case.edited(components={})
    with pytest.raises(kv.InputError, match="events: a list of mappings is needed"):
        case.edited(events={"at": "1 s"})
    with pytest.raises(kv.InputError, match="gpu\\[9\\]"):
        case.edited(events=[{"at": "1 s", "set": "gpu[9].power", "to": "1 kW"}])


# ---- elsewhere ----


def hottest(case: kv.Case) -> float:
    return float(case.steady().array("gpu[*].T_die").max())


def test_copies_have_the_same_solution_and_values_of_their_own(case):
    case["gpu[1].power"] = "0.9 kW"
    edited = case.edited(limits=[])
    for one in (case, edited):
        for made in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
            assert same(made, one) and limit_ids(made) == limit_ids(one)
            made["gpu[1].power"] = "1 kW"
            assert one["gpu[1].power"] == 900.0


def test_a_case_is_sent_to_another_process_with_its_changes(case):
    case["gpu[1].power"] = "0.9 kW"
    with ProcessPoolExecutor(1) as pool:
        assert pool.submit(hottest, case).result() == hottest(case)


def test_joblib_solves_cases_in_other_processes(case):
    joblib = pytest.importorskip("joblib")
    cases = [case.copy().update({"gpu[1].power": power}) for power in (900.0, 1100.0)]
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(hottest)(one) for one in cases)
    assert found == [hottest(one) for one in cases]


def test_dask_solves_a_case_that_is_submitted(case):
    distributed = pytest.importorskip("distributed")
    case["gpu[1].power"] = "0.9 kW"
    with distributed.Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        assert client.submit(hottest, case).result(timeout=120) == hottest(case)
