"""The content digest: a running sum over rows in buckets, equal wherever the same entries were applied (law 1).

Each row of each group has a sum of its own, a function of its merged state. A row belongs to one of 256 buckets by the hash of
its name, and a bucket is the sum of its rows. So a change costs what it touches and not what there is, and two nodes that
differ find the row from 256 numbers.

Sums of hashes modulo 2²⁵⁶, after Bellare and Micciancio 1997 (incremental hashing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from crdt_pms.documents.board_values import BoardValue
from crdt_pms.journal.wire import pack

BUCKETS: Final = 256
SUM_BYTES: Final = 32
_MODULUS: Final = 1 << (8 * SUM_BYTES)
BOARD_GROUP: Final = "board"
"""The group under which the rooms of the board are summed."""
NOTE_GROUP: Final = "note"
"""The group under which notes are summed, each by the id of its document."""


class RowName(NamedTuple):
    """What has a sum: a field group and the id of a row, the board and a room, or notes and the id of a document."""

    group: str
    row: str

    @property
    def bucket(self) -> int:
        """Which bucket the row belongs to, 0 to 255."""
        return hashlib.sha256(pack([self.group, self.row])).digest()[0]


class ContentDigest:
    """The sums of all buckets, and which of them changed since they were last stored."""

    def __init__(self, stored: Mapping[int, bytes] | None = None) -> None:
        """`stored` are sums that `take_changed` gave; buckets that are absent are zero."""
        self._sums = [0] * BUCKETS
        self._changed: set[int] = set()
        for bucket, encoded in (stored or {}).items():
            self._sums[bucket] = int.from_bytes(encoded, "big")

    def add(self, name: RowName, difference: int) -> None:
        """Note that the sum of a row is another one by `difference`."""
        if difference % _MODULUS:
            bucket = name.bucket
            self._sums[bucket] = (self._sums[bucket] + difference) % _MODULUS
            self._changed.add(bucket)

    def buckets(self) -> list[bytes]:
        """The sum of every bucket, 32 bytes each."""
        return [encoded_sum(one) for one in self._sums]

    def total(self) -> bytes:
        """SHA-256 over the sums of all buckets."""
        return hashlib.sha256(b"".join(self.buckets())).digest()

    def take_changed(self) -> dict[int, bytes]:
        """The sums of the buckets that changed since the last call."""
        changed, self._changed = self._changed, set()
        return {bucket: encoded_sum(self._sums[bucket]) for bucket in sorted(changed)}


def encoded_sum(number: int) -> bytes:
    """A sum as it is stored and shown: 32 bytes, big-endian."""
    return (number % _MODULUS).to_bytes(SUM_BYTES, "big")


def room_sum(room: str, content: Mapping[str, Sequence[BoardValue]]) -> int:
    """The sum of what stands on the board of a room, by field; 0 where nothing stands."""
    return _sum_of(
        [BOARD_GROUP, room, field, value.value, *value.stamp, value.journal, value.seq, value.author]
        for field, values in content.items()
        for value in values
    )


def note_sum(document: str, text: str | None) -> int:
    """The sum of the text of a document; 0 for one that was never written."""
    return 0 if text is None else _sum_of([[NOTE_GROUP, document, text]])


def _sum_of(items: Iterable[list[object]]) -> int:
    return sum(int.from_bytes(hashlib.sha256(pack(item)).digest(), "big") for item in items)
