"""A session between a desk and the relay in memory: the product's exchange on both sides, and the bytes of its frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random

from crdt_pms.session.errors import SnapshotInstalled
from crdt_pms.session.exchange import Exchange
from crdt_pms.session.limits import NONCE_BYTES
from crdt_pms.session.messages import Entries, Message
from crdt_pms.session.session import Session
from simulations.growth.desk import Desk
from simulations.growth.relay import Relay
from simulations.world.driving import now


class Link:
    """One session, from the first frame until neither side has anything to say."""

    def __init__(self, desk: Desk, relay: Relay, random: Random) -> None:
        self.hello_bytes = 0
        """The bytes of all frames, of both sides, before the first one with entries."""
        self._is_before_entries = True
        self._relay = relay
        self._sides = tuple(
            Exchange(node, Session(node.identity, random.randbytes(NONCE_BYTES))) for node in (desk.node, relay.node)
        )
        self._frames = (deque[bytes](), deque[bytes]())
        """For each side the frames that it has not taken yet."""

    def run(self) -> None:
        """Let both sides say everything. Raises SessionError, JournalError or StoreError."""
        for side, exchange in enumerate(self._sides):
            self._say(side, [exchange.begin()])
        while self._take() or self._tell_more():
            pass

    def _say(self, side: int, messages: Sequence[Message]) -> None:
        for message in messages:
            frame = self._sides[side].session.seal(message)
            self._is_before_entries = self._is_before_entries and not isinstance(message, Entries)
            if self._is_before_entries:
                self.hello_bytes += len(frame)
            self._frames[1 - side].append(frame)

    def _take(self) -> bool:
        """Take all frames that wait. Returns whether there were any."""
        taken = False
        for side, exchange in enumerate(self._sides):
            while self._frames[side]:
                taken = True
                _message, answers = now(exchange.take(self._frames[side].popleft()))
                self._say(side, answers)
        self._relay.commit()
        return taken

    def _tell_more(self) -> bool:
        said = [now(exchange.more()) for exchange in self._sides]
        for side, messages in enumerate(said):
            self._say(side, messages)
        return any(said)


def sync(desk: Desk, relay: Relay, random: Random) -> int:
    """Run sessions until both sides hold the same; returns what was said before the first entries, in bytes."""
    said = 0
    while True:
        link = Link(desk, relay, random)
        try:
            link.run()
        except SnapshotInstalled:
            # The desk stands on a snapshot now and begins anew, as its links do.
            said += link.hello_bytes
            continue
        return said + link.hello_bytes
