"""Two relay processes on one database: each shows what the other committed, and hears of it before it looks by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import psycopg
import pytest

from crdt_pms.journal.trust import DeviceClass
from crdt_pms.store.postgresql import conninfo_of, libpq_url
from relay_server import committer as committer_module
from relay_server.database import Database
from relay_server.limits import WAKE_UP_PAYLOAD_BYTES_MAX
from relay_server.postgresql_wake_ups import LISTENING, TELLING, PostgresqlWakeUps, _payloads
from simulations.processes.cluster import running_cluster
from tests.crdt_pms.journal.journals import enrolled
from tests.crdt_pms.replica.terminals import PROPERTY_ID
from tests.relay_server.relays import RunningRelay, definition, require_whole, running_relay, stored, until
from tests.relay_server.test_node import reserve, running_terminals, sees
from tests.relay_server.test_origin_api import amend, booking, create, read, require_problem

pytestmark = pytest.mark.asyncio

OTHER_RELAY = enrolled(98, DeviceClass.RELAY)
NEVER_SECONDS = 3_600.0


@pytest.fixture(autouse=True)
def _no_relay_looks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer_module, "FOREIGN_POLL_SECONDS", NEVER_SECONDS)


class Lost:
    """Wake-ups of which none arrives."""

    def listen(self, property_id: str, wake: Callable[[], None]) -> None:
        pass

    def tell(self, property_id: str) -> None:
        pass

    async def run(self) -> None:
        pass


def lose_wake_ups(database: Database) -> Database:
    return replace(database, wake_ups=Lost())


@asynccontextmanager
async def two_relays(
    url: str, change: Callable[[Database], Database] = lambda database: database
) -> AsyncIterator[tuple[RunningRelay, RunningRelay]]:
    """Two relays, each with a device, connections and threads of its own."""
    async with running_relay(url, change=change) as one, running_relay(url, change=change, device=OTHER_RELAY) as other:
        yield one, other


# Reading


async def test_what_was_taken_at_one_is_read_at_the_other_at_once(database_url: str) -> None:
    async with two_relays(database_url, lose_wake_ups) as (one, other):
        require_problem(await read(other), 404, "stay_unknown")
        for relay, elsewhere in ((one, other), (other, one)):
            key = f"k-{relay.port}"
            taken = (
                await create(relay, key=key)
                if relay is one
                else await amend(relay, (await read(relay)).headers["ETag"], {"terms": {"nights": 5}}, key)
            )
            assert taken.is_success
            shown = await read(elsewhere)
            assert shown.headers["ETag"] == taken.headers["ETag"]
        assert (await read(one)).json()["terms"]["nights"] == 5
        again = await create(other, key=f"k-{one.port}")
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    require_whole(stored(database_url))


@pytest.mark.process
async def test_two_processes_show_what_the_other_acknowledged_at_once(database_url: str, tmp_path: Path) -> None:
    async with running_cluster(tmp_path, definition(), 1, relays=2, database_url=database_url) as cluster:
        for number in range(10):
            relay, elsewhere = cluster.relays[number % 2], cluster.relays[1 - number % 2]
            sent = {"Authorization": f"Bearer {relay.token}", "Idempotency-Key": f"k{number}"}
            taken = await cluster.client.post(f"{relay.api}/reservations", json=booking(f"b{number}"), headers=sent)
            assert taken.status_code == 201
            asked = {"Authorization": f"Bearer {elsewhere.token}"}
            shown = await cluster.client.get(f"{elsewhere.api}/reservations/b{number}", headers=asked)
            assert (shown.status_code, shown.headers["ETag"]) == (200, taken.headers["ETag"])


async def test_reading_what_is_current_writes_nothing(database_url: str) -> None:
    async with running_relay(database_url) as relay:
        await create(relay)
        await relay.until_projected(1)
        await read(relay)
        before = _projector_row(database_url)
        assert (await read(relay)).status_code == 200
        assert _projector_row(database_url) == before


# Waking


async def test_a_session_at_one_hears_at_once_of_what_was_committed_through_the_other(
    database_url: str, tmp_path: Path
) -> None:
    async with two_relays(database_url) as (one, other), running_terminals(tmp_path, one.port, other.port) as desks:
        reserve(desks[0], "a")
        await until(lambda: sees(desks[1], "a"), "the other desk sees it")
        reserve(desks[1], "b")
        await until(lambda: sees(desks[0], "b"), "and the other way round")
        assert (await create(one)).status_code == 201
        await until(lambda: sees(desks[1], "b1"), "what another system booked too")


async def test_where_wake_ups_are_lost_a_relay_looks_by_itself(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_module, "FOREIGN_POLL_SECONDS", 0.05)
    async with (
        two_relays(database_url, lose_wake_ups) as (one, other),
        running_terminals(tmp_path, one.port, other.port) as desks,
    ):
        reserve(desks[0], "a")
        await until(lambda: sees(desks[1], "a"), "the other desk sees it")


async def test_a_listener_whose_connection_was_lost_looks_when_it_listens_again(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_relays(database_url) as (one, other), running_terminals(tmp_path, one.port, other.port) as desks:
        reserve(desks[0], "a")
        await until(lambda: sees(desks[1], "a"), "both listen")
        assert _end_connections(database_url, LISTENING) == 2
        reserve(desks[0], "b")
        await until(lambda: sees(desks[1], "b"), "the other desk sees it")
    assert "cannot wake this one, it looks by itself meanwhile" in caplog.text


async def test_what_could_not_be_told_is_told_when_the_database_answers_again(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with two_relays(database_url) as (one, other), running_terminals(tmp_path, one.port, other.port) as desks:
        reserve(desks[0], "a")
        await until(lambda: sees(desks[1], "a"), "one has told")
        assert _end_connections(database_url, TELLING) == 2
        reserve(desks[0], "b")
        await until(lambda: sees(desks[1], "b"), "the other desk sees it")
    assert "are not woken, they look by themselves meanwhile" in caplog.text


async def test_one_notification_says_what_happened_at_many_properties(database_url: str) -> None:
    async with _wake_ups(database_url, 3) as (one, other, third):
        heard: dict[str, int] = {}
        woken: list[None] = []

        def wake_of(property_id: str) -> Callable[[], None]:
            def wake() -> None:
                heard[property_id] = heard.get(property_id, 0) + 1

            return wake

        properties = [f"hotel-{number}" for number in range(300)]
        for property_id in properties[:-1]:
            other.listen(property_id, wake_of(property_id))
            one.listen(property_id, lambda: woken.append(None))
        for _commit in range(10):
            for property_id in properties:
                one.tell(property_id)
        await until(lambda: len(heard) == len(properties) - 1, "everything was heard")
        assert one.sent == 1
        assert set(heard.values()) == {1}
        assert woken == [], "no process wakes itself"
        third.tell(properties[-1])
        third.tell(properties[0])
        await until(lambda: heard[properties[0]] == 2, "and what a third one tells")
        assert sum(heard.values()) == len(properties)


async def test_many_properties_take_several_notifications_of_the_length_that_postgresql_takes() -> None:
    properties = [f"{number:064}" for number in range(1_000)]
    payloads = list(_payloads("sender", properties))
    assert len(payloads) == 9
    assert all(len(payload) <= WAKE_UP_PAYLOAD_BYTES_MAX for payload in payloads)
    assert [one for payload in payloads for one in payload.split(" ")[1:]] == properties
    assert list(_payloads("sender", [])) == []


async def test_while_the_database_is_away_waking_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    wake_ups = PostgresqlWakeUps(conninfo_of("postgresql://hotel@127.0.0.1:1/hotel"))
    wake_ups.listen(PROPERTY_ID, lambda: None)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wake_ups.run)
        wake_ups.tell(PROPERTY_ID)
        await until(lambda: "are not woken" in caplog.text and "cannot wake" in caplog.text, "told once")
        tasks.cancel_scope.cancel()
    assert wake_ups.sent == 0


@asynccontextmanager
async def _wake_ups(url: str, amount: int) -> AsyncIterator[list[PostgresqlWakeUps]]:
    """The wake-ups of that many processes, all of which listen."""
    made = [PostgresqlWakeUps(conninfo_of(url)) for _process in range(amount)]
    listening: list[None] = []
    for wake_ups in made:
        wake_ups.listen("", lambda: listening.append(None))
    async with anyio.create_task_group() as tasks:
        for wake_ups in made:
            tasks.start_soon(wake_ups.run)
        await until(lambda: len(listening) == amount, "all listen")
        yield made
        tasks.cancel_scope.cancel()


def _end_connections(url: str, name: str) -> int:
    """End the connections of that name. How many there were."""
    with psycopg.connect(libpq_url(url)) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s", (name,)
        ).fetchall()
    return len(ended)


def _projector_row(url: str) -> object:
    """Which transaction last wrote the row that a projector locks."""
    with psycopg.connect(libpq_url(url)) as connection:
        return connection.execute("SELECT xmin::text FROM node_state WHERE key = 'projector'").fetchone()
