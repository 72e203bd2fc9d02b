"""How a desk opens its database: with the key and the witness that stand beside it."""

from __future__ import annotations

from pathlib import Path

from crdt_pms.store.file_key import is_plain, key_beside
from crdt_pms.store.sqlite import encrypt
from crdt_pms.store.witnessed import WitnessedStore, open_witnessed


def open_desk(path: Path, property_id: str, device_id: str, *, accepted_at_ms: int | None = None) -> WitnessedStore:
    """Open a desk's encrypted database, made with its key where there is none. See `open_witnessed`.

    A database that is not encrypted yet is opened as it is, held against its witness, and then encrypted in place.
    Raises StoreKeyUnusable, and what `open_witnessed` raises.
    """
    key = key_beside(path)
    if is_plain(path):
        open_witnessed(path, property_id, device_id, accepted_at_ms=accepted_at_ms).close()
        encrypt(path, key)
    return open_witnessed(path, property_id, device_id, key, accepted_at_ms=accepted_at_ms)
