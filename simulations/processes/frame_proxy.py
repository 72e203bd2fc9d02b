"""A stretch of network that understands WebSocket frames: it can lose, delay, repeat, swap and spoil whole messages.

Inside one TCP connection nothing is ever lost or swapped, so a proxy of bytes cannot do that. This one reads just enough of
RFC 6455 to know where a frame ends and passes it on as it came, masked or not.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from simulations.processes.link_proxy import Direction, LinkProxy

_CONTROL_BIT: Final = 0x08
_MASK_BIT: Final = 0x80
_MASK_BYTES: Final = 4
_LENGTH_BYTES: Final = {126: 2, 127: 8}
"""How many bytes follow a seven-bit length that stands for a longer one."""
_END_OF_HEAD: Final = b"\r\n\r\n"


class FrameFault(StrEnum):
    """What can happen to one message."""

    LOSE = "lose"
    DELAY = "delay"
    """It comes late, and what follows waits behind it."""
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    """It comes after the one that follows it."""
    CORRUPT = "corrupt"
    """One byte of it is another one."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it came, and where its payload begins."""

    raw: bytes
    payload_at: int

    @property
    def is_message(self) -> bool:
        """Whether it carries data; otherwise it is a ping, a pong or a close."""
        return not self.raw[0] & _CONTROL_BIT

    def spoiled(self) -> Frame:
        """The same with one byte in the middle of its payload changed. Empty payloads stay."""
        if len(self.raw) == self.payload_at:
            return self
        raw = bytearray(self.raw)
        raw[(self.payload_at + len(raw)) // 2] ^= 0x40
        return Frame(bytes(raw), self.payload_at)


class FrameProxy(LinkProxy):
    """A `LinkProxy` for WebSockets whose messages can be struck one by one, and which can swallow one direction.

    A blow waits for the next message in its direction, in whichever connection that is.
    """

    def __init__(self, target_port: int) -> None:
        super().__init__(target_port)
        self._blows: dict[Direction, deque[tuple[FrameFault, float]]] = {way: deque() for way in Direction}
        self._swallowed: set[Direction] = set()
        self.struck: Counter[str] = Counter()
        """How many messages were lost, delayed and so on, and how many were `swallowed`."""

    def strike(self, fault: FrameFault, direction: Direction, seconds: float = 0.0) -> None:
        """Let that happen to the next message in that direction. `seconds` is how late a delayed one comes."""
        self._blows[direction].append((fault, seconds))

    def swallow(self, direction: Direction) -> None:
        """Lose everything in one direction from now on, while the other one flows."""
        self._swallowed.add(direction)

    def heal(self) -> None:
        """Be whole again; blows that hit nothing yet are forgotten."""
        self._swallowed.clear()
        for waiting in self._blows.values():
            waiting.clear()
        super().heal()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        try:
            await self._pass_on(await reader.readuntil(_END_OF_HEAD), writer)
            while True:
                frame = await read_frame(reader)
                if direction in self._swallowed:
                    self.struck["swallowed"] += 1
                elif frame.is_message and self._blows[direction]:
                    await self._struck(frame, reader, writer, direction)
                else:
                    await self._pass_on(frame.raw, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # The end of the connection, or no WebSocket.

    async def _struck(
        self, frame: Frame, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        fault, seconds = self._blows[direction].popleft()
        self.struck[fault] += 1
        match fault:
            case FrameFault.LOSE:
                pass
            case FrameFault.DELAY:
                await asyncio.sleep(seconds)
                await self._pass_on(frame.raw, writer)
            case FrameFault.DUPLICATE:
                await self._pass_on(frame.raw + frame.raw, writer)
            case FrameFault.REORDER:
                overtaking = await read_frame(reader)
                while not overtaking.is_message:
                    await self._pass_on(overtaking.raw, writer)
                    overtaking = await read_frame(reader)
                await self._pass_on(overtaking.raw + frame.raw, writer)
            case FrameFault.CORRUPT:
                await self._pass_on(frame.spoiled().raw, writer)


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """The next frame of a connection. Raises asyncio.IncompleteReadError at its end."""
    head = await reader.readexactly(2)
    length = head[1] & ~_MASK_BIT
    extended = await reader.readexactly(_LENGTH_BYTES.get(length, 0))
    if extended:
        length = int.from_bytes(extended, "big")
    mask = await reader.readexactly(_MASK_BYTES if head[1] & _MASK_BIT else 0)
    start = head + extended + mask
    return Frame(start + await reader.readexactly(length), len(start))
