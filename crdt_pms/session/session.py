"""One conversation between two nodes, as a state machine that is fed frames and returns what came.

    AWAITING_HELLO → AWAITING_PROOF → AWAITING_ORDER → AWAITING_STATE → OPEN

Both sides run the same machine. It knows nothing of sockets, clocks or replicas; `Exchange` and the shells around it do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import DeviceId, JournalId
from crdt_pms.journal.keys import is_signed
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.journal.wire import pack
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.session.codec import decode, encode
from crdt_pms.session.errors import (
    MessageUnexpected,
    OrderUnproven,
    PeerLeft,
    PeerRemoved,
    PeerUntrusted,
    ProofInvalid,
    PropertyForeign,
    ProtocolUnsupported,
    SnapshotUnproven,
    WindowExceeded,
)
from crdt_pms.session.limits import (
    CERTIFICATES_PER_FRAME_MAX,
    FRAMES_BETWEEN_TAKEN,
    FRAMES_IN_FLIGHT_MAX,
    PROTOCOL_VERSION_MAX,
    PROTOCOL_VERSION_MIN,
    PROTOCOL_VERSION_SNAPSHOTS,
    VECTOR_FRAMES_MAX,
)
from crdt_pms.session.messages import (
    BranchCompared,
    BranchShown,
    Bye,
    Certificates,
    Chunk,
    ChunksAsked,
    Committed,
    Entries,
    Forks,
    Held,
    Hello,
    Message,
    OrderKnown,
    Ping,
    Pong,
    Proof,
    Slots,
    SlotsAsked,
    SnapshotHeld,
    SnapshotOffered,
    State,
    Taken,
)

_PROOF_DOMAIN: Final = b"crdt-pms session v1\0"


class Stage(Enum):
    """Where the conversation stands: what is waited for from the peer."""

    AWAITING_HELLO = auto()
    AWAITING_PROOF = auto()
    AWAITING_ORDER = auto()
    AWAITING_STATE = auto()
    OPEN = auto()


_EXPECTED: Final[Mapping[Stage, tuple[type[Message], ...]]] = {
    Stage.AWAITING_HELLO: (Hello, Bye),
    Stage.AWAITING_PROOF: (Proof, Bye),
    Stage.AWAITING_ORDER: (OrderKnown, Bye),
    Stage.AWAITING_STATE: (Held, State, Bye),
    Stage.OPEN: (
        Certificates,
        Entries,
        Taken,
        Committed,
        Ping,
        Pong,
        Bye,
        SlotsAsked,
        Slots,
        BranchShown,
        BranchCompared,
        Forks,
        SnapshotOffered,
        SnapshotHeld,
        ChunksAsked,
        Chunk,
    ),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this node is, and whom it trusts: every device whose chain ends at the property's root.

    `versions` are the lowest and the highest protocol version that its program speaks. `is_removed` says of a device whether
    rows that are known here say that it may not write now; a device of which no row is known is judged by its chain alone.
    """

    property_id: str
    root_key: bytes
    device: EnrolledDevice
    versions: tuple[int, int] = (PROTOCOL_VERSION_MIN, PROTOCOL_VERSION_MAX)
    is_removed: Callable[[DeviceId], bool] = lambda _device: False


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, once it has proven it."""

    device_id: DeviceId
    device_key: bytes
    device_class: DeviceClass
    name: str

    @property
    def is_relay(self) -> bool:
        """Whether its committed order is the property's."""
        return self.device_class is DeviceClass.RELAY


class Session:
    """See the module. After an exception the session must not be used any more."""

    def __init__(self, identity: Identity, nonce: bytes) -> None:
        """`nonce` must be 32 fresh random bytes."""
        self._identity = identity
        self._hello = Hello(*identity.versions, identity.device.chain, nonce)
        self._peer_hello: Hello | None = None
        self._frames_sealed = 0
        self._frames_heard = 0
        self._held_parts: list[Held] = []
        self._frames_sent = 0
        self._frames_taken_by_peer = 0
        self._frames_received = 0
        self._frames_taken = 0
        self.stage = Stage.AWAITING_HELLO
        self.peer: Peer | None = None
        self.peer_vector: dict[JournalId, int] = {}
        """What the peer is known to hold beyond `peer_common`: as it said, plus what went to and fro since."""
        self.peer_common = 0
        """Up to this position of the order that is known here the peer holds everything."""
        self._held_before: dict[JournalId, int] = {}
        self._own_marks: frozenset[int] = frozenset()
        self._stated_through = 0
        self.peer_generation: bytes | None = None
        self.peer_through = 0
        """How far the peer knows the order that is known here."""

    @property
    def knows_snapshots(self) -> bool:
        """Whether both programs speak a version of the protocol that has them."""
        peer = self._peer_hello
        versions = (self._identity.versions[1], 0 if peer is None else peer.version_max)
        return min(versions) >= PROTOCOL_VERSION_SNAPSHOTS

    def seal(self, message: Message) -> bytes:
        """The frame of a message. Frames must be sent in the order in which they are sealed."""
        self._frames_sealed += 1
        return encode(message, self._frames_sealed)

    # What this side says

    def hello(self) -> Hello:
        """Said first, at once by both sides."""
        return self._hello

    def proof(self) -> Proof:
        """Answers the peer's hello."""
        assert self._peer_hello is not None, "a proof answers a hello"
        return Proof(self._identity.device.key.sign(_challenge(self._hello, self._peer_hello)))

    def order_known(self, end: SignedEnd | None, marks: Sequence[OrderMark]) -> OrderKnown:
        """Answers the peer's proof."""
        self._own_marks = frozenset(mark.position for mark in marks)
        return OrderKnown(end, tuple(marks))

    def note_common(self, position: int) -> None:
        """The peer knows the order as it is known here up to a position, as its marks show."""
        self.peer_through = self._stated_through = position

    def note_cut(self, position: int) -> bool:
        """The order that is known here was cut back to a position: what comes after it is another one now.

        Returns whether the peer is known to hold less than before.
        """
        is_less = position < self.peer_common
        self.peer_common = min(self.peer_common, position)
        self.peer_through = min(self.peer_through, position)
        self._stated_through = min(self._stated_through, position)
        return is_less

    @property
    def known_common(self) -> int:
        """The furthest position up to which either side found that both know one order: the peer holds everything up to it."""
        return max(self.peer_common, self.peer_through)

    def note_held_through(self, position: int) -> None:
        """The peer says that it holds everything up to a position of the order that is known here."""
        self.peer_common = max(self.peer_common, position)

    def can_send_entries(self) -> bool:
        """Whether the peer has taken enough for one more frame of entries."""
        return self._frames_sent - self._frames_taken_by_peer < FRAMES_IN_FLIGHT_MAX

    def lacking(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those of the entries, which stand beyond `peer_common`, that the peer is not known to hold."""
        return [entry for entry in entries if entry.dot.seq > self.peer_vector.get(entry.dot.journal, 0)]

    def entries(
        self, entries: Sequence[Entry], certificate_of: Callable[[JournalId], Certificate | None]
    ) -> list[Certificates | Entries]:
        """What carries entries: first the certificates of the journals that begin among them, then the entries."""
        journals = {entry.dot.journal for entry in entries if entry.dot.seq == 1}
        found = [found for journal in sorted(journals) if (found := certificate_of(journal)) is not None]
        told = [
            Certificates(tuple(found[begin : begin + CERTIFICATES_PER_FRAME_MAX]))
            for begin in range(0, len(found), CERTIFICATES_PER_FRAME_MAX)
        ]
        self._frames_sent += 1
        self._note_held(entries)
        return [*told, Entries(tuple(entries))]

    def taken(self) -> Taken | None:
        """Note that one frame of entries was taken. What is returned, now and then, lets the peer send more."""
        self._frames_taken += 1
        return None if self._frames_taken % FRAMES_BETWEEN_TAKEN else Taken(self._frames_taken)

    def committed(self, end: SignedEnd, runs: Sequence[CommittedRun]) -> Committed:
        """Carries a piece of the committed order whose entries the peer holds."""
        self.peer_generation, self.peer_through = end.generation, end.through
        return Committed(end, tuple(runs))

    def forget_held(self, journal: JournalId, seq: int) -> None:
        """The peer is not known any more to hold the entries of a journal from that number on."""
        if self.peer_vector.get(journal, 0) >= seq:
            self.peer_vector[journal] = seq - 1
        if not self.peer_vector.get(journal):
            self.peer_vector.pop(journal, None)

    def forget_order(self) -> None:
        """The peer may have put away what it was told of the order: it knows what it said that it knows."""
        self.peer_through = min(self.peer_through, self._stated_through)

    def forget_last(self, journals: Collection[JournalId]) -> None:
        """What the last frame of entries brought of these journals says nothing of what the peer holds."""
        for journal in journals:
            self.forget_held(journal, self._held_before[journal] + 1)

    # What the peer says

    def receive(self, frame: object) -> Message:
        """Take one frame. Raises SessionError, or JournalError for what is no certificate or entry."""
        message = decode(frame, self._frames_heard + 1, _EXPECTED[self.stage])
        self._frames_heard += 1
        if isinstance(message, State):
            message = self._with_parts(message)
        self._take(message)
        return message

    def _take(self, message: Message) -> None:
        match message:
            case Hello() | Proof() | OrderKnown() | Held() | State():
                self._take_opening(message)
            case Entries():
                self._take_entries(message)
            case Taken():
                self._take_taken(message)
            case Committed():
                self._take_committed(message)
            case SnapshotOffered(head):
                self._require_proven_snapshot(head)
            case Bye():
                raise PeerLeft(message.reason, message.words)
            case _:
                pass

    def _take_opening(self, message: Hello | Proof | OrderKnown | Held | State) -> None:
        match message:
            case Hello():
                self._take_hello(message)
            case Proof():
                self._take_proof(message)
            case OrderKnown():
                self._take_order_known(message)
            case Held():
                self._take_held(message)
            case State():
                self._take_state(message)

    def _take_hello(self, hello: Hello) -> None:
        lowest, highest = self._identity.versions
        if hello.version_min > highest or hello.version_max < lowest:
            raise ProtocolUnsupported(
                f"the peer speaks versions {hello.version_min} to {hello.version_max}, this program "
                f"{lowest} to {highest}: update the older one"
            )
        chain, own = hello.chain, self._identity
        if chain.property_id != own.property_id:
            raise PropertyForeign(
                f"the peer belongs to property {chain.property_id!r}, this node to {own.property_id!r}"
            )
        # A device's own key would let an eavesdropper mirror its proof back to it.
        if chain.root_key != own.root_key or chain.device_key == own.device.public_bytes:
            raise PeerUntrusted(f"device {chain.device_id} is not enrolled at this property, or is this one")
        self._require_not_removed(chain.device_id)
        self._peer_hello = hello
        self.peer = Peer(chain.device_id, chain.device_key, chain.device_class, chain.name)
        self.stage = Stage.AWAITING_PROOF

    def _take_proof(self, proof: Proof) -> None:
        assert self._peer_hello is not None, "a proof follows a hello"
        if not is_signed(self._peer_hello.device_key, proof.signature, _challenge(self._peer_hello, self._hello)):
            raise ProofInvalid("the peer could not sign with the key that it names")
        self.stage = Stage.AWAITING_ORDER

    def _take_order_known(self, known: OrderKnown) -> None:
        if known.end is not None:
            self._require_proven(known.end)
            self.peer_generation = known.end.generation
        self.stage = Stage.AWAITING_STATE

    def _take_held(self, held: Held) -> None:
        if len(self._held_parts) >= VECTOR_FRAMES_MAX - 1:
            raise MessageUnexpected(f"more than {VECTOR_FRAMES_MAX} frames say what the peer holds")
        self._held_parts.append(held)

    def _with_parts(self, state: State) -> State:
        """The state with all that was said before it."""
        parts, self._held_parts = self._held_parts, []
        vector, prefixes = dict(state.vector), dict(state.prefixes)
        for part in parts:
            vector.update(part.vector)
            prefixes.update(part.prefixes)
        return State(vector, prefixes, state.common)

    def _take_state(self, state: State) -> None:
        if state.common and state.common not in self._own_marks:
            raise MessageUnexpected(f"the peer names position {state.common}, of which it was told no digest")
        self.peer_common = state.common
        self.peer_vector = dict(state.vector)
        self.stage = Stage.OPEN

    def _require_not_removed(self, device: DeviceId) -> None:
        if self._identity.is_removed(device):
            raise PeerRemoved(f"device {device} was taken out of the property")

    def _take_entries(self, message: Entries) -> None:
        assert self.peer is not None, "a peer that has said hello"
        self._require_not_removed(self.peer.device_id)
        self._frames_received += 1
        if self._frames_received - self._frames_taken > FRAMES_IN_FLIGHT_MAX:
            raise WindowExceeded(f"more than {FRAMES_IN_FLIGHT_MAX} frames of entries are in flight")
        self._note_held(message.entries)

    def _take_taken(self, message: Taken) -> None:
        if not self._frames_taken_by_peer <= message.frames <= self._frames_sent:
            raise MessageUnexpected(f"{message.frames} frames taken, {self._frames_sent} were sent")
        self._frames_taken_by_peer = message.frames

    def _take_committed(self, message: Committed) -> None:
        self._require_proven(message.end)
        known = self.peer_through if message.end.generation == self.peer_generation else 0
        self.peer_generation, self.peer_through = message.end.generation, max(known, message.end.through)

    def _require_proven(self, end: SignedEnd) -> None:
        """OrderUnproven unless a relay of the property signed that end; what a relay says it signs itself."""
        assert self.peer is not None, "a peer that has said hello"
        is_own_word = end.device_key == self.peer.device_key or not self.peer.is_relay
        if not (is_own_word and end.is_proven(self._identity.property_id, self._identity.root_key)):
            raise OrderUnproven(f"no relay of the property signed the order up to position {end.through}")

    def _require_proven_snapshot(self, head: SnapshotHead) -> None:
        """SnapshotUnproven unless a relay of the property vouches for that snapshot."""
        if not head.is_proven(self._identity.property_id, self._identity.root_key):
            raise SnapshotUnproven(f"no relay of the property signed the snapshot at position {head.through}")

    def _note_held(self, entries: Sequence[Entry]) -> None:
        self._held_before = {entry.dot.journal: self.peer_vector.get(entry.dot.journal, 0) for entry in entries}
        for entry in entries:
            self.peer_vector[entry.dot.journal] = max(self.peer_vector.get(entry.dot.journal, 0), entry.dot.seq)


def bye(reason: str, words: str) -> Bye:
    """Ends a session and says why."""
    return Bye(reason[:80], words)


def _challenge(speaker: Hello, listener: Hello) -> bytes:
    """What the speaker signs: both hellos, its own first, so that nothing of it fits another session."""
    told = pack(
        [
            hashlib.sha256(speaker.chain.encoded).digest(),
            speaker.nonce,
            [speaker.version_min, speaker.version_max],
            hashlib.sha256(listener.chain.encoded).digest(),
            listener.nonce,
            [listener.version_min, listener.version_max],
        ]
    )
    return _PROOF_DOMAIN + hashlib.sha256(told).digest()
