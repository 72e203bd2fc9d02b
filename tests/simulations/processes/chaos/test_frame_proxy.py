"""The proxy of WebSocket frames, between a real client and a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as LibraryFrame
from websockets.frames import Opcode

from simulations.processes.frame_proxy import FrameFault, FrameProxy, read_frame
from simulations.processes.link_proxy import Direction
from simulations.processes.ports import LOOPBACK

SECONDS_MAX = 10.0
SIZES = (0, 1, 125, 126, 65_535, 65_536, 200_000)
END = b"the end"


@dataclass
class Line:
    """A client, the proxy, and a server that keeps what it hears and answers in kind."""

    proxy: FrameProxy
    client: ClientConnection
    heard: list[bytes] = field(default_factory=list[bytes])

    async def say(self, *messages: bytes) -> None:
        for message in messages:
            await self.client.send(message)

    async def answers(self, amount: int) -> list[bytes]:
        async with asyncio.timeout(SECONDS_MAX):
            return [bytes(await self.client.recv(decode=False)) for _ in range(amount)]


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    heard: list[bytes] = []

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            assert isinstance(message, bytes)
            heard.append(message)
            await connection.send(message)

    async with (
        serve(echo, LOOPBACK, 0, compression=None, ping_interval=None, close_timeout=1) as server,
        FrameProxy(server.sockets[0].getsockname()[1]) as proxy,
        connect(proxy.url, compression=None, ping_interval=None, proxy=None, max_size=None, close_timeout=1) as client,
    ):
        yield Line(proxy, client, heard)


@pytest.mark.asyncio
async def test_whole_messages_of_every_size_go_through_in_both_directions() -> None:
    messages = [bytes([number % 256]) * size for number, size in enumerate(SIZES)]
    async with line() as between:
        await between.say(*messages)
        assert await between.answers(len(SIZES)) == messages
        await between.client.ping()
        assert between.heard == messages


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "comes"),
    [
        (FrameFault.LOSE, [b"two", b"three"]),
        (FrameFault.DUPLICATE, [b"one", b"one", b"two", b"three"]),
        (FrameFault.REORDER, [b"two", b"one", b"three"]),
        (FrameFault.DELAY, [b"one", b"two", b"three"]),
    ],
)
@pytest.mark.parametrize("direction", Direction)
async def test_the_next_message_is_struck_and_no_other(
    fault: FrameFault, comes: list[bytes], direction: Direction
) -> None:
    async with line() as between:
        between.proxy.strike(fault, direction, 0.05)
        await between.say(b"one", b"two", b"three")
        expected_back = comes
        assert await between.answers(len(expected_back)) == comes
        assert between.heard == (comes if direction is Direction.FORTH else [b"one", b"two", b"three"])
        assert between.proxy.struck == {fault: 1}


@pytest.mark.asyncio
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("size", [1, 10, 300, 70_000])
async def test_a_corrupt_message_arrives_whole_with_one_other_byte(direction: Direction, size: int) -> None:
    async with line() as between:
        between.proxy.strike(FrameFault.CORRUPT, direction)
        await between.say(bytes(size), END)
        spoiled, after = await between.answers(2)
        assert after == END
        assert len(spoiled) == size
        assert sum(byte != 0 for byte in spoiled) == 1


@pytest.mark.asyncio
async def test_a_delayed_message_comes_late_and_keeps_the_following_ones_behind_it() -> None:
    async with line() as between:
        between.proxy.strike(FrameFault.DELAY, Direction.BACK, 0.2)
        began = asyncio.get_running_loop().time()
        await between.say(b"one", b"two")
        assert await between.answers(2) == [b"one", b"two"]
        assert asyncio.get_running_loop().time() - began >= 0.2


@pytest.mark.asyncio
@pytest.mark.parametrize("direction", Direction)
async def test_a_swallowed_direction_loses_everything_and_the_other_one_flows(direction: Direction) -> None:
    async with line() as between:
        between.proxy.swallow(direction)
        await between.say(b"one", b"two")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await between.client.recv()
        assert between.heard == ([] if direction is Direction.FORTH else [b"one", b"two"])
        between.proxy.heal()
        await between.say(END)
        assert await between.answers(1) == [END]
        assert between.proxy.struck["swallowed"] >= 2


@pytest.mark.asyncio
async def test_healing_forgets_blows_that_hit_nothing_yet() -> None:
    async with line() as between:
        between.proxy.strike(FrameFault.LOSE, Direction.FORTH)
        between.proxy.heal()
        await between.say(END)
        assert await between.answers(1) == [END]


@pytest.mark.asyncio
async def test_pings_are_not_struck() -> None:
    async with line() as between:
        between.proxy.strike(FrameFault.LOSE, Direction.FORTH)
        async with asyncio.timeout(SECONDS_MAX):
            await (await between.client.ping())
        await between.say(b"one", END)
        assert await between.answers(1) == [END]


@pytest.mark.asyncio
async def test_a_choked_line_keeps_what_is_said_and_a_cut_one_ends() -> None:
    async with line() as between:
        between.proxy.choke()
        await between.say(END)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await between.client.recv()
        between.proxy.heal()
        assert await between.answers(1) == [END]
        between.proxy.cut()
        with pytest.raises(ConnectionClosed):
            await between.answers(1)


@given(st.binary(max_size=300), st.booleans(), st.sampled_from([Opcode.BINARY, Opcode.TEXT, Opcode.PING, Opcode.CLOSE]))
def test_a_frame_is_read_to_its_end_and_no_further(payload: bytes, is_masked: bool, opcode: Opcode) -> None:
    payload = payload if opcode in (Opcode.BINARY, Opcode.TEXT) else payload[:125]
    raw = LibraryFrame(opcode, payload).serialize(mask=is_masked)

    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(raw + b"more")
        frame = await read_frame(reader)
        assert frame.raw == raw
        assert len(frame.raw) - frame.payload_at == len(payload)
        assert frame.is_message == (opcode in (Opcode.BINARY, Opcode.TEXT))
        differing = [one for one, other in zip(frame.spoiled().raw, raw, strict=True) if one != other]
        assert len(differing) == (1 if payload else 0)
        assert await reader.read(10) == b"more"

    asyncio.run(read())
