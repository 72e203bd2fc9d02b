"""The content digest changes with everything that nodes show, costs what changes, and leads to the field that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.documents.board import Board
from crdt_pms.documents.gate import client_id_of
from crdt_pms.hotel.statuses import BOARD_FIELDS, BOARD_TEXT_FIELDS
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.identifiers import Dot
from crdt_pms.ledger.fields import Field, FieldWrong, Scalar
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FIELD_GROUPS, HOTEL_PMS
from crdt_pms.log.staleness import mark_stale
from crdt_pms.state.content_digest import BOARD_GROUP, ContentDigest, RowName, encoded_sum, room_sum
from crdt_pms.store.sql_transaction import SqlTransaction
from tests.crdt_pms.ledger.histories import journal_id, ledger_of, record_of
from tests.crdt_pms.replica.terminals import Desk, desks

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


def sum_of(group: str, value: dict[str, Scalar]) -> int:
    """The sum of a register that holds one write of these values."""
    register = Register(group, "row")
    operation = Operation("write", HOTEL_PMS, "", (Write.of(register, value),))
    return ledger_of([record_of(Dot(JOURNAL, 1), Stamp(1, 0), "suzuki", operation)]).content_sums()[register]


CHANGES = st.lists(
    st.tuples(st.sampled_from(["stay.terms", "board"]), st.sampled_from("abcdefgh"), st.integers(-(2**300), 2**300))
)


@given(CHANGES)
def test_the_order_of_changes_does_not_matter(changes: list[tuple[str, str, int]]) -> None:
    one, other = ContentDigest(), ContentDigest()
    for group, row, difference in changes:
        one.add(RowName(group, row), difference)
    for group, row, difference in reversed(changes):
        other.add(RowName(group, row), difference)
    assert one.total() == other.total()


@given(CHANGES)
def test_what_is_taken_back_leaves_nothing(changes: list[tuple[str, str, int]]) -> None:
    digest = ContentDigest()
    for group, row, difference in changes:
        digest.add(RowName(group, row), difference)
        digest.add(RowName(group, row), -difference)
    assert digest.total() == ContentDigest().total()


@given(CHANGES, CHANGES)
def test_the_buckets_that_changed_are_all_that_must_be_stored(
    before: list[tuple[str, str, int]], after: list[tuple[str, str, int]]
) -> None:
    digest, stored = ContentDigest(), dict[int, bytes]()
    for changes in (before, after):
        for group, row, difference in changes:
            digest.add(RowName(group, row), difference)
        stored |= digest.take_changed()
    assert ContentDigest(stored).total() == digest.total()
    assert digest.take_changed() == {}


def work(desk: Desk, days: int) -> None:
    """Stays, notes and the board, on rows of their own."""
    for day in range(days):
        stay = desk.reserve(f"stay-{day}")
        desk.do(EditNote(f"note/stay/{stay}", "", f"late, {day}"))
        desk.do(SetRoomCondition(str(201 + day % 12), "hk_condition", "clean" if day % 2 else "dirty"))


def test_what_was_summed_up_on_the_way_is_what_a_rebuild_sums_up(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        work(desk, 5)
        before = desk.replica.digest_buckets()
        desk.restart()
        assert desk.replica.digest_buckets() == before
        with desk.store.transaction() as transaction:
            mark_stale(transaction)
        desk.restart()
        assert desk.replica.digest_buckets() == before


def test_an_entry_stores_as_many_sums_as_it_changes_rows_whatever_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    put = SqlTransaction.put_content_sums

    def count(transaction: SqlTransaction, sums: Mapping[int, bytes]) -> None:
        stored.append(len(sums))
        put(transaction, sums)

    monkeypatch.setattr(SqlTransaction, "put_content_sums", count)
    most: list[int] = []
    with desks(tmp_path, 1) as (desk,):
        for size in (5, 50):
            work(desk, size)
            stored.clear()
            desk.do(SetRoomCondition("201", "hk_condition", "clean"))
            desk.do(EditNote("note/stay/stay-1", "late, 1", f"later, {size}"))
            most.append(max(stored))
    assert most == [1, 1]


def test_two_desks_that_differ_find_the_row_and_the_field(tmp_path: Path) -> None:
    with desks(tmp_path, 2) as (one, other):
        work(one, 5)
        other.pull(one)
        assert one.replica.digest_buckets() == other.replica.digest_buckets()
        other.do(SetRoomCondition("203", "hk_condition", "clean"))
        name = RowName(BOARD_GROUP, "203")
        buckets = zip(one.replica.digest_buckets(), other.replica.digest_buckets(), strict=True)
        assert [bucket for bucket, (here, there) in enumerate(buckets) if here != there] == [name.bucket]
        here, there = one.replica.digest_rows(name.bucket), other.replica.digest_rows(name.bucket)
        assert {row for row in here.keys() | there.keys() if here.get(row) != there.get(row)} == {name}
        fields = one.replica.digest_fields(name), other.replica.digest_fields(name)
        assert {key for key in fields[0].keys() | fields[1].keys() if fields[0].get(key) != fields[1].get(key)} == {
            "hk_condition"
        }


def test_the_rows_of_a_bucket_add_up_to_it(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        work(desk, 5)
        for bucket, total in enumerate(desk.replica.digest_buckets()):
            rows = desk.replica.digest_rows(bucket)
            assert encoded_sum(sum(int.from_bytes(one, "big") for one in rows.values())) == total
            for name in rows:
                assert desk.replica.digest_fields(name)


@pytest.mark.parametrize(("group", "name"), PLACES)
def test_it_changes_with_every_field_of_every_group(group: str, name: str) -> None:
    fields = {field.name: field for field in FIELD_GROUPS[group].fields}
    value = {field.name: next(fitting(field)) for field in fields.values()}
    others = [other for other in fitting(fields[name]) if (type(other), other) != (type(value[name]), value[name])]
    assert others, "give the samples another value for it"
    digests = {sum_of(group, {**value, name: other}) for other in (value[name], *others)}
    assert len(digests) == 1 + len(others)


def test_it_changes_with_the_row_and_with_every_group() -> None:
    values = {
        group.name: {field.name: next(fitting(field)) for field in group.fields} for group in FIELD_GROUPS.values()
    }
    assert len({sum_of(group, value) for group, value in values.items()}) == len(FIELD_GROUPS)


def board_sum(field: str, value: str, room: str = "101") -> int:
    board = Board(client_id_of(JOURNAL))
    list(board.set_many([(room, field, value)], lambda: (1, 0), JOURNAL, 1, "suzuki"))
    return room_sum(room, board.content_of(room))


def test_it_changes_with_every_field_of_every_room_of_the_board() -> None:
    places = [(field, value) for field, values in BOARD_FIELDS.items() for value in values]
    places += [(field, text) for field in BOARD_TEXT_FIELDS for text in ("tap", "lamp")]
    digests = {board_sum(*place, room) for place in places for room in ("101", "102")}
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
