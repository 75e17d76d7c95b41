"""Progress bars of long work, in a terminal and in a notebook; none where the output goes to a file or a pipe.

A bar appears once the work has taken a second. The work ends at Ctrl-C (in a notebook: Interrupt), with or without one.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_SOONEST = 1.0  # s before a bar appears
Progress = bool | Callable[[int, int], None] | None
"""What `progress` may be: True shows a bar, None one where someone reads it, a callable gets (done, total)."""


def in_notebook() -> bool:
    """Whether this Python is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def is_read() -> bool:
    """Whether someone reads what is written now: in a terminal or in a notebook."""
    return in_notebook() or sys.stderr.isatty()


def _bar(**options: Any) -> Any:
    """A bar of tqdm: a widget in a notebook that has ipywidgets, else text."""
    if in_notebook():
        try:
            import ipywidgets  # noqa: F401
            from tqdm.notebook import tqdm
        except ImportError:
            from tqdm.std import tqdm
    else:
        from tqdm.std import tqdm
    return tqdm(leave=False, delay=_SOONEST, **options)


@contextmanager
def progress_bar(
    wanted: bool | Callable[[float], None] | None, duration: float
) -> Iterator[Callable[[float], None] | None]:
    """A function that a run calls with the time reached [s]: a progress bar's, the caller's own, or None."""
    if wanted is None:
        wanted = is_read()
    if not isinstance(wanted, bool):
        yield wanted
    elif not wanted or duration <= 0.0:
        yield None
    else:
        form = "{l_bar}{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
        with _bar(total=duration, bar_format=form) as bar:
            yield lambda t: bar.update(min(t, duration) - bar.n)


@contextmanager
def count_bar(wanted: Progress, total: int, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A function that a study calls with (done, total): a progress bar's, the caller's own, or one without effect.

    A `total` of 0 is not known before."""
    if wanted is None:
        wanted = is_read()
    if not isinstance(wanted, bool):
        yield wanted
    elif not wanted:
        yield lambda done, total: None
    else:
        with _bar(total=total or None, unit=unit, smoothing=0.05) as bar:
            first: list[int] = []

            def show(done: int, total: int) -> None:
                if not first:  # points restored from an earlier call must not count in the rate
                    first.append(done)
                    bar.initial = done
                    bar.n = done
                    bar.last_print_n = done
                    return
                bar.update(done - bar.n)

            yield show


@contextmanager
def solve_bar(wanted: Progress, total: int = 0, unit: str = "solve") -> Iterator[Callable[[], None]]:
    """A function that a study calls after each of its solves, from any thread; as `count_bar`."""
    lock, done = threading.Lock(), [0]
    with count_bar(wanted, total, unit) as show:
        if wanted is not False:
            show(0, total)

        def solved() -> None:
            with lock:
                done[0] += 1
                show(done[0], total)

        yield solved
