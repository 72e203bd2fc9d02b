"""The one gate through which updates reach a document."""

from __future__ import annotations

import hashlib
from typing import Any

import pycrdt

from crdt_pms.documents.errors import DocumentCorrupt, UpdateRefused
from crdt_pms.documents.limits import CLIENT_ID_BITS, UPDATE_BYTES_MAX
from crdt_pms.documents.update_reader import read_outline

BOARD_ROOT = "board"
TEXT_ROOT = "text"


def client_id_of(journal: bytes) -> int:
    """The Yjs client id that belongs to a journal: the first 53 bits of its SHA-256.

    Two of a property's n journals share one with a probability of about n² / 2⁵⁴: for 10,000 journals 6 in 10⁹.
    """
    return int.from_bytes(hashlib.sha256(journal).digest()[:8], "big") >> (64 - CLIENT_ID_BITS)


def check_update(update: bytes, client_id: int) -> None:
    """UpdateRefused unless `update` is a well-formed update that adds content of `client_id` alone to our root types.

    Depends on the bytes only, so every replica judges alike. It may delete content of anybody: so does a person.
    """
    if len(update) > UPDATE_BYTES_MAX:
        raise UpdateRefused(f"the update has {len(update)} bytes, at most {UPDATE_BYTES_MAX} are allowed")
    outline = read_outline(update)
    foreign = outline.authors - {client_id}
    if foreign:
        raise UpdateRefused(f"the update adds content of {len(foreign)} other client(s) than its journal's")
    if not outline.roots <= {BOARD_ROOT, TEXT_ROOT}:
        raise UpdateRefused("the update writes to a root type that our documents do not have")


def apply_update(document: pycrdt.Doc[Any], update: bytes) -> None:
    """Apply one update. UpdateRefused for whatever the library makes of it, its panics included."""
    try:
        document.apply_update(update)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # pyo3's PanicException derives from BaseException
        raise UpdateRefused(f"the update cannot be applied: {type(error).__name__}") from error


def load_states(document: pycrdt.Doc[Any], states: list[bytes]) -> None:
    """Bring a new document up to stored states. DocumentCorrupt when one does not load."""
    try:
        for state in states:
            apply_update(document, state)
    except UpdateRefused as error:
        raise DocumentCorrupt(str(error)) from error
