"""Tells the screens that something changed, over server-sent events; what changed they read from the API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import anyio

from clients.terminal.terminal import Terminal

HEARTBEAT_SECONDS = 15.0
"""A comment line at least this often, so that a screen notices a dead daemon."""


async def change_events(terminal: Terminal) -> AsyncIterator[str]:
    """One event for each burst of changes, holding the position of the log and the sync state's summary."""
    waiter = terminal.changes.waiter()
    while True:
        yield f"data: {json.dumps(terminal.summary())}\n\n"
        with anyio.move_on_after(HEARTBEAT_SECONDS) as scope:
            await waiter.wait()
        if scope.cancelled_caught:
            yield ": still here\n\n"
