"""Law 5: the conflict rows are the conflicts that the entries hold, and every losing value can be read in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulations.checkers.comparing import is_same, meaning
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.registers import OwnConflict
from simulations.checkers.tables import CONFLICT, Row, storable
from simulations.checkers.violation import Violation, differs, shortened

LAW = 5


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every conflict that is missing, invented, or told otherwise than it is."""
    yield from evidence.by_content(_conflicts)


def _conflicts(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    own, rows = fold.conflicts, node.tables[CONFLICT]
    for identity in sorted(own.keys() | rows.keys()):
        place = f"{node.name}: table {CONFLICT}, row {identity}"
        if identity not in rows:
            expected = shortened(_expected(own[identity]))
            yield Violation(LAW, node.name, f"{place}: missing; the entries hold this conflict: {expected}")
        elif identity not in own:
            found = shortened(dict(rows[identity]))
            yield Violation(LAW, node.name, f"{place}: the entries hold no such conflict: {found}")
        else:
            yield from _row(node.name, place, own[identity], rows[identity])


def _row(name: str, place: str, own: OwnConflict, row: Row) -> Iterator[Violation]:
    for column, expected in _expected(own).items():
        actual = meaning(column, row[column])
        if not is_same(expected, actual):
            yield Violation(LAW, name, differs(f"{place} ({own.group} {own.row}), column {column}", expected, actual))
    expected_others = _others(own)
    actual_others = _by_entry(meaning("others", row["others"]))
    for entry in sorted(expected_others.keys() | actual_others.keys()):
        expected, actual = expected_others.get(entry), actual_others.get(entry)
        if not is_same(expected, actual):
            words = differs(f"{place} ({own.group} {own.row}), losing value of {entry}", expected, actual)
            yield Violation(LAW, name, words)


def _expected(own: OwnConflict) -> dict[str, Any]:
    """The row's columns except the losing values."""
    cells = storable(
        {
            "matter": own.matter,
            "state": own.state,
            "field_group": own.group,
            "row_id": own.row,
            "decided_by": own.decided_by,
            "decided_at_ms": own.decided_at_ms,
        }
    )
    return {**cells, "shown": dict(own.shown)}


def _others(own: OwnConflict) -> dict[str, dict[str, Any]]:
    return {
        str(dot): {
            "entry": str(dot),
            "value": dict(loser.value),
            "author": loser.author,
            "origin": loser.origin,
            "at_ms": loser.at_ms,
        }
        for dot, loser in own.others.items()
    }


def _by_entry(others: Any) -> dict[str, Any]:
    """The listed losing values by entry; what is no such list stands under a name that no entry has."""
    if isinstance(others, list) and all(isinstance(one, dict) and "entry" in one for one in others):
        return {str(one["entry"]): one for one in others}
    return {"no list of values": others}
