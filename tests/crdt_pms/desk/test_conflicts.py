"""The conflict desk: a person chooses between values that stand against each other."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.conflicts import Resolve
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.reservations import AmendTerms, CancelStay
from crdt_pms.desk.decision import Decision
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.alerts import written_dot
from crdt_pms.ledger.conflicts import Conflict, ConflictState
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.operation import Operation, Register, Write
from crdt_pms.ledger.policies import FieldGroup
from tests.crdt_pms.desk.desks import RATE, TODAY, Terminal, cut_apart, heal

NIGHT = "audit:sato:2016-08-08:room"


def two_rates() -> tuple[Terminal, Terminal]:
    """Two desks that have charged one night at different rates and have heard of each other."""
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    other.do(AmendTerms("sato", rate_minor=8_000), RunNightAudit(TODAY))
    one.do(RunNightAudit(TODAY))
    heal(one, other)
    return one, other


def the_conflict(desk: Terminal) -> Conflict:
    (conflict,) = desk.ledger.conflicts()
    return conflict


def test_the_chosen_value_is_shown_everywhere_and_the_other_can_be_read_back() -> None:
    one, other = two_rates()
    conflict = the_conflict(one)
    assert conflict.state is ConflictState.OPEN
    one.do(Resolve("posting.content", NIGHT, written_dot(conflict.dots[1]), "the new rate was agreed"))
    heal(one, other)
    assert other.balance() == 8_000
    assert other.matters() == []
    (closed,) = other.ledger.closed_conflicts()
    assert closed.identity == conflict.identity
    assert one.ledger.shown(Register("posting.content", NIGHT)) == closed.chosen
    assert [applied.value["amount_minor"] for applied in closed.losing] == [RATE]
    assert closed.closing is not None
    assert closed.closing.author == "staff-1"


def test_the_reason_of_a_choice_is_kept() -> None:
    one, _other = two_rates()
    choice = written_dot(the_conflict(one).dots[0])
    decision = one.do(Resolve("posting.content", NIGHT, choice, "as charged"))
    assert decision.operations[0].reason == "as charged"
    assert decision.operations[0].writes[0].content == {"entry": choice}


def test_two_desks_that_choose_alike_agree() -> None:
    one, other = two_rates()
    choice = written_dot(the_conflict(one).dots[1])
    for desk in (one, other):
        desk.do(Resolve("posting.content", NIGHT, choice))
    heal(one, other)
    assert one.matters() == []
    assert one.balance() == 8_000


def test_two_desks_that_choose_differently_are_asked_again() -> None:
    one, other = two_rates()
    dots = the_conflict(one).dots
    one.do(Resolve("posting.content", NIGHT, written_dot(dots[0])))
    other.do(Resolve("posting.content", NIGHT, written_dot(dots[1])))
    heal(one, other)
    assert one.matters() == [Matter.CONFLICT_POSTING_DECISION]
    one.do(Resolve("posting.decision", NIGHT, written_dot(the_conflict(one).dots[0])))
    assert one.matters() == []


def test_what_a_policy_settled_can_be_decided_otherwise() -> None:
    one = Terminal().reserve(room="101").clean("101")
    other, *_ = cut_apart(one, 2)
    one.do(CheckIn("sato"))
    other.do(CancelStay("sato", "called"))
    heal(one, other)
    conflict = the_conflict(one)
    assert one.stay().status is StayStatus.IN_HOUSE
    (cancelled,) = conflict.losing
    one.do(Resolve("stay.occupancy", "sato", written_dot(cancelled.dot), "the wrong guest was checked in"))
    assert one.stay().status is StayStatus.CANCELLED
    assert one.matters() == []


def test_a_cancelled_stay_is_not_revived_by_a_desk_that_had_not_heard() -> None:
    one = Terminal().reserve()
    other, *_ = cut_apart(one, 2)
    one.do(CancelStay("sato", "called"))
    other.do(AssignRoom("sato", "101"))
    heal(one, other)
    assert one.stay().status is StayStatus.CANCELLED
    assert one.ledger.stays_of_room("101") == ()


def test_a_conflict_comes_to_an_end_only_where_one_is() -> None:
    one, _other = two_rates()
    choice = written_dot(the_conflict(one).dots[0])
    one.refuses(Resolve("stay.terms", "sato", choice), RefusalCode.NO_CONFLICT)
    one.refuses(Resolve("stay.weather", "sato", choice), RefusalCode.NO_CONFLICT)
    one.refuses(Resolve("posting.content", "nothing", choice), RefusalCode.NO_CONFLICT)
    one.do(Resolve("posting.content", NIGHT, choice))
    one.refuses(Resolve("posting.content", NIGHT, choice), RefusalCode.NO_CONFLICT)


@pytest.mark.parametrize("choice", ["", "8000", "00:1", f"{'0' * 32}:7"])
def test_a_choice_is_one_of_the_values_that_stand(choice: str) -> None:
    one, _other = two_rates()
    one.refuses(Resolve("posting.content", NIGHT, choice), RefusalCode.CHOICE_UNKNOWN)


def test_the_board_is_decided_on_the_board() -> None:
    Terminal().refuses(Resolve("board.hk_condition", "101", "x"), RefusalCode.RESOLVE_ON_BOARD)


def test_somebody_who_writes_after_seeing_both_ends_the_conflict_too() -> None:
    one = Terminal().reserve()
    other, *_ = cut_apart(one, 2)
    one.do(AmendTerms("sato", nights=3))
    other.do(AmendTerms("sato", nights=4))
    heal(one, other)
    assert one.matters() == [Matter.CONFLICT_TERMS]
    one.do(AmendTerms("sato", nights=4))
    assert one.matters() == [], "to confirm what is shown is a write while somebody disagrees"
    (closed,) = one.ledger.closed_conflicts(Register("stay.terms", "sato"))
    assert closed.chosen is not None
    assert closed.chosen["nights"] == 4


def levitating() -> tuple[Terminal, str]:
    """A desk on which a status without a meaning stands against its own, and what names that value."""
    one = Terminal().house()
    other, *_ = cut_apart(one, 2)
    write = Write(Register("stay.occupancy", "sato"), {"status": "levitating"})
    # The program of the other desk knows the word.
    with patch.object(FieldGroup, "require_meaning"):
        other.write(Decision(operations=(Operation("check_in", "hotel-pms", "", (write,)),)))
    heal(one, other)
    (odd,) = (one_of for one_of in the_conflict(one).siblings if one_of.reading.without_meaning)
    return one, written_dot(odd.dot)


def test_a_value_that_this_program_cannot_read_is_not_chosen() -> None:
    desk, odd = levitating()
    desk.refuses(Resolve("stay.occupancy", "sato", odd), RefusalCode.CHOICE_WITHOUT_MEANING)
    (readable,) = (written_dot(dot) for dot in the_conflict(desk).dots if written_dot(dot) != odd)
    desk.do(Resolve("stay.occupancy", "sato", readable))
    assert desk.matters() == []
