"""One thread that keeps what must stay on one thread: a database connection, decoded documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class WorkerClosed(Exception):
    """The process is ending: the call was not made."""


class PinnedWorker:
    """Runs blocking calls one after the other, always on the same thread."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, call: Callable[[], Result]) -> Result:
        """The result of `call`; a call that has begun ends even if its caller is cancelled, unheard. Raises WorkerClosed."""
        try:
            future = self._executor.submit(call)
        except RuntimeError as error:
            raise WorkerClosed("the process is ending") from error
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if future.cancelled() and task is not None and not task.cancelling():
                raise WorkerClosed("the process is ending") from error
            raise

    def abandon(self) -> None:
        """End the thread when the call that runs ends, without waiting for it."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for the call that runs, then end the thread. Calls that have not begun are dropped."""
        self._executor.shutdown(wait=True, cancel_futures=True)
