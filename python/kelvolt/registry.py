"""What models and library entries there are."""

from __future__ import annotations

from kelvolt import _core
from kelvolt._core import model as model
from kelvolt._core import models as models


def components() -> list[_core.LibraryEntry]:
    """Every entry of the component library, sorted by name."""
    return _core.library()
