"""No card number is kept: not in a row, not in a note, not in an entry's bytes (PCI DSS 3.2.1, requirement 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.violation import Violation, limited

LAW: Final = 11
CARD_DIGITS: Final = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005")
"""Numbers for tests, as the guests of simulated hotels spell them out."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every place in which one of those numbers stands."""
    for node in evidence.nodes:
        yield from limited(_kept(node))


def _kept(node: NodeContents) -> Iterator[Violation]:
    for table, rows in node.tables.items():
        for key, row in rows.items():
            for column, cell in row.items():
                if isinstance(cell, str) and any(digits in cell for digits in CARD_DIGITS):
                    yield Violation(
                        LAW, node.name, f"{node.name}: table {table}, row {key}, column {column}: a card number"
                    )
    for entry in node.entries:
        if any(digits.encode() in part for part in entry.parts if part is not None for digits in CARD_DIGITS):
            yield Violation(LAW, node.name, f"{node.name}: table entry, row {entry.dot}: a card number")
