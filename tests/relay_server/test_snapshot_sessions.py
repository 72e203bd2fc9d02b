"""What nodes say to each other about snapshots: to a peer that lacks something, or nothing, to an older program, to a liar."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from clients.terminal.node import TerminalNode
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.errors import MessageUnexpected, SnapshotInstalled, SnapshotUnproven, SnapshotUnusable
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.messages import Chunk, ChunksAsked, Entries, Message, SnapshotHeld, SnapshotOffered
from crdt_pms.session.session import Session
from simulations.world.driving import now
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.histories import shown
from tests.crdt_pms.replica.orders import RELAY
from tests.crdt_pms.replica.terminals import START_MS, Desk
from tests.crdt_pms.session.paces import at_any_pace
from tests.relay_server.desk_nodes import node_of
from tests.relay_server.headquarters import Headquarters, headquarters
from tests.relay_server.histories import live_through, open_desks
from tests.relay_server.test_snapshots import go_on, prune_all, two_snapshots


@dataclass
class Talk:
    """A session of two nodes in memory, and everything that was said in it."""

    left: TerminalNode
    right: TerminalNode
    said: list[Message] = field(default_factory=list[Message])

    def run(self) -> Talk:
        """Let both say everything."""
        sides = [
            Exchange(node, Session(node.identity, bytes([number]) * 32))
            for number, node in enumerate((self.left, self.right))
        ]
        frames: list[deque[bytes]] = [deque(), deque()]

        def say(side: int, messages: list[Message]) -> None:
            for message in messages:
                self.said.append(message)
                frames[1 - side].append(sides[side].session.seal(message))

        for side, exchange in enumerate(sides):
            say(side, [exchange.begin()])
        is_said = True
        while is_said:
            is_said = False
            for side, exchange in enumerate(sides):
                while frames[side]:
                    is_said = True
                    say(side, list(now(exchange.take(frames[side].popleft()))[1]))
            for side, exchange in enumerate(sides):
                more = list(now(exchange.more()))
                is_said |= bool(more)
                say(side, more)
        return self

    def of(self, *kinds: type[Message]) -> list[Message]:
        """What was said of these kinds."""
        return [message for message in self.said if isinstance(message, kinds)]


def test_what_was_pruned_counts_as_held(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        other.pull(one)
        keep_all(relay, other)
        assert prune_all(one)
        assert prune_all(other)
        assert shown(one) == shown(other)
        talk = Talk(node_of(one), node_of(other)).run()
        assert talk.of(Entries, ChunksAsked) == []
        assert all(isinstance(one, SnapshotOffered) and not one.is_needed for one in talk.of(SnapshotOffered))


def keep_all(relay: Headquarters, desk: Desk) -> None:
    """The desk keeps the snapshots that the relay does."""
    relay.tell(desk)
    for head in relay.kept()[-2:]:
        relay.hand(head, desk.replica)
        desk.replica.adopt(head)


def test_a_neighbour_that_lacks_what_was_pruned_gets_the_snapshot_and_then_the_rest(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        go_on(one, 9)
        with pytest.raises(SnapshotInstalled):
            Talk(node_of(one), node_of(fresh)).run()
        talk = Talk(node_of(one), node_of(fresh)).run()
        assert talk.of(Chunk) == []
        assert shown(fresh) == shown(one)


def test_a_link_that_ends_while_chunks_come_goes_on_where_it_was(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        assert prune_all(one)
        newest = one.replica.newest_snapshot
        assert newest is not None
        names = relay.index(newest).chunks
        fresh.replica.keep_chunks({name: relay.chunk(name) for name in [newest.index, *names[: len(names) // 2]]})
        talk = Talk(node_of(one), node_of(fresh))
        with pytest.raises(SnapshotInstalled):
            talk.run()
        assert 0 < len(talk.of(Chunk)) <= len(names) - len(names) // 2


def test_an_older_program_is_told_to_update_only_when_it_lacks_what_was_pruned(tmp_path: Path) -> None:
    with open_desks(tmp_path, 3) as (one, other, fresh), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        other.pull(one)
        relay.tell(other)
        assert prune_all(one)
        go_on(one, 9)
        talk = Talk(node_of(one), node_of(other, (2, 2))).run()
        assert shown(one) == shown(other)
        assert talk.of(SnapshotOffered) == []
        with pytest.raises(SnapshotUnusable, match="update"):
            Talk(node_of(one), node_of(fresh, (2, 2))).run()


class Liar(TerminalNode):
    """A terminal that offers the snapshot that a test gives it."""

    lie: SnapshotHead | None = None

    def snapshot(self) -> SnapshotHead | None:
        return self.lie


def test_a_snapshot_that_no_relay_signed_ends_the_session(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        relay.tell(one)
        relay.tell(other)
        head = relay.snapshot()
        liar = Liar(one.property_, enrolled(1), HandedClock(START_MS), lambda: one.replica, lambda: None, at_any_pace())
        for lie in (
            SnapshotHead.sign(enrolled(1), head.end, head.content, head.index, head.made_ms),
            replace(head, content=b"?" * 32),
            replace(head, made_ms=head.made_ms + 1),
        ):
            liar.lie = lie
            with pytest.raises(SnapshotUnproven):
                Talk(liar, node_of(other)).run()
        liar.lie = SnapshotHead.sign(RELAY, head.end, head.content, head.index, head.made_ms)
        Talk(liar, node_of(other)).run()


def test_an_answer_to_an_offer_that_a_newer_one_has_overtaken_is_taken(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        two_snapshots(relay, one)
        older, newer = relay.kept()[-2:]
        node = Liar(one.property_, enrolled(1), HandedClock(START_MS), lambda: one.replica, lambda: None, at_any_pace())
        session = Session(node.identity, b"n" * 32)
        session._peer_hello = Session(node_of(other).identity, b"m" * 32).hello()
        talk = Exchange(node, session)._snapshots
        talk.is_needed = True
        for node.lie in (older, newer):
            assert len(talk.news()) == 1
        for head in (older, newer):
            assert list(now(talk.answer(SnapshotHeld(head.through)))) == []
        assert not talk.is_needed


def test_who_claims_to_hold_a_snapshot_that_was_not_offered_is_refused(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other):
        node = node_of(one)
        exchange = Exchange(node, Session(node.identity, b"n" * 32))
        with pytest.raises(MessageUnexpected):
            now(exchange._snapshots.answer(SnapshotHeld(7)))
        with pytest.raises(MessageUnexpected):
            now(exchange._snapshots.answer(Chunk(b"n" * 32, b"body")))
        assert other.replica.newest_snapshot is None


def test_a_newer_snapshot_that_is_offered_while_another_comes_disturbs_nothing(tmp_path: Path) -> None:
    with open_desks(tmp_path) as (one, other), headquarters(tmp_path) as relay:
        live_through(one, other)
        relay.commit_from(one)
        relay.tell(other)
        older = relay.snapshot()
        chunks = {name: relay.chunk(name) for name in [older.index, *relay.index(older).chunks]}
        go_on(one, 9)
        other.pull(one)
        relay.commit_from(one)
        relay.tell(other)
        newer = relay.snapshot()
        chunks |= {name: relay.chunk(name) for name in [newer.index, *relay.index(newer).chunks]}
        talk = Exchange(node_of(other), Session(node_of(other).identity, b"n" * 32))._snapshots
        asked = deque(now(talk.answer(SnapshotOffered(older, is_needed=False))))
        asked.extend(now(talk.answer(SnapshotOffered(newer, is_needed=False))))
        while asked:
            question = asked.popleft()
            assert isinstance(question, ChunksAsked)
            for name in question.names:
                asked.extend(now(talk.answer(Chunk(name, chunks[name]))))
        assert other.replica.newest_snapshot == newer
