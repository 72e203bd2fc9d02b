"""The board shows the newest value of each field, whoever wrote it and whatever Yjs would prefer."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.documents.board import Board
from crdt_pms.documents.board_values import BoardValue
from crdt_pms.documents.errors import BoardWriteRefused, DocumentCorrupt, EditUndone
from crdt_pms.documents.gate import check_board_update, client_id_of

ROOM, FIELD = "201", "hk_condition"


@dataclass
class Writer:
    """One process run that writes the board: its own journal, its own client id."""

    journal: bytes
    client_id: int
    updates: list[bytes] = field(default_factory=list[bytes])
    seq: int = 0

    def __post_init__(self) -> None:
        self.board = Board(self.client_id)

    def write(self, value: str, at_ms: int, room: str = ROOM, name: str = FIELD) -> bytes:
        self.seq += 1
        writes = [(room, name, value)]
        ((_signed, update),) = self.board.set_many(writes, lambda: (at_ms, 0), self.journal, self.seq, "suzuki")
        self.updates.append(update)
        return update

    def hear(self, *others: Writer) -> None:
        for other in others:
            for update in other.updates:
                if update not in self.updates:
                    self.board.apply(update)
                    self.updates.append(update)

    def restart(self, journal: bytes, client_id: int) -> Writer:
        """The next run on the same disk."""
        after = Writer(journal, client_id, list(self.updates))
        after.board = Board.load(client_id, self.updates)
        return after

    @property
    def shown(self) -> str:
        return self.board.read(ROOM)[FIELD].value


def writer(number: int) -> Writer:
    journal = number.to_bytes(16, "big")
    return Writer(journal, client_id_of(journal))


def test_what_was_written_is_read_with_its_time_and_author() -> None:
    here = writer(1)
    here.write("clean", 1_000)
    assert here.board.read(ROOM) == {FIELD: BoardValue("clean", (1_000, 0), here.journal, 1, "suzuki")}
    assert here.board.rooms() == [ROOM]
    assert here.board.read("999") == {}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["write", "hear", "restart"]), st.integers(0, 3)), max_size=30
    ),
    st.lists(st.integers(1, 2**53 - 1), min_size=40, max_size=40, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_newest_wins_whatever_the_client_ids_and_restarts(
    steps: list[tuple[int, str, int]], client_ids: list[int], random: Random
) -> None:
    fresh = iter(enumerate(client_ids))

    def begin() -> Writer:
        number, client_id = next(fresh)
        return Writer(number.to_bytes(16, "big"), client_id)

    writers = [begin() for _ in range(4)]
    # Values as they can win: a write takes those away that its author has seen.
    standing: dict[bytes, tuple[int, str]] = {}
    seen: list[dict[bytes, tuple[int, str]]] = [{} for _ in writers]
    overwritten: set[tuple[int, str]] = set()
    for now, (who, what, other) in enumerate(steps, 1):
        if what == "write":
            value = f"value-{now}"
            overwritten |= set(seen[who].values())
            seen[who] = {writers[who].journal: (now, value)}
            standing[writers[who].journal + bytes([writers[who].seq])] = (now, value)
            writers[who].write(value, now)
        elif what == "hear":
            writers[who].hear(writers[other])
            seen[who] = {**seen[who], **seen[other]}
        else:
            number, client_id = next(fresh)
            writers[who] = writers[who].restart(number.to_bytes(16, "big"), client_id)
    for _round in range(2):
        for one in random.sample(writers, len(writers)):
            one.hear(*writers)
    left = [entry for entry in standing.values() if entry not in overwritten]
    for one in writers[1:]:
        assert one.board.content() == writers[0].board.content()
    for one in writers:
        if not standing:
            assert one.board.read(ROOM) == {}
            continue
        assert one.shown == max(standing.values())[1]
        assert {value.value for value in one.board.concurrent(ROOM, FIELD)} <= {value for _at, value in left}


def test_concurrent_values_stay_readable_until_somebody_who_saw_them_writes() -> None:
    left, right = writer(1), writer(2)
    left.write("clean", 1_000)
    right.write("dirty", 2_000)
    left.hear(right)
    right.hear(left)
    for here in (left, right):
        assert [value.value for value in here.board.concurrent(ROOM, FIELD)] == ["dirty", "clean"]
        assert [(room, name) for room, name, _values in here.board.conflicts()] == [(ROOM, FIELD)]
    left.write("inspected", 3_000)
    right.hear(left)
    assert [value.value for value in right.board.concurrent(ROOM, FIELD)] == ["inspected"]
    assert right.board.conflicts() == []
    assert left.board.content() == right.board.content()


def test_two_who_say_the_same_do_not_disagree() -> None:
    left, right = writer(1), writer(2)
    left.write("clean", 1_000)
    right.write("clean", 2_000)
    left.hear(right)
    assert len(left.board.concurrent(ROOM, FIELD)) == 2
    assert left.board.conflicts() == []


def test_what_was_overwritten_does_not_come_back() -> None:
    left, right, late = writer(1), writer(2), writer(3)
    first = left.write("dirty", 1_000)
    right.hear(left)
    right.write("clean", 2_000)
    left.hear(right)
    # The first write arrives again, and at somebody who has the overwriting one already.
    late.board.apply(right.updates[1])
    for here in (left, right, late):
        here.board.apply(first)
        assert [value.value for value in here.board.concurrent(ROOM, FIELD)] == ["clean"]


def test_a_later_write_in_the_same_run_replaces_the_earlier_one() -> None:
    here = writer(1)
    for at, value in enumerate(("dirty", "clean", "inspected")):
        here.write(value, at)
    assert [value.value for value in here.board.concurrent(ROOM, FIELD)] == ["inspected"]


def test_equal_times_are_decided_alike_everywhere() -> None:
    left, right = writer(1), writer(2)
    left.write("clean", 1_000)
    right.write("dirty", 1_000)
    left.hear(right)
    right.hear(left)
    assert left.shown == right.shown == "dirty"


def test_only_touched_rooms_are_told() -> None:
    left, right = writer(1), writer(2)
    left.write("clean", 1, room="201")
    left.write("clean", 2, room="202")
    right.hear(left)
    assert right.board.take_touched() == {"201", "202"}
    assert right.board.take_touched() == set()
    loaded = Board.load(9, left.updates)
    assert loaded.take_touched() == set()


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["201", "202"]), st.text(max_size=5)), max_size=12))
def test_what_is_loaded_from_a_dump_is_what_was_dumped(writes: list[tuple[int, str, str]]) -> None:
    writers = {number: writer(number) for number in range(1, 5)}
    for at, (number, room, value) in enumerate(writes):
        writers[number].write(value.replace("\0", ""), at, room=room)
    whole = writer(5)
    whole.hear(*writers.values())
    for loaded in (Board.load(6, [], whole.board.dump()), Board.load(6, whole.updates)):
        assert loaded.content() == whole.board.content()
        assert loaded.conflicts() == whole.board.conflicts()


def test_an_update_that_came_before_what_it_builds_on_waits() -> None:
    here, other, late = writer(1), writer(2), Board(9)
    first = here.write("dirty", 1)
    other.hear(here)
    second = other.write("clean", 2)
    here.hear(other)
    late.apply(second)
    assert late.is_waiting
    assert late.content() == {}
    late.apply(first)
    assert not late.is_waiting
    assert late.content() == here.board.content()


def test_what_does_not_load_is_never_taken_for_an_empty_board() -> None:
    with pytest.raises(DocumentCorrupt):
        Board.load(1, [b"nonsense"])


def raw(key: str, value: object) -> Board:
    document = pycrdt.Doc(client_id=5)
    root = document.get("board", type=pycrdt.Map)
    root[key] = value
    return Board.load(6, [], document.get_update())


GOOD = b"\x95\xa5clean\x01\x00\x01\xa6nobody"
HEX = "0a" * 16


def test_a_key_and_value_of_ours_are_read() -> None:
    assert raw(f"{ROOM}/{FIELD}@{HEX}", GOOD).read(ROOM)[FIELD].value == "clean"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", GOOD),
        ("201", GOOD),
        (f"/{FIELD}@{HEX}", GOOD),
        (f"201/@{HEX}", GOOD),
        (f"201/{FIELD}@", GOOD),
        (f"201/{FIELD}@{HEX[:-1]}", GOOD),
        (f"201/{FIELD}@{HEX.upper()}", GOOD),
        (f"201/{FIELD}@{HEX[:-2]}  ", GOOD),
        (f"201/{FIELD}@{'zz' * 16}", GOOD),
        (f"201/a/{FIELD}@{HEX}", GOOD),
        (f"{'2' * 200}/{FIELD}@{HEX}", GOOD),
        (f"201/{FIELD}@{HEX}", b""),
        (f"201/{FIELD}@{HEX}", b"\xc1"),
        (f"201/{FIELD}@{HEX}", b"\x91" * 900),
        (f"201/{FIELD}@{HEX}", GOOD + b"\0" * 2_000),
        (f"201/{FIELD}@{HEX}", "text"),
        (f"201/{FIELD}@{HEX}", 7),
        (f"201/{FIELD}@{HEX}", None),
        (f"201/{FIELD}@{HEX}", [1, 2]),
    ],
    ids=lambda part: repr(part)[:40],
)
def test_what_no_program_of_ours_writes_is_not_shown(key: str, value: object) -> None:
    board = raw(key, value)
    assert board.content() == {}
    assert board.rooms() == []


def test_two_values_for_one_field_are_one_write_of_the_later() -> None:
    here = writer(1)
    writes = [(ROOM, FIELD, "dirty"), (ROOM, FIELD, "clean")]
    ((signed, update),) = here.board.set_many(writes, lambda: (1, 0), here.journal, 1, "suzuki")
    check_board_update(update, here.client_id, signed)
    assert here.shown == "clean"


def test_nothing_to_write_is_no_update() -> None:
    here = writer(1)
    assert here.board.set_many([], lambda: (1, 0), here.journal, 1, "suzuki") == []


@pytest.mark.parametrize(
    ("room", "field", "value", "author"),
    [
        ("2/1", FIELD, "clean", "suzuki"),
        ("2@1", FIELD, "clean", "suzuki"),
        ("", FIELD, "clean", "suzuki"),
        (ROOM, "", "clean", "suzuki"),
        (ROOM, "a/b", "clean", "suzuki"),
        ("2" * 120, FIELD, "clean", "suzuki"),
        (ROOM, FIELD, "cl\0ean", "suzuki"),
        (ROOM, FIELD, "cl\ud83dean", "suzuki"),
        ("20\ud83d1", FIELD, "clean", "suzuki"),
        (ROOM, FIELD, "clean", "su\0zuki"),
        (ROOM, FIELD, "x" * 4_096, "suzuki"),
        (ROOM, FIELD, "clean", "x" * 4_096),
    ],
    ids=lambda part: repr(part)[:20],
)
def test_what_no_reader_would_take_is_refused_before_anything_is_written(
    room: str, field: str, value: str, author: str
) -> None:
    here = writer(1)
    writes = [(ROOM, FIELD, "dirty"), (room, field, value)]
    before = here.board.dump()
    with pytest.raises(BoardWriteRefused):
        here.board.require_writable(writes, author)
    with pytest.raises(BoardWriteRefused):
        here.board.set_many(writes, lambda: (1, 0), here.journal, 1, author)
    assert here.board.dump() == before


def test_a_field_of_five_thousand_journals_is_set_by_one_desk() -> None:
    here, reader = writer(1), writer(2)
    theirs = pycrdt.merge_updates(*(writer(10_000 + number).write("dirty", 1) for number in range(5_000)))
    for one in (here, reader):
        one.board = Board.load(one.client_id, [], theirs)
    assert len(here.board.concurrent(ROOM, FIELD)) == 5_000
    ((signed, update),) = here.board.set_many([(ROOM, FIELD, "clean")], lambda: (2, 0), here.journal, 1, "suzuki")
    check_board_update(update, here.client_id, signed)
    reader.board.apply(update)
    assert [one.value for one in reader.board.concurrent(ROOM, FIELD)] == ["clean"]


def test_values_beyond_one_update_are_taken_away_in_several_of_which_each_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("crdt_pms.documents.limits.UPDATE_BYTES_MAX", 500)
    here, reader = writer(1), writer(2)
    for number in range(60):
        other = writer(100 + number)
        other.write("dirty", 1)
        here.hear(other)
        reader.hear(other)
    writes = [("305", FIELD, "inspected"), (ROOM, FIELD, "clean"), ("306", FIELD, "inspected")]
    updates = here.board.set_many(writes, lambda: (2, 0), here.journal, 1, "suzuki")
    assert len(updates) > 2
    for seq, (signed, update) in enumerate(updates, 1):
        assert signed.seq == seq
        check_board_update(update, here.client_id, signed)
        reader.board.apply(update)
    assert reader.board.content() == here.board.content()
    assert [one.value for one in reader.board.concurrent(ROOM, FIELD)] == ["clean"]
    assert set(reader.board.rooms()) == {ROOM, "305", "306"}


def test_a_deletion_ahead_of_time_is_noticed_by_the_author_whom_it_is_meant_for() -> None:
    """Only a hostile device deletes what is yet to be written; that must not leave the desks different."""
    here, reader = writer(1), writer(2)
    ahead = b"\0\x01" + varint(here.client_id) + b"\x01\0\x01"
    reader.board.apply(ahead)
    honest = writer(1)
    honest.write("clean", 1)
    reader.hear(honest)
    honest.board.apply(ahead)
    assert honest.board.content() == reader.board.content()
    here.board.apply(ahead)
    with pytest.raises(EditUndone):
        here.write("clean", 1)


def varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
