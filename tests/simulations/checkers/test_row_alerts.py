"""Law 5: what was written apart is told, and what was not is not."""

from __future__ import annotations

import json

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import OCCUPANCY, TERMS
from simulations.checkers.registers import Register, Written, fold_register
from simulations.checkers.row_alerts import RULES
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import changed, drop, found, nodes_of, put

CHECKER = "row_alerts"


def alert_of(good: Evidence, matter: str) -> str:
    return next(key for key, row in good.reference.tables["alert"].items() if row["matter"] == matter)


def test_an_alert_that_is_hidden(good: Evidence) -> None:
    key = alert_of(good, "alert_stay_changed_apart")
    violations = found(changed(good, drop("alert", lambda one: one == key), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert "no alert_stay_changed_apart of" in violations[0].words


def test_an_alert_for_nothing(good: Evidence) -> None:
    key = alert_of(good, "alert_stay_changed_apart")
    for matter in RULES:
        invented = put("alert", key, matter=matter, facts=json.dumps({"stay": "nobody"}))
        assert any("for nothing" in one.words for one in found(changed(good, invented, "desk-1"), CHECKER))


STATUS = {"status": "in_house", "room": None, "arrived_at": None, "departed_at": None, "note": None}


def write(journal: int, seq: int, *reads: Dot) -> Written:
    dot = Dot(bytes([journal]) * 16, seq)
    return Written(dot, (seq, 0), "suzuki", "hotel-pms", STATUS, (), None, resolution=False, reads=reads)


def expected(matter: str, **registers: Register) -> list[tuple[str, ...]]:
    groups = {group: {} for group in ("stay.occupancy", "stay.terms", "stay.guest", "folio.window", "posting.content")}
    for group, register in registers.items():
        groups[group.replace("_", ".")]["s"] = register
    return list(RULES[matter][1](groups))


def test_two_writes_are_apart_unless_one_author_had_read_the_other_or_both_are_of_one_journal() -> None:
    here = write(1, 1)
    apart, reading, same = write(2, 1), write(2, 1, here.dot), write(1, 2)
    for other, is_apart in ((apart, True), (reading, False), (same, False)):
        pair = {
            "stay_occupancy": fold_register(OCCUPANCY, "s", [here]),
            "stay_terms": fold_register(TERMS, "s", [other]),
        }
        assert bool(expected("alert_stay_changed_apart", **pair)) is is_apart


def test_a_guest_in_house_of_whom_nothing_was_agreed_is_incomplete() -> None:
    occupancy = fold_register(OCCUPANCY, "s", [write(1, 1)])
    assert expected("alert_stay_incomplete", stay_occupancy=occupancy) == [("s",)]
    known = {
        "stay_terms": fold_register(TERMS, "s", [write(1, 2)]),
        "stay_guest": fold_register(TERMS, "s", [write(1, 3)]),
    }
    assert expected("alert_stay_incomplete", stay_occupancy=occupancy, **known) == []
