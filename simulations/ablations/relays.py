"""Ablations of the relay: what it announces when, and how everybody notices that its database is another one."""

# ruff: noqa: SLF001 - an ablation replaces the product's inner parts
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from clients.terminal.node import TerminalNode
from crdt_pms.journal.errors import CommittedUnknown
from crdt_pms.journal.identifiers import VersionVector
from crdt_pms.journal.positions import CommittedRun, OrderMark, digest_after, runs_of
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import CommitOutcomeUnknown
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.replica import replica
from crdt_pms.replica.replica import Replica
from crdt_pms.session.messages import OrderKnown
from crdt_pms.session.session import Session
from relay_server import commit, committing, origin_desk
from relay_server.idempotency import Answer, RequestKey
from relay_server.intake import Batch, Committed, Intake
from relay_server.node import RelayNode
from relay_server.order import OrderEnd
from simulations.ablations.ablation import Ablation
from simulations.ablations.drawing import with_lies, with_lost_answers, with_lost_queues, with_restored_relay
from simulations.ablations.patching import replacing

_committed_runs: Final = RelayNode.committed_runs
_commit_next: Final = commit.commit_next
_acknowledge: Final = Replica.acknowledge


def _end_or_queue(node: Any) -> SignedEnd:
    order = node._intake.order
    queued = node._intake._queue
    return node._signed(order.through + len(queued), digest_after(order.digest, (entry.hash for entry in queued)))


async def _runs_or_queue(node: Any, after: int, positions_max: int) -> list[CommittedRun]:
    through = node._intake.order.through
    runs = await _committed_runs(node, after, positions_max) if after < through else []
    skipped = max(after - through, 0)
    queued = [entry.dot for entry in node._intake._queue[skipped:]]
    return [*runs, *runs_of(enumerate(queued, through + skipped + 1))]


def _mark_unproven(
    transaction: Transaction, runs: Sequence[CommittedRun], _known: object, _end: SignedEnd, held: VersionVector
) -> None:
    """Takes any runs for those that lead to the end that was signed."""
    for run in runs:
        if held.get(run.journal, 0) < run.first_seq + run.count - 1:
            raise CommittedUnknown("not held")
        transaction.mark_committed(run)


async def _renew_for_any(node: Any, known: OrderKnown, _peer: object) -> bool:
    """Takes the end of a former generation for news."""
    if known.end is None or await node._holds(known.end):
        return True
    await node._around.renew_generation(known.end)
    return False


def _common_by_length(_transaction: Transaction, marks: Sequence[OrderMark], through: int) -> int:
    """Takes two orders for one as far as both go."""
    return max((mark.position for mark in marks if mark.position <= through), default=0)


async def _common_by_length_at_relay(node: Any, marks: Sequence[OrderMark]) -> int:
    return max((mark.position for mark in marks if mark.position <= node._intake.order.through), default=0)


async def _agree(*_arguments: Any) -> bool:
    return True


def _require_nothing(*_arguments: Any) -> None:
    pass


def _acknowledge_any(replica: Any, end: SignedEnd, runs: Sequence[CommittedRun]) -> bool:
    return _acknowledge(replica, replace(end, generation=replica.standing.generation or end.generation), runs)


def _commit_for_certain(
    store: Store, intake: Intake, batch: Batch, known: OrderEnd, new_generation: Callable[[], bytes]
) -> Committed:
    """Takes a commit that was not answered for one that happened."""
    try:
        return _commit_next(store, intake, batch, known, new_generation)
    except CommitOutcomeUnknown:
        return Committed((), tuple(Placed(at, entry, at) for at, entry in enumerate(batch.entries, known.through + 1)))


def _remember_nothing(_transaction: Transaction, _key: RequestKey) -> Answer | None:
    return None


def _name_for_all(key: RequestKey) -> str:
    return key.key


ABLATIONS: Final = (
    Ablation(
        "announce_after_commit",
        "The relay announces positions for what it has only queued (relay_server/intake.py, relay_server/node.py).",
        "generations",
        replacing((RelayNode, "order_end", _end_or_queue), (RelayNode, "committed_runs", _runs_or_queue)),
        escapes=(AssertionError,),
        draw=with_lost_queues,
    ),
    Ablation(
        "generation",
        "A terminal does not notice that the relay's database was replaced or restored: positions of one generation count in "
        "another (replica/replica.py, clients/terminal/node.py).",
        "liveness",
        replacing((Replica, "acknowledge", _acknowledge_any), (TerminalNode, "receive_order_known", _agree)),
        draw=with_restored_relay,
    ),
    Ablation(
        "database_went_back",
        "The relay does not notice that its database is an older copy, neither by what it knows itself "
        "(relay_server/commit.py) nor by what terminals know (relay_server/node.py).",
        "acknowledgement",
        replacing((RelayNode, "receive_order_known", _agree), (commit, "_require_continued", _require_nothing)),
        draw=with_restored_relay,
    ),
    Ablation(
        "order_signature",
        "What a peer says of the committed order is believed although no relay signed it (session/session.py).",
        "generations",
        replacing((Session, "_require_proven", _require_nothing)),
        draw=with_lies([0, 1, 2]),
    ),
    Ablation(
        "order_digest",
        "A terminal takes runs for the order although they do not lead to the digest that the relay signed "
        "(log/known_order.py).",
        "exactly_once",
        replacing((replica, "mark_committed", _mark_unproven)),
        draw=with_lies([3]),
    ),
    Ablation(
        "common_point",
        "Two nodes take their orders for the same as far as both go, without a look at the digests "
        "(log/known_order.py, relay_server/node.py).",
        "liveness",
        replacing(
            (replica, "common_position", _common_by_length), (RelayNode, "common_point", _common_by_length_at_relay)
        ),
        draw=with_restored_relay,
    ),
    Ablation(
        "former_generations",
        "A relay that is shown an old end of a generation that its database has given up takes its database for one that went "
        "back once more (relay_server/node.py).",
        "generations",
        replacing((RelayNode, "receive_order_known", _renew_for_any)),
        draw=with_lies([5], after_backup=True),
    ),
    Ablation(
        "commit_outcome",
        "The relay takes a commit that its database did not answer for one that happened, instead of reading back what stands "
        "there (relay_server/commit.py).",
        "generations",
        replacing((committing, "commit_next", _commit_for_certain)),
        draw=with_lost_answers,
    ),
    Ablation(
        "idempotency_scope",
        "An Idempotency-Key that another system used counts as used (relay_server/idempotency.py).",
        "idempotency",
        replacing((RequestKey, "name", property(_name_for_all))),
    ),
    Ablation(
        "idempotency_keys",
        "A request of another system that comes again under its Idempotency-Key is done again (relay_server/idempotency.py).",
        "idempotency",
        replacing((origin_desk, "remembered", _remember_nothing)),
    ),
)
