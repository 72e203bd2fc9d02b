"""The verdict: every law that can be judged from outside, one checker each, over the same evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from simulations.checkers import (
    acknowledgement,
    audit_chain,
    bases,
    bounded_queues,
    card_numbers,
    causes,
    conflict_totality,
    content_digest,
    contexts,
    convergence,
    departures,
    double_booking,
    exactly_once,
    forms,
    generations,
    guards,
    idempotency,
    intact_frames,
    journal_alerts,
    liveness,
    lodging,
    losses_told,
    money,
    money_seen,
    nights,
    no_resurrection,
    note_edits,
    nothing_swallowed,
    openings,
    order_independence,
    provoked,
    pruned,
    rebuild_equivalence,
    row_alerts,
    session_guarantees,
    stamps,
    versions,
    writes_follow_reads,
)
from simulations.checkers.evidence import Evidence
from simulations.checkers.violation import Violation

Checker = Callable[[Evidence], Iterator[Violation]]

CHECKERS: Final[Mapping[str, Checker]] = MappingProxyType(
    {
        "convergence": convergence.check,
        "content_digest": content_digest.check,
        "acknowledgement": acknowledgement.check,
        "pruned": pruned.check,
        "losses_told": losses_told.check,
        "generations": generations.check,
        "exactly_once": exactly_once.check,
        "idempotency": idempotency.check,
        "session_guarantees": session_guarantees.check,
        "stamps": stamps.check,
        "writes_follow_reads": writes_follow_reads.check,
        "forms": forms.check,
        "contexts": contexts.check,
        "conflict_totality": conflict_totality.check,
        "bases": bases.check,
        "row_alerts": row_alerts.check,
        "versions": versions.check,
        "order_independence": order_independence.check,
        "double_booking": double_booking.check,
        "lodging": lodging.check,
        "card_numbers": card_numbers.check,
        "money": money.check,
        "guards": guards.check,
        "nights": nights.check,
        "departures": departures.check,
        "money_seen": money_seen.check,
        "no_resurrection": no_resurrection.check,
        "note_edits": note_edits.check,
        "rebuild_equivalence": rebuild_equivalence.check,
        "nothing_swallowed": nothing_swallowed.check,
        "journal_alerts": journal_alerts.check,
        "causes": causes.check,
        "intact_frames": intact_frames.check,
        "liveness": liveness.check,
        "bounded_queues": bounded_queues.check,
        "openings": openings.check,
        "audit_chain": audit_chain.check,
        "provoked": provoked.check,
    }
)
"""Every checker by its name, in the order of the laws. What the evidence has nothing for is not judged."""


class Finding(NamedTuple):
    """One violation and the checker that found it."""

    checker: str
    law: int
    node: str
    words: str


def judge(evidence: Evidence) -> list[Finding]:
    """Everything that is wrong, sorted. Empty for a run on which nothing is."""
    return sorted(Finding(name, *violation) for name, check in CHECKERS.items() for violation in check(evidence))
