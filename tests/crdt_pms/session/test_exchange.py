"""What nodes say to each other, and when: two terminals and no sockets."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from clients.terminal.node import TerminalNode
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.session import messages
from crdt_pms.session.clock import AgreedClock
from crdt_pms.session.codec import encode
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.messages import Certificates, Entries, Held, Hello, Message, OrderKnown, Ping, Pong, Proof, State
from crdt_pms.session.session import Peer, Session
from tests.crdt_pms.journal.journals import device, enrolled
from tests.crdt_pms.replica.histories import hotel
from tests.crdt_pms.replica.orders import acknowledge, signed_end
from tests.crdt_pms.replica.terminals import START_MS, Desk
from tests.crdt_pms.session.paces import at_any_pace

Result = TypeVar("Result")


def now(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


@dataclass
class Side:
    """A terminal with one exchange, and what it said that the other has not heard."""

    desk: Desk
    machine_ms: int = START_MS
    said: list[Message] = field(default_factory=list[Message])

    def __post_init__(self) -> None:
        self.clock = AgreedClock(lambda: self.machine_ms)
        own = enrolled(self.desk.number)
        self.node = TerminalNode(
            self.desk.property_, own, self.clock, lambda: self.desk.replica, lambda: None, at_any_pace()
        )
        self.exchange = Exchange(self.node, Session(self.node.identity, bytes([self.desk.number]) * 32))
        self.said.append(self.exchange.begin())

    def hear(self, other: Side) -> list[Message]:
        """Take everything that the other said, and say what follows from it."""
        heard: list[Message] = []
        while other.said:
            message, answers = now(self.exchange.take(other.exchange.session.seal(other.said.pop(0))))
            heard.append(message)
            self.said.extend(answers)
        return heard

    def say_more(self) -> Sequence[Message]:
        more = now(self.exchange.more())
        self.said.extend(more)
        return more


def kinds(messages: Sequence[Message]) -> list[type[Message]]:
    return [type(message) for message in messages]


def opened(left: Side, right: Side) -> None:
    for _turn in range(4):
        left.hear(right)
        right.hear(left)
    assert left.exchange.is_open
    assert right.exchange.is_open


def meet(left: Side, right: Side) -> None:
    """Both hold the same afterwards."""
    opened(left, right)
    while left.say_more() or right.say_more():
        right.hear(left)
        left.hear(right)


def test_each_side_answers_a_hello_with_its_proof_and_a_proof_with_its_state(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as desks:
        left, right = map(Side, desks)
        assert kinds(right.hear(left)) == [Hello]
        assert kinds(left.hear(right)) == [Hello, Proof]
        assert kinds(right.hear(left)) == [Proof, OrderKnown]
        assert kinds(left.hear(right)) == [OrderKnown, State]
        assert kinds(right.hear(left)) == [State]
        assert left.exchange.peer.device_id == device(right.desk.number).device_id


def test_nothing_that_is_held_is_said_before_the_session_is_open(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as desks:
        desks[0].reserve("stay-1")
        left, right = map(Side, desks)
        assert not left.say_more()
        right.hear(left)
        assert not left.say_more()
        opened(left, right)
        assert kinds(left.say_more()) == [Certificates, Entries]


def test_both_hold_the_same_after_they_said_what_the_other_lacked(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as desks:
        desks[0].reserve("stay-1")
        desks[1].reserve("stay-2")
        left, right = map(Side, desks)
        meet(left, right)
        assert left.node.vector() == right.node.vector()
        assert left.node.replica.state.content_hash() == right.node.replica.state.content_hash()


def test_what_one_side_has_said_the_other_does_not_say_again(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as desks:
        desks[0].reserve("stay-1")
        left, right = map(Side, desks)
        opened(left, right)
        left.say_more()
        right.hear(left)
        assert not right.say_more()


def test_a_ping_measures_how_far_the_other_clock_is_ahead(tmp_path: Path) -> None:
    with hotel(tmp_path, 2) as desks:
        left, right = Side(desks[0]), Side(desks[1], START_MS + 60_000)
        opened(left, right)
        left.said.append(left.exchange.ping())
        assert kinds(right.hear(left)) == [Ping]
        left.machine_ms += 40
        assert kinds(left.hear(right)) == [Pong]
        assert left.exchange.rtt_ms == 40
        assert left.clock.offset_ms == round((60_000 - 20) / 2)


@pytest.mark.parametrize("waited_ms", [8 * 3_600_000, 11_000, -3_600_000])
def test_a_ping_during_which_the_clock_was_set_or_the_process_stood_still_measures_nothing(
    tmp_path: Path, waited_ms: int
) -> None:
    """A desk whose lid was closed for a night read an answer of the evening, and stamped by a clock four hours late."""
    with hotel(tmp_path, 2) as desks:
        left, right = Side(desks[0]), Side(desks[1], START_MS + 60_000)
        opened(left, right)
        left.said.append(left.exchange.ping())
        right.hear(left)
        left.machine_ms += waited_ms
        left.hear(right)
        assert left.clock.offset_ms == 0
        assert left.exchange.rtt_ms is None


def test_a_node_that_holds_more_journals_than_a_frame_names_says_them_in_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "VECTOR_JOURNALS_MAX", 2)
    with hotel(tmp_path, 5) as desks:
        for desk in desks:
            desk.reserve(f"stay-{desk.number}")
        for other in desks[1:]:
            meet(Side(desks[0]), Side(other))
        left, right = Side(desks[0]), Side(desks[1])
        right.hear(left)
        left.hear(right)
        assert kinds(right.hear(left)) == [Proof, OrderKnown]
        left.hear(right)
        assert kinds(right.hear(left)) == [Held, Held, State]
        assert right.exchange.session.peer_vector == left.node.vector()
        assert len(left.node.vector()) == 5


def acknowledged(*desks: Desk) -> None:
    """Have the relay commit everything that these desks hold alike, journal after journal."""
    position, runs = 1, list[CommittedRun]()
    for head in desks[0].replica.heads_beyond(0):
        runs.append(CommittedRun(position, head.journal, 1, head.seq))
        position += head.seq
    for desk in desks:
        acknowledge(desk.replica, b"one", runs)


def said_before_entries(left: Side, right: Side) -> int:
    """The bytes of the frames with which a session begins, both ways."""
    size, number = 0, 0
    for _turn in range(4):
        for speaker, listener in ((left, right), (right, left)):
            size += sum(len(encode(message, number := number + 1)) for message in speaker.said)
            listener.hear(speaker)
    assert left.exchange.is_open
    assert right.exchange.is_open
    return size


@pytest.mark.parametrize("outbox", [0, 2])
def test_what_is_said_before_the_first_entry_does_not_grow_with_the_starts_of_a_desk(
    tmp_path: Path, outbox: int
) -> None:
    sizes: list[int] = []
    for starts in (2, 20):
        folder = tmp_path / str(starts)
        folder.mkdir()
        with hotel(folder, 2) as desks:
            for number in range(starts):
                desks[0].restart()
                desks[0].reserve(f"stay-{number}")
            meet(Side(desks[0]), Side(desks[1]))
            acknowledged(*desks)
            for number in range(outbox):
                desks[0].restart()
                desks[0].reserve(f"waiting-{number}")
            left, right = map(Side, desks)
            sizes.append(said_before_entries(left, right))
            assert len(left.exchange.session.peer_vector) == 0
            assert len(right.exchange.session.peer_vector) == outbox
    assert abs(sizes[1] - sizes[0]) < 20, "a greater number may take a byte more"


def test_what_stands_in_the_order_that_both_know_is_not_read_again_and_what_comes_after_it_is_sent(
    tmp_path: Path,
) -> None:
    with hotel(tmp_path, 2) as desks:
        for number in range(3):
            desks[0].reserve(f"stay-{number}")
        meet(Side(desks[0]), Side(desks[1]))
        acknowledged(*desks)
        desks[0].reserve("after")
        left, right = map(Side, desks)
        opened(left, right)
        assert [len(one.entries) for one in left.say_more() if isinstance(one, Entries)] == [1]
        assert not right.say_more()
        right.hear(left)
        assert left.node.vector() == right.node.vector()


def test_a_desk_whose_order_was_cut_sends_again_what_the_other_may_not_hold(tmp_path: Path) -> None:
    """After the cut the positions mean other entries: what the peer said of them counts no more."""
    with hotel(tmp_path, 2) as desks:
        for number in range(3):
            desks[0].reserve(f"stay-{number}")
        meet(Side(desks[0]), Side(desks[1]))
        acknowledged(*desks)
        left, right = map(Side, desks)
        opened(left, right)
        assert not left.say_more()
        relay = enrolled(9, DeviceClass.RELAY)
        speaker = Peer(relay.device_id, relay.public_bytes, DeviceClass.RELAY, "relay")
        now(left.node.receive_order_known(OrderKnown(signed_end(b"two", 0)), speaker))
        assert left.node.order_cuts == [0]
        sent = [entry for one in left.say_more() if isinstance(one, Entries) for entry in one.entries]
        assert len(sent) == 3
        assert left.exchange.session.peer_common == 0
