"""A journal can be continued only by its device, and only where it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.chain import verify_range
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import ChainBroken, EntryMalformed, SignatureInvalid
from crdt_pms.journal.identifiers import Dot
from crdt_pms.journal.limits import PAYLOAD_BYTES_MAX, SUPERSEDES_MAX
from tests.crdt_pms.journal.journals import append, device, journal_id, writer


def test_a_range_continues_the_head_and_yields_the_next() -> None:
    journal = writer(1)
    entries = [append(journal) for _ in range(5)]
    middle = verify_range(entries[:2], journal.certificate.genesis, device(1).public_bytes)
    assert verify_range(entries[2:], middle, device(1).public_bytes) == journal.head


def test_what_was_written_decodes_to_the_same_entry() -> None:
    journal = writer(1)
    append(journal)
    entry = append(journal, context={journal_id(9): 4, journal_id(3): 1}, supersedes=(Dot(journal_id(9), 4),))
    assert Entry.decode(entry.header, entry.parts, entry.signature) == entry


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_a_dropped_entry_breaks_the_chain(dropped: int) -> None:
    journal = writer(1)
    entries = [append(journal) for _ in range(4)]
    del entries[dropped]
    with pytest.raises(ChainBroken):
        verify_range(entries, journal.certificate.genesis, device(1).public_bytes)


def test_another_device_cannot_continue_the_journal() -> None:
    journal = writer(1)
    with pytest.raises(SignatureInvalid):
        verify_range([append(journal)], journal.certificate.genesis, device(2).public_bytes)


def test_one_signature_vouches_for_the_whole_range() -> None:
    journal = writer(1)
    first, second = append(journal), append(journal)
    unsigned = replace(first, signature=b"\0" * 64)
    assert verify_range([unsigned, second], journal.certificate.genesis, device(1).public_bytes).seq == 2
    with pytest.raises(SignatureInvalid):
        verify_range([unsigned], journal.certificate.genesis, device(1).public_bytes)


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_bit_of_an_entry_goes_unnoticed(position: int, bit: int) -> None:
    journal = writer(1)
    entry = append(journal)
    parts = [entry.header, entry.content, entry.signature]
    sizes = [len(part) for part in parts]
    position %= sum(sizes)
    for index, size in enumerate(sizes):
        if position < size:
            changed = bytearray(parts[index])
            changed[position] ^= 1 << bit
            parts[index] = bytes(changed)
            break
        position -= size
    with pytest.raises((EntryMalformed, ChainBroken, SignatureInvalid)):
        verify_range(
            [Entry.decode(parts[0], (parts[1],), parts[2])], journal.certificate.genesis, device(1).public_bytes
        )


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_with_a_typed_error(data: bytes) -> None:
    with pytest.raises(EntryMalformed):
        Entry.decode(data, (), b"\0" * 64)


def test_an_author_cannot_write_more_than_a_reader_accepts() -> None:
    journal = writer(1)
    head = journal.head
    with pytest.raises(EntryMalformed):
        append(journal, payload=b"\0" * (PAYLOAD_BYTES_MAX + 1))
    with pytest.raises(EntryMalformed):
        append(journal, supersedes=tuple(Dot(journal_id(9), seq) for seq in range(1, SUPERSEDES_MAX + 2)))
    assert journal.head == head
