"""What a desk is measured with: stays that are taken, received, charged, noted, settled and seen off, in turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import PostCharge, SettleFolio
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.desk.actions.rooms import SetRoomCondition
from crdt_pms.desk.documents import stay_note
from crdt_pms.desk.views import in_house, room_board
from simulations.growth.desk import Desk
from simulations.growth.staff import HOUSEKEEPER, balance_of

CLERK = "suzuki"


def mixed_actions(desk: Desk, amount: int) -> Iterator[Callable[[], None]]:
    """So many actions, each to be done before the next one is asked for. What they need is looked up before."""
    view = desk.view
    today = view.business_date
    guests = [line.stay for line in in_house(view)]
    board = room_board(view, desk.node.replica.alerts(), desk.reading.departed(today))
    room = next(row.room for row in board if row.fo_occupancy == "vacant" and row.hk_reservation != "arrival")

    def actions() -> Iterator[tuple[Action, str]]:
        for number in count():
            stay = f"measured-{desk.node.identity.device.chain.name}-{number}"
            yield CreateStay(
                today, 1, "A", 12_000, 2, "phone", stay=stay, guest_name=f"客 {number}", guest_contact="+81 3 0000 0000",
                guest_address="東京都千代田区1-1",
            ), CLERK  # fmt: skip
            yield CheckIn(stay, room, override_reason="満室のため"), CLERK
            yield PostCharge(stay, "restaurant", 4_800), CLERK
            if guests:
                yield PostCharge(guests[number % len(guests)], "minibar", 600), CLERK
            yield EditNote(stay_note(stay), "", "枕を追加\n"), CLERK
            yield SettleFolio(stay, "card", f"settle-{stay}", seen_balance_minor=balance_of(desk, stay)), CLERK
            yield CheckOut(stay), CLERK
            yield SetRoomCondition(room, "hk_condition", "clean"), HOUSEKEEPER

    for action, staff in islice(actions(), amount):
        yield lambda action=action, staff=staff: desk.act(action, staff)
