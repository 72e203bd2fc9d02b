"""Law 5: the conflict rows are the conflicts that the entries hold, and every losing value can be read in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any

from simulations.checkers.comparing import differing_rows, is_same, meaning
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.registers import OwnConflict
from simulations.checkers.tables import CONFLICT, CONFLICT_VALUE, Row, storable
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
    yield from _values(node, own)


def _row(name: str, place: str, own: OwnConflict, row: Row) -> Iterator[Violation]:
    for column, expected in _expected(own).items():
        actual = meaning(column, row[column])
        if not is_same(expected, actual):
            yield Violation(LAW, name, differs(f"{place} ({own.group} {own.row}), column {column}", expected, actual))


def _values(node: NodeContents, own: Mapping[str, OwnConflict]) -> Iterator[Violation]:
    """Every value that stands, or stood, against others can be read, and no other."""
    expected = {
        f"{identity} {dot}": storable(
            {
                "identity": identity,
                "entry": str(dot),
                "value": dumps(dict(concerned.value)),
                "author": concerned.author,
                "origin": concerned.origin,
                "at_ms": concerned.at_ms,
            }
        )
        for identity, conflict in own.items()
        for dot, concerned in conflict.values.items()
    }
    for words in differing_rows(node, CONFLICT_VALUE, expected, "its entries"):
        yield Violation(LAW, node.name, words)


def _expected(own: OwnConflict) -> dict[str, Any]:
    """The row's columns."""
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
