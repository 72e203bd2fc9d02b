"""Real programs of two versions in one hotel: an older wheel in an environment of its own, beside the present program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlcipher3 import dbapi2

from simulations.processes.cluster import Cluster, TerminalProcess, running_cluster
from simulations.processes.database_key import unlock
from simulations.processes.hotel_driver import HotelDriver, Refusal
from tests.crdt_pms.replica.terminals import OPENING_DATE, definition
from tests.evolution.older_version import install_older_version

pytestmark = [pytest.mark.process, pytest.mark.asyncio]

AGREE_SECONDS_MAX = 30
BOOKING = {
    "arrival": OPENING_DATE, "nights": 2, "room_type": "A", "rate_minor": 12_000, "adults": 2, "source": "direct",
    "segment": "法人", "guest_name": "佐藤 花子", "guest_contact": "090-0000-0001", "guest_address": "神奈川県鎌倉市",
}  # fmt: skip


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of the older version."""
    return install_older_version(tmp_path_factory.mktemp("older"))


@dataclass
class Hotel:
    """The relay and the desk `new` run the present program, the desk `old` the older one."""

    cluster: Cluster
    driver: HotelDriver
    old: TerminalProcess
    new: TerminalProcess

    async def agree(self) -> None:
        """Wait until both desks hold the same and the relay has committed it."""

        async def agreed() -> bool:
            states = [await self.driver.read(desk, "sync?vector=true") for desk in (self.old, self.new)]
            return states[0]["vector"] == states[1]["vector"] and not any(state["tentative"] for state in states)

        await self.cluster.until(agreed, AGREE_SECONDS_MAX, "both desks hold the same")

    async def content_hashes(self) -> set[str]:
        """What the desks say of their content."""
        return {(await self.driver.read(desk, "sync"))["content_hash"] for desk in (self.old, self.new)}

    async def relay_shows(self, stay: str, **terms: Any) -> None:
        """Wait until the relay, whose program is the present one, shows these terms."""
        relay = self.cluster.relay
        headers = {"Authorization": f"Bearer {relay.token}"}

        async def shown() -> bool:
            answer = await self.cluster.client.get(f"{relay.api}/reservations/{stay}", headers=headers)
            return answer.is_success and terms.items() <= answer.json()["terms"].items()

        await self.cluster.until(shown, AGREE_SECONDS_MAX, f"the relay shows {terms}")

    async def alerts(self, desk: TerminalProcess) -> set[str]:
        """The kinds of alerts that a desk shows."""
        return {alert["matter"] for alert in await self.driver.read(desk, "alerts")}


@pytest_asyncio.fixture
async def hotel(tmp_path: Path, older: Path) -> AsyncIterator[Hotel]:
    """Two desks and a relay; the older desk makes its own database."""
    async with running_cluster(tmp_path, definition(), 2, other_versions={"desk-2": older}) as cluster:
        new, old = cluster.terminals
        yield Hotel(cluster, HotelDriver(cluster, 1, hands_clock=False), old, new)


async def test_an_older_desk_keeps_working_and_is_updated_on_its_own_database(hotel: Hotel) -> None:
    driver, old, new = hotel.driver, hotel.old, hotel.new

    # What the older program does not know it keeps: an independent field it carries on, a bound one it drops with a change.
    await driver.must(new, "create_stay", stay="stay-1", **BOOKING)
    await driver.must(new, "set_do_not_move", stay="stay-1", locked=True, reason="ご希望の部屋")
    await hotel.agree()
    await hotel.relay_shows("stay-1", nights=2, do_not_move=True)
    assert len(await hotel.content_hashes()) == 1
    await driver.must(old, "amend_terms", stay="stay-1", nights=3)
    await hotel.agree()
    await hotel.relay_shows("stay-1", nights=3, segment="法人", do_not_move=False)
    assert len(await hotel.content_hashes()) == 1

    # A word that the older program does not know is shown as what keeps guests and money safe.
    await driver.must(new, "create_stay", stay="stay-2", status="waitlisted", **BOOKING)
    await hotel.agree()
    assert "alert_value_without_meaning" in await hotel.alerts(old)
    assert "alert_value_without_meaning" not in await hotel.alerts(new)
    refusal = await driver.act(old, "post_charge", stay="stay-2", code="minibar", amount_minor=500)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "update_needed"

    # The update finds everything on the disk of the older version.
    old.process.stop()
    old.process.run_another_version(None)
    old.process.start()
    await old.process.until_ready(hotel.cluster.client)
    await hotel.agree()
    assert len(await hotel.content_hashes()) == 1
    assert "alert_value_without_meaning" not in await hotel.alerts(old)
    await hotel.relay_shows("stay-1", nights=3, segment="法人", do_not_move=False)
    await driver.must(old, "confirm_stay", stay="stay-2")

    hotel.cluster.stop()
    for desk in (old, new):
        with closing(dbapi2.connect(str(desk.database))) as database:
            unlock(database, desk.database)
            assert database.execute(
                "SELECT (SELECT count(*) FROM quarantine), (SELECT count(*) FROM held)"
            ).fetchone() == (0, 0)
