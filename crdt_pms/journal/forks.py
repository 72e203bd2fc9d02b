"""Forks: two signed entries in one slot of a journal, as a proof that every node can verify and none can make up.

A device that is honest never writes one number twice. A virtual machine that was resumed from a snapshot does, and so does a
hostile device. Which of the two branches counts follows from the proof and the committed order alone: the committed one, until
then the one whose first entry has the lower hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import ENTRY_DOMAIN, HEADER_FIELDS, Entry
from crdt_pms.journal.errors import ForkUnproven
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.limits import (
    BRANCH_BYTES_MAX,
    BRANCH_HEADERS_MAX,
    HASH_BYTES,
    HEADER_BYTES_MAX,
    JOURNAL_ID_BYTES,
    SEQ_MAX,
    SIGNATURE_BYTES,
)
from crdt_pms.journal.wire import FieldWrong, pack, take_bytes, take_int, take_list, unpack_any_array, unpack_array


class ForkPoint(NamedTuple):
    """Where two branches part: the slot after the entry of that hash."""

    journal: JournalId
    seq: int
    previous_hash: bytes


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a fork: consecutive headers from the forked slot on, and the signature over the last of them."""

    point: ForkPoint
    hash: bytes
    """Of the first entry."""
    headers: tuple[bytes, ...]
    signature: bytes

    @classmethod
    def of(cls, headers: Sequence[bytes], signature: bytes) -> Branch:
        """Raises FieldWrong for headers that are malformed, too many, too large or do not follow each other."""
        if not 1 <= len(headers) <= BRANCH_HEADERS_MAX or sum(map(len, headers)) > BRANCH_BYTES_MAX:
            raise FieldWrong("a branch has no header, or more than are allowed")
        take_bytes(signature, "signature", SIGNATURE_BYTES)
        first = _point_of(headers[0])
        point = first
        for header in headers[1:]:
            following = _point_of(header)
            if following != (point.journal, point.seq + 1, hashlib.sha256(headers[point.seq - first.seq]).digest()):
                raise FieldWrong("the headers of a branch do not follow each other")
            point = following
        return cls(first, hashlib.sha256(headers[0]).digest(), tuple(headers), signature)

    @classmethod
    def from_wire(cls, value: object) -> Branch:
        """Read back `to_wire`, without verifying the signature. Raises FieldWrong."""
        fields = take_list(value, "branch", 2)
        if len(fields) != 2:
            raise FieldWrong("a branch is headers and a signature")
        headers: list[bytes] = []
        for header in take_list(fields[0], "headers", BRANCH_HEADERS_MAX):
            if not isinstance(header, bytes):
                raise FieldWrong("a header is no bytes")
            headers.append(header)
        return cls.of(headers, take_bytes(fields[1], "signature", SIGNATURE_BYTES))

    def to_wire(self) -> list[object]:
        """What is packed into a message or a store."""
        return [list(self.headers), self.signature]

    @property
    def size(self) -> int:
        """Bytes on a wire or disk, framing aside."""
        return sum(map(len, self.headers)) + SIGNATURE_BYTES

    def require_signed(self, certificate: Certificate) -> None:
        """ForkUnproven unless the device of that journal signed the last header."""
        signed = ENTRY_DOMAIN + hashlib.sha256(self.headers[-1]).digest()
        if certificate.journal != self.point.journal or not is_signed(certificate.device_key, self.signature, signed):
            raise ForkUnproven(f"a branch of journal {self.point.journal.hex()[:8]} is not signed by its device")


def branch_of(entries: Iterable[Entry], device_key: bytes) -> Branch | None:
    """The branch that begins with the first of these consecutive entries and ends at the first valid signature; None when there
    is none."""
    headers: list[bytes] = []
    for entry in entries:
        headers.append(entry.header)
        if is_signed(device_key, entry.signature, ENTRY_DOMAIN + entry.hash):
            return Branch.of(headers, entry.signature)
    return None


@dataclass(frozen=True, slots=True)
class ForkProof:
    """Two branches of one journal that part at one point, the one with the lower hash first."""

    lower: Branch
    higher: Branch

    @classmethod
    def of(cls, one: Branch, other: Branch) -> ForkProof:
        """Raises ForkUnproven for two that do not part at one point."""
        if one.point != other.point or one.hash == other.hash:
            raise ForkUnproven("two branches do not part at one point")
        return cls(*sorted((one, other), key=lambda branch: branch.hash))

    @classmethod
    def from_wire(cls, value: object) -> ForkProof:
        """Read back `to_wire`, without verifying signatures. Raises FieldWrong, or ForkUnproven."""
        branches = take_list(value, "fork", 2)
        if len(branches) != 2:
            raise FieldWrong("a fork has two branches")
        return cls.of(Branch.from_wire(branches[0]), Branch.from_wire(branches[1]))

    @classmethod
    def decode(cls, encoded: bytes) -> ForkProof:
        """Read back `encoded`. Raises FieldWrong, or ForkUnproven."""
        return cls.from_wire(unpack_any_array(encoded, 3 * BRANCH_BYTES_MAX))

    def to_wire(self) -> list[object]:
        """What is packed into a message or a store."""
        return [self.lower.to_wire(), self.higher.to_wire()]

    @property
    def encoded(self) -> bytes:
        """What a store keeps."""
        return pack(self.to_wire())

    @property
    def point(self) -> ForkPoint:
        """Where the branches part."""
        return self.lower.point

    @property
    def size(self) -> int:
        """Bytes on a wire or disk, framing aside."""
        return self.lower.size + self.higher.size

    def require_valid(self, certificate: Certificate) -> None:
        """ForkUnproven unless the device of that journal signed both branches."""
        self.lower.require_signed(certificate)
        self.higher.require_signed(certificate)

    def merged(self, other: ForkProof) -> ForkProof:
        """The proof with the two lowest branches of both, which part at the same point: a function of the set of branches."""
        by_hash: dict[bytes, Branch] = {}
        for branch in (self.lower, self.higher, other.lower, other.higher):
            known = by_hash.get(branch.hash, branch)
            by_hash[branch.hash] = min(known, branch, key=lambda one: (len(one.headers), one.headers, one.signature))
        lowest, second = sorted(by_hash)[:2]
        return ForkProof(by_hash[lowest], by_hash[second])


def proof_of(held: Branch | None, shown: Branch) -> ForkProof | None:
    """The proof that two branches make; None when nothing is held at that slot, or the same, or the two part before it."""
    if held is None or held.point != shown.point or held.hash == shown.hash:
        return None
    return ForkProof.of(held, shown)


class KnownForks:
    """Every fork that a node knows: for each point the proof with the two lowest branches."""

    def __init__(self, proofs: Iterable[ForkProof] = ()) -> None:
        self._proofs: dict[JournalId, dict[ForkPoint, ForkProof]] = {}
        for proof in proofs:
            self.learn(proof)

    def __iter__(self) -> Iterator[ForkProof]:
        return (proof for points in self._proofs.values() for proof in points.values())

    def __len__(self) -> int:
        return sum(map(len, self._proofs.values()))

    def first(self, journal: JournalId) -> int | None:
        """The lowest forked slot of a journal; None for one that is not known to be forked."""
        points = self._proofs.get(journal)
        return min(point.seq for point in points) if points else None

    def is_uncertain(self, dot: Dot) -> bool:
        """Whether that name may mean entries of several branches."""
        first = self.first(dot.journal)
        return first is not None and dot.seq >= first

    def of(self, journal: JournalId) -> list[ForkProof]:
        """The forks of one journal, the lowest slot first."""
        return [self._proofs[journal][point] for point in sorted(self._proofs.get(journal, ()))]

    def at(self, point: ForkPoint) -> ForkProof | None:
        """The fork at that point."""
        return self._proofs.get(point.journal, {}).get(point)

    def learn(self, proof: ForkProof) -> ForkProof | None:
        """Take in a valid proof; returns what is known of its point now, None when it says nothing new."""
        points = self._proofs.setdefault(proof.point.journal, {})
        known = points.get(proof.point)
        whole = proof if known is None else known.merged(proof)
        if whole == known:
            return None
        points[proof.point] = whole
        return whole


def counting_branch(
    start: Head, entries: Iterable[Entry], committed: Collection[bytes], forks: KnownForks
) -> list[Entry]:
    """Of `entries`, some of several branches, those that count after `start`: at each slot the entry with a hash in
    `committed`, else the lowest of all hashes that entries or proofs show there.

    It ends where the entry that counts is not among them.
    """
    following: dict[tuple[int, bytes], dict[bytes, Entry]] = {}
    for entry in entries:
        following.setdefault((entry.dot.seq, entry.previous_hash), {})[entry.hash] = entry
    found: list[Entry] = []
    seq, previous = start.seq + 1, start.hash
    while True:
        children: Mapping[bytes, Entry] = following.get((seq, previous), {})
        proof = forks.at(ForkPoint(start.journal, seq, previous))
        shown = set(children) if proof is None else {*children, proof.lower.hash}
        chosen = next((one for one in children if one in committed), min(shown, default=b""))
        if chosen not in children:
            return found
        found.append(children[chosen])
        seq, previous = seq + 1, chosen


def _point_of(header: bytes) -> ForkPoint:
    journal, seq, previous, *_rest = unpack_array(header, HEADER_FIELDS, HEADER_BYTES_MAX)
    return ForkPoint(
        JournalId(take_bytes(journal, "journal", JOURNAL_ID_BYTES)),
        take_int(seq, "number", 1, SEQ_MAX),
        take_bytes(previous, "previous hash", HASH_BYTES),
    )
