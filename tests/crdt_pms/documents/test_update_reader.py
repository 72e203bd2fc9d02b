"""The reader of updates says of pycrdt's own encoding what pycrdt itself makes of it."""

from __future__ import annotations

from typing import Any

import pycrdt
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.documents.update_reader import Deletion, Item, ItemId, Update, read_update

CLIENT = 2**53 - 1
KEYS = st.sampled_from(["a", "鍵", "🗝️" * 5])
TEXTS = st.text("ab鍵👶🏽\n", min_size=1, max_size=8)


class Told(list[bytes]):
    """The updates of a document as they are made."""

    def __init__(self, document: pycrdt.Doc[Any]) -> None:
        super().__init__()
        self.subscription = document.observe(lambda event: self.append(event.update))


@given(st.lists(st.tuples(KEYS, st.binary(max_size=200)), min_size=1, max_size=8))
def test_the_values_of_a_map_are_read_with_their_keys(writes: list[tuple[str, bytes]]) -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=CLIENT)
    root = document.get("board", type=pycrdt.Map)
    told = Told(document)
    for key, value in writes:
        root[key] = value
    last: dict[str, int] = {}
    for clock, ((key, value), update) in enumerate(zip(writes, told, strict=True)):
        content = read_update(update)
        assert content.client == CLIENT
        if key in last:
            assert content.items == (Item(clock, value, origin=ItemId(CLIENT, last[key])),)
            assert content.deletions == (Deletion(CLIENT, last[key], 1),)
        else:
            assert content.items == (Item(clock, value, root="board", key=key),)
            assert content.deletions == ()
        last[key] = clock


@given(st.lists(st.tuples(TEXTS, st.floats(0, 1)), min_size=1, max_size=8))
def test_the_pieces_of_a_text_are_read_with_their_places(writes: list[tuple[str, float]]) -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=CLIENT)
    text = document.get("text", type=pycrdt.Text)
    told = Told(document)
    clock, current = 0, ""
    for (inserted, share), update_at in zip(writes, range(len(writes)), strict=True):
        at = round(share * len(current))
        text.insert(len(current[:at].encode()), inserted)
        current = current[:at] + inserted + current[at:]
        content = read_update(told[update_at])
        (item,) = content.items
        assert (item.clock, item.content, item.key) == (clock, inserted, None)
        assert (item.origin is None) is (at == 0)
        assert (item.right_origin is None) is (at + len(inserted) == len(current))
        assert item.root == ("text" if item.origin is item.right_origin is None else None)
        clock += len(inserted.encode("utf-16-le")) // 2
    assert str(text) == current


def test_what_many_clients_wrote_is_read_as_deleted_by_one() -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=1)
    text = document.get("text", type=pycrdt.Text)
    for client in range(100, 200):
        other: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        other.apply_update(document.get_update())
        other.get("text", type=pycrdt.Text).insert(0, "鍵")
        document.apply_update(other.get_update())
    told = Told(document)
    text.clear()
    (update,) = told
    assert read_update(update).items == ()
    assert sorted(read_update(update).deletions) == [Deletion(client, 0, 1) for client in range(100, 200)]


def test_an_update_that_says_nothing_is_read_as_that() -> None:
    assert read_update(b"\0\0") == Update(None, 0, 0, (), ())


def test_what_was_deleted_before_it_was_sent_is_read_without_content() -> None:
    document: pycrdt.Doc[Any] = pycrdt.Doc(client_id=7)
    told = Told(document)
    with document.transaction():
        root = document.get("board", type=pycrdt.Map)
        root["a"] = b"1"
        root["a"] = b"2"
    items = read_update(told[-1]).items
    assert [item.content for item in items] == [None, b"2"]
    assert items[0].key == "a"
    assert items[1].origin == ItemId(7, 0)
