"""Reads what a node left behind: its log, its journals, its quarantine and its readable tables."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import psycopg
from sqlcipher3 import dbapi2

from simulations.processes.verifier.errors import NodeUnreadable
from simulations.processes.verifier.record import RELAY, RunRecord
from simulations.processes.verifier.tables import READABLE, TRUTH_COLUMNS, Cell, Rows
from simulations.processes.verifier.violation import Dot

_SQLITE_HEADER: Final = b"SQLite format 3\0"
_ENTRIES: Final = (
    "SELECT position, journal, seq, kind, subject, author, stamp_ms, stamp_counter, header, payload, signature, hash,"
    " committed FROM entry WHERE property_id = %s ORDER BY position, journal, seq"
)
_JOURNALS: Final = (
    "SELECT journal, device_id, certificate, certificate_signature, head_seq, head_hash FROM journal"
    " WHERE property_id = %s"
)
_QUARANTINE: Final = "SELECT journal, seq, reason FROM quarantine WHERE property_id = %s"

Select = Callable[[str], list[Any]]
"""Runs a SELECT that has one parameter, the property."""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """One row of a node's log, as it is stored."""

    position: int
    dot: Dot
    kind: int
    subject: str
    author: str
    stamp: tuple[int, int]
    header: bytes
    payload: bytes
    signature: bytes
    hash: bytes
    committed: int | None


@dataclass(frozen=True, slots=True)
class HeldJournal:
    """One row of a node's known journals, as it is stored."""

    journal: bytes
    device_id: str
    certificate: bytes
    signature: bytes
    head_seq: int
    head_hash: bytes


@dataclass(frozen=True, slots=True)
class NodeContents:
    """Everything that a node left behind. `entries` are in the order of the node's own log."""

    name: str
    entries: Sequence[HeldEntry]
    journals: Mapping[bytes, HeldJournal]
    quarantine: Mapping[Dot, str]
    tables: Mapping[str, Rows]

    @property
    def is_relay(self) -> bool:
        """Whether this is PostgreSQL."""
        return self.name == RELAY


@dataclass(frozen=True, slots=True)
class PropertyFacts:
    """What of the property file the judge uses."""

    property_id: str
    device_keys: frozenset[bytes]
    opening_date: str


def read_property(path: Path) -> PropertyFacts:
    """The property's id, the devices it trusts, its first business date. Raises NodeUnreadable."""
    try:
        content = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        keys = frozenset(bytes.fromhex(device["public_key"]) for device in content.get("devices", ()))
        return PropertyFacts(str(content["property_id"]), keys, str(content["opening_date"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NodeUnreadable(f"{path} is no property file: {type(error).__name__}: {error}") from error


def read_nodes(record: RunRecord, property_id: str) -> list[NodeContents]:
    """Every node of the run, the relay first. Raises NodeUnreadable."""
    if RELAY in record.terminals:
        raise NodeUnreadable(f"a terminal cannot be called {RELAY!r}: that is PostgreSQL")
    relay = read_postgresql(record.database_url, property_id)
    return [relay, *(read_sqlite(name, path, property_id) for name, path in sorted(record.terminals.items()))]


def read_sqlite(name: str, path: Path, property_id: str) -> NodeContents:
    """What a terminal left behind in its file and the write-ahead log beside it. Raises NodeUnreadable."""
    with _readable(name, path) as copy, closing(dbapi2.connect(str(copy))) as connection:

        def select(statement: str) -> list[Any]:
            return connection.execute(statement.replace("%s", "?"), (property_id,)).fetchall()

        return _read(name, select)


def read_postgresql(url: str, property_id: str) -> NodeContents:
    """What the relay left behind, in one snapshot. `url` as libpq reads it, or SQLAlchemy. Raises NodeUnreadable."""
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True

            def select(statement: str) -> list[Any]:
                return connection.execute(statement.encode(), (property_id,)).fetchall()

            return _read(RELAY, select)
    except psycopg.Error as error:
        raise NodeUnreadable(f"{RELAY}: PostgreSQL cannot be read: {type(error).__name__}: {error}") from error


@contextmanager
def _readable(name: str, path: Path) -> Iterator[Path]:
    """A copy of a database file that may be opened: opening folds the log of a killed process into the file."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
                raise NodeUnreadable(f"{name}: {path} is empty, encrypted, or no SQLite file")
        with tempfile.TemporaryDirectory(prefix="verifier-") as folder:
            copy = Path(folder) / "copy.sqlite"
            shutil.copyfile(path, copy)
            for suffix in ("-wal", "-journal"):
                beside = Path(f"{path}{suffix}")
                if beside.exists():
                    shutil.copyfile(beside, f"{copy}{suffix}")
            yield copy
    except (OSError, dbapi2.Error) as error:
        raise NodeUnreadable(f"{name}: {path} cannot be read: {type(error).__name__}: {error}") from error


def _read(name: str, select: Select) -> NodeContents:
    try:
        entries = [_entry(row) for row in select(_ENTRIES)]
        journals = {held.journal: held for held in map(_journal, select(_JOURNALS))}
        quarantine = {Dot(bytes(journal), seq): str(reason) for journal, seq, reason in select(_QUARANTINE)}
        tables = {table: _rows(table, select) for table in READABLE}
    except (TypeError, ValueError, IndexError) as error:
        raise NodeUnreadable(f"{name}: a row is not of the expected shape: {error}") from error
    if not entries:
        # A wrong file or a wrong property must not pass for a node on which nothing is wrong.
        raise NodeUnreadable(f"{name} holds no entry of the property")
    return NodeContents(name, entries, journals, quarantine, tables)


def _entry(row: Sequence[Any]) -> HeldEntry:
    position, journal, seq, kind, subject, author, milliseconds, counter, header, payload, signature, digest, at = row
    return HeldEntry(
        position,
        Dot(bytes(journal), seq),
        kind,
        subject,
        author,
        (milliseconds, counter),
        bytes(header),
        bytes(payload),
        bytes(signature),
        bytes(digest),
        at,
    )


def _journal(row: Sequence[Any]) -> HeldJournal:
    journal, device, certificate, signature, head_seq, head_hash = row
    return HeldJournal(bytes(journal), device, bytes(certificate), bytes(signature), head_seq, bytes(head_hash))


def _rows(table: str, select: Select) -> Rows:
    columns = READABLE[table]
    found = select(f"SELECT {', '.join(columns)} FROM {table} WHERE property_id = %s ORDER BY {columns[0]}")
    return {str(row[0]): {name: _cell(name, value) for name, value in zip(columns, row, strict=True)} for row in found}


def _cell(column: str, value: Any) -> Cell:
    return bool(value) if column in TRUTH_COLUMNS and value in (0, 1) else value
