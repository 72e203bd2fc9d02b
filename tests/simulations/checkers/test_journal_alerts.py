"""Law 11: whoever reads the alerts hears of every device and entry that something is wrong with, and of no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

from simulations.checkers.contents import HeldEntry, NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.journal_alerts import FORKED, LEAD_MS_MAX, OUT_OF_BOUND, QUARANTINED, RESTORED
from simulations.checkers.tables import ALERT
from simulations.checkers.violation import Dot
from simulations.checkers.wire import OPERATION, decode_header, digest, packed, unpacked
from tests.simulations.checkers.tampering import Change, again, changed, drop, forked_at, found, nodes_of, put

CHECKER = "journal_alerts"
MILLISECONDS, PARTS = 4, 18
"""Places in a header."""


def standing(good: Evidence, matter: str) -> list[str]:
    return [key for key, row in good.reference.tables[ALERT].items() if row["matter"] == matter]


def parts_of(encoded: bytes) -> list[Any]:
    """The parts of a header or certificate."""
    return cast("list[Any]", unpacked(encoded))


def rewritten(header: bytes, changes: dict[int, object]) -> bytes:
    """The header with other parts, in bytes that nobody signed: that is for `audit_chain` to find."""
    parts = parts_of(header)
    for place, part in changes.items():
        parts[place] = part
    return packed(parts)


def everywhere(good: Evidence, dot: Dot, changes: dict[int, object], payload: bytes | None = None) -> Evidence:
    """The run in which every node holds that entry with other parts."""

    def alter(entry: HeldEntry) -> HeldEntry:
        if entry.dot != dot:
            return entry
        header = rewritten(entry.header, changes)
        return replace(entry, header=header, parts=entry.parts if payload is None else (payload,))

    def change(node: NodeContents) -> NodeContents:
        return replace(node, entries=[alter(entry) for entry in node.entries])

    return again(good, nodes=[change(node) for node in good.nodes])


def certificate(journal: bytes, encoded: bytes) -> Change:
    def change(node: NodeContents) -> NodeContents:
        held = replace(node.journals[journal], certificate=encoded)
        return replace(node, journals={**node.journals, journal: held})

    return change


def missing(evidence: Evidence, matter: str) -> set[str]:
    """The nodes that lack an alert of that kind."""
    violations = [one for one in found(evidence, CHECKER) if "missing here" in one.words]
    return nodes_of(one for one in violations if matter in one.words)


def test_a_copied_disk_of_which_nobody_is_told(good: Evidence) -> None:
    (alert, *_) = standing(good, FORKED)
    violations = found(changed(good, drop(ALERT, lambda key: key == alert), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert "missing here; by its journals it is" in violations[0].words


def test_a_copied_disk_of_which_no_node_tells(good: Evidence) -> None:
    evidence = changed(good, drop(ALERT, lambda key: key in standing(good, FORKED)))
    assert missing(evidence, FORKED) == {node.name for node in good.nodes}


def test_a_copied_disk_of_which_something_else_is_told(good: Evidence) -> None:
    (alert, *_) = standing(good, FORKED)
    facts = json.loads(str(good.reference.tables[ALERT][alert]["facts"]))
    facts["journals"].reverse()
    violations = found(changed(good, put(ALERT, alert, facts=json.dumps(facts)), "desk-2"), CHECKER)
    assert nodes_of(violations) == {"desk-2"}
    assert "column facts" in violations[0].words


def test_a_restored_disk_of_which_nobody_is_told(good: Evidence) -> None:
    held = next(one for one in good.reference.journals.values() if one.head_seq and parts_of(one.certificate)[3])
    parts = parts_of(held.certificate)
    continued, seq, hash_before = parts[3]
    parts[3] = [continued, seq - 1, hash_before]
    evidence = changed(good, certificate(held.journal, packed(parts)))
    assert missing(evidence, RESTORED) == {node.name for node in good.nodes}


def test_an_alert_for_nothing(good: Evidence) -> None:
    (alert, *_) = standing(good, FORKED)
    for matter in (OUT_OF_BOUND, QUARANTINED):
        violations = found(changed(good, put(ALERT, alert, matter=matter)), CHECKER)
        assert nodes_of(violations) == {node.name for node in good.nodes}


def test_a_device_that_began_twice(good: Evidence) -> None:
    evidence = good
    for held in good.reference.journals.values():
        parts = parts_of(held.certificate)
        parts[3] = None
        evidence = changed(evidence, certificate(held.journal, packed(parts)))
    assert missing(evidence, FORKED) == {node.name for node in good.nodes}


def test_a_clock_of_which_nobody_is_told(good: Evidence) -> None:
    header = next(
        header
        for entry in good.reference.entries
        if (header := decode_header(entry.header)).context and header.kind == OPERATION
    )
    seen = [one for dot in header.context.items() if (one := good.catalogue.find(Dot(*dot))) is not None]
    newest_ms = max(one.stamp[0] for one in seen)
    for lead_ms, alerted in ((LEAD_MS_MAX, set[str]()), (LEAD_MS_MAX + 1, {node.name for node in good.nodes})):
        evidence = everywhere(good, header.dot, {MILLISECONDS: newest_ms - lead_ms})
        assert missing(evidence, OUT_OF_BOUND) == alerted
        newest = max(seen, key=lambda one: one.stamp[0])
        assert missing(changed(evidence, forked_at(newest.dot)), OUT_OF_BOUND) == set(), "which branch was seen?"


def test_a_quarantined_entry_of_which_nobody_is_told(good: Evidence) -> None:
    last = next(entry for entry in reversed(good.reference.entries) if entry.kind == OPERATION)
    payload = b"nonsense"
    evidence = everywhere(good, last.dot, {PARTS: [[0, digest(payload)]]}, payload)
    assert missing(evidence, QUARANTINED) == {node.name for node in good.nodes}


def test_what_cannot_be_read_alerts_nobody(good: Evidence) -> None:
    journal = next(held.journal for held in good.reference.journals.values() if held.head_seq)
    evidence = changed(good, certificate(journal, b"\x90"), "desk-1")
    assert nodes_of(found(evidence, CHECKER)) <= {"desk-1"}
