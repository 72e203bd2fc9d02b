"""Terminals of which one was resumed from a snapshot of its memory, and links between any two of them without sockets."""

from __future__ import annotations

import shutil
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from clients.terminal.node import TerminalNode
from crdt_pms.replica.replica import Replica
from crdt_pms.session.clock import AgreedClock
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.messages import Entries, Message
from crdt_pms.session.node import Node
from crdt_pms.session.session import Session
from crdt_pms.store.witnessed import open_witnessed
from simulations.world.resuming import resumed
from tests.crdt_pms.journal.journals import enrolled
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


def twin_of(desk: Desk, path: Path) -> Desk:
    """The same device once more, as it was a moment ago: it writes on in the same journal, over a copy of the disk."""
    for suffix in ("", "-wal", "-shm", ".witness"):
        source = Path(f"{desk.path}{suffix}")
        if source.exists():
            shutil.copy(source, f"{path}{suffix}")
    twin = Desk.__new__(Desk)
    twin.number, twin.path, twin.property_, twin.now_ms = desk.number, path, desk.property_, desk.now_ms
    twin.store = open_witnessed(path, desk.property_.property_id, enrolled(desk.number).device_id)
    twin.replica = resumed(desk.replica, twin.store, desk.property_, enrolled(desk.number), desk.now_ms)
    return twin


class Noded(Protocol):
    """Whatever has a node."""

    @property
    def node(self) -> Node:
        """What a session serves."""
        ...


class Party:
    """A terminal's node that opens its replica anew as the process does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._is_open = False
        self.node = TerminalNode(
            desk.property_,
            enrolled(desk.number),
            AgreedClock(lambda: START_MS),
            self._open,
            lambda: None,
            at_any_pace(),
        )

    @property
    def replica(self) -> Replica:
        """As its next use finds it."""
        replica = self.node.replica
        self.desk.replica = replica
        return replica

    def reopen(self) -> None:
        """End the process and begin another one."""
        self.desk.restart()
        self._is_open = False
        self.node = TerminalNode(
            self.desk.property_,
            enrolled(self.desk.number),
            AgreedClock(lambda: START_MS),
            self._open,
            lambda: None,
            at_any_pace(),
        )

    def _open(self) -> Replica:
        if self._is_open:
            self.desk.restart()
        self._is_open = True
        return self.desk.replica


class Link:
    """A session of two terminals that stays open. An exception ends it, and the test."""

    def __init__(self, left: Noded, right: Noded) -> None:
        self.exchanges = [
            Exchange(party.node, Session(party.node.identity, bytes([number]) * 32))
            for number, party in enumerate((left, right))
        ]
        self.frames = 0
        self._said: list[list[Message]] = [[one.begin()] for one in self.exchanges]

    def talk(self, rounds: int = 10_000) -> bool:
        """Let both say so much of what they have to say. Whether anything was said."""
        has_said = False
        for _round in range(rounds):
            said = [self._said[side] for side in (0, 1)]
            self._said = [[], []]
            for side in (0, 1):
                self._hear(side, said[1 - side])
            for side, exchange in enumerate(self.exchanges):
                self._said[side] += now(exchange.more())
            if not any(self._said):
                return has_said
            has_said = True
        assert rounds < 10_000, "they do not come to an end"
        return True

    def _hear(self, side: int, messages: Sequence[Message]) -> None:
        for message in messages:
            self.frames += isinstance(message, Entries)
            frame = self.exchanges[1 - side].session.seal(message)
            _message, answers = now(self.exchanges[side].take(frame))
            self._said[side] += answers
