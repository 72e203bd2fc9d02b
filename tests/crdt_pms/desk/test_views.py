"""What screens show: rooms, lists, folios, and what needs a person's eye."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crdt_pms.desk import views
from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge, PostPayment, SettleFolio
from crdt_pms.desk.actions.moves import AssignRoom, MoveRoom
from crdt_pms.desk.actions.night_audit import RunNightAudit
from crdt_pms.desk.actions.registry import ACTIONS
from crdt_pms.desk.actions.reservations import AmendGuest, AmendTerms, CancelStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import has_document
from crdt_pms.desk.views.alerts import ALERT_SENTENCES, NOT_KNOWN
from crdt_pms.desk.views.value_words import masked_value, value_words
from crdt_pms.hotel.business_day import Due
from crdt_pms.hotel.field_words import FIELD_WORDS
from crdt_pms.hotel.folio import WindowStatus
from crdt_pms.hotel.occupancy import Discrepancy, FrontOfficeOccupancy, HousekeepingReservation
from crdt_pms.hotel.property_file import StaffMember
from crdt_pms.hotel.statuses import (
    GUEST_SERVICE,
    HK_CONDITION,
    HK_OCCUPANCY,
    MAINTENANCE,
    MAINTENANCE_REASON,
    HousekeepingCondition,
    HousekeepingOccupancy,
    Maintenance,
    StayStatus,
)
from crdt_pms.hotel.transaction_codes import PostingKind
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId
from crdt_pms.ledger.alerts import (
    ForkFact,
    JournalFact,
    QuarantineFact,
    StampFact,
    alert,
    alerts_of_board,
    alerts_of_journals,
)
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.ledger import Ledger
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import FIELD_GROUPS, FOLIO_SETTLEMENT, GUEST_PROFILE
from tests.crdt_pms.desk.desks import (
    DAY_AFTER,
    DEFINITION,
    JAPANESE,
    RATE,
    TODAY,
    TOMORROW,
    YESTERDAY,
    Terminal,
    cut_apart,
    heal,
)


def board_row(desk: Terminal, room: str = "101") -> views.BoardRow:
    return next(row for row in views.room_board(desk.view, desk.alerts(), desk.departed()) if row.room == room)


def choose(desk: Terminal, option: views.ConflictOption) -> None:
    """Press the button of an option."""
    assert option.choose is not None
    desk.do(ACTIONS[option.choose.action](**option.choose.fields))


def standing(desk: Terminal) -> list[views.ConflictLine]:
    return [line for line in views.conflict_lines(desk.view) if line.closing is None]


def closed(desk: Terminal) -> list[views.ConflictLine]:
    return [line for line in views.conflict_lines(desk.view) if line.closing is not None]


def settled_twice() -> tuple[Terminal, Terminal]:
    """Two desks that took the same money while cut apart, and know it now."""
    desk = Terminal().house()
    desk.do(PostCharge("sato", "minibar", 500))
    (other,) = cut_apart(desk, 2)
    desk.do(SettleFolio("sato", "cash", "here", 500))
    other.do(SettleFolio("sato", "card", "there", 500))
    heal(desk, other)
    return desk, other


# Rooms


def test_a_room_of_which_nobody_said_anything_shows_what_keeps_guests_out() -> None:
    rows = views.room_board(Terminal().view, [], [])
    assert [row.room for row in rows] == ["101", "102", "103", "201"]
    assert rows[0] == views.BoardRow(
        room="101",
        floor=1,
        room_type="twin",
        hk_condition=HousekeepingCondition.DIRTY,
        hk_occupancy=HousekeepingOccupancy.UNREPORTED,
        maintenance=Maintenance.NONE,
        maintenance_reason="",
        guest_service=rows[0].guest_service,
        fo_occupancy=FrontOfficeOccupancy.VACANT,
        discrepancy=Discrepancy.NONE,
        hk_reservation=HousekeepingReservation.NOT_RESERVED,
        stay=None,
        guest_name=None,
        double_bookings=(),
        matters=(),
        contested=(),
        updated_at_ms=None,
        updated_by=None,
    )


def test_a_room_shows_its_guest_from_arrival_to_departure() -> None:
    desk = Terminal().reserve(room="101", nights=1)
    assert board_row(desk).hk_reservation is HousekeepingReservation.ARRIVAL
    assert board_row(desk).stay is None, "a guest who is expected is not in the room"
    desk.clean("101").do(CheckIn("sato"))
    here = board_row(desk)
    assert (here.stay, here.guest_name, here.fo_occupancy) == ("sato", "Guest sato", FrontOfficeOccupancy.OCCUPIED)
    assert here.hk_reservation is HousekeepingReservation.ARRIVED
    desk.do(RunNightAudit(TODAY))
    assert board_row(desk).hk_reservation is HousekeepingReservation.DUE_OUT
    desk.do(SettleFolio("sato", "cash", "k1", RATE), CheckOut("sato"))
    gone = board_row(desk)
    assert (gone.stay, gone.hk_reservation) == (None, HousekeepingReservation.DEPARTED)
    assert gone.hk_condition is HousekeepingCondition.DIRTY


def doubly_booked() -> Terminal:
    """Two guests whom two desks that were cut apart showed to one room."""
    desk = Terminal().reserve("sato").reserve("abe").clean("101")
    (other,) = cut_apart(desk, 2)
    desk.do(CheckIn("sato", room="101"))
    other.do(CheckIn("abe", room="101"))
    heal(desk, other)
    return desk


def test_a_room_that_two_guests_have_says_so_with_both_their_names() -> None:
    desk = doubly_booked()
    row = board_row(desk)
    (double,) = row.double_bookings
    assert {double.shown.value, double.other.value} == {"sato", "abe"}
    assert double.shown.value == row.stay, "the guest who is shown in the room"
    assert "Guest abe" in (double.shown.words.en + double.other.words.en)
    assert (double.from_date, double.until_date, double.is_now) == (TODAY, DAY_AFTER, True)
    assert [one.room for one in views.room_board(desk.view, desk.alerts(), desk.departed()) if one.double_bookings] == [
        "101"
    ]


def test_a_room_that_will_be_taken_twice_says_so_before_anybody_arrives() -> None:
    desk = Terminal().reserve("sato", arrival=DAY_AFTER).reserve("abe", arrival=DAY_AFTER)
    (other,) = cut_apart(desk, 2)
    desk.do(AssignRoom("sato", "101"))
    other.do(AssignRoom("abe", "101"))
    heal(desk, other)
    (double,) = board_row(desk).double_bookings
    assert not double.is_now
    desk.do(AssignRoom(double.other.value, "102"))
    assert board_row(desk).double_bookings == ()


def test_a_room_shows_what_else_stands_about_it_and_its_guest() -> None:
    desk = Terminal().house("sato", "101").reserve("abe").clean("103")
    (other,) = cut_apart(desk, 2)
    desk.do(AmendTerms("sato", nights=3))
    other.do(AmendTerms("sato", nights=1), SetRoomCondition("103", "maintenance", "out_of_order", "water"))
    desk.do(CheckIn("abe", room="103"))
    heal(desk, other)
    shown = {
        row.room: [one.matter for one in row.matters]
        for row in views.room_board(desk.view, desk.alerts(), desk.departed())
    }
    assert shown == {
        "101": [Matter.CONFLICT_TERMS],
        "102": [],
        "103": [Matter.ALERT_MAINTENANCE_ON_ASSIGNED_ROOM],
        "201": [],
    }
    assert JAPANESE.search(board_row(desk).matters[0].words.ja)


def test_what_the_attendant_saw_is_compared_with_what_the_desk_has() -> None:
    desk = Terminal().house("sato", "101")
    desk.do(SetRoomCondition("101", HK_OCCUPANCY, "vacant"), SetRoomCondition("102", HK_OCCUPANCY, "occupied"))
    assert board_row(desk, "101").discrepancy is Discrepancy.SKIP
    assert board_row(desk, "102").discrepancy is Discrepancy.SLEEP


def test_differing_reports_of_a_room_are_contested_and_the_newest_is_shown() -> None:
    desk = Terminal()
    (other,) = cut_apart(desk, 2)
    desk.do(SetRoomCondition("101", GUEST_SERVICE, "make_up_room"))
    other.do(SetRoomCondition("101", GUEST_SERVICE, "do_not_disturb"))
    heal(desk, other)
    row = board_row(desk)
    assert (row.guest_service, row.updated_by, row.updated_at_ms) == ("do_not_disturb", other.author, other.now_ms)
    assert row.contested == (GUEST_SERVICE,)
    assert board_row(desk, "102").contested == ()


# Lists of stays


def test_arrivals_are_the_reserved_stays_of_the_business_date() -> None:
    desk = Terminal().reserve("sato").reserve("abe", "101").reserve("ito", arrival=TOMORROW).reserve("gone")
    desk.do(CancelStay("gone", "plans changed"))
    assert [line.stay for line in views.arrivals(desk.view)] == ["abe", "sato"]
    desk.clean("101").do(CheckIn("abe"))
    assert [line.stay for line in views.arrivals(desk.view)] == ["sato"]
    assert [line.stay for line in views.in_house(desk.view)] == ["abe"]


def test_an_arrival_that_the_night_audit_did_not_know_stays_on_the_list() -> None:
    desk = Terminal()
    (other,) = cut_apart(desk, 2)
    desk.do(RunNightAudit(TODAY))
    other.reserve("late", "101")
    heal(desk, other)
    (line,) = views.arrivals(desk.view)
    assert (line.stay, line.arrival, line.due) == ("late", TODAY, Due.OVERDUE)


def test_a_stay_line_says_what_a_clerk_asks() -> None:
    desk = Terminal().house("sato", "101", nights=2)
    desk.do(PostCharge("sato", "minibar", 700))
    (line,) = views.in_house(desk.view)
    expected = replace(line, revision="", folio_revision="")
    assert expected == views.StayLine(
        stay="sato",
        guest="guest-sato",
        guest_name="Guest sato",
        status=StayStatus.IN_HOUSE,
        due=Due.STAYING,
        room="101",
        room_shown="101",
        arrival=TODAY,
        departure=DAY_AFTER,
        nights=2,
        room_type="twin",
        rate_minor=RATE,
        adults=2,
        children=0,
        balance_minor=700,
        folio="sato/1",
        do_not_move=False,
        revision="",
        folio_revision="",
    )


def test_a_line_carries_the_revisions_that_forms_give_back() -> None:
    desk = Terminal().house("sato", "101").clean("102")
    desk.do(PostCharge("sato", "minibar", 700))
    (line,) = views.in_house(desk.view)
    desk.do(MoveRoom("sato", "102", revision=line.revision))
    desk.do(SettleFolio("sato", "cash", "k1", 700, revision=line.folio_revision))
    assert views.conflict_lines(desk.view) == ()


def test_guests_in_house_are_listed_by_room_and_due_outs_are_those_who_leave() -> None:
    desk = Terminal().house("long", "201", 3).house("short", "101", 1).house("day", "102", 0)
    assert [line.stay for line in views.in_house(desk.view)] == ["short", "day", "long"]
    assert [line.stay for line in views.due_outs(desk.view)] == ["day"]
    desk.do(RunNightAudit(TODAY))
    assert [(line.stay, line.due) for line in views.due_outs(desk.view)] == [
        ("short", Due.DUE_OUT),
        ("day", Due.OVERDUE),
    ]


def test_a_displaced_stay_is_on_its_list_without_the_room() -> None:
    desk = Terminal().reserve("sato").reserve("abe")
    (other,) = cut_apart(desk, 2)
    desk.do(AssignRoom("sato", "101"))
    other.do(AssignRoom("abe", "101"))
    heal(desk, other)
    shown = {line.stay: (line.room, line.room_shown) for line in views.arrivals(desk.view)}
    assert shown == {"sato": ("101", "101"), "abe": ("101", None)}


# One stay, one folio


def test_a_stay_shows_its_guest_without_the_passport_number() -> None:
    desk = Terminal().reserve()
    desk.do(AmendGuest("guest-sato", guest_passport="TK1234567", guest_address="", guest_nationality=""))
    detail = views.stay_detail(desk.view, "sato")
    assert detail is not None
    assert detail.guest is not None
    assert detail.guest.has_passport
    assert detail.guest.register_missing == ("address",)
    assert "TK1234567" not in repr(detail)
    assert (detail.note_document, detail.source, detail.contested) == ("note/stay/sato", "direct", ())


def test_there_is_no_page_of_what_is_not_there() -> None:
    desk = Terminal().reserve()
    assert views.stay_detail(desk.view, "nobody") is None
    assert views.folio_detail(desk.view, "nobody/1") is None
    assert views.folio_detail(desk.view, "sato") is None


def test_a_folio_lists_its_postings_by_revenue_date() -> None:
    desk = Terminal().house()
    desk.do(RunNightAudit(TODAY))
    desk.do(
        PostCharge("sato", "minibar", 500, revenue_date=YESTERDAY), PostPayment("sato", 300, "cash", "k1", RATE + 500)
    )
    folio = views.folio_detail(desk.view, "sato/1")
    assert folio is not None
    listed = [(posting.kind, posting.amount_minor, posting.words.en) for posting in folio.postings]
    assert listed == [
        (PostingKind.CHARGE, 500, "Minibar"),
        (PostingKind.CHARGE, RATE, "Room charge"),
        (PostingKind.PAYMENT, -300, "Cash"),
    ]
    assert (folio.balance_minor, folio.paid_minor, folio.status) == (RATE + 200, 300, WindowStatus.OPEN)
    assert {posting.posted_by for posting in folio.postings} == {desk.author}
    assert not folio.has_open_conflict


def test_a_folio_says_which_nights_settling_will_still_post() -> None:
    desk = Terminal()
    (other,) = cut_apart(desk, 2)
    other.house()
    desk.do(RunNightAudit(TODAY))
    heal(desk, other)
    folio = views.folio_detail(desk.view, "sato/1")
    assert folio is not None
    assert (folio.balance_minor, folio.unposted_minor, folio.postings) == (RATE, RATE, ())
    (line,) = views.in_house(desk.view)
    assert line.balance_minor == RATE
    desk.do(SettleFolio("sato", "cash", "k1", folio.balance_minor))


def test_a_folio_that_was_settled_twice_waits_for_a_person() -> None:
    desk, _other = settled_twice()
    folio = views.folio_detail(desk.view, "sato/1")
    assert folio is not None
    assert folio.has_open_conflict
    assert folio.balance_minor == -500


def test_an_alert_of_a_kind_without_a_sentence_of_its_own_is_shown_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = doubly_booked()
    monkeypatch.setattr("crdt_pms.desk.views.alerts.ALERT_SENTENCES", {})
    (line,) = views.alert_lines(desk.view, desk.alerts())
    assert line.sentence == line.words


# Conflicts


def test_an_open_conflict_shows_both_sides_and_a_button_for_each() -> None:
    desk, other = settled_twice()
    (line,) = standing(desk)
    assert (line.matter, line.state, line.group) == (Matter.CONFLICT_SETTLEMENT, ConflictState.OPEN, FOLIO_SETTLEMENT)
    assert "Guest sato" in line.about.ja
    assert {option.author for option in line.options} == {desk.author, other.author}
    assert sorted(option.words.en for option in line.options) == [
        "payment payment:here, method Cash",
        "payment payment:there, method Credit card",
    ]
    assert all(option.dot == f"{int(option.author[-1]):032x}:{option.dot.partition(':')[2]}" for option in line.options)


def test_a_decided_conflict_says_who_decided_when_and_for_what() -> None:
    desk, other = settled_twice()
    (line,) = standing(desk)
    there = next(option for option in line.options if option.author == other.author)
    choose(desk, there)
    assert standing(desk) == []
    (decided,) = closed(desk)
    assert decided.closing is not None
    assert decided.identity != line.identity, "the next conflict of the settlement is another one"
    assert (decided.closing.by, decided.closing.at_ms) == (desk.author, desk.now_ms)
    assert decided.closing.chosen == there.value
    assert [option.choose for option in decided.options] == [None, None]


def test_closed_conflicts_come_newest_first_and_not_without_end() -> None:
    desk = Terminal().reserve("sato").reserve("abe")
    for stay in ("sato", "abe"):
        (other,) = cut_apart(desk, 2 if stay == "sato" else 3)
        desk.do(AmendTerms(stay, adults=1))
        other.do(AmendTerms(stay, adults=3))
        desk.hear(other)
        choose(desk, standing(desk)[0].options[0])
    assert [line.row for line in closed(desk)] == ["abe", "sato"]
    assert [line.row for line in views.conflict_lines(desk.view, closed_max=1)] == ["abe"]


def test_conflicts_that_wait_for_a_person_come_first() -> None:
    desk = Terminal().house()
    desk.do(PostCharge("sato", "minibar", 500))
    (other,) = cut_apart(desk, 2)
    desk.do(AmendGuest("guest-sato", guest_kana="サトウ"), SettleFolio("sato", "cash", "here", 500))
    other.do(AmendGuest("guest-sato", guest_kana="サトー"), SettleFolio("sato", "card", "there", 500))
    heal(desk, other)
    assert [line.state for line in standing(desk)] == [ConflictState.OPEN, ConflictState.SETTLED_BY_POLICY]


@pytest.mark.parametrize("side", [0, 1])
def test_a_conflict_of_the_board_is_decided_by_setting_one_of_its_values(side: int) -> None:
    desk = Terminal()
    (other,) = cut_apart(desk, 2)
    desk.do(SetRoomCondition("101", HK_CONDITION, "pickup"))
    other.do(SetRoomCondition("101", HK_CONDITION, "clean"))
    heal(desk, other)
    (line,) = standing(desk)
    assert (line.group, line.row, line.state) == ("board.hk_condition", "101", ConflictState.SETTLED_BY_POLICY)
    assert [option.words.en for option in line.options] == ["Pickup", "Clean"]
    assert [option.is_shown for option in line.options] == [False, True]
    choose(desk, line.options[side])
    assert desk.condition("101") == line.options[side].value["value"]
    assert standing(desk) == []


@pytest.mark.parametrize("field", [MAINTENANCE, MAINTENANCE_REASON])
@pytest.mark.parametrize("side", [0, 1])
def test_maintenance_is_decided_together_with_its_reason(field: str, side: int) -> None:
    desk = Terminal()
    (other,) = cut_apart(desk, 2)
    desk.do(SetRoomCondition("101", MAINTENANCE, "out_of_order", "water"))
    other.do(SetRoomCondition("101", MAINTENANCE, "out_of_service", "paint"))
    heal(desk, other)
    line = next(line for line in standing(desk) if line.group == f"board.{field}")
    choose(desk, line.options[side])
    board = desk.view.room_board("101")
    expected = [("out_of_order", "water"), ("out_of_service", "paint")][side]
    assert (board.maintenance, board.maintenance_reason) == expected
    assert standing(desk) == []


def test_a_conflict_about_a_guest_tells_passport_numbers_apart_and_does_not_give_them_away() -> None:
    desk = Terminal().reserve()
    (other,) = cut_apart(desk, 2)
    desk.do(AmendGuest("guest-sato", guest_passport="TK1234567"))
    other.do(AmendGuest("guest-sato", guest_passport="TK1234589"))
    heal(desk, other)
    (line,) = standing(desk)
    assert [option.words.en for option in line.options] == ["passport number •••67", "passport number •••89"]
    assert "TK12345" not in repr(line)
    choose(desk, line.options[0])
    assert "TK12345" not in repr(closed(desk))
    assert masked_value(GUEST_PROFILE, {"passport": "AB12"}) == {"passport": "•••"}


def test_every_field_that_can_be_in_conflict_has_words_in_both_languages() -> None:
    view = Terminal().reserve().view
    for group in FIELD_GROUPS.values():
        for field in group.fields:
            assert JAPANESE.search(FIELD_WORDS[field.name].ja)
    said = value_words(view, "stay.occupancy", {"status": "in_house", "arrived_at": 0, "room": None}, FIELD_WORDS)
    assert said.en == "status In house, room none, arrived at 1970-01-01 09:00"
    assert value_words(view, "stay.terms", {"do_not_move": True, "rate_minor": -1}, FIELD_WORDS).ja == (
        "1泊料金 -￥1、客室固定 はい"
    )


# Alerts


def test_a_double_booking_names_both_guests_and_offers_rooms_that_the_desk_accepts() -> None:
    desk = Terminal().reserve("sato").reserve("abe")
    (other,) = cut_apart(desk, 2)
    desk.do(AssignRoom("sato", "101"))
    other.do(AssignRoom("abe", "101"))
    heal(desk, other)
    (line,) = views.alert_lines(desk.view, desk.ledger.alerts())
    assert line.matter is Matter.ALERT_ROOM_DOUBLE_BOOKED
    assert "Guest sato" in line.sentence.en
    assert "Guest abe" in line.sentence.ja
    assert line.facts["room"] == "101"
    assert {stay.value: stay.words.en for stay in line.stays} == {
        "sato": "Guest sato (room 101)",
        "abe": "Guest abe (room 101)",
    }
    assert line.proposal == ("102", "103", "201")
    first = line.remedies[0]
    assert (first.action, first.fields) == ("assign_room", {"stay": "abe", "room": "102"})
    desk.do(ACTIONS[first.action](**first.fields))
    assert views.alert_lines(desk.view, desk.ledger.alerts()) == ()


def test_money_in_an_alert_is_said_in_the_currency_of_the_property() -> None:
    desk, _other = settled_twice()
    lines = views.alert_lines(desk.view, desk.ledger.alerts())
    overpaid = next(line for line in lines if line.matter is Matter.ALERT_SETTLEMENT_OVER_BALANCE)
    assert "-￥500" in overpaid.sentence.ja
    assert "-¥500" in overpaid.sentence.en
    assert overpaid.facts["balance_minor"] == -500


def test_an_alert_of_the_board_names_the_room_and_who_set_it() -> None:
    staff = StaffMember("staff-2", "鈴木", "Suzuki", "housekeeping")
    desk = Terminal(definition=replace(DEFINITION, staff=(staff,)))
    (other,) = cut_apart(desk, 2)
    desk.house("sato", "101")
    other.out_of_order("101")
    heal(desk, other)
    values = {"101": {MAINTENANCE: desk.board.concurrent("101", MAINTENANCE)}}
    (line,) = views.alert_lines(desk.view, alerts_of_board(values, desk.ledger.occupants()))
    assert "鈴木" in line.sentence.ja
    assert "Out of order" in line.sentence.en
    assert [stay.value for stay in line.stays] == ["sato"]


def test_alerts_of_journals_are_said_too() -> None:
    first, second = JournalId(b"1" * 16), JournalId(b"2" * 16)
    device = DeviceId("d" * 32)
    alerts = alerts_of_journals(
        [
            JournalFact(first, device, None, 9),
            JournalFact(second, device, (first, 4), 1),
            JournalFact(JournalId(b"3" * 16), device, (first, 9), 1),
        ],
        [StampFact(first, 90_500)],
        [QuarantineFact(Dot(second, 1), "malformed")],
        [ForkFact(device, second, 1, b"a" * 32, b"b" * 32)],
    )
    lines = views.alert_lines(Terminal().view, alerts)
    assert {line.matter for line in lines} == {
        Matter.ALERT_JOURNAL_FORKED,
        Matter.ALERT_JOURNAL_SLOT_FORKED,
        Matter.ALERT_JOURNAL_RESTORED,
        Matter.ALERT_STAMP_OUT_OF_BOUND,
        Matter.ALERT_ENTRY_QUARANTINED,
    }
    for line in lines:
        assert JAPANESE.search(line.sentence.ja)
        assert NOT_KNOWN not in line.sentence.ja + line.sentence.en
    assert any("1 min 30 s" in line.sentence.en for line in lines)


def test_an_alert_with_a_detail_missing_is_shown_all_the_same() -> None:
    (line,) = views.alert_lines(Terminal().view, [alert(Matter.ALERT_CHECK_OUT_OVERRULED, {"stay": "sato"})])
    assert NOT_KNOWN in line.sentence.en


def test_every_kind_of_alert_has_a_sentence() -> None:
    assert set(ALERT_SENTENCES) == {matter for matter in Matter if not matter.is_conflict}


# The property and its documents


def test_the_property_comes_with_the_words_of_its_screens() -> None:
    staff = StaffMember("suzuki", "鈴木", "Suzuki", "clerk")
    desk = Terminal(definition=replace(DEFINITION, staff=(staff,)))
    desk.do(RunNightAudit(TODAY))
    shown = views.property_view(desk.view)
    assert (shown.property_id, shown.business_date, shown.shift_log) == ("harbour", TOMORROW, f"shift-log/{TOMORROW}")
    assert [(one.staff, one.name.ja, one.role) for one in shown.staff] == [("suzuki", "鈴木", "clerk")]
    assert shown.room_types == ("double", "twin")
    cash = next(code for code in shown.transaction_codes if code.code == "cash")
    assert PostingKind.PAYMENT in cash.kinds
    condition = next(field for field in shown.board_fields if field.field == HK_CONDITION)
    assert [value.value for value in condition.values] == [value.value for value in HousekeepingCondition]
    assert {one.matter for one in shown.matters} == set(Matter)


@pytest.mark.parametrize(
    ("document", "exists"),
    [
        ("note/room/101", True),
        ("note/stay/sato", True),
        (f"shift-log/{TODAY}", True),
        ("note/room/999", False),
        ("note/stay/nobody", False),
        ("shift-log/someday", False),
        ("board", False),
        ("", False),
    ],
)
def test_there_are_notes_of_rooms_stays_and_days(document: str, exists: bool) -> None:
    assert has_document(Terminal().reserve().view, document) is exists


def test_an_empty_property_shows_nothing_that_needs_an_eye() -> None:
    view = Terminal().view
    assert isinstance(view.ledger, Ledger)
    assert (views.arrivals(view), views.in_house(view), views.due_outs(view)) == ((), (), ())
    assert (views.conflict_lines(view), views.alert_lines(view, [])) == ((), ())
