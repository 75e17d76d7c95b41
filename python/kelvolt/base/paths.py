"""Paths of components and values, and patterns of them. The core defines the grammar, for case files and Python alike.

A path has levels separated by dots, and an element of an array has its number in brackets after its name:
`rack[1].tray[3].gpu[2].T_die`. A pattern may have `*` for any text in a name, `[1..3]` or `[*]` for elements, and `**`
for any number of levels. The cells of a divided component are called `hose.cell[1]` etc.; the component is their chain.
"""

from kelvolt._core import (
    any_covers,
    any_element,
    array_of,
    cell_number,
    chain_of,
    covers,
    expanded,
    first_levels,
    inside,
    last_level,
    lift_paths,
    matching,
    owner_of,
    path_levels,
    without_indices,
)

__all__ = [
    "any_covers",
    "any_element",
    "array_of",
    "cell_number",
    "chain_of",
    "covers",
    "expanded",
    "first_levels",
    "inside",
    "last_level",
    "lift_paths",
    "matching",
    "owner_of",
    "path_levels",
    "without_indices",
]
