"""The gate through which another node's journals come in: what passes is authentic, whole and in causal order.

One `JournalGate` stands in front of every log, a terminal's and the relay's. It holds certificates and heads only, so it
costs no database access.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.chain import verify_range
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import CertificateRefused, ContextMissing, EntryMalformed, Equivocation, JournalUnknown
from crdt_pms.journal.identifiers import Dot, JournalId, covers
from crdt_pms.replica.port import JournalRecord


class JournalGate:
    """Verifies certificates and ranges of entries against what is already held.

    Invariants:
    1. `vector` names exactly the entries that were admitted or loaded; each journal is held without gaps.
    2. An entry is admitted only after everything that its context and its dependencies name.
    3. A refused batch leaves no trace.
    """

    def __init__(self, property_id: str, root_key: bytes, journals: Iterable[JournalRecord] = ()) -> None:
        """`root_key` is the property's root: every journal's chain must end at it."""
        self._property_id = property_id
        self._root_key = root_key
        self._certificates: dict[JournalId, Certificate] = {}
        self.device_names: dict[str, str] = {}
        """What administrators called the devices of the known journals, by device id, removed devices too."""
        self._heads: dict[JournalId, Head] = {}
        self.vector: dict[JournalId, int] = {}
        for record in journals:
            self._learn(record.certificate)
            self._advance(record.head)

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self._certificates.get(journal)

    def head(self, journal: JournalId) -> Head | None:
        """The last admitted entry of a known journal."""
        return self._heads.get(journal)

    def records(self) -> list[JournalRecord]:
        """All known journals with their heads."""
        return [JournalRecord(certificate, self._heads[journal]) for journal, certificate in self._certificates.items()]

    def require_acceptable(self, certificate: Certificate) -> None:
        """CertificateRefused for another property or root, or a second certificate of one journal.

        Nothing else counts: journals of devices that the property has removed are history like all others.
        """
        known = self._certificates.get(certificate.journal)
        if known is not None and known.encoded != certificate.encoded:
            raise CertificateRefused(f"journal {certificate.journal.hex()} has two certificates")
        certificate.chain.require_of(self._property_id, self._root_key)

    def admit_certificate(self, certificate: Certificate) -> bool:
        """Learn a journal; False when it was known. CertificateRefused when it is not acceptable."""
        self.require_acceptable(certificate)
        if certificate.journal in self._certificates:
            return False
        self._learn(certificate)
        self._advance(certificate.genesis)
        return True

    def admit(self, entries: Sequence[Entry], held_hash: Callable[[Dot], bytes | None]) -> list[Entry]:
        """Verify a batch in the order in which it came and return the entries that were not held.

        `held_hash` gives the hash of an entry that is already held, for telling a repeat from an equivocation; None when it
        cannot be told cheaply. Raises a JournalError, after which nothing of the batch was admitted.
        """
        fresh = [entry for entry in entries if self._is_fresh(entry, held_hash)]
        vector = dict(self.vector)
        ranges: dict[JournalId, list[Entry]] = {}
        for entry in fresh:
            self._require_context(entry, vector)
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
        certificate = self._certificates.get(journal)
        if certificate is None:
            raise JournalUnknown(f"entry {range_[0].dot} came before the certificate of its journal")
        return verify_range(range_, self._heads[journal], certificate.device_key)

    def _is_fresh(self, entry: Entry, held_hash: Callable[[Dot], bytes | None]) -> bool:
        if entry.dot.seq > self.vector.get(entry.dot.journal, 0):
            return True
        known = held_hash(entry.dot)
        if known is not None and known != entry.hash:
            raise Equivocation(f"entry {entry.dot} differs from the one held under that number")
        return False

    def _require_context(self, entry: Entry, vector: dict[JournalId, int]) -> None:
        if entry.is_erased:
            raise EntryMalformed(f"entry {entry.dot} came without its personal part, and no erasure allows that")
        if not covers(vector, entry.context):
            raise ContextMissing(f"entry {entry.dot} came before what its author had seen")
        for dependency in entry.supersedes:
            if vector.get(dependency.journal, 0) < dependency.seq:
                raise ContextMissing(f"entry {entry.dot} names {dependency}, which its author never had")

    def _learn(self, certificate: Certificate) -> None:
        self._certificates[certificate.journal] = certificate
        self.device_names[certificate.device_id] = certificate.chain.name

    def _advance(self, head: Head) -> None:
        self._heads[head.journal] = head
        if head.seq:
            self.vector[head.journal] = head.seq
