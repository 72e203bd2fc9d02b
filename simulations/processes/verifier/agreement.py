"""Law 1: the same entries everywhere, and the same readable rows, which are those that the entries give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulations.processes.verifier.comparing import differing_cells, meaning
from simulations.processes.verifier.evidence import Evidence
from simulations.processes.verifier.reading import NodeContents
from simulations.processes.verifier.tables import ALERT, CONFLICT, Rows
from simulations.processes.verifier.violation import Dot, Violation, differs, limited, shortened

LAW = 1


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every place at which a node differs from the others or from the fold of its entries."""
    yield from _same_entries(evidence)
    for node in evidence.nodes:
        for table, expected in evidence.folds[node.name].rows.items():
            yield from limited(_same_rows(node, table, expected, "its entries"))
        if node.is_relay:
            continue
        for table in (CONFLICT, ALERT):
            yield from limited(_same_rows(node, table, evidence.relay.tables[table], evidence.relay.name))
        yield from limited(_same_quarantine(node, evidence.relay))


def _same_entries(evidence: Evidence) -> Iterator[Violation]:
    held = {node.name: {entry.dot: entry.header for entry in node.entries} for node in evidence.nodes}
    union: dict[Dot, bytes] = {}
    for entries in held.values():
        for dot, header in entries.items():
            union.setdefault(dot, header)
    for name, entries in held.items():
        yield from limited(_missing_entries(name, entries, union))


def _missing_entries(name: str, entries: Mapping[Dot, bytes], union: Mapping[Dot, bytes]) -> Iterator[Violation]:
    for dot, header in sorted(union.items()):
        if dot not in entries:
            yield Violation(LAW, name, f"{name}: table entry lacks {dot}, which another node holds")
        elif entries[dot] != header:
            yield Violation(
                LAW, name, f"{name}: table entry, row {dot}: another node holds another entry under this number"
            )


def _same_rows(node: NodeContents, table: str, expected: Rows, source: str) -> Iterator[Violation]:
    actual = node.tables[table]
    for key in sorted(expected.keys() | actual.keys()):
        place = f"{node.name}: table {table}, row {key}"
        if key not in actual:
            wanted = shortened(dict(expected[key]))
            yield Violation(LAW, node.name, f"{place}: missing here; by {source} it is {wanted}")
        elif key not in expected:
            found = shortened(dict(actual[key]))
            yield Violation(LAW, node.name, f"{place}: stands here, not by {source}: {found}")
        else:
            for column in differing_cells(expected[key], actual[key]):
                wanted, found = meaning(column, expected[key][column]), meaning(column, actual[key][column])
                yield Violation(LAW, node.name, differs(f"{place}, column {column}", wanted, found))


def _same_quarantine(node: NodeContents, relay: NodeContents) -> Iterator[Violation]:
    for dot in sorted(node.quarantine.keys() | relay.quarantine.keys()):
        expected, actual = relay.quarantine.get(dot), node.quarantine.get(dot)
        if expected != actual:
            yield Violation(LAW, node.name, differs(f"{node.name}: table quarantine, row {dot}", expected, actual))
