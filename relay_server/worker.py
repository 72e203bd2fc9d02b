"""One thread that keeps what must stay on one thread: a database connection, decoded documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class PinnedWorker:
    """Runs blocking calls one after the other, always on the same thread."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, call: Callable[[], Result]) -> Result:
        """The result of `call`. When the caller is cancelled, a call that has begun still ends, unheard."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def abandon(self) -> None:
        """End the thread when the call that runs ends, without waiting for it."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for the call that runs, then end the thread. Calls that have not begun are dropped."""
        self._executor.shutdown(wait=True, cancel_futures=True)
