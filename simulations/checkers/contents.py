"""What a node left behind: its log, its journals, its quarantine and its readable tables, whatever database held them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulations.checkers.errors import NodeUnreadable
from simulations.checkers.tables import ALERT, KEY_COLUMNS, READABLE, TRUTH_COLUMNS, Cell, Rows, fingerprint
from simulations.checkers.violation import Dot
from simulations.checkers.wire import parts_of

RELAY: Final = "relay"
"""The name of the node that commits, where there is one. No terminal may have it."""

_ENTRIES: Final = (
    "SELECT position, journal, seq, kind, document, author, stamp_ms, stamp_counter, header, parts, signature, hash,"
    " committed FROM entry WHERE property_id = %s ORDER BY position, journal, seq"
)
_JOURNALS: Final = (
    "SELECT journal, device_id, certificate, certificate_signature, head_seq, head_hash, covered_seq FROM journal"
    " WHERE property_id = %s"
)
_HELD: Final = "SELECT journal, seq, reason FROM held WHERE property_id = %s"
_QUARANTINE: Final = "SELECT journal, seq, reason FROM quarantine WHERE property_id = %s"

Select = Callable[[str], list[Any]]
"""Runs a SELECT that has one parameter, the property, written as %s; gives the rows in order."""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """One row of a node's log, as it is stored."""

    position: int
    dot: Dot
    kind: int
    document: str
    author: str
    stamp: tuple[int, int]
    header: bytes
    parts: tuple[bytes | None, ...]
    signature: bytes
    hash: bytes
    committed: int | None

    @property
    def signed_parts(self) -> tuple[object, ...]:
        """Everything of the row that is the same on every node that holds the entry."""
        return (
            self.dot, self.kind, self.document, self.author, self.stamp, self.header, self.parts, self.signature, self.hash
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeldJournal:
    """One row of a node's known journals, as it is stored."""

    journal: bytes
    device_id: str
    certificate: bytes
    signature: bytes
    head_seq: int
    head_hash: bytes
    covered_seq: int = 0
    """Entries up to this number may be absent from the log: a snapshot stands for them."""


@dataclass(frozen=True, slots=True)
class NodeContents:
    """Everything that a node left behind. `entries` are in the order of the node's own log.

    `pruned` are those of them that its log lacks because a snapshot stands for them: see `simulations.checkers.pruned`.
    """

    name: str
    entries: Sequence[HeldEntry]
    journals: Mapping[bytes, HeldJournal]
    quarantine: Mapping[Dot, str]
    tables: Mapping[str, Rows]
    held: Mapping[Dot, str] = field(default_factory=dict[Dot, str])
    pruned: frozenset[Dot] = frozenset()

    @property
    def is_relay(self) -> bool:
        """Whether this is the node that commits."""
        return self.name == RELAY


@dataclass(frozen=True, slots=True)
class PropertyFacts:
    """What of the property file the judge uses."""

    property_id: str
    root_key: bytes
    opening_date: str


def contents_of(name: str, select: Select) -> NodeContents:
    """What a node's database holds of the property, which may be nothing. Raises NodeUnreadable for rows of another shape."""
    try:
        entries = [_entry(row) for row in select(_ENTRIES)]
        journals = {held.journal: held for held in map(_journal, select(_JOURNALS))}
        quarantine = {Dot(bytes(journal), seq): str(reason) for journal, seq, reason in select(_QUARANTINE)}
        held = {Dot(bytes(journal), seq): str(reason) for journal, seq, reason in select(_HELD)}
        tables = _tables(select)
    except (TypeError, ValueError, IndexError) as error:
        raise NodeUnreadable(f"{name}: a row is not of the expected shape: {error}") from error
    return NodeContents(name, entries, journals, quarantine, tables, held)


def digest_of_rows(select: Select) -> bytes:
    """A digest of every readable row of a database but the alerts, which are brought up to date now and then only."""
    return hashlib.sha256(fingerprint({**_tables(select), ALERT: {}}).encode()).digest()


def _tables(select: Select) -> dict[str, Rows]:
    return {table: _rows(table, select) for table in READABLE}


def _entry(row: Sequence[Any]) -> HeldEntry:
    position, journal, seq, kind, document, author, milliseconds, counter, header, parts, signature, digest, at = row
    return HeldEntry(
        position,
        Dot(bytes(journal), seq),
        kind,
        document,
        author,
        (milliseconds, counter),
        bytes(header),
        parts_of(bytes(parts)),
        bytes(signature),
        bytes(digest),
        at,
    )


def _journal(row: Sequence[Any]) -> HeldJournal:
    journal, device, certificate, signature, head_seq, head_hash, covered = row
    key, head = (bytes(journal), device, bytes(certificate), bytes(signature)), (head_seq, bytes(head_hash))
    return HeldJournal(*key, *head, covered)


def _rows(table: str, select: Select) -> Rows:
    columns = READABLE[table]
    order = ", ".join(columns[: KEY_COLUMNS.get(table, 1)])
    found = select(f"SELECT {', '.join(columns)} FROM {table} WHERE property_id = %s ORDER BY {order}")
    keys = KEY_COLUMNS.get(table, 1)
    return {
        " ".join(map(str, row[:keys])): {name: _cell(name, value) for name, value in zip(columns, row, strict=True)}
        for row in found
    }


def _cell(column: str, value: Any) -> Cell:
    return bool(value) if column in TRUTH_COLUMNS and value in (0, 1) else value
