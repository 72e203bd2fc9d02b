"""The store of a relay: PostgreSQL, whose row lock on the property's counter is the only arbiter of the committed order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout
from sqlalchemy import Dialect, create_engine, make_url
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.exc import ArgumentError, OperationalError

from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreFailing, StoreFull, StoreUnavailable
from crdt_pms.store.migrate import upgrade
from crdt_pms.store.sql_transaction import SqlTransaction, Statements
from crdt_pms.store.statements import Reader

CONNECTION: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A database host that vanished is noticed within about ten seconds (libpq; seconds, the last in milliseconds)."""
CONNECTING_SECONDS_MAX: Final = 2.0
"""How long a transaction that only reads waits for a connection, where none is idle."""
AWAY_SECONDS: Final = 1.0
"""After a connection did not come, so long nothing waits for one: what sessions can do without the database goes on."""
_DIALECT: Final[Dialect] = psycopg_dialect.dialect()


class PostgresqlStore:
    """One property's store in a database that many may use. Each thread needs a store of its own.

    A lost connection is opened anew by the next transaction.
    """

    def __init__(self, conninfo: str, property_id: str) -> None:
        """Use `open_postgresql`."""
        self._conninfo = conninfo
        self._property = property_id
        self._statements = Statements(_DIALECT)
        self._connection: psycopg.Connection[Any] | None = None

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[SqlTransaction]:
        """See `crdt_pms.ports.store.Store`."""
        connection = self._connected()
        try:
            with connection.cursor() as cursor:
                if not durable:
                    cursor.execute("SET LOCAL synchronous_commit TO off")
                yield SqlTransaction(cursor, self._statements, self._property, commits=True)
        except psycopg.Error as error:
            self._give_up(connection)
            raise _told(error) from error
        except BaseException:
            self._give_up(connection)
            raise
        try:
            connection.commit()
        except psycopg.OperationalError as error:
            self._drop(connection)
            raise CommitOutcomeUnknown(f"PostgreSQL went away while committing: {error}") from error
        except psycopg.Error as error:
            self._give_up(connection)
            raise _told(error) from error

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._drop(self._connection)

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = psycopg.connect(self._conninfo)
            except psycopg.Error as error:
                raise _told(error) from error
        return self._connection

    def _give_up(self, connection: psycopg.Connection[Any]) -> None:
        try:
            connection.rollback()
        except psycopg.Error:
            self._drop(connection)

    def _drop(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = None
        connection.close()


class PostgresqlReading:
    """One property's store for reading, on any number of threads; connections are kept for the next transaction.

    A lost connection is replaced behind the scenes.
    """

    def __init__(self, conninfo: str, property_id: str, connections_max: int) -> None:
        """Use `open_reading`."""
        self._property = property_id
        self._statements = Statements(_DIALECT)
        self._away_until = 0.0
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            conninfo, min_size=0, max_size=connections_max, timeout=CONNECTING_SECONDS_MAX,
            reconnect_timeout=CONNECTING_SECONDS_MAX, num_workers=1, configure=_only_read, open=True, name="reading",
        )  # fmt: skip

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[SqlTransaction]:
        """See `crdt_pms.ports.store.Store`. Writing raises."""
        with self._asking() as cursor:
            yield SqlTransaction(cursor, self._statements, self._property, commits=True)

    @contextmanager
    def _asking(self) -> Iterator[psycopg.Cursor[Any]]:
        if monotonic() < self._away_until:
            raise StoreUnavailable("PostgreSQL did not answer a moment ago; it is tried again.")
        try:
            with self._pool.connection() as connection, connection.cursor() as cursor:
                yield cursor
        except PoolTimeout as error:
            self._away_until = monotonic() + AWAY_SECONDS
            raise _told(error) from error
        except psycopg.Error as error:
            raise _told(error) from error

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """See `crdt_pms.reading.reading.Readable`."""
        with self._asking() as cursor:
            yield Reader(cursor, self._property, _DIALECT)

    def close(self) -> None:
        """Close every connection as soon as its transaction is over."""
        self._pool.close()


def _only_read(connection: psycopg.Connection[Any]) -> None:
    connection.read_only = True
    # All answers of one transaction are of one moment.
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ


def open_reading(url: str, property_id: str, connections_max: int) -> PostgresqlReading:
    """A store for reading on a database whose tables are up to date; it connects when it is first asked.

    `url` is a SQLAlchemy or libpq address. Raises StoreUnavailable when it is none.
    """
    return PostgresqlReading(conninfo_of(url), property_id, connections_max)


def open_postgresql(url: str, property_id: str) -> PostgresqlStore:
    """Bring the tables of the database up to date and give a store on it.

    `url` is a SQLAlchemy or libpq address. Raises StoreUnavailable or StoreNewer.
    """
    conninfo = conninfo_of(url)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo))
    try:
        upgrade(engine)
    except (OperationalError, psycopg.OperationalError) as error:
        cause = error.orig if isinstance(error, OperationalError) else error
        raise _unreachable(url, cause) from error
    finally:
        engine.dispose()
    return PostgresqlStore(conninfo, property_id)


def conninfo_of(url: str) -> str:
    """That address (SQLAlchemy's or libpq's) for libpq, with what lets it notice a vanished host. Raises StoreUnavailable."""
    return make_conninfo(libpq_url(url), **CONNECTION)


def libpq_url(url: str) -> str:
    """The address without SQLAlchemy's driver name, as libpq reads it. StoreUnavailable when it is no address."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreUnavailable(
            "the database URL cannot be read. Write postgresql://user:password@host:port/name"
        ) from error
    if parsed.get_backend_name() != "postgresql":
        raise StoreUnavailable("the relay's database is PostgreSQL. Write postgresql://user:password@host:port/name")
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def _unreachable(url: str, cause: BaseException | None) -> StoreUnavailable:
    place = make_url(url).render_as_string(hide_password=True)
    return StoreUnavailable(
        f"PostgreSQL at {place} does not answer: {str(cause).strip()} Start it, or correct the database URL."
    )


def _told(error: psycopg.Error) -> Exception:
    if isinstance(error, psycopg.errors.DiskFull):
        return StoreFull(f"PostgreSQL has no room: {error}. Nothing was saved. Make room on its disk.")
    if isinstance(error, psycopg.errors.IoError):
        return StoreFailing(
            f"PostgreSQL's disk reports an error: {error}. Nothing was saved. "
            "Check the disk, and replace it when it happens again."
        )
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreUnavailable(
            f"PostgreSQL does not answer: {str(error).strip()}. Nothing was saved; it is tried again."
        )
    return error
