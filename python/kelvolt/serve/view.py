"""One tab's view: its state, what is looked at (the present, a time of a run, a failure), and answers to its asks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any

from kelvolt import _core
from kelvolt.base import markup
from kelvolt.base.errors import Error, InputError
from kelvolt.cases.case import Case
from kelvolt.cases.run import Run
from kelvolt.cases.solution import Solution
from kelvolt.serve import answers
from kelvolt.serve.knobs import Knobs, values_of
from kelvolt.serve.parts import Parts
from kelvolt.serve.state import State

if TYPE_CHECKING:
    from kelvolt.serve.failures import Failures

Told = dict[str, Any]
_LARGE = 2000  # components of a network whose electric figures are taken to need longer
_AT_ONCE = 0.03  # s of computing that key figures may take before the other numbers are shown
_PART = re.compile(r'<g class="(?:bus )?part" data-path="([^"]*)"')
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)  # the page has its own; its policy allows none in a drawing


class Cancelled(Error):
    """A run or a list of contingencies that was ended from the page."""


class View:
    """Everything behind one tab. Methods are called by one thread at a time, but for `cancel` and `long`."""

    def __init__(self, case: Case, units: str = "si") -> None:
        self.state = State(case, units)
        self.units = self.state.units
        core = self.state.case.core
        self.knobs = Knobs(self.state.begun, self.units)
        self.parts = Parts(core, self.units)
        self.figures = answers.Figures(core, self.units)
        self.watched: list[str] = []  # paths of the sliders
        self.open_part = ""
        self.tab = "loop"  # the picture in front
        self.run: Run | None = None
        self.failures: Failures | None = None
        self.place = ""  # what is looked at besides the present state
        self._elsewhere: Solution | None = None
        self._stop = Event()
        self._late = core.size > _LARGE  # whether electric figures come after the other numbers
        self._drawn: tuple[Solution, str, str] | None = None

    # ---- what is asked at once ----

    def hello(self) -> Told:
        """Title, size and kinds of the case."""
        case, solution = self.state.case, self.state.solution
        return {
            "type": "hello",
            "title": case.title or case.file,
            "about": markup.plain_text(case.about),
            "file": case.file,
            "size": f"{case.core.size} components, {case.unknowns} unknowns",
            "duration": case.duration,
            "electric": solution is not None and solution.plant.is_electric,
            "scenarios": list(case.scenarios) if case.file else [],
        }

    def offer(self) -> Told:
        """All parameters for the search, and the sliders offered at the begin; they take long for a large case."""
        case, solution = self.state.case, self.state.solution
        offered = self.knobs.most_effective(solution) if solution is not None else []
        self.watched = list(dict.fromkeys([*offered, *self.watched]))
        return {
            "type": "offer",
            "knobs": [self.knobs.knob(path, case) for path in offered],
            "catalogue": self.knobs.catalogue(),
        }

    def change(self, asked: Told) -> None:
        """Changes the state as asked and solves it. Raises InputError; then nothing was changed."""
        does = {"undo": self.state.undo, "redo": self.state.redo, "reset": self.state.reset, "back": self.state.back}
        word = asked["do"]
        if word == "set":
            values = asked.get("values")
            if not isinstance(values, dict) or not all(isinstance(v, str | int | float) for v in values.values()):
                raise InputError("set: values are a mapping {path: number in SI, or text with a unit}")
            self.state.set(values, str(asked.get("mark", "")))
        elif word == "scenario":
            self.state.to(self.state.begun.scenario(str(asked.get("name", ""))), "scenario")
        else:
            does[word]()
        self.present()
        self.state.solve()

    def present(self) -> None:
        """Looks at the present state again."""
        self.place, self._elsewhere = "", None

    def seen(self) -> Solution:
        """The solution that is looked at. Raises InputError where there is none."""
        return self._elsewhere if self._elsewhere is not None else self.state.seen()

    def answer(self) -> Told:
        """The numbers of what is looked at; `failed` says why the present values have no solution."""
        state = self.state
        told: Told = {
            "type": "answer",
            "failed": state.failed if not self.place else "",
            "place": self.place,
            "undo": state.can_undo,
            "redo": state.can_redo,
            "kept": state.kept is not None,
            "changed": state.changed(),
            "values": values_of(state.case, self.watched, self.units),
        }
        if state.solution is None and not self.place:
            return told | {"verdict": None, "figures": [], "limits": []}
        solution = self.seen()
        return told | {
            "verdict": answers.verdict(solution),
            "limits": answers.limits(solution, self.units, state.kept),
            "figures": self._figures(solution, at_once=True),
            "solve_ms": 1e3 * solution.raw.seconds,
        }

    def _figures(self, solution: Solution, at_once: bool = False) -> list[Told]:
        """The key figures; those of a large power network, which take long, follow with the picture."""
        begin = time.thread_time()
        rows = self.figures.rows(solution, self.state.kept, power=not (at_once and self._late))
        if not (at_once and self._late):
            self._late = time.thread_time() - begin > _AT_ONCE
        return rows

    def picture(self) -> Told:
        """The picture in front with the margins of its parts, the open part, and the chart that is looked at."""
        told: Told = {"type": "picture", "tab": self.tab}
        if self.state.solution is None and not self.place:
            return told
        solution = self.seen()
        if self._late:
            told["figures"] = self._figures(solution)
        if self.tab in ("loop", "power"):
            drawing = self._drawing(solution, self.tab)
            parts = list(dict.fromkeys(_PART.findall(drawing)))
            told |= {"drawing": drawing, "parts": self.parts.margins(solution, parts)}
        elif self.tab == "branches":
            from kelvolt.serve import charts

            told["branches"] = charts.branches(solution, self.units)
            told["unit"] = self.units.unit("m3/s")
        elif self.tab == "pump":
            from kelvolt.serve import charts

            told["pump"] = charts.pump(Case(solution._core), solution, self.units) if not self.place else None
        if self.open_part:
            told["part"] = self.parts.detail(self.open_part, solution, self.knobs)
        return told

    def _drawing(self, solution: Solution, tab: str) -> str:
        from kelvolt.plots.oneline import one_line
        from kelvolt.plots.schematic import loop_schematic

        if self._drawn is None or self._drawn[:2] != (solution, tab):
            if tab == "power":
                text = one_line(solution) if solution.plant.is_electric else ""
            else:
                text = loop_schematic(solution, self.units.system)
            self._drawn = (solution, tab, _STYLE.sub("", text))
        return self._drawn[2]

    def knob(self, path: str) -> Told:
        """A new slider. Raises InputError for a path that names no parameter."""
        made = self.knobs.knob(path, self.state.case)
        self.watched = [*dict.fromkeys([*self.watched, path])]
        return {"type": "knob", "knob": made}

    def drop_knob(self, path: str) -> None:
        self.watched = [p for p in self.watched if p != path]

    # ---- what takes time: in a thread of its own, on copies ----

    def cancel(self) -> None:
        self._stop.set()

    def long(self, asked: Told, show: Callable[[Told], None]) -> Told:
        """A run in time or the contingencies, with progress. Raises Cancelled, and what the study raises."""
        self._stop.clear()
        case, plan = self.state.case.copy(), self.state.solution

        def progress(done: float, total: float) -> None:
            if self._stop.is_set():
                raise Cancelled(f"ended by request at {done:g} of {total:g}")
            show({"type": "progress", "of": asked["do"], "done": done, "total": total})

        if asked["do"] == "failures":
            if plan is None or self.state.failed:
                raise InputError("these values have no solution, so that no failure can be compared with it")
            from kelvolt.serve.failures import Failures

            self.failures = Failures(case, plan, progress)
            return {"type": "failures", "rows": self.failures.rows(self.units), "text": self.failures.text}
        return self._run(case, asked, progress)

    def _run(self, case: Case, asked: Told, progress: Callable[[float, float], None]) -> Told:
        given = {k: str(asked[k]) for k in ("duration", "every") if str(asked.get(k, "")).strip()}
        total = _core.seconds(given["duration"]) if "duration" in given else case.duration
        run = case.simulate(
            given.get("duration"),
            every=given.get("every"),
            partial=True,
            states=True,
            progress=lambda t: progress(min(t, total), total),
        )
        self.run = run
        from kelvolt.serve import charts

        told = {"type": "run", "verdict": {"word": run.verdict, "text": run.end.whole.text()}}
        return told | charts.over_time(run, self.units)

    # ---- looking elsewhere ----

    def at(self, row: int) -> None:
        """Looks at the state of a row of the last run. Raises InputError without a run."""
        if self.run is None:
            raise InputError("there is no run yet whose states could be seen")
        self._elsewhere = self.run.state(row)
        self.place = f"t = {self.run.time[row]:g} s of the run"

    def after(self, name: str) -> None:
        """Looks at the state that a failure leaves. Raises InputError, and what solving raises."""
        if self.failures is None:
            raise InputError("the contingencies have not been solved yet")
        self._elsewhere = self.failures.state(name)
        self.place = f"after losing {name}" if name != "as planned" else "the plan, without a failure"

    # ---- files ----

    def file(self, what: str) -> tuple[str, str | bytes]:
        """Name and content of a file: case.yaml, report.html, result.h5. Raises InputError, and what solving raises."""
        stem = re.sub(r"[^\w.-]+", "_", self.state.case.file.rpartition("/")[2].removesuffix(".yaml")) or "case"
        makers: dict[str, tuple[str, Callable[[], str | bytes]]] = {
            "case": (f"{stem}_changed.yaml", self.state.case.to_yaml),
            "report": (f"{stem}.html", self._report),
            "result": (f"{stem}.h5", self._result),
        }
        if what not in makers:
            raise InputError(f"'{what}' is none of {', '.join(makers)}")
        name, make = makers[what]
        return name, make()

    def _report(self) -> str:
        from kelvolt.reports.answer import Answer
        from kelvolt.reports.page import page

        state = self.state
        if state.failed:
            raise InputError(f"these values have no solution that could be reported: {state.failed}")
        changes = [self._set_word(path, x) for path, x in json.loads(state.case.core.changes or "{}").items()]
        text = _core.source(state.case.core)[0]
        return page(Answer(state.case, text, state.seen(), changes=changes, failures=False), self.units.system)

    def _set_word(self, path: str, value: float | str) -> str:
        """PATH=VALUE as the command line takes it, with a unit for temperatures."""
        kelvin = " K" if self.state.case.core.find_parameters(path).unit(0) == "K" else ""
        return f"{path}={value}{kelvin}"

    def _result(self) -> bytes:
        import tempfile
        from pathlib import Path

        if self.state.failed:
            raise InputError(f"these values have no solution that could be written: {self.state.failed}")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "result.h5"
            self.state.seen().write(file)
            return file.read_bytes()
