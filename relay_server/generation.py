"""The generation id of the relay's database: while it stays, committed positions stay."""

from __future__ import annotations

from typing import Final

from crdt_pms.ports.store import Transaction

GENERATION_BYTES: Final = 16
_KEY: Final = "generation"
_PAST: Final = "generations_past"
_PAST_MAX: Final = 1_000


def ensure_generation(transaction: Transaction, fresh: bytes) -> bytes:
    """The database's generation; `fresh`, if it has none yet. The caller must hold the counter's lock (`last_position`)."""
    generation = read_generation(transaction)
    if generation is None:
        transaction.put_state(_KEY, fresh)
        return fresh
    return generation


def read_generation(transaction: Transaction) -> bytes | None:
    """The database's generation; None when it has none."""
    return transaction.get_state(_KEY)


def read_past(transaction: Transaction) -> frozenset[bytes]:
    """The generations that the database had before: a peer that knows another one saw a newer state of it."""
    past = transaction.get_state(_PAST) or b""
    return frozenset(past[start : start + GENERATION_BYTES] for start in range(0, len(past), GENERATION_BYTES))


def replace_generation(transaction: Transaction, fresh: bytes, heard: bytes = b"") -> None:
    """Make terminals forget every committed position and send again what the database lacks.

    `heard` is a generation of a newer state of the database that a peer knew: from now on it is a former one like the present.
    The caller must hold the counter's lock.
    """
    past = (transaction.get_state(_PAST) or b"") + (read_generation(transaction) or b"") + heard
    transaction.put_state(_PAST, past[-_PAST_MAX * GENERATION_BYTES :])
    transaction.put_state(_KEY, fresh)
