"""What this version cannot read waits for the next one: stored, forwarded, and applied after the update."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.documents.gate import client_id_of
from crdt_pms.documents.notes import Note
from crdt_pms.journal.entry import EntryKind
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import GUEST_PROFILE
from crdt_pms.state import quarantine
from tests.crdt_pms.replica.histories import Rogue
from tests.crdt_pms.replica.terminals import Desk, desks

NOTE = "note/room/201"


def profile(name: str, names: tuple[Dot, ...] = ()) -> Operation:
    value = dict.fromkeys(("kana", "contact", "address", "nationality", "passport", "member")) | {"name": name}
    return Operation("amend_guest", "hotel-pms", "", (Write.of(Register(GUEST_PROFILE, "g1"), value, names),))


@contextmanager
def as_the_next_version() -> Iterator[None]:
    """The program after an update that reads one more format of every kind, and one more kind."""
    newer = {kind: known + 1 for kind, known in quarantine.FORMATS.items()}
    with patch.object(quarantine, "FORMATS", newer), patch.object(quarantine, "LEVEL", 2):
        yield


def test_an_entry_of_an_unknown_kind_is_held_and_forwarded_and_ends_no_session(tmp_path: Path) -> None:
    with desks(tmp_path) as (first, second):
        newer = Rogue()
        newer.write(9, b"whatever a later version says")
        newer.give(first)
        assert second.pull(first) == newer.entries
        assert [record.reason for record in second.replica.state.quarantine.held.values()] == ["kind_unknown"]
        assert not second.replica.state.quarantine.records


def test_what_supersedes_a_held_write_is_held_with_it_and_all_else_flows_on(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        newer = Rogue()
        held = newer.write(EntryKind.OPERATION, b"format two", format=2)
        waiting = newer.act(profile("waits", (held.dot,)))
        newer.act(profile("applied"))
        newer.give(desk)
        reasons = {dot: record.reason for dot, record in desk.replica.state.quarantine.held.items()}
        assert reasons == {held.dot: "format_unknown", waiting.dot: "names_held"}
        assert name_shown(desk) == "applied"


def test_after_the_update_what_was_held_is_applied_without_being_sent_again(tmp_path: Path) -> None:
    with desks(tmp_path) as (old, new):
        newer = Rogue()
        held = newer.act(profile("held"), format=2)
        newer.act(profile("after", (held.dot,)))
        newer.give(old)
        assert name_shown(old) is None
        with as_the_next_version():
            newer.give(new)
            old.restart()
            assert name_shown(old) == name_shown(new) == "after"
            assert old.replica.state.content_hash() == new.replica.state.content_hash()
            old.restart()
            assert not old.replica.state.quarantine.held
            assert name_shown(old) == "after"


def test_a_held_update_of_a_note_is_applied_after_the_update_with_the_ones_behind_it(tmp_path: Path) -> None:
    with desks(tmp_path) as (old, new):
        newer = Rogue()
        note = Note(client_id_of(newer.certificate.journal))
        (first,), (second,) = note.edit("", "one "), note.edit("one ", "one two")
        newer.write(EntryKind.DOCUMENT, first, NOTE, format=2)
        newer.document(NOTE, second)
        newer.give(old)
        old.do(EditNote(NOTE, "", "mine"))
        assert old.replica.note_text(NOTE) == "mine"
        with as_the_next_version():
            old.restart()
            assert "one two" in old.replica.note_text(NOTE)
            new.pull(old)
            assert new.replica.note_text(NOTE) == old.replica.note_text(NOTE)
            old.restart()
            assert new.replica.note_text(NOTE) == old.replica.note_text(NOTE)


def test_an_entry_of_a_higher_level_that_this_version_would_refuse_is_held(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        newer = Rogue()
        ahead = newer.write(EntryKind.OPERATION, b"\xc1", level=2)
        wrong = newer.write(EntryKind.OPERATION, b"\xc1")
        newer.give(desk)
        assert [*desk.replica.state.quarantine.held] == [ahead.dot]
        assert [*desk.replica.state.quarantine.records] == [wrong.dot]
        with as_the_next_version():
            desk.restart()
            assert {*desk.replica.state.quarantine.records} == {ahead.dot, wrong.dot}
            assert not desk.replica.state.quarantine.held


def name_shown(desk: Desk) -> object:
    value = desk.replica.view().guest("g1")
    return None if value is None else value["name"]
