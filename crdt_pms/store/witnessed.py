"""The store of a terminal with its witness: a database that went back is told when it is opened, and never opened in silence.

| what opening finds | what becomes of it |
|---|---|
| the database is ahead of its witness | a crash between commit and witness: the witness is brought up |
| neither entries nor a witness | a new terminal |
| fewer entries than the witness names, or others | `StoreWentBack` |
| no database, and a witness that names entries | `StoreWentBack` |
| entries and no witness, a damaged one, another database's | `WitnessUnusable` |

An operator who accepts a loss (`crdt-pms terminal --accept-loss`) lets the desk go on with the log that is there, if it has no
gaps. Its next run computes everything else from it and begins a new journal, as each run does; what others hold comes back from
them. The database remembers what was accepted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from crdt_pms.journal.identifiers import JournalId
from crdt_pms.log.staleness import mark_stale
from crdt_pms.ports.errors import StoreCorrupt, StoreDoubtful, StoreWentBack, WitnessUnusable
from crdt_pms.ports.records import Placed
from crdt_pms.store.sql_transaction import SqlTransaction
from crdt_pms.store.sqlite import SqliteStore, looking_at_sqlite, open_sqlite
from crdt_pms.store.sqlite_errors import store_error, told_of_folder
from crdt_pms.store.sqlite_file import log_of, stands_at
from crdt_pms.store.statements import Reader
from crdt_pms.store.witness import DATABASE_ID_BYTES, NO_HASH, Milestone, WitnessFile, digest_of_property

_DATABASE: Final = "database"
_SECURED: Final = "secured"
_ACCEPTED: Final = "accepted_losses"
_ACCEPTED_MAX: Final = 64
_REMEDY: Final = (
    "Nothing was changed. Put a whole copy of the database in its place if there is one. Otherwise run the same command once "
    "with --accept-loss and start again: what other desks and the relay hold comes back from them. "
    "何も変更していません。データベースの完全な控えがあれば元に戻してください。なければ同じコマンドを一度 --accept-loss "
    "付きで実行してから起動してください。他の端末と中継サーバーにある記録は自動的に戻ります。"
)


class WitnessedStore:
    """See `crdt_pms.ports.store.Store`. What a transaction added is witnessed when its block ends.

    When the witness cannot be written, StoreFailing: the transaction happened, nothing of it may leave the node, and no other
    begins before the witness is written.
    """

    def __init__(
        self, store: SqliteStore, witness: WitnessFile, device_id: str, own: set[JournalId], milestone: Milestone
    ) -> None:
        """Use `open_witnessed`. `own` are the journals of this device."""
        self._store = store
        self._witness = witness
        self._device = device_id
        self._own = own
        self._milestone = milestone
        self._is_owed = False

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[SqlTransaction]:
        """See `crdt_pms.ports.store.Store`."""
        if self._is_owed:
            self._put()
        with self._store.transaction(durable=durable) as transaction:
            yield transaction
        self._own.update(one.journal for one in transaction.learned if one.device_id == self._device)
        if transaction.appended:
            self._advance(transaction.appended)
            # What is not synced may go back; the next durable transaction syncs it too.
            if durable:
                self._is_owed = True
                self._put()

    def reading(self) -> AbstractContextManager[Reader]:
        """See `crdt_pms.reading.reading.Readable`."""
        return self._store.reading()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close both."""
        self._store.close()
        self._witness.close()

    def _advance(self, appended: Sequence[Placed]) -> None:
        newest = appended[-1]
        own = sum(1 for placed in appended if placed.entry.dot.journal in self._own)
        self._milestone = replace(
            self._milestone, position=newest.position, hash=newest.entry.hash, own=self._milestone.own + own
        )

    def _put(self) -> None:
        self._witness.put(self._milestone)
        self._is_owed = False


def open_witnessed(
    path: Path,
    property_id: str,
    device_id: str,
    key: bytes | None = None,
    *,
    accepted_at_ms: int | None = None,
    witness: WitnessFile | None = None,
) -> WitnessedStore:
    """Open a terminal's database and hold it against its witness. A new one is made where there is neither.

    `accepted_at_ms`: an operator accepted at that time that the database may have lost something; it is read to its end first.
    Raises StoreWentBack and WitnessUnusable, and what `open_sqlite` raises.
    """
    witness = witness or WitnessFile(path)
    said: Milestone | None = None
    doubt: StoreDoubtful | None = None
    try:
        said = witness.read()
    except WitnessUnusable as error:
        doubt = _unusable(str(error), "the database may be whole or not")
    if accepted_at_ms is None:
        doubt = doubt or _doubt_before_opening(path, property_id, device_id, key, said)
        if doubt is not None:
            raise doubt
    store = open_sqlite(path, property_id, key)
    try:
        with store.transaction() as transaction:
            own = set(transaction.heads_of(device_id))
            found = _found(transaction, property_id, device_id, said)
            doubt = doubt or _doubt(path, transaction, said, found)
            if transaction.last_position() != found.position:
                raise store_error(StoreCorrupt, path, "its newest entry does not stand where the log ends")
        if doubt is not None:
            if accepted_at_ms is None:
                raise doubt
            _require_whole(store, path)
        if said != found or doubt is not None:
            with store.transaction() as transaction:
                _secure(transaction, found, doubt, accepted_at_ms)
            if said is None or doubt is not None:
                witness.begin(found)
            else:
                witness.put(found)
    except BaseException:
        store.close()
        witness.close()
        raise
    return WitnessedStore(store, witness, device_id, own, found)


def _doubt_before_opening(
    path: Path, property_id: str, device_id: str, key: bytes | None, said: Milestone | None
) -> StoreDoubtful | None:
    """What can be told without changing anything: closing a database again removes the log of a process that was killed."""
    with told_of_folder(path):
        if not stands_at(path):
            if said is None or not said.position:
                return None
            return _went_back(path, "is not there any more", said.own, said.position - said.own)
        if not log_of(path).exists():
            return None
    with looking_at_sqlite(path, property_id, key) as transaction:
        if transaction is None:
            return None
        return _doubt(path, transaction, said, _found(transaction, property_id, device_id, said))


def _found(transaction: SqlTransaction, property_id: str, device_id: str, said: Milestone | None) -> Milestone:
    """How far the database has come. One without an id is new, or went back to when it was."""
    database = transaction.get_state(_DATABASE)
    if database is None:
        database = secrets.token_bytes(DATABASE_ID_BYTES) if said is None else said.database
    position, newest = transaction.newest() or (0, NO_HASH)
    own = sum(transaction.heads_of(device_id).values())
    return Milestone(digest_of_property(property_id), database, position, newest, own)


def _doubt(path: Path, transaction: SqlTransaction, said: Milestone | None, found: Milestone) -> StoreDoubtful | None:
    """What opening must not pass over in silence; None when the database holds all that its witness names."""
    if said is None:
        words = f"{path}: the database holds {found.position} entries and its witness is missing"
        return _unusable(words, "it may be an older copy") if found.position else None
    if said.property_digest != found.property_digest:
        return _unusable(f"{path}: the witness beside it is another property's", "it may be an older copy")
    if said.database != found.database:
        return _unusable(f"{path}: the witness beside it is another database's", "it may be an older copy")
    if found.position < said.position:
        missing = said.position - found.position
        # A desk that was enrolled anew with another key finds none of its own.
        own = min(max(said.own - found.own, 0), missing)
        what = f"holds {found.position} entries, and once held {said.position}"
        return _went_back(path, what, own, missing - own)
    if said.position and transaction.hash_at(said.position) != said.hash:
        return _went_back(path, "holds other entries than it once held", None, None)
    return None


def _require_whole(store: SqliteStore, path: Path) -> None:
    """StoreCorrupt for what no run can go on with: damage, or a log with gaps, as of pages of two moments."""
    store.require_sound()
    with store.transaction() as transaction:
        if not transaction.is_log_whole():
            raise store_error(StoreCorrupt, path, "its log has gaps")


def _secure(
    transaction: SqlTransaction, found: Milestone, doubt: StoreDoubtful | None, accepted_at_ms: int | None
) -> None:
    """Have something to commit, so that all that was found is synced: the witness must not be ahead of the disk."""
    times = int.from_bytes(transaction.get_state(_SECURED) or b"", "big")
    transaction.put_state(_SECURED, (times + 1).to_bytes(8, "big"))
    transaction.put_state(_DATABASE, found.database)
    if doubt is not None:
        # Rows, registers and documents may be of another moment than the log.
        mark_stale(transaction)
        accepted = json.loads(transaction.get_state(_ACCEPTED) or b"[]")
        accepted.append({"at_ms": accepted_at_ms, "what": doubt.reason, "words": str(doubt)})
        transaction.put_state(_ACCEPTED, json.dumps(accepted[-_ACCEPTED_MAX:], ensure_ascii=False).encode())


def _went_back(path: Path, what: str, own: int | None, others: int | None) -> StoreWentBack:
    if own is None or others is None:
        lost, lost_ja = "It lacks nobody knows how many", "失われた件数は不明です"
    else:
        lost = f"It lacks {own} that this desk wrote and {others} of others"
        lost_ja = f"この端末の記録 {own} 件と他の端末の記録 {others} 件が失われました"
    words = f"{path}: the database {what}. {lost}. データベースが以前の状態に戻っています。{lost_ja}。 {_REMEDY}"
    return StoreWentBack(words, own, others)


def _unusable(what: str, meaning: str) -> WitnessUnusable:
    return WitnessUnusable(f"{what}: {meaning}. データベースが最新かどうか確認できません。 {_REMEDY}")
