"""Law 4: whoever writes names what he read, no write less and none more."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import OCCUPANCY, POSTING
from simulations.checkers.history import Acted, Applied, Event
from simulations.checkers.registers import Written
from simulations.checkers.violation import Dot
from simulations.checkers.wire import packed
from tests.simulations.checkers.tampering import again, events, found, nodes_of
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKER = "writes_follow_reads"


def writes(good: Evidence, row: str = CANCELLED) -> Sequence[Written]:
    """What was written of the stay that one desk cancelled while another gave it a room: reserved, cancelled, roomed."""
    return good.folds[good.reference.name].registers[OCCUPANCY][row].writes


def act_of(good: Evidence, dot: Dot) -> Acted:
    return next(event for event in events(good, Acted) if dot in event.dots)


def with_event(good: Evidence, changed: Event, instead: Event) -> Evidence:
    return again(good, history=[instead if event is changed else event for event in good.history])


def form(stay: str, dots: Sequence[Dot], terms: Sequence[Dot] = ()) -> str:
    """The revision of a form of a stay that showed these writes of its occupancy and its terms."""
    journals = list(dict.fromkeys(dot.journal for dot in (*dots, *terms)))
    listed = [[[journals.index(dot.journal), dot.seq] for dot in shown] for shown in (dots, terms)]
    revision = packed([1, "stay", stay, journals, [*listed, []]])
    return base64.urlsafe_b64encode(revision).rstrip(b"=").decode()


def heard_before(good: Evidence, dot: Dot, acted: Acted) -> Evidence:
    """The run in which the node had heard of everything up to that write before it acted."""
    before = [Dot(dot.journal, seq) for seq in range(1, dot.seq + 1)]
    heard = Applied(acted.at_ms, acted.node, tuple(before), ())
    place = list(good.history).index(acted)
    return again(good, history=[*good.history[:place], heard, *good.history[place:]])


def test_a_write_that_its_author_had_seen_and_did_not_name(good: Evidence) -> None:
    _reserved, cancelled, roomed = writes(good)
    acted = act_of(good, roomed.dot)
    violations = found(heard_before(good, cancelled.dot, acted), CHECKER)
    assert nodes_of(violations) == {acted.node}
    assert any(f"read was {cancelled.dot}" in one.words for one in violations)


def test_a_write_that_its_author_had_not_seen_and_named(good: Evidence) -> None:
    reserved, cancelled, _roomed = writes(good)
    acted = act_of(good, cancelled.dot)
    history = [event for event in good.history if event is not acted]
    place = history.index(act_of(good, reserved.dot))
    violations = found(again(good, history=[*history[:place], acted, *history[place:]]), CHECKER)
    assert any(f"and named {reserved.dot}; read was nothing" in one.words for one in violations)


def test_a_form_decides_what_was_read(good: Evidence) -> None:
    reserved, cancelled, roomed = writes(good)
    acted = act_of(good, roomed.dot)
    honest = replace(acted, forms=(form(CANCELLED, [reserved.dot], [reserved.dot]),))
    assert found(with_event(good, acted, honest), CHECKER) == []
    late = heard_before(good, cancelled.dot, acted)
    assert found(with_event(late, acted, honest), CHECKER) == []
    for shown in ([cancelled.dot], [reserved.dot, cancelled.dot], []):
        wrong = replace(acted, forms=(form(CANCELLED, shown, [reserved.dot]),))
        assert nodes_of(found(with_event(good, acted, wrong), CHECKER)) == {acted.node}


@pytest.mark.parametrize("short", ["0123456789abcdef", "no revision", form("stay-0", [])])
def test_a_form_that_says_nothing_of_the_row_is_taken_for_what_stood_there(good: Evidence, short: str) -> None:
    acted = act_of(good, writes(good)[-1].dot)
    assert found(with_event(good, acted, replace(acted, forms=(short,))), CHECKER) == []


def test_what_stood_beside_a_write_and_was_not_read(good: Evidence) -> None:
    reserved, _cancelled, roomed = writes(good)
    acted = act_of(good, roomed.dot)
    wrong = replace(acted, forms=(form(CANCELLED, [reserved.dot], []),))
    (violation,) = found(with_event(good, acted, wrong), CHECKER)
    assert f"read {reserved.dot} beside it; there was nothing" in violation.words


def test_where_nobody_knows_what_was_read_nothing_is_judged(good: Evidence) -> None:
    _reserved, cancelled, roomed = writes(good)
    acted = act_of(good, roomed.dot)
    unknown = [replace(event, forms=None) if isinstance(event, Acted) else event for event in good.history]
    assert found(again(good, history=unknown), CHECKER) == []
    assert found(with_event(heard_before(good, cancelled.dot, acted), acted, replace(acted, forms=None)), CHECKER) == []


def test_what_the_good_run_holds_is_judged(good: Evidence) -> None:
    fold = good.folds[good.reference.name]
    origins = {one.origin for rows in fold.registers.values() for register in rows.values() for one in register.writes}
    assert len(origins) > 1
    assert any(one.names for rows in fold.registers.values() for register in rows.values() for one in register.writes)
    assert fold.registers[POSTING]
