"""Small journals for tests: one device, a handful of entries."""

from __future__ import annotations

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry, EntryKind
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.keys import DeviceKey

PROPERTY_ID = "seaside"


def device(number: int) -> DeviceKey:
    """The same key for the same number, always."""
    return DeviceKey(bytes([number]) * 32)


def journal_id(number: int) -> JournalId:
    """The same journal id for the same number, always."""
    return JournalId(number.to_bytes(16, "big"))


def writer(number: int, key: DeviceKey | None = None) -> JournalWriter:
    """A fresh journal of the device of that number."""
    key = key or device(number)
    return JournalWriter(Certificate.create(journal_id(number), PROPERTY_ID, key, None, Stamp(1, 0)), key)


def append(journal: JournalWriter, payload: bytes = b"payload", **fields: object) -> Entry:
    """One more entry with ordinary fields."""
    values: dict[str, object] = {
        "stamp": Stamp(1_000 + journal.head.seq, 0),
        "kind": EntryKind.OPERATION,
        "author": "suzuki",
        "context": {},
        "dependencies": (),
        "subject": "",
    }
    return journal.append(payload=payload, **(values | fields))  # type: ignore[arg-type]
