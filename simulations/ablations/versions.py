"""Ablations of living with other versions: what is held, carried on, and written only at its level."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final

from crdt_pms.desk import drafting
from crdt_pms.journal.entry import Entry
from crdt_pms.ledger import policies
from crdt_pms.ledger.policies import FieldGroup
from crdt_pms.ports.records import QuarantineRecord
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.quarantine import Quarantine
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_schema_skew
from simulations.ablations.patching import replaced, replacing

_unreadable: Final = Quarantine._unreadable


def _quarantine_unreadable(quarantine: Any, entry: Entry) -> QuarantineRecord | None:
    held = _unreadable(quarantine, entry)
    return None if held is None else QuarantineRecord(entry.dot, held.reason, held.detail)


def _nothing(*_arguments: Any) -> None:
    pass


def _level_one(*_arguments: Any) -> int:
    return 1


def _no_mark() -> AbstractContextManager[None]:
    return replaced((policies, "INDEPENDENT_MARK", "\0"))


ABLATIONS: Final = (
    Ablation(
        "held_payloads",
        "An entry of a format that the program does not know is quarantined for good instead of waiting for the update "
        "(state/quarantine.py).",
        "nothing_swallowed",
        replacing((Quarantine, "_unreadable", _quarantine_unreadable)),
        draw=with_schema_skew,
    ),
    Ablation(
        "held_reconsidered",
        "A program that starts does not look again at what its former version could not read (state/property_state.py).",
        "versions",
        replacing((PropertyState, "reconsider_held", _nothing)),
        draw=with_schema_skew,
    ),
    Ablation(
        "independent_fields",
        "An author that rewrites a group drops the fields that its program does not know (ledger/policies.py).",
        "versions",
        _no_mark,
        draw=with_schema_skew,
    ),
    Ablation(
        "levels",
        "A program writes what is new in it before the property was raised to its level (desk/drafting.py, "
        "ledger/policies.py).",
        "versions",
        replacing((drafting, "require_level", _nothing), (FieldGroup, "level_of", _level_one)),
        draw=with_schema_skew,
    ),
    Ablation(
        "rows_after_update",
        "The readable rows that a former version wrote stay as they are after an update (state/property_state.py).",
        "convergence",
        replacing((PropertyState, "_follow_table", _nothing)),
        draw=with_schema_skew,
    ),
)
"""Each with the checker that must notice."""
