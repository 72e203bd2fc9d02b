"""The desk as its author sees it."""

from __future__ import annotations

import pytest

from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.holding import holding_of, nights_to_come
from crdt_pms.hotel.statuses import GUEST_SERVICE, HK_CONDITION, HK_OCCUPANCY, MAINTENANCE
from crdt_pms.ledger.ledger import Ledger
from tests.crdt_pms.desk.desks import TODAY, TOMORROW, Terminal, cut_apart, heal, reservation


def test_until_the_first_audit_the_business_date_is_the_opening_date() -> None:
    desk = Terminal()
    assert desk.view.business_date == TODAY
    desk.do(RunNightAudit(TODAY))
    assert desk.view.business_date == TOMORROW


@pytest.mark.parametrize(
    ("field", "shown"),
    [(HK_CONDITION, "dirty"), (HK_OCCUPANCY, "unreported"), (MAINTENANCE, "out_of_order"), (GUEST_SERVICE, "none")],
)
def test_a_board_word_of_a_newer_version_keeps_guests_out(field: str, shown: str) -> None:
    desk = Terminal()
    desk.board.set_many([("101", field, "of-the-future")], lambda: (1, 0), b"\0" * 16, 1, "staff")
    board = desk.view.room_board("101")
    assert shown in (board.condition, board.occupancy, board.maintenance, board.guest_service)


def test_a_stay_of_which_only_a_part_has_arrived_is_not_shown() -> None:
    desk = Terminal().reserve()
    part = Terminal(2)
    (operation,) = Terminal(3).decide(reservation("abe")).operations
    part.hear(desk)
    part.ledger.apply(
        desk.entries[0].dot._replace(seq=99),
        desk.entries[0].stamp,
        "staff",
        type(operation)(operation.action, operation.origin, "", operation.writes[1:2]),
    )
    assert part.view.stay("abe") is None
    assert [stay.stay_id for stay in part.view.stays()] == ["sato"]


def test_who_lost_a_room_stands_in_nobodys_way() -> None:
    one = Terminal()
    other, *_ = cut_apart(one, 2)
    one.house("sato", "101")
    other.house("suzuki", "101")
    heal(one, other)
    holding = holding_of(one.view, "101")
    assert [stay.stay_id for stay in holding.keeping] == ["sato"]
    assert [stay.stay_id for stay in holding.displaced] == ["suzuki"]
    assert holding.in_house is not None
    assert holding.in_house.stay_id == "sato"
    assert list(holding.others("sato")) == []
    assert holding_of(one.view, "102") == holding_of(Terminal().view, "102")


def test_of_a_guest_in_house_only_the_nights_to_come_count() -> None:
    desk = Terminal().house(nights=3)
    desk.do(RunNightAudit(TODAY))
    assert nights_to_come(desk.view, desk.stay()) == (TOMORROW, 2)
    desk.reserve("suzuki", nights=1, arrival="2016-09-01")
    assert nights_to_come(desk.view, desk.stay("suzuki")) == ("2016-09-01", 1)


def test_reading_writes_nothing() -> None:
    desk = Terminal().house()
    before = desk.ledger.content_sums()
    desk.decide(reservation("abe"))
    assert desk.ledger.content_sums() == before
    assert isinstance(desk.view.ledger, Ledger)
