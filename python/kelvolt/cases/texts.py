"""Python values as the text of a case."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kelvolt.base.errors import InputError


def plain(value: Any) -> Any:
    """NumPy numbers and arrays as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise InputError(
        f"a case cannot hold {value!r} of type {type(value).__name__}; give numbers, text, lists, mappings"
    )


def written(value: Any) -> str:
    """A value as text that a case can hold: JSON, which is YAML. Raises InputError."""
    try:
        return json.dumps(value, ensure_ascii=False, default=plain)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the mapping holds itself, or is nested too deep: {error}") from None
