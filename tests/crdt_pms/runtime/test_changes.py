"""Who waits for changes misses none, and hears once of many."""

from __future__ import annotations

import anyio
import pytest

from crdt_pms.runtime.changes import ChangeSignal, Waiter

pytestmark = pytest.mark.asyncio


async def is_told(waiter: Waiter) -> bool:
    """Whether a wait would return at once."""
    with anyio.move_on_after(0) as scope:
        await waiter.wait()
    return not scope.cancelled_caught


async def test_a_change_before_the_wait_is_not_missed() -> None:
    signal = ChangeSignal()
    waiter = signal.waiter()
    signal.notify()
    with anyio.fail_after(5):
        await waiter.wait()


async def test_many_changes_are_heard_once() -> None:
    signal = ChangeSignal()
    waiter = signal.waiter()
    for _ in range(5):
        signal.notify()
    assert await is_told(waiter)
    assert not await is_told(waiter)
    assert signal.version == 5


async def test_changes_before_the_waiter_was_made_are_not_its_business() -> None:
    signal = ChangeSignal()
    signal.notify()
    assert not await is_told(signal.waiter())


async def test_every_waiter_hears_of_a_change() -> None:
    signal = ChangeSignal()
    heard: list[int] = []

    async def listen(number: int, waiter: Waiter) -> None:
        for _ in range(2):
            await waiter.wait()
            heard.append(number)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(listen, number, signal.waiter())
            await anyio.wait_all_tasks_blocked()
            signal.notify()
            await anyio.wait_all_tasks_blocked()
            assert sorted(heard) == [0, 1, 2]
            signal.notify()
    assert sorted(heard) == [0, 0, 1, 1, 2, 2]
