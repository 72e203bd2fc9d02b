"""What one may write, all can read: at every limit, whatever a document takes from a person passes the gate of every reader."""

from __future__ import annotations

from itertools import count

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.documents import limits
from crdt_pms.documents.board import Board
from crdt_pms.documents.errors import BoardWriteRefused, CardNumberRefused, TextTooLong
from crdt_pms.documents.gate import check_board_update, check_note_update, client_id_of
from crdt_pms.documents.limits import NOTE_CHARACTERS_MAX
from crdt_pms.documents.notes import Note

CHARACTERS = "aé鍵👶🗝️\n\0\ud83d4 "
TEXTS = st.text(CHARACTERS, max_size=40)
SMALL_UPDATES = st.integers(300, 1_200)
ROOMS = st.one_of(st.sampled_from(["201", "202"]), st.text("2号👶/@\0\ud83d", max_size=20), st.just("鍵" * 100))
FIELDS = st.sampled_from(["hk_condition", "maintenance", "", "a/b"])
VALUES = st.one_of(st.sampled_from(["clean", "dirty"]), TEXTS, st.just("鍵" * 1_300), st.just("x" * 4_000))
AUTHORS = st.one_of(st.just("suzuki"), st.text("鈴木\0\ud83d", min_size=1, max_size=4), st.just("鈴" * 200))


def journal(number: int) -> bytes:
    return number.to_bytes(16, "big")


@settings(max_examples=150)
@given(SMALL_UPDATES, st.lists(st.tuples(st.integers(0, 9), TEXTS, st.booleans()), max_size=12))
def test_whatever_a_note_takes_is_read_the_same_by_another(
    update_bytes_max: int, edits: list[tuple[int, str, bool]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "UPDATE_BYTES_MAX", update_bytes_max)
        updates: list[bytes] = []
        runs = count(1)
        reader = Note(client_id_of(journal(0)))
        for at, inserted, is_cleared in edits:
            # A run of its own for every edit.
            client_id = client_id_of(journal(next(runs)))
            author = Note.load(client_id, updates)
            before = author.text
            new = "" if is_cleared else before[:at] + inserted + before[at:]
            for update in author.edit(before, new):
                check_note_update(update, client_id)
                reader.apply(update)
                updates.append(update)
            assert author.text == reader.text == new.replace("\0", "").replace("\ud83d", "")


@settings(max_examples=150)
@given(SMALL_UPDATES, st.lists(st.tuples(ROOMS, FIELDS, VALUES, AUTHORS, st.integers(0, 6)), max_size=8))
def test_whatever_the_board_takes_is_read_the_same_by_another(
    update_bytes_max: int, steps: list[tuple[str, str, str, str, int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "UPDATE_BYTES_MAX", update_bytes_max)
        journals = map(journal, count(2))
        writer, reader = Board(client_id_of(journal(1))), Board(client_id_of(journal(0)))
        seq = 1
        for now, (room, field, value, author, strangers) in enumerate(steps):
            for other in (next(journals) for _ in range(strangers)):
                # Written without having seen anything.
                stranger = Board(client_id_of(other))
                ((_signed, theirs),) = stranger.set_many([("201", "hk_condition", "x")], lambda: (0, 0), other, 1, "x")
                writer.apply(theirs)
                reader.apply(theirs)
            before = writer.dump(), writer.content()
            writes = [(room, field, value), ("201", "hk_condition", "clean")]
            try:
                updates = writer.set_many(writes, lambda at=now: (at, 0), journal(1), seq, author)
            except BoardWriteRefused:
                assert (writer.dump(), writer.content()) == before
                continue
            for signed, update in updates:
                assert signed.seq == seq
                check_board_update(update, client_id_of(journal(1)), signed)
                reader.apply(update)
                seq += 1
            assert writer.content() == reader.content()
            assert reader.read(room)[field].value == ("clean" if (room, field) == ("201", "hk_condition") else value)


def test_a_note_of_twenty_thousand_clients_is_cleared_in_updates_that_pass() -> None:
    """Each character by a client of its own, some beyond the basic plane: the worst that a delete set can be."""
    typed = pycrdt.Doc(client_id=1)
    text = typed.get("text", type=pycrdt.Text)
    text.insert(0, "👶" * 3)
    state, chunks = typed.get_state(), [typed.get_update()]
    for number in range(NOTE_CHARACTERS_MAX - 3):
        other = pycrdt.Doc(client_id=client_id_of(journal(100 + number)))
        other.apply_update(chunks[0])
        other.get("text", type=pycrdt.Text).insert(0, "鍵")
        chunks.append(other.get_update(state))
    state = pycrdt.merge_updates(*chunks)
    author, reader = Note.load(client_id_of(journal(1)), [], state), Note.load(client_id_of(journal(0)), [], state)
    assert len(author.text) == NOTE_CHARACTERS_MAX
    updates = author.edit(author.text, "")
    assert len(updates) == 2
    for update in updates:
        check_note_update(update, client_id_of(journal(1)))
        reader.apply(update)
    assert author.text == reader.text == ""


def test_a_note_with_every_other_character_replaced_fits_updates_that_pass() -> None:
    full = "鍵👶" * (NOTE_CHARACTERS_MAX // 2)
    author, reader = Note(client_id_of(journal(1))), Note(client_id_of(journal(0)))
    written = author.edit("", full)
    later = Note.load(client_id_of(journal(2)), written)
    edits = later.edit(full, "鍵あ" * (NOTE_CHARACTERS_MAX // 2))
    for update, client in [*((one, 1) for one in written), *((one, 2) for one in edits)]:
        check_note_update(update, client_id_of(journal(client)))
        reader.apply(update)
    # The delete set has many ranges of two clients.
    last = Note.load(client_id_of(journal(3)), written + edits)
    for update in last.edit(last.text, ""):
        check_note_update(update, client_id_of(journal(3)))
        reader.apply(update)
    assert reader.text == ""


def test_a_note_rewritten_a_thousand_times_stays_readable() -> None:
    author, reader = Note(client_id_of(journal(1))), Note(client_id_of(journal(0)))
    for step in range(1_000):
        for update in author.edit(author.text, f"{step}番: {'鍵👶' * (step % 50)}"):
            check_note_update(update, client_id_of(journal(1)))
            reader.apply(update)
    for update in author.edit(author.text, ""):
        check_note_update(update, client_id_of(journal(1)))
        reader.apply(update)
    assert reader.text == author.text == ""


@pytest.mark.parametrize(
    ("text", "error"), [("長" * (NOTE_CHARACTERS_MAX + 1), TextTooLong), ("4111 1111 1111 1111", CardNumberRefused)]
)
def test_what_a_note_refuses_leaves_nothing_behind(text: str, error: type[Exception]) -> None:
    note = Note(client_id_of(journal(1)))
    note.edit("", "鍵")
    before = note.dump()
    with pytest.raises(error):
        note.edit("鍵", text)
    assert note.dump() == before
