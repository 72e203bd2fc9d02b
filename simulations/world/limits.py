"""The bounds of queues and memories: those of the product, or some so small that a small world reaches them.

A hotel of forty bookings never fills a queue of five thousand entries. What the product does at a bound, and beyond what it
keeps in memory, is the same at any number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Final
from unittest.mock import patch

from crdt_pms.documents import limits as document_limits
from crdt_pms.journal import positions
from crdt_pms.replica import documents, known_order, recent
from crdt_pms.session import exchange, session
from relay_server import intake, log, projection


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one world, in entries unless the name says otherwise: those of the product where nothing else is said."""

    queued: int = intake.QUEUED_ENTRIES_MAX
    committed_at_once: int = intake.COMMIT_ENTRIES_MAX
    forwarded_from_memory: int = log.TAIL_ENTRIES_MAX
    projected_at_once: int = projection.PROJECT_ENTRIES_MAX
    sent_at_once: int = exchange.ENTRIES_PER_FRAME_MAX
    positions_between_checkpoints: int = positions.CHECKPOINT_POSITIONS
    frames_under_way: int = session.FRAMES_IN_FLIGHT_MAX
    entries_at_hand: int = recent.RECENT_ENTRIES_MAX
    runs_at_hand: int = known_order.RECENT_RUNS_MAX
    notes_held: int = documents.NOTES_HELD_MAX
    update_bytes: int = document_limits.UPDATE_BYTES_MAX
    board_updates_between_snapshots: int = documents.BOARD_UPDATES_BETWEEN_SNAPSHOTS
    note_updates_between_snapshots: int = documents.NOTE_UPDATES_BETWEEN_SNAPSHOTS

    @property
    def queue_deepest(self) -> int:
        """How many entries a relay's queue may hold: a batch is taken as long as there is room for one entry."""
        return self.queued - 1 + self.sent_at_once

    @property
    def forwarded_deepest(self) -> int:
        """How many entries a relay may keep for forwarding: what is not committed stays, and with it what came after."""
        return self.forwarded_from_memory + self.queue_deepest


USUAL: Final = Limits()
TIGHT: Final = Limits(
    queued=6,
    committed_at_once=3,
    forwarded_from_memory=8,
    projected_at_once=3,
    sent_at_once=2,
    positions_between_checkpoints=4,
    frames_under_way=2,
    entries_at_hand=4,
    runs_at_hand=2,
    notes_held=1,
    update_bytes=400,
    board_updates_between_snapshots=5,
    note_updates_between_snapshots=2,
)
_PLACES: Final = {
    "queued": (intake, "QUEUED_ENTRIES_MAX"),
    "committed_at_once": (intake, "COMMIT_ENTRIES_MAX"),
    "forwarded_from_memory": (log, "TAIL_ENTRIES_MAX"),
    "projected_at_once": (projection, "PROJECT_ENTRIES_MAX"),
    "sent_at_once": (exchange, "ENTRIES_PER_FRAME_MAX"),
    "positions_between_checkpoints": (positions, "CHECKPOINT_POSITIONS"),
    "frames_under_way": (session, "FRAMES_IN_FLIGHT_MAX"),
    "entries_at_hand": (recent, "RECENT_ENTRIES_MAX"),
    "runs_at_hand": (known_order, "RECENT_RUNS_MAX"),
    "notes_held": (documents, "NOTES_HELD_MAX"),
    "update_bytes": (document_limits, "UPDATE_BYTES_MAX"),
    "board_updates_between_snapshots": (documents, "BOARD_UPDATES_BETWEEN_SNAPSHOTS"),
    "note_updates_between_snapshots": (documents, "NOTE_UPDATES_BETWEEN_SNAPSHOTS"),
}
"""Where the product reads each."""


@contextmanager
def kept(limits: Limits) -> Iterator[None]:
    """While this holds, the nodes of this program keep within these limits."""
    with ExitStack() as stack:
        for name, value in asdict(limits).items() if limits != USUAL else ():
            stack.enter_context(patch.object(*_PLACES[name], value))
        yield
