"""The generation id of the relay's database: while it stays, committed positions stay."""

from __future__ import annotations

from typing import Final

from crdt_pms.replica.port import Store, Transaction

GENERATION_BYTES: Final = 16
_KEY: Final = "generation"


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


def replace_generation(store: Store, fresh: bytes) -> None:
    """Make terminals forget every committed position and send again what the database lacks."""
    with store.transaction() as transaction:
        transaction.last_position()
        transaction.put_state(_KEY, fresh)
