"""Ablations of snapshots and pruning: what is put away too early, or without what later entries need of it, is lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from crdt_pms.log.errors import SnapshotMalformed
from crdt_pms.log.kept import kept_snapshots
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.ports.records import CoveredEntry
from crdt_pms.ports.store import Transaction
from crdt_pms.replica import keeping
from crdt_pms.state import rebuilding
from crdt_pms.state.documents import PropertyDocuments
from crdt_pms.state.property_state import PropertyState
from crdt_pms.store.sql_snapshots import SqlSnapshots
from relay_server.snapshots import SnapshotMaker
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_backup_of_relay, with_schema_skew, with_snapshots
from simulations.ablations.patching import replacing
from simulations.world.plan import MINUTE_MS, Fault, WorldPlan

_load_base = rebuilding.load_base
_remove_entries = SqlSnapshots.remove_entries


def _always_old(_maker: Any, _head: SnapshotHead, _now_ms: int) -> bool:
    return True


def _newest(transaction: Transaction) -> int:
    heads = kept_snapshots(transaction)
    return heads[-1].through if heads else 0


def _newest_does_not_read(transaction: Transaction, head: SnapshotHead) -> Any:
    heads = kept_snapshots(transaction)
    if len(heads) > 1 and head == heads[-1]:
        raise SnapshotMalformed("a page of it went bad")
    return _load_base(transaction, head)


def _tentative_too(transaction: Any, after: int, _last: int, entries_max: int) -> list[CoveredEntry]:
    placed = transaction.entries_after(0, entries_max, 2**40)
    found = [CoveredEntry(one.position, one.committed, one.entry.dot, one.entry.document) for one in placed]
    return [one for one in found if one.committed is None or one.committed > after]


def _whole_journal(transaction: Any, journal: Any, _seq: int) -> list[CoveredEntry]:
    placed = transaction.journal_entries(journal, 1, 2**40)
    return [CoveredEntry(one.position, one.committed, one.entry.dot, one.entry.document) for one in placed]


def _withholds_nothing(_state: Any, _dot: Any) -> bool:
    return False


def _unsaved(_documents: Any, _document: str, _transaction: Any, _position: int) -> bool:
    return True


def _forget_names(transaction: Any, positions: Sequence[int]) -> None:
    _remove_entries(transaction, positions)
    transaction.cursor.execute("DELETE FROM covered_entry WHERE whole IS NULL")


def _keep_no_values(_transaction: Any, _entries: Iterable[Any]) -> None:
    pass


def _with_cuts(plan: WorldPlan) -> WorldPlan:
    """Desks that are cut off from all others again and again, soon after they got a snapshot."""
    plan = with_snapshots(plan)
    if not plan.has_relay:
        return plan
    nodes = tuple(range(plan.terminals + 1))
    times = [work.at_ms for work in plan.work[:: max(len(plan.work) // 20, 1)]]
    cuts = [Fault(at_ms, at_ms + 2 * MINUTE_MS, "cut_node", nodes) for at_ms in times]
    return replace(plan, faults=tuple(sorted([*plan.faults, *cuts])), mesh=())


def _with_skew(plan: WorldPlan) -> WorldPlan:
    return with_snapshots(with_schema_skew(plan))


ABLATIONS: Final = (
    Ablation(
        "young_snapshots",
        "A relay hands snapshots out to which a backup of its database may not reach (relay_server/snapshots.py).",
        "convergence",
        replacing((SnapshotMaker, "is_old_enough", _always_old)),
        draw=with_backup_of_relay,
    ),
    Ablation(
        "pruned_to_the_newest",
        "The log is pruned up to the newest snapshot, which may not read (replica/keeping.py).",
        "rebuild_equivalence",
        replacing((keeping, "prunable_through", _newest)),
        draw=with_snapshots,
        provokes=replacing((rebuilding, "load_base", _newest_does_not_read)),
    ),
    Ablation(
        "pruned_tentative",
        "Entries that the relay has not committed are put away too (store/sql_snapshots.py).",
        "rebuild_equivalence",
        replacing((SqlSnapshots, "prunable", _tentative_too)),
        draw=_with_cuts,
    ),
    Ablation(
        "install_over_tentative",
        "A desk that stands on a snapshot puts away what that does not cover (replica/keeping.py).",
        "acknowledgement",
        replacing((SqlSnapshots, "entries_up_to", _whole_journal)),
        draw=with_snapshots,
    ),
    Ablation(
        "pruned_held",
        "Entries that wait for an update of the program are put away (replica/keeping.py).",
        "versions",
        replacing((PropertyState, "withholds", _withholds_nothing)),
        draw=_with_skew,
        escapes=(AssertionError,),
    ),
    Ablation(
        "pruned_unsaved_notes",
        "Updates are put away that the stored state of their document lacks (state/documents.py).",
        "convergence",
        replacing((PropertyDocuments, "secure", _unsaved)),
        draw=with_snapshots,
    ),
    Ablation(
        "forgotten_names",
        "How later entries name a pruned one is not remembered (store/sql_snapshots.py).",
        "convergence",
        replacing((SqlSnapshots, "remove_entries", _forget_names)),
        draw=with_snapshots,
        escapes=(AssertionError,),
    ),
    Ablation(
        "losing_values_pruned",
        "Values that conflicts were about are put away with their entries (replica/keeping.py).",
        "conflict_totality",
        replacing((SqlSnapshots, "put_losing_values", _keep_no_values)),
        draw=with_snapshots,
    ),
)
