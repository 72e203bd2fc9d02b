"""Ablations of bounds: how much waits, is under way, or is kept in memory."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from typing import Any, Final

from crdt_pms.journal.identifiers import DeviceId
from crdt_pms.log.known_order import KnownOrder
from crdt_pms.log.recent import RecentEntries
from crdt_pms.ports.store import Transaction
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Session
from crdt_pms.state.documents import PropertyDocuments
from relay_server.intake import Intake
from relay_server.log import ForwardLog
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import tight, with_full_queues, with_misbehaving_devices
from simulations.ablations.patching import replacing

CHECKER: Final = "bounded_queues"
_ALL_DEVICES: Final = DeviceId("")
_note: Final = PropertyDocuments.note
_take: Final = Openings.take
_wait_seconds: Final = Openings.wait_seconds


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


def _any_number(_openings: Any, _device: str, journals: int) -> int:
    return journals


def _never_wait(_openings: Any, _device: str) -> float:
    return 0.0


def _take_of_all(openings: Any, _device: str, journals: int) -> int:
    """`Openings.take` with one allowance for all devices together."""
    return _take(openings, _ALL_DEVICES, journals)


def _wait_for_all(openings: Any, _device: str) -> float:
    """`Openings.wait_seconds` of that allowance."""
    return _wait_seconds(openings, _ALL_DEVICES)


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
        "A terminal keeps every entry decoded that came since it was started (log/recent.py).",
        CHECKER,
        replacing((RecentEntries, "_forget", _keep_all)),
        draw=tight,
    ),
    Ablation(
        "order_bound",
        "A terminal keeps the whole committed order in memory that it heard since it was started (log/known_order.py).",
        CHECKER,
        replacing((KnownOrder, "_forget", _keep_all)),
        draw=tight,
    ),
    Ablation(
        "notes_bound",
        "A node keeps every note in memory that was ever touched (state/property_state.py).",
        CHECKER,
        replacing((PropertyDocuments, "note", _note_for_ever)),
        draw=tight,
    ),
    Ablation(
        "openings_bound",
        "A node learns as many journals of a device at once as the device opens (session/openings.py).",
        "openings",
        replacing((Openings, "take", _any_number), (Openings, "wait_seconds", _never_wait)),
        draw=with_misbehaving_devices,
    ),
    Ablation(
        "openings_apart",
        "One device's journals use up what the others may open: all wait for it (session/openings.py).",
        "openings",
        replacing((Openings, "take", _take_of_all), (Openings, "wait_seconds", _wait_for_all)),
        draw=with_misbehaving_devices,
    ),
)
