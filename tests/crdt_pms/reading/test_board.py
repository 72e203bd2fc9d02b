"""The room board knows who left today, after a restart too."""

from __future__ import annotations

from pathlib import Path

from crdt_pms.desk import views
from crdt_pms.desk.actions.arrivals import CheckIn
from crdt_pms.desk.actions.departures import CheckOut
from crdt_pms.desk.actions.folio import SettleFolio
from crdt_pms.desk.folios import balance_by_now
from crdt_pms.hotel.occupancy import HousekeepingReservation
from crdt_pms.reading.reading import Reading
from tests.crdt_pms.replica.terminals import Desk, desks


def shown(desk: Desk, room: str) -> HousekeepingReservation:
    view = desk.replica.view()
    rows = views.room_board(view, desk.replica.alerts(), Reading(desk.store).departed(view.business_date))
    return next(row.hk_reservation for row in rows if row.room == room)


def test_a_room_whose_guest_paid_and_left_today_says_so_after_a_restart(tmp_path: Path) -> None:
    with desks(tmp_path, 1) as (desk,):
        desk.reserve("s1", nights=0, room="202")
        desk.do(CheckIn("s1", "202", override_reason="x"))
        view = desk.replica.view()
        if balance := balance_by_now(view, view.require_stay("s1")):
            desk.do(SettleFolio("s1", "cash", "p1", seen_balance_minor=balance))
        desk.do(CheckOut("s1"))
        assert shown(desk, "202") is HousekeepingReservation.DEPARTED
        desk.restart()
        assert shown(desk, "202") is HousekeepingReservation.DEPARTED
