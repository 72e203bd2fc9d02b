"""What makes a safeguard needed, where no fault of the worlds does so yet. The product as it is must bear all of it."""

# ruff: noqa: SLF001 - the inside of a disk is what rots
from __future__ import annotations

from random import Random
from typing import Any, Final, cast
from zlib import crc32

import msgpack
from sqlcipher3 import dbapi2

from crdt_pms.journal.wire import pack
from crdt_pms.ledger.operation import EncodedOperation, Operation, encode_operation
from crdt_pms.replica import authoring
from crdt_pms.replica.authoring import Author
from crdt_pms.state.property_state import PropertyState
from simulations.ablations.patching import replacing
from simulations.world import network
from simulations.world.disk import Disk

_compose: Final = Author.compose
_HEAD_BYTES: Final = 8
"""Checksum and number of a frame."""
_ENTRIES: Final = 5
_AUTHOR: Final = 6
"""Where a header says who wrote the entry."""
_MALFORMED_ONE_IN: Final = 8


def _tampered(frame: bytes, random: Random) -> bytes:
    """The frame with another author in one of its entries and a checksum that is right again."""
    body = cast("list[Any]", msgpack.unpackb(frame[_HEAD_BYTES:], strict_map_key=False))
    if body[0] != _ENTRIES:
        return frame
    entry = body[1][random.randrange(len(body[1]))]
    header = cast("list[Any]", msgpack.unpackb(entry[0], strict_map_key=False))
    header[_AUTHOR] = f"{header[_AUTHOR]}?"
    entry[0] = pack(header)
    rest = frame[4:_HEAD_BYTES] + pack(body)
    return crc32(rest).to_bytes(4, "big") + rest


TAMPERING: Final = replacing((network, "_spoilt", _tampered))
"""Whatever spoils a frame knows the protocol: it changes who wrote an entry and makes the checksum right again."""


def _sometimes_malformed(operation: Operation, salt: bytes, level: int) -> EncodedOperation:
    encoded = encode_operation(operation, salt, level)
    (role, content), *rest = encoded.parts
    if crc32(content) % _MALFORMED_ONE_IN:
        return encoded
    origin, reason, writes = cast("list[Any]", msgpack.unpackb(content, strict_map_key=False))
    return encoded._replace(parts=((role, pack([origin, reason, [*writes, writes[-1]]])), *rest))


class _Lenient:
    """A state that does not tell its author what became of an entry."""

    def __init__(self, state: PropertyState) -> None:
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)

    def apply(self, entry: Any, transaction: Any) -> None:
        """Apply it, or set it aside."""
        self._state.apply(entry, transaction)


def _compose_anything(author: Any, decision: Any, state: PropertyState, *rest: Any) -> Any:
    return _compose(author, decision, cast(Any, _Lenient(state)), *rest)


MALFORMED_OPERATIONS: Final = replacing(
    (authoring, "encode_operation", _sometimes_malformed), (Author, "compose", _compose_anything)
)
"""A faulty program writes operations that nobody can read, and does not notice."""


def _spoil_registers(disk: Any, _random: Random) -> str:
    connection = dbapi2.connect(str(disk.path))
    if disk._key is not None:
        connection.execute(f"PRAGMA key = \"x'{disk._key.hex()}'\"")
    connection.execute("UPDATE register_write SET state = substr(state, 2)")
    connection.commit()
    connection.close()
    disk._log.forget()
    return "every register lacks its first byte"


ROTTEN_REGISTERS: Final = replacing((Disk, "rot", _spoil_registers))
"""What rots on a disk is where no code of SQLite's looks: in the rows of the registers."""
