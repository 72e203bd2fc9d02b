"""The relay's database: unreachable, restarted, and shared by several writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from crdt_pms.ports.errors import StoreError, StoreFailing, StoreFull, StoreUnavailable
from crdt_pms.ports.records import Placed
from crdt_pms.store import postgresql
from crdt_pms.store.postgresql import libpq_url, open_postgresql, open_reading
from simulations.processes.postgres import EmbeddedPostgres
from tests.crdt_pms.journal.journals import PROPERTY_ID, append, writer


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1/") as caught:
        open_postgresql("postgresql://hotel:secret@127.0.0.1:1/hotel", PROPERTY_ID)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/hotel", "not a url"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="postgresql://"):
        libpq_url(url)


@pytest.mark.process
def test_a_store_finds_its_database_again_after_a_restart() -> None:
    with EmbeddedPostgres() as postgres, closing(open_postgresql(postgres.url, PROPERTY_ID)) as store:
        with store.transaction() as transaction:
            transaction.put_state("key", b"kept")
        postgres.kill()
        with pytest.raises(StoreUnavailable), store.transaction() as transaction:
            transaction.get_state("key")
        postgres.restart()
        with store.transaction() as transaction:
            assert transaction.get_state("key") == b"kept"


@pytest.mark.process
def test_a_store_for_reading_finds_its_database_again_and_does_not_wait_for_it_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgresql, "AWAY_SECONDS", 3_600.0)
    with EmbeddedPostgres() as postgres:
        with closing(open_postgresql(postgres.url, PROPERTY_ID)) as store, store.transaction() as transaction:
            transaction.put_state("key", b"kept")
        with closing(open_reading(postgres.url, PROPERTY_ID, 2)) as reading:

            def read(_number: int = 0) -> bytes | None:
                with reading.transaction() as transaction:
                    return transaction.get_state("key")

            with ThreadPoolExecutor(8) as threads:
                assert set(threads.map(read, range(50))) == {b"kept"}
            postgres.kill()
            for _connection in range(2):
                with pytest.raises(StoreUnavailable):
                    read()
            with pytest.raises(StoreUnavailable, match="couldn't get a connection"):
                read()
            with pytest.raises(StoreUnavailable, match="a moment ago"):
                read()
            postgres.restart()
            reading._away_until = 0.0  # a while later
            assert read() == b"kept"


def test_a_store_for_reading_only_reads(fresh_database_url: str) -> None:
    open_postgresql(fresh_database_url, PROPERTY_ID).close()
    with closing(open_reading(fresh_database_url, PROPERTY_ID, 1)) as reading:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading.transaction() as transaction:
            transaction.put_state("key", b"written")
        with reading.transaction() as transaction:
            assert transaction.get_state("key") is None


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [("53100", StoreFull, "Make room"), ("58030", StoreFailing, "Check the disk")],
)
def test_trouble_with_the_database_servers_disk_is_told_as_what_it_is(
    fresh_database_url: str, code: str, kind: type[StoreError], remedy: str
) -> None:
    fail = f"DO $$ BEGIN RAISE EXCEPTION 'could not write' USING ERRCODE = '{code}'; END $$"
    with closing(open_postgresql(fresh_database_url, PROPERTY_ID)) as store:
        with (
            pytest.raises(kind, match=f"(?s)could not write.*Nothing was saved.*{remedy}"),
            store.transaction() as broken,
        ):
            broken.cursor.execute(fail)
        with store.transaction() as transaction:
            assert transaction.journals() == []


def test_writers_at_the_same_time_give_out_every_position_once(fresh_database_url: str) -> None:
    open_postgresql(fresh_database_url, PROPERTY_ID).close()

    def write(number: int) -> None:
        journal = writer(number)
        with closing(open_postgresql(fresh_database_url, PROPERTY_ID)) as store:
            with store.transaction() as transaction:
                transaction.add_journal(journal.certificate)
            for _ in range(20):
                with store.transaction() as transaction:
                    transaction.append_entries([Placed(transaction.last_position() + 1, append(journal), None)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 5)))
    with closing(open_postgresql(fresh_database_url, PROPERTY_ID)) as store, store.transaction() as transaction:
        assert [placed.position for placed in transaction.entries_after(0, 1000, 10**7)] == list(range(1, 81))
