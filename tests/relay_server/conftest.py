"""A database for a relay: made once for the run, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from crdt_pms.store.postgresql import open_postgresql
from crdt_pms.store.tables import METADATA
from tests.crdt_pms.replica.terminals import PROPERTY_ID
from tests.relay_server.relays import bring_up

NAME = "relay"


@pytest.fixture(scope="session")
def _relay_database(postgres_url: str) -> str:
    """A database whose tables exist. Nobody pulls its plug, so it need not wait for its disk."""
    url = f"{postgres_url.rpartition('/')[0]}/{NAME}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}".encode())
        connection.execute(f"ALTER DATABASE {NAME} SET synchronous_commit = off".encode())
    open_postgresql(url, PROPERTY_ID).close()
    return url


@pytest.fixture
def database_url(_relay_database: str, postgres_url: str) -> Iterator[str]:
    """A relay's database without a row, whatever the test before left behind."""
    bring_up(_relay_database)
    with psycopg.connect(_relay_database.replace("+psycopg", "")) as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(f'DELETE FROM "{table.name}"'.encode())
    yield _relay_database
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME}_backup WITH (FORCE)".encode())
