"""Law 1: the same entries everywhere, and the same readable rows, which are those that the entries give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from simulations.checkers.comparing import differing_rows
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.tables import ALERT, CONFLICT, CONFLICT_VALUE, READABLE
from simulations.checkers.violation import Dot, Violation, differs, limited

LAW = 1


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every place at which a node differs from the others or from the fold of its entries."""
    yield from _same_entries(evidence)
    for table in READABLE:
        yield from evidence.by_content(partial(_folded, table))
    reference = evidence.reference
    for node in evidence.nodes:
        if evidence.twins[node.name] == evidence.twins[reference.name]:
            continue
        for table in (CONFLICT, CONFLICT_VALUE, ALERT):
            rows = differing_rows(node, table, reference.tables[table], reference.name)
            yield from limited(Violation(LAW, node.name, words) for words in rows)
        yield from limited(_same_quarantine(node, reference))


def _same_entries(evidence: Evidence) -> Iterator[Violation]:
    held = {node.name: {entry.dot: entry.header for entry in node.entries} for node in evidence.nodes}
    union: dict[Dot, bytes] = {}
    for entries in held.values():
        for dot, header in entries.items():
            union.setdefault(dot, header)
    for name, entries in held.items():
        if entries != union:
            yield from limited(_missing_entries(name, entries, union))


def _missing_entries(name: str, entries: Mapping[Dot, bytes], union: Mapping[Dot, bytes]) -> Iterator[Violation]:
    for dot, header in sorted(union.items()):
        if dot not in entries:
            yield Violation(LAW, name, f"{name}: table entry lacks {dot}, which another node holds")
        elif entries[dot] != header:
            yield Violation(
                LAW, name, f"{name}: table entry, row {dot}: another node holds another entry under this number"
            )


def _folded(table: str, node: NodeContents, fold: Fold) -> Iterator[Violation]:
    if table in fold.rows:
        for words in differing_rows(node, table, fold.rows[table], "its entries"):
            yield Violation(LAW, node.name, words)


def _same_quarantine(node: NodeContents, reference: NodeContents) -> Iterator[Violation]:
    for dot in sorted(node.quarantine.keys() | reference.quarantine.keys()):
        expected, actual = reference.quarantine.get(dot), node.quarantine.get(dot)
        if expected != actual:
            yield Violation(LAW, node.name, differs(f"{node.name}: table quarantine, row {dot}", expected, actual))
