"""A terminal as a process: it serves the desk without any network, and what it acknowledged outlives kill -9."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
import httpx
import pytest

from crdt_pms.journal.certificate import Certificate
from crdt_pms.runtime.device_key_file import load_device_key
from crdt_pms.store.file_key import key_beside
from crdt_pms.store.sqlite import open_sqlite
from simulations.processes.managed_process import ManagedProcess
from tests.clients.terminal.terminal_process import TerminalFolder
from tests.crdt_pms.replica.founding import rows_of_the_small_hotel
from tests.crdt_pms.replica.terminals import PROPERTY_ID

pytestmark = [pytest.mark.process, pytest.mark.asyncio]


@asynccontextmanager
async def running(folder: TerminalFolder) -> AsyncIterator[tuple[ManagedProcess, httpx.AsyncClient]]:
    """The terminal, answering; ended afterwards whatever happens."""
    process = folder.process()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        try:
            process.start()
            await process.until_ready(client)
            yield process, client
        finally:
            process.kill()


async def until_equal(client: httpx.AsyncClient, *folders: TerminalFolder) -> None:
    """Return when all hold the same entries."""
    with anyio.fail_after(30):
        while True:
            vectors = [(await folder.read(client, "sync?vector=true"))["vector"] for folder in folders]
            if all(vector == vectors[0] for vector in vectors):
                return
            await anyio.sleep(0.05)


def certificates(folder: TerminalFolder) -> list[Certificate]:
    """Those of the terminal's own journals in the file, in the order in which they were opened."""
    device = load_device_key(folder.key_file).device_id
    key = key_beside(folder.database)
    with (
        closing(open_sqlite(folder.database, PROPERTY_ID, key)) as store,
        store.transaction() as transaction,
    ):
        known = (record.certificate for record in transaction.journals())
        return sorted((one for one in known if one.device_id == device), key=lambda one: one.opened)


async def test_a_terminal_whose_relay_cannot_be_reached_serves_the_desk(tmp_path: Path) -> None:
    folder = TerminalFolder(tmp_path)
    async with running(folder) as (process, client):
        await folder.reserve(client, "sato")
        sync = await folder.read(client, "sync")
        assert sync["offline"] is True
        assert sync["tentative"] == len(rows_of_the_small_hotel().entries) + 1
        (link,) = sync["links"]
        assert (link["kind"], link["peer"], link["address"]) == ("relay", None, folder.relay)
        assert process.stop() == 0
    assert "Traceback" not in process.log_tail(1_000)


async def test_what_was_acknowledged_outlives_kill_9_and_the_next_run_continues_the_chain(tmp_path: Path) -> None:
    folder = TerminalFolder(tmp_path)
    stays = [f"stay-{number}" for number in range(30)]
    async with running(folder) as (process, client):
        for stay in stays:
            await folder.reserve(client, stay)
        written = await folder.act(
            client, "set_room_condition", {"room": "201", "field": "hk_condition", "value": "clean"}
        )
        await folder.act(client, "edit_note", {"document": "note/room/201", "base_text": "", "new_text": "タオル二枚"})
        before = await folder.read(client, "sync?vector=true")
        process.kill()
    async with running(folder) as (process, client):
        after = await folder.read(client, "sync?vector=true")
        for same in ("vector", "content_hash", "position", "tentative"):
            assert after[same] == before[same]
        for stay in stays:
            await folder.read(client, f"stays/{stay}")
        assert (await folder.read(client, "notes/note/room/201"))["text"] == "タオル二枚"
        added = await folder.reserve(client, "after")
        assert await folder.read(client, "alerts") == []
        assert process.stop() == 0
    old, new = certificates(folder)
    assert old.journal.hex() == written["entries"][0][0]
    assert new.journal.hex() == added["entries"][0][0]
    assert new.previous is not None
    assert new.previous[:2] == (old.journal, before["vector"][old.journal.hex()])
    assert new.device_id == old.device_id


async def test_a_killed_terminal_comes_back_to_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = TerminalFolder(tmp_path / "one"), TerminalFolder(tmp_path / "two")
    # Terminal two dials terminal one as if it were the relay's address: any node will do.
    two.relay = f"ws://127.0.0.1:{one.sync_port}"
    async with running(one) as (_first, client), running(two) as (second, _client):
        await two.reserve(client, "written-on-two")
        second.kill()
        await one.reserve(client, "written-on-one")
        second.start()
        await second.until_ready(client)
        await until_equal(client, one, two)
        for folder in (one, two):
            for stay in ("written-on-one", "written-on-two"):
                await folder.read(client, f"stays/{stay}")


def spoil_the_middle(log: Path) -> bytes:
    """Damage five hundred bytes of it. Returns its content."""
    content = bytearray(log.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 500] = bytes(byte ^ 0xFF for byte in content[middle : middle + 500])
    log.write_bytes(content)
    return bytes(content)


async def test_a_log_that_rotted_is_told_and_the_desk_goes_on_when_its_operator_accepted_that(tmp_path: Path) -> None:
    """Damage in the middle of the log once made 29 entries fewer after the start, without a word."""
    folder = TerminalFolder(tmp_path)
    log = Path(f"{folder.database}-wal")
    async with running(folder) as (process, client):
        # Fewer than fill the log, which then begins anew and keeps in its middle what does not count any more.
        for number in range(15):
            await folder.reserve(client, f"stay-{number}")
        written = (await folder.read(client, "sync"))["position"]
        process.kill()
    content = spoil_the_middle(log)
    for _ in range(2):
        ended = folder.run_to_its_end()
        assert ended.code == 2
        assert "StoreWentBack" in ended.words
        assert "件が失われました" in ended.words
    assert await anyio.Path(log).read_bytes() == content
    accepted = folder.run_to_its_end("--accept-loss")
    assert accepted.code == 0
    assert "accepted" in accepted.words
    async with running(folder) as (process, client):
        lost = written - (await folder.read(client, "sync"))["position"]
        assert 0 < lost < 15
        await folder.reserve(client, "suzuki")
        assert process.stop() == 0
    assert "nothing is lost" in folder.run_to_its_end("--accept-loss").words
