"""Two sessions that talk in memory, and one message of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.positions import ORDER_START, CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.session.codec import encode
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
from crdt_pms.session.session import Identity, Session, Stage
from tests.crdt_pms.journal.journals import PROPERTY_ID, ROOT, append, enrolled, journal_id, writer

RELAY = 3
"""The number of the device that is the relay."""


def member(number: int, property_id: str = PROPERTY_ID) -> EnrolledDevice:
    """The device of that number as what it is."""
    device_class = DeviceClass.RELAY if number == RELAY else DeviceClass.TERMINAL
    return enrolled(number, device_class, property_id)


def state(vector: dict[int, int], common: int = 0) -> State:
    """What a peer holds of the journals of those numbers beyond a position of the order."""
    held = {journal_id(number): seq for number, seq in vector.items()}
    return State(held, {journal: b"prefix-%d" % (seq % 10) for journal, seq in held.items()}, common)


def fork() -> ForkProof:
    """Two first entries of one journal."""
    branches = [
        Branch.of([entry.header], entry.signature) for entry in (append(writer(1)), append(writer(1), b"other"))
    ]
    return ForkProof.of(*branches)


def messages() -> list[Message]:
    """A well-formed message of every kind, the ones that carry nothing included."""
    journal = writer(1)
    entries = tuple(append(journal, payload=b"%d" % step) for step in range(3))
    return [
        Hello(1, 1, member(1).chain, b"n" * 32),
        Proof(b"s" * 64),
        OrderKnown(signed_end(b"generation", 1_100), (OrderMark(1_100, b"d" * 32), OrderMark(1_024, b"e" * 32))),
        OrderKnown(None),
        state({1: 7, 2: 1}, 12),
        State({}),
        Held({journal_id(1): 7}, {journal_id(1): b"prefix-7"}),
        Certificates((journal.certificate, writer(2).certificate)),
        Certificates(()),
        Entries(entries),
        Entries(()),
        Taken(3),
        Committed(signed_end(b"g", 4), (CommittedRun(1, journal_id(1), 1, 3), CommittedRun(4, journal_id(2), 5, 1))),
        Ping(1_782_900_000_000),
        Pong(1_782_900_000_000, 1_782_900_000_007),
        Bye("link_exists", "二重の接続です"),
        SlotsAsked(journal_id(1), (1, 64, 128)),
        SlotsAsked(journal_id(1), ()),
        Slots(journal_id(1), {1: b"12345678", 64: b"abcdefgh"}),
        Slots(journal_id(1), {}),
        BranchShown(fork().lower),
        BranchCompared(journal_id(1), fork()),
        BranchCompared(journal_id(1), None),
        Forks((fork(),)),
        Forks(()),
        SnapshotOffered(snapshot_head(), is_needed=True),
        SnapshotHeld(7),
        ChunksAsked((b"n" * 32, b"m" * 32)),
        ChunksAsked(()),
        Chunk(b"n" * 32, b"body"),
        Chunk(b"n" * 32, None),
    ]


def snapshot_head(through: int = 7, signer: EnrolledDevice | None = None) -> SnapshotHead:
    """The head of a snapshot that the relay, or `signer`, signed."""
    relay = signer or member(RELAY)
    return SnapshotHead.sign(relay, signed_end(b"g", through, signer=relay), b"c" * 32, b"i" * 32, 1_782_900_000_000)


def signed_end(
    generation: bytes, through: int, digest: bytes = ORDER_START, signer: EnrolledDevice | None = None
) -> SignedEnd:
    """An end of the order that the relay, or `signer`, signed."""
    return SignedEnd.sign(signer or member(RELAY), generation, through, digest)


def identity(number: int, property_id: str = PROPERTY_ID) -> Identity:
    """The device of that number, trusting what the property trusts."""
    return Identity(property_id, ROOT.public_bytes, member(number, property_id))


@dataclass
class Pair:
    """Two sessions and what each said that the other has not heard yet."""

    left: Session
    right: Session
    to_left: list[Message] = field(default_factory=list[Message])
    to_right: list[Message] = field(default_factory=list[Message])

    def hear_all(self) -> list[Message]:
        """Deliver everything that is under way."""
        heard = [self.right.receive(self.left.seal(message)) for message in self.to_right] + [
            self.left.receive(self.right.seal(message)) for message in self.to_left
        ]
        self.to_left.clear()
        self.to_right.clear()
        return heard


def pair(left: int = 1, right: int = 2) -> Pair:
    """Two sessions that have not said anything."""
    return Pair(Session(identity(left), b"l" * 32), Session(identity(right), b"r" * 32))


def greeted(left: int = 1, right: int = 2) -> Pair:
    """Both have heard the other's hello."""
    both = pair(left, right)
    both.to_right.append(both.left.hello())
    both.to_left.append(both.right.hello())
    both.hear_all()
    return both


def proven(left: int = 1, right: int = 2) -> Pair:
    """Both have proven themselves."""
    both = greeted(left, right)
    both.to_right.append(both.left.proof())
    both.to_left.append(both.right.proof())
    both.hear_all()
    return both


def ordered(left: int = 1, right: int = 2) -> Pair:
    """Both have said that they know nothing of the order."""
    both = proven(left, right)
    both.to_right.append(both.left.order_known(signed_end(b"one", 0) if left == RELAY else None, ()))
    both.to_left.append(both.right.order_known(signed_end(b"one", 0) if right == RELAY else None, ()))
    both.hear_all()
    return both


def opened(left: int = 1, right: int = 2) -> Pair:
    """Both hold nothing, and know it of each other."""
    both = ordered(left, right)
    both.to_right.append(State({}))
    both.to_left.append(State({}))
    both.hear_all()
    return both


def at_stage(stage: Stage) -> Session:
    """A session that waits for what that stage waits for."""
    made = {
        Stage.AWAITING_HELLO: pair, Stage.AWAITING_PROOF: greeted, Stage.AWAITING_ORDER: proven,
        Stage.AWAITING_STATE: ordered, Stage.OPEN: opened,
    }  # fmt: skip
    session = made[stage]().left
    assert session.stage is stage
    return session


def message_of(kind: type) -> Message:
    """A well-formed message of that kind; its proof is nobody's."""
    return next(message for message in messages() if type(message) is kind)


def heard(session: Session, message: Message) -> Message:
    """What a session makes of a message that comes as its peer's next frame."""
    return session.receive(encode(message, session._frames_heard + 1))
