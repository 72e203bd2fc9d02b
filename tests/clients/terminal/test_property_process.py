"""Real processes: rooms and devices change while desks run, and a newcomer takes over what a removed device wrote."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest

from crdt_pms.journal.trust import DeviceClass
from crdt_pms.runtime.device_key_file import load_device_key
from tests.clients.terminal.terminal_process import TerminalFolder
from tests.clients.terminal.test_process import running, until_equal

pytestmark = [pytest.mark.process, pytest.mark.asyncio]


def made(folder: Path) -> TerminalFolder:
    folder.mkdir()
    return TerminalFolder(folder)


async def until_refused(client: httpx.AsyncClient, folder: TerminalFolder) -> None:
    """Return when the terminal has sent a removed device away."""
    with anyio.fail_after(30):
        while not (await folder.read(client, "sync"))["counters"].get("links_ended_peer_removed"):
            await anyio.sleep(0.05)


async def test_a_newcomer_takes_over_what_a_removed_device_wrote(tmp_path: Path) -> None:
    manager, removed, newcomer = (made(tmp_path / name) for name in ("manager", "removed", "newcomer"))
    manager.enrol(load_device_key(manager.key_file).public_bytes, DeviceClass.ADMINISTRATOR)
    key = load_device_key(removed.key_file)
    for desk in (removed, newcomer):
        desk.relay = f"ws://127.0.0.1:{manager.sync_port}"
    async with running(manager) as (_process, client):
        await manager.act(client, "define_room", {"room": "301", "floor": 3, "room_type": "suite"})
        async with running(removed) as (other, _client):
            await until_equal(client, manager, removed)
            assert "301" in {row["room"] for row in await removed.read(client, "board")}
            await removed.reserve(client, "written-by-the-removed")
            await until_equal(client, manager, removed)
            device = {"device_key": key.public_bytes.hex(), "device_name": "removed", "device_class": "terminal"}
            await manager.act(client, "define_device", device)
            await manager.act(client, "remove_device", {"device": key.device_id})
            other.kill()
            other.start()
            await other.until_ready(client)
            await until_refused(client, manager)
        async with running(newcomer):
            await until_equal(client, manager, newcomer)
            stays = await newcomer.read(client, "arrivals")
            assert "written-by-the-removed" in {row["stay"] for row in stays}
            property_ = await newcomer.read(client, "property")
            assert [(one["name"], one["is_active"]) for one in property_["devices"]] == [("removed", False)]
            assert not property_["is_administrator"]
            assert (await manager.read(client, "property"))["is_administrator"]


async def test_a_desk_without_rows_says_so_until_it_meets_one_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    founded, new = made(tmp_path / "founded"), TerminalFolder(tmp_path / "new", knows_rows=False)
    clean = {"room": "201", "field": "hk_condition", "value": "clean"}
    async with running(new) as (process, client):
        property_ = await new.read(client, "property")
        assert (property_["is_founded"], property_["staff"], await new.read(client, "board")) == (False, [], [])
        refused = await client.post(
            f"{new.url}/api/actions/set_room_condition", json=clean, headers={"X-Staff": "suzuki"}
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "property_not_here")
        assert "まだ届いていません" in refused.json()["message_ja"]
        assert "has not arrived here yet" in refused.json()["message_en"]
        assert process.stop() == 0
    assert "knows nothing yet of what the property is" in process.log_tail(1_000)
    new.relay = f"ws://127.0.0.1:{founded.sync_port}"
    async with running(founded) as (_founded, client), running(new):
        await until_equal(client, founded, new)
        assert (await new.read(client, "property"))["is_founded"]
        await new.act(client, "set_room_condition", clean)
