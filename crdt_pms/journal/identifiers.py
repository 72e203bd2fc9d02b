"""The names by which journals, entries and devices are known."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple, NewType

JournalId = NewType("JournalId", bytes)
"""Sixteen random bytes, drawn once for each process run of a device."""

DeviceId = NewType("DeviceId", str)
"""Thirty-two hexadecimal digits: the first half of the SHA-256 of the device's public key."""

VersionVector = Mapping[JournalId, int]
"""For each journal the number of its last held entry; journals of which nothing is held are absent."""


class Dot(NamedTuple):
    """The identity of one entry: its journal and its number there, counted from one without gaps."""

    journal: JournalId
    seq: int

    def __str__(self) -> str:
        return f"{self.journal.hex()[:8]}:{self.seq}"


def device_id_of(device_key: bytes) -> DeviceId:
    """The device id that belongs to a 32-byte Ed25519 public key."""
    return DeviceId(hashlib.sha256(device_key).hexdigest()[:32])


def covers(vector: VersionVector, context: VersionVector) -> bool:
    """Whether everything that `context` names is held according to `vector`."""
    return all(vector.get(journal, 0) >= seq for journal, seq in context.items())
