"""Wake-ups over PostgreSQL's LISTEN and NOTIFY, on two connections of their own.

A NOTIFY takes a lock of the whole database cluster until its transaction has committed. Sent in the transactions that commit
entries it would make all properties on the server wait for each other. So it goes out afterwards, in a transaction of its own,
and one says what happened at several properties meanwhile.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import psycopg

from crdt_pms.runtime.changes import ChangeSignal
from relay_server.limits import WAKE_UP_PAUSE_SECONDS, WAKE_UP_PAYLOAD_BYTES_MAX, WAKE_UP_RETRY_SECONDS

logger = logging.getLogger(__name__)

CHANNEL: Final = "crdt_pms_committed"
LISTENING: Final = "crdt-pms listening"
TELLING: Final = "crdt-pms telling"
"""What the connections are called in pg_stat_activity."""
_Connection = psycopg.AsyncConnection[Any]


class PostgresqlWakeUps:
    """See `wake_ups.CarriedWakeUps`. Everything on one event loop."""

    def __init__(self, conninfo: str) -> None:
        """`conninfo` as libpq reads it."""
        self._conninfo = conninfo
        self._own = secrets.token_hex(8)
        """By this a process knows its own notifications."""
        self._wakes: dict[str, list[Callable[[], None]]] = {}
        self._told: dict[str, None] = {}
        self._telling = ChangeSignal()
        self._is_deaf = self._is_mute = False
        self.sent = 0
        """How many notifications went out."""

    def listen(self, property_id: str, wake: Callable[[], None]) -> None:
        """See `wake_ups.WakeUps`."""
        self._wakes.setdefault(property_id, []).append(wake)

    def tell(self, property_id: str) -> None:
        """See `wake_ups.WakeUps`."""
        self._told[property_id] = None
        self._telling.notify()

    async def run(self) -> None:
        """See `wake_ups.CarriedWakeUps`."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hear_for_ever)
            tasks.start_soon(self._send_for_ever)

    async def _hear_for_ever(self) -> None:
        while True:
            try:
                async with self._connected(LISTENING) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}".encode())
                    if self._is_deaf:
                        logger.info("other relay processes can wake this one again")
                    self._is_deaf = False
                    self._wake(self._wakes)
                    async for notification in connection.notifies():
                        sender, *properties = notification.payload.split(" ")
                        if sender != self._own:
                            self._wake(properties)
            except psycopg.Error as error:
                if not self._is_deaf:
                    logger.warning(
                        "other relay processes cannot wake this one, it looks by itself meanwhile: %s", error
                    )
                self._is_deaf = True
            await anyio.sleep(WAKE_UP_RETRY_SECONDS)

    async def _send_for_ever(self) -> None:
        waiter = self._telling.waiter()
        while True:
            try:
                async with self._connected(TELLING) as connection:
                    while True:
                        while not self._told:
                            await waiter.wait()
                        await self._send(connection)
                        self._is_mute = False
                        # What is told meanwhile goes out in one.
                        await anyio.sleep(WAKE_UP_PAUSE_SECONDS)
            except psycopg.Error as error:
                if not self._is_mute:
                    logger.warning("other relay processes are not woken, they look by themselves meanwhile: %s", error)
                self._is_mute = True
            await anyio.sleep(WAKE_UP_RETRY_SECONDS)

    async def _send(self, connection: _Connection) -> None:
        told, self._told = self._told, {}
        try:
            for payload in _payloads(self._own, told):
                await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
                self.sent += 1
        except psycopg.Error:
            self._told |= told
            raise

    @asynccontextmanager
    async def _connected(self, name: str) -> AsyncIterator[_Connection]:
        connection = await _Connection.connect(self._conninfo, autocommit=True, application_name=name)
        try:
            yield connection
        finally:
            await connection.close()

    def _wake(self, properties: Iterable[str]) -> None:
        for property_id in properties:
            for wake in self._wakes.get(property_id, ()):
                wake()


def _payloads(sender: str, properties: Iterable[str]) -> Iterator[str]:
    """The properties, behind the sender, in as few notifications as PostgreSQL allows. Ids are ASCII and hold no space."""
    payload = sender
    for property_id in properties:
        if len(payload) + 1 + len(property_id) > WAKE_UP_PAYLOAD_BYTES_MAX:
            yield payload
            payload = sender
        payload = f"{payload} {property_id}"
    if payload != sender:
        yield payload
