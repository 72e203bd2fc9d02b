"""The judge's reader of updates and the product's gate, which share no code, agree on every update."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crdt_pms.documents.board import Board
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.gate import Signed, check_board_update, check_note_update, client_id_of
from crdt_pms.documents.notes import Note
from simulations.checkers.violation import Dot
from simulations.checkers.wire import FormatWrong
from simulations.checkers.yjs import UPDATE_BYTES_MAX, client_of, require_update, without_client

JOURNAL, OTHER = bytes(range(16)), bytes(range(16, 32))
CLIENT = client_id_of(JOURNAL)
BOARD, NOTE = "board", "note/room/201"


def honest() -> list[tuple[str, Signed, bytes]]:
    board, other = Board(CLIENT), Board(client_id_of(OTHER))
    writes = [("201", "hk_condition", "clean"), ("202", "maintenance_reason", "漏水")]
    first = board.set_many(writes, lambda: (7, 0), JOURNAL, 1, "a")
    other.apply(first[0].update)
    board.apply(other.set_many(writes, lambda: (8, 0), OTHER, 1, "b")[0].update)
    second = board.set_many(writes[:1], lambda: (9, 1), JOURNAL, 2, "鈴木")
    note = Note(CLIENT)
    texts = ["", "鍵を確認👶。", "再確認👶。七時。", ""]
    edits = [update for base, new in pairwise(texts) for update in note.edit(base, new)]
    signed = Signed(JOURNAL, 3, (10, 0), "a")
    return [*((BOARD, *one) for one in (*first, *second)), *((NOTE, signed, update) for update in edits)]


UPDATES = honest()


def product_takes(document: str, signed: Signed, update: bytes) -> bool:
    try:
        if document == BOARD:
            check_board_update(update, CLIENT, signed)
        else:
            check_note_update(update, CLIENT)
    except UpdateRefused:
        return False
    return True


def judge_takes(document: str, signed: Signed, update: bytes) -> bool:
    try:
        require_update(update, document, Dot(signed.journal, signed.seq), signed.stamp, signed.author)
    except FormatWrong:
        return False
    return True


@pytest.mark.parametrize(("document", "signed", "update"), UPDATES, ids=range(len(UPDATES)))
def test_what_an_author_wrote_is_taken_by_both_and_as_nothing_else(
    document: str, signed: Signed, update: bytes
) -> None:
    for named in (BOARD, NOTE):
        for said in (signed, signed._replace(seq=9), signed._replace(stamp=(1, 1)), signed._replace(author="z")):
            is_meant = named == document and (said == signed or document == NOTE)
            only_deletes = update[:1] == b"\0"
            assert product_takes(named, said, update) == judge_takes(named, said, update)
            assert judge_takes(named, said, update) is (is_meant or (named == NOTE and only_deletes))


@settings(max_examples=1_500)
@given(st.sampled_from(UPDATES), st.sampled_from([BOARD, NOTE]), st.data())
def test_both_take_and_refuse_the_same_spoilt_updates(
    one: tuple[str, Signed, bytes], document: str, data: st.DataObject
) -> None:
    _document, signed, update = one
    body = bytearray(update)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    assert product_takes(document, signed, bytes(body)) == judge_takes(document, signed, bytes(body))


@settings(max_examples=500)
@given(st.binary(max_size=40))
@example(b"\0\1\1\1\xff\xff\xff\xff\7\1")
@example(b"\0\1\xff\xff\xff\xff\xff\xff\xff\x7f\1\0\1")
@example(b"\0" * (UPDATE_BYTES_MAX + 1))
def test_both_take_and_refuse_the_same_random_bytes(update: bytes) -> None:
    for document, signed, _update in UPDATES:
        assert product_takes(document, signed, update) == judge_takes(document, signed, update)


def test_both_know_the_same_client_of_a_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client_of(JOURNAL) == CLIENT
    assert without_client([JOURNAL, OTHER]) == frozenset()
    monkeypatch.setattr("simulations.checkers.yjs.client_of", lambda _journal: 1)
    assert without_client([OTHER, JOURNAL]) == {OTHER}
