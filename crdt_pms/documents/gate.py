"""The one gate through which updates reach a document."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import pycrdt

from crdt_pms.documents import limits
from crdt_pms.documents.board_values import BoardValue, decode_value, parse_key
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.limits import CLIENT_ID_BITS
from crdt_pms.documents.update_reader import Item, Update, read_update

BOARD_ROOT = "board"
TEXT_ROOT = "text"


class Signed(NamedTuple):
    """What the entry that carries an update says in its header. `stamp` is UTC milliseconds and counter."""

    journal: bytes
    seq: int
    stamp: tuple[int, int]
    author: str


def client_id_of(journal: bytes) -> int:
    """The Yjs client id that belongs to a journal: the first 53 bits of its SHA-256.

    Two of a property's n journals share one with a probability of about n² / 2⁵⁴: for 10,000 journals 6 in 10⁹. A hostile
    device can look for two journals of its own that do: `loses_client_id` judges them.
    """
    return int.from_bytes(hashlib.sha256(journal).digest()[:8], "big") >> (64 - CLIENT_ID_BITS)


def check_board_update(update: bytes, client_id: int, signed: Signed) -> None:
    """UpdateRefused unless `update` writes values of its own entry, under keys of its own journal, and nothing else.

    Depends on the entry alone, so every replica of every version judges alike. Deletions may be of anybody, since a write
    takes the values away that its author saw; but an update of the board that deletes also writes. That a deleted value stood
    on the written field cannot be told from the entry: a device that deletes elsewhere does no more than by writing there, and
    its signed entry says who did it.
    """
    content = _read(update, client_id)
    if not content.items:
        raise UpdateRefused("the update of the board writes no value")
    for item in content.items:
        _require_own_key(item, client_id, signed)
        value = decode_value(item.content, signed.journal)
        if value is None:
            raise UpdateRefused("the update holds what is no value of the board")
        if value != BoardValue(value.value, signed.stamp, signed.journal, signed.seq, signed.author):
            raise UpdateRefused("a value of the board names another stamp, number or author than its entry")


def check_note_update(update: bytes, client_id: int) -> None:
    """UpdateRefused unless `update` adds nothing but plain text of `client_id`.

    Depends on the entry alone. It may delete what anybody wrote: so does a person.
    """
    for item in _read(update, client_id).items:
        if isinstance(item.content, bytes) or item.key is not None:
            raise UpdateRefused("the update adds what is no text")
        if item.root not in (None, TEXT_ROOT):
            raise UpdateRefused("the update writes to a root type that our documents do not have")


def apply_update(document: pycrdt.Doc[Any], update: bytes) -> None:
    """Apply one update. UpdateRefused for all that the library makes of it, its panics included."""
    try:
        document.apply_update(update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # pyo3's PanicException derives from BaseException
        raise UpdateRefused(f"the update cannot be applied: {type(error).__name__}") from error


def _read(update: bytes, client_id: int) -> Update:
    if len(update) > limits.UPDATE_BYTES_MAX:
        raise UpdateRefused(f"the update has {len(update)} bytes, at most {limits.UPDATE_BYTES_MAX} are allowed")
    content = read_update(update)
    if content.client not in (None, client_id):
        raise UpdateRefused("the update adds content of another client than its journal's")
    for item in content.items:
        for near in (item.origin, item.right_origin):
            if near is not None and near.client == client_id and near.clock >= item.clock:
                raise UpdateRefused("an item of the update stands beside a later one of its own client")
    return content


def _require_own_key(item: Item, client_id: int, signed: Signed) -> None:
    """An item stands under a key that it names, or under that of an earlier item of the same client, which was judged too."""
    if item.origin is not None:
        if item.origin.client != client_id or item.right_origin is not None:
            raise UpdateRefused("the update writes under the key of another client's value")
        return
    if item.root != BOARD_ROOT:
        raise UpdateRefused("the update writes to a root type that the board does not have")
    key = None if item.key is None else parse_key(item.key)
    if key is None or key.journal != signed.journal:
        raise UpdateRefused("the update writes under a key of the board that is not its journal's")
