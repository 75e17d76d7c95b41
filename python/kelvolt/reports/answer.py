"""The answer of `kelvolt check` and of a report: a solved case, or the repeated run of a result file, and its verdict.

Both commands ask the same function, so that they give the same verdict for the same options.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kelvolt.base import files
from kelvolt.base.errors import Error, FileError, InputError, MissingFile, NoConvergence
from kelvolt.base.seal import reading
from kelvolt.base.verdicts import Whole
from kelvolt.cases.texts import changed

if TYPE_CHECKING:
    import xarray

    from kelvolt.cases.case import Case
    from kelvolt.cases.run import Run
    from kelvolt.cases.solution import Solution
    from kelvolt.power.check import PowerCheck
    from kelvolt.power.ridethrough import RideThrough
    from kelvolt.studies.influence import Influences


@dataclass
class Answer:
    """The subject of a report: a case, its solution or run, and the inputs that they were made from."""

    case: Case
    text: str  # of the case
    solution: Solution  # the steady state, or the end of a run
    run: Run | None = None
    changes: list[str] = field(default_factory=list)  # "PATH=VALUE" set after the text was read
    scenario: str = ""  # of the case, before the changes
    agreement: str = ""  # for a result file: a sentence on how well the repeat agrees with it
    agrees: bool = True
    failures: bool = True  # whether every single failure of a power network is studied
    ride: bool | RideThrough = False  # whether every loss is also run in time, or a study of that made before
    swings: bool = True  # whether the run of load swings that the case declares is made

    @cached_property
    def plan(self) -> Solution:
        """The state in which a power plan is judged: the steady state of the case, also for the report of a run."""
        return self.solution if self.run is None else self.case.steady()

    @cached_property
    def listed(self) -> PowerCheck | None:
        from kelvolt.power.check import power_check

        if not self.solution.plant.is_electric:
            return None
        ask: dict[str, Any] = {"failures": self.failures, "ride": self.ride, "swings": self.swings}
        return power_check(self.case, self.plan, run=self.run, **ask)

    @cached_property
    def influences(self) -> tuple[Influences | None, str]:
        """What assumed values do to the limit that binds, in the steady state, and why that is not known where it is
        not: what the terminal says, too."""
        from kelvolt.reports.binding import binding
        from kelvolt.reports.brief import ranked, ranked_state

        try:
            steady = ranked_state(self.case, self.solution, self.run)
            return ranked(self.case, steady, binding(self.solution))
        except Error as error:
            return None, f"there is no steady state: {str(error).splitlines()[0]}"

    @property
    def whole(self) -> Whole:
        """The verdicts of all limits in one: of case, models, and the power plan with its contingencies."""
        return self.solution.whole + (self.listed.whole if self.listed is not None else Whole())

    @property
    def told(self) -> str:
        """The whole verdict as a sentence, in the words of `kelvolt check`."""
        return self.whole.text("limit" if self.listed is None else "check")


def of_case(
    file: str, changes: list[str], steady: bool, allow: Sequence[str] = (), scenario: str | None = None
) -> Answer:
    """Solves a case file, or its `scenario`, with `changes` (PATH=VALUE). Raises what loading and `answer` raise."""
    from kelvolt.cases.case import load

    made = answer(changed(load(file, allow=allow), scenario, changes), steady=steady)
    made.changes, made.scenario = changes, scenario or ""
    return made


def answer(
    case: Case,
    *,
    steady: bool = False,
    failures: bool = True,
    ride: bool = False,
    progress: bool | None = None,
) -> Answer:
    """The answer of a case: its steady state, or its run where it has one, and the list of checks of a power network.

    steady: without its run, and without that of load swings. failures: every single failure of a power network, too.
    ride: every loss also in time (minutes for a hall). Raises what `steady` and `simulate` raise.
    """
    from kelvolt import _core
    from kelvolt.power.check import recorded

    text = _core.source(case.core)[0]
    ask: dict[str, Any] = {"failures": failures, "ride": ride, "swings": not steady}
    if steady or case.duration == 0.0:
        return Answer(case, text, case.steady(), **ask)
    run = simulated(case, record=recorded(case), progress=progress)  # what tells peak and RMS values, too
    return Answer(case, text, run.end, run, **ask)


def simulated(case: Case, duration: float | None = None, **options: Any) -> Run:
    """The run of a case up to its end, or up to where the system has no further state, which is a broken verdict.

    Raises NoConvergence where the solver found none and no limit was broken until then, and what `simulate` raises.
    """
    run = case.simulate(duration, partial=True, **options)
    if run.failed and not run.end.whole.broken:
        raise NoConvergence(run.status.removeprefix("failed: "))
    return run


def is_result(file: str) -> bool:
    """Whether a file is a result file, or the parts of one, and not a case."""
    from kelvolt.cases import shipped

    path = Path(file)
    if path.is_dir():
        return True
    try:
        return files.is_hdf5(shipped.found(file))
    except MissingFile:
        if path.with_name(path.name + ".parts").is_dir():
            return True
        raise


def of_result(file: str, allow: Sequence[str] = ()) -> Answer:
    """Repeats the run of a result file from the case text inside it, and compares both.

    A result file holds only what was recorded and not the whole state, so a repeat is needed for the tables of branches
    and pumps. Raises FileError when the file holds no case, and what solving raises.
    """
    from kelvolt.cases.case import read
    from kelvolt.cases.results import open as open_result
    from kelvolt.power.check import recorded

    place = Path(file)
    with open_result(file) as stored:
        with reading(place):
            text = str(stored.attrs.get("case_text", ""))
            if not text:
                raise FileError(f"{file}: holds no case text; is it a result of kelvolt run?")
            name = str(stored.attrs.get("case_file", "case.yaml"))
            changes = dict(json.loads(stored.attrs.get("changes", "{}")))
            time = np.atleast_1d(stored["seconds"].values) if "seconds" in stored.variables else np.zeros(1)
            tolerance = float(stored.attrs["tolerance"]) if "tolerance" in stored.attrs else None
        case = read(text, name=name, folder=place.absolute().parent, allow=allow)
        try:
            case.update(changes)
        except InputError as error:
            raise FileError(f"{file}: its changes do not fit its case: {error.message}") from error
        if len(time) < 2:
            made = Answer(case, text, case.steady(), swings=case.duration == 0.0)
            again = made.solution.to_xarray()
        else:
            every = float(time[1] - time[0])
            ask: dict[str, Any] = {"every": every, "tolerance": tolerance, "record": recorded(case)}
            run = simulated(case, float(time[-1]), progress=False, **ask)
            made = Answer(case, text, run.end, run)
            again = run.to_xarray()
        made.changes = [_set_word(case, path, value) for path, value in changes.items()]
        with reading(place):
            made.agreement, made.agrees = _agreement(stored, again, place.name)
        return made


def _set_word(case: Case, path: str, value: float | str) -> str:
    """PATH=VALUE as the command line takes it, with a unit for temperatures."""
    kelvin = " K" if isinstance(value, float) and case.core.find_parameters(path).unit(0) == "K" else ""
    return f"{path}={value}{kelvin}"


def _agreement(stored: xarray.Dataset, again: xarray.Dataset, name: str) -> tuple[str, bool]:
    """A sentence on how well two results agree, and whether they do.

    The measure is the largest difference of values at the rows over the largest magnitude of their quantity.
    """
    worst, where, count = 0.0, "", 0
    for key, variable in again.data_vars.items():
        if re.search("_(mean|min|max)$", str(key)) or key not in stored.variables:
            continue
        old, new = np.squeeze(stored[key].values), np.squeeze(variable.values)
        if old.shape != new.shape:
            return f"{name} and its repeat differ in the shape of {key}: {old.shape} and {new.shape}.", False
        size = max(float(np.nanmax(np.abs(new), initial=0.0)), 1e-12)
        difference = float(np.nanmax(np.abs(new - old), initial=0.0)) / size
        count += 1
        if difference > worst:
            worst, where = difference, f" (largest in {key})"
    text = f"This report repeats the run of {name} from the case inside it: {count} recorded quantities compared, "
    text += f"largest difference {worst:.1e} of the quantity's size{where}."
    agrees = count > 0 and worst < 1e-3
    if not agrees:
        text += " They do not agree: values were set after the case was read, or another version made the file."
    return text, agrees
