"""Ablations of bounds: how much waits, is under way, or is kept in memory."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from typing import Any, Final

from crdt_pms.replica.documents import PropertyDocuments
from crdt_pms.replica.known_order import KnownOrder
from crdt_pms.replica.port import Transaction
from crdt_pms.replica.recent import RecentEntries
from crdt_pms.session.session import Session
from relay_server.intake import Intake
from relay_server.log import ForwardLog
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import tight, with_full_queues
from simulations.ablations.patching import replacing

CHECKER: Final = "bounded_queues"
_note: Final = PropertyDocuments.note


def _always(_self: Any) -> bool:
    return True


def _keep_all(_memory: Any) -> None:
    pass


def _note_for_ever(documents: Any, document: str, transaction: Transaction, position: int) -> Any:
    """`PropertyDocuments.note` without forgetting any."""
    others = {name: note for name, note in documents._notes.items() if name != document}
    documents._notes = {name: note for name, note in documents._notes.items() if name == document}
    note = _note(documents, document, transaction, position)
    documents._notes = {**others, document: note}
    return note


ABLATIONS: Final = (
    Ablation(
        "queue_bound",
        "Sessions do not wait while the relay's queue is full (relay_server/node.py, relay_server/limits.py).",
        CHECKER,
        replacing((Intake, "has_room", property(_always))),
        draw=with_full_queues,
    ),
    Ablation(
        "flow_control",
        "A sender does not wait until its peer has taken what is under way (session/session.py).",
        CHECKER,
        replacing((Session, "can_send_entries", _always)),
        draw=tight,
    ),
    Ablation(
        "forwarding_bound",
        "The relay keeps everything in memory that it ever forwarded (relay_server/log.py).",
        CHECKER,
        replacing((ForwardLog, "_trim", _keep_all)),
        draw=tight,
    ),
    Ablation(
        "entries_bound",
        "A terminal keeps every entry decoded that came since it was started (replica/recent.py).",
        CHECKER,
        replacing((RecentEntries, "_forget", _keep_all)),
        draw=tight,
    ),
    Ablation(
        "order_bound",
        "A terminal keeps the whole committed order in memory that it heard since it was started (replica/known_order.py).",
        CHECKER,
        replacing((KnownOrder, "_forget", _keep_all)),
        draw=tight,
    ),
    Ablation(
        "notes_bound",
        "A node keeps every note in memory that was ever touched (replica/state.py).",
        CHECKER,
        replacing((PropertyDocuments, "note", _note_for_ever)),
        draw=tight,
    ),
)
