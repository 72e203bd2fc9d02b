"""Ablations of what leaves memory: a row that is put away too early, or comes back alone, takes alerts and balances with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from crdt_pms.ledger.components import Components
from crdt_pms.ledger.folios import FolioIndex
from crdt_pms.ledger.residence import LiveChanges, Residence, RowKey
from crdt_pms.state.stored_rows import StoredRows
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_little_memory
from simulations.ablations.patching import replacing


def _at_rest(_folios: FolioIndex, _folio: str) -> bool:
    return True


def _row_at_rest(_components: Components, _key: RowKey) -> bool:
    return True


def _nothing_names_it(_stored: StoredRows, _key: RowKey) -> Iterable[RowKey]:
    return ()


def _unmarked(_residence: Any) -> LiveChanges:
    return LiveChanges((), ())


ABLATIONS: Final = (
    Ablation(
        "resting_debts",
        "A folio on which something is owed comes to rest with its stay (ledger/folios.py).",
        "row_alerts",
        replacing((FolioIndex, "is_folio_at_rest", _at_rest)),
        draw=with_little_memory,
    ),
    Ablation(
        "resting_guests",
        "Every row comes to rest at once, those of guests in house too (ledger/components.py).",
        "convergence",
        replacing((Components, "is_at_rest", _row_at_rest)),
    ),
    Ablation(
        "rows_brought_alone",
        "A row at rest comes back without those that name it (state/stored_rows.py).",
        "convergence",
        replacing((StoredRows, "naming", _nothing_names_it)),
        draw=with_little_memory,
    ),
    Ablation(
        "live_rows_unmarked",
        "The store does not learn which rows are live, so a node that starts does not read them (ledger/residence.py).",
        "convergence",
        replacing((Residence, "take_changes", _unmarked)),
    ),
)
