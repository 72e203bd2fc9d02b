"""An author may learn of more journals than one entry can name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import CONTEXT_JOURNALS_MAX
from tests.crdt_pms.journal.journals import append, enrolled
from tests.crdt_pms.replica.terminals import START_MS, Desk, desks

OPENED = 2 * CONTEXT_JOURNALS_MAX + 100
CLEAN = SetRoomCondition("201", HK_CONDITION, "clean")


def journals_of_one_device(amount: int) -> tuple[list[Certificate], list[Entry]]:
    """A device that opens one journal after another, within its rights, and writes one statement in each."""
    own = enrolled(8)
    certificates: list[Certificate] = []
    entries: list[Entry] = []
    for number in range(amount):
        journal = JournalId(b"\xff" + number.to_bytes(15, "big"))
        writer = JournalWriter(Certificate.create(journal, own, None, Stamp(START_MS, 0)), own.key)
        certificates.append(writer.certificate)
        entries.append(append(writer, stamp=Stamp(START_MS, number), kind=EntryKind.STATEMENT, parts=[]))
    return certificates, entries


def teach(desk: Desk, certificates: list[Certificate], entries: list[Entry]) -> None:
    desk.replica.receive_certificates(certificates)
    desk.replica.receive(entries, desk.now_ms)


def test_an_author_names_thousands_of_journals_in_entries_that_every_reader_takes(tmp_path: Path) -> None:
    with desks(tmp_path) as (writing, reading):
        learned = journals_of_one_device(OPENED)
        teach(writing, *learned)
        teach(reading, *learned)
        entries = writing.do(CLEAN).entries
        assert [entry.kind for entry in entries] == [EntryKind.STATEMENT, EntryKind.STATEMENT, EntryKind.DOCUMENT]
        assert len({journal for entry in entries for journal in entry.context}) == OPENED
        assert {entry.action.first_seq for entry in entries} == {1}
        reading.pull(writing)
        assert reading.replica.view().room_board("201").condition == "clean"
        assert reading.replica.state.content_hash() == writing.replica.state.content_hash()


def test_after_thousands_of_journals_a_desk_opens_again_and_its_next_entry_is_small(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (writing,):
        teach(writing, *journals_of_one_device(OPENED))
        writing.do(CLEAN)
        writing.restart()
        (entry,) = writing.do(CLEAN).entries
        assert len(entry.context) == 1


def test_a_journal_opens_with_as_many_statements_as_needed(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (writing,):
        teach(writing, *journals_of_one_device(OPENED))
        writing.restart()
        entries = writing.do(CLEAN).entries
        assert len({journal for entry in entries for journal in entry.context}) == OPENED
        assert max(len(entry.context) for entry in entries) == CONTEXT_JOURNALS_MAX


@pytest.mark.parametrize("starts", [3, 12])
def test_opening_decodes_no_more_entries_and_certificates_after_more_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: int
) -> None:
    with desks(tmp_path, 1) as (desk,):
        for start in range(starts):
            desk.reserve(f"s{start}")
            desk.do(CancelStay(f"s{start}", reason="guest_request"))
            desk.restart()
        decoded: list[bytes] = []
        real = Entry.decode

        def counted(header: bytes, parts: Any, signature: bytes) -> Entry:
            decoded.append(header)
            return real(header, parts, signature)

        read: list[bytes] = []
        real_certificate = Certificate.decode

        def counted_certificate(encoded: bytes, signature: bytes) -> Certificate:
            read.append(encoded)
            return real_certificate(encoded, signature)

        monkeypatch.setattr(Entry, "decode", counted)
        monkeypatch.setattr(Certificate, "decode", counted_certificate)
        desk.restart()
        assert len(decoded) <= 2
        # That of the device's name, and that of the new run.
        assert len(read) <= 2
        assert len(desk.replica.vector) == starts
