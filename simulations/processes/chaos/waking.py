"""A relay process that dies between its commit and the notification that would wake the others."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any, Final

import psycopg

from relay_server.postgresql_wake_ups import CHANNEL, TELLING
from simulations.processes.managed_process import ManagedProcess

COMMIT_SECONDS_MAX: Final = 6.0
"""How long a commit is waited for."""
_LOOK_SECONDS: Final = 0.002
_END_CONNECTIONS_MS: Final = 5_000
_THROUGH: Final = "SELECT coalesce(max(last_position), 0) FROM position_counter WHERE property_id = %s"
_END_TELLING: Final = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s
"""


def kill_before_waking(url: str, property_id: str, process: ManagedProcess) -> int | None:
    """Kill a relay process after a commit of its own and before it told of it. No other process may commit meanwhile.

    The connections over which relay processes tell each other are ended first: the next attempt to tell fails and is
    repeated half a second later, and the process is killed as soon as the commit is seen. That nothing was told is heard on the
    channel itself. Returns the position committed; None when no commit came in time, or the process had told already.
    Raises psycopg.Error.
    """
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"LISTEN {CHANNEL}".encode())
        before = _through(connection, property_id)
        connection.execute(_END_TELLING, (_END_CONNECTIONS_MS, TELLING))
        deadline = monotonic() + COMMIT_SECONDS_MAX
        while monotonic() < deadline:
            if (through := _through(connection, property_id)) > before:
                process.kill()
                return None if list(connection.notifies(timeout=0.0)) else through
            sleep(_LOOK_SECONDS)
    return None


def _through(connection: psycopg.Connection[Any], property_id: str) -> int:
    row = connection.execute(_THROUGH, (property_id,)).fetchone()
    assert row is not None, "an aggregate has a row"
    return row[0]
