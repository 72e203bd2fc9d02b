"""A pulled plug ends at once whatever runs behind it; put back, things may begin again."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from crdt_pms.runtime.plug import Plug

pytestmark = pytest.mark.asyncio


async def test_pulling_ends_all_that_runs_behind_it_and_nothing_else() -> None:
    plug, other = Plug("lan"), Plug("relay")
    ended: list[str] = []

    async def run(name: str, behind: Plug) -> None:
        with behind.guarded():
            await anyio.sleep_forever()
        ended.append(name)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for name, behind in (("one", plug), ("two", plug), ("relay", other)):
                tasks.start_soon(run, name, behind)
            await anyio.wait_all_tasks_blocked()
            plug.pull()
            await anyio.wait_all_tasks_blocked()
            assert sorted(ended) == ["one", "two"]
            tasks.cancel_scope.cancel()


async def test_nothing_runs_behind_a_plug_that_is_out() -> None:
    plug = Plug("lan")
    plug.pull()
    reached = False
    with plug.guarded() as scope:
        await anyio.lowlevel.checkpoint()
        reached = True
    assert not reached
    assert scope.cancelled_caught


async def test_what_ended_by_itself_is_not_cut_later() -> None:
    plug = Plug("lan")
    with plug.guarded() as scope:
        pass
    plug.pull()
    assert not scope.cancel_called


async def test_waiting_ends_when_the_plug_is_put_back() -> None:
    plug = Plug("lan")
    with anyio.fail_after(5):
        await plug.wait_in()
    plug.pull()
    with anyio.move_on_after(0) as scope:
        await plug.wait_in()
    assert scope.cancelled_caught
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(plug.wait_in)
            await anyio.wait_all_tasks_blocked()
            plug.put_back()
    assert plug.is_in


async def test_a_plug_pulled_again_before_the_waiter_woke_keeps_it_waiting() -> None:
    plug = Plug("lan")
    plug.pull()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(plug.wait_in)
            await anyio.wait_all_tasks_blocked()
            plug.put_back()
            plug.pull()
            await anyio.wait_all_tasks_blocked()
            assert tasks.cancel_scope.cancel_called is False
            plug.put_back()
