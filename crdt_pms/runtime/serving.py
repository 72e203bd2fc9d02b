"""HTTP served beside other tasks of a process, with one way to end: a signal or a cancelled task group."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import uvicorn

from crdt_pms.runtime.errors import AddressInUse, OperatorError


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket, so that a used port is told before anything else starts. Raises AddressInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off: without, each answer waits 40 ms for the client's
    # delayed acknowledgement.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(host, port) from error
        raise OperatorError(
            f"Cannot listen on {host} port {port}: {error.strerror}.", "Choose another address."
        ) from error
    return bound


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `until_told_to_end`."""
        yield


async def serve_http(app: Any, bound: socket.socket) -> None:
    """Serve until cancelled; requests that run get a moment to end."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    try:
        await server.serve([bound])
    finally:
        bound.close()


async def until_told_to_end() -> None:
    """Return on SIGINT or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            return
