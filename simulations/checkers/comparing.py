"""When two cells or rows of readable tables mean the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.tables import JSON_COLUMNS, Cell, Row, Rows
from simulations.checkers.violation import differs, shortened

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
        if not _is_equal(expected[column], actual[column])
        and not is_same(meaning(column, expected[column]), meaning(column, actual[column]))
    ]


def differing_rows(node: NodeContents, table: str, expected: Rows, source: str) -> Iterator[str]:
    """Says of each row of a node's table in what it differs from `expected`, which is what `source` says."""
    yield from differing_among(f"{node.name}: table {table}", expected, node.tables[table], source)


def differing_among(table: str, expected: Rows, actual: Rows, source: str) -> Iterator[str]:
    """Says of each row in what `actual` differs from `expected`. `table` says in words where they stand."""
    for key in sorted(expected.keys() | actual.keys()):
        place = f"{table}, row {key}"
        if key not in actual:
            yield f"{place}: missing here; by {source} it is {shortened(dict(expected[key]))}"
        elif key not in expected:
            yield f"{place}: stands here, not by {source}: {shortened(dict(actual[key]))}"
        else:
            for column in differing_cells(expected[key], actual[key]):
                wanted, found = meaning(column, expected[key][column]), meaning(column, actual[key][column])
                yield differs(f"{place}, column {column}", wanted, found)


def _is_equal(expected: Cell, actual: Cell) -> bool:
    return type(expected) is type(actual) and expected == actual
