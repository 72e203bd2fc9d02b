"""What counts once is what its author signed: each altered byte is found, on the node that holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simulations.checkers.contents import HeldJournal, NodeContents
from simulations.checkers.evidence import Evidence
from tests.crdt_pms.journal.journals import OTHER_ROOT
from tests.simulations.checkers.tampering import Change, changed, entries, found, nodes_of, one_entry

CHECKER = "audit_chain"
NODE = "desk-3"


def journal(alter: dict[str, Any] | None) -> Change:
    """Alters the row of the journal of the first entry; without columns, removes it."""

    def change(node: NodeContents) -> NodeContents:
        first = node.entries[0].dot.journal
        rest = {key: held for key, held in node.journals.items() if key != first}
        held: dict[bytes, HeldJournal] = {} if alter is None else {first: replace(node.journals[first], **alter)}
        return replace(node, journals={**rest, **held})

    return change


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"parts": (b"other",)}, "digests of the parts"),
        ({"header": b"other"}, "not of the format"),
        ({"hash": bytes(32)}, "column hash"),
        ({"author": "nobody"}, "columns and signed header"),
        ({"document": "board!"}, "columns and signed header"),
        ({"stamp": (0, 0)}, "columns and signed header"),
    ],
)
def test_an_altered_column_of_an_entry(columns: dict[str, Any], words: str, good: Evidence) -> None:
    violations = found(changed(good, one_entry(good.reference.entries[0].dot, **columns), NODE), CHECKER)
    assert nodes_of(violations) == {NODE}
    assert any(words in one.words for one in violations)


def test_the_signature_of_the_last_entry_of_a_journal(good: Evidence) -> None:
    last = good.node(NODE).entries[-1].dot
    violations = found(changed(good, one_entry(last, signature=bytes(64)), NODE), CHECKER)
    assert "not signed by the device of its journal" in violations[0].words


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        ({"signature": bytes(64)}, "the certificate is not signed by its device"),
        ({"certificate": b"\x90"}, "not the certificate of a journal"),
        ({"device_id": "other"}, "journal, property and device"),
        ({"head_seq": 999}, "head"),
        ({"head_hash": bytes(32)}, "head"),
        (None, "table journal lacks"),
    ],
)
def test_an_altered_journal(alter: dict[str, Any] | None, words: str, good: Evidence) -> None:
    violations = found(changed(good, journal(alter), NODE), CHECKER)
    assert nodes_of(violations) == {NODE}
    assert any(words in one.words for one in violations)


def test_a_gap_in_a_chain(good: Evidence) -> None:
    dot = next(one.dot for one in good.node(NODE).entries if one.dot.seq == 2)
    violations = found(changed(good, entries(lambda log: [one for one in log if one.dot != dot]), NODE), CHECKER)
    assert any("follows number 1 of its journal" in one.words for one in violations)


def test_a_link_that_leads_to_another_entry(good: Evidence) -> None:
    held = good.node(NODE).entries
    second = next(one for one in held if one.dot.seq == 2)
    stranger = next(one for one in held if one.dot.seq == 2 and one.dot.journal != second.dot.journal)
    violations = found(changed(good, one_entry(second.dot, header=stranger.header), NODE), CHECKER)
    assert any("hash of the entry before" in one.words for one in violations)


def test_a_device_that_the_root_does_not_vouch_for(good: Evidence) -> None:
    facts = replace(good.property_facts, root_key=OTHER_ROOT.public_bytes)
    violations = list(found(replace(good, property_facts=facts), CHECKER))
    assert nodes_of(violations) == {node.name for node in good.nodes}


def test_the_same_flaw_on_two_nodes_is_told_of_both(good: Evidence) -> None:
    flawed = one_entry(good.reference.entries[0].dot, hash=bytes(32))
    assert nodes_of(found(changed(good, flawed, NODE, "desk-1"), CHECKER)) == {NODE, "desk-1"}
