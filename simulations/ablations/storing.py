"""Ablations of transactions and disks: what is durable when, and what becomes of memory when a transaction fails."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, cast

from sqlcipher3 import dbapi2

from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.register import StoredWrite
from crdt_pms.ledger.rows import Rows
from crdt_pms.ports.store import Transaction
from crdt_pms.replica.replica import Replica
from crdt_pms.state.property_state import PropertyState
from crdt_pms.store import witnessed
from crdt_pms.store.witnessed import WitnessedStore
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_failing_disks, with_logs_cut, with_power_cuts_at_relay, with_rot
from simulations.ablations.patching import replacing
from simulations.ablations.provoking import ROTTEN_REGISTERS
from simulations.world.relay_database import Database

_transaction: Final = Replica._transaction


def _unsynced(replica: Any, *harmless: type[Exception], **_asked: bool) -> AbstractContextManager[Transaction]:
    return _transaction(replica, *harmless, durable=False)


@contextmanager
def _never_broken(replica: Any, *_harmless: type[Exception], durable: bool = True) -> Generator[Transaction]:
    with replica._store.transaction(durable=durable) as transaction, replica._stored.within(transaction):
        yield transaction


class _Unflushed:
    """A state that is applied, and written to the tables by somebody else later."""

    def __init__(self, state: PropertyState) -> None:
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)

    def flush(self, _transaction: Transaction) -> None:
        """Nothing."""


def _then_projected(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, and what follows from it for registers and readable rows in a transaction of its own."""

    def called(replica: Any, *arguments: Any, **asked: Any) -> Any:
        state = replica._state
        replica._state = _Unflushed(state)
        try:
            answer = call(replica, *arguments, **asked)
        finally:
            replica._state = state
        with replica._transaction() as transaction:
            state.flush(transaction)
        return answer

    return called


def _or_pass_over(load: Callable[..., None]) -> Callable[..., None]:
    def loaded(ledger: Any, stored: Iterable[StoredWrite]) -> None:
        for _register, writes in groupby(stored, key=attrgetter("register")):
            with suppress(RegisterCorrupt):
                load(ledger, writes)

    return loaded


def _unsynced_database(database: Any, **_asked: bool) -> AbstractContextManager[Transaction]:
    return database.store.transaction(durable=False)


def _no_doubt(*_asked: Any) -> None:
    return None


def _witnessed_late(store: Any) -> None:
    """Write what the former transaction had reached, when this one's entries may be under way already."""
    former, store.reached = getattr(store, "reached", None), store._milestone
    store._is_owed = False
    if former is not None:
        store._witness.put(former)


ABLATIONS: Final = (
    Ablation(
        "persist_before_ack",
        "A terminal says that an action is done, and sends it, before the disk has it for certain: transactions do not wait "
        "for the sync (replica/replica.py, store/sqlite.py).",
        "acknowledgement",
        replacing((Replica, "_transaction", _unsynced)),
    ),
    Ablation(
        "broken_replica",
        "After a transaction failed a replica goes on with what it has in memory instead of being read back from the disk "
        "(replica/replica.py).",
        "audit_chain",
        replacing((Replica, "_transaction", _never_broken)),
        draw=with_failing_disks,
        escapes=(TypeError, cast(Any, dbapi2).IntegrityError),
    ),
    Ablation(
        "witness",
        "A terminal opens its database without holding it against its witness (store/witnessed.py).",
        "losses_told",
        replacing((witnessed, "_doubt", _no_doubt), (witnessed, "_doubt_before_opening", _no_doubt)),
        draw=with_logs_cut,
    ),
    Ablation(
        "witness_before_send",
        "The witness is written after what it witnesses has left the node (store/witnessed.py).",
        "losses_told",
        replacing((WitnessedStore, "_put", _witnessed_late)),
        draw=with_logs_cut,
    ),
    Ablation(
        "one_transaction",
        "Entries are stored in one transaction, registers and readable rows in the next (replica/replica.py).",
        "convergence",
        replacing(
            (Replica, "act", _then_projected(Replica.act)), (Replica, "receive", _then_projected(Replica.receive))
        ),
    ),
    Ablation(
        "empty_on_corrupt",
        "A register that does not load is taken for one that nobody ever wrote, and nobody is told (replica/replica.py, "
        "`StoreCorrupt`).",
        "convergence",
        replacing((Rows, "load", _or_pass_over(Rows.load)), (Rows, "load_live", _or_pass_over(Rows.load_live))),
        draw=with_rot,
        provokes=ROTTEN_REGISTERS,
    ),
    Ablation(
        "relay_sync",
        "The relay announces what its database has committed and not synced (PostgreSQL's `synchronous_commit`).",
        "session_guarantees",
        replacing((Database, "transaction", _unsynced_database)),
        draw=with_power_cuts_at_relay,
    ),
)
