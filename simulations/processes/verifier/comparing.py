"""When two cells or rows of readable tables mean the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from simulations.processes.verifier.tables import JSON_COLUMNS, Cell, Row

NOT_JSON: Final = "not JSON"


def meaning(column: str, cell: Cell) -> Any:
    """What a cell means: JSON by its content, everything else as it stands."""
    if column not in JSON_COLUMNS or cell is None:
        return cell
    try:
        return json.loads(str(cell))
    except ValueError:
        return {NOT_JSON: cell}


def is_same(expected: Any, actual: Any) -> bool:
    """Equality that keeps 1, 1.0 and true apart, inside lists and mappings too."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(is_same(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(is_same, expected, actual))
    return type(expected) is type(actual) and expected == actual


def differing_cells(expected: Row, actual: Row) -> list[str]:
    """The columns in which two rows do not mean the same."""
    return [
        column
        for column in expected
        if expected[column] is not actual[column]
        and not is_same(meaning(column, expected[column]), meaning(column, actual[column]))
    ]
