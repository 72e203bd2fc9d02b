"""What a wrong program of an enrolled device wrote is held and forwarded, never applied, and stops nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import msgpack
import pycrdt
import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.documents.board import Board
from crdt_pms.documents.gate import client_id_of
from crdt_pms.documents.notes import Note
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.entry import EntryKind
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register, Write
from tests.crdt_pms.replica.histories import Rogue, certificates_of, deliver, hotel, log_of, meet, shown, tables
from tests.crdt_pms.replica.terminals import START_MS, Desk

NOTE = "note/room/203"


@pytest.fixture
def four(tmp_path: Path) -> Iterator[list[Desk]]:
    with hotel(tmp_path, 4) as made:
        yield made


def guest(row: str, name: str = "Sato", names: tuple[Dot, ...] = ()) -> Operation:
    value = {"name": name, "kana": None, "contact": None, "address": None, "nationality": None, "passport": None}
    write = Write.of(Register("guest.profile", row), {**value, "member": None}, names)
    return Operation("act", "hotel-pms", "", (write,))


def note_update(journal: JournalId, text: str) -> bytes:
    (update,) = Note(client_id_of(journal)).edit("", text)
    return update


def board_update(client_id: int, journal: JournalId) -> bytes:
    writes = [("201", HK_CONDITION, "clean")]
    ((_signed, update),) = Board(client_id).set_many(writes, lambda: (START_MS, 0), journal, 1, "nobody")
    return update


def nested_map(journal: JournalId) -> bytes:
    document = pycrdt.Doc(client_id=client_id_of(journal))
    root = document.get("board", type=pycrdt.Map)
    root["201"] = pycrdt.Map({"clean": True})
    return document.get_update()


def reason_of(desk: Desk) -> list[str]:
    return [record.reason for record in desk.replica.state.quarantine.records.values()]


WRONG: dict[str, tuple[Callable[[Rogue], object], str]] = {
    "an operation that is none": (lambda rogue: rogue.operation(b"nonsense"), "OperationMalformed"),
    "an operation with more writes than keys": (
        lambda rogue: rogue.act(guest("g1"), keys=()), "OperationMalformed",
    ),
    "an operation on a document": (
        lambda rogue: rogue.act(guest("g1"), document="board"), "subject_unknown",
    ),
    "a document that nobody knows": (lambda rogue: rogue.document("note/moon/1", b""), "subject_unknown"),
    "no update": (lambda rogue: rogue.document("board", b"nonsense"), "UpdateRefused"),
    "another journal's client id": (
        lambda rogue: rogue.document("board", board_update(7, rogue.certificate.journal)), "UpdateRefused",
    ),
    "a nested type": (lambda rogue: rogue.document("board", nested_map(rogue.certificate.journal)), "UpdateRefused"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_held_never_applied_and_the_same_everywhere(four: list[Desk], wrong: str) -> None:
    write, reason = WRONG[wrong]
    first, second, third, _fourth = four
    rogue = Rogue()
    write(rogue)
    rogue.act(guest("g2", "Tanaka"))
    rogue.give(first)
    first.do(SetRoomCondition("202", HK_CONDITION, "clean"))
    deliver(second, certificates_of(first), log_of(first), Random(5))
    third.pull(second)
    assert reason_of(first) == [reason]
    # What the same journal wrote afterwards flows on.
    assert [row["name"] for row in tables(first)["guest"]] == ["Tanaka"]
    assert [alert.matter for alert in first.replica.alerts()] == [Matter.ALERT_ENTRY_QUARANTINED]
    assert shown(first) == shown(second) == shown(third)
    for desk in (first, second, third):
        desk.restart()
    assert shown(first) == shown(second) == shown(third)
    assert [entry.parts for entry in log_of(third)] == [entry.parts for entry in log_of(first)]


def test_what_names_a_quarantined_entry_waits_and_what_names_that_waits_too(four: list[Desk]) -> None:
    first, second, *_ = four
    rogue, other = Rogue(), Rogue(7)
    wrong = rogue.operation(b"nonsense")
    waits = rogue.act(guest("g1", names=(wrong.dot,)))
    waits_too = rogue.act(guest("g1", names=(waits.dot,)))
    flows = other.act(guest("g1"))
    rogue.give(first)
    other.give(first)
    assert {dot: record.reason for dot, record in first.replica.state.quarantine.records.items()} == {
        wrong.dot: "OperationMalformed",
        waits.dot: "names_quarantined",
        waits_too.dot: "names_quarantined",
    }
    assert [sibling.dot for sibling in first.replica.state.ledger.siblings(Register("guest.profile", "g1"))] == [
        flows.dot
    ]
    deliver(second, certificates_of(first), log_of(first), Random(2))
    assert shown(first) == shown(second)


def test_after_a_wrong_update_its_journal_writes_that_document_no_more_and_others_do(four: list[Desk]) -> None:
    first, second, *_ = four
    rogue = Rogue()
    rogue.document(NOTE, b"nonsense")
    rogue.document(NOTE, note_update(rogue.certificate.journal, "遅れて"))
    rogue.document("note/room/204", note_update(rogue.certificate.journal, "別の部屋"))
    rogue.give(first)
    first.do(EditNote(NOTE, "", "タオル二枚"))
    first.do(EditNote("note/room/204", "別の部屋", "別の部屋です"))
    assert reason_of(first) == ["UpdateRefused", "names_quarantined"]
    assert first.replica.note_text(NOTE) == "タオル二枚"
    meet(first, second)
    for desk in (first, second):
        desk.restart()
    assert second.replica.note_text("note/room/204") == "別の部屋です"
    assert shown(first) == shown(second)


def board_entry(rogue: Rogue, key: str, value: object) -> None:
    """An update of the board that says under a key whatever it likes."""
    document = pycrdt.Doc(client_id=client_id_of(rogue.certificate.journal))
    root = document.get("board", type=pycrdt.Map)
    root[key] = value if isinstance(value, str) else msgpack.packb(value)
    rogue.write(EntryKind.DOCUMENT, document.get_update(), "board")


OTHER = "0a" * 16


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("201/hk_condition@{own}", ["clean", 2**64 - 1, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", ["clean", True, False, True, "nobody"]),
        ("201/hk_condition@{own}", ["clean", -1, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", ["cl\0ean", START_MS, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", ["clean", START_MS, 0, 1, "no\0body"]),
        ("2\0/hk_condition@{own}", ["clean", START_MS, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", "no bytes at all"),
        ("201/hk_condition@{other}", ["clean", START_MS, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", ["clean", START_MS + 1, 0, 1, "nobody"]),
        ("201/hk_condition@{own}", ["clean", START_MS, 1, 1, "nobody"]),
        ("201/hk_condition@{own}", ["clean", START_MS, 0, 2, "nobody"]),
        ("201/hk_condition@{own}", ["clean", START_MS, 0, 1, "suzuki"]),
    ],
    ids=repr,
)
def test_a_board_value_that_its_entry_does_not_vouch_for_is_quarantined(
    four: list[Desk], key: str, value: object
) -> None:
    first, second, *_ = four
    rogue = Rogue()
    board_entry(rogue, key.format(own=rogue.certificate.journal.hex(), other=OTHER), value)
    rogue.give(first)
    assert reason_of(first) == ["UpdateRefused"]
    assert first.replica.state.board.read("201") == {}
    assert tables(first)["room_status"] == []
    meet(first, second)
    second.restart()
    assert shown(first) == shown(second)


def test_a_note_with_characters_that_no_database_takes_is_readable_without_them(four: list[Desk]) -> None:
    first, second, *_ = four
    rogue = Rogue()
    document = pycrdt.Doc(client_id=client_id_of(rogue.certificate.journal))
    document.get("text", type=pycrdt.Text).insert(0, "前\0後")
    rogue.document(NOTE, document.get_update())
    rogue.give(first)
    assert reason_of(first) == []
    meet(first, second)
    for desk in (first, second):
        assert {row["document"]: row["text"] for row in tables(desk)["note"]} == {NOTE: "前\ufffd後"}
    assert shown(first) == shown(second)
