"""Law 5, beside conflicts: what was written apart, left incomplete or makes no sense is told, and nothing else is.

| alert | stands while |
|---|---|
| a stay changed apart | what is shown as occupancy and as terms was written by two who had not seen each other's |
| a posting in a closed folio | the closing that is shown had not seen it; or no note says why the balance is not zero |
| a stay incomplete | it is in house, and nobody wrote its terms or its guest |
| a business date ahead | a date stands that lies days ahead of its stamp |
| a value without meaning | a field is shown by its safe value |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from simulations.checkers.comparing import meaning
from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.grammar import DAY, OCCUPANCY, POSTING, STAY_GUEST, TERMS, WINDOW
from simulations.checkers.registers import Written, is_far_ahead
from simulations.checkers.rows import Registers, balances
from simulations.checkers.tables import ALERT
from simulations.checkers.violation import Violation

LAW: Final = 5

Facts = tuple[str, ...]


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every such alert that is missing, and every one for nothing."""
    yield from evidence.by_content(_alerts)


def _alerts(node: NodeContents, fold: Fold) -> Iterator[Violation]:
    for matter, (names, expected) in RULES.items():
        own = set(expected(fold.registers))
        told = {
            _facts(meaning("facts", row["facts"]), names)
            for row in node.tables[ALERT].values()
            if row["matter"] == matter
        }
        for facts in sorted(own - told):
            yield Violation(LAW, node.name, f"{node.name}: table {ALERT}: no {matter} of {', '.join(facts)}")
        for facts in sorted(told - own):
            yield Violation(LAW, node.name, f"{node.name}: table {ALERT}: {matter} of {', '.join(facts)}, for nothing")


def _facts(told: Mapping[str, Any], names: Facts) -> Facts:
    return tuple(str(told.get(name)) for name in names)


def _apart(registers: Registers) -> Iterator[Facts]:
    for stay, register in registers[OCCUPANCY].items():
        agreed = registers[TERMS].get(stay)
        occupancy, terms = register.stands, None if agreed is None else agreed.stands
        if occupancy is not None and terms is not None and not (occupancy.knows(terms) or terms.knows(occupancy)):
            yield stay, str(occupancy.dot), str(terms.dot)


def _closed(registers: Registers) -> Iterator[Facts]:
    sums = balances(registers)
    posted: dict[str, list[Written]] = {}
    for register in registers[POSTING].values():
        if register.stands is not None:
            posted.setdefault(str(register.shown["folio"]), []).append(register.stands)
    for folio, register in registers[WINDOW].items():
        if register.shown["status"] != "closed":
            continue
        closing = register.stands
        seen = closing is None or all(closing.knows(posting) for posting in posted.get(folio, ()))
        if not seen or (not register.shown["note"] and sums[folio] != 0):
            yield (folio,)


def _incomplete(registers: Registers) -> Iterator[Facts]:
    for stay, register in registers[OCCUPANCY].items():
        if register.shown["status"] == "in_house" and not (stay in registers[TERMS] and stay in registers[STAY_GUEST]):
            yield (stay,)


def _ahead(registers: Registers) -> Iterator[Facts]:
    for register in registers[DAY].values():
        for written in register.siblings:
            if is_far_ahead(written):
                yield str(written.value["date"]), str(written.dot)


def _senseless(registers: Registers) -> Iterator[Facts]:
    for group, rows in registers.items():
        for row, register in rows.items():
            if register.stands is not None:
                for field in register.stands.senseless:
                    yield group, row, field, str(register.stands.dot)


RULES: Final[Mapping[str, tuple[Facts, Callable[[Registers], Iterator[Facts]]]]] = {
    "alert_stay_changed_apart": (("stay", "occupancy", "terms"), _apart),
    "alert_posting_into_closed_window": (("folio",), _closed),
    "alert_stay_incomplete": (("stay",), _incomplete),
    "alert_business_date_ahead": (("date", "entry"), _ahead),
    "alert_value_without_meaning": (("group", "row", "field", "entry"), _senseless),
}
"""Each alert, the facts by which it is known here, and when it stands."""
