"""Small journals for tests: one device, a handful of entries."""

from __future__ import annotations

from functools import cache
from typing import Any

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import ActionMark, Content, Entry, EntryKind, PartRole
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.limits import PREFIX_BYTES
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice, found_property

PROPERTY_ID = "seaside"
ROOT = DeviceKey(b"\xf0" * 32)
OTHER_ROOT = DeviceKey(b"\xf2" * 32)
ADMINISTRATOR = DeviceKey(b"\xf1" * 32)


def device(number: int) -> DeviceKey:
    """The same key for the same number, always."""
    return DeviceKey(bytes([number]) * 32)


@cache
def administrator(property_id: str = PROPERTY_ID, root: DeviceKey = ROOT) -> EnrolledDevice:
    """The first administrator device of a property."""
    return found_property(root, property_id, ADMINISTRATOR, "administrator", Stamp(1, 0))


@cache
def enrolled(
    number: int,
    device_class: DeviceClass = DeviceClass.TERMINAL,
    property_id: str = PROPERTY_ID,
    root: DeviceKey = ROOT,
) -> EnrolledDevice:
    """The device of that number with the chain of the property's administrator."""
    key = device(number)
    name = f"device-{number}"
    chain = administrator(property_id, root).enrol(key.public_bytes, device_class, name, Stamp(1, 0))
    return EnrolledDevice(key, chain)


def stranger(number: int) -> EnrolledDevice:
    """A device that another root vouches for, under the property's name."""
    return enrolled(number, root=OTHER_ROOT)


def journal_id(number: int) -> JournalId:
    """The same journal id for the same number, always."""
    return JournalId(number.to_bytes(16, "big"))


def writer(number: int, owner: EnrolledDevice | None = None) -> JournalWriter:
    """A fresh journal of the device of that number."""
    owner = owner or enrolled(number)
    return JournalWriter(Certificate.create(journal_id(number), owner, None, Stamp(1, 0)), owner.key)


def append(journal: JournalWriter, payload: bytes = b"payload", **fields: Any) -> Entry:
    """One more entry with ordinary fields."""
    return journal.append(content_of(journal, payload, **fields))


def content_of(journal: JournalWriter, payload: bytes, *, document: str = "", **fields: Any) -> Content:
    """What an entry with `payload` as its one part says, with ordinary fields for all that is not given."""
    named = (*fields.get("supersedes", ()), *fields.get("reads", ()))
    values: dict[str, Any] = {
        "stamp": Stamp(1_000 + journal.head.seq, 0),
        "kind": EntryKind.OPERATION,
        "author": "suzuki",
        "parts": [(PartRole.CONTENT, payload)],
        "action": ActionMark("test", journal.head.seq + 1),
        "prefixes": dict.fromkeys(named, bytes(PREFIX_BYTES)),
        "documents": [document] if document else [],
    }
    return Content(**(values | fields))
