"""The gate through which another node's journals come in: what passes is authentic, whole and in causal order.

One `JournalGate` stands in front of every log, a terminal's and the relay's. It holds heads, and the certificates
that were asked for lately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.chain import verify_range
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import CertificateRefused, ContextMissing, EntryMalformed, JournalForked, JournalUnknown
from crdt_pms.journal.forks import ForkPoint, KnownForks
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.ledger.alerts import JournalFact
from crdt_pms.ledger.succession import Succession
from crdt_pms.ports.records import HeldJournal, JournalRecord

CERTIFICATES_AT_HAND_MAX: Final = 1_000
"""So many certificates that were read back stay decoded."""


class JournalGate:
    """Verifies certificates and ranges of entries against what is already held.

    Invariants:
    1. `vector` names exactly the entries that were admitted or loaded; each journal is held without gaps.
    2. An entry is admitted only after everything that its context and its dependencies name.
    3. A refused batch leaves no trace.
    4. Of a forked journal one branch is held. What others name at its forked slots need not be held: the name may mean
       another branch.
    """

    def __init__(
        self,
        property_id: str,
        root_key: bytes,
        journals: Iterable[JournalRecord] = (),
        held: Iterable[HeldJournal] = (),
        stored: Callable[[JournalId], Certificate | None] | None = None,
    ) -> None:
        """`root_key` is the property's root: every journal's chain must end at it.

        Certificates of `journals` stay in memory. Those of the `held` ones are read by `stored` when something asks for them;
        the caller fills `device_names` for these.
        """
        if stored is not None:
            self._stored = lru_cache(CERTIFICATES_AT_HAND_MAX)(stored)
        self._property_id = property_id
        self._root_key = root_key
        self._certificates: dict[JournalId, Certificate] = {}
        self.device_names: dict[str, str] = {}
        """What administrators called the devices of the known journals, by device id, removed devices too."""
        self._heads: dict[JournalId, Head] = {}
        self.vector: dict[JournalId, int] = {}
        self.succession = Succession()
        """How the held journals follow on each other."""
        self.forks = KnownForks()
        for record in journals:
            self._learn(record.certificate)
            self._advance(record.head)
        for device_id, previous, head in held:
            self._heads[head.journal] = head
            if head.seq:
                self.vector[head.journal] = head.seq
                self.succession.begin(JournalFact(head.journal, device_id, previous, head.seq))

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        known = self._certificates.get(journal)
        return self._stored(journal) if known is None and journal in self._heads else known

    @staticmethod
    def _stored(_journal: JournalId) -> Certificate | None:
        return None

    def require_certificate(self, journal: JournalId) -> Certificate:
        """The certificate of a journal. Raises JournalUnknown."""
        certificate = self.certificate(journal)
        if certificate is None:
            raise JournalUnknown(f"journal {journal.hex()[:8]} was named before its certificate")
        return certificate

    def head(self, journal: JournalId) -> Head | None:
        """The last admitted entry of a known journal."""
        return self._heads.get(journal)

    def require_acceptable(self, certificate: Certificate) -> None:
        """CertificateRefused for another property or root, or a second certificate of one journal.

        Nothing else counts: journals of devices that the property has removed are history like all others.
        """
        known = self.certificate(certificate.journal)
        if known is not None and known.encoded != certificate.encoded:
            raise CertificateRefused(f"journal {certificate.journal.hex()} has two certificates")
        certificate.chain.require_of(self._property_id, self._root_key)

    def admit_certificate(self, certificate: Certificate) -> bool:
        """Learn a journal; False when it was known. CertificateRefused when it is not acceptable."""
        self.require_acceptable(certificate)
        if certificate.journal in self._heads:
            return False
        self._learn(certificate)
        self._advance(certificate.genesis)
        return True

    def sort_out(
        self, entries: Sequence[Entry], held_hash: Callable[[Dot], bytes | None]
    ) -> tuple[list[Entry], list[Entry]]:
        """Part a batch into what goes on with the held journals, and entries of other branches of journals that are known to be
        forked.

        `held_hash`: see `admit`. Raises JournalForked for another branch of a journal of which that is not known.
        """
        going_on: list[Entry] = []
        others: list[Entry] = []
        heads: dict[JournalId, Head] = {}
        hashes: dict[Dot, bytes] = {}
        for entry in entries:
            journal, seq = entry.dot
            head = heads.get(journal) or self._heads.get(journal)
            if head is None or seq > head.seq + 1:
                contradicted = None
            elif seq == head.seq + 1:
                contradicted = None if entry.previous_hash == head.hash else head.seq
            else:
                known = hashes.get(entry.dot) or (head.hash if seq == head.seq else held_hash(entry.dot))
                contradicted = None if known in (None, entry.hash) else seq
            is_forked = head is not None and self.forks.first(journal) is not None
            if contradicted is not None and not is_forked:
                raise JournalForked(journal, contradicted)
            is_gap = head is not None and seq > head.seq + 1
            if is_forked and (contradicted is not None or is_gap or self._loses(entry, head)):
                others.append(entry)
                continue
            going_on.append(entry)
            if head is not None and seq == head.seq + 1:
                heads[journal] = Head(journal, seq, entry.hash)
                hashes[entry.dot] = entry.hash
        return going_on, others

    def admit(self, entries: Sequence[Entry], held_hash: Callable[[Dot], bytes | None]) -> list[Entry]:
        """Verify what `sort_out` left of a batch, in the order in which it came, and return the entries that were not held.

        `held_hash` gives the hash of an entry that is already held, for telling a repeat from another branch; None when it
        cannot be told cheaply. Raises a JournalError, after which nothing of the batch was admitted.
        """
        fresh = [entry for entry in entries if entry.dot.seq > self.vector.get(entry.dot.journal, 0)]
        vector = dict(self.vector)
        ranges: dict[JournalId, list[Entry]] = {}
        for entry in fresh:
            self.require_context(entry, vector)
            vector[entry.dot.journal] = entry.dot.seq
            ranges.setdefault(entry.dot.journal, []).append(entry)
        # One signature for each journal of the batch, however the journals are interleaved in it.
        heads = [self._verified_head(journal, range_) for journal, range_ in ranges.items()]
        for head in heads:
            self._advance(head)
        return fresh

    def admit_own(self, entry: Entry) -> None:
        """Take over an entry that this node just wrote itself."""
        self._advance(Head(entry.dot.journal, entry.dot.seq, entry.hash))

    def _verified_head(self, journal: JournalId, range_: Sequence[Entry]) -> Head:
        certificate = self.certificate(journal)
        if certificate is None:
            raise JournalUnknown(f"entry {range_[0].dot} came before the certificate of its journal")
        return verify_range(range_, self._heads[journal], certificate.device_key)

    def _loses(self, entry: Entry, head: Head | None) -> bool:
        """Whether an entry that would go on with its journal is of a branch that does not count."""
        if head is None or entry.dot.seq != head.seq + 1:
            return False
        proof = self.forks.at(ForkPoint(entry.dot.journal, entry.dot.seq, entry.previous_hash))
        return proof is not None and entry.hash != proof.lower.hash

    def require_context(self, entry: Entry, vector: Mapping[JournalId, int]) -> None:
        """ContextMissing unless a holder of `vector` has what the entry's author had seen; EntryMalformed for a part that is
        absent without reason."""
        if entry.is_erased:
            raise EntryMalformed(f"entry {entry.dot} came without its personal part, and no erasure allows that")
        if not all(self._has(Dot(journal, seq), vector) for journal, seq in entry.context.items()):
            raise ContextMissing(f"entry {entry.dot} came before what its author had seen")
        for dependency in entry.supersedes:
            if not self._has(dependency, vector):
                raise ContextMissing(f"entry {entry.dot} names {dependency}, which its author never had")

    def _has(self, dot: Dot, vector: Mapping[JournalId, int]) -> bool:
        held = vector.get(dot.journal, 0)
        if held >= dot.seq:
            return True
        first = self.forks.first(dot.journal)
        return first is not None and held >= first - 1

    def _learn(self, certificate: Certificate) -> None:
        self._certificates[certificate.journal] = certificate
        self.device_names[certificate.device_id] = certificate.chain.name

    def _advance(self, head: Head) -> None:
        self._heads[head.journal] = head
        if head.seq:
            self.vector[head.journal] = head.seq
            if self.succession.held(head.journal):
                self.succession.advance(head.journal, head.seq)
            else:
                note_held(self.succession, self.require_certificate(head.journal), head.seq)


def note_held(succession: Succession, certificate: Certificate, seq: int) -> None:
    """Note that entries of the journal are held up to `seq`."""
    if succession.held(certificate.journal):
        succession.advance(certificate.journal, seq)
    else:
        previous = None if certificate.previous is None else certificate.previous[:2]
        succession.begin(JournalFact(certificate.journal, certificate.device_id, previous, seq))
