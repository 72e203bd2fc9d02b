"""The real SQLite store as a process sees it, with the faults of its disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from sqlcipher3 import dbapi2

from crdt_pms.ports.errors import StoreFull
from crdt_pms.ports.store import Transaction
from crdt_pms.store.sqlite import SqliteStore
from crdt_pms.store.sqlite_errors import told
from crdt_pms.store.statements import Reader
from crdt_pms.store.witnessed import WitnessedStore
from simulations.world.disk_faults import Crash, DiskFaults, Effect, Fault
from simulations.world.write_ahead_log import SyncedLog, extent_of

_PAGES_MAX: Final = 4_294_967_294
"""The limit that SQLite starts with."""


class FaultyStore:
    """See `crdt_pms.ports.store.Store`. It belongs to one run of one process, and ends with it.

    After a crash, whatever the unwinding code still asks of it is that crash again. Once it was closed or its process was
    killed, using it is a mistake of the simulation: RuntimeError.
    """

    def __init__(self, real: SqliteStore | WitnessedStore, path: Path, faults: DiskFaults, log: SyncedLog) -> None:
        """Made by `Disk.open`. `log` is told of every commit."""
        self._real = real
        self._path = path
        self._faults = faults
        self._log = log
        self._crash: Crash | None = None
        self._is_open = True
        self._is_in_transaction = False
        self._unnoted: tuple[bool, bool] | None = None
        """Of a transaction that committed and is not noted yet: whether it was to be durable, and whether it is synced."""
        with real.transaction() as transaction:
            self._connection = cast(dbapi2.Connection, cast(Any, transaction.cursor).connection)
        self._cursor = self._connection.cursor()
        self._is_log_known = False
        self._know_log()

    @property
    def is_open(self) -> bool:
        """Whether the process that opened it still has it."""
        return self._is_open

    @property
    def is_running(self) -> bool:
        """Whether that process still does anything: it has neither ended nor crashed."""
        return self._is_open and self._crash is None

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        """See the port. Raises also Crash, and what is armed in the disk's faults."""
        self._require_in_use()
        self._reach(Effect.BEGIN, has_changes=False)
        is_synced = durable and not self._faults.durability_lies
        if not is_synced:
            self._know_log()
        self._unnoted = None
        try:
            with self._real.transaction(durable=durable) as transaction:
                self._is_in_transaction = True
                changes_before = self._connection.total_changes
                yield transaction
                has_changes = self._connection.total_changes != changes_before
                self._reach(Effect.COMMIT, has_changes=has_changes)
                self._unnoted = (durable, is_synced) if has_changes else None
        except StoreFull:
            self._faults.count(Fault.FILLED)
            raise
        finally:
            self._is_in_transaction = False
        self._note()
        self._reach(Effect.COMMITTED, has_changes=has_changes)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """See `crdt_pms.reading.reading.Readable`."""
        self._require_outside()
        with self._real.reading() as reader:
            yield reader

    def before_witness(self) -> None:
        """What was committed is about to be witnessed."""
        self._note()
        self._reach(Effect.WITNESS, has_changes=True)

    def select(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """What is committed, read past the product and its faults, for whoever judges. Writing is refused by SQLite."""
        self._require_outside()
        with told(self._path):
            self._connection.execute("PRAGMA query_only = ON")
            try:
                return self._connection.execute(statement, parameters).fetchall()
            finally:
                self._connection.execute("PRAGMA query_only = OFF")

    def set_filled(self, *, is_filled: bool) -> None:
        """Whether the database may not grow beyond the pages that it has."""
        self._require_outside()
        with told(self._path):
            # SQLite takes a limit below what is there for what is there.
            self._connection.execute(f"PRAGMA max_page_count = {1 if is_filled else _PAGES_MAX}")

    def close(self) -> None:
        """The orderly end: fold the write-ahead log into the file."""
        self._require_outside()
        self._is_open = False
        self._real.close()
        self._log.forget()

    def abandon(self) -> None:
        """Let go of the file because the process was killed. What closing does to the file is the disk's to undo."""
        if self._is_in_transaction:
            raise RuntimeError("a process is killed within a transaction by a fault (`crash_at_effect`)")
        self._know_log()
        self._is_open = False
        self._real.close()

    def _know_log(self) -> None:
        if not self._is_log_known:
            self._log.found(extent_of(self._cursor))
            self._is_log_known = True

    def _note(self) -> None:
        if self._unnoted is not None:
            is_durable, is_synced = self._unnoted
            self._unnoted = None
            self._note_commit(is_durable=is_durable, is_synced=is_synced)

    def _note_commit(self, *, is_durable: bool, is_synced: bool) -> None:
        if is_synced and not self._log.commits_in_danger:
            # Asking SQLite takes half as long as committing, and nothing is in danger whatever it says.
            self._is_log_known = False
            return
        has_written = self._log.committed(extent_of(self._cursor), is_synced=is_synced)
        if has_written and is_durable and not is_synced:
            self._faults.count(Fault.NOT_SYNCED)

    def _reach(self, effect: Effect, *, has_changes: bool) -> None:
        try:
            self._faults.reach(effect, has_changes=has_changes)
        except Crash as crash:
            self._crash = crash
            raise

    def _require_in_use(self) -> None:
        if not self._is_open:
            raise RuntimeError("this store ended with its process")
        if self._crash is not None:
            raise self._crash

    def _require_outside(self) -> None:
        self._require_in_use()
        if self._is_in_transaction:
            raise RuntimeError("this is for between transactions")
