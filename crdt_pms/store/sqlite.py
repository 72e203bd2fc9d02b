"""The store of a terminal: one SQLite file that this process alone has open.

Opened here and nowhere else: sqlcipher3 (the same SQLite on every Python, encryption at rest), write-ahead log, and
`synchronous=FULL`, so that what was committed survives a power loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Dialect, Engine, StaticPool, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from crdt_pms.replica.port import StoreCorrupt, StoreError, StoreFull, StoreUnavailable
from crdt_pms.store.migrate import HEAD, VERSION_QUERY, upgrade
from crdt_pms.store.sql_transaction import SqlTransaction, Statements

KEY_BYTES: Final = 32
_DIALECT: Final[Dialect] = sqlite.dialect(paramstyle="qmark")
_KINDS: Final[dict[str, type[StoreError]]] = {
    "SQLITE_NOTADB": StoreCorrupt,
    "SQLITE_CORRUPT": StoreCorrupt,
    "SQLITE_FULL": StoreFull,
    "SQLITE_READONLY": StoreFull,
    "SQLITE_IOERR": StoreFull,
    "SQLITE_CANTOPEN": StoreUnavailable,
    "SQLITE_BUSY": StoreUnavailable,
    "SQLITE_LOCKED": StoreUnavailable,
    "SQLITE_PERM": StoreUnavailable,
}
_REMEDIES: Final[dict[type[StoreError], str]] = {
    StoreCorrupt: "Keep the file as it is, move it aside, and start again: what others hold comes back from them.",
    StoreFull: "Nothing was saved. Make room on the disk, or make it writable, and repeat the action.",
    StoreUnavailable: "Close the other program that has it open, or correct the path and its permissions.",
}


class SqliteStore:
    """One property's store in one file. It lives on the thread that opened it."""

    def __init__(self, connection: dbapi2.Connection, path: Path, property_id: str) -> None:
        """Use `open_sqlite`."""
        self._connection = connection
        self._path = path
        self._property = property_id
        self._statements = _statements()
        self._is_durable = True

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[SqlTransaction]:
        """See `crdt_pms.replica.port.Store`."""
        cursor = self._connection.cursor()
        with told(self._path):
            if durable is not self._is_durable:
                cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._is_durable = durable
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield SqlTransaction(cursor, self._statements, self._property, commits=False)
                cursor.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself, as on a full disk.
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._connection.close()


def open_sqlite(path: Path, property_id: str, key: bytes | None = None) -> SqliteStore:
    """Open or create the file, bring its tables up to date, and keep others out of it.

    `key` (32 bytes) encrypts the file at rest. Raises StoreCorrupt, StoreNewer, StoreUnavailable or StoreFull.
    """
    if key is not None and len(key) != KEY_BYTES:
        raise ValueError(f"a database key has {KEY_BYTES} bytes")
    with told(path):
        connection = _connect(path, key)
        try:
            if not _is_up_to_date(connection):
                upgrade(_engine_of(connection))
            return SqliteStore(connection, path, property_id)
        except BaseException:
            connection.close()
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the driver's errors into the port's, naming the file and what to do."""
    try:
        yield
    except (dbapi2.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error  # A migration goes through SQLAlchemy.
        name = str(getattr(cause, "sqlite_errorname", ""))
        kind = next((kind for prefix, kind in _KINDS.items() if name.startswith(prefix)), None)
        if kind is None:
            raise
        raise kind(f"{path}: {cause}. {_REMEDIES[kind]}") from error


@cache
def _statements() -> Statements:
    # Compiling takes longer than opening the file, and the statements are the same for all.
    return Statements(_DIALECT)


def _is_up_to_date(connection: dbapi2.Connection) -> bool:
    # Asked without SQLAlchemy, whose engine and inspection cost more than everything else that opening does.
    try:
        return connection.execute(VERSION_QUERY).fetchone() == (HEAD,)
    except dbapi2.Error as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_ERROR":
            raise
        return False  # No such table: an empty file, or one that only the migration can judge.


def _connect(path: Path, key: bytes | None) -> dbapi2.Connection:
    connection: dbapi2.Connection = dbapi2.connect(str(path), isolation_level=None, timeout=1.0)
    try:
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        # One process owns the file: its replica keeps in memory what the file says.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _engine_of(connection: dbapi2.Connection) -> Engine:
    def the_one_connection() -> Any:
        return connection

    engine = create_engine("sqlite://", module=dbapi2, creator=the_one_connection, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _begin(begun: Any) -> None:  # pyright: ignore[reportUnusedFunction] - the listener keeps it
        # The driver begins no transaction before DDL, and half a migration must not stay.
        begun.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
