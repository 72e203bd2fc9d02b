"""A database that is ready for a relay: copied from one that was brought up to date once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from crdt_pms.store.postgresql import open_postgresql
from tests.crdt_pms.replica.terminals import PROPERTY_ID

TEMPLATE = "relay_template"


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """The name of an empty database whose tables exist."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
    open_postgresql(f"{postgres_url.rpartition('/')[0]}/{TEMPLATE}", PROPERTY_ID).close()
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """An empty database of a relay's own, dropped afterwards with the copies that a test made of it."""
    name = f"relay_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}".encode())
        yield f"{postgres_url.rpartition('/')[0]}/{name}"
        for each in (name, f"{name}_backup"):
            connection.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)".encode())
