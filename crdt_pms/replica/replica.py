"""A terminal's whole memory of its property: act, receive, acknowledge, read, over one store.

Persist before send, by construction: every call runs inside one store transaction and *returns* what others may be told;
the shell sends only what was returned. One thread owns a replica.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from crdt_pms.desk.administration import removed_devices, require_may_act
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.moment import Moment
from crdt_pms.desk.view import DeskView
from crdt_pms.documents.errors import DocumentError
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import HybridLogicalClock, Stamp
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import CertificateRefused, CommittedUnknown, JournalError
from crdt_pms.journal.forks import Branch, ForkProof, KnownForks
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId, VersionVector
from crdt_pms.journal.limits import ENTRY_BYTES_MAX, STAMP_AHEAD_MS_MAX
from crdt_pms.journal.positions import CommittedRun, OrderMark, digest_after, within
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ledger.alerts import Alert
from crdt_pms.ledger.errors import LedgerError
from crdt_pms.log import branches
from crdt_pms.log.errors import SnapshotError
from crdt_pms.log.kept import kept_snapshots, note_pruned, pruned_through
from crdt_pms.log.known_order import (
    KnownOrder,
    common_position,
    digest_at,
    mark_committed,
    marks_of,
    standing_before,
)
from crdt_pms.log.recent import RecentEntries
from crdt_pms.log.snapshot import SnapshotHead, require_chunk
from crdt_pms.log.staleness import is_stale, mark_stale
from crdt_pms.log.standing import (
    CommittedStanding,
    load_checkpoint,
    load_own_head,
    load_standing,
    save_own_journal,
    save_standing,
    standing_at,
)
from crdt_pms.log.verification import JournalGate
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.records import Placed, QuarantineRecord
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.replica import keeping
from crdt_pms.replica.authoring import Author
from crdt_pms.replica.errors import ReplicaBroken
from crdt_pms.state.comparing import fields_of_row, rows_of_bucket
from crdt_pms.state.content_digest import RowName
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.rebuilding import rebuild
from crdt_pms.state.stored_rows import StoredRows


class Action(Protocol):
    """Something a person does at the desk (`crdt_pms.desk.actions`)."""

    def decide(self, view: DeskView, moment: Moment) -> Decision:
        """Check the guards against what the author sees and say what is to be written. Raises `desk.refusals.Refused`."""
        ...


@dataclass(frozen=True, slots=True)
class Acted:
    """What one action wrote. The entries are stored and may be sent."""

    entries: tuple[Entry, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a received batch: entries newly stored, how many were repeats, how many were quarantined.

    `left_out` are the journals of which it brought entries of another branch than the one held.
    """

    entries: tuple[Entry, ...]
    duplicates: int
    quarantined: int
    left_out: frozenset[JournalId] = frozenset()


class ForkNews(NamedTuple):
    """What a replica learned of forks: proofs that others may not have, and how many actions of this device do not count any
    more."""

    proofs: tuple[ForkProof, ...] = ()
    lost_actions: int = 0


class Replica:
    """One property as this terminal knows it.

    Invariants:
    1. What is in memory equals what a new `open` would load; after a failed transaction the replica is broken, after a change
       of a forked journal's branch it is outdated. It says so, and must be opened anew.
    2. An entry is stored, applied and projected in one transaction, exactly once.
    3. A run of the process that writes nothing leaves no journal behind.
    """

    def __init__(
        self, store: Store, stored: StoredRows, definition: PropertyDefinition, gate: JournalGate, author: Author,
        state: PropertyState, standing: CommittedStanding, last_position: int,
    ) -> None:  # fmt: skip
        """Use `open`."""
        self._store = store
        self._stored = stored
        self._gate = gate
        self._author = author
        self._state = state
        self._order = KnownOrder(standing)
        self._recent = RecentEntries(last_position)
        self._broken = False
        self._outdated = False
        self._fork_news: list[ForkProof] = []
        self._lost_actions = 0
        self._order_cuts: list[int] = []
        self._snapshots: list[SnapshotHead] = []
        self._pruned_through = 0
        self._kept_whole: tuple[int, frozenset[Dot]] | None = None
        self.definition = definition

    @classmethod
    def open(
        cls, store: Store, definition: PropertyDefinition, device: EnrolledDevice, journal: JournalId, now_ms: int
    ) -> Replica:
        """Load the property from its store. `journal` must be sixteen fresh random bytes: a new journal for this run.

        Raises StoreCorrupt for what does not load; nothing is ever taken for empty instead.
        """
        stored = StoredRows(store)
        with _loading(), store.transaction() as transaction, stored.within(transaction):
            gate = JournalGate(
                definition.property_id, definition.root_key, held=transaction.held_journals(), stored=stored.certificate
            )
            gate.device_names.update(transaction.device_names())
            position = transaction.last_position()
            # Opening decodes no history; that the newest entry can be read says that this program reads this file.
            transaction.entries_after(position - 1, 1, ENTRY_BYTES_MAX)
            own_class = device.chain.device_class
            if is_stale(transaction):
                state = rebuild(transaction, definition, journal, position, stored, own_class)
            else:
                state = PropertyState.load(transaction, definition, journal, gate.vector, position, stored, own_class)
            gate.forks = state.forks
            state.reconsider_held(transaction)
            state.flush(transaction)
            clock = HybridLogicalClock(_last_stamp(state.clock_evidence.newest, now_ms))
            previous = load_own_head(transaction, gate)
            standing = load_standing(transaction)
            snapshots, pruned = kept_snapshots(transaction), pruned_through(transaction)
        certificate = Certificate.create(journal, device, previous, clock.issue(now_ms))
        replica = cls(
            store,
            stored,
            definition,
            gate,
            Author(JournalWriter(certificate, device.key), clock),
            state,
            standing,
            position,
        )
        replica._snapshots, replica._pruned_through = snapshots, pruned
        return replica

    @property
    def is_broken(self) -> bool:
        """Whether a transaction failed, so that every further call would raise ReplicaBroken."""
        return self._broken

    @property
    def is_outdated(self) -> bool:
        """Whether something that was applied counts no more, so that every further call would raise ReplicaBroken."""
        return self._outdated

    def take_fork_news(self) -> ForkNews:
        """What was learned of forks since the last call."""
        news = ForkNews(tuple(self._fork_news), self._lost_actions)
        self._fork_news, self._lost_actions = [], 0
        return news

    def take_order_cuts(self) -> list[int]:
        """The positions back to which the known order was cut since the last call, because the relay's goes on otherwise."""
        cuts, self._order_cuts = self._order_cuts, []
        return cuts

    def is_ahead(self, now_ms: int) -> bool:
        """Whether this run's stamps are further ahead of `now_ms` than can be meant: the clock that it began with was wrong.

        Within a journal stamps never fall, so its writes would go on winning until time catches up. A new journal does not have
        to follow them: open the replica anew.
        """
        return self._author.clock.last.milliseconds - now_ms > STAMP_AHEAD_MS_MAX

    @property
    def state(self) -> PropertyState:
        """Rows, board, notes and quarantine as applied so far. For reading only."""
        return self._state

    @property
    def vector(self) -> VersionVector:
        """For each journal the last entry held here; all of it is durable."""
        return self._gate.vector

    @property
    def standing(self) -> CommittedStanding:
        """The relay's generation and how far its committed order is known here."""
        return self._order.standing

    @property
    def last_position(self) -> int:
        """The position of the newest entry of the own log."""
        return self._recent.last_position

    @property
    def at_hand(self) -> tuple[int, int]:
        """How many entries are kept decoded, and how many runs of the committed order."""
        return len(self._recent), len(self._order)

    @property
    def device_names(self) -> Mapping[str, str]:
        """What administrators called the devices of the known journals, by device id."""
        return self._gate.device_names

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self._gate.certificate(journal)

    def view(self) -> DeskView:
        """The desk as this terminal sees it now."""
        certificate = self._author.writer.certificate
        return self._state.view(self._gate.device_names, certificate.device_id, certificate.device_class)

    def is_removed(self, device: DeviceId) -> bool:
        """Whether a row that is known here says that the device may not write now."""
        return device in removed_devices(self._state.definition)

    def act(self, action: Action, staff: str, now_ms: int, new_id: Callable[[], str], origin: str) -> Acted:
        """Do what a person asked: check it, write it, apply it, store it.

        Raises `Refused`, or `DocumentError` for what board or notes do not take, and then nothing happened.
        """
        view = self.view()
        require_may_act(view, staff)
        decision = action.decide(view, Moment(now_ms=now_ms, author=staff, origin=origin, new_id=new_id))
        self._state.board.require_writable(decision.board_writes, staff)
        # A note may still refuse its text (too long, a card number) before it changes; rows or board written first may not.
        harmless = () if decision.operations or decision.board_writes else (DocumentError,)
        with self._transaction(*harmless) as transaction:
            entries = self._author.compose(decision, self._state, transaction, staff, now_ms)
            if entries:
                self._store_own(entries, transaction)
            self._state.flush(transaction)
        for entry in entries:
            self._gate.admit_own(entry)
        self._recent.extend(entries)
        return Acted(tuple(entries), decision)

    def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn other devices' journals. Raises CertificateRefused; then none of them was learned."""
        encoded: dict[JournalId, bytes] = {}
        for certificate in certificates:
            self._gate.require_acceptable(certificate)
            if encoded.setdefault(certificate.journal, certificate.encoded) != certificate.encoded:
                raise CertificateRefused(f"journal {certificate.journal.hex()} has two certificates")
        self._require_whole()
        if all(self._gate.certificate(journal) is not None for journal in encoded):
            return
        with self._transaction() as transaction:
            for certificate in certificates:
                if self._gate.admit_certificate(certificate):
                    transaction.add_journal(certificate)

    def receive(self, entries: Sequence[Entry], now_ms: int, *, durable: bool = True) -> Received:
        """Verify, store and apply a batch. Raises a JournalError, after which nothing of the batch was taken.

        Without `durable` a power loss may undo it until the next durable transaction: for what its sender still has.
        """
        self._require_whole()
        if all(self._recent.hash_of(entry.dot) == entry.hash for entry in entries):
            # Neighbours that heard of them elsewhere send them too: for what is held already no transaction is needed.
            return Received((), len(entries), 0)
        with self._transaction(JournalError, durable=durable) as transaction:

            def held_hash(dot: Dot) -> bytes | None:
                return self._recent.hash_of(dot) or transaction.entry_hash(dot)

            going_on, others = self._gate.sort_out(entries, held_hash)
            shown = self._keep_others(others, going_on, transaction)
            fresh = self._gate.admit(going_on, held_hash)
            self._append(fresh, transaction)
            quarantined = 0
            for entry in fresh:
                self._author.clock.observe(entry.stamp, now_ms)
                quarantined += isinstance(self._state.apply(entry, transaction), QuarantineRecord)
            self._state.flush(transaction)
            if self._state.is_stale:
                mark_stale(transaction)
                self._outdated = True
            self._learn(shown, transaction)
        # Another process writes this run's journal: a copy of this process. It goes on there, and this one begins another.
        self._outdated |= any(entry.dot.journal == self._author.writer.head.journal for entry in fresh)
        self._recent.extend(fresh)
        left_out = frozenset(entry.dot.journal for entry in others)
        return Received(tuple(fresh), len(going_on) - len(fresh), quarantined, left_out)

    @property
    def forks(self) -> KnownForks:
        """Every fork that is known here."""
        return self._gate.forks

    def head(self, journal: JournalId) -> Head | None:
        """The last held entry of a journal; None when nothing is held of it."""
        head = self._gate.head(journal)
        return head if head is not None and head.seq else None

    def heads_beyond(self, position: int) -> list[Head]:
        """The last held entry of each journal that has entries beyond a position of the committed order, or tentative ones."""
        with self._transaction() as transaction:
            journals = transaction.journals_beyond(position)
        return [head for journal in journals if (head := self.head(journal)) is not None]

    def prefixes_of(self, dots: Sequence[Dot]) -> dict[Dot, bytes]:
        """The first bytes of the hashes of those entries that are held."""
        with self._transaction() as transaction:
            found = {dot: transaction.entry_name(dot) for dot in dots}
        return {dot: name.prefix for dot, name in found.items() if name is not None}

    def branch(self, journal: JournalId, seq: int) -> Branch | None:
        """The held branch of a journal from a slot on, as a proof needs it."""
        certificate = self._gate.certificate(journal)
        if certificate is None:
            return None
        with self._transaction() as transaction:
            return branches.branch_held(transaction, certificate, seq)

    def receive_branch(self, branch: Branch) -> ForkProof | None:
        """Compare another's branch with what is held there. Returns what is known of that fork then, None when it is none.

        Raises ForkUnproven or JournalUnknown.
        """
        certificate = self._gate.require_certificate(branch.point.journal)
        branch.require_signed(certificate)
        with self._transaction() as transaction:
            proof = branches.proof_with_held(transaction, certificate, branch)
            if proof is not None:
                self._learn([proof], transaction)
        return self._gate.forks.at(branch.point)

    def receive_forks(self, proofs: Sequence[ForkProof]) -> None:
        """Take in what others know of forks. Raises ForkUnproven or JournalUnknown; then none of them was taken."""
        for proof in proofs:
            proof.require_valid(self._gate.require_certificate(proof.point.journal))
        if proofs:
            with self._transaction() as transaction:
                self._learn(proofs, transaction)

    def _keep_others(
        self, entries: Sequence[Entry], going_on: Sequence[Entry], transaction: Transaction
    ) -> list[ForkProof]:
        """Keep entries of other branches that came with `going_on`; returns the forks that they show.

        Raises SignatureInvalid, ContextMissing or EntryMalformed.
        """
        proofs: list[ForkProof] = []
        by_journal: dict[JournalId, list[Entry]] = {}
        if not entries:
            return []
        vector = dict(self._gate.vector)
        for one in going_on:
            vector[one.dot.journal] = max(one.dot.seq, vector.get(one.dot.journal, 0))
        coming = {one.dot: one.hash for one in going_on}
        for entry in entries:
            self._gate.require_context(entry, vector)
            by_journal.setdefault(entry.dot.journal, []).append(entry)
        for journal, range_ in by_journal.items():
            certificate = self._gate.require_certificate(journal)
            for branch in branches.keep_others(transaction, certificate, range_, coming):
                proof = branches.proof_with_held(transaction, certificate, branch)
                known = self._gate.forks.at(branch.point)
                if proof is None and known is not None and branch.hash not in (known.lower.hash, known.higher.hash):
                    proof = ForkProof.of(known.lower, branch)
                if proof is not None:
                    proofs.append(proof)
                elif known is not None:
                    # Its entries may be the ones that were missing.
                    proofs.append(known)
        return proofs

    def _learn(self, proofs: Sequence[ForkProof], transaction: Transaction) -> None:
        """Take in valid proofs, and put those branches in the log that count by them."""
        news: list[ForkProof] = []
        for proof in proofs:
            whole = self._gate.forks.learn(proof)
            if whole is not None:
                transaction.put_fork_proof(whole)
                news.append(whole)
        learned = {proof.point.journal for proof in news}
        known = [self._gate.forks.at(proof.point) or proof for proof in proofs]
        waiting = {proof.point.journal for proof in known if not branches.is_settled(transaction, proof)}
        changed = [self._settle(journal, transaction) for journal in sorted(learned | waiting)]
        if not any(changed) and branches.rests_on_another(transaction, learned, self._gate.forks):
            mark_stale(transaction)
            self._outdated = True
        # A journal that was written twice is not written on.
        self._outdated |= self._author.writer.head.journal in learned
        self._fork_news.extend(news)

    def _settle(self, journal: JournalId, transaction: Transaction, committed: Collection[bytes] = ()) -> bool:
        """Put that branch in the log that counts. Returns whether it is another one than before."""
        certificate = self._gate.require_certificate(journal)
        leaving = branches.settle(transaction, certificate, self._gate.forks, committed)
        if leaving is None:
            return False
        self._outdated = True
        self._fork_news.extend(self._gate.forks.of(journal))
        if certificate.device_id == self._author.writer.certificate.device_id:
            self._lost_actions += len({entry.action.first_seq for entry in leaving})
        return True

    def acknowledge(self, end: SignedEnd, runs: Sequence[CommittedRun]) -> bool:
        """Take over a piece of the relay's committed order that leads to `end`. Returns whether anything of it was new.

        The caller must know that a relay signed that end. Of another generation than the known one it must come from the relay
        itself: see `follow`. Raises CommittedUnknown, and takes nothing, unless the runs lead from what is known to an order
        with that end's digest. When the relay committed another branch of a forked journal than the one held, that one is put
        in its place, and the replica is outdated: to be opened anew and told again.
        """
        standing = self._order.standing
        if end.generation == standing.generation and end.through <= standing.through:
            return False
        try:
            self._acknowledge(end, runs)
        except CommittedUnknown:
            if not self._take_committed_branches(end, runs):
                raise
            return False
        return True

    def _acknowledge(self, end: SignedEnd, runs: Sequence[CommittedRun]) -> None:
        standing = self._order.standing
        # The relay says it again to a peer that forgot.
        with self._transaction(CommittedUnknown, durable=False) as transaction:
            if end.generation != standing.generation:
                standing = standing_before(transaction, self._order.standing, runs, end.generation)
                transaction.forget_committed(standing.through)
                keeping.forget_beyond(transaction, standing.through)
            fresh = [new for run in runs if (new := within(run, standing.through, end.through)) is not None]
            mark_committed(transaction, fresh, standing, end, self._gate.vector)
            save_standing(transaction, standing_at(end))
        self._cut(standing)
        self._order.extend(fresh, standing_at(end))
        for run in fresh:
            self._recent.note_committed(run)

    def _cut(self, standing: CommittedStanding) -> None:
        """Take over in memory that no more of the order is known than up to `standing`."""
        if standing.through < self._order.standing.through:
            self._order_cuts.append(standing.through)
            self._recent.note_cut(standing.through)
        self._order.cut(standing)

    def _take_committed_branches(self, end: SignedEnd, runs: Sequence[CommittedRun]) -> bool:
        """Put those branches in the log whose hashes lead to the signed digest. Returns whether there are such."""
        standing = self._order.standing
        if end.generation != standing.generation:
            with self._transaction(CommittedUnknown) as transaction:
                standing = standing_before(transaction, self._order.standing, runs, end.generation)
        fresh = [new for run in runs if (new := within(run, standing.through, end.through)) is not None]
        journals = sorted({run.journal for run in fresh if self._gate.forks.is_uncertain(run.last)})
        if not journals:
            return False
        with self._transaction() as transaction:
            found = branches.committed_branches(
                transaction, [self._gate.require_certificate(one) for one in journals], self._gate.forks, fresh,
                lambda hashes: digest_after(standing.digest, hashes) == end.digest,
            )  # fmt: skip
            changed = [self._settle(journal, transaction, found) for journal in journals] if found else []
        return any(changed)

    def follow(self, end: SignedEnd, marks: Sequence[OrderMark]) -> bool:
        """Follow the relay to another generation of its database: the order stays known as far as the relay's marks show the
        same, and the sessions send again what the relay lacks. Only the relay's own word counts here.

        Returns whether it was another generation.
        """
        if end.generation == self._order.standing.generation:
            return False
        with self._transaction(durable=False) as transaction:
            through = common_position(transaction, marks, self._order.standing.through)
            digest = digest_at(transaction, through)
            assert digest is not None, "a common position is known"
            transaction.forget_committed(through)
            keeping.forget_beyond(transaction, through)
            is_whole = (end.through, end.digest) == (through, digest)
            standing = CommittedStanding(end.generation, end if is_whole else None, through, digest)
            save_standing(transaction, standing)
        self._cut(standing)
        return True

    def order_marks(self) -> list[OrderMark]:
        """The digests of the known order at the positions that a peer is told."""
        standing = self._order.standing
        with self._transaction() as transaction:
            return marks_of(transaction, standing.through, standing.digest)

    def common_point(self, marks: Sequence[OrderMark]) -> int:
        """The highest position of a peer's marks up to which the known order is the same."""
        with self._transaction() as transaction:
            return common_position(transaction, marks, self._order.standing.through)

    def agrees(self, end: SignedEnd) -> bool:
        """Whether the known order says the same as `end`, as far as it goes."""
        standing = self._order.standing
        if end.generation != standing.generation or end.through > standing.through:
            return True
        if end.through == standing.through:
            return end.digest == standing.digest
        with self._transaction() as transaction:
            return digest_at(transaction, end.through) == end.digest

    def checkpoint(self, position: int) -> SignedEnd | None:
        """The signed end at a checkpoint of the known order."""
        with self._transaction() as transaction:
            return load_checkpoint(transaction, position)

    def committed_runs(self, after: int, entries_max: int) -> list[CommittedRun]:
        """The known committed order after a position; its end is at hand."""
        self._require_whole()
        recent = self._order.following(after, entries_max)
        if recent is not None:
            return recent
        with self._transaction() as transaction:
            return transaction.committed_runs(after, entries_max)

    def position_before(self, committed: int) -> int:
        """The position of the own log after which everything stands that a holder of the order up to `committed` may lack."""
        with self._transaction() as transaction:
            first = transaction.first_beyond(committed)
        return self._recent.last_position if first is None else first - 1

    def read(self, after: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The next entries of the own log."""
        with self._transaction() as transaction:
            return transaction.entries_after(after, entries_max, bytes_max)

    def following(self, after: int, committed: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The entries after position `after` that stand beyond a committed one or are tentative, and the position after which
        the next ones stand; the newest are at hand."""
        self._require_whole()
        recent = self._recent.following(after, committed, entries_max, bytes_max)
        if recent is not None:
            return recent
        with self._transaction() as transaction:
            placed = transaction.entries_beyond(committed, after, entries_max, bytes_max)
        return [one.entry for one in placed], placed[-1].position if placed else self._recent.last_position

    def tentative_count(self) -> int:
        """How many entries the relay has not committed yet, as far as is known here."""
        with self._transaction() as transaction:
            return transaction.tentative_count()

    @property
    def newest_snapshot(self) -> SnapshotHead | None:
        """The newest snapshot that is kept here whole."""
        return self._snapshots[-1] if self._snapshots else None

    @property
    def pruned_through(self) -> int:
        """Up to which position of the committed order entries may be absent here."""
        return self._pruned_through

    def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a snapshot."""
        with self._transaction() as transaction:
            return transaction.snapshot_chunk(name)

    def missing_chunks(self, head: SnapshotHead, names_max: int) -> list[bytes]:
        """The names of chunks of a snapshot that are not stored here. Raises SnapshotNewer or SnapshotMalformed."""
        with self._transaction(SnapshotError) as transaction:
            return keeping.missing_chunks(transaction, head, names_max)

    def keep_chunks(self, chunks: Mapping[bytes, bytes]) -> None:
        """Store chunks by their names. Raises SnapshotMalformed for one that is not what its name says."""
        for name, chunk in chunks.items():
            require_chunk(name, chunk)
        with self._transaction(durable=False) as transaction:
            for name, chunk in chunks.items():
                transaction.put_snapshot_chunk(name, chunk)

    def is_of_order(self, head: SnapshotHead) -> bool:
        """Whether the order is known here up to where a snapshot stands, and is the same."""
        standing = self._order.standing
        if head.through >= standing.through:
            return (head.through, head.end.digest) == (standing.through, standing.digest)
        with self._transaction() as transaction:
            return digest_at(transaction, head.through) == head.end.digest

    def adopt(self, head: SnapshotHead) -> bool:
        """Keep a proven snapshot of which no chunk is missing and that goes no further than what is known here.

        Returns whether it was kept: not one that is older than another, or goes further. Raises SnapshotForeign.
        """
        newest = self.newest_snapshot
        if head.through > self._order.standing.through or (newest is not None and head.through <= newest.through):
            return False
        with self._transaction(SnapshotError) as transaction:
            keeping.adopt(transaction, head, self._order.standing)
            self._snapshots = kept_snapshots(transaction)
        return True

    def install(self, head: SnapshotHead) -> bool:
        """Stand on a proven snapshot of which no chunk is missing, and that goes further than what is known here.

        Returns whether it does; then the replica is outdated. Raises SnapshotError, and then nothing changed. It takes as long
        as the snapshot is large.
        """
        if head.through <= self._order.standing.through:
            return False
        with self._transaction(SnapshotError) as transaction:
            keeping.install(transaction, head, self._order.standing)
            certificate, through = self._author.writer.certificate, transaction.last_position()
            own_class = certificate.device_class
            rebuild(transaction, self.definition, certificate.journal, through, self._stored, own_class, on=head)
        self._outdated = True
        return True

    def prune(self, entries_max: int) -> int:
        """Put some entries away for which a snapshot stands. Returns how many went; the shell calls it again until none do.

        Raises SnapshotError, and puts nothing away, when that snapshot does not read.
        """
        if len(self._snapshots) < keeping.SNAPSHOTS_KEPT or self._pruned_through >= self._snapshots[0].through:
            return 0
        with self._transaction() as transaction:
            # The witness must name no entry that goes now: this puts it at the newest one.
            note_pruned(transaction, self._pruned_through)
        target = self._snapshots[0].through
        while True:
            with self._transaction(SnapshotError) as transaction:
                if self._kept_whole is None or self._kept_whole[0] != target:
                    self._kept_whole = target, keeping.kept_whole(transaction, target)
                pruned = keeping.prune(transaction, self._state, self.forks, self._kept_whole[1], entries_max)
            self._pruned_through = pruned.through
            if pruned.removed or pruned.is_done:
                return pruned.removed

    def note_text(self, document: str) -> str:
        """The text of a note or shift log; empty when it was never written."""
        with self._transaction() as transaction:
            return self._state.note(document, transaction).text

    def digest_buckets(self) -> list[bytes]:
        """The sums of the content digest, one for each bucket."""
        return self._state.digest.buckets()

    def digest_rows(self, bucket: int) -> dict[RowName, bytes]:
        """The sum of every row of a bucket. It reads every row of the property."""
        with self._transaction() as transaction:
            return rows_of_bucket(self._state, bucket, transaction)

    def digest_fields(self, name: RowName) -> dict[str, bytes]:
        """A digest of each field of a row; empty for a row that is not there."""
        with self._transaction() as transaction:
            return fields_of_row(self._state, name, transaction)

    def alerts(self) -> list[Alert]:
        """Everything that needs a person's eye beside the conflicts."""
        return self._state.alerts(self._gate.succession)

    def refresh_alerts(self) -> None:
        """Bring the readable alert rows up to date; the shell calls this when it is idle after a change."""
        with self._transaction(durable=False) as transaction:
            self._state.refresh_alerts(transaction, self._gate.succession)

    @contextmanager
    def _transaction(self, *harmless: type[Exception], durable: bool = True) -> Generator[Transaction]:
        """One store transaction. `harmless` are refusals that leave the memory as it was."""
        self._require_whole()
        try:
            with self._store.transaction(durable=durable) as transaction, self._stored.within(transaction):
                yield transaction
        except harmless:
            raise
        except BaseException:
            self._broken = True
            raise

    def _require_whole(self) -> None:
        if self._broken or self._outdated:
            raise ReplicaBroken("a transaction failed here, or a branch changed: open the replica anew")

    def _store_own(self, entries: Sequence[Entry], transaction: Transaction) -> None:
        certificate = self._author.writer.certificate
        if self._gate.admit_certificate(certificate):
            transaction.add_journal(certificate)
            save_own_journal(transaction, certificate)
        self._append(entries, transaction)

    def _append(self, entries: Sequence[Entry], transaction: Transaction) -> None:
        transaction.append_entries(
            [Placed(self._recent.last_position + step, entry, None) for step, entry in enumerate(entries, 1)]
        )


@contextmanager
def _loading() -> Generator[None]:
    try:
        yield
    except (JournalError, DocumentError, LedgerError, ValueError, KeyError) as error:
        raise StoreCorrupt(
            f"What is stored does not load: {error}. Keep the file as it is, move it aside, and start again: what others hold "
            "comes back from them."
        ) from error


def _last_stamp(stamps: Collection[Stamp], now_ms: int) -> Stamp:
    """The newest plausible stamp held, so that a new journal never stamps below what its desk has already shown."""
    clock = HybridLogicalClock()
    for stamp in stamps:
        clock.observe(stamp, now_ms)
    return clock.last
