"""Changes to the evidence of a good run, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Event, Probe
from simulations.checkers.judging import CHECKERS, judge
from simulations.checkers.tables import ALERT, Cell, Row, Rows
from simulations.checkers.violation import Dot, Violation
from simulations.checkers.witnessed import Acknowledged, Scheduled

E = TypeVar("E")
Change = Callable[[NodeContents], NodeContents]


def again(
    evidence: Evidence, *, nodes: Sequence[NodeContents] | None = None, history: Iterable[Event] | None = None,
    probes: Sequence[Probe] | None = None, acknowledged: Sequence[Acknowledged] = (), scheduled: Sequence[Scheduled] = (),
) -> Evidence:  # fmt: skip
    """The same run with something replaced."""
    return Evidence.of(
        evidence.property_facts,
        evidence.nodes if nodes is None else nodes,
        history=evidence.history if history is None else tuple(history),
        probes=evidence.probes if probes is None else probes,
        acknowledged=acknowledged,
        scheduled=scheduled,
    )


def changed(evidence: Evidence, change: Change, *names: str) -> Evidence:
    """The same run with some nodes changed; all of them when none is named."""
    nodes = [change(node) if node.name in names or not names else node for node in evidence.nodes]
    return again(evidence, nodes=nodes)


def found(evidence: Evidence, checker: str) -> list[Violation]:
    return list(CHECKERS[checker](evidence))


def red(evidence: Evidence) -> set[str]:
    """The checkers that find something."""
    return {finding.checker for finding in judge(evidence)}


def nodes_of(violations: Iterable[Violation]) -> set[str]:
    return {violation.node for violation in violations}


def events(evidence: Evidence, kind: type[E]) -> list[E]:
    return [event for event in evidence.history if isinstance(event, kind)]


def put(table: str, key: str, **cells: Cell) -> Change:
    """Alters cells of one row."""

    def change(node: NodeContents) -> NodeContents:
        rows: Rows = {**node.tables[table], key: {**node.tables[table][key], **cells}}
        return replace(node, tables={**node.tables, table: rows})

    return change


def drop(table: str, fits: Callable[[str], bool] = lambda _key: True) -> Change:
    """Removes rows."""

    def change(node: NodeContents) -> NodeContents:
        rows = {key: row for key, row in node.tables[table].items() if not fits(key)}
        return replace(node, tables={**node.tables, table: rows})

    return change


def entries(alter: Callable[[list[HeldEntry]], list[HeldEntry]]) -> Change:
    """Alters the log; positions are given anew, and heads of journals follow it."""

    def change(node: NodeContents) -> NodeContents:
        log = [replace(entry, position=number) for number, entry in enumerate(alter(list(node.entries)), 1)]
        if node.is_relay:
            log = [replace(entry, committed=entry.position) for entry in log]
        return replace(node, entries=log)

    return change


def one_entry(dot: Dot, **columns: object) -> Change:
    """Alters columns of one row of the log."""

    def change(node: NodeContents) -> NodeContents:
        log = [replace(entry, **columns) if entry.dot == dot else entry for entry in node.entries]
        return replace(node, entries=log)

    return change


def forked_at(dot: Dot) -> Change:
    """Lets the node tell that the journal of that entry was written twice, from there on."""

    def change(node: NodeContents) -> NodeContents:
        facts = json.dumps({"device": "", "journal": dot.journal.hex(), "slot": dot.seq})
        row: Row = {"identity": "f" * 32, "matter": "alert_journal_slot_forked", "facts": facts, "detail": "{}"}
        return replace(node, tables={**node.tables, ALERT: {**node.tables[ALERT], "f" * 32: row}})

    return change


def quarantine(dot: Dot, reason: str | None) -> Change:
    def change(node: NodeContents) -> NodeContents:
        kept = {known: why for known, why in node.quarantine.items() if known != dot}
        return replace(node, quarantine=kept if reason is None else {**kept, dot: reason})

    return change
