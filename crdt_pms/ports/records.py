"""What goes to and fro between a node and its database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId

Scalar = str | int | bool | bytes | None


class Placed(NamedTuple):
    """An entry in a node's own log. `position` counts from one, in the order in which the node took entries; positions of
    entries that were withdrawn with a branch stay empty.

    `committed` is its place in the relay's committed order, None while tentative. On the relay both are equal.
    """

    position: int
    entry: Entry
    committed: int | None


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A known journal and how far it is held."""

    certificate: Certificate
    head: Head


class HeldJournal(NamedTuple):
    """A known journal without its certificate: its device, the head that it continues, and how far it is held."""

    device_id: DeviceId
    previous: tuple[JournalId, int] | None
    head: Head


class QuarantineRecord(NamedTuple):
    """An entry that is held and forwarded but never applied, and why. `reason` is a stable code."""

    dot: Dot
    reason: str
    detail: str


class HeldRecord(NamedTuple):
    """An entry that is stored and forwarded, and applied when the program is updated: this version cannot read it.

    `reason` is a stable code.
    """

    dot: Dot
    reason: str
    detail: str


class WriteRecord(NamedTuple):
    """One write of a register as it is held, as `Ledger.stored` gave it."""

    group: str
    row: str
    flags: int
    dot: Dot
    standing: int
    state: bytes


class RowChange(NamedTuple):
    """A readable row to write (`values` with every column of the table but its key) or, with None, to delete."""

    table: str
    key: Mapping[str, Scalar]
    values: Mapping[str, Scalar] | None


class DocumentSnapshot(NamedTuple):
    """The merged state of a document as of a position of the node's own log."""

    subject: str
    position: int
    state: bytes


class CoveredJournal(NamedTuple):
    """A journal as a snapshot knows it: its certificate, its last entry there and the stamp of that."""

    certificate: Certificate
    head: Head
    stamp: Stamp


class EntryName(NamedTuple):
    """What later entries may need of an entry: the first bytes of its hash, by which it is named, and its stamp."""

    prefix: bytes
    stamp: Stamp


class CoveredEntry(NamedTuple):
    """Where an entry stands that a snapshot may stand for. `committed` is None while it is tentative."""

    position: int
    committed: int | None
    dot: Dot
    document: str


NOWHERE: Final[Mapping[Dot, int]] = MappingProxyType({})
"""The places of no entries."""
