"""Where entries come in: verified, forwarded at once, queued for PostgreSQL. Everything here lives on one thread.

Forwarding is no acknowledgement. What the queue holds may be seen by other nodes, but no node is told that it is durable until
the committer says so.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import EntryMalformed, JournalError
from crdt_pms.journal.forks import ForkProof, KnownForks
from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.log.verification import JournalGate
from crdt_pms.ports.records import JournalRecord, Placed
from relay_server.errors import REPORT_DEVICE, JournalsDisagree, PropertyFilesDiffer
from relay_server.limits import COMMIT_ENTRIES_MAX, QUEUED_BYTES_MAX, QUEUED_ENTRIES_MAX
from relay_server.log import ForwardLog
from relay_server.order import CommittedOrder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wakers:
    """What an intake wakes: the sender to the sessions, the committer, and callers that wait until the queue has room."""

    sessions: Callable[[], None]
    committer: Callable[[], None]
    waiting: Callable[[], None]


class Batch(NamedTuple):
    """What one transaction is to write: certificates and forks not yet stored, then entries in the order in which they came."""

    certificates: tuple[Certificate, ...]
    entries: tuple[Entry, ...]
    forks: tuple[ForkProof, ...] = ()


class Committed(NamedTuple):
    """What a transaction found or wrote: everything of the committed order after what this process knew, in order.

    `certificates` and `forks` are those that another relay process stored.
    """

    certificates: tuple[Certificate, ...]
    placed: tuple[Placed, ...]
    forks: tuple[ForkProof, ...] = ()


class Intake:
    """The relay's entries that are on their way.

    Invariants:
    1. The gate's vector = what PostgreSQL is known to hold, plus the queue.
    2. An entry leaves the queue only when PostgreSQL is known to hold it.
    3. The queue is bounded: the caller of `receive` waits until `has_room`.
    """

    def __init__(
        self,
        definition: PropertyDefinition,
        journals: Sequence[JournalRecord],
        order: CommittedOrder,
        wakers: Wakers,
        monotonic: Callable[[], float],
        forks: Iterable[ForkProof] = (),
    ) -> None:
        """`journals`, `order` and `forks` say what PostgreSQL holds; `monotonic` gives seconds that never step back."""
        self.gate = JournalGate(definition.property_id, definition.root_key, journals)
        self.gate.forks = KnownForks(forks)
        self.log = ForwardLog(order.through)
        self.order = order
        self.counters: Counter[str] = Counter()
        self._wakers = wakers
        self._monotonic = monotonic
        self._queue: list[Entry] = []
        self._queue_bytes = 0
        self._queued_since: float | None = None
        self._certificates: list[Certificate] = []
        self._forks: list[ForkProof] = []
        self.fork_news: list[ForkProof] = []
        """What sessions are to be told of forks, in the order in which it was learned."""

    @property
    def vector(self) -> VersionVector:
        """What is held here, committed or queued."""
        return self.gate.vector

    @property
    def queued(self) -> int:
        """How many entries wait for PostgreSQL."""
        return len(self._queue)

    @property
    def waiting_seconds(self) -> float:
        """How long the queue has not moved; 0 when it is empty."""
        return 0.0 if self._queued_since is None else self._monotonic() - self._queued_since

    @property
    def has_room(self) -> bool:
        """Whether one more batch may be taken."""
        waiting = len(self._queue) + len(self._certificates)
        return waiting < QUEUED_ENTRIES_MAX and self._queue_bytes < QUEUED_BYTES_MAX

    @property
    def has_work(self) -> bool:
        """Whether anything waits to be committed."""
        return bool(self._queue or self._certificates or self._forks)

    def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals. Raises CertificateRefused; then none of them was learned."""
        for certificate in certificates:
            self.gate.require_acceptable(certificate)
        for certificate in certificates:
            if self.gate.admit_certificate(certificate):
                self._certificates.append(certificate)
        self._wake()

    def receive_forks(self, proofs: Iterable[ForkProof]) -> None:
        """Learn of forks, which must be valid. What this relay took it commits: no branch leaves its queue."""
        for proof in proofs:
            whole = self.gate.forks.learn(proof)
            if whole is not None:
                self._forks.append(whole)
                self.fork_news.append(whole)
                self._wakers.sessions()
        self._wake()

    def receive(self, entries: Sequence[Entry], older: Mapping[Dot, bytes]) -> frozenset[JournalId]:
        """Verify a batch, offer it to all sessions and queue it. Raises a JournalError; then nothing of it was taken.

        Returns the forked journals of which it brought another branch than the one held: of that nothing is kept but the proof.

        `older` are the stored hashes of those that `forgotten` named.
        """

        def held_hash(dot: Dot) -> bytes | None:
            return self.log.hash_of(dot) or older.get(dot)

        for entry in entries:
            _require_storable(entry)
        going_on, others = self.gate.sort_out(entries, held_hash)
        left_out = frozenset(entry.dot.journal for entry in others)
        fresh = self.gate.admit(going_on, held_hash)
        self.counters["entries_received"] += len(fresh)
        self.counters["entries_repeated"] += len(going_on) - len(fresh)
        self.counters["entries_of_other_branches"] += len(others)
        if not fresh:
            return left_out
        self.log.append(fresh)
        self._queue.extend(fresh)
        self._queue_bytes += sum(entry.size for entry in fresh)
        if self._queued_since is None:
            self._queued_since = self._monotonic()
        self._wake()
        self._wakers.sessions()
        return left_out

    def batch(self) -> Batch:
        """What the next transaction is to write. It stays queued until `note_committed`."""
        return Batch(tuple(self._certificates), tuple(self._queue[:COMMIT_ENTRIES_MAX]), tuple(self._forks))

    def poke(self) -> None:
        """Have the committer look at PostgreSQL now: something was committed there by other means."""
        self._wakers.committer()

    def note_committed(self, batch: Batch, committed: Committed) -> None:
        """Take over what a transaction found and wrote, and let the sessions announce it."""
        self._admit_foreign(committed)
        done = {placed.entry.dot for placed in committed.placed}
        before = len(self._queue)
        self._queue = [entry for entry in self._queue if entry.dot not in done]
        self._queue_bytes = sum(entry.size for entry in self._queue)
        self._forks = self._forks[len(batch.forks) :]
        stored = set(batch.certificates)
        self._certificates = [certificate for certificate in self._certificates if certificate not in stored]
        if not self._queue:
            self._queued_since = None
        elif len(self._queue) < before:
            self._queued_since = self._monotonic()
        self.order.extend(committed.placed)
        self.log.note_committed({placed.entry.dot: placed.position for placed in committed.placed}, self.order.through)
        self.counters["entries_committed"] += before - len(self._queue)
        self._wake()
        self._wakers.waiting()
        if committed.placed:
            self._wakers.sessions()

    def _admit_foreign(self, committed: Committed) -> None:
        """Take over what another relay process, or this one's own journal, put in PostgreSQL."""
        vector = self.gate.vector
        foreign: list[Entry] = []
        for placed in committed.placed:
            entry = placed.entry
            if entry.dot.seq > vector.get(entry.dot.journal, 0):
                foreign.append(entry)
            elif self.log.hash_of(entry.dot) not in (None, entry.hash):
                raise JournalsDisagree(
                    f"PostgreSQL holds another entry {entry.dot} than the one taken here. {REPORT_DEVICE}"
                )
        try:
            for certificate in committed.certificates:
                self.gate.admit_certificate(certificate)
            for proof in committed.forks:
                if (whole := self.gate.forks.learn(proof)) is not None:
                    self.fork_news.append(whole)
            self.gate.admit(foreign, self.log.hash_of)
        except JournalError as error:
            raise PropertyFilesDiffer(
                f"PostgreSQL holds entries that this relay would refuse ({error}). Give every relay process of the property "
                "the same property file and start it again."
            ) from error
        self.log.append(foreign)
        self.counters["entries_read_in"] += len(foreign)

    def forgotten(self, entries: Sequence[Entry]) -> list[Dot]:
        """Those repeats whose hashes are no longer in memory."""
        vector = self.gate.vector
        return [
            entry.dot
            for entry in entries
            if entry.dot.seq <= vector.get(entry.dot.journal, 0) and self.log.hash_of(entry.dot) is None
        ]

    def _wake(self) -> None:
        if self.has_work:
            self._wakers.committer()


def _require_storable(entry: Entry) -> None:
    """EntryMalformed for what PostgreSQL would refuse for ever, and with it everything queued behind."""
    if "\0" in entry.author + entry.document:
        raise EntryMalformed(f"entry {entry.dot} names its author or document with a character that no text may hold")
