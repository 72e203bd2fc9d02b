"""Every maximum of the relay, in one place, with the relations between them."""

from __future__ import annotations

from typing import Final

from crdt_pms.journal.limits import ENTRY_BYTES_MAX

QUEUED_ENTRIES_MAX: Final = 5_000
"""Verified entries and certificates that wait for PostgreSQL; beyond it, sessions wait before their next batch is taken."""
QUEUED_BYTES_MAX: Final = 32 * 1024 * 1024

COMMIT_ENTRIES_MAX: Final = 2_000
"""Most entries of one transaction: bounds how long it holds the property's commit counter."""

TAIL_ENTRIES_MAX: Final = 20_000
"""Entries kept in memory for forwarding; sessions further behind read from PostgreSQL."""
TAIL_BYTES_MAX: Final = 64 * 1024 * 1024
CHECKPOINTS_MAX: Final = 2_048
"""How finely it is remembered which part of the memory lies before which committed position."""

COMMIT_RETRY_SECONDS_MIN: Final = 0.05
COMMIT_RETRY_SECONDS_MAX: Final = 5.0
"""Pauses between two attempts while PostgreSQL does not answer: doubled from the least to the greatest."""
FOREIGN_POLL_SECONDS: Final = 1.0
"""How often an idle relay looks for entries that another relay process committed, and did not wake it for."""
WAKE_UP_PAUSE_SECONDS: Final = 0.01
"""After a notification, so long what other processes are to be told of is collected for the next one."""
WAKE_UP_RETRY_SECONDS: Final = 0.5
"""Between two attempts to connect for wake-ups while PostgreSQL does not answer; meanwhile every process looks by itself."""
WAKE_UP_PAYLOAD_BYTES_MAX: Final = 7_999
"""PostgreSQL takes no longer one."""
STUCK_SECONDS: Final = 10.0
"""A queue that has not been committed for that long makes the relay not ready."""

PROJECT_ENTRIES_MAX: Final = 500
PROJECT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Most that the projector applies in one transaction."""
ALERTS_PAUSE_SECONDS: Final = 0.2
"""Alerts are derived anew at most this often while entries stream in."""

SNAPSHOT_LOOK_SECONDS: Final = 60.0
"""How often an idle relay looks whether a snapshot is due, or old enough to be handed out."""

READERS: Final = 4
"""Connections on which sessions read what is no longer in memory."""
READ_BYTES_MAX: Final = 8 * 1024 * 1024

ORIGIN_REQUESTS_WAITING_MAX: Final = 64
"""Requests of other systems that wait for the database; more are told to come again."""
STOPPED_RETRY_SECONDS: Final = 60
"""When another system asks again a relay whose projection has stopped: a person must start it anew."""
REQUEST_BODY_BYTES_MAX: Final = 65_536
IDEMPOTENCY_KEY_CHARACTERS_MAX: Final = 200
IDEMPOTENCY_KEPT_MS: Final = 7 * 24 * 3_600_000
"""How long, by the relay's clock, an answer is given again at least; a system that was down comes back within a week."""
IDEMPOTENCY_FORGOTTEN_AT_ONCE: Final = 10
"""So many old answers a new one forgets: more than one, and few, so that a clock that jumps ahead forgets little."""
SERVICE_TOKEN_CHARACTERS_MIN: Final = 16
DRAIN_SECONDS_MAX: Final = 10.0
"""How long a closing relay tries to commit what it has queued."""

assert COMMIT_ENTRIES_MAX <= QUEUED_ENTRIES_MAX < TAIL_ENTRIES_MAX
assert WAKE_UP_PAUSE_SECONDS < FOREIGN_POLL_SECONDS
assert QUEUED_BYTES_MAX < TAIL_BYTES_MAX
assert ENTRY_BYTES_MAX < READ_BYTES_MAX <= QUEUED_BYTES_MAX
assert ENTRY_BYTES_MAX < PROJECT_BYTES_MAX
