"""What passes the gate is authentic, whole and in causal order; what does not pass leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, PartRole
from crdt_pms.journal.errors import (
    CertificateRefused,
    ChainBroken,
    ContextMissing,
    EntryMalformed,
    JournalForked,
    JournalUnknown,
    SignatureInvalid,
)
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import Dot
from crdt_pms.log.verification import JournalGate
from tests.crdt_pms.journal.journals import PROPERTY_ID, ROOT, append, enrolled, journal_id, stranger, writer


def gate() -> JournalGate:
    return JournalGate(PROPERTY_ID, ROOT.public_bytes)


def unknown_hash(_dot: Dot) -> None:
    return None


def test_interleaved_journals_are_admitted_in_the_order_they_came() -> None:
    here, left, right = gate(), writer(1), writer(2)
    here.admit_certificate(left.certificate)
    here.admit_certificate(right.certificate)
    first = append(left)
    answer = append(right, context={left.head.journal: 1}, supersedes=(first.dot,))
    second = append(left, context={right.head.journal: 1})
    assert here.admit([first, answer, second], unknown_hash) == [first, answer, second]
    assert here.vector == {left.head.journal: 2, right.head.journal: 1}


def test_a_repeat_is_nothing_new() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    entries = [append(journal), append(journal)]
    here.admit(entries, unknown_hash)
    assert here.admit(entries, lambda dot: entries[dot.seq - 1].hash) == []


def forked_gate() -> tuple[JournalGate, list[Entry], list[Entry]]:
    """A gate that holds the first of two branches of a journal, which part at number 2. The second has the lower hash."""
    here, journal, twin = gate(), writer(1), writer(1)
    here.admit_certificate(journal.certificate)
    shared = append(journal)
    append(twin)
    branches = sorted(
        ([append(one, b"%d" % number) for one in [author] * 2] for number, author in enumerate((journal, twin))),
        key=lambda branch: branch[0].hash,
    )
    lower, higher = branches
    here.admit([shared, *higher], unknown_hash)
    return here, higher, lower


def known_fork(here: JournalGate, one: list[Entry], other: list[Entry]) -> None:
    branches = [Branch.of([entries[0].header], entries[0].signature) for entries in (one, other)]
    here.forks.learn(ForkProof.of(*branches))


def test_a_second_entry_under_one_number_is_told_from_a_repeat() -> None:
    here, held, other = forked_gate()
    assert here.sort_out(held, lambda _dot: held[0].hash) == (held, [])
    with pytest.raises(JournalForked) as forked:
        here.sort_out(other[:1], lambda _dot: held[0].hash)
    assert (forked.value.journal, forked.value.seq) == other[0].dot


def test_an_entry_that_goes_on_with_another_branch_is_noticed() -> None:
    here, held, other = forked_gate()
    following = append(writer(1), b"x")
    with pytest.raises(JournalForked) as forked:
        here.sort_out(
            [replace(following, dot=Dot(following.dot.journal, 4), previous_hash=other[1].hash)], unknown_hash
        )
    assert forked.value.seq == held[1].dot.seq


def test_once_the_fork_is_known_the_other_branch_is_left_out_and_nothing_is_refused() -> None:
    here, held, other = forked_gate()
    known_fork(here, held, other)
    assert here.sort_out([*other, *held], lambda dot: held[dot.seq - 2].hash) == (held, other)


def test_what_others_saw_of_a_forked_journal_need_not_be_held() -> None:
    here, held, other = forked_gate()
    neighbour = writer(2)
    here.admit_certificate(neighbour.certificate)
    seen = append(neighbour, context={journal_id(1): 4})
    with pytest.raises(ContextMissing):
        here.admit([seen], unknown_hash)
    known_fork(here, held, other)
    assert here.admit([seen], unknown_hash) == [seen]


def test_an_entry_before_what_its_author_had_seen_is_refused() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    with pytest.raises(ContextMissing):
        here.admit([append(journal, context={journal_id(2): 1})], unknown_hash)


def test_an_entry_that_names_what_its_author_never_had_is_refused() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    with pytest.raises(ContextMissing):
        here.admit([append(journal, supersedes=(Dot(journal_id(2), 7),))], unknown_hash)


def test_a_refused_batch_leaves_no_trace() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    good, bad = append(journal), append(journal)
    with pytest.raises(SignatureInvalid):
        here.admit([good, replace(bad, signature=b"\0" * 64)], unknown_hash)
    assert here.vector == {}
    assert here.admit([good, bad], unknown_hash) == [good, bad]


def test_a_gap_in_a_journal_is_refused() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    append(journal)
    with pytest.raises(ChainBroken):
        here.admit([append(journal)], unknown_hash)


def test_an_entry_before_its_certificate_is_refused() -> None:
    with pytest.raises(JournalUnknown):
        gate().admit([append(writer(1))], unknown_hash)


def test_a_stranger_and_a_neighbouring_property_are_refused() -> None:
    with pytest.raises(CertificateRefused, match="another root"):
        gate().admit_certificate(writer(9, stranger(9)).certificate)
    neighbour = Certificate.create(journal_id(1), enrolled(1, property_id="mountain"), None, Stamp(1, 0))
    with pytest.raises(CertificateRefused, match="mountain"):
        gate().admit_certificate(neighbour)


def test_a_journal_has_one_certificate() -> None:
    here, journal = gate(), writer(1)
    here.admit_certificate(journal.certificate)
    with pytest.raises(CertificateRefused, match="two certificates"):
        here.admit_certificate(Certificate.create(journal_id(1), enrolled(1), journal.head, Stamp(2, 0)))


def test_a_personal_part_is_absent_only_under_an_erasure() -> None:
    journal, here = writer(1), gate()
    here.admit_certificate(journal.certificate)
    parts = [(PartRole.CONTENT, b"content"), (PartRole.PERSONAL, b"salt" * 4 + b"name")]
    entry = append(journal, parts=parts)
    erased = Entry.decode(entry.header, (entry.parts[0], None), entry.signature)
    with pytest.raises(EntryMalformed):
        here.admit([erased], unknown_hash)
    assert here.admit([entry], unknown_hash) == [entry]
