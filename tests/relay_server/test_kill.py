"""What was acknowledged survives kill -9 of the relay, of PostgreSQL and of a terminal, while everybody goes on working."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import psycopg
import pytest
import pytest_asyncio
from anyio import to_thread

from simulations.processes.cluster import Cluster, TerminalProcess, running_cluster
from tests.crdt_pms.replica import terminals
from tests.crdt_pms.replica.terminals import OPENING_DATE

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

SECONDS_MAX = 30.0
AMOUNT_MINOR = 700
STEPS = 4
"""How much every stream does before and after what happens."""


@dataclass
class Record:
    """What the outside world was told."""

    acknowledged: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    answers: Counter[str] = field(default_factory=Counter[str])
    charges: Counter[str] = field(default_factory=Counter[str])
    """Charges by stay."""
    bookings: list[str] = field(default_factory=list[str])
    ending: bool = False

    def note(self, stream: str, answer: httpx.Response) -> None:
        self.acknowledged |= {(journal, seq) for journal, seq in answer.json()["entries"]}
        self.answers[stream] += 1


@dataclass
class Hotel:
    """The running hotel and what it answered so far, over all tests of this file."""

    cluster: Cluster
    record: Record

    # What goes on

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Desks and the booking engine at work, repeating whatever got no answer; afterwards all of it was answered."""
        self.record.ending = False
        async with anyio.create_task_group() as tasks:
            for terminal in self.cluster.terminals:
                tasks.start_soon(self._desk, terminal)
            tasks.start_soon(self._booking_engine)
            yield
            self.record.ending = True

    async def until_more(self, *streams: str) -> None:
        """Return when each of those streams got some more answers."""
        before = Counter(self.record.answers)
        await self.cluster.until(
            lambda: all(self.record.answers[stream] >= before[stream] + STEPS for stream in streams),
            SECONDS_MAX, f"work goes on at {', '.join(streams)}",
        )  # fmt: skip

    async def act(self, terminal: TerminalProcess, action: str, **body: object) -> None:
        """Have it done, asking again in the same words until it is answered."""
        while True:
            try:
                answer = await self.cluster.client.post(
                    f"{terminal.url}/api/actions/{action}", json=body, headers={"X-Staff": "suzuki"}
                )
            except httpx.TransportError:
                await anyio.sleep(0.02)
                continue
            assert answer.status_code == 200, answer.text
            self.record.note(terminal.name, answer)
            return

    async def _desk(self, terminal: TerminalProcess) -> None:
        while not self.record.ending:
            number = self.record.answers[terminal.name]
            stay = f"house-{terminal.name}"
            key = f"{terminal.name}-{number}"
            if number % 2:
                await self.act(
                    terminal, "post_charge", stay=stay, code="minibar", amount_minor=AMOUNT_MINOR, idempotency_key=key
                )
                self.record.charges[stay] += 1
            else:
                await self.act(
                    terminal, "create_stay", stay=key, guest_name="加藤", arrival=OPENING_DATE, nights=1,
                    room_type="A", rate_minor=9_000, adults=1, source="direct",
                )  # fmt: skip

    async def _booking_engine(self) -> None:
        relay = self.cluster.relay
        while not self.record.ending:
            name = f"booked {len(self.record.bookings)}"
            body = {
                "guest": {"name": name},
                "terms": {
                    "arrival": OPENING_DATE, "nights": 1, "room_type": "A", "rate_minor": 8_000, "adults": 1,
                    "source": "booking-engine",
                },
            }  # fmt: skip
            headers = {"Authorization": f"Bearer {relay.token}", "Idempotency-Key": name.replace(" ", "-")}
            while True:
                try:
                    answer = await self.cluster.client.post(f"{relay.api}/reservations", json=body, headers=headers)
                except httpx.TransportError:
                    await anyio.sleep(0.02)
                    continue
                if answer.status_code == 201:
                    break
                assert answer.status_code == 503, answer.text
                await anyio.sleep(0.05)
            self.record.note("booking-engine", answer)
            self.record.bookings.append(name)

    # What must hold

    async def require_nothing_lost_or_doubled(self) -> None:
        await self.cluster.until(self._agrees, SECONDS_MAX, "nothing tentative, the same everywhere")
        with psycopg.connect(self.cluster.database_url.replace("+psycopg", "")) as connection:
            entries = connection.execute("SELECT position, journal, seq FROM entry ORDER BY position").fetchall()
            charged = connection.execute(
                "SELECT stay, count(*), sum(amount_minor) FROM posting WHERE kind = 'charge' GROUP BY stay"
            ).fetchall()
            booked = connection.execute(
                "SELECT guest.name FROM reservation JOIN guest USING (property_id, guest) WHERE source = 'booking-engine'"
            ).fetchall()
        assert [position for position, _, _ in entries] == list(range(1, len(entries) + 1))
        held = Counter((bytes(journal).hex(), seq) for _, journal, seq in entries)
        assert set(held.values()) == {1}
        assert self.record.acknowledged <= held.keys()
        assert {stay: (count, int(total)) for stay, count, total in charged} == {
            stay: (count, count * AMOUNT_MINOR) for stay, count in self.record.charges.items()
        }
        assert Counter(name for (name,) in booked) == Counter(self.record.bookings)

    async def _agrees(self) -> bool:
        relay: dict[str, Any] = await self._get(f"{self.cluster.relay.api}/status?vector=true")
        if relay["queue"] or relay["projected_through"] != relay["committed_through"]:
            return False
        for terminal in self.cluster.terminals:
            sync = await self._get(f"{terminal.url}/api/sync?vector=true")
            if sync["tentative"] or any(sync[name] != relay[name] for name in ("vector", "content_hash", "generation")):
                return False
        return True

    async def _get(self, url: str) -> dict[str, Any]:
        return (await self.cluster.client.get(url)).json()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hotel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hotel]:
    definition = terminals.definition()
    folder = tmp_path_factory.mktemp("hotel")
    async with running_cluster(folder, definition, 2, proxied=True) as cluster:
        hotel = Hotel(cluster, Record())
        for number, terminal in enumerate(cluster.terminals):
            room = str(201 + number)
            await hotel.act(terminal, "set_room_condition", room=room, field="hk_condition", value="clean")
            await hotel.act(
                terminal, "walk_in", room=room, nights=3, rate_minor=9_000, adults=1, stay=f"house-{terminal.name}",
                guest_name="佐藤", guest_contact="090-0000-0001", guest_address="鎌倉市",
            )  # fmt: skip
        yield hotel


async def test_the_relay_is_killed_while_it_takes_entries_and_bookings(hotel: Hotel) -> None:
    desks = [terminal.name for terminal in hotel.cluster.terminals]
    async with hotel.working():
        await hotel.until_more(*desks, "booking-engine")
        hotel.cluster.relay.process.kill()
        await hotel.until_more(*desks)
        hotel.cluster.relay.process.start()
        await hotel.until_more(*desks, "booking-engine")
    await hotel.require_nothing_lost_or_doubled()


async def test_postgresql_is_killed_while_the_relay_commits(hotel: Hotel) -> None:
    postgres = hotel.cluster.postgres
    assert postgres is not None
    desks = [terminal.name for terminal in hotel.cluster.terminals]
    async with hotel.working():
        await hotel.until_more(*desks, "booking-engine")
        postgres.kill()
        await hotel.until_more(*desks)
        await to_thread.run_sync(postgres.restart)
        await hotel.until_more(*desks, "booking-engine")
    await hotel.require_nothing_lost_or_doubled()


async def test_a_terminal_is_killed_while_what_it_acknowledged_is_with_nobody_else(hotel: Hotel) -> None:
    one, other = hotel.cluster.terminals
    async with hotel.working():
        await hotel.until_more(one.name, other.name)
        one.isolate()
        await hotel.until_more(one.name)
        one.process.kill()
        await hotel.until_more(other.name, "booking-engine")
        one.process.start()
        await hotel.until_more(one.name)
        one.heal()
        await hotel.until_more(one.name, other.name, "booking-engine")
    await hotel.require_nothing_lost_or_doubled()
