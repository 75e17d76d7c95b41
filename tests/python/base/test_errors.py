"""One kind of fault raises one kind of error, wherever it is met: the table in kelvolt.base.errors."""

import kelvolt as kv
import pytest
from kelvolt.base.errors import FileError, MissingFile

VARY = {"pump.speed": (0.5, 1.0)}
READERS = {
    "load": lambda case, file: kv.load(file),
    "open": lambda case, file: kv.open(file),
    "calibrate": lambda case, file: kv.calibrate(case, file, VARY),
    "read_traces": lambda case, file: kv.read_traces(file),
}
WRITERS = {
    "write": lambda case, file: case.steady().write(file),
    "simulate": lambda case, file: case.simulate("1 s", output=file, progress=False),
    "sweep": lambda case, file: kv.sweep(case, {"pump.speed": [1.0]}, output=file),
}
STUDIES = {
    "sweep": lambda case: kv.sweep(case, {"pump.speed": [1.0]}),
    "size": lambda case: kv.size(case, "pump.P_el", VARY),
    "pareto": lambda case: kv.pareto(case, ("pump.P_el", "gpu[1].T_die"), VARY),
    "uncertainty": lambda case: kv.uncertainty(case, 10),
    "calibrate": lambda case: kv.calibrate(case, {"gpu[1].T_die": [350.0]}, VARY),
    "contingencies": lambda case: kv.contingencies(case),
    "ridethrough": lambda case: kv.ridethrough(case),
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_not_there_is_a_missing_file_that_is_named(case, name, tmp_path):
    with pytest.raises(MissingFile, match="absent") as refused:
        READERS[name](case, tmp_path / "absent.csv")
    assert isinstance(refused.value, FileError | FileNotFoundError) and isinstance(refused.value, kv.InputError)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("place", ["in a file", "a folder", "/dev/full", "/proc/kelvolt/r.h5"])
def test_what_cannot_be_written_is_a_file_error_that_names_it(case, name, place, tmp_path):
    (tmp_path / "file").write_text("a file of the user")
    target = {"in a file": tmp_path / "file" / "r.h5", "a folder": tmp_path}.get(place, place)
    with pytest.raises(kv.FileError) as refused:
        WRITERS[name](case, target)
    assert str(target).split("/")[1] in str(refused.value)
    assert (tmp_path / "file").read_text() == "a file of the user"


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("wrong", ["single_loop", None, 5])
def test_something_else_than_a_case_is_a_type_error_that_says_what_is_taken(name, wrong):
    with pytest.raises(TypeError, match=r"takes a Case \(kv\.load"):
        STUDIES[name](wrong)


@pytest.mark.parametrize(
    "ask",
    [
        lambda case: case[5],
        lambda case: case.steady()[None],
        lambda case: case.update([("pump.speed", 1.0)]),
        lambda case: kv.size(case, "pump.P_el", ["pump.speed"]),
        lambda case: kv.sweep(case, {"pump.speed": [object()]}),
        lambda case: case.simulate(object()),
        lambda case: kv.calibrate(case, 5, VARY),
    ],
)
def test_an_argument_of_a_wrong_type_is_an_input_error(case, ask):
    with pytest.raises(kv.InputError):
        ask(case)
