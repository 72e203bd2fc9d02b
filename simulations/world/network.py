"""The network between simulated machines: lines that are cut, clog, lose and spoil, and the connections over them.

A line is what two machines could talk over. A connection stands on it while both ends think so; each end runs one exchange of
the product. The world's links behave like TCP (in order, nothing lost) until a fault says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Protocol

from simulations.world.time import VirtualTime

RETRANSMISSION_MS: Final = 200
"""How long after a line is whole again what was under way arrives."""


class DamagedFrame(bytes):
    """A frame of which the line changed something. To the product it is a frame like any other."""


class Receiver(Protocol):
    """One end of a connection."""

    def hear(self, frame: bytes) -> None:
        """Take a frame."""
        ...

    def hear_close(self) -> None:
        """The connection is closed by the other side or by the network."""
        ...

    def expect_silence(self) -> None:
        """From now on nothing may come any more without the connection's knowing it."""
        ...

    def nudge_peer(self) -> None:
        """Something that this end sent did not arrive; the next ping will show it."""
        ...


@dataclass
class Way:
    """One direction of a line. Shares are of frames, in thousandths."""

    latency_ms: int
    cuts: int = 0
    """How many faults keep everything from passing."""
    loss: int = 0
    duplication: int = 0
    reordering: int = 0
    corruption: int = 0
    delay_ms: int = 0


@dataclass
class Dialing:
    """What one end of a line does to be connected."""

    failures: int = 0
    """Links that could not be made or did not stand long, in a row."""
    linked_at_ms: int | None = None
    """When it last made one."""
    is_due: bool = False
    """Whether it is about to connect."""


@dataclass
class Line:
    """Two machines that could talk, by their numbers. `dialing` are those that connect."""

    ends: tuple[int, int]
    ways: tuple[Way, Way]
    random: Random
    dialing: dict[int, Dialing]
    connection: Connection | None = None

    @property
    def is_whole(self) -> bool:
        """Whether frames pass in both directions."""
        return not (self.ways[0].cuts or self.ways[1].cuts)

    def way_from(self, number: int) -> Way:
        """The direction in which that end sends."""
        return self.ways[self.ends.index(number)]

    def other(self, number: int) -> int:
        """The other end."""
        return self.ends[1 - self.ends.index(number)]


@dataclass
class _Underway:
    number: int
    """In the order of sending."""
    frame: bytes | None
    """None: the other side closed."""


@dataclass
class Connection:
    """One connection on a line, which `dialer` made.

    `receivers` are its ends in the order of the line's; None once that end is gone.
    """

    line: Line
    dialer: int
    time: VirtualTime
    effects: Counter[str]
    """Counts what the network did to frames."""
    receivers: list[Receiver | None] = field(default_factory=lambda: [None, None])
    _last_arrival_ms: list[int] = field(default_factory=lambda: [0, 0])
    _held: list[list[_Underway]] = field(default_factory=lambda: [[], []])
    _sent: int = 0

    def send(self, sender: int, frame: bytes) -> None:
        """Put a frame on its way to the other end."""
        side = self.line.ends.index(sender)
        way = self.line.ways[side]
        draw = self.line.random.randrange
        if way.loss and draw(1_000) < way.loss:
            self.effects["loss"] += 1
            self._missing(side)
            return
        if way.corruption and draw(1_000) < way.corruption:
            self.effects["corruption"] += 1
            spoilt = _spoilt(frame, self.line.random)
            frame = frame if spoilt == frame else DamagedFrame(spoilt)
        self._put(side, self._underway(frame), overtakes=bool(way.reordering) and draw(1_000) < way.reordering)
        if way.duplication and draw(1_000) < way.duplication:
            self.effects["duplication"] += 1
            self._put(side, self._underway(frame))

    def close(self, closer: int) -> None:
        """That end is gone; the other one hears of it when everything that was sent before has arrived."""
        side = self.line.ends.index(closer)
        self.receivers[side] = None
        self._held[1 - side].clear()
        self._put(side, self._underway(None))
        self._forget_when_over()

    def vanish(self, side_of: int) -> None:
        """That end is gone and nobody says so: the other one is half open."""
        side = self.line.ends.index(side_of)
        self.receivers[side] = None
        self._held[side].clear()
        self._missing(side)
        self._forget_when_over()

    def reset(self) -> None:
        """Both ends are told at once that the connection is gone."""
        for side in (0, 1):
            receiver, self.receivers[side] = self.receivers[side], None
            if receiver is not None:
                receiver.hear_close()
        self._forget_when_over()

    def note_cut(self, side: int) -> None:
        """What that end sends does not arrive any more."""
        self._missing(side)

    def note_mended(self, side: int) -> None:
        """What that end sends arrives again, and what it sent meanwhile."""
        held, self._held[side] = self._held[side], []
        # What was under way when the cut began was sent before what was sent during it.
        for one in sorted(held, key=lambda one: one.number):
            self._put(side, one, delay_ms=RETRANSMISSION_MS)

    def _underway(self, frame: bytes | None) -> _Underway:
        self._sent += 1
        return _Underway(self._sent, frame)

    def _put(self, side: int, one: _Underway, *, overtakes: bool = False, delay_ms: int = 0) -> None:
        way = self.line.ways[side]
        if way.cuts:
            self._held[side].append(one)
            return
        jitter = self.line.random.randrange(way.latency_ms // 2 + 1)
        if way.delay_ms:
            self.effects["delay"] += 1
        arrival = self.time.now_ms + way.latency_ms + way.delay_ms + jitter + delay_ms
        if overtakes:
            self.effects["reordering"] += 1
            arrival += 2 * way.latency_ms + 5
        else:
            arrival = max(arrival, self._last_arrival_ms[side])
            self._last_arrival_ms[side] = arrival
        self.time.at(arrival, lambda: self._arrive(side, one))

    def _arrive(self, side: int, one: _Underway) -> None:
        if self.line.ways[side].cuts:
            self._held[side].append(one)
            return
        receiver = self.receivers[1 - side]
        if receiver is None:
            return
        if one.frame is not None:
            receiver.hear(one.frame)
            return
        self.receivers[1 - side] = None
        receiver.hear_close()
        self._forget_when_over()

    def _missing(self, side: int) -> None:
        sender, receiver = self.receivers[side], self.receivers[1 - side]
        if receiver is not None:
            receiver.expect_silence()
        if sender is not None:
            sender.nudge_peer()

    def _forget_when_over(self) -> None:
        if self.receivers == [None, None] and self.line.connection is self:
            self.line.connection = None


class Network:
    """All lines of a world."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self.lines: dict[tuple[int, int], Line] = {}
        self.effects: Counter[str] = Counter()
        self.on_mended: Callable[[Line], None] = _nothing

    def add(self, ends: tuple[int, int], latency_ms: int, random: Random, dialers: Sequence[int]) -> Line:
        """Lay a line over which `dialers`, one of its ends or both, connect."""
        line = Line(ends, (Way(latency_ms), Way(latency_ms)), random, {number: Dialing() for number in dialers})
        self.lines[ends] = line
        return line

    def of(self, number: int) -> list[Line]:
        """The lines that end at a machine."""
        return [line for line in self.lines.values() if number in line.ends]

    def connect(self, line: Line, dialer: int) -> Connection:
        """A new connection on a line. The one that stood there is the ends' to give up."""
        line.connection = Connection(line, dialer, self._time, self.effects)
        return line.connection

    def cut(self, line: Line, sender: int, *, loudly: bool = False) -> None:
        """Let nothing pass that `sender` sends. Loudly: both ends are told, as when a cable is pulled."""
        way = line.way_from(sender)
        way.cuts += 1
        if way.cuts > 1 or line.connection is None:
            return
        if loudly:
            line.connection.reset()
        else:
            line.connection.note_cut(line.ends.index(sender))

    def mend(self, line: Line, sender: int) -> None:
        """Take back one `cut`."""
        way = line.way_from(sender)
        way.cuts -= 1
        if way.cuts:
            return
        if line.connection is not None:
            line.connection.note_mended(line.ends.index(sender))
        if line.is_whole:
            self.on_mended(line)


def _spoilt(frame: bytes, random: Random) -> bytes:
    spoilt = bytearray(frame)
    spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def _nothing(_line: Line) -> None:
    pass
