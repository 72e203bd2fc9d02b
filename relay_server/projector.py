"""The task that keeps the readable tables behind the committed order, and the way to the origin desk on the same thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import anyio

from crdt_pms.replica.port import Store, StoreError
from crdt_pms.runtime.changes import ChangeSignal
from relay_server.idempotency import Answer
from relay_server.limits import (
    ALERTS_PAUSE_SECONDS,
    COMMIT_RETRY_SECONDS_MAX,
    ORIGIN_REQUESTS_WAITING_MAX,
)
from relay_server.origin_desk import OriginDesk
from relay_server.problems import Problem
from relay_server.projection import Projection
from relay_server.worker import PinnedWorker, WorkerClosed

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class Projector:
    """Owns the projection's thread."""

    def __init__(
        self,
        projection: Projection,
        desk: OriginDesk,
        store: Store,
        committed: ChangeSignal,
        on_written: Callable[[], None],
    ) -> None:
        """`committed` tells of entries to project; `on_written` is called after the origin desk may have written."""
        self._projection = projection
        self._desk = desk
        self._store = store
        self._committed = committed
        self._on_written = on_written
        self._worker = PinnedWorker("projector")
        self._waiting = 0
        self.projected_through = 0
        self.failure: StoreError | None = None

    async def run(self) -> None:
        """Project for ever, trying again on a timer while PostgreSQL does not answer."""
        waiter = self._committed.waiter()
        while True:
            try:
                await self.catch_up()
            except StoreError as error:
                if self.failure is None:
                    logger.warning("the projection waits: %s: %s", type(error).__name__, error)
                self.failure = error
                await anyio.sleep(COMMIT_RETRY_SECONDS_MAX / 10)
                continue
            self.failure = None
            await anyio.sleep(ALERTS_PAUSE_SECONDS)
            await waiter.wait()

    async def catch_up(self) -> None:
        """Bring the readable rows, then the alerts, up to what is committed. Raises StoreError."""
        while True:
            standing = await self._worker.run(self._projection.catch_up)
            self.projected_through = standing.position
            if standing.caught_up:
                break
        await self._worker.run(self._projection.refresh_alerts)

    async def ask(self, call: Callable[[OriginDesk], Answer]) -> Answer:
        """See `origin_api.OriginGateway`."""
        if self._waiting >= ORIGIN_REQUESTS_WAITING_MAX:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too_many_requests_waiting",
                "Too many requests wait for the database.",
                "Repeat the request, with the same Idempotency-Key, after the time in Retry-After.",
                {"Retry-After": "1"},
            )
        self._waiting += 1
        try:
            return await self._worker.run(lambda: call(self._desk))
        except WorkerClosed as error:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "relay_ending",
                "This relay is ending; the request was not looked at.",
                "Repeat the request, with the same Idempotency-Key, after the time in Retry-After.",
                {"Retry-After": "2"},
            ) from error
        finally:
            self._waiting -= 1
            self._on_written()

    async def content_hash(self) -> bytes:
        """Digest of what is projected."""
        return await self._worker.run(self._projection.content_hash)

    def close(self) -> None:
        """End the thread and the connection."""
        self._worker.close()
        self._store.close()
