"""Relays for tests: the parts of one over a real database, a whole one on this loop, and a database that fails as told."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any, TypeVar

import anyio
import httpx
import psycopg

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.ports.errors import CommitOutcomeUnknown, StoreUnavailable
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.session.session import Peer
from crdt_pms.store.postgresql import open_postgresql, open_reading
from relay_server.app import build_app
from relay_server.commit import load_order
from relay_server.committer import Committer
from relay_server.database import Database, postgresql_database
from relay_server.intake import Intake, Wakers
from relay_server.limits import READERS
from relay_server.node import Around, RelayNode
from relay_server.readers import Readers
from relay_server.relay import Relay
from relay_server.service_tokens import Caller, ServiceTokens
from relay_server.snapshots import Retention
from simulations.processes.ports import LOOPBACK, free_ports
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica import terminals
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS
from tests.crdt_pms.session.paces import at_any_pace

RELAY_DEVICE = 99
SECONDS_MAX = 20.0
BOOKING_TOKEN = "booking-engine-token-0001"
MEMBER_TOKEN = "hotel-member-token-0001"
ELSEWHERE = "elsewhere"
"""A property that no relay here serves."""
TOKEN_ELSEWHERE = "token-of-elsewhere-0001"
API = f"/v1/properties/{PROPERTY_ID}"
RESERVATIONS = f"{API}/reservations"
PEER = Peer(DeviceId("device-1"), b"k" * 32, DeviceClass.TERMINAL, "desk-1")
Result = TypeVar("Result")


RELAY = enrolled(RELAY_DEVICE, DeviceClass.RELAY)


def definition() -> PropertyDefinition:
    """The small hotel of the replica tests."""
    return terminals.definition()


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise AssertionError("it waited")


async def until(condition: Callable[[], object], what: str, seconds_max: float = SECONDS_MAX) -> None:
    """Return when `condition()`, awaited if it can be, holds. AssertionError after the deadline."""
    with anyio.move_on_after(seconds_max):
        while True:
            found = condition()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return
            await anyio.sleep(0.01)
    raise AssertionError(f"{what}: not within {seconds_max:.0f} seconds")


@dataclass
class TroubledStore:
    """A store whose coming commits go wrong as told.

    `refused`: nothing happened. `unheard`: it happened, and the answer was lost. `lost`: it did not happen, and nobody knows.
    """

    inner: Store
    troubles: list[str] = field(default_factory=list[str])
    commits: int = 0

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        trouble = self.troubles.pop(0) if self.troubles else None
        with self.inner.transaction(durable=durable) as transaction:
            yield transaction
            if trouble == "refused":
                raise StoreUnavailable("told to refuse")
            if trouble == "lost":
                raise CommitOutcomeUnknown("told to lose it")
        self.commits += 1
        if trouble == "unheard":
            raise CommitOutcomeUnknown("told to lose the answer")

    def close(self) -> None:
        self.inner.close()


@dataclass
class Committing:
    """The half of a relay that takes entries in and commits them."""

    store: TroubledStore
    intake: Intake
    committer: Committer
    node: RelayNode
    changes: ChangeSignal
    committed: ChangeSignal

    work: ChangeSignal
    room: ChangeSignal
    told: ChangeSignal
    """Of what other processes are to be told."""

    async def take(self, *entries: Entry) -> None:
        await self.node.receive_entries(entries, PEER)


@contextmanager
def committing(url: str, hotel: PropertyDefinition | None = None) -> Iterator[Committing]:
    """Begin to commit into that database, as a relay process that starts now does."""
    store = TroubledStore(open_postgresql(url, PROPERTY_ID))
    order, journals, forks = load_order(store, secrets.token_bytes(16))
    store.commits = 0
    readers = Readers(open_reading(url, PROPERTY_ID, READERS))
    changes, committed, work, room, told = (ChangeSignal() for _signal in range(5))
    hotel = hotel or definition()
    intake = Intake(hotel, journals, order, Wakers(changes.notify, work.notify, room.notify), monotonic, forks)
    committer = Committer(
        store, intake, work, Random(1), lambda: secrets.token_bytes(16), committed.notify, told.notify
    )
    around = Around(
        changes.notify, lambda: room.waiter().wait(), committer.renew_generation, anyio.Lock(), at_any_pace()
    )
    node = RelayNode(hotel, RELAY, HandedClock(START_MS), intake, readers, around)
    try:
        yield Committing(store, intake, committer, node, changes, committed, work, room, told)
    finally:
        committer.close()
        readers.close()


def stored(url: str) -> list[Placed]:
    """Everything that PostgreSQL holds, in its order."""
    store = open_postgresql(url, PROPERTY_ID)
    try:
        with store.transaction() as transaction:
            return transaction.entries_after(0, 1_000_000, 2**40)
    finally:
        store.close()


def state_of(url: str, key: str) -> bytes | None:
    """A named value of the relay's database."""
    store = open_postgresql(url, PROPERTY_ID)
    try:
        with store.transaction() as transaction:
            return transaction.get_state(key)
    finally:
        store.close()


def require_whole(placed: Sequence[Placed]) -> None:
    """Positions without a gap, every entry once."""
    assert [one.position for one in placed] == list(range(1, len(placed) + 1))
    assert len({one.entry.dot for one in placed}) == len(placed)


# The database server, as its operator


def _administration(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(f"{url.rpartition('/')[0]}/postgres".replace("+psycopg", ""), autocommit=True)


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(statement.encode())


def take_down(url: str) -> None:
    """End every connection to the database and refuse new ones."""
    with _administration(url) as connection:
        _run(connection, f'ALTER DATABASE "{_name(url)}" WITH ALLOW_CONNECTIONS false')
        _run(
            connection,
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{_name(url)}'",
        )


def bring_up(url: str) -> None:
    """Take connections again."""
    with _administration(url) as connection:
        _run(connection, f'ALTER DATABASE "{_name(url)}" WITH ALLOW_CONNECTIONS true')


@contextmanager
def outage(url: str) -> Iterator[None]:
    """The database does not answer."""
    take_down(url)
    try:
        yield
    finally:
        bring_up(url)


def back_up(url: str) -> str:
    """Copy the database as it is now; connections to it are ended for that. Returns the address of the copy."""
    take_down(url)
    with _administration(url) as connection:
        _run(connection, f'CREATE DATABASE "{_name(url)}_backup" TEMPLATE "{_name(url)}"')
    bring_up(url)
    return f"{url}_backup"


def restore(backup: str, url: str) -> None:
    """Put the copy in the place of the database."""
    take_down(url)
    with _administration(url) as connection:
        _run(connection, f'DROP DATABASE "{_name(url)}" WITH (FORCE)')
        _run(connection, f'ALTER DATABASE "{_name(backup)}" RENAME TO "{_name(url)}"')


# A whole relay on this loop


@dataclass
class RunningRelay:
    """A relay that takes links and requests."""

    relay: Relay
    client: httpx.AsyncClient
    clock: HandedClock
    port: int
    database_url: str

    async def until_projected(self, through: int | None = None) -> None:
        """Return when the readable tables show everything that is committed, and at least that."""
        order = self.relay.intake.order

        def caught_up() -> bool:
            projected = self.relay.projector.projected_through
            return projected >= order.through and projected >= (through or 0)

        await until(caught_up, "projected")


@asynccontextmanager
async def running_relay(
    url: str,
    *,
    port: int | None = None,
    change: Callable[[Database], Database] = lambda database: database,
    now_ms: int = START_MS,
    hotel: PropertyDefinition | None = None,
    device: EnrolledDevice = RELAY,
    retention: Retention | None = None,
) -> AsyncIterator[RunningRelay]:
    """A relay over that database, with its HTTP API; of the small hotel, if no other one is given.

    `change` may put something between the two.
    """
    hotel, clock = hotel or definition(), HandedClock(now_ms)
    port = port or free_ports(1)[0]
    relay = Relay(hotel, device, clock, change(postgresql_database(url, PROPERTY_ID)), retention)
    tokens = ServiceTokens(
        {
            BOOKING_TOKEN: Caller(PROPERTY_ID, "booking-engine"),
            MEMBER_TOKEN: Caller(PROPERTY_ID, "hotel-member"),
            TOKEN_ELSEWHERE: Caller(ELSEWHERE, "booking-engine"),
        }
    )
    transport = httpx.ASGITransport(build_app(relay, tokens), raise_app_exceptions=False)
    try:
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://relay", timeout=SECONDS_MAX) as client,
            anyio.create_task_group() as tasks,
        ):
            await relay.run(tasks, LOOPBACK, port)
            yield RunningRelay(relay, client, clock, port, url)
            tasks.cancel_scope.cancel()
    finally:
        await relay.close()
