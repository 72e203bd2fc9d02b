"""The content digest changes with everything that nodes show: every field of every group, of the board, every kind of note."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.documents.board import Board
from crdt_pms.documents.gate import client_id_of
from crdt_pms.hotel.statuses import BOARD_FIELDS, BOARD_TEXT_FIELDS
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.fields import Field, FieldWrong, Scalar
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FIELD_GROUPS, HOTEL_PMS
from tests.crdt_pms.ledger.histories import journal_id, ledger_of, record_of
from tests.crdt_pms.replica.terminals import desks

JOURNAL = journal_id(1)
SAMPLES: tuple[Scalar, ...] = (
    "2026-07-02", "2026-07-03", "in_house", "reserved", "open", "closed", "charge", "payment", "word", "other", "0" * 32 + ":1",
    "1" * 32 + ":2", 1, 2, 3, True, False, "terminal", "relay", "manager", "clerk", "JPY", "EUR", "Asia/Tokyo", "Europe/Paris",
    "name", "name contact", "name,contact", None,
)  # fmt: skip
PLACES = [(group.name, field.name) for group in FIELD_GROUPS.values() for field in group.fields]


def fitting(field: Field) -> Iterator[Scalar]:
    """Two values that may stand in the field, or as many as the samples have."""
    for sample in SAMPLES:
        try:
            field.require(sample)
        except FieldWrong:
            continue
        yield sample


def digest_of(group: str, value: dict[str, Scalar]) -> bytes:
    """What a ledger says that holds one write of these values."""
    register = Register(group, "row")
    operation = Operation("write", HOTEL_PMS, "", (Write.of(register, value),))
    return ledger_of([record_of(Dot(JOURNAL, 1), Stamp(1, 0), "suzuki", operation)]).content_hash()


@pytest.mark.parametrize(("group", "name"), PLACES)
def test_it_changes_with_every_field_of_every_group(group: str, name: str) -> None:
    fields = {field.name: field for field in FIELD_GROUPS[group].fields}
    value = {field.name: next(fitting(field)) for field in fields.values()}
    others = [other for other in fitting(fields[name]) if (type(other), other) != (type(value[name]), value[name])]
    assert others, "give the samples another value for it"
    digests = {digest_of(group, {**value, name: other}) for other in (value[name], *others)}
    assert len(digests) == 1 + len(others)


def test_it_changes_with_the_row_and_with_every_group() -> None:
    values = {
        group.name: {field.name: next(fitting(field)) for field in group.fields} for group in FIELD_GROUPS.values()
    }
    assert len({digest_of(group, value) for group, value in values.items()}) == len(FIELD_GROUPS)


def board_digest(field: str, value: str, room: str = "101") -> bytes:
    board = Board(client_id_of(JOURNAL))
    list(board.set_many([(room, field, value)], lambda: (1, 0), JOURNAL, 1, "suzuki"))
    return board.content_hash()


def test_it_changes_with_every_field_of_every_room_of_the_board() -> None:
    places = [(field, value) for field, values in BOARD_FIELDS.items() for value in values]
    places += [(field, text) for field in BOARD_TEXT_FIELDS for text in ("tap", "lamp")]
    digests = {board_digest(*place, room) for place in places for room in ("101", "102")}
    assert len(digests) == 2 * len(places)


@pytest.mark.parametrize("document", ["note/room/201", "note/stay/stay-1", "shift-log/2026-07-01"])
def test_it_changes_with_every_kind_of_note(tmp_path: Path, document: str) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("stay-1")
        digests = [desk.replica.state.content_hash()]
        for before, after in (("", "tap drips"), ("tap drips", "tap dripped"), ("tap dripped", "")):
            desk.do(EditNote(document, before, after))
            digests.append(desk.replica.state.content_hash())
    assert len(set(digests[:3])) == 3
