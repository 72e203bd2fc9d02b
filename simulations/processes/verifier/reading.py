"""Opens what the processes of a run left behind: SQLite files with their logs, PostgreSQL, the property file."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, cast

import psycopg
from sqlcipher3 import dbapi2

from simulations.checkers.contents import RELAY, NodeContents, PropertyFacts, contents_of
from simulations.checkers.errors import NodeUnreadable
from simulations.processes.database_key import KEY_SUFFIX, unlock
from simulations.processes.verifier.record import RunRecord

_SQLITE_HEADER: Final = b"SQLite format 3\0"


def read_property(record: RunRecord) -> PropertyFacts:
    """The property's id, the root key that it trusts, its first business date. Raises NodeUnreadable."""
    path = record.property_file
    try:
        content = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        root_key = bytes.fromhex(content["root_key"])
        return PropertyFacts(str(content["property_id"]), root_key, record.opening_date)
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
        unlock(connection, path)

        def select(statement: str) -> list[Any]:
            return connection.execute(statement.replace("%s", "?"), (property_id,)).fetchall()

        return _filled(contents_of(name, select))


def read_postgresql(url: str, property_id: str) -> NodeContents:
    """What the relay left behind, in one snapshot. `url` as libpq reads it, or SQLAlchemy. Raises NodeUnreadable."""
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True

            def select(statement: str) -> list[Any]:
                return connection.execute(statement.encode(), (property_id,)).fetchall()

            return _filled(contents_of(RELAY, select))
    except psycopg.Error as error:
        raise NodeUnreadable(f"{RELAY}: PostgreSQL cannot be read: {type(error).__name__}: {error}") from error


@contextmanager
def _readable(name: str, path: Path) -> Iterator[Path]:
    """A copy of a database file that may be opened: opening folds the log of a killed process into the file."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER and not Path(f"{path}{KEY_SUFFIX}").exists():
                raise NodeUnreadable(f"{name}: {path} is empty, encrypted without a key beside it, or no SQLite file")
        with tempfile.TemporaryDirectory(prefix="verifier-") as folder:
            copy = Path(folder) / "copy.sqlite"
            shutil.copyfile(path, copy)
            for suffix in ("-wal", "-journal"):
                beside = Path(f"{path}{suffix}")
                if beside.exists():
                    shutil.copyfile(beside, f"{copy}{suffix}")
            yield copy
    except (OSError, ValueError, dbapi2.Error) as error:
        raise NodeUnreadable(f"{name}: {path} cannot be read: {type(error).__name__}: {error}") from error


def _filled(contents: NodeContents) -> NodeContents:
    if not contents.entries:
        # A wrong file or a wrong property must not pass for a node on which nothing is wrong.
        raise NodeUnreadable(f"{contents.name} holds no entry of the property")
    return contents
