"""One transaction of the committed order: reads in what others committed, places what is queued after it.

PostgreSQL is the only arbiter: positions are given out under the row lock of the property's counter, and what it holds
already, from another relay process or from a commit whose outcome was not heard, is read in before anything is added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import ForkProof, KnownForks
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.positions import (
    CHECKPOINT_POSITIONS,
    ORDER_START,
    Checkpoint,
    OrderMark,
    digest_after,
    is_checkpoint,
)
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.records import JournalRecord, Placed
from crdt_pms.ports.store import Store, Transaction
from relay_server.errors import REPORT_DEVICE, DatabaseReplaced, DatabaseWentBack, JournalsDisagree
from relay_server.generation import ensure_generation, read_generation, read_past, replace_generation
from relay_server.intake import Batch, Committed, Intake
from relay_server.limits import COMMIT_ENTRIES_MAX, READ_BYTES_MAX
from relay_server.order import CommittedOrder, OrderEnd

_DIGEST: Final = "order_digest"
FORK_CHANGES: Final = "fork_changes"
"""How often forks were stored: by this the projection sees that there are new ones."""


class Stored(NamedTuple):
    """What the database holds when a relay process begins."""

    order: CommittedOrder
    journals: list[JournalRecord]
    forks: list[ForkProof]


def load_order(store: Store, fresh_generation: bytes) -> Stored:
    """What the database holds when a relay process begins; it gets `fresh_generation` if it has none.

    Raises StoreError, among them StoreCorrupt when entries and the digest of their order contradict each other.
    """
    with store.transaction() as transaction:
        through = transaction.last_position()
        generation = ensure_generation(transaction, fresh_generation)
        journals = transaction.journals()
        start = _start_of_memory(transaction, through)
        order = CommittedOrder(generation, start, read_past(transaction))
        order.extend(_read_in(transaction, start.position))
        if order.digest != _read_digest(transaction):
            raise StoreCorrupt(
                f"What PostgreSQL holds of the order up to position {through} is not what was committed. Keep the database as "
                "it is, and put back a backup: terminals send what that one lacks."
            )
        forks = transaction.fork_proofs()
    return Stored(order, journals, forks)


def _start_of_memory(transaction: Transaction, through: int) -> OrderMark:
    """A checkpoint before the end, but not far: a relay that has begun answers peers that were away shortly from memory."""
    found = transaction.checkpoint_before(max(through - CHECKPOINT_POSITIONS, 0))
    return OrderMark(found.position, found.digest)


def commit_next(
    store: Store, intake: Intake, batch: Batch, known: OrderEnd, new_generation: Callable[[], bytes]
) -> Committed:
    """`commit` for an intake; a database that went back gets a new generation, and the order with it, before that is raised."""
    order = intake.order
    try:
        return commit(store, batch, known, order.generation, intake.gate.certificate)
    except DatabaseWentBack:
        renew_generation(store, order, new_generation())
        raise
    except DatabaseReplaced:
        # By another relay process that renewed it, or by an older state, which has never heard of our generation.
        with store.transaction() as transaction:
            is_older = order.generation not in read_past(transaction)
            if is_older:
                transaction.last_position()
                replace_generation(transaction, new_generation())
        raise


def renew_generation(store: Store, order: CommittedOrder, fresh: bytes, heard: bytes = b"") -> None:
    """Give the database a new generation, and the order with it, unless another process has just done so. Raises StoreError.

    `heard`: see `replace_generation`.
    """
    with store.transaction() as transaction:
        transaction.last_position()
        if read_generation(transaction) != order.generation:
            return
        replace_generation(transaction, fresh, heard)
    order.renew(fresh, heard)


def place(transaction: Transaction, entries: Sequence[Entry], last: int) -> list[Placed]:
    """Add entries to the committed order, whose last position is `last`. The caller must hold the counter's lock."""
    placed = [Placed(position, entry, position) for position, entry in enumerate(entries, last + 1)]
    if placed:
        transaction.append_entries(placed)
        digest = _read_digest(transaction)
        for one in placed:
            digest = digest_after(digest, [one.entry.hash])
            if is_checkpoint(one.position):
                transaction.put_checkpoint(Checkpoint(one.position, digest))
        transaction.put_state(_DIGEST, digest)
    return placed


def commit(
    store: Store,
    batch: Batch,
    known: OrderEnd,
    generation: bytes,
    certificate_of: Callable[[JournalId], Certificate | None],
) -> Committed:
    """Read in what stands after `known`, add the batch after it, and commit.

    After CommitOutcomeUnknown the same call finds what did happen: repeating it is always right. Raises StoreError, and
    RelayError when PostgreSQL contradicts what this process knows.
    """
    through = known.through
    with store.transaction() as transaction:
        if not batch.entries and not batch.certificates and not batch.forks:
            # Nothing to place: look without taking the counter's lock.
            _require_continued(transaction, known, generation)
            found = _read_in(transaction, through)
            certificates = _foreign_certificates(transaction, found, certificate_of)
            return Committed(certificates, tuple(found), _forks_beside(transaction, found))
        last = transaction.last_position()
        _require_continued(transaction, known, generation)
        found = _read_in(transaction, through) if last > through else []
        entries = _without_found(batch.entries, found)
        certificates = _foreign_certificates(transaction, found, certificate_of)
        for certificate in batch.certificates:
            transaction.add_journal(certificate)
        forks = _forks_beside(transaction, found)
        _add_forks(transaction, batch.forks)
        placed = place(transaction, entries, last)
    return Committed(certificates, (*found, *placed), forks)


def _require_continued(transaction: Transaction, known: OrderEnd, generation: bytes) -> None:
    """RelayError unless PostgreSQL still holds the order that this process knows."""
    if read_generation(transaction) != generation:
        raise DatabaseReplaced("PostgreSQL has another generation than when this relay began.")
    if not known.through:
        return
    found = _hash_at(transaction, known.through)
    if found is None or known.last not in (None, found):
        raise DatabaseWentBack(
            f"{known.through} entries were committed, and PostgreSQL does not hold the last of them there: it is another "
            "database or an older backup. Terminals will send what is missing."
        )


def _hash_at(transaction: Transaction, position: int) -> bytes | None:
    found = transaction.committed_hashes(position - 1, 1)
    return found[0] if found else None


def _read_digest(transaction: Transaction) -> bytes:
    return transaction.get_state(_DIGEST) or ORDER_START


def _read_in(transaction: Transaction, through: int) -> list[Placed]:
    found: list[Placed] = []
    while True:
        after = found[-1].position if found else through
        more = transaction.entries_after(after, COMMIT_ENTRIES_MAX, READ_BYTES_MAX)
        if not more:
            return found
        found.extend(more)


def _without_found(entries: Sequence[Entry], found: Sequence[Placed]) -> list[Entry]:
    hashes = {placed.entry.dot: placed.entry.hash for placed in found}
    for entry in entries:
        if hashes.get(entry.dot, entry.hash) != entry.hash:
            raise JournalsDisagree(
                f"PostgreSQL holds another entry {entry.dot} than the one queued here. {REPORT_DEVICE}"
            )
    return [entry for entry in entries if entry.dot not in hashes]


def _forks_beside(transaction: Transaction, found: Sequence[Placed]) -> tuple[ForkProof, ...]:
    """The stored forks, if another relay process may have added some."""
    return tuple(transaction.fork_proofs()) if found else ()


def _add_forks(transaction: Transaction, forks: Sequence[ForkProof]) -> None:
    """Store what was learned, beside what another relay process may have stored of the same points."""
    if not forks:
        return
    known = KnownForks(transaction.fork_proofs())
    for proof in forks:
        if (whole := known.learn(proof)) is not None:
            transaction.put_fork_proof(whole)
    transaction.put_state(FORK_CHANGES, _count(transaction.get_state(FORK_CHANGES)))


def _count(stored: bytes | None) -> bytes:
    return (int.from_bytes(stored or b"", "big") + 1).to_bytes(8, "big")


def _foreign_certificates(
    transaction: Transaction, found: Sequence[Placed], certificate_of: Callable[[JournalId], Certificate | None]
) -> tuple[Certificate, ...]:
    unknown = {placed.entry.dot.journal for placed in found if certificate_of(placed.entry.dot.journal) is None}
    certificates = (transaction.certificate(journal) for journal in sorted(unknown))
    return tuple(certificate for certificate in certificates if certificate is not None)
