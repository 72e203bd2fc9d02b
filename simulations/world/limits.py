"""The bounds of queues, memories and entries: those of the product, or some so small that a small world reaches them.

A hotel of forty bookings never fills a queue of five thousand entries. What the product does at a bound, and beyond what it
keeps in memory, is the same at any number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final, NamedTuple
from unittest.mock import patch

from crdt_pms.desk.actions import notes as desk_notes
from crdt_pms.documents import limits as document_limits
from crdt_pms.documents import notes
from crdt_pms.journal import entry, positions
from crdt_pms.ledger import limits as ledger_limits
from crdt_pms.ledger import register
from crdt_pms.log import known_order, recent
from crdt_pms.replica import authoring
from crdt_pms.session import codec, exchange, messages, session
from crdt_pms.session import limits as session_limits
from crdt_pms.state import documents
from relay_server import intake, log, projection

TIGHT_SHARE: Final = 0.6
"""How many of a tight world's bounds are small: each may hide another one that is met after it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one world, in entries unless the name says otherwise: those of the product where nothing else is said."""

    queued: int = intake.QUEUED_ENTRIES_MAX
    queued_bytes: int = intake.QUEUED_BYTES_MAX
    committed_at_once: int = intake.COMMIT_ENTRIES_MAX
    forwarded_from_memory: int = log.TAIL_ENTRIES_MAX
    forwarded_bytes: int = log.TAIL_BYTES_MAX
    checkpoints_of_memory: int = log.CHECKPOINTS_MAX
    projected_at_once: int = projection.PROJECT_ENTRIES_MAX
    projected_bytes: int = projection.PROJECT_BYTES_MAX
    sent_at_once: int = exchange.ENTRIES_PER_FRAME_MAX
    sent_bytes: int = exchange.ENTRIES_BYTES_MAX
    positions_between_checkpoints: int = positions.CHECKPOINT_POSITIONS
    journals_said_at_once: int = messages.VECTOR_JOURNALS_MAX
    journals_opened_at_once: int = session_limits.JOURNALS_OPENED_AT_ONCE_MAX
    frames_under_way: int = session.FRAMES_IN_FLIGHT_MAX
    entries_at_hand: int = recent.RECENT_ENTRIES_MAX
    runs_at_hand: int = known_order.RECENT_RUNS_MAX
    context_journals: int = authoring.CONTEXT_JOURNALS_MAX
    superseded_kept: int = register.SUPERSEDED_KEPT_MAX
    rows_at_hand: int = ledger_limits.ROWS_AT_HAND_MAX
    notes_held: int = documents.NOTES_HELD_MAX
    note_characters: int = notes.NOTE_CHARACTERS_MAX
    update_bytes: int = document_limits.UPDATE_BYTES_MAX
    board_updates_between_snapshots: int = documents.BOARD_UPDATES_BETWEEN_SNAPSHOTS
    note_updates_between_snapshots: int = documents.NOTE_UPDATES_BETWEEN_SNAPSHOTS
    snapshot_instead: int = session_limits.SNAPSHOT_INSTEAD_POSITIONS

    @property
    def queue_deepest(self) -> int:
        """How many entries a relay's queue may hold: a batch is taken as long as there is room for one entry."""
        return self.queued - 1 + self.sent_at_once

    @property
    def forwarded_deepest(self) -> int:
        """How many entries a relay may keep for forwarding: what is not committed stays, and with it what came after."""
        return self.forwarded_from_memory + self.queue_deepest

    @property
    def small(self) -> Sequence[str]:
        """The bounds that are smaller than the product's."""
        return [name for name, value in asdict(self).items() if value != getattr(USUAL, name)]


class _Bound(NamedTuple):
    """A small value, and where the product reads the bound: its author's side and its readers'."""

    small: int
    places: Sequence[tuple[object, str]]


_BOUNDS: Final[Mapping[str, _Bound]] = MappingProxyType(
    {
        "queued": _Bound(6, [(intake, "QUEUED_ENTRIES_MAX")]),
        "queued_bytes": _Bound(2_500, [(intake, "QUEUED_BYTES_MAX")]),
        "committed_at_once": _Bound(3, [(intake, "COMMIT_ENTRIES_MAX")]),
        "forwarded_from_memory": _Bound(8, [(log, "TAIL_ENTRIES_MAX")]),
        "forwarded_bytes": _Bound(3_000, [(log, "TAIL_BYTES_MAX")]),
        "checkpoints_of_memory": _Bound(4, [(log, "CHECKPOINTS_MAX")]),
        "projected_at_once": _Bound(3, [(projection, "PROJECT_ENTRIES_MAX")]),
        # An entry must fit: what is at most as long as one is followed by others.
        "projected_bytes": _Bound(700, [(projection, "PROJECT_BYTES_MAX"), (projection, "ENTRY_BYTES_MAX")]),
        "sent_at_once": _Bound(2, [(exchange, "ENTRIES_PER_FRAME_MAX"), (codec, "ENTRIES_PER_FRAME_MAX")]),
        "sent_bytes": _Bound(700, [(exchange, "ENTRIES_BYTES_MAX")]),
        "positions_between_checkpoints": _Bound(4, [(positions, "CHECKPOINT_POSITIONS")]),
        "journals_said_at_once": _Bound(5, [(messages, "VECTOR_JOURNALS_MAX"), (codec, "VECTOR_JOURNALS_MAX")]),
        "journals_opened_at_once": _Bound(2, [(session_limits, "JOURNALS_OPENED_AT_ONCE_MAX")]),
        "frames_under_way": _Bound(2, [(session, "FRAMES_IN_FLIGHT_MAX")]),
        "entries_at_hand": _Bound(4, [(recent, "RECENT_ENTRIES_MAX")]),
        "runs_at_hand": _Bound(2, [(known_order, "RECENT_RUNS_MAX")]),
        "context_journals": _Bound(1, [(authoring, "CONTEXT_JOURNALS_MAX"), (entry, "CONTEXT_JOURNALS_MAX")]),
        "superseded_kept": _Bound(1, [(register, "SUPERSEDED_KEPT_MAX")]),
        "rows_at_hand": _Bound(2, [(ledger_limits, "ROWS_AT_HAND_MAX")]),
        "notes_held": _Bound(1, [(documents, "NOTES_HELD_MAX")]),
        "note_characters": _Bound(40, [(notes, "NOTE_CHARACTERS_MAX"), (desk_notes, "NOTE_CHARACTERS_MAX")]),
        "update_bytes": _Bound(320, [(document_limits, "UPDATE_BYTES_MAX")]),
        "board_updates_between_snapshots": _Bound(5, [(documents, "BOARD_UPDATES_BETWEEN_SNAPSHOTS")]),
        "note_updates_between_snapshots": _Bound(2, [(documents, "NOTE_UPDATES_BETWEEN_SNAPSHOTS")]),
        "snapshot_instead": _Bound(12, [(session_limits, "SNAPSHOT_INSTEAD_POSITIONS")]),
    }
)
BOUNDS: Final = tuple(_BOUNDS)
"""Every bound that a world may have small."""
_HIDE_OTHERS: Final = ("queued_bytes", "forwarded_bytes", "projected_bytes", "sent_bytes")
"""Bounds that are met before those of entries."""

USUAL: Final = Limits()
TIGHT: Final = Limits(**{name: bound.small for name, bound in _BOUNDS.items() if name not in _HIDE_OTHERS})
"""Everything small that does not hide something else."""


def draw_limits(random: Random, share: float = TIGHT_SHARE) -> Limits:
    """Limits of which about that share are small."""
    return replace(USUAL, **{name: bound.small for name, bound in _BOUNDS.items() if random.random() < share})


@contextmanager
def kept(limits: Limits) -> Iterator[None]:
    """While this holds, the nodes of this program keep within these limits."""
    with ExitStack() as stack:
        for name in limits.small:
            for owner, attribute in _BOUNDS[name].places:
                stack.enter_context(patch.object(owner, attribute, getattr(limits, name)))
        yield
