"""Law 8: integer minor units, balances that are sums, postings that never change, payments that post once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulations.checkers.comparing import differing_cells
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.grammar import POSTING, Value
from simulations.checkers.registers import Register
from simulations.checkers.tables import storable
from simulations.checkers.violation import Violation, differs, shortened

LAW = 8
MONEY_TAKEN: Final = ("payment", "deposit")
_AMOUNTS: Final = (("posting", "amount_minor"), ("folio", "balance_minor"), ("reservation", "rate_minor"))
_MAY_BE_UNKNOWN: Final = frozenset({"rate_minor"})
"""A stay of which only the occupancy is known has no rate."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every amount that is not what was written, or not the sum of it."""
    for part in (_integers, _balances, _contents, _payments):
        yield from evidence.by_content(part)


def _integers(node: NodeContents, _fold: Fold) -> Iterator[Violation]:
    for table, column in _AMOUNTS:
        for key, row in node.tables[table].items():
            amount = row[column]
            if type(amount) is not int and not (amount is None and column in _MAY_BE_UNKNOWN):
                place = f"{node.name}: table {table}, row {key}, column {column}"
                yield Violation(LAW, node.name, f"{place}: not an integer of minor units: {shortened(amount)}")


def _balances(node: NodeContents, _fold: Fold) -> Iterator[Violation]:
    sums = dict.fromkeys(node.tables["folio"], 0)
    for row in node.tables["posting"].values():
        folio, amount = str(row["folio"]), row["amount_minor"]
        sums[folio] = sums.get(folio, 0) + (amount if type(amount) is int else 0)
    for folio, expected in sorted(sums.items()):
        row = node.tables["folio"].get(folio)
        actual = None if row is None else row["balance_minor"]
        if actual != expected:
            place = f"{node.name}: table folio, row {folio}, column balance_minor, sum of its postings"
            yield Violation(LAW, node.name, differs(place, expected, actual))


def _contents(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    rows = node.tables["posting"]
    written = fold.registers[POSTING]
    for key in sorted(rows.keys() | written.keys()):
        place = f"{node.name}: table posting, row {key}"
        if key not in rows:
            yield Violation(LAW, node.name, f"{place}: missing, although an entry wrote it")
        elif key not in written:
            yield Violation(LAW, node.name, f"{place}: no entry wrote it: {shortened(dict(rows[key]))}")
        else:
            expected = storable({"posting": key, **_first_written(written[key])})
            for column in differing_cells(expected, rows[key]):
                words = differs(f"{place}, column {column}", expected[column], rows[key][column])
                yield Violation(LAW, node.name, words)


def _first_written(register: Register) -> Value:
    """What a posting says: the content of its first entry (the lowest of concurrent ones), or what a person chose."""
    if register.decision is not None:
        return register.shown
    return min(register.writes, key=lambda written: written.dot).value


def _payments(node: NodeContents, _fold: Fold) -> Iterator[Violation]:
    """A payment's row id ends with its idempotency key: no other posting that takes money has the same."""
    rows_of_key: dict[str, list[str]] = {}
    for row_id, row in node.tables["posting"].items():
        if row["kind"] in MONEY_TAKEN:
            rows_of_key.setdefault(row_id.partition(":")[2], []).append(row_id)
    for key, row_ids in sorted(rows_of_key.items()):
        if len(row_ids) > 1:
            words = (
                f"{node.name}: table posting: the payment key {key!r} posted {len(row_ids)} times: {sorted(row_ids)}"
            )
            yield Violation(LAW, node.name, words)
