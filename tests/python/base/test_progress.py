"""Bars appear where someone reads them and the work takes a while; a callable is told what is done."""

import io
import sys
import time

import kelvolt as kv
import pytest
from kelvolt.base import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(seconds: float, monkeypatch: pytest.MonkeyPatch, terminal: io.StringIO) -> str:
    """What is written to a stream while three points take so many seconds each."""
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.count_bar(None, 3, "point") as show:
        show(0, 3)
        for k in range(3):
            time.sleep(seconds)
            show(k + 1, 3)
    return terminal.getvalue()


def test_a_bar_is_shown_in_a_terminal_and_not_in_a_pipe(monkeypatch):
    assert "3/3" in told(0.5, monkeypatch, Terminal())
    assert told(0.5, monkeypatch, io.StringIO()) == ""


def test_work_under_a_second_shows_no_bar(monkeypatch):
    assert told(0.01, monkeypatch, Terminal()) == ""


def test_a_notebook_counts_as_read(monkeypatch):
    class Shell:
        kernel = object()

    class Module:
        @staticmethod
        def get_ipython() -> Shell:
            return Shell()

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not progress.is_read()
    monkeypatch.setitem(sys.modules, "IPython", Module())
    assert progress.in_notebook() and progress.is_read()


@pytest.mark.parametrize("study", ["size", "pareto", "calibrate", "uncertainty", "sweep"])
def test_long_studies_tell_a_callable_what_is_done(case, study):
    calls = []

    def tell(done, total):
        calls.append((done, total))

    vary = {"pump.speed": (0.5, 1.0)}
    if study == "size":
        kv.size(case, "pump.P_el", vary, ["max(gpu[*].T_die) <= 90 degC"], progress=tell)
    elif study == "pareto":
        kv.pareto(case, ("pump.P_el", "max(gpu[*].T_die)"), vary, ["pump.P_el <= 1 kW"], n=3, progress=tell)
    elif study == "calibrate":
        readings = {"gpu[1].T_die (K)": [case.steady().at("gpu[1].T_die") + d for d in (0.0, 0.1, -0.1)]}
        kv.calibrate(case, readings, {"pump.speed": (0.3, 1.0)}, progress=tell)
    elif study == "uncertainty":
        from scipy import stats

        given = {"facility.T_supply": stats.uniform(290.0, 10.0)}
        kv.uncertainty(case, 12, distributions=given, progress=tell)
    else:
        kv.sweep(case, {"facility.T_supply": [290.0, 300.0]}, progress=tell)
    done = [d for d, _ in calls]
    assert done == sorted(done) and done[0] == 0 and done[-1] >= 2
    assert all(total in (0, 2, 12) for _, total in calls)


def test_an_error_in_the_callable_ends_the_study(case):
    def stop(done, total):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kv.uncertainty(case, 400, progress=stop, threads=2, distributions={})
