"""What passes the gate adds content of its own journal alone; everything else is refused by one error and by nothing else."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.documents.board import Board
from crdt_pms.documents.board_values import BoardKey, BoardValue, encode_key, encode_value
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.gate import Signed, apply_update, check_board_update, check_note_update, client_id_of
from crdt_pms.documents.limits import CLIENT_ID_BITS, UPDATE_BYTES_MAX
from crdt_pms.documents.notes import Note

CLIENT = 77
JOURNAL, OTHER = b"j" * 16, b"k" * 16
SIGNED = Signed(JOURNAL, 1, (3, 0), "a")


def board_updates() -> list[tuple[Signed, bytes]]:
    board, other = Board(CLIENT), Board(78)
    writes = [("201", "hk_condition", "clean"), ("202", "maintenance", "none")]
    (first,) = board.set_many(writes, lambda: (1, 0), JOURNAL, 1, "a")
    other.apply(first.update)
    (theirs,) = other.set_many([("201", "hk_condition", "dirty")], lambda: (2, 0), OTHER, 1, "b")
    board.apply(theirs.update)
    return [first, *board.set_many([("201", "hk_condition", "inspected")], lambda: (3, 0), JOURNAL, 2, "a")]


def note_updates() -> list[bytes]:
    note, other = Note(CLIENT), Note(78)
    (first,) = note.edit("", "鍵を確認。タオル二枚")
    other.apply(first)
    (theirs,) = other.edit("鍵を確認。タオル二枚", "鍵を再確認。")
    note.apply(theirs)
    return [first, *note.edit(note.text, "朝食なし。鍵を確認")]


BOARD_UPDATES, NOTE_UPDATES = board_updates(), note_updates()
UPDATES = [*(update for _signed, update in BOARD_UPDATES), *NOTE_UPDATES]


def refused_everywhere(update: bytes) -> None:
    with pytest.raises(UpdateRefused):
        check_board_update(update, CLIENT, SIGNED)
    with pytest.raises(UpdateRefused):
        check_note_update(update, CLIENT)


def update_of(build: Any, client_id: int = CLIENT) -> bytes:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
    build(document)
    return document.get_update()


@pytest.mark.parametrize("update", NOTE_UPDATES, ids=range(len(NOTE_UPDATES)))
def test_an_honest_update_of_a_note_passes_for_its_journal_and_no_other(update: bytes) -> None:
    check_note_update(update, CLIENT)
    with pytest.raises(UpdateRefused, match="another client"):
        check_note_update(update, CLIENT + 1)
    with pytest.raises(UpdateRefused):
        check_board_update(update, CLIENT, SIGNED)


@pytest.mark.parametrize(("signed", "update"), BOARD_UPDATES, ids=range(len(BOARD_UPDATES)))
def test_an_honest_update_of_the_board_passes_for_its_entry_and_no_other(signed: Signed, update: bytes) -> None:
    check_board_update(update, CLIENT, signed)
    with pytest.raises(UpdateRefused, match="another client"):
        check_board_update(update, CLIENT + 1, signed)
    with pytest.raises(UpdateRefused):
        check_note_update(update, CLIENT)
    for other in (
        signed._replace(seq=signed.seq + 1),
        signed._replace(stamp=(signed.stamp[0], 1)),
        signed._replace(author="suzuki"),
    ):
        with pytest.raises(UpdateRefused, match="another stamp, number or author"):
            check_board_update(update, CLIENT, other)


def test_a_key_of_another_journal_is_refused() -> None:
    theirs = _under(BoardKey("201", "hk_condition", OTHER), OTHER)
    with pytest.raises(UpdateRefused, match="not its journal's"):
        check_board_update(update_of(theirs), CLIENT, SIGNED)
    mine = _under(BoardKey("201", "hk_condition", JOURNAL), JOURNAL)
    check_board_update(update_of(mine), CLIENT, SIGNED)


def test_a_later_value_under_a_foreign_key_is_refused_although_it_names_no_key() -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=CLIENT)
    (theirs,) = Board(78).set_many([("201", "hk_condition", "dirty")], lambda: (2, 0), OTHER, 1, "b")
    document.apply_update(theirs.update)
    before = document.get_state()
    _under(BoardKey("201", "hk_condition", OTHER), JOURNAL)(document)
    with pytest.raises(UpdateRefused, match="key of another client's value"):
        check_board_update(document.get_update(before), CLIENT, SIGNED)


def _under(key: BoardKey, journal: bytes) -> Any:
    value = encode_value(BoardValue("clean", SIGNED.stamp, journal, SIGNED.seq, SIGNED.author))

    def build(document: pycrdt.Doc[Any]) -> None:
        document.get("board", type=pycrdt.Map)[encode_key(key)] = value

    return build


def test_deletions_may_be_of_anybody() -> None:
    theirs, mine = Board(78), Board(CLIENT)
    ((_signed, update),) = theirs.set_many([("201", "hk_condition", "dirty")], lambda: (1, 0), OTHER, 1, "b")
    mine.apply(update)
    ((signed, mine_too),) = mine.set_many([("201", "hk_condition", "clean")], lambda: (2, 0), JOURNAL, 1, "a")
    check_board_update(mine_too, CLIENT, signed)


def test_an_update_of_the_board_that_only_deletes_is_refused_and_one_of_a_note_is_not() -> None:
    only_deletes = b"\0\x01\x4e\x01\0\x01"
    with pytest.raises(UpdateRefused, match="writes no value"):
        check_board_update(only_deletes, CLIENT, SIGNED)
    check_note_update(only_deletes, CLIENT)


def _formatted(document: pycrdt.Doc[Any]) -> None:
    text = document.get("text", type=pycrdt.Text)
    text += "太字"
    text.format(0, 3, {"bold": True})


def _embedded(document: pycrdt.Doc[Any]) -> None:
    document.get("text", type=pycrdt.Text).insert_embed(0, b"image")


@pytest.mark.parametrize(
    "build",
    [
        lambda document: document.get("other", type=pycrdt.Map).update({"a": b"1"}),
        lambda document: document.get("board", type=pycrdt.Map).update({"a": pycrdt.Map({"b": 1})}),
        lambda document: document.get("board", type=pycrdt.Map).update({"a": pycrdt.Text("b")}),
        lambda document: document.get("board", type=pycrdt.Map).update({"a": 7}),
        lambda document: document.get("board", type=pycrdt.Map).update({"a": {"b": [1]}}),
        lambda document: document.get("board", type=pycrdt.Map).update({"a": pycrdt.Doc()}),
        lambda document: document.get("board", type=pycrdt.Array).append(True),
        _formatted,
        _embedded,
    ],
    ids=["root", "map", "text", "number", "object", "document", "array", "format", "embed"],
)
def test_what_our_documents_never_hold_is_refused(build: Any) -> None:
    refused_everywhere(update_of(build))


def test_an_oversized_update_is_refused_before_it_is_read() -> None:
    with pytest.raises(UpdateRefused, match="at most"):
        check_note_update(b"\xff" * (UPDATE_BYTES_MAX + 1), CLIENT)


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\0",
        b"\xff" * 12,
        b"\x80" * 40,
        b"\x02\x01\x4d\x00\x04\x01\x04text\x01a\x01\x4e\x00\x04\x01\x04text\x01a\0",
        b"\x01\xff\xff\xff\x7f\x4d\x00",
        b"\x01\x01\x4d" + b"\xff" * 4 + b"\x7f\x04\x01\x04text\x01a\0",
        b"\x01\x01\x4d\x00\x00\xff\xff\xff\xff\x7f\0",
        b"\0\x01\x4e\x01\xff\xff\xff\xff\x07\x01",
        b"\0\x01\xff\xff\xff\xff\xff\xff\xff\x7f\x01\0\x01",
        b"\x01\x01\x4d\x05\x84\x4d\x05\x01a\0",
        b"\x01\x01\x4d\x05\x44\x4d\x06\x01a\0",
        b"\0\0tail",
        b"\x01\x01\x4d\x00\x04\x01\x04text\xff\xff\xff\xff\x07ab\0",
        b"\x01\x01\x4d\x00\x04\x01\x02\xff\xfe\x01a\0",
    ],
    ids=repr,
)
def test_what_is_no_update_is_refused(update: bytes) -> None:
    refused_everywhere(update)


def mutated(update: bytes, data: st.DataObject) -> bytes:
    body = bytearray(update)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        cut = data.draw(st.integers(0, 3))
        body[at : at + cut] = data.draw(st.binary(max_size=4))
    return bytes(body)


def harmless(update: bytes) -> None:
    """Refused at the gate, or refused or taken by the document; anything else fails the test."""
    passed = 0
    for check in (lambda: check_board_update(update, CLIENT, SIGNED), lambda: check_note_update(update, CLIENT)):
        try:
            check()
        except UpdateRefused:
            continue
        passed += 1
    for root in ("board", "text") if passed else ():
        document = Board(1)._document if root == "board" else Note(1)._document
        try:
            apply_update(document, update)
        except UpdateRefused:
            continue
        assert isinstance(document.get_update(), bytes)


@settings(max_examples=300)
@given(st.sampled_from(UPDATES), st.data())
def test_a_mutated_update_raises_nothing_but_a_refusal(update: bytes, data: st.DataObject) -> None:
    harmless(mutated(update, data))


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_random_bytes_raise_nothing_but_a_refusal(update: bytes) -> None:
    harmless(update)


@given(st.sampled_from(UPDATES), st.data())
def test_a_truncated_update_is_refused(update: bytes, data: st.DataObject) -> None:
    refused_everywhere(update[: data.draw(st.integers(0, len(update) - 1))])


def test_a_panic_of_the_library_is_a_refusal() -> None:
    class PanicException(BaseException):
        """As pyo3 raises it."""

    class Document:
        def apply_update(self, _update: bytes) -> None:
            raise PanicException

    with pytest.raises(UpdateRefused, match="PanicException"):
        apply_update(Document(), b"")


@given(st.binary(min_size=16, max_size=16))
def test_a_client_id_is_the_journals_and_fits_a_javascript_number(journal: bytes) -> None:
    assert client_id_of(journal) == client_id_of(bytes(journal))
    assert 0 <= client_id_of(journal) < 2**CLIENT_ID_BITS
