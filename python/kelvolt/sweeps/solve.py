"""Solves the chunks of one structure, in this process or in another one."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kelvolt import _core
from kelvolt.base.values import Floats

Chunk = dict[str, Any]
_KEPT = 8  # engines a worker process keeps


def workers(threads: int | None) -> int:
    """As many as given, by default one for each core that this process may use."""
    return threads or len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Recipe:
    """All that a worker needs to make the engine of one structure: case text and values."""

    key: str
    source: Any  # of the case: text, name, folder, what was set, further folders
    columns: tuple[tuple[str, bool, float, float, float], ...]  # path, relative, low, centre, high
    records: tuple[tuple[str, str], ...]  # pattern (empty: key outputs), fold
    times: tuple[float, ...]  # of runs; empty: steady states
    every: float
    tolerance: float | None
    limits: bool
    anchors: int  # points solved first, whose solutions are the starting values of the others

    @property
    def text(self) -> str:
        return str(self.source[0])

    def engine(self, core: _core.Case | None = None) -> Engine:
        if core is None:
            core = _core.restored(self.source)
        return Engine(self, core)


@dataclass
class Engine:
    """Solves points of one structure from any number of threads; the first thread that needs it compiles the sweep."""

    recipe: Recipe
    core: _core.Case
    threads: int = 1
    """Threads for solving the anchors; results do not depend on it."""
    _made: _core.Sweep | None = None
    _stopped: bool = False
    _without_limits: bool = False  # set once a point has shown that no limit is assessed
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def sweep(self) -> _core.Sweep:
        with self._lock:
            if self._made is None:
                r, s = self.recipe, self.core
                columns = [(s.find_parameters(path), rel, low, mid, high) for path, rel, low, mid, high in r.columns]
                records = [(s.find(p) if p else _core.key_outputs(s), fold) for p, fold in r.records]
                self._made = _core.Sweep(s, columns, records, r.anchors, self.threads)
                if self._stopped:
                    self._made.cancel()
            return self._made

    def solve(self, table: Floats) -> Chunk:
        """The results of `table` [points, columns] in SI; numbers are returned as NumPy arrays, words as lists."""
        r, sweep = self.recipe, self.sweep
        points, columns = table.shape
        flat = np.ascontiguousarray(table).reshape(-1)
        if r.times:
            more = [p for p, _ in r.records if p]
            raw = sweep.simulate(flat, points, columns, list(r.times), r.every, r.tolerance, more, r.limits)
            shape: tuple[int, ...] = (points, len(r.times), 4, sweep.width)
        else:
            raw = sweep.steady(flat, points, columns, "tightest" if r.limits else "none")
            shape = (points, sweep.width)
        chunk: Chunk = {k: np.array(v) if isinstance(v, _core.View) else v for k, v in raw.items()}
        chunk["values"] = chunk["values"].reshape(shape)
        if not r.limits:
            return {k: v for k, v in chunk.items() if not k.startswith("limit")}
        for k in np.flatnonzero(np.isnan(chunk["limit_margin"])):  # no limit is named where none was assessed
            for name in ("limit", "limit_element", "limit_unit"):
                chunk[name][k] = ""
        return chunk

    def cancel(self) -> None:
        self._stopped = True
        if self._made is not None:
            self._made.cancel()


_engines: OrderedDict[str, Engine] = OrderedDict()
_engines_lock = threading.Lock()


def solve_remote(recipe: Recipe, table: Floats) -> Chunk:
    """Called in a worker process, where the engine is made once and kept for the following chunks."""
    with _engines_lock:
        engine = _engines.get(recipe.key)
        if engine is None:
            engine = _engines[recipe.key] = recipe.engine()
        _engines.move_to_end(recipe.key)
        while len(_engines) > _KEPT:
            _engines.popitem(last=False)
    return engine.solve(table)
