"""One end of a link between simulated machines: the product's exchange, with virtual time instead of sockets around it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, Protocol

from crdt_pms.ports.errors import StoreError
from crdt_pms.replica.errors import ReplicaBroken
from crdt_pms.session.errors import PeerLeft, PeerSilent
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.limits import PING_SECONDS, SILENCE_SECONDS_MAX
from crdt_pms.session.messages import Bye, Certificates, Committed, Entries, Message, SnapshotHeld, State, Taken
from crdt_pms.session.session import bye
from simulations.checkers.history import TookDamaged
from simulations.world.driving import Errand, now
from simulations.world.network import Connection, DamagedFrame, Line
from simulations.world.surroundings import Surroundings
from simulations.world.trace import Weight

PING_MS: Final = round(PING_SECONDS * 1_000)
SILENCE_MS: Final = round(SILENCE_SECONDS_MAX * 1_000)


class Host(Protocol):
    """The machine at whose links an endpoint is one."""

    number: int
    names: Mapping[int, str]
    random: Random
    around: Surroundings
    endpoints: dict[tuple[int, int], Endpoint]
    is_up: bool

    @property
    def name(self) -> str:
        """What the world calls it."""
        ...

    @property
    def is_paused(self) -> bool:
        """Whether its process is frozen."""
        ...

    def tell(self, words: str, weight: Weight = ...) -> None:
        """Note what happened there."""
        ...

    def note_depth(self, what: str, size: int, limit: int) -> None:
        """Write down how much of something is held."""
        ...

    def when_awake(self, call: Callable[[], None]) -> None:
        """Let something happen to its process, when it runs."""
        ...

    def within(self, call: Callable[[], None], endpoint: Endpoint | None = None) -> None:
        """Let its process do something; what goes wrong ends the link, the process, or both."""
        ...


class Endpoint:
    """One end of a connection. See `simulations.world.network.Receiver`."""

    def __init__(self, machine: Host, connection: Connection, exchange: Exchange) -> None:
        self.machine = machine
        self.connection = connection
        self.exchange = exchange
        self._heard = 0
        self._has_pinged = False
        self._has_asked = False
        self._errand: Errand[tuple[Message, Sequence[Message]]] | None = None
        """What came last and cannot be taken yet."""
        self._unread: deque[bytes] = deque()
        self._is_silence_due = False
        self._frames_sent = self._frames_taken = 0

    @property
    def line(self) -> Line:
        """What it runs over."""
        return self.connection.line

    def say(self, messages: tuple[Message, ...] | list[Message]) -> None:
        """Send messages, in this order."""
        for message in messages:
            self.machine.tell(f"→ {self.peer_name}: {told(message)}", Weight.DETAIL)
            if isinstance(message, Entries):
                self._frames_sent += 1
                self._note_full(message)
            self.connection.send(self.machine.number, self.exchange.session.seal(message))
        under_way = self._frames_sent - self._frames_taken
        self.machine.note_depth("frames of entries under way", under_way, self.machine.around.limits.frames_under_way)

    def _note_full(self, message: Entries) -> None:
        """Count the frames that were closed at a bound."""
        limits = self.machine.around.limits
        if len(message.entries) >= limits.sent_at_once:
            self.machine.around.count("frame_full")
        elif sum(entry.size for entry in message.entries) >= limits.sent_bytes:
            self.machine.around.count("frame_full_of_bytes")

    def hear(self, frame: bytes) -> None:
        """Take a frame, once the machine does anything."""
        self.machine.when_awake(lambda: self._take(frame))

    def hear_close(self) -> None:
        """The connection is over."""
        self.machine.when_awake(self._closed)

    def expect_silence(self) -> None:
        """Notice after the time that the product waits, unless something comes meanwhile."""
        heard = self._heard
        self.machine.around.time.after(
            SILENCE_MS + self.machine.random.randrange(PING_MS),
            lambda: self.machine.when_awake(lambda: self._notice_silence(heard)),
        )

    def nudge_peer(self) -> None:
        """The product pings every so often; in virtual time only where that makes a difference."""
        self.machine.around.time.after(self.machine.random.randrange(PING_MS), self.ping)

    def ping(self) -> None:
        """Ask for a sign of life and the peer's clock."""
        if self.is_standing and self.exchange.is_open and self.machine.is_up:
            self.machine.within(lambda: self.say([self.exchange.ping()]))

    @property
    def is_standing(self) -> bool:
        """Whether this is still an end of its machine's link."""
        return self.machine.endpoints.get(self.line.ends) is self

    @property
    def is_busy(self) -> bool:
        """Whether it does not listen, since what came last cannot be taken yet. The product goes on pinging then."""
        return self._errand is not None and self.is_standing and not self.machine.is_paused

    @property
    def _is_pinged(self) -> bool:
        """Whether something comes all the time from a peer that does not listen."""
        peer = self.connection.receivers[1 - self.line.ends.index(self.machine.number)]
        return isinstance(peer, Endpoint) and peer.is_busy and self.line.is_whole

    @property
    def peer_name(self) -> str:
        """Who is at the other end, as the world calls it."""
        return self.machine.names.get(self.line.other(self.machine.number), "somebody")

    def pump(self) -> None:
        """Send what the peer lacks, as far as it may be sent now."""
        while self.is_standing:
            messages = now(self.exchange.more())
            if not messages:
                return
            self.say(list(messages))

    def end(self, trouble: Exception) -> None:
        """End the link for that reason, and tell the peer if it still listens."""
        if not self.is_standing:
            return
        reason = str(getattr(trouble, "reason", type(trouble).__name__))
        self.machine.tell(f"link to {self.peer_name} ended: {reason}", Weight.DETAIL)
        self.machine.around.count(f"link_ended_{reason}")
        if not isinstance(trouble, PeerLeft):
            own_fault = isinstance(trouble, StoreError | ReplicaBroken)
            self.say([bye(reason, "this node cannot save" if own_fault else str(trouble))])
        self.connection.close(self.machine.number)
        self._gone()

    def drop_silently(self) -> None:
        """Be gone, and let the other end believe that the connection stands."""
        self.connection.vanish(self.machine.number)
        self._gone()

    def _take(self, frame: bytes) -> None:
        if not self.is_standing:
            return
        self._heard += 1
        if self._errand is not None:
            self._unread.append(frame)
            return
        self._begin(frame)

    def _begin(self, frame: bytes) -> None:
        done = self._answer if not isinstance(frame, DamagedFrame) else self._be_deceived
        self._errand = Errand(self.exchange.take(frame), done)
        self._go_on()

    def _go_on(self) -> None:
        """Take what waits to be taken, as far as it goes, and then what came after it."""
        errand = self._errand
        if not self.is_standing or errand is None:
            return
        self.machine.within(lambda: errand.run(lambda: self.machine.when_awake(self._go_on)), self)
        if self.is_standing and self._errand is None and self._unread:
            self._begin(self._unread.popleft())

    def _be_deceived(self, taken: tuple[Message, Sequence[Message]]) -> None:
        now_ms = self.machine.around.time.now_ms
        self.machine.around.history.append(TookDamaged(now_ms, self.machine.name, told(taken[0])))
        self._answer(taken)

    def _answer(self, taken: tuple[Message, Sequence[Message]]) -> None:
        self._errand = None
        message, answers = taken
        if self._is_silence_due:
            self._is_silence_due = False
            self.expect_silence()
        if isinstance(message, Taken):
            self._frames_taken = message.frames
        self.say(list(answers))
        if self.exchange.is_open and not self._has_pinged:
            self._has_pinged = True
            self.machine.tell(f"linked to {self.peer_name}", Weight.DETAIL)
            self.say([self.exchange.ping()])
        if isinstance(message, State | Taken | Entries | SnapshotHeld):
            # What else may have to be sent the node says itself.
            self.pump()

    def _notice_silence(self, heard: int) -> None:
        if not self.is_standing:
            return
        if self._errand is not None:
            # It does not listen.
            self._is_silence_due = True
            return
        if self._is_pinged:
            return
        if self._heard == heard:
            self.machine.within(lambda: self.end(PeerSilent("nothing was heard for too long")))
        elif not self._has_asked:
            # What was heard may have been under way before the peer fell silent: the next ping will show.
            self._has_asked = True
            self.ping()
            self.expect_silence()
        else:
            self._has_asked = False

    def _closed(self) -> None:
        if self.is_standing:
            self._gone()

    def _gone(self) -> None:
        del self.machine.endpoints[self.line.ends]
        self.machine.around.link_ended(self.machine.number, self.connection)


def told(message: Message) -> str:
    """A message in a word or two."""
    match message:
        case Entries(entries):
            return f"{len(entries)} entries"
        case Certificates(certificates):
            return f"{len(certificates)} certificates"
        case Committed(end, _runs):
            return f"committed up to {end.through}"
        case Bye(reason, _words):
            return f"bye ({reason})"
        case _:
            return type(message).__name__.lower()
