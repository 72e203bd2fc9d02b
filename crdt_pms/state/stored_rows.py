"""The rows at rest and the certificates of journals, as they are asked for: in the transaction that is under way, or in a
short one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.errors import CertificateRefused
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.ledger.errors import RegisterCorrupt
from crdt_pms.ledger.operation import Register
from crdt_pms.ledger.policies import FIELD_GROUPS, GROUPS_OF_KIND
from crdt_pms.ledger.register import RegisterState, StoredWrite
from crdt_pms.ledger.residence import FOLIO, POSTING_ROW, RowKey
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.records import WriteRecord
from crdt_pms.ports.store import Store, Transaction

Result = TypeVar("Result")


class StoredRows:
    """See `crdt_pms.ledger.residence.StoredRows`. Every method raises StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._transaction: Transaction | None = None

    @contextmanager
    def within(self, transaction: Transaction) -> Generator[None]:
        """Ask in this transaction while it is under way: transactions are never nested."""
        self._transaction = transaction
        try:
            yield
        finally:
            self._transaction = None

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal. StoreCorrupt for one that cannot be read."""
        try:
            return self._ask(lambda transaction: transaction.certificate(journal))
        except CertificateRefused as error:
            raise StoreCorrupt(f"What is stored does not load: {error}") from error

    def registers_of(self, key: RowKey) -> Iterable[RegisterState]:
        """See the class. StoreCorrupt for one that cannot be read: nothing is ever taken for unwritten instead."""
        groups = [group.name for group in GROUPS_OF_KIND.get(key.kind, ())] or [key.kind]
        writes = self._ask(lambda transaction: transaction.writes_of_row(groups, key.row))
        try:
            return [
                RegisterState.load(register, stored)
                for register, stored in groupby(map(written, writes), key=attrgetter("register"))
            ]
        except RegisterCorrupt as error:
            raise StoreCorrupt(str(error)) from error

    def naming(self, key: RowKey) -> Iterable[RowKey]:
        """See the class."""
        match key.kind:
            case "stay":
                return [RowKey(FOLIO, one) for one in self._ask(lambda asked: asked.folios_naming(key.row))]
            case "folio":
                return [RowKey(POSTING_ROW, one) for one in self._ask(lambda asked: asked.postings_in(key.row))]
            case "posting":
                return [RowKey(POSTING_ROW, one) for one in self._ask(lambda asked: asked.postings_reversing(key.row))]
            case _:
                return ()

    def newest_closed(self, amount: int) -> Iterable[Register]:
        """See the class."""
        closed = self._ask(lambda transaction: transaction.newest_closed(amount))
        return [Register(group, row) for group, row in closed if group in FIELD_GROUPS]

    def _ask(self, question: Callable[[Transaction], Result]) -> Result:
        if self._transaction is not None:
            return question(self._transaction)
        with self._store.transaction() as transaction:
            return question(transaction)


def written(record: WriteRecord) -> StoredWrite:
    """A stored write as a ledger takes it."""
    return StoredWrite(Register(record.group, record.row, record.flags), record.dot, record.standing, record.state)
