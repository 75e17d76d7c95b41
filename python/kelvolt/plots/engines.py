"""The two libraries that draw: matplotlib for print, plotly for pages that turn and zoom."""

from __future__ import annotations

from kelvolt.base.errors import InputError


def wants_plotly(engine: str) -> bool:
    """Whether plotly draws. Raises InputError for an engine that is neither, and where plotly is not installed."""
    if engine not in ("matplotlib", "plotly"):
        raise InputError(f"engine '{engine}' is neither matplotlib nor plotly")
    if engine == "matplotlib":
        return False
    try:
        import plotly  # noqa: F401
    except ImportError:
        raise InputError("engine 'plotly': plotly is not installed; pip install 'kelvolt[plot]'") from None
    return True
