"""What many nodes in one program compute of the same bytes is computed once: whether they are signed, and what they say.

All are pure functions of the bytes, so no node can tell the difference. What a node signed verifies: only signatures that were
spoilt or forged on the way are looked at. Real nodes do this once each; a world of
twelve would do it twelve times and be a world of six instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final
from unittest.mock import patch

from crdt_pms.documents import gate
from crdt_pms.journal import certificate, chain, forks, keys, signed_end, trust
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.ledger import operation
from crdt_pms.ledger.operation import Operation
from crdt_pms.session import session
from crdt_pms.state import property_state as state
from crdt_pms.state import quarantine

REMEMBERED: Final = 4_096


@contextmanager
def shared_work() -> Iterator[None]:
    """While this holds, the nodes of this program share what they signed, verified and decoded."""
    signatures = _Signatures()
    is_signed = signatures.is_signed
    decode = lru_cache(REMEMBERED)(Entry.decode)
    decode_certificate = lru_cache(REMEMBERED)(Certificate.decode)
    decode_operation = _once_for_each_entry(operation.decode_operation)
    check_board_update = lru_cache(REMEMBERED)(gate.check_board_update)
    check_note_update = lru_cache(REMEMBERED)(gate.check_note_update)
    with (
        patch.object(keys.DeviceKey, "sign", signatures.sign),
        patch.object(chain, "is_signed", is_signed),
        patch.object(certificate, "is_signed", is_signed),
        patch.object(trust, "is_signed", is_signed),
        patch.object(signed_end, "is_signed", is_signed),
        patch.object(forks, "is_signed", is_signed),
        patch.object(session, "is_signed", is_signed),
        patch.object(Entry, "decode", decode),
        patch.object(Certificate, "decode", decode_certificate),
        patch.object(quarantine, "decode_operation", decode_operation),
        patch.object(state, "decode_operation", decode_operation),
        patch.object(quarantine, "check_board_update", check_board_update),
        patch.object(quarantine, "check_note_update", check_note_update),
    ):
        yield


def _once_for_each_entry(decode: Callable[[Any], Operation]) -> Callable[[Any], Operation]:
    """What an entry says is decoded once, whoever holds it; one that does not decode is tried again."""
    known: dict[tuple[bytes, tuple[bytes | None, ...]], Operation] = {}

    def decode_once(entry: Any) -> Operation:
        key = (entry.hash, entry.parts)
        if key not in known:
            known[key] = decode(entry)
            if len(known) > REMEMBERED:
                del known[next(iter(known))]
        return known[key]

    return decode_once


class _Signatures:
    """Signatures that were made here, which need no verifying, and what was verified of others."""

    def __init__(self) -> None:
        self._made: dict[tuple[bytes, bytes, bytes], None] = {}
        self._verified = lru_cache(REMEMBERED)(keys.is_signed)
        make = keys.DeviceKey.sign

        def sign(key: keys.DeviceKey, data: bytes) -> bytes:
            signature = make(key, data)
            self._made[key.public_bytes, signature, data] = None
            if len(self._made) > REMEMBERED:
                del self._made[next(iter(self._made))]
            return signature

        self.sign = sign

    def is_signed(self, device_key: bytes, signature: bytes, data: bytes) -> bool:
        """See `keys.is_signed`."""
        return (device_key, signature, data) in self._made or self._verified(device_key, signature, data)
