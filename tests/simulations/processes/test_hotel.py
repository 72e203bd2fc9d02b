"""A hotel of real processes, its links cut and its disks put back: what desks and headquarters know afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from crdt_pms.store.postgresql import libpq_url
from simulations.processes.cluster import Cluster, TerminalProcess, running_cluster
from simulations.processes.hotel_driver import HotelDriver
from simulations.processes.verifier.laws import verify
from simulations.processes.verifier.record import RunRecord
from tests.crdt_pms.replica.terminals import copy_disk, definition

pytestmark = [pytest.mark.process, pytest.mark.asyncio]
SECONDS_MAX = 60


@asynccontextmanager
async def hotel(folder: Path, url: str, terminals: int) -> AsyncIterator[tuple[Cluster, HotelDriver]]:
    async with running_cluster(folder, definition(), terminals, database_url=url, proxied=True) as cluster:
        yield cluster, HotelDriver(cluster, 1, hands_clock=False)


async def sync(driver: HotelDriver, desk: TerminalProcess) -> dict[str, Any]:
    return await driver.read(desk, "sync?vector=true")


async def until_all_agree(cluster: Cluster) -> None:
    await cluster.until(cluster.agrees, SECONDS_MAX, "all agree")


def judged(cluster: Cluster, driver: HotelDriver) -> list[object]:
    return list(
        verify(
            RunRecord(
                cluster.property_file,
                cluster.definition.opening_date,
                {desk.name: desk.database for desk in cluster.terminals},
                libpq_url(cluster.database_url),
                driver.history.acknowledged,
            )
        )
    )


async def test_desks_without_the_relay_agree_over_their_own_link_and_reach_it_through_the_one_that_gets_it_back(
    tmp_path: Path, fresh_database_url: str
) -> None:
    async with hotel(tmp_path, fresh_database_url, 2) as (cluster, driver):
        here, there = cluster.terminals
        await until_all_agree(cluster)
        for desk in cluster.terminals:
            assert desk.relay_link is not None
            desk.relay_link.cut()
        await driver.must(here, "set_room_condition", room="201", field="hk_condition", value="clean")
        await driver.must(there, "set_room_condition", room="202", field="hk_condition", value="clean")

        async def agreed() -> bool:
            return (await sync(driver, here))["vector"] == (await sync(driver, there))["vector"]

        await cluster.until(agreed, SECONDS_MAX, "the desks agree without the relay")
        assert (await sync(driver, here))["tentative"] == (await sync(driver, there))["tentative"] == 2
        assert here.relay_link is not None
        here.relay_link.heal()

        async def committed() -> bool:
            return (await sync(driver, there))["tentative"] == 0

        await cluster.until(committed, SECONDS_MAX, "the desk without the relay learns that its entry is committed")
        assert (await sync(driver, there))["offline"]
    assert judged(cluster, driver) == []


async def test_a_desk_whose_disk_was_put_back_gets_everything_from_the_others_and_all_are_told(
    tmp_path: Path, fresh_database_url: str
) -> None:
    async with hotel(tmp_path, fresh_database_url, 2) as (cluster, driver):
        here, there = cluster.terminals
        await driver.must(here, "set_room_condition", room="201", field="hk_condition", value="clean")
        await until_all_agree(cluster)
        here.process.stop()
        older = copy_disk(here.database, tmp_path / "older.sqlite")
        here.process.start()
        await here.process.until_ready(cluster.client)
        for room in ("202", "203"):
            await driver.must(here, "set_room_condition", room=room, field="hk_condition", value="clean")
        await until_all_agree(cluster)
        vector = (await sync(driver, there))["vector"]

        here.process.kill()
        for leftover in here.database.parent.glob(f"{here.database.name}-*"):
            leftover.unlink()
        copy_disk(older, here.database)
        here.process.start()
        await here.process.until_ready(cluster.client)
        await driver.must(here, "set_room_condition", room="204", field="hk_condition", value="clean")
        await until_all_agree(cluster)

        after = (await sync(driver, here))["vector"]
        assert vector.items() < after.items()
        for desk in cluster.terminals:
            matters = {alert["matter"] for alert in await driver.read(desk, "alerts")}
            assert matters & {"alert_journal_restored", "alert_journal_forked"}
    assert judged(cluster, driver) == []
    with psycopg.connect(libpq_url(fresh_database_url)) as connection:
        rows = connection.execute("SELECT room FROM room_status WHERE hk_condition = 'clean' ORDER BY room").fetchall()
        alerts = connection.execute("SELECT count(*) FROM alert WHERE matter LIKE 'alert_journal%'").fetchone()
    assert [room for (room,) in rows] == ["201", "202", "203", "204"]
    assert alerts is not None
    assert alerts[0] >= 1
