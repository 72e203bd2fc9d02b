"""Nights charged, no-shows and the business date, by the judge's own reading of terms and statuses.

| what | rule, by what its author's desk showed |
|---|---|
| a charge of a night | of a guest in house, for a night of the terms that has begun, at the agreed rate, once |
| a night audit | charges every such night that no charge was shown of, those of earlier audits too; rolls the date by one day |
| a check-out, a settlement | charges every night that ended before the business date |
| no-shows | by a night audit only: exactly the expected stays whose arrival has come |
| the business date | forward by an audit, to tomorrow by the calendar at most; backward by a correction and nothing else |
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DAY, OCCUPANCY, POSTING, SETTLEMENT, TERMS, Value
from simulations.checkers.steps import Step, steps
from simulations.checkers.violation import Violation, limited

OF_MONEY: Final = 8
OF_STAYS: Final = 9
EARLIEST_ZONE: Final = timedelta(hours=14)
AHEAD: Final = timedelta(days=1)
"""How far a business date may be ahead of the earliest calendar on earth, by the clock of its author."""


class _Told(NamedTuple):
    law: int
    words: str


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every night that was charged wrongly or not at all, every wrong no-show, every date that no day has reached."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    for step in steps(evidence):
        event = step.event
        told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.staff} did {event.action} and"
        for law, words in _told_of(step):
            yield Violation(law, event.node, f"{told} {words}")


def _told_of(step: Step) -> Iterator[_Told]:
    today = step.business_date
    rolled = [str(one.written.value["date"]) for one in step.placed if one.key[0] == DAY]
    is_audit = any(to > today for to in rolled)
    until = max(rolled) if is_audit else today
    yield from _of_date(step, today, rolled)
    yield from _of_charges(step, until)
    leaving = [stay for stay, value in step.written(OCCUPANCY).items() if value["status"] == "checked_out"]
    settled = [folio.rpartition("/")[0] for folio in step.written(SETTLEMENT)]
    charged = step.written(POSTING)
    for stay in step.in_status("in_house") if is_audit else {*leaving, *settled}:
        for row in step.owed(stay, until).keys() - charged.keys():
            yield _Told(OF_MONEY, f"left {row} uncharged")
    yield from _of_no_shows(step, today, is_audit=is_audit)


def _of_date(step: Step, today: str, rolled: list[str]) -> Iterator[_Told]:
    for to in rolled:
        days = (date.fromisoformat(to) - date.fromisoformat(today)).days
        if days > 1 or days == 0:
            yield _Told(OF_STAYS, f"rolled the business date from {today} to {to}")
        if days < 0 and len(step.placed) > 1:
            yield _Told(OF_STAYS, f"wrote more than the date that it set back to {to}")
        stamp_ms = max(one.written.stamp[0] for one in step.placed)
        latest = (datetime.fromtimestamp(stamp_ms / 1000, UTC) + EARLIEST_ZONE + AHEAD).date().isoformat()
        if to > latest:
            yield _Told(OF_STAYS, f"rolled the business date to {to}, when no calendar was beyond {latest}")


def _of_charges(step: Step, until: str) -> Iterator[_Told]:
    for row, value in step.written(POSTING).items():
        if not row.startswith("audit:"):
            continue
        stay = str(value["stay"])
        occupancy = step.screen.shown(OCCUPANCY, stay)
        if occupancy is None or occupancy["status"] != "in_house" or step.screen.shown(TERMS, stay) is None:
            yield _Told(OF_MONEY, f"charged {row} of a guest who is not here")
            continue
        night = step.nights_of(stay, until).get(row)
        if night is None:
            yield _Told(OF_MONEY, f"charged {row}, which is no night of {stay} that began before {until}")
        elif (wrong := _content(value, stay)) != night:
            yield _Told(OF_MONEY, f"charged {row} as {wrong}; agreed is {night}")
        elif step.screen.shown(POSTING, row) is not None:
            yield _Told(OF_MONEY, f"charged {row}, which was charged already")


def _content(charge: Value, stay: str) -> object:
    """Night and amount of a charge, where everything else of it is as it must be; otherwise all of it."""
    night = charge["revenue_date"]
    is_plain = (charge["kind"], charge["business_date"], charge["folio"], charge["reverses"]) == (
        "charge",
        night,
        f"{stay}/1",
        None,
    )
    return (night, charge["amount_minor"]) if is_plain else dict(charge)


def _of_no_shows(step: Step, today: str, *, is_audit: bool) -> Iterator[_Told]:
    # Whoever decides for what is shown already marks nobody.
    before = {*step.in_status("no_show")}
    marked = {stay for stay, value in step.written(OCCUPANCY).items() if value["status"] == "no_show"} - before
    due = set(_not_arrived(step, today)) if is_audit else set[str]()
    for stay in sorted(marked - due):
        yield _Told(OF_STAYS, f"marked {stay} a no-show, which it is not")
    for stay in sorted(due - marked):
        yield _Told(OF_STAYS, f"passed over {stay}, which is a no-show")


def _not_arrived(step: Step, today: str) -> Iterator[str]:
    for stay in step.in_status("reserved"):
        terms = step.screen.shown(TERMS, stay)
        if terms is not None and str(terms["arrival"]) <= today:
            yield stay
