"""Which compiled module a package takes on which processor; `./kelvolt wheel --test` tries an installed wheel."""

import pytest
from conftest import ROOT
from kelvolt import _core, processor

# /proc/cpuinfo of processors of each kind, shortened to what the levels ask for and a few others
NEHALEM = "fpu vme sse sse2 pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm"
SANDY_BRIDGE = f"{NEHALEM} avx xsave"
ZEN3 = f"{NEHALEM} avx avx2 bmi1 bmi2 f16c fma movbe xsave abm sse4a"
ZEN4 = f"{ZEN3} avx512f avx512dq avx512bw avx512cd avx512vl avx512_vnni"
KNIGHTS_LANDING = f"{ZEN3} avx512f avx512cd avx512er avx512pf"
WHEEL = ["x86-64-v2", "x86-64-v3", "x86-64-v4"]


@pytest.mark.parametrize(
    ("flags", "taken"),
    [
        (NEHALEM, "x86-64-v2"),
        (SANDY_BRIDGE, "x86-64-v2"),
        (ZEN3, "x86-64-v3"),
        (KNIGHTS_LANDING, "x86-64-v3"),
        (ZEN4, "x86-64-v4"),
    ],
)
def test_a_processor_takes_the_best_set_that_it_runs_whole(flags, taken):
    assert processor.chosen(WHEEL, flags.split()) == taken


def test_instructions_above_a_gap_do_not_count():
    without_fma = set(ZEN4.split()) - {"fma"}
    assert processor.runs(without_fma) == ["x86-64-v2"]


def test_the_best_set_of_the_package_is_taken_where_it_lacks_the_best_of_the_processor():
    assert processor.chosen(WHEEL[:2], ZEN4.split()) == "x86-64-v3"


def test_an_unknown_processor_takes_the_plainest_set():
    assert processor.chosen(WHEEL, None) == "x86-64-v2"


def test_a_package_of_another_architecture_or_of_this_machine_has_one_set():
    assert processor.chosen(["generic"], None) == "generic"
    assert processor.chosen(["native"], ZEN3.split()) == "native"


def test_a_set_that_was_asked_for_is_taken():
    assert processor.chosen(WHEEL, ZEN4.split(), "x86-64-v2") == "x86-64-v2"


def test_a_set_that_is_not_in_the_package_is_refused_with_those_that_are():
    with pytest.raises(ImportError, match="KELVOLT_ISA is 'avx2'; this package holds x86-64-v2, x86-64-v3, x86-64-v4"):
        processor.chosen(WHEEL, ZEN3.split(), "avx2")


def test_a_set_that_the_processor_lacks_is_refused_before_it_is_executed():
    with pytest.raises(ImportError, match="KELVOLT_ISA is 'x86-64-v4'; this processor runs x86-64-v2, x86-64-v3"):
        processor.chosen(WHEEL, ZEN3.split(), "x86-64-v4")


def test_a_processor_that_is_too_old_is_told_what_it_lacks():
    with pytest.raises(ImportError, match=r"lacks .*\(sse4_2\).*KELVOLT_ISA=native"):
        processor.chosen(WHEEL, set(NEHALEM.split()) - {"sse4_2"})


def test_the_flags_of_the_first_processor_are_read(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: a: b\nflags\t\t: fpu sse4_2\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert processor.processor_flags(file) == {"fpu", "sse4_2"}


def test_no_flags_are_known_where_the_file_is_missing_or_holds_none(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert processor.processor_flags(tmp_path / "cpuinfo") is None
    assert processor.processor_flags(tmp_path / "none") is None


def test_the_folders_of_an_installed_package_are_found_by_their_set(tmp_path):
    for name in ("x86-64-v2", "x86-64-v3"):
        (tmp_path / "compiled" / name).mkdir(parents=True)
        (tmp_path / "compiled" / name / "_core.cpython-311-x86_64-linux-gnu.so").touch()
    assert processor.compiled_sets(tmp_path) == {n: tmp_path / "compiled" / n for n in ("x86-64-v2", "x86-64-v3")}


def test_a_source_tree_holds_one_module_made_for_this_machine():
    assert processor.compiled_sets(ROOT / "python" / "kelvolt") == {}
    assert _core.instruction_set == "native"


def test_the_sets_that_cmake_compiles_for_a_wheel_are_those_that_the_package_knows():
    line = next(x for x in (ROOT / "CMakeLists.txt").read_text().splitlines() if "set(isas x86-64-v2" in x)
    assert line.split("(", 1)[1].split(")")[0].split()[1:] == list(processor.LEVELS)
