"""A peer that means harm: an enrolled device, or one that another root vouches for, which says what it likes in a session."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from random import Random
from typing import Final

from crdt_pms.documents.board import Board
from crdt_pms.documents.errors import UpdateRefused
from crdt_pms.documents.gate import client_id_of
from crdt_pms.documents.update_reader import Item, Update, read_update
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.chain import JournalWriter
from crdt_pms.journal.clock import Stamp
from crdt_pms.journal.entry import ActionMark, Content, Entry, EntryKind, PartRole, RegisterKey
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.limits import JOURNAL_ID_BYTES, SIGNATURE_BYTES
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ledger.operation import Operation, Register, Write, encode_operation
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.ledger.property_groups import ROOM
from crdt_pms.session import codec
from crdt_pms.session.errors import SessionError
from crdt_pms.session.limits import NONCE_BYTES
from crdt_pms.session.messages import (
    Certificates,
    Committed,
    Entries,
    Hello,
    Message,
    OrderKnown,
    Ping,
    Pong,
    Proof,
    State,
    Taken,
)
from crdt_pms.session.session import Identity, Session
from simulations.world.machine import Machine
from simulations.world.network import Connection, Line, Way

INTRUDER: Final = -1
"""Its number; it is no machine of the hotel."""
LATENCY_MS: Final = 5
BOARD: Final = "board"
STAYS_MS: Final = 3_000
COMES_BACK_MS: Final = 5_000

Attack = Callable[["Intruder"], Sequence[Message]]


class Intruder:
    """One visit of one intruder at one machine. See `simulations.world.network.Receiver`."""

    def __init__(
        self,
        victim: Machine,
        device: EnrolledDevice,
        attack: Attack,
        random: Random,
        stays_ms: int = STAYS_MS,
        number: int = INTRUDER,
    ) -> None:
        """For as long as it means to stay it comes back when the link ends, and attacks again.

        Of several at one node at a time each must have a `number` of its own.
        """
        self.victim = victim
        self.random = random
        self.device = device
        self.stolen: list[Entry] = []
        """What the victim has sent it."""
        self.was_heard = False
        """Whether the attack was said in an open session, or the door stayed shut."""
        self.was_shown_out = False
        """Whether the victim ended the session."""
        self.claim: SignedEnd | None = None
        """How far it says that it knows the committed order."""
        self.on_order: Callable[[SignedEnd, Committed | None], None] = lambda _end, _piece: None
        """Called with each end of the order that it is told, and the piece that leads to it."""
        self.attack = attack
        self._time = victim.around.time
        self._leaves_at_ms = self._time.now_ms + stays_ms
        self._number = number
        self._line = Line((self._number, victim.number), (Way(LATENCY_MS), Way(LATENCY_MS)), random, {})
        self._connect()
        self.open_journal()

    def open_journal(self) -> Certificate:
        """Begin another journal: what is written from now on stands there."""
        journal = JournalId(self.random.randbytes(JOURNAL_ID_BYTES))
        self.certificate = Certificate.create(journal, self.device, None, Stamp(self._time.now_ms, 0))
        self._writer = JournalWriter(self.certificate, self.device.key)
        return self.certificate

    def go_on_from(self, other: Intruder) -> None:
        """Write the journal of the other on, from where it stands: what both write from now on is a fork of it."""
        self.certificate = other.certificate
        self._writer = copy(other._writer)

    def visit(self) -> None:
        """Say hello, and leave after a while."""
        self._connection.receivers[0] = self
        self._line.connection = self._connection
        self._say([self._session.hello()])
        self.victim.link(self._connection)
        self._time.at(self._leaves_at_ms, self._leave)

    def hear(self, frame: bytes) -> None:
        """Keep to the protocol until the session is open; then attack."""
        try:
            message = self._session.receive(frame)
        except SessionError:
            return
        match message:
            case Hello() | Proof():
                self._open(message)
            case Entries(entries):
                self.stolen.extend(entries)
                taken = self._session.taken()
                self._say([] if taken is None else [taken])
            case OrderKnown(end):
                if end is not None:
                    self.on_order(end, None)
            case State():
                self._time.after(LATENCY_MS * 20, self._strike)
            case Ping(sent_ms):
                self._say([Pong(sent_ms, self._time.now_ms)])
            case Committed(end):
                self.on_order(end, message)
            case Taken():
                self._say_in_turn([])
            case _:
                pass

    def _open(self, message: Hello | Proof) -> None:
        """It says that it holds nothing."""
        if isinstance(message, Hello):
            self._say([self._session.proof()])
        else:
            self._say([self._session.order_known(self.claim, ()), State({})])

    def say(self, messages: Sequence[Message]) -> None:
        """Say something more, if the session still stands."""
        if self.victim.is_up and self._connection.receivers[0] is self:
            self._say_in_turn(messages)

    def hear_close(self) -> None:
        """Thrown out, or the victim's process has ended."""
        self.was_shown_out = True
        if self._time.now_ms + COMES_BACK_MS < self._leaves_at_ms:
            self._time.after(COMES_BACK_MS, self._come_back)

    def expect_silence(self) -> None:
        """It does not mind."""

    def nudge_peer(self) -> None:
        """It does not mind."""

    def written(
        self,
        kind: EntryKind,
        payload: bytes | None,
        document: str = "",
        seen: Mapping[JournalId, int] | None = None,
        keys: Sequence[RegisterKey] = (),
        counter: int = 0,
    ) -> Entry:
        """An entry of its own journal, properly signed, with whatever is in it. `seen` is the context that it claims, `counter`
        tells entries of one millisecond apart."""
        now_ms = self._time.now_ms
        return self._writer.append(
            Content(
                stamp=Stamp(now_ms, counter),
                kind=kind,
                author="intruder",
                parts=[] if payload is None else [(PartRole.CONTENT, payload)],
                action=ActionMark("intrude", 1),
                context=seen or {},
                keys=keys,
                documents=[document] if document else [],
            )
        )

    def _connect(self) -> None:
        definition = self.victim.definition
        identity = Identity(definition.property_id, definition.root_key, self.device)
        self._waiting: deque[Message] = deque()
        self._session = Session(identity, self.random.randbytes(NONCE_BYTES))
        self._connection = Connection(self._line, self._number, self._time, self.victim.around.network_effects)

    def _come_back(self) -> None:
        if (
            self.victim.is_up
            and self._line.ends not in self.victim.endpoints
            and self._time.now_ms < self._leaves_at_ms
        ):
            self._connect()
            self.visit()

    def _strike(self) -> None:
        if self.victim.is_up and self._connection.receivers[0] is self:
            self.was_heard = True
            self._say_in_turn(self.attack(self))

    def _leave(self) -> None:
        if self._connection.receivers[0] is self:
            self._connection.close(self._number)

    def _say(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._connection.send(self._number, self._session.seal(message))

    def _say_in_turn(self, messages: Sequence[Message]) -> None:
        """Say what is read in pieces, each as soon as the victim has taken enough of those before."""
        self._waiting.extend(piece for message in messages for piece in _readable(message))
        while self._waiting and (not isinstance(self._waiting[0], Entries) or self._session.can_send_entries()):
            message = self._waiting.popleft()
            if isinstance(message, Entries):
                self._session.entries(message.entries, lambda _journal: None)
            self._say([message])


def _readable(message: Message) -> Sequence[Message]:
    """The message in as many as its reader takes: what is too long for a frame is refused before anything of it is read."""
    if not isinstance(message, Entries):
        return [message]
    entries, at_once = message.entries, codec.ENTRIES_PER_FRAME_MAX
    return [Entries(entries[first : first + at_once]) for first in range(0, len(entries), at_once)]


def forge(intruder: Intruder) -> Sequence[Message]:
    """An entry that nobody signed."""
    entry = intruder.written(EntryKind.OPERATION, b"forged")
    forged = replace(entry, signature=bytes(SIGNATURE_BYTES))
    return [Certificates((intruder.certificate,)), Entries((forged,))]


def mutate(intruder: Intruder) -> Sequence[Message]:
    """Entries of others with another payload, as if the next ones of their journals."""
    if not intruder.stolen:
        return forge(intruder)
    entry = intruder.stolen[intruder.random.randrange(len(intruder.stolen))]
    payload = bytearray(entry.content)
    if not payload:
        return forge(intruder)
    payload[intruder.random.randrange(len(payload))] ^= 1 << intruder.random.randrange(8)
    return [Entries((replace(entry, parts=(bytes(payload), *entry.parts[1:])),))]


def replay(intruder: Intruder) -> Sequence[Message]:
    """Everything once more that the victim has sent, and that again."""
    return [Entries(tuple(intruder.stolen)), Entries(tuple(intruder.stolen))]


def impersonate(intruder: Intruder) -> Sequence[Message]:
    """A write to the board in the name of another journal: its own entry, the victim's Yjs client."""
    foreign = _foreign(intruder)
    update = _reported(foreign, _first_room(intruder), _stamp(intruder))
    return [
        Certificates((intruder.certificate,)), Entries((intruder.written(EntryKind.DOCUMENT, update, BOARD),)),
    ]  # fmt: skip


def write_for_others(intruder: Intruder) -> Sequence[Message]:
    """A value of its own, under the key that another journal has on the board."""
    foreign = _foreign(intruder)
    update = _reported(foreign, _first_room(intruder), _stamp(intruder), client_id_of(intruder.certificate.journal))
    return [
        Certificates((intruder.certificate,)), Entries((intruder.written(EntryKind.DOCUMENT, update, BOARD),)),
    ]  # fmt: skip


def delete_ahead(intruder: Intruder) -> Sequence[Message]:
    """Deletions, in every document that it has read, of what the authors are yet to write there."""
    ends: dict[str, dict[int, int]] = {}
    for entry in intruder.stolen:
        if entry.kind == EntryKind.DOCUMENT and (update := _read(entry.content)) is not None:
            for item in update.items:
                ends.setdefault(entry.document, {})[client_id_of(entry.dot.journal)] = item.clock + _length(item)
    # The board is first: what is said there besides names the first entry.
    report = _reported(intruder.certificate.journal, _first_room(intruder), _stamp(intruder))[:-1]
    entries: list[Entry] = []
    for document, clocks in sorted(ends.items(), key=lambda end: (end[0] != BOARD, end[0])):
        ranges = b"".join(_leb128(client, 1, clock, 1) for client, clock in sorted(clocks.items()))
        said = report if document == BOARD else b"\0"
        entries.append(intruder.written(EntryKind.DOCUMENT, said + _leb128(len(clocks)) + ranges, document))
    return [Certificates((intruder.certificate,)), Entries(tuple(entries))] if entries else forge(intruder)


def run_ahead(intruder: Intruder) -> Sequence[Message]:
    """An entry whose author claims to have seen one that nobody has."""
    unknown = JournalId(intruder.random.randbytes(JOURNAL_ID_BYTES))
    update = _reported(intruder.certificate.journal, _first_room(intruder), _stamp(intruder))
    early = intruder.written(EntryKind.DOCUMENT, update, BOARD, {unknown: 1})
    return [Certificates((intruder.certificate,)), Entries((early,))]


def talk_nonsense(intruder: Intruder) -> Sequence[Message]:
    """A properly signed operation that no program wrote."""
    return [
        Certificates((intruder.certificate,)),
        Entries((intruder.written(EntryKind.OPERATION, intruder.random.randbytes(20)),)),
    ]


def usurp(intruder: Intruder) -> Sequence[Message]:
    """A plain terminal adds a room to the hotel, in an operation that is well made in every other respect."""
    room = Register(ROOM, "666")
    write = Write.of(room, {"floor": 6, "room_type": "A", "active": True})
    encoded = encode_operation(Operation("define_room", HOTEL_PMS, "", (write,)), b"")
    ((_role, content),) = encoded.parts
    return [
        Certificates((intruder.certificate,)),
        Entries((intruder.written(EntryKind.OPERATION, content, keys=encoded.keys),)),
    ]


def _reported(journal: bytes, room: str, stamp: Stamp, client_id: int | None = None) -> bytes:
    """The update of that journal's first entry, which reports a room as clean; or that of another client under its key."""
    board = Board(client_id_of(journal) if client_id is None else client_id)
    ((_signed, update),) = board.set_many([(room, HK_CONDITION, "clean")], lambda: stamp, journal, 1, "intruder")
    return update


def _foreign(intruder: Intruder) -> bytes:
    """The journal of somebody else."""
    journals = sorted({entry.dot.journal for entry in intruder.stolen}) or [intruder.certificate.journal[::-1]]
    return journals[intruder.random.randrange(len(journals))]


def _first_room(intruder: Intruder) -> str:
    return intruder.victim.definition.rooms.rooms[0].number


def _stamp(intruder: Intruder) -> Stamp:
    return Stamp(intruder.victim.around.time.now_ms, 0)


def _read(update: bytes) -> Update | None:
    try:
        return read_update(update)
    except UpdateRefused:
        return None


def _length(item: Item) -> int:
    return len(item.content.encode("utf-16-le")) // 2 if isinstance(item.content, str) else 1


def _leb128(*numbers: int) -> bytes:
    """Numbers as updates hold them: seven bits a byte, the lowest first."""
    coded = bytearray()
    for number in numbers:
        rest = number
        while rest > 127:
            coded.append(rest % 128 + 128)
            rest //= 128
        coded.append(rest)
    return bytes(coded)
