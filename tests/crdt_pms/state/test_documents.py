"""Documents are read back from a snapshot and few updates, and a client id that two journals claim is one journal's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.documents.board import Board
from crdt_pms.documents.client_ids import ClientIds
from crdt_pms.documents.gate import client_id_of
from crdt_pms.documents.notes import Note
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.replica.errors import RunSpoilt
from crdt_pms.state.documents import BOARD_UPDATES_BETWEEN_SNAPSHOTS, NOTE_UPDATES_BETWEEN_SNAPSHOTS
from tests.crdt_pms.replica.histories import Rogue, another_order, certificates_of, hotel, log_of, meet, shown
from tests.crdt_pms.replica.terminals import Desk

NOTE = "note/room/203"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 3) as made:
        yield made


def write(desk: Desk, text: str, note: str = NOTE) -> None:
    desk.do(EditNote(note, desk.replica.note_text(note), text))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict[type, int]:
    """How many states and updates were read the last time that a note or a board was loaded."""
    counts: dict[type, int] = {}
    for kind in (Note, Board):
        original = kind.load.__func__  # pyright: ignore[reportFunctionMemberAccess]

        def load(
            cls: type, client_id: int, updates: Iterable[bytes], state: bytes | None = None, original: object = original
        ) -> object:
            given = list(updates)
            counts[cls] = len(given) + (state is not None)
            return original(cls, client_id, given, state)  # pyright: ignore[reportCallIssue]

        monkeypatch.setattr(kind, "load", classmethod(load))
    return counts


def test_loading_a_note_or_the_board_does_not_replay_their_history(three: list[Desk], loaded: dict[type, int]) -> None:
    here, there, _third = three
    for step in range(2 * NOTE_UPDATES_BETWEEN_SNAPSHOTS + 30):
        write(here, f"{step}番目。")
    for step in range(BOARD_UPDATES_BETWEEN_SNAPSHOTS + 20):
        here.do(SetRoomCondition("203", HK_CONDITION, "dirty" if step % 2 else "clean"))
    there.pull(here)
    for desk in (here, there):
        desk.restart()
        assert desk.replica.note_text(NOTE) == f"{2 * NOTE_UPDATES_BETWEEN_SNAPSHOTS + 29}番目。"
        assert 1 <= loaded[Note] <= NOTE_UPDATES_BETWEEN_SNAPSHOTS + 1
        assert 1 <= loaded[Board] <= BOARD_UPDATES_BETWEEN_SNAPSHOTS + 1
    assert shown(here) == shown(there)


def test_a_note_that_leaves_memory_between_its_updates_gets_its_snapshots_too(
    three: list[Desk], loaded: dict[type, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crdt_pms.state.documents.NOTES_HELD_MAX", 1)
    monkeypatch.setattr("crdt_pms.state.documents.NOTE_UPDATES_BETWEEN_SNAPSHOTS", 3)
    here, there, _third = three
    for step in range(20):
        for room in ("203", "204", "205"):
            write(here, f"{step}番目。", f"note/room/{room}")
            assert loaded[Note] <= 4
    there.pull(here)
    here.restart()
    for room in ("203", "204", "205"):
        assert here.replica.note_text(f"note/room/{room}") == there.replica.note_text(f"note/room/{room}") == "19番目。"
        assert loaded[Note] <= 4


@pytest.mark.parametrize("snapshots", [1, 100])
@pytest.mark.parametrize("later_is_lower", [False, True])
def test_of_two_journals_with_one_client_id_the_higher_writes_no_documents_whichever_came_first(
    three: list[Desk], monkeypatch: pytest.MonkeyPatch, snapshots: int, later_is_lower: bool
) -> None:
    monkeypatch.setattr("crdt_pms.state.documents.NOTE_UPDATES_BETWEEN_SNAPSHOTS", snapshots)
    monkeypatch.setattr("crdt_pms.state.documents.BOARD_UPDATES_BETWEEN_SNAPSHOTS", snapshots)
    lower, higher = Rogue(), Rogue()
    share_client_id(monkeypatch, lower, higher)
    for rogue, text in ((lower, "低い"), (higher, "高い方")):
        note = Note(client_id_of(lower.certificate.journal))
        for base, new in (("", text), (text, f"{text}。")):
            for update in note.edit(base, new):
                rogue.document(NOTE, update)
        rogue.document("board", b"nonsense")
    first, second, third = three
    write(first, "先に。")
    write(second, "後に。", "note/room/204")
    for rogue in (lower, higher) if later_is_lower else (higher, lower):
        rogue.give(first)
        open_anew_if_outdated(first)
    for rogue in (higher, lower) if later_is_lower else (lower, higher):
        rogue.give(second)
        second.restart()
    write(second, f"{second.replica.note_text(NOTE)}追記。")
    meet(first, second)
    third.replica.receive_certificates(certificates_of(first))
    for entry in another_order(log_of(first), Random(3)):
        third.replica.receive([entry], third.now_ms)
        open_anew_if_outdated(third)
    reasons = {
        record.dot: record.reason
        for record in first.replica.state.quarantine.records.values()
        if record.dot.journal == higher.certificate.journal
    }
    assert list(reasons.values()) == ["client_id_taken", "names_quarantined", "client_id_taken"]
    assert "高い方" not in first.replica.note_text(NOTE)
    assert "低い。" in first.replica.note_text(NOTE)
    assert shown(first) == shown(second) == shown(third)
    for desk in three:
        desk.restart()
    assert shown(first) == shown(second) == shown(third)
    assert "低い。" in third.replica.note_text(NOTE)


@pytest.mark.parametrize("document", [NOTE, "board"])
def test_a_device_that_deletes_what_a_desk_is_yet_to_write_costs_it_one_run(three: list[Desk], document: str) -> None:
    first, second, _third = three
    write(first, "先に。")
    first.do(SetRoomCondition("201", HK_CONDITION, "clean"))
    rogue = Rogue()
    rogue.delete_ahead(document, log_of(first)[0].dot.journal, 3 if document == NOTE else 1)
    rogue.give(first)
    again = (
        EditNote(NOTE, "先に。", "先に。後に。") if document == NOTE else SetRoomCondition("203", HK_CONDITION, "clean")
    )
    with pytest.raises(RunSpoilt, match="deleted beforehand"):
        first.do(again)
    first.restart()
    first.do(again)
    second.pull(first)
    assert first.replica.note_text(NOTE) == ("先に。後に。" if document == NOTE else "先に。")
    assert document == NOTE or first.replica.state.board.read("203")[HK_CONDITION].value == "clean"
    assert shown(first) == shown(second)


def open_anew_if_outdated(desk: Desk) -> None:
    """As the process does with a replica that says so."""
    if desk.replica.is_outdated:
        desk.restart()


def share_client_id(monkeypatch: pytest.MonkeyPatch, one: Rogue, other: Rogue) -> None:
    """Give a second journal the client id of the first, as a device can that looks for such a pair long enough."""

    def client_of(journal: bytes) -> int:
        return client_id_of(one.certificate.journal if journal == other.certificate.journal else journal)

    for module in ("documents.client_ids", "state.documents", "state.quarantine"):
        monkeypatch.setattr(f"crdt_pms.{module}.client_id_of", client_of)


def test_who_may_have_a_client_id_depends_on_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crdt_pms.documents.client_ids.client_id_of", lambda journal: journal[0] % 4)
    journals = [bytes([number]) * 16 for number in range(20)]
    for seed in range(20):
        client_ids = ClientIds[bytes]()
        client_ids.claim_all(Random(seed).sample(journals, len(journals)))
        assert [journal for journal in journals if not client_ids.is_refused(journal)] == journals[:4]
        assert client_ids.claim(journals[0]) is None
