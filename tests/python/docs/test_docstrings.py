"""Examples in docstrings run and give what they say."""

import doctest
import inspect
from collections.abc import Iterator
from typing import Any

import kelvolt as kv
import numpy as np
import pytest

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CLASSES = (kv.Case, kv.Solution, kv.Run, kv.Network)


def documented() -> Iterator[tuple[str, Any]]:
    """Every public function, and the public methods of what users hold in their hands."""
    for name in kv.__all__:
        yield name, getattr(kv, name)
    yield "open", kv.open
    for of in CLASSES:
        for name, member in inspect.getmembers(of):
            if not name.startswith("_") or name in ("__getitem__", "__setitem__"):
                yield f"{of.__name__}.{name}", member


def examples() -> dict[str, doctest.DocTest]:
    parser = doctest.DocTestParser()
    found = {}
    for name, member in documented():
        text = inspect.getdoc(member) or ""
        made = parser.get_doctest(text, {"kv": kv, "np": np}, name, None, None)
        if made.examples:
            found[name] = made
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_gives_what_it_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS).run(EXAMPLES[name], out=told.append)
    assert not told, "".join(told)


def test_what_most_users_call_has_an_example():
    needed = {
        "load", "read", "sweep", "samples", "times", "zipped", "size", "pareto", "uncertainty", "calibrate", "open",
        "model", "cases", "Network", "Case.__getitem__", "Case.update",
        "Case.steady", "Case.simulate", "Case.edited", "Solution.__getitem__", "Solution.get", "Solution.gradient",
        "Solution.check", "Solution.to_xarray", "Solution.to_pandas", "Run.__getitem__", "Run.to_xarray",
        "Run.to_pandas",
    }  # fmt: skip
    assert needed <= set(EXAMPLES), needed - set(EXAMPLES)
