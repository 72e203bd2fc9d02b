"""The messages of a session: what two nodes can say to each other. Their frames are in `codec`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.limits import PREFIX_BYTES
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import Chain
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.session.limits import VECTOR_JOURNALS_MAX


@dataclass(frozen=True, slots=True)
class Hello:
    """Who speaks, and which protocol versions it knows. Sent by both sides at once."""

    version_min: int
    version_max: int
    chain: Chain
    nonce: bytes

    @property
    def device_key(self) -> bytes:
        """The key that the speaker says it holds."""
        return self.chain.device_key


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature over both hellos: the speaker holds the key that it named."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class OrderKnown:
    """How far the speaker knows the relay's committed order.

    `end` is the newest end of it in a relay's signed word; None before the speaker was told of any. `marks` are digests of the
    order at some positions, descending: by them the listener finds how much of the order both know. All but the first are at
    checkpoints, where a digest is looked up and not computed.
    """

    end: SignedEnd | None
    marks: tuple[OrderMark, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What the speaker holds: the committed order up to position `common`, which the listener knows too, and beyond it for each
    journal with entries there its last one.

    `prefixes` are the first bytes of the hashes of the entries that `vector` names: they tell two branches of a journal apart.
    """

    vector: VersionVector
    prefixes: Mapping[JournalId, bytes] = field(default_factory=dict[JournalId, bytes])
    common: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A part of what the speaker holds, which one frame could not say; a `State` with the rest follows."""

    vector: VersionVector
    prefixes: Mapping[JournalId, bytes]


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificates of journals whose entries follow."""

    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries that the receiver lacks, after all that they name."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many frames of entries the speaker has taken since the session began."""

    frames: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A piece of the relay's committed order: the durable acknowledgement of what it names.

    The runs follow each other without a gap, lead to `end`, and do not go beyond the next checkpoint.
    """

    end: SignedEnd
    runs: tuple[CommittedRun, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a sign of life and the peer's clock. `sent_ms` is the speaker's own."""

    sent_ms: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Answers a ping: its `sent_ms`, and the speaker's clock in between."""

    sent_ms: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class Bye:
    """Why the speaker ends the session: a stable code, and words for the log."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class SlotsAsked:
    """Asks for the first bytes of the hashes of some entries of one journal."""

    journal: JournalId
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """Answers `SlotsAsked` for those that are held."""

    journal: JournalId
    prefixes: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class BranchShown:
    """What the speaker holds of a journal from the slot on in which the receiver holds something else.

    `BranchCompared` answers it.
    """

    branch: Branch


@dataclass(frozen=True, slots=True)
class BranchCompared:
    """Answers `BranchShown`: the proof that it made; None when the speaker holds the same there, or nothing."""

    journal: JournalId
    proof: ForkProof | None


@dataclass(frozen=True, slots=True)
class Forks:
    """Proofs that journals were written twice."""

    proofs: tuple[ForkProof, ...]


@dataclass(frozen=True, slots=True)
class SnapshotOffered:
    """The speaker keeps that snapshot.

    `is_needed`: what stands beyond the common point the speaker has in no other form, or the snapshot is the shorter way; until
    the listener stands on it the speaker sends no entries. Else it is for keeping.
    """

    head: SnapshotHead
    is_needed: bool


@dataclass(frozen=True, slots=True)
class SnapshotHeld:
    """Answers an offer that was thought to be needed: the speaker knows the order up to that position, and holds all of it."""

    through: int


@dataclass(frozen=True, slots=True)
class ChunksAsked:
    """Asks for chunks of an offered snapshot by their names. Each is answered by a `Chunk`, in that order."""

    names: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Answers `ChunksAsked` for one name; None when the speaker keeps it no longer."""

    name: bytes
    body: bytes | None


Message = (
    Hello
    | Proof
    | OrderKnown
    | Held
    | State
    | Certificates
    | Entries
    | Taken
    | Committed
    | Ping
    | Pong
    | Bye
    | SlotsAsked
    | Slots
    | BranchShown
    | BranchCompared
    | Forks
    | SnapshotOffered
    | SnapshotHeld
    | ChunksAsked
    | Chunk
)


def states_of(heads: Iterable[Head], common: int) -> list[Held | State]:
    """What tells a peer that these entries are held beyond position `common`, in as many messages as it needs."""
    told = list(heads)
    parts = [told[at : at + VECTOR_JOURNALS_MAX] for at in range(0, len(told), VECTOR_JOURNALS_MAX)] or [[]]
    said = [
        ({one.journal: one.seq for one in part}, {one.journal: one.hash[:PREFIX_BYTES] for one in part})
        for part in parts
    ]
    return [*(Held(*part) for part in said[:-1]), State(*said[-1], common)]
