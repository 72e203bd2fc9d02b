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
    """Says of each row in what `actual` differs from `expected`. `table` says in words where they stand.

    Of alerts, whose key is made of what they say, two that are about the same thing are told as one that says something else.
    """
    same = _same_alerts(expected, actual)
    for key in sorted(expected.keys() | actual.keys() - set(same.values())):
        place = f"{table}, row {key}"
        if key in expected and key in actual:
            yield from differing_columns(place, expected[key], actual[key])
        elif key in same:
            yield from differing_columns(f"{place} (here {same[key]})", expected[key], actual[same[key]])
        elif key in expected:
            yield f"{place}: missing here; by {source} it is {shortened(dict(expected[key]))}"
        else:
            yield f"{place}: stands here, not by {source}: {shortened(dict(actual[key]))}"


def differing_columns(place: str, expected: Row, actual: Row) -> Iterator[str]:
    """Says of two rows each value in which they differ; of JSON, the value within."""
    for column in differing_cells(expected, actual):
        if column == "identity":
            continue  # it follows from the facts
        wanted, found = meaning(column, expected[column]), meaning(column, actual[column])
        yield from _differing_values(f"{place}, column {column}", wanted, found)


def _differing_values(place: str, wanted: Any, found: Any) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in sorted(wanted.keys() | found.keys()):
            if name not in wanted or name not in found or not is_same(wanted[name], found[name]):
                yield from _differing_values(f"{place}, {name}", wanted.get(name), found.get(name))
    else:
        yield differs(place, wanted, found)


def _same_alerts(expected: Rows, actual: Rows) -> dict[str, str]:
    """For alerts that only `expected` has, those that only `actual` has of the same kind with the most facts in common."""
    theirs = {key: facts for key, row in actual.items() if key not in expected and (facts := _facts(row))}
    found: dict[str, str] = {}
    for key, row in sorted(expected.items()):
        facts = _facts(row)
        if key in actual or not facts:
            continue
        fits = {
            other: sum(others[name] == facts[name] for name in facts)
            for other, others in sorted(theirs.items())
            if actual[other]["matter"] == row["matter"] and others.keys() == facts.keys()
        }
        best = max(fits, key=lambda other: fits[other], default=None)
        if best is not None and fits[best]:
            found[key] = best
            del theirs[best]
    return found


def _facts(row: Row) -> Mapping[str, Any]:
    """What an alert is about; nothing for a row of another kind, or one that does not say."""
    facts = meaning("facts", row.get("facts"))
    return facts if isinstance(facts, Mapping) else {}


def _is_equal(expected: Cell, actual: Cell) -> bool:
    return type(expected) is type(actual) and expected == actual
