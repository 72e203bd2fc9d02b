"""A house in which one desk was resumed from a snapshot: desks, a relay, links that come and go, and people who work."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from random import Random

from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import shift_log
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.hotel.statuses import HK_CONDITION
from crdt_pms.journal.errors import JournalError
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import StoreError
from crdt_pms.replica.errors import ReplicaError
from crdt_pms.session.clock import AgreedClock
from crdt_pms.session.errors import SessionError
from crdt_pms.store.sqlite import open_sqlite
from relay_server.commit import commit_next, load_order
from relay_server.intake import Intake, Wakers
from relay_server.node import Around, RelayNode
from relay_server.projection import Projection
from simulations.world.relay_database import OrderReader
from tests.crdt_pms.replica.forked import Link, Party, twin_of
from tests.crdt_pms.replica.orders import RELAY
from tests.crdt_pms.replica.terminals import OPENING_DATE, START_MS, Desk
from tests.crdt_pms.session.paces import at_any_pace

LOG = shift_log(OPENING_DATE)


class RelayParty:
    """The cores of a relay process over a database of its own."""

    def __init__(self, path: Path, hotel: PropertyDefinition, random: Random) -> None:
        self._hotel = hotel
        self._random = random
        self.store = open_sqlite(path, hotel.property_id)
        self.restart()

    def restart(self) -> None:
        """Begin a process run: what was queued is gone."""
        order, journals, forks = load_order(self.store, self._random.randbytes(16))

        def nothing() -> None:
            return

        self.intake = Intake(self._hotel, journals, order, Wakers(nothing, nothing, nothing), lambda: 0.0, forks)

        async def renew(_heard: SignedEnd) -> None:
            raise AssertionError("nothing went back")

        around = Around(nothing, _done, renew, nullcontext(), at_any_pace(), is_removed=lambda _device: False)
        clock = AgreedClock(lambda: START_MS)
        self.node = RelayNode(self._hotel, RELAY, clock, self.intake, OrderReader(self.store), around)
        self.projection = Projection(
            self.store, self._hotel, clock, lambda: JournalId(self._random.randbytes(16)), lambda: 0
        )

    def commit(self) -> None:
        """One transaction, if there is anything to write."""
        batch, known = self.intake.batch(), self.intake.order.end
        self.intake.note_committed(
            batch, commit_next(self.store, self.intake, batch, known, lambda: self._random.randbytes(16))
        )

    def project(self) -> bytes:
        """Bring the tables up to what is committed; the digest of what they show."""
        while not self.projection.catch_up().caught_up:
            pass
        return self.projection.content_hash()


async def _done() -> None:
    return


class ForkedHouse:
    """Desks 0 and 1 are one device in two copies. Whatever ends a session is counted in `ended`."""

    def __init__(self, folder: Path, desks: list[Desk], random: Random, *, has_relay: bool) -> None:
        self.random = random
        self._stays = (f"stay-{number}" for number in itertools.count())
        desks[0].reserve(next(self._stays))
        self.parties = [Party(desks[0]), Party(twin_of(desks[0], folder / "twin.sqlite")), *map(Party, desks[1:])]
        self.relay = RelayParty(folder / "relay.sqlite", desks[0].property_, random) if has_relay else None
        numbers = range(len(self.parties) + has_relay)
        self.pairs = [pair for pair in itertools.combinations(numbers, 2) if pair != (0, 1)]
        self.links: dict[tuple[int, int], Link] = {}
        self.ended: Counter[str] = Counter()

    def close(self) -> None:
        """Close what the caller did not open."""
        self.parties[1].desk.store.close()
        if self.relay is not None:
            self.relay.store.close()

    def node(self, number: int) -> Party | RelayParty:
        """The relay stands after the desks."""
        if number < len(self.parties):
            return self.parties[number]
        assert self.relay is not None
        return self.relay

    def step(self) -> None:
        """Something happens."""
        kinds: list[Callable[[], None]] = [
            self.work,
            self.work,
            self.talk,
            self.talk,
            self.talk,
            self.cut,
            self.restart,
        ]
        if self.relay is not None:
            kinds += [self.relay.commit]
        self.random.choice(kinds)()

    def work(self) -> None:
        """Somebody does something at a desk."""
        party = self.random.choice(self.parties)
        replica = party.replica
        held = [str(stay.stay_id) for stay in replica.view().stays()]
        match self.random.randrange(4):
            case 0:
                party.desk.reserve(next(self._stays))
            case 1:
                self._try(party, CancelStay(stay=self.random.choice(held), reason="cancelled") if held else None)
            case 2:
                room = f"20{self.random.randrange(1, 5)}"
                self._try(party, SetRoomCondition(room=room, field=HK_CONDITION, value=self._condition()))
            case _:
                text = replica.note_text(LOG)
                party.desk.replica = party.replica
                self._try(party, EditNote(document=LOG, base_text=text, new_text=f"{text}{next(self._stays)}\n"))

    def talk(self, rounds: int | None = None) -> None:
        """A pair says some of what it has to say."""
        self.let_talk(self.random.choice(self.pairs), rounds or self.random.randrange(1, 12))

    def let_talk(self, pair: tuple[int, int], rounds: int) -> bool:
        """Whether there was anything to say."""
        link = self.links.get(pair)
        if link is None:
            link = self.links[pair] = Link(self.node(pair[0]), self.node(pair[1]))
        try:
            return link.talk(rounds)
        except (SessionError, JournalError, StoreError, ReplicaError) as error:
            self.ended[f"{type(error).__name__}: {error}"] += 1
            del self.links[pair]
            return True

    def cut(self) -> None:
        """A session ends from outside."""
        if self.links:
            del self.links[self.random.choice(sorted(self.links))]

    def restart(self) -> None:
        """A process ends and begins anew."""
        number = self.random.randrange(len(self.parties) + (self.relay is not None))
        for pair in [pair for pair in self.links if number in pair]:
            del self.links[pair]
        node = self.node(number)
        if isinstance(node, RelayParty):
            node.restart()
        elif number != 1 or self.random.random() < 0.2:
            node.reopen()

    def heal(self) -> None:
        """Everybody talks until nothing is left to say."""
        self.links.clear()
        quiet = 0
        for _round in range(400):
            has_said = [self.let_talk(pair, 50) for pair in self.pairs]
            if self.relay is not None:
                self.relay.commit()
            quiet = 0 if any(has_said) else quiet + 1
            if quiet > 2:
                return
        raise AssertionError("they do not come to an end")

    def _condition(self) -> str:
        return self.random.choice(["clean", "dirty", "inspected"])

    def _try(self, party: Party, action: object) -> None:
        if action is not None:
            try:
                _ = party.replica
                party.desk.do(action)  # pyright: ignore[reportArgumentType]
            except Refused:
                return
