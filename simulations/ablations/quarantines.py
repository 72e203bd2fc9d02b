"""Ablations of the quarantine: what becomes of entries that cannot be applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from clients.terminal.node import TerminalNode
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.errors import EntryMalformed
from crdt_pms.ports.records import QuarantineRecord
from crdt_pms.session.session import Peer
from crdt_pms.state.quarantine import Quarantine
from crdt_pms.store.sql_transaction import SqlTransaction
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import brief
from simulations.ablations.patching import replacing
from simulations.ablations.provoking import MALFORMED_OPERATIONS

_receive: Final = TerminalNode.receive_entries


async def _receive_readable(node: Any, entries: Sequence[Entry], peer: Peer) -> Any:
    """Refuses a batch in which an entry cannot be applied."""
    for entry in entries:
        if isinstance(Quarantine().judge(entry), QuarantineRecord):
            raise EntryMalformed(f"entry {entry.dot} cannot be applied")
    return await _receive(node, entries, peer)


def _forget_record(_transaction: Any, _record: QuarantineRecord) -> None:
    pass


def _authorised(_quarantine: Any, _entry: Entry) -> None:
    """Every device may write everything."""


ABLATIONS: Final = (
    Ablation(
        "administrators_only",
        "What only administrators' devices may write is applied from any device (state/quarantine.py).",
        "nothing_swallowed",
        replacing((Quarantine, "_unauthorised", _authorised)),
    ),
    Ablation(
        "quarantine",
        "A terminal refuses a batch with an operation that it cannot read, instead of setting that one aside "
        "(state/quarantine.py).",
        "liveness",
        replacing((TerminalNode, "receive_entries", _receive_readable)),
        draw=brief,
        provokes=MALFORMED_OPERATIONS,
    ),
    Ablation(
        "quarantine_record",
        "An operation that cannot be read is passed over without a word (state/property_state.py).",
        "nothing_swallowed",
        replacing((SqlTransaction, "add_quarantine", _forget_record)),
        provokes=MALFORMED_OPERATIONS,
    ),
)
