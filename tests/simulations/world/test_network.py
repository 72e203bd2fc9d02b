"""The network of a world is TCP until a fault says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.world.network import RETRANSMISSION_MS, Connection, Line, Network
from simulations.world.time import VirtualTime

LATENCY_MS = 20
ONE, OTHER = 1, 2
ALWAYS = 1_000


@dataclass
class End:
    """One end of a connection that remembers what it heard, and when."""

    time: VirtualTime
    heard: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    closed_at: list[int] = field(default_factory=list[int])
    expects_silence: int = 0
    nudged: int = 0

    @property
    def frames(self) -> list[bytes]:
        return [frame for _at_ms, frame in self.heard]

    def hear(self, frame: bytes) -> None:
        self.heard.append((self.time.now_ms, frame))

    def hear_close(self) -> None:
        self.closed_at.append(self.time.now_ms)

    def expect_silence(self) -> None:
        self.expects_silence += 1

    def nudge_peer(self) -> None:
        self.nudged += 1


class Wire:
    """Two machines, a line, a connection on it."""

    def __init__(self, seed: int = 0) -> None:
        self.time = VirtualTime(0)
        self.network = Network(self.time)
        self.line = self.network.add((ONE, OTHER), LATENCY_MS, Random(seed), dialers=[ONE])
        self.connection, self.one, self.other = self.connected()

    def connected(self) -> tuple[Connection, End, End]:
        connection = self.network.connect(self.line, ONE)
        one, other = End(self.time), End(self.time)
        connection.receivers = [one, other]
        return connection, one, other

    def send(self, amount: int, first: int = 0, sender: int = ONE) -> list[bytes]:
        frames = [number.to_bytes(2, "big") for number in range(first, first + amount)]
        for frame in frames:
            self.connection.send(sender, frame)
        return frames

    def pass_ms(self, milliseconds: int) -> None:
        self.time.run(self.time.now_ms + milliseconds)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@given(st.integers(0, 99), st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_without_faults_everything_arrives_once_in_order_and_no_sooner_than_the_line_is_long(
    seed: int, pauses: list[int]
) -> None:
    wire, sent = Wire(seed), list[tuple[int, bytes]]()
    for number, pause_ms in enumerate(pauses):
        wire.pass_ms(pause_ms)
        sent.append((wire.time.now_ms, wire.send(1, number)[0]))
    wire.pass_ms(1_000)
    assert wire.other.frames == [frame for _at_ms, frame in sent]
    assert wire.one.heard == []
    took = [heard - at_ms for (heard, _frame), (at_ms, _sent) in zip(wire.other.heard, sent, strict=True)]
    assert all(LATENCY_MS <= one <= LATENCY_MS * 3 // 2 for one in took)
    assert not wire.network.effects


def mended_after_a_minute(wire: Wire, before: int, meanwhile: int) -> list[bytes]:
    """Send some frames, cut the line, send some more; all that was sent, when the line has been whole for a while again."""
    sent = wire.send(before)
    wire.network.cut(wire.line, ONE)
    sent += wire.send(meanwhile, before)
    wire.pass_ms(60_000)
    assert wire.other.heard == []
    wire.network.mend(wire.line, ONE)
    sent += wire.send(1, before + meanwhile)
    wire.pass_ms(RETRANSMISSION_MS + 2 * LATENCY_MS)
    return sent


@given(st.integers(0, 99), st.integers(0, 12), st.booleans())
def test_a_cut_holds_what_is_sent_and_what_is_under_way_and_mends_deliver_it_late_and_in_order(
    seed: int, amount: int, is_under_way: bool
) -> None:
    wire = Wire(seed)
    sent = mended_after_a_minute(wire, *((amount, 0) if is_under_way else (0, amount)))
    assert wire.other.frames == sent
    late = [at_ms for at_ms, _frame in wire.other.heard]
    assert all(at_ms >= 60_000 + RETRANSMISSION_MS + LATENCY_MS for at_ms in late[:amount])


def test_what_was_under_way_when_a_cut_began_is_delivered_before_what_is_sent_during_it(wire: Wire) -> None:
    sent = mended_after_a_minute(wire, 1, 1)
    assert wire.other.frames == sent


def test_a_cut_is_of_one_direction_only(wire: Wire) -> None:
    wire.network.cut(wire.line, ONE)
    assert not wire.line.is_whole
    wire.send(1)
    answer = wire.send(1, 1, sender=OTHER)
    wire.pass_ms(1_000)
    assert wire.other.heard == []
    assert wire.one.frames == answer


def test_a_quiet_cut_tells_nobody_but_whoever_hears_nothing_will_notice(wire: Wire) -> None:
    wire.network.cut(wire.line, ONE)
    wire.pass_ms(1_000)
    assert (wire.one.closed_at, wire.other.closed_at) == ([], [])
    assert (wire.one.expects_silence, wire.other.expects_silence) == (0, 1)
    assert (wire.one.nudged, wire.other.nudged) == (1, 0)


def test_a_loud_cut_tells_both_ends_at_once(wire: Wire) -> None:
    wire.send(1)
    wire.pass_ms(1)
    wire.network.cut(wire.line, ONE, loudly=True)
    assert (wire.one.closed_at, wire.other.closed_at) == ([1], [1])
    assert wire.line.connection is None
    wire.network.mend(wire.line, ONE)
    wire.pass_ms(1_000)
    assert wire.other.heard == []


def test_two_faults_cut_a_line_until_both_are_over(wire: Wire) -> None:
    mended = list[tuple[int, int]]()
    wire.network.on_mended = lambda line: mended.append(line.ends)
    wire.network.cut(wire.line, ONE)
    wire.network.cut(wire.line, ONE)
    wire.network.cut(wire.line, OTHER)
    frames = wire.send(1)
    wire.network.mend(wire.line, ONE)
    wire.network.mend(wire.line, OTHER)
    wire.pass_ms(1_000)
    assert (wire.other.frames, mended) == ([], [])
    wire.network.mend(wire.line, ONE)
    wire.pass_ms(1_000)
    assert (wire.other.frames, mended) == (frames, [(ONE, OTHER)])
    assert wire.line.is_whole


def test_a_close_is_heard_after_everything_that_was_sent_before(wire: Wire) -> None:
    frames = wire.send(5)
    wire.connection.close(ONE)
    assert wire.other.closed_at == []
    wire.pass_ms(1_000)
    assert wire.other.frames == frames
    assert wire.other.closed_at[0] >= wire.other.heard[-1][0]
    assert wire.line.connection is None


def test_nothing_is_heard_at_an_end_that_closed(wire: Wire) -> None:
    wire.send(3, sender=OTHER)
    wire.connection.close(ONE)
    wire.pass_ms(1_000)
    assert (wire.one.heard, wire.one.closed_at) == ([], [])


def test_a_close_over_a_line_that_is_cut_is_heard_when_it_is_mended(wire: Wire) -> None:
    wire.network.cut(wire.line, ONE)
    wire.connection.close(ONE)
    wire.pass_ms(60_000)
    assert wire.other.closed_at == []
    wire.network.mend(wire.line, ONE)
    wire.pass_ms(1_000)
    assert len(wire.other.closed_at) == 1


def test_an_end_that_vanishes_is_noticed_by_its_silence_alone(wire: Wire) -> None:
    wire.connection.vanish(ONE)
    wire.connection.send(OTHER, b"is anybody there")
    wire.pass_ms(60_000)
    assert (wire.other.closed_at, wire.other.heard) == ([], [])
    assert wire.other.expects_silence == 1
    assert (wire.one.heard, wire.one.closed_at) == ([], [])
    wire.connection.close(OTHER)
    assert wire.line.connection is None


def test_what_was_held_of_an_end_that_vanished_never_arrives(wire: Wire) -> None:
    wire.network.cut(wire.line, ONE)
    wire.send(3)
    wire.connection.vanish(ONE)
    wire.network.mend(wire.line, ONE)
    wire.pass_ms(1_000)
    assert wire.other.heard == []


def test_a_newer_connection_leaves_the_superseded_one_to_its_ends(wire: Wire) -> None:
    old, one, other = wire.connection, wire.one, wire.other
    wire.send(1)
    newer, new_one, new_other = wire.connected()
    old.close(ONE)
    newer.send(OTHER, b"new")
    wire.pass_ms(1_000)
    assert (len(other.frames), len(other.closed_at)) == (1, 1)
    assert one.heard == []
    assert wire.line.connection is newer
    assert new_one.frames == [b"new"]
    assert (new_other.heard, new_one.closed_at, new_other.closed_at) == ([], [], [])


def test_a_line_that_loses_counts_each_frame_and_both_ends_come_to_notice(wire: Wire) -> None:
    wire.line.way_from(ONE).loss = ALWAYS
    wire.send(3)
    answers = wire.send(1, 3, sender=OTHER)
    wire.pass_ms(1_000)
    assert wire.other.heard == []
    assert wire.one.frames == answers
    assert wire.network.effects == {"loss": 3}
    assert (wire.other.expects_silence, wire.one.nudged) == (3, 3)


def test_a_line_that_doubles_delivers_each_frame_twice_and_counts_it(wire: Wire) -> None:
    wire.line.way_from(ONE).duplication = ALWAYS
    frames = wire.send(3)
    wire.pass_ms(1_000)
    assert wire.other.frames == [frame for frame in frames for _twice in range(2)]
    assert wire.network.effects == {"duplication": 3}


def test_a_line_that_reorders_lets_a_later_frame_overtake_and_counts_it(wire: Wire) -> None:
    way = wire.line.way_from(ONE)
    way.reordering = ALWAYS
    first = wire.send(1)
    way.reordering = 0
    second = wire.send(1, 1)
    wire.pass_ms(1_000)
    assert wire.other.frames == second + first
    assert wire.network.effects == {"reordering": 1}


@given(st.integers(0, 99), st.binary(min_size=1, max_size=40))
def test_a_line_that_spoils_flips_one_bit_of_a_frame_and_counts_it(seed: int, frame: bytes) -> None:
    wire = Wire(seed)
    wire.line.way_from(ONE).corruption = ALWAYS
    wire.connection.send(ONE, frame)
    wire.pass_ms(1_000)
    (heard,) = wire.other.frames
    assert len(heard) == len(frame)
    flipped = int.from_bytes(heard, "big") ^ int.from_bytes(frame, "big")
    assert flipped.bit_count() == 1
    assert wire.network.effects == {"corruption": 1}


def test_a_slow_line_delivers_later_and_counts_it(wire: Wire) -> None:
    wire.line.way_from(ONE).delay_ms = 8_000
    frames = wire.send(2)
    wire.pass_ms(8_000 + LATENCY_MS - 1)
    assert wire.other.heard == []
    wire.pass_ms(LATENCY_MS)
    assert wire.other.frames == frames
    assert wire.network.effects == {"delay": 2}


def test_a_fault_spoils_the_share_of_frames_that_it_names(wire: Wire) -> None:
    wire.line.way_from(ONE).loss = 300
    wire.send(2_000)
    assert 500 < wire.network.effects["loss"] < 700


def test_lines_are_found_by_their_ends() -> None:
    network = Network(VirtualTime(0))
    lines = {ends: network.add(ends, LATENCY_MS, Random(0), dialers=ends) for ends in ((1, 2), (2, 3), (1, 0))}
    assert network.of(2) == [lines[1, 2], lines[2, 3]]
    assert network.of(4) == []
    line: Line = lines[2, 3]
    assert (line.other(2), line.other(3)) == (3, 2)
    assert line.way_from(2) is line.ways[0]
    assert line.way_from(3) is line.ways[1]
