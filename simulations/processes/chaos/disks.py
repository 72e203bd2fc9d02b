"""The disks of a running hotel as its operator handles them: copied, put back, and read without touching them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlcipher3 import dbapi2

from simulations.checkers.violation import Dot
from simulations.processes.chaos.weaving import DiskLog, Vector
from simulations.processes.database_key import unlock

_BESIDE: Final = ("", "-wal", "-journal", ".witness", ".key")
"""The files of one terminal's database. What else lies beside it is made anew."""
_LOG: Final = "SELECT journal, seq FROM entry WHERE property_id = {} ORDER BY position"
_GENERATION: Final = "SELECT value FROM node_state WHERE property_id = %s AND key = 'generation'"
_END_CONNECTIONS_MS: Final = 5_000


@dataclass
class TerminalDisk:
    """The database file of a terminal. Nobody may write to it meanwhile: the process has ended or stands still."""

    path: Path
    property_id: str
    replaced: list[Path] = field(default_factory=list[Path])
    """The files that were replaced by older copies, in order."""

    @property
    def wal_bytes(self) -> int:
        """How large its write-ahead log is now; 0 for none."""
        wal = Path(f"{self.path}-wal")
        return wal.stat().st_size if wal.exists() else 0

    def back_up(self, name: str) -> Path:
        """Copy it as it is, what was not folded into the file yet included."""
        copy = self._beside(name)
        _copy(self.path, copy)
        return copy

    def put_back(self, backup: Path) -> None:
        """Put a backup in its place; what was there is kept aside."""
        aside = self._beside(f"replaced-{len(self.replaced) + 1}")
        for suffix in _BESIDE:
            if (present := Path(f"{self.path}{suffix}")).exists():
                present.rename(f"{aside}{suffix}")
        self.replaced.append(aside)
        _copy(backup, self.path)

    def vector(self) -> Vector:
        """The last entry of each journal that it holds."""
        return vector_of(log_of(self.path, self.property_id))

    def logs(self) -> list[DiskLog]:
        """What the replaced files and the present one hold."""
        return [DiskLog(log_of(path, self.property_id)) for path in (*self.replaced, self.path)]

    def _beside(self, name: str) -> Path:
        return self.path.with_name(f"{self.path.stem}.{name}{self.path.suffix}")


@dataclass
class RelayDatabase:
    """The relay's database on a PostgreSQL server of ours. Everything raises psycopg.Error while that does not answer."""

    url: str
    """As libpq reads it."""
    property_id: str
    replaced: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """The databases that were replaced, in order, and through which position terminals knew their order."""
    _backups: int = 0
    _inherited_generation: bytes = b""

    @property
    def name(self) -> str:
        """What the database is called."""
        return self.url.rpartition("/")[2]

    def back_up(self) -> str:
        """Copy it as it is; connections to it are ended for that. Returns the name of the copy."""
        self._backups += 1
        copy = f"{self.name}_backup_{self._backups}"
        with self._administration() as connection:
            try:
                self._take_down(connection)
                _run(connection, "CREATE DATABASE {} TEMPLATE {}", copy, self.name)
            finally:
                _run(connection, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", self.name)
        return copy

    def put_back(self, backup: str, announced_through: int) -> None:
        """Put a backup in its place under whoever uses it; what was there is kept under another name."""
        aside = f"{self.name}_replaced_{len(self.replaced) + 1}"
        with self._administration() as connection:
            self._take_down(connection)
            _run(connection, "ALTER DATABASE {} RENAME TO {}", self.name, aside)
            _run(connection, "ALTER DATABASE {} RENAME TO {}", backup, self.name)
            _run(connection, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", aside)
        self.replaced.append((aside, announced_through))
        self._inherited_generation = self.generation()

    def vector(self, name: str | None = None) -> Vector:
        """The last entry of each journal that it holds; of the database `name` on the same server, where given."""
        return vector_of(self._log(name or self.name).dots)

    def generation(self) -> bytes:
        """Its generation; empty before it has one."""
        return self._log(self.name).generation

    def announced_through(self, heard_through: Callable[[bytes], int]) -> int:
        """Up to which position terminals certainly know its order. `heard_through` says up to where they know a generation.

        A database that still has the generation of the backup it came from has a namesake: whoever knows that generation may
        know the order of the one it replaced.
        """
        generation = self.generation()
        return 0 if generation == self._inherited_generation else heard_through(generation)

    def logs(self, announced_through: int) -> list[DiskLog]:
        """What the replaced databases and the present one hold."""
        return [self._log(name, through) for name, through in [*self.replaced, (self.name, announced_through)]]

    def _log(self, name: str, announced_through: int = 0) -> DiskLog:
        with psycopg.connect(self._address(name), connect_timeout=5) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            rows = connection.execute(_LOG.format("%s").encode(), (self.property_id,)).fetchall()
            found = connection.execute(_GENERATION, (self.property_id,)).fetchone()
        dots = [Dot(bytes(journal), seq) for journal, seq in rows]
        return DiskLog(dots, bytes(found[0]) if found else b"", announced_through)

    def _take_down(self, connection: psycopg.Connection[Any]) -> None:
        _run(connection, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", self.name)
        connection.execute(
            "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = %s",
            (_END_CONNECTIONS_MS, self.name),
        )

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self._address("postgres"), autocommit=True, connect_timeout=5) as connection:
            yield connection

    def _address(self, name: str) -> str:
        return f"{self.url.rpartition('/')[0]}/{name}"


def create_database(server_url: str, name: str) -> str:
    """Create an empty database on a server whose address (libpq) names any database. Returns the new one's address."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        _run(connection, "CREATE DATABASE {}", name)
    return f"{server_url.rpartition('/')[0]}/{name}"


def log_of(path: Path, property_id: str) -> list[Dot]:
    """What a terminal's file holds, in its order. Read from a copy: opening folds the log of a killed process into it."""
    with tempfile.TemporaryDirectory(prefix="reading-", dir=path.parent) as folder:
        copy = Path(folder) / "copy.sqlite"
        _copy(path, copy)
        with closing(dbapi2.connect(str(copy))) as connection:
            unlock(connection, copy)
            rows: list[tuple[bytes, int]] = connection.execute(_LOG.format("?"), (property_id,)).fetchall()
    return [Dot(bytes(journal), seq) for journal, seq in rows]


def vector_of(dots: Sequence[Dot]) -> Vector:
    """The last entry of each journal."""
    vector: dict[bytes, int] = {}
    for journal, seq in dots:
        vector[journal] = max(seq, vector.get(journal, 0))
    return vector


def _copy(source: Path, target: Path) -> None:
    for suffix in _BESIDE:
        beside = Path(f"{source}{suffix}")
        if beside.exists():
            shutil.copyfile(beside, f"{target}{suffix}")


def _run(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pyright: ignore[reportArgumentType]
