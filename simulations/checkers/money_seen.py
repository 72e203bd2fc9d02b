"""Law 8, of decisions: what a person decides about money is about the balance that the person saw, and only a refund pays out.

The balance by now is the sum of the shown postings and the nights that are owed and not charged yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import POSTING, SETTLEMENT, WINDOW
from simulations.checkers.steps import Step, steps
from simulations.checkers.violation import Violation, limited

LAW: Final = 8
PAY_IN: Final = frozenset({"settle_folio", "post_payment", "check_out", "close_folio"})
"""Actions that never hand money out."""
NAMES_BALANCE: Final = PAY_IN | {"post_refund"}
"""Actions that name the balance that was seen, always."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every decision about a balance that did not stand there, and all money that went out unasked."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    for step in steps(evidence):
        event = step.event
        told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.staff} did {event.action}"
        for words in _told_of(step):
            yield Violation(LAW, event.node, f"{told} {words}")


def _told_of(step: Step) -> Iterator[str]:
    postings = step.written(POSTING)
    seen = step.event.seen_minor
    if seen is None and step.event.action in NAMES_BALANCE and step.event.forms is not None:
        yield "and named no balance"
    folios = {*step.written(WINDOW), *step.written(SETTLEMENT), *(str(value["folio"]) for value in postings.values())}
    for folio in sorted(folios) if seen is not None else ():
        balance = _balance_by_now(step, folio)
        if balance != seen:
            yield f"after seeing a balance of {seen} on {folio}, which was {balance}"
    for folio, value in step.written(SETTLEMENT).items():
        payment = postings.get(str(value["payment"]))
        if payment is None or payment["amount_minor"] != -cast("int", value["balance_minor"]):
            yield f"and settled {folio} of {value['balance_minor']} with {payment and payment['amount_minor']}"
        elif cast("int", value["balance_minor"]) != _balance_by_now(step, folio):
            yield f"and settled {folio} of {value['balance_minor']}, which owed {_balance_by_now(step, folio)}"
    for row, value in postings.items():
        if value["kind"] == "refund" and step.event.action in PAY_IN:
            yield f"and paid {value['amount_minor']} out by {row}"


def _balance_by_now(step: Step, folio: str) -> int:
    shown = (step.screen.shown(POSTING, row) for row in step.screen.rows(POSTING))
    posted = sum(cast("int", one["amount_minor"]) for one in shown if one is not None and one["folio"] == folio)
    return posted + sum(amount for _night, amount in step.owed(folio.rpartition("/")[0], step.business_date).values())
