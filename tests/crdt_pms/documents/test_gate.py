"""What passes the gate adds content of its own journal alone; everything else is refused by one error and by nothing else."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt_pms.documents.board import Board
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.gate import apply_update, check_update, client_id_of
from crdt_pms.documents.limits import CLIENT_ID_BITS, CLIENTS_PER_UPDATE_MAX, STRUCTS_PER_UPDATE_MAX, UPDATE_BYTES_MAX
from crdt_pms.documents.notes import Note

CLIENT = 77


def board_updates() -> list[bytes]:
    board, other = Board(CLIENT), Board(78)
    first = board.set_many(
        [("201", "hk_condition", "clean"), ("202", "maintenance", "none")], (1, 0), b"j" * 16, 1, "a"
    )
    other.apply(first)
    board.apply(other.set_many([("201", "hk_condition", "dirty")], (2, 0), b"k" * 16, 1, "b"))
    return [first, board.set_many([("201", "hk_condition", "inspected")], (3, 0), b"j" * 16, 2, "a")]


def note_updates() -> list[bytes]:
    note, other = Note(CLIENT), Note(78)
    first = note.edit("", "鍵を確認。タオル二枚")
    other.apply(first)
    note.apply(other.edit("鍵を確認。タオル二枚", "鍵を再確認。"))
    return [first, note.edit(note.text, "朝食なし。鍵を確認")]


UPDATES = [*board_updates(), *note_updates()]


def update_of(build: Any, client_id: int = CLIENT) -> bytes:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
    build(document)
    return document.get_update()


@pytest.mark.parametrize("update", UPDATES, ids=range(len(UPDATES)))
def test_an_honest_update_passes_for_its_journal_and_no_other(update: bytes) -> None:
    check_update(update, CLIENT)
    with pytest.raises(UpdateRefused, match="other client"):
        check_update(update, CLIENT + 1)


def test_deletions_may_be_of_anybody() -> None:
    theirs, mine = Board(78), Board(CLIENT)
    mine.apply(theirs.set_many([("201", "hk_condition", "dirty")], (1, 0), b"k" * 16, 1, "b"))
    check_update(mine.set_many([("201", "hk_condition", "clean")], (2, 0), b"j" * 16, 1, "a"), CLIENT)


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
    with pytest.raises(UpdateRefused):
        check_update(update_of(build), CLIENT)


def test_an_oversized_update_is_refused_before_it_is_read() -> None:
    with pytest.raises(UpdateRefused, match="at most"):
        check_update(b"\xff" * (UPDATE_BYTES_MAX + 1), CLIENT)


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\0",
        b"\xff" * 12,
        b"\x80" * 40,
        bytes([CLIENTS_PER_UPDATE_MAX + 1]),
        b"\x01" + (STRUCTS_PER_UPDATE_MAX + 1).to_bytes(3, "little") + b"\x01\x00",
        b"\0\0tail",
        b"\x01\x01\x4d\x00\x04\x01\x04text\xff\xff\xff\xff\x07ab\0",
        b"\x01\x01\x4d\x00\x04\x01\x02\xff\xfe\x01a\0",
    ],
    ids=repr,
)
def test_what_is_no_update_is_refused(update: bytes) -> None:
    with pytest.raises(UpdateRefused):
        check_update(update, CLIENT)


def mutated(update: bytes, data: st.DataObject) -> bytes:
    body = bytearray(update)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        cut = data.draw(st.integers(0, 3))
        body[at : at + cut] = data.draw(st.binary(max_size=4))
    return bytes(body)


def harmless(update: bytes) -> None:
    """Refused at the gate, or refused or taken by the document; anything else fails the test."""
    try:
        check_update(update, CLIENT)
    except UpdateRefused:
        return
    for root in ("board", "text"):
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
    with pytest.raises(UpdateRefused):
        check_update(update[: data.draw(st.integers(0, len(update) - 1))], CLIENT)


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
