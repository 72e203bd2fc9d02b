"""What other systems may do, and that their stale view shows as the conflict it is."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass, replace

import pytest

from crdt_pms.desk.actions.action import ACTIONS_OF_ORIGIN, Action
from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay
from crdt_pms.desk.refusals import RefusalCode
from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import BOOKING_ENGINE, HOTEL_MEMBER, HOTEL_PMS, ORIGINS
from tests.crdt_pms.desk.desks import Terminal, reservation


def empty(action: type[Action]) -> Action:
    """The action with nothing filled in that it asks for."""
    assert is_dataclass(action)
    return action(**{field.name: "" for field in fields(action) if field.default is MISSING})


def other_system(desk: Terminal, origin: str = BOOKING_ENGINE, number: int = 9) -> Terminal:
    system = Terminal(number, origin, desk.now_ms + 500)
    system.hear(desk)
    return system


@pytest.mark.parametrize("origin", [origin for origin in ORIGINS if origin != HOTEL_PMS])
@pytest.mark.parametrize("name", ACTIONS)
def test_another_system_does_only_what_is_its_own(origin: str, name: str) -> None:
    system = Terminal(9, origin)
    if name in ACTIONS_OF_ORIGIN[origin]:
        return
    refused = system.refuses(empty(ACTIONS[name]), RefusalCode.ORIGIN_NOT_ALLOWED)
    assert origin in refused.message_ja
    assert name in refused.message_en


def test_a_system_that_nobody_declared_does_nothing() -> None:
    Terminal(9, "fax").refuses(reservation(), RefusalCode.ORIGIN_NOT_ALLOWED)


def test_the_declared_rights_are_of_actions_that_exist() -> None:
    assert {name for names in ACTIONS_OF_ORIGIN.values() for name in names} <= set(ACTIONS)
    assert ACTIONS_OF_ORIGIN[BOOKING_ENGINE] == {"create_stay", "amend_terms", "amend_guest", "cancel_stay"}
    assert ACTIONS_OF_ORIGIN[HOTEL_MEMBER] == {"amend_guest"}


def test_the_booking_engine_takes_changes_and_cancels_its_own_reservations() -> None:
    engine = Terminal(9, BOOKING_ENGINE)
    engine.do(reservation(), AmendTerms("sato", nights=3), AmendGuest("guest-sato", guest_address="Kobe"))
    assert engine.stay().terms.nights == 3
    engine.do(CancelStay("sato", "guest cancelled"))
    assert engine.stay().status is StayStatus.CANCELLED
    assert engine.matters() == []


def test_the_booking_engine_is_judged_by_the_rules_of_the_desk() -> None:
    desk = Terminal().house("suzuki", "101")
    engine = other_system(desk)
    engine.refuses(reservation(room="101"), RefusalCode.ROOM_HELD)
    engine.refuses(CancelStay("suzuki", "x"), RefusalCode.STEP_UNKNOWN)


def test_what_another_system_had_not_read_shows_as_a_conflict() -> None:
    engine = Terminal(9, BOOKING_ENGINE)
    engine.do(reservation())
    desk = Terminal(1, now_ms=engine.now_ms + 100)
    desk.hear(engine)
    desk.do(AmendTerms("sato", nights=3))
    engine.hear(desk)
    engine.do(AmendTerms("sato", nights=5))
    assert engine.stay().terms.nights == 3, "the PMS outranks the booking engine"
    assert engine.matters() == [Matter.CONFLICT_TERMS]


def test_what_another_system_says_that_it_has_read_is_replaced() -> None:
    desk = Terminal().reserve()
    engine = other_system(desk)
    engine.do(AmendTerms("sato", nights=5, revision=engine.revision("stay", "sato")))
    assert engine.stay().terms.nights == 5
    assert engine.matters() == []


def test_the_member_system_outranks_the_desk_on_the_guests_card() -> None:
    desk = Terminal().reserve()
    member = other_system(desk, HOTEL_MEMBER)
    member.do(AmendGuest("guest-sato", guest_member="M-77", guest_name="佐藤 花子"))
    desk.now_ms += 60_000
    desk.do(AmendGuest("guest-sato", guest_address="Kobe"))
    desk.hear(member)
    assert desk.view.require_guest("guest-sato")["member"] == "M-77"
    assert desk.matters() == [Matter.CONFLICT_GUEST]


def test_a_cancellation_of_the_booking_engine_is_not_revived_by_the_desk() -> None:
    desk = Terminal().reserve()
    engine = other_system(desk)
    engine.do(CancelStay("sato", "guest cancelled"))
    desk.do(AssignRoom("sato", "101"))
    desk.hear(engine)
    assert desk.stay().status is StayStatus.CANCELLED
    assert desk.matters() == [Matter.CONFLICT_OCCUPANCY, Matter.ALERT_STAY_CHANGED_APART]


def test_a_retry_of_the_booking_engine_creates_nothing_twice() -> None:
    engine = Terminal(9, BOOKING_ENGINE)
    engine.do(reservation())
    assert engine.do(reservation()).writes_nothing
    engine.refuses(replace(reservation(), rate_minor=1), RefusalCode.STAY_EXISTS)
