"""The task that keeps the readable tables behind the committed order, and the way to the origin desk on the same thread."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import anyio

from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store
from crdt_pms.runtime.changes import ChangeSignal
from relay_server.errors import ProjectionFailed
from relay_server.limits import (
    ALERTS_PAUSE_SECONDS,
    COMMIT_RETRY_SECONDS_MAX,
    ORIGIN_REQUESTS_WAITING_MAX,
    SNAPSHOT_LOOK_SECONDS,
    STOPPED_RETRY_SECONDS,
)
from relay_server.origin_desk import OriginDesk
from relay_server.problems import Problem
from relay_server.projecting import Asked, Next, Projecting
from relay_server.projection import Projection
from relay_server.worker import PinnedWorker, WorkerClosed


class Projector:
    """Owns the projection's thread."""

    def __init__(
        self,
        projection: Projection,
        desk: OriginDesk,
        store: Store,
        committed: ChangeSignal,
        on_written: Callable[[], None],
        on_snapshot: Callable[[], None],
    ) -> None:
        """`committed` tells of entries to project. Called on the loop: `on_written` after the origin desk has written,
        `on_snapshot` when there is another snapshot to hand out."""
        self._on_snapshot = on_snapshot
        self._projecting = Projecting(projection, desk)
        self._store = store
        self._committed = committed
        self._on_written = on_written
        self._worker = PinnedWorker("projector")
        self._waiting = 0
        self._written_told = 0
        self._snapshots_told = 0

    @property
    def projected_through(self) -> int:
        """How many entries the readable tables show."""
        return self._projecting.projected_through

    @property
    def failure(self) -> StoreError | None:
        """Why nothing is projected, while PostgreSQL does not answer."""
        return self._projecting.failure

    @property
    def alarm(self) -> ProjectionFailed | None:
        """The entry at which projecting stopped until the next start."""
        return self._projecting.alarm

    async def run(self) -> None:
        """Project until an entry cannot be applied, trying again on a timer while PostgreSQL does not answer."""
        waiter = self._committed.waiter()
        while (then := await self._worker.run(self._projecting.step)) is not Next.STOP:
            if self._projecting.snapshots_handed_out > self._snapshots_told:
                self._snapshots_told = self._projecting.snapshots_handed_out
                self._on_snapshot()
            if then is Next.WAIT:
                await anyio.sleep(COMMIT_RETRY_SECONDS_MAX / 10)
            elif then is Next.REST:
                await anyio.sleep(ALERTS_PAUSE_SECONDS)
                with anyio.move_on_after(SNAPSHOT_LOOK_SECONDS):
                    await waiter.wait()

    async def catch_up(self) -> None:
        """Bring rows and alerts up to what is committed, as far as PostgreSQL answers and every entry can be applied."""
        while await self._worker.run(self._projecting.step) is Next.STEP:
            pass

    async def ask(self, call: Callable[[OriginDesk], Asked]) -> Asked:
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
            return await self._worker.run(lambda: self._projecting.ask(call))
        except ProjectionFailed as failed:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "projection_stopped",
                f"This relay cannot show what is committed: {failed}",
                "Tell the relay's operator. Repeat the request, with the same Idempotency-Key, after the time in Retry-After.",
                {"Retry-After": str(STOPPED_RETRY_SECONDS)},
            ) from failed
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
            if self._projecting.written > self._written_told:
                self._written_told = self._projecting.written
                self._on_written()

    async def content_hash(self) -> bytes | None:
        """Digest of what is projected; None when it stopped. Raises StoreError."""
        return await self._worker.run(self._projecting.content_hash)

    def close(self) -> None:
        """End the thread and the connection."""
        self._worker.close()
        self._store.close()
