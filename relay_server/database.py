"""How a relay process reaches the database of a property: what it opens there, and for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crdt_pms.ports.store import Store
from crdt_pms.reading.reading import Readable
from crdt_pms.store.postgresql import conninfo_of, open_postgresql, open_reading
from relay_server.limits import READERS
from relay_server.postgresql_wake_ups import PostgresqlWakeUps
from relay_server.wake_ups import CarriedWakeUps


class ReadingStore(Store, Readable, Protocol):
    """A store of which entries and readable rows are read."""


@dataclass(frozen=True, slots=True)
class Database:
    """Ways to open what is needed. They raise StoreError when the database does not answer."""

    open_store: Callable[[], Store]
    """A connection of its own each time, for one thread at a time."""
    open_reading: Callable[[], ReadingStore]
    """A store that only reads, on several threads at once."""
    wake_ups: CarriedWakeUps
    """Between all relay processes on it."""


def postgresql_database(url: str, property_id: str) -> Database:
    """The property's database at that address."""
    return Database(
        lambda: open_postgresql(url, property_id),
        lambda: open_reading(url, property_id, READERS),
        PostgresqlWakeUps(conninfo_of(url)),
    )
