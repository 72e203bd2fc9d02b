"""A thread of one's own that ends with the process."""

from __future__ import annotations

import threading

import anyio
import pytest

from relay_server.worker import PinnedWorker, WorkerClosed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_has_not_begun_when_the_worker_closes_is_told_so() -> None:
    """Whoever waits must not take it for a cancellation of its own."""
    worker, begun, go = PinnedWorker("test"), threading.Event(), threading.Event()
    told: list[str] = []

    async def wait_behind() -> None:
        try:
            await worker.run(lambda: None)
        except WorkerClosed as closed:
            told.append(str(closed))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run, lambda: begun.set() or go.wait(10))
        await anyio.to_thread.run_sync(begun.wait)
        tasks.start_soon(wait_behind)
        await anyio.wait_all_tasks_blocked()
        worker.abandon()
        go.set()
    assert told == ["the process is ending"]


async def test_a_closed_worker_takes_nothing_more() -> None:
    worker = PinnedWorker("test")
    worker.close()
    with pytest.raises(WorkerClosed):
        await worker.run(lambda: None)


async def test_a_caller_that_is_cancelled_is_cancelled() -> None:
    worker, go = PinnedWorker("test"), threading.Event()
    with anyio.move_on_after(0.05) as scope:
        await worker.run(lambda: go.wait(10))
    assert scope.cancelled_caught
    go.set()
    worker.close()
