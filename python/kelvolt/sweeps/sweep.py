"""Sweeps: thousands of variants of a case as one xarray Dataset, on all cores or on any executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from kelvolt.base import cf, files, tables
from kelvolt.base.errors import Error, InputError
from kelvolt.base.formats import refuse_newer
from kelvolt.base.kinds import require_case
from kelvolt.base.progress import Progress, count_bar
from kelvolt.base.seal import check_seal, locking_of, reading, refuse_foreign
from kelvolt.base.values import whole
from kelvolt.cases.case import Case
from kelvolt.sweeps.axes import Axes, samples, times, variants, zipped
from kelvolt.sweeps.parts import Chunk, Parts
from kelvolt.sweeps.plan import Plan
from kelvolt.sweeps.result import converted
from kelvolt.sweeps.solve import Recipe, solve_remote, workers

if TYPE_CHECKING:
    import xarray

__all__ = ["samples", "sweep", "times", "variants", "zipped"]

_FLUSH = 0.25  # s between parts: the work that is lost when the process is killed
_TRIES = 4  # how often a chunk is submitted if its worker is lost


def sweep(
    case: Case,
    axes: Axes,
    *,
    record: Sequence[str] | Mapping[str, str] | None = None,
    simulate: bool | Mapping[str, Any] = False,
    limits: bool = False,
    output: str | PathLike[str] | None = None,
    overwrite: bool = False,
    threads: int | None = None,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Progress = None,
    units: str | None = None,
) -> xarray.Dataset:
    """Solves a case at every combination of `axes` and returns a Dataset with one dimension for each of them.

    `axes`: {path or pattern: [values]} makes a grid; values are in SI, text with units, or `kv.times(...)`: factors on
    the case's values. A tuple is a range, which a grid refuses: give points as a list, or draw by `kv.samples`.
    `kv.zipped` varies lists together, `kv.samples` draws from ranges or distributions, `kv.variants` has whole cases;
    each is given alone, as the value under the name of its dimension, or in a list with mappings. For a path into the
    case text ("cdu.coolant", "tray.count", "components.cdu.model") and `kv.variants` every structure is compiled once.

    `record`: patterns, each an array with its own dimensions; a plain path, "max(pattern)", "min", "mean" and "sum" are
    one number; {name: pattern} renames; None records the models' key outputs; values a structure lacks are NaN.
    `simulate`: True or {"duration": "10 min", "every": "10 s", "tolerance": ...} runs in time. `limits` adds the limit
    with the least margin at each point, empty and NaN where none is assessed. Each parameter is varied by one path.

    A point that fails stays in the result: its `status` (ok, no_steady_state, thermal_runaway, no_convergence, refused,
    absent) and `reason` say why. `output`: a netCDF file, written in parts while solving; the same call continues an
    interrupted sweep. Results do not depend on threads, executor or interruption, to the last bit.

    `units`: of the Dataset that is returned, "si" (degC, kPa, L/min, kW), "si-field" or "us"; None: SI, as in the file.
    `executor`: any concurrent.futures.Executor; it is sent case text and values. `progress`: as in `simulate`; a
    callable gets the points done and all points. Raises InputError for wrong arguments, FileError for files.

    >>> case = kv.load("single_loop")
    >>> supply = ["25 degC", "30 degC"]
    >>> ds = kv.sweep(case, {"facility.T_supply": supply}, record={"hot": "gpu.T_die"}, units="si")
    >>> ds["hot"].dims
    ('facility_T_supply',)
    >>> bool(ds["hot"].sel(facility_T_supply=25.0, method="nearest") < ds["hot"].max())
    True
    """
    require_case("sweep", case)
    if units is not None:
        tables.Units(units).unit("K")  # raises before anything is solved
    if threads is not None:
        whole(threads, "sweep: threads")
    if executor is not None and not hasattr(executor, "submit"):
        raise InputError(f"sweep: executor is a concurrent.futures.Executor, not {type(executor).__name__}")
    plan = Plan(case, axes, record, simulate, limits, chunk)
    plan.threads = workers(threads) if executor is None else 1
    dataset = _answer(plan, output, overwrite, threads, executor, progress)
    return dataset if units is None else converted(plan, dataset, units)


def _answer(
    plan: Plan,
    output: str | PathLike[str] | None,
    overwrite: bool,
    threads: int | None,
    executor: Executor | None,
    progress: Progress,
) -> xarray.Dataset:
    """The result in SI: that of the file where it is finished, otherwise solved, from parts that are there."""
    target = None if output is None else files.path_of(output)
    if target is not None and files.is_there(target) and not overwrite:
        return _finished(target, plan.fingerprint())
    if target is not None:
        files.replaceable(target, "result")  # refused before anything is solved
    parts = None if target is None else Parts(target, plan.fingerprint(), plan.largest_part())
    try:
        with count_bar(progress, plan.total, "point") as show:
            chunks = _solve(plan, parts, threads, executor, show)
        dataset = plan.dataset(chunks)
        if target is not None and parts is not None:
            _write_result(dataset, target, plan.fingerprint())
            parts.remove()
    finally:
        if parts is not None:
            parts.close()
    return dataset


def _finished(target: Path, fingerprint: str) -> xarray.Dataset:
    """The result that exists already. Raises InputError when it belongs to another sweep, FileError when damaged."""
    import h5py
    import xarray

    files.existing(target)
    with reading(target):
        check_seal(target)
        how = {"locking": locking_of(target)}
        with h5py.File(target, "r", **how) as h5:
            refuse_foreign(target, h5)
            refuse_newer(target, h5.attrs)
        dataset = cf.with_times(xarray.load_dataset(target, engine="h5netcdf", decode_times=False, driver_kwds=how))
    if dataset.attrs.get("fingerprint") != fingerprint:
        raise InputError(
            f"{target}: is there already and is no result of this sweep (other case, values, record or version); "
            "give another output, or overwrite=True (--overwrite)"
        )
    return dataset


def _write_result(dataset: xarray.Dataset, target: Path, fingerprint: str) -> None:
    dataset.attrs["fingerprint"] = fingerprint
    files.write_dataset(target, dataset, f"what was solved is kept in {target.name}.parts")


def _solve(
    plan: Plan,
    parts: Parts | None,
    threads: int | None,
    executor: Executor | None,
    show: Callable[[int, int], None],
) -> dict[int, Chunk]:
    chunks: dict[int, Chunk] = dict(parts.read(plan.fits)) if parts is not None else {}
    done = sum(len(plan.chunks[number].points) for number in chunks)
    show(done, plan.total)
    queue = deque(number for number in range(len(plan.chunks)) if number not in chunks)
    count = workers(threads)
    # a thread pool made here ends with the sweep; the caller's executor stays open
    pool = ThreadPoolExecutor(count) if executor is None else nullcontext(executor)
    with pool as on:
        crew = _Crew(plan, on, local=executor is None, window=4 * count if executor is None else 64)
        fresh: list[tuple[int, Chunk]] = []
        flushed = monotonic()
        try:
            for number, chunk in crew.work(queue):
                chunks[number] = chunk
                done += len(plan.chunks[number].points)
                show(done, plan.total)
                fresh.append((number, chunk))
                if parts is not None and monotonic() - flushed > _FLUSH:
                    parts.write(fresh)
                    fresh, flushed = [], monotonic()
        finally:
            crew.stop()
            if parts is not None and fresh:
                parts.write(fresh)
    return chunks


def _error_of(future: Future[Chunk]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:  # by an executor that lost the worker
        return error


class _Crew:
    """Keeps an executor supplied with chunks and submits those again whose worker was lost."""

    def __init__(self, plan: Plan, executor: Executor, *, local: bool, window: int) -> None:
        self._plan, self._executor, self._local, self._window = plan, executor, local, window
        self._futures: dict[Future[Chunk], int] = {}
        self._tries: dict[int, int] = {}

    def _submit(self, number: int) -> None:
        chunk = self._plan.chunks[number]
        table = self._plan.table(chunk)
        self._tries[number] = self._tries.get(number, 0) + 1
        if self._local:
            future = self._executor.submit(self._plan.engine(chunk.structure).solve, table)
        else:
            recipe: Recipe = self._plan.recipe(chunk.structure)
            future = self._executor.submit(solve_remote, recipe, table)
        self._futures[future] = number

    def work(self, queue: deque[int]) -> Iterator[tuple[int, Chunk]]:
        while queue or self._futures:
            while queue and len(self._futures) < self._window:
                number = queue.popleft()
                known = self._plan.without_solving(self._plan.chunks[number])
                if known is not None:
                    yield number, known
                else:
                    self._submit(number)
            finished = wait(self._futures, return_when=FIRST_COMPLETED).done if self._futures else set()
            for future in finished:
                number = self._futures.pop(future)
                error = _error_of(future)
                if error is None:
                    yield number, future.result()
                elif isinstance(error, Error) or self._tries[number] >= _TRIES:
                    raise error
                else:
                    queue.append(number)

    def stop(self) -> None:
        for future in self._futures:
            future.cancel()
        self._plan.cancel()
