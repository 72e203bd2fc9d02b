"""A stretch of network between two processes that can be cut, choked and healed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

from simulations.processes.ports import LOOPBACK

_CHUNK_BYTES = 65_536


class Direction(StrEnum):
    """Which way something goes through a link."""

    FORTH = "forth"
    """From whoever dialed to whoever listens."""
    BACK = "back"


class LinkProxy:
    """Forwards connections to `target_port`, in both directions, while it is whole.

    `cut` ends every connection at once and refuses new ones; `choke` keeps them open and forwards nothing, as a dead line
    does that nobody noticed; `heal` undoes both.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.is_cut = False
        self.bytes_forwarded = 0
        self.port = 0

    @property
    def url(self) -> str:
        """The WebSocket address of this end."""
        return f"ws://{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._flows.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def cut(self) -> None:
        """End every connection and refuse new ones."""
        self.is_cut = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def choke(self) -> None:
        """Forward nothing any more, without telling either side."""
        self._flows.clear()

    def heal(self) -> None:
        """Be whole again."""
        self.is_cut = False
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        # The end of the program may come at any await, before the connection onward stands too.
        with suppress(OSError, asyncio.CancelledError):
            try:
                self._writers.add(writer)
                await self._join(reader, writer)
            finally:
                self._end(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward both directions of one connection until either side ends it. Raises OSError when there is no way onward."""
        onward_reader, onward_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        self._writers.add(onward_writer)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._forward(reader, onward_writer, Direction.FORTH))
                tasks.create_task(self._forward(onward_reader, writer, Direction.BACK))
        finally:
            self._end(onward_writer)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        self._writers.discard(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        try:
            await self._relay(reader, writer, direction)
        except OSError:
            pass
        finally:
            # Either side's end is the end of both.
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        """Forward one direction of one connection until its end."""
        while data := await reader.read(_CHUNK_BYTES):
            await self._pass_on(data, writer)

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        """Forward a piece as soon as the line is not choked."""
        await self._flows.wait()
        writer.write(data)
        self.bytes_forwarded += len(data)
        await writer.drain()
