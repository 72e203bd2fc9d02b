"""The store of a terminal: one SQLite file that this process alone has open.

Opened here and nowhere else: sqlcipher3 (the same SQLite on every Python, encryption at rest), write-ahead log, and
`synchronous=FULL`, so that what was committed survives a power loss.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Dialect, Engine, StaticPool, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlcipher3 import dbapi2

from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.store.file_key import KEY_AND_SALT_BYTES, KEY_BYTES, SALT_BYTES
from crdt_pms.store.migrate import HEAD, VERSION_QUERY, upgrade
from crdt_pms.store.sql_transaction import SqlTransaction, Statements
from crdt_pms.store.sqlite_errors import store_error, told, told_of_folder
from crdt_pms.store.sqlite_file import folder_to_oneself, made_aside, stands_at
from crdt_pms.store.statements import Reader

_ENCRYPTED: Final = ".encrypted"
_DIALECT: Final[Dialect] = sqlite.dialect(paramstyle="qmark")


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
        """See `crdt_pms.ports.store.Store`."""
        cursor = self._connection.cursor()
        with told(self._path):
            if durable is not self._is_durable:
                cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._is_durable = durable
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield SqlTransaction(cursor, self._statements, self._property, commits=False)
                cursor.execute("COMMIT")
            except BaseException as error:
                # SQLite may have rolled back by itself, as on a full disk.
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                if isinstance(error, MemoryError):
                    self._require_undamaged()
                raise
            finally:
                cursor.close()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """See `crdt_pms.reading.reading.Readable`."""
        cursor = self._connection.cursor()
        with told(self._path):
            cursor.execute("BEGIN")
            try:
                yield Reader(cursor, self._property, _DIALECT)
            except MemoryError:
                self._require_undamaged()
                raise
            finally:
                cursor.close()
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _require_undamaged(self) -> None:
        """StoreCorrupt when pages of an encrypted file do not fit their codes: SQLCipher then claims to be out of memory."""
        damage = self._connection.execute("PRAGMA cipher_integrity_check").fetchall()
        if damage:
            raise store_error(StoreCorrupt, self._path, str(damage[0][0]))

    def require_sound(self) -> None:
        """Read everything: StoreCorrupt unless each page, row and index is in order. Takes as long as the file is large."""
        with told(self._path):
            self._require_undamaged()
            found = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found[0] != "ok":
            raise store_error(StoreCorrupt, self._path, str(found[0]))

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        self._connection.close()


def open_sqlite(path: Path, property_id: str, key: bytes | None = None) -> SqliteStore:
    """Open the file, bring its tables up to date, and keep others out of it. A new one is made where there is none.

    What stands at the path and is no whole database is never taken for a new one: StoreCorrupt. `key` (32 bytes, and the 16 of
    the salt with which the file begins) encrypts the file at rest. Raises also StoreNewer, StoreUnavailable, StoreFull or
    StoreFailing.
    """
    if key is not None and len(key) != KEY_AND_SALT_BYTES:
        raise ValueError(f"a database key has {KEY_AND_SALT_BYTES} bytes with its salt")
    with told(path), told_of_folder(path):
        if not stands_at(path):
            with made_aside(path) as new:
                _make(new, key)
        elif key is not None:
            _require_salt(path, key)
        connection = _connect(path, key)
        try:
            version = _version_of(connection)
            if version is None:
                raise store_error(StoreCorrupt, path, "it does not say which version of our tables it has")
            _claim(connection)
            if version != HEAD:
                upgrade(_engine_of(connection))
            return SqliteStore(connection, path, property_id)
        except BaseException:
            connection.close()
            raise


@contextmanager
def looking_at_sqlite(path: Path, property_id: str, key: bytes | None = None) -> Iterator[SqlTransaction | None]:
    """Read a database whose process was killed, and its log, without changing either; None when its tables are not of now.

    Opening for writing and closing again folds the log into the database and removes it, and what is damaged in it with it.
    Raises what `open_sqlite` raises for a file that cannot be read.
    """
    with (
        told(path),
        closing(dbapi2.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection,
    ):
        if key is not None:
            connection.execute(_key_pragma(key))
        if _version_of(connection) != HEAD:
            yield None
        else:
            yield SqlTransaction(connection.cursor(), _statements(), property_id, commits=False)


def encrypt(path: Path, key: bytes) -> None:
    """Encrypt a database that is not: a copy with all that it holds takes its place, whole and synced. No process has it open.

    What the former file held stays on the disk's free blocks until they are written again. Raises what `open_sqlite` raises.
    """
    new = path.with_name(f"{path.name}{_ENCRYPTED}")
    with told(path), told_of_folder(path), folder_to_oneself(path.parent) as folder:
        new.unlink(missing_ok=True)
        with closing(_connect(path, None)) as connection:
            _claim(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f'ATTACH DATABASE ? AS encrypted KEY "{_key_text(key)}"', (str(new),))
            connection.execute("SELECT sqlcipher_export('encrypted')")
            connection.execute("PRAGMA encrypted.journal_mode = WAL")
            connection.execute("DETACH DATABASE encrypted")
        with new.open("rb") as made:
            os.fsync(made.fileno())
        new.replace(path)
        os.fsync(folder)


def _require_salt(path: Path, key: bytes) -> None:
    with path.open("rb") as file:
        if file.read(SALT_BYTES) != key[KEY_BYTES:]:
            raise store_error(
                StoreCorrupt, path, "the key beside it is another database's, or its beginning is damaged"
            )


def _make(path: Path, key: bytes | None) -> None:
    """A new database with all its tables, whole in its one file."""
    with closing(_connect(path, key)) as connection:
        _claim(connection)
        upgrade(_engine_of(connection))
        # Closing does that too, but would not say that it failed.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@cache
def _statements() -> Statements:
    # Compiling takes longer than opening the file, and the statements are the same for all.
    return Statements(_DIALECT)


def _version_of(connection: dbapi2.Connection) -> str | None:
    """The revision of the tables; None when the database does not say."""
    # Asked without SQLAlchemy, whose engine and inspection cost more than everything else that opening does.
    try:
        row = connection.execute(VERSION_QUERY).fetchone()
    except dbapi2.Error as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_ERROR":
            raise
        return None  # There is no such table.
    return None if row is None else str(row[0])


def _connect(path: Path, key: bytes | None) -> dbapi2.Connection:
    """Open the file without changing anything in it."""
    connection: dbapi2.Connection = dbapi2.connect(str(path), isolation_level=None, timeout=1.0)
    try:
        if key is not None:
            connection.execute(_key_pragma(key))
        # One process owns the file: its replica keeps in memory what the file says.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _key_pragma(key: bytes) -> str:
    return f'PRAGMA key = "{_key_text(key)}"'


def _key_text(key: bytes) -> str:
    return f"x'{key.hex()}'"


def _claim(connection: dbapi2.Connection) -> None:
    """Turn on the write-ahead log, and keep all other processes out from now on."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")


def _engine_of(connection: dbapi2.Connection) -> Engine:
    def the_one_connection() -> Any:
        return connection

    engine = create_engine("sqlite://", module=dbapi2, creator=the_one_connection, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _begin(begun: Any) -> None:  # pyright: ignore[reportUnusedFunction] - the listener keeps it
        # The driver begins no transaction before DDL, and half a migration must not stay.
        begun.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
